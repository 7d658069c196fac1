//! Lists of items, flat or as a tree, and shared saved views.
//!
//! Flags and queries become one expression; see the module `query`.

pub(crate) mod descendants;
mod item_filter;
pub(crate) mod saved_views;

/// The filter, order and limit of a list.
#[derive(Clone, Debug, Default)]
pub struct ListFilter {
    /// Only items of this kind.
    pub kind: Option<crate::model::id::ItemKind>,
    /// Only items with one of these statuses.
    pub status: Vec<String>,
    /// Only items with all of these labels; of those between commas with one.
    pub labels: Vec<String>,
    /// Only items held by or assigned to this actor.
    pub owner: Option<String>,
    /// Only items of this epic.
    pub epic: Option<String>,
    /// Only items of one of these types.
    pub item_type: Vec<String>,
    /// A query that they have to match as well; see [`Expr::parse`](crate::query::Expr::parse).
    pub query: Option<crate::query::Expr>,
    /// Include closed items. A query about closed items does not need it.
    pub all: bool,
    /// The order; by kind and id by default.
    pub sort: Vec<crate::query::SortKey>,
    /// Only items that come after this one in the order.
    pub after: Option<String>,
    /// The most items to return.
    pub limit: Option<usize>,
}

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use crate::coordinate::here;
use crate::error::{Error, Result};
use crate::graph::{Graph, is_blocking, is_counted};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Items;
use crate::pm::shared_views::{Here, ItemView, item_view, view_with};
use crate::query::Marks;
use crate::store::index::{self, Line, Scan};
use crate::store::state::State;
use crate::work::task::deps::TreeNode;
use crate::work::task::start::obstacle::Obstacles;

pub use saved_views::SavedView;

use item_filter::Plan;

/// The number of items up to which a list looks for the open parts of each.
const PARTS_MAX: usize = 200;

/// The number of items above which a list is made on several threads.
const MANY: usize = 1_000;

