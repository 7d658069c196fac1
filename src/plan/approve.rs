//! Approval of a plan: when it is refused, and the one commit that makes its epic and tasks.
//!
//! The commit creates the epic, its milestones and tasks with their edges, and gives those that were
//! not begun the present content of the plan. So a second approval changes nothing.
//! `approval_checks.rs` has the checks that find errors, and when a plan is too large.

use std::collections::BTreeSet;

use super::already_met::note_met;
use super::approval_checks::{self, Severity, large};
use super::approval_questions::{absurd, lost, lost_question, require_followed, reworded_question};
use super::corrected::follow_items;
use super::coverage::uncovered;
use super::create_items::{make, reopen_above};
use super::draft::{Accounted, Task};
use super::line_ranges::meet;
use super::plan_types::{Plan, PlanStatus, Planned};
use super::planned_items::{Parts, uid_of};
use super::record::{Entries, Writer};
use super::seen::{LeftTask, Unseen};
use super::sources::{self, Reading, find};
use super::task_changes::{TaskChanges, item_uid};
use super::view::PlanView;
use crate::coordinate::finding::{self, kept};
use crate::error::{Error, Result};
use crate::model::id::word;
use crate::model::item::Item;
use crate::model::stamp::{Clock, rfc3339};
use crate::model::text::shorten;
use crate::model::uid::{Uid, sha256_hex};
use crate::plan::view::build_view;
use crate::plan::{coverage, drafting, seen, task_changes};
use crate::pm::Pm;
use crate::pm::handles::Plans;
use crate::pm::who_acts::{notice_unmarked, require_human};
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::approval;

/// Options of an approval.
#[derive(Clone, Debug, Default, serde::Deserialize, schemars::JsonSchema, clap::Args)]
#[serde(default)]
pub struct ApproveOptions {
    /// Approve a plan with more tasks than its document justifies.
    #[arg(long)]
    pub confirm_large: bool,
    /// Accept statements of the document that are in no task and were not put aside, or that only a
    /// heading calls done, and a file that has changed since it was planned.
    #[arg(long)]
    pub accept_uncovered: bool,
    /// Accept tasks that are not closed as they are, although their lines were changed after they were written.
    #[arg(long)]
    pub accept_reworded: bool,
    /// Say that the finished work meets this new task, which follows it: the task is not made, and its lines are called
    /// done (repeatable).
    #[arg(long, value_name = "TASK")]
    pub already_met: Vec<String>,
    /// Confirms settings that look like a mistake (a threshold of 500 tasks).
    #[arg(skip)]
    #[serde(skip)]
    pub settings_meant: bool,
    /// Approve what this version of the plan has (`plan show` prints it), and leave what was
    /// changed since.
    #[arg(long, value_name = "VERSION")]
    pub expect: Option<String>,
    /// Also give this task the plan's values, even if it was started or a human has changed it; finished
    /// work gets no other words (repeatable).
    #[arg(long, value_name = "TASK")]
    pub overwrite: Vec<String>,
}

/// A question that an approval asks first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Settings that look like a mistake.
    Settings,
    /// A plan with more tasks than recommended for its document.
    Size,
    /// Statements of the document that are in no task and were not put aside, or a file that has changed.
    Uncovered,
    /// Tasks whose lines were changed after they were written.
    Reworded,
}

/// The result of an approval.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Approved {
    /// The plan.
    #[serde(flatten)]
    pub plan: PlanView,
    /// The ids of the new tasks.
    pub created: Vec<String>,
    /// The tasks that were not approved, because the approver did not see them as they are.
    pub left: Vec<LeftTask>,
    /// What became of the tasks that existed before.
    #[serde(flatten)]
    pub changes: TaskChanges,
}

