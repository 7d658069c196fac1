//! `import backlog`: the folder of Backlog.md, one Markdown file for each task.

mod task;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ImportFrom;
use super::content::Foreign;
use super::project::files::{self, File};
use super::project::front_matter::Front;
use super::project::{Known, Project, Record, foreign_words};
use super::transfer_report::{ImportOptions, ImportReport};
use crate::bridge;
use crate::bridge::project;
use crate::error::{Error, Reason, Result};
use crate::model::id::ItemKind;
use crate::pm::Pm;

use task::{milestone, task, title_of};

/// The name of the tool.
pub const SOURCE: &str = "backlog";

const DIALECT: &str = "Backlog.md";

/// Paths that a worktree with such a project has.
pub(super) const PLACES: [&str; 3] = ["backlog/tasks", ".backlog/tasks", "backlog.config.yml"];

/// The names of its configuration in its folder.
const CONFIGS: [&str; 2] = ["config.yml", "config.yaml"];

const FOLDERS: &[(&str, Place)] = &[
    ("tasks", Place::Tasks),
    ("completed", Place::Completed),
    ("drafts", Place::Drafts),
    ("archive/tasks", Place::Archive),
    ("archive/drafts", Place::Archive),
];

/// The front matter of a task that is imported.
const TASK: &str = "id title status assignee reporter created_date updated_date due_date labels \
                    milestone dependencies references documentation modified_files parent_task_id \
                    priority type";

/// The meaning of a folder for the tasks in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Tasks,
    Completed,
    Drafts,
    Archive,
}

impl Place {
    fn word(self) -> &'static str {
        match self {
            Place::Tasks => "tasks",
            Place::Completed => "completed",
            Place::Drafts => "drafts",
            Place::Archive => "archive",
        }
    }

    fn of_word(word: &str) -> Place {
        let all = [Place::Completed, Place::Drafts, Place::Archive];
        let found = all.into_iter().find(|place| place.word() == word);
        found.unwrap_or(Place::Tasks)
    }
}

/// Imports the tasks and milestones of a project, or one task from a reader.
pub(super) fn import(
    pm: &Pm,
    from: ImportFrom<'_>,
    options: &ImportOptions,
) -> Result<ImportReport> {
    let (project, statuses) = match from {
        ImportFrom::Path(path) => {
            let above = bridge::import_root(pm, path);
            let root = folder(&above)?;
            for other in ["backlog", ".backlog"].map(|name| above.join(name)) {
                if other.join("tasks").is_dir() && other != root && above != root {
                    let other = other.display();
                    pm.notice(format!(
                        "{other} was not imported; `git pm import backlog {other}` does that"
                    ));
                }
            }
            (project(&root)?, statuses(&root))
        }
        ImportFrom::Reader(reader) => {
            let mut project = Project::new(SOURCE, DIALECT, "-".into());
            add(&mut project, &files::from_reader(reader)?, Place::Tasks);
            (project, Vec::new())
        }
    };
    let epics = project.records.iter();
    let epics = epics.filter(|record| record.kind == ItemKind::Epic);
    let names: BTreeMap<String, String> = epics
        .flat_map(|record| {
            let title = title_of(&record.raw, &record.id);
            [&record.id, &title].map(|name| (foreign_words::plain(name), record.id.clone()))
        })
        .collect();
    let read = |known: &Known<'_>, record: &Foreign<'_>, notes: &mut Vec<String>| {
        Some(match record.kind {
            ItemKind::Epic => milestone(record),
            _ => task(known, record, &statuses, &names, notes),
        })
    };
    project::import_project(pm, &project, &read, &|_, _| None, options)
}

/// Reads the records of a project.
fn project(root: &Path) -> Result<Project> {
    let read = files::read(root, "")?;
    let mut project = Project::new(SOURCE, DIALECT, root.display().to_string());
    let single = root.is_file();
    for (folder, place) in FOLDERS {
        for file in &read.files {
            if single && *place == Place::Tasks || Path::new(&file.path).starts_with(folder) {
                add(&mut project, file, *place);
            }
        }
    }
    for file in &read.files {
        if Path::new(&file.path).starts_with("milestones") {
            add_milestone(&mut project, file);
        }
    }
    oldest_first(&mut project.records);
    for other in ["docs", "decisions"] {
        let files = read.files.iter();
        let count = files
            .filter(|file| Path::new(&file.path).starts_with(other))
            .count();
        if count > 0 {
            let shown = root.file_name().unwrap_or_default().to_string_lossy();
            project.warn(format!(
                "files in {other}/ that are not tasks: {count}; `git pm import learnings \
                 {shown}/{other}` imports those with front matter"
            ));
        }
    }
    let is_noted = |path: &str| {
        let is_below = |folder| Path::new(path).starts_with(folder);
        CONFIGS.contains(&path) || is_below("docs") || is_below("decisions")
    };
    project.account_for(read, is_noted, "tasks and milestones");
    Ok(project)
}

/// The text of a file of configuration; empty if there is none.
fn config(path: &Path) -> String {
    let text = files::is_plain(path).then(|| std::fs::read_to_string(path).ok());
    text.flatten().unwrap_or_default()
}

