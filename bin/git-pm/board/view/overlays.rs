//! Overlays on the board: help, menus, the jump, questions, and errors with their hints.

use ratatui_core::layout::Rect;

use super::super::key_help::KEYS;
use super::super::state::{Choice, Mode, Model};
use super::{Canvas, Hits};
use crate::render::style::Label;
use crate::render::table::wrapped;

/// Draws the overlay on the body.
pub fn draw(canvas: &mut Canvas<'_>, model: &Model, body: Rect, hits: &mut Hits) {
    match &model.mode {
        Mode::Help(top) => help(canvas, body, *top),
        Mode::Jump {
            is_palette,
            input,
            hits: found,
            at,
        } => {
            let lines: Vec<String> = found.iter().map(|hit| model.hit_text(hit)).collect();
            let area = Canvas::centred(body, 70, 16);
            let prompt = if *is_palette { "do" } else { "go to" };
            let title = format!("{prompt}: {}", input.text());
            list(canvas, area, &title, &lines, *at);
            let column = input.column() + prompt.len() + 5;
            let column = u16::try_from(column).unwrap_or(u16::MAX);
            let x = area.x.saturating_add(column).min(area.right() - 1);
            hits.cursor = Some((x, area.y));
        }
        Mode::Menu { title, choices, at } => {
            let lines: Vec<String> = choices
                .iter()
                .map(|choice| match choice {
                    Choice::Verb(verb, _) => verb.name().to_string(),
                    Choice::Criteria(_, text, _) => text.clone(),
                    Choice::View(name, query) => format!("{name}: {query}"),
                })
                .collect();
            let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
            let area = Canvas::centred(body, 60, height.saturating_add(2));
            list(canvas, area, title, &lines, *at);
        }
        Mode::Confirm { question, .. } => {
            let inside = canvas.window(Canvas::centred(body, 76, 4), "");
            canvas.put(inside.x, inside.y, inside.width, Label::Heading, question);
            canvas.put(
                inside.x,
                inside.y + 1,
                inside.width,
                Label::Dim,
                "y yes   n no",
            );
        }
        Mode::Browse => error(canvas, model, body),
        Mode::Typing { .. } => {}
    }
}

/// Draws the lines around the one at the cursor.
fn list(canvas: &mut Canvas<'_>, area: Rect, title: &str, lines: &[String], at: usize) {
    let inside = canvas.window(area, title);
    let height = usize::from(inside.height).max(1);
    let top = at / height * height;
    for (n, line) in lines
        .iter()
        .enumerate()
        .skip(top)
        .take(usize::from(inside.height))
    {
        let y = inside.y + u16::try_from(n - top).unwrap_or(u16::MAX);
        canvas.put(inside.x, y, inside.width, Label::Text, line);
        if n == at {
            canvas.mark(Rect::new(inside.x, y, inside.width, 1));
        }
    }
}

/// Draws the list of keys, from a line on.
fn help(canvas: &mut Canvas<'_>, body: Rect, top: usize) {
    let lines = u16::try_from(KEYS.len() + 2).unwrap_or(u16::MAX);
    let inside = canvas.window(Canvas::centred(body, 76, lines), "keys");
    let height = usize::from(inside.height);
    let top = top.min(KEYS.len().saturating_sub(height));
    for (n, (keys, does)) in KEYS.iter().skip(top).take(height).enumerate() {
        let y = inside.y + u16::try_from(n).unwrap_or(0);
        let parts = [
            (Label::Command, format!("{keys:<15}")),
            (Label::Text, (*does).to_string()),
        ];
        canvas.parts(inside.x, y, inside.width, &parts);
    }
    if KEYS.len() > height {
        let text = " j k scroll ";
        canvas.put(inside.x, inside.bottom(), inside.width, Label::Dim, text);
    }
}

/// Draws an error with all its hints; a one-line message is already in the last line.
fn error(canvas: &mut Canvas<'_>, model: &Model, body: Rect) {
    let Some(note) = model.note.as_ref().filter(|note| note.is_error) else {
        return;
    };
    let width = body.width.min(90);
    let room = usize::from(width.saturating_sub(4)).max(1);
    let lines: Vec<(Label, String)> = note
        .lines
        .iter()
        .enumerate()
        .flat_map(|(n, text)| {
            let label = if n == 0 { Label::Bad } else { Label::Hint };
            let lines = wrapped(text, room).into_iter();
            lines.map(move |line| (label, line))
        })
        .collect();
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let inside = canvas.window(Canvas::centred(body, width, height), "Esc closes");
    for (n, (label, line)) in lines.iter().take(usize::from(inside.height)).enumerate() {
        let y = inside.y + u16::try_from(n).unwrap_or(u16::MAX);
        canvas.put(inside.x, y, inside.width, *label, line);
    }
}
