//! A document that changes under a plan: update, diff, regenerate.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{LOGIN, criteria, list, number, own, planned, task, text, texts, tip, titles};
use crate::plan::clones::with_more;
use crate::support::{Repo, Scene, ids, set_up};

/// PL-15: an update for a changed document proposes at most five new tasks, and writes them only
/// with `--write`.
#[test]
fn pl_15_an_update_proposes_at_most_five_new_tasks_and_writes_only_on_request() {
    let (_scene, repo) = set_up();
    planned(&repo, "login.md", LOGIN);
    let mut more = String::new();
    for n in 6..13 {
        more.push_str(&format!(
            "### FR-{n}: Do thing {n} for keys\n\n- Thing {n} is done in 2 s\n\n"
        ));
    }
    let longer = with_more(LOGIN, &more);
    // Nothing changed: nothing is proposed.
    let before = tip(&repo);
    let nothing = repo.data(&["plan", "update", "login.md"]);
    assert!(
        list(&nothing, "new").is_empty() && texts(&nothing, "changed").is_empty(),
        "{nothing}"
    );
    repo.write("login.md", &longer);
    let update = repo.data(&["plan", "update", "login.md"]);
    assert_eq!(list(&update, "new").len(), 5, "{update}");
    assert_eq!(update["more"], 2);
    assert_eq!(update["written"], false);
    for task in list(&update, "new") {
        assert!(!list(task, "acceptance").is_empty(), "{task}");
    }
    let shown = repo.pm(&["plan", "update", "login.md"]).ok().out;
    assert!(
        shown.contains("Do thing 6 for keys") && shown.contains("2 more"),
        "{shown}"
    );
    assert_eq!(tip(&repo), before, "a proposal was written");
    assert_eq!(own(&repo.data(&["plan", "show"])).len(), 5);

    let written = repo.data(&["plan", "update", "login.md", "--write"]);
    assert_eq!(written["written"], true);
    assert_eq!(list(&written, "new").len(), 5);
    assert_eq!(own(&repo.data(&["plan", "show"])).len(), 10);
    let raw = repo.pm(&["prd", "show", "P-1", "--raw"]).ok().out;
    assert_eq!(raw, longer, "the PRD is not the file");
    // The next update proposes the rest, and the one after it nothing.
    let rest = repo.data(&["plan", "update", "login.md", "--write"]);
    assert_eq!(list(&rest, "new").len(), 2);
    assert_eq!(own(&repo.data(&["plan", "show"])).len(), 12);
    let before = tip(&repo);
    repo.pm(&["plan", "update", "login.md", "--write"]).ok();
    assert_eq!(
        tip(&repo),
        before,
        "an update without changes changed the state"
    );
    // A document that was never planned has nothing to update.
    repo.write("other.md", "# Other\n\n- [ ] one\n");
    let ran = repo.pm(&["--json", "plan", "update", "other.md"]);
    assert_eq!(ran.code, 4, "{ran:?}");
}

/// PL-15, PL-11: a proposal names its source, like a task of the plan.
#[test]
fn pl_15_a_proposed_task_names_its_source_file() {
    let (_scene, repo) = set_up();
    planned(&repo, "login.md", LOGIN);
    let more = "### FR-6: Rotate keys\n\n- An old key is refused after 30 days\n";
    repo.write("login.md", &with_more(LOGIN, more));
    let update = repo.data(&["plan", "update", "login.md"]);
    let new = &list(&update, "new")[0];
    assert_eq!(new["title"], "Rotate keys");
    assert_eq!(new["source"]["file"], "login.md");
    assert_eq!(new["acceptance"][0]["source"]["file"], "login.md");
    assert_eq!(new["source"]["requirement"], "FR-6");
}

/// A plan with a manual edit of each kind.
fn edited() -> (Scene, Repo) {
    let (scene, repo) = set_up();
    let plan = planned(&repo, "login.md", LOGIN);
    let n = |title: &str| number(&plan, title);
    let keys = n("Store public keys");
    repo.pm(&["plan", "set", &keys, "title=Keep keys", "estimate=L"])
        .ok();
    repo.pm(&[
        "plan",
        "set",
        &n("Log in with a key"),
        "acceptance=It opens",
    ])
    .ok();
    repo.pm(&["plan", "dep", &n("Draw the page"), &n("Log in with a key")])
        .ok();
    repo.pm(&[
        "plan",
        "add",
        "Rotate keys",
        "--accept",
        "An old key is refused",
    ])
    .ok();
    repo.pm(&["plan", "rm", &n("Revoke a key")]).ok();
    (scene, repo)
}

