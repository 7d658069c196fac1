//! Manual changes to a plan: every verb is a list of changes, applied as one commit.

mod reshape;
mod set_fields;

use std::borrow::Cow;

use super::change::{Change, NewTask};
use super::draft::{self, Edge, EdgeClass, Estimate, Task};
use super::plan_types::Plan;
use super::record::{Entries, Writer, order_of, read};
use super::sources::find_of;
use super::view::PlanView;
use crate::coordinate::reserve::path_arguments;
use crate::error::{Error, Hint, Result};
use crate::model::id::ItemKind;
use crate::model::stamp::Stamp;
use crate::model::text::one_line;
use crate::model::uid::{Uid, sha256_hex};
use crate::plan::{drafting, sources};
use crate::pm::Pm;
use crate::pm::handles::Plans;
use crate::store::layout::Family;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::edit;
use crate::work::task::field_rules::check_title;
use reshape::{merge, order};
pub(super) use set_fields::of_word;
use set_fields::set;

/// The permitted branch patterns.
pub const BRANCHES: [&str; 3] = ["single-branch", "feature-branches", "stacked-branches"];

impl Plans<'_> {
    /// Applies changes to a plan, as one commit: all of them or none.
    ///
    /// # Errors
    /// If there is no such plan or task, a field has an invalid value, or other tasks wait for one
    /// that is removed.
    pub fn change(&self, id: Option<&str>, changes: &[Change]) -> Result<PlanView> {
        let op = match changes {
            [one] => format!("plan {}", verb(one)),
            _ => "plan edit".to_string(),
        };
        drafting::write_plan(self.pm, &op, |tx| {
            let named = changes.iter().find_map(|one| plan_named(&tx.state, one));
            if let (None, Some((name, change))) = (id, named) {
                let (name, verb) = (one_line(name), verb(change));
                return Err(Error::usage(format!(
                    "{name} is a plan, and `plan {verb}` takes a task of one"
                ))
                .hint(Hint::run(
                    ["plan", "show", &name],
                    "lists its tasks with their numbers",
                ))
                .hint(format!(
                    "`git pm plan {verb} N --plan {name}` means task N of it"
                )));
            }
            let tasks = changes.iter().flat_map(tasks_of);
            let (plan, prd) = find_of(self.pm, &tx.state, id, tasks)?;
            for change in changes {
                change_in(self.pm, tx, &plan.uid, change)?;
            }
            let what = match changes {
                [one] => said(one),
                many => format!("{} changes", many.len()),
            };
            tx.describe(&op, &[&prd.id], &format!("of {}: {what}", prd.id));
            Ok(prd.uid)
        })
    }
}

/// The names of tasks in a change.
fn tasks_of(change: &Change) -> Vec<&str> {
    let names: Vec<&String> = match change {
        Change::Set { task, .. } | Change::Remove { task, .. } => vec![task],
        Change::Wait { task, on, .. } | Change::Free { task, on } => vec![task, on],
        Change::Order { tasks } | Change::Merge { tasks } => tasks.iter().collect(),
        Change::Add(new) => {
            let waits = new.waits.iter().map(|(on, _)| on);
            waits.chain(&new.after).collect()
        }
        Change::Title(_) | Change::Branches(_) => Vec::new(),
    };
    names.into_iter().map(String::as_str).collect()
}

/// The plan whose id stands in place of a task's name.
fn plan_named<'c>(state: &State<'_>, change: &'c Change) -> Option<(&'c str, &'c Change)> {
    let task = tasks_of(change).into_iter().next()?;
    let is_number = |text: &str| text.parse::<u32>().is_ok();
    let is_plan = !is_number(task.trim_start_matches(['#', 'T', 't', '-']))
        && state.find_kind(task, ItemKind::Prd).is_ok();
    is_plan.then_some((task, change))
}

