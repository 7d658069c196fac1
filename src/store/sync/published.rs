//! What was ever published: fetched from or pushed to any remote. `refs/pm-local/published` is the
//! join of all those tips and is never rewound, so a published id is known as such for ever.

use std::collections::BTreeSet;

use super::intent;
use crate::error::Result;
use crate::store::git::repo::{Oid, Swap};
use crate::store::handle::Store;
use crate::store::join::commit::join_commits;
use crate::store::lock;
use crate::store::state::State;

/// The ref.
pub const PUBLISHED: &str = "refs/pm-local/published";

/// Notes that a remote has `tip`, and remembers it as the tracking ref's value.
///
/// # Errors
/// When a ref cannot be written.
pub fn note(store: &Store, tracking: &str, tip: Oid) -> Result<()> {
    let mut lock = lock::acquire(store.repo().common_dir())?;
    for _ in 0..10 {
        let present = store.repo().ref_target(tracking)?;
        if present == Some(tip) {
            break;
        }
        if store.swap_named(&mut lock, tracking, present, tip, "pm: fetched or pushed")?
            == Swap::Done
        {
            break;
        }
    }
    for _ in 0..10 {
        let present = store.repo().ref_target(PUBLISHED)?;
        let mut pending = store.repo().pending();
        let next = match present {
            None => tip,
            Some(old) if old == tip => return Ok(()),
            // A power failure tears all refs at a commit at once; nothing known as published may
            // be forgotten for that.
            Some(old) => match store.readable(PUBLISHED, old) {
                Ok(old) => join_commits(&pending, old, tip)?.commit,
                Err(_) => tip,
            },
        };
        if Some(next) == present {
            return Ok(());
        }
        store.flush(&mut pending)?;
        if store.swap_named(&mut lock, PUBLISHED, present, next, "pm: published")? == Swap::Done {
            return Ok(());
        }
    }
    Ok(())
}

/// The uids of all items that were ever fetched or pushed.
///
/// # Errors
/// When the published state cannot be read.
pub fn fetched(store: &Store) -> Result<BTreeSet<String>> {
    let mut out = BTreeSet::new();
    if let Some(commit) = store.repo().ref_target(PUBLISHED)? {
        let commit = store.readable(PUBLISHED, commit)?;
        let state = State::at(store.repo(), commit)?;
        out.extend(state.item_docs().keys().map(ToString::to_string));
    }
    Ok(out)
}

/// The uids of all items whose id is published: other clones may have seen it. An unknown outcome
/// counts as published, except at `remote`, for which the caller builds on the tip it fetched: an
/// earlier push that arrives after all makes that one lose.
///
/// # Errors
/// When the published state cannot be read.
pub fn items(store: &Store, remote: &str) -> Result<BTreeSet<String>> {
    let mut out = fetched(store)?;
    let (living, orphans) = intent::read_all(store.repo().common_dir());
    for intent in living
        .into_iter()
        .chain(orphans.into_iter().map(|o| o.intent))
        .filter(|intent| intent.remote != remote)
    {
        out.extend(intent.items);
    }
    Ok(out)
}
