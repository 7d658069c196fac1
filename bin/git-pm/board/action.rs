//! The actions that the board offers on an item, each the library call of the command of that name.

use git_pm::items::BoardCard;
use git_pm::tasks::Move;

use super::state::Target;

/// A change of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// A change of its status.
    Move(Move),
    /// The acceptance of criteria.
    Accept(Criteria),
    Assign,
    Comment,
    Reserve,
    Edit,
}

/// Criteria of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criteria {
    /// Those that are still to be chosen.
    Open,
    /// The one with this number.
    One(usize),
    /// All of them.
    All,
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
            Verb::Move(Move::Claim) => ("claim it, without a branch", "Claimed"),
            Verb::Move(Move::Finish) => ("finish: submit it for review", "Submitted"),
            Verb::Move(Move::Approve) => ("approve it for merging", "Approved"),
            Verb::Move(Move::Return) => ("return it to its author, with a note", "Returned"),
            Verb::Move(Move::Merge) => ("merge it into its target", "Merged"),
            Verb::Move(Move::Done) => ("complete it by hand, with evidence", "Completed"),
            Verb::Accept(_) => ("accept its criteria", "Accepted criteria of"),
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
        }
    }

    /// The prompt for the text that it requires, if any.
    pub fn asks(self) -> Option<&'static str> {
        match self {
            Verb::Move(Move::Return) => Some("what to change"),
            Verb::Move(Move::Done) => Some("evidence that it is done"),
            Verb::Accept(Criteria::One(_) | Criteria::All) => Some("evidence (may be empty)"),
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
            Verb::Reserve | Verb::Accept(_) | Verb::Move(Move::Drop | Move::Cancel | Move::Defer)
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

    /// True if it may push the state.
    pub fn sends(self) -> bool {
        match self {
            Verb::Move(one) => one.sends(),
            other => other == Verb::Assign,
        }
    }

    /// What an item offers this actor, as its menu on the page does.
    pub fn offered(card: &BoardCard) -> Vec<Verb> {
        let moves = card.moves.iter().copied().map(Verb::Move);
        let accept = card.accepts.then_some(Verb::Accept(Criteria::Open));
        moves.chain(accept).collect()
    }
}

/// A change whose confirmation prompt names its subject, which has to be loaded first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Approve or merge the current work on an item.
    Work(Move, Target),
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
