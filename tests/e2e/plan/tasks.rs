//! The fields, criteria and test tasks of planned tasks.

use serde_json::Value;

use crate::support::set_up;

use super::{
    LOGIN, criteria, list, login, number, own, planned, require_tests_for_strategies, task,
    test_of, text, texts,
};

/// PL-10, PL-11, PL-13: every field of every task, and each criterion traced to file, lines and id.
#[test]
fn pl_10_every_task_has_all_its_fields_and_criteria_with_file_lines_and_requirement() {
    let (_scene, _repo, plan) = login();
    for task in list(&plan, "tasks") {
        let title = text(task, "title");
        assert!(!title.trim().is_empty());
        assert!(!text(task, "description").trim().is_empty(), "{title}");
        assert!(task["depends_on"].is_array(), "{title}");
        assert!(
            !list(task, "acceptance").is_empty(),
            "{title} has no criterion"
        );
        for (field, words) in [
            ("estimate", &["XS", "S", "M", "L", "XL"][..]),
            ("risk", &["low", "medium", "high"]),
            (
                "validation",
                &["test-first", "test-after", "test-parallel", "none"],
            ),
        ] {
            assert!(words.contains(&text(task, field)), "{field} of {title}");
            assert!(
                !text(task, &format!("{field}_reason")).is_empty(),
                "{title}"
            );
        }
        assert!(!text(task, "stream").is_empty(), "{title} is in no stream");
        assert!(
            task["hours"].as_u64().unwrap() <= 8,
            "{title} is over a day"
        );
        let traced = std::iter::once(&task["source"]);
        let traced = traced.chain(list(task, "acceptance").iter().map(|c| &c["source"]));
        for source in traced {
            assert_eq!(source["file"], "login.md", "{title}");
            let line = |name: &str| source["lines"][name].as_u64().unwrap();
            assert!(0 < line("start") && line("start") <= line("end"), "{title}");
            assert!(text(source, "requirement").starts_with("FR-"), "{title}");
        }
    }
    let keys = task(&plan, "Store public keys");
    assert_eq!(keys["source"]["requirement"], "FR-1");
    assert_eq!(texts(keys, "paths"), ["src/auth.rs"]);
    let wanted = [
        "A key is stored with its owner in `src/auth.rs`",
        "A second key of the same owner is accepted",
        "A malformed key is refused with exit code 2",
    ];
    assert_eq!(criteria(keys), wanted);
    // The line of a criterion is the one that contains it.
    let lines: Vec<&str> = LOGIN.lines().collect();
    for task in own(&plan) {
        for criterion in list(task, "acceptance") {
            let at = criterion["source"]["lines"]["start"].as_u64().unwrap();
            let line = lines[usize::try_from(at).unwrap() - 1];
            assert!(
                line.contains(text(criterion, "text")),
                "line {at}: {criterion}"
            );
        }
    }
}

/// PL-10, PL-13: `plan check` finds missing fields and estimates over a day.
#[test]
fn pl_10_plan_check_fails_when_something_is_missing() {
    let (_scene, repo, plan) = login();
    repo.pm(&["plan", "check"]).ok();
    let keys = number(&plan, "Store public keys");
    let fails = |field: &str, rule: &str| {
        let before = text(task(&plan, "Store public keys"), "description").to_string();
        repo.pm(&["plan", "set", &keys, &format!("{field}=")]).ok();
        let ran = repo.pm(&["--json", "plan", "check"]).exits(1);
        let found = ran.json();
        let all = found["data"]["items"]
            .as_array()
            .or(found["data"].as_array());
        let all = all.unwrap_or_else(|| panic!("no list of findings: {found}"));
        let about =
            |check: &&Value| check["rule"] == rule && check["task"].as_u64() == keys.parse().ok();
        assert!(
            all.iter().any(|check| about(&check)),
            "no `{rule}` in {found}"
        );
        before
    };
    let stated = criteria(task(&plan, "Store public keys")).join("\n");
    fails("acceptance", "missing-acceptance");
    repo.pm(&["plan", "set", &keys, &format!("acceptance={stated}")])
        .ok();
    repo.pm(&["plan", "check"]).ok();
    let before = fails("description", "missing-description");
    repo.pm(&["plan", "approve"]).exits(1);
    repo.pm(&["plan", "set", &keys, &format!("description={before}")])
        .ok();
    repo.pm(&["plan", "check"]).ok();
    // More than a day is a warning with a hint.
    repo.pm(&["plan", "set", &keys, "estimate=XL"]).ok();
    let said = repo.pm(&["plan", "check"]).ok().out;
    assert!(
        said.contains("split") && said.contains(&format!("task {keys}")),
        "{said}"
    );
}

