//! Who asks for a reservation, and when an existing one is its own and so no conflict.

use crate::model::item::Item;
use crate::model::reservation::{Reservation, is_same_agent};
use crate::model::text::is_same_name;
use crate::store::index::Scan;
use crate::store::state::State;

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
        is_same_name(&self.actor, &r.actor)
            && self.agent.as_ref().is_none_or(made)
            && self.replica == r.replica
            && (same(&self.worktree, &r.worktree)
                || same(&self.branch, &r.branch)
                || same(&self.task, &r.branch))
    }

    /// True if a reservation does not stand against this requester: it holds it, or, in another worktree
    /// and for no item, an agent made it under the name that this requester has, or that holds the claim
    /// of the branch here.
    pub(crate) fn owns(&self, state: &State<'_>, r: &Reservation) -> bool {
        let made_both = |item: &Item| {
            item.holder().is_some_and(|c| {
                let agent = c.agent.as_deref();
                let is_mine = |own: &String| agent.is_some_and(|agent| is_same_agent(own, agent));
                // Exactly: agents of one tool in two worktrees have two names.
                agent.is_some()
                    && (&c.actor, &c.agent, &c.replica) == (&r.actor, &r.agent, &r.replica)
                    && is_same_name(&c.actor, &self.actor)
                    && c.replica == self.replica
                    && self.agent.as_ref().is_none_or(is_mine)
            })
        };
        let claimed = |branch| !state.scan(&Scan::Branch(branch), made_both, 1).is_empty();
        let is_free = r.task.is_none() && r.claim.is_none();
        let is_own = self.agent.is_some()
            && is_same_name(&self.actor, &r.actor)
            && (&self.agent, &self.replica) == (&r.agent, &r.replica);
        self.holds(r) || is_free && (is_own || self.branch.as_deref().is_some_and(claimed))
    }
}
