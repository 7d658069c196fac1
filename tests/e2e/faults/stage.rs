//! Clones that are reset to the same initial state before every run, a fault in one command, and
//! the checks after any fault.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::faults::observed::{BYSTANDER, Seen, same, state_content, users};
use crate::support::{Ran, Repo, Scene, adopt, binary, seed, thorough};

/// The time of all commands on a stage.
const NOW: &str = "2025-06-01T12:00:00Z";

/// A bare `hub.git` and two clones of it, `a` and `b`, always at the same paths.
pub struct Stage {
    scene: Scene,
}

impl Stage {
    /// Prepares the clones, and saves them as the initial state of every run.
    pub fn new(prepare: impl FnOnce(&Stage)) -> Stage {
        let stage = Stage {
            scene: Scene::new(),
        };
        let hub = stage.scene.bare("live/hub.git");
        let a = stage.scene.repo("live/a");
        a.git(&["remote", "add", "origin", hub.path.to_str().unwrap()])
            .ok();
        a.git(&["push", "-q", "-u", "origin", "main"]).ok();
        let to = stage.at("b").path;
        stage
            .scene
            .at(".")
            .git(&[
                "clone",
                "-q",
                hub.path.to_str().unwrap(),
                to.to_str().unwrap(),
            ])
            .ok();
        stage.at("b").git(&["config", "user.name", "Ben"]).ok();
        prepare(&stage);
        copy(&stage.folder("live"), &stage.folder("template"));
        stage
    }

    /// As [`Stage::new`], with a synced state: the bystander, and a task with criteria and a path.
    pub fn with_state(prepare: impl FnOnce(&Stage)) -> Stage {
        Stage::new(|stage| {
            let (a, b) = (stage.at("a"), stage.at("b"));
            a.pm(&["init"]).ok();
            a.task("The bystander", &[]);
            let more = [
                "--accept",
                "holds",
                "--accept",
                "shines",
                "--path",
                "src/auth.rs",
            ];
            a.task("The task", &more);
            a.task("Another", &[]);
            a.pm(&["sync"]).ok();
            b.pm(&["init"]).ok();
            prepare(stage);
        })
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.scene.dir.path().join(name)
    }

    /// A clone.
    pub fn at(&self, name: &str) -> Repo {
        self.scene.at(&format!("live/{name}")).when(NOW)
    }

    /// Resets everything to the initial state.
    fn reset(&self) {
        std::fs::remove_dir_all(self.folder("live")).unwrap();
        copy(&self.folder("template"), &self.folder("live"));
        adopt(&self.at("a").path.join(".git"), None);
        adopt(&self.at("b").path.join(".git"), None);
        // The index was built at another path, too.
        let _ = self.at("a").library().map(|pm| pm.tasks().ready(None));
    }
}

fn copy(from: &Path, to: &Path) {
    let done = std::process::Command::new("cp")
        .arg("-a")
        .args([from, to])
        .status();
    assert!(done.unwrap().success(), "cannot copy {}", from.display());
}

/// How an interrupted command is completed.
pub enum Ending {
    /// Nothing or everything happened: if nothing did, it is run again.
    AllOrNothing,
    /// It has steps: the function completes it from any step.
    Steps(fn(&Repo)),
    /// As `Steps`; if a step fails, those before it are undone.
    Undone(fn(&Repo)),
}

/// A command, its initial state, and how it is completed after an interruption.
pub struct Case {
    pub name: &'static str,
    pub stage: Stage,
    pub args: Vec<String>,
    pub stdin: Option<String>,
    pub ending: Ending,
    /// What else it changes, without what differs between runs.
    pub also: fn(&Repo) -> Value,
    /// Points that it must reach, so that an empty matrix is noticed.
    pub reaches: &'static [&'static str],
}

impl Case {
    /// An all-or-nothing command, without standard input.
    pub fn new(name: &'static str, stage: Stage, args: &[&str]) -> Case {
        Case {
            name,
            stage,
            args: args.iter().map(ToString::to_string).collect(),
            stdin: None,
            ending: Ending::AllOrNothing,
            also: |_| Value::Null,
            reaches: &["object-write:1", "ref-rename:1", "lock-held:1"],
        }
    }

    /// As [`Case::new`], for a command that consists of steps.
    pub fn steps(name: &'static str, stage: Stage, args: &[&str], end: fn(&Repo)) -> Case {
        Case {
            ending: Ending::Steps(end),
            ..Case::new(name, stage, args)
        }
    }

    /// As [`Case::steps`], if a failing step undoes those before it.
    pub fn undone(name: &'static str, stage: Stage, args: &[&str], end: fn(&Repo)) -> Case {
        Case {
            ending: Ending::Undone(end),
            ..Case::new(name, stage, args)
        }
    }

