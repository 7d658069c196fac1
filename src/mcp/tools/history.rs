//! The history of the state.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::session::Session;
use super::super::tool::{Effect, Tool};
use super::super::views::{List, list};
use crate::error::Result;
use crate::history::diff::DiffReport;
use crate::history::events::{Event, EventFilter};
use crate::history::log::{LogEntry, LogFilter};

pub(super) fn tools() -> Vec<Tool> {
    vec![
        Tool::new(
            "log",
            Effect::Reads,
            "Changes of the state, newest first",
            log,
        ),
        Tool::new(
            "events",
            Effect::Reads,
            "Changes after a cursor, oldest first, with the cursor for the next call",
            events,
        ),
        Tool::new(
            "diff",
            Effect::Reads,
            "Differences between two states",
            diff,
        ),
    ]
}

/// The default length of the log.
const LIMIT: usize = 20;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Log {
    id: Option<String>,
    actor: Option<String>,
    /// Time or age, such as 2d
    since: Option<String>,
    /// Default 20
    #[serde(default, deserialize_with = "super::all_for_zero")]
    limit: Option<usize>,
}

fn log(session: &Session, input: Log) -> Result<List<LogEntry>> {
    let filter = LogFilter {
        item: input.id,
        actor: input.actor,
        since: input.since,
        limit: Some(input.limit.unwrap_or(LIMIT)),
        ..LogFilter::default()
    };
    Ok(list(session.pm()?.history().log(&filter)?))
}

/// The maximum number of events in one answer.
const EVENTS: usize = 50;

/// The size of the events of an answer after which the rest is left to the next call, in bytes.
const EVENTS_SIZE: usize = 24_000;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Events {
    /// Cursor or time; default: return only the current cursor
    since: Option<String>,
    /// Item
    id: Option<String>,
    /// Such as claim.taken, or claim
    #[serde(default)]
    kinds: Vec<String>,
    /// Default and max: 50
    #[serde(default, deserialize_with = "super::all_for_zero")]
    limit: Option<usize>,
}

#[derive(Serialize)]
struct EventPage {
    items: Vec<Event>,
    /// For `since` of the next call
    cursor: String,
    /// True if there are already more
    more: bool,
}

fn events(session: &Session, input: Events) -> Result<EventPage> {
    let history = session.pm()?.history();
    let since = match input.since {
        Some(since) => since,
        None => history.event_cursor()?,
    };
    let mut stream = history.events(&EventFilter {
        since: Some(since),
        item: input.id,
        kinds: input.kinds,
        limit: Some(input.limit.unwrap_or(EVENTS).clamp(1, EVENTS)),
    })?;
    let (mut items, mut size) = (Vec::new(), 0);
    stream.each(|event| {
        size += event.size();
        items.push(event);
        Ok(size < EVENTS_SIZE)
    })?;
    Ok(EventPage {
        items,
        cursor: stream.cursor(),
        more: stream.has_moved()?,
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Diff {
    /// REV..REV, or a time; default: unsynced changes
    range: Option<String>,
}

fn diff(session: &Session, input: Diff) -> Result<DiffReport> {
    session.pm()?.history().diff(input.range.as_deref())
}
