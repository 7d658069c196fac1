//! Types and parsers of argument values.

use git_pm::verbs::cost::Usd;
pub use git_pm::verbs::{Millis, Words};

/// Parses an amount of US dollars, `5` or `2.50usd`, into millionths of a dollar.
pub fn micro_usd(text: &str) -> std::result::Result<u64, String> {
    text.parse::<Usd>().map(|amount| amount.0)
}
