//! Renders the state: a pure function that also returns the position of each element, for the mouse.

mod canvas;
mod columns;
mod lists;
mod overlays;
#[cfg(test)]
mod tests;

use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::key_help;
use super::limits::{BESIDE, PANE, SMALLEST};
use super::state::{Asked, Mode, Model, Place, Tab};
use crate::render::board::summary;
use crate::render::style::Label;
use crate::render::table::fit;
use canvas::Canvas;

/// The positions of the drawn elements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    pub cards: Vec<(Rect, Place)>,
    pub tabs: Vec<(Rect, usize)>,
    /// Those of a list.
    pub rows: Vec<(Rect, usize)>,
    /// The last line of the details that can be the first visible one, if they are visible.
    pub details_last: Option<usize>,
    /// True if the screen has room for the details beside the board.
    pub is_wide: bool,
    /// The position of the terminal's cursor, while a line is being typed.
    pub cursor: Option<(u16, u16)>,
}

/// What is at a position.
pub fn at<T: Copy>(list: &[(Rect, T)], x: u16, y: u16) -> Option<T> {
    let inside = |area: &Rect| area.contains((x, y).into());
    list.iter()
        .find(|(area, _)| inside(area))
        .map(|(_, what)| *what)
}

/// Draws the state.
pub fn draw(buffer: &mut Buffer, model: &Model, colored: bool) -> Hits {
    let mut canvas = Canvas { buffer, colored };
    let mut hits = Hits::default();
    let area = canvas.area();
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let (width, height) = SMALLEST;
        let text = format!("The board needs a terminal of at least {width}x{height}; q quits.");
        for (n, line) in crate::render::table::wrapped(&text, usize::from(area.width).max(1))
            .iter()
            .enumerate()
        {
            let y = u16::try_from(n).unwrap_or(u16::MAX);
            canvas.put(0, y, area.width, Label::Text, line);
        }
        return hits;
    }
    head(&mut canvas, model, &mut hits);
    hits.is_wide = area.width >= BESIDE;
    // The keys are always there; a message or a line being typed is above them.
    let is_told = model.note.is_some() || matches!(model.mode, Mode::Typing { .. });
    let body = Rect::new(0, 2, area.width, area.height - 3 - u16::from(is_told));
    match model.tab {
        Tab::Board => {
            let (board, pane) = parts(body, model.opened);
            if let Some(board) = board {
                columns::draw(&mut canvas, model, board, &mut hits);
            }
            if let (Some(pane), Some(details)) = (pane, &model.details) {
                let last = lists::details(&mut canvas, details, model.details_top, pane);
                hits.details_last = Some(last);
            }
        }
        _ => lists::rows(&mut canvas, model, body, &mut hits),
    }
    foot(&mut canvas, model, &mut hits);
    overlays::draw(&mut canvas, model, body, &mut hits);
    hits
}

/// The areas of the body: the board and the details beside it where there is room, or instead of
/// it if they are open.
fn parts(body: Rect, opened: bool) -> (Option<Rect>, Option<Rect>) {
    if opened {
        return (None, Some(body));
    }
    if body.width < BESIDE {
        return (Some(body), None);
    }
    let pane = (body.width * 2 / 5).min(PANE);
    let left = body.width - pane;
    (
        Some(Rect {
            width: left - 1,
            ..body
        }),
        Some(Rect {
            x: left,
            width: pane,
            ..body
        }),
    )
}

/// Draws the first two lines: the tabs, and what is shown.
fn head(canvas: &mut Canvas<'_>, model: &Model, hits: &mut Hits) {
    let width = canvas.area().width;
    let mut x = 0;
    for (n, tab) in Tab::ALL.iter().enumerate() {
        let text = format!(" {} {} ", n + 1, tab.name());
        let label = if *tab == model.tab {
            Label::Heading
        } else {
            Label::Dim
        };
        let end = canvas.put(x, 0, width - x, label, &text);
        let area = Rect::new(x, 0, end - x, 1);
        if *tab == model.tab {
            canvas.mark(area);
        }
        hits.tabs.push((area, n));
        x = end;
    }
    let actor = format!("as {} ", fit(&model.actor, 20).0);
    let room = u16::try_from(actor.width()).unwrap_or(u16::MAX);
    if x + room < width {
        canvas.put(width - room, 0, room, Label::Dim, &actor);
    }
    let mut parts = vec![(Label::Dim, format!(" {}", summary(&model.view)))];
    if !model.filter.is_empty() {
        parts.push((Label::Dim, "  filter ".into()));
        parts.push((Label::Active, model.filter.clone()));
    }
    canvas.parts(0, 1, width, &parts);
}

/// Draws the last lines: the input or the last message, and the keys.
fn foot(canvas: &mut Canvas<'_>, model: &Model, hits: &mut Hits) {
    let area = canvas.area();
    let (last, width) = (area.height - 1, area.width);
    hints(canvas, model, last, width);
    let y = last - 1;
    if let Mode::Typing { asked, input } = &model.mode {
        let prompt = match asked {
            Asked::Filter(_) => "filter".to_string(),
            Asked::Title => "new task".to_string(),
            Asked::For(verb, target) => {
                format!("{}, {}", target.id, verb.asks().unwrap_or_default())
            }
        };
        let x = canvas.put(0, y, width / 2, Label::Heading, &format!(" {prompt}: "));
        let room = usize::from(width - x).saturating_sub(1);
        // Shows the end of a long line, where the cursor usually is.
        let skipped = input.column().saturating_sub(room);
        let shown =
            lists::from_column(&input.text().replace('\n', "⏎").replace('\t', " "), skipped);
        canvas.put(x, y, width - x, Label::Text, &shown);
        let column = u16::try_from(input.column() - skipped).unwrap_or(0);
        hits.cursor = Some(((x + column).min(width - 1), y));
        if let Some(error) = &model.filter_error {
            canvas.put(0, y - 1, width, Label::Error, &format!(" {error} "));
        }
    } else if let Some(note) = &model.note {
        let label = if note.is_error {
            Label::Bad
        } else {
            Label::Good
        };
        let text = note.lines.first().map_or("", String::as_str);
        canvas.put(0, y, width, label, &format!(" {text}"));
    }
}

/// Draws what keys do now: as many as fit, and always the one for all of them.
fn hints(canvas: &mut Canvas<'_>, model: &Model, y: u16, width: u16) {
    let help = match model.mode {
        Mode::Browse => "? help",
        _ => "",
    };
    let mut left = usize::from(width).saturating_sub(help.len() + 1);
    let mut parts = vec![(Label::Text, " ".to_string())];
    for (key, does) in key_help::now(model) {
        let needed = key.width() + does.width() + 3;
        if needed > left {
            break;
        }
        left -= needed;
        parts.push((Label::Command, key.to_string()));
        parts.push((Label::Dim, format!(" {does}  ")));
    }
    parts.push((Label::Command, help.to_string()));
    canvas.parts(0, y, width, &parts);
}
