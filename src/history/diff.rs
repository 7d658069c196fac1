//! `diff`: the differences between two states, as changes of items and reservations.

use schemars::JsonSchema;
use serde::Serialize;

use super::past_state::{Edge, Past, Point};
use crate::error::{Error, Hint, Reason, Result};
use crate::history::past_state;
use crate::history::past_state::PointView;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::changes::document_diff::{ItemDiff, ReservationDiff};
use crate::pm::changes::{Texts, meaning, meaning_of};
use crate::pm::handles::History;
use crate::store::history::trees::{Changed, Pair, item_doc};
use crate::store::layout::{Family, PUBLISHED};
use crate::store::tree_diff;

/// The number of changed documents above which a commit changes many.
const MANY: usize = 200;

/// The differences between two states.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DiffReport {
    /// The earlier state.
    pub from: PointView,
    /// The later state.
    pub to: PointView,
    /// Items that differ, sorted by kind and id.
    pub items: Vec<ItemDiff>,
    /// Learnings that differ, with the differences in the form of items.
    pub learnings: Vec<ItemDiff>,
    /// Reservations that were added or ended.
    pub reservations: Vec<ReservationDiff>,
    /// Number of messages that only the later state has.
    pub messages: usize,
    /// Paths of files that differ and cannot be read.
    pub unreadable: Vec<String>,
}

impl History<'_> {
    /// The differences between two states: `A..B`, or `A` alone for `A` to now; without a range,
    /// everything in this clone that was never fetched or pushed. Both ends are commits of the
    /// state or times; a day means its start as the first end and its end as the second. The cost
    /// depends on the size of the difference.
    ///
    /// # Errors
    /// If an end is not a state, or a state cannot be read.
    pub fn diff(&self, range: Option<&str>) -> Result<DiffReport> {
        let past = past_state::past(self.pm)?;
        let (from, to) = match range.map(str::trim) {
            None | Some("") => (last_synced(self.pm, &past)?, past.now()?),
            Some(range) => {
                if range.contains("...") {
                    return Err(Error::usage("`A...B` is not a valid range of states")
                        .because(Reason::HistoryInvalidRange)
                        .hint(Hint::run(["diff", "A..B"], "compares the two states")));
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
            learnings: found.learnings,
            reservations: found.reservations,
            messages: found.messages,
            unreadable: found.unreadable,
        })
    }

    /// The changes by a commit of the state to one item, named by its uid; none if there are none.
    /// Of a commit that changes many documents, such as an import, only the item's own document is
    /// compared, not its comments and artifacts.
    ///
    /// # Errors
    /// If the commit, or the state before it, is missing.
    pub fn item_diff(&self, commit: &str, uid: &Uid) -> Result<Option<ItemDiff>> {
        let past = past_state::past(self.pm)?;
        let find = |name: &str| past.find(name, Edge::End).map(|point| point.tree);
        let (old, new) = (find(&format!("{commit}^"))?, find(commit)?);
        let found = match tree_diff::changes(&past.repo, old, new, MANY) {
            // An entry that does not belong there is no reason to show nothing.
            Ok(Some(_)) | Err(_) => meaning(&past.repo, Some(old), new, Texts::Compared)?,
            Ok(None) => {
                let state = self.pm.store.snapshot()?;
                let Some(item) = state.item(uid) else {
                    return Ok(None);
                };
                let doc = |tree| item_doc(&past.repo, tree, &item.born, uid);
                let pair = Pair {
                    family: Family::Item(item.kind),
                    old: doc(old)?,
                    new: doc(new)?,
                };
                let changed = Changed {
                    pairs: [(uid.clone(), pair)].into(),
                    ..Changed::default()
                };
                meaning_of(&past.repo, new, &changed, Texts::Compared)?
            }
        };
        Ok(found.items.into_iter().find(|one| one.uid == uid.as_str()))
    }
}

/// The last state that was fetched or pushed, if any.
fn last_synced(pm: &Pm, past: &Past<'_>) -> Result<Option<Point>> {
    let Some(tip) = past.repo.ref_target(PUBLISHED)? else {
        return Ok(None);
    };
    let tip = pm.store.readable(PUBLISHED, tip)?;
    Ok(Some(Point::of(past.repo.commit(tip)?)))
}

/// The state before the first commit.
fn nothing() -> PointView {
    PointView {
        commit: String::new(),
        with: Vec::new(),
        at: String::new(),
        message: "never synced".into(),
    }
}
