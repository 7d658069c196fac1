//! `As a buyer, I want to pay, so that …`: the sentence in which a user story is stated.

use super::lexicon::lexicon;
use super::words::{is_glued, whole};

/// The user has to be named within this many characters.
const FAR: usize = 160;

/// True for a text that states a user story, in the languages that have a fixed form for it.
pub fn is_story(text: &str) -> bool {
    let text = text.trim_start_matches(['"', '“', '*', '_', '\'', '>', ' ']);
    let head = text.chars().take(FAR).collect::<String>().to_lowercase();
    lexicon().stories.iter().any(|[starts, wants, reasons]| {
        // Looked for last: most texts do not even begin like a story.
        let wished = |from: usize| {
            let mut places = wants.iter().filter_map(|want| whole(&head, want));
            places.any(|at| at >= from)
        };
        let begins = |start: &String| {
            let glued = start.contains(is_glued) || start.ends_with("qu");
            let rest = head.strip_prefix(start.as_str());
            rest.is_some_and(|rest| glued || rest.starts_with(' ')) && wished(start.len())
        };
        // In some languages the words come after the user and after the wish.
        let named = || reasons.iter().any(|role| head.contains(role.as_str()));
        let ends = || starts.is_empty() && named() && wished(1);
        ends() || starts.iter().any(begins)
    })
}
