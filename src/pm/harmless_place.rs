//! The places where an agent may have text of the state written: none where it may run later.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::Result;
use crate::model::authority::runs_later;
use crate::model::text::excerpt;
use crate::pm::Pm;
use crate::store::env::Env;
use crate::store::git::repo::Repo;

impl Pm {
    /// The root of the worktree of this repository that a path lies in, with links resolved,
    /// whatever the environment says.
    pub(crate) fn worktree_around(&self, real: &Path) -> Option<PathBuf> {
        let mut env = Env {
            cwd: real.ancestors().find(|one| one.is_dir())?.to_path_buf(),
            ..self.store.env().clone()
        };
        env.vars.retain(|name, _| !name.starts_with("GIT_"));
        let there = Repo::open(&env).ok()?;
        let is_own = there.common_dir() == self.store.repo().common_dir();
        let root = there.workdir().filter(|_| is_own)?.canonicalize().ok()?;
        real.starts_with(&root).then_some(root)
    }

    /// Refuses to let an agent write a file of the state to a place where it may run later, or
    /// instruct a program. Only the part of the path that this worktree does not share counts.
    ///
    /// # Errors
    /// When the caller is an agent, and the place is one of them.
    pub(crate) fn require_harmless(&self, path: &Path) -> Result<()> {
        if !self.actor.is_bound {
            return Ok(());
        }
        let cwd = &self.store.env().cwd;
        let real = real_path(&cwd.join(path));
        // A link of that name may lead anywhere.
        let asked = match path.is_relative() {
            true => path,
            false => path.strip_prefix(cwd).unwrap_or(Path::new("")),
        };
        let own = self.store.repo().workdir();
        let root = self.worktree_around(&real);
        let root = root
            .or_else(|| own?.canonicalize().ok())
            .unwrap_or_default();
        let mut shared = root.components();
        let below: PathBuf = real
            .components()
            .skip_while(|part| shared.next() == Some(*part))
            .collect();
        let is_gits = real.starts_with(self.store.repo().common_dir());
        if !(is_gits || runs_later(&below) || runs_later(asked)) {
            return Ok(());
        }
        let shown = excerpt(&path.display().to_string(), 80);
        Err(self
            .actor
            .refusal(&format!("writing `{shown}`, which programs run or obey,"))
            .hint("write to another path, and ask a human to move the file"))
    }
}

/// A path with the links of those parts resolved that exist.
fn real_path(path: &Path) -> PathBuf {
    let mut missing: Vec<&OsStr> = Vec::new();
    let mut above = path;
    loop {
        if let Ok(mut real) = above.canonicalize() {
            real.extend(missing.iter().rev());
            return real;
        }
        match (above.file_name(), above.parent()) {
            (Some(name), Some(parent)) => {
                missing.push(name);
                above = parent;
            }
            _ => return path.to_path_buf(),
        }
    }
}
