//! What a plan lists besides its tasks.
//!
//! Questions, later work, non-goals, prerequisites, the definitions of ready and done.

use std::collections::HashSet;

use super::draft_types::Note;
use super::key::key;
use super::rules::{Verdict, Verdicts};
use git_pm_document::{Form, Node, normalize};

/// The longest note, in characters.
const LONGEST: usize = 2_000;

/// The statements that `fits`, each once.
pub(super) fn notes(
    verdicts: &Verdicts,
    name: &str,
    fits: impl Fn(&Node, &Verdict) -> bool,
) -> Vec<Note> {
    let mut known = HashSet::new();
    let all = verdicts.facts.nodes().iter().zip(&verdicts.all);
    let said = all.filter(|(node, verdict)| {
        let has_form = !node.is_heading() && !node.intro && node.form != Form::Code;
        let text = normalize(node.name());
        has_form && !text.is_empty() && fits(node, verdict) && known.insert(text)
    });
    let note = |node: &Node| Note {
        key: key(&["note", name, node.name()]),
        text: node.name().chars().take(LONGEST).collect(),
        lines: node.lines,
    };
    said.map(|(node, _)| note(node)).collect()
}
