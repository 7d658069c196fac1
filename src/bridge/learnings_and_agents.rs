//! `import learnings` and `import agents`: Markdown files that become documents other than items.
//!
//! These are learnings, and the definitions of agents.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use super::ImportFrom;
use super::content::{Content, external, external_value, item_uid, stamp};
use super::export::markdown::learning_notes as export;
use super::merge_record::{merge, write};
use super::project::files::{self, File, Files};
use super::project::foreign_words;
use super::project::front_matter::Front;
use super::project::markdown::sections;
use super::project::own_exports::apply;
use super::stage_record::OLDER;
use super::transfer_report::{ImportOptions, ImportReport, Skipped};
use crate::bridge;
use crate::coordinate::reserve::pattern::Pattern;
use crate::error::{Error, Hint, Reason, Result};
use crate::learn::allowed_texts::check_imported;
use crate::model::doc::{Doc, EXTERNAL};
use crate::model::learning::LearningStatus;
use crate::model::text::excerpt;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::pm::handles::Learnings;
use crate::store::git::process::environment::is_local;
use crate::store::git::repo::Repo;
use crate::store::layout::{Family, MAIN};
use crate::store::state::State;
use crate::store::transaction::Tx;

const TYPES: [&str; 3] = ["pattern", "gotcha", "decision"];

/// The documents of an import so far, each with its file.
type Seen<'f> = BTreeMap<Uid, &'f str>;

struct Note<'f> {
    file: &'f File,
    /// Its id at its source.
    id: String,
    at_ms: u64,
    content: Content,
    /// What could not be imported of it.
    remarks: Vec<String>,
}

/// A kind of document: the name of the source, its folder in a worktree, the family, and the reader
/// of a file.
pub(super) struct Kind {
    source: &'static str,
    place: &'static str,
    family: Family,
    read: fn(&File) -> Option<(String, Content)>,
    /// The front matter that it reads, and what it reads besides in files of our own export.
    fields: [&'static str; 2],
    /// Checks what was read, and returns the parts that were not imported, or the reason to skip it.
    check: fn(&File, &Content) -> Result<Vec<String>>,
}

pub(super) const LEARNINGS: Kind = Kind {
    source: "learnings",
    place: "docs/solutions",
    family: Family::Learning,
    read: learning,
    fields: [
        "title module problem_type component severity root_cause resolution_type applies_when \
         symptoms tags paths type category date updated pm",
        "author status supersedes contradicts links",
    ],
    check: check_learning,
};

pub(super) const AGENTS: Kind = Kind {
    source: "agents",
    place: ".claude/agents",
    family: Family::Agent,
    read: agent,
    fields: ["name description model tools date updated pm", ""],
    check: |_, _| Ok(Vec::new()),
};

pub(super) fn import_notes(
    pm: &Pm,
    kind: &Kind,
    from: ImportFrom<'_>,
    options: &ImportOptions,
) -> Result<ImportReport> {
    let (files, place) = match from {
        ImportFrom::Path(path) => note_files(pm, kind, path)?,
        ImportFrom::Reader(reader) => {
            let mut read = Files::default();
            read.files.push(files::from_reader(reader)?);
            (read, "-".to_string())
        }
    };
    import_note_files(pm, kind, files, place, options)
}

fn import_note_files(
    pm: &Pm,
    kind: &Kind,
    files: Files,
    place: String,
    options: &ImportOptions,
) -> Result<ImportReport> {
    let now_ms = pm.now_ms();
    let found = ImportReport {
        source: kind.source.into(),
        dialect: "Markdown".into(),
        files: vec![place],
        skipped: files.skipped,
        ..ImportReport::default()
    };
    let (files, others) = (files.files, files.others);
    bridge::run_import(pm, &found, files.len(), options, |tx, report| {
        let (mut seen, mut unread) = (Seen::new(), Vec::new());
        for file in &files {
            match read(kind, file, now_ms) {
                Ok(note) => {
                    let front = Front::read(&file.text);
                    let known = 1 + usize::from(front.has("pm"));
                    unread.extend(front.names_beyond(&kind.fields[..known]));
                    stage(tx, kind, &note, &mut seen, report)?;
                }
                Err(reason) => report.skipped.push(Skipped::file(&file.path, reason)),
            }
        }
        report.leave_out_fields(&unread);
        report.leave_out(&others, "files that are not Markdown, left out");
        Ok(Vec::new())
    })
}

fn note_files(pm: &Pm, kind: &Kind, path: Option<&Path>) -> Result<(Files, String)> {
    let root = bridge::import_root(pm, path);
    let inside = [kind.place, kind.source].map(|place| root.join(place));
    let found = inside.into_iter().find(|place| place.is_dir());
    if path.is_none() && found.is_none() {
        let message = format!("there is no folder {} here", kind.place);
        let words = ["import", kind.source, "PATH"];
        return Err(Error::not_found(message)
            .because(Reason::ImportNotFound)
            .about(kind.place)
            .hint(Hint::run(words, "imports another folder")));
    }
    let root = files::inside(&root, found.unwrap_or_else(|| root.clone()))?;
    Ok((files::read(&root, "")?, root.display().to_string()))
}

impl Learnings<'_> {
    /// Imports learnings as one commit: those in force of the state of another repository, or the
    /// files of a folder that was exported. Each keeps its uid. Nothing is deleted; learnings that
    /// were imported before are merged by field.
    ///
    /// # Errors
    /// When there is neither, it cannot be read, or the state cannot be written.
    pub fn import(&self, path: &Path, options: &ImportOptions) -> Result<ImportReport> {
        let place = self.pm.store.env().cwd.join(path);
        let is_bare = place.join("HEAD").is_file() && place.join("objects").is_dir();
        if !place.join(".git").exists() && !is_bare {
            return import_notes(self.pm, &LEARNINGS, ImportFrom::Path(Some(path)), options);
        }
        let files = notes_of_repository(self.pm, &place)?;
        let shown = place.display().to_string();
        import_note_files(self.pm, &LEARNINGS, files, shown, options)
    }
}

