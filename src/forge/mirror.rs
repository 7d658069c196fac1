//! What a document says about its mirror: the number there, and what both sides last agreed on.

use serde_json::Value as Json;

use super::three_way::Fields;
use crate::model::doc::Doc;
use crate::model::stamp::{Clock, Stamp};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::read_document::Loaded;
use crate::store::state::Docs;

// Its entries are named by [`super::ForgeLink::key`].
pub(crate) use crate::model::issue_name::MIRRORS;

/// The time after which an intent of another clone, of which nothing was heard, no longer counts, in milliseconds.
const INTENT_MS: u64 = 15 * 60 * 1000;

/// The mirror of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Mirror {
    /// Its number in the repository (of a comment: that of its issue); none while it is only intended.
    pub(crate) number: Option<u64>,
    /// Its id in the forge's database.
    pub(crate) id: Option<u64>,
    /// What both sides last agreed on.
    pub(crate) seen: Fields,
    /// What the forge has instead, where both sides changed.
    pub(crate) theirs: Fields,
    /// What the forge did not take as it was sent: not sent again while it is the same here.
    pub(crate) refused: Fields,
    /// It is no longer there.
    pub(crate) gone: bool,
    /// The clone that makes it, and since when, in milliseconds since the Unix epoch.
    pub(crate) intent: Option<(String, u64)>,
}

impl Mirror {
    /// The mirror of a document in a repository.
    pub(crate) fn of(doc: &Doc, key: &str) -> Option<Mirror> {
        let entry = doc.entries(MIRRORS).find(|(id, _)| *id == key)?.1;
        let number = |name: &str| u64::try_from(entry.value(name).as_int()?).ok();
        let fields = |name: &str| match entry.value(name) {
            Value::Json(Json::Object(fields)) => fields.clone(),
            _ => Fields::new(),
        };
        let intent = entry.text("intent").map(|replica| {
            let at = entry.regs.get("intent").map_or(0, |reg| reg.stamp.ms);
            (replica.to_string(), at)
        });
        Some(Mirror {
            number: number("number"),
            id: number("id"),
            seen: fields("seen"),
            theirs: fields("theirs"),
            refused: fields("refused"),
            gone: entry.value("gone").is_true(),
            intent,
        })
    }

    /// That of something that is there.
    pub(crate) fn made(number: u64, id: u64, seen: Fields) -> Mirror {
        Mirror {
            number: Some(number),
            id: Some(id),
            seen,
            ..Mirror::default()
        }
    }

    /// The mirrors of documents in a repository.
    pub(crate) fn all<'d>(
        docs: &'d Docs,
        key: &str,
    ) -> impl Iterator<Item = (&'d Uid, &'d Loaded, Mirror)> {
        docs.iter()
            .filter_map(move |(uid, loaded)| Some((uid, loaded, Mirror::of(&loaded.doc, key)?)))
    }

    /// Writes the mirror; true if that changed anything.
    pub(crate) fn write(&self, doc: &mut Doc, key: &str, clock: &Clock, fresh: Stamp) -> bool {
        doc.write_entry(MIRRORS, key, fresh, self.registers(), clock)
    }

    /// Writes an intent as a new one, also if it is there already: its time counts.
    pub(crate) fn renew(&self, doc: &mut Doc, key: &str, clock: &Clock, fresh: Stamp) -> bool {
        let cleared = Mirror::default().write(doc, key, clock, fresh.clone());
        self.write(doc, key, clock, fresh) || cleared
    }

    /// Puts the mirror into a new document.
    pub(crate) fn put(&self, doc: &mut Doc, key: &str) {
        let birth = doc.birth.clone();
        doc.add_entry(MIRRORS, key, birth, &self.registers());
    }

    fn registers(&self) -> [(&'static str, Value); 7] {
        let number = |value: Option<u64>| {
            let value = value.and_then(|value| i64::try_from(value).ok());
            value.map_or(Value::Null, Value::Int)
        };
        let fields = |fields: &Fields| match fields.is_empty() {
            true => Value::Null,
            false => Value::from_json(Json::Object(fields.clone())),
        };
        let intent = self.intent.as_ref().map(|(replica, _)| replica.as_str());
        [
            ("number", number(self.number)),
            ("id", number(self.id)),
            ("seen", fields(&self.seen)),
            ("theirs", fields(&self.theirs)),
            ("refused", fields(&self.refused)),
            ("gone", Value::from(self.gone.then_some(true))),
            ("intent", Value::from(intent)),
        ]
    }

    /// True if this clone may make the issue or comment.
    pub(crate) fn may_make(mirror: Option<&Mirror>, replica: &str, now_ms: u64) -> bool {
        let Some(mirror) = mirror else { return true };
        let is_free = match &mirror.intent {
            Some((by, at)) => by == replica || at + INTENT_MS < now_ms,
            None => true,
        };
        mirror.number.is_none() && !mirror.gone && is_free
    }
}
