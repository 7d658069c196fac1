//! What the server keeps: users, repositories, issues, pull requests and what belongs to them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::clock::Seconds;

/// A person, a bot or an organization.
#[derive(Clone, Debug)]
pub struct User {
    pub id: u64,
    pub login: String,
    pub kind: UserKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserKind {
    Person,
    Bot,
    Organization,
}

/// What a user may do in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    None,
    Read,
    Write,
    Admin,
}

/// A token and what it allows.
#[derive(Clone, Debug)]
pub struct Token {
    pub login: String,
    pub grants: Grants,
    pub expires: Option<Seconds>,
    pub revoked: bool,
}

#[derive(Clone, Debug)]
pub enum Grants {
    /// A classic token: `repo`, `public_repo`, `read:org`.
    Scopes(BTreeSet<String>),
    /// A fine-grained token or one of an installation: `issues` → `write`.
    Permissions {
        permissions: BTreeMap<String, String>,
        /// Those it reaches, by id; all of the owner's if none are named.
        repositories: Option<BTreeSet<u64>>,
        installation: Option<u64>,
    },
}

/// A GitHub App with the public key that its tokens are verified with.
#[derive(Clone, Debug)]
pub struct App {
    pub id: u64,
    pub slug: String,
    pub owner: String,
    /// `RSAPublicKey` of PKCS #1, in DER.
    pub public_key: Vec<u8>,
}

/// An App in an account.
#[derive(Clone, Debug)]
pub struct Installation {
    pub id: u64,
    pub app: u64,
    pub account: String,
    pub permissions: BTreeMap<String, String>,
    pub created_at: Seconds,
}

#[derive(Clone, Debug)]
pub struct Repository {
    pub id: u64,
    pub owner: String,
    pub name: String,
    pub private: bool,
    pub has_issues: bool,
    pub default_branch: String,
    pub created_at: Seconds,
    pub updated_at: Seconds,
    /// The bare repository on disk that branches and merges are in.
    pub git: Option<PathBuf>,
    /// Branches of a repository without one: name → commit.
    pub branches: BTreeMap<String, String>,
    pub next_number: u64,
    pub issues: BTreeMap<u64, Issue>,
    /// Numbers whose issues are no longer here.
    pub gone: BTreeMap<u64, Gone>,
    pub labels: BTreeMap<u64, Label>,
    pub milestones: BTreeMap<u64, Milestone>,
    pub next_milestone: u64,
    pub comments: BTreeMap<u64, Comment>,
    /// By login; who is not named has `role`.
    pub roles: BTreeMap<String, Role>,
    pub role: Role,
    pub statuses: Vec<Status>,
    pub checks: Vec<Check>,
    /// The branches whose ruleset wants pull requests.
    pub ruled: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
pub enum Gone {
    Deleted,
    /// The repository and the number it has there.
    Transferred(u64, u64),
}

#[derive(Clone, Debug)]
pub struct Issue {
    /// The database id, which relations are made with.
    pub id: u64,
    pub number: u64,
    pub title: String,
    pub body: Option<String>,
    pub author: String,
    /// The App that created it.
    pub app: Option<u64>,
    pub labels: Vec<u64>,
    pub assignees: Vec<String>,
    pub milestone: Option<u64>,
    pub kind: Option<u64>,
    pub closed: bool,
    pub reason: Option<Reason>,
    pub closed_at: Option<Seconds>,
    pub closed_by: Option<String>,
    pub created_at: Seconds,
    pub updated_at: Seconds,
    /// In the order of their creation.
    pub comments: Vec<u64>,
    /// Database ids, in the order of their priority.
    pub sub_issues: Vec<u64>,
    pub parent: Option<u64>,
    pub blocked_by: Vec<u64>,
    pub blocking: Vec<u64>,
    /// What makes it a pull request.
    pub pull: Option<Pull>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Completed,
    NotPlanned,
    Duplicate,
    Reopened,
}

impl Reason {
    pub fn name(self) -> &'static str {
        match self {
            Reason::Completed => "completed",
            Reason::NotPlanned => "not_planned",
            Reason::Duplicate => "duplicate",
            Reason::Reopened => "reopened",
        }
    }

    pub fn named(name: &str) -> Option<Reason> {
        let all = [
            Reason::Completed,
            Reason::NotPlanned,
            Reason::Duplicate,
            Reason::Reopened,
        ];
        all.into_iter().find(|reason| reason.name() == name)
    }
}

#[derive(Clone, Debug)]
pub struct Pull {
    /// Its id as a pull request, which differs from its id as an issue.
    pub id: u64,
    pub draft: bool,
    pub head_owner: String,
    pub head: String,
    pub head_sha: String,
    pub base: String,
    pub base_sha: String,
    pub merged: Option<Merged>,
    pub reviewers: Vec<String>,
    pub reviews: Vec<Review>,
    /// Whether it can be merged is not known at once: the pair of commits it was asked for.
    pub examined: Option<(String, String)>,
    pub maintainer_can_modify: bool,
    /// What a test says it changes, in a repository without git.
    pub files: Vec<Change>,
    pub conflicts: bool,
}

#[derive(Clone, Debug)]
pub struct Merged {
    pub at: Seconds,
    pub by: String,
    pub commit: String,
}

#[derive(Clone, Debug)]
pub struct Review {
    pub id: u64,
    pub author: String,
    /// `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`.
    pub state: String,
    pub body: String,
    pub commit: String,
    pub submitted_at: Seconds,
}

/// A changed file.
#[derive(Clone, Debug, Default)]
pub struct Change {
    pub path: String,
    pub previous: Option<String>,
    /// `added`, `modified`, `removed`, `renamed`.
    pub status: String,
    pub additions: u64,
    pub deletions: u64,
}

#[derive(Clone, Debug)]
pub struct Comment {
    pub id: u64,
    pub issue: u64,
    pub author: String,
    pub app: Option<u64>,
    pub body: String,
    pub created_at: Seconds,
    pub updated_at: Seconds,
}

#[derive(Clone, Debug)]
pub struct Label {
    pub id: u64,
    pub name: String,
    pub color: String,
    pub description: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Milestone {
    pub id: u64,
    pub number: u64,
    pub title: String,
    pub description: Option<String>,
    pub creator: String,
    pub due_on: Option<Seconds>,
    pub closed_at: Option<Seconds>,
    pub created_at: Seconds,
    pub updated_at: Seconds,
}

/// A type of an organization's issues.
#[derive(Clone, Debug)]
pub struct Kind {
    pub id: u64,
    pub name: String,
    pub created_at: Seconds,
}

/// A commit status.
#[derive(Clone, Debug)]
pub struct Status {
    pub id: u64,
    pub sha: String,
    pub context: String,
    /// `error`, `failure`, `pending`, `success`.
    pub state: String,
    pub at: Seconds,
}

/// A check run.
#[derive(Clone, Debug)]
pub struct Check {
    pub id: u64,
    pub sha: String,
    pub name: String,
    /// `queued`, `in_progress`, `completed`.
    pub status: String,
    pub conclusion: Option<String>,
    pub at: Seconds,
}
