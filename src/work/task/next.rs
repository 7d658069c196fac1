//! Which item is next: returned work, work whose lease is over, the most urgent ready item.
//!
//! It lists the ready items too, and starts the next one.

use super::deps::graph_around;
use super::start::options::{StartOptions, Started};
use crate::error::{Details, Error, Hint, Kind, Reason, Result};
use crate::model::item::Item;
use crate::model::text::is_same_name;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::{ItemView, item_view};
use crate::store::index::Scan;
use crate::work::task::start::missing_work;
use crate::work::task::start::obstacle::Obstacles;

/// The number of items that `next --claim` tries if starts fail. One that another actor claimed
/// first does not count: then some work was started. Its push counts, as all of them are limited.
const CLAIM_TRIES: usize = 10;

/// The result of a try to start the next item.
pub(crate) enum StartTry {
    /// It was started.
    Started(Box<Started>),
    /// There is no item that was not tried.
    None,
    /// Starts failed for all items that are tried at once.
    Enough,
}

impl Tasks<'_> {
    /// The items that can be started now, best first: the ready ones, and those whose holder's lease is
    /// over.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn ready(&self, limit: Option<usize>) -> Result<Vec<ItemView>> {
        Ok(self.ready_first(limit.unwrap_or(usize::MAX))?.0)
    }

    /// As `Tasks::ready`, with the total number.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn ready_first(&self, limit: usize) -> Result<(Vec<ItemView>, usize)> {
        let state = self.pm.store.snapshot()?;
        let here = self.pm.here();
        let (found, all, _) = Obstacles::new(self.pm, &state).startable(|_| true, limit);
        let views = found.into_iter().map(|item| item_view(&state, item, &here));
        Ok((views.collect(), all))
    }

    /// The item to start next: the first ready one that is not assigned to another actor.
    ///
    /// # Errors
    /// Kind `Refused` when there is none.
    pub fn next(&self) -> Result<ItemView> {
        match first_ready(self.pm, |_| true)? {
            Some(item) => Ok(item),
            None => Err(nothing_ready(self.pm)?),
        }
    }

    /// Starts the next item; when other actors are faster, the one after it.
    ///
    /// # Errors
    /// Kind `Refused` when there is none, and the errors of `Tasks::start`.
    pub fn claim_next(&self, options: &StartOptions) -> Result<Started> {
        match try_next(self.pm, options, &mut Vec::new())? {
            StartTry::Started(started) => Ok(*started),
            tried => Err(nothing_started(self.pm, &tried)?),
        }
    }
}

/// The item to start next: work that was returned to the actor, then the most urgent of those
/// whose holder's lease is over and those that are ready, unless it is kept for another actor or
/// does not pass `keep`. Among equally urgent ones those assigned to the actor are first.
fn first_ready(pm: &Pm, keep: impl Fn(&Item) -> bool) -> Result<Option<ItemView>> {
    let state = pm.store.snapshot()?;
    let (name, now_ms) = (pm.actor.name.as_str(), pm.now_ms());
    let obstacles = Obstacles::new(pm, &state);
    let mine = |item: &Item| pm.may_take(item) && keep(item) && obstacles.is_free(item);
    let returned = |item: &Item| {
        let is_open = item.is_returned_to(name) && item.status.is_startable();
        is_open && mine(item) && graph_around(&state, &item.uid, now_ms).is_ready(&item.uid)
    };
    if let Some(first) = state.scan(&Scan::Owner(name), returned, 1).first() {
        return Ok(Some(item_view(&state, first, &pm.here())));
    }
    let left = obstacles.left(&keep).into_iter().next();
    let found = state.scan(&Scan::Ready(now_ms), mine, 1);
    let most_urgent = match (left, found.first()) {
        (Some(left), Some(ready)) if ready.priority < left.priority => *ready,
        (Some(left), _) => return Ok(Some(item_view(&state, left, &pm.here()))),
        (None, Some(ready)) => *ready,
        (None, None) => return Ok(None),
    };
    let urgency = |item: &Item| (item.priority, item.due_soon(now_ms));
    let assigned = |item: &Item| {
        let is_own = item
            .assignee
            .as_deref()
            .is_some_and(|to| is_same_name(to, name))
            && item.status.is_startable();
        let is_first = is_own && urgency(item) == urgency(most_urgent) && mine(item);
        is_first && graph_around(&state, &item.uid, now_ms).is_ready(&item.uid)
    };
    if let Some(first) = state.scan(&Scan::Owner(name), assigned, 1).first() {
        return Ok(Some(item_view(&state, first, &pm.here())));
    }
    Ok(Some(item_view(&state, most_urgent, &pm.here())))
}

/// Starts the next item that is not in `failed`, and adds those that cannot be started to it.
pub(crate) fn try_next(pm: &Pm, options: &StartOptions, failed: &mut Vec<Uid>) -> Result<StartTry> {
    let mut tries = 0;
    // With each item that another actor took first, a push was lost: together as many may be as for one.
    let series = pm.store.series();
    while tries < CLAIM_TRIES && !series.is_over() {
        let untried = |item: &Item| !failed.contains(&item.uid);
        let item = match first_ready(pm, untried)? {
            None if missing_work::fetch_reached(pm)? => first_ready(pm, untried)?,
            found => found,
        };
        let Some(item) = item else {
            return Ok(StartTry::None);
        };
        match pm.tasks().start(item.uid.as_str(), options) {
            Err(error) if matches!(error.kind(), Kind::Conflict | Kind::Refused) => {
                pm.notice(format!("{} was skipped: {}", item.id, error.message()));
                tries += usize::from(error.reason() != Reason::ClaimHeld);
                failed.push(item.item.uid);
            }
            other => return other.map(|started| StartTry::Started(Box::new(started))),
        }
    }
    Ok(StartTry::Enough)
}

/// The refusal where nothing was started, after a try with the result `tried`.
pub(crate) fn nothing_started(pm: &Pm, tried: &StartTry) -> Result<Error> {
    match tried {
        StartTry::Enough => Ok(Error::refused(
            "none of the items tried could be started; more are ready",
        )
        .because(Reason::NextNoneStarted)
        .hint(Hint::run(["ready"], "lists them"))
        .hint(Hint::run(["start", "ID"], "starts one"))),
        _ => nothing_ready(pm),
    }
}

/// The refusal of a start where nothing is ready.
pub(super) fn nothing_ready(pm: &Pm) -> Result<Error> {
    let idle = pm.insights().idle()?;
    let first = idle
        .waiting
        .named
        .first()
        .map(|one| format!("; {}", one.message));
    let first = first.unwrap_or_default();
    let why = format!("there is nothing to start: {}{first}", idle.why);
    let error = match idle.finished {
        true => Error::new(Kind::Finished, why).because(Reason::NextFinished),
        false => Error::refused(why).because(Reason::NextNothingReady),
    };
    let error = idle.hints.into_iter().fold(error, Error::hint);
    Ok(error.with(Details::Waiting(idle.waiting)))
}
