//! `import ccpm`: PRDs, epics and tasks as Markdown files under `.claude/`.
//!
//! The analyses that divide a task into streams are imported too.

mod analysis_streams;
mod ccpm_content;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::ImportFrom;
use super::content::Foreign;
use super::export::markdown::ccpm_layout;
use super::project::files::{self, File};
use super::project::front_matter::Front;
use super::project::{Known, Project, Record, foreign_words};
use super::transfer_report::{ImportOptions, ImportReport};
use crate::bridge;
use crate::bridge::project;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::state::State;

use analysis_streams::{stream, streams};
use ccpm_content::{epic, prd, task, with_block};

/// The name of the tool.
pub const SOURCE: &str = "ccpm";

/// Task ids by epic and number, which is that of the file or that at the forge.
type Numbers = BTreeMap<(String, u64), String>;

/// The folder of an epic in which some projects have its tasks.
const TASKS: &str = "tasks";

/// The front matter that is imported, and that of tasks besides.
const COMMON: &str = "name title description status created updated closed due defer github effort priority \
                      assignee created_by stream reason estimate points risk validation labels \
                      external_refs paths prd pm";
const TASK: &str = "depends_on conflicts_with parent bug_for type";

/// Imports PRDs, epics and tasks; a task that an analysis divides into streams gets a part for each
/// of them.
pub(super) fn import(
    pm: &Pm,
    from: ImportFrom<'_>,
    options: &ImportOptions,
) -> Result<ImportReport> {
    let ImportFrom::Path(path) = from else {
        return Err(Error::usage(
            "a ccpm project is a folder and cannot be read from standard input",
        )
        .because(Reason::ImportNotImportable)
        .hint("specify its folder"));
    };
    let above = bridge::import_root(pm, path);
    let root = folder(&above)?;
    let mut read = files::Files::default();
    for part in ["prds", "epics", "archived"] {
        let folder = root.join(part);
        if !folder.is_dir() {
            continue;
        }
        let below = files::read(&files::inside(&above, folder)?, &format!("{part}/"))?;
        read.files.extend(below.files);
        read.skipped.extend(below.skipped);
        read.others.extend(below.others);
    }
    let exported = read.files.iter().find(|file| {
        let front = Front::read(&file.text);
        front.has("uid") && front.has("auto_policy")
    });
    if let Some(file) = exported {
        let message = format!(
            "{} is from an export with `--layout tasks`, which cannot be imported",
            file.path
        );
        let export = ["export", "md", "FOLDER"];
        let backup = ["backup", "create"];
        return Err(Error::usage(message)
            .because(Reason::ImportNotImportable)
            .about(&file.path)
            .hint(Hint::run(export, "writes a layout that can be imported"))
            .hint(Hint::run(backup, "saves a complete state")));
    }
    let (mut project, numbers, analyses) = project(&read.files, root.display().to_string());
    let is_noted = |path: &str| analyses.iter().any(|analysis| analysis == path);
    project.account_for(read, is_noted, "PRDs, epics and tasks");
    let what = "analyses, of which only scope, files and order of the streams are imported";
    project.report.leave_out(&analyses, what);
    let read = |known: &Known<'_>, record: &Foreign<'_>, notes: &mut Vec<String>| {
        let raw = Raw::read(record.raw);
        Some(match record.kind {
            ItemKind::Prd => prd(known, record, &raw, notes),
            ItemKind::Epic => epic(known, record, &raw, notes),
            _ if raw.part => stream(known, record, &raw, notes),
            _ => task(known, record, &raw, &numbers, notes),
        })
    };
    let names = OnceCell::new();
    let write = |state: &State<'_>, uid: &Uid| {
        let names = names.get_or_init(|| ccpm_layout::Names::of(state));
        let text = ccpm_layout::text(state, names, state.item(uid)?)?;
        Some(Raw::write(false, None, &text, ""))
    };
    project::import_project(pm, &project, &read, &write, options)
}

