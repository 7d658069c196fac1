//! `backup create` and `backup load`: the state as one file, a git bundle. Loading joins and never
//! rewinds. A file is trusted no more than a remote: what comes out of it is checked as what a
//! fetch brings.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::stamp::rfc3339;
use crate::pm::Pm;
use crate::pm::handles::StateHandle;
use crate::store::fsck::local::VERIFYING;
use crate::store::git::repo::Oid;
use crate::store::layout::MAIN;
use crate::store::layout::PUBLISHED;
use crate::store::state::State;
use crate::store::sync::fetch::{self, FETCH_ALONE};
use crate::store::sync::published;
use crate::store::{history, lock, random};

/// What `backup create` wrote.
#[derive(Clone, Debug, Serialize)]
pub struct BackupReport {
    /// The file.
    pub file: String,
    /// The commit that it holds.
    pub commit: String,
    /// How many items that is.
    pub items: usize,
    /// Its size.
    pub bytes: u64,
}

/// What `backup load` did.
#[derive(Clone, Debug, Serialize)]
pub struct LoadReport {
    /// The file.
    pub file: String,
    /// The commit that it holds.
    pub backup: String,
    /// The state's commit now.
    pub commit: String,
    /// How many items the state has.
    pub items: usize,
    /// How many of them were not here before.
    pub added: usize,
    /// Whether the state was changed.
    pub changed: bool,
    /// What the state's ref pointed at, where none of it could be read.
    pub replaced: Option<String>,
}

impl StateHandle<'_> {
    /// Writes the state with its whole history into a file, and reads it back to be sure of it.
    ///
    /// # Errors
    /// When there is no state, the history here is cut off, or the file is there already and
    /// `force` does not say otherwise.
    pub fn backup(&self, file: Option<&Path>, force: bool) -> Result<BackupReport> {
        let tip = self.pm.store.require_tip()?;
        self.pm.require_whole_history(tip)?;
        let path = self.pm.store.env().cwd.join(match file {
            Some(file) => file.to_path_buf(),
            None => self.pm.backup_name(),
        });
        let shown = path.display().to_string();
        if path.is_dir() {
            return Err(Error::usage(format!("{shown} is a folder"))
                .hint("name a file in it: `git pm backup create FOLDER/state.bundle`"));
        }
        if path.exists() && !force {
            return Err(there_already(&shown));
        }
        let temporary = temporary_beside(&path)?;
        let written = self.pm.write_bundle(tip, &temporary).and_then(|()| {
            let bytes = std::fs::metadata(&temporary)
                .map_err(|e| Error::io(format!("cannot read {shown}"), e))?
                .len();
            put_in_place(&temporary, &path, force)?;
            Ok(bytes)
        });
        let _ = std::fs::remove_file(&temporary);
        Ok(BackupReport {
            file: shown,
            commit: tip.to_string(),
            items: self.pm.store.state()?.items().len(),
            bytes: written?,
        })
    }

    /// Joins the state of a backup into the state here. Works in a repository without a state, too.
    ///
    /// # Errors
    /// When the file is no backup, is damaged, or holds a state of a version to come. Nothing is
    /// changed then.
    pub fn load_backup(&self, file: &Path) -> Result<LoadReport> {
        let path = self.pm.store.env().cwd.join(file);
        let shown = path.display().to_string();
        if !path.is_file() {
            return Err(Error::not_found(format!("there is no file {shown}"))
                .hint("`git pm backup create` makes one"));
        }
        let heads = self.pm.heads(&path, &shown)?;
        let replaced = self.pm.give_up_unreadable()?;
        let repo = self.pm.store.repo();
        // As what any fetch brings: found and taken away, should this process die.
        let place = format!("{}/", fetch::passing(&self.pm.store)?);
        let joined = self.pm.fetch_and_join(&path, &shown, &heads, &place);
        for (name, id) in repo.refs_under(&place)? {
            let _ = repo.discard_ref(&name, id);
        }
        let (before, backup, added) = joined?;
        let commit = self.pm.store.require_tip()?;
        if before.is_none() {
            self.pm
                .notice("the state is here now; `git pm init` installs hooks and refspecs");
        }
        Ok(LoadReport {
            file: shown,
            backup: backup.to_string(),
            commit: commit.to_string(),
            items: self.pm.store.state()?.items().len(),
            added,
            changed: before != Some(commit),
            replaced: replaced.map(|id| id.to_string()),
        })
    }
}

