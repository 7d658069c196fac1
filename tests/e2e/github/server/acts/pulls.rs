//! Pull requests are opened, edited and pushed to.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::failure::{Failure, Result};
use super::super::git;
use super::super::hooks::nothing;
use super::super::model::{Pull, Review};
use super::super::render;
use super::super::state::{Actor, State};
use super::{Edit, check_body, check_title};

const RESOURCE: &str = "PullRequest";

/// A pull request to open.
#[derive(Clone, Debug)]
pub struct NewPull {
    pub title: String,
    pub body: Option<String>,
    /// `branch` or `owner:branch`.
    pub head: String,
    pub base: String,
    pub draft: bool,
    pub maintainer_can_modify: bool,
}

/// The branches of a repository: name → commit.
pub type Branches = BTreeMap<String, String>;

/// 422 with a sentence about the whole pull request.
fn custom(message: &str) -> Failure {
    Failure::validation(vec![
        json!({"resource": RESOURCE, "code": "custom", "message": message}),
    ])
}

impl State {
    /// The branches of a repository, from git where it is bound.
    pub fn branches(&self, repository: u64) -> Branches {
        let of = self.repository(repository);
        of.git
            .as_ref()
            .map_or_else(|| of.branches.clone(), |folder| git::branches(folder))
    }

    /// Opens a pull request.
    ///
    /// # Errors
    /// 422 for branches that do not exist, without commits between them, or with an open one.
    pub fn create_pull(&mut self, repository: u64, actor: &Actor, new: NewPull) -> Result<u64> {
        check_title(RESOURCE, &new.title)?;
        check_body(RESOURCE, new.body.as_deref().unwrap_or_default())?;
        let of = self.repository(repository);
        let (owner, name) = (of.owner.clone(), of.name.clone());
        let (head_owner, head) = new.head.split_once(':').unwrap_or((&owner, &new.head));
        let from = self.repository_named(head_owner, &name).map(|fork| fork.id);
        let invalid = |field: &str| Failure::field(RESOURCE, field, "invalid");
        let from = from.ok_or_else(|| invalid("head"))?;
        let head_owner = self.repository(from).owner.clone();
        let (heads, bases) = (self.branches(from), self.branches(repository));
        let base_sha = bases.get(&new.base).ok_or_else(|| invalid("base"))?;
        let head_sha = heads.get(head).ok_or_else(|| invalid("head"))?;
        let between = match &self.repository(repository).git {
            Some(folder) => !git::commits(folder, base_sha, head_sha).is_empty(),
            None => base_sha != head_sha,
        };
        if !between {
            let message = format!("No commits between {} and {head}", new.base);
            return Err(custom(&message));
        }
        let is_same = |pull: &Pull| {
            pull.head_owner == head_owner && pull.head == head && pull.base == new.base
        };
        let issues = &self.repository(repository).issues;
        if issues
            .values()
            .any(|it| !it.closed && it.pull.as_ref().is_some_and(is_same))
        {
            let message = format!("A pull request already exists for {head_owner}:{head}.");
            return Err(custom(&message));
        }
        let id = self.next_id();
        let number = self.insert_issue(repository, actor, &new.title, new.body.clone());
        let pull = Pull {
            id,
            draft: new.draft,
            head_owner,
            head: head.to_string(),
            head_sha: head_sha.clone(),
            base: new.base.clone(),
            base_sha: base_sha.clone(),
            merged: None,
            reviewers: Vec::new(),
            reviews: Vec::new(),
            examined: None,
            maintainer_can_modify: new.maintainer_can_modify,
            files: Vec::new(),
            conflicts: false,
        };
        self.issue_mut(repository, number).pull = Some(pull);
        self.keep_head(repository, number);
        self.emit_issue(repository, number, "opened", actor, nothing);
        Ok(number)
    }

    /// Keeps the commit of an open pull request under `refs/pull`.
    fn keep_head(&self, repository: u64, number: u64) {
        if let (Some(folder), Some(pull)) = (
            &self.repository(repository).git,
            &self.issue(repository, number).pull,
        ) {
            git::update(
                folder,
                &format!("refs/pull/{number}/head"),
                &pull.head_sha,
                None,
            );
        }
    }

    /// Looks where the branches of open pull requests are, as GitHub does after a push.
    pub fn follow_branches(&mut self, repository: u64, actor: &Actor) {
        let branches = self.branches(repository);
        let owner = self.repository(repository).owner.clone();
        let open = self
            .repository(repository)
            .issues
            .values()
            .filter(|issue| !issue.closed);
        let open = open
            .filter(|issue| issue.pull.is_some())
            .map(|issue| issue.number);
        for number in open.collect::<Vec<u64>>() {
            let Some(pull) = &mut self.issue_mut(repository, number).pull else {
                continue;
            };
            if let Some(sha) = branches.get(&pull.base) {
                pull.base_sha.clone_from(sha);
            }
            if pull.head_owner != owner {
                continue;
            }
            let Some(after) = branches.get(&pull.head) else {
                // A pull request whose branch was deleted is closed.
                let edit = Edit {
                    closed: Some(true),
                    ..Edit::default()
                };
                let _ = self.update_issue(repository, number, actor, edit);
                continue;
            };
            if *after == pull.head_sha {
                continue;
            }
            let before = std::mem::replace(&mut pull.head_sha, after.clone());
            self.touch(repository, number);
            self.keep_head(repository, number);
            let fields = json!({"before": before, "after": after});
            self.emit_issue(repository, number, "synchronize", actor, |_| fields);
        }
    }

