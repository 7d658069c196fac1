//! Records of other trackers, into the state and out of it. What every importer shares is here:
//!
//! - [`Content`]: what a record says, in the fields of a document. An importer has one function
//!   from the raw text of a record to its content.
//! - [`Foreign`]: which record it is. Uid and stamps follow from it alone, so two clones that import
//!   the same file have the same items, without having met.
//! - `upsert`: stages a record. The raw text it was last imported as lies in the register
//!   `external`, so a changed record merges by field: what changed at its source since is written
//!   with the record's own time, what changed here stays.
//! - [`ImportReport`]: what an import did, record by record where that needs saying.

use crate::error::Result;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::transaction::Tx;

pub mod backlog;
pub mod beads;
pub mod ccpm;
mod closing;
mod content;
pub mod export;
mod import_cycles;
mod learnings_and_agents;
mod marks;
mod merge_record;
mod outweighed;
pub mod project;
pub mod taskmaster;
mod transfer_report;
mod upsert;

pub(crate) use content::is_foreign;
pub use content::{Content, Foreign, Remark, comment_uid, item_uid};
pub(crate) use merge_record::settle;
pub use transfer_report::{ExportReport, ImportReport, Overruled, Remarked, Skipped};
pub(crate) use upsert::{Outcome, Upsert};

/// How many items a commit names; it is about all of the source where it would be more.
const NAMED_MAX: usize = 100;

impl Pm {
    /// Stages an import as one commit, or only to tell what it would do.
    fn run_import(
        &self,
        dry_run: bool,
        mut stage: impl FnMut(&mut Tx<'_>) -> Result<ImportReport>,
    ) -> Result<ImportReport> {
        let mut report = if dry_run {
            let pending = self.store.repo().pending();
            let tip = self.store.require_tip()?;
            let actor = self.writer("import");
            self.store.stage(&pending, tip, &actor, &mut stage)?.0
        } else {
            let written = self.store.write(&self.writer("import"), stage)?;
            let mut report = written.value;
            report.commit = written.changed.then(|| written.commit.to_string());
            report
        };
        if report.commit.is_some() {
            self.after_write();
        }
        report.dry_run = dry_run;
        Ok(report)
    }

    /// The commands that take over what other trackers keep in the worktree.
    pub(crate) fn importable(&self) -> Vec<String> {
        let root = self.import_root(None);
        let places: [(&str, &[&str]); 4] = [
            (beads::SOURCE, &beads::PLACES),
            (backlog::SOURCE, &backlog::PLACES),
            (taskmaster::SOURCE, &taskmaster::PLACES[..1]),
            (ccpm::SOURCE, &[".claude/epics", ".claude/prds"]),
        ];
        let there = places.into_iter().filter(|(_, places)| {
            let mut places = places.iter();
            places.any(|place| root.join(place).exists())
        });
        there
            .map(|(source, _)| format!("git pm import {source}"))
            .collect()
    }

    /// The message, the idempotency key, the renewal of the caller's own claim. The commit names the
    /// items that were touched, unless they are many.
    fn conclude_import_of(
        &self,
        tx: &mut Tx<'_>,
        op: &str,
        touched: &[Uid],
        report: &ImportReport,
    ) -> Result<()> {
        let shown = |uid: &Uid| tx.state.item(uid).map(|item| tx.state.shown_id(item));
        let named = touched.iter().take_while(|_| touched.len() <= NAMED_MAX);
        let ids: Vec<String> = named.filter_map(shown).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        tx.describe(op, &ids, "");
        tx.subject(&format!("{op}: {}", report.summary()));
        tx.overrode(report.overrode());
        self.record_key_with(tx, op, &[], &[])?;
        self.renew_here(tx)?;
        Ok(())
    }
}
