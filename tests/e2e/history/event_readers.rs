//! `events --follow`, and the user's own commands for events.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::events::{event_of, kinds, lines, now};
use crate::support::{Repo, Scene, binary, set_up};

/// A running `events --follow`.
struct Follower {
    child: Child,
    lines: std::sync::mpsc::Receiver<String>,
}

impl Follower {
    fn start(repo: &Repo, args: &[&str]) -> Follower {
        let mut child = repo
            .command(binary())
            .arg("events")
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Follower { child, lines }
    }

    #[track_caller]
    fn next(&self) -> Value {
        let line = self
            .lines
            .recv_timeout(Duration::from_secs(20))
            .expect("no event in time");
        event_of(&line)
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// MS-07: `--follow`.
#[test]
fn a_follower_gets_events_as_they_happen_in_whole_lines() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let start = now(&a);
    let follower = Follower::start(&a, &["--follow", "--json", "--since", &start]);
    let id = a.task("Here", &[]);
    let event = follower.next();
    assert_eq!(
        (&event["kind"], &event["item"]),
        (&"item.created".into(), &id.as_str().into())
    );
    b.task("There", &[]);
    b.pm(&["sync"]).ok();
    // Packed refs, and a sync that brings the other clone's commits in.
    a.git(&["pack-refs", "--all"]).ok();
    a.pm(&["sync"]).ok();
    let mut seen = Vec::new();
    while !seen
        .iter()
        .any(|event: &Value| event["kind"] == "state.merged")
    {
        seen.push(follower.next());
    }
    let created = seen.iter().filter(|event| event["kind"] == "item.created");
    assert_eq!(
        created
            .map(|event| event["actor"].clone())
            .collect::<Vec<_>>(),
        ["Ben"]
    );
}

#[test]
fn a_follower_whose_history_is_removed_says_so_and_goes_on() {
    let (_scene, repo) = set_up();
    repo.task("Before", &[]);
    let start = now(&repo);
    let follower = Follower::start(&repo, &["--follow", "--json", "--since", &start]);
    repo.task("First", &[]);
    assert_eq!(follower.next()["kind"], "item.created");
    repo.pm(&["gc", "--new-generation", "--yes"]).ok();
    let kind = follower.next()["kind"].as_str().unwrap().to_string();
    assert!(
        ["history.lost", "history.replaced"].contains(&kind.as_str()),
        "{kind}"
    );
    repo.task("Second", &[]);
    loop {
        let event = follower.next();
        if event["kind"] == "item.created" {
            let fields = event["changes"].as_array().unwrap();
            assert!(fields.iter().any(|one| one["new"] == "Second"), "{event}");
            break;
        }
    }
}

#[test]
fn a_follower_ends_quietly_when_its_reader_closes_the_pipe() {
    let (_scene, repo) = set_up();
    // The state does not change after this, so no event wakes the follower up.
    let mut child = repo
        .command(binary())
        .args(["events", "--follow", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    drop(child.stdout.take());
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "it still runs");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "{status}");
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert_eq!(said, "");
}

/// Commands for events: each once, in order, with the JSON on standard input.
#[test]
fn commands_run_once_for_each_event_and_a_failing_one_stops_nothing() {
    let (_scene, repo) = set_up();
    repo.pm(&["events", "--run", "--once"]).exits(2);
    let log = repo.path.join(".git/log");
    let note = format!(
        "cat >> '{0}.json'; echo \"$GIT_PM_EVENT_KIND $GIT_PM_EVENT_ITEM\" >> '{0}'",
        log.display()
    );
    repo.git(&["config", "pm.onEvent", "echo no good >&2; exit 3"])
        .ok();
    repo.git(&["config", "--add", "pm.onEvent", &note]).ok();
    // The first run begins with the present state.
    repo.pm(&["events", "--run", "--once"]).ok();
    let id = repo.task("One", &[]);
    repo.pm(&["task", "comment", &id, "Hi"]).ok();
    let ran = repo.pm(&["events", "--run", "--once"]).exits(8);
    assert!(
        ran.err.contains("exit code 3") && ran.err.contains("no good"),
        "{}",
        ran.err
    );
    repo.pm(&["events", "--run", "--once"]).ok();
    let log_text = std::fs::read_to_string(&log).unwrap();
    assert_eq!(log_text, format!("item.created {id}\ncomment.added {id}\n"));
    let json = std::fs::read_to_string(format!("{}.json", log.display())).unwrap();
    assert_eq!(kinds(&lines(&json)), ["item.created", "comment.added"]);
    // A killed process leaves its event to the next one.
    repo.task("Two", &[]);
    let killed = repo.with("GIT_PM_FAULT", "event-run:1:kill");
    killed.pm(&["events", "--run", "--once"]);
    repo.pm(&["events", "--run", "--once"]).exits(8);
    let log_text = std::fs::read_to_string(&log).unwrap();
    assert_eq!(
        log_text.matches("item.created").count(),
        3,
        "at least once: {log_text}"
    );
}

#[test]
fn a_command_that_takes_too_long_is_ended_and_a_second_runner_is_refused() {
    let (_scene, repo) = set_up();
    repo.git(&["config", "pm.onEvent", "exec sleep 60"]).ok();
    repo.git(&["config", "pm.eventTimeout", "1"]).ok();
    repo.pm(&["events", "--run", "--once"]).ok();
    repo.task("One", &[]);
    let began = Instant::now();
    let ran = repo.pm(&["events", "--run", "--once", "--json"]);
    let ran = ran.exits(8).data();
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(ran["runs"][0]["timed_out"], true, "{ran}");
    repo.git(&["config", "pm.onEvent", "true"]).ok();
    let follower = Follower::start(&repo, &["--run", "--json"]);
    repo.task("Two", &[]);
    assert_eq!(follower.next()["runs"][0]["ok"], true);
    let error = repo
        .pm(&["--json", "events", "--run", "--once"])
        .exits(3)
        .error();
    assert_eq!(error["reason"], "events.running");
}

#[test]
fn checked_in_commands_run_only_once_they_are_trusted() {
    let (_scene, repo) = set_up();
    let log = repo.path.join(".git/log");
    repo.write(
        ".pm.toml",
        &format!("on_event = [\"echo ran >> '{}'\"]\n", log.display()),
    );
    let error = repo
        .pm(&["--json", "events", "--run", "--once"])
        .exits(1)
        .error();
    assert_eq!(error["reason"], "trust.required");
    let shown = repo.pm(&["trust", "--yes"]).ok();
    assert!(shown.out.contains("on event: echo ran"), "{}", shown.out);
    repo.pm(&["events", "--run", "--once"]).ok();
    repo.task("One", &[]);
    repo.pm(&["events", "--run", "--once"]).ok();
    assert_eq!(std::fs::read_to_string(&log).unwrap(), "ran\n");
}

#[test]
fn a_position_that_cannot_be_read_is_an_error_that_names_the_file() {
    let (_scene, repo) = set_up();
    repo.git(&["config", "pm.onEvent", "true"]).ok();
    repo.pm(&["events", "--run", "--once"]).ok();
    let file = repo.path.join(".git/pm/events-cursor");
    std::fs::write(&file, "\0\0\0").unwrap();
    let failed = repo.pm(&["events", "--run", "--once"]).exits(5);
    assert!(failed.err.contains("events-cursor"), "{}", failed.err);
    assert!(failed.err.contains("delete it"), "{}", failed.err);
    std::fs::remove_file(&file).unwrap();
    repo.pm(&["events", "--run", "--once"]).ok();
}

/// The former id of an item may belong to another one.
#[test]
fn events_have_the_present_ids_of_renumbered_items() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Of a", &[]);
    b.task("Of b", &[]);
    b.pm(&["task", "comment", "T-0001", "about b"]).ok();
    let before = now(&a);
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    let events = a.data_lines(&["events", "--since", &before, "--json"]);
    let of = |kind: &str| {
        let mut found = events.iter().filter(|event| event["kind"] == kind);
        found.next().unwrap()["item"].clone()
    };
    assert_eq!(a.data(&["show", "T-0002"])["title"], "Of b");
    assert_eq!(
        (of("item.created"), of("comment.added")),
        ("T-0002".into(), "T-0002".into())
    );
}

/// A handler may write: no read of the event is open meanwhile.
#[test]
fn a_handler_of_events_can_write() {
    let (_scene, repo) = set_up();
    let run = ["events", "--run", "--once"];
    let write = format!("'{}' task comment \"$GIT_PM_EVENT_ITEM\" seen", binary());
    repo.pm(&["config", "pm.onEvent", &write]).ok();
    repo.pm(&run).ok();
    let id = repo.task("A", &[]);
    let began = std::time::Instant::now();
    repo.pm(&run).ok();
    assert!(began.elapsed().as_millis() < 2_500, "{:?}", began.elapsed());
    assert_eq!(repo.data(&["show", &id])["comments"][0]["body"], "seen");
}
