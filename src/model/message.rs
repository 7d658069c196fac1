//! A message: the typed view of its document.
//!
//! Any program can write such a document, so every field may be missing or hold anything; reading one
//! never fails.

use schemars::JsonSchema;
use serde::Serialize;

use super::doc::Doc;
use super::id::ItemRef;
use super::stamp::Stamp;
use super::uid::Uid;

/// The kind of message documents.
pub const KIND: &str = "message";

/// The recipient that means every actor.
pub const ALL: &str = "*";

/// The beginning of a recipient that is a role.
pub const ROLE: &str = "role:";

/// The topic of a request to take an item.
pub const REQUEST: &str = "request";

/// The topic of a handoff.
pub const HANDOFF: &str = "handoff";

/// The author of the tool's own notices.
pub const TOOL: &str = "git pm";

/// The kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// Written by an actor to others.
    Plain,
    /// Asks a recipient to take an item.
    Request,
    /// The state of work, for the actor who continues it.
    Handoff,
    /// Sent by the tool.
    Notice,
}

/// The acknowledgement of a message by one actor, perhaps with an answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ack {
    /// The actor.
    pub by: String,
    /// The actor's own name, if it is an agent.
    pub agent: Option<String>,
    /// The time of the first acknowledgement.
    pub at: Stamp,
    /// `accepted` or `declined`, if it answers a request.
    pub answer: Option<String>,
    /// A remark.
    pub note: Option<String>,
}

/// The state of work as its last holder left it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Handoff {
    /// Finished parts.
    pub done: Vec<String>,
    /// Next steps, in order.
    pub next: Vec<String>,
    /// Decisions that were made.
    pub decisions: Vec<String>,
    /// Changed files.
    pub files: Vec<String>,
    /// Open questions.
    pub questions: Vec<String>,
}

/// The registers of a handoff with one entry per line.
const LISTS: [&str; 4] = ["done", "next", "decisions", "questions"];

impl Handoff {
    /// True if it has no entries.
    pub fn is_empty(&self) -> bool {
        *self == Handoff::default()
    }

    fn lists(&self) -> [&Vec<String>; 4] {
        [&self.done, &self.next, &self.decisions, &self.questions]
    }

    /// Its entries.
    #[doc(hidden)]
    pub fn entries(&self) -> impl Iterator<Item = &String> {
        let files = [&self.files].into_iter();
        self.lists().into_iter().chain(files).flatten()
    }

    /// Writes it to a new document.
    #[doc(hidden)]
    pub fn put(&self, doc: &mut Doc) {
        for (name, list) in LISTS.iter().zip(self.lists()) {
            let lines: Vec<String> = list.iter().map(|entry| line(entry)).collect();
            if !lines.is_empty() {
                doc.put(name, lines.join("\n"));
            }
        }
        for file in &self.files {
            doc.put_element("files", file);
        }
    }

    /// Reads it from a document.
    #[doc(hidden)]
    pub fn of(doc: &Doc) -> Handoff {
        let list = |name: &str| {
            let text = doc.text(name).unwrap_or_default();
            let lines = text.lines().filter(|line| !line.trim().is_empty());
            lines.map(str::to_string).collect()
        };
        let [done, next, decisions, questions] = LISTS.map(list);
        Handoff {
            done,
            next,
            decisions,
            files: doc.elements("files").map(str::to_string).collect(),
            questions,
        }
    }
}

/// An entry of a list on one line.
fn line(entry: &str) -> String {
    entry.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The facts about a message that the index keeps, and by which it is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The names it is delivered under, see [`address_here`].
    pub addresses: Vec<String>,
    /// The thread: the uid of the item it is about, else of the first message.
    pub thread: String,
    /// The kind.
    pub topic: Topic,
    /// The actor who wrote it, or on whose behalf the tool did.
    pub author: String,
    /// True if an agent wrote it.
    pub by_agent: bool,
    /// The time of its creation, in milliseconds.
    pub ms: u64,
    /// The last time at which a human wrote or acknowledged it; 0 for none.
    pub human_ms: u64,
}

impl Envelope {
    /// True if it is delivered to one of some addresses.
    pub fn is_to(&self, addresses: &[String]) -> bool {
        self.addresses.iter().any(|to| addresses.contains(to))
    }

