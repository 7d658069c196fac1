//! Markdown to a tree of raw blocks with their lines: what pulldown-cmark says, with nothing
//! interpreted yet. The depth of the tree is bounded, so that no later walk can overflow.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{Lines, Text, emoji, words};

/// Lists nested deeper than this become entries of the list at this depth.
const MAX_DEPTH: usize = 16;

/// A line of a paragraph.
#[derive(Clone, Debug, Default)]
pub(super) struct Segment {
    /// What it says.
    pub text: Text,
    /// Where what follows the bold beginning starts in `text.plain`, in bytes.
    pub lead_end: usize,
    /// Its line.
    pub line: u32,
}

/// A block as Markdown has it.
#[derive(Debug)]
pub(super) enum Raw {
    /// A heading at the top level of the document.
    Heading {
        level: u8,
        setext: bool,
        segments: Vec<Segment>,
        written: String,
        lines: Lines,
    },
    /// A paragraph, line by line.
    Paragraph {
        segments: Vec<Segment>,
        lines: Lines,
    },
    /// A list.
    List {
        entries: Vec<RawEntry>,
        lines: Lines,
    },
    /// A table.
    Table {
        header: Vec<Text>,
        rows: Vec<(Vec<Text>, Lines)>,
        lines: Lines,
    },
    /// Code or HTML.
    Verbatim { lines: Lines },
    /// A line across the page.
    Rule,
}

/// An entry of a list as Markdown has it.
#[derive(Debug)]
pub(super) struct RawEntry {
    /// The lines of its first paragraph.
    pub segments: Vec<Segment>,
    /// Of a checkbox: whether it is ticked.
    pub checked: Option<bool>,
    /// Its number in an ordered list.
    pub number: Option<u64>,
    /// Its lines, with what is nested.
    pub lines: Lines,
    /// What is nested.
    pub blocks: Vec<Raw>,
}

/// Offsets to lines.
pub(super) struct LineIndex {
    starts: Vec<usize>,
    /// For every line the offset of its first character that is no blank, if any.
    first: Vec<Option<usize>>,
    /// For every line the nearest line up to it that is not blank.
    full: Vec<usize>,
}

impl LineIndex {
    /// Reads the lines of `text`.
    pub(super) fn new(text: &str) -> Self {
        let (mut starts, mut first, mut full) = (Vec::new(), Vec::new(), Vec::new());
        let mut at = 0;
        for (place, line) in text.split_inclusive('\n').enumerate() {
            starts.push(at);
            let blanks = line.len() - line.trim_start().len();
            let text = blanks < line.len();
            first.push(text.then_some(at + blanks));
            full.push(if text {
                place
            } else {
                full.last().copied().unwrap_or(0)
            });
            at += line.len();
        }
        Self {
            starts,
            first,
            full,
        }
    }

    /// Words of `text` outside the lines of `verbatim`, which are in order.
    pub(super) fn words(&self, text: &str, verbatim: &[Lines]) -> usize {
        let mut skipped = verbatim.iter().peekable();
        let mut words = 0;
        for (line, text) in (1u32..).zip(text.lines()) {
            while skipped.peek().is_some_and(|lines| lines.end < line) {
                skipped.next();
            }
            if skipped.peek().is_none_or(|lines| lines.start > line) {
                words += words::count(text);
            }
        }
        words
    }

    /// The last line that is not blank, counted from 1.
    pub(super) fn last(&self) -> u32 {
        number(self.full.last().copied().unwrap_or(0))
    }

    /// The line of `offset`, counted from 1.
    pub(super) fn line(&self, offset: usize) -> u32 {
        number(self.place(offset))
    }

    fn place(&self, offset: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    /// The lines of `range`, without blank lines at its end.
    pub(super) fn lines(&self, range: &Range<usize>) -> Lines {
        let start = self.place(range.start);
        let mut end = self.place(range.end.saturating_sub(1).max(range.start));
        if self
            .first
            .get(end)
            .copied()
            .flatten()
            .is_none_or(|first| first >= range.end)
            && end > start
        {
            end = self.full[end - 1];
        }
        Lines {
            start: number(start),
            end: number(end.max(start)),
        }
    }
}

fn number(place: usize) -> u32 {
    u32::try_from(place + 1).unwrap_or(u32::MAX)
}

/// The blocks of `text`.
pub(super) fn read(text: &str, index: &LineIndex) -> Vec<Raw> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut builder = Builder::new(text, index);
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        builder.event(event, &range);
    }
    builder.finish()
}

