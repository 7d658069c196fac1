//! The rounds of reviews and of plan debates by models: how many, and when a human has to decide.
//!
//! The count is stored with the item, or the PRD of a plan, in its record of reviews. It depends on no
//! commit, session or clone, so nothing that an author or an agent does resets it.

use std::collections::BTreeSet;

use super::record::{CLEAN, FAILED, FINDINGS, REVIEWS};
use crate::model::doc::Doc;
use crate::model::finding::{Finding, Severity};
use crate::model::text::spelled;
use crate::model::uid::Uid;
use crate::pm::Pm;

/// The number of rounds after which a human has to decide.
pub(crate) const ROUNDS: u32 = 3;

/// What the record of an item says about its rounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rounds {
    /// The number of rounds that have a verdict.
    pub done: u32,
    /// Of the last one with a verdict.
    pub last: Option<Round>,
}

/// A round with a verdict.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Round {
    /// The hash of what was reviewed.
    pub hash: String,
    /// The reviewed commit.
    pub commit: Option<String>,
    /// Set if nothing blocked.
    pub clean: bool,
    /// Why a human has to decide.
    pub stopped: Option<String>,
}

impl Rounds {
    /// Reads the rounds of an item's document.
    pub(crate) fn of(doc: Option<&Doc>) -> Rounds {
        doc.map(Rounds::read).unwrap_or_default()
    }

    fn read(doc: &Doc) -> Rounds {
        let mut entries: Vec<_> = (doc.entries(REVIEWS))
            .filter(|(_, entry)| {
                let has_verdict = [Some(CLEAN), Some(FINDINGS)].contains(&entry.text("verdict"));
                entry.value("round").as_int().is_some() && has_verdict
            })
            .collect();
        entries.sort_by(|a, b| (&a.1.at, a.0).cmp(&(&b.1.at, b.0)));
        let text = |name: &str| Some(entries.last()?.1.text(name)?.to_string());
        Rounds {
            done: u32::try_from(entries.len()).unwrap_or(u32::MAX),
            last: entries.last().map(|(_, entry)| Round {
                hash: match entry.text("plan") {
                    Some(plan) => plan.to_string(),
                    None => hash(entry.text("patch"), entry.text("criteria")),
                },
                commit: text("commit"),
                clean: entry.text("verdict") == Some(CLEAN),
                stopped: text("stopped"),
            }),
        }
    }

    /// The number of the next round, from 1.
    pub(crate) fn next(&self) -> u32 {
        self.done.saturating_add(1)
    }

    /// Why no further round may begin; `most` is the number that the caller allows, which only a human
    /// may raise.
    pub(crate) fn stopped(&self, pm: &Pm, most: Option<u32>) -> Option<String> {
        let most = match pm.actor.is_bound {
            true => most.map_or(ROUNDS, |most| most.min(ROUNDS)),
            false => most.unwrap_or(ROUNDS),
        };
        let stopped = self.last.as_ref().and_then(|last| last.stopped.clone());
        match stopped {
            // Whoever asks for more rounds than there were has decided.
            Some(why) if most <= ROUNDS || self.done >= most => Some(why),
            _ if self.done >= most => Some(after(self.done)),
            _ => None,
        }
    }
}

/// What is reviewed, as one text: the changes whatever they are based on, and what they have to meet.
pub(crate) fn hash(patch: Option<&str>, criteria: Option<&str>) -> String {
    [patch, criteria].map(Option::unwrap_or_default).join(" ")
}

/// How a round ended.
pub(crate) struct Conclusion {
    pub verdict: &'static str,
    /// Why a human has to decide.
    pub stopped: Option<String>,
    /// Who was asked, each with the number of its open findings that are not private.
    pub reviewers: String,
}

/// Judges the round with this number by all findings after it. `before` are those before it; a round that
/// `failed`, since someone has no answer, does not count.
pub(crate) fn conclude<'n>(
    round: u32,
    (known, before): (&[Finding], &BTreeSet<Uid>),
    failed: bool,
    names: impl Iterator<Item = &'n str>,
) -> Conclusion {
    let (verdict, stopped) = match (failed, known.iter().any(Finding::blocks)) {
        (true, _) => (FAILED, None),
        (false, true) => (FINDINGS, stops(round, known, before)),
        (false, false) => (CLEAN, None),
    };
    let counted = names.map(|name| {
        let is_its = |one: &&Finding| one.reviewer == name && !one.private;
        let own = known.iter().filter(is_its);
        let open = own.filter(|one| one.status.is_open()).count();
        format!("{name} ({open})")
    });
    Conclusion {
        verdict,
        stopped,
        reviewers: counted.collect::<Vec<_>>().join(", "),
    }
}

/// Why a human has to decide; `None` if the next round may begin.
fn stops(round: u32, known: &[Finding], before: &BTreeSet<Uid>) -> Option<String> {
    let blocking = || known.iter().filter(|one| one.blocks());
    if let Some(one) = blocking().find(|one| one.not_fixed >= 2) {
        return Some(format!("{} is not fixed after two attempts", one.id()));
    }
    let class = |one: &Finding| Some((one.category.clone(), one.path.clone()?));
    let seen: BTreeSet<_> = (known.iter())
        .filter(|one| one.confirmed && one.model.is_some() && one.round < round)
        .filter(|one| one.severity <= Severity::P1)
        .filter_map(class)
        .collect();
    let again = blocking().filter(|one| !before.contains(&one.uid));
    let again = again.filter_map(class).find(|class| seen.contains(class));
    if let Some((category, path)) = again {
        return Some(format!(
            "a defect of the class `{category}` in {} returned: redesign it instead of repairing it again",
            spelled(&path)
        ));
    }
    (round >= ROUNDS).then(|| after(round))
}

fn after(rounds: u32) -> String {
    format!("{rounds} rounds were made")
}
