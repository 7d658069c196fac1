//! Which plans wait for a person, and whether a document changed after its approval.
//!
//! It is what work needs to know of approved plans and their documents.

use std::path::{Component, Path};

use crate::error::{Error, Kind, Result};
use crate::model::doc::Doc;
use crate::model::id::ItemRef;
use crate::model::item::Item;
use crate::model::plan_decision::is_due;
use crate::model::planned_id::plan_uid;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::uid::{Uid, sha256_hex};
use crate::pm::Pm;
use crate::store::beneath;
use crate::store::layout::Family;
use crate::store::state::State;
use crate::work::moved_file::{GONE, renamed};
use crate::work::older_file::is_behind;
use crate::work::unmet_words;

/// The largest file that is compared with a document, in bytes; a larger one is never a document.
const FILE_MAX: u64 = 8 << 20;

/// A plan that a person has to do something about, or whose document is gone.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct PlanNotice {
    /// The id of its PRD.
    pub prd: String,
    /// What there is to do.
    pub text: String,
    /// Set if a person has to decide about its changed document first.
    pub undecided: bool,
    /// The command that shows it, as the words behind `git pm`.
    pub command: Vec<String>,
}

/// The plans that a person has to do something about, and those whose document is gone: they may be as they
/// should.
pub(crate) fn plan_notices(pm: &Pm, state: &State<'_>) -> (Vec<PlanNotice>, Vec<PlanNotice>) {
    let live = state.plan_docs().values().map(|loaded| &loaded.doc);
    let live = live.filter(|doc| !doc.value("deleted").is_true());
    // The file of a document that is done can ask for more.
    let of_prd = |doc: &Doc| {
        let prd = state.item(ItemRef::parse(doc.text("prd")?).uid.as_ref()?)?;
        (!prd.deleted && prd.status != Status::Cancelled).then(|| prd.clone())
    };
    let open = live.filter_map(|doc| Some((doc, of_prd(doc)?)));
    let (mut all, mut gone) = (Vec::new(), Vec::new());
    let undecided = state.undecided();
    for (doc, prd) in open {
        match file_notice(pm, state, &prd) {
            Some((FileDiffers::Gone, _)) if prd.status.is_closed() => {}
            Some((FileDiffers::Gone, notice)) => gone.push(notice),
            file => all.extend(file.map(|(_, notice)| notice)),
        }
        all.extend(waits(state, doc, &prd, undecided.contains(&prd.uid)));
        if prd.status.is_closed() {
            continue;
        }
        all.extend(unmet_words::of_plan(state, doc).map(|unmet| PlanNotice {
            prd: state.shown_id(&prd),
            text: unmet.said(state),
            undecided: false,
            command: unmet.command(state),
        }));
    }
    for notices in [&mut all, &mut gone] {
        notices.sort_by(|a, b| a.prd.cmp(&b.prd));
    }
    (all, gone)
}

/// How the file of a document differs from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileDiffers {
    /// It has a text that was not planned.
    Changed,
    /// It has a text that the document had before: what others planned since was not pulled yet.
    Older,
    /// It is gone, and git did not rename it.
    Gone,
}

impl FileDiffers {
    /// What is said of such a file, with the command that tells more.
    pub(crate) fn said(self, file: &str, prd: &str) -> String {
        match self {
            FileDiffers::Changed => {
                let update = crate::model::id::word(file);
                format!("{file} has changed since; `git pm plan update {update}` shows the effect")
            }
            FileDiffers::Older => format!(
                "{file} here is based on an older version that {prd} had; the newer one was not pulled"
            ),
            FileDiffers::Gone => format!("{file} {GONE}"),
        }
    }
}

