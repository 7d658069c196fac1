//! What keeps an item from being offered to or started by an actor in this clone, such as work returned to another.
//!
//! All that offers work asks here, so that what is offered can be started.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use super::missing_work::{merge_words, unreached};
use crate::coordinate::claim::ownership;
use crate::coordinate::gate::checklist_rule::{ChecklistRule, Step};
use crate::coordinate::gate::gates_to_run;
use crate::coordinate::here;
use crate::coordinate::reserve::grant::{self, Purpose};
use crate::coordinate::reserve::pattern::Pattern;
use crate::coordinate::reserve::pattern::comparison_budget::Effort;
use crate::coordinate::reserve::queue::{self, Ranked};
use crate::coordinate::worktree::moved::Moved;
use crate::coordinate::worktree::target;
use crate::coordinate::worktree::worktree_verbs::moved_among;
use crate::error::{self, Error, Hint, ReservationConflict, Result};
use crate::graph::Reason;
use crate::model::edge_type::EdgeType;
use crate::model::id::ItemKind;
use crate::model::item::{Edge, Item};
use crate::model::status::Status;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::requester::Requester;
use crate::pm::shared_views::Here;
use crate::store::env::Env;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::plan_notices;
use crate::work::task::checklist;
use crate::work::task::deps::graph_around;

/// The number of ready items that counts look at, the first ones: that bounds what `status` costs.
const READY_MAX: usize = 50;

/// The obstacles of a state's items.
pub(crate) struct Obstacles<'s, 'r> {
    pm: &'s Pm,
    state: &'s State<'r>,
    reserved: OnceCell<(Vec<Ranked>, Requester)>,
    /// The worktrees of this clone, which many items ask for.
    here: OnceCell<Here>,
    /// Whether an item can be started here, once it was asked.
    free: RefCell<HashMap<Uid, bool>>,
    /// Whether starts wait for a checklist, by the epic of the item.
    checked: RefCell<HashMap<Option<Uid>, bool>>,
}

/// What keeps an item from being started.
pub(crate) enum Obstacle<'s> {
    /// The merge of this prerequisite is not in this clone.
    Unreached(&'s Item),
    /// Another actor has reserved a path that the item plans to change.
    Reserved(ReservationConflict),
    /// The start would be refused with this error.
    Refused(Error),
}

impl<'s, 'r> Obstacles<'s, 'r> {
    pub(crate) fn new(pm: &'s Pm, state: &'s State<'r>) -> Self {
        Obstacles {
            pm,
            state,
            reserved: OnceCell::new(),
            here: OnceCell::new(),
            free: RefCell::default(),
            checked: RefCell::default(),
        }
    }

    /// True if a start takes over an item that is in progress: nobody works on it any more, and its
    /// state allows another start.
    pub(crate) fn is_left(&self, item: &Item) -> bool {
        let now_ms = self.pm.now_ms();
        let is_over = item.open_claims().all(|one| one.may_be_taken_over(now_ms));
        if !is_over || !item.status.is_in_progress() || item.kind == ItemKind::Epic {
            return false;
        }
        // Work without a holder is resumed as it is.
        (item.holder().is_none() || self.is_work_at_hand(item)) && self.is_free(item)
    }

    /// True if the start of an item that is not begun would be refused here.
    pub(crate) fn stops(&self, item: &Item) -> bool {
        let graph = graph_around(self.state, &item.uid, self.pm.now_ms());
        let is_single = item.kind != ItemKind::Epic;
        !self.is_free(item)
            || is_single && (graph.reasons(&item.uid).iter()).any(Reason::stops_start)
    }

    /// True if nothing but that it was begun keeps an item from being offered.
    fn is_work_at_hand(&self, item: &Item) -> bool {
        let is_allowed = |reason: &Reason| match reason {
            Reason::Status(_) | Reason::Held { .. } => true,
            reason => !reason.stops_start(),
        };
        let graph = graph_around(self.state, &item.uid, self.pm.now_ms());
        graph.reasons(&item.uid).iter().all(is_allowed)
    }

