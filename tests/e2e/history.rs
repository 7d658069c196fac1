//! A random history: several clones and bare remotes, people who write at once with clocks that
//! disagree, and accidents. It drives the library in process (about a hundred times faster than the
//! binary) with real fetches and pushes, and keeps a model of what must never be lost.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::support::Scene;
use git_pm::coordinate::reserve::ops::{ReservationSelector, ReserveRequest};
use git_pm::error::Kind;
use git_pm::maintain::setup::init::InitOptions;
use git_pm::model::codec::{decode, encode};
use git_pm::model::doc::Doc;
use git_pm::model::id::ItemKind;
use git_pm::model::stamp::{Clock, Tick};
use git_pm::model::value::Value;
use git_pm::store::env::{Env, WallClock};
use git_pm::store::git::repo::{Oid, Repo as GitRepo};
use git_pm::store::state::State;
use git_pm::work::new_item::{Fields, ItemEdit, NewItem};
use git_pm::work::task::finish::FinishOptions;
use git_pm::work::task::moves::{DoneOptions, DropOptions};
use git_pm::work::task::start::options::StartOptions;
use git_pm::{Error, Options, Pm};

/// 2026-03-01T00:00:00Z: where every history begins.
const BEGIN_MS: u64 = 1_772_323_200_000;

/// A small generator (SplitMix64): a seed names a history.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % (n.max(1) as u64)).unwrap()
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let n = self.below(list.len());
        list.get(n)
    }
}

/// What a history may contain.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan {
    /// Clones at the beginning.
    pub clones: usize,
    /// Bare remotes; the first one confirms claims.
    pub remotes: usize,
    /// Operations before the end.
    pub steps: usize,
    /// How far clocks are off, in hours, to both sides.
    pub skew_hours: u64,
    /// A whole clone is copied with its git directory.
    pub copies: bool,
    /// The file with the replica id is deleted.
    pub forgets: bool,
    /// A remote is rewound to an earlier tip.
    pub rewinds: bool,
    /// The generation is raised, with and without a redaction.
    pub raises: bool,
    /// Pushes whose answer is lost, after they landed or before.
    pub cuts: bool,
}

struct Place {
    name: String,
    path: PathBuf,
    offset_ms: i64,
}

/// What must be there in the end.
#[derive(Default)]
struct Model {
    /// Item uid and text of every version of a body that was acknowledged.
    bodies: BTreeSet<(String, String)>,
    /// Those that somebody who saw them replaced.
    replaced: BTreeSet<(String, String)>,
    criteria: BTreeSet<(String, String)>,
    removed: BTreeSet<(String, String)>,
    ticked: BTreeSet<(String, String)>,
    labels: BTreeSet<(String, String)>,
    unlabelled: BTreeSet<(String, String)>,
    comments: BTreeSet<(String, String)>,
    items: BTreeSet<String>,
    /// Ids that a remote ever had.
    published: BTreeMap<String, String>,
    /// Confirmed and not given back: item to claimant.
    held: BTreeMap<String, String>,
    /// Texts that a redaction names.
    redacted: BTreeSet<String>,
    /// Items that have a redacted version: a text that replaces it unknowingly is a local draft.
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
    /// Replica ids whose clone forgot them.
    ghosts: BTreeSet<String>,
    rewound: bool,
    raised: bool,
    model: Model,
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
            history.must("init", n, |pm| pm.init(&InitOptions::default()).map(|_| ()));
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

    /// An operation that has to succeed.
    fn must(&mut self, what: &str, place: usize, op: impl FnOnce(&Pm) -> git_pm::Result<()>) {
        let pm = self.open(place, "ana", false);
        if let Err(error) = op(&pm) {
            let name = &self.places[place].name;
            self.fail(&format!("{what} in {name} failed: {error}"));
        }
    }

    /// Runs the whole history and checks what must hold.
    pub fn run(mut self) {
        for step in 0..self.plan.steps {
            self.now_ms += 1 + self.dice.next() % 240_000;
            self.step(step);
            self.watch_remotes();
        }
        self.settle();
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
            31..=36 => self.comment(c, actor),
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
    }

    fn text(&mut self, what: &str) -> String {
        self.texts += 1;
        format!("{what} number {} of {}", self.texts, self.seed)
    }

