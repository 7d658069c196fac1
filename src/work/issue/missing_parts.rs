//! Required parts of issues that are missing.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Result;
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::pm::handles::Issues;
use crate::store::index::Scan;

/// A missing part of an issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LintFinding {
    /// The issue's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its type.
    #[serde(rename = "type")]
    pub item_type: String,
    /// The missing heading.
    pub missing: Vec<String>,
}

/// The parts that issues of a type should have.
fn wanted(item_type: &str) -> &'static [&'static str] {
    match item_type {
        "bug" => &["Steps to Reproduce", "Acceptance Criteria"],
        "task" | "feature" => &["Acceptance Criteria"],
        "epic" => &["Success Criteria"],
        _ => &[],
    }
}

fn says(item: &Item, doc: &Doc, section: &str) -> bool {
    let criteria = section != "Steps to Reproduce"
        && (!item.acceptance.is_empty()
            || doc
                .text("acceptance_criteria")
                .is_some_and(|text| !text.trim().is_empty()));
    let section = section.to_lowercase();
    let heading = |line: &str| {
        let line = line.trim();
        line.starts_with('#') && line.trim_start_matches('#').trim().to_lowercase() == section
    };
    criteria || doc.body.text().lines().any(heading)
}

impl Issues<'_> {
    /// The open issues, or those named, that lack a part that issues of their type should have: a
    /// heading in the text, or acceptance criteria.
    ///
    /// # Errors
    /// When an id does not exist, or the state cannot be read.
    pub fn lint(&self, ids: &[String]) -> Result<Vec<LintFinding>> {
        let state = self.pm.store.snapshot()?;
        let mut items = Vec::new();
        for id in ids {
            items.push(state.find(id)?);
        }
        if ids.is_empty() {
            let open = Scan::Open(Some(ItemKind::Issue));
            items = state.scan(
                &open,
                |item| !wanted(&item.item_type).is_empty(),
                usize::MAX,
            );
        }
        let mut out = Vec::new();
        for item in items {
            let Some(doc) = state.doc(&item.uid) else {
                continue;
            };
            let missing: Vec<String> = wanted(&item.item_type)
                .iter()
                .filter(|section| !says(item, doc, section))
                .map(ToString::to_string)
                .collect();
            if !missing.is_empty() {
                out.push(LintFinding {
                    id: state.shown_id(item),
                    title: item.title.clone(),
                    item_type: item.item_type.clone(),
                    missing,
                });
            }
        }
        Ok(out)
    }
}
