//! Search in messages, through the full-text part of the index.

use super::inbox::LIMIT;
use super::message_view::MessageView;
use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::message::Handoff;
use crate::pm::handles::Messages;
use crate::query::search_terms::phrase;
use crate::store::index::Among;
use crate::store::state::State;

impl Messages<'_> {
    /// The messages of all actors that have all the words, or words that begin with them, in their
    /// subject, text or hand-off, best first.
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
        let found = found(&state, &words, limit.unwrap_or(LIMIT));
        let unread = self.pm.unread_in(&state, false);
        let views = found.into_iter();
        Ok(views.map(|doc| unread.view(&state, doc, false)).collect())
    }
}

fn found<'s>(state: &'s State<'_>, words: &[&str], limit: usize) -> Vec<&'s Doc> {
    // Every word is a string of the expression, so nothing in it is syntax.
    let expression: Vec<String> = words.iter().map(|word| phrase(word, true)).collect();
    if let Some(hits) = state.search(Among::Messages, &expression.join(" AND "), limit) {
        return hits.iter().filter_map(|hit| state.doc(&hit.item)).collect();
    }
    // Nothing is indexed here, so nothing is ranked: the newest come first.
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let docs = state
        .message_docs()
        .values()
        .rev()
        .map(|loaded| &loaded.doc);
    let fits = |doc: &&Doc| {
        let subject = doc.text("subject").unwrap_or_default().to_lowercase();
        let body = doc.body.shown().to_lowercase();
        let lists = Handoff::of(doc);
        words.iter().all(|word| {
            let listed = || {
                lists
                    .entries()
                    .any(|entry| entry.to_lowercase().contains(word))
            };
            subject.contains(word) || body.contains(word) || listed()
        })
    };
    docs.filter(fits).take(limit).collect()
}
