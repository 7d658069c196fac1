//! Merged tasks without an epic or document, in a state that plans from documents.

use crate::maintain::doctor::DoctorReport;
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::pm::Pm;

/// The number of ids that a note names.
const NAMED: usize = 10;

pub(super) fn check_untraced_work(pm: &Pm, report: &mut DoctorReport) {
    let Ok(state) = pm.store.state() else {
        return;
    };
    let items = state.items();
    // A state without PRDs does not plan from documents.
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
            "all merged tasks belong to an epic or a document".into(),
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
