//! `conflicts`: the texts that two clones changed at the same time, and how a user resolves them.
//!
//! They are kept side by side until then. A merge is offered where the changes do not touch the same
//! lines, and never made unasked.

mod merge_base;

use std::ffi::OsString;

use schemars::JsonSchema;
use serde::Serialize;

use self::merge_base::{Over, Versions, Written, bases, writers};
use crate::error::{Error, Hint, Reason, Result};
use crate::model::doc::Doc;
use crate::model::imported::{imported_from, is_of_record};
use crate::model::item::Item;
use crate::model::learning::Learning;
use crate::model::line_diff::operations;
use crate::model::long_texts;
use crate::model::prose::Prose;
use crate::model::section;
use crate::model::short_id::{LEARNING, short_id};
use crate::model::stamp::{Stamp, rfc3339};
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::pm::handles::StateHandle;
use crate::pm::shared_views::ItemView;
use crate::store::index::Scan;
use crate::store::state::State;

/// The versions of a conflicted text.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ConflictView {
    /// The id of the item or learning, or `context:NAME` for a section of the project context.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `body`, or the name of a long text: `notes`, `design`, ….
    pub field: String,
    /// The version that is shown comes first.
    pub versions: Vec<VersionView>,
    /// A text with the changes of both sides, where they do not touch the same lines.
    pub merged: Option<String>,
}

/// One version of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VersionView {
    /// From 1.
    pub number: usize,
    /// RFC 3339.
    pub written_at: String,
    /// The clone that wrote it, or the source it was imported from.
    pub replica: String,
    /// The actor who wrote it, if the history tells.
    pub actor: Option<String>,
    /// The text.
    pub text: String,
}

/// The way to resolve a conflicted text.
#[derive(Clone, Debug)]
pub enum Resolution {
    /// Keep the version with this number, as `conflicts` lists it from 1 (the one shown).
    Keep(usize),
    /// Take the merged text that `conflicts` offers.
    Merged,
    /// Replace all versions with this text.
    Text(String),
}

/// A text with concurrent versions, and the base of a merge of them.
struct Conflict {
    view: ConflictView,
    written: Written,
    /// Two versions and their base, where they may be merged.
    pair: Option<(Versions, [String; 2])>,
}

impl Conflict {
    fn new(view: ConflictView, doc: &Doc, pair: Option<(Over, [String; 2])>) -> Conflict {
        let (born, uid) = (doc.born.clone(), doc.uid.clone());
        let written = Written::of(doc, &view.field);
        let pair = pair.map(|(over, texts)| (Versions { born, uid, over }, texts));
        Conflict {
            view,
            written,
            pair,
        }
    }
}

impl StateHandle<'_> {
    /// All items, learnings, and sections of the project context, whose text has concurrent versions.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn conflicts(&self) -> Result<Vec<ConflictView>> {
        let state = self.pm.store.state()?;
        Ok(merged(self.pm, &state, found(&state)))
    }

    /// The two versions of a conflicted text in one, with markers around the lines that differ, as
    /// `git merge-file` makes it. What one side alone changed since their common predecessor is merged.
    ///
    /// # Errors
    /// When there is no such conflict, several texts are conflicted and none is named, or there are more
    /// than two versions.
    pub fn conflict_text(&self, id: &str, field: Option<&str>) -> Result<String> {
        let (pm, state) = (self.pm, self.pm.store.state()?);
        let mut all = found(&state);
        all.retain(|one| one.view.id == id);
        let mut conflict = one_of(all, field, id)?;
        let pair = conflict.pair.take();
        let base = match (&pair, state.commit) {
            (Some((over, _)), Some(tip)) => {
                let over = std::slice::from_ref(over);
                bases(pm.store.repo(), tip, over)?.pop().flatten()
            }
            _ => None,
        };
        let views = merged(pm, &state, vec![conflict]);
        let versions = &views.first().ok_or_else(|| no_conflict(id))?.versions;
        let [shown, other] = &versions[..] else {
            return Err(Error::refused(format!(
                "{id} has {} versions; an editor takes two",
                versions.len()
            ))
            .hint(Hint::run(
                ["conflicts", id, "--keep", "N"],
                "keeps one of them",
            )));
        };
        with_markers(pm, base.as_deref().unwrap_or_default(), [shown, other])
    }

    /// Resolves a conflicted text of an item: one version, the offered merge, or a new text replaces
    /// all. The field is that of [`ConflictView`]; it may be left out where only one is conflicted.
    ///
    /// # Errors
    /// When the item has no such conflict or version, several of its texts are conflicted and none is
    /// named, or no merge can be offered.
    pub fn resolve(
        &self,
        id: &str,
        field: Option<&str>,
        resolution: &Resolution,
    ) -> Result<ItemView> {
        self.pm.write("conflicts").view(|tx| {
            let item = tx.state.find(id)?.clone();
            let shown = tx.state.shown_id(&item);
            let doc = tx.state.doc(&item.uid);
            let found = doc.map(|doc| conflicts_of(&tx.state, &item, doc));
            let conflict = one_of(found.unwrap_or_default(), field, &shown)?;
            let field = conflict.view.field.clone();
            let text = resolved(self.pm, &tx.state, conflict, resolution)?;
            tx.edit(&item.uid, |doc, clock| match field.as_str() {
                "body" => doc.body.write(&text, clock),
                name => {
                    let value = (!text.is_empty()).then_some(text);
                    long_texts::resolve(doc, name, value.into(), clock)
                }
            })?;
            tx.describe("conflicts", &[&shown], &format!("{shown}: resolved"));
            Ok(item.uid)
        })
    }
}

