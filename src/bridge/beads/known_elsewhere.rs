//! Issues that travel in files before their state does: a clone that does not know them would make them a second time.

use super::own_ids::born_here;
use super::read_record::SOURCE;
use super::records_file::Source;
use crate::bridge::content::item_uid;
use crate::coordinate::sync;
use crate::error::Result;
use crate::pm::Pm;
use crate::store::sync::published;

/// Brings the remote's state before an import of records that are unknown here, to a state that has items: another
/// clone may have created and exported them. A remote that cannot be asked stops no import.
///
/// # Errors
/// When the state cannot be read.
pub fn bring(pm: &Pm, source: &Source<'_>) -> Result<()> {
    let state = pm.store.snapshot()?;
    let is_known = |id: &str| {
        state.item(&item_uid(SOURCE, id, 0)).is_some() || born_here(&state, id).is_some()
    };
    let is_first = published::tip(&pm.store)?.is_none();
    if !is_first && source.rows.iter().any(|row| !is_known(&row.id)) {
        pull(pm);
    }
    Ok(())
}

/// Brings the remote's state, if it may be asked. True if it was.
pub fn pull(pm: &Pm) -> bool {
    let remote = pm.main_remote().filter(|_| pm.is_online());
    remote.is_some_and(|remote| sync::pull_from(pm, &remote).is_ok())
}

/// Sends what the remote lacks of the state after an export, as far as that is not for a human to decide: the first push
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
