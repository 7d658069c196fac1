//! The order of a list: by one field or several, then by kind and age.

use std::cmp::Ordering;

use super::matches::{rank, time};
use super::{Field, QueryError, Shape};
use crate::model::id;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::excerpt;

/// One field of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// The field.
    pub field: Field,
    /// Set if the greatest value comes first.
    pub descending: bool,
}

/// Parses `field,-field`: fields separated by commas; a dash reverses the order.
///
/// # Errors
/// When a part is not a field that has an order.
pub fn sort_keys(text: &str) -> Result<Vec<SortKey>, QueryError> {
    let mut keys = Vec::new();
    let mut position = 1;
    for part in text.split(',') {
        let name = part.trim();
        let bare = name.strip_prefix('-').unwrap_or(name);
        let found = Field::named(bare).filter(|field| is_sortable(*field));
        let Some(field) = found else {
            let names: Vec<&str> = sortable().map(Field::name).collect();
            let shown = excerpt(bare, 40);
            return Err(QueryError {
                message: format!("`{shown}` is not a field to sort by"),
                position,
                hint: format!(
                    "use one of: {}; `-updated` reverses the order",
                    names.join(", ")
                ),
            });
        };
        keys.push(SortKey {
            field,
            descending: name.len() > bare.len(),
        });
        position += part.chars().count() + 1;
    }
    Ok(keys)
}

/// Parses `field,field`: the fields that a list shows.
///
/// # Errors
/// When a part is not a field of an item.
pub fn columns(text: &str) -> Result<Vec<Field>, QueryError> {
    let shown = |field: &Field| !matches!(field, Field::Blocks | Field::Linked | Field::Under);
    let mut fields = Vec::new();
    let mut position = 1;
    for part in text.split(',') {
        let found = Field::named(part.trim()).filter(shown);
        let Some(field) = found else {
            let names: Vec<&str> = Field::all().filter(shown).map(Field::name).collect();
            let bad = excerpt(part.trim(), 40);
            return Err(QueryError {
                message: format!("`{bad}` is not a column"),
                position,
                hint: format!("use some of: {}", names.join(", ")),
            });
        };
        fields.push(field);
        position += part.chars().count() + 1;
    }
    Ok(fields)
}

fn sortable() -> impl Iterator<Item = Field> {
    Field::all().filter(|field| is_sortable(*field))
}

/// True if a field has an order; references to other items do not, except to the epic.
fn is_sortable(field: Field) -> bool {
    field == Field::Epic || field.shape() != Shape::Item
}

/// A value in the form in which it is compared.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Number(u64),
    Text(String),
    Id(Vec<u8>),
}

/// Compares two items; an item without a value comes last, also in reverse order.
pub fn compare(a: &Item, b: &Item, keys: &[SortKey]) -> Ordering {
    for key in keys {
        let order = match (place(key.field, a), place(key.field, b)) {
            (Some(a), Some(b)) if key.descending => b.cmp(&a),
            (Some(a), Some(b)) => a.cmp(&b),
            (a, b) => b.is_some().cmp(&a.is_some()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    // Hash ids tell nothing about age.
    let last = |item: &Item| (item.kind, item.age, id::rank(&item.id), item.uid.clone());
    last(a).cmp(&last(b))
}

fn place(field: Field, item: &Item) -> Option<Place> {
    let text = |text: &str| (!text.is_empty()).then(|| Place::Text(text.to_lowercase()));
    let list = |list: Vec<&str>| text(&list.join(", "));
    match field {
        Field::Id => Some(Place::Id(id::rank(&item.id))),
        Field::Kind => Some(Place::Number(item.kind as u64)),
        Field::Status => Some(match Status::TASK.iter().position(|s| *s == item.status) {
            Some(at) => Place::Number(at as u64),
            None => Place::Text(item.status.as_str().to_lowercase()),
        }),
        Field::Owner => text(item.owner()?),
        Field::Claim => text(&item.holder()?.actor),
        Field::Epic => Some(Place::Id(id::rank(&item.epic.as_ref()?.born))),
        Field::Title => text(&item.title),
        Field::Type => text(&item.item_type),
        Field::Assignee => text(item.assignee.as_deref()?),
        Field::Validation => text(item.validation.as_deref()?),
        Field::Stream => text(item.stream.as_deref()?),
        Field::AutoPolicy => text(&item.auto_policy),
        Field::Branch => text(item.branch.as_deref()?),
        Field::Reason => text(item.reason.as_deref()?),
        Field::CreatedBy => text(item.created_by.as_deref()?),
        Field::ApprovedBy => text(&item.approval.as_ref()?.by),
        Field::Spec => text(item.issue.spec_id.as_deref()?),
        Field::Source => text(item.issue.source_system.as_deref()?),
        Field::Label => list(item.labels.iter().map(String::as_str).collect()),
        Field::Path => list(item.paths.iter().map(String::as_str).collect()),
        Field::External => list(item.external_refs.iter().map(String::as_str).collect()),
        Field::Edge => list(item.edges.iter().map(|e| e.kind.as_str()).collect()),
        Field::Acceptance => list(item.acceptance.iter().map(|c| c.text.as_str()).collect()),
        _ => match rank(field, item) {
            Some(rank) => Some(Place::Number(rank as u64)),
            None => time(field, item).map(Place::Number),
        },
    }
}
