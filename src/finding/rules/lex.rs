//! Parts a text into code and comments, and empties its strings.
//!
//! So a rule finds a word only where it means something. Not a parser: a wrong guess ends with the line or
//! the string.

use std::borrow::Cow;

use super::language::{Lang, Syntax};
use crate::diff::Line;

/// The longest part of a line that rules read, in bytes: longer lines are not written by people.
pub(super) const LINE_MAX: usize = 2_000;

/// The largest text that is read as a whole, in bytes; of a larger one only the changed lines are.
const TEXT_MAX: usize = 2_000_000;

/// A line, parted.
#[derive(Debug, Default)]
pub(super) struct Parted {
    /// What is neither comment nor content of a string; the marks of strings are there.
    pub code: String,
    /// The text of its comments.
    pub comment: String,
}

/// Lines of a text by their numbers.
#[derive(Debug, Default)]
pub(super) struct Lexed {
    lines: Vec<(u32, Parted)>,
    /// The first and last lines of tests that stand in a source file.
    tests: Vec<(u32, u32)>,
}

impl Lexed {
    /// Reads a text, or only the changed lines if the text is unknown or too large.
    pub fn of<'a>(lang: Lang, text: Option<&str>, changed: impl Iterator<Item = &'a Line>) -> Self {
        let syntax = lang.syntax();
        let mut lexer = Lexer {
            lang,
            syntax: &syntax,
            state: State::Code,
        };
        let lines = match text.filter(|text| text.len() <= TEXT_MAX) {
            Some(text) => (1..)
                .zip(text.lines())
                .map(|(number, line)| (number, lexer.line(line)))
                .collect(),
            None => {
                let mut last = 0u32;
                let mut lines = Vec::new();
                for line in changed {
                    if line.number != last.saturating_add(1) {
                        lexer.state = State::Code;
                    }
                    last = line.number;
                    lines.push((line.number, lexer.line(&line.text)));
                }
                lines
            }
        };
        let tests = match lang {
            Lang::Rust => test_modules(&lines),
            _ => Vec::new(),
        };
        Self { lines, tests }
    }

    /// A line by its number.
    pub fn get(&self, number: u32) -> Option<&Parted> {
        let at = self.lines.binary_search_by_key(&number, |(n, _)| *n).ok()?;
        Some(&self.lines[at].1)
    }

    /// The lines from `first` to `last`, as far as they are known.
    pub fn range(&self, first: u32, last: u32) -> impl DoubleEndedIterator<Item = &Parted> {
        let from = self.lines.partition_point(|(n, _)| *n < first);
        let to = self.lines.partition_point(|(n, _)| *n <= last);
        self.lines[from..to.max(from)].iter().map(|(_, line)| line)
    }

    /// True for a line of a test that stands in a source file.
    pub fn in_test(&self, number: u32) -> bool {
        let at = self.tests.partition_point(|(_, last)| *last < number);
        self.tests
            .get(at)
            .is_some_and(|(first, _)| *first <= number)
    }
}

/// The modules under `#[cfg(test)]`.
fn test_modules(lines: &[(u32, Parted)]) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let (first, line) = &lines[at];
        at += 1;
        let code = line.code.trim_start();
        if !(code.starts_with("#[cfg(test)") || code.starts_with("#[cfg(all(test")) {
            continue;
        }
        let (mut depth, mut last) = (0i64, *first);
        for (number, line) in &lines[at..] {
            let count = |c: char| line.code.matches(c).count() as i64;
            depth += count('{') - count('}');
            last = *number;
            at += 1;
            if line.code.contains(['}', ';']) && depth <= 0 {
                break;
            }
        }
        found.push((*first, last));
    }
    found
}

enum State {
    Code,
    /// In comments of several lines, this deep.
    Comment(u32),
    Text {
        close: Cow<'static, str>,
        long: bool,
        escapes: bool,
    },
}

struct Lexer<'s> {
    lang: Lang,
    syntax: &'s Syntax,
    state: State,
}

