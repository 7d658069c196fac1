//! How a list is sorted: by one field or several, then by kind and age.

use std::cell::RefCell;
use std::cmp::Ordering;

use super::matches::{any_value, rank, time};
use super::{Field, QueryError, Shape};
use crate::model::id::{self, ItemKind};
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::excerpt;
use crate::model::uid::Uid;

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
    let keys = fields(text, is_sortable, true).map_err(|(name, position, names)| QueryError {
        message: format!("`{name}` is not a field to sort by"),
        position,
        hint: format!("use one of: {names}; `-updated` reverses the order"),
    })?;
    let key = |(field, descending)| SortKey { field, descending };
    Ok(keys.into_iter().map(key).collect())
}

/// Parses `field,field`: the fields that a list shows.
///
/// # Errors
/// When a part is not a field of an item.
pub fn columns(text: &str) -> Result<Vec<Field>, QueryError> {
    let shown = |field: &Field| !matches!(field, Field::Blocks | Field::Linked | Field::Under);
    let columns = fields(text, shown, false).map_err(|(name, position, names)| QueryError {
        message: format!("`{name}` is not a valid column"),
        position,
        hint: format!("use any of: {names}"),
    })?;
    Ok(columns.into_iter().map(|(field, _)| field).collect())
}

/// The fields of a comma-separated list, each with a flag for a dash before it, if `dashes` are
/// allowed. The error is the first name that does not fit, its position, and the names that do.
fn fields(
    text: &str,
    fits: impl Fn(&Field) -> bool,
    dashes: bool,
) -> Result<Vec<(Field, bool)>, (String, usize, String)> {
    let mut found = Vec::new();
    let mut position = 1;
    for part in text.split(',') {
        let name = part.trim();
        let bare = name.strip_prefix('-').filter(|_| dashes).unwrap_or(name);
        let Some(field) = Field::named(bare).filter(&fits) else {
            let names: Vec<&str> = Field::all().filter(&fits).map(Field::name).collect();
            return Err((excerpt(bare, 40), position, names.join(", ")));
        };
        found.push((field, bare.len() < name.len()));
        position += part.chars().count() + 1;
    }
    Ok(found)
}

/// True if a field has an order; references to other items do not, except to the epic.
fn is_sortable(field: &Field) -> bool {
    *field == Field::Epic || field.shape() != Shape::Item
}

/// A value in the form in which it is compared.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Number(u64),
    Text(String),
    Id(Vec<u8>),
}

/// Compares two items; an item without a value comes last, even in reverse order.
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
    // Hash ids say nothing about age.
    let last = |item: &Item| (item.kind, item.age, id::rank(&item.id), item.uid.clone());
    last(a).cmp(&last(b))
}

/// The place of an item in the usual order, by kind and id.
pub fn usual(item: &Item) -> (ItemKind, Vec<u8>, &Uid) {
    (item.kind, id::rank(&item.id), &item.uid)
}

fn place(field: Field, item: &Item) -> Option<Place> {
    let text = |text: &str| (!text.is_empty()).then(|| Place::Text(text.to_lowercase()));
    match field {
        Field::Id => Some(Place::Id(id::rank(&item.id))),
        Field::Kind => Some(Place::Number(item.kind as u64)),
        Field::Status => Some(match Status::TASK.iter().position(|s| *s == item.status) {
            Some(at) => Place::Number(at as u64),
            None => Place::Text(item.status.as_str().to_lowercase()),
        }),
        Field::Owner => text(item.owner()?),
        Field::Epic => Some(Place::Id(id::rank(&item.epic.as_ref()?.born))),
        Field::Edge => {
            let kinds: Vec<&str> = item.edges.iter().map(|e| e.kind.as_str()).collect();
            text(&kinds.join(", "))
        }
        _ => match field.shape() {
            Shape::Rank(_) | Shape::Number => {
                rank(field, item).map(|rank| Place::Number(rank as u64))
            }
            Shape::Time => time(field, item).map(Place::Number),
            _ => {
                let all = RefCell::new(String::new());
                any_value(field, item, &|value| {
                    let mut all = all.borrow_mut();
                    match all.as_str() {
                        "" => *all = value.to_lowercase(),
                        _ => *all += &format!(", {}", value.to_lowercase()),
                    }
                    false
                });
                let all = all.into_inner();
                (!all.is_empty()).then_some(Place::Text(all))
            }
        },
    }
}
