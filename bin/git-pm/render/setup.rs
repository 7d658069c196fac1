//! Renders set-up and settings.

use git_pm::settings::{Setting, TrustReport};
use git_pm::state::{InitReport, UninstallReport};
use git_pm::text::spelled;

use super::page::Page;
use super::style::Label;
use super::table::Table;

/// The report of `init`.
pub fn init(page: &mut Page, report: &InitReport) {
    // The exit code is enough for `--quiet`.
    if page.quiet() {
        return;
    }
    match (&report.adopted, report.created) {
        (Some(remote), _) => page.line(&format!(
            "Adopted the state of {remote}: {} items.",
            report.items
        )),
        (None, true) => page.line("Initialized the state on refs/pm/main."),
        (None, false) => page.line(&format!(
            "The state already exists: {} items.",
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

/// The report of `uninstall`.
pub fn uninstall(page: &mut Page, report: &UninstallReport) {
    page.line("Removed git pm from this clone; the state stays.");
    page.field("hooks", Label::Text, &report.hooks.join(", "));
    page.field("remotes", Label::Text, &report.refspecs.join(", "));
    page.field("removed", Label::Path, &report.removed.join(", "));
    page.field("kept", Label::Path, &report.kept.join(", "));
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

/// The trust in .pm.toml.
pub fn trust(page: &mut Page, report: &TrustReport) {
    let Some(path) = &report.path else {
        page.line("There is no .pm.toml, so there is nothing to trust.");
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

/// Hooks that were installed or removed.
pub fn hooks(page: &mut Page, what: &str, hooks: &[String]) {
    if hooks.is_empty() {
        page.line(&format!("{what} no hooks: there was nothing to do."));
    } else {
        page.line(&format!("{what} {}.", hooks.join(", ")));
    }
}
