//! What an import or an export reports.

use serde::{Deserialize, Serialize};

/// How many overridden values a commit names.
const OVERRODE_MAX: usize = 1000;

/// What an import did.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportReport {
    /// The tracker: `beads`.
    pub source: String,
    /// The files that were read; `-` is standard input.
    pub files: Vec<String>,
    /// In which dialect, and of which version as far as that shows, the records were written.
    pub dialect: String,
    /// The commit; `None` when nothing changed, or nothing was to be written.
    pub commit: Option<String>,
    /// Whether this only tells what would be done.
    pub dry_run: bool,
    /// How many items came in.
    pub created: usize,
    /// How many items changed.
    pub updated: usize,
    /// How many records say what they said at their last import.
    pub unchanged: usize,
    /// How many comments came in.
    pub comments: usize,
    /// How many records that are no items (memories) came in or changed.
    pub memories: usize,
    /// What the ids of new issues begin with from now on, where the import chose that.
    pub issue_prefix: Option<String>,
    /// Values here that newer ones of the source replaced.
    pub overridden: Vec<Overruled>,
    /// Values of the source that newer ones written here kept out.
    pub kept: Vec<Overruled>,
    /// Items whose text changed on both sides: both versions wait for a decision.
    pub conflicts: Vec<String>,
    /// Records that were left out, each with the reason.
    pub skipped: Vec<Skipped>,
    /// What came in and should be looked at.
    pub warnings: Vec<Remarked>,
}

/// Of two values of a field, one here and one of the source, the newer one stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overruled {
    /// The item's id.
    pub id: String,
    /// The item's uid.
    pub uid: String,
    /// The field.
    pub field: String,
    /// The value that stands.
    pub kept: serde_json::Value,
    /// The one that gave way.
    pub lost: serde_json::Value,
}

/// A record that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The file, where there are several.
    pub file: Option<String>,
    /// Its line, from 1.
    pub line: usize,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// Why.
    pub reason: String,
}

/// A record that came in and should be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remarked {
    /// Its line, from 1; none where it is about the whole file.
    pub line: Option<usize>,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// What was found.
    pub message: String,
}

impl ImportReport {
    /// What was overridden, as the commit names it.
    pub(crate) fn overrode(&self) -> Vec<String> {
        let all = self.overridden.iter().take(OVERRODE_MAX);
        all.map(|one| format!("{} {}", one.uid, one.field))
            .collect()
    }

    /// `12 created, 3 updated, 2 comments`; only what there is.
    pub fn summary(&self) -> String {
        let parts = [
            (self.created, "created"),
            (self.updated, "updated"),
            (self.comments, "comments"),
            (self.memories, "memories"),
            (self.overridden.len(), "values overridden"),
            (self.kept.len(), "values kept"),
            (self.conflicts.len(), "texts kept twice"),
            (self.unchanged, "unchanged"),
            (self.skipped.len(), "skipped"),
        ];
        let words: Vec<String> = parts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| format!("{n} {word}"))
            .collect();
        if words.is_empty() {
            return "nothing there".into();
        }
        words.join(", ")
    }
}

/// What an export wrote.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ExportReport {
    /// Where to; `-` is standard output.
    pub file: String,
    /// How many records.
    pub records: usize,
    /// How many of them are as they were imported.
    pub untouched: usize,
    /// How many other lines (memories, headers).
    pub others: usize,
}