impl Pm {
    /// The name of a backup that was given none.
    fn backup_name(&self) -> PathBuf {
        let time: String = rfc3339(self.now_ms())
            .chars()
            .filter(|c| c.is_ascii_alphanumeric())
            .collect();
        PathBuf::from(format!("git-pm-{time}.bundle"))
    }

    fn require_whole_history(&self, tip: Oid) -> Result<()> {
        let repo = self.store.repo();
        if !repo.is_shallow() {
            return Ok(());
        }
        let mut whole = true;
        history::walk(repo, tip, |commit| {
            whole &= commit.parents.iter().all(|p| repo.is_commit(*p));
            Ok(whole)
        })?;
        if whole {
            return Ok(());
        }
        Err(
            Error::state("this clone is shallow: the history of the state is cut off in it")
                .hint("`git fetch --unshallow` brings the rest; then make the backup"),
        )
    }

    fn write_bundle(&self, tip: Oid, file: &Path) -> Result<()> {
        let repo = self.store.repo();
        let mut args: Vec<&std::ffi::OsStr> = ["bundle", "create", "--quiet"]
            .map(std::ffi::OsStr::new)
            .to_vec();
        args.push(file.as_os_str());
        args.push(MAIN.as_ref());
        // What was published keeps its ids wherever the backup is loaded.
        if repo
            .ref_target(PUBLISHED)?
            .is_some_and(|p| repo.is_commit(p))
        {
            args.push(PUBLISHED.as_ref());
        }
        repo.git().require(&args)?;
        self.verify(tip, file)
    }

    /// Fetches from the file into a repository of its own, where nothing else could help out.
    fn verify(&self, tip: Oid, file: &Path) -> Result<()> {
        let name = format!("{VERIFYING}{}", random::name()?);
        let place = self.store.folder().join(name);
        let done = self.fetch_alone(tip, file, &place);
        let _ = std::fs::remove_dir_all(&place);
        done
    }

    fn fetch_alone(&self, tip: Oid, file: &Path, place: &Path) -> Result<()> {
        std::fs::create_dir_all(place)
            .map_err(|e| Error::io(format!("cannot write in {}", place.display()), e))?;
        let git = self.store.repo().git().at(place);
        let format = if tip.to_string().len() == 64 {
            "--object-format=sha256"
        } else {
            "--object-format=sha1"
        };
        git.require(&["init", "--quiet", "--bare", "--template=", format])?;
        let refspec = format!("{MAIN}:{MAIN}");
        let args = ["fetch", "--quiet", "--no-tags", "--"].map(std::ffi::OsStr::new);
        let mut args = args.to_vec();
        args.push(file.as_os_str());
        args.push(refspec.as_ref());
        let output = git.run(&args)?;
        let read = git.run(&["rev-parse", "--verify", "-q", MAIN])?.text();
        if output.ok() && self.store.repo().parse_id(&read) == Some(tip) {
            return Ok(());
        }
        Err(Error::state(format!(
            "the backup cannot be read back: {}",
            output.reason()
        ))
        .hint("`git pm fsck` shows what is missing in this clone"))
    }

    /// The refs that a bundle says it has.
    fn heads(&self, path: &Path, shown: &str) -> Result<Vec<String>> {
        let args = ["bundle", "list-heads"].map(std::ffi::OsStr::new);
        let mut args = args.to_vec();
        args.push(path.as_os_str());
        let output = self.store.repo().git().run(&args)?;
        if !output.ok() {
            return Err(
                Error::state(format!("{shown} is no backup: {}", output.reason()))
                    .hint("a backup is a git bundle, as `git pm backup create` makes it"),
            );
        }
        let mut heads = Vec::new();
        for line in output.lines() {
            let Some((id, name)) = line.split_once(' ') else {
                continue;
            };
            if name == MAIN && self.store.repo().parse_id(id).is_none() {
                return Err(Error::state(format!(
                    "{shown} is of a repository with another object format"
                ))
                .hint("load it into a repository made with the same `--object-format`"));
            }
            heads.push(name.to_string());
        }
        if heads.iter().any(|name| name == MAIN) {
            return Ok(heads);
        }
        Err(Error::state(format!(
            "{shown} is a git bundle without {MAIN}: it holds no state"
        ))
        .hint("a backup is made with `git pm backup create`"))
    }

