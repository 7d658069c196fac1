//! Extraction from documents with the irregularities of real ones.

use proptest::prelude::*;

use super::{contents, lints};
use crate::plan::document::properties::{hostile, text};
use crate::plan::document::{Document, Extract, Lines, Requirement, Statement};

fn extract(text: &str) -> Extract {
    contents(&Document::parse(text.as_bytes()).unwrap())
}

fn texts(statements: &[Statement]) -> Vec<&str> {
    statements
        .iter()
        .map(|statement| statement.text.as_str())
        .collect()
}

/// Id, text and criteria.
fn summary(summary: &[Requirement]) -> Vec<(&str, &str, Vec<&str>)> {
    summary
        .iter()
        .map(|found_one| {
            let id = found_one.statement.id.as_deref().unwrap_or_default();
            (
                id,
                found_one.statement.text.as_str(),
                texts(&found_one.acceptance),
            )
        })
        .collect()
}

#[test]
fn criteria_beside_their_label_are_assigned_to_their_requirement() {
    let text = "# A\n\n### FR-1: x\n\n- **Acceptance Criteria:**\n- [ ] one\n- [x] two\n";
    assert_eq!(
        summary(&extract(text).requirements),
        [("FR-1", "x", vec!["one", "two"])]
    );
}

#[test]
fn requirements_are_read_from_headings_lists_and_tables() {
    let text = "# A\n\n## Functional requirements\n\n### FR-1: Log in\n\n- with a password\n\n### FR-1.1 Log out\n\n\
                ## Requirements\n\n- **FR-2**: Export\n  - Acceptance: it is a file\n- plain\n\n\
                | ID | Requirement | Priority |\n|----|----|----|\n| fr-3 | Import | high |\n";
    assert_eq!(
        summary(&extract(text).requirements),
        [
            ("FR-1", "Log in", vec!["with a password"]),
            ("FR-1.1", "Log out", vec![]),
            ("FR-2", "Export", vec!["it is a file"]),
            ("", "plain", vec![]),
            ("FR-3", "Import", vec![]),
        ]
    );
}

#[test]
fn a_document_that_is_one_table_has_its_rows_as_requirements() {
    let text = "| ID | Requirement | Acceptance criteria |\n|---|---|---|\n| REQ-1 | Log in | within 2 s |\n| REQ-2 | Log out | |\n";
    let found = extract(text);
    assert_eq!(
        summary(&found.requirements),
        [
            ("REQ-1", "Log in", vec!["within 2 s"]),
            ("REQ-2", "Log out", vec![])
        ]
    );
    assert_eq!(
        found.requirements[1].statement.lines,
        Lines { start: 4, end: 4 }
    );
}

#[test]
fn a_table_of_fields_is_not_a_requirement() {
    let text = "# A\n\n## Requirements\n\n- one\n\n| Field | Type |\n|---|---|\n| name | text |\n";
    assert_eq!(extract(text).requirements.len(), 1);
}

#[test]
fn an_id_takes_precedence_over_the_section_that_contains_it() {
    let found =
        extract("# A\n\n## Requirements\n\n- FR-1: a\n- NFR-1: fast\n- US-1: As a cook I want b\n");
    assert_eq!(found.requirements.len(), 1);
    assert_eq!(texts(&found.non_functional), ["fast"]);
    assert_eq!(
        summary(&found.stories),
        [("US-1", "As a cook I want b", vec![])]
    );
}

#[test]
fn two_requirements_of_one_id_are_both_kept_and_a_summary_is_merged() {
    assert_eq!(
        extract("# A\n\n### FR-3: x\n\n### FR-3: y\n")
            .requirements
            .len(),
        2
    );
    let found = extract(
        "# A\n\n## Requirements\n\n- FR-1: x\n\n## Details of requirements\n\n### FR-1: x\n\n- one\n",
    );
    assert_eq!(summary(&found.requirements), [("FR-1", "x", vec!["one"])]);
}

#[test]
fn stories_have_their_criteria_and_not_their_tasks() {
    let text = "# A\n\n## User stories\n\n### Story 2: Reset\n\nAs a cook, I want to reset, so that I start again.\n\n\
                **Tasks**:\n- [ ] table\n\n#### Acceptance criteria\n\n- mail within a minute\n\n\
                ## Acceptance criteria\n\n- all of it\n";
    let found = extract(text);
    assert_eq!(
        summary(&found.stories),
        [("US-2", "Reset", vec!["mail within a minute"])]
    );
    assert_eq!(texts(&found.acceptance), ["all of it"]);
}

