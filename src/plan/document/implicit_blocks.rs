//! Corrects the blocks that Markdown finds: bold or numbered lines become headings in texts
//! without any, sentences above a rule become paragraphs, lines with ids or numbers a list, and a
//! label between the entries of a list divides it.

use super::Lines;
use super::blocks::{Raw, RawEntry};
use super::heading;
use super::inline::Segment;

/// Makes bold lines headings if the document has no others, turns sentences above a rule into
/// paragraphs and lines with ids into lists, and divides lists at labels.
pub(super) fn read(raws: &mut Vec<Raw>) {
    let mut out = Vec::with_capacity(raws.len());
    for raw in raws.drain(..) {
        match raw {
            Raw::Heading {
                setext: true,
                segments,
                lines,
                ..
            } if is_prose(&segments) => {
                out.push(Raw::Paragraph { segments, lines });
                out.push(Raw::Rule);
            }
            Raw::Paragraph { segments, lines } if is_list(&segments) => {
                let entries = entries(segments);
                out.push(Raw::List { entries, lines });
            }
            Raw::List { entries, lines } => divide(entries, lines, &mut out),
            other => out.push(other),
        }
    }
    *raws = out;
    let headings = raws
        .iter()
        .filter(|raw| matches!(raw, Raw::Heading { .. }))
        .count();
    let titled = raws
        .iter()
        .any(|raw| matches!(raw, Raw::Heading { level: 1, .. }));
    if headings <= 1 && raws.iter().filter(|raw| numbered(raw) == Some(3)).count() > 2 {
        for raw in raws.iter_mut() {
            if let Some(level) = numbered(raw) {
                into_heading(raw, level);
            }
        }
        return;
    }
    let bold = raws.iter().filter(|raw| is_bold_line(raw)).count();
    if bold == 0 || !(headings == 0 || (headings == 1 && titled && bold > 1)) {
        return;
    }
    let first_is_title = headings == 0 && bold > 1 && raws.first().is_some_and(is_bold_line);
    for (place, raw) in raws.iter_mut().enumerate() {
        if is_bold_line(raw) {
            into_heading(raw, if place == 0 && first_is_title { 1 } else { 2 });
        }
    }
}

/// True for a paragraph of lines that begin with an id each: `FR1: …`, `M2 (July): …`.
fn is_list(segments: &[Segment]) -> bool {
    let begins = |segment: &Segment| begins_with_id(&segment.text.plain);
    segments.first().is_some_and(begins) && segments.iter().filter(|one| begins(one)).count() >= 2
}

/// The farthest mark after an id, in bytes.
const NEAR: usize = 24;

fn begins_with_id(line: &str) -> bool {
    if dotted(line).is_some() {
        return true;
    }
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')));
    let (id, rest) = line.split_at(end.unwrap_or(line.len()));
    let marked = rest.find([':', '—', '–']).is_some_and(|at| at <= NEAR);
    marked
        && id.len() <= 12
        && id.starts_with(|c: char| c.is_ascii_uppercase())
        && id.ends_with(|c: char| c.is_ascii_digit())
}

/// The text after a number such as `1.2` that a line begins with.
fn dotted(line: &str) -> Option<&str> {
    let end = line.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
    let (number, rest) = line.split_at(end);
    let dots = number.trim_end_matches('.').matches('.').count();
    let number = number.starts_with(|c: char| c.is_ascii_digit()) && (1..=3).contains(&dots);
    let text = rest.trim_start_matches([')', ':']).strip_prefix(' ')?;
    (number && text.starts_with(char::is_alphabetic)).then_some(text)
}

/// Divides a list after the entries whose last line is a label for those that follow (`Should:`).
fn divide(entries: Vec<RawEntry>, lines: Lines, out: &mut Vec<Raw>) {
    let mut run: Vec<RawEntry> = Vec::new();
    let count = entries.len();
    for (place, mut entry) in entries.into_iter().enumerate() {
        let follows = place + 1 < count && entry.segments.len() > 1 && entry.blocks.is_empty();
        let label = entry
            .segments
            .pop_if(|last| follows && is_label(&last.text.plain));
        if let (Some(label), Some(last)) = (&label, entry.segments.last()) {
            entry.lines.end = last.line.max(entry.lines.start);
            run.push(entry);
            let lines = Lines {
                start: run[0].lines.start,
                end: label.line - 1,
            };
            out.push(Raw::List {
                entries: std::mem::take(&mut run),
                lines,
            });
            let lines = Lines::at(label.line);
            out.push(Raw::Paragraph {
                segments: vec![label.clone()],
                lines,
            });
        } else {
            run.push(entry);
        }
    }
    let start = run.first().map_or(lines.start, |first| first.lines.start);
    out.push(Raw::List {
        entries: run,
        lines: Lines { start, ..lines },
    });
}