/// The folder of a project: the given one, or one in it.
fn folder(root: &Path) -> Result<PathBuf> {
    if root.is_file() || root.join("tasks").is_dir() {
        return Ok(root.to_path_buf());
    }
    let config = Front::of_fields(&config(&root.join("backlog.config.yml")));
    let named = config.text("backlog_directory").map(PathBuf::from);
    // A configured path must not lead out of the project.
    let named = named.filter(|path| {
        let plain = |part| matches!(part, std::path::Component::Normal(_));
        path.components().all(plain)
    });
    let mut places = named
        .into_iter()
        .chain(["backlog".into(), ".backlog".into()]);
    let found = places.find(|place: &PathBuf| root.join(place).is_dir());
    let found = found.map(|place| root.join(place)).ok_or_else(|| {
        Error::not_found(format!("{} contains no Backlog.md project", root.display()))
            .because(Reason::ImportNotFound)
            .hint("specify the folder that contains `tasks/`: `git pm import backlog PATH`")
    })?;
    files::inside(root, found)
}

/// The statuses in the project's configuration, in their order.
fn statuses(root: &Path) -> Vec<String> {
    let above = root.parent().map(|above| above.join("backlog.config.yml"));
    let inside = CONFIGS.map(|name| root.join(name));
    for path in inside.into_iter().chain(above) {
        let config = Front::of_fields(&config(&path));
        let list = config.list("statuses");
        if !list.is_empty() {
            return list.into_iter().map(str::to_string).collect();
        }
    }
    Vec::new()
}

/// The canonical form of an id: lower case, numbers without leading zeros.
fn canonical(id: &str) -> String {
    let (prefix, numbers) = match id.trim().rsplit_once('-') {
        Some((prefix, numbers)) => (prefix.to_lowercase() + "-", numbers),
        None => (String::new(), id.trim()),
    };
    let numbers: Vec<&str> = numbers
        .split('.')
        .map(|n| match n.trim_start_matches('0') {
            "" if !n.is_empty() => "0",
            n => n,
        })
        .collect();
    format!("{prefix}{}", numbers.join(".").to_lowercase())
}

/// A raw record: a line with the folder of the file, then the file.
fn raw(place: Place, text: &str) -> String {
    format!("{}/\n{text}", place.word())
}

fn parts(raw: &str) -> (Place, &str) {
    match raw.split_once("/\n") {
        Some((word, text)) => (Place::of_word(word), text),
        None => (Place::Tasks, raw),
    }
}

/// Sorts records with the same id by the creation time of their files: the id of an archived task
/// is reused, and each record must keep its item when the next one is archived.
fn oldest_first(records: &mut [Record]) {
    let mut same: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (n, record) in records.iter().enumerate() {
        same.entry(record.id.clone()).or_default().push(n);
    }
    for places in same.into_values().filter(|places| places.len() > 1) {
        let mut sorted: Vec<Record> = places.iter().map(|n| records[*n].clone()).collect();
        sorted.sort_by_key(|record| {
            let (place, text) = parts(&record.raw);
            let made = Front::read(text)
                .text("created_date")
                .and_then(foreign_words::time);
            (made, place != Place::Archive, record.file.clone())
        });
        for (n, record) in places.into_iter().zip(sorted) {
            records[n] = record;
        }
    }
}

fn add(project: &mut Project, file: &File, place: Place) {
    // The tool creates it in every folder.
    if file.stem().eq_ignore_ascii_case("readme") {
        return;
    }
    let front = Front::read(&file.text);
    let named = file.stem().split_once(" - ").map(|(id, _)| id);
    let id = front.text("id").or(named).map(canonical);
    let Some(id) = id.filter(|id| id.contains(|c: char| c.is_ascii_digit())) else {
        project.skip(&file.path, "has no id");
        return;
    };
    project.unread.extend(front.names_beyond(&[TASK]));
    let time = |name| front.text(name).and_then(foreign_words::time);
    project.records.push(Record {
        file: file.path.clone(),
        id,
        kind: ItemKind::Task,
        at_ms: time("updated_date").or_else(|| time("created_date")),
        raw: raw(place, &titled(file, &front)),
        written_from: None,
    });
}

/// The file's text, with the title from its name if the front matter has none.
fn titled(file: &File, front: &Front) -> String {
    let named = file.stem().split_once(" - ").map(|(_, title)| title);
    match named.filter(|_| front.text("title").is_none()) {
        Some(title) => {
            let title = title.replace('-', " ").replace('"', "'");
            let rest = file.text.strip_prefix("---\n").unwrap_or(&file.text);
            format!("---\ntitle: \"{title}\"\n{rest}")
        }
        None => file.text.clone(),
    }
}

fn add_milestone(project: &mut Project, file: &File) {
    if file.stem().eq_ignore_ascii_case("readme") {
        return;
    }
    let Some((id, _)) = file.stem().split_once(" - ") else {
        project.skip(&file.path, "its name has no id");
        return;
    };
    let front = Front::read(&file.text);
    project.unread.extend(front.names_beyond(&["id title"]));
    project.records.push(Record {
        file: file.path.clone(),
        id: canonical(id),
        kind: ItemKind::Epic,
        at_ms: None,
        raw: titled(file, &front),
        written_from: None,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_compared_without_case_and_zeros() {
        for (id, expected) in [
            ("task-8", "task-8"),
            ("BACK-1", "back-1"),
            ("task-24.02", "task-24.2"),
            ("my-task-007", "my-task-7"),
            ("8", "8"),
            ("task-0", "task-0"),
        ] {
            assert_eq!(canonical(id), expected);
        }
    }
}
