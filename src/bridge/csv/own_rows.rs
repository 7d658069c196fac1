//! Rows of our own export that come back, perhaps edited in a spreadsheet.
//!
//! Cells that still mean the same get what an export says now, so that only edited fields change.

use super::resaved_cells::is_same;
use super::rows::Row;
use crate::bridge::export::csv::cells_of;
use crate::bridge::project::foreign_words;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::{ItemKind, SUFFIX};
use crate::model::item::Item;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::shared_views::Here;
use crate::query::Field;
use crate::store::state::State;

/// The column without a field: the text of an item.
const BODY: &str = "body";

/// The columns that an import can change.
const EDITABLE: [&str; 19] = [
    "title",
    "type",
    "status",
    "priority",
    "owner",
    "assignee",
    "estimate",
    "points",
    "risk",
    "stream",
    "epic",
    "parent",
    "labels",
    "depends_on",
    "acceptance",
    "paths",
    "external_refs",
    "due_at",
    "defer_until",
];

/// A column: its heading and the field; none for [`BODY`].
type Column = (String, Option<Field>);

/// A file with the columns of our export.
pub(super) struct OwnSheet<'p> {
    pm: &'p Pm,
    here: Here,
    columns: Vec<Column>,
}

/// A row of an item of this project.
pub(super) struct OwnRow {
    pub(super) uid: Uid,
    pub(super) kind: ItemKind,
    /// The item's last change when it was exported.
    pub(super) seen: String,
    /// The row as an export has it now, but for the cells that were edited.
    pub(super) row: Row,
}

/// True if all headings are those of our export, which has `id`.
pub(super) fn is_own(heads: &[String]) -> bool {
    // A spreadsheet may have saved columns that are empty.
    let mut heads = heads.iter().filter(|head| !head.is_empty());
    heads.clone().any(|head| head == "id") && heads.all(|head| column(head).is_some())
}

/// The column of a heading.
fn column(head: &str) -> Option<Column> {
    // Of two fields with a key, the later one is of every closed item.
    let field = Field::all().filter(|field| field.key() == head).last();
    (field.is_some() || head == BODY).then(|| (head.to_string(), field))
}

impl<'p> OwnSheet<'p> {
    pub(super) fn new(pm: &'p Pm, heads: &[String]) -> OwnSheet<'p> {
        OwnSheet {
            pm,
            here: pm.here(),
            columns: match is_own(heads) {
                true => heads.iter().filter_map(|head| column(head)).collect(),
                false => Vec::new(),
            },
        }
    }

    /// The cells of an item as an export has them now.
    pub(super) fn cells(&self, state: &State<'_>, item: &Item) -> Vec<(String, String)> {
        cells_of(self.pm, state, item, &self.here, &self.columns)
    }

    /// The row as one of an item of this project; an inner error is the reason for skipping it.
    ///
    /// # Errors
    /// When it names an item of this project, but is not known to have been exported from it.
    pub(super) fn own(
        &self,
        state: &State<'_>,
        row: &Row,
    ) -> Result<Option<Result<OwnRow, String>>> {
        let id = row.id();
        // Of two with one id, each is shown with a longer one, as one was that another clone renumbered.
        let mut known = state.known_as(&id).into_iter();
        let longer = known.find(|item| !item.deleted && id.ends_with(item.uid.suffix(SUFFIX)));
        let Some(item) = longer.or_else(|| state.bearers(&id).first().copied()) else {
            return Ok(None);
        };
        let now = self.cells(state, item);
        let text_now = |head: &str| {
            let found = now.iter().find(|(own, _)| own == head);
            found.map_or("", |(_, cell)| cell.as_str())
        };
        let same = |(head, field): &Column| {
            let cell = row.cell(head).unwrap_or_default();
            is_same(*field, text_now(head), cell)
        };
        let changed: Vec<&Column> = self.columns.iter().filter(|one| !same(one)).collect();
        let differs = |head: &str| changed.iter().any(|(own, _)| own == head);
        let is_dated = row.cell("updated_at").is_some();
        if self.columns.is_empty() || !is_dated || differs("created_at") {
            let message = format!("the file names {id}, an item of this project");
            return Err(Error::refused(message)
                .because(Reason::ImportNotImportable)
                .about(id)
                .hint(
                    "a file of this project is taken back if it has the columns `id` and `updated_at` of \
                     `git pm export csv`, and only columns of it; in one of another project, leave out \
                     the column `id`",
                )
                .hint(Hint::run(["export", "csv", "FILE"], "writes such a file")));
        }
        let status = row.cell("status").and_then(foreign_words::status);
        let is_reopened = differs("status") && !matches!(status, Some("done" | "cancelled"));
        let mut own = Vec::new();
        for (head, field) in &self.columns {
            if head == "closed_at" && is_reopened {
                continue;
            }
            // By its id it was found.
            let is_changed = differs(head) && !["id", "updated_at"].contains(&head.as_str());
            let cell = match is_changed {
                true => row.cell(head).unwrap_or_default(),
                false => text_now(head),
            };
            if !cell.trim().is_empty() {
                own.push((head.clone(), cell.to_string()));
            }
            if is_changed && field.is_some() && !EDITABLE.contains(&head.as_str()) {
                let reason = format!("changes `{head}`, which an import leaves as it is");
                return Ok(Some(Err(reason)));
            }
        }
        if differs("owner") && item.assignee.as_deref() != item.owner() {
            let owner = item.owner().unwrap_or_default();
            let reason = format!(
                "changes `owner`, but {owner} works on it: `git pm assign {id} NAME` hands it over"
            );
            return Ok(Some(Err(reason)));
        }
        Ok(Some(Ok(OwnRow {
            uid: item.uid.clone(),
            kind: item.kind,
            seen: match differs("updated_at") {
                true => row.cell("updated_at").unwrap_or_default().to_string(),
                false => item.updated_at.clone(),
            },
            row: Row::new(own),
        })))
    }
}
