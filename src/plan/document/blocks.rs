//! Parses Markdown into a tree of raw blocks with their lines, as pulldown-cmark reports them, not
//! yet interpreted. The depth of the tree is bounded, so that no later walk can overflow the stack.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::inline::{Inline, Segment};
use super::line_index::LineIndex;
use super::{Lines, Text};

/// Lists nested deeper than this become entries of the list at this depth.
const MAX_DEPTH: usize = 16;

/// A Markdown block.
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
    List {
        entries: Vec<RawEntry>,
        lines: Lines,
    },
    Table {
        header: Vec<Text>,
        rows: Vec<(Vec<Text>, Lines)>,
        lines: Lines,
    },
    /// Code or HTML.
    Verbatim { lines: Lines },
    /// A thematic break.
    Rule,
}

/// A list entry in Markdown.
#[derive(Debug)]
pub(super) struct RawEntry {
    /// The lines of its first paragraph.
    pub segments: Vec<Segment>,
    /// The state of its checkbox, if it has one.
    pub checked: Option<bool>,
    /// Its number in an ordered list.
    pub number: Option<u64>,
    /// Its lines, including nested blocks.
    pub lines: Lines,
    /// Nested blocks.
    pub blocks: Vec<Raw>,
}

pub(super) fn read(text: &str, index: &LineIndex) -> Vec<Raw> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
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

/// The containers that are open while events are read.
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
            // In a table cell this is the only way to break a line.
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

    /// Adds the text of a fenced scenario, which is a criterion. Other code is not read.
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

    /// The open text, which is opened here for an entry of a tight list: it has no paragraph.
    fn inline(&mut self, range: &Range<usize>) -> &mut Inline {
        let line = self.index.line(range.start);
        self.inline.get_or_insert_with(|| Inline::new(line))
    }

    /// Ends the open text as a paragraph.
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

/// Reads checkboxes that Markdown does not have, such as `[-]` and `[]`, as not ticked.
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
