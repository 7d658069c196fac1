//! Changing a plan by verb.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{criteria, list, login, many, number, own, planned, task, text, texts, tip, titles};
use crate::support::set_up;

/// PL-18: every change has a verb, is one commit by its author, and prints the plan as JSON.
#[test]
fn pl_18_every_change_to_a_plan_has_a_verb() {
    let (_scene, repo, plan) = login();
    let n = |title: &str| number(&plan, title);
    let (keys, log_in, revoke) = (
        n("Store public keys"),
        n("Log in with a key"),
        n("Revoke a key"),
    );
    let change = |args: &[&str]| -> Value {
        let before = tip(&repo);
        let plan = repo.data(args);
        let range = format!("{before}..refs/pm/main");
        let count = repo.git(&["rev-list", "--count", &range]).text();
        assert_eq!(count, "1", "{args:?} is not one commit");
        plan
    };
    // Fields.
    let plan = change(&[
        "plan",
        "set",
        &keys,
        "title=Keep public keys",
        "risk=high",
        "estimate=L",
    ]);
    let set = task(&plan, "Keep public keys");
    assert_eq!(
        (&set["risk"], &set["estimate"]),
        (&"high".into(), &"L".into())
    );
    let plan = change(&[
        "plan",
        "set",
        &keys,
        "description=Beside the owner.\n\nFor ever.",
    ]);
    let set = task(&plan, "Keep public keys");
    assert_eq!(set["description"], "Beside the owner.\n\nFor ever.");
    let plan = change(&["plan", "set", &keys, "acceptance=One key\nTwo keys"]);
    assert_eq!(
        criteria(task(&plan, "Keep public keys")),
        ["One key", "Two keys"]
    );
    let plan = change(&["plan", "set", &keys, "paths=src/auth.rs,src/keys/"]);
    let paths = texts(task(&plan, "Keep public keys"), "paths").join(" ");
    assert!(
        paths.contains("src/auth.rs") && paths.contains("src/keys"),
        "{paths}"
    );
    for (field, value) in [
        ("type", "chore"),
        ("stream", "storage"),
        ("validation", "test-parallel"),
        ("auto_policy", "plan"),
    ] {
        let plan = change(&["plan", "set", &keys, &format!("{field}={value}")]);
        assert_eq!(task(&plan, "Keep public keys")[field], value);
    }
    let plan = change(&["plan", "set", &keys, "points=5"]);
    assert_eq!(task(&plan, "Keep public keys")["points"], 5);
    let plan = change(&["plan", "set", "title=Keys"]);
    assert_eq!(plan["title"], "Keys");
    // Dependencies.
    let plan = change(&["plan", "dep", &revoke, &log_in]);
    let waits = |plan: &Value, a: &str, b: &str| {
        list(task(plan, a), "depends_on").contains(&task(plan, b)["key"])
    };
    assert!(waits(&plan, "Revoke a key", "Log in with a key"));
    let plan = change(&["plan", "dep", &revoke, &log_in, "--rm"]);
    assert!(!waits(&plan, "Revoke a key", "Log in with a key"));
    repo.pm(&["plan", "dep", &revoke, &log_in, "--rm"]).exits(4);
    repo.pm(&["plan", "dep", &revoke, &revoke]).exits(2);
    // Order: the two are swapped, and all others stay.
    let before = titles(&plan)
        .iter()
        .map(|t| t.to_string())
        .collect::<Vec<_>>();
    let plan = change(&["plan", "order", &revoke, &keys]);
    let mut wanted = before.clone();
    wanted.swap(0, 2);
    assert_eq!(titles(&plan), wanted);
    // An added task, and its position.
    let args = [
        "plan",
        "add",
        "Rotate keys",
        "--accept",
        "An old key is refused",
        "--accept",
        "A new one is taken",
        "--waits-for",
        &keys,
        "--set",
        "type=feature",
        "--set",
        "description=Once a year.",
        "--after",
        &revoke,
    ];
    let plan = change(&args);
    let new = task(&plan, "Rotate keys");
    assert_eq!(
        criteria(new),
        ["An old key is refused", "A new one is taken"]
    );
    assert_eq!(new["added_by"], "Ana");
    assert!(waits(&plan, "Rotate keys", "Keep public keys"));
    let at = |plan: &Value, title: &str| titles(plan).iter().position(|t| *t == title).unwrap();
    assert_eq!(at(&plan, "Rotate keys"), at(&plan, "Revoke a key") + 1);
    // One task from two, with the criteria of both.
    let rotate = number(&plan, "Rotate keys");
    let plan = change(&["plan", "merge", &revoke, &rotate]);
    let one = task(&plan, "Revoke a key");
    let all = criteria(one);
    for text in [
        "A revoked key opens no session",
        "The owner is told by mail",
    ] {
        assert!(all.contains(&text), "{all:?}");
    }
    assert!(all.contains(&"An old key is refused"), "{all:?}");
    assert!(waits(&plan, "Revoke a key", "Keep public keys"));
    assert!(!titles(&plan).contains(&"Rotate keys"));
    // Removal.
    let plan = change(&["plan", "rm", &revoke, "--force"]);
    assert!(!titles(&plan).contains(&"Revoke a key"));
    let log = repo.pm(&["log", "--op", "plan"]).ok().out;
    for verb in ["new", "set", "dep", "order", "add", "merge", "rm"] {
        let line = log
            .lines()
            .find(|l| l.contains(&format!("plan {verb} of P-0001")));
        assert!(
            line.is_some_and(|l| l.contains("Ana")),
            "no `plan {verb}` by Ana in {log}"
        );
    }
}

