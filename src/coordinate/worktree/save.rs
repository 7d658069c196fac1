//! Saves a worktree's uncommitted work to a commit on a separate ref.
//!
//! Its index, its files and the stash (which all worktrees share) are not touched.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::{branch, dirt, merge_tree, name_template, path};
use crate::error::{Error, Result};
use crate::model::id::word;
use crate::model::text::first_of;
use crate::store::git::process::Git;

/// A copy of a worktree's index that is deleted when dropped.
pub(crate) struct TemporaryIndex {
    file: PathBuf,
    git: Git,
}

impl TemporaryIndex {
    /// Copies the index of the worktree that git runs at the top of.
    pub(crate) fn copy(git: &Git, private: &Path) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        // In the private git directory, where a split index finds its shared half.
        let file = private.join(format!("pm-index-{}-{number}", std::process::id()));
        let index = TemporaryIndex {
            git: git.with_env("GIT_INDEX_FILE", file.as_os_str()),
            file,
        };
        // An existing file there may be a link to another one.
        let _ = std::fs::remove_file(&index.file);
        let copied = std::fs::read(private.join("index")).and_then(|bytes| {
            let mut options = std::fs::OpenOptions::new();
            let mut file = options.write(true).create_new(true).open(&index.file)?;
            file.write_all(&bytes)?;
            // By this time git knows which files it has to compare by their content.
            file.set_modified(private.join("index").metadata()?.modified()?)
        });
        match copied {
            // A worktree without files has no index yet.
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                let what = format!("cannot copy the index of {}", path::shown(git.dir()));
                Err(Error::io(what, e))
            }
            _ => Ok(index),
        }
    }

    /// Runs git on this index.
    pub(crate) fn git(&self) -> &Git {
        &self.git
    }

    /// Makes git report changes of files that it was told to ignore.
    pub(crate) fn watch(&self, names: &[Vec<u8>]) -> Result<()> {
        self.update("--no-assume-unchanged", names)?;
        self.update("--no-skip-worktree", names)
    }

    fn update(&self, flag: &str, names: &[Vec<u8>]) -> Result<()> {
        let mut input = Vec::new();
        for name in names {
            input.extend_from_slice(name);
            input.push(0);
        }
        let place = path::shown(self.git.dir());
        let out = self
            .git
            .feed(&["update-index", flag, "-z", "--stdin"], &input)?;
        out.checked(format!("`git update-index` failed in {place}"))?;
        Ok(())
    }
}

