//! `git pm cost` and `git pm budget`: what agents used and cost, and their limits.

use git_pm::costs::{Baseline, BudgetScope, CostOptions, Grouping};

use crate::arguments::values::{Words, micro_usd};
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Show the agents' usage and cost
///
/// Shows tokens, model responses, attempts, agent time and US dollars. Counts the attempts that
/// runs in all clones recorded, as of the last sync. Usage and cost are what the agents report. If
/// an agent reports tokens but no cost, the cost is computed from the price table (`pm.price`
/// overrides it) and marked as computed; without a price it is unknown, and only tokens are
/// counted. Work outside runs, such as a planning session of your own, is not counted.
///
/// The phase is the role that `git pm route` determined, if that is planning, review or testing.
/// Otherwise it follows from the item: PRDs, epics, research (`spike`) and decisions are planning,
/// type `test` is testing, `merge-request` is review, and anything else is implementation.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm cost
  git pm cost --epic E-0002 --by task,model
  git pm cost --since 2w --by day
  git pm cost --epic E-0002 --baseline 90usd/h

A baseline is what the same work would otherwise have cost: a total amount, or an amount
for each estimated hour of the finished items. As a rough guide, one feature costs 80 to
120 USD for planning plus 30 to 50 USD for implementation with agents, and 900 to
1,400 USD by hand. `git pm config pm.costBaseline 90usd/h` sets a default.")]
pub struct CostArgs {
    /// Only the tasks of this epic.
    #[arg(long, value_name = "ID", conflicts_with = "item")]
    pub epic: Option<String>,
    /// Only this item.
    #[arg(long, value_name = "ID")]
    pub item: Option<String>,
    /// Only this run.
    #[arg(long, value_name = "ID")]
    pub run: Option<String>,
    /// Only attempts that ended (or started, if no end is recorded) since DATE: 2026-11-20, 2w.
    #[arg(long, value_name = "DATE")]
    pub since: Option<String>,
    /// Groups, separated by commas; by default phase, model and epic; with `--epic` or `--item`,
    /// phase, model and task.
    #[arg(long, value_name = "GROUPS", value_delimiter = ',', value_parser = Words(Grouping::VOCABULARY.words))]
    pub by: Vec<String>,
    /// Compare with this cost: `900usd`, or `90usd/h` for each estimated hour.
    #[arg(long, value_name = "USD")]
    pub baseline: Option<String>,
}

/// Shows use and cost.
pub fn run(context: &Context, args: CostArgs) -> Outcome {
    let by = args.by.iter().map(|word| word.parse::<Grouping>());
    let baseline = args.baseline.as_ref().map(|text| text.parse::<Baseline>());
    let options = CostOptions {
        by: by.collect::<git_pm::Result<_>>()?,
        baseline: baseline.transpose()?,
        epic: args.epic,
        item: args.item,
        run: args.run,
        since: args.since,
    };
    let report = context.pm()?.costs().report(&options)?;
    context.answer(&report, render::costs::report)
}

/// Limit what agents may spend, per epic and per day
///
/// Runs in all clones count. A run warns at 80%. Once a budget is spent, no run starts a task that
/// it covers, and a run that has nothing else left ends with exit code 7. Each agent is started
/// with the smallest remaining amount as its own limit, if it supports one; agents that work at the
/// same time each get the full amount, so together they can exceed it. Only humans can change
/// budgets, which are shared; `git pm run --budget` limits a single run.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true, disable_help_subcommand = true)]
pub enum BudgetCommand {
    /// Set the budget for an epic, or for each day (UTC)
    #[command(after_help = "\
Examples:
  git pm budget set --epic E-0002 50usd
  git pm budget set --day 20")]
    Set {
        #[command(flatten)]
        scope: ScopeArgs,
        /// US dollars: 50usd, 2.50, $5.
        #[arg(value_name = "AMOUNT", value_parser = micro_usd)]
        amount: u64,
    },
    /// Show the budgets and how much of each is spent
    #[command(visible_alias = "list")]
    Show,
    /// Remove a budget
    Rm(ScopeArgs),
}

/// What a budget limits.
#[derive(clap::Args, Debug)]
#[group(required = true, multiple = false)]
pub struct ScopeArgs {
    /// The tasks of this epic.
    #[arg(long, value_name = "ID")]
    pub epic: Option<String>,
    /// All work on each day.
    #[arg(long)]
    pub day: bool,
}

impl ScopeArgs {
    fn scope(self) -> BudgetScope {
        match self.epic {
            Some(epic) => BudgetScope::Epic(epic),
            None => BudgetScope::Day,
        }
    }
}

/// Runs a verb about budgets.
pub fn budget(context: &Context, command: BudgetCommand) -> Outcome {
    let costs = context.pm()?.costs();
    let budgets = match command {
        BudgetCommand::Set { scope, amount } => costs.set_budget(&scope.scope(), amount)?,
        BudgetCommand::Show => costs.budgets()?,
        BudgetCommand::Rm(scope) => costs.remove_budget(&scope.scope())?,
    };
    context.list(&budgets, render::costs::budgets)
}
