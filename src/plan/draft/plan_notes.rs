//! Statements that are not tasks: open questions, later work, prerequisites, non-goals, definitions
//! of ready and done, risks.

use super::draft_types::Note;
use super::key::key;
use super::sentences::truncated;
use super::similarity::{first_sentence, normalize};
use super::work::Source;
use crate::plan::document::{LabelKind, SectionKind};
use std::collections::BTreeSet;

/// The longest note, in characters.
const MAX_CHARS: usize = 300;

/// The statements in sections of one kind: the entries of a section or, if it has none, its heading
/// or its paragraphs.
pub(super) fn of(source: &Source<'_>, kind: SectionKind) -> Vec<Note> {
    let tree = &source.tree;
    let mut notes = Vec::new();
    let mut known = BTreeSet::new();
    let mut add = |text: &str, lines| push(&mut notes, &mut known, kind, text, lines);
    for node in 0..tree.nodes.len() {
        let this = &tree.nodes[node];
        let refused = kind == SectionKind::NonGoal && super::work::is_refused(this);
        if this.kind != kind && !refused {
            continue;
        }
        let nested = this.parent.is_some_and(|parent| {
            tree.nodes[parent].kind == kind && !tree.is_section(parent) && !source.grouping(parent)
        });
        let remark = matches!(
            this.role,
            Some(
                LabelKind::Mitigation | LabelKind::Effort | LabelKind::Priority | LabelKind::Actor
            )
        );
        if tree.is_section(node) {
            let listed = this.children.iter().any(|child| !tree.is_section(*child));
            let own = this
                .parent
                .is_some_and(|parent| tree.nodes[parent].kind == kind);
            if own && !this.text.is_empty() && !super::areas::is_generic(&this.text) && !listed {
                add(&this.text, super::task_criteria::own_lines(source, node));
            } else if !listed {
                for line in &this.prose {
                    add(first_sentence(&line.text), line.lines);
                }
            }
        } else if !nested
            && !remark
            && (this.children.is_empty() || !source.grouping(node))
            && this.checked != Some(true)
        {
            add(&this.text, super::task_criteria::own_lines(source, node));
        }
    }
    notes
}

/// Questions in brackets in the text: `[NEEDS CLARIFICATION: how long?]`.
pub(super) fn in_brackets(source: &Source<'_>) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut known = BTreeSet::new();
    for node in &source.tree.nodes {
        let texts = std::iter::once((&node.text, node.lines.start))
            .chain(node.prose.iter().map(|line| (&line.text, line.lines.start)));
        for (text, line) in texts {
            let Some((_, after)) = text.split_once("[NEEDS CLARIFICATION") else {
                continue;
            };
            let asked = after
                .split(']')
                .next()
                .unwrap_or(after)
                .trim_start_matches([':', ' ']);
            let lines = crate::plan::document::Lines::at(line);
            push(
                &mut notes,
                &mut known,
                SectionKind::Question,
                if asked.is_empty() { text } else { asked },
                lines,
            );
        }
    }
    notes
}

fn push(
    notes: &mut Vec<Note>,
    known: &mut BTreeSet<String>,
    kind: SectionKind,
    text: &str,
    lines: crate::plan::document::Lines,
) {
    let folded = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = normalize(&folded);
    if said.is_empty()
        || ["none", "n a", "tbd", "keine", "nothing"].contains(&said.as_str())
        || !known.insert(said)
    {
        return;
    }
    let key = key(&["note", &format!("{kind:?}"), &folded]);
    let text = truncated(&folded, MAX_CHARS);
    notes.push(Note { key, text, lines });
}
