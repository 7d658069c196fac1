//! Rules of everybody that were loosened by a commit that is not a human's `git pm config`, or that
//! nobody signed where the state requires signatures: the stricter value holds until a human sets
//! the rule again. Looked at by what lets work through and what reports, not by every command.

use std::sync::Arc;

use super::{RECORD, RULES, Rule, SIGN_RULE, shared};
use crate::error::Result;
use crate::model::doc::{Doc, Reg};
use crate::model::text::{one_line, shorten};
use crate::pm::Pm;
use crate::store::git::repo::{Commit, Oid};
use crate::store::history::{Tracked, walk};
use crate::store::layout::REPOSITORY;
use crate::store::repository::{self, SIGN};

/// How many of the newest commits are looked at.
const LOOKED_AT: usize = 1_000;

/// The operations that change a rule of everybody.
const CONFIG: [&str; 2] = ["config", "undo"];

/// A rule of everybody that holds although the state has a looser value.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// The rule's key.
    pub key: &'static str,
    /// The value that holds.
    pub value: String,
    /// What loosened it and why that does not count, as a sentence.
    pub why: String,
}

impl Held {
    /// The command with which a human settles it.
    pub(crate) fn mend(&self) -> String {
        format!("git pm config --shared {} VALUE", self.key)
    }
}

/// What was found, and the tip of the state that it was found at.
pub(crate) type HeldAt = Option<(Option<Oid>, Arc<[Held]>)>;

/// A commit that wrote a rule of everybody.
struct Event {
    commit: Commit,
    /// The register that it left.
    wrote: Option<Reg>,
    /// What its parents had, where that is stricter.
    from: Vec<String>,
    /// Whether signatures were required before.
    signed: bool,
}

impl Pm {
    /// The rules of everybody that hold although the state has looser values. Once asked, this
    /// process goes by them.
    ///
    /// # Errors
    /// When the history cannot be read, or git cannot be started.
    pub(crate) fn held_rules(&self) -> Result<Arc<[Held]>> {
        let tip = self.store.tip()?;
        if let Some((at, held)) = &*self.held.borrow()
            && *at == tip
        {
            return Ok(held.clone());
        }
        let found: Arc<[Held]> = match tip {
            Some(tip) => self.look_for_held(tip)?.into(),
            None => Arc::default(),
        };
        self.held.replace(Some((tip, found.clone())));
        Ok(found)
    }

    /// As [`Pm::held_rules`], and says which they are.
    ///
    /// # Errors
    /// As [`Pm::held_rules`].
    pub(crate) fn hold_rules(&self) -> Result<()> {
        if self.held.borrow().is_none() {
            for held in self.held_rules()?.iter() {
                self.notice(format!(
                    "{}; a human settles it with `{}`",
                    held.why,
                    held.mend()
                ));
            }
        }
        Ok(())
    }

    /// What everybody has of a rule, with what is held against it.
    pub(super) fn with_held(&self, rule: &Rule, value: Option<String>) -> Option<String> {
        let held = self.held.borrow();
        let all = held.iter().flat_map(|(_, held)| held.iter());
        all.filter(|held| held.key == rule.key)
            .fold(value, |value, held| {
                Some(match value {
                    Some(value) => rule.stricter(&value, &held.value),
                    None => held.value.clone(),
                })
            })
    }

    fn look_for_held(&self, tip: Oid) -> Result<Vec<Held>> {
        let repo = self.store.repo();
        let now = repository::read(repo, repo.commit(tip)?.tree)?.doc;
        let touched = self.commits_on_rules(tip)?;
        let mut held: Vec<Held> = Vec::new();
        let mut sticky = false;
        // Signatures first: where they were required, all else needs one.
        let (first, rest): (Vec<_>, Vec<_>) = RULES.iter().partition(|rule| rule.key == SIGN_RULE);
        for rule in first.into_iter().chain(rest) {
            let mut doubts: Vec<(Event, String)> = Vec::new();
            let mut settled = false;
            for (commit, after, before) in &touched {
                let Some(event) = event(rule, commit, after, before) else {
                    continue;
                };
                let current = event.wrote == register(&now, rule);
                match self.doubt(&event.commit, &CONFIG, sticky || event.signed)? {
                    None => settled |= current,
                    Some(why) => doubts.push((event, why)),
                }
            }
            let current = register(&now, rule);
            // What a human set stands, unless somebody else brought it back.
            settled &= doubts.iter().all(|(event, _)| event.wrote != current);
            if settled {
                continue;
            }
            let value = shared(&now, rule).and_then(|all| all.value);
            for (event, why) in doubts {
                for from in event.from {
                    let to = value.as_deref().unwrap_or_default();
                    if !rule.loosens(&from, to) {
                        continue;
                    }
                    sticky |= rule.key == SIGN_RULE;
                    let (was, is) = (shorten(&one_line(&from), 80), shorten(&one_line(to), 80));
                    let is = if is.is_empty() {
                        "not set".into()
                    } else {
                        format!("`{is}`")
                    };
                    held.push(Held {
                        key: rule.key,
                        why: format!(
                            "{} is {is} for everybody, and `{was}` holds: {why}",
                            rule.key
                        ),
                        value: from,
                    });
                }
            }
        }
        Ok(held)
    }

    /// The newest commits that changed `pm.yaml`, with what they left and what their parents had.
    fn commits_on_rules(&self, tip: Oid) -> Result<Vec<(Commit, Doc, Vec<Doc>)>> {
        let repo = self.store.repo();
        let mut tracked = Tracked::new(repo, &[REPOSITORY.to_string()]);
        let mut touched = Vec::new();
        let mut left = LOOKED_AT;
        walk(repo, tip, |commit| {
            left -= 1;
            if !commit.parents.is_empty() && tracked.is_touched(commit)? {
                let mut before = Vec::new();
                for parent in &commit.parents {
                    if let Ok(parent) = repo.commit(*parent) {
                        before.push(repository::read(repo, parent.tree)?.doc);
                    }
                }
                let after = repository::read(repo, commit.tree)?.doc;
                touched.push((commit.clone(), after, before));
            }
            Ok(left > 0)
        })?;
        Ok(touched)
    }
}

/// The register of a rule of everybody.
fn register(doc: &Doc, rule: &Rule) -> Option<Reg> {
    if rule.shared {
        let entry = doc.entry(RECORD, rule.name())?;
        return entry.regs.get("value").cloned();
    }
    (rule.key == SIGN_RULE)
        .then(|| doc.regs.get(SIGN).cloned())
        .flatten()
}

/// What a commit did to a rule, if it wrote it: no parent has the same.
fn event(rule: &Rule, commit: &Commit, after: &Doc, before: &[Doc]) -> Option<Event> {
    let wrote = register(after, rule);
    if before.is_empty() || before.iter().any(|doc| register(doc, rule) == wrote) {
        return None;
    }
    let to = shared(after, rule).and_then(|all| all.value);
    let from = before.iter().filter_map(|doc| shared(doc, rule)?.value);
    let from = from.filter(|from| rule.loosens(from, to.as_deref().unwrap_or_default()));
    Some(Event {
        commit: commit.clone(),
        wrote,
        from: from.collect(),
        signed: before.iter().any(|doc| doc.value(SIGN).is_true()),
    })
}
