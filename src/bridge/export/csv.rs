//! `export csv`: a line for each item (RFC 4180).

use std::io::Write;

use super::FileReport;
use crate::error::{Error, Result};
use crate::pm::handles::Trackers;
use crate::pm::shared_views::ItemView;
use crate::query::Field;

/// The default columns.
const COLUMNS: &[Field] = &[
    Field::Id,
    Field::Kind,
    Field::Type,
    Field::Status,
    Field::Priority,
    Field::Title,
    Field::Owner,
    Field::Estimate,
    Field::Risk,
    Field::Stream,
    Field::Epic,
    Field::Parent,
    Field::Label,
    Field::DependsOn,
    Field::Acceptance,
    Field::Path,
    Field::External,
    Field::Created,
    Field::Updated,
    Field::Closed,
];

impl Trackers<'_> {
    /// Writes all items as comma-separated values with a line of headings, which are the keys of
    /// JSON. Several values in a cell are separated by `; `. A cell that a spreadsheet would read as
    /// a formula starts with `'`. With `body`, the last column has the text.
    ///
    /// # Errors
    /// When the state cannot be read or `out` not be written.
    pub fn export_csv(
        &self,
        columns: Option<&[Field]>,
        body: bool,
        out: &mut dyn Write,
    ) -> Result<FileReport> {
        let state = self.pm.store.state()?;
        let _hold = state.hold();
        self.pm.tell_damaged(&state);
        let here = self.pm.here();
        let columns = columns.unwrap_or(COLUMNS);
        let failed = |e: std::io::Error| Error::unwritten("cannot write the export", e);
        let mut heads: Vec<String> = columns.iter().map(|c| c.key().to_string()).collect();
        heads.extend(body.then(|| "body".to_string()));
        write!(out, "{}\r\n", heads.join(",")).map_err(failed)?;
        let mut records = 0;
        for item in state.items() {
            let view = crate::pm::shared_views::item_view(&state, item, &here);
            let cells = columns.iter().map(|c| quoted(&cell(&view, *c)));
            let mut cells: Vec<String> = cells.collect();
            if body {
                cells.push(quoted(&state.text_of(item).unwrap_or_default()));
            }
            write!(out, "{}\r\n", cells.join(",")).map_err(failed)?;
            records += 1;
        }
        Ok(FileReport {
            file: "-".into(),
            records,
        })
    }
}

/// A cell, in quotation marks if necessary.
fn quoted(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_string()
    };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

fn cell(item: &ItemView, field: Field) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let list = |values: &[String]| values.join("; ");
    match field {
        Field::Id => item.id.clone(),
        Field::Kind => item.kind.clone(),
        Field::Title => item.title.clone(),
        Field::Type => item.item_type.clone(),
        Field::Status => item.status.clone(),
        Field::Priority => item.priority.to_string(),
        Field::Owner => text(&item.owner),
        Field::Assignee => text(&item.assignee),
        Field::Claim => {
            let holder = item.claim.as_ref().map(|claim| claim.actor.clone());
            holder.unwrap_or_default()
        }
        Field::Estimate => text(&item.estimate),
        Field::Risk => text(&item.risk),
        Field::Validation => text(&item.validation),
        Field::Stream => text(&item.stream),
        Field::Epic => text(&item.epic),
        Field::Parent => {
            let mut edges = item.edges.iter();
            let edge = edges.find(|edge| edge.kind == "parent-child");
            edge.map(|edge| edge.target.clone()).unwrap_or_default()
        }
        Field::Label => list(&item.labels),
        Field::DependsOn => list(&item.depends_on),
        Field::Edge => {
            let edges = item.edges.iter();
            let edges: Vec<String> = edges.map(|e| format!("{} {}", e.kind, e.target)).collect();
            list(&edges)
        }
        Field::Acceptance => {
            let all = item.acceptance.iter().map(|c| {
                let tick = if c.done { "[x]" } else { "[ ]" };
                format!("{tick} {}", c.text)
            });
            list(&all.collect::<Vec<_>>())
        }
        Field::Path => list(&item.paths),
        Field::External => list(&item.external_refs),
        Field::AutoPolicy => item.auto_policy.clone(),
        Field::Branch => text(&item.branch),
        Field::Reason => text(&item.reason),
        Field::Created => item.created_at.clone(),
        Field::CreatedBy => text(&item.created_by),
        Field::Updated => item.updated_at.clone(),
        Field::Started => text(&item.started_at),
        Field::Finished => text(&item.finished_at),
        Field::Approved => text(&item.approved_at),
        Field::ApprovedBy => text(&item.approved_by),
        Field::Closed => text(&item.closed_at),
        Field::Due => text(&item.issue.due_at),
        Field::Defer => text(&item.issue.defer_until),
        Field::Spec => text(&item.issue.spec_id),
        Field::Source => text(&item.issue.source_system),
        // No column has these names.
        Field::Blocks | Field::Linked | Field::Under => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn cells_are_quoted_and_no_formulas() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a, b", "\"a, b\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+2", "'=1+2"),
            ("-x,", "\"'-x,\""),
            ("", ""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
