//! A text that is being typed: one line, or several where they are taken.

use super::limits;
use unicode_width::UnicodeWidthStr;

/// A text and the position of the cursor in it, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    at: usize,
    /// True if it may have several lines.
    has_lines: bool,
}

impl Input {
    /// A text with the cursor at its end.
    pub fn of(text: &str) -> Input {
        Input {
            text: text.to_string(),
            at: text.len(),
            has_lines: false,
        }
    }

    /// An empty text that may have several lines.
    pub fn with_lines() -> Input {
        Input {
            has_lines: true,
            ..Input::default()
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number of columns before the cursor.
    pub fn column(&self) -> usize {
        git_pm::text::one_line(&self.text[..self.at]).width()
    }

    /// Inserts a text at the cursor, whole or not at all; true if there was room for it. Control characters
    /// are left out, and the end of a line is a space where there is only one.
    pub fn insert(&mut self, text: &str) -> bool {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = text.chars().filter_map(|c| match c {
            '\n' | '\t' if self.has_lines => Some(c),
            '\n' | '\t' => Some(' '),
            c => (!git_pm::text::steers(c)).then_some(c),
        });
        let text: String = text.collect();
        let fits = self.text.len() + text.len() <= limits::INPUT_MAX;
        if fits {
            self.text.insert_str(self.at, &text);
            self.at += text.len();
        }
        fits
    }

    /// Deletes the character before the cursor.
    pub fn backspace(&mut self) {
        if let Some(c) = self.text[..self.at].chars().next_back() {
            self.at -= c.len_utf8();
            self.text.remove(self.at);
        }
    }

    /// Deletes the character at the cursor.
    pub fn delete(&mut self) {
        if self.at < self.text.len() {
            self.text.remove(self.at);
        }
    }

    /// Deletes everything before the cursor.
    pub fn clear_before(&mut self) {
        self.text.drain(..self.at);
        self.at = 0;
    }

    /// Deletes the word before the cursor.
    pub fn delete_word(&mut self) {
        let before = self.text[..self.at].trim_end();
        let from = before.rfind(' ').map_or(0, |space| space + 1);
        self.text.drain(from..self.at);
        self.at = from;
    }

    /// Moves the cursor by one character.
    pub fn left(&mut self) {
        let c = self.text[..self.at].chars().next_back();
        self.at -= c.map_or(0, char::len_utf8);
    }

    /// Moves the cursor by one character.
    pub fn right(&mut self) {
        let c = self.text[self.at..].chars().next();
        self.at += c.map_or(0, char::len_utf8);
    }

    /// Moves the cursor to the beginning.
    pub fn home(&mut self) {
        self.at = 0;
    }

    /// Moves the cursor to the end.
    pub fn end(&mut self) {
        self.at = self.text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_edited_by_characters() {
        let mut input = Input::default();
        input.insert("修é\u{1b}\u{202e}x");
        assert_eq!((input.text(), input.column()), ("修éx", 4));
        input.left();
        input.left();
        input.backspace();
        assert_eq!((input.text(), input.column()), ("éx", 0));
        input.backspace();
        input.left();
        input.delete();
        input.end();
        input.right();
        input.insert(" ab cd");
        input.delete_word();
        assert_eq!(input.text(), "x ab ");
        input.clear_before();
        input.delete();
        assert_eq!(input.text(), "");
        assert!(!input.insert(&"a".repeat(limits::INPUT_MAX + 1)));
        assert_eq!(input.text(), "", "nothing is cut");
        assert!(input.insert("a\r\nb\rc\n"));
        assert_eq!(input.text(), "a b c ");
        let mut lines = Input::with_lines();
        lines.insert("a\r\nb\rc\n");
        assert_eq!((lines.text(), lines.column()), ("a\nb\nc\n", 6));
    }
}
