//! After a cut: none of our refs may reach the old generation, and its objects are removed from this clone.
//!
//! Whatever the user's refs reach stays, and so do the user's unreachable objects: only objects that
//! belong to old commits of the state alone are removed.
//!
//! It runs after every exchange if the state has a raise that this clone has not swept, or an old
//! commit was fetched since. An exchange holds `pm/exchange.lock` shared, because nothing may reach
//! its fetched objects yet; a sweep that cannot lock it exclusively is left to the next exchange.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;

use super::{own_refs, raises_of, stripped};
use crate::error::{Error, Result};
use crate::fault;
use crate::first_commit::initial_commit;
use crate::fsck::local;
use crate::git::objects::{self, Inventory, Removed};
use crate::git::repo::{Commit, EntryType, ObjectKind, Oid, Repo};
use crate::handle::Store;
use crate::join::doc::{Redactions, redact};
use crate::layout::MAIN;
use crate::lock;
use crate::model::codec;
use crate::model::limits::DOCUMENT_MAX;
use crate::remote_names::Remote;
use crate::{repository, shared_files};

/// The result of a sweep.
#[derive(Clone, Debug, Default)]
pub struct Swept {
    /// The number of objects removed.
    pub objects: usize,
    /// The data that could not be removed, one sentence each.
    pub left: Vec<String>,
}

impl Store {
    /// True if something of an older generation may be here.
    pub fn needs_sweep(&self) -> Result<bool> {
        let Some(tip) = self.tip()? else {
            return Ok(false);
        };
        let raises = self.raises(tip)?;
        if raises.is_empty() {
            return Ok(false);
        }
        let done = std::fs::read_to_string(self.swept_mark()).unwrap_or_default();
        if done != mark(&raises) {
            return Ok(true);
        }
        let refs = own_refs::refs(self.repo())?;
        Ok(refs.values().any(|id| self.is_old(*id, &raises)))
    }

    fn raises(&self, commit: Oid) -> Result<BTreeSet<String>> {
        let tree = self.repo().commit(commit)?.tree;
        Ok(repository::read(self.repo(), tree)?.raises())
    }

    /// True if an object is a commit of the state that lacks a raise.
    fn is_old(&self, id: Oid, raises: &BTreeSet<String>) -> bool {
        self.repo()
            .commit(id)
            .is_ok_and(|commit| is_old(self.repo(), &commit, raises))
    }

    /// The file that records the swept generation.
    fn swept_mark(&self) -> PathBuf {
        self.folder().join("swept")
    }

    /// The file that lists the objects that a sweep is about to remove.
    fn begun_mark(&self) -> PathBuf {
        self.folder().join("sweeping")
    }

    /// The objects that an interrupted sweep was about to remove. Without its tree or the settings
    /// in it, a commit cannot be told from one of the user's.
    fn begun(&self) -> HashSet<Oid> {
        let noted = std::fs::read_to_string(self.begun_mark()).unwrap_or_default();
        let ids = noted.lines();
        ids.filter_map(|id| self.repo().parse_id(id)).collect()
    }

    fn note_begun(&self, gone: &HashSet<Oid>) -> Result<()> {
        if gone.is_empty() {
            return Ok(());
        }
        let path = self.begun_mark();
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let text: String = gone.iter().map(|id| format!("{id}\n")).collect();
        let points = ["sweep-note", "sweep-rename"];
        fault::replace(&path, &temporary, text.as_bytes(), points)
            .map_err(|e| Error::unwritten(format!("cannot write {}", path.display()), e))
    }

    /// Notes that objects of an older generation were fetched, so that they are swept again.
    pub fn note_fetched(&self, tip: Oid) -> Result<()> {
        if let Some(main) = self.tip()?
            && self.is_old(tip, &self.raises(main)?)
        {
            let _ = std::fs::remove_file(self.swept_mark());
        }
        Ok(())
    }