impl Plans<'_> {
    /// Approves a plan, as one commit. Agents may not; without a terminal the approval is advisory,
    /// which `pm.approval=strict` refuses.
    ///
    /// # Errors
    /// If there is no such plan, a check of it fails, it is large, or leaves work or a newer file out
    /// and this was not confirmed, or its document changed since it was drafted.
    pub fn approve(&self, id: Option<&str>, options: &ApproveOptions) -> Result<Approved> {
        let shown = id.unwrap_or("ID");
        require_human(
            &self.pm.actor,
            "approving a plan",
            format!("ask a human to do it after reading `git pm plan show {shown}`"),
        )?;
        approval::require_approval_here(self.pm, &format!("git pm plan approve {shown}"))?;
        notice_unmarked(self.pm);
        let mut outcome = Outcome::default();
        let plan = drafting::write_plan(self.pm, "plan approve", |tx| {
            let (plan, prd) = find(self.pm, &tx.state, id)?;
            let unseen = match &options.expect {
                Some(version) => seen::unseen(self.pm, &tx.state, &plan, &prd, version)?,
                None => Unseen::default(),
            };
            let reading = sources::reading_of(&tx.state, &prd)?;
            let plan = match options.already_met.as_slice() {
                [] => plan,
                named => {
                    // The lines of a plan that was kept are those of the text that it was read from.
                    let before = sources::read_from(&tx.state, &plan, (&prd, &reading));
                    note_met(tx, &prd, before.as_ref().unwrap_or(&reading), named)?
                }
            };
            let document = (&prd, &reading);
            let uncovered = require_approvable(self.pm, &tx.state, &plan, document, options)?;
            let plan = follow_items(tx, &prd, plan, &reading)?;
            let overwrite = super::task_changes::named(&tx.state, &plan, &options.overwrite)?;
            // What is proposed does not exist yet.
            tx.state.forget_named_plans();
            outcome = approve_plan_in(self.pm, tx, &plan, &prd, &overwrite, &unseen)?;
            let mut text = format!("of {}: {} new tasks", prd.id, outcome.created.len());
            if !outcome.changes.updated.is_empty() {
                text.push_str(&format!(", {} updated", outcome.changes.updated.len()));
            }
            if !outcome.left.is_empty() {
                text.push_str(&format!(", {} left", outcome.left.len()));
            }
            if uncovered > 0 {
                text.push_str(&format!(", {uncovered} uncovered statements accepted"));
            }
            if !options.already_met.is_empty() {
                text.push_str(&format!(", {} met already", options.already_met.len()));
            }
            let mut ids: Vec<&str> = vec![&prd.id];
            ids.extend(outcome.created.iter().map(String::as_str));
            let updated = outcome.changes.updated.iter();
            ids.extend(updated.map(|task| task.id.as_str()));
            if tx.is_dirty() {
                tx.describe("plan approve", &ids, &text);
            }
            Ok(prd.uid)
        })?;
        if !outcome.reopened.is_empty() {
            let said = format!("open again: {}", outcome.reopened.join(", "));
            self.pm.notice(said);
        }
        if let Some(said) = plan
            .changed_file()
            .filter(|_| outcome.created.is_empty() || options.accept_uncovered)
        {
            self.pm.notice(said.clone());
        }
        Ok(Approved {
            plan,
            created: outcome.created,
            left: outcome.left,
            changes: outcome.changes,
        })
    }

    /// The question to ask before approving a plan that may be a mistake, unless the options answer
    /// it.
    ///
    /// # Errors
    /// If there is no such plan.
    pub fn doubt(
        &self,
        id: Option<&str>,
        options: &ApproveOptions,
    ) -> Result<Option<(String, Doubt)>> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let (plan, prd) = find(self.pm, &state, id)?;
        if let Some(question) = absurd(self.pm).filter(|_| !options.settings_meant) {
            return Ok(Some((question, Doubt::Settings)));
        }
        if let Some(question) = large(&plan).filter(|_| !options.confirm_large) {
            return Ok(Some((question, Doubt::Size)));
        }
        let now = sources::reading_of(&state, &prd)?;
        let reading = sources::read_from(&state, &plan, (&prd, &now)).unwrap_or(now);
        let lost = lost(self.pm, &state, &plan, (&prd, &reading), options);
        if let Some(question) = lost_question(&lost) {
            return Ok(Some((question, Doubt::Uncovered)));
        }
        let reworded = reworded_question(&state, &plan).filter(|_| !options.accept_reworded);
        Ok(reworded.map(|question| (question, Doubt::Reworded)))
    }
}

