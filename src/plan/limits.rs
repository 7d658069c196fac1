//! The numbers of tasks and hours from which a plan is questioned before its approval.

/// The number of tasks above which an approval has to be confirmed, regardless of the document: nobody
/// reads more in one go.
pub(super) const LARGE_TASKS: usize = 40;

/// The number of tasks at which a plan may count as large, above which that setting looks like a mistake.
pub(super) const LARGE_SETTING_MAX: usize = 200;

/// The same of the largest number of tasks in a plan.
pub(super) const PLANNED_SETTING_MAX: usize = 400;

/// The largest number of tasks in a plan that needs no order; above it, a plan in which almost all
/// tasks are free is noted.
pub(super) const TASKS_WITHOUT_ORDER_MAX: usize = 5;

/// The hours that one task may take: a day.
pub(super) const DAY_HOURS: u32 = 8;