    /// Reads it from a document.
    #[doc(hidden)]
    pub fn of(doc: &Doc) -> Envelope {
        let topic = topic(doc);
        let by_agent = doc.text("agent").is_some();
        let replica = doc.text("to_replica");
        let addresses = doc.elements("to").map(|to| match replica {
            Some(replica) => address_here(to, replica),
            None => to.to_string(),
        });
        let is_human = !by_agent && topic != Topic::Notice;
        let own = is_human.then_some(doc.birth.ms);
        let acked = acks(doc).filter(|ack| ack.agent.is_none());
        Envelope {
            addresses: addresses.collect(),
            thread: thread(doc),
            topic,
            author: author(doc).to_string(),
            by_agent,
            ms: doc.birth.ms,
            human_ms: acked.map(|ack| ack.at.ms).chain(own).max().unwrap_or(0),
        }
    }
}

/// The name under which a message for one clone of an actor is delivered.
pub fn address_here(actor: &str, replica: &str) -> String {
    format!("{actor}\n{replica}")
}

/// The kind of a message.
pub fn topic(doc: &Doc) -> Topic {
    match doc.text("topic") {
        Some(_) if doc.text("author") == Some(TOOL) => Topic::Notice,
        Some(REQUEST) => Topic::Request,
        Some(HANDOFF) => Topic::Handoff,
        _ => Topic::Plain,
    }
}

/// The actor who wrote a message, or on whose behalf the tool did.
pub fn author(doc: &Doc) -> &str {
    let on_behalf = doc.text("on_behalf_of");
    let author = doc.text("author").unwrap_or_default();
    on_behalf.filter(|_| author == TOOL).unwrap_or(author)
}

/// The item that a message is about.
pub fn item(doc: &Doc) -> Option<ItemRef> {
    doc.text("item").map(ItemRef::parse)
}

/// The name of its thread: the uid of the item it is about, else of the first message.
pub fn thread(doc: &Doc) -> String {
    let item = item(doc).and_then(|item| item.uid);
    let first = || doc.text("thread").and_then(Uid::new);
    let own = || doc.uid.clone();
    item.or_else(first).unwrap_or_else(own).to_string()
}

/// The acknowledgements of a message, by actor.
pub fn acks(doc: &Doc) -> impl Iterator<Item = Ack> {
    let text = |entry: &super::doc::Entry, name| entry.text(name).map(str::to_string);
    doc.entries("acks").map(move |(id, entry)| Ack {
        by: text(entry, "by").unwrap_or_else(|| id.to_string()),
        agent: text(entry, "agent"),
        at: entry.at.clone(),
        answer: text(entry, "answer"),
        note: text(entry, "note"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Doc {
        let uid = Uid::from_parts(1_000, [7; 10]);
        let birth = "1000.0.ana0".parse().unwrap();
        Doc::new(uid, KIND, "", birth)
    }

    #[test]
    fn an_empty_document_is_a_message_of_its_own_thread() {
        let doc = message();
        let envelope = Envelope::of(&doc);
        assert_eq!(envelope.thread, doc.uid.as_str());
        assert_eq!(envelope.topic, Topic::Plain);
        assert!(envelope.addresses.is_empty());
        assert!(Handoff::of(&doc).is_empty());
    }

    #[test]
    fn an_item_is_the_thread_and_a_clone_is_part_of_the_address() {
        let mut doc = message();
        let item = Uid::from_parts(2_000, [9; 10]);
        doc.put("item", format!("T-0001-{item}"));
        doc.put_element("to", "ben");
        doc.put("to_replica", "ben7");
        let envelope = Envelope::of(&doc);
        assert_eq!(envelope.thread, item.as_str());
        assert_eq!(envelope.addresses, ["ben\nben7"]);
    }

    #[test]
    fn the_tools_notices_are_by_the_actor_they_were_sent_for() {
        let mut doc = message();
        doc.put("author", TOOL);
        doc.put("on_behalf_of", "ana");
        doc.put("topic", HANDOFF);
        let envelope = Envelope::of(&doc);
        assert_eq!(
            (envelope.topic, envelope.author.as_str()),
            (Topic::Notice, "ana")
        );
        assert_eq!(envelope.human_ms, 0);
    }

    #[test]
    fn the_lists_of_a_hand_off_keep_their_order() {
        let handoff = Handoff {
            done: vec!["b\n two".into(), "a".into()],
            next: vec!["z".into(), "y".into()],
            files: vec!["src/b.rs".into(), "src/a.rs".into()],
            ..Handoff::default()
        };
        let mut doc = message();
        handoff.put(&mut doc);
        let read = Handoff::of(&doc);
        assert_eq!(read.done, ["b two", "a"]);
        assert_eq!(read.next, ["z", "y"]);
        assert_eq!(read.files, ["src/a.rs", "src/b.rs"]);
    }
}