/// All conflicts of a state, without merges and names.
fn found(state: &State<'_>) -> Vec<Conflict> {
    let mut out = Vec::new();
    for item in state.scan(&Scan::Conflicted, |_| true, usize::MAX) {
        let Some(doc) = state.doc(&item.uid) else {
            continue;
        };
        out.extend(conflicts_of(state, item, doc));
    }
    let learnings = state.conflicted_learnings().into_iter();
    out.extend(learnings.filter_map(of_learning));
    out.extend(in_context(state));
    out
}

/// Two versions merged by git, with markers that name their writers.
fn with_markers(pm: &Pm, base: &str, versions: [&VersionView; 2]) -> Result<String> {
    let folder = pm.store.folder();
    let failed = |error| Error::io(format!("cannot write to {}", folder.display()), error);
    std::fs::create_dir_all(&folder).map_err(failed)?;
    let folder = tempfile::tempdir_in(&folder).map_err(failed)?;
    let label = |one: &VersionView| {
        let who = one.actor.as_deref().unwrap_or(&one.replica);
        let at = pm.env().shown_time(&one.written_at);
        format!("{} {}, {at}", one.number, one_line(who))
    };
    let [shown, other] = versions;
    let mut args: Vec<OsString> = vec!["merge-file".into(), "-p".into()];
    for label in [label(shown), "before".into(), label(other)] {
        args.extend(["-L".into(), OsString::from(label)]);
    }
    for (name, text) in [("1", &shown.text[..]), ("base", base), ("2", &other.text)] {
        // Lines are whole, or a marker would follow the last one.
        let end = match text.is_empty() || text.ends_with('\n') {
            true => "",
            false => "\n",
        };
        let file = folder.path().join(name);
        std::fs::write(&file, format!("{text}{end}")).map_err(failed)?;
        args.push(file.into_os_string());
    }
    let out = pm.store.repo().git_at_home().run_with(&args, None, None)?;
    // The exit code is the number of conflicts.
    match out.code {
        Some(0..=127) => Ok(String::from_utf8_lossy(&out.stdout).into_owned()),
        _ => Err(Error::state(format!(
            "cannot compare the versions: {}",
            out.last_lines()
        ))),
    }
}

/// The conflict of the named field, or the only one.
fn one_of(mut all: Vec<Conflict>, field: Option<&str>, shown: &str) -> Result<Conflict> {
    let fields: Vec<String> = all.iter().map(|one| one.view.field.clone()).collect();
    if let Some(field) = field {
        all.retain(|one| one.view.field == field);
    }
    if all.len() > 1 {
        return Err(Error::usage(format!(
            "{shown} has conflicts in several texts: {}",
            fields.join(", ")
        ))
        .hint(format!("add `--field {}`, or another of them", fields[0]))
        .because(Reason::ConflictSeveral)
        .about(shown));
    }
    all.pop().ok_or_else(|| no_conflict(shown))
}

