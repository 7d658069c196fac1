//! The first push of the state: what is asked or said before it, who can read it, what an agent does not push.
//!
//! A human is asked at a terminal. An agent cannot answer, so what it would publish is said before, and what
//! comes from files that git ignores waits for a human.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::coordinate::sync::is_read_only;
use crate::error::{Error, Hint, Reason, Result};
use crate::model::settings::{self, SyncMode};
use crate::model::text::one_line;
use crate::pm::Pm;
use crate::store::remote_names::{Remote, shown};
use crate::store::shared_files;

/// The file with the paths of what was imported before the first push, one on each line.
const SOURCES: &str = "imported-from";

/// How the state is kept from the remote.
const KEEP: &str = "`git pm config pm.sync manual` keeps it here until `git pm sync`";

/// True if this clone knows of no state at the remote.
pub(crate) fn first_push_to(pm: &Pm, remote: &Remote) -> Result<bool> {
    let repo = pm.store.repo();
    Ok(repo.ref_target(&remote.tracking(repo))?.is_none())
}

/// Reports who can read the state, once it was pushed for the first time.
pub(crate) fn announce_first_push(pm: &Pm, remote: &Remote) {
    pm.notice(format!(
        "the state was pushed to {} for the first time: everyone who can read that repository \
         can read it (to use another remote: `git pm config pm.remote URL`)",
        url(pm, remote)
    ));
}

/// Says where the state will go, unless it is there or nothing takes it there unasked.
pub(crate) fn announce_destination(pm: &Pm) {
    let remote = destination(pm, false).ok().flatten();
    if let Some(remote) = remote.filter(|remote| !is_read_only(pm, remote)) {
        pm.notice(format!(
            "the first claim or `git pm sync` pushes the state to {}, and everyone who can read that \
             repository can read it; {KEEP}",
            url(pm, &remote)
        ));
    }
}

/// What is said before a command that cannot ask may push the state from this clone for the first time.
pub(crate) fn warning(pm: &Pm, asked_for: bool) -> Result<Option<String>> {
    let remote = destination(pm, asked_for)?.filter(|remote| !is_read_only(pm, remote));
    Ok(remote.map(|remote| {
        format!(
            "this clone has never pushed the state: unless this command is refused, it goes to {}, and \
             everyone who can read that repository can read it; {KEEP}",
            url(pm, &remote)
        )
    }))
}

/// The remote to which a push would be the first one of this clone.
///
/// # Errors
/// When a ref cannot be read.
pub(crate) fn destination(pm: &Pm, asked_for: bool) -> Result<Option<Remote>> {
    let is_silent = pm.options.offline || (!asked_for && pm.sync_mode() == SyncMode::Manual);
    match pm.main_remote().filter(|_| !is_silent) {
        Some(remote) if first_push_to(pm, &remote)? => Ok(Some(remote)),
        _ => Ok(None),
    }
}

/// Notes what was imported, until the state is pushed.
pub(crate) fn note_sources(pm: &Pm, paths: impl Iterator<Item = PathBuf>) {
    let is_pushed = |remote: Remote| first_push_to(pm, &remote).is_ok_and(|first| !first);
    if pm.main_remote().is_some_and(is_pushed) {
        return;
    }
    let mut all = sources(pm);
    all.extend(paths.filter_map(|path| Some(path.to_str()?.to_string())));
    let lines: Vec<String> = all.into_iter().map(|path| path + "\n").collect();
    let folder = pm.store.folder();
    let file = folder.join(SOURCES);
    let _ = shared_files::create_dir_all(&folder);
    let _ = std::fs::write(&file, lines.concat());
    shared_files::share(&file);
}

fn sources(pm: &Pm) -> BTreeSet<String> {
    let noted = std::fs::read_to_string(pm.store.folder().join(SOURCES));
    let noted = noted.unwrap_or_default();
    noted.lines().map(str::to_string).collect()
}

/// Refuses to an agent the first push of a state that was imported from files that git ignores.
///
/// # Errors
/// Kind `Refused`, reason `sync.first_push`; kind `Remote` when it cannot be seen whether the remote has a
/// state.
pub(crate) fn require_may_push(pm: &Pm, remote: &Remote) -> Result<()> {
    if !pm.actor.is_bound {
        return Ok(());
    }
    let sources = sources(pm);
    let Some(private) = sources.iter().find(|path| is_ignored(pm, Path::new(path))) else {
        return Ok(());
    };
    // Another clone may have pushed the state.
    if pm.store.fetch_state(remote)?.is_some() {
        return Ok(());
    }
    let (url, private) = (url(pm, remote), one_line(private));
    Err(Error::refused(format!(
        "no agent pushes the state to {url} for the first time: it was imported from {private}, which git ignores, \
         and everyone who can read that repository could read it"
    ))
    .because(Reason::SyncFirstPush)
    .about(private)
    .hint("a human allows it: `git pm sync` in a shell pushes the state once")
    .hint(Hint::run(
        ["config", settings::SYNC.key, "manual"],
        "keeps the state and its claims in this clone until then",
    )))
}

/// True for a file of a worktree of this repository that git ignores.
fn is_ignored(pm: &Pm, path: &Path) -> bool {
    let root = path
        .ancestors()
        .skip(1)
        .find(|dir| dir.join(".git").exists());
    let git = root.and_then(|root| pm.store.repo().git().in_worktree(root).ok());
    let asked = ["check-ignore".as_ref(), "--quiet".as_ref(), "--".as_ref()];
    let asked = [&asked[..], &[path.as_os_str()]].concat();
    git.is_some_and(|git| git.run(&asked).is_ok_and(|output| output.ok()))
}

fn url(pm: &Pm, remote: &Remote) -> String {
    shown(&remote.url(pm.store.repo()))
}
