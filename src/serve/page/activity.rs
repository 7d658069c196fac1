//! The last operations of all actors.

use askama::Template;

use super::super::request::{Answer, Call};
use super::super::route::Route;
use super::filters;
use super::frame::{Frame, html};
use crate::error::Result;
use crate::history::log::{LogEntry, LogFilter};

/// The number of operations listed.
pub(super) const OPERATIONS: usize = 50;

/// The number of items named per operation.
const ITEMS: usize = 5;

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

fn activity(call: &Call) -> Result<Answer> {
    let filter = LogFilter {
        limit: Some(OPERATIONS),
        ..LogFilter::default()
    };
    let entries = call.pm()?.history().log(&filter)?;
    html(&ActivityPage {
        frame: Frame::of(call, "Activity", "/activity"),
        items: ITEMS,
        entries,
    })
}