/// The text that resolves the conflicting versions of a learning.
///
/// # Errors
/// When it has no conflicting versions, not the one that is named, or no merge can be offered.
pub(crate) fn resolved_learning(
    pm: &Pm,
    state: &State<'_>,
    doc: &Doc,
    resolution: &Resolution,
) -> Result<String> {
    let first = of_learning(doc).ok_or_else(|| no_conflict(&short_id(LEARNING, &doc.uid)))?;
    resolved(pm, state, first, resolution)
}

/// The text that resolves a conflict.
fn resolved(
    pm: &Pm,
    state: &State<'_>,
    conflict: Conflict,
    resolution: &Resolution,
) -> Result<String> {
    let shown = conflict.view.id.clone();
    match resolution {
        // Nothing on standard input is a mistake more often than a wish.
        Resolution::Text(text) if text.trim().is_empty() => {
            let what = format!("an empty text would drop all versions of {shown}");
            Err(Error::usage(what).hint(Hint::run(
                ["conflicts", &shown, "--keep", "N"],
                "keeps one of them",
            )))
        }
        Resolution::Text(text) => Ok(text.clone()),
        Resolution::Keep(n) => {
            let all = &conflict.view.versions;
            let found = all.iter().find(|v| v.number == *n);
            found.map(|version| version.text.clone()).ok_or_else(|| {
                Error::not_found(format!(
                    "{shown} has {} versions; there is no version {n}",
                    all.len()
                ))
                .hint(Hint::run(["conflicts"], "lists them"))
            })
        }
        Resolution::Merged => {
            let merged = merged(pm, state, vec![conflict]);
            let merged = merged.into_iter().next().and_then(|view| view.merged);
            merged.ok_or_else(|| {
                Error::refused(format!(
                    "the versions of {shown} cannot be merged automatically"
                ))
                .hint(Hint::run(
                    ["conflicts", &shown, "--keep", "N"],
                    "keeps one of them",
                ))
                .hint(Hint::run(
                    ["conflicts", &shown, "--text", "-"],
                    "replaces them with a text from standard input",
                ))
                .because(Reason::ConflictOverlapping)
                .about(&shown)
            })
        }
    }
}

