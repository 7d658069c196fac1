//! What an approval of a plan creates, and who may give it.

use serde_json::Value;

use super::{LOGIN, criteria, list, login, many, number, own, planned, task, text, texts, tip};
use crate::support::{ids, set_up};

/// PL-14: a second approval creates nothing, and neither does a second draft of the same document.
#[test]
fn pl_14_approving_twice_creates_nothing() {
    let (_scene, repo, plan) = login();
    let first = repo.data(&["plan", "approve"]);
    let made = texts(&first, "created");
    assert_eq!(made.len(), list(&plan, "tasks").len());
    let before = tip(&repo);
    let second = repo.data(&["plan", "approve"]);
    assert!(texts(&second, "created").is_empty(), "{second}");
    repo.pm(&["plan", "new", "login.md"]).ok();
    repo.pm(&["plan", "regenerate"]).ok();
    repo.pm(&["prd", "add", "login.md"]).ok();
    let third = repo.data(&["plan", "approve"]);
    assert!(texts(&third, "created").is_empty(), "{third}");
    assert_eq!(tip(&repo), before, "the state changed without new data");
    let all = repo.data(&["task", "list", "--all"]);
    assert_eq!(list(&all, "items").len(), made.len());
    assert_eq!(
        list(&repo.data(&["epic", "list", "--all"]), "items").len(),
        1
    );
    let shown = repo.pm(&["plan", "approve"]).ok().out;
    assert!(shown.contains("Nothing new"), "{shown}");
}

/// PL-14: done and cancelled tasks are not created again, nor under another title.
#[test]
fn pl_14_planning_again_does_not_create_done_or_cancelled_tasks_again() {
    let (_scene, repo, _plan) = login();
    let made = repo.data(&["plan", "approve"]);
    let item = |title: &str| text(task(&made, title), "item").to_string();
    repo.pm(&["task", "done", &item("Store public keys"), "--force"])
        .ok();
    repo.pm(&["task", "cancel", &item("Revoke a key")]).ok();
    repo.pm(&["task", "edit", &item("Write the guide"), "--title", "Guide"])
        .ok();
    let before = list(&repo.data(&["task", "list", "--all"]), "items").len();
    repo.pm(&["plan", "regenerate"]).ok();
    let again = repo.data(&["plan", "approve"]);
    assert!(texts(&again, "created").is_empty(), "{again}");
    assert_eq!(
        list(&repo.data(&["task", "list", "--all"]), "items").len(),
        before
    );
}

/// PL-03, PL-10: one epic with all tasks under it, with the fields of the plan.
#[test]
fn pl_03_an_approval_makes_one_epic_with_all_tasks_under_it_in_one_commit() {
    let (_scene, repo, plan) = login();
    let before = tip(&repo);
    let made = repo.data(&["plan", "approve"]);
    let commits = repo.git(&["rev-list", "--count", &format!("{before}..refs/pm/main")]);
    assert_eq!(commits.text(), "1", "not one commit");
    let epic = text(&made, "epic");
    assert_eq!(ids(&repo.data(&["epic", "list", "--all"])["items"]), [epic]);
    let shown = repo.data(&["epic", "show", epic]);
    assert_eq!(shown["title"], "Log in with a key");
    let parent = list(&shown, "edges")
        .iter()
        .find(|e| e["type"] == "parent-child");
    assert_eq!(parent.unwrap()["target"], "P-0001");
    for planned in list(&made, "tasks") {
        let item = repo.data(&["show", text(planned, "item")]);
        assert_eq!(item["epic"], epic, "{item}");
        for field in [
            "title",
            "type",
            "estimate",
            "risk",
            "validation",
            "stream",
            "paths",
        ] {
            assert_eq!(item[field], planned[field], "{field} of {}", item["id"]);
        }
        assert_eq!(criteria(&item), criteria(planned), "{}", item["id"]);
        assert_eq!(item["status"], "queued");
    }
    assert_eq!(list(&plan, "tasks").len(), list(&made, "tasks").len());
    assert_eq!(made["status"], "approved");
    // Non-goals and open questions are in the epic's body.
    let body = text(&shown, "body");
    for part in ["Passwords", "Who may revoke the keys of others?"] {
        assert!(
            body.contains(part),
            "the epic does not contain \"{part}\": {body}"
        );
    }
}

