//! The contents of a sprint: story points against capacity.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::item::Item;
use crate::model::status::status_word;
use crate::model::text::excerpt;
use crate::pm::Pm;
use crate::pm::handles::Plans;
use crate::query::{Expr, Field, Pattern, Test};
use crate::store::state::State;
use crate::work::insight;
use crate::work::list::ListFilter;

/// The default capacity of a sprint, in story points.
pub const CAPACITY: u32 = 21;

/// What the command takes.
const IDS_OR_QUERY: &str = "a sprint is of IDs or of a query: `git pm sprint plan label:LABEL`, or `git pm list \
                            --columns id QUERY | git pm sprint plan -`";

/// The greatest length of a query in an error, in characters.
const QUERY_SHOWN: usize = 60;

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
    /// A sprint of these tasks, or of those that fit a query; without any, of the most urgent ones that can
    /// be done in it and fit.
    ///
    /// # Errors
    /// If there is no such task, or it is closed; if the query is not valid, or no open task fits it.
    pub fn sprint(&self, named: &[String], capacity: u32) -> Result<SprintView> {
        // The URL of an issue is no condition.
        let is_condition = |one: &String| one.contains(':') && !one.contains("://");
        match named.iter().any(is_condition) {
            true => self.sprint_of(&fitting(self.pm, &named.join(" "))?, capacity),
            false => self.sprint_of(named, capacity),
        }
    }

    fn sprint_of(&self, ids: &[String], capacity: u32) -> Result<SprintView> {
        let mut view = SprintView {
            capacity,
            ..SprintView::default()
        };
        let state = self.pm.store.snapshot()?;
        for id in ids {
            let item = state.find(id).map_err(|error| error.hint(IDS_OR_QUERY))?;
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

/// The ids of the open tasks and issues that fit a query.
fn fitting(pm: &Pm, query: &str) -> Result<Vec<String>> {
    let kinds = ["task", "issue"].map(|kind| Pattern::Text(kind.to_string()));
    let work = Expr::Test(Test::Value(Field::Kind, kinds.to_vec()));
    let filter = ListFilter {
        query: Some(work.and(Expr::parse(query)?)),
        ..ListFilter::default()
    };
    let found = pm.items().list(&filter)?;
    if found.is_empty() {
        let shown = excerpt(query, QUERY_SHOWN);
        return Err(Error::not_found(format!("no open task fits `{shown}`"))
            .hint("`git pm list QUERY` tries a query"));
    }
    Ok(found.into_iter().map(|view| view.id.clone()).collect())
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
