//! Sets fields of a task manually. A validation strategy also adds its test task.

use super::{next_number, write};
use crate::coordinate::reserve::path_arguments;
use crate::error::{Error, Result};
use crate::model::item_type::ItemType;
use crate::model::priority::Priority;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::model::vocabulary::{AutoPolicy, Risk, Validation};
use crate::plan::draft::{self, Criterion, Estimate, Task};
use crate::plan::drafting;
use crate::plan::is_task_field;
use crate::plan::plan_types::Plan;
use crate::plan::record::order_of;
use crate::store::layout::Family;
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
        "type" => vec![("type", ItemType::of_task(value)?.as_str().into())],
        "estimate" => {
            let size: Estimate = value.parse()?;
            vec![
                ("estimate", size.as_str().into()),
                ("hours", i64::from(size.hours()).into()),
                ("estimate_reason", "set by hand".into()),
            ]
        }
        "points" if clear => vec![("points", Value::Null)],
        "points" => {
            let points: u32 = value.trim().parse().map_err(|_| {
                Error::usage(format!(
                    "`{}` is not a valid number of points",
                    one_line(value)
                ))
            })?;
            vec![("points", i64::from(points).into())]
        }
        "priority" if clear => vec![("priority", Value::Null)],
        "priority" => vec![("priority", value.trim().parse::<Priority>()?.into())],
        "risk" => vec![
            ("risk", value.parse::<Risk>()?.as_str().into()),
            ("risk_reason", "set by hand".into()),
        ],
        "auto_policy" => {
            let policy: AutoPolicy = value.parse()?;
            vec![("auto_policy", policy.as_str().into())]
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
            let criteria: Vec<Criterion> = lines_in(value)
                .map(|text| criterion(&planned.task, text))
                .collect();
            return write(tx, uid, |writer, actor| {
                writer.set_criteria(key, &criteria, actor);
            });
        }
        _ => return set_validation(tx, uid, plan, key, value.parse()?),
    };
    write(tx, uid, |writer, actor| {
        writer.set_task(key, &fields, actor)
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
    let fields = [
        ("validation", Value::from(validation.as_str())),
        ("validation_reason", "set by hand".into()),
    ];
    let (test, _) = draft::test_task(&Task {
        validation,
        ..planned.task.clone()
    });
    let number = next_number(plan);
    let behind = match tx.state.found_by_path(Family::Plan, uid) {
        Some(loaded) => drafting::order_behind(plan, &loaded.doc, Some(key)),
        None => order_of(plan.tasks.len()),
    };
    write(tx, uid, |writer, actor| {
        writer.set_task(key, &fields, actor);
        if let Some(test) = &test {
            writer.keep_number(test, number, behind);
        }
    })
}

fn lines_in(value: &str) -> impl Iterator<Item = &str> {
    value.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// A manually written criterion, with the details of the document's criterion if the text is the
/// same.
fn criterion(planned: &Task, text: &str) -> Criterion {
    let known = planned.acceptance.iter().find(|c| c.text == text);
    known.cloned().unwrap_or_else(|| Criterion {
        text: text.to_string(),
        lines: planned.lines,
        requirement: planned.requirement.clone(),
        derived: false,
        vague: Vec::new(),
    })
}

/// The paths of a value: one per line, or separated by commas in one line.
pub(super) fn paths_in(value: &str) -> impl Iterator<Item = String> {
    let paths = path_arguments::split(value).into_iter();
    paths.filter(|path| !path.is_empty())
}