/// PL-25, PL-26: the four strategies, each with its edges; a user may choose.
#[test]
fn pl_26_each_strategy_adds_its_test_task_and_edge() {
    let (_scene, repo, plan) = login();
    require_tests_for_strategies(&plan, "as drawn");
    let keys = number(&plan, "Store public keys");
    for strategy in [
        "test-first",
        "test-parallel",
        "test-after",
        "none",
        "test-first",
    ] {
        let plan = repo.data(&["plan", "set", &keys, &format!("validation={strategy}")]);
        let set = task(&plan, "Store public keys");
        assert_eq!(set["validation"], strategy);
        assert!(texts(set, "by_hand").contains(&"validation"), "{set}");
        require_tests_for_strategies(&plan, strategy);
    }
    let plan = repo.data(&["plan", "set", &keys, "strategy=test-after"]);
    assert_eq!(task(&plan, "Store public keys")["validation"], "test-after");
    repo.pm(&["plan", "set", &keys, "validation=sometimes"])
        .exits(2);
    // Test tasks are not counted as tasks.
    let list = repo.data(&["plan", "list"]);
    assert_eq!(list["items"][0]["tasks"], 5, "{list}");
    // The created tasks have the same edges.
    repo.pm(&["plan", "set", &keys, "validation=test-first"])
        .ok();
    let plan = repo.data(&["plan", "approve"]);
    let keys = task(&plan, "Store public keys");
    let test = test_of(&plan, keys).unwrap();
    let item = repo.data(&["show", text(keys, "item")]);
    assert_eq!(texts(&item, "depends_on"), [text(test, "item")]);
    assert_eq!(repo.data(&["show", text(test, "item")])["type"], "test");
}

/// PL-26, PL-18: a task that was added or merged has its tests, too.
#[test]
fn pl_26_added_and_merged_tasks_have_the_tests_of_their_strategy() {
    let (_scene, repo, plan) = login();
    let n = |title: &str| number(&plan, title);
    let plan = repo.data(&["plan", "merge", &n("Revoke a key"), &n("Draw the page")]);
    require_tests_for_strategies(&plan, "after a merge");
    let plan = repo.data(&[
        "plan",
        "add",
        "Rotate keys",
        "--accept",
        "An old key is refused",
    ]);
    require_tests_for_strategies(&plan, "after an addition");
}

/// PL-27: no tests for texts only; dangerous or vague work is tested first, with the reason.
#[test]
fn pl_27_vague_or_dangerous_work_is_tested_first_and_texts_are_not_tested() {
    let (_scene, repo, plan) = login();
    let page = task(&plan, "Draw the page");
    assert_eq!(page["validation"], "test-first");
    let why = text(page, "validation_reason");
    assert!(
        why.contains("responsive") && why.contains("user-friendly"),
        "{why}"
    );
    assert_eq!(
        task(&plan, "Write the guide")["validation"],
        "none",
        "a task on texts has tests"
    );
    let risky = LOGIN.replace("Store public keys", "Migrate the stored secrets");
    let plan = planned(&repo, "risky.md", &risky);
    let migrate = task(&plan, "Migrate the stored secrets");
    assert_eq!(migrate["risk"], "high");
    assert_eq!(migrate["validation"], "test-first");
    let why = text(migrate, "validation_reason");
    assert!(why.contains("risk"), "{why}");
    for task in own(&plan)
        .iter()
        .filter(|task| task["validation"] == "none")
    {
        assert!(["docs", "chore"].contains(&text(task, "type")), "{task}");
    }
    let shown = repo.pm(&["plan", "show", "P-1", "-v"]).ok().out;
    assert!(
        shown.contains("a vague criterion (responsive, user-friendly)"),
        "{shown}"
    );
}

