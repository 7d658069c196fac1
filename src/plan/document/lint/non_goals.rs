//! Requirements that share their rare words with a non-goal.

use std::collections::BTreeMap;

use super::super::{Extract, Statement, stems};
use super::{Lint, MOST_COMPARED, short};

/// Pairs of a requirement and a non-goal that seem to have the same subject.
pub(super) fn find(extract: &Extract) -> Vec<Lint> {
    let wanted = || {
        let statements = extract
            .requirements
            .iter()
            .chain(&extract.stories)
            .map(|requirement| &requirement.statement);
        statements.take(MOST_COMPARED)
    };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for statement in wanted() {
        for stem in stems::of(&statement.text) {
            *counts.entry(stem).or_default() += 1;
        }
    }
    // A word that many requirements have describes the product, not one of them.
    let most = (wanted().count() / 5).max(2);
    let rare = |stem: &String| counts.get(stem).copied().unwrap_or(0) <= most;
    let avoided: Vec<(&Statement, Vec<String>)> = extract
        .non_goals
        .iter()
        .take(MOST_COMPARED)
        .map(|statement| (statement, stems::of(&statement.text)))
        .collect();
    let mut found = Vec::new();
    for statement in wanted() {
        let own = stems::of(&statement.text);
        for (other, theirs) in &avoided {
            let shared: Vec<&String> = own.iter().filter(|stem| theirs.contains(stem)).collect();
            let telling = shared.iter().filter(|stem| rare(stem)).count();
            let enough = shared.len() * 2 > theirs.len().min(own.len()) && theirs.len() <= 12;
            if telling >= 2 && enough {
                let message = format!(
                    "“{}” may be what line {} rules out: “{}”",
                    short(&statement.text),
                    other.lines.start,
                    short(&other.text)
                );
                found.push(Lint::new("non-goal-overlap", statement.lines, message));
            }
        }
    }
    found
}
