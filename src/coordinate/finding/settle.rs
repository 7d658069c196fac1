//! What becomes of a finding: a human dismisses, reopens or shares it, its author says what fixes it or why it stays.

use super::record::{Reply, write_reply};
use super::view::FindingView;
use super::{kept, lookup, private_findings};
use crate::coordinate::gate::gates_to_run;
use crate::coordinate::worktree::target;
use crate::error::{Error, Hint, Reason, Result};
use crate::finding::rules::REVIEWER;
use crate::model::doc::Doc;
use crate::model::finding::{Finding, FindingStatus};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::limits::FINDING_TEXT_MAX;
use crate::model::stamp::{Clock, rfc3339};
use crate::model::text::{one_line, shorten};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::handles::Findings;
use crate::pm::who_acts::require_human;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The role of the author of the work that a finding is about.
const AUTHOR: &str = "author";

impl Findings<'_> {
    /// Decides that a finding does not count, whatever a later review says.
    ///
    /// # Errors
    /// When the actor is an agent, there is no such finding, it is settled, or the reason is empty.
    pub fn dismiss(&self, id: &str, reason: &str) -> Result<FindingView> {
        require_human(
            &self.pm.actor,
            "dismissing a finding",
            Hint::run(["finding", "fix", id], "says that a commit fixes it"),
        )?;
        let reason = reason_of(reason)?;
        let by = self.pm.actor.name.clone();
        change(self.pm, "finding dismiss", id, |found| {
            require(found.status.is_open(), found)?;
            let (by, reason) = (by.clone(), reason.clone());
            Ok(move |doc: &mut Doc, clock: &Clock| {
                doc.set("reason", reason, clock);
                doc.set("dismissed_at", rfc3339(clock.wall_ms()), clock);
                doc.set("dismissed_by", by, clock)
            })
        })
    }

    /// Opens a settled finding again.
    ///
    /// # Errors
    /// When there is no such finding, it is open, or a human dismissed it and an agent asks.
    pub fn reopen(&self, id: &str, reason: Option<&str>) -> Result<FindingView> {
        let reason = reason.map(reason_of).transpose()?;
        change(self.pm, "finding reopen", id, |found| {
            require(!found.status.is_open(), found)?;
            let reason = reason.clone();
            Ok(move |doc: &mut Doc, clock: &Clock| {
                doc.set("reason", Value::from(reason.as_deref()), clock);
                doc.set("fixed_by", Value::Null, clock);
                doc.set("dismissed_at", Value::Null, clock);
                // A dismissed one may be open below that.
                let was_dismissed = doc.set("dismissed_by", Value::Null, clock);
                doc.set("status", FindingStatus::Open.as_str(), clock) || was_dismissed
            })
        })
    }

    /// Says that a commit fixes a finding, by default the one that is checked out. The next review
    /// answers whether it does; until then the finding blocks as before.
    ///
    /// # Errors
    /// When there is no such finding or commit, or it is settled.
    pub fn fix(&self, id: &str, commit: Option<&str>) -> Result<FindingView> {
        let commit = self
            .pm
            .store
            .repo()
            .resolve(commit.unwrap_or("HEAD"))
            .ok_or_else(|| {
                Error::not_found("there is no such commit here").because(Reason::FindingNoCommit)
            })?;
        change(self.pm, "finding fix", id, |found| {
            require(found.status.is_open(), found)?;
            Ok(move |doc: &mut Doc, clock: &Clock| {
                let changed = doc.set("status", FindingStatus::Claimed.as_str(), clock);
                doc.set("fixed_by", commit.to_string(), clock) || changed
            })
        })
    }

    /// Who answers whether later work mends a finding: the command of its reviewer.
    ///
    /// # Errors
    /// When there is no such finding, or its item is gone.
    pub fn answered_by(&self, id: &str) -> Result<Hint> {
        let state = self.pm.store.snapshot()?;
        let found = lookup::find(self.pm, &state, id)?;
        let item = found.item.as_ref().and_then(|item| item.uid.as_ref());
        let item = state.find(item.map_or("", Uid::as_str))?;
        Ok(answered_by(self.pm, &state, item, &found))
    }

    /// Says why its author leaves what a finding is about as it is. It blocks as before, until its reviewer
    /// withdraws it or a human dismisses it.
    ///
    /// # Errors
    /// When there is no such finding, it is settled, or the reason is empty.
    pub fn keep(&self, id: &str, reason: &str) -> Result<FindingView> {
        let reason = reason_of(reason)?;
        stage(self.pm, "finding keep", id, |tx, found| {
            require(found.status.is_open(), found)?;
            let reply = Reply {
                about: found.uid.clone(),
                changed: false,
                reason: reason.clone(),
                role: AUTHOR,
            };
            write_reply(tx, &reply)
        })
    }

    /// Moves a finding that stays in this clone into the state that others fetch.
    ///
    /// # Errors
    /// When the actor is an agent, there is no such finding, or it is shared already.
    pub fn share(&self, id: &str) -> Result<FindingView> {
        let next = Hint::run(["finding", "show", id], "shows it");
        require_human(&self.pm.actor, "sharing a security finding", next)?;
        let state = self.pm.store.snapshot()?;
        let found = lookup::find(self.pm, &state, id)?;
        if !found.private {
            return Err(settled(&found, "is shared already"));
        }
        let private = private_findings::open(self.pm)?;
        let doc = {
            let held = private.state()?;
            read_doc(&held, &found).cloned()
        };
        let doc = doc.ok_or_else(|| Error::not_found("the finding is gone"))?;
        let shown = found.id();
        self.pm.write("finding share").uncompared().run(|tx| {
            if read_doc(&tx.state, &found).is_none() {
                tx.insert(doc.clone())?;
                tx.describe("finding share", &[&shown], &shown);
            }
            Ok(found.uid.clone())
        })?;
        private.write(&self.pm.actor, |tx| {
            read_doc(&tx.state, &found);
            tx.edit(&found.uid, |doc, clock| doc.set("deleted", true, clock))?;
            tx.describe("finding share", &[&shown], &shown);
            Ok(())
        })?;
        tell_kept(self.pm, "finding share", &found)?;
        self.show(found.uid.as_str())
    }
}

