//! Keeps the number of pieces within a budget: the smallest subjects are merged with those beside
//! them.

use super::shapes::{Piece, Shape, whole};
use super::work::Source;
use std::collections::{BTreeMap, BTreeSet};

/// Replaces the subjects below a section with the section, the smallest first, until there are few
/// enough pieces.
pub(super) fn within(source: &Source<'_>, mut pieces: Vec<Piece>, budget: usize) -> Vec<Piece> {
    let tree = &source.tree;
    while pieces.len() > budget {
        let owner_of = |piece: &Piece| {
            let own = piece.own_part.then_some(piece.node);
            let owner = own.or(tree.nodes[piece.node].parent);
            owner.filter(|owner| Some(*owner) != source.root)
        };
        let mut owners: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        for piece in &pieces {
            if let Some(owner) = owner_of(piece) {
                let entry = owners.entry(owner).or_default();
                entry.0 += piece.weight;
                entry.1 += 1;
            }
        }
        // A section with pieces other than subjects below it is left as it is.
        for piece in pieces.iter().filter(|one| one.shape != Shape::Subject) {
            for above in tree.above(piece.node) {
                owners.remove(&above);
            }
        }
        // Inner sections come first.
        let outer: Vec<usize> = owners.keys().flat_map(|owner| tree.above(*owner)).collect();
        for above in outer {
            owners.remove(&above);
        }
        let mut smallest: Vec<(usize, usize, usize)> = owners
            .into_iter()
            .filter(|(_, (_, count))| *count > 1)
            .map(|(owner, (weight, count))| (weight, owner, count))
            .collect();
        smallest.sort_unstable();
        let mut left = pieces.len();
        let mut merged: BTreeSet<usize> = BTreeSet::new();
        for (_, owner, count) in smallest {
            if left <= budget {
                break;
            }
            left -= count - 1;
            merged.insert(owner);
        }
        if merged.is_empty() {
            break;
        }
        pieces.retain(|piece| !owner_of(piece).is_some_and(|owner| merged.contains(&owner)));
        pieces.extend(
            merged
                .into_iter()
                .map(|owner| whole(source, owner, Shape::Subject)),
        );
        pieces.sort_by_key(|piece| piece.node);
    }
    pieces
}
