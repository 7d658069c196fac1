//! Items: read, create, edit, and the verbs of their life cycle.

use super::super::request::{Answer, Call, Scope};
use super::super::route::{Method, Needs, Parameter, Returns, Route, one, texts};
use super::bodies::{
    AcceptBody, ApproveBody, AssignBody, DoneBody, ItemBody, ReasonBody, StartBody, TextBody,
};
use crate::error::{Error, Result};
use crate::model::id::ItemKind;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::work::issue::close::CloseOptions;
use crate::work::new_item::NewItem;
use crate::work::task::branch_work::WorkDiff;
use crate::work::task::finish::{FinishOptions, Finished};
use crate::work::task::readiness::WhyView;
use crate::work::task::start::options::{StartOptions, Started};
use crate::work::task::status_verbs::{DoneOptions, DropOptions};

const DIFF: &[Parameter] = &[texts("path", "Only this file or folder")];

pub(super) fn routes() -> Vec<Route> {
    let verb = |path, about, body, handler| {
        Route::post(path, about, body, Returns::Data(one::<ItemView>), handler)
    };
    vec![
        Route::post(
            "/api/v1/items",
            "Create an item",
            Some(one::<ItemBody>),
            Returns::Made(one::<ItemView>),
            create,
        ),
        Route::get(
            "/api/v1/items/{id}",
            "One item; its version is the `ETag`",
            &[],
            Returns::Data(one::<ItemView>),
            |call| changed(call, |tasks, id| tasks.show(id)),
        ),
        Route::post(
            "/api/v1/items/{id}",
            "Change fields of an item; `If-Match` names the version that it must still have",
            Some(one::<ItemBody>),
            Returns::Data(one::<ItemView>),
            edit,
        )
        .by(Method::Patch),
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
        verb(
            "/api/v1/items/{id}/approve",
            "Approve the merge of an item's work",
            Some(one::<ApproveBody>),
            approve,
        )
        .needing(Needs::Token(Scope::Approve)),
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
        verb(
            "/api/v1/items/{id}/return",
            "Return submitted work to its author, with a note that says what to change",
            Some(one::<TextBody>),
            |call| {
                let (body, pm): (TextBody, _) = (call.json()?, call.pm_to_push()?);
                answer(&pm.tasks().return_work(call.part("id"), &body.text)?)
            },
        ),
        verb(
            "/api/v1/items/{id}/accept",
            "Accept acceptance criteria as met",
            Some(one::<AcceptBody>),
            |call| {
                let body: AcceptBody = call.json()?;
                let (id, all) = (Some(call.part("id")), body.numbers.is_empty());
                answer(&call.pm()?.tasks().accept(
                    id,
                    &body.numbers,
                    all,
                    body.evidence.as_deref(),
                )?)
            },
        ),
        verb(
            "/api/v1/items/{id}/comments",
            "Comment on an item",
            Some(one::<TextBody>),
            |call| {
                let body: TextBody = call.json()?;
                changed(call, |tasks, id| tasks.comment(id, &body.text))
            },
        ),
        verb(
            "/api/v1/items/{id}/assign",
            "Assign an item to an actor",
            Some(one::<AssignBody>),
            |call| {
                let (body, pm): (AssignBody, _) = (call.json()?, call.pm_to_push()?);
                answer(&pm.tasks().reassign(call.part("id"), &body.to)?)
            },
        ),
        verb(
            "/api/v1/items/{id}/drop",
            "Release a started item",
            Some(one::<ReasonBody>),
            |call| {
                let options = DropOptions {
                    reason: call.json::<ReasonBody>()?.reason,
                    ..DropOptions::default()
                };
                let pm = call.pm_to_push()?;
                answer(&pm.tasks().release(Some(call.part("id")), &options)?)
            },
        ),
        verb(
            "/api/v1/items/{id}/done",
            "Close a task by hand, with evidence",
            Some(one::<DoneBody>),
            |call| {
                let body: DoneBody = call.json()?;
                let options = DoneOptions {
                    evidence: Some(body.evidence),
                    force: false,
                };
                changed(call, |tasks, id| tasks.done(id, &options))
            },
        ),
        verb(
            "/api/v1/items/{id}/close",
            "Close an issue",
            Some(one::<ReasonBody>),
            |call| {
                let options = CloseOptions {
                    reason: call.json::<ReasonBody>()?.reason,
                    ..CloseOptions::default()
                };
                let id = call.part("id").to_string();
                let closed = call.pm()?.issues().close(&[id], &options)?;
                match closed.first() {
                    Some(item) => answer(item),
                    None => Err(Error::state(format!("{} was not closed", call.part("id")))),
                }
            },
        ),
        verb(
            "/api/v1/items/{id}/cancel",
            "Cancel an item",
            Some(one::<ReasonBody>),
            |call| {
                let reason = call.json::<ReasonBody>()?.reason;
                changed(call, |tasks, id| tasks.cancel(id, reason.as_deref()))
            },
        ),
        verb(
            "/api/v1/items/{id}/reopen",
            "Reopen a closed item",
            Some(one::<ReasonBody>),
            |call| {
                let reason = call.json::<ReasonBody>()?.reason;
                changed(call, |tasks, id| tasks.reopen(id, reason.as_deref()))
            },
        ),
        verb(
            "/api/v1/items/{id}/block",
            "Mark an item as blocked",
            Some(one::<TextBody>),
            |call| {
                let body: TextBody = call.json()?;
                changed(call, |tasks, id| tasks.block(id, &body.text))
            },
        ),
        verb(
            "/api/v1/items/{id}/unblock",
            "Unblock an item",
            None,
            |call| changed(call, |tasks, id| tasks.unblock(id)),
        ),
        verb(
            "/api/v1/items/{id}/defer",
            "Defer an item",
            Some(one::<ReasonBody>),
            |call| {
                let reason = call.json::<ReasonBody>()?.reason;
                changed(call, |tasks, id| tasks.defer(id, reason.as_deref()))
            },
        ),
        verb(
            "/api/v1/items/{id}/undefer",
            "End a deferral",
            None,
            |call| changed(call, |tasks, id| tasks.undefer(id)),
        ),
    ]
}

