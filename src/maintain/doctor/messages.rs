//! Messages that were never read, and messages that have not left this clone.

use std::collections::BTreeSet;

use crate::coordinate::message::inbox;
use crate::coordinate::message::read_marks;
use crate::error::Result;
use crate::maintain::doctor::DoctorReport;
use crate::model::stamp::DAY_MS;
use crate::pm::Pm;
use crate::store::layout::Family;
use crate::store::state::State;

/// The age in days at which an undelivered message is reported.
const UNDELIVERED_DAYS: u64 = 1;

pub(super) fn check_messages(pm: &Pm, report: &mut DoctorReport) -> Result<()> {
    let Ok(state) = pm.store.state() else {
        return Ok(());
    };
    let now = pm.now_ms();
    let mailbox = read_marks::mailbox(pm);
    let mail = inbox::mail_health(pm, &state, &mailbox);
    let inbox = Some("git pm msg inbox");
    if mail.old > 0 {
        let message = format!(
            "messages to {} that are more than a week old and unread: {}",
            mailbox.reader.name, mail.old
        );
        report.note("messages", message, inbox);
    }
    if mail.unread > mail.old {
        let message = format!("unread messages: {}", mail.unread - mail.old);
        report.note("messages", message, inbox);
    }
    let waiting = undelivered(pm, &state, now)?;
    if waiting > 0 {
        let message =
            format!("messages more than a day old that have not been pushed yet: {waiting}");
        report.note("messages", message, Some("git pm sync"));
    }
    if mail.unread == 0 && waiting == 0 {
        let text = match mail.notices {
            0 => "none unread or undelivered".into(),
            notices => format!("unread notices: {notices}; `git pm msg inbox` lists them"),
        };
        report.ok("messages", text);
    }
    Ok(())
}

/// The number of old messages that the remote does not have, as last fetched.
fn undelivered(pm: &Pm, state: &State<'_>, now_ms: u64) -> Result<usize> {
    let repo = pm.store.repo();
    let Some(remote) = pm.main_remote() else {
        return Ok(0);
    };
    let is_message = |family: Family| family == Family::Message;
    let mut waiting = BTreeSet::new();
    state.each_doc(is_message, |doc| {
        if doc.birth.ms + UNDELIVERED_DAYS * DAY_MS < now_ms {
            waiting.insert(doc.uid.clone());
        }
    });
    let known = repo.ref_target(&remote.tracking(repo))?;
    if let Some(tip) = known.filter(|_| !waiting.is_empty())
        && let Ok(there) = State::at(repo, tip)
    {
        there.each_doc(is_message, |doc| {
            waiting.remove(&doc.uid);
        });
    }
    Ok(waiting.len())
}