#[test]
fn stories_are_found_anywhere_and_in_other_languages() {
    for text in [
        "# A\n\nAs a cook I want a so that b.\n",
        "# A\n\n## Notes\n\n- **As a** cook **I want** a **so that** b\n",
        "# A\n\nAls Köchin möchte ich a, damit b.\n",
        "# A\n\n作为厨师，我想要锅。\n",
    ] {
        assert_eq!(extract(text).stories.len(), 1, "{text}");
    }
}

#[test]
fn a_scenario_is_one_criterion() {
    let text = "# A\n\n### FR-1: x\n\n**Acceptance:**\n\n- Given a\n- When b\n- Then c\n- And d\n- Given e\n- When f\n- Then g\n\n\
                **Given** h **when** i **then** j\n";
    let found = extract(text);
    assert_eq!(
        texts(&found.requirements[0].acceptance),
        [
            "Given a, When b, Then c, And d",
            "Given e, When f, Then g",
            "Given h when i then j"
        ]
    );
    assert_eq!(
        found.requirements[0].acceptance[0].lines,
        Lines { start: 7, end: 10 }
    );
    let fenced = "# A\n\n### FR-1: x\n\n**Acceptance:**\n\n```gherkin\nScenario: s\n  Given a\n  When b\n  Then c\n```\n";
    assert_eq!(extract(fenced).requirements[0].acceptance.len(), 1);
}

#[test]
fn an_entry_that_introduces_others_is_no_criterion() {
    let found = extract(
        "# A\n\n### FR-1: x\n\n**Acceptance:**\n- The answer has:\n  - a name\n  - a date\n",
    );
    assert_eq!(
        texts(&found.requirements[0].acceptance),
        ["a name", "a date"]
    );
}

#[test]
fn milestones_have_their_deliverables_and_criteria() {
    let text = "# A\n\n## Implementation plan\n\n### Phase 1: Base (2 weeks)\n\n**Deliverables:**\n- a store\n\n\
                **Tasks**:\n- [ ] build\n\n#### Success criteria\n\n- it answers\n\n### Phase 2: More\n\n- second\n";
    assert_eq!(
        summary(&extract(text).milestones),
        [
            ("", "Phase 1: Base (2 weeks)", vec!["a store", "it answers"]),
            ("", "Phase 2: More", vec!["second"]),
        ]
    );
}

#[test]
fn every_kind_of_section_fills_its_list() {
    let text = "# A\n\n## Vision\n\nBetter bread.\n\n## Non-goals\n\n- n\n\n## Risks\n\n- r\n\n## Assumptions\n\n- a\n\n\
                ## Constraints\n\n- c\n\n## Decisions\n\n- d\n\n## Open questions\n\n1. q\n\n## Success metrics\n\n- m\n\n\
                ## Definition of ready\n\n- y\n\n## Definition of done\n\n- x\n\n## Dependencies\n\n- FR-1 needs p\n\n\
                ## Quality attributes\n\n- s\n";
    let found = extract(text);
    let all = [
        &found.non_goals,
        &found.risks,
        &found.assumptions,
        &found.constraints,
        &found.decisions,
        &found.open_questions,
        &found.metrics,
        &found.ready,
        &found.done,
        &found.dependencies,
        &found.non_functional,
    ];
    let said: Vec<_> = all.into_iter().flat_map(|list| texts(list)).collect();
    assert_eq!(
        said,
        [
            "n",
            "r",
            "a",
            "c",
            "d",
            "q",
            "m",
            "y",
            "x",
            "FR-1 needs p",
            "s"
        ]
    );
    assert_eq!(found.vision.unwrap().text, "Better bread.");
    assert_eq!(found.risks[0].lines, Lines { start: 13, end: 13 });
}

#[test]
fn a_risk_with_its_own_section_is_named_by_the_heading() {
    let found = extract(
        "# A\n\n## Risks\n\n### R-1: The oven breaks\n\nIt is old.\n\n### Risk 2: Flour\n\nIt is dear.\n",
    );
    assert_eq!(texts(&found.risks), ["The oven breaks", "Risk 2: Flour"]);
    assert_eq!(found.risks[0].id.as_deref(), Some("R-1"));
}

#[test]
fn paragraphs_that_begin_with_an_id_are_requirements() {
    let text = "# A\n\n## Requirements\n\n### Access\n\nFR-1: log in\n\nFR-2: log out\n\n### Speed\n\nIt is fast.\n";
    let found = extract(text);
    assert_eq!(
        summary(&found.requirements),
        [
            ("FR-1", "log in", vec![]),
            ("FR-2", "log out", vec![]),
            ("", "Speed", vec![])
        ]
    );
}

