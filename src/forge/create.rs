//! Issues made from items: the intent is in the state, and at the remote, before the call.

use std::collections::{BTreeMap, BTreeSet};

use super::change_item::here;
use super::incoming;
use super::mirror::Mirror;
use super::record::{each, intend};
use super::report::LeftOutField;
use super::sync::{Session, SyncRequest};
use super::three_way::{ASSIGNEE, BLOCKED_BY, Fields, OPEN, PARENT, STATE, numbers};
use super::{RemoteIssue, is_refusal, mark};
use crate::coordinate::privacy::Privacy;
use crate::error::{Reason, Result};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::secret;
use crate::store::state::State;

/// The number of issues that are intended, made and recorded together.
const CHUNK: usize = 20;

/// What an issue has no place for.
const UNPLACED: [&str; 14] = [
    "acceptance",
    "acceptance_criteria",
    "defer_until",
    "design",
    "due_at",
    "estimate",
    "notes",
    "paths",
    "priority",
    "reason",
    "risk",
    "scope_overrides",
    "stream",
    "validation",
];

/// The items that would become issues, oldest first, with what of them has no place there.
pub(super) fn candidates(session: &mut Session<'_>, request: &SyncRequest) -> Result<Vec<Uid>> {
    let pm = session.pm;
    let state = pm.store.state()?;
    let privacy = Privacy::of(pm)?;
    let replica = pm.store.replica()?.to_string();
    let now_ms = pm.now_ms();
    let within = within(&state, &request.id)?;
    let mut out = Vec::new();
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    let mut notes = Vec::new();
    let mut has_doubt = false;
    for item in state.every_item() {
        let is_wanted = within.as_ref().is_none_or(|all| all.contains(&item.uid));
        let is_fit = session.known.rule.kinds.contains(&item.kind)
            && !item.deleted
            && !item.issue.ephemeral
            && item.status != Status::Proposed
            && (request.all || !item.status.is_closed());
        if !is_wanted || !is_fit || session.known.numbers.contains_key(&item.uid) {
            continue;
        }
        let Some(doc) = state.doc(&item.uid) else {
            continue;
        };
        let mirror = Mirror::of(doc, &session.key);
        let may_make = Mirror::may_make(mirror.as_ref(), &replica, now_ms);
        let mirror = mirror.unwrap_or_default();
        if !may_make && (mirror.number.is_some() || mirror.gone) {
            continue;
        }
        let is_refused =
            || !mirror.refused.is_empty() && mirror.refused == fresh(session, doc, item);
        let private = || Some(format!("stays here ({})", privacy.reason(&state, item)?));
        let why = if !may_make {
            Some("is being made by another clone".to_string())
        } else if is_refused() {
            Some("was refused as it is".to_string())
        } else {
            has_doubt |= mirror.intent.is_some();
            private().or_else(|| problem(doc, item).map(str::to_string))
        };
        if let Some(why) = why {
            notes.push((state.shown_id(item), why));
            continue;
        }
        for field in UNPLACED {
            let has = !doc.value(field).is_null()
                || doc.records.contains_key(field)
                || doc.elements(field).next().is_some();
            if has {
                *left.entry(field).or_default() += 1;
            }
        }
        out.push((item.age, item.uid.clone()));
    }
    out.sort();
    let mut uids: Vec<Uid> = out.into_iter().map(|(_, uid)| uid).collect();
    let left_out = left.into_iter().map(|(field, items)| LeftOutField {
        field: field.into(),
        items,
    });
    session.report.left_out = left_out.collect();
    for (id, why) in notes {
        session.report.note(id, why);
    }
    if !has_doubt || session.dry_run {
        return Ok(uids);
    }
    // A clone that meant to make one may have made it, and been stopped.
    drop(state);
    incoming::look_for_made(session)?;
    uids.retain(|uid| !session.known.numbers.contains_key(uid));
    Ok(uids)
}

