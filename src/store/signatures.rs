//! Signatures of the state: signing commits of this clone, and checking those of others.
//!
//! A merge commit has no author of its own and is unsigned; it is valid exactly if its tree is the
//! join of its parents.

use std::collections::BTreeMap;

use super::actor::Actor;
use super::first_commit::initial_commit;
use super::git::repo::{Commit, Oid, Pending, Person, Sign};
use super::git::sign::{self, SignatureStatus};
use super::handle::Store;
use super::join::commit::join_commits;
use super::layout::REPOSITORY;
use super::{history, repository};
use crate::error::Result;
use crate::model::codec::encode;
use crate::model::doc::Reg;
use crate::model::settings;
use crate::model::value::Value;

/// The problem with the signature of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Problem {
    /// Its signature does not match, or is by a revoked key.
    BadSignature,
    /// Its signature cannot be checked here.
    Uncheckable,
    /// It has none although the state requires one.
    Unsigned,
    /// It claims to be a merge, and its tree is not the join of its parents.
    NotTheJoin,
}

/// One commit without a valid signature.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct SignatureFinding {
    /// The commit's id.
    pub commit: String,
    /// What is wrong with its signature.
    pub problem: Problem,
    /// The problem in one sentence.
    pub message: String,
}

impl Store {
    /// Signs every commit of this process.
    pub fn set_signing(&self) {
        self.sign.set(true);
    }

    /// True if a commit with this tree is to be signed: on demand, or as `pm.sign` says, else if
    /// the state requires it.
    fn signs(&self, pending: &Pending, tree: Oid) -> Result<bool> {
        if self.sign.get() {
            return Ok(true);
        }
        match self.repo().config_bool(settings::SIGN.key) {
            Some(own) => Ok(own),
            None => Ok(repository::read(pending, tree)?.requires_signatures()),
        }
    }

    /// Writes a commit of an actor, signed if this clone signs.
    pub(crate) fn commit_signed(
        &self,
        pending: &Pending,
        tree: Oid,
        parents: &[Oid],
        author: &Person,
        message: &str,
    ) -> Result<Oid> {
        let committer = self.committer();
        let sign = |payload: &[u8]| sign::sign(self.repo(), &self.folder(), &committer, payload);
        let sign = self.signs(pending, tree)?.then_some(&sign as Sign<'_>);
        pending.write_commit(tree, parents, [author, &committer], message, sign)
    }

    /// Requires signatures from everyone from now on, or stops requiring them. The setting is part
    /// of the state.
    pub fn require_signatures(&self, actor: &Actor, required: bool, anew: bool) -> Result<Oid> {
        let (value, text) = if required {
            (Value::Bool(true), "signatures are required")
        } else {
            (Value::Null, "signatures are no longer required")
        };
        self.set_shared(actor, ("config", repository::SIGN), value, text, anew)
    }

    /// Writes a shared setting, which is part of the state. `text` describes it in the history. A
    /// setting that already has the value is written `anew` only at the caller's request.
    pub fn set_shared(
        &self,
        actor: &Actor,
        (op, register): (&str, &str),
        value: Value,
        text: &str,
        anew: bool,
    ) -> Result<Oid> {
        let written = self.write(actor, |tx| {
            let mut doc = tx.state.repository.doc.clone();
            if !doc.set(register, value.clone(), tx.clock()) {
                if !anew {
                    return Ok(());
                }
                let over = doc.regs.get(register).map(|reg| &reg.stamp);
                let (stamp, value) = (tx.clock().stamp(over), value.clone());
                doc.regs.insert(register.to_string(), Reg { stamp, value });
            }
            tx.put_file(REPOSITORY, Some(encode(&doc).into_bytes()));
            tx.describe(op, &[], text);
            tx.subject(&format!("{op}: {text}"));
            Ok(())
        })?;
        Ok(written.commit)
    }

    /// Checks the newest `limit` commits of the state: invalid signatures, missing ones where the
    /// state requires them, and merges that are not the join of their parents.
    pub fn signature_findings(&self, limit: usize) -> Result<Vec<SignatureFinding>> {
        let repo = self.repo();
        let mut commits: Vec<Commit> = Vec::new();
        history::walk(repo, self.require_tip()?, |commit| {
            commits.push(commit.clone());
            Ok(commits.len() < limit)
        })?;
        let first = initial_commit(&repo.pending())?;
        let signed: Vec<Oid> = commits.iter().filter(|c| c.signed).map(|c| c.id).collect();
        let statuses: BTreeMap<Oid, SignatureStatus> = if signed.is_empty() {
            BTreeMap::new()
        } else {
            let all = sign::verify(repo, &signed)?;
            all.into_iter().map(|(id, s)| (id, s.status)).collect()
        };
        let mut findings = Vec::new();
        for commit in commits {
            if commit.id == first {
                continue;
            }
            let problem = match statuses.get(&commit.id) {
                Some(
                    SignatureStatus::Good | SignatureStatus::Unknown | SignatureStatus::Expired,
                ) => None,
                Some(SignatureStatus::Bad | SignatureStatus::Revoked) => {
                    Some(Problem::BadSignature)
                }
                Some(_) => Some(Problem::Uncheckable),
                None if commit.trailer("PM-Op") == Some("merge") => self.check_merge(&commit)?,
                None => self.requires_at(&commit)?.then_some(Problem::Unsigned),
            };
            findings.extend(problem.map(|problem| finding(&commit, problem)));
        }
        Ok(findings)
    }

    fn requires_at(&self, commit: &Commit) -> Result<bool> {
        let found = repository::read(self.repo(), commit.tree)?;
        Ok(found.requires_signatures())
    }

    /// A merge across a cut has only one parent left, so the join cannot be checked any more.
    fn check_merge(&self, commit: &Commit) -> Result<Option<Problem>> {
        let [a, b] = commit.parents[..] else {
            return Ok(self.requires_at(commit)?.then_some(Problem::Unsigned));
        };
        let pending = self.repo().pending();
        // In a shallow or damaged history the joined states may be missing.
        let Ok(again) = join_commits(&pending, a, b).map(|joined| joined.commit) else {
            return Ok(None);
        };
        let tree = pending.commit(again)?.tree;
        Ok((tree != commit.tree).then_some(Problem::NotTheJoin))
    }
}

fn finding(commit: &Commit, problem: Problem) -> SignatureFinding {
    let subject = commit.message.lines().next().unwrap_or_default();
    let subject = crate::model::text::excerpt(subject, 60);
    let what = match problem {
        Problem::BadSignature => "its signature does not match",
        Problem::Uncheckable => "its signature cannot be checked here",
        Problem::Unsigned => "it is not signed, but the state requires signatures",
        Problem::NotTheJoin => {
            "it claims to be a merge, but its content is not the result of merging its parents"
        }
    };
    let short: String = commit.id.to_string().chars().take(10).collect();
    SignatureFinding {
        commit: commit.id.to_string(),
        problem,
        message: format!("{short} ({subject}): {what}"),
    }
}
