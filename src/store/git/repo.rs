//! A repository as the store sees it: refs, trees, blobs and commits. The only module besides
//! `process` that knows gix.

mod ancestry;
mod kinds;
mod pack;
mod pending;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind;
use gix::refs::FullName;

use super::process::Git;
use super::refs;
use crate::error::{Error, Result};
use crate::store::costs;
use crate::store::env::Env;

pub use kinds::ObjectKind;
pub use pack::Kept;
pub use pending::Pending;

/// An object id, SHA-1 or SHA-256.
pub type Oid = gix::ObjectId;

/// What a tree entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryType {
    /// A regular file.
    Blob,
    /// A folder.
    Tree,
    /// A symbolic link, a submodule: never followed.
    Other,
}

/// One entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, one path component, as it came.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: EntryType,
    /// The object.
    pub oid: Oid,
}

/// Who made a commit, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The e-mail address; may be empty.
    pub email: String,
    /// Seconds since the Unix epoch.
    pub seconds: i64,
}

/// A commit.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its id.
    pub id: Oid,
    /// Its tree.
    pub tree: Oid,
    /// Its parents, in order.
    pub parents: Vec<Oid>,
    /// The author.
    pub author: Person,
    /// The whole message.
    pub message: String,
    /// Whether it carries a signature, of whatever worth.
    pub signed: bool,
}

impl Commit {
    /// The value of a trailer in the message's last paragraph; the last one wins.
    pub fn trailer(&self, key: &str) -> Option<&str> {
        self.trailers(key).last().copied()
    }

    /// Who made it: the actor, or its author where another program wrote it.
    pub fn actor(&self) -> &str {
        self.trailer("PM-Actor").unwrap_or(&self.author.name)
    }

    /// The operation, as the command's words; empty where another program wrote it.
    pub fn op(&self) -> &str {
        self.trailer("PM-Op").unwrap_or_default()
    }

    /// The first line of its message.
    pub fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }

    /// When it was made, in milliseconds since the Unix epoch.
    pub fn ms(&self) -> u64 {
        u64::try_from(self.author.seconds)
            .unwrap_or(0)
            .saturating_mul(1000)
    }

    /// All values of a trailer, in order.
    pub fn trailers(&self, key: &str) -> Vec<&str> {
        let last = self.message.trim_end().rsplit("\n\n").next().unwrap_or("");
        last.lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(k, _)| k.eq_ignore_ascii_case(key))
            .map(|(_, v)| v.trim())
            .collect()
    }
}

/// How a compare-and-swap of a ref ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// The ref has the new value.
    Done,
    /// The ref had another value than expected and is unchanged.
    Lost,
}

/// An open repository.
pub struct Repo {
    inner: gix::Repository,
    git: Git,
    common_dir: PathBuf,
    git_dir: PathBuf,
    workdir: Option<PathBuf>,
}

/// A repository on its way to another thread.
pub struct ForThread {
    inner: gix::ThreadSafeRepository,
    git: Git,
    common_dir: PathBuf,
    git_dir: PathBuf,
    workdir: Option<PathBuf>,
}

impl ForThread {
    /// The repository, for the thread that calls this.
    pub fn open(self) -> Repo {
        let mut inner = self.inner.to_thread_local();
        // Whoever reads everything meets the same trees and delta bases again and again.
        inner.object_cache_size(1 << 22);
        Repo {
            inner,
            git: self.git,
            common_dir: self.common_dir,
            git_dir: self.git_dir,
            workdir: self.workdir,
        }
    }
}

/// gix errors carry their causes; one sentence of them goes to the user.
fn state_error(what: impl std::fmt::Display, error: impl std::fmt::Display) -> Error {
    let text = format!("{what}: {error:#}");
    Error::state(crate::model::text::one_line(&text))
}