    /// Moves every ref of ours away from the old generation, removes it from their reflogs, and
    /// removes its objects and everything derived from it from this clone.
    ///
    /// # Errors
    /// When another process is exchanging the state, or something cannot be written. The next
    /// exchange and `gc` try again.
    pub fn sweep(&self) -> Result<Swept> {
        let Some(tip) = self.tip()? else {
            return Ok(Swept::default());
        };
        let mut writers = self.lock()?;
        // An exchange may need objects that nothing reaches yet.
        let Some(_alone) = lock::alone(self.repo().common_dir()) else {
            return Err(
                Error::conflict("another process is exchanging the state with a remote").hint(
                    "`git pm gc` removes the old history from this clone when that has finished",
                ),
            );
        };
        // It may be writing objects that it read before into a pack that we would not see.
        if objects::is_gc_at_work(self.repo()) {
            return Err(
                Error::conflict("a `git gc` is running in this repository").hint(
                    "`git pm gc` removes the old history from this clone when that has finished",
                ),
            );
        }
        let raises = self.raises(tip)?;
        self.leave_old(&mut writers, tip, &raises)?;
        let done = self.swept_mark();
        let before = std::fs::read_to_string(&done).unwrap_or_default();
        // Data derived since the last sweep was derived from the remaining objects.
        let derived = if raises.is_empty() || before == mark(&raises) {
            Vec::new()
        } else {
            self.drop_derived()
        };
        let found = repository::read(self.repo(), self.repo().commit(tip)?.tree)?;
        self.clear_drafts(&found.redactions())?;
        let inventory = Inventory::read(self.repo())?;
        let kept = objects::reachable(self.repo())?;
        let unreached = Unreached::of(self.repo(), &inventory, &kept);
        let gone = unreached.old(&raises, &found.redactions(), &self.begun());
        self.note_begun(&gone)?;
        let Removed { objects, mut left } = objects::remove(self.repo(), &inventory, &gone)?;
        let _ = std::fs::remove_file(self.begun_mark());
        left.extend(self.still_reached(&kept, &raises)?);
        if derived.is_empty() {
            fault::point("swept-write")
                .and_then(|()| std::fs::write(&done, mark(&raises)))
                .inspect(|()| shared_files::share(&done))
                .map_err(|e| Error::io(format!("cannot write {}", done.display()), e))?;
        }
        left.extend(derived);
        Ok(Swept { objects, left })
    }

    /// Refs and reflogs of ours leave the old generation. The state at a ref is kept; its history
    /// is not.
    fn leave_old(
        &self,
        writers: &mut lock::Lock,
        tip: Oid,
        raises: &BTreeSet<String>,
    ) -> Result<()> {
        let main = Remote::main(self.repo()).map(|main| main.tracking(self.repo()));
        for (name, id) in own_refs::refs(self.repo())? {
            if name == MAIN || !self.is_old(id, raises) {
                continue;
            }
            if own_refs::is_temporary(&name) {
                self.repo().discard_ref(&name, id)?;
                continue;
            }
            let mut pending = self.repo().pending();
            let fresh = stripped(&pending, &self.repo().commit(id)?, tip)?;
            self.flush(&mut pending)?;
            self.swap_any(writers, &name, Some(id), fresh, "pm: history was cut")?;
            // It is nothing that the remote has, and so nothing to merge.
            if main.as_ref() == Some(&name) {
                let _ = std::fs::write(self.fetched_mark(), fresh.to_string());
            }
        }
        let null = self.repo().null_id();
        for name in own_refs::logs(self.repo()) {
            let keep = |old: Oid, new: Oid| {
                let usable = |id: Oid| {
                    self.repo().commit(id).is_ok_and(|commit| {
                        raises_of(self.repo(), &commit).is_some_and(|r| r.is_superset(raises))
                    })
                };
                usable(new).then(|| (if usable(old) { old } else { null }, new))
            };
            self.locking(writers, &name, || self.repo().rewrite_reflog(&name, keep))?;
        }
        Ok(())
    }

    /// Removes redacted texts from the drafts that were withheld: their authors keep the rest.
    fn clear_drafts(&self, redactions: &Redactions) -> Result<()> {
        let folder = self.folder().join("drafts");
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let fail =
                |e: std::io::Error| Error::unwritten(format!("cannot clear {}", path.display()), e);
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            let names = redactions.texts.iter();
            let cleared = names.fold(text.clone(), |text, name| name.cut_from(&text));
            if cleared != text {
                // In place, with its permissions: a copy beside it could survive.
                fault::point("draft-clear")
                    .and_then(|()| std::fs::write(&path, cleared))
                    .map_err(fail)?;
            }
        }
        Ok(())
    }

    /// Deletes derived data, which is rebuilt from the state on demand. Returns the data that could
    /// not be deleted, one sentence each.
    fn drop_derived(&self) -> Vec<String> {
        let mut left = Vec::new();
        if let Err(fault) = self.discard_index() {
            left.push(format!("the index still holds removed data: {fault}"));
        }
        // Torn objects, and the folders of backups that were killed while they were verified.
        for place in local::copies(&self.folder()) {
            if let Err(error) = std::fs::remove_dir_all(&place) {
                left.push(format!("cannot remove {}: {error}", place.display()));
            }
        }
        left
    }

    /// Refs of the user that hold the old history: the user decides about them.
    fn still_reached(&self, kept: &HashSet<Oid>, raises: &BTreeSet<String>) -> Result<Vec<String>> {
        let first = initial_commit(&self.repo().pending())?;
        let mut names = BTreeSet::new();
        if kept.contains(&first) && self.is_old(first, raises) {
            let args = ["for-each-ref", "--format=%(refname)", "--contains"];
            let mut args: Vec<String> = args.map(str::to_string).to_vec();
            args.push(first.to_string());
            let listed = self.repo().git_at_home().run(&args)?;
            names.extend(listed.lines());
        }
        for prefix in ["refs/heads/pm/", "refs/remotes/"] {
            for (name, id) in self.repo().refs_under(prefix)? {
                if name.contains("/pm/") && self.is_old(id, raises) {
                    names.insert(name);
                }
            }
        }
        Ok(names
            .into_iter()
            .map(|name| {
                let name = crate::model::text::one_line(&name);
                format!(
                    "{name} still contains the old history: move or delete it, then run `git pm gc`"
                )
            })
            .collect())
    }
}