    /// An item that the clone has.
    fn any_item(&mut self, c: usize) -> Option<(String, String)> {
        let pm = self.open(c, "ana", true);
        let state = pm.store().state().ok()?;
        let all: Vec<(String, String)> = state
            .items()
            .iter()
            .map(|i| (state.shown_id(i), i.uid.to_string()))
            .collect();
        drop(state);
        self.dice.pick(&all).cloned()
    }

    /// What an operation did, as a line of the trace. Errors that a healthy clone cannot explain
    /// end the history.
    fn outcome<T>(&self, what: &str, result: Result<T, Error>) -> (String, Option<T>) {
        match result {
            Ok(value) => (what.to_string(), Some(value)),
            Err(error) => {
                let expected = match error.kind() {
                    Kind::State => false,
                    Kind::Remote => self.plan.cuts || error.message().contains("needs the remote"),
                    _ => true,
                };
                if !expected {
                    self.fail(&format!("{what}: {error} ({:?})", error.kind()));
                }
                (format!("{what}: {error}"), None)
            }
        }
    }

    fn create(&mut self, c: usize, actor: &str) -> String {
        let body = self.text("body");
        let criterion = self.text("criterion");
        let label = self.text("label").replace(' ', "-");
        let kind = match self.dice.below(10) {
            0 => ItemKind::Epic,
            1 => ItemKind::Issue,
            _ => ItemKind::Task,
        };
        let paths = if self.dice.chance(30) {
            vec![format!("src/{}/**", self.dice.below(4))]
        } else {
            Vec::new()
        };
        let new = NewItem {
            title: self.text("Task"),
            body: body.clone(),
            acceptance: vec![criterion.clone()],
            labels: vec![label.clone()],
            paths,
            ..NewItem::default()
        };
        let pm = self.open(c, actor, false);
        let (line, view) = self.outcome("create", pm.create(kind, &new));
        if let Some(view) = view {
            self.model.items.insert(view.uid.clone());
            self.model.bodies.insert((view.uid.clone(), body));
            self.model.criteria.insert((view.uid.clone(), criterion));
            self.model.labels.insert((view.uid.clone(), label));
            return format!("{line} {} ({})", view.id, view.uid);
        }
        line
    }

    fn edit(&mut self, c: usize, actor: &str) -> String {
        let Some((id, uid)) = self.any_item(c) else {
            return "nothing to edit".into();
        };
        let pm = self.open(c, actor, false);
        let (seen, criteria, labels) = {
            let state = pm.store().state().unwrap();
            let item = state.find(&id).unwrap();
            let doc = state.doc(&item.uid).unwrap();
            (
                versions(doc),
                item.acceptance
                    .iter()
                    .map(|c| c.text.clone())
                    .collect::<Vec<_>>(),
                item.labels.clone(),
            )
        };
        let mut edit = ItemEdit::default();
        let (mut body, mut acceptance, mut label) = (None, None, None);
        match self.dice.below(6) {
            0 | 1 => body = Some(self.text("body")),
            2 => {
                let mut list = criteria.clone();
                if !list.is_empty() && self.dice.chance(40) {
                    list.remove(self.dice.below(list.len()));
                }
                list.push(self.text("criterion"));
                acceptance = Some(list);
            }
            3 => {
                label = Some(self.text("label").replace(' ', "-"));
                edit.remove_labels = labels.first().into_iter().cloned().collect();
            }
            4 => edit.title = Some(self.text("Title")),
            _ => {
                edit.fields = Fields {
                    priority: Some(u8::try_from(self.dice.below(5)).unwrap()),
                    ..Fields::default()
                };
                edit.paths = Some(vec![format!("lib/{}/*.rs", self.dice.below(3))]);
            }
        }
        edit.body.clone_from(&body);
        edit.acceptance.clone_from(&acceptance);
        edit.add_labels = label.iter().cloned().collect();
        let (line, view) = self.outcome(&format!("edit {id}"), pm.edit(&id, &edit));
        if view.is_none() {
            return line;
        }
        let of = |text: &String| (uid.clone(), text.clone());
        if let Some(body) = &body {
            self.model.replaced.extend(seen.iter().map(of));
            self.model.bodies.insert(of(body));
        }
        if let Some(list) = &acceptance {
            let gone = criteria.iter().filter(|c| !list.contains(c));
            self.model.removed.extend(gone.map(of));
            self.model.criteria.extend(list.iter().map(of));
        }
        if let Some(label) = &label {
            self.model
                .unlabelled
                .extend(edit.remove_labels.iter().map(of));
            self.model.labels.insert(of(label));
        }
        format!("{line} body {body:?} acceptance {acceptance:?}")
    }

