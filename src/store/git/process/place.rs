//! The folders that git runs in, and which of them are checked before.
//!
//! The files of a worktree, and those that lead from it to its git directory, can be an agent's: they
//! are checked without git, and git then gets both folders by name, so that neither a replaced `.git`
//! nor a configuration of the worktree's own has a say. In a linked worktree no hook runs, and
//! filters run in the main one, so that none is a file of the tree; but for a push of a person's own
//! work.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::environment::Outer;
use super::{Git, Home};
use crate::env::Env;
use crate::error::{Error, Hint, Reason, Result};
use crate::git::irregular;
use crate::model::text::one_line;

/// What a linked worktree's own configuration may set: what git writes for a sparse checkout, and
/// who commits there. Everything else could name a program.
const OWN_SETTINGS: [&str; 6] = [
    "core.sparsecheckout",
    "core.sparsecheckoutcone",
    "index.sparse",
    "user.email",
    "user.name",
    "user.signingkey",
];

impl Git {
    /// The git directory that all worktrees of the repository share, absolute.
    ///
    /// # Errors
    /// When git cannot tell.
    pub fn common_dir(&self) -> Result<PathBuf> {
        if let Some(home) = &self.home {
            return Ok(home.common_dir.clone());
        }
        let out = self.require(&["rev-parse", "--path-format=absolute", "--git-common-dir"])?;
        Ok(out.path())
    }

    /// The git directory of the worktree git runs in, absolute.
    ///
    /// # Errors
    /// When git cannot tell.
    pub fn git_dir(&self) -> Result<PathBuf> {
        if let Some(home) = &self.home {
            return Ok(home.git_dir.clone());
        }
        let out = self.require(&["rev-parse", "--absolute-git-dir"])?;
        Ok(out.path())
    }

    /// The same runner in a work tree of the repository, main or linked, with explicit folders.
    ///
    /// # Errors
    /// Kind `Refused`, reason `worktree.link_changed` or `worktree.own_settings`, when something
    /// there leads git elsewhere; kind `State`, reason `git.irregular_file`.
    pub fn in_worktree(&self, place: &Path) -> Result<Git> {
        if self.explicit && self.dir == place {
            return Ok(self.clone());
        }
        let common = self.common_dir()?;
        let git_dir = git_dir_of_any(place, &common)?;
        irregular::refuse_any(&git_dir, &common, Some(place))?;
        if git_dir != common {
            refuse_own_settings(&git_dir.join("config.worktree"))?;
        }
        Ok(Git {
            explicit: true,
            ..self.moved(place, common, git_dir)
        })
    }

    /// The same runner in a work tree with the work of its user alone: with the hooks and filters that
    /// are set.
    ///
    /// # Errors
    /// As [`Git::in_worktree`].
    pub(crate) fn as_typed_in(&self, place: &Path) -> Result<Git> {
        Ok(self.in_worktree(place)?.guarded(Vec::new()))
    }

    /// The same runner, giving git its folders by name, wherever the link in the work tree leads.
    #[must_use]
    pub(in crate::git) fn by_name(self) -> Git {
        Git {
            explicit: true,
            ..self
        }
    }

    /// True if git gets its folders by name, see [`Git::in_worktree`].
    pub fn is_explicit(&self) -> bool {
        self.explicit
    }

    /// The same runner in the git directory that all worktrees share. It stays when a worktree is
    /// removed.
    ///
    /// # Errors
    /// When git cannot tell which it is.
    pub fn in_common_dir(&self) -> Result<Git> {
        let common = self.common_dir()?;
        Ok(self.moved(&common.clone(), common.clone(), common))
    }

    /// The same runner in a folder that git pm made for a repository of its own, with these
    /// folders: the configuration there is ours.
    pub fn in_own_repository(&self, git_dir: &Path, worktree: Option<&Path>) -> Git {
        let dir = worktree.unwrap_or(git_dir);
        Git {
            explicit: worktree.is_some(),
            among_others: true,
            ..self.moved(dir, git_dir.to_path_buf(), git_dir.to_path_buf())
        }
    }

    /// The same runner in another folder of which these facts are known.
    pub(in crate::git) fn moved(&self, dir: &Path, common_dir: PathBuf, git_dir: PathBuf) -> Git {
        let home = Some(Home {
            common_dir,
            git_dir,
        });
        Git {
            dir: dir.to_path_buf(),
            home,
            explicit: false,
            ..self.clone()
        }
    }

