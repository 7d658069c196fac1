//! Fetches the remote's changes for commands that wait for work or for messages.

use crate::error::{Kind, Result};
use crate::pm::Pm;

/// The maximum time for the remote to answer, in seconds.
const ANSWER_SECONDS: u64 = 15;

impl Pm {
    /// Joins the remote's state if it is new to this clone, and returns whether it was.
    pub(crate) fn bring_news(&self) -> Result<bool> {
        let Some(remote) = self.main_remote() else {
            return Ok(false);
        };
        if !self.is_online() {
            return Ok(false);
        }
        let known = self.known_tip(&remote)?;
        // A `git fetch` by the user may have brought it without a join.
        let joined = match known {
            Some(known) => {
                let tip = self.store.require_tip()?;
                self.store.repo().is_ancestor(known, tip)?
            }
            None => false,
        };
        let news = match remote.tip_there(&self.store, ANSWER_SECONDS) {
            Ok(None) => Ok(false),
            Ok(there) if there == known && joined => Ok(false),
            Ok(_) => self.state().pull(&[]).map(|_| true),
            Err(error) => Err(error),
        };
        if matches!(news, Ok(true)) {
            self.fetch_reached()?;
        }
        match news {
            Err(error) if error.kind() == Kind::Remote => {
                self.notice(format!("{}; still waiting", error.message()));
                Ok(false)
            }
            other => other,
        }
    }
}
