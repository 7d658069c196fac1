//! Lists: the tabs other than the board, and the details of an item.

use git_pm::text::shorten;
use ratatui_core::layout::Rect;
use unicode_width::UnicodeWidthChar;

use super::super::state::{Details, Model, Tab};
use super::{Canvas, Hits};
use crate::board::limits;
use crate::render::style::Label;
use crate::render::table::wrapped;

/// Draws the rows of a tab, with the cursor.
pub fn rows(canvas: &mut Canvas<'_>, model: &Model, area: Rect, hits: &mut Hits) {
    if model.rows.is_empty() {
        let text = match model.tab {
            Tab::Runs => "No run yet: `git pm run` starts agents on the items that are ready.",
            Tab::Board | Tab::Tree | Tab::Order => "No open item: n creates a task.",
            Tab::Activity => "Nothing has happened yet.",
        };
        canvas.put(area.x + 1, area.y, area.width - 1, Label::Dim, text);
    }
    let mut area = area;
    if let (Some(header), false) = (&model.header, model.rows.is_empty()) {
        canvas.parts(area.x + 1, area.y, area.width - 1, &header.parts);
        area.y += 1;
        area.height -= 1;
    }
    let height = usize::from(area.height).max(1);
    let top = model.row / height * height;
    for (n, row) in model.rows.iter().enumerate().skip(top).take(height) {
        let y = area.y + u16::try_from(n - top).unwrap_or(u16::MAX);
        canvas.parts(area.x + 1, y, area.width - 1, &row.parts);
        let line = Rect::new(area.x, y, area.width, 1);
        if n == model.row {
            canvas.mark(line);
        }
        hits.rows.push((line, n));
    }
}

/// Draws the details of an item, wrapped to the width. Returns the last line that can be the first
/// visible one.
pub fn details(canvas: &mut Canvas<'_>, details: &Details, top: usize, area: Rect) -> usize {
    let area = canvas.window(area, "");
    let width = usize::from(area.width).max(1);
    let mut lines: Vec<(Label, String)> = Vec::new();
    for row in &details.rows {
        match row.parts.first() {
            Some((label, text)) => {
                let broken = wrapped(&shorten(text, limits::DETAIL_LINE_MAX), width).into_iter();
                lines.extend(broken.map(|line| (*label, line)));
            }
            None => lines.push((Label::Text, String::new())),
        }
        if lines.len() > limits::DETAIL_LINES_MAX {
            break;
        }
    }
    let height = usize::from(area.height);
    let last = lines.len().saturating_sub(height);
    let top = top.min(last);
    for (n, (label, text)) in lines.iter().skip(top).take(height).enumerate() {
        let y = area.y + u16::try_from(n).unwrap_or(u16::MAX);
        canvas.put(area.x, y, area.width, *label, text);
    }
    let more = lines.len().saturating_sub(top + height);
    if more > 0 {
        let text = format!(" {more} more lines (J) ");
        canvas.put(area.x, area.bottom(), area.width, Label::Dim, &text);
    }
    last
}

/// The part of a text from a column on.
pub fn from_column(text: &str, column: usize) -> String {
    let mut left = column;
    text.chars()
        .skip_while(|c| {
            let skip = left > 0;
            left = left.saturating_sub(c.width().unwrap_or(0));
            skip
        })
        .collect()
}
