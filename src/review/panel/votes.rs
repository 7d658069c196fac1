//! What several reviewers say together: one finding for each claim, with its votes, unless it was said before.
//!
//! Claims are joined by their texts (see [`crate::finding::clusters`]), those of a later round also with
//! what was found before in the same file.

use std::collections::BTreeSet;

use crate::coordinate::finding::record::NewFinding;
use crate::finding::clusters::{Claim, JOINED_AT, clusters};
use crate::finding::similarity::Weights;
use crate::finding::{Found, fingerprint};
use crate::model::finding::{Agreement, Finding, FindingStatus, Severity};
use crate::model::uid::Uid;

/// A claim of one reviewer, and its model.
pub(crate) type SaidBy = (Found, String);

/// The claims of a round, joined.
#[derive(Debug, Default)]
pub(crate) struct Joined {
    /// What was not said before.
    pub new: Vec<NewFinding>,
    /// Who says again what is open.
    pub agreements: Vec<(Uid, Agreement)>,
    /// The number of claims about what was settled: withdrawn, or dismissed by a human.
    pub settled: usize,
}

/// Joins the claims of a round with each other and with what is `known`. A finding is confirmed by
/// `need` reviewers; it is as bad as so many of them say. No claim of one reviewer is lost by those of
/// another, and nothing known decides which claims of this round are one.
pub(crate) fn join(said: Vec<SaidBy>, known: &[Finding], need: usize) -> Joined {
    let claims: Vec<Claim<'_>> = said.iter().map(|(found, _)| Claim::from(found)).collect();
    let weights = Weights::builtin().with(claims.iter().map(|claim| claim.text));
    let mut joined = Joined::default();
    for cluster in clusters(&claims, &weights, JOINED_AT) {
        let mut own: Vec<&SaidBy> = Vec::new();
        for one in cluster.into_iter().map(|at| &said[at]) {
            match earlier(&one.0, known, &weights) {
                None => own.push(one),
                Some(old) if old.status.is_open() => {
                    joined.agreements.push((old.uid.clone(), agreement(one)));
                }
                Some(_) => joined.settled += 1,
            }
        }
        own.sort_by_key(|(found, _)| found.severity);
        // A reviewer has one vote on a claim: what else it says is another one.
        while !own.is_empty() {
            let mut names = BTreeSet::new();
            let (votes, more): (Vec<&SaidBy>, _) = own
                .into_iter()
                .partition(|(found, _)| names.insert(&found.reviewer));
            joined.new.push(merged(&votes, need));
            own = more;
        }
    }
    joined
}

/// What was found before that a claim repeats: it says the same of the same file, is not fixed, and is not
/// small if the claim is large. One that is open comes before one that is settled.
fn earlier<'f>(found: &Found, known: &'f [Finding], weights: &Weights) -> Option<&'f Finding> {
    let path = found.place.as_ref().map(|place| place.path.as_str());
    let path = path.filter(|path| !path.is_empty());
    let is_same = |one: &&Finding| {
        let is_gone = matches!(one.status, FindingStatus::Fixed | FindingStatus::Outdated);
        !is_gone
            && (is_large(one.severity) || !is_large(found.severity))
            && (one.path.as_deref() == path || one.path.is_none() || path.is_none())
            && weights.similarity(&found.claim, &one.claim) >= JOINED_AT
    };
    let same = known.iter().filter(is_same);
    same.min_by_key(|one| !one.status.is_open())
}

/// True of what blocks once it is confirmed.
fn is_large(severity: Severity) -> bool {
    severity <= Severity::P1
}

/// One finding of what different reviewers say, the worst first. What one says is large, and too few
/// others, stays large and unconfirmed.
fn merged(votes: &[&SaidBy], need: usize) -> NewFinding {
    let ((first, model), others) = (votes[0], &votes[1..]);
    let mut found = first.clone();
    let severity = votes.get(need.saturating_sub(1)).map(|one| one.0.severity);
    let severity = severity.filter(|one| is_large(*one) || !is_large(first.severity));
    found.severity = severity.unwrap_or(first.severity);
    NewFinding {
        fingerprint: fingerprint(&found, 0),
        found,
        model: Some(model.clone()),
        agreed: others.iter().copied().map(agreement).collect(),
        confirmed: severity.is_some(),
    }
}

fn agreement((found, model): &SaidBy) -> Agreement {
    Agreement {
        reviewer: found.reviewer.clone(),
        model: Some(model.clone()),
        claim: found.claim.clone(),
    }
}

/// The status that the answers of reviewers give an earlier finding: as many settle one as confirm one.
/// `None` if too few answered.
pub(crate) fn settled(answers: &[FindingStatus], need: usize) -> Option<FindingStatus> {
    let count = |status| answers.iter().filter(|one| **one == status).count();
    let [fixed, withdrawn] = [FindingStatus::Fixed, FindingStatus::Withdrawn].map(count);
    match count(FindingStatus::NotFixed) {
        _ if withdrawn >= need => Some(FindingStatus::Withdrawn),
        _ if fixed + withdrawn >= need => Some(FindingStatus::Fixed),
        0 => None,
        _ => Some(FindingStatus::NotFixed),
    }
}
