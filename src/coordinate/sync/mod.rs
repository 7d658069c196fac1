//! The exchange with remotes: what it warns of, and when nothing is pushed unasked.
//!
//! `sync`, `push` and `pull`, and their report.

pub(crate) mod cleanup;
pub(crate) mod fetched;
pub(crate) mod first_push;
pub mod incoming;
pub mod lost_changes;
pub mod sync_report;

use crate::coordinate::claim::renumber::tell_former;
use crate::coordinate::claim::settle::Renumbered;
use crate::coordinate::renew_claims;
use crate::coordinate::sync::first_push::first_push_to;
use crate::coordinate::sync::sync_report::{RemoteReport, SyncReport};
use crate::coordinate::write;
use crate::error::Result;
use crate::model::settings::SyncMode;
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::generation::raises_of;
use crate::store::git::repo::Oid;
use crate::store::history;
use crate::store::join::vanished::{culprit, vanished};
use crate::store::remote_names::Remote;
use crate::store::sync::publish::Published;
use crate::store::sync::push_advice::{is_denial, is_refusal};

/// The maximum number of commits that a report counts.
const COUNT_MAX: usize = 100_000;

/// The mark of a remote that denied this user a push.
const READ_ONLY: &str = "read-only";

/// The time for which nothing is pushed unasked to a remote that denied this user, in milliseconds.
const READ_ONLY_MS: u64 = 600_000;

pub(crate) fn exchange_with(
    pm: &Pm,
    remote: &Remote,
    push: bool,
    report: &mut SyncReport,
) -> Result<RemoteReport> {
    let done = exchanged_with(pm, remote, push, report);
    // Only now: the report of an exchange may need commits of an older generation.
    cleanup::tidy_up(pm);
    cleanup::pack_up(pm);
    done
}

fn exchanged_with(
    pm: &Pm,
    remote: &Remote,
    push: bool,
    report: &mut SyncReport,
) -> Result<RemoteReport> {
    let local = pm.store.require_tip()?;
    let mut done = RemoteReport {
        remote: remote.shown(),
        ..RemoteReport::default()
    };
    let known = known_tip(pm, remote)?;
    if !push {
        let theirs = pulled(pm, remote, known, &mut report.renumbered)?;
        done.fetched = count(pm, Some(local), theirs)?;
        return Ok(done);
    }
    let published = match write::publish(pm, remote) {
        Ok(published) => published,
        Err(error) if is_refusal(remote, &error) => {
            let denied = is_denial(remote, &error);
            if denied {
                set_read_only(pm, remote, true);
            }
            // The remote's state is still joined if only pushing is denied.
            let Ok(theirs) = pulled(pm, remote, known, &mut report.renumbered) else {
                return Err(error);
            };
            done.fetched = count(pm, Some(local), theirs)?;
            done.unsent = count(pm, theirs, pm.store.tip()?)?;
            done.read_only = denied;
            done.refused = Some(error.message().to_string());
            for hint in error.hints() {
                pm.notice(hint.to_string());
            }
            return Ok(done);
        }
        Err(error) => return Err(error),
    };
    set_read_only(pm, remote, false);
    notice_rewind(pm, remote, known, published.before, true)?;
    [done.fetched, done.pushed] = counts(pm, &published)?;
    report.confirmed.extend(published.report.confirmed.clone());
    report.lost.extend(published.report.lost.clone());
    report
        .renumbered
        .extend(published.report.renumbered.clone());
    for text in published.report.notes() {
        pm.notice(text);
    }
    Ok(done)
}

/// Adds to a report what the counted exchanges fetched and pushed.
pub(crate) fn add_exchanges(pm: &Pm, report: &mut SyncReport) {
    for (remote, [fetched, pushed]) in pm.exchanges.take().unwrap_or_default() {
        let mut known = report.remotes.iter_mut();
        match known.find(|known| known.remote == remote) {
            Some(known) => {
                known.fetched += fetched;
                known.pushed += pushed;
            }
            None => report.remotes.push(RemoteReport {
                remote,
                fetched,
                pushed,
                ..RemoteReport::default()
            }),
        }
    }
}

