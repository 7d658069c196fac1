//! `git pm sync`, `push` and `pull`: the state over git remotes.

use git_pm::error::Kind;
use git_pm::state::SyncReport;
use git_pm::verbs::clone::{Pull, Sync};

use crate::context::Context;
use crate::failure::{Exit, Outcome};
use crate::render;

/// Fetches, joins and pushes; what is pushed is always joined first.
pub fn sync(context: &Context, request: &Sync) -> Outcome {
    context.as_it_is().ask_first_push(true)?;
    report(context, &context.pm()?.state().sync(&request.remote)?)
}

/// Fetches and joins.
pub fn pull(context: &Context, request: &Pull) -> Outcome {
    let remotes = &request.from.remote;
    report(context, &context.as_it_is().pm()?.state().pull(remotes)?)
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
