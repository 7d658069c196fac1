//! Plans: read, check, edit as text, approve.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::request::{Answer, Call, Scope};
use super::super::route::{Needs, Returns, Route, list, one};
use crate::error::Result;
use crate::plan::approval_checks::Check;
use crate::plan::approve::{ApproveOptions, Approved};
use crate::plan::coverage::Coverage;
use crate::plan::view::{PlanLine, PlanView};
use crate::plan::write::{PlanText, WriteOptions, WriteReport};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/plans",
            "Plans",
            &[],
            Returns::Data(list::<PlanLine>),
            |call| Answer::list(&call.pm()?.plans().list()?),
        ),
        Route::get(
            "/api/v1/plans/{id}",
            "A plan",
            &[],
            Returns::Data(one::<PlanView>),
            |call| Answer::data(&call.pm()?.plans().show(Some(call.part("id")))?),
        ),
        Route::get(
            "/api/v1/plans/{id}/coverage",
            "The disposition of each statement of a plan's document",
            &[],
            Returns::Data(one::<Coverage>),
            |call| Answer::data(&call.pm()?.plans().coverage(Some(call.part("id")))?),
        ),
        Route::get(
            "/api/v1/plans/{id}/checks",
            "The checks before a plan is approved",
            &[],
            Returns::Data(list::<Check>),
            |call| Answer::list(&call.pm()?.plans().check(Some(call.part("id")))?),
        ),
        Route::get(
            "/api/v1/plans/{id}/text",
            "A plan as text to edit",
            &[],
            Returns::Data(one::<PlanText>),
            |call| Answer::data(&call.pm()?.plans().text(Some(call.part("id")))?),
        ),
        Route::post(
            "/api/v1/plans/{id}/text",
            "Write a plan: its edited text, or sections of it",
            Some(one::<EditedBody>),
            Returns::Data(one::<WriteReport>),
            |call| {
                let body: EditedBody = call.json()?;
                let plans = call.pm()?.plans();
                let source = plans.document_of(Some(call.part("id")))?;
                let options = WriteOptions { patch: body.patch };
                Answer::data(&plans.write(&source, &body.text, &options)?)
            },
        ),
        Route::post(
            "/api/v1/plans/{id}/approve",
            "Approve a plan: its tasks become items",
            Some(one::<ApproveBody>),
            Returns::Data(one::<Approved>),
            approve,
        )
        .needing(Needs::Token(Scope::Approve)),
    ]
}

/// The text of a plan.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EditedBody {
    /// The text returned by the GET route, with changes.
    text: String,
    /// Write only the sections given; the other tasks stay.
    #[serde(default)]
    patch: bool,
}

/// The confirmations of an approval.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct ApproveBody {
    /// More tasks than recommended for the document.
    confirm_large: bool,
    /// Statements that are in no task and were not put aside.
    accept_uncovered: bool,
    /// Settings that look like a mistake.
    settings_meant: bool,
    /// The version of the plan that was seen: what was changed since is not approved.
    expect: Option<String>,
    /// The ids of tasks that get the plan's values although they were begun, or a person changed
    /// them.
    overwrite: Vec<String>,
}

fn approve(call: &Call) -> Result<Answer> {
    let body: ApproveBody = call.json()?;
    let options = ApproveOptions {
        confirm_large: body.confirm_large,
        accept_uncovered: body.accept_uncovered,
        settings_meant: body.settings_meant,
        expect: body.expect,
        overwrite: body.overwrite,
    };
    Answer::data(
        &call
            .pm()?
            .plans()
            .approve(Some(call.part("id")), &options)?,
    )
}
