//! The items around some others: enough for the graph to give the same answers about those as with all items.

use std::collections::{BTreeMap, BTreeSet};

use super::Result;
use super::document_row::{edges, is_open};
use super::schema::{ALL_CHILDREN, ANY_CHILD, HARD, PARENT};
use crate::model::item::Item;
use crate::model::uid::Uid;

/// The part of the neighborhood that is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// For readiness, in a graph without cycles: what the items wait for, their children, their
    /// ancestors, and what these wait for.
    Readiness,
    /// Also for the reasons, down to the root: the same again for everything open that is waited
    /// for.
    Waits,
    /// For finding if an edge would close a cycle, if everything were open.
    All,
}

/// A source of items.
pub trait Source {
    /// An item, deleted or not.
    fn item(&self, uid: &Uid) -> Result<Option<Item>>;
    /// The items that have an edge of a kind to a target.
    fn sources(&self, target: &Uid, kind: i64) -> Result<Vec<Uid>>;
}

/// The role of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    /// Only its state matters.
    Seen,
    /// An ancestor: what it and its own ancestors wait for.
    Above,
    /// A dependency: also its children.
    Whole,
}

/// Collects the items around `start`, by uid; `None` when there are more than `limit`.
///
/// # Errors
/// The errors of the source.
pub fn around(
    source: &impl Source,
    start: &BTreeSet<Uid>,
    reach: Reach,
    limit: usize,
) -> Result<Option<BTreeMap<Uid, Item>>> {
    let mut found: BTreeMap<Uid, (Item, Depth)> = BTreeMap::new();
    let mut todo: Vec<(Uid, Depth)> = start.iter().map(|u| (u.clone(), Depth::Whole)).collect();
    while let Some((uid, mut depth)) = todo.pop() {
        if let Some((_, known)) = found.get(&uid)
            && *known >= depth
        {
            continue;
        }
        let known = found.remove(&uid);
        let item = match known {
            Some((item, known)) => {
                depth = depth.max(known);
                item
            }
            None => match source.item(&uid)? {
                Some(item) => item,
                None => continue,
            },
        };
        // A closed item holds nothing up, so what it once waited for does not matter; as an
        // ancestor it still passes on what holds up its own ancestors.
        let over = reach == Reach::Waits && !is_open(&item) && !start.contains(&uid);
        if depth > Depth::Seen {
            for (kind, target) in edges(&item) {
                let next = match kind {
                    PARENT => Depth::Above,
                    HARD if reach != Reach::Readiness && !over => Depth::Whole,
                    // Its children open the gate.
                    ALL_CHILDREN | ANY_CHILD if !over => Depth::Whole,
                    _ => Depth::Seen,
                };
                todo.push((target.clone(), next));
            }
        }
        if depth == Depth::Whole && !over {
            let next = match reach {
                Reach::Readiness => Depth::Seen,
                Reach::Waits | Reach::All => Depth::Whole,
            };
            for child in source.sources(&uid, PARENT)? {
                todo.push((child, next));
            }
        }
        found.insert(uid, (item, depth));
        if found.len() > limit {
            return Ok(None);
        }
    }
    Ok(Some(
        found
            .into_iter()
            .map(|(uid, (item, _))| (uid, item))
            .collect(),
    ))
}
