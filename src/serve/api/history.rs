//! The history: log, events, statistics, undo, sync.

use super::super::request::{Answer, Call};
use super::super::route::{Parameter, Returns, Route, list, number, one, text, texts};
use super::super::routes::EVENTS;
use crate::error::Result;
use crate::history::log::{LogEntry, LogFilter};
use crate::history::report::{Report, ReportOptions};
use crate::maintain::setup::status::StatusView;
use crate::work::insight::{ForecastView, Health};

const LOG: &[Parameter] = &[
    text("item", "Only commits about this item"),
    text("actor", "Only commits by this actor"),
    text("op", "Only operations that start with these words"),
    text(
        "since",
        "A date, a time, or a relative time such as `2d` (two days ago)",
    ),
    text("until", "The end, in the same forms"),
    number(
        "limit",
        "The maximum number of commits, up to 1000; 50 by default",
    ),
];

const REPORT: &[Parameter] = &[
    text(
        "since",
        "A date, a time, or a relative time such as `2w`; a week ago by default",
    ),
    text("until", "The end, in the same forms; now by default"),
    text("step", "The interval of the time series: day or week"),
    text("actor", "Only this actor in the list of actors"),
];

const FOLLOW: &[Parameter] = &[
    text(
        "since",
        "The id of an event, or a time; from now on by default",
    ),
    text("item", "Only events about this item"),
    texts(
        "kind",
        "Only events of these kinds; `claim` means all that begin with `claim.`",
    ),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/v1/status",
            "An overview",
            &[],
            Returns::Data(one::<StatusView>),
            |call| Answer::data(&call.pm()?.state().status()?),
        ),
        Route::get(
            "/api/v1/stats",
            "Project statistics",
            &[],
            Returns::Data(one::<Health>),
            |call| Answer::data(&call.pm()?.insights().stats()?),
        ),
        Route::get(
            "/api/v1/report",
            "The work done in a period and its speed, with the commits behind each figure",
            REPORT,
            Returns::Data(one::<Report>),
            |call| Answer::data(&call.pm()?.history().report(&report_options(call)?)?),
        ),
        Route::get(
            "/api/v1/forecast",
            "A forecast of when the open work will be done",
            &[],
            Returns::Data(one::<ForecastView>),
            |call| Answer::data(&call.pm()?.insights().forecast(None)?),
        ),
        Route::get(
            "/api/v1/log",
            "Commits of the state, newest first",
            LOG,
            Returns::Data(list::<LogEntry>),
            log,
        ),
        Route::get(
            EVENTS,
            "Server-sent events; `Last-Event-ID` resumes after the given event",
            FOLLOW,
            Returns::Other("text/event-stream"),
            // The server opens the stream itself; only HEAD requests reach this handler.
            |_| {
                Ok(Answer::Document {
                    content_type: "text/event-stream",
                    bytes: Vec::new(),
                    keep: 0,
                })
            },
        ),
    ]
}

/// The options of a report.
fn report_options(call: &Call) -> Result<ReportOptions> {
    let own = |name: &str| call.parameter(name).map(str::to_string);
    let usual = ReportOptions::default();
    Ok(ReportOptions {
        since: own("since").unwrap_or(usual.since),
        until: own("until"),
        step: call.parameter("step").map(str::parse).transpose()?,
        actor: own("actor"),
        limit: usual.limit,
    })
}

/// The filtered log.
fn log(call: &Call) -> Result<Answer> {
    let own = |name: &str| call.parameter(name).map(str::to_string);
    let filter = LogFilter {
        item: own("item"),
        actor: own("actor"),
        op: own("op"),
        since: own("since"),
        until: own("until"),
        limit: Some(call.number("limit", super::find::LIST_MAX)?.unwrap_or(50)),
        signatures: false,
    };
    Answer::list(&call.pm()?.history().log(&filter)?)
}
