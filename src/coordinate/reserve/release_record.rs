//! The end of a reservation.

use crate::error::Result;
use crate::model::uid::Uid;
use crate::store::transaction::Tx;

/// Ends a reservation. Returns true if it was open.
pub(crate) fn end_reservation(
    tx: &mut Tx<'_>,
    uid: &Uid,
    reason: &str,
    commit: Option<&str>,
) -> Result<bool> {
    tx.edit(uid, |doc, clock| {
        if !doc.value("ended").is_null() {
            return false;
        }
        if let Some(commit) = commit {
            doc.set("released_commit", commit, clock);
        }
        doc.set("ended", reason, clock)
    })
}
