//! Which acceptance criteria of a file that was exported from this store are which of its item. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::bridge::content::Content;
use crate::bridge::criteria::LIST;
use crate::model::doc::Doc;
use crate::model::text::one_line;
use crate::model::uid::Uid;
use crate::model::value::Value;

/// A criterion that was read from a file.
struct Said {
    /// The name that reading gave it.
    name: String,
    text: String,
    order: i64,
    done: bool,
}

/// The criteria of a content, in their order.
fn said(content: &Content) -> Vec<Said> {
    let all = content.records.get(LIST).into_iter().flatten();
    let one = |(name, regs): (&String, &BTreeMap<String, Value>)| Said {
        name: name.clone(),
        text: (regs.get("text").and_then(Value::as_str))
            .unwrap_or_default()
            .to_string(),
        order: (regs.get("order").and_then(Value::as_int)).unwrap_or(i64::MAX),
        done: regs.get("done").is_some_and(Value::is_true),
    };
    let mut all: Vec<Said> = all.map(one).collect();
    all.sort_by_key(|one| one.order);
    all
}

/// Gives the criteria of a file, `new`, and of an export of now, `base`, the ids that they have in the item, found by
/// their texts. Equal texts are matched one to one: ticked with ticked and open with open, then by their positions.
/// Which of them stands where means nothing.
pub(super) fn name(doc: &Doc, base: &mut Content, new: &mut Content) {
    let (was, is) = (said(base), said(new));
    let mut here: Vec<(i64, &str, String)> = doc
        .entries(LIST)
        .map(|(id, entry)| {
            let order = entry.value("order").as_int().unwrap_or(i64::MAX);
            (order, id, one_line(entry.text("text").unwrap_or_default()))
        })
        .collect();
    here.sort();
    let ids = doc.all_entries(LIST);
    let mut used: BTreeSet<String> = ids.map(|(id, _)| id.to_string()).collect();
    let known = was.iter().map(|one| {
        let at = here.iter().position(|(.., text)| *text == one.text);
        let id = at.map(|at| here.remove(at).1.to_string());
        (one.name.clone(), id.unwrap_or_else(|| one.name.clone()))
    });
    let known: BTreeMap<String, String> = known.collect();
    used.extend(known.values().cloned());
    let pairs = pairs(&was, &is);
    let mut names = BTreeMap::new();
    let mut orders: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    for (n, one) in is.iter().enumerate() {
        let id = match pairs.get(&n) {
            Some(at) => {
                let same = orders.entry(&one.text).or_default();
                same.push((*at, n));
                known[&was[*at].name].clone()
            }
            // The name is that of another if some of the earlier ones with its text are gone.
            None => {
                let mut id = one.name.clone();
                while used.contains(&id) {
                    id = Uid::derived(&[LIST, doc.uid.as_str(), &id])
                        .suffix(8)
                        .to_string();
                }
                id
            }
        };
        used.insert(id.clone());
        names.insert(one.name.clone(), id);
    }
    for mut same in orders.into_values() {
        let mut places: Vec<i64> = same.iter().map(|(_, n)| is[*n].order).collect();
        places.sort_unstable();
        same.sort_unstable();
        for ((_, n), order) in same.into_iter().zip(places) {
            new.put_entry(LIST, &is[n].name, "order", order);
        }
    }
    rename(base, &known);
    rename(new, &names);
}

/// The positions of criteria in `was`, by those of the same ones in `is`.
fn pairs(was: &[Said], is: &[Said]) -> BTreeMap<usize, usize> {
    let mut free: Vec<usize> = (0..was.len()).collect();
    let mut pairs = BTreeMap::new();
    for needs_same_tick in [true, false] {
        for (n, one) in is.iter().enumerate() {
            let fits = |other: &Said| {
                other.text == one.text && (!needs_same_tick || other.done == one.done)
            };
            let open = !pairs.contains_key(&n);
            let at = free.iter().position(|at| open && fits(&was[*at]));
            pairs.extend(at.map(|at| (n, free.remove(at))));
        }
    }
    pairs
}

fn rename(content: &mut Content, names: &BTreeMap<String, String>) {
    let Some(entries) = content.records.remove(LIST) else {
        return;
    };
    let renamed = entries.into_iter().map(|(name, registers)| {
        let name = names.get(&name).cloned().unwrap_or(name);
        (name, registers)
    });
    content.records.insert(LIST.into(), renamed.collect());
}
