//! The expected outcome of the queue.
//!
//! It has trial merges on top of each other, and the files that several merges change. Nothing is
//! changed but for objects that no ref reaches.

use std::collections::{BTreeMap, BTreeSet};

use super::candidates::Candidate;
use super::chain::{Built, Chain, require_branch};
use super::report::{LeftOut, MergeRisk, QueueReport, QueuedItem};
use crate::coordinate::worktree::{branch, merge_tree};
use crate::error::{Error, Reason, Result};
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::state::State;
use crate::work::task::approval;
use crate::work::task::integrate::Strategy;
use crate::work::task::merge::contested;
use crate::work::task::merge::gate_result;
use crate::work::task::merge::move_target;
use crate::work::task::merge::queue::chain;
use crate::work::task::merge::remote_target;

/// The expected outcome so far.
#[derive(Default)]
struct Expected {
    /// By target, the candidates on top of each other.
    chains: BTreeMap<String, Chain>,
    /// By target and file, the candidates that change it.
    files: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// The candidates that conflict.
    conflicting: BTreeSet<String>,
    /// The candidates that merge.
    merged: Vec<Uid>,
}

/// The files in which a candidate meets other changes.
struct Shared {
    paths: Vec<String>,
    with: Vec<String>,
}

/// Fills in the expected order, risks and left-out items. Returns the items that conflict.
pub(super) fn expect(
    pm: &Pm,
    state: &State<'_>,
    candidates: &[Candidate],
    strategy: Strategy,
    report: &mut QueueReport,
) -> Result<Vec<Uid>> {
    let contested = contested::contested_files(state);
    let mut expected = Expected::default();
    let mut conflicts = Vec::new();
    for candidate in candidates {
        let (queued, built) =
            match expect_one(pm, state, candidate, strategy, &contested, &mut expected) {
                Ok(found) => found,
                Err(error) if is_of_one(&error) => {
                    let (id, title) = (&candidate.id, &candidate.title);
                    report
                        .left_out
                        .push(LeftOut::new(id, title, &error, Vec::new()));
                    continue;
                }
                Err(error) => return Err(error),
            };
        if let Built::Conflicts(files, error) = &built {
            conflicts.push(candidate.uid.clone());
            let (id, title) = (&candidate.id, &candidate.title);
            report
                .left_out
                .push(LeftOut::new(id, title, error, files.clone()));
        } else {
            expected.merged.push(candidate.uid.clone());
        }
        report.order.push(queued);
    }
    Ok(conflicts)
}

fn expect_one(
    pm: &Pm,
    state: &State<'_>,
    candidate: &Candidate,
    strategy: Strategy,
    contested: &BTreeSet<String>,
    expected: &mut Expected,
) -> Result<(QueuedItem, Built)> {
    let item = chain::require_queued(pm, state, candidate, &expected.merged)?;
    let branch = require_branch(&item, &candidate.id)?;
    if let Some(chain) = expected
        .chains
        .get(&branch)
        .filter(|chain| !chain.links.is_empty())
    {
        return Err(outdated_by(pm, &candidate.id, &branch, chain));
    }
    let (tip, _) = move_target::work_to_merge(pm, state, &item, &branch)?;
    let target = candidate.target.as_str();
    gate_result::require_passed(pm, state, &item)?;
    if !expected.chains.contains_key(target) {
        // As the merge asks, which moves the target forward first.
        remote_target::newer_there(pm, target)?;
        expected
            .chains
            .insert(target.to_string(), Chain::on(pm, target)?);
    }
    let Some(chain) = expected.chains.get_mut(target) else {
        return Err(branch::missing(target));
    };
    let options = move_target::integration(pm, state, &item, (&branch, target), strategy);
    let built = chain::put_on(pm, state, &item, candidate, chain, &tip, &options)?;
    let base = branch::merge_base(pm.store.repo().git(), &chain.onto, &tip)?;
    let git = pm.store.repo().git().plain();
    let (own, since) = match &base {
        Some(base) => (
            merge_tree::differing(&git, base, &tip)?,
            merge_tree::differing(&git, base, &chain.onto)?,
        ),
        None => (Vec::new(), BTreeSet::new()),
    };
    let changed = match &built {
        Built::Link(link) => link.touched.clone(),
        Built::Conflicts(files, _) => files.clone(),
        Built::Nothing => Vec::new(),
    };
    let files = expected.files.entry(target.to_string()).or_default();
    let shared = shared(&changed, files, &since, target);
    let risk = match &built {
        Built::Conflicts(..) => MergeRisk::Conflicts,
        _ if shared.paths.is_empty() => MergeRisk::None,
        _ if shared.paths.iter().any(|path| contested.contains(path))
            || shared
                .with
                .iter()
                .any(|id| expected.conflicting.contains(id)) =>
        {
            MergeRisk::High
        }
        _ => MergeRisk::Low,
    };
    let mine = match &built {
        Built::Conflicts(..) => own,
        _ => changed.clone(),
    };
    for path in mine {
        files.entry(path).or_default().insert(candidate.id.clone());
    }
    match &built {
        Built::Link(link) => chain.links.push(link.clone()),
        Built::Conflicts(..) => {
            expected.conflicting.insert(candidate.id.clone());
        }
        Built::Nothing => {}
    }
    let paths = match &built {
        Built::Conflicts(files, _) => files.clone(),
        _ => shared.paths,
    };
    let queued = QueuedItem {
        id: candidate.id.clone(),
        title: candidate.title.clone(),
        target: target.to_string(),
        risk: Some(risk),
        paths,
        with: shared.with,
    };
    Ok((queued, built))
}

fn outdated_by(pm: &Pm, id: &str, branch: &str, chain: &Chain) -> Error {
    let before: Vec<&str> = (chain.links.iter())
        .map(|link| link.candidate.id.as_str())
        .collect();
    Error::refused(format!(
        "{} would be merged into {}, the branch of {id}; {id} then needs a new approval",
        before.join(", "),
        one_line(branch)
    ))
    .because(Reason::ApprovalOutdated)
    .about(id)
    .hint(approval::approve_again(pm, id, None))
}

/// The files that a merge changes and others change, too.
fn shared(
    changed: &[String],
    before: &BTreeMap<String, BTreeSet<String>>,
    since: &BTreeSet<String>,
    target: &str,
) -> Shared {
    let (mut paths, mut with) = (Vec::new(), BTreeSet::new());
    let mut of_target = false;
    for path in changed {
        let others = before.get(path);
        with.extend(others.into_iter().flatten().cloned());
        of_target |= since.contains(path);
        if others.is_some() || since.contains(path) {
            paths.push(path.clone());
        }
    }
    let mut with: Vec<String> = with.into_iter().collect();
    with.extend(of_target.then(|| target.to_string()));
    Shared { paths, with }
}

/// True for errors that leave one candidate out; others end the queue.
pub(super) fn is_of_one(error: &Error) -> bool {
    use crate::error::Kind::{Ambiguous, Conflict, NotFound, Refused, Remote, Usage};
    let kinds = [Ambiguous, Conflict, NotFound, Refused, Remote, Usage];
    error.reason() != Reason::CommandStopped && kinds.contains(&error.kind())
}
