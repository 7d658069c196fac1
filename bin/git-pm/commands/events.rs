//! `git pm events`: every change of the state, one per line.

use std::time::Duration;

use git_pm::error::{Kind, Reason};
use git_pm::log::{Event, EventRun, EventRunner, EventStream};
use git_pm::verbs::history::Events;
use git_pm::{Error, Result};

use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::{stderr, stdout};
use crate::{output, render};

/// The first pause between two looks at the ref, after a change.
const SHORTEST: Duration = Duration::from_millis(20);

/// The longest pause.
const LONGEST: Duration = Duration::from_millis(400);

/// Lists or follows events, or runs the commands for them.
pub fn run(context: &Context, args: &Events) -> Outcome {
    if args.run {
        return run_commands(context, args.once);
    }
    let history = context.pm()?.history();
    let since = match &args.since {
        None if args.follow => Some(history.event_cursor()?),
        since => since.clone(),
    };
    let mut stream = history.events(&args.filter(since))?;
    if !args.follow {
        let mut any = false;
        pass(context, &mut stream, &mut any)?;
        if !any && !context.globals.json {
            stdout::write("No events.\n")?;
        }
        return Ok(Exit::DONE);
    }
    follow(context, &mut stream)
}

/// Prints the events up to now.
fn pass(
    context: &Context,
    stream: &mut EventStream<'_>,
    any: &mut bool,
) -> std::result::Result<(), Failure> {
    let mut written: std::result::Result<(), Failure> = Ok(());
    stream.each(|event| {
        *any = true;
        written = print(context, &event);
        Ok(written.is_ok())
    })?;
    written
}

/// Prints events until the limit is reached or the reader closes the pipe.
fn follow(context: &Context, stream: &mut EventStream<'_>) -> Outcome {
    loop {
        match pass(context, stream, &mut false) {
            Err(Failure::Error(error)) if error.reason() == Reason::EventsCursorLost => {
                // What was missed cannot be known: an event says so, and what comes next follows.
                print(context, &stream.restart()?)?;
            }
            other => other?,
        }
        context.print_notices();
        if stream.is_full() || !wait_until(|| stream.has_moved())? {
            return Ok(Exit::DONE);
        }
    }
}

/// Waits for a change; false if the reader of standard output is gone.
fn wait_until(has_moved: impl Fn() -> Result<bool>) -> Result<bool> {
    let mut pause = SHORTEST;
    while !has_moved()? {
        if stdout::reader_leaves_within(pause) {
            return Ok(false);
        }
        pause = (pause * 2).min(LONGEST);
    }
    Ok(true)
}

/// Prints one event as a line.
fn print(context: &Context, event: &Event) -> std::result::Result<(), Failure> {
    if context.globals.json {
        return output::json::write(event, &[]);
    }
    let mut page = context.page();
    render::events::line(&mut page, event);
    stdout::write(&page.finish())
}

/// Runs the commands for new events.
fn run_commands(context: &Context, once: bool) -> Outcome {
    let mut runner: EventRunner<'_> = context.pm()?.history().event_runner()?;
    loop {
        let mut written: std::result::Result<(), Failure> = Ok(());
        let mut failed = false;
        runner.run(|run| {
            failed |= run.runs.iter().any(|one| !one.ok);
            written = report(context, &run);
            Ok(written.is_ok())
        })?;
        written?;
        context.print_notices();
        if once {
            return Ok(Exit::of_if(failed, Kind::Partial));
        }
        if !wait_until(|| runner.has_moved())? {
            return Ok(Exit::DONE);
        }
    }
}

/// Prints an event whose commands have ended, and those that failed.
fn report(context: &Context, run: &EventRun) -> std::result::Result<(), Failure> {
    if context.globals.json {
        return output::json::write(run, &[]);
    }
    for one in run.runs.iter().filter(|one| !one.ok) {
        let how = match (one.timed_out, one.code) {
            (true, _) => "timed out and was killed".to_string(),
            (false, Some(code)) => format!("failed with exit code {code}"),
            (false, None) => "was killed by a signal or could not be started".to_string(),
        };
        let what = Error::state(format!(
            "`{}` {how} for {}{}",
            git_pm::text::one_line(&one.command),
            run.event.kind,
            match one.message.as_str() {
                "" => String::new(),
                message => format!(": {message}"),
            }
        ));
        stderr::warning(what.message());
    }
    print(context, &run.event)
}
