//! `approve`: a human's tick on the work as it is now, and whether what would be merged is that
//! work. For tasks, issues and epics alike.

use super::integrate::Strategy;
use super::standing::{require_meant, short};
use super::transition::{require_allowed, set_status};
use crate::coordinate::worktree::branch;
use crate::coordinate::worktree::path::nul_names;
use crate::coordinate::worktree::simulate;
use crate::error::{Error, Result};
use crate::model::approval::{APPROVAL, Approval};
use crate::model::item::Item;
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::actor::require_human;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::store::git::patch_id::patch_id;
use crate::store::state::State;
use crate::store::transaction::Tx;

impl Tasks<'_> {
    /// A human's tick: the work may be merged as it is now, which has to be at `commit` where one is
    /// named. What was approved before and changed since is approved anew.
    ///
    /// # Errors
    /// When the actor is an agent, the item is not in review, has no work or is at another commit, or
    /// `pm.approval=strict` and nobody is at a terminal.
    pub fn approve(&self, id: &str, commit: Option<&str>, note: Option<&str>) -> Result<ItemView> {
        self.pm.before_approvals(&[id])?;
        let view = self.pm.mutate("task approve", |tx| {
            self.pm.approve_in(tx, id, commit, note)
        })?;
        self.pm.tell_what_was_approved(&view.uid)?;
        Ok(view)
    }
}

impl Pm {
    /// What comes before approvals, and before the transaction, for which other writers wait: the rules
    /// that hold, and the work from the remote.
    pub(crate) fn before_approvals(&self, ids: &[&str]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        self.hold_rules()?;
        let state = self.store.state()?;
        for item in ids.iter().filter_map(|id| state.find(id).ok()) {
            self.fetch_work(&state, item)?;
        }
        Ok(())
    }

    /// Says so where the approved commit is not the one that was handed in, or cannot have been seen,
    /// and where it changes protected paths.
    pub(crate) fn tell_what_was_approved(&self, id: &str) -> Result<()> {
        let state = self.store.state()?;
        let Ok(item) = state.find(id) else {
            return Ok(());
        };
        let approval = item.approval.as_ref();
        let Some((approval, commit)) = approval.and_then(|one| Some((one, one.commit.as_deref()?)))
        else {
            return Ok(());
        };
        let doc = state.doc(&item.uid);
        let finished = doc.and_then(|doc| doc.text("finished_commit"));
        let handed_in = finished.and_then(|hex| self.store.repo().parse_id(hex));
        let handed_in = handed_in.map(|id| id.to_string());
        let (id, at) = (state.shown_id(item), short(commit));
        let target = approval.target.as_deref();
        self.tell_protected(&id, commit, target)?;
        if let Some(target) = target {
            self.tell_gates(&id, commit, target)?;
            self.tell_carried(&state, item, commit, target)?;
        }
        if self.store.repo().resolve(commit).is_none() {
            self.notice(format!(
                "{id} was handed in at {at}, which is not in this clone: it was approved without being seen \
                 here"
            ));
        } else if let Some(handed_in) = handed_in.filter(|hex| hex != commit) {
            let was = short(&handed_in);
            self.notice(format!(
                "{id} was handed in at {was}, and its branch changed since: what is approved is {at}"
            ));
        }
        Ok(())
    }

    /// Names the paths that agents may not commit and the approved work changes all the same.
    fn tell_protected(&self, id: &str, commit: &str, target: Option<&str>) -> Result<()> {
        let git = self.store.repo().git().plain();
        let Some(target) = target.filter(|_| self.store.repo().resolve(commit).is_some()) else {
            return Ok(());
        };
        let names = match self.tip_of(target)? {
            Some(onto) => {
                let range = format!("{onto}...{commit}");
                let out = git.run(&["diff", "--name-only", "--no-renames", "-z", &range])?;
                out.ok().then(|| nul_names(&out.stdout))
            }
            None => None,
        };
        let Some(names) = names else {
            self.notice(format!(
                "{} cannot be compared with what is approved, so nobody looked whether {id} changes \
                 paths that agents may not commit",
                one_line(target)
            ));
            return Ok(());
        };
        if let Some(hits) = self.protected().among(&names, self.case()) {
            let named = hits.named();
            self.notice(match hits.is_sure() {
                true => format!("{id} changes {named}, which agents may not commit"),
                false => format!(
                    "{id} changes {named}; there is too much to compare to tell whether agents commit \
                     that"
                ),
            });
        }
        Ok(())
    }

