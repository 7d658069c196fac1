//! `finish`: checks that the work is clean, gated and accepted, and submits it for review.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gates::GATES_PASSED;
use super::transition::{borrowed, move_to, open_criteria, require_item, set_status};
use super::work_commit::short;
use crate::coordinate::claim::end_claims::release_of_claim;
use crate::coordinate::gate::Gate;
use crate::coordinate::message;
use crate::coordinate::worktree;
use crate::coordinate::worktree::moved::Moved;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::item::Item;
use crate::model::settings::SyncMode;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::actor::require_human;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::pm::{Confined, Pm};
use crate::store::fault;
use crate::store::state::State;
use crate::store::transaction::Tx;
use crate::work::task::merge::{MergeOptions, MergeView};

/// The report of `finish`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Finished {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// The remote that the branch was pushed to.
    pub pushed_to: Option<String>,
    /// The merge, with `--merge`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<MergeView>,
}

/// Options of `finish`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
pub struct FinishOptions {
    /// Approve and merge at once, when working alone.
    #[arg(long)]
    #[serde(default)]
    pub merge: bool,
    /// Finish even if criteria are not accepted or a gate fails; this is recorded.
    #[arg(long)]
    #[serde(default)]
    pub force: bool,
    /// Accept all open criteria, as confirmed at the terminal.
    #[arg(skip)]
    #[serde(skip)]
    pub accept_all: bool,
    /// Accept all open criteria if a gate was passed, which is the evidence: for an agent that has
    /// no tool to accept them.
    #[arg(skip)]
    #[serde(skip)]
    pub accept_gated: bool,
}

impl Tasks<'_> {
    /// Submits a task: clean tree, commits present, gates passed, criteria accepted. Its
    /// reservations are released at the branch's commit.
    ///
    /// # Errors
    /// Kind `Refused` for anything that is missing; kind `Conflict` when another actor holds it.
    pub fn finish(&self, id: Option<&str>, options: &FinishOptions) -> Result<Finished> {
        let state = self.pm.store.state()?;
        let before = if options.merge {
            self.pm
                .step(" merge", || self.pm.repeated(&state, "merge"))?
        } else {
            self.pm.repeated(&state, "task finish")?
        };
        if let Some(uid) = before {
            return Ok(Finished {
                item: self.pm.full_view(&state, &uid)?,
                pushed_to: None,
                merged: options.merge.then(|| self.pm.merged_before(&state, &uid)),
            });
        }
        let uid = self.pm.named_or_held(&state, id)?;
        let state = match self.pm.catch_up(&require_item(&state, &uid)?) {
            true => self.pm.store.state()?,
            false => state,
        };
        let item = require_item(&state, &uid)?;
        let shown = state.shown_id(&item);
        if options.merge {
            // The state just fetched may have loosened a rule.
            self.pm.hold_rules()?;
            self.pm.require_solo(&shown)?;
            // The approval is the claimant's own, even of work submitted before.
            self.pm.require_own(&state, &item)?;
        }
        // Approved work that moved on is submitted again: what is merged has passed the gates.
        let submitted = item.status == Status::InReview
            || item.status == Status::ReadyForIntegration
                && self.pm.submitted(&state, &item) == Some(self.pm.work_of(&state, &item)?);
        let repeated = self.pm.repeated(&state, "task finish")?.is_some();
        let mut pushed_to = None;
        if !(repeated || options.merge && submitted) {
            pushed_to = self.pm.submit(&state, &item, options)?;
        }
        if options.merge {
            if !self.pm.is_approved_now(&uid)? {
                self.pm.require_unguarded_work(&uid)?;
                self.pm.step(" approve", || {
                    self.pm.tasks().approve(
                        uid.as_str(),
                        None,
                        Some("by its claimant, with finish --merge"),
                    )
                })?;
            }
            let done = self.pm.step(" merge", || {
                self.pm
                    .tasks()
                    .merge(uid.as_str(), &MergeOptions::default())
            })?;
            return Ok(Finished {
                item: done.item,
                pushed_to: None,
                merged: Some(done.merged),
            });
        }
        if self.pm.sync_mode() != SyncMode::Manual {
            self.pm.try_sync();
        }
        self.pm.notify_ended();
        Ok(Finished {
            item: self.pm.view_of(&uid)?,
            pushed_to,
            merged: None,
        })
    }
}

