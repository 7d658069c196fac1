//! Learnings as notes that link to each other by name, and agents as definitions for their tools.

use std::collections::{BTreeMap, BTreeSet};

use super::front_matter::Head;
use super::{Files, unique_slug};
use crate::model::doc::Doc;
use crate::model::learning::Learning;
use crate::model::stamp::rfc3339;
use crate::model::uid::Uid;
use crate::store::layout::Family;
use crate::store::state::{Docs, State};

/// The greatest number of links of a note.
const RELATED: usize = 5;

/// The texts of a decision beside its body, with their headings.
const SECTIONS: [(&str, &str); 3] = [
    ("context", "Context"),
    ("decision", "Decision"),
    ("consequences", "Consequences"),
];

/// The documents that are not deleted.
fn live(docs: &Docs) -> impl Iterator<Item = &Doc> {
    let all = docs.values().map(|loaded| &loaded.doc);
    all.filter(|doc| doc.is_live())
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
        _ => learning(doc, &related(doc, docs, &slugs(docs)), ""),
    })
}

/// The learnings in folders by type, and the definitions of agents.
pub(super) fn files(state: &State<'_>, files: &mut Files) {
    learnings(state.learning_docs(), files);
    let agents = state.agent_docs();
    let names = slugs(agents);
    for doc in live(agents) {
        files.insert(format!(".claude/agents/{}.md", names[&doc.uid]), agent(doc));
    }
}

/// The learnings in folders by type.
pub(super) fn learnings(docs: &Docs, files: &mut Files) {
    let names = slugs(docs);
    for doc in live(docs) {
        let path = format!("learnings/{}/{}.md", folder(doc), names[&doc.uid]);
        files.insert(path, learning(doc, &related(doc, docs, &names), ""));
    }
}

/// The learnings as notes in one folder, with their links below the text.
pub(super) fn zettel(docs: &Docs, files: &mut Files) {
    let names = slugs(docs);
    for doc in live(docs) {
        let near = related(doc, docs, &names);
        let named = |set: &str| -> Vec<String> {
            let uids = doc.elements(set).filter_map(Uid::new);
            let names = uids.filter_map(|uid| names.get(&uid));
            names.map(|name| format!("[[{name}]]")).collect()
        };
        let mut lines: Vec<String> = Vec::new();
        for (word, set) in [("Supersedes", "supersedes"), ("Contradicts", "contradicts")] {
            lines.extend(named(set).iter().map(|link| format!("- {word} {link}")));
        }
        lines.extend(near.iter().map(|link| format!("- {link}")));
        let tail = match lines.is_empty() {
            true => String::new(),
            false => section("links", "Links", &lines.join("\n")),
        };
        files.insert(
            format!("{}.md", names[&doc.uid]),
            learning(doc, &near, &tail),
        );
    }
}

/// The learnings in force, each as the text of a note without links, which depend on the others.
pub(in crate::bridge) fn texts(docs: &Docs) -> Files {
    let names = slugs(docs);
    let in_force = |doc: &&Doc| Learning::from_doc(doc).is_some_and(|l| l.is_in_force());
    let note = |doc: &Doc| {
        let path = format!("learnings/{}/{}.md", folder(doc), names[&doc.uid]);
        (path, learning(doc, &[], ""))
    };
    live(docs).filter(in_force).map(note).collect()
}

fn folder(doc: &Doc) -> &'static str {
    match doc.text("type") {
        Some("pattern") => "patterns",
        Some("decision") => "decisions",
        _ => "gotchas",
    }
}

/// A part of the text that a marker separates from the text of the learning.
fn section(name: &str, heading: &str, text: &str) -> String {
    format!("\n\n{}\n## {heading}\n\n{}", marker(name), text.trim())
}

/// The line before a part of the text.
fn marker(name: &str) -> String {
    format!("<!-- pm:{name} -->")
}

/// The text of a learning's note, and its additional texts by their names.
pub(in crate::bridge) fn sections(body: &str) -> (String, BTreeMap<&'static str, String>) {
    let mut found: BTreeMap<&'static str, String> = BTreeMap::new();
    let (mut text, mut current) = (String::new(), None);
    let mut heading = String::new();
    for line in body.lines() {
        let mut known = SECTIONS.into_iter().chain([("links", "Links")]);
        if let Some((name, title)) = known.find(|(name, _)| line.trim() == marker(name)) {
            current = Some(name);
            heading = format!("## {title}");
            found.insert(name, String::new());
            continue;
        }
        let into = match current {
            Some(name) => found.entry(name).or_default(),
            None => &mut text,
        };
        // The heading below a marker is not part of the text.
        if current.is_some() && into.is_empty() && (line == heading || line.is_empty()) {
            heading.clear();
            continue;
        }
        into.push_str(line);
        into.push('\n');
    }
    found.remove("links");
    let found = found.into_iter();
    let found = found.map(|(name, text)| (name, text.trim().to_string()));
    (text.trim().to_string(), found.collect())
}

/// A learning as a note: its date, type, tags and links, its text, and `tail`.
fn learning(doc: &Doc, links: &[String], tail: &str) -> String {
    let mut head = Head::default();
    head.maybe("title", doc.text("title"));
    let day = doc.text("created_at").and_then(|at| at.get(..10));
    head.maybe("date", day);
    head.text("updated", &rfc3339(changed(doc)));
    head.maybe("type", doc.text("type"));
    head.maybe(
        "status",
        doc.text("status").filter(|word| *word != "accepted"),
    );
    head.list("tags", doc.elements("tags"));
    head.list("links", links);
    for name in [
        "category",
        "module",
        "component",
        "severity",
        "problem_type",
        "root_cause",
        "resolution_type",
        "author",
    ] {
        head.maybe(name, doc.text(name));
    }
    for name in [
        "paths",
        "applies_when",
        "symptoms",
        "supersedes",
        "contradicts",
    ] {
        head.list(name, doc.elements(name));
    }
    head.text("pm", doc.uid.as_str());
    let mut body = doc.body.text().trim().to_string();
    for (name, heading) in SECTIONS {
        if let Some(text) = doc.text(name) {
            body += &section(name, heading, text);
        }
    }
    head.file(&(body + tail))
}

/// The time of the last change of its content; uses and votes do not count.
fn changed(doc: &Doc) -> u64 {
    let sets = doc.sets.values().flat_map(BTreeMap::values);
    let regs = doc.regs.values().chain(sets).map(|reg| reg.stamp.ms);
    let texts = doc.body.versions.keys().map(|id| id.stamp.ms);
    regs.chain(texts).max().unwrap_or(0).max(doc.birth.ms)
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

#[cfg(test)]
mod tests {
    #[test]
    fn only_the_own_heading_of_a_text_is_left_out() {
        let note = "A\n\n<!-- pm:decision -->\n## Decision\n\n## Options\n\nB\n";
        let (text, sections) = super::sections(note);
        assert_eq!(text, "A");
        assert_eq!(sections["decision"], "## Options\n\nB");
    }
}
