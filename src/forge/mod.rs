//! Forges: where a project's issues are mirrored, behind one seam. GitHub is the one that is here.
//!
//! The state is canonical and the forge a mirror that people may edit. Each field is compared with the
//! value that both sides last agreed on ([`fields`]), never by time: a change of one side goes to the
//! other, a change of both is a conflict, of which neither side is written until somebody decides. An issue
//! that is made from an item carries the item's uid in a hidden mark, and the intent to make it is in the
//! state before the call, so that a call whose answer is lost makes no second one.

// What only the client of a forge reads.
#![cfg_attr(not(feature = "github"), allow(dead_code))]

mod change_item;
mod comments;
mod create;
#[cfg(feature = "github")]
mod github;
mod import;
mod incoming;
mod link;
mod local_files;
mod mark;
mod mirror;
mod new_item;
mod outgoing;
pub(crate) mod pulls;
mod record;
mod report;
mod resolve;
mod start;
mod sync;
mod three_way;

use std::fs::File;
use std::time::Duration;

use crate::coordinate::sync::try_agreed;
use crate::error::{Error, Reason, Result};
use crate::forge::pulls::remote::PullRequests;
use crate::forge::three_way::Fields;
use crate::model::uid::Uid;
use crate::pm::Pm;

#[cfg(feature = "serve")]
pub(crate) use link::confirmed;
pub use link::{ForgeLink, LinkRequest};
pub use pulls::remote::{PullCheck, PullCheckState};
pub use pulls::{Attended, ForgeHint, PullAction, PullComment, PullRequest, PullRequestView};
pub use report::{
    ForgeConflict, ForgeNote, ForgeReport, ForgeStatus, LeftOutField, MirrorView, PullView,
};
pub use resolve::Side;
pub use sync::SyncRequest;

/// A repository at a forge.
#[derive(Clone, Debug, Default)]
pub(crate) struct Repository {
    /// Its id in the forge's database, which a rename does not change.
    pub(crate) id: u64,
    /// `OWNER/NAME`, as the forge spells it.
    pub(crate) full_name: String,
    /// Anybody may read it.
    pub(crate) is_public: bool,
    /// It takes issues.
    pub(crate) has_issues: bool,
    /// Its owner is an organization.
    pub(crate) is_of_organization: bool,
}

/// An issue at a forge.
#[derive(Clone, Debug, Default)]
pub(crate) struct RemoteIssue {
    /// Its id in the forge's database.
    pub(crate) id: u64,
    /// Its number in the repository.
    pub(crate) number: u64,
    /// The login of its author.
    pub(crate) author: String,
    /// Its author may write to the repository.
    pub(crate) is_insider: bool,
    /// The login of who closed it, if it is closed.
    pub(crate) closed_by: Option<String>,
    /// RFC 3339.
    pub(crate) created_at: String,
    /// RFC 3339.
    pub(crate) updated_at: String,
    /// When it was closed, if it is, RFC 3339.
    pub(crate) closed_at: Option<String>,
    /// It waits for others, or did; which ones is another request.
    pub(crate) has_dependencies: bool,
    /// What it says, without [`fields::BLOCKED_BY`], which is another request.
    pub(crate) fields: Fields,
    /// All labels, with those that have no place here.
    pub(crate) labels: Vec<String>,
    /// Its milestone has a due date, for which there is no place here.
    pub(crate) has_due_milestone: bool,
    /// The item that it was made from, by its mark. Anybody can write one, so it counts only from an insider.
    pub(crate) mark: Option<Uid>,
}

/// A comment on an issue.
#[derive(Clone, Debug, Default)]
pub(crate) struct RemoteComment {
    /// Its id in the forge's database.
    pub(crate) id: u64,
    /// The number of its issue.
    pub(crate) issue: u64,
    /// The login of its author.
    pub(crate) author: String,
    /// Its author may write to the repository.
    pub(crate) is_insider: bool,
    /// RFC 3339.
    pub(crate) created_at: String,
    /// RFC 3339.
    pub(crate) updated_at: String,
    /// Its text, without the mark.
    pub(crate) text: String,
    /// The comment that it was made from, by its mark.
    pub(crate) mark: Option<Uid>,
}

/// A list that may not have changed since it was read before.
#[derive(Debug)]
pub(crate) struct Changed<T> {
    /// What changed.
    pub(crate) items: Vec<T>,
    /// Names this answer, for the next request; none if the forge names none.
    pub(crate) tag: Option<String>,
    /// Up to when everything that changed was read, RFC 3339: at most when the first page was made, as what
    /// changed while the others were read may be on none. None if nothing changed.
    pub(crate) until: Option<String>,
}

