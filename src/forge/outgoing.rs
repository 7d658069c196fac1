//! Items that changed here, to their issues. Each is read again before it is written.

use serde_json::Value as Json;

use super::change_item::here;
use super::create::TITLE_MAX;
use super::incoming::{Taken, add_blockers, take_one};
use super::mirror::Mirror;
use super::record::each;
use super::sync::Session;
use super::three_way::{
    BLOCKED_BY, BODY, Fields, LABELS, MILESTONE, PARENT, RELATIONS, TITLE, compare, numbers_of,
    text, texts_of,
};
use super::{RemoteIssue, is_refusal, mark};
use crate::coordinate::privacy::Privacy;
use crate::error::{Reason, Result};
use crate::model::uid::Uid;
use crate::secret;

/// The number of issues after which what was sent is recorded.
const CHUNK: usize = 20;

/// Sends items that [`changed`]. What the forge has changed meanwhile is taken first.
pub(super) fn push(session: &mut Session<'_>, changed: &[(Uid, u64)]) -> Result<()> {
    for chunk in changed.chunks(CHUNK) {
        each(session, chunk, |session, (uid, number)| {
            let mirror = push_one(session, uid, *number)?;
            Ok(mirror.map(|mirror| (uid.clone(), mirror)))
        })?;
    }
    Ok(())
}

/// The mirrored items that differ from what both sides agreed on.
pub(super) fn changed(session: &mut Session<'_>) -> Result<Vec<(Uid, u64)>> {
    let state = session.pm.store.state()?;
    let mut out = Vec::new();
    let mut notes = Vec::new();
    let privacy = Privacy::of(session.pm)?;
    for (uid, number) in &session.known.numbers {
        let Some((doc, item)) = state.doc(uid).zip(state.item(uid)) else {
            continue;
        };
        let Some(mirror) = Mirror::of(doc, &session.key).filter(|one| !one.gone) else {
            continue;
        };
        if let Some(why) = privacy.reason(&state, item) {
            let text = format!("stays here from now on ({why})");
            notes.push((state.shown_id(item), text));
            continue;
        }
        if doc.body.is_conflicted() {
            let id = state.shown_id(item);
            let text = format!("has two versions of its text: `git pm conflicts {id}`");
            notes.push((id, text));
        }
        let ours = here(&session.known, doc, item, &mirror.seen);
        let is_new = |(field, value): (&String, &Json)| {
            let is_in_conflict = mirror.theirs.contains_key(field);
            let is_refused = mirror.refused.get(field) == Some(value);
            let is_known = mirror.seen.get(field) == Some(value);
            // Without a base a field is new unless it says nothing.
            !is_known
                && !is_refused
                && !is_in_conflict
                && (mirror.seen.contains_key(field) || !value.is_null())
        };
        // One in conflict is looked at again: it may have been resolved there.
        if ours.iter().any(is_new) || !mirror.theirs.is_empty() {
            out.push((uid.clone(), *number));
        }
    }
    out.sort_by_key(|(_, number)| *number);
    drop(state);
    for (id, message) in notes {
        session.report.note(id, message);
    }
    Ok(out)
}

