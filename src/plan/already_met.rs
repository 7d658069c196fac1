//! What an approver says of new work after a closed task: that the finished work meets it already.

use super::anchors::anchors;
use super::checks::other_plans::met_elsewhere;
use super::coverage;
use super::draft::{Disposition, Task};
use super::edit::{remove, write};
use super::line_ranges::meet;
use super::new_work::is_replaced;
use super::plan_types::{Plan, PutAside};
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

/// Takes from a plan what was said to be met by finished work that other work replaced since: what the document asks for
/// in these words is new work again.
pub(super) fn still_met(state: &State<'_>, mut plan: Plan) -> Plan {
    let is_over = |aside: &PutAside| {
        let own = |task: &&Task| {
            let said = &task.description;
            says(said, &aside.text) || says(&aside.text, said)
        };
        let left = plan.removed.values();
        let left = left.filter(|task| plan.follow_ups.contains_key(&task.key));
        let mut left = left.filter(own).peekable();
        left.peek().is_some() && left.all(|task| is_replaced(state, &plan, task))
    };
    let all = plan.put_aside.iter();
    let over = all.filter(|(_, aside)| aside.disposition == Disposition::Done && is_over(aside));
    let over: Vec<String> = over.map(|(anchor, _)| anchor.clone()).collect();
    plan.put_aside.retain(|anchor, _| !over.contains(anchor));
    plan
}
