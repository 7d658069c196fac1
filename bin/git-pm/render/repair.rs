//! How repair, backup and migration read.

use git_pm::maintain::backup::{BackupReport, LoadReport};
use git_pm::maintain::doctor::{DoctorReport, Level};
use git_pm::maintain::fsck::{FsckReport, Severity};
use git_pm::maintain::restore::RestoreReport;
use git_pm::maintain::setup::migrate::MigrateReport;
use git_pm::model::text::bytes;

use super::page::Page;
use super::style::Label;

/// What `doctor` found: faults and notes, and what is well when the reader wants more.
pub fn doctor(page: &mut Page, report: &DoctorReport) {
    for finding in &report.findings {
        let (label, word) = match finding.level {
            Level::Ok => (Label::Good, "ok"),
            Level::Note => (Label::Active, "note"),
            Level::Fault => (Label::Bad, "fault"),
        };
        page.put(label, &format!("{word:<5} "));
        page.put(Label::Heading, &finding.check).text("  ");
        page.line(&finding.message);
        if let Some(fix) = &finding.fix {
            page.text("      ").put(Label::Command, fix).end();
        }
    }
    if !report.faulty {
        page.line("No faults.");
    }
}

/// What `fsck` found and did.
pub fn fsck(page: &mut Page, report: &FsckReport) {
    for one in &report.repaired {
        page.put(Label::Good, "repaired ");
        page.put(Label::Heading, &one.code).text("  ");
        page.put(Label::Path, &one.object).text(": ");
        page.line(&one.done);
    }
    for finding in &report.findings {
        let (label, word) = match finding.severity {
            Severity::Fault => (Label::Bad, "fault"),
            Severity::Warning => (Label::Warning, "warning"),
            Severity::Note => (Label::Active, "note"),
        };
        page.put(label, &format!("{word:<8} "));
        page.put(Label::Heading, &finding.code).text("  ");
        page.put(Label::Path, &finding.object).text(": ");
        page.line(&finding.message);
        if let Some(fix) = &finding.fix {
            page.text("         ").put(Label::Command, fix).end();
        }
    }
    let checked = &report.checked;
    page.line(&format!(
        "{} faults, {} warnings, {} notes in {} commits and {} documents.",
        report.faults, report.warnings, report.notes, checked.commits, checked.documents
    ));
    if report.findings.iter().any(|f| f.repairable) {
        page.next(&["git pm fsck --repair"]);
    }
}

/// What `doctor --restore-remote` did.
pub fn restored(page: &mut Page, report: &RestoreReport) {
    let remote = &report.remote;
    page.line(&match report.found.as_str() {
        "deleted" => format!("{remote} had lost the state, and has it again."),
        "rewound" => format!("The state of {remote} was rewound; what it lacked is there again."),
        "empty" => format!("{remote} had no state, and has it now."),
        "replaced" => format!(
            "What {remote} had ({}) was replaced by the state of this clone.",
            report.before.as_deref().unwrap_or_default()
        ),
        _ if report.pushed => format!("{remote} had its state, and has now what is new here, too."),
        _ => format!("{remote} has its state; nothing had to be restored."),
    });
    page.field("items", Label::Text, &report.items.to_string());
    page.field("at", Label::Dim, &report.commit);
    page.field("taken from", Label::Path, &report.sources.join(", "));
}

/// What `backup create` wrote.
pub fn backup(page: &mut Page, report: &BackupReport) {
    page.text("Wrote ")
        .put(Label::Path, &report.file)
        .line(&format!(
            ": {} items, {}, read back and found whole.",
            report.items,
            bytes(report.bytes)
        ));
    page.field("at", Label::Dim, &report.commit);
}

/// What `backup load` did.
pub fn load(page: &mut Page, report: &LoadReport) {
    if report.changed {
        page.line(&format!(
            "Joined the backup: {} items, {} of them new here.",
            report.items, report.added
        ));
    } else {
        page.line("Nothing in the backup is new here.");
    }
    if let Some(replaced) = &report.replaced {
        page.warning(&format!(
            "refs/pm/main was at {replaced}, of which nothing could be read; the backup stands \
             in its place"
        ));
    }
    page.field("at", Label::Dim, &report.commit);
}

/// What `migrate` did.
pub fn migrate(page: &mut Page, report: &MigrateReport) {
    if report.from == report.to {
        page.line(&format!(
            "The state has format {}: nothing to do.",
            report.to
        ));
        return;
    }
    let done = if report.commit.is_some() {
        "Migrated"
    } else {
        "Would migrate"
    };
    page.line(&format!(
        "{done} from format {} to {}.",
        report.from, report.to
    ));
    for step in &report.steps {
        page.text("  ").line(step);
    }
}
