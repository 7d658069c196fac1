//! The only start of an item in this clone: what lacks its worktree then was killed, and is not being started.

use std::fs::File;
use std::path::PathBuf;

use crate::error::Result;
use crate::model::limits::PUSH_TURN_TIME;
use crate::pm::Pm;
use crate::store::lock;

/// Held by a start until it ends.
pub(super) struct Alone {
    path: PathBuf,
    _lock: File,
}

impl Alone {
    /// Waits for other starts of an item; none if one takes long, or there is no such item.
    ///
    /// # Errors
    /// When there is no state.
    pub fn with(pm: &Pm, id: &str) -> Result<Option<Alone>> {
        let found = pm.store.state()?.find(id).map(|item| item.uid.clone());
        let Ok(uid) = found else { return Ok(None) };
        let (folder, name) = (pm.folder(), format!("start-{uid}.lock"));
        // Without locks, too, it can be started.
        let held = lock::held(&folder, &name, PUSH_TURN_TIME).ok().flatten();
        let path = folder.join(name);
        Ok(held.map(|lock| Alone { path, _lock: lock }))
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
