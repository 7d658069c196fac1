//! What git pm needs of the pull requests of a forge.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::Result;
use crate::forge::RemoteComment;
use crate::model::uid::Uid;
use crate::model::vocabulary::terms;
use crate::work::task::integrate::Strategy;

/// A pull request at a forge.
#[derive(Clone, Debug, Default)]
pub(crate) struct RemotePull {
    /// Its number in the repository.
    pub(crate) number: u64,
    /// Its name in GraphQL.
    pub(crate) node: String,
    /// Its text.
    pub(crate) body: String,
    /// The branch that it is merged into.
    pub(crate) base: String,
    /// The branch with the work, and its commit.
    pub(crate) head: String,
    pub(crate) commit: String,
    /// The branch is in the same repository.
    pub(crate) is_own: bool,
    /// It is neither merged nor closed.
    pub(crate) is_open: bool,
    /// It is not meant to be merged yet.
    pub(crate) is_draft: bool,
    /// The commit of the base that has its work, once it was merged.
    pub(crate) merged: Option<String>,
    /// The names of its labels.
    pub(crate) labels: Vec<String>,
    /// The logins and `ORGANIZATION/TEAM`s whose review is wanted.
    pub(crate) reviewers: Vec<String>,
}

/// A pull request to be opened.
pub(crate) struct NewPull<'a> {
    pub(crate) title: &'a str,
    pub(crate) body: &'a str,
    /// `BRANCH`, or `OWNER:BRANCH` of another repository.
    pub(crate) head: &'a str,
    pub(crate) base: &'a str,
    pub(crate) is_draft: bool,
}

terms! {
    /// How a check stands.
    PullCheckState in "check" {
        /// It has not ended.
        Waiting = "waiting",
        /// It passed, or does not count.
        Passed = "passed",
        /// It failed.
        Failed = "failed",
    }
}

/// A check of a commit at the forge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PullCheck {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: PullCheckState,
}

/// The part of a forge that pull requests need. Its methods fail as those of [`crate::forge::Forge`].
pub(crate) trait PullRequests {
    /// One pull request; none if there is none of that number.
    fn pull(&self, number: u64) -> Result<Option<RemotePull>>;
    /// Those of a branch (`OWNER:BRANCH`), open or not, the newest first.
    fn pulls_of(&self, head: &str) -> Result<Vec<RemotePull>>;
    /// Opens one.
    fn open_pull(&self, new: &NewPull<'_>) -> Result<RemotePull>;
    /// Replaces its text.
    fn set_pull_text(&self, number: u64, body: &str) -> Result<()>;
    /// Makes it a draft, or ready.
    fn set_draft(&self, pull: &RemotePull, is_draft: bool) -> Result<()>;
    /// Adds labels.
    fn add_labels(&self, number: u64, labels: &[String]) -> Result<()>;
    /// Wants the reviews of logins, and of teams of the repository's organization.
    fn ask_reviewers(&self, number: u64, logins: &[String], teams: &[String]) -> Result<()>;
    /// The checks of a commit.
    fn checks(&self, commit: &str) -> Result<Vec<PullCheck>>;
    /// Merges it if its branch still is at a commit.
    fn merge_pull(
        &self,
        number: u64,
        commit: &str,
        strategy: Strategy,
        message: Option<(&str, &str)>,
    ) -> Result<()>;
    /// True if the forge moves a branch through pull requests only, as far as it says so.
    fn needs_pull(&self, branch: &str) -> Result<bool>;
    /// The comments on it.
    fn comments_on(&self, number: u64) -> Result<Vec<RemoteComment>>;
    /// Replaces the text of a comment.
    fn set_comment(&self, id: u64, text: &str, mark: &Uid) -> Result<()>;
    /// Removes a comment.
    fn remove_comment(&self, id: u64) -> Result<()>;
}