    /// The items of those that `keep` keeps that a start takes over and that are work to offer, the most
    /// urgent first.
    pub(crate) fn left(&self, keep: impl Fn(&Item) -> bool) -> Vec<&'s Item> {
        let (name, now_ms) = (&self.pm.actor.name, self.pm.now_ms());
        let is_left = |item: &Item| {
            let is_begun = item.status == Status::InProgress && keep(item);
            is_begun
                && item.worked_on_by_other(name).is_none()
                && item.kept_from(name, now_ms).is_none()
                && self.is_left(item)
                && (item.holder().is_some() || self.is_work_at_hand(item))
        };
        let which = [Scan::Held, Scan::Unheld(name)];
        let left = which
            .iter()
            .flat_map(|which| self.state.scan(which, is_left, usize::MAX));
        let mut left: Vec<&Item> = left.collect();
        left.sort_by_key(|item| (item.priority, item.age));
        left
    }

    /// The items of those that `keep` keeps that can be started now, best first, at most `limit`, and
    /// the numbers of all and of those that were left. What was left comes before other work that is as urgent.
    pub(crate) fn startable(
        &self,
        keep: impl Fn(&Item) -> bool,
        limit: usize,
    ) -> (Vec<&'s Item>, usize, usize) {
        let (now_ms, left) = (self.pm.now_ms(), self.left(&keep));
        let mut passed = 0;
        let is_offered = |item: &Item| {
            let is_offered = keep(item) && self.is_free(item);
            passed += usize::from(!is_offered);
            is_offered
        };
        // As many as the counts of what is kept look at, so that the sums agree.
        let most = limit.max(READY_MAX);
        let ready = self.state.scan(&Scan::Ready(now_ms), is_offered, most);
        let taken_over = left.len();
        let all = self.state.count_ready(now_ms).saturating_sub(passed) + taken_over;
        let mut left = left.into_iter().peekable();
        let mut found = Vec::new();
        for item in ready {
            while let Some(one) = left.next_if(|one| one.priority <= item.priority) {
                found.push(one);
            }
            found.push(item);
        }
        found.extend(left);
        found.truncate(limit);
        (found, all, taken_over)
    }

    /// True if the item can be started here, of which it is known whether its state calls it ready.
    pub(crate) fn can_start(&self, item: &Item, ready: bool) -> bool {
        match ready {
            true => self.is_free(item),
            false => self.is_left(item),
        }
    }

    /// The refusal of a start that is decided by the item alone.
    fn refusal(&self, item: &Item) -> Result<()> {
        let (pm, state) = (self.pm, self.state);
        if item.status.is_in_progress()
            && let Some(prd) = &item.planned_from
        {
            plan_notices::require_plan_stands(pm, state, prd)?;
        }
        let here = || self.here.get_or_init(|| pm.here());
        if item.branch.is_some()
            && let Some(moved) = moved_among(pm, item, here())?.filter(Moved::stops_start)
        {
            return Err(moved.refusal(&state.shown_id(item)));
        }
        if item.holder().is_none() && item.status.is_in_progress() {
            return ownership::require_not_of_assignee(pm, state, item);
        }
        require_not_kept(pm, state, item)?;
        require_no_duplicate(state, item)?;
        let epic = item.epic.as_ref().and_then(|epic| epic.uid.clone());
        let mut checked = self.checked.borrow_mut();
        let is_checked = checked.entry(epic).or_insert_with(|| {
            let target = target::target_of(pm, state, item, None);
            let lists = target.and_then(|target| gates_to_run::checklists(pm, &target));
            let is_first = |rule: &ChecklistRule| rule.before == Some(Step::Start);
            lists.map_or(true, |lists| lists.iter().any(is_first))
        });
        match *is_checked {
            true => checklist::require_complete(pm, state, item, Step::Start),
            false => Ok(()),
        }
    }

    /// The first obstacle of an item.
    pub(crate) fn of(&self, item: &Item) -> Option<Obstacle<'s>> {
        if let Err(error) = self.refusal(item) {
            return Some(Obstacle::Refused(error));
        }
        if let Some(before) = unreached(self.pm, self.state, item) {
            return Some(Obstacle::Unreached(before));
        }
        if item.paths.is_empty() {
            return None;
        }
        let (ranked, requester) = self.reserved.get_or_init(|| {
            let ranked = queue::ranked(self.state, self.pm.now_ms(), here::case(self.pm));
            (ranked, self.pm.requester())
        });
        if ranked.is_empty() {
            return None;
        }
        // As the start of the item would ask.
        let requester = Requester {
            worktree: None,
            branch: item.branch.clone(),
            ..requester.clone()
        };
        let planned = Pattern::all_within(&item.paths, &Effort::default());
        let (purpose, case) = (Purpose::Exclusive, here::case(self.pm));
        let found = grant::in_the_way(self.state, ranked, &planned, &requester, purpose, case);
        // A start ends the claim that it takes over, with its reservations.
        let id = item.holder().map(|_| self.state.shown_id(item));
        let mut found = found.into_iter();
        let other = found.find(|one| id.is_none() || one.task != id);
        other.map(Obstacle::Reserved)
    }

    /// The first items that the state calls ready and that are kept from being started here. Counts,
    /// lists and boards call them blocked.
    pub(crate) fn kept(&self, now_ms: u64) -> Vec<(&'s Item, Obstacle<'s>)> {
        let ready = self.state.scan(&Scan::Ready(now_ms), |_| true, READY_MAX);
        let is_known_free = |item: &Item| self.free.borrow().get(&item.uid) == Some(&true);
        let open = ready.into_iter().filter(|item| !is_known_free(item));
        open.filter_map(|item| {
            let found = self.of(item);
            let is_free = found.is_none();
            self.free.borrow_mut().insert(item.uid.clone(), is_free);
            Some((item, found?))
        })
        .collect()
    }

    /// True if an item that is ready can be started here. Lists and counts ask several times.
    pub(crate) fn is_free(&self, item: &Item) -> bool {
        if let Some(known) = self.free.borrow().get(&item.uid).copied() {
            return known;
        }
        let is_free = self.of(item).is_none();
        self.free.borrow_mut().insert(item.uid.clone(), is_free);
        is_free
    }
}

