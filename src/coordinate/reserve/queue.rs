//! Which reservations are live, and which of several that overlap is valid.
//!
//! In order of creation, each one that overlaps no earlier valid one is valid; one that does waits
//! behind it and blocks no one. Pure: the state and the time are arguments.

use std::collections::BTreeMap;

use super::pattern::Pattern;
use super::pattern::comparison_budget::{Answer, Effort};
use super::prefix_filter::{Prefixes, literal_prefix, near, near_patterns};

pub use super::pattern::overlap::Case;
use crate::model::item::Claim;
use crate::model::reservation::Reservation;
use crate::pm::requester::Requester;
use crate::store::index::Scan;
use crate::store::state::State;

/// A live reservation with its rank.
#[derive(Clone, Debug)]
pub struct Ranked {
    pub reservation: Reservation,
    /// The compiled patterns; invalid ones protect nothing.
    pub patterns: Vec<Pattern>,
    /// The same for comparing with other patterns: a file has nothing below it.
    pub reach: Vec<Pattern>,
    /// Its own expiry, or the end of its claim's lease.
    pub expires_ms: u64,
    /// The earlier valid one that it overlaps, if it is not valid. One that could not be compared
    /// with all earlier ones within the budget is valid.
    pub behind: Option<Reservation>,
}

/// All live reservations in order of creation, with their rank.
pub fn ranked(state: &State<'_>, now_ms: u64, case: Case) -> Vec<Ranked> {
    rank(state, state.open_reservations(now_ms), now_ms, case)
}

/// As [`ranked`], without those that cannot concern some paths.
pub fn ranked_near(state: &State<'_>, now_ms: u64, case: Case, paths: &[String]) -> Vec<Ranked> {
    let near = state.open_reservations_among(now_ms, |all| near(all, paths, case));
    rank(state, near, now_ms, case)
}

/// As [`ranked`], without those that cannot concern some patterns.
pub fn ranked_meeting(
    state: &State<'_>,
    now_ms: u64,
    case: Case,
    patterns: &[Pattern],
) -> Vec<Ranked> {
    let near = state.open_reservations_among(now_ms, |all| near_patterns(all, patterns, case));
    rank(state, near, now_ms, case)
}

fn rank(state: &State<'_>, all: Vec<Reservation>, now_ms: u64, case: Case) -> Vec<Ranked> {
    let mut claims: BTreeMap<String, Claim> = BTreeMap::new();
    if all.iter().any(|r| r.claim.is_some()) {
        for item in state.scan(&Scan::Held, |_| true, usize::MAX) {
            claims.extend(item.claims.iter().map(|c| (c.id.clone(), c.clone())));
        }
    }
    let effort = Effort::default();
    let mut live: Vec<Ranked> = all
        .into_iter()
        .filter_map(|r| {
            let expires_ms = match &r.claim {
                None => r.expires_ms,
                Some(id) => {
                    let claim = claims.get(id)?;
                    if claim.ended.is_some() {
                        return None;
                    }
                    claim.lease_ms
                }
            };
            if expires_ms <= now_ms {
                return None;
            }
            let patterns = Pattern::all_within(&r.patterns, &effort);
            Some(Ranked {
                reach: Pattern::with_files(patterns.clone(), &r.files),
                patterns,
                reservation: r,
                expires_ms,
                behind: None,
            })
        })
        .collect();
    live.sort_by(|a, b| {
        let (a, b) = (&a.reservation, &b.reservation);
        (!a.confirmed, &a.at, &a.uid).cmp(&(!b.confirmed, &b.at, &b.uid))
    });
    let effort = Effort::default();
    let mut winners = Prefixes::default();
    for n in 0..live.len() {
        let (earlier, rest) = live.split_at_mut(n);
        let this = &mut rest[0];
        if effort.is_spent() {
            break;
        }
        let mut met = Vec::new();
        for pattern in this.reach.iter().take_while(|_| !effort.is_spent()) {
            let before = met.len();
            winners.meeting(pattern.text(), case, &mut met);
            effort.take(met.len() - before);
            met.sort_unstable();
            met.dedup();
        }
        let first = met
            .into_iter()
            .map(|n| &earlier[n])
            .find(|e| excludes(e, this, case, &effort));
        this.behind = first.map(|e| e.reservation.clone());
        if this.behind.is_none() {
            for pattern in &this.reach {
                winners.add(pattern.text(), case, n);
            }
        }
    }
    live
}

/// True if two reservations cannot both be valid.
fn excludes(a: &Ranked, b: &Ranked, case: Case, effort: &Effort) -> bool {
    let (x, y) = (&a.reservation, &b.reservation);
    let together = (x.shared && y.shared) || x.advisory || y.advisory || same_holder(x, y);
    // An undecided pair excludes neither: both are valid, and the guard stops more rather than
    // less.
    !together && meet_within(&a.reach, &b.reach, case, effort) == Answer::Yes
}

fn same_holder(a: &Reservation, b: &Reservation) -> bool {
    let requester = Requester {
        actor: a.actor.clone(),
        agent: None,
        replica: a.replica.clone(),
        worktree: a.worktree.clone(),
        branch: a.branch.clone(),
        task: None,
    };
    requester.holds(b) || (a.claim.is_some() && a.claim == b.claim)
}

/// True if some path could match a pattern of both lists, within the effort.
pub fn meet_within(a: &[Pattern], b: &[Pattern], case: Case, effort: &Effort) -> Answer {
    let mut answer = Answer::No;
    for p in a {
        for q in b {
            effort.take(1);
            if may_meet(p, q, case) {
                match p.overlaps_within(q, case, effort) {
                    Answer::Yes => return Answer::Yes,
                    Answer::TooCostly => answer = Answer::TooCostly,
                    Answer::No => {}
                }
            }
            if answer == Answer::TooCostly && effort.is_spent() {
                return answer;
            }
        }
    }
    answer
}

/// A cheap test before the exact one: the texts before the first wildcard must agree.
fn may_meet(p: &Pattern, q: &Pattern, case: Case) -> bool {
    let (p, q) = (literal_prefix(p.text()), literal_prefix(q.text()));
    p.chars()
        .zip(q.chars())
        .all(|(p, q)| case.fold(p) == case.fold(q))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fast_overlap_test_has_no_false_negatives() {
        let table = [
            ("\u{391}\u{3a3}*", "\u{391}\u{3a3}\u{392}", Case::Folded),
            ("\u{130}x/*", "\u{130}X/y", Case::Folded),
            ("src", "src/auth.rs", Case::Sensitive),
            ("app/[id]/page.tsx", "app/[id]/*", Case::Sensitive),
            ("{src,lib}/x", "lib/x", Case::Sensitive),
        ];
        for (a, b, case) in table {
            let [p, q] = [a, b].map(|text| Pattern::parse(text, "").expect("a pattern"));
            assert!(p.overlaps(&q, case), "{a} and {b} overlap");
            let met = meet_within(&[p], &[q], case, &Effort::default());
            assert!(met == Answer::Yes, "{a} and {b} were reported as disjoint");
        }
    }
}
