//! Tasks of a new draft in the words of one that the document had dropped: it asks for that again.
//!
//! Words that were given to a task after it was made have another key than it, and so have the same ones below another
//! heading or id. Open work is taken up again. The words of finished work may ask for it once more: a person says that it
//! meets them.

use std::collections::{BTreeMap, BTreeSet};

use super::document::normalize;
use super::draft::{Draft, Key, Task};
use super::new_work::{put_after, stored};
use super::plan_types::{Plan, Planned};
use super::same_task::rename;
use super::same_words::names;
use crate::model::item::Item;
use crate::model::proposed::test_key;
use crate::store::state::State;

/// Gives such tasks the keys of the open work, or puts them after the finished one.
pub(super) fn take_up(draft: &mut Draft, state: &State<'_>, plan: &Plan) {
    let drafted: BTreeSet<&Key> = draft.tasks.iter().map(|task| &task.key).collect();
    let is_dropped = |one: &&Planned| {
        let key = &one.task.key;
        one.is_gone && !plan.removed.contains_key(key) && !drafted.contains(key)
    };
    let dropped = plan.counted().filter(is_dropped);
    let dropped = dropped.filter_map(|one| {
        let item = stored(state, one).filter(|item| !item.deleted)?;
        let mut own = names(&one.task);
        own.insert(normalize(&item.title));
        Some((&one.task.key, item, own))
    });
    let dropped: Vec<(&Key, &Item, BTreeSet<String>)> = dropped.collect();
    if dropped.is_empty() {
        return;
    }
    let new = draft
        .counted()
        .filter(|task| plan.task(&task.key).is_none() && !plan.removed.contains_key(&task.key));
    let new: Vec<(&Task, BTreeSet<String>)> = new.map(|task| (task, names(task))).collect();
    let (mut keys, mut after) = (BTreeMap::new(), Vec::new());
    for (key, item, own) in &dropped {
        let has_name = |other: &BTreeSet<String>| !own.is_disjoint(other);
        let mut same = new.iter().filter(|(_, names)| has_name(names));
        let rivals = dropped.iter().filter(|(.., names)| has_name(names)).count();
        // It could be either of two with one name.
        let (Some((task, _)), None, 1) = (same.next(), same.next(), rivals) else {
            continue;
        };
        if item.status.is_finished() {
            after.push((task.key.clone(), (*key).clone()));
        } else if !item.status.is_closed() {
            keys.insert(test_key(&task.key), test_key(key));
            keys.insert(task.key.clone(), (*key).clone());
        }
    }
    rename(draft, &keys);
    for (key, on) in after {
        put_after(draft, state, plan, &key, &on);
    }
}
