//! The menu of an item: only what would work for it now.

use askama::Template;

use super::filters;
use super::status_changes::Move;

/// The menu of an item: its changes as buttons, and as links where they ask for more.
#[derive(Template)]
#[template(path = "../src/serve/page/templates/menu.html")]
pub(super) struct Menu {
    id: String,
    moves: Vec<Move>,
    /// True if it is to be judged, or was approved.
    has_review: bool,
}

/// It is itself a template, which escapes its content.
impl askama::filters::HtmlSafe for Menu {}

impl Menu {
    /// The change that usually comes next.
    pub fn next(&self) -> Option<Move> {
        let is_next = |one: &&Move| matches!(one, Move::Start | Move::Finish | Move::Merge);
        self.moves.iter().find(is_next).copied()
    }

    /// The menu of an item with the changes that would work.
    pub fn of(id: &str, status: &str, moves: &[Move]) -> Menu {
        let moves = moves.iter().copied();
        Menu {
            id: id.to_string(),
            // The approval is at the end of the page with the work.
            moves: moves.filter(|one| *one != Move::Approve).collect(),
            has_review: matches!(status, "in_review" | "ready_for_integration"),
        }
    }
}
