//! Edges that wait for the children of their target.

use std::collections::HashSet;

use super::edges::{Arc, Relation};
use super::lists::Lists;

/// The waits with each gate put in place of its target, and the items whose end, or that of a child
/// of theirs, can open a gate. What is put in closes no cycle: the end of an open item waits for
/// those of its open children, so whoever waits for these waits for no more than before.
pub(super) fn through(
    waits: Lists<Arc>,
    children: &Lists<usize>,
    open: &[bool],
) -> (Lists<Arc>, HashSet<usize>) {
    let mut gated = HashSet::new();
    if waits.pairs().all(|(_, arc)| !arc.via.is_gate()) {
        return (waits, gated);
    }
    let mut pairs: Vec<(usize, Arc)> = Vec::new();
    for from in 0..waits.len() {
        let begin = pairs.len();
        for &arc in waits.of(from) {
            let below = children.of(arc.to);
            if !arc.via.is_gate() || below.is_empty() {
                pairs.push((from, arc));
                continue;
            }
            gated.insert(arc.to);
            gated.extend(below);
            let closed = below.iter().any(|child| !open[*child]);
            if arc.via == Relation::AnyChild && closed {
                continue;
            }
            let left = below.iter().filter(|child| open[**child]);
            pairs.extend(left.map(|to| (from, Arc { to: *to, ..arc })));
        }
        // A child may be waited for by an edge of its own, too.
        pairs[begin..].sort_unstable();
        let mut seen = HashSet::new();
        let mut kept = begin;
        for at in begin..pairs.len() {
            if seen.insert(pairs[at].1.to) {
                pairs.swap(kept, at);
                kept += 1;
            }
        }
        pairs.truncate(kept);
    }
    (Lists::new(waits.len(), &pairs), gated)
}