/// PL-15: an update keeps manual edits and removals.
#[test]
fn pl_15_an_update_keeps_manual_edits() {
    let (_scene, repo) = edited();
    repo.write(
        "login.md",
        &LOGIN.replace("A malformed key", "A broken key"),
    );
    repo.pm(&["plan", "update", "login.md", "--write"]).ok();
    let plan = repo.data(&["plan", "show"]);
    let wanted = [
        "Keep keys",
        "Log in with a key",
        "Write the guide",
        "Draw the page",
        "Rotate keys",
    ];
    assert_eq!(titles(&plan), wanted);
    let keys = task(&plan, "Keep keys");
    assert_eq!(keys["estimate"], "L");
    assert!(criteria(keys).contains(&"A broken key is refused with exit code 2"));
    assert!(!criteria(keys).contains(&"A malformed key is refused with exit code 2"));
    assert_eq!(criteria(task(&plan, "Log in with a key")), ["It opens"]);
    let waits = texts(task(&plan, "Draw the page"), "depends_on");
    assert!(waits.contains(&text(task(&plan, "Log in with a key"), "key")));
}

/// PL-15: a task removed by hand is not proposed again.
#[test]
fn pl_15_a_task_removed_by_hand_is_not_proposed_again() {
    let (_scene, repo) = edited();
    let diff = repo.data(&["plan", "diff"]);
    let new = |update: &Value| -> Vec<String> {
        list(update, "new")
            .iter()
            .map(|t| text(t, "title").to_string())
            .collect()
    };
    assert!(
        new(&diff["document"]).is_empty(),
        "`plan diff` proposes {:?}",
        new(&diff["document"])
    );
    repo.write(
        "login.md",
        &LOGIN.replace("A malformed key", "A broken key"),
    );
    let update = repo.data(&["plan", "update", "login.md"]);
    assert!(
        new(&update).is_empty(),
        "`plan update` proposes {:?}",
        new(&update)
    );
}

/// PL-15, PL-40: `plan diff` lists manual edits with their author, under the names of fields that
/// people use.
#[test]
fn plan_diff_lists_manual_edits() {
    let (_scene, repo) = edited();
    let diff = repo.data(&["plan", "diff"]);
    let all = list(&diff, "by_hand");
    let said = |title: &str, field: &str| {
        all.iter()
            .any(|e| e["title"] == title && e["field"] == field && e["by"] == "Ana")
    };
    assert!(
        said("Keep keys", "title") && said("Keep keys", "estimate"),
        "{diff}"
    );
    assert!(said("Rotate keys", "added"), "{diff}");
    assert!(
        said("Log in with a key", "acceptance"),
        "a manual edit is not listed: {diff}"
    );
    // Fields that cannot be set by hand are not listed.
    let fields: BTreeSet<&str> = all.iter().map(|e| text(e, "field")).collect();
    for hidden in ["hours", "estimate_reason", "validation_reason", "order"] {
        assert!(
            !fields.contains(hidden),
            "`{hidden}` was not set by hand: {fields:?}"
        );
    }
}

