//! Reservations. `reserve`, which is always offered, adds and releases them.

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::session::Session;
use super::super::tool::{Effect, Tool};
use super::super::views::{List, list};
use super::core::Reservation;
use crate::coordinate::reserve::reservation_queries::{CheckReport, CheckRequest};
use crate::coordinate::reserve::reservation_verbs::ReservationSelector;
use crate::error::Result;

use Effect::{Reads, Writes};

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::new("reserve_list", Reads, "All reservations in force", live),
        Tool::new(
            "reserve_check",
            Reads,
            "Check whether paths are free",
            check,
        ),
        Tool::new(
            "reserve_renew",
            Writes,
            "Extend your own reservations",
            renew,
        ),
        Tool::new(
            "reserve_release",
            Writes,
            "Release your own reservations",
            release,
        ),
    ]
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct All {
    /// Include ended ones
    #[serde(default)]
    all: bool,
}

fn shown(
    views: Vec<crate::coordinate::reserve::reservation_queries::ReservationView>,
) -> List<Reservation> {
    list(views.into_iter().map(Reservation::of).collect())
}

fn live(session: &Session, input: All) -> Result<List<Reservation>> {
    Ok(shown(session.pm()?.reservations().list(input.all)?))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Paths {
    paths: Vec<String>,
}

fn check(session: &Session, input: Paths) -> Result<CheckReport> {
    let request = CheckRequest::Paths(input.paths);
    session.pm()?.reservations().check(&request)
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Select {
    /// Names or globs; default: all of this worktree
    #[serde(default)]
    names: Vec<String>,
    task: Option<String>,
}

impl From<Select> for ReservationSelector {
    fn from(input: Select) -> Self {
        ReservationSelector {
            names: input.names,
            task: input.task,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Renew {
    #[serde(default)]
    names: Vec<String>,
    task: Option<String>,
    minutes: Option<u64>,
}

fn renew(session: &Session, input: Renew) -> Result<List<Reservation>> {
    let which = ReservationSelector {
        names: input.names,
        task: input.task,
    };
    let ttl = input.minutes.map(|minutes| minutes.saturating_mul(60_000));
    Ok(shown(session.pm()?.reservations().renew(&which, ttl)?))
}

fn release(session: &Session, input: Select) -> Result<List<Reservation>> {
    Ok(shown(session.pm()?.reservations().release(&input.into())?))
}
