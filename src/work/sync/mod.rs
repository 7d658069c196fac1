//! The verbs `sync`, `push` and `pull`: the exchange with the remotes, and what is ended, shared and told after it.
//!
//! Work that others have merged is ended, submitted branches are pushed and fetched, and so is work that
//! open items are based on.

pub(crate) mod bring_news;
mod wait_for_work;
pub(crate) mod watch_messages;

use crate::coordinate::conflicts::{conflicted_learnings, conflicted_sections};
use crate::coordinate::hook::guard_status;
use crate::coordinate::merged_branches;
use crate::coordinate::message::notice;
use crate::coordinate::sync::cleanup;
use crate::coordinate::sync::fetched;
use crate::coordinate::sync::first_push;
use crate::coordinate::sync::incoming::incoming;
use crate::coordinate::sync::lost_changes::lost_changes;
use crate::coordinate::sync::sync_report::SyncReport;
use crate::coordinate::sync::{add_exchanges, exchange_with, warn_of_mirror};
use crate::error::{Error, Hint, Reason, Result};
use crate::graph::Graph;
use crate::model::item::Item;
use crate::model::settings::{self, SyncMode};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::StateHandle;
use crate::store::git::repo::{Oid, short};
use crate::store::index::{Reach, Scan};
use crate::store::remote_names::{OFFLINE, Remote, shown};
use crate::store::state::State;
use crate::work::task::arrived;
use crate::work::task::left_work;
use crate::work::task::merge::{at_host, unpushed_merges};
use crate::work::task::remote_branch;
use crate::work::task::show;
use crate::work::task::start::missing_work;

impl StateHandle<'_> {
    /// Fetches, joins and pushes the state, and settles this clone's claims with `pm.remote`.
    /// `push` is the same, since it pushes the join with the remote's state. Ends the tasks whose work
    /// the host has merged; each is a notice ([`Pm::take_notices`]).
    ///
    /// # Errors
    /// When there is no remote, it cannot be reached, or its state cannot be read.
    pub fn sync(&self, remotes: &[String]) -> Result<SyncReport> {
        exchange(self.pm, remotes, true)
    }

    /// Joins what a plain `git fetch` has brought of the state; uses no network. A failure is left to
    /// the next [`StateHandle::sync`].
    pub fn merge_fetched(&self) {
        fetched::merge(self.pm);
    }

    /// Fetches and joins what is new at the remote, if `pm.sync` is `always`: for programs that tell of
    /// news at intervals. A remote that does not answer is asked again by the next call.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn follow_remote(&self) -> Result<()> {
        match self.pm.sync_mode() {
            SyncMode::Always => bring_news::bring_news(self.pm).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// Fetches and joins the state; pushes nothing, so it settles nothing.
    ///
    /// # Errors
    /// As `StateHandle::sync`.
    pub fn pull(&self, remotes: &[String]) -> Result<SyncReport> {
        exchange(self.pm, remotes, false)
    }

    /// The question to ask at a terminal before the state is pushed for the first time; `None` if
    /// it was pushed before or there is no remote. `asked_for` is set if the user asked for the
    /// exchange itself.
    ///
    /// # Errors
    /// When a ref cannot be read.
    pub fn first_push_question(&self, asked_for: bool) -> Result<Option<String>> {
        let remote = first_push::destination(self.pm, asked_for)?;
        Ok(remote.map(|remote| {
            format!(
                "Push the state of git pm to {}? Everyone who can read that repository can read \
                 it.",
                shown(&remote.url(self.pm.store.repo()))
            )
        }))
    }

    /// What to say before a command that cannot ask this question, such as an agent's, may push the
    /// state for the first time; `None` as there.
    ///
    /// # Errors
    /// When a ref cannot be read.
    pub fn first_push_warning(&self, asked_for: bool) -> Result<Option<String>> {
        first_push::warning(self.pm, asked_for)
    }

    /// Says where the state will go with the first push, if it was not pushed yet and will be
    /// ([`Pm::take_notices`]).
    pub fn tell_destination(&self) {
        first_push::announce_destination(self.pm);
    }
}

