//! `events`: every change once, in order, resumable.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::{Repo, Scene, binary, set_up};

/// The events that a command prints.
#[track_caller]
pub fn events(repo: &Repo, args: &[&str]) -> Vec<Value> {
    let all: Vec<&str> = ["events", "--json"].iter().chain(args).copied().collect();
    lines(&repo.pm(&all).ok().out)
}

/// The events of documents, or of what a command gets, one per line.
pub fn lines(text: &str) -> Vec<Value> {
    text.lines().map(event_of).collect()
}

pub fn event_of(line: &str) -> Value {
    let value: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    match value.get("data") {
        Some(event) => event.clone(),
        None => value,
    }
}

pub fn kinds(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect()
}

pub fn cursor(event: &Value) -> &str {
    event["cursor"].as_str().unwrap()
}

pub fn now(repo: &Repo) -> String {
    let all = events(repo, &[]);
    cursor(all.last().unwrap()).to_string()
}

#[test]
fn an_unknown_kind_is_refused_with_the_kinds() {
    let (_scene, repo) = set_up();
    repo.task("Log in", &[]);
    for known in ["item", "item.created", "learning.added"] {
        repo.pm(&["events", "--kind", known]).ok();
    }
    let refused = repo.pm(&["events", "--json", "--kind", "items"]).exits(2);
    let error = refused.error();
    assert_eq!(error["reason"], "events.invalid_kind", "{error}");
    let hint = error["hints"][0].as_str().unwrap();
    assert!(hint.contains("item.(created|changed|"), "{hint}");
    let args = ["events", "--kind", "claim", "--kind", "item.closed"];
    let refused = repo.pm(&args).exits(2).err;
    assert!(refused.contains("item.created"), "{refused}");
}

