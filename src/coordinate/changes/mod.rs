//! The paths, from the repository's root, that a commit, a push or a ref update would change.
//!
//! No rename detection: a rename removes one path and adds another, and both count. Plumbing only, as
//! the user's configuration changes what `git log` and `git diff` show.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::path::PathBuf;

mod dropped;

use self::dropped::dropped;
use crate::coordinate::worktree::merge_tree;
use crate::error::{Error, Hint, Result};
use crate::store::git::irregular;
use crate::store::git::process::{Git, Output, path_of_bytes, path_of_line};
use crate::store::git::repo::{Oid, Repo};

/// The paths that one commit changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitChange {
    pub commit: String,
    pub author: String,
    /// Sorted. For a merge, those that differ from all its parents, and the changes of one of them
    /// that it drops.
    pub paths: Vec<String>,
}

/// One ref of a push, and the commits that the push would bring to the remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedRef {
    /// The local ref, or the revision given in its place.
    pub local_ref: String,
    pub remote_ref: String,
    /// The commits whose history is pushed; none when the pushed object is not a commit.
    pub include: Vec<String>,
    /// The commits whose history the remote has.
    pub exclude: Vec<String>,
    /// The commit that the remote ref has, if this clone has it too.
    pub replaced: Vec<String>,
}

/// The paths that a commit made now would change.
///
/// `index_file` is the index git hands to the hook (`GIT_INDEX_FILE`, relative to the top of the
/// work tree): for `commit -a` and `commit -- path` it is not `.git/index`. In a merge only what
/// differs from every side counts, and what one side changed alone if it is dropped: a file taken
/// unchanged from the other side is not the committer's change.
///
/// # Errors
/// When git cannot read the index or `HEAD`.
pub fn staged(git: &Git, index_file: Option<&OsStr>) -> Result<Vec<String>> {
    let (up, merge_head) = match git.home() {
        Some(home) => (PathBuf::new(), home.git_dir.join("MERGE_HEAD")),
        None => top_and(git, &["--git-path", "MERGE_HEAD"])?,
    };
    let mut at = git.clone();
    if let Some(index) = index_file {
        let index = std::path::absolute(git.dir().join(up).join(index))
            .map_err(|e| Error::io("cannot find the index", e))?;
        at = at.with_env("GIT_INDEX_FILE", index);
    }

    let head = index_against(&at, "HEAD")?;
    let unborn = !head.ok() && !git.run(&["rev-parse", "--verify", "-q", "HEAD"])?.ok();
    let staged = if unborn {
        // Everything is new. The empty tree's id depends on the hash function.
        let tree = git.feed(&["hash-object", "-t", "tree", "--stdin"], "")?;
        let all = index_against(&at, &tree.text())?;
        checked("list the files in the index", all)?
    } else {
        checked("compare the index with HEAD", head)?
    };
    let mut paths: BTreeSet<String> = staged.names();
    let against = |other: &str| {
        let other = index_against(&at, other)?;
        Ok(checked("compare the index with the merged commit", other)?.names())
    };
    let sides = merge_parents(git, &git.dir().join(merge_head));
    if !sides.is_empty() {
        for side in &sides {
            let other: BTreeSet<String> = against(side)?;
            paths.retain(|path| other.contains(path));
        }
        let head = git.require(&["rev-parse", "HEAD"])?.text();
        let parents: Vec<String> = [head].into_iter().chain(sides).collect();
        paths.extend(dropped(git, &parents, against)?);
    }
    Ok(paths.into_iter().collect())
}

/// As [`staged`], without a git process if the index can be read in this one and it is no merge.
pub fn staged_in(repo: &Repo, index_file: Option<&OsStr>) -> Result<Vec<String>> {
    let found = staged_at_once(repo, index_file);
    found.map_or_else(|| staged(repo.git(), index_file), Ok)
}

fn staged_at_once(repo: &Repo, index_file: Option<&OsStr>) -> Option<Vec<String>> {
    if !merged_sides(repo).is_empty() {
        return None;
    }
    let paths = repo.staged(&index_of(repo, index_file)?, repo.head_commit())?;
    Some(paths.into_iter().collect())
}

