//! Who asks for a reservation, and when an existing one is its own and so no conflict.

use crate::model::reservation::Reservation;
use crate::store::actor::is_same_agent;

/// The actor that requests a reservation, with its place, which together decide whether a
/// reservation is its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requester {
    pub actor: String,
    /// The agent's own name; none for a human, or if the worktree determined the actor.
    pub agent: Option<String>,
    pub replica: String,
    pub worktree: Option<String>,
    /// The branch checked out there.
    pub branch: Option<String>,
    /// The branch of the task in whose sandbox the requester is: its work may be on others, too.
    pub task: Option<String>,
}

impl Requester {
    /// True if this requester holds a reservation: the same actor in the same clone, in the same
    /// worktree or on the same branch.
    pub fn holds(&self, r: &Reservation) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        let agent = r.agent.as_deref();
        let made = |own: &String| agent.is_some_and(|agent| is_same_agent(own, agent));
        self.actor == r.actor
            && self.agent.as_ref().is_none_or(made)
            && self.replica == r.replica
            && (same(&self.worktree, &r.worktree)
                || same(&self.branch, &r.branch)
                || same(&self.task, &r.branch))
    }
}