/// The value of a field as it is stored: paths from the root. Agents may not plan protected ones.
pub(super) fn open_value<'v>(pm: &Pm, field: &str, value: &'v str) -> Result<Cow<'v, str>> {
    if field != "paths" {
        return Ok(value.into());
    }
    let mut paths = Vec::new();
    for path in set_fields::paths_in(value) {
        paths.push(path_arguments::from_top(pm, &path)?.text().to_owned());
    }
    edit::require_plannable(pm, &paths)?;
    Ok(paths.join("\n").into())
}

fn change_in(pm: &Pm, tx: &mut Tx<'_>, uid: &Uid, change: &Change) -> Result<()> {
    let plan = present(tx, uid)?;
    let named = |name: &str| drafting::key_of(&tx.state, &plan, name);
    match change {
        Change::Add(new) => add_in(pm, tx, uid, &plan, new),
        Change::Set { task, field, value } => {
            let value = open_value(pm, field, value)?;
            let key = named(task)?;
            set(tx, uid, &plan, &key, field, &value)
        }
        Change::Remove { task, force } => {
            let key = named(task)?;
            remove(tx, uid, &plan, &key, *force)
        }
        Change::Wait { task, on, class } => {
            let (task, on) = (named(task)?, named(on)?);
            wait(tx, uid, &plan, &task, &on, *class)
        }
        Change::Free { task, on } => {
            let (task, on) = (named(task)?, named(on)?);
            require_own(tx, &plan, &task, "rm")?;
            let found = plan.waits_of(&task).find(|edge| edge.on == on);
            if let Some(edge) = found.filter(|edge| edge.is_of_test()) {
                let tested = plan.task(&edge.task).and_then(|p| p.task.tests.as_ref());
                let tested = number(&plan, tested.unwrap_or(&edge.task));
                return Err(Error::refused(format!(
                    "this dependency follows from the validation of task {tested}"
                ))
                .hint(format!(
                    "`git pm plan set {tested} validation=test-parallel` keeps the tests \
                         without it, `validation=none` removes them"
                )));
            }
            if found.is_none() {
                return Err(Error::not_found(format!(
                    "task {} does not wait for task {}",
                    number(&plan, &task),
                    number(&plan, &on)
                )));
            }
            write(tx, uid, |writer, actor| {
                writer.remove_wait(&task, &on, actor)
            })
        }
        Change::Order { tasks } => {
            let keys: Vec<String> = tasks.iter().map(|t| named(t)).collect::<Result<_>>()?;
            order(tx, uid, &plan, &keys)
        }
        Change::Merge { tasks } => {
            let keys: Vec<String> = tasks.iter().map(|t| named(t)).collect::<Result<_>>()?;
            merge(tx, uid, &plan, &keys)
        }
        Change::Title(title) => set_title(tx, uid, title),
        Change::Branches(pattern) => {
            if !BRANCHES.contains(&pattern.as_str()) {
                return Err(Error::usage(format!(
                    "`{}` is not a valid branch pattern",
                    one_line(pattern)
                ))
                .hint(format!("use one of: {}", BRANCHES.join(", "))));
            }
            tx.edit(uid, |doc, clock| {
                doc.set("branches", pattern.as_str(), clock)
            })?;
            let epic = plan.epic.as_ref().and_then(|epic| epic.uid.clone());
            if let Some(epic) = epic.filter(|epic| tx.state.doc(epic).is_some()) {
                tx.edit(&epic, |doc, clock| {
                    doc.set("branch_pattern", pattern.as_str(), clock)
                })?;
            }
            Ok(())
        }
    }
}

