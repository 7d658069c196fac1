//! Sets fields of a task manually. A validation strategy also adds its test task.

use std::collections::BTreeMap;

use super::{next_number, write};
use crate::coordinate::reserve::path_arguments;
use crate::error::{Error, Result};
use crate::model::item_type::ItemType;
use crate::model::priority::Priority;
use crate::model::proposed::{BY_HAND, Replaced, reworded_criteria};
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::model::vocabulary::{AutoPolicy, Risk, Validation};
use crate::plan::draft::{Criterion, Estimate, Task};
use crate::plan::is_task_field;
use crate::plan::plan_types::Plan;
use crate::store::transaction::Tx;
use crate::work::task::field_rules::{check_body, check_path, check_title};

pub(super) fn set(
    tx: &mut Tx<'_>,
    uid: &Uid,
    plan: &Plan,
    key: &str,
    field: &str,
    value: &str,
) -> Result<()> {
    // Alternative names; a written plan has `size`.
    let field = match field {
        "strategy" => "validation",
        "size" => "estimate",
        other => other,
    };
    if !is_task_field(field) {
        return Err(Error::usage(format!("a task of a plan has no field `{}`", one_line(field)))
            .hint("fields: title, description, type, estimate, points, priority, risk, validation, stream, milestone, paths, auto_policy, acceptance"));
    }
    let Some(planned) = plan.task(key) else {
        return Err(Error::not_found("the plan has no such task"));
    };
    // Its position belongs to the plan; its other fields belong to the item.
    if let Some(item) = planned.item.as_ref().filter(|_| field != "stream") {
        let id = tx.state.shown_ref(item);
        return Err(Error::refused(format!(
            "task {} is now {id}, so the plan can no longer change it",
            planned.number
        ))
        .hint(format!("change it with `git pm task edit {id}`")));
    }
    let clear = value.trim().is_empty();
    let fields: Vec<(&str, Value)> = match field {
        "title" => vec![("title", check_title(value)?.into())],
        "description" => {
            check_body(value)?;
            vec![("description", value.into())]
        }
        "stream" => {
            let name = one_line(value.trim());
            if name.is_empty() {
                return Err(Error::usage("a task needs a stream")
                    .hint("specify an existing stream or a new one"));
            }
            vec![("stream", name.into())]
        }
        "milestone" if clear => vec![("milestone", Value::Null)],
        "milestone" => {
            let wanted = value.trim();
            let found = plan
                .milestones
                .iter()
                .find(|m| m.title == wanted || m.key == wanted);
            let found = found.ok_or_else(|| {
                let titles: Vec<&str> = plan.milestones.iter().map(|m| m.title.as_str()).collect();
                Error::not_found(format!("the plan has no milestone `{}`", one_line(wanted)))
                    .hint(format!("milestones: {}", titles.join(", ")))
            })?;
            vec![("milestone", found.key.clone().into())]
        }
        "paths" => {
            let mut paths = Vec::new();
            for path in paths_in(value) {
                paths.push(check_path(&path)?);
            }
            vec![(
                "paths",
                Value::from((!paths.is_empty()).then(|| paths.join("\n"))),
            )]
        }
        "acceptance" => {
            let criteria = criteria(&planned.task, value);
            return write(tx, uid, |writer, actor| {
                writer.set_criteria(key, &criteria, actor);
            });
        }
        "validation" => return set_validation(tx, uid, plan, key, value.parse()?),
        word => of_word(word, value)?,
    };
    write(tx, uid, |writer, actor| {
        writer.set_task(key, &fields, actor)
    })
}