/// PL-29: a document that changed after the approval prevents starts until a human decides.
#[test]
fn pl_29_a_document_changed_after_the_approval_prevents_starts_until_a_decision() {
    let (_scene, repo) = set_up();
    planned(&repo, "login.md", LOGIN);
    let made = repo.data(&["plan", "approve"]);
    let item = |title: &str| text(task(&made, title), "item").to_string();
    repo.pm(&["start", &item("Write the guide"), "--no-worktree"])
        .ok();
    let change = |from: &str, to: &str| {
        let body = repo.pm(&["prd", "show", "P-1", "--raw"]).ok().out;
        repo.pm(&["prd", "edit", "P-1", "--body", &body.replace(from, to)])
            .ok();
    };
    let keys = item("Store public keys");
    let refused = || {
        let before = tip(&repo);
        let error = repo
            .pm(&["--json", "start", &keys, "--no-worktree"])
            .exits(1)
            .error();
        let hints = error["hints"].to_string();
        for way in [
            "git pm plan diff",
            "git pm plan regenerate",
            "git pm plan keep",
        ] {
            assert!(hints.contains(way), "no `{way}`: {error}");
        }
        assert_eq!(tip(&repo), before);
        repo.pm(&["next", "--claim"]).exits(1);
    };
    // 1. A human keeps the plan; an agent cannot.
    change("by mail", "by letter");
    refused();
    let shown = repo.pm(&["plan", "show"]).ok();
    let shown = shown.out + &shown.err;
    assert!(shown.contains("the document has changed"), "{shown}");
    assert_eq!(repo.data(&["plan", "diff"])["outdated"], true);
    repo.with("CLAUDECODE", "1").pm(&["plan", "keep"]).exits(1);
    repo.pm(&["plan", "keep"]).ok();
    repo.pm(&["start", &keys, "--no-worktree"]).ok();
    repo.pm(&["task", "drop", &keys]).ok();
    // 2. The decision applies to this text; the next change needs another one, and the plan is
    // updated.
    change(
        "A revoked key opens no session",
        "A revoked key opens nothing",
    );
    refused();
    // Work started before can continue.
    repo.pm(&[
        "task",
        "comment",
        &item("Write the guide"),
        "-m",
        "half done",
    ])
    .ok();
    repo.pm(&["plan", "regenerate"]).ok();
    refused();
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["start", &keys, "--no-worktree"]).ok();
    // 3. A text restored to the approved version needs no decision.
    let body = repo.pm(&["prd", "show", "P-1", "--raw"]).ok().out;
    repo.pm(&["task", "drop", &keys]).ok();
    repo.pm(&["prd", "edit", "P-1", "--body", "# Nothing\n"])
        .ok();
    refused();
    repo.pm(&["prd", "edit", "P-1", "--body", &body]).ok();
    repo.pm(&["start", &keys, "--no-worktree"]).ok();
}

/// PL-29: what `start` would refuse because the document changed is not offered, in no list, and
/// `why` gives the reason of the refusal.
#[test]
fn pl_29_tasks_of_a_changed_document_are_not_offered_until_a_decision() {
    let (_scene, repo) = set_up();
    planned(&repo, "login.md", LOGIN);
    let made = repo.data(&["plan", "approve"]);
    let guide = text(task(&made, "Write the guide"), "item").to_string();
    let other = repo.task("Sweep the floor", &[]);
    let ready = || -> BTreeSet<String> {
        let all = repo.data(&["ready"]);
        ids(&all["items"]).into_iter().map(str::to_string).collect()
    };
    let all = ready();
    assert!(all.contains(&guide) && all.contains(&other), "{all:?}");
    let change = |from: &str, to: &str| {
        let body = repo.pm(&["prd", "show", "P-1", "--raw"]).ok().out;
        repo.pm(&["prd", "edit", "P-1", "--body", &body.replace(from, to)])
            .ok();
    };
    let reason = "the document P-0001 changed after its plan was approved";
    let not_offered = || {
        assert_eq!(ready(), BTreeSet::from([other.clone()]));
        assert_eq!(repo.data(&["next"])["id"], other);
        let why = repo.data(&["why", &guide]);
        assert_eq!(why["ready"], false);
        assert!(why["reasons"].to_string().contains(reason), "{why}");
        let refused = repo.pm(&["--json", "start", &guide, "--no-worktree"]);
        assert!(text(&refused.exits(1).error(), "message").contains(reason));
        let status = repo.data(&["status"]);
        assert_eq!(ids(&status["ready"]), [&other], "{status}");
        for args in [
            &["list", "is:ready"][..],
            &["list", "is:ready", "-is:blocked"],
        ] {
            assert_eq!(ids(&repo.data(args)["items"]), [&other], "{args:?}");
        }
        let blocked = repo.data(&["list", "is:blocked"]);
        assert!(
            ids(&blocked["items"]).contains(&guide.as_str()),
            "{blocked}"
        );
        let triage = repo.data(&["triage"]);
        let picks = triage["quick_ref"]["top_picks"].to_string();
        assert!(!picks.contains(&guide), "{triage}");
        // The index is the one that would be built now, and answers the same when it is.
        repo.pm(&["fsck"]).ok();
    };
    change("by mail", "by letter");
    not_offered();
    std::fs::remove_file(repo.path.join(".git/pm/index.sqlite")).unwrap();
    not_offered();
    // Alone, it is named as what has to be decided.
    repo.pm(&["task", "defer", &other]).ok();
    let nothing = repo.pm(&["ready"]).ok();
    let nothing = nothing.out + &nothing.err;
    assert!(nothing.contains("git pm plan diff P-0001"), "{nothing}");
    repo.pm(&["task", "undefer", &other]).ok();
    repo.pm(&["plan", "keep"]).ok();
    assert_eq!(ready(), all);
    assert_eq!(repo.data(&["why", &guide])["ready"], true);
    // An update alone decides nothing, its approval does.
    change("by letter", "by phone");
    repo.pm(&["plan", "regenerate"]).ok();
    not_offered();
    repo.pm(&["plan", "approve"]).ok();
    assert_eq!(ready(), all);
    // What was begun goes on, and is not blocked.
    repo.pm(&["start", &guide, "--no-worktree"]).ok();
    change("by phone", "by pigeon");
    let blocked = repo.data(&["list", "is:blocked"]);
    assert!(
        !ids(&blocked["items"]).contains(&guide.as_str()),
        "{blocked}"
    );
}

