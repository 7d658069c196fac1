//! Reads the comments at the end of a Markdown file.

use std::collections::BTreeMap;

use super::foreign_words;
use crate::bridge::content::{Content, Foreign, Remark, comment_uid};
use crate::model::stamp::rfc3339;

/// Reads blocks of `author:`, `created:`, a line of dashes, the text, a line of dashes.
pub fn put_comments(record: &Foreign<'_>, text: &str, content: &mut Content) {
    let mut head: BTreeMap<&str, &str> = BTreeMap::new();
    let mut body: Option<Vec<&str>> = None;
    for line in text.lines().chain(["---"]) {
        if line.trim() == "---" {
            match body.take() {
                Some(lines) => {
                    comment(record, &head, &lines.join("\n"), content);
                    head.clear();
                }
                None if !head.is_empty() => body = Some(Vec::new()),
                None => {}
            }
        } else if let Some(lines) = &mut body {
            lines.push(line);
        } else if let Some((name, value)) = line.split_once(':') {
            head.insert(name.trim(), value.trim().trim_matches(['"', '\'']));
        }
    }
}

fn comment(record: &Foreign<'_>, head: &BTreeMap<&str, &str>, text: &str, content: &mut Content) {
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    let author = foreign_words::person(head.get("author").copied().unwrap_or_default());
    let at_ms = head.get("created").and_then(|at| foreign_words::time(at));
    let at_ms = at_ms.unwrap_or(record.at_ms);
    let id = format!("{author} {at_ms}");
    let same = content.comments.iter().filter(|c| c.id == id).count();
    content.comments.push(Remark {
        uid: comment_uid(record.source, &record.uid(), &id, same),
        id,
        author: author.to_string(),
        created_at: rfc3339(at_ms),
        at_ms,
        text: text.to_string(),
    });
}
