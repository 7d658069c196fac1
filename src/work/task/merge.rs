//! `merge`: the only command that moves a target branch. Approved work is put on the target by
//! compare-and-swap of its ref; then the task is done and its clean worktree is removed.

mod ask_remote;
mod gate_result;
mod record;
mod verify_objects;

use serde::Serialize;

pub(crate) use gate_result::Gated;

use super::approval::{BY_GATES, approval_hint};
use super::create::SUBJECT_MAX;
use super::deps::graph_around;
pub use super::integrate::MergeView;
use super::integrate::{IntegrateOptions, Strategy, earlier, follow_landed, landed, prepare};
use super::work_commit::short;
use crate::coordinate::reserve::guard::Guard;
use crate::coordinate::reserve::{grant, queue};
use crate::coordinate::worktree;
use crate::error::{Error, Hint, Kind, Result};
use crate::graph::Reason;
use crate::model::item::Item;
use crate::model::settings;
use crate::model::settings::SyncMode;
use crate::model::stamp::parse_rfc3339;
use crate::model::status::Status;
use crate::model::stop::Stop;
use crate::model::text::{actor, one_line, shorten};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::requester::Requester;
use crate::pm::shared_views::ItemView;
use crate::store::state::State;
use crate::store::{fault, human_stops};

/// A merged item.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MergedItem {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// The merge.
    pub merged: MergeView,
}

/// Options of `merge`.
#[derive(Clone, Debug, Default)]
pub struct MergeOptions {
    /// The strategy; `pm.mergeStrategy`, else squash, by default.
    pub strategy: Option<Strategy>,
    /// The branch to move; otherwise the epic's or the default branch.
    pub target: Option<String>,
    /// Run the gates on the result before the target moves.
    pub gates: bool,
}

impl Tasks<'_> {
    /// Merges an approved item's branch into its target and marks it done.
    ///
    /// # Errors
    /// Kind `Refused` when it is not approved, waits for other items, touches reserved paths, or a
    /// checkout of the target is dirty in the touched paths; `Conflict` when the branch does not
    /// merge or the target was updated in the meantime.
    pub fn merge(&self, id: &str, options: &MergeOptions) -> Result<MergedItem> {
        self.pm.merge_gated(id, options, None)
    }
}

/// What is known of the gates on the result of a merge.
enum Gates<'g> {
    /// They are not asked for.
    Skip,
    /// They have to pass before the target moves.
    Run,
    /// They passed on this tree.
    Passed(&'g Gated),
}

impl Pm {
    /// [`Tasks::merge`] of a result that may have passed the gates already.
    ///
    /// # Errors
    /// As there; reason `merge.branch_moved` if it would be another result.
    pub(crate) fn merge_gated(
        &self,
        id: &str,
        options: &MergeOptions,
        gated: Option<Gated>,
    ) -> Result<MergedItem> {
        crate::pm::actor::require_name(&self.actor)?;
        let heard = self.join_remote_first()?;
        self.hold_rules()?;
        let state = self.store.state()?;
        if let Some(uid) = self.repeated(&state, "merge")? {
            return Ok(MergedItem {
                item: self.full_view(&state, &uid)?,
                merged: self.merged_before(&state, &uid),
            });
        }
        let item = state.find(id)?.clone();
        self.require_version(&state, &item)?;
        let id = state.shown_id(&item);
        self.require_mergeable(&state, &item)?;
        self.fetch_work(&state, &item)?;
        let branch = item.branch.clone().ok_or_else(|| {
            Error::refused(format!("{id} has no branch to merge")).hint(Hint::run(
                ["task", "done", &id, "--evidence", "TEXT"],
                "closes it by hand",
            ))
        })?;
        let target = self.target_of(&state, &item, options.target.as_deref())?;
        let strategy = self.strategy(options)?;
        let names = (branch.as_str(), target.as_str());
        // Whoever merges what only gates have approved, they come first.
        let by_gates = item
            .approval
            .as_ref()
            .is_some_and(|one| one.how == BY_GATES);
        let gates = match &gated {
            Some(gated) => Gates::Passed(gated),
            None if options.gates || by_gates => Gates::Run,
            None => Gates::Skip,
        };
        let moved = self.move_target(&state, &item, names, strategy, heard, &gates);
        let mut merged = moved.map_err(|error| match error.kind() {
            Kind::Conflict => self.with_contested(&state, &item, &branch, &target, error),
            _ => error,
        })?;
        fault::step("merge-moved")?;
        self.record_merge(&item.uid, &merged)?;
        fault::step("merge-marked")?;
        if self.sync_mode() != SyncMode::Manual {
            self.try_sync();
        }
        let mut view = self.full_view(&self.store.state()?, &item.uid)?;
        fault::step("merge-synced")?;
        // The last step: the worktree may be the caller's current folder, from which nothing of
        // this repository can be read afterwards.
        self.clear_worktree(&item, &branch, &mut merged);
        if merged.worktree_removed {
            view.worktree = None;
        }
        Ok(MergedItem { item: view, merged })
    }