/// Adds the merge of each text that has exactly two versions and a common predecessor in the
/// history.
fn merged(pm: &Pm, state: &State<'_>, conflicts: Vec<Conflict>) -> Vec<ConflictView> {
    let mut views = Vec::new();
    let (mut over, mut pairs, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for Conflict {
        view,
        written,
        pair,
    } in conflicts
    {
        texts.push(written);
        if let Some((versions, pair)) = pair {
            over.push(versions);
            pairs.push((views.len(), pair));
        }
        views.push(view);
    }
    let (found, actors) = match state.commit {
        // Where the history cannot be read, no merge is offered, and nobody is named.
        Some(tip) => (
            bases(pm.store.repo(), tip, &over).unwrap_or_default(),
            writers(pm.store.repo(), tip, &texts).unwrap_or_default(),
        ),
        None => Default::default(),
    };
    let versions = views.iter_mut().flat_map(|view| &mut view.versions);
    for (version, name) in versions.zip(actors) {
        version.actor = name;
    }
    for ((at, [earlier, later]), (over, base)) in pairs.into_iter().zip(over.iter().zip(found)) {
        views[at].merged = base.and_then(|base| match over.over {
            Over::Version(_) => merge_lines(&base, &earlier, &later),
            Over::Common { .. } => both_ends(&base, &earlier, &later),
        });
    }
    views
}

fn no_conflict(shown: &str) -> Error {
    Error::refused(format!("{shown} has no conflicting versions"))
        .hint(Hint::run(
            ["conflicts"],
            "lists the texts that have conflicts",
        ))
        .because(Reason::ConflictNone)
        .about(shown)
}

/// The ids of the learnings whose text has concurrent versions.
pub(crate) fn conflicted_learnings(state: &State<'_>) -> Vec<String> {
    let found = state.conflicted_learnings().into_iter();
    found.map(|doc| short_id(LEARNING, &doc.uid)).collect()
}

/// The concurrent versions of the text of a learning.
fn of_learning(doc: &Doc) -> Option<Conflict> {
    let learning = Learning::from_doc(doc).filter(|one| one.conflicted)?;
    let view = ConflictView {
        id: short_id(LEARNING, &doc.uid),
        title: learning.facts.title,
        field: "body".into(),
        versions: versions(doc),
        merged: None,
    };
    Some(Conflict::new(view, doc, pair_of_body(&doc.body)))
}

/// The handles of the sections of the project context that have concurrent versions.
pub(crate) fn conflicted_sections(state: &State<'_>) -> Vec<String> {
    let found = in_context(state).into_iter();
    found.map(|one| one.view.id).collect()
}

/// The sections of the project context that have concurrent versions, by name.
fn in_context(state: &State<'_>) -> Vec<Conflict> {
    let docs = state.context_docs().values().map(|loaded| &loaded.doc);
    let conflicted = docs.filter(|doc| doc.is_live() && doc.body.is_conflicted());
    let view = |doc: &Doc| ConflictView {
        id: section::handle_of(doc).unwrap_or_default(),
        title: "project context".into(),
        field: "body".into(),
        versions: versions(doc),
        merged: None,
    };
    let conflicts = conflicted.map(|doc| Conflict::new(view(doc), doc, None));
    let mut out: Vec<Conflict> = conflicts.collect();
    out.sort_by(|a, b| a.view.id.cmp(&b.view.id));
    out
}

/// The texts of an item that have concurrent versions: the body first.
fn conflicts_of(state: &State<'_>, item: &Item, doc: &Doc) -> Vec<Conflict> {
    let conflict = |field: &str, versions, pair| {
        let view = ConflictView {
            id: state.shown_id(item),
            title: item.title.clone(),
            field: field.into(),
            versions,
            merged: None,
        };
        Conflict::new(view, doc, pair)
    };
    let mut out = Vec::new();
    if doc.body.is_conflicted() {
        out.push(conflict("body", versions(doc), pair_of_body(&doc.body)));
    }
    for name in long_texts::TEXTS {
        let versions = versions_of(doc, name);
        if let [later, earlier, ..] = &versions[..] {
            let added = name == "notes" && versions.len() == 2;
            let stamps = added.then(|| stamps_of(doc, name)).flatten();
            let pair = stamps.map(|(later_at, earlier_at)| {
                let over = Over::Common {
                    name,
                    later: later_at,
                    earlier: earlier_at,
                };
                (over, [earlier.text.clone(), later.text.clone()])
            });
            out.push(conflict(name, versions, pair));
        }
    }
    out
}

/// The two readable versions of a text, if there are two, and the one that both replace.
fn pair_of_body(prose: &Prose) -> Option<(Over, [String; 2])> {
    let versions = prose.versions.values();
    let readable: Vec<_> = versions
        .filter_map(|v| v.text.as_deref().map(|t| (t, &v.replaces)))
        .collect();
    let [(a, before_a), (b, before_b)] = readable[..] else {
        return None;
    };
    let common = before_a.intersection(before_b).max()?;
    Some((Over::Version(common.clone()), [a.into(), b.into()]))
}

/// The stamps of a register and of the other value beside it.
fn stamps_of(doc: &Doc, name: &str) -> Option<(Stamp, Stamp)> {
    let (beside, _) = long_texts::others(doc, name).into_iter().next()?;
    Some((long_texts::shown_at(doc, name).clone(), beside.at.clone()))
}

/// The clone that made a write.
fn writer(doc: &Doc, stamp: &Stamp) -> String {
    match imported_from(doc) {
        // An imported record has a hash in place of the clone.
        Some(source) if is_of_record(stamp) => source.to_string(),
        _ => stamp.replica.to_string(),
    }
}

/// The text of a register and those beside it; none if there is only one.
fn versions_of(doc: &Doc, name: &str) -> Vec<VersionView> {
    let others = long_texts::others(doc, name);
    if others.is_empty() {
        return Vec::new();
    }
    let shown = (
        long_texts::shown_at(doc, name),
        doc.text(name).unwrap_or_default(),
    );
    let others = others.into_iter().map(|(entry, text)| (&entry.at, text));
    numbered(doc, std::iter::once(shown).chain(others))
}

/// The merge of two texts that both added lines at the end of the base; none if one of them removed
/// something.
fn both_ends(base: &str, earlier: &str, later: &str) -> Option<String> {
    let (lines, a, b): (Vec<&str>, Vec<&str>, Vec<&str>) = (
        base.lines().collect(),
        earlier.lines().collect(),
        later.lines().collect(),
    );
    let grew = |text: &[&str]| text.len() > lines.len() && text.starts_with(&lines);
    let both = a.iter().chain(b.get(lines.len()..)?).copied();
    (grew(&a) && grew(&b)).then(|| both.collect::<Vec<_>>().join("\n"))
}

pub(crate) fn versions(doc: &Doc) -> Vec<VersionView> {
    let all = doc.body.versions.iter().rev();
    let texts = all.filter_map(|(id, v)| Some((&Prose::origin(id, v).stamp, v.text.as_deref()?)));
    numbered(doc, texts)
}

fn numbered<'d>(doc: &Doc, texts: impl Iterator<Item = (&'d Stamp, &'d str)>) -> Vec<VersionView> {
    let view = |(n, (stamp, text)): (usize, (&Stamp, &str))| VersionView {
        number: n + 1,
        written_at: rfc3339(stamp.ms),
        replica: writer(doc, stamp),
        actor: None,
        text: text.to_string(),
    };
    texts.enumerate().map(view).collect()
}