fn exchange(pm: &Pm, names: &[String], push: bool) -> Result<SyncReport> {
    if push {
        pm.named_writer("sync")?;
    }
    let before = pm.store.require_tip()?;
    if pm.options.offline {
        return Err(
            Error::usage("`--offline` cannot be combined with sync, push or pull")
                .hint("leave out `--offline`"),
        );
    }
    guard_status::notice_unguarded(pm);
    let repo = pm.store.repo();
    let mut remotes = Vec::new();
    for name in names {
        remotes.push(Remote::named(repo, name)?);
    }
    if remotes.is_empty() {
        let main = Remote::main(repo).ok_or_else(|| {
            Error::usage("no remote is configured for the state")
                .hint(Hint::git(["remote", "add", "origin", "URL"], "adds one"))
                .hint(Hint::run(
                    ["config", settings::REMOTE.key, "NAME-OR-URL"],
                    "selects a remote",
                ))
                .because(Reason::RemoteMissing)
        })?;
        remotes.push(main);
    }
    let mut report = SyncReport::default();
    let drafts = cleanup::drafts(pm);
    let mut conflicted_before = None;
    for remote in &remotes {
        if conflicted_before.is_none() {
            conflicted_before = Some(conflicted(&pm.store.state()?));
        }
        warn_of_mirror(pm, remote);
        let done = exchange_with(pm, remote, push, &mut report);
        // An exchange cannot use the hint `--offline`.
        let done = done.map_err(|error| error.hints_where(|hint| hint.text != OFFLINE));
        report.remotes.push(done?);
    }
    let mut open = show::open_reviews(pm)?;
    remote_branch::fetch_submitted(pm, &open)?;
    if push {
        pm.exchanges.replace(Some(Vec::new()));
        let followed = follow(pm, &mut open);
        add_exchanges(pm, &mut report);
        followed?;
    }
    if report.remotes.iter().any(|remote| remote.fetched > 0) {
        missing_work::fetch_merged(pm)?;
        missing_work::fetch_reached(pm)?;
    }
    let state = pm.store.state()?;
    let after = pm.store.require_tip()?;
    report.commit = after.to_string();
    if before != after && report.remotes.iter().any(|remote| remote.fetched > 0) {
        tell_incoming(pm, before, after, &mut report);
        tell_cycles(pm, &state, &report);
    }
    let before = conflicted_before.unwrap_or_default();
    report.conflicted = conflicted(&state)
        .into_iter()
        .filter(|id| !before.contains(id))
        .collect();
    report.drafts = cleanup::drafts(pm)
        .into_iter()
        .filter(|draft| !drafts.contains(draft))
        .collect();
    report.notices = notice::notices_to_me(pm, &state);
    // The report says it itself; `status` shows the notice.
    let said = !report.renumbered.is_empty();
    report
        .notices
        .retain(|one| !said || one.topic != notice::RENUMBERED);
    Ok(report)
}

/// What follows from the exchanged state: it may be exchanged again.
fn follow(pm: &Pm, open: &mut Vec<Item>) -> Result<()> {
    // What is in the target is not pushed again.
    at_host::end_merged_by_others(pm, open)?;
    arrived::note_all(pm)?;
    remote_branch::share_submitted(pm, open)?;
    left_work::share_all_left(pm)?;
    remote_branch::share_epics(pm)?;
    unpushed_merges::follow(pm)?;
    merged_branches::tidy_up(pm, false);
    Ok(())
}

/// Adds the fetched changes to a report. After a cut of the history the earlier commit may be
/// gone; then there are none.
fn tell_incoming(pm: &Pm, before: Oid, after: Oid, report: &mut SyncReport) {
    let Ok(changes) = incoming(pm.store.repo(), before, after) else {
        return;
    };
    let is_none = changes.as_ref().is_some_and(Vec::is_empty);
    let command = format!("git pm diff {}..{}", short(before), short(after));
    report.changes_command = (!is_none).then_some(command);
    report.changes = changes.unwrap_or_default();
    let fetched = report.remotes.iter().map(|remote| remote.fetched).sum();
    (report.lost_changes, report.overridden) =
        lost_changes(pm.store.repo(), before, after, fetched);
    // A comment on a deleted item is no news of it.
    let is_lost = |id: &str| report.lost_changes.iter().any(|lost| lost.id == id);
    report
        .changes
        .retain(|one| one.what == "deleted" || !is_lost(&one.id));
}

/// Tells of items that wait for each other now: two clones may each have added one of the edges.
fn tell_cycles(pm: &Pm, state: &State<'_>, report: &SyncReport) {
    let changed = report.changes.iter().filter_map(|one| Uid::new(&one.uid));
    let changed: Vec<Uid> = changed.collect();
    let near = state.around(&changed.iter().collect::<Vec<_>>(), Reach::Waits);
    for cycle in Graph::new(&near, pm.now_ms()).cycles() {
        let items = cycle.iter().filter_map(|uid| state.item(uid));
        let ids: Vec<String> = items.map(|item| state.shown_id(item)).collect();
        if let [first, second, ..] = &ids[..] {
            pm.notice(format!(
                "{} wait for each other; `git pm dep rm {first} {second}` ends it",
                ids.join(", ")
            ));
        }
    }
}

fn conflicted(state: &State<'_>) -> Vec<String> {
    state
        .scan(&Scan::Conflicted, |_| true, usize::MAX)
        .into_iter()
        .map(|item| state.shown_id(item))
        .chain(conflicted_learnings(state))
        .chain(conflicted_sections(state))
        .collect()
}