    /// The report of a merge by an earlier run, as far as the state has it.
    pub(crate) fn merged_before(&self, state: &State<'_>, uid: &Uid) -> MergeView {
        let text = |name: &str| {
            state
                .doc(uid)
                .and_then(|d| d.text(name))
                .unwrap_or_default()
        };
        let strategy = self.strategy(&MergeOptions::default());
        let strategy = strategy.unwrap_or(Strategy::Squash);
        earlier(strategy, text("merged_into"), text("merged_commit"))
    }

    fn strategy(&self, options: &MergeOptions) -> Result<Strategy> {
        let configured = self.store.repo().config(settings::MERGE_STRATEGY.key);
        match (options.strategy, configured) {
            (Some(strategy), _) => Ok(strategy),
            (None, Some(text)) => text.parse(),
            (None, None) => Ok(Strategy::Squash),
        }
    }

    fn require_mergeable(&self, state: &State<'_>, item: &Item) -> Result<()> {
        let id = state.shown_id(item);
        let doc = state.doc(&item.uid).filter(|_| self.actor.is_agent);
        if let Some(stop) = doc.and_then(|doc| Stop::of(doc, item, self.now_ms())) {
            return Err(stop.refusal(&id));
        }
        if self.actor.is_agent {
            human_stops::require_way(state, item, &self.actor, self.now_ms())?;
        }
        if item.status != Status::ReadyForIntegration {
            let next = match item.status {
                Status::InReview => approval_hint(&id, self.actor.is_agent),
                Status::InProgress => Hint::run(["task", "finish", &id], "submits it first"),
                _ => Hint::run(["show", &id], "shows its status"),
            };
            return Err(Error::refused(format!(
                "{id} is {}; only items that are ready_for_integration can be merged",
                item.status
            ))
            .because("merge.not_ready")
            .about(&id)
            .hint(next));
        }
        self.require_approval(state, item)?;
        let waits: Vec<String> = graph_around(state, &item.uid, self.now_ms())
            .reasons(&item.uid)
            .into_iter()
            .filter_map(|reason| match reason {
                Reason::BlockedBy(blocker) => state.item(&blocker.uid).map(|i| state.shown_id(i)),
                _ => None,
            })
            .collect();
        if !waits.is_empty() {
            return Err(Error::refused(format!(
                "{id} can be merged only after {}, which is not merged yet",
                waits.join(", ")
            ))
            .because("merge.waits")
            .about(&id)
            .hint(Hint::run(["merge", &waits[0]], "first")));
        }
        if !self.actor.is_agent {
            let told = human_stops::in_the_way(state, item, self.now_ms());
            told.into_iter().for_each(|what| self.notice(what));
        }
        Ok(())
    }

    /// Moves the target, unless an earlier run did and died before that was recorded.
    fn move_target(
        &self,
        state: &State<'_>,
        item: &Item,
        (branch, target): (&str, &str),
        strategy: Strategy,
        heard: bool,
        gates: &Gates<'_>,
    ) -> Result<MergeView> {
        let repo = self.store.repo();
        let git = &repo.git().plain();
        let local = format!("refs/heads/{branch}");
        if repo.ref_target(&local)?.is_some() {
            self.require_finished_work(state, item, branch, &local)?;
        } else {
            let remote = self.remote_branch(branch).ok_or_else(|| {
                Error::not_found(format!(
                    "the branch {} is not in this clone",
                    one_line(branch)
                ))
                .hint("fetch it first: `git fetch`")
            })?;
            self.require_finished_work(state, item, branch, &remote)?;
            git.require(&["branch", "--no-track", "--", branch, &remote])?;
        }
        let options = IntegrateOptions {
            branch: branch.to_string(),
            target: target.to_string(),
            strategy,
            message: message(&state.shown_id(item), item),
        };
        // Not before the approval: work that was reverted and approved again is merged again.
        let approved = item.approval.as_ref();
        if let Some(approved_ms) = approved.and_then(|one| parse_rfc3339(&one.at))
            && let Some(landed) = landed(git, &options, approved_ms / 1000)?
        {
            for behind in follow_landed(git, target, &landed)? {
                self.notice(behind);
            }
            return Ok(MergeView {
                old: landed.old,
                ..earlier(landed.strategy, target, &landed.new)
            });
        }
        let prepared = match prepare(git, &options) {
            Ok(prepared) => prepared,
            Err(error) if error.kind() == Kind::Refused => {
                let standing = worktree::branch_state(git, branch, target, None)?;
                let merged = standing.merged.is_some();
                let now = repo.ref_target(&format!("refs/heads/{target}"))?;
                let (true, Some(now)) = (merged, now) else {
                    return Err(error);
                };
                self.require_nothing_left_out(state, item, branch, target, strategy)?;
                return Ok(earlier(strategy, target, &now.to_string()));
            }
            Err(error) => return Err(error),
        };
        match gates {
            Gates::Skip => {}
            Gates::Run => {
                self.gate_result(&state.shown_id(item), target, prepared.new_commit())?;
            }
            Gates::Passed(gated) => self.require_gated(gated, prepared.new_commit(), target)?,
        }
        // Gates may take long.
        let state = &self.store.state()?;
        if self.actor.is_agent {
            self.verify_objects(git, item, &prepared, strategy)?;
        }
        self.require_approved(state, item, prepared.branch_commit(), target, strategy)?;
        self.require_nothing_stopped_in(state, item, prepared.branch_commit(), target)?;
        let touched = prepared.touched();
        let standing = queue::ranked(state, self.now_ms(), self.case());
        let requester = Requester {
            branch: Some(branch.to_string()),
            worktree: None,
            ..self.requester()
        };
        let found = Guard::new(state, &standing, self.case()).held(&touched, &requester);
        if !found.is_empty() {
            return Err(grant::refusal(found));
        }
        self.rehearse_record(item, prepared.new_commit(), target, heard)?;
        fault::step("merge-prepared")?;
        prepared.apply()
    }

