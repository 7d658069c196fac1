//! A repository as the store sees it: refs, trees, blobs and commits. The only module besides
//! `process` that knows gix.

mod ancestry;
mod commit_object;
mod deflate;
mod for_thread;
mod git_config;
mod pending;
mod read_objects;
mod spool;
mod staged_paths;
mod write_loose;
mod write_pack;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use gix::refs::FullName;

use super::process::{Git, Home};
use super::refs;
use crate::error::{Error, Result};
use crate::store::env::Env;

pub use commit_object::{Commit, Entry, EntryType, ObjectKind, Person};
pub use pending::{New, Pending};
pub use write_pack::Kept;

use read_objects::RefreshedObjects;

/// A commit's id as people see it.
pub(crate) fn short(id: Oid) -> String {
    id.to_string().chars().take(10).collect()
}

/// An object id, SHA-1 or SHA-256.
pub type Oid = gix::ObjectId;

/// The result of a compare-and-swap of a ref.
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
    refreshed: RefreshedObjects,
    /// The last result of [`Repo::read_file`].
    last_file: RefCell<Option<read_objects::LastFile>>,
    /// Blobs of a large write, kept in a file until it is complete.
    spool: spool::Spool,
}

/// Errors of gix carry their causes; they become one sentence for the user.
fn state_error(what: impl std::fmt::Display, error: impl std::fmt::Display) -> Error {
    let text = format!("{what}: {error:#}");
    Error::state(crate::model::text::one_line(&text))
}

