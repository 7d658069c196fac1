//! The last operations of all actors.

use askama::Template;

use super::super::request::{Answer, Call, Scope};
use super::super::route::Route;
use super::filters;
use super::frame::{Frame, html};
use super::limits;
use crate::error::Result;
use crate::history::log::{LogEntry, LogFilter};

pub(super) fn routes() -> Vec<Route> {
    vec![super::page("/activity", "The last 50 operations", activity)]
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/activity.html")]
struct ActivityPage {
    frame: Frame,
    /// The operations, each with whether it can be undone.
    entries: Vec<(LogEntry, bool)>,
    items: usize,
}

fn activity(call: &Call) -> Result<Answer> {
    let filter = LogFilter {
        limit: Some(limits::ACTIVITY_OPERATIONS_MAX),
        ..LogFilter::default()
    };
    let history = call.pm()?.history();
    let may_write = call.visitor.may(Scope::Write);
    let mut left = if may_write { limits::UNDOS_MAX } else { 0 };
    let entries = history.log(&filter)?.into_iter();
    let entries = entries.map(|one| {
        let can_undo = history.can_undo(&one, &mut left);
        (one, can_undo)
    });
    let entries = entries.collect();
    html(&ActivityPage {
        frame: Frame::of(call, "Activity", "/activity"),
        items: limits::ACTIVITY_ITEMS_MAX,
        entries,
    })
}
