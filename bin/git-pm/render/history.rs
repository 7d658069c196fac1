//! How the state's history, its syncs and its conflicts read.

use super::page::Page;
use super::style::Label;
use super::table::Table;
use git_pm::coordinate::conflicts::ConflictView;
use git_pm::coordinate::message::NoticeView;
use git_pm::coordinate::sync::report::{RemoteReport, SyncReport};
use git_pm::history::log::{LogEntry, Overridden};
use git_pm::store::git::sign::{Signature, SignatureStatus};

/// How many characters of a commit id are shown.
const SHORT: usize = 10;

/// A commit's id as people see it.
pub fn short(commit: &str) -> String {
    commit.chars().take(SHORT).collect()
}

/// The commits of the state, newest first.
pub fn log(page: &mut Page, entries: &[LogEntry]) {
    if entries.is_empty() {
        page.line("No changes.");
    }
    let mut table = Table::new(4);
    for entry in entries {
        let (commit, when) = (short(&entry.commit), page.when(&entry.at));
        let (label, signed) = match &entry.signature {
            None => (Label::Dim, String::new()),
            Some(signature) => signed(signature),
        };
        table.row([
            (Label::Id, commit.as_str()),
            (Label::Dim, when.as_str()),
            (label, signed.as_str()),
            (Label::Actor, &acted(entry)),
            (Label::Text, entry.message.as_str()),
        ]);
    }
    page.table("", &table);
}

/// Who did it, and whether that was an agent; one that spoke under another's name with its own.
fn acted(entry: &LogEntry) -> String {
    match &entry.agent {
        None => entry.actor.clone(),
        Some(own) if *own == entry.actor => format!("{own} (agent)"),
        Some(own) => format!("{} (agent {own})", entry.actor),
    }
}

/// A signature in a word, with whose it is.
fn signed(signature: &Signature) -> (Label, String) {
    let (label, word) = match signature.status {
        SignatureStatus::Good => (Label::Good, "good"),
        SignatureStatus::Unknown => (Label::Active, "unknown key"),
        SignatureStatus::Expired => (Label::Active, "expired"),
        SignatureStatus::Revoked => (Label::Bad, "revoked"),
        SignatureStatus::Bad => (Label::Bad, "BAD"),
        SignatureStatus::Uncheckable => (Label::Active, "cannot be checked"),
        SignatureStatus::None => (Label::Dim, "unsigned"),
    };
    let who = match signature.signer.as_str() {
        "" => String::new(),
        signer => format!(", {signer}"),
    };
    (label, format!("{word}{who}"))
}

/// The values that merges and imports overrode.
pub fn overridden(page: &mut Page, values: &[Overridden]) {
    if values.is_empty() {
        page.line("No merge or import overrode anything.");
    }
    for value in values {
        page.put(Label::Id, &value.item).text("  ");
        page.put(Label::Heading, &value.field).text("  kept ");
        page.put(Label::Good, &value.kept.to_string());
        by(page, value.kept_by.as_ref());
        page.text(", lost ")
            .put(Label::Bad, &value.lost.to_string());
        by(page, value.lost_by.as_ref());
        page.put(Label::Dim, &format!("  ({})", short(&value.commit)))
            .end();
    }
}

fn by(page: &mut Page, who: Option<&String>) {
    if let Some(who) = who {
        page.text(" by ").put(Label::Actor, who);
    }
}

/// What a sync did.
pub fn sync(page: &mut Page, report: &SyncReport) {
    if report.remotes.is_empty() {
        page.line("There is no remote to sync with.");
    }
    for remote in &report.remotes {
        exchanged(page, remote);
    }
    changes(page, report);
    if !report.confirmed.is_empty() {
        page.field("confirmed", Label::Id, &report.confirmed.join(", "));
    }
    for lost in &report.lost {
        page.put(Label::Bad, "lost ").put(Label::Id, &lost.id);
        page.text(": ")
            .put(Label::Actor, &lost.holder)
            .text(" holds it now");
        if let Some(branch) = &lost.branch {
            page.text("; your work is on ").put(Label::Path, branch);
        }
        page.end();
    }
    for item in &report.renumbered {
        page.put(Label::Active, "renumbered ")
            .put(Label::Id, &item.old);
        page.text(" is now ").put(Label::Id, &item.new);
        page.line(&format!(" ({}; {} finds it too)", item.title, item.alias));
    }
    for id in &report.conflicted {
        page.warning(&format!(
            "the text of {id} has concurrent versions: `git pm conflicts {id}`"
        ));
    }
    for draft in &report.drafts {
        page.warning(&format!(
            "a text of yours may quote something redacted and was withheld: {draft}"
        ));
    }
    notices(page, &report.notices);
}

/// How many items that came in are named.
const NAMED: usize = 10;

/// What came in.
fn changes(page: &mut Page, report: &SyncReport) {
    let Some(command) = &report.changes_command else {
        return;
    };
    let mut table = Table::new(2);
    for change in report.changes.iter().take(NAMED) {
        table.row([
            (Label::Id, change.id.as_str()),
            (Label::Text, &change.what),
            (Label::Dim, &change.title),
        ]);
    }
    page.table("  ", &table);
    match report.changes.len() {
        0 => page.text("  much changed: "),
        all if all > NAMED => page.text(&format!("  and {} more: ", all - NAMED)),
        _ => return,
    };
    page.put(Label::Command, command).end();
}

fn exchanged(page: &mut Page, remote: &RemoteReport) {
    page.put(Label::Heading, &remote.remote);
    page.text(&format!(": {} in, {} out", remote.fetched, remote.pushed));
    if let Some(refused) = &remote.refused {
        page.text(&format!(", {} unsent: ", remote.unsent));
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
        page.put(Label::Dim, &format!("  {}, {when}", notice.actor))
            .end();
        if page.verbose() {
            page.prose("    ", &notice.body);
        }
    }
}

/// Texts with concurrent versions.
pub fn conflicts(page: &mut Page, conflicts: &[ConflictView]) {
    if conflicts.is_empty() {
        page.line("No conflicting texts.");
    }
    let mut told = "";
    for conflict in conflicts {
        page.gap().put(Label::Id, &conflict.id).text("  ");
        page.put(Label::Heading, &conflict.title);
        page.put(Label::Dim, &format!("  {}", conflict.field)).end();
        for version in &conflict.versions {
            let when = page.when(&version.written_at);
            page.put(Label::Waiting, &format!("  {}", version.number));
            let shown = if version.number == 1 { ", shown" } else { "" };
            page.put(
                Label::Dim,
                &format!("  {when} in {}{shown}", version.replica),
            )
            .end();
            page.prose("     ", &version.text);
        }
        if let Some(merged) = &conflict.merged {
            page.put(Label::Good, "  merged").end();
            page.prose("     ", merged);
        }
        // The texts of an item are resolved one after the other, in this order.
        if std::mem::replace(&mut told, &conflict.id) == conflict.id {
            continue;
        }
        let keep = format!("git pm conflicts {} --keep 1", conflict.id);
        let take = format!("git pm conflicts {} --merged", conflict.id);
        if conflict.merged.is_some() {
            page.next(&[&take, &keep]);
        } else {
            page.next(&[&keep]);
        }
    }
}
