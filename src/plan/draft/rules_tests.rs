//! A test for each rule of the table, and for the projections of its verdicts.

use super::*;
use git_pm_document::Document;

/// A document that is not a short request, whatever its text.
pub(super) fn padded(text: &str) -> String {
    format!("{text}\n\n## Zeta\n\n{}", "Zeta.\n\n".repeat(13))
}

pub(super) fn drafted(text: &str) -> Draft {
    let document = Document::parse(text.as_bytes()).unwrap();
    let limits = Limits::default();
    draft(
        &Verdicts::of(document),
        &Inputs {
            exists: &|path| path == "src",
            contested: &[],
            limits: &limits,
        },
    )
}

pub(super) fn titles(text: &str) -> Vec<String> {
    drafted(&padded(text))
        .counted()
        .map(|task| task.title.clone())
        .collect()
}

pub(super) fn criteria(text: &str) -> Vec<Vec<String>> {
    let of = |task: &Task| task.acceptance.iter().map(|one| one.text.clone()).collect();
    drafted(&padded(text)).counted().map(of).collect()
}

/// The account of a document by the plan drafted from it.
pub(super) fn accounted(text: &str) -> Vec<Accounted> {
    let document = Document::parse(text.as_bytes()).unwrap();
    let plan = drafted(text);
    let tasks = plan.counted().map(Carrier::of);
    let phases = plan.milestones.iter().map(|phase| Carrier {
        key: &phase.key,
        lines: Vec::new(),
        criteria: phase
            .success
            .iter()
            .chain(&phase.deliverables)
            .map(|one| one.lines)
            .collect(),
    });
    let carriers: Vec<Carrier<'_>> = tasks.chain(phases).collect();
    account(&Verdicts::of(document), &carriers)
}

/// The disposition of the statement that begins with a text.
pub(super) fn of(document: &str, text: &str) -> Disposition {
    let found = accounted(&padded(document))
        .into_iter()
        .find(|one| one.text.starts_with(text));
    found
        .unwrap_or_else(|| panic!("{text} is not a statement of {document}"))
        .disposition
}

fn waits(text: &str) -> Vec<(String, String)> {
    let plan = drafted(text);
    let title = |key: &str| {
        plan.task(key)
            .map(|task| task.title.clone())
            .unwrap_or_default()
    };
    let stated = plan.edges.iter().filter(|edge| !edge.is_of_test());
    stated
        .map(|edge| (title(&edge.task), title(&edge.on)))
        .collect()
}

#[test]
fn headings_and_layout_are_context_and_other_words_are_open() {
    let text = "# Plan\n\n## Body\n\n<!-- note -->\n\nWords.\n";
    for part in ["Plan", "Body"] {
        assert_eq!(of(text, part), Disposition::Context, "{part}");
    }
    assert_eq!(of(text, "Words"), Disposition::Uncovered);
}

#[test]
fn what_is_done_ruled_out_or_deferred_is_no_task() {
    let text = "# A\n\n## Tasks\n\n- [x] old\n- [ ] new\n- [ ] other (dropped)\n- [ ] later one (maybe)\n\n\
                ## Out of scope\n\n- [ ] gas\n\n## Future\n\n- [ ] wind\n";
    assert_eq!(titles(text), ["new"]);
    assert_eq!(of(text, "old"), Disposition::Done);
    assert_eq!(of(text, "other"), Disposition::NonGoal);
    assert_eq!(of(text, "later one"), Disposition::Deferred);
    assert_eq!(of(text, "gas"), Disposition::NonGoal);
    assert_eq!(of(text, "wind"), Disposition::Deferred);
    let plan = drafted(text);
    assert_eq!((plan.guards.len(), plan.deferred.len()), (2, 2));
}

#[test]
fn a_ticked_child_is_not_part_of_its_task() {
    let text = "- [ ] Create x:\n  - a thing\n  - another\n  - [x] gone\n";
    assert_eq!(titles(text), ["Create x"]);
    assert_eq!(criteria(text), [["a thing", "another"]]);
    assert_eq!(of(text, "gone"), Disposition::Done);
}

