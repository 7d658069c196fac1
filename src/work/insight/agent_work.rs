//! The outcome of the work of agents in runs (ME-07, ME-10).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::doc::Doc;
use crate::model::id::ItemRef;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::model::usage::Attempt;
use crate::pm::Pm;
use crate::store::state::State;
use crate::work::cost;
use crate::work::cost::{UsageView, percent};
use crate::work::task::gates;

/// The status of a task that a run has given up.
const GIVEN_UP: &str = "failed";

/// The work of agents in runs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct AgentWork {
    /// The number of items that agents worked on.
    pub tasks: usize,
    /// Those of them that are done.
    pub done: usize,
    /// Those that are done with exactly the commit that an agent submitted: they were not completed
    /// by hand, nor changed before their approval.
    pub accepted: usize,
    /// Accepted ones as a share of those that are done; null if none is.
    pub accepted_percent: Option<f64>,
    /// Those that are not done, and that the last run which worked on them gave up.
    pub failed: usize,
    /// Failed ones as a share of all; null if there are none.
    pub failed_percent: Option<f64>,
    /// Each gate with the number of items whose last submission passed it.
    pub gates_passed: BTreeMap<String, usize>,
    /// Each gate with the number of attempts whose work did not pass it.
    pub gates_failed: BTreeMap<String, usize>,
    /// The usage and cost of the agents.
    pub used: UsageView,
}

/// The work of agents in all runs of the state; none if no agent was at work.
pub(super) fn agent_work(pm: &Pm, state: &State<'_>) -> Option<AgentWork> {
    // Runs come in the order of their start: of each item the last one counts.
    let mut given_up: BTreeMap<Uid, bool> = BTreeMap::new();
    let mut gates_failed = BTreeMap::new();
    for run in state.runs() {
        for doc in state.run_docs(&run) {
            let of = doc.text("item").and_then(|item| ItemRef::parse(item).uid);
            if let Some(item) = of.filter(|_| was_started(doc)) {
                given_up.insert(item, doc.text("status") == Some(GIVEN_UP));
                let attempts = Attempt::recorded(doc).into_iter();
                let gates = attempts.filter_map(|attempt| attempt.failed_gate);
                gates.for_each(|gate| *gates_failed.entry(gate).or_default() += 1);
            }
        }
    }
    let found = given_up.iter();
    let found = found.filter_map(|(uid, failed)| Some((state.item(uid)?, *failed)));
    let (mut tasks, mut done, mut accepted, mut failed) = (0, 0, 0, 0);
    let mut gates_passed = BTreeMap::new();
    for (item, gave_up) in found.filter(|(item, _)| !item.deleted) {
        tasks += 1;
        let is_done = item.status == Status::Done;
        done += usize::from(is_done);
        accepted += usize::from(is_done && is_as_submitted(state, item));
        failed += usize::from(gave_up && !is_done);
        let doc = state.doc(&item.uid);
        for gate in doc.map(gates::gates_passed).unwrap_or_default() {
            *gates_passed.entry(gate).or_default() += 1;
        }
    }
    (tasks > 0).then(|| AgentWork {
        tasks,
        done,
        accepted,
        accepted_percent: percent(accepted as u64, done as u64),
        failed,
        failed_percent: percent(failed as u64, tasks as u64),
        gates_passed,
        gates_failed,
        used: cost::used(pm, state),
    })
}

/// True if an agent was started on a run's task.
fn was_started(doc: &Doc) -> bool {
    doc.value("attempt").as_int().is_some_and(|n| n > 0)
}

/// True if the approved commit is the one that was submitted.
pub(crate) fn is_as_submitted(state: &State<'_>, item: &Item) -> bool {
    let approved = item.approval.as_ref().map(|one| one.commit.as_str());
    let doc = state.doc(&item.uid);
    let submitted = doc.and_then(|doc| doc.text("finished_commit"));
    approved.is_some() && approved == submitted
}
