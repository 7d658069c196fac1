//! Which buttons an item has: the status changes available, by its kind and status.

use crate::model::vocabulary::terms;

terms! {
    /// A status change, by the name of its command.
    Move in "status change" {
        Start = "start",
        Claim = "claim",
        Finish = "finish",
        Approve = "approve",
        Return = "return",
        Drop = "drop",
        Block = "block",
        Unblock = "unblock",
        Defer = "defer",
        Undefer = "undefer",
        Done = "done",
        Close = "close",
        Cancel = "cancel",
        Reopen = "reopen",
    }
}

impl Move {
    /// The words of its button.
    pub fn label(self) -> &'static str {
        match self {
            Move::Start => "Start",
            Move::Claim => "Claim only",
            Move::Finish => "Submit for review",
            Move::Approve => "Approve",
            Move::Return => "Return",
            Move::Drop => "Release",
            Move::Block => "Block",
            Move::Unblock => "Unblock",
            Move::Defer => "Defer",
            Move::Undefer => "End the deferral",
            Move::Done => "Complete by hand",
            Move::Close => "Close",
            Move::Cancel => "Cancel",
            Move::Reopen => "Reopen",
        }
    }

    /// A description of its effect.
    pub fn about(self) -> &'static str {
        match self {
            Move::Start => "Claim it, with a branch and a worktree where the server runs",
            Move::Claim => "Claim it without a branch and a worktree",
            Move::Finish => "Submit it for review",
            Move::Approve => "Approve the merge of its work",
            Move::Return => "Send it back to its author, with a note that says what to change",
            Move::Drop => "Release it, so that others can claim it",
            Move::Block => "Mark it as blocked",
            Move::Unblock => "Unblock it",
            Move::Defer => "Defer it",
            Move::Undefer => "End the deferral",
            Move::Done => "Complete it manually, with evidence",
            Move::Close => "Close it",
            Move::Cancel => "Cancel it",
            Move::Reopen => "Reopen it",
        }
    }

    /// The label of its text; none if it takes no text.
    pub fn asks(self) -> Option<&'static str> {
        match self {
            Move::Approve => Some("Note"),
            Move::Return => Some("What to change"),
            Move::Done => Some("Evidence"),
            Move::Drop | Move::Block | Move::Defer | Move::Close | Move::Cancel | Move::Reopen => {
                Some("Reason")
            }
            Move::Start | Move::Claim | Move::Finish | Move::Unblock | Move::Undefer => None,
        }
    }

    /// True if the text is required.
    pub fn needs_text(self) -> bool {
        matches!(self, Move::Return | Move::Block | Move::Done)
    }

    /// The changes available for an item of this kind and status.
    pub fn of(kind: &str, status: &str) -> &'static [Move] {
        let is_issue = kind == "issue";
        match (status, is_issue) {
            ("in_progress" | "hooked", true) => {
                &[Move::Finish, Move::Drop, Move::Block, Move::Close]
            }
            ("in_progress" | "hooked", false) => &[
                Move::Finish,
                Move::Drop,
                Move::Block,
                Move::Done,
                Move::Cancel,
            ],
            ("in_review", true) => &[Move::Approve, Move::Return, Move::Block, Move::Close],
            ("in_review", false) => &[Move::Approve, Move::Return, Move::Block, Move::Cancel],
            ("ready_for_integration", true) => &[Move::Return, Move::Block, Move::Close],
            ("ready_for_integration", false) => &[Move::Return, Move::Block, Move::Cancel],
            // The approval of its plan decides about it.
            ("proposed", _) => &[],
            ("blocked", _) => &[Move::Unblock],
            ("deferred", _) => &[Move::Undefer],
            ("done" | "cancelled" | "closed", _) => &[Move::Reopen],
            (_, true) => &[
                Move::Start,
                Move::Claim,
                Move::Block,
                Move::Defer,
                Move::Close,
            ],
            (_, false) => &[
                Move::Start,
                Move::Claim,
                Move::Block,
                Move::Defer,
                Move::Cancel,
            ],
        }
    }
}
