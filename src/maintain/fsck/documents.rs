//! Rules about single files: readable, canonical, in their place, once, from no future.

use std::collections::BTreeMap;

use super::fsck_report::Finding;
use super::tree_survey::{Look, key_of};
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::stamp::{DAY_MS, MAX_MS, rfc3339};
use crate::model::uid::Uid;
use crate::store::fsck::scan::What;
use crate::store::join::tree::suffixes;
use crate::store::layout::MAIN;
use crate::store::layout::{self, REPOSITORY};
use crate::store::migrate::is_known;
use crate::store::repository::{MAJOR, MINOR};

/// Looks at every file.
///
/// # Errors
/// When git cannot be started.
pub(super) fn find(look: &Look<'_>) -> Result<Vec<Finding>> {
    let mut out = Vec::new();
    format(look, &mut out)?;
    for odd in &look.scan.odd {
        let finding = if odd.code == "object-missing" {
            Finding::fault(odd.code, &odd.path, &odd.reason).fix("git pm pull")
        } else {
            Finding::warning(odd.code, &odd.path, &odd.reason)
                .fix("nothing reads it and a join leaves it out; ask whoever pushed it")
        };
        out.push(finding);
    }
    for file in &look.scan.files {
        match &file.what {
            What::Doc { doc, canonical } => {
                document(look, &file.path, doc, *canonical, &mut out)?;
            }
            What::Misplaced { belongs, .. } => out.push(
                Finding::fault(
                    "file-misplaced",
                    &file.path,
                    format!("this document belongs at {belongs}, where alone it is read"),
                )
                .repairable(),
            ),
            What::Damaged { too_late, reason } => {
                let code = if *too_late {
                    "stamp-beyond-2100"
                } else {
                    "file-damaged"
                };
                let finding = Finding::fault(code, &file.path, reason);
                let readable = !look.versions(&file.path)?.is_empty();
                out.push(mendable(finding, &file.path, readable));
            }
            What::Missing { reason } => {
                out.push(Finding::fault("object-missing", &file.path, reason).fix("git pm pull"));
            }
            What::Opaque => out.push(Finding::note(
                "file-unknown",
                &file.path,
                "this version knows no such file; it is kept, and joined by object id",
            )),
        }
    }
    names(look, &mut out);
    Ok(out)
}

/// A finding that is repaired where history has something to repair it with.
fn mendable(finding: Finding, path: &str, readable_before: bool) -> Finding {
    if readable_before {
        return finding.repairable();
    }
    finding.fix(format!(
        "no version in this clone's history can be read: `git pm sync` with a clone that has it, \
         or `git log {MAIN} -- {path}`"
    ))
}

/// `pm.yaml` and the version it names.
fn format(look: &Look<'_>, out: &mut Vec<Finding>) -> Result<()> {
    if !look.repository.is_present() {
        let message = "the state has no such file, which every state begins with";
        out.push(Finding::fault("pm-yaml-missing", REPOSITORY, message).fix("git pm init"));
        return Ok(());
    }
    if look.repository.damaged.is_some() {
        return Ok(());
    }
    match look.repository.format() {
        (major, _) if major < MAJOR && !is_known(major) => {
            let finding = Finding::fault(
                "format-unreadable",
                REPOSITORY,
                "its field `format` names no version that ever was",
            );
            let known = last_format(&look.versions(REPOSITORY)?).is_some();
            out.push(mendable(finding, REPOSITORY, known));
        }
        (major, minor) if major < MAJOR => out.push(
            Finding::warning(
                "format-older",
                REPOSITORY,
                format!("the state has format {major}.{minor}, which is read and not written"),
            )
            .fix("git pm migrate"),
        ),
        (major, minor) if major == MAJOR && minor > MINOR => out.push(Finding::note(
            "format-newer",
            REPOSITORY,
            format!("a newer git pm wrote format {major}.{minor}; what is unknown here is kept"),
        )),
        _ => {}
    }
    Ok(())
}

