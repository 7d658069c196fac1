//! Renders the mirror at GitHub: link, status, what an exchange did.

use git_pm::forges::{ForgeConflict, ForgeLink, ForgeReport, ForgeStatus, PullRequestView};
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
        Some(at) => {
            let when = page.when(at);
            page.line(format!("last exchange: {when}"))
        }
        None => page.line("no exchange yet"),
    };
    page.rows("  ", 2, status.mirrors.iter().take(LISTED), |_, one| {
        let number = one
            .number
            .map_or("being made".into(), |number| format!("#{number}"));
        [
            Label::Id.of(&one.id),
            Label::Text.of(number),
            Label::Dim.of(if one.gone { "no longer there" } else { "" }),
        ]
    });
    if status.mirrors.len() > LISTED {
        page.dim(format!(
            "  and {} more (`--json` has all)",
            status.mirrors.len() - LISTED
        ));
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
    page.line(format!(
        "{}: {}",
        report.repository,
        if report.public { "public" } else { "private" }
    ));
    let rows = [
        (report.created_here, "item", "made of issues"),
        (report.changed_here, "item", "changed"),
        (report.comments_here, "comment", "read"),
        (report.created_there, "issue", "made of items"),
        (report.changed_there, "issue", "changed"),
        (report.comments_there, "comment", "sent"),
    ];
    let any = rows.iter().filter(|(n, ..)| *n > 0);
    let mut none = true;
    for (n, what, done) in any {
        none = false;
        page.line(format!("  {} {would}{done}", counted(*n, what)));
    }
    if !report.merged.is_empty() {
        none = false;
        page.line(format!(
            "  done by a merged pull request: {}",
            report.merged.join(", ")
        ));
    }
    if none {
        page.line("  nothing to do");
    }
    if report.minutes > 0 {
        page.dim(format!(
            "  it takes at least {}, by the limits of GitHub",
            counted(report.minutes, "minute")
        ));
    }
    if !report.left_out.is_empty() {
        let all = report.left_out.iter();
        let all: Vec<String> = all
            .map(|one| format!("{} ({})", one.field, one.items))
            .collect();
        page.dim(format!("  without a place in an issue: {}", all.join(", ")));
    }
    conflicts(page, &report.conflicts);
    for note in report.notes.iter().take(NOTES) {
        page.warning(format!("{} {}", note.id, note.message));
    }
    if report.notes.len() > NOTES {
        page.dim(format!(
            "and {} more notes (`--json` has all)",
            report.notes.len() - NOTES
        ));
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
    let number = pull.number.map_or("a pull request".into(), |number| {
        format!("pull request #{number}")
    });
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
    page.field(
        "from",
        Label::Path,
        format!("{} into {}", pull.head, pull.base),
    );
    page.field(
        "owners",
        Label::Text,
        (!pull.owners.is_empty()).then(|| pull.owners.join(", ")),
    );
    for check in &pull.checks {
        page.field(
            "check",
            Label::Text,
            format!("{}: {}", check.name, check.state),
        );
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
        page.put(Label::Bad, "conflict ").put(Label::Id, &one.id);
        page.line(format!(
            " #{} {}: both sides changed it",
            one.number, one.field
        ));
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
