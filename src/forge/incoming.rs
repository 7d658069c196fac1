//! Issues that changed at the forge, into the state.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::RemoteIssue;
use super::change_item::{apply, date_closing, here, take_type_back};
use super::mirror::Mirror;
use super::new_item::{PROPOSED, make, propose, uid_of};
use super::record::{put, record};
use super::report::ForgeConflict;
use super::sync::Session;
use super::three_way::{
    ASSIGNEE, BLOCKED_BY, BODY, Fields, LABELS, MILESTONE, OPEN, PARENT, RELATIONS, STATE, TITLE,
    TYPE, compare, numbers, numbers_of, text, what_was_kept,
};
use crate::bridge::project::label_priority::priority_of_labels;
use crate::error::{Reason, Result};
use crate::model::uid::Uid;
use crate::store::transaction::Tx;

/// The number of issues in one commit.
const CHUNK: usize = 200;

/// The number of issues that a commit names.
const NAMED: usize = 5;

/// Reads what changed, and writes it into the state if it is taken. Where it is not, only marks are read.
pub(super) fn pull(session: &mut Session<'_>) -> Result<()> {
    let since = session.read.issues.clone();
    let changed = session
        .forge
        .issues(since.as_deref(), session.read.issues_tag.as_deref())?;
    let mut all = changed.items;
    if session.imports {
        all.iter_mut().for_each(|issue| issue.mark = None);
    }
    // A list can have an issue twice, if others are added to it while the pages are read.
    all.sort_by(|a, b| (a.number, &b.updated_at).cmp(&(b.number, &a.updated_at)));
    all.dedup_by_key(|issue| issue.number);
    let new = (all.iter()).filter(|one| !session.known.items.contains_key(&one.number));
    let named =
        new.filter(|one| priority_of_labels(one.labels.iter().map(String::as_str)).is_some());
    let named = named.count();
    let due = all.iter().filter(|one| one.has_due_milestone).count();
    session.noted = [named, due];
    adopt(session, &all)?;
    if session.is_taken {
        for chunk in all.chunks(CHUNK) {
            take(session, chunk, false)?;
        }
        // Once all are known: parents and dependencies can be on any page.
        let mut related = Vec::new();
        for mut issue in all {
            add_blockers(session, &mut issue)?;
            related.push(issue);
        }
        for chunk in related.chunks(CHUNK) {
            take(session, chunk, true)?;
        }
    }
    let newest = changed.until.max(session.read.issues.take());
    // The tag belongs to the question with the time that it was asked with.
    let is_same = newest == since;
    session.read.issues = newest;
    session.read.issues_tag = changed.tag.filter(|_| is_same);
    Ok(())
}

/// Takes one issue alone. Returns the numbers of those that it waits for and that have no item here: it is related
/// to them, and to its parent, once they are read too.
pub(super) fn pull_one(session: &mut Session<'_>, mut issue: RemoteIssue) -> Result<BTreeSet<u64>> {
    adopt(session, std::slice::from_ref(&issue))?;
    take(session, std::slice::from_ref(&issue), false)?;
    add_blockers(session, &mut issue)?;
    let is_here = |number: &u64| session.known.items.contains_key(number);
    let (here, elsewhere): (BTreeSet<u64>, _) =
        (numbers_of(issue.fields.get(BLOCKED_BY)).into_iter()).partition(is_here);
    issue.fields.insert(BLOCKED_BY.into(), numbers(here));
    let parent = issue.fields.get(PARENT).and_then(Json::as_u64);
    if parent.is_some_and(|number| !is_here(&number)) {
        issue.fields.remove(PARENT);
    }
    take(session, &[issue], true)?;
    Ok(elsewhere)
}

/// Adds the issues that one waits for, which is a request of its own.
pub(super) fn add_blockers(session: &Session<'_>, issue: &mut RemoteIssue) -> Result<()> {
    let mut wanted = BTreeSet::new();
    if issue.has_dependencies {
        wanted.extend(session.forge.blocked_by(issue.number)?);
    }
    issue.fields.insert(BLOCKED_BY.into(), numbers(wanted));
    Ok(())
}

/// Looks at all issues for the mark of an item of which it is not known whether its issue was made.
pub(super) fn look_for_made(session: &mut Session<'_>) -> Result<()> {
    let all = session.forge.issues(None, None)?;
    adopt(session, &all.items)
}

