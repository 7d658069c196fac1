//! The text of the pull request of an item: what changed for which criterion, validation, risk.

use super::comment::{criterion, listed, standing};
use super::markdown::escaped;
use crate::error::Result;
use crate::model::item::Criterion;
use crate::model::text::excerpt;
use crate::pm::Pm;
use crate::work::task::branch_work::BranchWork;

/// The number of commits that are listed, and of those and files that are named for one criterion.
const LISTED: usize = 30;
const NAMED: usize = 4;

/// The length from which a beginning counts as the id of a commit.
const ID_LENGTH: usize = 7;

/// The length of what is taken of the item's own text, in characters.
const SUMMARY: usize = 1_500;

/// The text of a pull request, and who is to be asked for a review.
pub(crate) struct PullText {
    /// Markdown.
    pub(crate) text: String,
    /// The owners of what the work changes, as CODEOWNERS of the target names them.
    pub(crate) owners: Vec<String>,
}

/// Writes the text about an item's work. `files` is the address below which the forge shows the files of a
/// commit, `issue` the number of the item's issue there.
///
/// # Errors
/// When there is no such item, or the state or git cannot be read.
pub(crate) fn pull_text(pm: &Pm, id: &str, files: &str, issue: Option<u64>) -> Result<PullText> {
    let at = standing(pm, id)?;
    let item = &at.item;
    let of = issue.map_or(String::new(), |number| format!(" (#{number})"));
    let mut text = format!(
        "## Linked Task ID\n\n{}: {}{of}\n\n## What Changed\n\n",
        escaped(&item.id),
        escaped(&item.title)
    );
    let plan = item.change_plan.as_ref();
    let why = plan
        .map(|plan| plan.rationale.as_str())
        .or(item.body.as_deref());
    let why = why
        .unwrap_or_default()
        .split("\n\n")
        .next()
        .unwrap_or_default();
    if !why.trim().is_empty() {
        text += &format!("{}\n\n", escaped(&excerpt(why, SUMMARY)));
    }
    let empty = BranchWork::default();
    let work = at.work.as_ref().unwrap_or(&empty);
    let commits = work.commits.iter().take(LISTED);
    let mut lines: Vec<String> = commits
        .map(|one| format!("{} {}", short(&one.commit), escaped(&one.subject)))
        .collect();
    let more = work.commits.len().saturating_sub(LISTED) + work.more_commits;
    if more > 0 {
        lines.push(format!("and {more} more commits"));
    }
    text += &listed(&lines);
    if !item.acceptance.is_empty() {
        text += "\nAcceptance criteria, with what meets them:\n\n";
        let met = item.acceptance.iter().map(|one| {
            let places = places(one, work, files);
            let places = match places.is_empty() {
                true => "no commit or line is named".into(),
                false => places.join(", "),
            };
            format!("{}: {places}", criterion(one))
        });
        text += &listed(&met.collect::<Vec<_>>());
    }
    let validation = [&at.checks[..], &at.findings].concat();
    text += &format!("\n## Validation\n\n{}\n## Risk\n\n", listed(&validation));
    text += &match at.risk.is_empty() {
        true => "- none known\n".to_string(),
        false => listed(&at.risk),
    };
    Ok(PullText {
        text,
        owners: at.owners,
    })
}

/// What meets a criterion: the commits and lines that its evidence names.
fn places(one: &Criterion, work: &BranchWork, files: &str) -> Vec<String> {
    let evidence = one.evidence.as_deref().unwrap_or_default();
    let words = evidence.split(|c: char| c.is_whitespace() || ",;()`".contains(c));
    let named = words.filter_map(|word| {
        let word = word.trim_end_matches(['.', ':']);
        let commit = work.commits.iter().find(|commit| {
            word.len() >= ID_LENGTH && commit.commit.starts_with(&word.to_lowercase())
        });
        if let Some(commit) = commit {
            return Some(short(&commit.commit).to_string());
        }
        let (path, line) = match word.split_once(':') {
            Some((path, line)) => (path, line.split(['-', ':']).next()?.parse::<u32>().ok()),
            None => (word, None),
        };
        let file = work.files.iter().find(|file| file.path == path)?;
        // Only what needs no escapes becomes part of an address.
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
        if !path.chars().all(is_plain) {
            return Some(super::markdown::code(&file.path));
        }
        let line = line.map_or(String::new(), |line| format!("#L{line}"));
        let commit = &work.commit;
        Some(format!(
            "[{}{line}]({files}/{commit}/{path}{line})",
            escaped(path)
        ))
    });
    let mut found: Vec<String> = named.collect();
    found.dedup();
    found.truncate(NAMED);
    found
}

fn short(commit: &str) -> &str {
    &commit[..commit.len().min(10)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::task::branch_work::{ChangedFile, WorkCommit};

    #[test]
    fn in_11_a_criterion_names_what_meets_it() {
        let commit = |id: &str, subject: &str| WorkCommit {
            commit: id.repeat(10),
            at: String::new(),
            author: String::new(),
            subject: subject.into(),
        };
        let work = BranchWork {
            commit: "feed".repeat(10),
            commits: vec![
                commit("cafe", "Limit login attempts"),
                commit("beef", "Tidy up"),
            ],
            files: vec![ChangedFile {
                path: "src/login.rs".into(),
                added: None,
                removed: None,
                outside: false,
            }],
            ..BranchWork::default()
        };
        let at = |text: &str, evidence: Option<&str>| {
            let one = Criterion {
                id: String::new(),
                text: text.into(),
                done: true,
                evidence: evidence.map(str::to_string),
                by: None,
                elsewhere: false,
            };
            places(&one, &work, "https://h/o/n/blob")
        };
        let head = "feed".repeat(10);
        assert_eq!(
            at("x", Some("see src/login.rs:12-14, and beefbeef.")),
            [
                format!("[src/login.rs#L12](https://h/o/n/blob/{head}/src/login.rs#L12)"),
                "beefbeefbe".to_string()
            ]
        );
        assert_eq!(at("Login attempts are limited", None), Vec::<String>::new());
        assert_eq!(at("x", Some("src/other.rs:1")), Vec::<String>::new());
    }
}
