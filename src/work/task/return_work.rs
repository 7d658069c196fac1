//! `return`: sends submitted work back to its author, for a review or a conflict: how often, and how long it is kept.
//!
//! The author is asked first for as long as a lease lasts; afterwards anybody may take it. A merge
//! that conflicts returns the work by itself, up to a limit, and then stops it for a human.

use super::finish;
use super::newer_submissions::hear_submissions;
use super::transition::{not_allowed, require_item, set_status};
use super::work_commit::short;
use crate::coordinate::claim::end_claims::{Ending, Reserved, end_and_notify};
use crate::coordinate::claim::ownership;
use crate::coordinate::message::{self, Notice};
use crate::coordinate::sync;
use crate::coordinate::worktree::followed_branch;
use crate::coordinate::worktree::merge_tree::{self, Merged};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::{branch_word, word};
use crate::model::item::{Claim, Item};
use crate::model::lease;
use crate::model::limits::CONFLICTS_MAX;
use crate::model::returned::{RETURNED, Returned};
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text::{actor, excerpt, first_of, is_same_name, one_line};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::pm::who_acts::require_human;
use crate::secret;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::edit;
use crate::work::task::merge::{UnpushedTarget, unpushed_target};
use crate::work::task::start::planned_paths;

/// The number of conflicting files that a note names.
const NAMED: usize = 10;

/// The subject of a notice, in characters.
const SUBJECT: usize = 80;

/// The reason of a return.
enum Cause<'c> {
    /// A reviewer wants changes.
    Review,
    /// The work does not merge into a target at a commit.
    Conflict(&'c Error, &'c str),
}

impl Tasks<'_> {
    /// Returns submitted work to its author with a note that says what to change. The item can be
    /// started again, by its author first; the branch is kept.
    ///
    /// # Errors
    /// When the note is empty, the item is not in review, it was submitted again without this clone's knowledge,
    /// or an agent returns approved work.
    pub fn return_work(&self, id: &str, note: &str) -> Result<ItemView> {
        require_seen(self.pm, id)?;
        // Its author is elsewhere.
        let write = self.pm.write("task return").for_others();
        write.view(|tx| return_in(self.pm, tx, id, note))
    }
}

/// Joins the remote's state, and refuses a submission that came with it in place of a known one: what the note says is
/// about the earlier commit. An approval needs no such question, as it is of one commit.
fn require_seen(pm: &Pm, id: &str) -> Result<()> {
    let submitted = |id: &str| -> Result<(Uid, Option<String>)> {
        let state = pm.store.state()?;
        let item = state.find(id)?;
        let is_submitted = matches!(item.status, Status::InReview | Status::ReadyForIntegration);
        let commit = finish::submitted(pm, &state, item).filter(|_| is_submitted);
        Ok((item.uid.clone(), commit))
    };
    let (uid, known) = submitted(id)?;
    hear_submissions(pm);
    let (_, now) = submitted(uid.as_str())?;
    let Some((known, now)) = known.zip(now).filter(|(known, now)| known != now) else {
        return Ok(());
    };
    let state = pm.store.state()?;
    let id = state.shown_id(&require_item(&state, &uid)?);
    Err(Error::conflict(format!(
        "{id} was submitted again, at {}; this clone knew {}: nothing was returned",
        short(&now),
        short(&known)
    ))
    .because(Reason::ItemChanged)
    .about(&id)
    .hint(Hint::run(
        ["task", "diff", &id],
        "shows it; then run the command again",
    )))
}

/// [`Tasks::return_work`] as part of a transaction.
pub(crate) fn return_in(pm: &Pm, tx: &mut Tx<'_>, id: &str, note: &str) -> Result<Uid> {
    if note.trim().is_empty() {
        return Err(Error::usage("the note is empty: it says what to change").hint(
                "use `--note TEXT`, or `-F FILE` (`-` reads standard input); a line `path:line: text` \
                 is about that line of a file",
            ));
    }
    let item = tx.state.find(id)?.clone();
    give_to_author(pm, tx, &item, note, &Cause::Review)?;
    Ok(item.uid)
}

