//! Two clones plan and approve offline.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Pair;
use crate::plan::changed_tasks::changed;
use crate::plan::{LOGIN, criteria, list, task, text, texts, tip};
use crate::support::{Repo, Scene, ids};

/// PL-14, PL-03: two clones that approve one plan offline create one epic, and no task twice.
#[test]
fn pl_14_two_clones_that_approve_one_plan_offline_create_one_epic_and_no_task_twice() {
    let pair = Pair::new();
    let of_a = pair.a.data(&["plan", "approve"]);
    let of_b = pair.b.data(&["plan", "approve"]);
    assert!(!texts(&of_a, "created").is_empty() && !texts(&of_b, "created").is_empty());
    let plan = pair.sync_both();
    one_epic(&pair.a, &plan);
    one_epic(&pair.b, &plan);
    let before = tip(&pair.b);
    assert!(texts(&pair.b.data(&["plan", "approve"]), "created").is_empty());
    assert_eq!(tip(&pair.b), before);
}

/// PL-14, PL-03: also if both drafted it from the same file, one with an edit.
#[test]
fn pl_14_two_clones_that_plan_and_approve_the_same_file_offline_end_with_one_epic() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.write("login.md", LOGIN);
    a.commit_all("Specify");
    a.git(&["push", "-q"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    for repo in [&a, &b] {
        repo.pm(&["plan", "new", "login.md"]).ok();
        repo.pm(&["plan", "approve"]).ok();
    }
    for repo in [&a, &b, &a] {
        repo.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
    let prds = a.data(&["prd", "list", "--all"]);
    assert_eq!(ids(&prds["items"]), ["P-0001"], "one file became two PRDs");
    one_epic(&a, &a.data(&["plan", "show"]));
    one_epic(&b, &b.data(&["plan", "show"]));
}

/// Requires one epic, each task of the plan once under it, every id once, and a valid state.
#[track_caller]
fn one_epic(repo: &Repo, plan: &Value) {
    let epics = repo.data(&["epic", "list", "--all"]);
    assert_eq!(ids(&epics["items"]), [text(plan, "epic")]);
    let tasks = repo.data(&["task", "list", "--all"]);
    let all = ids(&tasks["items"]);
    let known: BTreeSet<&str> = all.iter().copied().collect();
    assert_eq!(known.len(), all.len(), "an id is used twice: {all:?}");
    let of_plan: BTreeSet<&str> = list(plan, "tasks")
        .iter()
        .map(|t| text(t, "item"))
        .collect();
    assert_eq!(known, of_plan, "the tasks are not those of the plan");
    for id in &all {
        assert!(id.len() == "T-0001".len(), "{id} clashes with another");
    }
    let titles: BTreeSet<&str> = list(&tasks, "items")
        .iter()
        .map(|t| text(t, "title"))
        .collect();
    assert_eq!(titles.len(), all.len(), "a task exists twice: {titles:?}");
    let fsck = repo.pm(&["fsck"]).ok().out;
    assert!(fsck.contains("Faults: 0, warnings: 0"), "{fsck}");
}

/// PL-14, PL-29: one clone approves while the other edits; the approved tasks exist, the edits are
/// in the plan, and the next approval creates only those.
#[test]
fn edits_made_during_an_approval_elsewhere_are_in_the_plan_for_the_next_approval() {
    let pair = Pair::new();
    let made = pair.a.data(&["plan", "approve"]);
    pair.b
        .pm(&[
            "plan",
            "add",
            "Rotate keys",
            "--accept",
            "An old key is refused",
        ])
        .ok();
    pair.b
        .pm(&["plan", "set", &pair.n("Draw the page"), "estimate=L"])
        .ok();
    let plan = pair.sync_both();
    assert_eq!(plan["status"], "approved");
    assert!(task(&plan, "Rotate keys")["item"].is_null());
    let again = pair.b.data(&["plan", "approve"]);
    let wanted = text(task(&again, "Rotate keys"), "item");
    assert!(texts(&again, "created").contains(&wanted), "{again}");
    assert!(again["epic"] == made["epic"]);
    pair.sync_both();
}

/// PL-15, PL-14: two clones that approve the same changed plan offline end with one result; what a
/// person wrote in one of them meanwhile stays.
#[test]
fn pl_15_two_clones_that_approve_a_changed_plan_offline_update_its_tasks_once() {
    let pair = Pair::new();
    let made = pair.a.data(&["plan", "approve"]);
    pair.sync_both();
    let item = |title: &str| text(task(&made, title), "item").to_string();
    let (keys, session) = (item("Store public keys"), item("Log in with a key"));
    let title = ["task", "edit", &session, "--title", "Open a session"];
    for repo in [&pair.a, &pair.b] {
        repo.write("login.md", &changed());
        repo.pm(&["plan", "update", "login.md", "--write"]).ok();
    }
    pair.b.pm(&title).ok();
    let of_a = pair.a.data(&["plan", "approve"]);
    let of_b = pair.b.data(&["plan", "approve"]);
    for of in [&of_a, &of_b] {
        let updated = list(of, "updated").iter();
        assert!(updated.clone().any(|one| one["id"] == *keys), "{of}");
    }
    // Later than what the other clone's person wrote, and still below it.
    let plan = pair.sync_both();
    one_epic(&pair.a, &plan);
    for repo in [&pair.a, &pair.b] {
        let shown = repo.data(&["show", &keys]);
        assert_eq!(shown["title"], "Keep public keys");
        assert_eq!(criteria(&shown), criteria(task(&plan, "Keep public keys")));
        assert_ne!(shown["conflicted"], true);
        let shown = repo.data(&["show", &session]);
        assert_eq!(shown["title"], "Open a session");
        assert_eq!(
            criteria(&shown),
            criteria(task(&plan, "Sign in with a key"))
        );
    }
    // Nothing is left for another approval.
    for repo in [&pair.a, &pair.b] {
        let before = tip(repo);
        let again = repo.data(&["plan", "approve"]);
        assert!(list(&again, "updated").is_empty(), "{again}");
        assert_eq!(tip(repo), before);
    }
}

/// PL-29: a change of the document by another clone prevents starts here, too.
#[test]
fn pl_29_a_change_of_the_document_in_another_clone_prevents_starts_here() {
    let pair = Pair::new();
    let made = pair.a.data(&["plan", "approve"]);
    pair.sync_both();
    let keys = text(task(&made, "Store public keys"), "item");
    let body = LOGIN.replace("by mail", "by letter");
    pair.b.pm(&["prd", "edit", "P-1", "--body", &body]).ok();
    let plan = pair.sync_both();
    assert_eq!(plan["outdated"], true);
    let is_offered = || {
        let ready = pair.a.data(&["list", "is:ready"]);
        ids(&ready["items"]).contains(&keys)
    };
    assert!(!is_offered(), "{keys} is offered");
    pair.a.pm(&["start", keys, "--no-worktree"]).exits(1);
    pair.b.pm(&["plan", "keep"]).ok();
    pair.sync_both();
    assert!(is_offered(), "{keys} is not offered");
    pair.a.pm(&["start", keys, "--no-worktree"]).ok();
}

/// A number that was published is in branches and commits: the clone that syncs later gives way, also
/// where both approved the plan. A title that was changed by hand counts in both.
#[test]
fn a_plan_approved_in_two_clones_keeps_published_numbers_and_changes_by_hand() {
    let pair = Pair::new();
    pair.a.pm(&["plan", "approve", "--offline"]).ok();
    let tasks = list(&pair.plan, "tasks");
    let (gone, kept) = (&tasks[0], tasks.last().unwrap());
    let named = |task: &Value| task["number"].to_string();
    pair.b.pm(&["plan", "rm", &named(gone), "--force"]).ok();
    let title = format!("title={} by Ben", text(kept, "title"));
    pair.b.pm(&["plan", "set", &named(kept), &title]).ok();
    pair.b.pm(&["plan", "approve", "--accept-uncovered"]).ok();
    pair.b.pm(&["sync"]).ok();
    let numbers = |repo: &Repo| {
        let all = repo.data(&["task", "list", "--all", "--limit", "0"]);
        let all = list(&all, "items").iter();
        all.map(|item| (text(item, "uid").to_string(), text(item, "id").to_string()))
            .collect::<std::collections::BTreeMap<_, _>>()
    };
    let published = numbers(&pair.b);
    pair.sync_both();
    let after = numbers(&pair.a);
    for (uid, id) in &published {
        assert_eq!(after[uid], *id);
    }
    let all: BTreeSet<&String> = after.values().collect();
    assert_eq!(all.len(), after.len(), "{after:?}");
    let titles = pair.a.data(&["task", "list", "--all", "--limit", "0"]);
    let titles = list(&titles, "items").iter();
    let titles: Vec<&str> = titles.map(|item| text(item, "title")).collect();
    assert!(
        titles.contains(&title.trim_start_matches("title=")),
        "{titles:?}"
    );
}
