//! Which values of an imported record win over those of its document, field by field.
//!
//! Changes at the source since the last import are written with the record's stamp, so they win over
//! older values here and lose against newer ones. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::closing_fields::{clear_if_open, is_closed};
use super::content::Content;
use super::deleted_at_source::End;
use crate::model::doc::{Doc, EXTERNAL, Entry, Reg, is_identity};
use crate::model::imported::is_of_record;
use crate::model::prose::{Prose, TextHash, Version, VersionId};
use crate::model::stamp::{ReplicaId, Stamp};
use crate::model::value::Value;
use crate::store::history::BODY;

/// Writes the changes from `base` to `new` into a document; true if there were any.
pub fn merge(doc: &mut Doc, base: &Content, new: &Content, stamp: &Stamp) -> bool {
    let was_closed = is_closed(doc);
    let end = End::of(doc);
    let ours = set_here(doc, new);
    let mut changed = registers(&mut doc.regs, &base.regs, &new.regs, stamp);
    doc.regs.extend(ours);
    end.keep(doc, &[base, new]);
    changed |= clear_if_open(doc, was_closed, new, stamp);
    let none = BTreeSet::new();
    for name in both(&base.sets, &new.sets) {
        let was = base.sets.get(&name).unwrap_or(&none);
        let is = new.sets.get(&name).unwrap_or(&none);
        let set = doc.sets.entry(name).or_default();
        for element in is.difference(was) {
            changed |= write(set, element, Value::Bool(true), stamp);
        }
        for element in was.difference(is) {
            changed |= write(set, element, Value::Null, stamp);
        }
    }
    doc.sets.retain(|_, set| !set.is_empty());
    let none = BTreeMap::new();
    for name in both(&base.records, &new.records) {
        let was = base.records.get(&name).unwrap_or(&none);
        let is = new.records.get(&name).unwrap_or(&none);
        let record = doc.records.entry(name).or_default();
        changed |= entries(record, was, is, stamp);
    }
    doc.records.retain(|_, record| !record.is_empty());
    changed | text(&mut doc.body, &base.body, &new.body, stamp)
}

/// Applies the newest record over older ones: two clones can import versions of a record
/// independently, and their join keeps values that only the older version had. `content` is the
/// content of the newest version, written at `stamp`; values written here stay. True if anything
/// changed.
pub fn settle(doc: &mut Doc, content: &Content, stamp: &Stamp) -> bool {
    let is_older = |reg: &Reg| is_of_record(&reg.stamp) && reg.stamp.ms < stamp.ms;
    let end = End::of(doc);
    let mut changed = false;
    let mut overwrite = |reg: &mut Reg, value: &Value| {
        if is_older(reg) && reg.value != *value {
            *reg = Reg {
                stamp: stamp.clone(),
                value: value.clone(),
            };
            changed = true;
        }
    };
    for (name, reg) in &mut doc.regs {
        if !is_identity(name) && name != EXTERNAL {
            overwrite(reg, content.regs.get(name).unwrap_or(&Value::Null));
        }
    }
    for (name, set) in &mut doc.sets {
        let imported = content.sets.get(name);
        for (element, reg) in set {
            let is_in = imported.is_some_and(|imported| imported.contains(element));
            overwrite(reg, &Value::from(is_in.then_some(true)));
        }
    }
    end.keep(doc, &[content]);
    changed | settle_text(&mut doc.body, &content.body, stamp)
}

