//! The contents of a sprint: story points against capacity.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::item::Item;
use crate::model::status::status_word;
use crate::pm::handles::Plans;
use crate::store::state::State;
use crate::work::insight;

/// The default capacity of a sprint, in story points.
pub const CAPACITY: u32 = 21;

/// The number of tasks that are named as the next ones.
const LEFT_OUT: usize = 5;

/// A task of a sprint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SprintTask {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its story points: stated, or from its estimate (XS 1, S 2, M or none 3, L 5, XL 8).
    pub points: u32,
    /// Set if its points are stated, not derived.
    pub given: bool,
}

/// A sprint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SprintView {
    /// Capacity in points.
    pub capacity: u32,
    /// Sum of points.
    pub points: u32,
    /// Set if the sum exceeds the capacity.
    pub over: bool,
    /// The tasks, in a possible order of execution.
    pub tasks: Vec<SprintTask>,
    /// The next tasks, which do not fit.
    pub left_out: Vec<SprintTask>,
}

impl Plans<'_> {
    /// A sprint of these tasks; without any, of the most urgent ones that can be done in it and fit.
    ///
    /// # Errors
    /// If there is no such task, or it is closed.
    pub fn sprint(&self, ids: &[String], capacity: u32) -> Result<SprintView> {
        let mut view = SprintView {
            capacity,
            ..SprintView::default()
        };
        let state = self.pm.store.snapshot()?;
        for id in ids {
            let item = state.find(id)?;
            let task = task(&state, item);
            if item.status.is_closed() {
                let (id, status) = (&task.id, status_word(item.status.as_str()));
                return Err(Error::refused(format!(
                    "{id} is {status}, so it is in no sprint"
                )));
            }
            view.points = view.points.saturating_add(task.points);
            view.tasks.push(task);
        }
        let doable = match ids.is_empty() {
            true => insight::doable(self.pm, &state),
            false => Vec::new(),
        };
        for item in doable.iter().filter_map(|uid| state.item(uid)) {
            let task = task(&state, item);
            // A later task may wait for one that did not fit, so it must not be chosen instead.
            if view.left_out.is_empty() && view.points + task.points <= capacity {
                view.points += task.points;
                view.tasks.push(task);
            } else if view.left_out.len() < LEFT_OUT {
                view.left_out.push(task);
            } else {
                break;
            }
        }
        view.over = view.points > capacity;
        Ok(view)
    }
}

fn task(state: &State<'_>, item: &Item) -> SprintTask {
    let given = item.points.and_then(|points| u32::try_from(points).ok());
    SprintTask {
        id: state.shown_id(item),
        title: item.title.clone(),
        points: given.unwrap_or(match item.estimate.as_deref() {
            Some("XS") => 1,
            Some("S") => 2,
            Some("L") => 5,
            Some("XL") => 8,
            _ => 3,
        }),
        given: given.is_some(),
    }
}
