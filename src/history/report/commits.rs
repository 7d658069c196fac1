//! The commits of a period, each with the time at which it counts.

use std::collections::HashMap;

use crate::error::Result;
use crate::history::events::commits::unseen;
use crate::history::past_state::{Past, Point};
use crate::model::text;
use crate::store::git::repo::{Commit, Oid};

/// The state at a moment.
pub(super) struct Standpoint {
    /// The last commits up to it: one, or those of clones that had not synced by then.
    pub heads: Vec<Oid>,
    /// Their join.
    pub point: Point,
}

impl Standpoint {
    /// The state at a time.
    ///
    /// # Errors
    /// If the history begins later.
    pub fn at(past: &Past<'_>, ms: u64) -> Result<Standpoint> {
        let found = Self::from(past, vec![past.tip()], ms)?;
        found.ok_or_else(|| past.too_early(ms))
    }

    /// The state at a time not after this one, by walking only the commits in between; none if the
    /// history begins later.
    pub fn earlier(&self, past: &Past<'_>, ms: u64) -> Result<Option<Standpoint>> {
        Self::from(past, self.heads.clone(), ms)
    }

    fn from(past: &Past<'_>, from: Vec<Oid>, ms: u64) -> Result<Option<Standpoint>> {
        let commits = past.last_commits(from, ms)?;
        let heads = commits.iter().map(|commit| commit.id).collect();
        let point = past.joined(commits)?;
        Ok(point.map(|point| Standpoint { heads, point }))
    }
}

/// A commit of a period.
pub(super) struct Counted {
    pub commit: Commit,
    /// The time at which it counts, in milliseconds since the Unix epoch.
    pub ms: u64,
    /// The operation, as in the command; empty if another program wrote it.
    pub op: String,
    /// The actor's name, and whether that is an agent.
    pub actor: (String, bool),
}

/// The commits that the state at one moment includes and that at an earlier one does not, parents
/// before children. A commit counts at its own time or, where a clock was fast, at the earliest
/// time of a commit that builds on it: by then its change was there.
pub(super) fn between(
    past: &Past<'_>,
    before: Option<&Standpoint>,
    after: &Standpoint,
) -> Result<Vec<Counted>> {
    let old = before.map(|state| &state.heads[..]).unwrap_or_default();
    let commits = unseen(&past.repo, old, &after.heads)?;
    let mut times: HashMap<Oid, u64> = HashMap::new();
    for commit in commits.iter().rev() {
        let own = commit.ms();
        let ms = times.get(&commit.id).map_or(own, |ms| own.min(*ms));
        times.insert(commit.id, ms);
        for parent in &commit.parents {
            let known = times.entry(*parent).or_insert(ms);
            *known = ms.min(*known);
        }
    }
    let counted = commits.into_iter().map(|commit| Counted {
        ms: times.get(&commit.id).copied().unwrap_or_default(),
        op: commit.op().to_string(),
        actor: (
            text::actor(commit.actor()),
            commit.trailer("PM-Agent").is_some(),
        ),
        commit,
    });
    Ok(counted.collect())
}
