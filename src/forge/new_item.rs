//! Items made of issues: their first status and fields, and what strangers ask for.

use serde_json::Value as Json;

use super::RemoteIssue;
use super::change_item::{MILESTONE_LABEL, default_type};
use super::incoming::{Taken, is_ours, part};
use super::mirror::Mirror;
use super::sync::Session;
use super::three_way::{
    ASSIGNEE, BLOCKED_BY, BODY, LABELS, MILESTONE, NOT_PLANNED, OPEN, PARENT, STATE, TITLE, TYPE,
    numbers, text, texts_of,
};
use crate::bridge::project::foreign_words::type_of_labels;
use crate::bridge::project::label_priority;
use crate::bridge::stamp_of_record;
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::id::{ItemKind, sequential};
use crate::model::stamp::parse_rfc3339;
use crate::model::uid::Uid;
use crate::store::transaction::Tx;

/// The status of what a stranger asks for.
pub(super) const PROPOSED: &str = "proposed";

/// The actor with a login. A stranger who is not in the table is no actor of the project, whatever the name.
pub(super) fn author(session: &Session<'_>, login: &str, is_insider: bool) -> String {
    let actor = session.known.rule.actor_of(login);
    match actor == login && !is_ours(session, login, is_insider) {
        true => format!("@{login}"),
        false => actor.to_string(),
    }
}

/// What a stranger opens again waits for the project again.
pub(super) fn propose(tx: &mut Tx<'_>, uid: &Uid, kind: ItemKind) -> Result<()> {
    tx.edit_settled(uid, |doc, clock| match kind {
        ItemKind::Task => {
            doc.set("status_before", "queued", clock) | doc.set("status", "deferred", clock)
        }
        _ => doc.set("status", PROPOSED, clock),
    })?;
    Ok(())
}

/// The uid of the item that is made of an issue.
pub(super) fn uid_of(session: &Session<'_>, issue: &RemoteIssue) -> Uid {
    Uid::derived(&["github", &session.key, &issue.id.to_string()])
}

/// Makes an item of an issue: in every clone the same one.
pub(super) fn make(
    session: &Session<'_>,
    tx: &mut Tx<'_>,
    issue: &RemoteIssue,
    done: &mut Taken,
) -> Result<()> {
    let name = format!("#{}", issue.number);
    let uid = uid_of(session, issue);
    if tx.state.loaded(&uid).is_some() {
        done.notes
            .push((name, "was mirrored before, and its item is gone".into()));
        return Ok(());
    }
    if issue.mark.is_some() && is_ours(session, &issue.author, issue.is_insider) {
        let why = "was made from an item that this clone does not have, or is a copy";
        done.notes.push((name, why.into()));
        return Ok(());
    }
    let kind = session.known.rule.incoming;
    let mut seen = part(&issue.fields, false);
    // Its relations are read once all issues have items.
    seen.insert(PARENT.into(), Json::Null);
    seen.insert(BLOCKED_BY.into(), numbers([]));
    let now_ms = session.pm.now_ms();
    let at_ms = parse_rfc3339(&issue.updated_at).unwrap_or(now_ms);
    let raw = Json::Object(seen.clone()).to_string();
    let birth = stamp_of_record(at_ms.min(now_ms), &raw);
    let born = format!("gh-{}", issue.number);
    let mut doc = Doc::new(uid.clone(), kind.as_str(), &born, birth);
    if kind == ItemKind::Task {
        doc.put("id", sequential(kind, tx.state.next_number(kind)));
    }
    let text = |field: &str| text(&issue.fields, field);
    let title = text(TITLE).filter(|title| !title.is_empty());
    doc.put("title", title.unwrap_or("(no title)"));
    let is_task = kind == ItemKind::Task;
    let is_open = text(STATE) == Some(OPEN);
    let is_let_in = issue.is_insider || session.lets_in;
    // What a stranger asks for waits for somebody of the project.
    let status = match (is_open, is_task) {
        (true, false) if !is_let_in => PROPOSED,
        (true, true) if !is_let_in => "deferred",
        (true, true) => "queued",
        (true, false) => "open",
        (false, _) if text(STATE) == Some(NOT_PLANNED) => "cancelled",
        (false, true) => "done",
        (false, false) => "closed",
    };
    doc.put("status", status);
    if status == "deferred" {
        doc.put("status_before", "queued");
    }
    if !is_open {
        let closed_at = issue.closed_at.as_ref().unwrap_or(&issue.updated_at);
        doc.put("closed_at", closed_at.as_str());
        let reason = format!("closed at {}", session.place(issue.number));
        doc.put("reason", reason);
    }
    let labels = || issue.labels.iter().map(String::as_str);
    doc.put(
        "priority",
        label_priority::priority_of_labels(labels()).unwrap_or(2),
    );
    let unclear = label_priority::contradiction(labels());
    done.notes.extend(unclear.map(|text| (name, text)));
    doc.put("auto_policy", "none");
    let labelled = || type_of_labels(texts_of(issue.fields.get(LABELS)));
    let named = text(TYPE).or_else(labelled);
    doc.put("type", named.unwrap_or(default_type(kind)));
    doc.put("created_at", issue.created_at.as_str());
    let author = author(session, &issue.author, issue.is_insider);
    doc.put("created_by", author);
    if let Some(login) = text(ASSIGNEE) {
        doc.put("assignee", session.known.rule.actor_of(login));
    }
    for label in texts_of(issue.fields.get(LABELS)) {
        doc.put_element("labels", label);
    }
    if let Some(milestone) = text(MILESTONE) {
        doc.put_element("labels", &format!("{MILESTONE_LABEL}{milestone}"));
    }
    doc.put_body(text(BODY).unwrap_or_default());
    let mirror = Mirror::made(issue.number, issue.id, seen);
    mirror.put(&mut doc, &session.key);
    tx.insert(doc)?;
    done.made.insert(issue.number, uid);
    Ok(())
}
