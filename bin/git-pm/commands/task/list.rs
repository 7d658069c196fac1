//! `git pm task list`.

use git_pm::model::id::ItemKind;
use git_pm::model::vocabulary::TYPE;
use git_pm::request::ListFilter;

use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::parse::Words;
use crate::render;
use crate::render::json;

/// List tasks
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm task list
  git pm task list --status in_progress --status in_review
  git pm task list --epic E-0001 --all --json")]
pub struct ListArgs {
    /// Shows at most so many.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Only in this state, or one of several.
    #[arg(long, value_name = "S", value_parser = Words(STATES))]
    pub status: Vec<String>,
    /// Only with this label, or all of several.
    #[arg(long, value_name = "L")]
    pub label: Vec<String>,
    /// Only held by or assigned to this actor.
    #[arg(long, value_name = "A")]
    pub owner: Option<String>,
    /// Only of this epic.
    #[arg(long, value_name = "ID")]
    pub epic: Option<String>,
    /// Only of this type, or one of several.
    #[arg(long = "type", value_name = "T", value_parser = Words(TYPE.words))]
    pub item_type: Vec<String>,
    /// Shows closed ones too.
    #[arg(long)]
    pub all: bool,
    /// Shows them as they were then, as `git pm show --at` takes it.
    #[arg(long, value_name = "REV|WHEN")]
    pub at: Option<String>,
}

/// The states of a task, in the order of its life.
const STATES: &[&str] = &[
    "queued",
    "in_progress",
    "in_review",
    "ready_for_integration",
    "done",
    "blocked",
    "deferred",
    "cancelled",
];

/// Lists tasks.
///
/// # Errors
/// When the state cannot be read.
pub fn run(context: &Context, args: ListArgs) -> Outcome {
    let filter = ListFilter {
        kind: Some(ItemKind::Task),
        status: args.status,
        labels: args.label,
        owner: args.owner,
        epic: args.epic,
        item_type: args.item_type,
        all: args.all,
        limit: args.limit,
    };
    if let Some(at) = &args.at {
        let then = context.pm()?.list_at(&filter, at)?;
        return context.answer(&then, render::past::list_at);
    }
    if context.globals.json {
        let mut document = json::Items::new();
        let mut out = std::io::BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        context.pm()?.list_each(
            &filter,
            |item| json::Items::item(&item),
            |item: std::result::Result<String, Failure>| document.put(&item?, &mut out),
        )?;
        std::io::Write::flush(&mut out)?;
        drop(out);
        document.close()?;
        return Ok(Exit::DONE);
    }
    let items = context.pm()?.list(&filter)?;
    context.list(&items, |page, items| {
        render::item::list(page, items, "No tasks.");
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_states_are_the_models() {
        let model = git_pm::model::status::Status::TASK;
        let words: Vec<&str> = model.iter().map(|s| s.as_str()).collect();
        assert_eq!(super::STATES, words);
    }
}