fn add_in(pm: &Pm, tx: &mut Tx<'_>, uid: &Uid, plan: &Plan, new: &NewTask) -> Result<()> {
    let title = check_title(&new.title)?;
    // Random, so that two clones which add tasks with the same title create two tasks.
    let key = sha256_hex(tx.new_uid()?.as_str().as_bytes())[..12].to_string();
    let task = Task {
        description: title.clone(),
        ..blank(&key, &title)
    };
    let number = next_number(plan);
    let known = |name: &str| drafting::key_of(&tx.state, plan, name);
    let after = new.after.as_deref().map(known).transpose()?;
    let mut waits = Vec::new();
    for (on, class) in &new.waits {
        waits.push((known(on)?, *class));
    }
    let behind = match tx.state.found_by_path(Family::Plan, uid) {
        Some(loaded) => drafting::order_behind(plan, &loaded.doc, after.as_deref()),
        None => order_of(plan.tasks.len()),
    };
    write(tx, uid, |writer, actor| {
        writer.add_task(&task, number, behind, actor);
    })?;
    for (field, value) in &new.fields {
        let value = open_value(pm, field, value)?;
        let plan = present(tx, uid)?;
        set(tx, uid, &plan, &key, field, &value)?;
    }
    // The new task gets a test task, as the planner's tasks do.
    if !new
        .fields
        .iter()
        .any(|(field, _)| matches!(field.as_str(), "validation" | "strategy"))
    {
        let plan = present(tx, uid)?;
        let is_text = plan.task(&key).is_some_and(|p| {
            matches!(
                p.task.item_type,
                draft::ItemType::Docs | draft::ItemType::Test
            )
        });
        let is_tested = !is_text && sources::plans_tests(&tx.state);
        let strategy = if is_tested { "test-after" } else { "none" };
        set(tx, uid, &plan, &key, "validation", strategy)?;
        let reason = [("validation_reason", "default: added by hand".into())];
        write(tx, uid, |writer, _| writer.put_task(&key, &reason))?;
    }
    for (on, class) in waits {
        let plan = present(tx, uid)?;
        wait(tx, uid, &plan, &key, &on, class)?;
    }
    Ok(())
}

/// Renames a plan, by hand.
pub(super) fn set_title(tx: &mut Tx<'_>, uid: &Uid, title: &str) -> Result<()> {
    let title = check_title(title)?;
    let actor = tx.actor().to_string();
    tx.edit(uid, |doc, clock| {
        let changed = doc.set("title", title, clock);
        changed && doc.set("by_title", actor, clock)
    })?;
    Ok(())
}

fn verb(change: &Change) -> &'static str {
    match change {
        Change::Add(_) => "add",
        Change::Set { .. } | Change::Title(_) | Change::Branches(_) => "set",
        Change::Remove { .. } => "rm",
        Change::Wait { .. } | Change::Free { .. } => "dep",
        Change::Order { .. } => "order",
        Change::Merge { .. } => "merge",
    }
}

fn said(change: &Change) -> String {
    let shown = |text: &str| crate::model::text::excerpt(text, 80);
    match change {
        Change::Add(new) => format!("add \"{}\"", shown(&new.title)),
        Change::Set { task, field, .. } => format!("{} of task {}", shown(field), shown(task)),
        Change::Title(title) => format!("title \"{}\"", shown(title)),
        Change::Branches(pattern) => shown(pattern),
        Change::Remove { task, .. } => format!("remove task {}", shown(task)),
        Change::Wait { task, on, .. } => format!("{} waits for {}", shown(task), shown(on)),
        Change::Free { task, on } => format!("{} no longer waits for {}", shown(task), shown(on)),
        Change::Order { tasks } | Change::Merge { tasks } => shown(&tasks.join(", ")),
    }
}

/// The plan with the staged changes.
fn present(tx: &Tx<'_>, uid: &Uid) -> Result<Plan> {
    let loaded = tx.state.found_by_path(Family::Plan, uid);
    let loaded = loaded.ok_or_else(|| Error::not_found("there is no such plan"))?;
    Ok(read(&loaded.doc))
}

