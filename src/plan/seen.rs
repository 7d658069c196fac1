//! The plan that an author or an approver saw: the present one, or an earlier one in the history.
//! So a text that was written for an earlier plan keeps what others changed since, and an approval
//! covers nothing that its approver did not see.

use std::collections::{BTreeMap, BTreeSet};

use super::plan_types::{Plan, Planned};
use super::planned_items::Parts;
use super::record::{plan_uid, read};
use super::task_changes::item_uid;
use crate::error::{Error, Result};
use crate::model::doc::{Doc, Reg};
use crate::model::id::ItemRef;
use crate::model::item::Item;
use crate::model::text::one_line;
use crate::model::uid::{Uid, sha256_hex};
use crate::pm::Pm;
use crate::store::layout::Family;
use crate::store::state::State;

/// The number of commits in which a version of a plan is looked for.
const SEARCHED: usize = 300;

/// The length of a version, and the shortest prefix that names one.
const LENGTH: usize = 12;
const SHORTEST: usize = 8;

/// A task that an approval did not queue.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct LeftTask {
    /// Its number in the plan.
    pub number: u32,
    /// Its title now.
    pub title: String,
    /// The reason.
    pub reason: &'static str,
}

/// The version of a plan: the first digits of a SHA-256 of its values. Its latest stamp would not do:
/// what another clone wrote earlier may arrive later.
pub(super) fn version_of(state: &State<'_>, plan: &Uid) -> String {
    let loaded = state.found_by_path(Family::Plan, plan);
    let hash = loaded.map(|loaded| sha256_hex(values(&loaded.doc).to_string().as_bytes()));
    hash.map_or_else(String::new, |hash| hash[..LENGTH].to_string())
}

/// The values of a plan's document, without their stamps and without times.
fn values(doc: &Doc) -> serde_json::Value {
    let of = |regs: &BTreeMap<String, Reg>, own: bool| -> serde_json::Value {
        let is_time = |name: &str| own && name.ends_with("_at");
        let read_fields = regs
            .iter()
            .filter(|(name, reg)| !is_time(name) && !reg.value.is_null());
        read_fields
            .map(|(name, reg)| (name.clone(), reg.value.to_json()))
            .collect()
    };
    let records = doc.records.iter().map(|(name, record)| {
        let entries = record
            .iter()
            .map(|(id, entry)| (id.clone(), of(&entry.regs, false)));
        (name.clone(), entries.collect::<serde_json::Value>())
    });
    let records: serde_json::Value = records.collect();
    serde_json::json!([of(&doc.regs, true), records])
}

/// True if a version, or the beginning of one, names this one.
pub(super) fn is_version(version: &str, wanted: &str) -> bool {
    wanted.len() >= SHORTEST && version.starts_with(wanted)
}

/// The newest state in which the plan of a PRD had a version, with the plan; `None` if it is not
/// among the last commits.
///
/// # Errors
/// If the history cannot be read.
pub(super) fn seen<'r>(
    pm: &Pm,
    now: &State<'r>,
    prd: &Item,
    version: &str,
) -> Result<Option<(State<'r>, Plan)>> {
    let repo = now.repo();
    let mut next: Vec<_> = now.commit.into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(commit) = next.pop() {
        if seen.len() >= SEARCHED || !seen.insert(commit) {
            continue;
        }
        let state = pm.store.state_at(repo, commit)?;
        let uid = plan_uid(&prd.uid);
        if is_version(&version_of(&state, &uid), version) {
            let loaded = state.found_by_path(Family::Plan, &uid);
            let plan = loaded.map(|loaded| read(&loaded.doc));
            return Ok(plan.map(|plan| (state, plan)));
        }
        next.splice(0..0, repo.commit(commit)?.parents);
    }
    Ok(None)
}

