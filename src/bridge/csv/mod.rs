//! `import csv`: the exports of Jira and Linear, and spreadsheets.

mod comments;
mod criteria;
mod dates_and_estimates;
mod epics_above;
mod gh_issues;
mod own_rows;
mod resaved_cells;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Zoned;

use self::dates_and_estimates::Estimated;
use self::own_rows::OwnSheet;
use self::rows::{Row, Sheet};
use super::ImportFrom;
use super::content::{Content, Foreign};
use super::project::files::{self, STDIN};
use super::project::foreign_words::{self, plain};
use super::project::markdown::Tick;
use super::project::{self, Known, Project, Record, label_priority, left_texts};
use super::transfer_report::{ImportOptions, ImportReport, Skipped};
use crate::bridge;
use crate::error::Result;
use crate::model::id::ItemKind;
use crate::model::stamp::{DAY_MS, rfc3339};
use crate::model::text::{excerpt, one_line};
use crate::model::typed_due_date::DayEnd;
use crate::model::uid::Uid;
use crate::model::vocabulary::Risk;
use crate::pm::Pm;
use crate::store::state::State;

const JIRA: &str = "jira";
const LINEAR: &str = "linear";
const SHEET: &str = "csv";
const GITHUB: &str = "github";

/// Where a file comes from, as far as its columns say.
pub(super) const SOURCES: [&str; 4] = [JIRA, LINEAR, SHEET, GITHUB];

/// The greatest size of a file, in bytes.
const FILE_MAX: usize = 256 * 1024 * 1024;

/// The greatest length of a word of the file in a note, in characters.
const SHOWN_MAX: usize = 60;

/// The ids of records by what else names them: a number, a title.
type Aliases = BTreeMap<String, String>;

/// Imports the lines of a file.
pub(super) fn import(
    pm: &Pm,
    from: ImportFrom<'_>,
    options: &ImportOptions,
) -> Result<ImportReport> {
    let (text, place) = match from {
        ImportFrom::Reader(reader) => (files::text_of(STDIN, reader, FILE_MAX)?, "-".to_string()),
        ImportFrom::Path(path) => files::text_at(&bridge::import_root(pm, path), FILE_MAX)?,
    };
    let sheet = gh_issues::read(&text, options.repository.as_deref())?;
    let own = OwnSheet::new(pm, &sheet.heads);
    let (project, aliases) = {
        let state = pm.store.snapshot()?;
        read(sheet, place, &own, &state)?
    };
    let read = |known: &Known<'_>, record: &Foreign<'_>, notes: &mut Vec<String>| {
        let row = Row::new(serde_json::from_str(record.raw).ok()?);
        Some(content(known, record, &row, &aliases, notes))
    };
    let write = |state: &State<'_>, uid: &Uid| {
        let cells = own.cells(state, state.item(uid)?);
        Some(serde_json::json!(cells).to_string())
    };
    project::import_project(pm, &project, &read, &write, options)
}

