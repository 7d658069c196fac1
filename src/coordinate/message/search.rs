//! Search in messages, through the full-text part of the index.

use std::collections::{BTreeMap, HashSet};

use super::inbox::INBOX_LENGTH_DEFAULT;
use super::message_view::MessageView;
use crate::coordinate::message::inbox;
use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::uid::Uid;
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
        let found = found(&state, &words, limit.unwrap_or(INBOX_LENGTH_DEFAULT));
        let unread = inbox::unread_in(self.pm, &state, false);
        let views = found.into_iter();
        Ok(views.map(|doc| unread.view(&state, doc, false)).collect())
    }
}

fn found<'s>(state: &'s State<'_>, words: &[&str], limit: usize) -> Vec<&'s Doc> {
    let search = |words: &[&str], limit| {
        // Every word is a string of the expression, so nothing in it is syntax.
        let words: Vec<String> = words.iter().map(|word| phrase(word, true)).collect();
        let hits = state.search(Among::Messages, &words.join(" AND "), limit);
        hits.into_iter().map(|hit| hit.item)
    };
    // The words that are ids of items, by the threads about these: subjects have the id that an item
    // had when they were written.
    let mut named: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for word in words {
        let id = word.trim_matches(|c: char| !c.is_alphanumeric());
        for item in state.known_as(id) {
            named.entry(item.uid.to_string()).or_default().push(word);
        }
    }
    let mut found: Vec<&Doc> = Vec::new();
    for (thread, ids) in named {
        let mut about = state.thread(&thread);
        let others = words.iter().filter(|word| !ids.contains(word));
        let others: Vec<&str> = others.copied().collect();
        if !others.is_empty() {
            let having: HashSet<Uid> = search(&others, usize::MAX).collect();
            about.retain(|doc| having.contains(&doc.uid));
        }
        found.extend(about);
    }
    found.sort_by(|a, b| (b.birth.ms, &b.uid).cmp(&(a.birth.ms, &a.uid)));
    let known: HashSet<&Uid> = found.iter().map(|doc| &doc.uid).collect();
    let others = search(words, limit).filter(|uid| !known.contains(uid));
    let others: Vec<&Doc> = others.filter_map(|uid| state.doc(&uid)).collect();
    found.extend(others);
    found.truncate(limit);
    found
}
