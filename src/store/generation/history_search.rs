//! Where content to redact is: in the state and in all of its history.
//!
//! That is the history that our refs and reflogs still reach.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use regex::NoExpand;

use super::own_refs;
use super::redaction_expression::Expression;
use crate::error::{Error, Result};
use crate::git::repo::{EntryType, Oid, Repo};
use crate::layout::{self, below};
use crate::model::codec;
use crate::model::doc::{Doc, Reg, is_identity};
use crate::model::finding;
use crate::model::id::ItemRef;
use crate::model::json_texts;
use crate::model::limits::{
    ARTIFACT_MAX, DOCUMENT_MAX, REDACTION_EXCERPT_MAX, SECRET_MAX, SECRET_MIN, TREE_DEPTH_MAX,
};
use crate::model::prose::VersionId;
use crate::model::rule_elements;
use crate::model::secret_hash::SecretHash;
use crate::model::text::shorten;
use crate::model::uid::Uid;
use crate::model::value::{Searched, Value};

/// The replacement for what was removed.
pub const MASK: &str = "[redacted]";

/// Registers that hold words of the format: the same value occurs in many places and reveals
/// nothing.
const WORDS: &[&str] = &[
    "format",
    "type",
    "status",
    "status_before",
    "priority",
    "estimate",
    "expires",
    "lease",
    "risk",
    "validation",
    "auto_policy",
    "class",
    "ended",
    "mode",
    "op",
    "replica",
    "topic",
];

/// The kind of artifacts.
const ARTIFACT: &str = "artifact";

/// Sets whose elements name other documents.
const EDGES: &[&str] = &["edges", "depends_on", "replaces"];

/// Registers of an item that say who, when and where, not what; they are redacted only by name.
const FACTS: &[&str] = &["assignee", "branch", "epic", "stream", "target"];

/// The target of a search.
#[derive(Clone, Debug)]
pub enum Target {
    /// A text, wherever it occurs.
    Text(Expression),
    /// What users wrote in one item, or one field of it.
    Item {
        /// The item.
        uid: Uid,
        /// The field; `body` and `comments` are fields too. Without one, everything that users
        /// wrote.
        field: Option<String>,
    },
}

/// One place where the target was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
pub struct Place {
    /// The item's id, or a description of the document.
    pub item: String,
    /// The field.
    pub field: String,
    /// True if the state holds it now, not only its history.
    pub current: bool,
    /// The replacement, shortened.
    pub becomes: String,
}

/// The result of a search.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Where it is.
    pub places: BTreeSet<Place>,
    /// Hashes of values.
    pub values: BTreeSet<String>,
    /// Versions of texts.
    pub versions: BTreeSet<VersionId>,
    /// Documents of the state by path, to be rewritten.
    pub current: BTreeMap<String, Doc>,
    /// Registers that keep the rest of their text: document, `field` or `record/entry/field`, text.
    pub masked: Vec<(Uid, String, Value)>,
    /// Versions that keep the rest of their text.
    pub texts: BTreeMap<VersionId, String>,
    /// Ids of the items it was found in.
    pub items: BTreeSet<String>,
    /// The number of commits that name it in their message.
    pub messages: usize,
    /// The places where it cannot be redacted.
    pub beyond: BTreeSet<String>,
    /// The texts themselves, by hashes that do not reveal them.
    pub secrets: BTreeSet<SecretHash>,
    /// Hashes of words of the format that the state uses.
    words: BTreeSet<String>,
    /// True if it occurs in a field that the format itself needs.
    needed: bool,
    matches: BTreeSet<String>,
    /// Documents whose title had it, at any time.
    titled: BTreeSet<Uid>,
}

impl Found {
    /// True if nothing was found.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.versions.is_empty() && self.messages == 0
    }
}