/// The raises as the mark holds them.
fn mark(raises: &BTreeSet<String>) -> String {
    raises.iter().map(|raise| format!("{raise}\n")).collect()
}

/// True if a commit is one of the state and lacks a raise.
fn is_old(repo: &Repo, commit: &Commit, raises: &BTreeSet<String>) -> bool {
    if commit.trailer("PM-Clock").is_none() {
        return false;
    }
    match repo.tree(commit.tree) {
        // Only the remains of a commit of ours have no tree.
        Err(_) => true,
        Ok(_) => raises_of(repo, commit).is_some_and(|own| !own.is_superset(raises)),
    }
}

/// The objects that nothing reaches.
struct Unreached<'r> {
    repo: &'r Repo,
    ids: HashSet<Oid>,
}

impl<'r> Unreached<'r> {
    fn of(repo: &'r Repo, inventory: &Inventory, kept: &HashSet<Oid>) -> Self {
        Unreached {
            repo,
            ids: inventory.ids().filter(|id| !kept.contains(id)).collect(),
        }
    }

    /// Those that belong to the old generation and to nothing else, and those of `begun`.
    fn old(
        &self,
        raises: &BTreeSet<String>,
        redactions: &Redactions,
        begun: &HashSet<Oid>,
    ) -> HashSet<Oid> {
        let (mut old, mut others) = (Vec::new(), Vec::new());
        let mut secrets = Vec::new();
        for id in &self.ids {
            match self.repo.kind_of(*id) {
                _ if begun.contains(id) => old.push(*id),
                Some(ObjectKind::Commit) => match self.repo.commit(*id) {
                    Ok(commit) if is_old(self.repo, &commit, raises) => old.push(*id),
                    _ => others.push(*id),
                },
                Some(ObjectKind::Tag) => others.push(*id),
                Some(ObjectKind::Blob) if self.is_secret(*id, redactions) => secrets.push(*id),
                _ => {}
            }
        }
        let mut gone = self.below(old);
        // No commit names the blobs of a write that died; redacted ones are removed anyway.
        gone.extend(secrets);
        for id in self.below(others) {
            gone.remove(&id);
        }
        gone
    }

    /// Everything that can be reached from some objects without leaving the set of unreached
    /// objects: objects outside of it reach nothing inside.
    fn below(&self, from: Vec<Oid>) -> HashSet<Oid> {
        let mut seen: HashSet<Oid> = HashSet::new();
        let mut stack = from;
        while let Some(id) = stack.pop() {
            if !self.ids.contains(&id) || !seen.insert(id) {
                continue;
            }
            match self.repo.kind_of(id) {
                Some(ObjectKind::Commit) => {
                    if let Ok(commit) = self.repo.commit(id) {
                        stack.push(commit.tree);
                        stack.extend(commit.parents);
                    }
                }
                Some(ObjectKind::Tree) => {
                    let entries = self.repo.tree(id).unwrap_or_default();
                    // A submodule's commit is never here; its id is in no set of ours.
                    let inside = entries.iter().filter(|entry| {
                        entry.kind != EntryType::Other || self.ids.contains(&entry.oid)
                    });
                    stack.extend(inside.map(|entry| entry.oid));
                }
                Some(ObjectKind::Tag) => stack.extend(self.repo.tag_target(id)),
                _ => {}
            }
        }
        seen
    }

    /// True if a blob is a document that holds something redacted.
    fn is_secret(&self, id: Oid, redactions: &Redactions) -> bool {
        if redactions.is_empty() {
            return false;
        }
        let Ok(Some(bytes)) = self.repo.blob(id, DOCUMENT_MAX) else {
            return false;
        };
        let Ok(mut doc) = codec::decode(&bytes) else {
            return false;
        };
        let before = doc.clone();
        let withheld = redact(&mut doc, redactions);
        !withheld.is_empty() || doc != before
    }
}
