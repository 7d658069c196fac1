//! Renders imports and exports.

use std::collections::BTreeMap;

use git_pm::trackers::{ExportReport, FileReport, FolderReport, ImportReport, Overruled, Skipped};

use git_pm::text::{excerpt, first_of, one_line};

use super::format::counted;
use super::limits;
use super::page::Page;
use super::style::Label;

/// The report of an import.
pub fn imported(page: &mut Page, report: &ImportReport) {
    for file in &report.files {
        page.text("Read ").put(Label::Path, file);
        page.line(format!(": {}.", report.dialect));
        if !page.verbose() {
            break;
        }
    }
    let all = if page.verbose() {
        usize::MAX
    } else {
        limits::IMPORT_LINES_MAX
    };
    for warning in report.warnings.iter().take(all) {
        page.put(Label::Warning, "note     ");
        place(page, None, warning.line, warning.id.as_deref());
        page.line(&warning.message);
    }
    more(page, report.warnings.len(), all);
    for (what, verb, list) in [
        ("override ", ", was ", &report.overridden),
        ("kept     ", ", newer than ", &report.kept),
    ] {
        for one in list.iter().take(all) {
            page.put(Label::Warning, what).put(Label::Id, &one.id);
            if let Some(words) = element(one) {
                page.line(format!(" {words}"));
                continue;
            }
            let [kept, lost] = values(one);
            page.text(" ").put(Label::Heading, &one.field).text(" is ");
            page.put(Label::Good, kept).text(verb);
            page.put(Label::Bad, lost).end();
        }
        more(page, list.len(), all);
    }
    for id in report.conflicts.iter().take(all) {
        page.put(Label::Warning, "conflict ").put(Label::Id, id);
        page.line(" has a text that changed on both sides; both versions are kept");
    }
    more(page, report.conflicts.len(), all);
    let (older, skipped): (Vec<&Skipped>, Vec<&Skipped>) =
        (report.skipped.iter()).partition(|one| one.is_older() && !page.verbose());
    if !older.is_empty() {
        let count = counted(older.len(), "older record");
        page.put(Label::Dim, "skipped  ");
        let ids = older
            .iter()
            .filter_map(|one| Some(one_line(one.id.as_deref()?)));
        let ids = first_of(&ids.collect::<Vec<String>>(), limits::OLDER_NAMED);
        let ids = match ids.is_empty() {
            true => String::new(),
            false => format!(" ({ids})"),
        };
        page.line(format!("{count}{ids}: the versions here are newer"));
    }
    for skipped in skipped.iter().take(all) {
        page.put(Label::Bad, "skipped  ");
        let line = Some(skipped.line).filter(|line| *line > 0);
        place(page, skipped.file.as_deref(), line, skipped.id.as_deref());
        page.line(&skipped.reason);
    }
    more(page, skipped.len(), all);
    let what = match &report.commit {
        _ if report.dry_run => "Would import",
        Some(_) if report.source == "github" => "Imported",
        Some(_) => "Imported as one commit",
        None => "Nothing was written",
    };
    page.line(format!("{what}: {}.", report.summary()));
    if let Some(prefix) = &report.issue_prefix {
        page.line(format!(
            "New issues get IDs {prefix}-…, like those in the file; \
             `git pm config --shared pm.issuePrefix NAME` changes that."
        ));
    }
    if !report.dry_run {
        let mut next = Vec::new();
        if !report.conflicts.is_empty() {
            next.push("git pm conflicts");
        }
        if !report.overridden.is_empty() {
            next.push("git pm log --conflicts");
        }
        page.next(&next);
    }
}

/// The greatest length of a value in a report, in characters.
const VALUE_MAX: usize = 60;

/// Two values in short form, from shortly before they differ.
fn values(one: &Overruled) -> [String; 2] {
    let [kept, lost] = [&one.kept, &one.lost].map(ToString::to_string);
    let both = kept.chars().zip(lost.chars());
    let same = both.take_while(|(kept, lost)| kept == lost).count();
    let from = same.saturating_sub(VALUE_MAX / 2);
    [kept, lost].map(|text| match text.char_indices().nth(from) {
        Some((at, _)) if at > 0 => excerpt(&format!("…{}", &text[at..]), VALUE_MAX),
        _ => excerpt(&text, VALUE_MAX),
    })
}

/// An element of a set that was added or removed, in words; none for other values.
fn element(one: &Overruled) -> Option<String> {
    let (set, element) = one.field.split_once('/')?;
    let (words, shown) = match set {
        // An id and a uid.
        "depends_on" => ("depends on", element.rsplit_once('-')?.0),
        "labels" => ("is labelled", element),
        _ => return None,
    };
    let shown = one_line(shown);
    Some(match one.kept.is_null() {
        true => format!("no longer {words} {shown}"),
        false => format!("{words} {shown}, was not"),
    })
}

fn place(page: &mut Page, file: Option<&str>, line: Option<usize>, id: Option<&str>) {
    if let Some(file) = file {
        page.put(Label::Path, file).text(" ");
    }
    if let Some(line) = line {
        page.text(format!("line {line}: "));
    }
    if let Some(id) = id {
        page.put(Label::Id, id).text(" ");
    }
}

fn more(page: &mut Page, count: usize, shown: usize) {
    if count > shown {
        let rest = count - shown;
        page.dim(format!("         and {rest} more; --json shows all"));
    }
}

/// The report of an export.
pub fn exported(page: &mut Page, report: &ExportReport) {
    page.text("Wrote ").put(Label::Path, &report.file);
    page.line(format!(
        ": {}, {} of them unchanged since the import.",
        counted(report.records, "record"),
        report.untouched
    ));
    left_out(page, "format", &report.left_out_fields);
}

/// Warns of the fields that an export does not have.
fn left_out(page: &mut Page, what: &str, fields: &BTreeMap<String, usize>) {
    if !fields.is_empty() {
        let fields: Vec<String> = fields
            .iter()
            .map(|(name, n)| format!("{name} ({n})"))
            .collect();
        page.warning(format!(
            "fields that have no place in this {what}: {}",
            fields.join(", ")
        ));
    }
}

/// The report of an export to a file.
pub fn file(page: &mut Page, report: &FileReport) {
    page.text("Wrote ").put(Label::Path, &report.file);
    page.line(format!(": {}.", counted(report.records, "record")));
}

/// The report of an export to a folder.
pub fn folder(page: &mut Page, report: &FolderReport) {
    page.text("Wrote ").put(Label::Path, &report.folder);
    page.text(format!(": {}", counted(report.files, "file")));
    if !report.folders.is_empty() {
        page.text(" in ").text(report.folders.join(", "));
    }
    let hidden = report.folders.iter().any(|name| name.starts_with('.'));
    page.line(if hidden {
        " (hidden; `ls -A` shows it)."
    } else {
        "."
    });
    left_out(page, "layout", &report.left_out_fields);
    if report.left_out > 0 {
        let left_out = report.left_out;
        let issues = match left_out {
            1 => "issue was",
            _ => "issues were",
        };
        page.warning(format!(
            "{left_out} {issues} not exported: this layout has only PRDs, epics and tasks"
        ));
        page.hints(&[
            "`git pm export md FOLDER --layout tasks` also writes issues",
            "`git pm export beads FILE` writes issues in beads' format",
        ]);
    }
    if report.folders.iter().any(|name| name == ".claude") {
        page.hints(&["`git pm import ccpm FOLDER` reads it again, with what you changed in it"]);
    }
}
