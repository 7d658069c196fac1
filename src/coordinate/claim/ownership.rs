//! Who owns a claim or reservation, and who may end it.
//!
//! Only a human who gives a reason may end what another actor holds; an agent never may, under any
//! name. Names can be chosen freely, so a record that an agent made has the agent's own name beside
//! the one it acted under.

use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::item::{Claim, Item};
use crate::model::reservation::{is_same_agent, with_place};
use crate::model::stop;
use crate::model::text::{actor, is_same_name};
use crate::pm::Pm;
use crate::pm::handles::Tasks;
use crate::pm::shared_views::ItemView;
use crate::store::human_stops::require_kept;
use crate::store::read_document::Loaded;
use crate::store::state::State;
use crate::store::transaction::require_open;

impl Tasks<'_> {
    /// True if the caller may continue the work on an item here: `require_own` for a view.
    pub fn is_own(&self, item: &ItemView) -> bool {
        let holder = item.item.holder();
        holder.is_some_and(|holder| holds(self.pm, &item.item, holder))
    }
}

/// True if a claim is the caller's own here: another worktree of an agent's tool, or another clone, is
/// another claimant.
pub(crate) fn holds(pm: &Pm, item: &Item, claim: &Claim) -> bool {
    let made = made(pm, &claim.actor, claim.agent.as_deref(), &claim.replica)
        || pm.actor.is_inferred && in_worktree_of(pm, item.branch.as_deref());
    is_here(pm, &claim.replica) && is_same_name(&claim.actor, &pm.actor.name) && made
}

/// True if an item is the caller's here: they hold it, or it is not held and belongs to them.
pub(crate) fn is_mine(pm: &Pm, item: &Item) -> bool {
    match item.holder() {
        Some(holder) => holds(pm, item, holder),
        None => item
            .owner()
            .is_some_and(|owner| is_same_name(owner, &pm.actor.name)),
    }
}

/// Who holds an item that has the caller's name on it and is not theirs here; none for any other.
pub(crate) fn held_under_own_name(pm: &Pm, item: &Item) -> Option<String> {
    let holder = item.holder()?;
    if !is_same_name(&holder.actor, &pm.actor.name) || holds(pm, item, holder) {
        return None;
    }
    let place = match is_here(pm, &holder.replica) {
        true => "",
        false => " in another clone",
    };
    Some(match (&holder.agent, &pm.actor.own) {
        (None, None) => "yours, in another clone".to_string(),
        (agent, _) => {
            let name = with_place(&holder.actor, agent.as_deref());
            format!("{name} works on it{place}")
        }
    })
}

/// True if the caller made a record of `actor` in a clone; `agent` is the own name of the agent
/// that made it. A human is the same in every clone, an agent is not.
pub(crate) fn made(pm: &Pm, actor: &str, agent: Option<&str>, replica: &str) -> bool {
    let own = pm.actor.own.as_deref();
    let by_agent = |own| is_agents(own, agent) && is_here(pm, replica);
    is_same_name(actor, &pm.actor.name) && own.is_none_or(by_agent)
}

/// True if an agent with an own name made what has that of an agent beside it.
fn is_agents(own: &str, agent: Option<&str>) -> bool {
    agent.is_some_and(|agent| is_same_agent(own, agent))
}

/// True if a replica is this clone.
pub(crate) fn is_here(pm: &Pm, replica: &str) -> bool {
    let here = pm.store.known_replica();
    here.is_some_and(|here| here.as_str() == replica)
}

/// The claim of another actor that prevents ending or stopping work on an item, also that under which
/// it was submitted; one with an expired lease prevents nothing.
fn of_another<'i>(pm: &Pm, item: &'i Item) -> Option<&'i Claim> {
    item.open_claims().chain(item.submitter()).find(|c| {
        !made(pm, &c.actor, c.agent.as_deref(), &c.replica) && !c.may_be_taken_over(pm.now_ms())
    })
}

/// The reason why the caller's import must not change an item as a record says, if there is
/// one: an import may change work only as its caller may by hand.
pub(crate) fn keeps_out(
    pm: &Pm,
    state: &State<'_>,
    before: &Loaded,
    after: &Doc,
) -> Option<String> {
    let (agent, now) = (&pm.actor, pm.now_ms());
    // A document that cannot be read as an item is refused when it is staged.
    if agent.is_bound
        && let Ok(item) = Item::from_doc(after)
        && let Err(error) = require_open(Some(&before.doc), after, agent)
            .and_then(|()| require_kept(state, before, (after, &item), agent, now))
    {
        return Some(error.message().to_string());
    }
    let item = before.item.as_ref();
    let item = item.filter(|_| stop::changes(&before.doc, after))?;
    let (id, holder) = (state.shown_id(item), actor(&of_another(pm, item)?.actor));
    Some(match agent.is_agent {
        true => format!("{holder} holds {id}, and an agent may not end another actor's claim"),
        false => format!(
            "{holder} holds {id}, and an import does not end another actor's claim; to end it, \
                 run `git pm issue close {id} --force`"
        ),
    })
}

