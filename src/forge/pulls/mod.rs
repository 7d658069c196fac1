//! Pull requests of items: opened and kept up to date from here, merged there.
//!
//! A forge has at most one open pull request for a branch and its target, so a repeated call finds the one
//! that an earlier one opened. The item says which one it is; what the forge says decides.

mod attend;
mod comment;
mod merge;
mod record;
pub(crate) mod remote;
mod text;
mod wait;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use attend::{Attended, ForgeHint};
pub use comment::PullComment;
pub(crate) use record::{PULLS, PullRecord};
use remote::{NewPull, PullCheck, RemotePull};
use text::Change;

use super::link::{self, ForgeLink};
use super::local_files::{self, Exclusive};
use super::mirror::Mirror;
use super::{Forge, Need, connect, exchange_state};
use crate::coordinate::gate::gates_to_run::required_of;
use crate::coordinate::here;
use crate::coordinate::privacy::Privacy;
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::model::item::Item;
use crate::model::settings;
use crate::model::status::Status;
use crate::model::text::{excerpt, one_line};
use crate::model::uid::Uid;
use crate::model::vocabulary::terms;
use crate::pm::Pm;
use crate::pm::handles::Forges;
use crate::pm::who_acts::require_human;
use crate::review::pull_text::pull_text;
use crate::secret;
use crate::work::task::branch_work;
use crate::work::task::gates::gates_passed;
use crate::work::task::merge::remote_target::needs_pull;
use crate::work::task::remote_branch;

/// The state of a pull request by which its item has ended.
const MERGED: &str = "merged";

/// The longest title, in characters, as at GitHub.
const TITLE_MAX: usize = 250;

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

/// A connection to the repository that the project is linked to.
pub(super) struct Pulls<'p> {
    pub(super) pm: &'p Pm,
    pub(super) link: ForgeLink,
    pub(super) forge: Box<dyn Forge>,
    pub(super) is_public: bool,
    pub(super) exclusive: Option<Exclusive>,
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
        let mut pulls = Pulls::connect(self.pm, !request.dry_run)?;
        let mut view = pulls.present(&uid, request)?;
        if request.wait && !request.dry_run && view.action != PullAction::Merged {
            pulls.wait(&uid, &mut view, request.timeout.unwrap_or(60))?;
        }
        pulls.share(request.dry_run);
        Ok(view)
    }
}

