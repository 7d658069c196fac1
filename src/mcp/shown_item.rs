//! An item in full, as every door of the server shows it: all that `git pm show` says.

use std::any::Any;

use serde_json::{Map, Value, json};

use super::item_views::{self, bounded};
use super::session::Session;
use super::{answer_text, limits, schema};
use crate::error::{Error, Result};
use crate::model::criterion::Shown;
use crate::pm::Pm;
use crate::pm::shared_views::ItemView;
use crate::verbs::issue_list::ShowIssues;
use crate::verbs::show::{Show, Shown as ShownOne, ShownItems};
use crate::verbs::{Changed, Verb as _, value};

/// Keys that the text has in a form of its own, or in other words, or that only programs use.
const NOT_AS_FIELDS: &str = "
    acceptance acceptance_criteria approval assignee body branch children claim comments common_status
    dependents depends_on edges id kind owner priority returned status title worktree";

/// What else the answer of `start` says.
const OF_START: [&str; 2] = ["warnings", "learnings"];

/// The items that a request shows; none if it does something else.
pub(super) fn read(pm: &Pm, request: &dyn Any) -> Result<Option<ShownItems>> {
    let fetched = || pm.state().merge_fetched();
    if let Some(show) = request.downcast_ref::<Show>() {
        fetched();
        return show.answer(pm).map(Some);
    }
    let Some(show) = request.downcast_ref::<ShowIssues>() else {
        return Ok(None);
    };
    fetched();
    Ok(Some(match show.answer(pm)? {
        Changed::One(one) => ShownItems::One(ShownOne::Item(one)),
        Changed::Many { items } => {
            let items = items.into_iter().map(|one| ShownOne::Item(Box::new(one)));
            let items = items.collect();
            ShownItems::Many { items }
        }
    }))
}

/// The answer of `show`, as data and, where it is no list of values, as text: its items are those that it has read.
pub(super) fn of_show(session: &Session, answer: &ShownItems) -> Result<(Value, Option<String>)> {
    let is_item = |one: &ShownOne| matches!(one, ShownOne::Item(_));
    let of_one = |one: &ShownOne| match one {
        ShownOne::Item(item) => full(item, &Value::Null).map(|(data, text)| (data, Some(text))),
        other => told(session, value(other)?),
    };
    match answer {
        ShownItems::One(one) => of_one(one),
        ShownItems::Many { items } if items.iter().any(is_item) => {
            let all = items.iter().map(|one| {
                let (data, text) = of_one(one)?;
                let text = text.unwrap_or_else(|| item_views::concise_text(&data));
                Ok((data, text))
            });
            let (data, text) = joined(all.collect::<Result<Vec<_>>>()?);
            Ok((data, Some(text)))
        }
        ShownItems::Many { .. } => told(session, value(answer)?),
    }
}

/// Any answer, as data and, where it shows or starts items, as text.
pub(super) fn told(session: &Session, answer: Value) -> Result<(Value, Option<String>)> {
    Ok(match shown(session, &answer)? {
        Some((data, text)) => (data, Some(text)),
        None => (item_views::concise(answer), None),
    })
}

fn joined(items: Vec<(Value, String)>) -> (Value, String) {
    let (data, texts): (Vec<_>, Vec<_>) = items.into_iter().unzip();
    (json!({ "items": data }), texts.join("\n\n"))
}

/// The answer of a verb that shows or starts items, as data and as text; none for another answer.
fn shown(session: &Session, answer: &Value) -> Result<Option<(Value, String)>> {
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
        return Ok(Some(joined(all.collect::<Result<Vec<_>>>()?)));
    }
    // As it was: nothing else is known of that time.
    if let (Value::Object(then), Some(id)) = (answer, answer["id"].as_str())
        && answer["as_of"].is_object()
    {
        let data = brief(then.clone(), id);
        let text = answer_text::of(&data);
        return Ok(Some((data, text)));
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

/// The fields that have a value, with the beginning of a long text.
fn brief(mut map: Map<String, Value>, id: &str) -> Value {
    let command = format!("git pm show {id}");
    for value in map.values_mut() {
        if let Value::String(text) = value {
            *text = bounded(text, limits::BODY_MAX, &command);
        }
    }
    let mut value = Value::Object(map);
    schema::without_nulls(&mut value);
    value
}

/// An item as data and as text, with what an answer says besides.
fn full(item: &ItemView, answer: &Value) -> Result<(Value, String)> {
    let Ok(Value::Object(mut data)) = serde_json::to_value(item) else {
        return Err(Error::state("cannot write the result"));
    };
    let mut fields = data.clone();
    fields.retain(|key, _| !NOT_AS_FIELDS.split_whitespace().any(|one| one == key));
    fields.extend(OF_START.map(|key| (key.to_string(), answer[key].clone())));
    for (key, value) in answer.as_object().into_iter().flatten() {
        data.entry(key.as_str()).or_insert_with(|| value.clone());
    }
    // With the text about them, which has no number.
    let criteria = item.criteria().into_iter();
    let criteria = criteria.map(|Shown { number, criterion }| match number {
        Some(number) => {
            let mut one = json!(criterion);
            one["number"] = number.into();
            one
        }
        None => json!({ "text": criterion.text }),
    });
    data.insert("acceptance".into(), criteria.collect());
    let (data, fields) = (brief(data, &item.id), brief(fields, &item.id));
    let fields = match answer_text::of(&fields).as_str() {
        "none" => String::new(),
        fields => format!("\n{fields}"),
    };
    Ok((data, item_views::full_text(item, &fields)))
}
