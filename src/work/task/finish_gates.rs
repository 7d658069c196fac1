//! Gates of work that is submitted: what they are run on, what is recorded, and what a failed one says.

use std::path::Path;

use super::work_commit::short;
use crate::coordinate::gate::Gate;
use crate::coordinate::worktree;
use crate::coordinate::worktree::followed_branch;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::text::one_line;
use crate::pm::{Confined, Pm};
use crate::work::task::gates;
use crate::work::task::tests_first;

/// Refuses if a branch or the files of its worktree are not those of a commit, so that a result
/// of gates belongs to that commit. New files do not count, as gates leave some.
pub(super) fn require_at(pm: &Pm, id: &str, branch: &str, place: &str, tip: &str) -> Result<()> {
    let refused = |what: String| {
        let tip = short(tip);
        Error::refused(format!(
            "the gates of {id} are for commit {tip}, but {what}"
        ))
        .because(Reason::FinishBranchMoved)
        .about(id)
        .hint(Hint::run(["finish", id], "submits the present work"))
    };
    let now = pm
        .store
        .repo()
        .ref_target(&format!("refs/heads/{branch}"))?;
    let git = pm.store.repo().git().in_worktree(Path::new(place))?;
    let head = git.run(&["rev-parse", "--verify", "--quiet", "HEAD"])?;
    let now = now.map(|now| now.to_string()).unwrap_or_default();
    let mut other = [(branch, now), ("HEAD", head.text())].into_iter();
    if let Some((what, is)) = other.find(|(_, is)| is != tip) {
        let (what, is) = (one_line(what), short(&is));
        return Err(refused(format!("{what} in {place} is at {is}")));
    }
    let dirt = worktree::dirt(&git)?;
    match dirt.staged.is_empty() && dirt.modified.is_empty() {
        true => Ok(()),
        false => Err(refused(format!(
            "the files in {place} differ: {}",
            dirt.summary()
        ))),
    }
}

/// The record of a gate that the work passes; none for an advisory one that it fails.
pub(super) fn pass_gate(
    pm: &Pm,
    id: &str,
    gate: &Gate,
    place: &Path,
    (target, tip): (&str, &str),
    confined: Option<&Confined>,
) -> Result<Option<String>> {
    if !gates::passes(pm, gate, place, confined)? {
        return Ok(None);
    }
    let onto = followed_branch::newest_tip(pm, target)?.filter(|_| gate.tests_first);
    let Some(onto) = onto else {
        return Ok(Some(gate.name.clone()));
    };
    let tests = tests_first::require_tests_first(pm, id, gate, onto, tip, confined)?;
    Ok(Some(format!("{} (failed at {tests})", gate.name)))
}

/// Says of a failed gate that its target has commits that the work lacks: what the gate needs may be there.
pub(super) fn with_newer_target(pm: &Pm, error: Error, target: &str, tip: &str) -> Result<Error> {
    let repo = pm.store.repo();
    let newest = followed_branch::counted_against(pm, target)?;
    let has_all = |onto| {
        let tip = repo.parse_id(tip);
        tip.is_some_and(|tip| followed_branch::is_behind(pm, onto, tip))
    };
    let Some(_) = repo.ref_target(&newest)?.filter(|onto| !has_all(*onto)) else {
        return Ok(error);
    };
    let name = ["refs/heads/", "refs/remotes/"].iter();
    let name = name.filter_map(|prefix| newest.strip_prefix(prefix)).next();
    let name = name.unwrap_or(&newest);
    Ok(error.hint(Hint::git(
        ["merge", name],
        format!(
            "brings the newer commits of {}, if the gate needs them",
            one_line(target)
        ),
    )))
}
