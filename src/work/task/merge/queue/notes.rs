//! Records on a task the reason why the queue left it out, and notifies its owner.

use std::collections::BTreeSet;

use super::report::LeftOut;
use crate::coordinate::message::{self, Notice};
use crate::error::Result;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::secret;
use crate::store::transaction::Tx;
use crate::work::task::edit;
use crate::work::task::merge::gate_result;
use crate::work::task::transition::require_item;
use crate::work::task::work_commit::short;

/// Records that an item was left out because of its own work, comments on it and notifies its owner; once
/// for each reason and commit of its branch. If that fails, the item is still left out.
pub(super) fn note_left_out(pm: &Pm, uid: &Uid, tip: &str, left: &LeftOut) -> bool {
    match write_note(pm, uid, tip, left) {
        Ok(written) => written,
        Err(error) => {
            let (id, why) = (&left.id, error.message());
            pm.notice(format!(
                "the reason why {id} was not merged could not be recorded: {why}"
            ));
            false
        }
    }
}

fn write_note(pm: &Pm, uid: &Uid, tip: &str, left: &LeftOut) -> Result<bool> {
    let text = secret::redacted(&left.text).0;
    let (first, more) = text.split_once('\n').unwrap_or((&text, ""));
    let first = format!("Merge queue, at {}: {first}", short(tip));
    let whole = format!("{first}\n{more}");
    let mut written = false;
    let stage = |tx: &mut Tx<'_>| -> Result<()> {
        written = false;
        let item = require_item(&tx.state, uid)?;
        let mut comments = tx.state.comments_on(uid).into_iter();
        if comments.any(|doc| doc.body.shown().lines().next() == Some(first.as_str())) {
            return Ok(());
        }
        gate_result::put_failed(tx, uid, tip, &text)?;
        edit::comment_in(tx, uid.as_str(), whole.trim_end())?;
        let finished_by = tx.state.doc(uid).and_then(|doc| doc.text("finished_by"));
        let named = [finished_by, item.owner(), item.assignee.as_deref()];
        let owners: BTreeSet<String> = (named.into_iter().flatten())
            .filter(|name| *name != tx.actor())
            .map(str::to_string)
            .collect();
        for owner in owners {
            let notice = Notice {
                topic: "left-out",
                subject: "left out of the merge queue".into(),
                body: whole.trim_end().to_string(),
            };
            message::notify(tx, &owner, None, Some(&item), notice)?;
        }
        written = true;
        Ok(())
    };
    pm.store.write(&pm.named_writer("task comment")?, stage)?;
    Ok(written)
}
