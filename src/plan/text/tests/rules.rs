//! What each edit of a text means, one at a time.

use super::{applied, item, shop, task, tested_shop};
use crate::plan::Plan;
use crate::plan::change::{Change, NewTask};
use crate::plan::draft::EdgeClass::{Hard, Soft};
use crate::plan::text::{Problem, parse, render, with_problems};

/// What comes of a text in which one piece, which stands there once, was replaced.
fn edited(plan: &Plan, old: &str, new: &str) -> Result<Vec<Change>, Vec<Problem>> {
    let text = render(plan);
    assert_eq!(text.matches(old).count(), 1, "{old:?} in\n{text}");
    parse(&text.replace(old, new), plan)
}

/// The only problem of such a text: what stands on its line, and its message.
fn problem(plan: &Plan, old: &str, new: &str) -> (String, String) {
    let problems = edited(plan, old, new).unwrap_err();
    let [only] = &problems[..] else {
        panic!("{problems:?}");
    };
    let text = render(plan).replace(old, new);
    let line = text.lines().nth(only.line as usize - 1).unwrap();
    (line.to_string(), only.message.clone())
}

fn set(task: &str, field: &str, value: &str) -> Change {
    let [task, field, value] = [task, field, value].map(String::from);
    Change::Set { task, field, value }
}

fn free(task: &str, on: &str) -> Change {
    let [task, on] = [task, on].map(String::from);
    Change::Free { task, on }
}

fn remove(task: &str) -> Change {
    let (task, force) = (task.to_string(), false);
    Change::Remove { task, force }
}

fn order(tasks: &[&str]) -> Change {
    let tasks = tasks.iter().map(|task| task.to_string()).collect();
    Change::Order { tasks }
}

/// The section of a task, up to the next heading.
fn section(plan: &Plan, number: u32) -> String {
    let text = render(plan);
    let start = text.find(&format!("\n### {number}. ")).unwrap();
    let rest = &text[start + 1..];
    let end = ["\n### ", "\n## "]
        .iter()
        .filter_map(|mark| rest.find(mark))
        .min();
    rest[..end.map_or(rest.len(), |end| end + 1)].to_string()
}

const GUIDE: &str = "### 3. Write the guide";