/// Says that the file of a document is gone, or has a text that was not planned.
fn file_notice(pm: &Pm, state: &State<'_>, prd: &Item) -> Option<(FileDiffers, PlanNotice)> {
    let (file, differs) = file_now(pm, state, prd)?;
    let id = state.shown_id(prd);
    let (text, verb, of) = match differs? {
        FileDiffers::Changed => ("has changed since it was planned", "update", file.clone()),
        FileDiffers::Gone => (GONE, "diff", id.clone()),
        FileDiffers::Older => return None,
    };
    let notice = PlanNotice {
        prd: id,
        text: format!("{file} {text}"),
        undecided: false,
        command: vec!["plan".into(), verb.into(), of],
    };
    Some((differs?, notice))
}

/// Says which file of a document, or of the document of an epic, has a text that was not planned: it is closed without
/// what that asks for.
pub(crate) fn notice_changed_files(pm: &Pm, state: &State<'_>, item: &Item) {
    for prd in unmet_words::documents_of(state, item) {
        if let Some((file, Some(differs @ FileDiffers::Changed))) = file_now(pm, state, prd) {
            pm.notice(differs.said(&one_line(&file), &state.shown_id(prd)));
        }
    }
}

/// Where git has the file of a document by now, if it was renamed. A text that was edited in the state needs no
/// file.
///
/// # Errors
/// If the file is gone, and was not renamed.
pub(crate) fn moved(pm: &Pm, state: &State<'_>, prd: &Item) -> Result<Option<String>> {
    let Some(source) = state.doc(&prd.uid).and_then(source_of) else {
        return Ok(None);
    };
    let is_edited = || {
        let plan = state.found_by_path(Family::Plan, &plan_uid(&prd.uid));
        let text = state.text_of(prd).unwrap_or_default();
        let hash = sha256_hex(text.as_bytes());
        plan.is_some_and(|plan| plan.doc.text("document") != Some(&*hash))
    };
    match renamed(pm, &source) {
        Err(_) if is_edited() => Ok(None),
        moved => moved,
    }
}

/// The file of a document where it is by now, also if git renamed it, and how it differs. Git is asked only
/// where there is no file.
pub(crate) fn file_now(
    pm: &Pm,
    state: &State<'_>,
    prd: &Item,
) -> Option<(String, Option<FileDiffers>)> {
    let doc = state.doc(&prd.uid)?;
    let source = source_of(doc)?;
    // The path comes from another clone.
    let mut parts = Path::new(&source).components();
    let is_below = parts.all(|part| matches!(part, Component::Normal(_)));
    let root = pm.store.repo().workdir().filter(|_| is_below)?;
    let known = state.text_of(prd)?;
    let path = match moved(pm, state, prd) {
        Err(error) if error.kind() == Kind::NotFound => {
            return Some((source, Some(FileDiffers::Gone)));
        }
        moved => moved.ok()?.unwrap_or(source),
    };
    let bytes = beneath::read(root, &path, FILE_MAX).ok().flatten();
    let bytes = bytes.filter(|bytes| bytes != known.as_bytes());
    let differs = bytes.map(
        |bytes| match is_behind(pm, state, (prd, doc), (&path, &bytes)) {
            true => FileDiffers::Older,
            false => FileDiffers::Changed,
        },
    );
    Some((path, differs))
}

/// Says that a plan waits for an approval, or for a decision about its changed document. It is not decoded: a large one
/// would cost too much here.
fn waits(state: &State<'_>, plan: &Doc, prd: &Item, undecided: bool) -> Option<PlanNotice> {
    let new = unmet_words::waiting_tasks(plan);
    let id = state.shown_id(prd);
    let (s, verb) = [("s", "wait"), ("", "waits")][usize::from(new == 1)];
    let (text, verb) = match new {
        0 if !undecided => return None,
        0 => (
            format!("changes of the document {id} wait for a decision; until then its tasks wait"),
            "diff",
        ),
        new => (
            format!("the plan of {id} has {new} task{s} that {verb} for approval"),
            "show",
        ),
    };
    Some(PlanNotice {
        text,
        undecided,
        command: vec!["plan".into(), verb.into(), id.clone()],
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
