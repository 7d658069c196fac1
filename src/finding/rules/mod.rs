//! Reviewers that need no model: rules over a diff.
//!
//! A rule says only what it is sure of, since a reviewer with many false alarms is not read: it looks at
//! added lines, leaves out what the base has already, and parts code from comments and strings. What the
//! diff says is not trusted: the work is linear in its size, and texts of findings are bounded and without
//! secrets.

/// A regular expression that is compiled once.
macro_rules! regex {
    ($text:expr) => {{
        static COMPILED: std::sync::LazyLock<::regex::Regex> =
            std::sync::LazyLock::new(|| ::regex::Regex::new($text).expect("a pattern of ours"));
        &*COMPILED
    }};
}
use regex;

mod artifacts;
mod change;
mod dependencies;
mod files;
mod gates;
mod language;
mod lex;
mod patterns;
mod renamed;
mod report;
mod safety;
mod scope;
mod table;
mod testing;
mod view;

/// The name of this reviewer in findings.
pub const REVIEWER: &str = "git-pm";

pub use change::{Change, Commit, Facts, Limits};
pub use table::{RULES, Rule, rule_named};

use crate::Found;
use report::Report;
use view::View;

/// What the rules find in a change, the worst first, then by path and line; at most
/// [`report::FOUND_MAX`] findings.
pub fn review(change: &Change<'_>) -> Vec<Found> {
    let views = View::all(change);
    let mut report = Report::default();
    safety::secrets(&views, &mut report);
    safety::conflicts(&views, &mut report);
    scope::review(change, &views, &mut report);
    testing::review(change, &views, &mut report);
    gates::review(&views, &mut report);
    patterns::review(&views, &mut report);
    dependencies::review(change, &mut report);
    artifacts::review(change, &views, &mut report);
    report.finish()
}

/// The secrets in a change: what [`review`] finds of them.
pub fn secrets(change: &Change<'_>) -> Vec<Found> {
    let mut report = Report::default();
    safety::secrets(&View::all(change), &mut report);
    report.finish()
}

/// True for a lock file of a package manager, one of those that [`Facts::locks`] asks for.
pub fn is_lock(path: &str) -> bool {
    files::is_lock(path)
}

#[cfg(test)]
mod tests;