/// PL-03: `git pm epic show` lists the tasks.
#[test]
fn pl_03_epic_show_lists_its_tasks() {
    let (_scene, repo, _plan) = login();
    let made = repo.data(&["plan", "approve"]);
    let shown = repo.pm(&["epic", "show", text(&made, "epic")]).ok().out;
    for planned in own(&made) {
        let (id, title) = (text(planned, "item"), text(planned, "title"));
        assert!(
            shown.contains(id),
            "epic show hides {id} ({title}): {shown}"
        );
    }
}

/// PL-22, PL-24: a plan with more tasks than its document justifies warns, and needs an option to
/// be approved.
#[test]
fn pl_22_a_plan_over_its_threshold_warns_and_is_approved_only_with_an_option() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "many.md", &many());
    assert_eq!(own(&plan).len(), 18);
    assert_eq!(plan["threshold"], 10);
    let warned = list(&plan, "checks")
        .iter()
        .find(|c| c["rule"] == "too-many-tasks");
    assert!(
        warned.is_some_and(|c| c["severity"] == "warning"),
        "{}",
        plan["checks"]
    );
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains("18 tasks is a lot"), "{shown}");
    let before = tip(&repo);
    let error = repo.pm(&["--json", "plan", "approve"]).exits(1).error();
    let said = error.to_string();
    assert!(
        said.contains("18") && said.contains("--confirm-large"),
        "{error}"
    );
    assert_eq!(tip(&repo), before);
    // The threshold is a setting.
    repo.pm(&["config", "pm.planMinTasks", "20"]).ok();
    let plan = repo.data(&["plan", "regenerate"]);
    assert_eq!(plan["threshold"], 20);
    repo.pm(&["config", "pm.planMinTasks", "--unset"]).ok();
    repo.pm(&["plan", "regenerate"]).ok();
    let made = repo.data(&["plan", "approve", "--confirm-large"]);
    assert_eq!(texts(&made, "created").len(), list(&made, "tasks").len());
    // What is added later is counted alone.
    repo.write("many.md", &(many() + "- [ ] Delete old reports\n"));
    repo.pm(&["plan", "update", "many.md", "--write"]).ok();
    let made = repo.data(&["plan", "approve"]);
    assert!(!texts(&made, "created").is_empty(), "{made}");
}

/// SE-05: planned paths that agents must not commit are reported; an agent cannot plan them.
#[test]
fn se_05_protected_paths_in_a_plan_need_a_human() {
    let (_scene, repo) = set_up();
    let text = LOGIN.replace("`docs/guide.md` shows", "`.github/workflows/ci.yml` shows");
    repo.write(".github/workflows/ci.yml", "on: push\n");
    repo.commit_all("Add a workflow");
    let plan = planned(&repo, "login.md", &text);
    let guide = task(&plan, "Write the guide");
    assert_eq!(texts(guide, "paths"), [".github/workflows/ci.yml"]);
    let found = list(&plan, "checks")
        .iter()
        .find(|c| c["rule"] == "protected-path");
    let found = found.unwrap_or_else(|| panic!("there is no warning: {}", plan["checks"]));
    assert_eq!(found["task"], guide["number"]);
    assert!(
        found.to_string().contains(".github/workflows/ci.yml"),
        "{found}"
    );
    // A human may plan it; an agent is referred to a human.
    let keys = number(&plan, "Store public keys");
    repo.pm(&["plan", "set", &keys, "paths=infra/main.tf"]).ok();
    let agent = repo.with("CLAUDECODE", "1").by("robot");
    let before = tip(&repo);
    let args = ["--json", "plan", "set", &keys, "paths=secrets/key.pem"];
    let error = agent.pm(&args).exits(1).error();
    assert!(error.to_string().contains("human"), "{error}");
    let args = [
        "--json",
        "plan",
        "add",
        "Deploy",
        "--set",
        "paths=infra/x.tf",
    ];
    agent.pm(&args).exits(1);
    assert_eq!(tip(&repo), before);
}

