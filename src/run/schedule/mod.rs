//! Scheduling of a run's jobs: a pure decision, without a clock, files or repository.
//!
//! [`choose`] decides for one moment; [`plan`] simulates the decisions to the end of the run.
//!
//! # Which jobs may start
//!
//! A job whose hard dependencies are done, while an agent is free and there is room for another
//! review. No two jobs run at once if both could change the same path, and none starts on paths
//! that others reserved. For a contested path (one on which merges have conflicted), work that is
//! still in review counts as well.
//!
//! # Which of them come first
//!
//! 1. Those that need not wait for a soft dependency. A job whose soft dependency is running, or
//!    could run, starts only if an agent would otherwise be idle.
//! 2. Those of the highest priority. A job inherits the priority of jobs that wait for it, so a P0
//!    is not held up by the P3 that it needs.
//! 3. Those that were overtaken too often.
//! 4. Those that begin the longest chain of work, by hard dependencies and expected minutes.
//! 5. Those with the pattern on which the most work waits: such jobs run one after the other.
//! 6. Those of the epic, then of the stream, with the fewest running jobs.
//! 7. Those with the lowest id.
//!
//! The priority comes before the critical path because a run may end early: because of its budget,
//! a person, or the end of the night. The work done by then should be what matters most, and a
//! person who writes P0 means now, even if there is a long chain of P3. In random runs of 15 to 60
//! jobs with random priorities this took 3.6 % longer than the critical path first, and P0 jobs
//! ended on average after 33 % of the run instead of 55 %. Any order that leaves no agent idle
//! takes less than twice the minimum possible time (Graham 1966), and within one priority, which is
//! how most plans are written, the critical path decides. Patterns only decide between equal
//! chains: in random runs this made the runs up to 2 % shorter; counting them as chains made runs
//! with many agents and few patterns longer.
//!
//! # A job with broad patterns
//!
//! `**` overlaps everything, so there may always be a running job in its way. Once it has been
//! overtaken [`PATIENCE`](choose::PATIENCE) times per agent, it gets its turn: from then on, jobs
//! of the same or a lower priority that share its paths start only if they are expected to end
//! before those that it waits for (backfilling, as in cluster schedulers), and not even then once
//! it has been overtaken twice as often. So it waits for a limited number of others, and agents
//! stay idle for it only while no short work fits.

mod board;
mod chains;
mod choose;
mod job;
mod merges;
mod paths;
#[cfg(test)]
mod tests;
mod timeline;

#[cfg(test)]
use self::choose::Choice;
pub use self::choose::{Other, Why, choose};
pub use self::job::{Job, Limits, Reserved, State, View};
pub use self::merges::merge_order;
pub use self::timeline::plan;
#[cfg(test)]
use self::timeline::{Slot, Timeline};
