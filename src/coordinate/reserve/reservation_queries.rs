//! Queries about reservations: lists and conflicts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grant::{self, Purpose};
use super::guard::Guard;
use super::pattern::Pattern;
use super::queue::{self, Ranked};
use crate::coordinate::changes::{self, is_zero};
use crate::coordinate::here;
use crate::coordinate::reserve::path_arguments;
use crate::error::{Error, ReservationConflict, Result};
use crate::model::reservation::{Reservation, with_place};
use crate::model::stamp::rfc3339;
use crate::model::text::excerpt;
use crate::pm::Pm;
use crate::pm::handles::Reservations;
use crate::pm::requester::Requester;
use crate::pm::shared_views::Here;
use crate::store::state::State;

/// Check whether paths are free; exits with 1 if not
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, clap::Args)]
#[command(after_help = "\
Examples:
  git pm reserve check src/auth.rs
  git pm reserve check --range origin/main..HEAD    in CI or a pre-receive hook")]
pub struct CheckRequest {
    /// Paths or patterns.
    #[arg(value_name = "PATH", required_unless_present = "range")]
    #[serde(rename = "path", default)]
    pub paths: Vec<String>,
    /// Check the commits of a range instead of paths.
    #[arg(long, value_name = "A..B", conflicts_with = "paths")]
    pub range: Option<String>,
}

/// A reservation as commands and JSON show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReservationView {
    /// Any unique suffix of at least four characters names it.
    pub uid: String,
    /// The holder's name.
    pub holder: String,
    /// The own name of the agent that made it, whatever the holder's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Patterns from the repository root.
    pub patterns: Vec<String>,
    /// `commit` or `edit`.
    pub mode: String,
    /// Set if it is compatible with other shared ones.
    pub shared: bool,
    /// Set if it only warns.
    pub advisory: bool,
    /// The task it is for.
    pub task: Option<String>,
    /// Free text; the task's id if none was given.
    pub reason: Option<String>,
    /// The holder's branch.
    pub branch: Option<String>,
    /// Set if it was made in this clone.
    pub here: bool,
    /// Set if it is settled: confirmed by `pm.remote`, or there is no remote.
    pub confirmed: bool,
    /// Set if an earlier one conflicts with it, so that it is not valid.
    pub waiting: bool,
    /// The reason for its end; none while it is live.
    pub ended: Option<String>,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub expires_at: String,
}

