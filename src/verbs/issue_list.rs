//! The verbs that list issues, in the words of beads.

use schemars::JsonSchema;
use serde::Deserialize;

use super::declare::{Changed, List, verb};
use super::limits::READY_DEFAULT;
use super::list::{Listed, Look, Selection};
use super::{Effect, Limit, Verb, priority};
use crate::coordinate::idempotency;
use crate::error::{Error, Kind, Result};
use crate::model::id::ItemKind;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::shared_views::ItemView;
use crate::query::{Expr, Field, Mark, Op, Pattern, Test};
use crate::work::issue::Tally;
use crate::work::list::ListFilter;
use crate::work::task::readiness::WhyView;

/// Filters for issues.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
pub struct IssueFilter {
    /// Filter by type (repeatable).
    #[arg(short = 't', long = "type", value_name = "T")]
    #[serde(rename = "type", default)]
    pub item_type: Vec<String>,
    /// Filter by priority (repeatable).
    #[arg(short, long, value_name = "0..4", value_parser = priority)]
    #[schemars(inner(range(min = 0, max = 4)))]
    pub priority: Vec<u8>,
    /// Filter by assignee or holder.
    #[arg(short, long, value_name = "A", conflicts_with = "unassigned")]
    pub assignee: Option<String>,
    /// Include only unassigned issues.
    #[arg(short, long, visible_alias = "no-assignee")]
    pub unassigned: bool,
    /// Filter by label (repeatable, to require each); `a,b` is for either, as in a query.
    #[arg(short, long, value_name = "L")]
    pub label: Vec<String>,
    /// Filter by label; repeat to match any of several.
    #[arg(long, value_name = "L", value_delimiter = ',')]
    pub label_any: Vec<String>,
    /// Include only descendants of this item.
    #[arg(long, value_name = "ID")]
    pub parent: Option<String>,
}

impl IssueFilter {
    /// The filter as lists take it, with further conditions.
    fn with(&self, mut all: Vec<Expr>) -> ListFilter {
        if !self.priority.is_empty() {
            let ranks = self.priority.iter().map(|n| usize::from(*n)).collect();
            all.push(Expr::Test(Test::Rank(Field::Priority, Op::Is, ranks)));
        }
        if self.unassigned {
            all.push(not(Test::Has(Field::Owner)));
        }
        if !self.label_any.is_empty() {
            all.push(text(Field::Label, &self.label_any));
        }
        if let Some(parent) = &self.parent {
            all.push(Expr::Test(Test::Item(Field::Under, vec![parent.clone()])));
        }
        ListFilter {
            kind: Some(ItemKind::Issue),
            labels: self.label.clone(),
            owner: self.assignee.clone(),
            item_type: self.item_type.clone(),
            query: Some(Expr::All(all)),
            ..ListFilter::default()
        }
    }

    /// The filter of issues that are not templates.
    fn list_filter(&self) -> ListFilter {
        self.with(vec![not(Test::Is(Mark::Template))])
    }

    /// At most so many of the issues that are not templates, as they are found.
    fn listed<T>(
        &self,
        limit: usize,
        find: impl FnOnce(&ListFilter) -> Result<Vec<T>>,
    ) -> Result<List<T>> {
        List::limited(limit, |most| {
            find(&ListFilter {
                limit: Some(most),
                ..self.list_filter()
            })
        })
    }
}

fn not(test: Test) -> Expr {
    Expr::Not(Box::new(Expr::Test(test)))
}

/// The condition that a field has one of some texts.
fn text(field: Field, texts: &[String]) -> Expr {
    let texts = texts.iter().map(|text| Pattern::Text(text.to_lowercase()));
    Expr::Test(Test::Value(field, texts.collect()))
}

/// The filter with some statuses; `all` stands for every status.
fn of_status(filter: ListFilter, status: &[String]) -> ListFilter {
    match status.iter().any(|status| status == "all") {
        true => ListFilter {
            all: true,
            ..filter
        },
        false => ListFilter {
            status: status.to_vec(),
            ..filter
        },
    }
}