/// Links issues that were made from items before the answer to their making arrived.
fn adopt(session: &mut Session<'_>, all: &[RemoteIssue]) -> Result<()> {
    let mut found: Vec<(Uid, Mirror)> = Vec::new();
    let mut oldest: Option<String> = None;
    {
        let state = session.pm.store.state()?;
        for issue in all {
            let Some(uid) =
                (issue.mark.as_ref()).filter(|_| is_ours(session, &issue.author, issue.is_insider))
            else {
                continue;
            };
            // Two issues with one mark: the first one counts.
            if session.known.items.contains_key(&issue.number)
                || session.known.numbers.contains_key(uid)
                || found.iter().any(|(known, _)| known == uid)
            {
                continue;
            }
            // Only of an item that some clone meant to send.
            let Some(intended) = (state.doc(uid))
                .and_then(|doc| Mirror::of(doc, &session.key))
                .filter(|one| one.intent.is_some())
            else {
                continue;
            };
            let mut mirror = Mirror::made(issue.number, issue.id, intended.seen);
            (mirror.theirs, mirror.refused) = (intended.theirs, intended.refused);
            // What the forge dropped at once was not taken away by anybody; what was added since was.
            for field in [LABELS, ASSIGNEE, MILESTONE, TYPE] {
                if let (Some(sent), Some(got)) =
                    (mirror.seen.get_mut(field), issue.fields.get(field))
                    && let Some(kept) = what_was_kept(sent, got)
                {
                    let sent = std::mem::replace(sent, kept);
                    mirror.refused.insert(field.into(), sent);
                }
            }
            found.push((uid.clone(), mirror));
            oldest = oldest.into_iter().chain([issue.created_at.clone()]).min();
        }
    }
    // Its comments were passed by.
    if let (Some(oldest), Some(read)) = (oldest, &session.read.comments)
        && oldest < *read
    {
        session.read.comments = Some(oldest);
        session.read.comments_tag = None;
    }
    record(session, "github pull", &found)?;
    for (uid, mirror) in &found {
        session.known.learn_mirror(uid, mirror);
    }
    Ok(())
}

/// True if a mark may be believed: anybody can write one.
pub(super) fn is_ours(session: &Session<'_>, author: &str, is_insider: bool) -> bool {
    is_insider || session.login.as_deref() == Some(author)
}

/// Writes issues into the state: first what they say, then with whom they are related.
fn take(session: &mut Session<'_>, issues: &[RemoteIssue], relations: bool) -> Result<()> {
    if session.dry_run {
        return preview(session, issues, relations);
    }
    let pm = session.pm;
    let mut done = Taken::default();
    pm.write("github pull").unsent().run(|tx| {
        done = Taken::default();
        for issue in issues {
            tx.step(text(&issue.fields, BODY).map_or(0, str::len))?;
            let known = session.known.items.get(&issue.number);
            let known = known.map(|(uid, _)| uid).or(done.made.get(&issue.number));
            match known.cloned() {
                Some(uid) => take_one(session, tx, &uid, issue, relations, &mut done)?,
                None if !relations => make(session, tx, issue, &mut done)?,
                None => {}
            }
        }
        let first = issues.iter().take(NAMED);
        let first: Vec<String> = first.map(|one| format!("#{}", one.number)).collect();
        let what = format!("{}: {}", session.link.shown(), first.join(", "));
        tx.describe("github pull", &[], &what);
        Ok(())
    })?;
    for (number, uid) in std::mem::take(&mut done.made) {
        let issue = issues.iter().find(|issue| issue.number == number);
        let id = issue.map_or(0, |issue| issue.id);
        session.known.learn(&uid, number, id);
        session.report.created_here += 1;
        session.counted.insert(uid);
    }
    done.count(session);
    Ok(())
}

/// What became of some issues.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) made: BTreeMap<u64, Uid>,
    pub(super) changed: BTreeSet<Uid>,
    pub(super) notes: Vec<(String, String)>,
    pub(super) conflicts: Vec<ForgeConflict>,
}

impl Taken {
    /// Adds it to the report; of one field the newest conflict stays.
    pub(super) fn count(self, session: &mut Session<'_>) {
        let report = &mut session.report;
        for uid in self.changed {
            report.changed_here += usize::from(session.counted.insert(uid));
        }
        for (id, message) in self.notes {
            report.note(id, message);
        }
        for one in self.conflicts {
            let all = &mut report.conflicts;
            all.retain(|old| (old.number, &old.field) != (one.number, &one.field));
            all.push(one);
        }
    }
}

