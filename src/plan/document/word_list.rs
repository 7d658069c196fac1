//! Lists of words and phrases that rules look for.

/// Words or phrases in lower case, separated by commas: `add, build, set up`.
#[derive(Clone, Copy, Debug)]
pub(in crate::plan) struct Words(pub &'static str);

impl Words {
    /// The words in the order of the list.
    pub fn iter(self) -> impl Iterator<Item = &'static str> {
        self.0.split(", ")
    }

    /// True if this is one of the words.
    pub fn contains(self, word: &str) -> bool {
        self.iter().any(|known| known == word)
    }
}
