//! Work without a full plan: one task for a small document, and a first task if nothing is queued.

use super::create_items::{blank, insert, make, put_criteria, put_task};
use super::draft::{self, Draft};
use super::record::plan_uid;
use super::sources::{Source, plan_of};
use crate::error::{Error, Result};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::planned_id::planned_uid;
use crate::model::uid::{Uid, sha256_hex};
use crate::plan::prd;
use crate::plan::sources;
use crate::pm::Pm;
use crate::pm::handles::Plans;
use crate::pm::shared_views::ItemView;
use crate::store::index::Scan;
use crate::store::transaction::Tx;

/// The result of `seed`.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Seeded {
    /// The new task; `None` if work is queued already.
    pub task: Option<ItemView>,
}

impl Plans<'_> {
    /// Creates one task for a whole document, if a single agent can do the work with high
    /// confidence. A file becomes a PRD first. A repeated call creates no second task.
    ///
    /// # Errors
    /// If the work is too large, or the document cannot be read.
    pub fn create_single(&self, source: &Source) -> Result<ItemView> {
        self.pm.write("plan fast").view(|tx| {
            let (prd, reading) = prd::prd_of_in(self.pm, tx, source)?;
            let (drafted, _) = sources::draft_of(self.pm, &tx.state, &reading);
            let scope = drafted.scope(reading.verdicts());
            if !scope.fast_path {
                return Err(Error::refused(format!(
                    "{} may need more than one task: {}",
                    prd.id,
                    scope.reasons.join("; ")
                ))
                .hint(format!("`git pm plan new {}` drafts a plan", prd.id)));
            }
            if plan_of(&tx.state, &prd).is_some_and(|plan| plan.epic.is_some()) {
                return Err(
                    Error::conflict(format!("the plan of {} is already approved", prd.id))
                        .hint(format!("`git pm plan show {}` shows its tasks", prd.id)),
                );
            }
            let uid = Uid::derived(&["planned", prd.uid.as_str(), "whole"]);
            let uid = whole_in(tx, &prd, &drafted, uid, "whole")?;
            let id = crate::work::task::create::shown(tx, &uid);
            let text = format!("{id} of {}", prd.id);
            tx.describe("plan fast", &[&id, &prd.id], &text);
            Ok(uid)
        })
    }

    /// Creates a first task if nothing is queued: the first one of a document's plan, or one that
    /// sets up continuous integration.
    ///
    /// # Errors
    /// If the document cannot be read.
    pub fn seed(&self, source: Option<&Source>) -> Result<Seeded> {
        if self.has_open_task()? {
            return Ok(Seeded { task: None });
        }
        let task = self.pm.write("plan seed").view(|tx| {
            let uid = match source {
                Some(source) => first_in(self.pm, tx, source)?,
                None => ci_in(tx)?,
            };
            let id = crate::work::task::create::shown(tx, &uid);
            tx.describe("plan seed", &[&id], &id);
            Ok(uid)
        })?;
        Ok(Seeded { task: Some(task) })
    }

    /// True if a task is not closed.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn has_open_task(&self) -> Result<bool> {
        let state = self.pm.store.state()?;
        let open = state.scan(&Scan::Open(Some(ItemKind::Task)), |_| true, 1);
        Ok(!open.is_empty())
    }
}

/// True for a task that was made to set up continuous integration.
pub(crate) fn is_ci_task(uid: &Uid) -> bool {
    (0..CI_TASKS).any(|n| ci_uid(n) == *uid)
}

/// The number of such tasks, one after another, that are known again.
const CI_TASKS: usize = 100;

fn ci_uid(n: usize) -> Uid {
    Uid::derived(&["seed", "ci", &n.to_string()])
}

