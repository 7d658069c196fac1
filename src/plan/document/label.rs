//! Bold labels such as `**Acceptance:**`, and the blocks that they own.

use super::blocks::{Raw, RawEntry};
use super::inline::{Segment, fold};
use super::label_names::kind_of;
use super::{Block, Entry, LabelKind, Lines, Text, emoji, tokens};

/// A label without the blocks that it owns.
struct Head {
    name: String,
    kind: LabelKind,
    text: Text,
}

impl Head {
    /// True if it owns `block`, which follows it.
    fn owns(&self, block: &Block, first: bool) -> bool {
        if self.text.plain.is_empty() {
            return true;
        }
        let listing = matches!(
            self.kind,
            LabelKind::Acceptance
                | LabelKind::Tasks
                | LabelKind::Deliverables
                | LabelKind::Scope
                | LabelKind::Risk
                | LabelKind::Mitigation
        );
        let takes_lists = listing || self.text.plain.ends_with([':', '：']);
        first && takes_lists && matches!(block, Block::List { .. } | Block::Table { .. })
    }
}

/// Groups blocks under the labels that own them.
pub(super) fn group(raws: Vec<Raw>) -> Vec<Block> {
    let mut out = Grouped::default();
    let mut raws = raws.into_iter().peekable();
    while let Some(raw) = raws.next() {
        match raw {
            Raw::Paragraph { segments, .. } => {
                let before_list = matches!(raws.peek(), Some(Raw::List { .. } | Raw::Table { .. }));
                out.paragraph(segments, before_list);
            }
            Raw::Heading {
                segments, lines, ..
            } => out.push(Block::Paragraph {
                text: fold(&segments),
                lines,
            }),
            Raw::List { entries, lines } => out.list(entries, lines),
            Raw::Table {
                header,
                rows,
                lines,
            } => out.push(Block::Table {
                header,
                rows,
                lines,
            }),
            Raw::Verbatim { lines } => out.push(Block::Verbatim { lines }),
            Raw::Rule => out.close(),
        }
    }
    out.close();
    out.blocks
}

#[derive(Default)]
struct Grouped {
    blocks: Vec<Block>,
    open: Option<(Head, Vec<Block>, Lines)>,
}

impl Grouped {
    fn close(&mut self) {
        if let Some((head, blocks, lines)) = self.open.take() {
            self.blocks.push(Block::Label {
                name: head.name,
                kind: head.kind,
                text: head.text,
                blocks,
                lines,
            });
        }
    }

    fn push(&mut self, block: Block) {
        if let Some((head, blocks, lines)) = &mut self.open
            && head.owns(&block, blocks.is_empty())
        {
            lines.end = lines.end.max(block.lines().end);
            blocks.push(block);
        } else {
            self.close();
            self.blocks.push(block);
        }
    }

    fn open(&mut self, head: Head, lines: Lines) {
        self.close();
        self.open = Some((head, Vec::new(), lines));
    }

    /// Adds a paragraph; lines that begin with a label are separated from the rest of it.
    fn paragraph(&mut self, segments: Vec<Segment>, before_list: bool) {
        let alone = segments.len() == 1;
        let last = segments.len().saturating_sub(1);
        let mut plain: Vec<Segment> = Vec::new();
        for (place, segment) in segments.into_iter().enumerate() {
            let head = label(&segment, alone).or_else(|| {
                (before_list && place == last)
                    .then(|| colon(&segment))
                    .flatten()
            });
            match head {
                Some(head) => {
                    self.plain(&mut plain);
                    self.open(head, Lines::at(segment.line));
                }
                None if plain.is_empty() => match &mut self.open {
                    // The line after a label, in the same paragraph.
                    Some((head, blocks, lines)) if place > 0 && blocks.is_empty() => {
                        append(&mut head.text, segment.text);
                        lines.end = segment.line;
                    }
                    _ => plain.push(segment),
                },
                None => plain.push(segment),
            }
        }
        self.plain(&mut plain);
    }

    fn plain(&mut self, segments: &mut Vec<Segment>) {
        if let (Some(first), Some(last)) = (segments.first(), segments.last()) {
            let lines = Lines {
                start: first.line,
                end: last.line,
            };
            self.push(Block::Paragraph {
                text: fold(segments),
                lines,
            });
            segments.clear();
        }
    }

    fn list(&mut self, raws: Vec<RawEntry>, lines: Lines) {
        let heads: Vec<Option<Head>> = heads(&raws);
        if heads.iter().all(Option::is_none) {
            let entries = raws.into_iter().map(entry).collect();
            self.push(Block::List { entries, lines });
            return;
        }
        let mut run: Vec<Entry> = Vec::new();
        let mut taking = false;
        for (raw, head) in raws.into_iter().zip(heads) {
            let Some(head) = head else {
                run.push(entry(raw));
                continue;
            };
            self.run(&mut run, taking);
            let lines = raw.lines;
            let whole = entry(raw);
            taking = head.text.plain.is_empty() && whole.blocks.is_empty();
            if taking {
                // `- **Acceptance:**` with its criteria as siblings, not nested.
                self.open(head, lines);
            } else {
                self.close();
                let Head { name, kind, text } = head;
                self.blocks.push(Block::Label {
                    name,
                    kind,
                    text,
                    blocks: whole.blocks,
                    lines,
                });
            }
        }
        self.run(&mut run, taking);
        if taking {
            self.close();
        }
    }

    fn run(&mut self, run: &mut Vec<Entry>, taking: bool) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            return;
        };
        let lines = Lines {
            start: first.lines.start,
            end: last.lines.end,
        };
        let block = Block::List {
            entries: std::mem::take(run),
            lines,
        };
        if taking {
            self.push(block);
        } else {
            self.close();
            self.blocks.push(block);
        }
    }
}

