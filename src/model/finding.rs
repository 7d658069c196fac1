//! The typed view of a finding: what is wrong, what became of it, and from which severity it blocks.
//!
//! It is about an item's work or a plan.

use schemars::JsonSchema;
use serde::Serialize;

use super::doc::{Doc, Entry};
use super::id::ItemRef;
use super::learning::is_commit_id;
use super::limits::{FINDING_AGREED_MAX, FINDING_LINE_MAX, FINDING_TEXT_MAX};
use super::short_id::{self, short_id};
use super::stamp::rfc3339;
use super::text;
use super::uid::Uid;
use super::value::Value;
use super::vocabulary::terms;

terms! {
    /// How bad a finding is. Open ones of the first two block an approval and a merge.
    Severity in "severity" {
        /// Data loss, a security hole, or the main purpose does not work.
        P0 = "P0",
        /// A defect that users will meet.
        P1 = "P1",
        /// A defect in rare cases, or a cost later.
        P2 = "P2",
        /// A matter of taste or polish.
        P3 = "P3",
    }
}

terms! {
    /// What became of a finding.
    FindingStatus in "status" {
        /// Nobody has answered it.
        Open = "open",
        /// Its author says that a commit fixes it; a later round has not answered yet.
        Claimed = "claimed",
        /// A later round found it fixed.
        Fixed = "fixed",
        /// A later round found it still there.
        NotFixed = "not_fixed",
        /// The reviewer took it back.
        Withdrawn = "withdrawn",
        /// A human decided that it does not count.
        Dismissed = "dismissed",
        /// Its lines have changed, and it does not block.
        Outdated = "outdated",
    }
}

impl FindingStatus {
    /// True while somebody has to do something about it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Claimed | Self::NotFixed)
    }
}

/// The kind of the document.
pub const KIND: &str = "finding";

/// The fields with texts, which a redaction of the item takes too.
pub const TEXTS: [&str; 5] = ["claim", "outcome", "suggestion", "quote", "reason"];

/// The record of reviewers who said the same.
pub const AGREED: &str = "agreed";

/// The record of the answers of later rounds.
pub const ANSWERS: &str = "answers";

/// Who said the same, in their own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AgreementView")]
pub struct Agreement {
    /// The reviewer's name.
    pub reviewer: String,
    /// The model that answered; none for a tool or a person.
    pub model: Option<String>,
    /// What it claims.
    pub claim: String,
}

/// The answer of the author who leaves what a finding is about as it is, with the reason.
pub const KEPT: &str = "kept";

/// A later answer to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "FindingAnswer")]
pub struct Answer {
    /// A status, or `kept`.
    pub answer: String,
    /// Why, if it was said.
    pub reason: Option<String>,
    /// The round of a reviewer; none for the author.
    pub round: Option<u32>,
    /// The own name of the agent, else who ran it.
    pub by: String,
}

/// A finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// The permanent name.
    pub uid: Uid,
    /// The item whose work or plan it is about.
    #[serde(skip)]
    pub item: Option<ItemRef>,
    /// How bad it is.
    pub severity: Severity,
    /// The class of the defect.
    pub category: String,
    /// What is wrong.
    pub claim: String,
    /// What will happen because of it.
    pub outcome: Option<String>,
    /// What to do instead.
    pub suggestion: Option<String>,
    /// The text that it is about, verbatim; a secret in it is redacted.
    pub quote: Option<String>,
    /// The path from the repository's root; of a finding about a plan, the name of the task.
    pub path: Option<String>,
    /// The first line, from 1; of a finding about a plan, that of the document.
    pub line: Option<u32>,
    /// The last line, inclusive.
    pub end_line: Option<u32>,
    /// Set if the lines are those of the base, which the work removed.
    pub removed: bool,
    /// The reviewed commit.
    pub commit: Option<String>,
    /// The rule of a deterministic reviewer.
    pub rule: Option<String>,
    /// The reviewer.
    pub reviewer: String,
    /// The model that answered; null for a rule, a tool or a person.
    pub model: Option<String>,
    /// What stays the same while lines move; see `crate::finding`.
    #[serde(skip)]
    pub fingerprint: Option<String>,
    /// The round in which it was found, from 1.
    pub round: u32,
    /// Set if a rule, a tool or enough reviewers say it; only then it can block.
    pub confirmed: bool,
    /// The others who said the same.
    pub agreed: Vec<Agreement>,
    /// The answers, the oldest first.
    pub answers: Vec<Answer>,
    /// The number of rounds that found it not fixed.
    #[serde(skip)]
    pub not_fixed: usize,
    /// What became of it.
    pub status: FindingStatus,
    /// The commit that is said to fix it.
    pub fixed_by: Option<String>,
    /// The issue that was made of it.
    #[serde(skip)]
    pub issue: Option<ItemRef>,
    /// Who dismissed it.
    pub dismissed_by: Option<String>,
    /// The reason that was given for the last change of the status.
    pub reason: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// The time of the last change, RFC 3339.
    pub updated_at: String,
    /// Set for a tombstone.
    #[serde(skip)]
    pub deleted: bool,
    /// Set if it stays in this clone until a human shares it; who reads it decides that.
    pub private: bool,
}

