//! Finds an earlier state from the user's input: a commit or a time.

use jiff::Zoned;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::parse_sequential;
use crate::model::stamp::rfc3339;
use crate::model::text::one_line;
use crate::model::typed_past_date::Moment;
use crate::pm::Pm;
use crate::store::git::repo::{Commit, Oid, Pending, short};
use crate::store::handle::Store;
use crate::store::join::tree::join_trees;
use crate::store::layout::MAIN;
use crate::store::state::State;

/// The effect of `git pm log`, in hints.
const LISTS_COMMITS: &str = "lists the commits of the state";

/// An earlier state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PointView {
    /// Its commit, or the newest one if it joins several; empty before the first.
    pub commit: String,
    /// The other commits that it joins: those of clones that had not synced by then.
    pub with: Vec<String>,
    /// The time of that commit, RFC 3339.
    pub at: String,
    /// The first line of the commit message.
    pub message: String,
}

/// The end of a day that counts where a day is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edge {
    /// Its start: for changes since then.
    Begin,
    /// Its end: for the state on that day.
    End,
}

/// An earlier state.
pub(crate) struct Point {
    /// One commit, or the last ones of clones that had not synced by then.
    pub commits: Vec<Commit>,
    /// The tree of the commit, or the join of the trees.
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

/// The history up to one tip. Joins of states that were never one commit stay in memory.
pub(crate) struct Past<'s> {
    pub store: &'s Store,
    /// The repository with the joins in memory.
    pub repo: Pending,
    tip: Oid,
    now: Zoned,
}

/// The history of the current state.
pub(crate) fn past(pm: &Pm) -> Result<Past<'_>> {
    Ok(Past {
        store: &pm.store,
        tip: pm.store.require_tip()?,
        repo: pm.store.repo().pending(),
        now: pm.now(),
    })
}

impl Past<'_> {
    /// The current state.
    pub fn now(&self) -> Result<Point> {
        Ok(Point::of(self.repo.commit(self.tip)?))
    }

    pub fn tip(&self) -> Oid {
        self.tip
    }

    pub fn state(&self, point: &Point) -> Result<State<'_>> {
        match &point.commits[..] {
            [one] => Ok(self.store.state_at(&self.repo, one.id)?.alike_everywhere()),
            _ => State::of_tree(&self.repo, None, point.tree),
        }
    }

    /// The state that a text names: a commit of the state, by any revision expression of git, or a
    /// time.
    ///
    /// # Errors
    /// If it is neither.
    pub fn find(&self, text: &str, edge: Edge) -> Result<Point> {
        let text = text.trim();
        // `100d` may be either: a commit takes precedence.
        let hex = text.len() >= 4 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if hex && let Ok(point) = self.commit(text) {
            return Ok(point);
        }
        match Moment::parse(text, &self.now) {
            Ok(moment) => self.moment(match edge {
                Edge::Begin => moment.begin_ms,
                Edge::End => moment.end_ms,
            }),
            Err(not_a_time) => self.commit(text).map_err(|error| {
                let expression = hex || text.contains(['/', '~', '^', '@']);
                let named = self.repo.resolve(text).is_some();
                if expression || named {
                    return error;
                }
                let shown = one_line(text);
                let error = Error::usage(format!(
                    "`{shown}` is neither a commit of the state nor a time"
                ))
                .because(Reason::HistoryCommitUnknown)
                .about(&shown);
                if parse_sequential(text).is_some() || text.parse::<u32>().is_ok() {
                    return error.hint(Hint::run(
                        ["task", "diff", &shown],
                        "shows what the work on an item changes",
                    ));
                }
                error
                    .hint(not_a_time.to_string())
                    .hint(Hint::run(["log"], LISTS_COMMITS))
            }),
        }
    }

    /// A commit of the state.
    ///
    /// # Errors
    /// If the text is not the name of a commit, or the commit is not part of the state's history.
    pub fn commit(&self, text: &str) -> Result<Point> {
        let shown = one_line(text);
        let unknown = |message: String| {
            Error::not_found(message)
                .because(Reason::HistoryCommitUnknown)
                .about(&shown)
                .hint(Hint::run(["log"], LISTS_COMMITS))
        };
        let Some(id) = self.repo.resolve(text) else {
            return Err(unknown(format!(
                "`{shown}` does not name exactly one commit"
            )));
        };
        if !self.repo.is_ancestor(id, self.tip)? {
            return Err(unknown(format!(
                "`{shown}` is commit {}, which is not part of the history of {MAIN}",
                short(id)
            )));
        }
        Ok(Point::of(self.repo.commit(id)?))
    }

    /// The state at a time: everything that had been written by then, by the clock of each clone.
    ///
    /// The history branches where clones wrote concurrently. From the tip, every branch is followed
    /// back to its first commit that is not later than the time. Such a commit includes its
    /// ancestors, even those that a fast clock dated later. Several such commits are joined, as a
    /// sync would have done.
    pub fn moment(&self, ms: u64) -> Result<Point> {
        let point = self.joined(self.last_commits(vec![self.tip], ms)?)?;
        point.ok_or_else(|| self.too_early(ms))
    }

    /// The error for a time before the history.
    pub fn too_early(&self, ms: u64) -> Error {
        let at = self.store.env().local_time(ms);
        Error::not_found(format!("the state did not exist yet at {at}"))
            .because(Reason::HistoryTooEarly)
            .hint(Hint::run(["log"], "shows its first commit"))
    }

    /// The last commits up to a time on the branches from some commits, the newest first.
    pub fn last_commits(&self, from: Vec<Oid>, ms: u64) -> Result<Vec<Commit>> {
        let mut seen: std::collections::HashSet<Oid> = from.iter().copied().collect();
        let mut waiting = from;
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
        Ok(found)
    }

    /// The join of the states of some commits; none for no commits.
    pub fn joined(&self, mut found: Vec<Commit>) -> Result<Option<Point>> {
        let Some(first) = found.first() else {
            return Ok(None);
        };
        let mut tree = first.tree;
        for other in &found[1..] {
            tree = join_trees(&self.repo, tree, other.tree)?.tree;
        }
        // A commit whose tree equals the join is used alone.
        if let Some(whole) = found.iter().position(|c| c.tree == tree) {
            return Ok(Some(Point::of(found.swap_remove(whole))));
        }
        Ok(Some(Point {
            commits: found,
            tree,
        }))
    }
}
