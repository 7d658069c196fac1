//! Adding, removing, moving and connecting tasks.

use super::applying::applied;
use super::edits::{GUIDE, edited, free, order, problem, remove, section, set};
use super::{item, shop, tested_shop, wait};
use crate::plan::change::{Change, NewTask};
use crate::plan::draft::EdgeClass::{Hard, Soft};
use crate::plan::text::{parse, render};

#[test]
fn an_empty_file_changes_nothing() {
    for text in ["", " \r\n\t\n", "\u{feff}", "<!-- only\na comment -->\n"] {
        assert_eq!(parse(text, &shop()), Ok(vec![]), "{text:?}");
    }
}

/// PL-18 dependencies are edited.
#[test]
fn dependencies_are_added_removed_and_change_their_class() {
    let plan = shop();
    let class = |task: &str, on: &str, class| {
        let [task, on] = [task, on].map(String::from);
        Change::Wait { task, on, class }
    };
    let changes = edited(&plan, "waits for: 1 (soft)", "depends on: T-1, 2 (soft)").unwrap();
    assert_eq!(changes, [class("3", "2", Soft), class("3", "1", Hard)]);
    let changes = edited(&plan, "waits for: 1 (soft)", "waits for: 2").unwrap();
    assert_eq!(changes, [free("3", "1"), class("3", "2", Hard)]);
}

/// PL-18 tasks are added.
#[test]
fn a_heading_without_a_number_is_a_new_task() {
    let new = "### Sell 2 # things\nestimate: s\nwaits for: 1, 2 (soft)\n\nNot: more.\n\nAcceptance:\n- sold\n\n";
    let changes = edited(&shop(), "## Stream: docs", &format!("{new}## Stream: docs")).unwrap();
    let field = |name: &str, value: &str| (name.to_string(), value.to_string());
    let wanted = NewTask {
        name: "new-1".into(),
        title: "Sell 2 # things".into(),
        fields: vec![
            field("description", "Not: more."),
            field("estimate", "S"),
            field("stream", "main"),
            field("acceptance", "sold"),
        ],
        waits: vec![("1".into(), Hard), ("2".into(), Soft)],
        after: Some("2".into()),
    };
    assert_eq!(changes, [Change::Add(wanted)]);
}

#[test]
fn new_tasks_depend_on_each_other_by_name() {
    let new = "### A\nwaits for: new-7\nAcceptance:\n- a\n\n### new-7. B\nAcceptance:\n- b\n\n\
               ### C\nwaits for: new-1\nAcceptance:\n- c\n\n";
    let text = format!("{new}{GUIDE}\nwaits for: new-2, 1 (soft)\n");
    let plan = shop();
    let all = render(&plan)
        .replace("waits for: 1 (soft)\n", "")
        .replace(&format!("{GUIDE}\n"), &text);
    let changes = parse(&all, &plan).unwrap();
    let adds: Vec<(&str, usize)> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Add(new) => Some((new.name.as_str(), new.waits.len())),
            _ => None,
        })
        .collect();
    assert_eq!(adds, [("new-1", 0), ("new-7", 0), ("new-2", 1)]);
    let got = applied(&plan, &changes).unwrap();
    let text = render(&got);
    assert!(text.contains("## Stream: docs\n\n### 4. A\n"), "{text}");
    assert!(text.contains("### 3. Write the guide\ntype: feature\nestimate: M\nrisk: low\nvalidation: none\nwaits for: 1 (soft), 6\n"), "{text}");
    assert_eq!(got.waits.len(), 5);
}

#[test]
fn a_new_task_at_the_beginning_is_the_first_in_order() {
    let plan = shop();
    let new = "### First\nAcceptance:\n- a\n\n### 1. Open the shop";
    let changes = edited(&plan, "### 1. Open the shop", new).unwrap();
    assert_eq!(changes[1..], [order(&["new-1", "1", "2", "3"])]);
    let got = applied(&plan, &changes).unwrap();
    assert_eq!(got.tasks[0].task.title, "First");
}

/// PL-18 tasks are deleted.
#[test]
fn deleting_a_section_removes_its_task() {
    let plan = shop();
    assert_eq!(
        edited(&plan, &section(&plan, 3), "").unwrap(),
        [remove("3")]
    );
}

#[test]
fn striking_a_heading_through_removes_its_task() {
    for heading in ["### ~~3. Write the guide~~", "### 3. ~~Write the guide~~"] {
        assert_eq!(edited(&shop(), GUIDE, heading).unwrap(), [remove("3")]);
    }
    assert_eq!(
        problem(&shop(), GUIDE, "### ~~3. Write the guide").0,
        "### ~~3. Write the guide"
    );
}

#[test]
fn a_task_that_another_depends_on_cannot_be_removed_alone() {
    let mut plan = shop();
    plan.waits.remove(1);
    let (line, message) = problem(&plan, &section(&plan, 1), "");
    assert_eq!(
        (line.as_str(), message.as_str()),
        ("waits for: 1", "Task 2 waits for task 1, which is removed.")
    );
    let text = render(&plan)
        .replace(&section(&plan, 1), "")
        .replace("waits for: 1\n", "");
    assert_eq!(parse(&text, &plan).unwrap(), [free("2", "1"), remove("1")]);
}

#[test]
fn tasks_that_depend_on_each_other_can_be_removed_together() {
    let mut plan = shop();
    plan.waits.push(wait(1, 2, Soft));
    let text = render(&plan)
        .replace(&section(&plan, 1), "")
        .replace(&section(&plan, 2), "");
    let text = text.replace("waits for: 1 (soft)\n", "");
    let changes = parse(&text, &plan).unwrap();
    assert_eq!(
        changes,
        [free("3", "1"), free("1", "2"), remove("2"), remove("1")]
    );
    applied(&plan, &changes).unwrap();
}

