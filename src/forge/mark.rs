//! The hidden mark that says which item an issue, or which comment a comment, was made from. Pure.

use crate::model::uid::Uid;

const BEGIN: &str = "<!-- git-pm ";
const END: &str = " -->";

/// The largest text of an issue or comment at GitHub, in characters.
pub(crate) const TEXT_MAX: usize = 65_536;

/// A text with the mark of a document below it.
pub(crate) fn with(text: &str, uid: &Uid) -> String {
    let gap = if text.is_empty() { "" } else { "\n\n" };
    format!("{text}{gap}{BEGIN}{uid}{END}")
}

/// The text without its mark, and the mark: the last line, and nothing else, so that a text which quotes one
/// has none.
pub(crate) fn split(text: &str) -> (&str, Option<Uid>) {
    let whole = text.trim_end();
    let (rest, last) = whole.rsplit_once('\n').unwrap_or(("", whole));
    let uid = last.trim().strip_prefix(BEGIN);
    match uid.and_then(|uid| Uid::new(uid.strip_suffix(END)?)) {
        Some(uid) => (rest.trim_end(), Some(uid)),
        None => (text, None),
    }
}

/// True if a text is short enough to be sent with a mark.
pub(crate) fn fits(text: &str) -> bool {
    text.chars().count() + BEGIN.len() + END.len() + 40 <= TEXT_MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_where_it_was_put() {
        let uid = Uid::derived(&["x"]);
        for text in ["", "one", "two\n\nlines", "ends with\n"] {
            let marked = with(text, &uid);
            assert_eq!(split(&marked), (text.trim_end(), Some(uid.clone())));
            // As the web interface stores it.
            let edited = marked.replace('\n', "\r\n") + "\r\n";
            assert_eq!(split(&edited).1, Some(uid.clone()));
        }
        let quoted = format!("> {}\nmore", with("", &uid));
        assert_eq!(split(&quoted), (quoted.as_str(), None));
        for broken in ["<!-- git-pm -->", "<!-- git-pm ../x -->", "<!-- git-pm"] {
            assert_eq!(split(broken).1, None);
        }
    }
}
