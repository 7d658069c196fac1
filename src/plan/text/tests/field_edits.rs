//! Editing the fields of a task.

use super::edits::{GUIDE, edited, free, section, set};
use super::{criterion, from_json, item, shop, tested_shop};
use crate::plan::change::Change;
use crate::plan::text::{parse, render};

#[test]
fn a_plan_reads_as_a_document() {
    let mut plan = tested_shop();
    plan.tasks[0].item = item("T-0012");
    plan.tasks[3].added_by = Some("ana".into());
    plan.tasks[3].task.auto_policy = from_json("review".into());
    let text = render(&plan);
    let (help, body) = text.split_once("-->\n").unwrap();
    assert!(help.contains("An empty file changes nothing."));
    insta::assert_snapshot!(body, @r"
    <!-- Milestones: Beta, Launch -->

    # Shop

    ## Stream: main

    ### 1. Open the shop
    <!-- This task is now T-0012. Only its position and stream can be changed here. -->
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
fn a_policy_whose_line_is_deleted_is_cleared() {
    let mut plan = shop();
    plan.tasks[0].task.auto_policy = from_json("review".into());
    assert_eq!(
        edited(&plan, "auto_policy: review\n", "").unwrap(),
        [set("1", "auto_policy", "none")]
    );
}

#[test]
fn fields_may_be_in_any_order_and_case_and_with_tabs() {
    let plan = shop();
    let old = "type: feature\nestimate: M\npoints: 3\nrisk: low\nvalidation: none\nwaits for: 1\n";
    let new = "  Risk:\tLOW\r\nDepends on: #1\nestimate:\tm  \nType: Feature\n\nPoints: 3\nStrategy: NONE\n";
    assert_eq!(edited(&plan, old, new), Ok(vec![]));
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
fn text_without_marks_is_read_as_description() {
    let changes = edited(&shop(), "> Doors first.\n>\n", "Doors last.\n\n").unwrap();
    let wanted = "Doors last.\n\n## Then windows\n- two";
    assert_eq!(changes, [set("1", "description", wanted)]);
}

#[test]
fn a_description_can_be_removed_and_added() {
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
fn criteria_are_bullets_that_may_continue_on_the_next_line() {
    let mut plan = shop();
    plan.tasks[0].task.acceptance = vec![criterion("it  opens"), criterion("old")];
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
fn milestones_with_one_title_are_distinguished_by_their_keys() {
    let mut plan = shop();
    plan.milestones[1].title = "beta".into();
    assert!(render(&plan).contains("\nmilestone: Beta [m1]\n"));
    let changes = edited(&plan, "milestone: Beta [m1]", "milestone: beta [m2]").unwrap();
    assert_eq!(changes, [set("2", "milestone", "m2")]);
}
