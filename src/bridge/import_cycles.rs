//! Finds the cycles that an import closes; its edges are kept and reported.

use crate::error::Result;
use crate::model::id::ItemRef;
use crate::model::uid::Uid;
use crate::store::state::State;
use crate::work::task::cycles::Cycles;

/// The greatest number of cycles to report; `git pm fsck` finds all of them.
const CYCLES_MAX: usize = 50;

/// The cycles that new edges close: the record of the closing edge, and a message. `ready` breaks
/// them in the same way in every clone.
pub(crate) fn closed(
    state: &State<'_>,
    touched: impl IntoIterator<Item = (usize, Uid)>,
) -> Result<Vec<(usize, String)>> {
    let mut cycles = Cycles::noted();
    for (record, uid) in touched {
        let Some(item) = state.item(&uid) else {
            continue;
        };
        cycles.step(record);
        let waits = item.depends_on.iter().filter(|d| !d.soft);
        let mut waits: Vec<&ItemRef> = waits.map(|d| &d.target).collect();
        waits.extend(
            item.edges
                .iter()
                .filter(|edge| matches!(edge.kind.as_str(), "conditional-blocks" | "waits-for"))
                .map(|edge| &edge.target),
        );
        let there = |target: &ItemRef| target.uid.as_ref().and_then(|uid| state.item(uid));
        for target in waits.into_iter().filter_map(there) {
            if target.uid != uid {
                cycles.require_acyclic(state, &uid, target)?;
            }
        }
        if let Some(parent) = item.parent().and_then(there)
            && parent.uid != uid
        {
            cycles.require_no_ancestor(state, item, parent)?;
        }
    }
    let message = |path: &[String]| match path {
        [] => "creates a cycle; the edges are kept".to_string(),
        path => format!("creates a cycle: {}; the edges are kept", path.join(" -> ")),
    };
    let closed = cycles.closed(state, CYCLES_MAX).into_iter();
    Ok(closed
        .map(|cycle| (cycle.step, message(&cycle.path)))
        .collect())
}
