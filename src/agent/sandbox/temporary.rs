//! Where the temporary files of a sandbox are.
//!
//! It is not in the private directory, whose path is too long for the sockets that many programs make
//! there.
//!
//! Its name is random, and its path, device and inode are noted beside the private directory, where
//! no agent can write. An agent that replaces it, or opens it to others, gets a new one.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::store::beneath;

/// The folder for an agent with this private directory: the same one as long as nothing about it
/// changes.
///
/// # Errors
/// If it cannot be created.
pub(super) fn temporary(private: &Path, env: &BTreeMap<String, OsString>) -> Result<PathBuf> {
    match noted(private) {
        Some((folder, true)) => return Ok(folder),
        // What an agent made of it may lead anywhere.
        Some((_, false)) => remove_temporary(private),
        None => {}
    }
    let base = super::folder(env, "TMPDIR").unwrap_or_else(|| "/tmp".into());
    create(private, &base).map_err(|error| {
        Error::unwritten(
            format!("cannot create a private folder in {}", base.display()),
            error,
        )
    })
}

/// Removes the folder, with what is in it, if there is one. Links are not followed.
pub(crate) fn remove_temporary(private: &Path) {
    if let Some((folder, _)) = noted(private) {
        // One that cannot be removed only costs space.
        let _ = beneath::remove(&folder);
    }
    let _ = fs::remove_file(note(private));
}

fn create(private: &Path, base: &Path) -> io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    let name = format!("git-pm-{:016x}", u64::from_le_bytes(random));
    let folder = base.canonicalize()?.join(name);
    fs::DirBuilder::new().mode(0o700).create(&folder)?;
    let made = fs::symlink_metadata(&folder)?;
    let mut noted = format!("{} {} ", made.dev(), made.ino()).into_bytes();
    noted.extend(folder.as_os_str().as_bytes());
    if let Some(parent) = private.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(note(private), noted)?;
    Ok(folder)
}

/// The file that identifies the folder.
fn note(private: &Path) -> PathBuf {
    private.with_extension("tmp")
}

/// The folder that was made for this private directory; true if it still is that one and only this
/// user has access.
fn noted(private: &Path) -> Option<(PathBuf, bool)> {
    let noted = fs::read(note(private)).ok()?;
    let mut parts = noted.splitn(3, |byte| *byte == b' ');
    let mut number = || std::str::from_utf8(parts.next()?).ok()?.parse::<u64>().ok();
    let made = (number()?, number()?);
    let folder = PathBuf::from(OsStr::from_bytes(parts.next()?));
    let found = match fs::symlink_metadata(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        found => found.ok()?,
    };
    let of_this_user = found.uid() == rustix::process::geteuid().as_raw();
    let is_same = found.is_dir() && (found.dev(), found.ino()) == made;
    Some((folder, is_same && of_this_user && found.mode() & 0o077 == 0))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn a_folder_that_was_changed_is_not_used_again() {
        let base = tempfile::tempdir().unwrap();
        let private = base.path().join("agents/private");
        let env = [("TMPDIR".to_string(), base.path().into())].into();
        let first = temporary(&private, &env).unwrap();
        assert_eq!(first.parent(), Some(&*base.path().canonicalize().unwrap()));
        assert_eq!(temporary(&private, &env).unwrap(), first);
        fs::set_permissions(&first, fs::Permissions::from_mode(0o777)).unwrap();
        let second = temporary(&private, &env).unwrap();
        assert_ne!(second, first);
        assert!(!first.exists());
        // Replaced by a link, and by another folder.
        let victim = base.path().join("victim");
        fs::create_dir(&victim).unwrap();
        fs::write(victim.join("kept"), "").unwrap();
        fs::remove_dir(&second).unwrap();
        symlink(&victim, &second).unwrap();
        let third = temporary(&private, &env).unwrap();
        assert_ne!(third, second);
        fs::rename(&third, base.path().join("moved")).unwrap();
        fs::DirBuilder::new().mode(0o700).create(&third).unwrap();
        let fourth = temporary(&private, &env).unwrap();
        assert_ne!(fourth, third);
        remove_temporary(&private);
        assert!(!fourth.exists() && victim.join("kept").exists());
    }
}
