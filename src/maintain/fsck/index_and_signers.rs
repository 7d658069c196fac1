//! Rules about the index, signatures of commits, and merges that are not the join of their parents.

use std::collections::{BTreeMap, BTreeSet};

use super::fsck_report::{Finding, Repaired};
use super::tree_survey::Survey;
use crate::error::{Error, Result};
use crate::maintain::Severity;
use crate::model::limits::CHECKED_COMMITS;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::index::{self, Difference};
use crate::store::signatures::Problem;

/// The name of the index in findings.
const INDEX: &str = "pm/index.sqlite";

/// The number of documents, and of commits of one kind, that are named.
const NAMED: usize = 5;

/// Compares the index file with an index built from its tree. An index that readers do not trust,
/// or a missing one, is not a finding: it is rebuilt when needed.
pub(super) fn index_findings(
    differences: &BTreeSet<Difference>,
    survey: &Survey<'_>,
) -> Vec<Finding> {
    if differences.is_empty() {
        return Vec::new();
    }
    let message = format!(
        "it differs from the files: {}; commands that use it give wrong results",
        named(differences, survey)
    );
    vec![Finding::warning("index-differs", INDEX, message).repairable()]
}

/// In what the index file differs from the files.
pub(super) fn differences(pm: &Pm) -> BTreeSet<Difference> {
    // An unreadable tree is reported elsewhere, and such an index is rebuilt.
    let found = index::compare(pm.store.repo(), &pm.store.folder());
    found.ok().flatten().unwrap_or_default()
}

/// `T-0001 (item, edge), pm/… (damaged) and 3 more`.
fn named(differences: &BTreeSet<Difference>, survey: &Survey<'_>) -> String {
    let mut by_name: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for difference in differences {
        let item = Uid::new(&difference.what).and_then(|uid| survey.item(&uid));
        let shown = item.map(|item| survey.shown(item));
        let name = shown.unwrap_or_else(|| difference.what.clone());
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

/// Removes an index that differs from the files.
pub(super) fn repair_index(pm: &Pm) -> Result<Option<Repaired>> {
    if differences(pm).is_empty() {
        return Ok(None);
    }
    pm.store.discard_index().map_err(|fault| {
        Error::state(format!("cannot remove {INDEX}: {fault}"))
            .about(INDEX)
            .hint("check permissions of the git directory, or remove the file manually")
    })?;
    let done = "removed; it is rebuilt from the files";
    Ok(Some(Repaired::new("index-differs", INDEX, done)))
}

/// Checks the signatures of the newest commits: bad ones, missing ones where the state requires
/// them, and merges whose tree is not the join. Each merge is joined again. `whole` is set if the
/// history is readable; other histories are reported elsewhere.
pub(super) fn signature_findings(pm: &Pm, whole: bool) -> Result<Vec<Finding>> {
    let found = match pm.store.signature_findings(CHECKED_COMMITS) {
        Ok(found) => found,
        Err(_) if !whole => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut out = Vec::new();
    let mut more: BTreeMap<&str, usize> = BTreeMap::new();
    for found in found {
        let (code, severity, fix) = match found.problem {
            Problem::BadSignature => ("signature-bad", Severity::Fault, AUTHOR),
            Problem::NotTheJoin => ("merge-not-the-join", Severity::Warning, AUTHOR),
            Problem::Unsigned => ("signature-missing", Severity::Warning, AUTHOR),
            Problem::Uncheckable => ("signature-unknown", Severity::Note, KEYS),
        };
        let before = more.entry(code).or_default();
        *before += 1;
        // One cause may affect thousands of commits.
        if *before <= NAMED {
            out.push(Finding::of(code, severity, &found.commit, &found.message).fix(fix));
        }
    }
    for finding in &mut out {
        let rest = more.remove(finding.code.as_str()).unwrap_or(0);
        if rest > NAMED {
            finding.message += &format!("; more commits like this: {}", rest - NAMED);
        }
    }
    Ok(out)
}

const AUTHOR: &str = "`git pm log --show-signature` shows the author; ask them about it";
const KEYS: &str = "add the signer's key to the file that gpg.ssh.allowedSignersFile names, or to \
                    gpg's keyring";
