//! Renders set-up and settings.

use git_pm::settings::{ImportedSettings, Setting, TrustReport};
use git_pm::state::{InitReport, Purged, Scaffold, UninstallReport};
use git_pm::text::{first_of, spelled};

use super::format::counted;
use super::page::Page;
use super::style::Label;

/// The report of `init`.
pub fn init(page: &mut Page, report: &InitReport) {
    // The exit code is enough for `--quiet`.
    if page.quiet() {
        return;
    }
    if let Some(files) = report.scaffold.as_ref().filter(|files| files.dry_run) {
        scaffold(page, files);
        page.next(&["git pm init --scaffold"]);
        return;
    }
    let items = counted(report.items, "item");
    match (&report.adopted, report.created) {
        (Some(remote), _) => page.line(format!("Adopted the state of {remote}: {items}.")),
        (None, true) => page.line("Initialized the state on refs/pm/main."),
        (None, false) => page.line(format!("The state already exists: {items}.")),
    };
    page.field("hooks", Label::Text, &report.hooks);
    page.field("remotes", Label::Text, &report.refspecs);
    if let Some(files) = &report.scaffold {
        scaffold(page, files);
        let is_new = files.files.iter().any(|file| file.kept.is_none());
        let add = (is_new && files.commit.is_none())
            .then_some("git add -A && git commit -m \"Begin the project\"");
        let steps = ["git pm plan docs/PRD.md", "git pm plan approve"];
        page.next(&Vec::from_iter(add.into_iter().chain(steps)));
    } else if !report.imports.is_empty() {
        page.next(&report.imports);
    } else if report.items == 0 {
        page.next(&["git pm task create \"…\""]);
    } else {
        page.next(&["git pm", "git pm next --claim"]);
    }
}

fn scaffold(page: &mut Page, scaffold: &Scaffold) {
    page.rows("", 2, &scaffold.files, |_, file| {
        let (label, what) = match (&file.kept, scaffold.dry_run) {
            (Some(_), _) => (Label::Dim, "keep"),
            (None, true) => (Label::Active, "would create"),
            (None, false) => (Label::Good, "create"),
        };
        let why = file.kept.as_ref().map(|kept| format!("there is {kept}"));
        [
            label.of(what),
            Label::Path.of(&file.path),
            Label::Dim.of(why.as_deref().unwrap_or(&file.purpose)),
        ]
    });
    page.field("commit", Label::Id, &scaffold.commit);
}

/// What an import of settings took over, and what has no place.
pub fn imported(page: &mut Page, report: &ImportedSettings) {
    page.text("Read ").put(Label::Path, &report.file).line(".");
    page.rows("", 3, &report.settings, |_, one| {
        let done = if report.dry_run { "would set" } else { "set" };
        [
            Label::Good.of(one.to.as_ref().map_or("no place", |_| done)),
            Label::Id.of(one.to.as_ref().unwrap_or(&one.from)),
            Label::Text.of(&one.value),
            Label::Dim.of(&one.note),
        ]
    });
}

/// What of the state goes that is nowhere else, in a few words; empty if there is nothing.
pub fn only_here(purged: &Purged) -> String {
    match purged.only_here.as_slice() {
        [] => String::new(),
        all => format!("{}: {}", counted(all.len(), "change"), first_of(all, 5)),
    }
}

/// The report of `uninstall`.
pub fn uninstall(page: &mut Page, report: &UninstallReport) {
    let purged = report.purged.as_ref();
    page.line(match purged {
        None if report.dry_run => "Would remove git pm from this clone; the state is kept.",
        None => "Removed git pm from this clone; the state is kept.",
        Some(_) if report.dry_run => "Would remove git pm and its data from this clone.",
        Some(_) => "Removed git pm and its data from this clone.",
    });
    page.field("hooks", Label::Text, &report.hooks);
    page.field("remotes", Label::Text, &report.refspecs);
    page.field("removed", Label::Path, &report.removed);
    page.field("kept", Label::Path, &report.kept);
    let Some(purged) = purged else {
        page.line(
            "Branches, worktrees and settings are kept too, here and at the remote; \
             `git pm uninstall --purge` removes them with the state, `--remote` also there.",
        );
        return;
    };
    page.field("worktrees", Label::Path, &purged.worktrees);
    page.field("branches", Label::Path, &purged.branches);
    page.field("refs", Label::Path, &purged.refs);
    page.field("settings", Label::Id, &purged.settings);
    page.field("at the remote", Label::Path, &purged.remote);
    page.field("given back, and pushed", Label::Id, &purged.given_back);
    page.field("kept", Label::Path, &purged.left);
    page.field("nowhere else", Label::Bad, only_here(purged));
    if !purged.remote.is_empty() {
        page.line(
            "Another clone that syncs brings the state back at the remote: run the command there first.",
        );
    }
}

/// Settings as a table.
pub fn settings(page: &mut Page, settings: &[Setting]) {
    page.rows("", 3, settings, |_, setting| {
        let value = setting.value.as_deref().unwrap_or("");
        [
            Label::Id.of(&setting.key),
            Label::Text.of(spelled(value).as_ref()),
            Label::Dim.of(&setting.source),
            Label::Dim.of(&setting.help),
        ]
    });
}

/// One setting: its value, as `git config` prints it.
pub fn setting(page: &mut Page, setting: &Setting) {
    page.line(&setting.value);
    if page.verbose() {
        page.field("source", Label::Dim, &setting.source);
        page.field("default", Label::Dim, &setting.default);
        page.field("meaning", Label::Dim, &setting.help);
    }
}

/// The trust in .pm.toml and in the definitions of agents.
pub fn trust(page: &mut Page, report: &TrustReport) {
    if let Some(path) = &report.path {
        trusted(page, path, report.trusted, &report.hash);
        commands(page, report);
    } else if report.agents.is_empty() {
        page.line("There is no .pm.toml, so there is nothing to trust.");
    }
    for agent in &report.agents {
        if let Some(problem) = &agent.problem {
            page.put(Label::Path, &agent.path).text(" ");
            page.put(Label::Bad, problem).end();
            continue;
        }
        trusted(page, &agent.path, agent.trusted, &agent.hash);
        if let (false, Some(text)) = (agent.trusted, &agent.text) {
            page.prose("  ", text);
        }
    }
}

fn trusted(page: &mut Page, path: &str, trusted: bool, hash: &Option<String>) {
    page.put(Label::Path, path).text(" is ");
    match trusted {
        true => page.put(Label::Good, "trusted in this clone").end(),
        false => page.put(Label::Active, "not trusted in this clone").end(),
    };
    page.field("sha256", Label::Dim, hash);
}

fn commands(page: &mut Page, report: &TrustReport) {
    page.line(match report.commands.is_empty() {
        true => "It runs no commands.",
        false => "It runs:",
    });
    for command in &report.commands {
        page.text("  ").put(Label::Command, command).end();
    }
}

/// Hooks that were installed or removed.
pub fn hooks(page: &mut Page, what: &str, hooks: &[String]) {
    page.line(match hooks {
        [] => format!("{what} no hooks: there was nothing to do."),
        hooks => format!("{what} {}.", hooks.join(", ")),
    });
}
