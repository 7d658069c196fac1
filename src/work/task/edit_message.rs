//! The first line of the commit of an edit: which fields have changed, and short ones from what to what.

use std::collections::BTreeSet;

use crate::model::item::Item;
use crate::model::stamp::parse_rfc3339;
use crate::model::text::excerpt;
use crate::store::env::Env;
use crate::store::state::State;
use crate::work::new_item::ItemEdit;

/// The changed fields, for a commit message; short ones with their values, others may be long or
/// secret.
pub(super) fn words(
    state: &State<'_>,
    env: &Env,
    edit: &ItemEdit,
    [before, after]: [&Item; 2],
) -> String {
    let fields = fields(edit);
    let words = fields
        .iter()
        .map(|field| format!("{field}{}", change(state, env, field, [before, after])));
    let words: Vec<String> = words.collect();
    match words.is_empty() {
        true => "nothing".into(),
        false => words.join(", "),
    }
}

/// The names of the changed fields.
pub(super) fn fields(edit: &ItemEdit) -> Vec<&'static str> {
    let f = &edit.fields;
    let named = [
        ("title", edit.title.is_some()),
        ("body", f.body.is_some()),
        (
            "acceptance",
            f.acceptance.is_some() || !edit.remove_accept.is_empty(),
        ),
        ("paths", f.paths.is_some() || !edit.remove_path.is_empty()),
        (
            "dependencies",
            f.depends_on.is_some() || !edit.remove_depends_on.is_empty(),
        ),
        (
            "labels",
            f.labels.is_some() || !edit.add_labels.is_empty() || !edit.remove_labels.is_empty(),
        ),
        ("type", f.item_type.is_some()),
        ("priority", f.priority.is_some()),
        ("assignee", f.assignee.is_some()),
        ("estimate", f.estimate.is_some()),
        ("points", f.points.is_some()),
        ("risk", f.risk.is_some()),
        ("validation", f.validation.is_some()),
        ("stream", f.stream.is_some()),
        ("epic", f.epic.is_some()),
        ("auto policy", f.auto_policy.is_some()),
        ("design", f.design.is_some()),
        ("acceptance", f.acceptance_criteria.is_some()),
        ("notes", f.notes.is_some()),
        ("spec", f.spec_id.is_some()),
        ("minutes", f.estimated_minutes.is_some()),
        ("due", f.due.is_some()),
        ("deferral", f.defer.is_some()),
        ("metadata", f.metadata.is_some()),
        ("pinned", f.pinned.is_some()),
        ("template", f.template.is_some()),
        ("outside", f.external_refs.is_some()),
        ("parent", f.parent.is_some()),
    ];
    let on = named.into_iter().filter(|(_, on)| *on);
    on.map(|(word, _)| word).collect()
}

/// The most characters of a value in a commit message.
const VALUE: usize = 30;

/// The most elements that a commit message names of those added to a list, or removed.
const NAMED: usize = 5;

/// The change of a short field: ` 2 -> 0`, or ` +new -old` of a list.
fn change(state: &State<'_>, env: &Env, field: &str, [before, after]: [&Item; 2]) -> String {
    let day = |time: &Option<String>| {
        let time = time.as_deref().and_then(parse_rfc3339);
        time.map(|ms| env.day(ms))
    };
    let pair = |old: Option<&str>, new: Option<&str>| match old == new {
        true => String::new(),
        false => {
            let shown = |value: Option<&str>| excerpt(value.unwrap_or("none"), VALUE);
            format!(" {} -> {}", shown(old), shown(new))
        }
    };
    match field {
        "type" => pair(Some(&before.item_type), Some(&after.item_type)),
        "priority" => {
            let (old, new) = (before.priority.to_string(), after.priority.to_string());
            pair(Some(&old), Some(&new))
        }
        "assignee" => pair(before.assignee.as_deref(), after.assignee.as_deref()),
        "estimate" => pair(before.estimate.as_deref(), after.estimate.as_deref()),
        "points" => {
            let points = |item: &Item| item.points.map(|points| points.to_string());
            pair(points(before).as_deref(), points(after).as_deref())
        }
        "risk" => pair(before.risk.as_deref(), after.risk.as_deref()),
        "due" | "deferral" => {
            let time = |item: &Item| match field {
                "due" => day(&item.issue.due_at),
                _ => day(&item.issue.defer_until),
            };
            pair(time(before).as_deref(), time(after).as_deref())
        }
        "epic" => {
            let id = |item: &Item| item.epic.as_ref().map(|epic| state.shown_ref(epic));
            pair(id(before).as_deref(), id(after).as_deref())
        }
        "labels" => list(&before.labels, &after.labels),
        "paths" => list(&before.paths, &after.paths),
        "dependencies" => {
            let ids = |item: &Item| -> Vec<String> {
                let all = item.depends_on.iter();
                all.map(|one| state.shown_ref(&one.target)).collect()
            };
            list(&ids(before), &ids(after))
        }
        // Of the criteria only how many: their texts are long, and may have to be redacted.
        "acceptance" => {
            let texts = |item: &Item| -> BTreeSet<String> {
                item.acceptance.iter().map(|one| one.text.clone()).collect()
            };
            let (before, after) = (texts(before), texts(after));
            let count = |sign: &str, n: usize| match n {
                0 => String::new(),
                n => format!(" {sign}{n}"),
            };
            let added = count("+", after.difference(&before).count());
            added + &count("-", before.difference(&after).count())
        }
        _ => String::new(),
    }
}

/// The changes of a list: ` +new -old`.
fn list(before: &[String], after: &[String]) -> String {
    let only = |these: &[String], those: &[String], sign: char| -> String {
        let only = these.iter().filter(|one| !those.contains(*one));
        let shown = only
            .take(NAMED)
            .map(|one| format!(" {sign}{}", excerpt(one, VALUE)));
        shown.collect()
    };
    only(after, before, '+') + &only(before, after, '-')
}