/// An item with its version.
fn answer(item: &ItemView) -> Result<Answer> {
    Answer::with_version(200, item, Some(&item.version))
}

/// What a verb makes of the item that a request names.
fn changed(call: &Call, verb: impl FnOnce(Tasks<'_>, &str) -> Result<ItemView>) -> Result<Answer> {
    answer(&verb(call.pm()?.tasks(), call.part("id"))?)
}

fn create(call: &Call) -> Result<Answer> {
    let body: ItemBody = call.json()?;
    let kind = body.kind.as_deref().unwrap_or("task");
    let Some(kind) = ItemKind::parse(kind) else {
        return Err(Error::usage(format!("`{kind}` is not a kind of item"))
            .because("arguments.invalid")
            .hint("use prd, epic, task or issue"));
    };
    let made = (call.pm()?.tasks()).create(kind, &NewItem::from(body.into_edit()))?;
    Answer::with_version(201, &made, Some(&made.version))
}

fn edit(call: &Call) -> Result<Answer> {
    let body: ItemBody = call.json()?;
    if body.kind.is_some() {
        return Err(Error::usage("the kind of an item cannot be changed")
            .because("arguments.invalid")
            .about("kind"));
    }
    changed(call, |tasks, id| tasks.edit(id, &body.into_edit()))
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

fn approve(call: &Call) -> Result<Answer> {
    let body: ApproveBody = call.json()?;
    let (commit, note) = (body.commit.as_deref(), body.note.as_deref());
    answer(&call.pm()?.tasks().approve(call.part("id"), commit, note)?)
}