#[test]
fn a_plan_reads_as_a_document() {
    let mut plan = tested_shop();
    plan.tasks[0].item = item("T-0012");
    plan.tasks[3].added_by = Some("ana".into());
    plan.tasks[3].task.auto_policy = super::from_json("review".into());
    let text = render(&plan);
    let (help, body) = text.split_once("-->\n").unwrap();
    assert!(help.contains("An empty file changes nothing."));
    insta::assert_snapshot!(body, @r"
    <!-- Milestones: Beta, Launch -->

    # Shop

    ## Stream: main

    ### 1. Open the shop
    <!-- This is T-0012 now. Only its place and its stream can be changed here. -->
    type: feature
    estimate: M
    risk: low
    validation: none

    > Doors first.
    >
    > ## Then windows
    > - two

    Acceptance:
    - [ ] it works

    <!-- lines 12-18 -->

    ### 2. Take money
    type: feature
    estimate: M
    points: 3
    risk: low
    validation: test-first
    waits for: 1, 4
    milestone: Beta
    paths: src/pay/, src/card.rs

    Acceptance:
    - [ ] it works

    <!-- lines 12-18, FR-2 -->

    ### 4. Test: take money
    type: feature
    estimate: M
    risk: low
    validation: none
    tests: 2

    Acceptance:
    - [ ] it works

    <!-- lines 12-18 -->

    ## Stream: docs

    ### 3. Write the guide
    type: feature
    estimate: M
    risk: low
    validation: none
    waits for: 1 (soft)
    auto_policy: review

    Acceptance:
    - [ ] it works

    <!-- added by ana -->
    ");
}

#[test]
fn an_empty_file_changes_nothing() {
    for text in ["", " \r\n\t\n", "\u{feff}", "<!-- only\na comment -->\n"] {
        assert_eq!(parse(text, &shop()), Ok(vec![]), "{text:?}");
    }
}

/// PL-18 titles and other fields are edited.
#[test]
fn a_field_is_set() {
    let plan = shop();
    assert_eq!(
        edited(&plan, "points: 3", "points: 5").unwrap(),
        [set("2", "points", "5")]
    );
    assert_eq!(
        edited(&plan, "### 2. Take money", "### 2. Pay").unwrap(),
        [set("2", "title", "Pay")]
    );
    assert_eq!(
        edited(&plan, "milestone: Beta", "milestone: launch").unwrap(),
        [set("2", "milestone", "m2")]
    );
    assert_eq!(
        edited(&plan, "src/card.rs", "`a.rs`").unwrap(),
        [set("2", "paths", "src/pay/\na.rs")]
    );
    assert_eq!(
        edited(&plan, "# Shop", "# Store").unwrap(),
        [Change::Title("Store".into())]
    );
}

/// PL-25 the strategies are exactly four; PL-18 they can be changed.
#[test]
fn each_of_the_four_strategies_can_be_set_and_no_other() {
    let plan = shop();
    let old = section(&plan, 2);
    let changes = |word: &str| {
        let new = old.replace("validation: none", &format!("validation: {word}"));
        parse(&render(&plan).replace(&old, &new), &plan)
    };
    for word in ["test-first", "test-after", "test-parallel"] {
        assert_eq!(changes(word), Ok(vec![set("2", "validation", word)]));
    }
    assert_eq!(changes("none"), Ok(vec![]));
    let hint = &changes("test-later").unwrap_err()[0].hint;
    assert!(
        hint.contains("test-first, test-after, test-parallel, none"),
        "{hint}"
    );
}

#[test]
fn a_field_whose_line_is_deleted_is_cleared_if_it_can_be_empty() {
    let plan = shop();
    assert_eq!(
        edited(&plan, "points: 3\n", "").unwrap(),
        [set("2", "points", "")]
    );
    assert_eq!(
        edited(&plan, "points: 3\n", "points:\n").unwrap(),
        [set("2", "points", "")]
    );
    assert_eq!(
        edited(&plan, "milestone: Beta\n", "").unwrap(),
        [set("2", "milestone", "")]
    );
    assert_eq!(
        edited(&plan, "waits for: 1 (soft)\n", "").unwrap(),
        [free("3", "1")]
    );
    assert_eq!(
        edited(&plan, "waits for: 1 (soft)\n", "waits for: none\n").unwrap(),
        [free("3", "1")]
    );
}

#[test]
fn a_policy_whose_line_is_deleted_is_none() {
    let mut plan = shop();
    plan.tasks[0].task.auto_policy = super::from_json("review".into());
    assert_eq!(
        edited(&plan, "auto_policy: review\n", "").unwrap(),
        [set("1", "auto_policy", "none")]
    );
}

#[test]
fn a_field_that_cannot_be_empty_is_missed() {
    let text = render(&shop());
    for field in [
        "type: feature",
        "estimate: M",
        "risk: low",
        "validation: none",
    ] {
        let (before, after) = text.split_once(&format!("\n{field}\n")).unwrap();
        let problems = parse(&format!("{before}\n{after}"), &shop()).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].hint.contains(field), "{problems:?}");
    }
}

#[test]
fn fields_may_stand_in_any_order_in_any_case_and_with_tabs() {
    let plan = shop();
    let old = "type: feature\nestimate: M\npoints: 3\nrisk: low\nvalidation: none\nwaits for: 1\n";
    let new = "  Risk:\tLOW\r\nDepends on: #1\nestimate:\tm  \nType: Feature\n\nPoints: 3\nStrategy: NONE\n";
    assert_eq!(edited(&plan, old, new), Ok(vec![]));
}

#[test]
fn a_word_that_no_field_knows_is_a_problem_with_its_line() {
    let plan = shop();
    for (key, word) in [("points", "3.5"), ("milestone", "Gamma")] {
        let old = if key == "points" {
            "points: 3"
        } else {
            "milestone: Beta"
        };
        let (line, message) = problem(&plan, old, &format!("{key}: {word}"));
        assert_eq!(line, format!("{key}: {word}"));
        assert!(message.contains(&format!("`{word}`")), "{message}");
    }
    let section = section(&plan, 2);
    for word in [
        "type: feature",
        "estimate: M",
        "risk: low",
        "validation: none",
    ] {
        let key = word.split(':').next().unwrap();
        let wrong = section.replace(word, &format!("{key}: huge"));
        let (line, message) = problem_in(&plan, &section, &wrong, 0);
        assert_eq!(line, format!("{key}: huge"));
        assert!(message.starts_with("`huge` is no word for"), "{message}");
    }
    let wrong = section.replace("risk: low", "risk: low\nauto_policy: all");
    assert_eq!(problem_in(&plan, &section, &wrong, 0).0, "auto_policy: all");
}

