//! States as people and agents type them, and issues that another actor holds.

use serde_json::Value;

use crate::support::{Repo, Scene, agent, set_up};

fn created(repo: &Repo, title: &str) -> String {
    repo.pm(&["issue", "q", title]).ok().text()
}

fn status(repo: &Repo, id: &str) -> String {
    let item = repo.data(&["show", id]);
    item["item"]["status"]
        .as_str()
        .or(item["status"].as_str())
        .unwrap_or_else(|| panic!("{item}"))
        .to_string()
}

#[test]
fn a_mistyped_state_is_refused_and_does_not_block_the_issue() {
    let (_scene, repo) = set_up();
    let id = created(&repo, "one");
    for (typed, meant) in [
        ("in-progress", "in_progress"),
        ("In Progress", "in_progress"),
        ("InProgress", "in_progress"),
        ("OPEN", "open"),
        ("hooked", "hooked"),
        ("Done", "closed"),
        ("open", "open"),
        ("CLOSED", "closed"),
        ("open", "open"),
    ] {
        repo.pm(&["issue", "update", &id, "--status", typed]).ok();
        assert_eq!(status(&repo, &id), meant, "{typed}");
    }
    for typed in ["completed", "complete", "resolved", "bogus"] {
        let ran = repo
            .pm(&["issue", "update", &id, "--status", typed])
            .exits(2);
        assert!(ran.err.contains("hint"), "{}", ran.err);
        assert_eq!(status(&repo, &id), "open", "{typed}");
        if typed != "bogus" {
            assert!(ran.err.contains("finished work is `done`"), "{}", ran.err);
        }
        let line = format!("{{\"op\":\"issue.update\",\"id\":\"{id}\",\"status\":\"{typed}\"}}\n");
        let batch = repo.feed(crate::support::binary(), &["batch", "-"], &line);
        assert_ne!(batch.code, 0, "{}", batch.out);
        repo.pm(&["issue", "list", "--status", typed]).exits(2);
    }
    // A custom state must be forced once; from then on it is known.
    repo.pm(&["issue", "update", &id, "--status", "triage", "--force"])
        .ok();
    let other = created(&repo, "two");
    repo.pm(&["issue", "update", &other, "--status", "Triage"])
        .ok();
    assert_eq!(status(&repo, &other), "triage");
    repo.pm(&["issue", "list", "--status", "triage"]).ok();
}

#[test]
fn lists_and_queries_accept_the_same_states_as_update() {
    let (_scene, repo) = set_up();
    let id = created(&repo, "one");
    repo.pm(&["issue", "update", &id, "--status", "in_progress"])
        .ok();
    for args in [
        &["issue", "list", "--status", "in-progress"][..],
        &["issue", "list", "--status", "InProgress"],
        &["list", "status:in-progress"],
        &["list", "status:\"In Progress\" or status:InProgress"],
        &["issue", "count", "--status", "In-Progress"],
    ] {
        let out = repo.pm(args).ok().out;
        assert!(out.contains(&id) || out.contains('1'), "{args:?}: {out}");
    }
}

#[test]
fn an_imported_state_is_kept_and_can_be_queried() {
    let (_scene, repo) = set_up();
    let record = "{\"id\":\"bd-1\",\"title\":\"t\",\"status\":\"in-progress\",\"updated_at\":\"2026-01-01T00:00:00Z\"}\n";
    repo.feed(crate::support::binary(), &["import", "beads", "-"], record)
        .ok();
    assert_eq!(status(&repo, "bd-1"), "in-progress");
    let out = repo
        .pm(&["issue", "list", "--status", "in-progress"])
        .ok()
        .out;
    assert!(out.contains("bd-1"), "{out}");
    repo.pm(&["issue", "update", "bd-1", "--status", "in_progress"])
        .ok();
    assert_eq!(status(&repo, "bd-1"), "in_progress");
}

