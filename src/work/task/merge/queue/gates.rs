//! Runs the gates on the top of a chain, and finds the candidate with which they begin to fail.

use std::collections::HashMap;

use super::chain::Chain;
use crate::coordinate::worktree::branch::tree_here;
use crate::error::{Error, Reason, Result};
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::work::task::gates;
use crate::work::task::merge::gate_result;

/// The gate results, so that nothing is tested twice: by the target's commit, the commit whose
/// changes decide which gates apply, and the tested one (the last two by their trees).
#[derive(Default)]
pub(super) struct Results(HashMap<[String; 3], Option<Error>>);

/// The result of a chain.
pub(super) struct Tested {
    /// The number of links, from the first one on, whose result passed.
    pub(super) passed: usize,
    /// The failure with the next one, if the gates were run on it.
    pub(super) failure: Option<Error>,
}

/// Tests the top of a chain. If it fails, bisection finds the first link with which it does.
///
/// # Errors
/// When the gates cannot be run.
pub(super) fn test(pm: &Pm, chain: &Chain, known: &mut Results) -> Result<Tested> {
    let (mut passed, mut failed) = (0, chain.links.len());
    let commit = |count: usize| chain.links[count - 1].commit.as_str();
    let top = commit(failed);
    let Some(mut failure) = test_at(pm, chain, top, top, known)? else {
        return Ok(Tested {
            passed: failed,
            failure: None,
        });
    };
    while failed - passed > 1 {
        let middle = passed + (failed - passed) / 2;
        match test_at(pm, chain, commit(middle), commit(middle), known)? {
            None => passed = middle,
            Some(error) => (failed, failure) = (middle, error),
        }
    }
    // Nothing else is below the first link: its failure may be the target's own.
    if passed == 0 && test_at(pm, chain, commit(failed), &chain.onto, known)?.is_some() {
        let said = failure.message().to_string();
        failure = failure
            .reworded(format!(
                "the gates fail on {} itself; {said}",
                one_line(&chain.target)
            ))
            .because(Reason::MergeTargetFails)
            .hints_where(|_| false)
            .hint(format!("fix {} first", one_line(&chain.target)));
    }
    Ok(Tested {
        passed,
        failure: Some(failure),
    })
}

/// The failure at a commit, of the gates that apply to the changes of the commit `of`; none if
/// all pass.
fn test_at(
    pm: &Pm,
    chain: &Chain,
    of: &str,
    commit: &str,
    known: &mut Results,
) -> Result<Option<Error>> {
    let repo = pm.store.repo();
    let trees = [tree_here(repo, of)?, tree_here(repo, commit)?];
    let [of_work, of_result] = trees;
    let key = [chain.onto.clone(), of_work, of_result];
    if let Some(result) = known.0.get(&key) {
        return Ok(result.clone());
    }
    let mut links = chain.links.iter();
    let link = links.find(|link| link.commit == of);
    let id = link.map_or("", |link| link.candidate.id.as_str());
    let state = pm.store.state()?;
    let mut is_own = true;
    for link in &chain.links {
        let item = state.item(&link.candidate.uid);
        is_own &= item.map_or(Ok(false), |item| gates::is_own_work(pm, item))?;
    }
    let result = match gate_result::gate_commit(pm, (id, is_own), &chain.target, of, commit) {
        Ok(_) => None,
        // Which link brings it, only bisection can tell.
        Err(error)
            if matches!(
                error.reason(),
                Reason::MergeGateFailed | Reason::CommandNotFound
            ) =>
        {
            Some(error)
        }
        Err(error) => return Err(error),
    };
    known.0.insert(key, result.clone());
    Ok(result)
}
