//! Import from and export to other trackers. All importers share:
//!
//! - [`Content`]: the content of a record, in the fields of a document. An importer is a function
//!   from the raw text of a record to its content.
//! - [`Foreign`]: the identity of a record. Uid and stamps follow from it alone, so two clones that
//!   import the same file independently have the same items.
//! - `stage_record`: stages a record. The register `external` has its raw text as of the last
//!   import, so a changed record merges by field: changes at its source are written with the
//!   record's own time, changes made here stay.
//! - [`ImportReport`]: the result, with a line for each record that needs attention.

use crate::error::{Error, Result};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::actor::require_name;
use crate::store::transaction::Tx;

pub mod backlog;
pub mod beads;
pub mod ccpm;
mod closing_fields;
mod conflict_markers;
mod content;
pub mod export;
mod import_cycles;
mod learnings_and_agents;
mod merge_record;
mod overridden_values;
pub mod project;
mod stage_record;
pub mod taskmaster;
mod transfer_report;

pub(crate) use content::is_foreign;
pub(crate) use merge_record::settle;
pub(crate) use stage_record::{Outcome, Upsert};
pub use transfer_report::{
    ExportReport, ImportOptions, ImportReport, Overruled, Remarked, Skipped,
};

/// The greatest number of items that a commit names; it names none if there are more.
const NAMED_MAX: usize = 100;

impl Pm {
    /// Stages an import as one commit, or without writing for a dry run.
    ///
    /// # Errors
    /// When `--if-version` is given, or the state cannot be written.
    fn run_import(
        &self,
        op: &str,
        options: &ImportOptions,
        mut stage: impl FnMut(&mut Tx<'_>) -> Result<ImportReport>,
    ) -> Result<ImportReport> {
        require_name(&self.actor)?;
        if self.options.if_version.is_some() {
            let message = format!("{op} changes many items, so `--if-version` does not apply");
            return Err(Error::usage(message)
                .because("import.if_version")
                .hint("run it without `--if-version`; older versions of records are skipped"));
        }
        let mut report = if options.dry_run {
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
        report.dry_run = options.dry_run;
        Ok(report)
    }

    /// The commands that import the data of other trackers in the worktree.
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

    /// Adds the message, the idempotency key and the renewal of the caller's own claim.
    fn conclude_import(
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