/// Counts what would be taken.
fn preview(session: &mut Session<'_>, issues: &[RemoteIssue], relations: bool) -> Result<()> {
    for issue in issues {
        match session.known.items.get(&issue.number) {
            Some((uid, _)) => {
                let uid = uid.clone();
                let state = session.pm.store.state()?;
                let Some((doc, item)) = state.doc(&uid).zip(state.item(&uid)) else {
                    continue;
                };
                let seen = session.mirror(doc).seen;
                let ours = part(&here(&session.known, doc, item, &seen), relations);
                let all = compare(&seen, &ours, &part(&issue.fields, relations));
                let is_changed = !all.take.is_empty() && session.counted.insert(uid);
                session.report.changed_here += usize::from(is_changed);
            }
            None => {
                let uid = uid_of(session, issue);
                session.known.learn(&uid, issue.number, issue.id);
                session.report.created_here += 1;
            }
        }
    }
    Ok(())
}

/// The fields of one of the two steps.
pub(super) fn part(fields: &Fields, relations: bool) -> Fields {
    let mut out = fields.clone();
    out.retain(|name, _| RELATIONS.contains(&name.as_str()) == relations);
    out
}

/// Compares an issue with its item, and writes what the issue changed.
pub(super) fn take_one(
    session: &Session<'_>,
    tx: &mut Tx<'_>,
    uid: &Uid,
    issue: &RemoteIssue,
    relations: bool,
    done: &mut Taken,
) -> Result<()> {
    let doc = tx.state.doc(uid).filter(|doc| !doc.purged).cloned();
    let Some((doc, item)) = doc.zip(tx.state.item(uid).cloned()) else {
        return Ok(());
    };
    let mut mirror = session.mirror(&doc);
    (mirror.number, mirror.id, mirror.gone) = (Some(issue.number), Some(issue.id), false);
    mirror.intent = None;
    let ours = part(&here(&session.known, &doc, &item, &mirror.seen), relations);
    let theirs = part(&issue.fields, relations);
    let compared = compare(&mirror.seen, &ours, &theirs);
    let at = session.place(issue.number);
    let mut conflicts = compared.conflicts;
    // What a human has let in does not change its text by the hand of a stranger.
    let is_stranger = !session.lets_in && !is_ours(session, &issue.author, issue.is_insider);
    let is_guarded = is_stranger && item.status.as_str() != PROPOSED;
    let mut is_changed = false;
    let mut agreed = compared.agreed;
    for (field, value) in &compared.take {
        let closed_by = issue.closed_by.as_ref();
        let is_theirs = match field.as_str() {
            TITLE | BODY => true,
            STATE => value != OPEN && closed_by.is_none_or(|by| *by == issue.author),
            _ => false,
        };
        if is_guarded && is_theirs {
            conflicts.insert(field.clone(), value.clone());
            continue;
        }
        let before = tx.state.doc(uid).cloned();
        match apply(session.pm, tx, &session.known, uid, (field, value), &at) {
            Ok(()) => {
                if is_stranger && field == STATE && value == OPEN {
                    propose(tx, uid, item.kind)?;
                }
                match field.as_str() {
                    STATE if value != OPEN => date_closing(tx, uid, &item, issue)?,
                    LABELS if text(&mirror.seen, TYPE).is_none() => take_type_back(tx, uid, &item)?,
                    _ => {}
                }
                is_changed = true;
                agreed.insert(field.clone(), value.clone());
            }
            // Rules of the project stand above what somebody wrote there; of what was half done nothing stays.
            Err(error) if error.reason() != Reason::State => {
                tx.edit_settled(uid, |doc, _| {
                    let Some(before) = before else { return false };
                    *doc = before;
                    true
                })?;
                let text = format!("keeps its {field}: {}", error.message());
                done.notes.push((tx.state.shown_id(&item), text));
                conflicts.insert(field.clone(), value.clone());
            }
            Err(error) => return Err(error),
        }
    }
    for name in theirs.keys() {
        mirror.theirs.remove(name);
    }
    for (field, value) in agreed {
        // Labels and dependencies can have grown on both sides.
        let both = theirs
            .get(&field)
            .filter(|_| compared.send.contains_key(&field));
        let seen = both.cloned().unwrap_or(value);
        mirror.seen.insert(field, seen);
    }
    let id = tx.state.shown_id(&item);
    let of = |(field, value): (&String, &Json)| {
        ForgeConflict::of((&id, issue.number), &doc, &item, field, value)
    };
    done.conflicts.extend(conflicts.iter().map(of));
    mirror.theirs.extend(conflicts);
    put(tx, uid, &session.key, &mirror)?;
    if is_changed {
        done.changed.insert(uid.clone());
    }
    Ok(())
}