/// Reads a file into records, epics first: what belongs to one has to find it.
fn read(
    sheet: Sheet,
    place: String,
    own: &OwnSheet<'_>,
    state: &State<'_>,
) -> Result<(Project, Aliases)> {
    let Sheet {
        source,
        heads,
        mut rows,
        skipped,
        left_out,
    } = sheet;
    comments::name_authors(&mut rows);
    let heads: BTreeSet<String> = heads.iter().map(|head| plain(head)).collect();
    let source = match source {
        Some(source) => source,
        None if heads.contains("issuekey") => JIRA,
        None if heads.contains("team") && heads.contains("id") => LINEAR,
        None => SHEET,
    };
    let unit = if source == GITHUB { "issue" } else { "line" };
    let mut project = Project::new(source, source, place);
    let is_named = |row: &Row| source == GITHUB && row.one("priority").is_some();
    let named = rows.iter().filter(|(_, row)| is_named(row)).count();
    project.report.warnings.extend(label_priority::told(named));
    if source == GITHUB {
        let open = rows
            .iter()
            .filter(|(_, row)| row.cell("state") == Some("OPEN"));
        let open = open.filter_map(|(_, row)| row.one("body"));
        project.report.warnings.extend(left_texts::told(open));
    }
    project.report.skipped = skipped;
    if left_out > 0 {
        project.warn(format!("pull requests, left out: {left_out}"));
    }
    let mut rows = own_first(&mut project, rows, own, state)?;
    let (mut aliases, mut at) = (Aliases::new(), BTreeMap::new());
    for (n, (_, row)) in rows.iter().enumerate() {
        for alias in [row.all("title"), row.all("alias*")].concat() {
            aliases.insert(plain(alias), row.id());
        }
        at.insert(row.id(), n);
    }
    aliases.extend(at.keys().map(|id| (plain(id), id.clone())));
    let is_one = |cell: &str| aliases.contains_key(&plain(cell));
    // The dependency is the other item's.
    for n in 0..rows.len() {
        let (id, blocks) = (rows[n].1.id(), rows[n].1.list("blocks*", is_one));
        let blocks: Vec<String> = blocks.into_iter().map(str::to_string).collect();
        for blocked in blocks {
            let Some(other) = aliases.get(&plain(&blocked)).and_then(|id| at.get(id)) else {
                project.warn(format!(
                    "{id} blocks {blocked}, which is not in the file; left out"
                ));
                continue;
            };
            let row = &rows[*other].1;
            if !row.list("waits for*", is_one).contains(&id.as_str()) {
                let mut cells = row.cells.clone();
                cells.push(("Blocked by".into(), id.clone()));
                rows[*other].1 = Row::new(cells);
            }
        }
    }
    let parents = |(_, row): &(usize, Row)| {
        let named = row.list("parent-child*", is_one).into_iter();
        let named = named.filter_map(|cell| at.get(aliases.get(&plain(cell))?));
        named.copied().collect::<Vec<usize>>()
    };
    let parents: Vec<Vec<usize>> = rows.iter().map(parents).collect();
    let kinds: Vec<ItemKind> = rows.iter().map(|(_, row)| kind(row)).collect();
    epics_above::add(&mut rows, &kinds, &parents);
    for ((line, row), kind) in rows.into_iter().zip(kinds) {
        project.unread.extend(row.unread());
        project.push(Record {
            file: format!("{unit} {line}"),
            id: row.id(),
            kind,
            at_ms: row.one("updated").and_then(time),
            raw: serde_json::json!(row.cells).to_string(),
            written_from: None,
        });
    }
    let groups = |record: &Record| match record.kind {
        ItemKind::Prd => 0,
        ItemKind::Epic => 1,
        _ => 2,
    };
    project.records.sort_by_key(groups);
    Ok((project, aliases))
}

/// The kind of item that a row becomes.
fn kind(row: &Row) -> ItemKind {
    match row.one("kind").or(row.one("type")).map(plain).as_deref() {
        Some("epic") => ItemKind::Epic,
        Some("prd") => ItemKind::Prd,
        _ => ItemKind::Task,
    }
}

/// Adds the rows of items of this project, and returns the others.
fn own_first(
    project: &mut Project,
    rows: Vec<(usize, Row)>,
    own: &OwnSheet<'_>,
    state: &State<'_>,
) -> Result<Vec<(usize, Row)>> {
    let mut others = Vec::new();
    for (line, row) in rows {
        match own.own(state, &row)? {
            None => others.push((line, row)),
            Some(Err(reason)) => {
                let skipped = Skipped::line(line, Some(&row.id()), reason);
                project.report.skipped.push(skipped);
            }
            Some(Ok(one)) => project.push(Record {
                file: format!("line {line}"),
                id: row.id(),
                kind: one.kind,
                at_ms: None,
                raw: serde_json::json!(one.row.cells).to_string(),
                written_from: Some((one.uid, one.seen)),
            }),
        }
    }
    Ok(others)
}

fn content(
    known: &Known<'_>,
    record: &Foreign<'_>,
    row: &Row,
    aliases: &Aliases,
    notes: &mut Vec<String>,
) -> Content {
    let mut content = Content::default();
    let title = row.one("title").unwrap_or_default();
    content.put("title", foreign_words::title(title, record.id));
    content.body = row.one("body").unwrap_or_default().replace("\r\n", "\n");
    content.put("created_by", row.one("reporter").map(foreign_words::person));
    content.put_element("external_refs", row.one("url").unwrap_or_default());
    foreign_words::put_priority(&mut content, row.one("priority"), notes);
    if record.source == GITHUB {
        let labels = row.list("labels*", |_| false);
        notes.extend(label_priority::contradiction(labels));
    }
    status(&mut content, record, row, notes);
    kind_and_estimate(&mut content, record, row, notes);
    dates(&mut content, known, record, row, notes);
    // At Jira there is one, and its name may have a comma.
    let people = match record.source {
        JIRA => row.all("assignee*"),
        _ => row.list("assignee*", |_| false),
    };
    foreign_words::put_assignee(&mut content, people, notes);
    for label in row.list("labels*", |_| false) {
        foreign_words::put_label(&mut content, label);
    }
    ours(&mut content, known, record, row, notes);
    for name in Row::labels() {
        for one in row.list(&format!("{name}:*"), |_| false) {
            foreign_words::put_label(&mut content, &format!("{name}:{one}"));
        }
    }
    let is_one = |cell: &str| aliases.contains_key(&plain(cell));
    for field in ["waits for", "parent-child", "related", "duplicates"] {
        for target in row.list(&format!("{field}*"), is_one) {
            edge(&mut content, known, record, aliases, (field, target), notes);
        }
    }
    for (nth, cell) in row.all("comment*").into_iter().enumerate() {
        content.comments.push(comments::comment(record, nth, cell));
    }
    content
}

