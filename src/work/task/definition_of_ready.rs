//! The definition of ready: what has to be known about a task before work begins.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Result;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::pm::handles::Plans;
use crate::store::state::State;

/// A task that does not meet the definition of ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Unready {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The missing parts: `story`, `acceptance`, `approach`, `dependencies`, `estimate`.
    pub missing: Vec<&'static str>,
}

impl Plans<'_> {
    /// The queued tasks that do not meet the definition of ready, with the missing parts: a clear
    /// story (user and purpose, or a description beyond the title), acceptance criteria, an
    /// approach (a text or planned paths), known dependencies (at least one, or a plan or epic that
    /// defines them; none of them missing), an estimate.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn unready(&self) -> Result<Vec<Unready>> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        let queued = |item: &&Item| item.kind == ItemKind::Task && item.status == Status::Queued;
        let mut out = Vec::new();
        for item in state.items().into_iter().filter(queued) {
            let missing = missing(&state, item);
            if !missing.is_empty() {
                out.push(Unready {
                    id: state.shown_id(item),
                    title: item.title.clone(),
                    missing,
                });
            }
        }
        Ok(out)
    }
}

/// The missing parts.
pub(super) fn missing(state: &State<'_>, item: &Item) -> Vec<&'static str> {
    let body = state.text_of(item).unwrap_or_default();
    let doc = state.doc(&item.uid);
    let has = |name: &str| doc.is_some_and(|doc| doc.text(name).is_some());
    let dangling = item.depends_on.iter().any(|dependency| {
        let target = dependency.target.uid.as_ref();
        target.is_some_and(|uid| state.item(uid).is_none())
    });
    let is_placed = has("planned_from")
        || !item.depends_on.is_empty()
        || !item.edges.is_empty()
        || item.epic.is_some();
    let has_text = !body.trim().is_empty();
    [
        ("story", has_text || has("story")),
        ("acceptance", !item.acceptance.is_empty()),
        ("approach", has_text || !item.paths.is_empty()),
        ("dependencies", is_placed && !dangling),
        ("estimate", item.estimate.is_some()),
    ]
    .into_iter()
    .filter(|(_, holds)| !holds)
    .map(|(name, _)| name)
    .collect()
}