/// PL-28: vague words are reported with their line, once.
#[test]
fn pl_28_plan_check_names_vague_words_with_their_line() {
    let (_scene, repo, plan) = login();
    let page = task(&plan, "Draw the page");
    let vague = texts(&page["acceptance"][0], "vague");
    assert_eq!(vague, ["responsive", "user-friendly"]);
    let said = repo.pm(&["plan", "check"]).ok().out;
    let line = 1 + LOGIN
        .lines()
        .position(|l| l.contains("responsive"))
        .unwrap();
    let place = format!("task {} line {line}", page["number"]);
    let about: Vec<&str> = said.lines().filter(|l| l.contains(&place)).collect();
    assert_eq!(about.len(), 1, "not reported once at its line: {said}");
    assert!(about[0].contains("responsive, user-friendly"), "{said}");
}

/// PL-28: a criterion that was made precise is no longer reported as vague, nor is the task that
/// tests it.
#[test]
fn pl_28_a_criterion_that_was_made_precise_is_no_longer_vague() {
    let (_scene, repo, plan) = login();
    let page = number(&plan, "Draw the page");
    let sharp = "The page is drawn within 200 ms on a phone 360 pixels wide";
    repo.pm(&["plan", "set", &page, &format!("acceptance={sharp}")])
        .ok();
    // The line that it made precise is open, as the document says it in other words.
    let said = repo.pm(&["plan", "check"]).exits(1).out;
    let mut about = said.lines().filter(|line| line.contains("user-friendly"));
    assert!(about.all(|line| line.contains("no task covers")), "{said}");
    let plan = repo.data(&["plan", "show"]);
    let page = task(&plan, "Draw the page");
    let test = test_of(&plan, page).unwrap();
    assert!(
        !test.to_string().contains("user-friendly"),
        "it tests the former criterion: {test}"
    );
}

/// PL-10 the priorities that the author stated are those of the items, and can be changed before.
#[test]
fn pl_10_stated_priorities_become_those_of_the_items() {
    let (_scene, repo) = set_up();
    let text = "# Bus\n\n## Features\n\n### Must have\n\n- [ ] Receive positions\n- [ ] Store positions (P0)\n\n\
                ### Should have\n\n- [ ] Draw the map\n\n### Rest\n\n- [ ] Write the runbook\n";
    let plan = planned(&repo, "bus.md", text);
    let priority = |plan: &Value, title: &str| task(plan, title)["priority"].as_u64();
    for (title, wanted) in [
        ("Receive positions", Some(1)),
        ("Store positions", Some(0)),
        ("Draw the map", Some(2)),
        ("Write the runbook", None),
    ] {
        assert_eq!(priority(&plan, title), wanted, "{title}");
    }
    let map = task(&plan, "Draw the map")["number"].to_string();
    repo.data(&["plan", "set", &map, "priority=P4"]);
    let edited = repo.pm(&["plan", "edit", "--print"]).ok().out;
    assert!(edited.contains("priority: 4"), "{edited}");
    repo.write("plan.txt", &edited.replace("priority: 0", "priority: 2"));
    repo.data(&["plan", "write", "P-1", "plan.txt"]);
    repo.data(&["plan", "approve"]);
    let items = repo.data(&["task", "list"]);
    let of = |title: &str| {
        let mut all = list(&items, "items").iter();
        all.find(|item| item["title"] == title).unwrap()["priority"].as_u64()
    };
    for (title, wanted) in [
        ("Receive positions", 1),
        ("Store positions", 2),
        ("Draw the map", 4),
        ("Write the runbook", 2),
    ] {
        assert_eq!(of(title), Some(wanted), "{title}");
    }
}

#[test]
fn the_target_of_a_measure_reaches_the_plan_and_each_requirement_is_traced() {
    let (_scene, repo) = set_up();
    let document = "# Shop\n\n## Requirements\n\n- FR-1: Sell bread\n\n## Non-functional requirements\n\n\
        | ID | Requirement | Target |\n|---|---|---|\n| NFR-1 | Latency of a sale | p95 < 200 ms |\n\
        | NFR-2 | Availability | 99.9 % per month |\n";
    let plan = planned(&repo, "shop.md", document);
    // They limit all tasks, so the approver is told of each.
    let all = plan["checks"].to_string();
    assert!(all.contains("Latency of a sale — p95 < 200 ms"), "{all}");
    assert!(all.contains("Availability — 99.9 % per month"), "{all}");
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["trace", "FR-1"]).ok();
}