/// Creates only the first task of a document's plan.
fn first_in(pm: &Pm, tx: &mut Tx<'_>, source: &Source) -> Result<Uid> {
    let (prd, reading) = prd::prd_of_in(pm, tx, source)?;
    let (drafted, _) = sources::draft_of(pm, &tx.state, &reading);
    let plan = plan_uid(&prd.uid);
    let is_left = |task: &&draft::Task| {
        let there = tx.state.stored(&planned_uid(&plan, &task.key));
        there.is_none_or(|item| item.deleted)
    };
    let waits = |key: &str| drafted.edges.iter().any(|edge| edge.task == key);
    let left: Vec<&draft::Task> = drafted.counted().filter(is_left).collect();
    let first = left.iter().find(|task| !waits(&task.key)).or(left.first());
    let Some(&first) = first else {
        return Err(Error::refused(format!("{} has no further tasks", prd.id)));
    };
    let mut alone = drafted.clone();
    alone.tasks = vec![first.clone()];
    // An approval of the plan would use the same uid, so the task is not created twice.
    let uid = planned_uid(&plan, &first.key);
    whole_in(tx, &prd, &alone, uid, &first.key)
}

/// Creates one task with the whole content of a draft.
fn whole_in(tx: &mut Tx<'_>, prd: &Item, drafted: &Draft, uid: Uid, part: &str) -> Result<Uid> {
    let tasks: Vec<&draft::Task> = drafted.counted().collect();
    let Some(first) = tasks.first() else {
        return Err(Error::refused(format!("{} has no tasks", prd.id)));
    };
    let hours = tasks.iter().map(|task| task.hours);
    let hours = hours.fold(0, u32::saturating_add);
    let texts: Vec<&str> = tasks.iter().map(|t| t.description.as_str()).collect();
    let task = draft::Task {
        title: match tasks.len() {
            1 => first.title.clone(),
            _ => drafted.title.clone(),
        },
        description: texts.join("\n\n"),
        hours,
        estimate: draft::Estimate::of_hours(hours),
        risk: tasks
            .iter()
            .map(|task| task.risk)
            .max()
            .unwrap_or(first.risk),
        priority: tasks.iter().filter_map(|task| task.priority).min(),
        paths: tasks.iter().flat_map(|task| task.paths.clone()).collect(),
        acceptance: tasks
            .iter()
            .flat_map(|task| task.acceptance.clone())
            .collect(),
        // Whoever starts a run decides.
        auto_policy: super::draft::AutoPolicy::None,
        ..(*first).clone()
    };
    let born = format!("{}.{part}", prd.born);
    let mut doc = blank(ItemKind::Task, &uid, &born, &task.title);
    put_task(&mut doc, &task, &[], prd)?;
    doc.put_element("edges", &format!("parent-child {}", prd.reference()));
    put_criteria(&mut doc, part, task.acceptance.iter());
    make(tx, doc)?;
    Ok(uid)
}

/// A first task for a repository without a document.
fn ci_in(tx: &mut Tx<'_>) -> Result<Uid> {
    // Two independent clones create the same one.
    let uid = (0..).map(ci_uid).find(|uid| tx.state.doc(uid).is_none());
    let uid = uid.ok_or_else(|| Error::state("there is no free uid"))?;
    let born = format!("seed-{}", uid.suffix(12));
    let mut doc = blank(ItemKind::Task, &uid, &born, "Set up continuous integration");
    doc.put("type", "chore");
    doc.put("estimate", "M");
    doc.put("risk", "low");
    doc.put("validation", "none");
    let at = doc.birth.clone();
    for (n, text) in [
        "Every push runs the build and the tests",
        "A failing test fails the run",
        "The command that CI runs is in the README and works in a fresh clone",
    ]
    .into_iter()
    .enumerate()
    {
        let id = sha256_hex(text.as_bytes());
        let fields = [
            ("text", text.into()),
            ("order", super::record::order_of(n).into()),
        ];
        doc.add_entry("acceptance", &id[..8], at.clone(), &fields);
    }
    insert(tx, doc)?;
    Ok(uid)
}
