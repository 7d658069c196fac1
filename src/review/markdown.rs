//! What reviewers and tools say as Markdown in which it is only text.
//!
//! It makes no heading, link, mention or HTML, and does not end a code fence.

use crate::model::text::{escape_controls, one_line, spelled};

/// What Markdown gives a meaning to within a line.
const MARKS: &str = "\\`*_{}[]<>#|~&!$@";

/// A text on one line.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    let text = one_line(text);
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        if MARKS.contains(c) || (c == ':' && next == '/') {
            out.push('\\');
        }
        out.push(c);
        // Hosts look for names and numbers in what Markdown has made, where a backslash is gone.
        if "@#".contains(c) && !next.is_whitespace() {
            out.push(' ');
        }
    }
    out.replace("www.", "www\\.")
}

/// A path or a name as code.
pub(super) fn code(text: &str) -> String {
    format!("`{}`", spelled(text).replace('`', "'"))
}

/// Lines as a block of code, with a fence that is longer than any in them.
pub(super) fn fenced(text: &str) -> String {
    let runs = text.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0).max(2) + 1);
    format!("{fence}\n{}\n{fence}\n", escape_controls(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_reviewer_means_nothing_in_markdown() {
        let evil = "# Hi @ana, see http://e.example or www.e.example, #12 [x](y) <b> ```\n## more";
        assert_eq!(
            escaped(evil),
            "\\# Hi \\@ ana, see http\\://e.example or www\\.e.example, \\# 12 \\[x\\](y) \\<b\\> \
             \\`\\`\\` \\# \\# more"
        );
        assert_eq!(code("a`b\n@c"), "`\"a'b\\n@c\"`");
        assert_eq!(fenced("x\n````\ny"), "`````\nx\n````\ny\n`````\n");
        assert_eq!(fenced("x"), "```\nx\n```\n");
    }
}