impl Items<'_> {
    /// Items by filter, ordered by kind and id unless it has another order.
    ///
    /// # Errors
    /// When the state cannot be read, or the filter names an item that does not exist.
    pub fn list(&self, filter: &ListFilter) -> Result<Vec<ItemView>> {
        let state = self.pm.store.snapshot()?;
        list_in(self.pm, &state, filter, &self.pm.here())
    }

    /// The open items or the closed ones, of one kind or of all, by kind and id and each with the id
    /// that it is shown with; with `startable`, those that can be started now come first, best first.
    /// Without the views of a list, as fast as a completion has to be.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn named(
        &self,
        kind: Option<ItemKind>,
        closed: bool,
        startable: bool,
    ) -> Result<Vec<Item>> {
        let state = self.pm.store.snapshot()?;
        let shown = |item: &Item| Item {
            id: state.shown_id(item),
            ..item.clone()
        };
        let ready = match startable {
            true => state.scan(&Scan::Ready(self.pm.now_ms()), |_| true, usize::MAX),
            false => Vec::new(),
        };
        let is_of_kind = |item: &Item| kind.is_none_or(|kind| item.kind == kind);
        let mut out: Vec<Item> = ready.into_iter().map(shown).collect();
        out.retain(is_of_kind);
        let first: HashSet<Uid> = out.iter().map(|item| item.uid.clone()).collect();
        let scan = match closed {
            true => Scan::All(kind),
            false => Scan::Open(kind),
        };
        let keep = |item: &Item| item.status.is_closed() == closed && !first.contains(&item.uid);
        let mut rest: Vec<Item> = state
            .scan(&scan, keep, usize::MAX)
            .into_iter()
            .map(shown)
            .collect();
        rest.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        out.append(&mut rest);
        Ok(out)
    }

    /// The ids of the open items that each of these waits for.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn waits_for(&self, items: &[ItemView]) -> Result<Vec<Vec<String>>> {
        let state = self.pm.store.snapshot()?;
        // Most wait for items of the same list, which need not be read again.
        let listed: HashMap<&Uid, &ItemView> = items.iter().map(|one| (&one.uid, one)).collect();
        let open = |target: &ItemRef| {
            let uid = target.uid.as_ref()?;
            match listed.get(uid) {
                Some(one) => (!one.status.is_closed()).then(|| one.id.clone()),
                None => open_target(&state, target),
            }
        };
        // Each takes a look at its parts, which a long list leaves out.
        let with_parts = items.len() <= PARTS_MAX;
        let waits = |view: &ItemView| {
            let mut found: Vec<String> = match view.status.is_closed() {
                true => Vec::new(),
                false => hard_targets(view).filter_map(open).collect(),
            };
            if with_parts && found.is_empty() && view.status.is_startable() {
                found.extend(first_part(&state, view));
            }
            found
        };
        let mut all: Vec<Vec<String>> = items.iter().map(waits).collect();
        // Of the items of a cycle one is ready: it waits for nothing, as `ready` and `why` say.
        let waiting = items
            .iter()
            .zip(&all)
            .filter(|(_, waits)| !waits.is_empty());
        let waiting: HashSet<&Uid> = waiting.map(|(view, _)| &view.uid).collect();
        if !waiting.is_empty() {
            let ready = Scan::Ready(self.pm.now_ms());
            let free = state.scan(&ready, |item| waiting.contains(&item.uid), usize::MAX);
            for item in free {
                let at = items.iter().position(|view| view.uid == item.uid);
                at.into_iter().for_each(|at| all[at].clear());
            }
        }
        for (item, obstacle) in Obstacles::new(self.pm, &state).kept(self.pm.now_ms()) {
            if let Some(at) = items.iter().position(|view| view.uid == item.uid) {
                all[at].extend(obstacle.words(&state, self.pm.env()).0);
            }
        }
        Ok(all)
    }

    /// As `Items::list`, for lists that need not be in memory as a whole: each view is passed to
    /// `render`, on several threads where there are many, and then in order to `sink`.
    ///
    /// # Errors
    /// As `Items::list`, and the errors of `sink`.
    pub fn list_each<T: Send, E: From<Error>>(
        &self,
        filter: &ListFilter,
        render: impl Fn(ItemView) -> T + Sync,
        mut sink: impl FnMut(T) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        let state = self.pm.store.snapshot()?;
        let here = self.pm.here();
        let limit = filter.limit.unwrap_or(usize::MAX);
        let plan = Plan::of(self.pm, &state, filter)?;
        let many = limit > MANY && state.count() > MANY && plan.is_plain();
        let mut few = None;
        if many && plan.is_narrow() {
            // What few have is found by its index, and the ids of all need not be read for it.
            let first = ListFilter {
                limit: Some(MANY + 1),
                ..filter.clone()
            };
            few = Some(list_in(self.pm, &state, &first, &here)?).filter(|all| all.len() <= MANY);
        }
        let ids = (many && few.is_none()).then(|| state.prepare_ids());
        let Some(ids) = ids.flatten() else {
            let views = match few {
                Some(few) => few,
                None => list_in(self.pm, &state, filter, &here)?,
            };
            // The reader of the output may be slow.
            state.release();
            for view in views {
                sink(render(view))?;
            }
            return Ok(());
        };
        here::tell_damaged(self.pm, &state);
        let each = |item: Item| {
            let shown = |target: &ItemRef| {
                let known = target.uid.as_ref().and_then(|uid| ids.get(uid));
                known.cloned().unwrap_or_else(|| target.shown())
            };
            let id = ids.get(&item.uid).unwrap_or(&item.id).clone();
            plan.wants(&item, Marks::default())
                .then(|| render(view_with(id, shown, item, &here)))
        };
        let mut handed = 0;
        let whole = state.scan_parallel(
            &plan.which(),
            each,
            |made| -> std::result::Result<bool, E> {
                for one in made {
                    if handed == limit {
                        return Ok(false);
                    }
                    handed += 1;
                    sink(one)?;
                }
                Ok(true)
            },
        )?;
        if !whole {
            for view in list_in(self.pm, &state, filter, &here)?
                .into_iter()
                .skip(handed)
            {
                sink(render(view))?;
            }
        }
        Ok(())
    }

    /// The items by filter as a tree, with their ancestors.
    ///
    /// # Errors
    /// As `Items::list`.
    pub fn list_tree(&self, filter: &ListFilter) -> Result<Vec<TreeNode>> {
        let state = self.pm.store.snapshot()?;
        let plan = Plan::of(self.pm, &state, filter)?;
        here::tell_damaged(self.pm, &state);
        let found = plan.items(&state);
        let wanted: std::collections::HashSet<&Uid> = found.iter().map(|i| &i.uid).collect();
        let items = state.items();
        let nodes = Graph::new(&items, self.pm.now_ms()).tree(None);
        // From the last to the first, every parent comes after its descendants.
        let mut leads = std::collections::HashSet::new();
        let mut kept = Vec::new();
        for node in nodes.iter().rev() {
            let fits = wanted.contains(&node.uid);
            if fits || leads.contains(&node.uid) {
                leads.extend(node.parent.as_ref());
                kept.push((node, fits));
            }
        }
        let here = self.pm.here();
        let shown = kept.into_iter().rev().filter_map(|(node, fits)| {
            let item = state.item(&node.uid)?;
            Some(TreeNode {
                depth: node.depth,
                fits: Some(fits),
                item: item_view(&state, item, &here),
            })
        });
        Ok(shown.collect())
    }

    /// The hierarchy of items as a tree, whole or below one item.
    ///
    /// # Errors
    /// When there is no such item.
    pub fn tree(&self, root: Option<&str>) -> Result<Vec<TreeNode>> {
        let state = self.pm.store.snapshot()?;
        here::tell_damaged(self.pm, &state);
        let root = match root {
            Some(id) => Some(state.find(id)?.uid.clone()),
            None => None,
        };
        let here = self.pm.here();
        let items = state.items();
        let nodes = Graph::new(&items, self.pm.now_ms()).tree(root.as_ref());
        let shown = nodes.into_iter().filter_map(|node| {
            let item = state.item(&node.uid)?;
            Some(TreeNode {
                depth: node.depth,
                fits: None,
                item: item_view(&state, item, &here),
            })
        });
        Ok(shown.collect())
    }

    /// The commit of the state: it changes with every change that a list can show.
    ///
    /// # Errors
    /// When the repository cannot be read.
    pub fn state_id(&self) -> Result<Option<String>> {
        let tip = self.pm.store.repo().ref_target(self.pm.store.main_ref())?;
        Ok(tip.map(|tip| tip.to_string()))
    }
}