    fn comment(&mut self, c: usize, actor: &str) -> String {
        let Some((id, uid)) = self.any_item(c) else {
            return "nothing to comment".into();
        };
        let text = self.text("comment");
        let pm = self.open(c, actor, false);
        let (line, done) = self.outcome(&format!("comment {id}"), pm.comment(&id, &text));
        if done.is_some() {
            self.model.comments.insert((uid, text));
        }
        line
    }

    fn accept(&mut self, c: usize, actor: &str) -> String {
        let Some((id, uid)) = self.any_item(c) else {
            return "nothing to accept".into();
        };
        let pm = self.open(c, actor, false);
        let texts: Vec<String> = {
            let state = pm.store().state().unwrap();
            let item = state.find(&id).unwrap();
            item.acceptance.iter().map(|c| c.text.clone()).collect()
        };
        let accepted = pm.accept(Some(&id), &[], true, Some("seen"));
        let (line, done) = self.outcome(&format!("accept {id}"), accepted);
        if done.is_some() {
            self.model
                .ticked
                .extend(texts.into_iter().map(|t| (uid.clone(), t)));
        }
        line
    }

    fn depend(&mut self, c: usize, actor: &str) -> String {
        let (Some((a, _)), Some((b, _))) = (self.any_item(c), self.any_item(c)) else {
            return "nothing to connect".into();
        };
        let soft = self.dice.chance(50);
        let pm = self.open(c, actor, false);
        if self.dice.chance(25) {
            return self
                .outcome(&format!("{a} no longer waits for {b}"), {
                    pm.dep_remove(&a, &b, "blocks")
                })
                .0;
        }
        self.outcome(
            &format!("{a} waits for {b}"),
            pm.dep_add(&a, &b, "blocks", soft, false),
        )
        .0
    }

    fn reparent(&mut self, c: usize, actor: &str) -> String {
        let (Some((a, _)), Some((b, _))) = (self.any_item(c), self.any_item(c)) else {
            return "nothing to move".into();
        };
        let pm = self.open(c, actor, false);
        self.outcome(
            &format!("{a} below {b}"),
            pm.dep_add(&a, &b, "parent-child", false, false),
        )
        .0
    }

    fn start(&mut self, c: usize, actor: &str) -> String {
        let Some((id, uid)) = self.any_item(c) else {
            return "nothing to start".into();
        };
        let offline = self.dice.chance(50);
        let pm = self.open(c, actor, offline);
        let options = StartOptions {
            worktree: false,
            ..StartOptions::default()
        };
        let what = format!("start {id}{}", if offline { " --offline" } else { "" });
        let (line, started) = self.outcome(&what, pm.start(&id, &options));
        let Some(started) = started else {
            return line;
        };
        let claim = started.item.claim.as_ref();
        let confirmed = claim.is_some_and(|c| c.confirmed);
        if confirmed && self.claims_are_certain() {
            let who = format!("{actor} in {}", self.places[c].name);
            if let Some(holder) = self.model.held.get(&uid) {
                let holder = holder.clone();
                self.note(&what);
                self.fail(&format!(
                    "{who} was told to hold {id}, which {holder} holds"
                ));
            }
            self.model.held.insert(uid, who);
        }
        format!("{line}: confirmed {confirmed}")
    }

    /// Whether nothing in this history can end a confirmed claim but its own clone.
    fn claims_are_certain(&self) -> bool {
        !self.rewound && !self.plan.forgets && !self.plan.cuts && self.plan.skew_hours < 11
    }

    fn drop_or_close(&mut self, c: usize, actor: &str) -> String {
        let Some((id, uid)) = self.any_item(c) else {
            return "nothing to drop".into();
        };
        let pm = self.open(c, actor, false);
        let (what, result) = match self.dice.below(4) {
            0 | 1 => (
                "drop",
                pm.drop_task(Some(&id), &DropOptions::default()).map(|_| ()),
            ),
            2 => ("cancel", pm.cancel(&id, Some("no need")).map(|_| ())),
            _ if self.dice.chance(50) => {
                let force = FinishOptions {
                    force: true,
                    ..FinishOptions::default()
                };
                ("finish", pm.finish(Some(&id), &force).map(|_| ()))
            }
            _ => {
                let force = DoneOptions {
                    force: true,
                    ..DoneOptions::default()
                };
                ("done", pm.done(&id, &force).map(|_| ()))
            }
        };
        let (line, done) = self.outcome(&format!("{what} {id}"), result);
        if done.is_some() {
            self.model.held.remove(&uid);
        }
        line
    }