impl Pm {
    fn require_solo(&self, id: &str) -> Result<()> {
        require_human(
            &self.actor,
            "merging your own work",
            format!("`git pm task finish {id}` submits it for review"),
        )?;
        if !self.may_merge_own() {
            return Err(
                Error::refused("merging your own work is disabled (pm.soloMerge)")
                    .hint(Hint::run(["task", "finish", id], "submits it for review")),
            );
        }
        self.require_approval_here(&format!("git pm finish {id} --merge"))?;
        Ok(())
    }

    /// Submits the work, after its branch has reached the remote: what is in review can be seen.
    /// Returns the remote.
    fn submit(
        &self,
        state: &State<'_>,
        item: &Item,
        options: &FinishOptions,
    ) -> Result<Option<String>> {
        let id = state.shown_id(item);
        let again = item.status == Status::InReview;
        if !again {
            let to = &Status::InReview;
            super::transition::require_allowed(state, item, self.actor.is_agent, to)?;
        }
        self.require_own(state, item)?;
        let branch = item.branch.clone().ok_or_else(|| {
            Error::refused(format!("{id} has no branch, so there is nothing to submit"))
                .hint(Hint::run(["start", &id], "creates one"))
                .hint(Hint::run(
                    ["task", "done", &id, "--evidence", "TEXT"],
                    "closes it by hand",
                ))
        })?;
        let git = self.store.repo().git();
        let repo = self.store.repo();
        // Read once: what follows is about this commit, and recorded with it.
        let tip = repo.ref_target(&format!("refs/heads/{branch}"))?;
        let tip = tip.map(|tip| tip.to_string()).unwrap_or_default();
        if again && self.submitted(state, item).as_ref() == Some(&tip) {
            self.notice(format!("{id} was submitted at this commit already"));
            return self.share_branch(&branch, self.own_place(item)?.as_deref());
        }
        let place = self.here().worktrees.get(&branch).cloned();
        if let Some(place) = &place {
            let moved = self.moved(item, Path::new(place))?;
            if let Some(moved) = moved.filter(Moved::has_work) {
                return Err(moved.refusal(&id));
            }
            let dirt = worktree::dirt_in(git, Path::new(place))?;
            if !dirt.is_clean() {
                return Err(Error::refused(format!(
                    "the worktree of {id} has uncommitted work: {}",
                    dirt.summary()
                ))
                .because(Reason::FinishUncommitted)
                .about(&id)
                .hint(format!("commit it in {place}, then finish again")));
            }
        }
        let target = self.target_of(state, item, None)?;
        // As fetched last: commits of a target that is behind here are not the task's.
        let against = self.counted_against(&target)?;
        let standing = worktree::branch_state(git, &branch, &against, None)?;
        if !standing.exists {
            return Err(Error::not_found(format!(
                "the branch {branch} of {id} is not in this clone"
            ))
            .hint("fetch it first: `git fetch`"));
        }
        let mut overridden = standing.ahead == 0;
        if overridden && !options.force {
            return Err(
                Error::refused(format!("{branch} has no commits ahead of {target}"))
                    .because(Reason::FinishNoCommits)
                    .about(&id)
                    .hint("commit the work first")
                    .hint(Hint::run(
                        ["task", "done", &id, "--evidence", "TEXT"],
                        "closes it by hand",
                    )),
            );
        }
        let gates = self.gates_for(&target, &tip)?;
        self.notice_gate_changes(&id, &tip, &target)?;
        let mut passed: Vec<String> = Vec::new();
        // The agent that hands this over is alive, and could show them other files.
        let later = !gates.is_empty() && self.is_handed();
        overridden |= later && options.force;
        if !gates.is_empty() && !later {
            let place = place.clone().ok_or_else(|| {
                Error::refused(format!(
                    "the gates of {id} need its worktree, which is not in this clone"
                ))
                .hint(Hint::run(["start", &id, "--resume"], "creates it"))
            })?;
            self.require_at(&id, &branch, &place, &tip)?;
            let confined = self.confined(self.is_own_work(item)?)?;
            let confined = confined.as_ref();
            for gate in &gates {
                match self.pass_gate(&id, gate, Path::new(&place), (&target, &tip), confined) {
                    Ok(result) => passed.extend(result),
                    Err(error) if options.force => {
                        overridden = true;
                        self.notice(format!(
                            "finished anyway because of `--force`: {}",
                            error.message()
                        ));
                    }
                    Err(error) => return Err(error),
                }
            }
            self.require_at(&id, &branch, &place, &tip)?;
        }
        let open = open_criteria(item);
        let by_gates = options.accept_gated && !passed.is_empty();
        if !open.is_empty() && !options.accept_all && !by_gates && !options.force {
            let numbers: Vec<String> = open.iter().map(ToString::to_string).collect();
            let accept = ["task", "accept", &id].into_iter();
            let accept = accept.chain(numbers.iter().map(String::as_str));
            return Err(Error::refused(format!(
                "{} of {} acceptance criteria of {id} are not accepted yet",
                open.len(),
                item.acceptance.len()
            ))
            .because(Reason::FinishNotAccepted)
            .about(&id)
            .hint(Hint::run(accept, "accepts them; `--all` accepts all"))
            .hint(Hint::run(["show", &id], "lists them")));
        }
        if later && !options.force {
            self.notice(format!("{id} is submitted once its agent has ended"));
            return Ok(None);
        }
        if !gates.is_empty() {
            // The gates may have taken longer than the lease.
            self.catch_up(item);
        }
        fault::step("finish-gated")?;
        if overridden {
            passed.clear();
        }
        // With `--merge` only the result is for others.
        let pushed_to = match options.merge {
            true => None,
            false => {
                let state = self.store.state()?;
                self.require_own(&state, &require_item(&state, &item.uid)?)?;
                self.share_branch(&branch, self.own_place(item)?.as_deref())?
            }
        };
        fault::step("finish-pushed")?;
        self.write_finished(&item.uid, &tip, &passed, overridden, options)?;
        Ok(pushed_to)
    }