/// The paths at which the index differs from a commit; `None` if that cannot be read in this process.
pub fn staged_against(
    repo: &Repo,
    index_file: Option<&OsStr>,
    commit: Oid,
) -> Option<BTreeSet<String>> {
    repo.staged(&index_of(repo, index_file)?, Some(commit))
}

fn index_of(repo: &Repo, index_file: Option<&OsStr>) -> Option<PathBuf> {
    match index_file {
        // git gives it relative to the top of the work tree.
        Some(file) => Some(repo.workdir()?.join(file)),
        None => Some(repo.git_dir().join("index")),
    }
}

/// The work tree's top as `../` steps, and the path that git prints for `asked`.
pub(crate) fn top_and(git: &Git, asked: &[&str]) -> Result<(PathBuf, PathBuf)> {
    // In this order the one line with a path is the last.
    let out = git.require(&[&["rev-parse", "--show-cdup"], asked].concat())?;
    let line_end = out.stdout.iter().position(|b| *b == b'\n');
    let (up, path) = out.stdout.split_at(line_end.unwrap_or(out.stdout.len()));
    let path = path.get(1..).unwrap_or_default();
    Ok((path_of_bytes(up), path_of_line(path)))
}

/// The other sides of the merge that is being committed; none unless it is one.
pub fn merged_sides(repo: &Repo) -> Vec<String> {
    merge_parents(repo.git(), &repo.git_dir().join("MERGE_HEAD"))
}

/// The other sides of the merge that is being committed. `pre-merge-commit` runs before git writes
/// `MERGE_HEAD`, but `git merge` names them in its environment.
fn merge_parents(git: &Git, merge_head: &std::path::Path) -> Vec<String> {
    if let Some(text) = irregular::read(merge_head) {
        return text.lines().map(str::to_string).collect();
    }
    git.env_names()
        .filter_map(|name| name.strip_prefix("GITHEAD_"))
        .filter(|id| is_id(id))
        .map(str::to_string)
        .collect()
}

fn index_against(git: &Git, tree: &str) -> Result<Output> {
    git.run(&[
        "diff-index",
        "--cached",
        "--name-only",
        "-z",
        "--no-renames",
        "--ignore-submodules=none",
        // `git add -N` only announces a file; the commit does not have it.
        "--ita-invisible-in-index",
        "--end-of-options",
        tree,
    ])
}

fn checked(what: &str, output: Output) -> Result<Output> {
    output.checked(format!("cannot {what}")).map_err(|error| {
        error
            .hint(Hint::git(["fsck"], "checks the repository"))
            .hint(Hint::git(["commit", "--no-verify"], "skips the check once"))
    })
}

/// The change of each commit that is reachable from `include` and not from `exclude`, newest
/// first. Two processes, however many commits.
pub fn in_range(git: &Git, include: &[String], exclude: &[String]) -> Result<Vec<CommitChange>> {
    range(git, include, exclude, &[])
}

/// As [`in_range`], with options for git's choice of the commits.
pub(super) fn range(
    git: &Git,
    include: &[String],
    exclude: &[String],
    options: &[&str],
) -> Result<Vec<CommitChange>> {
    if include.is_empty() {
        return Ok(Vec::new());
    }
    let mut input = include.join("\n");
    for id in exclude {
        input.push_str("\n^");
        input.push_str(id);
    }
    input.push('\n');
    let mut arguments = vec!["rev-list", "--format=%H:%P:%an", "--stdin"];
    arguments.extend(options);
    let listed = checked("list the commits", git.feed(&arguments, input)?)?;
    let lines = listed.lines();
    let mut commits: Vec<(CommitChange, Vec<String>)> =
        lines.iter().filter_map(|line| header(line)).collect();
    let ids: String = commits
        .iter()
        .map(|(c, _)| format!("{}\n", c.commit))
        .collect();
    let mut paths = own_changes(git, &ids)?;
    for (commit, parents) in &mut commits {
        let own = paths.remove(&commit.commit).unwrap_or_default();
        let mut all: BTreeSet<String> = own.into_iter().collect();
        all.extend(dropped(git, parents, |other| {
            merge_tree::differing(git, &commit.commit, other)
        })?);
        commit.paths = all.into_iter().collect();
    }
    Ok(commits.into_iter().map(|(commit, _)| commit).collect())
}

