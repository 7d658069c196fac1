//! A repository as the store sees it: refs, trees, blobs and commits.
//!
//! The only module besides `process` that knows gix.

mod ancestry;
mod commit_text;
mod deflate;
mod for_thread;
mod git_config;
mod object_types;
mod pending;
mod read_objects;
mod settle_index;
mod spool;
mod staged_paths;
mod tree_paths;
mod write_loose;
mod write_pack;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use gix::refs::FullName;

use super::irregular;
use super::process::place::{is_linked_to_nothing, own_git_dir, refuse_moved, repair};
use super::process::{Git, Home};
use super::task_dir;
use crate::env::{Env, HANDED};
use crate::error::{Error, Reason, Result};
use crate::model::text::one_line;
use crate::process::is_inside;
use crate::shared_files;

pub use object_types::{Commit, Entry, EntryType, Person};
pub use pending::{New, Pending, Sign};
pub use tree_paths::ChangedPath;
pub use write_pack::Kept;

use read_objects::{ManyReads, RefreshedObjects};

/// A commit's id, abbreviated for display.
pub fn short(id: Oid) -> String {
    id.to_string().chars().take(10).collect()
}

/// The longest name of a file, in bytes.
const NAME_MAX: usize = 255;

/// The longest path, in bytes, within the git directory.
const PATH_MAX: usize = 2_000;

/// An object id, SHA-1 or SHA-256.
pub type Oid = gix::ObjectId;

/// The kind of an object.
pub type ObjectKind = gix::objs::Kind;

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
    place: Place,
    refreshed: RefreshedObjects,
    many: ManyReads,
    /// The last result of [`Repo::read_file`].
    last_file: RefCell<Option<read_objects::LastFile>>,
    /// Blobs of a large write, kept in a file until it is complete.
    spool: spool::Spool,
}

/// The folders of a repository, and the runner of git in it.
#[derive(Clone)]
struct Place {
    git: Git,
    common_dir: PathBuf,
    git_dir: PathBuf,
    workdir: Option<PathBuf>,
    /// In the git directory of a sandboxed task, where the state is read-only: that of its worktree
    /// in the shared repository.
    task_dir: Option<PathBuf>,
}

/// Errors of gix carry their causes; they become one sentence for the user.
fn state_error(what: impl std::fmt::Display, error: impl std::fmt::Display) -> Error {
    let text = format!("{what}: {error:#}");
    Error::state(one_line(&text))
}

impl Repo {
    /// Opens the repository that contains `env.cwd`, or the one that `GIT_DIR` in `env` names.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or it stores its refs in a way that gix would
    /// silently write past (reftable).
    pub fn open(env: &Env) -> Result<Repo> {
        let (mut own, mut shared) = (None, None);
        if let Some((git_dir, common, place)) = irregular::around(&env.cwd, env.var("GIT_DIR")) {
            irregular::refuse(&git_dir)?;
            own = own_git_dir(&place, &git_dir)?;
            let above = own.as_deref().and_then(task_dir::common_of);
            shared = above
                .filter(|common| task_dir::is_denied(common))
                .map(Path::to_path_buf);
            match (&own, above) {
                (Some(own), Some(common)) => irregular::refuse_any(own, common, None)?,
                _ => irregular::refuse_any(&git_dir, &common, None)?,
            }
        }
        let opened = match (
            own.as_ref().filter(|_| shared.is_none()),
            env.var("GIT_DIR"),
        ) {
            (Some(own), _) => gix::open(own),
            (None, Some(dir)) => gix::open(env.cwd.join(dir)),
            (None, None) => gix::discover(&env.cwd),
        };
        let mut inner = match opened {
            Ok(inner) => inner,
            Err(error) => return Err(Self::why_not(env, &error.to_string())),
        };
        refuse_moved(&inner, env)?;
        // gix leaves out the configuration of a repository that belongs to another user, and with
        // it the remotes; git decides whether it is trusted, also by settings in the environment.
        if inner.git_dir_trust() != gix::sec::Trust::Full {
            let place = env.cwd.join(inner.workdir().unwrap_or(inner.git_dir()));
            let hint = format!(
                "if you trust it: git config --global --add safe.directory {}",
                place.display()
            );
            Git::new(&place, env.vars.clone(), false)
                .require(&["rev-parse", "--git-dir"])
                .map_err(|error| match error.reason() {
                    Reason::GitFailed => error.because(Reason::RepositoryNotOwned).hint(hint),
                    _ => error.hint(hint),
                })?;
            let trusted = gix::open::Options::default().with(gix::sec::Trust::Full);
            inner = gix::open_opts(inner.git_dir(), trusted)
                .map_err(|error| Self::why_not(env, &error.to_string()))?;
        }
        // A namespace concerns what a server shows of its refs, never ours.
        inner.clear_namespace();
        for_thread::set_up(&mut inner);
        let absolute = |p: &Path| std::path::absolute(p).unwrap_or_else(|_| p.to_path_buf());
        let common = shared.as_deref().unwrap_or(inner.common_dir());
        let common_dir = std::fs::canonicalize(common).unwrap_or_else(|_| absolute(common));
        let git_dir = absolute(inner.git_dir());
        let workdir = inner.workdir().map(absolute);
        let at = workdir.clone().unwrap_or_else(|| git_dir.clone());
        let mut git = Git::new(at, env.vars.clone(), env.may_prompt()).knowing(Home {
            // An agent's git has the whole repository of its task.
            common_dir: match shared {
                Some(_) => git_dir.clone(),
                None => common_dir.clone(),
            },
            git_dir: match git_dir.canonicalize() {
                Ok(real) if real == common_dir => real,
                _ => git_dir.clone(),
            },
        });
        git.detach = env.detach.clone();
        if !is_inside() {
            let home = home_of(&common_dir);
            git = git.guarded(git_config::guards(&inner, home));
        }
        // Also with GIT_DIR and GIT_WORK_TREE, where nothing in the work tree names the repository.
        let is_apart = workdir
            .as_ref()
            .is_some_and(|top| !top.join(".git").exists());
        if workdir.is_some() && (own.is_some() || is_apart || env.var(HANDED).is_some()) {
            git = git.by_name();
        }
        let settings = git_config::of_committer(&mut inner, &git);
        git = git.for_committer(&settings);
        git_config::require_known_format(&inner, &git)?;
        let place = Place {
            task_dir: own.filter(|_| shared.is_some()),
            git,
            common_dir,
            git_dir,
            workdir,
        };
        let repo = Repo::new(inner, place);
        repo.note_sharing();
        let storage = repo.config_own("extensions.refStorage");
        if storage.last().is_some_and(|s| s != "files") {
            return Err(Self::reftable(&env.cwd));
        }
        Ok(repo)
    }