impl Repo {
    /// Opens the repository that contains `env.cwd`, or the one that `GIT_DIR` in `env` names.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or it stores its refs in a way that gix would
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
        // A namespace concerns what a server shows of its refs, never ours.
        inner.clear_namespace();
        for_thread::set_up(&mut inner);
        let absolute = |p: &Path| std::path::absolute(p).unwrap_or_else(|_| p.to_path_buf());
        let common = inner.common_dir();
        let common_dir = std::fs::canonicalize(common).unwrap_or_else(|_| absolute(common));
        let git_dir = absolute(inner.git_dir());
        let workdir = inner.workdir().map(absolute);
        let at = workdir.clone().unwrap_or_else(|| git_dir.clone());
        let git = Git::new(at, env.vars.clone(), env.interactive).knowing(Home {
            common_dir: common_dir.clone(),
            git_dir: git_dir.clone(),
        });
        let repo = Repo {
            inner,
            git,
            common_dir,
            git_dir,
            workdir,
            refreshed: RefreshedObjects::default(),
            last_file: RefCell::default(),
            spool: Default::default(),
        };
        let storage = repo.config_own("extensions.refStorage");
        if storage.last().is_some_and(|s| s != "files") {
            return Err(Self::reftable(&env.cwd));
        }
        Ok(repo)
    }

    fn reftable(at: &Path) -> Error {
        Error::state(format!(
            "the repository at {} stores its refs in the reftable format, which git pm cannot write",
            at.display()
        ))
        .hint("convert it with `git refs migrate --ref-format=files`")
    }

    /// gix can open neither a reftable repository nor one that does not exist; the error depends on
    /// which of the two it is.
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

    /// The runner in a directory that stays when a linked worktree is removed: the main work tree,
    /// or the git directory of a bare repository.
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

    /// True if anything can be checked out: a bare repository may also have linked worktrees.
    pub fn has_worktree(&self) -> bool {
        self.workdir.is_some()
            || std::fs::read_dir(self.common_dir.join("worktrees"))
                .is_ok_and(|mut all| all.next().is_some())
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

    /// True if the history was cut off by a shallow clone.
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

    /// The current value of a ref. One whose file is torn, as after a power failure, has the null
    /// id, which names no object; the reflog may have the value before it.
    ///
    /// # Errors
    /// When the ref store cannot be read.
    pub fn ref_target(&self, name: &str) -> Result<Option<Oid>> {
        // A name that cannot be a ref (it may come from fetched state) names none.
        if FullName::try_from(name).is_err() {
            return Ok(None);
        }
        let look = || match self.inner.try_find_reference(name) {
            Ok(found) => Ok(found.and_then(|r| r.try_id().map(gix::Id::detach))),
            Err(_) if self.is_torn(name) => Ok(Some(self.null_id())),
            Err(error) => Err(state_error(format!("cannot read {name}"), error)),
        };
        if let Some(found) = look()? {
            return Ok(Some(found));
        }
        // The packed refs are read before the ref's own file: a `git pack-refs` in between, which
        // moves it from the file to the packed refs, would hide it.
        self.read_packed_refs();
        look()
    }

    /// The full name of the ref that a symbolic one points to.
    pub fn symbolic_target(&self, name: &str) -> Option<String> {
        let found = self.inner.try_find_reference(name).ok()??;
        Some(found.target().try_name()?.as_bstr().to_string())
    }

    /// Reads the packed refs again, even if the time of their file is unchanged.
    fn read_packed_refs(&self) {
        // There may be none.
        let _ = self.inner.refs.force_refresh_packed_buffer();
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
        let mut out = BTreeMap::new();
        // Twice, for the reason given in `ref_target`.
        for again in [false, true] {
            if again {
                self.read_packed_refs();
            }
            let platform = self.inner.references().map_err(fail)?;
            for found in platform.prefixed(prefix).map_err(fail)?.flatten() {
                if let Some(id) = found.try_id() {
                    out.insert(found.name().as_bstr().to_string(), id.detach());
                }
            }
        }
        Ok(out)
    }

    /// Moves a ref from `old` (`None`: it must not exist) to `new`, with a reflog entry that is
    /// written even where git would keep none. `ready` runs just before, under the ref's lock.
    ///
    /// # Errors
    /// The errors of `ready`, and when the ref store cannot be written; a lost race is not an
    /// error.
    pub fn swap_ref(
        &self,
        name: &str,
        old: Option<Oid>,
        new: Oid,
        entry: (&Person, &str),
        ready: &dyn Fn() -> Result<()>,
    ) -> Result<Swap> {
        require_ref_name(name)?;
        refs::swap(self, name, old, new, entry, ready)
    }

    /// Checks that a ref could be moved now.
    ///
    /// # Errors
    /// When something blocks it, such as its lock.
    pub fn rehearse_swap(&self, name: &str) -> Result<()> {
        require_ref_name(name)?;
        refs::rehearse(self, name)
    }

    /// Deletes a ref that has the value `old`.
    ///
    /// # Errors
    /// When the ref store cannot be written.
    pub fn delete_ref(&self, name: &str, old: Oid) -> Result<Swap> {
        require_ref_name(name)?;
        refs::delete(self, name, old)
    }

    /// Creates a ref that only one process ever uses; `temporary` is where it is written first.
    ///
    /// # Errors
    /// When the ref store cannot be written.
    pub fn place_ref(&self, name: &str, id: Oid, temporary: &Path) -> Result<()> {
        require_ref_name(name)?;
        refs::place(self, name, id, temporary)
    }

    /// Deletes a ref that only one process ever uses.
    ///
    /// # Errors
    /// When the ref store cannot be written.
    pub fn discard_ref(&self, name: &str, old: Oid) -> Result<()> {
        require_ref_name(name)?;
        refs::discard(self, name, old)
    }

    /// Rewrites a ref's reflog with what `keep` returns for the ids before and after each entry.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn rewrite_reflog(
        &self,
        name: &str,
        keep: impl Fn(Oid, Oid) -> Option<(Oid, Oid)>,
    ) -> Result<()> {
        require_ref_name(name)?;
        refs::rewrite_log(self, name, keep)
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
            .map_err(|e| Error::io(format!("cannot set aside the torn object {hex}"), e))
    }

    /// Removes the files of processes that were killed while they wrote a pack.
    pub fn clear_dead_packs(&self) {
        write_pack::clear_dead(&self.inner.objects.store_ref().path().join("pack"));
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
                refreshed: RefreshedObjects::default(),
                last_file: RefCell::default(),
                spool: Default::default(),
            },
            written: HashSet::new(),
        }
    }
}

/// Names come from configuration, too: an invalid ref name must not become a path.
fn require_ref_name(name: &str) -> Result<()> {
    FullName::try_from(name)
        .map(|_| ())
        .map_err(|_| Error::state(format!("`{name}` is not a valid ref name")))
}

/// Signatures must not contain what would break a commit's header.
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