    /// Refuses whoever may not approve here.
    fn require_approver(&self, id: &str) -> Result<()> {
        require_human(&self.actor, "approving", &approval_hint(id, true))?;
        self.require_approval_here(&format!("git pm task approve {id}"))
    }

    /// `Tasks::approve` as part of a transaction.
    pub(crate) fn approve_in(
        &self,
        tx: &mut Tx<'_>,
        id: &str,
        meant: Option<&str>,
        note: Option<&str>,
    ) -> Result<Uid> {
        self.require_approver(id)?;
        let item = tx.state.find(id)?.clone();
        let id = tx.state.shown_id(&item);
        let is_allowed = |tx: &Tx<'_>| {
            let (ready, agent) = (Status::ReadyForIntegration, tx.agent().is_some());
            require_allowed(&tx.state, &item, agent, &ready)
        };
        if item.status != Status::ReadyForIntegration {
            is_allowed(tx)?;
        }
        let how = match self.store.env().interactive {
            true => "terminal",
            false => "advisory",
        };
        let target = self.target_of(&tx.state, &item, None)?;
        let commit = self.work_of(&tx.state, &item)?;
        require_meant(&id, &commit, meant)?;
        if item.status == Status::ReadyForIntegration
            && item
                .approval
                .as_ref()
                .is_some_and(|one| one.how == how || how == "advisory")
            && self
                .unapproved(&tx.state, &item, &commit, &target)?
                .is_none()
            && self.is_vouched(&item)?
            // Without it an agent merges nothing else.
            && self.approved_commit(&item).is_some_and(|approved| {
                approved == commit || self.store.repo().resolve(&approved).is_some()
            })
        {
            // Approved already, just so: the refusal names what can be done.
            is_allowed(tx)?;
        }
        let approval = Approval {
            by: tx.actor().into(),
            how: how.into(),
            at: rfc3339(self.now_ms()),
            patch: self.patch_of(&commit, &target)?,
            commit: Some(commit),
            target: Some(self.real_name(&target)?),
        };
        let extra = [
            (APPROVAL, approval.to_value()),
            ("approval_note", Value::from(note)),
        ];
        set_status(tx, &item, &Status::ReadyForIntegration, &extra)?;
        let text = format!("{id}: {how} approval by {}", tx.actor());
        tx.describe("task approve", &[&id], &text);
        Ok(item.uid)
    }

    /// Whether an item could be merged now as far as its approval goes.
    pub(super) fn is_approved_now(&self, uid: &Uid) -> Result<bool> {
        let state = self.store.state()?;
        let ready = |item: &&Item| item.status == Status::ReadyForIntegration;
        let Some(item) = state.item(uid).filter(ready) else {
            return Ok(false);
        };
        if self.require_approval(&state, item).is_err() {
            return Ok(false);
        }
        let target = self.target_of(&state, item, None)?;
        let tip = self.work_of(&state, item)?;
        Ok(self.unapproved(&state, item, &tip, &target)?.is_none())
    }

    /// Refuses where only an approval given at a terminal counts, and nobody is at one.
    ///
    /// # Errors
    /// With `pm.approval=strict` and no terminal.
    pub(crate) fn require_approval_here(&self, command: &str) -> Result<()> {
        self.hold_rules()?;
        if self.wants_terminal() && !self.store.env().interactive {
            return Err(
                Error::refused("an approval needs a terminal here (pm.approval=strict)")
                    .hint(format!("run `{command}` at a terminal")),
            );
        }
        Ok(())
    }

    /// The commit that an item's work ends at: where its branch is, here or else at a remote, or
    /// where it was finished, if neither is here.
    fn work_of(&self, state: &State<'_>, item: &Item) -> Result<String> {
        let id = state.shown_id(item);
        let Some(name) = &item.branch else {
            return Err(Error::refused(format!(
                "{id} has no branch, so there is no work to approve"
            ))
            .hint(format!("`git pm start {id}` makes one")));
        };
        let repo = self.store.repo();
        let finished = state
            .doc(&item.uid)
            .and_then(|doc| doc.text("finished_commit"))
            .and_then(|hex| repo.parse_id(hex));
        let here = repo.ref_target(&format!("refs/heads/{name}"))?;
        let there = match self.remote_branch(name) {
            Some(remote) => repo.ref_target(&remote)?,
            None => None,
        };
        let work = match (here, there) {
            // A branch here that only lags behind what was handed in is not what was reviewed.
            (Some(here), Some(there)) if here != there && Some(there) == finished => {
                let (behind, work) = (here.to_string(), there.to_string());
                let args = ["merge-base", "--is-ancestor", &behind, &work];
                match repo.git().plain().run(&args)?.ok() {
                    true => Some(there),
                    false => Some(here),
                }
            }
            (here, there) => here.or(there).or(finished),
        };
        work.map(|commit| commit.to_string()).ok_or_else(|| {
            Error::not_found(format!("the branch {name} of {id} is not here"))
                .hint("fetch it first: `git fetch`")
        })
    }

    /// The branch that a name stands for: one can be another one's alias.
    fn real_name(&self, branch: &str) -> Result<String> {
        let tip = branch::tip(self.store.repo().git(), branch)?;
        let full = tip.map(|tip| tip.full);
        let name = full
            .as_deref()
            .and_then(|full| full.strip_prefix("refs/heads/"));
        Ok(name.unwrap_or(branch).to_string())
    }

    /// What a commit would bring into a target, as a hash; none where one of them is not here.
    fn patch_of(&self, commit: &str, target: &str) -> Result<Option<String>> {
        let git = &self.store.repo().git().plain();
        let here = self.store.repo().resolve(commit).is_some();
        let Some(onto) = branch::tip(git, target)?.filter(|_| here) else {
            return Ok(None);
        };
        match branch::merge_base(git, &onto.commit, commit)? {
            Some(base) => patch_id(git, &base, commit).map(Some),
            None => Ok(None),
        }
    }

    /// The commit that was approved. It may come from fetched state: only an id is one.
    pub(super) fn approved_commit(&self, item: &Item) -> Option<String> {
        let commit = item.approval.as_ref()?.commit.as_deref()?;
        Some(self.store.repo().parse_id(commit)?.to_string())
    }

    /// Refuses to merge an item that nobody approved, or not in the way that counts here.
    pub(super) fn require_approval(&self, state: &State<'_>, item: &Item) -> Result<()> {
        self.hold_rules()?;
        let id = state.shown_id(item);
        let why = match &item.approval {
            None => format!("{id} is {}, but it is not approved", item.status),
            Some(_) if self.approved_commit(item).is_none() => {
                format!("the approval of {id} names no commit: an older version wrote it")
            }
            Some(one) if self.wants_terminal() && one.how != "terminal" => format!(
                "{id} has an advisory approval, which does not count here (pm.approval=strict)"
            ),
            Some(_) => return self.require_vouched(state, item),
        };
        Err(Error::refused(why).hint(again(&id, self.actor.is_agent, self.wants_terminal())))
    }

    /// Refuses to merge another work than the one that was approved.
    pub(super) fn require_approved(
        &self,
        state: &State<'_>,
        item: &Item,
        tip: &str,
        target: &str,
        strategy: Strategy,
    ) -> Result<()> {
        let id = state.shown_id(item);
        let why = match self.unapproved(state, item, tip, target)? {
            Some(why) => why,
            None if self.brings_approved_commits(item, tip, target, strategy)? => return Ok(()),
            None => format!(
                "{id} changes what was approved, but not in the commits that were approved, which \
                 the strategy {strategy} would bring into {target}"
            ),
        };
        let mut error = Error::refused(why);
        let is_here =
            |commit: &String| commit != tip && self.store.repo().resolve(commit).is_some();
        if let Some(approved) = self.approved_commit(item).filter(is_here) {
            let (was, is) = (short(&approved), short(tip));
            error = error.hint(format!("`git diff {was} {is}` shows what changed"));
        }
        Err(error.hint(again(&id, self.actor.is_agent, self.wants_terminal())))
    }

    /// Why an item's approval does not cover a commit and where it goes, if it does not: it is of
    /// this very commit for this target, or of one that changes the same.
    fn unapproved(
        &self,
        state: &State<'_>,
        item: &Item,
        tip: &str,
        target: &str,
    ) -> Result<Option<String>> {
        let id = state.shown_id(item);
        let approval = item.approval.as_ref();
        let Some((approval, approved)) = approval.zip(self.approved_commit(item)) else {
            return Ok(Some(format!("no commit of {id} is approved")));
        };
        let approved = approved.as_str();
        let same = approved == tip;
        let meant = approval.target == Some(self.real_name(target)?);
        if same && meant {
            return Ok(None);
        }
        // Where approved work goes is for a human to change.
        if self.actor.is_agent && !meant {
            let was = one_line(approval.target.as_deref().unwrap_or("no branch"));
            return Ok(Some(format!(
                "{id} was approved for {was}, not for {target}"
            )));
        }
        // Equal hunks can be at several places: whether these are the approved ones, only the approved
        // commit shows, and whether it is still here an agent can choose.
        if self.actor.is_agent && !same && self.store.repo().resolve(approved).is_none() {
            return Ok(Some(format!(
                "{id} was approved at {}, which is not in this clone any more, and what its branch \
                 is at now, {}, cannot be held against it",
                short(approved),
                short(tip)
            )));
        }
        if approval.patch.is_some()
            && approval.patch == self.patch_of(tip, target)?
            && (same || self.gives_the_same(approved, tip, target)?)
        {
            return Ok(None);
        }
        if same {
            let was = one_line(approval.target.as_deref().unwrap_or("another branch"));
            return Ok(Some(format!(
                "{id} was approved for {was}; into {target} it would bring other changes"
            )));
        }
        let at = format!("{id} was approved at {}", short(approved));
        let now = short(tip);
        Ok(Some(match self.apart(approved, tip)? {
            Some((0, more)) => {
                let commits = if more == 1 { "commit" } else { "commits" };
                format!("{at}, and its branch went on to {now}: {more} more {commits}")
            }
            Some((_, 0)) => format!("{at}, and its branch ends before that, at {now}"),
            _ => format!("{at}, and its branch is at {now} now, with other changes"),
        }))
    }

    /// Whether two commits would give the target the same files: equal patches can fit more than one
    /// place. Where the first is not here any more, the patches decide.
    fn gives_the_same(&self, approved: &str, tip: &str, target: &str) -> Result<bool> {
        let repo = self.store.repo();
        if repo.resolve(approved).is_none() {
            return Ok(true);
        }
        let onto = branch::require_tip(repo.git(), target)?.commit;
        let one = simulate::merge(repo.git(), None, &onto, approved)?;
        Ok(one == simulate::merge(repo.git(), None, &onto, tip)?)
    }

    /// Whether no commit comes along that was not there when the work was approved. A squash makes one
    /// of all of them; with the other strategies, what one adds and the next takes out again would
    /// stay in the target's history.
    fn brings_approved_commits(
        &self,
        item: &Item,
        tip: &str,
        target: &str,
        strategy: Strategy,
    ) -> Result<bool> {
        let Some(approved) = self.approved_commit(item).filter(|commit| commit != tip) else {
            return Ok(true);
        };
        if strategy == Strategy::Squash {
            return Ok(true);
        }
        let git = &self.store.repo().git().plain();
        let out = git.run(&["cherry", &approved, tip, &format!("refs/heads/{target}")])?;
        if !out.ok() || out.lines().iter().any(|line| line.starts_with('+')) {
            return Ok(false);
        }
        // `git cherry` leaves merges out. One that git makes alike from its parents brings nothing of
        // its own.
        let not = [format!("^{approved}"), format!("^refs/heads/{target}")];
        let args = ["rev-list", "--merges", "--parents", tip, &not[0], &not[1]];
        let merges = git.require(&args)?;
        for line in merges.lines() {
            let commits: Vec<&str> = line.split_whitespace().collect();
            let [merge, ours, theirs] = commits[..] else {
                return Ok(false);
            };
            let tree = git.require(&["rev-parse", "--verify", &format!("{merge}^{{tree}}")])?;
            let remade = simulate::merge(git, None, ours, theirs)?;
            if remade != simulate::Merged::Clean(tree.text().trim().to_string()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How many commits each of two has that the other lacks; none where one is not here.
    fn apart(&self, one: &str, other: &str) -> Result<Option<(usize, usize)>> {
        let range = format!("{one}...{other}");
        let args = ["rev-list", "--left-right", "--count", &range];
        let out = self.store.repo().git().plain().run(&args)?;
        let text = out.text();
        let counts = text.split_once('\t').filter(|_| out.ok());
        Ok(counts.and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?))))
    }
}

/// How work that was handed in comes to its approval. A command is named only to a human: an agent
/// that is told one tries it.
pub(crate) fn approval_hint(id: &str, is_agent: bool) -> String {
    match is_agent {
        true => {
            format!("{id} waits for a human's approval; `git pm show {id}` tells when it has it")
        }
        false => format!("`git pm task approve {id}` approves it, after a look at its branch"),
    }
}

/// As [`approval_hint`], for what is there now instead of what was approved.
pub(crate) fn again(id: &str, is_agent: bool, strict: bool) -> String {
    let place = if strict { ", at a terminal" } else { "" };
    match is_agent {
        true => format!("a human{place} has to approve what is there now"),
        false => format!("`git pm task approve {id}` (a human{place}) approves what is there now"),
    }
}
