//! Which commands a run does for its sandboxed agent.
//!
//! Each of them writes the state, and none names a file to write, a program or a URL. All others run
//! inside, with the rights of the agent.

use super::Command;
use super::artifact::ArtifactCommand;
use super::epic::EpicCommand;
use super::learn::LearnCommand;
use super::task::TaskCommand;

impl Command {
    /// True if a run does it for its agent.
    pub fn is_request(&self) -> bool {
        match self {
            Command::Finish(_)
            | Command::Prd(_)
            | Command::Scope(_)
            | Command::Plan(_)
            | Command::Progress(_)
            | Command::Issue(_)
            | Command::Dep(_)
            | Command::Batch(_)
            | Command::Undo(_)
            | Command::View(_)
            | Command::Reserve(_)
            | Command::Msg(_)
            | Command::Handoff(_)
            | Command::Conflicts(_)
            | Command::Context(_)
            | Command::Compound(_)
            | Command::Mcp(_) => true,
            Command::Epic(verb) => !matches!(verb, EpicCommand::Start(_)),
            Command::Task(verb) => !matches!(verb, TaskCommand::Start(_)),
            Command::Artifact(verb) => !matches!(verb, ArtifactCommand::Get { .. }),
            Command::Learn(verb) => !matches!(
                verb,
                LearnCommand::Import { .. } | LearnCommand::Export { .. }
            ),
            _ => false,
        }
    }
}
