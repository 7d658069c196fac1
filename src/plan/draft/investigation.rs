//! Debug investigations: suspected causes become spikes, actions become tasks, and a task for the
//! fix is added if none is stated.

use super::candidate::{Cause, TaskCandidate};
use super::node_tree::Origin;
use super::sentences::lower_first;
use super::similarity::{normalize, stems};
use super::title;
use super::work::Source;
use crate::plan::document::{SectionKind, Words, words};

/// The subject of a section of an investigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Theme {
    /// Suspected causes.
    Suspects,
    /// Actions.
    Actions,
    /// Steps to reproduce.
    Reproduction,
    /// Expected behavior.
    Expected,
    /// Proof of the fix.
    Proof,
    /// Anything else.
    Other,
}

/// The subject that a heading of an investigation announces.
pub(super) fn theme(title: &str) -> Theme {
    let title = normalize(title);
    let has = |list: Words| list.iter().any(|word| title.contains(word));
    if has(words!(
        "hypothes, suspect, possible cause, potential cause, theor, likely cause, hypothèse, \
         hipótesis, vermut",
    )) {
        Theme::Suspects
    } else if has(words!(
        "reproduc, repro steps, repro, reproduzier, how to see",
    )) {
        Theme::Reproduction
    } else if has(words!(
        "verif, acceptance, how we know, validation, done when",
    )) {
        Theme::Proof
    } else if has(words!("expected")) {
        Theme::Expected
    } else if has(words!(
        "fix, next step, action, plan, solution, remediation, to do, todo, task, follow up, \
         prevent, resolution, proposed change, mitigation, investigation step, lösung, maßnahme, \
         nächste schritte, prochaines étapes, acciones",
    )) {
        Theme::Actions
    } else {
        Theme::Other
    }
}

/// The tasks of an investigation.
pub(super) fn candidates(source: &Source<'_>) -> Vec<TaskCandidate> {
    let tree = &source.tree;
    let mut candidates = Vec::new();
    let mut inside = vec![Theme::Other; tree.nodes.len()];
    let mut heads = vec![false; tree.nodes.len()];
    let known = (0..tree.nodes.len()).any(|node| {
        let this = &tree.nodes[node];
        let heading_words = normalize(&this.text);
        tree.is_section(node)
            && heading_words.contains("root cause")
            && !(this.prose.is_empty() && this.children.is_empty())
            && !heading_words.contains("possible")
    });
    for node in 0..tree.nodes.len() {
        let this = &tree.nodes[node];
        let above = this.parent.map_or(Theme::Other, |parent| inside[parent]);
        let heading = tree.is_section(node) || this.origin == Origin::Group;
        let own = if heading && Some(node) != source.root {
            theme(&this.text)
        } else {
            Theme::Other
        };
        inside[node] = if own == Theme::Other { above } else { own };
        let aside = matches!(this.kind, SectionKind::Future | SectionKind::Question);
        let closed = matches!(this.kind, SectionKind::NonGoal | SectionKind::Appendix)
            || (aside && inside[node] == Theme::Other);
        if closed || this.checked == Some(true) {
            inside[node] = Theme::Other;
            continue;
        }
        if own == Theme::Reproduction {
            let mut candidate = TaskCandidate::of(source, node, Cause::Whole);
            candidate.title = title::finish(&format!("Reproduce: {}", subject(source)));
            candidate.stems = stems(&candidate.title);
            candidates.push(candidate);
            continue;
        }
        heads[node] = own != Theme::Other;
        let below_head = this.parent.is_some_and(|parent| heads[parent]);
        let titled = this.parent.is_some_and(|parent| {
            tree.nodes[parent]
                .children
                .iter()
                .take(200)
                .any(|child| tree.is_section(*child))
        });
        let entry = matches!(this.origin, Origin::Entry | Origin::Row)
            && !titled
            && this
                .role
                .is_none_or(|role| role == crate::plan::document::LabelKind::Tasks);
        let direct = below_head && own == Theme::Other && (heading || entry);
        match inside[node] {
            Theme::Suspects if direct && !known => {
                let mut candidate = TaskCandidate::of(source, node, Cause::Suspect);
                let text = title::untag(&candidate.title).to_owned();
                let text = text
                    .trim_start_matches(|c: char| c == 'H' || c.is_ascii_digit())
                    .trim_start_matches([':', ' ', '.', '-'])
                    .to_owned();
                let text = if text.is_empty() {
                    candidate.title.clone()
                } else {
                    text
                };
                if !super::work_kinds::begins_with_verb(&text) {
                    candidate.title =
                        title::finish(&format!("Check whether {}", lower_first(&text)));
                }
                candidates.push(candidate);
            }
            Theme::Actions if direct => {
                candidates.push(TaskCandidate::of(source, node, Cause::Work))
            }
            _ => {}
        }
    }
    let fixed = candidates
        .iter()
        .any(|candidate| candidate.cause == Cause::Work && is_fix(&candidate.title));
    if !fixed {
        let mut candidate = whole(source);
        candidate.title = title::finish(&format!("Fix: {}", subject(source)));
        candidate.stems = stems(&candidate.title);
        candidates.push(candidate);
    }
    // The proof of a fix belongs to the task that fixes the defect.
    let proofs: Vec<usize> = tree
        .sections
        .iter()
        .copied()
        .filter(|node| {
            Some(*node) != source.root
                && theme(&tree.nodes[*node].text) == Theme::Proof
                && !tree.nodes[*node].children.is_empty()
        })
        .collect();
    if let Some(fix) = candidates.iter().position(|candidate| {
        matches!(candidate.cause, Cause::Work | Cause::Whole) && is_fix(&candidate.title)
    }) {
        candidates[fix].folded.extend(proofs);
    }
    if candidates.len() == 1 && candidates[0].node.is_none() && candidates[0].folded.is_empty() {
        Vec::new()
    } else {
        candidates
    }
}