/// The moment of a cell, if it is known.
fn time(text: &str) -> Option<u64> {
    foreign_words::time(&dates_and_estimates::date(text).ok()?)
}

/// Puts the times. What a cell means is told if it does not say so itself.
fn dates(
    content: &mut Content,
    known: &Known<'_>,
    record: &Foreign<'_>,
    row: &Row,
    notes: &mut Vec<String>,
) {
    for field in ["created_at", "closed_at", "due_at", "updated"] {
        let Some(text) = row.one(field) else { continue };
        if field == "closed_at" && dates_and_estimates::yes_or_no(text).is_some() {
            continue;
        }
        let date = dates_and_estimates::date(text);
        let stamp = match (field, &date) {
            (_, Err(_)) => None,
            ("due_at", Ok(text)) => due(record, text, known.now),
            (_, Ok(text)) => foreign_words::stamp_text(text),
        };
        let shown = excerpt(text, SHOWN_MAX);
        if let Some(day) = date.as_deref().ok().filter(|day| *day != text.trim()) {
            notes.push(format!(
                "has the number `{shown}` as a date; as in spreadsheets, it means {day}"
            ));
        }
        match stamp {
            None => {
                let why = date.err().map(|why| format!(": {why}")).unwrap_or_default();
                let what = format!("has a date in an unknown form, `{shown}`{why}");
                let name = field.trim_end_matches("_at");
                foreign_words::not_understood(content, (name, text), &what, notes);
            }
            Some(_) if field == "updated" => {}
            Some(stamp) => content.put(field, stamp),
        }
    }
}

/// The day on which work is due: trackers know no time of day, and write one that means nothing.
fn due(record: &Foreign<'_>, text: &str, now: &Zoned) -> Option<String> {
    // The first moment of the day in the user's zone, as UTC: its day is the nearest.
    let nearest = |ms: u64| rfc3339(ms + DAY_MS / 2);
    let day = match record.source {
        LINEAR => foreign_words::time(text).map(nearest)?,
        _ => text.to_string(),
    };
    foreign_words::day(&day, now, DayEnd::Last)
}

fn status(content: &mut Content, record: &Foreign<'_>, row: &Row, notes: &mut Vec<String>) {
    let word = row.one("status").unwrap_or_default();
    let category = row.one("category").and_then(foreign_words::status);
    let mut ours = foreign_words::status(word).or(category);
    let is_closed = matches!(ours, Some("done" | "cancelled"));
    // Work is finished in any column of a board.
    let is_column = |head: &str| {
        matches!(
            plain(head).as_str(),
            "section" | "sectioncolumn" | "listname"
        )
    };
    let is_board = row
        .cells
        .iter()
        .any(|(head, cell)| is_column(head) && cell.trim() == word);
    let was_closed =
        |text: &str| time(text).is_some() || dates_and_estimates::yes_or_no(text) == Some(true);
    let was_closed = row.one("closed_at").is_some_and(was_closed);
    if was_closed && !is_closed && (ours.is_none() || is_board) {
        if !word.is_empty() {
            let shown = foreign_words::put_status_label(content, word);
            notes.push(format!(
                "has the status `{shown}`, but was completed; imported as done"
            ));
        }
        ours = Some("done");
    } else if ours.is_none() && !word.is_empty() {
        foreign_words::unknown_status(content, word, notes);
    } else if !word.is_empty() && foreign_words::status(word).is_none() {
        foreign_words::put_status_label(content, word);
    }
    foreign_words::approved_status(word, notes);
    if let Some(resolution) = row.one("resolution").filter(|_| ours == Some("done")) {
        content.put("reason", one_line(resolution));
        let left = foreign_words::status(resolution).filter(|word| *word == "cancelled");
        ours = left.or(ours);
    }
    let status = match (record.kind, ours.unwrap_or("queued")) {
        (ItemKind::Task, ours) => ours,
        (_, "done" | "cancelled") => "closed",
        (_, "queued") => "open",
        (_, ours) => ours,
    };
    content.put("status", status);
}

