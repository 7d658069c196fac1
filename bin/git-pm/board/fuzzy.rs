//! Fuzzy matching of items by some of their letters.

use super::limits;

/// Scores how well the letters of a pattern match a text, in order and ignoring case; lower is
/// better. Consecutive letters, and those at the start of a word, count more.
pub fn score(pattern: &str, text: &str) -> Option<usize> {
    let mut letters = pattern
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !c.is_whitespace())
        .peekable();
    let (mut cost, mut gap, mut begun) = (0, 0, false);
    let mut before = ' ';
    for c in text
        .chars()
        .take(limits::JUMP_COMPARED_MAX)
        .flat_map(char::to_lowercase)
    {
        let Some(wanted) = letters.peek() else { break };
        if c == *wanted {
            letters.next();
            let is_start = !before.is_alphanumeric();
            cost += match begun && gap == 0 {
                true => 0,
                false if is_start => 1,
                false => 3 + gap.min(10),
            };
            (gap, begun) = (0, true);
        } else {
            gap += 1;
        }
        before = c;
    }
    letters.peek().is_none().then_some(cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_found_in_order_and_words_count_more() {
        assert!(score("", "anything").is_some());
        assert!(score("t12", "T-0012 Log in").is_some());
        assert!(score("lgn", "T-0012 Log in").is_some());
        assert!(score("nl", "Log in").is_none());
        assert!(score("log", "Log in") < score("log", "A long goal"));
        assert!(score("修复", "T-1 修复登录").is_some());
        assert!(score("x", &("a".repeat(limits::JUMP_COMPARED_MAX) + "x")).is_none());
    }
}
