//! Rules about learnings: none supersedes itself through others.

use std::collections::{BTreeMap, BTreeSet};

use super::fsck_report::Finding;
use crate::model::doc::Doc;
use crate::model::learning::Learning;
use crate::model::short_id::{LEARNING, short_id};
use crate::model::text::first_of;
use crate::model::uid::Uid;

/// The maximum number of learnings that a finding names.
const NAMED: usize = 10;

/// The learnings in force that supersede others, with these.
pub(super) type Links = BTreeMap<Uid, BTreeSet<Uid>>;

/// The learning of a document as one of them.
pub(super) fn link(doc: &Doc) -> Option<(Uid, BTreeSet<Uid>)> {
    let one = Learning::from_doc(doc).filter(Learning::is_in_force)?;
    Some((one.facts.uid, one.supersedes.into_iter().collect()))
}

/// Circles of learnings in force that supersede each other. A merge can create one.
pub(super) fn find(links: Links) -> Vec<Finding> {
    circles(links)
        .into_iter()
        .filter_map(|circle| finding(&circle))
        .collect()
}

fn finding(circle: &BTreeSet<Uid>) -> Option<Finding> {
    let ids: Vec<String> = circle.iter().map(|uid| short_id(LEARNING, uid)).collect();
    let id = ids.first()?;
    let message = format!(
        "learnings supersede each other in a circle, so none of them counts as superseded: {}",
        first_of(&ids, NAMED)
    );
    let fix = format!("git pm learn edit {id} --supersedes \"\"");
    Some(Finding::warning("learning-circle", id, message).fix(fix))
}

/// The circles, each with what connects it to another one.
fn circles(mut links: Links) -> Vec<BTreeSet<Uid>> {
    // Those left in both directions are in a circle, or between two.
    links = without_ends(links);
    links = without_ends(reversed(&links));
    let back = reversed(&links);
    let mut left: BTreeSet<Uid> = links.keys().cloned().collect();
    let mut out = Vec::new();
    while let Some(first) = left.pop_first() {
        let mut circle = BTreeSet::from([first.clone()]);
        let mut waiting = vec![first];
        while let Some(next) = waiting.pop() {
            let near = [&links, &back].into_iter().filter_map(|all| all.get(&next));
            for other in near.flatten() {
                if left.remove(other) {
                    circle.insert(other.clone());
                    waiting.push(other.clone());
                }
            }
        }
        out.push(circle);
    }
    out
}

/// The links without those that lead nowhere, again and again.
fn without_ends(mut links: Links) -> Links {
    let known: BTreeSet<Uid> = links.keys().cloned().collect();
    for targets in links.values_mut() {
        targets.retain(|uid| known.contains(uid));
    }
    let back = reversed(&links);
    let is_end = |(_, targets): &(&Uid, &BTreeSet<Uid>)| targets.is_empty();
    let mut ends: Vec<Uid> = links
        .iter()
        .filter(is_end)
        .map(|(uid, _)| uid.clone())
        .collect();
    while let Some(end) = ends.pop() {
        links.remove(&end);
        for source in back.get(&end).into_iter().flatten() {
            if let Some(targets) = links.get_mut(source)
                && targets.remove(&end)
                && targets.is_empty()
            {
                ends.push(source.clone());
            }
        }
    }
    links
}

fn reversed(links: &Links) -> Links {
    let mut out: Links = links
        .keys()
        .map(|uid| (uid.clone(), BTreeSet::new()))
        .collect();
    for (source, targets) in links {
        for target in targets {
            out.entry(target.clone())
                .or_default()
                .insert(source.clone());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_learnings_in_a_circle_are_found() {
        let uid = |name: &str| Uid::derived(&[name]);
        let all = [
            ("a", "b"),
            ("b", "c"),
            ("c", "a"),
            ("d", "a"),
            ("c", "e"),
            ("f", "g"),
        ];
        let mut links = Links::new();
        for (source, target) in all {
            links.entry(uid(source)).or_default().insert(uid(target));
            links.entry(uid(target)).or_default();
        }
        assert_eq!(circles(links), [["a", "b", "c"].map(uid).into()]);
        assert!(circles(Links::new()).is_empty());
    }
}