    /// Examines whether a pull request can be merged, which GitHub does after the first question.
    pub fn examine(&mut self, repository: u64, number: u64) {
        let folder = self.repository(repository).git.clone();
        let Some(pull) = &mut self.issue_mut(repository, number).pull else {
            return;
        };
        if let Some(folder) = folder {
            pull.conflicts = git::conflicts(&folder, &pull.base_sha, &pull.head_sha);
        }
        pull.examined = Some((pull.head_sha.clone(), pull.base_sha.clone()));
    }

    /// Makes a draft ready, or the other way round.
    pub fn set_draft(&mut self, repository: u64, number: u64, draft: bool, actor: &Actor) {
        let pull = self.issue_mut(repository, number).pull.as_mut();
        if let Some(pull) = pull.filter(|pull| pull.draft != draft) {
            pull.draft = draft;
            self.touch(repository, number);
            let action = if draft {
                "converted_to_draft"
            } else {
                "ready_for_review"
            };
            self.emit_issue(repository, number, action, actor, nothing);
        }
    }

    /// Gives a pull request another branch that it goes to.
    pub fn set_base(&mut self, repository: u64, number: u64, base: &str, sha: &str, actor: &Actor) {
        let pull = self.issue_mut(repository, number).pull.as_mut();
        if let Some(pull) = pull.filter(|pull| pull.base != base) {
            let name = std::mem::replace(&mut pull.base, base.to_string());
            let commit = std::mem::replace(&mut pull.base_sha, sha.to_string());
            self.touch(repository, number);
            let changes = json!({"base": {"ref": {"from": name}, "sha": {"from": commit}}});
            self.emit_issue(
                repository,
                number,
                "edited",
                actor,
                |_| json!({"changes": changes}),
            );
        }
    }

    /// Asks people for a review.
    ///
    /// # Errors
    /// 422 for the author and for people without access.
    pub fn request_reviews(
        &mut self,
        repository: u64,
        number: u64,
        logins: &[String],
        actor: &Actor,
    ) -> Result<()> {
        let author = self.issue(repository, number).author.clone();
        let mut found = Vec::new();
        for login in logins {
            let user = self.user(login).map(|user| user.login.clone());
            if user.as_ref() == Some(&author) {
                let message = "Review cannot be requested from pull request author.";
                return Err(Failure::new(422, message));
            }
            let may =
                |login: &String| self.role(repository, login) > super::super::model::Role::None;
            let Some(user) = user.filter(may) else {
                let message = "Reviews may only be requested from collaborators.";
                return Err(Failure::new(422, message));
            };
            found.push(user);
        }
        for login in found {
            if let Some(pull) = &mut self.issue_mut(repository, number).pull
                && !pull.reviewers.contains(&login)
            {
                pull.reviewers.push(login.clone());
                self.touch(repository, number);
                self.emit_issue(
                    repository,
                    number,
                    "review_requested",
                    actor,
                    |state| json!({"requested_reviewer": render::user(state, &login)}),
                );
            }
        }
        Ok(())
    }

    /// Adds a review with a state such as `APPROVED`; who was asked for one no longer is.
    pub fn add_review(
        &mut self,
        repository: u64,
        number: u64,
        actor: &Actor,
        state: &str,
        body: &str,
    ) -> u64 {
        let (id, now) = (self.next_id(), self.now());
        if let Some(pull) = &mut self.issue_mut(repository, number).pull {
            pull.reviewers.retain(|login| *login != actor.login);
            pull.reviews.push(Review {
                id,
                author: actor.login.clone(),
                state: state.to_string(),
                body: body.to_string(),
                commit: pull.head_sha.clone(),
                submitted_at: now,
            });
        }
        self.touch(repository, number);
        self.emit(
            repository,
            "pull_request_review",
            "submitted",
            actor,
            |state| {
                let pull = state.issue(repository, number).pull.as_ref();
                let review = pull.and_then(|pull| pull.reviews.last());
                let shown = review.map(|review| {
                    let mut shown = render::review(state, repository, number, review);
                    // Payloads have states in lower case.
                    shown["state"] = json!(review.state.to_lowercase());
                    shown
                });
                json!({
                    "review": shown,
                    "pull_request": render::pull_simple(state, repository, number),
                })
            },
        );
        id
    }
}
