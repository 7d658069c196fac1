//! A random history: several clones and bare remotes, concurrent writes with clocks that disagree,
//! and accidents. It drives the library in process (about a hundred times faster than the binary)
//! with real fetches and pushes, and keeps a model of the data that must never be lost.

pub mod checks;
pub mod exchange;
pub mod readers;
pub mod writes;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::PathBuf;

use git_pm::env::{Env, WallClock};
use git_pm::error::Kind;
use git_pm::internals::model::codec::{decode, encode};
use git_pm::internals::model::doc::Doc;
use git_pm::internals::store::generation::cut::Raise;
use git_pm::internals::store::generation::history_search::Found;
use git_pm::internals::store::git::repo::{Oid, Repo as GitRepo};
use git_pm::internals::store::handle::Actor;
use git_pm::internals::store::state::State;
use git_pm::log::LogFilter;
use git_pm::reservations::{ReservationSelector, ReserveRequest};
use git_pm::state::InitOptions;
use git_pm::tasks::{DropOptions, Fields, FinishOptions, ItemEdit, NewItem, StartOptions};
use git_pm::values::ItemKind;
use git_pm::verbs::Millis;
use git_pm::{Error, Options, Pm};

use crate::support::{Dice, Scene, copy, executable};

/// 2026-03-01T00:00:00Z, the start of every history.
const BEGIN_MS: u64 = 1_772_323_200_000;

/// What a history may contain.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    /// Clones at the beginning.
    pub clones: usize,
    /// Bare remotes; the first one confirms claims.
    pub remotes: usize,
    /// Operations before the end.
    pub steps: usize,
    /// How far clocks are off, in hours, in both directions.
    pub skew_hours: u64,
    /// A whole clone is copied with its git directory.
    pub copies: bool,
    /// The file with the replica id is deleted.
    pub forgets: bool,
    /// A remote is rewound to an earlier tip.
    pub rewinds: bool,
    /// The generation is raised, with and without a redaction.
    pub raises: bool,
    /// Pushes whose answer is lost, after they succeeded or before.
    pub cuts: bool,
}

struct Place {
    name: String,
    path: PathBuf,
    offset_ms: i64,
}

/// The data that must exist at the end.
#[derive(Default)]
struct Model {
    /// Item uid and text of every version of a body that was acknowledged.
    bodies: BTreeSet<(String, String)>,
    /// Versions that a writer replaced knowingly.
    replaced: BTreeSet<(String, String)>,
    titles: BTreeSet<(String, String)>,
    /// Titles that a writer overwrote knowingly.
    retitled: BTreeSet<(String, String)>,
    criteria: BTreeSet<(String, String)>,
    removed: BTreeSet<(String, String)>,
    ticked: BTreeSet<(String, String)>,
    labels: BTreeSet<(String, String)>,
    unlabelled: BTreeSet<(String, String)>,
    comments: BTreeSet<(String, String)>,
    /// Item uid and content of every version of an artifact that was acknowledged.
    artifacts: BTreeSet<(String, String)>,
    /// Versions that a put has seen.
    replaced_artifacts: BTreeSet<(String, String)>,
    items: BTreeSet<String>,
    /// All ids that a remote has had.
    published: BTreeMap<String, String>,
    /// Claims that are confirmed and not released: item to claimant.
    held: BTreeMap<String, String>,
    /// Texts that a redaction names.
    redacted: BTreeSet<String>,
    /// Items that have a redacted version: a concurrent text that replaces it is a local draft.
    withheld: BTreeSet<String>,
}

/// One history.
pub struct History {
    seed: u64,
    plan: Plan,
    scene: Scene,
    dice: Dice,
    now_ms: u64,
    places: Vec<Place>,
    remotes: Vec<PathBuf>,
    past: Vec<Vec<Oid>>,
    /// Replica ids that were deleted from their clone.
    ghosts: BTreeSet<String>,
    rewound: bool,
    raised: bool,
    model: Model,
    /// By clone.
    readers: BTreeMap<usize, readers::Reader>,
    texts: usize,
    trace: String,
}

const ACTORS: [&str; 4] = ["ana", "ben", "claude-1", "claude-2"];

