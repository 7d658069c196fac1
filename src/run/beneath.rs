//! Reading files below a folder that an agent writes: no link is followed, nothing but a plain file
//! is read, and no more of it than a limit.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, fstat, open, openat, unlinkat};

use crate::error::{Error, Result};

/// The folder `name` in `base`; `None` if there is none. `base` itself is not the agent's.
fn folder(base: &Path, name: &Path) -> std::io::Result<OwnedFd> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut found = open(base, flags, Mode::empty())?;
    for part in name {
        found = openat(&found, part, flags, Mode::empty())?;
    }
    Ok(found)
}

/// The content of the file `name` in `base`; `None` if there is none.
///
/// # Errors
/// Reason `task.irregular_file` if it is not a plain file of at most `most` bytes.
pub(super) fn read(base: &Path, name: &str, most: u64) -> Result<Option<Vec<u8>>> {
    let path = Path::new(name);
    let above = path.parent().unwrap_or(Path::new(""));
    let opened = folder(base, above).and_then(|above| {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = path.file_name().unwrap_or_default();
        Ok(openat(&above, file, flags, Mode::empty())?)
    });
    let irregular = || {
        let shown = base.join(name);
        Error::refused(format!(
            "{} is not a plain file of at most {most} bytes",
            shown.display()
        ))
        .because("task.irregular_file")
        .about(shown.display().to_string())
    };
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(_) => return Err(irregular()),
    };
    let plain = fstat(&file)
        .is_ok_and(|found| FileType::from_raw_mode(found.st_mode) == FileType::RegularFile);
    let mut bytes = Vec::new();
    let whole = plain
        && File::from(file)
            .take(most.saturating_add(1))
            .read_to_end(&mut bytes)
            .is_ok();
    match whole && bytes.len() as u64 <= most {
        true => Ok(Some(bytes)),
        false => Err(irregular()),
    }
}

/// Makes the file `name` in `base`, which must not exist.
///
/// # Errors
/// When it cannot be made.
pub(super) fn create(base: &Path, name: &str, content: &[u8]) -> Result<()> {
    let path = Path::new(name);
    let above = path.parent().unwrap_or(Path::new(""));
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::WRONLY | OFlags::CLOEXEC;
    let made = folder(base, above).and_then(|above| {
        let file = path.file_name().unwrap_or_default();
        let file = openat(&above, file, flags, Mode::from_raw_mode(0o600))?;
        File::from(file).write_all(content)
    });
    made.map_err(|error| Error::unwritten(format!("cannot create {name}"), error))
}

/// The names in the folder `name` in `base`, at most `most`.
pub(super) fn names(base: &Path, name: &str, most: usize) -> Vec<String> {
    let listed = folder(base, Path::new(name)).and_then(|found| Ok(Dir::read_from(&found)?));
    let names = listed.into_iter().flatten().flatten();
    let names = names.filter_map(|entry| entry.file_name().to_str().ok().map(str::to_string));
    names.take(most).collect()
}

/// The depth and the number of entries up to which a folder is walked.
const WALK: (usize, usize) = (16, 500_000);

/// The plain files below the folder `name` in `base`, relative to it. Whatever else is there that
/// could keep a reader waiting (a FIFO, a socket, a device) is removed.
pub(super) fn plain_files(base: &Path, name: &str) -> Vec<String> {
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
                let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                if let Ok(inside) = openat(at, name, flags, Mode::empty()) {
                    walk(&inside, &format!("{path}/"), depth - 1, left, found);
                }
            }
            FileType::Directory | FileType::Symlink | FileType::Unknown => {}
            _ => _ = unlinkat(at, name, AtFlags::empty()),
        }
    }
}

/// Removes what an agent left under a name.
pub(super) fn remove(path: &Path) -> std::io::Result<()> {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    removed.or_else(|error| match error.kind() {
        ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })
}
