//! What follows from one attempt at a task: retry, wait (also for a human whom the agent asks) or give up.
//!
//! An agent's own report is never trusted on its own: a task is submitted only once its commits,
//! criteria and gates have been checked.

use std::fmt;
use std::time::Duration;

use super::RunOptions;
use crate::model::text::{excerpt, tail};
use crate::model::usage::Used;
use crate::store::lock::jitter;

/// The wait before the first retry of a transient failure; it doubles with each retry.
const FIRST_RETRY_WAIT: Duration = Duration::from_secs(2);

/// The longest wait before a retry.
const MAX_RETRY_WAIT: Duration = Duration::from_secs(300);

/// The wait after a rate limit, if the server does not say how long.
const RATE_LIMIT_WAIT: Duration = Duration::from_secs(60);

/// The longest wait that a server can ask for.
const MAX_RATE_LIMIT_WAIT: Duration = Duration::from_secs(6 * 3_600);

/// The maximum length of a note about the last attempt (the end of the output), in bytes.
const NOTE_MAX: usize = 1_800;

/// Why a task is started again after the attempt that planned it.
const PLANNED: &str = "its change plan is stored";

/// Before the question of an agent in the reason why its task waits for a human.
pub(super) const ASKED: &str = "its agent asks: ";

/// The last words of an agent, if they are a question.
pub(super) fn question(words: &str) -> Option<&str> {
    let words = words.trim_end_matches(|c: char| c.is_whitespace() || "*_`\")".contains(c));
    words.ends_with(['?', '？']).then(|| tail(words, NOTE_MAX))
}

/// The outcome of one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum AttemptEnd {
    /// The agent planned its change, and the plan is stored: the work can begin.
    Planned,
    /// The work is committed, its criteria are accepted, its gates pass, and it is in review.
    Submitted,
    /// The agent finished, but the work failed a check: the text is returned to it.
    Incomplete {
        /// The reason, and what to do about it.
        text: String,
        /// The gate that the work did not pass, if the check was a gate.
        gate: Option<String>,
    },
    /// The item cannot be claimed now: another actor has it or its files.
    NotNow(String),
    /// The agent or its model failed with a transient error.
    Transient {
        /// The reason.
        reason: String,
        /// The wait that the server asked for.
        after: Option<Duration>,
        /// Set if a provider is rate-limiting requests, so that other attempts would fail too.
        is_limit: bool,
    },
    /// The agent did nothing, and its last words are a question.
    Asked(String),
    /// The agent or its provider cannot be used: nothing was done, and another agent may succeed.
    Refused(String),
    /// The agent failed, was ended for exceeding a limit, or could not be started.
    Failed(String),
}

impl fmt::Display for AttemptEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AttemptEnd::Planned => f.write_str(PLANNED),
            AttemptEnd::Submitted => f.write_str("submitted for review"),
            AttemptEnd::Incomplete { text, .. } => write!(f, "not accepted: {text}"),
            AttemptEnd::NotNow(reason) => write!(f, "not started: {reason}"),
            AttemptEnd::Asked(question) => write!(f, "{ASKED}{question}"),
            AttemptEnd::Transient { reason, .. }
            | AttemptEnd::Refused(reason)
            | AttemptEnd::Failed(reason) => {
                write!(f, "failed: {reason}")
            }
        }
    }
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AttemptOutcome {
    pub end: AttemptEnd,
    pub used: Used,
    /// The agent's session, to be resumed.
    pub session: Option<String>,
    /// The reason why gates alone may not approve the work.
    pub held: Option<String>,
}

impl AttemptOutcome {
    /// An attempt in which no agent ran.
    pub(super) fn without_agent(end: AttemptEnd) -> AttemptOutcome {
        AttemptOutcome {
            end,
            used: Used::default(),
            session: None,
            held: None,
        }
    }
}

/// The next step after an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NextStep {
    Submitted,
    /// Another attempt.
    Again {
        reason: String,
        /// A note for the agent.
        note: Option<String>,
        wait: Duration,
    },
    /// Another attempt once something has changed.
    NotNow(String),
    Failed(String),
}

/// The number of attempts that did not finish a task, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AttemptCounts {
    /// Attempts whose work was returned to the agent.
    pub returns: u32,
    /// Attempts that failed with a transient error.
    pub failures: u32,
    /// Attempts that ended on a provider's rate limit.
    pub limits: u32,
    /// Attempts that could not claim the task.
    pub claims: u32,
}

/// The reason to hand the task to another agent, if there is one: this one cannot be used,
/// still fails with transient errors after all retries, or was rate-limited too often (MR-08).
pub(super) fn gives_up(
    end: &AttemptEnd,
    next: &NextStep,
    tried: &AttemptCounts,
    options: &RunOptions,
) -> Option<String> {
    let (reason, is_over) = match (end, next) {
        (AttemptEnd::Refused(reason), NextStep::Failed(_)) => (reason, true),
        (
            AttemptEnd::Transient {
                reason,
                is_limit: true,
                ..
            },
            _,
        ) => (reason, tried.limits > options.retries),
        (AttemptEnd::Transient { reason, .. }, NextStep::Failed(_)) => (reason, true),
        _ => return None,
    };
    is_over.then(|| first_line(reason))
}

