//! How much is spent on comparing patterns in one question. A state that somebody pushed may hold any
//! number of them, each as costly as a pattern can be; what is not looked at then is said, and is
//! taken for whatever keeps a commit from passing.

use std::cell::Cell;

use super::overlap::Budget;

/// Steps for all comparisons of a question: about 0.2 s, optimised. A thousand reservations as people
/// make them take a hundredth of it.
const ALL: u64 = 1 << 25;
/// Steps for one pair of patterns.
pub(super) const PAIR: u64 = 1 << 21;
/// What reading a pattern counts, by the byte.
const BYTE: u64 = 32;
/// What it counts by each character of all the paths that its braces expand to.
const EXPANDED: u64 = 16;

/// The answer to whether something matches, or meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It does not.
    No,
    /// It does.
    Yes,
    /// Too much would have to be compared to know.
    TooCostly,
}

impl Answer {
    /// Whether it may: where it is not known, the careful answer.
    pub fn may(self) -> bool {
        self != Answer::No
    }
}

/// What is left to be spent.
#[derive(Debug)]
pub struct Effort(Cell<u64>);

impl Default for Effort {
    fn default() -> Self {
        Effort(Cell::new(ALL))
    }
}

impl Effort {
    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.0.get() == 0
    }

    /// Takes steps, as many as are left.
    pub(crate) fn take(&self, steps: usize) {
        self.0.set(self.0.get().saturating_sub(steps as u64));
    }

    /// Takes what reading a text costs; whether there was so much.
    pub(super) fn read(&self, text: &str) -> bool {
        self.afford(BYTE * (text.len() as u64 + 1))
    }

    /// Takes what expanding braces to so many characters costs; whether there was so much.
    pub(super) fn expand(&self, size: usize) -> bool {
        self.afford(EXPANDED * size as u64)
    }

    fn afford(&self, cost: u64) -> bool {
        let enough = cost < self.0.get();
        self.0.set(self.0.get().saturating_sub(cost));
        enough
    }

    /// Asks a question that answers yes when its budget, of at most `most` steps, is spent.
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
