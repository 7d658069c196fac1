//! The verbs that read the history of the state: log, diff, events, reports.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::declare::{List, verb};
use super::{Effect, Limit, Verb, limits};
use crate::history::diff::DiffReport;
use crate::history::events::{Event, EventFilter};
use crate::history::log::{LogEntry, LogFilter};
use crate::history::report::{LISTED, Report, ReportOptions, Step};
use crate::pm::arguments::{term, term_schema};
use crate::pm::overridden::Overridden;

/// Show the history, newest first
///
/// Lists the changes, which are commits on refs/pm/main. With an ID, lists those of one item,
/// including changes made under a former ID. All filters apply together. A time is a day
/// (2026-11-20, in your zone, inclusive), a timestamp (2026-11-20T10:30:00Z), `today`, `yesterday`,
/// or a relative time (2d or "3 weeks ago").
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[command(after_help = "\
Examples:
  git pm log T-0001             the history of a task
  git pm log --actor ana --since yesterday
  git pm log --op task -n 20    or -20, as in git
  git pm log --conflicts        values that merges overrode")]
pub struct Log {
    /// Filter by item.
    pub id: Option<String>,
    /// Filter by actor; with `--conflicts`, by the actor whose value was kept or overridden.
    #[arg(long, value_name = "NAME")]
    pub actor: Option<String>,
    /// Filter by operation prefix: `task`, `task edit`, `merge`.
    #[arg(long)]
    pub op: Option<String>,
    /// Filter by time: this time or later.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Filter by time: this time or earlier.
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Maximum number of changes, 0 for all; a program gets 50 by default.
    #[arg(short = 'n', long, value_name = "N")]
    pub limit: Option<Limit>,
    /// Instead, list the values that merges overrode because two clones wrote the same field.
    #[arg(long)]
    pub conflicts: bool,
    /// Verify and show each commit's signature.
    #[arg(long, conflicts_with = "conflicts")]
    pub show_signature: bool,
}

impl Log {
    /// The filter.
    pub fn filter(&self) -> LogFilter {
        LogFilter {
            item: self.id.clone(),
            actor: self.actor.clone(),
            op: self.op.clone(),
            since: self.since.clone(),
            until: self.until.clone(),
            limit: self.limit.map(|limit| limit.0),
            signatures: self.show_signature,
        }
    }
}

/// Changes, or overridden values.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Logged {
    /// The changes, newest first.
    Changes(List<LogEntry>),
    /// The values that merges overrode.
    Overridden(List<Overridden>),
}

verb!(Log: Logged, Reads {
    run |self, pm| {
        let limit = self.limit.map_or(limits::LOG_DEFAULT, |limit| limit.0);
        let filter = |most| LogFilter { limit: Some(most), ..self.filter() };
        let history = pm.history();
        Ok(match self.conflicts {
            true => Logged::Overridden(List::limited(limit, |most| history.log_conflicts(&filter(most)))?),
            false => Logged::Changes(List::limited(limit, |most| history.log(&filter(most)))?),
        })
    },
});

/// Show the changes between two states, item by item
///
/// Prints created, changed and deleted items, with the old and new values, criteria, claims,
/// comments and texts. Each end of the range is a commit of the state (from `git pm log`, or
/// any git revision such as refs/pm/main~3) or a time, as in `git pm log`; a range includes its
/// first and last day. A single REV is compared with the current state. Without an argument,
/// the last synced state is compared with the current one.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm diff                       unsynced changes
  git pm diff yesterday
  git pm diff \"1 week ago\"..today
  git pm diff 3f2a91c8d0..          since a commit from `git pm log`
  git pm diff refs/pm/main~3..refs/pm/main")]
pub struct DiffStates {
    /// The two states to compare as `REV..REV`, or the old one.
    pub range: Option<String>,
}

verb!(DiffStates: DiffReport, Reads {
    run |self, pm| pm.history().diff(self.range.as_deref()),
});

/// List every change to the state, oldest first, and follow new ones
///
/// Each change is an event: an item created or changed, a claim, a comment, a message, a file. With
/// `--json` there is one JSON document per line. The `cursor` of an event is the position after it:
/// `--since CURSOR` continues there, and no event is missed or delivered twice, even after a sync.
/// If the history was removed in the meantime, an event or an error says so.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm events --since yesterday
  git pm events --follow --json
  git pm events --kind claim --item T-0001
  git pm events --follow --json | while read -r event; do echo \"$event\" | jq .data.kind; done")]
pub struct Events {
    /// Start after the event with this cursor, or at this time, as in `git pm log`. A program gets
    /// no event without it, only the present cursor.
    #[arg(long, value_name = "CURSOR|WHEN")]
    pub since: Option<String>,
    /// Filter by item or learning.
    #[arg(long, value_name = "ID")]
    pub item: Option<String>,
    /// Filter by kind: `claim.taken`, or `claim` for all claim events (repeatable).
    #[arg(long, value_name = "KIND")]
    #[serde(default)]
    pub kind: Vec<String>,
    /// Maximum number of events, 0 for all; a program gets at most 50.
    #[arg(long, value_name = "N")]
    pub limit: Option<Limit>,
    /// Wait for new events; without `--since`, only new ones are printed.
    #[arg(short, long)]
    #[serde(skip)]
    pub follow: bool,
}

impl Events {
    /// The filter, from a cursor or a time on.
    pub fn filter(&self, since: Option<String>) -> EventFilter {
        EventFilter {
            since,
            item: self.item.clone(),
            kinds: self.kind.clone(),
            limit: self.limit.map(|limit| limit.0),
        }
    }
}

/// Some events.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EventPage {
    /// Oldest first.
    pub items: Vec<Event>,
    /// For `since` of the next request.
    pub cursor: String,
    /// True if there are already more.
    pub more: bool,
}

