//! Where a register's value came from: the commit that wrote it, found by following the parents that
//! have the same value with the same stamp.

use super::file::Tracked;
use super::load;
use super::trees::{item_doc, item_paths};
use crate::error::Result;
use crate::model::doc::Reg;
use crate::model::uid::Uid;
use crate::store::git::repo::{Commit, Oid, Repo};

/// Where a value came from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// This commit wrote it: no parent has it.
    Written(Commit),
    /// The history begins with it: everything before was cut off.
    Begins(Commit),
    /// What is here of the history does not reach back so far.
    Beyond,
}

/// The commit that wrote what a register of an item holds at `tip`, looked for in at most `limit`
/// steps. A merge has the value from a parent, and it is followed there.
///
/// # Errors
/// When an object is not here and the history is not shallow.
pub fn origin(
    repo: &Repo,
    tip: Oid,
    (born, uid): (&str, &Uid),
    register: &str,
    limit: usize,
) -> Result<Origin> {
    let mut tracked = Tracked::new(repo, &item_paths(born, uid));
    let value = |tree: Oid| -> Result<Option<Reg>> {
        let doc = item_doc(repo, tree, born, uid)?;
        Ok(doc.and_then(|mut doc| doc.regs.remove(register)))
    };
    let mut at = repo.commit(tip)?;
    let wanted = value(at.tree)?;
    for _ in 0..limit {
        if at.parents.is_empty() {
            return Ok(Origin::Begins(at));
        }
        let mut same: Vec<Commit> = Vec::new();
        let mut hidden = false;
        for parent in &at.parents {
            let Some(parent) = load(repo, *parent)? else {
                hidden = true;
                continue;
            };
            if tracked.is_same(parent.tree, at.tree)? {
                same.push(parent);
                continue;
            }
            let other = value(parent.tree)?;
            if other == wanted {
                same.push(parent);
            } else if is_newer(other.as_ref(), wanted.as_ref()) {
                // No join takes what a parent has overwritten.
                return Ok(Origin::Written(at));
            }
        }
        // What was cut off to be joined with a new generation is nobody's.
        let own = |parent: &Commit| parent.signed || !parent.parents.is_empty();
        let next = same.iter().position(own).unwrap_or(0);
        match same.into_iter().nth(next) {
            Some(parent) => at = parent,
            None if hidden => return Ok(Origin::Beyond),
            None => return Ok(Origin::Written(at)),
        }
    }
    Ok(Origin::Beyond)
}

fn is_newer(one: Option<&Reg>, than: Option<&Reg>) -> bool {
    match (one, than) {
        (Some(one), Some(than)) => one.stamp > than.stamp,
        (Some(_), None) => true,
        (None, _) => false,
    }
}