/// The entries of a list that are labels: those with a known name, unless all entries have a bold
/// name.
fn heads(raws: &[RawEntry]) -> Vec<Option<Head>> {
    let leads = raws
        .iter()
        .filter(|raw| raw.segments.first().is_some_and(|s| s.text.lead.is_some()))
        .count();
    let heads: Vec<Option<Head>> = raws
        .iter()
        .map(|raw| {
            let first = raw.segments.first()?;
            let head = label(first, true).or_else(|| {
                let nested = raw
                    .blocks
                    .iter()
                    .any(|block| matches!(block, Raw::List { .. }));
                nested.then(|| colon(first)).flatten()
            })?;
            (head.kind != LabelKind::Other && raw.checked.is_none()).then_some(head)
        })
        .collect();
    let known = heads.iter().flatten().count();
    let acceptance = heads
        .iter()
        .flatten()
        .any(|head| head.kind == LabelKind::Acceptance);
    if acceptance || known * 2 >= leads {
        heads
    } else {
        raws.iter().map(|_| None).collect()
    }
}

/// An entry with its nested blocks; lines after the first that begin with a label are nested, too.
fn entry(raw: RawEntry) -> Entry {
    let RawEntry {
        segments,
        checked,
        number,
        lines,
        blocks,
    } = raw;
    let split = (1..segments.len())
        .find(|place| label(&segments[*place], false).is_some())
        .unwrap_or(segments.len());
    let text = fold(&segments[..split]);
    let mut nested = Vec::new();
    if let (Some(first), Some(last)) = (segments.get(split), segments.last()) {
        let lines = Lines {
            start: first.line,
            end: last.line,
        };
        nested.push(Raw::Paragraph {
            segments: segments[split..].to_vec(),
            lines,
        });
    }
    nested.extend(blocks);
    Entry {
        text,
        checked,
        number,
        lines,
        blocks: group(nested),
    }
}

/// The label that a line begins with. A bold line is also one if it is `alone`.
fn label(segment: &Segment, alone: bool) -> Option<Head> {
    let Some(lead) = &segment.text.lead else {
        return plain_label(segment);
    };
    if lead.len() > 100 || is_sentence(lead) {
        return None;
    }
    let kind = kind_of(lead);
    let name = lead.clone();
    let rest = segment.text.plain.get(segment.lead_end..)?;
    if let Some(rest) = rest.trim_start().strip_prefix([':', '：']) {
        return Some(Head {
            name,
            kind,
            text: text_after(segment, rest),
        });
    }
    // `**Acceptance** (all of them):`
    let rest = rest.trim();
    if let Some((aside, after)) = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        let after = after.trim_start().strip_prefix([':', '：']);
        if let Some(after) = after
            && aside.len() < 60
        {
            return Some(Head {
                name,
                kind,
                text: text_after(segment, after),
            });
        }
    }
    if rest.is_empty() {
        let ends = lead.ends_with(['.', '!', '?', ';', ',', '。']);
        return (alone && !ends).then_some(Head {
            name,
            kind,
            text: Text::default(),
        });
    }
    let dash = ["- ", "– ", "— "]
        .into_iter()
        .find_map(|dash| rest.strip_prefix(dash));
    match dash {
        Some(after) if kind != LabelKind::Other => Some(Head {
            name,
            kind,
            text: text_after(segment, after),
        }),
        _ => None,
    }
}

/// `Depends on: FR-1` without bold, if the name is known.
fn plain_label(segment: &Segment) -> Option<Head> {
    let plain = emoji::without_decoration(&segment.text.plain);
    let at = plain.find([':', '：'])?;
    let (name, rest) = plain.split_at(at);
    let rest = rest.trim_start_matches([':', '：']).trim();
    let kind = kind_of(name);
    (kind != LabelKind::Other
        && kind != LabelKind::Story
        && !rest.is_empty()
        && !rest.starts_with('/'))
    .then(|| Head {
        name: name.trim().to_owned(),
        kind,
        text: text_after(segment, rest),
    })
}

/// `Acceptance criteria:` without bold, before a list.
fn colon(segment: &Segment) -> Option<Head> {
    let plain = emoji::without_decoration(&segment.text.plain);
    let name = plain
        .trim_end_matches('*')
        .strip_suffix([':', '：'])?
        .trim_end();
    let kind = kind_of(name);
    (kind != LabelKind::Other).then(|| Head {
        name: name.to_owned(),
        kind,
        text: Text::default(),
    })
}

/// True for the bold beginning of a sentence: `**As a** tester **I want** …`, `**Given** …`.
fn is_sentence(lead: &str) -> bool {
    const PARTS: &str = "as a|as an|as the|i want|i want to|so that|in order to|i need|i can|given|\
                         when|then|and|but|als|en tant que|como|как";
    let name = tokens::tokens(lead).join(" ");
    PARTS.split('|').any(|part| part == name)
}

fn text_after(segment: &Segment, rest: &str) -> Text {
    let plain: String = rest
        .trim()
        .chars()
        .filter(|c| !emoji::is_invisible(*c))
        .collect();
    let ticks = |text: &str| text.bytes().filter(|byte| *byte == b'`').count();
    let before = ticks(&segment.text.plain).saturating_sub(ticks(&plain)) / 2;
    let codes = segment.text.codes.iter().skip(before).cloned().collect();
    Text {
        plain,
        codes,
        lead: None,
    }
}

fn append(text: &mut Text, more: Text) {
    if !text.plain.is_empty() {
        text.plain.push(' ');
    }
    text.plain
        .extend(more.plain.chars().filter(|c| !emoji::is_invisible(*c)));
    text.codes.extend(more.codes);
}
