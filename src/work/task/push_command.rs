//! The command that brings a task's branch to its remote, and why a plain push of it is rejected.

use super::work_commit::short;
use crate::coordinate::merged_branches::remote_to_push;
use crate::coordinate::rules::target_branches;
use crate::coordinate::worktree::followed_branch;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::{branch_word, word};
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::remote_names::Remote;

/// The commit of a branch at a remote, as far as is known, that the one here does not have.
fn apart(pm: &Pm, remote: &Remote, branch: &str) -> Result<Option<Oid>> {
    let (own, there) = followed_branch::tips_of(pm, remote, branch)?;
    let lacks = |tip: &Oid| own.is_none_or(|own| !followed_branch::is_behind(pm, *tip, own));
    Ok(there.filter(lacks))
}

/// The command that replaces a branch at its remote that was this one before it was rewritten here, as by a
/// rebase or an amended commit.
fn replaces(pm: &Pm, remote: &Remote, branch: &str) -> Result<Option<Hint>> {
    let repo = pm.store.repo();
    let logged = || repo.logged(&format!("refs/heads/{branch}"));
    let was = apart(pm, remote, branch)?.filter(|tip| logged().contains(tip));
    let Some(was) = was else { return Ok(None) };
    // Git takes a URL that is a relative path from the folder in which it runs.
    let home = repo.git_at_home();
    let home = home.dir().to_string_lossy();
    let at = remote.is_relative(&pm.store).then_some(["-C", &*home]);
    let lease = format!("--force-with-lease={branch}:{}", short(&was.to_string()));
    let args = ["push", &lease, &remote.name, branch];
    Ok(Some(Hint::git(
        at.into_iter().flatten().chain(args),
        "replaces it there; then run the command again",
    )))
}

/// The command that brings a branch to a remote.
///
/// # Errors
/// When its refs cannot be read.
pub(super) fn push_command(pm: &Pm, remote: &Remote, branch: &str) -> Result<String> {
    let replacing = replaces(pm, remote, branch)?.and_then(|hint| hint.command);
    let plain = || format!("git push {} {}", word(&remote.shown()), branch_word(branch));
    Ok(replacing.map_or_else(plain, |command| command.to_string()))
}

/// The refusal of a push of a branch that its remote has with other commits.
pub(super) fn not_forward(pm: &Pm, remote: &Remote, branch: &str) -> Result<Error> {
    let (shown, name) = (one_line(branch), word(&remote.shown()));
    let refused = |what: &str| {
        Error::refused(format!("{shown} was not pushed: {name} has {what}"))
            .because(Reason::FinishNotPushed)
            .about(&shown)
    };
    if let Some(replacing) = replaces(pm, remote, branch)? {
        return Ok(refused("it as it was before it was rewritten here").hint(replacing));
    }
    Ok(
        refused("commits of this branch that this clone lacks")
            .hint(Hint::git(
                ["log", &format!("{branch}..{}/{branch}", remote.name)],
                "shows whose they are",
            ))
            .hint(format!(
                "if they belong to this work: in its worktree, run `git pull --no-rebase {name} {}`, \
                 then run the command again",
                branch_word(branch)
            )),
    )
}

/// Refuses a branch that a submission would push in vain, as far as this clone knows its remote.
///
/// # Errors
/// As a submission.
pub(super) fn require_forward(pm: &Pm, branch: &str) -> Result<()> {
    let remote = remote_to_push(pm, branch);
    match remote.filter(|_| pm.is_online() && !target_branches::is_target(pm, branch)) {
        Some(remote) if apart(pm, &remote, branch)?.is_some() => {
            Err(not_forward(pm, &remote, branch)?)
        }
        _ => Ok(()),
    }
}
