//! Starts an agent, in the sandbox if there is one, and waits for its end.

use std::ffi::OsString;
use std::path::Path;

use super::listener::{Listener, words};
use super::live::Live;
use super::logs::LogWriter;
use super::model_agent;
use crate::agent::headless::{self, AgentReport, Invocation, Reader, Update, With, replay};
use crate::agent::route::Caps;
use crate::agent::sandbox::{self, Rules};
use crate::error::Result;
use crate::pm::Pm;
use crate::process::{self, Control, ExitCause, Launch, Limits, Sandbox};

/// The variables that name an agent's task, run and name to the processes that it starts.
pub(super) fn marks(task: &str, run: &str, agent: &str) -> Vec<(String, String)> {
    let marks = [
        ("GIT_PM_TASK", task),
        ("GIT_PM_RUN", run),
        ("GIT_PM_ACTOR", agent),
        ("AGENT_NAME", agent),
    ];
    let owned = |(name, value): (&str, &str)| (name.to_string(), value.to_string());
    marks.map(owned).into()
}

/// The agent and the limits on it.
#[cfg_attr(
    not(feature = "models"),
    allow(dead_code, reason = "the built-in agent has limits of its role")
)]
pub(super) struct Start<'a> {
    pub with: &'a With,
    pub invocation: &'a Invocation,
    pub limits: &'a Limits,
    pub control: &'a Control,
    /// The limits of its role.
    pub caps: Caps,
    /// The item's uid.
    pub item: &'a str,
    /// The rules of its sandbox; `None` if there is none.
    pub rules: Option<&'a Rules>,
}

/// A sandbox, if there is one, and the variables that go with it.
pub(super) type Confined = (Option<Sandbox>, Vec<(String, OsString)>);

impl Start<'_> {
    /// Runs the agent. `open` opens the repository as the agent.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn run(
        &self,
        pm: &Pm,
        (log, live): (&mut LogWriter, &Live),
        open: &dyn Fn() -> Result<Pm>,
    ) -> Result<(AgentReport, ExitCause)> {
        if let With::Model(name) = self.with {
            let confined = self.confined(None, log)?;
            return model_agent::work(pm, name, (self, confined), (log, live), open);
        }
        if let With::Replay(file) = self.with {
            let confined = self.confined(None, log)?;
            pm.store.rest_index();
            let mut tell = |update: &Update| {
                for (stream, text) in words(update) {
                    let text = log.write_redacted(stream, &text);
                    live.said(Some(text));
                }
            };
            let under = (self.limits, self.control);
            return replay::play(file, self.invocation, under, confined, &mut tell);
        }
        let mut launch = headless::launch(self.with, self.invocation)?;
        let (sandbox, vars) = self.confined(Some(&launch), log)?;
        launch.sandbox = sandbox;
        let vars = vars.into_iter();
        launch
            .env
            .extend(vars.map(|(name, folder)| (name.into(), folder)));
        let reader = Reader::new(self.with, self.invocation);
        let mut listener = Listener::new(self.with, reader, log, live);
        pm.store.rest_index();
        let outcome = process::supervise(&launch, self.limits, self.control, &mut listener)?;
        let ended = match outcome.ended {
            ExitCause::Exited(code) => headless::ProcessEnd::Code(code),
            ExitCause::Killed(signal) => headless::ProcessEnd::Signal(signal),
            _ => headless::ProcessEnd::Stopped,
        };
        Ok((listener.reader.finish(ended), outcome.ended))
    }

    fn confined(&self, launch: Option<&Launch>, log: &mut LogWriter) -> Result<Confined> {
        let Some(rules) = self.rules else {
            return Ok(Confined::default());
        };
        let invocation = self.invocation;
        let sandbox = sandbox::of_agent(self.with, invocation, launch, rules);
        if let Some(found) = process::protection() {
            log.write("run", &format!("sandbox: {found}, {}", sandbox.network));
        }
        let private: &Path = &invocation.private;
        Ok((Some(sandbox), sandbox::folders(private, &invocation.env)?))
    }
}
