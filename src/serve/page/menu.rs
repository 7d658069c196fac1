//! The menu of an item: only what would work for it now.

use askama::Template;

use super::filters;
use super::status_changes::Move;

/// What decides which changes an item offers at the moment.
pub(super) struct Now<'a> {
    pub id: &'a str,
    pub kind: &'a str,
    pub status: &'a str,
    /// True if it can be started.
    pub ready: bool,
    /// True if the visitor holds it.
    pub is_own: bool,
}

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
        let is_next = |one: &&Move| matches!(one, Move::Start | Move::Finish);
        self.moves.iter().find(is_next).copied()
    }

    /// The menu of an item with the changes that would work.
    pub fn of(now: &Now<'_>) -> Menu {
        let can_start = now.ready && matches!(now.kind, "task" | "issue");
        let works = |one: &Move| match one {
            Move::Start | Move::Claim => can_start,
            Move::Finish => now.is_own,
            // It is at the end of the page with the work.
            Move::Approve => false,
            _ => true,
        };
        let moves = Move::of(now.kind, now.status).iter().copied();
        Menu {
            id: now.id.to_string(),
            moves: moves.filter(works).collect(),
            has_review: matches!(now.status, "in_review" | "ready_for_integration"),
        }
    }
}
