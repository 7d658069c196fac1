//! Remotes: the effect of a plain fetch and push on the state, and whether the remote still has it.

use crate::coordinate::sync;
use crate::error::{Kind, Result};
use crate::maintain::doctor::DoctorReport;
use crate::pm::Pm;
use crate::store::git::repo::Oid;
use crate::store::layout::PUBLISHED;
use crate::store::remote_names::Remote;

/// The timeout for reading the remote's tip, in seconds.
const REMOTE_SECONDS: u64 = 15;

/// The command that restores a remote's state.
const RESTORE: &str = "git pm doctor --restore-remote";

/// The fix for a remote whose ref holds something else.
const REPLACE: &str = "git pm doctor --restore-remote --replace";

pub(super) fn check_remotes(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    let repo = pm.store.repo();
    for remote in repo.remotes() {
        let specs = repo.config_all(&format!("remote.{remote}.fetch"));
        let wanted = format!("+refs/pm/*:refs/pm-remotes/{remote}/*");
        if let Some(bad) = specs.iter().find(|s| overwrites_state(s)) {
            let message = format!(
                "the fetch refspec `{bad}` of {remote} overwrites the local state on every \
                     fetch"
            );
            let fix = format!("git config --fixed-value --unset-all remote.{remote}.fetch '{bad}'");
            report.fault("refspecs", message, &fix);
        } else if specs.contains(&wanted) {
            report.ok(
                "refspecs",
                format!("`git fetch {remote}` also fetches the state"),
            );
        } else {
            let message = format!("`git fetch {remote}` does not fetch the state");
            report.note("refspecs", message, Some("git pm init"));
        }
        let pushes = repo.config_all(&format!("remote.{remote}.push"));
        if let Some(bad) = pushes.iter().find(|s| forces_state(s)) {
            let message = format!(
                "the push refspec `{bad}` of {remote} can rewind the remote's state on every \
                     push"
            );
            let fix = format!("git config --fixed-value --unset-all remote.{remote}.push '{bad}'");
            report.fault("refspecs", message, &fix);
        }
        if repo.config_bool(&format!("remote.{remote}.mirror")) == Some(true) {
            let message =
                format!("{remote} is a push mirror: a push can delete the remote's state");
            let fix = format!("git config --unset remote.{remote}.mirror");
            report.fault("refspecs", message, &fix);
        }
    }
    match pm.main_remote() {
        None => report.note(
            "remote",
            "no remote has the state: claims are settled in this clone only".into(),
            Some("git remote add origin URL"),
        ),
        Some(remote) => check_main_remote(pm, &remote, report)?,
    }
    Ok(())
}

/// Checks that the remote that confirms claims still has its state and accepts pushes.
fn check_main_remote(pm: &Pm, remote: &Remote, report: &mut DoctorReport) -> Result<()> {
    let repo = pm.store.repo();
    let shown = remote.shown();
    if sync::is_read_only(pm, remote) {
        let message = format!("{shown} denied a push a few minutes ago");
        report.note("remote", message, Some("git pm sync"));
    }
    let known = repo.ref_target(&remote.tracking(repo))?;
    let published = repo.ref_target(PUBLISHED)?;
    if known.is_none() && published.is_some() {
        let message = format!("the last known state of {shown} was pruned from this clone");
        report.note("remote", message, Some("git pm sync"));
    }
    if pm.options.offline {
        let message = format!("{shown} confirms claims; not contacted with `--offline`");
        report.ok("remote", message);
        return Ok(());
    }
    let now = match remote.tip_there(&pm.store, REMOTE_SECONDS) {
        Ok(now) => now,
        Err(error) => {
            report.note("remote", error.message().to_string(), Some("git remote -v"));
            return Ok(());
        }
    };
    let was = known.or(published);
    match (was, now) {
        (None, None) => {
            let message = format!("{shown} has no state yet");
            report.note("remote", message, Some("git pm sync"));
        }
        (Some(_), None) => match remote.lists_nothing(&pm.store)? {
            Some(empty) => report.note("remote", empty, Some("git ls-remote")),
            None => {
                let message = format!("{} was deleted on {shown}", remote.state_ref);
                report.fault("remote", message, RESTORE);
            }
        },
        (Some(was), Some(now)) if is_rewound(pm, was, now) => {
            let message = format!(
                "{} on {shown} was rewound from {was} to {now}",
                remote.state_ref
            );
            // What replaced it may be no state at all.
            let fix = match require_usable(pm, remote, now) {
                Err(error) if error.kind() == Kind::State => REPLACE,
                _ => RESTORE,
            };
            report.fault("remote", message, fix);
        }
        (_, Some(now)) => match require_usable(pm, remote, now) {
            Ok(()) => report.ok("remote", format!("{shown} confirms claims")),
            Err(error) if error.kind() == Kind::State => {
                report.fault("remote", error.message().to_string(), REPLACE);
            }
            Err(error) => {
                report.note("remote", error.message().to_string(), Some("git pm sync"));
            }
        },
    }
    Ok(())
}

/// Checks that the remote's commit is a state that a sync can take; it is fetched if it is new.
fn require_usable(pm: &Pm, remote: &Remote, now: Oid) -> Result<()> {
    let repo = pm.store.repo();
    let own = pm.store.tip().ok().flatten();
    if own.is_some_and(|own| repo.is_ancestor(now, own).unwrap_or(false)) {
        return Ok(());
    }
    if !repo.has_object(now) {
        remote.fetch(&pm.store)?;
    }
    let what = format!("{} of the remote {}", remote.state_ref, remote.shown());
    pm.store.require_state(&what, now)
}

/// True if a remote's current commit does not descend from an earlier one. A commit that is not
/// in this clone is assumed to be newer.
pub(crate) fn is_rewound(pm: &Pm, was: Oid, now: Oid) -> bool {
    let repo = pm.store.repo();
    was != now && repo.is_commit(now) && !repo.is_ancestor(was, now).unwrap_or(true)
}

/// True if a fetch refspec writes to `refs/pm/`.
fn overwrites_state(refspec: &str) -> bool {
    refspec
        .split_once(':')
        .is_some_and(|(_, to)| to.starts_with("refs/pm/") || to == "refs/*")
}

/// True if a push refspec forces updates of the remote's state.
fn forces_state(refspec: &str) -> bool {
    let Some(forced) = refspec.strip_prefix('+') else {
        return false;
    };
    let to = forced.rsplit(':').next().unwrap_or(forced);
    to.starts_with("refs/pm/") || to == "refs/*"
}
