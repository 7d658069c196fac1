//! `backup create` and `backup load`: the state as one file, a git bundle.
//!
//! Loading joins it and never rewinds. The content of a file is checked like that of a fetch.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use crate::coordinate::harmless_place;
use crate::coordinate::sync::cleanup;
use crate::error::{Error, Hint, Reason, Result};
use crate::maintain::setup::init;
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

/// The result of `backup create`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BackupReport {
    /// The file.
    pub file: String,
    /// The commit that it holds.
    pub commit: String,
    /// Number of items in it.
    pub items: usize,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The result of `backup load`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LoadReport {
    /// The file.
    pub file: String,
    /// The commit that it holds.
    pub backup: String,
    /// The state's commit now.
    pub commit: String,
    /// Number of items in the state.
    pub items: usize,
    /// Number of items that are new in this clone.
    pub added: usize,
    /// The state changed.
    pub changed: bool,
    /// The unreadable commit that the state's ref pointed at, if it was replaced.
    pub replaced: Option<String>,
}

impl StateHandle<'_> {
    /// Writes the state with its whole history into a file, and verifies it by reading it back.
    ///
    /// # Errors
    /// When there is no state, the clone is shallow, or the file exists and `force` is not set.
    pub fn backup(&self, file: Option<&Path>, force: bool) -> Result<BackupReport> {
        let tip = self.pm.store.require_tip()?;
        require_whole_history(self.pm, tip)?;
        let path = match file {
            Some(file) => file.to_path_buf(),
            None => backup_name(self.pm),
        };
        let words = ["backup", "create", "FOLDER/state.bundle"];
        let path = harmless_place::place_of_file(self.pm, &path, false, words)?;
        let shown = path.display().to_string();
        if path.exists() && !force {
            return Err(exists(&shown));
        }
        let temporary = temporary_beside(&path)?;
        let written = write_bundle(self.pm, tip, &temporary).and_then(|()| {
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

    /// Joins the state of a backup into the state of this clone, which may not have one yet.
    ///
    /// # Errors
    /// When the file is not a backup, is damaged, or has a state of a later format version. Nothing
    /// is changed then.
    pub fn load_backup(&self, file: &Path) -> Result<LoadReport> {
        let path = self.pm.store.env().cwd.join(file);
        let shown = path.display().to_string();
        if !path.is_file() {
            return Err(Error::not_found(format!("there is no file {shown}"))
                .because(Reason::BackupNotFound)
                .hint(Hint::run(["backup", "create"], "creates a backup"))
                .about(shown));
        }
        let heads = heads(self.pm, &path, &shown)?;
        let replaced = delete_unreadable_ref(self.pm)?;
        let repo = self.pm.store.repo();
        // A temporary ref, which a later command removes if this process is killed.
        let place = format!("{}/", fetch::temporary_ref(&self.pm.store)?);
        let joined = fetch_and_join(self.pm, &path, &shown, &heads, &place);
        for (name, id) in repo.refs_under(&place)? {
            let _ = repo.discard_ref(&name, id);
        }
        let (before, backup, added) = joined?;
        let commit = self.pm.store.require_tip()?;
        if before.is_none() {
            self.pm.notice(
                "the state was created from the backup; `git pm init` installs hooks and refspecs",
            );
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

/// The default name of a backup.
fn backup_name(pm: &Pm) -> PathBuf {
    let time: String = rfc3339(pm.now_ms())
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .collect();
    PathBuf::from(format!("git-pm-{time}.bundle"))
}

fn require_whole_history(pm: &Pm, tip: Oid) -> Result<()> {
    let repo = pm.store.repo();
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
        Error::state("this clone is shallow and has only part of the state's history")
            .because(Reason::BackupShallowClone)
            .hint(Hint::git(
                ["fetch", "--unshallow"],
                "fetches the rest; then create the backup",
            )),
    )
}

fn write_bundle(pm: &Pm, tip: Oid, file: &Path) -> Result<()> {
    let repo = pm.store.repo();
    let mut args = ["bundle", "create", "--quiet"].map(OsStr::new).to_vec();
    args.extend([file.as_os_str(), MAIN.as_ref()]);
    // Published items keep their ids wherever the backup is loaded.
    if repo
        .ref_target(PUBLISHED)?
        .is_some_and(|p| repo.is_commit(p))
    {
        args.push(PUBLISHED.as_ref());
    }
    repo.git().require(&args)?;
    verify(pm, tip, file)
}

/// Fetches from the file into an empty repository, so that no object comes from elsewhere.
fn verify(pm: &Pm, tip: Oid, file: &Path) -> Result<()> {
    let name = format!("{VERIFYING}{}", random::name()?);
    let place = pm.store.folder().join(name);
    let done = fetch_alone(pm, tip, file, &place);
    let _ = std::fs::remove_dir_all(&place);
    done
}

fn fetch_alone(pm: &Pm, tip: Oid, file: &Path, place: &Path) -> Result<()> {
    std::fs::create_dir_all(place)
        .map_err(|e| Error::io(format!("cannot write to {}", place.display()), e))?;
    let git = pm.store.repo().git().in_own_repository(place, None);
    let format = if tip.to_string().len() == 64 {
        "--object-format=sha256"
    } else {
        "--object-format=sha1"
    };
    git.require(&["init", "--quiet", "--bare", "--template=", format])?;
    let refspec = format!("{MAIN}:{MAIN}");
    let args = ["fetch", "--quiet", "--no-tags", "--"].map(OsStr::new);
    let args = [&args[..], &[file.as_os_str(), refspec.as_ref()]].concat();
    let output = git.run(&args)?;
    let read = git.run(&["rev-parse", "--verify", "-q", MAIN])?.text();
    if output.ok() && pm.store.repo().parse_id(&read) == Some(tip) {
        return Ok(());
    }
    Err(Error::state(format!(
        "the new backup cannot be read back: {}",
        output.reason()
    ))
    .because(Reason::BackupUnreadable)
    .hint(Hint::run(
        ["fsck"],
        "lists the objects missing from this clone",
    )))
}

/// The refs in a bundle.
fn heads(pm: &Pm, path: &Path, shown: &str) -> Result<Vec<String>> {
    let args = ["bundle".as_ref(), "list-heads".as_ref(), path.as_os_str()];
    let output = pm.store.repo().git().run(&args)?;
    if !output.ok() {
        return Err(not_a_backup(shown, &output.reason()));
    }
    let mut heads = Vec::new();
    for line in output.lines() {
        let Some((id, name)) = line.split_once(' ') else {
            continue;
        };
        if name == MAIN && pm.store.repo().parse_id(id).is_none() {
            return Err(Error::state(format!(
                "{shown} is from a repository with a different object format"
            ))
            .because(Reason::BackupObjectFormat)
            .about(shown)
            .hint("load it into a repository created with the same `--object-format`"));
        }
        heads.push(name.to_string());
    }
    if heads.iter().any(|name| name == MAIN) {
        return Ok(heads);
    }
    Err(not_a_backup(shown, &format!("it has no {MAIN}")))
}

/// Deletes the state's ref if neither it nor its reflog leads to a readable state: it would
/// stop git from fetching.
fn delete_unreadable_ref(pm: &Pm) -> Result<Option<Oid>> {
    if pm.store.repair_refs().is_ok() {
        return Ok(None);
    }
    let repo = pm.store.repo();
    let Some(broken) = repo.ref_target(MAIN)?.filter(|_| pm.store.tip().is_err()) else {
        pm.store.repair_refs()?;
        return Ok(None);
    };
    let mut lock = pm.store.lock()?;
    pm.store.delete_any(&mut lock, MAIN, broken)?;
    drop(lock);
    pm.store.repair_refs()?;
    Ok(Some(broken))
}

fn fetch_and_join(
    pm: &Pm,
    path: &Path,
    shown: &str,
    heads: &[String],
    place: &str,
) -> Result<(Option<Oid>, Oid, usize)> {
    let repo = pm.store.repo();
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
                .because(Reason::BackupUnreadable)
                .about(shown)
                .hint("the file is damaged or incomplete; nothing was changed"),
        );
    }
    let theirs = repo.ref_target(&format!("{place}main"))?;
    let theirs = theirs.ok_or_else(|| not_a_backup(shown, &format!("it has no {MAIN}")))?;
    pm.store.require_state(shown, theirs)?;
    let known = repo.ref_target(&format!("{place}published"))?;
    if let Some(known) = known {
        pm.store.require_state(shown, known)?;
    }
    pm.store.replica()?;
    let before = pm.store.tip()?;
    let had = match before {
        Some(tip) => State::at(repo, tip)?.item_docs().keys().cloned().collect(),
        None => std::collections::BTreeSet::new(),
    };
    pm.store.note_fetched(theirs)?;
    pm.store.join_local(theirs)?;
    if let Some(known) = known {
        published::remember(&pm.store, known)?;
    }
    init::join_first_commit(pm)?;
    // Objects from before a redaction are removed again.
    drop(exchange);
    cleanup::tidy_up(pm);
    let state = pm.store.state()?;
    let added = state
        .items()
        .iter()
        .filter(|i| !had.contains(&i.uid))
        .count();
    Ok((before, theirs, added))
}

fn exists(shown: &str) -> Error {
    Error::usage(format!("{shown} already exists"))
        .because(Reason::BackupExists)
        .about(shown)
        .hint("`--force` overwrites it; without a file name, a new file is created")
}

fn not_a_backup(shown: &str, why: &str) -> Error {
    Error::state(format!("{shown} is not a backup of a state: {why}"))
        .because(Reason::BackupInvalid)
        .about(shown)
        .hint(Hint::run(
            ["backup", "create"],
            "creates a backup, which is a git bundle",
        ))
}

/// The name of a temporary file beside `path`.
fn temporary_beside(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(path.with_file_name(format!(".{name}.{}.tmp", random::name()?)))
}

/// Moves the complete file to its name. Without `force`, a file created meanwhile is kept.
fn put_in_place(temporary: &Path, path: &Path, force: bool) -> Result<()> {
    let shown = path.display();
    let fail = |e: std::io::Error| Error::io(format!("cannot write {shown}"), e);
    if force {
        return std::fs::rename(temporary, path).map_err(fail);
    }
    match std::fs::hard_link(temporary, path) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Err(exists(&shown.to_string())),
        // The file system has no hard links.
        Err(_) if !path.exists() => std::fs::rename(temporary, path).map_err(fail),
        Err(e) => Err(fail(e)),
    }
}
