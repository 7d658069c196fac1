//! The input of the scheduler: the jobs of a run with their states, the paths that are taken, and the limits.

use crate::coordinate::reserve::pattern::overlap::Case;

/// The name by which jobs refer to each other, such as an item's uid.
pub type Key = String;

/// The state of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Not begun. It can start once its hard dependencies are done.
    Waiting,
    /// Not begun, and not to be started: a person held it.
    Held,
    /// One of this run's agents works on it.
    Running,
    /// Begun and interrupted by a person. It keeps its paths and needs no agent.
    Paused,
    /// Another run or a person is working on it.
    Elsewhere,
    /// Finished, and merged as soon as possible: it keeps its paths, since work begun before the
    /// merge would lack its changes, and needs no agent.
    Merging,
    /// Finished but not merged: its dependents still wait.
    InReview,
    /// Finished and merged.
    Done,
    /// Given up after its last attempt.
    Failed,
    /// Stopped by something outside the graph.
    Blocked,
    /// Left out by a person.
    Skipped,
}

impl State {
    /// True if the job may still be done in this run or by others.
    pub fn is_open(self) -> bool {
        !matches!(self, State::Done | State::Failed | State::Skipped)
    }
}

/// A task, as far as the scheduler is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its name in dependencies, unique in a view.
    pub key: Key,
    /// The id shown to users. Among otherwise equal jobs, the lower id comes first.
    pub id: String,
    /// The priority, from 0, the most important, to 4.
    pub priority: u8,
    /// The expected minutes; for a running job, the expected remaining minutes.
    pub minutes: u32,
    /// The workstream within its epic.
    pub stream: Option<String>,
    /// The key of its epic.
    pub epic: Option<Key>,
    /// The patterns of the paths that it changes. Without patterns it overlaps nothing.
    pub patterns: Vec<String>,
    /// The patterns that name files, which have nothing below them.
    pub files: Vec<String>,
    /// The jobs that must be done before it starts. One not in the view counts as not done.
    pub hard: Vec<Key>,
    /// The jobs that should preferably be done before it starts.
    pub soft: Vec<Key>,
    /// Its state.
    pub state: State,
    /// The number of decisions in which it was [overtaken](super::choose::Choice::overtaken).
    pub overtaken: u32,
}

/// Paths reserved by someone outside this run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reserved {
    /// The display name of the holder, such as an actor and a task.
    pub holder: String,
    /// The patterns.
    pub patterns: Vec<String>,
    /// The patterns that name files.
    pub files: Vec<String>,
}

/// The limits of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// The number of idle agents.
    pub free_agents: usize,
    /// The number of tasks in review at which no other is started.
    pub wip_review: Option<usize>,
    /// The number of tasks in review that are not in the view.
    pub in_review_elsewhere: usize,
}

/// A run at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The jobs, in any order.
    pub jobs: Vec<Job>,
    /// The paths on which merges conflicted.
    pub contested: Vec<String>,
    /// The paths reserved outside this run.
    pub reserved: Vec<Reserved>,
    /// The case sensitivity of paths.
    pub case: Case,
    /// The limits.
    pub limits: Limits,
}
