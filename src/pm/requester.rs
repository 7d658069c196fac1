//! The actor that asks for a reservation, and its place.

use crate::model::reservation::Reservation;

/// Who asks, and where: decides whether a reservation is the requester's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requester {
    /// The actor's name.
    pub actor: String,
    /// The own name of an agent that gives the actor's; none of who speaks for the place it is in.
    pub agent: Option<String>,
    /// The clone.
    pub replica: String,
    /// The worktree's key.
    pub worktree: Option<String>,
    /// The branch checked out there.
    pub branch: Option<String>,
}

impl Requester {
    /// Whether a reservation is held by this actor in this place: the same actor in another
    /// worktree is somebody else.
    pub fn holds(&self, r: &Reservation) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        self.actor == r.actor
            && (self.agent.is_none() || self.agent == r.agent)
            && self.replica == r.replica
            && (same(&self.worktree, &r.worktree) || same(&self.branch, &r.branch))
    }
}