/// Refuses an item that was returned to another actor, who is asked first.
pub(super) fn require_not_kept(pm: &Pm, state: &State<'_>, item: &Item) -> Result<()> {
    let Some(kept) = item.kept_from(&pm.actor.name, pm.now_ms()) else {
        return Ok(());
    };
    let (id, author) = (state.shown_id(item), &kept.to);
    let until = pm.env().shown_time(&kept.until);
    Err(Error::conflict(format!(
        "{id} was returned to {author}, who may continue the work until {until}"
    ))
    .because(error::Reason::ReturnKept)
    .about(&id)
    .hint(Hint::run(["next"], "suggests another item"))
    .hint(Hint::run(
        ["task", "reassign", &id, "--to", &pm.actor.name],
        "takes it over",
    )))
}

/// Refuses to offer an item that is marked as the duplicate of another and not begun: its work is that of the other.
/// Who names it can start it all the same.
pub(crate) fn require_no_duplicate(state: &State<'_>, item: &Item) -> Result<()> {
    let is_duplicate = |edge: &&Edge| edge.kind == EdgeType::Duplicates.as_str();
    let mut others = item.edges.iter().filter(is_duplicate);
    let other = others.find_map(|edge| state.item(edge.target.uid.as_ref()?));
    match other.filter(|other| !other.deleted && item.status != Status::InProgress) {
        None => Ok(()),
        Some(other) => Err(Error::refused(format!(
            "it is marked as a duplicate of {}: `git pm task cancel {} --reason TEXT` closes it",
            state.shown_id(other),
            state.shown_id(item)
        ))),
    }
}

impl Obstacle<'_> {
    /// The id of the item that it waits for, and a sentence.
    pub(crate) fn words(&self, state: &State<'_>, env: &Env) -> (Option<String>, String) {
        match self {
            Obstacle::Unreached(before) => {
                let id = state.shown_id(before);
                let [_, into, _] = merge_words(state, before);
                let text = format!(
                    "it waits for {id}, whose merge is not in this clone yet: {into} has to be pushed \
                     where it was merged, then `git pull` brings it"
                );
                (Some(id), text)
            }
            Obstacle::Reserved(conflict) => (conflict.task.clone(), grant::line(env, conflict)),
            Obstacle::Refused(error) => (None, error.message().to_string()),
        }
    }
}
