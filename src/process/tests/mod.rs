//! Tests with small shell scripts as agents.
//!
//! Every script is marked with its own run, so the tests can run in parallel.

mod dialogue;
mod killed_runner;
mod limits;
#[cfg(target_os = "linux")]
mod namespace;
mod streams;
mod whole_tree;

use super::table::{Id, Table, system};
use super::tree::{Look, Tree};
use super::{Control, Limits, Line, Process, ProcessResult, Stream, signal, supervise};
use crate::Launch;
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A script with the folder it runs in.
struct Script {
    dir: tempfile::TempDir,
    run: String,
    launch: Launch,
    limits: Limits,
}

/// The processes of a run, or of one task in it, with their descendants.
fn leftovers(run: &str, task: Option<&str>) -> Vec<Process> {
    let members = Tree::of_run(run, task).look(Look::Thorough);
    members.iter().map(Process::from).collect()
}

/// A run id that no other test has.
fn new_run() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("test-{}-{count}", std::process::id())
}

fn path() -> OsString {
    std::env::var_os("PATH").expect("tests have a PATH")
}

impl Script {
    fn new(script: &str) -> Script {
        let dir = tempfile::tempdir().unwrap();
        let run = new_run();
        let env = [
            ("PATH", path()),
            ("GIT_PM_RUN", run.clone().into()),
            ("GIT_PM_TASK", "T-0001".into()),
        ];
        Script {
            launch: Launch {
                program: "sh".into(),
                args: vec!["-c".into(), script.into()],
                dir: dir.path().to_path_buf(),
                env: env.map(|(name, value)| (name.into(), value)).into(),
                input: Vec::new(),
                sandbox: None,
                keeper: None,
            },
            // Makes every test end, even if something goes wrong.
            limits: Limits {
                deadline: Some(Duration::from_secs(60)),
                grace: Duration::from_secs(5),
                ..Limits::default()
            },
            dir,
            run,
        }
    }

    fn limits(mut self, change: impl FnOnce(&mut Limits)) -> Script {
        change(&mut self.limits);
        self
    }

    fn input(mut self, input: impl Into<Vec<u8>>) -> Script {
        self.launch.input = input.into();
        self
    }

    /// Runs the script and checks that no process is left.
    fn run(&self) -> (ProcessResult, Printed) {
        self.run_with(&Control::new().unwrap())
    }

    fn run_with(&self, control: &Control) -> (ProcessResult, Printed) {
        let mut printed = Printed::default();
        let mut sink = |line: Line<'_>| printed.add(line);
        let outcome = supervise(&self.launch, &self.limits, control, &mut sink).unwrap();
        assert_eq!(leftovers(&self.run, None), [], "processes are left");
        assert_eq!(outcome.ending.survivors, []);
        assert!(control.pids().is_empty());
        (outcome, printed)
    }

    /// Runs the script while `meanwhile` controls it from another thread.
    fn run_while(&self, meanwhile: impl FnOnce(&Control) + Send) -> (ProcessResult, Printed) {
        let control = Control::new().unwrap();
        std::thread::scope(|scope| {
            let helper = scope.spawn(|| {
                // If the test fails in here, the script is ended anyway.
                let _stop = StopAtEnd(&control);
                meanwhile(&control);
            });
            let result = self.run_with(&control);
            helper.join().unwrap();
            result
        })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The text of a file that the script writes, once it has a line.
    fn wait_for(&self, name: &str) -> String {
        let text = || std::fs::read_to_string(self.file(name)).unwrap_or_default();
        until(&format!("a line in {name}"), || text().contains('\n'));
        text().trim().to_string()
    }

    fn length_of(&self, name: &str) -> u64 {
        self.file(name).metadata().map_or(0, |m| m.len())
    }
}

struct StopAtEnd<'a>(&'a Control);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

/// The lines of a script.
#[derive(Default)]
struct Printed {
    out: Vec<Vec<u8>>,
    err: Vec<Vec<u8>>,
}

impl Printed {
    fn add(&mut self, line: Line<'_>) {
        match line.stream {
            Stream::Out => self.out.push(line.bytes.to_vec()),
            Stream::Err => self.err.push(line.bytes.to_vec()),
        }
    }

    fn out(&self) -> Vec<String> {
        let text = |line: &Vec<u8>| String::from_utf8_lossy(line).into_owned();
        self.out.iter().map(text).collect()
    }
}

fn until(what: &str, mut is_true: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_true() {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "waited for {what}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// True if there is a process with this id, dead or not.
fn exists(pid: &str) -> bool {
    system::entry(pid.trim().parse().expect("a number")).is_some()
}

fn seconds(count: f64) -> Duration {
    Duration::from_secs_f64(count)
}

/// AG-49: a name may contain spaces and parentheses, and does not shift the fields after it.
#[cfg(target_os = "linux")]
#[test]
fn a_process_may_have_any_name() {
    let line = b"7 (a) S (b) T 3 5 6 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 9 9\n";
    let entry = system::parse(7, line).unwrap();
    assert_eq!(entry.name, "a) S (b");
    assert_eq!((entry.parent, entry.group, entry.session), (3, 5, 6));
    assert_eq!((entry.id.pid, entry.id.started), (7, 4711));
    assert!(entry.is_stopped && !entry.is_dead);
    assert_eq!(system::parse(7, b"7 (cut"), None);
}

/// AG-49: descendants come after their parents, and those that descend only through a barred
/// process are left out.
#[test]
fn descendants_are_listed_parents_first() {
    let own = system::entry(std::process::id()).unwrap();
    let process = |pid, parent| {
        let mut entry = own.clone();
        (entry.id.pid, entry.parent) = (pid, parent);
        entry
    };
    let table: Table = [(9, 1), (5, 9), (2, 5), (7, 2), (3, 9), (4, 3), (8, 1)]
        .map(|(pid, parent)| process(pid, parent))
        .into_iter()
        .collect();
    let list = |roots: &[u32], barred: &[u32]| -> Vec<u32> {
        let roots: HashSet<u32> = roots.iter().copied().collect();
        let barred: HashSet<u32> = barred.iter().copied().collect();
        let found = table.with_descendants(&roots, &barred);
        found.into_iter().map(|entry| entry.id.pid).collect()
    };
    assert_eq!(list(&[9, 2], &[]), [9, 3, 5, 2, 4, 7]);
    assert_eq!(list(&[9], &[5]), [9, 3, 4]);
    assert_eq!(list(&[9, 7], &[5]), [7, 9, 3, 4]);
    assert_eq!(table.line_of(7), HashSet::from([7, 2, 5, 9, 1]));
}

/// AG-49: a process that reuses the id of another one is not mistaken for it.
#[test]
fn a_signal_reaches_the_process_that_was_meant() {
    use rustix::process::Signal;
    let mut child = std::process::Command::new("sleep")
        .arg("60")
        .spawn()
        .unwrap();
    let id = system::entry(child.id()).unwrap().id;
    let earlier = Id {
        started: id.started - 1,
        ..id
    };
    assert_eq!(signal::send(earlier, Signal::KILL), signal::Sent::Gone);
    assert!(child.try_wait().unwrap().is_none());
    assert_eq!(signal::send(id, Signal::KILL), signal::Sent::Delivered);
    assert!(!child.wait().unwrap().success());
    assert_eq!(signal::send(id, Signal::KILL), signal::Sent::Gone);
}
