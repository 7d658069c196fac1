//! The fields of a written task as registers, and the defaults of those that it leaves out.

use super::grammar::Field;
use crate::error::Result;
use crate::model::item_type::ItemType;
use crate::model::priority::Priority;
use crate::model::value::Value;
use crate::model::vocabulary::{AutoPolicy, Estimate, Risk, Validation};
use crate::plan::draft::{Criterion, Task, size_for};

/// The registers of a field with one word as its value. An empty value clears an optional field.
///
/// # Errors
/// If the value is not one of the field's.
pub(super) fn registers(field: Field, value: &str) -> Result<Vec<(&'static str, Value)>> {
    let by_hand = || Value::from("set by hand");
    let clear = value.is_empty();
    Ok(match field {
        Field::Estimate => {
            let size: Estimate = value.parse()?;
            vec![
                ("estimate", size.as_str().into()),
                ("hours", i64::from(size.hours()).into()),
                ("estimate_reason", by_hand()),
            ]
        }
        Field::Risk => vec![
            ("risk", value.parse::<Risk>()?.as_str().into()),
            ("risk_reason", by_hand()),
        ],
        Field::Validation => vec![
            ("validation", value.parse::<Validation>()?.as_str().into()),
            ("validation_reason", by_hand()),
        ],
        Field::Type => vec![("type", ItemType::of_task(value)?.as_str().into())],
        Field::AutoPolicy => vec![("auto_policy", value.parse::<AutoPolicy>()?.as_str().into())],
        Field::Priority if clear => vec![("priority", Value::Null)],
        Field::Priority => vec![("priority", value.parse::<Priority>()?.into())],
        Field::Points if clear => vec![("points", Value::Null)],
        Field::Points => {
            let points = value.parse::<u32>().map_err(|_| {
                crate::error::Error::usage(format!(
                    "`{}` is not a valid number of points",
                    crate::model::text::one_line(value)
                ))
            })?;
            vec![("points", i64::from(points).into())]
        }
        Field::Lines | Field::After | Field::Paths | Field::Stream | Field::Milestone => Vec::new(),
    })
}

/// A task with the defaults of everything but its title, lines and criteria: what the author said of a
/// drafted task on the same line, else a formula.
pub(super) fn defaults(
    key: &str,
    title: &str,
    criteria: &[Criterion],
    drafted: Option<&Task>,
) -> Task {
    if let Some(drafted) = drafted {
        return Task {
            key: key.to_owned(),
            title: title.to_owned(),
            acceptance: criteria.to_vec(),
            ..drafted.clone()
        };
    }
    let estimate = size_for(criteria.len());
    let count = match criteria.len() {
        1 => "one criterion".to_owned(),
        count => format!("{count} criteria"),
    };
    Task {
        acceptance: criteria.to_vec(),
        estimate,
        hours: estimate.hours(),
        estimate_reason: format!("default: {count}"),
        ..Task::plain(key, title)
    }
}