    fn new(inner: gix::Repository, place: Place) -> Repo {
        Repo {
            inner,
            place,
            refreshed: RefreshedObjects::default(),
            many: ManyReads::default(),
            last_file: RefCell::default(),
            spool: Default::default(),
        }
    }

    fn reftable(at: &Path) -> Error {
        Error::state(format!(
            "the repository at {} stores its refs in the reftable format, which git pm does not support",
            at.display()
        ))
        .because(Reason::RepositoryUnreadable)
        .hint(
            "convert it with `git refs migrate --ref-format=files` (reflogs need git 2.48 or later), \
             or clone it again with `git clone --ref-format=files`",
        )
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
        let asked = git.run(&["rev-parse", "--git-dir"]);
        let unopened = format!("the repository at {} cannot be opened", env.cwd.display());
        let found = irregular::around(&env.cwd, env.var("GIT_DIR"));
        match (asked, found) {
            (Ok(asked), _) if asked.ok() => {
                state_error(unopened, message).because(Reason::RepositoryUnreadable)
            }
            (Ok(_), Some((git_dir, _, place))) if is_linked_to_nothing(&git_dir) => {
                let git_dir = git_dir.display();
                let text = format!(
                    "{} belongs to a repository that is no longer there: its `.git` names {git_dir}",
                    place.display()
                );
                Error::state(one_line(&text))
                    .because(Reason::RepositoryUnreadable)
                    .hint(repair(&place))
            }
            (Ok(asked), Some(_)) => {
                state_error(unopened, asked.reason()).because(Reason::RepositoryUnreadable)
            }
            _ => Error::state(format!("{} is not in a git repository", env.cwd.display()))
                .because(Reason::RepositoryMissing)
                .hint("run `git init` first, or specify a repository with `-C PATH`"),
        }
    }

    /// Notes which access others have to what is written here.
    fn note_sharing(&self) {
        let key = "core.sharedRepository";
        let is_on = || self.config_bool(key).map(|on| on.to_string());
        let setting = self.config(key).or_else(is_on);
        let objects = self.inner.objects.store_ref().path();
        for folder in [self.common_dir(), objects] {
            shared_files::note(folder, setting.as_deref());
        }
    }

    /// Refuses a write of the state, or of git pm's own files, in the sandbox of a task.
    ///
    /// # Errors
    /// Reason `state.elsewhere`: the runner has to make it.
    pub fn require_writable(&self) -> Result<()> {
        match self.place.task_dir {
            Some(_) => Err(task_dir::elsewhere()),
            None => Ok(()),
        }
    }

