//! Pull requests of items: opened and kept up to date from here, merged there.
//!
//! A forge has at most one open pull request for a branch and its target, so a repeated call finds the one
//! that an earlier one opened. The item says which one it is; what the forge says decides.

mod attend;
mod comment;
mod merge;
mod present;
mod record;
pub(crate) mod remote;
mod text;
mod wait;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use attend::{Attended, ForgeHint};
pub use comment::PullComment;
pub(crate) use record::{PULLS, PullRecord};
use remote::{PullCheck, RemotePull};

use super::link;
use super::local_files::PATIENCE;
use super::mirror::Mirror;
use super::{Forge, Linked, Need};
use crate::coordinate::gate::gates_to_run::required_of;
use crate::coordinate::here;
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::item::Item;
use crate::model::settings;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::model::vocabulary::terms;
use crate::pm::Pm;
use crate::pm::handles::Forges;
use crate::work::task::branch_work;
use crate::work::task::gates::gates_passed;
use crate::work::task::merge::remote_target::needs_pull;
use crate::work::task::remote_branch;

/// The state of a pull request by which its item has ended.
const MERGED: &str = "merged";

terms! {
    /// What became of a pull request.
    PullAction in "action" {
        /// It was opened, or would be.
        Opened = "opened",
        /// It was changed, or would be.
        Updated = "updated",
        /// It is as it should be.
        Unchanged = "unchanged",
        /// It was merged, and the item is done.
        Merged = "merged",
    }
}

/// The pull request of an item.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PullRequestView {
    /// The item's id.
    pub id: String,
    /// Its number; none if it would be opened.
    pub number: Option<u64>,
    /// Its address.
    pub url: Option<String>,
    /// What was done.
    pub action: PullAction,
    /// It is not meant to be merged yet: the work is not submitted, or not all gates passed on it.
    pub draft: bool,
    /// The branch with the work.
    pub head: String,
    /// The commit of that branch.
    pub commit: String,
    /// The branch that it is merged into.
    pub base: String,
    /// The owners of what it changes, as CODEOWNERS of the base names them: their reviews are asked for.
    pub owners: Vec<String>,
    /// The checks of the commit there, once they were waited for.
    pub checks: Vec<PullCheck>,
    /// What needs attention.
    pub notes: Vec<String>,
    /// Its text, where nothing was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Open the pull request of an item, or bring it up to date
///
/// Pushes the branch and writes the text: linked task, what changed with what meets each criterion,
/// validation, risk. It is a draft until the work is submitted and all its gates passed. Labels of the item
/// are added, and the owners of what it changes are asked for reviews. What people write above and below the
/// text stays. Once it was merged there, in whatever way, the item is done here.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm github pr T-0001 --dry-run     show the text and who is asked
  git pm github pr                      for the task of this worktree
  git pm github pr T-0001 --wait        until its checks have ended")]
#[serde(default)]
pub struct PullRequest {
    /// Item ID; the task of this worktree by default.
    pub id: Option<String>,
    /// Wait until the checks of the commit have ended, and fail if one failed.
    #[arg(long)]
    pub wait: bool,
    /// How long to wait, in minutes; 60 by default.
    #[arg(long, value_name = "MINUTES", requires = "wait", value_parser = clap::value_parser!(u64).range(1..=1440))]
    pub timeout: Option<u64>,
    /// Show what would be done.
    #[arg(long)]
    pub dry_run: bool,
    /// Send it to a public repository, having seen what `--dry-run` shows.
    #[arg(long)]
    #[serde(skip)]
    pub yes: bool,
}

/// An item whose work goes through a pull request.
struct Work {
    uid: Uid,
    id: String,
    item: Item,
    branch: String,
    base: String,
    /// The branch's commit.
    commit: String,
    /// The work was submitted at that commit, and its required gates passed.
    is_ready: bool,
}

impl Forges<'_> {
    /// Refuses where no pull request can be opened.
    ///
    /// # Errors
    /// When there is no confirmed link to a repository.
    pub(crate) fn require_confirmed_link(&self) -> Result<()> {
        link::confirmed(self.pm).map(drop)
    }

    /// Opens or updates the pull request of an item, and waits for its checks if that is wanted.
    ///
    /// # Errors
    /// When there is no confirmed link or no branch, the branch cannot be pushed, or GitHub refuses; reason
    /// `forge.checks_failed` when a check that was waited for failed.
    pub fn pull_request(&self, request: &PullRequest) -> Result<PullRequestView> {
        let uid = {
            let state = self.pm.store.state()?;
            here::named_or_held(self.pm, &state, request.id.as_deref())?
        };
        let mut pulls = connected(self.pm, !request.dry_run)?;
        let mut view = pulls.present(&uid, request)?;
        if request.wait && !request.dry_run && view.action != PullAction::Merged {
            pulls.wait(&uid, &mut view, request.timeout.unwrap_or(60))?;
        }
        pulls.share(request.dry_run);
        Ok(view)
    }
}

/// Connects to the linked repository.
///
/// # Errors
/// When there is no confirmed link, or it cannot be reached.
fn connected(pm: &Pm, is_writing: bool) -> Result<Linked<'_>> {
    Linked::connect(pm, link::confirmed(pm)?, Need::Pulls, PATIENCE, is_writing)
}