/// Refuses to let an agent end or stop the work of another actor.
pub(crate) fn require_not_of_another(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    require_reason(pm, state, item, true)
}

/// As [`require_not_of_another`]; in a task's worktree an agent may act for the claimant.
pub(crate) fn require_not_of_another_here(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    require_own(pm, state, item).or_else(|_| require_not_of_another(pm, state, item))
}

/// As [`require_not_of_another`]; a human has to give a reason.
///
/// # Errors
/// When another actor holds the item, and the caller is an agent or gives no reason.
pub(crate) fn require_reason(pm: &Pm, state: &State<'_>, item: &Item, excused: bool) -> Result<()> {
    require_not_begun_by_other(pm, state, item)?;
    match of_another(pm, item) {
        Some(claim) if pm.actor.is_agent => Err(held(pm, state, item, claim)),
        Some(claim) if !excused => Err(held(pm, state, item, claim).hint(format!(
            "`--reason TEXT` does this all the same, and {} is notified",
            claim.actor
        ))),
        _ => Ok(()),
    }
}

/// Refuses to end another actor's claim by deferring or deleting its item. For a task a human
/// has to give a reason; other items need `--force`.
pub(crate) fn require_leave(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    excused: bool,
    forced: bool,
) -> Result<()> {
    match item.kind {
        ItemKind::Task => require_reason(pm, state, item, excused || forced),
        _ => require_free(pm, state, item, forced),
    }
}

/// Refuses to close or change an issue that another actor holds, unless forced. The verbs of
/// tasks have their own rules.
///
/// # Errors
/// Kind `Conflict` that names the holder.
pub(crate) fn require_free(pm: &Pm, state: &State<'_>, item: &Item, forced: bool) -> Result<()> {
    require_not_begun_by_other(pm, state, item)?;
    match of_another(pm, item) {
        Some(claim) if item.kind != ItemKind::Task && !forced => {
            if pm.actor.is_agent {
                return Err(held(pm, state, item, claim));
            }
            let (id, holder) = (state.shown_id(item), &claim.actor);
            Err(taken(pm, &id, claim)
                .hint(Hint::run(
                    ["issue", "comment", &id, "TEXT"],
                    format!("asks {holder}"),
                ))
                .hint(format!(
                    "`--force` overrides this, and {holder} is notified if a claim ends"
                )))
        }
        _ => Ok(()),
    }
}

/// Refuses an item that another actor works on without a claim, as one that was imported.
pub(crate) fn require_not_of_assignee(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    let Some(other) = item.worked_on_by_other(&pm.actor.name) else {
        return Ok(());
    };
    let (id, other) = (state.shown_id(item), actor(other));
    let error = Error::conflict(format!("{id} is in progress, and assigned to {other}"))
        .because(Reason::ClaimHeld)
        .about(&id)
        .hint(Hint::run(["next"], "suggests another item"));
    let takes = ["task", "reassign", &id, "--to", &pm.actor.name];
    let takes = Hint::run(takes, format!("takes it over; {other} is told"));
    Err(error.hint(of_human(pm, takes)))
}

/// Refuses to take up work in review that another actor submitted, though their claim has ended.
pub(crate) fn require_not_submitted_by_other(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
) -> Result<()> {
    let over = |claim: &&Claim| claim.may_be_taken_over(pm.now_ms());
    match item.submitter().filter(|claim| !over(claim)) {
        Some(claim) if !holds(pm, item, claim) => Err(held(pm, state, item, claim)),
        _ => Ok(()),
    }
}

/// As [`require_not_of_assignee`], for agents: a human may end such work.
fn require_not_begun_by_other(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    match pm.actor.is_agent {
        true => require_not_of_assignee(pm, state, item),
        false => Ok(()),
    }
}

/// Refuses to assign what is held to another actor than its holder: the field would say one name, and
/// the claim another.
///
/// # Errors
/// Kind `Refused`, with the command that hands it over.
pub(crate) fn require_assignable(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    to: Option<&str>,
) -> Result<()> {
    let Some(holder) = item
        .holder()
        .filter(|one| !to.is_some_and(|to| is_same_name(&one.actor, to)))
    else {
        return Ok(());
    };
    let id = state.shown_id(item);
    let error = Error::refused(format!(
        "{} holds {id}, and who holds it is its assignee",
        with_place(&holder.actor, holder.agent.as_deref())
    ))
    .because(Reason::ClaimHeld)
    .about(&id);
    let hint = match to {
        Some(to) => Hint::run(
            ["task", "reassign", &id, "--to", to],
            format!("ends the claim and assigns it to {}", actor(to)),
        ),
        None => Hint::run(["task", "drop", &id], "ends the claim"),
    };
    Err(error.hint(match holds(pm, item, holder) {
        true => hint,
        false => of_human(pm, hint),
    }))
}

