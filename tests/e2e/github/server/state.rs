//! The state behind the mutex: who and what there is, and how it is found.

use std::collections::BTreeMap;

use super::base64;
use super::clock::{Clock, Seconds};
use super::failure::{Failure, Result};
use super::hooks::Hooks;
use super::limits::Limits;
use super::model::{
    App, Comment, Gone, Installation, Issue, Kind, Label, Repository, Role, Token, User, UserKind,
};

/// Who acts: the user, and the App it acts through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub login: String,
    pub app: Option<u64>,
}

impl Actor {
    /// A person at the web interface.
    pub fn person(login: &str) -> Actor {
        Actor {
            login: login.to_string(),
            app: None,
        }
    }
}

/// Everything that is kept.
pub struct State {
    pub clock: Clock,
    /// The address of the web interface.
    pub web_url: String,
    /// By login in lower case.
    pub users: BTreeMap<String, User>,
    pub tokens: BTreeMap<String, Token>,
    pub apps: BTreeMap<u64, App>,
    pub installations: BTreeMap<u64, Installation>,
    pub repositories: BTreeMap<u64, Repository>,
    /// `owner/name` in lower case, present and former names.
    pub names: BTreeMap<String, u64>,
    /// Database ids of issues: where they are.
    pub places: BTreeMap<u64, (u64, u64)>,
    /// Types of issues by organization, in lower case.
    pub kinds: BTreeMap<String, Vec<Kind>>,
    pub hooks: Hooks,
    pub limits: Limits,
    /// 422 for an assignee who has no access, instead of dropping the name.
    pub refuses_assignees: bool,
    /// Relations change `updated_at` of the issues that they join.
    pub relations_touch: bool,
    last_id: u64,
}

impl State {
    pub fn new(clock: Clock, web_url: String) -> State {
        State {
            clock,
            web_url,
            users: BTreeMap::new(),
            tokens: BTreeMap::new(),
            apps: BTreeMap::new(),
            installations: BTreeMap::new(),
            repositories: BTreeMap::new(),
            names: BTreeMap::new(),
            places: BTreeMap::new(),
            kinds: BTreeMap::new(),
            hooks: Hooks::default(),
            limits: Limits::default(),
            refuses_assignees: false,
            relations_touch: true,
            // Beyond 32 bits, as the ids of issues are by now.
            last_id: 5_000_000_000,
        }
    }

    pub fn now(&self) -> Seconds {
        self.clock.now()
    }

    /// A new database id. They have gaps, so that nobody counts on the next.
    pub fn next_id(&mut self) -> u64 {
        self.last_id += 7;
        self.last_id
    }

    /// The address of the REST API.
    pub fn api_url(&self) -> String {
        format!("{}/api/v3", self.web_url)
    }

    /// The user with this login, created if there is none.
    pub fn add_user(&mut self, login: &str, kind: UserKind) -> &User {
        let key = login.to_lowercase();
        if !self.users.contains_key(&key) {
            let id = self.next_id();
            let login = login.to_string();
            self.users.insert(key.clone(), User { id, login, kind });
        }
        &self.users[&key]
    }

    pub fn user(&self, login: &str) -> Option<&User> {
        self.users.get(&login.to_lowercase())
    }

    /// A new repository of a user, or of an organization of that name.
    ///
    /// # Panics
    /// If there is one of that name.
    pub fn add_repository(&mut self, owner: &str, name: &str) -> u64 {
        let kind = self
            .user(owner)
            .map_or(UserKind::Organization, |user| user.kind);
        let owner = self.add_user(owner, kind).login.clone();
        let (id, now) = (self.next_id(), self.now());
        let replaced = self.names.insert(key(&owner, name), id);
        assert!(replaced.is_none(), "{owner}/{name} exists");
        let mut repository = Repository {
            id,
            owner,
            name: name.to_string(),
            private: false,
            has_issues: true,
            default_branch: "main".to_string(),
            created_at: now,
            updated_at: now,
            git: None,
            branches: BTreeMap::new(),
            next_number: 1,
            issues: BTreeMap::new(),
            gone: BTreeMap::new(),
            labels: BTreeMap::new(),
            milestones: BTreeMap::new(),
            next_milestone: 1,
            comments: BTreeMap::new(),
            roles: BTreeMap::new(),
            role: Role::Write,
            statuses: Vec::new(),
            checks: Vec::new(),
            ruled: Vec::new(),
        };
        let main = self.fake_sha(&repository.name);
        repository.branches.insert("main".to_string(), main);
        self.repositories.insert(id, repository);
        id
    }

