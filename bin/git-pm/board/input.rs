//! A line of text that is being typed.

use super::limits;
use unicode_width::UnicodeWidthStr;

/// A text and the position of the cursor in it, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    at: usize,
}

impl Input {
    /// A text with the cursor at its end.
    pub fn of(text: &str) -> Input {
        Input {
            text: text.to_string(),
            at: text.len(),
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

    /// Inserts a character at the cursor; control characters are ignored.
    pub fn insert(&mut self, c: char) {
        if !git_pm::text::steers(c) && self.text.len() + c.len_utf8() <= limits::INPUT_MAX {
            self.text.insert(self.at, c);
            self.at += c.len_utf8();
        }
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
        for c in "修é\u{1b}\u{202e}x".chars() {
            input.insert(c);
        }
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
        for c in " ab cd".chars() {
            input.insert(c);
        }
        input.delete_word();
        assert_eq!(input.text(), "x ab ");
        input.clear_before();
        input.delete();
        assert_eq!(input.text(), "");
        for _ in 0..limits::INPUT_MAX + 10 {
            input.insert('a');
        }
        assert_eq!(input.text().len(), limits::INPUT_MAX);
    }
}
