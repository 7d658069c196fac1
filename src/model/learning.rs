//! The typed view of a learning: a pattern, a gotcha or a decision.
//!
//! It has what it applies to and how useful it was.

use std::ops::Deref;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::doc::{Doc, Entry};
use super::id::ItemRef;
use super::limits::{
    LEARNING_ELEMENT_MAX, LEARNING_ELEMENTS_MAX, LEARNING_SUMMARY_MAX, LEARNING_TITLE_MAX,
};
use super::short_id::{self, short_id};
use super::stamp::{parse_rfc3339, rfc3339};
use super::text;
use super::uid::Uid;
use super::value::Value;
use super::vocabulary::terms;

terms! {
    /// The type of a learning.
    LearningKind in "kind" {
        /// A way of doing things that works.
        Pattern = "pattern",
        /// A problem that is not obvious, with its cause or solution.
        Gotcha = "gotcha",
        /// A choice with its context and consequences.
        Decision = "decision",
    }
}

terms! {
    /// The state of a learning.
    LearningStatus in "status" {
        /// Proposed, for a person or agent to accept.
        Draft = "draft",
        /// In force.
        Accepted = "accepted",
        /// Kept, but no longer offered.
        Retired = "retired",
    }
}

/// The record of uses and votes.
pub const USES: &str = "uses";

/// The vote that a learning was useful.
pub const USEFUL: &str = "useful";

/// The vote that it was not.
pub const NOT_USEFUL: &str = "not-useful";

/// The maximum number of bytes of the words by which a learning is recognized.
const GIST_MAX: usize = 600;

/// What a learning says by itself, without its texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LearningFacts {
    /// Permanent.
    pub uid: Uid,
    /// One line.
    pub title: String,
    /// pattern, gotcha or decision.
    #[serde(rename = "type")]
    pub kind: LearningKind,
    /// draft, accepted or retired.
    pub status: LearningStatus,
    /// The tags.
    pub tags: Vec<String>,
    /// Patterns of the paths that it is about.
    pub paths: Vec<String>,
    /// The situations that it applies in.
    pub applies_when: Vec<String>,
    /// The symptoms by which it is recognized.
    pub symptoms: Vec<String>,
    /// The commit that it comes from.
    pub commit: Option<String>,
    /// The author.
    pub author: Option<String>,
    /// The author's own name, if it is an agent; null for a human.
    pub agent: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub updated_at: String,
    /// The number of recorded uses.
    pub uses: usize,
    /// The number of actors who found it useful.
    pub useful: usize,
    /// The number of actors who found it not useful.
    pub not_useful: usize,
    /// The first line of its text.
    pub summary: String,
    /// Set while concurrent versions of the text are unresolved.
    pub conflicted: bool,
    /// For `--if-version`.
    pub version: String,
}

/// A learning, without its texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learning {
    /// What it says by itself.
    pub facts: LearningFacts,
    /// The item that it comes from.
    pub item: Option<ItemRef>,
    /// The learnings that it replaces.
    pub supersedes: Vec<Uid>,
    /// The learnings that it contradicts.
    pub contradicts: Vec<Uid>,
    /// Set for a tombstone.
    pub deleted: bool,
}

impl Deref for Learning {
    type Target = LearningFacts;

    fn deref(&self) -> &LearningFacts {
        &self.facts
    }
}

impl Learning {
    /// Reads the typed view; `None` if the document is not a learning.
    pub fn from_doc(doc: &Doc) -> Option<Learning> {
        if doc.kind != "learning" {
            return None;
        }
        let list = |name: &str| -> Vec<String> {
            let all = doc.elements(name).take(LEARNING_ELEMENTS_MAX);
            all.map(|one| text::shorten(one, LEARNING_ELEMENT_MAX))
                .collect()
        };
        let uids = |name: &str| -> Vec<Uid> {
            let all = doc.elements(name).take(LEARNING_ELEMENTS_MAX);
            all.filter_map(Uid::new).collect()
        };
        let title = match doc.value("title") {
            Value::Redacted(_) => "[redacted]".into(),
            other => text::shorten(other.as_str().unwrap_or_default(), LEARNING_TITLE_MAX),
        };
        let uses: Vec<&Entry> = doc.entries(USES).map(|(_, entry)| entry).collect();
        let (useful, not_useful) = votes(&uses);
        let used = uses.iter().filter(|e| e.value("vote").is_null());
        let latest = doc.latest();
        let facts = LearningFacts {
            uid: doc.uid.clone(),
            title,
            kind: (doc.text("type").and_then(LearningKind::parse)).unwrap_or(LearningKind::Gotcha),
            status: (doc.text("status").and_then(LearningStatus::parse))
                .unwrap_or(LearningStatus::Accepted),
            tags: list("tags"),
            paths: list("paths"),
            applies_when: list("applies_when"),
            symptoms: list("symptoms"),
            commit: (doc.text("commit").filter(|id| is_commit_id(id))).map(str::to_string),
            author: doc.text("author").map(text::actor),
            agent: doc.text("agent").map(text::actor),
            created_at: (doc
                .text("created_at")
                .filter(|at| parse_rfc3339(at).is_some()))
            .map_or_else(|| rfc3339(doc.birth.ms), str::to_string),
            updated_at: rfc3339(latest.ms),
            uses: used.count(),
            useful,
            not_useful,
            summary: summary(doc),
            conflicted: doc.body.is_conflicted(),
            version: latest.to_string(),
        };
        Some(Learning {
            facts,
            item: doc.text("item").map(ItemRef::parse),
            supersedes: uids("supersedes"),
            contradicts: uids("contradicts"),
            deleted: !doc.is_live(),
        })
    }

    /// The short id.
    pub fn id(&self) -> String {
        short_id(short_id::LEARNING, &self.uid)
    }

    /// The words by which it is recognized, in lower case: title, tags and symptoms.
    pub fn gist(&self) -> String {
        let lists = self.tags.iter().chain(&self.symptoms);
        let all: Vec<&str> = lists.map(String::as_str).collect();
        let gist = format!("{} {}", self.title, all.join(" "));
        text::head(&gist, GIST_MAX).to_lowercase()
    }

    /// True if it can be offered to others: accepted, and not deleted.
    pub fn is_in_force(&self) -> bool {
        !self.deleted && self.status == LearningStatus::Accepted
    }
}

/// True for a text that can be the id of a commit and may be passed to git.
pub fn is_commit_id(text: &str) -> bool {
    (4..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The numbers of actors whose last vote is `useful` and `not-useful`.
fn votes(uses: &[&Entry]) -> (usize, usize) {
    let mut last: std::collections::BTreeMap<&str, &Entry> = Default::default();
    for entry in uses.iter().filter(|e| e.text("vote").is_some()) {
        let by = entry.text("by").unwrap_or_default();
        let known = last.entry(by).or_insert(entry);
        if entry.at > known.at {
            *known = entry;
        }
    }
    let count = |word| {
        last.values()
            .filter(|e| e.text("vote") == Some(word))
            .count()
    };
    (count(USEFUL), count(NOT_USEFUL))
}

/// The first line of text, for lists.
fn summary(doc: &Doc) -> String {
    let is_text = |line: &&str| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#') && !line.starts_with("---")
    };
    let body = text::head(doc.body.shown(), 4 * 1024);
    let decision = doc.text("decision").map(|text| text::head(text, 4 * 1024));
    let mut texts = body
        .lines()
        .chain(decision.iter().flat_map(|text| text.lines()));
    let first = texts.find(is_text).unwrap_or_default();
    text::excerpt(first.trim(), LEARNING_SUMMARY_MAX)
}
