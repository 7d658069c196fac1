//! Markdown to statements, in one pass over the events of pulldown-cmark.
//!
//! No structure but that of lists is decided here.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::Lines;
use super::author_id::{self, ShortIds};
use super::inline::{Inline, Segment, join};
use super::label::{LabelKind, kind_before, kind_of};
use super::line_index::LineIndex;
use super::node::{Cell, Form, Node};
use super::state_mark;
use super::tree::ROW;

/// The longest bold line that stands for a heading, and the longest name of a label.
const LONGEST: usize = 120;

/// Reads the statements of a text, each below the list entry that it is in.
pub(super) fn read(text: &str, index: &LineIndex) -> Vec<Node> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut reader = Reader {
        index: Some(index),
        ..Reader::default()
    };
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        reader.event(event, index.lines(&range), &range);
    }
    reader.flush();
    reader.nodes
}

#[derive(Default)]
struct Reader<'i> {
    index: Option<&'i LineIndex>,
    nodes: Vec<Node>,
    items: Vec<usize>,
    numbers: Vec<Option<u64>>,
    quotes: usize,
    inline: Option<Inline>,
    /// Code or HTML.
    raw: Option<String>,
    header: Vec<(String, LabelKind)>,
    cells: Vec<String>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, lines: Lines, range: &Range<usize>) {
        match (event, &mut self.raw) {
            (Event::Text(text) | Event::Html(text), Some(raw)) => raw.push_str(&text),
            (Event::Text(text), _) => self.inline(lines).push(&text),
            (Event::Code(code), _) => self.inline(lines).push(&format!("`{code}`")),
            (Event::InlineHtml(html), _) if html.starts_with("<br") => self.inline(lines).push(" "),
            (Event::SoftBreak | Event::HardBreak, _) => {
                let next = self.index.map_or(lines.end, |index| index.line(range.end));
                self.inline(lines).next_line(next);
            }
            (Event::Start(Tag::Strong), _) => self.inline(lines).set_strong(true),
            (Event::End(TagEnd::Strong), _) => self.inline(lines).set_strong(false),
            (Event::Start(Tag::Strikethrough) | Event::End(TagEnd::Strikethrough), _) => {
                self.inline(lines).push("~~");
            }
            (Event::TaskListMarker(checked), _) => {
                if let Some(item) = self.items.last().and_then(|item| self.nodes.get_mut(*item)) {
                    item.checked = Some(checked);
                }
            }
            (Event::Start(tag), _) => self.start(&tag, lines),
            (Event::End(tag), _) => self.end(tag, lines),
            _ => {}
        }
    }

    fn inline(&mut self, lines: Lines) -> &mut Inline {
        self.inline.get_or_insert_with(|| {
            let mut inline = Inline::default();
            inline.next_line(lines.start);
            inline
        })
    }

    fn start(&mut self, tag: &Tag<'_>, lines: Lines) {
        if !matches!(tag, Tag::Emphasis | Tag::Link { .. } | Tag::Image { .. }) {
            self.flush();
        }
        match tag {
            Tag::List(first) => self.numbers.push(*first),
            Tag::Item => {
                let number = self.numbers.last_mut().and_then(Option::as_mut);
                let number = number.map(|next| std::mem::replace(next, next.saturating_add(1)));
                let node = self.push(Form::Item, Lines::at(lines.start), String::new());
                node.number = number;
                self.items.push(self.nodes.len() - 1);
            }
            Tag::BlockQuote(_) => self.quotes += 1,
            Tag::CodeBlock(_) | Tag::HtmlBlock => self.raw = Some(String::new()),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, lines: Lines) {
        match tag {
            TagEnd::Heading(level) => {
                let text = self.take();
                // A heading in a quotation or an entry is one of its lines.
                match self.quotes > 0 || !self.items.is_empty() {
                    true => self.push(Form::Label, lines, String::new()).lead = Some(text),
                    false => drop(self.push(Form::Heading(level as u8), lines, text)),
                }
            }
            TagEnd::CodeBlock => {
                let code = self.raw.take().unwrap_or_default();
                self.push(Form::Code, lines, code);
            }
            TagEnd::HtmlBlock => {
                let text = without_tags(&self.raw.take().unwrap_or_default());
                let said = text.contains(char::is_alphanumeric);
                self.push(
                    if said { Form::Paragraph } else { Form::Layout },
                    lines,
                    text,
                );
            }
            TagEnd::TableCell => {
                let text = self.take();
                self.cells.push(text);
            }
            TagEnd::TableHead => {
                let names = std::mem::take(&mut self.cells);
                let header = Lines::of(lines.start, lines.start + 1);
                self.push(Form::Layout, header, names.join(" | "));
                let named = names.into_iter().map(|name| (kind_of(&name), name));
                self.header = named.map(|(kind, name)| (name, kind)).collect();
            }
            TagEnd::TableRow => {
                let cells = std::mem::take(&mut self.cells);
                // Properties and criteria are read by their columns.
                let says = |(cell, (_, kind)): &(&String, &(String, LabelKind))| {
                    !kind.is_apart(cell) && cell.contains(char::is_alphanumeric)
                };
                let said = cells.iter().zip(&self.header).filter(says);
                let said: Vec<&str> = said.map(|(cell, _)| cell.as_str()).collect();
                let text = if said.is_empty() {
                    cells.join(ROW)
                } else {
                    said.join(ROW)
                };
                let named = self.header.clone().into_iter().zip(cells);
                let cell = |((header, kind), text)| Cell { header, kind, text };
                self.push(Form::Row, lines, text).cells = named.map(cell).collect();
            }
            TagEnd::Paragraph | TagEnd::Item | TagEnd::List(_) | TagEnd::BlockQuote(_) => {
                self.flush()
            }
            _ => {}
        }
        match tag {
            TagEnd::Item => drop(self.items.pop()),
            TagEnd::List(_) => drop(self.numbers.pop()),
            TagEnd::BlockQuote(_) => self.quotes = self.quotes.saturating_sub(1),
            _ => {}
        }
    }

    /// The text that is being collected.
    fn take(&mut self) -> String {
        let segments = self.inline.take().map(Inline::into_segments);
        join(&segments.unwrap_or_default())
    }

    /// Ends the text that is being collected: that of a list entry, or a paragraph.
    fn flush(&mut self) {
        let segments = self.inline.take().map(Inline::into_segments);
        let segments = segments.unwrap_or_default();
        let Some(last) = segments.last() else { return };
        let count = self.nodes.len();
        let fresh = self.items.last().filter(|item| **item + 1 == count);
        let fresh = fresh.and_then(|item| self.nodes.get_mut(*item));
        if let Some(item) = fresh.filter(|item| item.text.is_empty()) {
            item.lines.end = last.line.max(item.lines.start);
            let mut text = join(&segments);
            let loose = state_mark::loose_box(&text).filter(|_| item.checked.is_none());
            let loose = loose.map(|(is_ticked, rest)| (is_ticked, rest.to_owned()));
            item.marked = loose.is_some();
            if let Some((is_ticked, rest)) = loose {
                (item.checked, text) = (Some(is_ticked), rest);
            }
            let mark = state_mark::of_box(&text).filter(|_| item.checked.is_none());
            let mark = mark.map(|(state, rest)| (state, rest.to_owned()));
            item.marked |= mark.is_some();
            item.state = mark.as_ref().map(|(state, _)| *state);
            let text = mark.map_or(text, |(_, rest)| rest);
            let bold = segments.first().filter(|_| !item.marked);
            let bold = bold.map_or(0, |first| first.bold);
            item.lead = lead(&text, bold).map(str::to_owned);
            let is_open = item.checked == Some(false);
            let means = |name: &str, rest: &str| match kind_before(name, rest) {
                LabelKind::Other => false,
                LabelKind::NonGoal | LabelKind::Story => true,
                // `- [ ] Files: upload them` is something to do, not a property of a task.
                _ => !is_open,
            };
            match label(&text, bold).filter(|(name, rest)| means(name, rest)) {
                Some((name, rest)) => {
                    (item.label, item.lead) = (kind_before(name, rest), Some(name.to_owned()));
                    item.text = rest.to_owned();
                }
                None => item.text = text,
            }
            return;
        }
        let mut rest = segments.as_slice();
        while !rest.is_empty() {
            let is_bare = rest.first().is_some_and(|first| bare_label(&first.text));
            let next = rest.iter().skip(1).position(begins);
            let next = next.filter(|_| !is_bare).or(is_bare.then_some(0));
            let next = next.map_or(rest.len(), |at| at + 1);
            let (part, after) = rest.split_at(next);
            self.paragraph(part);
            rest = after;
        }
    }

    fn paragraph(&mut self, part: &[Segment]) {
        let (Some(first), Some(last)) = (part.first(), part.last()) else {
            return;
        };
        let (lines, text) = (Lines::of(first.line, last.line), join(part));
        let whole = first.bold == text.len() && text.len() <= LONGEST || bare_label(&text);
        let whole = whole.then_some((text.as_str(), ""));
        let found = whole.or_else(|| label(&text, first.bold));
        if let Some((name, rest)) = found {
            let name = name.trim_end_matches([':', '：', ' ']).to_owned();
            let node = self.push(Form::Label, lines, rest.to_owned());
            (node.label, node.lead) = (kind_before(&name, rest), Some(name));
        } else {
            let lead = lead(&text, first.bold).map(str::to_owned);
            self.push(Form::Paragraph, lines, text).lead = lead;
        }
    }

    fn push(&mut self, form: Form, lines: Lines, text: String) -> &mut Node {
        let mut node = Node::default();
        (node.form, node.parent, node.text) = (form, self.items.last().copied(), text);
        (node.lines, node.end) = (lines, lines.end);
        self.nodes.push(node);
        let last = self.nodes.len() - 1;
        &mut self.nodes[last]
    }
}