/// `<id>:<parents>:<author>`; git's own `commit <id>` lines between them are not headers.
fn header(line: &str) -> Option<(CommitChange, Vec<String>)> {
    let mut words = line.splitn(3, ':');
    let (commit, parents, author) = (words.next()?, words.next()?, words.next()?);
    let change = CommitChange {
        commit: commit.to_string(),
        author: author.to_string(),
        paths: Vec::new(),
    };
    Some((
        change,
        parents.split_whitespace().map(str::to_string).collect(),
    ))
}

/// The changed paths of each commit of `ids` (one per line).
fn own_changes(git: &Git, ids: &str) -> Result<HashMap<String, Vec<String>>> {
    let args = [
        "diff-tree",
        "--stdin",
        "-r",
        "--root",
        "-c",
        "--raw",
        "-z",
        "--no-renames",
    ];
    let out = checked("read the commits' changes", git.feed(&args, ids)?)?;
    // An id starts a commit; a word that begins with `:` describes the path after it.
    let mut changes: HashMap<String, Vec<String>> = HashMap::new();
    let mut current = String::new();
    let mut words = out.stdout.split(|b| *b == 0);
    while let Some(word) = words.next() {
        if word.first() == Some(&b':') {
            let path = words.next().unwrap_or_default();
            let path = String::from_utf8_lossy(path).into_owned();
            changes.entry(current.clone()).or_default().push(path);
        } else if !word.is_empty() {
            current = String::from_utf8_lossy(word).into_owned();
        }
    }
    Ok(changes)
}

/// The refs of a push with the commits it would send, from the standard input of `pre-push`, apart
/// from commits that one of `remotes` is known to have. Deletions and our own refs are left out.
pub fn pushed(git: &Git, stdin: &str, remotes: &[&str]) -> Result<Vec<PushedRef>> {
    let lines: Vec<[&str; 4]> = stdin
        .lines()
        .filter_map(|line| {
            // From the right: the revision given on the command line may contain spaces.
            let mut words = line.rsplitn(4, ' ');
            let (remote_id, remote, local_id) = (words.next()?, words.next()?, words.next()?);
            Some([words.next()?, local_id, remote, remote_id])
        })
        .filter(|[_, id, remote, _]| !is_zero(id) && !remote.starts_with("refs/pm/"))
        .collect();
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let asked = lines
        .iter()
        .flat_map(|[_, local, _, remote]| [*local, *remote]);
    let commits = existing_commits(git, asked)?;
    let mut known = None;
    let mut refs = Vec::new();
    for [local_ref, local_id, remote_ref, remote_id] in lines {
        // Also excludes what the remote has under another name: it was checked when it was pushed
        // there.
        if known.is_none() {
            known = Some(known_of(git, remotes)?);
        }
        let mut exclude = known.clone().unwrap_or_default();
        if commits.contains(remote_id) && !exclude.iter().any(|id| id == remote_id) {
            exclude.push(remote_id.to_string());
        }
        let include = commits.get(local_id).map(|id| (*id).to_string());
        refs.push(PushedRef {
            local_ref: local_ref.to_string(),
            remote_ref: remote_ref.to_string(),
            include: include.into_iter().collect(),
            exclude,
            replaced: commits
                .get(remote_id)
                .map(|id| (*id).to_string())
                .into_iter()
                .collect(),
        });
    }
    Ok(refs)
}

/// The refs of the remote that a push would move or delete, from the standard input of `pre-push`.
pub fn pushed_to(stdin: &str) -> Vec<&str> {
    stdin
        .lines()
        .filter_map(|line| line.rsplit(' ').nth(1))
        .collect()
}

