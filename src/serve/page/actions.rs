//! The form handlers for items. Each makes the library call of the command with that name.

use super::super::request::{Answer, Call, Scope, pairs};
use super::super::route::Route;
use super::edit::edit;
use super::frame::{field, given, part, query, see, see_item};
use super::limits;
use super::status_changes::Move;
use crate::error::{Error, Reason, Result};
use crate::history::undo::UndoOptions;
use crate::model::id::ItemKind;
use crate::work::issue::close::CloseOptions;
use crate::work::new_item::NewItem;
use crate::work::task::finish::FinishOptions;
use crate::work::task::start::options::StartOptions;
use crate::work::task::status_verbs::{DoneOptions, DropOptions};

pub(super) fn routes() -> Vec<Route> {
    let write = |path, about, handler| super::form(path, about, Scope::Write, handler);
    vec![
        write("/items", "Create a task", |call| {
            let form = call.form()?;
            let new = NewItem {
                title: field(&form, "title").trim().to_string(),
                ..NewItem::default()
            };
            let made = call.pm()?.tasks().create(ItemKind::Task, &new)?;
            see_item(&made.id)
        }),
        write("/items/{id}/edit", "Change fields of an item", edit),
        write("/items/{id}/move", "Change the status of an item", change),
        super::form(
            "/items/{id}/approve",
            "Approve the work on an item",
            Scope::Approve,
            |call| {
                let form = call.form()?;
                let (id, commit) = (call.part("id"), given(&form, "commit"));
                let note = given(&form, "text");
                let item = call
                    .pm()?
                    .tasks()
                    .approve(id, commit.as_deref(), note.as_deref())?;
                see_item(&item.id)
            },
        ),
        write("/items/{id}/comments", "Comment on an item", |call| {
            let form = call.form()?;
            let item = call
                .pm()?
                .tasks()
                .comment(call.part("id"), &field(&form, "text"))?;
            see(format!("/items/{}#comments", part(&item.id)))
        }),
        write("/items/{id}/assign", "Assign an item to an actor", |call| {
            let to = field(&call.form()?, "to").trim().to_string();
            let item = call.pm_to_push()?.tasks().reassign(call.part("id"), &to)?;
            see_item(&item.id)
        }),
        write(
            "/items/{id}/accept",
            "Accept acceptance criteria as met",
            accept,
        ),
        write("/undo", "Undo an operation", |call| {
            let form = call.form()?;
            let commit = given(&form, "commit").ok_or_else(|| {
                Error::usage("the form does not say what to undo").because(Reason::ArgumentsInvalid)
            })?;
            call.pm()?
                .history()
                .undo(Some(&commit), &UndoOptions::default())?;
            match given(&form, "item") {
                // An item whose creation was undone no longer has a page.
                Some(item) if call.pm()?.tasks().show(&item).is_ok() => see_item(&item),
                _ => see("/activity"),
            }
        }),
    ]
}

/// Changes the status of an item, or redirects to its page if that needs more input.
fn change(call: &Call) -> Result<Answer> {
    let form = call.form()?;
    let verb = field(&form, "verb");
    let Some(verb) = Move::parse(&verb) else {
        return Err(Error::usage("unknown status change").because(Reason::ArgumentsInvalid));
    };
    let (id, text) = (call.part("id"), given(&form, "text"));
    if verb == Move::Approve || (verb.needs_text() && text.is_none()) {
        return see(format!("/items/{}#{}", part(id), verb.as_str()));
    }
    make(call, verb, text, field(&form, "claim") == "only")?;
    match field(&form, "on").as_ref() {
        "item" => see_item(id),
        _ => see(board(&field(&form, "back"))),
    }
}

/// The address of the board with its previous parameters.
fn board(back: &str) -> String {
    if back.is_empty() || back.len() > limits::RETURN_QUERY_MAX {
        return "/".into();
    }
    // Encoded again, so that it is a valid query whatever was sent.
    let pairs = pairs(back.as_bytes());
    let pairs = pairs
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    format!("/?{}", query(pairs))
}

fn make(call: &Call, verb: Move, text: Option<String>, claim_only: bool) -> Result<()> {
    let id = call.part("id");
    let words = text.as_deref();
    match verb {
        Move::Start => {
            let options = match claim_only {
                true => StartOptions::claim_only(),
                false => StartOptions::default(),
            };
            call.pm_to_push()?.tasks().start(id, &options).map(drop)
        }
        Move::Finish => {
            let options = FinishOptions::default();
            call.pm_to_push()?
                .tasks()
                .finish(Some(id), &options)
                .map(drop)
        }
        Move::Drop => {
            let options = DropOptions {
                reason: text,
                ..DropOptions::default()
            };
            call.pm_to_push()?
                .tasks()
                .release(Some(id), &options)
                .map(drop)
        }
        Move::Return => call
            .pm_to_push()?
            .tasks()
            .return_work(id, words.unwrap_or_default())
            .map(drop),
        Move::Block => call
            .pm()?
            .tasks()
            .block(id, words.unwrap_or_default())
            .map(drop),
        Move::Unblock => call.pm()?.tasks().unblock(id).map(drop),
        Move::Defer => call.pm()?.tasks().defer(id, words).map(drop),
        Move::Undefer => call.pm()?.tasks().undefer(id).map(drop),
        Move::Done => {
            let options = DoneOptions {
                evidence: text,
                force: false,
            };
            call.pm()?.tasks().done(id, &options).map(drop)
        }
        Move::Close => {
            let options = CloseOptions {
                reason: text,
                ..CloseOptions::default()
            };
            call.pm()?
                .issues()
                .close(&[id.to_string()], &options)
                .map(drop)
        }
        Move::Cancel => call.pm()?.tasks().cancel(id, words).map(drop),
        Move::Reopen => call.pm()?.tasks().reopen(id, words).map(drop),
        // It has a route of its own, which requires the scope `approve`.
        Move::Approve => Err(Error::usage(
            "approve the item with the form on its own page",
        )),
    }
}

fn accept(call: &Call) -> Result<Answer> {
    let form = call.form()?;
    let sent = form.iter().filter(|(key, _)| key == "number");
    let numbers: Vec<usize> = sent.filter_map(|(_, value)| value.parse().ok()).collect();
    if numbers.is_empty() {
        return Err(Error::usage("no criterion is selected").because(Reason::ArgumentsInvalid));
    }
    let evidence = given(&form, "evidence");
    let tasks = call.pm()?.tasks();
    let item = tasks.accept(Some(call.part("id")), &numbers, false, evidence.as_deref())?;
    see_item(&item.id)
}