/// PL-15: a line that is ticked is still there: its task is done in the document, not gone.
#[test]
fn a_ticked_line_says_that_its_task_is_done_in_the_document() {
    let list = "- [ ] Eins\n- [ ] Zwei\n";
    let boxes = "## Tasks\n\n1. Eins\n   - [ ] anna\n2. Zwei\n   - [ ] berta\n";
    let sections = "## Requirements\n\n### FR-1: Eins\n\n- anna\n\n### FR-2: Zwei\n\n- berta\n";
    for (before, after) in [
        (list, list.replace("[ ] Eins", "[x] Eins")),
        (list, list.replace("[ ] Eins", "[X] Eins, since May")),
        (list, "- [ ] Zwei\n\n## Done\n\n- [x] Eins\n".into()),
        (boxes, boxes.replace("[ ] anna", "[x] anna")),
        (sections, sections.replace("Eins", "Eins (done)")),
        (sections, sections.replace("Eins", "Eins ✅")),
    ] {
        let (_scene, repo) = set_up();
        planned(&repo, "list.md", before);
        // Before an approval there is nothing to close.
        repo.write("list.md", &after);
        let said = repo.pm(&["plan", "update", "list.md"]).ok().out;
        assert!(
            said.contains("done in the document: Eins") && !said.contains("gone"),
            "{after}: {said}"
        );
        let refused = repo.pm(&["plan", "approve"]).exits(1).err;
        assert!(refused.contains("list.md has changed"), "{refused}");
        repo.pm(&["plan", "approve", "--accept-uncovered"]).ok();
        let said = repo.pm(&["plan", "diff"]).ok().out;
        assert!(
            said.contains("git pm plan update list.md"),
            "{after}: {said}"
        );
        for more in [&[][..], &["--write"]] {
            let said = repo
                .pm(&[&["plan", "update", "list.md"], more].concat())
                .ok()
                .out;
            require_done(&said, &after);
        }
        require_done(&repo.pm(&["plan", "diff"]).ok().out, &after);
        // A task of some of these documents has no criterion, for which it fails.
        require_done(&repo.pm(&["plan", "check"]).out, &after);
        let said = repo.pm(&["plan", "show"]).ok().out;
        assert!(
            said.contains("T-0001 done in the document"),
            "{after}: {said}"
        );
        let coverage = repo.data(&["plan", "show", "--coverage"]);
        let statement = crate::plan::list(&coverage, "statements").iter();
        let mut statement = statement.filter(|one| text(one, "text").starts_with("Eins"));
        assert_eq!(
            statement.next().unwrap()["disposition"],
            "done",
            "{after}: {coverage}"
        );
        // Without their criteria.
        for id in ["T-1", "T-2"] {
            repo.pm(&["task", "done", id, "--evidence", "seen", "--force"])
                .ok();
        }
        let said = repo.pm(&["plan", "diff"]).ok().out;
        assert!(!said.contains("T-0001"), "{after}: {said}");
    }
}

