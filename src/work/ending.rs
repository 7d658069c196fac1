//! When an item may be ended: closed, done or cancelled.

use crate::coordinate::claim::ownership;
use crate::coordinate::worktree::branch_status::with_remedy;
use crate::error::{self, Error, Hint, Result};
use crate::graph::{Reason, Relation};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::limits::NAMES_SHOWN;
use crate::model::status::Status;
use crate::model::text::first_of;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::index::Reach;
use crate::store::read_document::Loaded;
use crate::store::state::State;
use crate::work::plan_notices;
use crate::work::task::approval::approval_hint;
use crate::work::task::branch_work;
use crate::work::task::start::missing_work;
use crate::work::task::transition::require_allowed;
use crate::work::unmet_words::{self, FORCE, by_force};

/// Refuses to close an item that another actor holds, that is pinned, or that has open children or
/// waits for an open item, other than `others`, or a document that asks for more than was done.
pub(crate) fn require_closable(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    others: &[Uid],
) -> Result<()> {
    ownership::require_free(pm, state, item, false)?;
    let id = state.shown_id(item);
    if item.issue.pinned || item.status.as_str() == "pinned" {
        return Err(Error::refused(format!("{id} is pinned"))
            .because(error::Reason::ClosePinned)
            .about(&id)
            .hint(FORCE));
    }
    require_ended(pm, state, item, others, true)?;
    unmet_words::require_met(pm, state, item)?;
    require_done_parts(pm, state, item)?;
    plan_notices::notice_changed_files(pm, state, item);
    Ok(())
}

/// Refuses an agent that ends by force what has open parts or asks for more: only a human passes over these.
pub(crate) fn require_parts_by_agent(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    others: &[Uid],
) -> Result<()> {
    if !pm.actor.is_agent {
        return Ok(());
    }
    require_closed_children(pm, state, item, others)?;
    unmet_words::require_met(pm, state, item)?;
    require_done_parts(pm, state, item)
}

/// Refuses an agent that calls an epic done of which nothing was done.
fn require_done_parts(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    if !pm.actor.is_agent || !item.is_epic() {
        return Ok(());
    }
    let parts = state.children(&item.uid);
    let is_done = |part: &&Item| part.status.is_finished();
    if parts.is_empty() || parts.iter().any(is_done) {
        return Ok(());
    }
    let id = state.shown_id(item);
    let said = format!("{id} is not done: none of its {} parts is", parts.len());
    Err(Error::refused(said)
        .because(error::Reason::CloseNotReady)
        .about(&id)
        .hint(by_force(true, item, &id)))
}

/// Refuses to call an item done while its branch has commits that its target lacks, which would
/// not be reviewed or merged any more, or lacks merged parts of an epic. A human may insist.
pub(crate) fn require_merged(pm: &Pm, state: &State<'_>, item: &Item, forced: bool) -> Result<()> {
    let (id, is_agent) = (state.shown_id(item), pm.actor.is_agent);
    match missing_work::require_parts(pm, state, item) {
        Err(error) if forced && !is_agent => pm.notice(error.message().to_string()),
        checked => checked?,
    }
    let Some(left) = branch_work::unmerged(pm, state, item)? else {
        return Ok(());
    };
    if forced && !is_agent {
        pm.notice(format!("{id} is done without {left}"));
        return Ok(());
    }
    let next = match &item.status {
        Status::InReview => approval_hint(pm, state, item, is_agent),
        Status::ReadyForIntegration => Hint::run(["merge", &id], "merges it"),
        Status::InProgress => Hint::run(["finish", &id], "submits it for review"),
        _ => Hint::run(["start", &id], "takes it up, to be finished"),
    };
    let error = Error::refused(format!("{id} is not done: {left}"))
        .because(error::Reason::CloseUnmerged)
        .about(&id)
        .hint(next);
    Err(match is_agent {
        true => error,
        false => error.hint("`--force` closes it anyway; the branch keeps its commits"),
    })
}

