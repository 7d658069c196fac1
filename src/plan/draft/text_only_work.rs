//! Tasks that only change texts for people, recognized by their title: they need no tests.

use super::similarity::words;
use crate::plan::document::{Words, words};

/// Verbs of writing. Their object is a text if its name says so.
const WRITING: Words = words!(
    "add, complete, correct, create, draft, edit, escribir, explain, extend, finish, fix, improve, \
     prepare, proofread, publish, rédiger, redactar, revise, reword, rewrite, schreibe, translate, \
     update, write",
);

/// Nouns for texts.
const TEXTS: Words = words!(
    "anleitung, cookbook, guía, guide, guides, handbook, handbuch, handout, howto, leaflet, \
     leitfaden, manual, manuals, manuel, tutorials, walkthrough",
);

/// Defects of texts.
const SLIPS: &[&str] = &["grammar", "spelling", "typo", "typos", "wording"];

/// Words that end the object of a verb.
const JOINTS: Words = words!(
    "about, and, de, des, du, for, from, für, how, in, into, of, on, para, pour, so, that, to, \
     von, which, with",
);

/// True if a title names work on texts only.
pub(super) fn only(title: &str) -> bool {
    let all = words(title);
    let Some((first, rest)) = all.split_first() else {
        return false;
    };
    if !WRITING.contains(first) {
        return false;
    }
    let mut files = title.split_whitespace().filter_map(is_text_file).peekable();
    if files.peek().is_some() {
        // A file name is decisive: writing to a code file is work on code.
        let exact = !["add", "create", "extend", "improve"].contains(&first.as_str());
        return exact && files.all(|text| text);
    }
    let object: Vec<&str> = rest
        .iter()
        .map(String::as_str)
        .take_while(|word| !JOINTS.contains(word))
        .collect();
    let head = object.last().copied().unwrap_or("");
    let slip = ["fix", "correct"].contains(&first.as_str()) && SLIPS.contains(&head);
    TEXTS.contains(head) || object.ends_with(&["help", "text"]) || slip
}

/// For a file name, true if the file is a text.
fn is_text_file(word: &str) -> Option<bool> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let (stem, extension) = word.rsplit_once('.')?;
    let named = !stem.is_empty()
        && (1..=5).contains(&extension.len())
        && extension
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && extension.starts_with(|c: char| c.is_ascii_lowercase());
    named.then_some(words!("md, mdx, rst, adoc, txt").contains(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PL-27 work on texts is distinguished from work on code.
    #[test]
    fn work_on_texts_only_is_recognized_by_its_title() {
        for title in [
            "Write the guide",
            "Write the operators' guide for the depot",
            "Correct the spelling of \"recieve\" in docs/guide.md",
            "Update CONTRIBUTING.md",
            "Fix typos",
            "Draft a handbook for wardens",
            "Escribir la guía de uso",
            "Add help text to all fields",
        ] {
            assert!(only(title), "{title}");
        }
        for title in [
            "Draw the page",
            "Create guide page",
            "Write a manual import",
            "Write the parser",
            "Correct the spelling check",
            "Correct the spelling in src/help.rs",
            "Create src/shop.rs with a guide",
            "Add docs/api.md generator",
            "Guide people through the setup",
            "Write tests for the guide",
            "",
        ] {
            assert!(!only(title), "{title}");
        }
    }
}