/// Sends one item; its mirror afterwards, unless nothing was to be sent.
fn push_one(session: &mut Session<'_>, uid: &Uid, number: u64) -> Result<Option<Mirror>> {
    let Some(mut issue) = session.forge.issue(number)? else {
        let (id, place) = (session.name(uid)?, session.place(number));
        let text = format!("{place} is no longer there; the item stays as it is");
        session.report.note(id, text);
        let state = session.pm.store.state()?;
        let mut mirror = state.doc(uid).and_then(|doc| Mirror::of(doc, &session.key));
        mirror.iter_mut().for_each(|mirror| mirror.gone = true);
        return Ok(mirror);
    };
    add_blockers(session, &mut issue)?;
    let pm = session.pm;
    let mut done = Taken::default();
    pm.write("github pull").unsent().run(|tx| {
        done = Taken::default();
        for relations in [false, true] {
            if session.is_taken {
                take_one(session, tx, uid, &issue, relations, &mut done)?;
            }
        }
        let place = session.place(number);
        tx.describe("github pull", &[], &place);
        Ok(())
    })?;
    done.count(session);
    let state = pm.store.state()?;
    let Some((doc, item)) = state.doc(uid).zip(state.item(uid)) else {
        return Ok(None);
    };
    let mut mirror = session.mirror(doc);
    let ours = here(&session.known, doc, item, &mirror.seen);
    let id = state.shown_id(item);
    // What was refused counts only as long as it is the same.
    mirror
        .refused
        .retain(|field, value| ours.get(field) == Some(value));
    let mut send = compare(&mirror.seen, &ours, &issue.fields).send;
    send.retain(|field, value| mirror.refused.get(field) != Some(value));
    for (field, why) in unsendable(&send) {
        let text = format!("its {field} {why}, and was not sent");
        session.report.note(&id, text);
        send.remove(field);
    }
    if send.is_empty() {
        return Ok(None);
    }
    let answer = match write(session, &issue, &send) {
        // One that is refused does not stop the others, and is not sent again as it is.
        Err(error) if is_refusal(&error) => {
            let mut last = None;
            for (field, value) in std::mem::take(&mut send) {
                let one = Fields::from_iter([(field.clone(), value.clone())]);
                match write(session, &issue, &one) {
                    Ok(answer) => {
                        send.extend(one);
                        last = Some(answer);
                    }
                    Err(error) if is_refusal(&error) => {
                        let text = format!("its {field} was not taken: {}", error.message());
                        session.report.note(&id, text);
                        if error.reason() == Reason::ForgeRefused {
                            mirror.refused.insert(field, value);
                        }
                    }
                    Err(error) => return Err(error),
                }
            }
            match last {
                Some(answer) => answer,
                None => return Ok(Some(mirror)),
            }
        }
        done => done?,
    };
    for (field, value) in &send {
        let got = answer.fields.get(field).unwrap_or(&Json::Null);
        mirror.seen.insert(field.clone(), got.clone());
        mirror.refused.remove(field);
        if got != value {
            mirror.refused.insert(field.clone(), value.clone());
            let text = format!("GitHub did not take its {field} as it was sent");
            session.report.note(&id, text);
        }
    }
    session.report.changed_there += 1;
    Ok(Some(mirror))
}

/// The texts that cannot be sent, each with the reason.
fn unsendable(fields: &Fields) -> Vec<(&'static str, &'static str)> {
    let all = [BODY, TITLE, MILESTONE].into_iter();
    let why = |field: &'static str| {
        let text = text(fields, field)?;
        if !secret::scan(text).is_empty() {
            return Some((field, "seems to have a secret"));
        }
        let fits = field != TITLE || text.chars().count() <= TITLE_MAX;
        (!fits || !mark::fits(text)).then_some((field, "is longer than an issue can have"))
    };
    all.filter_map(why).collect()
}

/// Writes fields and relations, and reads back what the forge made of them.
fn write(session: &Session<'_>, issue: &RemoteIssue, send: &Fields) -> Result<RemoteIssue> {
    let mut plain = send.clone();
    plain.retain(|field, _| !RELATIONS.contains(&field.as_str()));
    if let Some(labels) = plain.get_mut(LABELS) {
        // Those that have no place here stay.
        let known: Vec<&str> = texts_of(issue.fields.get(LABELS)).collect();
        let all = issue.labels.iter().map(String::as_str);
        let foreign = all.filter(|one| !known.contains(one));
        let all: Vec<&str> = texts_of(Some(labels)).chain(foreign).collect();
        *labels = all.into();
    }
    let forge = &session.forge;
    let mut answer = match plain.is_empty() {
        true => issue.clone(),
        false => forge.update(issue.number, &plain, issue.mark.as_ref())?,
    };
    let blocked = issue.fields.get(BLOCKED_BY);
    let put = blocked.cloned().unwrap_or(Json::Null);
    answer.fields.insert(BLOCKED_BY.into(), put);
    if let Some(parent) = send.get(PARENT) {
        let old = issue.fields.get(PARENT).and_then(Json::as_u64);
        let old = old.filter(|number| session.known.items.contains_key(number));
        match (parent.as_u64(), old) {
            (Some(parent), _) => forge.set_parent(issue.id, parent, true)?,
            (None, Some(old)) => forge.set_parent(issue.id, old, false)?,
            (None, None) => {}
        }
    }
    if let Some(wanted) = send.get(BLOCKED_BY) {
        let (old, new) = (numbers_of(blocked), numbers_of(Some(wanted)));
        for other in old.symmetric_difference(&new) {
            if let Some((_, id)) = session.known.items.get(other) {
                forge.set_blocked(issue.number, *id, new.contains(other))?;
            }
        }
    }
    if RELATIONS.iter().any(|field| send.contains_key(*field)) {
        let read = forge.issue(issue.number)?;
        let mut read = read.ok_or_else(|| super::unexpected("issue"))?;
        add_blockers(session, &mut read)?;
        return Ok(read);
    }
    Ok(answer)
}