fn kind_and_estimate(
    content: &mut Content,
    record: &Foreign<'_>,
    row: &Row,
    notes: &mut Vec<String>,
) {
    if record.kind == ItemKind::Issue {
        content.put("type", row.one("type"));
    }
    if record.kind == ItemKind::Task {
        content.infer("type", "feature");
        // Ours says `task`, which no type is.
        let kind = || {
            row.one("kind")
                .filter(|word| !matches!(plain(word).as_str(), "task" | "issue"))
        };
        let word = row.one("type").or_else(kind).unwrap_or_default();
        // Of an item that stays a task, whatever it became at its source.
        let word = match plain(word).as_str() {
            "epic" | "prd" => "task",
            _ => word,
        };
        match foreign_words::item_type(word) {
            Some(ours) => content.put("type", ours),
            None if word.is_empty() => {
                let labels = row.list("labels*", |_| false);
                if let Some(ours) = foreign_words::type_of_labels(labels) {
                    content.infer("type", ours);
                }
            }
            None => foreign_words::put_label(content, &format!("type:{word}")),
        }
    }
    // Jira exports whole seconds; a person may have written another form.
    let seconds = row.one("seconds").map(|text| match text.parse::<u32>() {
        Ok(seconds) => format!("{}m", seconds / 60),
        Err(_) => text.to_owned(),
    });
    let all = [row.one("estimate"), seconds.as_deref(), row.one("points")];
    for text in all.into_iter().flatten() {
        match (
            foreign_words::estimate(text),
            dates_and_estimates::estimate(text),
        ) {
            (Some(size), _) => content.put("estimate", size),
            (None, Some(Estimated::Points(points))) => content.put("points", points),
            (None, Some(Estimated::Minutes(minutes))) => content.put("estimated_minutes", minutes),
            (None, None) => {
                let shown = excerpt(text, SHOWN_MAX);
                if let Some(points) = dates_and_estimates::rounded_points(text) {
                    content.put("points", points);
                    notes.push(format!(
                        "has `{shown}` points; rounded up to {points}, as points are whole numbers"
                    ));
                    continue;
                }
                let what = format!("has an unknown estimate, `{shown}`");
                foreign_words::not_understood(content, ("estimate", text), &what, notes);
            }
        }
    }
}

/// Puts the fields that only our own export has.
fn ours(
    content: &mut Content,
    known: &Known<'_>,
    record: &Foreign<'_>,
    row: &Row,
    notes: &mut Vec<String>,
) {
    if let Some(text) = row.one("defer_until") {
        match foreign_words::day_or_time(text, known.now, DayEnd::First) {
            Some(until) => content.put("defer_until", until),
            None => {
                let what = format!(
                    "has a date in an unknown form, `{}`",
                    excerpt(text, SHOWN_MAX)
                );
                foreign_words::not_understood(content, ("defer", text), &what, notes);
            }
        }
    }
    if let Some(word) = row.one("risk") {
        match Risk::VOCABULARY.check(&word.to_lowercase()) {
            Ok(risk) => content.put("risk", risk),
            Err(_) => {
                let what = format!("has the unknown risk `{}`", excerpt(word, SHOWN_MAX));
                foreign_words::not_understood(content, ("risk", word), &what, notes);
            }
        }
    }
    content.put("stream", row.one("stream").map(one_line));
    let parts = |field| row.one(field).into_iter().flat_map(|cell| cell.split("; "));
    for path in parts("paths") {
        foreign_words::put_path(content, path, notes);
    }
    for one in parts("refs") {
        content.put_element("external_refs", one.trim());
    }
    let ticks: Vec<Tick> = row
        .one("acceptance")
        .map(criteria::read)
        .unwrap_or_default();
    foreign_words::put_acceptance(content, &record.uid(), "acceptance", &ticks);
}

/// Puts an edge to the record that a cell names by its id, its number or its title.
fn edge(
    content: &mut Content,
    known: &Known<'_>,
    record: &Foreign<'_>,
    aliases: &Aliases,
    (field, target): (&str, &str),
    notes: &mut Vec<String>,
) {
    let there = known.reference(target).1.then_some(target);
    let found = there.or_else(|| Some(aliases.get(&plain(target))?.as_str()));
    let Some(id) = found.or((!target.contains(' ')).then_some(target)) else {
        let target = excerpt(target, SHOWN_MAX);
        notes.push(format!(
            "names `{target}` ({field}), which is not in the file; left out"
        ));
        return;
    };
    let (reference, there) = known.reference(id);
    if id == record.id {
        notes.push(format!("names itself ({field}); left out"));
        return;
    }
    match field {
        "waits for" => return known.put_dependency(id, content, notes),
        "parent-child" if known.is_epic(id) => content.put("epic", reference),
        _ => content.put_element("edges", format!("{field} {reference}")),
    }
    if !there {
        notes.push(format!(
            "names {id} ({field}), which does not exist; the edge is kept"
        ));
    }
}