/// The reason why an import must not record an item as done, as its caller may not by hand without force.
pub(crate) fn keeps_open(
    pm: &Pm,
    state: &State<'_>,
    before: &Loaded,
    after: &Doc,
) -> Option<String> {
    let item = before
        .item
        .as_ref()
        .filter(|item| !item.status.is_closed())?;
    let to = Status::parse(item.kind, after.text("status")?)?;
    if !to.is_closed() || to == Status::Cancelled {
        return None;
    }
    let allowed = match pm.actor.is_agent {
        true => require_allowed(state, item, true, &Status::Done),
        false => Ok(()),
    };
    let allowed = allowed.and_then(|()| require_merged(pm, state, item, false));
    Some(with_remedy(&allowed.err()?))
}

/// Says what the branch of an item that is given up, and how, keeps.
pub(crate) fn notice_unmerged(pm: &Pm, state: &State<'_>, item: &Item, how: &str) {
    if let Ok(Some(left)) = branch_work::unmerged(pm, state, item) {
        let id = state.shown_id(item);
        pm.notice(format!("{id} is {how} without {left}"));
    }
}

/// Refuses to end an item that has open children other than `others`.
pub(crate) fn require_closed_children(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    others: &[Uid],
) -> Result<()> {
    require_ended(pm, state, item, others, false)
}

/// Refuses to submit, approve or merge work that would end an item with open children, other than `others`,
/// unless it was submitted by force.
pub(crate) fn require_whole(pm: &Pm, state: &State<'_>, item: &Item, others: &[Uid]) -> Result<()> {
    match item.forced {
        true => Ok(()),
        false => require_parts_closed(pm, state, item, others),
    }
}

/// As [`require_whole`], of a submission, for which the force of an earlier one does not count.
pub(crate) fn require_parts_closed(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    others: &[Uid],
) -> Result<()> {
    require_closed_children(pm, state, item, others).map_err(|error| {
        let id = state.shown_id(item);
        let error = error
            .hints_where(|_| false)
            .hint(Hint::run(["why", &id], "shows more"));
        let finish = ["finish", &id, "--force"];
        match pm.actor.is_agent {
            true => error,
            false => error.hint(Hint::run(finish, "submits it without them")),
        }
    })
}

/// What is said of an item with open children.
const OPEN_CHILDREN: &str = "has open children";

/// Refuses to end an item that has open children, or if `with_waits`, waits for an open item.
fn require_ended(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    others: &[Uid],
    with_waits: bool,
) -> Result<()> {
    let id = state.shown_id(item);
    let near = state.around(&[&item.uid], Reach::Waits);
    let graph = crate::graph::Graph::new(&near, pm.now_ms());
    let mut open: Vec<Uid> = Vec::new();
    let mut waits: Vec<Uid> = Vec::new();
    for reason in graph.reasons(&item.uid) {
        match reason {
            Reason::Container(children) => open.extend(children),
            Reason::BlockedBy(by) if with_waits && by.via != Relation::Ancestor => {
                waits.push(by.uid);
            }
            _ => {}
        }
    }
    for (list, what) in [(open, OPEN_CHILDREN), (waits, "waits for")] {
        let names: Vec<String> = list
            .iter()
            .filter(|uid| !others.contains(uid))
            .filter_map(|uid| state.item(uid))
            .map(|item| state.shown_id(item))
            .collect();
        if !names.is_empty() {
            let names = first_of(&names, NAMES_SHOWN);
            let error = Error::refused(format!("{id} {what}: {names}"))
                .because(error::Reason::CloseNotReady)
                .about(&id)
                .hint(Hint::run(["why", &id], "shows more"));
            let is_bound = pm.actor.is_agent && what == OPEN_CHILDREN;
            return Err(error.hint(by_force(is_bound, item, &id)));
        }
    }
    Ok(())
}
