//! People at the web interface: what they change without the API, for tests.

use super::acts::{Draft, Edit, Merge, Method, NewPull};
use super::model::{
    Change, Check, Comment, Issue, Kind, Milestone, Reason, Repository, Role, Status,
};
use super::state::{Actor, State};

/// The web interface, used by somebody.
pub struct Web<'a> {
    state: &'a mut State,
    actor: Actor,
}

/// A repository there.
pub struct Page<'a> {
    state: &'a mut State,
    actor: Actor,
    id: u64,
}

/// An issue or a pull request there. Its methods panic where a person would see an error.
pub struct IssuePage<'a> {
    state: &'a mut State,
    actor: Actor,
    repository: u64,
    number: u64,
}

impl<'a> Web<'a> {
    pub fn new(state: &'a mut State) -> Web<'a> {
        let actor = Actor::person("octocat");
        state.add_user("octocat", super::model::UserKind::Person);
        Web { state, actor }
    }

    /// Signs in as somebody else; at first it is `octocat`.
    pub fn by(&mut self, login: &str) -> &mut Web<'a> {
        self.state.add_user(login, super::model::UserKind::Person);
        self.actor = Actor::person(login);
        self
    }

    /// A repository by its present or a former name.
    pub fn repository(&mut self, owner: &str, name: &str) -> Page<'_> {
        let id = self
            .state
            .repository_named(owner, name)
            .expect("a repository")
            .id;
        Page {
            state: self.state,
            actor: self.actor.clone(),
            id,
        }
    }

    /// Adds a type of an organization's issues.
    pub fn add_type(&mut self, organization: &str, name: &str) {
        let (id, created_at) = (self.state.next_id(), self.state.now());
        let kinds = self
            .state
            .kinds
            .entry(organization.to_lowercase())
            .or_default();
        kinds.push(Kind {
            id,
            name: name.to_string(),
            created_at,
        });
    }
}