/// Beads' word for work in progress: its assignee goes on with it here, nobody else.
#[test]
fn an_imported_hooked_issue_is_claimed_as_one_in_progress() {
    let (_scene, repo) = set_up();
    let record = |id: &str, status: &str, who: &str| {
        format!(
            "{{\"id\":\"{id}\",\"title\":\"t\",\"status\":\"{status}\",\"assignee\":\"{who}\",\
             \"updated_at\":\"2026-01-01T00:00:00Z\"}}\n"
        )
    };
    let all = [
        record("bd-1", "hooked", "Ana"),
        record("bd-2", "hooked", "Ana"),
        record("bd-3", "hooked", "Bea"),
    ];
    repo.feed(
        crate::support::binary(),
        &["import", "beads", "-"],
        &all.concat(),
    )
    .ok();
    repo.pm(&["issue", "claim", "bd-3"]).exits(3);
    repo.pm(&["issue", "claim", "bd-1"]).ok();
    assert_eq!(status(&repo, "bd-1"), "in_progress");
    let shown = repo.pm(&["show", "bd-2"]).ok().out;
    assert!(shown.contains("git pm start bd-2"), "{shown}");
    repo.pm(&["start", "bd-2"]).ok();
    assert_eq!(status(&repo, "bd-2"), "in_progress");
}

#[test]
fn an_issue_that_another_actor_holds_is_not_closed_without_force() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.pm(&["init"]).ok();
    let id = created(&ana, "one");
    ana.pm(&["issue", "claim", &id]).ok();
    let bert = scene.clone_of(&hub, "b", "bert");
    bert.pm(&["init"]).ok();
    bert.pm(&["pull"]).ok();
    for args in [
        &["issue", "close", &id, "--reason", "mine"][..],
        &["issue", "update", &id, "--title", "other"],
        &["issue", "update", &id, "--status", "in-progress"],
    ] {
        let ran = bert.pm(args).exits(3);
        assert!(ran.err.contains("held by"), "{}", ran.err);
        assert!(ran.err.contains("--force"), "{}", ran.err);
    }
    bert.pm(&["issue", "update", &id, "--title", "agreed", "--force"])
        .ok();
    // The holder needs no `--force`.
    ana.pm(&["issue", "update", &id, "--notes", "half of it"])
        .ok();
    bert.pm(&["issue", "close", &id, "--reason", "mine", "--force"])
        .ok();
    assert_eq!(status(&bert, &id), "closed");
    let told = ana.pm(&["sync"]).ok();
    assert!(
        format!("{}{}", told.out, told.err).contains("ended your claim"),
        "{}{}",
        told.out,
        told.err
    );
}

#[test]
fn an_unknown_state_or_kind_in_a_query_is_an_error() {
    let (_scene, repo) = set_up();
    let id = created(&repo, "one");
    repo.pm(&["issue", "update", &id, "--status", "in_progress"])
        .ok();
    for args in [
        &["list", "status:foo"][..],
        &["list", "label:x or -status:\"foo\""],
        &["list", "--status", "foo"],
        &["issue", "list", "--status", "foo"],
        &["list", "--kind", "issue", "status:completed"],
        &["list", "kind:bug"],
    ] {
        let ran = repo.pm(args).exits(2);
        assert!(ran.err.contains("hint"), "{args:?}: {}", ran.err);
    }
    for query in [
        "status:In-Progress",
        "status:in*",
        "state:IN_PROGRESS",
        "kind:Issue",
    ] {
        let out = repo.pm(&["list", query]).ok().out;
        assert!(out.contains(&id), "{query}: {out}");
    }
    // A state that the store uses is known in any spelling.
    repo.pm(&["issue", "update", &id, "--status", "On-Hold", "--force"])
        .ok();
    let out = repo.pm(&["list", "status:on_hold"]).ok().out;
    assert!(out.contains(&id), "{out}");
}

#[test]
fn a_query_matches_parts_of_a_title() {
    let (_scene, repo) = set_up();
    let id = created(&repo, "The YAMLLoader drops sync tokens");
    for query in [
        "title:sync",
        "title:yaml",
        "title:\"drops sync\"",
        "title:SYNC*",
        "title:the*tokens",
        "title:other,sync",
    ] {
        let out = repo.pm(&["list", query]).ok().out;
        assert!(out.contains(&id), "{query}: {out}");
    }
    let none = repo.pm(&["list", "title:\"sync drops\""]).ok().out;
    assert!(!none.contains(&id), "{none}");
}

