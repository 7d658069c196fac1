//! The recipients of a message, resolved from what a sender types to the elements of its `to`.

use std::collections::BTreeSet;

use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::Doc;
use crate::model::limits::ACTOR_NAME_MAX;
use crate::model::message::{ALL, ROLE};
use crate::model::text::{self, is_same_name};
use crate::pm::Pm;
use crate::store::history::walk;
use crate::store::state::State;

/// The maximum number of recipients of a message; `all` and roles count as one.
const MAX_RECIPIENTS: usize = 50;

/// The maximum number of names that are suggested.
const SUGGESTED: usize = 5;

/// The recipients that some texts name: an actor, `role:NAME`, `owner:ID`, `all`. A text with
/// commas names several, or else the one known actor with that name. An actor who never wrote
/// or received anything is unknown; with `new` that is no error.
///
/// It may read the whole history, so it is not called within a write.
///
/// # Errors
/// When a name is unknown or not valid, an item does not exist or has no owner, or there are
/// too many.
pub(crate) fn recipients(pm: &Pm, named: &[String], new: bool) -> Result<BTreeSet<String>> {
    let state = &pm.store.snapshot()?;
    let mut out = BTreeSet::new();
    let mut known: Option<BTreeSet<String>> = None;
    let all = || known_actors(pm, state);
    for text in named {
        let each = text.split(',').map(|name| {
            let name = name.trim();
            Ok(match name.split_once(':') {
                _ if name.eq_ignore_ascii_case("all") || name == ALL => ALL.into(),
                Some(("role", role)) => format!("{ROLE}{}", checked(role)?),
                Some(("owner", id)) => owner(state, id)?,
                _ => {
                    let name = checked(name)?;
                    match new {
                        true => name,
                        false => known_as(pm, name, known.get_or_insert_with(all))?,
                    }
                }
            })
        });
        match each.collect::<Result<Vec<String>>>() {
            Ok(each) => out.extend(each),
            // The search for a part has found more names.
            Err(_) if known.as_ref().is_some_and(|all| all.contains(text.trim())) => {
                out.insert(checked(text)?);
            }
            Err(error) => return Err(error),
        }
    }
    if out.is_empty() {
        return Err(Error::usage("no recipient was given").hint(Hint::run(
            ["msg", "send", "--to", "NAME", "SUBJECT", "TEXT"],
            "sends to an actor; `role:NAME`, `owner:ID` and `all` are also valid recipients",
        )));
    }
    if out.len() > MAX_RECIPIENTS {
        return Err(Error::usage(format!(
            "the message has {} recipients; the limit is {MAX_RECIPIENTS}",
            out.len()
        ))
        .hint("send it to `all` or to a role"));
    }
    Ok(out)
}

/// As [`recipients`], for a verb that takes `--new` too; `does` says what it does to an actor.
///
/// # Errors
/// As [`recipients`].
pub(crate) fn asked(pm: &Pm, named: &[String], new: bool, does: &str) -> Result<BTreeSet<String>> {
    let helps = format!("`--new` {does} an actor who has not written anything yet");
    let is_word = |hint: &Hint| hint.command.is_none();
    recipients(pm, named, new).map_err(|error| match error.reason() {
        Reason::MsgUnknownRecipient => error.hints_where(is_word).hint(helps),
        _ => error,
    })
}

/// The actors that occur in the items and messages of the state.
pub(crate) fn known_actors(pm: &Pm, state: &State<'_>) -> BTreeSet<String> {
    let mut known: BTreeSet<String> = state
        .correspondents()
        .into_iter()
        .filter_map(|name| Some(name.split('\n').next()?.to_string()))
        .filter(|name| name != ALL && !name.starts_with(ROLE))
        .collect();
    let me = pm.writer("msg");
    known.extend(
        [me.name, text::actor(&me.identity)]
            .into_iter()
            .chain(me.own),
    );
    for item in state.items() {
        let owners = [&item.assignee, &item.created_by].into_iter().flatten();
        known.extend(owners.cloned());
        for claim in &item.claims {
            known.insert(claim.actor.clone());
            known.extend(claim.agent.clone());
        }
    }
    known.remove("");
    known
}

/// The one of some names that a typed one is of: the same, or else one that differs only in case.
pub(crate) fn spelled_as<'k>(name: &str, known: &'k BTreeSet<String>) -> Option<&'k String> {
    let same = || known.iter().find(|one| is_same_name(one, name));
    known.get(name).or_else(same)
}

/// The known actor of a name.
fn known_as(pm: &Pm, name: String, known: &mut BTreeSet<String>) -> Result<String> {
    if let Some(found) = spelled_as(&name, known) {
        return Ok(found.clone());
    }
    // Rarely needed: an actor who has only edited.
    if let Ok(tip) = pm.store.require_tip() {
        let _ = walk(pm.store.repo(), tip, |commit| {
            let agent = commit.trailer("PM-Agent");
            let names = [Some(commit.actor()), agent].into_iter().flatten();
            known.extend(names.filter(|name| !name.is_empty()).map(text::actor));
            Ok(!known.contains(&name))
        });
    }
    if let Some(found) = spelled_as(&name, known) {
        return Ok(found.clone());
    }
    let name = name.as_str();
    let error = Error::not_found(format!("no actor is known as {name}"))
        .because(Reason::MsgUnknownRecipient)
        .about(name);
    let mut near = text::similar_names(name, known.iter().map(String::as_str));
    near.truncate(SUGGESTED);
    let error = match near.is_empty() {
        true => error,
        false => error.hint(format!("did you mean {}?", near.join(", "))),
    };
    Err(error.hint(Hint::run(
        ["msg", "send", "--new", "--to", name, "SUBJECT", "TEXT"],
        "sends to an actor who has not written anything yet",
    )))
}

/// The valid recipients of a message, which another program may have written.
pub(super) fn of(doc: &Doc) -> BTreeSet<String> {
    let name = |to: &str| checked(to.strip_prefix(ROLE).unwrap_or(to));
    let valid = doc.elements("to").filter(|to| name(to).is_ok());
    valid.take(MAX_RECIPIENTS).map(str::to_string).collect()
}

/// A name of an actor or role.
fn checked(name: &str) -> Result<String> {
    let name = name.trim();
    let bad = |c: char| text::steers(c) || matches!(c, '<' | '>');
    if name.is_empty() || name.chars().count() > ACTOR_NAME_MAX || name.contains(bad) {
        let shown = text::excerpt(name, 40);
        return Err(Error::usage(format!("`{shown}` is not a valid recipient"))
            .because(Reason::MsgInvalidRecipient)
            .hint("a recipient is the name of an actor, `role:NAME`, `owner:ID` or `all`"));
    }
    Ok(name.to_string())
}

/// The actor who holds an item or is assigned to it.
fn owner(state: &State<'_>, id: &str) -> Result<String> {
    let item = state.find(id)?;
    let id = state.shown_id(item);
    item.owner().map(str::to_string).ok_or_else(|| {
        Error::refused(format!("{id} has no owner to send the message to"))
            .because(Reason::MsgNoOwner)
            .about(&id)
            .hint(Hint::run(["show", &id], "shows the item"))
            .hint("`--to all` sends it to everyone")
    })
}