/// The learnings in force of another repository, as their exports. Nothing is written there.
fn notes_of_repository(pm: &Pm, place: &Path) -> Result<Files> {
    let mut env = pm.store.env().clone();
    env.cwd = place.to_path_buf();
    // These name this repository, where git runs us.
    env.vars.retain(|name, _| !is_local(name));
    let repo = Repo::open(&env)?;
    let Some(tip) = repo.ref_target(MAIN)? else {
        let shown = place.display().to_string();
        return Err(Error::not_found(format!("git pm is not set up in {shown}"))
            .because(Reason::ImportNotFound)
            .about(shown)
            .hint("run `git pm init` and `git pm sync` there first")
            .hint(Hint::run(
                ["import", "learnings", "FOLDER"],
                "imports the Markdown files of a folder",
            )));
    };
    let state = State::at(&repo, tip)?;
    let texts = export::texts(state.learning_docs());
    let file = |(path, text)| File { path, text };
    Ok(Files {
        files: texts.into_iter().map(file).collect(),
        ..Files::default()
    })
}

fn read<'f>(kind: &Kind, file: &'f File, now_ms: u64) -> Result<Note<'f>, String> {
    let Some((id, content)) = (kind.read)(file) else {
        return Err("has no front matter with a title or name".into());
    };
    if let Some(hit) = crate::secret::scan(&file.text).first() {
        return Err(format!("seems to contain {} ({})", hit.title, hit.rule));
    }
    let remarks = (kind.check)(file, &content).map_err(|error| error.message().to_string())?;
    let front = Front::read(&file.text);
    let time = |name| front.text(name).and_then(foreign_words::time);
    let at_ms = time("updated").or_else(|| time("date")).unwrap_or(now_ms);
    Ok(Note {
        file,
        id,
        at_ms: at_ms.min(now_ms),
        content,
        remarks,
    })
}

