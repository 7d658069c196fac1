//! `git pm issue update`, `claim`, `defer` and `undefer`.

use git_pm::issues::Update;

use super::create::FieldArgs;
use crate::arguments::stdin::ids;
use crate::commands::item::unchanged;
use crate::context::Context;
use crate::failure::Outcome;
use crate::render;

/// Change issues: fields, labels, status
///
/// Changes all of them in one commit. Fields that are not given stay unchanged; an empty value
/// clears a field. Statuses are open, in_progress, in_review, blocked, deferred, closed, pinned and
/// hooked, in upper or lower case, with underscores or hyphens. Any other status requires `--force`
/// unless it is already in use.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue update pm-a3f8 --status in_progress --append-notes \"half of it works\"
  git pm issue update pm-a3f8 pm-b2c1 -p 1 --add-label release
  git pm issue list --label old --json | jq -r '.data.items[].id' | git pm issue update - -p 4
  git pm issue update pm-a3f8 --claim")]
pub struct UpdateArgs {
    /// Issue IDs; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// New title.
    #[arg(long, value_name = "T")]
    pub title: Option<String>,
    #[command(flatten)]
    pub fields: FieldArgs,
    /// New status.
    #[arg(short, long, value_name = "S")]
    pub status: Option<String>,
    /// Reason for the new status.
    #[arg(long, value_name = "R", requires = "status")]
    pub reason: Option<String>,
    /// Text to append to the notes, on a new line.
    #[arg(long, value_name = "TEXT", conflicts_with = "notes")]
    pub append_notes: Option<String>,
    /// Label to add (repeatable).
    #[arg(long, value_name = "L")]
    pub add_label: Vec<String>,
    /// Label to remove (repeatable).
    #[arg(long, value_name = "L")]
    pub remove_label: Vec<String>,
    /// Pin or unpin; a pinned issue stays open as a reference.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub pinned: Option<bool>,
    /// Mark or unmark as a template, which is never offered as work.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub template: Option<bool>,
    /// Change issues even if another actor holds them; accept unknown statuses and types.
    #[arg(short, long)]
    pub force: bool,
    /// Claim the issues after the change.
    #[arg(long)]
    pub claim: bool,
}

/// Changes issues.
pub fn run(context: &Context, args: UpdateArgs) -> Outcome {
    let pm = context.pm()?;
    let ids = ids(&args.ids)?;
    let mut update = Update {
        edit: args.fields.edit()?,
        status: args.status,
        append_notes: args.append_notes,
        reason: args.reason,
    };
    update.edit.title = args.title;
    update.edit.add_labels = args.add_label;
    update.edit.remove_labels = args.remove_label;
    update.edit.fields.pinned = args.pinned;
    update.edit.fields.template = args.template;
    update.edit.fields.force = args.force;
    if update.is_empty() && !args.claim {
        return Err(unchanged().into());
    }
    let mut changed = pm.issues().update(&ids, &update)?;
    if args.claim {
        context.ask_first_push(false)?;
        for item in &mut changed {
            *item = pm.issues().claim(item.uid.as_str())?.item;
        }
        return context.summaries("Claimed", &changed);
    }
    context.summaries("Changed", &changed)
}

/// Claim an issue
///
/// Settles the claim with the remote, as `git pm start` does, but creates no branch or worktree.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue claim pm-a3f8
  git pm issue ready --claim")]
pub struct ClaimArgs {
    /// Issue ID.
    pub id: String,
}

/// Claims an issue.
pub fn claim(context: &Context, args: &ClaimArgs) -> Outcome {
    context.ask_first_push(false)?;
    let started = context.pm()?.issues().claim(&args.id)?;
    context.item(&started.item, |page, item| {
        render::item::summary(page, "Claimed", item);
        for warning in &started.warnings {
            page.warning(warning);
        }
        page.next(&[format!("git pm issue close {}", item.id)]);
    })
}

/// Defer issues
///
/// With `--until`, issues keep their status and are ready again at that time; without it, they are
/// `deferred` until `undefer`. Their descendants are deferred, too.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue defer pm-a3f8 --until 2027-01-15
  git pm issue defer pm-a3f8 pm-b2c1 --reason \"after the release\"")]
pub struct DeferArgs {
    /// Issue IDs; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Time: 2026-12-01, 2026-12-01T10:00:00Z, `tomorrow`, +2d.
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Reason to record.
    #[arg(long, value_name = "R", conflicts_with = "until")]
    pub reason: Option<String>,
    /// Defer issues even if another actor holds them (the holder is notified).
    #[arg(short, long)]
    pub force: bool,
}

/// Defers issues.
pub fn defer(context: &Context, args: &DeferArgs) -> Outcome {
    let ids = ids(&args.ids)?;
    let pm = context.pm()?;
    let (until, reason) = (args.until.as_deref(), args.reason.as_deref());
    let items = pm.issues().defer(&ids, until, reason, args.force)?;
    context.summaries("Deferred", &items)
}

/// Undefers issues.
pub fn undefer(context: &Context, given: &[String]) -> Outcome {
    let items = context.pm()?.issues().undefer(&ids(given)?)?;
    context.summaries("No longer deferred:", &items)
}
