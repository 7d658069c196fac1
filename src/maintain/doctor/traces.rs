//! Merged work that leads back to nothing, where others lead back to a document.

use crate::maintain::doctor::DoctorReport;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::pm::Pm;

/// How many ids a note names.
const NAMED: usize = 10;

impl Pm {
    pub(super) fn check_traces(&self, report: &mut DoctorReport) {
        let Ok(state) = self.store.state() else {
            return;
        };
        let items = state.items();
        // Who never plans from documents has nothing to lead back to.
        if !items.iter().any(|item| item.kind == ItemKind::Prd) {
            return;
        }
        let loose = |item: &&&Item| {
            item.kind == ItemKind::Task
                && item.status == Status::Done
                && item.epic.is_none()
                && item.edges.is_empty()
                && state.doc(&item.uid).is_some_and(|doc| {
                    doc.text("merged_commit").is_some() && doc.text("planned_from").is_none()
                })
        };
        let ids: Vec<String> = items
            .iter()
            .filter(loose)
            .map(|i| state.shown_id(i))
            .collect();
        if ids.is_empty() {
            report.ok(
                "traces",
                "all merged tasks lead to an epic or a document".into(),
            );
            return;
        }
        let named: Vec<&str> = ids.iter().take(NAMED).map(String::as_str).collect();
        let more = if ids.len() > NAMED { ", …" } else { "" };
        let message = format!(
            "{} merged tasks lead to no epic and no document: {}{more}",
            ids.len(),
            named.join(", ")
        );
        report.note("traces", message, Some("git pm task edit ID --epic E-0001"));
    }
}
