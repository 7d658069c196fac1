//! The relations between items: references in items are resolved to edges between indices.

use std::collections::HashMap;
use std::fmt;

use super::adjacency::Lists;
use super::vertex::{Is, Vertex};
use crate::model::edge_type::{EdgeClass, EdgeType};
use crate::model::id::ItemRef;
use crate::model::issue_fields::Gate;
use crate::model::item::Edge;
use crate::model::uid::Uid;

/// The relation of an item to another one.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// A hard dependency: the item waits for the other.
    #[default]
    DependsOn,
    /// An edge of type `blocks`: the item waits for the other.
    Blocks,
    /// An edge of type `conditional-blocks`: the item waits for the other.
    ConditionalBlocks,
    /// An edge of type `waits-for`: the item waits for the other.
    WaitsFor,
    /// An edge of type `waits-for` with the gate `all-children`: for all children of the other.
    AllChildren,
    /// An edge of type `waits-for` with the gate `any-children`: for one child of the other.
    AnyChild,
    /// A soft dependency: it only warns.
    Soft,
    /// The other is the parent, by an edge of type `parent-child`.
    ParentChild,
    /// The other is the epic.
    Epic,
    /// The other is an ancestor that is blocked.
    Ancestor,
    /// The other is a child and has to be closed first.
    Child,
}

impl Relation {
    /// The word in JSON; for the types of edges, that of beads.
    pub fn as_str(self) -> &'static str {
        match self {
            Relation::DependsOn => "depends-on",
            Relation::Blocks => EdgeType::Blocks.as_str(),
            Relation::ConditionalBlocks => EdgeType::ConditionalBlocks.as_str(),
            Relation::WaitsFor => EdgeType::WaitsFor.as_str(),
            Relation::AllChildren => Gate::AllChildren.as_str(),
            Relation::AnyChild => Gate::AnyChild.as_str(),
            Relation::Soft => EdgeClass::Soft.as_str(),
            Relation::ParentChild => EdgeType::ParentChild.as_str(),
            Relation::Epic => "epic",
            Relation::Ancestor => "ancestor",
            Relation::Child => "child",
        }
    }

    /// The relation of an edge that blocks; `None` for other edges.
    pub(super) fn of(edge: &Edge) -> Option<Relation> {
        match (Relation::blocking(&edge.kind)?, edge.gate) {
            (Relation::WaitsFor, Some(Gate::AllChildren)) => Some(Relation::AllChildren),
            (Relation::WaitsFor, Some(Gate::AnyChild)) => Some(Relation::AnyChild),
            (relation, _) => Some(relation),
        }
    }

    /// True if it waits for the children of the other item.
    #[doc(hidden)]
    pub fn is_gate(self) -> bool {
        matches!(self, Relation::AllChildren | Relation::AnyChild)
    }

    /// The relation of an edge of a type that blocks; `None` for other types.
    pub(super) fn blocking(kind: &str) -> Option<Relation> {
        match EdgeType::parse(kind)? {
            EdgeType::Blocks => Some(Relation::Blocks),
            EdgeType::ConditionalBlocks => Some(Relation::ConditionalBlocks),
            EdgeType::WaitsFor => Some(Relation::WaitsFor),
            _ => None,
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The reason why the target of an edge is missing.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Absence {
    /// The reference is external (`external:<project>:<id>`).
    Outside,
    /// No item has that uid.
    Unknown,
    /// The item was deleted.
    Deleted,
}

/// An edge without a target.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The item that has the edge.
    pub uid: Uid,
    /// What the edge names.
    pub target: ItemRef,
    /// The type of the edge.
    pub via: Relation,
    /// The reason why the target is missing.
    pub why: Absence,
}

/// An edge, without its source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Arc {
    pub(super) to: usize,
    pub(super) via: Relation,
}

/// All edges between items that are not deleted.
pub(super) struct Edges {
    /// Sorted by target.
    pub(super) hard: Lists<Arc>,
    /// Sorted by target.
    pub(super) soft: Lists<usize>,
    /// Parents by edge, then the epic; each sorted by target. May have cycles.
    pub(super) parents: Lists<Arc>,
    pub(super) missing: Vec<Missing>,
}

pub(super) fn collect<V: Vertex>(items: &[&V], index: &HashMap<&Uid, usize>) -> Edges {
    let (mut hard, mut soft, mut parents) = (Vec::new(), Vec::new(), Vec::new());
    let mut missing = Vec::new();
    let (mut waits, mut warns, mut above) = (Vec::new(), Vec::new(), Vec::new());
    for (from, item) in items.iter().enumerate() {
        let is_deleted = item.is(Is::Deleted);
        item.references(&mut |via, uid, born| match resolve(uid, items, index) {
            _ if is_deleted => {}
            Ok(to) => match via {
                Relation::Soft => warns.push(to),
                Relation::ParentChild | Relation::Epic => above.push(Arc { to, via }),
                _ => waits.push(Arc { to, via }),
            },
            Err(why) => missing.push(Missing {
                uid: item.uid().clone(),
                target: ItemRef {
                    born: born.to_string(),
                    uid: uid.cloned(),
                },
                via,
                why,
            }),
        });
        waits.sort_unstable();
        waits.dedup_by_key(|arc| arc.to);
        warns.sort_unstable();
        warns.dedup();
        // A binary search, since an item may have very many edges.
        warns.retain(|to| waits.binary_search_by_key(to, |arc| arc.to).is_err());
        above.sort_unstable();
        above.dedup_by_key(|arc| arc.to);
        above.sort_by_key(|arc| arc.via);
        hard.extend(waits.drain(..).map(|arc| (from, arc)));
        soft.extend(warns.drain(..).map(|to| (from, to)));
        parents.extend(above.drain(..).map(|arc| (from, arc)));
    }
    missing.sort();
    missing.dedup();
    Edges {
        hard: Lists::new(items.len(), &hard),
        soft: Lists::new(items.len(), &soft),
        parents: Lists::new(items.len(), &parents),
        missing,
    }
}

fn resolve<V: Vertex>(
    target: Option<&Uid>,
    items: &[&V],
    index: &HashMap<&Uid, usize>,
) -> Result<usize, Absence> {
    let uid = target.ok_or(Absence::Outside)?;
    let to = *index.get(uid).ok_or(Absence::Unknown)?;
    if items[to].is(Is::Deleted) {
        return Err(Absence::Deleted);
    }
    Ok(to)
}

/// The edges reversed; each list by index.
pub(super) fn backwards(edges: &Lists<Arc>) -> Lists<usize> {
    Lists::of_each(edges.len(), |each| {
        edges.pairs().for_each(|(from, arc)| each(arc.to, from));
    })
}
