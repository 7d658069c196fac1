//! The budget for comparing patterns in one query.
//!
//! A pushed state may have any number of patterns of any cost; comparisons beyond the budget are
//! reported as undecided, and count as conflicts.

use std::cell::Cell;

use super::overlap::Budget;

/// Steps for all comparisons of a query: about 0.2 s, optimized. A thousand ordinary reservations
/// take a hundredth of it.
const ALL: u64 = 1 << 25;
/// Steps for one pair of patterns.
pub(super) const PAIR: u64 = 1 << 21;
/// The cost of reading a pattern, in steps per byte.
const BYTE: u64 = 32;
/// The cost of expanding braces, in steps per character of the resulting paths.
const EXPANDED: u64 = 16;

/// The answer to whether patterns match or overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    No,
    Yes,
    /// Undecided within the budget.
    TooCostly,
}

impl Answer {
    /// True unless the answer is no: undecided counts as yes.
    pub fn may(self) -> bool {
        self != Answer::No
    }
}

/// The remaining budget.
#[derive(Debug)]
pub struct Effort(Cell<u64>);

impl Default for Effort {
    fn default() -> Self {
        Effort(Cell::new(ALL))
    }
}

impl Effort {
    /// True if nothing is left.
    pub fn is_spent(&self) -> bool {
        self.0.get() == 0
    }

    /// Takes steps, as many as are left.
    pub(crate) fn take(&self, steps: usize) {
        self.0.set(self.0.get().saturating_sub(steps as u64));
    }

    /// Takes the cost of reading a text; true if there was enough.
    pub(super) fn read(&self, text: &str) -> bool {
        self.afford(BYTE * (text.len() as u64 + 1))
    }

    /// Takes the cost of expanding braces to this many characters; true if there was enough.
    pub(super) fn expand(&self, size: usize) -> bool {
        self.afford(EXPANDED * size as u64)
    }

    fn afford(&self, cost: u64) -> bool {
        let enough = cost < self.0.get();
        self.0.set(self.0.get().saturating_sub(cost));
        enough
    }

    /// Runs a query that returns true when its budget, of at most `most` steps, is spent.
    pub(super) fn ask(
        &self,
        most: u64,
        unknown: bool,
        question: impl FnOnce(&mut Budget) -> bool,
    ) -> Answer {
        let given = self.0.get().min(most);
        if unknown || given == 0 {
            return Answer::TooCostly;
        }
        let mut budget = Budget::new(given);
        let yes = question(&mut budget);
        self.0.set(self.0.get() - (given - budget.left()));
        match (yes, budget.left()) {
            (false, _) => Answer::No,
            (true, 0) => Answer::TooCostly,
            (true, _) => Answer::Yes,
        }
    }
}
