//! The outcome of an attempt, judged by the end of the agent's process.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::agent::headless::{AgentReport, AgentVerdict, Class, With};
use crate::model::stamp;
use crate::model::text::excerpt;
use crate::process::{ExitCause, Limits};
use crate::run::after_attempt::AttemptEnd;
use crate::secret;

/// The exit code with which a script reports a transient failure (`EX_TEMPFAIL` of `sysexits.h`).
const TEMPORARY: i32 = 75;

/// The outcome of an attempt whose agent did not finish; `None` if its work is to be checked.
pub(in crate::run) fn judge(
    with: &With,
    limits: &Limits,
    report: &AgentReport,
    ended: ExitCause,
) -> Option<AttemptEnd> {
    let shown = |limit: Option<std::time::Duration>| {
        stamp::span(limit.map_or(0, |limit| limit.as_millis() as u64))
    };
    match ended {
        ExitCause::Stopped => return Some(AttemptEnd::Failed("it was stopped".into())),
        ExitCause::Deadline => {
            let limit = shown(limits.deadline);
            return Some(AttemptEnd::Failed(format!(
                "the agent ran longer than {limit}"
            )));
        }
        ExitCause::Idle => {
            let limit = shown(limits.idle);
            return Some(passing(format!("the agent printed nothing for {limit}")));
        }
        ExitCause::Memory => {
            return Some(AttemptEnd::Failed("the agent used too much memory".into()));
        }
        ExitCause::Processes => {
            return Some(AttemptEnd::Failed(
                "the agent had too many processes".into(),
            ));
        }
        ExitCause::Exited(_) | ExitCause::Killed(_) | ExitCause::Dismissed => {}
    }
    let AgentVerdict::Failed { class, message } = &report.verdict else {
        return None;
    };
    let reason = excerpt(&secret::redacted(message).0, 1_000);
    let own = matches!(with, With::Script(_) | With::Command(_));
    Some(match class {
        Class::Transient => passing(reason),
        Class::RateLimited { retry_after } => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let now = now.map_or(0, |now| now.as_secs());
            AttemptEnd::Transient {
                reason,
                after: retry_after.map(|wait| wait.from(now)),
                is_limit: true,
            }
        }
        Class::Unknown if own && ended == ExitCause::Exited(TEMPORARY) => passing(reason),
        Class::Authentication => AttemptEnd::Refused(reason),
        Class::Permanent if report.messages == 0 && report.tools == 0 => {
            AttemptEnd::Refused(reason)
        }
        Class::Permanent | Class::Unknown => AttemptEnd::Failed(reason),
    })
}

/// A transient failure.
pub(super) fn passing(reason: String) -> AttemptEnd {
    AttemptEnd::Transient {
        reason,
        after: None,
        is_limit: false,
    }
}
