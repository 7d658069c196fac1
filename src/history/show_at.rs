//! `show --at` and `task list --at`: items as they were.

use schemars::JsonSchema;
use serde::Serialize;

use super::past_state::Edge;
use crate::error::{Error, Hint, Reason, Result};
use crate::history::past_state;
use crate::history::past_state::PointView;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::pm::handles::History;
use crate::pm::shared_views::{Here, ItemView, comments, item_view};
use crate::work::list;
use crate::work::list::ListFilter;

/// An item as it was.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ItemAt {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// The state that it is read from.
    pub as_of: PointView,
}

/// Items as they were.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ListAt {
    /// The items.
    pub items: Vec<ItemView>,
    /// True if there are more, which the limit left out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// The state that they are read from.
    pub as_of: PointView,
}

impl History<'_> {
    /// One item as it was at a commit of the state or at a time (`at`), with body and comments.
    /// The name is looked up in that state, where a renumbered item has its earlier id; an alias
    /// always finds it.
    ///
    /// A time includes everything written by then, by the clock of the clone that wrote it; a day
    /// means its end. Nothing is written.
    ///
    /// # Errors
    /// If `at` is neither a commit nor a time, or that state has no such item.
    pub fn show(&self, id: &str, at: &str) -> Result<ItemAt> {
        let past = past_state::past(self.pm)?;
        let point = past.find(at, Edge::End)?;
        let state = past.state(&point)?;
        let item = match state.find(id) {
            Ok(item) => item,
            // A current id finds the item under its id at that time.
            Err(missing) => {
                let now = self.pm.store.state()?;
                let Ok(present) = now.find(id) else {
                    return Err(missing);
                };
                let then = state.item(&present.uid).filter(|item| !item.deleted);
                then.ok_or_else(|| {
                    let id = now.shown_id(present);
                    let at = one_line(at.trim());
                    Error::not_found(format!("{id} did not exist at `{at}`"))
                        .because(Reason::HistoryItemMissing)
                        .hint(Hint::run(["log", &id], "shows its history"))
                        .about(id)
                })?
            }
        };
        let mut view = item_view(&state, item, &here_then(self.pm));
        view.body = Some(item.body.clone());
        view.comments = Some(comments(&state, &item.uid));
        Ok(ItemAt {
            item: view,
            as_of: point.view(),
        })
    }

    /// The items that a filter selects, as they were at a commit of the state or at a time (see
    /// `History::show`).
    ///
    /// # Errors
    /// If `at` is neither a commit nor a time, and as `Items::list`.
    pub fn list(&self, filter: &ListFilter, at: &str) -> Result<ListAt> {
        let past = past_state::past(self.pm)?;
        let point = past.find(at, Edge::End)?;
        let state = past.state(&point)?;
        let limit = filter.limit.unwrap_or(usize::MAX);
        // One more, to know whether there are more.
        let filter = ListFilter {
            limit: Some(limit.saturating_add(1)),
            ..filter.clone()
        };
        let mut items = list::list_in(self.pm, &state, &filter, &here_then(self.pm))?;
        let more = items.len() > limit;
        items.truncate(limit);
        Ok(ListAt {
            items,
            more,
            as_of: point.view(),
        })
    }
}

/// This clone as a view of the past sees it: without worktrees, which only exist now.
fn here_then(pm: &Pm) -> Here {
    Here {
        worktrees: Default::default(),
        ..pm.here()
    }
}
