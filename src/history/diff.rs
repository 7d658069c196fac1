//! `diff`: what differs between two states, by meaning.

use serde::Serialize;

use super::point::{Edge, Past, Point};
use crate::error::{Error, Result};
use crate::history::point::PointView;
use crate::pm::Pm;
use crate::pm::changes::document_diff::{ItemDiff, ReservationDiff};
use crate::pm::changes::{Texts, meaning};
use crate::pm::handles::History;
use crate::store::layout::PUBLISHED;

/// What differs between two states.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DiffReport {
    /// The old state.
    pub from: PointView,
    /// The new state.
    pub to: PointView,
    /// Items that differ, in the order of kind and id.
    pub items: Vec<ItemDiff>,
    /// Reservations that were made or ended.
    pub reservations: Vec<ReservationDiff>,
    /// How many messages only the new state has.
    pub messages: usize,
    /// Paths of files that differ and cannot be read.
    pub unreadable: Vec<String>,
}

impl History<'_> {
    /// What differs between two states: `A..B`, `A` alone for `A..` now, and without a range what
    /// this clone has that it never fetched or pushed. Both ends are commits of the state or times;
    /// of a day that begins a range its beginning counts, of one that ends it its end. It costs
    /// what differs.
    ///
    /// # Errors
    /// When an end names no state, or a state cannot be read.
    pub fn diff(&self, range: Option<&str>) -> Result<DiffReport> {
        let past = self.pm.past()?;
        let (from, to) = match range.map(str::trim) {
            None | Some("") => (self.pm.last_synced(&past)?, past.now()?),
            Some(range) => {
                if range.contains("...") {
                    return Err(Error::usage("`A...B` is no range of states")
                        .hint("`git pm diff A..B` compares the two as they are"));
                }
                let (from, to) = range.split_once("..").unwrap_or((range, ""));
                let end = |text: &str, edge: Edge| match text.trim() {
                    "" => past.now(),
                    text => past.find(text, edge),
                };
                (Some(end(from, Edge::Begin)?), end(to, Edge::End)?)
            }
        };
        let found = meaning(
            &past.repo,
            from.as_ref().map(|p| p.tree),
            to.tree,
            Texts::Compared,
        )?;
        Ok(DiffReport {
            from: from.as_ref().map_or_else(nothing, Point::view),
            to: to.view(),
            items: found.items,
            reservations: found.reservations,
            messages: found.messages,
            unreadable: found.unreadable,
        })
    }
}

impl Pm {
    /// All that was ever fetched or pushed; none before the first time.
    fn last_synced(&self, past: &Past<'_>) -> Result<Option<Point>> {
        let Some(tip) = past.repo.ref_target(PUBLISHED)? else {
            return Ok(None);
        };
        let tip = self.store.readable(PUBLISHED, tip)?;
        Ok(Some(Point::of(past.repo.commit(tip)?)))
    }
}

/// Before anything was.
fn nothing() -> PointView {
    PointView {
        commit: String::new(),
        with: Vec::new(),
        at: String::new(),
        message: "nothing was ever synced".into(),
    }
}
