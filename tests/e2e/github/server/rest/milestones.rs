//! Milestones of a repository.

use super::super::clock::{Seconds, parsed};
use super::super::failure::{Failure, Result};
use super::super::model::Milestone;
use super::super::render;
use super::{Call, Reply};

/// A due date has no time of its own: GitHub keeps the day, at midnight of its own time zone.
const DUE_HOUR: Seconds = 7 * 3600;
const DAY: Seconds = 24 * 3600;

pub fn reply(call: &mut Call, repository: u64) -> Result<Reply> {
    let number = call.number("milestone_number");
    match call.operation {
        "issues/list-milestones" => list(call, repository),
        "issues/create-milestone" => {
            let actor = call.require_push(repository)?;
            let title = call.text("title").unwrap_or_default();
            check_title(call, repository, &title, 0)?;
            let due_on = due_on(call)?;
            let (id, now) = (call.state.next_id(), call.state.now());
            let is_closed = call.text("state").is_some_and(|state| state == "closed");
            let description = call.text("description");
            let of = call.state.repository_mut(repository);
            let number = of.next_milestone;
            of.next_milestone += 1;
            of.milestones.insert(
                number,
                Milestone {
                    id,
                    number,
                    title,
                    description,
                    creator: actor.login,
                    due_on,
                    closed_at: is_closed.then_some(now),
                    created_at: now,
                    updated_at: now,
                },
            );
            Reply::created(shown(call, repository, number)?)
        }
        "issues/get-milestone" => Reply::ok(shown(call, repository, number)?),
        "issues/update-milestone" => {
            call.require_push(repository)?;
            shown(call, repository, number)?;
            let title = call.text("title");
            if let Some(title) = &title {
                check_title(call, repository, title, number)?;
            }
            let (due_on, now) = (due_on(call)?, call.state.now());
            let (description, state) = (call.text("description"), call.text("state"));
            let of = call.state.repository_mut(repository);
            if let Some(milestone) = of.milestones.get_mut(&number) {
                milestone.title = title.unwrap_or(std::mem::take(&mut milestone.title));
                milestone.description = description.or(milestone.description.take());
                milestone.due_on = due_on.or(milestone.due_on);
                milestone.closed_at = match state.as_deref() {
                    Some("closed") => milestone.closed_at.or(Some(now)),
                    Some(_) => None,
                    None => milestone.closed_at,
                };
                milestone.updated_at = now;
            }
            Reply::ok(shown(call, repository, number)?)
        }
        "issues/delete-milestone" => {
            call.require_push(repository)?;
            shown(call, repository, number)?;
            call.state.remove_milestone(repository, number);
            Reply::nothing()
        }
        _ => Err(Failure::not_found()),
    }
}

fn shown(call: &Call, repository: u64, number: u64) -> Result<serde_json::Value> {
    let found = call.state.repository(repository).milestones.get(&number);
    let milestone = found.ok_or_else(Failure::not_found)?;
    Ok(render::milestone(call.state, repository, milestone))
}

fn list(call: &Call, repository: u64) -> Result<Reply> {
    let asked = call.asked("state").unwrap_or("open");
    let all = call.state.repository(repository).milestones.values();
    let mut found: Vec<&Milestone> = all
        .filter(|one| asked == "all" || (asked == "closed") == one.closed_at.is_some())
        .collect();
    if call.asked("sort").unwrap_or("due_on") == "due_on" {
        found.sort_by_key(|one| (one.due_on, one.number));
    }
    if call.asked("direction") == Some("desc") {
        found.reverse();
    }
    call.page(Some(repository), &found, |one| {
        render::milestone(call.state, repository, one)
    })
}

fn check_title(call: &Call, repository: u64, title: &str, own: u64) -> Result<()> {
    if title.trim().is_empty() {
        return Err(Failure::field("Milestone", "title", "missing_field"));
    }
    let mut all = call.state.repository(repository).milestones.values();
    match all.any(|one| one.title == title && one.number != own) {
        true => Err(Failure::field("Milestone", "title", "already_exists")),
        false => Ok(()),
    }
}

fn due_on(call: &Call) -> Result<Option<Seconds>> {
    let Some(text) = call.text("due_on") else {
        return Ok(None);
    };
    let time = parsed(&text).ok_or_else(|| Failure::field("Milestone", "due_on", "invalid"))?;
    Ok(Some(time - time.rem_euclid(DAY) + DUE_HOUR))
}

impl super::State {
    /// Deletes a milestone, from its issues, too.
    pub fn remove_milestone(&mut self, repository: u64, number: u64) {
        let of = self.repository_mut(repository);
        of.milestones.remove(&number);
        for issue in of.issues.values_mut() {
            issue.milestone = issue.milestone.filter(|one| *one != number);
        }
    }
}
