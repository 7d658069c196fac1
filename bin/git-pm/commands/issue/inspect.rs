//! `git pm issue count`, `stale`, `orphans`, `duplicates` and `lint`.

use super::list::{FilterArgs, LimitedArgs, of_status};
use crate::arguments::stdin::ids;
use crate::arguments::values::limit;
use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;
use crate::render::style::Label;
use git_pm::error::Kind;

/// Count issues
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue count --status closed
  git pm issue count --by priority")]
pub struct CountArgs {
    /// Filter by status (repeatable); `all` for all statuses.
    #[arg(short, long, value_name = "S", value_delimiter = ',')]
    pub status: Vec<String>,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Group the count by a field: status, priority, type, assignee or label.
    #[arg(long, value_name = "FIELD")]
    pub by: Option<String>,
    #[command(flatten)]
    pub each: ByArgs,
}

/// beads' options for a count by a field.
#[derive(clap::Args, Debug)]
#[group(multiple = false, conflicts_with = "by")]
pub struct ByArgs {
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

impl ByArgs {
    fn field(&self) -> Option<&'static str> {
        let fields = [
            (self.by_status, "status"),
            (self.by_priority, "priority"),
            (self.by_type, "type"),
            (self.by_assignee, "assignee"),
            (self.by_label, "label"),
        ];
        let given = fields.into_iter().find(|field| field.0);
        given.map(|field| field.1)
    }
}

/// Counts issues.
pub fn count(context: &Context, args: CountArgs) -> Outcome {
    let filter = of_status(args.filter.filter(), args.status);
    let by = args.by.as_deref().or(args.each.field());
    let issues = context.pm()?.issues();
    let counts = issues.count(&filter, by)?;
    if context.beads.get() {
        let all = issues.count(&filter, None)?;
        let total: usize = all.iter().map(|one| one.count).sum();
        return context.bare(&match by {
            Some(_) => serde_json::json!({ "total": total, "groups": counts }),
            None => serde_json::json!({ "count": total }),
        });
    }
    context.list(&counts, |page, counts| {
        if let ([one], None) = (counts, by) {
            page.line(one.count);
            return;
        }
        page.rows("", 0, counts, |_, count| {
            let group = match count.group.as_str() {
                "" => "(none)",
                group => group,
            };
            [Label::Text.of(group), Label::Dim.of(count.count)]
        });
    })
}

/// List open issues without recent changes, oldest first
#[derive(clap::Args, Debug)]
pub struct StaleArgs {
    /// Minimum number of days without a change.
    #[arg(short, long, value_name = "N", default_value_t = 30)]
    pub days: u64,
    /// Filter by status (repeatable).
    #[arg(short, long, value_name = "S", value_delimiter = ',')]
    pub status: Vec<String>,
    /// Maximum number of issues; 0 for all.
    #[arg(short = 'n', long, value_name = "N", value_parser = limit, default_value_t = 50)]
    pub limit: usize,
}

/// Lists stale issues.
pub fn stale(context: &Context, args: StaleArgs) -> Outcome {
    let filter = LimitedArgs {
        limit: args.limit,
        ..LimitedArgs::default()
    };
    let filter = of_status(filter.filter(), args.status);
    let items = context.pm()?.issues().stale(args.days, &filter)?;
    context.items(&items, |page, items| {
        render::item::list(page, items, "Nothing is stale.")
    })
}

/// Lists open issues that commits mention.
pub fn orphans(context: &Context) -> Outcome {
    context.list(&context.pm()?.issues().orphans()?, |page, found| {
        page.list(
            "No commit mentions an open issue.",
            1,
            found,
            |_, orphan| {
                [
                    Label::Id.of(&orphan.id),
                    Label::Text.of(&orphan.title),
                    Label::Dim.of(render::format::short(&orphan.commit)),
                    Label::Dim.of(&orphan.subject),
                ]
            },
        );
    })
}

/// Lists duplicates.
pub fn duplicates(context: &Context) -> Outcome {
    context.list(&context.pm()?.issues().duplicates()?, |page, groups| {
        if groups.is_empty() {
            page.line("No duplicates.");
        }
        for group in groups {
            page.gap();
            render::item::list(page, &group.items, "");
        }
    })
}

/// Check issues for missing sections
///
/// A bug needs "Steps to Reproduce" and acceptance criteria, a task or feature needs acceptance
/// criteria, and an epic needs "Success Criteria", as a heading in the text or in the corresponding
/// field. Exits with 1 if something is missing.
#[derive(clap::Args, Debug)]
pub struct LintArgs {
    /// Issue IDs; all open issues by default.
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
}

/// Checks issues.
pub fn lint(context: &Context, args: &LintArgs) -> Outcome {
    let found = context.pm()?.issues().lint(&ids(&args.ids)?)?;
    context.list(&found, |page, found| {
        page.list("Nothing is missing.", 2, found, |_, finding| {
            [
                Label::Id.of(&finding.id),
                Label::Dim.of(&finding.item_type),
                Label::Text.of(&finding.title),
                Label::Bad.of(finding.missing.join(", ")),
            ]
        });
    })?;
    Ok(Exit::of_if(!found.is_empty(), Kind::Refused))
}
