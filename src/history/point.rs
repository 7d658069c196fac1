//! From what people type to a state of the past: a commit, or a moment.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::past_time::Moment;
use crate::model::stamp::rfc3339;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::git::repo::{Commit, Oid, Pending, short};
use crate::store::handle::Store;
use crate::store::join::tree::join_trees;
use crate::store::layout::MAIN;
use crate::store::state::State;

/// A state of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PointView {
    /// Its commit, the newest one where it consists of several; empty before the first.
    pub commit: String,
    /// The other commits it is the join of: of clones that had not met yet.
    pub with: Vec<String>,
    /// When that commit was made, RFC 3339.
    pub at: String,
    /// The commit's first line.
    pub message: String,
}

/// Which end of a day is meant where a day is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Its beginning: what changed since.
    Begin,
    /// Its end: how things were at last.
    End,
}

/// The state as it was once.
pub(crate) struct Point {
    /// The commits it consists of: one, or the last ones of clones that had not met yet.
    pub commits: Vec<Commit>,
    /// Its tree: the commit's, or the join of the commits'.
    pub tree: Oid,
}

impl Point {
    /// The state of one commit.
    pub fn of(commit: Commit) -> Point {
        let tree = commit.tree;
        Point {
            commits: vec![commit],
            tree,
        }
    }

    /// How it is shown.
    pub fn view(&self) -> PointView {
        let newest = self.commits.first();
        PointView {
            commit: newest.map(|c| c.id.to_string()).unwrap_or_default(),
            with: self
                .commits
                .iter()
                .skip(1)
                .map(|c| c.id.to_string())
                .collect(),
            at: rfc3339(newest.map(Commit::ms).unwrap_or_default()),
            message: newest.map(|c| c.subject().to_string()).unwrap_or_default(),
        }
    }
}

/// The history, seen from one tip. Joins of states that never were one commit stay in memory.
pub(crate) struct Past<'s> {
    store: &'s Store,
    /// The repository, with the joins.
    pub repo: Pending,
    tip: Oid,
    now_ms: u64,
}

impl Pm {
    /// The past of the present state.
    pub(crate) fn past(&self) -> Result<Past<'_>> {
        Ok(Past {
            store: &self.store,
            tip: self.store.require_tip()?,
            repo: self.store.repo().pending(),
            now_ms: self.now_ms(),
        })
    }
}

impl Past<'_> {
    /// The present.
    pub fn now(&self) -> Result<Point> {
        Ok(Point::of(self.repo.commit(self.tip)?))
    }

    /// The tip.
    pub fn tip(&self) -> Oid {
        self.tip
    }

    /// The state at a point.
    pub fn state(&self, point: &Point) -> Result<State<'_>> {
        match &point.commits[..] {
            [one] => self.store.state_at(&self.repo, one.id),
            _ => State::of_tree(&self.repo, None, point.tree),
        }
    }

    /// The state that a text names: a commit of the state by any expression of git's, or a time.
    ///
    /// # Errors
    /// When it names neither.
    pub fn find(&self, text: &str, edge: Edge) -> Result<Point> {
        let text = text.trim();
        // `100d` could be both: it is the commit if there is one.
        let hex = text.len() >= 4 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if hex && let Ok(point) = self.commit(text) {
            return Ok(point);
        }
        match Moment::parse(text, self.now_ms) {
            Ok(moment) => self.moment(match edge {
                Edge::Begin => moment.begin_ms,
                Edge::End => moment.end_ms,
            }),
            Err(no) => self.commit(text).map_err(|error| {
                let expression = hex || text.contains(['/', '~', '^', '@']);
                let named = self.repo.resolve(text).is_some();
                if expression || named {
                    return error;
                }
                Error::usage(format!("`{}` names no commit of the state", one_line(text)))
                    .hint(no.to_string())
                    .hint("`git pm log` lists the commits")
            }),
        }
    }

    /// A commit of the state.
    ///
    /// # Errors
    /// When the text names none, or one that is not part of the state's history.
    pub fn commit(&self, text: &str) -> Result<Point> {
        let shown = one_line(text);
        let hint = "`git pm log` lists the commits of the state";
        let Some(id) = self.repo.resolve(text) else {
            return Err(
                Error::not_found(format!("`{shown}` names no commit, or more than one")).hint(hint),
            );
        };
        if !self.repo.is_ancestor(id, self.tip)? {
            return Err(Error::not_found(format!(
                "`{shown}` is commit {}, which is not part of the state's history",
                short(id)
            ))
            .hint(format!("{hint}; the present one is {MAIN}")));
        }
        Ok(Point::of(self.repo.commit(id)?))
    }

    /// The state at a moment: everything that had been written by then, by each clone's own clock.
    ///
    /// A history is no line: clones go their own ways and meet again. Going back from the present,
    /// every way is followed to its first commit that was not made after the moment. Such a commit
    /// holds all before it, also what a fast clock dated later: whoever wrote it had seen that.
    /// Several such commits are joined, as a sync would have done.
    pub fn moment(&self, ms: u64) -> Result<Point> {
        let mut seen = std::collections::HashSet::from([self.tip]);
        let mut waiting = vec![self.tip];
        let mut found: Vec<Commit> = Vec::new();
        while let Some(id) = waiting.pop() {
            let commit = match self.repo.commit(id) {
                Ok(commit) => commit,
                Err(_) if self.repo.is_shallow() => continue,
                Err(error) => return Err(error),
            };
            if commit.ms() <= ms {
                found.push(commit);
            } else {
                let parents = commit.parents.into_iter();
                waiting.extend(parents.filter(|parent| seen.insert(*parent)));
            }
        }
        found.sort_by_key(|c| (std::cmp::Reverse(c.author.seconds), c.id));
        let Some(first) = found.first() else {
            return Err(
                Error::not_found(format!("no state was there yet at {}", rfc3339(ms)))
                    .hint("`git pm log` shows when it began"),
            );
        };
        let mut tree = first.tree;
        for other in &found[1..] {
            tree = join_trees(&self.repo, tree, other.tree)?.tree;
        }
        // One that holds all the others stands for them.
        if let Some(whole) = found.iter().position(|c| c.tree == tree) {
            return Ok(Point::of(found.swap_remove(whole)));
        }
        Ok(Point {
            commits: found,
            tree,
        })
    }
}
