//! Which plans wait for a person, and whether a document changed after its approval.
//!
//! It is what work needs to know of approved plans and their documents.

use std::path::{Component, Path};

use crate::error::{Error, Result};
use crate::model::doc::{Doc, Entry};
use crate::model::id::ItemRef;
use crate::model::item::Item;
use crate::model::plan_decision::is_due;
use crate::model::planned_id::plan_uid;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::beneath;
use crate::store::layout::Family;
use crate::store::state::State;

/// The largest file that is compared with a document, in bytes; a larger one is never a document.
const FILE_MAX: u64 = 8 << 20;

/// A plan that a person has to do something about.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct PlanNotice {
    /// The id of its PRD.
    pub prd: String,
    /// What there is to do.
    pub text: String,
    /// The command that shows it, as the words behind `git pm`.
    pub command: Vec<String>,
}

/// The plans that a person has to do something about.
pub(crate) fn plan_notices(pm: &Pm, state: &State<'_>) -> Vec<PlanNotice> {
    let live = state.plan_docs().values().map(|loaded| &loaded.doc);
    let live = live.filter(|doc| !doc.value("deleted").is_true());
    let of_prd = |doc: &Doc| {
        let prd = state.item(ItemRef::parse(doc.text("prd")?).uid.as_ref()?)?;
        (!prd.deleted && !prd.status.is_closed()).then(|| prd.clone())
    };
    let open = live.filter_map(|doc| Some((doc, of_prd(doc)?)));
    let mut all: Vec<PlanNotice> = open
        .flat_map(|(doc, prd)| [file_changed(pm, state, &prd), waits(state, doc, &prd)])
        .flatten()
        .collect();
    all.sort_by(|a, b| a.prd.cmp(&b.prd));
    all
}

/// How the file of a document differs from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileDiffers {
    /// It has a text that was not planned.
    Changed,
    /// It has a text that the document had before: what others planned since was not pulled yet.
    Older,
}

/// Says that the file of a document has a text that was not planned.
fn file_changed(pm: &Pm, state: &State<'_>, prd: &Item) -> Option<PlanNotice> {
    let differs = file_differs(pm, state, prd)?;
    let source = state.doc(&prd.uid).and_then(source_of)?;
    (differs == FileDiffers::Changed).then(|| PlanNotice {
        prd: state.shown_id(prd),
        text: format!("{source} has changed since it was planned"),
        command: vec!["plan".into(), "update".into(), source],
    })
}

/// Compares the file of a document with it.
pub(crate) fn file_differs(pm: &Pm, state: &State<'_>, prd: &Item) -> Option<FileDiffers> {
    let doc = state.doc(&prd.uid)?;
    let source = source_of(doc)?;
    // The path comes from another clone.
    let mut parts = Path::new(&source).components();
    let is_below = parts.all(|part| matches!(part, Component::Normal(_)));
    let root = pm.store.repo().workdir().filter(|_| is_below)?;
    let bytes = beneath::read(root, &source, FILE_MAX).ok()??;
    let known = state.text_of(prd)?;
    let had = || std::str::from_utf8(&bytes).is_ok_and(|text| doc.body.had(text));
    match bytes == known.as_bytes() {
        true => None,
        false if had() => Some(FileDiffers::Older),
        false => Some(FileDiffers::Changed),
    }
}

/// Says that a plan waits for an approval. It is not decoded: a large one would cost too much here.
fn waits(state: &State<'_>, plan: &Doc, prd: &Item) -> Option<PlanNotice> {
    let is_new = |(_, task): &(&str, &Entry)| {
        ["item", "tests"]
            .iter()
            .all(|name| task.text(name).is_none())
    };
    let new = plan.entries("tasks").filter(is_new).count();
    let id = state.shown_id(prd);
    let tasks = if new == 1 { "task" } else { "tasks" };
    (new > 0).then(|| PlanNotice {
        text: format!("the plan of {id} has {new} {tasks} that wait for approval"),
        command: vec!["plan".into(), "show".into(), id.clone()],
        prd: id,
    })
}

/// Refuses to start the tasks of a document that changed after its plan was approved.
///
/// # Errors
/// If the document changed.
pub(crate) fn require_plan_stands(pm: &Pm, state: &State<'_>, prd: &Uid) -> Result<()> {
    let Some(prd) = state.item(prd).filter(|prd| !prd.deleted) else {
        return Ok(());
    };
    let Some(loaded) = state.found_by_path(Family::Plan, &plan_uid(&prd.uid)) else {
        return Ok(());
    };
    if !is_due(&loaded.doc, &state.text_of(prd).unwrap_or_default()) {
        return Ok(());
    }
    Err(Error::refused(format!(
        "the document {} changed after its plan was approved",
        prd.id
    ))
    .hint(format!("`git pm plan diff {}` shows the effects", prd.id))
    .hint(match pm.actor.is_agent {
        true => format!(
            "`git pm plan regenerate {}` updates the plan; then a human has to approve it",
            prd.id
        ),
        false => format!(
            "`git pm plan regenerate {0}` and `git pm plan approve {0}` update the plan",
            prd.id
        ),
    })
    .hint(format!(
        "`git pm plan keep {}` keeps the plan as it is",
        prd.id
    )))
}

/// The register with the file of a PRD, as a path from the repository's root.
pub(crate) const SOURCE: &str = "source";

/// The file that a PRD was added from.
pub(crate) fn source_of(doc: &Doc) -> Option<String> {
    doc.text(SOURCE).map(str::to_string)
}
