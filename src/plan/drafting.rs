//! Drafting plans: from a document, again after the document changed, and a preview of the changes.

use super::already_met::no_longer_met;
use super::approval_checks::Check;
use super::approve::{ApproveOptions, require_approvable};
use super::changed_file::{other_file, require_named, to_update};
use super::checks::other_plans::PLANNED_TWICE;
use super::document_changes::{Update, compare};
use super::draft::{Draft, Task};
use super::edit::write;
use super::followed_lines::left_lines;
use super::moved_lines::{MovedLines, line_hashes};
use super::plan_types::{Plan, Planned, is_task_field};
use super::record::{Entries, STEP, Writer, origin, plan_uid, read, word};
use super::seen::version_of;
use super::size::require_size;
use super::sources::{self, Reading, Source, find, plan_of, task};
use super::task_changes::TaskChanges;
use super::view::PlanView;
use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::uid::{Uid, sha256_hex};
use crate::model::value::Value;
use crate::plan::prd;
use crate::plan::task_changes;
use crate::plan::written_checks;
use crate::pm::Pm;
use crate::pm::handles::Plans;
use crate::pm::shared_views::ItemView;
use crate::store::layout::Family;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::plan_notices::{self, FileDiffers, SOURCE};
use crate::work::task::approval;
use crate::work::task::field_rules::check_body;

/// Options of drafting a plan.
#[derive(Clone, Debug, Default)]
pub struct DraftOptions {
    /// Accepts a document over the size limits.
    pub force: bool,
}

/// Options of updating a plan from a changed document.
#[derive(Clone, Copy, Debug, Default)]
pub struct UpdateOptions {
    /// Writes the changes.
    pub write: bool,
    /// Writes them even if the file has a text that the document had before.
    pub force: bool,
}

/// A field that was set manually.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct HandEdit {
    /// The task's number.
    pub task: u32,
    /// The task's title.
    pub title: String,
    /// The field; `added` if the whole task was added manually.
    pub field: String,
    /// The actor who set it last.
    pub by: String,
}

/// The differences between a plan and its document.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct PlanDiff {
    /// Set if the document has changed.
    pub outdated: bool,
    /// Set if the plan is of the present text, but was approved for another one.
    pub unapproved: bool,
    /// Set if an approval now would be refused, or would ask first.
    pub is_refused: bool,
    /// Set if the file of the document has a text that was not planned.
    pub file_changed: bool,
    /// Set if the file of the document has a text that the PRD had before.
    pub file_is_older: bool,
    /// What is to be said of the file of the document: that it has changed, is older, or is gone.
    pub file_warning: Option<String>,
    /// The effects of drafting it again.
    pub document: Update,
    /// Lines that were changed after the tasks that carry them were written: an approval asks about them.
    pub reworded: Vec<Check>,
    /// Fields that were set manually.
    pub by_hand: Vec<HandEdit>,
    /// The existing tasks that differ from the plan as it is now.
    pub tasks: TaskChanges,
}

