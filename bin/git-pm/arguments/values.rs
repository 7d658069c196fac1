//! Types and parsers of argument values.

pub use git_pm::verbs::{Limit, Millis, Words, priority};

/// The kinds of items.
pub const KINDS: &[&str] = &["prd", "epic", "task", "issue"];

/// Parses an amount of US dollars, `5` or `2.50usd`, into millionths of a dollar.
pub fn micro_usd(text: &str) -> std::result::Result<u64, String> {
    git_pm::costs::micro_usd(text)
        .map_err(|_| "expected an amount in US dollars: 5usd, 2.50, $5".to_string())
}

/// Parses the maximum number of rows; 0 means all.
pub fn limit(text: &str) -> std::result::Result<usize, String> {
    text.parse::<Limit>().map(|limit| limit.0)
}
