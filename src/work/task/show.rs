//! Showing one item.

use crate::coordinate::finding::summary;
use crate::coordinate::gate::gates_to_run;
use crate::coordinate::hand_off;
use crate::coordinate::here;
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Kind, Result};
use crate::model::item::Item;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::artifact_view::artifacts_near;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::store::history::introduced;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::task::branch_work;
use crate::work::task::landed_commits;
use crate::work::task::left_work;
use crate::work::task::merge::gate_result;
use crate::work::task::remote_branch;
use crate::work::task::stacked_work;
use crate::work::task::start::missing_work;
use crate::work::task::work_commit;

impl Tasks<'_> {
    /// One item with body and comments.
    ///
    /// # Errors
    /// When the name matches no item or more than one.
    pub fn show(&self, id: &str) -> Result<ItemView> {
        let state = self.pm.store.snapshot()?;
        let uid = match state.find(id) {
            Ok(item) => item.uid.clone(),
            Err(error) => {
                return Err(match state.find_deleted(id) {
                    Some(item) if error.kind() == Kind::NotFound => deleted(self.pm, &state, item)?,
                    _ => damaged_hint(&state, id, error),
                });
            }
        };
        let mut view = in_full(self.pm, &state, &uid)?;
        if let Some(item) = state.item(&uid) {
            // The start has said it.
            if !item.status.is_closed() && item.status != Status::InProgress {
                left_work::tell_saved(self.pm, &state, item)?;
            }
            view.artifacts = Some(artifacts_near(&state, item));
            // The fetch may take long.
            state.release();
            remote_branch::fetch_work(self.pm, &state, item)?;
            view.work = work_commit::work_view(self.pm, &state, item)?;
            // As after a run, which gave it back to its agent.
            if view.work.is_none() && !item.status.is_closed() {
                let failed = gate_result::failed_gate(self.pm, &state, item);
                failed.into_iter().for_each(|said| self.pm.notice(said));
            }
            let into = target::own_target_said(&state, item).filter(|_| !item.status.is_closed());
            let landed = landed_commits::said(self.pm, &state, item);
            let not_here = missing_work::not_here(self.pm, &state, item);
            let told = into.into_iter().chain(landed).chain(not_here.clone());
            told.for_each(|said| self.pm.notice(said));
            // Approved work says itself where its branch is.
            let is_found = item.status.is_finished() && item.merged_commit.is_some();
            if is_found && item.approval.is_none() && not_here.is_none() {
                let left = branch_work::unmerged(self.pm, &state, item)?;
                left.into_iter()
                    .for_each(|left| self.pm.notice(format!("not merged: {left}")));
            }
            let waits = matches!(item.status, Status::InReview | Status::ReadyForIntegration);
            let commit = view.work.as_ref().and_then(|work| work.commit.as_deref());
            // As far as possible: branches and objects may be missing here.
            if let Some(commit) = commit.filter(|_| waits)
                && let Ok(target) = target::target_of(self.pm, &state, item, None)
            {
                let _ = gates_to_run::notice_gate_changes(self.pm, &view.id, commit, &target);
                let _ = stacked_work::report_stacked_work(self.pm, &state, item, commit, &target);
            }
        }
        Ok(view)
    }

    /// The item that a change by this name would change; [`show`](Self::show) also reads a former number that is
    /// ambiguous for a change.
    ///
    /// # Errors
    /// As `show`.
    pub fn meant(&self, id: &str) -> Result<ItemView> {
        let _writing = self.pm.writing();
        let uid = self.pm.store.state()?.find(id)?.uid.clone();
        here::view_of(self.pm, &uid)
    }
}

/// An item with its texts and comments, the items around it, its newest handoff and its findings.
///
/// # Errors
/// When the state cannot be read.
pub(crate) fn in_full(pm: &Pm, state: &State<'_>, uid: &Uid) -> Result<ItemView> {
    let mut view = here::full_view(pm, state, uid)?;
    if let Some(item) = state.item(uid) {
        view.name_others(state, item, pm.now_ms());
        view.handoff = hand_off::newest_handoff(state, uid);
        view.findings = summary::of_item(pm, state, uid)?;
    }
    Ok(view)
}

/// Copies of [`in_review`].
///
/// # Errors
/// When the state cannot be read.
pub(crate) fn open_reviews(pm: &Pm) -> Result<Vec<Item>> {
    let state = pm.store.state()?;
    Ok(in_review(&state).into_iter().cloned().collect())
}

/// The items in review or ready for integration.
pub(crate) fn in_review<'a>(state: &'a State<'_>) -> Vec<&'a Item> {
    state.scan(&Scan::Submitted, |_| true, usize::MAX)
}

/// The error for a deleted item, with the command that brings it back, if one does.
fn deleted(pm: &Pm, state: &State<'_>, item: &Item) -> Result<Error> {
    let (repo, tip) = (pm.store.repo(), pm.store.require_tip()?);
    let found = introduced(repo, tip, None, (&item.born, &item.uid), |doc| {
        doc.value("deleted").is_true()
    });
    let error = state.was_deleted(item);
    let id = state.shown_id(item);
    // The history may be cut or not be here.
    let Some(commit) = found.ok().flatten() else {
        return Ok(error.hint(Hint::run(["log", &id], "shows what became of it")));
    };
    let is_deletion = commit.op().ends_with(" delete");
    let effect = match commit.trailers("PM-Item").len() {
        1 if is_deletion || commit.op() == "undo" => "brings it back",
        2.. if is_deletion => "brings back everything that was deleted with it",
        // An undo of an import or of a batch would take back all the rest of it, too.
        _ => {
            let by = format!("shows `{}`, which deleted it", one_line(commit.subject()));
            return Ok(error
                .hint(Hint::run(["log", &id], by))
                .hint("an undo of that would undo everything in it; create the item again"));
        }
    };
    let short = commit.id.to_hex_with_len(12).to_string();
    Ok(error.hint(Hint::run(["undo", &short], effect)))
}

/// Replaces "not found" where the name is that of a damaged file.
fn damaged_hint(state: &State<'_>, id: &str, error: Error) -> Error {
    let wanted = crate::model::id::normalized(id);
    let damaged = state.damaged().into_iter().find(|d| {
        d.path
            .rsplit('/')
            .next()
            .is_some_and(|name| name.starts_with(&format!("{wanted}-")))
    });
    match damaged {
        Some(d) => Error::state(format!("{wanted} is damaged: {}: {}", d.path, d.reason))
            .hint(format!(
                "inspect it with `git show refs/pm/main:{}`",
                d.path
            ))
            .hint(Hint::run(["log"], "shows the last writer")),
        None => error,
    }
}
