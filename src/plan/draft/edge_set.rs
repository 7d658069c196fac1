//! The edges of a plan: no duplicates, and none that closes a cycle.

use super::candidate::TaskCandidate;
use super::draft_types::{EdgeClass, Finding, Severity};
use crate::plan::document::Lines;
use std::collections::BTreeMap;

/// The largest total number of steps in searches for cycles.
const STEPS: usize = 3_000_000;

/// An edge between two tasks, by their indices.
#[derive(Clone, Debug)]
pub(super) struct Link {
    /// The waiting task.
    pub task: usize,
    /// The task that it waits for.
    pub on: usize,
    pub class: EdgeClass,
    /// The rule that added it.
    pub rule: &'static str,
    /// The line that it is based on.
    pub line: u32,
    pub reason: String,
}

impl Link {
    /// A hard edge, which blocks.
    pub fn hard(task: usize, on: usize, rule: &'static str, line: u32, reason: String) -> Link {
        Link {
            task,
            on,
            class: EdgeClass::Hard,
            rule,
            line,
            reason,
        }
    }

    /// A soft edge, which only warns.
    pub fn soft(task: usize, on: usize, rule: &'static str, line: u32, reason: String) -> Link {
        Link {
            class: EdgeClass::Soft,
            ..Link::hard(task, on, rule, line, reason)
        }
    }
}

/// An acyclic set of edges.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// The edges in the order in which they were added.
    pub all: Vec<Link>,
    /// Edges that were rejected, with the reason.
    pub findings: Vec<Finding>,
    waits: BTreeMap<usize, Vec<usize>>,
    known: BTreeMap<(usize, usize), usize>,
    steps: usize,
}

impl Links {
    /// Adds an edge unless it exists, connects a task with itself or closes a cycle; a hard edge
    /// replaces a soft one. The rejection of an edge that the author stated is recorded as a
    /// finding with the cycle.
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
                    lines: Lines::at(link.line),
                    task: Some(candidates[link.task].key.clone()),
                    message: format!(
                        "the dependency was omitted because it would create a cycle: {}",
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

    /// True if there is an edge between the two tasks.
    pub fn has(&self, task: usize, on: usize) -> bool {
        self.known.contains_key(&(task, on))
    }

    /// A path between two tasks; also `Some` if the search exceeds its budget.
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
