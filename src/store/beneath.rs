//! Reading and removing files that an agent may have written, below one folder.
//!
//! No link is followed, nothing but a plain file is opened, no more of it is read than a limit, and
//! what is removed may be of any depth.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, chmodat, fchmod, openat, renameat, unlinkat,
};
use rustix::io::Errno;
use rustix::path::Arg;

use crate::error::{Error, Reason, Result};

/// How a folder is opened.
pub const FOLDER: OFlags = OFlags::DIRECTORY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// The folder `name` in `base`. `base` itself is not the agent's.
///
/// # Errors
/// When it is not there, or a part of `name` is a link.
pub fn folder(base: &Path, name: &Path) -> io::Result<OwnedFd> {
    let mut found = openat(CWD, base, FOLDER, Mode::empty())?;
    for part in name {
        found = openat(&found, part, FOLDER, Mode::empty())?;
    }
    Ok(found)
}

/// Opens the plain file `name` in an open folder, for what `how` says.
pub fn open(at: impl AsFd, name: impl Arg, how: OFlags) -> io::Result<File> {
    // A FIFO without a reader or writer would block.
    let how = how | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file: File = openat(at, name, how, Mode::from_raw_mode(0o666))?.into();
    let found = file.metadata()?;
    match found.is_file() {
        true => Ok(file),
        false if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        false => Err(io::Error::other("it is not a file")),
    }
}

fn whole(file: File, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 <= most {
        true => Ok(bytes),
        false => Err(ErrorKind::FileTooLarge.into()),
    }
}

/// The content of the plain file at a path, if it has at most `most` bytes. Of the path, only the
/// last name may be a link, which is not followed.
pub fn plain(path: &Path, most: u64) -> Option<Vec<u8>> {
    whole(open(CWD, path, OFlags::RDONLY).ok()?, most).ok()
}

/// The content of the file `name` in `base`; `None` if there is none.
///
/// # Errors
/// Reason `task.irregular_file` if it is not a plain file of at most `most` bytes.
pub fn read(base: &Path, name: &str, most: u64) -> Result<Option<Vec<u8>>> {
    let path = Path::new(name);
    let read = folder(base, path.parent().unwrap_or(Path::new("")))
        .and_then(|above| open(above, path.file_name().unwrap_or_default(), OFlags::RDONLY))
        .and_then(|file| whole(file, most));
    match read {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(_) => {
            let shown = base.join(name).display().to_string();
            Err(Error::refused(format!(
                "{shown} is not a plain file of at most {most} bytes"
            ))
            .because(Reason::TaskIrregularFile)
            .about(shown))
        }
    }
}

/// The names in the folder `name` in `base`, at most `most`.
pub fn names(base: &Path, name: &str, most: usize) -> Vec<String> {
    let listed = folder(base, Path::new(name)).and_then(|found| Ok(Dir::read_from(&found)?));
    let names = listed.into_iter().flatten().flatten();
    let names = names.filter_map(|entry| entry.file_name().to_str().ok().map(str::to_string));
    names.take(most).collect()
}

/// The depth and the number of entries up to which a folder is walked.
const WALK: (usize, usize) = (16, 500_000);

/// The plain files below the folder `name` in `base`, relative to it. Whatever else is there that
/// could keep a reader waiting, or lead it elsewhere, is removed.
pub fn plain_files(base: &Path, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = WALK.1;
    if let Ok(top) = folder(base, Path::new(name)) {
        walk(&top, "", WALK.0, &mut left, &mut found);
    }
    found
}

fn walk(at: &OwnedFd, above: &str, depth: usize, left: &mut usize, found: &mut Vec<String>) {
    for entry in Dir::read_from(at).into_iter().flatten().flatten() {
        let Ok(name) = entry.file_name().to_str() else {
            continue;
        };
        if matches!(name, "." | "..") || *left == 0 {
            continue;
        }
        *left -= 1;
        let path = format!("{above}{name}");
        match entry.file_type() {
            FileType::RegularFile => found.push(path),
            FileType::Directory if depth > 0 => {
                if let Ok(inside) = openat(at, name, FOLDER, Mode::empty()) {
                    walk(&inside, &format!("{path}/"), depth - 1, left, found);
                }
            }
            FileType::Directory | FileType::Unknown => {}
            _ => _ = unlinkat(at, name, AtFlags::empty()),
        }
    }
}

