//! Boards for the tests of what draws them.

use git_pm::items::{
    BoardCard, BoardCell, BoardColumn, BoardField, BoardLane, BoardState, BoardView,
};
use git_pm::tasks::Move;

/// A card in a column.
pub fn card(id: &str, title: &str, state: BoardState) -> BoardCard {
    let running = matches!(state, BoardState::InProgress | BoardState::InReview);
    let status = match state {
        BoardState::Queued | BoardState::Blocked => "queued",
        BoardState::InProgress => "in_progress",
        BoardState::InReview => "in_review",
        BoardState::Done => "done",
        BoardState::Cancelled => "cancelled",
    };
    BoardCard {
        uid: format!("0123456789abcdefghjk{}", id.to_lowercase()),
        id: id.into(),
        kind: "task".into(),
        item_type: "feature".into(),
        title: title.into(),
        status: status.into(),
        state,
        priority: 2,
        owner: running.then(|| "ana".into()),
        agent: None,
        lease_until: running.then(|| "2026-01-03T11:00:00Z".into()),
        lease_ended: false,
        given_up: false,
        lost: false,
        returned: false,
        ready: state == BoardState::Queued,
        moves: match state {
            BoardState::Queued => vec![Move::Start, Move::Block, Move::Defer, Move::Cancel],
            BoardState::InProgress => vec![Move::Finish, Move::Drop, Move::Block, Move::Cancel],
            BoardState::InReview => vec![Move::Approve, Move::Return, Move::Block, Move::Cancel],
            BoardState::Blocked => vec![Move::Block, Move::Defer, Move::Cancel],
            BoardState::Done | BoardState::Cancelled => vec![Move::Reopen],
        },
        accepts: false,
        blocked: state == BoardState::Blocked,
        epic: None,
        stream: None,
        labels: Vec::new(),
        due_at: None,
        defer_until: None,
        waits_for: None,
        criteria: 2,
        criteria_met: usize::from(running),
        findings: 0,
        blocking_findings: 0,
        updated_at: "2026-01-02T11:00:00Z".into(),
    }
}

/// A board by state with these cards.
pub fn with_cards(cards: Vec<BoardCard>) -> BoardView {
    let total = cards.len();
    let mut cells: Vec<BoardCell> = BoardState::ALL
        .iter()
        .map(|_| BoardCell::default())
        .collect();
    for card in cards {
        let cell = &mut cells[card.state as usize];
        cell.count += 1;
        cell.cards.push(card);
    }
    let column = |(state, cell): (&BoardState, &BoardCell)| BoardColumn {
        value: Some(state.to_string()),
        title: state.to_string(),
        count: cell.count,
    };
    BoardView {
        by: BoardField::State,
        lanes_by: None,
        total,
        columns: BoardState::ALL.iter().zip(&cells).map(column).collect(),
        lanes: vec![BoardLane {
            value: None,
            title: String::new(),
            count: total,
            cells,
        }],
        left_out: 0,
    }
}