/// Returns approved work that does not merge to its author, or stops it for a human after
/// [`CONFLICTS_MAX`] returns in a row; returns the sentence that says so. Nothing changes where
/// that cannot be written: the conflict itself is still reported.
pub(crate) fn return_conflicting(
    pm: &Pm,
    uid: &Uid,
    target: &str,
    files: &[String],
    error: &Error,
) -> Option<String> {
    let returned = || -> Result<Option<String>> {
        let mut notified = None;
        let state = pm.store.state()?;
        let item = require_item(&state, uid)?;
        let id = state.shown_id(&item);
        let begin = match goes_on_here(pm, &item) {
            true => String::new(),
            false => format!("take it up again (`git pm start {id}`), "),
        };
        let note = conflict_note(pm, &id, &item, target, files, &begin);
        let unpushed = unpushed_for_author(pm, &item, target);
        let onto = followed_branch::tip_of(pm, target)?;
        let onto = onto.map(|onto| onto.to_string()).unwrap_or_default();
        drop(state);
        let stage = |tx: &mut Tx<'_>| -> Result<()> {
            notified = None;
            let item = require_item(&tx.state, uid)?;
            if item.status == Status::ReadyForIntegration {
                notified = Some(give_to_author(
                    pm,
                    tx,
                    &item,
                    &note,
                    &Cause::Conflict(error, &onto),
                )?);
            }
            Ok(())
        };
        pm.store.write(&pm.named_writer("task return")?, stage)?;
        if notified.is_some() {
            sync::send(pm);
        }
        Ok(notified.map(|said| match &unpushed {
            Some(one) => format!("{said}; {one}, which its author needs: `{}`", one.command()),
            None => said,
        }))
    };
    returned().unwrap_or_else(|error| {
        pm.notice(format!(
            "the work could not be returned to its author: {}",
            error.message()
        ));
        None
    })
}

/// What the author of work has to do that does not merge, after what they have to `begin` with.
pub(crate) fn conflict_note(
    pm: &Pm,
    id: &str,
    item: &Item,
    target: &str,
    files: &[String],
    begin: &str,
) -> String {
    // The names of files and branches are others' data.
    let plain = |name: &str| one_line(name).replace('`', "'");
    let elsewhere = item
        .holder()
        .is_some_and(|c| !ownership::is_here(pm, &c.replica));
    let merge = match followed_branch::upstream_of(pm, target) {
        Some((remote, branch)) if elsewhere => {
            let tracking = word(&format!("{remote}/{branch}"));
            let merge = format!("`git fetch {}` and `git merge {tracking}`", word(&remote));
            let by = one_line(&pm.writer("task return").name);
            let wait = |_| format!("{merge}, once {by} has pushed {}", plain(target));
            unpushed_for_author(pm, item, target).map_or_else(|| merge.clone(), wait)
        }
        _ => format!("`git merge {}`", branch_word(target)),
    };
    let files: Vec<String> = files.iter().map(|name| plain(name)).collect();
    let files = match files.is_empty() {
        true => String::new(),
        false => format!(" in {}", first_of(&files, NAMED)),
    };
    let target = plain(target);
    format!(
        "{id} conflicts with {target}{files}: {begin}merge {target} into its branch ({merge}), resolve \
             the conflicts so that both changes are kept, run the checks, commit, and submit it \
             again (`git pm finish {id}`)",
    )
}

/// The target, if the remote lacks what it has here, and the author of work on an item is in another clone.
fn unpushed_for_author(pm: &Pm, item: &Item, target: &str) -> Option<UnpushedTarget> {
    let holder = item.holder()?;
    let is_here = ownership::is_here(pm, &holder.replica);
    let unpushed = (!is_here).then(|| unpushed_target::unpushed(pm, target));
    unpushed?.ok().flatten()
}

