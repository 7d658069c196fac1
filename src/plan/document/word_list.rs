//! Lists of words and phrases that rules look for, written as text and split at compile time.

/// Words or phrases in lower case.
#[derive(Clone, Copy, Debug)]
pub(in crate::plan) struct Words(pub &'static [&'static str]);

impl Words {
    /// The words in the order of the list.
    pub fn iter(self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }

    /// True if this is one of the words.
    pub fn contains(self, word: &str) -> bool {
        self.0.contains(&word)
    }
}

/// The [`Words`] of a text that separates them by commas: `words!("add, build, set up")`.
macro_rules! words {
    ($text:expr $(,)?) => {{
        use $crate::plan::document::word_list::{Words, count, split};
        const LIST: &[&str] = &split::<{ count($text) }>($text);
        Words(LIST)
    }};
}
pub(in crate::plan) use words;

/// The number of words in a text.
pub(in crate::plan) const fn count(text: &str) -> usize {
    let (mut at, mut count) = (0, 1);
    while at < text.len() {
        count += (text.as_bytes()[at] == b',') as usize;
        at += 1;
    }
    count
}

/// The words of a text, each followed by a comma and a space but for the last.
pub(in crate::plan) const fn split<const N: usize>(text: &str) -> [&str; N] {
    let (mut out, mut rest, mut n) = ([""; N], text, 0);
    while n < N {
        let mut end = 0;
        while end < rest.len() && rest.as_bytes()[end] != b',' {
            end += 1;
        }
        let (word, after) = rest.split_at(end);
        out[n] = word;
        if !after.is_empty() {
            rest = after.split_at(", ".len()).1;
        }
        n += 1;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_at_commas() {
        const LIST: Words = words!("add, set up, größe");
        assert_eq!(LIST.iter().collect::<Vec<_>>(), ["add", "set up", "größe"]);
        assert!(LIST.contains("set up") && !LIST.contains("set"));
        assert_eq!(words!("one").0, ["one"]);
    }
}
