//! The usage and cost of agents in all runs of the state, and the budgets that bound them.
//!
//! They are read from the documents of the runs.

mod baseline;
pub(crate) mod budget;
mod phase;
mod report;
mod source;
mod sums;

pub use self::baseline::Baseline;
pub use self::budget::{BudgetScope, BudgetState, BudgetView};
pub use self::phase::Phase;
pub use self::report::{Comparison, CostGroup, CostLine, CostOptions, CostReport, Grouping};
pub use self::sums::UsageView;

pub(crate) use self::budget::{Budget, is_nearly_spent};
pub(crate) use self::sums::percent;

use crate::model::stamp::DAY_MS;
use crate::model::usage::Recorded;
use crate::pm::Pm;
use crate::store::state::State;

/// The usage of agents today; none if no agent was at work.
pub(crate) fn used_today(pm: &Pm, state: &State<'_>) -> Option<UsageView> {
    let filter = source::Filter {
        since_ms: Some(day_of(pm.now_ms())),
        run: None,
    };
    let all = source::attempts(pm, state, &filter);
    (!all.is_empty()).then(|| sums::Sum::of(&all).view())
}

/// The attempts of agents that ended (or, without an end, began) between two times in
/// milliseconds since the Unix epoch.
pub(crate) fn attempts_between(
    pm: &Pm,
    state: &State<'_>,
    since_ms: u64,
    until_ms: u64,
) -> Vec<Recorded> {
    let filter = source::Filter {
        since_ms: Some(since_ms),
        run: None,
    };
    let mut all = source::attempts(pm, state, &filter);
    all.retain(|one| one.attempt.at_ms().is_some_and(|at| at <= until_ms));
    all
}

/// The usage of agents in all runs.
pub(crate) fn used(pm: &Pm, state: &State<'_>) -> UsageView {
    let all = source::attempts(pm, state, &source::Filter::default());
    sums::Sum::of(&all).view()
}

/// The usage in some attempts.
pub(crate) fn used_in(attempts: &[Recorded]) -> UsageView {
    sums::Sum::of(attempts).view()
}

/// The start of the day of a time, in milliseconds since the Unix epoch. Budgets are shared, so their
/// days are UTC days.
pub(crate) fn day_of(ms: u64) -> u64 {
    ms - ms % DAY_MS
}
