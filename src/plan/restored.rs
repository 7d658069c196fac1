//! Which values of an item are the plan's although an undo or an approval wrote them.
//!
//! An undo brings back what the plan had given, and an approval may replace such a value.
//!
//! An undo has to write with a stamp above that of the change, so only the history tells.

use crate::model::doc::Doc;
use crate::model::item::Item;
use crate::model::stamp::Stamp;
use crate::store::git::repo::Commit;
use crate::store::history::introduced;
use crate::store::history::trees::item_doc;
use crate::store::state::State;

/// So many approvals in a row are looked through.
const APPROVALS: usize = 20;

/// The operations that write a value which can be the plan's.
const UNDO: &str = "undo";
const APPROVE: &str = "plan approve";

/// True if a register of an item, or its text without a name of one, has a value of the plan that an undo
/// brought back. Where the available history does not tell, it is that of its writer.
pub(super) fn is_restored(
    state: &State<'_>,
    item: &Item,
    doc: &Doc,
    register: Option<&str>,
) -> bool {
    let mut present = written(doc, register);
    for _ in 0..APPROVALS {
        let Some((stamp, value)) = present else {
            return false;
        };
        if stamp.is_derived() {
            return true;
        }
        let is_it = |doc: &Doc| written(doc, register).is_some_and(|(at, _)| at == stamp);
        let Some(by) = writer(state, item, is_it) else {
            return false;
        };
        match by.op() {
            UNDO => {
                let is_given = |doc: &Doc| {
                    let given = written(doc, register).filter(|(at, _)| at.is_derived());
                    given.is_some_and(|(_, given)| given == value)
                };
                return writer(state, item, is_given).is_some();
            }
            APPROVE => present = before(state, item, &by).and_then(|doc| written(&doc, register)),
            _ => return false,
        }
    }
    false
}

/// What a register has, or the text, with the time of its last write.
fn written(doc: &Doc, register: Option<&str>) -> Option<(Stamp, String)> {
    match register {
        Some(name) => {
            let reg = doc.regs.get(name)?;
            Some((reg.stamp.clone(), reg.value.to_json().to_string()))
        }
        None => {
            let newest = doc.body.newest()?;
            Some((newest.stamp.clone(), doc.body.shown().to_owned()))
        }
    }
}

/// The commit after which an item's document was so for the first time.
pub(super) fn writer(state: &State<'_>, item: &Item, has: impl Fn(&Doc) -> bool) -> Option<Commit> {
    let name = (item.born.as_str(), &item.uid);
    let found = introduced(state.repo(), state.commit?, None, name, has);
    found.ok().flatten()
}

/// An item's document before a commit.
fn before(state: &State<'_>, item: &Item, commit: &Commit) -> Option<Doc> {
    let repo = state.repo();
    let parent = repo.commit(*commit.parents.first()?).ok()?;
    item_doc(repo, parent.tree, &item.born, &item.uid)
        .ok()
        .flatten()
}