/// Refuses a plan that cannot be approved. Returns the number of statements that it leaves
/// uncovered, which the options accept.
pub(super) fn require_approvable(
    pm: &Pm,
    state: &State<'_>,
    plan: &Plan,
    (prd, reading): (&Item, &Reading),
    options: &ApproveOptions,
) -> Result<usize> {
    if plan.document != reading.hash() && plan.accepted_document != Some(reading.hash()) {
        return Err(Error::refused(format!(
            "the document {} has changed since its plan was drafted",
            prd.id
        ))
        .hint(format!(
            "`git pm plan regenerate {}` drafts the plan again",
            prd.id
        ))
        .hint(format!(
            "`git pm plan keep {}` keeps the plan as it is",
            prd.id
        )));
    }
    let before = sources::read_from(state, plan, (prd, reading));
    let reading = before.as_ref().unwrap_or(reading);
    finding::require_none_blocks(pm, state, prd)?;
    // No rule finds them again here, as in the work on an item.
    for one in state
        .doc(&prd.uid)
        .map(|doc| kept::elsewhere(pm, doc))
        .unwrap_or_default()
    {
        pm.notice(format!("findings about {} that block are {one}", prd.id));
    }
    let checks = build_view::checks(pm, plan, &super::draft::contents(reading.verdicts()));
    let errors: Vec<&approval_checks::Check> = checks
        .iter()
        .filter(|c| c.severity == Severity::Error)
        .collect();
    if let Some(first) = errors.first() {
        let of = first.task.map_or(String::new(), |n| format!("task {n}: "));
        let mut error = Error::refused(format!(
            "the plan of {} cannot be approved: {of}{}",
            prd.id, first.message
        ));
        for other in errors.iter().skip(1).take(5) {
            let of = other.task.map_or(String::new(), |n| format!("task {n}: "));
            error = error.hint(format!("{of}{}", other.message));
        }
        return Err(error.hint(format!(
            "`git pm plan edit {}` opens the plan in an editor",
            prd.id
        )));
    }
    if plan.tasks.iter().all(|p| p.item.is_none() && p.is_gone) {
        return Err(
            Error::refused(format!("the plan of {} has no tasks", prd.id))
                .hint(format!(
                    "`git pm plan edit {}` lists the open statements, to write tasks for them",
                    prd.id
                ))
                .hint(format!(
                    "add one: `git pm plan add --plan {} \"TITLE\"`",
                    prd.id
                ))
                .hint(format!(
                    "an agent reads `git pm plan outline {0}`, and writes with `git pm plan write {0}`",
                    prd.id
                )),
        );
    }
    if let Some(question) = absurd(pm).filter(|_| !options.settings_meant) {
        return Err(Error::refused(question).hint("confirm with `--yes`"));
    }
    let is_new = plan.tasks.iter().any(|p| p.item.is_none() && !p.is_gone);
    let is_large = large(plan).filter(|_| is_new && !options.confirm_large);
    if let Some(question) = is_large {
        return Err(Error::refused(question)
            .hint(format!(
                "`git pm plan show {}` proposes tasks to merge",
                prd.id
            ))
            .hint("confirm with `--confirm-large`"));
    }
    require_followed(state, plan, prd)?;
    let lost = lost(pm, state, plan, (prd, reading), options);
    let reworded = reworded_question(state, plan).filter(|_| !options.accept_reworded);
    if let Some(question) = lost_question(&lost) {
        let (statements, file) = lost;
        let update = file.map(|file| word(&file));
        let update = match update {
            Some(file) => Some(format!(
                "`git pm plan update {file} --write` plans it first"
            )),
            None => more_tasks(pm, state, (plan, prd), reading, &statements).then(|| {
                let file = word(&sources::file_of(state, prd));
                format!("`git pm plan update {file} --write` plans the next of them")
            }),
        };
        let edit = format!("write tasks for them with `git pm plan edit {}`", prd.id);
        let edit = (!statements.is_empty()).then_some(edit);
        let hints = update.into_iter().chain(edit);
        let error = hints.fold(Error::refused(question), Error::hint);
        let error = error.hint("or approve the plan without them: `--accept-uncovered`");
        return Err(match reworded {
            Some(also) => error.hint(format!("also, {also}")),
            None => error,
        });
    }
    if let Some(question) = reworded {
        return Err(Error::refused(question)
            .hint(format!(
                "`git pm plan check {0}` names the lines; `git pm task edit` corrects tasks that exist, and `git pm \
                 plan edit {0}` the others",
                prd.id
            ))
            .hint("then approve the tasks as they are: `--accept-reworded`"));
    }
    // Without the option there would be none.
    match is_new && options.accept_uncovered {
        true => Ok(uncovered(&coverage::account(plan, reading)).count()),
        false => Ok(0),
    }
}

/// True if a new draft has tasks of statements: an update adds a few at once.
fn more_tasks(
    pm: &Pm,
    state: &State<'_>,
    (plan, prd): (&Plan, &Item),
    reading: &Reading,
    statements: &[Accounted],
) -> bool {
    let (draft, _) = sources::draft_again(pm, state, prd, reading);
    let open = |task: &Task| statements.iter().any(|one| meet(one.lines, task.lines));
    let mut new = draft
        .counted()
        .filter(|task| plan.task(&task.key).is_none());
    new.any(open)
}

