//! Comments on mirrored items, both ways.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::RemoteComment;
use super::incoming::is_ours;
use super::mirror::Mirror;
use super::new_item::author;
use super::record::{each, intend, put};
use super::sync::Session;
use super::three_way::{Fields, text};
use super::{is_refusal, mark};
use crate::bridge::stamp_of_record;
use crate::coordinate::privacy::Privacy;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::id::ItemRef;
use crate::model::stamp::parse_rfc3339;
use crate::model::uid::Uid;
use crate::secret;
use crate::store::transaction::Tx;

/// The number of comments in one commit.
const CHUNK: usize = 100;

/// The field of a comment.
const TEXT: &str = "text";

/// Reads comments that changed, and writes them into the state if they are taken.
pub(super) fn pull(session: &mut Session<'_>) -> Result<()> {
    let since = session.read.comments.clone();
    let mut changed = session
        .forge
        .comments(since.as_deref(), session.read.comments_tag.as_deref())?;
    if session.imports {
        changed.items.iter_mut().for_each(|one| one.mark = None);
    }
    // One on an issue that is newer than the list of issues is read the next time, with its issue.
    let is_early = |one: &&RemoteComment| {
        !session.known.items.contains_key(&one.issue)
            && Some(&one.updated_at) >= session.read.issues.as_ref()
    };
    let early = changed.items.iter().filter(is_early);
    let early = early.map(|one| one.updated_at.clone()).min();
    let until = (changed.until).map(|until| early.map_or(until.clone(), |early| until.min(early)));
    let newest = until.max(session.read.comments.take());
    for chunk in changed.items.chunks(CHUNK) {
        let pm = session.pm;
        let mut taken = 0;
        if session.dry_run {
            let known = &session.known;
            let is_new = |one: &&RemoteComment| {
                known.items.contains_key(&one.issue) && !known.comments.contains_key(&one.id)
            };
            taken = chunk.iter().filter(is_new).count();
        } else {
            pm.write("github pull").unsent().run(|tx| {
                taken = 0;
                for comment in chunk {
                    taken += usize::from(take(session, tx, comment)?);
                }
                let what = format!("{}: comments", session.link.shown());
                tx.describe("github pull", &[], &what);
                Ok(())
            })?;
        }
        session.report.comments_here += taken;
    }
    let is_same = newest == since;
    session.read.comments = newest;
    session.read.comments_tag = changed.tag.filter(|_| is_same);
    Ok(())
}

/// Writes a comment into the state; true if it is new or changed.
fn take(session: &Session<'_>, tx: &mut Tx<'_>, comment: &RemoteComment) -> Result<bool> {
    let is_taken = session.is_taken;
    let Some((item, _)) = session.known.items.get(&comment.issue) else {
        return Ok(false);
    };
    let mut mirror = mirror_of(comment);
    let key = session.key.clone();
    let is_ours = is_ours(session, &comment.author, comment.is_insider);
    let ours = comment.mark.as_ref().filter(|_| is_ours);
    let derived = Uid::derived(&["github", "comment", &key, &comment.id.to_string()]);
    // What is known by its id stays that, whatever became of its mark. A mark names a comment that is here and
    // has no other id; any other document stays what it is.
    let uid = match (session.known.comments.get(&comment.id), ours) {
        (Some(uid), _) => uid.clone(),
        (None, Some(uid)) if tx.state.loaded(uid).is_none() => return Ok(false),
        (None, Some(uid)) => {
            let doc = tx.state.doc(uid).filter(|doc| doc.kind == "comment");
            let present = doc.map(|doc| Mirror::of(doc, &key).unwrap_or_default());
            match present.is_some_and(|one| one.id.is_none_or(|id| id == comment.id)) {
                true => uid.clone(),
                false => derived,
            }
        }
        (None, None) => derived,
    };
    let Some(doc) = tx.state.doc(&uid) else {
        if is_taken {
            insert(session, tx, uid, item, comment, &mirror)?;
        }
        return Ok(is_taken);
    };
    if doc.purged {
        return Ok(false);
    }
    let seen = session.mirror(doc).seen;
    let is_edited = is_taken && text(&seen, TEXT).is_some_and(|was| was != comment.text);
    // What is not taken stays to be taken.
    if !is_taken && !seen.is_empty() {
        mirror.seen = seen;
    }
    put(tx, &uid, &key, &mirror)?;
    if is_edited {
        let text = without_author(&comment.text);
        tx.edit_settled(&uid, |doc, clock| doc.body.write_over_shown(text, clock))?;
    }
    Ok(is_edited)
}

fn insert(
    session: &Session<'_>,
    tx: &mut Tx<'_>,
    uid: Uid,
    item: &Uid,
    comment: &RemoteComment,
    mirror: &Mirror,
) -> Result<()> {
    let Some(item) = tx.state.item(item).cloned() else {
        return Ok(());
    };
    let at = parse_rfc3339(&comment.updated_at);
    let now_ms = session.pm.now_ms();
    let at_ms = at.unwrap_or(now_ms).min(now_ms);
    let mut doc = Doc::new(uid, "comment", "", stamp_of_record(at_ms, &comment.text));
    doc.put("item", ItemRef::to(&item.born, &item.uid).to_string());
    let author = author(session, &comment.author, comment.is_insider);
    doc.put("author", author);
    doc.put("created_at", comment.created_at.as_str());
    doc.put_body(&comment.text);
    mirror.put(&mut doc, &session.key);
    tx.insert(doc)
}

