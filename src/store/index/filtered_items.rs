//! The SQL of a query: the rows that can match, with the readiness of each.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::{Index, Result, decode, full_text};
use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::query::{Conditions, Marks};

impl Index {
    /// Visits the items that a query's conditions leave, in the order of kind and id, until `visit`
    /// returns false. Readiness is that at `now_ms` (milliseconds since the Unix epoch).
    pub(crate) fn narrowed(
        &self,
        narrow: &Conditions,
        now_ms: u64,
        mut visit: impl FnMut(Item, Marks) -> bool,
    ) -> Result<()> {
        if narrow.marks || narrow.ready || narrow.blocked {
            self.evaluate_at(now_ms)?;
        }
        let (sql, args) = question(narrow);
        self.ask(|db| {
            let mut all = db.prepare_cached(&sql)?;
            let mut rows = all.query(params_from_iter(args))?;
            while let Some(row) = rows.next()? {
                let marks = match narrow.marks {
                    true => Marks {
                        ready: row.get(1)?,
                        blocked: row.get(2)?,
                    },
                    false => Marks::default(),
                };
                if !visit(decode(row.get_ref(0)?.as_blob()?)?, marks) {
                    break;
                }
            }
            Ok(())
        })
    }
}

/// The SQL of the conditions. User input is only in the arguments.
fn question(narrow: &Conditions) -> (String, Vec<Value>) {
    let mut wheres: Vec<String> = Vec::new();
    let mut args: Vec<Value> = Vec::new();
    // The index of the few rows with a mark: SQLite does not know that they are few.
    let by = match narrow {
        Conditions { held: true, .. } => " INDEXED BY item_held",
        Conditions {
            conflicted: true, ..
        } => " INDEXED BY item_conflicted",
        _ => "",
    };
    for (on, condition) in [
        // Open items were not deleted either.
        (narrow.open != Some(true), "deleted=0"),
        (narrow.held, "held=1"),
        (narrow.conflicted, "conflicted=1"),
        (narrow.ready, "ready=1"),
        (narrow.blocked, "blocked=1"),
        (narrow.open == Some(true), "open=1"),
        (narrow.open == Some(false), "open=0"),
    ] {
        if on {
            wheres.push(condition.to_string());
        }
    }
    let mut any_of = |column: &str, values: Vec<Value>| {
        wheres.push(match values.len() {
            1 => format!("{column}=?"),
            many => format!("{column} IN ({})", vec!["?"; many].join(",")),
        });
        args.extend(values);
    };
    if let Some(kinds) = &narrow.kinds {
        any_of("kind", kinds.iter().map(|k| (*k as i64).into()).collect());
    }
    if let Some(statuses) = &narrow.statuses {
        let values = statuses.iter().cloned().map(Value::from).collect();
        any_of("status COLLATE NOCASE", values);
    }
    if let Some(epic) = &narrow.epic {
        any_of("epic", vec![epic.as_str().to_string().into()]);
    }
    if let Some((least, most)) = narrow.priority {
        let number = |n: usize| Value::from(i64::try_from(n).unwrap_or(i64::MAX));
        wheres.push("priority BETWEEN ? AND ?".into());
        args.extend([number(least), number(most)]);
    }
    let marks = if narrow.marks { ", ready, blocked" } else { "" };
    let sql = format!(
        "SELECT data{marks} FROM item{by} WHERE {} ORDER BY kind, rank",
        wheres.join(" AND ")
    );
    (sql, args)
}

/// The documents that match a full-text expression, by the rules of the index but without one.
/// Returns their positions in the order given.
pub(crate) fn having<'d>(
    docs: impl IntoIterator<Item = &'d Doc>,
    expression: &str,
) -> Result<Vec<usize>> {
    let db = Connection::open_in_memory()?;
    db.execute_batch(super::schema::TEXT)?;
    for (n, doc) in docs.into_iter().enumerate() {
        let n = i64::try_from(n).unwrap_or(i64::MAX);
        full_text::replace(&db, n, &full_text::words(doc))?;
    }
    let mut find = db.prepare("SELECT rowid FROM text WHERE text MATCH ?")?;
    let rows = find.query_map([expression], |row| row.get::<_, i64>(0))?;
    let mut out = Vec::new();
    for row in rows {
        out.push(usize::try_from(row?).unwrap_or(usize::MAX));
    }
    Ok(out)
}