impl Linked<'_> {
    fn url(&self, number: u64) -> String {
        format!("https://{}/pull/{number}", self.link.shown())
    }

    /// The item's branch with its commit.
    fn work(&self, uid: &Uid) -> Result<Work> {
        let (pm, state) = (self.pm, self.pm.store.state()?);
        let item = state.find(uid.as_str())?.clone();
        let id = state.shown_id(&item);
        let branch = item.branch.clone().ok_or_else(|| {
            Error::refused(format!("{id} has no branch, so there is nothing to review"))
                .because(Reason::MergeNoBranch)
                .about(&id)
                .hint(Hint::run(["start", &id], "creates one"))
        })?;
        let base = target::require_target_of(pm, &state, &item, None)?;
        remote_branch::fetch_work(pm, &state, &item)?;
        let ends = branch_work::ends_now(pm, uid.as_str())?;
        let commit = ends.as_ref().map(|ends| ends.commit.to_string());
        let commit = commit.unwrap_or_default();
        let doc = state.doc(uid);
        let finished = doc.and_then(|doc| doc.text("finished_commit"));
        let is_submitted = matches!(item.status, Status::InReview | Status::ReadyForIntegration);
        // What was submitted in spite of something is ready once somebody has approved it.
        let is_approved = item.status == Status::ReadyForIntegration;
        let is_whole = is_approved || !item.forced;
        let mut is_ready = is_submitted && is_whole && finished == Some(&commit);
        if let (Some(ends), true) = (&ends, is_ready) {
            let compared = ends.compared(pm.store.repo(), &["--name-only", "-z"], &[])?;
            let names: Vec<String> = compared.names();
            let passed = doc.map(gates_passed).unwrap_or_default();
            let needed = required_of(pm, [ends.onto, ends.commit], &names)?;
            is_ready = needed.iter().all(|name| passed.contains(name));
        }
        Ok(Work {
            uid: uid.clone(),
            id,
            item,
            branch,
            base,
            commit,
            is_ready,
        })
    }

    /// The pull request of an item: the one that it names, else that of its branch.
    fn pull_of(&self, work: &Work) -> Result<Option<RemotePull>> {
        let is_own = |pull: &RemotePull| pull.is_own && pull.head == work.branch;
        let record = self.record_of(&work.uid)?;
        // One by which the item has ended before says nothing about what was done since.
        let is_consumed = |pull: &RemotePull| {
            let known = record.as_ref().filter(|one| one.state == MERGED);
            known.is_some_and(|one| one.number >= pull.number)
        };
        if let Some(record) = &record
            && let Some(pull) = self.forge.pull(record.number)?.filter(is_own)
            && (pull.is_open && pull.base == work.base || pull.merged.is_some())
            && !is_consumed(&pull)
        {
            return Ok(Some(pull));
        }
        let head = format!("{}:{}", self.link.owner, work.branch);
        let mut all = self.forge.pulls_of(&head)?;
        // Work that was merged before, from a branch of this name, is not this work.
        all.retain(|pull| {
            let is_this = pull.merged.is_none() || pull.commit == work.commit;
            is_own(pull) && pull.base == work.base && is_this && !is_consumed(pull)
        });
        let open = all.iter().position(|pull| pull.is_open).unwrap_or_default();
        Ok((open < all.len()).then(|| all.swap_remove(open)))
    }

    /// What an item says about its pull request.
    fn record_of(&self, uid: &Uid) -> Result<Option<PullRecord>> {
        let state = self.pm.store.state()?;
        let key = self.link.key();
        Ok(state.doc(uid).and_then(|doc| PullRecord::of(doc, &key)))
    }

    /// The number of the item's issue there.
    fn issue_of(&self, uid: &Uid) -> Result<Option<u64>> {
        let state = self.pm.store.state()?;
        let doc = state.doc(uid);
        Ok(doc.and_then(|doc| Mirror::of(doc, &self.link.key())?.number))
    }

    /// Records the pull request on its item.
    fn keep(&self, uid: &Uid, pull: &RemotePull) -> Result<()> {
        let state = match pull {
            _ if pull.merged.is_some() => MERGED,
            _ if !pull.is_open => "closed",
            _ if pull.is_draft => "draft",
            _ => "open",
        };
        let known = self.record_of(uid)?.filter(|one| one.number == pull.number);
        let record = PullRecord {
            number: pull.number,
            state: state.into(),
            comment: known.and_then(|one| one.comment),
        };
        record.write(self.pm, &self.link.key(), uid)
    }

    fn view(
        &self,
        work: &Work,
        pull: Option<&RemotePull>,
        action: PullAction,
        notes: Vec<String>,
    ) -> PullRequestView {
        let number = pull.map(|pull| pull.number);
        PullRequestView {
            id: work.id.clone(),
            number,
            url: number.map(|number| self.url(number)),
            action,
            draft: pull.map_or(!work.is_ready, |pull| pull.is_draft),
            head: work.branch.clone(),
            commit: work.commit.clone(),
            base: work.base.clone(),
            owners: Vec::new(),
            checks: Vec::new(),
            notes,
            text: None,
        }
    }
}

/// Keeps that the target moves only through pull requests, if the forge says so.
pub(super) fn learn_rule(pm: &Pm, forge: &dyn Forge) -> Result<()> {
    // Without a commit there is no target.
    let Ok(target) = target::default_target(pm) else {
        return Ok(());
    };
    if needs_pull(pm, &target) || pm.actor.is_agent || !forge.needs_pull(&target)? {
        return Ok(());
    }
    let set = pm.store.repo().text_of(&settings::PULL_TARGETS);
    let all = format!("{set},{target}");
    let all = Some(all.trim_start_matches(','));
    pm.settings().set(settings::PULL_TARGETS.key, all)?;
    let target = one_line(&target);
    pm.notice(format!(
        "{target} moves only through pull requests: `git pm merge ID --pr` merges one"
    ));
    Ok(())
}