verb!(Events: EventPage, Reads {
    run |self, pm| {
        let history = pm.history();
        let since = match &self.since {
            Some(since) => since.clone(),
            None => history.event_cursor()?,
        };
        let mut filter = self.filter(Some(since));
        filter.limit = Some(filter.limit.map_or(limits::EVENTS_MAX, |limit| limit.clamp(1, limits::EVENTS_MAX)));
        let mut stream = history.events(&filter)?;
        let (mut items, mut size) = (Vec::new(), 0);
        stream.each(|event| {
            size += event.size();
            items.push(event);
            Ok(size < limits::EVENTS_SIZE_MAX)
        })?;
        Ok(EventPage { items, cursor: stream.cursor(), more: stream.has_moved()? })
    },
    only typed ["follow"],
});

/// The end and length of a report.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Period {
    /// Only items that match these conditions at the end of the period, closed ones, too: `label:web`,
    /// `label:"sprint:Sprint 7"`, or an id such as `E-0001`, for the item and all below it; `git pm help
    /// list` describes the query language. Commits that created over a thousand items are not counted
    /// then.
    #[serde(default)]
    pub query: Vec<String>,
    /// End of the period; now by default. Of a day, its last moment.
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Print Markdown.
    #[arg(long, conflicts_with = "json")]
    #[serde(skip)]
    pub md: bool,
    /// Maximum number of items in the lists of blocked and next items; 0 for all.
    #[arg(long, value_name = "N", default_value_t)]
    #[serde(default)]
    pub limit: Limit<LISTED>,
}

impl Period {
    fn options(&self, since: &str) -> ReportOptions {
        ReportOptions {
            since: since.to_string(),
            until: self.until.clone(),
            limit: self.limit.0,
            query: self.query.join(" "),
            ..ReportOptions::default()
        }
    }
}

/// Report what each actor did, is doing, and is waiting for
///
/// Lists, for humans and agents alike, the items finished in the period and, at its end, those
/// in progress, those blocked (with the reasons) and those assigned that can be started.
///
/// A finished item counts for its last holder, whoever merged it.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm standup
  git pm standup --since \"3 days ago\" --by claude-2
  git pm standup --since 2026-11-20 --until 2026-11-20 --md")]
pub struct Standup {
    /// Until when.
    #[command(flatten)]
    #[serde(flatten)]
    pub period: Period,
    /// Start of the period: 2026-11-20, today, 2w, "3 days ago".
    #[arg(long, value_name = "WHEN", default_value = limits::STANDUP_DEFAULT)]
    #[schemars(extend("default" = limits::STANDUP_DEFAULT))]
    pub since: Option<String>,
    /// Only this actor.
    #[arg(long, value_name = "ACTOR")]
    pub by: Option<String>,
}

verb!(Standup: Report, Reads {
    run |self, pm| pm.history().report(&ReportOptions {
        actor: self.by.clone(),
        ..self.period.options(self.since.as_deref().unwrap_or(limits::STANDUP_DEFAULT))
    }),
    only typed ["md"],
});

/// Report how work has gone in recent weeks
///
/// Reports velocity, lead time and cycle time, rework (items sent back from review, reopened,
/// or re-scoped after they were started), refactoring, estimates, agents and cost, with the
/// items behind these figures. `git pm schema retro` explains how they are computed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm retro
  git pm retro --since 4w --md >retro.md
  git pm retro 'points:>0'")]
pub struct Retro {
    /// Until when.
    #[command(flatten)]
    #[serde(flatten)]
    pub period: Period,
    /// Start of the period: 2026-11-20, today, 2w, "3 days ago".
    #[arg(long, value_name = "WHEN", default_value = limits::RETRO_DEFAULT)]
    #[schemars(extend("default" = limits::RETRO_DEFAULT))]
    pub since: Option<String>,
}

verb!(Retro: Report, Reads {
    run |self, pm| {
        pm.history().report(&self.period.options(self.since.as_deref().unwrap_or(limits::RETRO_DEFAULT)))
    },
    only typed ["md"],
});

/// Report everything about a period
///
/// Reports what is done, in progress, blocked and next, and the figures of `git pm retro`, day
/// by day or week by week (weeks start on Monday).
///
/// Figures come from the commits of the state: those that are in the state at the end of the
/// period but not in the state before it started. So a report about the past stays the same,
/// whatever happens to its items later. A commit counts at the time recorded in it. With
/// --json, `changes` lists every counted change with its commit, except for commits that created
/// over a thousand items, such as imports: these are in `imports`, with the number of their items.
/// `git pm schema report` explains how each figure is computed.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm report --since 2026-11-01 --until 2026-11-30 --md
  git pm report --since 2w 'label:\"sprint:Sprint 7\"'
  git pm report --since 12w --step week --json")]
pub struct ReportPeriod {
    /// Until when.
    #[command(flatten)]
    #[serde(flatten)]
    pub period: Period,
    /// Start of the period: 2026-11-20, today, 2w, "3 days ago"; 1w by default.
    #[arg(long, value_name = "WHEN")]
    pub since: Option<String>,
    /// Interval; by default a day for periods of up to a month, otherwise a week.
    #[arg(long, value_name = "STEP", value_parser = term::<Step>())]
    #[schemars(schema_with = "term_schema::<Step>")]
    #[serde(default)]
    pub step: Option<Step>,
}

verb!(ReportPeriod: Report, Reads {
    run |self, pm| pm.history().report(&ReportOptions {
        step: self.step,
        ..self.period.options(self.since.as_deref().unwrap_or(limits::REPORT_DEFAULT))
    }),
    only typed ["md"],
});
