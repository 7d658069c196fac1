//! The form handlers for items. Each makes the library call of the command with that name.

use super::super::request::{Answer, Call, Scope};
use super::super::route::Route;
use super::edit::{edit, new_item, priority};
use super::frame::{field, given, item_path, see, see_back};
use super::status_changes::Move;
use crate::coordinate::conflicts::Resolution;
use crate::coordinate::message::{AnswerRequest, ReplyRequest};
use crate::coordinate::sync::tell_losses;
use crate::error::{Error, Reason, Result};
use crate::history::undo::UndoOptions;
use crate::model::id::ItemKind;
use crate::work::new_item::{Fields, ItemEdit};

pub(super) fn routes() -> Vec<Route> {
    let write = |path, about, handler| super::form(path, about, Scope::Write, handler);
    vec![
        write("/items", "Create a task or an epic", |call| {
            let form = call.form()?;
            let kind = given(&form, "kind");
            let kind = kind.map_or(Some(ItemKind::Task), |word| ItemKind::parse(&word));
            let Some(kind) = kind else {
                return Err(Error::usage("unknown kind").because(Reason::ArgumentsInvalid));
            };
            let made = call.pm()?.tasks().create(kind, &new_item(&form)?)?;
            see_back(&form, item_path(&made.id))
        }),
        write("/items/{id}/edit", "Change fields of an item", edit),
        write("/items/{id}/set", "Change one field of an item", set),
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
                see_back(&form, item_path(&item.id))
            },
        ),
        super::form(
            "/items/{id}/push",
            "Push the target that has the merged work on an item",
            Scope::Approve,
            |call| {
                let (form, id) = (call.form()?, call.part("id"));
                let pushed = call.pm()?.tasks().push_merged(id)?;
                let to = format!("{}/{}", pushed.remote, pushed.there);
                call.pm()?
                    .notice(format!("{} was pushed to {to}", pushed.target));
                see_back(&form, item_path(id))
            },
        ),
        write("/items/{id}/comments", "Comment on an item", |call| {
            let form = call.form()?;
            let item = call
                .pm()?
                .tasks()
                .comment(call.part("id"), &field(&form, "text"))?;
            see_back(&form, format!("{}#comments", item_path(&item.id)))
        }),
        write(
            "/messages/{id}/answer",
            "Answer a message, or mark it as read",
            answer,
        ),
        write(
            "/findings/{id}/settle",
            "Dismiss a finding, or say that a commit fixes it",
            |call| {
                let form = call.form()?;
                let (id, findings) = (call.part("id"), call.pm()?.findings());
                let found = match given(&form, "commit") {
                    Some(commit) => findings.fix(id, Some(&commit))?,
                    None => findings.dismiss(id, &field(&form, "reason"))?,
                };
                see_back(&form, item_path(&found.item.unwrap_or_default()))
            },
        ),
        write("/items/{id}/assign", "Assign an item to an actor", |call| {
            let form = call.form()?;
            let to = field(&form, "to").trim().to_string();
            let item = call.pm_to_push()?.tasks().reassign(call.part("id"), &to)?;
            see_back(&form, item_path(&item.id))
        }),
        write(
            "/items/{id}/accept",
            "Accept acceptance criteria as met",
            accept,
        ),
        write("/items/{id}/resolve", "Keep one version of a text", resolve),
        write("/sync", "Exchange the state with its remote", sync),
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
                Some(item) if call.pm()?.tasks().show(&item).is_ok() => see(item_path(&item)),
                Some(_) => see("/activity"),
                None => see_back(&form, "/activity"),
            }
        }),
    ]
}

/// Fetches and pushes the state, and says what came of it.
fn sync(call: &Call) -> Result<Answer> {
    let (form, pm) = (call.form()?, call.pm_to_sync()?);
    let report = pm.state().sync(&[])?;
    for one in &report.remotes {
        let (place, fetched, pushed) = (&one.remote, one.fetched, one.pushed);
        pm.notice(match &one.refused {
            None => format!("{place}: {fetched} fetched, {pushed} pushed"),
            Some(why) => format!("{place}: {fetched} fetched, not pushed: {why}"),
        });
    }
    tell_losses(pm, &report);
    see_back(&form, "/")
}

/// What a visitor does with a message. Its text is a reply, or the remark of another answer.
fn answer(call: &Call) -> Result<Answer> {
    let (form, messages) = (call.form()?, call.pm()?.messages());
    let (id, text) = (call.part("id"), field(&form, "text").into_owned());
    let note = AnswerRequest {
        note: given(&form, "text"),
        ..AnswerRequest::default()
    };
    match field(&form, "verb").as_ref() {
        "read" => messages.mark_read(&messages.read(&[id.to_string()], None)?)?,
        "ack" => messages.ack(&[id.to_string()], &note).map(drop)?,
        "accept" => messages.accept(id, &note).map(drop)?,
        "decline" => messages.decline(id, &note).map(drop)?,
        _ => {
            let request = ReplyRequest {
                text,
                ..ReplyRequest::default()
            };
            messages.reply(id, &request).map(drop)?;
        }
    }
    see_back(&form, "/")
}

