//! Reads the content of a file of Backlog.md.

use std::collections::BTreeMap;

use super::{Place, canonical, parts};
use crate::bridge::content::{Content, Foreign};
use crate::bridge::project::comments::put_comments;
use crate::bridge::project::front_matter::Front;
use crate::bridge::project::markdown::{sections, ticks};
use crate::bridge::project::{Known, foreign_words};
use crate::model::typed_due_date::DayEnd;

/// The title of a file, or its id.
pub(super) fn title_of(raw: &str, id: &str) -> String {
    foreign_words::title(Front::read(raw).text("title").unwrap_or_default(), id)
}

pub(super) fn milestone(record: &Foreign<'_>) -> Content {
    let front = Front::read(record.raw);
    let mut content = Content::default();
    content.put("title", title_of(record.raw, record.id));
    content.put("status", "open");
    content.put("priority", 2);
    content.body = front.body.trim().to_string();
    content
}

pub(super) fn task(
    known: &Known<'_>,
    record: &Foreign<'_>,
    statuses: &[String],
    milestones: &BTreeMap<String, String>,
    notes: &mut Vec<String>,
) -> Content {
    let (place, text) = parts(record.raw);
    let front = Front::read(text);
    let mut content = Content::default();
    content.put("title", title_of(text, record.id));
    let word = front.text("status").unwrap_or_default();
    status(&mut content, place, word, statuses, notes);
    let closed = matches!(content.regs["status"].as_str(), Some("done" | "cancelled"));
    let mut time =
        |field| foreign_words::understood(&front, field, foreign_words::stamp_text, notes);
    let (updated, created) = (time("updated_date"), time("created_date"));
    let due = |text: &str| foreign_words::day_or_time(text, known.now, DayEnd::Last);
    let due = foreign_words::understood(&front, "due_date", due, notes);
    content.put("due_at", due);
    if closed {
        content.put("closed_at", updated.or_else(|| created.clone()));
    }
    content.put("created_at", created);
    content.put(
        "created_by",
        front.text("reporter").map(foreign_words::person),
    );
    foreign_words::put_assignee(&mut content, front.list("assignee"), notes);
    kind_and_priority(&mut content, &front, notes);
    for label in front.list("labels") {
        foreign_words::put_label(&mut content, label);
    }
    for list in ["references", "documentation"] {
        for one in front.list(list) {
            content.put_element("external_refs", one);
        }
    }
    for path in front.list("modified_files") {
        foreign_words::put_path(&mut content, path, notes);
    }
    edges(known, record, &front, milestones, &mut content, notes);
    texts(record, &front.body, &mut content);
    content
}

fn status(
    content: &mut Content,
    place: Place,
    word: &str,
    statuses: &[String],
    notes: &mut Vec<String>,
) {
    let known = match place {
        Place::Archive => Some("cancelled"),
        Place::Completed => Some("done"),
        // A draft is not started before it becomes a task.
        Place::Drafts => Some("deferred"),
        Place::Tasks => foreign_words::status(word)
            .or_else(|| {
                (word.is_empty() || foreign_words::plain(word) == "draft").then_some("queued")
            })
            .or_else(|| {
                let is = |one: Option<&String>| {
                    one.is_some_and(|one| foreign_words::plain(one) == foreign_words::plain(word))
                };
                // The first and the last configured status mean not started and done.
                match () {
                    () if is(statuses.last()) => Some("done"),
                    () if is(statuses.first()) => Some("queued"),
                    () => None,
                }
            }),
    };
    if known.is_none() {
        foreign_words::unknown_status(content, word, notes);
    }
    foreign_words::approved_status(word, notes);
    content.put("status", known.unwrap_or("queued"));
    match place {
        Place::Archive => content.put_element("labels", "archived"),
        Place::Drafts => content.put_element("labels", "draft"),
        Place::Tasks | Place::Completed => {}
    }
}

fn kind_and_priority(content: &mut Content, front: &Front, notes: &mut Vec<String>) {
    foreign_words::put_priority(content, front.text("priority"), notes);
    content.infer("type", "feature");
    if let Some(word) = front.text("type") {
        match foreign_words::item_type(word) {
            Some(word) => content.put("type", word),
            None => foreign_words::put_label(content, &format!("type:{word}")),
        }
    }
}

fn edges(
    known: &Known<'_>,
    record: &Foreign<'_>,
    front: &Front,
    milestones: &BTreeMap<String, String>,
    content: &mut Content,
    notes: &mut Vec<String>,
) {
    // A dependency may be a number alone.
    let full = |id: &str| {
        let id = canonical(id);
        match (id.contains('-'), record.id.rsplit_once('-')) {
            (false, Some((prefix, _))) => format!("{prefix}-{id}"),
            _ => id,
        }
    };
    for id in front.list("dependencies") {
        let id = full(id);
        // If the prefix of ids was changed, old edges still have the right number.
        let number = |id: &str| id.rsplit_once('-').map(|(_, number)| number.to_string());
        let is_same = |other: &str| !other.starts_with("draft-") && number(other) == number(&id);
        let same = known.only(is_same);
        let id = match same.filter(|_| !known.reference(&id).1) {
            Some(same) => same.to_string(),
            None => id,
        };
        known.put_dependency(&id, content, notes);
    }
    let dotted = record.id.rsplit_once('.');
    let dotted = dotted.map(|(parent, _)| parent.to_string());
    let parent = front.text("parent_task_id").map(full);
    let parent = parent.or(dotted.filter(|id| known.reference(id).1));
    if let Some(parent) = parent.filter(|parent| parent != record.id) {
        let (reference, _) = known.reference(&parent);
        content.put_element("edges", format!("parent-child {reference}"));
    }
    if let Some(milestone) = front.text("milestone") {
        match milestones.get(&foreign_words::plain(milestone)) {
            Some(id) => content.put("epic", known.reference(id).0),
            None => foreign_words::put_label(content, &format!("milestone:{milestone}")),
        }
    }
}

/// The description, then the other sections under their headings.
fn texts(record: &Foreign<'_>, body: &str, content: &mut Content) {
    let mut out: Vec<String> = Vec::new();
    for section in sections(body) {
        let name = foreign_words::plain(&section.heading);
        match name.as_str() {
            "" | "description" => out.push(section.text),
            // The definition of done, which is the same for all tasks, is not a criterion.
            "acceptancecriteria" => {
                let (ticks, rest) = ticks(&section.text);
                foreign_words::put_acceptance(content, &record.uid(), &name, &ticks);
                if !rest.is_empty() {
                    out.push(format!("## {}\n\n{rest}", section.heading));
                }
            }
            "comments" if section.text.starts_with("author:") => {
                put_comments(record, &section.text, content)
            }
            _ if section.text.is_empty() => {}
            _ => out.push(format!("## {}\n\n{}", section.heading, section.text)),
        }
    }
    out.retain(|text| !text.is_empty());
    content.body = out.join("\n\n");
}
