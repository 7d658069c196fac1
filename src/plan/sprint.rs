//! The contents of a sprint: story points against capacity.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Result;
use crate::model::item::Item;
use crate::pm::handles::Plans;
use crate::store::state::State;

/// The default capacity of a sprint, in story points.
pub const CAPACITY: u32 = 21;

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
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
    /// A sprint of these tasks; without any, of the first ones in the order of execution that fit.
    ///
    /// # Errors
    /// If there is no such task.
    pub fn sprint(&self, ids: &[String], capacity: u32) -> Result<SprintView> {
        let mut view = SprintView {
            capacity,
            points: 0,
            over: false,
            tasks: Vec::new(),
            left_out: Vec::new(),
        };
        let state = self.pm.store.state()?;
        let named = match ids.is_empty() {
            true => None,
            false => {
                let mut named = Vec::new();
                for id in ids {
                    named.push(task(&state, &state.find(id)?.clone()));
                }
                Some(named)
            }
        };
        match named {
            Some(named) => {
                view.points = named
                    .iter()
                    .fold(0, |sum, task| sum.saturating_add(task.points));
                view.tasks = named;
            }
            None => {
                for ordered in self.pm.insights().order(None)? {
                    let Ok(item) = state.find(&ordered.item.id) else {
                        continue;
                    };
                    let task = task(&state, &item.clone());
                    // A later task may wait for one that did not fit, so it must not be chosen
                    // instead.
                    if view.left_out.is_empty() && view.points + task.points <= capacity {
                        view.points += task.points;
                        view.tasks.push(task);
                    } else if view.left_out.len() < 5 {
                        view.left_out.push(task);
                    }
                }
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
