//! Lists and queries as SQL: the rows that can match, with the readiness of each.
//!
//! SQLite has no statistics for a file this young, so a query for a few of many rows names its
//! index (`INDEXED BY`).

use rusqlite::types::Value;
use rusqlite::{Row, params_from_iter};

use super::item_queries::read_all;
use super::{Fault, Index, Result, decode};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::status::Status;
use crate::query::{Conditions, Marks};

/// An item as the columns of its row have it; the rest is decoded on request.
pub struct Line<'r> {
    /// Its kind.
    pub kind: ItemKind,
    /// Its status.
    pub status: Status,
    /// Its priority, 0 for the highest.
    pub priority: u8,
    /// True if it has a claim that has not ended.
    pub held: bool,
    /// What queries ask for with `is:`.
    pub marks: Marks,
    whole: Whole<'r>,
}

enum Whole<'r> {
    Row(&'r [u8]),
    Item(Box<Item>),
    /// Items that are only counted.
    Pile,
}

/// The columns of a [`Line`].
const LINE: &str = "data,ready,blocked,kind,status,priority,held,defer";

impl Line<'_> {
    /// The line of an item that is known already.
    pub fn of(item: Item, marks: Marks, now_ms: u64) -> Line<'static> {
        let held = item.open_claims().next().is_some();
        Line {
            kind: item.kind,
            status: item.status_at(now_ms).clone(),
            priority: item.priority,
            held,
            marks,
            whole: Whole::Item(Box::new(item)),
        }
    }

    /// The item.
    pub fn item(self) -> Result<Item> {
        match self.whole {
            Whole::Row(data) => decode(data),
            Whole::Item(item) => Ok(*item),
            Whole::Pile => Err(Fault::Doubt("a pile has no item")),
        }
    }

    /// True if it stands for items that are only counted.
    pub fn is_pile(&self) -> bool {
        matches!(self.whole, Whole::Pile)
    }

    fn read<'r>(row: &'r Row<'_>, now_ms: u64) -> Result<Line<'r>> {
        let kind: i64 = row.get(3)?;
        let kind = ItemKind::ALL.into_iter().find(|one| *one as i64 == kind);
        let kind = kind.ok_or(Fault::Doubt("a kind cannot be read"))?;
        let status = Status::parse(kind, row.get_ref(4)?.as_str()?);
        let status = status.ok_or(Fault::Doubt("a status cannot be read"))?;
        let until: Option<i64> = row.get(7)?;
        let is_put_off = until.and_then(|ms| u64::try_from(ms).ok()) > Some(now_ms);
        Ok(Line {
            kind,
            status: match is_put_off && status.is_startable() {
                true => Status::Deferred,
                false => status,
            },
            priority: row.get(5)?,
            held: row.get(6)?,
            marks: Marks {
                ready: row.get(1)?,
                blocked: row.get(2)?,
            },
            whole: match row.get_ref(0)?.as_blob_or_null()? {
                Some(data) => Whole::Row(data),
                None => Whole::Pile,
            },
        })
    }
}

