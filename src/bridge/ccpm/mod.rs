//! `import ccpm`: PRDs, epics and tasks as Markdown files under `.claude/`, and the analyses that
//! divide a task into streams.

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
use crate::error::{Error, Hint, Result};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::store::state::State;

use analysis_streams::{stream, streams};
use ccpm_content::{epic, prd, task};

/// The name of the tool.
pub const SOURCE: &str = "ccpm";

/// Task ids by epic and number, which is that of the file or that at the forge.
type Numbers = BTreeMap<(String, u64), String>;

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
        .because("import.not_importable")
        .hint("specify its folder"));
    };
    let root = folder(&pm.import_root(path))?;
    let mut read = files::Files::default();
    for part in ["prds", "epics", "archived"] {
        let folder = root.join(part);
        if !folder.is_dir() {
            continue;
        }
        let below = files::read(&folder, ".md")?;
        read.files.extend(below.files.into_iter().map(|file| File {
            path: format!("{part}/{}", file.path),
            ..file
        }));
        read.skipped.extend(below.skipped);
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
            .because("import.not_importable")
            .about(&file.path)
            .hint(Hint::run(export, "writes a layout that can be imported"))
            .hint(Hint::run(backup, "saves a complete state")));
    }
    let (mut project, numbers) = project(&read.files, root.display().to_string());
    project.report.skipped.extend(read.skipped);
    let read = |known: &Known<'_>, record: &Foreign<'_>, notes: &mut Vec<String>| {
        let raw = Raw::read(record.raw);
        Some(match record.kind {
            ItemKind::Prd => prd(record, &raw),
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
    pm.import_project(&project, &read, &write, options)
}

fn folder(root: &Path) -> Result<PathBuf> {
    let is = |path: &Path| path.join("epics").is_dir() || path.join("prds").is_dir();
    let inside = root.join(".claude");
    [root.to_path_buf(), inside]
        .into_iter()
        .find(|path| is(path))
        .ok_or_else(|| {
            Error::not_found(format!("{} contains no ccpm project", root.display()))
                .because("import.not_found")
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

/// Reads the files into records: PRDs, then each epic with its tasks.
fn project(files: &[File], place: String) -> (Project, Numbers) {
    let mut project = Project::new(SOURCE, SOURCE, place);
    let mut numbers = Numbers::new();
    let mut epics: BTreeMap<(String, bool), Vec<&File>> = BTreeMap::new();
    for file in files {
        let (name, archived) = match file.folders()[..] {
            ["prds"] => {
                let id = format!("prd/{}", file.stem());
                add(&mut project, file, ItemKind::Prd, id, false);
                continue;
            }
            ["epics", "archived" | ".archived", name] | ["archived", name] => (name, true),
            ["epics", name] => (name, false),
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
        // 10 comes after 9.
        let mut tasks = files.clone();
        tasks.sort_by_key(|file| file.stem().parse::<u64>().ok());
        for file in tasks {
            if file.stem().bytes().all(|b| b.is_ascii_digit()) {
                add_task(&mut project, &mut numbers, name, *archived, file, files);
            }
        }
    }
    (project, numbers)
}

fn add(project: &mut Project, file: &File, kind: ItemKind, id: String, archived: bool) {
    let front = Front::read(&file.text);
    project.push(Record {
        file: file.path.clone(),
        id,
        kind,
        at_ms: changed_at(&front),
        raw: Raw::write(archived, None, &file.text, ""),
        written_from: written_from(&front),
    });
}

fn add_task(
    project: &mut Project,
    numbers: &mut Numbers,
    epic: &str,
    archived: bool,
    file: &File,
    all: &[&File],
) {
    let front = Front::read(&file.text);
    let id = format!("{epic}/{}", file.stem());
    let forge = front.text("github").and_then(forge_number);
    for number in [file.stem().parse().ok(), forge].into_iter().flatten() {
        numbers
            .entry((epic.to_string(), number))
            .or_insert_with(|| id.clone());
    }
    let names = [Some(file.stem().to_string()), forge.map(|n| n.to_string())];
    let analysis = all.iter().find(|other| {
        let stem = other.stem().strip_suffix("-analysis");
        stem.is_some_and(|stem| names.iter().flatten().any(|name| name == stem))
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
    if streams.len() < 2 {
        return;
    }
    let word = front.text("status").unwrap_or_default();
    let above = match foreign_words::status(word) {
        Some("done") => "done",
        Some("cancelled") => "cancelled",
        _ if archived => "done",
        _ => "queued",
    };
    let analysed = analysis.map(|a| Front::read(&a.text));
    let analysed = analysed
        .as_ref()
        .and_then(|a| foreign_words::time(a.text("analyzed")?));
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
