//! Queries about items, and the graph of them.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::graph;
use crate::model::uid::Uid;
use crate::query::Expr;

/// A condition on items, in the query language of lists: `kind:issue label:ui priority:>2 is:open`.
///
/// A query without `is:open`, `is:closed` or a condition on the status means open items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query(pub(super) Expr);

impl Query {
    /// The query that matches what both match.
    #[must_use]
    pub fn and(self, other: Query) -> Query {
        Query(self.0.and(other.0))
    }
}

/// Reads a query. An empty text matches every open item.
///
/// # Errors
/// Kind `Usage` with the position and a hint.
impl FromStr for Query {
    type Err = Error;

    fn from_str(text: &str) -> Result<Query> {
        Ok(Query(Expr::parse(text)?))
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The graph of a state's items at one moment: what waits for what. It has the same answers in every
/// clone with the same state.
#[derive(Debug)]
pub struct Graph<'s>(pub(super) graph::Graph<'s>);

impl Graph<'_> {
    /// The items that can be started now, by priority, the oldest first: open and unclaimed tasks and
    /// issues whose dependencies are closed, whose parents are not held up, and that are not deferred.
    pub fn ready(&self) -> Vec<Uid> {
        self.0.ready()
    }

    /// True if an item can be started now.
    pub fn is_ready(&self, item: &Uid) -> bool {
        self.0.is_ready(item)
    }

    /// The open tasks and issues that wait for others or were stopped by hand, in the same order.
    pub fn blocked(&self) -> Vec<Uid> {
        self.0.blocked()
    }

    /// The open items that an item waits for by its own dependencies.
    pub fn blockers(&self, item: &Uid) -> Vec<Uid> {
        self.0.waits_for(item).map(|blocker| blocker.uid).collect()
    }

    /// All open tasks and issues in an order in which they can be done.
    pub fn order(&self) -> Vec<Uid> {
        self.0.order()
    }

    /// The cycles that concurrent writes have closed. One edge of each is ignored until it is gone.
    pub fn cycles(&self) -> Vec<Vec<Uid>> {
        self.0.cycles()
    }

    /// The cycle that a dependency of `from` on `to` would close, beginning with these two.
    pub fn would_cycle(&self, from: &Uid, to: &Uid) -> Option<Vec<Uid>> {
        self.0.would_cycle(from, to)
    }
}
