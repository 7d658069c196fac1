//! The prefix of new issues after an import: beads refuses a file whose ids have two prefixes.

use std::collections::{BTreeMap, BTreeSet};

use super::records_file::Source;
use crate::bridge::content::stamp;
use crate::bridge::merge_record::write;
use crate::bridge::transfer_report::Remarked;
use crate::error::Result;
use crate::model::codec::encode;
use crate::model::id::{ItemKind, is_prefix};
use crate::model::text::excerpt;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::store::layout::REPOSITORY;
use crate::store::repository::ISSUE_PREFIX;
use crate::store::transaction::Tx;

/// The result for the prefix of a file's ids.
pub enum Chosen {
    /// New issues have it from now on.
    Set(String),
    /// New issues have another one.
    Differs(Remarked),
}

/// True if there is an issue; stops at the first one.
pub fn has_issues(tx: &Tx<'_>, known: &BTreeSet<Uid>) -> bool {
    let mut items = known.iter().filter_map(|uid| tx.state.item(uid));
    items.any(|item| item.kind == ItemKind::Issue)
}

/// Stages the prefix of the file as that of new issues, if none is set and the issues of the file
/// are the `first` ones. Stamp and value follow from the file, like those of its records.
pub fn stage(tx: &mut Tx<'_>, source: &Source<'_>, first: bool) -> Result<Option<Chosen>> {
    let repository = &tx.state.repository;
    let is_chosen = repository.doc.regs.contains_key(ISSUE_PREFIX);
    let Some(prefix) = of(source).filter(|prefix| *prefix != repository.issue_prefix()) else {
        return Ok(None);
    };
    if is_chosen || repository.damaged.is_some() {
        return Ok(None);
    }
    if first && is_prefix(prefix) {
        let mut doc = repository.doc.clone();
        let at_ms = source.rows.iter().map(|row| row.at_ms).max().unwrap_or(0);
        let stamp = stamp(at_ms, &format!("{ISSUE_PREFIX} {prefix}"));
        write(&mut doc.regs, ISSUE_PREFIX, Value::from(prefix), &stamp);
        tx.put_file(REPOSITORY, Some(encode(&doc).into_bytes()));
        return Ok(Some(Chosen::Set(prefix.to_string())));
    }
    let shown = excerpt(prefix, 40);
    let mut message = format!(
        "new issues have the prefix {} here and {shown} in the file; beads rejects files with both",
        repository.issue_prefix()
    );
    if is_prefix(prefix) {
        message += &format!("; `git pm config --shared pm.issuePrefix {prefix}` changes it");
    }
    Ok(Some(Chosen::Differs(Remarked::new(None, None, message))))
}

/// The most frequent prefix of the ids of a file, up to the last dash.
fn of<'s>(source: &'s Source<'_>) -> Option<&'s str> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    let ids = source.rows.iter().map(|row| &*row.id);
    for (prefix, _) in ids.filter_map(|id| id.rsplit_once('-')) {
        *count.entry(prefix).or_default() += 1;
    }
    let most = count.into_iter().rev().max_by_key(|(_, count)| *count);
    most.map(|(prefix, _)| prefix)
        .filter(|prefix| !prefix.is_empty())
}
