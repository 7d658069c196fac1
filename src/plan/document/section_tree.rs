//! Builds a document from blocks: the tree of sections with their kinds, ids and titles.

use super::blocks::{self, Raw};
use super::detect;
use super::implicit_blocks;
use super::inline::Segment;
use super::line_index::LineIndex;
use super::source::{self, MAX_SECTIONS, Refused};
use super::{
    Block, Document, DocumentKind, Lines, Section, SectionKind, author_id, emoji, heading, label,
    section_kinds,
};

impl Document {
    /// Reads the Markdown in `source`; the same bytes give the same document.
    ///
    /// # Errors
    /// `Refused` if there is no text, or if it is not Markdown.
    pub fn parse(source: &[u8]) -> Result<Self, Refused> {
        let source = source::read(source)?;
        let text = spaced_headings(&source.text);
        let index = LineIndex::new(&text);
        let mut raws = blocks::read(&text, &index);
        implicit_blocks::read(&mut raws);
        let count = index.words(&text, &blocks::verbatim(&raws));
        let (preamble, mut sections) = split(raws, index.last())?;
        nest(&mut sections);
        number(&mut sections);
        let mut document = Self {
            kind: DocumentKind::Prd,
            title: String::new(),
            title_lines: Lines { start: 1, end: 1 },
            front: source.front,
            words: count,
            line_count: index.last(),
            preamble,
            sections,
        };
        (document.title, document.title_lines) = title(&document, &text);
        document.kind = detect::kind(&document);
        classify(
            &mut document.sections,
            document.kind == DocumentKind::DebugInvestigation,
        );
        Ok(document)
    }
}

impl Block {
    /// Its lines.
    #[must_use]
    pub fn lines(&self) -> Lines {
        match self {
            Self::Paragraph { lines, .. }
            | Self::List { lines, .. }
            | Self::Table { lines, .. }
            | Self::Label { lines, .. }
            | Self::Verbatim { lines } => *lines,
        }
    }
}

/// `text` with a space after the marks of `##Title`, which is meant as a heading. The space shifts
/// columns, not lines.
fn spaced_headings(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start_matches('#');
        let level = line.len() - rest.len();
        let glued = rest
            .chars()
            .next()
            .is_some_and(|c| c.is_alphabetic() || emoji::is_emoji(c) || c == '\u{a0}');
        if (2..=6).contains(&level) && glued {
            out.push_str(&line[..level]);
            out.push(' ');
            out.push_str(rest);
        } else {
            out.push_str(line);
        }
    }
    out
}

/// Splits the blocks at the headings.
fn split(raws: Vec<Raw>, last: u32) -> Result<(Vec<Block>, Vec<Section>), Refused> {
    let mut preamble = Vec::new();
    let mut sections: Vec<Section> = Vec::new();
    let mut run: Vec<Raw> = Vec::new();
    let mut give = |run: &mut Vec<Raw>, sections: &mut Vec<Section>| {
        let blocks = label::group(std::mem::take(run));
        match sections.last_mut() {
            Some(section) => section.blocks = blocks,
            None => preamble = blocks,
        }
    };
    for raw in raws {
        let Raw::Heading {
            level,
            segments,
            written,
            lines,
            ..
        } = raw
        else {
            run.push(raw);
            continue;
        };
        give(&mut run, &mut sections);
        if sections.len() >= MAX_SECTIONS {
            return Err(Refused::TooManySections { line: lines.start });
        }
        sections.push(section(level, &segments, written, lines, last));
    }
    give(&mut run, &mut sections);
    Ok((preamble, sections))
}

fn section(level: u8, segments: &[Segment], raw: String, lines: Lines, last: u32) -> Section {
    let joined: Vec<&str> = segments
        .iter()
        .map(|segment| segment.text.plain.as_str())
        .collect();
    let heading = heading::read(&joined.join(" "), author_id::ShortIds::Plain);
    Section {
        title: heading.title,
        raw,
        codes: segments
            .iter()
            .flat_map(|segment| segment.text.codes.iter().cloned())
            .collect(),
        number: heading.number,
        id: heading.id,
        level,
        parent: None,
        kind: SectionKind::Unknown,
        inherited: false,
        line: lines.start,
        lines: Lines {
            start: lines.start,
            end: last.max(lines.start),
        },
        blocks: Vec::new(),
    }
}

/// Sets the parent and the last line of every section.
fn nest(sections: &mut [Section]) {
    let mut open: Vec<usize> = Vec::new();
    for place in 0..sections.len() {
        let (level, line) = (sections[place].level, sections[place].line);
        while let Some(last) = open.last().copied()
            && sections[last].level >= level
        {
            let start = sections[last].line;
            sections[last].lines.end = line.saturating_sub(1).max(start);
            open.pop();
        }
        sections[place].parent = open.last().copied();
        open.push(place);
    }
}

/// Removes numbers without a mark (`1 Introduction`, `2 Scope`), which are numbering if the
/// siblings continue the count.
fn number(sections: &mut [Section]) {
    let mut by_level: [Vec<(usize, u32)>; 7] = Default::default();
    for (place, section) in sections.iter().enumerate() {
        if section.number.is_none()
            && section.id.is_none()
            && let Some((number, _)) = heading::bare_number(&section.title)
        {
            by_level[usize::from(section.level.min(6))].push((place, number));
        }
    }
    for found in by_level {
        let counts_on = found
            .windows(2)
            .all(|pair| pair[1].1 == pair[0].1 + 1 || pair[1].1 <= 1);
        if found.len() < 2 || !counts_on || found.first().is_none_or(|(_, number)| *number > 1) {
            continue;
        }
        for (place, number) in found {
            let section = &mut sections[place];
            let Some((_, rest)) = heading::bare_number(&section.title) else {
                continue;
            };
            let heading = heading::read(rest, author_id::ShortIds::Plain);
            section.title = heading.title;
            section.id = heading.id;
            section.number = Some(number.to_string());
        }
    }
}