/// The items that are named, with all their parts; none for all items.
fn within(state: &State<'_>, ids: &[String]) -> Result<Option<BTreeSet<Uid>>> {
    if ids.is_empty() {
        return Ok(None);
    }
    let mut todo = Vec::new();
    for id in ids {
        todo.push(state.find(id)?.uid.clone());
    }
    let mut all = BTreeSet::new();
    while let Some(uid) = todo.pop() {
        if all.insert(uid.clone()) {
            let parts = state.children(&uid).into_iter();
            todo.extend(parts.map(|part| part.uid.clone()));
        }
    }
    Ok(Some(all))
}

/// Why an item cannot become an issue.
fn problem(doc: &Doc, item: &Item) -> Option<&'static str> {
    let text = doc.body.text();
    if doc.body.is_conflicted() {
        return Some("has two versions of its text; `git pm conflicts` shows them");
    }
    if !secret::scan(&item.title).is_empty() || !secret::scan(text).is_empty() {
        return Some("seems to have a secret, and was not sent");
    }
    if !mark::fits(text) || item.title.chars().count() > TITLE_MAX {
        return Some("is longer than an issue can be");
    }
    None
}

/// The longest title of an issue, in characters.
pub(super) const TITLE_MAX: usize = 256;

/// Makes issues of items.
pub(super) fn make(session: &mut Session<'_>, wanted: &[Uid]) -> Result<()> {
    for chunk in wanted.chunks(CHUNK) {
        let intended = intend(session, chunk, |tx, uid| {
            let found = tx.state.doc(uid).zip(tx.state.item(uid));
            found.map_or(Fields::new(), |(doc, item)| fresh(session, doc, item))
        })?;
        each(session, intended, make_one)?;
    }
    Ok(())
}

/// Makes the issue of an item; returns what both sides agree on then.
fn make_one(
    session: &mut Session<'_>,
    (uid, intended): (Uid, Mirror),
) -> Result<Option<(Uid, Mirror)>> {
    let mirror = match created(session, &intended.seen, &uid) {
        Ok(issue) => {
            let mut mirror = Mirror::made(issue.number, issue.id, intended.seen);
            // What the forge made of it: an assignee without access is left out there.
            for (field, got) in issue.fields {
                if let Some(sent) = mirror.seen.get_mut(&field).filter(|sent| **sent != got) {
                    let sent = std::mem::replace(sent, got);
                    mirror.refused.insert(field, sent);
                }
            }
            if !mirror.refused.is_empty() {
                let names: Vec<&str> = mirror.refused.keys().map(String::as_str).collect();
                let text = format!("GitHub did not take its {} as sent", names.join(", "));
                session.report.note(session.name(&uid)?, text);
            }
            session.report.created_there += 1;
            session.known.learn(&uid, issue.number, issue.id);
            mirror
        }
        Err(error) if is_refusal(&error) => {
            session.report.note(session.name(&uid)?, error.message());
            let mut mirror = Mirror::default();
            // It is not tried again as it is; another token may do what this one may not.
            if error.reason() == Reason::ForgeRefused {
                mirror.refused = intended.seen;
            }
            mirror
        }
        Err(error) => return Err(error),
    };
    Ok(Some((uid, mirror)))
}

/// Makes an issue; without its assignee, if the forge refuses that.
fn created(session: &Session<'_>, fields: &Fields, uid: &Uid) -> Result<RemoteIssue> {
    match session.forge.create(fields, uid) {
        Err(error)
            if is_refusal(&error) && fields.get(ASSIGNEE).is_some_and(|one| !one.is_null()) =>
        {
            let mut plain = fields.clone();
            plain.remove(ASSIGNEE);
            session.forge.create(&plain, uid)
        }
        done => done,
    }
}

/// What a new issue of an item says: it begins open and alone.
fn fresh(session: &Session<'_>, doc: &Doc, item: &Item) -> Fields {
    let mut fields = here(&session.known, doc, item, &Fields::new());
    fields.insert(STATE.into(), OPEN.into());
    fields.insert(PARENT.into(), serde_json::Value::Null);
    fields.insert(BLOCKED_BY.into(), numbers([]));
    fields
}