/// The numbers of commits that an exchange fetched and pushed.
pub(crate) fn counts<S>(pm: &Pm, published: &Published<S>) -> Result<[usize; 2]> {
    let pushed = published.pushed.then_some(published.commit);
    Ok([
        count(pm, Some(published.local), published.before)?,
        count(pm, published.before, pushed)?,
    ])
}

/// Joins the state of a remote, and returns it; none if it has no state. `known` is what it had before. Adds the
/// items that have other numbers since.
fn pulled(
    pm: &Pm,
    remote: &Remote,
    known: Option<Oid>,
    renumbered: &mut Vec<Renumbered>,
) -> Result<Option<Oid>> {
    let local = pm.store.require_tip()?;
    let (theirs, commit) = pm.store.pull(remote)?;
    notice_rewind(pm, remote, known, theirs, false)?;
    notice_vanished(pm, remote, [Some(local), known], theirs)?;
    tell_former(pm, renumbered, [local, commit])?;
    Ok(theirs)
}

/// Reports that a remote no longer has the commits of the last exchange, because its ref was
/// rewound or deleted. Nothing is lost: a push restores the content.
fn notice_rewind(
    pm: &Pm,
    remote: &Remote,
    known: Option<Oid>,
    now: Option<Oid>,
    pushed: bool,
) -> Result<()> {
    let (Some(known), healed) = (
        known,
        if pushed {
            "; this push restored it"
        } else {
            ""
        },
    ) else {
        return Ok(());
    };
    let repo = pm.store.repo();
    if let Some(now) = now
        && let [Ok(before), Ok(after)] = [known, now].map(|id| repo.commit(id))
        && let [Some(before), Some(after)] = [before, after].map(|commit| raises_of(repo, &commit))
        && before != after
    {
        // Not rewound: one of the two has another generation, which sync settles.
        if after.is_superset(&before) {
            pm.notice(format!(
                "the history of the state was removed on {}; this clone adopts the new history",
                remote.shown()
            ));
        }
        return Ok(());
    }
    match now {
        None => {
            let lost = || format!("{} had lost the state{healed}", remote.shown());
            let empty = match pushed {
                true => None,
                false => remote.lists_nothing(&pm.store)?,
            };
            pm.notice(empty.unwrap_or_else(lost));
        }
        Some(now) if !pm.store.repo().is_ancestor(known, now)? => pm.notice(format!(
            "the state of {} has been rewound since the last sync{healed}",
            remote.shown()
        )),
        Some(_) => {}
    }
    Ok(())
}

/// The commit that the remote had at the last exchange.
pub(crate) fn known_tip(pm: &Pm, remote: &Remote) -> Result<Option<Oid>> {
    let repo = pm.store.repo();
    repo.ref_target(&remote.tracking(repo))
}

/// Reports that a commit of the remote removed files of one of the commits `before` without
/// deleting their documents. The join kept them.
pub(crate) fn notice_vanished(
    pm: &Pm,
    remote: &Remote,
    before: [Option<Oid>; 2],
    now: Option<Oid>,
) -> Result<()> {
    let (repo, Some(now)) = (pm.store.repo(), now) else {
        return Ok(());
    };
    let mut found = None;
    for before in before.into_iter().flatten().filter(|id| *id != now) {
        if found.is_none() && repo.is_commit(before) && repo.is_ancestor(before, now)? {
            let tree = |id| repo.commit(id).map(|commit| commit.tree);
            let lacks = vanished(&repo.pending(), tree(before)?, tree(now)?)?;
            found = (lacks > 0).then_some((before, lacks));
        }
    }
    let Some((before, lacks)) = found else {
        return Ok(());
    };
    let whose = culprit(&repo.pending(), before, now)?.map_or(String::new(), |commit| {
        let id = commit.id.to_hex_with_len(12);
        format!(" (commit {id} by {})", one_line(&commit.author.name))
    });
    pm.notice(format!(
        "{lacks} file{} of the state went missing on {} without a record of a deletion{whose}; \
             the content is kept in this clone",
        if lacks == 1 { "" } else { "s" },
        remote.shown(),
    ));
    Ok(())
}

