//! Whether an approval, or a looser rule of everybody, is what it looks like: written by the command
//! of a human and, where the state requires signatures, in a commit that is signed with a key that
//! git accepts here. A plain commit on the state's ref can hold anything; this says which of it
//! counts.

use crate::error::{Error, Result};
use crate::model::approval::APPROVAL;
use crate::model::item::Item;
use crate::model::settings;
use crate::model::text::{one_line, shorten};
use crate::pm::Pm;
use crate::store::git::repo::{Commit, Oid, short};
use crate::store::git::sign;
use crate::store::handle::initial_commit;
use crate::store::history::trees::{item_doc, item_paths};
use crate::store::history::{Origin, Trail, Wanted, origins};
use crate::store::state::State;
use crate::work::task::approval::again;

/// How far back the commit that wrote an approval is looked for.
const STEPS: usize = 100_000;

/// How many of the commits that have a value are looked at: each may start git.
const ORIGINS: usize = 50;

/// The register of an item's state.
const STATUS: &str = "status";

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
        let tip = self.store.require_tip()?;
        let of = |name| items.iter().map(move |item| self.register(item, name, tip));
        let wanted: Vec<Wanted<'_>> = of(APPROVAL).chain(of(STATUS)).collect();
        let mut trails = origins(self.store.repo(), &wanted, &mut { STEPS })?;
        let states = trails.split_off(items.len());
        let pairs = items.iter().zip(trails.iter().zip(&states));
        pairs
            .map(|(item, (approval, state))| {
                let given = self.first_vouched(approval, signed, |commit| {
                    self.doubt(commit, &APPROVE, signed)
                })?;
                match given {
                    Ok(given) => self.doubt_state(item, state, given.as_ref(), signed),
                    Err(why) => Ok(Some(why)),
                }
            })
            .collect()
    }

    /// A register of an item, to be followed back from a commit.
    fn register<'a>(&'a self, item: &Item, name: &'static str, tip: Oid) -> Wanted<'a> {
        let repo = self.store.repo();
        let (born, uid) = (item.born.clone(), item.uid.clone());
        Wanted {
            tip,
            paths: item_paths(&born, &uid),
            read: Box::new(move |tree| {
                let doc = item_doc(repo, tree, &born, &uid)?;
                Ok(doc.and_then(|mut doc| doc.regs.remove(name)))
            }),
        }
    }

    /// The first of the commits that a value came from against which nothing is, none where it is
    /// further back than what is here; or what is against the first of all.
    fn first_vouched(
        &self,
        trail: &Trail,
        signed: bool,
        doubt: impl Fn(&Commit) -> Result<Option<String>>,
    ) -> Result<std::result::Result<Option<Commit>, String>> {
        let mut first = None;
        for origin in trail.origins.iter().take(ORIGINS) {
            let (commit, why) = match origin {
                Origin::Written(commit) => (Some(commit), doubt(commit)?),
                Origin::Begins(commit) => (Some(commit), self.doubt_first(commit, signed)?),
                Origin::Beyond if !signed => (None, None),
                Origin::Beyond | Origin::Limit => (
                    None,
                    Some(
                        "the history of the state that was looked at does not reach back to the \
                         commit that wrote it"
                            .into(),
                    ),
                ),
            };
            let Some(why) = why else {
                return Ok(Ok(commit.cloned()));
            };
            first = first.or(Some(why));
        }
        Ok(Err(first.unwrap_or_else(|| {
            "no commit of the state wrote it".into()
        })))
    }

    /// Why the state of an approved item is not what the approval led to, where it was stopped since:
    /// what a human stopped goes on by a human's command alone. What was so when it was approved, at
    /// `given`, is what was approved.
    fn doubt_state(
        &self,
        item: &Item,
        trail: &Trail,
        given: Option<&Commit>,
        signed: bool,
    ) -> Result<Option<String>> {
        for origin in trail.origins.iter().take(ORIGINS) {
            if let (Origin::Written(commit) | Origin::Begins(commit), Some(given)) = (origin, given)
                && self.store.repo().is_ancestor(commit.id, given.id)?
            {
                return Ok(None);
            }
        }
        let found = self.first_vouched(trail, signed, |commit| {
            self.doubt_return(item, commit, signed)
        })?;
        Ok(found.err())
    }

    /// Why a commit that gave an item its state back does not count, if it does not.
    fn doubt_return(&self, item: &Item, commit: &Commit, signed: bool) -> Result<Option<String>> {
        if signed && let Some(why) = self.unsigned(commit)? {
            return Ok(Some(why));
        }
        let by = format!("{} made it {} again", named(commit), item.status);
        // A join takes a state from one of the two sides.
        Ok(match commit.op() {
            "" | "merge" => Some(format!("{by}, which no command of a human did")),
            _ if commit.trailer("PM-Agent").is_some() => {
                Some(format!("{by}, and says that an agent did"))
            }
            _ => None,
        })
    }

    /// Whether the state requires signatures, also where that was taken back by what nobody signed.
    pub(crate) fn signatures_hold(&self) -> Result<bool> {
        let held = self
            .held_rules()?
            .iter()
            .any(|held| held.key == settings::SIGN.key);
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

    /// Why a commit does not count where a signature is required, if it does not.
    pub(crate) fn unsigned(&self, commit: &Commit) -> Result<Option<String>> {
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
    let did = match commit.parents.is_empty() {
        true => "begins the history with it",
        false => "wrote it",
    };
    format!("{} {did}", named(commit))
}

fn named(commit: &Commit) -> String {
    let subject = shorten(&one_line(commit.subject()), 60);
    format!("commit {} ({subject})", short(commit.id))
}
