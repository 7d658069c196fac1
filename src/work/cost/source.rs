//! The attempts that the runs of the state record.

use std::rc::Rc;

use crate::model::doc::Doc;
use crate::model::stamp::parse_rfc3339;
use crate::model::uid::Uid;
use crate::model::usage::{Attempt, Recorded, name_of};
use crate::pm::Pm;
use crate::store::layout::Family;
use crate::store::state::State;

/// The attempts that are collected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Only of this run.
    pub run: Option<Uid>,
    /// Only those that ended (or, without an end, began) at or after this time, in milliseconds
    /// since the Unix epoch. Those without a time are left out.
    pub since_ms: Option<u64>,
}

/// The attempts of all runs in the state.
pub(crate) fn attempts(pm: &Pm, state: &State<'_>, filter: &Filter) -> Vec<Recorded> {
    let mut found = Vec::new();
    for (run, folder) in state.folders(Family::Run) {
        if filter.run.as_ref().is_some_and(|only| *only != run) {
            continue;
        }
        // A run in progress changes one folder; all others are read once.
        let known = pm.attempts.borrow().get(&run).cloned();
        let all = match known.filter(|(at, _)| *at == folder) {
            Some((_, all)) => all,
            None => {
                let own = state.run_doc(&run, &run);
                if filter.since_ms.is_some_and(|since| is_over(own, since)) {
                    continue;
                }
                let with = own.and_then(|doc| doc.text("with")).map(name_of);
                let docs = state.run_docs(&run).into_iter();
                let all = docs.flat_map(|doc| Recorded::of(&run, with.as_deref(), doc));
                let all: Rc<[Recorded]> = all.collect();
                let mut known = pm.attempts.borrow_mut();
                known.insert(run, (folder, Rc::clone(&all)));
                all
            }
        };
        found.extend(all.iter().filter(|one| filter.takes(&one.attempt)).cloned());
    }
    found
}

/// True for a run that had ended before a time.
fn is_over(run: Option<&Doc>, since_ms: u64) -> bool {
    let ended = run.and_then(|doc| parse_rfc3339(doc.text("ended_at")?));
    ended.is_some_and(|ended| ended < since_ms)
}

impl Filter {
    fn takes(&self, attempt: &Attempt) -> bool {
        self.since_ms
            .is_none_or(|since| attempt.at_ms().is_some_and(|at| at >= since))
    }
}
