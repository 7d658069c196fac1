//! What is started for a task: program, arguments, folder, environment, input, sandbox.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{Sandbox, spawn};
use crate::error::Result;

/// A program with its environment. Nothing else is inherited.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Launch {
    /// The program, as a path or a name to look up in `PATH`.
    pub program: OsString,
    /// Its arguments. The prompt is never among them.
    pub args: Vec<OsString>,
    /// The directory it starts in.
    #[serde(with = "super::texts")]
    pub dir: PathBuf,
    /// All its environment variables.
    pub env: Vec<(OsString, OsString)>,
    /// The beginning of its standard input. Unless there is a dialogue
    /// ([`Sink::input`](super::Sink::input)), its input is then closed.
    #[serde(skip)]
    pub input: Vec<u8>,
    /// The sandbox; without one it may reach everything that the user may.
    pub sandbox: Option<Sandbox>,
    /// The program that is started as a keeper of the processes (Linux); see
    /// `Env::keeper`.
    #[serde(skip)]
    pub keeper: Option<PathBuf>,
}

impl Launch {
    /// The program's file.
    ///
    /// # Errors
    /// Kind `NotFound`, reason `agent.program_missing`.
    pub fn file(&self) -> Result<PathBuf> {
        spawn::find(self)
    }
}
