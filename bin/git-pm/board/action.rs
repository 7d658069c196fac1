//! The actions that the board offers on an item, each the library call of the command of that name.

use git_pm::items::BoardCard;
use git_pm::tasks::Move;

use super::state::Target;

/// A change of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A change of its status.
    Move(Move),
    Assign,
    Comment,
    Reserve,
    Edit,
}

impl Verb {
    /// The label in a menu.
    pub fn name(self) -> &'static str {
        self.words().0
    }

    /// The word for a message: `Started T-0001`.
    pub fn done(self) -> &'static str {
        self.words().1
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Verb::Move(Move::Start) => ("start: claim it, with branch and worktree", "Started"),
            Verb::Move(Move::Finish) => ("finish: submit it for review", "Submitted"),
            Verb::Move(Move::Approve) => ("approve it for merging", "Approved"),
            Verb::Move(Move::Return) => ("return it to its author, with a note", "Returned"),
            Verb::Assign => ("assign it to another", "Assigned"),
            Verb::Comment => ("comment on it", "Commented on"),
            Verb::Reserve => ("reserve paths for it", "Reserved paths for"),
            Verb::Move(Move::Drop) => ("drop: back to the queue", "Dropped"),
            Verb::Move(Move::Block) => ("block it, with a reason", "Blocked"),
            Verb::Move(Move::Unblock) => ("unblock it", "Unblocked"),
            Verb::Move(Move::Defer) => ("defer it", "Deferred"),
            Verb::Move(Move::Undefer) => ("undefer: back to the queue", "Undeferred"),
            Verb::Move(Move::Close) => ("close it", "Closed"),
            Verb::Move(Move::Cancel) => ("cancel it", "Cancelled"),
            Verb::Move(Move::Reopen) => ("reopen it", "Reopened"),
            Verb::Edit => ("edit its fields and text", "Changed"),
            Verb::Move(other) => (other.as_str(), "Changed"),
        }
    }

    /// The prompt for the text that it requires, if any.
    pub fn asks(self) -> Option<&'static str> {
        match self {
            Verb::Move(Move::Return) => Some("what to change"),
            Verb::Assign => Some("assign to"),
            Verb::Comment => Some("comment"),
            Verb::Reserve => Some("paths to reserve (empty: the item's planned paths)"),
            Verb::Move(Move::Block) => Some("reason for blocking it"),
            Verb::Move(Move::Drop) => Some("reason for dropping it"),
            Verb::Move(Move::Cancel) => Some("reason for cancelling it"),
            Verb::Move(Move::Defer) => {
                Some("defer until (`friday`, `2 weeks`; empty: until it is undeferred)")
            }
            _ => None,
        }
    }

    /// True if the text may have several lines.
    pub fn takes_lines(self) -> bool {
        matches!(self, Verb::Comment | Verb::Move(Move::Return))
    }

    /// True if the text may be empty.
    pub fn may_be_empty(self) -> bool {
        matches!(
            self,
            Verb::Reserve | Verb::Move(Move::Drop | Move::Cancel | Move::Defer)
        )
    }

    /// The confirmation prompt, if it is destructive or affects others.
    pub fn question(self, id: &str) -> Option<String> {
        match self {
            Verb::Move(Move::Cancel) => Some(format!("Cancel {id}?")),
            Verb::Move(Move::Close) => Some(format!("Close {id}?")),
            Verb::Move(Move::Drop) => Some(format!("Drop {id}, so that others can take it?")),
            _ => None,
        }
    }

    /// The moves that would work for an item, for this actor, and that the board has.
    pub fn moves(card: &BoardCard) -> Vec<Verb> {
        let has = |one: &Move| !matches!(one, Move::Claim | Move::Done | Move::Merge);
        let moves = card.moves.iter().copied().filter(has);
        moves.map(Verb::Move).collect()
    }
}

/// A change whose confirmation prompt names its subject, which has to be loaded first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Approve the current work on an item.
    Approve(Target),
    /// Undo the actor's last operation.
    Undo,
}

/// A change to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Create a task with this title.
    Create(String),
    /// Change an item, with the text that the verb requires.
    Change(Verb, Target, String),
    /// Approve the work on an item for merging, at this commit if it is known.
    Approve(Target, Option<String>),
    /// Undo the operation of this commit.
    Undo(String),
}
