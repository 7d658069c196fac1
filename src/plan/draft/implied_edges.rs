//! Dependencies that a document implies: set-up first, mentions of ids.

use super::candidate::{Cause, TaskCandidate};
use super::draft_types::{EdgeClass, Strategy};
use super::edge_set::{Link, Links};
use super::task_criteria::Content;
use super::task_names::Names;
use super::work::Source;
use super::work_kinds::is_setup;
use std::collections::BTreeMap;

/// Adds the implied edges.
pub(super) fn add(
    source: &Source<'_>,
    strategy: Strategy,
    candidates: &[TaskCandidate],
    contents: &[Content],
    names: &Names,
    links: &mut Links,
) {
    let debug = source.document.kind == crate::plan::document::DocumentKind::DebugInvestigation;
    if debug {
        investigation(candidates, links);
    } else {
        for scope in scopes(candidates, strategy) {
            set_up_first(candidates, &scope, strategy, links);
        }
    }
    mentions(candidates, contents, names, links);
}

/// Groups of tasks with an order of their own: those of a story, of a phase, or all.
fn scopes(candidates: &[TaskCandidate], strategy: Strategy) -> Vec<Vec<usize>> {
    let mut scopes: BTreeMap<(Option<usize>, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (place, candidate) in candidates
        .iter()
        .enumerate()
        .filter(|(_, candidate)| candidate.cause != Cause::Verify)
    {
        let story = candidate
            .story
            .as_deref()
            .and(candidate.group.as_deref())
            .filter(|_| strategy != Strategy::Requirements);
        scopes
            .entry((candidate.unit, story))
            .or_default()
            .push(place);
    }
    scopes
        .into_values()
        .filter(|scope| scope.len() > 1)
        .collect()
}

/// Adds edges by which set-up comes before the rest of its scope.
fn set_up_first(
    candidates: &[TaskCandidate],
    scope: &[usize],
    strategy: Strategy,
    links: &mut Links,
) {
    let is_root = |place: &usize| {
        let candidate = &candidates[*place];
        candidate.cause == Cause::First || is_setup(&candidate.title) && !candidate.coarse
    };
    let Some(root) = scope.first().copied().filter(is_root) else {
        return;
    };
    let hard = matches!(
        strategy,
        Strategy::Milestones | Strategy::Stories | Strategy::Checklists
    );
    for task in scope.iter().copied().filter(|place| *place != root) {
        let reason = format!("“{}” sets up what it needs", candidates[root].title);
        let class = if hard {
            EdgeClass::Hard
        } else {
            EdgeClass::Soft
        };
        links.add(
            candidates,
            Link {
                task,
                on: root,
                class,
                rule: "setup-first",
                line: candidates[root].lines.start,
                reason,
            },
        );
    }
}

/// Adds edges by which a task that mentions the id of another one depends on it.
fn mentions(candidates: &[TaskCandidate], contents: &[Content], names: &Names, links: &mut Links) {
    for (task, content) in contents.iter().enumerate() {
        let texts = content
            .acceptance
            .iter()
            .map(|criterion| (&criterion.text, criterion.lines));
        for (text, lines) in
            texts.chain(content.remarks.iter().map(|line| (&line.text, line.lines)))
        {
            let apart = ["independent", "unlike", "not depend", "instead of"]
                .iter()
                .any(|word| text.to_lowercase().contains(word));
            for on in names.identified(text).into_iter().filter(|_| !apart) {
                if !links.has(on, task) && on < task {
                    let name = candidates[on]
                        .requirement
                        .as_deref()
                        .unwrap_or(&candidates[on].title);
                    let reason = format!("its text mentions {name}");
                    links.add(
                        candidates,
                        Link::soft(task, on, "mention", lines.start, reason),
                    );
                }
            }
        }
    }
}

/// Adds edges by which reproduction comes before the check of suspected causes, and that before the
/// fix.
fn investigation(candidates: &[TaskCandidate], links: &mut Links) {
    let reproduce = candidates
        .iter()
        .position(|candidate| candidate.title.starts_with("Reproduce"));
    let fix = candidates.iter().position(|candidate| {
        candidate.cause != Cause::Suspect && super::investigation::is_fix(&candidate.title)
    });
    for (place, candidate) in candidates.iter().enumerate() {
        if let Some(on) =
            reproduce.filter(|_| candidate.cause == Cause::Suspect || Some(place) == fix)
        {
            let reason = "the problem must be reproduced first".to_owned();
            links.add(
                candidates,
                Link::soft(place, on, "reproduce-first", candidate.lines.start, reason),
            );
        }
        if let Some(task) = fix.filter(|_| candidate.cause == Cause::Suspect) {
            let reason = "the cause must be known before the fix".to_owned();
            links.add(
                candidates,
                Link::hard(task, place, "cause-first", candidate.lines.start, reason),
            );
        }
    }
}
