//! Reads front matter as other tools and people write it.
//!
//! Reading never fails: a value that is not understood is a text. A YAML reader would refuse many
//! real files (`assignee: [@ana]`).

use std::collections::BTreeMap;

/// A Markdown file with the fields above its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Front {
    fields: BTreeMap<String, Field>,
    /// The text below the fields.
    pub body: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Text(String),
    /// The elements, and all of them as one text.
    List(Vec<String>, String),
}

impl Front {
    /// Reads a file. One without front matter is all text.
    pub fn read(text: &str) -> Front {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = text.replace("\r\n", "\n");
        let mut lines = text.split_inclusive('\n');
        let fence = |line: &str| line.trim_end() == "---";
        let mut front = Vec::new();
        let mut length = 0;
        if let Some(first) = lines.next().filter(|line| fence(line)) {
            length = first.len();
            let mut closed = false;
            for line in lines {
                length += line.len();
                if fence(line) {
                    closed = true;
                    break;
                }
                front.push(line.trim_end_matches('\n'));
            }
            if !closed {
                (front, length) = (Vec::new(), 0);
            }
        }
        Front {
            fields: fields(&front),
            body: text[length..].to_string(),
        }
    }

    /// Reads a file that is nothing but fields, such as a configuration.
    pub fn of_fields(text: &str) -> Front {
        let text = text.replace("\r\n", "\n");
        let lines: Vec<&str> = text.lines().collect();
        Front {
            fields: fields(&lines),
            body: String::new(),
        }
    }

    /// True if there is a field with that name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// A field as one text; `None` if it is missing, empty or null.
    pub fn text(&self, name: &str) -> Option<&str> {
        let text = match self.fields.get(name)? {
            Field::Text(text) => text.as_str(),
            Field::List(_, text) => text.as_str(),
        };
        (!text.is_empty()).then_some(text)
    }

    /// A field as a list; one text is a list of one.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let list = match self.fields.get(name) {
            None => Vec::new(),
            Some(Field::Text(text)) => vec![text.as_str()],
            Some(Field::List(list, _)) => list.iter().map(String::as_str).collect(),
        };
        list.into_iter().filter(|text| !text.is_empty()).collect()
    }

    /// The names of all fields, and the lines that are none.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.fields.keys().map(String::as_str)
    }

    /// The names that are not in these lists of words.
    pub fn names_beyond(&self, known: &[&str]) -> Vec<String> {
        let is_known = |name: &str| known.iter().any(|list| list.split(' ').any(|k| k == name));
        let names = self.names().filter(|name| !is_known(name));
        names.map(str::to_string).collect()
    }
}

/// The name and the rest of a line `name: rest`.
fn key(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.split_once(':')?;
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '.');
    let begins = line.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let ends = rest.is_empty() || rest.starts_with([' ', '\t']);
    (begins && ends && name.chars().all(plain)).then(|| (name.trim(), rest.trim()))
}

fn fields(lines: &[&str]) -> BTreeMap<String, Field> {
    let mut out = BTreeMap::new();
    let mut at = 0;
    while at < lines.len() {
        // Of a field that is repeated, the first one counts.
        let found = key(lines[at]).filter(|(name, _)| !out.contains_key(*name));
        let Some((name, rest)) = found else {
            let line = lines[at].trim();
            if !line.is_empty() && !line.starts_with('#') {
                out.insert(line.to_string(), Field::Text(String::new()));
            }
            at += 1;
            continue;
        };
        at += 1;
        let begin = at;
        // Indented lines belong to it, and a list without indentation.
        while at < lines.len()
            && (lines[at].starts_with([' ', '\t'])
                || lines[at].trim().is_empty()
                || is_item(lines[at]))
        {
            at += 1;
        }
        out.insert(name.to_string(), field(rest, &lines[begin..at]));
    }
    out
}

fn list(all: Vec<String>) -> Field {
    let text = all.join(", ");
    Field::List(all, text)
}

fn is_item(line: &str) -> bool {
    let line = line.trim_start();
    line == "-" || line.starts_with("- ")
}