#[test]
fn questions_are_listed() {
    let text =
        "# A\n\n## Open questions\n\n- Which bank?\n\n## Edge cases\n\n- What if it rains?\n";
    assert_eq!(drafted(text).questions.len(), 2);
}

#[test]
fn fields_are_no_statements_about_the_work() {
    let text = "## FR-1: Pay\n\n**Effort**: 3 points\n**Priority**: P1\n\n- by card\n";
    let plan = drafted(text);
    let task = plan.counted().next().unwrap();
    assert_eq!(
        (task.points, task.hours, task.acceptance.len()),
        (Some(3), 6, 1)
    );
    assert_eq!(task.priority.map(|priority| priority.number()), Some(1));
}

#[test]
fn a_criterion_elsewhere_has_to_name_its_task() {
    let text = "## Requirements\n\n- FR-1: Pay by card\n- FR-2: Refund a card\n\n## Acceptance\n\n\
                | ID | Criterion |\n|--|--|\n| FR-1 | It is charged once |\n\n### Acceptance for FR-2\n\n- In a day\n\n\
                ### All\n\n- Pay and refund a card quickly\n";
    assert_eq!(criteria(text), [["It is charged once"], ["In a day"]]);
    assert_eq!(of(text, "Pay and refund"), Disposition::Constraint);
}

#[test]
fn sections_of_order_give_edges_and_no_tasks() {
    let text = "- [ ] T001 a\n- [ ] T002 b\n- [ ] T003 c\n\n## Dependencies\n\n- T002 depends on T001\n- T002 -> T003\n\
                - Postgres 15\n";
    assert_eq!(titles(text), ["a", "b", "c"]);
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(waits(text), [pair("b", "a"), pair("c", "b")]);
    assert_eq!(drafted(text).external.len(), 1);
}

#[test]
fn phases_are_milestones_in_order_without_edges() {
    let text = "## Phase 1: Base\n\n- build\n- ship\n\n**Acceptance:**\n- it runs\n\n## Phase 2: More\n\n- [ ] grow\n";
    let plan = drafted(text);
    assert_eq!(titles(text), ["build", "ship", "grow"]);
    assert_eq!(plan.milestones.len(), 2);
    assert_eq!(
        plan.milestones[1].after.as_ref(),
        Some(&plan.milestones[0].key)
    );
    assert_eq!(plan.milestones[0].success[0].text, "it runs");
    assert!(waits(text).is_empty());
    assert!(
        plan.findings
            .iter()
            .any(|finding| finding.rule == "gate" && finding.lines.start == 7)
    );
}

