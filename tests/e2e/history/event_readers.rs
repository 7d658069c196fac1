//! `events --follow`.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::events::{event_of, now};
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
