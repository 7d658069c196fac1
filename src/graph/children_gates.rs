//! Edges that wait for the children of their target.

use super::adjacency::Lists;
use super::resolve_edges::{Arc, Relation};

/// With more open children than this a gate waits for its target instead, which is open as long as
/// they are. Otherwise many gates on many children would need a wait for each pair.
const WIDE: usize = 50;

/// The waits with each gate replaced by waits for the children of its target. This closes no cycle:
/// the end of an open item already waits for those of its open children.
pub(super) fn through(waits: Lists<Arc>, children: &Lists<usize>, open: &[bool]) -> Lists<Arc> {
    if waits.pairs().all(|(_, arc)| !arc.via.is_gate()) {
        return waits;
    }
    let open_below = children.filter(|_, child| open[child]);
    let mut pairs: Vec<(usize, Arc)> = Vec::new();
    for from in 0..waits.len() {
        let mut own: Vec<(usize, Arc)> = Vec::new();
        for &arc in waits.of(from) {
            let below = children.of(arc.to);
            if !arc.via.is_gate() || below.is_empty() {
                own.push((from, arc));
                continue;
            }
            let left = open_below.of(arc.to);
            if arc.via == Relation::AnyChild && left.len() < below.len() {
                continue;
            }
            if left.len() > WIDE {
                own.push((from, arc));
                continue;
            }
            own.extend(left.iter().map(|to| (from, Arc { to: *to, ..arc })));
        }
        // The item may also have a direct edge to the child.
        own.sort_unstable();
        own.dedup_by_key(|(_, arc)| arc.to);
        pairs.append(&mut own);
    }
    Lists::new(waits.len(), &pairs)
}