/// A problem of a text: what stands on its line, and its message. The first of them may be one
/// that follows from it.
fn problem_in(plan: &Plan, old: &str, new: &str, at: usize) -> (String, String) {
    let problems = edited(plan, old, new).unwrap_err();
    let text = render(plan).replace(old, new);
    let line = text.lines().nth(problems[at].line as usize - 1).unwrap();
    (line.to_string(), problems[at].message.clone())
}

#[test]
fn a_field_that_no_task_has_is_a_problem() {
    let (line, message) = problem(&shop(), "points: 3", "points: 3\nowner: me");
    assert_eq!(
        (line.as_str(), message.as_str()),
        ("owner: me", "A task has no field `owner`.")
    );
}

#[test]
fn a_field_that_stands_there_twice_is_a_problem() {
    assert_eq!(
        problem(&shop(), "points: 3", "points: 3\npoints: 4").0,
        "points: 4"
    );
}

#[test]
fn all_problems_are_reported_at_once_in_the_order_of_their_lines() {
    let plan = shop();
    let text = render(&plan)
        .replace("# Shop\n", "#\n")
        .replace("points: 3", "points: few")
        .replace("waits for: 1 (soft)", "waits for: 9")
        .replace("### 1. Open the shop", "### 1.");
    let problems = parse(&text, &plan).unwrap_err();
    let lines: Vec<&str> = problems
        .iter()
        .map(|p| text.lines().nth(p.line as usize - 1).unwrap())
        .collect();
    assert_eq!(lines, ["#", "### 1.", "points: few", "waits for: 9"]);
}

/// PL-18 descriptions are edited.
#[test]
fn headings_inside_a_description_stay_text() {
    let plan = shop();
    assert!(render(&plan).contains("\n> ## Then windows\n"));
    let changes = edited(&plan, "> - two", "> - two\n> ### 9. three\n>\n>     four").unwrap();
    let wanted = "Doors first.\n\n## Then windows\n- two\n### 9. three\n\n    four";
    assert_eq!(changes, [set("1", "description", wanted)]);
}

#[test]
fn text_without_marks_is_description_as_well() {
    let changes = edited(&shop(), "> Doors first.\n>\n", "Doors last.\n\n").unwrap();
    let wanted = "Doors last.\n\n## Then windows\n- two";
    assert_eq!(changes, [set("1", "description", wanted)]);
}

#[test]
fn a_description_can_go_and_can_come() {
    let plan = shop();
    let all = "> Doors first.\n>\n> ## Then windows\n> - two\n";
    assert_eq!(
        edited(&plan, all, "").unwrap(),
        [set("1", "description", "")]
    );
    let new = format!("{GUIDE}\n> For: everyone\n");
    let changes = edited(&plan, &format!("{GUIDE}\n"), &new).unwrap();
    assert_eq!(changes, [set("3", "description", "For: everyone")]);
}

/// PL-18 acceptance is edited.
#[test]
fn criteria_are_bullets_that_may_go_on_in_the_next_line() {
    let mut plan = shop();
    plan.tasks[0].task.acceptance = vec![super::criterion("it  opens"), super::criterion("old")];
    let changes = edited(
        &plan,
        "- [ ] old",
        "* it closes\n  at night\n- [ ]\n1. [x] type: any",
    )
    .unwrap();
    let wanted = "it  opens\nit closes at night\ntype: any";
    assert_eq!(changes, [set("1", "acceptance", wanted)]);
}

#[test]
fn a_task_without_acceptance_is_a_problem() {
    let mut plan = shop();
    plan.tasks[0].task.acceptance = vec![super::criterion("it opens")];
    assert_eq!(problem(&plan, "- [ ] it opens\n", "").0, "Acceptance:");
    let (line, _) = problem(&plan, "Acceptance:\n- [ ] it opens\n", "");
    assert_eq!(line, "### 1. Open the shop");
    assert_eq!(
        problem(&plan, "## Stream: docs", "### New\n\n## Stream: docs").0,
        "### New"
    );
}

#[test]
fn what_is_no_bullet_is_a_problem() {
    let mut plan = shop();
    plan.tasks[0].task.acceptance = vec![super::criterion("it opens")];
    assert_eq!(
        problem(&plan, "- [ ] it opens\n", "- it opens\n\nand shuts\n").0,
        "and shuts"
    );
}

#[test]
fn an_empty_title_is_a_problem() {
    assert_eq!(problem(&shop(), GUIDE, "### 3. ").0, "### 3. ");
    assert_eq!(problem(&shop(), "# Shop", "# ").0, "# ");
    let text = render(&shop()).replace("# Shop\n", "");
    assert_eq!(parse(&text, &shop()).unwrap_err()[0].line, 1);
}

