//! What a merge asks the remote before.
//!
//! An approval may have been withdrawn, the work stopped, or a rule made stricter.

use crate::coordinate::sync;
use crate::error::{Error, Hint, Kind, Result};
use crate::model::settings::SyncMode;
use crate::pm::Pm;
use crate::store::layout::PUBLISHED;
use crate::store::remote_names::Remote;
use crate::store::sync::network::by_own_config;

/// The time a remote may take to answer, in seconds.
const ANSWER_SECONDS: u64 = 30;

/// Joins the remote's state, and returns whether the remote answered. One that cannot be
/// queried does not stop a merge, nor does a human who wants none to be queried; but a notice
/// reports it. For an agent, no option, setting or variable of git decides whether the clone's
/// own remote is queried; other things (`PATH`, `HOME`, proxies, keys) decide whether it can be
/// reached.
///
/// # Errors
/// When the remote answered an agent and its state could not be joined here, or it has lost the
/// state.
pub(super) fn join_remote_first(pm: &Pm) -> Result<bool> {
    let asked = pm.main_remote();
    if pm.actor.is_agent {
        let own = pm.own_remote();
        let other = asked.filter(|asked| Some(asked) != own.as_ref());
        let heard = own.map_or(Ok(true), |own| ask(pm, &own, true))?;
        return Ok(other.map_or(Ok(true), |other| ask(pm, &other, false))? && heard);
    }
    let Some(remote) = asked else {
        return Ok(false);
    };
    let why = match pm.sync_mode() {
        _ if pm.options.offline => "--offline",
        SyncMode::Manual => "pm.sync=manual",
        _ => return ask(pm, &remote, false),
    };
    pm.notice(format!(
        "{} was not asked whether the approval is still valid ({why})",
        remote.shown()
    ));
    Ok(false)
}

/// Queries one remote; `required` is set if its answer has to be joined.
fn ask(pm: &Pm, remote: &Remote, required: bool) -> Result<bool> {
    // The remote may be reachable only by the environment's variables for git; where it is
    // reachable without them, they cannot redirect the query.
    let swayed = pm.actor.is_agent && pm.store.repo().git().is_swayed();
    let mut unreached = match swayed {
        true => by_own_config(&pm.store, || join(pm, remote, required))?,
        false => join(pm, remote, required)?,
    };
    if swayed && unreached.is_some() {
        unreached = join(pm, remote, required)?;
    }
    if let Some(error) = &unreached {
        pm.notice(format!(
            "{} could not be asked whether the approval is still valid: {}",
            remote.shown(),
            error.message()
        ));
    }
    Ok(unreached.is_none())
}

/// Joins a remote's state; returns the reason if that was not possible. Where it is `required`,
/// a remote that answers a second query was reached, whatever error came first: an agent can
/// block the join with a file.
fn join(pm: &Pm, remote: &Remote, required: bool) -> Result<Option<Error>> {
    let had = required && had_the_state(pm, remote)?;
    let shown = remote.shown();
    let unknown = "so it is unknown whether the approval is still valid";
    let error = match sync::pull_from(pm, remote) {
        Ok(false) if had => {
            return Err(Error::refused(format!(
                "{shown} responds, but no longer has the state, {unknown}"
            ))
            .hint(Hint::run(
                ["sync"],
                "pushes this clone's state to it; then run this command again",
            )));
        }
        Ok(_) => return Ok(None),
        Err(error) => error,
    };
    if !required || remote.tip_there(&pm.store, ANSWER_SECONDS).is_err() {
        return Ok(Some(error));
    }
    let kind = match error.kind() {
        Kind::Remote => Kind::State,
        kind => kind,
    };
    let why = format!(
        "{shown} responds, but its state cannot be merged here, {unknown}: {}",
        error.message()
    );
    let of_remote = error.kind() == Kind::Remote;
    let refused = error
        .reworded(why)
        .of_kind(kind)
        .hints_where(|_| !of_remote);
    Err(refused.hint(Hint::run(["sync"], "merges it once the cause is fixed")))
}

/// True if a remote, or another one in its place, had the state as far as this clone knows.
fn had_the_state(pm: &Pm, remote: &Remote) -> Result<bool> {
    let known = sync::known_tip(pm, remote)?;
    Ok(known.is_some() || pm.store.repo().ref_target(PUBLISHED)?.is_some())
}
