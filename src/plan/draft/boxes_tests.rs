//! Boxes to tick: what an author leaves open is work, whatever stands above or below it.

use super::rules_tests::{accounted, criteria, drafted, of, padded, titles};
use super::*;

const ORDERING: [&str; 22] = [
    "In progress",
    "Next",
    "This week",
    "Backlog",
    "Product backlog",
    "TODO",
    "Notes",
    "References",
    "Progress",
    "Overview",
    "Risks",
    "Open questions",
    "Security",
    "Constraints",
    "Assumptions",
    "Decisions",
    "Dependencies",
    "Users",
    "Phase 2",
    "Phase 2 roadmap",
    "Next (v2)",
    "下一步",
];

const PUT_ASIDE: [&str; 13] = [
    "Later",
    "Someday",
    "Ideas",
    "Future",
    "Wishlist",
    "Icebox",
    "Nice to have",
    "Won't do",
    "Out of scope",
    "Dropped",
    "Phase 2: Ideas",
    "Backlog (later)",
    "将来",
];

#[test]
fn an_open_box_is_a_task_below_a_heading_that_only_orders_or_informs() {
    for heading in ORDERING {
        let text = format!("# A\n\n## {heading}\n\n- [ ] invoices\n- [x] orders\n");
        assert_eq!(titles(&text), ["invoices"], "{heading}");
        assert_eq!(of(&text, "invoices"), Disposition::Task, "{heading}");
        assert_eq!(of(&text, "orders"), Disposition::Done, "{heading}");
    }
}

#[test]
fn an_open_box_with_a_question_in_a_list_of_questions_is_one() {
    let text = "# A\n\n## Open questions\n\n- [ ] Which limit?\n- [ ] Ask Ana\n\n## Next\n\n- [ ] Why slow?\n";
    assert_eq!(titles(text), ["Ask Ana", "Why slow?"]);
    assert_eq!(of(text, "Which limit?"), Disposition::Question);
}

#[test]
fn a_heading_that_says_later_or_never_puts_open_boxes_aside() {
    for heading in PUT_ASIDE {
        let text = format!("# A\n\n## {heading}\n\n- [ ] invoices\n\n### More\n\n- [ ] orders\n");
        assert!(titles(&text).is_empty(), "{heading}: {:?}", titles(&text));
        let found = accounted(&padded(&text));
        let aside = found.iter().filter(|one| one.is_put_aside_by_heading());
        let aside: Vec<&str> = aside.map(|one| one.text.as_str()).collect();
        assert_eq!(aside, ["invoices", "orders"], "{heading}");
    }
    // A note at the line itself is no heading.
    let text = "# A\n\n## Tasks\n\n- [ ] invoices (maybe)\n- [ ] orders\n";
    assert_eq!(titles(text), ["orders"]);
    assert_eq!(of(text, "invoices"), Disposition::Deferred);
    assert!(
        !accounted(&padded(text))
            .iter()
            .any(Accounted::is_put_aside_by_heading)
    );
    // A cell of a row can be overlooked.
    let text = "# A\n\n## Requirements\n\n| ID | Requirement | Priority |\n|--|--|--|\n\
                | R1 | Import | Must |\n| R2 | Fly | Won't |\n";
    let found = accounted(&padded(text));
    let aside = found.iter().filter(|one| one.is_put_aside_by_heading());
    let aside: Vec<&str> = aside.map(|one| one.text.as_str()).collect();
    assert_eq!(aside, ["Fly"]);
}

#[test]
fn a_mark_in_the_place_of_a_box_puts_its_line_aside() {
    let text = "# A\n\n## Tasks\n\n- [ ] invoices\n- [-] fax\n- [>] orders\n  - [ ] by mail\n";
    assert_eq!(titles(text), ["invoices", "by mail"]);
    assert_eq!(of(text, "fax"), Disposition::NonGoal);
    assert_eq!(of(text, "orders"), Disposition::Deferred);
    let found = accounted(&padded(text));
    let named = found.iter().filter(|one| one.is_put_aside_by_box());
    let named: Vec<&str> = named.map(|one| one.text.as_str()).collect();
    assert_eq!(named, ["fax", "orders"]);
    // Only in the place of a box, and with something behind it.
    assert_eq!(titles("# A\n\n## Tasks\n\n- [ ] [-] invoices\n").len(), 1);
}