/// PL-18 dependencies are edited.
#[test]
fn waits_come_go_and_change_their_class() {
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

#[test]
fn a_wait_for_nobody_is_a_problem() {
    for value in ["9", "1, new-1", "3", "1, 1 (soft)", "shop", "1 2"] {
        let line = format!("waits for: {value}");
        assert_eq!(problem(&shop(), "waits for: 1 (soft)", &line).0, line);
    }
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
fn new_tasks_wait_for_each_other_by_name() {
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
fn a_new_task_at_the_front_comes_to_the_front() {
    let plan = shop();
    let new = "### First\nAcceptance:\n- a\n\n### 1. Open the shop";
    let changes = edited(&plan, "### 1. Open the shop", new).unwrap();
    assert_eq!(changes[1..], [order(&["new-1", "1", "2", "3"])]);
    let got = applied(&plan, &changes).unwrap();
    assert_eq!(got.tasks[0].task.title, "First");
}

/// PL-18 tasks are deleted.
#[test]
fn a_section_that_is_deleted_removes_its_task() {
    let plan = shop();
    assert_eq!(
        edited(&plan, &section(&plan, 3), "").unwrap(),
        [remove("3")]
    );
}

#[test]
fn a_heading_that_is_struck_removes_its_task() {
    for heading in ["### ~~3. Write the guide~~", "### 3. ~~Write the guide~~"] {
        assert_eq!(edited(&shop(), GUIDE, heading).unwrap(), [remove("3")]);
    }
    assert_eq!(
        problem(&shop(), GUIDE, "### ~~3. Write the guide").0,
        "### ~~3. Write the guide"
    );
}

#[test]
fn a_task_for_which_another_waits_cannot_just_go() {
    let mut plan = shop();
    plan.waits.remove(1);
    let (line, message) = problem(&plan, &section(&plan, 1), "");
    assert_eq!(
        (line.as_str(), message.as_str()),
        ("waits for: 1", "Task 2 waits for task 1, which goes.")
    );
    let text = render(&plan)
        .replace(&section(&plan, 1), "")
        .replace("waits for: 1\n", "");
    assert_eq!(parse(&text, &plan).unwrap(), [free("2", "1"), remove("1")]);
}

#[test]
fn tasks_that_wait_for_each_other_go_together() {
    let mut plan = shop();
    plan.waits.push(super::wait(1, 2, Soft));
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

/// PL-18 tasks are put in another order.
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
fn a_task_above_all_streams_is_a_problem() {
    let plan = shop();
    let text = render(&plan).replace("## Stream: main\n", "");
    let problems = parse(&text, &plan).unwrap_err();
    assert_eq!(problems.len(), 2);
}

#[test]
fn streams_that_take_turns_in_the_plan_need_no_new_order() {
    let mut plan = shop();
    plan.tasks.swap(1, 2);
    assert_eq!(parse(&render(&plan), &plan), Ok(vec![]));
    assert_eq!(edited(&plan, "points: 3", "points: 4").unwrap().len(), 1);
}

#[test]
fn a_number_that_stands_there_twice_is_a_problem() {
    let (line, message) = problem(
        &shop(),
        GUIDE,
        &format!("### 2. Pay\nAcceptance:\n- a\n\n{GUIDE}"),
    );
    assert_eq!(line, "### 2. Pay");
    assert!(
        message.starts_with("Task 2 has a section in line "),
        "{message}"
    );
}

#[test]
fn a_number_that_the_plan_does_not_know_is_a_problem() {
    let new = "### 12. Months\nAcceptance:\n- a\n\n";
    assert_eq!(
        problem(&shop(), GUIDE, &format!("{new}{GUIDE}")).0,
        "### 12. Months"
    );
    let changes = edited(
        &shop(),
        GUIDE,
        &format!("{}{GUIDE}", new.replace("12", "\\12")),
    )
    .unwrap();
    assert!(matches!(&changes[0], Change::Add(new) if new.title == "12. Months"));
}

#[test]
fn a_heading_typed_in_a_hurry_loses_no_task() {
    assert_eq!(edited(&shop(), GUIDE, "###3.Write the guide"), Ok(vec![]));
    let problems = edited(&shop(), GUIDE, "#### 3. Write the guide").unwrap_err();
    assert!(problems[0].message.contains("has 4 `#`"), "{problems:?}");
    let problems = edited(&shop(), GUIDE, "## 3. Write the guide").unwrap_err();
    assert!(
        problems[0].message.contains("names no stream"),
        "{problems:?}"
    );
    let problems = edited(&shop(), GUIDE, "# 3. Write the guide").unwrap_err();
    assert!(problems[0].message.contains("is no title"), "{problems:?}");
}

#[test]
fn text_outside_of_tasks_is_a_problem() {
    assert_eq!(
        problem(&shop(), "# Shop\n", "# Shop\nlorem\nipsum\n").0,
        "lorem"
    );
}

#[test]
fn a_comment_is_not_read_and_takes_no_task_along() {
    let note = "<!-- a note\nof two lines: type: bug -->\n";
    assert_eq!(
        edited(&shop(), "points: 3\n", &format!("points: 3\n{note}")),
        Ok(vec![])
    );
    let (line, _) = problem(
        &shop(),
        "<!-- lines 12-18, FR-2 -->",
        "<!-- lines 12-18, FR-2",
    );
    assert_eq!(line, "<!-- lines 12-18, FR-2");
}

#[test]
fn what_a_task_tests_stays() {
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
fn a_test_goes_with_what_it_tests() {
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
        problems[0].message.contains("goes with what it tests"),
        "{problems:?}"
    );
}

#[test]
fn a_test_goes_with_the_strategy_that_brought_it() {
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
fn a_test_alone_can_go_once_nothing_waits_for_it() {
    let plan = tested_shop();
    let test = section(&plan, 4);
    assert_eq!(problem(&plan, &test, "").0, "waits for: 1, 4");
    let text = render(&plan)
        .replace(&test, "")
        .replace("waits for: 1, 4", "waits for: 1");
    assert_eq!(parse(&text, &plan).unwrap(), [free("2", "4"), remove("4")]);
}

#[test]
fn of_what_became_a_task_only_place_and_stream_can_change() {
    let mut plan = shop();
    plan.tasks[1].item = item("T-0012");
    assert!(render(&plan).contains("<!-- This is T-0012 now. Only its place"));
    let (line, message) = problem(&plan, "points: 3", "points: 4");
    assert_eq!(line, "points: 4");
    assert_eq!(
        message,
        "Task 2 is T-0012 now: its points cannot be changed."
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
fn a_task_of_which_the_document_no_longer_speaks_says_so() {
    let mut plan = shop();
    (plan.tasks[1].item, plan.tasks[1].is_gone) = (item("T-0012"), true);
    assert!(
        render(&plan).contains("<!-- This is T-0012 now; the document no longer speaks of it. ")
    );
}

#[test]
fn nothing_is_lost_on_a_mistake() {
    let plan = shop();
    let text = render(&plan)
        .replace("points: 3", "points: few")
        .replace("Open the shop", "Open");
    let shown = with_problems(&text, &parse(&text, &plan).unwrap_err());
    let line = shown
        .lines()
        .position(|line| line == "points: few")
        .unwrap()
        + 1;
    assert!(
        shown.contains(&format!("\nline {line}: `few` is no number of points.\n")),
        "{shown}"
    );
    let corrected = shown.replace("points: few", "points: 8");
    let wanted = [set("1", "title", "Open"), set("2", "points", "8")];
    assert_eq!(parse(&corrected, &plan).unwrap(), wanted);
}

#[test]
fn milestones_of_one_title_are_told_apart_by_their_keys() {
    let mut plan = shop();
    plan.milestones[1].title = "beta".into();
    assert!(render(&plan).contains("\nmilestone: Beta [m1]\n"));
    let changes = edited(&plan, "milestone: Beta [m1]", "milestone: beta [m2]").unwrap();
    assert_eq!(changes, [set("2", "milestone", "m2")]);
}

#[test]
fn a_large_text_is_read_in_time() {
    let plan = super::plan((1..=60).map(|n| task(n, "Do it")).collect());
    let body = render(&plan);
    let pieces = [
        "a\n",
        "a\n\n",
        "<!--\n",
        "### a\n",
        "- a\n",
        "> a\n",
        "a: b\n",
        "<!-- ",
        "# a\n",
        "~~",
        "1. \n\n",
        "### a\nAcceptance:\n- b\n",
    ];
    for piece in pieces {
        let mut text = body.clone();
        text.push_str(&piece.repeat(500_000 / piece.len()));
        let begin = std::time::Instant::now();
        let read = parse(&text, &plan);
        let took = begin.elapsed();
        assert!(took.as_secs() < 10, "{piece:?} took {took:?}");
        assert!(read.is_ok() || read.is_err_and(|problems| problems.len() <= 500));
    }
}
