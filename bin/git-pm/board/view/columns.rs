//! The columns of the board. Only what is visible is drawn, however many cards there are.
//!
//! A card takes the rows that it needs where all cards of its column fit, and else one line.

use git_pm::items::BoardCard;
use ratatui_core::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::super::state::{Model, Place};
use super::{Canvas, Hits};
use crate::render::card::{Parts, facts, lines, take};
use crate::render::style::Label;
use crate::render::table::fit;

/// The minimum width of a column with its gap.
const LEAST: u16 = 19;
/// The columns of a title that are kept for it in a card of one line.
const TITLE: usize = 24;

/// How much a card shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Size {
    /// Its id, its title, and what fits beside them.
    Line,
    /// The whole title, and a line of facts.
    Tight,
    /// The same, and an empty line below.
    Loose,
}

/// The layout of the board in its area.
struct Layout {
    /// The area below the headings.
    body: Rect,
    /// The columns that are visible, with the size of their cards.
    shown: Vec<(usize, Size)>,
    /// The width of a column with its gap.
    pitch: u16,
    /// True if there are columns before the first and after the last visible one.
    more: (bool, bool),
}

impl Layout {
    fn of(model: &Model, area: Rect) -> Layout {
        let count = model.view.columns.len();
        let fitting = usize::from(area.width / LEAST).max(1);
        // Empty columns are left out where there is no room for all.
        let is_shown = |n: &usize| count <= fitting || model.is_filled(*n);
        let mut all: Vec<usize> = (0..count).filter(is_shown).collect();
        if all.is_empty() {
            all.extend(0..count);
        }
        let visible = fitting.min(all.len()).max(1);
        // The cursor's column is always visible.
        let at = all.iter().position(|n| *n == model.place.column);
        let first = (at.unwrap_or(0) + 1).saturating_sub(visible);
        let last = (first + visible).min(all.len());
        let mut layout = Layout {
            body: Rect {
                y: area.y + 2,
                height: area.height.saturating_sub(2),
                ..area
            },
            shown: Vec::new(),
            pitch: (area.width + 1) / u16::try_from(visible).unwrap_or(u16::MAX),
            more: (first > 0, last < all.len()),
        };
        let sizes = all[first..last]
            .iter()
            .map(|n| (*n, layout.size(model, *n)));
        let mut shown: Vec<(usize, Size)> = sizes.collect();
        if model.view.lanes.len() > 1 {
            // The columns of a lane are of one kind.
            let least = shown.iter().map(|(_, size)| *size).min();
            let least = least.unwrap_or(Size::Line);
            shown.iter_mut().for_each(|(_, size)| *size = least);
        }
        layout.shown = shown;
        layout
    }

    /// The largest size with which all cards of a column fit.
    fn size(&self, model: &Model, column: usize) -> Size {
        let rows = usize::from(self.body.height);
        let (mut cards, mut needed) = (0, 0);
        for lane in &model.view.lanes {
            let Some(cell) = lane.cells.get(column) else {
                continue;
            };
            cards += cell.cards.len();
            needed += self.heading(model);
            for card in &cell.cards {
                // The lines of many cards are not counted.
                needed += match needed > rows {
                    true => 1,
                    false => lines(&model.view, card, self.width()).len(),
                };
            }
        }
        if needed + cards <= rows + 1 {
            Size::Loose
        } else if needed <= rows {
            Size::Tight
        } else {
            Size::Line
        }
    }

    fn width(&self) -> usize {
        usize::from(self.pitch - 1)
    }

    /// The lines of a card, with the empty one below it.
    fn lines(&self, model: &Model, card: &BoardCard, size: Size) -> Vec<Parts> {
        if size == Size::Line {
            return vec![one_line(model, card, self.width())];
        }
        let mut lines = lines(&model.view, card, self.width());
        lines.extend((size == Size::Loose).then(Vec::new));
        lines
    }

    /// The number of lines of the first cards of a cell.
    fn height_of(
        &self,
        model: &Model,
        lane: usize,
        (column, size): (usize, Size),
        most: usize,
    ) -> usize {
        let cards = model.cell(lane, column).map_or(&[][..], |cell| &cell.cards);
        match size {
            Size::Line => cards.len().min(most),
            _ => {
                let cards = cards.iter().take(most);
                cards.map(|card| self.lines(model, card, size).len()).sum()
            }
        }
    }

    /// The number of lines of a lane: its heading and its longest column.
    fn height(&self, model: &Model, lane: usize) -> usize {
        let columns = self.shown.iter();
        let longest = columns.map(|column| self.height_of(model, lane, *column, usize::MAX));
        self.heading(model) + longest.max().unwrap_or(0).max(1)
    }

    fn heading(&self, model: &Model) -> usize {
        usize::from(model.view.lanes_by.is_some())
    }

