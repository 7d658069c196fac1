//! Writes front matter for other tools: every value on one line.

use std::fmt::Write;

/// Front matter under construction.
#[derive(Default)]
pub(super) struct Head {
    text: String,
}

impl Head {
    /// A text; nothing for an empty one.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            let _ = writeln!(self.text, "{name}: {}", quoted(value));
        }
    }

    /// A text, if there is one.
    pub(super) fn maybe(&mut self, name: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value {
            self.text(name, value.as_ref());
        }
    }

    pub(super) fn number(&mut self, name: &str, value: u32) {
        let _ = writeln!(self.text, "{name}: {value}");
    }

    /// A list of texts; nothing for an empty one.
    pub(super) fn list<T: AsRef<str>>(&mut self, name: &str, values: impl IntoIterator<Item = T>) {
        let values = values.into_iter().map(|value| quoted(value.as_ref()));
        let values: Vec<String> = values.collect();
        if !values.is_empty() {
            self.plain_list(name, &values);
        }
    }

    /// A list of values that need no quotation marks; may be empty.
    pub(super) fn plain_list(&mut self, name: &str, values: &[String]) {
        let _ = writeln!(self.text, "{name}: [{}]", values.join(", "));
    }

    /// The file: the front matter and the text below.
    pub(super) fn file(&self, body: &str) -> String {
        let body = body.trim();
        let end = if body.is_empty() { "" } else { "\n" };
        format!("---\n{}---\n{end}{body}{end}", self.text)
    }
}

/// A value that YAML reads as the same text.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ' ');
    let word = text.to_ascii_lowercase();
    let special = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let safe = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text.chars().all(plain)
        && !special.contains(&word.as_str());
    if safe {
        text.to_string()
    } else {
        serde_json::Value::from(text).to_string()
    }
}
