//! What a run may still spend, and its warnings; budgets of epics and days are in `work/cost/budget`.

use super::Engine;
use crate::error::Result;
use crate::model::money::dollars;
use crate::model::uid::Uid;
use crate::run::options::RunEvent;
use crate::run::used::over_budget;
use crate::work::cost::{Budget, is_nearly_spent};

impl Engine<'_> {
    /// The cost of all agents so far, in millionths of a US dollar.
    fn spent(&self) -> u64 {
        let jobs = self.jobs.values();
        jobs.fold(0, |sum, job| sum.saturating_add(job.spent.micro_usd))
    }

    /// The smallest remainder of the budgets that apply to a task, in millionths of a US dollar.
    pub(super) fn left_to_spend(&self, item: &Uid) -> Result<Option<u64>> {
        let own = self.options.budget_micro_usd;
        let own = own.map(|budget| budget.saturating_sub(self.spent()));
        let state = self.pm.store.state()?;
        let Some(item) = state.item(item) else {
            return Ok(own);
        };
        let bounds = self.budgets.iter().filter(|budget| budget.bounds(item));
        Ok(bounds.map(Budget::left).chain(own).min())
    }

    /// The reason why the run's own budget lets nothing more start: it is spent, or cannot be
    /// kept. Its warning (`is_nearly_spent`) is given once.
    pub(super) fn over_budget(&mut self) -> Option<String> {
        let budget = self.options.budget_micro_usd?;
        let jobs = self.jobs.values();
        let unpriced = jobs.fold(0u64, |sum, job| sum.saturating_add(job.unpriced()));
        let spent = self.spent();
        let over = over_budget(budget, spent, unpriced);
        if unpriced == 0 && is_nearly_spent(budget, spent) && !self.budget_told {
            self.budget_told = true;
            (self.tell)(RunEvent::notice(format!(
                "{} of the budget of {} is spent",
                dollars(spent),
                dollars(budget)
            )));
        }
        over
    }

    /// Stores the budgets that apply to open items, and warns once about each that is nearly spent.
    pub(super) fn note_budgets(&mut self, budgets: Vec<Budget>) {
        for budget in &budgets {
            let doubt = budget.stops().filter(|_| budget.doubt.is_some());
            let warning = doubt.or_else(|| budget.warns().then(|| budget.spent_sentence()));
            if let Some(text) = warning
                && self.budgets_told.insert(budget.name.clone())
            {
                (self.tell)(RunEvent::notice(text));
            }
        }
        self.budgets = budgets;
    }
}
