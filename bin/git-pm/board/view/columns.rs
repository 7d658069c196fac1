//! The columns of the board. Only what is visible is drawn, however many cards there are.

use git_pm::items::{BoardCard, BoardState};
use git_pm::text::shorten;
use ratatui_core::layout::Rect;

use super::super::state::{Model, Place};
use super::{Canvas, Hits};
use crate::board::limits;
use crate::render::board::notes;
use crate::render::style::{Label, priority};
use crate::render::table::wrapped;

/// The minimum width of a column.
const LEAST: u16 = 15;
/// The width from which a title takes a single line.
const WIDE: u16 = 36;
/// The layout of the board in its area.
struct Layout {
    area: Rect,
    /// The first visible column, the number of visible ones, and their width with the gap.
    first: usize,
    visible: usize,
    pitch: u16,
    /// The number of lines of a card, including the gap below it.
    card: usize,
}

impl Layout {
    fn of(model: &Model, area: Rect) -> Layout {
        let count = model.view.columns.len().max(1);
        let fitting = usize::from((area.width + 1) / (LEAST + 1)).max(1);
        let visible = fitting.min(count);
        // The cursor's column is always visible.
        let first = (model.place.column + 1).saturating_sub(visible);
        let pitch = (area.width + 1) / u16::try_from(visible).unwrap_or(u16::MAX);
        Layout {
            area,
            first,
            visible,
            pitch,
            card: if pitch > WIDE { 4 } else { 5 },
        }
    }

    fn width(&self) -> u16 {
        self.pitch - 1
    }

    fn x(&self, column: usize) -> u16 {
        self.area.x + u16::try_from(column - self.first).unwrap_or(0) * self.pitch
    }

    fn columns(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.visible
    }

    /// The number of lines of a lane: its heading and its longest column.
    fn height(&self, model: &Model, lane: usize) -> usize {
        let lane = &model.view.lanes[lane];
        let longest = lane.cells.iter().map(|cell| cell.cards.len()).max();
        self.heading(model) + longest.unwrap_or(0).max(1) * self.card
    }

    fn heading(&self, model: &Model) -> usize {
        usize::from(model.view.lanes_by.is_some())
    }

    /// The first visible line of the lanes, which begins the page with the cursor.
    fn top(&self, model: &Model, rows: usize) -> usize {
        let above: usize = (0..model.place.lane.min(model.view.lanes.len()))
            .map(|lane| self.height(model, lane))
            .sum();
        let card = above + self.heading(model) + model.place.row * self.card;
        let page = (rows / self.card).max(1) * self.card;
        let top = card / page * page;
        // A heading can push a card past the end of its page.
        top.max((card + self.card).saturating_sub(rows + 1))
    }
}

/// Draws the columns.
pub fn draw(canvas: &mut Canvas<'_>, model: &Model, area: Rect, hits: &mut Hits) {
    if model.view.columns.is_empty() {
        return;
    }
    let layout = Layout::of(model, area);
    for n in layout.columns() {
        let Some(column) = model.view.columns.get(n) else {
            continue;
        };
        let (x, width) = (layout.x(n), layout.width());
        let before = if n == layout.first && n > 0 {
            "‹ "
        } else {
            ""
        };
        let after = match n + 1 == layout.first + layout.visible && n + 1 < model.view.columns.len()
        {
            true => " ›",
            false => "",
        };
        let count = format!(" {}{after}", column.count);
        let room = width.saturating_sub(u16::try_from(count.chars().count()).unwrap_or(0));
        let title = format!("{before}{}", column.title);
        let end = canvas.put(x, area.y, room, Label::Heading, &title);
        canvas.put(end, area.y, width - (end - x), Label::Dim, &count);
        canvas.rule(x, area.y + 1, width);
        if n == model.place.column {
            canvas.mark(Rect::new(x, area.y, width, 1));
        }
    }
    let body = Rect {
        y: area.y + 2,
        height: area.height.saturating_sub(2),
        ..area
    };
    lanes(canvas, model, &layout, body, hits);
}

fn lanes(canvas: &mut Canvas<'_>, model: &Model, layout: &Layout, body: Rect, hits: &mut Hits) {
    let rows = usize::from(body.height);
    let top = layout.top(model, rows);
    let mut start = 0;
    for (n, lane) in model.view.lanes.iter().enumerate() {
        let height = layout.height(model, n);
        let end = start + height;
        if end > top && start < top + rows {
            let heading = layout.heading(model);
            if heading > 0 && start >= top {
                let y = body.y + u16::try_from(start - top).unwrap_or(u16::MAX);
                let text = format!("▌{} ({})", lane.title, lane.count);
                canvas.put(body.x, y, body.width, Label::Path, &text);
            }
            let from = top.saturating_sub(start + heading) / layout.card;
            for column in layout.columns() {
                let Some(cell) = lane.cells.get(column) else {
                    continue;
                };
                for (row, card) in cell.cards.iter().enumerate().skip(from) {
                    let line = start + heading + row * layout.card;
                    if line >= top + rows {
                        break;
                    }
                    if line < top {
                        continue;
                    }
                    let y = body.y + u16::try_from(line - top).unwrap_or(u16::MAX);
                    let height = u16::try_from(layout.card - 1).unwrap_or(u16::MAX);
                    let area =
                        Rect::new(layout.x(column), y, layout.width(), height).intersection(body);
                    let place = Place {
                        lane: n,
                        column,
                        row,
                    };
                    draw_card(canvas, model, card, area);
                    if place == model.place {
                        canvas.mark(area);
                    }
                    hits.cards.push((area, place));
                }
            }
        }
        start = end;
        if start >= top + rows {
            break;
        }
    }
}

fn draw_card(canvas: &mut Canvas<'_>, model: &Model, card: &BoardCard, area: Rect) {
    let mut head = vec![
        (Label::Id, card.id.clone()),
        (priority(card.priority), format!(" P{}", card.priority)),
    ];
    if let Some(owner) = &card.owner {
        head.push((Label::Actor, format!(" {owner}")));
    }
    canvas.parts(area.x, area.y, area.width, &head);
    let lines = if area.width >= WIDE { 1 } else { 2 };
    let all = shorten(&card.title, limits::CARD_TITLE_MAX);
    let mut title = wrapped(&all, usize::from(area.width));
    if title.len() > lines {
        let rest = title.split_off(lines - 1).join(" ");
        title.push(rest);
    }
    let mut y = area.y + 1;
    for line in title.iter().take(lines) {
        if y < area.bottom() {
            canvas.put(area.x, y, area.width, Label::Text, line);
        }
        y += 1;
    }
    let notes = notes(model.view.by, card).join(", ");
    if y < area.bottom() {
        let label = match card.state {
            _ if card.lease_ended || card.blocking_findings > 0 => Label::Bad,
            BoardState::Blocked => Label::Waiting,
            _ => Label::Dim,
        };
        canvas.put(area.x, y, area.width, label, &notes);
    }
}
