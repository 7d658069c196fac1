//! Renders the board as text: columns side by side, in bands where the terminal is narrow.

use git_pm::items::{BoardCard, BoardCell, BoardColumn, BoardField, BoardState, BoardView};
use git_pm::values::status_word;

use super::card::Parts;
use super::format::counted;
use super::page::Page;
use super::style::Label;
use super::table::fit;

/// The least width of a column, if the terminal has it.
const LEAST: usize = 16;
/// The least width of a board, however narrow the terminal is.
const NARROWEST: usize = 12;
/// The greatest width of a column, for a title that is easily read.
const GREATEST: usize = 60;
/// The columns between two columns.
const GAP: usize = 2;

/// A board of this width.
pub fn board(page: &mut Page, view: &BoardView, width: usize) {
    page.line(fit(&summary(view), width.max(NARROWEST)).0);
    let filled = |(column, _): &(&BoardColumn, &BoardCell)| column.count > 0;
    for lane in &view.lanes {
        if view.lanes_by.is_some() {
            let heading = format!("{} ({})", lane.title, lane.count);
            page.heading(fit(&heading, width.max(NARROWEST)).0);
        } else {
            page.gap();
        }
        // The same ones in each lane, so that they line up.
        let columns: Vec<_> = view
            .columns
            .iter()
            .zip(&lane.cells)
            .filter(filled)
            .collect();
        bands(page, view, &columns, width.max(NARROWEST));
    }
}

/// What is on the board, in one line.
pub fn summary(view: &BoardView) -> String {
    if view.total == 0 {
        return "The board is empty.".to_string();
    }
    let mut parts: Vec<String> = Vec::new();
    if view.by == BoardField::State {
        let counts = view.columns.iter().filter(|column| column.count > 0);
        parts.extend(counts.map(|column| format!("{} {}", column.count, column.title)));
    } else {
        parts.push(format!("by {}", view.by));
    }
    if let Some(lanes) = view.lanes_by {
        parts.push(format!("lanes by {lanes}"));
    }
    if view.left_out > 0 {
        parts.push(format!("{} in further groups not shown", view.left_out));
    }
    format!("{}: {}", counted(view.total, "item"), parts.join(", "))
}

/// Columns in as many bands as they need, which are equally full.
fn bands(page: &mut Page, view: &BoardView, all: &[(&BoardColumn, &BoardCell)], width: usize) {
    let fitting = ((width + GAP) / (LEAST + GAP)).max(1);
    let count = all.len().div_ceil(fitting).max(1);
    let each = all.len().div_ceil(count).max(1);
    for (n, band) in all.chunks(each).enumerate() {
        if n > 0 {
            page.gap();
        }
        let room = (width + GAP) / band.len() - GAP;
        side_by_side(page, view, band, room.min(GREATEST));
    }
}

fn side_by_side(
    page: &mut Page,
    view: &BoardView,
    band: &[(&BoardColumn, &BoardCell)],
    width: usize,
) {
    let columns: Vec<Vec<Parts>> = band
        .iter()
        .map(|(column, cell)| lines(view, column, cell, width))
        .collect();
    let height = columns.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..height {
        let last = columns.iter().rposition(|lines| {
            lines
                .get(row)
                .is_some_and(|line| line.iter().any(|(_, text)| !text.is_empty()))
        });
        for (n, lines) in columns.iter().enumerate().take(last.map_or(0, |n| n + 1)) {
            let line = lines.get(row).map_or(&[][..], Vec::as_slice);
            let mut free = width;
            for (label, text) in line {
                if free == 0 {
                    break;
                }
                let (shown, left) = fit(text, free);
                page.put(*label, &shown);
                free = left;
            }
            if Some(n) != last {
                page.text(" ".repeat(free + GAP));
            }
        }
        page.end();
    }
}

/// The lines of one column.
fn lines(view: &BoardView, column: &BoardColumn, cell: &BoardCell, width: usize) -> Vec<Parts> {
    let count = cell.count.to_string();
    let (title, _) = fit(&column.title, width.saturating_sub(count.len() + 1).max(1));
    let mut out = vec![
        vec![(Label::Heading, title), (Label::Dim, format!(" {count}"))],
        vec![(Label::Dim, "─".repeat(width))],
    ];
    for (n, card) in cell.cards.iter().enumerate() {
        if n > 0 {
            out.push(Vec::new());
        }
        out.extend(super::card::lines(view, card, width));
    }
    if cell.left_out > 0 {
        out.push(Vec::new());
        out.push(vec![(Label::Dim, format!("and {} more", cell.left_out))]);
    }
    out
}

