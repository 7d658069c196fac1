//! Granting a reservation, all patterns or none, and the words for one that conflicts.

use super::super::here;
use super::pattern::Pattern;
use super::pattern::comparison_budget::{Answer, Effort};
use super::queue::{self, Case, Ranked};
use crate::error::{Details, Error, Hint, Reason, ReservationConflict, Result};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::reservation::Mode;
use crate::model::stamp::rfc3339;
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::Pm;
use crate::pm::requester::Requester;
use crate::store::env::Env;
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The maximum number of conflicts that are collected: one is enough to refuse.
pub(crate) const CONFLICTS: usize = 1_000;

/// The maximum number of characters of a pattern in a sentence.
const SHOWN: usize = 80;

/// A reservation to be made; the patterns are normalized.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub patterns: Vec<String>,
    /// Those of them that name a file in the requester's tree, so that nothing is below them.
    pub files: Vec<String>,
    pub task: Option<Item>,
    pub claim: Option<String>,
    pub branch: Option<String>,
    pub worktree: Option<String>,
    pub mode: Mode,
    pub shared: bool,
    pub advisory: bool,
    pub reason: Option<String>,
    pub expires_ms: u64,
    pub began_commit: Option<String>,
    pub confirmed: bool,
}

/// Stages a reservation.
///
/// # Errors
/// Kind `Refused` with the conflicts when another actor holds one of the paths.
pub(crate) fn grant(
    tx: &mut Tx<'_>,
    request: &Request,
    requester: &Requester,
    pm: &Pm,
) -> Result<Uid> {
    let (case, now_ms) = (here::case(pm), pm.now_ms());
    let (mut patterns, effort) = (Vec::new(), Effort::default());
    for text in &request.patterns {
        let read = Pattern::parse_within(text, &effort);
        patterns.push(read.map_err(|e| Error::usage(e.to_string()))?);
    }
    let patterns = Pattern::with_files(patterns, &request.files);
    // No commit could be compared with them either, so every commit would be stopped.
    if effort.is_spent() {
        let count = patterns.len();
        return Err(Error::refused(format!(
            "there are too many patterns to reserve, or they are too complex to compare: {count} \
             patterns"
        ))
        .hint("use fewer patterns, whole folders, or fewer alternatives in braces")
        .because(Reason::PatternTooCostly));
    }
    let ranked = queue::ranked_meeting(&tx.state, now_ms, case, &patterns);
    if !request.advisory {
        let purpose = Purpose::of(request.shared);
        let found = in_the_way(&tx.state, &ranked, &patterns, requester, purpose, case);
        if !found.is_empty() {
            let error = refusal(pm.env(), found);
            return Err(match request.shared {
                true => error,
                false => error.hint("`--shared` reserves paths that others have reserved so, too"),
            });
        }
    }
    let birth = tx.fresh_stamp();
    let mut doc = Doc::new(tx.new_uid()?, "reservation", "", birth);
    doc.put("actor", requester.actor.as_str());
    doc.put("agent", tx.agent().map(str::to_string));
    doc.put("replica", requester.replica.as_str());
    doc.put("mode", request.mode.as_str());
    doc.put("created_at", rfc3339(now_ms));
    let number = |ms: u64| Value::Int(i64::try_from(ms).unwrap_or(i64::MAX));
    doc.put("expires", number(request.expires_ms));
    doc.put("ttl", number(request.expires_ms.saturating_sub(now_ms)));
    doc.put("worktree", request.worktree.clone());
    doc.put("branch", request.branch.clone());
    doc.put("claim", request.claim.clone());
    doc.put("reason", request.reason.clone());
    doc.put("began_commit", request.began_commit.clone());
    let task = request.task.as_ref();
    doc.put("task", task.map(|task| task.reference().to_string()));
    for (name, on) in [
        ("shared", request.shared),
        ("advisory", request.advisory),
        ("confirmed", request.confirmed),
    ] {
        if on {
            doc.put(name, true);
        }
    }
    for pattern in &patterns {
        doc.put_element("patterns", pattern.text());
        if request.files.iter().any(|text| text == pattern.text()) {
            doc.put_element("files", pattern.text());
        }
    }
    let uid = doc.uid.clone();
    tx.insert(doc)?;
    Ok(uid)
}

