//! Plans the parts of a document that have no plan for its present text.
//!
//! It also reports how far its plan is: for callers that go from a document to its work, and may
//! start again at any point.

use super::decompose::reading_of_epic;
use super::document_changes::compare;
use super::drafting::DraftOptions;
use super::plan_types::{PlanStatus, Planned};
use super::size::require_size;
use super::sources::{self, Reading, Source, find, plan_of, plan_of_epic};
use super::view::PlanView;
use crate::error::{Error, Result};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::plan::drafting;
use crate::plan::prd;
use crate::pm::Pm;
use crate::pm::handles::Plans;
use crate::store::state::State;
use crate::work::plan_notices;
use crate::work::task::field_rules::check_body;

/// The part of a document that has to be planned, so that its plan is one of its present text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// All of it: there is no plan.
    FirstPlan,
    /// The new parts: the text differs from that of the PRD, or from that which was planned.
    NewText,
    /// Nothing.
    Nothing,
}

/// The next draft of a document, which is not written.
pub(crate) struct Preview {
    /// The id of its PRD, if there is one.
    pub prd: Option<String>,
    /// The part that would be planned.
    pub need: Need,
    /// The titles of the tasks that would be added.
    pub new: Vec<String>,
}

/// The items of a plan, and what is left to approve.
pub(crate) struct Standing {
    /// The id of its PRD.
    pub prd: String,
    /// The id of its epic, once it was approved.
    pub epic: Option<String>,
    /// True if a human has to approve the plan or its new tasks before they can be started.
    pub needs_approval: bool,
    /// The number of its tasks without items.
    pub new_tasks: usize,
    /// The items of its tasks, in their order.
    pub items: Vec<Uid>,
    /// The items of tasks that are no longer in the document.
    pub gone: Vec<Uid>,
}

/// The document that a source names.
enum Named {
    /// A file that was never added.
    New(Reading),
    /// A PRD, with its text or the text that a file gives it.
    Prd(Item, Reading),
    /// An epic without a plan.
    Epic(Item),
}

/// Plans a document if it has no plan, or if its text has changed since it was planned;
/// otherwise its plan is left alone. An epic without a plan is broken down.
///
/// # Errors
/// As for the verbs that plan: `plan new`, `plan update --write`, `plan regenerate` and `plan
/// decompose`.
pub(crate) fn plan_what_is_new(
    pm: &Pm,
    source: &Source,
    options: &DraftOptions,
) -> Result<(Need, PlanView)> {
    let plans = pm.plans();
    let (named, need) = {
        let state = pm.store.state()?;
        let named = named_document(pm, &state, source)?;
        let need = need_of(&state, &named);
        (named, need)
    };
    let view = match (&named, need) {
        (Named::Prd(prd, _), Need::Nothing) => plans.show(Some(&prd.id)),
        (Named::Epic(epic), _) => plans.decompose(&epic.id),
        (Named::Prd(prd, _), Need::NewText) => match source {
            Source::Prd(_) => plans.regenerate(Some(&prd.id)),
            Source::File { .. } => replan(pm, source, options),
        },
        (Named::Prd(..) | Named::New(_), _) => plans.create(source, options),
    };
    Ok((need, view?))
}

impl Plans<'_> {
    /// The id of the document that a file is, once it was planned.
    ///
    /// # Errors
    /// If it was not, or cannot be read.
    pub fn prd_of(&self, source: &Source) -> Result<String> {
        let state = self.pm.store.state()?;
        let named = named_document(self.pm, &state, source)?;
        match (&named, need_of(&state, &named)) {
            (Named::Prd(prd, _), Need::Nothing) => Ok(state.shown_id(prd)),
            _ => Err(
                Error::not_found("the present text of the document has no plan")
                    .hint("`git pm plan new FILE` drafts it"),
            ),
        }
    }
}

/// The tasks that [`plan_what_is_new`] would plan.
///
/// # Errors
/// If there is no such document, it cannot be read, or it is too large for one plan.
pub(crate) fn preview_plan(pm: &Pm, source: &Source, options: &DraftOptions) -> Result<Preview> {
    let state = pm.store.state()?;
    let named = named_document(pm, &state, source)?;
    let need = need_of(&state, &named);
    let prd = match &named {
        Named::Prd(prd, _) => Some(state.shown_id(prd)),
        Named::New(_) | Named::Epic(_) => None,
    };
    if let Named::Prd(prd, reading) = &named {
        prd::require_not_older(pm, &state, prd, reading, false)?;
    }
    let reading = match &named {
        Named::New(reading) | Named::Prd(_, reading) => reading,
        Named::Epic(epic) => &reading_of_epic(&state, epic)?,
    };
    let (draft, limits) = match &named {
        Named::Prd(prd, _) => sources::draft_again(pm, &state, prd, reading),
        Named::New(_) | Named::Epic(_) => sources::draft_of(pm, &state, reading),
    };
    let plan = match &named {
        Named::Prd(prd, _) => plan_of(&state, prd).map(|plan| (plan, prd)),
        Named::New(_) | Named::Epic(_) => None,
    };
    let titles = |of: &mut dyn Iterator<Item = &String>| of.cloned().collect();
    let new = match (need, plan) {
        (Need::Nothing, _) => Vec::new(),
        (_, Some((plan, prd))) => {
            let (found, rest) = compare(pm, &state, (&plan, prd), &draft, reading);
            let rest = rest.iter().filter_map(|key| draft.task(key));
            let rest = rest.map(|task| &task.title);
            titles(&mut found.new.iter().map(|task| &task.title).chain(rest))
        }
        (_, None) => {
            let name = match source {
                Source::Prd(id) => id,
                Source::File { path, .. } => path,
            };
            require_size(name, reading, (&draft, &limits), options)?;
            titles(&mut draft.counted().map(|task| &task.title))
        }
    };
    Ok(Preview { prd, need, new })
}

