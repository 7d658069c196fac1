//! The processes that a runner left behind when it was killed itself.
//!
//! Their environment tells them: every agent has `GIT_PM_RUN` and `GIT_PM_TASK`, which its tool
//! shells and daemons inherit. Only processes of our own user are looked at, and never ourselves, our
//! ancestors or our process group, which have the marks if an agent of the run started us.

use super::ending::{self, Ending};
use super::tree::Tree;
use std::time::Duration;

/// Ends the processes of a run, or of one task in it: TERM, and KILL after `grace`.
///
/// The run's own runner must have ended; it would take this for the end of its agents.
pub fn end_all(run: &str, task: Option<&str>, grace: Duration) -> Ending {
    let mut tree = Tree::of_run(run, task);
    ending::end(&mut tree, grace, &mut std::thread::sleep)
}
