//! Issues are opened, edited, closed, transferred and deleted.

use serde_json::{Value, json};

use super::super::failure::{Failure, Result};
use super::super::hooks::nothing;
use super::super::model::{Comment, Gone, Issue, Reason, Role};
use super::super::render;
use super::super::state::{Actor, State};
use super::{check_body, check_title};

/// An issue to open.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    pub title: String,
    pub body: Option<String>,
    pub labels: Vec<String>,
    pub assignees: Vec<String>,
    pub milestone: Option<u64>,
    pub kind: Option<String>,
}

/// What becomes of an issue; none leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    pub title: Option<String>,
    pub body: Option<Option<String>>,
    pub closed: Option<bool>,
    /// Counts only together with another state.
    pub reason: Option<Reason>,
    /// The issue that this one repeats, by database id.
    pub duplicate_of: Option<u64>,
    pub labels: Option<Vec<String>>,
    pub assignees: Option<Vec<String>>,
    pub milestone: Option<Option<u64>>,
    pub kind: Option<Option<String>>,
}

impl State {
    /// Opens an issue. Labels that do not exist are created; what needs write access is dropped
    /// without it.
    pub fn create_issue(&mut self, repository: u64, actor: &Actor, draft: Draft) -> Result<u64> {
        check_title("Issue", &draft.title)?;
        let edit = Edit {
            body: Some(draft.body.clone()),
            labels: Some(draft.labels),
            assignees: Some(draft.assignees),
            milestone: Some(draft.milestone),
            kind: Some(draft.kind),
            ..Edit::default()
        };
        let mut edit = self.checked(repository, actor, edit)?;
        // The body belongs to the event `opened`.
        edit.body = None;
        let number = self.insert_issue(repository, actor, &draft.title, draft.body);
        let quiet = self.apply(repository, number, actor, &edit)?;
        self.emit_issue(repository, number, "opened", actor, nothing);
        self.emit_all(repository, number, actor, quiet);
        Ok(number)
    }

    /// An issue with the next number, also for a pull request.
    pub fn insert_issue(
        &mut self,
        repository: u64,
        actor: &Actor,
        title: &str,
        body: Option<String>,
    ) -> u64 {
        let (id, now) = (self.next_id(), self.now());
        let of = self.repository_mut(repository);
        let number = of.next_number;
        of.next_number += 1;
        of.issues.insert(
            number,
            Issue {
                id,
                number,
                title: title.to_string(),
                body,
                author: actor.login.clone(),
                app: actor.app,
                labels: Vec::new(),
                assignees: Vec::new(),
                milestone: None,
                kind: None,
                closed: false,
                reason: None,
                closed_at: None,
                closed_by: None,
                created_at: now,
                updated_at: now,
                comments: Vec::new(),
                sub_issues: Vec::new(),
                parent: None,
                blocked_by: Vec::new(),
                blocking: Vec::new(),
                pull: None,
            },
        );
        self.places.insert(id, (repository, number));
        number
    }

    /// Edits an issue or a pull request.
    ///
    /// # Errors
    /// 403 for somebody who may not; 422 for values that it cannot have.
    pub fn update_issue(
        &mut self,
        repository: u64,
        number: u64,
        actor: &Actor,
        edit: Edit,
    ) -> Result<()> {
        let is_author = self.issue(repository, number).author == actor.login;
        if self.role(repository, &actor.login) < Role::Write && !is_author {
            return Err(Failure::new(403, "Must have admin rights to Repository."));
        }
        let edit = self.checked(repository, actor, edit)?;
        let events = self.apply(repository, number, actor, &edit)?;
        if !events.is_empty() {
            self.touch(repository, number);
        }
        self.emit_all(repository, number, actor, events);
        Ok(())
    }

    fn emit_all(&mut self, repository: u64, number: u64, actor: &Actor, events: Vec<Event>) {
        for (action, fields) in events {
            self.emit_issue(repository, number, action, actor, |_| fields);
        }
    }

