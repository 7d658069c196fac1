//! Renders the mirror at GitHub: link, status, what an exchange did.

use git_pm::forges::{
    ForgeConflict, ForgeLink, ForgeReport, ForgeStatus, LeftOutField, PullRequestView,
};
use serde_json::Value as Json;

use super::format::counted;
use super::page::Page;
use super::style::Label;

/// The mirrored items of a status that are listed.
const LISTED: usize = 20;

/// The notes that are listed.
const NOTES: usize = 20;

/// The width of a value in a conflict, in characters.
const VALUE: usize = 60;

/// A link that was made, confirmed or removed.
pub fn link(page: &mut Page, link: &ForgeLink, removed: bool) {
    if removed {
        page.line(format!("Removed the link to {}.", link.shown()));
        return;
    }
    page.line(format!("Linked to {}.", link.shown()));
    if link.public == Some(true) {
        page.warning("it is public: whoever can read it reads what is mirrored");
    }
    page.next(&["git pm github sync --dry-run".to_string()]);
}

/// The link, the mirrored items and their conflicts.
pub fn status(page: &mut Page, status: &ForgeStatus) {
    let Some(link) = &status.link else {
        page.line("This project is linked to no repository at GitHub.");
        page.next(&["git pm github link OWNER/NAME".to_string()]);
        return;
    };
    page.field("link", Label::Path, link.shown());
    if !link.confirmed {
        page.warning("this clone has not confirmed it: `git pm github link`");
    }
    match &status.exchanged_at {
        Some(at) => page.line(format!("last exchange: {}", page.when(at))),
        None => page.line("no exchange yet"),
    };
    page.rows("  ", 2, status.mirrors.iter().take(LISTED), |_, one| {
        let number = one.number.map(|number| format!("#{number}"));
        [
            Label::Id.of(&one.id),
            Label::Text.of(number.unwrap_or_else(|| "being made".into())),
            Label::Dim.of(if one.gone { "no longer there" } else { "" }),
        ]
    });
    if let Some(more @ 1..) = status.mirrors.len().checked_sub(LISTED) {
        page.dim(format!("  and {more} more (`--json` has all)"));
    }
    page.rows("  ", 2, status.pulls.iter().take(LISTED), |_, one| {
        [
            Label::Id.of(&one.id),
            Label::Text.of(format!("pull request #{}", one.number)),
            Label::Dim.of(&one.state),
        ]
    });
    conflicts(page, &status.conflicts);
}

/// What an exchange did, or would do.
pub fn report(page: &mut Page, report: &ForgeReport) {
    let would = if report.dry_run { "would be " } else { "" };
    let kind = if report.public { "public" } else { "private" };
    page.line(format!("{}: {kind}", report.repository));
    let rows = [
        (report.created_here, "item", "made of issues"),
        (report.changed_here, "item", "changed"),
        (report.comments_here, "comment", "read"),
        (report.created_there, "issue", "made of items"),
        (report.changed_there, "issue", "changed"),
        (report.comments_there, "comment", "sent"),
    ];
    let mut none = report.merged.is_empty();
    for (n, what, done) in rows.iter().filter(|(n, ..)| *n > 0) {
        none = false;
        page.line(format!("  {} {would}{done}", counted(*n, what)));
    }
    if !report.merged.is_empty() {
        let ids = report.merged.join(", ");
        page.line(format!("  done by a merged pull request: {ids}"));
    }
    if none {
        page.line("  nothing to do");
    }
    if !report.left_out.is_empty() {
        let shown = |one: &LeftOutField| format!("{} ({})", one.field, one.items);
        let all: Vec<String> = report.left_out.iter().map(shown).collect();
        page.dim(format!("  without a place in an issue: {}", all.join(", ")));
    }
    conflicts(page, &report.conflicts);
    for note in report.notes.iter().take(NOTES) {
        page.warning(format!("{} {}", note.id, note.message));
    }
    if let Some(more @ 1..) = report.notes.len().checked_sub(NOTES) {
        page.dim(format!("and {more} more notes (`--json` has all)"));
    }
    if report.needs_yes {
        page.warning("nothing was sent: the first issues are made once you have seen this");
        page.next(&["git pm github sync --yes".to_string()]);
    } else if let Some(one) = report.conflicts.first() {
        page.next(&[
            format!("git pm github resolve {} ours", one.id),
            format!("git pm github resolve {} theirs", one.id),
        ]);
    }
}

/// The pull request of an item.
pub fn pull(page: &mut Page, pull: &PullRequestView) {
    let number = pull.number.map(|number| format!("pull request #{number}"));
    let number = number.unwrap_or_else(|| "a pull request".into());
    let draft = if pull.draft { " as a draft" } else { "" };
    page.put(Label::Id, &pull.id)
        .line(match (&pull.text, pull.action.as_str()) {
            (Some(_), "opened") => format!(": would open {number}{draft}"),
            (Some(_), _) => format!(": would change {number}"),
            (None, "opened") => format!(": opened {number}{draft}"),
            (None, "updated") => format!(": updated {number}"),
            (None, "merged") => format!(": done, as {number} was merged"),
            (None, _) => format!(": {number} is up to date"),
        });
    page.field("url", Label::Path, &pull.url);
    let branches = format!("{} into {}", pull.head, pull.base);
    page.field("from", Label::Path, branches);
    let owners = Some(pull.owners.join(", ")).filter(|all| !all.is_empty());
    page.field("owners", Label::Text, owners);
    for check in &pull.checks {
        let text = format!("{}: {}", check.name, check.state);
        page.field("check", Label::Text, text);
    }
    for note in &pull.notes {
        page.warning(note);
    }
    if let Some(text) = &pull.text {
        page.gap();
        for line in text.lines() {
            page.line(line);
        }
    }
}

fn conflicts(page: &mut Page, all: &[ForgeConflict]) {
    for one in all {
        let (number, field) = (one.number, &one.field);
        page.put(Label::Bad, "conflict ").put(Label::Id, &one.id);
        page.line(format!(" #{number} {field}: both sides changed it"));
        page.line(format!("    here:  {}", value(&one.ours)));
        page.line(format!("    there: {}", value(&one.theirs)));
    }
}

fn value(json: &Json) -> String {
    let text = match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    super::table::fit(&text.replace('\n', " "), VALUE).0
}