/// PL-18: impossible changes are refused with a hint, and nothing is written.
#[test]
fn pl_18_a_change_that_cannot_be_made_changes_nothing() {
    let (_scene, repo, plan) = login();
    let keys = number(&plan, "Store public keys");
    let before = tip(&repo);
    for (args, code) in [
        (vec!["set", &keys, "colour=red"], 2),
        (vec!["set", &keys], 2),
        (vec!["set", &keys, "estimate=HUGE"], 2),
        (vec!["set", &keys, "risk="], 2),
        (vec!["set", &keys, "title="], 2),
        (vec!["set", &keys, "points=many"], 2),
        (vec!["set", &keys, "stream="], 2),
        (vec!["set", &keys, "milestone=M9"], 4),
        (vec!["set", &keys, "paths=../outside.rs"], 2),
        (vec!["set", &keys, "title=Fine", "estimate=HUGE"], 2),
        (vec!["set", "99", "title=x"], 4),
        (vec!["set", "colour=red"], 2),
        (vec!["rm", "99"], 4),
        (vec!["dep", "99", &keys], 4),
        (vec!["dep", &keys, "99"], 4),
        (vec!["order", &keys], 2),
        (vec!["order", &keys, "99"], 4),
        (vec!["merge", &keys, "99"], 4),
        (vec!["merge", &keys], 2),
        (vec!["add", ""], 2),
        (vec!["add", "x", "--waits-for", "99"], 4),
        (vec!["add", "x", "--after", "99"], 4),
        (vec!["add", "x", "--set", "estimate=HUGE"], 2),
    ] {
        let mut all = vec!["--json", "plan"];
        all.extend(args);
        let error = repo.pm(&all).exits(code).error();
        assert!(
            !error["message"].as_str().unwrap().is_empty(),
            "{all:?}: {error}"
        );
        assert_eq!(tip(&repo), before, "{all:?} changed the state");
    }
    repo.pm(&["plan", "show", "P-9"]).exits(4);
    let (_scene, empty) = set_up();
    let error = empty.pm(&["--json", "plan", "show"]).exits(4).error();
    assert!(
        error["hints"].to_string().contains("git pm plan new"),
        "{error}"
    );
}

/// PL-19, DP-06: an edge that would close a cycle is refused, with the path.
#[test]
fn pl_19_an_edge_that_would_close_a_cycle_is_refused_with_its_path() {
    let (_scene, repo, plan) = login();
    let n = |title: &str| number(&plan, title);
    let (keys, log_in, revoke) = (
        n("Store public keys"),
        n("Log in with a key"),
        n("Revoke a key"),
    );
    repo.pm(&["plan", "dep", &revoke, &log_in]).ok();
    let before = tip(&repo);
    let error = repo
        .pm(&["--json", "plan", "dep", &keys, &revoke])
        .exits(1)
        .error();
    let path = format!("{revoke} → {log_in} → {keys}");
    assert!(text(&error, "message").contains(&path), "{error}");
    // Nor by merging the two ends.
    let args = ["--json", "plan", "merge", &keys, &revoke];
    let error = repo.pm(&args).exits(1).error();
    assert!(text(&error, "message").contains("cycle"), "{error}");
    assert_eq!(tip(&repo), before, "a cycle was written");
    // A soft edge does not block, so it closes no cycle.
    repo.pm(&["plan", "dep", &keys, &revoke, "--soft"]).ok();
    repo.pm(&["plan", "check"]).ok();
}

