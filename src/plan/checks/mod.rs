//! Warnings and notes about a plan that need its document, other plans or the code, and no model.

mod dropped;
mod missing_names;
mod observable;
pub(super) mod other_plans;
pub(crate) mod told;
mod unbounded;
mod unsupported;

use super::approval_checks::{Check, Severity};
use super::draft::Accounted;
use super::plan_types::{Plan, Planned};
use crate::model::item::Item;
use crate::pm::Pm;
use crate::store::state::State;

/// What the rules look at.
pub(super) struct Subject<'s> {
    pub(super) pm: &'s Pm,
    pub(super) state: &'s State<'s>,
    pub(super) plan: &'s Plan,
    pub(super) prd: &'s Item,
    /// The statements of its document.
    pub(super) statements: &'s [Accounted],
}

/// A rule: its findings about a plan.
type Rule = fn(&Subject<'_>) -> Vec<Check>;

const RULES: &[Rule] = &[
    dropped::findings,
    unsupported::findings,
    other_plans::findings,
    missing_names::findings,
    observable::findings,
    unbounded::findings,
];

/// The findings of all rules. None is an error.
pub(super) fn findings(subject: &Subject<'_>) -> Vec<Check> {
    RULES.iter().flat_map(|rule| rule(subject)).collect()
}

/// The tasks that the rules look at.
fn tasks(plan: &Plan) -> impl Iterator<Item = &Planned> {
    plan.present_tasks()
}
