//! Migration of the format: a chain of steps, and which versions are written, raised or refused.
//!
//! Each step goes from one major version to the next. A step stages compensating deltas with new
//! stamps like any other write, never an old tree, so that states which other clones migrated, or did
//! not yet, still join.
//!
//! A state of format 1 is raised to [`RAISED`] by the first write, as one without items is to the
//! present version: programs that do not know the new version refuse it from then on, and what they
//! write meanwhile joins. So every other state is written as it is until a human runs `git pm
//! migrate`. A later version adds a [`Step`] to [`STEPS`], the number in [`repository::MAJOR`], and a
//! repository of the old version under `testdata/repositories/`.

use super::layout::REPOSITORY;
use super::repository::{self, FORMAT, MAJOR, MINOR, Repository, version};
use super::transaction::Tx;
use crate::error::{Error, Result};
use crate::model::codec::encode;
use crate::model::doc::Doc;
use crate::model::rule_elements;

/// One step: from major version `from` to `from + 1`.
pub struct Step {
    /// The version that it reads.
    pub from: u32,
    /// The change, one line for the user.
    pub what: &'static str,
    /// Makes the change.
    pub stage: fn(&mut Tx<'_>) -> Result<()>,
}

/// Every step there ever was, oldest first.
pub const STEPS: &[Step] = &[
    Step {
        from: 1,
        what: "documents are read by fixed rules instead of as any YAML, and shared lists are kept \
               by element; no other document has to be rewritten",
        stage: lists_by_element,
    },
    Step {
        from: 2,
        what: "items are in two levels of folders instead of one; no document is rewritten",
        // The write moves them when it has made its tree.
        stage: |_| Ok(()),
    },
];

/// The version that any write raises an older one to.
pub const RAISED: (u32, u32) = (2, 0);

/// The version that this program writes.
pub const PRESENT: (u32, u32) = (MAJOR, MINOR);

/// The shared rules that are lists.
pub const LISTS: [&str; 2] = ["protectedPaths", "protectedBranches"];

/// Turns the shared rules that format 1 has as lists in one text into elements.
fn lists_by_element(tx: &mut Tx<'_>) -> Result<()> {
    let mut doc = staged(tx);
    let clock = tx.clock().clone();
    let mut changed = false;
    for rule in LISTS {
        changed |= rule_elements::convert(&mut doc, rule, &clock);
    }
    if changed {
        tx.put_file(REPOSITORY, Some(encode(&doc).into_bytes()));
    }
    Ok(())
}

/// The settings of the repository, as the write has changed them so far.
fn staged(tx: &Tx<'_>) -> Doc {
    let staged = tx.staged_file(REPOSITORY);
    let staged = staged.and_then(|bytes| repository::decode(bytes).ok());
    staged.unwrap_or_else(|| tx.state.repository.doc.clone())
}

/// The steps from one major version to another.
pub fn path(steps: &[Step], from: u32, to: u32) -> Result<&[Step]> {
    let gap = || {
        Error::state(format!(
            "there is no migration from format {from} to format {to}"
        ))
        .hint("install the git pm that wrote this state, or a newer one")
    };
    if from > to {
        return Err(gap());
    }
    let first = steps.iter().position(|s| s.from == from);
    let length = (to - from) as usize;
    let chain = match first {
        _ if length == 0 => &[],
        Some(first) => steps.get(first..first + length).ok_or_else(gap)?,
        None => return Err(gap()),
    };
    let whole = chain.iter().zip(from..).all(|(step, at)| step.from == at);
    if whole { Ok(chain) } else { Err(gap()) }
}

/// Refuses to write into a state that cannot be read, or of another major version.
pub fn require_writable(repository: &Repository) -> Result<()> {
    repository.require_readable()?;
    repository.require_whole()?;
    require_present(repository.format())
}

/// Refuses to write into a state of a version that never existed.
fn require_present((major, minor): (u32, u32)) -> Result<()> {
    if major >= MAJOR || is_known(major) {
        return Ok(());
    }
    let error = Error::state(format!(
        "the state has format {major}.{minor}, which this version of git pm can read but not write"
    ));
    Err(error
        .hint("this format does not exist: `git pm fsck --repair` restores the previous value"))
}

/// True if a state of this major version is the current one or can be migrated to it. No other was
/// ever released, so a state that claims one is damaged.
pub fn is_known(major: u32) -> bool {
    path(STEPS, major, MAJOR).is_ok()
}

/// True for a version that any write raises.
pub fn is_older((major, _): (u32, u32)) -> bool {
    major < RAISED.0 && is_known(major)
}

/// Stages the migration from the state's version to a later one. Returns the steps, none if the
/// state has that version.
pub fn stage(tx: &mut Tx<'_>, to: (u32, u32)) -> Result<Vec<&'static str>> {
    let from = shown(tx.state.repository.format());
    let steps = stage_with(tx, STEPS, to)?;
    tx.describe(
        "migrate",
        &[],
        &format!("from format {from} to {}", shown(to)),
    );
    Ok(steps)
}

fn stage_with(tx: &mut Tx<'_>, steps: &[Step], to: (u32, u32)) -> Result<Vec<&'static str>> {
    let from = tx.state.repository.format();
    if from.0 >= to.0 {
        return Ok(Vec::new());
    }
    let chain = path(steps, from.0, to.0)?;
    for step in chain {
        (step.stage)(tx)?;
    }
    // The write and the steps may have changed other settings.
    let mut doc = staged(tx);
    let clock = tx.clock().clone();
    match tx.begins_items() {
        // Two clones that begin alike have the same file.
        true => doc.put(FORMAT, shown(to)),
        false => _ = doc.set(FORMAT, shown(to), &clock),
    }
    tx.put_file(REPOSITORY, Some(encode(&doc).into_bytes()));
    Ok(chain.iter().map(|step| step.what).collect())
}

/// Raises the version of a state together with a write. Returns what to tell the user about it.
pub fn raise(tx: &mut Tx<'_>) -> Result<Option<String>> {
    // The write itself may be the migration.
    let from = version(&staged(tx)).unwrap_or_default();
    let to = match (tx.begins_items(), is_older(from)) {
        (true, _) => PRESENT,
        (false, true) => RAISED,
        (false, false) => return Ok(None),
    };
    stage_with(tx, STEPS, to)?;
    if !is_older(from) {
        // There is nothing yet that another program would miss.
        return Ok(None);
    }
    Ok(Some(format!(
        "the state was raised from format {} to {}; a git pm that does not know it refuses the \
         state until it is upgraded",
        shown(from),
        shown(to)
    )))
}

/// A version as text.
pub fn shown((major, minor): (u32, u32)) -> String {
    format!("{major}.{minor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(from: &[u32]) -> Vec<Step> {
        from.iter()
            .map(|from| Step {
                from: *from,
                what: "nothing",
                stage: |_| Ok(()),
            })
            .collect()
    }

    #[test]
    fn the_chain_of_migrations_has_no_gap() {
        let all = steps(&[1, 2, 3]);
        assert_eq!(path(&all, 1, 4).unwrap().len(), 3);
        assert_eq!(path(&all, 2, 3).unwrap().len(), 1);
        assert!(path(&all, 4, 4).unwrap().is_empty());
        assert!(path(&all, 1, 5).is_err(), "the chain ends too early");
        assert!(path(&all, 0, 2).is_err(), "the chain begins too late");
        assert!(path(&all, 3, 2).is_err(), "there is no way back");
        assert!(path(&steps(&[1, 3]), 1, 3).is_err(), "a step is missing");
    }

    #[test]
    fn the_migrations_lead_to_the_version_of_this_program() {
        // Format 1 is the first: every older version that was ever used has a step.
        for from in 1..=MAJOR {
            path(STEPS, from, MAJOR).expect("a released format can be migrated");
        }
        assert!(require_present((MAJOR, 0)).is_ok());
        assert!(
            require_present((MAJOR, 99)).is_ok(),
            "a later minor version"
        );
        assert!(require_present((1, 0)).is_ok(), "the write raises it");
        assert!(require_present((0, 9)).is_err());
    }
}
