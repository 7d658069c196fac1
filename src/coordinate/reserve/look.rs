//! Questions about reservations: which there are, and what stands in the way. Nothing here writes.

use super::grant::{self, Purpose};
use super::guard::Guard;
use super::live::{self, Standing};
use super::pattern::Pattern;
use crate::coordinate::hook::changes;
use crate::error::{Error, Result};
use crate::model::reservation::Reservation;
use crate::model::stamp::rfc3339;
use crate::pm::Pm;
use crate::pm::view::{CheckReport, Here, ReservationView};
use crate::request::CheckRequest;
use crate::store::state::State;

impl Pm {
    /// The live reservations, or with `all` also those that ended.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn reservations(&self, all: bool) -> Result<Vec<ReservationView>> {
        let state = self.store.state()?;
        let _hold = state.hold();
        Ok(self.views(&state, all))
    }

    pub(crate) fn views(&self, state: &State<'_>, all: bool) -> Vec<ReservationView> {
        let here = self.here();
        let now = self.now_ms();
        let mut out: Vec<ReservationView> = Vec::new();
        let standing = live::ranked(state, now, self.case());
        out.extend(standing.iter().map(|s| live_view(state, s, &here)));
        if all {
            let mut ended: Vec<Reservation> = state
                .reservations()
                .into_iter()
                .filter(|r| !standing.iter().any(|s| s.reservation.uid == r.uid))
                .collect();
            ended.sort_by(|a, b| b.at.cmp(&a.at));
            out.extend(ended.iter().map(|r| ReservationView {
                // Its claim ended, or its time was over: nothing is written for that.
                ended: Some(r.ended.clone().unwrap_or_else(|| "expired".into())),
                ..view(state, r, r.expires_ms, false, &here)
            }));
        }
        out
    }

    /// Asks what stands in the way of paths, patterns, or the commits of a range.
    ///
    /// # Errors
    /// When a pattern is none, or git cannot read the range.
    pub fn reserve_check(&self, request: &CheckRequest) -> Result<CheckReport> {
        let state = self.store.state()?;
        let _hold = state.hold();
        let standing = live::ranked(&state, self.now_ms(), self.case());
        let asker = self.asker();
        let mut report = CheckReport {
            conflicts: Vec::new(),
            warnings: Vec::new(),
        };
        match request {
            CheckRequest::Paths(given) => {
                let patterns = self.patterns(given)?;
                let files = self.files_among(&patterns);
                let patterns: Vec<Pattern> = patterns
                    .into_iter()
                    .map(|p| {
                        let file = files.iter().any(|text| text == p.text());
                        if file { p.files_only() } else { p }
                    })
                    .collect();
                report.conflicts = grant::in_the_way(
                    &state,
                    &standing,
                    &patterns,
                    &asker,
                    Purpose::Commit,
                    self.case(),
                );
                let advisory: Vec<Standing> = standing
                    .iter()
                    .filter(|s| s.reservation.advisory)
                    .cloned()
                    .map(|mut s| {
                        s.reservation.advisory = false;
                        s
                    })
                    .collect();
                report.warnings = grant::in_the_way(
                    &state,
                    &advisory,
                    &patterns,
                    &asker,
                    Purpose::Commit,
                    self.case(),
                );
            }
            CheckRequest::Range(range) => {
                let (from, to) = range.split_once("..").ok_or_else(|| {
                    Error::usage(format!(
                        "`{}` is no range",
                        crate::model::text::one_line(range)
                    ))
                    .hint("use A..B")
                })?;
                let to = to.trim_start_matches('.');
                let to = if to.is_empty() { "HEAD" } else { to };
                let from = if from.is_empty() { "HEAD" } else { from };
                // In a server's pre-receive hook the new objects are still in quarantine.
                let git = self.store.repo().git().in_quarantine();
                let zero = |text: &str| !text.is_empty() && text.bytes().all(|b| b == b'0');
                let exclude = if zero(from) {
                    Vec::new()
                } else {
                    vec![from.to_string()]
                };
                if zero(to) {
                    return Ok(report);
                }
                let commits = changes::in_range(&git, &[to.to_string()], &exclude)?;
                // A server has no worktree: the holder is whoever made the commit under that name.
                let guard = Guard::new(&state, &standing, self.case());
                report.conflicts = guard.held_commits(&git, &commits, &asker, |commit, s| {
                    commit.author == s.reservation.actor
                })?;
            }
        }
        Ok(report)
    }
}

/// A reservation that lives.
pub(crate) fn live_view(state: &State<'_>, s: &Standing, here: &Here) -> ReservationView {
    let waiting = s.behind.is_some();
    view(state, &s.reservation, s.expires_ms, waiting, here)
}

fn view(
    state: &State<'_>,
    r: &Reservation,
    expires_ms: u64,
    waiting: bool,
    here: &Here,
) -> ReservationView {
    ReservationView {
        uid: r.uid.to_string(),
        holder: r.actor.clone(),
        patterns: r.patterns.clone(),
        mode: r.mode.as_str().to_string(),
        shared: r.shared,
        advisory: r.advisory,
        task: r.task.as_ref().map(|t| state.shown_ref(t)),
        reason: r.reason.clone(),
        branch: r.branch.clone(),
        here: here.replica.as_deref() == Some(r.replica.as_str()),
        confirmed: r.confirmed || !here.has_remote,
        waiting,
        ended: None,
        created_at: rfc3339(r.at.ms),
        expires_at: rfc3339(expires_ms),
    }
}
