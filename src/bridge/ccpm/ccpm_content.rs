//! Reads the content of a PRD, an epic or a task of ccpm.

use super::analysis_streams::{planned, streams};
use super::{Numbers, Raw, forge_number};
use crate::bridge::content::{Content, Foreign};
use crate::bridge::project::comments::put_comments;
use crate::bridge::project::foreign_words::understood;
use crate::bridge::project::front_matter::Front;
use crate::bridge::project::markdown::{named, sections, ticks};
use crate::bridge::project::{Known, foreign_words};
use crate::model::text::excerpt;
use crate::model::typed_due_date::DayEnd;
use crate::model::vocabulary::{Estimate, Risk, Validation};

pub(super) fn prd(
    known: &Known<'_>,
    record: &Foreign<'_>,
    raw: &Raw<'_>,
    notes: &mut Vec<String>,
) -> Content {
    let front = Front::read(raw.text);
    let mut content = described(known, record, &front, notes);
    let status = understood(&front, "status", foreign_words::status, notes);
    let over = status == Some("done");
    content.put("status", if over { "closed" } else { "open" });
    content
}

/// Puts the fields that our own export adds.
fn extras(known: &Known<'_>, content: &mut Content, front: &Front, notes: &mut Vec<String>) {
    let mut time = |field| understood(front, field, foreign_words::stamp_text, notes);
    content.put("created_at", time("created"));
    content.put("closed_at", time("closed"));
    // The time of the record.
    time("updated");
    for (field, name, end) in [
        ("due_at", "due", DayEnd::Last),
        ("defer_until", "defer", DayEnd::First),
    ] {
        let day = |text: &str| foreign_words::day_or_time(text, known.now, end);
        content.put(field, understood(front, name, day, notes));
    }
    let priority = |word: &str| {
        let number: Option<i64> = word.trim_start_matches(['P', 'p']).parse().ok();
        let number = number.filter(|n| (0..=4).contains(n));
        number.or_else(|| foreign_words::priority(word))
    };
    content.put("priority", understood(front, "priority", priority, notes));
    let effort = understood(front, "effort", foreign_words::estimate, notes);
    content.put("estimate", effort);
    let points = |word: &str| word.parse::<i64>().ok().filter(|n| *n >= 0);
    content.put("points", understood(front, "points", points, notes));
    for name in ["assignee", "created_by"] {
        content.put(name, front.text(name).map(foreign_words::person));
    }
    for name in ["stream", "reason"] {
        content.put(name, front.text(name));
    }
    let lists = [
        Estimate::VOCABULARY,
        Risk::VOCABULARY,
        Validation::VOCABULARY,
    ];
    for list in lists {
        let check = |word: &str| list.check(word).ok();
        content.put(list.field, understood(front, list.field, check, notes));
    }
    for label in front.list("labels") {
        foreign_words::put_label(content, label);
    }
    for one in front.list("external_refs") {
        content.put_element("external_refs", one);
    }
    for path in front.list("paths") {
        foreign_words::put_path(content, path, notes);
    }
}

/// The content that PRDs, epics and tasks have in common.
fn described(
    known: &Known<'_>,
    record: &Foreign<'_>,
    front: &Front,
    notes: &mut Vec<String>,
) -> Content {
    let mut content = Content::default();
    let last = record.id.rsplit('/').next().unwrap_or_default();
    let mut lines = front.body.lines();
    let heading = lines.find_map(|line| line.strip_prefix("# "));
    let name = front.text("name").or(front.text("title")).or(heading);
    content.put(
        "title",
        foreign_words::title(name.unwrap_or_default(), last),
    );
    content.put("priority", 2);
    if let Some(address) = front.text("github").filter(|text| text.starts_with("http")) {
        // Before the first sync with GitHub, the field has a placeholder.
        if forge_number(address).is_some() {
            content.put_element("external_refs", address);
        }
    }
    extras(known, &mut content, front, notes);
    let summary = front.text("description").unwrap_or_default();
    let body = front.body.trim();
    content.body = match (summary.is_empty(), body.is_empty()) {
        (true, _) => body.to_string(),
        (_, true) => summary.to_string(),
        _ => format!("{summary}\n\n{body}"),
    };
    split_text(record, &mut content);
    content
}

/// The fields of a file: its front matter, else the first YAML block in its text.
pub(super) fn with_block(front: Front, text: &str) -> Front {
    let block = text
        .split_once("```yaml\n")
        .filter(|_| front.names().next().is_none());
    let Some((block, _)) = block.and_then(|(_, rest)| rest.split_once("\n```")) else {
        return front;
    };
    let mut fields = Front::of_fields(block);
    fields.body = front.body;
    fields
}

pub(super) fn epic(
    known: &Known<'_>,
    record: &Foreign<'_>,
    raw: &Raw<'_>,
    notes: &mut Vec<String>,
) -> Content {
    let front = Front::read(raw.text);
    let mut content = described(known, record, &front, notes);
    let word = front.text("status").unwrap_or_default();
    let status = match foreign_words::status(word) {
        _ if raw.archived => "closed",
        Some("done") => "closed",
        Some("in_progress") => "in_progress",
        Some(_) => "open",
        None => {
            if !word.is_empty() {
                foreign_words::unknown_status(&mut content, word, notes);
            }
            "open"
        }
    };
    content.put("status", status);
    if let Some(prd) = front.text("prd") {
        let name = prd.rsplit('/').next().unwrap_or(prd);
        let name = name.strip_suffix(".md").unwrap_or(name);
        let (reference, there) = known.reference(&format!("prd/{name}"));
        if there {
            content.put_element("edges", format!("parent-child {reference}"));
        } else {
            notes.push(format!("belongs to the PRD {name}, which does not exist"));
        }
    }
    content
}

