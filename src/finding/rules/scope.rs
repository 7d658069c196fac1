//! What a change touches that its task did not say, how large it is, and what its task and commits lack.

use crate::diff::Hunk;

use super::change::{Change, Commit};
use super::files::{Role, is_lock, listed, locks_of, split};
use super::report::{At, Report, quoted};
use super::view::View;

/// The beginning of a commit's id, in characters.
const SHORT_ID: usize = 10;

/// Adds what is wrong with the scope.
pub(super) fn review(change: &Change<'_>, views: &[View<'_>], report: &mut Report) {
    let facts = change.facts;
    for file in &change.diff.files {
        let paths = [&file.path, file.old_path.as_ref().unwrap_or(&file.path)];
        let at = At::file(&file.path);
        let path = &file.path;
        if paths.iter().any(|path| facts.outside.contains(*path)) && !follows(change, path) {
            let claim = format!("The task did not declare `{path}`, and the change touches it.");
            report.add("outside-plan", claim, at);
        }
        if let Some(holder) = paths.iter().find_map(|path| facts.reserved.get(*path)) {
            report.add(
                "path-reserved",
                format!("`{path}` is reserved by {holder}."),
                at,
            );
        }
        if paths.iter().any(|path| facts.protected.contains(*path)) {
            report.add("path-protected", format!("`{path}` is protected."), at);
        }
    }
    let lines = |hunk: &Hunk| hunk.added.len() + hunk.removed.len();
    let own = views.iter().filter(|view| view.role != Role::Foreign);
    let size: usize = own.flat_map(|view| &view.file.hunks).map(lines).sum();
    let most = facts.limits.changed_lines;
    if size > most {
        let claim = format!("The change has {size} lines; the limit is {most}.");
        report.add("change-large", claim, At::default());
    }
    for text in &facts.unproven {
        let claim = format!("The acceptance criterion has no evidence: {text}");
        let quote = Some(quoted(text));
        report.add_quoting("criterion-unproven", claim, At::default(), quote);
    }
    let nameless = |commit: &&Commit| {
        let message = |id: &String| names(&commit.subject, id) || names(&commit.body, id);
        !commit.subject.starts_with("Merge ") && !facts.ids.iter().any(message)
    };
    for commit in facts
        .commits
        .iter()
        .filter(nameless)
        .filter(|_| !facts.ids.is_empty())
    {
        let id: String = commit.id.chars().take(SHORT_ID).collect();
        let claim = format!("Commit {id} names no task: {}", commit.subject);
        let quote = Some(quoted(&commit.subject));
        report.add_quoting("commit-without-task", claim, At::default(), quote);
    }
}

/// True for a lock file whose manifest changes within the plan: nobody declares it.
fn follows(change: &Change<'_>, path: &str) -> bool {
    is_lock(path)
        && change.diff.files.iter().any(|file| {
            let locks = locks_of(&file.path).unwrap_or_default();
            listed(locks, split(path).1) && !change.facts.outside.contains(&file.path)
        })
}

/// True if a text contains an id as a whole word.
fn names(text: &str, id: &str) -> bool {
    let part = |c: char| c.is_alphanumeric();
    !id.is_empty()
        && text
            .match_indices(id)
            .any(|(at, _)| !text[..at].ends_with(part) && !text[at + id.len()..].starts_with(part))
}
