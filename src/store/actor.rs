//! The actor of a write, as the store sees it.

/// The actor of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The bare name.
    pub name: String,
    /// True if it counts as an agent.
    pub is_agent: bool,
    /// True in the sandbox of an agent, as the kernel says.
    pub is_confined: bool,
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
