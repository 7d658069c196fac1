//! Agent runs: their tasks, their usage, and the last lines of their logs.

use std::collections::VecDeque;

use askama::Template;

use super::super::request::{Answer, Call, Scope};
use super::super::route::Route;
use super::filters;
use super::frame::{Frame, field, html, part, see};
use super::limits;
use crate::error::{Error, Kind, Reason, Result};
use crate::model::run_status::{RunStatus, Verb};
use crate::run::{LogLine, LogOptions, RunSummary, RunView, SpentView};

pub(super) fn routes() -> Vec<Route> {
    vec![
        super::page("/runs", "Runs", runs),
        super::page("/runs/{id}", "A run", run),
        super::form(
            "/runs/{id}/ask",
            "Pause, resume or stop a run",
            Scope::Write,
            ask,
        ),
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
    let more = runs.len().saturating_sub(limits::RUNS_MAX);
    runs.truncate(limits::RUNS_MAX);
    html(&RunsPage {
        frame: Frame::of(call, "Runs", "/runs"),
        runs,
        more,
    })
}

/// Asks a run to pause, to resume or to stop.
fn ask(call: &Call) -> Result<Answer> {
    let form = call.form()?;
    let verb = match field(&form, "verb").as_ref() {
        "pause" => Verb::Pause,
        "resume" => Verb::Resume,
        "stop" => Verb::Stop,
        _ => return Err(Error::usage("unknown request").because(Reason::ArgumentsInvalid)),
    };
    let run = call
        .pm()?
        .runs()
        .ask(Some(call.part("id")), verb, None, None)?;
    see(format!("/runs/{}", part(&run.id)))
}

#[derive(Template)]
#[template(path = "../src/serve/page/templates/run.html")]
struct RunPage {
    frame: Frame,
    run: RunView,
    log: Vec<LogLine>,
    most: usize,
}

impl RunPage {
    /// True if an agent said how many tokens it used.
    fn is_counted(&self, used: &SpentView) -> bool {
        used.input_tokens > 0 || used.cached_tokens > 0 || used.output_tokens > 0
    }

    /// What a process that works on it can be asked to do.
    fn requests(&self) -> &'static [(&'static str, &'static str)] {
        match (self.run.status, self.run.alive) {
            (RunStatus::Running, Some(true) | None) => &[("pause", "Pause"), ("stop", "Stop")],
            (RunStatus::Paused, Some(true) | None) => &[("resume", "Resume"), ("stop", "Stop")],
            (RunStatus::Running | RunStatus::Paused, Some(false)) => &[("stop", "Stop")],
            _ => &[],
        }
    }
}

fn run(call: &Call) -> Result<Answer> {
    let runs = call.pm()?.runs();
    let run = runs.status(Some(call.part("id")))?;
    let options = LogOptions {
        of: Some(run.id.clone()),
        last: Some(limits::LOG_LINES_MAX),
    };
    let mut log = VecDeque::new();
    let mut each = |line: LogLine| {
        if log.len() == limits::LOG_LINES_MAX {
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
        most: limits::LOG_LINES_MAX,
        run,
    })
}