    /// The edit as it can be applied.
    fn checked(&self, repository: u64, actor: &Actor, mut edit: Edit) -> Result<Edit> {
        if let Some(title) = &edit.title {
            check_title("Issue", title)?;
        }
        if let Some(Some(body)) = &edit.body {
            check_body("Issue", body)?;
        }
        if self.role(repository, &actor.login) < Role::Write {
            (edit.labels, edit.assignees) = (None, None);
            (edit.milestone, edit.kind) = (None, None);
        }
        for name in edit.labels.iter().flatten() {
            if self.label_named(repository, name).is_none() {
                self.check_label(repository, name, None)?;
            }
        }
        if let Some(assignees) = &mut edit.assignees {
            let mut kept: Vec<String> = Vec::new();
            for login in assignees.iter() {
                let user = self
                    .user(login)
                    .filter(|user| self.role(repository, &user.login) >= Role::Write);
                match user {
                    Some(user) if !kept.contains(&user.login) => kept.push(user.login.clone()),
                    None if self.refuses_assignees => {
                        return Err(Failure::value("Issue", "assignees", json!(login)));
                    }
                    _ => {}
                }
            }
            *assignees = kept;
        }
        if let Some(Some(number)) = edit.milestone
            && !self.repository(repository).milestones.contains_key(&number)
        {
            return Err(Failure::value("Issue", "milestone", json!(number)));
        }
        if let Some(Some(name)) = &edit.kind
            && self.kind_named(repository, name).is_none()
        {
            return Err(Failure::value("Issue", "type", json!(name)));
        }
        if let Some(id) = edit.duplicate_of
            && edit.reason == Some(Reason::Duplicate)
            && self.issue_by_id(id).is_none()
        {
            return Err(Failure::value("Issue", "duplicate_issue_id", json!(id)));
        }
        Ok(edit)
    }

    fn kind_named(&self, repository: u64, name: &str) -> Option<u64> {
        let kinds = self.kinds_of(repository).iter();
        let mut found = kinds.filter(|kind| kind.name.eq_ignore_ascii_case(name));
        found.next().map(|kind| kind.id)
    }