/// The purpose for which paths are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Exclusive,
    Shared,
    /// A commit under the existing reservations.
    Commit,
}

impl Purpose {
    /// The purpose of a request for a reservation.
    pub(crate) fn of(shared: bool) -> Purpose {
        if shared {
            Purpose::Shared
        } else {
            Purpose::Exclusive
        }
    }
}

/// The reservations of others that conflict with patterns.
pub(crate) fn in_the_way(
    state: &State<'_>,
    ranked: &[Ranked],
    patterns: &[Pattern],
    requester: &Requester,
    purpose: Purpose,
    case: Case,
) -> Vec<ReservationConflict> {
    let mut out = Vec::new();
    let effort = Effort::default();
    let shares = |pattern: &Pattern| {
        ranked
            .iter()
            .filter(|s| {
                s.behind.is_none() && s.reservation.shared && requester.owns(state, &s.reservation)
            })
            .flat_map(|s| &s.patterns)
            .any(|own| own == pattern || own.covers(pattern, case, &effort))
    };
    for s in ranked.iter().filter(|s| s.behind.is_none()) {
        let r = &s.reservation;
        if r.advisory || requester.owns(state, r) || (r.shared && purpose == Purpose::Shared) {
            continue;
        }
        for pattern in patterns {
            // Two sharing holders may both commit, as in the guard.
            if r.shared && purpose == Purpose::Commit && shares(pattern) {
                continue;
            }
            if out.len() == CONFLICTS {
                return out;
            }
            let wanted = std::slice::from_ref(pattern);
            let mut met = s.reach.iter().filter_map(|theirs| {
                let all = std::slice::from_ref(theirs);
                let answer = queue::meet_within(wanted, all, case, &effort);
                answer.may().then_some((theirs, answer))
            });
            if let Some((theirs, answer)) = met.next() {
                out.push(conflict(state, s, pattern.text(), theirs.text(), answer));
            }
        }
    }
    out
}

/// A conflict for reports.
pub(crate) fn conflict(
    state: &State<'_>,
    ranked: &Ranked,
    path: &str,
    pattern: &str,
    answer: Answer,
) -> ReservationConflict {
    let r = &ranked.reservation;
    ReservationConflict {
        undecided: answer == Answer::TooCostly,
        path: path.to_string(),
        holder: r.actor.clone(),
        agent: r.agent.clone(),
        task: r.task.as_ref().map(|t| state.shown_ref(t)),
        mode: r.mode.as_str().to_string(),
        expires_at: rfc3339(ranked.expires_ms),
        pattern: pattern.to_string(),
    }
}

/// One line about a conflict, for users.
pub(crate) fn line(env: &Env, c: &ReservationConflict) -> String {
    let task = c.task.as_deref();
    let task = task.map_or(String::new(), |id| format!(" for {id}"));
    let pattern = crate::model::text::shorten(&c.pattern, SHOWN);
    let until = env.shown_time(&c.expires_at);
    let text = if c.undecided {
        format!(
            "{} is treated as reserved by {}{task} until {until}: there are too many patterns to \
             compare, or they are too complex, such as `{pattern}`",
            c.path,
            c.shown_holder()
        )
    } else {
        format!(
            "{} is reserved by {}{task} ({}, `{pattern}`) until {until}",
            c.path,
            c.shown_holder(),
            c.mode
        )
    };
    crate::model::text::one_line(&text)
}

/// The error of a request that conflicts with other reservations.
pub(crate) fn refusal(env: &Env, found: Vec<ReservationConflict>) -> Error {
    let first = line(env, &found[0]);
    let more = match found.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    Error::refused(format!("{first}{more}"))
        .hint(Hint::run(["reserve", "list"], "shows all reservations"))
        .hint("`git pm sync` tells whether it was released since; otherwise wait until it expires, or use other paths")
        .because(Reason::PathReserved)
        .with(Details::Reservations(found))
}
