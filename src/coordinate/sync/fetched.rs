//! Joins the state that a plain `git fetch` brought: what this clone has been told counts here.

use super::{known_tip, notice_vanished};
use crate::error::Result;
use crate::pm::Pm;
use crate::store::shared_files;

/// Joins what the tracking ref of the state's remote has, without the network. One ref is compared
/// when nothing is new. A failure is left to `git pm sync`, which reports it: a command goes on with
/// the state of this clone.
pub(crate) fn merge(pm: &Pm) {
    let _ = merged(pm);
}

fn merged(pm: &Pm) -> Result<()> {
    let Some(remote) = pm.main_remote() else {
        return Ok(());
    };
    let (Some(theirs), Some(ours)) = (known_tip(pm, &remote)?, pm.store.tip()?) else {
        return Ok(());
    };
    // The tip that was looked at last.
    let mark = pm.store.folder().join("fetched");
    let seen = std::fs::read_to_string(&mark).unwrap_or_default();
    if theirs == ours || seen == theirs.to_string() {
        return Ok(());
    }
    let repo = pm.store.repo();
    if !repo.is_ancestor(theirs, ours)? {
        let before = repo.parse_id(&seen);
        let what = format!("what git fetched from {}", remote.shown());
        match pm.store.require_state(&what, theirs) {
            Ok(()) => {
                pm.store.join_tracked(&remote, theirs, before)?;
                notice_vanished(pm, &remote, [Some(ours), before], Some(theirs))?;
            }
            // It stays unfit, and is said once.
            Err(unfit) => pm.notice(format!("{}, so it was not merged", unfit.message())),
        }
    }
    let _ = std::fs::write(&mark, theirs.to_string());
    shared_files::share(&mark);
    Ok(())
}