impl Repo {
    /// Opens the repository that contains `env.cwd`, or the one that `GIT_DIR` in `env` names.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or it keeps its refs in a way that gix would
    /// silently write past (reftable).
    pub fn open(env: &Env) -> Result<Repo> {
        let opened = match env.var("GIT_DIR") {
            Some(dir) => gix::open(env.cwd.join(dir)),
            None => gix::discover(&env.cwd),
        };
        let mut inner = match opened {
            Ok(inner) => inner,
            Err(error) => return Err(Self::why_not(env, &error.to_string())),
        };
        let storage = inner.config_snapshot().string("extensions.refStorage");
        if storage.is_some_and(|s| s.as_bstr() != "files") {
            return Err(Self::reftable(&env.cwd));
        }
        // One command looks at the same few commits and folders again and again.
        inner.object_cache_size(1 << 22);
        let absolute = |p: &Path| std::path::absolute(p).unwrap_or_else(|_| p.to_path_buf());
        let common = inner.common_dir();
        let common_dir = std::fs::canonicalize(common).unwrap_or_else(|_| absolute(common));
        let git_dir = absolute(inner.git_dir());
        let workdir = inner.workdir().map(absolute);
        let at = workdir.clone().unwrap_or_else(|| git_dir.clone());
        let git = Git::new(at, env.vars.clone(), env.interactive);
        Ok(Repo {
            inner,
            git,
            common_dir,
            git_dir,
            workdir,
        })
    }

    fn reftable(at: &Path) -> Error {
        Error::state(format!(
            "the repository at {} keeps its refs in the reftable format, which git pm cannot write",
            at.display()
        ))
        .hint("convert it with `git refs migrate --ref-format=files`")
    }

    /// gix cannot open a reftable repository or one that is not there; which of the two it was
    /// decides what to do next.
    fn why_not(env: &Env, message: &str) -> Error {
        let git = Git::new(&env.cwd, env.vars.clone(), false);
        if let Ok(output) = git.run(&["rev-parse", "--show-ref-format"])
            && output.ok()
            && output.text() == "reftable"
        {
            return Self::reftable(&env.cwd);
        }
        let inside = git.run(&["rev-parse", "--git-dir"]).is_ok_and(|o| o.ok());
        if inside {
            return state_error(
                format!("the repository at {} cannot be opened", env.cwd.display()),
                message,
            );
        }
        Error::state(format!("{} is not in a git repository", env.cwd.display()))
            .hint("run `git init` first, or name a repository with `-C PATH`")
    }

    /// The runner of the git program for this repository.
    pub fn git(&self) -> &Git {
        &self.git
    }

    /// The runner in a place that stays when a linked worktree goes: the main work tree, or the
    /// git directory of a bare repository.
    pub fn git_at_home(&self) -> Git {
        let linked =
            std::fs::canonicalize(&self.git_dir).map_or(true, |dir| dir != self.common_dir);
        if !linked {
            return self.git.clone();
        }
        let named = self.common_dir.file_name().is_some_and(|n| n == ".git");
        let home = self.common_dir.parent().filter(|_| named);
        self.git.at(home.unwrap_or(&self.common_dir))
    }

    /// The directory that all worktrees share.
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// This worktree's private git directory.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The top of the work tree; `None` in a bare repository.
    pub fn workdir(&self) -> Option<&Path> {
        self.workdir.as_deref()
    }

    /// The name git gives this worktree: `main`, or the name of its private directory.
    pub fn worktree_key(&self) -> Option<String> {
        self.workdir.as_ref()?;
        let private = std::fs::canonicalize(&self.git_dir).unwrap_or_else(|_| self.git_dir.clone());
        if private == self.common_dir {
            return Some("main".into());
        }
        private
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
    }

    /// The short name of the branch that is checked out here.
    pub fn current_branch(&self) -> Option<String> {
        let name = self.inner.head_name().ok()??;
        Some(name.shorten().to_string())
    }

    /// The commit that is checked out here; `None` before the first commit.
    pub fn head_commit(&self) -> Option<Oid> {
        self.inner.head_id().ok().map(gix::Id::detach)
    }