/// The newest readable version number.
pub(super) fn last_format(versions: &[Doc]) -> Option<String> {
    versions
        .iter()
        .filter_map(|doc| doc.text("format"))
        .find(|text| {
            text.split_once('.').is_some_and(|(major, minor)| {
                major.parse::<u32>().is_ok_and(|m| m > 0) && minor.parse::<u32>().is_ok()
            })
        })
        .map(str::to_string)
}

/// One document in its place.
fn document(
    look: &Look<'_>,
    path: &str,
    doc: &Doc,
    canonical: bool,
    out: &mut Vec<Finding>,
) -> Result<()> {
    if !canonical {
        out.push(
            Finding::warning(
                "file-not-canonical",
                path,
                "it says the same in other bytes than this program writes",
            )
            .repairable(),
        );
    }
    let latest = doc.latest();
    if latest.ms > look.now_ms.saturating_add(DAY_MS) {
        out.push(
            Finding::warning(
                "stamp-future",
                path,
                format!(
                    "a field was written at {} by {}, more than a day ahead of this clock",
                    rfc3339(latest.ms),
                    latest.replica
                ),
            )
            .fix(if latest.ms >= MAX_MS {
                "that field cannot be changed any more: put what is right into a new item and \
                 delete this one"
            } else {
                "set the clock of that machine; writes go above the stamp until its time has come"
            }),
        );
    }
    if ItemKind::parse(&doc.kind).is_some()
        && let Err(error) = Item::from_doc(doc)
    {
        let finding = Finding::fault("item-unreadable", path, error.to_string());
        let versions = look.versions(path)?;
        let known = versions.iter().any(|old| Item::from_doc(old).is_ok());
        out.push(mendable(finding, path, known));
    }
    Ok(())
}

/// Names: one file for one document, one document for one uid, the right length of suffix.
fn names(look: &Look<'_>, out: &mut Vec<Finding>) {
    let mut by_key: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut by_uid: BTreeMap<&Uid, Vec<String>> = BTreeMap::new();
    let mut groups: BTreeMap<(&str, &str), Vec<Uid>> = BTreeMap::new();
    for (file, doc) in look.scan.docs() {
        let Some(key) = key_of(doc) else { continue };
        let keys = by_uid.entry(&doc.uid).or_default();
        if !keys.contains(&key) {
            keys.push(key.clone());
            if ItemKind::parse(&doc.kind).is_some() {
                let group = groups.entry((doc.kind.as_str(), doc.born.as_str()));
                group.or_default().push(doc.uid.clone());
            }
        }
        by_key.entry(key).or_default().push(&file.path);
    }
    for paths in by_key.values().filter(|paths| paths.len() > 1) {
        let message = format!("the same document also lies at {}", paths[1..].join(", "));
        out.push(Finding::fault("document-twice", paths[0], message).repairable());
    }
    for (uid, keys) in by_uid.into_iter().filter(|(_, keys)| keys.len() > 1) {
        let message = format!(
            "{} different documents have this uid: {}",
            keys.len(),
            keys.join(", ")
        );
        let fix = "nothing tells which one is meant: delete one with `git pm task cancel`, or ask whoever wrote it";
        out.push(Finding::fault("uid-duplicate", uid.as_str(), message).fix(fix));
    }
    for ((kind, born), uids) in groups {
        let Some(kind) = ItemKind::parse(kind) else {
            continue;
        };
        for (uid, length) in suffixes(&uids) {
            let wanted = layout::item_path(kind, born, &uid, length);
            let key = layout::item_path(kind, born, &uid, 26);
            if let Some([one]) = by_key.get(&key).map(Vec::as_slice)
                && *one != wanted
            {
                let message =
                    format!("the end of its name has the wrong length: it belongs at {wanted}");
                out.push(Finding::warning("path-suffix", one, message).repairable());
            }
        }
    }
}
