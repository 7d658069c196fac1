//! Inconsistencies in a document, found without knowing its subject.
//!
//! Ids that are defined twice or missing from a series. None is certain, so none blocks an approval.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::draft_types::{Finding, Severity};
use super::facts::Facts;
use super::rules::Verdicts;
use git_pm_document::{Extract, Form, Lines, Statement, canonical_id, is_part_of};

/// The inconsistencies of a document with these contents, in the order of their lines.
#[must_use]
pub fn lints(verdicts: &Verdicts, extract: &Extract) -> Vec<Finding> {
    let mut found = duplicates(&verdicts.facts);
    found.extend(gaps(&verdicts.facts, extract));
    found.sort_by_key(|lint| (lint.lines, lint.rule));
    found
}

fn duplicates(facts: &Facts) -> Vec<Finding> {
    let mut first: HashMap<(String, Option<Form>, Option<usize>), Lines> = HashMap::new();
    let mut found = Vec::new();
    for at in (0..facts.nodes().len()).filter(|at| facts.has_task_id(*at)) {
        let node = &facts.nodes()[at];
        let id = node.id.as_deref().unwrap_or_default();
        // A list and a section may both name it.
        let place = match node.is_heading() {
            true => (canonical_id(id), None, None),
            false => (canonical_id(id), Some(node.form), node.parent),
        };
        let earlier = *first.entry(place).or_insert(node.lines);
        if earlier != node.lines {
            let message = format!("{id} is already defined on line {}", earlier.start);
            let rule = "duplicate-id";
            found.push(Finding::of(rule, Severity::Note, node.lines, message));
        }
    }
    found
}

/// Numbers missing from a series of ids (`FR-1, FR-2, FR-4`). What is ruled out or later is not missing.
fn gaps(facts: &Facts, extract: &Extract) -> Vec<Finding> {
    let ids = facts.nodes().iter().filter_map(|node| node.id.as_deref());
    let there: HashSet<String> = ids.map(canonical_id).collect();
    let mut series: BTreeMap<String, BTreeMap<u32, &Statement>> = BTreeMap::new();
    let all = extract.requirements.iter().chain(&extract.stories);
    for statement in all.map(|one| &one.statement).chain(&extract.non_functional) {
        let form = canonical_id(statement.id.as_deref().unwrap_or_default());
        if let Some((prefix, number)) = form.rsplit_once(['-', '.'])
            && let Ok(number) = number.parse()
        {
            let numbers = series.entry(prefix.to_owned()).or_default();
            numbers.entry(number).or_insert(statement);
        }
    }
    let mut found = Vec::new();
    for (prefix, numbers) in series {
        for ((before, _), (after, statement)) in numbers.iter().zip(numbers.iter().skip(1)) {
            // Authors leave room by jumping to a round number.
            let missing = before + 1..*after;
            if missing.is_empty() || missing.len() > 4 || after % 10 == 0 {
                continue;
            }
            let names = missing.map(|n| format!("{prefix}-{n}"));
            let has_parts = |id: &str| there.iter().any(|other| is_part_of(other, id));
            let names = names.filter(|id| !there.contains(id) && !has_parts(id));
            let names: Vec<String> = names.collect();
            if names.is_empty() {
                continue;
            }
            let names = names.join(", ");
            let message = format!("{prefix}-{after} follows a gap; missing: {names}");
            let lines = Lines::at(statement.lines.start);
            found.push(Finding::of("id-gap", Severity::Note, lines, message));
        }
    }
    found
}