    /// Whether the history was cut off by a shallow clone.
    pub fn is_shallow(&self) -> bool {
        self.inner.is_shallow().unwrap_or(false)
    }

    /// The null id of this repository's hash.
    pub fn null_id(&self) -> Oid {
        Oid::null(self.inner.object_hash())
    }

    /// Reads an id.
    pub fn parse_id(&self, hex: &str) -> Option<Oid> {
        let id = Oid::from_hex(hex.trim().as_bytes()).ok()?;
        (id.kind() == self.inner.object_hash() && !id.is_null()).then_some(id)
    }

    /// A configuration value, the last one in the user's, system's and repository's files.
    pub fn config(&self, key: &str) -> Option<String> {
        self.inner
            .config_snapshot()
            .string(key)
            .map(|v| v.to_string())
    }

    /// A boolean configuration value.
    pub fn config_bool(&self, key: &str) -> Option<bool> {
        self.inner.config_snapshot().boolean(key)
    }

    /// Every value of a key, in file order.
    pub fn config_all(&self, key: &str) -> Vec<String> {
        self.inner
            .config_snapshot()
            .plumbing()
            .strings(key)
            .unwrap_or_default()
            .iter()
            .map(|v| v.to_string())
            .collect()
    }

    /// The names of the configured remotes, sorted.
    pub fn remotes(&self) -> Vec<String> {
        self.inner
            .remote_names()
            .iter()
            .map(|name| name.to_string())
            .collect()
    }

    /// The present value of a ref. One whose file is torn, as a power failure leaves it, has the
    /// null id, which names no object: whoever can finds the value before it in the reflog.
    ///
    /// # Errors
    /// When the ref store cannot be read.
    pub fn ref_target(&self, name: &str) -> Result<Option<Oid>> {
        // A name that cannot be a ref (it may come from fetched state) names none.
        if FullName::try_from(name).is_err() {
            return Ok(None);
        }
        let found = match self.inner.try_find_reference(name) {
            Ok(found) => found,
            Err(_) if self.is_torn(name) => return Ok(Some(self.null_id())),
            Err(error) => return Err(state_error(format!("cannot read {name}"), error)),
        };
        Ok(found.and_then(|r| r.try_id().map(gix::Id::detach)))
    }

    fn is_torn(&self, name: &str) -> bool {
        std::fs::read(self.common_dir.join(name)).is_ok_and(|bytes| {
            let text = String::from_utf8_lossy(&bytes);
            !text.starts_with("ref:") && Oid::from_hex(text.trim().as_bytes()).is_err()
        })
    }

    /// The refs under a prefix, with their values.
    ///
    /// # Errors
    /// When the ref store cannot be read.
    pub fn refs_under(&self, prefix: &str) -> Result<BTreeMap<String, Oid>> {
        let fail = |e| state_error(format!("cannot list {prefix}"), e);
        let platform = self.inner.references().map_err(fail)?;
        let mut out = BTreeMap::new();
        for found in platform.prefixed(prefix).map_err(fail)?.flatten() {
            if let Some(id) = found.try_id() {
                out.insert(found.name().as_bstr().to_string(), id.detach());
            }
        }
        Ok(out)
    }

    /// Moves a ref from `old` (none: it must not exist) to `new`, with a reflog entry that is
    /// written even where git would keep none.
    ///
    /// # Errors
    /// When the ref store cannot be written; a lost race is no error.
    pub fn swap_ref(
        &self,
        name: &str,
        old: Option<Oid>,
        new: Oid,
        who: &Person,
        message: &str,
    ) -> Result<Swap> {
        require_ref_name(name)?;
        refs::swap(self, name, old, new, who, message)
    }

    /// Deletes a ref that has the value `old`.
    ///
    /// # Errors
    /// When the ref store cannot be written.
    pub fn delete_ref(&self, name: &str, old: Oid) -> Result<Swap> {
        require_ref_name(name)?;
        refs::delete(self, name, old)
    }