/// As [`Findings::answered_by`]. A report that was imported once is not asked again by a review, and neither are
/// agents by one without them.
pub(super) fn answered_by(pm: &Pm, state: &State<'_>, item: &Item, found: &Finding) -> Hint {
    let id = state.shown_id(item);
    let after = "answers it after the work has changed";
    if item.status.is_closed() {
        let what = "makes an issue of it, as only open work is reviewed";
        return Hint::run(["finding", "to-issue", &found.id()], what);
    }
    if item.kind == ItemKind::Prd {
        return Hint::run(["plan", "debate", &id], "shows what its critics said");
    }
    if found.model.is_some() {
        return Hint::run(["review", &id, "--with", "AGENT"], after);
    }
    let (is_rule, by) = (found.reviewer == REVIEWER, one_line(&found.reviewer));
    let is_run = || {
        let target = target::target_of(pm, state, item, None);
        let all = target.and_then(|target| gates_to_run::reviewers(pm, &target));
        all.map_or(true, |all| all.iter().any(|one| one.name == found.reviewer))
    };
    let hint = match is_rule || is_run() {
        true => Hint::run(["review", &id], after),
        false => Hint::run(
            ["finding", "import", &id, "FILE"],
            format!("answers it, with a new report of {by}"),
        ),
    };
    match is_rule || may_settle(pm) {
        true => hint,
        false => format!("a human has to ask its reviewer again: {hint}").into(),
    }
}

/// True if what a tool says no more counts as fixed: a person runs it, or the process that runs agents.
/// An agent chooses the programs of its own environment, and what a report says.
pub(crate) fn may_settle(pm: &Pm) -> bool {
    !pm.actor.is_bound || pm.of_run.is_some()
}

/// Tells other clones what this one still keeps.
fn tell_kept(pm: &Pm, op: &str, found: &Finding) -> Result<()> {
    let item = found.item.as_ref().and_then(|item| item.uid.as_ref());
    item.map_or(Ok(()), |item| kept::tell(pm, op, item))
}

/// The document of a finding, read from the folder of its item.
pub(crate) fn read_doc<'s>(state: &'s State<'_>, found: &Finding) -> Option<&'s Doc> {
    let item = found.item.as_ref()?.uid.as_ref()?;
    let mut docs = state.findings_of(item).into_iter();
    docs.find(|doc| doc.uid == found.uid)
}

/// Changes one finding, in the state that holds it.
fn change<E>(
    pm: &Pm,
    op: &str,
    id: &str,
    edit: impl Fn(&Finding) -> Result<E>,
) -> Result<FindingView>
where
    E: FnOnce(&mut Doc, &Clock) -> bool,
{
    stage(pm, op, id, |tx, found| {
        let edit = edit(found)?;
        tx.edit(&found.uid, edit)?;
        Ok(())
    })
}

/// Writes about one finding, in the state that holds it.
fn stage(
    pm: &Pm,
    op: &str,
    id: &str,
    write: impl Fn(&mut Tx<'_>, &Finding) -> Result<()>,
) -> Result<FindingView> {
    let found = {
        let state = pm.store.snapshot()?;
        lookup::find(pm, &state, id)?
    };
    let shown = found.id();
    let stage = |tx: &mut Tx<'_>| -> Result<Uid> {
        let now = read_doc(&tx.state, &found).and_then(Finding::from_doc);
        write(tx, now.as_ref().unwrap_or(&found))?;
        tx.describe(op, &[&shown], &shown);
        Ok(found.uid.clone())
    };
    match found.private {
        true => {
            private_findings::open(pm)?.write(&pm.actor, stage)?;
            tell_kept(pm, op, &found)?;
        }
        false => pm.write(op).uncompared().run(stage).map(drop)?,
    }
    pm.findings().show(found.uid.as_str())
}

/// Refuses what does not fit the status of a finding.
///
/// # Errors
/// Reason `finding.settled`.
pub(crate) fn require(fits: bool, found: &Finding) -> Result<()> {
    match fits {
        true => Ok(()),
        false => Err(settled(found, &format!("is {} already", found.status))),
    }
}

fn settled(found: &Finding, how: &str) -> Error {
    let id = found.id();
    Error::refused(format!("{id} {how}"))
        .because(Reason::FindingSettled)
        .hint(Hint::run(["finding", "show", &id], "shows it"))
        .about(id)
}

fn reason_of(text: &str) -> Result<String> {
    match text.trim() {
        "" => Err(Error::usage("the reason is empty").about("reason")),
        text => Ok(shorten(text, FINDING_TEXT_MAX)),
    }
}
