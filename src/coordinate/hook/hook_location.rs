//! Which folder our hooks are installed in, beside or before existing hooks (`core.hooksPath`).
//!
//! Git's configuration is read once, with our own entry separate from the value without us. The only
//! file that knows about `core.hooksPath` and the include by which we set it.
//!
//! Our entry does not replace the user's value. It is an include at the end of the repository's
//! configuration, conditional on the path of the repository:
//!
//! - `git config core.hooksPath .husky/_`, which `npm install` runs again and again, then changes
//!   the user's value but not what is effective, so the guard stays on;
//! - a repository that was moved or copied falls back to its own hooks, where a stored absolute
//!   path would silently run none, or those of the other repository;
//! - uninstalling removes the include: there is no earlier value that could be restored wrongly.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::previous_hooks::remove;
use super::shim;
use crate::coordinate::changes::top_and;
use crate::error::{Error, Hint, Reason, Result};
use crate::store::fault;
use crate::store::git::process::{Git, path_of_bytes};
use crate::store::git::repo::Repo;
use crate::store::shared_files;

/// The included file, relative to the common git directory, where the including file is.
const INCLUDED: &str = "pm/hooks.gitconfig";

/// One value of `core.hooksPath`.
#[derive(Clone, Debug)]
pub(super) struct Configured {
    /// The value, `~` expanded; relative to the top of the work tree when relative.
    pub value: OsString,
    /// Set if it was given for this command only (`git -c`, `GIT_CONFIG_*`).
    pub transient: bool,
    /// The file or variable that has it, for messages.
    pub origin: String,
}

/// The location of a repository's hooks.
#[derive(Debug)]
pub(super) struct Layout {
    /// The git directory that all work trees share.
    pub common: PathBuf,
    /// The top of the work tree, to which values are relative.
    pub top: PathBuf,
    /// The value without our entry; none: git's default.
    pub configured: Option<Configured>,
    /// The value in effect; none: git's default.
    pub effective: Option<Configured>,
}

impl Layout {
    /// Reads the layout of the repository `git` runs in.
    pub fn of(git: &Git) -> Result<Self> {
        Layout::among(git, configured(git)?)
    }

    fn among(git: &Git, values: Vec<Configured>) -> Result<Self> {
        let (top, common) = match git.home() {
            Some(home) => (git.dir().to_path_buf(), home.common_dir.clone()),
            None => {
                let (up, common) = top_and(git, &["--git-common-dir"])?;
                (git.dir().join(up), git.dir().join(common))
            }
        };
        let common = fs::canonicalize(&common)
            .map_err(|e| Error::io(format!("cannot find {}", common.display()), e))?;
        Ok(Layout::with(top, common, values))
    }

    /// The layout from an open repository, without a process, for lists and overviews. `None` if
    /// only git itself can interpret a value.
    pub fn seen_by(repo: &Repo) -> Option<Self> {
        let top = repo.workdir().unwrap_or(repo.git_dir()).to_path_buf();
        let values = repo.config_all("core.hooksPath");
        if values.iter().any(|value| value.starts_with(['~', '%'])) {
            return None;
        }
        let values = values.into_iter().map(|value| Configured {
            value: value.into(),
            transient: false,
            origin: String::new(),
        });
        Some(Layout::with(top, repo.common_dir().into(), values))
    }

    fn with(top: PathBuf, common: PathBuf, all: impl IntoIterator<Item = Configured>) -> Self {
        let mut layout = Layout {
            top,
            common,
            configured: None,
            effective: None,
        };
        let own = layout.own_folder();
        for found in all {
            if Path::new(&found.value) != own && !found.transient {
                layout.configured = Some(found.clone());
            }
            layout.effective = Some(found);
        }
        layout
    }

    /// Git's default hooks folder. Shared by all work trees: the `hooks` folder in a linked work
    /// tree's own git directory is never run.
    pub fn default_folder(&self) -> PathBuf {
        self.common.join("hooks")
    }

    /// Our folder, which runs before another one.
    pub fn own_folder(&self) -> PathBuf {
        self.common.join("pm").join("hooks")
    }

    /// Our notes about what was installed.
    pub fn state_file(&self) -> PathBuf {
        self.common.join("pm").join("hooks.json")
    }

    /// The other hooks folder that ours runs before; none if shims can be in git's default folder.
    ///
    /// The default folder is preferred: with any `core.hooksPath` set, `pre-commit install` refuses
    /// to work, and tools that write to `.git/hooks` by name are not run. It is left alone where it
    /// leads out of the repository's own directory (a link to a tracked folder, or to one that
    /// several repositories share).
    pub fn in_front_of(&self) -> Option<OsString> {
        let default = self.default_folder();
        if let Some(configured) = &self.configured
            && Path::new(&configured.value) != default
        {
            return Some(configured.value.clone());
        }
        match fs::canonicalize(&default) {
            Ok(real) if !real.starts_with(&self.common) => Some(default.into_os_string()),
            _ => None,
        }
    }

    /// The folder whose hooks git runs now.
    pub fn effective_folder(&self) -> PathBuf {
        match &self.effective {
            Some(found) => self.top.join(&found.value),
            None => self.default_folder(),
        }
    }

    /// Makes git run our folder. Returns true if anything had to change.
    pub fn point_at_own_folder(&self, git: &Git) -> Result<bool> {
        let file = self.common.join(INCLUDED);
        let text = included_text(&self.own_folder())?;
        let mut changed = false;
        if fs::read(&file).ok().as_deref() != Some(text.as_bytes()) {
            fault::point("hook-include")
                .and_then(|()| fs::write(&file, text))
                .inspect(|()| shared_files::share(&file))
                .map_err(|e| Error::unwritten(format!("cannot write {}", file.display()), e))?;
            changed = true;
        }
        let effective = self.effective_folder() == self.own_folder();
        if !changed && effective {
            return Ok(false);
        }
        // Removed and added again, so that it is last: the last of several values counts.
        self.stop_pointing(git, false)?;
        for section in self.sections()? {
            let key = format!("{section}.path");
            git.require(&["config", "--file", &self.config_file()?, &key, INCLUDED])?;
        }
        Ok(true)
    }