/// The registers of a field with one word as its value. An empty value clears an optional field.
///
/// # Errors
/// If the value is not one of the field's.
pub(in crate::plan) fn of_word(field: &str, value: &str) -> Result<Vec<(&'static str, Value)>> {
    let by_hand = || Value::from(BY_HAND);
    let optional = Some(value.trim()).filter(|value| !value.is_empty());
    Ok(match field {
        "type" => vec![("type", ItemType::of_task(value)?.as_str().into())],
        "estimate" | "size" => {
            let size: Estimate = value.parse()?;
            vec![
                ("estimate", size.as_str().into()),
                ("hours", i64::from(size.hours()).into()),
                ("estimate_reason", by_hand()),
            ]
        }
        "points" => {
            let points = optional.map(str::parse::<u32>).transpose();
            let points = points.map_err(|_| {
                let shown = one_line(value);
                Error::usage(format!("`{shown}` is not a valid number of points"))
            })?;
            vec![("points", points.map(i64::from).into())]
        }
        "priority" => {
            let priority = optional.map(str::parse::<Priority>).transpose()?;
            vec![("priority", priority.map_or(Value::Null, Value::from))]
        }
        "risk" => vec![
            ("risk", value.parse::<Risk>()?.as_str().into()),
            ("risk_reason", by_hand()),
        ],
        "validation" => vec![
            ("validation", value.parse::<Validation>()?.as_str().into()),
            ("validation_reason", by_hand()),
        ],
        "auto_policy" => vec![("auto_policy", value.parse::<AutoPolicy>()?.as_str().into())],
        _ => Vec::new(),
    })
}

/// Sets the validation strategy. The reader of plans adds or omits the test task accordingly.
fn set_validation(
    tx: &mut Tx<'_>,
    uid: &Uid,
    plan: &Plan,
    key: &str,
    validation: Validation,
) -> Result<()> {
    let Some(planned) = plan.task(key) else {
        return Ok(());
    };
    if planned.task.tests.is_some() {
        return Err(Error::usage(
            "a test task cannot have a test task of its own",
        ));
    }
    let fields = of_word("validation", validation.as_str())?;
    write(tx, uid, |writer, actor| {
        writer.set_task(key, &fields, actor);
        if validation != Validation::None {
            writer.number_test(key, next_number(plan));
        }
    })
}

fn lines_in(value: &str) -> impl Iterator<Item = &str> {
    value.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Manually written criteria, with the details of the document's criterion if the text is the same, or
/// another form of it; else the document does not state them.
fn criteria(planned: &Task, value: &str) -> Vec<Criterion> {
    let texts: Vec<&str> = lines_in(value).collect();
    let known = &planned.acceptance;
    let left = known.iter().enumerate();
    let left = left.filter(|(_, one)| !texts.contains(&one.text.as_str()));
    let left = left.map(|(place, one)| Replaced {
        place,
        text: &one.text,
        requirement: one.requirement.as_deref(),
    });
    let left: Vec<Replaced<'_>> = left.collect();
    let is_new = |text: &&str| !known.iter().any(|one| one.text == *text);
    let new: Vec<&str> = texts.iter().copied().filter(is_new).collect();
    let mut reworded = BTreeMap::new();
    for (at, before) in reworded_criteria(&new, &left) {
        reworded.insert(new[at], before);
    }
    let criterion = |text: &str| {
        let same = known.iter().find(|one| one.text == text);
        let before = reworded.get(text).and_then(|at| known.get(*at));
        match (same, before) {
            (Some(same), _) => same.clone(),
            (None, Some(before)) => Criterion {
                text: text.to_string(),
                vague: Vec::new(),
                ..before.clone()
            },
            (None, None) => Criterion {
                text: text.to_string(),
                lines: planned.lines,
                requirement: planned.requirement.clone(),
                derived: true,
                vague: Vec::new(),
            },
        }
    };
    texts.iter().map(|text| criterion(text)).collect()
}

/// The paths of a value: one per line, or separated by commas in one line.
pub(super) fn paths_in(value: &str) -> impl Iterator<Item = String> {
    let paths = path_arguments::split(value).into_iter();
    paths.filter(|path| !path.is_empty())
}
