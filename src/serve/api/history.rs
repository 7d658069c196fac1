//! The history: log, events, statistics.

use super::super::request::{Answer, Call};
use super::super::route::{Parameter, Returns, Route, get, number, text, texts};
use super::super::routes::EVENTS;
use crate::error::Result;
use crate::history::log::{LogEntry, LogFilter};
use crate::history::report::ReportOptions;

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
        get("/api/v1/status", "An overview").one(|call| call.pm()?.state().status()),
        get("/api/v1/stats", "Project statistics").one(|call| call.pm()?.insights().stats()),
        get(
            "/api/v1/report",
            "The work done in a period and its speed, with the commits behind each figure",
        )
        .with(REPORT)
        .one(|call| call.pm()?.history().report(&report_options(call)?)),
        get(
            "/api/v1/forecast",
            "A forecast of when the open work will be done",
        )
        .one(|call| call.pm()?.insights().forecast(None)),
        get("/api/v1/log", "Commits of the state, newest first")
            .with(LOG)
            .list(log),
        // The server opens the stream itself; only HEAD requests reach this handler.
        get(
            EVENTS,
            "Server-sent events; `Last-Event-ID` resumes after the given event",
        )
        .with(FOLLOW)
        .answers(Returns::Other("text/event-stream"), |_| {
            Ok(Answer::Document {
                content_type: "text/event-stream",
                bytes: Vec::new(),
                keep: 0,
            })
        }),
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
fn log(call: &Call) -> Result<Vec<LogEntry>> {
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
    call.pm()?.history().log(&filter)
}