/// What of a plan its approver did not see, who saw a version of it.
///
/// # Errors
/// If that version is not known, or what all tasks have in common was changed since.
pub(super) fn unseen(
    pm: &Pm,
    state: &State<'_>,
    plan: &Plan,
    prd: &Item,
    version: &str,
) -> Result<Unseen> {
    if is_version(&version_of(state, &plan.uid), version) {
        return Ok(Unseen::default());
    }
    let show = format!("`git pm plan show {}` shows the present one", prd.id);
    let Some((then, old)) = seen(pm, state, prd, version)? else {
        return Err(Error::conflict(format!(
            "the plan of {} has no version {} among its last {SEARCHED} commits",
            prd.id,
            one_line(version)
        ))
        .hint(show));
    };
    let (parts, before) = (Parts::of(state, plan, prd), Parts::of(state, &old, prd));
    let known: BTreeMap<Uid, Doc> = docs(&then, &before, &old)?.into_iter().collect();
    let all = docs(state, &parts, plan)?;
    let is_changed = |(uid, doc): &&(Uid, Doc)| known.get(uid) != Some(doc);
    let changed: BTreeSet<Uid> = all
        .iter()
        .filter(is_changed)
        .map(|(uid, _)| uid.clone())
        .collect();
    if parts
        .epic
        .uid
        .as_ref()
        .is_some_and(|uid| changed.contains(uid))
    {
        return Err(Error::conflict(format!(
            "the title or the notes of the plan of {} were changed after version {}",
            prd.id,
            one_line(version)
        ))
        .hint(show));
    }
    let waiting = waiting(state, &all, &changed);
    let mut unseen = Unseen { changed, waiting };
    // A test is nothing without the task that it tests.
    for planned in &plan.tasks {
        let tested = planned.task.tests.as_ref().and_then(|key| plan.task(key));
        if tested.is_some_and(|tested| !unseen.has_seen(&item_uid(plan, tested))) {
            unseen.waiting.insert(item_uid(plan, planned));
        }
    }
    Ok(unseen)
}

/// The items of a plan that an approval would make.
fn docs(state: &State<'_>, parts: &Parts<'_>, plan: &Plan) -> Result<Vec<(Uid, Doc)>> {
    let groups = parts.groups(state).into_iter().map(Ok);
    let tasks = plan.tasks.iter().filter(|planned| !planned.is_gone);
    let tasks = tasks.map(|planned| parts.task_doc(planned));
    groups
        .chain(tasks)
        .map(|doc| doc.map(|doc| (doc.uid.clone(), doc)))
        .collect()
}

/// What depends on a part that does not exist yet and is not going to.
fn waiting(state: &State<'_>, all: &[(Uid, Doc)], changed: &BTreeSet<Uid>) -> BTreeSet<Uid> {
    let is_missing = |uid: &Uid| state.item(uid).is_none_or(|item| item.deleted);
    let mut left: BTreeSet<Uid> = changed
        .iter()
        .filter(|uid| is_missing(uid))
        .cloned()
        .collect();
    let mut waiting = BTreeSet::new();
    loop {
        let waits = |doc: &Doc| {
            let ends = doc
                .elements("edges")
                .filter_map(|edge| edge.split_once(' '));
            let ends = ends.map(|(_, end)| end).chain(doc.elements("depends_on"));
            ends.map(ItemRef::parse)
                .any(|end| end.uid.is_some_and(|uid| left.contains(&uid)))
        };
        let more = all
            .iter()
            .filter(|(uid, doc)| !left.contains(uid) && waits(doc));
        let more: Vec<Uid> = more.map(|(uid, _)| uid.clone()).collect();
        if more.is_empty() {
            return waiting;
        }
        left.extend(more.iter().cloned());
        waiting.extend(more);
    }
}

/// The items that an approval leaves as they are.
#[derive(Default)]
pub(super) struct Unseen {
    /// Those whose part of the plan was changed after the approver saw it.
    changed: BTreeSet<Uid>,
    /// Those that wait for such a part, or test it.
    waiting: BTreeSet<Uid>,
}

impl Unseen {
    /// True if the approver saw an item as it is in the plan, and all that it waits for.
    pub(super) fn has_seen(&self, uid: &Uid) -> bool {
        !self.changed.contains(uid) && !self.waiting.contains(uid)
    }

    /// The tasks that are left, with the reason.
    pub(super) fn left<'p>(
        &self,
        tasks: impl Iterator<Item = (&'p Planned, Uid)>,
    ) -> Vec<LeftTask> {
        let left = tasks.filter(|(_, uid)| !self.has_seen(uid));
        left.map(|(planned, uid)| LeftTask {
            number: planned.number,
            title: planned.task.title.clone(),
            reason: match self.changed.contains(&uid) {
                true => "changed after that version",
                false => "belongs to a part that changed after that version",
            },
        })
        .collect()
    }
}
