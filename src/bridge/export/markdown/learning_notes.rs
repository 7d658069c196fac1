//! Learnings as notes that link to each other by name, and agents as definitions for their tools.

use std::collections::{BTreeMap, BTreeSet};

use super::front_matter::Head;
use super::{Files, unique_slug};
use crate::model::doc::Doc;
use crate::model::uid::Uid;
use crate::store::layout::Family;
use crate::store::state::{Docs, State};

/// The greatest number of links of a note.
const RELATED: usize = 5;

/// The documents that are not deleted.
fn live(docs: &Docs) -> impl Iterator<Item = &Doc> {
    let all = docs.values().map(|loaded| &loaded.doc);
    all.filter(|doc| !doc.purged && !doc.value("deleted").is_true())
}

/// A file name for each document, from its title or name.
fn slugs(docs: &Docs) -> BTreeMap<Uid, String> {
    let mut taken = BTreeSet::new();
    let mut out = BTreeMap::new();
    for doc in live(docs) {
        let title = doc.text("title").or(doc.text("name")).unwrap_or_default();
        let name = unique_slug(title, &doc.uid, |name| !taken.contains(name));
        taken.insert(name.clone());
        out.insert(doc.uid.clone(), name);
    }
    out
}

/// The text of a document's file; `None` if it is deleted.
pub(in crate::bridge) fn text(state: &State<'_>, family: Family, uid: &Uid) -> Option<String> {
    let docs = match family {
        Family::Agent => state.agent_docs(),
        _ => state.learning_docs(),
    };
    let doc = live(docs).find(|doc| doc.uid == *uid)?;
    Some(match family {
        Family::Agent => agent(doc),
        _ => learning(doc, docs, &slugs(docs)),
    })
}

pub(super) fn files(state: &State<'_>, files: &mut Files) {
    let learnings = state.learning_docs();
    let names = slugs(learnings);
    for doc in live(learnings) {
        let sort = match doc.text("type") {
            Some("pattern") => "patterns",
            Some("decision") => "decisions",
            _ => "gotchas",
        };
        let path = format!("learnings/{sort}/{}.md", names[&doc.uid]);
        files.insert(path, learning(doc, learnings, &names));
    }
    let agents = state.agent_docs();
    let names = slugs(agents);
    for doc in live(agents) {
        files.insert(format!(".claude/agents/{}.md", names[&doc.uid]), agent(doc));
    }
}

/// A learning as a note: its date, type and tags, and links to the notes that share a tag.
fn learning(doc: &Doc, all: &Docs, names: &BTreeMap<Uid, String>) -> String {
    let mut head = Head::default();
    head.maybe("title", doc.text("title"));
    let day = doc.text("created_at").and_then(|at| at.get(..10));
    head.maybe("date", day);
    head.maybe("type", doc.text("type"));
    head.list("tags", doc.elements("tags"));
    head.list("links", related(doc, all, names));
    for name in [
        "category",
        "module",
        "component",
        "severity",
        "problem_type",
        "root_cause",
        "resolution_type",
    ] {
        head.maybe(name, doc.text(name));
    }
    for name in ["applies_when", "symptoms"] {
        head.list(name, doc.elements(name));
    }
    head.text("pm", doc.uid.as_str());
    head.file(doc.body.text())
}

/// Links `[[name]]` to the notes that share most tags with a note.
fn related(doc: &Doc, all: &Docs, names: &BTreeMap<Uid, String>) -> Vec<String> {
    let tags: BTreeSet<&str> = doc.elements("tags").collect();
    let mut near: Vec<(usize, &String)> = live(all)
        .filter(|other| other.uid != doc.uid)
        .filter_map(|other| {
            let shared = other.elements("tags").filter(|t| tags.contains(t)).count();
            Some((shared, names.get(&other.uid)?)).filter(|(shared, _)| *shared > 0)
        })
        .collect();
    near.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.truncate(RELATED);
    near.iter().map(|(_, name)| format!("[[{name}]]")).collect()
}

/// The definition of an agent.
fn agent(doc: &Doc) -> String {
    let mut head = Head::default();
    head.maybe("name", doc.text("name"));
    head.maybe("description", doc.text("description"));
    head.maybe("model", doc.text("model"));
    let tools: Vec<&str> = doc.elements("tools").collect();
    head.text("tools", &tools.join(", "));
    head.text("pm", doc.uid.as_str());
    head.file(doc.body.text())
}
