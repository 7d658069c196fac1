//! What those who began a task have to know of its plan: an approval leaves their work as it is.

use super::plan_types::Plan;
use super::sources::plan_of;
use super::task_changes::{FieldChange, TaskChanges, task_changes};
use crate::coordinate::message::tell_owners;
use crate::error::Result;
use crate::model::item::Item;
use crate::model::text::{one_line, shorten};
use crate::store::state::State;
use crate::store::transaction::Tx;

/// The fields that say what is asked for.
pub(super) const WORDS: [&str; 3] = ["title", "description", "acceptance"];

/// The length of what a notice says.
const SHOWN: usize = 300;

/// What a plan asks for in other words than its item, each a text.
fn words(fields: &[FieldChange]) -> Vec<String> {
    // A description begins with the whole of a title.
    let is_described = fields.iter().any(|one| one.field == "description");
    let is_own = |one: &&FieldChange| {
        WORDS.contains(&one.field.as_str()) && !(is_described && one.field == "title")
    };
    let own = fields.iter().filter(is_own);
    let texts = own.flat_map(|one| {
        let now = one
            .plan
            .iter()
            .map(move |text| format!("{}: {text}", one.field));
        // A text has another one in its place.
        let left = one.task.iter().filter(move |_| one.field == "acceptance");
        now.chain(left.map(|text| format!("not any more: {text}")))
    });
    texts.collect()
}

/// What becomes of each task of a plan that differs from it: its id, and what the plan asks for.
fn told(changes: &TaskChanges) -> impl Iterator<Item = (&String, Vec<String>)> {
    let kept = changes.kept.iter();
    let kept = kept.map(|one| (&one.id, words(&one.fields)));
    let gone = changes.gone.iter();
    let gone = gone.map(|one| (&one.id, vec!["the document does not ask for it".to_owned()]));
    kept.chain(gone).filter(|(_, said)| !said.is_empty())
}

/// What the plan of a document asks for that an item of it does not say.
pub(crate) fn other_words(state: &State<'_>, item: &Item, prd: &Item) -> Vec<String> {
    let Some(mut plan) = plan_of(state, prd) else {
        return Vec::new();
    };
    plan.tasks.retain(|one| {
        let own = one.item.as_ref().and_then(|own| own.uid.as_ref());
        own == Some(&item.uid)
    });
    let changes = task_changes(state, &plan, prd).unwrap_or_default();
    told(&changes).flat_map(|(_, said)| said).collect()
}

/// Tells those who hold tasks what an approval left out of them, once for each text of the document.
pub(super) fn tell_holders(
    tx: &mut Tx<'_>,
    plan: &Plan,
    prd: &Item,
    changes: &TaskChanges,
) -> Result<()> {
    let before = plan.approved_document.as_ref();
    if before.is_none_or(|text| *text == plan.document) {
        return Ok(());
    }
    let prd = tx.state.shown_id(prd);
    for (id, said) in told(changes) {
        let item = tx.state.find(id)?.clone();
        if item.holder().is_some() {
            let said = shorten(&one_line(&said.join("; ")), SHOWN);
            let what = format!("approved {prd}, which says now: {said}");
            tell_owners(tx, &item, true, &what)?;
        }
    }
    Ok(())
}
