//! What agents used and cost, from the documents of all runs in the state, and the budgets that bound
//! it.

mod baseline;
mod budget;
mod phase;
mod report;
mod source;
mod sums;

pub use self::baseline::Baseline;
pub use self::budget::{BudgetScope, BudgetState, BudgetView};
pub use self::phase::Phase;
pub use self::report::{Comparison, CostGroup, CostLine, CostOptions, CostReport, Grouping};
pub use self::sums::UsageView;

pub(crate) use self::budget::Budget;

use crate::model::stamp::DAY_MS;

/// The start of the day of a time, in milliseconds since the Unix epoch: days are days of UTC, as in
/// all output.
pub(crate) fn day_of(ms: u64) -> u64 {
    ms - ms % DAY_MS
}