#[test]
fn a_phase_that_names_requirements_has_them_as_its_tasks() {
    let text = "## Requirements\n\n- FR-1: Pay\n- FR-2: Refund\n\n## Phases\n\n### Phase 1\n\n- FR-2\n\n### Phase 2\n\n- FR-1: Pay\n";
    let plan = drafted(text);
    assert_eq!(titles(text), ["Pay", "Refund"]);
    let of = |at: usize| {
        plan.milestones[at]
            .tasks
            .iter()
            .map(|key| plan.task(key).unwrap().title.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!((of(0), of(1)), (vec!["Refund"], vec!["Pay"]));
}

#[test]
fn the_tasks_of_a_phase_are_what_its_author_lists_as_such() {
    let text = "## Sprint 1\n\n**Tasks:**\n- build\n\n**Deliverables:**\n- a house\n";
    assert_eq!(titles(text), ["build"]);
    assert_eq!(
        titles(&text.replace("**Tasks:**\n- build\n\n", "")),
        ["a house"]
    );
}

#[test]
fn a_requirement_that_names_its_story_is_one_task_with_it() {
    let story = |n: u32| format!("### US-{n}: Story {n}\n\n- [ ] criterion {n}\n\n");
    let text = format!(
        "## Stories\n\n{}{}## Requirements\n\n- FR-1: System must x (US-2)\n- FR-2: System must y\n",
        story(1),
        story(2)
    );
    assert_eq!(titles(&text), ["Story 1", "Story 2"]);
    assert_eq!(criteria(&text)[1], ["criterion 2", "System must x (US-2)"]);
    assert_eq!(of(&text, "System must y"), Disposition::Uncovered);
    let flat = "## Stories\n\n- US-1: As a user, I want to pay\n\n## Requirements\n\n- FR-1: Pay (US-1)\n- FR-2: Refund\n";
    assert_eq!(titles(flat), ["Pay (US-1)", "Refund"]);
}

#[test]
fn statements_with_ids_are_tasks() {
    assert_eq!(
        titles("## Requirements\n\n### FR-1: Pay\n\n- by card\n\n### FR-2: Refund\n"),
        ["Pay", "Refund"]
    );
    assert_eq!(titles("FR-1: Pay\nFR-2: Refund\n"), ["Pay", "Refund"]);
    assert_eq!(
        criteria("### FR-3: Loans\n\n- FR-3.1: hold\n- FR-3.2: renew\n"),
        [["hold", "renew"]]
    );
    assert_eq!(
        titles("### FR-3: Loans\n\nAll.\n\n#### FR-3.1: Holds\n\n- x\n"),
        ["Holds"]
    );
    assert_eq!(titles("## Epic 1: Shop\n\n### US-1: Pay\n\n- x\n"), ["Pay"]);
    assert!(titles("## Risks\n\n- R-1: It rains\n- R-2: It snows\n").is_empty());
    assert!(titles("## Requirements\n\n- NFR-1: fast\n").is_empty());
}

#[test]
fn an_overview_states_priority_and_effort_of_requirements_with_a_section() {
    let of = |header: &str| {
        let text = format!(
            "## Stories\n\n| ID | Story | Priority | {header} |\n|---|---|---|---|\n| US-1 | Invite a colleague | P0 | 5 |\n| US-2 | Remove a member | P1 | 3 |\n\n### US-1 Invite\n\n- A mail is sent\n"
        );
        let plan = drafted(&padded(&text));
        let stated = |task: &Task| {
            let priority = task.priority.map(|priority| format!("{priority:?}"));
            (task.title.clone(), priority, task.hours, task.points)
        };
        let mut all: Vec<_> = plan.counted().map(stated).collect();
        all.sort();
        all
    };
    let [(invite, urgent, hours, points), (remove, next, fewer, _)] = &of("Estimate")[..] else {
        panic!("two tasks");
    };
    assert_eq!(
        (invite.as_str(), remove.as_str()),
        ("Invite", "Remove a member")
    );
    assert!(urgent.is_some() && next.is_some() && urgent != next);
    assert_eq!((*hours, *points, *fewer), (10, Some(5), 6));
    assert_eq!(of("Estimate (h)")[0].2, 5);
    assert_eq!(of("Estimate (days)")[0].2, 40);
    // What only looks like a number of something else is none.
    assert_ne!(of("Duration")[0].2, 10);
}

#[test]
fn boxes_are_tasks_or_the_criteria_of_what_they_stand_below() {
    assert_eq!(
        titles("1. **Search**\n   - [ ] text\n   - [ ] names\n2. **List**\n   - [ ] all\n"),
        ["Search", "List"]
    );
    assert_eq!(
        titles("- [ ] Parent\n  - [ ] one\n  - [ ] two\n"),
        ["Parent"]
    );
    assert_eq!(
        titles("- [ ] Group\n  - [ ] T001 one\n  - [ ] T002 two\n"),
        ["one", "two"]
    );
    assert!(titles("## Acceptance criteria\n\n- [ ] it runs\n").is_empty());
}

#[test]
fn a_story_needs_criteria_or_an_id() {
    assert_eq!(
        titles("## Stories\n\n### As a user, I want to pay\n\n- by card\n").len(),
        1
    );
    assert!(titles("## Stories\n\n- As a user, I want to pay\n").is_empty());
    assert_eq!(
        titles("## Stories\n\n- US-1: As a user, I want to pay\n").len(),
        1
    );
}

#[test]
fn rows_of_tables_of_work_are_tasks() {
    assert_eq!(
        titles("## API\n\n| Method | Path | Use |\n|--|--|--|\n| GET | /a | list |\n"),
        ["GET — /a — list"]
    );
    assert!(titles("## Limits\n\n| Setting | Default |\n|--|--|\n| a | 1 |\n").is_empty());
    assert!(titles("## Competitors\n\n| Feature | Them |\n|--|--|\n| Search | yes |\n").is_empty());
}

#[test]
fn features_need_a_heading_that_calls_them_so() {
    assert_eq!(
        titles("## Features\n\n### Search\n\n- full text\n\n### Cart\n\n- keeps\n"),
        ["Search", "Cart"]
    );
    assert!(titles("## Architecture\n\n### Search\n\n- full text\n").is_empty());
    assert!(titles("## Background\n\n### Search\n\n- full text\n").is_empty());
    assert!(titles("## Features\n\n- Search\n").is_empty());
}

#[test]
fn steps_need_a_section_of_work() {
    let text = "## Implementation steps\n\n1. Create x:\n   - a thing\n2. Wire it up (depends on step 1)\n";
    assert_eq!(titles(text), ["Create x", "Wire it up (depends on step 1)"]);
    assert_eq!(waits(text).len(), 1);
    assert!(titles("## How it works\n\n1. Open the page\n2. See it\n").is_empty());
}

#[test]
fn criteria_are_the_own_children_only() {
    let text = "## FR-1: Pay\n\nWords about it.\n\n- by card\n\n**Acceptance**: charged once\n\n**Risk**: fraud\n";
    assert_eq!(criteria(text), [["by card", "charged once"]]);
    assert_eq!(criteria("- [ ] alone\n"), [Vec::<String>::new()]);
}

#[test]
fn risks_limits_and_background_have_their_place() {
    let text = "# A\n\n## Risks\n\n- rain\n\n## Constraints\n\n- no cloud\n\n## Background\n\nIt was late. \n\nUsers must log in.\n\n\
                ## Personas\n\n- Ann\n\n## Goals\n\n- Add a shop\n- growth\n";
    assert_eq!(of(text, "rain"), Disposition::Risk);
    assert_eq!(of(text, "no cloud"), Disposition::Constraint);
    assert_eq!(of(text, "It was late"), Disposition::Context);
    assert_eq!(of(text, "Users must"), Disposition::Uncovered);
    assert_eq!(of(text, "Ann"), Disposition::Context);
    assert_eq!(of(text, "Add a shop"), Disposition::Uncovered);
    assert_eq!(of(text, "growth"), Disposition::Uncovered);
    assert!(
        accounted(text)
            .iter()
            .filter(|one| one.disposition == Disposition::Constraint)
            .all(|one| one.reason == LIMIT)
    );
}

#[test]
fn numbered_steps_of_a_background_are_open() {
    assert_eq!(
        of("# A\n\n## Goal\n\nThe client:\n\n1. pays\n", "pays"),
        Disposition::Uncovered
    );
}

#[test]
fn code_is_open_unless_it_is_an_example() {
    let code = |text: &str| {
        accounted(&padded(text))
            .iter()
            .filter(|one| one.disposition == Disposition::Uncovered && one.text != "Zeta.")
            .count()
    };
    // The heading says what the code is.
    assert_eq!(code("# A\n\n## Commands\n\n```\nrun\n```\n"), 2);
    assert_eq!(
        code("# A\n\n## Commands\n\nFor example:\n\n```\nrun\n```\n"),
        0
    );
}

#[test]
fn a_short_request_without_structure_is_one_task_with_all_its_statements() {
    let plan = drafted("# Export\n\nUsers want their data.\n\n- It is a file.\n");
    let tasks: Vec<&Task> = plan.counted().collect();
    assert_eq!((tasks[0].title.as_str(), tasks.len()), ("Export", 1));
    assert_eq!(tasks[0].acceptance.len(), 2);
    assert_eq!(plan.strategy, Strategy::Single);
    assert!(titles("# Export\n\nUsers want their data.\n").is_empty());
}

#[test]
fn headings_of_commands_and_endpoints_are_tasks() {
    let text = "## Tools\n\n### `stat`\n\n- size\n\n### `read`\n\n- text\n\n## Types\n\n### `User`\n\n- name\n";
    assert_eq!(titles(text), ["stat", "read"]);
    assert_eq!(
        titles("## Web\n\n### POST /users\n\n- adds one\n"),
        ["POST /users"]
    );
}

#[test]
fn tools_in_a_table_are_tasks_if_they_are_code() {
    let table = "| Tool | Purpose |\n|---|---|\n";
    assert!(titles(&format!("## Stack\n\n{table}| Cargo | builds |\n")).is_empty());
    assert_eq!(
        titles(&format!("## Server\n\n{table}| `stat` | size |\n")),
        ["stat — size"]
    );
    assert!(titles("## Decisions\n\n| Topic | Method |\n|---|---|\n| Age | mean |\n").is_empty());
}

#[test]
fn a_second_phase_without_a_first_one_is_later_work() {
    assert!(titles("# A\n\n## Phase 2 roadmap\n\n1. x\n").is_empty());
    assert_eq!(
        titles("# A\n\n## Phase 1\n\n1. w\n\n## Phase 2\n\n1. x\n"),
        ["w", "x"]
    );
}

#[test]
fn open_boxes_of_a_finished_section_are_tasks_beside_ticked_ones_only() {
    let text = "## Tasks\n\n### A\n\n**Status:** done\n\n";
    assert_eq!(titles(&format!("{text}- [x] old\n- [ ] new\n")), ["new"]);
    assert_eq!(
        of(&format!("{text}- [ ] new\n"), "new"),
        Disposition::Uncovered
    );
}

#[test]
fn tests_that_pass_finish_their_story() {
    let story = "### US-1: Pay\n\n- a card\n\n**Test:** end to end ";
    assert!(titles(&format!("{story}(already passing)\n")).is_empty());
    assert_eq!(
        titles(&format!("{story}(already passing for cards)\n")),
        ["Pay"]
    );
}

#[test]
fn a_task_that_left_the_plan_leaves_its_statements_open() {
    let document = Document::parse(b"- [ ] a thing\n").unwrap();
    let found = account(&Verdicts::of(document), &[]);
    assert_eq!(found[0].disposition, Disposition::Uncovered);
}

#[test]
fn an_order_that_closes_a_circle_is_a_finding() {
    let plan = drafted("- [ ] T001 a, after T002\n- [ ] T002 b, after T001\n");
    assert_eq!(
        plan.edges.iter().filter(|edge| !edge.is_of_test()).count(),
        1
    );
    assert!(plan.findings.iter().any(|finding| finding.rule == "cycle"));
}

#[test]
fn edges_are_stated_in_columns_labels_and_sentences() {
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let table = "## Requirements\n\n| ID | Requirement | Depends on |\n|--|--|--|\n| FR-1 | one | |\n| FR-2 | two | FR-1 |\n";
    assert_eq!(waits(table), [pair("two", "one")]);
    let label = "## FR-1: One\n\n- x\n\n## FR-2: Two\n\n**Depends on**: One\n\n- y\n";
    assert_eq!(waits(label), [pair("Two", "One")]);
    let sentence = "## REQ-1 Eins\n\n- x\n\n## REQ-2 Zwei\n\nAbhängig von REQ-1.\n\n- y\n";
    assert_eq!(waits(sentence), [pair("Zwei", "Eins")]);
    let denied = "## FR-1: One\n\n- x\n\n## FR-2: Two\n\nDoes not depend on FR-1.\n\n- y\n";
    assert!(waits(denied).is_empty());
}

#[test]
fn a_date_below_milestones_is_no_task() {
    let dates = "# A\n\n## Milestones\n\n1. Creating and numbering: 12 December.\n\
                 2. Export: 2026-12-19\n3. Mail: May 9th, 2027\n4. Write the guide: in May\n";
    assert_eq!(titles(dates), ["Write the guide: in May"]);
    let phase = "# A\n\n## Phase 1: Export\n\n1. Write the guide: 12 May\n";
    assert_eq!(titles(phase).len(), 1);
}

#[test]
fn titles_are_the_words_of_the_author() {
    let long = format!("- [ ] **Search**: {}\n", "many words about it ".repeat(8));
    assert_eq!(titles(&long), ["Search"]);
    assert_eq!(
        titles("- [ ] T001 [P] [US1] Run `make` now:\n- [ ] T002 x\n")[0],
        "Run make now"
    );
    assert!(titles("- [ ] one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen\n")[0].len() <= 80);
}

#[test]
fn contents_are_read_by_meaning() {
    let text = "# Shop\n\n## Vision\n\nPay once.\n\n## User stories\n\n- US-1: As a user I want to pay\n\n## Functional requirements\n\n\
                - FR-1: Pay\n- FR-2: Refund\n\n## Risks\n\n- fraud\n\n## Constraints\n\n- no cloud\n";
    let document = Document::parse(text.as_bytes()).unwrap();
    let says = contents(&Verdicts::of(document));
    let ids: Vec<Option<&str>> = says
        .requirements
        .iter()
        .map(|one| one.statement.id.as_deref())
        .collect();
    assert_eq!(ids, [Some("FR-1"), Some("FR-2")]);
    assert_eq!(
        (says.stories.len(), says.risks.len(), says.constraints.len()),
        (1, 1, 1)
    );
    assert_eq!(says.vision.unwrap().text, "Pay once.");
}

#[test]
fn lints_find_ids_that_are_double_or_missing() {
    let rules = |text: &str| -> Vec<(&'static str, u32)> {
        let document = Document::parse(text.as_bytes()).unwrap();
        let verdicts = Verdicts::of(document);
        let found = lints(&verdicts, &contents(&verdicts));
        found
            .into_iter()
            .map(|lint| (lint.rule, lint.lines.start))
            .collect()
    };
    assert_eq!(
        rules("# A\n\n### FR-1: x\n\n### FR-3: y\n\n### FR-3: z\n"),
        [("id-gap", 5), ("duplicate-id", 7)]
    );
    assert_eq!(
        rules("# A\n\n## Requirements\n\n- FR-1: x\n\n## Details\n\n### FR-1: x\n\nmore\n"),
        []
    );
}

#[test]
fn defaults_come_from_visible_formulas() {
    let plan =
        drafted("- [ ] Store the password\n- [ ] Call Stripe (2 days)\n- [ ] Write the docs\n");
    let tasks: Vec<&Task> = plan.counted().collect();
    assert_eq!(
        (tasks[0].risk, tasks[0].validation, tasks[0].estimate),
        (Risk::High, Validation::TestFirst, Estimate::XS)
    );
    assert_eq!((tasks[1].risk, tasks[1].hours), (Risk::Medium, 16));
    assert_eq!(
        (tasks[2].item_type, tasks[2].validation),
        (ItemType::Docs, Validation::None)
    );
    assert_eq!(tasks[0].estimate_reason, "default: criteria: 0");
}

#[test]
fn a_large_document_is_split_by_its_headings() {
    let boxes = |name: &str| format!("## {name}\n\n{}", "- [ ] x\n".repeat(40));
    let text = format!("# A\n\n{}{}", boxes("One"), boxes("Two"));
    let document = Document::parse(text.as_bytes()).unwrap();
    let parts = split_proposal(&document, &drafted(&text), text.len(), &Limits::default()).unwrap();
    assert_eq!(
        parts.iter().map(|part| part.tasks).collect::<Vec<_>>(),
        [40, 40]
    );
}

#[test]
fn what_has_a_status_is_reported_and_is_no_task() {
    let of = |status: &str| {
        let entry = format!("### Linter\n\n- **Status:** {status}\n- **Found:** 3\n- run it\n\n");
        titles(&format!(
            "## Phase 1: Checks\n\n{entry}### Tests\n\n- all pass\n\n"
        ))
    };
    assert_eq!(of("warnings"), ["Tests"]);
    assert_eq!(of("✅ PASS"), ["Tests"]);
    assert_eq!(of("planned"), ["Linter", "Tests"]);
}

#[test]
fn names_that_repeat_in_several_places_are_properties() {
    let part = |name: &str| format!("### {name}\n\n- **Why:** old\n- **Where:** here\n\n");
    let text = format!("## Tasks\n\n{}{}{}", part("A"), part("B"), part("C"));
    assert_eq!(titles(&text), ["A", "B", "C"]);
    assert_eq!(
        titles("## Tasks\n\n- **Import**: reads a file\n- **Export**: writes it\n"),
        ["Import: reads a file", "Export: writes it"]
    );
}

#[test]
fn a_later_phase_without_headings_is_only_sketched() {
    let part = |name: &str| format!("### {name}\n\n- it works\n\n");
    let first = format!("## Phase 1\n\n{}{}{}", part("A"), part("B"), part("C"));
    assert_eq!(
        titles(&format!("{first}## Phase 2\n\n- D\n- E\n")),
        ["A", "B", "C"]
    );
    assert_eq!(
        titles("## Phase 1\n\n- A\n\n## Phase 2\n\n- D\n"),
        ["A", "D"]
    );
}

#[test]
fn a_requirement_with_criteria_is_a_task_beside_those_below_it() {
    let text = "## Requirements\n\n### FR-1: Loans\n\n- one\n\n#### FR-1.1: Holds\n\n- two\n\n### FR-2: Reports\n\n#### FR-2.1: Months\n\n- three\n";
    assert_eq!(titles(text), ["Loans", "Holds", "Months"]);
    assert_eq!(criteria(text), [["one"], ["two"], ["three"]]);
    let lines: Vec<u32> = drafted(text).counted().map(|task| task.lines.end).collect();
    assert_eq!(lines, [6, 9, 15]);
}

#[test]
fn what_is_all_ticked_is_done() {
    let text = "## Tasks\n\n### Import\n\n- [x] a\n- [x] b\n\n### Export\n\n- [x] c\n- [ ] d\n";
    assert_eq!(titles(text), ["d"]);
    assert_eq!(of(text, "Import"), Disposition::Done);
    assert_eq!(
        of("## Plan\n\n- **Export**: COMPLETE, with tests\n", "Export"),
        Disposition::Done
    );
}

#[test]
fn what_only_informs_is_open_where_it_forbids_or_names_what_to_do() {
    let text = "## Risks\n\n- `chart` may need a wrapper.\n- The price may rise.\n\n### Mitigations\n\n1. Import in parts\n";
    assert_eq!(of(text, "`chart`"), Disposition::Uncovered);
    assert_eq!(of(text, "The price"), Disposition::Risk);
    assert_eq!(of(text, "Import in parts"), Disposition::Uncovered);
    let order = "## Execution order\n\nDo not polish before the core is done.\n\n- Phase 1 before phase 2\n";
    assert_eq!(of(order, "Do not polish"), Disposition::Uncovered);
    assert_eq!(of(order, "Phase 1"), Disposition::Context);
}

#[test]
fn an_id_that_its_author_gave_twice_in_one_list_is_that_of_two_tasks() {
    let text =
        "## Requirements\n\n| ID | Requirement |\n|--|--|\n| FR-1 | shoots |\n| FR-1 | flies |\n";
    assert_eq!(titles(text), ["shoots", "flies"]);
    let plan = drafted(text);
    assert_ne!(plan.tasks[0].key, plan.tasks[1].key);
    let headings = "## Requirements\n\n###### FR-1: Apply\n\n- a\n\n### FR-1: Undo\n\n- b\n";
    assert_eq!(titles(headings), ["Apply", "Undo"]);
}

#[test]
fn tasks_that_name_a_contested_file_are_kept_apart() {
    let text = padded("## Tasks\n\n- [ ] a in `src/a.rs`\n- [ ] b in `src/a.rs`\n- [ ] c\n");
    let document = Document::parse(text.as_bytes()).unwrap();
    let limits = Limits::default();
    let inputs = Inputs {
        exists: &|path| path == "src",
        contested: &["src/a.rs".to_owned()],
        limits: &limits,
    };
    let plan = draft(&Verdicts::of(document), &inputs);
    let of = |edge: &&Edge| edge.rule == "shared-file";
    let edges: Vec<&Edge> = plan.edges.iter().filter(of).collect();
    assert_eq!(edges.len(), 1);
    assert!(
        edges[0]
            .reason
            .contains("`src/a.rs` have conflicted before")
    );
    assert_eq!(plan.tasks[0].risk, Risk::Medium);
}

#[test]
fn an_edge_to_a_later_phase_is_left_out_and_reported() {
    let text = "## Phase 1\n\n- T-1: draw, after T-2\n\n## Phase 2\n\n- T-2: store\n";
    let plan = drafted(&padded(text));
    assert_eq!(plan.counted().count(), 2);
    assert!(plan.edges.iter().all(Edge::is_of_test));
    assert!(plan.findings.iter().any(|one| one.rule == "phase-order"));
}

#[test]
fn files_in_titles_are_planned() {
    let plan = drafted("## Requirements\n\n### FR-1: Create `src/shop.rs`\n\n- it compiles\n");
    assert_eq!(plan.tasks[0].paths, ["src/shop.rs"]);
}

#[test]
fn a_requirement_without_a_name_is_called_by_its_story() {
    let text = "## Requirements\n\n### Requirement 1\n\n**User Story:** As a clerk, I want a list, so that I see all.\n\n#### Acceptance Criteria\n\n1. WHEN asked THEN it SHALL show all\n";
    assert_eq!(
        titles(text),
        ["As a clerk, I want a list, so that I see all."]
    );
}

#[test]
fn parts_of_a_phase_are_not_later_than_the_plan() {
    let text = "## Phase 3.1: Setup\n\n- [ ] T001 Add types\n\n## Phase 3.2: Tests\n\n- [ ] T002 Add tests\n";
    assert_eq!(titles(text), ["Add types", "Add tests"]);
    assert!(titles("## Phase 2: Ideas\n\n- [ ] Sync\n").is_empty());
}

#[test]
fn a_table_that_sums_requirements_or_phases_up_has_no_tasks() {
    let table = "| Method | Endpoint |\n|--|--|\n| GET | /a |\n\n";
    let demand = |n: u8| format!("### FR-{n}: Part {n}\n\n- it works\n\n");
    let demands = format!("## Requirements\n\n{}{}{}", demand(1), demand(2), demand(3));
    assert_eq!(titles(&format!("## API\n\n{table}")).len(), 1);
    assert_eq!(titles(&format!("{demands}## API\n\n{table}")).len(), 3);
    let phases = "## Phase 1\n\n- a\n\n## Phase 2\n\n- b\n\n";
    let dates = "## Timeline\n\n| Task | Time |\n|--|--|\n| a | 1h |\n| Total | 1h |\n";
    assert_eq!(titles(&format!("{phases}{dates}")), ["a", "b"]);
}

#[test]
fn the_cells_of_a_row_are_all_said() {
    let text = "## Requirements\n\n| ID | Requirement | Detail | Priority | Acceptance |\n|--|--|--|--|--|\n| FR-1 | Check | in the register | Must | two answers; requires FR-2 |\n| FR-2 | Apply | with a name | Must | a form |\n| FR-3 | Fly | high | Won't | none |\n";
    let plan = drafted(&padded(text));
    let tasks: Vec<&Task> = plan.counted().collect();
    assert_eq!((tasks.len(), tasks[0].title.as_str()), (2, "Check"));
    assert_eq!(tasks[0].description, "Check — in the register");
    let of = |edge: &&Edge| edge.rule == "explicit";
    assert_eq!(plan.edges.iter().filter(of).count(), 1);
}

#[test]
fn a_short_request_has_what_it_says_of_its_acceptance() {
    let after = [
        "Done when:\n\n- it survives logout\n",
        "## Acceptance criteria\n\n- [ ] it survives logout\n",
        "## Success criteria\n\n- it survives logout\n",
    ];
    for after in after {
        let text = format!("# Dark mode\n\nAdd a toggle to settings.\n\n{after}");
        let plan = drafted(&text);
        let criteria = plan.tasks[0].acceptance.iter();
        let criteria: Vec<&str> = criteria.map(|one| one.text.as_str()).collect();
        assert!(
            criteria.contains(&"it survives logout"),
            "{after}: {criteria:?}"
        );
    }
}
