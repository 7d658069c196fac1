//! The text that an update of a plan compares: a named file, the changed file of a named plan, or the stored text.

use super::plan_types::Plan;
use super::sources::{self, Reading, Source, plan_of};
use crate::error::{Error, Hint, Result};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::uid::sha256_hex;
use crate::plan::prd;
use crate::pm::{Caller, Pm};
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::plan_notices::{self, FileDiffers};

/// The plan of a document, the document's new text, and the file that was read for it, if one was.
pub(super) fn to_update(
    pm: &Pm,
    state: &State<'_>,
    source: &Source,
) -> Result<(Plan, Item, Reading, Option<String>)> {
    let (prd, reading, read) = match source {
        Source::File { path, .. } => {
            let (prd, reading) = prd::document(pm, state, source)?;
            let path = prd::path_from_root(pm, path);
            let unknown = || {
                Error::not_found(format!("{path} was never added as a PRD"))
                    .hint(format!("draft its plan: `git pm plan new {path}`"))
            };
            let prd = prd.or_else(|| prd::continued(pm, state, &reading));
            match prd.or_else(|| without_file(pm, state)) {
                Some(prd) => {
                    let reading = reading.of_kind(&prd);
                    (prd, reading, Some(path))
                }
                None => return Err(unknown()),
            }
        }
        Source::Prd(id) => {
            let prd = state.find_kind(id, ItemKind::Prd)?.clone();
            let file = changed_file(pm, state, &prd)?;
            let place = pm.store.repo().workdir().zip(file.as_deref());
            let path = place.map(|(root, file)| root.join(file));
            let found = path.map(|path| sources::document(pm, &path.to_string_lossy()));
            let reading = match (&file, found.transpose()?) {
                (Some(file), Some(Source::File { bytes, .. })) => Reading::of(&bytes, file)?,
                _ => sources::reading_of(state, &prd)?,
            };
            let reading = reading.of_kind(&prd);
            (prd, reading, file)
        }
    };
    let plan = plan_of(state, &prd).ok_or_else(|| {
        Error::not_found(format!("{} has no plan", prd.id))
            .hint(format!("draft one: `git pm plan new {}`", prd.id))
    })?;
    Ok((plan, prd, reading, read))
}

/// The document whose file is gone and was not renamed, if there is one: what is named instead is its new file.
fn without_file(pm: &Pm, state: &State<'_>) -> Option<Item> {
    let is_gone =
        |prd: &Item| plan_of(state, prd).is_some() && plan_notices::moved(pm, state, prd).is_err();
    let all = state.scan(&Scan::Open(Some(ItemKind::Prd)), is_gone, 2);
    match all[..] {
        [prd] => Some(prd.clone()),
        _ => None,
    }
}

/// The file to compare with a plan that is named by its id: that of its document, where it was renamed or changed.
/// A text that was edited in the state and is not planned yet is compared itself, and so is one whose file is behind.
///
/// # Errors
/// If the file is gone, and was not renamed.
fn changed_file(pm: &Pm, state: &State<'_>, prd: &Item) -> Result<Option<String>> {
    if pm.options.caller == Caller::Away {
        return Ok(None);
    }
    if let Some(moved) = plan_notices::moved(pm, state, prd)? {
        return Ok(Some(moved));
    }
    let hash = sha256_hex(state.text_of(prd).unwrap_or_default().as_bytes());
    let is_planned = plan_of(state, prd).is_some_and(|plan| plan.document == hash);
    let now = plan_notices::file_now(pm, state, prd).filter(|_| is_planned);
    Ok(now.and_then(|(file, differs)| (differs == Some(FileDiffers::Changed)).then_some(file)))
}

/// The other file that a document has by now: the one to which git renamed its own, or, where that is gone, the one that
/// was read.
pub(super) fn other_file(
    pm: &Pm,
    state: &State<'_>,
    prd: &Item,
    read: Option<&str>,
) -> Option<String> {
    plan_notices::moved(pm, state, prd).unwrap_or_else(|_| read.map(str::to_owned))
}

/// Refuses to store a changed file for which only the plan's id was given: it can be another document of that name.
///
/// # Errors
/// If it would be stored.
pub(super) fn require_named(
    state: &State<'_>,
    source: &Source,
    prd: &Item,
    read: Option<&str>,
) -> Result<()> {
    // One that git renamed is known to be the same.
    let own = sources::file_of(state, prd);
    let (Source::Prd(id), Some(file)) = (source, read.filter(|file| *file == own)) else {
        return Ok(());
    };
    let text = format!("{file} has changed since it was planned, and was not named");
    let write = ["plan", "update", file, "--write"];
    Err(Error::refused(text)
        .about(state.shown_id(prd))
        .hint(Hint::run(["plan", "update", id], "shows the effect"))
        .hint(Hint::run(write, "stores the text of this file")))
}
