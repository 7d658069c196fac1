//! What follows from a change at the forge: a review with its comment, an item that is done.
//!
//! A change is only a hint to look: what is done follows from what the forge says now, so hints can be lost,
//! repeated and out of order.

use serde::{Deserialize, Serialize};

use super::merge::Followed;
use super::record::PullRecord;
use super::{RemotePull, connected};
use crate::coordinate::worktree::followed_branch;
use crate::error::{Kind, Result};
use crate::forge::{Linked, PullView, SyncRequest};
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Forges;
use crate::store::index::Scan;
use crate::work::task::{branch_work, remote_branch};

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ForgeHint {
    /// A pull request.
    Pull(u64),
    /// Everything: issues, and the pull requests of items that are not closed.
    All,
}

/// Something that was done after a look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attended {
    /// The item's id; none of an exchange of issues.
    pub task: Option<String>,
    /// The number of the pull request.
    pub pull_request: Option<u64>,
    /// What was done: `reviewed`, `commented`, `done`, `closed`, `ignored`, `exchanged`, `failed`.
    pub action: String,
    /// More about it.
    pub detail: Option<String>,
}

impl Attended {
    pub(crate) fn of(
        task: Option<&str>,
        pull_request: Option<u64>,
        action: &str,
        detail: Option<&str>,
    ) -> Attended {
        Attended {
            task: task.map(str::to_string),
            pull_request,
            action: action.into(),
            detail: detail.map(str::to_string),
        }
    }
}

impl Forges<'_> {
    /// Looks at what a hint names, and does what follows: work of an open pull request is reviewed by the
    /// rules and trusted tools once for each commit, which its one comment says; a merged one ends its item;
    /// issues are read. A dry run only says what would be done.
    ///
    /// # Errors
    /// When there is no confirmed link, or GitHub cannot be reached.
    pub fn attend(&self, hint: ForgeHint, dry_run: bool) -> Result<Vec<Attended>> {
        match hint {
            ForgeHint::Pull(number) => connected(self.pm, !dry_run)?.attend(number, dry_run),
            ForgeHint::All => {
                let request = SyncRequest {
                    dry_run,
                    ..SyncRequest::default()
                };
                let report = self.pull(&request)?;
                let mut out = Vec::new();
                for id in &report.merged {
                    let text = format!("{id}: mark task done");
                    out.push(Attended::of(Some(id), None, "done", Some(&text)));
                }
                let taken = report.created_here + report.changed_here + report.comments_here;
                if taken > 0 {
                    let text = format!("{taken} changes of issues");
                    out.push(Attended::of(None, None, "exchanged", Some(&text)));
                }
                let open = self.status()?.pulls;
                if open.is_empty() {
                    return Ok(out);
                }
                let pulls = connected(self.pm, !dry_run)?;
                for PullView { number, .. } in open {
                    match pulls.attend(number, dry_run) {
                        Ok(done) => out.extend(done),
                        Err(error) if error.kind() == Kind::Remote => return Err(error),
                        // One that cannot be reviewed does not stop the others.
                        Err(error) => out.push(Attended::of(
                            None,
                            Some(number),
                            "failed",
                            Some(error.message()),
                        )),
                    }
                }
                Ok(out)
            }
        }
    }
}

impl Linked<'_> {
    fn attend(&self, number: u64, dry_run: bool) -> Result<Vec<Attended>> {
        let said = |id: Option<&str>, action: &str, detail: Option<&str>| {
            Attended::of(id, Some(number), action, detail)
        };
        let Some(pull) = self.forge.pull(number)? else {
            return Ok(vec![said(None, "ignored", Some("it is not there"))]);
        };
        let Some((uid, id, status)) = self.item_of(&pull)? else {
            let why = match pull.is_own {
                true => "no item has its branch",
                false => "its branch is in another repository",
            };
            return Ok(vec![said(None, "ignored", Some(why))]);
        };
        let shown = id.as_str();
        let id = Some(shown);
        if status.is_closed() {
            return Ok(Vec::new());
        }
        if !pull.is_open {
            let mut notes = Vec::new();
            let ended = match dry_run {
                true => pull.merged.is_some(),
                false => self.follow(&uid, &pull, None, &mut notes)? == Followed::Ended,
            };
            let text = format!("{shown}: mark task done");
            return Ok(vec![match ended {
                true => said(id, "done", Some(&text)),
                false => said(id, "closed", notes.last().map(String::as_str)),
            }]);
        }
        let mut out = Vec::new();
        let pm = self.pm;
        if !dry_run {
            self.keep(&uid, &pull)?;
            bring(pm, &uid, &pull)?;
        }
        let found = pm.tasks().show(uid.as_str())?.findings;
        let seen = found.and_then(|found| found.last_review?.commit);
        // Where the branch here has other commits than that there, the review is of those here.
        let here = branch_work::ends_now(pm, uid.as_str())?;
        let here = here.map(|ends| ends.commit.to_string());
        if seen.is_none() || seen != here && seen.as_ref() != Some(&pull.commit) {
            let passed = match dry_run {
                true => None,
                false => Some(pm.findings().review(uid.as_str())?.passed),
            };
            let detail = passed.map(|passed| {
                if passed {
                    "passed"
                } else {
                    "findings block it"
                }
            });
            out.push(said(id, "reviewed", detail));
        }
        if dry_run || self.comment(&uid)?.changed {
            out.push(said(id, "commented", None));
        }
        Ok(out)
    }

    /// The item whose branch a pull request has: one of the same repository only.
    fn item_of(&self, pull: &RemotePull) -> Result<Option<(Uid, String, Status)>> {
        if !pull.is_own {
            return Ok(None);
        }
        let state = self.pm.store.state()?;
        let key = self.link.key();
        let found = state.scan(&Scan::Branch(&pull.head), |_| true, usize::MAX);
        // One that the item names, or which it has not named yet: its answer is still on the way.
        let is_its = |uid: &Uid| {
            let record = state.doc(uid).and_then(|doc| PullRecord::of(doc, &key));
            record.is_none_or(|record| record.number == pull.number)
        };
        let found = found.into_iter().find(|item| is_its(&item.uid));
        Ok(found.map(|item| (item.uid.clone(), state.shown_id(item), item.status.clone())))
    }
}

/// Fetches the branch of a pull request, and moves the branch here forward to it.
fn bring(pm: &Pm, uid: &Uid, pull: &RemotePull) -> Result<()> {
    if let Some(remote) = followed_branch::branch_remote(pm).filter(|_| pm.is_online()) {
        remote.fetch_branch(&pm.store, &pull.head)?;
    }
    let state = pm.store.state()?;
    match state.item(uid) {
        Some(item) => remote_branch::bring_forward(pm, &state, item, &pull.head),
        None => Ok(()),
    }
}
