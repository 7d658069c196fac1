//! Rules about the history: the chain of commits, and documents that a commit removed.

use std::collections::BTreeMap;

use super::fsck_report::Finding;
use super::tree_survey::{Survey, key_of};
use crate::error::Result;
use crate::model::doc::Doc;
use crate::store::fsck::chain::{Chain, Flaw};
use crate::store::fsck::file_versions::{self, Past};

/// Findings about commits.
pub(super) fn of_chain(chain: &Chain) -> Vec<Finding> {
    let mut out = Vec::new();
    for (id, flaw) in &chain.flaws {
        let id = id.to_string();
        out.push(match flaw {
            Flaw::Unreadable(why) => {
                Finding::fault("commit-unreadable", &id, why).fix("git pm pull")
            }
            Flaw::TreeMissing(why) => Finding::fault("object-missing", &id, why).fix("git pm pull"),
            Flaw::ClockBehind { own, parent } => Finding::warning(
                "clock-behind",
                &id,
                format!("its PM-Clock {own} is behind its parent's {parent}"),
            )
            .fix("another program wrote it without advancing PM-Clock; no action is needed"),
            Flaw::Foreign => Finding::note(
                "commit-foreign",
                &id,
                "it has no PM-Op trailer: it was not made by git pm",
            ),
        });
    }
    if chain.shallow {
        out.push(Finding::note(
            "history-shallow",
            "refs/pm/main",
            "this clone is shallow: only the history in it was checked",
        ));
    }
    out
}

/// Documents in the history that are in no current file: absence never means deleted.
pub(super) fn vanished(survey: &Survey<'_>) -> Result<Vec<Finding>> {
    let found = lost(survey)?;
    let findings = found.into_keys().map(|path| {
        let message = "a commit removed this document, which git pm never does; a merge with \
                       another clone would restore it";
        Finding::fault("document-vanished", &path, message).repairable()
    });
    Ok(findings.collect())
}

/// The documents of [`vanished`], with all their versions.
pub(super) fn lost(survey: &Survey<'_>) -> Result<BTreeMap<String, Vec<Doc>>> {
    let mut gone = file_versions::taken_away(survey.repo, survey.tip);
    let files = survey.files.iter().map(|file| file.path.as_str());
    for path in files.chain(survey.rows.iter().map(|row| &*row.path)) {
        gone.remove(path);
    }
    let past = Past::of(survey.repo, &[survey.tip], gone.iter().cloned());
    let mut lost = BTreeMap::new();
    for path in gone {
        let versions = past.versions(survey.repo, &path);
        if let Some(newest) = versions.first().filter(|doc| key_of(doc).is_some())
            && !survey.has_doc(newest)?
        {
            lost.insert(path, versions);
        }
    }
    Ok(lost)
}
