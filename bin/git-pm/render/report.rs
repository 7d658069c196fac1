//! How set-up, settings and worktrees read.

use super::page::Page;
use super::style::{self, Label};
use super::table::Table;
use git_pm::coordinate::worktree::ops::{GcView, WorktreeView};
use git_pm::maintain::doctor::{DoctorReport, Level};
use git_pm::maintain::setup::config::Setting;
use git_pm::maintain::setup::init::{InitReport, UninstallReport};
use git_pm::maintain::setup::trust::TrustReport;
use git_pm::model::text::{bytes, spelled};
use git_pm::work::batch::BatchReport;

/// What `init` did.
pub fn init(page: &mut Page, report: &InitReport) {
    // Whoever asks for the answer only has it in the exit code.
    if page.quiet() {
        return;
    }
    match (&report.adopted, report.created) {
        (Some(remote), _) => page.line(&format!(
            "Adopted the state of {remote}: {} items.",
            report.items
        )),
        (None, true) => page.line("Began the state on refs/pm/main."),
        (None, false) => page.line(&format!(
            "The state is here already: {} items.",
            report.items
        )),
    };
    page.field("hooks", Label::Text, &report.hooks.join(", "));
    page.field("fetched from", Label::Text, &report.refspecs.join(", "));
    if !report.imports.is_empty() {
        let imports: Vec<&str> = report.imports.iter().map(String::as_str).collect();
        page.next(&imports);
    } else if report.items == 0 {
        page.next(&["git pm task create \"…\"", "git pm demo"]);
    } else {
        page.next(&["git pm", "git pm next --claim"]);
    }
}

/// What `uninstall` did.
pub fn uninstall(page: &mut Page, report: &UninstallReport) {
    page.line("Took git pm out of this clone; the state stays.");
    page.field("hooks", Label::Text, &report.hooks.join(", "));
    page.field("remotes", Label::Text, &report.refspecs.join(", "));
    page.field("removed", Label::Path, &report.removed.join(", "));
    page.field("kept", Label::Path, &report.kept.join(", "));
}

/// What a batch did: one sentence, and what was left out.
pub fn batch(page: &mut Page, report: &BatchReport) {
    if report.applied == 0 {
        page.line("Nothing was applied.");
    } else {
        page.line(&format!("Applied as one commit: {}.", report.summary));
    }
    for skipped in &report.skipped {
        page.warning(&format!("line {}: {}", skipped.line, skipped.error));
    }
}

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

/// Settings as a table.
pub fn settings(page: &mut Page, settings: &[Setting]) {
    let mut table = Table::new(3);
    for setting in settings {
        table.row([
            (Label::Id, setting.key.as_str()),
            (
                Label::Text,
                &spelled(setting.value.as_deref().unwrap_or("")),
            ),
            (Label::Dim, &setting.source),
            (Label::Dim, &setting.help),
        ]);
    }
    page.table("", &table);
}

/// One setting: its value, as `git config` prints it.
pub fn setting(page: &mut Page, setting: &Setting) {
    page.line(setting.value.as_deref().unwrap_or(""));
    if page.verbose() {
        page.field("source", Label::Dim, &setting.source);
        page.field(
            "default",
            Label::Dim,
            setting.default.as_deref().unwrap_or(""),
        );
        page.field("meaning", Label::Dim, &setting.help);
    }
}

/// What is trusted.
pub fn trust(page: &mut Page, report: &TrustReport) {
    let Some(path) = &report.path else {
        page.line("There is no .pm.toml here, so there is nothing to trust.");
        return;
    };
    page.put(Label::Path, path).text(" is ");
    if report.trusted {
        page.put(Label::Good, "trusted in this clone").end();
    } else {
        page.put(Label::Active, "not trusted in this clone").end();
    }
    page.field("sha256", Label::Dim, report.hash.as_deref().unwrap_or(""));
    if report.commands.is_empty() {
        page.line("It runs no commands.");
    } else {
        page.line("It runs:");
    }
    for command in &report.commands {
        page.text("  ").put(Label::Command, command).end();
    }
}

/// Hooks that something was done with.
pub fn hooks(page: &mut Page, what: &str, hooks: &[String]) {
    if hooks.is_empty() {
        page.line(&format!("{what} no hooks: there was nothing to do."));
    } else {
        page.line(&format!("{what} {}.", hooks.join(", ")));
    }
}

/// Worktrees as a table.
pub fn worktrees(page: &mut Page, worktrees: &[WorktreeView]) {
    let mut table = Table::new(3);
    for worktree in worktrees {
        let status = worktree.status.as_deref().unwrap_or("");
        let note = match (worktree.main, worktree.dirty) {
            (true, Some(true)) => "main, uncommitted work",
            (true, _) => "main",
            (false, Some(true)) => "uncommitted work",
            (false, _) => "",
        };
        table.row([
            (Label::Id, worktree.item.as_deref().unwrap_or("")),
            (style::status(status), status),
            (Label::Path, worktree.branch.as_deref().unwrap_or("")),
            (Label::Text, &worktree.path),
            (Label::Dim, &worktree.size.map(bytes).unwrap_or_default()),
            (Label::Active, note),
        ]);
    }
    page.table("", &table);
}

/// What `worktree gc` did, or would do.
pub fn gc(page: &mut Page, views: &[GcView], dry_run: bool) {
    if views.is_empty() {
        page.line("No worktrees of tasks.");
    }
    let removed = if dry_run { "would remove" } else { "removed" };
    let mut table = Table::new(2);
    for view in views {
        let (label, word) = if view.removed {
            (Label::Good, removed)
        } else {
            (Label::Dim, "kept")
        };
        table.row([
            (label, word),
            (Label::Id, view.item.as_deref().unwrap_or("")),
            (Label::Path, &view.path),
            (Label::Dim, &view.reason),
        ]);
    }
    page.table("", &table);
}
