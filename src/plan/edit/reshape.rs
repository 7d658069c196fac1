//! Changes to the structure of a plan: reordering and merging tasks.

use std::collections::BTreeSet;

use super::{number, present, write};
use crate::error::{Error, Result};
use crate::model::authority;
use crate::model::proposed::is_set;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::plan::draft::{AutoPolicy, Edge, Estimate};
use crate::plan::plan_types::{Plan, Planned};
use crate::plan::record::{order_of, task_fields, word};
use crate::store::transaction::Tx;

pub(super) fn order(tx: &mut Tx<'_>, uid: &Uid, plan: &Plan, keys: &[String]) -> Result<()> {
    // The given tasks swap their present positions; all others keep theirs.
    let mut wanted: Vec<String> = Vec::new();
    let mut given = keys.iter();
    for planned in &plan.tasks {
        let key = &planned.task.key;
        match keys.contains(key) {
            true => wanted.extend(given.next().cloned()),
            false => wanted.push(key.clone()),
        }
    }
    write(tx, uid, |writer, actor| {
        for (n, key) in wanted.iter().enumerate() {
            writer.set_task(key, &[("order", order_of(n).into())], actor);
        }
    })
}

pub(super) fn merge(tx: &mut Tx<'_>, uid: &Uid, plan: &Plan, keys: &[String]) -> Result<()> {
    let mut named = BTreeSet::new();
    let keys: Vec<String> = keys
        .iter()
        .filter(|key| named.insert(*key))
        .cloned()
        .collect();
    let Some((first, rest)) = keys.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return Err(Error::usage(
            "specify at least two different tasks to merge",
        ));
    };
    let all: Vec<&Planned> = keys.iter().filter_map(|key| plan.task(key)).collect();
    if let Some(test) = all.iter().find(|planned| planned.task.tests.is_some()) {
        return Err(Error::refused(format!(
            "task {} is the test task of another one, which it follows",
            test.number
        ))
        .hint("merge the tasks that are tested: their test tasks are merged with them"));
    }
    if let Some(taken) = all.iter().find(|planned| planned.item.is_some()) {
        return Err(Error::refused(format!(
            "task {} already exists as an item, so the plan can no longer merge it",
            taken.number
        ))
        .hint("merge only tasks that are not items yet"));
    }
    let Some(kept) = plan.task(first) else {
        return Err(Error::not_found("the plan has no such task"));
    };
    let mut task = kept.task.clone();
    let mut hours = 0;
    for other in &all {
        hours = other.task.hours.saturating_add(hours);
        if other.task.key == *first {
            continue;
        }
        if !other.task.description.is_empty() {
            task.description.push_str("\n\n");
            task.description.push_str(&other.task.description);
        }
        for criterion in &other.task.acceptance {
            if !task
                .acceptance
                .iter()
                .any(|known| known.text == criterion.text)
            {
                task.acceptance.push(criterion.clone());
            }
        }
        task.paths.extend(other.task.paths.clone());
        task.covers.extend(other.task.requirement.clone());
        task.covers.extend(other.task.covers.clone());
        task.risk = task.risk.max(other.task.risk);
        task.auto_policy = authority::stricter_of_plan(task.auto_policy, other.task.auto_policy);
        if let (Some(a), Some(b)) = (task.points, other.task.points) {
            task.points = Some(a.saturating_add(b));
        }
        // The more urgent of both priorities.
        task.priority = task.priority.into_iter().chain(other.task.priority).min();
    }
    task.paths.sort();
    task.paths.dedup();
    task.covers.sort();
    task.covers.dedup();
    task.hours = hours;
    task.estimate = Estimate::of_hours(hours);
    task.estimate_reason = "merged".into();
    let kept_fields = [
        "description",
        "hours",
        "estimate",
        "estimate_reason",
        "points",
        "priority",
        "risk",
        "paths",
        "covers",
        "auto_policy",
    ];
    let mut fields = task_fields(&task);
    fields.retain(|(name, _)| kept_fields.contains(name));
    fields.extend(own_of_all(&all));
    let is_forbidden = |planned: &&Planned| {
        let by_hand = planned.by_hand.contains_key("auto_policy");
        by_hand && planned.task.auto_policy == AutoPolicy::None
    };
    let forbids = all.iter().any(is_forbidden);
    let gone: Vec<String> = plan
        .tasks
        .iter()
        .filter(|p| {
            let of = p.task.tests.as_ref();
            rest.contains(&p.task.key) || of.is_some_and(|of| rest.contains(of))
        })
        .map(|p| p.task.key.clone())
        .collect();
    let inside = |key: &String| gone.contains(key) || key == first;
    write(tx, uid, |writer, actor| {
        writer.set_task(first, &fields, actor);
        if forbids {
            let none = word(AutoPolicy::None);
            let by = ("by_auto_policy", actor.into());
            writer.put_task(first, &[("auto_policy", none.into()), by]);
        }
        writer.set_criteria(first, &task.acceptance, actor);
        writer.move_research_notes(rest, first, actor);
        for wait in plan.waits.iter().filter(|wait| !wait.is_of_test()) {
            let edge = wait;
            if !gone.contains(&edge.task) && !gone.contains(&edge.on) {
                continue;
            }
            writer.remove_wait(&edge.task, &edge.on, actor);
            let is_test = |key: &String| gone.contains(key) && !rest.contains(key);
            if is_test(&edge.task) || is_test(&edge.on) || (inside(&edge.task) && inside(&edge.on))
            {
                continue;
            }
            let moved = |key: &String| {
                if gone.contains(key) {
                    first.clone()
                } else {
                    key.clone()
                }
            };
            let edge = Edge {
                task: moved(&edge.task),
                on: moved(&edge.on),
                ..edge.clone()
            };
            writer.add_wait(&edge, actor);
        }
        // Their test tasks are removed with them.
        for key in rest {
            writer.fold_task(key, first, actor);
        }
    })?;
    // The edges of the merged tasks are moved to the remaining one.
    let after = present(tx, uid)?;
    if let Some(cycle) = crate::plan::net::Net::of(&after).cycle() {
        let shown: Vec<String> = cycle.iter().map(|key| number(&after, key)).collect();
        return Err(Error::refused(format!(
            "merging these tasks would create a cycle: {}",
            shown.join(" → ")
        ))
        .hint("merge the tasks between them as well"));
    }
    Ok(())
}

/// The values of several tasks that no document states: all elements of lists, and the first of others.
fn own_of_all(all: &[&Planned]) -> Vec<(&'static str, Value)> {
    let mut out: Vec<(&'static str, Value)> = Vec::new();
    for (name, value) in all.iter().flat_map(|planned| &planned.own) {
        let known = out.iter_mut().find(|(known, _)| known == name);
        match (known, value.as_str()) {
            (None, _) => out.push((name, value.clone())),
            (Some((_, known)), Some(more)) if is_set(name) => {
                let both = format!("{}\n{more}", known.as_str().unwrap_or_default());
                let elements: BTreeSet<&str> = both.lines().collect();
                *known = elements.into_iter().collect::<Vec<_>>().join("\n").into();
            }
            _ => {}
        }
    }
    out
}
