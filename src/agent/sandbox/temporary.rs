//! The folder of temporary files. It is not in the private directory, whose path is too long for
//! the sockets that many programs make there.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The folder for an agent with this private directory: always the same one, created if missing.
///
/// # Errors
/// If it cannot be created.
pub(crate) fn temporary(private: &Path, env: &BTreeMap<String, OsString>) -> Result<PathBuf> {
    let base = super::folder(env, "TMPDIR").unwrap_or_else(|| "/tmp".into());
    let mut hasher = DefaultHasher::new();
    private.hash(&mut hasher);
    let short = base.join(format!("git-pm-{:016x}", hasher.finish()));
    let _ = std::fs::DirBuilder::new().mode(0o700).create(&short);
    if is_private(&short) {
        return Ok(short);
    }
    // Another user may have created it.
    let inside = private.join("tmp");
    std::fs::create_dir_all(&inside)
        .map_err(|error| Error::unwritten(format!("cannot create {}", inside.display()), error))?;
    Ok(inside)
}

/// True for a folder of this user that others cannot access.
fn is_private(folder: &Path) -> bool {
    std::fs::symlink_metadata(folder).is_ok_and(|found| {
        let of_this_user = found.uid() == rustix::process::geteuid().as_raw();
        found.is_dir() && of_this_user && found.mode() & 0o077 == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_others_is_not_used() {
        let base = tempfile::tempdir().unwrap();
        let private = base.path().join("private");
        let env = [("TMPDIR".to_string(), base.path().into())].into();
        let short = temporary(&private, &env).unwrap();
        assert_eq!(short.parent(), Some(base.path()));
        assert_eq!(temporary(&private, &env).unwrap(), short);
        std::fs::remove_dir(&short).unwrap();
        // As another user could have prepared it.
        std::os::unix::fs::symlink("/etc", &short).unwrap();
        assert_eq!(temporary(&private, &env).unwrap(), private.join("tmp"));
        std::fs::remove_file(&short).unwrap();
        std::fs::DirBuilder::new()
            .mode(0o755)
            .create(&short)
            .unwrap();
        assert_eq!(temporary(&private, &env).unwrap(), private.join("tmp"));
    }
}
