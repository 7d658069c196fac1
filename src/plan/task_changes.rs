//! What becomes of the existing tasks of a plan that has changed.
//!
//! An approval gives those that nobody has begun the plan's present content. What a person changed,
//! and work that was begun, stays as it is and is reported, as are tasks that are no longer in the
//! plan.

use std::collections::BTreeSet;

use super::approval_checks::{Check, Severity};
use super::begun::WORDS;
use super::gone_tasks::{GoneTask, gone};
use super::item_gaps::{Gap, NewEdge, gaps};
use super::new_work::asks_for_more;
use super::plan_types::{Plan, Planned};
use super::planned_items::{Parts, uid_of};
use super::restored::is_restored;
use super::seen::Unseen;
use super::sources::task;
use crate::coordinate::message::tell_owners;
use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::id::ItemRef;
use crate::model::item::Item;
use crate::model::stamp::Stamp;
use crate::model::status::{Status, status_word};
use crate::model::text::{first_of, one_line, shorten};
use crate::model::uid::Uid;
use crate::store::layout::Family;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::cycles::Cycles;

/// The length of a text in a finding.
const SHOWN: usize = 60;

/// The option of an approval that gives a task the plan's values.
const OVERWRITE: &str = "--overwrite";

/// The number of texts of one field in a finding.
const NAMED: usize = 2;

/// The difference of one field of a task from the plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct FieldChange {
    /// The field, as `plan set` names it.
    pub field: String,
    /// What the task has and the plan does not.
    pub task: Vec<String>,
    /// What the plan has and the task does not.
    pub plan: Vec<String>,
}

/// A task that differs from the plan.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct TaskChange {
    /// Its number in the plan.
    pub number: u32,
    /// The task's id.
    pub id: String,
    /// Its title in the plan.
    pub title: String,
    /// Its status.
    pub status: String,
    /// The fields that differ.
    pub fields: Vec<FieldChange>,
    /// The command that gives the task the plan's values, or makes new work of what they ask of a finished one beyond
    /// its own; `None` where an approval does it, or nothing has to.
    pub command: Option<String>,
}

/// The existing tasks of a plan that differ from it.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct TaskChanges {
    /// Tasks that an approval gives the plan's values; in its report, those that it gave them.
    pub updated: Vec<TaskChange>,
    /// Tasks that keep their own values: a person changed these, or the work was begun.
    pub kept: Vec<TaskChange>,
    /// Tasks that are no longer in the plan and were not cancelled.
    pub gone: Vec<GoneTask>,
}

/// The differences of an existing task.
struct Behind<'p> {
    planned: &'p Planned,
    item: Item,
    /// What an approval changes.
    follows: Vec<Gap>,
    /// What stays.
    keeps: Vec<Gap>,
}

/// The items of tasks of a plan.
///
/// # Errors
/// If one of them is not a task of the plan.
pub(super) fn named(state: &State<'_>, plan: &Plan, ids: &[String]) -> Result<BTreeSet<Uid>> {
    let item = |id: &String| Ok(item_uid(plan, task(state, plan, id)?));
    ids.iter().map(item).collect()
}

/// The uid of the item of a task, which may not exist yet.
pub(super) fn item_uid(plan: &Plan, planned: &Planned) -> Uid {
    let known = planned.item.as_ref().and_then(|item| item.uid.clone());
    known.unwrap_or_else(|| uid_of(plan, &planned.task.key))
}

