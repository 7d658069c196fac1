//! The free texts that an item's fields accept (titles, labels, paths, custom types); closed lists are in `vocabulary`.

use crate::coordinate::reserve::pattern::Pattern;
use crate::error::{Error, Hint, Result};
use crate::model::id::ItemKind;
use crate::model::item::Item;
use crate::model::item_type::ItemType;
use crate::model::limits::{ISSUE_TYPE_MAX, ITEM_BODY_MAX, ITEM_TITLE_MAX, LABEL_MAX};
use crate::model::stamp::rfc3339;
use crate::model::status::Status;
use crate::model::text::one_line;
use crate::model::typed_due_date::{self, DayEnd};
use crate::model::value::Value;
use crate::model::vocabulary::{AutoPolicy, Estimate, Risk, Validation, folded};
use crate::pm::Pm;
use crate::store::index::Scan;
use crate::store::state::State;
use crate::work::new_item::Fields;
use crate::work::task::hand_over;

/// The issue type that a typed word means: a known one, or one that an issue here has already, as
/// an import brings them.
///
/// # Errors
/// When it is neither, unless `force`d.
fn issue_type(state: &State<'_>, text: &str, force: bool) -> Result<String> {
    let meant = ItemType::meant(text).map(ItemType::as_str);
    let is_sure = meant == Some(text) || ItemType::alias(text).is_some();
    let issues = Scan::All(Some(ItemKind::Issue));
    let found = known_or_used(state, &issues, |item| &item.item_type, text, meant, is_sure);
    if let Some(word) = found {
        return Ok(word);
    }
    check_word(text, "type")?;
    if force {
        return Ok(text.to_string());
    }
    let shown = crate::model::text::excerpt(text, 40);
    Err(Error::usage(format!(
        "`{shown}` is neither a standard issue type nor used here"
    ))
    .hint(format!(
        "types are {}",
        ItemType::ISSUE.map(ItemType::as_str).join(", ")
    ))
    .hint("`--force` with `git pm issue create` or `update` accepts a custom type"))
}

/// What a typed word means: a `known` word, or one that items here have already. One used here goes before
/// a known one that is spelled a little differently (not `is_sure`).
fn known_or_used(
    state: &State<'_>,
    among: &Scan<'_>,
    of: fn(&Item) -> &str,
    text: &str,
    known: Option<&str>,
    is_sure: bool,
) -> Option<String> {
    let used = |fits: &dyn Fn(&str) -> bool| {
        let found = state.scan(among, |item| fits(of(item)), 1);
        found.first().map(|item| of(item).to_string())
    };
    let (plain, known) = (folded(text), known.map(str::to_string));
    if is_sure {
        return known;
    }
    let own = used(&|own| own == text).or(known);
    own.or_else(|| used(&|own| folded(own) == plain))
}

/// Checks a custom word: a type of issues, a status.
///
/// # Errors
/// When it is empty, long, or has white space or control characters.
pub(crate) fn check_word(word: &str, what: &str) -> Result<()> {
    let odd = |c: char| c.is_control() || c.is_whitespace();
    if word.is_empty() || word.chars().count() > ISSUE_TYPE_MAX || word.chars().any(odd) {
        let shown = crate::model::text::excerpt(word, 40);
        return Err(
            Error::usage(format!("`{shown}` cannot be a {what}")).hint(format!(
                "use one word of at most {ISSUE_TYPE_MAX} characters"
            )),
        );
    }
    Ok(())
}

/// The status that a typed word means: a known one, or one that an item here has already, as an
/// import brings them.
///
/// # Errors
/// When it is neither, unless `force`d: a mistyped status is neither open nor closed, and blocks
/// its dependents forever.
pub(crate) fn state_word(state: &State<'_>, word: &str, force: bool) -> Result<String> {
    let known = Status::meant(word);
    let (all, is_sure) = (Scan::All(None), known == Some(word));
    let found = known_or_used(
        state,
        &all,
        |item| item.status.as_str(),
        word,
        known,
        is_sure,
    );
    if let Some(word) = found {
        return Ok(word);
    }
    if force {
        check_word(word, "status")?;
        return Ok(word.to_string());
    }
    let shown = crate::model::text::excerpt(word, 40);
    let error = Error::usage(format!(
        "`{shown}` is neither a standard status nor used here"
    ));
    let over = ["completed", "complete", "resolved", "finished", "fixed"];
    Err(match over.contains(&folded(word).as_str()) {
        true => error.hint("finished work is `done`"),
        false => error.hint(
            "statuses are queued, in-progress, in-review, approved, done, blocked, deferred and \
             cancelled; issues can also be pinned",
        ),
    })
}