impl Plans<'_> {
    /// Drafts the plan of a document; a file becomes a PRD first. An existing plan is drafted
    /// again: manual changes are kept.
    ///
    /// # Errors
    /// If there is no such document, it cannot be read, or it is too large for one plan: the hints
    /// say how to split it.
    pub fn create(&self, source: &Source, options: &DraftOptions) -> Result<PlanView> {
        let mut drafted = (None, None);
        let prd = commit_plan(self.pm, "plan new", |tx| {
            let (prd, reading) = prd::prd_of_in(self.pm, tx, source)?;
            let (draft, limits) = sources::draft_again(self.pm, &tx.state, &prd, &reading);
            let name = match source {
                Source::Prd(_) => &prd.id,
                Source::File { path, .. } => path,
            };
            require_size(name, &reading, (&draft, &limits), options)?;
            stage_draft(tx, &prd, &reading, &draft)?;
            let count = draft.counted().count();
            let text = format!("of {}: {count} tasks", prd.id);
            tx.describe("plan new", &[&prd.id], &text);
            drafted = (Some(draft), Some(reading));
            Ok(prd.uid)
        })?;
        self.show_drafted(Some(&prd.id), drafted)
    }

    /// Drafts a plan again from the present text of its PRD: manual changes are kept, and the plan
    /// is up to date with the text.
    ///
    /// # Errors
    /// If there is no such plan, or the document cannot be read.
    pub fn regenerate(&self, id: Option<&str>) -> Result<PlanView> {
        write_plan(self.pm, "plan regenerate", |tx| {
            let (_, prd) = find(self.pm, &tx.state, id)?;
            let reading = sources::reading_of(&tx.state, &prd)?;
            let (draft, _) = sources::draft_again(self.pm, &tx.state, &prd, &reading);
            stage_draft(tx, &prd, &reading, &draft)?;
            tx.describe("plan regenerate", &[&prd.id], &format!("of {}", prd.id));
            Ok(prd.uid)
        })
    }

    /// Keeps a plan although its document changed: its tasks may be started again.
    ///
    /// # Errors
    /// If there is no such plan, or the caller is an agent.
    pub fn keep(&self, id: Option<&str>) -> Result<PlanView> {
        crate::pm::who_acts::require_human(
            &self.pm.actor,
            "keeping a plan of a changed document",
            "ask a human to run `git pm plan keep`",
        )?;
        approval::require_approval_here(
            self.pm,
            &format!("git pm plan keep {}", id.unwrap_or("P-0001")),
        )?;
        let kept = write_plan(self.pm, "plan keep", |tx| {
            let (plan, prd) = find(self.pm, &tx.state, id)?;
            let text = tx.state.text_of(&prd).unwrap_or_default();
            let hash = sha256_hex(text.as_bytes());
            tx.edit(&plan.uid, |doc, clock| {
                doc.set("accepted_document", hash, clock)
            })?;
            let text = format!("of {}, although its document changed", prd.id);
            tx.describe("plan keep", &[&prd.id], &text);
            Ok(prd.uid)
        })?;
        if let Some(said) = kept.changed_file() {
            self.pm.notice(said.clone());
        }
        Ok(kept)
    }

    /// The effects of a new text of a document: at most five new tasks. With `write`, the PRD gets
    /// the text and its plan is updated.
    ///
    /// # Errors
    /// If the document was never planned, or cannot be read, or if an older text would be written
    /// without `force`.
    pub fn update(&self, source: &Source, options: UpdateOptions) -> Result<Update> {
        let compared = || -> Result<Update> {
            let state = self.pm.store.state()?;
            let (plan, prd, reading, read) = to_update(self.pm, &state, source)?;
            let (draft, _) = sources::draft_again(self.pm, &state, &prd, &reading);
            let (mut update, _) = compare(self.pm, &state, (&plan, &prd), &draft, &reading);
            let moved = other_file(self.pm, &state, &prd, read.as_deref());
            update.file = moved.unwrap_or(update.file);
            Ok(Update { read, ..update })
        };
        if !options.write {
            return compared();
        }
        let mut update = None;
        let now = write_plan(self.pm, "plan update", |tx| {
            let (plan, prd, reading, read) = to_update(self.pm, &tx.state, source)?;
            require_named(&tx.state, source, &prd, read.as_deref())?;
            prd::require_not_older(self.pm, &tx.state, &prd, &reading, options.force)?;
            let (mut draft, _) = sources::draft_again(self.pm, &tx.state, &prd, &reading);
            let (found, left_out) = compare(self.pm, &tx.state, (&plan, &prd), &draft, &reading);
            // Tasks beyond the limit are left for the next update. What edges lead to may be in the plan alone.
            let (later, now): (Vec<Task>, Vec<Task>) = draft.tasks.into_iter().partition(|task| {
                let of = task.tests.as_ref().unwrap_or(&task.key);
                left_out.contains(of)
            });
            draft.tasks = now;
            draft.edges.retain(|edge| {
                let is_later = |key: &String| later.iter().any(|task| task.key == *key);
                !(is_later(&edge.task) || is_later(&edge.on))
            });
            check_body(&reading.text)?;
            let moved = other_file(self.pm, &tx.state, &prd, read.as_deref());
            let text = reading.text.clone();
            // The document still has the text that its lines are compared with.
            stage_draft(tx, &prd, &reading, &draft)?;
            tx.edit(&prd.uid, |doc, clock| {
                let is_moved = moved.is_some_and(|file| doc.set(SOURCE, file, clock));
                doc.body.write(&text, clock) || is_moved
            })?;
            let is_approved = plan.approved_document == Some(reading.hash());
            if found.stands && !is_approved {
                tx.edit(&plan.uid, |doc, clock| {
                    doc.set("accepted_document", reading.hash(), clock)
                })?;
            }
            let text = format!("of {}: {} new tasks", prd.id, found.new.len());
            tx.describe("plan update", &[&prd.id], &text);
            update = Some(Update { read, ..found });
            Ok(prd.uid)
        })?;
        let twice = now
            .checks
            .iter()
            .filter(|check| check.rule == PLANNED_TWICE);
        for check in twice {
            self.pm.notice(check.message.clone());
        }
        // Without one, it is already written, under the same idempotency key.
        let update = update.map_or_else(compared, Ok)?;
        Ok(Update {
            written: true,
            is_older: false,
            refused: now.refusal,
            ..update
        })
    }

    /// The differences between a plan and the present text of its PRD, and the manual changes.
    ///
    /// # Errors
    /// If there is no such plan, or the document cannot be read.
    pub fn diff(&self, id: Option<&str>) -> Result<PlanDiff> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let (plan, prd) = find(self.pm, &state, id)?;
        let reading = sources::reading_of(&state, &prd)?;
        let (draft, _) = sources::draft_again(self.pm, &state, &prd, &reading);
        let by_hand = plan
            .tasks
            .iter()
            .flat_map(|planned| {
                let edit = |(field, by): (&String, &String)| HandEdit {
                    task: planned.number,
                    title: planned.task.title.clone(),
                    field: field.clone(),
                    by: by.clone(),
                };
                let added = planned.added_by.as_ref();
                let added = added
                    .filter(|_| planned.task.tests.is_none())
                    .map(|by| HandEdit {
                        task: planned.number,
                        title: planned.task.title.clone(),
                        field: "added".into(),
                        by: by.clone(),
                    });
                let shown = |(field, _): &(&String, &String)| {
                    is_task_field(field) && planned.task.tests.is_none()
                };
                let edits: Vec<HandEdit> = planned.by_hand.iter().filter(shown).map(edit).collect();
                added.into_iter().chain(edits)
            })
            .collect();
        let (document, _) = compare(self.pm, &state, (&plan, &prd), &draft, &reading);
        let (file, differs) = plan_notices::file_now(self.pm, &state, &prd)
            .unwrap_or_else(|| (document.file.clone(), None));
        let options = ApproveOptions::default();
        let refusal = require_approvable(self.pm, &state, &plan, (&prd, &reading), &options);
        Ok(PlanDiff {
            is_refused: refusal.is_err(),
            outdated: plan.document != reading.hash(),
            unapproved: plan.document == reading.hash() && plan.is_unapproved(),
            file_changed: differs == Some(FileDiffers::Changed),
            file_is_older: differs == Some(FileDiffers::Older),
            file_warning: differs.map(|differs| differs.said(&file, &prd.id)),
            document: Update { file, ..document },
            reworded: written_checks::reworded_lines(&plan),
            by_hand,
            tasks: task_changes::task_changes(&state, &plan, &prd)?,
        })
    }
}

