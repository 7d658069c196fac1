//! Ending the processes that a killed runner left behind.
//!
//! On Linux their keepers end them as soon as the runner is gone. Without one they are recognized by
//! their environment: every agent has `GIT_PM_RUN` and `GIT_PM_TASK`, which
//! its tool shells and daemons inherit. Only processes of our own user are considered, without this
//! one, its ancestors and its process group, which have the marks if an agent of the run started
//! it.

use super::ending::{self, Ending};
use super::tree::Tree;
use std::time::Duration;

/// Ends the processes of a run, or of one task in it: TERM, and KILL after `grace`.
///
/// The runner of the run must have ended; it would think that its agents ended on their own.
pub fn end_all(run: &str, task: Option<&str>, grace: Duration) -> Ending {
    #[cfg(target_os = "linux")]
    super::keeper::wait_for(run);
    let mut tree = Tree::of_run(run, task);
    ending::end(&mut tree, grace, &mut std::thread::sleep)
}