    /// Refuses to call work merged if its branch was moved back: the approved work has to be in the
    /// target, or still be the branch's.
    fn require_nothing_left_out(
        &self,
        state: &State<'_>,
        item: &Item,
        branch: &str,
        target: &str,
        strategy: Strategy,
    ) -> Result<()> {
        let git = &self.store.repo().git().plain();
        if let Some(approved) = self.approved_commit(item) {
            let onto = format!("refs/heads/{target}");
            let args = ["merge-base", "--is-ancestor", &approved, &onto];
            if git.run(&args)?.ok() {
                return Ok(());
            }
        }
        let tip = worktree::branch::require_tip(git, branch)?.commit;
        self.require_approved(state, item, &tip, target, strategy)
    }

    /// Refuses a branch that ends before the commit that was submitted: the rest of the work would
    /// be missing from a task that is done. Its approval decides on a branch that was rebased or
    /// has newer commits.
    fn require_finished_work(
        &self,
        state: &State<'_>,
        item: &Item,
        branch: &str,
        name: &str,
    ) -> Result<()> {
        let repo = self.store.repo();
        let doc = state.doc(&item.uid);
        let finished = doc.and_then(|d| d.text("finished_commit"));
        let (Some(finished), Some(tip)) = (
            finished.and_then(|hex| repo.parse_id(hex)),
            repo.ref_target(name)?,
        ) else {
            return Ok(());
        };
        if tip == finished {
            return Ok(());
        }
        let git = repo.git().plain();
        let id = state.shown_id(item);
        let (tip, finished) = (tip.to_string(), finished.to_string());
        let short = short(&finished);
        let known = format!("{finished}^{{commit}}");
        if !git.run(&["cat-file", "-e", &known])?.ok() {
            let who = doc.and_then(|d| d.text("finished_by")).map(actor);
            let who = who.unwrap_or_else(|| "its owner".into());
            let branch = one_line(branch);
            return Err(Error::refused(format!(
                "{id} was submitted at {short}, which is not in this clone"
            ))
            .because("merge.work_missing")
            .about(&id)
            .hint(Hint::git(
                ["fetch"],
                format!("fetches it once {who} has pushed {branch}"),
            ))
            .hint(format!(
                "if it was rewritten: `git pm task start {id} --resume`, then finish it again"
            )));
        }
        let lags = git.run(&["merge-base", "--is-ancestor", &tip, &finished])?;
        if lags.ok() {
            return Err(Error::refused(format!(
                "in this clone, {} does not contain {short}, the commit at which {id} was submitted",
                one_line(branch)
            ))
            .because("merge.work_missing")
            .about(&id)
            .hint(Hint::git(
                ["fetch", ".", &format!("{finished}:{branch}")],
                "updates it",
            ))
            .hint(Hint::git(
                ["merge", "--ff-only", &finished],
                "updates it if it is checked out",
            )));
        }
        Ok(())
    }

    fn clear_worktree(&self, item: &Item, branch: &str, merged: &mut MergeView) {
        let Some(place) = self.here().worktrees.get(branch).cloned() else {
            return;
        };
        let place = std::path::Path::new(&place);
        let home = self.store.repo().git_at_home();
        match self.remove_worktree_from(&home, place, false, &item.id) {
            Ok(()) => {
                merged.worktree_removed = true;
                if !self.store.env().cwd.exists() {
                    self.notice(format!(
                        "the current directory was removed: `cd {}`",
                        worktree::path::word(home.dir())
                    ));
                }
            }
            Err(error) => merged.worktree_kept = Some(error.message().to_string()),
        }
    }
}

/// The message of the commit on the target.
fn message(id: &str, item: &Item) -> String {
    let title = one_line(&item.title);
    let mut text = format!("{}\n\n", shorten(&title, SUBJECT_MAX));
    if title.chars().count() > SUBJECT_MAX {
        text.push_str(&format!("{title}\n\n"));
    }
    let ticked: Vec<_> = item.acceptance.iter().filter(|c| c.done).collect();
    for criterion in &ticked {
        text.push_str(&format!("- {}\n", one_line(&criterion.text)));
    }
    if !ticked.is_empty() {
        text.push('\n');
    }
    text.push_str(&format!("Task: {id}\n"));
    text
}
