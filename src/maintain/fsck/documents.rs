//! Rules about single files: readable, canonical, in the right place, unique, not from the future.

use std::collections::BTreeMap;

use super::fsck_report::Finding;
use super::tree_survey::{Row, Survey, is_future, key_of, places};
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::stamp::{MAX_MS, rfc3339};
use crate::model::uid::Uid;
use crate::store::fsck::scan::What;
use crate::store::layout::REPOSITORY;
use crate::store::layout::{Levels, MAIN, content_of_path};
use crate::store::migrate::{is_known, is_older, shown};
use crate::store::repository::{MAJOR, MINOR, version};

/// The findings about the format, and about what is no document where it belongs.
pub(super) fn find(survey: &Survey<'_>) -> Result<Vec<Finding>> {
    let mut out = Vec::new();
    format(survey, &mut out)?;
    for odd in &survey.odd {
        let finding = if odd.code == "object-missing" {
            Finding::fault(odd.code, &odd.path, &odd.reason).fix("git pm pull")
        } else {
            Finding::warning(odd.code, &odd.path, &odd.reason).fix(
                "it is never read, and merges leave it out; ask the author of the commit about it",
            )
        };
        out.push(finding);
    }
    for file in &survey.files {
        match &file.what {
            What::Doc { .. } => {}
            What::Misplaced { belongs, .. } => out.push(
                Finding::fault(
                    "file-misplaced",
                    &file.path,
                    format!("this document belongs at {belongs} and is not read here"),
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
                let readable = !survey.versions(&file.path)?.is_empty();
                out.push(repairable_from_history(finding, &file.path, readable));
            }
            What::Missing { reason } => {
                out.push(Finding::fault("object-missing", &file.path, reason).fix("git pm pull"));
            }
            What::Opaque if content_of_path(&file.path).is_some() => {}
            What::Opaque => out.push(Finding::note(
                "file-unknown",
                &file.path,
                "a file unknown to this version; it is kept, and merged only as a whole",
            )),
        }
    }
    Ok(out)
}

/// Marks a finding as repairable if the history has a readable version.
fn repairable_from_history(finding: Finding, path: &str, readable_before: bool) -> Finding {
    if readable_before {
        return finding.repairable();
    }
    finding.fix(format!(
        "no version in this clone's history can be read: `git pm sync` may fetch one; \
         `git log {MAIN} -- {path}` shows its commits"
    ))
}

/// `pm.yaml` and the version it names.
fn format(survey: &Survey<'_>, out: &mut Vec<Finding>) -> Result<()> {
    if !survey.repository.is_present() {
        let message = "missing, although every state has it";
        out.push(Finding::fault("pm-yaml-missing", REPOSITORY, message).fix("git pm init"));
        return Ok(());
    }
    if survey.repository.damaged.is_some() {
        return Ok(());
    }
    match survey.repository.format() {
        (major, _) if major < MAJOR && !is_known(major) => {
            let finding = Finding::fault(
                "format-unreadable",
                REPOSITORY,
                "its field `format` is not a valid version",
            );
            let known = last_format(&survey.versions(REPOSITORY)?).is_some();
            out.push(repairable_from_history(finding, REPOSITORY, known));
        }
        format if is_older(format) => out.push(
            Finding::warning(
                "format-older",
                REPOSITORY,
                format!(
                    "the state has the older format {}; the next write raises it",
                    shown(format)
                ),
            )
            .fix("git pm migrate"),
        ),
        // Without items, the first one raises it.
        format if format.0 < MAJOR && survey.rows.iter().any(|row| row.item.is_some()) => out.push(
            Finding::note(
                "format-older",
                REPOSITORY,
                format!(
                    "the state has format {}, with one level of folders for items",
                    shown(format)
                ),
            )
            .fix("git pm migrate"),
        ),
        (major, minor) if major == MAJOR && minor > MINOR => out.push(Finding::note(
            "format-newer",
            REPOSITORY,
            format!("written by a newer git pm in format {major}.{minor}; unknown fields are kept"),
        )),
        _ => {}
    }
    Ok(())
}

/// The newest readable version number.
pub(super) fn last_format(versions: &[Doc]) -> Option<String> {
    versions
        .iter()
        .filter_map(version)
        .find(|(major, _)| *major >= MAJOR || is_known(*major))
        .map(|(major, minor)| format!("{major}.{minor}"))
}

/// The findings about a document where it belongs.
pub(super) fn document(
    survey: &Survey<'_>,
    row: &Row,
    (doc, canonical): (&Doc, bool),
    out: &mut Vec<Finding>,
) -> Result<()> {
    let path = &row.path;
    if !canonical {
        out.push(
            Finding::warning(
                "file-not-canonical",
                path,
                "its bytes are not canonical, but its content is valid",
            )
            .repairable(),
        );
    }
    let latest = doc.latest();
    if is_future(doc, survey.now_ms) {
        out.push(
            Finding::warning(
                "stamp-future",
                path,
                format!(
                    "a field is dated {} by clone {}, more than a day ahead of this machine's clock",
                    rfc3339(latest.ms),
                    latest.replica
                ),
            )
            .fix(if latest.ms >= MAX_MS {
                "the field can no longer be changed: create a new item and delete this one"
            } else {
                "correct the clock of that machine; until then, later writes get timestamps after \
                 this one"
            }),
        );
    }
    if ItemKind::parse(&doc.kind).is_some()
        && let Err(error) = Item::from_doc(doc)
    {
        let finding = Finding::fault("item-unreadable", path, error.to_string());
        let versions = survey.versions(path)?;
        let mut own = versions.iter().filter(|old| old.uid == doc.uid);
        let known = own.any(|old| Item::from_doc(old).is_ok());
        out.push(repairable_from_history(finding, path, known));
    }
    Ok(())
}

/// Checks names: one file per document, one document per uid, the right length of suffix.
/// Of documents whose names depend on no others, only those that differ are needed.
pub(super) fn names(levels: Levels, docs: &[(&str, Doc)], out: &mut Vec<Finding>) {
    let mut by_key: BTreeMap<String, (&Doc, Vec<&str>)> = BTreeMap::new();
    let mut by_uid: BTreeMap<&Uid, Vec<String>> = BTreeMap::new();
    for (path, doc) in docs {
        let Some(key) = key_of(doc) else { continue };
        let keys = by_uid.entry(&doc.uid).or_default();
        if !keys.contains(&key) {
            keys.push(key.clone());
        }
        let (_, paths) = by_key.entry(key).or_insert((doc, Vec::new()));
        paths.push(path);
    }
    for (_, paths) in by_key.values().filter(|(_, paths)| paths.len() > 1) {
        let message = format!("the same document is also at {}", paths[1..].join(", "));
        out.push(Finding::fault("document-twice", paths[0], message).repairable());
    }
    for (uid, keys) in by_uid.into_iter().filter(|(_, keys)| keys.len() > 1) {
        let message = format!(
            "{} different documents have this uid: {}",
            keys.len(),
            keys.join(", ")
        );
        let fix = "cancel one of them with `git pm task cancel`, or ask their authors";
        out.push(Finding::fault("uid-duplicate", uid.as_str(), message).fix(fix));
    }
    let docs = by_key.iter().map(|(key, (doc, _))| (key.as_str(), *doc));
    for (key, wanted) in places(levels, docs) {
        if let Some((_, paths)) = by_key.get(&key)
            && let [one] = paths[..]
            && one != wanted
        {
            let defect = match wanted.rsplit('/').next() == one.rsplit('/').next() {
                true => "it is where another version of the format has it",
                false => "the suffix of its name has the wrong length",
            };
            let message = format!("{defect}: it belongs at {wanted}");
            out.push(Finding::warning("path-suffix", one, message).repairable());
        }
    }
}
