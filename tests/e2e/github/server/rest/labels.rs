//! Labels of a repository.

use serde_json::Value;

use super::super::acts::Edit;
use super::super::failure::{Failure, Result};
use super::super::render;
use super::{Call, Reply};

pub fn reply(call: &mut Call, repository: u64) -> Result<Reply> {
    match call.operation {
        "issues/list-labels-for-repo" => {
            let mut ids: Vec<u64> = call
                .state
                .repository(repository)
                .labels
                .keys()
                .copied()
                .collect();
            let labels = &call.state.repository(repository).labels;
            ids.sort_by_key(|id| labels[id].name.to_lowercase());
            let state = &*call.state;
            call.page(Some(repository), &ids, |id| {
                render::label(state, repository, *id)
            })
        }
        "issues/add-labels" => {
            let actor = call.require_push(repository)?;
            let number = call.number("issue_number");
            let of = call.state.repository(repository);
            let issue = of.issues.get(&number).ok_or_else(Failure::not_found)?;
            let present = issue.labels.iter().map(|id| of.labels[id].name.clone());
            let mut names: Vec<String> = present.collect();
            names.extend(call.texts("labels").unwrap_or_default());
            let edit = Edit {
                labels: Some(names),
                ..Edit::default()
            };
            call.state.update_issue(repository, number, &actor, edit)?;
            let ids = call.state.issue(repository, number).labels.clone();
            let shown = ids
                .iter()
                .map(|id| render::label(call.state, repository, *id));
            Reply::ok(shown.collect())
        }
        "issues/create-label" => {
            call.require_push(repository)?;
            let (name, color) = (call.text("name").unwrap_or_default(), color(call)?);
            let description = call.text("description");
            let id = call.state.add_label(
                repository,
                &name,
                color.as_deref(),
                description.as_deref(),
            )?;
            Reply::created(render::label(call.state, repository, id))
        }
        "issues/get-label" => Reply::ok(render::label(
            call.state,
            repository,
            named(call, repository)?,
        )),
        "issues/update-label" => {
            call.require_push(repository)?;
            let id = named(call, repository)?;
            let (name, color) = (call.text("new_name"), color(call)?);
            if let Some(name) = &name {
                call.state.check_label(repository, name, Some(id))?;
            }
            let description = call.text("description");
            if let Some(label) = call.state.repository_mut(repository).labels.get_mut(&id) {
                label.name = name.unwrap_or(std::mem::take(&mut label.name));
                label.color = color.unwrap_or(std::mem::take(&mut label.color));
                label.description = description.or(label.description.take());
            }
            Reply::ok(render::label(call.state, repository, id))
        }
        "issues/delete-label" => {
            call.require_push(repository)?;
            let id = named(call, repository)?;
            call.state.remove_label(repository, id);
            Reply::nothing()
        }
        _ => Err(Failure::not_found()),
    }
}

/// The label of the path.
fn named(call: &Call, repository: u64) -> Result<u64> {
    let name = call.parameters.get("name").map_or("", String::as_str);
    let label = call.state.label_named(repository, name);
    label.map(|label| label.id).ok_or_else(Failure::not_found)
}

/// The color of the body: six digits, without the sign before them.
fn color(call: &Call) -> Result<Option<String>> {
    let Some(color) = call.body.get("color").and_then(Value::as_str) else {
        return Ok(None);
    };
    let is_color = color.len() == 6 && color.bytes().all(|byte| byte.is_ascii_hexdigit());
    match is_color {
        true => Ok(Some(color.to_lowercase())),
        false => Err(Failure::field("Label", "color", "invalid")),
    }
}
