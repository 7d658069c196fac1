//! Work that is not merged is not done, whatever verb says so.

use serde_json::json;

use crate::mcp::Client;
use crate::support::{Repo, agent, binary, set_up};

/// Starts an item and commits to its branch; its worktree.
fn begun(who: &Repo, id: &str) -> Repo {
    who.pm(&["start", id]).ok();
    let there = who.worktree(id);
    there.write("price", id);
    there.commit_all("Fix the price");
    there
}

/// An issue that an agent has begun, and one that waits for it.
fn with_begun_issue(repo: &Repo) -> (String, String) {
    let q = |title: &str| repo.pm(&["issue", "q", title]).ok().text();
    let (id, next) = (q("Fix price"), q("Release"));
    repo.pm(&["dep", "add", &next, &id]).ok();
    begun(&agent(repo), &id);
    (id, next)
}

#[test]
fn tm_11_no_verb_calls_unmerged_work_done() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo);
    let (id, next) = with_begun_issue(&repo);
    let task = repo.task("Another", &[]);
    begun(&bot, &task);
    let tree = repo.state_tree();
    for args in [
        &["issue", "close", &id, "--reason", "Done"][..],
        &["issue", "close", &id, "--force"],
        &["issue", "update", &id, "--status", "closed"],
        &["done", &id, "--force"],
        &["done", &task, "--evidence", "seen"],
        &["issue", "close", &task, "--reason", "Done", "--force"],
    ] {
        let error = bot.pm(&[&["--json"], args].concat()).exits(1).error();
        assert_eq!(error["reason"], "close.unmerged", "{args:?}");
        let text = error.to_string();
        assert!(text.contains("1 commit of task/"), "{text}");
        assert!(text.contains("git pm finish "), "{text}");
        assert!(!text.contains("--force"), "{text}");
    }
    let line = json!({ "op": "issue.close", "id": [id] }).to_string();
    let said = bot.feed(binary(), &["--json", "batch"], &line);
    assert!(said.out.contains("close.unmerged"), "{said:?}");
    // A record of a tracker says it no better.
    repo.pm(&["export", "beads", "all.jsonl"]).ok();
    let closed = repo.read("all.jsonl").replace("in_progress", "closed");
    repo.write("all.jsonl", &closed);
    let said = bot.pm(&["import", "beads", "all.jsonl"]).exits(8);
    assert!(said.out.contains("that main lacks"), "{said:?}");
    assert_eq!(repo.state_tree(), tree);
    // A human has to insist.
    assert!(!repo.pm(&["ready"]).ok().out.contains(&next));
    let said = repo.pm(&["issue", "close", &id, "-f"]).ok().err;
    assert!(said.contains("is done without 1 commit of task/"), "{said}");
    assert!(repo.pm(&["ready"]).ok().out.contains(&next));
    let said = repo.pm(&["review", &id]).exits(1);
    assert!(said.err.contains("is done, and only open"), "{said:?}");
    let diff = repo.pm(&["task", "diff", &id]).ok().out;
    assert!(diff.contains("price"), "{diff}");
}

#[test]
fn merged_and_abandoned_work_is_closed() {
    let (_scene, repo) = set_up();
    let (id, next) = with_begun_issue(&repo);
    let said = repo.pm(&["done", &id, "--evidence", "x"]).exits(1);
    assert!(said.err.contains("--force"), "{said:?}");
    assert!(!repo.pm(&["ready"]).ok().out.contains(&next));
    let branch = repo.data(&["show", &id])["branch"].clone();
    repo.git(&["merge", "-q", "--squash", branch.as_str().unwrap()])
        .ok();
    repo.git(&["commit", "-qm", "Fix the price"]).ok();
    agent(&repo).pm(&["issue", "close", &id]).ok();
    let (other, _) = with_begun_issue(&repo);
    let close = ["issue", "close", &other, "--reason", "duplicate"];
    let said = agent(&repo).pm(&close).ok();
    let text = format!("{other} is cancelled without 1 commit of task/");
    assert!(said.err.contains(&text), "{said:?}");
}

