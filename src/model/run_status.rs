//! The status of a run of agents and of each task in it, and the requests that change it.

use super::vocabulary::terms;

terms! {
    /// The status of a run, or of one task in it.
    #[derive(Default)]
    RunStatus in "run status" {
        /// Not started yet.
        #[default]
        Queued = "queued",
        /// An agent is working on it, or its work is being checked or merged.
        Running = "running",
        /// Halted on request; it can be resumed.
        Paused = "paused",
        /// The run has nothing left to do for it.
        Completed = "completed",
        /// Given up after an error; it can be retried.
        Failed = "failed",
        /// Waiting for something outside the run.
        Blocked = "blocked",
        /// Left out on request.
        Skipped = "skipped",
        /// Ended on request before it was done.
        Stopped = "stopped",
    }
}

terms! {
    /// A request to a running run.
    Verb in "run request" {
        /// Start nothing, and halt the agents.
        Pause = "pause",
        /// Continue after a pause.
        Resume = "resume",
        /// Leave a task out.
        Skip = "skip",
        /// Retry a failed, skipped or stopped task.
        Retry = "retry",
        /// End the agents and the run.
        Stop = "stop",
    }
}
