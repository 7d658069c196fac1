//! The fields that a query, a sort order and a column can name: one table with their names and the
//! kind of comparison that each allows.

use crate::model::priority::Priority;
use crate::model::vocabulary::{Estimate, Risk};

/// A field of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The current id.
    Id,
    /// prd, epic, task or issue.
    Kind,
    /// One line of text.
    Title,
    /// feature, bug, …
    Type,
    /// The status.
    Status,
    /// From 0 (highest) to 4.
    Priority,
    /// The holder of the claim, and the assignee.
    Owner,
    /// The actor who is planned to do it.
    Assignee,
    /// The holder of the claim.
    Claim,
    /// XS to XL.
    Estimate,
    /// low, medium or high.
    Risk,
    /// When its tests are written.
    Validation,
    /// The stream of work.
    Stream,
    /// The epic that owns it.
    Epic,
    /// The parent item.
    Parent,
    /// Its labels.
    Label,
    /// The items that it waits for.
    DependsOn,
    /// The items that wait for it.
    Blocks,
    /// The items that it has an edge to.
    Linked,
    /// The types of its edges.
    Edge,
    /// Its ancestors, through every level.
    Under,
    /// Its acceptance criteria.
    Acceptance,
    /// Globs of the paths that it is expected to change.
    Path,
    /// External references.
    External,
    /// The furthest step that an agent may take without being asked.
    AutoPolicy,
    /// Its branch.
    Branch,
    /// The reason why it was blocked, deferred, cancelled or closed.
    Reason,
    /// The time of its creation.
    Created,
    /// The actor who created it.
    CreatedBy,
    /// The time of its last change.
    Updated,
    /// The time of its start.
    Started,
    /// The time it was finished.
    Finished,
    /// The time of its approval.
    Approved,
    /// The human who approved it.
    ApprovedBy,
    /// The time it was closed.
    Closed,
    /// The due time.
    Due,
    /// The end of its deferral.
    Defer,
    /// The specification it belongs to.
    Spec,
    /// The system it came from.
    Source,
}

/// The way in which a field's values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A whole word, without regard to case; `*` matches any text.
    Word,
    /// As a word; `me` is the current actor.
    Actor,
    /// A part of a text, without regard to case.
    Text,
    /// One of a list of words that have an order.
    Rank(&'static [&'static str]),
    /// A time.
    Time,
    /// The name of an item.
    Item,
}

/// One row of the table.
struct Row {
    field: Field,
    /// Its name in queries, then its other names.
    names: &'static [&'static str],
    /// Its key in JSON.
    key: &'static str,
    shape: Shape,
}

const fn row(field: Field, names: &'static [&'static str], key: &'static str, shape: Shape) -> Row {
    Row {
        field,
        names,
        key,
        shape,
    }
}

