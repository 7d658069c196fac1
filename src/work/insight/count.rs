//! Counts of items, by any field.

use std::collections::{BTreeMap, HashSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Hint, Result};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::handles::Insights;
use crate::query::{Field, states};
use crate::store::index::Scan;

/// The fields by which items can be counted.
pub const COUNTED: [Field; 13] = [
    Field::Status,
    Field::Kind,
    Field::Type,
    Field::Priority,
    Field::Owner,
    Field::Assignee,
    Field::Label,
    Field::Epic,
    Field::Estimate,
    Field::Risk,
    Field::Validation,
    Field::Stream,
    Field::CreatedBy,
];

/// The values that an item has in such a field. An epic is named by its reference.
fn values(field: Field, item: &Item) -> Vec<String> {
    let one = |text: Option<&str>| text.map(str::to_string).into_iter().collect();
    match field {
        Field::Status => one(Some(item.status.as_str())),
        Field::Kind => one(Some(item.kind.as_str())),
        Field::Type => one(Some(&item.item_type)),
        Field::Priority => vec![format!("P{}", item.priority)],
        Field::Owner => one(item.owner()),
        Field::Assignee => one(item.assignee.as_deref()),
        Field::Label => item.labels.clone(),
        Field::Epic => item.epic.iter().map(ToString::to_string).collect(),
        Field::Estimate => one(item.estimate.as_deref()),
        Field::Risk => one(item.risk.as_deref()),
        Field::Validation => one(item.validation.as_deref()),
        Field::Stream => one(item.stream.as_deref()),
        Field::CreatedBy => one(item.created_by.as_deref()),
        _ => Vec::new(),
    }
}

/// Options of a count.
#[derive(Clone, Debug, Default)]
pub struct CountFilter {
    /// The field by which the count is split, one of [`COUNTED`].
    pub by: Option<Field>,
    /// Only items of this kind.
    pub kind: Option<ItemKind>,
    /// Only items with one of these statuses; without any, only open items.
    pub status: Vec<String>,
    /// Only items with all of these labels.
    pub labels: Vec<String>,
    /// Count closed items too.
    pub all: bool,
}

/// The number of items with a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Group {
    /// The value; null for the items that have none.
    pub value: Option<String>,
    /// The number of items.
    pub count: usize,
}

/// A count of items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CountView {
    /// The number of items that match.
    pub total: usize,
    /// The field by which the count is split.
    pub by: Option<String>,
    /// The values, the most frequent first. An item with several labels counts in each of them.
    pub groups: Vec<Group>,
}

impl Insights<'_> {
    /// Counts items, split by a field if one is given.
    ///
    /// # Errors
    /// When the state cannot be read, or a status is given that no item can have.
    pub fn count(&self, filter: &CountFilter) -> Result<CountView> {
        if filter.status.iter().any(|word| word.trim().is_empty()) {
            return Err(Error::usage("a status cannot be empty").hint(Hint::run(
                ["count", "--all", "--by", "status"],
                "lists those in use",
            )));
        }
        let state = self.pm.store.snapshot()?;
        self.pm.tell_damaged(&state);
        let open = !filter.all && filter.status.is_empty();
        let states: Vec<String> = filter.status.iter().flat_map(|s| states(s)).collect();
        let which = if open {
            Scan::Open(filter.kind)
        } else {
            Scan::All(filter.kind)
        };
        let wants = |item: &Item| {
            let word = item.status.as_str();
            (filter.status.is_empty() || states.contains(&word.to_lowercase()))
                && filter
                    .labels
                    .iter()
                    .all(|label| item.labels.contains(label))
        };
        let mut total = 0;
        let mut counts: BTreeMap<Option<String>, usize> = BTreeMap::new();
        let mut seen: HashSet<Uid> = HashSet::new();
        // Counted during the scan, so that no item has to be kept; once each, also where the index
        // fails half-way and the state is read from the beginning.
        let count = |item: &Item| {
            if !wants(item) || !seen.insert(item.uid.clone()) {
                return false;
            }
            total += 1;
            let values = filter.by.map_or_else(Vec::new, |by| values(by, item));
            if values.is_empty() {
                *counts.entry(None).or_default() += 1;
            }
            for value in values {
                *counts.entry(Some(value)).or_default() += 1;
            }
            false
        };
        state.scan(&which, count, usize::MAX);
        if filter.by.is_none() {
            counts.clear();
        }
        let named = |value: String| match filter.by {
            Some(Field::Epic) => state.shown_ref(&ItemRef::parse(&value)),
            _ => value,
        };
        let counts = counts.into_iter();
        let mut groups: Vec<Group> = counts
            .map(|(value, count)| Group {
                value: value.map(named),
                count,
            })
            .collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        Ok(CountView {
            total,
            by: filter.by.map(|by| by.name().to_string()),
            groups,
        })
    }
}
