//! A finding as a reviewer reports it.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::model::finding::Severity;

/// The place of a finding in the files of the reviewed commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// The path from the repository's root, with `/`.
    #[serde(serialize_with = "path_or_null")]
    #[schemars(with = "Option<String>")]
    pub path: String,
    /// The first line, from 1; `None` for the file as a whole.
    pub line: Option<u32>,
    /// The last line, inclusive; `None` for one line.
    #[serde(skip)]
    pub end_line: Option<u32>,
    /// Set if the lines are those of the base, which the change removed.
    pub removed: bool,
}

/// A finding as a reviewer reports it: what it claims, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "RangeFinding")]
pub struct Found {
    /// The reviewer: `git-pm` for a rule of ours, otherwise the name of a tool or an agent.
    pub reviewer: String,
    /// The stable name of the rule; none for what a model or a person said.
    pub rule: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// The class of the defect, a word such as `security`.
    pub category: String,
    /// What is wrong, in a sentence or a short paragraph of plain text.
    pub claim: String,
    /// Where.
    #[serde(flatten, serialize_with = "place_or_nulls")]
    #[schemars(with = "Place")]
    pub place: Option<Place>,
    /// The text that it is about, verbatim: of the reviewed file, a criterion or a commit's message; for something
    /// that is missing, the line after which it should stand.
    pub quote: Option<String>,
    /// What will happen because of it, in a sentence.
    #[serde(skip)]
    pub outcome: Option<String>,
    /// What to do instead.
    pub suggestion: Option<String>,
}

fn path_or_null<S: Serializer>(path: &str, out: S) -> Result<S::Ok, S::Error> {
    Some(path).filter(|path| !path.is_empty()).serialize(out)
}

fn place_or_nulls<S: Serializer>(place: &Option<Place>, out: S) -> Result<S::Ok, S::Error> {
    place.clone().unwrap_or_default().serialize(out)
}
