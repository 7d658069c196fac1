//! The findings of the rules, with bounded texts that contain no secret.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::text::{excerpt, head, one_line};
use crate::{Found, Place};

use super::rule_named;

/// The most findings of a review: beyond it nobody reads them.
pub(super) const FOUND_MAX: usize = 200;

/// The most findings of one rule in one file; the last one counts the others.
const PER_FILE_MAX: usize = 5;

/// The longest quote and the longest claim, in characters.
const QUOTE_MAX: usize = 300;
const CLAIM_MAX: usize = 500;

/// The part of a line that is read for a quote, in bytes.
const READ_MAX: usize = 4_000;

/// The place of a finding.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct At<'a> {
    pub path: &'a str,
    /// The line's number and text.
    pub line: Option<(u32, &'a str)>,
    /// The line is one of the base.
    pub removed: bool,
}

impl<'a> At<'a> {
    /// A file as a whole.
    pub fn file(path: &'a str) -> Self {
        Self {
            path,
            ..Self::default()
        }
    }

    /// A file as a whole, shown at one of its lines. The line is not quoted, as a finding is known again by
    /// its quote, and this one stays the same whatever the line says.
    pub fn file_at(path: &'a str, line: Option<&crate::diff::Line>) -> Self {
        Self {
            line: line.map(|line| (line.number, "")),
            ..Self::file(path)
        }
    }

    /// An added line.
    pub fn added(path: &'a str, line: &'a crate::diff::Line) -> Self {
        Self {
            path,
            line: Some((line.number, &line.text)),
            removed: false,
        }
    }

    /// A removed line.
    pub fn removed(path: &'a str, line: &'a crate::diff::Line) -> Self {
        Self {
            removed: true,
            ..Self::added(path, line)
        }
    }
}

/// The findings so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    found: Vec<Found>,
    counts: BTreeMap<(&'static str, String), usize>,
    /// The lines with a secret: no quote shows them.
    secret: BTreeSet<(String, u32)>,
}

impl Report {
    /// Adds a finding of a rule. The claim is made safe here.
    pub fn add(&mut self, rule: &'static str, claim: String, at: At<'_>) {
        let quote = at.line.map(|(_, text)| quoted(text));
        self.add_quoting(rule, claim, at, quote);
    }

    /// Marks a line as one with a secret.
    pub fn hide(&mut self, path: &str, line: u32) {
        self.secret.insert((path.to_owned(), line));
    }

    /// Like [`add`](Self::add), with a quote that contains no secret.
    pub fn add_quoting(
        &mut self,
        id: &'static str,
        claim: String,
        at: At<'_>,
        quote: Option<String>,
    ) {
        let Some(rule) = rule_named(id) else { return };
        let count = self.counts.entry((id, at.path.to_owned())).or_default();
        *count += 1;
        if *count > PER_FILE_MAX && !at.path.is_empty() || self.found.len() >= FOUND_MAX * 10 {
            return;
        }
        let line = at.line.map(|(number, _)| number);
        let hidden = line.is_some_and(|line| self.secret.contains(&(at.path.to_owned(), line)));
        self.found.push(Found {
            reviewer: super::REVIEWER.into(),
            rule: Some(id.into()),
            severity: rule.severity,
            category: rule.category.into(),
            claim: safe(&claim, CLAIM_MAX),
            place: (!at.path.is_empty()).then(|| Place {
                path: at.path.to_owned(),
                line,
                end_line: None,
                removed: at.removed,
            }),
            quote: quote.filter(|quote| !quote.is_empty() && (!hidden || id == "secret")),
            outcome: Some(rule.outcome.into()),
            suggestion: Some(rule.settle.into()),
        });
    }

    /// The findings, the worst first.
    pub fn finish(mut self) -> Vec<Found> {
        let place = |found: &Found| {
            let place = found.place.as_ref();
            place.map(|place| (place.path.clone(), place.line))
        };
        self.found
            .sort_by_cached_key(|found| (found.severity, place(found)));
        for ((id, path), count) in self.counts.iter().filter(|(_, n)| **n > PER_FILE_MAX) {
            let of_file = |found: &&mut Found| {
                found.rule.as_deref() == Some(*id)
                    && found
                        .place
                        .as_ref()
                        .is_some_and(|place| place.path == *path)
            };
            if let Some(last) = self.found.iter_mut().rfind(of_file) {
                let more = count - PER_FILE_MAX;
                last.claim += &format!(" {more} more of the same in this file.");
            }
        }
        self.found.truncate(FOUND_MAX);
        self.found
    }
}

/// A line without secrets and control characters. It is cut without a mark, so that what is left is
/// found in the file.
pub(super) fn quoted(line: &str) -> String {
    let line = git_pm_secret::redacted(head(line.trim(), READ_MAX)).0;
    one_line(&line).chars().take(QUOTE_MAX).collect()
}

/// A text of the change for people: one line, bounded, without control characters and secrets.
pub(super) fn safe(text: &str, max: usize) -> String {
    excerpt(&git_pm_secret::redacted(head(text, READ_MAX)).0, max)
}
