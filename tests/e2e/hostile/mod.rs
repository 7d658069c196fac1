//! States and texts that were not written by git pm: damaged, hostile, huge, or with terminal
//! escapes.

pub mod bounds;
pub mod copies;
pub mod damaged_state;
pub mod fetched;
pub mod foreign_words;
pub mod large_states;
pub mod long_texts;
pub mod odd_commits;
pub mod printed_text;

use crate::support::{Ran, Repo};

/// All commands that only read.
pub const READS: &[&[&str]] = &[
    &[],
    &["status"],
    &["task", "list", "--all"],
    &["show", "T-0001"],
    &["log"],
    &["log", "--conflicts"],
    &["log", "T-0001"],
    &["show", "T-0001", "--at", "now"],
    &["task", "list", "--at", "now"],
    &["diff"],
    &["task", "tree"],
    &["ready"],
    &["blocked"],
    &["why", "T-0001"],
    &["dep", "list", "T-0001"],
    &["conflicts"],
    &["reserve", "list"],
    &["worktree", "list"],
    &["triage"],
    &["order"],
    &["graph"],
    &["graph", "--format", "mermaid"],
    &["graph", "--format", "mermaid"],
    &["suggest"],
];

/// Requires that an output contains no terminal escapes.
#[track_caller]
pub fn assert_no_terminal_escapes(ran: &Ran) {
    for text in [&ran.out, &ran.err] {
        let bad = text.chars().find(|c| {
            (c.is_control() && !matches!(c, '\n' | '\t'))
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}')
        });
        assert!(
            bad.is_none(),
            "`{}` printed {bad:?} raw: {text:?}",
            ran.what
        );
    }
}

/// Requires that all reads work, as text and as JSON, and print nothing raw.
#[track_caller]
fn assert_readable(repo: &Repo) {
    for args in READS {
        assert_no_terminal_escapes(&repo.pm(args).ok());
        let mut all = vec!["--json"];
        all.extend(*args);
        let ran = repo.pm(&all).ok();
        assert_no_terminal_escapes(&ran);
        ran.data();
    }
}
