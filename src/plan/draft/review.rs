//! Findings in the tasks of a plan, and proposals to merge tasks.

use super::candidate::TaskCandidate;
use super::checks::{MAX_FINDINGS, finding};
use super::draft_types::{Consolidation, Finding, Note, Severity, Task};
use super::similarity::{common, containment, jaccard, stems};
use std::collections::{BTreeMap, BTreeSet};

/// The findings about tasks and what the document says elsewhere. Findings in the tasks alone are
/// made from the present plan.
pub(super) fn tasks(
    tasks: &[Task],
    candidates: &[TaskCandidate],
    guards: &[Note],
    questions: &[Note],
) -> Vec<Finding> {
    let stemmed = |notes: &[Note]| -> Vec<(BTreeSet<String>, Note)> {
        let notes = notes.iter().take(200);
        notes
            .map(|note| (stems(&note.text), note.clone()))
            .collect()
    };
    let (guards, questions) = (stemmed(guards), stemmed(questions));
    let mut found = Vec::new();
    for (task, candidate) in tasks.iter().zip(candidates) {
        let near = |words: &BTreeSet<String>| {
            common(words, &candidate.stems) >= 2 && containment(words, &candidate.stems) >= 0.6
        };
        let mut add = |rule, severity, note: &Note, message| {
            found.push(finding(
                rule,
                severity,
                note.lines,
                Some(&task.key),
                message,
            ));
        };
        for (_, note) in guards.iter().filter(|(words, _)| near(words)) {
            let message = format!("“{}” overlaps with a non-goal: {}", task.title, note.text);
            add("non-goal-overlap", Severity::Warning, note, message);
        }
        for (_, note) in questions.iter().filter(|(words, _)| near(words)) {
            let message = format!("an open question concerns “{}”: {}", task.title, note.text);
            add("open-question", Severity::Note, note, message);
        }
    }
    found
}

/// Proposals to merge tasks whose titles have mostly the same words and, above the threshold, small
/// adjacent tasks.
pub(super) fn suggestions(
    tasks: &[Task],
    candidates: &[TaskCandidate],
    threshold: usize,
) -> Vec<Consolidation> {
    let mut found: Vec<Consolidation> = Vec::new();
    let mut by_stem: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, candidate) in candidates.iter().enumerate() {
        for stem in &candidate.stems {
            by_stem.entry(stem).or_default().push(place);
        }
    }
    let mut used = vec![false; tasks.len()];
    for place in 0..tasks.len() {
        if used[place] || found.len() >= MAX_FINDINGS {
            continue;
        }
        let mut near: Vec<usize> = candidates[place]
            .stems
            .iter()
            .flat_map(|stem| by_stem[stem.as_str()].iter().take(32))
            .copied()
            .filter(|other| *other > place && !used[*other])
            .collect();
        near.sort_unstable();
        near.dedup();
        near.retain(|other| {
            candidates[*other].unit == candidates[place].unit
                && jaccard(&candidates[place].stems, &candidates[*other].stems) > 0.5
                && tasks[*other].item_type == tasks[place].item_type
        });
        near.truncate(4);
        let small = near
            .iter()
            .chain([&place])
            .map(|at| tasks[*at].hours)
            .sum::<u32>()
            <= 12;
        if !near.is_empty() && small {
            let all: Vec<usize> = std::iter::once(place).chain(near).collect();
            for at in &all {
                used[*at] = true;
            }
            found.push(Consolidation {
                tasks: all.iter().map(|at| tasks[*at].key.clone()).collect(),
                reason: "their titles are nearly the same".to_owned(),
            });
        }
    }
    let mut over = tasks.len().saturating_sub(threshold);
    for one_stream in [true, false] {
        let mut place = 0;
        while over > 0 && place + 1 < tasks.len() && found.len() < MAX_FINDINGS {
            let (a, b) = (&tasks[place], &tasks[place + 1]);
            let near = (a.stream == b.stream || !one_stream) && a.milestone == b.milestone;
            if near && a.hours + b.hours <= 8 && !used[place] && !used[place + 1] {
                used[place] = true;
                used[place + 1] = true;
                over -= 1;
                let reason = if a.stream == b.stream {
                    format!("both are small and in the stream “{}”", a.stream)
                } else {
                    "both are small and adjacent".to_owned()
                };
                found.push(Consolidation {
                    tasks: vec![a.key.clone(), b.key.clone()],
                    reason,
                });
            }
            place += 1;
        }
    }
    found
}
