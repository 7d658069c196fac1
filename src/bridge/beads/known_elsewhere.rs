//! What travels in a file before the state does: a clone that does not know it would make it a second time.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::{past_exports, past_imports};
use crate::coordinate::sync;
use crate::error::Result;
use crate::pm::Pm;
use crate::store::sync::published;

/// Brings the remote's state before an import, unless this clone knows the file, or nothing is there: another clone may
/// have written what it says. A remote that cannot be asked stops no import.
///
/// # Errors
/// When the state cannot be read.
pub fn bring(pm: &Pm, file: Option<&Path>) -> Result<()> {
    let is_known = file.is_some_and(|file| is_known(pm, file));
    if !is_known && published::tip(&pm.store)?.is_some() {
        pull(pm);
    }
    Ok(())
}

/// True if a file is one that this clone imported or exported.
fn is_known(pm: &Pm, file: &Path) -> bool {
    is_exported(pm, file) || is_one_of(&past_imports::of_file(pm, file), file)
}

/// True if a file is as this clone exported it.
pub fn is_exported(pm: &Pm, file: &Path) -> bool {
    is_one_of(&past_exports::all(pm), file)
}

fn is_one_of(copies: &[PathBuf], file: &Path) -> bool {
    let Ok(mut present) = File::open(file) else {
        return false;
    };
    let mut copies = copies.iter();
    copies.any(|copy| past_exports::is_equal(&mut present, copy))
}

/// Brings the remote's state, if it may be asked. True if it was.
pub fn pull(pm: &Pm) -> bool {
    let remote = pm.main_remote().filter(|_| pm.is_online());
    remote.is_some_and(|remote| sync::pull_from(pm, &remote).is_ok())
}

/// Sends what the remote lacks of the state before an export, as far as that is not for a human to decide: the first push
/// is. Where the file is imported, all that it says is known then.
///
/// # Errors
/// When the state cannot be read.
pub fn send(pm: &Pm) -> Result<()> {
    let known = pm.main_remote().map(|remote| sync::known_tip(pm, &remote));
    if let Some(known) = known.transpose()?
        && known != Some(pm.store.require_tip()?)
    {
        sync::try_agreed(pm);
    }
    Ok(())
}