/// A three-way merge by lines; `None` if both sides change the same lines differently.
fn merge_lines(base: &str, a: &str, b: &str) -> Option<String> {
    let old: Vec<&str> = base.split_inclusive('\n').collect();
    let (left, right) = (hunks(&old, a), hunks(&old, b));
    let mut out = String::new();
    let mut at = 0;
    let (mut i, mut j) = (0, 0);
    while i < left.len() || j < right.len() {
        let next = match (left.get(i), right.get(j)) {
            (Some(x), Some(y)) if x == y => {
                j += 1;
                i += 1;
                x
            }
            (Some(x), Some(y))
                if x.end < y.start || (x.end == y.start && x.start < x.end && y.start < y.end) =>
            {
                i += 1;
                x
            }
            (Some(x), Some(y))
                if y.end < x.start || (y.end == x.start && x.start < x.end && y.start < y.end) =>
            {
                j += 1;
                y
            }
            (Some(_), Some(_)) => return None,
            (Some(x), None) => {
                i += 1;
                x
            }
            (None, Some(y)) => {
                j += 1;
                y
            }
            (None, None) => break,
        };
        if next.start < at {
            return None;
        }
        out.extend(old[at..next.start].iter().copied());
        out.push_str(&next.text);
        at = next.end;
    }
    out.extend(old[at..].iter().copied());
    Some(out)
}

#[derive(PartialEq, Eq)]
struct Hunk {
    start: usize,
    end: usize,
    text: String,
}

fn hunks(old: &[&str], new: &str) -> Vec<Hunk> {
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    operations(old, &new)
        .into_iter()
        .filter(|op| op.tag() != similar::DiffTag::Equal)
        .map(|op| Hunk {
            start: op.old_range().start,
            end: op.old_range().end,
            text: new[op.new_range()].concat(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_different_lines_are_merged() {
        let base = "a\nb\nc\nd\n";
        assert_eq!(
            merge_lines(base, "A\nb\nc\nd\n", "a\nb\nc\nD\n").as_deref(),
            Some("A\nb\nc\nD\n")
        );
        assert_eq!(merge_lines(base, "A\nb\nc\nd\n", "X\nb\nc\nd\n"), None);
        assert_eq!(merge_lines(base, base, base).as_deref(), Some(base));
        assert_eq!(
            merge_lines(base, "A\nb\nc\nd\n", "A\nb\nc\nd\n").as_deref(),
            Some("A\nb\nc\nd\n")
        );
        assert_eq!(merge_lines("a\n", "a\nb\n", "a\nc\n"), None);
    }
}