    /// Sets its standard input.
    pub fn reading(self, stdin: String) -> Case {
        Case {
            stdin: Some(stdin),
            ..self
        }
    }

    /// Sets what else the command changes, besides the state and the user's repository.
    pub fn seeing(self, also: fn(&Repo) -> Value) -> Case {
        Case { also, ..self }
    }

    /// Sets the points that it must reach.
    pub fn reaching(self, reaches: &'static [&'static str]) -> Case {
        Case { reaches, ..self }
    }

    fn seen(&self) -> Seen {
        let a = self.stage.at("a");
        Seen {
            meaning: json!({"state": state_content(&a), "also": (self.also)(&a)}),
            users: users(&a),
        }
    }

    fn run_at(&self, repo: &Repo) -> Ran {
        let mut args = vec!["--json"];
        args.extend(self.args.iter().map(String::as_str));
        match &self.stdin {
            Some(text) => repo.feed(binary(), &args, text),
            None => repo.pm(&args),
        }
    }

    /// Syncs all clones until nothing changes.
    fn settle(&self) {
        let (a, b) = (self.stage.at("a"), self.stage.at("b"));
        for repo in [&a, &b, &a] {
            repo.pm(&["sync"]).ok();
        }
        assert_eq!(
            a.state_tree(),
            b.state_tree(),
            "{}: the clones differ",
            self.name
        );
    }

    /// Runs it with faults at the points that it reaches, each from the same initial state: about
    /// two that change from run to run, about six with `GIT_PM_TEST_FULL=1`, all with
    /// `GIT_PM_TEST_FAULTS=all`.
    pub fn run(self) {
        let a = self.stage.at("a");
        self.stage.reset();
        let before = self.seen();
        let log = self.stage.folder("points");
        self.run_at(&a.with("GIT_PM_FAULT_LOG", log.to_str().unwrap()))
            .ok();
        let after = self.seen();
        assert!(
            before.meaning != after.meaning || before.users != after.users,
            "{}: it has no observable effect",
            self.name
        );
        self.settle();
        let end = state_content(&a);
        let points: BTreeSet<String> = std::fs::read_to_string(&log)
            .unwrap()
            .lines()
            .map(str::to_string)
            .collect();
        for point in self.reaches {
            assert!(
                points.contains(*point),
                "{}: {point} is never reached",
                self.name
            );
        }
        let exchanges = points.iter().any(|point| point.starts_with("git-push"));
        let mut plan: Vec<(String, &str)> = Vec::new();
        for point in points {
            for action in ["kill", "fail", "full", "denied"] {
                plan.push((point.clone(), action));
            }
        }
        let all = std::env::var("GIT_PM_TEST_FAULTS").is_ok_and(|v| v == "all");
        let only = std::env::var("GIT_PM_TEST_POINT").ok();
        // One random way to fail for each point: every one of them occurs in some run.
        let offset = usize::try_from(seed()).unwrap();
        // An odd number, so that kills and failures alternate; of many points a smaller part, to
        // limit the time of a test.
        let (most, part) = if thorough() { (6, 10) } else { (2, 20) };
        let every = (plan.len() / 2 / most).max(part) | 1;
        let runs = plan.iter().enumerate().filter(|(n, (point, action))| {
            if let Some(only) = &only {
                return *only == format!("{point}:{action}");
            }
            let turn = n / 4 + offset;
            let fails = ["fail", "full", "denied"][turn % 3];
            let chosen = *action == "kill" || *action == fails;
            let part = (2 * turn + usize::from(*action == "kill")).is_multiple_of(every);
            chosen && (all || part)
        });
        let mut failed = Vec::new();
        let mut count = 0;
        for (_, (point, action)) in runs {
            let fault = format!("{point}:{action}");
            count += 1;
            let check = || self.check(&fault, &before, &after, exchanges.then_some(&end));
            if std::panic::catch_unwind(std::panic::AssertUnwindSafe(check)).is_err() {
                failed.push(fault);
            }
        }
        println!(
            "{}: {count} faults, {} found something",
            self.name,
            failed.len()
        );
        assert!(
            failed.is_empty(),
            "{} of {count} faults: {failed:#?}",
            failed.len()
        );
    }

    fn check(&self, fault: &str, before: &Seen, after: &Seen, end: Option<&Value>) {
        let what = format!("{} with GIT_PM_FAULT={fault}", self.name);
        let a = self.stage.at("a");
        self.stage.reset();
        let ran = self.run_at(&a.with("GIT_PM_FAULT", fault));
        let killed = fault.ends_with(":kill");
        let seen = self.seen();
        if ran.code == 0 {
            if !tells_what_is_left(&ran.data()) {
                seen.require(&[after], &format!("{what}: acknowledged, and not done"));
            }
        } else if !killed {
            assert!(
                // An index that still contains the redacted text is reported.
                !fault.starts_with("index-") || ran.code == 8,
                "{what}: the index is derived, a command must do without it: {}",
                ran.out
            );
            require_typed(&ran, &what);
        }
        match self.ending {
            Ending::AllOrNothing => {
                seen.require(&[before, after], &format!("{what}: half of it is there"));
            }
            // A command that fails, as opposed to one that is killed, undoes what it did. A point
            // after an effect simulates a lost answer, which cannot be undone.
            Ending::Undone(_) if !killed && ran.code != 0 && !is_late(fault) => {
                let undone = seen.but_for_the_start();
                let allowed = [&before.but_for_the_start(), &after.but_for_the_start()];
                undone.require(&allowed, &format!("{what}: it was not undone"));
            }
            Ending::Steps(_) | Ending::Undone(_) => {}
        }
        sound(&a, &what);
        self.usable(&a, before, &what);
        match self.ending {
            Ending::AllOrNothing if seen.meaning != after.meaning || seen.users != after.users => {
                let again = self.run_at(&a);
                assert_eq!(again.code, 0, "{what}: again: {}{}", again.out, again.err);
            }
            Ending::AllOrNothing => {}
            Ending::Steps(end) | Ending::Undone(end) => end(&a),
        }
        self.seen()
            .require(&[after], &format!("{what}: it did not come to its end"));
        if let Some(end) = end {
            self.settle();
            same(
                &state_content(&a),
                &[end],
                &format!("{what}: after all synced"),
            );
            sound(&a, &what);
        }
        let left = locks(&a.path.join(".git"));
        assert!(left.is_empty(), "{what}: {left:?} must be removed by hand");
        let doctor = a.library().unwrap().state().doctor().unwrap();
        assert!(!doctor.faulty, "{what}: doctor: {:?}", doctor.findings);
    }

    /// Requires that the next write works, and works at once.
    fn usable(&self, a: &Repo, before: &Seen, what: &str) {
        if before.meaning["state"].is_string() {
            return;
        }
        let began = Instant::now();
        let next = a.pm(&[
            "--json",
            "--offline",
            "task",
            "comment",
            BYSTANDER,
            "After a fault",
        ]);
        assert_eq!(next.code, 0, "{what}: the next write: {}", next.out);
        let waited = began.elapsed();
        assert!(
            waited < Duration::from_secs(4),
            "{what}: the next write waited {waited:?}"
        );
    }
}

