//! Secrets in texts: keys, tokens, passwords, connection strings, private keys. Pure: a text goes
//! in, where something stands that must not be there comes out. The state is readable for whoever
//! can fetch it, and a text may go to a model or a log, so more than one capability asks.
//!
//! A rule table of our own ([`rules`]), each rule with the place where its issuer describes the
//! form, and one rule for what has no form of its own but is assigned to a telling name and looks
//! random. Precision goes before recall: a finding that is wrong teaches people to ignore them.

mod assigned;
mod entropy;
mod scan_document;
pub mod token_rules;

pub use entropy::{bits_per_char, is_placeholder};
pub use scan_document::{Found, in_document};

use token_rules::{RULES, Rule};

/// Where in a text a secret stands. It never holds the secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The rule's stable name, kebab-case.
    pub rule: &'static str,
    /// What it looks like, for people.
    pub title: &'static str,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// Everything in a text that looks like a secret, in the order of the text, without overlaps: of
/// two that overlap the one that begins first stands, of two that begin together the longer.
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

/// The text with `[redacted: rule]` in the place of each secret, and what was taken out.
pub fn redacted(text: &str) -> (String, Vec<Hit>) {
    let hits = scan(text);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for hit in &hits {
        out.push_str(&text[at..hit.start]);
        out.push_str("[redacted: ");
        out.push_str(hit.rule);
        out.push(']');
        at = hit.end;
    }
    out.push_str(&text[at..]);
    (out, hits)
}

/// All rules, the one for assigned values last.
pub fn all_rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().chain([&assigned::RULE])
}

#[cfg(test)]
mod tests;
