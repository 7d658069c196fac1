//! Where this repository's hooks are, and who says so: git's configuration read once, with our own
//! entry told apart from what would hold without us. The only file that knows about
//! `core.hooksPath` and the include by which we set it.
//!
//! Our entry does not replace the user's value. It is an include at the end of the repository's
//! configuration, conditional on the place of the repository:
//!
//! - `git config core.hooksPath .husky/_`, which `npm install` runs again and again, then changes
//!   the user's value but not what is effective, so the guard stays on;
//! - a repository that was moved or copied falls back to its own hooks, where a stored absolute
//!   path would silently run none, or those of the other repository;
//! - uninstalling is taking the include out: there is no earlier value to put back wrongly.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::coordinate::changes::{path, split_line};
use crate::error::{Error, Result};
use crate::store::fault;
use crate::store::git::process::Git;
use crate::store::git::repo::Repo;

/// The included file, relative to the common git directory, where the including file is.
const INCLUDED: &str = "pm/hooks.gitconfig";

/// One value of `core.hooksPath`.
#[derive(Clone, Debug)]
pub(super) struct Configured {
    /// The value, `~` expanded; relative to the top of the work tree when relative.
    pub value: OsString,
    /// Whether it came with the command (`git -c`, `GIT_CONFIG_*`) and is gone after it.
    pub transient: bool,
    /// Where it is written, for people.
    pub origin: String,
}

/// Where the hooks of a repository are.
#[derive(Debug)]
pub(super) struct Layout {
    /// The git directory that all work trees share.
    pub common: PathBuf,
    /// The top of the work tree, relative values' base.
    pub top: PathBuf,
    /// What would say where hooks are, were it not for us; none: git's default.
    pub configured: Option<Configured>,
    /// What says where hooks are now; none: git's default.
    pub effective: Option<Configured>,
}

/// The work tree's top and the common directory.
fn places(git: &Git) -> Result<(PathBuf, PathBuf)> {
    // One call; the answer that cannot contain a line end comes first.
    let out = git.require(&["rev-parse", "--show-cdup", "--git-common-dir"])?;
    let (up, common) = split_line(&out.stdout);
    let common = path(common.strip_suffix(b"\n").unwrap_or(common));
    Ok((git.dir().join(path(up)), git.dir().join(common)))
}

impl Layout {
    /// Reads the layout of the repository `git` runs in.
    pub fn of(git: &Git) -> Result<Self> {
        let (top, common) = match git.home() {
            Some(home) => (git.dir().to_path_buf(), home.common_dir.clone()),
            None => places(git)?,
        };
        let common = fs::canonicalize(&common)
            .map_err(|e| Error::io(format!("finding {}", common.display()), e))?;
        let mut layout = Layout {
            top,
            common,
            configured: None,
            effective: None,
        };
        let own = layout.own_folder();
        for found in configured(git)? {
            if Path::new(&found.value) != own && !found.transient {
                layout.configured = Some(found.clone());
            }
            layout.effective = Some(found);
        }
        Ok(layout)
    }

    /// The layout as an open repository shows it, without a process: what lists and overviews ask.
    /// `None` where only git itself can tell what a value means.
    pub fn seen_by(repo: &Repo) -> Option<Self> {
        let mut layout = Layout {
            top: repo.workdir().unwrap_or(repo.git_dir()).to_path_buf(),
            common: repo.common_dir().to_path_buf(),
            configured: None,
            effective: None,
        };
        let own = layout.own_folder();
        for value in repo.config_all("core.hooksPath") {
            if value.starts_with(['~', '%']) {
                return None;
            }
            let found = Configured {
                value: value.into(),
                transient: false,
                origin: String::new(),
            };
            if Path::new(&found.value) != own {
                layout.configured = Some(found.clone());
            }
            layout.effective = Some(found);
        }
        Some(layout)
    }

    /// Git's default hooks folder. Shared by all work trees: the `hooks` folder in a linked work
    /// tree's own git directory is never run.
    pub fn default_folder(&self) -> PathBuf {
        self.common.join("hooks")
    }

    /// Our folder, which stands before another one.
    pub fn own_folder(&self) -> PathBuf {
        self.common.join("pm").join("hooks")
    }

    /// Our notes about what was installed.
    pub fn state_file(&self) -> PathBuf {
        self.common.join("pm").join("hooks.json")
    }

    /// The folder to stand before; none when shims can go into git's default folder.
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

    /// Makes our folder the one git runs. Returns whether anything had to change.
    pub fn point_at_own_folder(&self, git: &Git) -> Result<bool> {
        let file = self.common.join(INCLUDED);
        let text = included_text(&self.own_folder())?;
        let mut changed = false;
        if fs::read(&file).ok().as_deref() != Some(text.as_bytes()) {
            fault::point("hook-include")
                .and_then(|()| fs::write(&file, text))
                .map_err(|e| Error::unwritten(format!("writing {}", file.display()), e))?;
            changed = true;
        }
        let effective = self.effective_folder() == self.own_folder();
        if !changed && effective {
            return Ok(false);
        }
        // Taken out and put in again, so that it is last: of several values the last one counts.
        self.stop_pointing(git, false)?;
        for section in self.sections()? {
            let key = format!("{section}.path");
            git.require(&["config", "--file", &self.config_file()?, &key, INCLUDED])?;
        }
        Ok(true)
    }

    /// Takes our entry out of the configuration, also those of places the repository had before.
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
            fault::point("hook-remove")
                .and_then(|()| fs::remove_file(&file))
                .map_err(|e| Error::unwritten(format!("removing {}", file.display()), e))?;
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
    // Exit code 1 is "not set"; anything else means that git itself could not tell either.
    if !out.ok() && out.code != Some(1) {
        return Err(
            Error::state(format!("cannot read core.hooksPath: {}", out.reason()))
                .hint("look at it with `git config --show-origin --get-all core.hooksPath`"),
        );
    }
    let words: Vec<&[u8]> = out.stdout.split(|b| *b == 0).collect();
    Ok(words
        .chunks_exact(3)
        .map(|entry| Configured {
            value: path(entry[2]).into_os_string(),
            transient: entry[0] == b"command",
            origin: String::from_utf8_lossy(entry[1])
                .trim_start_matches("file:")
                .to_string(),
        })
        .collect())
}

/// The included file's text. The value is quoted: a path may contain `#`, `;` and quotes.
fn included_text(own: &Path) -> Result<String> {
    let value = text(own)?.replace('\\', "\\\\").replace('"', "\\\"");
    Ok(format!(
        "# Written by git pm, included from ../config; `git pm` takes both out again.\n\
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
    .hint("move the repository to a path without line ends, in UTF-8")
}
