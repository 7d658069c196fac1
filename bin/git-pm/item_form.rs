//! An item as a form for an editor.
//!
//! Its fields are front matter, with the keys of JSON; below is its text in Markdown.

use std::fmt::Write as _;

use git_pm::items::ItemView;
use git_pm::tasks::ItemEdit;
use git_pm::verbs::item::{Create, Edit};
use git_pm::{Env, Error, Result};
use serde_json::{Map, Value, json};

use crate::context::Context;
use crate::editor;
use crate::failure::Failure;

/// Begins the lines of what is wrong with a form, above it.
const PROBLEM: &str = "# Not applied: ";

/// The fields of the form, with what can be written there.
const FIELDS: [(&str, &str); 12] = [
    ("title", ""),
    ("type", "feature, bug, chore, docs, test"),
    ("priority", "0 (urgent) to 4"),
    ("accept", "criteria, a line each: - passes 100 times"),
    ("path", "what it will change: [src/auth/**]"),
    ("depends_on", "what it waits for: [T-0001]"),
    ("epic", ""),
    ("label", "[perf, ui]"),
    ("assignee", ""),
    ("estimate", "XS, S, M, L, XL"),
    ("due", "friday, Dec 1, 2026-12-24"),
    ("defer", "hide it from the work that is offered until then"),
];

/// Opens the form of a new item, with what was typed, and creates the item that it describes.
pub fn create<T>(
    context: &Context,
    request: &Create,
    mut create: impl FnMut(Create) -> Result<T>,
) -> std::result::Result<T, Failure> {
    let mut known = Map::new();
    known.insert("title".into(), Value::from(request.title.as_str()));
    known.insert("type".into(), request.fields.item_type.clone().into());
    let new = format!("new-{}", request.kind);
    apply_form(context, &new, &text(&known, ""), |mut form| {
        let is_given = |value: &Value| *value != json!("") && *value != json!([]);
        form.retain(|key, value| key == "title" || is_given(value));
        let mut typed: Create = serde_json::from_value(Value::Object(form)).map_err(unreadable)?;
        if typed.title.is_empty() {
            return Err(Error::usage("the title is empty; nothing was created"));
        }
        typed.kind = request.kind;
        create(typed)
    })
}

/// Opens the form of an item, and makes the edit that was written there.
pub fn edit<T>(
    context: &Context,
    id: &str,
    item: &ItemView,
    mut change: impl FnMut(Edit) -> Result<T>,
) -> std::result::Result<T, Failure> {
    let before = text(
        &values(context.pm()?.env(), item),
        item.body.as_deref().unwrap_or_default(),
    );
    let old = read(&before)?;
    apply_form(context, &item.id, &before, |mut form| {
        form.retain(|key, value| old.get(key) != Some(value));
        for (_, value) in &mut form {
            // A list replaces that of the item: an empty text clears it first.
            if let Value::Array(list) = value {
                list.insert(0, "".into());
            }
        }
        let edit: ItemEdit = serde_json::from_value(Value::Object(form)).map_err(unreadable)?;
        change(Edit {
            id: vec![id.to_string()],
            edit,
            ..Edit::default()
        })
    })
}

/// Opens a form in the editor until what it asks for is done.
fn apply_form<T>(
    context: &Context,
    id: &str,
    before: &str,
    mut request: impl FnMut(Map<String, Value>) -> Result<T>,
) -> std::result::Result<T, Failure> {
    let apply = |form: &str| read(form).and_then(&mut request);
    editor::apply_edited(context, ["item-edit", id], before, apply, |form, error| {
        let hints = error.hints().iter().map(ToString::to_string);
        let lines = std::iter::once(error.message().to_string()).chain(hints);
        let lines = lines.map(|line| format!("{PROBLEM}{}\n", line.replace('\n', " ")));
        Ok(lines.collect::<String>() + without_problems(form))
    })
}

