//! Concise views of items: what a model needs to know, without empty fields.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{answer_text, limits, schema};
use crate::error::{Error, Result};
use crate::model::edge_type::reading;
use crate::model::returned::Returned;
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

/// The parts of an item in full that have a form of their own here; its other fields are as everywhere.
#[derive(Serialize)]
pub(super) struct Detail {
    #[serde(flatten)]
    pub line: Line,
    pub acceptance: Vec<Criterion>,
    /// The items that it waits for or is related to.
    pub edges: Vec<Other>,
    pub children: Vec<Other>,
    /// The items that wait for it.
    pub dependents: Vec<Other>,
    /// What a reviewer wants changed.
    pub returned: Option<Comment>,
    pub body: Option<String>,
    pub comments: Vec<Comment>,
    /// The number of earlier ones.
    pub more_comments: Option<usize>,
}

#[derive(Serialize)]
pub(super) struct Criterion {
    /// None for text about the criteria.
    pub number: Option<usize>,
    pub text: String,
    pub done: Option<bool>,
    pub evidence: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Other {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub id: String,
    pub title: Option<String>,
    pub status: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Comment {
    pub author: String,
    pub at: String,
    pub text: String,
}

impl Detail {
    pub fn of(item: &ItemView) -> Detail {
        let whole = format!("git pm show {}", item.id);
        let short = |text: &str| bounded(text, limits::BODY_MAX / 4, &whole);
        let criteria = item.criteria();
        let note = item.item.returned.as_ref().map(|one| one.note.as_str());
        let comments = item.comments.iter().flatten();
        let comments = comments.filter(|one| Some(one.uid.as_str()) != note);
        let all: Vec<_> = comments.collect();
        let more = all.len().saturating_sub(limits::COMMENTS_MAX);
        let returned = item.returned.as_ref();
        Detail {
            line: Line::of(item),
            acceptance: criteria
                .iter()
                .map(|one| Criterion {
                    number: one.number,
                    text: bounded(&one.criterion.text, limits::BODY_MAX, &whole),
                    done: one.number.map(|_| one.criterion.done),
                    evidence: one.criterion.evidence.as_deref().map(short),
                })
                .collect(),
            edges: item
                .edges
                .iter()
                .map(|edge| Other {
                    kind: Some(reading(&edge.kind).into()),
                    id: edge.target.clone(),
                    title: edge.title.clone(),
                    status: edge.status.as_ref().map(ToString::to_string),
                })
                .collect(),
            children: others(item.children.as_deref()),
            dependents: others(item.dependents.as_deref()),
            returned: returned.and_then(|one| {
                Some(Comment {
                    author: one.by.clone(),
                    at: text::excerpt(&one.at, 40),
                    text: bounded(one.note.as_ref()?, limits::BODY_MAX, &whole),
                })
            }),
            body: item
                .body
                .as_deref()
                .filter(|body| !body.is_empty())
                .map(|body| bounded(body, limits::BODY_MAX, &whole)),
            more_comments: (more > 0).then_some(more),
            comments: all[more..]
                .iter()
                .map(|one| Comment {
                    author: one.author.clone(),
                    at: text::excerpt(&one.created_at, 40),
                    text: short(&one.body),
                })
                .collect(),
        }
    }
}

fn others(links: Option<&[crate::pm::shared_views::LinkView]>) -> Vec<Other> {
    let links = links.unwrap_or_default().iter();
    links
        .map(|link| Other {
            kind: None,
            id: link.id.clone(),
            title: Some(link.title.clone()),
            status: Some(link.status.to_string()),
        })
        .collect()
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

impl Detail {
    /// The text for the client's model, with the lines of further fields.
    pub fn text(&self, rest: &str) -> String {
        let mut whole = self.line.text() + rest;
        let mut add = |line: String| {
            whole.push('\n');
            whole += &line;
        };
        for one in &self.acceptance {
            let mark = if one.done == Some(true) { 'x' } else { ' ' };
            let evidence = one
                .evidence
                .iter()
                .map(|one| format!(" ({})", text::one_line(one)));
            let evidence: String = evidence.collect();
            add(match one.number {
                Some(n) => format!("[{mark}] {n} {}{evidence}", text::one_line(&one.text)),
                None => format!("accepted when: {}", text::block(&one.text)),
            });
        }
        if let Some(one) = &self.returned {
            let (by, note) = (text::one_line(&one.author), text::block(&one.text));
            let step = Returned::next_step(&self.line.status);
            add(format!("returned by {by}, {step}:\n{note}"));
        }
        for (word, others) in [
            ("", &self.edges),
            ("child", &self.children),
            ("needed by", &self.dependents),
        ] {
            for other in others {
                let kind = match other.kind.as_deref() {
                    Some("blocks") => "waits for",
                    Some("parent-child") => "part of",
                    Some(kind) => kind,
                    None => word,
                };
                let title = other.title.as_deref().unwrap_or_default();
                let status = other.status.as_deref().unwrap_or("unknown");
                add(text::one_line(&format!(
                    "{kind}: {} [{status}] {title}",
                    other.id
                )));
            }
        }
        if let Some(body) = &self.body {
            add(String::new());
            add(text::escape_controls(body));
        }
        if let Some(n) = self.more_comments {
            add(format!(
                "[{n} earlier comments: `git pm show {}`]",
                self.line.id
            ));
        }
        for comment in &self.comments {
            add(format!(
                "{} ({}): {}",
                text::one_line(&comment.author),
                comment.at,
                text::block(&comment.text)
            ));
        }
        whole
    }
}

/// The keys of a learning that a model needs.
const OF_LEARNING: &[&str] = &[
    "id",
    "type",
    "title",
    "agent",
    "status",
    "paths",
    "tags",
    "stale",
    "superseded_by",
    "contradicts",
    "item",
    "commit",
    "applies_when",
    "symptoms",
    "summary",
    "context",
    "decision",
    "consequences",
    "body",
];

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
        OF_LEARNING.contains(&key.as_str()) && !is_empty
    });
    without_nulls(map.into())
}