/// Decides the next step after an attempt.
pub(super) fn next(end: &AttemptEnd, tried: &mut AttemptCounts, options: &RunOptions) -> NextStep {
    match end {
        AttemptEnd::Planned => NextStep::Again {
            reason: PLANNED.into(),
            note: None,
            wait: Duration::ZERO,
        },
        AttemptEnd::Submitted => NextStep::Submitted,
        AttemptEnd::NotNow(reason) => NextStep::NotNow(reason.clone()),
        AttemptEnd::Refused(reason) | AttemptEnd::Failed(reason) => {
            NextStep::Failed(reason.clone())
        }
        AttemptEnd::Asked(question) => NextStep::Failed(format!("{ASKED}{question}")),
        AttemptEnd::Incomplete { text, .. } if tried.returns < options.returns => {
            tried.returns += 1;
            NextStep::Again {
                reason: format!("returned to the agent: {}", first_line(text)),
                note: Some(format!(
                    "The last attempt did not pass all checks. Continue from what is there.\n\n{}",
                    tail(text, NOTE_MAX)
                )),
                wait: Duration::ZERO,
            }
        }
        AttemptEnd::Incomplete { text, .. } => NextStep::Failed(tail(text, NOTE_MAX).to_string()),
        AttemptEnd::Transient {
            reason,
            after,
            is_limit,
        } if *is_limit || tried.failures < options.retries => {
            let wait = FIRST_RETRY_WAIT.saturating_mul(2u32.saturating_pow(tried.failures.min(16)));
            // A rate limit ends on its own, and is not the task's fault.
            tried.failures += u32::from(!is_limit);
            tried.limits += u32::from(*is_limit);
            let wait = match after {
                // Never earlier than the server asked for.
                Some(after) => (*after).min(MAX_RATE_LIMIT_WAIT) + jitter(FIRST_RETRY_WAIT),
                None if *is_limit => RATE_LIMIT_WAIT + jitter(FIRST_RETRY_WAIT),
                None => wait.min(MAX_RETRY_WAIT) / 2 + jitter(wait.min(MAX_RETRY_WAIT) / 2),
            };
            NextStep::Again {
                reason: format!("retrying: {}", first_line(reason)),
                note: None,
                wait,
            }
        }
        AttemptEnd::Transient { reason, .. } => {
            NextStep::Failed(tail(reason, NOTE_MAX).to_string())
        }
    }
}

fn first_line(text: &str) -> String {
    excerpt(text.lines().next().unwrap_or_default(), 200)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RC-10: a transient failure is retried with increasing waits, a permanent one never.
    #[test]
    fn only_transient_failures_are_tried_again() {
        let options = RunOptions {
            retries: 2,
            returns: 1,
            ..RunOptions::default()
        };
        let mut tried = AttemptCounts::default();
        let transient = AttemptEnd::Transient {
            reason: "529 overloaded".into(),
            after: None,
            is_limit: false,
        };
        let mut waits = Vec::new();
        while let NextStep::Again { wait, .. } = next(&transient, &mut tried, &options) {
            waits.push(wait);
        }
        assert_eq!(waits.len(), 2);
        assert!(waits.iter().all(|wait| *wait > Duration::ZERO), "{waits:?}");
        let failed = AttemptEnd::Failed("exit code 1".into());
        assert!(matches!(
            next(&failed, &mut AttemptCounts::default(), &options),
            NextStep::Failed(_)
        ));
    }

    /// The wait that a server asks for is respected, up to a bound.
    #[test]
    fn the_wait_that_a_server_asks_for_is_kept_within_bounds() {
        let options = RunOptions {
            retries: 9,
            ..RunOptions::default()
        };
        let after = |seconds| {
            let end = AttemptEnd::Transient {
                reason: "429".into(),
                after: Some(Duration::from_secs(seconds)),
                is_limit: true,
            };
            match next(&end, &mut AttemptCounts::default(), &options) {
                NextStep::Again { wait, .. } => wait,
                other => panic!("{other:?}"),
            }
        };
        for asked in [30, 3_600] {
            let (asked, waited) = (Duration::from_secs(asked), after(asked));
            assert!(
                waited >= asked && waited <= asked + FIRST_RETRY_WAIT,
                "{waited:?}"
            );
        }
        assert!(after(1_000_000) <= MAX_RATE_LIMIT_WAIT + FIRST_RETRY_WAIT);
    }

    /// MR-08: another agent takes over from one that cannot be used, keeps failing with transient
    /// errors, or is rate-limited too often, but not from one that failed at the work itself.
    #[test]
    fn mr_08_when_another_agent_takes_over() {
        let options = RunOptions {
            retries: 1,
            ..RunOptions::default()
        };
        let transient = |is_limit| AttemptEnd::Transient {
            reason: "429".into(),
            after: None,
            is_limit,
        };
        let attempts = |end: &AttemptEnd| {
            let mut tried = AttemptCounts::default();
            (1..10).find(|_| {
                let next = next(end, &mut tried, &options);
                gives_up(end, &next, &tried, &options).is_some()
            })
        };
        assert_eq!(attempts(&AttemptEnd::Refused("no login".into())), Some(1));
        assert_eq!(attempts(&transient(false)), Some(2));
        assert_eq!(attempts(&transient(true)), Some(2));
        assert_eq!(attempts(&AttemptEnd::Failed("exit code 1".into())), None);
        assert_eq!(attempts(&incomplete("no commits")), None);
    }

    fn incomplete(text: &str) -> AttemptEnd {
        AttemptEnd::Incomplete {
            text: text.into(),
            gate: None,
        }
    }

    /// RC-12: work that fails a check is returned with its output, a bounded number of times.
    #[test]
    fn refused_work_is_returned_a_bounded_number_of_times() {
        let options = RunOptions {
            returns: 1,
            ..RunOptions::default()
        };
        let mut tried = AttemptCounts::default();
        let end = incomplete("the gate `test` failed\nassertion");
        let NextStep::Again { note, wait, .. } = next(&end, &mut tried, &options) else {
            panic!("not returned");
        };
        assert!(note.is_some_and(|note| note.contains("assertion")));
        assert_eq!(wait, Duration::ZERO);
        assert!(matches!(
            next(&end, &mut tried, &options),
            NextStep::Failed(_)
        ));
    }
}