/// The lines of all code and HTML, in order.
pub(super) fn verbatim(raws: &[Raw]) -> Vec<Lines> {
    let mut found = Vec::new();
    for raw in raws {
        match raw {
            Raw::Verbatim { lines } => found.push(*lines),
            Raw::List { entries, .. } => {
                found.extend(entries.iter().flat_map(|entry| verbatim(&entry.blocks)));
            }
            _ => {}
        }
    }
    found
}

/// What is open while the events go by.
enum Frame {
    List {
        entries: Vec<RawEntry>,
        next: Option<u64>,
        lines: Lines,
    },
    Item {
        entry: RawEntry,
        overflow: Vec<RawEntry>,
    },
}

struct Builder<'a> {
    text: &'a str,
    index: &'a LineIndex,
    frames: Vec<Frame>,
    top: Vec<Raw>,
    inline: Option<Inline>,
    table: Option<Table>,
    quotes: usize,
    verbatim: usize,
    images: usize,
    gherkin: bool,
}

#[derive(Default)]
struct Table {
    header: Vec<Text>,
    rows: Vec<(Vec<Text>, Lines)>,
    cells: Vec<Text>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, index: &'a LineIndex) -> Self {
        Self {
            text,
            index,
            frames: Vec::new(),
            top: Vec::new(),
            inline: None,
            table: None,
            quotes: 0,
            verbatim: 0,
            images: 0,
            gherkin: false,
        }
    }

    fn finish(mut self) -> Vec<Raw> {
        self.flush();
        self.top
    }

    fn event(&mut self, event: Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(tag) => self.start(&tag, range),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) if self.verbatim > 0 => self.verbatim_text(&text, range),
            Event::Text(text) if self.images == 0 => self.inline(range).push(&text),
            Event::Code(code) => self.inline(range).push_code(&code),
            Event::SoftBreak | Event::HardBreak if self.images == 0 => {
                let line = self.index.line(range.end);
                self.inline(range).next_line(line);
            }
            // Cells have no other way to break a line.
            Event::InlineHtml(html) if is_break(&html) => self.inline(range).push(" "),
            Event::TaskListMarker(ticked) => {
                if let Some(Frame::Item { entry, .. }) = self.frames.last_mut() {
                    entry.checked = Some(ticked);
                }
            }
            Event::Rule => {
                self.flush();
                self.push(Raw::Rule);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::TableCell => {
                self.flush();
                self.open_inline(range);
            }
            Tag::BlockQuote(_) => {
                self.flush();
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                self.verbatim += 1;
                self.gherkin = matches!(kind, CodeBlockKind::Fenced(info)
                    if matches!(info.trim().to_ascii_lowercase().as_str(), "gherkin" | "cucumber" | "feature"));
            }
            Tag::HtmlBlock => {
                self.flush();
                self.verbatim += 1;
            }
            Tag::List(first) => {
                self.flush();
                let lines = self.index.lines(range);
                self.frames.push(Frame::List {
                    entries: Vec::new(),
                    next: *first,
                    lines,
                });
            }
            Tag::Item => {
                self.flush();
                let number = match self.frames.last_mut() {
                    Some(Frame::List {
                        next: Some(next), ..
                    }) => {
                        let number = *next;
                        *next = next.saturating_add(1);
                        Some(number)
                    }
                    _ => None,
                };
                let lines = self.index.lines(range);
                let entry = RawEntry {
                    segments: Vec::new(),
                    checked: None,
                    number,
                    lines,
                    blocks: Vec::new(),
                };
                self.frames.push(Frame::Item {
                    entry,
                    overflow: Vec::new(),
                });
            }
            Tag::Table(_) => {
                self.flush();
                self.table = Some(Table::default());
            }
            Tag::Strong => self.inline(range).open_strong(),
            Tag::Image { .. } => self.images += 1,
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::Paragraph => self.flush(),
            TagEnd::Heading(level) => self.heading(level, range),
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::CodeBlock | TagEnd::HtmlBlock => {
                self.verbatim = self.verbatim.saturating_sub(1);
                self.gherkin = false;
                self.flush();
                let lines = self.index.lines(range);
                self.push(Raw::Verbatim { lines });
            }
            TagEnd::Item => self.end_item(),
            TagEnd::List(_) => self.end_list(),
            TagEnd::TableCell => {
                let text = self
                    .inline
                    .take()
                    .map(Inline::into_text)
                    .unwrap_or_default();
                if let Some(table) = &mut self.table {
                    table.cells.push(text);
                }
            }
            TagEnd::TableHead => {
                if let Some(table) = &mut self.table {
                    table.header = std::mem::take(&mut table.cells);
                }
            }
            TagEnd::TableRow => {
                let lines = self.index.lines(range);
                if let Some(table) = &mut self.table {
                    let cells = std::mem::take(&mut table.cells);
                    table.rows.push((cells, lines));
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    let lines = self.index.lines(range);
                    self.push(Raw::Table {
                        header: table.header,
                        rows: table.rows,
                        lines,
                    });
                }
            }
            TagEnd::Strong => {
                if let Some(inline) = &mut self.inline {
                    inline.close_strong();
                }
            }
            TagEnd::Image => self.images = self.images.saturating_sub(1),
            _ => {}
        }
    }

    /// Scenarios are criteria although they stand in a fence; all other code says nothing.
    fn verbatim_text(&mut self, text: &str, range: &Range<usize>) {
        if !self.gherkin {
            return;
        }
        let first = self.index.line(range.start);
        for (place, line) in text.lines().enumerate() {
            let inline = self.inline(range);
            inline.next_line(first.saturating_add(u32::try_from(place).unwrap_or(0)));
            inline.push(line);
        }
    }

    fn heading(&mut self, level: HeadingLevel, range: &Range<usize>) {
        let segments = self
            .inline
            .take()
            .map(Inline::into_segments)
            .unwrap_or_default();
        if segments.is_empty() {
            return;
        }
        let lines = self.index.lines(range);
        if self.quotes > 0 || !self.frames.is_empty() {
            self.push(Raw::Paragraph { segments, lines });
            return;
        }
        let source = self.text.get(range.clone()).unwrap_or_default().trim();
        let setext = !source.starts_with('#');
        let written = match source.rsplit_once('\n') {
            Some((above, _)) if setext => above.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => source.trim_matches('#').trim().to_owned(),
        };
        self.top.push(Raw::Heading {
            level: level as u8,
            setext,
            segments,
            written,
            lines,
        });
    }

    fn end_item(&mut self) {
        self.flush();
        let Some(Frame::Item {
            mut entry,
            overflow,
        }) = self.frames.pop()
        else {
            return;
        };
        if let Some(first) = entry.segments.first_mut() {
            unusual_checkbox(first, &mut entry.checked);
        }
        entry
            .segments
            .retain(|segment| !segment.text.plain.is_empty());
        if let Some(Frame::List { entries, .. }) = self.frames.last_mut() {
            if !entry.segments.is_empty() || !entry.blocks.is_empty() {
                entries.push(entry);
            }
            entries.extend(overflow);
        }
    }

    fn end_list(&mut self) {
        self.flush();
        let Some(Frame::List { entries, lines, .. }) = self.frames.pop() else {
            return;
        };
        if entries.is_empty() {
            return;
        }
        let deep = self.frames.len() > 2 * MAX_DEPTH;
        match self.frames.last_mut() {
            Some(Frame::Item { overflow, .. }) if deep => overflow.extend(entries),
            _ => self.push(Raw::List { entries, lines }),
        }
    }

    fn open_inline(&mut self, range: &Range<usize>) {
        self.inline = Some(Inline::new(self.index.line(range.start)));
    }

    /// In tight lists text stands in its entry without a paragraph.
    fn inline(&mut self, range: &Range<usize>) -> &mut Inline {
        let line = self.index.line(range.start);
        self.inline.get_or_insert_with(|| Inline::new(line))
    }

    /// Ends the text that is open, as a paragraph.
    fn flush(&mut self) {
        let Some(inline) = self.inline.take() else {
            return;
        };
        let segments = inline.into_segments();
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
            return;
        };
        let lines = Lines {
            start: first.line,
            end: last.line.max(first.line),
        };
        self.push(Raw::Paragraph { segments, lines });
    }

    fn push(&mut self, block: Raw) {
        match self.frames.last_mut() {
            Some(Frame::Item { entry, .. }) => match block {
                Raw::Paragraph { segments, .. }
                    if entry.segments.is_empty() && entry.blocks.is_empty() =>
                {
                    entry.segments = segments;
                }
                other => entry.blocks.push(other),
            },
            _ => self.top.push(block),
        }
    }
}

