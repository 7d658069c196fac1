//! Properties of every document, tested on generated documents and on texts made to be slow.

use super::rules_tests::{accounted, drafted};
use super::*;
use git_pm_document::Document;
use proptest::prelude::{
    ProptestConfig, Strategy as Any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use std::collections::BTreeSet;

fn piece() -> impl Any<Value = String> {
    let lines = vec![
        "# Title",
        "## Requirements",
        "### FR-1: Do it",
        "### FR-1: Do it again",
        "##### Deep",
        "## Out of scope",
        "## User stories",
        "### Story 2: Log in",
        "As a user I want x so that y",
        "- FR-2: a thing",
        "  - nested",
        "1. first",
        "- [ ] open",
        "- [x] done",
        "**Acceptance:**",
        "- **Acceptance Criteria**:",
        "**Effort**: 5 points",
        "| ID | Requirement |",
        "|----|----|",
        "| FR-9 | row |",
        "```",
        "~~~gherkin",
        "> quote",
        "> ## in a quote",
        "- # in an entry",
        "---",
        "===",
        "<div>",
        "<!-- note",
        "-->",
        "",
        "",
        "## الأهداف",
        "## 功能需求",
        "\u{202e}abc",
        "## üìã Overview",
        "## 🚀",
        "#",
        "text that goes on:",
        "    code",
        "\tcode",
        "## Phase 2: More",
        "**Bold line**",
        "Depends on: FR-1, FR-2",
        "5.1 x",
        "- - - a",
        "`code` and `more`",
        "FR-1 -> FR-2",
        "- [ ] T001 x",
        "## Tasks",
        "## Dependencies",
        "- T001 depends on FR-1",
        "Status: Fixed",
        "## Features",
        "Users must log in.",
    ];
    prop_oneof![
        4 => prop::sample::select(lines).prop_map(str::to_owned),
        1 => "[ -~]{0,40}",
        1 => "\\PC{0,12}",
    ]
}

fn text() -> impl Any<Value = String> {
    prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.join("\n"))
}

fn reads(text: &str) -> bool {
    Document::parse(text.as_bytes()).is_ok()
}

fn keys(text: &str) -> Vec<(String, String)> {
    drafted(text)
        .tasks
        .into_iter()
        .map(|task| (task.key, task.title))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        if let Ok(document) = Document::parse(&bytes) {
            prop_assert_eq!(Document::parse(&bytes), Ok(document));
        }
    }

    #[test]
    fn every_line_is_in_exactly_one_statement(text in text()) {
        proptest::prop_assume!(reads(&text));
        let mut next = 1;
        for one in accounted(&text) {
            prop_assert_eq!(one.lines.start, next);
            next = one.lines.end + 1;
            let carried = matches!(one.disposition, Disposition::Task | Disposition::Criterion | Disposition::Text | Disposition::Restatement);
            prop_assert_eq!(carried, !one.tasks.is_empty());
        }
        prop_assert_eq!(next, Document::parse(text.as_bytes()).unwrap().line_count + 1);
    }

    #[test]
    fn statements_keep_to_what_they_stand_below(text in text()) {
        proptest::prop_assume!(reads(&text));
        let document = Document::parse(text.as_bytes()).unwrap();
        for (at, node) in document.nodes.iter().enumerate() {
            prop_assert!(1 <= node.lines.start && node.lines.start <= node.lines.end);
            prop_assert!(node.lines.end <= node.end.max(document.line_count));
            if let Some(parent) = node.parent {
                prop_assert!(parent < at && document.nodes[parent].end >= node.end);
            }
        }
    }

    #[test]
    fn the_same_bytes_give_the_same_draft(text in text()) {
        proptest::prop_assume!(reads(&text));
        prop_assert_eq!(drafted(&text), drafted(&text));
    }

    #[test]
    fn white_space_and_line_ends_change_no_key(text in text()) {
        proptest::prop_assume!(reads(&text));
        prop_assert_eq!(keys(&text), keys(&text.replace('\n', "\r\n")));
        prop_assert_eq!(keys(&text), keys(&format!("\u{feff}{text}\n\n \n")));
    }

    #[test]
    fn keys_are_unique_and_edges_have_ends(text in text()) {
        proptest::prop_assume!(reads(&text));
        let plan = drafted(&text);
        let keys: BTreeSet<&String> = plan.tasks.iter().map(|task| &task.key).collect();
        prop_assert_eq!(keys.len(), plan.tasks.len());
        for edge in &plan.edges {
            prop_assert!(keys.contains(&edge.task) && keys.contains(&edge.on) && edge.task != edge.on);
        }
        for task in &plan.tasks {
            prop_assert!(!task.title.is_empty() && task.title.chars().count() <= 86 && !task.description.is_empty());
            prop_assert!(!task.stream.is_empty());
        }
    }
}

#[test]
fn an_edit_of_one_entry_changes_no_key_of_others() {
    let text =
        "## Requirements\n\n### FR-1: One\n\n- a\n\n### FR-2: Two\n\n- b\n\n## Tasks\n\n- [ ] c\n";
    let edited = text.replace("- a", "- another thing").replace("One", "Uno");
    let of = |text: &str| -> Vec<String> { keys(text).into_iter().map(|(key, _)| key).collect() };
    assert_eq!(of(text), of(&edited));
}

/// The project's own documents, each line in one statement.
#[test]
fn documents_of_the_project_are_accounted_for() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../testdata/plan");
    for file in std::fs::read_dir(folder).into_iter().flatten() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|end| end == "md") {
            let text = std::fs::read_to_string(path).unwrap();
            assert!(
                accounted(&text)
                    .iter()
                    .all(|one| one.lines.start <= one.lines.end)
            );
        }
    }
}

#[test]
fn hostile_texts_are_read_in_linear_time() {
    let fill = |piece: &str| piece.repeat(12_000 / piece.len());
    let steps: String = (0..600)
        .map(|depth| format!("{}- a\n", "  ".repeat(depth)))
        .collect();
    let pieces = [
        "> ",
        "- ",
        "[",
        "**a ",
        "`a``b",
        "<a ",
        "![a](",
        "- a\n",
        "**A:** b\n",
        "> - ",
        "|a|b|\n|-|-|\n",
        "a\n\n",
        "1. a\n",
        "- [ ] FR-1 after FR-2\n",
        "# a\n",
        "T1 -> T2 ",
        "### US-1: a\n- b\n",
        "\u{202e}a\n",
        "🚀 ",
        "<!-- a\n",
        "FR-1: a\n",
    ];
    for text in pieces.iter().map(|piece| fill(piece)).chain([steps]) {
        let begun = std::time::Instant::now();
        drafted(&text);
        accounted(&text);
        let head: String = text.chars().take(12).collect();
        assert!(
            begun.elapsed().as_secs() < 10,
            "{head:?} took {:?}",
            begun.elapsed()
        );
    }
}