fn field(rest: &str, below: &[&str]) -> Field {
    if rest.starts_with(['|', '>']) {
        let separator = if rest.starts_with('|') { "\n" } else { " " };
        let text: Vec<&str> = below.iter().map(|line| line.trim()).collect();
        return Field::Text(text.join(separator).trim().to_string());
    }
    let bare = uncommented(rest);
    if bare.starts_with('[') {
        let mut text = bare.to_string();
        for line in below {
            if text.ends_with(']') {
                break;
            }
            text += " ";
            text += uncommented(line.trim());
        }
        let inner = text.trim_start_matches('[').trim_end_matches(']');
        return list(items(inner));
    }
    if bare.is_empty() && below.iter().any(|line| is_item(line)) {
        let mut all: Vec<String> = Vec::new();
        for line in below {
            let trimmed = line.trim();
            if is_item(line) {
                all.push(scalar(trimmed[1..].trim()));
            } else if let Some(last) = all.last_mut().filter(|_| !trimmed.is_empty()) {
                *last = format!("{last} {trimmed}");
            }
        }
        return list(all);
    }
    let more = below.iter().map(|line| line.trim());
    let more: Vec<&str> = more.filter(|line| !line.is_empty()).collect();
    if more.is_empty() {
        return Field::Text(scalar(rest));
    }
    Field::Text(scalar(format!("{rest} {}", more.join(" ")).trim()))
}

/// The elements of a list on one line.
fn items(inner: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut item = String::new();
    let mut quote = None;
    let mut escaped = false;
    for c in inner.chars() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some('"'), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') if item.trim().is_empty() => quote = Some(c),
            (None, ',') => {
                out.push(scalar(item.trim()));
                item.clear();
                continue;
            }
            _ => {}
        }
        item.push(c);
    }
    out.push(scalar(item.trim()));
    out.retain(|item| !item.is_empty());
    out
}

/// The text without a trailing comment.
fn uncommented(text: &str) -> &str {
    if text.starts_with(['"', '\'']) {
        return text;
    }
    match text.find(" #") {
        Some(at) => text[..at].trim_end(),
        None if text.starts_with('#') => "",
        None => text,
    }
}

/// One value without its quotation marks; nothing for null.
fn scalar(text: &str) -> String {
    if let Some(inner) = text.strip_prefix('\'') {
        let inner = inner.rfind('\'').map_or(inner, |end| &inner[..end]);
        return inner.replace("''", "'");
    }
    if let Some(inner) = text.strip_prefix('"') {
        let mut out = String::new();
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => break,
                '\\' => match chars.next() {
                    Some('n') => out.push('\n'),
                    Some('t') => out.push('\t'),
                    Some('r') => out.push('\r'),
                    Some('u') => {
                        let digits: String = chars.by_ref().take(4).collect();
                        let code = u32::from_str_radix(&digits, 16).ok();
                        out.extend(code.and_then(char::from_u32));
                    }
                    Some(other) => out.push(other),
                    None => {}
                },
                c => out.push(c),
            }
        }
        return out;
    }
    let text = uncommented(text);
    match text {
        "null" | "~" | "Null" | "NULL" => String::new(),
        text => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn common_forms_of_front_matter_are_read() {
        let front = Front::read(
            "\u{feff}---\r\nid: task-8\r\ntitle: 'It''s: done'\nassignee: [@ana, \"b, c\"] # who\n\
             labels:\n  - one\n  - \"two\"\ndependencies:\n- task-1\n- TASK-2\nempty: []\nnothing:\n\
             null-like: ~\nnote: |\n  first\n  second\nlong: it goes\n  on\nurl: http://x/y#z\n---\n\
             Text\n---\nmore\n",
        );
        assert_eq!(front.text("id"), Some("task-8"));
        assert_eq!(front.text("title"), Some("It's: done"));
        assert_eq!(front.list("assignee"), ["@ana", "b, c"]);
        assert_eq!(front.list("labels"), ["one", "two"]);
        assert_eq!(front.list("dependencies"), ["task-1", "TASK-2"]);
        assert!(front.list("empty").is_empty() && front.has("empty"));
        assert_eq!(front.text("nothing"), None);
        assert_eq!(front.text("null-like"), None);
        assert_eq!(front.text("note"), Some("first\nsecond"));
        assert_eq!(front.text("long"), Some("it goes on"));
        assert_eq!(front.text("url"), Some("http://x/y#z"));
        assert_eq!(front.body, "Text\n---\nmore\n");
    }

    #[test]
    fn a_file_without_front_matter_is_all_text() {
        for text in ["# Title\n", "---\nnever closed\n", ""] {
            assert_eq!(Front::read(text).body, text);
            assert_eq!(Front::read(text).names().count(), 0);
        }
    }

    proptest! {
        #[test]
        fn no_front_matter_is_refused(text in "(---\n)?([a-z:\\[\\]'\"#, \
                                               \n|>-]|é){0,60}(---\n)?.{0,20}") {
            let front = Front::read(&text);
            for name in front.names() {
                let _ = (front.text(name), front.list(name));
            }
        }
    }
}
