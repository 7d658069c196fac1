//! Moves the target of a merge: the checks of the work that is merged, the new commits, and the
//! swap.

use super::{Gated, Gates};
use crate::coordinate::reserve::guard::Guard;
use crate::coordinate::reserve::{grant, queue};
use crate::coordinate::worktree;
use crate::coordinate::worktree::branch::tree_of;
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::model::item::Item;
use crate::model::stamp::parse_rfc3339;
use crate::model::text::{actor, one_line};
use crate::pm::Pm;
use crate::pm::requester::Requester;
use crate::store::fault;
use crate::store::git::process::Git;
use crate::store::state::State;
use crate::work::task::approval::is_by_gates;
use crate::work::task::integrate::{
    IntegrateOptions, Landed, MergeView, Strategy, earlier, fast_forward, follow_landed, landed,
    prepare,
};
use crate::work::task::work_commit::short;

/// The commits of a merge, and the files that it changes.
pub(super) struct Work<'w> {
    /// The branch's last commit.
    pub(super) tip: &'w str,
    /// The target's commit that it is merged into.
    pub(super) onto: &'w str,
    /// The files.
    pub(super) touched: &'w [String],
}

impl Pm {
    /// Moves the target, unless an earlier run did and died before that was recorded.
    pub(super) fn move_target(
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
        self.require_branch_here(state, item, branch)?;
        self.require_approved_target(state, item, target)?;
        let mut options = self.integration(state, item, (branch, target), strategy);
        if let Some(landed) = landed_before(git, item, &options)? {
            for behind in follow_landed(git, target, &landed)? {
                self.notice(behind);
            }
            return Ok(MergeView {
                old: landed.old,
                ..earlier(landed.strategy, target, &landed.new)
            });
        }
        let below = self.brought_below(state, item);
        if strategy != Strategy::Rebase {
            options.message = self.completed_message(item, target, options.message)?;
        }
        let mut prepared = match prepare(git, &options, &below) {
            Ok(prepared) => prepared,
            // The host may have merged it, and others may have changed the files since.
            Err(error) if matches!(error.kind(), Kind::Refused | Kind::Conflict) => {
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
                let tested = prepared.new_commit();
                self.gate_result(item, target, tested)?;
                let tested = Gated(tree_of(git, tested)?);
                // Made again from the objects that are verified below, not from those of then.
                prepared = prepare(git, &options, &below)?;
                self.require_gated(&tested, prepared.new_commit(), target)?;
            }
            Gates::Passed(gated) => self.require_gated(gated, prepared.new_commit(), target)?,
        }
        // Gates may take long.
        let state = &self.store.state()?;
        let work = Work {
            tip: prepared.branch_commit(),
            onto: prepared.target_commit(),
            touched: &prepared.touched(),
        };
        self.verify_objects(git, item, &work, strategy, &below)?;
        self.require_permitted(state, item, &options, &work)?;
        self.rehearse_record(item, prepared.new_commit(), target, heard)?;
        fault::step("merge-prepared")?;
        let item = state.item(&item.uid).unwrap_or(item);
        if is_by_gates(item) {
            self.note_unseen(prepared.new_commit())?;
        }
        self.push_before_move(target, prepared.new_commit())?;
        fault::step("merge-pushed")?;
        prepared.apply()
    }

    /// Requires the work that was submitted in a branch of this clone; one that only a remote has
    /// is created here.
    pub(super) fn require_branch_here(
        &self,
        state: &State<'_>,
        item: &Item,
        branch: &str,
    ) -> Result<()> {
        let repo = self.store.repo();
        let local = format!("refs/heads/{branch}");
        if repo.ref_target(&local)?.is_some() {
            return self.require_finished_work(state, item, branch, &local);
        }
        let git = repo.git().plain();
        let remote = self.remote_branch(branch);
        if let Some(remote) = &remote {
            self.require_finished_work(state, item, branch, remote)?;
        }
        // Its commit may be here by another branch.
        let finished = self.submitted(state, item);
        let finished = finished.filter(|hex| repo.resolve(hex).is_some());
        let Some(from) = remote.or(finished) else {
            return Err(Error::not_found(format!(
                "the branch {} is not in this clone",
                one_line(branch)
            ))
            .hint("fetch it first: `git fetch`"));
        };
        git.require(&["branch", "--no-track", "--", branch, &from])?;
        Ok(())
    }

    /// The integration of an item's branch into a target.
    pub(super) fn integration(
        &self,
        state: &State<'_>,
        item: &Item,
        (branch, target): (&str, &str),
        strategy: Strategy,
    ) -> IntegrateOptions {
        IntegrateOptions {
            branch: branch.to_string(),
            target: target.to_string(),
            strategy,
            message: self.merge_message(&state.shown_id(item), item, branch, target),
        }
    }

    /// Refuses a merge of other work than the approved, of stopped work along with it, or into
    /// paths that another actor reserved.
    pub(super) fn require_permitted(
        &self,
        state: &State<'_>,
        item: &Item,
        options: &IntegrateOptions,
        work: &Work<'_>,
    ) -> Result<()> {
        let (target, strategy) = (options.target.as_str(), options.strategy);
        let item = state.item(&item.uid).unwrap_or(item);
        self.require_pinned(state, item, target)?;
        if is_by_gates(item) {
            self.require_unguarded(&state.shown_id(item), work.tip, target, work.touched)?;
        }
        self.require_approved(state, item, work.tip, target, strategy)?;
        self.require_nothing_stopped_in(state, item, work.tip, target)?;
        let standing = queue::ranked(state, self.now_ms(), self.case());
        let requester = Requester {
            branch: Some(options.branch.clone()),
            worktree: None,
            ..self.requester()
        };
        let found = Guard::new(state, &standing, self.case()).held(work.touched, &requester);
        match found.is_empty() {
            true => Ok(()),
            false => Err(grant::refusal(found)),
        }
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

    /// Moves a branch of this clone forward to the commit that was submitted, and refuses one that
    /// ends before it: the rest of the work would be missing from a task that is done. Its approval
    /// decides on a branch that was rebased or has newer commits.
    pub(super) fn require_finished_work(
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
                "{id} was submitted at commit {short}, which is not in this clone"
            ))
            .because(Reason::MergeWorkMissing)
            .about(&id)
            .hint(Hint::git(
                ["fetch"],
                format!("fetches it once {who} has pushed {branch}"),
            ))
            .hint(format!(
                "if the branch was rewritten: `git pm task start {id} --resume`, then finish the \
                 item again"
            )));
        }
        let lags = git.run(&["merge-base", "--is-ancestor", &tip, &finished])?;
        match (lags.ok(), name.strip_prefix("refs/heads/")) {
            // It was submitted again from another clone.
            (true, Some(_)) => fast_forward(&git, branch, &finished),
            (true, None) => Err(Error::refused(format!(
                "{} does not contain {short}, the commit at which {id} was submitted",
                one_line(branch)
            ))
            .because(Reason::MergeWorkMissing)
            .about(&id)
            .hint(Hint::git(["fetch"], "fetches the newest commits"))),
            _ => Ok(()),
        }
    }
}

/// An earlier move of the target by this merge. Not from before the approval: work that was
/// reverted and approved again is merged again.
pub(super) fn landed_before(
    git: &Git,
    item: &Item,
    options: &IntegrateOptions,
) -> Result<Option<Landed>> {
    let approved = item.approval.as_ref();
    match approved.and_then(|one| parse_rfc3339(&one.at)) {
        Some(approved_ms) => landed(git, options, approved_ms / 1000),
        None => Ok(None),
    }
}
