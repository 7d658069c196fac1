//! The verbs that analyze the open work: triage, order, graph, impact, forecast, suggest, predict, stats.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::{List, verb};
use super::keys::misused;
use super::{Effect, Limit, Number, Verb, limits};
use crate::history::report::{Report, ReportOptions, Step};
use crate::memory::predict::Prediction;
use crate::plan::stats::PlanStats;
use crate::pm::arguments::{term, term_schema};
use crate::review::stats::ReviewStats;
use crate::work::insight::{
    DuplicateHint, ForecastView, GraphView, Health, ImpactView, LIST_LENGTH_DEFAULT, OrderedItem,
    TriageView,
};

/// Recommend what to do next, with reasons and commands
///
/// Prints the best picks; open work, ranked by priority, what is overdue or due within three days,
/// dependents, the longest chain of work behind it and age; quick wins; blockers; project health; and
/// alerts. A pick is never blocked, claimed, or assigned to another actor.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm triage
  git pm triage --limit 3 --json
  git pm --as claude-2 triage   recommend for claude-2")]
pub struct Triage {
    /// Maximum number of items in each list; 0 for all.
    #[arg(long, value_name = "N", default_value_t)]
    #[serde(default)]
    pub limit: Limit<LIST_LENGTH_DEFAULT>,
}

verb!(Triage: TriageView, Reads {
    run |self, pm| pm.insights().triage(Some(self.limit.0)),
    // The other tools have the figures.
    brief ["alerts", "recommendations", "blockers_to_clear", "idle"],
});

/// List open work in dependency order
///
/// Items come after the items that they wait for. Among the next candidates, the one that
/// starts the longest chain of work by estimate (the critical path) comes first.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm order                  all open items
  git pm order E-0001           items below an epic
  git pm order --limit 5")]
pub struct Order {
    /// Item whose descendants are listed.
    pub id: Option<String>,
    /// Maximum number of items; 0 for all.
    #[arg(long, value_name = "N")]
    pub limit: Option<Limit>,
}

verb!(Order: List<OrderedItem>, Reads {
    run |self, pm| {
        let most = self.limit.map_or(usize::MAX, |limit| limit.0);
        List::limited(most, |most| pm.insights().first_in_order(self.id.as_deref(), most))
    },
});

/// Draw the dependency graph
///
/// Draws all open items; with an epic or another container, its descendants; with any other
/// item, what can be reached from it in either direction.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm graph                   all open items
  git pm graph E-0001            items below an epic
  git pm graph T-0012 --depth 1  direct neighbors of T-0012
  git pm graph --format mermaid  as a Mermaid flowchart")]
pub struct Graph {
    /// Item to draw.
    pub id: Option<String>,
    /// Maximum distance in edges from the item; ignored for containers.
    #[arg(long, value_name = "N", default_value_t)]
    #[serde(default)]
    pub depth: Number<{ limits::GRAPH_DEPTH_DEFAULT }>,
}

verb!(Graph: GraphView, Reads {
    run |self, pm| pm.insights().graph(self.id.as_deref(), self.depth.0),
    only typed ["format"],
});

/// Find the items that change the given files
///
/// Matches the `Task:` trailers of commits that changed the files, on local branches and HEAD,
/// and the planned paths of items.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm impact src/auth.rs
  git pm impact 'src/**/*.rs' docs")]
pub struct Impact {
    /// Files, folders or globs, relative to the repository root; `./x`, and what exists only
    /// there, is relative to the current directory.
    #[arg(value_name = "PATH", required = true)]
    pub path: Vec<String>,
}

verb!(Impact: List<ImpactView>, Reads {
    run |self, pm| Ok(pm.insights().impact(&self.path)?.into()),
});

/// Forecast when work is likely to be finished
///
/// Simulates the remaining work 2,000 times, each time at the pace of days drawn at random from
/// the last twelve weeks. The result includes its confidence and the number of finished items
/// that it is based on. The same state at the same time gives the same result.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm forecast               all open items
  git pm forecast E-0001        an epic, with its descendants and their dependencies
  git pm forecast T-0012")]
