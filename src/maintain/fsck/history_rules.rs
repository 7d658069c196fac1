//! Rules about the past: the chain of commits, and documents that some commit took away.

use std::collections::{BTreeMap, HashSet};

use super::fsck_report::Finding;
use super::tree_survey::{Look, key_of};
use crate::model::doc::Doc;
use crate::store::fsck::chain::{Chain, Flaw};
use crate::store::fsck::past::{self, Past};
use crate::store::fsck::scan::What;

/// What is wrong with commits.
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
            .fix("a program that does not follow the clock wrote it; nothing to do here"),
            Flaw::Foreign => Finding::note(
                "commit-foreign",
                &id,
                "it has no PM-Op: something else than git pm made it",
            ),
        });
    }
    if chain.shallow {
        out.push(Finding::note(
            "history-shallow",
            "refs/pm/main",
            "this is a shallow clone: the history is looked at as far as it is here",
        ));
    }
    out
}

/// Documents that were there once and are in no file now: absence never means deleted.
pub(super) fn vanished(look: &Look<'_>) -> Vec<Finding> {
    let found = lost(look);
    let findings = found.into_keys().map(|path| {
        let message = "some commit took this document away, which no git pm does; every other \
                       clone would bring it back";
        Finding::fault("document-vanished", &path, message).repairable()
    });
    findings.collect()
}

/// As [`vanished`], with all versions of each document.
pub(super) fn lost(look: &Look<'_>) -> BTreeMap<String, Vec<Doc>> {
    let mut gone = past::taken_away(look.repo, look.tip);
    let mut here = HashSet::new();
    for file in &look.scan.files {
        gone.remove(&file.path);
        if let What::Doc { doc, .. } | What::Misplaced { doc, .. } = &file.what {
            here.extend(key_of(doc));
        }
    }
    let past = Past::of(look.repo, &[look.tip], gone.iter().cloned());
    let lost = gone.into_iter().filter_map(|path| {
        let versions = past.versions(look.repo, &path);
        let key = versions.first().and_then(key_of)?;
        (!here.contains(&key)).then_some((path, versions))
    });
    lost.collect()
}
