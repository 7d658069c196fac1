//! Which status may follow which: the allowed transitions of everything that has a status.
//!
//! There is one function per kind. Pure; the verbs ask here before they write.
//!
//! | kind | rule | who asks |
//! |---|---|---|
//! | task | [`of_task`] | `work/task/transition.rs`, for every verb that changes a status |
//! | issue (also a gate), epic, PRD | [`of_item`] | the same; `issue update` sets any status that needs neither an approval nor a deletion |
//! | learning | [`of_accepted_learning`] | `learn accept`; `learn edit` sets any status |
//! | task of a run | [`of_run_task`] | `run/engine/requests.rs`, for each request to a run |
//! | request to take an item | [`answers_to_request`] | `msg accept`, `msg decline`; its other states follow from the item |
//! | plan | draft to approved, never back | `plan/approve.rs`: another approval confirms it or adds to it |
//! | claim, reservation | pending to confirmed to ended, never back | `coordinate/claim/settle.rs`, `coordinate/claim/end_claims.rs` |
//!
//! Two rules of who may change a status stand beside these: `stop` (no agent resumes what a human
//! stopped) and `approval` (nothing becomes ready to be merged without an approval).

use super::id::ItemKind;
use super::learning::LearningStatus;
use super::run_status::{RunStatus, Verb};
use super::status::Status;
use super::status::Status::{
    Blocked, Cancelled, Deferred, Done, InProgress, InReview, Proposed, Queued, ReadyForIntegration,
};

/// The statuses that a task may change to. `before` is the one in which it was blocked or deferred.
pub fn of_task(from: &Status, before: Option<&Status>) -> Vec<Status> {
    match from {
        Queued => vec![InProgress, Blocked, Deferred, Cancelled],
        InProgress => vec![InReview, Queued, Blocked, Deferred, Cancelled, Done],
        InReview => vec![ReadyForIntegration, InProgress, Blocked, Cancelled],
        ReadyForIntegration => vec![Done, InProgress, InReview, Blocked, Cancelled],
        Blocked | Deferred => vec![before.cloned().unwrap_or(Queued)],
        Done | Cancelled => vec![Queued],
        // A plan's approval queues it.
        Proposed | Status::Other(_) => Vec::new(),
    }
}

/// The statuses that an item of any kind may change to. Those of an issue, epic or PRD are named as
/// a task's: queued for open, done for closed.
pub fn of_item(kind: ItemKind, from: &Status, before: Option<&Status>) -> Vec<Status> {
    match (kind, from) {
        (ItemKind::Task, from) => of_task(from, before),
        (_, from) if from.is_closed() => vec![Queued],
        (kind, Blocked | Deferred) => {
            let back = before.filter(|status| !matches!(status, Status::Other(_)));
            let mut to = vec![back.cloned().unwrap_or(Queued)];
            // As in beads, a blocked issue can be continued or closed at once.
            if kind == ItemKind::Issue {
                let others = [InProgress, Done, Cancelled].into_iter();
                to.extend(others.filter(|other| Some(other) != back));
            }
            to
        }
        // An epic's branch is approved and merged like a task's.
        (_, InReview) => [ReadyForIntegration].into_iter().chain(OPEN).collect(),
        _ => OPEN.to_vec(),
    }
}

/// The statuses that an open issue, epic or PRD may change to.
const OPEN: [Status; 7] = [
    InProgress, Queued, InReview, Blocked, Deferred, Done, Cancelled,
];

/// The status of a learning after `learn accept`, if it may be accepted.
pub fn of_accepted_learning(from: LearningStatus) -> Option<LearningStatus> {
    match from {
        LearningStatus::Draft | LearningStatus::Accepted => Some(LearningStatus::Accepted),
        LearningStatus::Retired => None,
    }
}

/// The status of a run's task after a request, if the request changes it. `at_work` is set while its
/// agent runs. Work in review that is taken up again may be merged instead of being queued.
pub fn of_run_task(request: Verb, from: RunStatus, at_work: bool) -> Option<RunStatus> {
    use Verb::{Pause, Resume, Retry, Skip, Stop};
    match (request, from, at_work) {
        (Pause, _, true) | (Pause, RunStatus::Queued, false) => Some(RunStatus::Paused),
        (Skip | Stop, RunStatus::Completed, false) => None,
        (Skip, ..) => Some(RunStatus::Skipped),
        (Stop, ..) => Some(RunStatus::Stopped),
        (Resume | Retry, RunStatus::Paused, true) => Some(RunStatus::Running),
        (Resume | Retry, _, false) => Some(RunStatus::Queued),
        (Pause, _, false) | (Resume | Retry, _, true) => None,
    }
}

/// The answers that a request to take an item accepts in a state; none once its item settles it.
pub fn answers_to_request(state: &str) -> &'static [&'static str] {
    match state {
        "open" | "accepted" | "declined" | "started" => &["accepted", "declined"],
        _ => &[],
    }
}