impl Index {
    /// Visits the lines of the items that a query's conditions leave, in the order of kind and id.
    /// Readiness is that at `now_ms` (milliseconds since the Unix epoch).
    pub fn lines(
        &self,
        narrow: &Conditions,
        now_ms: u64,
        mut visit: impl FnMut(Line<'_>) -> Result<()>,
    ) -> Result<()> {
        self.evaluate_at(now_ms)?;
        let (sql, args) = question(narrow, LINE, "item");
        let args = params_from_iter(args);
        self.ask(|db| read_all(db, &sql, args, |row| visit(Line::read(row, now_ms)?)))
    }

    /// As [`Index::lines`], where many items may only be counted: of those that are alike in all
    /// columns of a line, `visit` gets the first `most` one by one (the last closed first, else by
    /// id), and the others at once, with their number. In no order. False if the conditions are about
    /// other columns.
    pub fn piles(
        &self,
        narrow: &Conditions,
        now_ms: u64,
        most: usize,
        mut visit: impl FnMut(Line<'_>, usize) -> Result<()>,
    ) -> Result<bool> {
        let of_others = narrow.epics || narrow.types.is_some() || narrow.epic.is_some();
        if narrow.ready || narrow.conflicted || of_others {
            return Ok(false);
        }
        self.evaluate_at(now_ms)?;
        // In the order of the columns that `LINE` names.
        let columns = "NULL,0,blocked,kind,status,priority,held,NULL,open,timed,n";
        let (sql, args) = question(narrow, columns, "pile");
        let few = format!(
            "SELECT {LINE} FROM item INDEXED BY item_pile WHERE deleted=0 AND blocked=? AND kind=?
             AND status=? AND priority=? AND held=? AND open=? AND (defer IS NOT NULL)=?
             ORDER BY closed DESC, rank LIMIT ?"
        );
        self.ask(|db| {
            let mut all = db.prepare_cached(&sql)?;
            let mut rows = all.query(params_from_iter(args))?;
            while let Some(row) = rows.next()? {
                let alike = [2, 3, 4, 5, 6, 8, 9].map(|n| row.get::<_, Value>(n));
                let mut alike = alike
                    .into_iter()
                    .collect::<std::result::Result<Vec<_>, _>>()?;
                // Whether those with a time are put off depends on the moment.
                let timed: bool = row.get(9)?;
                let all = usize::try_from(row.get::<_, i64>(10)?).unwrap_or(0);
                let shown = if timed { all } else { all.min(most) };
                alike.push(Value::from(i64::try_from(shown).unwrap_or(i64::MAX)));
                let mut first = db.prepare_cached(&few)?;
                let mut first = first.query(params_from_iter(alike))?;
                while let Some(row) = first.next()? {
                    visit(Line::read(row, now_ms)?, 1)?;
                }
                if all > shown {
                    visit(Line::read(row, now_ms)?, all - shown)?;
                }
            }
            Ok(true)
        })
    }

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
        let columns = match narrow.marks {
            true => "data,ready,blocked",
            false => "data",
        };
        let (sql, args) = question(narrow, columns, "item");
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

/// The SQL of the conditions on `item` or `pile`. User input is only in the arguments.
fn question(narrow: &Conditions, columns: &str, table: &str) -> (String, Vec<Value>) {
    let of_items = table == "item";
    let mut wheres: Vec<String> = Vec::new();
    let mut args: Vec<Value> = Vec::new();
    // Fewer have a mark, or are in an epic, than are of a common type.
    let is_marked = narrow.ready || narrow.blocked || narrow.epic.is_some();
    let is_typed = narrow.open_type().is_some() && !is_marked;
    // The index of the few rows with a mark: SQLite does not know that they are few.
    let by = match narrow {
        _ if !of_items => "",
        Conditions { held: true, .. } => " INDEXED BY item_held",
        Conditions {
            conflicted: true, ..
        } => " INDEXED BY item_conflicted",
        Conditions { epics: true, .. } => " INDEXED BY item_epics",
        _ if is_typed => " INDEXED BY item_type",
        _ => "",
    };
    for (on, condition) in [
        // Open items were not deleted either.
        (of_items && narrow.open != Some(true), "deleted=0"),
        (narrow.held, "held=1"),
        (narrow.conflicted, "conflicted=1"),
        (narrow.epics, "epics=1"),
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
    if let Some(types) = &narrow.types {
        let values = types.iter().cloned().map(Value::from).collect();
        // With a sign, SQLite does not choose the index of types by itself.
        any_of(if is_typed { "type" } else { "+type" }, values);
    }
    if let Some(epic) = &narrow.epic {
        any_of("epic", vec![epic.as_str().to_string().into()]);
    }
    if let Some((least, most)) = narrow.priority {
        let number = |n: usize| Value::from(i64::try_from(n).unwrap_or(i64::MAX));
        wheres.push("priority BETWEEN ? AND ?".into());
        args.extend([number(least), number(most)]);
    }
    if let Some((kind, rank)) = narrow.after.as_ref().filter(|_| of_items) {
        wheres.push("(kind, rank)>=(?, ?)".into());
        args.extend([Value::from(*kind as i64), Value::from(rank.clone())]);
    }
    let order = if of_items { " ORDER BY kind, rank" } else { "" };
    if !of_items {
        wheres.push("n>0".into());
    }
    let sql = format!(
        "SELECT {columns} FROM {table}{by} WHERE {}{order}",
        wheres.join(" AND ")
    );
    (sql, args)
}
