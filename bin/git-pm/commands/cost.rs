//! `git pm budget`: the limits of what agents may spend.

use git_pm::verbs::cost::{RemoveBudget, SetBudget, ShowBudgets};

use crate::render;

group! {
    /// Limit what agents may spend, per epic and per day
    ///
    /// Runs in all clones count. A run warns at 80%. Once a budget is spent, no run starts a task that
    /// it covers, and a run that has nothing else left ends with exit code 7. Each agent is started
    /// with the smallest remaining amount as its own limit, if it supports one; agents that work at the
    /// same time each get the full amount, so together they can exceed it. Only humans can change
    /// budgets, which are shared; `git pm run --budget` limits a single run.
    #[command(defer = true, disable_help_subcommand = true)]
    BudgetCommand, budget(context):
    Set(args: SetBudget) => context.listed(args, render::costs::budgets),
    #[command(visible_alias = "list")]
    Show(args: ShowBudgets) => context.listed(args, render::costs::budgets),
    Rm(args: RemoveBudget) => context.listed(args, render::costs::budgets),
}
