//! Everything that was ever published: fetched from or pushed to any remote.
//! `refs/pm-local/published` is the join of all those tips and is never rewound, so a published id
//! is known as such forever.

use std::collections::BTreeSet;

use super::intent;
use crate::error::Result;
use crate::fault;
use crate::git::repo::{Oid, Swap};
use crate::handle::Store;
use crate::join::commit::join_commits;
use crate::layout::{Levels, PUBLISHED, SUFFIX_LENGTHS, item_path};
use crate::lock::Lock;
use crate::model::doc::Doc;
use crate::model::id::ItemKind;
use crate::model::uid::Uid;
use crate::state::State;

/// Notes that a remote has `tip`, and sets the tracking ref to it.
pub fn note(store: &Store, tracking: &str, tip: Oid) -> Result<()> {
    let mut lock = store.lock()?;
    fault::step("tracking-note")?;
    for _ in 0..10 {
        let present = store.repo().ref_target(tracking)?;
        if present == Some(tip) {
            break;
        }
        if store.swap_any(&mut lock, tracking, present, tip, "pm: fetched or pushed")? == Swap::Done
        {
            break;
        }
    }
    join_in(store, &mut lock, tip)
}

/// Notes that a commit was published, without asking a remote: according to a backup.
pub fn remember(store: &Store, tip: Oid) -> Result<()> {
    let mut lock = store.lock()?;
    join_in(store, &mut lock, tip)
}

fn join_in(store: &Store, lock: &mut Lock, tip: Oid) -> Result<()> {
    fault::step("published-note")?;
    for _ in 0..10 {
        let present = store.repo().ref_target(PUBLISHED)?;
        let mut pending = store.repo().pending();
        let next = match present {
            None => tip,
            Some(old) if old == tip => return Ok(()),
            // A power failure tears all refs at a commit at once; known publications must not be
            // forgotten for that.
            Some(old) => match store.readable(PUBLISHED, old) {
                Ok(old) => join_commits(&pending, old, tip)?.commit,
                Err(_) => tip,
            },
        };
        if Some(next) == present {
            return Ok(());
        }
        store.flush(&mut pending)?;
        if store.swap_any(lock, PUBLISHED, present, next, "pm: published")? == Swap::Done {
            return Ok(());
        }
    }
    Ok(())
}

/// The items with a published id: other clones may have seen it.
pub struct Known<'s> {
    state: Option<State<'s>>,
    more: BTreeSet<String>,
}

impl Known<'_> {
    /// True if an item is published.
    pub fn contains(&self, uid: &Uid) -> bool {
        self.more.contains(uid.as_str())
            || self.state.as_ref().is_some_and(|s| s.item(uid).is_some())
    }

    /// The items of a state that are not published.
    pub fn missing_of(&self, state: &State<'_>) -> BTreeSet<Uid> {
        let mut out = match &self.state {
            Some(known) => state.items_unlike(known.tree),
            None => state.item_uids(),
        };
        out.retain(|uid| !self.contains(uid));
        out
    }

    /// True if everything that is published by now was known before.
    pub fn has_all_of(&self, now: &Known<'_>) -> bool {
        let same = |a: &str| Uid::new(a).is_some_and(|uid| self.contains(&uid));
        let of_state = now
            .state
            .as_ref()
            .is_none_or(|state| self.missing_of(state).is_empty());
        of_state && now.more.iter().all(|uid| same(uid))
    }

    /// Adds items that pushes with an unknown outcome may have published.
    pub fn extend(&mut self, uids: impl IntoIterator<Item = String>) {
        self.more.extend(uids);
    }
}

/// The items that were ever fetched or pushed.
pub fn fetched(store: &Store) -> Result<Known<'_>> {
    let mut known = Known {
        state: None,
        more: BTreeSet::new(),
    };
    if let Some(commit) = store.repo().ref_target(PUBLISHED)? {
        let commit = store.readable(PUBLISHED, commit)?;
        known.state = Some(store.state_at(store.repo(), commit)?);
    }
    Ok(known)
}

/// The commit with all that was ever fetched or pushed; none if nothing ever was.
pub fn tip(store: &Store) -> Result<Option<Oid>> {
    store.repo().ref_target(PUBLISHED)
}

/// True if an item was ever fetched or pushed: one look at where its file would be.
pub fn has(store: &Store, doc: &Doc) -> Result<bool> {
    let Some(commit) = store.repo().ref_target(PUBLISHED)? else {
        return Ok(false);
    };
    let (tree, kind) = (
        store.repo().commit(commit)?.tree,
        ItemKind::parse(&doc.kind),
    );
    let names = SUFFIX_LENGTHS.iter();
    for (length, levels) in names.flat_map(|n| Levels::ALL.map(|levels| (*n, levels))) {
        let path = kind.map(|kind| item_path(levels, kind, &doc.born, &doc.uid, length));
        if path.is_some_and(|path| store.repo().has_path(tree, &path).unwrap_or(true)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The items with a published id. An unknown outcome counts as published, except at `remote`, for
/// which the caller builds on the fetched tip: an earlier push that arrives after all makes that
/// one lose.
pub fn items<'s>(store: &'s Store, remote: &str) -> Result<Known<'s>> {
    let mut known = fetched(store)?;
    let (living, orphans) = intent::read_all(store.repo().common_dir());
    for intent in living
        .into_iter()
        .chain(orphans.into_iter().map(|o| o.intent))
        .filter(|intent| intent.remote != remote)
    {
        known.extend(intent.items);
    }
    Ok(known)
}
