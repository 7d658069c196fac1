//! Opening a pull request and keeping it up to date: what may be sent, and what is.

use super::remote::{NewPull, RemotePull};
use super::text::{self, Change};
use super::{PullAction, PullRequest, PullRequestView, Work};
use crate::coordinate::privacy::Privacy;
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::forge::{Linked, change_item, local_files};
use crate::model::text::{excerpt, one_line};
use crate::model::uid::Uid;
use crate::pm::who_acts::require_human;
use crate::review::pull_text::pull_text;
use crate::secret;
use crate::work::task::finish;
use crate::work::task::remote_branch;
use crate::work::task::secrets_in_work;

/// The longest title, in characters, as at GitHub.
const TITLE_MAX: usize = 250;

impl Linked<'_> {
    /// Opens or updates the pull request.
    pub(super) fn present(&self, uid: &Uid, request: &PullRequest) -> Result<PullRequestView> {
        let work = self.work(uid)?;
        let (pm, is_dry) = (self.pm, request.dry_run);
        let mut notes = Vec::new();
        let found = self.pull_of(&work)?;
        if let Some(pull) = found.as_ref().filter(|pull| pull.merged.is_some()) {
            let action = match !is_dry && self.follow(uid, pull, None, &mut notes)?.is_done() {
                true => PullAction::Merged,
                false => PullAction::Unchanged,
            };
            return Ok(self.view(&work, Some(pull), action, notes));
        }
        let pull = found.filter(|pull| pull.is_open || pull.commit == work.commit);
        if let Some(pull) = pull.as_ref().filter(|pull| !pull.is_open) {
            let (number, id) = (pull.number, &work.id);
            self.keep(uid, pull)?;
            let text =
                format!("pull request #{number} of {id} was closed at GitHub without a merge");
            return Err(Error::refused(text)
                .because(Reason::ForgeClosed)
                .about(id)
                .hint("reopen it there; once the branch has new commits, another one is opened"));
        }
        let files = format!("https://{}/blob", self.link.shown());
        let issue = self.issue_of(uid)?;
        let made = pull_text(pm, uid.as_str(), &files, issue)?;
        let title = one_line(&format!("{}: {}", work.id, work.item.title));
        let title = excerpt(&title, TITLE_MAX);
        if !is_dry {
            self.require_sendable(uid, &[&title, &made.text], request.yes)?;
        }
        let change = match &pull {
            Some(pull) => text::renewed(&pull.body, uid, &made.text),
            None => Change::Replaced(text::marked(uid, &made.text)),
        };
        let is_same = |pull: &RemotePull| {
            change == Change::Same && pull.is_draft != work.is_ready && pull.commit == work.commit
        };
        let action = match &pull {
            None => PullAction::Opened,
            Some(pull) if is_same(pull) => PullAction::Unchanged,
            Some(_) => PullAction::Updated,
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
        let mut pull = self.forge.pull(pull.number)?.unwrap_or(pull);
        self.decorate(&work, &pull, &made.owners, &mut notes)?;
        let is_draft = self.set_draft(&work, &pull, &mut notes)?;
        (pull.is_draft, pull.is_open) = (is_draft, true);
        self.keep(uid, &pull)?;
        let mut view = self.view(&work, Some(&pull), action, notes);
        view.owners = made.owners;
        Ok(view)
    }

    /// Refuses to send what stays on this machine, what has a secret, or what no one has agreed to make public.
    pub(super) fn require_sendable(&self, uid: &Uid, texts: &[&str], agrees: bool) -> Result<()> {
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
        let show = |effect: &str| Hint::run(["github", "pr", &id, "--dry-run"], effect);
        if texts.iter().any(|text| has_secret(text)) {
            let text = format!("what a pull request of {id} would say seems to have a secret");
            return Err(Error::refused(text)
                .because(Reason::ForgeSecret)
                .about(&id)
                .hint(Hint::run(["redact", &id], "takes it out"))
                .hint(show("shows the text")));
        }
        let mut read = local_files::read(pm);
        if !self.found.is_public || read.pulls_agreed {
            return Ok(());
        }
        if !agrees {
            let link = self.link.shown();
            let text = format!(
                "{link} is public, and no one has agreed to show there what pull requests say"
            );
            let agree = "agrees, for this clone (for humans)";
            return Err(Error::refused(text)
                .because(Reason::ForgeUnseen)
                .about(&id)
                .hint(show("shows it"))
                .hint(Hint::run(["github", "pr", &id, "--yes"], agree)));
        }
        let what = "the first pull request to a public repository";
        let next = "ask a human to run `git pm github pr ID --yes`";
        require_human(&pm.actor, what, next)?;
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
        if let Some(tip) = pm.store.repo().ref_target(&name)? {
            let (state, tip) = (pm.store.state()?, tip.to_string());
            // What was submitted has been searched.
            if finish::submitted(pm, &state, &work.item).as_ref() != Some(&tip) {
                secrets_in_work::require_none(pm, &state, &work.item, (&work.branch, &tip))?;
            }
            drop(state);
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
                if let Some(pull) = self.pull_of(work)?.filter(|pull| pull.is_open) {
                    return Ok(pull);
                }
                // Some plans have no drafts.
                if !new.is_draft || !error.message().to_lowercase().contains("draft") {
                    let [head, base] = [&work.branch, &work.base].map(|name| one_line(name));
                    return Err(error.hint(format!(
                        "the branches {head} and {base} have to be there, with commits between them"
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
        let mut missing: Vec<String> = work.item.labels.to_vec();
        missing.retain(|label| {
            !label.starts_with(change_item::MILESTONE_LABEL) && !pull.labels.contains(label)
        });
        if !missing.is_empty() {
            let done = self.forge.add_labels(pull.number, &missing);
            noted(done, "its labels", notes)?;
        }
        let own = self.forge.login()?.unwrap_or_default();
        let is_asked = |name: &str| {
            pull.reviewers
                .iter()
                .any(|one| one.eq_ignore_ascii_case(name))
        };
        let (mut logins, mut teams) = (Vec::new(), Vec::new());
        for owner in owners {
            let Some(name) = owner.strip_prefix('@') else {
                let owner = one_line(owner);
                notes.push(format!(
                    "ask {owner} for a review: GitHub takes no addresses"
                ));
                continue;
            };
            if is_asked(name) || name.eq_ignore_ascii_case(&own) {
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
        let what = if wanted { "a draft" } else { "ready" };
        noted(done, &format!("making it {what}"), notes)?;
        Ok(if is_done { wanted } else { !wanted })
    }
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