/// Refuses to submit the very commit that was returned for a conflict with its target: it would be returned again,
/// unless the target has changed so that the two can be merged.
pub(crate) fn require_resolved(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    (target, tip): (&str, &str),
) -> Result<()> {
    let returned = item.returned.as_deref();
    let returned = returned.filter(|one| one.commit.as_deref() == Some(tip));
    let Some((returned, onto)) = returned.and_then(|one| Some((one, one.onto.as_deref()?))) else {
        return Ok(());
    };
    let (repo, sides) = (pm.store.repo(), followed_branch::sides(pm, target)?);
    let onto_id = repo.parse_id(onto);
    let is_here = onto_id.is_some_and(|onto| followed_branch::is_in(pm, onto, &sides));
    let mut merges = sides.iter().map(|side| {
        let merged = merge_tree::merge(repo.git(), None, &side.to_string(), tip);
        matches!(merged, Ok(Merged::Clean(_)))
    });
    if is_here && merges.all(|is_clean| is_clean) {
        return Ok(());
    }
    let (id, name) = (state.shown_id(item), one_line(target));
    Err(Error::refused(format!(
        "{id} was returned because it conflicts with {name}, and is still the same commit"
    ))
    .because(Reason::MergeConflict)
    .about(&id)
    .hint(format!(
        "merge {name} into its branch, resolve the conflicts, and commit; if {} is not here, ask {} to push {name} first",
        short(onto),
        returned.by
    )))
}

/// Tells the caller, a human who started a run, that work still conflicts: it stays as it is.
///
/// # Errors
/// When the state cannot be written.
pub(crate) fn report_conflict(pm: &Pm, uid: &Uid, reason: &str, remedy: &str) -> Result<()> {
    let stage = |tx: &mut Tx<'_>| -> Result<()> {
        let item = require_item(&tx.state, uid)?;
        let to = tx.actor().to_string();
        let notice = Notice {
            topic: "left-out",
            subject: "its agents did not resolve the conflicts".into(),
            body: secret::redacted(&format!("{reason}\n\n{remedy}\n")).0,
        };
        message::notify(tx, &to, None, Some(&item), notice)
    };
    pm.store.write(&pm.named_writer("run")?, stage)?;
    Ok(())
}

/// True if the holder of returned work goes on at once: the caller, in this clone. A human who returns
/// it in the worktree of an agent is not that agent.
fn goes_on_here(pm: &Pm, item: &Item) -> bool {
    let caller = pm.writer("task return").name;
    item.holder().is_some_and(|claim| {
        ownership::is_here(pm, &claim.replica)
            && is_same_name(&claim.actor, &caller)
            && ownership::made(pm, &claim.actor, claim.agent.as_deref(), &claim.replica)
    })
}

/// Who submitted the work of an item, or else did it; none if it was imported without a name.
pub(crate) fn author(state: &State<'_>, item: &Item) -> Option<String> {
    let doc = state.doc(&item.uid);
    let text = |name: &str| doc.and_then(|doc| doc.text(name)).map(actor);
    text("finished_by")
        .or_else(|| item.holder().map(|claim| claim.actor.clone()))
        .or_else(|| item.assignee.clone())
        .or_else(|| text("started_by"))
}