/// Searches for a target in the state at `tip` and in all of its history that is here.
///
/// # Errors
/// When an object cannot be read, or a word of the format would be redacted.
pub fn search(repo: &Repo, tip: Oid, target: &Target) -> Result<Found> {
    let mut search = Search {
        repo,
        target,
        folders: HashSet::new(),
        seen: HashSet::new(),
        contents: BTreeMap::new(),
        found: Found::default(),
    };
    search.tree(repo.commit(tip)?.tree, "", 0, true)?;
    let mut stack: Vec<Oid> = own_refs::logged(repo)?.into_iter().collect();
    stack.extend(own_refs::refs(repo)?.into_values());
    stack.push(tip);
    let mut commits = HashSet::new();
    while let Some(id) = stack.pop() {
        if !commits.insert(id) {
            continue;
        }
        // A reflog may name commits that are gone.
        let Ok(commit) = repo.commit(id) else {
            continue;
        };
        if let Target::Text(regex) = target
            && regex.is_match(&commit.message)
        {
            search.found.messages += 1;
        }
        // An incomplete history is searched as far as it is available.
        let _ = search.tree(commit.tree, "", 0, false);
        stack.extend(commit.parents);
    }
    search.named_after_titles();
    let mut found = search.found;
    if found.needed || found.values.iter().any(|hash| found.words.contains(hash)) {
        return Err(Error::usage(
            "the text to redact is also a word of the format, such as a status or an id, and would \
             be redacted everywhere",
        )
        .hint("change that field with `git pm task edit` instead"));
    }
    found.secrets = std::mem::take(&mut found.matches)
        .iter()
        .filter(|text| (SECRET_MIN..=SECRET_MAX).contains(&text.len()))
        .map(|text| SecretHash::of(text))
        .collect();
    Ok(found)
}

struct Search<'a> {
    repo: &'a Repo,
    target: &'a Target,
    /// The folders that were read, with their depth: fewer levels are read below a deeper one.
    folders: HashSet<(Oid, usize)>,
    /// The files that were read; true if as the content of an artifact.
    seen: HashSet<(Oid, bool)>,
    /// The names of artifacts by the hash of their content. In a tree they come before it.
    contents: BTreeMap<String, String>,
    found: Found,
}

fn is_content(path: &str) -> bool {
    layout::content_of_path(path).is_some()
}

