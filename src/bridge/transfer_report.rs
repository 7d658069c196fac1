//! The options and reports of imports and exports.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::stage_record::{OLDER, Outcome};
use crate::model::limits::NAMES_SHOWN;
use crate::model::text::{excerpt, first_of};

/// The greatest number of overridden values that a commit names.
const OVERRODE_MAX: usize = 1000;

/// The greatest length of a value of the source in a commit, in characters.
const LOST_MAX: usize = 2000;

/// The greatest length of a field's name in a report, in characters.
const FIELD_MAX: usize = 60;

/// The options of an import.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct ImportOptions {
    /// Show what would be imported.
    #[arg(long)]
    pub dry_run: bool,
    /// Name here of a person there, in any case; `jdoe=` leaves the name out (repeatable). It is remembered for
    /// the next import of a file. It also renames who was imported before, unless they were reassigned.
    #[arg(long = "map-user", value_name = "THERE=HERE", value_parser = person)]
    pub users: Vec<(String, String)>,
    /// The repository (`HOST/OWNER/NAME`) of issues in a file that do not say theirs.
    #[arg(skip)]
    pub repository: Option<String>,
}

/// Reads a name there and one here.
fn person(text: &str) -> std::result::Result<(String, String), String> {
    let names = text
        .split_once('=')
        .map(|(there, here)| (there.trim(), here.trim()));
    let names = names.map(|(there, here)| (there.trim_start_matches('@'), here));
    let names = names.filter(|(there, _)| !there.is_empty());
    let (there, here) = names.ok_or("it has the form THERE=HERE: `jdoe=John Doe`")?;
    Ok((there.to_string(), here.to_string()))
}

/// The result of an import.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct ImportReport {
    /// The tracker: `beads`.
    pub source: String,
    /// The files that were read; `-` is standard input.
    pub files: Vec<String>,
    /// The dialect of the records, with the version as far as it is recognizable.
    pub dialect: String,
    /// The commit; `None` if nothing changed, or for a dry run.
    pub commit: Option<String>,
    /// Nothing was written.
    pub dry_run: bool,
    /// Number of new items.
    pub created: usize,
    /// Number of changed items.
    pub updated: usize,
    /// Number of records that changed nothing that is shown.
    pub unchanged: usize,
    /// Number of new comments.
    pub comments: usize,
    /// Number of comments that records do not have any more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub comments_removed: usize,
    /// Number of new or changed memories.
    pub memories: usize,
    /// The prefix of the ids of new issues, if the import set it.
    pub issue_prefix: Option<String>,
    /// Values here that newer ones of the source replaced.
    pub overridden: Vec<Overruled>,
    /// Values of the source that newer ones written here overrode.
    pub kept: Vec<Overruled>,
    /// Items whose text changed on both sides; both versions are kept.
    pub conflicts: Vec<String>,
    /// Records that were not imported, each with the reason.
    pub skipped: Vec<Skipped>,
    /// Imported records that need attention.
    pub warnings: Vec<Remarked>,
}

/// Two values of a field, one from here and one from the source, of which the newer one won.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Overruled {
    /// The item's id.
    pub id: String,
    /// The item's uid.
    pub uid: String,
    /// The field.
    pub field: String,
    /// The value that won.
    pub kept: serde_json::Value,
    /// The value that lost.
    pub lost: serde_json::Value,
}

/// A record that was not imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// The file, if there are several.
    pub file: Option<String>,
    /// Its line, from 1; 0 for a whole file.
    pub line: usize,
    /// Its id, if it has one.
    pub id: Option<String>,
    /// The reason.
    pub reason: String,
}

/// An imported record that needs attention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Remarked {
    /// Its line, from 1; none for the whole file.
    pub line: Option<usize>,
    /// Its id, if it has one.
    pub id: Option<String>,
    /// The message, as the rest of a sentence about the record.
    pub message: String,
}

impl Skipped {
    /// True if the version here is newer: nothing is wrong with the record.
    pub fn is_older(&self) -> bool {
        self.reason == OLDER
    }

    /// A file that was not imported.
    pub(crate) fn file(path: &str, reason: impl Into<String>) -> Skipped {
        Skipped {
            file: Some(path.to_string()),
            ..Skipped::line(0, None, reason)
        }
    }

    /// A line that was not imported.
    pub(crate) fn line(line: usize, id: Option<&str>, reason: impl Into<String>) -> Skipped {
        Skipped {
            file: None,
            line,
            id: id.map(str::to_string),
            reason: reason.into(),
        }
    }
}

