//! Renders the board as Markdown, for a pasted status. Titles are escaped, so that they stay text.

use git_pm::items::{BoardCard, BoardField, BoardView};
use git_pm::text::excerpt;

use super::board::{notes, summary};
use super::limits;
use super::page::Page;

/// A board as nested headings and lists.
pub fn board(page: &mut Page, view: &BoardView) {
    page.line(summary(view));
    let heading = if view.lanes_by.is_some() { "###" } else { "##" };
    for lane in &view.lanes {
        if view.lanes_by.is_some() {
            page.gap()
                .line(format!("## {} ({})", escaped(&lane.title), lane.count));
        }
        for (column, cell) in view.columns.iter().zip(&lane.cells) {
            if cell.count == 0 {
                continue;
            }
            let title = escaped(&column.title);
            page.gap()
                .line(format!("{heading} {title} ({})", cell.count))
                .end();
            for card in &cell.cards {
                page.line(line(view.by, card));
            }
            if cell.left_out > 0 {
                page.line(format!("- and {} more", cell.left_out));
            }
        }
    }
}

fn line(by: BoardField, card: &BoardCard) -> String {
    let mut facts = Vec::new();
    if by != BoardField::Priority {
        facts.push(format!("P{}", card.priority));
    }
    if by != BoardField::Owner {
        facts.extend(card.owner.as_deref().map(escaped));
    }
    facts.extend(notes(by, card).iter().map(|note| escaped(note)));
    let facts = match facts.is_empty() {
        true => String::new(),
        false => format!(" ({})", facts.join(", ")),
    };
    format!(
        "- **{}** {}{facts}",
        escaped(&card.id),
        escaped(&card.title)
    )
}

/// A text on one line with every character escaped that means something in Markdown.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in excerpt(text, limits::MARKDOWN_TITLE_MAX).chars() {
        if "\\`*_{}[]<>#|~&!@".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use git_pm::items::BoardState;

    use super::*;
    use crate::render::tests::board_fixtures::{card, with_cards};
    use crate::render::tests::fixtures::drawn;

    #[test]
    fn titles_cannot_become_markup() {
        let evil = "<script>alert(1)</script> ![x](http://e) *b* `c` # d\n# e";
        let view = with_cards(vec![card("T-0001", evil, BoardState::Queued)]);
        insta::assert_snapshot!("board_markdown", drawn(80, |page| board(page, &view)));
    }
}
