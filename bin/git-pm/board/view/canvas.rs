//! A part of the board's screen to draw on.
//!
//! Text is escaped and cut here, so that the state cannot send control sequences to the terminal, and
//! nothing is drawn outside.

use git_pm::text::shorten;
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::{Color, Modifier, Style};

use crate::render::style::{self, Label};
use crate::render::table::fit;

/// A drawing surface, with or without colors.
pub struct Canvas<'b> {
    pub buffer: &'b mut Buffer,
    pub colored: bool,
}

/// The style of a label on the screen; without colors only its weight.
fn styled(label: Label, colored: bool) -> Style {
    let style = style::style(label);
    let effects = style.get_effects();
    let mut out = Style::new();
    if effects.contains(anstyle::Effects::BOLD) {
        out = out.add_modifier(Modifier::BOLD);
    }
    if effects.contains(anstyle::Effects::DIMMED) {
        out = out.add_modifier(Modifier::DIM);
    }
    match style.get_fg_color() {
        Some(anstyle::Color::Ansi(color)) if colored => out.fg(named(color)),
        _ => out,
    }
}

fn named(color: anstyle::AnsiColor) -> Color {
    use anstyle::AnsiColor;
    match color {
        AnsiColor::Red => Color::Red,
        AnsiColor::Green => Color::Green,
        AnsiColor::Yellow => Color::Yellow,
        AnsiColor::Blue => Color::Blue,
        AnsiColor::Magenta => Color::Magenta,
        AnsiColor::Cyan => Color::Cyan,
        _ => Color::Reset,
    }
}

impl Canvas<'_> {
    /// The whole screen.
    pub fn area(&self) -> Rect {
        self.buffer.area
    }

    /// Draws a text, cut to this width. Returns the column after it.
    pub fn put(&mut self, x: u16, y: u16, width: u16, label: Label, text: &str) -> u16 {
        let area = self.buffer.area;
        let room = area.right().saturating_sub(x).min(width);
        if room == 0 || y >= area.bottom() {
            return x;
        }
        // The text beyond the end is not examined, however long it is.
        let begin = shorten(text, usize::from(room) * 2 + 16);
        let (shown, _) = fit(&begin, usize::from(room));
        let style = styled(label, self.colored);
        self.buffer
            .set_stringn(x, y, shown, usize::from(room), style)
            .0
    }

    /// Draws parts one after another, up to this width.
    pub fn parts(&mut self, x: u16, y: u16, width: u16, parts: &[(Label, String)]) -> u16 {
        let end = x.saturating_add(width);
        let mut at = x;
        for (label, text) in parts {
            at = self.put(at, y, end.saturating_sub(at), *label, text);
        }
        at
    }

    /// Marks an area as the cursor.
    pub fn mark(&mut self, area: Rect) {
        let style = Style::new().add_modifier(Modifier::REVERSED);
        self.buffer
            .set_style(area.intersection(self.buffer.area), style);
    }

    /// Draws a horizontal line.
    pub fn rule(&mut self, x: u16, y: u16, width: u16) {
        let text = "─".repeat(usize::from(width));
        self.put(x, y, width, Label::Dim, &text);
    }

    /// Draws an empty box with a border and a title. Returns the area inside.
    pub fn window(&mut self, area: Rect, title: &str) -> Rect {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                self.buffer[(x, y)].reset();
            }
        }
        if area.width < 4 || area.height < 3 {
            return Rect {
                width: 0,
                height: 0,
                ..area
            };
        }
        let line = "─".repeat(usize::from(area.width) - 2);
        let (right, bottom) = (area.right() - 1, area.bottom() - 1);
        self.put(area.x, area.y, area.width, Label::Dim, &format!("┌{line}┐"));
        self.put(area.x, bottom, area.width, Label::Dim, &format!("└{line}┘"));
        for y in area.y + 1..bottom {
            self.put(area.x, y, 1, Label::Dim, "│");
            self.put(right, y, 1, Label::Dim, "│");
        }
        if !title.is_empty() {
            let title = format!(" {title} ");
            self.put(area.x + 2, area.y, area.width - 4, Label::Heading, &title);
        }
        Rect::new(area.x + 2, area.y + 1, area.width - 4, area.height - 2)
    }

    /// A part of an area, centred, at most this large.
    pub fn centred(area: Rect, width: u16, height: u16) -> Rect {
        let (width, height) = (width.min(area.width), height.min(area.height));
        Rect::new(
            area.x + (area.width - width) / 2,
            area.y + (area.height - height) / 2,
            width,
            height,
        )
    }
}
