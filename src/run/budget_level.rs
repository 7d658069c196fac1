//! How much of the budgets of the runs is spent, for news.

use super::record;
use crate::model::uid::Uid;
use crate::store::state::State;

/// The share of a budget from which people are told, in percent.
const WARNED_AT: u64 = 80;

/// A run whose budget is nearly or all spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BudgetLevel {
    /// The id shown to users.
    pub run: String,
    pub uid: Uid,
    /// Who started it.
    pub author: String,
    /// 80, or 100 once it ends for that.
    pub percent: u8,
    /// The budget in millionths of a US dollar; none if only that of an epic or the day was spent.
    pub micro_usd: Option<u64>,
}

/// The runs of which at least 80 % of the budget is spent, or that ended because a budget was.
pub(crate) fn budget_levels(state: &State<'_>) -> Vec<BudgetLevel> {
    let level = |uid: Uid| {
        let run = record::run(state, &uid)?;
        let budget = run.plan.budget_micro_usd;
        if budget.is_none() && !run.budget_spent {
            return None;
        }
        let jobs = record::jobs(state, &uid).into_iter();
        let spent = jobs.fold(0u64, |sum, job| sum.saturating_add(job.spent.micro_usd));
        let has = |percent: u64| {
            budget.is_some_and(|all| spent.saturating_mul(100) >= all.saturating_mul(percent))
        };
        let percent = match run.budget_spent || has(100) {
            true => 100,
            false if has(WARNED_AT) => 80,
            false => return None,
        };
        Some(BudgetLevel {
            run: run.id(),
            author: run.author,
            percent,
            micro_usd: budget,
            uid,
        })
    };
    state.runs().into_iter().filter_map(level).collect()
}
