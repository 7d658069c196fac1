//! `show --at` and `task list --at`: items as they were.

use serde::Serialize;

use super::point::Edge;
use crate::error::{Error, Result};
use crate::history::point::PointView;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::pm::handles::History;
use crate::pm::shared_views::{Here, ItemView, comments, item_view};
use crate::work::list::ListFilter;

/// An item as it was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemAt {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// The state it is shown from.
    pub as_of: PointView,
}

/// Items as they were.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ListAt {
    /// The items.
    pub items: Vec<ItemView>,
    /// The state they are shown from.
    pub as_of: PointView,
}

impl History<'_> {
    /// One item as it was at a commit of the state or at a time (`at`), with body and comments.
    /// The name is looked up in that state: an item had another id before it was renumbered, and
    /// its alias finds it always.
    ///
    /// A time means everything that had been written by then, by the clock of the clone that wrote
    /// it; a day means its end. Nothing is written.
    ///
    /// # Errors
    /// When `at` is neither, or that state has no such item.
    pub fn show(&self, id: &str, at: &str) -> Result<ItemAt> {
        let past = self.pm.past()?;
        let point = past.find(at, Edge::End)?;
        let state = past.state(&point)?;
        let item = match state.find(id) {
            Ok(item) => item,
            // An id of today finds the item under the one that it had then.
            Err(missing) => {
                let now = self.pm.store.state()?;
                let Ok(present) = now.find(id) else {
                    return Err(missing);
                };
                let then = state.item(&present.uid).filter(|item| !item.deleted);
                then.ok_or_else(|| {
                    Error::not_found(format!(
                        "{} was not there at `{}`",
                        now.shown_id(present),
                        one_line(at.trim())
                    ))
                    .hint(format!(
                        "`git pm log {}` shows its life",
                        now.shown_id(present)
                    ))
                })?
            }
        };
        let mut view = item_view(&state, item, &self.pm.here_then());
        view.body = Some(item.body.clone());
        view.comments = Some(comments(&state, &item.uid));
        Ok(ItemAt {
            item: view,
            as_of: point.view(),
        })
    }

    /// The items by filter as they were at a commit of the state or at a time, as
    /// `History::show` understands it.
    ///
    /// # Errors
    /// When `at` is neither, and as `Items::list`.
    pub fn list(&self, filter: &ListFilter, at: &str) -> Result<ListAt> {
        let past = self.pm.past()?;
        let point = past.find(at, Edge::End)?;
        let state = past.state(&point)?;
        Ok(ListAt {
            items: self.pm.list_in(&state, filter, &self.pm.here_then())?,
            as_of: point.view(),
        })
    }
}

impl Pm {
    /// What views of the past need to know of this clone: worktrees are of today.
    fn here_then(&self) -> Here {
        Here {
            worktrees: Default::default(),
            ..self.here()
        }
    }
}