    fn reserve(&mut self, c: usize, actor: &str) -> String {
        let offline = self.dice.chance(50);
        let pm = self.open(c, actor, offline);
        if self.dice.chance(25) {
            let all = ReservationSelector::default();
            return self.outcome("release", pm.reserve_release(&all)).0;
        }
        let pattern = format!("src/{}/*.rs", self.dice.below(4));
        let request = ReserveRequest {
            patterns: vec![pattern.clone()],
            task: None,
            ttl_ms: Some(20 * 3_600_000),
            shared: self.dice.chance(30),
            mode: "commit".into(),
            advisory: false,
            new: true,
            reason: None,
        };
        self.outcome(&format!("reserve {pattern}"), pm.reserve_add(&request))
            .0
    }

    fn exchange(&mut self, c: usize, actor: &str) -> String {
        let remote = format!("r{}", self.dice.below(self.remotes.len()));
        let how = self.dice.below(4);
        let pm = self.open(c, actor, false);
        let names = [remote.clone()];
        let (what, result) = match how {
            0 => ("pull", pm.pull(&names)),
            _ => ("sync", pm.sync(&names)),
        };
        let (line, report) = self.outcome(&format!("{what} {remote}"), result);
        let Some(report) = report else {
            return line;
        };
        let lost: Vec<&str> = report.lost.iter().map(|l| l.id.as_str()).collect();
        let moved: Vec<String> = report
            .renumbered
            .iter()
            .map(|r| format!("{}->{}", r.old, r.new))
            .collect();
        format!(
            "{line}: confirmed {:?} lost {lost:?} renumbered {moved:?}",
            report.confirmed
        )
    }

    fn accident(&mut self, c: usize) -> String {
        let plan = self.plan;
        let choices: Vec<&str> = [
            ("copy", plan.copies && self.places.len() < 5),
            ("forget", plan.forgets),
            ("rewind", plan.rewinds),
            ("raise", plan.raises),
            ("cut", plan.cuts),
        ]
        .into_iter()
        .filter(|(_, on)| *on)
        .map(|(name, _)| name)
        .collect();
        match self.dice.pick(&choices).copied() {
            Some("copy") => self.copy_clone(c),
            Some("forget") => self.forget(c),
            Some("rewind") => self.rewind(),
            Some("raise") => self.raise(c),
            Some("cut") => self.cut(c),
            _ => "nothing happens".into(),
        }
    }

    /// The whole clone is copied, as a backup or a careless colleague does.
    fn copy_clone(&mut self, c: usize) -> String {
        let name = format!("c{}", self.places.len());
        let path = self.scene.dir.path().join(&name);
        copy(&self.places[c].path, &path);
        let offset_ms = self.skew();
        self.places.push(Place {
            name: name.clone(),
            path,
            offset_ms,
        });
        let original = self.open(c, "ana", true).store().replica().unwrap();
        let copied = self.open(self.places.len() - 1, "ana", true);
        let copied = copied.store().replica().unwrap();
        if original == copied {
            self.fail(&format!("the copy {name} goes on as {original}"));
        }
        // What the original had claimed when it was copied is settled by the original alone.
        format!("copied to {name}")
    }

    fn forget(&mut self, c: usize) -> String {
        let pm = self.open(c, "ana", true);
        let file = pm.store().folder().join("replica.json");
        if let Some(old) = pm.store().known_replica() {
            self.ghosts.insert(old.to_string());
        }
        let _ = std::fs::remove_file(file);
        "forgets its replica id".into()
    }

    fn rewind(&mut self) -> String {
        let r = self.dice.below(self.remotes.len());
        let past = self.past[r].clone();
        let Some(old) = self.dice.pick(&past).copied() else {
            return "nothing to rewind".into();
        };
        let at = self.scene.at(&format!("r{r}.git"));
        at.git(&["update-ref", "refs/pm/main", &old.to_string()])
            .ok();
        self.rewound = true;
        format!("r{r} is rewound to {old}")
    }

