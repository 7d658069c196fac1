//! `fsck`: checks the state against every rule of the format, and repairs it.
//!
//! `--repair` fixes what can be fixed without guessing.
//!
//! A repair is an ordinary write. Results that a join would reach anyway need no new stamp:
//! canonical bytes, the name of a file, one file per document, a readable version instead of an
//! unreadable one. Decisions (removing an edge, ending a claim) get a new stamp. So clones that
//! repair the same state independently reach the same result.
//!
//! Absence never means deleted. An unreadable file is therefore not removed but replaced by the
//! join of all readable versions in the history; without one it is left. A document in the wrong
//! place is joined into the right file and removed from the wrong one; if another clone restores
//! that file, the next repair removes it again.

mod artifacts;
mod documents;
mod fsck_report;
mod history_rules;
mod index_and_signers;
mod irregular_files;
pub(super) mod item_rules;
mod learning_rules;
mod lost_tips;
mod orphaned_records;
mod repair;
mod tree_survey;

pub use fsck_report::{Checked, Finding, FsckReport, Repaired};
pub use irregular_files::set_irregular_aside;

use std::cell::LazyCell;

use crate::coordinate::claim::renumber;
use crate::error::{Error, Hint, Reason, Result};
use crate::pm::Pm;
use crate::pm::handles::StateHandle;
use crate::store::fsck::{chain, local};
use crate::store::state::State;
use tree_survey::Survey;

impl StateHandle<'_> {
    /// Checks the state, its history and the local files of this clone. With `repair`, fixes what
    /// can be fixed in one commit, and reports the findings that remain.
    ///
    /// # Errors
    /// When there is no state, or its format version is unknown.
    pub fn fsck(&self, repair: bool) -> Result<FsckReport> {
        let mut report = FsckReport::default();
        let tip = self.pm.store.require_tip()?;
        if repair {
            crate::pm::who_acts::require_name(&self.pm.actor)?;
            let aside = set_irregular_aside(self.pm.store.env())?;
            report.repaired.extend(aside);
            // First, so that no later step uses it.
            report
                .repaired
                .extend(index_and_signers::repair_index(self.pm)?);
            self.pm.store.repair_refs()?;
            let state = State::at(self.pm.store.repo(), self.pm.store.require_tip()?)?;
            if !state.repository.is_present() {
                return Err(Error::state("the state has no pm.yaml")
                    .because(Reason::StateIncomplete)
                    .about("pm.yaml")
                    .hint(Hint::run(["init"], "creates it; then run the repair")));
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
            report.repaired.extend(lost_tips::repaired(self.pm));
            self.pm.store.forget_lost();
        }
        let tip = if repair {
            self.pm.store.require_tip()?
        } else {
            tip
        };
        check_ref(self.pm, tip, &mut report)?;
        report.findings.extend(lost_tips::findings(self.pm));
        report.findings.extend(irregular_files::findings(self.pm));
        // First: what it needs is not in memory while the survey is.
        let differences = index_and_signers::differences(self.pm);
        let survey = Survey::at(self.pm.store.repo(), tip, self.pm.now_ms())?;
        report.checked.documents = survey.rows.len();
        report.checked.files = survey.rows.len() + survey.files.len();
        let out = &mut report.findings;
        out.extend(documents::find(&survey)?);
        check_suspects(self.pm, &survey, out)?;
        out.extend(item_rules::cycles(&survey));
        out.extend(history_rules::vanished(&survey)?);
        out.extend(index_and_signers::index_findings(&differences, &survey));
        drop(survey);
        let chain = chain::walk(self.pm.store.repo(), tip)?;
        report.checked.commits = chain.commits;
        out.extend(history_rules::of_chain(&chain));
        let local = local::look(&self.pm.store)?.into_iter();
        out.extend(local.map(Finding::from_local));
        let whole = chain.flaws.is_empty();
        out.extend(index_and_signers::signature_findings(self.pm, whole)?);
        report.finish();
        Ok(report)
    }
}

/// Checks each document to which a rule may apply.
fn check_suspects(pm: &Pm, survey: &Survey<'_>, out: &mut Vec<Finding>) -> Result<()> {
    // Only if it is needed: a check builds no index.
    let lasting = LazyCell::new(|| {
        let state = pm.store.state();
        let found = state.and_then(|state| renumber::lasting_duplicates(pm, &state));
        found.unwrap_or_default()
    });
    let (mut named, mut links) = (Vec::new(), learning_rules::Links::new());
    let contents = artifacts::forged(survey, out)?;
    for row in survey.suspects() {
        let (mut doc, canonical) = survey.read(row)?;
        documents::document(survey, row, (&doc, canonical), out)?;
        item_rules::find(survey, (row, &doc), &lasting, out)?;
        links.extend(learning_rules::link(&doc));
        out.extend(orphaned_records::find(survey, &row.path, &doc));
        artifacts::find(survey, &contents, (&*row.path, &doc), out);
        if survey.is_named_by_others(row) {
            // Only what its name follows from.
            (doc.sets, doc.records, doc.body) = Default::default();
            named.push((&*row.path, doc));
        }
    }
    documents::names(survey.repository.levels(), &named, out);
    out.extend(learning_rules::find(&links));
    Ok(())
}

/// Checks that the ref is readable and that its reflog ends with it.
fn check_ref(pm: &Pm, tip: crate::store::git::repo::Oid, report: &mut FsckReport) -> Result<()> {
    use crate::store::layout::MAIN;
    let found = pm.store.repo().ref_target(MAIN)?;
    if let Some(found) = found.filter(|found| *found != tip) {
        report.findings.push(
                Finding::fault(
                    "tip-unreadable",
                    MAIN,
                    format!(
                        "it is at {found}, which is not a state or cannot be read; {tip} from its reflog is used \
                         instead"
                    ),
                )
                .repairable(),
            );
        return Ok(());
    }
    match local::reflog(&pm.store, tip) {
        local::Reflog::Fits => {}
        local::Reflog::Absent => report.findings.push(Finding::note(
            "reflog-absent",
            MAIN,
            "it has no reflog from which a lost tip could be restored; the next write creates \
                 one",
        )),
        local::Reflog::Behind => report.findings.push(Finding::note(
            "reflog-behind",
            MAIN,
            "its reflog ends with a different commit: another program moved the ref without \
                 updating the reflog",
        )),
    }
    Ok(())
}
