//! Whether an approval, or a looser rule of everybody, is what it looks like: written by the command
//! of a human and, where the state requires signatures, in a commit that is signed with a key that
//! git accepts here. A plain commit on the state's ref can hold anything; this says which of it
//! counts.

use crate::error::{Error, Result};
use crate::model::approval::APPROVAL;
use crate::model::item::Item;
use crate::model::text::{one_line, shorten};
use crate::past::point::short;
use crate::pm::Pm;
use crate::rules::SIGN_RULE;
use crate::store::git::repo::Commit;
use crate::store::git::sign;
use crate::store::history::{Origin, origin};
use crate::store::state::State;
use crate::task::approval::again;

/// How far back the commit that wrote an approval is looked for.
const STEPS: usize = 100_000;

/// The operations that write an approval.
const APPROVE: [&str; 2] = ["task approve", "batch"];

impl Pm {
    /// Refuses an approval that no human's command wrote, or nobody signed where that is required.
    pub(crate) fn require_vouched(&self, state: &State<'_>, item: &Item) -> Result<()> {
        let Some(why) = self.unvouched(item)? else {
            return Ok(());
        };
        let id = state.shown_id(item);
        Err(
            Error::refused(format!("the approval of {id} does not count: {why}"))
                .hint(again(&id, self.actor.is_agent, self.wants_terminal()))
                .hint(format!(
                    "`git pm log {id} --show-signature` shows who wrote what"
                )),
        )
    }

    /// Whether the approval of an item counts as far as the commit that wrote it goes.
    pub(crate) fn is_vouched(&self, item: &Item) -> Result<bool> {
        Ok(self.unvouched(item)?.is_none())
    }

    fn unvouched(&self, item: &Item) -> Result<Option<String>> {
        let signed = self.signatures_hold()?;
        let tip = self.store.require_tip()?;
        let name = (item.born.as_str(), &item.uid);
        match origin(self.store.repo(), tip, name, APPROVAL, STEPS)? {
            Origin::Written(commit) => self.doubt(&commit, &APPROVE, signed),
            // Who cut the history off vouches for what is left.
            Origin::Begins(commit) if signed => self.unsigned(&commit),
            Origin::Beyond if signed => Ok(Some(
                "the history of the state that is here does not reach back to the commit that \
                 wrote it"
                    .into(),
            )),
            Origin::Begins(_) | Origin::Beyond => Ok(None),
        }
    }

    /// Whether the state requires signatures, also where that was taken back by what nobody signed.
    fn signatures_hold(&self) -> Result<bool> {
        let held = self.held_rules()?.iter().any(|held| held.key == SIGN_RULE);
        Ok(held || self.store.state()?.repository.requires_signatures())
    }

    /// Why a commit is not the word of a human, if it is not: the command it says it was, whether an
    /// agent gave it, and, where signatures are required, its signature.
    pub(crate) fn doubt(
        &self,
        commit: &Commit,
        ops: &[&str],
        signed: bool,
    ) -> Result<Option<String>> {
        if signed && let Some(why) = self.unsigned(commit)? {
            return Ok(Some(why));
        }
        let by = written(commit);
        if commit.trailer("PM-Agent").is_some() {
            return Ok(Some(format!("{by}, which says that an agent made it")));
        }
        Ok((!ops.contains(&commit.op()))
            .then(|| format!("{by}, which is not what `git pm {}` writes", ops[0])))
    }

    fn unsigned(&self, commit: &Commit) -> Result<Option<String>> {
        let by = written(commit);
        if !commit.signed {
            return Ok(Some(format!("{by}, which is not signed")));
        }
        let accepted = sign::is_accepted(self.store.repo(), commit.id)?;
        Ok((!accepted).then(|| format!("{by}, whose signature git does not accept here")))
    }
}

/// `commit c0ffee1234 (task comment on T-0001) wrote it`.
fn written(commit: &Commit) -> String {
    let subject = shorten(&one_line(commit.subject()), 60);
    format!("commit {} ({subject}) wrote it", short(commit.id))
}