/// The existing tasks that differ from the plan, in its order.
fn behind<'p>(state: &State<'_>, plan: &'p Plan, parts: &Parts<'_>) -> Result<Vec<Behind<'p>>> {
    let loaded = state.found_by_path(Family::Plan, &plan.uid);
    let record = loaded.map(|loaded| &loaded.doc);
    let mut out = Vec::new();
    for planned in plan.tasks.iter().filter(|planned| !planned.is_gone) {
        let uid = item_uid(plan, planned);
        let item = state.stored(&uid).filter(|item| !item.deleted);
        let (Some(item), Some(doc)) = (item, state.doc(&uid)) else {
            continue;
        };
        if item.status == Status::Cancelled {
            continue;
        }
        let at = |name: &str| planned_at(record?, &planned.task.key, name);
        let is_restored = |register: Option<&str>| is_restored(state, item, doc, register);
        let found = gaps(doc, &parts.task_doc(planned)?, &at, &is_restored);
        let is_free = item.is_untouched();
        let (follows, mut keeps): (Vec<Gap>, Vec<Gap>) =
            found.into_iter().partition(|gap| is_free && !gap.by_hand);
        // Nobody decides about lines of the document.
        keeps.retain(|gap| gap.field.is_some());
        if !follows.is_empty() || !keeps.is_empty() {
            out.push(Behind {
                planned,
                item: item.clone(),
                follows,
                keeps,
            });
        }
    }
    Ok(out)
}

/// The time at which the plan's value for a register of an item, or its text, was written.
pub(super) fn planned_at(record: &Doc, key: &str, name: &str) -> Option<Stamp> {
    let name = match name {
        "estimated_minutes" => "hours",
        other => other,
    };
    let register = record.entry("tasks", key)?.regs.get(name)?;
    Some(register.stamp.clone())
}

/// The differences by field, in order.
fn fields<'g>(state: &State<'_>, gaps: impl Iterator<Item = &'g Gap>) -> Vec<FieldChange> {
    let mut out: Vec<FieldChange> = Vec::new();
    for gap in gaps {
        let Some(field) = gap.field else { continue };
        let known = out.iter().position(|change| change.field == field);
        let known = known.unwrap_or_else(|| {
            out.push(FieldChange {
                field: field.to_string(),
                task: Vec::new(),
                plan: Vec::new(),
            });
            out.len() - 1
        });
        let shown =
            |text: &Option<String>| text.as_ref().map(|text| named_item(state, field, text));
        out[known].task.extend(shown(&gap.item));
        out[known].plan.extend(shown(&gap.plan));
    }
    out
}

/// References as ids.
fn named_item(state: &State<'_>, field: &str, text: &str) -> String {
    if !matches!(field, "depends_on" | "milestone" | "epic") {
        return text.to_string();
    }
    match text.rsplit_once(' ') {
        Some((word, item)) if field == "depends_on" => {
            format!("{word} {}", state.shown_ref(&ItemRef::parse(item)))
        }
        Some((_, item)) => state.shown_ref(&ItemRef::parse(item)),
        None => state.shown_ref(&ItemRef::parse(text)),
    }
}

impl Behind<'_> {
    /// True if work was finished that the plan has in other words: these would say of it what was not done.
    fn is_finished_otherwise(&self) -> bool {
        let mut fields = self.keeps.iter().filter_map(|gap| gap.field);
        self.item.status.is_finished() && fields.any(|field| WORDS.contains(&field))
    }

    fn view(&self, state: &State<'_>, gaps: &[Gap], command: Option<String>) -> Option<TaskChange> {
        let fields = fields(state, gaps.iter());
        (!fields.is_empty()).then(|| TaskChange {
            number: self.planned.number,
            id: state.shown_id(&self.item),
            title: self.planned.task.title.clone(),
            status: self.item.status.to_string(),
            fields,
            command,
        })
    }
}

/// The views of tasks that differ from the plan of a PRD.
fn changes(state: &State<'_>, plan: &Plan, prd: &Item, all: &[Behind<'_>]) -> TaskChanges {
    let command = |one: &Behind<'_>| {
        let (prd, id) = (state.shown_id(prd), state.shown_id(&one.item));
        match one.is_finished_otherwise() {
            false => Some(format!("git pm plan approve {prd} {OVERWRITE} {id}")),
            true if asks_for_more(state, plan, one.planned) => Some(regenerate_command(&prd)),
            true => None,
        }
    };
    let updated = all
        .iter()
        .filter_map(|one| one.view(state, &one.follows, None));
    let kept = all
        .iter()
        .filter_map(|one| one.view(state, &one.keeps, command(one)));
    TaskChanges {
        updated: updated.collect(),
        kept: kept.collect(),
        gone: gone(state, plan, prd),
    }
}

