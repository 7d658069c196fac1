//! Edges that wait for the children of their target.

use super::adjacency::Lists;
use super::resolve_edges::{Arc, Relation};

/// A gate before more open children than this is said to wait for its target, which is as open as
/// they are. Else a state with as many gates as children had the product of both as waits.
const WIDE: usize = 50;

/// The waits with each gate put in place of its target. What is put in closes no cycle: the end of
/// an open item waits for those of its open children, so whoever waits for these waits for no more
/// than before.
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
        // A child may be waited for by an edge of its own, too.
        own.sort_unstable();
        own.dedup_by_key(|(_, arc)| arc.to);
        pairs.append(&mut own);
    }
    Lists::new(waits.len(), &pairs)
}
