//! What the queue does not merge, and who hears of it.

use super::{alone, approved, ids, left_out, pair, queue};
use crate::merge::{finished_with, with_agents_approved_work, worked};
use crate::support::{Repo, Scene, agent};

/// Approved work of an agent that changes `src/auth.rs`.
fn of_agent(repo: &Repo, title: &str, text: &str) -> String {
    let id = repo.task(title, &[]);
    finished_with(&repo.by("bot"), &id, "src/auth.rs", text);
    repo.pm(&["task", "approve", &id]).ok();
    id
}

fn comments(repo: &Repo, id: &str) -> Vec<String> {
    let item = repo.data(&["show", id]);
    let all = item["comments"].as_array().cloned().unwrap_or_default();
    let body = |one: &serde_json::Value| one["body"].as_str().unwrap().to_string();
    all.iter().map(body).collect()
}

/// ST-05, ST-07: a conflict leaves out one item, and what depends on it; its owner is notified,
/// once.
#[test]
fn a_conflict_leaves_out_one_and_notifies_its_owner() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let one = of_agent(&repo, "One", "one\n");
    let two = of_agent(&repo, "Two", "two\n");
    let (three, _) = approved(&repo, "Three", "3.txt", "3\n");
    let (four, _) = approved(&repo, "Four", "4.txt", "4\n");
    repo.pm(&["dep", "add", &three, &two]).ok();
    repo.pm(&["dep", "add", &two, &one]).ok();
    let ran = repo
        .pm(&["--json", "merge", "--queue", "--batch", "4"])
        .exits(1);
    let report = ran.data();
    assert_eq!(ids(&report, "merged"), [one.as_str(), four.as_str()]);
    let expected = [pair(&two, "merge.conflict"), pair(&three, "merge.waits")];
    assert_eq!(left_out(&report), expected);
    let conflict = &report["left_out"][0];
    assert_eq!(conflict["paths"], serde_json::json!(["src/auth.rs"]));
    assert!(
        conflict["hints"].to_string().contains("returned to bot"),
        "{conflict}"
    );
    assert_eq!(repo.read("src/auth.rs"), "one\n", "nothing resolves it");
    // It is its owner's again.
    let item = repo.data(&["show", &two]);
    assert_eq!(
        (&item["status"], &item["owner"]),
        (&"queued".into(), &"bot".into())
    );
    let said = comments(&repo, &two);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("src/auth.rs"), "{said:?}");
    assert!(comments(&repo, &three).is_empty());
    assert_eq!(
        left_out(&queue(&repo, &[], 1)),
        [pair(&three, "merge.waits")]
    );
    let bot = agent(&repo.by("bot"));
    let told = bot.data(&["status"])["notices"].to_string();
    assert_eq!(told.matches("\"returned\"").count(), 1, "{told}");
    assert!(told.contains(&format!("[{two}]")), "{told}");
    // The owner resolves it.
    assert_eq!(bot.data(&["next", "--claim"])["id"], two.as_str());
    let place = repo.worktree(&two);
    place.git(&["merge", "-q", "main"]);
    place.write("src/auth.rs", "both\n");
    place.commit_all("Resolve");
    bot.pm(&["finish", &two]).ok();
    repo.pm(&["task", "approve", &two]).ok();
    assert_eq!(
        ids(&queue(&repo, &[], 0), "merged"),
        [two.as_str(), three.as_str()]
    );
}

/// ST-06: an epic whose merges conflict too often is planned again.
#[test]
fn too_many_conflicts_of_an_epic_suggest_to_plan_it_again() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.pm(&["epic", "create", "Epic"]).ok();
    for n in 1..=4 {
        let id = repo.task(&format!("Number {n}"), &["--epic", "E-0001"]);
        repo.pm(&["start", &id]).ok();
        let place = repo.worktree(&id);
        place.write("src/auth.rs", &format!("by {n}\n"));
        place.commit_all("Work");
        repo.pm(&["finish", &id]).ok();
        repo.pm(&["task", "approve", &id]).ok();
    }
    let plan = queue(&repo, &["--plan"], 0);
    let report = queue(&repo, &[], 1);
    for report in [&plan, &report] {
        let again = &report["replan"][0];
        assert_eq!(again["epic"], "E-0001", "{report}");
        assert_eq!(again["conflicts"], 3);
        assert_eq!(left_out(report).len(), 3);
    }
    assert_eq!(report["replan"][0]["merges"], 4);
}

/// The checks are those of `merge ID`, with the same reasons: for an agent, too.
#[test]
fn what_a_merge_refuses_the_queue_leaves_out() {
    let (_scene, _hub, _ana, bot) = with_agents_approved_work();
    let bot = agent(&bot);
    let place = bot.worktree("T-0001");
    place.write("b.txt", "something else\n");
    place.commit_all("After the approval");
    let main = bot.tip("main");
    let refused = bot.pm(&["--json", "merge", "T-0001"]).exits(1).error();
    let report = queue(&bot, &[], 1);
    assert_eq!(left_out(&report), [pair("T-0001", "approval.outdated")]);
    assert_eq!(report["left_out"][0]["text"], refused["message"]);
    assert_eq!(bot.tip("main"), main);
    // What it was approved for, it can merge.
    place.git(&["reset", "-q", "--hard", "HEAD^"]).ok();
    assert_eq!(ids(&queue(&bot, &[], 0), "merged"), ["T-0001"]);
}

/// An agent cannot approve by means of the queue, nor merge what a human stopped or unapproved.
#[test]
fn an_agent_merges_nothing_that_a_human_did_not_approve() {
    let (_scene, _hub, ana, bot) = with_agents_approved_work();
    let (id, _) = worked(&ana, "Second", "c.txt", "c\n");
    ana.pm(&["finish", &id]).ok();
    ana.pm(&["task", "block", "T-0001", "wait"]).ok();
    ana.pm(&["sync"]).ok();
    let main = bot.tip("main");
    // It has not heard of the stop yet.
    let report = queue(&agent(&bot), &[], 1);
    assert_eq!(left_out(&report), [pair(&id, "approval.missing")]);
    assert_eq!(ids(&report, "merged"), Vec::<String>::new());
    assert_eq!(bot.tip("main"), main);
}

/// Local changes in the target's checkout keep out only what touches them.
#[test]
fn a_dirty_checkout_keeps_out_what_touches_it() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (one, _) = approved(&repo, "One", "src/auth.rs", "one\n");
    let (two, _) = approved(&repo, "Two", "2.txt", "2\n");
    repo.write("src/auth.rs", "mine\n");
    let report = queue(&repo, &["--batch", "2"], 1);
    assert_eq!(ids(&report, "merged"), [two.as_str()]);
    assert_eq!(left_out(&report), [pair(&one, "refused")]);
    assert_eq!(repo.read("src/auth.rs"), "mine\n");
    repo.git(&["restore", "src/auth.rs"]).ok();
    assert_eq!(ids(&queue(&repo, &[], 0), "merged"), [one.as_str()]);
}

/// Paths that another actor reserved are not touched.
#[test]
fn reserved_paths_keep_out_what_touches_them() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (one, _) = approved(&repo, "One", "1.txt", "1\n");
    let (two, _) = approved(&repo, "Two", "2.txt", "2\n");
    repo.by("ben").pm(&["reserve", "add", "1.txt"]).ok();
    let report = queue(&repo, &["--batch", "2"], 1);
    assert_eq!(ids(&report, "merged"), [two.as_str()]);
    assert_eq!(left_out(&report)[0].0, one);
}