/// Gives values of other files, which the newest record does not have, stamps of this clone above that of the record,
/// `at`: the next import would take them for leftovers of older versions. Returns the fields of these.
pub fn renew(doc: &mut Doc, newest: &Content, at: &Stamp, here: &ReplicaId) -> Vec<String> {
    let above = at.next(here);
    let is_older = |stamp: &Stamp| is_of_record(stamp) && *stamp < above;
    let mut renewed = Vec::new();
    for (name, reg) in &mut doc.regs {
        let told = newest.regs.get(name).unwrap_or(&Value::Null);
        let is_value = !is_identity(name) && name != EXTERNAL;
        if is_value && reg.value != *told && is_older(&reg.stamp) {
            reg.stamp = above.clone();
            renewed.push(name.clone());
        }
    }
    for (name, set) in &mut doc.sets {
        let told = newest.sets.get(name);
        let mut is_renewed = false;
        for (element, reg) in set {
            let is_in = told.is_some_and(|told| told.contains(element));
            if reg.value.is_true() != is_in && is_older(&reg.stamp) {
                reg.stamp = above.clone();
                is_renewed = true;
            }
        }
        renewed.extend(is_renewed.then(|| name.clone()));
    }
    let versions = &doc.body.versions;
    let text = doc.body.text().to_string();
    if text != newest.body && versions.len() == 1 && versions.keys().all(|id| is_older(&id.stamp)) {
        let known = versions.values().flat_map(|one| &one.replaces);
        let version = Version {
            text: Some(text.clone()),
            replaces: known.chain(versions.keys()).cloned().collect(),
            knows: BTreeSet::new(),
        };
        let id = VersionId::of(above, &text);
        doc.body.versions.insert(id, version);
        doc.body.settle();
        renewed.push(BODY.to_string());
    }
    renewed
}

/// The registers that were written here and of which a record says nothing itself: what is inferred replaces only
/// what was inferred.
fn set_here(doc: &Doc, new: &Content) -> Vec<(String, Reg)> {
    let names = new.inferred.iter();
    let found = names.filter_map(|name| doc.regs.get_key_value(*name));
    let ours = found.filter(|(_, reg)| !is_of_record(&reg.stamp));
    ours.map(|(name, reg)| (name.clone(), reg.clone()))
        .collect()
}

/// Replaces texts of older versions of the record with that of the newest.
fn settle_text(prose: &mut Prose, text: &str, stamp: &Stamp) -> bool {
    let older: Vec<(VersionId, Version)> = prose
        .versions
        .iter()
        .filter(|(id, _)| is_of_record(&id.stamp) && id.stamp.ms < stamp.ms)
        .filter(|(_, version)| version.text.as_deref() != Some(text))
        .map(|(id, version)| (id.clone(), version.clone()))
        .collect();
    if older.is_empty() {
        return false;
    }
    let own = prose.versions.iter().rev();
    let own = own
        .filter(|(id, _)| is_of_record(&id.stamp))
        .find(|(_, version)| version.text.as_deref() == Some(text));
    let own = own.map_or_else(|| VersionId::of(stamp.clone(), text), |(id, _)| id.clone());
    let version = prose.versions.entry(own).or_insert_with(|| Version {
        text: Some(text.to_string()),
        ..Version::default()
    });
    for (id, old) in older {
        version.replaces.insert(id);
        version.replaces.extend(old.replaces);
    }
    prose.settle();
    true
}

/// The keys of both maps.
pub(super) fn both<T>(a: &BTreeMap<String, T>, b: &BTreeMap<String, T>) -> BTreeSet<String> {
    a.keys().chain(b.keys()).cloned().collect()
}

fn registers(
    regs: &mut BTreeMap<String, Reg>,
    was: &BTreeMap<String, Value>,
    is: &BTreeMap<String, Value>,
    stamp: &Stamp,
) -> bool {
    let mut changed = false;
    for name in both(was, is) {
        let (was, is) = (was.get(&name), is.get(&name));
        if was != is {
            changed |= write(regs, &name, is.cloned().unwrap_or(Value::Null), stamp);
        }
    }
    changed
}

fn entries(
    record: &mut BTreeMap<String, Entry>,
    was: &BTreeMap<String, BTreeMap<String, Value>>,
    is: &BTreeMap<String, BTreeMap<String, Value>>,
    stamp: &Stamp,
) -> bool {
    let none = BTreeMap::new();
    let mut changed = false;
    for id in both(was, is) {
        let (before, now) = (was.get(&id).unwrap_or(&none), is.get(&id).unwrap_or(&none));
        if before == now {
            continue;
        }
        let entry = record.entry(id.clone()).or_insert_with(|| Entry {
            at: stamp.clone(),
            regs: BTreeMap::new(),
        });
        changed |= registers(&mut entry.regs, before, now, stamp);
        let gone = Value::from((!is.contains_key(&id)).then_some(true));
        changed |= write(&mut entry.regs, "removed", gone, stamp);
    }
    changed
}

