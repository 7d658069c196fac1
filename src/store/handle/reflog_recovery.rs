//! The commit of the state, and the recovery from the reflog if it cannot be read.

use super::Store;
use crate::error::{Error, Reason, Result};
use crate::git::repo::Oid;
use crate::layout::{MAIN, PUBLISHED, TORN};
use crate::repository;

impl Store {
    /// The tip of the state; `None` before `init`. A tip that cannot be read, or is not a state, is
    /// replaced by the newest state in the reflog.
    pub fn tip(&self) -> Result<Option<Oid>> {
        let Some(tip) = self.repo.ref_target(self.main)? else {
            return Ok(None);
        };
        self.readable(self.main, tip).map(Some)
    }

    /// `tip` if it is a readable state, else the newest one in the ref's reflog that is.
    pub fn readable(&self, name: &str, tip: Oid) -> Result<Oid> {
        if name == self.main && self.usable.get() == Some(tip) {
            return Ok(tip);
        }
        // A commit of another branch, to which something moved the ref, is readable, too. That of a
        // remote is left for `doctor` to report.
        let usable = |id: Oid| {
            self.repo.commit(id).is_ok_and(|commit| {
                let read = repository::read(&self.repo, commit.tree);
                read.is_ok_and(|it| {
                    name != MAIN || it.is_present() || commit.trailer("PM-Clock").is_some()
                })
            })
        };
        if usable(tip) {
            if name == self.main {
                self.usable.set(Some(tip));
            }
            return Ok(tip);
        }
        let read = |id: Oid| repository::read(&self.repo, self.repo.commit(id)?.tree);
        let mut newest_first = self.repo.logged(name).into_iter().rev();
        newest_first
            .find(|id| usable(*id))
            .inspect(|used| match read(tip) {
                _ if name != MAIN => {}
                Ok(_) => self.moved.set(Some((tip, *used))),
                Err(_) => self.note_lost(tip, *used),
            })
            .ok_or_else(|| {
                Error::state(format!(
                    "{name} is at {tip}, which is not a state or cannot be read, and its reflog \
                     has no earlier state"
                ))
                .hint(format!(
                    "`git fsck --no-reflogs` lists missing objects and dangling commits: if one is \
                     the state, `git update-ref {name} COMMIT` restores it"
                ))
                .hint(format!(
                    "`git update-ref -d {name}`, then `git pm init` restores what was ever synced"
                ))
            })
    }

    /// Moves every ref of ours that points at something unreadable, as after a power failure, to
    /// the newest readable state in its reflog, or deletes it: git refuses to fetch while there is
    /// one. A torn object is set aside, since git would not fetch it again.
    pub fn repair_refs(&self) -> Result<()> {
        let mut names: Vec<String> = self
            .repo
            .refs_under("refs/pm-remotes/")?
            .into_keys()
            .collect();
        names.retain(|name| name.ends_with("/main"));
        names.extend([MAIN.to_string(), PUBLISHED.to_string()]);
        for name in names {
            let Some(tip) = self.repo.ref_target(&name)? else {
                continue;
            };
            let usable = self.readable(&name, tip);
            if usable.as_ref().is_ok_and(|usable| *usable == tip) {
                continue;
            }
            let mut lock = self.lock()?;
            // Another process may have repaired it meanwhile.
            if self.repo.ref_target(&name)? != Some(tip)
                || self.readable(&name, tip).is_ok_and(|now| now == tip)
            {
                continue;
            }
            match usable {
                Ok(usable) => {
                    self.swap_any(&mut lock, &name, Some(tip), usable, "pm: recovered")?;
                }
                // The state itself is never deleted; a remote's state is fetched again.
                Err(error) if name == MAIN => return Err(error),
                Err(_) => {
                    self.delete_any(&mut lock, &name, tip)?;
                }
            }
            self.repo.set_aside_torn(tip, &self.folder().join(TORN))?;
        }
        Ok(())
    }

    /// The tip, required.
    pub fn require_tip(&self) -> Result<Oid> {
        self.tip()?.ok_or_else(|| self.not_initialized())
    }

    pub(super) fn not_initialized(&self) -> Error {
        // This clone was set up once: what it ever fetched or pushed is still there.
        let was_here = self.repo.ref_target(PUBLISHED);
        if was_here.is_ok_and(|known| known.is_some()) {
            return Error::state(format!("{MAIN}, which holds the state, was deleted"))
                .because(Reason::RepositoryNotSetUp)
                .hint("`git pm init` restores everything that was ever synced")
                .hint(format!(
                    "to restore the rest, find its commit with `git fsck --no-reflogs` (it is \
                     dangling) and run `git update-ref {MAIN} COMMIT`"
                ));
        }
        let mut error = Error::state("git pm is not set up in this repository")
            .because(Reason::RepositoryNotSetUp);
        if let Some(named) = self.env.text("GIT_DIR") {
            error = error.hint(format!(
                "GIT_DIR, which git sets for hooks, names it ({}): `unset $(git rev-parse \
                 --local-env-vars)` first to use the repository of the folder",
                crate::model::text::one_line(&named)
            ));
        }
        let fetched = self
            .repo
            .refs_under("refs/pm-remotes/")
            .is_ok_and(|refs| !refs.is_empty());
        if fetched || !self.repo.remotes().is_empty() {
            error.hint("run `git pm init`: it also adopts the state that the remote has")
        } else {
            error.hint("run `git pm init`")
        }
    }
}