    /// A raised generation: the history is cut, and perhaps a text is redacted.
    fn raise(&mut self, c: usize) -> String {
        let pm = self.open(c, "ana", true);
        let store = pm.store();
        let tip = store.require_tip().unwrap();
        let repo = store.repo();
        let state = State::at(repo, tip).unwrap();
        let tick: Tick = repo
            .commit(tip)
            .unwrap()
            .trailer("PM-Clock")
            .and_then(|t| t.parse().ok())
            .unwrap_or_default();
        let mut clock = Clock::new(store.replica().unwrap(), store.env().now_ms(), tick);
        let mut redacted = None;
        let mut pm_yaml = state.repository.doc.clone();
        if self.dice.chance(60) {
            let candidates: Vec<Doc> = state
                .item_docs()
                .values()
                .filter(|l| !versions(&l.doc).is_empty())
                .map(|l| l.doc.clone())
                .collect();
            if let Some(doc) = self.dice.pick(&candidates) {
                let id = doc.body.newest().unwrap().clone();
                let text = doc.body.text().to_string();
                pm_yaml.set_element("redacted_versions", &id.to_string(), true, &clock);
                redacted = Some((doc.uid.to_string(), text));
            }
        }
        let at = clock.fresh();
        let raise = format!("raise{}", self.dice.next() % 1_000_000_007);
        pm_yaml.add_entry("raises", &raise, at, &[("reason", Value::from("test"))]);
        let mut repository = state.repository.clone();
        repository.doc = pm_yaml.clone();
        let redactions = repository.redactions();
        let mut files = vec![("pm.yaml".to_string(), encode(&pm_yaml))];
        for loaded in state.item_docs().values() {
            let mut doc = loaded.doc.clone();
            git_pm::store::join::doc::redact(&mut doc, &redactions);
            if doc != loaded.doc {
                files.push((loaded.path.clone(), encode(&doc)));
            }
        }
        let git = self.scene.at(&self.places[c].name.clone());
        let index = self.scene.dir.path().join("raise.index");
        let _ = std::fs::remove_file(&index);
        let git = git.with("GIT_INDEX_FILE", index.to_str().unwrap());
        git.git(&["read-tree", &tip.to_string()]).ok();
        for (path, text) in &files {
            let blob = git
                .feed("git", &["hash-object", "-w", "--stdin"], text)
                .ok()
                .text();
            let entry = format!("100644,{blob},{path}");
            git.git(&["update-index", "--add", "--cacheinfo", &entry])
                .ok();
        }
        let tree = git.git(&["write-tree"]).ok().text();
        let message = format!("gc: raise\n\nPM-Op: gc\nPM-Clock: {}\n", clock.tick());
        let commit = git
            .feed("git", &["commit-tree", &tree], &message)
            .ok()
            .text();
        git.git(&[
            "update-ref",
            "-m",
            "gc",
            "--create-reflog",
            "refs/pm/main",
            &commit,
        ])
        .ok();
        self.raised = true;
        let line = format!("raises the generation, redacts {redacted:?}");
        if let Some((uid, text)) = redacted {
            self.model.redacted.insert(text);
            self.model.withheld.insert(uid);
        }
        line
    }

    /// The next push to a remote loses its answer: after it landed, or before.
    fn cut(&mut self, c: usize) -> String {
        let r = self.dice.below(self.remotes.len());
        let landed = self.dice.chance(50);
        let hook = self.remotes[r].join("hooks").join(if landed {
            "post-receive"
        } else {
            "pre-receive"
        });
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::write(&hook, "#!/bin/sh\nkill -9 $PPID\n").unwrap();
        executable(&hook);
        let pm = self.open(c, "ana", false);
        let result = pm.sync(&[format!("r{r}")]);
        let _ = std::fs::remove_file(&hook);
        let what = format!("sync r{r} whose answer is lost (landed: {landed})");
        self.outcome(&what, result).0
    }