/// No agent approves a plan, or decides to keep one, under any name.
#[test]
fn design_7_no_agent_approves_or_keeps_a_plan() {
    let (_scene, repo, _plan) = login();
    repo.git(&["config", "pm.agent", "robot"]).ok();
    let before = tip(&repo);
    let agents = [
        repo.with("CLAUDECODE", "1"),
        repo.with("CODEX_SANDBOX", "seatbelt").by("Ana"),
        repo.with("AGENT_NAME", "x"),
        repo.by("robot"),
    ];
    for agent in &agents {
        for args in [
            &["plan", "approve"][..],
            &["plan", "approve", "P-1", "--yes", "--confirm-large"],
            &["plan", "keep"],
        ] {
            let mut all = vec!["--json"];
            all.extend(args);
            let error = agent.pm(&all).exits(1).error();
            assert!(
                text(&error, "message").contains("human"),
                "{args:?}: {error}"
            );
        }
    }
    agents[0].pm(&["--as", "Ana", "plan", "approve"]).exits(1);
    assert_eq!(tip(&repo), before, "an agent's decision was accepted");
    // An agent may draft and edit a plan, and a human then approves it.
    let agent = &agents[0];
    agent.pm(&["plan", "set", "1", "estimate=L"]).ok();
    repo.pm(&["plan", "approve"]).ok();
}

/// Without a terminal an approval is advisory and reported as such, and a strict clone refuses it.
#[test]
fn design_7_an_approval_without_a_terminal_is_advisory() {
    let (_scene, repo, _plan) = login();
    repo.pm(&["config", "pm.approval", "strict"]).ok();
    let before = tip(&repo);
    let error = repo.pm(&["--json", "plan", "approve"]).exits(1).error();
    assert!(error.to_string().contains("terminal"), "{error}");
    assert_eq!(tip(&repo), before);
    repo.pm(&["config", "pm.approval", "--unset"]).ok();
    let at = repo.when("2026-11-20T12:00:00Z").by("Ben");
    let made = at.data(&["plan", "approve"]);
    assert_eq!(made["approval"], "advisory");
    assert_eq!(made["approved_by"], "Ben");
    assert_eq!(made["approved_at"], "2026-11-20T12:00:00Z");
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains("approved by Ben (advisory)"), "{shown}");
}

#[test]
fn a_second_approval_leaves_test_tasks_as_they_are() {
    let (_scene, repo, plan) = login();
    let keys = number(&plan, "Store public keys");
    repo.pm(&[
        "plan",
        "set",
        &keys,
        "title=Keep public keys",
        "acceptance=It keeps them",
    ])
    .ok();
    // The criteria of the document are in no task any more.
    repo.pm(&["plan", "approve", "--accept-uncovered"]).ok();
    let before = repo.data(&["list", "--limit", "0"]);
    assert!(
        before.to_string().contains("Test: Keep public keys"),
        "{before}"
    );
    let checks = repo.pm(&["plan", "check"]);
    assert!(!checks.out.contains("the next approval"), "{}", checks.out);
    repo.pm(&["plan", "approve"]).ok();
    let after = repo.data(&["list", "--limit", "0"]);
    let named = |items: &Value| -> Vec<(Value, Value)> {
        let items = items["items"].as_array().unwrap().iter();
        items
            .map(|item| (item["id"].clone(), item["title"].clone()))
            .collect()
    };
    assert_eq!(named(&after), named(&before));
}

