//! `fsck`: whether the state keeps every rule of the format, and `--repair`, which puts right what
//! can be put right without inventing anything.
//!
//! A repair is an ordinary write. What the join decides anyway is only done early: canonical
//! bytes, the name of a file, one file for one document, a readable version in the place of an
//! unreadable one. What is a decision (an edge that goes, a claim that ends) gets a new stamp. So
//! two clones that repair the same state on their own, or only one of them, end up with the same.
//!
//! Absence never means deleted. A file that cannot be read is therefore not removed: it is
//! replaced by the join of all versions in history that can be read, over which damage never wins,
//! and left as it is where there is none. A document that lies in the wrong place is joined into
//! the file where it belongs and leaves the wrong place; should a clone bring that file back, it
//! holds nothing that is not known, and the next repair takes it away again.

mod documents;
mod fsck_report;
mod history_rules;
mod index_and_signers;
mod item_rules;
mod lost;
mod orphaned_records;
mod repair;
mod tree_survey;

pub use fsck_report::{Checked, Finding, FsckReport, Repaired, Severity};

use crate::error::{Error, Result};
use crate::pm::Pm;
use crate::pm::handles::StateHandle;
use crate::store::fsck::{chain, local};
use tree_survey::Look;

impl StateHandle<'_> {
    /// Checks the state, its history and this clone's own files. With `repair`, what can be put
    /// right is, in one commit; the findings are then those that remain.
    ///
    /// # Errors
    /// When there is no state, or it is of a version that this program does not know.
    pub fn fsck(&self, repair: bool) -> Result<FsckReport> {
        let mut report = FsckReport::default();
        let tip = self.pm.store.require_tip()?;
        if repair {
            crate::pm::actor::require_name(&self.pm.actor)?;
            // First, so that nothing that follows asks it.
            report
                .repaired
                .extend(index_and_signers::repair_index(self.pm)?);
            self.pm.store.mend_refs()?;
            let state = self.pm.store.state()?;
            if !state.repository.is_present() {
                return Err(Error::state("the state has no pm.yaml")
                    .hint("`git pm init` puts it there; then repair"));
            }
            drop(state);
            let written = self
                .pm
                .store
                .write_anyway(&self.pm.writer("fsck"), |tx| repair::stage(self.pm, tx))?;
            if written.changed {
                report.repaired.extend(written.value);
                report.commit = Some(written.commit.to_string());
            }
            report.repaired.extend(lost::looked_for(self.pm));
            self.pm.store.forget_lost();
        }
        let tip = if repair {
            self.pm.store.require_tip()?
        } else {
            tip
        };
        self.pm.check_ref(tip, &mut report)?;
        report.findings.extend(lost::findings(self.pm));
        let look = Look::at(self.pm.store.repo(), tip, self.pm.now_ms())?;
        report.checked.documents = look.scan.docs().count();
        report.checked.files = look.scan.files.len();
        report.findings.extend(documents::find(&look)?);
        report.findings.extend(item_rules::find(&look)?);
        report.findings.extend(orphaned_records::find(&look));
        report.findings.extend(history_rules::vanished(&look));
        let chain = chain::walk(self.pm.store.repo(), tip)?;
        report.checked.commits = chain.commits;
        report.findings.extend(history_rules::of_chain(&chain));
        report.findings.extend(
            local::look(&self.pm.store)?
                .into_iter()
                .map(Finding::from_local),
        );
        report
            .findings
            .extend(index_and_signers::index_findings(self.pm, &look));
        report
            .findings
            .extend(index_and_signers::signature_findings(
                self.pm,
                chain.flaws.is_empty(),
            )?);
        report.settle();
        Ok(report)
    }
}

impl Pm {
    /// The ref itself: whether it is readable, and whether its reflog goes with it.
    fn check_ref(&self, tip: crate::store::git::repo::Oid, report: &mut FsckReport) -> Result<()> {
        use crate::store::layout::MAIN;
        let found = self.store.repo().ref_target(MAIN)?;
        if let Some(found) = found.filter(|found| *found != tip) {
            report.findings.push(
                Finding::fault(
                    "tip-unreadable",
                    MAIN,
                    format!("it is at {found}, which cannot be read; {tip} of its reflog is used"),
                )
                .repairable(),
            );
            return Ok(());
        }
        match local::reflog(&self.store, tip) {
            local::Reflog::Fits => {}
            local::Reflog::Absent => report.findings.push(Finding::note(
                "reflog-absent",
                MAIN,
                "it has no reflog, from which a lost tip could be restored; the next write begins one",
            )),
            local::Reflog::Behind => report.findings.push(Finding::note(
                "reflog-behind",
                MAIN,
                "its reflog ends with another commit: something moved the ref past it",
            )),
        }
        Ok(())
    }
}