/// Whether the output reports that something could not be removed, or was not claimed.
fn tells_what_is_left(data: &Value) -> bool {
    let any = |list: &Value, test: fn(&Value) -> bool| {
        let all = list.as_array();
        all.is_some_and(|all| all.iter().any(test))
    };
    !data["merged"]["worktree_kept"].is_null()
        || data["merged"]["branch_deleted"] == false
        || data["not_claimed"].is_string()
        || any(&data["left"], Value::is_string)
        || any(&data["items"], |one| {
            one["removed"] == false && one["reason"].is_string()
        })
}

/// Whether a point comes after the effect in its name.
fn is_late(fault: &str) -> bool {
    let point = fault.split(':').next().unwrap_or_default();
    ["-done", "-renamed", "-swapped", "-noted"]
        .iter()
        .any(|end| point.ends_with(end))
}

fn require_typed(ran: &Ran, what: &str) {
    // Partly done, and the rest is reported.
    if ran.code == 8 {
        assert!(ran.data()["left"][0].is_string(), "{what}: {}", ran.out);
        return;
    }
    let error = ran.error();
    let text = |key: &str| error[key].as_str().unwrap_or_default().to_string();
    assert!(
        !text("code").is_empty() && text("message").len() > 10,
        "{what}: {error}"
    );
    let hints = error["hints"].as_array().map_or(0, Vec::len);
    assert!(hints > 0, "{what}: no hint what to do: {error}");
}

fn sound(repo: &Repo, what: &str) {
    let fsck = repo.git(&["fsck", "--strict", "--no-dangling"]);
    assert!(
        fsck.code == 0 && !fsck.err.contains("error") && !fsck.err.contains("missing"),
        "{what}: git fsck: {}{}",
        fsck.out,
        fsck.err
    );
}

/// Lock files as git makes them. Those below `pm` are kernel locks and end with their owner.
fn locks(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir()
            && path
                .file_name()
                .is_some_and(|name| name != "pm" || folder.ends_with("refs"))
        {
            found.extend(locks(&path));
        } else if path.extension().is_some_and(|e| e == "lock") {
            found.push(path);
        }
    }
    found
}