impl Finding {
    /// Reads the typed view; `None` if the document is not a finding.
    pub fn from_doc(doc: &Doc) -> Option<Finding> {
        if doc.kind != KIND {
            return None;
        }
        let long = |name: &str| doc.text(name).map(|t| text::shorten(t, FINDING_TEXT_MAX));
        let short = |name: &str| doc.text(name).map(|t| text::shorten(t, FINDING_LINE_MAX));
        let number = |name: &str| match doc.value(name) {
            Value::Int(n) => u32::try_from(*n).ok().filter(|n| *n > 0),
            _ => None,
        };
        let commit =
            |name: &str| (doc.text(name).filter(|id| is_commit_id(id))).map(str::to_string);
        let dismissed_by = doc.text("dismissed_by").map(text::actor);
        let status = doc.text("status").and_then(FindingStatus::parse);
        // A human's dismissal holds whatever an agent answered that had not seen it.
        let status = match &dismissed_by {
            Some(_) => FindingStatus::Dismissed,
            None => status
                .filter(|status| *status != FindingStatus::Dismissed)
                .unwrap_or(FindingStatus::Open),
        };
        let agreed = doc.entries(AGREED).take(FINDING_AGREED_MAX);
        Some(Finding {
            uid: doc.uid.clone(),
            item: doc.text("item").map(ItemRef::parse),
            // What is unreadable must not be less than it was meant to be.
            severity: (doc.text("severity").and_then(Severity::parse)).unwrap_or(Severity::P1),
            category: short("category").unwrap_or_default(),
            claim: match doc.value("claim") {
                Value::Redacted(_) => "[redacted]".into(),
                _ => long("claim").unwrap_or_default(),
            },
            outcome: long("outcome"),
            suggestion: long("suggestion"),
            quote: long("quote"),
            path: doc.text("path").map(str::to_string),
            line: number("line"),
            end_line: number("end_line"),
            removed: doc.value("removed").is_true(),
            commit: commit("commit"),
            rule: short("rule"),
            reviewer: short("reviewer").unwrap_or_default(),
            model: short("model"),
            fingerprint: short("fingerprint"),
            round: number("round").unwrap_or(1),
            confirmed: doc.value("confirmed").is_true(),
            agreed: agreed.map(|(_, entry)| agreement(entry)).collect(),
            answers: answers(doc),
            not_fixed: (doc.entries(ANSWERS))
                .filter(|(_, one)| one.text("answer") == Some(FindingStatus::NotFixed.as_str()))
                .count(),
            status,
            fixed_by: commit("fixed_by"),
            issue: doc.text("issue").map(ItemRef::parse),
            dismissed_by,
            reason: long("reason"),
            created_at: rfc3339(doc.birth.ms),
            updated_at: rfc3339(doc.latest().ms),
            deleted: !doc.is_live(),
            private: false,
        })
    }

    /// The short id.
    pub fn id(&self) -> String {
        short_id(short_id::FINDING, &self.uid)
    }

    /// The path and, if it is about lines, the first line: `src/a.rs:12`.
    pub fn place(&self) -> Option<String> {
        let path = self.path.clone()?;
        Some(
            self.line
                .map_or(path.clone(), |line| format!("{path}:{line}")),
        )
    }

    /// True if a reviewer made it, or said the same.
    pub fn is_said_by(&self, reviewer: &str) -> bool {
        let mut agreed = self.agreed.iter();
        self.reviewer == reviewer || agreed.any(|other| other.reviewer == reviewer)
    }

    /// True while it stops the approval and the merge of the work.
    pub fn blocks(&self) -> bool {
        !self.deleted && self.confirmed && self.severity <= Severity::P1 && self.status.is_open()
    }
}

fn answers(doc: &Doc) -> Vec<Answer> {
    let mut all: Vec<(&str, &Entry)> = doc.entries(ANSWERS).collect();
    all.sort_by(|a, b| (&a.1.at, a.0).cmp(&(&b.1.at, b.0)));
    let kept = &all[all.len().saturating_sub(FINDING_AGREED_MAX)..];
    let read = |(_, entry): &(&str, &Entry)| Answer {
        answer: text::shorten(entry.text("answer").unwrap_or_default(), FINDING_LINE_MAX),
        reason: (entry.text("reason")).map(|t| text::shorten(t, FINDING_TEXT_MAX)),
        round: (entry.value("round").as_int()).and_then(|n| u32::try_from(n).ok()),
        by: text::actor(entry.text("role").or(entry.text("by")).unwrap_or_default()),
    };
    kept.iter().map(read).collect()
}

fn agreement(entry: &Entry) -> Agreement {
    let text = |name: &str| entry.text(name).map(|t| text::shorten(t, FINDING_LINE_MAX));
    Agreement {
        reviewer: text("reviewer").unwrap_or_default(),
        model: text("model"),
        claim: entry
            .text("claim")
            .map(|t| text::shorten(t, FINDING_TEXT_MAX))
            .unwrap_or_default(),
    }
}

/// The uid of what a rule or a tool finds in an item's work: the same in every clone.
pub fn derived_uid(item: &Uid, reviewer: &str, fingerprint: &str) -> Uid {
    Uid::derived(&[KIND, item.as_str(), reviewer, fingerprint])
}
