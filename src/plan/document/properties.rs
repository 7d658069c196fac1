//! Properties of every document.

use proptest::prelude::*;

use super::source::Refused;
use super::{Block, Document, Lines};

/// Fragments of documents, including malformed ones.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "# Title", "## Requirements", "### FR-1: Do it", "### FR-1: Do it again", "##### Deep", "## Out of scope",
            "## User stories", "### Story 2: Log in", "As a user I want x so that y", "- FR-2: a thing", "  - nested",
            "1. first", "- [ ] open", "- [x] done", "**Acceptance:**", "- **Acceptance Criteria**:", "**Effort**: 5 points",
            "| ID | Requirement |", "|----|----|", "| FR-9 | row |", "```", "~~~gherkin", "Given a", "When b", "Then c",
            "> quote", "> ## in a quote", "- # in an entry", "---", "===", "<div>", "</div>", "<!-- note", "-->", "", "",
            "## الأهداف", "## 功能需求", "\u{202e}abc", "## üìã Overview", "## 🚀", "#", "text that goes on:",
            "    code", "\tcode", "## Phase 2: More", "**Bold line**", "Depends on: FR-1, FR-2", "## 3 commands", "5.1 x",
            "* a\n* b", "- - - a", "##Glued", "[a]: b", "`code` and `more`", "| a | b | c |", "title: x",
        ]).prop_map(str::to_owned),
        1 => "[ -~]{0,40}",
        1 => "\\PC{0,12}",
    ]
}

/// Random documents.
pub(in crate::plan) fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..40).prop_map(|pieces| pieces.join("\n"))
}

fn block_lines(blocks: &[Block], found: &mut Vec<(Lines, Lines)>, within: Lines) {
    for block in blocks {
        let lines = block.lines();
        found.push((lines, within));
        match block {
            Block::List { entries, .. } => {
                for entry in entries {
                    found.push((entry.lines, lines));
                    block_lines(&entry.blocks, found, entry.lines);
                }
            }
            Block::Label { blocks, .. } => block_lines(blocks, found, lines),
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(document) = Document::parse(&bytes) {
            prop_assert_eq!(&Document::parse(&bytes), &Ok(document.clone()));
        }
    }

    #[test]
    fn line_ranges_are_inside_the_document_and_nested(text in text()) {
        let Ok(document) = Document::parse(text.as_bytes()) else { return Ok(()) };
        let count = document.line_count;
        prop_assert!(count as usize <= text.split('\n').count());
        for section in &document.sections {
            prop_assert!(1 <= section.line && section.lines.start == section.line);
            prop_assert!(section.lines.start <= section.lines.end && section.lines.end <= count);
            if let Some(parent) = section.parent {
                let parent = &document.sections[parent];
                prop_assert!(parent.level < section.level);
                prop_assert!(parent.lines.start < section.lines.start && section.lines.end <= parent.lines.end);
            }
            let mut found = Vec::new();
            block_lines(&section.blocks, &mut found, section.lines);
            for (lines, within) in found {
                prop_assert!(within.start <= lines.start && lines.start <= lines.end && lines.end <= within.end,
                    "{lines:?} in {within:?}");
            }
        }
    }

    #[test]
    fn line_ends_of_windows_change_nothing(text in text()) {
        let unix = Document::parse(text.as_bytes());
        prop_assert_eq!(Document::parse(text.replace('\n', "\r\n").as_bytes()), unix.clone());
        prop_assert_eq!(Document::parse(format!("\u{feff}{text}").as_bytes()), unix);
    }

    #[test]
    fn trailing_white_space_changes_nothing(text in text(), blanks in "[ \n]{0,5}") {
        let plain = Document::parse(text.as_bytes());
        prop_assert_eq!(Document::parse(format!("{text}\n{blanks}").as_bytes()), plain);
    }

    #[test]
    fn decoration_in_front_of_headings_changes_no_title(
        text in text(),
        decoration in prop::sample::select(vec!["📋", "⚠️", "üìã", "ðŸ“‹", "âœ…", "‚úÖ", "👩‍💻", ":rocket:"]),
    ) {
        let Ok(plain) = Document::parse(text.as_bytes()) else { return Ok(()) };
        let heading = |line: &str| line.starts_with('#') && line.trim_start_matches('#').starts_with(" ")
            && line.chars().any(char::is_alphanumeric);
        let lines: Vec<String> = text.split('\n').map(|line| match line.split_once(' ') {
            Some((marks, rest)) if heading(line) => format!("{marks} {decoration} {rest}"),
            _ => line.to_owned(),
        }).collect();
        let Ok(decorated) = Document::parse(lines.join("\n").as_bytes()) else { return Ok(()) };
        let titles = |document: &Document| -> Vec<_> {
            document.sections.iter().map(|s| (s.title.clone(), s.id.clone(), s.kind, s.line)).collect()
        };
        prop_assert_eq!(titles(&decorated), titles(&plain));
    }
}

/// Long texts that are made to be slow or deep.
pub(in crate::plan) fn hostile() -> Vec<String> {
    let fill = |piece: &str| piece.repeat(300_000 / piece.len());
    let steps: String = (0..900)
        .map(|depth| format!("{}- a\n", "  ".repeat(depth)))
        .collect();
    vec![
        fill("> "),
        fill("- "),
        fill("["),
        fill("**a "),
        fill("`a``b"),
        fill("<a "),
        fill("![a]("),
        fill("- a\n"),
        fill("**A:** b\n"),
        fill("> - "),
        fill("|a|b|\n|-|-|\n"),
        fill("a\n\n"),
        fill("1. a\n"),
        steps,
    ]
}

#[test]
fn long_hostile_texts_are_read_or_refused_and_no_stack_overflows() {
    for text in hostile() {
        let _ = Document::parse(text.as_bytes());
    }
    let headings = "# a\n".repeat(75_000);
    assert!(matches!(
        Document::parse(headings.as_bytes()),
        Err(Refused::TooManySections { line: 50_001 })
    ));
}
