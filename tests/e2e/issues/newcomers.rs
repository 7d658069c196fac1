//! The first hour of a user of beads.

use super::{bd, ids, q};
use crate::support::{Repo, agent, binary, set_up};

/// Imports records of beads.
#[track_caller]
fn import(repo: &Repo, records: &str) {
    repo.feed(binary(), &["import", "beads", "-"], records).ok();
}

/// The ids that a command offers.
#[track_caller]
fn offered(repo: &Repo, args: &[&str]) -> Vec<String> {
    ids(&repo.data(args)["items"])
}

// The undo of an import deletes all that it made, and brings nothing back.
#[test]
fn only_a_deletion_made_here_is_said_to_be_undone() {
    let (_scene, repo) = set_up();
    import(
        &repo,
        "{\"id\":\"p-a\",\"title\":\"A\",\"status\":\"open\",\"updated_at\":\"2026-01-01T00:00:00Z\"}\n\
         {\"id\":\"p-t\",\"title\":\"T\",\"status\":\"tombstone\",\"updated_at\":\"2026-01-01T00:00:00Z\",\
         \"deleted_at\":\"2026-01-01T00:00:00Z\",\"original_type\":\"task\"}\n",
    );
    for args in [&["show", "p-t"][..], &["issue", "reopen", "p-t"]] {
        let refused = repo.pm(args).exits(4).err;
        assert!(refused.contains("p-t was deleted"), "{refused}");
        assert!(!refused.contains("git pm undo"), "{args:?}: {refused}");
    }
    repo.pm(&["issue", "delete", "p-a"]).ok();
    let refused = repo.pm(&["issue", "reopen", "p-a"]).exits(4).err;
    assert!(refused.contains("`git pm show p-a`"), "{refused}");
    let shown = repo.pm(&["show", "p-a"]).exits(4).err;
    let (_, command) = shown.split_once("`git pm undo ").expect(&shown);
    repo.pm(&["undo", command.split('`').next().unwrap()]).ok();
    assert_eq!(repo.data(&["show", "p-a"])["status"], "open");
}

#[test]
fn a_list_accepts_what_only_issues_have() {
    let (_scene, repo) = set_up();
    for [option, word] in [
        ["-t", "epic"],
        ["-t", "decision"],
        ["-t", "task"],
        ["-s", "hooked"],
    ] {
        let out = bd(&repo, &["list", option, word]).ok().out;
        assert!(out.contains("No issues"), "{word}: {out}");
    }
}

// In beads, being pinned is a status as well as a mark.
#[test]
fn an_issue_that_beads_pinned_can_be_unpinned() {
    let (_scene, repo) = set_up();
    import(
        &repo,
        "{\"id\":\"p-p\",\"title\":\"P\",\"status\":\"pinned\",\"pinned\":true,\
         \"updated_at\":\"2026-01-01T00:00:00Z\"}\n",
    );
    bd(&repo, &["close", "p-p"]).exits(1);
    bd(&repo, &["update", "p-p", "--pinned", "false"]).ok();
    assert_eq!(repo.data(&["show", "p-p"])["status"], "open");
    assert_eq!(
        repo.data(&["list", "is:pinned"])["items"],
        serde_json::json!([])
    );
    bd(&repo, &["close", "p-p"]).ok();
}

#[test]
fn work_in_progress_without_a_holder_is_offered() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo);
    let (one, before) = (q(&repo, &["One", "-p", "0"]), q(&repo, &["Before"]));
    let after = bd(&repo, &["create", "After", "--deps", &before, "--silent"]);
    let after = after.ok().text();
    bd(&bot, &["update", &one, "--status", "in_progress"]).ok();
    // What waits for another was begun too early, and is not offered.
    bd(&repo, &["update", &after, "--status", "in_progress"]).ok();
    for list in [&["ready"][..], &["issue", "ready"], &["list", "is:ready"]] {
        let found = offered(&repo, list);
        let both = found.contains(&one) && found.contains(&before);
        assert!(both && found.len() == 2, "{list:?}: {found:?}");
    }
    assert_eq!(repo.data(&["next"])["id"], one.as_str());
    assert_eq!(repo.data(&["status"])["ready_count"], 1);
    repo.pm(&["next", "--claim"]).ok();
    assert_eq!(repo.data(&["show", &one])["claim"]["actor"], "Ana");
}

