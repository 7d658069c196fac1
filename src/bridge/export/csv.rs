//! `export csv`: a line for each item (RFC 4180).

use std::io::Write;

use serde_json::Value as Json;

use super::FileReport;
use crate::bridge::guarded_cells::guarded;
use crate::coordinate::here;
use crate::error::{Error, Result};
use crate::model::item::{Item, PARENT_CHILD};
use crate::model::stamp::parse_rfc3339;
use crate::model::typed_due_date::{self, DayEnd};
use crate::pm::Pm;
use crate::pm::handles::Trackers;
use crate::pm::shared_views::{Here, ItemView, item_view};
use crate::query::{Field, Shape};
use crate::store::state::State;

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
    Field::Defer,
    Field::Points,
];

impl Trackers<'_> {
    /// Writes all items as comma-separated values with a line of headings, which are the keys of
    /// JSON. Several values in a cell are separated by `; `. A text that a spreadsheet would run
    /// as a formula, or change as a number or a date, starts with `'`. A time that means a day is that day. With `body`, the last column
    /// has the text. A notice says what has no place in the default columns.
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
        here::tell_unsettled(self.pm, &state);
        let here = self.pm.here();
        let is_default = columns.is_none();
        let columns = columns.unwrap_or(COLUMNS);
        let failed = |e: std::io::Error| Error::unwritten("cannot write the export", e);
        let mut heads: Vec<String> = columns.iter().map(|c| c.key().to_string()).collect();
        heads.extend(body.then(|| "body".to_string()));
        write!(out, "{}\r\n", heads.join(",")).map_err(failed)?;
        let mut records = 0;
        let (items, mut left_out) = (state.items(), LeftOut::default());
        // The reader of the output may be slow.
        state.release();
        for item in items {
            let view = item_view(&state, item, &here);
            let json = serde_json::to_value(&view).map_err(|e| failed(e.into()))?;
            let mut cells: Vec<String> = columns
                .iter()
                .map(|c| shielded(*c, &cell(self.pm, &view, &json, *c)))
                .collect();
            let text = match body || is_default {
                true => state.text_of(item).unwrap_or_default(),
                false => String::new(),
            };
            if is_default {
                left_out.add(&state, item, !body && !text.is_empty());
            }
            if body {
                cells.push(guarded(&text));
            }
            let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
            write!(out, "{}\r\n", cells.join(",")).map_err(failed)?;
            records += 1;
        }
        left_out.tell(self.pm);
        Ok(FileReport {
            file: "-".into(),
            records,
        })
    }
}

/// The numbers of items that have what the default columns have no place for.
#[derive(Default)]
struct LeftOut {
    texts: usize,
    comments: usize,
    edges: usize,
}

impl LeftOut {
    fn add(&mut self, state: &State<'_>, item: &Item, text: bool) {
        self.texts += usize::from(text);
        self.comments += usize::from(!state.comments_on(&item.uid).is_empty());
        let is_other = item.edges.iter().any(|edge| edge.kind != PARENT_CHILD);
        self.edges += usize::from(is_other);
    }

    fn tell(&self, pm: &Pm) {
        let all = [
            ("texts (`--columns body`)", self.texts),
            ("comments", self.comments),
            ("edges", self.edges),
        ];
        let found = all.iter().filter(|(_, count)| *count > 0);
        let found: Vec<String> = found
            .map(|(what, count)| format!("{what} of {count}"))
            .collect();
        if !found.is_empty() {
            pm.notice(format!(
                "some items have what is not in the file: {}; `git pm export json` has all",
                found.join(", ")
            ));
        }
    }
}

/// A cell that no spreadsheet runs or rewrites; dates and numbers are for it to read.
fn shielded(field: Field, text: &str) -> String {
    match field.shape() {
        Shape::Time | Shape::Number | Shape::Rank(_) => text.to_string(),
        _ => guarded(text),
    }
}

/// A cell in quotation marks, if its text has what may separate cells in any spreadsheet.
fn quoted(text: &str) -> String {
    if text.contains([',', ';', '\t', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_string()
    }
}

/// The cells of an item in columns, those that are not empty; the column without a field is its text.
pub(in crate::bridge) fn cells_of(
    pm: &Pm,
    state: &State<'_>,
    item: &Item,
    here: &Here,
    columns: &[(String, Option<Field>)],
) -> Vec<(String, String)> {
    let view = item_view(state, item, here);
    let json = serde_json::to_value(&view).unwrap_or_default();
    let cell = |field: &Option<Field>| match field {
        Some(field) => cell(pm, &view, &json, *field),
        None => state.text_of(item).unwrap_or_default(),
    };
    let cells = columns
        .iter()
        .map(|(head, field)| (head.clone(), cell(field)));
    cells.filter(|(_, cell)| !cell.trim().is_empty()).collect()
}

/// A field as text: as in JSON, but for lists and values with parts.
fn cell(pm: &Pm, item: &ItemView, json: &Json, field: Field) -> String {
    let list = |values: Vec<String>| values.join("; ");
    match field {
        Field::Claim => item.claim.iter().map(|claim| claim.actor.clone()).collect(),
        Field::Finished if !item.status.is_finished() => String::new(),
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
            // What comes back in this column becomes the list.
            let all = item.acceptance.iter().filter(|one| one.nth_box().is_none());
            let tick = |done| if done { "[x]" } else { "[ ]" };
            list(
                all.map(|c| format!("{} {}", tick(c.done), c.text))
                    .collect(),
            )
        }
        _ => match &json[field.key()] {
            Json::String(text) if field.is_ahead() => day_of(pm, text, field),
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

/// The day of a time that was typed as one, as it is stored as a moment in UTC; else the time.
fn day_of(pm: &Pm, time: &str, field: Field) -> String {
    let end = match field {
        Field::Due => DayEnd::Last,
        _ => DayEnd::First,
    };
    let ms = parse_rfc3339(time).unwrap_or_default();
    let day = pm.env().day(ms);
    match typed_due_date::parse(&day, &pm.now(), end) {
        Ok(typed) if typed == ms => day,
        _ => time.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, quoted, shielded};

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a, b", "\"a, b\""),
            ("a; b", "\"a; b\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+2", "'=1+2"),
            ("-x,", "\"'-x,\""),
            ("007", "'007"),
            ("", ""),
        ] {
            assert_eq!(quoted(&shielded(Field::Title, text)), expected);
            assert_eq!(shielded(Field::Points, "3"), "3");
        }
    }
}