impl ReservationView {
    /// The holder, with the worktree of an agent that has no name of its own.
    pub fn shown_holder(&self) -> &str {
        with_place(&self.holder, self.agent.as_deref())
    }
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckReport {
    /// Empty if the paths are free.
    pub conflicts: Vec<crate::error::ReservationConflict>,
    /// The warnings of advisory reservations.
    pub warnings: Vec<crate::error::ReservationConflict>,
}

impl Reservations<'_> {
    /// The live reservations, or with `all` also those that ended.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn list(&self, all: bool) -> Result<Vec<ReservationView>> {
        let state = self.pm.store.snapshot()?;
        Ok(views(self.pm, &state, all))
    }

    /// Returns the reservations that conflict with paths, patterns, or the commits of a range.
    ///
    /// # Errors
    /// When a pattern is invalid, or git cannot read the range.
    pub fn check(&self, request: &CheckRequest) -> Result<CheckReport> {
        let state = self.pm.store.snapshot()?;
        let ranked = queue::ranked(&state, self.pm.now_ms(), here::case(self.pm));
        let requester = self.pm.requester();
        let mut report = CheckReport {
            conflicts: Vec::new(),
            warnings: Vec::new(),
        };
        match &request.range {
            None => {
                let patterns = path_arguments::patterns(self.pm, &request.paths)?;
                if patterns.is_empty() {
                    return Err(Error::usage("no paths to check were given"));
                }
                let files = path_arguments::files_among(self.pm, &patterns);
                let patterns = Pattern::with_files(patterns, &files);
                let (pm, purpose) = (self.pm, Purpose::Commit);
                let met = |ranked: &[Ranked]| {
                    let case = here::case(pm);
                    grant::in_the_way(&state, ranked, &patterns, &requester, purpose, case)
                };
                report.conflicts = met(&ranked);
                let mut advisory = ranked;
                advisory.retain(|s| s.reservation.advisory);
                for s in &mut advisory {
                    s.reservation.advisory = false;
                }
                report.warnings = met(&advisory);
            }
            Some(_) if !request.paths.is_empty() => {
                return Err(Error::usage(
                    "either paths or a range can be checked, not both",
                ));
            }
            Some(range) => {
                let (from, to) = range.split_once("..").ok_or_else(|| {
                    Error::usage(format!(
                        "`{}` is not a range",
                        crate::model::text::one_line(range)
                    ))
                    .hint("use A..B")
                })?;
                let to = to.trim_start_matches('.');
                let to = if to.is_empty() { "HEAD" } else { to };
                let from = if from.is_empty() { "HEAD" } else { from };
                // In a server's pre-receive hook the new objects are still in quarantine.
                let git = self.pm.store.repo().git().in_quarantine();
                if is_zero(to) {
                    return Ok(report);
                }
                let from = Some(from).filter(|from| !is_zero(from));
                let exclude: Vec<String> = from.map(str::to_string).into_iter().collect();
                let repo = self.pm.store.repo();
                let is_unknown = |end: &&str| repo.resolve(end).is_none();
                let commits = changes::in_range(&git, &[to.to_string()], &exclude);
                let commits = commits.map_err(|error| {
                    match from.into_iter().chain([to]).find(is_unknown) {
                        Some(end) => Error::usage(format!(
                            "the range cannot be read: `{}` names no commit here",
                            excerpt(end, 100)
                        ))
                        .hint("use A..B, of commits, tags or branches that this clone has"),
                        None => error,
                    }
                })?;
                // A server has no worktree: the holder is the author of the commit.
                let guard = Guard::new(&state, &ranked, here::case(self.pm));
                report.conflicts =
                    guard.held_commits(&git, &commits, &requester, |commit, _, s| {
                        commit.author == s.reservation.actor
                    })?;
            }
        }
        Ok(report)
    }
}

/// The reservations of others that hold paths which the caller changes on a branch, but those that
/// `except` names.
pub(crate) fn held_on_branch(
    pm: &Pm,
    state: &State<'_>,
    branch: &str,
    paths: &[String],
    except: impl Fn(&Reservation) -> bool,
) -> Vec<ReservationConflict> {
    let mut ranked = queue::ranked_near(state, pm.now_ms(), here::case(pm), paths);
    ranked.retain(|one| !except(&one.reservation));
    let requester = Requester {
        branch: Some(branch.to_string()),
        worktree: None,
        ..pm.requester()
    };
    Guard::new(state, &ranked, here::case(pm)).held(paths, &requester)
}

pub(crate) fn views(pm: &Pm, state: &State<'_>, all: bool) -> Vec<ReservationView> {
    let here = pm.here();
    let now = pm.now_ms();
    let mut out: Vec<ReservationView> = Vec::new();
    let ranked = queue::ranked(state, now, here::case(pm));
    out.extend(ranked.iter().map(|s| live_view(state, s, &here)));
    if all {
        let mut ended: Vec<Reservation> = state
            .reservations()
            .into_iter()
            .filter(|r| !ranked.iter().any(|s| s.reservation.uid == r.uid))
            .collect();
        ended.sort_by(|a, b| b.at.cmp(&a.at));
        out.extend(ended.iter().map(|r| ReservationView {
            // The end of its claim, or its expiry, is not recorded.
            ended: Some(r.ended.clone().unwrap_or_else(|| "expired".into())),
            ..view(state, r, r.expires_ms, false, &here)
        }));
    }
    out
}

/// The view of a live reservation.
pub(crate) fn live_view(state: &State<'_>, s: &Ranked, here: &Here) -> ReservationView {
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
        agent: r.agent.clone(),
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
