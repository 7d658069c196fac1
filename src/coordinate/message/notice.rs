//! Notices of the tool: which are alarms and which are news, and for how long they are shown.
//!
//! An example is a lost claim, or a bypassed or stolen reservation. They are messages, so they are
//! exchanged with the state and never conflict. An alarm reports a loss; all others are news.
//! `status` and `sync` show unread ones in full: news once; alarms once in `sync`, and in `status` until
//! they are read in the inbox or acknowledged.

use schemars::JsonSchema;
use serde::Serialize;

use super::TEXT_MAX;
use super::subject::present_subject;
use crate::coordinate::message::read_marks;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::message;
use crate::model::stamp::{DAY_MS, rfc3339};
use crate::model::text;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::StateHandle;
use crate::store::index::Mail;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// A notice of the tool to an actor, such as a lost claim or a bypassed reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NoticeView {
    /// Permanent.
    pub uid: String,
    /// `claim-lost`, `claim-ended`, `reservation-lost`, `stop-unheard`, `words-kept`, `bypass`, `steal`,
    /// `left-out` (of the merge queue), `overridden`, `assigned`, `merged`, `changed`,
    /// `returned`, `renumbered`.
    pub topic: String,
    /// Set if the notice reports a loss: it is shown for a week, or until `git pm status --ack`.
    /// All others are shown once.
    pub alarm: bool,
    /// The actor whose command sent it.
    pub actor: String,
    /// One line: `[T-0012] …`.
    pub subject: String,
    /// The item it is about.
    pub item: Option<String>,
    /// The text.
    pub body: String,
    /// RFC 3339.
    pub created_at: String,
}

/// The time for which `status` shows an alarm, in milliseconds.
pub(super) const SHOWN_MS: u64 = 7 * DAY_MS;

/// The importance of an alarm.
const ALARM: &str = "high";

/// The importance of everything else.
const NEWS: &str = "normal";

/// The topics that are expected; the recipient of any other notice lost something.
const EXPECTED: [&str; 5] = ["assigned", "merged", "changed", "returned", RENUMBERED];

/// The one of them whose sender need not have done it: the clone that settles numbers tells the author.
pub(crate) const RENUMBERED: &str = "renumbered";

/// The mark of an alarm that a sync has shown.
const TOLD: &str = "told";

/// A notice to be sent.
pub(crate) struct Notice {
    /// As in [`NoticeView`].
    pub topic: &'static str,
    /// One line, without the item's id.
    pub subject: String,
    pub body: String,
}

/// Adds a notice for an actor to the state, addressed to one of their clones if only that one is
/// affected. The subject begins with the id of the item that it is about.
pub(crate) fn notify(
    tx: &mut Tx<'_>,
    to: &str,
    replica: Option<&str>,
    item: Option<&Item>,
    notice: Notice,
) -> Result<()> {
    // An agent may act under the recipient's name.
    let is_known = EXPECTED.contains(&notice.topic) && notice.topic != RENUMBERED;
    if is_known && tx.actor() == to && tx.agent().is_none() {
        return Ok(());
    }
    let birth = tx.fresh_stamp();
    let mut doc = Doc::new(tx.new_uid()?, message::KIND, "", birth);
    let actor = tx.actor().to_string();
    doc.put("author", message::TOOL);
    doc.put("on_behalf_of", actor);
    doc.put("created_at", rfc3339(tx.clock().wall_ms()));
    let is_news = EXPECTED.contains(&notice.topic);
    doc.put("importance", if is_news { NEWS } else { ALARM });
    doc.put("topic", notice.topic);
    doc.put_element("to", to);
    doc.put("to_replica", Value::from(replica));
    let subject = match item {
        Some(item) => {
            doc.put("item", item.reference().to_string());
            format!("[{}] {}", tx.state.shown_id(item), notice.subject)
        }
        None => notice.subject,
    };
    doc.put("subject", subject);
    doc.put_body(&notice.body);
    tx.insert(doc)
}

impl StateHandle<'_> {
    /// Records that these notices were shown to the actor: those that are not alarms are not shown
    /// again, and alarms no more by `sync`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn note_shown(&self, notices: &[NoticeView]) -> Result<()> {
        let marks = notices.iter().map(|notice| match notice.alarm {
            true => format!("{}/{TOLD}", notice.uid),
            false => notice.uid.clone(),
        });
        let marks: Vec<String> = marks.collect();
        read_marks::mark_read(self.pm, marks.iter().map(String::as_str))
    }

    /// Records that the actor acknowledged these notices: none of them is shown again.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn acknowledge(&self, notices: &[NoticeView]) -> Result<()> {
        read_marks::mark_read(self.pm, notices.iter().map(|notice| notice.uid.as_str()))
    }
}

/// The unread notices to the actor that were not shown yet and are not older than a week, newest first.
pub(crate) fn notices_to_me(pm: &Pm, state: &State<'_>) -> Vec<NoticeView> {
    let mailbox = read_marks::mailbox(pm);
    let mut found = notices_among(pm, state, &read_marks::unread(state, &mailbox));
    found.retain(|one| !mailbox.marks.has(&format!("{}/{TOLD}", one.uid)));
    found
}

/// The notices among unread mail that are not older than a week, newest first.
pub(crate) fn notices_among(pm: &Pm, state: &State<'_>, unread: &[Mail]) -> Vec<NoticeView> {
    let oldest = pm.now_ms().saturating_sub(SHOWN_MS);
    let notices = unread.iter().rev().filter(|m| m.notice && m.ms > oldest);
    let docs = notices.filter_map(|mail| state.doc(&mail.uid));
    docs.map(|doc| notice_view(state, doc)).collect()
}

fn notice_view(state: &State<'_>, doc: &Doc) -> NoticeView {
    let text = |name: &str| text::head(doc.text(name).unwrap_or_default(), TEXT_MAX).to_string();
    NoticeView {
        uid: doc.uid.to_string(),
        topic: text("topic"),
        alarm: is_alarm(doc),
        actor: text::actor(message::author(doc)),
        subject: text::head(&present_subject(state, doc), TEXT_MAX).to_string(),
        item: message::item(doc).map(|item| state.shown_ref(&item)),
        body: text::head(doc.body.shown(), TEXT_MAX).to_string(),
        created_at: text("created_at"),
    }
}

/// Notifies the actor assigned to an item that another actor changed its status, and its holder
/// unless another notice does; `what` follows the actor's name in the text.
pub(crate) fn tell_owners(tx: &mut Tx<'_>, item: &Item, holder: bool, what: &str) -> Result<()> {
    let holder = item.holder().filter(|_| holder).map(|c| c.actor.as_str());
    let told_otherwise = item.holder().map(|c| c.actor.as_str());
    let assignee = item.assignee.as_deref();
    let assignee = assignee.filter(|name| told_otherwise != Some(*name));
    for owner in [holder, assignee].into_iter().flatten() {
        if owner != tx.actor() {
            let notice = Notice {
                topic: "changed",
                subject: format!("{} {what}", tx.actor()),
                body: String::new(),
            };
            notify(tx, owner, None, Some(item), notice)?;
        }
    }
    Ok(())
}

/// True if a notice is an alarm: all but news.
pub(crate) fn is_alarm(doc: &Doc) -> bool {
    doc.text("importance") != Some(NEWS)
}