    /// Looks at what every remote has now: those ids are published.
    fn watch_remotes(&mut self) {
        for r in 0..self.remotes.len() {
            let mut env = self.env(0);
            env.cwd.clone_from(&self.remotes[r]);
            let repo = GitRepo::open(&env).unwrap();
            let Some(tip) = repo.ref_target("refs/pm/main").unwrap() else {
                continue;
            };
            if self.past[r].last() == Some(&tip) {
                continue;
            }
            self.past[r].push(tip);
            let state = State::at(&repo, tip).unwrap();
            for (uid, loaded) in state.item_docs() {
                let id = loaded.item.as_ref().unwrap().id.clone();
                let known = self
                    .model
                    .published
                    .entry(uid.to_string())
                    .or_insert_with(|| id.clone());
                // A rewound remote shows an older state again: it says nothing new.
                if *known != id && !self.rewound {
                    let known = known.clone();
                    self.fail(&format!(
                        "{uid} was published as {known} and is {id} now at r{r}"
                    ));
                }
            }
        }
    }

    /// Everybody syncs with every remote until nothing moves any more.
    fn settle(&mut self) {
        self.note("the end: everybody syncs");
        let mut last = Vec::new();
        for _ in 0..8 {
            for c in 0..self.places.len() {
                for r in 0..self.remotes.len() {
                    self.now_ms += 1000;
                    let name = format!("r{r}");
                    let pm = self.open(c, "ana", false);
                    let result = pm.sync(std::slice::from_ref(&name));
                    if let Err(error) = result {
                        let who = self.places[c].name.clone();
                        self.fail(&format!(
                            "{who} cannot sync with {name} in the end: {error}"
                        ));
                    }
                    self.watch_remotes();
                }
            }
            let now = self.tips();
            if now == last {
                return;
            }
            last = now;
        }
        self.fail("the clones and remotes never come to rest");
    }

    fn tips(&self) -> Vec<String> {
        let names = self.places.iter().map(|p| p.name.clone());
        let bare = (0..self.remotes.len()).map(|r| format!("r{r}.git"));
        names
            .chain(bare)
            .map(|name| self.scene.at(&name).state_tree())
            .collect()
    }

    fn check(&self) {
        let trees: BTreeSet<String> = self.tips().into_iter().collect();
        if trees.len() != 1 {
            self.fail(&format!("the states differ in the end: {:?}", self.tips()));
        }
        let pm = self.open(0, "ana", true);
        let state = pm.store().state().unwrap();
        if !state.damaged().is_empty() {
            self.fail(&format!("damaged files: {:?}", state.damaged()));
        }
        self.check_canonical(&state, pm.store().repo());
        self.check_texts(&state);
        self.check_ids(&state);
        self.check_claims(&state);
    }

    /// Every file is in its one canonical form.
    fn check_canonical(&self, state: &State<'_>, repo: &GitRepo) {
        let at = self.scene.at(&self.places[0].name);
        let listed = at.git(&["ls-tree", "-r", "refs/pm/main"]).ok().out;
        for line in listed.lines() {
            let (meta, path) = line.split_once('\t').unwrap();
            let oid = repo.parse_id(meta.split(' ').nth(2).unwrap()).unwrap();
            let bytes = repo.blob(oid, 1 << 24).unwrap().unwrap();
            let doc = decode(&bytes).unwrap_or_else(|e| self.fail(&format!("{path}: {e}")));
            if encode(&doc).as_bytes() != bytes {
                self.fail(&format!("{path} is not canonical"));
            }
        }
        let _ = state;
    }

    fn check_texts(&self, state: &State<'_>) {
        let model = &self.model;
        let drafts = self.drafts();
        let have = |uid: &String| {
            let uid = git_pm::model::uid::Uid::new(uid).unwrap();
            state.doc(&uid).cloned()
        };
        for uid in &model.items {
            if have(uid).is_none() {
                self.fail(&format!("the item {uid} is lost"));
            }
        }
        for (uid, text) in model.bodies.difference(&model.replaced) {
            let there = have(uid).is_some_and(|doc| versions(&doc).contains(text));
            let kept = model.withheld.contains(uid) && drafts.contains(text);
            if !there && !kept && !model.redacted.contains(text) {
                self.fail(&format!("the text {text:?} of {uid} is lost"));
            }
        }
        for text in &model.redacted {
            for loaded in state.item_docs().values() {
                if versions(&loaded.doc).contains(text) {
                    self.fail(&format!("the redacted text {text:?} is back"));
                }
            }
        }
        for (uid, text) in model.criteria.difference(&model.removed) {
            let found = have(uid).and_then(|doc| {
                let found = doc
                    .entries("acceptance")
                    .find(|(_, e)| e.text("text") == Some(text))?;
                Some(found.1.value("done").is_true())
            });
            let ticked = model.ticked.contains(&(uid.clone(), text.clone()));
            match found {
                None => self.fail(&format!("the criterion {text:?} of {uid} is lost")),
                Some(false) if ticked => {
                    self.fail(&format!("the tick of {text:?} of {uid} is lost"))
                }
                _ => {}
            }
        }
        for (uid, label) in model.labels.difference(&model.unlabelled) {
            if !have(uid).is_some_and(|doc| doc.contains("labels", label)) {
                self.fail(&format!("the label {label} of {uid} is lost"));
            }
        }
        let comments: BTreeSet<(String, String)> = state
            .comment_docs()
            .values()
            .map(|l| {
                let on = git_pm::model::id::ItemRef::parse(l.doc.text("item").unwrap());
                (on.uid.unwrap().to_string(), l.doc.body.text().to_string())
            })
            .collect();
        for comment in &model.comments {
            if !comments.contains(comment) {
                self.fail(&format!("the comment {comment:?} is lost"));
            }
        }
    }