#[test]
fn an_entry_beside_boxes_is_not_later_by_a_heading_that_only_orders() {
    for heading in ["Next", "Backlog"] {
        let text = format!("# A\n\n## {heading}\n\n- [ ] invoices\n- orders\n  - by mail\n");
        assert_eq!(titles(&text), ["invoices"], "{heading}");
        for entry in ["orders", "by mail"] {
            assert_eq!(
                of(&text, entry),
                Disposition::Uncovered,
                "{heading}: {entry}"
            );
        }
    }
    let text = "# A\n\n## Phase 2\n\n- [ ] invoices\n- orders\n";
    assert_ne!(of(text, "orders"), Disposition::Deferred);
    // Without boxes the heading is all that its author says, and one for later work always counts.
    for text in [
        "# A\n\n## Next\n\n- orders\n",
        "# A\n\n## Later\n\n- [ ] invoices\n- orders\n",
    ] {
        assert_eq!(of(text, "orders"), Disposition::Deferred, "{text}");
    }
}

#[test]
fn a_box_for_a_condition_of_the_end_is_no_task() {
    for heading in [
        "Acceptance criteria",
        "Definition of done",
        "Definition of ready",
        "Success criteria",
    ] {
        let text = format!("# A\n\n## {heading}\n\n- [ ] it runs\n");
        assert!(titles(&text).is_empty(), "{heading}");
        assert_eq!(of(&text, "it runs"), Disposition::Constraint, "{heading}");
    }
}

#[test]
fn an_open_box_is_open_although_the_boxes_below_it_are_ticked() {
    let text = "# A\n\n## This week\n\n- [ ] shop\n    - [x] form\n    - [x] style\n- [ ] domain\n";
    assert_eq!(titles(text), ["shop", "domain"]);
    assert_eq!(criteria(text), [Vec::<String>::new(), Vec::new()]);
    for part in ["form", "style"] {
        assert_eq!(of(text, part), Disposition::Done, "{part}");
    }
    assert_eq!(titles("# Idea\n\n- [ ] a\n  - [x] b\n"), ["a"]);
    // Without a box of its own it is what its boxes are.
    let list = "# A\n\n## Tasks\n\n1. Search\n   - [x] text\n2. Lists\n   - [ ] all\n";
    assert_eq!(titles(list), ["Lists"]);
}

#[test]
fn an_open_box_below_a_ticked_one_is_a_task() {
    for (above, below) in [
        ("## Tasks", "  - [ ] paint the door"),
        ("## Done", "  - [ ] paint the door"),
        ("## Tasks", "  - in spring\n    - [ ] paint the door"),
        ("## Tasks", "  - [x] walls\n    - [ ] paint the door"),
    ] {
        let text = format!("# A\n\n{above}\n\n- [x] House\n{below}\n");
        assert_eq!(titles(&text), ["paint the door"], "{text}");
        assert_eq!(of(&text, "House"), Disposition::Done, "{text}");
    }
    // What the heading of the ticked one says holds for both.
    let text = "# A\n\n## Won't do\n\n- [x] House\n  - [ ] paint the door\n- [ ] b\n";
    assert!(titles(text).is_empty(), "{:?}", titles(text));
}

#[test]
fn an_open_box_is_never_done_by_a_note_at_it() {
    for line in [
        "- [ ] Login (done)",
        "- [ ] Login ✅",
        "- [ ] Form - done button",
        "- [ ] Login\n  - Status: done",
    ] {
        let text = format!("# A\n\n## Tasks\n\n{line}\n- [ ] b\n");
        let begin = line[6..].split_whitespace().next().unwrap();
        assert_eq!(of(&text, begin), Disposition::Uncovered, "{line}");
    }
}

#[test]
fn an_open_box_is_no_property_of_a_task() {
    for line in [
        "Files: upload them",
        "Test: the login",
        "Status: show it",
        "Goal: all of it",
        "Risk: ask the bank",
        "Which bank?",
    ] {
        let text = format!("# A\n\n## This week\n\n- [ ] {line}\n");
        assert_eq!(titles(&text), [line]);
    }
}

