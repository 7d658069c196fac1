//! When an item may be ended: closed, done or cancelled.

use crate::coordinate::claim::ownership;
use crate::error::{self, Error, Hint, Result};
use crate::graph::{Reason, Relation};
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::index::Reach;
use crate::store::state::State;

/// Refuses to close an item that another actor holds, that is pinned, or that has open children or
/// waits for an open item, other than `others`.
pub(crate) fn require_closable(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    others: &[Uid],
) -> Result<()> {
    ownership::require_free(pm, state, item, false)?;
    let id = state.shown_id(item);
    if item.issue.pinned || item.status.as_str() == "pinned" {
        return Err(Error::refused(format!("{id} is pinned"))
            .because(error::Reason::ClosePinned)
            .about(&id)
            .hint("`--force` closes it anyway"));
    }
    require_ended(pm, state, item, others, true)
}

/// Refuses to end an item that has open children other than `others`.
pub(crate) fn require_closed_children(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    others: &[Uid],
) -> Result<()> {
    require_ended(pm, state, item, others, false)
}

/// Refuses to end an item that has open children, or if `with_waits`, waits for an open item.
fn require_ended(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    others: &[Uid],
    with_waits: bool,
) -> Result<()> {
    let id = state.shown_id(item);
    let near = state.around(&[&item.uid], Reach::Waits);
    let graph = crate::graph::Graph::new(&near, pm.now_ms());
    let mut open: Vec<Uid> = Vec::new();
    let mut waits: Vec<Uid> = Vec::new();
    for reason in graph.reasons(&item.uid) {
        match reason {
            Reason::Container(children) => open.extend(children),
            Reason::BlockedBy(by) if with_waits && by.via != Relation::Ancestor => {
                waits.push(by.uid);
            }
            _ => {}
        }
    }
    for (list, what) in [(open, "has open children"), (waits, "waits for")] {
        let names: Vec<String> = list
            .iter()
            .filter(|uid| !others.contains(uid))
            .filter_map(|uid| state.item(uid))
            .map(|item| state.shown_id(item))
            .collect();
        if !names.is_empty() {
            let names = names.join(", ");
            return Err(Error::refused(format!("{id} {what}: {names}"))
                .because(error::Reason::CloseNotReady)
                .about(&id)
                .hint(Hint::run(["why", &id], "shows more"))
                .hint("`--force` closes it anyway"));
        }
    }
    Ok(())
}
