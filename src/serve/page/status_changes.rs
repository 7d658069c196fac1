//! The words of the buttons of an item: one for each status change.

pub(super) use crate::work::moves::Move;

impl Move {
    /// The words of its button.
    pub fn label(self) -> &'static str {
        match self {
            Move::Start => "Start",
            Move::Claim => "Claim only",
            Move::Finish => "Submit for review",
            Move::Approve => "Approve",
            Move::Return => "Return",
            Move::Merge => "Merge",
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
            Move::Merge => "Merge its work into its target, and complete it",
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
            Move::Start
            | Move::Claim
            | Move::Finish
            | Move::Merge
            | Move::Unblock
            | Move::Undefer => None,
        }
    }

    /// True if the text is required.
    pub fn needs_text(self) -> bool {
        matches!(self, Move::Return | Move::Block | Move::Done)
    }
}