    /// Removes our entry from the configuration, also those for former paths of the repository.
    pub fn stop_pointing(&self, git: &Git, with_file: bool) -> Result<bool> {
        let config = self.config_file()?;
        let pattern = r"^includeif\.gitdir:.*\.path$";
        let found = git.run(&["config", "--file", &config, "-z", "--get-regexp", pattern])?;
        let mut changed = false;
        for entry in String::from_utf8_lossy(&found.stdout).split('\0') {
            if let Some((key, INCLUDED)) = entry.split_once('\n')
                && let Some(place) = key.strip_prefix("includeif.")
                && let Some(place) = place.strip_suffix(".path")
            {
                // Git lists the name in lower case, but removes it only as it is written.
                let section = format!("includeIf.{place}");
                git.require(&["config", "--file", &config, "--remove-section", &section])?;
                changed = true;
            }
        }
        let file = self.common.join(INCLUDED);
        if with_file && file.exists() {
            remove(&file)?;
            changed = true;
        }
        Ok(changed)
    }

    /// The configuration as an argument of git, where a path may hold line ends too.
    fn config_file(&self) -> Result<String> {
        let file = self.common.join("config");
        file.to_str()
            .map(str::to_string)
            .ok_or_else(|| not_text(&file))
    }

    /// The conditions under which the include holds: this git directory, and those of its linked
    /// work trees. (`gitdir:X/` alone does not match X itself.)
    fn sections(&self) -> Result<[String; 2]> {
        let mut pattern = String::new();
        for c in text(&self.common)?.chars() {
            if matches!(c, '[' | ']' | '*' | '?' | '\\') {
                pattern.push('\\');
            }
            pattern.push(c);
        }
        Ok([
            format!("includeIf.gitdir:{pattern}"),
            format!("includeIf.gitdir:{pattern}/"),
        ])
    }
}

/// The folders of the hooks that are not git pm's, by their names, as far as git runs them: in place of
/// ours, or before them.
pub(crate) fn users_hooks(git: &Git) -> impl Fn(&str) -> Option<PathBuf> {
    let layout = Layout::of(git).ok();
    move |name| {
        let layout = layout.as_ref()?;
        let is_users = |folder: &PathBuf| {
            let file = folder.join(name);
            shim::runnable(&file) && shim::owner(&file) != shim::Owner::Us
        };
        let effective = layout.effective_folder();
        if shim::owner(&effective.join(name)) != shim::Owner::Us {
            return Some(effective).filter(is_users);
        }
        let before = layout.common.join(shim::BEFORE);
        let other = layout.in_front_of().map(|folder| layout.top.join(folder));
        [Some(before), other].into_iter().flatten().find(is_users)
    }
}

/// All values of `core.hooksPath`, in the order in which git reads them: the last one counts.
fn configured(git: &Git) -> Result<Vec<Configured>> {
    let out = git.run(&[
        "config",
        "--type=path",
        "-z",
        "--show-scope",
        "--show-origin",
        "--get-all",
        "core.hooksPath",
    ])?;
    // Exit code 1 is "not set"; any other is an error.
    if !out.ok() && out.code != Some(1) {
        return Err(
            Error::state(format!("cannot read core.hooksPath: {}", out.reason()))
                .hint(Hint::git(
                    ["config", "--show-origin", "--get-all", "core.hooksPath"],
                    "shows its values",
                ))
                .because(Reason::HookUnreadable),
        );
    }
    let words: Vec<&[u8]> = out.stdout.split(|b| *b == 0).collect();
    Ok(words
        .chunks_exact(3)
        .map(|entry| Configured {
            value: path_of_bytes(entry[2]).into_os_string(),
            transient: entry[0] == b"command",
            origin: String::from_utf8_lossy(entry[1])
                .trim_start_matches("file:")
                .to_string(),
        })
        .collect())
}

/// The folders whose hooks git runs, as seen from the top of a work tree.
///
/// # Errors
/// When the configuration cannot be read.
pub(crate) fn hook_folders(git: &Git, top: &Path) -> Result<Vec<PathBuf>> {
    let all = configured(git)?;
    let values: Vec<OsString> = all.iter().map(|found| found.value.clone()).collect();
    let layout = Layout::among(git, all)?;
    Ok(values
        .into_iter()
        .chain(layout.in_front_of())
        .map(|value| top.join(value))
        .collect())
}

/// The included file's text. The value is quoted: a path may contain `#`, `;` and quotes.
fn included_text(own: &Path) -> Result<String> {
    let value = text(own)?.replace('\\', "\\\\").replace('"', "\\\"");
    Ok(format!(
        "# Written by git pm, included from ../config; `git pm hook uninstall` removes both.\n\
         [core]\n\thooksPath = \"{value}\"\n"
    ))
}

/// A path as text, for git's configuration.
fn text(path: &Path) -> Result<String> {
    match path.to_str() {
        Some(text) if !text.contains('\n') => Ok(text.to_string()),
        _ => Err(not_text(path)),
    }
}

fn not_text(path: &Path) -> Error {
    Error::state(format!(
        "the repository's path {} has bytes that git's configuration cannot hold",
        path.display()
    ))
    .hint("move the repository to a UTF-8 path without line breaks")
}
