//! Joins the state that a plain `git fetch` brought: what this clone has been told counts here.

use super::sync_report::SyncReport;
use super::{known_tip, notice_vanished, tell_losses};
use crate::coordinate::claim::renumber::tell_former;
use crate::error::Result;
use crate::pm::Pm;
use crate::store::generation::raises_of;
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
    let Some(theirs) = known_tip(pm, &remote)? else {
        return Ok(());
    };
    // The tip that was looked at last.
    let mark = pm.store.fetched_mark();
    let seen = std::fs::read_to_string(&mark).unwrap_or_default();
    let repo = pm.store.repo();
    // Refs alone, as most commands read no commit.
    if repo.parse_id(&seen) == Some(theirs) || repo.ref_target(pm.store.main_ref())? == Some(theirs)
    {
        return Ok(());
    }
    let Some(ours) = pm.store.tip()? else {
        return Ok(());
    };
    if !repo.is_ancestor(theirs, ours)? {
        let before = repo.parse_id(&seen);
        let what = format!("what git fetched from {}", remote.shown());
        let raises = |id| repo.commit(id).map(|commit| raises_of(repo, &commit));
        match pm.store.require_state(&what, theirs) {
            // Where the history was cut, an exchange settles which one stays.
            Ok(()) if raises(theirs)? != raises(ours)? => {}
            Ok(()) => {
                let joined = pm.store.join_tracked(&remote, theirs, before)?;
                notice_vanished(pm, &remote, [Some(ours), before], Some(theirs))?;
                let mut report = SyncReport::default();
                tell_former(pm, &mut report.renumbered, [ours, joined])?;
                tell_losses(pm, &report);
            }
            // It stays unfit, and is said once.
            Err(unfit) => pm.notice(format!("{}, so it was not merged", unfit.message())),
        }
    }
    let _ = std::fs::write(&mark, theirs.to_string());
    shared_files::share(&mark);
    Ok(())
}
