//! The join of two documents with one uid: which values win.
//!
//! The greater stamp wins in every register, sets and records join element by element, prose keeps
//! every version that nothing replaces. Pure.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::doc::{Doc, Entry, Reg, is_identity};
use crate::model::json_texts;
use crate::model::prose::{Prose, VersionId};
use crate::model::rule_elements;
use crate::model::secret_hash::SecretHash;
use crate::model::uid::is_sha256;
use crate::model::value::{Searched, Value};
use crate::repository;

/// The permanently redacted content: only grows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redactions {
    /// SHA-256 (hexadecimal) of the canonical bytes of redacted values and set elements.
    pub values: BTreeSet<String>,
    /// The versions of prose that were redacted.
    pub versions: BTreeSet<VersionId>,
    /// Texts that no value, element or prose may hold.
    pub texts: BTreeSet<SecretHash>,
}

impl Redactions {
    /// True if nothing is redacted.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.versions.is_empty() && self.texts.is_empty()
    }

    /// True if a text contains a redacted one.
    fn are_in(&self, text: &str) -> bool {
        self.texts.iter().any(|name| name.is_in(text))
    }

    /// The record of an import without the redacted texts, if it has any: with them it would be
    /// hidden as a whole.
    pub fn masked(&self, record: &str) -> Option<String> {
        if self.texts.is_empty() {
            return None;
        }
        let cut = |text: &str| {
            let all = self.texts.iter();
            all.fold(text.to_string(), |text, name| name.cut_from(&text))
        };
        let mut mask = |text: &str| self.are_in(text).then(|| cut(text));
        Some(json_texts::replace_in(record, &mut mask)).filter(|masked| masked != record)
    }

    /// True if the content of an artifact is redacted: its hash is a redacted value, or it contains
    /// a redacted text.
    pub fn hide_content(&self, sha256: &str, content: &[u8]) -> bool {
        self.hide_hash(sha256) || self.hide_bytes(content)
    }

    /// True if the hash of a content is a redacted value.
    pub(super) fn hide_hash(&self, sha256: &str) -> bool {
        self.values.contains(&Value::from(sha256).hash())
    }

    /// True if a content contains a redacted text.
    pub(super) fn hide_bytes(&self, content: &[u8]) -> bool {
        self.texts.iter().any(|name| name.is_within(content))
    }

    /// True if a value is redacted.
    fn hide(&self, value: &Value) -> bool {
        if value.is_null() {
            return false;
        }
        if self.values.contains(&value.hash()) {
            return true;
        }
        if self.texts.is_empty() {
            return false;
        }
        match value.searched() {
            None => false,
            Some(Searched::Within(text)) => self.are_in(&text),
            Some(Searched::Whole(text)) => self.texts.iter().any(|name| name.is_all_of(&text)),
        }
    }
}

/// Joins `b` into `a`. Both must have the same uid.
pub fn join(a: &Doc, b: &Doc) -> Doc {
    debug_assert_eq!(a.uid, b.uid);
    let mut out = a.clone();
    // The identity is the same unless it was forged: then one of the two, the same everywhere.
    if (&b.kind, &b.born) > (&a.kind, &a.born) {
        out.kind.clone_from(&b.kind);
        out.born.clone_from(&b.born);
    }
    if b.birth < out.birth {
        out.birth = b.birth.clone();
    }
    regs(&mut out.regs, &b.regs);
    keep_newer_format(&mut out, a, b);
    for (name, set) in &b.sets {
        regs(out.sets.entry(name.clone()).or_default(), set);
    }
    for (name, record) in &b.records {
        let into = out.records.entry(name.clone()).or_default();
        for (id, entry) in record {
            match into.get_mut(id) {
                None => {
                    into.insert(id.clone(), entry.clone());
                }
                Some(present) => join_entry(present, entry),
            }
        }
    }
    out.settle_shapes();
    prose(&mut out.body, &b.body);
    out.purged |= b.purged;
    if out.purged {
        out.purge();
    }
    out
}

/// The version of the format never goes back, whatever was written last: the places of documents
/// depend on it.
fn keep_newer_format(out: &mut Doc, a: &Doc, b: &Doc) {
    let newer = match repository::version(a).cmp(&repository::version(b)) {
        Ordering::Equal => return,
        Ordering::Greater => a,
        Ordering::Less => b,
    };
    if newer.kind == repository::KIND
        && let Some(reg) = newer.regs.get(repository::FORMAT)
    {
        out.regs.insert(repository::FORMAT.into(), reg.clone());
    }
}

fn join_entry(a: &mut Entry, b: &Entry) {
    if b.at < a.at {
        a.at = b.at.clone();
    }
    regs(&mut a.regs, &b.regs);
}