// `doctor` names what only its assignee is offered, who may be gone.
#[test]
fn imported_work_of_an_absent_assignee_is_named() {
    let (_scene, repo) = set_up();
    import(
        &repo,
        "{\"id\":\"p-g\",\"title\":\"G\",\"status\":\"in_progress\",\"assignee\":\"gone\",\
         \"updated_at\":\"2026-01-01T00:00:00Z\"}\n",
    );
    assert!(offered(&repo, &["ready"]).is_empty());
    let said = repo.pm(&["doctor"]).ok().out;
    assert!(
        said.contains("git pm task reassign p-g --to ACTOR"),
        "{said}"
    );
    repo.pm(&["task", "reassign", "p-g", "--to", "Ana"]).ok();
    assert_eq!(offered(&repo, &["ready"]), ["p-g"]);
}

#[test]
fn an_agent_begins_the_work_of_another_only_with_a_claim() {
    let (_scene, repo) = set_up();
    let id = bd(&repo, &["create", "T", "-a", "alice", "--silent"])
        .ok()
        .text();
    let bot = agent(&repo);
    let refused = bd(&bot, &["update", &id, "--status", "in_progress"])
        .exits(3)
        .err;
    assert!(
        refused.contains(&format!("`git pm issue claim {id}`")),
        "{refused}"
    );
    assert_eq!(repo.data(&["show", &id])["status"], "open");
    bd(&bot, &["claim", &id]).ok();
    // A human may say who works on it; nothing is named that would be refused.
    let other = bd(&repo, &["create", "U", "-a", "alice", "--silent"])
        .ok()
        .text();
    let said = bd(&repo, &["update", &other, "--status", "in_progress"])
        .ok()
        .err;
    assert!(!said.contains("claim"), "{said}");
}

#[test]
fn what_is_said_is_what_was_done() {
    let (_scene, repo) = set_up();
    let (one, two) = (q(&repo, &["One", "-p", "2"]), q(&repo, &["Two"]));
    bd(&repo, &["label", "add", &one, "ci"]).ok();
    for args in [
        &["label", "add", &one, "ci"][..],
        &["label", "remove", &one, "docs"],
        &["update", &one, "-p", "2"],
    ] {
        let out = bd(&repo, args).ok().out;
        assert!(out.starts_with("No changes"), "{args:?}: {out}");
    }
    let out = bd(&repo, &["update", &one, "-p", "1"]).ok().out;
    assert!(out.starts_with("Changed"), "{out}");
    let refused = bd(&repo, &["dep", "add", &one, &one, "--type", "duplicates"]);
    let refused = refused.exits(1).err;
    assert!(!refused.contains("wait"), "{refused}");
    // A refusal names neither the status that it has nor the command that was refused.
    bd(&repo, &["update", &two, "--status", "in_review"]).ok();
    let refused = repo.pm(&["task", "drop", &two]).exits(1).err;
    let (_, to) = refused.split_once("it can change to: ").expect(&refused);
    let words = to.lines().next().unwrap();
    assert!(
        !words.contains("in review") && !to.contains("git pm task drop"),
        "{to}"
    );
    // What waits for a deferred issue says so; what is testing has no parts.
    bd(&repo, &["dep", "add", &one, &two]).ok();
    bd(&repo, &["update", &two, "--status", "open"]).ok();
    bd(&repo, &["defer", &two, "--until", "2099-01-01"]).ok();
    let blocked = repo.pm(&["why", &one]).ok().out;
    assert!(blocked.contains("(Two, deferred)"), "{blocked}");
    let three = q(&repo, &["Three"]);
    bd(&repo, &["update", &three, "--status", "testing", "--force"]).ok();
    let stats = repo.pm(&["stats"]).ok().out;
    assert!(
        !stats.contains("open parts") && stats.contains("1 not offered"),
        "{stats}"
    );
}

#[test]
fn a_long_title_does_not_pad_the_other_rows() {
    let (_scene, repo) = set_up();
    let long = "x".repeat(400);
    bd(&repo, &["create", &long, "-a", "alice"]).ok();
    bd(&repo, &["create", "Short", "-a", "alice"]).ok();
    let list = bd(&repo, &["list"]).ok().out;
    assert!(list.contains(&long), "{list}");
    let short = list.lines().find(|line| line.contains("Short")).unwrap();
    assert!(short.ends_with("alice") && short.len() < 200, "{short}");
}
