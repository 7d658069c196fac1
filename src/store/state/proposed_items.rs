//! Proposed items: the tasks of plans that are not approved yet.
//!
//! They are in no list, index or count, and are found by their names, or by a query that asks for
//! them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use elsa::FrozenMap;

use super::State;
use crate::error::{Error, Result};
use crate::layout::Family;
use crate::model::doc::Doc;
use crate::model::id::{self, ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::planned_id::{plan_uid, planned_uid};
use crate::model::proposed::{Around, ByTask, planned};
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::{Uid, sha256_hex};
use crate::read_document::Loaded;

/// The plans whose items were named last, in any state of a store: what was found by its name in one
/// state is found by its uid in the next.
pub(crate) type NamedPlans = Rc<RefCell<Vec<Uid>>>;

/// Notices of a store and its states for the user.
pub(crate) type Notes = Rc<RefCell<Vec<String>>>;

/// The time of a change that somebody asked for, in milliseconds, while it is made.
pub(crate) type WrittenMs = Rc<Cell<Option<u64>>>;

/// The number of plans that are remembered.
const REMEMBERED: usize = 8;

/// The proposed items of a plan, in its order; then those that were removed.
#[derive(Default)]
struct OfPlan {
    items: Vec<Proposed>,
    places: HashMap<Uid, usize>,
}

/// A proposed item.
struct Proposed {
    key: String,
    loaded: Loaded,
}

impl Proposed {
    fn item(&self) -> Option<&Item> {
        self.loaded.item.as_ref().filter(|item| !item.deleted)
    }
}

/// The proposed items that a state has read.
#[derive(Default)]
pub(super) struct ProposedItems {
    /// The plans whose items are found by their uids.
    open: RefCell<BTreeSet<Uid>>,
    /// What the states of the same store share.
    last: NamedPlans,
    /// By plan.
    read: FrozenMap<Uid, Box<OfPlan>>,
}

impl ProposedItems {
    /// Forgets what was read of a plan that changes.
    pub(super) fn forget(&mut self) {
        self.read = FrozenMap::new();
    }
}

impl<'r> State<'r> {
    /// Knows the items that other states of the same store named, and tells them of its own; notices
    /// about names go to `notes`, and names are those of what is written to, if something is written now.
    pub fn naming(mut self, last: &NamedPlans, notes: &Notes, written: &WrittenMs) -> State<'r> {
        self.proposed.open = RefCell::new(last.borrow().iter().cloned().collect());
        self.proposed.last = last.clone();
        self.notes = notes.clone();
        self.written_ms = written.clone();
        self
    }

    /// The same state with the ids that this clone's people can type at a time.
    pub fn for_people_at(mut self, now_ms: u64) -> State<'r> {
        self.now_ms = now_ms;
        self
    }

    /// The same state with the ids that every clone shows: what is said of the past is the same everywhere.
    pub fn alike_everywhere(mut self) -> State<'r> {
        self.now_ms = 0;
        self
    }

    /// Forgets which plans were named: until the next name, only stored items are found.
    pub fn forget_named_plans(&self) {
        self.proposed.open.borrow_mut().clear();
    }

    /// True if some of a plan's items were named.
    pub(crate) fn knows_proposed(&self) -> bool {
        !self.proposed.open.borrow().is_empty()
    }

    /// The proposed items of all plans, in the order of their PRDs.
    fn all_proposed(&self) -> impl Iterator<Item = &Proposed> {
        let plans: Vec<Uid> = self.plan_docs().keys().cloned().collect();
        let mut all: Vec<&OfPlan> = plans.iter().map(|plan| self.proposed_in(plan)).collect();
        all.sort_by_cached_key(|of| {
            let first = of.items.first().and_then(|one| one.loaded.item.as_ref());
            let prd = first.and_then(|item| item.id.rsplit_once('/'));
            prd.map(|(prd, _)| id::rank(prd))
        });
        let all = all.into_iter().flat_map(|of| &of.items);
        all.filter(|one| one.item().is_some())
    }

    /// The proposed items of all plans, in the order of their PRDs.
    pub(crate) fn proposed_items(&self) -> Vec<&Item> {
        self.all_proposed().filter_map(Proposed::item).collect()
    }

    /// The documents of the proposed items of all plans.
    pub(super) fn proposed_docs(&self) -> Vec<&Doc> {
        self.all_proposed().map(|one| &one.loaded.doc).collect()
    }

    /// A proposed item by its uid, of any plan.
    pub fn proposed_of_any_plan(&self, uid: &Uid) -> Option<&Item> {
        // Reading them all makes each known by its uid.
        self.proposed_items();
        self.find_proposed(uid)?.1.item()
    }

    /// The proposed items that wait for an item, proposed or not, of the same plan.
    pub fn proposed_dependents(&self, of: &Uid) -> Vec<&Item> {
        let planned_from = self.stored(of).and_then(|item| item.planned_from.as_ref());
        let plan = match self.find_proposed(of) {
            Some((plan, _)) => Some(plan),
            None => planned_from.map(plan_uid),
        };
        let all = plan.map(|plan| self.proposed_in(&plan).items.iter());
        let all = all.into_iter().flatten().filter_map(Proposed::item);
        let waits = |item: &&Item| {
            let mut targets = item.depends_on.iter().map(|wait| wait.target.uid.as_ref());
            targets.any(|uid| uid == Some(of))
        };
        all.filter(waits).collect()
    }

    /// The task of a plan that a text names, as `P-0001/3`, or by its name instead of the number; `None`
    /// if it names no plan.
    ///
    /// # Errors
    /// If the plan has no such task.
    pub(super) fn find_planned(&self, text: &str) -> Option<Result<&Item>> {
        let (of, name) = text.rsplit_once('/').filter(|(of, _)| !of.contains('/'))?;
        let of = id::normalized(of);
        let mut found = self.bearers(&of);
        if found.is_empty() {
            found = self.aliased(&of);
        }
        let [of] = found[..] else { return None };
        let prd = match of.kind {
            ItemKind::Prd => of,
            _ => self.stored(of.planned_from.as_ref()?)?,
        };
        let uid = plan_uid(&prd.uid);
        let plan = &self.found_by_path(Family::Plan, &uid)?.doc;
        let mut tasks = planned(plan);
        tasks.retain(|task| !task.removed);
        let by_name = tasks.iter().find(|task| task.name == name);
        let by_number = || {
            let number: u32 = name.parse().ok()?;
            tasks.iter().find(|task| task.number == number)
        };
        // A name can have digits alone; the number is what lists show.
        let item = by_number().or(by_name).and_then(|task| {
            let own = || planned_uid(&plan.uid, &task.key);
            let item = task.item.as_ref().and_then(|item| item.uid.clone());
            let stored = self.stored(&item.unwrap_or_else(own));
            let stored = stored.filter(|item| !item.deleted);
            stored.or_else(|| {
                let read = self.proposed_in(&uid);
                self.remember(&uid);
                read.items[*read.places.get(&own())?].item()
            })
        });
        Some(item.ok_or_else(|| {
            let id = self.shown_id(prd);
            Error::not_found(format!("the plan of {id} has no task `{}`", one_line(name))).hint(
                format!(
                    "`git pm plan show {id}` lists its tasks; a task that tests another one is an \
                     item once it is approved"
                ),
            )
        }))
    }

    /// A proposed item of one of the plans that were named.
    pub(super) fn proposed(&self, uid: &Uid) -> Option<&Loaded> {
        self.find_proposed(uid).map(|(_, one)| &one.loaded)
    }

    /// The name of a proposed item.
    pub(super) fn proposed_id(&self, uid: &Uid) -> Option<&str> {
        let (_, one) = self.find_proposed(uid)?;
        Some(&one.loaded.item.as_ref()?.id)
    }

    /// The plan of a proposed item with its key in it.
    pub(crate) fn plan_of_proposed(&self, uid: &Uid) -> Option<(Uid, String)> {
        let (plan, one) = self.find_proposed(uid)?;
        Some((plan, one.key.clone()))
    }

    /// The proposed items beside one, itself too; nothing for any other item.
    pub fn proposed_beside(&self, uid: &Uid) -> Vec<&Item> {
        let Some((plan, _)) = self.find_proposed(uid) else {
            return Vec::new();
        };
        let all = self.proposed_in(&plan).items.iter();
        all.filter_map(Proposed::item).collect()
    }

    /// A proposed item with its plan; none if an item is stored under its uid.
    fn find_proposed(&self, uid: &Uid) -> Option<(Uid, &Proposed)> {
        if self.proposed.open.borrow().is_empty() {
            return None;
        }
        let plans = self.proposed.open.borrow().clone();
        let found = plans.into_iter().find_map(|plan| {
            let read = self.proposed_in(&plan);
            let place = *read.places.get(uid)?;
            Some((plan, &read.items[place]))
        });
        found.filter(|_| self.stored(uid).is_none_or(|item| item.deleted))
    }

    fn remember(&self, plan: &Uid) {
        let mut last = self.proposed.last.borrow_mut();
        last.retain(|known| known != plan);
        last.push(plan.clone());
        let over = last.len().saturating_sub(REMEMBERED);
        last.drain(..over);
    }

    fn proposed_in(&self, plan: &Uid) -> &OfPlan {
        self.proposed.open.borrow_mut().insert(plan.clone());
        if let Some(read) = self.proposed.read.get(plan) {
            return read;
        }
        let items = self.read_proposed(plan).unwrap_or_default();
        let places = items.iter().enumerate();
        let places = places.map(|(place, one)| (one.loaded.doc.uid.clone(), place));
        let places = places.collect();
        let read = OfPlan { items, places };
        self.proposed.read.insert(plan.clone(), Box::new(read))
    }

    fn read_proposed(&self, plan: &Uid) -> Option<Vec<Proposed>> {
        let plan = &self.found_by_path(Family::Plan, plan)?.doc;
        let prd = ItemRef::parse(plan.text("prd")?).uid?;
        let prd = self.stored(&prd).filter(|prd| !prd.deleted)?;
        let is_there = |item: &Uid| self.stored(item).is_some_and(|item| !item.deleted);
        let epic = plan.text("epic").map(ItemRef::parse);
        let epic = epic.filter(|epic| epic.uid.as_ref().is_some_and(is_there));
        let around = Around {
            prd: prd.reference(),
            epic,
        };
        let tasks = ByTask::of(plan, around);
        let prd = self.shown_id(prd);
        let open = planned(plan).into_iter().filter(|task| {
            let is_made = is_there(&planned_uid(&plan.uid, &task.key));
            task.item.is_none() && !is_made
        });
        let all = open.filter_map(|task| {
            let mut doc = tasks.document(&task.key)?;
            let mut item = item(&mut doc, &format!("{prd}/{}", task.number))?;
            item.version = version(&doc);
            Some(Proposed {
                key: task.key,
                loaded: Loaded {
                    doc,
                    item: Some(item),
                    path: String::new(),
                },
            })
        });
        Some(all.collect())
    }
}

/// The typed view of a proposed item, with the name that it has until its approval.
fn item(doc: &mut Doc, name: &str) -> Option<Item> {
    doc.put("id", name);
    let mut item = Item::from_doc(doc).ok()?;
    item.status = Status::Proposed;
    Some(item)
}

/// The version of a proposed item: its values have no times of their own.
fn version(doc: &Doc) -> String {
    let text = crate::model::codec::encode(doc);
    sha256_hex(text.as_bytes())[..12].to_string()
}
