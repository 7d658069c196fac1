//! Beads' own JSON: an item, its edges and its comments as the record that `bd` writes.
//!
//! It has the same order and omission of keys.
//!
//! An item that is not an issue appears as the closest issue: a task under its own type, an epic as
//! type `epic`, a PRD as type `prd`. The statuses of tasks become beads' words: queued is `open`;
//! in_review and ready_for_integration are `in_progress`; done and cancelled are `closed`. A status
//! that came with the record of an issue stays as it came until it changes.

use std::cell::LazyCell;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::error::{Error, Result};
use crate::model::criterion;
use crate::model::doc::{Doc, EXTERNAL, Reg};
use crate::model::id::{ItemKind, ItemRef};
use crate::model::imported::imported_from;
use crate::model::item::{Item, PARENT_CHILD};
use crate::model::status::{Status, imported_status};
use crate::model::uid::Uid;
use crate::model::value::Value;
use crate::pm::handles::Issues;
use crate::store::state::State;

/// The value of a key.
#[derive(Clone, Debug)]
pub enum Field {
    /// A plain value.
    Value(serde_json::Value),
    /// JSON text, unchanged.
    Raw(Box<RawValue>),
    /// A list of objects.
    Records(Vec<Record>),
}

/// A JSON object whose keys keep their order.
#[derive(Clone, Debug, Default)]
pub struct Record(Vec<(&'static str, Field)>);

impl Record {
    /// An object of texts.
    pub fn of<const N: usize>(texts: [(&'static str, &str); N]) -> Record {
        let field = |(key, text): (&'static str, &str)| (key, Field::Value(text.into()));
        Record(texts.into_iter().map(field).collect())
    }

    /// Adds a key.
    pub fn put(&mut self, key: &'static str, value: impl Into<serde_json::Value>) {
        self.0.push((key, Field::Value(value.into())));
    }

    /// Adds a key unless its text is empty or missing.
    pub fn text(&mut self, key: &'static str, value: Option<&str>) {
        if let Some(text) = value.filter(|text| !text.is_empty()) {
            self.put(key, text);
        }
    }

    /// The keys and values in order.
    pub fn fields(&self) -> &[(&'static str, Field)] {
        &self.0
    }

    fn flag(&mut self, key: &'static str, on: bool) {
        if on {
            self.put(key, true);
        }
    }

    fn int(&mut self, key: &'static str, value: Option<i64>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// The length of a list.
    fn count(&self, key: &str) -> usize {
        let field = self.0.iter().find(|(name, _)| *name == key);
        match field {
            Some((_, Field::Records(list))) => list.len(),
            _ => 0,
        }
    }

    fn take(&mut self, key: &str) -> Option<(&'static str, Field)> {
        let at = self.0.iter().position(|(name, _)| *name == key)?;
        Some(self.0.remove(at))
    }

    fn records(&mut self, key: &'static str, list: Vec<Record>) {
        if !list.is_empty() {
            self.0.push((key, Field::Records(list)));
        }
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, field) in &self.0 {
            match field {
                Field::Value(value) => map.serialize_entry(key, value)?,
                Field::Raw(raw) => map.serialize_entry(key, raw)?,
                Field::Records(list) => map.serialize_entry(key, list)?,
            }
        }
        map.end()
    }
}

/// Beads' word for the status of an item. `came` tells that of its record, which stays as it came
/// while it is the status.
fn status_word<'i>(item: &'i Item, came: impl FnOnce() -> Option<&'i str>) -> &'i str {
    if item.deleted {
        return "tombstone";
    }
    let closest = match &item.status {
        Status::Queued => "open",
        Status::InReview | Status::ReadyForIntegration => "in_progress",
        Status::Done | Status::Cancelled => "closed",
        other => return other.as_str(),
    };
    came()
        .filter(|came| imported_status(came) == item.status.as_str())
        .unwrap_or(closest)
}

/// The type under which an item appears.
pub fn type_word(item: &Item) -> &str {
    match item.kind {
        ItemKind::Epic => "epic",
        ItemKind::Prd => "prd",
        ItemKind::Task | ItemKind::Issue => &item.item_type,
    }
}

impl Issues<'_> {
    /// The records of some items as beads writes them, in the given order. An item is named by its
    /// uid or id.
    ///
    /// # Errors
    /// When the state cannot be read, or an item does not exist.
    pub fn beads_records(&self, items: &[&str]) -> Result<Vec<Record>> {
        let state = self.pm.store.snapshot()?;
        let one = |name: &&str| {
            let item = named(&state, name)?;
            let mut out = stored(&state, item)?;
            let behind = state.dependents(&item.uid).len() + state.children(&item.uid).len();
            out.put("dependency_count", out.count("dependencies"));
            out.put("dependent_count", behind);
            out.put("comment_count", out.count("comments"));
            out.text("parent", parent(&state, item).as_deref());
            Ok(out)
        };
        items.iter().map(one).collect()
    }

    /// The records of some items as `bd show` prints them: what an item depends on and what depends
    /// on it are whole records, each with its `dependency_type`. A target that does not exist here
    /// is omitted, as in beads.
    ///
    /// # Errors
    /// As [`Self::beads_records`].
    pub fn beads_details(&self, items: &[&str]) -> Result<Vec<Record>> {
        let state = self.pm.store.snapshot()?;
        let linked = |item: &Item, kind: &str| -> Result<Record> {
            let mut out = stored(&state, item)?;
            out.take("dependencies");
            out.take("comments");
            out.put("dependency_type", kind);
            Ok(out)
        };
        let one = |name: &&str| {
            let item = named(&state, name)?;
            let mut out = stored(&state, item)?;
            let (mut on, mut behind) = (Vec::new(), Vec::new());
            for (kind, target) in links(item) {
                let target = target.uid.as_ref().and_then(|uid| state.item(uid));
                if let Some(target) = target.filter(|target| !target.deleted) {
                    on.push(linked(target, kind)?);
                }
            }
            for other in state.items() {
                for (kind, target) in links(other) {
                    if target.uid.as_ref() == Some(&item.uid) {
                        behind.push(linked(other, kind)?);
                    }
                }
            }
            let comments = out.take("comments");
            out.take("dependencies");
            out.records("dependencies", on);
            out.records("dependents", behind);
            out.0.extend(comments);
            out.text("parent", parent(&state, item).as_deref());
            Ok(out)
        };
        items.iter().map(one).collect()
    }
}

fn named<'s>(state: &'s State<'_>, name: &str) -> Result<&'s Item> {
    // A deleted item has only its uid.
    match Uid::new(name).and_then(|uid| state.item(&uid)) {
        Some(item) => Ok(item),
        None => state.find(name),
    }
}

fn parent(state: &State<'_>, item: &Item) -> Option<String> {
    let parent = item.parent().or(item.epic.as_ref())?;
    Some(state.shown_ref(parent))
}

fn stored(state: &State<'_>, item: &Item) -> Result<Record> {
    let Some(doc) = state.doc(&item.uid) else {
        return Err(Error::not_found(format!("{} does not exist", item.id)));
    };
    let mut comments = state.comments_on(&item.uid);
    comments.retain(|doc| !doc.value("deleted").is_true());
    comments.sort_by_key(|doc| (doc.birth.clone(), doc.uid.clone()));
    let shown = |target: &ItemRef| state.shown_ref(target);
    Ok(record(item, doc, &state.shown_id(item), &shown, &comments))
}

/// The record of an item. `id` is its displayed id, `shown` gives those of the items it refers to,
/// and `comments` are the documents of its comments, oldest first.
pub fn record(
    item: &Item,
    doc: &Doc,
    id: &str,
    shown: &dyn Fn(&ItemRef) -> String,
    comments: &[&Doc],
) -> Record {
    let text = |name: &str| doc.text(name);
    let issue = &item.issue;
    let mut out = Record::default();
    out.put("id", id);
    out.put("title", item.title.as_str());
    out.text("description", Some(doc.body.shown()));
    out.text("design", text("design"));
    let criteria = criterion::as_text(&item.acceptance, text(criterion::TEXT));
    out.text(criterion::TEXT, Some(&criteria));
    out.text("notes", text("notes"));
    out.text("spec_id", issue.spec_id.as_deref());
    let imported = LazyCell::new(|| imported_record(doc));
    let status = status_word(item, || {
        let record: &Option<serde_json::Value> = &imported;
        record.as_ref()?["status"].as_str()
    });
    out.put("status", status);
    out.put("priority", item.priority);
    let kind = if item.deleted {
        "task"
    } else {
        type_word(item)
    };
    out.put("issue_type", kind);
    out.text("assignee", item.owner());
    out.text("owner", issue.owner_email.as_deref());
    out.int("estimated_minutes", issue.estimated_minutes);
    out.put("created_at", item.created_at.as_str());
    out.text("created_by", item.created_by.as_deref());
    out.put("updated_at", item.updated_at.as_str());
    out.text("started_at", item.started_at.as_deref());
    if item.status.is_closed() && status != "tombstone" {
        // What beads calls closed has a closing time.
        let needed = (status == "closed").then_some(item.updated_at.as_str());
        out.text("closed_at", item.closed_at.as_deref().or(needed));
        out.text("close_reason", item.reason.as_deref());
    }
    out.text("due_at", issue.due_at.as_deref());
    out.text("defer_until", issue.defer_until.as_deref());
    out.text(
        "external_ref",
        item.external_refs.first().map(String::as_str),
    );
    out.text("source_system", issue.source_system.as_deref());
    if let Some(raw) = text("metadata").and_then(|text| RawValue::from_string(text.into()).ok()) {
        out.0.push(("metadata", Field::Raw(raw)));
    }
    if !item.labels.is_empty() {
        out.put("labels", item.labels.clone());
    }
    out.records(
        "dependencies",
        dependencies(item, doc, &imported, id, shown),
    );
    let comments = comments.iter().map(|comment| one_comment(comment, id));
    out.records("comments", comments.collect());
    out.flag("ephemeral", issue.ephemeral);
    out.flag("pinned", issue.pinned);
    out.flag("is_template", issue.template);
    out.text("await_type", issue.await_type.as_deref());
    out.text("await_id", issue.await_id.as_deref());
    out.int("timeout", issue.timeout_ns);
    if !issue.waiters.is_empty() {
        out.put("waiters", issue.waiters.clone());
    }
    if item.deleted {
        out.text("deleted_at", text("deleted_at").or(Some(&item.updated_at)));
        out.text("deleted_by", text("deleted_by"));
        out.text("delete_reason", text("delete_reason"));
        out.text("original_type", Some(type_word(item)));
    }
    out
}

/// The edges, parents first, epics included: beads' `dependencies`.
fn dependencies(
    item: &Item,
    doc: &Doc,
    imported: &LazyCell<Option<serde_json::Value>, impl FnOnce() -> Option<serde_json::Value>>,
    id: &str,
    shown: &dyn Fn(&ItemRef) -> String,
) -> Vec<Record> {
    let attributes = doc.records.get("edge_attributes");
    let one = |kind: &str, target: &ItemRef, reg: Option<&Reg>| {
        let entry = attributes.and_then(|all| all.get(&format!("{kind} {target}")));
        let written = reg.map(|reg| item.time_of(&reg.stamp));
        let record: &Option<serde_json::Value> = imported;
        let edges = record
            .as_ref()
            .and_then(|one| one["dependencies"].as_array());
        let of_record = edges.into_iter().flatten().find(|edge| {
            edge["type"] == kind && edge["depends_on_id"].as_str() == Some(&target.born)
        });
        let text = |name: &str| {
            let own = entry.and_then(|e| e.text(name));
            own.or_else(|| of_record?[name].as_str())
        };
        let mut out = Record::default();
        out.put("issue_id", id);
        out.put("depends_on_id", shown(target));
        out.put("type", kind);
        let made = text("created_at").or(written.as_deref());
        out.put("created_at", made.unwrap_or(&item.created_at));
        out.text("created_by", text("created_by"));
        out.text("metadata", text("metadata"));
        out.text("thread_id", text("thread_id"));
        out
    };
    let element = |set: &str, name: &str| doc.sets.get(set)?.get(name);
    let links = links(item).into_iter();
    let links = links.map(|(kind, target)| {
        let reg = element("depends_on", &target.to_string())
            .or_else(|| element("edges", &format!("{kind} {target}")))
            .or_else(|| doc.regs.get("epic"));
        one(kind, target, reg)
    });
    links.collect()
}

/// The record of beads that an item was imported as, which tells its status, and who made its edges
/// and when.
fn imported_record(doc: &Doc) -> Option<serde_json::Value> {
    let external = match doc.value(EXTERNAL) {
        Value::Json(external) if imported_from(doc) == Some("beads") => external,
        _ => return None,
    };
    serde_json::from_str(external.get("record")?.as_str()?).ok()
}

/// The edges of an item, each with beads' type: its dependencies, its other edges, and its epic.
fn links(item: &Item) -> Vec<(&str, &ItemRef)> {
    let on = item.depends_on.iter().map(|dep| {
        // A soft dependency does not block in beads either.
        let kind = if dep.soft { "related" } else { "blocks" };
        (kind, &dep.target)
    });
    let edges = item.edges.iter();
    let edges = edges.map(|edge| (edge.kind.as_str(), &edge.target));
    let epic = item.epic_apart();
    on.chain(edges)
        .chain(epic.map(|epic| (PARENT_CHILD, epic)))
        .collect()
}

fn one_comment(doc: &Doc, id: &str) -> Record {
    Record::of([
        ("id", doc.uid.as_str()),
        ("issue_id", id),
        ("author", doc.text("author").unwrap_or_default()),
        ("text", doc.body.shown()),
        ("created_at", doc.text("created_at").unwrap_or_default()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::doc::Doc;
    use crate::model::stamp::{ReplicaId, Stamp};
    use crate::model::uid::Uid;

    fn doc(kind: &str, born: &str) -> Doc {
        let birth = Stamp {
            ms: 1_763_625_600_000,
            counter: 0,
            replica: ReplicaId::new("r").unwrap(),
        };
        let mut doc = Doc::new(Uid::derived(&[born]), kind, born, birth);
        doc.put("title", "Log in");
        doc
    }

    fn shaped(doc: &Doc) -> String {
        let item = Item::from_doc(doc).unwrap();
        let shown = |target: &ItemRef| target.born.clone();
        serde_json::to_string(&record(&item, doc, &item.id, &shown, &[])).unwrap()
    }

    #[test]
    fn in_18_keys_are_in_the_order_of_beads_and_empty_ones_are_omitted() {
        let mut doc = doc("issue", "pm-a3f8");
        doc.put("type", "bug");
        doc.put("priority", 0);
        doc.put("status", "closed");
        doc.put("closed_at", "2025-11-21T08:00:00Z");
        doc.put("reason", "fixed");
        doc.put("created_at", "2025-11-20T08:00:00Z");
        doc.put("metadata", "{\"z\":1,\"a\":2}");
        doc.put("timeout_ns", 1_800_000_000_000);
        doc.put_element("labels", "ci");
        doc.put_element("depends_on", "pm-b-01jd4qz0r0000000000000k3f9");
        doc.put_element("edges", "made-up external:x:1");
        let want = concat!(
            r#"{"id":"pm-a3f8","title":"Log in","status":"closed","priority":0,"issue_type":"bug","#,
            r#""created_at":"2025-11-20T08:00:00Z","updated_at":"2025-11-20T08:00:00Z","#,
            r#""closed_at":"2025-11-21T08:00:00Z","close_reason":"fixed","metadata":{"z":1,"a":2},"#,
            r#""labels":["ci"],"dependencies":[{"issue_id":"pm-a3f8","depends_on_id":"pm-b","#,
            r#""type":"blocks","created_at":"2025-11-20T08:00:00Z"},{"issue_id":"pm-a3f8","#,
            r#""depends_on_id":"external:x:1","type":"made-up","created_at":"2025-11-20T08:00:00Z"}],"#,
            r#""timeout":1800000000000}"#,
        );
        assert_eq!(shaped(&doc), want);
    }

    #[test]
    fn in_18_tasks_epics_and_prds_appear_as_the_nearest_issue() {
        let said = [
            ("task", "queued", "feature", "\"status\":\"open\""),
            ("task", "in_review", "docs", "\"status\":\"in_progress\""),
            ("task", "done", "bug", "\"status\":\"closed\""),
            ("epic", "open", "epic", "\"issue_type\":\"epic\""),
            ("prd", "open", "prd", "\"issue_type\":\"prd\""),
        ];
        for (kind, status, item_type, wanted) in said {
            let mut doc = doc(kind, "T-0001");
            doc.put("status", status);
            doc.put("type", item_type);
            let json = shaped(&doc);
            assert!(json.contains(wanted), "{kind} {status}: {json}");
            let closed = json.contains("\"closed_at\"");
            assert_eq!(closed, json.contains("\"closed\""), "{json}");
        }
        // The words of a record are its tracker's own.
        for (came, status) in [
            ("in_review", "in_review"),
            ("ready_for_integration", "in_review"),
            ("queued", "queued"),
            ("done", "done"),
        ] {
            let mut doc = doc("issue", "pm-a");
            doc.put("status", status);
            let raw = format!("{{\"id\":\"pm-a\",\"status\":\"{came}\"}}");
            let external = serde_json::json!({ "source": "beads", "record": raw });
            doc.put(EXTERNAL, Value::Json(external));
            let json = shaped(&doc);
            assert!(json.contains(&format!("\"status\":\"{came}\"")), "{json}");
            assert!(!json.contains("closed_at"), "{json}");
            doc.put("status", "cancelled");
            assert!(shaped(&doc).contains("\"status\":\"closed\""));
        }
        let mut gone = doc("issue", "pm-a");
        gone.put("type", "bug");
        gone.put("deleted", true);
        let json = shaped(&gone);
        assert!(json.contains("\"status\":\"tombstone\""), "{json}");
        assert!(json.contains("\"original_type\":\"bug\""), "{json}");
    }
}
