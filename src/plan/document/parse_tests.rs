//! Parsing of documents with the irregularities of real ones.

use super::{Block, Document, DocumentKind, LabelKind, Lines, SectionKind};

fn read(text: &str) -> Document {
    Document::parse(text.as_bytes()).unwrap()
}

/// Title, kind and line of every section.
fn outline(text: &str) -> Vec<(String, SectionKind, u32)> {
    read(text)
        .sections
        .into_iter()
        .map(|section| (section.title, section.kind, section.line))
        .collect()
}

fn labels(text: &str) -> Vec<(LabelKind, String, Lines)> {
    fn walk(blocks: &[Block], found: &mut Vec<(LabelKind, String, Lines)>) {
        for block in blocks {
            match block {
                Block::Label {
                    kind,
                    text,
                    blocks,
                    lines,
                    ..
                } => {
                    found.push((*kind, text.plain.clone(), *lines));
                    walk(blocks, found);
                }
                Block::List { entries, .. } => {
                    entries.iter().for_each(|entry| walk(&entry.blocks, found))
                }
                _ => {}
            }
        }
    }
    let document = read(text);
    let mut found = Vec::new();
    walk(&document.preamble, &mut found);
    document
        .sections
        .iter()
        .for_each(|section| walk(&section.blocks, &mut found));
    found
}

#[test]
fn sections_nest_by_the_nearest_smaller_level_where_levels_are_skipped() {
    let document = read("# A\n\n#### B\n\n## C\n\n### D\n\n## E\n");
    let parents: Vec<_> = document
        .sections
        .iter()
        .map(|section| section.parent)
        .collect();
    assert_eq!(parents, [None, Some(0), Some(0), Some(2), Some(0)]);
    assert_eq!(document.sections[2].lines, Lines { start: 5, end: 8 });
}

#[test]
fn headings_with_underlines_count_and_sentences_above_a_rule_do_not() {
    assert_eq!(outline("Plan\n====\n\nScope\n-----\n\nx\n").len(), 2);
    assert_eq!(
        outline("# A\n\nThis ends the part.\n---\n\n**Status**: Draft\n---\n").len(),
        1
    );
}

#[test]
fn bold_lines_are_headings_where_there_are_no_others() {
    let text = "**My plan**\n\nwords\n\n**Requirements**\n\n- a\n\n**Out of scope:**\n\n- b\n";
    let kinds: Vec<_> = outline(text)
        .into_iter()
        .map(|(title, kind, _)| (title, kind))
        .collect();
    assert_eq!(
        kinds,
        [
            ("My plan".to_owned(), SectionKind::Unknown),
            ("Requirements".to_owned(), SectionKind::Functional),
            ("Out of scope".to_owned(), SectionKind::NonGoal),
        ]
    );
    assert_eq!(outline("# A\n\n## B\n\n**Requirements**\n\n- a\n").len(), 2);
}

#[test]
fn code_fences_and_html_have_no_structure() {
    let text = "# A\n\n```md\n## Not a heading\n- FR-1: nothing\n```\n\n<div>\n## Nor this\n</div>\n\n## B\n";
    assert_eq!(
        outline(text)
            .iter()
            .map(|(title, ..)| title.as_str())
            .collect::<Vec<_>>(),
        ["A", "B"]
    );
}

#[test]
fn bare_numbers_are_numbering_only_in_counting_headings() {
    let titles = |text: &str| {
        outline(text)
            .into_iter()
            .map(|(title, ..)| title)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        titles("# A\n\n## 1 Goals\n\n## 2 Scope\n"),
        ["A", "Goals", "Scope"]
    );
    assert_eq!(
        titles("# A\n\n## 3 tasks\n\n## Scope\n"),
        ["A", "3 tasks", "Scope"]
    );
}

#[test]
fn the_title_of_a_document_does_not_determine_the_kind_of_its_sections() {
    let kinds: Vec<_> = outline("# Requirements for risk scoring\n\n## Data\n\n## Risks\n")
        .into_iter()
        .map(|s| s.1)
        .collect();
    assert_eq!(
        kinds,
        [
            SectionKind::Unknown,
            SectionKind::Unknown,
            SectionKind::Risk
        ]
    );
}

