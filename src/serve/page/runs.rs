//! Agent runs: their tasks, their usage, and the last lines of their logs.

use std::collections::VecDeque;

use askama::Template;

use super::super::request::{Answer, Call};
use super::super::route::Route;
use super::filters;
use super::frame::{Frame, html};
use crate::error::{Kind, Result};
use crate::run::{LogLine, LogOptions, RunStatus, RunSummary, RunView};

/// The number of runs listed, the newest ones.
const RUNS_MAX: usize = 100;

/// The number of log lines shown.
const LINES_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![
        super::page("/runs", "Runs", runs),
        super::page("/runs/{id}", "A run", run),
    ]
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/runs.html")]
struct RunsPage {
    frame: Frame,
    runs: Vec<RunSummary>,
    more: usize,
}

fn runs(call: &Call) -> Result<Answer> {
    let mut runs = call.pm()?.runs().list()?;
    runs.sort_by(|a, b| b.created_at.cmp(&a.created_at));
    let more = runs.len().saturating_sub(RUNS_MAX);
    runs.truncate(RUNS_MAX);
    html(&RunsPage {
        frame: Frame::of(call, "Runs", "/runs"),
        runs,
        more,
    })
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/run.html")]
struct RunPage {
    frame: Frame,
    run: RunView,
    log: Vec<LogLine>,
    most: usize,
}

fn run(call: &Call) -> Result<Answer> {
    let runs = call.pm()?.runs();
    let run = runs.status(Some(call.part("id")))?;
    let options = LogOptions {
        of: Some(run.id.clone()),
        last: Some(LINES_MAX),
    };
    let mut log = VecDeque::new();
    let mut each = |line: LogLine| {
        if log.len() == LINES_MAX {
            log.pop_front();
        }
        log.push_back(line);
    };
    match runs.logs(&options, &mut each, None) {
        Ok(()) => {}
        // The logs exist only in the clone of the run.
        Err(error) if error.kind() == Kind::NotFound => {}
        Err(error) => return Err(error),
    }
    html(&RunPage {
        frame: Frame {
            is_running: run.status == RunStatus::Running,
            ..Frame::of(call, format!("Run {}", run.id), "/runs")
        },
        log: log.into(),
        most: LINES_MAX,
        run,
    })
}
