//! Checks the paths that a model names: they stay in the worktree, outside git's own files.

use std::io;
use std::path::{Component, Path, PathBuf};

use crate::model::text::excerpt;

/// A worktree.
pub struct Place {
    /// Its folder, with links resolved.
    root: PathBuf,
    /// Git's own folders, with links resolved.
    git_dirs: Vec<PathBuf>,
}

impl Place {
    pub fn new(root: &Path, git_dirs: &[PathBuf]) -> io::Result<Place> {
        Ok(Place {
            root: root.canonicalize()?,
            git_dirs: git_dirs
                .iter()
                .filter_map(|dir| dir.canonicalize().ok())
                .collect(),
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

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

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
        let place = Place::new(&root, &[root.join(".git")]).unwrap();
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
