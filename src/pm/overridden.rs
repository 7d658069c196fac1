//! A value that was overridden, as `log --conflicts` and `sync` list it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::stamp::rfc3339;
use crate::store::git::repo::Commit;
use crate::store::history::Override;

/// A value that a merge overrode: two clones wrote the same field at the same time, or one of them
/// deleted what the other one changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Overridden {
    /// The commit of the merge or import; null if the history was cut since, or adopted.
    pub commit: Option<String>,
    /// When, RFC 3339: the time of that commit, or when the value was listed.
    pub at: String,
    /// The id of the item, learning or message, `context:NAME`, `plan:` and the id of its PRD,
    /// `pm.yaml`, or the kind and the name of another document.
    pub item: String,
    /// The field.
    pub field: String,
    /// The value that won; null after a deletion.
    pub kept: serde_json::Value,
    /// The actor that wrote it, or deleted the item; null if the history does not show it.
    pub kept_by: Option<String>,
    /// The value that was overridden.
    pub lost: serde_json::Value,
    /// The actor that wrote the overridden value; null as above.
    pub lost_by: Option<String>,
    /// Set if the value was lost because the other clone deleted the document or the entry.
    pub deleted: bool,
}

impl Overridden {
    pub(crate) fn of(one: Override, commit: Option<&Commit>, ms: u64) -> Overridden {
        Overridden {
            commit: commit.map(|commit| commit.id.to_string()),
            at: rfc3339(ms),
            item: one.item,
            field: one.field,
            kept: Override::shown(&one.kept),
            kept_by: one.kept_by,
            lost: Override::shown(&one.lost),
            lost_by: one.lost_by,
            deleted: one.deleted,
        }
    }
}
