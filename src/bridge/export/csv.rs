//! `export csv`: a line for each item (RFC 4180).

use std::io::Write;

use serde_json::Value as Json;

use super::FileReport;
use crate::coordinate::here;
use crate::error::{Error, Result};
use crate::model::item::PARENT_CHILD;
use crate::pm::handles::Trackers;
use crate::pm::shared_views::ItemView;
use crate::query::Field;

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
    Field::Due,
    Field::Points,
];

impl Trackers<'_> {
    /// Writes all items as comma-separated values with a line of headings, which are the keys of
    /// JSON. Several values in a cell are separated by `; `. A cell that a spreadsheet would read
    /// as a formula starts with `'`. With `body`, the last column has the text.
    ///
    /// # Errors
    /// When the state cannot be read or `out` cannot be written.
    pub fn export_csv(
        &self,
        columns: Option<&[Field]>,
        body: bool,
        out: &mut dyn Write,
    ) -> Result<FileReport> {
        let state = self.pm.store.snapshot()?;
        here::tell_damaged(self.pm, &state);
        let here = self.pm.here();
        let columns = columns.unwrap_or(COLUMNS);
        let failed = |e: std::io::Error| Error::unwritten("cannot write the export", e);
        let mut heads: Vec<String> = columns.iter().map(|c| c.key().to_string()).collect();
        heads.extend(body.then(|| "body".to_string()));
        write!(out, "{}\r\n", heads.join(",")).map_err(failed)?;
        let mut records = 0;
        let items = state.items();
        // The reader of the output may be slow.
        state.release();
        for item in items {
            let view = crate::pm::shared_views::item_view(&state, item, &here);
            let json = serde_json::to_value(&view).map_err(|e| failed(e.into()))?;
            let cells = columns.iter().map(|c| quoted(&cell(&view, &json, *c)));
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

/// A field as text: as in JSON, but for lists and values with parts.
fn cell(item: &ItemView, json: &Json, field: Field) -> String {
    let list = |values: Vec<String>| values.join("; ");
    match field {
        Field::Claim => item.claim.iter().map(|claim| claim.actor.clone()).collect(),
        Field::Parent => {
            let mut edges = item.edges.iter();
            let edge = edges.find(|edge| edge.kind == PARENT_CHILD);
            edge.map(|edge| edge.target.clone()).unwrap_or_default()
        }
        Field::Edge => {
            let edges = item.edges.iter();
            list(edges.map(|e| format!("{} {}", e.kind, e.target)).collect())
        }
        Field::Acceptance => {
            let all = item.acceptance.iter();
            let tick = |done| if done { "[x]" } else { "[ ]" };
            list(
                all.map(|c| format!("{} {}", tick(c.done), c.text))
                    .collect(),
            )
        }
        _ => match &json[field.key()] {
            Json::String(text) => text.clone(),
            Json::Array(values) => {
                let values = values.iter().filter_map(Json::as_str);
                list(values.map(str::to_string).collect())
            }
            Json::Null => String::new(),
            other => other.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
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
