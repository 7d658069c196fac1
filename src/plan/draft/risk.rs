//! The risk of a task and the time at which its tests are written, each with a reason.

use super::candidate::{Cause, TaskCandidate};
use super::draft_types::{ItemType, Risk, Validation};
use super::effort::externals;
use super::sentences::truncated;
use super::similarity::{common, stems, words};
use super::task_criteria::Content;
use super::work::Source;
use crate::plan::document::{LabelKind, SectionKind, Words, words};
use std::collections::BTreeSet;

/// Beginnings of words for areas in which mistakes are costly.
const COSTLY: Words = words!(
    "security, secure, authenti, authori, oauth, secret, password, credential, migrat, concurren, \
     conflict, atomic, crash, corrupt, idempot, duplicat, replay, permission, payment, billing, \
     encrypt, decrypt, rollback, deadlock, race, gdpr, privacy, signature, verschlüssel, \
     sicherheit, passwor, datenschutz, zahlung, seguridad, contraseñ, pago, sécurité, paiement, \
     permis, rbac, refund, transaction",
);

/// Whole words for such areas.
const COSTLY_WORDS: Words = words!(
    "auth, sso, login, jwt, mfa, 2fa, pin, csrf, xss, lock, locking, simultaneous, simultaneously, \
     token, tokens",
);

/// A risk that the document rates high.
#[derive(Clone, Debug)]
pub(super) struct HighRisk {
    text: String,
    stems: BTreeSet<String>,
}

/// The risks that a document rates high.
pub(super) fn high_risks(source: &Source<'_>) -> Vec<HighRisk> {
    let mut found = Vec::new();
    for node in &source.tree.nodes {
        if node.kind != SectionKind::Risk || found.len() >= 100 {
            continue;
        }
        let all = std::iter::once(&node.text)
            .chain(node.prose.iter().map(|line| &line.text))
            .chain(node.tags.iter().map(|tag| &tag.line.text));
        let high = all.take(8).any(|text| {
            words(text).iter().any(|word| {
                words!("high, critical, severe, hoch, kritisch, alto, alta, élevé").contains(word)
            })
        });
        if high && !node.text.is_empty() {
            let mut stems = stems(&node.text);
            for word in [
                "high",
                "risk",
                "impact",
                "probability",
                "likelihood",
                "medium",
                "low",
                "critical",
                "mitig",
            ] {
                stems.remove(word);
            }
            found.push(HighRisk {
                text: node.text.clone(),
                stems,
            });
        }
    }
    found
}

/// Assesses the risk of a task.
pub(super) fn assess(
    candidate: &TaskCandidate,
    content: &Content,
    item_type: ItemType,
    high_risks: &[HighRisk],
) -> (Risk, String) {
    let labeled = content.tags.iter().find(|tag| tag.kind == LabelKind::Risk);
    if let Some(tag) = labeled {
        let first = words(&tag.line.text).into_iter().next().unwrap_or_default();
        let level = match first.as_str() {
            "high" | "critical" => Some(Risk::High),
            "medium" | "moderate" => Some(Risk::Medium),
            "low" => Some(Risk::Low),
            _ => None,
        };
        if let Some(level) = level {
            return (level, format!("the document says {first}"));
        }
    }
    if item_type == ItemType::Docs {
        return (Risk::Low, "it changes text only".to_owned());
    }
    let title = costly(&candidate.title);
    if let Some(word) = title.first() {
        return (Risk::High, format!("its title mentions {word}"));
    }
    for high_risk in high_risks {
        if common(&high_risk.stems, &candidate.stems) >= 2 {
            return (
                Risk::High,
                format!(
                    "the document names a high risk: {}",
                    truncated(&high_risk.text, 80)
                ),
            );
        }
    }
    let mut body: Vec<String> = Vec::new();
    let (mut lines, mut hits) = (0, 0);
    let remarks = content
        .remarks
        .iter()
        .take(4)
        .map(|line| line.text.as_str());
    for text in content
        .acceptance
        .iter()
        .map(|criterion| criterion.text.as_str())
        .chain(remarks)
    {
        lines += 1;
        let found = costly(text);
        hits += usize::from(!found.is_empty());
        for word in found {
            let alike = body.iter().any(|known| known.get(..4) == word.get(..4));
            if !alike {
                body.push(word);
            }
        }
    }
    match body.as_slice() {
        [first, second, ..] if hits * 4 >= lines => {
            return (Risk::High, format!("it involves {first} and {second}"));
        }
        [word, ..] => return (Risk::Medium, format!("it involves {word}")),
        [] => {}
    }
    let systems = externals(content.texts(&candidate.title));
    let integrates = words(&candidate.title).iter().any(|word| {
        word.starts_with("integrat")
            || words!("sync, webhook, webhooks, import, export").contains(word)
    });
    if let Some(system) = systems.first() {
        return (
            Risk::Medium,
            format!("it depends on another system ({system})"),
        );
    }
    if integrates {
        return (Risk::Medium, "it depends on another system".to_owned());
    }
    if candidate.coarse {
        return (Risk::Medium, "it is not broken down yet".to_owned());
    }
    (Risk::Low, "its text mentions no risk".to_owned())
}

