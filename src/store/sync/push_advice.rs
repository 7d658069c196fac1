//! The error and the advice after a push that failed, and how callers recognize it.

use super::push_outcome::NO_REPLACING;
use crate::error::Error;
use crate::remote_names::Remote;

pub(super) fn refused(remote: &Remote, reason: &str) -> Error {
    if reason == NO_REPLACING {
        return Error::remote(format!(
            "the history of the state was removed, but the remote {} does not allow \
             non-fast-forward updates",
            remote.shown()
        ))
        .hint(format!(
            "in the remote repository, run once: `git config receive.denyNonFastForwards false`, \
             or `git update-ref -d {}`",
            remote.state_ref
        ))
        .hint("then run `git pm sync` again; nothing is lost in the meantime");
    }
    with_branch_hint(
        Error::remote(format!("{}: {reason}", refusal(remote)))
            .hint("`git pm sync` tries again; until then the state is in this clone only"),
        remote,
        reason,
    )
}

/// This user may not write there; [`is_denial`] recognizes it.
pub(super) fn denied(remote: &Remote, reason: &str) -> Error {
    with_branch_hint(
        Error::remote(format!("{}: {reason}", denial(remote)))
            .hint("check your push permission there; `git pm pull` does not need it"),
        remote,
        reason,
    )
}

/// Nothing arrived at the remote.
pub(super) fn unsent(remote: &Remote, reason: &str) -> Error {
    let hint = match reason.contains("HTTP 413") {
        true => {
            "the server, or a proxy before it, limits the size of a request: raise that limit \
             (nginx: `client_max_body_size`), or push over ssh"
        }
        false => "check the network, your password, and where `git remote -v` says that pushes go",
    };
    Error::remote(format!("{}: {reason}", nothing_sent(remote)))
        .hint(hint)
        .hint("`git pm sync` tries again; until then the state is in this clone only")
}

fn nothing_sent(remote: &Remote) -> String {
    format!("nothing could be pushed to {}", remote.shown())
}

/// True if an error says that the remote certainly did not take the push.
pub fn is_refusal(remote: &Remote, error: &Error) -> bool {
    let words = [
        denial(remote),
        refusal(remote),
        lock_message(remote),
        nothing_sent(remote),
    ];
    words.iter().any(|begin| error.message().starts_with(begin))
}

fn refusal(remote: &Remote) -> String {
    format!("the remote {} rejected the state", remote.shown())
}

fn lock_message(remote: &Remote) -> String {
    format!("the state's ref is locked on {}", remote.shown())
}

fn denial(remote: &Remote) -> String {
    format!("the remote {} denied the push", remote.shown())
}

/// True if an error says that this user may not write to the remote.
pub fn is_denial(remote: &Remote, error: &Error) -> bool {
    error.message().starts_with(&denial(remote))
}

fn with_branch_hint(error: Error, remote: &Remote, reason: &str) -> Error {
    if reason.contains("unpack failed") {
        return error.hint("check the disk of the server and who may write there");
    }
    let error = error.hint(match remote.state_ref.starts_with("refs/heads/") {
        true => "the state is on a branch there: check that branch's protection rules",
        false => {
            "if the host accepts only branches, run `git pm config pm.remoteRef \
             refs/heads/pm/main` (its branch rules must allow pushes to that branch)"
        }
    });
    match reason.contains("hook declined") {
        true => error.hint(
            "if it is a rule for commits, it has to exempt this ref, whose commits have no code; or \
             keep the state in another repository: `git pm config pm.remote URL`",
        ),
        false => error,
    }
}

pub(super) fn is_locked(remote: &Remote, reason: &str, file: Option<&str>) -> Error {
    let error = Error::remote(format!("{}: {reason}", lock_message(remote)));
    match file {
        Some(file) => error.hint(format!(
            "if no git process is running there, the lock was left behind by a push that was \
             killed: remove {file}"
        )),
        None => error.hint(format!(
            "the lock was left behind by a push that was killed: an administrator of that \
             repository has to remove {}.lock",
            remote.state_ref
        )),
    }
    .hint("nothing was pushed; run the command again after that")
}

pub(super) fn outcome_open() -> Error {
    Error::remote(
        "the outcome of an earlier push to the remote that confirms claims is still unknown",
    )
    .hint("run `git pm sync` first")
}

pub(super) fn unknown(remote: &Remote, reason: &str, at_stake: bool) -> Error {
    let nothing = if at_stake {
        "nothing was claimed; "
    } else {
        ""
    };
    Error::remote(format!(
        "the push to {} broke off, and it is unknown whether it arrived: {reason}",
        remote.shown()
    ))
    .hint(format!(
        "{nothing}run the command again when the remote can be reached"
    ))
}