/// A heading is a word of completion only as it is written, and an approval asks about what nothing else
/// calls done.
#[test]
fn an_approval_asks_about_what_only_a_heading_calls_done() {
    let (_scene, repo) = set_up();
    let document = |heading: &str| {
        format!(
            "# Portal\n\n- [ ] Build the login\n\n## {heading}\n\n- The system must delete logs\n- [x] Beta\n"
        )
    };
    repo.write("dates.md", &document("Termine"));
    repo.pm(&["plan", "new", "dates.md"]).ok();
    let shown = repo.pm(&["plan", "show", "--coverage"]).ok().out;
    assert!(
        shown.contains("8  done") && !shown.contains("7  done"),
        "{shown}"
    );
    repo.write("done.md", &document("Terminé"));
    let plan = repo.data(&["plan", "new", "done.md"]);
    let prd = plan["prd"].as_str().unwrap();
    let aside = &list(&plan, "put_aside")[0];
    assert_eq!(aside["text"], "The system must delete logs", "{plan}");
    assert_eq!(aside["count"], 1, "{plan}");
    let shown = repo.pm(&["plan", "show", prd]).ok().out;
    assert!(
        shown.contains("only its heading says that it is done (the document)"),
        "{shown}"
    );
    let refused = repo.pm(&["plan", "approve", prd]).exits(1);
    assert!(
        refused
            .err
            .contains("line 7 \"The system must delete logs\""),
        "{}",
        refused.err
    );
    // `Open` takes back only what somebody put aside, and says so.
    let refused = repo.feed(
        crate::support::binary(),
        &["plan", "write", prd, "-", "--patch"],
        "## Open\n- 5-8: not done\n",
    );
    assert!(
        refused
            .exits(2)
            .err
            .contains("`Open` has nothing to take back")
    );
    let text = "## Done\n- 7: it was done by hand\n";
    repo.feed(
        crate::support::binary(),
        &["plan", "write", prd, "-", "--patch"],
        text,
    )
    .ok();
    repo.pm(&["plan", "approve", prd]).ok();
    // A plan is not a task of one.
    let refused = repo.pm(&["plan", "rm", prd]).exits(2);
    assert!(
        refused.err.contains("takes a task of one"),
        "{}",
        refused.err
    );
}

/// PL-14: who approves a document as if it were work is told how its plan is approved.
#[test]
fn pl_14_the_approval_of_a_document_names_that_of_its_plan() {
    let (_scene, repo) = set_up();
    planned(&repo, "login.md", LOGIN);
    for command in [&["approve"][..], &["task", "approve"]] {
        let args = [&["--json"], command, &["P-0001"]].concat();
        let refused = repo.pm(&args).exits(1).error();
        assert_eq!(refused["reason"], "status.not_allowed", "{refused}");
        let hints = refused["hints"].as_array().unwrap();
        assert_eq!(hints.len(), 1, "{refused}");
        let hint = hints[0].to_string();
        assert!(hint.contains("plan approve P-0001"), "{refused}");
    }
}

/// One new task is named once, not as a range.
#[test]
fn pl_14_an_approval_names_one_new_task_once() {
    let (_scene, repo) = set_up();
    let guide = "# Guide\n\n## Tasks\n\n- [ ] Write the user guide\n";
    repo.write("guide.md", guide);
    repo.pm(&["plan", "new", "guide.md"]).ok();
    let waits = repo.data(&["status"])["plans"][0]["text"].to_string();
    let wanted = "has 1 task that waits for approval";
    assert!(waits.contains(wanted), "{waits}");
    let said = repo.pm(&["plan", "approve"]).ok().out;
    assert!(said.contains("with 1 new task, T-0001\n"), "{said}");
}

/// The lines of the tasks stand together, whatever became of one.
#[test]
fn the_line_of_a_closed_task_ends_once() {
    let (_scene, repo) = set_up();
    let list = "# List\n\n## Tasks\n\n- [ ] Write the guide\n- [ ] Draw the page\n";
    repo.write("list.md", list);
    repo.pm(&["plan", "new", "list.md"]).ok();
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains("T-0001 done\n   2 Draw the page"), "{shown}");
}
