//! Starts the work on an issue of the linked repository: reads that issue alone, and starts its item.

use std::collections::BTreeSet;

use super::RemoteIssue;
use super::incoming;
use super::link;
use super::new_item::PROPOSED;
use super::sync::Session;
use super::three_way::{OPEN, STATE, text};
use crate::coordinate::gate::forge_rule::Direction;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::ItemKind;
use crate::model::issue_name::IssueName;
use crate::model::status::Status;
use crate::model::stop::Stop;
use crate::model::text::{excerpt, one_line};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Forges;
use crate::pm::who_acts::require_human;
use crate::work::task::start::options::{StartOptions, Started};
use crate::work::task::status_verbs::undefer_in;

impl Forges<'_> {
    /// Starts an item, which can be named by its issue: `gh:12`, `gh:OWNER/NAME#12`, or the address of the issue.
    /// Then, unless the caller is offline, the issue is read first, and an item made of it if it has none. A human
    /// who starts what somebody from outside asks for accepts it. With another name no forge is asked.
    ///
    /// # Errors
    /// As [`Tasks::start_or_keep`](crate::pm::handles::Tasks::start_or_keep); also when the issue is of another repository than the
    /// linked one, closed, gone or a pull request, and when an agent starts what was not accepted.
    pub fn start(&self, id: &str, options: &StartOptions) -> Result<Started> {
        let pm = self.pm;
        let Some(name) = IssueName::parse(id).filter(|_| !pm.options.offline) else {
            return pm.tasks().start_or_keep(id, options);
        };
        {
            let state = pm.store.state()?;
            // What was imported from another tracker can have such an id there.
            if link::read(&state).is_none() && state.find(id).is_ok() {
                return pm.tasks().start_or_keep(id, options);
            }
        }
        let (uid, waits_for) = item_of(pm, &name)?;
        let mut started = pm.tasks().start_or_keep(uid.as_str(), options)?;
        let waits_for = waits_for.into_iter().map(|number| {
            format!("the issue waits for #{number}, which has no item here: `git pm github pull`")
        });
        started.warnings.extend(waits_for);
        Ok(started)
    }
}

/// The item of an issue, made if there is none; and what the issue waits for and has no item here.
fn item_of(pm: &Pm, name: &IssueName) -> Result<(Uid, BTreeSet<u64>)> {
    let link = link::confirmed(pm)?;
    if !name.is_of(&link.host, &link.owner, &link.name) {
        let named = name.repository.as_deref().unwrap_or_default();
        let (link, named) = (link.shown(), excerpt(&one_line(named), 100));
        let text = format!("this project is linked to {link}, not to {named}");
        let (link, import) = (
            "links another repository",
            "makes items of its issues without a link",
        );
        return Err(Error::refused(text)
            .because(Reason::ForgeElsewhere)
            .hint(Hint::run(["github", "link", "OWNER/NAME"], link))
            .hint(Hint::run(["import", "github", "OWNER/NAME"], import)));
    }
    if link::rule(pm)?.direction == Direction::Push {
        let message = "no issue becomes an item here: `github.direction` of .pm.toml is push";
        return Err(Error::refused(message).hint("change it to both or pull"));
    }
    let mut session = Session::open(pm, link, false)?;
    session.is_taken = true;
    session.learn()?;
    let issue = open_issue(&session, name.number)?;
    let waits_for = incoming::pull_one(&mut session, issue.clone())?;
    session.keep_read()?;
    let Some((uid, _)) = session.known.items.get(&issue.number).cloned() else {
        let why = session.report.notes.first();
        let why = why.map_or("has no item", |note| note.message.as_str());
        let message = format!("{} {why}", session.place(issue.number));
        return Err(Error::refused(message).because(Reason::ForgeIssue));
    };
    accept(&session, &uid, &issue)?;
    Ok((uid, waits_for))
}

/// The issue with a number.
///
/// # Errors
/// When it is closed, not there, or a pull request.
fn open_issue(session: &Session<'_>, number: u64) -> Result<RemoteIssue> {
    let (what, next) = match session.forge.issue(number)? {
        Some(issue) if text(&issue.fields, STATE) == Some(OPEN) => {
            return Ok(issue);
        }
        Some(_) => ("is closed", "reopen it at GitHub first"),
        None if session.forge.is_pull_request(number)? => {
            ("is a pull request", "name the issue that it belongs to")
        }
        None => (
            "is not there: it was deleted or moved, or never made",
            "check the number, and that the token can read the issues",
        ),
    };
    let place = session.place(number);
    Err(Error::refused(format!("{place} {what}"))
        .because(Reason::ForgeIssue)
        .about(place)
        .hint(next))
}

/// Lets in what somebody from outside asks for, if nobody has yet.
fn accept(session: &Session<'_>, uid: &Uid, issue: &RemoteIssue) -> Result<()> {
    let pm = session.pm;
    let (kind, shown) = {
        let state = pm.store.state()?;
        let Some((doc, item)) = state.doc(uid).zip(state.item(uid)) else {
            return Ok(());
        };
        let is_waiting = match item.kind {
            // Deferred when it was made, and by nobody of the project.
            ItemKind::Task => {
                !issue.is_insider
                    && item.status == Status::Deferred
                    && Stop::of(doc, item, pm.now_ms()).is_none()
            }
            _ => item.status.as_str() == PROPOSED,
        };
        if !is_waiting {
            return Ok(());
        }
        (item.kind, state.shown_id(item))
    };
    let what = format!("accepting {shown}, which someone outside the project asked for,");
    let next = format!("ask a human to run `git pm start gh:{}`", issue.number);
    require_human(&pm.actor, &what, next)?;
    pm.write("github start").unsent().run(|tx| {
        if kind == ItemKind::Task {
            return undefer_in(pm, tx, uid.as_str()).map(drop);
        }
        tx.edit(uid, |doc, clock| doc.set("status", OPEN, clock))?;
        let text = format!("{shown}: accepted by {}", tx.actor());
        tx.describe("github start", &[&shown], &text);
        Ok(())
    })
}
