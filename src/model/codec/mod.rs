//! The file form of a document: Markdown with YAML front matter, in one canonical form.
//!
//! Equal state has equal bytes. `docs/FORMAT.md` specifies it, with test vectors.

mod front_matter;
mod reader;
mod stamp_overrides;
mod writer;
mod yaml_node;

use serde_json::Value as Json;

use super::id::ItemKind;
use super::limits::DOCUMENT_MAX;
use super::stamp::StampError;

pub use front_matter::FrontMatterError;
pub use reader::body;
pub use reader::decode;
pub use reader::{Fields, fields};
pub use writer::encode;

/// True for keys that have a meaning to the codec itself.
fn is_structure(key: &str) -> bool {
    matches!(
        key,
        "id" | "uid" | "kind" | "born" | "purged" | "versions" | "dropped" | "birth" | "stamps"
    )
}

/// The order in which known fields are written; all others follow by name.
const ORDER: &[&str] = &[
    "format",
    "title",
    "type",
    "status",
    "priority",
    "assignee",
    "estimate",
    "risk",
    "validation",
    "stream",
    "epic",
    "item",
    "author",
    "actor",
    "labels",
    "depends_on",
    "edges",
    "paths",
    "patterns",
    "auto_policy",
    "branch",
    "acceptance",
    "claims",
];

/// True for fields that are sets regardless of their shape in a file.
fn is_set(field: &str) -> bool {
    matches!(
        field,
        "labels"
            | "depends_on"
            | "edges"
            | "paths"
            | "patterns"
            | "to"
            | "external_refs"
            | "redacted_values"
            | "redacted_versions"
            | "redacted_texts"
    )
}

/// True for fields that are records regardless of their shape in a file.
fn is_record(field: &str) -> bool {
    matches!(
        field,
        "acceptance" | "claims" | "edge_attributes" | "raises"
    )
}

/// The fields of items that are registers: a list or a mapping of mappings would win over what a human
/// decided, whatever its stamp.
const REGISTERS: &str = "
    title type status status_before priority assignee estimate risk validation stream epic
    auto_policy branch branch_pattern target due_at defer_until put_off_by put_off_until stopped_by
    removed_by deleted deleted_at deleted_by delete_reason undone pinned ephemeral template await_type
    await_id approval approval_note returned change_plan approved_at approved_by forced forced_past closed_at closed_by reason
    merged_commit merged_into finished_at finished_by finished_commit gates_passed gate_failed started_at
    started_by created_at created_by design notes acceptance_criteria nothing_learned";

/// True for fields that are registers regardless of their shape in the file of a document of a kind.
fn is_register(kind: &str, field: &str) -> bool {
    ItemKind::parse(kind).is_some() && REGISTERS.split_whitespace().any(|name| name == field)
}

/// The reason why a file is not a valid document. The file is reported, and left as it is.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// It is larger than [`DOCUMENT_MAX`].
    #[error("the file is larger than {DOCUMENT_MAX} bytes")]
    TooLarge,
    /// Its bytes are not UTF-8.
    #[error("the file is not UTF-8")]
    NotUtf8,
    /// It does not begin with front matter between `---` lines.
    #[error("the file has no front matter")]
    NoFrontMatter,
    /// Its front matter cannot be read.
    #[error(transparent)]
    FrontMatter(#[from] FrontMatterError),
    /// A stamp cannot be accepted.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// A field has an invalid value.
    #[error("field `{field}`: {why}")]
    Field {
        /// Its name.
        field: String,
        /// The error in it.
        why: String,
    },
    /// It is not at the path that its identity determines.
    #[error("the file belongs at `{0}`")]
    Misplaced(String),
}

impl Damage {
    /// An invalid field; a long name is cut.
    pub fn field(field: &str, why: impl Into<String>) -> Self {
        Damage::Field {
            field: super::text::shorten(field, 60),
            why: why.into(),
        }
    }
}

/// The shape of a value in a file: a list of texts is a set, a mapping of mappings is a record, any
/// other value is a register. An empty list or mapping is ambiguous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Register,
    Set,
    Record,
    EmptyList,
    EmptyMapping,
}

impl Shape {
    fn of(value: &Json) -> Shape {
        match value {
            Json::Array(items) if items.is_empty() => Shape::EmptyList,
            Json::Object(map) if map.is_empty() => Shape::EmptyMapping,
            Json::Array(items) if items.iter().all(Json::is_string) => Shape::Set,
            Json::Object(map) if map.values().all(Json::is_object) => Shape::Record,
            _ => Shape::Register,
        }
    }
}

/// True if a text can name a field.
fn is_field_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 200 && !name.contains('/')
}

#[cfg(test)]
mod tests;
