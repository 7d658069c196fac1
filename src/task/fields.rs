//! What the fields of an item accept.

use crate::error::{Error, Result};
use crate::model::id::ItemKind;
use crate::model::value::Value;
use crate::model::vocabulary::{AUTO_POLICY, ESTIMATE, RISK, TYPE, VALIDATION};
use crate::request::Fields;
use crate::reserve::pattern::Pattern;
use crate::store::state::State;

/// The longest title, in characters.
pub const TITLE_MAX: usize = 10_000;

/// The longest label, in bytes.
const LABEL_MAX: usize = 200;

/// The largest body, in bytes: it leaves room below the codec's limit for a file.
const BODY_MAX: usize = 1024 * 1024;

/// The registers that single-valued fields write; an empty text clears one.
pub(super) fn check_fields(
    state: &State<'_>,
    fields: &Fields,
) -> Result<Vec<(&'static str, Value)>> {
    let mut out = Vec::new();
    let words = [
        (TYPE, &fields.item_type),
        (ESTIMATE, &fields.estimate),
        (RISK, &fields.risk),
        (VALIDATION, &fields.validation),
        (AUTO_POLICY, &fields.auto_policy),
    ];
    for (vocabulary, given) in words {
        if let Some(text) = given {
            let value = if text.is_empty() {
                Value::Null
            } else {
                vocabulary.check(text)?.into()
            };
            out.push((vocabulary.field, value));
        }
    }
    if let Some(priority) = fields.priority {
        if priority > 4 {
            return Err(
                Error::usage(format!("{priority} is no priority")).hint("use 0 (highest) to 4")
            );
        }
        out.push(("priority", Value::Int(i64::from(priority))));
    }
    for (name, given) in [("assignee", &fields.assignee), ("stream", &fields.stream)] {
        if let Some(text) = given {
            let text = text.trim();
            let value = (!text.is_empty()).then(|| text.to_string());
            out.push((name, value.into()));
        }
    }
    if let Some(epic) = &fields.epic {
        let value = if epic.is_empty() {
            Value::Null
        } else {
            let epic = state.find_kind(epic, ItemKind::Epic)?;
            Value::from(epic.reference().to_string())
        };
        out.push(("epic", value));
    }
    Ok(out)
}

pub(super) fn check_title(title: &str) -> Result<String> {
    let title = title.trim();
    let length = title.chars().count();
    if length == 0 {
        return Err(
            Error::usage("a title cannot be empty").hint("say in one line what it is about")
        );
    }
    if length > TITLE_MAX {
        return Err(Error::usage(format!(
            "the title has {length} characters, at most {TITLE_MAX} are allowed"
        ))
        .hint("put the rest into the body: `--body TEXT` or `--body -`"));
    }
    if title.contains(['\n', '\r']) {
        return Err(Error::usage("a title is one line")
            .hint("put the rest into the body: `--body TEXT` or `--body -`"));
    }
    Ok(title.to_string())
}

pub(super) fn check_body(body: &str) -> Result<()> {
    if body.len() > BODY_MAX {
        return Err(Error::usage(format!(
            "the text has {} bytes, at most {BODY_MAX} are allowed",
            body.len()
        ))
        .hint("keep large texts in a file of the repository and name its path"));
    }
    Ok(())
}

pub(super) fn check_label(label: &str) -> Result<String> {
    let label = label.trim();
    let bad = label.is_empty()
        || label.len() > LABEL_MAX
        || label.chars().any(|c| c.is_control() || c == ',');
    if bad {
        let shown = crate::model::text::shorten(&crate::model::text::one_line(label), 40);
        return Err(Error::usage(format!("`{shown}` cannot be a label"))
            .hint("use up to 200 bytes without commas and control characters"));
    }
    Ok(label.to_string())
}

pub(super) fn check_path(path: &str) -> Result<String> {
    let pattern = Pattern::parse(path, "").map_err(|e| Error::usage(e.to_string()))?;
    Ok(pattern.text().to_string())
}
