//! Queries the remote before a merge: an approval may have been withdrawn, the work stopped, or a
//! rule made stricter.

use crate::error::{Error, Hint, Kind, Result};
use crate::model::settings::SyncMode;
use crate::pm::Pm;
use crate::store::layout::PUBLISHED;
use crate::store::remote_names::Remote;
use crate::store::sync::network::by_own_config;

/// The time a remote may take to answer, in seconds.
const ANSWER_SECONDS: u64 = 30;

impl Pm {
    /// Joins the remote's state, and returns whether the remote answered. One that cannot be
    /// queried does not stop a merge, nor does a human who wants none to be queried; but a notice
    /// reports it. For an agent, no option, setting or variable of git decides whether the clone's
    /// own remote is queried; other things (`PATH`, `HOME`, proxies, keys) decide whether it can be
    /// reached.
    ///
    /// # Errors
    /// When the remote answered an agent and its state could not be joined here, or it has lost the
    /// state.
    pub(super) fn join_remote_first(&self) -> Result<bool> {
        let asked = self.main_remote();
        if self.actor.is_agent {
            let own = self.own_remote();
            let other = asked.filter(|asked| Some(asked) != own.as_ref());
            let heard = own.map_or(Ok(true), |own| self.ask(&own, true))?;
            return Ok(other.map_or(Ok(true), |other| self.ask(&other, false))? && heard);
        }
        let Some(remote) = asked else {
            return Ok(false);
        };
        let why = match self.sync_mode() {
            _ if self.options.offline => "--offline",
            SyncMode::Manual => "pm.sync=manual",
            _ => return self.ask(&remote, false),
        };
        self.notice(format!(
            "{} was not asked whether the approval is still valid ({why})",
            remote.shown()
        ));
        Ok(false)
    }

    /// Queries one remote; `required` is set if its answer has to be joined.
    fn ask(&self, remote: &Remote, required: bool) -> Result<bool> {
        // The remote may be reachable only by the environment's variables for git; where it is
        // reachable without them, they cannot redirect the query.
        let swayed = self.actor.is_agent && self.store.repo().git().is_swayed();
        let mut unreached = match swayed {
            true => by_own_config(&self.store, || self.join(remote, required))?,
            false => self.join(remote, required)?,
        };
        if swayed && unreached.is_some() {
            unreached = self.join(remote, required)?;
        }
        if let Some(error) = &unreached {
            self.notice(format!(
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
    fn join(&self, remote: &Remote, required: bool) -> Result<Option<Error>> {
        let had = required && self.had_the_state(remote)?;
        let shown = remote.shown();
        let unknown = "so it is unknown whether the approval is still valid";
        let error = match self.pull_from(remote) {
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
        if !required || remote.tip_there(&self.store, ANSWER_SECONDS).is_err() {
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
    fn had_the_state(&self, remote: &Remote) -> Result<bool> {
        let known = self.known_tip(remote)?;
        Ok(known.is_some() || self.store.repo().ref_target(PUBLISHED)?.is_some())
    }
}