fn regs(a: &mut BTreeMap<String, Reg>, b: &BTreeMap<String, Reg>) {
    for (name, theirs) in b {
        match a.get_mut(name) {
            None => {
                a.insert(name.clone(), theirs.clone());
            }
            Some(ours) => {
                let order = ours
                    .stamp
                    .cmp(&theirs.stamp)
                    .then_with(|| ours.value.tie(&theirs.value));
                if order.is_lt() {
                    *ours = theirs.clone();
                }
            }
        }
    }
}

/// The union of the versions, minus everything that any version ever replaced.
fn prose(a: &mut Prose, b: &Prose) {
    a.dropped.extend(b.dropped.iter().cloned());
    for (id, theirs) in &b.versions {
        match a.versions.get_mut(id) {
            None => {
                a.versions.insert(id.clone(), theirs.clone());
            }
            Some(ours) => ours.join(theirs),
        }
    }
    a.settle();
}

/// Applies redactions: a redacted value becomes its hash and keeps its stamp, a redacted version
/// keeps its id, and anything that contains a redacted text is removed too. A version that may
/// quote a redacted one (it replaces it without knowing that it is redacted) is withheld. Returns
/// the withheld texts with their ids, for their authors.
pub fn redact(doc: &mut Doc, redactions: &Redactions) -> Vec<(VersionId, String)> {
    if redactions.is_empty() {
        return Vec::new();
    }
    if doc.kind == "repository" {
        if let Some(record) = doc.records.get_mut(rule_elements::RECORD) {
            redact_rules(record, redactions);
        }
        return Vec::new();
    }
    let mut withheld = Vec::new();
    let mut hide = |reg: &mut Reg| {
        if !redactions.hide(&reg.value) {
            return;
        }
        let hash = reg.value.hash();
        // The redaction did not include this one: its author may want the rest of it.
        if let Value::Str(text) = &reg.value
            && !redactions.values.contains(&hash)
        {
            withheld.push((VersionId::of(reg.stamp.clone(), text), text.clone()));
        }
        reg.value = Value::Redacted(hash);
    };
    for (name, reg) in &mut doc.regs {
        if !is_identity(name) {
            hide(reg);
        }
    }
    for set in doc.sets.values_mut() {
        redact_elements(set, redactions);
    }
    for record in doc.records.values_mut() {
        for entry in record.values_mut() {
            entry.regs.values_mut().for_each(&mut hide);
        }
    }
    for (id, version) in &mut doc.body.versions {
        if redactions.versions.contains(id) {
            version.text = None;
            continue;
        }
        let suspect = version.quotes().any(|r| redactions.versions.contains(r))
            || version
                .text
                .as_deref()
                .is_some_and(|t| redactions.are_in(t));
        if suspect && let Some(text) = version.text.take() {
            withheld.push((id.clone(), text));
        }
    }
    withheld
}

/// A redacted element becomes `redacted:<hash>`, joined with what has that name already.
fn redact_elements(set: &mut BTreeMap<String, Reg>, redactions: &Redactions) {
    let hidden: Vec<(String, String)> = set
        .keys()
        .filter(|element| !is_hidden(element))
        .map(|element| (element.clone(), Value::from(element.as_str())))
        .filter(|(_, value)| redactions.hide(value))
        .map(|(element, value)| (element, value.hash()))
        .collect();
    for (element, hash) in hidden {
        if let Some(reg) = set.remove(&element) {
            regs(set, &BTreeMap::from([(format!("{HIDDEN}{hash}"), reg)]));
        }
    }
}

/// As [`redact_elements`], for the elements of shared rules. In `pm.yaml` nothing else is redacted:
/// it has the redactions.
fn redact_rules(record: &mut BTreeMap<String, Entry>, redactions: &Redactions) {
    for (id, entry) in std::mem::take(record) {
        let element = rule_elements::named(&id).map_or("", |(_, element)| element);
        let value = Value::from(element);
        let hidden = !is_hidden(element) && redactions.hide(&value);
        let id = hidden
            .then(|| rule_elements::renamed(&id, &format!("{HIDDEN}{}", value.hash())))
            .flatten()
            .unwrap_or(id);
        let joined = record.entry(id);
        let joined = joined.and_modify(|present| join_entry(present, &entry));
        joined.or_insert(entry);
    }
}

/// The prefix of the hash of a redacted element.
const HIDDEN: &str = "redacted:";

/// True if an element was redacted: it stays as it is.
fn is_hidden(element: &str) -> bool {
    element.strip_prefix(HIDDEN).is_some_and(is_sha256)
}
