//! The last operations of all actors.

use askama::Template;

use super::super::request::{Answer, Call};
use super::super::route::Route;
use super::filters;
use super::frame::{Frame, html};
use super::limits;
use crate::error::Result;
use crate::history::log::{LogEntry, LogFilter};
use crate::history::undo::is_undoable;

pub(super) fn routes() -> Vec<Route> {
    vec![super::page("/activity", "The last 50 operations", activity)]
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/activity.html")]
struct ActivityPage {
    frame: Frame,
    entries: Vec<LogEntry>,
    items: usize,
}

impl ActivityPage {
    /// True if operations of its kind can be undone.
    fn is_undoable(&self, entry: &LogEntry) -> bool {
        is_undoable(&entry.op)
    }
}

fn activity(call: &Call) -> Result<Answer> {
    let filter = LogFilter {
        limit: Some(limits::ACTIVITY_OPERATIONS_MAX),
        ..LogFilter::default()
    };
    let entries = call.pm()?.history().log(&filter)?;
    html(&ActivityPage {
        frame: Frame::of(call, "Activity", "/activity"),
        items: limits::ACTIVITY_ITEMS_MAX,
        entries,
    })
}