    /// The first visible line of the lanes, which begins the page with the cursor.
    fn top(&self, model: &Model) -> usize {
        let place = model.place;
        let Some(column) = self.shown.iter().find(|(n, _)| *n == place.column) else {
            return 0;
        };
        let lanes = 0..place.lane.min(model.view.lanes.len());
        let above: usize = lanes.map(|lane| self.height(model, lane)).sum();
        let begin = above + self.heading(model);
        let end = begin + self.height_of(model, place.lane, *column, place.row + 1);
        let start = begin + self.height_of(model, place.lane, *column, place.row);
        let rows = usize::from(self.body.height).max(1);
        // A card of several lines can end on the next page.
        (start / rows * rows).max(end.saturating_sub(rows))
    }
}

/// Draws the columns.
pub fn draw(canvas: &mut Canvas<'_>, model: &Model, area: Rect, hits: &mut Hits) {
    if model.view.columns.is_empty() {
        return;
    }
    let layout = Layout::of(model, area);
    let last = layout.shown.len().saturating_sub(1);
    for (at, (n, _)) in layout.shown.iter().enumerate() {
        let Some(column) = model.view.columns.get(*n) else {
            continue;
        };
        let (x, width) = (x_of(&layout, at), layout.pitch - 1);
        let before = if at == 0 && layout.more.0 { "‹ " } else { "" };
        let after = if at == last && layout.more.1 {
            " ›"
        } else {
            ""
        };
        let count = format!(" {}{after}", column.count);
        let room = width.saturating_sub(u16::try_from(count.chars().count()).unwrap_or(0));
        let title = format!("{before}{}", column.title);
        let end = canvas.put(x, area.y, room, Label::Heading, &title);
        canvas.put(end, area.y, width - (end - x), Label::Dim, &count);
        canvas.rule(x, area.y + 1, width);
        if *n == model.place.column {
            canvas.mark(Rect::new(x, area.y, width, 1));
        }
    }
    lanes(canvas, model, &layout, hits);
}

fn x_of(layout: &Layout, at: usize) -> u16 {
    layout.body.x + u16::try_from(at).unwrap_or(0) * layout.pitch
}

fn lanes(canvas: &mut Canvas<'_>, model: &Model, layout: &Layout, hits: &mut Hits) {
    let (body, rows) = (layout.body, usize::from(layout.body.height));
    let top = layout.top(model);
    let heading = layout.heading(model);
    let mut start = 0;
    for (n, lane) in model.view.lanes.iter().enumerate() {
        if start >= top + rows {
            break;
        }
        let next = start + layout.height(model, n);
        if heading > 0 && start >= top {
            let y = body.y + u16::try_from(start - top).unwrap_or(u16::MAX);
            let text = format!("▌{} ({})", lane.title, lane.count);
            canvas.put(body.x, y, body.width, Label::Path, &text);
        }
        for (at, (column, size)) in layout.shown.iter().enumerate() {
            // A single lane is scrolled only in the column of the cursor.
            let is_still = heading == 0 && *column != model.place.column;
            let top = if is_still { 0 } else { top };
            cell(
                canvas,
                model,
                layout,
                (n, *column, *size),
                (start + heading, top, x_of(layout, at)),
                hits,
            );
        }
        start = next;
    }
}

/// Draws the cards of a cell that begins at this line, from the first visible line on.
fn cell(
    canvas: &mut Canvas<'_>,
    model: &Model,
    layout: &Layout,
    (lane, column, size): (usize, usize, Size),
    (mut line, top, x): (usize, usize, u16),
    hits: &mut Hits,
) {
    let (body, width) = (layout.body, layout.pitch - 1);
    let cards = model.cell(lane, column).map_or(&[][..], |cell| &cell.cards);
    let hidden = match size {
        Size::Line => top.saturating_sub(line).min(cards.len()),
        _ => 0,
    };
    line += hidden;
    for (row, card) in cards.iter().enumerate().skip(hidden) {
        if line >= top + usize::from(body.height) {
            break;
        }
        let lines = layout.lines(model, card, size);
        let mut area: Option<Rect> = None;
        for parts in &lines {
            let y = line.checked_sub(top).and_then(|y| u16::try_from(y).ok());
            line += 1;
            if let Some(y) = y.filter(|y| *y < body.height && !parts.is_empty()) {
                canvas.parts(x, body.y + y, width, parts);
                let drawn = Rect::new(x, body.y + y, width, 1);
                area = Some(area.map_or(drawn, |area| area.union(drawn)));
            }
        }
        let Some(area) = area else { continue };
        let place = Place { lane, column, row };
        if place == model.place {
            canvas.mark(area);
        }
        hits.cards.push((area, place));
    }
}

/// A card in one line. Its id is never cut; of the rest, the title is the last to be dropped.
fn one_line(model: &Model, card: &BoardCard, width: usize) -> Parts {
    let mut parts = vec![(Label::Id, card.id.clone())];
    let room = width.saturating_sub(card.id.width() + 1);
    let title = card.title.width().min(TITLE).min(room);
    let mut facts = facts(&model.view, card);
    let beside = take(&mut facts, room - title);
    let taken: usize = beside.iter().map(|(_, text)| text.width()).sum();
    if room > 0 {
        let (title, _) = fit(&card.title, room - taken);
        parts.push((Label::Text, format!(" {title}")));
    }
    parts.extend(beside);
    parts
}