/// MS-07: every state change is an event.
#[test]
fn every_change_is_an_event_with_its_actor_and_both_values() {
    let (_scene, repo) = set_up();
    let start = now(&repo);
    let id = repo.task("Log in", &["--path", "src/auth.rs"]);
    repo.pm(&[
        "task",
        "edit",
        &id,
        "--title",
        "Log in with SSO",
        "--add-label",
        "auth",
    ])
    .ok();
    repo.pm(&["task", "comment", &id, "Which provider?"]).ok();
    repo.pm(&["start", &id, "--no-worktree"]).ok();
    let path = repo.path.join("README.md");
    std::fs::write(&path, "readme\n").unwrap();
    repo.pm(&["artifact", "put", &id, path.to_str().unwrap()])
        .ok();
    repo.pm(&["task", "drop", &id]).ok();
    repo.pm(&["config", "--shared", "pm.approval", "strict"])
        .ok();
    repo.pm(&["task", "delete", &id, "--reason", "a mistake"])
        .ok();
    let found = events(&repo, &["--since", &start]);
    let expected = [
        "item.created",
        "item.changed",
        "comment.added",
        "status.changed",
        "claim.taken",
        "reservation.granted",
        "artifact.put",
        "claim.released",
        "reservation.ended",
        "settings.changed",
        "item.deleted",
    ];
    for kind in expected {
        let count = kinds(&found)
            .into_iter()
            .filter(|found| *found == kind)
            .count();
        assert!(count >= 1, "{kind} is missing: {:?}", kinds(&found));
    }
    for event in &found {
        assert_eq!(event["actor"], "Ana", "{event}");
        assert!(event["commit"].as_str().unwrap().len() >= 40);
        if event["kind"] != "settings.changed" {
            assert_eq!(event["item"], id.as_str(), "{event}");
        }
    }
    let changed = found
        .iter()
        .find(|event| event["kind"] == "item.changed")
        .unwrap();
    let title = changed["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["field"] == "title")
        .unwrap();
    assert_eq!(
        (&title["old"], &title["new"]),
        (&"Log in".into(), &"Log in with SSO".into())
    );
    let status = found
        .iter()
        .find(|event| event["kind"] == "status.changed")
        .unwrap();
    assert_eq!(status["changes"][0]["new"], "in_progress");
    assert_eq!(status["op"], "task start");
    // Nothing is stored for it.
    let stored = repo
        .git(&["ls-tree", "--name-only", "refs/pm/main"])
        .ok()
        .out;
    assert!(!stored.contains("event"), "{stored}");
    let text = repo.pm(&["events", "--since", &start]).ok().out;
    assert!(text.contains("title Log in -> Log in with SSO"), "{text}");
}

#[test]
fn events_are_filtered_by_item_and_kind_and_limited() {
    let (_scene, repo) = set_up();
    let first = repo.task("One", &[]);
    let second = repo.task("Two", &[]);
    repo.pm(&["start", &first, "--no-worktree"]).ok();
    repo.pm(&["task", "comment", &second, "Hello"]).ok();
    let of = events(&repo, &["--item", &second]);
    assert_eq!(kinds(&of), ["item.created", "comment.added"]);
    assert_eq!(kinds(&events(&repo, &["--kind", "claim"])), ["claim.taken"]);
    repo.pm(&["events", "--kind", "clai"]).exits(2);
    assert_eq!(events(&repo, &["--limit", "2"]).len(), 2);
    repo.pm(&["events", "--item", "T-0099"]).exits(4);
    let error = repo
        .pm(&["--json", "events", "--since", "gibberish"])
        .exits(2)
        .error();
    assert_eq!(error["reason"], "events.invalid_cursor");
    assert!(events(&repo, &["--since", "1d"]).len() >= 5);
    assert!(events(&repo, &["--since", "2100-01-01"]).is_empty());
}

/// MS-07: resumable by cursor, whatever was merged in between.
#[test]
fn the_events_after_each_cursor_are_exactly_those_not_yet_seen() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    for repo in [&a, &b] {
        repo.pm(&["config", "pm.sync", "manual"]).ok();
    }
    let start = now(&a);
    // Two lines of history, merged twice.
    for round in 0..3 {
        for repo in [&a, &b] {
            let id = repo.task(&format!("Round {round}"), &[]);
            repo.pm(&["task", "comment", &id, "text"]).ok();
        }
        for repo in [&a, &b, &a] {
            repo.pm(&["sync"]).ok();
        }
    }
    let all = events(&a, &["--since", &start]);
    let created = all.iter().filter(|event| event["kind"] == "item.created");
    assert_eq!(created.count(), 6);
    let merged = kinds(&all)
        .into_iter()
        .filter(|kind| *kind == "state.merged")
        .count();
    assert!(merged >= 2, "{:?}", kinds(&all));
    let name = |event: &Value| {
        let mut event = event.clone();
        event.as_object_mut().unwrap().remove("cursor");
        event.to_string()
    };
    let names: Vec<String> = all.iter().map(name).collect();
    assert_eq!(
        names.iter().collect::<BTreeSet<_>>().len(),
        names.len(),
        "twice: {names:#?}"
    );
    for (n, event) in all.iter().enumerate() {
        let rest: Vec<String> = events(&a, &["--since", cursor(event)])
            .iter()
            .map(name)
            .collect();
        assert_eq!(rest, names[n + 1..], "after event {n}, {}", cursor(event));
    }
    // Page by page.
    let (mut seen, mut at) = (Vec::new(), start);
    loop {
        let page = events(&a, &["--since", &at, "--limit", "3"]);
        let Some(last) = page.last() else { break };
        at = cursor(last).to_string();
        seen.extend(page.iter().map(name));
    }
    assert_eq!(seen, names);
}

/// A follower that reads after every step gets each change of both clones once.
#[test]
fn a_reader_of_each_clone_gets_every_change_once_and_none_is_missing() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let clones = [&a, &b];
    for repo in clones {
        repo.pm(&["config", "pm.sync", "manual"]).ok();
    }
    let mut at: Vec<String> = clones.iter().map(|repo| now(repo)).collect();
    let mut got: Vec<BTreeMap<String, usize>> = vec![BTreeMap::new(), BTreeMap::new()];
    let mut titles = BTreeSet::new();
    for step in 0..10 {
        let repo = clones[step % 2];
        let title = format!("Task {step}");
        repo.task(&title, &[]);
        titles.insert(title);
        if step % 3 == 2 {
            repo.pm(&["sync"]).ok();
        }
        for (n, repo) in clones.iter().enumerate() {
            for event in read_on(repo, &mut at[n]) {
                if event["kind"] == "item.created" {
                    let fields = event["changes"].as_array().unwrap();
                    let title = fields.iter().find(|one| one["field"] == "title").unwrap();
                    *got[n]
                        .entry(title["new"].as_str().unwrap().into())
                        .or_default() += 1;
                }
            }
        }
    }
    for round in [&a, &b, &a, &b] {
        round.pm(&["sync"]).ok();
    }
    for (n, repo) in clones.iter().enumerate() {
        for event in read_on(repo, &mut at[n]) {
            if event["kind"] == "item.created" {
                let fields = event["changes"].as_array().unwrap();
                let title = fields.iter().find(|one| one["field"] == "title").unwrap();
                *got[n]
                    .entry(title["new"].as_str().unwrap().into())
                    .or_default() += 1;
            }
        }
        for title in &titles {
            let count = got[n].get(title).copied().unwrap_or(0);
            assert_eq!(count, 1, "clone {n}: {title}: {:?}", got[n]);
        }
    }
}