#[test]
fn a_list_of_what_is_in_progress_is_one_of_work() {
    assert_eq!(
        titles("# A\n\n## In progress\n\n- login page\n"),
        ["login page"]
    );
}

#[test]
fn tests_can_be_left_to_the_tasks_themselves() {
    let plan = super::rules_tests::drafted("- [ ] a\n- [ ] b, after a\n");
    assert_eq!(plan.tasks.len(), 4);
    let plan = plan.without_tests();
    assert_eq!(plan.tasks.len(), 2);
    assert!(plan.edges.iter().all(|edge| !edge.is_of_test()));
    let none = |task: &Task| task.validation == Validation::None;
    assert!(plan.tasks.iter().all(none));
    assert!(plan.tasks[0].validation_reason.contains("pm.planTests"));
}

#[test]
fn boxes_in_other_forms_than_markdowns_are_boxes() {
    let list = "# Notes\n\n## Tasks\n\n- [✓] Confirm the order\n- [ ]* Write tests for the parser\n\
                - [] Build the parser\n- [/] Build the lexer\n- [ ] Build the printer\n";
    let wanted = [
        "Write tests for the parser",
        "Build the parser",
        "Build the lexer",
        "Build the printer",
    ];
    assert_eq!(titles(list), wanted);
    let headings = "# Notes\n\n## Phase 1\n\n### [x] Set up\n\nMake the skeleton.\n\n- with a license\n\n\
                    ### [ ] Parse a file\n\nReject broken lines.\n\nAcceptance criteria\n\n- An empty file is accepted\n\n\
                    ### [ ] Store the rows\n\n- [ ] Once\n- [ ] In order\n";
    let found = titles(headings);
    assert_eq!(found[0], "Parse a file", "{found:?}");
    assert!(
        found
            .iter()
            .all(|title| !title.contains('[') && !title.contains("license")),
        "{found:?}"
    );
}

#[test]
fn a_list_that_is_the_whole_document_is_one_of_tasks() {
    let text =
        "# TODO\n\n- Fix the crash\n- Update dependencies\n  - tokio 2\n- DONE: move to Actions\n";
    assert_eq!(titles(text), ["Fix the crash", "Update dependencies"]);
    let text = "# Tasks\n\n- [ ] Fix the crash\n\n## Notes\n\n- The log is in `/var`\n";
    assert_eq!(titles(text), ["Fix the crash"]);
}

#[test]
fn a_table_of_tickets_is_work_wherever_it_stands() {
    let text = "# Sprint 14\n\n| Ticket | Title | SP | Depends |\n|---|---|---|---|\n| RPT-1 | List page | 3 | |\n\
                | RPT-2 | CSV export | 2 | RPT-1 |\n| RPT-3 | ~~PDF export~~ | 8 | |\n";
    assert_eq!(titles(text), ["List page", "CSV export"]);
    let codes =
        "# Errors\n\n| Code | Meaning |\n|---|---|\n| ERR-1 | No disk |\n| ERR-2 | No network |\n";
    assert!(!titles(codes).contains(&"No disk".to_owned()));
}

#[test]
fn the_number_of_a_row_is_no_part_of_its_title() {
    let text = "# Product Backlog\n\n| # | User story | Status | Depends on |\n|--|--|--|--|\n\
                | 1 | As a user I can sign up | To do | |\n| 2 | As a user I can pay | To do | 1 |\n";
    let plan = drafted(text);
    assert_eq!(
        titles(text),
        ["As a user I can sign up", "As a user I can pay"]
    );
    assert!(
        plan.edges.iter().any(|edge| edge.rule == "explicit"),
        "{:?}",
        plan.edges
    );
}

#[test]
fn a_line_that_announces_a_list_needs_no_markup() {
    let text = "Offline mode\n\nAcceptance criteria\nAC1: It is stored\nAC2: It is sent\n\n\
                Subtasks\n1) Store it\n2) Send it (after 1)\n";
    assert_eq!(titles(text), ["Store it", "Send it (after 1)"]);
}
