//! Renders a sync and notices.

use git_pm::state::{NoticeView, RemoteReport, SyncReport};

use super::limits;
use super::page::Page;
use super::style::Label;

/// The report of a sync.
pub fn sync(page: &mut Page, report: &SyncReport) {
    if report.remotes.is_empty() {
        page.line("No remote to sync with.");
    }
    for remote in &report.remotes {
        exchanged(page, remote);
    }
    changes(page, report);
    page.field("confirmed", Label::Id, &report.confirmed);
    for lost in &report.lost {
        page.put(Label::Bad, "lost ").put(Label::Id, &lost.id);
        page.text(": ").put(Label::Actor, lost.winner());
        page.text(match lost.is_held {
            true => " holds it now",
            false => " changed its status first",
        });
        if lost.branch.is_some() || lost.merged.is_some() {
            page.text("; your work is ").put(Label::Path, lost.place());
        }
        page.end();
    }
    for item in &report.renumbered {
        page.put(Label::Active, "renumbered ");
        page.put(Label::Id, &item.old).text(" is now ");
        page.put(Label::Id, &item.new);
        page.text(format!(" ({}; also known as {})", item.title, item.alias));
        page.line(item.successor());
    }
    for lost in &report.lost_changes {
        let by = |who: &Option<String>| match who {
            Some(who) => format!(" by {who}"),
            None => String::new(),
        };
        // These are still there; the log has the values that are not.
        let is_made = |field: &String| field == "comment" || field.starts_with("child ");
        page.warning(format!(
            "{} was deleted{} while it was changed{} ({}): `git pm {} {}`",
            lost.id,
            by(&lost.deleted_by),
            by(&lost.changed_by),
            lost.fields.join(", "),
            if lost.fields.iter().all(is_made) {
                "show"
            } else {
                "log --conflicts"
            },
            lost.id
        ));
    }
    for one in report.overridden.iter().take(limits::SYNC_ITEMS_MAX) {
        let lost: String = one.lost.to_string().chars().take(60).collect();
        page.warning(format!("{} {}: {lost} was overridden", one.item, one.field));
    }
    if !report.overridden.is_empty() {
        page.warning("`git pm log --conflicts` lists what was overridden");
    }
    for id in &report.conflicted {
        page.warning(format!(
            "the text of {id} has conflicting versions: `git pm conflicts {id}`"
        ));
    }
    for draft in &report.drafts {
        page.warning(format!(
            "one of your texts may quote redacted content and was withheld: {draft}"
        ));
    }
    notices(page, &report.notices);
}

/// The changes that were fetched.
fn changes(page: &mut Page, report: &SyncReport) {
    let Some(command) = &report.changes_command else {
        return;
    };
    let shown = report.changes.iter().take(limits::SYNC_ITEMS_MAX);
    page.rows("  ", 2, shown, |_, change| {
        [
            Label::Id.of(&change.id),
            Label::Text.of(&change.what),
            Label::Dim.of(&change.title),
        ]
    });
    match report.changes.len() {
        0 => page.text("  many changes: "),
        all if all > limits::SYNC_ITEMS_MAX => {
            page.text(format!("  and {} more: ", all - limits::SYNC_ITEMS_MAX))
        }
        _ => return,
    };
    page.put(Label::Command, command).end();
}

fn exchanged(page: &mut Page, remote: &RemoteReport) {
    page.put(Label::Heading, &remote.remote);
    page.text(format!(
        ": {} fetched, {} pushed",
        remote.fetched, remote.pushed
    ));
    if let Some(refused) = &remote.refused {
        page.text(format!(", {} not pushed: ", remote.unsent));
        page.put(Label::Bad, refused);
    }
    page.end();
}

/// Notices, newest last.
pub fn notices(page: &mut Page, notices: &[NoticeView]) {
    for notice in notices {
        let when = page.when(&notice.created_at);
        let mark = if notice.alarm { "  ! " } else { "  " };
        page.put(Label::Active, mark).text(&notice.subject);
        page.dim(format!("  {}, {when}", notice.actor));
        // What is shown counts as read, so what was cut follows.
        if page.verbose() || notice.subject.ends_with('…') {
            page.prose("    ", &notice.body);
        }
    }
}