    /// Refuses if a branch or the files of its worktree are not those of a commit, so that a result
    /// of gates belongs to that commit. New files do not count, as gates leave some.
    fn require_at(&self, id: &str, branch: &str, place: &str, tip: &str) -> Result<()> {
        let refused = |what: String| {
            let tip = short(tip);
            Error::refused(format!(
                "the gates of {id} are for commit {tip}, but {what}"
            ))
            .because(Reason::FinishBranchMoved)
            .about(id)
            .hint(Hint::run(["finish", id], "submits the present work"))
        };
        let now = self
            .store
            .repo()
            .ref_target(&format!("refs/heads/{branch}"))?;
        let git = self.store.repo().git().in_worktree(Path::new(place))?;
        let head = git.run(&["rev-parse", "--verify", "--quiet", "HEAD"])?;
        let now = now.map(|now| now.to_string()).unwrap_or_default();
        let mut other = [(branch, now), ("HEAD", head.text())].into_iter();
        if let Some((what, is)) = other.find(|(_, is)| is != tip) {
            let (what, is) = (one_line(what), short(&is));
            return Err(refused(format!("{what} in {place} is at {is}")));
        }
        let dirt = worktree::dirt(&git)?;
        match dirt.staged.is_empty() && dirt.modified.is_empty() {
            true => Ok(()),
            false => Err(refused(format!(
                "the files in {place} differ: {}",
                dirt.summary()
            ))),
        }
    }

    /// The commit at which an item was submitted.
    pub(super) fn submitted(&self, state: &State<'_>, item: &Item) -> Option<String> {
        let hex = state.doc(&item.uid)?.text("finished_commit")?;
        Some(self.store.repo().parse_id(hex)?.to_string())
    }

    /// Refuses to approve work on the way to its merge that only a human lets pass who looks at it.
    fn require_unguarded_work(&self, uid: &Uid) -> Result<()> {
        let state = self.store.state()?;
        let item = require_item(&state, uid)?;
        let target = self.target_of(&state, &item, None)?;
        let tip = self.work_of(&state, &item)?;
        let names = self.changed_names(&target, &tip)?;
        self.require_unguarded(&state.shown_id(&item), &tip, &target, &names)
    }

