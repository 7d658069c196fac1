//! The hooks of the project's that a merge runs, as `git merge` would: git pm's own are not among them.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::without_hooks;
use crate::coordinate::hook::users_hook_folder;
use crate::error::{Error, Hint, Result};
use crate::model::settings;
use crate::store::git::process::Git;
use crate::store::git::repo::Repo;

/// The folders of the hooks, where there are any, and the folder in which they run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserHooks {
    home: PathBuf,
    commit_msg: Option<PathBuf>,
    reference_transaction: Option<PathBuf>,
}

impl UserHooks {
    /// Those of a repository, as they are in its main work tree.
    pub(crate) fn of(repo: &Repo) -> UserHooks {
        let git = repo.git_at_home();
        let folder = |name| users_hook_folder(&git, name);
        UserHooks {
            home: git.dir().to_path_buf(),
            commit_msg: folder("commit-msg"),
            reference_transaction: folder("reference-transaction"),
        }
    }

    /// True if there is one.
    pub(crate) fn is_any(&self) -> bool {
        self.commit_msg.is_some() || self.reference_transaction.is_some()
    }

    /// A message as the `commit-msg` hook leaves it.
    ///
    /// # Errors
    /// Kind `Refused`, reason `merge.message_refused`, with the words of the hook.
    pub(super) fn completed(&self, git: &Git, message: &str) -> Result<String> {
        let Some(folder) = &self.commit_msg else {
            return Ok(message.to_string());
        };
        let failed = |error| Error::io("cannot write the message for the commit-msg hook", error);
        let mut file = tempfile::NamedTempFile::new_in(git.common_dir()?).map_err(failed)?;
        file.write_all(message.as_bytes()).map_err(failed)?;
        let path = file.path().as_os_str();
        let args = ["hook", "run", "--ignore-missing", "commit-msg", "--"];
        let args = args.map(AsRef::as_ref).into_iter().chain([path]);
        let out = self.with(git, folder)?.run(&args.collect::<Vec<_>>())?;
        if !out.ok() {
            return Err(Error::refused(format!(
                "the commit-msg hook refuses the message of the merge: {}",
                out.last_lines()
            ))
            .because("merge.message_refused")
            .hint(Hint::run(
                ["config", settings::MERGE_MESSAGE.key, "TEMPLATE"],
                "changes its subject; {id}, {type} and {title} are replaced",
            )));
        }
        std::fs::read_to_string(file.path()).map_err(failed)
    }

    /// A runner that moves refs with the `reference-transaction` hook.
    pub(super) fn moving(&self, git: &Git) -> Result<Git> {
        match &self.reference_transaction {
            Some(folder) => self.with(git, folder),
            None => Ok(git.clone()),
        }
    }

    fn with(&self, git: &Git, folder: &Path) -> Result<Git> {
        let common = git.common_dir()?;
        without_hooks(&git.at(&self.home, common))?
            .with_config("core.hooksPath", &folder.to_string_lossy())
    }
}