/// The events after a cursor, which moves on.
fn read_on(repo: &Repo, at: &mut String) -> Vec<Value> {
    let found = events(repo, &["--since", at]);
    if let Some(last) = found.last() {
        *at = cursor(last).to_string();
    }
    found
}

/// A cursor whose history was removed: an error or an event says so, and names the way on.
#[test]
fn a_cursor_from_a_lost_history_is_reported_and_nothing_is_skipped_silently() {
    let (_scene, repo) = set_up();
    repo.task("Before", &[]);
    let old = now(&repo);
    // The history is replaced, but its commits are still here.
    let tree = repo.state_tree();
    repo.task("Between", &[]);
    let other = repo.git(&["commit-tree", &tree, "-m", "other"]).ok().text();
    let kept = repo.tip("refs/pm/main");
    repo.git(&["update-ref", "refs/pm/main", &other]).ok();
    let found = events(&repo, &["--since", &kept]);
    assert_eq!(kinds(&found), ["history.replaced", "item.missing"]);
    assert_eq!(found[0]["changes"][0]["old"], kept.as_str());
    repo.git(&["update-ref", "refs/pm/main", &kept]).ok();
    // They are gone.
    let page = events(&repo, &["--limit", "1"]);
    repo.pm(&["gc", "--new-generation", "--yes"]).ok();
    // Also inside of the first walk, which begins at a time.
    let inside = cursor(&page[0]);
    assert!(inside.starts_with("t0.."), "{inside}");
    let inside = repo.pm(&["--json", "events", "--since", inside]);
    assert_eq!(inside.exits(4).error()["reason"], "events.cursor_lost");
    let error = repo
        .pm(&["--json", "events", "--since", &old])
        .exits(4)
        .error();
    assert_eq!(error["reason"], "events.cursor_lost", "{error}");
    assert!(
        error["hints"].to_string().contains("--since TIME"),
        "{error}"
    );
    let all = events(&repo, &[]);
    assert_eq!(kinds(&all), ["history.began"]);
    assert_eq!(all[0]["op"], "gc");
}

#[test]
fn a_huge_change_is_a_short_event() {
    let (_scene, repo) = set_up();
    let start = now(&repo);
    let id = repo.task("Long", &[]);
    let text = "x ".repeat(400_000);
    repo.feed(binary(), &["task", "comment", &id, "-"], &text)
        .ok();
    let printed = repo.pm(&["events", "--json", "--since", &start]).ok().out;
    assert!(printed.len() < 20_000, "{} bytes", printed.len());
    let labels: Vec<String> = (0..300).map(|n| format!("--add-label=l{n}")).collect();
    let mut args = vec!["task", "edit", &id];
    args.extend(labels.iter().map(String::as_str));
    repo.pm(&args).ok();
    let found = events(&repo, &["--since", &start, "--kind", "item.changed"]);
    let added = found[0]["changes"][0]["added"].as_array().unwrap().len();
    assert_eq!(added, 50);
}

#[test]
fn a_commit_that_is_not_of_the_state_is_not_a_cursor() {
    let (_scene, repo) = set_up();
    let code = repo.git(&["rev-parse", "HEAD"]).ok().text();
    let error = repo
        .pm(&["--json", "events", "--since", &code])
        .exits(2)
        .error();
    assert_eq!(error["reason"], "events.invalid_cursor", "{error}");
    let first = repo
        .git(&["rev-list", "--max-parents=0", "refs/pm/main"])
        .ok()
        .text();
    repo.pm(&["events", "--since", &first]).ok();
    repo.pm(&["events", "--since", &"1".repeat(40)]).exits(4);
}
