//! The order in which a run merges finished work.

use std::cmp::Reverse;

use super::board::Board;
use super::job::{Key, State, View};

/// The finished jobs to be merged, most urgent first: by inherited priority, then by the longest
/// chain of work that waits for them, then by the work that waits for their files. A merge takes a
/// moment, and with many agents several jobs end at once: those that others wait for come first.
pub fn merge_order(view: &View) -> Vec<Key> {
    let board = Board::new(view);
    let mut jobs: Vec<usize> = board.in_state(State::Merging).collect();
    let same_patterns = board.same_patterns();
    jobs.sort_by_key(|&job| {
        let waiting = (board.below(job), same_patterns[job]);
        (board.priorities[job], Reverse(waiting))
    });
    let keys = jobs.into_iter().map(|job| board.jobs[job].key.clone());
    keys.collect()
}