/// The items of some state by filter.
pub(crate) fn list_in(
    pm: &Pm,
    state: &State<'_>,
    filter: &ListFilter,
    here: &Here,
) -> Result<Vec<ItemView>> {
    let found = listed(pm, state, filter)?;
    let views = found.into_iter().map(|item| item_view(state, item, here));
    Ok(views.collect())
}

/// The items by filter, as the index has them.
pub(crate) fn listed<'s>(
    pm: &Pm,
    state: &'s State<'_>,
    filter: &ListFilter,
) -> Result<Vec<&'s Item>> {
    let plan = Plan::of(pm, state, filter)?;
    here::tell_damaged(pm, state);
    Ok(plan.items(state))
}

/// Adds up the items by filter; see [`State::fold_matching`].
pub(crate) fn fold_listed<A>(
    pm: &Pm,
    state: &State<'_>,
    filter: &ListFilter,
    most: Option<usize>,
    new: impl Fn() -> A,
    add: impl FnMut(&mut A, Line<'_>, usize) -> index::Result<()>,
) -> Result<A> {
    let plan = Plan::of(pm, state, filter)?;
    here::tell_damaged(pm, state);
    Ok(plan.fold(state, most, new, add))
}

/// The items of a scan by filter, in the order of the scan.
pub(crate) fn list_among<'s>(
    pm: &Pm,
    state: &'s State<'_>,
    which: &Scan<'_>,
    filter: &ListFilter,
    keep: impl Fn(&Item) -> bool,
) -> Result<Vec<&'s Item>> {
    let plan = Plan::of(pm, state, filter)?;
    let wants = |item: &Item| plan.wants(item, Marks::default()) && keep(item);
    Ok(state.scan(which, wants, filter.limit.unwrap_or(usize::MAX)))
}

/// The items of a filter that `keep` keeps and that can be started now, best first.
pub(crate) fn startable<'s>(
    pm: &'s Pm,
    state: &'s State<'_>,
    filter: &ListFilter,
    keep: impl Fn(&Item) -> bool,
) -> Result<Vec<&'s Item>> {
    let plan = Plan::of(pm, state, filter)?;
    let wants = |item: &Item| plan.wants(item, Marks::default()) && keep(item);
    let limit = filter.limit.unwrap_or(usize::MAX);
    Ok(Obstacles::new(pm, state).startable(wants, limit).0)
}

/// The id of the first open item that an item waits for.
pub(crate) fn first_open(state: &State<'_>, item: &Item) -> Option<String> {
    hard_targets(item).find_map(|target| open_target(state, target))
}

/// The id of the first open part of an item of work, which is done after it.
pub(crate) fn first_part(state: &State<'_>, item: &Item) -> Option<String> {
    if !is_counted(item) {
        return None;
    }
    let parts = state.children(&item.uid).into_iter();
    let mut open = parts.filter(|part| !part.status.is_closed());
    open.next().map(|part| state.shown_id(part))
}

/// The id of an item that something depends on, if it is open.
fn open_target(state: &State<'_>, target: &ItemRef) -> Option<String> {
    let item = state.item(target.uid.as_ref()?)?;
    (!item.status.is_closed()).then(|| state.shown_id(item))
}

/// What an item depends on, soft dependencies left out.
fn hard_targets(item: &Item) -> impl Iterator<Item = &ItemRef> {
    let waits = item.depends_on.iter().filter(|one| !one.soft);
    let typed = item.edges.iter().filter(|one| is_blocking(&one.kind));
    let typed = typed.map(|one| &one.target);
    waits.map(|one| &one.target).chain(typed)
}
