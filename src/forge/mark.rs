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

/// The text without its mark, with the line ends of git, and the mark: a line of its own, as people write below
/// it too, so that a text which quotes one has none.
pub(crate) fn split(text: &str) -> (String, Option<Uid>) {
    let text = text.replace("\r\n", "\n");
    let uid_of = |line: &str| {
        let uid = line.trim().strip_prefix(BEGIN)?.strip_suffix(END)?;
        Uid::new(uid)
    };
    let lines: Vec<&str> = text.split('\n').collect();
    let Some((at, uid)) =
        (lines.iter().enumerate().rev()).find_map(|(at, line)| Some((at, uid_of(line)?)))
    else {
        return (text, None);
    };
    let (above, below) = (lines[..at].join("\n"), lines[at + 1..].join("\n"));
    let (above, below) = (above.trim_end(), below.trim());
    let is_one = above.is_empty() || below.is_empty();
    let gap = if is_one { "" } else { "\n\n" };
    (format!("{above}{gap}{below}"), Some(uid))
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
        for text in ["", "one", "two\n\nlines"] {
            let marked = with(text, &uid);
            assert_eq!(split(&marked), (text.to_string(), Some(uid.clone())));
            // As the web interface stores it, and as people go on below it.
            let edited = marked.replace('\n', "\r\n") + "\r\n";
            assert_eq!(split(&edited), (text.to_string(), Some(uid.clone())));
        }
        let below = with("one", &uid) + "\nmore";
        assert_eq!(split(&below), ("one\n\nmore".into(), Some(uid.clone())));
        let quoted = format!("> {}\nmore", with("", &uid));
        assert_eq!(split(&quoted), (quoted.clone(), None));
        for broken in ["<!-- git-pm -->", "<!-- git-pm ../x -->", "<!-- git-pm"] {
            assert_eq!(split(broken).1, None);
        }
    }
}