fn regenerate_command(prd: &str) -> String {
    format!("git pm plan regenerate {prd}")
}

/// The existing tasks that differ from a plan.
///
/// # Errors
/// If a path of the plan is not valid.
pub(super) fn task_changes(state: &State<'_>, plan: &Plan, prd: &Item) -> Result<TaskChanges> {
    let parts = Parts::of(state, plan, prd);
    Ok(changes(state, plan, prd, &behind(state, plan, &parts)?))
}

/// Gives the existing items of a plan its present content, except for what they keep, and for what
/// the approver did not see.
///
/// # Errors
/// If a new dependency closes a cycle with one that a person added, or finished work would get other words.
pub(super) fn follow_plan_in(
    tx: &mut Tx<'_>,
    plan: &Plan,
    prd: &Item,
    parts: &Parts<'_>,
    (overwrite, unseen): (&BTreeSet<Uid>, &Unseen),
) -> Result<TaskChanges> {
    let groups = parts.groups(&tx.state).into_iter();
    for group in groups.filter(|group| unseen.has_seen(&group.uid)) {
        let open = tx.state.item(&group.uid);
        let open = open.filter(|item| !item.deleted && item.is_untouched());
        if let (Some(_), Some(doc)) = (open, tx.state.doc(&group.uid)) {
            let mut found = gaps(doc, &group, &|_| None, &|_| false);
            found.retain(|gap| !gap.by_hand);
            close(tx, &group.uid, &found)?;
        }
    }
    let mut all = behind(&tx.state, plan, parts)?;
    all.retain(|one| unseen.has_seen(&one.item.uid));
    for one in &mut all {
        if overwrite.contains(&one.item.uid) {
            if one.is_finished_otherwise() {
                let (prd, id) = (tx.state.shown_id(prd), tx.state.shown_id(&one.item));
                let said =
                    format!("{id} is done, and was not done in the words of the plan of {prd}");
                return Err(Error::refused(said).hint(format!(
                    "`{}` makes new work of what they ask for beyond it",
                    regenerate_command(&prd)
                )));
            }
            let what = format!("applied the changed plan of {} to it", prd.id);
            tell_owners(tx, &one.item, true, &what)?;
            one.follows.append(&mut one.keeps);
        }
    }
    let report = changes(&tx.state, plan, prd, &all);
    // Edges last: one may close a cycle only because another was not removed yet.
    let (mut values, mut edges) = (Vec::new(), Vec::new());
    for one in all {
        let (new, rest): (Vec<Gap>, Vec<Gap>) =
            one.follows.into_iter().partition(|gap| gap.edge.is_some());
        values.push((one.item.uid.clone(), rest));
        edges.push((one.item, new));
    }
    for (uid, gaps) in values {
        close(tx, &uid, &gaps)?;
    }
    for (item, gaps) in edges {
        for gap in gaps {
            if let Some(edge) = &gap.edge {
                require_acyclic(&tx.state, &item, edge)?;
            }
            close(tx, &item.uid, &[gap])?;
        }
    }
    Ok(report)
}

