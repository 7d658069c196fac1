//! Secrets in texts: where they are, and how they are redacted.
//!
//! Keys, tokens, passwords, connection strings, private keys. Pure: takes a text, returns the
//! positions of secrets. Several features use it, since anyone who can fetch the state can read it,
//! and texts may be sent to a language model or a log.
//!
//! The table of rules ([`token_rules`]) has for each rule the source in which its issuer describes
//! the form. One more rule finds values without such a form that look random and are assigned to
//! the name of a secret. Precision is more important than recall: false positives lead users to
//! ignore all findings.

mod assigned;
mod entropy;
pub mod personal;
mod placeholders;
mod scan_document;
pub mod token_rules;

use git_pm_model as model;

pub use scan_document::{Found, in_document};

#[cfg(test)]
use token_rules::{RULES, Rule};

/// The position of a secret in a text. It does not contain the secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The rule's stable name, kebab-case.
    pub rule: &'static str,
    /// The kind of secret, for users.
    pub title: &'static str,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// All parts of a text that look like a secret, in the order of the text, without overlaps: of two
/// that overlap the one that begins first is kept, of two that begin together the longer.
pub fn scan(text: &str) -> Vec<Hit> {
    let mut hits: Vec<Hit> = Vec::new();
    token_rules::find(text, &mut hits);
    assigned::find(text, &mut hits);
    hits.sort_by(|a, b| {
        let named = |h: &Hit| h.rule == assigned::RULE.id;
        (a.start, std::cmp::Reverse(a.end), named(a)).cmp(&(
            b.start,
            std::cmp::Reverse(b.end),
            named(b),
        ))
    });
    let mut out: Vec<Hit> = Vec::new();
    for hit in hits {
        if out.last().is_none_or(|last| hit.start >= last.end) {
            out.push(hit);
        }
    }
    out
}

/// The text with `[redacted: rule]` in place of each secret, and the positions of the secrets.
pub fn redacted(text: &str) -> (String, Vec<Hit>) {
    let hits = scan(text);
    (without(text, &hits), hits)
}

/// Like [`redacted`], but keeps the number of line breaks, so that line numbers do not change.
pub fn redacted_lines(text: &str) -> String {
    let hits = scan(text);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for hit in &hits {
        out.push_str(&text[at..hit.start]);
        out.push_str(&format!("[redacted: {}]", hit.rule));
        let ends = text[hit.start..hit.end].matches('\n').count();
        out.push_str(&"\n".repeat(ends));
        at = hit.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Removes the second half of a private key that a cut may have left at the start of `end`.
pub fn without_cut_key(end: &str) -> &str {
    const CLOSING: &str = "-----END ";
    let Some(at) = end.find(CLOSING) else {
        return end;
    };
    let label = &end[at + CLOSING.len()..];
    let label = label.split_inclusive('\n').next().unwrap_or_default();
    let is_key = label.contains("PRIVATE KEY") && !end[..at].contains("-----BEGIN ");
    match is_key {
        true => &end[at + CLOSING.len() + label.len()..],
        false => end,
    }
}

/// Like [`redacted`], for personal data.
pub fn without_personal(text: &str) -> (String, Vec<Hit>) {
    let hits = personal::scan(text);
    (without(text, &hits), hits)
}

fn without(text: &str, hits: &[Hit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for hit in hits {
        out.push_str(&text[at..hit.start]);
        out.push_str("[redacted: ");
        out.push_str(hit.rule);
        out.push(']');
        at = hit.end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
/// All rules, the one for assigned values last.
pub fn all_rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().chain([&assigned::RULE])
}

#[cfg(test)]
mod tests;