impl Page<'_> {
    /// What is kept of it.
    pub fn view(&self) -> &Repository {
        self.state.repository(self.id)
    }

    pub fn issue(&mut self, number: u64) -> IssuePage<'_> {
        assert!(
            self.view().issues.contains_key(&number),
            "there is no #{number}"
        );
        IssuePage {
            state: self.state,
            actor: self.actor.clone(),
            repository: self.id,
            number,
        }
    }

    /// Opens an issue; the result is its number.
    pub fn create_issue(&mut self, title: &str, body: &str) -> u64 {
        let draft = Draft {
            title: title.to_string(),
            body: Some(body.to_string()),
            ..Draft::default()
        };
        self.state
            .create_issue(self.id, &self.actor, draft)
            .expect("an issue")
    }

    /// Opens a pull request; the result is its number.
    pub fn create_pull(&mut self, title: &str, head: &str, base: &str) -> u64 {
        let new = NewPull {
            title: title.to_string(),
            body: None,
            head: head.to_string(),
            base: base.to_string(),
            draft: false,
            maintainer_can_modify: true,
        };
        self.state
            .create_pull(self.id, &self.actor, new)
            .expect("a pull request")
    }

    pub fn edit_comment(&mut self, id: u64, body: &str) {
        self.state
            .edit_comment(self.id, id, &self.actor, body)
            .expect("a comment");
    }

    pub fn delete_comment(&mut self, id: u64) {
        self.state
            .remove_comment(self.id, id, &self.actor)
            .expect("a comment");
    }

    pub fn create_label(&mut self, name: &str, color: &str) {
        self.state
            .add_label(self.id, name, Some(color), None)
            .expect("a label");
    }

    pub fn delete_label(&mut self, name: &str) {
        let label = self.state.label_named(self.id, name).expect("a label").id;
        self.state.remove_label(self.id, label);
    }

    pub fn create_milestone(&mut self, title: &str) -> u64 {
        let (id, now) = (self.state.next_id(), self.state.now());
        let creator = self.actor.login.clone();
        let of = self.state.repository_mut(self.id);
        let number = of.next_milestone;
        of.next_milestone += 1;
        of.milestones.insert(
            number,
            Milestone {
                id,
                number,
                title: title.to_string(),
                description: None,
                creator,
                due_on: None,
                closed_at: None,
                created_at: now,
                updated_at: now,
            },
        );
        number
    }

    pub fn delete_milestone(&mut self, number: u64) {
        self.state.remove_milestone(self.id, number);
    }

    /// Gives it another name; the former one leads to it.
    pub fn rename(&mut self, name: &str) {
        self.state.rename(self.id, name);
    }

    /// What a user may do here; everybody can write otherwise.
    pub fn set_role(&mut self, login: &str, role: Role) {
        self.state
            .repository_mut(self.id)
            .roles
            .insert(login.to_lowercase(), role);
    }

    /// Pushes a new commit to a branch of a repository without git; the result is the commit.
    pub fn push(&mut self, branch: &str) -> String {
        let sha = self.state.fake_sha(branch);
        let of = self.state.repository_mut(self.id);
        assert!(of.git.is_none(), "push to the bound repository with git");
        of.branches.insert(branch.to_string(), sha.clone());
        self.state.follow_branches(self.id, &self.actor);
        sha
    }

    /// Looks at the branches of a bound repository, as GitHub does after a push.
    pub fn pushed(&mut self) {
        self.state.follow_branches(self.id, &self.actor);
    }

    /// Deletes a branch of a repository without git, which closes its pull requests.
    pub fn delete_branch(&mut self, branch: &str) {
        self.state.repository_mut(self.id).branches.remove(branch);
        self.state.follow_branches(self.id, &self.actor);
    }

    /// Makes a rule that a branch moves only through pull requests.
    pub fn rule(&mut self, branch: &str) {
        let ruled = &mut self.state.repository_mut(self.id).ruled;
        ruled.push(branch.to_string());
    }

    /// Sets a commit's status: `success`, `failure`, `pending`, `error`.
    pub fn set_status(&mut self, sha: &str, context: &str, state: &str) {
        let (id, at) = (self.state.next_id(), self.state.now());
        self.state.repository_mut(self.id).statuses.push(Status {
            id,
            sha: sha.to_string(),
            context: context.to_string(),
            state: state.to_string(),
            at,
        });
    }

    /// Sets a check run of a commit; one that has a conclusion is completed.
    pub fn set_check(&mut self, sha: &str, name: &str, conclusion: Option<&str>) {
        let (id, at) = (self.state.next_id(), self.state.now());
        let status = if conclusion.is_some() {
            "completed"
        } else {
            "in_progress"
        };
        self.state.repository_mut(self.id).checks.push(Check {
            id,
            sha: sha.to_string(),
            name: name.to_string(),
            status: status.to_string(),
            conclusion: conclusion.map(str::to_string),
            at,
        });
    }
}

