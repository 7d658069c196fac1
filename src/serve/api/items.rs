//! Items: read them, start, finish and release them.

use super::super::request::{Answer, Call};
use super::super::route::{Parameter, Returns, Route, one, texts};
use super::bodies::{ReasonBody, StartBody};
use crate::error::Result;
use crate::pm::shared_views::ItemView;
use crate::work::task::branch_work::WorkDiff;
use crate::work::task::finish::{FinishOptions, Finished};
use crate::work::task::readiness::WhyView;
use crate::work::task::start::options::{StartOptions, Started};
use crate::work::task::status_verbs::DropOptions;

const DIFF: &[Parameter] = &[texts("path", "Only this file or folder")];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/items/{id}",
            "One item; its version is the `ETag`",
            &[],
            Returns::Data(one::<ItemView>),
            |call| answer(&call.pm()?.tasks().show(call.part("id"))?),
        ),
        Route::get(
            "/api/v1/items/{id}/why",
            "Why an item can or cannot be started",
            &[],
            Returns::Data(one::<WhyView>),
            |call| Answer::data(&call.pm()?.tasks().why(call.part("id"))?),
        ),
        Route::post(
            "/api/v1/items/{id}/start",
            "Claim an item, with a branch and a worktree on the server's machine, unless the \
             request declines them",
            Some(one::<StartBody>),
            Returns::Data(one::<Started>),
            start,
        ),
        Route::post(
            "/api/v1/items/{id}/finish",
            "Submit an item for review",
            None,
            Returns::Data(one::<Finished>),
            |call| {
                let tasks = call.pm_to_push()?.tasks();
                let done = tasks.finish(Some(call.part("id")), &FinishOptions::default())?;
                Answer::data(&done)
            },
        ),
        Route::get(
            "/api/v1/items/{id}/diff",
            "What the work on an item changes",
            DIFF,
            Returns::Data(one::<WorkDiff>),
            |call| {
                let paths = call.parameters("path");
                Answer::data(&call.pm()?.tasks().diff(call.part("id"), &paths)?)
            },
        ),
        Route::post(
            "/api/v1/items/{id}/drop",
            "Release a started item",
            Some(one::<ReasonBody>),
            Returns::Data(one::<ItemView>),
            |call| {
                let options = DropOptions {
                    reason: call.json::<ReasonBody>()?.reason,
                    ..DropOptions::default()
                };
                let pm = call.pm_to_push()?;
                answer(&pm.tasks().release(Some(call.part("id")), &options)?)
            },
        ),
    ]
}

/// An item with its version.
fn answer(item: &ItemView) -> Result<Answer> {
    Answer::with_version(200, item, Some(&item.version))
}

fn start(call: &Call) -> Result<Answer> {
    let body: StartBody = call.json()?;
    let options = StartOptions {
        worktree: body.worktree && body.branch,
        branch: body.branch,
        base: body.base,
        resume: body.resume,
        ..StartOptions::default()
    };
    Answer::data(
        &call
            .pm_to_push()?
            .tasks()
            .start(call.part("id"), &options)?,
    )
}