/// The most words of a label on a line of its own.
const LABEL_WORDS: usize = 3;

fn is_label(line: &str) -> bool {
    line.ends_with([':', '：']) && line.split_whitespace().count() <= LABEL_WORDS
}

/// The entries of such a paragraph; a line without an id continues the one before.
fn entries(segments: Vec<Segment>) -> Vec<RawEntry> {
    let mut found: Vec<RawEntry> = Vec::new();
    for mut segment in segments {
        let starts = begins_with_id(&segment.text.plain);
        if let Some(text) = dotted(&segment.text.plain) {
            segment.text.plain = text.to_owned();
            segment.text.lead = None;
        }
        match found.last_mut() {
            Some(entry) if !starts => {
                entry.lines.end = segment.line;
                entry.segments.push(segment);
            }
            _ => found.push(RawEntry {
                lines: Lines::at(segment.line),
                segments: vec![segment],
                checked: None,
                number: None,
                blocks: Vec::new(),
            }),
        }
    }
    found
}

fn into_heading(raw: &mut Raw, level: u8) {
    let Raw::Paragraph { segments, lines } = raw else {
        return;
    };
    let (mut segments, lines) = (std::mem::take(segments), *lines);
    if let Some(segment) = segments.first_mut() {
        let kept = segment.text.plain.trim_end_matches([':', '：', ' ']).len();
        segment.text.plain.truncate(kept);
    }
    let written = segments
        .iter()
        .map(|segment| segment.text.plain.clone())
        .collect();
    *raw = Raw::Heading {
        level,
        setext: true,
        segments,
        written,
        lines,
    };
}

/// The level of a numbered line such as `1.2 Scope` in a paragraph of its own, as word processors
/// export it.
fn numbered(raw: &Raw) -> Option<u8> {
    let Raw::Paragraph { segments, .. } = raw else {
        return None;
    };
    let [segment] = segments.as_slice() else {
        return None;
    };
    let plain = segment.text.plain.as_str();
    if plain.chars().count() > 90 || plain.ends_with(['.', ':', ';', ',', '。']) {
        return None;
    }
    let (number, rest) = heading::numbering(plain).or_else(|| {
        heading::bare_number(plain).map(|(_, rest)| (&plain[..plain.len() - rest.len()], rest))
    })?;
    let fits = number.starts_with(|c: char| c.is_ascii_digit())
        && rest.chars().next().is_some_and(char::is_uppercase);
    let parts = number
        .trim()
        .split('.')
        .filter(|part| !part.is_empty())
        .count();
    fits.then(|| u8::try_from(parts + 1).unwrap_or(6).min(6))
}

/// A sentence or a label above a rule is not a heading, although Markdown makes it one.
fn is_prose(segments: &[Segment]) -> bool {
    let [segment] = segments else { return true };
    let text = &segment.text;
    let rest = text.plain.get(segment.lead_end..).unwrap_or_default();
    text.plain.chars().count() > 100
        || text.plain.ends_with(['.', ';', ',', '。'])
        || (text.lead.is_some() && !rest.trim_matches([':', ' ']).is_empty())
}

fn is_bold_line(raw: &Raw) -> bool {
    let Raw::Paragraph { segments, .. } = raw else {
        return false;
    };
    let [segment] = segments.as_slice() else {
        return false;
    };
    let rest = segment
        .text
        .plain
        .get(segment.lead_end..)
        .unwrap_or_default();
    segment
        .text
        .lead
        .as_ref()
        .is_some_and(|lead| lead.len() <= 100 && !lead.ends_with(['.', '!', '?', '。']))
        && rest.trim_matches([':', '：', ' ']).is_empty()
}