    /// The variables and arguments that name the folders, if they are explicit.
    pub(super) fn name_folders(&self, command: &mut Command) {
        let Some(home) = self.home.as_ref().filter(|_| self.explicit) else {
            return;
        };
        command.env("GIT_DIR", &home.git_dir);
        command.env("GIT_WORK_TREE", &self.dir);
        if home.git_dir != home.common_dir {
            command.env("GIT_COMMON_DIR", &home.common_dir);
        }
        // A daemon would answer from a socket in the worktree's git directory; in submodules git
        // would run itself, with their configuration.
        command.args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "submodule.recurse=false",
        ]);
    }

    /// The same runner with settings for work trees whose files may be another's: those of linked
    /// worktrees.
    pub(in crate::git) fn guarded(self, guards: Vec<String>) -> Git {
        Git {
            guards: guards.into(),
            ..self
        }
    }

    /// The same runner for making a worktree of what others have committed: also without hooks, and
    /// with the filters of the main worktree.
    #[must_use]
    pub fn among_others(&self) -> Git {
        Git {
            among_others: true,
            ..self.clone()
        }
    }

    /// The settings with which no file of a linked worktree is run.
    pub(super) fn guard<S: AsRef<OsStr>>(&self, command: &mut Command, args: &[S]) {
        let is_linked = |home: &Home| home.git_dir != home.common_dir;
        let among_others = self.among_others || self.home.as_ref().is_some_and(is_linked);
        // What is configured has to be shown as it is.
        let is_query = args.first().is_some_and(|arg| arg.as_ref() == "config");
        // Without the file that defines a driver, it stays undefined: only hooks are switched off.
        let known = match self.outer {
            Outer::Nothing => 2,
            _ => usize::MAX,
        };
        if among_others && !is_query {
            let guards = self.guards.iter().take(known);
            command.args(guards.flat_map(|setting| ["-c", setting]));
        }
    }

    /// The first file that git is waiting for instead of reading it: see [`irregular`].
    pub(super) fn waits_for(&self) -> Result<()> {
        let Some(home) = &self.home else {
            return Ok(());
        };
        let mut found = irregular::in_git_dir(&home.common_dir);
        if self.dir != home.common_dir {
            found.extend(irregular::in_worktree(&self.dir));
        }
        // Nobody waits for a socket: it cannot be opened.
        found.retain(|file| irregular::kind(file) != Some("a socket"));
        found.iter().try_for_each(|file| irregular::refuse(file))
    }
}

/// The git directory of a work tree of the repository with this common directory.
fn git_dir_of_any(place: &Path, common: &Path) -> Result<PathBuf> {
    let file = place.join(".git");
    irregular::refuse(&file)?;
    let linked = irregular::link(&file).map_or(file, |to| place.join(to));
    let is_main = || Some(linked.canonicalize().ok()? == common.canonicalize().ok()?);
    match is_main() {
        Some(true) => Ok(common.to_path_buf()),
        _ => git_dir_of(place, common),
    }
}

/// The git directory of a linked worktree, without running git there.
///
/// # Errors
/// Kind `Refused`, reason `worktree.link_changed`, if it is not the one that the repository with
/// this common directory has for it.
pub fn git_dir_of(place: &Path, common: &Path) -> Result<PathBuf> {
    let file = place.join(".git");
    let folder = common.join("worktrees").canonicalize().ok();
    let linked = irregular::link(&file).and_then(|to| place.join(to).canonicalize().ok());
    // While its agent works in a sandbox, it leads to a directory of the same name in a run's folder.
    let runs = common.join("pm/runs").canonicalize().ok();
    let is_lent = |to: &PathBuf| runs.as_ref().is_some_and(|runs| to.starts_with(runs));
    let linked = match (linked, &folder) {
        (Some(to), Some(folder)) if is_lent(&to) => to.file_name().map(|name| folder.join(name)),
        (linked, _) => linked,
    };
    let leads_back = |git_dir: &PathBuf| {
        let back = irregular::read(&git_dir.join("gitdir"))?;
        let back = git_dir.join(back.trim_end()).canonicalize().ok()?;
        Some(back == file.canonicalize().ok()?)
    };
    let shares = |git_dir: &PathBuf| {
        irregular::read(&git_dir.join("commondir")).is_some_and(|to| to.trim_end() == "../..")
    };
    linked
        .filter(|git_dir| git_dir.parent() == folder.as_deref() && shares(git_dir))
        .filter(|git_dir| leads_back(git_dir) == Some(true))
        .ok_or_else(|| {
            let error = Error::refused(format!(
                "{} does not point to a linked worktree of this repository",
                file.display()
            ))
            .because(Reason::WorktreeLinkChanged)
            .about(place.display().to_string());
            let to = irregular::link(&file).map(|to| place.join(to));
            match to.is_some_and(|to| is_linked_to_nothing(&to)) {
                true => error.hint(repair(place)),
                false => error,
            }
            .hint("if an agent may have changed it, run no git command there, save what you need, and remove the folder")
        })
}