#[test]
fn a_plan_without_tasks_is_refused() {
    let problems = parse("# Shop\n", &shop()).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].message, "No task is left.");
}

/// PL-18 tasks are reordered.
#[test]
fn moving_a_section_changes_the_order() {
    let plan = shop();
    let first = section(&plan, 1);
    let text = render(&plan)
        .replace(&first, "")
        .replace("\n## Stream: docs", &format!("\n{first}\n## Stream: docs"));
    assert_eq!(parse(&text, &plan).unwrap(), [order(&["2", "1", "3"])]);
}

#[test]
fn moving_a_section_below_another_stream_sets_its_stream() {
    let changes = edited(&shop(), "## Stream: docs\n\n### 3.", "### 3.").unwrap();
    assert_eq!(changes, [set("3", "stream", "main")]);
    let second = section(&shop(), 2);
    let text = render(&shop()).replace(&second, "") + "\n" + &second;
    assert_eq!(
        parse(&text, &shop()).unwrap(),
        [order(&["1", "3", "2"]), set("2", "stream", "docs")]
    );
}

#[test]
fn renaming_the_heading_of_a_stream_renames_it_for_all_its_tasks() {
    let changes = edited(&shop(), "## Stream: main", "## Stream: money & doors").unwrap();
    assert_eq!(
        changes,
        [
            set("1", "stream", "money & doors"),
            set("2", "stream", "money & doors")
        ]
    );
}

#[test]
fn interleaved_streams_need_no_new_order() {
    let mut plan = shop();
    plan.tasks.swap(1, 2);
    assert_eq!(parse(&render(&plan), &plan), Ok(vec![]));
    assert_eq!(edited(&plan, "points: 3", "points: 4").unwrap().len(), 1);
}

#[test]
fn the_tested_task_of_a_test_task_cannot_be_changed() {
    let plan = tested_shop();
    assert_eq!(problem(&plan, "tests: 2", "tests: 1").0, "tests: 1");
    assert_eq!(
        problem(&plan, "tests: 2\n", "").0,
        "### 4. Test: take money"
    );
    assert_eq!(
        problem(&plan, "points: 3", "points: 3\ntests: 1").0,
        "tests: 1"
    );
    let changes = edited(&plan, "### 4. Test: take money", "### 4. Try it").unwrap();
    assert_eq!(changes, [set("4", "title", "Try it")]);
}

#[test]
fn a_test_task_is_removed_with_the_tested_task() {
    let plan = tested_shop();
    let (tested, test) = (section(&plan, 2), section(&plan, 4));
    assert_eq!(edited(&plan, &tested, "").unwrap(), [remove("2")]);
    let both = render(&plan).replace(&tested, "").replace(&test, "");
    assert_eq!(parse(&both, &plan).unwrap(), [remove("2")]);
    let text = render(&plan)
        .replace(&tested, "")
        .replace("Test: take money", "Try it");
    let problems = parse(&text, &plan).unwrap_err();
    assert!(
        problems[0]
            .message
            .contains("is removed with the task it tests"),
        "{problems:?}"
    );
}

#[test]
fn a_test_task_is_removed_when_its_strategy_changes() {
    let plan = tested_shop();
    let test = section(&plan, 4);
    let none = render(&plan).replace("validation: test-first", "validation: none");
    let wanted = [set("2", "validation", "none")];
    assert_eq!(parse(&none, &plan).unwrap(), wanted);
    let changes = parse(&none.replace(&test, ""), &plan).unwrap();
    assert_eq!(changes, wanted);
    assert_eq!(applied(&plan, &changes).unwrap().tasks.len(), 3);
}

#[test]
fn a_test_task_can_be_removed_if_nothing_depends_on_it() {
    let plan = tested_shop();
    let test = section(&plan, 4);
    assert_eq!(problem(&plan, &test, "").0, "waits for: 1, 4");
    let text = render(&plan)
        .replace(&test, "")
        .replace("waits for: 1, 4", "waits for: 1");
    assert_eq!(parse(&text, &plan).unwrap(), [free("2", "4"), remove("4")]);
}

#[test]
fn only_order_and_stream_of_a_created_task_can_be_changed() {
    let mut plan = shop();
    plan.tasks[1].item = item("T-0012");
    assert!(render(&plan).contains("<!-- This task is now T-0012. Only its position"));
    let (line, message) = problem(&plan, "points: 3", "points: 4");
    assert_eq!(line, "points: 4");
    assert_eq!(
        message,
        "Task 2 is now T-0012: its points cannot be changed."
    );
    assert_eq!(
        problem(&plan, "### 2. Take money", "### 2. Pay").0,
        "### 2. Pay"
    );
    assert_eq!(
        problem(&plan, "### 2. Take money", "### ~~2. Take money~~").0,
        "### ~~2. Take money~~"
    );
    assert_eq!(problem(&plan, &section(&plan, 2), "").0, "# Shop");
    let changes = edited(
        &plan,
        "### 2. Take money",
        "## Stream: pay\n\n### 2. Take money",
    )
    .unwrap();
    assert_eq!(changes, [set("2", "stream", "pay")]);
}

#[test]
fn a_task_missing_from_the_document_is_marked_as_such() {
    let mut plan = shop();
    (plan.tasks[1].item, plan.tasks[1].is_gone) = (item("T-0012"), true);
    assert!(
        render(&plan).contains("<!-- This task is now T-0012, and no longer in the document. ")
    );
}
