//! Starts the built-in agent, which calls a model's API, for a run.

#[cfg(not(feature = "models"))]
pub(super) use absent::{is_here, require, work};
#[cfg(feature = "models")]
pub(super) use present::{is_here, require, work};

#[cfg(feature = "models")]
mod present {
    use crate::agent::headless::{AgentReport, Update};
    use crate::agent::llm::{ConversationOptions, Endpoint, Host, Work, run};
    use crate::agent::provider::ModelName;
    use crate::coordinate::hand_off::HandoffRequest;
    use crate::error::Result;
    use crate::model::message::Handoff;
    use crate::pm::Pm;
    use crate::process::ExitCause;
    use crate::run::listener::words;
    use crate::run::live::Live;
    use crate::run::logs::LogWriter;
    use crate::run::start_agent::{Confined, Start};
    use crate::secret;

    /// Rejects a model that cannot be called: no URL, no key, or an invalid setting.
    pub(in crate::run) fn require(pm: &Pm, name: &ModelName) -> Result<()> {
        let endpoint = Endpoint::of(pm, name)?;
        ConversationOptions::of(pm, name, endpoint.is_local)?;
        Ok(())
    }

    /// True if a model's endpoint is on this machine.
    pub(in crate::run) fn is_here(pm: &Pm, name: &ModelName) -> bool {
        Endpoint::is_here(pm, name)
    }

    /// Works on a task. `open` opens the repository as the agent.
    pub(in crate::run) fn work(
        pm: &Pm,
        name: &ModelName,
        (start, (sandbox, vars)): (&Start<'_>, Confined),
        (log, live): (&mut LogWriter, &Live),
        open: &dyn Fn() -> Result<Pm>,
    ) -> Result<(AgentReport, ExitCause)> {
        let endpoint = Endpoint::of(pm, name)?;
        let mut options = ConversationOptions::of(pm, name, endpoint.is_local)?;
        let caps = &start.caps;
        options.context = options.context.min(caps.context.unwrap_or(u64::MAX));
        let most = caps.answer.unwrap_or(u64::MAX).min(options.context / 4);
        options.output_max = options.output_max.min(most);
        options.temperature = caps.temperature.or(options.temperature);
        let work = Work {
            name,
            endpoint: &endpoint,
            options: &options,
            to: start.invocation,
            limits: start.limits,
            control: start.control,
            sandbox: sandbox.as_ref(),
            vars: &vars,
        };
        pm.store.release_index();
        let item = start.item;
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

        fn hand_off(&mut self, lists: &Handoff) {
            let clean = |entries: &[String]| -> Vec<String> {
                let entries = entries.iter();
                entries.map(|entry| secret::redacted(entry).0).collect()
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
    use crate::agent::headless::AgentReport;
    use crate::agent::provider::ModelName;
    use crate::error::{Error, Reason, Result};
    use crate::pm::Pm;
    use crate::process::ExitCause;
    use crate::run::live::Live;
    use crate::run::logs::LogWriter;
    use crate::run::start_agent::{Confined, Start};

    /// Rejects every model: this build cannot call one.
    pub(in crate::run) fn require(_: &Pm, name: &ModelName) -> Result<()> {
        Err(
            Error::usage(format!("this build of git pm cannot call the model {name}"))
                .because(Reason::RunNoProgram)
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
        name: &ModelName,
        _: (&Start<'_>, Confined),
        _: (&mut LogWriter, &Live),
        _: &dyn Fn() -> Result<Pm>,
    ) -> Result<(AgentReport, ExitCause)> {
        require(pm, name)?;
        Err(Error::state("no model was called"))
    }
}
