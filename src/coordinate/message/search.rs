//! Search in messages, through the full-text part of the index.

use std::collections::BTreeSet;

use super::inbox::LIMIT;
use super::message_view::MessageView;
use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::message::{self, Handoff};
use crate::pm::handles::Messages;
use crate::query::search_terms::phrase;
use crate::store::index::Among;
use crate::store::state::State;

impl Messages<'_> {
    /// The messages of all actors that have all the words, or words that begin with them, in their
    /// subject, text or handoff, best first. A word that is an item's id, present or former, also
    /// finds the messages about that item, which come before the others, newest first.
    ///
    /// # Errors
    /// When there is no word to search for.
    pub fn search(&self, query: &str, limit: Option<usize>) -> Result<Vec<MessageView>> {
        let is_word = |word: &&str| word.chars().any(char::is_alphanumeric);
        let words: Vec<&str> = query.split_whitespace().filter(is_word).collect();
        if words.is_empty() {
            return Err(Error::usage("the query has no word to search for"));
        }
        let state = self.pm.store.snapshot()?;
        let words: Vec<Word> = words.iter().map(|word| Word::of(&state, word)).collect();
        let found = found(&state, &words, limit.unwrap_or(LIMIT));
        let unread = self.pm.unread_in(&state, false);
        let views = found.into_iter();
        Ok(views.map(|doc| unread.view(&state, doc, false)).collect())
    }
}

/// A word of a query.
struct Word {
    text: String,
    /// In lower case.
    lower: String,
    /// The threads of the items that it is an id of: subjects have the id that an item had when they
    /// were written.
    threads: BTreeSet<String>,
}

impl Word {
    fn of(state: &State<'_>, text: &str) -> Word {
        let name = text.trim_matches(|c: char| !c.is_alphanumeric());
        let items = state.known_as(name);
        Word {
            text: text.to_string(),
            lower: text.to_lowercase(),
            threads: items.iter().map(|item| item.uid.to_string()).collect(),
        }
    }

    /// True if a message has it, or is about the item that it is an id of.
    fn is_in(&self, doc: &Doc) -> bool {
        let has = |text: &str| text.to_lowercase().contains(&self.lower);
        self.threads.contains(&message::thread(doc))
            || has(doc.text("subject").unwrap_or_default())
            || has(doc.body.shown())
            || Handoff::of(doc).entries().any(|entry| has(entry))
    }
}

fn found<'s>(state: &'s State<'_>, words: &[Word], limit: usize) -> Vec<&'s Doc> {
    let is_hit = |doc: &&Doc| words.iter().all(|word| word.is_in(doc));
    // Every word is a string of the expression, so nothing in it is syntax.
    let expression: Vec<String> = words.iter().map(|word| phrase(&word.text, true)).collect();
    let hits = state.search(Among::Messages, &expression.join(" AND "), limit);
    let threads: BTreeSet<&String> = words.iter().flat_map(|word| &word.threads).collect();
    let about = threads.into_iter().flat_map(|thread| state.thread(thread));
    let mut found: Vec<&Doc> = about.filter(is_hit).collect();
    found.sort_by(|a, b| (b.birth.ms, &b.uid).cmp(&(a.birth.ms, &a.uid)));
    let named: BTreeSet<&str> = found.iter().map(|doc| doc.uid.as_str()).collect();
    let others = hits.iter().filter(|hit| !named.contains(hit.item.as_str()));
    let others: Vec<&Doc> = others.filter_map(|hit| state.doc(&hit.item)).collect();
    found.extend(others);
    found.truncate(limit);
    found
}
