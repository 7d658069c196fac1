//! The milestones of approved plans: phases with their gates and progress.

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::here;
use crate::error::Result;
use crate::model::id::ItemKind;
use crate::model::issue_fields::WAITS_FOR;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::pm::handles::Plans;
use crate::pm::shared_views::{ItemView, LinkView};
use crate::store::state::State;

/// The type of an epic that is a milestone.
pub(crate) const MILESTONE: &str = "milestone";

/// A success criterion of a milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Outcome {
    /// One line of text.
    pub text: String,
    /// Set if it is ticked.
    pub done: bool,
}

/// A milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MilestoneLine {
    /// Its id.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its status.
    pub status: String,
    /// The epic that it belongs to.
    pub epic: Option<String>,
    /// Number of tasks that are done.
    pub done: usize,
    /// Number of tasks that were cancelled.
    pub cancelled: usize,
    /// Number of tasks.
    pub total: usize,
    /// The milestones whose tasks have to be done first.
    pub after: Vec<String>,
    /// Deliverables and success criteria at its end.
    pub acceptance: Vec<Outcome>,
    /// The ids of its tasks.
    pub tasks: Vec<String>,
}

/// An epic with its parts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EpicView {
    /// The epic.
    #[serde(flatten)]
    pub epic: ItemView,
    /// Number of parts, tasks or epics, that are done.
    pub done: usize,
    /// Number of parts that were cancelled.
    pub cancelled: usize,
    /// Number of parts.
    pub total: usize,
    /// The epics and milestones below it, in the order of their ids.
    pub epics: Vec<LinkView>,
    /// Its tasks, in the order of their ids.
    pub tasks: Vec<LinkView>,
}

impl Plans<'_> {
    /// An epic with its parts: the epics below it, and the tasks that belong to it or to its milestones.
    ///
    /// # Errors
    /// If there is no such epic.
    pub fn epic(&self, id: &str) -> Result<EpicView> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let epic = state.find(id)?.clone();
        let [total, closed, cancelled] = state.count_parts(&epic.uid);
        let is_task = |item: &&Item| matches!(item.kind, ItemKind::Task | ItemKind::Issue);
        let parts = state.children(&epic.uid).into_iter();
        let (tasks, epics): (Vec<&Item>, Vec<&Item>) = parts.partition(is_task);
        let links = |parts: Vec<&Item>| {
            let link = |part| LinkView::of(&state, part, self.pm.now_ms());
            parts.into_iter().map(link).collect()
        };
        Ok(EpicView {
            epic: here::full_view(self.pm, &state, &epic.uid)?,
            done: closed.saturating_sub(cancelled),
            cancelled,
            total,
            epics: links(epics),
            tasks: links(tasks),
        })
    }

    /// All milestones in the order of their ids; with `epic`, those of one epic.
    ///
    /// # Errors
    /// If there is no such epic.
    pub fn milestones(&self, epic: Option<&str>) -> Result<Vec<MilestoneLine>> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let epic = match epic {
            Some(id) => Some(state.find_kind(id, ItemKind::Epic)?.uid.clone()),
            None => None,
        };
        let items = state.items();
        let wanted = |item: &&&Item| {
            let parent = item.parent().and_then(|parent| parent.uid.as_ref());
            item.kind == ItemKind::Epic
                && item.item_type == MILESTONE
                && (epic.is_none() || parent == epic.as_ref())
        };
        Ok(items
            .iter()
            .filter(wanted)
            .map(|item| line(&state, &items, item))
            .collect())
    }
}

/// The numbers of tasks that are done, and that were cancelled.
fn ended<'i>(tasks: impl IntoIterator<Item = &'i Item>) -> (usize, usize) {
    tasks.into_iter().fold((0, 0), |(done, cancelled), task| {
        match task.status.is_closed() {
            true if task.status == Status::Cancelled => (done, cancelled + 1),
            is_done => (done + usize::from(is_done), cancelled),
        }
    })
}

fn line(state: &State<'_>, items: &[&Item], milestone: &Item) -> MilestoneLine {
    let is_part = |item: &&&Item| {
        let parent = item.parent().and_then(|parent| parent.uid.as_ref());
        parent == Some(&milestone.uid)
    };
    let parts: Vec<&Item> = items.iter().filter(is_part).copied().collect();
    let mut after: Vec<String> = parts
        .iter()
        .flat_map(|item| &item.edges)
        .filter(|edge| edge.kind == WAITS_FOR && edge.gate.is_some())
        .map(|edge| state.shown_ref(&edge.target))
        .collect();
    after.sort();
    after.dedup();
    let (done, cancelled) = ended(parts.iter().copied());
    MilestoneLine {
        id: state.shown_id(milestone),
        title: milestone.title.clone(),
        status: milestone.status.as_str().to_string(),
        epic: milestone.parent().map(|epic| state.shown_ref(epic)),
        done,
        cancelled,
        total: parts.len(),
        after,
        acceptance: milestone
            .acceptance
            .iter()
            .map(|criterion| Outcome {
                text: criterion.text.clone(),
                done: criterion.done,
            })
            .collect(),
        tasks: parts.iter().map(|item| state.shown_id(item)).collect(),
    }
}
