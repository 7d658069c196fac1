//! Where other capabilities say what they find. Each gets what was read and answers with findings
//! like any other; an empty answer means that there is nothing to look at.

use std::collections::{BTreeMap, BTreeSet};

use super::look::Look;
use super::report::Finding;
use crate::error::Result;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::git::repo::Oid;

/// The index against the tree: whether what it answers is what the files say, item by item. It is
/// disposable, so what it finds is a warning, and its fix is to build it anew.
///
/// # Errors
/// When the state cannot be read.
pub(super) fn index_findings(pm: &Pm, look: &Look<'_>) -> Result<Vec<Finding>> {
    let state = pm.store.state()?;
    // Somebody wrote meanwhile: the next run compares again.
    if state.commit != Some(look.tip) {
        return Ok(Vec::new());
    }
    let says = |item: &Item| {
        let status = item.status.to_string();
        (
            item.id.clone(),
            item.title.clone(),
            status,
            item.version.clone(),
        )
    };
    let answered: BTreeMap<&Uid, _> = state
        .items()
        .into_iter()
        .map(|item| (&item.uid, says(item)))
        .collect();
    let live = look.items.values().filter(|item| !item.deleted);
    let read: BTreeMap<&Uid, _> = live.map(|item| (&item.uid, says(item))).collect();
    let uids: BTreeSet<&&Uid> = answered.keys().chain(read.keys()).collect();
    let differ = |uid: &&&&Uid| answered.get(**uid) != read.get(**uid);
    let wrong = uids.iter().filter(differ).count();
    if wrong == 0 {
        return Ok(Vec::new());
    }
    let message = format!("it says something else than the files about {wrong} items");
    let fix = "remove index.sqlite in the pm folder of the git directory: it is built anew";
    Ok(vec![
        Finding::warning("index-differs", "index.sqlite", message).fix(fix),
    ])
}

/// Signatures: commits that should have one (`pm.sign`) and have none or a bad one.
///
/// # Errors
/// When a commit cannot be read.
pub(super) fn signature_findings(_pm: &Pm, _tip: Oid) -> Result<Vec<Finding>> {
    Ok(Vec::new())
}