/// The words for costly areas in a text.
fn costly(text: &str) -> Vec<String> {
    words(text)
        .into_iter()
        .filter(|word| {
            COSTLY.iter().any(|start| word.starts_with(start)) || COSTLY_WORDS.contains(word)
        })
        .filter(|word| !words!("races, racer, author, authors, permissive").contains(word))
        .collect()
}

/// Chooses when the tests of a task are written.
pub(super) fn validation(
    candidate: &TaskCandidate,
    content: &Content,
    item_type: ItemType,
    risk: (Risk, &str),
) -> (Validation, String) {
    let words = words(&candidate.title);
    let config = item_type == ItemType::Chore
        && risk.0 != Risk::High
        && (super::work_kinds::is_setup(&candidate.title)
            || words.iter().any(|word| {
                words!(
            "configure, config, configuration, template, templates, rename, deploy, release, \
             publish, remove, install, ci",
        ).contains(word)
            }));
    if item_type == ItemType::Docs
        || words
            .iter()
            .any(|word| word == "template" || word == "templates")
            && risk.0 == Risk::Low
    {
        return (Validation::None, "documentation needs no tests".to_owned());
    }
    if config {
        return (
            Validation::None,
            "configuration is checked by using it".to_owned(),
        );
    }
    if item_type == ItemType::Test || candidate.cause == Cause::Verify {
        return (Validation::None, "it is itself a test".to_owned());
    }
    if item_type == ItemType::Spike || candidate.cause == Cause::Suspect {
        return (
            Validation::None,
            "it is an investigation and changes nothing".to_owned(),
        );
    }
    if risk.0 == Risk::High {
        return (Validation::TestFirst, format!("high risk: {}", risk.1));
    }
    let vague: Vec<&str> = content
        .acceptance
        .iter()
        .flat_map(|criterion| criterion.vague.iter().map(String::as_str))
        .take(3)
        .collect();
    if !vague.is_empty() {
        return (
            Validation::TestFirst,
            format!("a test must define what is meant by {}", vague.join(", ")),
        );
    }
    if item_type == ItemType::Bug {
        return (
            Validation::TestFirst,
            "a failing test reproduces the bug".to_owned(),
        );
    }
    let end_to_end = content.texts(&candidate.title).any(|text| {
        let words = super::similarity::words(text);
        words
            .iter()
            .any(|word| word == "integration" || word == "e2e" || word == "integrate")
            || super::similarity::has_phrase(&words, "end to end")
    });
    if end_to_end {
        return (
            Validation::TestParallel,
            "its parts can be tested while they are integrated".to_owned(),
        );
    }
    (
        Validation::TestAfter,
        "its criteria are clear and its risk is limited".to_owned(),
    )
}