/// The comments that the forge does not have, on items that have an issue, or are about to: comment, item.
pub(super) fn unsent(session: &Session<'_>, wanted: &[Uid]) -> Result<Vec<(Uid, Uid)>> {
    let pm = session.pm;
    let state = pm.store.state()?;
    let replica = pm.store.replica()?.to_string();
    let privacy = Privacy::of(pm)?;
    let wanted: BTreeSet<&Uid> = wanted.iter().collect();
    let mut out = BTreeMap::new();
    for (uid, loaded) in state.comment_docs() {
        let doc = &loaded.doc;
        let item = doc.text("item").and_then(|item| ItemRef::parse(item).uid);
        let Some(item) = item.filter(|_| doc.is_live()) else {
            continue;
        };
        let is_there = session.known.numbers.contains_key(&item) || wanted.contains(&item);
        let is_private = |item| privacy.reason(&state, item).is_some();
        let of_item = state.doc(&item).map(|doc| session.mirror(doc));
        if !is_there
            || state.item(&item).is_none_or(is_private)
            || of_item.is_some_and(|one| one.gone)
        {
            continue;
        }
        let mirror = session.mirror(doc);
        let is_old = mirror.id.is_some();
        let intended = mirror.intent.is_some().then_some(&mirror);
        let text = doc.body.text();
        if !is_old
            && Mirror::may_make(intended, &replica, pm.now_ms())
            && !text.trim().is_empty()
            && mark::fits(&with_author(doc))
            && secret::scan(text).is_empty()
        {
            out.insert((doc.birth.clone(), uid.clone()), item);
        }
    }
    let out = out.into_iter();
    Ok(out.map(|((_, uid), item)| (uid, item)).collect())
}

/// Sends comments that the forge does not have.
pub(super) fn push(session: &mut Session<'_>) -> Result<()> {
    let all = unsent(session, &[])?;
    for chunk in all.chunks(CHUNK) {
        let uids: Vec<Uid> = chunk.iter().map(|(uid, _)| uid.clone()).collect();
        let intended = intend(session, &uids, |_, _| Fields::new())?;
        let is_ours = |uid: &Uid| intended.iter().any(|(intended, _)| intended == uid);
        let ours = chunk.iter().filter(|(uid, _)| is_ours(uid));
        each(session, ours, |session, (uid, item)| {
            let state = session.pm.store.state()?;
            let (Some(number), Some(doc)) = (session.known.numbers.get(item), state.doc(uid))
            else {
                return Ok(None);
            };
            match session.forge.comment(*number, &with_author(doc), uid) {
                Ok(mut comment) => {
                    session.report.comments_there += 1;
                    comment.issue = *number;
                    Ok(Some((uid.clone(), mirror_of(&comment))))
                }
                Err(error) if is_refusal(&error) => {
                    let text = format!("a comment was not sent: {}", error.message());
                    session.report.note(session.name(item)?, text);
                    Ok(None)
                }
                Err(error) => Err(error),
            }
        })?;
    }
    Ok(())
}

/// What both sides agree on about a comment.
fn mirror_of(comment: &RemoteComment) -> Mirror {
    let text = Json::from(comment.text.as_str());
    let seen = Fields::from_iter([(TEXT.to_string(), text)]);
    Mirror::made(comment.issue, comment.id, seen)
}

/// Between the name of its author and a comment.
const SAYS: &str = " (git pm):\n\n";

/// A comment as it is sent: everything there is written by one login, so its author is named.
fn with_author(doc: &Doc) -> String {
    let author = doc.text("agent").or_else(|| doc.text("author"));
    let is_plain = |c: &char| !"*_`<>@[]\\".contains(*c) && !c.is_control();
    let author: String = author
        .unwrap_or("somebody")
        .chars()
        .filter(is_plain)
        .collect();
    format!("**{author}**{SAYS}{}", doc.body.text().trim_end())
}

fn without_author(text: &str) -> &str {
    match text.split_once(SAYS) {
        Some((author, rest)) if author.starts_with("**") && !author.contains('\n') => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_names_its_author_and_comes_back_without() {
        let mut doc = Doc::new(Uid::derived(&["x"]), "comment", "", stamp_of_record(1, ""));
        doc.put("author", "Ana @everyone **x**");
        doc.put_body("One\n\n(git pm):\n\ntwo\n");
        let sent = with_author(&doc);
        assert_eq!(
            sent,
            "**Ana everyone x** (git pm):\n\nOne\n\n(git pm):\n\ntwo"
        );
        assert_eq!(without_author(&sent), "One\n\n(git pm):\n\ntwo");
        assert_eq!(
            without_author("plain (git pm):\n\ntext"),
            "plain (git pm):\n\ntext"
        );
    }
}