impl Remarked {
    pub(crate) fn new(line: Option<usize>, id: Option<&str>, message: impl Into<String>) -> Self {
        Remarked {
            line,
            id: id.map(str::to_string),
            message: message.into(),
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

impl ImportReport {
    /// True if a record was skipped for another reason than that the version here is newer.
    pub fn is_partial(&self) -> bool {
        !self.skipped.iter().all(Skipped::is_older)
    }

    /// Counts the result of staging a record; true if its item is new or changed.
    pub(crate) fn count(&mut self, outcome: Outcome, skip: impl FnOnce(String) -> Skipped) -> bool {
        let is_new = !matches!(outcome, Outcome::Unchanged | Outcome::Skipped(_));
        match outcome {
            Outcome::Created => self.created += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged | Outcome::Recorded => self.unchanged += 1,
            Outcome::Skipped(reason) => self.skipped.push(skip(reason)),
        }
        is_new
    }

    /// Adds messages about a record.
    pub(crate) fn warn(
        &mut self,
        line: Option<usize>,
        id: &str,
        messages: impl IntoIterator<Item = String>,
    ) {
        let all = messages.into_iter();
        self.warnings
            .extend(all.map(|message| Remarked::new(line, Some(id), message)));
    }

    /// Notes files by their folders; `what` says what they are.
    pub(crate) fn leave_out(&mut self, paths: &[String], what: &str) {
        let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in paths {
            let (folder, name) = path.rsplit_once('/').unwrap_or((".", path));
            folders.entry(folder).or_default().push(name);
        }
        for (folder, names) in folders {
            let message = format!("contains {what}: {}", first_of(&names, NAMES_SHOWN));
            self.warn(None, folder, [message]);
        }
    }

    /// Notes fields that were not imported; `names` has a name for each record with that field.
    pub(crate) fn leave_out_fields(&mut self, names: &[String]) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for name in names {
            *counts.entry(excerpt(name, FIELD_MAX)).or_default() += 1;
        }
        let all = (counts.iter()).map(|(name, n)| format!("`{name}` ({n})"));
        let all: Vec<String> = all.collect();
        if !all.is_empty() {
            let all = first_of(&all, NAMES_SHOWN);
            let message = format!("fields that have no place here: {all}");
            self.warnings.push(Remarked::new(None, None, message));
        }
    }

    /// Counts an edit of an existing document.
    pub(crate) fn count_edit(&mut self, changed: bool) {
        *(if changed {
            &mut self.updated
        } else {
            &mut self.unchanged
        }) += 1;
    }

    /// The overridden values as the commit names them.
    pub(crate) fn overrode(&self) -> Vec<String> {
        let all = self.overridden.iter().take(OVERRODE_MAX);
        all.map(|one| format!("{} {}", one.uid, one.field))
            .collect()
    }

    /// The values of the source that were not taken, as the commit names them.
    pub(crate) fn not_taken(&self) -> Vec<String> {
        let all = self.kept.iter().take(OVERRODE_MAX);
        let line = |one: &Overruled| {
            let mut lost = one.lost.to_string();
            if lost.chars().count() > LOST_MAX {
                lost = serde_json::Value::from(excerpt(&lost, LOST_MAX)).to_string();
            }
            format!("{} {} {lost}", one.uid, one.field)
        };
        all.map(line).collect()
    }

    /// True if it counts nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.parts().iter().all(|(number, ..)| *number == 0)
    }

    /// What it counts, with the words for one and for many.
    fn parts(&self) -> [(usize, &'static str, &'static str); 10] {
        [
            (self.created, "created", "created"),
            (self.updated, "updated", "updated"),
            (self.comments, "comment", "comments"),
            (self.comments_removed, "comment removed", "comments removed"),
            (self.memories, "memory", "memories"),
            (
                self.overridden.len(),
                "value overridden",
                "values overridden",
            ),
            (self.kept.len(), "value kept", "values kept"),
            (
                self.conflicts.len(),
                "item with conflicting texts",
                "items with conflicting texts",
            ),
            (self.unchanged, "unchanged", "unchanged"),
            (self.skipped.len(), "skipped", "skipped"),
        ]
    }

    /// `12 created, 3 updated, 2 comments`; without counts of 0.
    pub fn summary(&self) -> String {
        let parts = self.parts();
        let words: Vec<String> = parts
            .iter()
            .filter(|(n, _, _)| *n > 0)
            .map(|(n, one, many)| format!("{n} {}", if *n == 1 { one } else { many }))
            .collect();
        if words.is_empty() {
            return "no records".into();
        }
        words.join(", ")
    }
}

/// The result of an export.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct ExportReport {
    /// The file; `-` is standard output.
    pub file: String,
    /// Number of records.
    pub records: usize,
    /// Number of records that are as they were imported.
    pub untouched: usize,
    /// Number of other lines (memories, headers).
    pub others: usize,
    /// Fields for which the format has no place, each with the number of items that have it.
    pub left_out_fields: BTreeMap<String, usize>,
    /// The prefixes of ids, each with the number of records; beads rejects a file with several.
    pub prefixes: BTreeMap<String, usize>,
}
