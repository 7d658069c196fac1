//! The user's own commands for events: when they run, and how often for one event.
//!
//! They run once for each event, in order, by one process of the clone, which records the event in
//! the git directory once its commands have ended. A process that is killed in between runs them
//! again for that event: each event is handled at least once.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::gate::trust;
use crate::error::{Error, Hint, Reason, Result};
use crate::history::events::place::Place;
use crate::history::events::{Event, EventFilter, EventStream};
use crate::model::settings;
use crate::model::text::{escape_controls, tail};
use crate::pm::Pm;
use crate::pm::handles::History;
use crate::store::fault;

/// The commands that ran for one event.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct EventRun {
    /// The event.
    #[serde(flatten)]
    pub event: Event,
    /// Each command with its result.
    pub runs: Vec<CommandRun>,
}

/// One command that ran for an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CommandRun {
    /// The command.
    pub command: String,
    /// It ended with exit code 0.
    pub ok: bool,
    /// The exit code; null if it was ended because it took too long, or by a signal.
    pub code: Option<i32>,
    /// It took longer than `pm.eventTimeout` and was ended.
    pub timed_out: bool,
    /// The end of its standard error, or the reason why it could not be started.
    pub message: String,
}

/// Runs the commands of this clone for each event.
pub struct EventRunner<'p> {
    pm: &'p Pm,
    stream: EventStream<'p>,
    place: Place,
}

/// The longest message of a command, in bytes.
const MESSAGE: usize = 2_000;

impl<'p> History<'p> {
    /// Prepares to run the commands that `pm.onEvent` and the trusted `.pm.toml` name. It continues
    /// after the last event of an earlier run in this clone; the first run begins with the present
    /// state.
    ///
    /// # Errors
    /// When there are no commands, the checked-in ones are not trusted, another process runs them,
    /// or a file of the git directory cannot be written.
    pub fn event_runner(&self) -> Result<EventRunner<'p>> {
        let pm = self.pm;
        require_commands(pm)?;
        let place = only_one(pm)?;
        let since = match place.read()? {
            Some(cursor) => cursor,
            None => {
                let now = self.event_cursor()?;
                save(&place, &now)?;
                now
            }
        };
        let filter = EventFilter {
            since: Some(since),
            ..EventFilter::default()
        };
        let stream = self.events(&filter).map_err(|error| {
            match error.reason() == Reason::EventsInvalidCursor {
                true => Error::state(format!("{} has no valid cursor", place.shown()))
                    .because(Reason::EventsInvalidCursor)
                    .hint("delete it: the next run then begins with the present state"),
                false => error,
            }
        })?;
        Ok(EventRunner { pm, stream, place })
    }
}

impl EventRunner<'_> {
    /// Runs the commands for all events up to the present state, and passes each event to `done`
    /// until it returns false. A command that fails or takes too long does not stop the others.
    ///
    /// # Errors
    /// When commands are not trusted any more, the history cannot be read, or the position cannot
    /// be written.
    pub fn run(&mut self, mut done: impl FnMut(EventRun) -> Result<bool>) -> Result<()> {
        let pm = self.pm;
        let commands = require_commands(pm)?;
        let place = &self.place;
        let limit = Duration::from_secs(pm.store.repo().number_of(&settings::EVENT_TIMEOUT));
        let mut handle = |event: Event| {
            let run = EventRun {
                runs: run_all(pm, &commands, &event, limit)?,
                event,
            };
            fault::step("event-run")?;
            save(place, &run.event.cursor)?;
            done(run)
        };
        match self.stream.each(&mut handle) {
            Err(error) if error.reason() == Reason::EventsCursorLost => {
                handle(self.stream.restart()?).map(|_| ())
            }
            other => other,
        }
    }

    /// True if the state has changed since the last run.
    ///
    /// # Errors
    /// When the ref cannot be read.
    pub fn has_moved(&self) -> Result<bool> {
        self.stream.has_moved()
    }
}

/// The commands, of which there is at least one.
fn require_commands(pm: &Pm) -> Result<Vec<String>> {
    let commands = trust::commands(pm, "onEvent")?;
    if commands.is_empty() {
        return Err(Error::usage("no command is set for events")
            .because(Reason::EventsNoCommand)
            .about(settings::ON_EVENT.key)
            .hint(Hint::run(
                ["config", settings::ON_EVENT.key, "COMMAND"],
                "sets one, which gets each event as JSON on its standard input",
            )));
    }
    Ok(commands)
}

/// The place of the process that runs the commands.
fn only_one(pm: &Pm) -> Result<Place> {
    let points = ["event-cursor-write", "event-cursor-rename"];
    Place::take(pm, "events", Duration::ZERO, points)?.ok_or_else(|| {
        Error::conflict("another process is already running the commands for events in this clone")
            .because(Reason::EventsRunning)
            .hint("it runs them for every worktree; end it first to run them here")
    })
}

fn save(place: &Place, cursor: &str) -> Result<()> {
    place.save(&format!("{cursor}\n"))
}

fn run_all(
    pm: &Pm,
    commands: &[String],
    event: &Event,
    limit: Duration,
) -> Result<Vec<CommandRun>> {
    let mut input = serde_json::to_vec(event)
        .map_err(|e| Error::state(format!("the event cannot be written as JSON: {e}")))?;
    input.push(b'\n');
    let shell = pm.store.repo().git_at_home().program("sh");
    let shell = shell
        .with_env("GIT_PM_EVENT_KIND", event.kind.as_str())
        .with_env("GIT_PM_EVENT_ITEM", event.item.as_deref().unwrap_or(""));
    let run = |command: &String| {
        let ran = shell.run_with(&["-c", command.as_str()], Some(&input), Some(limit));
        let (code, timed_out, message) = match ran {
            Ok(output) => (output.code, output.timed_out, output.stderr),
            Err(error) => (None, false, error.message().to_string()),
        };
        CommandRun {
            command: command.clone(),
            ok: code == Some(0),
            code,
            timed_out,
            message: escape_controls(tail(&message, MESSAGE).trim()),
        }
    };
    Ok(commands.iter().map(run).collect())
}
