//! Who writes, as the store sees it.

/// Who writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The bare name.
    pub name: String,
    /// Whether it counts as an agent.
    pub is_agent: bool,
    /// An agent's own name, under whatever name it speaks; none of a human.
    pub own: Option<String>,
    /// Whether nobody gave a name, so that it is that of the place: in a task's worktree its claimant's.
    pub stands_in: bool,
    /// The e-mail address of the git identity it acts for; may be empty.
    pub email: String,
    /// The name of the git identity it acts for.
    pub identity: String,
}