const TABLE: &[Row] = &[
    row(Field::Id, &["id"], "id", Shape::Word),
    row(Field::Kind, &["kind"], "kind", Shape::Word),
    row(Field::Title, &["title"], "title", Shape::Text),
    row(Field::Type, &["type"], "type", Shape::Word),
    row(Field::Status, &["status", "state"], "status", Shape::Word),
    row(
        Field::Priority,
        &["priority", "p", "prio"],
        "priority",
        Shape::Rank(&Priority::WORDS),
    ),
    row(Field::Owner, &["owner"], "owner", Shape::Actor),
    row(Field::Assignee, &["assignee"], "assignee", Shape::Actor),
    row(Field::Claim, &["claim", "holder"], "claim", Shape::Actor),
    row(
        Field::Estimate,
        &["estimate", "size"],
        "estimate",
        Shape::Rank(Estimate::VOCABULARY.words),
    ),
    row(
        Field::Risk,
        &["risk"],
        "risk",
        Shape::Rank(Risk::VOCABULARY.words),
    ),
    row(
        Field::Validation,
        &["validation"],
        "validation",
        Shape::Word,
    ),
    row(Field::Stream, &["stream"], "stream", Shape::Word),
    row(Field::Epic, &["epic"], "epic", Shape::Item),
    row(Field::Parent, &["parent"], "parent", Shape::Item),
    row(Field::Label, &["label", "labels"], "labels", Shape::Word),
    row(
        Field::DependsOn,
        &["depends-on", "needs"],
        "depends_on",
        Shape::Item,
    ),
    row(Field::Blocks, &["blocks"], "blocks", Shape::Item),
    row(Field::Linked, &["linked"], "linked", Shape::Item),
    row(Field::Under, &["under", "below"], "under", Shape::Item),
    row(Field::Edge, &["edge", "edges"], "edges", Shape::Word),
    row(
        Field::Acceptance,
        &["acceptance"],
        "acceptance",
        Shape::Text,
    ),
    row(Field::Path, &["path", "paths"], "paths", Shape::Word),
    row(
        Field::External,
        &["external", "external-refs"],
        "external_refs",
        Shape::Word,
    ),
    row(
        Field::AutoPolicy,
        &["auto-policy"],
        "auto_policy",
        Shape::Word,
    ),
    row(Field::Branch, &["branch"], "branch", Shape::Word),
    row(Field::Reason, &["reason"], "reason", Shape::Text),
    row(
        Field::Created,
        &["created", "created-at"],
        "created_at",
        Shape::Time,
    ),
    row(
        Field::CreatedBy,
        &["created-by", "author"],
        "created_by",
        Shape::Actor,
    ),
    row(
        Field::Updated,
        &["updated", "updated-at"],
        "updated_at",
        Shape::Time,
    ),
    row(
        Field::Started,
        &["started", "started-at"],
        "started_at",
        Shape::Time,
    ),
    row(
        Field::Finished,
        &["finished", "finished-at"],
        "finished_at",
        Shape::Time,
    ),
    row(
        Field::Approved,
        &["approved", "approved-at"],
        "approved_at",
        Shape::Time,
    ),
    row(
        Field::ApprovedBy,
        &["approved-by"],
        "approved_by",
        Shape::Actor,
    ),
    row(
        Field::Closed,
        &["closed", "closed-at"],
        "closed_at",
        Shape::Time,
    ),
    row(Field::Due, &["due", "due-at"], "due_at", Shape::Time),
    row(
        Field::Defer,
        &["defer", "defer-until"],
        "defer_until",
        Shape::Time,
    ),
    row(Field::Spec, &["spec", "spec-id"], "spec_id", Shape::Word),
    row(
        Field::Source,
        &["source", "source-system"],
        "source_system",
        Shape::Word,
    ),
];

impl Field {
    fn row(self) -> &'static Row {
        // Every field has a row, as a test checks.
        TABLE
            .iter()
            .find(|row| row.field == self)
            .unwrap_or(&TABLE[0])
    }

    /// All fields, in the order of help texts.
    pub fn all() -> impl Iterator<Item = Field> {
        TABLE.iter().map(|row| row.field)
    }

    /// The field of a name, without regard to case; `_` and `-` are the same.
    pub fn named(name: &str) -> Option<Field> {
        let name = name.to_ascii_lowercase().replace('_', "-");
        TABLE
            .iter()
            .find(|row| row.names.contains(&name.as_str()))
            .map(|row| row.field)
    }

    /// The name in queries.
    pub fn name(self) -> &'static str {
        self.row().names[0]
    }

    /// The key in JSON.
    pub fn key(self) -> &'static str {
        self.row().key
    }

    /// The way in which its values are compared.
    pub fn shape(self) -> Shape {
        self.row().shape
    }

    /// The name of a field that is most similar to a typed one, if any is similar.
    pub fn nearest(name: &str) -> Option<&'static str> {
        let name = name.to_ascii_lowercase().replace('_', "-");
        TABLE
            .iter()
            .flat_map(|row| row.names)
            .map(|known| (distance(&name, known), *known))
            .filter(|(far, known)| *far <= 2 && *far < known.len())
            .min()
            .map(|(_, known)| known)
    }
}

/// The number of letters to insert, remove or replace (Levenshtein distance).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    // The limit is far longer than any name.
    for (n, x) in a.chars().take(40).enumerate() {
        let mut now = vec![n + 1];
        for (m, y) in b.iter().enumerate() {
            let replaced = last[m] + usize::from(x != *y);
            now.push(replaced.min(last[m + 1] + 1).min(now[m] + 1));
        }
        last = now;
    }
    last[b.len()] + a.chars().count().saturating_sub(40)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_one_row_and_every_name_occurs_once() {
        let mut names: Vec<&str> = TABLE.iter().flat_map(|row| row.names).copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        for row in TABLE {
            assert_eq!(row.field.row().key, row.key);
        }
    }

    #[test]
    fn a_mistyped_name_finds_the_field() {
        assert_eq!(Field::nearest("priorty"), Some("priority"));
        assert_eq!(Field::nearest("lable"), Some("label"));
        assert_eq!(Field::nearest("http"), None);
        assert_eq!(Field::named("DEPENDS_ON"), Some(Field::DependsOn));
    }
}