    /// The record of a gate that the work passes; none for an advisory one that it fails.
    fn pass_gate(
        &self,
        id: &str,
        gate: &Gate,
        place: &Path,
        (target, tip): (&str, &str),
        confined: Option<&Confined>,
    ) -> Result<Option<String>> {
        if !self.passes(gate, place, confined)? {
            return Ok(None);
        }
        let onto = self.tip_of(target)?.filter(|_| gate.tests_first);
        let Some(onto) = onto else {
            return Ok(Some(gate.name.clone()));
        };
        let tests = self.require_tests_first(id, gate, onto, tip, confined)?;
        Ok(Some(format!("{} (failed at {tests})", gate.name)))
    }

    fn write_finished(
        &self,
        uid: &Uid,
        commit: &str,
        passed: &[String],
        overridden: bool,
        options: &FinishOptions,
    ) -> Result<()> {
        let write = |tx: &mut Tx<'_>| {
            let item = require_item(&tx.state, uid)?;
            self.require_own(&tx.state, &item)?;
            let id = tx.state.shown_id(&item);
            let by_gates = options.accept_gated && !passed.is_empty();
            if options.accept_all || by_gates {
                for criterion in item.acceptance.iter().filter(|c| !c.done) {
                    let actor = tx.actor().to_string();
                    tx.edit(uid, |doc, clock| {
                        doc.set_entry("acceptance", &criterion.id, "by", actor, clock);
                        if by_gates {
                            let evidence = format!("gates passed: {}", passed.join(", "));
                            doc.set_entry("acceptance", &criterion.id, "evidence", evidence, clock);
                        }
                        doc.set_entry("acceptance", &criterion.id, "done", true, clock)
                    })?;
                }
            }
            let forced = options.force && (overridden || !open_criteria(&item).is_empty());
            let mut extra: Vec<(String, Value)> = vec![
                ("finished_at".into(), rfc3339(self.now_ms()).into()),
                ("finished_by".into(), tx.actor().into()),
                ("finished_commit".into(), commit.into()),
            ];
            let doc = tx.state.doc(uid);
            if !passed.is_empty() {
                extra.push((GATES_PASSED.into(), passed.join(", ").into()));
            } else if doc.is_some_and(|doc| doc.text(GATES_PASSED).is_some()) {
                extra.push((GATES_PASSED.into(), Value::Null));
            }
            let before = doc.is_some_and(|doc| doc.value("forced").is_true());
            if forced || before {
                let value = if forced { true.into() } else { Value::Null };
                extra.push(("forced".into(), value));
            }
            if item.status == Status::InReview {
                // A newer stamp, so that this wins over a concurrent return of the earlier commit.
                set_status(tx, &item, &Status::InProgress, &[])?;
            }
            move_to(tx, uid, &Status::InReview, &borrowed(&extra))?;
            if let Some(claim) = item.holder() {
                release_of_claim(tx, uid, &claim.id, "finished", Some(commit))?;
            }
            message::tell_owners(tx, &item, false, &format!("submitted {id}"))?;
            let how = if forced { " (forced)" } else { "" };
            tx.describe("task finish", &[&id], &format!("{id}: in review{how}"));
            Ok(uid.clone())
        };
        self.write("task finish").unsent().run(write)?;
        fault::step("finish-written")
    }

    /// The branch that an item is merged into: the requested one, the epic's, or the default one.
    pub(crate) fn target_of(
        &self,
        state: &State<'_>,
        item: &Item,
        asked: Option<&str>,
    ) -> Result<String> {
        if let Some(target) = asked {
            return Ok(target.to_string());
        }
        let epic = item
            .epic
            .as_ref()
            .filter(|e| super::start::decisions::is_open(state, e))
            .and_then(|e| e.uid.as_ref())
            .and_then(|uid| state.item(uid))
            .and_then(|e| e.branch.clone());
        if let Some(branch) = epic {
            let here = self
                .store
                .repo()
                .ref_target(&format!("refs/heads/{branch}"))?;
            if here.is_some() {
                return Ok(branch);
            }
        }
        self.default_target()
    }
}
