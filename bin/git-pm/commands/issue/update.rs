//! `git pm issue update`, `claim`, `defer` and `undefer`.

use git_pm::work::issue::{IssueKeys, Update};

use super::answer::Answer;
use super::create::FieldArgs;
use crate::arguments::stdin::ids;
use crate::commands::item::edit::unchanged;
use crate::failure::Outcome;
use crate::render;

/// Change issues: fields, labels, state
///
/// All of them in one commit. What is not named stays; an empty value clears a field. States are
/// open, in_progress, in_review, blocked, deferred, closed, pinned, hooked, in any case and with a
/// hyphen, too; another word only where issues have it already, or with `--force`.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue update pm-a3f8 --status in_progress --append-notes \"half of it works\"
  git pm issue update pm-a3f8 pm-b2c1 -p 1 --add-label release
  git pm issue list --label old --json | jq -r '.data.items[].id' | git pm issue update - -p 4
  git pm issue update pm-a3f8 --claim")]
pub struct UpdateArgs {
    /// The issues' ids; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// A new title.
    #[arg(long, value_name = "T")]
    pub title: Option<String>,
    /// The fields.
    #[command(flatten)]
    pub fields: FieldArgs,
    /// A new state.
    #[arg(short, long, value_name = "S")]
    pub status: Option<String>,
    /// Why the state changes.
    #[arg(long, value_name = "R", requires = "status")]
    pub reason: Option<String>,
    /// Text to add to the notes, on lines of its own.
    #[arg(long, value_name = "TEXT", conflicts_with = "notes")]
    pub append_notes: Option<String>,
    /// A label to add.
    #[arg(long, value_name = "L")]
    pub add_label: Vec<String>,
    /// A label to take off.
    #[arg(long, value_name = "L")]
    pub remove_label: Vec<String>,
    /// Whether it stays open for ever, as something to know.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub pinned: Option<bool>,
    /// Whether it is a template, which is never offered as work.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub template: Option<bool>,
    /// Even where somebody else holds one of them, and with a state or a type that is not known here.
    #[arg(short, long)]
    pub force: bool,
    /// Claims them for you after the change.
    #[arg(long)]
    pub claim: bool,
}

/// Changes issues.
///
/// # Errors
/// When a value is refused, or an issue is held by somebody else.
pub fn run(answer: &Answer<'_>, args: UpdateArgs) -> Outcome {
    let pm = answer.context.pm()?;
    let ids = ids(&args.ids)?;
    let keys = IssueKeys {
        title: args.title,
        pinned: args.pinned,
        template: args.template,
        force: args.force,
        ..args.fields.keys()?
    };
    let mut edit = keys.edit();
    edit.add_labels = args.add_label;
    edit.remove_labels = args.remove_label;
    let update = Update {
        edit,
        status: args.status,
        append_notes: args.append_notes,
        reason: args.reason,
        force: args.force,
    };
    if update.is_empty() && !args.claim {
        return Err(unchanged().into());
    }
    let mut changed = pm.issues().update(&ids, &update)?;
    if args.claim {
        answer.context.ask_first_push(false)?;
        for item in &mut changed {
            *item = pm.issues().claim(&item.uid)?.item;
        }
        return answer.said("Claimed", &changed);
    }
    answer.said("Changed", &changed)
}

/// Claim an issue: you are on it, nobody else
///
/// Claims it with the remote, as `git pm start` does, but makes no branch and no worktree.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue claim pm-a3f8
  git pm issue ready --claim")]
pub struct ClaimArgs {
    /// The issue's id.
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Claims an issue.
///
/// # Errors
/// When somebody holds it, or it is not ready.
pub fn claim(answer: &Answer<'_>, args: &ClaimArgs) -> Outcome {
    answer.context.ask_first_push(false)?;
    let started = answer.context.pm()?.issues().claim(&args.id)?;
    answer.one(&started.item, |page, item| {
        render::item::said(page, "Claimed", item);
        for warning in &started.warnings {
            page.warning(warning);
        }
        page.next(&[&format!("git pm issue close {}", item.id)]);
    })
}

/// Put issues off
///
/// With `--until` they keep their state and come back by themselves at that time; without, they are
/// `deferred` until somebody undefers them. What is below them is put off, too.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Examples:
  git pm issue defer pm-a3f8 --until 2027-01-15
  git pm issue defer pm-a3f8 pm-b2c1 --reason \"after the release\"")]
pub struct DeferArgs {
    /// The issues' ids; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
    /// Until when: 2026-12-01, 2026-12-01T10:00:00Z, `tomorrow`, +2d.
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Why.
    #[arg(long, value_name = "R", conflicts_with = "until")]
    pub reason: Option<String>,
    /// Even where somebody else holds one of them, who is told.
    #[arg(short, long)]
    pub force: bool,
}

/// Puts issues off.
///
/// # Errors
/// When the time cannot be read, or a state does not allow it.
pub fn defer(answer: &Answer<'_>, args: &DeferArgs) -> Outcome {
    let ids = ids(&args.ids)?;
    let pm = answer.context.pm()?;
    let (until, reason) = (args.until.as_deref(), args.reason.as_deref());
    let items = pm.issues().defer(&ids, until, reason, args.force)?;
    answer.said("Put off", &items)
}

/// Take up again what was put off
#[derive(clap::Args, Debug)]
pub struct UndeferArgs {
    /// The issues' ids; `-` reads them from standard input.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<String>,
}

/// Takes issues up again.
///
/// # Errors
/// When one of them was not put off.
pub fn undefer(answer: &Answer<'_>, args: &UndeferArgs) -> Outcome {
    let ids = ids(&args.ids)?;
    let items = answer.context.pm()?.issues().undefer(&ids)?;
    answer.said("No longer put off:", &items)
}
