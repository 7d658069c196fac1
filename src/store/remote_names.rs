//! The remotes of a repository as its configuration names them.

use crate::error::{Error, Result};
use crate::git::repo::Repo;
use crate::layout::MAIN;
use crate::model::settings;
use crate::model::uid::sha256_hex;

/// The hint to go on without a remote.
pub const OFFLINE: &str =
    "`--offline` does this in this clone only, until the next `git pm sync` settles it";

/// A remote, by configured name or URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// The name or URL, as git takes it.
    pub name: String,
    /// True if it is the one that confirms claims.
    pub confirms: bool,
    /// The ref that holds the state there.
    pub state_ref: String,
}

impl Remote {
    /// The remote that confirms claims: `pm.remote`, else `origin`, else the only one. A remote that
    /// was added as `origin` after that one was renamed is another: the renamed one still has the
    /// refspec of the state.
    pub fn main(repo: &Repo) -> Option<Remote> {
        Remote::chosen(
            |key| repo.config(key),
            |key| repo.config_all(key),
            || repo.remotes(),
        )
    }

    /// As [`Remote::main`], from the repository's own files: the environment selects all others.
    pub fn own(repo: &Repo) -> Option<Remote> {
        let last = |key: &str| repo.config_own(key).pop();
        Remote::chosen(last, |key| repo.config_own(key), || repo.remotes_own())
    }

    fn chosen(
        set: impl Fn(&str) -> Option<String>,
        all: impl Fn(&str) -> Vec<String>,
        remotes: impl Fn() -> Vec<String>,
    ) -> Option<Remote> {
        let name = match set(settings::REMOTE.key) {
            Some(name) => Some(name).filter(|name| !name.is_empty()),
            None => match &remotes()[..] {
                [only] => Some(only.clone()),
                many => {
                    let is_set = |name: &&String| {
                        let fetched = all(&format!("remote.{name}.fetch"));
                        fetched
                            .iter()
                            .any(|spec| spec.contains(":refs/pm-remotes/"))
                    };
                    let origin = many.iter().find(|name| *name == "origin");
                    match (origin, &many.iter().filter(is_set).collect::<Vec<_>>()[..]) {
                        (_, [only]) => Some((*only).clone()),
                        (origin, _) => origin.cloned(),
                    }
                }
            },
        };
        Some(Remote {
            name: name?,
            confirms: true,
            state_ref: state_ref(set(settings::REMOTE_REF.key)),
        })
    }

    /// A remote by name or URL.
    ///
    /// # Errors
    /// When the name could be taken for an option.
    pub fn named(repo: &Repo, name: &str) -> Result<Remote> {
        if name.is_empty() || name.starts_with('-') {
            return Err(Error::usage(format!("`{name}` is not a remote"))
                .hint("`git remote -v` lists the remotes"));
        }
        let main = Remote::main(repo);
        Ok(match main {
            Some(main) if main.name == name => main,
            _ => Remote {
                name: name.to_string(),
                confirms: false,
                state_ref: state_ref(repo.config(settings::REMOTE_REF.key)),
            },
        })
    }

    /// The ref under which this clone remembers the remote's state.
    pub fn tracking(&self, repo: &Repo) -> String {
        if repo.remotes().contains(&self.name) {
            format!("refs/pm-remotes/{}/main", self.name)
        } else {
            let hash = sha256_hex(self.name.as_bytes());
            format!("refs/pm-remotes/url-{}/main", &hash[..12])
        }
    }

    /// The name as it may be printed.
    pub fn shown(&self) -> String {
        shown(&self.name)
    }

    /// The URL, where the remote has a name.
    pub fn url(&self, repo: &Repo) -> String {
        repo.config(&format!("remote.{}.url", self.name))
            .unwrap_or_else(|| self.name.clone())
    }
}

/// A name or URL as it may be printed: without a password.
pub fn shown(name: &str) -> String {
    let name = crate::model::text::one_line(name);
    match (name.find("://"), name.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}://…@{}", &name[..scheme], &name[at + 1..])
        }
        _ => name,
    }
}

fn state_ref(set: Option<String>) -> String {
    set.filter(|r| r.starts_with("refs/"))
        .unwrap_or_else(|| MAIN.to_string())
}
