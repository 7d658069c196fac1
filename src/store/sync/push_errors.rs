//! The errors of a push that did not succeed, and how a caller recognises them.

use super::push_outcome::NO_REPLACING;
use crate::error::Error;
use crate::store::remote_names::Remote;

pub(super) fn refused(remote: &Remote, reason: &str) -> Error {
    if reason == NO_REPLACING {
        return Error::remote(format!(
            "the history of the state was cut, and the remote {} does not allow history to be replaced",
            remote.shown()
        ))
        .hint(format!(
            "there, once: `git config receive.denyNonFastForwards false`, or `git update-ref -d {}`",
            remote.state_ref
        ))
        .hint("then `git pm sync` again; nothing is lost meanwhile");
    }
    with_branch_hint(
        Error::remote(format!("{}: {reason}", refusal(remote)))
            .hint("`git pm sync` tries again; until then the state is in this clone only"),
        remote,
    )
}

/// This user may not write there; [`is_denial`] recognises it.
pub(super) fn denied(remote: &Remote, reason: &str) -> Error {
    with_branch_hint(
        Error::remote(format!("{}: {reason}", denial(remote)))
            .hint("check that you may push there; `git pm pull` works without"),
        remote,
    )
}

/// True if an error says that the remote answered and did not take the push.
pub(crate) fn is_refusal(remote: &Remote, error: &Error) -> bool {
    let words = [denial(remote), refusal(remote), lock_message(remote)];
    words.iter().any(|begin| error.message().starts_with(begin))
}

fn refusal(remote: &Remote) -> String {
    format!("the remote {} did not take the state", remote.shown())
}

fn lock_message(remote: &Remote) -> String {
    format!("the state's ref is locked at {}", remote.shown())
}

fn denial(remote: &Remote) -> String {
    format!("the remote {} does not let you push", remote.shown())
}

/// True if an error says that this user may not write to the remote.
pub(crate) fn is_denial(remote: &Remote, error: &Error) -> bool {
    error.message().starts_with(&denial(remote))
}

fn with_branch_hint(error: Error, remote: &Remote) -> Error {
    error.hint(match remote.state_ref.starts_with("refs/heads/") {
        true => "the state is in a branch there: check that branch's rules",
        false => {
            "a host that accepts branches only takes `git pm config pm.remoteRef refs/heads/pm/main` \
             (its branch rules must allow that branch to be pushed)"
        }
    })
}

pub(super) fn is_locked(remote: &Remote, reason: &str, file: Option<&str>) -> Error {
    let error = Error::remote(format!("{}: {reason}", lock_message(remote)));
    match file {
        Some(file) => error.hint(format!(
            "a push that was killed left that lock: if no git is running there, remove {file}"
        )),
        None => error.hint(format!(
            "a push that was killed left that lock: an administrator of that repository has to remove {}.lock there",
            remote.state_ref
        )),
    }
    .hint("nothing was pushed; then run the command again")
}

pub(super) fn outcome_open() -> Error {
    Error::remote("the outcome of an earlier push to the main remote is still unknown")
        .hint("run `git pm sync` first")
}

pub(super) fn unknown(remote: &Remote, reason: &str, at_stake: bool) -> Error {
    let nothing = if at_stake { "nothing is claimed; " } else { "" };
    Error::remote(format!(
        "the connection to {} broke and it is unknown whether the push arrived: {reason}",
        remote.shown()
    ))
    .hint(format!(
        "{nothing}run the command again when the remote can be reached"
    ))
}
