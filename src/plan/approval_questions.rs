//! What an approval asks first: of the size of a plan, what it leaves out, and lines that were changed.

use super::coverage;
use super::draft::{Accounted, Disposition};
use super::limits::{LARGE_SETTING_MAX, PLANNED_SETTING_MAX};
use super::new_work::unfollowed;
use super::plan_types::Plan;
use super::sources::{self, Reading};
use crate::error::{Error, Result};
use crate::model::item::Item;
use crate::model::text::{first_of, one_line, shorten};
use crate::plan::approve::ApproveOptions;
use crate::pm::Pm;
use crate::store::state::State;
use crate::work::plan_notices::{self, FileDiffers};

/// The largest number of statements that a refusal quotes.
const NAMED: usize = 3;

/// The question that asks for confirmation of uncovered work, and of a file that has changed since.
pub(super) fn lost_question((lost, file): &Lost) -> Option<String> {
    let (by_heading, open): (Vec<_>, Vec<_>) =
        lost.iter().partition(|one| one.is_done_by_heading());
    let open = quoted("no task covers these statements", &open);
    let done = "only a heading says that these statements are done";
    let file = file.as_deref().map(one_line);
    let file = file.map(|file| format!("{file} has changed since it was planned"));
    let questions = file.into_iter().chain(open);
    let questions: Vec<String> = questions.chain(quoted(done, &by_heading)).collect();
    (!questions.is_empty()).then(|| questions.join("; "))
}

/// What is said of some statements, with the first of them.
fn quoted(said: &str, of: &[&Accounted]) -> Option<String> {
    let named = of.iter();
    let named = named.map(|one| format!("line {} {}", one.lines.start, coverage::named(one, 50)));
    let named: Vec<String> = named.collect();
    (!of.is_empty()).then(|| format!("{said}: {}", first_of(&named, NAMED)))
}

/// The question that asks for confirmation of tasks whose lines were changed, unless they are closed: what their lines
/// ask for now is new work.
pub(super) fn reworded_question(state: &State<'_>, plan: &Plan) -> Option<String> {
    let closed = unfollowed(state, plan);
    let reworded = plan
        .counted()
        .filter(|planned| !planned.reworded.is_empty() && !closed.contains(&planned.number));
    let names: Vec<String> = reworded.map(|planned| planned.number.to_string()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "lines of these tasks were changed after they were written: {}",
            shorten(&names.join(", "), 100)
        )
    })
}

/// Refuses a plan in which changed lines of closed tasks are in no task that follows these.
pub(super) fn require_followed(state: &State<'_>, plan: &Plan, prd: &Item) -> Result<()> {
    let numbers = unfollowed(state, plan);
    if numbers.is_empty() {
        return Ok(());
    }
    let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
    Err(Error::refused(format!(
        "lines of these closed tasks were changed after they were written: {}; `git pm plan regenerate {}` makes new \
         tasks of what they ask for now",
        shorten(&numbers.join(", "), 100),
        prd.id
    )))
}

/// The question to ask if a threshold looks like a mistake.
pub(super) fn absurd(pm: &Pm) -> Option<String> {
    let limits = sources::limits(pm);
    let most = limits.max_tasks.max(limits.min_tasks);
    let is_absurd = most > LARGE_SETTING_MAX || limits.max_planned_tasks > PLANNED_SETTING_MAX;
    is_absurd.then(|| {
        format!(
            "the pm.plan* settings allow plans of up to {} tasks. Is that intended?",
            most.max(limits.max_planned_tasks)
        )
    })
}

/// The statements of a document that a plan leaves uncovered, and its file if that has another text by now.
pub(super) type Lost = (Vec<Accounted>, Option<String>);

/// What a plan leaves out, unless it has no new tasks, and was approved for this text.
pub(super) fn lost(
    pm: &Pm,
    state: &State<'_>,
    plan: &Plan,
    (prd, reading): (&Item, &Reading),
    options: &ApproveOptions,
) -> Lost {
    let is_new = plan.tasks.iter().any(|p| p.item.is_none() && !p.is_gone);
    let is_other = plan.approved_document.as_ref() != Some(&reading.hash());
    if options.accept_uncovered || !(is_new || is_other) {
        return Lost::default();
    }
    let mut all = coverage::account(plan, reading);
    all.retain(|one| one.disposition == Disposition::Uncovered || one.is_done_by_heading());
    let file = plan_notices::file_now(pm, state, prd);
    let file = file.filter(|(_, differs)| *differs == Some(FileDiffers::Changed));
    (all, file.map(|(path, _)| path))
}
