//! Proposed items: the tasks of plans that are not approved yet. They are in no list, index or count;
//! whoever names one, or asks for them, gets items like others.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use elsa::FrozenMap;

use super::State;
use crate::error::{Error, Result};
use crate::model::doc::Doc;
use crate::model::id::{ItemKind, ItemRef};
use crate::model::item::Item;
use crate::model::plan_decision::plan_uid;
use crate::model::proposed::{Around, document, planned};
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::{Uid, sha256_hex};
use crate::store::layout::Family;
use crate::store::read_document::Loaded;

/// The plans whose items were named, in any state of a store: what a write returns by its uid is found
/// again in the next state.
pub(crate) type NamedPlans = Rc<RefCell<BTreeSet<Uid>>>;

/// A proposed item.
struct Proposed {
    key: String,
    loaded: Loaded,
}

/// The proposed items of a state, by plan, as far as they were read.
#[derive(Default)]
pub(super) struct ProposedItems {
    named: NamedPlans,
    read: FrozenMap<Uid, Vec<Proposed>>,
}

impl ProposedItems {
    /// Forgets what was read of a plan that changes.
    pub(super) fn forget(&mut self) {
        self.read = FrozenMap::new();
    }
}

impl<'r> State<'r> {
    /// Shares the plans that are named with other states of the same store.
    pub(crate) fn naming(mut self, plans: &NamedPlans) -> State<'r> {
        self.proposed.named = plans.clone();
        self
    }

    /// Forgets which plans were named: until the next name, only stored items are found.
    pub(crate) fn forget_named_plans(&self) {
        self.proposed.named.borrow_mut().clear();
    }

    /// The proposed items of all plans.
    pub(crate) fn proposed_items(&self) -> Vec<&Item> {
        let plans: Vec<Uid> = self.plan_docs().keys().cloned().collect();
        let all = plans.iter().flat_map(|plan| self.proposed_in(plan));
        let all = all.filter_map(|one| one.loaded.item.as_ref());
        all.filter(|item| !item.deleted).collect()
    }

    /// The task of a plan that a text names, as `P-0001/3`, or by its name instead of the number; `None`
    /// if it names no plan.
    ///
    /// # Errors
    /// If the plan has no such task.
    pub(super) fn find_planned(&self, text: &str) -> Option<Result<&Item>> {
        let (of, name) = text.rsplit_once('/')?;
        let of = self.find(of).ok()?;
        let prd = match of.kind {
            ItemKind::Prd => of,
            _ => self.stored(of.planned_from.as_ref()?)?,
        };
        let uid = plan_uid(&prd.uid);
        let plan = self.found_by_path(Family::Plan, &uid)?;
        let mut tasks = planned(&plan.doc);
        tasks.retain(|task| !task.removed);
        let by_name = tasks.iter().find(|task| task.name == name);
        let by_number = || {
            let number: u32 = name.parse().ok()?;
            tasks.iter().find(|task| task.number == number)
        };
        let item = by_name.or_else(by_number).and_then(|task| {
            if let Some(item) = &task.item {
                return self.stored(item.uid.as_ref()?);
            }
            let found = self
                .proposed_in(&uid)
                .iter()
                .find(|one| one.key == task.key);
            found?.loaded.item.as_ref()
        });
        Some(item.ok_or_else(|| {
            let id = self.shown_id(prd);
            Error::not_found(format!("the plan of {id} has no task `{}`", one_line(name)))
                .hint(format!("`git pm plan show {id}` lists its tasks"))
        }))
    }

    /// The name of a proposed item.
    pub(super) fn proposed_id(&self, uid: &Uid) -> Option<&str> {
        let (_, one) = self.find_proposed(uid)?;
        Some(&one.loaded.item.as_ref()?.id)
    }

    /// A proposed item of one of the plans that were named.
    pub(super) fn proposed(&self, uid: &Uid) -> Option<&Loaded> {
        self.find_proposed(uid).map(|(_, one)| &one.loaded)
    }

    /// The plan of a proposed item with its key in it.
    pub(crate) fn plan_of_proposed(&self, uid: &Uid) -> Option<(Uid, String)> {
        let is_free = |item: &Item| item.deleted;
        let (plan, one) = self.find_proposed(uid)?;
        let is_proposed = self.stored(uid).is_none_or(is_free);
        is_proposed.then(|| (plan, one.key.clone()))
    }

    /// The proposed items beside one, itself too; nothing for any other item.
    pub(crate) fn proposed_beside(&self, uid: &Uid) -> Vec<&Item> {
        let Some((plan, _)) = self.plan_of_proposed(uid) else {
            return Vec::new();
        };
        let all = self.proposed_in(&plan).iter();
        let all = all.filter_map(|one| one.loaded.item.as_ref());
        all.filter(|item| !item.deleted).collect()
    }

    fn find_proposed(&self, uid: &Uid) -> Option<(Uid, &Proposed)> {
        if self.proposed.named.borrow().is_empty() {
            return None;
        }
        let plans = self.proposed.named.borrow().clone();
        plans.into_iter().find_map(|plan| {
            let mut all = self.proposed_in(&plan).iter();
            let found = all.find(|one| one.loaded.doc.uid == *uid)?;
            Some((plan, found))
        })
    }

    /// The proposed items of a plan, in its order.
    fn proposed_in(&self, plan: &Uid) -> &[Proposed] {
        self.proposed.named.borrow_mut().insert(plan.clone());
        if let Some(read) = self.proposed.read.get(plan) {
            return read;
        }
        let read = self.read_proposed(plan).unwrap_or_default();
        self.proposed.read.insert(plan.clone(), read)
    }

    fn read_proposed(&self, plan: &Uid) -> Option<Vec<Proposed>> {
        let plan = &self.found_by_path(Family::Plan, plan)?.doc;
        let prd = ItemRef::parse(plan.text("prd")?).uid?;
        let prd = self.stored(&prd).filter(|prd| !prd.deleted)?;
        let epic = plan.text("epic").map(ItemRef::parse);
        let is_there = |epic: &ItemRef| {
            let epic = epic.uid.as_ref().and_then(|uid| self.stored(uid));
            epic.is_some_and(|epic| !epic.deleted)
        };
        let around = Around {
            prd: prd.reference(),
            born: prd.born.clone(),
            epic: epic.filter(is_there),
        };
        let open = planned(plan).into_iter().filter(|task| task.item.is_none());
        let prd = self.shown_id(prd);
        let all = open.filter_map(|task| {
            let mut doc = document(plan, &around, &task.key)?;
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
