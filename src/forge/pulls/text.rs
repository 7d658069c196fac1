//! The part of a pull request's text that is written for an item, between two marks. Pure.
//!
//! People write above and below it; what they change in it is left as it is.

use crate::model::uid::{Uid, sha256_hex};

const BEGIN: &str = "<!-- git-pm pull ";
const MARK_END: &str = " -->";
const END: &str = "<!-- git-pm end -->";

/// The longest part, in characters: a text can have 65,536 with what people add.
const LENGTH_MAX: usize = 60_000;

/// A text with its marks. The first one names the item, and the text by its hash.
pub(super) fn marked(uid: &Uid, text: &str) -> String {
    // A path could have what ends the part.
    let text = text.replace("<!--", "<! --");
    let text: String = text.trim().chars().take(LENGTH_MAX).collect();
    format!(
        "{BEGIN}{uid} {}{MARK_END}\n{text}\n\n{END}",
        digest(text.trim())
    )
}

/// What becomes of a text at the forge.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It says the same.
    Same,
    /// It is replaced by this one.
    Replaced(String),
    /// Somebody changed the part.
    Edited,
}

/// Puts a new part in place of the one that a text has, else below it.
pub(super) fn renewed(present: &str, uid: &Uid, text: &str) -> Change {
    let present = present.replace("\r\n", "\n");
    let new = marked(uid, text);
    let begin = format!("{BEGIN}{uid} ");
    let Some((above, rest)) = present.split_once(&begin) else {
        let above = present.trim_end();
        let gap = if above.is_empty() { "" } else { "\n\n" };
        return Change::Replaced(format!("{above}{gap}{new}"));
    };
    let part = rest.split_once(MARK_END);
    let part = part.and_then(|(hash, rest)| Some((hash, rest.split_once(END)?)));
    let Some((hash, (old, below))) = part else {
        return Change::Edited;
    };
    if hash != digest(old.trim()) {
        return Change::Edited;
    }
    let whole = format!("{above}{new}{below}");
    match whole == present {
        true => Change::Same,
        false => Change::Replaced(whole),
    }
}

fn digest(text: &str) -> String {
    sha256_hex(text.as_bytes())[..16].to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_part_is_replaced() {
        let uid = Uid::derived(&["x"]);
        let first = marked(&uid, "one\n\n- two\n");
        assert_eq!(renewed(&first, &uid, "one\n\n- two"), Change::Same);
        // As the web interface stores it, with what people wrote around it.
        let around = format!("Please look.\n\n{first}\n\nThanks").replace('\n', "\r\n");
        let Change::Replaced(now) = renewed(&around, &uid, "three") else {
            panic!("it is another text");
        };
        assert!(
            now.starts_with("Please look.\n\n<!--") && now.ends_with("-->\n\nThanks"),
            "{now}"
        );
        assert!(now.contains("three") && !now.contains("two"), "{now}");
        let edited = first.replace("two", "2");
        assert_eq!(renewed(&edited, &uid, "three"), Change::Edited);
        let cut = first.replace(END, "");
        assert_eq!(renewed(&cut, &uid, "three"), Change::Edited);
        let Change::Replaced(below) = renewed("By hand", &uid, "three") else {
            panic!("it has no part");
        };
        assert!(below.starts_with("By hand\n\n<!--"), "{below}");
        let other = marked(&Uid::derived(&["y"]), "other");
        assert!(matches!(
            renewed(&other, &uid, "three"),
            Change::Replaced(_)
        ));
    }
}
