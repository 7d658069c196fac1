//! Phases, sprints and releases of the author, in order, each with its tasks and what its gate asks.

use std::collections::{BTreeMap, HashMap};

use super::draft_types::{Criterion, Finding, Key, Milestone, Severity};
use super::key::unique;
use super::rules::Verdicts;
use super::{title, vague};
use git_pm_document::{LabelKind, SectionKind};

/// The keys of the phases with tasks or results, by their statements.
pub(super) fn keys(verdicts: &Verdicts) -> HashMap<usize, Key> {
    let counts = |at: &usize| verdicts.is_task(*at) || verdicts.all[*at].rule == "outcome";
    let all = (0..verdicts.all.len()).filter(counts);
    let all = all.filter_map(|at| verdicts.facts.phase[at]);
    let phases: BTreeMap<usize, ()> = all.map(|phase| (phase, ())).collect();
    let mut taken: HashMap<Key, usize> = HashMap::new();
    let name = |phase: usize| verdicts.facts.nodes()[phase].name();
    let mut named = |phase| unique(&mut taken, &["milestone", name(phase)]);
    phases
        .into_keys()
        .map(|phase| (phase, named(phase)))
        .collect()
}

/// The phases, and a note for each statement that a gate carries.
pub(super) fn milestones(
    verdicts: &Verdicts,
    keys: &HashMap<usize, Key>,
    tasks: &BTreeMap<usize, Key>,
) -> (Vec<Milestone>, Vec<Finding>) {
    let facts = &verdicts.facts;
    let nodes = facts.nodes();
    let mut found: BTreeMap<usize, Milestone> = BTreeMap::new();
    let mut findings = Vec::new();
    for (phase, key) in keys {
        let (title, lines) = (title::of(nodes[*phase].name(), None), nodes[*phase].span());
        found.insert(
            *phase,
            Milestone {
                key: key.clone(),
                title,
                lines,
                ..Milestone::default()
            },
        );
    }
    for (at, verdict) in verdicts.all.iter().enumerate() {
        let (node, phase) = (&nodes[at], facts.phase[at]);
        let Some(milestone) = phase.and_then(|phase| found.get_mut(&phase)) else {
            continue;
        };
        milestone.tasks.extend(tasks.get(&at).cloned());
        let aims = node.label == LabelKind::Goal && verdict.task.is_none();
        let is_goal = aims && milestone.goal.is_none() && !node.text.is_empty();
        if is_goal {
            milestone.goal = Some(node.text.clone());
        }
        if verdict.rule != "outcome" {
            continue;
        }
        let to = match node.kind {
            SectionKind::Deliverable => &mut milestone.deliverables,
            _ => &mut milestone.success,
        };
        if !is_goal {
            to.push(Criterion {
                text: node.text.clone(),
                lines: node.lines,
                requirement: node.id.clone(),
                derived: false,
                vague: vague(&node.text),
            });
        }
        let asked = title::cut(&node.text);
        let message = format!("the gate of the phase asks for this: \"{asked}\"");
        findings.push(Finding::of("gate", Severity::Note, node.lines, message));
    }
    // A phase follows the one before it at its place; sprints go on from phase to phase.
    let outer = |at: usize| nodes[at].parent.and_then(|parent| facts.phase[parent]);
    let mut last: Option<(usize, Key)> = None;
    for (phase, milestone) in &mut found {
        let beside = |other: usize| nodes[other].parent == nodes[*phase].parent;
        let inner = |other: usize| outer(other).is_some() && outer(*phase).is_some();
        let before = last.filter(|(other, _)| beside(*other) || inner(*other));
        milestone.after = before.map(|(_, key)| key);
        last = Some((*phase, milestone.key.clone()));
    }
    (found.into_values().collect(), findings)
}