impl Lexer<'_> {
    fn line(&mut self, line: &str) -> Parted {
        let line = crate::model::text::head(line, LINE_MAX);
        let mut out = Parted::default();
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let step = match &mut self.state {
                State::Comment(depth) => {
                    let (open, close) = self.syntax.block.unwrap_or_default();
                    if rest.starts_with(close) {
                        *depth -= 1;
                        if *depth == 0 {
                            self.state = State::Code;
                        }
                        close.len()
                    } else if self.lang.nests() && rest.starts_with(open) {
                        *depth += 1;
                        open.len()
                    } else {
                        out.comment.push(c);
                        c.len_utf8()
                    }
                }
                State::Text { close, escapes, .. } => {
                    if *escapes && c == '\\' {
                        1 + rest[1..].chars().next().map_or(0, char::len_utf8)
                    } else if rest.starts_with(close.as_ref()) {
                        out.code.push_str(close);
                        let step = close.len();
                        self.state = State::Code;
                        step
                    } else {
                        c.len_utf8()
                    }
                }
                State::Code => self.code(line, rest, &mut out),
            };
            rest = &rest[step..];
        }
        if matches!(self.state, State::Text { long: false, .. }) {
            self.state = State::Code;
        }
        out
    }

    /// Reads from where code is; returns the number of bytes read.
    fn code(&mut self, line: &str, rest: &str, out: &mut Parted) -> usize {
        let before = &line[..line.len() - rest.len()];
        let spaced = before.is_empty() || before.ends_with([' ', '\t']);
        let loose = matches!(self.lang, Lang::Settings | Lang::Shell | Lang::Ruby) && !spaced
            || self.lang == Lang::Php && rest.starts_with("#[");
        let first = rest.chars().next().unwrap_or_default();
        if let Some((open, _)) = self.syntax.block.filter(|(open, _)| rest.starts_with(open)) {
            self.state = State::Comment(1);
            return open.len();
        }
        let comment = self
            .syntax
            .line
            .iter()
            .find(|mark| rest.starts_with(**mark));
        if let Some(mark) = comment.filter(|_| !loose) {
            out.comment.push_str(&rest[mark.len()..]);
            return rest.len();
        }
        if self.lang == Lang::Rust
            && let Some(step) = self.rust(before, rest, out)
        {
            return step;
        }
        if self.lang == Lang::Js && first == '/' && regex_may_start(&out.code) {
            out.code.push_str("//");
            return regex_length(rest);
        }
        let long = self
            .syntax
            .long
            .iter()
            .find(|mark| rest.starts_with(**mark));
        let text = long.copied().map(Cow::Borrowed).or_else(|| {
            let short = self.syntax.short.contains(first);
            short.then(|| {
                if first == '"' {
                    "\"".into()
                } else {
                    "'".into()
                }
            })
        });
        if let Some(close) = text {
            let step = close.len();
            out.code.push_str(&close);
            self.state = State::Text {
                close,
                long: long.is_some(),
                escapes: self.lang != Lang::Markdown && !(self.lang == Lang::Go && first == '`'),
            };
            return step;
        }
        out.code.push(first);
        first.len_utf8()
    }

    /// The literals of Rust that are not like those of others: `r#"…"#`, `'x'` beside `'lifetime`.
    fn rust(&mut self, before: &str, rest: &str, out: &mut Parted) -> Option<usize> {
        if let Some(raw) = rest.strip_prefix('r') {
            let hashes = raw.len() - raw.trim_start_matches('#').len();
            let word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_')
                && !before.ends_with('b');
            if word || !raw[hashes..].starts_with('"') {
                return None;
            }
            out.code.push('"');
            let close = format!("\"{}", "#".repeat(hashes)).into();
            self.state = State::Text {
                close,
                long: true,
                escapes: false,
            };
            return Some(hashes + 2);
        }
        let quoted = rest.strip_prefix('\'')?;
        let mut inside = quoted.char_indices().skip(1);
        let end = match quoted.starts_with('\\') {
            true => inside.skip(1).find(|(_, c)| *c == '\'').map(|(at, _)| at),
            false => inside.next().filter(|(_, c)| *c == '\'').map(|(at, _)| at),
        };
        out.code.push('\'');
        Some(end.map_or(1, |at| at + 2))
    }
}

/// True if a `/` after this code of JavaScript starts a regular expression, not a division.
fn regex_may_start(code: &str) -> bool {
    let code = code.trim_end();
    code.is_empty()
        || code.ends_with(['(', ',', '=', ':', '[', '!', '&', '|', '?', '{', ';'])
        || code.ends_with("return")
}

/// The length of a regular expression of JavaScript, or 1 if it does not end in the line.
fn regex_length(rest: &str) -> usize {
    let (mut class, mut escaped) = (false, false);
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '/' if !class => return at + 1,
            _ => {}
        }
    }
    1
}