/// PL-20: removing a task that others depend on is refused and names them; with `--force` their
/// edges are removed.
#[test]
fn pl_20_a_task_that_others_depend_on_is_removed_only_with_force_and_they_are_named() {
    let (_scene, repo, plan) = login();
    let n = |title: &str| number(&plan, title);
    let keys = n("Store public keys");
    repo.pm(&["plan", "dep", &n("Revoke a key"), &keys]).ok();
    let before = tip(&repo);
    let error = repo.pm(&["--json", "plan", "rm", &keys]).exits(1).error();
    let message = text(&error, "message");
    for title in ["Log in with a key", "Revoke a key"] {
        assert!(message.contains(title), "{title} is not named: {error}");
        assert!(message.contains(&n(title)), "{error}");
    }
    assert!(error["hints"].to_string().contains("--force"), "{error}");
    assert_eq!(tip(&repo), before);
    let plan = repo.data(&["plan", "rm", &keys, "--force"]);
    assert!(!titles(&plan).contains(&"Store public keys"));
    let gone = "Test: Store public keys";
    assert!(
        list(&plan, "tasks").iter().all(|t| t["title"] != gone),
        "its test task is still there"
    );
    let known: BTreeSet<&str> = list(&plan, "tasks")
        .iter()
        .map(|t| text(t, "key"))
        .collect();
    for edge in list(&plan, "edges") {
        assert!(known.contains(text(edge, "task")), "{edge} has no source");
        assert!(known.contains(text(edge, "on")), "{edge} has no target");
    }
    for title in ["Log in with a key", "Revoke a key"] {
        let waits = texts(task(&plan, title), "depends_on");
        assert!(
            waits.iter().all(|key| known.contains(key)),
            "{title} depends on a missing task"
        );
    }
    // It stays removed, and the requirement without a task is reported.
    let plan = repo.data(&["plan", "regenerate"]);
    assert!(!titles(&plan).contains(&"Store public keys"));
    let said = repo.pm(&["plan", "check"]).exits(1).out;
    assert!(said.contains("FR-1"), "{said}");
}

/// PL-21: an implausible threshold asks for confirmation; a script must confirm it with an option.
#[test]
fn pl_21_an_implausible_threshold_asks_for_confirmation() {
    let (_scene, repo, _plan) = login();
    repo.pm(&["config", "pm.planMaxTasks", "500"]).ok();
    let before = tip(&repo);
    let error = repo.pm(&["--json", "plan", "approve"]).exits(1).error();
    assert!(
        text(&error, "message").contains("Is that intended"),
        "{error}"
    );
    assert!(error["hints"].to_string().contains("--yes"), "{error}");
    // Confirming a large plan does not confirm the threshold.
    repo.pm(&["plan", "approve", "--confirm-large"]).exits(1);
    assert_eq!(tip(&repo), before);
    repo.pm(&["plan", "approve", "--yes"]).ok();
    assert_eq!(repo.data(&["plan", "show"])["status"], "approved");
}

/// PL-23: the warning names tasks that could be merged, and one verb merges them.
#[test]
fn pl_23_a_large_plan_names_tasks_to_merge_and_merging_reduces_it() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "many.md", &many());
    let suggestion = &list(&plan, "suggestions")[0];
    assert!(!text(suggestion, "reason").is_empty());
    let numbers: Vec<String> = list(suggestion, "tasks")
        .iter()
        .map(Value::to_string)
        .collect();
    assert!(numbers.len() > 1, "{suggestion}");
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains(&numbers.join(" + ")), "{shown}");
    let mut args = vec!["plan", "merge"];
    args.extend(numbers.iter().map(String::as_str));
    let merged = repo.data(&args);
    assert_eq!(own(&merged).len(), 18 - (numbers.len() - 1));
    assert_ne!(
        &merged["suggestions"][0], suggestion,
        "the suggestion stays"
    );
}

/// PL-40, ME-04: changes by users before and after the approval are counted by verb.
#[test]
fn pl_40_edits_are_counted_by_verb() {
    let (_scene, repo, plan) = login();
    assert_eq!(plan["edits"], 0, "a draft is counted as an edit");
    let keys = number(&plan, "Store public keys");
    let plan = repo.data(&["plan", "set", &keys, "estimate=L"]);
    assert_eq!(plan["edits"], 1, "one field is one edit");
    let plan = repo.data(&["plan", "order", &number(&plan, "Revoke a key"), &keys]);
    assert_eq!(plan["edits"], 2, "a new order is one edit");
    repo.pm(&["plan", "approve"]).ok();
    let stats = repo.data(&["stats", "plan"]);
    assert_eq!(stats["approved"], 1);
    assert_eq!(stats["edits"].as_f64(), Some(2.0), "{stats}");
    assert_eq!(stats["edits_after"], 0);
    assert_eq!(
        stats["accepted"].as_f64(),
        Some(1.0),
        "two edits are few: {stats}"
    );
    // Tasks that were created are edited as tasks; the plan can be edited for the others.
    repo.pm(&["plan", "set", &keys, "risk=high"]).exits(1);
    let before = "before 1 task was added";
    assert!(!repo.pm(&["plan", "show"]).ok().out.contains(before));
    repo.by("Ben").pm(&["plan", "add", "One more"]).ok();
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains(before), "{shown}");
    let stats = repo.data(&["stats", "plan"]);
    assert_eq!(stats["edits_after"], 1, "{stats}");
    assert_eq!(stats["edits"].as_f64(), Some(2.0), "{stats}");
    let log = repo.pm(&["log", "--op", "plan"]).ok().out;
    let last = log.lines().next().unwrap();
    assert!(last.contains("Ben") && last.contains("One more"), "{log}");
}

