//! The numbers of tasks and hours from which a plan is questioned before its approval.

/// The number of tasks above which an approval has to be confirmed, regardless of the document: nobody
/// reads more in one go.
pub(super) const LARGE_TASKS: usize = 40;

/// The largest number of tasks in a plan that needs no order; above it, a plan in which almost all
/// tasks are free is noted.
pub(super) const TASKS_WITHOUT_ORDER_MAX: usize = 5;

/// The hours that one task may take: a day.
pub(super) const DAY_HOURS: u32 = 8;
