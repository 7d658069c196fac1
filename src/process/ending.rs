//! Ending a process tree: TERM, a grace period, and KILL until no process is left.

use super::Process;
use super::limits;
use super::signal::{self, Sent};
use super::table::{Entry, Id, Table};
use super::tree::{Look, Tree};
use rustix::process::Signal;
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// The result of ending a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ending {
    /// The first processes that had to be ended.
    pub ended: Vec<EndedProcess>,
    /// The number of all processes that had to be ended.
    pub count: usize,
    /// Those that could not be ended: they wait for a device, or run as another user.
    pub survivors: Vec<Process>,
}

/// A process that had to be ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedProcess {
    /// The process.
    pub process: Process,
    /// Set if TERM was not enough.
    pub is_killed: bool,
}

impl Ending {
    fn add(&mut self, entry: &Entry, is_killed: bool) {
        self.count += 1;
        if self.ended.len() < limits::PROCESSES_NAMED_MAX {
            self.ended.push(EndedProcess {
                process: Process::from(entry),
                is_killed,
            });
        }
    }

    fn mark_killed(&mut self, id: Id) {
        let is_same = |ended: &&mut EndedProcess| {
            (ended.process.pid, ended.process.started) == (id.pid, id.started)
        };
        if let Some(ended) = self.ended.iter_mut().find(is_same) {
            ended.is_killed = true;
        }
    }
}

/// Ends all members of a tree. `wait` is called between two looks and takes at most the given time.
pub fn end(tree: &mut Tree, grace: Duration, wait: &mut dyn FnMut(Duration)) -> Ending {
    let mut ending = Ending::default();
    let mut asked = HashSet::new();
    // A process that has just closed its output usually exits on its own.
    if (1..=limits::GRACE_PROCESSES_MAX).contains(&tree.look(Look::New).len()) {
        wait(grace.min(limits::EXIT_TIME_MAX));
    }
    if terminate(tree, grace, wait, &mut ending, &mut asked) {
        kill(tree, wait, &mut ending, &mut asked);
    }
    ending
}

/// Asks all members to end; true if some remain.
fn terminate(
    tree: &mut Tree,
    grace: Duration,
    wait: &mut dyn FnMut(Duration),
    ending: &mut Ending,
    asked: &mut HashSet<Id>,
) -> bool {
    let start = Instant::now();
    let mut look = Look::Thorough;
    let mut thorough_at = start;
    while start.elapsed() < grace {
        let members = tree.look(look);
        if members.is_empty() && look == Look::Thorough {
            return false;
        }
        if members.len() > limits::GRACE_PROCESSES_MAX {
            return true;
        }
        for member in &members {
            if asked.insert(member.id) {
                ending.add(member, false);
                signal::send(member.id, Signal::TERM);
            }
            // A stopped process handles no signal but KILL.
            if member.is_stopped {
                signal::send(member.id, Signal::CONT);
            }
        }
        let is_due = members.is_empty() || thorough_at.elapsed() > Duration::from_millis(250);
        look = if is_due { Look::Thorough } else { Look::New };
        if is_due {
            thorough_at = Instant::now();
        }
        if !members.is_empty() {
            let left = grace.saturating_sub(start.elapsed());
            wait(left.min(Duration::from_millis(20)));
        }
    }
    true
}

/// Kills members until a thorough look finds none.
fn kill(
    tree: &mut Tree,
    wait: &mut dyn FnMut(Duration),
    ending: &mut Ending,
    asked: &mut HashSet<Id>,
) {
    let start = Instant::now();
    let mut look = Look::Thorough;
    let mut killed = HashSet::new();
    let mut rounds = 0u32;
    loop {
        let members = tree.look(look);
        if members.is_empty() && look == Look::Thorough {
            return;
        }
        let mut denied = 0;
        for member in &members {
            if asked.insert(member.id) {
                ending.add(member, true);
            } else if killed.insert(member.id) {
                ending.mark_killed(member.id);
            }
            if signal::send(member.id, Signal::KILL) == Sent::Denied {
                denied += 1;
            }
        }
        if members.len() > 1 && look == Look::Thorough {
            for group in tree.whole_groups(&Table::read()) {
                signal::send_to_group(group, Signal::KILL);
            }
        }
        let is_stuck = !members.is_empty() && denied == members.len() && rounds > 10;
        if start.elapsed() > limits::KILL_TIME_MAX || is_stuck {
            ending.survivors = members
                .iter()
                .take(limits::PROCESSES_NAMED_MAX)
                .map(Process::from)
                .collect();
            return;
        }
        rounds += 1;
        // Looking only at new processes is fast enough to catch those that start others and exit.
        look = if members.is_empty() || rounds.is_multiple_of(32) {
            Look::Thorough
        } else {
            Look::New
        };
        wait(Duration::from_millis(if rounds < 64 { 1 } else { 5 }));
    }
}
