//! Merges of pull requests: asked for from here, or found there.

use super::{MERGED, PullRecord, RemotePull, connected, learn_rule};
use crate::coordinate::worktree::target;
use crate::coordinate::write;
use crate::error::{Error, Hint, Kind, Reason, Result};
use crate::forge::{ForgeReport, Linked, unexpected};
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::pm::handles::Forges;
use crate::work::ending;
use crate::work::task::merge::through_pull::{self, Mergeable};
use crate::work::task::merge::{MergeOptions, MergedItem};

/// The condition of gates that wait for a pull request.
const GH_PR: &str = "gh:pr";

/// What became of an item whose pull request was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Followed {
    /// It is done now.
    Ended,
    /// It was done before.
    WasDone,
    /// It stays as it is.
    Kept,
}

impl Followed {
    pub(super) fn is_done(self) -> bool {
        self != Followed::Kept
    }
}

impl Forges<'_> {
    /// Merges an approved item by its pull request, which is opened or brought up to date before. The item
    /// is held to what a merge here is held to, and goes into its own target.
    ///
    /// # Errors
    /// As those of a merge, and of [`Forges::pull_request`].
    pub fn merge_pull(&self, id: &str, options: &MergeOptions) -> Result<MergedItem> {
        let pm = self.pm;
        if options.target.is_some() {
            let error = Error::usage("a pull request goes into the target of its item");
            return Err(error
                .because(Reason::ArgumentsInvalid)
                .hint("leave the target out"));
        }
        let uid = {
            let state = pm.store.state()?;
            let item = state.find(id)?;
            write::require_version(pm, &state, item)?;
            item.uid.clone()
        };
        // Gates may take their time, in which others may exchange.
        let work = through_pull::mergeable(pm, uid.as_str(), options)?;
        let pulls = connected(pm, true)?;
        match work {
            Some(work) => pulls.merge(&work)?,
            None => pulls.find_merged(&uid)?,
        }
        let done = through_pull::follow_up(pm, &uid)?;
        pulls.share(false);
        Ok(done)
    }
}