#[test]
fn blocked_and_deferred_issues_are_continued_and_closed_as_in_beads() {
    let (_scene, repo) = set_up();
    for stopped in ["blocked", "deferred"] {
        let id = created(&repo, "Fix it");
        repo.pm(&["issue", "update", &id, "--status", stopped]).ok();
        repo.pm(&["issue", "update", &id, "--status", "in_progress"])
            .ok();
        repo.pm(&["issue", "update", &id, "--status", stopped]).ok();
        repo.pm(&["issue", "close", &id]).ok();
        assert_eq!(status(&repo, &id), "closed");
    }
    // What a human stopped is not closed by an agent.
    let id = created(&repo, "Fix it");
    repo.pm(&["issue", "update", &id, "--status", "blocked"])
        .ok();
    agent(&repo).pm(&["issue", "close", &id]).exits(1);
    assert_eq!(status(&repo, &id), "blocked");
}

// Time and reason of a closing belong to its status: where another one won, they say nothing.
#[test]
fn an_issue_whose_closing_was_overridden_has_neither_its_time_nor_its_reason() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    // Before what follows: the order of writes is that of their clocks.
    let before = a.when("2026-03-01T12:00:00Z");
    let id = created(&before, "one");
    before.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    let close = ["issue", "close", &id, "--reason", "done there", "--offline"];
    b.when("2026-03-02T12:00:00Z").pm(&close).ok();
    a.when("2026-03-02T13:00:00Z")
        .pm(&["issue", "claim", &id])
        .ok();
    for clone in [&b, &a] {
        let clone = clone.when("2026-03-02T14:00:00Z");
        clone.pm(&["sync"]).ok();
        assert_eq!(status(&clone, &id), "in_progress");
        let item = clone.data(&["show", &id]);
        for field in ["closed_at", "reason"] {
            assert_eq!(item[field], Value::Null, "{item}");
        }
        let found = clone.pm(&["list", "closed:<1d"]).ok().out;
        assert!(!found.contains(&id), "{found}");
        let found = clone.pm(&["list", "reason:*there*"]).ok().out;
        assert!(!found.contains(&id), "{found}");
    }
    // A reason that was given since is one of the present status.
    let now = a.when("2026-03-02T15:00:00Z");
    now.pm(&["task", "block", &id, "the key is missing"]).ok();
    assert_eq!(now.data(&["show", &id])["reason"], "the key is missing");
    let now = a.when("2026-03-02T16:00:00Z");
    now.pm(&["task", "unblock", &id]).ok();
    now.pm(&["issue", "close", &id]).ok();
    let item = now.data(&["show", &id]);
    assert_eq!(item["closed_at"], "2026-03-02T16:00:00Z", "{item}");
}

/// The step that the answer to a claim names is not refused.
#[test]
fn a_claim_names_a_step_that_works() {
    let (_scene, repo) = set_up();
    let next = |id: &str| {
        let said = repo.pm(&["issue", "claim", id]).ok().out;
        said.split("next: ")
            .nth(1)
            .unwrap_or_default()
            .trim()
            .to_string()
    };
    let (plain, whole) = (created(&repo, "plain"), created(&repo, "whole"));
    assert_eq!(next(&plain), format!("git pm issue close {plain}"));
    let part = repo.data(&["issue", "create", "part", "--parent", &whole]);
    repo.pm(&["issue", "update", &whole, "--status", "in_progress"])
        .ok();
    let step = next(&whole);
    assert_eq!(step, format!("git pm why {whole}"), "it has an open child");
    let why = repo.pm(&["why", &whole]).ok().out;
    assert!(why.contains(part["id"].as_str().unwrap()), "{why}");
    let boxes = created(&repo, "boxes");
    repo.pm(&["issue", "update", &boxes, "--acceptance", "- [ ] it works"])
        .ok();
    assert_eq!(next(&boxes), format!("git pm task accept {boxes} 1"));
    let task = repo.task("T", &[]);
    assert_eq!(
        next(&task),
        format!("git pm task done {task} --evidence TEXT")
    );
    repo.pm(&["task", "done", &task, "--evidence", "seen"]).ok();
}