/// The findings about existing tasks that differ from a plan.
pub(super) fn task_checks(state: &State<'_>, plan: &Plan, prd: &Item) -> Vec<Check> {
    let Ok(changes) = task_changes(state, plan, prd) else {
        // An invalid path is a finding of its own.
        return Vec::new();
    };
    let check = |rule: &str, severity: Severity, number: u32, message: String| Check {
        task: Some(number),
        ..Check::of_plan(rule, severity, message)
    };
    let mut out = Vec::new();
    for task in &changes.updated {
        let message = format!(
            "the next approval gives {} the plan's {}",
            task.id,
            names(&task.fields)
        );
        out.push(check("task-behind", Severity::Note, task.number, message));
    }
    for task in &changes.kept {
        let differs: Vec<String> = task.fields.iter().map(sentence).collect();
        let message = format!(
            "{} ({}) keeps its own {}; {}: {}",
            task.id,
            task.status,
            names(&task.fields),
            match &task.command {
                Some(command) if command.contains(OVERWRITE) =>
                    format!("`{command}` applies the plan's"),
                Some(command) => format!("`{command}` makes new work of the plan's"),
                None => "the plan has other ones".to_owned(),
            },
            differs.join("; ")
        );
        out.push(check("task-kept", Severity::Warning, task.number, message));
    }
    for task in &changes.gone {
        let (id, title) = (&task.id, shorten(&task.title, SHOWN));
        let (severity, message) = match &task.command {
            Some(command) if task.is_done => (
                Severity::Warning,
                format!(
                    "{id} \"{title}\" ({}) is done in the document; `{command}` closes it",
                    status_word(&task.status)
                ),
            ),
            Some(command) if task.said.is_some() => (
                Severity::Warning,
                format!(
                    "{id} \"{title}\" ({}) is no task in the document now ({}): `{command}`",
                    status_word(&task.status),
                    task.said.as_deref().unwrap_or_default()
                ),
            ),
            Some(command) => (
                Severity::Warning,
                format!(
                    "{id} \"{title}\" ({}) is no longer in the plan; `{command}` cancels it",
                    status_word(&task.status)
                ),
            ),
            None if task.said.is_some() => (
                Severity::Warning,
                format!(
                    "the document has \"{title}\", but not as a task ({}): correct it there, or \
                     decide about {id}",
                    task.said.as_deref().unwrap_or_default()
                ),
            ),
            None => (
                Severity::Note,
                format!(
                    "{id} \"{title}\" is {}, but no longer in the plan",
                    status_word(&task.status)
                ),
            ),
        };
        out.push(check("gone", severity, task.number, message));
    }
    out
}

/// The names of fields.
fn names(fields: &[FieldChange]) -> String {
    let names: Vec<&str> = fields.iter().map(|change| change.field.as_str()).collect();
    names.join(", ")
}

/// A difference in a few words.
fn sentence(change: &FieldChange) -> String {
    let list = |texts: &[String]| -> String {
        let quoted = texts.iter();
        let quoted = quoted.map(|text| format!("\"{}\"", shorten(&one_line(text), SHOWN)));
        first_of(&quoted.collect::<Vec<_>>(), NAMED)
    };
    let field = &change.field;
    match (change.task.is_empty(), change.plan.is_empty()) {
        (false, false) => {
            format!(
                "{field} {} instead of {}",
                list(&change.plan),
                list(&change.task)
            )
        }
        (true, _) => format!("{field} {}", list(&change.plan)),
        (_, true) => format!("{field} without {}", list(&change.task)),
    }
}

fn close(tx: &mut Tx<'_>, uid: &Uid, gaps: &[Gap]) -> Result<()> {
    if gaps.is_empty() {
        return Ok(());
    }
    tx.edit(uid, |doc, clock| {
        let mut changed = false;
        for gap in gaps {
            changed |= gap.close(doc, clock);
        }
        changed
    })?;
    Ok(())
}

/// Refuses a new edge that closes a cycle.
fn require_acyclic(state: &State<'_>, item: &Item, edge: &NewEdge) -> Result<()> {
    let mut cycles = Cycles::refused();
    let other = |to: &ItemRef| to.uid.as_ref().and_then(|uid| state.item(uid)).cloned();
    match edge {
        NewEdge::Wait(to) => match other(to) {
            Some(to) => cycles.require_acyclic(state, &item.uid, &to),
            None => Ok(()),
        },
        NewEdge::Parent(to) => match other(to) {
            Some(to) => cycles.require_no_ancestor(state, item, &to),
            None => Ok(()),
        },
    }
}
