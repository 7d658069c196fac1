//! Lists of issues, and read-only queries over many of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::item::Item;
use crate::model::text::done_of;
use crate::model::uid::Uid;
use crate::pm::handles::Issues;
use crate::pm::shared_views::{ItemView, item_view};
use crate::store::index::Scan;
use crate::work::list;
use crate::work::list::ListFilter;
use crate::work::task::criteria::open_criteria;
use crate::work::task::readiness;
use crate::work::task::readiness::WhyView;
use crate::work::task::start::obstacle::Obstacles;

/// A label and the number of items that have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LabelCount {
    /// The label.
    pub label: String,
    /// The number of items.
    pub count: usize,
}

/// The number of items with one value of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Tally {
    /// The value; empty where the field is not set.
    pub group: String,
    /// The number of items.
    pub count: usize,
}

/// A container and its progress.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Part {
    /// The container.
    pub epic: ItemView,
    /// The number of direct children.
    pub total_children: usize,
    /// The number of these that are closed.
    pub closed_children: usize,
    /// The number of closed ones that were cancelled.
    pub cancelled_children: usize,
    /// True if it has children and all are closed, and no criterion of its own is open.
    pub eligible_for_close: bool,
}

impl Part {
    /// How much of it is done, in words.
    pub fn done(&self) -> String {
        let done = self.closed_children - self.cancelled_children;
        done_of(done, self.cancelled_children, self.total_children)
    }
}

impl Issues<'_> {
    /// Items by filter that can be started now, best first.
    ///
    /// # Errors
    /// As `Items::list`.
    pub fn ready(&self, filter: &ListFilter) -> Result<Vec<ItemView>> {
        let state = self.pm.store.snapshot()?;
        let found = list::startable(self.pm, &state, filter, |_| true)?;
        let here = self.pm.here();
        let views = found.into_iter().map(|item| item_view(&state, item, &here));
        Ok(views.collect())
    }

    /// The first of the ready items by filter that is not assigned to another actor: as for `next`, that
    /// one is theirs.
    pub(crate) fn first_to_take(&self, filter: &ListFilter) -> Result<Option<ItemView>> {
        let state = self.pm.store.snapshot()?;
        let first = ListFilter {
            limit: Some(1),
            ..filter.clone()
        };
        let found = list::startable(self.pm, &state, &first, |item| self.pm.may_take(item))?;
        let here = self.pm.here();
        Ok(found.first().map(|item| item_view(&state, item, &here)))
    }

    /// Items by filter that wait for other items, with the reasons.
    ///
    /// # Errors
    /// As `Items::list`.
    pub fn blocked(&self, filter: &ListFilter) -> Result<Vec<WhyView>> {
        let state = self.pm.store.snapshot()?;
        let which = Scan::Blocked(self.pm.now_ms());
        let mut found = list::list_among(self.pm, &state, &which, filter, |_| true)?;
        let obstacles = Obstacles::new(self.pm, &state);
        let ready = Scan::Ready(self.pm.now_ms());
        let is_kept = |item: &Item| !obstacles.is_free(item);
        found.extend(list::list_among(self.pm, &state, &ready, filter, is_kept)?);
        found.truncate(filter.limit.unwrap_or(usize::MAX));
        let uids: Vec<Uid> = found.iter().map(|item| item.uid.clone()).collect();
        Ok(readiness::explain_all(self.pm, &state, &uids))
    }

    /// The first ready items with the reasons for their rank, best first, and the number of all.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn ready_explained(&self, limit: usize) -> Result<(Vec<WhyView>, usize)> {
        let state = self.pm.store.snapshot()?;
        let (found, all, _) = Obstacles::new(self.pm, &state).startable(|_| true, limit);
        let ready: Vec<Uid> = found.iter().map(|item| item.uid.clone()).collect();
        Ok((readiness::explain_all(self.pm, &state, &ready), all))
    }

    /// The number of items by filter: in all, or by the value of a field (`status`, `priority`,
    /// `type`, `assignee`, `label`).
    ///
    /// # Errors
    /// When there is no such field, or as `Items::list`.
    pub fn count(&self, filter: &ListFilter, by: Option<&str>) -> Result<Vec<Tally>> {
        let items = self.pm.items().list(&ListFilter {
            limit: None,
            ..filter.clone()
        })?;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for item in &items {
            let groups = match by {
                None => vec!["total".to_string()],
                Some("status") => vec![item.status.to_string()],
                Some("priority") => vec![format!("P{}", item.priority)],
                Some("type") => vec![item.item_type.clone()],
                Some("assignee") => vec![item.owner().unwrap_or_default().to_string()],
                Some("label") if item.labels.is_empty() => vec![String::new()],
                Some("label") => item.labels.clone(),
                Some(other) => {
                    let shown = crate::model::text::one_line(other);
                    return Err(
                        Error::usage(format!("`{shown}` is not a field to count by"))
                            .hint("use status, priority, type, assignee or label"),
                    );
                }
            };
            for group in groups {
                *counts.entry(group).or_default() += 1;
            }
        }
        if by.is_none() {
            counts.entry("total".into()).or_default();
        }
        let counts = counts.into_iter();
        Ok(counts
            .map(|(group, count)| Tally { group, count })
            .collect())
    }

    /// The direct children of an item, in the order of their ids.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn children(&self, id: &str) -> Result<Vec<ItemView>> {
        let state = self.pm.store.snapshot()?;
        let root = state.find(id)?.uid.clone();
        let here = self.pm.here();
        let found = state.children(&root).into_iter();
        Ok(found.map(|item| item_view(&state, item, &here)).collect())
    }

    /// The open epics (issues of that type, and items of kind epic) with their progress.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn epic_status(&self) -> Result<Vec<Part>> {
        let state = self.pm.store.snapshot()?;
        let here = self.pm.here();
        let is_listed = |item: &Item| !item.status.is_closed() && !item.issue.template;
        let epics = state.scan(&Scan::Epics, is_listed, usize::MAX).into_iter();
        let part = |item: &Item| {
            let [total, closed, cancelled] = state.count_parts(&item.uid);
            Part {
                epic: item_view(&state, item, &here),
                total_children: total,
                closed_children: closed,
                cancelled_children: cancelled,
                eligible_for_close: total > 0 && total == closed && open_criteria(item).is_empty(),
            }
        };
        Ok(epics.map(part).collect())
    }

    /// The cycles of dependencies and of the hierarchy, each as the ids on it.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn cycles(&self) -> Result<Vec<Vec<String>>> {
        let state = self.pm.store.snapshot()?;
        let items = state.items();
        let graph = crate::graph::Graph::new(&items, self.pm.now_ms());
        let shown = |uid: &Uid| state.item(uid).map(|item| state.shown_id(item));
        let cycles = graph.cycles().into_iter();
        Ok(cycles
            .map(|c| c.iter().filter_map(shown).collect())
            .collect())
    }
}