impl History {
    pub fn new(seed: u64, plan: Plan) -> Self {
        let scene = Scene::new();
        let origin = scene.repo("origin-work");
        origin.git(&["config", "user.name", "Ana"]).ok();
        let mut remotes = Vec::new();
        for n in 0..plan.remotes {
            let bare = scene.bare(&format!("r{n}.git"));
            origin
                .git(&["push", "-q", bare.path.to_str().unwrap(), "main"])
                .ok();
            remotes.push(bare.path.clone());
        }
        let mut history = History {
            seed,
            plan,
            scene,
            dice: Dice::new(seed),
            now_ms: BEGIN_MS,
            places: Vec::new(),
            past: vec![Vec::new(); remotes.len()],
            remotes,
            ghosts: BTreeSet::new(),
            rewound: false,
            raised: false,
            model: Model::default(),
            readers: BTreeMap::new(),
            texts: 0,
            trace: String::new(),
        };
        for n in 0..plan.clones {
            let name = format!("c{n}");
            let path = history.scene.dir.path().join(&name);
            copy(&origin.path, &path);
            let at = history.scene.at(&name);
            for (r, remote) in history.remotes.iter().enumerate() {
                let remote_name = format!("r{r}");
                at.git(&["remote", "add", &remote_name, remote.to_str().unwrap()])
                    .ok();
            }
            at.git(&["config", "pm.remote", "r0"]).ok();
            let offset_ms = history.skew();
            history.places.push(Place {
                name,
                path,
                offset_ms,
            });
            history.must("init", n, |pm| {
                pm.state().init(&InitOptions::default()).map(|_| ())
            });
        }
        history
    }

    fn skew(&mut self) -> i64 {
        let span = self.plan.skew_hours * 3_600_000;
        if span == 0 {
            return 0;
        }
        i64::try_from(self.dice.next() % (2 * span)).unwrap() - i64::try_from(span).unwrap()
    }

    fn env(&self, place: usize) -> Env {
        let place = &self.places[place];
        let vars: BTreeMap<String, OsString> = [
            ("PATH", std::env::var_os("PATH").unwrap_or_default()),
            ("HOME", self.scene.dir.path().join("home").into()),
            (
                "GIT_CONFIG_GLOBAL",
                self.scene.dir.path().join("home/gitconfig").into(),
            ),
            ("GIT_CONFIG_NOSYSTEM", "1".into()),
            ("LC_ALL", "C".into()),
        ]
        .into_iter()
        .map(|(k, v)| (k.to_string(), v))
        .collect();
        let mut env = Env::new(&place.path, vars);
        env.clock = WallClock::Fixed(self.now_ms.saturating_add_signed(place.offset_ms));
        env
    }

    fn open(&self, place: usize, actor: &str, offline: bool) -> Pm {
        let options = Options {
            actor: Some(actor.into()),
            offline,
            ..Options::default()
        };
        match Pm::open(self.env(place), options) {
            Ok(pm) => pm,
            Err(error) => self.fail(&format!("{} cannot be opened: {error}", place)),
        }
    }

    fn fail(&self, what: &str) -> ! {
        panic!(
            "{what}\n\nhistory of seed {} with {:?}:\n{}",
            self.seed, self.plan, self.trace
        )
    }

    fn note(&mut self, text: &str) {
        let _ = writeln!(self.trace, "{text}");
    }

    /// Runs an operation that must succeed.
    fn must(&mut self, what: &str, place: usize, op: impl FnOnce(&Pm) -> git_pm::Result<()>) {
        let pm = self.open(place, "ana", false);
        if let Err(error) = op(&pm) {
            let name = &self.places[place].name;
            self.fail(&format!("{what} in {name} failed: {error}"));
        }
    }

    /// Runs the whole history and its checks.
    pub fn run(mut self) {
        for step in 0..self.plan.steps {
            self.now_ms += 1 + self.dice.next() % 240_000;
            self.step(step);
            self.watch_remotes();
        }
        self.settle();
        self.check_readers();
        self.check();
    }

    fn step(&mut self, step: usize) {
        let c = self.dice.below(self.places.len());
        let actor = *self.dice.pick(&ACTORS).unwrap();
        if self.dice.chance(8) {
            self.places[c].offset_ms = self.skew();
        }
        let roll = self.dice.below(100);
        let done = match roll {
            0..=15 => self.create(c, actor),
            16..=30 => self.edit(c, actor),
            31..=34 => self.comment(c, actor),
            35..=36 => self.publish(c, actor),
            37..=41 => self.accept(c, actor),
            42..=46 => self.depend(c, actor),
            47..=56 => self.start(c, actor),
            57..=61 => self.drop_or_close(c, actor),
            62..=67 => self.reserve(c, actor),
            68..=69 => self.reparent(c, actor),
            70..=93 => self.exchange(c, actor),
            _ => self.accident(c),
        };
        let line = format!("{step}: {} {actor}: {done}", self.places[c].name);
        self.note(&line);
        if self.dice.chance(40) {
            self.read_events(c);
        }
    }
}

/// The readable versions of a body.
fn versions(doc: &Doc) -> Vec<String> {
    let texts = doc.body.versions.values();
    texts.filter_map(|v| v.text.clone()).collect()
}