/// Leaves the tests of the tasks of a plan to these, unless they have items or somebody asked for a test.
pub(super) fn leave_tests(tx: &mut Tx<'_>, prd: &Item) -> Result<()> {
    let untested = without_tests(&tx.state, prd);
    write(tx, &plan_uid(&prd.uid), |writer, _| {
        untested.iter().for_each(|task| writer.put_validation(task));
    })
}

/// The tasks of a plan that leave their tests to themselves, unless they have items.
fn without_tests(state: &State<'_>, prd: &Item) -> Vec<Task> {
    let is_off = !sources::plans_tests(state);
    let plan = is_off.then(|| plan_of(state, prd)).flatten();
    let tasks = plan.into_iter().flat_map(|plan| plan.tasks);
    let is_due = |one: &Planned| one.item.is_none() && one.task.is_tested_by_default();
    let due = tasks.filter(is_due).map(|planned| planned.task);
    due.map(|mut task| {
        task.leave_tests();
        task
    })
    .collect()
}

/// Stages a draft as the plan of a PRD.
pub(super) fn stage_draft(
    tx: &mut Tx<'_>,
    prd: &Item,
    reading: &Reading,
    draft: &Draft,
) -> Result<()> {
    let uid = plan_uid(&prd.uid);
    let origin = origin(&uid);
    let threshold = i64::try_from(draft.threshold).unwrap_or(i64::MAX);
    let hashes = line_hashes(&reading.text);
    let scope = draft.scope(reading.verdicts());
    let scope = Value::from_json(serde_json::to_value(&scope).unwrap_or_default());
    let values = [
        ("document", Value::from(reading.hash())),
        ("strategy", word(draft.strategy).into()),
        ("threshold", threshold.into()),
        ("scope", scope),
        ("line_hashes", hashes.as_str().into()),
    ];
    if tx.state.found_by_path(Family::Plan, &uid).is_none() {
        let mut doc = Doc::new(uid.clone(), "plan", "", origin.clone());
        doc.put("prd", prd.reference().to_string());
        doc.put("status", "draft");
        doc.put("title", draft.title.as_str());
        for (name, value) in &values {
            doc.put(name, value.clone());
        }
        doc.put("created_by", tx.actor());
        doc.put(
            "created_at",
            crate::model::stamp::rfc3339(tx.clock().wall_ms()),
        );
        tx.insert(doc)?;
    }
    let before = tx.state.found_by_path(Family::Plan, &uid);
    let before = before.map(|loaded| read(&loaded.doc));
    let present = plan_of(&tx.state, prd);
    let again = before.as_ref().zip(present.as_ref());
    let again = again.map(|(stored, plan)| no_longer_met(stored, plan));
    let before = before.filter(|plan| !["", hashes.as_str()].contains(&plan.line_hashes.as_str()));
    let moved = before.map(|plan| MovedLines::since(&tx.state, &plan, reading));
    let left = present.map(|plan| left_lines(draft, &tx.state, &plan, reading));
    let untested = without_tests(&tx.state, prd);
    tx.edit(&uid, |doc, clock| {
        let mut changed = doc.set("deleted", Value::Null, clock);
        let by_hand = doc.text("by_title").is_some();
        changed |= !by_hand && doc.set("title", draft.title.as_str(), clock);
        for (name, value) in values {
            changed |= doc.set(name, value, clock);
        }
        let mut writer = Writer(Entries {
            doc,
            clock,
            at: origin,
            changed,
        });
        if let Some(moved) = &moved {
            writer.move_lines(moved, &reading.text);
        }
        again
            .iter()
            .for_each(|(keys, anchors)| writer.ask_again(keys, anchors));
        writer.write_draft(draft);
        for (key, lines) in left.iter().flatten() {
            writer.leave_lines(key, lines);
        }
        untested.iter().for_each(|task| writer.put_validation(task));
        writer.changed
    })?;
    Ok(())
}

