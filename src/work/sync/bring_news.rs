//! Fetches the remote's changes for commands that wait for work or for messages.

use crate::coordinate::sync;
use crate::error::{Kind, Result};
use crate::pm::Pm;
use crate::work::task::start::missing_work;

/// The maximum time for the remote to answer, in seconds.
const ANSWER_SECONDS: u64 = 15;

/// Joins the remote's state if it is new to this clone, and returns whether it was.
pub(crate) fn bring_news(pm: &Pm) -> Result<bool> {
    let Some(remote) = pm.main_remote() else {
        return Ok(false);
    };
    if !pm.is_online() {
        return Ok(false);
    }
    let known = sync::known_tip(pm, &remote)?;
    // A `git fetch` by the user may have brought it without a join.
    let joined = match known {
        Some(known) => {
            let tip = pm.store.require_tip()?;
            pm.store.repo().is_ancestor(known, tip)?
        }
        None => false,
    };
    let news = match remote.tip_there(&pm.store, ANSWER_SECONDS) {
        Ok(None) => Ok(false),
        Ok(there) if there == known && joined => Ok(false),
        Ok(_) => pm.state().pull(&[]).map(|_| true),
        Err(error) => Err(error),
    };
    if matches!(news, Ok(true)) {
        missing_work::fetch_reached(pm)?;
    }
    match news {
        Err(error) if error.kind() == Kind::Remote => {
            pm.notice(format!("{}; still waiting", error.message()));
            Ok(false)
        }
        other => other,
    }
}
