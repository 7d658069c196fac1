//! The items around some others: enough of them for the graph to say of those what it would say
//! with all items.

use std::collections::{BTreeMap, BTreeSet};

use super::Result;
use super::document_row::{edges, is_open};
use super::schema::{ALL_CHILDREN, ANY_CHILD, HARD, PARENT};
use crate::model::item::Item;
use crate::model::uid::Uid;

/// What of the neighbourhood matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Whether the items are ready or blocked, in a graph without cycles: what they wait for, their
    /// children, their ancestors, and what these wait for.
    Verdict,
    /// Also why, to the root: the same again for everything open that is waited for.
    Waits,
    /// Whether an edge would close a cycle, if everything were open.
    All,
}

/// Where items come from.
pub(crate) trait Source {
    /// An item, deleted or not.
    fn item(&self, uid: &Uid) -> Result<Option<Item>>;
    /// The items that have an edge of a kind to a target.
    fn sources(&self, target: &Uid, kind: i64) -> Result<Vec<Uid>>;
}

/// How a node is looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    /// Only whether it is open.
    Seen,
    /// As an ancestor: what it and its own ancestors wait for.
    Above,
    /// As something to be finished: also its children.
    Whole,
}

/// Collects the items around `start`, by uid; `None` when there are more than `limit`.
///
/// # Errors
/// What the source returns.
pub(crate) fn around(
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
        // What is over holds nobody up, so what it once waited for does not matter; as an ancestor
        // it still passes on what holds up its own ancestors.
        let over = reach == Reach::Waits && !is_open(&item) && !start.contains(&uid);
        if depth > Depth::Seen {
            for (kind, target) in edges(&item) {
                let next = match kind {
                    PARENT => Depth::Above,
                    HARD if reach != Reach::Verdict && !over => Depth::Whole,
                    // Its children open the gate.
                    ALL_CHILDREN | ANY_CHILD if !over => Depth::Whole,
                    _ => Depth::Seen,
                };
                todo.push((target.clone(), next));
            }
        }
        if depth == Depth::Whole && !over {
            let next = match reach {
                Reach::Verdict => Depth::Seen,
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