    /// Whether an object is here.
    pub fn has_object(&self, id: Oid) -> bool {
        self.inner.has_object(id)
            || gix::open(&self.git_dir).is_ok_and(|fresh| fresh.has_object(id))
    }

    /// Whether an object is here and a commit.
    pub fn is_commit(&self, id: Oid) -> bool {
        self.inner
            .find_header(id)
            .is_ok_and(|header| header.kind() == gix::objs::Kind::Commit)
    }

    /// Moves the file of a loose object that cannot be read into `folder`.
    ///
    /// # Errors
    /// When it cannot be moved.
    pub fn set_aside_torn(&self, id: Oid, folder: &Path) -> Result<()> {
        let hex = id.to_string();
        let file = self
            .common_dir
            .join("objects")
            .join(&hex[..2])
            .join(&hex[2..]);
        if !file.exists() || self.inner.find_object(id).is_ok() {
            return Ok(());
        }
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::rename(&file, folder.join(&hex)))
            .map_err(|e| Error::io(format!("cannot set aside the torn object {hex}"), &e))
    }

    /// A blob of at most `limit` bytes; `None` when it is larger.
    ///
    /// # Errors
    /// When the object is missing, damaged, or no blob.
    pub fn blob(&self, id: Oid, limit: usize) -> Result<Option<Vec<u8>>> {
        let fail = |e| state_error(format!("cannot read object {id}"), e);
        self.look(|repo| {
            if repo.find_header(id)?.size() > limit as u64 {
                return Ok(None);
            }
            let data = repo.find_blob(id)?.take_data();
            costs::object(data.len());
            Ok(Some(data))
        })
        .map_err(fail)
    }

    /// Reads something, and once more with new eyes where it is not there: a `git gc` moves objects
    /// into a pack that was not there when this process looked, and takes the old ones away.
    fn look<T>(&self, read: impl Fn(&gix::Repository) -> gix::Result<T>) -> gix::Result<T> {
        read(&self.inner).or_else(|missing| match gix::open(&self.git_dir) {
            Ok(fresh) => read(&fresh),
            Err(_) => Err(missing),
        })
    }

    /// The entries of a tree, in git's order. Of a name that stands twice, as git never writes it,
    /// the last one counts, for every reader alike.
    ///
    /// # Errors
    /// When the object is missing, damaged, or no tree.
    pub fn tree(&self, id: Oid) -> Result<Vec<Entry>> {
        let mut entries = Vec::new();
        self.each_entry(id, |name, kind, oid| {
            entries.push(Entry {
                name: name.to_vec(),
                kind,
                oid,
            });
        })?;
        // Nearly every folder is sorted by name alone.
        if !entries.is_sorted_by(|a, b| a.name < b.name) {
            let last: HashMap<&[u8], usize> = (entries.iter().enumerate())
                .map(|(n, entry)| (entry.name.as_slice(), n))
                .collect();
            let counts: Vec<bool> = (entries.iter().enumerate())
                .map(|(n, entry)| last[entry.name.as_slice()] == n)
                .collect();
            let mut counts = counts.into_iter();
            entries.retain(|_| counts.next() == Some(true));
        }
        Ok(entries)
    }

    /// Shows each entry of a tree, in git's order, also a name that stands twice: for whoever looks
    /// for a few of many.
    ///
    /// # Errors
    /// As [`Repo::tree`].
    pub fn each_entry(&self, id: Oid, mut visit: impl FnMut(&[u8], EntryType, Oid)) -> Result<()> {
        let fail = |e| state_error(format!("cannot read tree {id}"), e);
        let data = self
            .look(|repo| Ok(repo.find_tree(id)?.data.clone()))
            .map_err(fail)?;
        costs::object(data.len());
        for entry in gix::objs::TreeRefIter::from_bytes(&data, self.inner.object_hash()) {
            let entry = entry.map_err(|e| Error::state(format!("tree {id} is damaged: {e}")))?;
            let kind = match entry.mode.kind() {
                EntryKind::Blob | EntryKind::BlobExecutable => EntryType::Blob,
                EntryKind::Tree => EntryType::Tree,
                EntryKind::Link | EntryKind::Commit => EntryType::Other,
            };
            visit(entry.filename, kind, entry.oid.to_owned());
        }
        Ok(())
    }

    /// The blob at a path of a tree; `None` where there is no plain file.
    ///
    /// # Errors
    /// When a tree on the way cannot be read.
    pub fn file_at(&self, tree: Oid, path: &str) -> Result<Option<Oid>> {
        let mut at = tree;
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            let entries = self.tree(at)?;
            let Some(entry) = entries.iter().find(|e| e.name == part.as_bytes()) else {
                return Ok(None);
            };
            match (entry.kind, parts.peek()) {
                (EntryType::Blob, None) => return Ok(Some(entry.oid)),
                (EntryType::Tree, Some(_)) => at = entry.oid,
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// What another thread needs to open this repository for itself.
    pub fn for_thread(&self) -> ForThread {
        ForThread {
            inner: self.inner.clone().into_sync(),
            git: self.git.clone(),
            common_dir: self.common_dir.clone(),
            git_dir: self.git_dir.clone(),
            workdir: self.workdir.clone(),
        }
    }

    /// The commit that a revision expression of git names; none where it names no commit, or more
    /// than one.
    pub fn resolve(&self, expression: &str) -> Option<Oid> {
        let commit = format!("{expression}^{{commit}}");
        let id = self.inner.rev_parse_single(commit.as_str()).ok()?;
        Some(id.detach())
    }

    /// A commit.
    ///
    /// # Errors
    /// When the object is missing, damaged, or no commit.
    pub fn commit(&self, id: Oid) -> Result<Commit> {
        let fail = |e| state_error(format!("cannot read commit {id}"), e);
        let data = self
            .look(|repo| Ok(repo.find_commit(id)?.data.clone()))
            .map_err(fail)?;
        costs::object(data.len());
        let decoded = gix::objs::CommitRef::from_bytes(&data, self.inner.object_hash())
            .map_err(|e| Error::state(format!("commit {id} is damaged: {e}")))?;
        let author = decoded
            .author()
            .map_err(|e| Error::state(format!("commit {id} is damaged: {e}")))?;
        Ok(Commit {
            id,
            tree: decoded.tree(),
            parents: decoded.parents().collect(),
            author: Person {
                name: author.name.to_str_lossy().into_owned(),
                email: author.email.to_str_lossy().into_owned(),
                seconds: author.time().map_or(0, |t| t.seconds),
            },
            message: decoded.message.to_str_lossy().into_owned(),
            signed: decoded
                .extra_headers
                .iter()
                .any(|(name, _)| name.starts_with(b"gpgsig")),
        })
    }

    /// Clears away what processes left that were killed while they wrote a pack.
    pub fn clear_dead_packs(&self) {
        pack::clear_dead(&self.inner.objects.store_ref().path().join("pack"));
    }

    /// A view of this repository that keeps new objects in memory until [`Pending::flush`].
    pub fn pending(&self) -> Pending {
        Pending {
            view: Repo {
                inner: self.inner.clone().with_object_memory(),
                git: self.git.clone(),
                common_dir: self.common_dir.clone(),
                git_dir: self.git_dir.clone(),
                workdir: self.workdir.clone(),
            },
        }
    }
}

/// Names come from configuration, too: what is no ref name must not become a path.
fn require_ref_name(name: &str) -> Result<()> {
    FullName::try_from(name)
        .map(|_| ())
        .map_err(|_| Error::state(format!("`{name}` is no valid ref name")))
}

/// Signatures must not hold what would break a commit's header.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || matches!(c, '<' | '>') {
                ' '
            } else {
                c
            }
        })
        .collect::<String>()
        .trim()
        .to_string()
}

fn signature(who: &Person) -> gix::actor::Signature {
    gix::actor::Signature {
        name: clean(&who.name).into(),
        email: clean(&who.email).into(),
        time: gix::date::Time::new(who.seconds, 0),
    }
}
