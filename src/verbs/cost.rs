//! The verbs on what agents used and cost (cost, budget), and which agent takes what (route).

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::declare::{List, verb};
use super::keys::misused;
use super::{Effect, Verb, Words};
use crate::error::Result;
use crate::model::money::micro_usd;
use crate::run::{RouteTable, RouteView};
use crate::work::cost::{Baseline, BudgetScope, BudgetView, CostOptions, CostReport, Grouping};

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
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
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
pub struct Cost {
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
    #[serde(default)]
    pub by: Vec<String>,
    /// Compare with this cost: `900usd`, or `90usd/h` for each estimated hour.
    #[arg(long, value_name = "USD")]
    pub baseline: Option<String>,
}

verb!(Cost: CostReport, Reads {
    run |self, pm| {
        let by = self.by.iter().map(|word| word.parse::<Grouping>());
        let baseline = self.baseline.as_ref().map(|text| text.parse::<Baseline>());
        pm.costs().report(&CostOptions {
            by: by.collect::<Result<_>>()?,
            baseline: baseline.transpose()?,
            epic: self.epic.clone(),
            item: self.item.clone(),
            run: self.run.clone(),
            since: self.since.clone(),
        })
    },
});

/// An amount of US dollars, as `5`, `2.50usd` or `$5`, in millionths of a dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema)]
#[schemars(inline)]
pub struct Usd(#[schemars(with = "String")] pub u64);

impl FromStr for Usd {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Usd, String> {
        let amount = micro_usd(text);
        amount
            .map(Usd)
            .map_err(|_| "expected an amount in US dollars: 5usd, 2.50, $5".to_string())
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Usd, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What a budget limits.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Limited {
    /// The tasks of this epic.
    #[arg(long, value_name = "ID")]
    pub epic: Option<String>,
    /// All work on each day.
    #[arg(long)]
    #[serde(default)]
    pub day: bool,
}

impl Limited {
    fn scope(&self) -> Result<BudgetScope> {
        match (&self.epic, self.day) {
            (Some(epic), false) => Ok(BudgetScope::Epic(epic.clone())),
            (None, true) => Ok(BudgetScope::Day),
            _ => Err(misused("a budget takes either `epic` or `day`".into())),
        }
    }
}

/// Set the budget for an epic, or for each day (UTC)
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm budget set --epic E-0002 50usd
  git pm budget set --day 20")]
pub struct SetBudget {
    /// Of what.
    #[command(flatten)]
    #[serde(flatten)]
    pub limited: Limited,
    /// US dollars: 50usd, 2.50, $5.
    pub amount: Usd,
}

verb!(SetBudget: List<BudgetView>, Writes {
    run |self, pm| Ok(pm.costs().set_budget(&self.limited.scope()?, self.amount.0)?.into()),
});

/// Show the budgets and how much of each is spent
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ShowBudgets {}

verb!(ShowBudgets: List<BudgetView>, Reads {
    run |self, pm| Ok(pm.costs().budgets()?.into()),
});

/// Remove a budget
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct RemoveBudget {
    /// Of what.
    #[command(flatten)]
    #[serde(flatten)]
    pub limited: Limited,
}

verb!(RemoveBudget: List<BudgetView>, Removes {
    run |self, pm| Ok(pm.costs().remove_budget(&self.limited.scope()?)?.into()),
});

/// List the roles with their agents, where each comes from, and whether it can be started here
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ShowRoutes {}

verb!(ShowRoutes: RouteTable, Reads {
    run |self, pm| pm.runs().routes(),
});

/// Show the role of an item, the agent that would take it, and why
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct ExplainRoute {
    /// Item ID.
    pub id: String,
}

verb!(ExplainRoute: RouteView, Reads {
    run |self, pm| pm.runs().route(&self.id),
});
