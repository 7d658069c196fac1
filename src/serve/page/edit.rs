//! What the forms for the fields of an item send: a new item, or only what was changed in one.

use super::super::request::{Answer, Call};
use super::changes::Changes;
use super::frame::{field, given, item_path, see_back};
use super::limits;
use crate::coordinate::reserve::path_arguments;
use crate::error::{Error, Reason, Result};
use crate::history::log::LogFilter;
use crate::model::stamp::parse_rfc3339;
use crate::model::vocabulary::Estimate;
use crate::pm::arguments::{self, Clearable};
use crate::pm::shared_views::ItemView;
use crate::store::env::Env;
use crate::work::new_item::{Fields, ItemEdit, NewItem};

/// Changes the fields that differ from the item, if the item is still at the version of the form.
pub(super) fn edit(call: &Call) -> Result<Answer> {
    let form = call.form()?;
    let version = field(&form, "version");
    if version.is_empty() {
        return Err(
            Error::usage("the form does not say which version it changes")
                .because(Reason::ArgumentsInvalid),
        );
    }
    let pm = call.opened_at(Some(version.to_string()))?;
    let item = pm.tasks().show(call.part("id"))?;
    let edit = changed(&form, &item, pm.env())?;
    // Another version could differ in a field that was not touched in this form, which must be a
    // conflict and not a reversal of that change.
    if edit != ItemEdit::default() {
        let done = pm.tasks().edit(item.uid.as_str(), &edit);
        done.map_err(|error| in_words(call, &item, &version, error))?;
    }
    see_back(&form, item_path(&item.id))
}

/// A refusal because others changed the item since the version of a form, with who changed what.
fn in_words(call: &Call, item: &ItemView, version: &str, error: Error) -> Error {
    if error.reason() != Reason::ItemChanged {
        return error;
    }
    let filter = LogFilter {
        item: Some(item.uid.to_string()),
        limit: Some(limits::CHANGES_TOLD_MAX),
        ..LogFilter::default()
    };
    let told = || -> Result<Vec<String>> {
        let (pm, mut all) = (call.pm()?, Vec::new());
        let history = pm.history();
        for entry in history.log(&filter)? {
            if history.show(item.uid.as_str(), &entry.commit)?.item.version == version {
                break;
            }
            let diff = history.item_diff(&entry.commit, &item.uid)?;
            let changes = diff.map(|diff| Changes::of(&diff, pm.env()).sentences.join("; "));
            let changes = changes.filter(|text| !text.is_empty());
            all.extend(changes.map(|text| format!("{} {text}", entry.actor)));
        }
        all.reverse();
        Ok(all)
    };
    let told = told().unwrap_or_default();
    let said = match told.is_empty() {
        true => format!("{} was changed in the meantime", item.id),
        false => format!(
            "{} was changed in the meantime: {}",
            item.id,
            told.join("; ")
        ),
    };
    Error::conflict(said)
        .because(Reason::ItemChanged)
        .about(&item.id)
}

/// A priority as a form sends it.
pub(super) fn priority(sent: &str) -> Result<u8> {
    let read = arguments::priority(sent);
    read.map_err(|expected| Error::usage(expected).because(Reason::ArgumentsInvalid))
}

/// Story points as a form sends them: none without a number.
fn points(sent: &str) -> Result<u32> {
    let number = if sent.is_empty() { "0" } else { sent };
    let read = number.parse::<u32>();
    read.map_err(|_| Error::usage("story points are a number").because(Reason::ArgumentsInvalid))
}

/// The item that the form for a new one describes.
pub(super) fn new_item(form: &[(String, String)]) -> Result<NewItem> {
    let list = |name: &str, by: &[char]| {
        let all = parts(&field(form, name), by);
        (!all.is_empty()).then_some(all)
    };
    Ok(NewItem {
        title: field(form, "title").trim().to_string(),
        fields: Fields {
            body: given(form, "body").map(|_| field(form, "body").into_owned()),
            item_type: given(form, "type"),
            priority: given(form, "priority")
                .map(|sent| priority(&sent))
                .transpose()?,
            assignee: given(form, "assignee"),
            estimate: given(form, "estimate")
                .map(|sent| sent.parse())
                .transpose()?,
            points: given(form, "points")
                .map(|sent| points(&sent))
                .transpose()?,
            epic: given(form, "epic"),
            due: given(form, "due"),
            labels: list("labels", ITEMS),
            depends_on: list("depends_on", ITEMS),
            paths: list("paths", LINES),
            acceptance: list("accept", LINES).map(unmarked),
            ..Fields::default()
        },
        ..NewItem::default()
    })
}

