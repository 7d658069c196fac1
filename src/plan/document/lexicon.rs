//! The words of `lexicon.toml`, parsed once, and the ways to look for them.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use toml_edit::{DocumentMut, Table};

use super::SectionKind;
use super::label::LabelKind;
use super::words::{is_glued, tokens, whole};

/// All words.
#[derive(Default)]
pub(super) struct Lexicon {
    /// The kinds of sections, in order of precedence.
    pub sections: Vec<(SectionKind, Vec<String>)>,
    /// The kinds of labels by their folded names.
    pub labels: HashMap<String, LabelKind>,
    /// The words of user stories in each language: before the user, the wish and the reason.
    pub stories: Vec<[Vec<String>; 3]>,
    lists: HashMap<String, List>,
}

/// A list as written, and what it says: a command needs few of them, and reading all takes longer than most commands.
struct List {
    text: String,
    read: OnceLock<Phrases>,
}

/// A list of words and phrases.
#[derive(Default)]
pub struct Phrases {
    by_first: HashMap<String, Vec<Vec<String>>>,
    stems: Vec<String>,
    glued: Vec<String>,
    /// As written.
    pub plain: Vec<String>,
}

/// The lexicon.
pub(super) fn lexicon() -> &'static Lexicon {
    static PARSED: OnceLock<Lexicon> = OnceLock::new();
    PARSED.get_or_init(|| Lexicon::parse(include_str!("lexicon.toml")))
}

/// A list by its name; empty if there is none, which a test forbids.
pub fn list(name: &str) -> &'static Phrases {
    static NONE: OnceLock<Phrases> = OnceLock::new();
    let found = lexicon().lists.get(name);
    let found = found.map(|list| list.read.get_or_init(|| Phrases::of(words(&list.text))));
    found.unwrap_or_else(|| NONE.get_or_init(Phrases::default))
}

fn split(table: &Table, key: &str) -> Vec<String> {
    let text = table.get(key).and_then(|value| value.as_str());
    text.map(words).unwrap_or_default()
}

fn words(text: &str) -> Vec<String> {
    let words = text.split('|');
    let words = words.map(|word| word.split_whitespace().collect::<Vec<_>>().join(" "));
    words.filter(|word| !word.is_empty()).collect()
}

/// The tables of one name, with their kinds.
fn tables<T: for<'a> Deserialize<'a>>(parsed: &DocumentMut, name: &str) -> Vec<(T, Vec<String>)> {
    let found = parsed.get(name).and_then(|item| item.as_array_of_tables());
    let read = |table: &Table| {
        let word: StrDeserializer<'_, Error> = table.get("kind")?.as_str()?.into_deserializer();
        Some((T::deserialize(word).ok()?, split(table, "words")))
    };
    found.into_iter().flatten().filter_map(read).collect()
}

impl Lexicon {
    fn parse(text: &str) -> Lexicon {
        let parsed: DocumentMut = text.parse().unwrap_or_default();
        let mut lexicon = Lexicon {
            sections: tables(&parsed, "section"),
            ..Lexicon::default()
        };
        for (kind, names) in tables(&parsed, "label") {
            for name in names.iter().map(|name| tokens(name).join(" ")) {
                lexicon.labels.entry(name).or_insert(kind);
            }
        }
        let stories = parsed
            .get("story")
            .and_then(|item| item.as_array_of_tables());
        let story = |table: &Table| ["starts", "wants", "reasons"].map(|key| split(table, key));
        lexicon.stories = stories.into_iter().flatten().map(story).collect();
        let lists = parsed.get("words").and_then(|item| item.as_table());
        for (name, text) in lists.into_iter().flat_map(Table::iter) {
            let text = text.as_str().unwrap_or_default().to_owned();
            let read = OnceLock::new();
            lexicon.lists.insert(name.to_owned(), List { text, read });
        }
        lexicon
    }
}

impl Phrases {
    fn of(plain: Vec<String>) -> Phrases {
        let mut phrases = Phrases::default();
        for word in &plain {
            let split = tokens(word);
            let Some(first) = split.first().cloned() else {
                continue;
            };
            match word.ends_with('*') {
                _ if word.contains(is_glued) => phrases.glued.push(word.clone()),
                true => phrases.stems.push(first),
                false => phrases.by_first.entry(first).or_default().push(split),
            }
        }
        Phrases { plain, ..phrases }
    }

    /// The number of words of the longest phrase that the tokens begin with.
    fn length(&self, tokens: &[String]) -> Option<usize> {
        let first = tokens.first()?;
        let phrases = self.by_first.get(first).into_iter().flatten();
        let phrases = phrases.filter(|words| tokens.starts_with(words));
        let mut stems = self.stems.iter();
        let stem = stems.any(|stem| first.starts_with(stem.as_str()));
        let one = (stem || self.glued.contains(first)).then_some(1);
        phrases.map(Vec::len).max().or(one)
    }

    /// True if the text has one of the words.
    pub fn has(&self, text: &str) -> bool {
        self.first(text).is_some()
    }

    /// The first of the words in a text.
    pub fn first(&self, text: &str) -> Option<String> {
        let glued = self.glued.iter().find(|word| text.contains(word.as_str()));
        glued.cloned().or_else(|| {
            let tokens = tokens(text);
            let found = (0..tokens.len()).find_map(|at| Some(at..at + self.length(&tokens[at..])?));
            found.map(|range| tokens[range].join(" "))
        })
    }

    /// True if the text begins with one of the words.
    pub fn begins(&self, text: &str) -> bool {
        let head: String = text.chars().take(60).collect();
        let start = head.trim_start_matches(|c: char| !c.is_alphanumeric());
        let mut glued = self.glued.iter();
        glued.any(|word| start.starts_with(word.as_str())) || self.length(&tokens(&head)).is_some()
    }

    /// True if the text is one of the words.
    pub fn is(&self, text: &str) -> bool {
        let tokens = tokens(text);
        !tokens.is_empty() && self.length(&tokens) == Some(tokens.len())
    }

    /// The rest of a text that begins with one of the words, which is written with its accents: `Termine` is
    /// not `terminé`.
    pub fn after<'t>(&self, text: &'t str) -> Option<&'t str> {
        let lower = |length: usize| text.chars().take(length).flat_map(char::to_lowercase);
        let begun = self.plain.iter().filter_map(|word| {
            let length = word.chars().count();
            let at = text
                .char_indices()
                .nth(length)
                .map_or(text.len(), |(at, _)| at);
            let rest = &text[at..];
            let apart = word.contains(is_glued) || !rest.starts_with(char::is_alphanumeric);
            (lower(length).eq(word.chars()) && apart).then_some(rest)
        });
        begun.min_by_key(|rest| rest.len())
    }

    /// True if the text is nothing but such words.
    pub fn is_written(&self, text: &str) -> bool {
        let mut rest = text;
        while let Some(after) = self.after(rest) {
            rest = after.trim_start();
        }
        rest.len() < text.len() && rest.is_empty()
    }

    /// The place and length of the leftmost word, the longest of those, in a text in lower case.
    pub fn find(&self, lower: &str) -> Option<(usize, usize)> {
        let found = self.plain.iter();
        let found = found.filter_map(|word| Some((whole(lower, word)?, word.len())));
        found.min_by_key(|(at, length)| (*at, std::cmp::Reverse(*length)))
    }
}