/// What git pm needs of a forge. Another one implements this.
///
/// All methods fail with kind `Remote` if the forge cannot be reached or does not answer as expected
/// (reasons `forge.…`), and with kind `Refused` if it refuses.
pub(crate) trait Forge: PullRequests {
    /// The repository that the link names.
    fn repository(&self) -> Result<Repository>;
    /// The login of the caller; none for an app.
    fn login(&self) -> Result<Option<String>>;
    /// The names of the types that an issue can have; empty where there are none.
    fn issue_types(&self, repository: &Repository) -> Result<Vec<String>>;
    /// All issues, open and closed, that changed at or after a time (RFC 3339); `tag` is that of the last
    /// answer to the same question.
    fn issues(&self, since: Option<&str>, tag: Option<&str>) -> Result<Changed<RemoteIssue>>;
    /// One issue; none if it was deleted or moved away.
    fn issue(&self, number: u64) -> Result<Option<RemoteIssue>>;
    /// Makes an issue, open.
    fn create(&self, fields: &Fields, mark: &Uid) -> Result<RemoteIssue>;
    /// Changes fields of an issue; `mark` is put below a text. `labels` are all that it has then.
    fn update(&self, number: u64, fields: &Fields, mark: Option<&Uid>) -> Result<RemoteIssue>;
    /// The numbers of the issues that one waits for, in this repository.
    fn blocked_by(&self, number: u64) -> Result<Vec<u64>>;
    /// Makes an issue wait for another (its id), or not.
    fn set_blocked(&self, number: u64, by: u64, is_blocked: bool) -> Result<()>;
    /// Makes an issue (its id) a part of another, or not.
    fn set_parent(&self, child: u64, parent: u64, is_part: bool) -> Result<()>;
    /// All comments on issues that changed at or after a time.
    fn comments(&self, since: Option<&str>, tag: Option<&str>) -> Result<Changed<RemoteComment>>;
    /// Adds a comment.
    fn comment(&self, number: u64, text: &str, mark: &Uid) -> Result<RemoteComment>;
    /// The number of requests that were sent, and the requests that the limit still allows.
    fn used(&self) -> (usize, Option<u64>);
    /// True if a number is that of a pull request.
    fn is_pull_request(&self, number: u64) -> Result<bool>;
}

/// What a forge is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// The mirror of issues.
    Issues,
    /// Pull requests with their checks and merges too.
    Pulls,
}

/// The forge of a link.
#[cfg(feature = "github")]
pub(crate) fn connect(pm: &Pm, link: &ForgeLink, need: Need) -> Result<Box<dyn Forge>> {
    Ok(Box::new(github::GitHub::connect(pm, link, need)?))
}

/// The forge of a link.
#[cfg(not(feature = "github"))]
pub(crate) fn connect(_pm: &Pm, _link: &ForgeLink, _need: Need) -> Result<Box<dyn Forge>> {
    Err(Error::refused("this build has no client of GitHub")
        .hint("build it with the feature `github`"))
}

/// A connection to the repository that the project is linked to.
pub(crate) struct Linked<'p> {
    pm: &'p Pm,
    link: ForgeLink,
    forge: Box<dyn Forge>,
    found: Repository,
    /// The right to exchange; none while others may.
    exclusive: Option<File>,
}

impl<'p> Linked<'p> {
    /// Connects to the repository of a link, once no other process exchanges.
    ///
    /// # Errors
    /// When it cannot be reached, is not the linked one, or another process exchanges for longer than `patience`.
    fn connect(
        pm: &'p Pm,
        mut link: ForgeLink,
        need: Need,
        patience: Duration,
        is_writing: bool,
    ) -> Result<Linked<'p>> {
        if pm.options.offline {
            let error = Error::remote("GitHub cannot be reached offline");
            return Err(error.because(Reason::ForgeUnreachable));
        }
        let exclusive = local_files::exclusive(pm, patience)?;
        // What other clones have made and mean to make.
        if is_writing {
            try_agreed(pm);
        }
        let forge = connect(pm, &link, need)?;
        let found = forge.repository()?;
        link::require_same(&link, found.id)?;
        link.repository = found.id;
        Ok(Linked {
            pm,
            link,
            forge,
            found,
            exclusive: Some(exclusive),
        })
    }

    /// Sends what was done to the other clones.
    fn share(&self, dry_run: bool) {
        if !dry_run {
            try_agreed(self.pm);
        }
    }
}

/// True if a forge refused one thing, so that others can be done: as it is, or to this token.
pub(crate) fn is_refusal(error: &Error) -> bool {
    matches!(
        error.reason(),
        Reason::ForgeRefused | Reason::ForgeForbidden
    )
}

/// The failure of something that a forge answers.
pub(crate) fn unexpected(what: &str) -> Error {
    Error::remote(format!("the forge's answer has no {what}"))
        .because(Reason::ForgeAnswer)
        .hint("check that the host is a GitHub server")
}