/// The commits that this clone knows to be on one of the remotes.
fn known_of(git: &Git, remotes: &[&str]) -> Result<Vec<String>> {
    let prefixes: Vec<String> = remotes
        .iter()
        .map(|name| format!("refs/remotes/{name}/"))
        .collect();
    let out = git.require(&[
        "for-each-ref",
        "--format=%(objectname) %(refname)",
        "refs/remotes/",
    ])?;
    // Compared here, as git reads the name as a pattern, even if it is a URL.
    let ids = out.lines().into_iter().filter_map(|line| {
        let (id, name) = line.split_once(' ')?;
        let theirs = prefixes.iter().any(|prefix| name.starts_with(prefix));
        theirs.then(|| id.to_string())
    });
    Ok(ids.collect::<BTreeSet<_>>().into_iter().collect())
}

/// Those of `ids` that are commits in this clone, or tags of commits. Never fetches them.
fn existing_commits<'a>(git: &Git, ids: impl Iterator<Item = &'a str>) -> Result<HashSet<&'a str>> {
    let ids: Vec<&str> = ids.collect();
    let input: String = ids.iter().map(|id| format!("{id}^{{commit}}\n")).collect();
    let here = git.with_env("GIT_NO_LAZY_FETCH", "1");
    let out = here.feed(&["cat-file", "--batch-check=%(objecttype)"], input)?;
    let answers = out.lines();
    let found = ids.into_iter().zip(answers.iter());
    Ok(found
        .filter(|(_, answer)| *answer == "commit")
        .map(|(id, _)| id)
        .collect())
}

/// Those of `commits` that are ancestors of the commit `of`, or the commit itself. A commit missing
/// from this clone is not an ancestor and has none; likewise a text that is not an id.
pub fn ancestors_filter(git: &Git, commits: &[String], of: &str) -> Result<Vec<String>> {
    let without = |commits: &[&str]| {
        // The commits that `of` does not reach: the others of the list are ancestors.
        let input = format!("{}\n^{of}\n", commits.join("\n"));
        git.feed(&["rev-list", "--stdin"], input)
    };
    // `of` may come from the state, which any clone can write.
    if commits.is_empty() || !is_id(of) {
        return Ok(Vec::new());
    }
    let mut asked: Vec<&str> = commits.iter().map(String::as_str).collect();
    let mut out = without(&asked)?;
    if !out.ok() {
        // Checked only now, as it is rare: one of them is not in this clone.
        let here = existing_commits(git, asked.iter().copied().chain([of]))?;
        asked.retain(|id| here.contains(id));
        if asked.is_empty() || !here.contains(of) {
            return Ok(Vec::new());
        }
        out = without(&asked)?;
    }
    let outside = checked(&format!("compare commits with {of}"), out)?.text();
    let outside: HashSet<&str> = outside.lines().collect();
    asked.retain(|id| !outside.contains(id));
    Ok(asked.into_iter().map(str::to_string).collect())
}

/// The commits that a ref transaction would add to each branch it moves, from the standard input of
/// `reference-transaction`: those that no branch, tag or remote-tracking ref has yet. (Not `HEAD`:
/// at the end of a rebase it has them all.) Other refs and deletions are left out.
pub fn transaction_commits(git: &Git, stdin: &str) -> Result<Vec<(String, Vec<CommitChange>)>> {
    // A fetch or a receiving push keeps its objects in quarantine until the refs are moved.
    let git = git.in_quarantine();
    let mut updates = Vec::new();
    for line in stdin.lines() {
        let mut words = line.splitn(3, ' ');
        let (Some(old), Some(new), Some(name)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        if !name.starts_with("refs/heads/") || is_zero(new) || new.starts_with("ref:") || old == new
        {
            continue;
        }
        let old = (!is_zero(old) && !old.starts_with("ref:")).then(|| old.to_string());
        let known = ["--not", "--branches", "--tags", "--remotes"];
        let changes = range(&git, &[new.to_string()], old.as_slice(), &known)?;
        updates.push((name.to_string(), changes));
    }
    Ok(updates)
}

fn is_id(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

pub(crate) fn is_zero(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b == b'0')
}