/// List issues
///
/// Lists open issues unless a status is given; all filters apply together. `git pm help list`
/// describes queries; use `!` to negate a word, because `-p` and the like are options.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(default)]
#[command(after_help = "\
Examples:
  git pm issue list -p 0 -p 1 --label auth
  git pm issue list --status closed --limit 10
  git pm issue list is:ready 'due:<2026-12-01' --sort due
  git pm issue list --format beads")]
pub struct ListIssues {
    /// Filter by status (repeatable); `all` for all statuses.
    #[arg(short, long, value_name = "S", value_delimiter = ',')]
    pub status: Vec<String>,
    /// Which.
    #[command(flatten)]
    #[serde(flatten)]
    pub filter: IssueFilter,
    /// Maximum number of issues, 0 for all; over MCP and HTTP 100 by default.
    #[arg(short = 'n', long, value_name = "N")]
    pub limit: Option<Limit>,
    /// How.
    #[command(flatten)]
    #[serde(flatten)]
    pub look: Look,
    /// Filter by words in the title.
    #[arg(long, visible_alias = "title-contains", value_name = "WORDS")]
    pub title: Option<String>,
    /// Filter by ID; separate several with commas.
    #[arg(long, value_delimiter = ',')]
    pub id: Vec<String>,
    /// List only pinned issues.
    #[arg(long)]
    pub pinned: bool,
    /// List only templates.
    #[arg(long)]
    pub templates: bool,
    /// Include closed issues and templates.
    #[arg(long)]
    pub all: bool,
}

impl ListIssues {
    /// The issues.
    ///
    /// # Errors
    /// As [`Look::selection`].
    pub fn selection(&self, pm: &Pm) -> Result<Selection> {
        let mut conditions = Vec::new();
        if let Some(title) = &self.title {
            conditions.push(text(Field::Title, std::slice::from_ref(title)));
        }
        if !self.id.is_empty() {
            conditions.push(Expr::Test(Test::Item(Field::Id, self.id.clone())));
        }
        if self.pinned {
            conditions.push(Expr::Test(Test::Is(Mark::Pinned)));
        }
        match self.templates {
            true => conditions.push(Expr::Test(Test::Is(Mark::Template))),
            false if self.all => {}
            false => conditions.push(not(Test::Is(Mark::Template))),
        }
        let mut filter = of_status(self.filter.with(conditions), &self.status);
        filter.all |= self.all;
        filter.limit = self.limit.map(|limit| limit.0);
        self.look.selection(pm, filter)
    }
}

verb!(ListIssues: Listed, Reads {
    run |self, pm| self.selection(pm)?.listed(pm, self.look.at.as_deref()),
    only typed ["columns", "tree", "watch"],
});

/// Show issues in full
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm issue show pm-a3f8
  git pm issue show pm-a3f8 pm-b2c1 --format beads")]
pub struct ShowIssues {
    /// Issue IDs.
    #[arg(value_name = "ID", required = true)]
    pub id: Vec<String>,
}

verb!(ShowIssues: Changed, Reads {
    run |self, pm| {
        let shown = self.id.iter().map(|id| pm.tasks().show(id));
        Ok(shown.collect::<Result<Vec<ItemView>>>()?.into())
    },
});

/// List issues that can be started now, best first
///
/// A ready issue is open, unclaimed and not deferred, does not wait for an open item, has no open
/// children, and has no blocked ancestor. git-pm(1) has the full rule.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm issue ready -n 5
  git pm issue ready --explain
  git pm issue ready --claim")]
pub struct ReadyIssues {
    /// Which.
    #[command(flatten)]
    #[serde(flatten)]
    pub filter: IssueFilter,
    /// Maximum number of issues; 0 for all.
    #[arg(short = 'n', long, value_name = "N", default_value_t)]
    #[serde(default)]
    pub limit: Limit<READY_DEFAULT>,
    /// Explain why each issue is ready.
    #[arg(long, conflicts_with = "claim")]
    #[serde(skip)]
    pub explain: bool,
    /// Claim the first issue that is not assigned to another actor.
    #[arg(long)]
    #[serde(skip)]
    pub claim: bool,
}