/// The items of a plan, and what is left to approve.
///
/// # Errors
/// If there is no such plan.
pub(crate) fn standing_of_plan(pm: &Pm, id: &str) -> Result<Standing> {
    let state = pm.store.state()?;
    let (plan, prd) = find(pm, &state, Some(id))?;
    let is_new = |p: &&Planned| p.item.is_none() && !p.is_gone;
    let new_tasks = plan.tasks.iter().filter(is_new).count();
    let stands = plan_notices::require_plan_stands(pm, &state, &prd.uid).is_ok();
    let is_task = |uid: &&Uid| {
        let item = state.item(uid);
        item.is_some_and(|item| item.kind == ItemKind::Task && !item.deleted)
    };
    let items = |is_gone: bool| -> Vec<Uid> {
        let tasks = plan.tasks.iter().filter(|p| p.is_gone == is_gone);
        let items = tasks.filter_map(|p| p.item.as_ref()?.uid.as_ref());
        let items = items.filter(is_task);
        items.cloned().collect()
    };
    Ok(Standing {
        prd: state.shown_id(&prd),
        epic: plan.epic.as_ref().map(|epic| state.shown_ref(epic)),
        needs_approval: plan.status != PlanStatus::Approved || new_tasks > 0 || !stands,
        new_tasks,
        items: items(false),
        gone: items(true),
    })
}

/// Gives a PRD the text of a file, and plans everything that is new in it.
fn replan(pm: &Pm, source: &Source, options: &DraftOptions) -> Result<PlanView> {
    drafting::write_plan(pm, "plan update", |tx| {
        let Named::Prd(prd, reading) = named_document(pm, &tx.state, source)? else {
            return Err(Error::conflict(
                "the PRD of this document was removed in the meantime",
            ));
        };
        prd::require_not_older(pm, &tx.state, &prd, &reading, false)?;
        let (draft, limits) = sources::draft_again(pm, &tx.state, &prd, &reading);
        let new = match plan_of(&tx.state, &prd) {
            Some(plan) => {
                let (found, _) = compare(pm, &tx.state, (&plan, &prd), &draft, &reading);
                found.new.len() + found.more
            }
            None => {
                require_size(&prd.id, &reading, (&draft, &limits), options)?;
                draft.counted().count()
            }
        };
        check_body(&reading.text)?;
        let text = reading.text.clone();
        tx.edit(&prd.uid, |doc, clock| doc.body.write(&text, clock))?;
        drafting::stage_draft(tx, &prd, &reading, &draft)?;
        let text = format!("of {}: {new} new tasks", prd.id);
        tx.describe("plan update", &[&prd.id], &text);
        Ok(prd.uid)
    })
}

fn named_document(pm: &Pm, state: &State<'_>, source: &Source) -> Result<Named> {
    if let Source::Prd(id) = source {
        let item = state.find(id)?;
        match item.kind {
            ItemKind::Prd => {}
            ItemKind::Epic => {
                let Some((_, prd)) = plan_of_epic(state, item) else {
                    return Ok(Named::Epic(item.clone()));
                };
                let reading = sources::reading_of(state, &prd)?;
                return Ok(Named::Prd(prd, reading));
            }
            _ => {
                let id = state.shown_id(item);
                return Err(Error::usage(format!("{id} is not a document"))
                    .about(&id)
                    .hint("specify a Markdown file, or the id of a PRD or an epic"));
            }
        }
    }
    Ok(match prd::document(pm, state, source)? {
        (Some(prd), reading) => Named::Prd(prd, reading),
        (None, reading) => Named::New(reading),
    })
}

fn need_of(state: &State<'_>, named: &Named) -> Need {
    let Named::Prd(prd, reading) = named else {
        return Need::FirstPlan;
    };
    let is_text = state.text_of(prd).as_deref() == Some(reading.text.as_str());
    match plan_of(state, prd) {
        None if is_text => Need::FirstPlan,
        Some(plan) if is_text => {
            let hash = Some(reading.hash());
            match Some(&plan.document) == hash.as_ref() || plan.accepted_document == hash {
                true => Need::Nothing,
                false => Need::NewText,
            }
        }
        _ => Need::NewText,
    }
}
