//! Concise views of items: what a model needs to know, without empty fields.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{answer_text, limits, schema};
use crate::error::{Error, Result};
use crate::model::edge_type::reading;
use crate::model::returned::Returned;
use crate::model::status::Status;
use crate::model::text;
use crate::pm::shared_views::ItemView;

/// An answer of a verb for a model: items on one line each.
pub(super) fn concise(answer: Value) -> Value {
    match answer {
        Value::Object(map) if map.contains_key("applies_when") => learning(map),
        Value::Object(map) if map.contains_key("uid") && map.contains_key("version") => {
            let line = serde_json::from_value::<Line>(Value::Object(map.clone()));
            let line = line.and_then(serde_json::to_value);
            without_nulls(line.unwrap_or(Value::Object(map)))
        }
        Value::Object(mut map) => {
            // That of one item is in the reasons.
            let is_short = |chain: &Value| chain.as_array().is_some_and(|all| all.len() <= 2);
            if map.contains_key("reasons") && map.get("chain").is_some_and(is_short) {
                map.remove("chain");
            }
            let fields = map.into_iter();
            without_nulls(fields.map(|(key, value)| (key, concise(value))).collect())
        }
        Value::Array(list) => list.into_iter().map(concise).collect(),
        other => other,
    }
}

fn without_nulls(mut value: Value) -> Value {
    schema::without_nulls(&mut value);
    value
}

/// The same as text.
pub(super) fn concise_text(answer: &Value) -> String {
    if let Some(text) = answer["text"]
        .as_str()
        .filter(|_| answer.as_object().is_some_and(|all| all.len() == 1))
    {
        return text.to_string();
    }
    match serde_json::from_value::<Line>(answer.clone()) {
        Ok(line) => line.text(),
        Err(_) => answer_text::of(answer),
    }
}

/// A list as text.
pub(super) fn listed<T: Serialize>(items: &[T]) -> Result<String> {
    let whole = serde_json::to_value(items)
        .map_err(|error| Error::state(format!("cannot write the list: {error}")))?;
    Ok(answer_text::of(&json!({ "items": concise(whole) })))
}

/// An item on one line.
#[derive(Serialize, Deserialize)]
pub(super) struct Line {
    pub id: String,
    pub title: String,
    pub status: String,
    pub priority: u8,
    pub owner: Option<String>,
    pub branch: Option<String>,
    pub worktree: Option<String>,
}

impl Line {
    pub fn of(item: &ItemView) -> Line {
        Line {
            id: item.id.clone(),
            title: item.title.clone(),
            status: item.status.to_string(),
            priority: item.priority,
            owner: item.owner().map(str::to_string),
            branch: item.branch.clone(),
            worktree: item.worktree.clone(),
        }
    }

    /// The text for the client's model.
    pub fn text(&self) -> String {
        let mut line = format!(
            "{} [{}, p{}] {}",
            self.id,
            self.status,
            self.priority,
            text::one_line(&self.title)
        );
        for (word, value) in [
            ("owner", &self.owner),
            ("branch", &self.branch),
            ("worktree", &self.worktree),
        ] {
            if let Some(value) = value {
                line += &format!("\n{word}: {}", text::one_line(value));
            }
        }
        line
    }
}

/// The beginning of a text, with the command that shows the rest.
pub(super) fn bounded(whole: &str, max: usize, command: &str) -> String {
    if whole.len() <= max {
        return whole.to_string();
    }
    let begin = text::head(whole, max);
    format!(
        "{begin}\n[{} more bytes: `{command}`]",
        whole.len() - begin.len()
    )
}

/// An item in full as text for the client's model, with the lines of its further fields.
pub(super) fn full_text(item: &ItemView, rest: &str) -> String {
    let command = format!("git pm show {}", item.id);
    let cut = |text: &str| bounded(text, limits::BODY_MAX, &command);
    let mut whole = Line::of(item).text() + rest;
    let mut add = |line: String| {
        whole.push('\n');
        whole += &line;
    };
    for one in item.criteria() {
        let criterion = &one.criterion;
        let mark = if criterion.done { 'x' } else { ' ' };
        let said = cut(&criterion.text);
        let evidence = criterion.evidence.iter().map(|one| format!(" ({one})"));
        let said = said + &evidence.collect::<String>();
        add(match one.number {
            Some(n) => format!("[{mark}] {n} {}", text::one_line(&said)),
            None => format!("accepted when: {}", text::block(&said)),
        });
    }
    if let Some(one) = &item.returned
        && let Some(note) = &one.note
    {
        let (by, note) = (text::one_line(&one.by), text::block(&cut(note)));
        let step = Returned::next_step(item.status.as_str());
        add(format!("returned by {by}, {step}:\n{note}"));
    }
    let mut other = |kind: &str, id: &str, status: &str, title: &str| {
        add(text::one_line(&format!("{kind}: {id} [{status}] {title}")));
    };
    for edge in &item.edges {
        let kind = match reading(&edge.kind) {
            "blocks" => "waits for",
            "parent-child" => "part of",
            kind => kind,
        };
        let status = edge.status.as_ref().map_or("unknown", Status::as_str);
        let title = edge.title.as_deref().unwrap_or_default();
        other(kind, &edge.target, status, title);
    }
    for (kind, links) in [("child", &item.children), ("needed by", &item.dependents)] {
        for link in links.iter().flatten() {
            other(kind, &link.id, link.status.as_str(), &link.title);
        }
    }
    if let Some(body) = item.body.as_deref().filter(|body| !body.is_empty()) {
        add(format!("\n{}", text::escape_controls(&cut(body))));
    }
    // That of a return is above.
    let note = item.item.returned.as_ref().map(|one| one.note.as_str());
    let comments = item.comments.iter().flatten();
    let comments: Vec<_> = comments
        .filter(|one| Some(one.uid.as_str()) != note)
        .collect();
    let earlier = comments.len().saturating_sub(limits::COMMENTS_MAX);
    if earlier > 0 {
        add(format!("[{earlier} earlier comments: `{command}`]"));
    }
    for comment in &comments[earlier..] {
        let body = bounded(&comment.body, limits::BODY_MAX / 4, &command);
        let (by, at) = (text::one_line(&comment.author), &comment.created_at);
        let at = text::excerpt(at, 40);
        add(format!("{by} ({at}): {}", text::block(&body)));
    }
    whole
}

/// The keys of a learning that a model needs.
const OF_LEARNING: &str = "
    id type title agent status paths tags stale superseded_by contradicts item commit applies_when symptoms
    summary context decision consequences body";

/// A learning without what only programs use.
fn learning(mut map: Map<String, Value>) -> Value {
    if map["status"] == "accepted" {
        map.remove("status");
    }
    // It is the beginning of the text.
    if map.contains_key("body") {
        map.remove("summary");
    }
    let whole = format!(
        "git pm learn show {}",
        map["id"].as_str().unwrap_or_default()
    );
    map.retain(|key, value| {
        if let Value::String(text) = value {
            *text = bounded(text, limits::LEARNING_TEXT_MAX, &whole);
        }
        let is_empty = *value == json!([]) || *value == json!("");
        OF_LEARNING.split_whitespace().any(|one| one == key) && !is_empty
    });
    without_nulls(map.into())
}