    /// Texts that a redaction withheld and a clone kept for its author.
    fn drafts(&self) -> BTreeSet<String> {
        let mut out = BTreeSet::new();
        for place in &self.places {
            let folder = place.path.join(".git/pm/drafts");
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                out.insert(std::fs::read_to_string(entry.path()).unwrap());
            }
        }
        out
    }

    fn check_ids(&self, state: &State<'_>) {
        let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for item in state.items() {
            let uid = item.uid.to_string();
            let shown = state.shown_id(item);
            let found = state.find(&shown).map(|i| i.uid.to_string());
            if found.as_ref().ok() != Some(&uid) {
                self.fail(&format!("{shown} does not name {uid}: {found:?}"));
            }
            let alias = state.find(&item.alias()).map(|i| i.uid.to_string());
            if alias.as_ref().ok() != Some(&uid) {
                self.fail(&format!("the alias {} does not name {uid}", item.alias()));
            }
            if let Some(published) = self.model.published.get(&uid)
                && *published != item.id
                && !self.rewound
            {
                self.fail(&format!(
                    "{uid} was published as {published}, is {}",
                    item.id
                ));
            }
            seen.entry(item.id.clone()).or_default().push(uid);
        }
        // Two remotes, a lost answer or a rewound remote may publish one number twice; then both
        // are shown with their suffix, and the bare number is ambiguous.
        let excused = self.remotes.len() > 1 || self.rewound || self.plan.cuts;
        for (id, uids) in seen.iter().filter(|(_, uids)| uids.len() > 1) {
            if !excused {
                self.fail(&format!("{id} is the id of {uids:?}"));
            }
            match state.find(id) {
                Err(error) if error.kind() == Kind::Ambiguous => {}
                other => self.fail(&format!("{id} is ambiguous, but: {other:?}")),
            }
        }
    }

    fn check_claims(&self, state: &State<'_>) {
        let replicas: BTreeSet<String> = (0..self.places.len())
            .filter_map(|c| self.open(c, "ana", true).store().known_replica())
            .map(|r| r.to_string())
            .collect();
        for item in state.items() {
            let open: Vec<_> = item.claims.iter().filter(|c| c.ended.is_none()).collect();
            for claim in &open {
                if !claim.confirmed && replicas.contains(&claim.replica) {
                    self.fail(&format!(
                        "{} has a claim of {} that its clone synced and never settled",
                        item.id, claim.actor
                    ));
                }
            }
            let confirmed = open.iter().filter(|c| c.confirmed).count();
            if confirmed > 1 && self.claims_are_certain() {
                self.fail(&format!(
                    "{} is confirmed for {confirmed} claimants",
                    item.id
                ));
            }
            if let Some(who) = self.model.held.get(item.uid.as_str())
                && self.claims_are_certain()
                && confirmed == 0
                && !item.status.is_closed()
            {
                self.fail(&format!(
                    "{who} was told to hold {}, and does not in the end",
                    item.id
                ));
            }
        }
    }
}

/// The readable versions of a body.
fn versions(doc: &Doc) -> Vec<String> {
    let texts = doc.body.versions.values();
    texts.filter_map(|v| v.text.clone()).collect()
}

/// Copies a folder with everything in it.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}

#[cfg(unix)]
pub fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
pub fn executable(_: &Path) {}