/// Joins the state of a remote, and returns whether it has a state.
pub(crate) fn pull_from(pm: &Pm, remote: &Remote) -> Result<bool> {
    let (known, mut report) = (known_tip(pm, remote)?, SyncReport::default());
    let done = pulled(pm, remote, known, &mut report.renumbered);
    tell_losses(pm, &report);
    cleanup::tidy_up(pm);
    cleanup::pack_up(pm);
    Ok(done?.is_some())
}

/// A sync after a write that has already succeeded: errors become notices.
pub(crate) fn try_sync(pm: &Pm) {
    let Some(remote) = pm.main_remote() else {
        return;
    };
    if pm.options.offline {
        return;
    }
    if is_read_only(pm, &remote) {
        pm.notice(format!(
            "saved locally, but not synced: the remote {} denied your push a few minutes ago; \
                 `git pm sync` tries again",
            remote.shown()
        ));
        return;
    }
    let mut report = SyncReport::default();
    match exchange_with(pm, &remote, true, &mut report) {
        Ok(done) => {
            if let Some(refused) = &done.refused {
                pm.notice(format!("saved locally, but not synced: {refused}"));
            }
            tell_losses(pm, &report);
        }
        Err(error) => pm.notice(format!(
            "saved locally, but not synced: {}; run `git pm sync` later",
            error.message()
        )),
    }
}

/// As `try_sync`, as far as that is not for a human to decide: the first push is.
pub(crate) fn try_agreed(pm: &Pm) {
    let is_agreed = || first_push::destination(pm, true).is_ok_and(|first| first.is_none());
    if pm.is_online() && is_agreed() {
        try_sync(pm);
    }
}

/// Says what an exchange has cost this clone.
pub(crate) fn tell_losses(pm: &Pm, report: &SyncReport) {
    for lost in &report.lost {
        pm.notice(format!(
            "{} lost {} to {}",
            lost.actor,
            lost.id,
            lost.winner()
        ));
    }
    for moved in &report.renumbered {
        let then = moved.successor();
        pm.notice(format!("{} is now {}{then}", moved.old, moved.new));
    }
}

/// Pushes a write that is meant for others to the remote that confirms claims, unless this
/// clone does not use the network unasked. Then, and if that fails, a notice says that the
/// write is local.
pub(crate) fn send(pm: &Pm) {
    match (pm.sync_mode(), pm.main_remote()) {
        (_, None) => {}
        (SyncMode::Always, _) if !pm.options.offline => try_sync(pm),
        // Not before the user has agreed to the first push.
        (SyncMode::Claim, Some(remote))
            if !pm.options.offline
                && !is_read_only(pm, &remote)
                && !first_push_to(pm, &remote).unwrap_or(true) =>
        {
            try_sync(pm);
        }
        // The run that does it for an agent pushes it.
        _ if pm.is_handed() => {}
        _ => pm.notice("saved in this clone only; `git pm sync` pushes it"),
    }
    renew_claims::notify_ended(pm);
}

/// Warns that a plain `git fetch` overwrites the state of a mirror clone.
pub(crate) fn warn_of_mirror(pm: &Pm, remote: &Remote) {
    let key = format!("remote.{}.fetch", remote.name);
    let all = |spec: &String| spec.trim_start_matches('+') == "refs/*:refs/*";
    if pm.store.repo().config_all(&key).iter().any(all) {
        pm.notice(format!(
            "this clone is a mirror of {}: `git fetch` overwrites refs/pm/main here, and \
                 unsynced changes with it; `git pm doctor` shows how to prevent that",
            remote.shown()
        ));
    }
}

/// The number of commits that the new tip has and the old one lacks.
fn count(pm: &Pm, old: Option<Oid>, new: Option<Oid>) -> Result<usize> {
    match new {
        Some(new) => history::count(pm.store.repo(), new, old.as_slice(), COUNT_MAX),
        None => Ok(0),
    }
}

/// True if a push was denied there in the last minutes. Nothing is pushed there unasked then.
pub(crate) fn is_read_only(pm: &Pm, remote: &Remote) -> bool {
    let when = remote.marked(&pm.store, READ_ONLY);
    when.is_some_and(|when| pm.now_ms().abs_diff(when) < READ_ONLY_MS)
}

pub(crate) fn set_read_only(pm: &Pm, remote: &Remote, yes: bool) {
    remote.mark(&pm.store, READ_ONLY, yes);
}
