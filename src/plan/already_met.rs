//! What an approver says of new work after a closed task: that the finished work meets it already.

use std::collections::BTreeSet;

use super::anchors::anchors;
use super::checks::other_plans::met_elsewhere;
use super::coverage;
use super::draft::Disposition;
use super::edit::{remove, write};
use super::line_ranges::meet;
use super::new_work::is_replaced;
use super::plan_types::{Plan, Planned, PutAside, Removed};
use super::sentences::says;
use super::sources::{Reading, plan_of, task};
use crate::error::{Error, Hint, Result};
use crate::model::item::Item;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// Removes such tasks from the plan of a PRD, and calls their lines done. Returns the plan as it is then.
///
/// # Errors
/// If one of them is no new work after a closed task, nor in the words of finished work that another document dropped,
/// or exists already, or others wait for it.
pub(super) fn note_met(
    tx: &mut Tx<'_>,
    prd: &Item,
    reading: &Reading,
    named: &[String],
) -> Result<Plan> {
    let id = tx.state.shown_id(prd);
    let present = |tx: &Tx<'_>| {
        let plan = plan_of(&tx.state, prd);
        plan.ok_or_else(|| Error::not_found(format!("{id} has no plan")))
    };
    for name in named {
        let plan = present(&*tx)?;
        let planned = task(&tx.state, &plan, name)?;
        let (key, lines) = (&planned.task.key, planned.task.lines);
        let after = plan.follow_ups.get(key).and_then(|on| plan.task(on));
        let after = after.and_then(|after| after.item.clone());
        let elsewhere = || met_elsewhere(&tx.state, &plan, planned).map(Item::reference);
        let after = after.or_else(elsewhere);
        let Some(after) = after.filter(|_| planned.item.is_none()) else {
            let text = format!(
                "task {} is not new work that follows a closed task",
                planned.number
            );
            let show = Hint::run(["plan", "show", &*id], "shows what each task waits for");
            return Err(Error::refused(text).hint(show));
        };
        let reason = format!("{} meets it", tx.state.shown_ref(&after));
        let statements = coverage::account(&plan, reading);
        let anchors = anchors(&reading.text, &statements);
        remove(tx, &plan.uid, &plan, key, false)?;
        write(tx, &plan.uid, |writer, actor| {
            writer.note_met(key, &after);
            let all = statements.iter().zip(&anchors);
            for (one, anchor) in all.filter(|(one, _)| meet(one.lines, lines)) {
                let aside = PutAside {
                    disposition: Disposition::Done,
                    reason: reason.clone(),
                    text: one.text.clone(),
                    line: i64::from(one.lines.start),
                    by: String::new(),
                };
                writer.put_aside(anchor, &aside, actor);
            }
        })?;
    }
    present(&*tx)
}

/// The keys and anchors of what a stored plan has as met, and the same plan as it stands has not.
pub(super) fn no_longer_met(stored: &Plan, plan: &Plan) -> (Vec<String>, Vec<String>) {
    let keys = stored.removed.keys();
    let keys = keys.filter(|key| !plan.removed.contains_key(*key)).cloned();
    let anchors = stored.put_aside.keys();
    let anchors = anchors.filter(|anchor| !plan.put_aside.contains_key(*anchor));
    (keys.collect(), anchors.cloned().collect())
}

/// Takes from a plan what was said to be met by finished work that is not finished any more, or that other work replaced
/// since. What is open again carries these lines; else what the document asks for in these words is new work again.
pub(super) fn still_met(state: &State<'_>, mut plan: Plan) -> Plan {
    let mut unmet = BTreeSet::new();
    for (key, by) in std::mem::take(&mut plan.met_by) {
        let item = by.uid.as_ref().and_then(|uid| state.stored(uid));
        let item = item.filter(|item| !item.deleted);
        let Some(left) = plan.removed.get(&key).cloned() else {
            continue;
        };
        if item.is_some_and(|item| item.status.is_finished()) {
            plan.met_by.insert(key, by);
            continue;
        }
        let open = item.filter(|item| !item.status.is_closed());
        let own = |one: &&mut Planned| {
            let item = one.item.as_ref().and_then(|item| item.uid.as_ref());
            item.is_some_and(|uid| open.is_some_and(|open| open.uid == *uid))
        };
        if let Some(task) = plan.tasks.iter_mut().find(own) {
            if left.lines.start == 0 {
                continue;
            }
            (task.task.lines, task.is_gone) = (left.lines, false);
        }
        plan.removed.remove(&key);
        let is_kept = |part: &Removed| !part.is_task || !meet(part.lines, left.lines);
        plan.removed_parts.retain(is_kept);
        unmet.insert(left.description);
    }
    let is_over = |aside: &PutAside| {
        let is_said = |said: &str| says(said, &aside.text) || says(&aside.text, said);
        if unmet.iter().any(|said| is_said(said)) {
            return true;
        }
        let left = plan.removed.values();
        let left = left.filter(|task| plan.follow_ups.contains_key(&task.key));
        let mut left = left.filter(|task| is_said(&task.description)).peekable();
        left.peek().is_some() && left.all(|task| is_replaced(state, &plan, task))
    };
    let all = plan.put_aside.iter();
    let over = all.filter(|(_, aside)| aside.disposition == Disposition::Done && is_over(aside));
    let over: Vec<String> = over.map(|(anchor, _)| anchor.clone()).collect();
    plan.put_aside.retain(|anchor, _| !over.contains(anchor));
    plan
}
