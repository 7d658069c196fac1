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
use crate::store::handle::initial_commit;
use crate::store::history::trees::{item_doc, item_paths};
use crate::store::history::{Origin, Wanted, origins};
use crate::store::state::State;
use crate::task::approval::again;

/// How far back the commit that wrote an approval is looked for.
const STEPS: usize = 100_000;

/// The operations that write an approval.
const APPROVE: [&str; 2] = ["task approve", "batch"];

/// The operations with which a human cuts the history off.
const CUT: [&str; 2] = ["gc", "redact"];

impl Pm {
    /// Refuses an approval that no human's command wrote, or nobody signed where that is required.
    pub(crate) fn require_vouched(&self, state: &State<'_>, item: &Item) -> Result<()> {
        match self.unvouched(&[item])?.pop().flatten() {
            Some(why) => Err(self.not_vouched(state, item, &why)),
            None => Ok(()),
        }
    }

    /// The refusal of an approval that does not count.
    pub(crate) fn not_vouched(&self, state: &State<'_>, item: &Item, why: &str) -> Error {
        let id = state.shown_id(item);
        Error::refused(format!("the approval of {id} does not count: {why}"))
            .hint(again(&id, self.actor.is_agent, self.wants_terminal()))
            .hint(format!(
                "`git pm log {id} --show-signature` shows who wrote what"
            ))
    }

    /// Whether the approval of an item counts as far as the commit that wrote it goes.
    pub(crate) fn is_vouched(&self, item: &Item) -> Result<bool> {
        Ok(self.unvouched(&[item])?.iter().all(Option::is_none))
    }

    /// Why the approvals of some items do not count, of those that do not.
    pub(crate) fn unvouched(&self, items: &[&Item]) -> Result<Vec<Option<String>>> {
        let signed = self.signatures_hold()?;
        let (repo, tip) = (self.store.repo(), self.store.require_tip()?);
        let approval = |item: &Item| {
            let (born, uid) = (item.born.clone(), item.uid.clone());
            Wanted {
                tip,
                paths: item_paths(&born, &uid),
                read: Box::new(move |tree| {
                    let doc = item_doc(repo, tree, &born, &uid)?;
                    Ok(doc.and_then(|mut doc| doc.regs.remove(APPROVAL)))
                }),
            }
        };
        let wanted: Vec<Wanted<'_>> = items.iter().map(|item| approval(item)).collect();
        let trails = origins(repo, &wanted, STEPS)?;
        let trails = trails.iter().map(|trail| {
            let mut doubt = None;
            for origin in &trail.origins {
                let why = match origin {
                    Origin::Written(commit) => self.doubt(commit, &APPROVE, signed)?,
                    Origin::Begins(commit) => self.doubt_first(commit, signed)?,
                    Origin::Beyond => signed.then(|| {
                        "the history of the state that is here does not reach back to the commit \
                         that wrote it"
                            .into()
                    }),
                };
                if why.is_none() {
                    return Ok(None);
                }
                doubt = doubt.or(why);
            }
            Ok(doubt)
        });
        trails.collect()
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

    /// As [`Pm::doubt`], of a commit without parents. A human who cuts the history off vouches for
    /// what is left; the first commit of every store, which is the same everywhere, says nothing.
    pub(crate) fn doubt_first(&self, commit: &Commit, signed: bool) -> Result<Option<String>> {
        if commit.id == initial_commit(&self.store.repo().pending())? {
            return Ok(None);
        }
        self.doubt(commit, &CUT, signed)
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
    let did = match commit.parents.is_empty() {
        true => "begins the history with it",
        false => "wrote it",
    };
    format!("commit {} ({subject}) {did}", short(commit.id))
}
