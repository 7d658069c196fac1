//! Raising the generation: one commit without parents that holds the state as it may be known from now on.

use std::collections::{BTreeMap, BTreeSet};

use super::history_search::Found;
use crate::actor::Actor;
use crate::error::{Error, Result};
use crate::git::repo::{Oid, Pending, Swap};
use crate::handle::Store;
use crate::handle::lost_tips::with_tree;
use crate::history::override_notes::note;
use crate::history::overrides_in;
use crate::join::tree::join_trees;
use crate::layout::{Levels, MAIN, REPOSITORY, path_of};
use crate::migrate;
use crate::model::codec::encode;
use crate::model::doc::Doc;
use crate::model::limits::{CUT_ATTEMPTS, REDACTIONS_MAX};
use crate::model::prose::VersionId;
use crate::model::stamp::Clock;
use crate::model::uid::Uid;
use crate::random;
use crate::repository;
use crate::transaction::{message_of, person};
use crate::tree_edit::edit_tree;

/// The reason to raise the generation.
#[derive(Clone, Debug, Default)]
pub struct Raise {
    /// The operation, as in the command.
    pub op: String,
    /// The rest of the commit's first line.
    pub text: String,
    /// The ids it is about.
    pub items: Vec<String>,
    /// The reason as recorded in the state.
    pub reason: String,
}

impl Store {
    /// Cuts the history: the state becomes a commit without parents, under a raised generation and
    /// with the redactions that `find` returns. Returns that commit. `find` looks at the tip and
    /// runs again if the tip moved.
    ///
    /// # Errors
    /// The errors of `find`, and when the state cannot be read or written.
    pub fn raise(
        &self,
        actor: &Actor,
        raise: &Raise,
        mut find: impl FnMut(Oid) -> Result<Found>,
    ) -> Result<Oid> {
        self.require_tip()?;
        self.require_writable_format()?;
        let tree = self.repo().commit(self.require_tip()?)?.tree;
        if migrate::is_older(repository::read(self.repo(), tree)?.format()) {
            self.write_anyway(actor, |tx| migrate::stage(tx, migrate::RAISED))?;
        }
        let mut lock = self.lock()?;
        for _ in 0..CUT_ATTEMPTS {
            let seen = self.repo().ref_target(MAIN)?;
            let before = self.require_tip()?;
            let found = find(before)?;
            let mut pending = self.repo().pending();
            let commit = self.first_commit(&pending, before, actor, raise, &found)?;
            self.flush(&mut pending)?;
            let subject = format!("{} {}", raise.op, raise.text);
            let subject = with_tree(&subject, self.repo().commit(commit)?.tree);
            if self.swap(&mut lock, seen, commit, &subject)? == Swap::Done {
                return Ok(commit);
            }
        }
        Err(Error::conflict(format!(
            "{MAIN} was changed by another process during each of \
                                     {CUT_ATTEMPTS} attempts to remove its history"
        ))
        .hint("run the command again"))
    }

    /// The commit that begins a new generation; in memory only.
    fn first_commit(
        &self,
        pending: &Pending,
        before: Oid,
        actor: &Actor,
        raise: &Raise,
        found: &Found,
    ) -> Result<Oid> {
        let tree = pending.commit(before)?.tree;
        let mut clock = self.clock_on(pending, before)?;
        let mut changes: BTreeMap<String, Option<Oid>> = BTreeMap::new();
        for (path, doc) in &found.current {
            let mut doc = doc.clone();
            if rewrite(&mut doc, found, &clock) {
                let blob = pending.write_blob(encode(&doc).as_bytes())?;
                changes.insert(path.clone(), Some(blob));
            }
        }
        let document = raised(
            &repository::read(pending, tree)?.doc,
            actor,
            raise,
            found,
            &mut clock,
        )?;
        // What the history listed is listed in the state from now on.
        let hides = repository::of_bytes(Some(encode(&document).as_bytes())).redactions();
        for one in overrides_in(pending, before, None)? {
            let doc = note(&one, false, &hides, clock.fresh());
            if let Some(path) =
                path_of(Levels::Two, &doc).filter(|path| !changes.contains_key(path))
                && pending.file_at(tree, &path)?.is_none()
            {
                let blob = pending.write_blob(encode(&doc).as_bytes())?;
                changes.insert(path, Some(blob));
            }
        }
        let blob = pending.write_blob(encode(&document).as_bytes())?;
        changes.insert(REPOSITORY.to_string(), Some(blob));
        let staged = edit_tree(pending, Some(tree), &changes)?;
        // The join with the previous tree applies the redactions to all of it, as it will in every
        // other clone.
        let joined = join_trees(pending, staged, tree)?.tree;
        let (_, email) = self.identity();
        let author = person(&actor.name, &email, self.env().now_ms());
        let message = message_of(&raise.op, &raise.text, &raise.items, actor, &clock);
        // The actor of a redaction has seen all of it, so no draft of it is kept.
        self.commit_signed(pending, joined, &[], &author, &message)
    }
}

/// `pm.yaml` with one more raise and the redactions.
fn raised(
    doc: &Doc,
    actor: &Actor,
    raise: &Raise,
    found: &Found,
    clock: &mut Clock,
) -> Result<Doc> {
    let mut doc = doc.clone();
    let id = Uid::from_parts(clock.wall_ms(), random::bytes()?);
    let at = clock.fresh();
    let fields = [
        ("actor", actor.name.as_str().into()),
        ("reason", raise.reason.as_str().into()),
    ];
    doc.add_entry("raises", id.suffix(12), at, &fields);
    for hash in &found.values {
        doc.set_element("redacted_values", hash, true, clock);
    }
    for version in &found.versions {
        doc.set_element("redacted_versions", &version.to_string(), true, clock);
    }
    for text in &found.secrets {
        doc.set_element("redacted_texts", &text.to_string(), true, clock);
    }
    let all: usize = ["redacted_values", "redacted_versions", "redacted_texts"]
        .iter()
        .filter_map(|set| doc.sets.get(*set))
        .map(BTreeMap::len)
        .sum();
    if all > REDACTIONS_MAX {
        return Err(Error::usage(format!(
            "{all} values would be redacted in total, but at most {REDACTIONS_MAX} are possible"
        ))
        .hint("choose a longer text or a narrower expression"));
    }
    Ok(doc)
}

/// Overwrites redacted content with its permitted form: texts with the secret masked, and again the
/// texts without it that replaced one with it. A copy of these from elsewhere could quote it; the
/// ones here were checked.
fn rewrite(doc: &mut Doc, found: &Found, clock: &Clock) -> bool {
    let mut changed = false;
    for (uid, path, value) in &found.masked {
        if *uid != doc.uid {
            continue;
        }
        changed |= match path.split_once('/').and_then(|(record, rest)| {
            rest.rsplit_once('/')
                .map(|(entry, name)| (record, entry, name))
        }) {
            Some((record, entry, name)) => doc.set_entry(record, entry, name, value.clone(), clock),
            None => doc.set(path, value.clone(), clock),
        };
    }
    let masks: BTreeMap<&VersionId, &str> = found
        .texts
        .iter()
        .map(|(id, text)| (id, text.as_str()))
        .collect();
    let hidden: &BTreeSet<VersionId> = &found.versions;
    changed | doc.body.cleanse(hidden, &masks, clock)
}