    /// A ref of which nothing can be read, not even by its reflog, stops git from fetching and
    /// holds nothing: it makes room for the backup.
    fn give_up_unreadable(&self) -> Result<Option<Oid>> {
        if self.store.mend_refs().is_ok() {
            return Ok(None);
        }
        let repo = self.store.repo();
        let Some(broken) = repo.ref_target(MAIN)?.filter(|_| self.store.tip().is_err()) else {
            self.store.mend_refs()?;
            return Ok(None);
        };
        let mut lock = self.store.lock()?;
        self.store.delete_named(&mut lock, MAIN, broken)?;
        drop(lock);
        self.store.mend_refs()?;
        Ok(Some(broken))
    }

    fn fetch_and_join(
        &self,
        path: &Path,
        shown: &str,
        heads: &[String],
        place: &str,
    ) -> Result<(Option<Oid>, Oid, usize)> {
        let repo = self.store.repo();
        let exchange = lock::exchanging(repo.common_dir());
        let mut args: Vec<std::ffi::OsString> = FETCH_ALONE.map(Into::into).to_vec();
        args.push("--".into());
        args.push(path.into());
        args.push(format!("+{MAIN}:{place}main").into());
        if heads.iter().any(|name| name == PUBLISHED) {
            args.push(format!("+{PUBLISHED}:{place}published").into());
        }
        let output = repo.git().run(&args)?;
        if !output.ok() {
            return Err(
                Error::state(format!("{shown} cannot be read: {}", output.reason()))
                    .hint("the file is damaged or not whole; nothing was changed here"),
            );
        }
        let theirs = repo.ref_target(&format!("{place}main"))?;
        let theirs = theirs.ok_or_else(|| Error::state(format!("{shown} holds no state")))?;
        self.store.require_state(shown, theirs)?;
        let known = repo.ref_target(&format!("{place}published"))?;
        if let Some(known) = known {
            self.store.require_state(shown, known)?;
        }
        self.store.replica()?;
        let before = self.store.tip()?;
        let had = match before {
            Some(tip) => State::at(repo, tip)?.item_docs().keys().cloned().collect(),
            None => std::collections::BTreeSet::new(),
        };
        self.store.note_fetched(theirs)?;
        self.store.join_local(theirs)?;
        if let Some(known) = known {
            published::remember(&self.store, known)?;
        }
        self.join_first_commit()?;
        // A backup of before a redaction does not bring it back as loose ends.
        drop(exchange);
        self.tidy_up();
        let state = self.store.state()?;
        let added = state
            .items()
            .iter()
            .filter(|i| !had.contains(&i.uid))
            .count();
        Ok((before, theirs, added))
    }
}

fn there_already(shown: &str) -> Error {
    Error::usage(format!("{shown} is there already"))
        .hint("`--force` writes over it; without a name a new one is chosen")
}

/// A name beside a file for what is not whole yet.
fn temporary_beside(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(path.with_file_name(format!(".{name}.{}.tmp", random::name()?)))
}

/// Gives a whole file its name. Without `force` a file that came to be meanwhile stays.
fn put_in_place(temporary: &Path, path: &Path, force: bool) -> Result<()> {
    let shown = path.display();
    let fail = |e: std::io::Error| Error::io(format!("cannot write {shown}"), e);
    if force {
        return std::fs::rename(temporary, path).map_err(fail);
    }
    match std::fs::hard_link(temporary, path) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(there_already(&shown.to_string()))
        }
        // A file system without links.
        Err(_) if !path.exists() => std::fs::rename(temporary, path).map_err(fail),
        Err(e) => Err(fail(e)),
    }
}
