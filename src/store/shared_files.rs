//! The modes of new files and folders in a repository that several users share.
//!
//! It is set by `core.sharedRepository`, and they are as git gives them. Elsewhere the umask decides,
//! and nothing here does anything.

use std::collections::BTreeMap;
use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use rustix::fs::{CWD, Mode, OFlags, openat};

/// The folders of repositories that this process opened and that are shared. Kept here, as files are
/// written by functions that know a path and no repository.
static SHARED: RwLock<BTreeMap<PathBuf, Access>> = RwLock::new(BTreeMap::new());

/// The access to files that the setting gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// In addition to what the umask leaves.
    AtLeast(u32),
    /// Whatever the umask is.
    Exactly(u32),
}

impl Access {
    /// The access that a value of the setting gives; `None` if it leaves it to the umask, or is
    /// one that git refuses.
    fn of(setting: &str) -> Option<Access> {
        let (group, all) = (Access::AtLeast(0o660), Access::AtLeast(0o664));
        match setting.to_lowercase().as_str() {
            "group" | "true" | "yes" | "on" | "1" => Some(group),
            "all" | "world" | "everybody" | "2" => Some(all),
            octal => match u32::from_str_radix(octal, 8) {
                Ok(mode) if mode & 0o600 == 0o600 => Some(Access::Exactly(mode & 0o666)),
                _ => None,
            },
        }
    }

    /// The mode of a new file or folder that has the mode `old`.
    fn mode(self, old: u32, is_folder: bool) -> u32 {
        let (Access::AtLeast(mut bits) | Access::Exactly(mut bits)) = self;
        if old & 0o200 == 0 {
            bits &= !0o222;
        }
        // Who can read a folder or a program can use it.
        if old & 0o100 != 0 {
            bits |= (bits & 0o444) >> 2;
        }
        let kept = match self {
            Access::AtLeast(_) => old,
            Access::Exactly(_) => old & !0o777,
        };
        let group = is_folder && bits & 0o060 != 0;
        kept | bits | if group { 0o2000 } else { 0 }
    }
}

/// Notes the value of `core.sharedRepository` that holds below a folder.
pub fn note(folder: &Path, setting: Option<&str>) {
    let access = setting.and_then(Access::of);
    if of(folder) == access {
        return;
    }
    let mut shared = SHARED.write().unwrap_or_else(PoisonError::into_inner);
    match access {
        Some(access) => shared.insert(folder.to_path_buf(), access),
        None => shared.remove(folder),
    };
}

/// The access that others get to what is at a path.
fn of(path: &Path) -> Option<Access> {
    let shared = SHARED.read().unwrap_or_else(PoisonError::into_inner);
    let above = shared
        .iter()
        .rev()
        .find(|(folder, _)| path.starts_with(folder));
    above.map(|(_, access)| *access)
}

/// Gives a file or folder that this process made the mode that the repository wants. Where the
/// file system has none, the umask's stays, and a link is not followed.
pub fn share(path: &Path) {
    let Some(access) = of(path) else {
        return;
    };
    let how = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let set = |file: File| {
        let found = file.metadata()?;
        let old = found.permissions().mode() & 0o7777;
        match access.mode(old, found.is_dir()) {
            new if new == old => Ok(()),
            new => file.set_permissions(Permissions::from_mode(new)),
        }
    };
    let opened = openat(CWD, path, how, Mode::empty());
    let _ = opened
        .map_err(io::Error::from)
        .and_then(|fd| set(fd.into()));
}

/// Creates a folder and those above it that are missing.
///
/// # Errors
/// When one cannot be created.
pub fn create_dir_all(folder: &Path) -> io::Result<()> {
    let above = folder.ancestors().filter(|_| of(folder).is_some());
    let missing: Vec<&Path> = above.take_while(|above| !above.exists()).collect();
    std::fs::create_dir_all(folder)?;
    missing.into_iter().for_each(share);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_those_that_git_gives() {
        let of = |setting, old, is_folder| {
            Access::of(setting).map_or(old, |access| access.mode(old, is_folder))
        };
        assert_eq!(of("umask", 0o644, false), 0o644);
        assert_eq!(of("0", 0o644, false), 0o644);
        assert_eq!(of("false", 0o700, true), 0o700);
        assert_eq!(of("group", 0o644, false), 0o664);
        assert_eq!(of("1", 0o755, true), 0o2775);
        assert_eq!(of("true", 0o400, false), 0o440);
        assert_eq!(of("world", 0o600, false), 0o664);
        assert_eq!(of("0640", 0o644, false), 0o640);
        assert_eq!(of("0640", 0o444, false), 0o440);
        assert_eq!(of("0640", 0o755, true), 0o2750);
        assert_eq!(of("0600", 0o755, true), 0o700);
    }
}
