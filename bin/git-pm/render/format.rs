//! Short forms of values.

/// How many characters of a commit id are shown.
const SHORT: usize = 10;

/// A commit's id as people see it.
pub fn short(commit: &str) -> String {
    commit.chars().take(SHORT).collect()
}

/// A number with its word, in the plural where that is due.
pub fn counted(number: impl std::fmt::Display, word: &str) -> String {
    let number = number.to_string();
    let s = if number == "1" { "" } else { "s" };
    format!("{number} {word}{s}")
}

/// How many hours, for people.
pub fn hours(count: u64) -> String {
    format!("{count}h")
}

/// A word of a closed list, as JSON has it.
pub fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

/// A path as a shell takes it.
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