#[test]
fn the_title_comes_from_heading_front_matter_or_first_words() {
    assert_eq!(read("---\ntitle: Front\n---\n## A\n").title, "Front");
    assert_eq!(read("---\ntitle: Front\n---\n# Head\n").title, "Head");
    let document = read("\nAdd a `--since` option to the export.\n");
    assert_eq!(
        (document.title.as_str(), document.title_lines.start),
        ("Add a --since option to the export", 2)
    );
}

#[test]
fn a_label_covers_the_text_up_to_the_next_label_or_the_end_of_its_indentation() {
    let text = "# A\n\n**Acceptance:**\n- one\n- two\n\n**Effort**: 5 story points\n\nMore words.\n\n- not owned\n";
    assert_eq!(
        labels(text),
        [
            (
                LabelKind::Acceptance,
                String::new(),
                Lines { start: 3, end: 5 }
            ),
            (
                LabelKind::Effort,
                "5 story points".to_owned(),
                Lines { start: 7, end: 7 }
            ),
        ]
    );
    let nested = "# A\n\n- [ ] Do it\n  - **Acceptance Criteria**:\n    - one\n  - Depends on: FR-1, FR-2\n- [ ] Next\n";
    assert_eq!(
        labels(nested),
        [
            (
                LabelKind::Acceptance,
                String::new(),
                Lines { start: 4, end: 5 }
            ),
            (
                LabelKind::DependsOn,
                "FR-1, FR-2".to_owned(),
                Lines { start: 6, end: 6 }
            ),
        ]
    );
}

#[test]
fn labels_on_lines_of_one_paragraph_are_separate() {
    let text = "# A\n\n**Priority:** high\n**Depends on**: FR-2\n**Reviewer (required)**\n";
    let kinds: Vec<_> = labels(text)
        .into_iter()
        .map(|(kind, text, _)| (kind, text))
        .collect();
    assert_eq!(kinds[0], (LabelKind::Priority, "high".to_owned()));
    assert_eq!(kinds[1].0, LabelKind::DependsOn);
}

#[test]
fn features_with_bold_names_are_a_list_and_not_labels() {
    let text =
        "# A\n\n## Features\n\n- **Search**: find it\n- **Tasks**: do it\n- **Export**: take it\n";
    assert_eq!(labels(text), []);
}

#[test]
fn the_kind_of_a_document_is_detected_by_front_matter_title_and_headings() {
    let kind = |text: &str| read(text).kind;
    assert_eq!(
        kind("---\ntype: tech-spec\n---\n# Debugging\n"),
        DocumentKind::TechSpec
    );
    assert_eq!(
        kind("# Investigation: slow oven\n"),
        DocumentKind::DebugInvestigation
    );
    assert_eq!(
        kind("# Oven\n\n## Symptoms\n\n## Hypotheses\n\n## Root cause\n"),
        DocumentKind::DebugInvestigation
    );
    assert_eq!(
        kind("# Oven\n\n## Architecture\n\n## Data model\n\n## API\n"),
        DocumentKind::TechSpec
    );
    assert_eq!(
        kind("# Oven\n\n## User stories\n\n## Architecture\n"),
        DocumentKind::Prd
    );
}

#[test]
fn right_to_left_text_is_kept_and_its_control_characters_are_removed() {
    let document = read("# خطة الخبز\n\n## الأهداف\n\n- \u{202e}خبز أفضل\n");
    assert_eq!(document.title, "خطة الخبز");
    let Block::List { entries, .. } = &document.sections[1].blocks[0] else {
        panic!("no list")
    };
    assert_eq!(entries[0].text.plain, "خبز أفضل");
}

#[test]
fn the_same_bytes_give_the_same_json() {
    let json = |text: &str| serde_json::to_string(&read(text)).unwrap();
    let text = "# A\n\n## Requirements\n\n- FR-1: x\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";
    assert_eq!(json(text), json(text));
    let back: Document = serde_json::from_str(&json(text)).unwrap();
    assert_eq!(back, read(text));
}

#[test]
fn numbered_lines_are_headings_where_there_are_no_others() {
    let text = "1 Overview\n\nwords\n\n1.1 Goals\n\nwords\n\n1.2 Risks\n\n- late\n\n2 Parts\n\n2.1 Scope\n\nwords\n";
    let titles: Vec<_> = outline(text).into_iter().map(|(title, ..)| title).collect();
    assert_eq!(titles, ["Overview", "Goals", "Risks", "Parts", "Scope"]);
}