impl ReadyIssues {
    /// Claims the first of the ready issues that is not another actor's.
    ///
    /// # Errors
    /// When there is none, and when the first one is still ready after its claim failed.
    pub fn claim_first(&self, pm: &Pm) -> Result<ItemView> {
        let _asking = idempotency::asking(pm, self);
        let mut failed: Option<(Uid, Error)> = None;
        let series = pm.store.series();
        loop {
            // Listed again after each claim that failed: it has brought what others have claimed.
            let first = pm.issues().first_to_take(&self.filter.list_filter())?;
            let Some(item) = first else {
                return Err(failed.map_or_else(
                    || {
                        Error::refused("there is nothing to claim")
                            .hint("`git pm issue blocked` shows the reasons")
                    },
                    |(_, error)| error,
                ));
            };
            if let Some((uid, error)) = failed.take()
                && uid == item.item.uid
            {
                return Err(error);
            }
            match pm.issues().claim(item.uid.as_str()) {
                Ok(started) => return Ok(started.item),
                Err(error) if series.is_over() => return Err(error),
                // Another actor was faster.
                Err(error) if matches!(error.kind(), Kind::Conflict | Kind::Refused) => {
                    failed = Some((item.item.uid, error));
                }
                Err(error) => return Err(error),
            }
        }
    }
}

verb!(ReadyIssues: List<ItemView>, Reads {
    run |self, pm| self.filter.listed(self.limit.0, |filter| pm.issues().ready(filter)),
    only typed ["explain", "claim"],
});

/// List blocked issues, with the reasons
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct BlockedIssues {
    /// Which.
    #[command(flatten)]
    #[serde(flatten)]
    pub filter: IssueFilter,
    /// Maximum number of issues; 0 for all.
    #[arg(short = 'n', long, value_name = "N", default_value_t)]
    #[serde(default)]
    pub limit: Limit<READY_DEFAULT>,
}

verb!(BlockedIssues: List<WhyView>, Reads {
    run |self, pm| self.filter.listed(self.limit.0, |filter| pm.issues().blocked(filter)),
});

/// List the children of an issue
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct Children {
    /// Issue ID.
    pub id: String,
}

verb!(Children: List<ItemView>, Reads {
    run |self, pm| Ok(pm.issues().children(&self.id)?.into()),
});

/// Count issues
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm issue count --status closed
  git pm issue count --by priority")]
pub struct CountIssues {
    /// Filter by status (repeatable); `all` for all statuses.
    #[arg(short, long, value_name = "S", value_delimiter = ',')]
    #[serde(default)]
    pub status: Vec<String>,
    /// Which.
    #[command(flatten)]
    #[serde(flatten)]
    pub filter: IssueFilter,
    /// Group the count by a field: status, priority, type, assignee or label.
    #[arg(long, value_name = "FIELD")]
    pub by: Option<String>,
    /// beads' options for the same.
    #[command(flatten)]
    #[serde(skip)]
    pub each: CountBy,
}

/// beads' options for a count by a field.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[group(multiple = false, conflicts_with = "by")]
pub struct CountBy {
    /// Count by status.
    #[arg(long)]
    pub by_status: bool,
    /// Count by priority.
    #[arg(long)]
    pub by_priority: bool,
    /// Count by type.
    #[arg(long)]
    pub by_type: bool,
    /// Count by assignee.
    #[arg(long)]
    pub by_assignee: bool,
    /// Count by label.
    #[arg(long)]
    pub by_label: bool,
}

impl CountIssues {
    /// The number of issues in all, or by one field.
    ///
    /// # Errors
    /// As [`crate::issues::Issues::count`].
    pub fn count(&self, pm: &Pm, by: Option<&str>) -> Result<Vec<Tally>> {
        let filter = self.filter.with(vec![not(Test::Is(Mark::Template))]);
        pm.issues().count(&of_status(filter, &self.status), by)
    }
}

verb!(CountIssues: List<Tally>, Reads {
    run |self, pm| Ok(self.count(pm, self.by.as_deref())?.into()),
    only typed ["by_status", "by_priority", "by_type", "by_assignee", "by_label"],
    typed |request| {
        let each = &request.each;
        let fields = [
            (each.by_status, "status"),
            (each.by_priority, "priority"),
            (each.by_type, "type"),
            (each.by_assignee, "assignee"),
            (each.by_label, "label"),
        ];
        let given = fields.into_iter().find(|field| field.0);
        if let Some((_, field)) = given {
            request.by = Some(field.into());
        }
    },
});