fn folder(root: &Path) -> Result<PathBuf> {
    let is = |path: &Path| path.join("epics").is_dir() || path.join("prds").is_dir();
    let inside = root.join(".claude");
    [root.to_path_buf(), inside]
        .into_iter()
        .find(|path| is(path))
        .ok_or_else(|| {
            Error::not_found(format!("{} contains no ccpm project", root.display()))
                .because(Reason::ImportNotFound)
                .hint("specify the folder that contains `epics/`: `git pm import ccpm PATH`")
        })
}

/// A raw record: a line about its place, then the file, then its analysis.
struct Raw<'r> {
    archived: bool,
    /// It is a stream of a task.
    part: bool,
    /// The status of the task that a stream belongs to.
    above: &'r str,
    text: &'r str,
    analysis: &'r str,
}

impl<'r> Raw<'r> {
    fn write(archived: bool, above: Option<&str>, text: &str, analysis: &str) -> String {
        let place = if archived { "archived" } else { "epics" };
        let above = above.unwrap_or("-");
        format!("{place} {above} {}\n{text}{analysis}", text.len())
    }

    fn read(raw: &'r str) -> Raw<'r> {
        let (head, rest) = raw.split_once('\n').unwrap_or(("", raw));
        let mut words = head.split(' ');
        let archived = words.next() == Some("archived");
        let above = words.next().unwrap_or("-");
        let length = words.next().and_then(|n| n.parse().ok());
        let length = length.filter(|n| rest.is_char_boundary(*n));
        let (text, analysis) = rest.split_at(length.unwrap_or(rest.len()));
        Raw {
            archived,
            part: above != "-",
            above,
            text,
            analysis,
        }
    }
}

/// Reads the files into records: PRDs, then each epic with its tasks. Returns also the paths of the
/// analyses that have streams.
fn project(files: &[File], place: String) -> (Project, Numbers, Vec<String>) {
    let mut project = Project::new(SOURCE, SOURCE, place);
    let mut numbers = Numbers::new();
    let mut epics: BTreeMap<(String, bool), Vec<&File>> = BTreeMap::new();
    let mut analyses = Vec::new();
    for file in files {
        let (name, archived) = match file.folders()[..] {
            ["prds"] => {
                let id = format!("prd/{}", file.stem());
                add(&mut project, file, ItemKind::Prd, id, false);
                continue;
            }
            ["epics", "archived" | ".archived", name]
            | ["epics", "archived" | ".archived", name, TASKS]
            | ["archived", name]
            | ["archived", name, TASKS] => (name, true),
            ["epics", name] | ["epics", name, TASKS] => (name, false),
            // Notes, reports and files of other tools.
            _ => continue,
        };
        let epic = epics.entry((name.to_string(), archived)).or_default();
        epic.push(file);
    }
    for ((name, archived), files) in &epics {
        if let Some(epic) = files.iter().find(|file| file.stem() == "epic") {
            let id = format!("epic/{name}");
            add(&mut project, epic, ItemKind::Epic, id, *archived);
        }
        let tasks = files.iter().copied().filter(|file| is_task(file));
        let mut tasks: Vec<&File> = tasks.collect();
        // 10 comes after 9.
        tasks.sort_by_key(|file| leading(file.stem()).parse::<u64>().ok());
        for file in tasks {
            let (project, numbers) = (&mut project, &mut numbers);
            analyses.extend(add_task(project, numbers, name, *archived, file, files));
        }
    }
    (project, numbers, analyses)
}

/// True for a file that ccpm's own scripts take for a task.
fn is_task(file: &File) -> bool {
    !leading(file.stem()).is_empty() && !file.stem().ends_with("-analysis")
}

/// The digits at the beginning of a name.
fn leading(stem: &str) -> &str {
    let rest = stem.trim_start_matches(|c: char| c.is_ascii_digit());
    &stem[..stem.len() - rest.len()]
}

fn add(project: &mut Project, file: &File, kind: ItemKind, id: String, archived: bool) {
    let front = Front::read(&file.text);
    project.unread.extend(front.names_beyond(&[COMMON]));
    project.push(Record {
        file: file.path.clone(),
        id,
        kind,
        at_ms: changed_at(&front),
        raw: Raw::write(archived, None, &file.text, ""),
        written_from: written_from(&front),
    });
}

/// Adds a task and its streams; returns the path of its analysis.
fn add_task(
    project: &mut Project,
    numbers: &mut Numbers,
    epic: &str,
    archived: bool,
    file: &File,
    all: &[&File],
) -> Option<String> {
    let front = with_block(Front::read(&file.text), &file.text);
    project.unread.extend(front.names_beyond(&[COMMON, TASK]));
    // A task in the folder of tasks is not the one of that name beside it.
    let path = file.path.rsplit_once(&format!("/{epic}/"));
    let path = path.map_or(file.stem(), |(_, path)| path.trim_end_matches(".md"));
    let id = format!("{epic}/{path}");
    let forge = front.text("github").and_then(forge_number);
    let digits = leading(file.stem());
    for number in [digits.parse().ok(), forge].into_iter().flatten() {
        numbers
            .entry((epic.to_string(), number))
            .or_insert_with(|| id.clone());
    }
    let names = [file.stem(), digits].map(|name| Some(name.to_string()));
    let names = names.into_iter().chain([forge.map(|n| n.to_string())]);
    let names: Vec<String> = names.flatten().collect();
    let analysis = all.iter().find(|other| {
        let stem = other.stem().strip_suffix("-analysis");
        stem.is_some_and(|stem| names.iter().any(|name| name == stem))
    });
    let streams = analysis.map(|a| streams(&a.text)).unwrap_or_default();
    let at_ms = changed_at(&front);
    // One stream alone is the task itself.
    let own = match (analysis, streams.len()) {
        (Some(analysis), 1) => analysis.text.as_str(),
        _ => "",
    };
    project.push(Record {
        file: file.path.clone(),
        id: id.clone(),
        kind: ItemKind::Task,
        at_ms,
        raw: Raw::write(archived, None, &file.text, own),
        written_from: written_from(&front),
    });
    let analysis = analysis.filter(|_| !streams.is_empty())?;
    let analysed = Front::read(&analysis.text);
    project
        .unread
        .extend(analysed.names_beyond(&["issue title analyzed"]));
    if streams.len() < 2 {
        return Some(analysis.path.clone());
    }
    let word = front.text("status").unwrap_or_default();
    let above = match foreign_words::status(word) {
        Some("done") => "done",
        Some("cancelled") => "cancelled",
        _ if archived => "done",
        _ => "queued",
    };
    let analysed = analysed.text("analyzed").and_then(foreign_words::time);
    for stream in streams {
        project.push(Record {
            file: file.path.clone(),
            id: format!("{id}/{}", stream.letter),
            kind: ItemKind::Task,
            // It is closed with its task.
            at_ms: at_ms.max(analysed),
            raw: Raw::write(archived, Some(above), &stream.written, ""),
            written_from: None,
        });
    }
    Some(analysis.path.clone())
}

fn changed_at(front: &Front) -> Option<u64> {
    let time = |name| front.text(name).and_then(foreign_words::time);
    time("updated").or_else(|| time("created"))
}

/// The item that a file was exported from, and its last change at that time.
fn written_from(front: &Front) -> Option<(Uid, String)> {
    let uid = ItemRef::parse(front.text("pm")?).uid?;
    Some((uid, front.text("updated").unwrap_or_default().to_string()))
}

/// The number at the end of an address such as `https://github.com/o/r/issues/12`.
fn forge_number(address: &str) -> Option<u64> {
    let (_, number) = address.rsplit_once(['/', '#'])?;
    number.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_record_reads_as_it_was_written() {
        let raw = Raw::write(true, None, "a\nb", "c");
        let back = Raw::read(&raw);
        assert_eq!((back.archived, back.part), (true, false));
        assert_eq!((back.text, back.analysis), ("a\nb", "c"));
        let raw = Raw::write(false, Some("done"), "é", "");
        let back = Raw::read(&raw);
        assert_eq!(
            (back.archived, back.part, back.above),
            (false, true, "done")
        );
    }
}