pub struct Forecast {
    /// Item or epic; all open items by default.
    pub id: Option<String>,
}

verb!(Forecast: ForecastView, Reads {
    run |self, pm| pm.insights().forecast(self.id.as_deref()),
});

/// Suggest items that may be duplicates
///
/// Compares the titles of open items. No language model is used and nothing is changed: each
/// suggestion includes the command that marks the duplicate.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Suggest {
    /// Maximum number of suggestions; 0 for all.
    #[arg(long, value_name = "N", default_value_t)]
    #[serde(default)]
    pub limit: Limit<LIST_LENGTH_DEFAULT>,
}

verb!(Suggest: List<DuplicateHint>, Reads {
    run |self, pm| List::limited(self.limit.0, |most| pm.insights().suggest(Some(most))),
});

/// Predict the problems that an item is likely to run into
///
/// Looks at the earlier items that changed the same paths, according to their commits and planned
/// paths: how many were reopened, blocked, dropped, in conflict or late, or had bugs, each with
/// evidence. Also shows what was learned about these paths.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm predict T-0012
  git pm predict T-0012 --json")]
pub struct Predict {
    /// Item ID; by default the item whose branch is checked out.
    pub id: Option<String>,
}

verb!(Predict: Prediction, Reads {
    run |self, pm| pm.memory().predict(self.id.as_deref()),
});

/// Show project statistics: counts, velocity, age
///
/// Velocity counts finished items, not cancelled ones. These figures describe the items as they
/// are now.
///
/// With `--since`, the figures for a period come from the history instead, as in
/// `git pm report`, so items that were reopened or deleted later still count in the period in
/// which they were finished.
///
/// `git pm stats plan` reports on planning: how often plans are approved with few edits, the
/// time until the first start, and how accurate recommendations and estimates were.
/// `git pm stats review` reports on reviews: how often each reviewer was right, the number of
/// rounds, and the share of approved work.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm stats
  git pm stats --since 2026-11-01 --until 2026-11-30
  git pm stats --since 12w --json   burndown and velocity by week")]
pub struct Stats {
    /// Topic; the whole project by default.
    #[arg(value_parser = ["plan", "review"], conflicts_with_all = ["since", "until", "step"])]
    pub what: Option<String>,
    /// Start of a period: 2026-11-20, today, 2w; with another option 8w by default.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// End of the period; now by default.
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Interval; by default a day for periods of up to a month, otherwise a week.
    #[arg(long, value_name = "STEP", value_parser = term::<Step>())]
    #[schemars(schema_with = "term_schema::<Step>")]
    #[serde(default)]
    pub step: Option<Step>,
}

/// Statistics.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Statistics {
    /// Of the project now.
    Now(Box<Health>),
    /// Of a period.
    Period(Box<Report>),
    /// Of planning.
    Plan(Box<PlanStats>),
    /// Of reviews.
    Review(Box<ReviewStats>),
}

verb!(Stats: Statistics, Reads {
    run |self, pm| match self.what.as_deref() {
        Some("plan") => Ok(Statistics::Plan(Box::new(pm.plans().stats()?))),
        Some("review") => Ok(Statistics::Review(Box::new(pm.findings().stats()?))),
        Some(_) => Err(misused("`what` can only be `plan` or `review`".into()).about("what")),
        None if self.since.is_some() || self.until.is_some() || self.step.is_some() => {
            let options = ReportOptions {
                since: self.since.clone().unwrap_or_else(|| limits::STATS_DEFAULT.into()),
                until: self.until.clone(),
                step: self.step,
                ..ReportOptions::default()
            };
            Ok(Statistics::Period(Box::new(pm.history().report(&options)?)))
        }
        None => Ok(Statistics::Now(Box::new(pm.insights().stats()?))),
    },
});
