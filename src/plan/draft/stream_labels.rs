//! Labels for streams if the titles of tasks do not distinguish them: the headings above them, or
//! the folders of their files.

use super::areas::is_generic;
use super::candidate::TaskCandidate;
use super::streams::MAX_STREAMS;
use super::title;
use super::units;
use super::work::Source;
use std::collections::BTreeMap;

/// The depth of headings below which streams are not separated.
const MAX_DEPTH: usize = 5;

/// The label that distinguishes nothing because most tasks have it.
pub(super) fn dominant(labels: &[String]) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for label in labels {
        *counts.entry(label).or_default() += 1;
    }
    let (label, count) = counts
        .into_iter()
        .max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(a.0)))?;
    (count >= 5 && count * 5 >= labels.len() * 3).then(|| label.to_owned())
}

/// True if labels distinguish tasks: several, not too many, none dominant.
fn is_distinctive(labels: &[String]) -> bool {
    let mut known: Vec<&str> = labels.iter().map(String::as_str).collect();
    known.sort_unstable();
    known.dedup();
    (3..=MAX_STREAMS + 4).contains(&known.len())
        && known.len() * 3 <= labels.len() * 2
        && dominant(labels).is_none()
}

/// The headings above tasks, on the deepest level that distinguishes them.
pub(super) fn from_sections(
    source: &Source<'_>,
    candidates: &[TaskCandidate],
) -> Option<Vec<String>> {
    let tree = &source.tree;
    let chains: Vec<Vec<String>> = candidates
        .iter()
        .map(|candidate| {
            let mut chain: Vec<String> = candidate
                .node
                .into_iter()
                .flat_map(|node| tree.above(node))
                .filter(|above| tree.is_section(*above) && Some(*above) != source.root)
                .map(|above| tree.nodes[above].text.as_str())
                .filter(|text| units::name(text).is_none())
                .map(title::title)
                .filter(|text| !is_generic(text))
                .collect();
            chain.reverse();
            chain
        })
        .collect();
    (1..=MAX_DEPTH).rev().find_map(|depth| {
        let labeled = chains.iter().filter(|chain| !chain.is_empty()).count();
        let labels: Vec<String> = chains
            .iter()
            .map(|chain| {
                let label = chain.get(..depth).unwrap_or(chain).last();
                label.cloned().unwrap_or_else(|| "core".to_owned())
            })
            .collect();
        (labeled * 2 >= candidates.len() && is_distinctive(&labels)).then_some(labels)
    })
}