impl Search<'_> {
    fn tree(&mut self, tree: Oid, path: &str, depth: usize, current: bool) -> Result<()> {
        if depth > TREE_DEPTH_MAX || !self.folders.insert((tree, depth)) {
            return Ok(());
        }
        for entry in self.repo.tree(tree)? {
            let below = below(path, &entry.name);
            match entry.kind {
                EntryType::Tree => self.tree(entry.oid, &below, depth + 1, current)?,
                // A content may be the same bytes as a document.
                EntryType::Blob if !self.seen.insert((entry.oid, is_content(&below))) => {}
                EntryType::Blob if is_content(&below) => {
                    let bytes = self.repo.blob(entry.oid, ARTIFACT_MAX)?;
                    self.content(&below, bytes.as_deref().unwrap_or_default(), current);
                }
                EntryType::Blob => {
                    let bytes = self.repo.blob(entry.oid, DOCUMENT_MAX)?;
                    self.file(&below, bytes.as_deref(), current);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str, bytes: Option<&[u8]>, current: bool) {
        let Some(bytes) = bytes else {
            return;
        };
        match codec::decode(bytes) {
            Ok(doc) if doc.kind == "repository" => {
                for (rule, element) in rule_elements::all(&doc) {
                    self.element(&doc, path, rule, element, current);
                }
            }
            Ok(doc) => self.document(path, doc, current),
            Err(_) => {
                let text = String::from_utf8_lossy(bytes);
                if let Target::Text(regex) = self.target
                    && current
                    && regex.is_match(&text)
                {
                    self.beyond(path, "content", "it cannot be read as a document");
                }
            }
        }
    }

    /// The content of an artifact is redacted as a whole, by the value of its hash.
    fn content(&mut self, path: &str, bytes: &[u8], current: bool) {
        let (Target::Text(regex), Some(sha256)) = (self.target, layout::content_of_path(path))
        else {
            return;
        };
        let text = String::from_utf8_lossy(bytes);
        if !regex.is_match(&text) {
            return;
        }
        let hits = regex.find_iter(&text).map(|hit| hit.as_str().to_string());
        self.found.matches.extend(hits);
        self.found.values.insert(Value::from(sha256).hash());
        let name = self.contents.get(sha256).cloned();
        let name = name.unwrap_or_else(|| format!("artifact content {}", &sha256[..12]));
        self.place(&name, "content", current, "");
    }

    /// Branches are named after titles, in other characters; they are the user's.
    fn named_after_titles(&mut self) {
        let branches: Vec<(String, String)> = self
            .found
            .current
            .values()
            .filter(|doc| self.found.titled.contains(&doc.uid))
            .filter_map(|doc| Some((named(doc), doc.text("branch")?.to_string())))
            .collect();
        for (name, branch) in branches {
            let why = format!("{branch} was named after the title; rename it");
            self.beyond(&name, "branch", &why);
        }
    }

    fn beyond(&mut self, item: &str, field: &str, why: &str) {
        let text = format!("{field} of {item}: {why}");
        self.found
            .beyond
            .insert(crate::model::text::one_line(&text));
    }

    /// True if the target is this field of the document, whatever it holds.
    fn is_field(&self, doc: &Doc, field: &str) -> bool {
        let Target::Item { uid, field: wanted } = self.target else {
            return false;
        };
        if doc.uid == *uid {
            return match wanted {
                Some(wanted) => wanted == field,
                None => {
                    !WORDS.contains(&field)
                        && !FACTS.contains(&field)
                        && !field.ends_with("_at")
                        && !field.ends_with("_by")
                }
            };
        }
        let about = doc
            .text("item")
            .is_some_and(|item| ItemRef::parse(item).uid.as_ref() == Some(uid));
        let asked = |name: &str| wanted.as_ref().is_none_or(|wanted| wanted == name);
        about
            && match doc.kind.as_str() {
                // Its content goes with its hash.
                ARTIFACT => asked("artifacts") && matches!(field, "name" | "sha256"),
                finding::KIND => asked("findings") && finding::TEXTS.contains(&field),
                _ => asked("comments") && matches!(field, "body" | "subject"),
            }
    }

    /// The replacement of a text: `None` if it may stay.
    fn masked(&mut self, doc: &Doc, field: &str, text: &str) -> Option<String> {
        match self.target {
            Target::Text(regex) => {
                if !regex.is_match(text) {
                    return None;
                }
                let hits = regex.find_iter(text).map(|hit| hit.as_str().to_string());
                self.found.matches.extend(hits);
                Some(regex.replace_all(text, NoExpand(MASK)).into_owned())
            }
            Target::Item { .. } => self.is_field(doc, field).then(|| {
                if field == "title" {
                    MASK.into()
                } else {
                    String::new()
                }
            }),
        }
    }

    fn document(&mut self, path: &str, doc: Doc, current: bool) {
        let name = named(&doc);
        if let (ARTIFACT, Some(sha256)) = (doc.kind.as_str(), doc.text("sha256")) {
            self.contents.insert(sha256.to_string(), name.clone());
        }
        let before = (self.found.values.len(), self.found.versions.len());
        let places = self.found.places.len();
        for (field, reg) in &doc.regs {
            self.register(&doc, &name, field, field, reg, current);
        }
        for (record, entries) in &doc.records {
            for (id, entry) in entries {
                for (field, reg) in &entry.regs {
                    let path = format!("{record}/{id}/{field}");
                    // Claims and attributes of edges hold no user-written text.
                    let asked =
                        record == "acceptance" && matches!(field.as_str(), "text" | "evidence");
                    if matches!(self.target, Target::Text(_)) || asked {
                        self.register(&doc, &name, record, &path, reg, current);
                    }
                }
            }
        }
        for (set, elements) in &doc.sets {
            for element in elements.keys() {
                self.element(&doc, &name, set, element, current);
            }
        }
        self.texts(&doc, &name, current);
        if before != (self.found.values.len(), self.found.versions.len())
            || places != self.found.places.len()
        {
            self.found.items.extend(doc.text("id").map(str::to_string));
        }
        if current {
            self.found.current.insert(path.to_string(), doc);
        }
    }

    fn register(
        &mut self,
        doc: &Doc,
        name: &str,
        field: &str,
        path: &str,
        reg: &Reg,
        current: bool,
    ) {
        let last = path.rsplit('/').next().unwrap_or(path);
        if current && WORDS.contains(&last) && !reg.value.is_null() {
            self.found.words.insert(reg.value.hash());
        }
        let text = match reg.value.searched() {
            None => return,
            Some(Searched::Within(text)) => text,
            Some(Searched::Whole(text)) => match self.target {
                Target::Text(regex) if regex.is_all_of(&text) => {
                    self.found.matches.insert(text.clone());
                    text.into()
                }
                _ => return,
            },
        };
        let within = self.masked_within(&reg.value);
        let found = self.masked(doc, field, &text);
        let Some(masked) = found.or(within.as_ref().map(|_| String::new())) else {
            return;
        };
        if is_identity(path) && matches!(self.target, Target::Text(_)) {
            return self.beyond(
                name,
                field,
                "it identifies the document, so it is never redacted",
            );
        }
        if is_identity(path) {
            return;
        }
        if WORDS.contains(&last) {
            self.found.needed = true;
            return;
        }
        self.found.values.insert(reg.value.hash());
        if path == "title" {
            self.found.titled.insert(doc.uid.clone());
        }
        let keeps = matches!(reg.value, Value::Str(_)) && !masked.is_empty();
        let kept = keeps.then(|| Value::from(masked)).or(within);
        let becomes = kept.as_ref().map(shown).unwrap_or_default();
        if let Some(value) = kept.filter(|_| current) {
            let place = (doc.uid.clone(), path.to_string(), value);
            self.found.masked.push(place);
        }
        self.place(name, path, current, &becomes);
    }

    /// A value of JSON with the target masked in its texts; none if it is in none of them, or also
    /// outside, as a number.
    fn masked_within(&mut self, value: &Value) -> Option<Value> {
        let (Value::Json(json), Target::Text(regex)) = (value, self.target) else {
            return None;
        };
        let mut hits = Vec::new();
        let mut mask = |text: &str| {
            let before = hits.len();
            hits.extend(regex.find_iter(text).map(|hit| hit.as_str().to_string()));
            (hits.len() > before).then(|| regex.replace_all(text, NoExpand(MASK)).into_owned())
        };
        let masked = Value::Json(json_texts::replace(json, &mut mask));
        let is_found = !hits.is_empty();
        self.found.matches.extend(hits);
        let is_left =
            matches!(masked.searched(), Some(Searched::Within(text)) if regex.is_match(&text));
        (is_found && !is_left).then_some(masked)
    }

    fn element(&mut self, doc: &Doc, name: &str, set: &str, element: &str, current: bool) {
        let hit = match self.target {
            Target::Text(regex) => regex.is_match(element),
            Target::Item { uid, field } => doc.uid == *uid && field.as_deref() == Some(set),
        };
        if !hit {
            return;
        }
        if EDGES.contains(&set) {
            self.found.needed = true;
            return;
        }
        if let Target::Text(regex) = self.target {
            let hits = regex.find_iter(element).map(|hit| hit.as_str().to_string());
            self.found.matches.extend(hits);
        }
        self.found.values.insert(Value::from(element).hash());
        self.place(name, set, current, "");
    }

    fn texts(&mut self, doc: &Doc, name: &str, current: bool) {
        for (id, version) in &doc.body.versions {
            let Some(text) = &version.text else {
                continue;
            };
            let Some(masked) = self.masked(doc, "body", text) else {
                continue;
            };
            self.found.versions.insert(id.clone());
            self.place(name, "body", current, &masked);
            if current && !masked.is_empty() {
                self.found.texts.insert(id.clone(), masked);
            }
        }
        // Every version of an item's own text is redacted; only the ids are needed.
        if self.is_field(doc, "body") {
            let replaced = doc.body.replaced();
            self.found.versions.extend(replaced);
        }
    }

    fn place(&mut self, item: &str, field: &str, current: bool, becomes: &str) {
        let line = crate::model::text::one_line(becomes);
        let place = Place {
            item: item.to_string(),
            field: crate::model::text::one_line(field),
            current,
            becomes: match self.target {
                // The neighborhood of the secret, not the whole text.
                Target::Text(_) => around(&line),
                Target::Item { .. } => shorten(&line, REDACTION_EXCERPT_MAX),
            },
        };
        // A place in the state and in its history is reported once.
        let mut known = self.found.places.iter();
        let same = |p: &Place| p.current && p.item == place.item && p.field == place.field;
        if current || !known.any(same) {
            self.found.places.insert(place);
        }
    }
}

/// A value as a report shows it.
fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        other => other.to_json().to_string(),
    }
}

/// The part of a line around the first mask.
fn around(line: &str) -> String {
    let at = line.find(MASK).unwrap_or(0);
    let before = line[..at].chars().count();
    let skip = before.saturating_sub(REDACTION_EXCERPT_MAX / 3);
    let text: String = line.chars().skip(skip).collect();
    let text = shorten(&text, REDACTION_EXCERPT_MAX);
    if skip > 0 { format!("…{text}") } else { text }
}

/// The name of a document in a report.
fn named(doc: &Doc) -> String {
    let about = doc.text("item").map(|item| ItemRef::parse(item).shown());
    let name = match about {
        _ if doc.text("id").is_some() => doc.shown_id().to_string(),
        Some(item) => match (doc.kind.as_str(), doc.text("name")) {
            (ARTIFACT, Some(name)) => format!("artifact {name} of {item}"),
            (kind, _) => format!("{kind} on {item}"),
        },
        None => format!("{} {}", doc.kind, doc.uid),
    };
    crate::model::text::one_line(&name)
}
