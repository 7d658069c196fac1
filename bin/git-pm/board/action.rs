//! The actions that the board offers on an item, each the library call of the command of that name.

use git_pm::items::BoardCard;
use git_pm::tasks::Move;

use super::state::Target;

/// A change of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Start,
    Finish,
    Approve,
    Return,
    Assign,
    Comment,
    Reserve,
    Release,
    Block,
    Unblock,
    Defer,
    Undefer,
    Close,
    Cancel,
    Reopen,
    Edit,
}

impl Verb {
    /// The label in a menu.
    pub fn name(self) -> &'static str {
        match self {
            Verb::Start => "start: claim it, with branch and worktree",
            Verb::Finish => "finish: submit it for review",
            Verb::Approve => "approve it for merging",
            Verb::Return => "return it to its author, with a note",
            Verb::Assign => "assign it to somebody",
            Verb::Comment => "comment on it",
            Verb::Reserve => "reserve paths for it",
            Verb::Release => "drop: back to the queue",
            Verb::Block => "block it, with a reason",
            Verb::Unblock => "unblock it",
            Verb::Defer => "defer it",
            Verb::Undefer => "undefer: back to the queue",
            Verb::Close => "close it",
            Verb::Cancel => "cancel it",
            Verb::Reopen => "reopen it",
            Verb::Edit => "edit its fields and text",
        }
    }

    /// The word for a message: `Started T-0001`.
    pub fn done(self) -> &'static str {
        match self {
            Verb::Start => "Started",
            Verb::Finish => "Submitted",
            Verb::Approve => "Approved",
            Verb::Return => "Returned",
            Verb::Assign => "Assigned",
            Verb::Comment => "Commented on",
            Verb::Reserve => "Reserved paths for",
            Verb::Release => "Dropped",
            Verb::Block => "Blocked",
            Verb::Unblock => "Unblocked",
            Verb::Defer => "Deferred",
            Verb::Undefer => "Undeferred",
            Verb::Close => "Closed",
            Verb::Cancel => "Cancelled",
            Verb::Reopen => "Reopened",
            Verb::Edit => "Changed",
        }
    }

    /// The prompt for the text that it requires, if any.
    pub fn asks(self) -> Option<&'static str> {
        match self {
            Verb::Return => Some("what to change"),
            Verb::Assign => Some("assign to"),
            Verb::Comment => Some("comment"),
            Verb::Reserve => Some("paths to reserve (empty: the item's planned paths)"),
            Verb::Block => Some("reason for blocking it"),
            Verb::Release => Some("reason for dropping it"),
            Verb::Cancel => Some("reason for cancelling it"),
            Verb::Defer => Some("defer until (`friday`, `2 weeks`; empty: until it is undeferred)"),
            _ => None,
        }
    }

    /// True if the text may have several lines.
    pub fn takes_lines(self) -> bool {
        matches!(self, Verb::Comment | Verb::Return)
    }

    /// True if the text may be empty.
    pub fn may_be_empty(self) -> bool {
        matches!(
            self,
            Verb::Release | Verb::Cancel | Verb::Defer | Verb::Reserve
        )
    }

    /// The confirmation prompt, if it is destructive or affects others.
    pub fn question(self, id: &str) -> Option<String> {
        match self {
            Verb::Cancel => Some(format!("Cancel {id}?")),
            Verb::Close => Some(format!("Close {id}?")),
            Verb::Release => Some(format!("Drop {id}, so that others can take it?")),
            _ => None,
        }
    }

    /// The moves that would work for an item, for this actor.
    pub fn moves(card: &BoardCard) -> Vec<Verb> {
        card.moves.iter().filter_map(|one| Verb::of(*one)).collect()
    }

    /// The verb of a move that a card offers; none for one that the board does not have.
    pub fn of(one: Move) -> Option<Verb> {
        Some(match one {
            Move::Start => Verb::Start,
            Move::Finish => Verb::Finish,
            Move::Approve => Verb::Approve,
            Move::Return => Verb::Return,
            Move::Drop => Verb::Release,
            Move::Block => Verb::Block,
            Move::Unblock => Verb::Unblock,
            Move::Defer => Verb::Defer,
            Move::Undefer => Verb::Undefer,
            Move::Close => Verb::Close,
            Move::Cancel => Verb::Cancel,
            Move::Reopen => Verb::Reopen,
            Move::Claim | Move::Done | Move::Merge => return None,
        })
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
