//! Renders `doctor`, `fsck`, `backup` and `migrate`.

use git_pm::state::{
    BackupReport, DoctorReport, FsckReport, LoadReport, MigrateReport, RestoreReport, Severity,
};
use git_pm::text::bytes;

use super::format::counted;
use super::page::Page;
use super::style::Label;

fn severity(severity: Severity) -> (Label, &'static str) {
    match severity {
        Severity::Fault => (Label::Bad, "fault"),
        Severity::Warning => (Label::Warning, "warning"),
        Severity::Note => (Label::Active, "note"),
        Severity::Ok => (Label::Good, "ok"),
    }
}

/// The findings of `doctor`: faults, notes and, with `--verbose`, passed checks.
pub fn doctor(page: &mut Page, report: &DoctorReport) {
    for finding in &report.findings {
        let (label, word) = severity(finding.level);
        page.put(label, format!("{word:<5} "));
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

/// The findings and repairs of `fsck`.
pub fn fsck(page: &mut Page, report: &FsckReport) {
    for one in &report.repaired {
        page.put(Label::Good, "repaired ");
        page.put(Label::Heading, &one.code).text("  ");
        page.put(Label::Path, &one.object).text(": ");
        page.line(&one.done);
    }
    for finding in &report.findings {
        let (label, word) = severity(finding.severity);
        page.put(label, format!("{word:<8} "));
        page.put(Label::Heading, &finding.code).text("  ");
        page.put(Label::Path, &finding.object).text(": ");
        page.line(&finding.message);
        if let Some(fix) = &finding.fix {
            page.text("         ").put(Label::Command, fix).end();
        }
    }
    let checked = &report.checked;
    page.line(format!(
        "Faults: {}, warnings: {}, notes: {} (commits: {}, documents: {}).",
        report.faults, report.warnings, report.notes, checked.commits, checked.documents
    ));
    if report.findings.iter().any(|f| f.repairable) {
        page.next(&["git pm fsck --repair"]);
    }
}

/// The report of `doctor --restore-remote`.
pub fn restored(page: &mut Page, report: &RestoreReport) {
    let remote = &report.remote;
    page.line(match report.found.as_str() {
        "deleted" => format!("Restored the state of {remote}, which was deleted."),
        "rewound" => format!("Restored the state of {remote}, which was rewound."),
        "empty" => format!("Pushed the state to {remote}, which had none."),
        "replaced" => format!(
            "Replaced the ref of {remote} ({}) with the state of this clone.",
            report.before.as_deref().unwrap_or_default()
        ),
        _ if report.pushed => {
            format!("The state of {remote} was intact; pushed the local changes.")
        }
        _ => format!("The state of {remote} is intact; there was nothing to restore."),
    });
    page.field("items", Label::Text, report.items);
    page.field("at", Label::Dim, &report.commit);
    page.field("sources", Label::Path, &report.sources);
}

/// The report of `backup create`.
pub fn backup(page: &mut Page, report: &BackupReport) {
    page.text("Wrote ").put(Label::Path, &report.file);
    let size = bytes(report.bytes);
    page.line(format!(
        ": {}, {size}, verified.",
        counted(report.items, "item")
    ));
    page.field("at", Label::Dim, &report.commit);
}

/// The report of `backup load`.
pub fn load(page: &mut Page, report: &LoadReport) {
    page.line(match report.changed {
        true => format!(
            "Merged the backup: {}, {} of them new.",
            counted(report.items, "item"),
            report.added
        ),
        false => "The backup has nothing new.".into(),
    });
    if let Some(replaced) = &report.replaced {
        page.warning(format!(
            "refs/pm/main was at {replaced}, which could not be read; the backup replaced it"
        ));
    }
    page.field("at", Label::Dim, &report.commit);
}

/// The report of `migrate`.
pub fn migrate(page: &mut Page, report: &MigrateReport) {
    let (from, to) = (&report.from, &report.to);
    if from == to {
        page.line(format!(
            "The state is already in format {to}: nothing to do."
        ));
        return;
    }
    let done = match report.commit {
        Some(_) => "Migrated",
        None => "Would migrate",
    };
    page.line(format!("{done} from format {from} to {to}."));
    for step in &report.steps {
        page.text("  ").line(step);
    }
}
