//! Comments.

use serde_json::json;

use super::super::failure::{Failure, Result};
use super::super::model::Comment;
use super::super::render;
use super::super::state::{Actor, State};
use super::check_body;

const RESOURCE: &str = "IssueComment";

/// # Errors
/// 422 for a body that a comment cannot have.
fn check(body: &str) -> Result<()> {
    match body.trim().is_empty() {
        true => Err(Failure::field(RESOURCE, "body", "missing_field")),
        false => check_body(RESOURCE, body),
    }
}

impl State {
    /// A new comment, which changes its issue's time.
    pub fn add_comment(
        &mut self,
        repository: u64,
        number: u64,
        actor: &Actor,
        body: &str,
    ) -> Result<u64> {
        check(body)?;
        let (id, now) = (self.next_id(), self.now());
        let comment = Comment {
            id,
            issue: number,
            author: actor.login.clone(),
            app: actor.app,
            body: body.to_string(),
            created_at: now,
            updated_at: now,
        };
        self.repository_mut(repository).comments.insert(id, comment);
        let issue = self.issue_mut(repository, number);
        issue.comments.push(id);
        issue.updated_at = now;
        self.emit_comment(repository, id, "created", actor, json!({}));
        Ok(id)
    }

    /// Another body of a comment.
    pub fn edit_comment(
        &mut self,
        repository: u64,
        id: u64,
        actor: &Actor,
        body: &str,
    ) -> Result<()> {
        check(body)?;
        let before = self.comment(repository, id)?.clone();
        if before.body == body {
            return Ok(());
        }
        let now = self.now();
        let of = self.repository_mut(repository);
        if let Some(comment) = of.comments.get_mut(&id) {
            comment.body = body.to_string();
            comment.updated_at = now;
        }
        self.touch(repository, before.issue);
        let changes = json!({"changes": {"body": {"from": before.body}}});
        self.emit_comment(repository, id, "edited", actor, changes);
        Ok(())
    }

    /// Deletes a comment.
    pub fn remove_comment(&mut self, repository: u64, id: u64, actor: &Actor) -> Result<()> {
        let number = self.comment(repository, id)?.issue;
        self.emit_comment(repository, id, "deleted", actor, json!({}));
        self.repository_mut(repository).comments.remove(&id);
        let issue = self.issue_mut(repository, number);
        issue.comments.retain(|comment| *comment != id);
        self.touch(repository, number);
        Ok(())
    }

    fn emit_comment(
        &mut self,
        repository: u64,
        id: u64,
        action: &str,
        actor: &Actor,
        more: serde_json::Value,
    ) {
        self.emit(repository, "issue_comment", action, actor, |state| {
            let comment = &state.repository(repository).comments[&id];
            let mut fields = more;
            fields["issue"] = render::hook_issue(state, repository, comment.issue);
            fields["comment"] = render::comment(state, repository, comment);
            fields
        });
    }
}
