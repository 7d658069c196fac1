//! Where a shim is put in a hooks folder, and where the earlier hook of its name is kept and restored.
//!
//! It is kept in a folder beside the hooks folder, as the same file (a rename keeps bytes, mode and
//! times; a relative link stays valid, as the depth is the same).

use std::fs;
use std::path::{Path, PathBuf};

use super::shim::{self, Owner};
use crate::error::{Error, Hint, Reason, Result};
use crate::store::fault;

/// A folder that git runs, or could run, hooks from.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    before: PathBuf,
}

/// The changes made while shims were installed or removed.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub any: bool,
    /// Notes for the user, a sentence each.
    pub notes: Vec<String>,
}

impl Folder {
    /// The hooks folder at `path`.
    pub fn new(path: PathBuf) -> Self {
        let before = path.with_file_name(shim::BEFORE);
        Folder { path, before }
    }

    /// The path at which git looks for the hook `name`.
    pub fn hook(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The path of the earlier hook that our shim for `name` replaced.
    pub fn before(&self, name: &str) -> PathBuf {
        self.before.join(name)
    }

    /// The path of our shim for `name`.
    ///
    /// The pre-commit framework runs the hook that it found, renamed to `<name>.legacy`, before its
    /// own checks. We use that path also if it was installed first: its script stays where its own
    /// `uninstall` and `install` look for it. (Moved aside and run by us, it would fail once it is
    /// installed a second time, as it would call itself through us.)
    pub fn place(&self, name: &str) -> PathBuf {
        let hook = self.hook(name);
        if shim::owner(&hook) == Owner::PreCommit {
            self.path.join(format!("{name}.legacy"))
        } else {
            hook
        }
    }

    /// Installs a shim for `name`, moving aside an existing hook.
    pub fn put(&self, name: &str, content: &[u8], changes: &mut Changes) -> Result<()> {
        create(&self.path)?;
        let place = self.place(name);
        if shim::owner(&place) == Owner::Other {
            self.move_aside(name, &place, changes)?;
        }
        changes.any |= shim::write(&place, content)?;
        // Another copy of ours: the tool that moved it there would fail on it the next time.
        let aside = self.aside(name);
        if shim::owner(&aside) == Owner::Us {
            remove(&aside)?;
        }
        Ok(())
    }

    /// The path to which lefthook moves an existing hook: when it is installed, and again whenever
    /// its configuration changed.
    pub fn aside(&self, name: &str) -> PathBuf {
        self.path.join(format!("{name}.old"))
    }

    fn move_aside(&self, name: &str, place: &Path, changes: &mut Changes) -> Result<()> {
        if place.is_dir() {
            return Err(Error::state(format!(
                "{} is a folder where git expects a hook",
                place.display()
            ))
            .hint("move or remove it")
            .hint(Hint::run(["init"], "then installs the hook"))
            .because(Reason::HookBlocked));
        }
        create(&self.before)?;
        let before = self.before(name);
        if fs::symlink_metadata(&before).is_ok() {
            if fs::read(&before).ok() == fs::read(place).ok() {
                remove(&before)?;
            } else {
                // The tool that overwrote our shim replaced the hook behind it as well; that file
                // is kept.
                let kept = (1..)
                    .map(|n| self.before.join(format!("{name}.replaced-{n}")))
                    .find(|p| fs::symlink_metadata(p).is_err())
                    .unwrap_or_else(|| before.clone());
                rename(&before, &kept)?;
                changes.notes.push(format!(
                    "the hook {name} was replaced by another tool; the earlier one is kept in {} \
                     and not run",
                    kept.display()
                ));
            }
        }
        changes.any = true;
        rename(place, &before)
    }

    /// Links the hooks' helper files beside the hooks that were moved aside, so that one that
    /// reads `$(dirname "$0")/common.sh` still finds it.
    pub fn link_helpers(&self, shims: &[&str], changes: &mut Changes) -> Result<()> {
        if !shims.iter().any(|name| self.before(name).exists()) {
            return Ok(());
        }
        for name in names(&self.path) {
            let ours = shims
                .iter()
                .any(|s| name == *s || name.strip_prefix(s) == Some(".legacy"));
            let link = self.before.join(&name);
            if ours || name.ends_with(".sample") || fs::symlink_metadata(&link).is_ok() {
                continue;
            }
            let target = Path::new("..")
                .join(self.path.file_name().unwrap_or_default())
                .join(&name);
            std::os::unix::fs::symlink(target, &link)
                .map_err(|e| Error::unwritten(format!("cannot link {}", link.display()), e))?;
            changes.any = true;
        }
        Ok(())
    }

    /// Removes the shim for `name` and restores the earlier hook.
    pub fn take(&self, name: &str, changes: &mut Changes) -> Result<()> {
        let before = self.before(name);
        for place in [self.hook(name), self.path.join(format!("{name}.legacy"))] {
            if shim::owner(&place) != Owner::Us {
                continue;
            }
            remove(&place)?;
            changes.any = true;
            if fs::symlink_metadata(&before).is_ok() {
                rename(&before, &place)?;
            }
        }
        if fs::symlink_metadata(&before).is_ok() {
            let place = self.place(name);
            if shim::owner(&place) == Owner::Free {
                // The user deleted our shim.
                rename(&before, &place)?;
                changes.any = true;
            } else {
                changes.notes.push(format!(
                    "another tool replaced the hook {name}; the earlier one stays in {}",
                    before.display()
                ));
            }
        }
        Ok(())
    }

    /// All shims of ours in this folder, by hook name.
    pub fn shims(&self) -> Vec<String> {
        let mut found: Vec<String> = names(&self.path)
            .into_iter()
            .filter(|name| shim::owner(&self.path.join(name)) == Owner::Us)
            .map(|name| name.strip_suffix(".legacy").unwrap_or(&name).to_string())
            .collect();
        // A deleted shim still has its earlier hook in the folder beside.
        found.extend(
            names(&self.before)
                .into_iter()
                .filter(|name| !name.contains(".replaced-") && !self.before.join(name).is_symlink())
                .filter(|name| shim::owner(&self.place(name)) == Owner::Free),
        );
        found.sort();
        found.dedup();
        found
    }

    /// Removes our helper links, the folder beside if it is empty, and the hooks folder itself if
    /// we made it.
    pub fn tidy(&self, made: bool) -> Result<()> {
        for name in names(&self.before) {
            let link = self.before.join(&name);
            let up = Path::new("..").join(self.path.file_name().unwrap_or_default());
            if fs::read_link(&link).is_ok_and(|target| target == up.join(&name)) {
                remove(&link)?;
            }
        }
        // Fails if the folder is not empty, and then it must stay.
        let _ = fs::remove_dir(&self.before);
        if made {
            let _ = fs::remove_dir(&self.path);
        }
        Ok(())
    }
}

/// The names in a folder, sorted; none if there is no folder. Names of hooks are UTF-8.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

fn create(folder: &Path) -> Result<()> {
    fault::point("hook-folder")
        .and_then(|()| fs::create_dir_all(folder))
        .map_err(|e| Error::unwritten(format!("cannot create the folder {}", folder.display()), e))
}

pub(super) fn remove(path: &Path) -> Result<()> {
    fault::point("hook-remove")
        .and_then(|()| fs::remove_file(path))
        .map_err(|e| Error::unwritten(format!("cannot remove {}", path.display()), e))
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fault::point("hook-move")
        .and_then(|()| fs::rename(from, to))
        .map_err(|e| Error::unwritten(format!("cannot move {}", from.display()), e))
}