    /// In the git directory of a sandboxed task: that of its worktree in the shared repository.
    pub fn task_dir(&self) -> Option<&Path> {
        self.place.task_dir.as_deref()
    }

    /// The runner of the git program for this repository.
    pub fn git(&self) -> &Git {
        &self.place.git
    }

    /// The runner in a directory that stays when a linked worktree is removed: the main work tree,
    /// or the git directory of a bare repository.
    pub fn git_at_home(&self) -> Git {
        let linked = std::fs::canonicalize(&self.place.git_dir)
            .map_or(true, |dir| dir != self.place.common_dir);
        if !linked {
            return self.place.git.clone();
        }
        let common = &self.place.common_dir;
        let home = home_of(common);
        self.place.git.moved(home, common.clone(), common.clone())
    }

    /// The directory that all worktrees share.
    pub fn common_dir(&self) -> &Path {
        &self.place.common_dir
    }

    /// This worktree's private git directory.
    pub fn git_dir(&self) -> &Path {
        &self.place.git_dir
    }

    /// The top of the work tree; `None` in a bare repository.
    pub fn workdir(&self) -> Option<&Path> {
        self.place.workdir.as_deref()
    }

    /// True if anything can be checked out: a bare repository may also have linked worktrees.
    pub fn has_worktree(&self) -> bool {
        self.place.workdir.is_some()
            || std::fs::read_dir(self.place.common_dir.join("worktrees"))
                .is_ok_and(|mut all| all.next().is_some())
    }

    /// The name git gives this worktree: `main`, or the name of its private directory.
    pub fn worktree_key(&self) -> Option<String> {
        self.place.workdir.as_ref()?;
        let private = std::fs::canonicalize(&self.place.git_dir)
            .unwrap_or_else(|_| self.place.git_dir.clone());
        if private == self.place.common_dir {
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
    pub fn ref_target(&self, name: &str) -> Result<Option<Oid>> {
        // A name that cannot be a ref (it may come from fetched state) names none.
        // Nor does one for which no file system has a place.
        let is_long = name.len() > PATH_MAX || name.split('/').any(|part| part.len() > NAME_MAX);
        if is_long || FullName::try_from(name).is_err() {
            return Ok(None);
        }
        irregular::refuse(&self.place.common_dir.join(name))?;
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
        std::fs::read(self.place.common_dir.join(name)).is_ok_and(|bytes| {
            let text = String::from_utf8_lossy(&bytes);
            !text.starts_with("ref:") && Oid::from_hex(text.trim().as_bytes()).is_err()
        })
    }

    /// The refs under a prefix, with their values.
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

    /// Moves the file of a loose object that cannot be read into `folder`.
    pub fn set_aside_torn(&self, id: Oid, folder: &Path) -> Result<()> {
        let hex = id.to_string();
        let file = object_file(&self.place.common_dir.join("objects"), id);
        if !file.exists() || self.inner.find_object(id).is_ok() {
            return Ok(());
        }
        shared_files::create_dir_all(folder)
            .and_then(|()| std::fs::rename(&file, folder.join(&hex)))
            .map_err(|e| {
                Error::io(
                    format!("cannot move the corrupt object {hex} out of the way"),
                    e,
                )
            })
    }

    /// Removes the files of processes that were killed while they wrote a pack.
    pub fn clear_dead_packs(&self) {
        write_pack::clear_dead(&self.inner.objects.store_ref().path().join("pack"));
    }

    /// A view of this repository that keeps new objects in memory until [`Pending::flush`].
    pub fn pending(&self) -> Pending {
        Pending {
            view: Repo::new(self.inner.clone().with_object_memory(), self.place.clone()),
            written: HashSet::new(),
        }
    }
}

/// Signatures must not contain characters that would break a commit's header.
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

/// The main work tree of the repository with a common directory, or that directory if it is bare.
fn home_of(common: &Path) -> &Path {
    let is_hidden = common.file_name().is_some_and(|name| name == ".git");
    common.parent().filter(|_| is_hidden).unwrap_or(common)
}

/// The file of a loose object below a folder of objects.
pub(crate) fn object_file(objects: &Path, id: Oid) -> PathBuf {
    let hex = id.to_string();
    objects.join(&hex[..2]).join(&hex[2..])
}

fn signature(who: &Person) -> gix::actor::Signature {
    gix::actor::Signature {
        name: clean(&who.name).into(),
        email: clean(&who.email).into(),
        time: gix::date::Time::new(who.seconds, 0),
    }
}
