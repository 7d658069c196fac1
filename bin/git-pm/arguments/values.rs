//! Types and parsers of argument values.

pub use git_pm::verbs::{Millis, Words};

/// Parses an amount of US dollars, `5` or `2.50usd`, into millionths of a dollar.
pub fn micro_usd(text: &str) -> std::result::Result<u64, String> {
    git_pm::costs::micro_usd(text)
        .map_err(|_| "expected an amount in US dollars: 5usd, 2.50, $5".to_string())
}
