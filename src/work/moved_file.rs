//! Where git has the file of a document by now, if it was renamed.

use crate::error::{Error, Result};
use crate::model::text::one_line;
use crate::pm::Pm;

/// The most renames in a row that are followed.
const RENAMES: usize = 8;

/// What is said of a file that is nowhere.
pub(crate) const GONE: &str = "is gone, and git did not rename it";

/// The path that a file has after git renamed it, whatever was edited in it since; none if it is where it
/// was, or never was in the history.
///
/// # Errors
/// If it is gone, and was not renamed.
pub(crate) fn renamed(pm: &Pm, file: &str) -> Result<Option<String>> {
    let Some(root) = pm.store.repo().workdir() else {
        return Ok(None);
    };
    let mut path = file.to_string();
    for _ in 0..RENAMES {
        if root.join(&path).is_file() {
            return Ok((path != file).then_some(path));
        }
        let git = pm.store.repo().git().plain();
        let literal = format!(":(top,literal){path}");
        let last = git.run(&["rev-list", "-1", "HEAD", "--", &literal])?;
        let last = last.text();
        if last.is_empty() {
            return Ok(None);
        }
        let before = format!("{last}^");
        // In the last commit that had it, or in the index alone.
        let ranges = [
            ["diff-tree", &before, &last],
            ["diff-index", "--cached", "HEAD"],
        ];
        let mut next = None;
        for [diff, from, to] in ranges {
            let form = "--name-status";
            let args = [diff, "-M", "-r", "-z", "--diff-filter=R", form, from, to];
            let names: Vec<String> = git.run(&args)?.names();
            if let Some(found) = names.chunks_exact(3).find(|to| to[1] == path) {
                next = Some(found[2].clone());
                break;
            }
        }
        let Some(to) = next else { break };
        path = to;
    }
    let file = one_line(file);
    Err(Error::not_found(format!("{file} {GONE}"))
        .hint("name the file that it is now: `git pm plan update FILE`"))
}
