//! `git pm issue count`, `stale`, `orphans`, `duplicates` and `lint`.

use git_pm::work::issue::IssueFilter;

use super::answer::Answer;
use super::list::FilterArgs;
use crate::arguments::stdin::ids;
use crate::failure::{Exit, Outcome};
use crate::render;
use crate::render::style::Label;
use crate::render::table::Table;

/// Count issues
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue count --status closed
  git pm issue count --by priority")]
pub struct CountArgs {
    /// Only in this state, or one of several; `all` for every state.
    #[arg(short, long, value_name = "S", value_delimiter = ',')]
    pub status: Vec<String>,
    /// What else narrows the list.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Counts each value of a field: status, priority, type, assignee or label.
    #[arg(long, value_name = "FIELD")]
    pub by: Option<String>,
    /// The same as `--by` and the field.
    #[command(flatten)]
    pub each: ByArgs,
}

/// Beads' names for a count by a field.
#[derive(clap::Args, Debug)]
#[group(multiple = false, conflicts_with = "by")]
pub struct ByArgs {
    /// Counts each state.
    #[arg(long)]
    pub by_status: bool,
    /// Counts each priority.
    #[arg(long)]
    pub by_priority: bool,
    /// Counts each type.
    #[arg(long)]
    pub by_type: bool,
    /// Counts what each is assigned.
    #[arg(long)]
    pub by_assignee: bool,
    /// Counts each label.
    #[arg(long)]
    pub by_label: bool,
}

impl ByArgs {
    fn field(&self) -> Option<&'static str> {
        let fields = [
            (self.by_status, "status"),
            (self.by_priority, "priority"),
            (self.by_type, "type"),
            (self.by_assignee, "assignee"),
            (self.by_label, "label"),
        ];
        fields
            .into_iter()
            .find(|(is, _)| *is)
            .map(|(_, field)| field)
    }
}

/// Counts issues.
///
/// # Errors
/// When there is nothing to count by that name.
pub fn count(answer: &Answer<'_>, args: CountArgs) -> Outcome {
    let filter = IssueFilter {
        status: args.status,
        ..args.filter.filter()
    };
    let by = args.by.as_deref().or(args.each.field());
    let pm = answer.context.pm()?;
    let counts = pm.issues().count(&filter, by)?;
    if answer.is_beads() {
        let total: usize = pm
            .issues()
            .count(&filter, None)?
            .iter()
            .map(|one| one.count)
            .sum();
        return match by {
            Some(_) => answer.bare(&serde_json::json!({ "total": total, "groups": counts })),
            None => answer.bare(&serde_json::json!({ "count": total })),
        };
    }
    answer.list(&counts, |page, counts| {
        if let ([one], None) = (counts, by) {
            page.line(&one.count.to_string());
            return;
        }
        let mut table = Table::new(0);
        for count in counts {
            let n = count.count.to_string();
            let group = if count.group.is_empty() {
                "(none)"
            } else {
                &count.group
            };
            table.row([(Label::Text, group), (Label::Dim, n.as_str())]);
        }
        page.table("", &table);
    })
}

/// List open issues that nobody changed for long, the longest untouched first
#[derive(clap::Args, Debug)]
pub struct StaleArgs {
    /// For how many days at least.
    #[arg(short, long, value_name = "N", default_value_t = 30)]
    pub days: u64,
    /// Only in this state, or one of several.
    #[arg(short, long, value_name = "S", value_delimiter = ',')]
    pub status: Vec<String>,
    /// Shows at most N; 0 for all.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
}

/// Lists stale issues.
///
/// # Errors
/// When the state cannot be read.
pub fn stale(answer: &Answer<'_>, args: StaleArgs) -> Outcome {
    let filter = IssueFilter {
        status: args.status,
        limit: args.limit,
        ..IssueFilter::default()
    };
    let items = answer.context.pm()?.issues().stale(args.days, &filter)?;
    answer.many(&items, |page, items| {
        render::item::list(page, items, "Nothing is stale.")
    })
}

/// List open issues that commits name
///
/// The newest 2,000 commits of the branch at hand are looked at. The work may be done, and nobody
/// closed the issue.
#[derive(clap::Args, Debug)]
pub struct OrphansArgs {}

/// Lists open issues that commits name.
///
/// # Errors
/// When git or the state cannot be read.
pub fn orphans(answer: &Answer<'_>) -> Outcome {
    let found = answer.context.pm()?.issues().orphans()?;
    answer.list(&found, |page, found| {
        if found.is_empty() {
            page.line("No commit names an open issue.");
        }
        let mut table = Table::new(1);
        for orphan in found {
            let short: String = orphan.commit.chars().take(10).collect();
            table.row([
                (Label::Id, orphan.id.as_str()),
                (Label::Text, &orphan.title),
                (Label::Dim, &short),
                (Label::Dim, &orphan.subject),
            ]);
        }
        page.table("", &table);
    })
}

/// List open issues that say the same
///
/// Title, text, design and acceptance are compared, without regard to case and white space.
#[derive(clap::Args, Debug)]
pub struct DuplicatesArgs {}

/// Lists duplicates.
///
/// # Errors
/// When the state cannot be read.
pub fn duplicates(answer: &Answer<'_>) -> Outcome {
    let groups = answer.context.pm()?.issues().duplicates()?;
    answer.list(&groups, |page, groups| {
        if groups.is_empty() {
            page.line("No two open issues say the same.");
        }
        for group in groups {
            page.gap();
            render::item::list(page, &group.items, "");
        }
    })
}

/// Say what issues should say and do not
///
/// A bug wants "Steps to Reproduce" and acceptance criteria, a task or feature acceptance criteria,
/// an epic "Success Criteria": as a heading in the text, or in the field for it. Exits 1 where
/// something is missing.
#[derive(clap::Args, Debug)]
pub struct LintArgs {
    /// The issues' ids; all open ones without.
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
}

/// Checks issues.
///
/// # Errors
/// When there is no such issue.
pub fn lint(answer: &Answer<'_>, args: &LintArgs) -> Outcome {
    let found = answer.context.pm()?.issues().lint(&ids(&args.ids)?)?;
    answer.list(&found, |page, found| {
        if found.is_empty() {
            page.line("Nothing is missing.");
        }
        let mut table = Table::new(2);
        for finding in found {
            table.row([
                (Label::Id, finding.id.as_str()),
                (Label::Dim, &finding.item_type),
                (Label::Text, &finding.title),
                (Label::Bad, &finding.missing.join(", ")),
            ]);
        }
        page.table("", &table);
    })?;
    Ok(if found.is_empty() {
        Exit::DONE
    } else {
        Exit::REFUSED
    })
}
