//! The edges of a plan as they are collected: each once, none that closes a cycle.

use super::candidate::TaskCandidate;
use super::draft_types::{EdgeClass, Finding, Severity};
use crate::plan::document::Lines;
use std::collections::BTreeMap;

/// Steps that the search for cycles may take in all; a plan that needs more is no plan.
const STEPS: usize = 3_000_000;

/// An edge between two tasks, by their places.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// Who waits.
    pub task: usize,
    /// For what.
    pub on: usize,
    /// Whether it blocks.
    pub class: EdgeClass,
    /// The rule that drew it.
    pub rule: &'static str,
    /// The line it rests on.
    pub line: u32,
    /// Why.
    pub reason: String,
}

/// Edges without cycles.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// The edges in the order they were drawn.
    pub all: Vec<Link>,
    /// What was left out, and why.
    pub findings: Vec<Finding>,
    waits: BTreeMap<usize, Vec<usize>>,
    known: BTreeMap<(usize, usize), usize>,
    steps: usize,
}

impl Links {
    /// Adds an edge unless it is there, joins a task with itself or closes a cycle. Only a hard edge
    /// that the author asked for is missed; then a finding names the cycle.
    pub fn add(&mut self, candidates: &[TaskCandidate], link: Link) {
        if link.task == link.on {
            return;
        }
        if let Some(known) = self.known.get(&(link.task, link.on)) {
            let known = &mut self.all[*known];
            if known.class == EdgeClass::Soft && link.class == EdgeClass::Hard {
                *known = link;
            }
            return;
        }
        if let Some(path) = self.path(link.on, link.task) {
            if link.rule == "explicit" {
                let names: Vec<&str> = path
                    .iter()
                    .chain(path.first())
                    .map(|place| candidates[*place].title.as_str())
                    .collect();
                self.findings.push(Finding {
                    rule: "cycle".to_owned(),
                    severity: Severity::Warning,
                    lines: Lines {
                        start: link.line,
                        end: link.line,
                    },
                    task: Some(candidates[link.task].key.clone()),
                    message: format!(
                        "the dependency was left out because it closes a cycle: {}",
                        names.join(" → ")
                    ),
                });
            }
            return;
        }
        self.known.insert((link.task, link.on), self.all.len());
        self.waits.entry(link.task).or_default().push(link.on);
        self.all.push(link);
    }

    /// Whether one task waits for another by an edge of its own.
    pub fn has(&self, task: usize, on: usize) -> bool {
        self.known.contains_key(&(task, on))
    }

    /// How one task waits for another, over any edges; a search that would take too long counts as
    /// if it did.
    pub fn path(&mut self, from: usize, to: usize) -> Option<Vec<usize>> {
        let mut came: BTreeMap<usize, usize> = BTreeMap::new();
        let mut waiting = vec![from];
        came.insert(from, from);
        while let Some(at) = waiting.pop() {
            self.steps += 1;
            if at == to || self.steps > STEPS {
                let mut path = vec![at];
                let mut back = at;
                while back != from {
                    back = came[&back];
                    path.push(back);
                }
                path.reverse();
                return Some(path);
            }
            for next in self.waits.get(&at).into_iter().flatten() {
                if !came.contains_key(next) {
                    came.insert(*next, at);
                    waiting.push(*next);
                }
            }
        }
        None
    }
}