fn is_break(html: &str) -> bool {
    html.get(..3)
        .is_some_and(|tag| tag.eq_ignore_ascii_case("<br"))
}

/// `[-]` and `[]` are checkboxes that Markdown does not know.
fn unusual_checkbox(segment: &mut Segment, checked: &mut Option<bool>) {
    const MARKS: &[&str] = &["[] ", "[-] ", "[~] ", "[/] ", "[ ] "];
    for mark in MARKS {
        if let Some(rest) = segment.text.plain.strip_prefix(mark) {
            segment.lead_end = segment.lead_end.saturating_sub(mark.len());
            segment.text.plain = rest.to_owned();
            checked.get_or_insert(false);
            return;
        }
    }
}

/// Text that is being put together.
struct Inline {
    segments: Vec<Segment>,
    current: Segment,
    strong: Option<usize>,
}

impl Inline {
    fn new(line: u32) -> Self {
        Self {
            segments: Vec::new(),
            current: Segment {
                line,
                ..Segment::default()
            },
            strong: None,
        }
    }

    /// Adds text with its white space folded.
    fn push(&mut self, text: &str) {
        let plain = &mut self.current.text.plain;
        for c in text.chars() {
            // A no-break space may be half of a damaged emoji.
            if c.is_whitespace() && c != '\u{a0}' && c != '\u{85}' {
                if !plain.is_empty() && !plain.ends_with(' ') {
                    plain.push(' ');
                }
            } else if !emoji::is_invisible(c) || matches!(u32::from(c), 0x80..=0x9F) {
                plain.push(c);
            }
        }
    }