pub(super) fn task(
    known: &Known<'_>,
    record: &Foreign<'_>,
    raw: &Raw<'_>,
    numbers: &Numbers,
    notes: &mut Vec<String>,
) -> Content {
    let front = with_block(Front::read(raw.text), raw.text);
    let mut content = described(known, record, &front, notes);
    if front.text("name").is_none() {
        notes.push("has no `name:`; its title is taken from its heading or file name".into());
    }
    let word = front.text("status").unwrap_or_default();
    let ours = foreign_words::status(word).filter(|s| *s == "done" || !raw.archived);
    if ours.is_none() && !raw.archived && !word.is_empty() {
        foreign_words::unknown_status(&mut content, word, notes);
    }
    foreign_words::approved_status(word, notes);
    let status = ours.unwrap_or(if raw.archived { "done" } else { "queued" });
    content.put("status", status);
    if status == "done" && !content.regs.contains_key("closed_at") {
        content.put(
            "closed_at",
            front.text("updated").and_then(foreign_words::stamp_text),
        );
    }
    let epic = record.id.split('/').next().unwrap_or_default();
    let (reference, there) = known.reference(&format!("epic/{epic}"));
    if there {
        content.put("epic", reference);
    }
    let sort = understood(&front, "type", foreign_words::item_type, notes);
    content.put("type", sort.unwrap_or("feature"));
    let mut find = |word: &str| -> Option<String> {
        let word = word.trim().trim_start_matches('#').trim_end_matches(".md");
        let Ok(number) = word.parse::<u64>() else {
            let name = word.rsplit('/').next();
            let is_it =
                |id: &str| id.split('/').next() == Some(epic) && id.rsplit('/').next() == name;
            let found = known.only(is_it).map(|id| known.reference(id).0);
            if found.is_none() {
                let word = excerpt(word, 60);
                notes.push(format!("refers to `{word}`, which is no task; left out"));
            }
            return found;
        };
        let found = numbers.get(&(epic.to_string(), number)).cloned();
        let found = found.or_else(|| {
            // A task of another epic, if it is the only one with that number.
            let mut others = numbers.iter().filter(|((_, n), _)| *n == number);
            others
                .next()
                .filter(|_| others.next().is_none())
                .map(|(_, id)| id.clone())
        });
        let id = found.unwrap_or_else(|| format!("{epic}/{number}"));
        let (reference, there) = known.reference(&id);
        if !there {
            notes.push(format!(
                "refers to {id}, which does not exist; the edge is kept"
            ));
        }
        Some(reference)
    };
    for word in front.list("depends_on") {
        if let Some(reference) = find(word) {
            content.put_element("depends_on", reference);
        }
    }
    for word in front.list("conflicts_with") {
        if let Some(reference) = find(word) {
            content.put_element("edges", format!("conflicts-with {reference}"));
        }
    }
    if let Some(reference) = front.text("parent").and_then(&mut find) {
        content.put_element("edges", format!("parent-child {reference}"));
    }
    if let Some(word) = front.text("bug_for") {
        content.put("type", "bug");
        if let Some(reference) = find(word) {
            content.put_element("edges", format!("discovered-from {reference}"));
        }
    }
    if let [one] = &streams(raw.analysis)[..] {
        planned(&mut content, one, notes);
    }
    content
}

/// Moves acceptance criteria, comments and the estimate from the text to their fields.
fn split_text(record: &Foreign<'_>, content: &mut Content) {
    let body = std::mem::take(&mut content.body);
    let mut out = Vec::new();
    for section in sections(&body) {
        let name = foreign_words::plain(&section.heading);
        let mut text = section.text.clone();
        if name == "acceptancecriteria" {
            let (boxes, rest) = ticks(&section.text);
            foreign_words::put_acceptance(content, &record.uid(), &name, &boxes);
            text = rest;
            if text.is_empty() {
                continue;
            }
        }
        if name == "comments" && section.text.starts_with("author:") {
            put_comments(record, &section.text, content);
            continue;
        }
        if name.starts_with("effort") {
            let first = |what| named(&section.text, what)?.first().copied();
            if let Some(size) = first("Size").and_then(foreign_words::estimate) {
                content.put("estimate", size);
            }
            let hours =
                first("Hours").and_then(|h| h.split_whitespace().next()?.parse::<f64>().ok());
            if let Some(hours) = hours.filter(|h| (0.0..=10_000.0).contains(h)) {
                content.put("estimated_minutes", (hours * 60.0).round() as i64);
            }
        }
        out.push(match section.heading.as_str() {
            "" => text,
            heading => format!("## {heading}\n\n{text}"),
        });
    }
    content.body = out.join("\n\n").trim().to_string();
}