#[test]
fn unusual_boxes_and_decoration_are_removed_from_statements() {
    let found = extract("# A\n\n## Definition of done\n\n- [-] ✅ shown\n- [] read\n- ~~gone~~\n");
    assert_eq!(texts(&found.done), ["shown", "read", "~~gone~~"]);
}

#[test]
fn requirements_named_only_in_a_phase_are_not_lost() {
    let text = "# A\n\n## Phase 1\n\n- FR-1: log in\n- FR-2: log out\n\n## Requirements\n\n- FR-2: leave\n";
    let found = extract(text);
    assert_eq!(
        summary(&found.requirements),
        [("FR-1", "log in", vec![]), ("FR-2", "leave", vec![])]
    );
    assert_eq!(found.milestones.len(), 1);
}

#[test]
fn criteria_with_ids_belong_to_their_requirement() {
    let text = "# A\n\n### FR-1: log in\n\n- AC-1: a name\n- AC-2: a password\n- FR-1.1: by mail\n";
    let found = extract(text);
    assert_eq!(
        summary(&found.requirements),
        [
            ("FR-1", "log in", vec!["a name", "a password"]),
            ("FR-1.1", "by mail", vec![]),
        ]
    );
}

#[test]
fn code_and_html_state_nothing() {
    let text = "# A\n\n```md\n## Not a heading\n- FR-1: nothing\n```\n\n<div>\n## Nor this\n</div>\n\n## B\n";
    assert_eq!(extract(text), Extract::default());
}

#[test]
fn features_with_bold_names_are_requirements() {
    let text =
        "# A\n\n## Features\n\n- **Search**: find it\n- **Tasks**: do it\n- **Export**: take it\n";
    assert_eq!(extract(text).requirements.len(), 3);
}

#[test]
fn long_hostile_texts_are_read_in_time() {
    for text in hostile() {
        if let Ok(document) = Document::parse(text.as_bytes()) {
            assert!(lints(&document, &contents(&document)).len() <= text.len());
        }
    }
}

fn statements(extract: &Extract) -> Vec<&Statement> {
    let things = extract
        .requirements
        .iter()
        .chain(&extract.stories)
        .chain(&extract.milestones);
    let lists = [
        &extract.non_functional,
        &extract.acceptance,
        &extract.risks,
        &extract.assumptions,
        &extract.constraints,
        &extract.decisions,
        &extract.open_questions,
        &extract.non_goals,
        &extract.metrics,
        &extract.ready,
        &extract.done,
        &extract.dependencies,
    ];
    things
        .flat_map(|thing| std::iter::once(&thing.statement).chain(&thing.acceptance))
        .chain(lists.into_iter().flatten())
        .chain(&extract.vision)
        .collect()
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(document) = Document::parse(&bytes) {
            prop_assert!(lints(&document, &contents(&document)).len() <= bytes.len());
        }
    }

    #[test]
    fn statements_have_text_and_lines_of_the_document(text in text()) {
        let Ok(document) = Document::parse(text.as_bytes()) else { return Ok(()) };
        let count = document.line_count;
        let extract = contents(&document);
        for statement in statements(&extract) {
            let lines = statement.lines;
            prop_assert!(1 <= lines.start && lines.start <= lines.end && lines.end <= count, "{statement:?}");
            prop_assert!(!statement.text.contains('\n'));
            prop_assert!(!statement.text.is_empty() || statement.id.is_some());
        }
        for lint in lints(&document, &extract) {
            prop_assert!(1 <= lint.lines.start && lint.lines.start <= lint.lines.end && lint.lines.end <= count);
        }
    }
}

#[test]
fn every_described_requirement_is_listed_however_many_there_are() {
    let mut text = String::from("# A\n\n## Functional requirements\n");
    for n in 0..60 {
        text.push_str(&format!("\n### Part {n}\n\nIt keeps thing {n}.\n"));
    }
    assert_eq!(extract(&text).requirements.len(), 60);
}

#[test]
fn an_id_with_a_letter_is_read_in_a_table() {
    let text = "# A\n\n## Requirements\n\n| ID | Requirement |\n|---|---|\n| FR-3a | Import |\n| fr-4 | Export |\n";
    let found = extract(text).requirements;
    let ids: Vec<_> = found
        .iter()
        .map(|one| one.statement.id.as_deref())
        .collect();
    assert_eq!(ids, [Some("FR-3A"), Some("FR-4")]);
}