/// Creates what is new in a plan, and gives existing items the present content of their parts.
fn approve_plan_in(
    pm: &Pm,
    tx: &mut Tx<'_>,
    plan: &Plan,
    prd: &Item,
    overwrite: &BTreeSet<Uid>,
    unseen: &Unseen,
) -> Result<Outcome> {
    let parts = Parts::of(&tx.state, plan, prd);
    let all = plan.tasks.iter().filter(|planned| !planned.is_gone);
    let uid = |planned: &Planned| item_uid(plan, planned);
    let left = unseen.left(all.clone().map(|planned| (planned, uid(planned))));
    let is_seen = |planned: &&Planned| unseen.has_seen(&uid(planned));
    let is_fresh = |planned: &&Planned| planned.item.is_none();
    let fresh: Vec<&Planned> = all.filter(is_fresh).filter(is_seen).collect();
    if fresh.is_empty() && !left.is_empty() {
        return Err(nothing_seen(prd, &left));
    }
    let is_new = !fresh.is_empty() || plan.status == PlanStatus::Draft;
    for group in parts.groups(&tx.state) {
        // What was deleted is restored only with something new in it.
        let is_due = is_new || tx.state.doc(&group.uid).is_none();
        if is_due && unseen.has_seen(&group.uid) {
            make(tx, group)?;
        }
    }
    let mut created = Vec::new();
    for planned in &fresh {
        created.push(task_in(tx, &parts, plan, planned)?);
    }
    let mut reopened = Vec::new();
    for planned in &fresh {
        reopened.extend(reopen_above(tx, &uid(planned))?);
    }
    let changes = task_changes::follow_plan_in(tx, plan, prd, &parts, (overwrite, unseen))?;
    super::begun::tell_holders(tx, plan, prd, &changes)?;
    let now = rfc3339(tx.clock().wall_ms());
    let actor = tx.actor().to_string();
    let approval = match pm.store.env().interactive {
        true => "terminal",
        false => "advisory",
    };
    let text = tx.state.text_of(prd).unwrap_or_default();
    let at = tx.fresh_stamp();
    tx.edit(&plan.uid, |doc, clock| {
        let hash = sha256_hex(text.as_bytes());
        let changed = doc.set("approved_document", hash, clock);
        if !is_new && changes.updated.is_empty() {
            // Only confirmed for the present text.
            return changed;
        }
        if plan.status == PlanStatus::Draft {
            let edits = i64::try_from(super::record::edits(doc)).unwrap_or(i64::MAX);
            doc.set("edits", edits, clock);
            doc.set("first_approved_at", now.as_str(), clock);
        }
        doc.set("status", "approved", clock);
        doc.set("epic", parts.epic.to_string(), clock);
        doc.set("approved_at", now.as_str(), clock);
        doc.set("approved_by", actor.as_str(), clock);
        doc.set("approval", approval, clock);
        let mut writer = Writer(Entries {
            doc,
            clock,
            at,
            changed: true,
        });
        for planned in &fresh {
            if let Some(item) = parts.item_of(&planned.task.key) {
                writer.note_item(&planned.task.key, item);
            }
        }
        true
    })?;
    Ok(Outcome {
        created,
        reopened,
        left,
        changes,
    })
}

/// What an approval did.
#[derive(Default)]
struct Outcome {
    /// The ids of the new tasks.
    created: Vec<String>,
    /// The ids of what was done, and is open again above these.
    reopened: Vec<String>,
    /// The tasks that it left.
    left: Vec<LeftTask>,
    /// What became of the other tasks.
    changes: TaskChanges,
}

/// Refuses an approval of which nothing is left.
fn nothing_seen(prd: &Item, left: &[LeftTask]) -> Error {
    let numbers: Vec<String> = left.iter().map(|task| task.number.to_string()).collect();
    Error::conflict(format!(
        "the plan of {} was changed after that version: tasks {}; nothing was approved",
        prd.id,
        shorten(&numbers.join(", "), 100)
    ))
    .hint(format!(
        "`git pm plan show {}` shows it with its version",
        prd.id
    ))
}

/// Creates a task of a plan. Returns its id.
fn task_in(tx: &mut Tx<'_>, parts: &Parts<'_>, plan: &Plan, planned: &Planned) -> Result<String> {
    let uid = uid_of(plan, &planned.task.key);
    let there = tx.state.item(&uid);
    // A task that `seed` created before the epic existed.
    let is_loose = there.is_some_and(|there| there.epic.is_none());
    if !make(tx, parts.task_doc(planned)?)? && is_loose {
        let clock = Clock::derived(&uid);
        let above = format!("parent-child {}", plan.prd);
        let epic = parts.epic.to_string();
        tx.edit(&uid, |doc, _| {
            doc.set_element("edges", &above, false, &clock);
            doc.set("epic", epic, &clock)
        })?;
    }
    Ok(crate::work::task::create::shown(tx, &uid))
}
