//! Reports of other tools as findings, and findings as reports for other tools: SARIF and rdjson.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use super::facts::Reviewed;
use super::{
    RULES, ReviewReport, ReviewerReport, may_settle, numbered, record_and_report, tools, verify,
    work,
};
use crate::coordinate::finding::lookup::{FindingFilter, listed};
use crate::coordinate::finding::record::Review;
use crate::error::{Error, Result};
use crate::finding::sarif::{self, Written};
use crate::finding::{Found, Place, rdjson};
use crate::model::finding::{Finding, FindingStatus};
use crate::model::vocabulary::terms;
use crate::pm::handles::Findings;

/// The reviewer of a report that names itself after our own rules.
const UNNAMED: &str = "report";

/// The operation, as commits of the state name it.
const OP: &str = "finding import";

terms! {
    /// The format of a report.
    ReportFormat in "format" {
        /// SARIF 2.1.0, which code hosts and editors read.
        Sarif = "sarif",
        /// reviewdog's JSON.
        Rdjson = "rdjson",
        /// reviewdog's JSON, a finding on each line.
        Rdjsonl = "rdjsonl",
    }
}

impl Findings<'_> {
    /// Records what a report of SARIF, rdjson or rdjsonl says about an item's work. What the same tools
    /// said before and do not say now is fixed, unless an agent imports it.
    ///
    /// # Errors
    /// When there is no such item, it has no work in this clone, or the report cannot be read.
    pub fn import(&self, id: &str, report: impl Read) -> Result<ReviewReport> {
        let pm = self.pm;
        let item = pm.store.snapshot()?.find(id)?.clone();
        let ends = work(pm, &item, id)?;
        let root = pm.store.repo().workdir().and_then(|root| root.to_str());
        let mut imported = tools::parse(report, root)?;
        // A report cannot speak for our own rules.
        let names = imported.found.iter_mut().map(|one| &mut one.reviewer);
        for name in names.chain(&mut imported.tools) {
            if *name == RULES {
                *name = UNNAMED.into();
            }
        }
        let reviewed = Reviewed::read(pm, Some(&item), &ends)?;
        let mut reports: Vec<ReviewerReport> = Vec::new();
        let mut review = Review {
            complete: match may_settle(pm) && imported.over == 0 {
                true => imported.tools.iter().cloned().collect(),
                false => BTreeSet::new(),
            },
            ..Review::new(OP, &item, ends.commit.to_string())
        };
        let named: BTreeSet<String> = (imported.found.iter())
            .map(|one| one.reviewer.clone())
            .chain(imported.tools)
            .collect();
        for name in named {
            let mut report = ReviewerReport::new(&name);
            let found = imported.found.iter().filter(|one| one.reviewer == name);
            let found = verify::of_this_work(found.cloned().collect(), &reviewed, &mut report);
            report.findings = found.len();
            review.found.extend(numbered(found));
            reports.push(report);
        }
        let (report, _) = record_and_report(pm, &ends.target, &review, reports, None)?;
        Ok(ReviewReport {
            owners: reviewed.owners,
            ..report
        })
    }

    /// Writes the findings that match a filter as a report; returns how many. Dismissed ones are
    /// suppressed results in SARIF, and left out of the others; those that stay in this clone are in none.
    ///
    /// # Errors
    /// As [`Findings::list`]; also when the report cannot be written.
    pub fn export(
        &self,
        filter: &FindingFilter,
        format: ReportFormat,
        out: &mut dyn Write,
    ) -> Result<usize> {
        let state = self.pm.store.snapshot()?;
        let found = listed(self.pm, &state, filter)?.into_iter();
        let all: Vec<(Finding, Found)> = (found.filter(|one| !one.private))
            .map(|one| {
                let found = as_found(&one);
                (one, found)
            })
            .collect();
        let ids: Vec<String> = all.iter().map(|(one, _)| one.id()).collect();
        let written: Vec<Written<'_>> = (all.iter().zip(&ids))
            .map(|((one, found), id)| Written {
                found,
                fingerprint: one.fingerprint.as_deref().unwrap_or(one.uid.as_str()),
                id,
                dismissed: (one.status == FindingStatus::Dismissed)
                    .then(|| one.reason.as_deref().unwrap_or_default()),
            })
            .collect();
        let done = match format {
            ReportFormat::Sarif => sarif::write(out, &written),
            ReportFormat::Rdjson => rdjson::write(out, &written, false),
            ReportFormat::Rdjsonl => rdjson::write(out, &written, true),
        };
        done.map_err(|error| Error::unwritten("cannot write the report", error))?;
        Ok(written.len())
    }
}

pub(super) fn as_found(one: &Finding) -> Found {
    Found {
        reviewer: one.reviewer.clone(),
        rule: one.rule.clone(),
        severity: one.severity,
        category: one.category.clone(),
        claim: one.claim.clone(),
        place: one.path.clone().map(|path| Place {
            path,
            line: one.line,
            end_line: one.end_line,
            removed: one.removed,
        }),
        quote: one.quote.clone(),
        outcome: one.outcome.clone(),
        suggestion: one.suggestion.clone(),
    }
}
