//! Lines of text in the form in which they are shown and compared.

/// True for a space, a tab, or a character that some readers treat as the end of a line.
fn is_gap(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// A text on one line, with single spaces between words. Other space characters inside a line are
/// kept, because some languages need them.
pub(super) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.trim().split(is_gap).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A text of several lines without trailing blanks and without blank lines at either end.
pub(super) fn paragraphs(text: &str) -> String {
    without_blank_ends(text.split('\n'))
        .iter()
        .map(|line| line.trim_end())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The lines from the first to the last non-blank one, without carriage returns.
pub(super) fn without_blank_ends<'t>(lines: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let is_blank = |line: &&str| line.trim().is_empty();
    let mut lines: Vec<&str> = lines
        .skip_while(is_blank)
        .map(|line| line.trim_end_matches('\r'))
        .collect();
    while lines.last().is_some_and(is_blank) {
        lines.pop();
    }
    lines
}

/// A text that is safe in a comment: on one line, neither ending the comment nor starting another.
pub(super) fn comment_safe(text: &str) -> String {
    let mut text = one_line(text);
    for (mark, harmless) in [("-->", "-- >"), ("--!>", "-- !>"), ("<!--", "< !--")] {
        text = text.replace(mark, harmless);
    }
    text
}

/// A part of a text to quote in a message: one line, at most the width of a terminal.
pub(super) fn quoted(text: &str) -> String {
    const MAX_CHARS: usize = 60;
    let text = one_line(text);
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("`{}…`", &text[..end]),
        None => format!("`{text}`"),
    }
}

/// The text after a prefix, ignoring ASCII case.
pub(super) fn after_prefix<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let start = text.get(..prefix.len())?;
    start
        .eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_joined_to_one_line_with_single_spaces() {
        assert_eq!(one_line(" a\r\n b\t\tc\u{2028}d "), "a b c d");
    }

    #[test]
    fn wide_spaces_inside_a_line_are_kept() {
        assert_eq!(one_line("\u{3000}計画\u{3000}一\u{a0}"), "計画\u{3000}一");
    }

    #[test]
    fn invisible_white_space_makes_no_difference() {
        assert_eq!(
            paragraphs("\n \n  a  \r\n\n\tb\t\n\n"),
            paragraphs("  a\n\n\tb")
        );
    }

    #[test]
    fn no_text_ends_the_comment_that_contains_it() {
        assert!(!comment_safe("a --> b ---> c").contains("-->"));
        assert!(!comment_safe("<!-<!--- x").contains("<!--"));
    }
}