impl<'p> Pulls<'p> {
    pub(super) fn connect(pm: &'p Pm, is_writing: bool) -> Result<Pulls<'p>> {
        if pm.options.offline {
            let error = Error::remote("GitHub cannot be reached offline");
            return Err(error.because(Reason::ForgeUnreachable));
        }
        let link = link::confirmed(pm)?;
        let exclusive = local_files::exclusive_soon(pm)?;
        if is_writing {
            exchange_state(pm);
        }
        let forge = connect(pm, &link, Need::Pulls)?;
        let repository = forge.repository()?;
        link::require_same(&link, repository.id)?;
        Ok(Pulls {
            pm,
            link,
            forge,
            is_public: repository.is_public,
            exclusive: Some(exclusive),
        })
    }

    fn share(&self, dry_run: bool) {
        if !dry_run {
            exchange_state(self.pm);
        }
    }

    fn url(&self, number: u64) -> String {
        format!("https://{}/pull/{number}", self.link.shown())
    }

    /// Opens or updates the pull request.
    fn present(&self, uid: &Uid, request: &PullRequest) -> Result<PullRequestView> {
        let work = self.work(uid)?;
        let (pm, is_dry) = (self.pm, request.dry_run);
        let mut notes = Vec::new();
        let found = self.found(&work)?;
        if let Some(pull) = found.as_ref().filter(|pull| pull.merged.is_some()) {
            let action = match !is_dry && self.follow(uid, pull, None, &mut notes)?.is_done() {
                true => PullAction::Merged,
                false => PullAction::Unchanged,
            };
            return Ok(self.view(&work, Some(pull), action, notes));
        }
        let pull = found.filter(|pull| pull.is_open || pull.commit == work.commit);
        if let Some(pull) = pull.as_ref().filter(|pull| !pull.is_open) {
            let number = pull.number;
            self.keep(uid, pull, None)?;
            return Err(Error::refused(format!(
                "pull request #{number} of {} was closed at GitHub without a merge",
                work.id
            ))
            .because(Reason::ForgeClosed)
            .about(&work.id)
            .hint("reopen it there; once the branch has new commits, another one is opened"));
        }
        let files = format!("https://{}/blob", self.link.shown());
        let issue = self.issue_of(uid)?;
        let made = pull_text(pm, uid.as_str(), &files, issue)?;
        let title = excerpt(
            &one_line(&format!("{}: {}", work.id, work.item.title)),
            TITLE_MAX,
        );
        if !is_dry {
            self.require_sendable(uid, &[&title, &made.text], request.yes)?;
        }
        let change = match &pull {
            Some(pull) => text::renewed(&pull.body, uid, &made.text),
            None => Change::Replaced(text::marked(uid, &made.text)),
        };
        let action = match (&pull, &change) {
            (None, _) => PullAction::Opened,
            (Some(pull), change) => {
                let is_same = matches!(change, Change::Same) && pull.is_draft != work.is_ready;
                let is_same = is_same && pull.commit == work.commit;
                if is_same {
                    PullAction::Unchanged
                } else {
                    PullAction::Updated
                }
            }
        };
        if change == Change::Edited {
            notes.push("its text was changed at GitHub, and is left as it is there".into());
        }
        if is_dry {
            let mut view = self.view(&work, pull.as_ref(), action, notes);
            (view.owners, view.draft, view.text) = (made.owners, !work.is_ready, Some(made.text));
            return Ok(view);
        }
        self.push(&work)?;
        let pull = match (pull, change) {
            (Some(pull), Change::Replaced(body)) => {
                self.forge.set_pull_text(pull.number, &body)?;
                pull
            }
            (Some(pull), _) => pull,
            (None, Change::Replaced(body)) => self.open(&work, &title, &body, &mut notes)?,
            (None, _) => return Err(crate::forge::unexpected("pull request")),
        };
        // What GitHub has may not be what this clone has.
        let pull = self.forge.pull(pull.number)?.unwrap_or(pull);
        self.decorate(&work, &pull, &made.owners, &mut notes)?;
        let draft = self.set_draft(&work, &pull, &mut notes)?;
        let now = RemotePull {
            is_draft: draft,
            is_open: true,
            ..pull
        };
        self.keep(uid, &now, None)?;
        let mut view = self.view(&work, Some(&now), action, notes);
        view.owners = made.owners;
        Ok(view)
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
        let base = target::target_of(pm, &state, &item, None)?;
        remote_branch::fetch_work(pm, &state, &item)?;
        let ends = branch_work::ends_now(pm, uid.as_str())?;
        let commit = ends
            .as_ref()
            .map(|ends| ends.commit.to_string())
            .unwrap_or_default();
        let doc = state.doc(uid);
        let finished = doc.and_then(|doc| doc.text("finished_commit"));
        let is_submitted = matches!(item.status, Status::InReview | Status::ReadyForIntegration);
        // What was submitted in spite of something is ready once somebody has approved it.
        let is_approved = item.status == Status::ReadyForIntegration;
        let is_whole = is_approved || !item.forced;
        let mut is_ready = is_submitted && is_whole && finished == Some(&commit);
        if let (Some(ends), true) = (&ends, is_ready) {
            let names: Vec<String> = ends
                .compared(pm.store.repo(), &["--name-only", "-z"], &[])?
                .names();
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
    fn found(&self, work: &Work) -> Result<Option<RemotePull>> {
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
        let mirror = state
            .doc(uid)
            .and_then(|doc| Mirror::of(doc, &self.link.key()));
        Ok(mirror.and_then(|one| one.number))
    }

    /// Refuses to send what stays on this machine, what has a secret, or what nobody has agreed to make public.
    fn require_sendable(&self, uid: &Uid, texts: &[&str], agrees: bool) -> Result<()> {
        let pm = self.pm;
        let (id, private) = {
            let state = pm.store.state()?;
            let item = state.find(uid.as_str())?;
            (state.shown_id(item), Privacy::of(pm)?.reason(&state, item))
        };
        if let Some(why) = private {
            return Err(Error::refused(format!("{id} stays here ({why})"))
                .because(Reason::ForgePrivate)
                .about(&id)
                .hint("its work is merged here: `git pm merge ID`"));
        }
        if texts.iter().any(|text| has_secret(text)) {
            return Err(Error::refused(format!(
                "what a pull request of {id} would say seems to have a secret"
            ))
            .because(Reason::ForgeSecret)
            .about(&id)
            .hint(Hint::run(["redact", &id], "takes it out"))
            .hint(Hint::run(
                ["github", "pr", &id, "--dry-run"],
                "shows the text",
            )));
        }
        let mut read = local_files::read(pm);
        if !self.is_public || read.pulls_agreed {
            return Ok(());
        }
        if !agrees {
            return Err(Error::refused(format!(
                "{} is public, and nobody has agreed to show there what pull requests say",
                self.link.shown()
            ))
            .because(Reason::ForgeUnseen)
            .about(&id)
            .hint(Hint::run(["github", "pr", &id, "--dry-run"], "shows it"))
            .hint(Hint::run(
                ["github", "pr", &id, "--yes"],
                "agrees, for this clone (for humans)",
            )));
        }
        require_human(
            &pm.actor,
            "the first pull request to a public repository",
            "ask a human to run `git pm github pr ID --yes`",
        )?;
        read.pulls_agreed = true;
        local_files::write(pm, &read)
    }

    /// Pushes the branch.
    fn push(&self, work: &Work) -> Result<()> {
        let pm = self.pm;
        if pm.is_handed() {
            return Err(Error::refused("a sandboxed agent cannot push its branch")
                .hint("its run opens the pull request once the agent has ended"));
        }
        // Work of another clone is there.
        let name = format!("refs/heads/{}", work.branch);
        if pm.store.repo().ref_target(&name)?.is_some() {
            let place = remote_branch::own_place(pm, &work.item)?;
            remote_branch::share_branch(pm, &work.branch, place.as_deref())?;
        }
        Ok(())
    }

    fn open(
        &self,
        work: &Work,
        title: &str,
        body: &str,
        notes: &mut Vec<String>,
    ) -> Result<RemotePull> {
        let new = NewPull {
            title,
            body,
            head: &work.branch,
            base: &work.base,
            is_draft: !work.is_ready,
        };
        match self.forge.open_pull(&new) {
            // Another clone was faster, or the answer to an earlier call was lost.
            Err(error) if error.kind() == Kind::Refused => {
                if let Some(pull) = self.found(work)?.filter(|pull| pull.is_open) {
                    return Ok(pull);
                }
                // Some plans have no drafts.
                if !new.is_draft || !error.message().to_lowercase().contains("draft") {
                    return Err(error.hint(format!(
                        "the branches {} and {} have to be there, with commits between them",
                        one_line(&work.branch),
                        one_line(&work.base)
                    )));
                }
                notes.push("GitHub takes no draft there, so it was opened as ready".into());
                self.forge.open_pull(&NewPull {
                    is_draft: false,
                    ..new
                })
            }
            done => done,
        }
    }

    /// Adds the labels, and asks for reviews. What is refused becomes a note.
    fn decorate(
        &self,
        work: &Work,
        pull: &RemotePull,
        owners: &[String],
        notes: &mut Vec<String>,
    ) -> Result<()> {
        let missing = work.item.labels.iter().filter(|label| {
            !label.starts_with(super::apply::MILESTONE_LABEL) && !pull.labels.contains(label)
        });
        let missing: Vec<String> = missing.cloned().collect();
        if !missing.is_empty() {
            let done = self.forge.add_labels(pull.number, &missing);
            noted(done, "its labels", notes)?;
        }
        let own = self.forge.login()?.unwrap_or_default();
        let asked: BTreeSet<String> = pull
            .reviewers
            .iter()
            .map(|name| name.to_lowercase())
            .collect();
        let (mut logins, mut teams) = (Vec::new(), Vec::new());
        for owner in owners {
            let Some(name) = owner.strip_prefix('@') else {
                notes.push(format!(
                    "ask {} for a review: GitHub takes no addresses",
                    one_line(owner)
                ));
                continue;
            };
            if asked.contains(&name.to_lowercase()) || name.eq_ignore_ascii_case(&own) {
                continue;
            }
            match name.split_once('/') {
                Some((of, team)) if of.eq_ignore_ascii_case(&self.link.owner) => {
                    teams.push(team.to_string())
                }
                Some(_) => {}
                None => logins.push(name.to_string()),
            }
        }
        if !logins.is_empty() || !teams.is_empty() {
            let done = self.forge.ask_reviewers(pull.number, &logins, &teams);
            noted(done, "asking the owners for reviews", notes)?;
        }
        Ok(())
    }

    /// Makes it a draft or ready, as the work is. True if it is a draft then.
    fn set_draft(&self, work: &Work, pull: &RemotePull, notes: &mut Vec<String>) -> Result<bool> {
        let wanted = !work.is_ready || pull.commit != work.commit;
        if pull.is_draft == wanted {
            return Ok(pull.is_draft);
        }
        let done = self.forge.set_draft(pull, wanted);
        let is_done = done.is_ok();
        let what = if wanted {
            "making it a draft"
        } else {
            "making it ready"
        };
        noted(done, what, notes)?;
        Ok(if is_done { wanted } else { pull.is_draft })
    }

    /// Records the pull request on its item, with the id of our comment if that is new.
    fn keep(&self, uid: &Uid, pull: &RemotePull, comment: Option<u64>) -> Result<()> {
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
            comment: comment.or(known.and_then(|one| one.comment)),
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
    let all = match set.is_empty() {
        true => target.clone(),
        false => format!("{set},{target}"),
    };
    pm.settings().set(settings::PULL_TARGETS.key, Some(&all))?;
    let target = one_line(&target);
    pm.notice(format!(
        "{target} moves only through pull requests: `git pm merge ID --pr` merges one"
    ));
    Ok(())
}

/// True if a text of Markdown seems to have a secret. What is escaped in it is searched as it will be shown.
fn has_secret(text: &str) -> bool {
    !secret::scan(text).is_empty() || !secret::scan(&text.replace('\\', "")).is_empty()
}

/// Turns what GitHub refused into a note.
fn noted(done: Result<()>, what: &str, notes: &mut Vec<String>) -> Result<()> {
    match done {
        Err(error) if error.kind() == Kind::Refused => {
            notes.push(format!("{what}: {}", error.message()));
            Ok(())
        }
        done => done,
    }
}