/// PL-29: a box that is ticked for closed work changes no requirement; any other text needs an approval, and each next
/// step says so.
#[test]
fn pl_29_a_ticked_box_of_closed_work_leaves_the_approval_valid() {
    let list = "# L\n\n- [ ] Send a mail link, valid for fifteen minutes\n- [ ] Log refusals\n";
    let ticked = list.replace("[ ] Send", "[x] Send");
    // Of open work a tick is news, and a blank line is another text.
    for other in [
        ticked.replace("[ ] Log", "[x] Log"),
        ticked.replace("# L\n", "# L\n\n"),
    ] {
        let (_scene, repo) = set_up();
        planned(&repo, "list.md", list);
        repo.pm(&["plan", "approve"]).ok();
        repo.pm(&["task", "done", "T-1", "--evidence", "seen", "--force"])
            .ok();
        let update = |text: &str| {
            repo.write("list.md", text);
            let update = ["plan", "update", "list.md", "--write"];
            repo.pm(&update).ok().out
        };
        let ready = || repo.data(&["ready"])["items"].as_array().unwrap().len();
        let said = update(&ticked);
        assert!(!said.contains("plan approve"), "{said}");
        assert!(ready() > 0, "the approval ended: {said}");
        let shown = repo.pm(&["plan", "show"]).ok().out;
        assert!(shown.contains("git pm next --claim"), "{shown}");
        let said = update(&other);
        assert!(said.contains("git pm plan approve P-0001"), "{said}");
        assert_eq!(ready(), 0, "{other}");
        for verb in ["show", "regenerate"] {
            let shown = repo.pm(&["plan", verb]).ok().out;
            assert!(!shown.contains("next --claim"), "{shown}");
        }
    }
}

/// PL-15: a document that git renamed is the same one at every door, also once it was edited there.
#[test]
fn pl_15_a_renamed_document_keeps_its_plan() {
    let (_scene, repo) = set_up();
    planned(&repo, "docs/p.md", LOGIN);
    repo.commit_all("Document");
    repo.pm(&["plan", "approve", "P-1", "--accept-uncovered"])
        .ok();
    let line = LOGIN.lines().position(|line| line.contains("FR-1:"));
    let traced = |name: &str| {
        let line = format!("{name}:{}", line.unwrap() + 1);
        let found = repo.data(&["trace", &line]);
        assert_eq!(found["prd"]["id"], "P-0001", "{name}: {found}");
    };
    repo.git(&["mv", "docs/p.md", "docs/o.md"]).ok();
    traced("docs/o.md");
    repo.commit_all("Rename");
    traced("docs/o.md");
    repo.git(&["mv", "docs/o.md", "docs/q.md"]).ok();
    repo.commit_all("Rename again");
    repo.write(
        "docs/q.md",
        &with_more(LOGIN, "### FR-9: Do thing 9\n\n- It is done in 2 s\n\n"),
    );
    repo.commit_all("Edit");
    traced("docs/q.md");
    traced("docs/p.md");
    for name in ["docs/q.md", "P-1"] {
        let update = repo.data(&["plan", "update", name]);
        assert_eq!(list(&update, "new").len(), 1, "{name}: {update}");
        assert_eq!(update["file"], "docs/q.md", "{name}");
    }
    let shown = repo.data(&["plan", "show", "docs/q.md"]);
    assert_eq!(shown["prd"], "P-0001");
    repo.data(&["plan", "check", "docs/q.md"]);
    let twice = repo.pm(&["plan", "new", "docs/q.md"]).exits(3);
    assert!(
        twice.err.contains("was already added as P-0001"),
        "{}",
        twice.err
    );
    repo.pm(&["plan", "update", "P-1", "--write"]).ok();
    assert_eq!(repo.data(&["prd", "show", "P-1"])["source"], "docs/q.md");
    // A file that is gone, and no other: there is nothing to compare.
    repo.git(&["rm", "-q", "docs/q.md"]).ok();
    repo.commit_all("Remove");
    let gone = repo.pm(&["plan", "update", "P-1"]).exits(4);
    assert!(gone.err.contains("docs/q.md is gone"), "{}", gone.err);
}

/// Requires that a text names a task as done, with the command that closes it.
#[track_caller]
fn require_done(said: &str, after: &str) {
    for wanted in [
        "done in the document",
        "Eins",
        "git pm task done T-0001 --evidence",
    ] {
        assert!(said.contains(wanted), "{after}: {said}");
    }
    for other in ["gone", "cancel", "no longer"] {
        assert!(!said.contains(other), "{after}: {said}");
    }
}