/// True if a git directory is that of a linked worktree, and does not exist.
pub(in crate::git) fn is_linked_to_nothing(git_dir: &Path) -> bool {
    let is_linked = |above: &Path| above.ends_with("worktrees");
    let found = git_dir.symlink_metadata();
    git_dir.parent().is_some_and(is_linked)
        && found.is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// Refuses to work in a linked worktree that is not where git has it. Only a hook does that, which is
/// given its git directory.
///
/// # Errors
/// Reason `repository.unreadable`.
pub(in crate::git) fn refuse_moved(inner: &gix::Repository, env: &Env) -> Result<()> {
    let is_linked = inner.git_dir() != inner.common_dir();
    let Some(top) = inner.workdir().filter(|top| is_linked && !top.exists()) else {
        return Ok(());
    };
    let text = format!(
        "git has this worktree at {}, which is not there",
        top.display()
    );
    let found = irregular::around(&env.cwd, env.var("GIT_DIR"));
    let place = found.map_or_else(|| env.cwd.clone(), |(_, _, place)| place);
    Err(Error::state(one_line(&text))
        .because(Reason::RepositoryUnreadable)
        .hint(repair(&place)))
}

/// The hint about a worktree and a repository of which one is not where the other has it.
pub(in crate::git) fn repair(place: &Path) -> Hint {
    let effect = "in the main worktree repairs it, if one of the two was moved";
    Hint::git(["worktree", "repair", &place.to_string_lossy()], effect)
}

/// The worktree's own git directory, if the one that was found there is lent to its sandboxed agent.
/// It follows from the path, as the files in the lent one are the agent's.
///
/// # Errors
/// As [`git_dir_of`].
pub fn own_git_dir(place: &Path, found: &Path) -> Result<Option<PathBuf>> {
    // A folder `.git` is no lent one, which a file names.
    let is_plain = found == place.join(".git");
    if is_plain && found.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        return Ok(None);
    }
    let found = found.canonicalize().unwrap_or_default();
    let above: Vec<&Path> = found.ancestors().take(8).collect();
    match above[..] {
        [_, git, _, agents, _, runs, _, common]
            if runs.ends_with("pm/runs") && agents.ends_with("agents") && git.ends_with("git") =>
        {
            git_dir_of(place, common).map(Some)
        }
        _ => Ok(None),
    }
}

/// Refuses a linked worktree's own configuration that sets more than [`OWN_SETTINGS`].
fn refuse_own_settings(file: &Path) -> Result<()> {
    if file.symlink_metadata().is_err() {
        return Ok(());
    }
    let text = irregular::read(file);
    let parsed = text.and_then(|text| gix::config::File::try_from(text.as_str()).ok());
    let key = match &parsed {
        None => Some("something that cannot be read".to_string()),
        Some(parsed) => settings(parsed).find(|key| !OWN_SETTINGS.contains(&key.as_str())),
    };
    let Some(key) = key.map(|key| crate::model::text::one_line(&key)) else {
        return Ok(());
    };
    let shown = file.display();
    Err(Error::refused(format!(
        "{shown} sets {key}; git pm runs no git with a worktree's own settings, which an agent can write"
    ))
    .because(Reason::WorktreeOwnSettings)
    .about(shown.to_string())
    .hint("if you set it, set it for the whole repository (`git config KEY VALUE`) and remove it from that file"))
}

/// The names of all settings, in lower case.
pub(in crate::git) fn settings(file: &gix::config::File) -> impl Iterator<Item = String> + '_ {
    file.sections().flat_map(|section| {
        let header = section.header();
        let name = match header.subsection_name() {
            Some(of) => format!("{}.{of}", header.name()),
            None => header.name().to_string(),
        };
        let names: Vec<String> = section.value_names().collect();
        names
            .into_iter()
            .map(move |value| format!("{name}.{value}").to_lowercase())
    })
}
