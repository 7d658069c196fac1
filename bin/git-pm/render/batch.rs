//! Renders a batch.

use git_pm::items::BatchReport;

use super::page::Page;

/// The report of a batch: a summary and the skipped lines.
pub fn batch(page: &mut Page, report: &BatchReport) {
    if report.applied == 0 {
        page.line("Nothing was applied.");
    } else {
        page.line(format!("Applied as one commit: {}.", report.summary));
    }
    for skipped in &report.skipped {
        page.warning(format!("line {}: {}", skipped.line, skipped.error));
    }
}
