//! `import taskmaster`: the file `tasks.json` of task-master, with or without tags.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};

use super::ImportFrom;
use super::content::{Content, Foreign};
use super::project::files::{self, STDIN};
use super::project::markdown::{Tick, ticks};
use super::project::{Known, Project, Record, foreign_words};
use super::transfer_report::{ImportOptions, ImportReport};
use crate::bridge;
use crate::bridge::project;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::ItemKind;
use crate::model::uid::Uid;
use crate::pm::Pm;

/// The name of the tool.
pub const SOURCE: &str = "taskmaster";

/// The paths of its file in a project, the newer one first.
pub(super) const PLACES: [&str; 2] = [".taskmaster/tasks/tasks.json", "tasks/tasks.json"];

/// The greatest size of the file, in bytes.
const FILE_MAX: usize = 64 * 1024 * 1024;

/// The keys of a task that are imported.
const KEYS: &str = "id title description status dependencies priority details testStrategy subtasks \
                    updatedAt acceptanceCriteria";

/// The tag of tasks in a file without tags.
const MASTER: &str = "master";

/// Imports the tasks of a file `tasks.json`.
pub(super) fn import(
    pm: &Pm,
    from: ImportFrom<'_>,
    options: &ImportOptions,
) -> Result<ImportReport> {
    let (text, place) = match from {
        ImportFrom::Reader(reader) => (files::text_of(STDIN, reader, FILE_MAX)?, "-".to_string()),
        ImportFrom::Path(path) => files::text_at(&file(&bridge::import_root(pm, path))?, FILE_MAX)?,
    };
    let project = read(&text, place)?;
    let read = |known: &Known<'_>, record: &Foreign<'_>, notes: &mut Vec<String>| {
        let task: Map<String, Json> = serde_json::from_str(record.raw).ok()?;
        Some(content(known, record, &task, notes))
    };
    project::import_project(pm, &project, &read, &|_, _| None, options)
}

fn file(root: &Path) -> Result<PathBuf> {
    if root.is_file() {
        return Ok(root.to_path_buf());
    }
    let inside = PLACES
        .iter()
        .chain(&["tasks.json"])
        .map(|place| root.join(place));
    let mut places = inside.filter(|file| file.is_file());
    let found = places.next().ok_or_else(|| {
        Error::not_found(format!(
            "{} contains no task-master tasks.json",
            root.display()
        ))
        .because(Reason::ImportNotFound)
        .hint(Hint::run(
            ["import", SOURCE, "PATH"],
            "imports another file",
        ))
    })?;
    files::inside(root, found)
}

/// Reads a file into records, tag by tag.
fn read(text: &str, place: String) -> Result<Project> {
    let json: Json = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| {
        Error::usage(format!("the file is not valid JSON: {e}"))
            .because(Reason::ImportInvalid)
            .hint("`task-master list` shows whether task-master can read it")
    })?;
    let Json::Object(all) = json else {
        return Err(no_tasks());
    };
    let mut project = Project::new(SOURCE, "task-master, without tags", place);
    if let Some(Json::Array(tasks)) = all.get("tasks") {
        add_all(&mut project, MASTER, tasks, &all);
        return Ok(project);
    }
    let mut tags = 0;
    for (tag, value) in &all {
        let Some(Json::Array(tasks)) = value.get("tasks") else {
            let shown = crate::model::text::one_line(tag);
            project.warn(format!("`{shown}` is not a tag with tasks"));
            continue;
        };
        tags += 1;
        let none = Map::new();
        let metadata = value.get("metadata").and_then(Json::as_object);
        add_all(&mut project, tag, tasks, metadata.unwrap_or(&none));
    }
    if tags == 0 {
        return Err(no_tasks());
    }
    project.report.dialect = format!("task-master, tags: {tags}");
    Ok(project)
}

fn no_tasks() -> Error {
    Error::usage("the file contains no task-master tasks")
        .because(Reason::ImportInvalid)
        .hint("the tasks of a project are in `.taskmaster/tasks/tasks.json`")
}

fn add_all(project: &mut Project, tag: &str, tasks: &[Json], metadata: &Map<String, Json>) {
    let whole = time(metadata, "updated");
    let names = metadata
        .keys()
        .filter(|name| !["tasks", "updated"].contains(&name.as_str()));
    let names = names.map(|name| format!("{tag}.{name}"));
    project.unread.extend(names);
    add_below(project, &format!("{tag}/"), tasks, whole);
}

/// Adds tasks, each with its subtasks. `above` is the beginning of their ids.
fn add_below(project: &mut Project, above: &str, tasks: &[Json], whole: Option<u64>) {
    for (n, task) in tasks.iter().enumerate() {
        let Some((id, object)) = identified(task) else {
            let place = format!("{above} entry {}", n + 1);
            project.skip(&place, "is not a task: it has no id");
            continue;
        };
        // Some files have the full id of a subtask.
        let own = id.rsplit_once('.').filter(|_| above.ends_with('.'));
        let id = format!("{above}{}", own.map_or(id.as_str(), |(_, own)| own));
        add(project, &id, object, whole);
        match object.get("subtasks") {
            Some(Json::Array(below)) => add_below(project, &format!("{id}."), below, whole),
            None | Some(Json::Null) => {}
            Some(_) => project.skip(&id, "has `subtasks` that are not a list"),
        }
    }
}