/// Stages the return of an item's work, and returns a sentence about it.
fn give_to_author(
    pm: &Pm,
    tx: &mut Tx<'_>,
    item: &Item,
    note: &str,
    cause: &Cause<'_>,
) -> Result<String> {
    let id = tx.state.shown_id(item);
    if !matches!(item.status, Status::InReview | Status::ReadyForIntegration) {
        let what = "be returned to its author";
        return Err(not_allowed(&tx.state, item, tx.agent().is_some(), what));
    }
    let is_conflict = matches!(cause, Cause::Conflict(..));
    if item.status == Status::ReadyForIntegration && !is_conflict {
        let next = format!("`git pm task comment {id} TEXT` tells the others");
        require_human(&pm.actor, "returning approved work", next)?;
    }
    let doc = tx.state.doc(&item.uid);
    let text = |name: &str| doc.and_then(|doc| doc.text(name)).map(actor);
    let before = doc.and_then(Returned::last);
    let holder = item.holder().cloned();
    let author = author(&tx.state, item).ok_or_else(|| {
        Error::refused(format!("it is not known who submitted {id}")).hint(Hint::run(
            ["task", "reassign", &id, "--to", "ACTOR"],
            "names its assignee",
        ))
    })?;
    let commit = text("finished_commit");
    // Work that has the commit it conflicted with last time conflicts with what came since.
    let is_same = |one: &&Returned| {
        let onto = one
            .onto
            .as_deref()
            .and_then(|hex| pm.store.repo().parse_id(hex));
        let commit = commit
            .as_deref()
            .and_then(|hex| pm.store.repo().parse_id(hex));
        let has = onto.zip(commit);
        !has.is_some_and(|(onto, tip)| pm.store.repo().is_ancestor(onto, tip).unwrap_or(false))
    };
    let earlier = before
        .as_ref()
        .filter(is_same)
        .map_or(0, |one| one.conflicts);
    let (conflicts, onto) = match cause {
        Cause::Review => (0, None),
        Cause::Conflict(error, _) if earlier >= CONFLICTS_MAX => {
            return stop_conflicting(tx, item, &author, error);
        }
        Cause::Conflict(_, onto) => (earlier + 1, Some((*onto).to_string())),
    };
    let note = secret::redacted(note.trim_end()).0;
    let comment = edit::add_comment(tx, item, &note)?;
    let length = holder.as_ref().map_or(lease::length(true), Claim::length);
    let returned = Returned {
        by: tx.actor().to_string(),
        to: author.clone(),
        at: rfc3339(pm.now_ms()),
        until: rfc3339(pm.now_ms() + length),
        commit,
        note: comment.to_string(),
        onto,
        conflicts,
    };
    let is_own = goes_on_here(pm, item);
    let status = match is_own {
        true => Status::InProgress,
        false => Status::Queued,
    };
    let extra = [(RETURNED, returned.to_value()), ("reason", Value::Null)];
    set_status(tx, item, &status, &extra)?;
    let first = excerpt(note.lines().next().unwrap_or_default(), SUBJECT);
    if is_own {
        planned_paths::hold_again(pm, tx, &item.uid)?;
    } else {
        let open: Vec<&Claim> = item.open_claims().collect();
        let why = format!("returned: {first}");
        let ending = Ending {
            claim: &why,
            reservation: "the work was returned",
            commit: None,
        };
        end_and_notify(tx, &Reserved::default(), item, &open, &ending, |_| None)?;
    }
    if author != tx.actor() {
        let is_all = first.ends_with('…') || note.lines().nth(1).is_none();
        let more = if is_all { "" } else { " …" };
        let notice = Notice {
            topic: "returned",
            subject: match is_conflict {
                true => format!("your work conflicts: {first}{more}"),
                false => format!("{} returned your work: {first}{more}", tx.actor()),
            },
            body: format!("{note}\n\n`git pm start {id}` continues the work.\n"),
        };
        message::notify(tx, &author, None, Some(item), notice)?;
    }
    tx.describe(
        "task return",
        &[&id],
        &format!("{id}: to {author}: {first}"),
    );
    Ok(match is_own {
        true => format!("it is in progress again. {note}"),
        false => {
            format!("{id} was returned to {author}, who is asked to resolve the conflicts")
        }
    })
}

/// Stops work that conflicted too often, and tells its approver and its author.
fn stop_conflicting(tx: &mut Tx<'_>, item: &Item, author: &str, error: &Error) -> Result<String> {
    let id = tx.state.shown_id(item);
    let reason = format!(
        "it was returned {CONFLICTS_MAX} times and still conflicts: {}",
        error.message()
    );
    set_status(
        tx,
        item,
        &Status::Blocked,
        &[("reason", reason.as_str().into())],
    )?;
    let approver = item.approval.as_ref().map(|one| one.by.clone());
    let mut recipients: Vec<String> = approver.into_iter().chain([author.to_string()]).collect();
    recipients.dedup();
    for to in recipients {
        let notice = Notice {
            topic: "left-out",
            subject: format!("blocked: {}", excerpt(&reason, SUBJECT)),
            body: format!(
                "{id} {reason}\n\nResolve the conflicts on its branch, then run `git pm task \
                     unblock {id}` and merge it.\n"
            ),
        };
        message::notify(tx, &to, None, Some(item), notice)?;
    }
    tx.describe("task block", &[&id], &format!("{id}: {reason}"));
    Ok(format!("{id} is blocked until a human decides: {reason}"))
}