/// True if a line of a paragraph begins a statement of its own: a label or a requirement's id.
fn begins(segment: &Segment) -> bool {
    let text = segment.text.as_str();
    let id = author_id::split(text, ShortIds::Plain);
    let named =
        |(id, rest): (String, &str)| text.len() - rest.len() > id.len() && text.contains(':');
    label(text, segment.bold).is_some() || id.is_some_and(named) || bare_label(text)
}

/// True for a line such as `Acceptance criteria` that announces what follows, as in texts without markup.
fn bare_label(text: &str) -> bool {
    use LabelKind::{Acceptance, Deliverables, NonGoal, Question, Tasks};
    let kind = || kind_of(text);
    let is_short = text.split_whitespace().count() <= 4 && text.ends_with(char::is_alphanumeric);
    is_short
        && matches!(
            kind(),
            Acceptance | Deliverables | NonGoal | Question | Tasks
        )
}

/// The bold beginning of a text.
fn lead(text: &str, bold: usize) -> Option<&str> {
    let name = text.get(..bold)?.trim_matches([':', '：', ' ', '.']);
    (name.contains(char::is_alphanumeric) && bold <= LONGEST).then_some(name)
}

/// The name of the label that a text begins with, and the rest: a bold name with a colon, or a
/// known name.
fn label(text: &str, bold: usize) -> Option<(&str, &str)> {
    let colon = [':', '：'];
    if let Some(name) = lead(text, bold) {
        let (head, rest) = text.split_at(bold);
        let closed = head.trim_end().ends_with(colon) || rest.trim_start().starts_with(colon);
        let rest = rest.trim_start().trim_start_matches(colon);
        return closed.then(|| (name, rest.trim_start()));
    }
    let (name, rest) = text.split_once(colon)?;
    let known = (2..=40).contains(&name.len()) && kind_before(name, rest) != LabelKind::Other;
    known.then(|| (name, rest.trim_start()))
}

/// HTML without tags and comments.
fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let close = if tag.starts_with("!--") { "-->" } else { ">" };
        rest = tag.split_once(close).map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
