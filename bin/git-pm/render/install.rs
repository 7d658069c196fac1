//! Renders what `install` changes.

use git_pm::integrations::InstallReport;

use super::page::Page;
use super::style::Label;

/// The changes of files as diffs.
pub fn changes(page: &mut Page, report: &InstallReport) {
    if page.quiet() {
        return;
    }
    for file in report.files.iter().filter(|file| file.change != "none") {
        page.put(Label::Path, &file.path)
            .line(format!(" ({})", file.change));
        page.prose("  ", &file.diff);
    }
}

/// The outcome in a sentence.
pub fn outcome(page: &mut Page, report: &InstallReport, dry_run: bool) {
    let changed = report
        .files
        .iter()
        .filter(|file| file.change != "none")
        .count();
    page.line(match (report.is_needed(), report.written, report.remove) {
        (false, _, true) => "There is nothing to remove.".to_string(),
        (false, ..) => "Everything is installed already.".to_string(),
        (_, true, true) => format!("Removed; files changed: {changed}."),
        (_, true, false) => format!("Installed; files changed: {changed}."),
        (..) => "Nothing was written.".to_string(),
    });
    for note in &report.notes {
        page.put(Label::Hint, "note:").text(" ").line(note);
    }
    if report.is_needed() && !report.written && !dry_run {
        page.hints(&["`--yes` writes the changes"]);
    }
}