#[test]
fn a_merge_of_one_task_or_of_test_tasks_is_refused() {
    let (_scene, repo, plan) = login();
    let keys = number(&plan, "Store public keys");
    let revoke = number(&plan, "Revoke a key");
    let before = tip(&repo);
    repo.pm(&["plan", "merge", &keys, &keys]).exits(2);
    let mut all = list(&plan, "tasks").iter();
    let test = all.find(|task| !task["tests"].is_null()).unwrap();
    let test = test["number"].to_string();
    for args in [[&keys, &test], [&test, &keys]] {
        repo.pm(&["plan", "merge", args[0], args[1]]).exits(1);
    }
    // The dependency of a test task follows from the validation.
    let mut edges = list(&plan, "edges").iter();
    let edge = edges
        .find(|edge| text(edge, "rule") == "test-after")
        .unwrap();
    let ends = ["task", "on"].map(|end| {
        let mut tasks = list(&plan, "tasks").iter();
        let task = tasks.find(|task| task["key"] == edge[end]).unwrap();
        task["number"].to_string()
    });
    let ran = repo
        .pm(&["plan", "dep", &ends[0], "--rm", &ends[1]])
        .exits(1);
    assert!(ran.err.contains("validation"), "{}", ran.err);
    assert_eq!(tip(&repo), before);
    // A number that is given twice counts once.
    let merged = repo.data(&["plan", "merge", &keys, &revoke, &keys]);
    assert!(titles(&merged).contains(&"Store public keys"));
    assert!(!titles(&merged).contains(&"Revoke a key"));
}

#[test]
fn a_circle_with_a_soft_edge_hides_no_task() {
    let (_scene, repo, plan) = login();
    let log_in = number(&plan, "Log in with a key");
    let keys = number(&plan, "Store public keys");
    repo.pm(&["plan", "dep", &keys, &log_in, "--soft"]).ok();
    let shown = repo.pm(&["plan", "show"]).ok().out;
    for title in titles(&plan) {
        assert!(shown.contains(title), "{title}: {shown}");
    }
}

/// PL-18: every verb of a plan takes a task by the name that it has as an item, which also names the plan.
#[test]
fn pl_18_a_verb_takes_the_name_of_a_proposed_item() {
    let (_scene, repo, plan) = login();
    planned(&repo, "other.md", "# Other\n\n- [ ] one\n- [ ] two\n");
    let of = |title: &str| format!("P-0001/{}", number(&plan, title));
    let (keys, log_in, revoke) = (
        of("Store public keys"),
        of("Log in with a key"),
        of("Revoke a key"),
    );
    let (guide, page) = (of("Write the guide"), of("Draw the page"));
    for args in [
        &["dep", &revoke, &keys][..],
        &["dep", &revoke, &keys, "--rm"],
        &["set", &revoke, "estimate=S"],
        &["order", &revoke, &log_in],
        &[
            "add",
            "Tell the users",
            "--after",
            &keys,
            "--waits-for",
            &log_in,
        ],
        &["deepen", &guide, "A link is enough"],
        &["merge", &page, &guide],
        &["rm", &page, "--force"],
        // With the number of its test, which is no item yet.
        &["set", "p-1/2", "estimate=S"],
    ] {
        let said = repo.pm(&[&["plan"], args].concat()).ok().out;
        assert!(!said.contains("P-0002"), "{args:?}: {said}");
    }
    let now = repo.data(&["plan", "show", "P-0001"]);
    assert_eq!(task(&now, "Revoke a key")["estimate"], "S");
    assert!(titles(&now).contains(&"Tell the users"), "{now}");
    assert!(!titles(&now).contains(&"Draw the page"), "{now}");
    // A number behind the id of a plan is one of that plan.
    for wrong in ["P-0001/99", "P-0002/1"] {
        let error = repo
            .pm(&["plan", "set", wrong, "risk=low", "--plan", "P-0001"])
            .exits(4);
        assert!(error.err.contains(wrong), "{}", error.err);
    }
}
