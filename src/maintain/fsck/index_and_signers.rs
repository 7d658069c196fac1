//! What is not of the state's files: the index that was derived from them, and who signed them.

use std::collections::{BTreeMap, BTreeSet};

use super::fsck_report::{Finding, Repaired, Severity};
use super::tree_survey::Look;
use crate::error::{Error, Result};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::index::{self, Difference};
use crate::store::signatures::Problem;

/// What the index is called in findings.
const INDEX: &str = "pm/index.sqlite";

/// How many documents, and how many commits of one kind, are named.
const NAMED: usize = 5;

/// How many of the newest commits are judged by who signed them.
const JUDGED: usize = 1000;

/// The index file against one that is built now from the tree it stands at. One that no reader
/// would believe, or none, is no finding: it is built anew when somebody asks.
pub(super) fn index_findings(pm: &Pm, look: &Look<'_>) -> Vec<Finding> {
    let differences = differences(pm);
    if differences.is_empty() {
        return Vec::new();
    }
    let message = format!(
        "it says something else than the files: {}; commands that rely on it answer wrongly",
        named(&differences, look)
    );
    vec![Finding::warning("index-differs", INDEX, message).repairable()]
}

fn differences(pm: &Pm) -> BTreeSet<Difference> {
    // A tree that cannot be read is told elsewhere, and such an index is built anew.
    let found = index::compare(pm.store.repo(), &pm.store.folder());
    found.ok().flatten().unwrap_or_default()
}

/// `T-0001 (item, edge), pm/… (damaged) and 3 more`.
fn named(differences: &BTreeSet<Difference>, look: &Look<'_>) -> String {
    let mut by_name: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for difference in differences {
        let item = Uid::new(&difference.what).and_then(|uid| look.items.get(&uid));
        let name = item.map_or_else(|| difference.what.clone(), |item| look.shown(item));
        by_name.entry(name).or_default().push(difference.table);
    }
    let mut parts: Vec<String> = by_name
        .iter()
        .take(NAMED)
        .map(|(name, tables)| format!("{name} ({})", tables.join(", ")))
        .collect();
    if by_name.len() > NAMED {
        parts.push(format!("and {} more", by_name.len() - NAMED));
    }
    parts.join(", ")
}

/// Removes an index that says something else than the files.
///
/// # Errors
/// When the folder cannot be written.
pub(super) fn repair_index(pm: &Pm) -> Result<Option<Repaired>> {
    if differences(pm).is_empty() {
        return Ok(None);
    }
    pm.store.discard_index().map_err(|fault| {
        Error::state(format!("cannot remove {INDEX}: {fault}"))
            .hint("check permissions of the git directory, or remove the file yourself")
    })?;
    Ok(Some(Repaired {
        code: "index-differs".into(),
        object: INDEX.into(),
        done: "removed; it is built anew from the files".into(),
    }))
}

/// Commits that nobody vouches for: with a signature that does not fit, without one where the
/// state requires it, or said to be a merge and none. Of the newest commits only: each merge is
/// joined again. `whole` says whether the history can be read, as what cannot be is told elsewhere.
///
/// # Errors
/// When a readable history cannot be judged: git cannot be started.
pub(super) fn signature_findings(pm: &Pm, whole: bool) -> Result<Vec<Finding>> {
    let found = match pm.store.signature_findings(JUDGED) {
        Ok(found) => found,
        Err(_) if !whole => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut out = Vec::new();
    let mut more: BTreeMap<&str, usize> = BTreeMap::new();
    for found in found {
        let (code, severity, fix) = match found.problem {
            Problem::BadSignature => ("signature-bad", Severity::Fault, LOOK),
            Problem::NotTheJoin => ("merge-not-the-join", Severity::Warning, LOOK),
            Problem::Unsigned => ("signature-missing", Severity::Warning, LOOK),
            Problem::Uncheckable => ("signature-unknown", Severity::Note, KEYS),
        };
        let before = more.entry(code).or_default();
        *before += 1;
        // Of one cause there may be thousands.
        if *before <= NAMED {
            out.push(Finding::of(code, severity, &found.commit, &found.message).fix(fix));
        }
    }
    for finding in &mut out {
        let rest = more.remove(finding.code.as_str()).unwrap_or(0);
        if rest > NAMED {
            finding.message += &format!("; {} more commits like that", rest - NAMED);
        }
    }
    Ok(out)
}

const LOOK: &str = "`git pm log --show-signature` shows who wrote what; ask whom it names";
const KEYS: &str = "add the signer's key: gpg.ssh.allowedSignersFile, or gpg's key ring";
