//! Pull requests are merged: with a merge commit, squashed, or rebased.

use std::path::Path;

use super::super::failure::{Failure, Result};
use super::super::git;
use super::super::hooks::nothing;
use super::super::model::{Merged, Pull};
use super::super::state::{Actor, State};
use super::Edit;

/// How a pull request is merged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    #[default]
    Merge,
    Squash,
    Rebase,
}

impl Method {
    pub fn named(name: &str) -> Option<Method> {
        match name {
            "merge" => Some(Method::Merge),
            "squash" => Some(Method::Squash),
            "rebase" => Some(Method::Rebase),
            _ => None,
        }
    }
}

/// What a merge is asked for.
#[derive(Clone, Debug, Default)]
pub struct Merge {
    pub method: Method,
    pub title: Option<String>,
    pub message: Option<String>,
    /// The commit that the head has to be at.
    pub sha: Option<String>,
}

/// 405 with a reason.
fn not_allowed(message: &str) -> Failure {
    Failure::new(405, message)
}

impl State {
    /// Merges a pull request, and closes the issues that its text says it closes. The result is the
    /// commit.
    ///
    /// # Errors
    /// 405 if it is closed, a draft or conflicts; 409 if its head is elsewhere.
    pub fn merge_pull(
        &mut self,
        repository: u64,
        number: u64,
        actor: &Actor,
        merge: &Merge,
    ) -> Result<String> {
        self.follow_branches(repository, actor);
        self.examine(repository, number);
        let issue = self.issue(repository, number);
        let (title, text) = (issue.title.clone(), issue.body.clone().unwrap_or_default());
        let is_closed = issue.closed;
        let pull = issue.pull.clone().ok_or_else(Failure::not_found)?;
        if is_closed || pull.conflicts {
            return Err(not_allowed("Pull Request is not mergeable"));
        }
        if pull.draft {
            return Err(not_allowed("Pull Request is still a draft"));
        }
        if merge.sha.as_ref().is_some_and(|sha| *sha != pull.head_sha) {
            let message = "Head branch was modified. Review and try the merge again.";
            return Err(Failure::new(409, message));
        }
        let commit = match self.repository(repository).git.clone() {
            Some(folder) => {
                let made = commit(&folder, &pull, actor, merge, (number, &title));
                let commit = made.ok_or_else(|| not_allowed("Pull Request is not mergeable"))?;
                let reference = format!("refs/heads/{}", pull.base);
                if !git::update(&folder, &reference, &commit, Some(&pull.base_sha)) {
                    let message = "Base branch was modified. Review and try the merge again.";
                    return Err(Failure::new(409, message));
                }
                commit
            }
            None => {
                let commit = self.fake_sha("merge");
                let of = self.repository_mut(repository);
                of.branches.insert(pull.base.clone(), commit.clone());
                commit
            }
        };
        let now = self.now();
        let issue = self.issue_mut(repository, number);
        (issue.closed, issue.closed_at) = (true, Some(now));
        issue.closed_by = Some(actor.login.clone());
        issue.updated_at = now;
        if let Some(pull) = &mut issue.pull {
            pull.merged = Some(Merged {
                at: now,
                by: actor.login.clone(),
                commit: commit.clone(),
            });
        }
        self.emit_issue(repository, number, "closed", actor, nothing);
        if pull.base == self.repository(repository).default_branch {
            self.close_named(repository, &text, actor)?;
        }
        Ok(commit)
    }

    /// Closes the issues of this repository that a text closes by a keyword.
    fn close_named(&mut self, repository: u64, text: &str, actor: &Actor) -> Result<()> {
        for number in closed_by(text) {
            let issue = self.repository(repository).issues.get(&number);
            if issue.is_some_and(|issue| issue.pull.is_none()) {
                let edit = Edit {
                    closed: Some(true),
                    ..Edit::default()
                };
                self.update_issue(repository, number, actor, edit)?;
            }
        }
        Ok(())
    }
}

/// The commit of a merge, in a repository on disk.
fn commit(
    folder: &Path,
    pull: &Pull,
    actor: &Actor,
    merge: &Merge,
    (number, title): (u64, &str),
) -> Option<String> {
    let (base, head) = (&pull.base_sha, &pull.head_sha);
    let (first, rest) = match merge.method {
        Method::Merge => (
            format!(
                "Merge pull request #{number} from {}/{}",
                pull.head_owner, pull.head
            ),
            title.to_string(),
        ),
        Method::Squash => {
            let subjects = git::subjects(folder, base, head).into_iter();
            let listed: Vec<String> = subjects.map(|subject| format!("* {subject}")).collect();
            (format!("{title} (#{number})"), listed.join("\n\n"))
        }
        Method::Rebase => return git::rebase(folder, base, head),
    };
    let first = merge.title.clone().unwrap_or(first);
    let message = format!("{first}\n\n{}", merge.message.clone().unwrap_or(rest));
    match merge.method {
        Method::Squash => git::squash(folder, base, head, &actor.login, message.trim_end()),
        _ => git::merge(folder, base, head, &actor.login, message.trim_end()),
    }
}

/// The numbers after `fixes`, `closes`, `resolves` and their forms.
fn closed_by(text: &str) -> Vec<u64> {
    const KEYWORDS: &[&str] = &[
        "close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved",
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    let pairs = words.windows(2).filter(|pair| {
        let keyword = pair[0].trim_end_matches(':').to_lowercase();
        KEYWORDS.contains(&keyword.as_str())
    });
    let numbers = pairs.filter_map(|pair| {
        let digits: String = pair[1]
            .strip_prefix('#')?
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse().ok()
    });
    numbers.collect()
}
