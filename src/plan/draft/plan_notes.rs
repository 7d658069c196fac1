//! Statements that are not tasks: open questions, later work, prerequisites, non-goals, definitions
//! of ready and done, risks.

use super::draft_types::Note;
use super::key::key;
use super::sentences::truncated;
use super::similarity::{first_sentence, normalize};
use super::task_criteria::own_lines;
use super::work::Source;
use crate::plan::document::{LabelKind, Lines, SectionKind};
use std::collections::BTreeSet;

/// The longest note, in characters.
const MAX_CHARS: usize = 300;

/// The statements in sections of one kind: the entries of a section or, if it has none, its heading
/// or its paragraphs.
pub(super) fn of(source: &Source<'_>, kind: SectionKind) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut known = BTreeSet::new();
    let is_kind = |node: usize| {
        let this = &source.tree.nodes[node];
        this.kind == kind || kind == SectionKind::NonGoal && super::work::is_refused(this)
    };
    for (node, text, lines) in statements(source, is_kind) {
        let is_prose = source.tree.is_section(node) && text != source.tree.nodes[node].text;
        let text = if is_prose { first_sentence(text) } else { text };
        push(&mut notes, &mut known, kind, text, lines);
    }
    notes
}

/// The statements of the nodes of a kind, each with its node: the entries of a section or, if it
/// has none, its heading or its paragraphs.
pub(super) fn statements<'s>(
    source: &'s Source<'_>,
    is_kind: impl Fn(usize) -> bool,
) -> Vec<(usize, &'s str, Lines)> {
    let tree = &source.tree;
    let mut found = Vec::new();
    for node in (0..tree.nodes.len()).filter(|node| is_kind(*node)) {
        let this = &tree.nodes[node];
        let nested = this.parent.is_some_and(|parent| {
            is_kind(parent) && !tree.is_section(parent) && !source.grouping(parent)
        });
        let remark = matches!(
            this.role,
            Some(
                LabelKind::Mitigation | LabelKind::Effort | LabelKind::Priority | LabelKind::Actor
            )
        );
        if tree.is_section(node) {
            let listed = this.children.iter().any(|child| !tree.is_section(*child));
            let own = this.parent.is_some_and(&is_kind);
            if own && !this.text.is_empty() && !super::areas::is_generic(&this.text) && !listed {
                found.push((node, this.text.as_str(), own_lines(source, node)));
            } else if !listed {
                let prose = this.prose.iter();
                found.extend(prose.map(|line| (node, line.text.as_str(), line.lines)));
            }
        } else if !nested
            && !remark
            && (this.children.is_empty() || !source.grouping(node))
            && this.checked != Some(true)
        {
            found.push((node, this.text.as_str(), own_lines(source, node)));
        }
    }
    found
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
