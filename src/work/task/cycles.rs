//! Refuses edges that close a cycle.
//!
//! A single new edge at once, the edges of a batch at its end, in one pass over the graph.

use crate::error::{Error, Hint, Reason, Result};
use crate::graph::{Added, Graph};
use crate::model::id::ItemRef;
use crate::model::item::{Dependency, Item};
use crate::model::uid::Uid;
use crate::store::index::Reach;
use crate::store::state::State;

/// A recorded edge that closed a cycle.
pub(crate) struct Closed {
    pub(crate) step: usize,
    /// The ids along the cycle; empty if it is one of parents and children.
    pub(crate) path: Vec<String>,
    pub(crate) error: Error,
}

/// New edges, checked one by one or recorded for one check of them all.
#[derive(Debug, Default)]
pub struct Cycles {
    noted: Option<Vec<Added>>,
    step: usize,
}

impl Cycles {
    /// Every edge is checked when it is made.
    pub(crate) fn refused() -> Self {
        Cycles::default()
    }

    /// Edges are recorded; [`Cycles::closed`] checks them.
    pub(crate) fn noted() -> Self {
        Cycles {
            noted: Some(Vec::new()),
            step: 0,
        }
    }

    /// Sets the step that the following edges belong to; later steps have greater numbers.
    pub(crate) fn step(&mut self, step: usize) {
        self.step = step;
    }

    /// The steps whose recorded edges closed a cycle, each with the error.
    /// At most that many: each costs a search for its path.
    pub(crate) fn closed(&self, state: &State<'_>, most: usize) -> Vec<Closed> {
        let noted = self.noted.as_deref().unwrap_or_default();
        if noted.is_empty() {
            return Vec::new();
        }
        let ends: Vec<&Uid> = noted.iter().flat_map(|e| [&e.from, &e.to]).collect();
        let graph = graph_of(state, &ends);
        let mut closed = Vec::new();
        for (edge, closes) in noted.iter().zip(graph.closing(noted)) {
            if closed.len() == most {
                break;
            }
            let ends = (state.item(&edge.from), state.item(&edge.to));
            if let (true, (Some(from), Some(to))) = (closes, ends) {
                let (path, error) = if edge.parent {
                    (Vec::new(), nests(state, from, to))
                } else {
                    let path = graph.would_cycle(&edge.from, &edge.to);
                    let path = shown(state, &path.unwrap_or_default());
                    let error = waits(state, from, to, &path);
                    (path, error)
                };
                let step = edge.time;
                closed.push(Closed { step, path, error });
            }
        }
        closed
    }

    /// Records an edge for the later check, if this is a batch. An edge from an item to itself
    /// needs no graph.
    fn note(&mut self, from: &Uid, to: &Uid, parent: bool) -> bool {
        let Some(noted) = self.noted.as_mut().filter(|_| from != to) else {
            return false;
        };
        noted.push(Added {
            from: from.clone(),
            to: to.clone(),
            parent,
            time: self.step,
        });
        true
    }

    /// The target of a dependency, which exists and closes no cycle.
    pub(crate) fn checked_target(
        &mut self,
        state: &State<'_>,
        from: &Uid,
        target: &str,
    ) -> Result<ItemRef> {
        let item = state.find(target)?;
        self.require_acyclic(state, from, item)?;
        Ok(item.reference())
    }

    /// Refuses a hard edge that closes a cycle.
    pub(crate) fn require_acyclic(
        &mut self,
        state: &State<'_>,
        from: &Uid,
        to: &Item,
    ) -> Result<()> {
        if self.note(from, &to.uid, false) {
            return Ok(());
        }
        let path = graph_of(state, &[from, &to.uid]).would_cycle(from, &to.uid);
        match (path, state.item(from)) {
            (Some(path), Some(from)) => Err(waits(state, from, to, &shown(state, &path))),
            _ => Ok(()),
        }
    }

    /// Refuses a parent that is below its child.
    pub(crate) fn require_no_ancestor(
        &mut self,
        state: &State<'_>,
        child: &Item,
        parent: &Item,
    ) -> Result<()> {
        if self.note(&child.uid, &parent.uid, true) {
            return Ok(());
        }
        match graph_of(state, &[&child.uid, &parent.uid]).would_nest(&child.uid, &parent.uid) {
            Some(_) => Err(nests(state, child, parent)),
            None => Ok(()),
        }
    }
}

/// The graph of all edges that could close a cycle between some items.
fn graph_of<'a>(state: &'a State<'_>, ends: &[&Uid]) -> Graph<'a> {
    Graph::new(&state.around(ends, Reach::All), 0)
}

fn shown(state: &State<'_>, path: &[Uid]) -> Vec<String> {
    let id = |uid: &Uid| {
        let item = state.item(uid);
        item.map_or_else(|| uid.to_string(), |item| state.shown_id(item))
    };
    path.iter().map(id).collect()
}

/// The refusal of a hard edge.
fn waits(state: &State<'_>, from: &Item, to: &Item, path: &[String]) -> Error {
    let (id, on) = (state.shown_id(from), state.shown_id(to));
    let error = Error::refused(format!(
        "{id} cannot wait for {on}, because that would create a cycle: {}",
        path.join(" -> ")
    ))
    .because(Reason::DependencyCycle)
    .about(&id)
    .hint(Hint::run(["dep", "list", &on], "shows what it waits for"));
    let last = path.last().and_then(|last| state.find(last).ok());
    let is_from = |on: &Dependency| on.target.uid.as_ref() == Some(&from.uid);
    let waits = |item: &&Item| item.depends_on.iter().any(is_from);
    last.filter(waits).into_iter().fold(error, |error, last| {
        let last = state.shown_id(last);
        error.hint(Hint::run(
            ["dep", "rm", &last, &id],
            "removes the last edge of the cycle",
        ))
    })
}

/// The refusal of a parent.
fn nests(state: &State<'_>, child: &Item, parent: &Item) -> Error {
    let (a, b) = (state.shown_id(child), state.shown_id(parent));
    Error::refused(format!(
        "{a} cannot be a child of {b}, because that would create a cycle"
    ))
    .because(Reason::DependencyCycle)
    .about(&a)
    .hint(Hint::run(["task", "tree"], "shows the hierarchy"))
}