// An agent cannot pass over open criteria by another verb, or by force.
#[test]
fn tm_11_an_agent_does_not_force_past_open_criteria() {
    let (_scene, repo) = set_up();
    let id = repo.task("Fast", &["--accept", "no frame drops"]);
    let bot = agent(&repo);
    bot.pm(&["start", &id]).ok();
    for args in [
        &["issue", "close", &id, "--force"][..],
        &["task", "done", &id, "--force"],
    ] {
        let error = bot.pm(&[&["--json"], args].concat()).exits(1).error();
        assert_eq!(error["reason"], "done.not_accepted");
        assert!(!error.to_string().contains("--force"), "{error}");
    }
    bot.pm(&["task", "accept", &id, "1", "--evidence", "60 Hz"])
        .ok();
    bot.pm(&["task", "done", &id, "--evidence", "60 Hz"]).ok();
}

// TM-11: criteria are a gate for every verb by which an item becomes done, and for every kind.
#[test]
fn no_verb_calls_an_issue_done_whose_criteria_are_open() {
    let (_scene, repo) = set_up();
    let with_criteria = |title: &str| {
        let id = repo.pm(&["issue", "q", title]).ok().text();
        let boxes = "- [ ] it is fast\n- [ ] it is small";
        let update = ["issue", "update", &id, "--acceptance", boxes];
        repo.pm(&update).ok();
        id
    };
    let (id, other) = (with_criteria("Fix"), with_criteria("Speed up"));
    let epic = repo.data(&["epic", "create", "All", "--accept", "it works"]);
    let epic = epic["id"].as_str().unwrap().to_string();
    let bot = agent(&repo);
    let tree = repo.state_tree();
    for args in [
        &["issue", "close", &id][..],
        &["issue", "close", &id, "--reason", "fixed", "--force"],
        &["issue", "update", &id, "--status", "closed"],
        &["done", &id, "--evidence", "seen"],
        &["issue", "close", &epic],
    ] {
        let error = bot.pm(&[&["--json"], args].concat()).exits(1).error();
        assert_eq!(error["reason"], "done.not_accepted", "{args:?}");
        assert!(!error.to_string().contains("--force"), "{error}");
    }
    let line = json!({ "op": "issue.close", "id": [id] }).to_string();
    let said = bot.feed(binary(), &["--json", "batch"], &line);
    assert!(said.out.contains("done.not_accepted"), "{said:?}");
    let mut client = Client::start(&repo, &["--as", "claude", "--tools", "issues"]);
    let error = client.error("issue_close", json!({ "id": [id] }));
    assert_eq!(error["reason"], "done.not_accepted", "{error}");
    client.end();
    assert_eq!(repo.state_tree(), tree);
    // Work that is given up meets nothing.
    bot.pm(&["issue", "close", &other, "--reason", "duplicate"])
        .ok();
    bot.pm(&["task", "accept", &id, "1", "--evidence", "12 ms"])
        .ok();
    // A human has to insist, and that is recorded.
    let said = repo.pm(&["issue", "close", &id]).exits(1).err;
    assert!(said.contains("not accepted yet: 1 of 2"), "{said}");
    assert!(said.contains("`--force` closes it anyway"), "{said}");
    repo.pm(&["issue", "close", &id, "--force"]).ok();
    let shown = repo.data(&["show", &id]);
    assert_eq!(shown["forced"], true, "{shown}");
    assert_eq!(shown["forced_past"], "not accepted: it is small", "{shown}");
    bot.pm(&["task", "accept", &epic, "--all"]).ok();
    bot.pm(&["issue", "close", &epic]).ok();
    assert_eq!(repo.data(&["show", &epic])["forced"], false);
}

// TM-11: an import by an agent ends no task that `task done` would not let it end.
#[test]
fn an_import_by_an_agent_does_not_end_what_nobody_began() {
    let (_scene, repo) = set_up();
    let import = |who: &Repo, status: &str| {
        let rows = format!("Summary,Issue key,Status\nA,AB-1,{status}\n");
        who.feed(binary(), &["import", "csv", "-"], &rows)
    };
    import(&repo, "To Do").ok();
    let bot = agent(&repo);
    let by_hand = ["task", "done", "T-0001", "--evidence", "seen"];
    bot.pm(&by_hand).exits(1);
    let said = import(&bot, "Done").exits(8);
    let said = format!("{}{}", said.out, said.err);
    assert!(said.contains("cannot become done"), "{said}");
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "queued");
    import(&repo, "Done").ok();
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "done");
}
