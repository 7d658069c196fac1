//! `git pm events`: every change of the state, one per line.

use std::time::Duration;

use git_pm::Result;
use git_pm::error::Reason;
use git_pm::log::{Event, EventStream};
use git_pm::verbs::history::Events;

use crate::context::Context;
use crate::failure::{Exit, Failure, Outcome};
use crate::output::stdout;
use crate::render::unsettled::Unsettled;
use crate::{output, render};

/// The first pause between two looks at the ref, after a change.
const SHORTEST: Duration = Duration::from_millis(20);

/// The longest pause.
const LONGEST: Duration = Duration::from_millis(400);

/// Lists or follows events.
pub fn run(context: &Context, args: &Events) -> Outcome {
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
    let unsettled = match context.globals.json {
        true => Unsettled::default(),
        false => context.unsettled(),
    };
    stream.each(|event| {
        *any = true;
        written = print(context, &event, &unsettled);
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
                print(context, &stream.restart()?, &Unsettled::default())?;
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
fn print(
    context: &Context,
    event: &Event,
    unsettled: &Unsettled,
) -> std::result::Result<(), Failure> {
    if context.globals.json {
        return output::json::write(event, &[]);
    }
    let mut page = context.page_marking(unsettled.clone());
    render::events::line(&mut page, event);
    stdout::write(&page.finish())
}
