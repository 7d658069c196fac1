//! Reads the streams into which an analysis divides a task.

use std::collections::BTreeSet;

use super::Raw;
use crate::bridge::content::{Content, Foreign};
use crate::bridge::project::front_matter::Front;
use crate::bridge::project::markdown::{bullets, named, sections, subsections};
use crate::bridge::project::{Known, foreign_words};

/// One stream of an analysis.
pub(super) struct Stream {
    pub(super) letter: String,
    name: String,
    text: String,
    /// Its section of the file.
    pub(super) written: String,
}

pub(super) fn streams(analysis: &str) -> Vec<Stream> {
    let body = Front::read(analysis).body;
    let parts = sections(&body).into_iter();
    let below = parts.flat_map(|part| subsections(&part.text));
    let mut out: Vec<Stream> = Vec::new();
    for part in below {
        let Some(rest) = part.heading.strip_prefix("Stream ") else {
            continue;
        };
        let (letter, name) = rest.split_once(':').unwrap_or((rest, ""));
        let letter = foreign_words::plain(letter).to_uppercase();
        if letter.is_empty() || out.iter().any(|other| other.letter == letter) {
            continue;
        }
        out.push(Stream {
            name: match name.trim() {
                "" => format!("Stream {letter}"),
                name => name.to_string(),
            },
            letter,
            written: format!("## Streams\n\n### {}\n{}\n", part.heading, part.text),
            text: part.text,
        });
    }
    out
}

/// Puts the name and planned files of a stream.
pub(super) fn planned(content: &mut Content, stream: &Stream, notes: &mut Vec<String>) {
    content.put("stream", stream.name.as_str());
    let lines = named(&stream.text, "Files").unwrap_or_default();
    let text = lines.join("\n");
    let list = bullets(&text);
    let list: Vec<&str> = match list.is_empty() {
        true => lines.iter().flat_map(|line| line.split(',')).collect(),
        false => list,
    };
    for path in list {
        foreign_words::put_path(content, path, notes);
    }
}

/// The content of a part of a task.
pub(super) fn stream(
    known: &Known<'_>,
    record: &Foreign<'_>,
    raw: &Raw<'_>,
    notes: &mut Vec<String>,
) -> Content {
    let mut content = Content::default();
    let found = streams(raw.text);
    let Some(one) = found.first() else {
        content.put("title", foreign_words::title("", record.id));
        return content;
    };
    let (above, _) = record.id.rsplit_once('/').unwrap_or((record.id, ""));
    content.put("title", foreign_words::title(&one.name, record.id));
    content.put("type", "feature");
    content.put("priority", 2);
    content.put("status", raw.above);
    let (reference, _) = known.reference(above);
    content.put_element("edges", format!("parent-child {reference}"));
    planned(&mut content, one, notes);
    let scope = named(&one.text, "Scope").unwrap_or_default();
    content.body = scope.join("\n");
    for letter in waits_for(&one.text).iter().filter(|l| **l != one.letter) {
        let (reference, there) = known.reference(&format!("{above}/{letter}"));
        if there {
            content.put_element("depends_on", reference);
        } else {
            notes.push(format!("depends on stream {letter}, which does not exist"));
        }
    }
    content
}

/// The streams that a stream depends on: `after Stream A completes`, `Streams A, B`.
fn waits_for(text: &str) -> BTreeSet<String> {
    let lines = ["Can Start", "Dependencies"].map(|name| named(text, name).unwrap_or_default());
    let mut out = BTreeSet::new();
    for line in lines.iter().flatten() {
        let mut words = line
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty());
        let mut open = false;
        for word in words.by_ref() {
            let lower = word.to_ascii_lowercase();
            match lower.as_str() {
                "stream" | "streams" => open = true,
                "and" | "or" => {}
                _ if open && word.len() <= 2 => {
                    out.insert(word.to_uppercase());
                }
                _ => open = false,
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_of_a_stream_are_found_in_its_text() {
        let of = |text: &str| waits_for(text).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(of("**Can Start**: immediately\n**Dependencies**: none"), "");
        assert_eq!(of("**Can Start**: after Stream A completes"), "A");
        assert_eq!(of("**Dependencies**: Streams A, B and c"), "A B C");
        assert_eq!(of("- Dependencies:\n- Stream B"), "B");
    }
}
