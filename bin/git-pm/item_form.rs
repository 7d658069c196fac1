//! An item as a form for an editor.
//!
//! Its fields are front matter, with the keys of JSON; below is its text in Markdown.

use std::collections::BTreeMap;
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
    ("path", "what it will change: [src/auth/**, \"a,b.txt\"]"),
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
        ("assignee", item.owner().into()),
        ("estimate", item.estimate.clone().into()),
        ("due", typed(&item.issue.due_at, true)),
        ("defer", typed(&item.issue.defer_until, false)),
    ];
    all.into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect()
}

/// The form with these values and this text.
fn text(values: &Map<String, Value>, body: &str) -> String {
    let mut out = String::from("---\n");
    for (key, help) in FIELDS {
        let value = values.get(key).filter(|value| !value.is_null());
        let (beside, below) = match value {
            Some(Value::Array(list)) => {
                let lines = list.iter().map(|one| match one.as_str() {
                    Some(path) if key == "path" && !is_one(path) => format!("  - {one}\n"),
                    _ => format!("  - {}\n", written(one)),
                });
                (String::new(), lines.collect())
            }
            Some(value) => (format!(" {}", written(value)), String::new()),
            None => (String::new(), String::new()),
        };
        let help = match help {
            "" => String::new(),
            help => format!("  # {help}"),
        };
        let _ = write!(out, "{key}:{beside}{help}\n{below}");
    }
    out + "---\n\n" + body
}

/// A value as it could be typed: in quotes only if it would be read as another text otherwise.
fn written(value: &Value) -> String {
    let is_plain = |text: &&str| {
        !text.is_empty() && !text.contains(char::is_control) && typed(text.trim()) == **text
    };
    match value.as_str().filter(is_plain) {
        Some(text) => text.to_string(),
        None => value.to_string(),
    }
}

/// What was typed on a line: its text to the end, unless all of that is a text in quotes.
fn typed(text: &str) -> String {
    let single = text
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    let single = single.filter(|inner| !inner.replace("''", "").contains('\''));
    match single {
        Some(inner) => inner.replace("''", "'"),
        None => serde_json::from_str(text).unwrap_or_else(|_| text.to_string()),
    }
}

/// The lines of the fields, as they were typed: what is beside the name, and what is in a list below it. A
/// line that is indented otherwise continues the one above.
fn lines(front: &str) -> Result<BTreeMap<&str, Vec<String>>> {
    let mut out: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut key = "";
    for line in front.lines() {
        let text = line.trim();
        let entry = text.strip_prefix('-');
        let entry = entry.filter(|entry| entry.is_empty() || entry.starts_with(' '));
        let above = out.get_mut(key);
        match (entry, above) {
            _ if text.is_empty() || text.starts_with('#') => {}
            (Some(entry), Some(above)) => above.push(entry.trim().to_string()),
            (None, Some(above)) if line.starts_with([' ', '\t']) => {
                let last = above.last_mut().filter(|last| !last.is_empty());
                match last {
                    Some(last) => *last = format!("{last} {text}"),
                    None => above.push(text.to_string()),
                }
            }
            _ => {
                let named = text.split_once(':');
                let (name, value) = named.ok_or_else(|| {
                    unreadable(format!("`{text}` is neither `field: text` nor `- text`"))
                })?;
                key = name.trim_end();
                let field = FIELDS.iter().find(|(name, _)| *name == key);
                let Some((_, help)) = field else {
                    let names = FIELDS.map(|(name, _)| name).join(", ");
                    return Err(Error::usage(format!("the form has no field `{key}`"))
                        .hint(format!("the fields are {names}")));
                };
                let help = format!("# {help}");
                let value = value.trim();
                let value = value.strip_suffix(&help).unwrap_or(value).trim_end();
                if out.insert(key, vec![value.to_string()]).is_some() {
                    return Err(unreadable(format!("`{key}` is there twice")));
                }
            }
        }
    }
    Ok(out)
}

/// True for a path that stays whole without quotes.
fn is_one(path: &str) -> bool {
    let read = list(&[format!("[{path}]")]);
    read.is_ok_and(|all| all == [path])
}

/// A path of a list: what was in quotes has them here, too, as a comma in it separates nothing.
fn path(raw: &str) -> String {
    let text = typed(raw);
    match text != raw && text.contains(',') && !text.contains('"') {
        true => format!("\"{text}\""),
        false => text,
    }
}

/// The texts of a list: those below its name, and beside it one, or several in brackets.
fn list(lines: &[String]) -> Result<Vec<String>> {
    read_list(lines, typed)
}

/// As [`list`], with a function that reads a text as it was typed.
fn read_list(lines: &[String], typed: fn(&str) -> String) -> Result<Vec<String>> {
    let (beside, below) = match lines.split_first() {
        Some((beside, below)) => (beside.as_str(), below),
        None => ("", lines),
    };
    let mut out: Vec<String> = match beside.strip_prefix('[') {
        Some(inner) => {
            let inner = inner.strip_suffix(']');
            let inner = inner.ok_or_else(|| unreadable(format!("`{beside}` is not closed")))?;
            let (mut quote, mut depth, mut is_start, mut before) = (None, 0, true, ' ');
            let ends = |c: char| {
                let is_escaped = std::mem::replace(&mut before, c) == '\\';
                match (quote, c) {
                    (_, ',') if is_escaped => return false,
                    (Some(mark), _) if c == mark => quote = None,
                    (Some(_), _) => return false,
                    (None, '"' | '\'') if is_start => quote = Some(c),
                    (None, '{') => depth += 1,
                    (None, '}') => depth -= 1,
                    _ => {}
                }
                let is_end = c == ',' && depth < 1;
                is_start = is_end || is_start && c.is_whitespace();
                is_end
            };
            inner.split(ends).map(|one| typed(one.trim())).collect()
        }
        None => vec![typed(beside)],
    };
    out.extend(below.iter().map(|one| typed(one)));
    out.retain(|one| !one.is_empty());
    Ok(out)
}

/// The fields of a form that have a value, and its text as `body`.
fn read(form: &str) -> Result<Map<String, Value>> {
    let parts = without_problems(form)
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"));
    let (front, body) = parts
        .ok_or_else(|| Error::usage("the fields at the top are not between two lines of `---`"))?;
    let lines = lines(front)?;
    let mut out = Map::new();
    for (key, _) in FIELDS {
        let lines = lines.get(key).map(Vec::as_slice).unwrap_or_default();
        let value = match key {
            "path" => read_list(lines, path)?.into(),
            "accept" | "depends_on" | "label" => list(lines)?.into(),
            _ => {
                let text = typed(&lines.join(" "));
                match key {
                    "priority" if text.is_empty() => continue,
                    "priority" => git_pm::verbs::priority(&text).map_err(Error::usage)?.into(),
                    _ => Value::from(text),
                }
            }
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

fn unreadable(error: impl std::fmt::Display) -> Error {
    Error::usage(format!("the fields cannot be read: {error}"))
}