fn identified(task: &Json) -> Option<(String, &Map<String, Json>)> {
    let object = task.as_object()?;
    Some((object.get("id").and_then(word)?, object))
}

/// A text or a number as a text.
fn word(value: &Json) -> Option<String> {
    match value {
        Json::String(text) if !text.trim().is_empty() => Some(text.trim().to_string()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn time(object: &Map<String, Json>, name: &str) -> Option<u64> {
    foreign_words::time(object.get(name)?.as_str()?)
}

fn add(project: &mut Project, id: &str, task: &Map<String, Json>, whole: Option<u64>) {
    let names = (task.keys()).filter(|name| KEYS.split(' ').all(|known| known != *name));
    project.unread.extend(names.cloned());
    let mut alone = task.clone();
    alone.remove("subtasks");
    project.records.push(Record {
        file: id.to_string(),
        id: id.to_string(),
        kind: ItemKind::Task,
        at_ms: time(task, "updatedAt").or(whole),
        raw: Json::Object(alone).to_string(),
        written_from: None,
    });
}

fn content(
    known: &Known<'_>,
    record: &Foreign<'_>,
    task: &Map<String, Json>,
    notes: &mut Vec<String>,
) -> Content {
    let text = |name: &str| task.get(name).and_then(word).unwrap_or_default();
    for name in KEYS.split(' ') {
        let is_read = match (name, task.get(name).unwrap_or(&Json::Null)) {
            ("dependencies", Json::Array(list)) => list.iter().all(|one| word(one).is_some()),
            ("acceptanceCriteria", Json::Array(list)) => list.iter().all(Json::is_string),
            ("updatedAt", Json::String(text)) => foreign_words::time(text).is_some(),
            (_, value) => value.is_null() || value.is_string() || value.is_number(),
        };
        if !is_read {
            notes.push(format!("has `{name}` in an unknown form; left out"));
        }
    }
    let mut content = Content::default();
    content.put("title", foreign_words::title(&text("title"), record.id));
    content.put("type", "feature");
    let status = text("status");
    let ours = foreign_words::status(&status);
    if ours.is_none() && !status.is_empty() {
        foreign_words::unknown_status(&mut content, &status, notes);
    }
    foreign_words::approved_status(&status, notes);
    content.put("status", ours.unwrap_or("queued"));
    let priority = task.get("priority").and_then(word);
    foreign_words::put_priority(&mut content, priority.as_deref(), notes);
    if matches!(ours, Some("done" | "cancelled"))
        && let Some(at) = time(task, "updatedAt")
    {
        content.put("closed_at", crate::model::stamp::rfc3339(at));
    }
    let (tag, path) = record.id.rsplit_once('/').unwrap_or((MASTER, record.id));
    if tag != MASTER {
        foreign_words::put_label(&mut content, &format!("tag:{tag}"));
    }
    let parent = path.rsplit_once('.').map(|(parent, _)| parent);
    if let Some(parent) = parent {
        let (reference, _) = known.reference(&format!("{tag}/{parent}"));
        content.put_element("edges", format!("parent-child {reference}"));
    }
    for target in depends_on(task) {
        let id = match (parent, target.contains('.')) {
            // In a subtask, a number alone means a sibling.
            (Some(parent), false) => format!("{tag}/{parent}.{target}"),
            _ => format!("{tag}/{target}"),
        };
        known.put_dependency(&id, &mut content, notes);
    }
    acceptance(&mut content, &record.uid(), task);
    let mut body = vec![text("description")];
    for (name, heading) in [("details", "Details"), ("testStrategy", "Test strategy")] {
        let part = text(name);
        if !part.is_empty() {
            body.push(format!("## {heading}\n\n{part}"));
        }
    }
    body.retain(|part| !part.is_empty());
    content.body = body.join("\n\n");
    content
}

fn depends_on(task: &Map<String, Json>) -> Vec<String> {
    let list = match task.get("dependencies") {
        Some(Json::Array(list)) => list.as_slice(),
        one => one.map(std::slice::from_ref).unwrap_or_default(),
    };
    list.iter().filter_map(word).collect()
}

/// Reads criteria from a list, or from a text with tick boxes or one criterion per line.
fn acceptance(content: &mut Content, record: &Uid, task: &Map<String, Json>) {
    let plain = |text: &str| Tick {
        done: false,
        number: None,
        text: text
            .trim()
            .trim_start_matches(['-', '*'])
            .trim()
            .to_string(),
    };
    let mut all = match task.get("acceptanceCriteria") {
        Some(Json::Array(list)) => list.iter().filter_map(Json::as_str).map(plain).collect(),
        Some(Json::String(text)) => {
            let (boxes, rest) = ticks(text);
            let lines = rest.lines().map(plain);
            boxes.into_iter().chain(lines).collect()
        }
        _ => Vec::new(),
    };
    all.retain(|tick| !tick.text.is_empty());
    foreign_words::put_acceptance(content, record, "acceptance", &all);
}
