//! The file form of a document: Markdown with YAML front matter, emitted canonically so that
//! equal state has equal bytes. `FORMAT.md` specifies it, with test vectors.

mod canonical;
mod node;
mod reader;
mod stamps;
mod writer;

use serde_json::Value as Json;

use super::stamp::StampError;
use super::yaml::YamlError;

pub(crate) use reader::body;
pub use reader::{decode, decode_as_yaml, is_quick};
pub use writer::encode;

/// The largest file that is read as a document, in bytes.
pub const MAX_FILE: usize = 8 * 1024 * 1024;

/// Whether a key has a meaning to the codec itself.
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

/// Whether a field is a set whatever it looks like in a file.
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

/// Whether a field is a record whatever it looks like in a file.
fn is_record(field: &str) -> bool {
    matches!(
        field,
        "acceptance" | "claims" | "edge_attributes" | "raises"
    )
}

/// Why a file is no document. It is shown with its path and left as it is.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// It is larger than [`MAX_FILE`].
    #[error("the file has {0} bytes, more than {MAX_FILE}")]
    TooLarge(usize),
    /// Its bytes are no UTF-8.
    #[error("the file is not UTF-8")]
    NotUtf8,
    /// It does not begin with front matter between `---` lines.
    #[error("the file has no front matter")]
    NoFrontMatter,
    /// Its front matter cannot be read.
    #[error(transparent)]
    Yaml(#[from] YamlError),
    /// A stamp cannot be accepted.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// A field has a value that it cannot have.
    #[error("field `{field}`: {why}")]
    Field {
        /// The field.
        field: String,
        /// What is wrong with it.
        why: String,
    },
    /// It does not stand where its identity says it belongs.
    #[error("the file belongs at `{0}`")]
    Misplaced(String),
}

impl Damage {
    /// Damage of one field.
    pub fn field(field: &str, why: impl Into<String>) -> Self {
        Damage::Field {
            field: super::text::shorten(field, 60),
            why: why.into(),
        }
    }
}

/// What a value in a file is, by its shape: a list of texts is a set, a mapping of mappings is a
/// record, everything else is a register. An empty list or mapping could be either.
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

/// Whether a text can name a field.
fn is_field_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 200 && !name.contains('/')
}

#[cfg(test)]
mod tests;
