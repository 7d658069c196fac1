//! What several reviewers say together: one finding for each claim, with the votes for it.
//!
//! Claims are joined by their texts (see [`crate::finding::clusters`]), those of a later round also with
//! what was found before in the same file.

use std::collections::BTreeSet;

use crate::coordinate::finding::record::NewFinding;
use crate::finding::clusters::{Claim, JOINED_AT, clusters};
use crate::finding::similarity::Weights;
use crate::finding::{Found, fingerprint};
use crate::model::finding::{Agreement, Finding, FindingStatus};
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
/// `need` reviewers; it is as bad as so many of them say.
pub(crate) fn join(said: Vec<SaidBy>, known: &[Finding], need: usize) -> Joined {
    let names: Vec<String> = known.iter().map(|one| format!("\0{}", one.uid)).collect();
    let mut claims: Vec<Claim<'_>> = said.iter().map(|(found, _)| Claim::from(found)).collect();
    claims.extend(known.iter().zip(&names).map(|(one, name)| Claim {
        text: &one.claim,
        reviewer: name,
    }));
    let weights = Weights::builtin().with(claims.iter().map(|claim| claim.text));
    let found = clusters(&claims, &weights, JOINED_AT);
    let mut joined = Joined::default();
    for cluster in found {
        let (mut own, old): (Vec<usize>, Vec<usize>) =
            cluster.into_iter().partition(|at| *at < said.len());
        let old: Vec<&Finding> = old.iter().map(|at| &known[at - said.len()]).collect();
        own.retain(|at| match earlier(&said[*at].0, &old) {
            None => true,
            Some(one) if one.status.is_open() => {
                joined
                    .agreements
                    .push((one.uid.clone(), agreement(&said[*at])));
                false
            }
            Some(_) => {
                joined.settled += 1;
                false
            }
        });
        let mut own: Vec<&SaidBy> = own.iter().map(|at| &said[*at]).collect();
        own.sort_by_key(|(found, _)| found.severity);
        if let Some(((first, model), others)) = own.split_first().map(|(a, b)| (*a, b)) {
            joined.new.push(merged((first, model), others, need));
        }
    }
    joined
}

/// What was found before that a claim repeats: it is about the same file, and not fixed.
fn earlier<'f>(found: &Found, old: &[&'f Finding]) -> Option<&'f Finding> {
    let path = found.place.as_ref().map(|place| place.path.as_str());
    let path = path.filter(|path| !path.is_empty());
    let is_gone =
        |one: &Finding| matches!(one.status, FindingStatus::Fixed | FindingStatus::Outdated);
    let mut same = old.iter().filter(|one| !is_gone(one));
    same.find(|one| one.path.as_deref() == path || one.path.is_none() || path.is_none())
        .copied()
}

fn merged((first, model): (&Found, &String), others: &[&SaidBy], need: usize) -> NewFinding {
    let mut votes = BTreeSet::from([first.reviewer.as_str()]);
    let mut severities = vec![first.severity];
    let mut agreed = Vec::new();
    for other in others {
        if votes.insert(&other.0.reviewer) {
            severities.push(other.0.severity);
            agreed.push(agreement(other));
        }
    }
    let confirmed = votes.len() >= need;
    let mut found = first.clone();
    if confirmed {
        found.severity = severities[need.saturating_sub(1)];
    }
    NewFinding {
        fingerprint: fingerprint(&found, 0),
        found,
        model: Some(model.clone()),
        agreed,
        confirmed,
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