    /// Applies a checked edit. The events are those of real changes.
    fn apply(
        &mut self,
        repository: u64,
        number: u64,
        actor: &Actor,
        edit: &Edit,
    ) -> Result<Vec<Event>> {
        let mut events = self.apply_text(repository, number, edit);
        if let Some(names) = &edit.labels {
            let mut ids = Vec::new();
            for name in names {
                let id = self.label(repository, name)?;
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
            let before = self.issue(repository, number).labels.clone();
            self.issue_mut(repository, number).labels.clone_from(&ids);
            for (action, id) in differences(&before, &ids, "labeled", "unlabeled") {
                events.push((
                    action,
                    json!({"label": render::label(self, repository, *id)}),
                ));
            }
        }
        if let Some(logins) = &edit.assignees {
            let before = self.issue(repository, number).assignees.clone();
            self.issue_mut(repository, number)
                .assignees
                .clone_from(logins);
            for (action, login) in differences(&before, logins, "assigned", "unassigned") {
                events.push((action, json!({"assignee": render::user(self, login)})));
            }
        }
        self.apply_milestone(repository, number, edit, &mut events);
        let is_pull = self.issue(repository, number).pull.is_some();
        // Pull requests have no types.
        if let Some(name) = edit.kind.as_ref().filter(|_| !is_pull) {
            let kind = name
                .as_ref()
                .and_then(|name| self.kind_named(repository, name));
            let before = self.issue(repository, number).kind;
            self.issue_mut(repository, number).kind = kind;
            let before: Vec<u64> = before.into_iter().collect();
            let after: Vec<u64> = kind.into_iter().collect();
            for (action, id) in differences(&before, &after, "typed", "untyped") {
                let mut kinds = self.kinds_of(repository).iter();
                let kind = kinds.find(|kind| kind.id == *id).map(render::kind);
                events.push((action, json!({"type": kind})));
            }
        }
        self.apply_state(repository, number, actor, edit, &mut events);
        Ok(events)
    }

    fn apply_text(&mut self, repository: u64, number: u64, edit: &Edit) -> Vec<Event> {
        let issue = self.issue_mut(repository, number);
        let mut changes = json!({});
        if let Some(title) = edit.title.as_ref().filter(|title| **title != issue.title) {
            changes["title"] = json!({"from": issue.title});
            issue.title.clone_from(title);
        }
        if let Some(body) = edit.body.as_ref().filter(|body| **body != issue.body) {
            changes["body"] = json!({"from": issue.body.clone().unwrap_or_default()});
            issue.body.clone_from(body);
        }
        match changes.as_object().is_some_and(serde_json::Map::is_empty) {
            true => Vec::new(),
            false => vec![("edited", json!({"changes": changes}))],
        }
    }

    fn apply_milestone(
        &mut self,
        repository: u64,
        number: u64,
        edit: &Edit,
        events: &mut Vec<Event>,
    ) {
        let Some(milestone) = edit.milestone else {
            return;
        };
        let before = self.issue(repository, number).milestone;
        self.issue_mut(repository, number).milestone = milestone;
        let (before, after) = (Vec::from_iter(before), Vec::from_iter(milestone));
        for (action, of) in differences(&before, &after, "milestoned", "demilestoned") {
            let all = &self.repository(repository).milestones;
            let shown = all
                .get(of)
                .map(|one| render::milestone(self, repository, one));
            events.push((action, json!({"milestone": shown})));
        }
    }

    fn apply_state(
        &mut self,
        repository: u64,
        number: u64,
        actor: &Actor,
        edit: &Edit,
        events: &mut Vec<Event>,
    ) {
        let now = self.now();
        let issue = self.issue_mut(repository, number);
        let Some(closed) = edit.closed.filter(|closed| *closed != issue.closed) else {
            return;
        };
        issue.closed = closed;
        issue.closed_at = closed.then_some(now);
        issue.closed_by = closed.then(|| actor.login.clone());
        issue.reason = match closed {
            _ if issue.pull.is_some() => None,
            true => Some(edit.reason.unwrap_or(Reason::Completed)),
            false => Some(Reason::Reopened),
        };
        events.push((if closed { "closed" } else { "reopened" }, Value::Null));
    }

    /// Deletes an issue.
    pub fn delete_issue(&mut self, repository: u64, number: u64, actor: &Actor) {
        let id = self.issue(repository, number).id;
        self.unlink(id, actor);
        self.emit_issue(repository, number, "deleted", actor, nothing);
        self.take_out(repository, number, Gone::Deleted);
    }

    fn take_out(&mut self, repository: u64, number: u64, gone: Gone) {
        let of = self.repository_mut(repository);
        of.gone.insert(number, gone);
        if let Some(issue) = of.issues.remove(&number) {
            of.comments.retain(|_, comment| comment.issue != number);
            self.places.remove(&issue.id);
        }
    }

    /// Moves an issue to another repository: it is a new issue there, with new ids, and labels and
    /// milestone only where the other repository has some of that name.
    pub fn transfer_issue(&mut self, from: u64, number: u64, to: u64, actor: &Actor) -> u64 {
        let old = self.issue(from, number).clone();
        self.unlink(old.id, actor);
        let author = Actor {
            login: old.author.clone(),
            app: old.app,
        };
        let new = self.insert_issue(to, &author, &old.title, old.body.clone());
        let names = old
            .labels
            .iter()
            .map(|id| self.repository(from).labels[id].name.clone());
        let names: Vec<String> = names.collect();
        let labels = names
            .iter()
            .filter_map(|name| Some(self.label_named(to, name)?.id));
        let labels: Vec<u64> = labels.collect();
        let mut comments = Vec::new();
        for comment in &old.comments {
            let id = self.next_id();
            let comment = Comment {
                id,
                issue: new,
                ..self.repository(from).comments[comment].clone()
            };
            comments.push(id);
            self.repository_mut(to).comments.insert(id, comment);
        }
        let issue = self.issue_mut(to, new);
        *issue = Issue {
            id: issue.id,
            number: new,
            updated_at: issue.updated_at,
            labels,
            comments,
            milestone: None,
            kind: None,
            parent: None,
            sub_issues: Vec::new(),
            blocked_by: Vec::new(),
            blocking: Vec::new(),
            ..old
        };
        self.emit_issue(from, number, "transferred", actor, |state| {
            json!({"changes": {
                "new_issue": render::hook_issue(state, to, new),
                "new_repository": render::hook_repository(state, to),
            }})
        });
        self.emit_issue(to, new, "opened", actor, |state| {
            json!({"changes": {
                "old_issue": render::hook_issue(state, from, number),
                "old_repository": render::hook_repository(state, from),
            }})
        });
        self.take_out(from, number, Gone::Transferred(to, new));
        new
    }
}

/// An action with the fields that only its event has.
type Event = (&'static str, Value);

/// What was added and what was taken away.
fn differences<'a, T: PartialEq>(
    before: &'a [T],
    after: &'a [T],
    added: &'static str,
    removed: &'static str,
) -> Vec<(&'static str, &'a T)> {
    let new = after.iter().filter(|one| !before.contains(one));
    let old = before.iter().filter(|one| !after.contains(one));
    let old = old.map(|one| (removed, one));
    old.chain(new.map(|one| (added, one))).collect()
}
