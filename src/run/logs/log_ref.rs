//! Where the logs of runs that have ended are: `refs/pm-local/runs/`.
//!
//! It is exchanged only on request and is pruned by `git pm gc`.

use super::files::{LogFile, files_in};
use crate::error::Result;
use crate::model::uid::Uid;
use crate::pm::Pm;
use crate::run::lock;
use crate::store::fault;
use crate::store::git::repo::Oid;
use crate::work::task::integrate::without_hooks;

/// The maximum size of a file that is read, in bytes.
const READ_MAX: usize = 64 << 20;

/// The number of files that one git writes.
const AT_ONCE: usize = 100;

/// A log file in the ref of its run.
pub(super) struct Kept {
    /// The time when it was moved there: files with the same time were in the folder together.
    pub at: String,
    pub file: LogFile,
    pub blob: Oid,
}

/// The ref that keeps the logs of a run.
pub(super) fn log_ref(run: &Uid) -> String {
    format!("refs/pm-local/runs/{run}")
}

/// The log files in a commit of such a ref, in the order in which they were written.
pub(super) fn kept(pm: &Pm, commit: Oid) -> Result<Vec<Kept>> {
    let repo = pm.store.repo();
    let entries = repo.tree(repo.commit(commit)?.tree)?.into_iter();
    let mut files: Vec<Kept> = entries
        .filter_map(|entry| {
            let name = String::from_utf8(entry.name).ok()?;
            let (at, name) = name.split_once('-')?;
            Some(Kept {
                at: at.to_string(),
                file: LogFile::named(name),
                blob: entry.oid,
            })
        })
        .collect();
    files.sort_by(|a, b| (&a.at, &a.file).cmp(&(&b.at, &b.file)));
    Ok(files)
}

/// The content of a log file in the ref.
pub(super) fn content(pm: &Pm, blob: Oid) -> Result<Vec<u8>> {
    let read = pm.store.repo().blob(blob, READ_MAX)?;
    Ok(read.unwrap_or_default())
}

/// Moves the log files of a run into its ref.
pub(in crate::run) fn keep_logs(pm: &Pm, run: &Uid) -> Result<()> {
    let folder = lock::run_folder(pm, run);
    let files = files_in(&folder);
    if files.is_empty() {
        return Ok(());
    }
    // An agent may have installed hooks.
    let git = without_hooks(pm.store.repo().git())?;
    let name = log_ref(run);
    let parent = pm.store.repo().ref_target(&name)?;
    let before = match parent {
        Some(parent) => kept(pm, parent)?,
        None => Vec::new(),
    };
    let mut tree = String::new();
    let mut add = |at: &str, file: &LogFile, blob: &str| {
        tree.push_str(&format!("100644 blob {blob}\t{at}-{}\n", file.name));
    };
    // A killed process may have left files that are already in the ref.
    for old in before.iter().filter(|old| !files.contains(&old.file)) {
        add(&old.at, &old.file, &old.blob.to_string());
    }
    let at = pm.now_ms().to_string();
    for some in files.chunks(AT_ONCE) {
        let paths = some.iter().map(|file| folder.join(&file.name));
        let paths: Vec<String> = paths.map(|path| path.display().to_string()).collect();
        let mut args = vec!["hash-object", "-w", "--no-filters", "--"];
        args.extend(paths.iter().map(String::as_str));
        let written = git.require(&args)?.lines();
        for (file, oid) in some.iter().zip(&written) {
            add(&at, file, oid);
        }
    }
    let made = git.run_with(&["mktree"], Some(tree.as_bytes()), None)?;
    let tree = made.text().to_string();
    let message = format!("logs of run {run}");
    let mut args = vec!["commit-tree", "-m", &message, &tree];
    let parent = parent.map(|parent| parent.to_string());
    if let Some(parent) = &parent {
        args.extend(["-p", parent]);
    }
    let commit = git.require(&args)?;
    git.require(&["update-ref", &name, &commit.text()])?;
    fault::step("logs-kept")?;
    for file in &files {
        let _ = std::fs::remove_file(folder.join(&file.name));
    }
    Ok(())
}