/// The title and its lines.
fn title(document: &Document, text: &str) -> (String, Lines) {
    let one = |line: u32| Lines::at(line);
    if let Some(section) = document.sections.iter().find(|section| section.level == 1) {
        return (section.title.clone(), one(section.line));
    }
    if let Some((_, title)) = document
        .front
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case("title"))
    {
        return (title.clone(), one(1));
    }
    if let (true, Some(section)) = (document.preamble.is_empty(), document.sections.first()) {
        return (section.title.clone(), one(section.line));
    }
    let mut table = None;
    if let Some(Block::Table { rows, lines, .. }) = document
        .preamble
        .iter()
        .find(|block| !matches!(block, Block::Verbatim { .. }))
    {
        // The header of a table names its columns, not the document.
        if let Some(section) = document.sections.first() {
            return (section.title.clone(), one(section.line));
        }
        for (cells, lines) in rows {
            let cell_words = cells
                .iter()
                .filter(|cell| cell.plain.chars().any(char::is_alphabetic))
                .map(|cell| first_words(&cell.plain))
                .find(|words| !words.is_empty());
            if let Some(words) = cell_words {
                return (words, *lines);
            }
        }
        table = Some(*lines);
    }
    for (place, line) in text.lines().enumerate() {
        let number = u32::try_from(place + 1).unwrap_or(u32::MAX);
        if table.is_some_and(|table| table.start <= number && number <= table.end) {
            continue;
        }
        let words = first_words(line);
        if !words.is_empty() {
            return (words, one(number));
        }
    }
    ("Untitled".to_owned(), one(1))
}

/// The first words of a line, without Markdown and HTML.
fn first_words(line: &str) -> String {
    let mut plain = String::new();
    let mut tag = false;
    for c in line.chars().take(2000) {
        match c {
            '<' => tag = true,
            '>' => tag = false,
            '#' | '*' | '`' | '|' | '~' => {}
            other if !tag && !emoji::is_invisible(other) => plain.push(other),
            _ => {}
        }
    }
    let plain = emoji::without_decoration(plain.trim().trim_start_matches(['-', '+', ' ']));
    if !plain.chars().any(char::is_alphanumeric) {
        return String::new();
    }
    let mut words = String::new();
    for word in plain.split_whitespace().take(12) {
        let room = 80usize.saturating_sub(words.chars().count());
        if room < 2 {
            break;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.extend(word.chars().take(room));
    }
    words
        .trim_end_matches(['.', ':', ',', ';', '。'])
        .to_owned()
}

/// Sets the kind of every section, and the ids that only count in sections of that kind.
fn classify(sections: &mut [Section], investigation: bool) {
    let top = sections
        .iter()
        .map(|section| section.level)
        .min()
        .unwrap_or(1);
    let tops = sections
        .iter()
        .filter(|section| section.level == top)
        .count();
    // The title of a document says nothing about its parts.
    let title = sections.iter().position(|section| section.level == top);
    // Below another heading, only one of the first level is the title.
    let title = title.filter(|place| *place == 0 || top == 1);
    for place in 0..sections.len() {
        let above = sections[place]
            .parent
            .map_or(SectionKind::Unknown, |parent| sections[parent].kind);
        let section = &sections[place];
        let is_title =
            Some(place) == title && section.id.is_none() && (tops > 1 || sections.len() > 1);
        let own = match &section.id {
            _ if is_title && tops == 1 => None,
            _ if is_title => section_kinds::of_bare_heading(&section.title, investigation),
            Some(id) => section_kinds::of_id(id, above),
            None => section_kinds::of_heading(&section.title, above, investigation),
        };
        let section = &mut sections[place];
        section.inherited = own.is_none() && above != SectionKind::Unknown;
        section.kind = own.unwrap_or(above);
        if section.id.is_none()
            && section.inherited
            && let Some((id, rest)) = author_id::split(&section.title, short_ids(above))
        {
            let rest = rest.to_owned();
            section.id = Some(id);
            section.title = rest;
        }
    }
}

/// The short ids that are accepted in a section of `kind`.
pub(super) fn short_ids(kind: SectionKind) -> author_id::ShortIds {
    match kind {
        SectionKind::Functional
        | SectionKind::NonFunctional
        | SectionKind::Feature
        | SectionKind::Story => author_id::ShortIds::Requirements,
        SectionKind::Risk
        | SectionKind::Question
        | SectionKind::Assumption
        | SectionKind::Constraint
        | SectionKind::Decision
        | SectionKind::Acceptance
        | SectionKind::Metric
        | SectionKind::NonGoal
        | SectionKind::Dependency => author_id::ShortIds::Numbered,
        _ => author_id::ShortIds::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_a_table_is_not_a_title() {
        for (text, title, line) in [
            (
                "| Task | Points |\n|---|---|\n| Import | 3 |\n",
                "Import",
                3,
            ),
            (
                "| Task | Points |\n|---|---|\n| | 3 |\n| | |\n| 4 | Send it |\n",
                "Send it",
                5,
            ),
            ("| Task | Points |\n|---|---|\n| | |\n", "Untitled", 1),
            ("| A | B |\n|---|---|\n| | |\n\nText.\n", "Text", 5),
            ("| A | B |\n|---|---|\n| c | d |\n\n## Shop\n", "Shop", 5),
        ] {
            let document = Document::parse(text.as_bytes()).unwrap();
            assert_eq!(
                (document.title.as_str(), document.title_lines.start),
                (title, line)
            );
        }
    }
}
