//! What a merge hears first from the remote: an approval may have been taken back, the work stopped,
//! or a rule made stricter.

use crate::coordinate::SyncMode;
use crate::pm::Pm;
use crate::store::sync::remote::{Remote, by_own_config};

impl Pm {
    /// Takes in what others wrote, and returns whether the remote answered. One that cannot be asked
    /// does not stop a merge, nor does a human who wants none to be asked; but that is said. For an
    /// agent neither an option, a setting nor the environment has a say in it.
    pub(super) fn hear_of_withdrawals(&self) -> bool {
        let asked = self.main_remote();
        if self.actor.is_agent {
            let own = self.own_remote();
            let other = asked.filter(|asked| Some(asked) != own.as_ref());
            let heard = own.is_none_or(|own| self.ask(&own));
            return other.is_none_or(|other| self.ask(&other)) && heard;
        }
        let Some(remote) = asked else {
            return false;
        };
        let why = match self.sync_mode() {
            _ if self.options.offline => "--offline",
            SyncMode::Manual => "pm.sync=manual",
            _ => return self.ask(&remote),
        };
        self.notice(format!(
            "{} was not asked whether the approval stands ({why})",
            remote.shown()
        ));
        false
    }

    fn ask(&self, remote: &Remote) -> bool {
        let env = self.store.env();
        let configured = ["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"]
            .iter()
            .any(|name| env.var(name).is_some());
        // What the environment says of git's configuration may be what the remote is reached by; where
        // it is reached without, nothing sends the question elsewhere.
        let done = match configured && self.actor.is_agent {
            true => by_own_config(&self.store, || self.pull_from(remote))
                .or_else(|_| self.pull_from(remote)),
            false => self.pull_from(remote),
        };
        if let Err(error) = &done {
            self.notice(format!(
                "{} could not be asked whether the approval stands: {}",
                remote.shown(),
                error.message()
            ));
        }
        done.is_ok()
    }
}
