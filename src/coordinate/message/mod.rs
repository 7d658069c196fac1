//! Messages: notices of the tool, such as a lost claim, or a bypassed or stolen reservation. They
//! are documents of the state, so they are exchanged with it and never conflict. An alarm reports a
//! loss; all others are news.

mod seen;

use serde::Serialize;

use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::prose::{Version, VersionId};
use crate::model::stamp::{DAY_MS, rfc3339};
use crate::model::text;
use crate::model::value::Value;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// A notice of the tool to an actor, such as a lost claim or a bypassed reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoticeView {
    /// Permanent.
    pub uid: String,
    /// `claim-lost`, `claim-ended`, `reservation-lost`, `stop-unheard`, `bypass`, `steal`,
    /// `assigned`, `merged`.
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
const SHOWN_MS: u64 = 7 * DAY_MS;

/// The age up to which alarms that are no longer shown are counted, in milliseconds.
const TOLD_MS: u64 = 30 * DAY_MS;

/// The importance of an alarm.
const ALARM: &str = "high";

/// The importance of everything else.
const NEWS: &str = "normal";

/// The topics that are expected; the recipient of any other notice lost something.
const EXPECTED: [&str; 2] = ["assigned", "merged"];

/// A notice to be sent.
pub(crate) struct Notice {
    /// As in [`NoticeView`].
    pub topic: &'static str,
    /// One line, without the item's id.
    pub subject: String,
    pub body: String,
}

/// Puts a notice to an actor into the state, for one clone of theirs where it matters. The subject
/// begins with the id of the item that it is about.
pub(crate) fn notify(
    tx: &mut Tx<'_>,
    to: &str,
    replica: Option<&str>,
    item: Option<&Item>,
    notice: Notice,
) -> Result<()> {
    let birth = tx.fresh_stamp();
    let mut doc = Doc::new(tx.new_uid()?, "message", "", birth.clone());
    let actor = tx.actor().to_string();
    doc.put("author", "git pm");
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
    let id = VersionId::of(birth, &notice.body);
    let version = Version {
        text: Some(notice.body),
        ..Version::default()
    };
    doc.body.versions.insert(id, version);
    tx.insert(doc)
}

/// The notices to an actor in a clone that are not older than a week, newest first.
pub(crate) fn notices(
    state: &State<'_>,
    actor: &str,
    replica: Option<&str>,
    now_ms: u64,
) -> Vec<NoticeView> {
    let mut found: Vec<(u64, NoticeView)> = state
        .messages_to(actor, now_ms.saturating_sub(SHOWN_MS))
        .into_iter()
        .filter(|doc| is_to(doc, actor, replica))
        .map(|doc| {
            let text = |name: &str| doc.text(name).unwrap_or_default().to_string();
            let item = doc
                .text("item")
                .map(|i| state.shown_ref(&crate::model::id::ItemRef::parse(i)));
            let view = NoticeView {
                uid: doc.uid.to_string(),
                topic: text("topic"),
                alarm: is_alarm(doc),
                actor: text::actor(&text("on_behalf_of")),
                subject: text("subject"),
                item,
                body: doc.body.shown().to_string(),
                created_at: text("created_at"),
            };
            (doc.birth.ms, view)
        })
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.uid.cmp(&b.1.uid)));
    found.into_iter().map(|(_, view)| view).collect()
}

/// The number of alarms to an actor in a clone that are too old to be shown and at most a month
/// old.
pub(crate) fn expired(state: &State<'_>, actor: &str, replica: Option<&str>, now_ms: u64) -> usize {
    state
        .message_docs()
        .values()
        .filter(|l| is_to(&l.doc, actor, replica) && is_alarm(&l.doc))
        .filter(|l| l.doc.birth.ms.saturating_add(SHOWN_MS) <= now_ms)
        .filter(|l| l.doc.birth.ms.saturating_add(TOLD_MS) > now_ms)
        .count()
}

/// True if a notice is an alarm: all but news.
fn is_alarm(doc: &Doc) -> bool {
    doc.text("importance") != Some(NEWS)
}

/// True if a message is a notice to an actor in a clone.
fn is_to(doc: &Doc, actor: &str, replica: Option<&str>) -> bool {
    let here = match doc.text("to_replica") {
        Some(meant) => Some(meant) == replica,
        None => true,
    };
    here && doc.contains("to", actor) && doc.text("topic").is_some()
}
