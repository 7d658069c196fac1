//! An item in full, as every door of the server shows it: all that `git pm show` says.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::item_views::{self, Detail, bounded};
use super::session::Session;
use super::{answer_text, limits, schema};
use crate::error::{Error, Result};
use crate::pm::shared_views::ItemView;

/// Keys that the text leaves out: it says the same in other words, or only programs use them.
const NOT_IN_TEXT: &[&str] = &[
    "acceptance_criteria",
    "approval",
    "assignee",
    "claim",
    "closed_at",
    "common_status",
    "depends_on",
    "finished_at",
    "kind",
    "started_at",
];

/// What else the answer of `start` says.
const OF_START: [&str; 2] = ["warnings", "learnings"];

/// The answer of a verb that shows or starts items, as data and as text; none for another answer.
pub(super) fn shown(session: &Session, answer: &Value) -> Result<Option<(Value, String)>> {
    if let Some(items) = answer["items"].as_array()
        && items.iter().any(|one| one.get("children").is_some())
    {
        let all = items.iter().map(|one| {
            Ok(shown(session, one)?.unwrap_or_else(|| {
                let data = item_views::concise(one.clone());
                let text = item_views::concise_text(&data);
                (data, text)
            }))
        });
        let (data, texts): (Vec<_>, Vec<_>) = all.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        return Ok(Some((json!({ "items": data }), texts.join("\n\n"))));
    }
    let is_shown = answer.get("children").is_some() || answer.get("warnings").is_some();
    let Some(uid) = answer["uid"].as_str().filter(|_| is_shown) else {
        return Ok(None);
    };
    let mut item = session.pm()?.tasks().show(uid)?;
    let worktree = answer["worktree"].as_str();
    item.worktree = item.worktree.or(worktree.map(str::to_string));
    full(&item, answer).map(Some)
}

/// An item as text.
pub(super) fn text(item: &ItemView) -> Result<String> {
    Ok(full(item, &Value::Null)?.1)
}

/// An item as data and as text, with what an answer says besides.
fn full(item: &ItemView, answer: &Value) -> Result<(Value, String)> {
    let detail = Detail::of(item);
    let (mut data, own) = (object(item)?, object(&detail)?);
    let mut rest = data.clone();
    for (key, value) in answer.as_object().into_iter().flatten() {
        data.entry(key.as_str()).or_insert_with(|| value.clone());
    }
    rest.extend(OF_START.map(|key| (key.to_string(), answer[key].clone())));
    rest.retain(|key, _| !own.contains_key(key) && !NOT_IN_TEXT.contains(&key.as_str()));
    data.extend(own);
    let [data, rest] = [data, rest].map(|map| {
        let mut value = Value::Object(map);
        bound(&mut value, &format!("git pm show {}", item.id));
        schema::without_nulls(&mut value);
        value
    });
    let rest = match answer_text::of(&rest).as_str() {
        "none" => String::new(),
        rest => format!("\n{rest}"),
    };
    Ok((data, detail.text(&rest)))
}

fn object(value: &impl Serialize) -> Result<Map<String, Value>> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(Error::state("cannot write the result")),
    }
}

/// Cuts the texts in a value. One that is cut already is a little longer than that.
fn bound(value: &mut Value, whole: &str) {
    match value {
        Value::String(text) if text.len() > limits::BODY_MAX + limits::ERROR_MAX => {
            *text = bounded(text, limits::BODY_MAX, whole);
        }
        Value::Array(list) => list.iter_mut().for_each(|one| bound(one, whole)),
        Value::Object(map) => map.values_mut().for_each(|one| bound(one, whole)),
        _ => {}
    }
}
