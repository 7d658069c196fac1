//! A review that sent work back, as a record, and until when only its author may take the work.
//!
//! It says who returned which commit to whom, why, and until when its author is asked first. One
//! register holds all of it, as for an approval.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::doc::Doc;
use super::id::ItemKind;
use super::stamp::parse_rfc3339;
use super::status::Status;
use super::text::actor;
use super::value::Value;

/// The register that holds the record.
pub const RETURNED: &str = "returned";

/// The return of submitted work to its author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Returned {
    /// The actor who returned it.
    pub by: String,
    /// The author, who is asked first.
    pub to: String,
    /// The time, RFC 3339.
    pub at: String,
    /// The time from which anybody may take it, RFC 3339.
    pub until: String,
    /// The commit that was submitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The permanent id of the comment that says what is to be changed.
    pub note: String,
    /// The target's commit with which it conflicts, if it was returned for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onto: Option<String>,
    /// The number of times in a row that it was returned for a conflict without having the target's
    /// commit of the time before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub conflicts: u32,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // The form that serde calls.
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Returned {
    /// The last return of an item, whether or not the work goes on.
    #[doc(hidden)]
    pub fn last(doc: &Doc) -> Option<Returned> {
        let Value::Json(json) = doc.value(RETURNED) else {
            return None;
        };
        let mut found = Returned::deserialize(json).ok()?;
        found.by = actor(&found.by);
        found.to = actor(&found.to);
        Some(found)
    }

    /// The return that is in effect for an item: until the work is submitted again, or it is closed.
    #[doc(hidden)]
    pub fn of(doc: &Doc) -> Option<Returned> {
        let kind = ItemKind::parse(&doc.kind)?;
        let status = Status::parse(kind, doc.text("status")?)?;
        let is_open = match &status {
            Status::Blocked | Status::Deferred => true,
            status => status.is_startable() || *status == Status::InProgress,
        };
        Returned::last(doc).filter(|_| is_open)
    }

    /// The value of the register.
    #[doc(hidden)]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).map_or(Value::Null, Value::Json)
    }

    /// What its author has to do, by the word of the item's status: what was returned to another clone has no
    /// claim until it is started again.
    #[doc(hidden)]
    pub fn next_step(status: &str) -> &'static str {
        match status {
            "in_progress" => "change this, then finish it again",
            "blocked" | "deferred" => "this is to be changed",
            _ => "start it again, change this, then finish it",
        }
    }

    /// True if only its author may take the work at a moment, in milliseconds since the Unix epoch.
    pub fn is_kept_for_author(&self, now_ms: u64) -> bool {
        parse_rfc3339(&self.until).is_some_and(|until| now_ms < until)
    }
}

/// A part of a note that is about a line of a file, as `path:line: text`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Remark {
    /// The path from the top of the repository.
    pub path: String,
    /// The line of the submitted file, from 1.
    pub line: u32,
    /// The text.
    pub text: String,
}

/// The remarks on lines of files in a note.
pub fn remarks(note: &str) -> Vec<Remark> {
    let lines = note
        .lines()
        .map(|line| line.trim().trim_start_matches("- "));
    let parts = lines.filter_map(|line| {
        // The number may be followed by a column, as compilers print it.
        let (place, text) = line.split_once(": ")?;
        let mut parts = place.split(':');
        let (path, number) = (parts.next()?, parts.next()?.parse().ok()?);
        let is_path = path.contains(['/', '.']) && number > 0;
        is_path.then(|| Remark {
            path: path.to_string(),
            line: number,
            text: text.trim().to_string(),
        })
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_note_can_be_about_a_line_of_a_file() {
        let note = "Please:\n\
                    src/a.rs:12: rename `x`\n\
                    - docs/b c.md:3: no\n\
                    - lib/d.py:7:4: handle None\n\
                    see https://example.org: it says why\n\
                    at 10:30: lunch";
        let found = remarks(note);
        let places: Vec<_> = found.iter().map(|r| (r.path.as_str(), r.line)).collect();
        let meant = [("src/a.rs", 12), ("docs/b c.md", 3), ("lib/d.py", 7)];
        assert_eq!(places, meant);
        assert_eq!(found[2].text, "handle None");
    }
}
