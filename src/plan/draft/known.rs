//! What the whole document tells about its parts: which lists are phases, and which entries name a
//! property of what they are below.

use super::node_tree::Origin;
use super::similarity::normalize;
use super::units::Unit;
use super::work::Source;
use std::collections::{BTreeMap, BTreeSet};

/// What the whole document tells about its parts.
pub(super) struct Known {
    /// The nodes of phases.
    pub phases: BTreeSet<usize>,
    /// Rows and entries that name a property of what they are below (`Path: …`).
    pub fields: BTreeSet<usize>,
}

impl Known {
    /// Reads the whole document.
    pub fn of(source: &Source<'_>, units: &[Unit]) -> Known {
        let phases = units.iter().flat_map(|unit| &unit.nodes);
        Known {
            phases: phases.copied().collect(),
            fields: fields(source),
        }
    }
}

/// So many lists or tables with an entry of one name make it a property.
const REPEATED: usize = 3;

/// The rows and entries whose names repeat in several lists or tables.
fn fields(source: &Source<'_>) -> BTreeSet<usize> {
    let tree = &source.tree;
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (node, this) in tree.nodes.iter().enumerate() {
        let name = match this.origin {
            Origin::Row => Some(this.text.split(':').next().unwrap_or_default()),
            Origin::Entry => this.text.split_once(':').map(|(name, _)| name),
            _ => None,
        };
        if let Some(name) = name
            && this.checked.is_none()
            && !source.requirement[node]
            && !source.story[node]
        {
            by_name.entry(normalize(name)).or_default().push(node);
        }
    }
    let repeated = by_name.into_values().filter(|nodes| {
        let parents: BTreeSet<Option<usize>> =
            nodes.iter().map(|node| tree.nodes[*node].parent).collect();
        parents.len() >= REPEATED
    });
    repeated.flatten().collect()
}