pub(super) fn write(
    tx: &mut Tx<'_>,
    uid: &Uid,
    change: impl FnOnce(&mut Writer<'_>, &str),
) -> Result<()> {
    let at: Stamp = tx.fresh_stamp();
    let actor = tx.actor().to_string();
    tx.edit(uid, |doc, clock| {
        let mut writer = Writer(Entries {
            doc,
            clock,
            at,
            changed: false,
        });
        change(&mut writer, &actor);
        writer.changed
    })?;
    Ok(())
}

fn number(plan: &Plan, key: &str) -> String {
    plan.task(key)
        .map_or_else(|| key.to_string(), |planned| planned.number.to_string())
}

fn next_number(plan: &Plan) -> u32 {
    let all = plan.tasks.iter().map(|planned| planned.number);
    all.max().unwrap_or(0).saturating_add(1)
}

/// A task with only a title.
fn blank(key: &str, title: &str) -> Task {
    Task {
        estimate: Estimate::M,
        hours: Estimate::M.hours(),
        estimate_reason: "no estimate was given".into(),
        risk_reason: "no risk was given".into(),
        validation_reason: "no validation was given".into(),
        ..Task::plain(key, title)
    }
}

pub(super) fn remove(
    tx: &mut Tx<'_>,
    uid: &Uid,
    plan: &Plan,
    key: &str,
    force: bool,
) -> Result<()> {
    let Some(planned) = plan.task(key) else {
        return Err(Error::not_found("the plan has no such task"));
    };
    if let Some(item) = &planned.item {
        let id = tx.state.shown_ref(item);
        return Err(Error::refused(format!(
            "task {} is now {id}, so the plan can no longer change it",
            planned.number
        ))
        .hint(format!("cancel it with `git pm task cancel {id}`")));
    }
    if let Some(of) = &planned.task.tests {
        return set(tx, uid, plan, of, "validation", "none");
    }
    let tests = |p: &&super::plan_types::Planned| p.task.tests.as_deref() == Some(key);
    let own: Vec<String> = plan
        .tasks
        .iter()
        .filter(tests)
        .map(|p| p.task.key.clone())
        .collect();
    let others = |p: &&super::plan_types::Planned| !own.contains(&p.task.key);
    let waiting: Vec<String> = plan
        .dependents_of(key)
        .into_iter()
        .filter(|p| others(p))
        .map(|p| {
            format!(
                "{} ({})",
                p.number,
                crate::model::text::shorten(&p.task.title, 50)
            )
        })
        .collect();
    if !waiting.is_empty() && !force {
        return Err(Error::refused(format!(
            "other tasks wait for task {}: {}",
            planned.number,
            waiting.join(", ")
        ))
        .hint("`--force` removes it and these dependencies"));
    }
    write(tx, uid, |writer, actor| {
        for gone in own.iter().map(String::as_str).chain([key]) {
            for wait in plan.waits.iter().filter(|wait| !wait.is_of_test()) {
                if wait.task == gone || wait.on == gone {
                    writer.remove_wait(&wait.task, &wait.on, actor);
                }
            }
        }
        // This also removes its test task.
        writer.remove_task(key, actor);
    })
}

/// Refuses to change the edges of a task that has an item: they are changed on the item.
fn require_own(tx: &Tx<'_>, plan: &Plan, key: &str, verb: &str) -> Result<()> {
    let item = plan.task(key).and_then(|planned| planned.item.as_ref());
    let Some(item) = item else { return Ok(()) };
    let id = tx.state.shown_ref(item);
    Err(Error::refused(format!(
        "{id} was already created from this plan, so the plan can no longer change it"
    ))
    .hint(format!("use `git pm dep {verb} {id} ON` instead")))
}

fn wait(
    tx: &mut Tx<'_>,
    uid: &Uid,
    plan: &Plan,
    key: &str,
    on: &str,
    class: EdgeClass,
) -> Result<()> {
    if key == on {
        return Err(Error::usage("a task cannot wait for itself"));
    }
    require_own(tx, plan, key, "add")?;
    if class == EdgeClass::Hard
        && let Some(path) = super::net::Net::of(plan).path(on, key)
    {
        let shown: Vec<String> = path.iter().map(|key| number(plan, key)).collect();
        return Err(Error::refused(format!(
            "that would create a cycle: task {} already waits for task {} ({})",
            number(plan, on),
            number(plan, key),
            shown.join(" → ")
        ))
        .hint("remove one of these dependencies first: `git pm plan dep TASK --rm ON`"));
    }
    let edge = Edge {
        task: key.to_string(),
        on: on.to_string(),
        class,
        rule: "by-hand".into(),
        line: 0,
        reason: format!("added by {}", tx.actor()),
    };
    write(tx, uid, |writer, actor| writer.add_wait(&edge, actor))
}