/// A form without what was wrong with it before.
fn without_problems(mut form: &str) -> &str {
    while form.starts_with(PROBLEM.trim_end()) {
        form = form.split_once('\n').map_or("", |(_, rest)| rest);
    }
    form
}

/// The values that the form shows of an item.
fn values(env: &Env, item: &ItemView) -> Map<String, Value> {
    let typed = |at: &Option<String>, is_end: bool| {
        let at = at.as_ref().map(|at| env.typed_time(at, is_end));
        Value::from(at)
    };
    let criteria = item.acceptance.iter().map(|one| one.text.clone());
    let all: [(&str, Value); 12] = [
        ("title", item.title.as_str().into()),
        ("type", item.item_type.as_str().into()),
        ("priority", item.priority.into()),
        ("accept", criteria.collect::<Vec<_>>().into()),
        ("path", item.paths.clone().into()),
        ("depends_on", item.depends_on.clone().into()),
        ("epic", item.epic.clone().into()),
        ("label", item.labels.clone().into()),
        ("assignee", item.assignee.clone().into()),
        ("estimate", item.estimate.clone().into()),
        ("due", typed(&item.issue.due_at, true)),
        ("defer", typed(&item.issue.defer_until, false)),
    ];
    all.into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}

/// The form with these values and this text. JSON is YAML, too.
fn text(values: &Map<String, Value>, body: &str) -> String {
    let mut out = String::from("---\n");
    for (key, help) in FIELDS {
        let value = values.get(key).filter(|value| !value.is_null());
        let _ = match value {
            Some(Value::Array(list)) if !list.is_empty() => {
                let lines: String = list.iter().map(|one| format!("\n  - {one}")).collect();
                write!(out, "{key}:{lines}")
            }
            Some(value) => write!(out, "{key}: {value}"),
            None => write!(out, "{key}:"),
        };
        out += &match help {
            "" => "\n".to_string(),
            help => format!("  # {help}\n"),
        };
    }
    out + "---\n\n" + body
}

/// The fields of a form that have a value, and its text as `body`.
fn read(form: &str) -> Result<Map<String, Value>> {
    let parts = without_problems(form)
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"));
    let (front, body) = parts
        .ok_or_else(|| Error::usage("the fields at the top are not between two lines of `---`"))?;
    let fields: Map<String, Value> = serde_yaml::from_str(front).map_err(unreadable)?;
    if let Some(other) = fields
        .keys()
        .find(|key| !FIELDS.iter().any(|(name, _)| name == key))
    {
        let names = FIELDS.map(|(name, _)| name).join(", ");
        return Err(Error::usage(format!("there is no field `{other}`"))
            .hint(format!("the fields are {names}")));
    }
    let mut out = Map::new();
    for (key, _) in FIELDS {
        let is_list = matches!(key, "accept" | "path" | "depends_on" | "label");
        let value = match fields.get(key) {
            None | Some(Value::Null) if is_list => Value::Array(Vec::new()),
            None | Some(Value::Null) if key == "priority" => continue,
            None | Some(Value::Null) => "".into(),
            Some(Value::Array(list)) => list.iter().map(as_text).collect(),
            Some(value) if is_list => Value::Array(vec![as_text(value)]),
            Some(value) if key == "priority" => priority(value),
            Some(value) => as_text(value),
        };
        out.insert(key.to_string(), value);
    }
    // The line between the fields and the text is not of the text.
    let body = body.strip_prefix('\n').unwrap_or(body);
    out.insert(
        "body".into(),
        if body.trim().is_empty() { "" } else { body }.into(),
    );
    Ok(out)
}

/// A priority, which may be typed as on the command line: `P1`, `high`.
fn priority(value: &Value) -> Value {
    let number = value
        .as_str()
        .and_then(|text| git_pm::verbs::priority(text).ok());
    number.map_or_else(|| value.clone(), Value::from)
}

/// A number or a truth value as the text that it was typed as.
fn as_text(value: &Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => value.to_string().into(),
        other => other.clone(),
    }
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::usage(format!("the fields cannot be read: {error}"))
}