    fn push_code(&mut self, code: &str) {
        let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
        self.current.text.plain.push('`');
        self.push(&code);
        self.current.text.plain.push('`');
        self.current.text.codes.push(code);
    }

    fn open_strong(&mut self) {
        let text = &self.current.text;
        if text.lead.is_none()
            && self.strong.is_none()
            && !text.plain.chars().any(char::is_alphanumeric)
        {
            self.strong = Some(text.plain.len());
        }
    }

    fn close_strong(&mut self) {
        let Some(start) = self.strong.take() else {
            return;
        };
        let plain = &self.current.text.plain;
        let lead = plain[start.min(plain.len())..].trim();
        let name = lead.trim_end_matches([':', '：', ' ']);
        if name.chars().any(char::is_alphanumeric) {
            self.current.text.lead = Some(name.to_owned());
            self.current.lead_end = start + plain[start..].trim_end_matches([':', '：', ' ']).len();
        }
    }

    fn next_line(&mut self, line: u32) {
        self.close_strong();
        let next = Segment {
            line,
            ..Segment::default()
        };
        self.segments
            .push(std::mem::replace(&mut self.current, next));
    }

    fn into_segments(mut self) -> Vec<Segment> {
        self.close_strong();
        self.segments.push(self.current);
        for segment in &mut self.segments {
            let text = segment.text.plain.trim_end_matches(' ').len();
            segment.text.plain.truncate(text);
            segment.lead_end = segment.lead_end.min(text);
        }
        self.segments
            .retain(|segment| !segment.text.plain.is_empty());
        self.segments
    }

    fn into_text(self) -> Text {
        fold(&self.into_segments())
    }
}

/// The lines of a paragraph as one.
pub(super) fn fold(segments: &[Segment]) -> Text {
    let mut text = Text::default();
    for (place, segment) in segments.iter().enumerate() {
        if place == 0 {
            text.lead.clone_from(&segment.text.lead);
        } else {
            text.plain.push(' ');
        }
        text.plain.push_str(&segment.text.plain);
        text.codes.extend(segment.text.codes.iter().cloned());
    }
    text.plain.retain(|c| !emoji::is_invisible(c));
    text
}