/// Refuses if another actor holds an item. In a task's worktree an agent may finish for the
/// claimant.
///
/// # Errors
/// Kind `Conflict` that names the holder.
pub(crate) fn require_own(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    let Some(holder) = item.holder().or_else(|| item.submitter()) else {
        return require_not_begun_by_other(pm, state, item);
    };
    match holds(pm, item, holder) {
        true => Ok(()),
        false => Err(held(pm, state, item, holder)),
    }
}

/// The actor who has taken over work that the caller had begun in this clone.
pub(crate) fn taken_over_by<'i>(pm: &Pm, item: &'i Item) -> Option<&'i str> {
    let own =
        |claim: &Claim| is_same_name(&claim.actor, &pm.actor.name) && is_here(pm, &claim.replica);
    if item.status.is_closed() || !item.claims.iter().any(own) {
        return None;
    }
    let now = match item.holder() {
        Some(holder) => Some(holder.actor.as_str()),
        None => item.assignee.as_deref(),
    };
    now.filter(|name| !is_same_name(name, &pm.actor.name))
}

/// Refuses to finish work that another actor has taken over.
///
/// # Errors
/// Kind `Conflict` that names them.
pub(crate) fn require_not_taken_over(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    let Some(name) = taken_over_by(pm, item).filter(|_| item.holder().is_none()) else {
        return Ok(());
    };
    let (id, name) = (state.shown_id(item), actor(name));
    let error = Error::conflict(format!("{name} has taken over {id}"))
        .because(Reason::ClaimHeld)
        .about(&id)
        .hint(Hint::run(
            ["task", "comment", &id, "TEXT"],
            format!("asks {name}"),
        ));
    let back = ["task", "reassign", &id, "--to", &pm.actor.name];
    let words = format!("takes it back, before `git pm start {id}`; {name} is notified");
    Err(error.hint(of_human(pm, Hint::run(back, words))))
}

/// A hint at a command that only a human may run: an agent has to ask one.
pub(crate) fn of_human(pm: &Pm, hint: Hint) -> Hint {
    let command = hint.command.as_ref().filter(|_| pm.actor.is_agent);
    let asked = command.map(|command| format!("ask a human to run `{command}`"));
    asked.map_or(hint, Hint::from)
}

/// True if the caller is in a linked worktree of a branch.
pub(crate) fn in_worktree_of(pm: &Pm, branch: Option<&str>) -> bool {
    let requester = pm.requester();
    requester.worktree.is_some_and(|key| key != "main")
        && branch.is_some()
        && requester.branch.as_deref() == branch
}

fn taken(pm: &Pm, id: &str, holder: &Claim) -> Error {
    let place = if is_here(pm, &holder.replica) {
        ""
    } else {
        " in another clone"
    };
    let heard = holder.last_activity_text(pm.now_ms());
    let name = with_place(&holder.actor, holder.agent.as_deref());
    let whose = match holder.ended {
        Some(_) => "was submitted by",
        None => "is held by",
    };
    Error::conflict(format!("{id} {whose} {name}{place}, {heard}"))
        .because(Reason::ClaimHeld)
        .about(id)
}

/// The error that names the holder of an item, with what the caller can do.
fn held(pm: &Pm, state: &State<'_>, item: &Item, holder: &Claim) -> Error {
    let id = state.shown_id(item);
    let error = taken(pm, &id, holder);
    let takes = of_human(pm, take_over(pm, &id, holder));
    if pm.actor.is_agent {
        return error
            .hint(Hint::run(
                ["task", "comment", &id, "TEXT"],
                format!("asks {}", holder.actor),
            ))
            .hint(Hint::run(["next"], "suggests another item"))
            .hint(takes);
    }
    let error = error.hint(takes);
    // A person has several names in one clone at most.
    let may_be_caller = is_here(pm, &holder.replica) && holder.agent.is_none();
    match may_be_caller && !is_same_name(&holder.actor, &pm.actor.name) {
        true => error.hint(Hint::run(
            ["--as", &holder.actor, "…"],
            "acts under the holder's name, if that is you",
        )),
        false => error,
    }
}

/// The command with which a human takes an item over from its holder, who can be the same human in
/// another clone.
pub(crate) fn take_over(pm: &Pm, id: &str, holder: &Claim) -> Hint {
    let effect = match is_same_name(&holder.actor, &pm.actor.name) {
        true => format!("ends your claim of the other clone; then `git pm start {id}` here"),
        false => format!("takes it over; {} is notified", holder.actor),
    };
    Hint::run(["task", "reassign", id, "--to", &pm.actor.name], effect)
}