/// Runs a mutation that returns the PRD's uid, and returns the resulting plan.
pub(super) fn write_plan(
    pm: &Pm,
    op: &str,
    stage: impl FnMut(&mut Tx<'_>) -> Result<Uid>,
) -> Result<PlanView> {
    let prd = commit_plan(pm, op, stage)?;
    pm.plans().show(Some(&prd.id))
}

/// Writes a plan, and returns its PRD.
pub(super) fn commit_plan(
    pm: &Pm,
    op: &str,
    stage: impl FnMut(&mut Tx<'_>) -> Result<Uid>,
) -> Result<ItemView> {
    pm.write(op).comparing(compare_plan).view(stage)
}

/// Refuses to change a plan whose version is not the one given by the caller.
fn compare_plan(pm: &Pm, tx: &Tx<'_>, prd: &[Uid]) -> Result<()> {
    let given = (&pm.options.if_version, tx.state.commit, prd);
    let (Some(wanted), Some(base), [prd]) = given else {
        return Ok(());
    };
    let before = pm.store.state_at(tx.state.repo(), base)?;
    let Some(loaded) = before.found_by_path(Family::Plan, &plan_uid(prd)) else {
        return Ok(());
    };
    let version = version_of(&before, &loaded.doc.uid);
    if version == *wanted {
        return Ok(());
    }
    Err(Error::conflict(format!(
        "the plan changed: its version is now {version}, not {}",
        crate::model::text::one_line(wanted)
    ))
    .hint(format!(
        "`git pm plan show {}` shows the current version",
        tx.state.item(prd).map_or("", |prd| prd.id.as_str())
    )))
}

/// The order number that places a task after another one.
pub(super) fn order_behind(plan: &Plan, doc: &Doc, key: Option<&str>) -> i64 {
    let order = |key: &str| doc.entry("tasks", key).map(super::record::order);
    let of: Vec<i64> = plan
        .tasks
        .iter()
        .filter_map(|p| order(&p.task.key))
        .collect();
    let last = of.iter().copied().max().unwrap_or(0);
    let Some(before) = key.and_then(order) else {
        return last.saturating_add(STEP);
    };
    match of.iter().copied().filter(|n| *n > before).min() {
        Some(next) => before + (next - before) / 2,
        None => before.saturating_add(STEP),
    }
}

/// The key of the task of a plan that a name refers to.
///
/// # Errors
/// If there is none.
pub(super) fn key_of(state: &State<'_>, plan: &Plan, name: &str) -> Result<String> {
    Ok(task(state, plan, name)?.task.key.clone())
}
