//! `git pm sync`, `push` and `pull`: the state over git remotes.

use git_pm::error::Kind;
use git_pm::state::SyncReport;

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Exchange the state with the remote: fetch, merge, push
///
/// Lists the changed items that were fetched; `git pm diff` shows the changes in full. Two states
/// can always be merged; `git pm log --conflicts` lists the values that one side overrode. This
/// also settles the claims made offline.
#[derive(clap::Args, Debug)]
pub struct SyncArgs {
    /// Remotes; `pm.remote` by default.
    #[arg(value_name = "REMOTE")]
    pub remotes: Vec<String>,
}

/// Fetches, joins and pushes; what is pushed is always joined first.
pub fn sync(context: &Context, args: &SyncArgs) -> Outcome {
    context.ask_first_push(true)?;
    report(context, &context.pm()?.state().sync(&args.remotes)?)
}

/// Fetches and joins.
pub fn pull(context: &Context, args: &SyncArgs) -> Outcome {
    report(context, &context.pm()?.state().pull(&args.remotes)?)
}

/// Prints the report. The exit code says if all, some or no remotes refused.
fn report(context: &Context, report: &SyncReport) -> Outcome {
    context.answer(report, render::sync::sync)?;
    // If this fails, the notices are shown again.
    let _ = context.pm()?.state().note_shown(&report.notices);
    let refused = report.remotes.iter().filter(|r| r.refused.is_some());
    let refused = refused.count();
    Ok(match refused {
        0 => Exit::DONE,
        _ if refused == report.remotes.len() => Exit::of(Kind::Remote),
        _ => Exit::of(Kind::Partial),
    })
}