/// Stages a file as a new document, or merges it into its document.
fn stage<'f>(
    tx: &mut Tx<'_>,
    kind: &Kind,
    note: &Note<'f>,
    seen: &mut Seen<'f>,
    report: &mut ImportReport,
) -> Result<()> {
    let named = Front::read(&note.file.text).text("pm").and_then(Uid::new);
    let derived = || item_uid(kind.source, &note.id, 0);
    match seen.entry(named.clone().unwrap_or_else(derived)) {
        // An exported file that someone copied, or two of one name: neither replaces the other.
        Entry::Occupied(first) => {
            let what = if named.is_some() { "uid" } else { "name" };
            let first = first.get();
            let reason = format!("has the same {what} as {first}, which is imported");
            report.skipped.push(Skipped::file(&note.file.path, reason));
            return Ok(());
        }
        Entry::Vacant(free) => _ = free.insert(&note.file.path),
    }
    report.warn(None, &note.file.path, note.remarks.iter().cloned());
    if let Some(uid) = &named {
        let other = tx
            .state
            .doc(uid)
            .is_some_and(|doc| doc.kind != kind.family.kind());
        if other {
            let reason = "its uid belongs to a document of a different kind here";
            report.skipped.push(Skipped::file(&note.file.path, reason));
            return Ok(());
        }
        if let Some(now) = written_from(tx, kind, uid) {
            return stage_here(tx, kind, note, uid, now, report);
        }
    }
    // A note of another repository keeps its uid.
    let uid = named.unwrap_or_else(derived);
    let raw = note.file.text.as_str();
    let stamp = stamp(note.at_ms, raw);
    let origin = external_value(kind.source, &note.id, 0, None, raw);
    let Some(loaded) = tx.state.found_by_path(kind.family, &uid) else {
        let mut doc = Doc::new(uid, kind.family.kind(), "", stamp.clone());
        merge(&mut doc, &Content::default(), &note.content, &stamp);
        doc.put(EXTERNAL, origin);
        tx.insert(doc)?;
        report.created += 1;
        return Ok(());
    };
    let before = external(&loaded.doc, kind.source, "record").map(str::to_string);
    let base = before.clone().and_then(|text| {
        let path = note.file.path.clone();
        (kind.read)(&File { path, text }).map(|(_, content)| content)
    });
    // The links of an export change with other learnings.
    if base.as_ref() == Some(&note.content) {
        report.unchanged += 1;
        return Ok(());
    }
    // An export has the time of its last change: one that was made before the imported version
    // would bring its texts back.
    let updated = |text: &str| {
        Front::read(text)
            .text("updated")
            .and_then(foreign_words::time)
    };
    if let (Some(new), Some(old)) = (updated(raw), before.as_deref().and_then(updated))
        && new < old
    {
        report.skipped.push(Skipped::file(&note.file.path, OLDER));
        return Ok(());
    }
    let changed = tx.edit(&uid, |doc, _| {
        merge(doc, &base.unwrap_or_default(), &note.content, &stamp)
            | write(&mut doc.regs, EXTERNAL, origin, &stamp)
    })?;
    report.count_edit(changed);
    Ok(())
}

/// The current export of a document, if it is of this store. One that was imported from another
/// repository is compared with its record instead.
fn written_from(tx: &Tx<'_>, kind: &Kind, uid: &Uid) -> Option<String> {
    let loaded = tx.state.found_by_path(kind.family, uid)?;
    let record = external(&loaded.doc, kind.source, "record");
    if record.is_some_and(|text| Front::read(text).text("pm") == Some(uid.as_str())) {
        return None;
    }
    export::text(&tx.state, kind.family, uid)
}

/// Stages the differences between a file and its current export.
fn stage_here(
    tx: &mut Tx<'_>,
    kind: &Kind,
    note: &Note<'_>,
    uid: &Uid,
    now: String,
    report: &mut ImportReport,
) -> Result<()> {
    let path = note.file.path.clone();
    let base = (kind.read)(&File { path, text: now }).map(|(_, content)| content);
    let mut base = base.unwrap_or_default();
    if base == note.content {
        report.unchanged += 1;
        return Ok(());
    }
    let mut new = note.content.clone();
    let changed = tx.edit(uid, |doc, clock| apply(doc, &mut base, &mut new, clock))?;
    report.count_edit(changed);
    Ok(())
}

fn put_all(content: &mut Content, front: &Front, registers: &[&str], sets: &[&str]) {
    for name in registers {
        content.put(name, front.text(name).unwrap_or_default());
    }
    for name in sets {
        for one in front.list(name) {
            content.put_element(name, one.trim());
        }
    }
}

/// Adds words separated by commas.
fn put_words(content: &mut Content, set: &str, words: &str) {
    for word in words.split(',').map(str::trim) {
        content.put_element(set, word);
    }
}