/// True if a title in an investigation names a fix.
pub(super) fn is_fix(title: &str) -> bool {
    let first = normalize(title);
    let first = first.split(' ').next().unwrap_or("");
    !words!(
        "check, reproduce, investigate, collect, profile, measure, compare, review, verify, \
             test, confirm, monitor, capture, log, trace, bisect, analyze, write, document, add, \
             inspect, run, look, read, ask",
    )
    .contains(first)
}

/// True if a line is in a section on suspected causes or actions.
pub(super) fn is_themed(source: &Source<'_>, line: u32) -> bool {
    source.tree.sections.iter().any(|node| {
        let this = &source.tree.nodes[*node];
        (this.lines.start..=this.lines.end).contains(&line)
            && Some(*node) != source.root
            && matches!(theme(&this.text), Theme::Suspects | Theme::Actions)
    })
}

/// The single task of a document without a recognized structure.
pub(super) fn whole(source: &Source<'_>) -> TaskCandidate {
    let mut text = title::title(&source.document.title);
    if text.is_empty() {
        text = "Untitled".to_owned();
    }
    let end = source.document.line_count.max(1);
    TaskCandidate {
        node: None,
        folded: Vec::new(),
        stems: stems(&text),
        title: text,
        key: String::new(),
        cause: Cause::Whole,
        requirement: None,
        unit: None,
        group: None,
        story: None,
        coarse: false,
        lines: crate::plan::document::Lines { start: 1, end },
    }
}

/// The subject of the investigation, without the words for an investigation.
fn subject(source: &Source<'_>) -> String {
    let title = source.document.title.as_str();
    for mark in [": ", " - ", " – ", " — "] {
        if let Some((head, rest)) = title.split_once(mark) {
            let head = normalize(head);
            if words!("debug, investigation, bug, incident, postmortem, issue, report, root cause")
                .iter()
                .any(|word| head.contains(word))
            {
                return rest.to_owned();
            }
        }
    }
    title.to_owned()
}