impl Drop for TemporaryIndex {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

/// What the ref of saved ignored files has after the name of that of saved work.
pub(crate) const IGNORED: &str = "-ignored";

/// The trailer of saved work with the uid of its item.
pub(crate) const OF: &str = "PM-Uid";

/// The number of ignored files that are named with a command each.
const NAMED: usize = 5;

/// The commands that bring the ignored files of an item in a ref back, beside those that are there by now.
pub(crate) fn commands_back(git: &Git, name: &str, id: &str) -> Result<String> {
    let files: Vec<String> = merge_tree::differing(git, &format!("{name}^"), name)?;
    let back = files.iter().map(|file| {
        let from = word(&format!("{name}:{file}"));
        let to = word(&format!("{file}.{id}"));
        format!("`git show {from} > {to}`")
    });
    Ok(first_of(&back.collect::<Vec<_>>(), NAMED))
}

/// Saves the index, the changed files and the untracked ones of the worktree that git runs in to a new ref, if
/// it `has_work`. The tree of its commit is the content of the folder; its first parent is HEAD; if the staged
/// content differs from both, its second parent has it. These `ignored` files are saved to a ref beside it,
/// with a commit on top, since what brings work back stages all of it. The commits have the uid that they are `of`.
pub(crate) fn save(
    git: &Git,
    name: &str,
    subject: &str,
    of: Option<&str>,
    has_work: bool,
    ignored: &[Vec<u8>],
) -> Result<()> {
    let refused = name_template::broken_ref_rule(name);
    if refused.is_some() || !name.starts_with("refs/") {
        return Err(Error::usage(format!(
            "`{}` is not a valid ref to save to: {}",
            crate::model::text::one_line(name),
            refused.unwrap_or("it does not begin with `refs/`")
        ))
        .hint("use a name such as refs/pm-local/saved/T-0001/1"));
    }
    let git = dirt::at_top(git)?;
    let head = git.run(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"])?;
    let head = head.ok().then(|| head.text());
    let private = git.git_dir()?;
    let index = TemporaryIndex::copy(&git, &private)?;
    let staged = index.git().run(&["write-tree"])?;
    // Fails while files conflict: then only the files, with conflict markers, are saved.
    let staged = staged.ok().then(|| staged.text());
    index.watch(&dirt::unwatched(&git)?)?;
    // `--sparse`, or files outside of the sparse cone would be refused.
    index
        .git()
        .require(&["add", "--all", "--sparse", "--", "."])?;
    let tree = index.git().require(&["write-tree"])?.text();
    let signed = with_identity(&git)?;
    let trailer = of.map_or_else(String::new, |uid| format!("\n\n{OF}: {uid}"));
    let text = |what: &str| format!("{subject}{what}{trailer}");
    let mut parents: Vec<String> = head.iter().cloned().collect();
    if let Some(staged) = staged {
        let of_head = head
            .as_deref()
            .map(|h| branch::tree_of(&git, h))
            .transpose()?;
        if staged != tree && Some(&staged) != of_head.as_ref() {
            let text = text(" (staged changes)");
            parents.push(commit(&signed, &staged, &parents, &text)?);
        }
    }
    let mut created = String::new();
    if has_work {
        let saved = commit(&signed, &tree, &parents, &text(""))?;
        created = format!("create {name} {saved}\n");
        parents = vec![saved];
    }
    if !ignored.is_empty() {
        index.update("--add", ignored)?;
        let tree = index.git().require(&["write-tree"])?.text();
        let saved = commit(&signed, &tree, &parents, &text(" (ignored files)"))?;
        created.push_str(&format!("create {name}{IGNORED} {saved}\n"));
    }
    let out = git.feed(&["update-ref", "-m", subject, "--stdin"], created)?;
    if !out.ok() {
        return Err(
            Error::conflict(format!("cannot save to {name}: {}", out.reason()))
                .hint("run the command again with another ref to save to"),
        );
    }
    Ok(())
}

/// A runner that can make commits: with git's identity, else with ours. Saving work must not fail
/// because no name is configured.
fn with_identity(git: &Git) -> Result<Git> {
    if git.run(&["var", "GIT_COMMITTER_IDENT"])?.ok() && git.run(&["var", "GIT_AUTHOR_IDENT"])?.ok()
    {
        return Ok(git.clone());
    }
    let mut git = git.clone();
    for role in ["AUTHOR", "COMMITTER"] {
        git = git.with_env(&format!("GIT_{role}_NAME"), "git pm");
        git = git.with_env(&format!("GIT_{role}_EMAIL"), "git-pm@localhost");
    }
    Ok(git)
}

/// Writes a commit object and returns its id. Runs no hook and signs nothing.
pub(crate) fn commit(git: &Git, tree: &str, parents: &[String], message: &str) -> Result<String> {
    written(git, tree, parents, message, false)
}

/// As [`commit`], signed if `commit.gpgSign` says so: for the user's own history.
pub(crate) fn commit_as_user(
    git: &Git,
    tree: &str,
    parents: &[String],
    message: &str,
) -> Result<String> {
    let signs = git.run(&["config", "--type=bool", "--get", "commit.gpgSign"])?;
    written(git, tree, parents, message, signs.text() == "true")
}

fn written(
    git: &Git,
    tree: &str,
    parents: &[String],
    message: &str,
    signed: bool,
) -> Result<String> {
    // Our messages are UTF-8, whatever encoding the user's commits have.
    let mut args = vec!["-c", "i18n.commitEncoding=UTF-8", "commit-tree", tree];
    if signed {
        args.push("-S");
    }
    for parent in parents {
        args.extend(["-p", parent]);
    }
    args.extend(["-F", "-"]);
    let mut text = message.trim_end().to_string();
    text.push('\n');
    let out = git.feed(&args, text)?.checked("cannot write a commit");
    out.map(|out| out.text()).map_err(|error| {
        error.hint(
            "set your name and email address: `git config user.name NAME`, `git config user.email \
             ADDRESS`",
        )
    })
}

/// The time that git would use for a commit now, in seconds: the only clock of this module, so that
/// a fixed date also fixes the names of refs.
pub(crate) fn seconds(git: &Git) -> Result<u64> {
    let ask = ["var", "GIT_COMMITTER_IDENT"];
    let found = git.run(&ask)?;
    let ident = match found.ok() {
        true => found.text(),
        false => with_identity(git)?.require(&ask)?.text(),
    };
    let seconds = ident.rsplit(' ').nth(1).and_then(|s| s.parse().ok());
    seconds.ok_or_else(|| Error::state("git did not report a commit time"))
}
