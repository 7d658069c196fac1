//! Merged tasks without an epic or document that should have one, in a state that plans from documents.

use crate::maintain::doctor::DoctorReport;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::pm::Pm;
use crate::store::index::Scan;

/// The number of ids that a note names.
const NAMED: usize = 10;

pub(super) fn check_untraced_work(pm: &Pm, report: &mut DoctorReport) {
    let Ok(state) = pm.store.state() else {
        return;
    };
    // A state without PRDs does not plan from documents.
    if (state.scan(&Scan::All(Some(ItemKind::Prd)), |_| true, 1)).is_empty() {
        return;
    }
    // A report of a fault, and what another tracker had, follows from no document.
    let loose = |item: &Item| {
        item.item_type != "bug"
            && !item.is_imported
            && item.status == Status::Done
            && item.epic.is_none()
            && item.edges.is_empty()
            && item.merged_commit.is_some()
    };
    let mut items = state.scan(&Scan::All(Some(ItemKind::Task)), loose, usize::MAX);
    items.retain(|item| {
        let doc = state.doc_once(&item.uid);
        doc.is_some_and(|doc| doc.text("planned_from").is_none())
    });
    let ids: Vec<String> = items.into_iter().map(|i| state.shown_id(i)).collect();
    if ids.is_empty() {
        report.ok(
            "traces",
            "all merged tasks but bugs and imported ones belong to an epic or a document".into(),
        );
        return;
    }
    let named: Vec<&str> = ids.iter().take(NAMED).map(String::as_str).collect();
    let more = if ids.len() > NAMED { ", …" } else { "" };
    let message = format!(
        "merged tasks that belong to neither an epic nor a document ({}): {}{more}",
        ids.len(),
        named.join(", ")
    );
    report.note("traces", message, Some("git pm task edit ID --epic E-0001"));
}
