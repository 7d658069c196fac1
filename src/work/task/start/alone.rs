//! The only start of an item in this clone: what lacks its worktree then was killed, and is not being started.

use std::fs::File;

use crate::error::Result;
use crate::model::limits::PUSH_TURN_TIME;
use crate::pm::Pm;
use crate::store::lock;

/// Waits for other starts of an item; the file is held until it is dropped. None if one takes long, or there is
/// no such item. Files are shared by items and stay: one that was removed is a lock that others do not see.
///
/// # Errors
/// When there is no state.
pub(super) fn alone(pm: &Pm, id: &str) -> Result<Option<File>> {
    let found = pm.store.state()?.find(id).map(|item| item.uid.clone());
    let Ok(uid) = found else { return Ok(None) };
    let name = format!("start-{}.lock", uid.suffix(2));
    // Without locks, too, it can be started.
    let held = lock::held(&pm.folder(), &name, PUSH_TURN_TIME);
    Ok(held.ok().flatten())
}
