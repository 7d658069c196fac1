//! The logs of a run: JSON Lines for each task, redacted, in a bounded number of files of bounded size.
//!
//! During the run they are files in this clone; afterwards they are in `refs/pm-local/runs/`, which
//! is exchanged only on request and is pruned by `git pm gc`.

mod files;
pub(crate) mod log_ref;
mod noise;
mod publish;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::publish::PublishedLogs;
use self::reader::LogReader;
pub(super) use self::writer::LogWriter;
use super::record::{self, Run};
use crate::error::{Error, Kind, Reason, Result};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Runs;
use crate::run::control;
use crate::run::lock;

/// A line of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogLine {
    /// RFC 3339.
    pub at: String,
    /// The run's id.
    pub run: String,
    /// The item's id when it was written.
    pub task: String,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The agent, e.g. `agent-1`.
    pub agent: String,
    /// `out`, `err`, or `run` for actions of the run itself.
    pub stream: String,
    /// The text, with secrets redacted and control characters escaped.
    pub text: String,
}

/// The selection of log lines.
#[derive(Clone, Debug, Default)]
pub struct LogOptions {
    /// A run, or an item (in the newest run that has it); the newest run if `None`.
    pub of: Option<String>,
    /// Only the last lines; all if `None`.
    pub last: Option<usize>,
}

impl Runs<'_> {
    /// Reads logs of this clone, oldest first, and passes each line on. With `follow`, continues
    /// until the run's process has ended or `follow` returns false. A notice names each task whose
    /// log is repetitive.
    ///
    /// # Errors
    /// When there is no such run, or none has worked on the item.
    pub fn logs(
        &self,
        options: &LogOptions,
        each: &mut dyn FnMut(LogLine),
        follow: Option<&mut dyn FnMut() -> bool>,
    ) -> Result<()> {
        let (run, task) = log_subject(self.pm, options.of.as_deref())?;
        let of_task = |line: &LogLine| task.as_ref().is_none_or(|task| line.task == *task);
        let mut reader = LogReader::new(&run.uid, lock::run_folder(self.pm, &run.uid));
        let mut lines = reader.more(self.pm, &of_task)?;
        for sentence in noise::noise(&lines) {
            self.pm.notice(sentence);
        }
        // Each task's lines are already in order.
        lines.sort_by(|a, b| a.at.cmp(&b.at));
        if let Some(last) = options.last {
            lines.drain(..lines.len().saturating_sub(last));
        }
        lines.into_iter().for_each(&mut *each);
        let Some(go_on) = follow else { return Ok(()) };
        self.pm.store.release_index();
        while go_on() {
            // Checked before the last read: its process may write until it has ended.
            let alive = lock::is_alive(self.pm, &run.uid)?;
            let new = reader.more(self.pm, &of_task)?;
            new.into_iter().for_each(&mut *each);
            if !alive {
                break;
            }
        }
        Ok(())
    }
}

/// The run whose log is meant, and the item if one is named.
fn log_subject(pm: &Pm, of: Option<&str>) -> Result<(Run, Option<String>)> {
    let found = control::find_run(pm, of);
    let Some(of) = of else {
        return Ok((found?, None));
    };
    match found {
        Ok(run) => return Ok((run, None)),
        Err(error) if error.kind() != Kind::NotFound => return Err(error),
        Err(_) => {}
    }
    let state = pm.store.state()?;
    let item = state.find(of)?;
    let runs = state.runs().into_iter().rev();
    let has = |uid: &Uid| {
        record::jobs(&state, uid)
            .iter()
            .any(|job| job.item == item.uid)
    };
    let uid = runs.into_iter().find(has);
    let run = uid.and_then(|uid| record::run(&state, &uid));
    let id = state.shown_id(item);
    match run {
        Some(run) => Ok((run, Some(id))),
        None => Err(Error::not_found(format!("no run has worked on {id}"))
            .because(Reason::RunNoLog)
            .about(&id)),
    }
}
