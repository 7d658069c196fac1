//! Starts the built-in agent, which calls a model's API, for a run.

#[cfg(not(feature = "models"))]
pub(super) use absent::{is_here, require, work};
#[cfg(feature = "models")]
pub(super) use present::{is_here, require, work};

use std::ffi::OsString;

use crate::agent::headless::Invocation;
use crate::agent::model_name::ModelName;
use crate::agent::route::Caps;
use crate::process::{Control, Limits, Sandbox};

/// The agent's task, and the limits on it.
#[cfg_attr(
    not(feature = "models"),
    allow(dead_code, reason = "only the name is read")
)]
pub(super) struct Task<'a> {
    pub name: &'a ModelName,
    pub invocation: &'a Invocation,
    pub limits: &'a Limits,
    pub control: &'a Control,
    /// The item's uid.
    pub item: &'a str,
    /// The sandbox of its commands.
    pub sandbox: Option<Sandbox>,
    /// Additional environment variables of its commands.
    pub vars: Vec<(String, OsString)>,
    /// The limits of its role.
    pub caps: Caps,
}

#[cfg(feature = "models")]
mod present {
    use super::Task;
    use crate::agent::headless::{Report, Update};
    use crate::agent::model::{Endpoint, Host, Tuning, Work, run};
    use crate::agent::model_name::ModelName;
    use crate::coordinate::message::HandoffRequest;
    use crate::error::Result;
    use crate::model::message::Handoff;
    use crate::pm::Pm;
    use crate::process::Ended;
    use crate::run::listener::words;
    use crate::run::live::Live;
    use crate::run::logs::LogWriter;
    use crate::secret;

    /// Rejects a model that cannot be called: no URL, no key, or an invalid setting.
    pub(in crate::run) fn require(pm: &Pm, name: &ModelName) -> Result<()> {
        let endpoint = Endpoint::of(pm, name)?;
        Tuning::of(pm, name, endpoint.is_local)?;
        Ok(())
    }

    /// True if a model's endpoint is on this machine.
    pub(in crate::run) fn is_here(pm: &Pm, name: &ModelName) -> bool {
        Endpoint::is_here(pm, name)
    }

    /// Works on a task. `open` opens the repository as the agent.
    pub(in crate::run) fn work(
        pm: &Pm,
        task: &Task<'_>,
        (log, live): (&mut LogWriter, &Live),
        open: &dyn Fn() -> Result<Pm>,
    ) -> Result<(Report, Ended)> {
        let endpoint = Endpoint::of(pm, task.name)?;
        let mut tuning = Tuning::of(pm, task.name, endpoint.is_local)?;
        let caps = &task.caps;
        if let Some(context) = caps.context {
            tuning.context = tuning.context.min(context);
        }
        if let Some(answer) = caps.answer {
            tuning.output_max = tuning.output_max.min(answer);
        }
        tuning.output_max = tuning.output_max.min(tuning.context / 4);
        tuning.temperature = caps.temperature.or(tuning.temperature);
        let work = Work {
            name: task.name,
            endpoint: &endpoint,
            tuning: &tuning,
            to: task.invocation,
            limits: task.limits,
            control: task.control,
            sandbox: task.sandbox.as_ref(),
            vars: &task.vars,
        };
        pm.store.release_index();
        let item = task.item;
        let mut kept = Kept {
            log,
            live,
            open,
            item,
        };
        run(&work, &mut kept)
    }

    /// Writes the log, updates the live figures, and writes handoffs to the state.
    struct Kept<'a> {
        log: &'a mut LogWriter,
        live: &'a Live,
        open: &'a dyn Fn() -> Result<Pm>,
        item: &'a str,
    }

    impl Host for Kept<'_> {
        fn tell(&mut self, update: Update) {
            match update {
                Update::Usage(used) => {
                    self.live.used(None, used);
                    let text = format!(
                        "used so far: {} tokens sent ({} cached), {} written",
                        used.input, used.cached, used.output
                    );
                    self.log.write("run", &text);
                }
                // Its start has already been logged.
                Update::ToolEnded { ok: true, .. } => self.live.said(None),
                other => {
                    for (stream, text) in words(&other) {
                        let text = self.log.write_redacted(stream, &text);
                        self.live.said(Some(text));
                    }
                }
            }
        }

        fn note(&mut self, text: &str) {
            let text = self.log.write("run", text);
            self.live.said(Some(text));
        }

        fn hand_off(&mut self, lists: &Handoff) {
            let clean = |entries: &[String]| -> Vec<String> {
                entries
                    .iter()
                    .map(|entry| secret::redacted(entry).0)
                    .collect()
            };
            let request = HandoffRequest {
                lists: Handoff {
                    done: clean(&lists.done),
                    next: clean(&lists.next),
                    questions: clean(&lists.questions),
                    ..Handoff::default()
                },
                ..HandoffRequest::default()
            };
            let written = (self.open)()
                .and_then(|pm| pm.messages().hand_off(Some(self.item), &request).map(drop));
            if let Err(error) = written {
                let text = format!("the handoff was not written: {}", error.message());
                self.log.write("run", &text);
            }
        }
    }
}

#[cfg(not(feature = "models"))]
mod absent {
    use super::Task;
    use crate::agent::headless::Report;
    use crate::agent::model_name::ModelName;
    use crate::error::{Error, Result};
    use crate::pm::Pm;
    use crate::process::Ended;
    use crate::run::live::Live;
    use crate::run::logs::LogWriter;

    /// Rejects every model: this build cannot call one.
    pub(in crate::run) fn require(_: &Pm, name: &ModelName) -> Result<()> {
        Err(
            Error::usage(format!("this build of git pm cannot call the model {name}"))
                .because("run.no_program")
                .hint("build it with the feature `models`, or choose another agent with `--with`"),
        )
    }

    /// Always false: this build calls no model.
    pub(in crate::run) fn is_here(_: &Pm, _: &ModelName) -> bool {
        false
    }

    /// As [`require`].
    pub(in crate::run) fn work(
        pm: &Pm,
        task: &Task<'_>,
        _: (&mut LogWriter, &Live),
        _: &dyn Fn() -> Result<Pm>,
    ) -> Result<(Report, Ended)> {
        require(pm, task.name)?;
        Err(Error::state("no model was called"))
    }
}
