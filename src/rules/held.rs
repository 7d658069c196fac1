//! Rules of everybody that were loosened by a commit that is not a human's `git pm config`, or that
//! nobody signed where the state requires signatures: the stricter value holds until a human sets
//! the rule again. Looked at by what lets work through and what reports, not by every command.

use std::collections::HashSet;
use std::sync::Arc;

use super::{RECORD, RULES, Rule, SIGN_RULE, shared};
use crate::error::Result;
use crate::model::doc::{Doc, Reg};
use crate::model::text::{one_line, shorten};
use crate::pm::Pm;
use crate::store::fsck::local;
use crate::store::git::repo::{Commit, Oid};
use crate::store::history::{Origin, Trail, Wanted, origins, walk};
use crate::store::layout::REPOSITORY;
use crate::store::repository::{self, SIGN};
use crate::store::sync::published::PUBLISHED;

/// How many of the newest commits are looked at.
const LOOKED_AT: usize = 1_000;

/// How many are, once there is something to doubt.
const DOUBTED: usize = 100_000;

/// How many commits that lost their place in the history are held against one that begins it.
const SIDES: usize = 20;

/// The operations that change a rule of everybody.
const CONFIG: [&str; 1] = ["config"];

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
        let now = self.doc_of(&self.store.repo().commit(tip)?)?;
        // Signatures first: where they were required, all else needs one.
        let mut rules: Vec<&Rule> = RULES.iter().filter(|rule| is_of_everybody(rule)).collect();
        rules.sort_by_key(|rule| rule.key != SIGN_RULE);
        let at: Vec<(&Rule, Oid)> = rules.iter().map(|rule| (*rule, tip)).collect();
        let trails = self.trails(&at, LOOKED_AT)?;
        let mut held: Vec<Held> = Vec::new();
        let mut sticky = false;
        for (rule, trail) in rules.into_iter().zip(trails) {
            let value = shared(&now, rule).and_then(|all| all.value);
            let found = self.stricter_before(rule, tip, trail, sticky)?;
            for (from, why) in found {
                let to = value.as_deref().unwrap_or_default();
                let known = held.iter().any(|h| h.key == rule.key && h.value == from);
                if known || !rule.loosens(&from, to) {
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
        Ok(held)
    }

    /// The values that stood before what a rule has at `tip`, back to one that a human set, each with
    /// what there is against what came after it. None where a human set what it has.
    fn stricter_before(
        &self,
        rule: &Rule,
        tip: Oid,
        trail: Trail,
        sticky: bool,
    ) -> Result<Vec<(String, String)>> {
        let mut found = Vec::new();
        let mut seen = HashSet::from([tip]);
        let mut waiting = vec![(tip, trail)];
        while !waiting.is_empty() && seen.len() < DOUBTED {
            let mut further = Vec::new();
            for (at, mut trail) in waiting {
                if trail.is_unknown() {
                    let now = self.rule_at(rule, &self.store.repo().commit(at)?)?;
                    let now = now.unwrap_or_default();
                    let mut looser = false;
                    for beside in &trail.beside {
                        let beside = self.rule_at(rule, beside)?;
                        looser |= beside.is_some_and(|beside| rule.loosens(&beside, &now));
                    }
                    if !looser {
                        continue;
                    }
                    // It came in beside a stricter one, from further back than was looked at.
                    let again = self.trails(&[(rule, at)], DOUBTED)?;
                    trail = again.into_iter().next().unwrap_or_default();
                }
                let Some(why) = self.doubt_trail(&mut trail, sticky)? else {
                    continue;
                };
                for beside in trail.beside {
                    if !seen.insert(beside.id) {
                        continue;
                    }
                    if let Some(from) = self.rule_at(rule, &beside)? {
                        found.push((from, why.clone()));
                    }
                    further.push((rule, beside.id));
                }
            }
            let trails = self.trails(&further, DOUBTED)?;
            let ids = further.into_iter().map(|(_, id)| id);
            waiting = ids.zip(trails).collect();
        }
        Ok(found)
    }

    /// Why none of the commits that a value came from is a human's word. What came to stand beside it
    /// because it lost its place in the history is added to the trail.
    fn doubt_trail(&self, trail: &mut Trail, sticky: bool) -> Result<Option<String>> {
        let mut doubt = None;
        for origin in trail.origins.clone() {
            let why = match &origin {
                Origin::Written(commit) => {
                    let parents = commit.parents.iter();
                    let parents = parents.filter_map(|id| self.store.repo().commit(*id).ok());
                    let signed = sticky || self.signed_at(&parents.collect::<Vec<_>>())?;
                    self.doubt(commit, &CONFIG, signed)?
                }
                Origin::Begins(commit) => {
                    if self.doubt_first(commit, true)?.is_some() {
                        trail.beside.extend(self.out_of_place(commit)?);
                    }
                    let mut lines = trail.beside.clone();
                    lines.push(commit.clone());
                    let signed = sticky || self.signed_at(&lines)?;
                    self.doubt_first(commit, signed)?
                }
                Origin::Beyond => Some(
                    "the history of the state that is here does not reach back to the commit that \
                     wrote it"
                        .into(),
                ),
            };
            if why.is_none() {
                return Ok(None);
            }
            doubt = doubt.or(why);
        }
        Ok(doubt)
    }

    /// Commits that the state was at, or that were published, and that its history does not have:
    /// what a commit that begins another history is held against. Those that go on from it are not.
    fn out_of_place(&self, first: &Commit) -> Result<Vec<Commit>> {
        let repo = self.store.repo();
        let mut seen = HashSet::new();
        walk(repo, self.store.require_tip()?, |commit| {
            seen.insert(commit.id);
            Ok(seen.len() < LOOKED_AT)
        })?;
        let logged = local::entries(&self.store);
        let logged = logged.into_iter().rev().take(LOOKED_AT);
        let published = repo.ref_target(PUBLISHED)?;
        let mut out = Vec::new();
        for id in published.into_iter().chain(logged) {
            if out.len() >= SIDES || !seen.insert(id) {
                continue;
            }
            // What a reflog names may be long gone.
            if let Ok(commit) = repo.commit(id)
                && !repo.is_ancestor(first.id, id).unwrap_or(false)
            {
                out.push(commit);
            }
        }
        Ok(out)
    }

    /// Whether signatures were required at one of some commits.
    fn signed_at(&self, commits: &[Commit]) -> Result<bool> {
        for commit in commits {
            if self.doc_of(commit)?.value(SIGN).is_true() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a commit has of a rule.
    fn rule_at(&self, rule: &Rule, commit: &Commit) -> Result<Option<String>> {
        Ok(shared(&self.doc_of(commit)?, rule).and_then(|all| all.value))
    }

    fn doc_of(&self, commit: &Commit) -> Result<Doc> {
        Ok(repository::read(self.store.repo(), commit.tree)?.doc)
    }

    /// Where the values of rules at commits came from.
    fn trails(&self, rules: &[(&Rule, Oid)], limit: usize) -> Result<Vec<Trail>> {
        let repo = self.store.repo();
        let wanted = |(rule, at): &(&Rule, Oid)| {
            let rule = **rule;
            Wanted {
                tip: *at,
                paths: vec![REPOSITORY.to_string()],
                read: Box::new(move |tree| Ok(register(&repository::read(repo, tree)?.doc, &rule))),
            }
        };
        let wanted: Vec<Wanted<'_>> = rules.iter().map(wanted).collect();
        origins(repo, &wanted, limit)
    }
}

/// Whether the state has a say in it.
fn is_of_everybody(rule: &Rule) -> bool {
    rule.shared || rule.key == SIGN_RULE
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
