//! Checks the paths that a model or a transcript names: they stay in the worktree, outside git's own files.
//!
//! A file is opened by descriptors from the worktree's folder on, so that nothing that the model's
//! commands leave running can exchange a folder for a link in between.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Mode, OFlags, mkdirat, openat};
use rustix::io::Errno;

use crate::model::text::excerpt;
use crate::store::beneath;

/// A worktree.
pub struct Place {
    /// Its folder, open.
    folder: OwnedFd,
    /// Its folder, with links resolved.
    root: PathBuf,
    /// Git's own folders, with links resolved.
    git_dirs: Vec<PathBuf>,
}

impl Place {
    pub fn new(root: &Path, git_dirs: &[&Path]) -> io::Result<Place> {
        let root = root.canonicalize()?;
        Ok(Place {
            folder: File::open(&root)?.into(),
            root,
            git_dirs: git_dirs.iter().flat_map(|dir| dir.canonicalize()).collect(),
        })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The path below the root that a text denotes, without accessing the disk, or the reason why
    /// it denotes none.
    pub fn below(&self, written: &str) -> Result<PathBuf, String> {
        let shown = || excerpt(written, 200);
        let path = Path::new(written);
        let path = match path.strip_prefix(&self.root) {
            Ok(rest) => rest,
            Err(_) if path.is_absolute() => {
                return Err(format!("`{}` is outside the worktree", shown()));
            }
            Err(_) => path,
        };
        let mut below = PathBuf::new();
        for part in path.components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir if below.pop() => {}
                Component::Normal(name) => {
                    let plain = name.to_string_lossy().to_ascii_lowercase();
                    // Some file systems ignore trailing dots and spaces.
                    let plain = plain.trim_end_matches(['.', ' ']);
                    if plain == ".git" || plain == "git~1" || written.contains('\0') {
                        return Err(format!("`{}` belongs to git itself", shown()));
                    }
                    below.push(name);
                }
                _ => return Err(format!("`{}` is outside the worktree", shown())),
            }
        }
        Ok(below)
    }

    /// The existing file that a text denotes, with links resolved.
    pub fn existing(&self, written: &str) -> Result<PathBuf, String> {
        let path = self.root.join(self.below(written)?);
        let shown = excerpt(written, 200);
        let found = path.canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!("`{shown}` does not exist"),
            _ => format!("`{shown}` cannot be read: {error}"),
        })?;
        self.inside(found, &shown)
    }

    /// The file that a text denotes, which need not exist, with links resolved.
    pub fn to_write(&self, written: &str) -> Result<PathBuf, String> {
        let below = self.below(written)?;
        let shown = excerpt(written, 200);
        let mut found = self.root.clone();
        let mut parts = below.components().peekable();
        while let Some(part) = parts.next() {
            let next = found.join(part);
            found = match next.symlink_metadata() {
                Ok(_) => {
                    let next = next
                        .canonicalize()
                        .map_err(|_| format!("`{shown}` is a dangling link"))?;
                    self.inside(next, &shown)?
                }
                Err(_) => next.join(parts.by_ref().collect::<PathBuf>()),
            };
        }
        // Joining an empty path adds a separator.
        Ok(found.components().collect())
    }

    /// Opens a path that was found by [`Place::existing`] or [`Place::to_write`], to read it or, with
    /// missing folders created, to write it. No link is followed, and nothing but a regular file is
    /// opened.
    pub fn open(&self, path: &Path, writes: bool) -> io::Result<File> {
        let below = path.strip_prefix(&self.root).map_err(io::Error::other)?;
        let name = below.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        let mut at = self.folder.try_clone()?;
        for part in below.parent().into_iter().flatten() {
            if writes {
                match mkdirat(&at, part, Mode::from_raw_mode(0o777)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            at = openat(&at, part, beneath::FOLDER, Mode::empty())?;
        }
        let how = match writes {
            true => OFlags::WRONLY | OFlags::CREATE,
            false => OFlags::RDONLY,
        };
        beneath::open(&at, name, how)
    }

    fn inside(&self, path: PathBuf, shown: &str) -> Result<PathBuf, String> {
        if !path.starts_with(&self.root) {
            return Err(format!(
                "`{shown}` is a link that leads outside the worktree"
            ));
        }
        if self.git_dirs.iter().any(|dir| path.starts_with(dir)) {
            return Err(format!("`{shown}` belongs to git itself"));
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// m1: a folder that is exchanged for a link, again and again, leads no write outside.
    #[cfg(target_os = "linux")]
    #[test]
    fn m1_an_exchanged_folder_leads_nowhere() {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use std::io::Write as _;
        use std::sync::atomic::{AtomicBool, Ordering};

        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().canonicalize().unwrap();
        let (root, victim) = (base.join("tree"), base.join("victim"));
        fs::create_dir_all(root.join("d")).unwrap();
        fs::create_dir(&victim).unwrap();
        fs::write(victim.join("f"), "kept").unwrap();
        symlink(&victim, root.join("e")).unwrap();
        let place = Place::new(&root, &[]).unwrap();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    let (d, e) = (root.join("d"), root.join("e"));
                    renameat_with(CWD, d, CWD, e, RenameFlags::EXCHANGE).unwrap();
                }
            });
            let mut written = 0;
            for _ in 0..3_000 {
                let Ok(path) = place.to_write("d/new/f") else {
                    continue;
                };
                written += usize::from(
                    place
                        .open(&path, true)
                        .and_then(|mut file| file.write_all(b"model"))
                        .is_ok(),
                );
            }
            over.store(true, Ordering::Relaxed);
            assert!(written > 0);
        });
        assert_eq!(fs::read_dir(&victim).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(victim.join("f")).unwrap(), "kept");
    }

    /// A path out of the worktree is refused, in every spelling and through every link.
    #[test]
    fn paths_stay_in_the_worktree() {
        let dir = tempfile::tempdir().unwrap();
        let base = dir.path().canonicalize().unwrap();
        let root = base.join("tree");
        for folder in ["tree/src", "tree/.git", "outside"] {
            fs::create_dir_all(base.join(folder)).unwrap();
        }
        fs::write(root.join("src/a.rs"), "a").unwrap();
        fs::write(base.join("outside/secret"), "s").unwrap();
        symlink(base.join("outside"), root.join("out")).unwrap();
        symlink("../outside/secret", root.join("file")).unwrap();
        symlink("src/a.rs", root.join("inner")).unwrap();
        symlink(base.join("outside/new"), root.join("dangling")).unwrap();
        symlink(".git", root.join("dot")).unwrap();
        symlink("/", root.join("slash")).unwrap();
        let place = Place::new(&root, &[&root.join(".git")]).unwrap();
        let inner = root.join("src/a.rs");
        for good in ["src/a.rs", "./src/../src/a.rs", "inner", "src//a.rs"] {
            assert_eq!(place.existing(good), Ok(inner.clone()), "{good}");
            assert_eq!(place.to_write(good), Ok(inner.clone()), "{good}");
        }
        assert_eq!(place.existing(inner.to_str().unwrap()), Ok(inner));
        assert_eq!(
            place.to_write("new/deep/b.rs"),
            Ok(root.join("new/deep/b.rs"))
        );
        for bad in [
            "../outside/secret",
            "src/../../outside/secret",
            "/etc/passwd",
            "out/secret",
            "out/new",
            "file",
            "dangling",
            "slash/etc/passwd",
            ".git/config",
            ".GIT/hooks/pre-commit",
            "src/../.git/config",
            ".git. /config",
            "dot/config",
            "dot",
            "sub/.git/config",
            "a\0b",
        ] {
            assert!(place.existing(bad).is_err(), "{bad}");
            assert!(
                place.to_write(bad).is_err(),
                "{bad}: {:?}",
                place.to_write(bad)
            );
        }
        assert!(
            place
                .existing("src/none")
                .unwrap_err()
                .contains("does not exist")
        );
    }
}