/// What separates the values of a list: names have no comma, while a criterion may, and a path is separated
/// by the library.
const ITEMS: &[char] = &[',', '\n'];
const LINES: &[char] = &['\n'];

/// The parts of a field with several values.
fn parts(text: &str, by: &[char]) -> Vec<String> {
    let all = text.split(by).map(str::trim);
    all.filter(|part| !part.is_empty())
        .map(str::to_string)
        .collect()
}

/// Criteria without the marks of the list that they were pasted from.
fn unmarked(mut criteria: Vec<String>) -> Vec<String> {
    for text in &mut criteria {
        for mark in ["- ", "* ", "+ ", "[ ] ", "[x] ", "[X] "] {
            *text = text.strip_prefix(mark).unwrap_or(text).trim().to_string();
        }
    }
    criteria
}

/// The day of a time, as a field for days has it: in the zone in which what is entered there is read.
pub(super) fn day(time: &Option<String>, env: &Env) -> String {
    let time = time.as_deref().and_then(parse_rfc3339);
    time.map(|ms| env.day(ms)).unwrap_or_default()
}

/// The fields of the form that differ from the item.
fn changed(form: &[(String, String)], item: &ItemView, env: &Env) -> Result<ItemEdit> {
    let has = |name: &str| form.iter().any(|(key, _)| key == name);
    // A single-line field cannot show line breaks, and drops them.
    let differs = |name: &str, own: &str| {
        let own = own.replace(['\n', '\r'], "");
        let sent = field(form, name).trim().to_string();
        (has(name) && sent != own.trim()).then_some(sent)
    };
    let body = field(form, "body").into_owned();
    let own = item.body.as_deref().unwrap_or_default();
    let is_other = has("body") && body.trim_end() != own.replace("\r\n", "\n").trim_end();
    let list = |name: &str, own: Vec<String>, by: &[char]| {
        let sent = parts(&field(form, name), by);
        // An empty list is sent as one empty text, which clears it.
        let cleared = || vec![String::new()];
        let is_other = has(name) && sent != own;
        is_other.then(|| if sent.is_empty() { cleared() } else { sent })
    };
    let criteria = item.acceptance.iter().map(|one| one.text.clone());
    let own_paths = item.paths.iter().map(|path| path_arguments::typed(path));
    let priority = differs("priority", &item.priority.to_string());
    let priority = priority.map(|sent| self::priority(&sent));
    let estimate = differs("estimate", item.estimate.as_deref().unwrap_or_default());
    let estimate = estimate.map(|sent| sent.parse::<Clearable<Estimate>>());
    let own_points = item.points.map(|points| points.to_string());
    let points = differs("points", &own_points.unwrap_or_default());
    let points = points.map(|sent| self::points(&sent));
    Ok(ItemEdit {
        title: differs("title", &item.title),
        fields: Fields {
            body: is_other.then_some(body),
            item_type: differs("type", &item.item_type),
            priority: priority.transpose()?,
            assignee: differs("assignee", item.owner().unwrap_or_default()),
            estimate: estimate.transpose()?,
            points: points.transpose()?,
            epic: differs("epic", item.epic.as_deref().unwrap_or_default()),
            due: differs("due", &day(&item.issue.due_at, env)),
            defer: differs("defer", &day(&item.issue.defer_until, env)),
            labels: list("labels", item.labels.clone(), ITEMS),
            depends_on: list("depends_on", item.depends_on.clone(), ITEMS),
            paths: list("paths", own_paths.collect(), LINES),
            acceptance: list("accept", criteria.collect(), LINES).map(unmarked),
            ..Fields::default()
        },
        ..ItemEdit::default()
    })
}
