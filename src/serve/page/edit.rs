//! The edit form of an item: applies only what the visitor changed in it.

use super::super::request::{Answer, Call};
use super::frame::{field, see_item};
use crate::error::{Error, Reason, Result};
use crate::model::vocabulary::Estimate;
use crate::pm::arguments::Clearable;
use crate::pm::shared_views::ItemView;
use crate::work::new_item::{Fields, ItemEdit};

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
    let edit = changed(&form, &item)?;
    // Another version could differ in a field that was not touched in this form, which must be a
    // conflict and not a reversal of that change.
    if edit != ItemEdit::default() {
        pm.tasks().edit(item.uid.as_str(), &edit)?;
    }
    see_item(&item.id)
}

/// The fields of the form that differ from the item.
fn changed(form: &[(String, String)], item: &ItemView) -> Result<ItemEdit> {
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
    let labels = differs("labels", &item.labels.join(", ")).map(|sent| {
        let all = sent.split(',').map(str::trim);
        all.filter(|label| !label.is_empty())
            .map(str::to_string)
            .collect()
    });
    let priority = differs("priority", &item.priority.to_string());
    let priority = priority.map(|sent| {
        sent.parse::<u8>().map_err(|_| {
            Error::usage("a priority is a number from 0 to 4").because(Reason::ArgumentsInvalid)
        })
    });
    let estimate = differs("estimate", item.estimate.as_deref().unwrap_or_default());
    let estimate = estimate.map(|sent| sent.parse::<Clearable<Estimate>>());
    Ok(ItemEdit {
        title: differs("title", &item.title),
        fields: Fields {
            body: is_other.then_some(body),
            item_type: differs("type", &item.item_type),
            priority: priority.transpose()?,
            assignee: differs("assignee", item.assignee.as_deref().unwrap_or_default()),
            estimate: estimate.transpose()?,
            labels,
            ..Fields::default()
        },
        ..ItemEdit::default()
    })
}