/// What a card says besides its title: what its column does not.
pub fn notes(by: BoardField, card: &BoardCard) -> Vec<String> {
    let mut notes = standing(by, card);
    if card.criteria > 0 {
        notes.push(format!("criteria {}/{}", card.criteria_met, card.criteria));
    }
    notes
}

/// Where an item stands, as far as its column does not say it.
pub fn standing(by: BoardField, card: &BoardCard) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    if by != BoardField::State {
        if by != BoardField::Status {
            notes.push(status_word(&card.status).into_owned());
        }
        if card.state == BoardState::Blocked && card.status != "blocked" {
            notes.push("waits".into());
        }
    } else if card.given_up {
        notes.push("given up by its run".into());
    } else if card.status == "ready_for_integration" {
        notes.push("approved".into());
    } else if card.status == "deferred" {
        notes.push(match &card.defer_until {
            Some(day) => format!(
                "deferred until {}",
                day.chars().take(10).collect::<String>()
            ),
            None => "deferred".into(),
        });
    }
    if card.lost {
        notes.push("its target lost it".into());
    }
    if card.returned {
        notes.push("returned".into());
    }
    if card.lease_ended && !matches!(card.state, BoardState::Done | BoardState::Cancelled) {
        notes.push("lease ended".into());
    }
    if card.findings > 0 {
        let all = counted(card.findings, "finding");
        // In short, as a narrow column leaves out what it has no room for.
        notes.extend(match card.blocking_findings {
            0 => vec![all],
            blocking => vec![format!("{blocking} blocking"), all],
        });
    }
    notes
}

/// The label of the notes: what needs attention stands out.
pub fn mood(card: &BoardCard) -> Label {
    match card.state {
        _ if card.lost => Label::Bad,
        BoardState::Cancelled | BoardState::Done => Label::Dim,
        _ if card.lease_ended || card.blocking_findings > 0 => Label::Bad,
        BoardState::Blocked => Label::Waiting,
        _ => Label::Dim,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::board_fixtures::{card, with_cards};
    use crate::render::tests::fixtures::drawn;

    fn at_width(view: &BoardView, width: usize) -> String {
        drawn(width, |page| board(page, view, width))
    }

    #[test]
    fn a_board_fits_the_width_in_bands_of_columns() {
        let view = with_cards(vec![
            card("T-0001", "Log in with a password", BoardState::Queued),
            card(
                "T-0002",
                "修复登录时的竞争条件并添加测试",
                BoardState::InProgress,
            ),
            card("T-0003", "Draw the page", BoardState::InReview),
            card(
                "T-0004",
                "Wait for the page that somebody else is drawing",
                BoardState::Blocked,
            ),
        ]);
        insta::assert_snapshot!("board_80", at_width(&view, 80));
        insta::assert_snapshot!("board_40", at_width(&view, 40));
        insta::assert_snapshot!("board_20", at_width(&view, 20));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_no_escape_is_printed() {
        use unicode_width::UnicodeWidthStr;
        let evil = "\u{1b}[2J\u{9b}31m修复\u{202e}".repeat(2_000);
        let mut one = card("T-0001", &evil, BoardState::InProgress);
        one.owner = Some(evil.clone());
        one.id = "T-0001-0123456789abcdef".into();
        let mut view = with_cards(vec![one]);
        view.columns[1].title = evil;
        for width in [0, 1, 5, 12, 20, 79, 80, 81, 200, 1_000] {
            let text = at_width(&view, width);
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
            for line in text.lines() {
                assert!(line.width() <= width.max(NARROWEST), "{width}: {line}");
            }
            assert!(text.lines().count() < 12, "{text}");
        }
    }

    #[test]
    fn an_empty_board_says_so() {
        assert_eq!(
            at_width(&with_cards(Vec::new()), 80).trim(),
            "The board is empty."
        );
    }
}
