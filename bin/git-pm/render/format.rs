//! Short forms of values.

use super::limits;

/// What is blocked for the reader or in this clone alone: the number of what is ready is that of the reader.
pub const KEPT: &str = "of the blocked can be started by others or elsewhere";

/// The parts of the open work that only some projects have, after the others.
pub fn rest(deferred: usize, containers: usize, kept: usize) -> String {
    let words = ["deferred", "not offered", KEPT];
    let parts = [deferred, containers, kept].into_iter().zip(words);
    let parts = parts.filter(|(count, _)| *count > 0);
    parts
        .map(|(count, word)| format!(", {count} {word}"))
        .collect()
}

/// The short id of a commit.
pub fn short(commit: &str) -> String {
    commit.chars().take(limits::COMMIT_ID_MAX).collect()
}

/// A number with its noun, in the plural if necessary.
pub fn counted(number: impl std::fmt::Display, word: &str) -> String {
    let number = number.to_string();
    let s = if number == "1" { "" } else { "s" };
    format!("{number} {word}{s}")
}

/// A number of hours.
pub fn hours(count: u64) -> String {
    format!("{count}h")
}

/// The name of an enum's variant in JSON.
pub fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

/// A path, quoted for a shell if necessary.
pub fn shell_quoted(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@".contains(c);
    if path.chars().all(plain) {
        path.to_string()
    } else {
        format!("'{}'", path.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_only_where_a_shell_needs_it() {
        assert_eq!(
            shell_quoted("/work/app.worktrees/T-0001"),
            "/work/app.worktrees/T-0001"
        );
        assert_eq!(shell_quoted("/a b/it's"), r"'/a b/it'\''s'");
    }
}