impl IssuePage<'_> {
    /// What is kept of it.
    pub fn view(&self) -> &Issue {
        self.state.issue(self.repository, self.number)
    }

    /// The names of its labels.
    pub fn labels(&self) -> Vec<String> {
        let labels = &self.state.repository(self.repository).labels;
        self.view()
            .labels
            .iter()
            .map(|id| labels[id].name.clone())
            .collect()
    }

    /// Its comments, oldest first.
    pub fn comments(&self) -> Vec<Comment> {
        let comments = &self.state.repository(self.repository).comments;
        self.view()
            .comments
            .iter()
            .map(|id| comments[id].clone())
            .collect()
    }

    fn edit(&mut self, edit: Edit) -> &mut Self {
        let edited = self
            .state
            .update_issue(self.repository, self.number, &self.actor, edit);
        edited.expect("an edit that is allowed");
        self
    }

    pub fn title(&mut self, title: &str) -> &mut Self {
        self.edit(Edit {
            title: Some(title.to_string()),
            ..Edit::default()
        })
    }

    pub fn body(&mut self, body: &str) -> &mut Self {
        self.edit(Edit {
            body: Some(Some(body.to_string())),
            ..Edit::default()
        })
    }

    pub fn label(&mut self, name: &str) -> &mut Self {
        let mut labels = self.labels();
        labels.push(name.to_string());
        self.edit(Edit {
            labels: Some(labels),
            ..Edit::default()
        })
    }

    pub fn unlabel(&mut self, name: &str) -> &mut Self {
        let mut labels = self.labels();
        labels.retain(|label| !label.eq_ignore_ascii_case(name));
        self.edit(Edit {
            labels: Some(labels),
            ..Edit::default()
        })
    }

    pub fn assign(&mut self, logins: &[&str]) -> &mut Self {
        for login in logins {
            self.state.add_user(login, super::model::UserKind::Person);
        }
        self.edit(Edit {
            assignees: Some(logins.iter().map(ToString::to_string).collect()),
            ..Edit::default()
        })
    }

    pub fn milestone(&mut self, number: Option<u64>) -> &mut Self {
        self.edit(Edit {
            milestone: Some(number),
            ..Edit::default()
        })
    }

    /// Sets the type.
    pub fn kind(&mut self, name: Option<&str>) -> &mut Self {
        self.edit(Edit {
            kind: Some(name.map(str::to_string)),
            ..Edit::default()
        })
    }

    pub fn close(&mut self, reason: Reason) -> &mut Self {
        self.edit(Edit {
            closed: Some(true),
            reason: Some(reason),
            ..Edit::default()
        })
    }

    pub fn reopen(&mut self) -> &mut Self {
        self.edit(Edit {
            closed: Some(false),
            ..Edit::default()
        })
    }

    /// Comments; the result is the comment's id.
    pub fn comment(&mut self, body: &str) -> u64 {
        let made = self
            .state
            .add_comment(self.repository, self.number, &self.actor, body);
        made.expect("a comment")
    }

    /// Puts another issue, by its database id, under this one.
    pub fn add_sub_issue(&mut self, child: u64) -> &mut Self {
        let parent = self.view().id;
        let added = self.state.add_sub_issue(parent, child, true, &self.actor);
        added.expect("a sub-issue");
        self
    }

    pub fn remove_sub_issue(&mut self, child: u64) -> &mut Self {
        let parent = self.view().id;
        let removed = self.state.remove_sub_issue(parent, child, &self.actor);
        removed.expect("a sub-issue");
        self
    }

    /// Notes that this one waits for another, by its database id.
    pub fn add_blocker(&mut self, blocker: u64) -> &mut Self {
        let blocked = self.view().id;
        let added = self.state.add_blocker(blocked, blocker, &self.actor);
        added.expect("a dependency");
        self
    }

    pub fn remove_blocker(&mut self, blocker: u64) -> &mut Self {
        let blocked = self.view().id;
        let removed = self.state.remove_blocker(blocked, blocker, &self.actor);
        removed.expect("a dependency");
        self
    }

    pub fn delete(self) {
        self.state
            .delete_issue(self.repository, self.number, &self.actor);
    }

    /// Moves it to another repository; the result is its number there.
    pub fn transfer(self, owner: &str, name: &str) -> u64 {
        let to = self
            .state
            .repository_named(owner, name)
            .expect("a repository")
            .id;
        self.state
            .transfer_issue(self.repository, self.number, to, &self.actor)
    }

    /// Merges a pull request; the result is the commit.
    pub fn merge(&mut self, method: Method) -> String {
        let merge = Merge {
            method,
            ..Merge::default()
        };
        let merged = self
            .state
            .merge_pull(self.repository, self.number, &self.actor, &merge);
        merged.expect("a merge")
    }

    /// Reviews a pull request: `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`.
    pub fn review(&mut self, state: &str, body: &str) -> u64 {
        self.state
            .add_review(self.repository, self.number, &self.actor, state, body)
    }

    pub fn set_draft(&mut self, draft: bool) -> &mut Self {
        self.state
            .set_draft(self.repository, self.number, draft, &self.actor);
        self
    }

    /// Says what a pull request without git changes, and whether it conflicts.
    pub fn changes(&mut self, files: Vec<Change>, conflicts: bool) -> &mut Self {
        let issue = self.state.issue_mut(self.repository, self.number);
        let pull = issue.pull.as_mut().expect("a pull request");
        (pull.files, pull.conflicts) = (files, conflicts);
        self
    }
}