/// Removes what is at a path, if there is anything, with all that is in it.
///
/// # Errors
/// When a part of it cannot be removed.
pub fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(_) if std::fs::symlink_metadata(path)?.is_dir() => remove_folder(path),
        done => done,
    }
}

/// The number of folders that are open at a time while one is removed.
const OPEN: usize = 64;

/// What is deeper than [`OPEN`] folders is moved up first: neither the stack, nor the descriptors,
/// nor the length of a path limit the depth.
fn remove_folder(path: &Path) -> io::Result<()> {
    let top = openat(CWD, path, FOLDER, Mode::empty())?;
    let mut open = vec![(Dir::read_from(&top)?, CString::default())];
    let (mut moved, mut seen) = (0u64, 0u64);
    loop {
        let depth = open.len();
        let Some((dir, _)) = open.last_mut() else {
            return std::fs::remove_dir(path);
        };
        let Some(entry) = dir.read().transpose()? else {
            if depth == 1 && seen < moved {
                seen = moved;
                dir.rewind();
            } else if let Some((_, name)) = open.pop()
                && let Some((above, _)) = open.last()
            {
                unlinkat(above.fd()?, &*name, AtFlags::REMOVEDIR)?;
            }
            continue;
        };
        let (at, name) = (dir.fd()?, entry.file_name());
        if name == c"." || name == c".." {
            continue;
        }
        let mut removed = unlinkat(at, name, AtFlags::empty());
        if removed == Err(Errno::ACCESS) {
            // The folder's own mode may forbid it, and its owner may change that.
            fchmod(at, Mode::RWXU)?;
            removed = unlinkat(at, name, AtFlags::empty());
        }
        if !matches!(removed, Err(Errno::ISDIR | Errno::PERM)) {
            removed?;
        } else if depth < OPEN {
            let inside = match openat(at, name, FOLDER, Mode::empty()) {
                Err(Errno::ACCESS) => {
                    chmodat(at, name, Mode::RWXU, AtFlags::empty())?;
                    openat(at, name, FOLDER, Mode::empty())
                }
                opened => opened,
            };
            let inside = Dir::new(inside?)?;
            open.push((inside, name.to_owned()));
        } else {
            moved += 1;
            match renameat(at, name, &top, format!(".deeper-{moved}")) {
                // The name is taken: the next one.
                Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => dir.rewind(),
                done => done?,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    /// h4: a folder of any depth is removed, also where names are taken, and no link is followed.
    #[test]
    fn h4_a_folder_of_any_depth_is_removed() {
        let base = tempfile::tempdir().unwrap();
        let (kept, top) = (base.path().join("kept"), base.path().join("top"));
        fs::create_dir_all(kept.join("inside")).unwrap();
        fs::create_dir(&top).unwrap();
        fs::write(top.join(".deeper-1"), "").unwrap();
        fs::create_dir_all(top.join(".deeper-2/full")).unwrap();
        symlink(&kept, top.join("link")).unwrap();
        let mut at = openat(CWD, &top, FOLDER, Mode::empty()).unwrap();
        for _ in 0..5_000 {
            for name in ["a", "b"] {
                rustix::fs::mkdirat(&at, name, Mode::RWXU).unwrap();
            }
            open(&at, "file", OFlags::CREATE | OFlags::WRONLY).unwrap();
            at = openat(&at, "a", FOLDER, Mode::empty()).unwrap();
        }
        rustix::fs::symlinkat(&kept, &at, "link").unwrap();
        drop(at);
        fs::set_permissions(top.join("a"), fs::Permissions::from_mode(0o000)).unwrap();
        fs::set_permissions(top.join("b"), fs::Permissions::from_mode(0o555)).unwrap();
        remove(&top).unwrap();
        assert!(!top.exists() && kept.join("inside").exists());
        remove(&top).unwrap();
        symlink(&kept, &top).unwrap();
        remove(&top).unwrap();
        assert!(kept.join("inside").exists());
    }
}
