//! Renders the history of the state.

use git_pm::log::words::field_name;
use git_pm::log::{LogEntry, Overridden, Signature, SignatureStatus};

use super::format::short;
use super::page::Page;
use super::style::Label;

/// The commits of the state, newest first.
pub fn log(page: &mut Page, entries: &[LogEntry]) {
    page.list("No changes.", 4, entries, |page, entry| {
        let signature = entry.signature.as_ref().map(signed);
        let (label, signed) = signature.unwrap_or((Label::Dim, String::new()));
        [
            Label::Id.of(short(&entry.commit)),
            Label::Dim.of(page.when(&entry.at)),
            label.of(signed),
            Label::Actor.of(acted(entry)),
            Label::Text.of(&entry.message),
        ]
    });
}

/// The actor of an operation; an agent is marked, with its own name if it used another one.
fn acted(entry: &LogEntry) -> String {
    match &entry.agent {
        None => entry.actor.clone(),
        Some(own) if *own == entry.actor => format!("{own} (agent)"),
        Some(own) => format!("{} (agent {own})", entry.actor),
    }
}

/// The status of a signature, with the signer.
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
        page.line("No overridden values.");
    }
    for value in values {
        page.put(Label::Id, &value.item).text("  ");
        page.put(Label::Heading, field_name(&value.field));
        if value.deleted {
            page.text("  deleted");
        } else {
            page.text("  kept ");
            let kept = worded(page, &value.field, &value.kept);
            page.put(Label::Good, kept);
        }
        by(page, value.kept_by.as_ref());
        page.text(", lost ");
        let lost = worded(page, &value.field, &value.lost);
        page.put(Label::Bad, lost);
        by(page, value.lost_by.as_ref());
        let when = value
            .commit
            .as_deref()
            .map_or_else(|| page.when(&value.at), short);
        page.dim(format!("  ({when})"));
    }
}

fn by(page: &mut Page, who: Option<&String>) {
    if let Some(who) = who {
        page.text(" by ").put(Label::Actor, who);
    }
}

/// A value in a person's words; in quotation marks where it is a person's own.
fn worded(page: &Page, field: &str, json: &serde_json::Value) -> String {
    let shown = page.value(field, json);
    match json.as_str() == Some(&shown) {
        true => format!("\"{shown}\""),
        false => shown,
    }
}
