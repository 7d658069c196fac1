//! What a merge hears first from the remote: an approval may have been taken back, the work stopped,
//! or a rule made stricter.

use crate::error::{Error, Kind, Result};
use crate::model::settings::SyncMode;
use crate::pm::Pm;
use crate::store::layout::PUBLISHED;
use crate::store::remote_names::Remote;
use crate::store::sync::network::by_own_config;

/// How long a remote may take to say whether it is there, in seconds.
const ANSWER_SECONDS: u64 = 30;

impl Pm {
    /// Takes in what others wrote, and returns whether the remote answered. One that cannot be asked
    /// does not stop a merge, nor does a human who wants none to be asked; but that is said. For an
    /// agent neither an option, a setting nor a variable of git's has a say in whether the clone's own
    /// remote is asked; what else decides whether that can be reached (`PATH`, `HOME`, proxies, keys) has.
    ///
    /// # Errors
    /// When the remote answered an agent and what it has could not be taken in here, or it has lost it.
    pub(super) fn hear_of_withdrawals(&self) -> Result<bool> {
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
            "{} was not asked whether the approval stands ({why})",
            remote.shown()
        ));
        Ok(false)
    }

    /// Asks one remote; `required` tells whether its answer has to be taken in, if it gives one.
    fn ask(&self, remote: &Remote, required: bool) -> Result<bool> {
        // What the environment says to git may be what the remote is reached by; where it is reached
        // without, nothing sends the question elsewhere.
        let swayed = self.actor.is_agent && self.store.repo().git().is_swayed();
        let mut unreached = match swayed {
            true => by_own_config(&self.store, || self.hear(remote, required))?,
            false => self.hear(remote, required)?,
        };
        if swayed && unreached.is_some() {
            unreached = self.hear(remote, required)?;
        }
        if let Some(error) = &unreached {
            self.notice(format!(
                "{} could not be asked whether the approval stands: {}",
                remote.shown(),
                error.message()
            ));
        }
        Ok(unreached.is_none())
    }

    /// Takes in what a remote has; returns why that was not possible. Where it is `required`, a remote
    /// that answers a second question was reached, whatever went wrong: an agent can put a file in the
    /// way of what is taken in.
    fn hear(&self, remote: &Remote, required: bool) -> Result<Option<Error>> {
        let had = required && self.had_the_state(remote)?;
        let shown = remote.shown();
        let unknown = "so whether the approval stands is not known";
        let error = match self.pull_from(remote) {
            Ok(false) if had => {
                return Err(Error::refused(format!(
                    "{shown} answers without the state that it had, {unknown}"
                ))
                .hint("`git pm sync` gives it what this clone has; then run it again"));
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
            "{shown} answers, but what it has cannot be taken in here, {unknown}: {}",
            error.message()
        );
        let of_remote = error.kind() == Kind::Remote;
        let refused = error
            .reworded(why)
            .of_kind(kind)
            .hints_where(|_| !of_remote);
        Err(refused.hint("`git pm sync` takes it in once nothing stands in the way"))
    }

    /// Whether a remote, or another one in its place, had the state as far as this clone knows.
    fn had_the_state(&self, remote: &Remote) -> Result<bool> {
        let known = self.known_tip(remote)?;
        Ok(known.is_some() || self.store.repo().ref_target(PUBLISHED)?.is_some())
    }
}