/// The registers that single-valued fields of an item write; an empty text clears one. Relative
/// times are counted from `now`.
pub(super) fn check_fields(
    pm: &Pm,
    state: &State<'_>,
    kind: ItemKind,
    fields: &Fields,
) -> Result<Vec<(&'static str, Value)>> {
    let mut out = Vec::new();
    if let Some(text) = &fields.item_type {
        let value = match kind {
            _ if text.is_empty() => Value::Null,
            ItemKind::Issue => issue_type(state, text, fields.force)?.into(),
            ItemKind::Task if text == "epic" => {
                let error = Error::usage("`epic` is not a type of task, but a kind of item");
                return Err(error.hint(Hint::run(["epic", "create", "TITLE"], "creates an epic")));
            }
            _ => ItemType::of_task(text)?.as_str().into(),
        };
        out.push(("type", value));
    }
    let words = [
        (
            "estimate",
            fields.estimate.map(|x| x.0.map(Estimate::as_str)),
        ),
        ("risk", fields.risk.map(|x| x.0.map(Risk::as_str))),
        (
            "validation",
            fields.validation.map(|x| x.0.map(Validation::as_str)),
        ),
        (
            "auto_policy",
            fields.auto_policy.map(|x| x.0.map(AutoPolicy::as_str)),
        ),
    ];
    for (name, given) in words {
        out.extend(given.map(|word| (name, word.into())));
    }
    if let Some(priority) = fields.priority {
        if priority > 4 {
            return Err(Error::usage(format!("{priority} is not a valid priority"))
                .hint("use 0 (highest) to 4"));
        }
        out.push(("priority", Value::Int(i64::from(priority))));
    }
    for (name, given) in [
        ("assignee", &fields.assignee),
        ("stream", &fields.stream),
        ("spec_id", &fields.spec_id),
    ] {
        if let Some(text) = given {
            let text = match name {
                "assignee" => hand_over::assignee(pm, state, text),
                _ => text.trim().to_string(),
            };
            let value = (!text.is_empty()).then_some(text);
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
    more(pm, fields, &mut out)?;
    Ok(out)
}

/// The fields that only beads' records have.
fn more(pm: &Pm, fields: &Fields, out: &mut Vec<(&'static str, Value)>) -> Result<()> {
    let now = pm.now();
    for (name, given) in [
        ("design", &fields.design),
        ("acceptance_criteria", &fields.acceptance_criteria),
        ("notes", &fields.notes),
    ] {
        if let Some(text) = given {
            check_body(text)?;
            out.push((name, (!text.is_empty()).then(|| text.clone()).into()));
        }
    }
    let dates = [
        ("due_at", &fields.due, DayEnd::Last),
        ("defer_until", &fields.defer, DayEnd::First),
    ];
    for (name, given, end) in dates {
        if let Some(text) = given {
            let value = if text.is_empty() || text.trim().eq_ignore_ascii_case("none") {
                Value::Null
            } else {
                let ms = typed_due_date::parse(text, &now, end);
                let ms = ms.map_err(|e| Error::usage(e.to_string()))?;
                let time = rfc3339(ms);
                if ms < pm.now_ms() {
                    pm.notice(format!("`{}` is in the past", one_line(text)));
                } else if !text.contains('-') {
                    let typed = pm.env().typed_time(&time, end == DayEnd::Last);
                    pm.notice(format!("`{}` is {typed}", one_line(text)));
                }
                time.into()
            };
            out.push((name, value));
        }
    }
    if let Some(points) = fields.points {
        let points = Some(i64::from(points)).filter(|points| *points > 0);
        out.push(("points", points.map_or(Value::Null, Value::Int)));
    }
    if let Some(minutes) = fields.estimated_minutes {
        out.push(("estimated_minutes", Value::Int(i64::from(minutes))));
    }
    if let Some(text) = &fields.metadata {
        check_body(text)?;
        let value = if text.is_empty() {
            Value::Null
        } else {
            let object: Result<serde_json::Map<String, serde_json::Value>, _> =
                serde_json::from_str(text);
            object.map_err(|e| {
                Error::usage(format!("the metadata is not a JSON object: {e}"))
                    .hint("write an object such as '{\"sprint\": 12}'")
            })?;
            text.as_str().into()
        };
        out.push(("metadata", value));
    }
    for (name, given) in [("pinned", fields.pinned), ("template", fields.template)] {
        if let Some(on) = given {
            out.push((name, on.then_some(true).into()));
        }
    }
    Ok(())
}

pub(crate) fn check_title(title: &str) -> Result<String> {
    let title = title.trim();
    let length = title.chars().count();
    if length == 0 {
        return Err(Error::usage("a title cannot be empty").hint("describe the item in one line"));
    }
    if title == "-" {
        return Err(Error::usage("`-` is not a title")
            .hint("`git pm batch` creates many items from standard input, one a line"));
    }
    if length > ITEM_TITLE_MAX {
        return Err(Error::usage(format!(
            "the title has {length} characters; the limit is {ITEM_TITLE_MAX}"
        ))
        .hint("put the rest into the body: `--body TEXT` or `--body -`"));
    }
    if title.contains(['\n', '\r']) {
        return Err(Error::usage("a title must be a single line")
            .hint("put the rest into the body: `--body TEXT` or `--body -`"));
    }
    Ok(title.to_string())
}

pub(crate) fn check_body(body: &str) -> Result<()> {
    crate::model::text::refuse_nul(body, "text")?;
    if body.len() > ITEM_BODY_MAX {
        return Err(Error::usage(format!(
            "the text has {} bytes; the limit is {ITEM_BODY_MAX}",
            body.len()
        ))
        .hint("put the text into a file in the repository and refer to its path"));
    }
    Ok(())
}

pub(crate) fn check_label(label: &str) -> Result<String> {
    let label = label.trim();
    let bad = label.is_empty()
        || label.len() > LABEL_MAX
        || label.chars().any(|c| c.is_control() || c == ',');
    if bad {
        let shown = crate::model::text::excerpt(label, 40);
        return Err(Error::usage(format!("`{shown}` cannot be a label"))
            .hint("use up to 200 bytes, without commas or control characters"));
    }
    Ok(label.to_string())
}

/// An external reference: any text of one line.
pub(super) fn check_external_ref(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > ITEM_TITLE_MAX || text.chars().any(char::is_control) {
        return Err(
            Error::usage("an external reference must be a single line of text")
                .hint("for example `gh-42`"),
        );
    }
    Ok(text.to_string())
}

pub(crate) fn check_path(path: &str) -> Result<String> {
    let pattern = Pattern::parse(path, "").map_err(|e| Error::usage(e.to_string()))?;
    Ok(pattern.text().to_string())
}
