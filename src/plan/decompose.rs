//! Breaking down a manually written epic: its text is the document, and the tasks become part of the epic.

use super::create_items::{blank, make};
use super::record::{plan_uid, word};
use super::sources::{Reading, plan_of_epic};
use super::view::PlanView;
use crate::error::{Error, Result};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::plan::drafting;
use crate::plan::sources;
use crate::pm::handles::Plans;
use crate::store::state::State;
use crate::store::transaction::Tx;

impl Plans<'_> {
    /// Drafts a plan from an epic's text. An approval adds tasks to this epic; the text becomes a
    /// PRD, the parent of the epic. For an epic from a plan, that plan is drafted again.
    ///
    /// # Errors
    /// If there is no such epic, or its text is empty or cannot be read.
    pub fn decompose(&self, epic: &str) -> Result<PlanView> {
        drafting::write_plan(self.pm, "plan decompose", |tx| {
            let epic = tx.state.find_kind(epic, ItemKind::Epic)?.clone();
            let prd = match plan_of_epic(&tx.state, &epic) {
                Some((_, prd)) => prd,
                None => document_of(tx, &epic)?,
            };
            let reading = sources::reading_of(&tx.state, &prd)?;
            let (draft, _) = sources::draft_again(self.pm, &tx.state, &prd, &reading);
            drafting::stage_draft(tx, &prd, &reading, &draft)?;
            let reference = epic.reference().to_string();
            tx.edit(&plan_uid(&prd.uid), |doc, clock| {
                doc.text("epic").is_none() && doc.set("epic", reference, clock)
            })?;
            let text = format!("of {}: {} tasks", epic.id, draft.counted().count());
            tx.describe("plan decompose", &[&epic.id, &prd.id], &text);
            Ok(prd.uid)
        })
    }
}

/// An epic's text as a document.
///
/// # Errors
/// If the epic has no text, or the text cannot be read.
pub(super) fn reading_of_epic(state: &State<'_>, epic: &Item) -> Result<Reading> {
    let body = state.text_of(epic).unwrap_or_default();
    if body.trim().is_empty() {
        return Err(
            Error::refused(format!("{} has no text to break down", epic.id)).hint(format!(
                "write it with `git pm epic edit {} --editor`",
                epic.id
            )),
        );
    }
    // If the text has no title, it gets the epic's.
    let text = match body.trim_start().starts_with("# ") {
        true => body,
        false => format!("# {}\n\n{body}", epic.title),
    };
    Reading::of(text.as_bytes(), &format!("the text of {}", epic.id))
}

/// Creates the PRD with an epic's text, which becomes the parent of the epic.
fn document_of(tx: &mut Tx<'_>, epic: &Item) -> Result<Item> {
    let reading = reading_of_epic(&tx.state, epic)?;
    let uid = Uid::derived(&["prd", "epic", epic.uid.as_str()]);
    let born = format!("prd-{}", uid.suffix(12));
    let mut doc = blank(ItemKind::Prd, &uid, &born, &epic.title);
    doc.put("priority", i64::from(epic.priority));
    doc.put("type", word(reading.document.kind));
    doc.put_body(&reading.text);
    make(tx, doc)?;
    let prd = tx.state.item(&uid).cloned();
    let prd = prd.ok_or_else(|| Error::not_found("there is no such PRD"))?;
    if epic.parent().is_none() {
        let edge = format!("parent-child {}", prd.reference());
        tx.edit(&epic.uid, |doc, clock| {
            doc.set_element("edges", &edge, true, clock)
        })?;
    }
    Ok(prd)
}
