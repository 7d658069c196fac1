//! Writes the record of a run: one commit for each transition.
//!
//! Each transition is one commit, so that another process can follow the run, and a later one can
//! continue it.

use super::record::{Job, Plan, Request, RunStatus, Verb, job_uid};
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::short_id::{RUN, short_id};
use crate::model::stamp::{Clock, rfc3339};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::store::layout::Family;
use crate::store::transaction::Tx;

/// The operation name of every write by a run.
const OP: &str = "run";

/// Records a new run, which is running.
pub(crate) fn begin_run(pm: &Pm, uid: &Uid, plan: &Plan) -> Result<()> {
    let replica = pm.store.replica()?.to_string();
    pm.store.write(&pm.named_writer(OP)?, |tx| {
        let mut doc = Doc::new(uid.clone(), Family::Run.kind(), "", tx.fresh_stamp());
        doc.put("author", tx.actor());
        doc.put("agent", Value::from(tx.agent()));
        doc.put("created_at", rfc3339(tx.clock().wall_ms()));
        doc.put("replica", replica.as_str());
        doc.put("status", RunStatus::Running.as_str());
        doc.put("with", plan.with.as_str());
        doc.put("agents", Value::Int(plan.agents as i64));
        doc.put("merge", plan.merge.as_str());
        let budget = plan.budget_micro_usd.and_then(|n| i64::try_from(n).ok());
        doc.put("budget_micro_usd", budget.map_or(Value::Null, Value::Int));
        doc.put("epic", Value::from(plan.epic.as_deref()));
        doc.put("pinned", Value::from(plan.pinned.as_deref()));
        for item in &plan.only {
            doc.put_element("only", item);
        }
        tx.insert(doc)?;
        let id = short_id(RUN, uid);
        tx.describe(OP, &[], &format!("{id}: started with {}", plan.with));
        Ok(())
    })?;
    Ok(())
}

/// Records the job of a task, if it differs from the existing record.
pub(crate) fn write_job(pm: &Pm, run: &Uid, job: &Job) -> Result<()> {
    let uid = job_uid(run, &job.item);
    pm.store.write(&pm.named_writer(OP)?, |tx| {
        let item = tx.state.item(&job.item).cloned();
        let known = tx.state.run_doc(run, &uid).is_some();
        let changed = if known {
            tx.edit(&uid, |doc, clock| job.write(doc, clock))?
        } else {
            let Some(item) = &item else { return Ok(()) };
            let mut doc = Doc::new(uid.clone(), Family::Run.kind(), "", tx.fresh_stamp());
            doc.put("run", run.as_str());
            doc.put("item", item.reference().to_string());
            let clock = tx.clock().clone();
            job.write(&mut doc, &clock);
            tx.insert(doc)?;
            true
        };
        if changed {
            describe(tx, run, item.as_ref(), job);
        }
        Ok(())
    })?;
    Ok(())
}

/// Records the status of a run.
pub(crate) fn write_run(pm: &Pm, run: &Uid, status: RunStatus, reason: Option<&str>) -> Result<()> {
    write_status(pm, run, status, reason, false)
}

/// Records that a run was stopped because a budget is spent.
pub(crate) fn write_out_of_budget(pm: &Pm, run: &Uid, reason: &str) -> Result<()> {
    write_status(pm, run, RunStatus::Stopped, Some(reason), true)
}

fn write_status(
    pm: &Pm,
    run: &Uid,
    status: RunStatus,
    reason: Option<&str>,
    budget_spent: bool,
) -> Result<()> {
    edit_run(pm, run, status.as_str(), |doc, clock| {
        let mut changed = doc.set("status", status.as_str(), clock);
        changed |= doc.set("budget_spent", budget_spent.then_some(true), clock);
        changed |= doc.set("reason", Value::from(reason), clock);
        let open = matches!(status, RunStatus::Running | RunStatus::Paused);
        if changed {
            let ended = (!open).then(|| rfc3339(clock.wall_ms()));
            doc.set("ended_at", Value::from(ended), clock);
        }
        changed
    })
}

/// Records that a request was obeyed.
pub(crate) fn write_obeyed(pm: &Pm, run: &Uid, request: &Request) -> Result<()> {
    let what = format!("{} carried out", request.verb);
    edit_run(pm, run, &what, |doc, clock| {
        doc.set_entry("requests", &request.id, "done", true, clock)
    })
}

/// Records a request.
pub(crate) fn write_request(
    pm: &Pm,
    run: &Uid,
    verb: Verb,
    item: Option<&Item>,
    note: Option<&str>,
) -> Result<()> {
    pm.store.write(&pm.named_writer(OP)?, |tx| {
        if tx.state.run_doc(run, run).is_none() {
            return Err(tx.state.no_run(&short_id(RUN, run)));
        }
        let (id, at) = (tx.new_entry_id()?, tx.fresh_stamp());
        let item = item.map(|item| item.reference().to_string());
        let fields = [
            ("verb", Value::from(verb.as_str())),
            ("item", Value::from(item.as_deref())),
            ("note", Value::from(note)),
            ("by", tx.actor().into()),
            ("agent", Value::from(tx.agent())),
        ];
        let fields: Vec<_> = fields.into_iter().filter(|(_, v)| !v.is_null()).collect();
        tx.edit(run, |doc, _| {
            doc.add_entry("requests", &id, at.clone(), &fields);
            true
        })?;
        let shown = short_id(RUN, run);
        tx.describe(OP, &[], &format!("{shown}: {verb} requested"));
        Ok(())
    })?;
    Ok(())
}

fn edit_run(
    pm: &Pm,
    run: &Uid,
    what: &str,
    mut change: impl FnMut(&mut Doc, &Clock) -> bool,
) -> Result<()> {
    pm.store.write(&pm.named_writer(OP)?, |tx| {
        if tx.state.run_doc(run, run).is_none() {
            return Err(tx.state.no_run(&short_id(RUN, run)));
        }
        if tx.edit(run, &mut change)? {
            tx.describe(OP, &[], &format!("{}: {what}", short_id(RUN, run)));
        }
        Ok(())
    })?;
    Ok(())
}

fn describe(tx: &mut Tx<'_>, run: &Uid, item: Option<&Item>, job: &Job) {
    let id = item.map(|item| tx.state.shown_id(item)).unwrap_or_default();
    let step = match (job.status, job.step) {
        (RunStatus::Running, Some(step)) => format!(" ({step})"),
        _ => String::new(),
    };
    let by = match &job.agent {
        Some(agent) => format!(", {agent}"),
        None => String::new(),
    };
    let text = format!("{}: {id} {}{step}{by}", short_id(RUN, run), job.status);
    tx.describe(OP, &[&id], &text);
}