/// Keeps the version of a text that the form names by clone and time, or takes the merged one.
fn resolve(call: &Call) -> Result<Answer> {
    let (form, state) = (call.form()?, call.pm()?.state());
    let id = call.part("id");
    let (field, written) = (field(&form, "field"), given(&form, "written"));
    let mut resolution = Resolution::Merged;
    if let Some(written) = written {
        let shown = call.pm()?.tasks().show(id)?.id;
        let conflicts = state.conflicts()?.into_iter();
        let found = conflicts
            .filter(|one| one.id == shown && one.field == field)
            .flat_map(|one| one.versions)
            .find(|one| written == format!("{} {}", one.replica, one.written_at));
        let version = found.ok_or_else(|| {
            Error::conflict("this version was replaced meanwhile")
                .about(id)
                .because(Reason::ItemChanged)
        })?;
        resolution = Resolution::Text(version.text);
    }
    state.resolve(id, Some(&field), &resolution)?;
    see(item_path(id))
}

/// Changes the status of an item, or redirects to the form for it if that needs more input.
fn change(call: &Call) -> Result<Answer> {
    let form = call.form()?;
    let verb = field(&form, "verb");
    let Some(verb) = Move::parse(&verb) else {
        return Err(Error::usage("unknown status change").because(Reason::ArgumentsInvalid));
    };
    let (id, text) = (call.part("id"), given(&form, "text"));
    // It has a route of its own, which requires the scope `approve`.
    if verb == Move::Approve {
        return see(format!("{}/changes#approve", item_path(id)));
    }
    let tasks = call.pm()?.tasks();
    if let Some(shown) = given(&form, "commit") {
        let work = tasks.branch_work(id)?;
        let now = work.map(|work| work.commit).unwrap_or_default();
        if now != shown {
            let said = "there is a newer commit than the one that was shown, so nothing was done";
            return Err(Error::conflict(said).because(Reason::ItemChanged).about(id));
        }
    }
    // Where there is no branch, nothing is merged, and what was done needs evidence.
    let verb = match verb {
        Move::Merge if tasks.show(id)?.branch.is_none() => Move::Done,
        verb => verb,
    };
    if verb == Move::Done && text.is_none() && !tasks.moves(id)?.contains(&verb) {
        make(call, verb, None)?;
    }
    if verb.needs_text() && text.is_none() {
        return see(format!("{}/move?verb={}", item_path(id), verb.as_str()));
    }
    match given(&form, "until").filter(|_| verb == Move::Defer) {
        Some(until) => defer_until(call, until, text)?,
        None => make(call, verb, text.as_deref())?,
    }
    see_back(&form, item_path(id))
}

/// Defers an item until a day, on which it is ready again by itself.
fn defer_until(call: &Call, until: String, reason: Option<String>) -> Result<()> {
    let id = call.part("id");
    let pm = call.pm()?;
    pm.issues()
        .defer(&[id.to_string()], Some(&until), None, false)?;
    match reason {
        Some(reason) => (pm.tasks())
            .comment(id, &format!("Deferred: {reason}"))
            .map(drop),
        None => Ok(()),
    }
}

/// Sets the field by which a board has its columns to that of the column that the item was dropped
/// on.
fn set(call: &Call) -> Result<Answer> {
    let form = call.form()?;
    let (id, value) = (call.part("id"), field(&form, "value").trim().to_string());
    let mut fields = Fields::default();
    match field(&form, "field").as_ref() {
        "owner" if !value.is_empty() => {
            call.pm_to_push()?.tasks().reassign(id, &value)?;
            return see_back(&form, item_path(id));
        }
        "owner" | "assignee" => fields.assignee = Some(value),
        "epic" => fields.epic = Some(value),
        "priority" => fields.priority = Some(priority(&value)?),
        _ => return Err(Error::usage("unknown field").because(Reason::ArgumentsInvalid)),
    }
    let edit = ItemEdit {
        fields,
        ..ItemEdit::default()
    };
    call.pm()?.tasks().edit(id, &edit)?;
    see_back(&form, item_path(id))
}

fn make(call: &Call, verb: Move, text: Option<&str>) -> Result<()> {
    let pm = match verb.sends() {
        true => call.pm_to_push()?,
        false => call.pm()?,
    };
    pm.tasks().make_move(call.part("id"), verb, text)
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
    see_back(&form, item_path(&item.id))
}
