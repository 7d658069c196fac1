//! Whose a claim or a reservation is, and who may end what another actor holds: a human, who says
//! why, and never an agent, whatever name it takes. Names are words, so what an agent made carries
//! the agent's own name beside the one it spoke under.

use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::item::{Claim, Item};
use crate::model::stop;
use crate::model::text::actor;
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::store::gates::require_kept;
use crate::store::read_document::Loaded;
use crate::store::state::State;

impl Tasks<'_> {
    /// Whether what is in work is the caller's to go on with here: `require_own` of an item that
    /// was looked at.
    pub fn is_own(&self, item: &ItemView) -> bool {
        item.claim.as_ref().is_some_and(|claim| {
            let own = self.pm.actor.own.as_deref();
            let made = own.is_none() || own == claim.agent.as_deref();
            let stands_in = self.pm.actor.stands_in && self.pm.stands_at(item.branch.as_deref());
            claim.here && claim.actor == self.pm.actor.name && (made || stands_in)
        })
    }
}

impl Pm {
    /// Whether the caller made what `actor` holds in a clone; `agent` is the own name of the agent
    /// that made it. A human is the same one in every clone, an agent is not.
    pub(crate) fn made(&self, actor: &str, agent: Option<&str>, replica: &str) -> bool {
        let here = || self.store.known_replica();
        let own = self.actor.own.as_deref();
        actor == self.actor.name
            && (own.is_none()
                || (own == agent && here().is_some_and(|here| here.as_str() == replica)))
    }

    /// The claim of another actor that stands in the way of ending or stopping work on an item.
    /// One whose lease is over stands in nobody's way.
    fn of_another<'i>(&self, item: &'i Item) -> Option<&'i Claim> {
        item.open_claims().find(|c| {
            !self.made(&c.actor, c.agent.as_deref(), &c.replica) && !c.is_over(self.now_ms())
        })
    }

    /// Why the caller's import does not make of an item what a record says, if it does not: an import
    /// does no more to work than its caller may do by hand and unasked.
    pub(crate) fn keeps_out(
        &self,
        state: &State<'_>,
        before: &Loaded,
        after: &Doc,
    ) -> Option<String> {
        let (agent, now) = (&self.actor, self.now_ms());
        // What cannot be read back as an item is refused where it is staged.
        if agent.is_agent
            && let Ok(item) = Item::from_doc(after)
            && let Err(error) = require_kept(state, before, (after, &item), agent, now)
        {
            return Some(error.message().to_string());
        }
        let item = before.item.as_ref();
        let item = item.filter(|_| stop::changes(&before.doc, after))?;
        let (id, holder) = (state.shown_id(item), actor(&self.of_another(item)?.actor));
        Some(match agent.is_agent {
            true => format!("{holder} holds {id}, and an agent must not end others' work"),
            false => format!(
                "{holder} holds {id}, and an import does not end another's work; to end it: \
                 `git pm issue close {id} --force`"
            ),
        })
    }

    /// Refuses an agent what would end or stop the work of another actor.
    ///
    /// # Errors
    /// When another actor holds the item and the caller is an agent.
    pub(crate) fn require_not_of_another(&self, state: &State<'_>, item: &Item) -> Result<()> {
        match self.of_another(item) {
            Some(claim) if self.actor.is_agent => Err(self.held(state, item, claim)),
            _ => Ok(()),
        }
    }

    /// As [`Pm::require_not_of_another`]; a human has to say why.
    ///
    /// # Errors
    /// When another actor holds the item, and the caller is an agent or gives no reason.
    pub(crate) fn require_reason(
        &self,
        state: &State<'_>,
        item: &Item,
        excused: bool,
    ) -> Result<()> {
        match self.of_another(item) {
            Some(claim) if self.actor.is_agent || !excused => Err(self.held(state, item, claim)),
            _ => Ok(()),
        }
    }

    /// Refuses to end another actor's claim by putting off or deleting what they hold. For a task a
    /// human has to say why, everything else asks for force.
    ///
    /// # Errors
    /// As [`Pm::require_reason`] and [`Pm::require_free`].
    pub(crate) fn require_leave(
        &self,
        state: &State<'_>,
        item: &Item,
        excused: bool,
        forced: bool,
    ) -> Result<()> {
        match item.kind {
            ItemKind::Task => self.require_reason(state, item, excused || forced),
            _ => self.require_free(state, item, forced),
        }
    }

    /// Refuses to close or change an issue that another actor holds, unless that is forced. Tasks
    /// have verbs with rules of their own.
    ///
    /// # Errors
    /// Kind `Conflict` that names the holder.
    pub(crate) fn require_free(&self, state: &State<'_>, item: &Item, forced: bool) -> Result<()> {
        match self.of_another(item) {
            Some(claim) if item.kind != ItemKind::Task && !forced => {
                if self.actor.is_agent {
                    return Err(self.held(state, item, claim));
                }
                let (id, holder) = (state.shown_id(item), &claim.actor);
                Err(self
                    .taken(&id, claim)
                    .hint(format!("ask {holder}: `git pm issue comment {id} TEXT`"))
                    .hint(format!(
                        "`--force` does it anyway; {holder} is told of a claim that ends"
                    )))
            }
            _ => Ok(()),
        }
    }

    /// Requires that nobody else holds an item. In a task's worktree an agent may hand in for the
    /// claimant.
    ///
    /// # Errors
    /// Kind `Conflict` that names the holder.
    pub(crate) fn require_own(&self, state: &State<'_>, item: &Item) -> Result<()> {
        let Some(holder) = item.holder() else {
            return Ok(());
        };
        let replica = self.store.known_replica();
        let here = replica.is_some_and(|r| r.as_str() == holder.replica);
        let made = self.made(&holder.actor, holder.agent.as_deref(), &holder.replica)
            || self.actor.stands_in && self.in_its_worktree(item);
        if here && holder.actor == self.actor.name && made {
            return Ok(());
        }
        Err(self.held(state, item, holder))
    }

    /// Whether the caller stands in the linked worktree of an item.
    pub(crate) fn in_its_worktree(&self, item: &Item) -> bool {
        self.stands_at(item.branch.as_deref())
    }

    /// Whether the caller stands in a linked worktree of a branch.
    fn stands_at(&self, branch: Option<&str>) -> bool {
        let requester = self.requester();
        requester.worktree.is_some_and(|key| key != "main")
            && branch.is_some()
            && requester.branch.as_deref() == branch
    }

    fn taken(&self, id: &str, holder: &Claim) -> Error {
        let replica = self.store.known_replica();
        let here = replica.is_some_and(|r| r.as_str() == holder.replica);
        let place = if here { "" } else { " in another clone" };
        let heard = holder.heard(self.now_ms());
        Error::conflict(format!("{id} is held by {}{place}, {heard}", holder.actor))
    }

    /// Who holds an item, and what may be done about it.
    fn held(&self, state: &State<'_>, item: &Item, holder: &Claim) -> Error {
        let id = state.shown_id(item);
        let error = self.taken(&id, holder);
        let taken = format!("`git pm task reassign {id} --to ACTOR`");
        if self.actor.is_agent {
            return error
                .hint(format!(
                    "ask {} in a comment: `git pm task comment {id} TEXT`",
                    holder.actor
                ))
                .hint(format!("or a human to run {taken}"));
        }
        error
            .hint(format!("say who acts: `git pm --as {} …`", holder.actor))
            .hint(format!("{taken} takes it away, and so does `--reason TEXT` where the command takes one; {} is told", holder.actor))
    }
}
