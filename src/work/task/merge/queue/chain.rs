//! Builds candidates on top of each other.
//!
//! These are the commits that their merges would make, if all before them are merged. No ref moves.

use super::candidates::Candidate;
use crate::coordinate::worktree::{branch, merge_tree};
use crate::error::{Error, Kind, Reason, Result};
use crate::model::item::Item;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::state::State;
use crate::work::task::integrate::{
    Brought, Combined, IntegrateOptions, Strategy, combine, require_commit, without_hooks,
};
use crate::work::task::merge;
use crate::work::task::merge::move_target;
use crate::work::task::merge::move_target::{Work, landed_before};
use crate::work::task::merge::stacked_on;
use crate::work::task::remote_branch;
use crate::work::task::stacked_work;

/// A candidate on top of the target and of those before it.
#[derive(Clone, Debug)]
pub(super) struct Link {
    pub(super) candidate: Candidate,
    /// The target's commit with its work.
    pub(super) commit: String,
    /// The files that its merge changes.
    pub(super) touched: Vec<String>,
}

/// Candidates on top of each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    /// The branch that they are merged into.
    pub(super) target: String,
    /// Its commit below the first of them.
    pub(super) onto: String,
    pub(super) links: Vec<Link>,
}

/// The outcome of building a candidate.
pub(super) enum Built {
    /// It merges.
    Link(Link),
    /// There is nothing to build: the target has its work already.
    Nothing,
    /// It does not merge.
    Conflicts(Vec<String>, Error),
}

impl Chain {
    /// An empty chain on the present commit of a target.
    pub(super) fn on(pm: &Pm, target: &str) -> Result<Chain> {
        let git = pm.store.repo().git();
        Ok(Chain {
            target: target.to_string(),
            onto: branch::require_tip(git, target)?.commit,
            links: Vec::new(),
        })
    }

    /// The commit on which the next candidate is built.
    pub(super) fn top(&self) -> &str {
        self.links.last().map_or(&self.onto, |link| &link.commit)
    }

    /// The items in it.
    pub(super) fn uids(&self) -> Vec<Uid> {
        let links = self.links.iter();
        links.map(|link| link.candidate.uid.clone()).collect()
    }

    /// The merged work, or that of this chain, that an item may be stacked on.
    fn brought_below(&self, pm: &Pm, state: &State<'_>, item: &Item) -> Vec<Brought> {
        let mut brought = stacked_on::brought_below(pm, state, item);
        if pm.actor.is_agent || self.links.is_empty() {
            return brought;
        }
        for below in stacked_on::below(state, item) {
            let mut links = self.links.iter();
            if let Some(link) = links.find(|link| link.candidate.uid == below.uid) {
                brought.extend(stacked_on::brought_by(pm, state, below, &link.commit));
            }
        }
        brought
    }
}

/// Builds candidates on top of each other, at most `most`, as long as they have one target and
/// are permitted. The outcome for the first one is final; any other begins a chain of its own
/// once those before it are merged.
///
/// # Errors
/// When the first one is not permitted.
pub(super) fn chain<'c>(
    pm: &Pm,
    state: &State<'_>,
    candidates: impl Iterator<Item = &'c Candidate>,
    most: usize,
    strategy: Strategy,
) -> Result<(Chain, Option<Built>)> {
    let mut chain = Chain::default();
    for candidate in candidates.take(most) {
        if chain.links.is_empty() {
            chain = Chain::on(pm, &candidate.target)?;
        } else if candidate.target != chain.target {
            break;
        }
        match build(pm, state, candidate, &chain, &chain.uids(), strategy) {
            Ok(Built::Link(link)) => chain.links.push(link),
            other if chain.links.is_empty() => return other.map(|built| (chain, Some(built))),
            _ => break,
        }
    }
    Ok((chain, None))
}

/// Builds a candidate on top of a chain, after the checks that its merge makes before the
/// gates. Items `before` it count as merged.
///
/// # Errors
/// As for a merge.
fn build(
    pm: &Pm,
    state: &State<'_>,
    candidate: &Candidate,
    chain: &Chain,
    before: &[Uid],
    strategy: Strategy,
) -> Result<Built> {
    let item = require_queued(pm, state, candidate, before)?;
    remote_branch::fetch_work(pm, state, &item)?;
    let branch = require_branch(&item, &candidate.id)?;
    move_target::require_branch_here(pm, state, &item, &branch)?;
    let options =
        move_target::integration(pm, state, &item, (&branch, &candidate.target), strategy);
    let git = &pm.store.repo().git().plain();
    if landed_before(git, &item, &options)?.is_some() {
        return Ok(Built::Nothing);
    }
    let tip = branch::require_tip(git, &branch)?.commit;
    put_on(pm, state, &item, candidate, chain, &tip, &options)
}

/// The item of a candidate, which can be merged after those `before` it.
pub(super) fn require_queued(
    pm: &Pm,
    state: &State<'_>,
    candidate: &Candidate,
    before: &[Uid],
) -> Result<Item> {
    let item = state.find(candidate.uid.as_str())?.clone();
    merge::require_mergeable(pm, state, &item, &candidate.target, before)?;
    merge::notice_stops(pm, state, &item);
    Ok(item)
}

/// Combines a commit with the top of a chain.
pub(super) fn put_on(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    candidate: &Candidate,
    chain: &Chain,
    tip: &str,
    options: &IntegrateOptions,
) -> Result<Built> {
    let git = &without_hooks(&pm.store.repo().git().plain())?;
    let brought = chain.brought_below(pm, state, item);
    let commit = match combine(git, options, chain.top(), tip, &brought)? {
        Combined::Nothing => return Ok(Built::Nothing),
        Combined::Conflicts { files, at } => {
            let known = files.clone();
            let error = require_commit(options, Combined::Conflicts { files, at });
            let error = error
                .err()
                .unwrap_or_else(|| Error::conflict("it has merge conflicts"));
            return Ok(Built::Conflicts(known, error));
        }
        combined => require_commit(options, combined)?,
    };
    let touched: Vec<String> = merge_tree::differing(git, chain.top(), &commit)?;
    let work = Work {
        tip,
        onto: &chain.onto,
        touched: &touched,
    };
    move_target::require_permitted(pm, state, item, options, &work)?;
    require_agreed_below(pm, state, item, tip, &options.target)?;
    Ok(Built::Link(Link {
        candidate: candidate.clone(),
        commit,
        touched,
    }))
}

/// Refuses work on top of other work that was not approved: the queue would merge that, too,
/// although nobody requested that.
fn require_agreed_below(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    tip: &str,
    target: &str,
) -> Result<()> {
    let below = stacked_work::not_agreed_in(pm, state, item, tip, target)?;
    if below.is_empty() {
        return Ok(());
    }
    let (id, below) = (state.shown_id(item), below.join(", "));
    Err(Error::new(
        Kind::Refused,
        format!(
            "merging {id} into {} would bring in commits of {below} that no human has approved",
            one_line(target)
        ),
    )
    .because(Reason::MergeStacked)
    .about(&id)
    .hint(format!(
        "approve {below} first, or merge only {id}: `git pm merge {id}`"
    )))
}

/// The branch of an item that is to be merged.
pub(super) fn require_branch(item: &Item, id: &str) -> Result<String> {
    item.branch.clone().ok_or_else(|| {
        Error::refused(format!("{id} has no branch to merge"))
            .because(Reason::MergeNoBranch)
            .about(id)
    })
}
