//! How many findings that block stay in which clone: the state tells it, and not what they say.

use std::collections::BTreeMap;

use super::{lookup, private_findings};
use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::finding::{Finding, Severity};
use crate::model::limits::FINDING_LINE_MAX;
use crate::model::text::{actor, shorten};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::item_findings::KeptFindings;
use crate::store::transaction::Tx;

/// The record of an item: by replica, what its clone keeps, and what the rules have read there.
const KEPT: &str = "kept_findings";

/// The numbers of findings by severity: `1 P0, 2 P1`.
pub(crate) fn counts<'f>(found: impl IntoIterator<Item = &'f Finding>) -> String {
    let mut all: BTreeMap<Severity, usize> = BTreeMap::new();
    found
        .into_iter()
        .for_each(|one| *all.entry(one.severity).or_default() += 1);
    let all: Vec<String> = all.iter().map(|(of, n)| format!("{n} {of}")).collect();
    all.join(", ")
}

/// What other clones keep of the findings that block an item's work.
pub(crate) fn elsewhere(pm: &Pm, doc: &Doc) -> Vec<KeptFindings> {
    let own = pm.store.known_replica();
    let is_other = |replica: &str| own.as_ref().is_none_or(|own| own.as_str() != replica);
    let entries = doc.entries(KEPT);
    let there = entries.filter(|(replica, _)| is_other(replica));
    let kept = there.filter_map(|(_, entry)| {
        Some(KeptFindings {
            findings: shorten(entry.text("findings")?, FINDING_LINE_MAX),
            by: Some(actor(entry.text("by").unwrap_or_default())),
        })
    });
    kept.collect()
}

/// True if the rules have read these changes in this clone.
pub(crate) fn is_read_here(pm: &Pm, doc: &Doc, changes: &str) -> bool {
    let own = pm.store.known_replica();
    let own = own.and_then(|own| doc.entry(KEPT, own.as_str()));
    own.is_some_and(|entry| entry.text("read") == Some(changes))
}

/// Tells what this clone keeps of an item's findings now, and which changes the rules have read here: only
/// if some clone keeps any, which the others have to know of.
pub(super) fn tell(pm: &Pm, op: &str, item: &Uid) -> Result<()> {
    let kept = Kept::read(pm, item)?;
    pm.write(op).uncompared().run(|tx| {
        if kept.stage(tx, item, None)? {
            let id = tx.state.item(item).map(|item| tx.state.shown_id(item));
            let id = id.unwrap_or_default();
            tx.describe(op, &[&id], &format!("{id}: {}", kept.told()));
        }
        Ok(())
    })?;
    Ok(())
}

/// What this clone keeps of the findings that block an item's work.
pub(super) struct Kept {
    replica: String,
    findings: String,
}

impl Kept {
    pub(super) fn read(pm: &Pm, item: &Uid) -> Result<Kept> {
        let mut all = Vec::new();
        private_findings::read(pm, |state| all = lookup::joined(state, &[], item))?;
        Ok(Kept {
            replica: pm.store.replica()?.as_str().to_string(),
            findings: counts(all.iter().filter(|one| one.blocks())),
        })
    }

    fn told(&self) -> String {
        match self.findings.as_str() {
            "" => "this clone keeps no finding that blocks".into(),
            some => format!("this clone keeps {some}"),
        }
    }

    /// As [`tell`], as part of a transaction; true if it is news.
    pub(super) fn stage(&self, tx: &mut Tx<'_>, item: &Uid, read: Option<&str>) -> Result<bool> {
        let doc = tx.state.doc(item);
        let has_own = doc.is_some_and(|doc| doc.entry(KEPT, &self.replica).is_some());
        let is_any = doc.is_some_and(|doc| doc.entries(KEPT).next().is_some());
        if self.findings.is_empty() && !has_own && (read.is_none() || !is_any) {
            return Ok(false);
        }
        let (fresh, by) = (tx.fresh_stamp(), tx.actor().to_string());
        let kept = Some(self.findings.as_str()).filter(|some| !some.is_empty());
        let read = read.map(|changes| ("read", Value::from(changes)));
        tx.edit(item, |doc, clock| {
            let now = [("findings", Value::from(kept))].into_iter().chain(read);
            let is_news = doc.write_entry(KEPT, &self.replica, fresh, now, clock);
            is_news && {
                doc.set_entry(KEPT, &self.replica, "by", by, clock);
                true
            }
        })
    }
}
