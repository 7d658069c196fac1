//! The folder in which an agent plans: a git repository of its own outside the project.
//!
//! It has the outline and the names of the project's files. What the agent leaves there is untrusted.

use std::path::Path;

use super::prompt::{FILES, OUTLINE, PLAN};
use crate::error::{Error, Result};
use crate::model::uid::Uid;
use crate::run::private_folder::{self, PrivateFolder};
use crate::secret;
use crate::store::beneath;
use crate::store::git::process::Git;

/// The largest text of a plan, in bytes.
const TEXT_MAX: u64 = 2 << 20;

pub(super) struct Folder {
    place: PrivateFolder,
    /// The plan that the agent finds there.
    given: Option<String>,
}

impl Folder {
    /// Creates that of a run.
    pub(super) fn new(run: &Uid) -> Result<Folder> {
        let place = PrivateFolder::new(private_folder::PLAN, (run, 0))?;
        Ok(Folder { place, given: None })
    }

    pub(super) fn path(&self) -> &Path {
        self.place.path()
    }

    /// Fills it. `git` is that of the project.
    pub(super) fn prepare(&self, git: &Git, outline: &str) -> Result<()> {
        let place = self.path().display().to_string();
        git.require(&["init", "--quiet", "--template=", &place])?;
        // The files are not the work of a task, which would have to be committed.
        let info = self.path().join(".git/info");
        std::fs::create_dir_all(&info).map_err(|error| unwritten(&info, error))?;
        self.put(".git/info/exclude", "/*\n")?;
        // Nothing if there is no commit yet.
        let files = git.run(&["ls-tree", "-r", "--name-only", "HEAD"])?.text();
        self.put(FILES, &secret::redacted(&files).0)?;
        self.put(OUTLINE, outline)
    }

    /// Puts a plan where the agent finds it, whatever it left there.
    pub(super) fn give(&mut self, text: String) -> Result<()> {
        let path = self.path().join(PLAN);
        beneath::remove(&path).map_err(|error| unwritten(&path, error))?;
        self.put(PLAN, &text)?;
        self.given = Some(text);
        Ok(())
    }

    /// True if the agent finds a plan.
    pub(super) fn has_plan(&self) -> bool {
        self.given.is_some()
    }

    /// The agent's plan: its file, or its last words if they are one and the file is as before.
    pub(super) fn plan(&self, words: Option<String>) -> Option<String> {
        let file = beneath::plain(&self.path().join(PLAN), TEXT_MAX);
        let file = file.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let is_plan = |text: &String| text.lines().any(|line| line.starts_with("### "));
        let (file, words) = (file.filter(is_plan), words.filter(is_plan));
        let is_new = file.is_some() && file != self.given;
        if is_new { file } else { words.or(file) }
    }

    fn put(&self, name: &str, text: &str) -> Result<()> {
        let path = self.path().join(name);
        std::fs::write(&path, text).map_err(|error| unwritten(&path, error))
    }
}

fn unwritten(path: &Path, error: std::io::Error) -> Error {
    Error::unwritten(format!("cannot write {}", path.display()), error)
}
