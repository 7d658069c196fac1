//! A small model of applying changes to a plan, as strict as the product.

use std::collections::BTreeMap;

use super::{criterion, from_json, task, wait};
use crate::plan::change::{Change, NewTask};
use crate::plan::document::Lines;
use crate::plan::draft::EdgeClass;
use crate::plan::{Plan, Planned};

/// The result of the changes, or the one that is not possible.
pub(super) fn applied(plan: &Plan, changes: &[Change]) -> Result<Plan, String> {
    let mut out = plan.clone();
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for change in changes {
        apply(&mut out, &mut names, change).map_err(|why| format!("{change:?}: {why}"))?;
    }
    Ok(out)
}

fn find(plan: &Plan, names: &BTreeMap<String, String>, name: &str) -> Result<usize, String> {
    let is_it = |p: &Planned| match names.get(name) {
        Some(key) => p.task.key == *key,
        None => p.number.to_string() == name,
    };
    plan.tasks
        .iter()
        .position(is_it)
        .ok_or_else(|| format!("no task {name}"))
}

fn apply(
    plan: &mut Plan,
    names: &mut BTreeMap<String, String>,
    change: &Change,
) -> Result<(), String> {
    match change {
        Change::Title(title) => plan.title = title.clone(),
        Change::Add(new) => add(plan, names, new)?,
        Change::Set { task, field, value } => {
            let at = find(plan, names, task)?;
            set(plan, at, field, value)?;
        }
        Change::Remove { task, force } => {
            let at = find(plan, names, task)?;
            let planned = plan.tasks[at].clone();
            let key = &planned.task.key;
            let is_own = |k: &str| {
                plan.task(k)
                    .is_some_and(|p| p.task.tests.as_ref() == Some(key))
            };
            let waiting = plan.waits.iter().any(|w| w.on == *key && !is_own(&w.task));
            if planned.item.is_some() || (waiting && !force) {
                return Err("it has to stay".into());
            }
            plan.tasks
                .retain(|p| p.task.key != *key && p.task.tests.as_ref() != Some(key));
            drop_dangling(plan);
        }
        Change::Wait { task, on, class } => {
            let (task, on) = (find(plan, names, task)?, find(plan, names, on)?);
            let (task, on) = (plan.tasks[task].number, plan.tasks[on].number);
            put_wait(plan, &key_at(plan, task), &key_at(plan, on), *class)?;
        }
        Change::Free { task, on } => {
            let (task, on) = (find(plan, names, task)?, find(plan, names, on)?);
            let (task, on) = (
                plan.tasks[task].task.key.clone(),
                plan.tasks[on].task.key.clone(),
            );
            let count = plan.waits.len();
            plan.waits.retain(|w| w.task != task || w.on != on);
            if plan.waits.len() == count {
                return Err("it does not wait".into());
            }
        }
        Change::Order { tasks } => {
            let at: Result<Vec<usize>, String> =
                tasks.iter().map(|name| find(plan, names, name)).collect();
            let at = at?;
            let mut given = at.iter().map(|at| plan.tasks[*at].clone());
            let slots: Vec<Planned> = (0..plan.tasks.len())
                .map(|n| match at.contains(&n) {
                    true => given.next().unwrap(),
                    false => plan.tasks[n].clone(),
                })
                .collect();
            plan.tasks = slots;
        }
        other => return Err(format!("{other:?} never comes of a text")),
    }
    Ok(())
}

fn key_at(plan: &Plan, number: u32) -> String {
    let found = plan.tasks.iter().find(|p| p.number == number);
    found.unwrap().task.key.clone()
}

fn put_wait(plan: &mut Plan, task: &str, on: &str, class: EdgeClass) -> Result<(), String> {
    if task == on {
        return Err("it would wait for itself".into());
    }
    plan.waits.retain(|w| w.task != task || w.on != on);
    let mut new = wait(0, 0, class);
    (new.task, new.on) = (task.to_string(), on.to_string());
    plan.waits.push(new);
    Ok(())
}

pub(super) fn drop_dangling(plan: &mut Plan) {
    let keys: Vec<String> = plan.tasks.iter().map(|p| p.task.key.clone()).collect();
    plan.waits
        .retain(|w| keys.contains(&w.task) && keys.contains(&w.on));
}

fn add(plan: &mut Plan, names: &mut BTreeMap<String, String>, new: &NewTask) -> Result<(), String> {
    let number = plan.tasks.iter().map(|p| p.number).max().unwrap_or(0) + 1;
    let mut planned = task(number, &new.title);
    planned.task.key = format!("key of {}", new.name);
    planned.task.acceptance.clear();
    planned.task.lines = Lines { start: 0, end: 0 };
    let key = planned.task.key.clone();
    let at = match &new.after {
        Some(after) => find(plan, names, after)? + 1,
        None => plan.tasks.len(),
    };
    plan.tasks.insert(at, planned);
    for (field, value) in &new.fields {
        set(plan, at, field, value)?;
    }
    for (on, class) in &new.waits {
        let on = plan.tasks[find(plan, names, on)?].task.key.clone();
        put_wait(plan, &key, &on, *class)?;
    }
    names.insert(new.name.clone(), key);
    Ok(())
}

fn set(plan: &mut Plan, at: usize, field: &str, value: &str) -> Result<(), String> {
    let known = plan.milestones.iter().any(|m| m.key == value);
    let key = plan.tasks[at].task.key.clone();
    let lines = |value: &str| value.lines().map(str::to_string).collect::<Vec<_>>();
    let word = || serde_json::Value::from(value);
    let task = &mut plan.tasks[at].task;
    match field {
        "title" => task.title = value.into(),
        "description" => task.description = value.into(),
        "type" => task.item_type = from_json(word()),
        "estimate" => task.estimate = from_json(word()),
        "points" => task.points = value.parse().ok(),
        "priority" => task.priority = value.parse().ok(),
        "risk" => task.risk = from_json(word()),
        "validation" => {
            task.validation = from_json(word());
            if value == "none" {
                plan.tasks.retain(|p| p.task.tests.as_ref() != Some(&key));
                drop_dangling(plan);
            }
        }
        "stream" => task.stream = value.into(),
        "milestone" if value.is_empty() => task.milestone = None,
        "milestone" if known => task.milestone = Some(value.into()),
        "paths" => task.paths = lines(value),
        "auto_policy" => task.auto_policy = from_json(word()),
        "acceptance" => task.acceptance = lines(value).iter().map(|t| criterion(t)).collect(),
        _ => return Err(format!("no field {field}, or not with this value")),
    }
    Ok(())
}
