//! The outcome of an attempt, judged by the end of the agent's process.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::agent::headless::{Class, Report, Verdict, With};
use crate::model::stamp;
use crate::model::text::excerpt;
use crate::process::{Ended, Limits};
use crate::run::retry_policy::End;
use crate::secret;

/// The exit code with which a script reports a transient failure (`EX_TEMPFAIL` of `sysexits.h`).
const TEMPORARY: i32 = 75;

/// The outcome of an attempt whose agent did not finish; `None` if its work is to be checked.
pub(in crate::run) fn judge(
    with: &With,
    limits: &Limits,
    report: &Report,
    ended: Ended,
) -> Option<End> {
    let shown = |limit: Option<std::time::Duration>| {
        stamp::span(limit.map_or(0, |limit| limit.as_millis() as u64))
    };
    match ended {
        Ended::Stopped => return Some(End::Failed("it was stopped".into())),
        Ended::Deadline => {
            let limit = shown(limits.deadline);
            return Some(End::Failed(format!("the agent ran longer than {limit}")));
        }
        Ended::Idle => {
            let limit = shown(limits.idle);
            return Some(passing(format!("the agent printed nothing for {limit}")));
        }
        Ended::Memory => return Some(End::Failed("the agent used too much memory".into())),
        Ended::Processes => return Some(End::Failed("the agent had too many processes".into())),
        Ended::Exited(_) | Ended::Killed(_) | Ended::Dismissed => {}
    }
    let Verdict::Failed { class, message } = &report.verdict else {
        return None;
    };
    let reason = excerpt(&secret::redacted(message).0, 1_000);
    let own = matches!(with, With::Script(_) | With::Command(_));
    Some(match class {
        Class::Transient => passing(reason),
        Class::RateLimited { retry_after } => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            let now = now.map_or(0, |now| now.as_secs());
            End::Transient {
                reason,
                after: retry_after.map(|wait| wait.from(now)),
                is_limit: true,
            }
        }
        Class::Unknown if own && ended == Ended::Exited(TEMPORARY) => passing(reason),
        Class::Authentication => End::Refused(reason),
        Class::Permanent if report.messages == 0 && report.tools == 0 => End::Refused(reason),
        Class::Permanent | Class::Unknown => End::Failed(reason),
    })
}

/// A transient failure.
pub(super) fn passing(reason: String) -> End {
    End::Transient {
        reason,
        after: None,
        is_limit: false,
    }
}
