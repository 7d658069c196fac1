//! Who makes a write: the actor's name, and the agent's own one.

use crate::error::{Error, Reason};
use crate::model::reservation::PLACE;
use crate::model::text::one_line;

/// The actor of a write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// The bare name.
    pub name: String,
    /// True if it counts as an agent.
    pub is_agent: bool,
    /// True in the sandbox of an agent, as the kernel says.
    pub is_confined: bool,
    /// True for whoever may do only what `model/authority.rs` opens to agents: an agent, and a
    /// request with a token that cannot approve.
    pub is_bound: bool,
    /// An agent's own name, whatever name it acts under; `None` for a human.
    pub own: Option<String>,
    /// True if no name was given, so that it is derived from the place: in a task's worktree, from
    /// the claimant.
    pub is_inferred: bool,
    /// The e-mail address of its git identity; may be empty.
    pub email: String,
    /// The name of its git identity.
    pub identity: String,
}

/// The own name of an agent that has none but that of its tool, in a worktree that belongs to no task:
/// several agents of one tool can work there, each in its own.
pub fn agent_in(tool: &str, worktree: &str) -> String {
    format!("{tool}{PLACE}{worktree}")
}

impl Actor {
    /// The refusal to let it do what is for humans.
    pub fn refusal(&self, what: &str) -> Error {
        let name = one_line(&self.name);
        let why = match (self.is_confined, self.is_agent) {
            (true, _) => "this process is in the sandbox of an agent".to_string(),
            (false, true) => format!("{name} is treated as an agent"),
            (false, false) => format!("{name} has a token without the scope approve"),
        };
        Error::refused(format!("{what} requires a human, but {why}"))
            .because(Reason::ActorNotHuman)
            .about(&self.name)
    }
}
