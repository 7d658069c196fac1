//! Comments on issues and pull requests.

use super::super::clock::parsed;
use super::super::failure::{Failure, Result};
use super::super::model::{Comment, Role};
use super::super::render;
use super::super::state::Actor;
use super::{Call, Reply};

pub fn reply(call: &mut Call, repository: u64) -> Result<Reply> {
    let id = call.number("comment_id");
    match call.operation {
        "issues/list-comments" => {
            let number = call.issue(repository)?;
            let of = call.state.repository(repository);
            let ids = call.state.issue(repository, number).comments.iter();
            let found = ids.filter_map(|id| of.comments.get(id)).collect();
            list(call, repository, found)
        }
        "issues/list-comments-for-repo" => {
            let mut found: Vec<&Comment> = call
                .state
                .repository(repository)
                .comments
                .values()
                .collect();
            if call.asked("sort") == Some("updated") {
                found.sort_by_key(|comment| (comment.updated_at, comment.id));
            }
            // Without `sort`, the direction is not looked at.
            if call.asked("sort").is_some() && call.asked("direction") != Some("asc") {
                found.reverse();
            }
            list(call, repository, found)
        }
        "issues/get-comment" => shown(call, repository, id, 200),
        "issues/create-comment" => {
            let (actor, number) = (call.actor()?, call.issue(repository)?);
            let body = call.text("body").unwrap_or_default();
            let id = call.state.add_comment(repository, number, &actor, &body)?;
            shown(call, repository, id, 201)
        }
        "issues/update-comment" => {
            let actor = may_change(call, repository, id)?;
            let body = call.text("body").unwrap_or_default();
            call.state.edit_comment(repository, id, &actor, &body)?;
            shown(call, repository, id, 200)
        }
        "issues/delete-comment" => {
            let actor = may_change(call, repository, id)?;
            call.state.remove_comment(repository, id, &actor)?;
            Reply::nothing()
        }
        _ => Err(Failure::not_found()),
    }
}

fn list(call: &Call, repository: u64, mut found: Vec<&Comment>) -> Result<Reply> {
    if let Some(since) = call.asked("since") {
        let since =
            parsed(since).ok_or_else(|| Failure::field("IssueComment", "since", "invalid"))?;
        found.retain(|comment| comment.updated_at >= since);
    }
    call.page(Some(repository), &found, |comment| {
        render::comment(call.state, repository, comment)
    })
}

fn shown(call: &Call, repository: u64, id: u64, status: u16) -> Result<Reply> {
    let comment = call.state.comment(repository, id)?;
    Reply::with(status, render::comment(call.state, repository, comment))
}

/// The caller, if it is the author or can write.
fn may_change(call: &Call, repository: u64, id: u64) -> Result<Actor> {
    let actor = call.actor()?;
    let is_author = call.state.comment(repository, id)?.author == actor.login;
    match is_author || call.state.role(repository, &actor.login) >= Role::Write {
        true => Ok(actor),
        false => Err(Failure::new(403, "Must have admin rights to Repository.")),
    }
}
