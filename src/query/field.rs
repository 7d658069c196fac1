//! The fields that a query, a sort order and a column can name.
//!
//! One table has their names and the kind of comparison that each allows.

use crate::model::priority::Priority;
use crate::model::text::similar_names;
use crate::model::vocabulary::{Estimate, Risk};

/// The way in which a field's values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A whole word, ignoring case; `*` matches any text.
    Word,
    /// As a word; `me` is the current actor.
    Actor,
    /// A part of a text, ignoring case.
    Text,
    /// One of a list of words that have an order.
    Rank(&'static [&'static str]),
    /// A number from 0.
    Number,
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

/// Defines the fields and the table: names, key in JSON, shape.
macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident = $names:expr, $key:literal, $shape:expr;)*) => {
        /// A field of an item.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($(#[$doc])* $field,)*
        }

        const TABLE: &[Row] = &[
            $(Row { field: Field::$field, names: &$names, key: $key, shape: $shape },)*
        ];
    };
}

fields! {
    /// The current id.
    Id = ["id"], "id", Shape::Word;
    /// prd, epic, task or issue.
    Kind = ["kind"], "kind", Shape::Word;
    /// One line of text.
    Title = ["title"], "title", Shape::Text;
    /// feature, bug, …
    Type = ["type"], "type", Shape::Word;
    /// The status.
    Status = ["status", "state"], "status", Shape::Word;
    /// From 0 (highest) to 4.
    Priority = ["priority", "p", "prio"], "priority", Shape::Rank(&Priority::WORDS);
    /// The holder of the claim, and the assignee.
    Owner = ["owner"], "owner", Shape::Actor;
    /// The actor who is planned to do it.
    Assignee = ["assignee"], "assignee", Shape::Actor;
    /// The holder of the claim.
    Claim = ["claim", "holder"], "claim", Shape::Actor;
    /// XS to XL.
    Estimate = ["estimate", "size"], "estimate", Shape::Rank(Estimate::VOCABULARY.words);
    /// The story points.
    Points = ["points"], "points", Shape::Number;
    /// low, medium or high.
    Risk = ["risk"], "risk", Shape::Rank(Risk::VOCABULARY.words);
    /// The time at which its tests are written.
    Validation = ["validation"], "validation", Shape::Word;
    /// The stream of work.
    Stream = ["stream"], "stream", Shape::Word;
    /// The epic that owns it.
    Epic = ["epic"], "epic", Shape::Item;
    /// The parent item.
    Parent = ["parent"], "parent", Shape::Item;
    /// Its labels.
    Label = ["label", "labels"], "labels", Shape::Word;
    /// The items that it waits for.
    DependsOn = ["depends-on", "needs"], "depends_on", Shape::Item;
    /// The items that wait for it.
    Blocks = ["blocks"], "blocks", Shape::Item;
    /// The items that it has an edge to.
    Linked = ["linked"], "linked", Shape::Item;
    /// Its ancestors, through every level.
    Under = ["under", "below"], "under", Shape::Item;
    /// The types of its edges.
    Edge = ["edge", "edges"], "edges", Shape::Word;
    /// Its acceptance criteria.
    Acceptance = ["acceptance"], "acceptance", Shape::Text;
    /// Globs of the paths that it is expected to change.
    Path = ["path", "paths"], "paths", Shape::Word;
    /// External references.
    External = ["external", "external-refs"], "external_refs", Shape::Word;
    /// The furthest step that an agent may take without being asked.
    AutoPolicy = ["auto-policy"], "auto_policy", Shape::Word;
    /// Its branch.
    Branch = ["branch"], "branch", Shape::Word;
    /// The reason why it was blocked, deferred, cancelled or closed.
    Reason = ["reason"], "reason", Shape::Text;
    /// The time of its creation.
    Created = ["created", "created-at"], "created_at", Shape::Time;
    /// The actor who created it.
    CreatedBy = ["created-by", "author"], "created_by", Shape::Actor;
    /// The time of its last change.
    Updated = ["updated", "updated-at"], "updated_at", Shape::Time;
    /// The time of its start.
    Started = ["started", "started-at"], "started_at", Shape::Time;
    /// The time it was submitted for review.
    Submitted = ["submitted", "finished-at"], "finished_at", Shape::Time;
    /// The time it was finished, as reports count it.
    Finished = ["finished"], "closed_at", Shape::Time;
    /// The time of its approval.
    Approved = ["approved", "approved-at"], "approved_at", Shape::Time;
    /// The human who approved it.
    ApprovedBy = ["approved-by"], "approved_by", Shape::Actor;
    /// The time it was closed.
    Closed = ["closed", "closed-at"], "closed_at", Shape::Time;
    /// The due time.
    Due = ["due", "due-at"], "due_at", Shape::Time;
    /// The end of its deferral.
    Defer = ["defer", "defer-until"], "defer_until", Shape::Time;
    /// The specification it belongs to.
    Spec = ["spec", "spec-id"], "spec_id", Shape::Word;
    /// The system it came from.
    Source = ["source", "source-system"], "source_system", Shape::Word;
}

impl Field {
    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    /// All fields, in the order of help texts.
    pub fn all() -> impl Iterator<Item = Field> {
        TABLE.iter().map(|row| row.field)
    }

    /// The field with this name, ignoring case; `_` and `-` are the same.
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

    /// True if its times lie ahead, so that `3d` is in three days rather than three days ago.
    pub fn is_ahead(self) -> bool {
        matches!(self, Field::Due | Field::Defer)
    }

    /// True if its values are names of items or actors, so that a word for none is no value.
    pub fn takes_names(self) -> bool {
        matches!(self.shape(), Shape::Item | Shape::Actor)
    }

    /// The name of a field that is most similar to a typed one, if any is similar.
    pub fn nearest(name: &str) -> Option<&'static str> {
        let names = TABLE.iter().flat_map(|row| row.names).copied();
        let near = similar_names(&name.replace('_', "-"), names);
        near.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_occurs_once() {
        let mut names: Vec<&str> = TABLE.iter().flat_map(|row| row.names).copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_mistyped_name_finds_the_field() {
        assert_eq!(Field::nearest("priorty"), Some("priority"));
        assert_eq!(Field::nearest("lable"), Some("label"));
        assert_eq!(Field::nearest("http"), None);
        assert_eq!(Field::named("DEPENDS_ON"), Some(Field::DependsOn));
    }
}