    /// The name of a commit in a repository without git.
    pub fn fake_sha(&mut self, of: &str) -> String {
        let text = format!("{of} {}", self.next_id());
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        digest.as_ref()[..20]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The repository of this name, present or former.
    pub fn repository_named(&self, owner: &str, name: &str) -> Option<&Repository> {
        self.repositories.get(self.names.get(&key(owner, name))?)
    }

    /// The repository with this id.
    ///
    /// # Panics
    /// If there is none: ids come from the state.
    pub fn repository(&self, id: u64) -> &Repository {
        &self.repositories[&id]
    }

    pub fn repository_mut(&mut self, id: u64) -> &mut Repository {
        self.repositories.get_mut(&id).expect("a repository")
    }

    /// Gives a repository another name; the former name leads to it.
    pub fn rename(&mut self, id: u64, name: &str) {
        let now = self.now();
        let repository = self.repository_mut(id);
        repository.name = name.to_string();
        repository.updated_at = now;
        let key = key(&repository.owner, name);
        self.names.insert(key, id);
    }

    /// Whether the owner of a repository is an organization.
    pub fn is_organization(&self, owner: &str) -> bool {
        self.user(owner)
            .is_some_and(|user| user.kind == UserKind::Organization)
    }

    /// The types of issues that a repository can use.
    pub fn kinds_of(&self, repository: u64) -> &[Kind] {
        let owner = self.repository(repository).owner.to_lowercase();
        self.kinds.get(&owner).map_or(&[], Vec::as_slice)
    }

    /// The issue with this number.
    ///
    /// # Panics
    /// If there is none: numbers were looked up.
    pub fn issue(&self, repository: u64, number: u64) -> &Issue {
        &self.repository(repository).issues[&number]
    }

    pub fn issue_mut(&mut self, repository: u64, number: u64) -> &mut Issue {
        let issues = &mut self.repository_mut(repository).issues;
        issues.get_mut(&number).expect("an issue")
    }

    /// The issue with this database id.
    pub fn issue_by_id(&self, id: u64) -> Option<&Issue> {
        let (repository, number) = self.places.get(&id)?;
        self.repository(*repository).issues.get(number)
    }

    pub fn issue_by_id_mut(&mut self, id: u64) -> Option<&mut Issue> {
        let (repository, number) = *self.places.get(&id)?;
        self.repository_mut(repository).issues.get_mut(&number)
    }

    /// Notes a change of an issue.
    pub fn touch(&mut self, repository: u64, number: u64) {
        let now = self.now();
        self.issue_mut(repository, number).updated_at = now;
    }

    /// What a user may do in a repository.
    pub fn role(&self, repository: u64, login: &str) -> Role {
        let repository = self.repository(repository);
        if repository.owner.eq_ignore_ascii_case(login) {
            return Role::Admin;
        }
        let named = repository.roles.get(&login.to_lowercase());
        named.copied().unwrap_or(repository.role)
    }

    /// Where an issue is that is no longer in this repository under this number.
    pub fn gone(&self, repository: u64, number: u64, method: &str, rest: &str) -> Failure {
        match self.repository(repository).gone.get(&number) {
            None => Failure::not_found(),
            Some(Gone::Deleted) => Failure::gone(),
            Some(Gone::Transferred(repository, number)) => {
                let location = format!(
                    "{}/repositories/{repository}/issues/{number}{rest}",
                    self.api_url()
                );
                Failure::moved(method, location)
            }
        }
    }

    pub fn label_named(&self, repository: u64, name: &str) -> Option<&Label> {
        let lower = name.to_lowercase();
        let labels = &self.repository(repository).labels;
        labels
            .values()
            .find(|label| label.name.to_lowercase() == lower)
    }

    pub fn comment(&self, repository: u64, id: u64) -> Result<&Comment> {
        let found = self.repository(repository).comments.get(&id);
        found.ok_or_else(Failure::not_found)
    }
}

/// The key of a repository's name.
pub fn key(owner: &str, name: &str) -> String {
    format!("{owner}/{name}").to_lowercase()
}

/// The id of GraphQL: `I_` and the like before the encoded database id.
pub fn node_id(prefix: &str, id: u64) -> String {
    format!(
        "{prefix}_{}",
        base64::encoded(format!("fake:{id}").as_bytes())
    )
}

/// The database id in one of them.
pub fn id_of_node(prefix: &str, node: &str) -> Option<u64> {
    let bytes = base64::decoded(node.strip_prefix(prefix)?.strip_prefix('_')?)?;
    String::from_utf8(bytes)
        .ok()?
        .strip_prefix("fake:")?
        .parse()
        .ok()
}
