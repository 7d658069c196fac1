//! Rules about learnings: none supersedes itself through others.

use std::collections::{BTreeMap, BTreeSet};

use super::fsck_report::Finding;
use crate::graph::{Lists, components};
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
pub(super) fn find(links: &Links) -> Vec<Finding> {
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

/// The learnings in each circle.
fn circles(links: &Links) -> Vec<BTreeSet<Uid>> {
    let uids: Vec<&Uid> = links.keys().collect();
    let mut edges = Vec::new();
    for (from, targets) in links.values().enumerate() {
        let known = targets
            .iter()
            .filter_map(|uid| uids.binary_search(&uid).ok());
        edges.extend(known.map(|to| (from, to)));
    }
    let mut circles: BTreeMap<usize, BTreeSet<Uid>> = BTreeMap::new();
    for (uid, circle) in uids.iter().zip(components(&Lists::new(uids.len(), &edges))) {
        circles.entry(circle).or_default().insert((*uid).clone());
    }
    let names_itself = |uid: &Uid| links[uid].contains(uid);
    circles.retain(|_, members| members.len() > 1 || members.iter().any(names_itself));
    circles.into_values().collect()
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
        assert_eq!(circles(&links), [["a", "b", "c"].map(uid).into()]);
        assert!(circles(&Links::new()).is_empty());
    }
}
