//! `git pm issue count`.

use super::list::{FilterArgs, of_status};
use crate::context::Context;
use crate::failure::Outcome;
use crate::render::style::Label;

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
pub fn run(context: &Context, args: CountArgs) -> Outcome {
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