impl Linked<'_> {
    fn merge(&self, work: &Mergeable) -> Result<()> {
        let view = self.present(&work.uid, &Default::default())?;
        for note in &view.notes {
            self.pm.notice(note.clone());
        }
        let number = view.number.ok_or_else(|| unexpected("number"))?;
        let message = work.message.as_deref();
        let message = message.map(|text| text.split_once('\n').unwrap_or((text, "")));
        let message = message.map(|(title, rest)| (title, rest.trim()));
        let forge = &self.forge;
        let asked = forge.merge_pull(number, &work.commit, work.strategy, message);
        let pull = forge.pull(number)?;
        let pull = pull.ok_or_else(|| unexpected("pull request"))?;
        // The answer to an earlier call may have been lost.
        if pull.merged.is_none() {
            let error = asked.err().unwrap_or_else(|| unexpected("merge"));
            if error.kind() != Kind::Refused {
                return Err(error);
            }
            let wait = ["github", "pr", &work.id, "--wait"];
            return Err(error
                .hint(Hint::run(wait, "waits for its checks"))
                .hint(format!("{} says what is missing", self.url(number))));
        }
        self.require_ended(&work.uid, &pull, &work.commit)
    }

    /// Ends an item whose work is in its target already by its pull request.
    fn find_merged(&self, uid: &Uid) -> Result<()> {
        let work = self.work(uid)?;
        match self.pull_of(&work)?.filter(|pull| pull.merged.is_some()) {
            Some(pull) if !work.item.status.is_closed() => {
                self.require_ended(uid, &pull, &work.commit)
            }
            _ => Ok(()),
        }
    }

    fn require_ended(&self, uid: &Uid, pull: &RemotePull, checked: &str) -> Result<()> {
        let mut notes = Vec::new();
        if self.follow(uid, pull, Some(checked), &mut notes)?.is_done() {
            return Ok(());
        }
        let (number, why) = (pull.number, notes.pop());
        let why = why.unwrap_or_else(|| "it is not that of the item".into());
        let text = format!("pull request #{number} was merged, but {why}");
        Err(Error::refused(text)
            .because(Reason::MergeBranchMoved)
            .hint("`git pm show ID` shows how the item stands"))
    }

    /// Ends an item whose pull request was merged into its target, whatever the branch here has. An agent
    /// ends one only by merging the commit that was `checked`: else it could merge at the forge what nobody
    /// approved.
    pub(super) fn follow(
        &self,
        uid: &Uid,
        pull: &RemotePull,
        checked: Option<&str>,
        notes: &mut Vec<String>,
    ) -> Result<Followed> {
        let (pm, state) = (self.pm, self.pm.store.state()?);
        let Some(item) = state.item(uid).cloned() else {
            return Ok(Followed::Kept);
        };
        let id = state.shown_id(&item);
        let number = pull.number;
        let commit = pull.merged.as_ref().filter(|_| pull.is_own);
        let commit = commit.and_then(|hex| pm.store.repo().parse_id(hex));
        let is_its = item.branch.as_deref() == Some(pull.head.as_str());
        let (Some(commit), true) = (commit, is_its) else {
            if pull.merged.is_none() {
                self.keep(uid, pull)?;
            }
            return Ok(Followed::Kept);
        };
        if item.status.is_closed() {
            self.keep(uid, pull)?;
            return Ok(match item.status == Status::Done {
                true => Followed::WasDone,
                false => Followed::Kept,
            });
        }
        let known = self.record_of(uid)?.filter(|one| one.state == MERGED);
        if known.is_some_and(|one| one.number >= number) {
            // It ended the item before, which somebody opened again.
            return Ok(Followed::Kept);
        }
        let target = target::target_of(pm, &state, &item, None)?;
        if pull.base != target {
            let [base, target] = [&pull.base, &target].map(|name| one_line(name));
            notes.push(format!(
                "pull request #{number} was merged into {base}, and {id} goes into {target}"
            ));
            return Ok(Followed::Kept);
        }
        if pm.actor.is_agent && checked != Some(pull.commit.as_str()) {
            notes.push(format!(
                "pull request #{number} was merged; a human ends {id} with `git pm github pull`"
            ));
            return Ok(Followed::Kept);
        }
        // It is looked at again once they are closed.
        if let Err(open) = ending::require_whole(pm, &state, &item, &[]) {
            let open = open.message();
            notes.push(format!("pull request #{number} was merged, but {open}"));
            return Ok(Followed::Kept);
        }
        let ended = through_pull::end_merged(pm, uid, number, &target, &commit.to_string())?;
        // Only now: what is recorded as merged is not looked at again.
        self.keep(uid, pull)?;
        Ok(match ended {
            true => Followed::Ended,
            false => Followed::WasDone,
        })
    }

    /// Closes the gates that wait for a pull request (`gh:pr`, its number) which was merged.
    fn open_gates(&self, report: &mut ForgeReport) -> Result<()> {
        let issues = self.pm.issues();
        for gate in issues.gates(false)? {
            let issue = &gate.item.issue;
            let number = issue.await_id.as_ref();
            let number = number.and_then(|id| id.trim_start_matches('#').parse().ok());
            let (Some(number), Some(GH_PR)) = (number, issue.await_type.as_deref()) else {
                continue;
            };
            let why = match self.forge.pull(number)? {
                Some(pull) if pull.merged.is_some() => {
                    let reason = format!("pull request #{number} was merged");
                    issues.resolve_gates(std::slice::from_ref(&gate.id), Some(&reason))?;
                    report.merged.push(gate.id.clone());
                    continue;
                }
                Some(pull) if pull.is_open => continue,
                Some(_) => "was closed",
                None => "is not there",
            };
            let text = format!("waits for pull request #{number}, which {why}");
            report.note(&gate.id, text);
        }
        Ok(())
    }

    /// Looks at the pull requests of items that are not done, and ends those that were merged.
    pub(in crate::forge) fn follow_all(&self, report: &mut ForgeReport) -> Result<()> {
        learn_rule(self.pm, self.forge.as_ref())?;
        // One gate that cannot be opened does not stop the others.
        if let Err(error) = self.open_gates(report) {
            match error.kind() {
                Kind::Remote => return Err(error),
                _ => report.note("gates", error.message()),
            }
        }
        let open = PullRecord::open(&self.pm.store.state()?, &self.link.key());
        for (uid, id, record) in open {
            let number = record.number;
            let Some(pull) = self.forge.pull(number)? else {
                let text = format!("has pull request #{number}, which is no longer there");
                report.note(id, text);
                continue;
            };
            let mut said = Vec::new();
            match self.follow(&uid, &pull, None, &mut said) {
                Ok(Followed::Ended) => report.merged.push(id.clone()),
                Ok(_) => {}
                Err(error) if error.kind() == Kind::Refused => {
                    said.push(error.message().to_string())
                }
                Err(error) => return Err(error),
            }
            for text in said {
                report.note(&id, text);
            }
        }
        Ok(())
    }
}