/// A learning and its id, the file's path: several categories may have a file of one name.
fn learning(file: &File) -> Option<(String, Content)> {
    let front = Front::read(&file.text);
    let title = front.text("title")?;
    let id = file.path.strip_suffix(".md").unwrap_or(&file.path);
    let mut content = Content::default();
    content.put("title", foreign_words::title(title, id));
    let registers = [
        "module",
        "problem_type",
        "component",
        "severity",
        "root_cause",
        "resolution_type",
    ];
    put_all(
        &mut content,
        &front,
        &registers,
        &["applies_when", "symptoms"],
    );
    for tags in front.list("tags") {
        // Others write `tags: a, b`; a tag of ours may have a comma in it.
        match front.has("pm") {
            true => content.put_element("tags", tags.trim()),
            false => put_words(&mut content, "tags", tags),
        }
    }
    for path in front.list("paths") {
        if let Ok(pattern) = Pattern::parse(path.trim(), "") {
            content.put_element("paths", pattern.text());
        }
    }
    content.body = front.body.trim().to_string();
    if front.has("pm") {
        own_fields(&front, &mut content);
    }
    let known = front.text("type").filter(|word| TYPES.contains(word));
    content.put("type", known.unwrap_or_else(|| type_of(&front)));
    match (front.text("category"), &file.folders()[..]) {
        (Some(category), _) => content.put("category", category),
        // In an export, the folder is the type.
        (None, [category, ..]) if !front.has("pm") => content.put("category", *category),
        _ => {}
    }
    if let Some(at) = front.text("date").and_then(foreign_words::stamp_text) {
        content.put("created_at", at);
    }
    let id = match id {
        "-" => foreign_words::plain(title),
        id => id.to_string(),
    };
    Some((id, content))
}

/// Checks a learning: it has the limits of one that is added here.
fn check_learning(file: &File, content: &Content) -> Result<Vec<String>> {
    let front = Front::read(&file.text);
    let texts = content.regs.iter().filter(|(name, _)| *name != "title");
    let texts = texts.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)));
    let texts = texts.chain([("text", content.body.as_str())]);
    let lists = content.sets.iter();
    let lists = lists.map(|(name, set)| (name.as_str(), set.iter().map(String::as_str).collect()));
    check_imported(front.text("title").unwrap_or_default(), texts, lists)?;
    let mut remarks = Vec::new();
    if let Some(word) = front.text("type").filter(|word| !TYPES.contains(word)) {
        let word = excerpt(word, 40);
        let kind = type_of(&front);
        remarks.push(format!(
            "has the unknown type `{word}`; imported as a {kind}"
        ));
    }
    for field in ["date", "updated"] {
        foreign_words::understood(&front, field, foreign_words::time, &mut remarks);
    }
    for path in front.list("paths") {
        if let Err(error) = Pattern::parse(path.trim(), "") {
            remarks.push(format!("a path was left out: {error}"));
        }
    }
    Ok(remarks)
}

/// The fields that only a note of our own has.
fn own_fields(front: &Front, content: &mut Content) {
    put_all(content, front, &["author"], &[]);
    let status = front.text("status").and_then(LearningStatus::parse);
    content.put("status", status.map_or("", LearningStatus::as_str));
    for name in ["supersedes", "contradicts"] {
        for uid in front.list(name).iter().filter_map(|uid| Uid::new(uid)) {
            content.put_element(name, uid.as_str());
        }
    }
    let (body, texts) = export::sections(&content.body);
    content.body = body;
    for (name, text) in texts {
        content.put(name, text);
    }
}

/// The type of a learning: a decision, a pattern or a gotcha.
fn type_of(front: &Front) -> &'static str {
    let headings: Vec<String> = sections(&front.body)
        .iter()
        .map(|section| foreign_words::plain(&section.heading))
        .collect();
    let has = |name: &str| headings.iter().any(|heading| heading == name);
    let word = foreign_words::plain(front.text("problem_type").unwrap_or_default());
    if word.contains("decision") || (has("decision") && has("consequences")) {
        "decision"
    } else if word.contains("practice") || word.contains("pattern") {
        "pattern"
    } else {
        "gotcha"
    }
}

/// An agent and its id, which is its name.
fn agent(file: &File) -> Option<(String, Content)> {
    let front = Front::read(&file.text);
    let name = front.text("name")?.trim();
    let mut content = Content::default();
    content.put("name", foreign_words::title(name, file.stem()));
    put_all(&mut content, &front, &["description", "model"], &[]);
    for tools in front.list("tools") {
        put_words(&mut content, "tools", tools);
    }
    content.body = front.body.trim().to_string();
    Some((name.to_string(), content))
}