/// Writes one register if the record is newer. Of two records with the same time the later import
/// wins: some trackers do not update the time when they add a label.
pub(super) fn write(
    regs: &mut BTreeMap<String, Reg>,
    name: &str,
    value: Value,
    stamp: &Stamp,
) -> bool {
    let present = regs.get(name);
    if present.map_or(&Value::Null, |reg| &reg.value) == &value {
        return false;
    }
    let stamp = match present.map(|reg| &reg.stamp) {
        Some(old) if old >= stamp && old.ms == stamp.ms => old.next(&stamp.replica),
        Some(old) if old >= stamp => return false,
        _ => stamp.clone(),
    };
    regs.insert(name.to_string(), Reg { stamp, value });
    true
}

/// Replaces the text that the source had. A text written over it here stays as a concurrent
/// version.
pub(super) fn text(prose: &mut Prose, was: &str, is: &str, stamp: &Stamp) -> bool {
    if was == is || prose.text() == is {
        return false;
    }
    let hash = TextHash::of(was);
    let mut replaces = BTreeSet::new();
    for (id, version) in &prose.versions {
        let same = id.hash == hash && version.text.as_deref() == Some(was);
        if same {
            replaces.extend(version.replaces.iter().cloned());
            replaces.insert(id.clone());
        }
    }
    if replaces.is_empty() {
        let known = prose.replaced();
        replaces.extend(known.into_iter().filter(|id| id.hash == hash));
    }
    let newest = replaces.iter().next_back().map(|id| &id.stamp);
    let stamp = match newest {
        Some(old) if old >= stamp => old.next(&stamp.replica),
        _ => stamp.clone(),
    };
    let version = Version {
        text: Some(is.to_string()),
        replaces,
        knows: BTreeSet::new(),
    };
    prose.versions.insert(VersionId::of(stamp, is), version);
    prose.settle();
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::codec::encode;
    use crate::model::stamp::{Clock, Tick};
    use crate::model::uid::Uid;
    use crate::store::join::doc::join;
    use proptest::prelude::*;

    fn stamp(ms: u64) -> Stamp {
        Stamp {
            ms,
            counter: 0,
            replica: ReplicaId::new("f00df00df00df00d").unwrap(),
        }
    }

    fn clock(ms: u64) -> Clock {
        Clock::new(ReplicaId::new("here").unwrap(), ms, Tick::default())
    }

    fn content(title: &str, labels: &[&str], body: &str) -> Content {
        let mut content = Content {
            body: body.into(),
            ..Content::default()
        };
        content.put("title", title);
        for label in labels {
            content.put_element("labels", *label);
        }
        content
    }

    fn imported(content: &Content, ms: u64) -> Doc {
        let mut doc = Doc::new(Uid::derived(&["x"]), "issue", "x", stamp(ms));
        merge(&mut doc, &Content::default(), content, &stamp(ms));
        doc
    }

    #[test]
    fn closing_fields_of_another_status_or_an_inconsistent_record_stay() {
        let with = |status: &str, closed_at: Option<&str>| {
            let mut content = content("t", &[], "");
            content.put("status", status);
            content.put("closed_at", closed_at);
            content.put("reason", closed_at.map(|_| "theirs"));
            content
        };
        let (open, closed) = (with("open", None), with("closed", Some("then")));
        // Closed there, blocked here since.
        let mut doc = imported(&open, 100);
        doc.set("status", "blocked", &clock(400));
        doc.set("reason", "waits", &clock(400));
        merge(&mut doc, &open, &closed, &stamp(300));
        assert_eq!(doc.text("reason"), Some("waits"));
        let mut doc = imported(&open, 100);
        merge(&mut doc, &open, &with("open", Some("then")), &stamp(300));
        assert_eq!(doc.text("closed_at"), Some("then"));
        assert_eq!(doc.text("reason"), Some("theirs"));
    }

    #[test]
    fn the_later_import_of_two_records_with_the_same_time_wins() {
        let base = content("a", &["x"], "one");
        let mut doc = imported(&base, 100);
        let new = content("b", &[], "two");
        assert!(merge(&mut doc, &base, &new, &stamp(100)));
        assert_eq!(doc.text("title"), Some("b"));
        assert_eq!(doc.elements("labels").count(), 0);
        assert_eq!(doc.body.text(), "two");
        assert!(!doc.body.is_conflicted());
    }

    /// Versions of a record, from few words, so that they often agree.
    fn versions() -> impl Strategy<Value = Vec<Content>> {
        let one = (0..3u8, 0..8u8, 0..3u8, any::<bool>());
        prop::collection::vec(one, 3).prop_map(|all| {
            let all = all.into_iter();
            all.map(|(title, labels, body, assignee)| {
                let names = ["a", "b", "c"].into_iter().enumerate();
                let labels: Vec<&str> = names
                    .filter(|(n, _)| labels & (1 << n) != 0)
                    .map(|(_, name)| name)
                    .collect();
                let texts = ["", "one", "two"];
                let body = texts[usize::from(body)];
                let mut content = content(&format!("title {title}"), &labels, body);
                content.put("assignee", assignee.then_some("emma"));
                content
            })
            .collect()
        })
    }

    proptest! {
        // Clones that imported any of three versions of a record, in their order, sync in any
        // order: the newest version wins, and values written here stay.
        #[test]
        fn an_older_record_never_wins(
            versions in versions(),
            clones in prop::collection::vec(1..8usize, 1..4),
            local in prop::option::of((0..3usize, 0..3usize)),
            backwards in any::<bool>(),
        ) {
            let at = |n: usize| stamp(100 * (n as u64 + 1));
            let mut docs = Vec::new();
            for (k, mask) in clones.iter().enumerate() {
                let seen: Vec<usize> = (0..3).filter(|n| mask & (1 << n) != 0).collect();
                let mut doc = Doc::new(Uid::derived(&["x"]), "issue", "x", at(seen[0]));
                let mut base = Content::default();
                for n in seen {
                    merge(&mut doc, &base, &versions[n], &at(n));
                    settle(&mut doc, &versions[n], &at(n));
                    base = versions[n].clone();
                }
                if local.is_some_and(|(clone, _)| clone == k) {
                    doc.set("notes", "here", &clock(150));
                    doc.set_element("labels", "here", true, &clock(150));
                }
                docs.push(doc);
            }
            if backwards {
                docs.reverse();
            }
            let newest = clones.iter().map(|mask| mask.ilog2() as usize).max().unwrap();
            let joined = docs.iter().skip(1).fold(docs[0].clone(), |a, b| join(&a, b));
            let mut doc = joined.clone();
            settle(&mut doc, &versions[newest], &at(newest));
            let wanted = &versions[newest];
            for name in ["title", "assignee"] {
                let expected = wanted.regs.get(name).unwrap_or(&Value::Null);
                prop_assert_eq!(doc.value(name), expected, "{}", name);
            }
            let labels: BTreeSet<String> = doc.elements("labels").map(str::to_string).collect();
            let mut expected = wanted.sets.get("labels").cloned().unwrap_or_default();
            if local.is_some_and(|(clone, _)| clone < clones.len()) {
                expected.insert("here".into());
                prop_assert_eq!(doc.text("notes"), Some("here"));
            }
            prop_assert_eq!(labels, expected);
            prop_assert_eq!(doc.body.text(), &wanted.body);
            prop_assert!(!doc.body.is_conflicted());
            prop_assert!(!settle(&mut doc, wanted, &at(newest)), "settling again changed something");
            // Settling is a write like any other: it joins with what others have.
            prop_assert_eq!(encode(&join(&doc, &joined)), encode(&doc));
        }
    }

    #[test]
    fn a_cleared_text_is_not_a_conflict() {
        let base = content("a", &[], "one");
        let mut doc = imported(&base, 100);
        assert!(merge(&mut doc, &base, &content("a", &[], ""), &stamp(200)));
        assert_eq!(doc.body.text(), "");
        assert!(!doc.body.is_conflicted());
    }
}
