//! Nothing is overridden in silence: random histories of clones of one remote, with commits, that
//! write and remove fields and entries of documents and of `pm.yaml`, delete documents, redact and
//! cut the history. Every value is in the end in the state, or somebody who saw it overwrote it, or
//! it is listed. `GIT_PM_TEST_LISTED=N` plays N histories.

use std::collections::{BTreeMap, BTreeSet};

use git_pm::internals::model::codec::encode;
use git_pm::internals::model::doc::{Doc, Entry};
use git_pm::internals::model::register_diff::Place;
use git_pm::internals::model::rule_elements;
use git_pm::internals::model::stamp::{Clock, ReplicaId, Stamp, Tick};
use git_pm::internals::model::value::Value;
use git_pm::internals::store::generation::adopt::{is_common, unlisted};
use git_pm::internals::store::generation::stripped;
use git_pm::internals::store::git::repo::{Entry as TreeEntry, EntryType, Oid, Pending, Person};
use git_pm::internals::store::history::override_notes::{note, of_note};
use git_pm::internals::store::history::trees::{changed, doc_like};
use git_pm::internals::store::history::{Override, overrides_in};
use git_pm::internals::store::join::commit::{join_commits, tick};
use git_pm::internals::store::join::tree::join_trees;
use git_pm::internals::store::{first_commit, layout, repository};
use git_pm::values::Uid;

use crate::history::{Step, steps};
use crate::repo::Fixture;
use crate::runner;

/// The start of the histories: 2025-11-20.
const BEGIN: u64 = 1_763_625_600_000;

const RULE: &str = "protectedPaths";

struct Clone {
    id: ReplicaId,
    wall: u64,
    tip: Oid,
    /// The remote's state at the exchange before.
    known: Option<Oid>,
}

struct World<'r> {
    repo: &'r Pending,
    clones: Vec<Clone>,
    hub: Oid,
    /// Every value, by its place.
    wrote: BTreeMap<String, (Uid, Place)>,
    /// Values that were overwritten or removed by somebody who saw them.
    overwritten: BTreeSet<String>,
    redacted: BTreeSet<String>,
    /// The entries of elements that were added, and those that somebody saw and removed.
    added: BTreeSet<(String, String)>,
    removed: BTreeSet<String>,
}

fn person() -> Person {
    Person {
        name: "x".into(),
        email: String::new(),
        seconds: 0,
    }
}

/// A tree with some files replaced.
fn edited(repo: &Pending, tree: Oid, path: &str, bytes: &[u8]) -> Oid {
    let (name, rest) = match path.split_once('/') {
        Some((name, rest)) => (name, Some(rest)),
        None => (path, None),
    };
    let mut entries = repo.tree(tree).unwrap();
    let there = entries
        .iter()
        .find(|e| e.name == name.as_bytes())
        .map(|e| e.oid);
    entries.retain(|entry| entry.name != name.as_bytes());
    let (kind, oid) = match rest {
        None => (EntryType::Blob, repo.write_blob(bytes).unwrap()),
        Some(rest) => {
            let below = there.unwrap_or_else(|| repo.write_tree(Vec::new()).unwrap());
            (EntryType::Tree, edited(repo, below, rest, bytes))
        }
    };
    let name = name.as_bytes().to_vec();
    entries.push(TreeEntry { name, kind, oid });
    entries.sort_by_key(|e| {
        let mut key = e.name.clone();
        key.extend(matches!(e.kind, EntryType::Tree).then_some(b'/'));
        key
    });
    repo.write_tree(entries).unwrap()
}

fn with_doc(repo: &Pending, tree: Oid, doc: &Doc) -> Oid {
    let path = layout::path_of(layout::Levels::Two, doc).unwrap_or_else(|| "pm.yaml".into());
    edited(repo, tree, &path, encode(doc).as_bytes())
}

impl World<'_> {
    fn new(repo: &Pending, count: usize) -> World<'_> {
        let empty = repo.write_tree(Vec::new()).unwrap();
        let mut tree = with_doc(repo, empty, &first_commit::initial_document());
        let birth: Stamp = "1.0.r0".parse().unwrap();
        for (n, kind) in ["task", "learning", "agent", "issue"]
            .into_iter()
            .enumerate()
        {
            let born = if n == 0 {
                "T-0001"
            } else if n == 3 {
                "pm-a3f8"
            } else {
                ""
            };
            let mut doc = Doc::new(Uid::derived(&[kind]), kind, born, birth.clone());
            doc.put("title", kind);
            tree = with_doc(repo, tree, &doc);
        }
        let mut world = World {
            repo,
            clones: Vec::new(),
            hub: tree,
            wrote: BTreeMap::new(),
            overwritten: BTreeSet::new(),
            redacted: BTreeSet::new(),
            added: BTreeSet::new(),
            removed: BTreeSet::new(),
        };
        world.hub = world.commit(tree, &[], "r0", Tick::default());
        for n in 0..count {
            world.clones.push(Clone {
                id: ReplicaId::new(&format!("r{n}")).unwrap(),
                wall: BEGIN + n as u64 * 977_000,
                tip: world.hub,
                known: Some(world.hub),
            });
        }
        world
    }

    fn commit(&self, tree: Oid, parents: &[Oid], by: &str, clock: Tick) -> Oid {
        let message = format!("x\n\nPM-Op: edit\nPM-Actor: {by}\nPM-Clock: {clock}\n");
        let who = person();
        self.repo
            .write_commit(tree, parents, [&who, &who], &message, None)
            .unwrap()
    }

    fn tree(&self, commit: Oid) -> Oid {
        self.repo.commit(commit).unwrap().tree
    }

    fn clock(&self, me: usize) -> Clock {
        let clone = &self.clones[me];
        let seen = tick(&self.repo.commit(clone.tip).unwrap());
        Clock::new(clone.id.clone(), clone.wall, seen)
    }

    /// Everything in a tree, `pm.yaml` first.
    fn docs(&self, tree: Oid) -> Vec<Doc> {
        let mut all = vec![repository::read(self.repo, tree).unwrap().doc];
        let found = changed(self.repo, None, Some(tree)).unwrap().pairs;
        all.extend(found.into_values().filter_map(|pair| pair.new));
        all
    }

    fn put(&mut self, me: usize, doc: &Doc, clock: &Clock) {
        let tip = self.clones[me].tip;
        let tree = with_doc(self.repo, self.tree(tip), doc);
        let by = self.clones[me].id.to_string();
        self.clones[me].tip = self.commit(tree, &[tip], &by, clock.tick());
    }

    /// Everything of a document that satisfies `which` was seen and goes.
    fn overwrite(&mut self, doc: &Doc, which: impl Fn(&Place) -> bool) {
        for (value, (uid, place)) in &self.wrote {
            let hidden = Value::Redacted(Value::from(value.as_str()).hash());
            let there = place
                .get(doc)
                .is_some_and(|reg| reg.value.as_str() == Some(value) || reg.value == hidden);
            if *uid == doc.uid && which(place) && there {
                self.overwritten.insert(value.clone());
            }
        }
    }

    fn write(&mut self, n: usize, me: usize, x: u8, y: u8) {
        let mut clock = self.clock(me);
        let mut docs = self.docs(self.tree(self.clones[me].tip));
        docs.retain(|doc| doc.kind != "message");
        let mut doc = docs.swap_remove(usize::from(y) % docs.len());
        let is_settings = doc.kind == "repository";
        if !doc.is_live() {
            return;
        }
        let value = format!("v{n}");
        let entry = format!("e{}", x % 3);
        let (record, leaf) = match is_settings {
            true => ("views", "query"),
            false => ("acceptance", "text"),
        };
        let place = match x % 8 {
            0 if !is_settings => {
                self.overwrite(&doc, |_| true);
                doc.set("deleted", true, &clock);
                return self.put(me, &doc, &clock);
            }
            1 if doc.entry(record, &entry).is_some() => {
                let of = |place: &Place| matches!(place, Place::Entry(_, id, _) if *id == entry);
                self.overwrite(&doc, of);
                doc.set_entry(record, &entry, "removed", true, &clock);
                return self.put(me, &doc, &clock);
            }
            2 if is_settings => return self.element(me, y, doc, clock),
            3 if is_settings => {
                let rule = format!("rule{}", y % 2);
                Place::Entry("rules".into(), rule, "value".into())
            }
            0..=3 => Place::Entry(record.into(), entry, leaf.into()),
            4 if is_settings => Place::Field("issue_prefix".into()),
            4 => Place::Field("assignee".into()),
            _ if is_settings => Place::Entry(record.into(), entry, leaf.into()),
            _ => Place::Field("title".into()),
        };
        let same = |other: &Place| *other == place;
        self.overwrite(&doc, same);
        if let Place::Entry(record, id, _) = &place {
            if doc.entry(record, id).is_none() {
                doc.add_entry(record, id, clock.fresh(), &[]);
            }
            if doc.entry(record, id).is_some_and(Entry::is_removed) {
                doc.set_entry(record, id, "removed", Value::Null, &clock);
            }
        }
        place.set(&mut doc, value.as_str().into(), &clock);
        self.wrote.insert(value, (doc.uid.clone(), place));
        self.put(me, &doc, &clock);
    }

    fn element(&mut self, me: usize, y: u8, mut doc: Doc, mut clock: Clock) {
        let element = format!("p{}/", y / 4 % 3);
        if rule_elements::elements(&doc, RULE).contains(&element.as_str()) {
            let all = doc.records[rule_elements::RECORD].keys();
            let seen = all.filter(|id| id.starts_with(&format!("{RULE} {element} ")));
            self.removed.extend(seen.cloned());
            rule_elements::remove(&mut doc, RULE, &element, &clock, "me");
        } else {
            let at = clock.fresh();
            self.added
                .insert((element.clone(), format!("{RULE} {element} {at}")));
            rule_elements::add(&mut doc, RULE, &element, at, "me");
        }
        self.put(me, &doc, &clock);
    }

    /// The state of a remote with the messages that list something.
    fn noted(&self, commit: Oid, lost: &[Override], by: &str) -> Oid {
        let mut tree = self.tree(commit);
        let hides = repository::read(self.repo, tree).unwrap().redactions();
        let mut clock = Clock::new(
            ReplicaId::new(by).unwrap(),
            BEGIN,
            tick(&self.repo.commit(commit).unwrap()),
        );
        let before = tree;
        for one in lost {
            let doc = note(one, true, &hides, clock.fresh());
            if doc_like(self.repo, tree, &doc).unwrap().is_none() {
                tree = with_doc(self.repo, tree, &doc);
            }
        }
        match tree == before {
            true => commit,
            false => self.commit(tree, &[commit], by, clock.tick()),
        }
    }

    fn sync(&mut self, me: usize) {
        let (ours, theirs) = (self.clones[me].tip, self.hub);
        let merged = join_commits(self.repo, ours, theirs).unwrap();
        let known = self.clones[me].known;
        let known = known.filter(|known| is_common(self.repo, *known, ours, theirs));
        let [lost, listed] = unlisted(self.repo, &merged, [ours, theirs], known).unwrap();
        let by = self.clones[me].id.to_string();
        let commit = self.noted(merged.commit, &[lost, listed].concat(), &by);
        self.hub = commit;
        self.clones[me].tip = commit;
        self.clones[me].known = Some(commit);
    }

    /// Cuts the history, and perhaps redacts a value, as [`Store::raise`] does.
    fn cut(&mut self, n: usize, me: usize, y: u8) {
        let before = self.clones[me].tip;
        let tree = self.tree(before);
        let mut clock = self.clock(me);
        let mut pm = repository::read(self.repo, tree).unwrap().doc;
        pm.add_entry("raises", &format!("g{n}"), clock.fresh(), &[]);
        if y.is_multiple_of(2)
            && let Some(value) = self
                .wrote
                .keys()
                .nth(usize::from(y) % self.wrote.len().max(1))
        {
            let hash = Value::from(value.as_str()).hash();
            pm.set_element("redacted_values", &hash, true, &clock);
            self.redacted.insert(value.clone());
        }
        let staged = with_doc(self.repo, tree, &pm);
        let joined = join_trees(self.repo, staged, tree).unwrap().tree;
        let by = self.clones[me].id.to_string();
        let root = self.commit(joined, &[], &by, clock.tick());
        let listed = overrides_in(self.repo, before, None).unwrap();
        // The messages are in the first commit of the generation.
        let noted = self.noted(root, &listed, &by);
        let tip = self.commit(self.tree(noted), &[], &by, clock.tick());
        self.clones[me].tip = tip;
        // What is known of the remote leaves the old generation.
        let known = self.clones[me].known.map(|id| {
            let old = self.repo.commit(id).unwrap();
            stripped(self.repo, &old, tip).unwrap()
        });
        self.clones[me].known = known;
    }

    fn check(&self) {
        let trees: BTreeSet<Oid> = self.clones.iter().map(|c| self.tree(c.tip)).collect();
        assert_eq!(trees.len(), 1, "the states differ");
        let tip = self.clones[0].tip;
        let docs = self.docs(self.tree(tip));
        let mut lost: Vec<Value> = docs
            .iter()
            .filter_map(of_note)
            .map(|one| one.lost)
            .collect();
        lost.extend(
            overrides_in(self.repo, tip, None)
                .unwrap()
                .into_iter()
                .map(|o| o.lost),
        );
        for (value, (uid, place)) in &self.wrote {
            let is_it = |found: &Value| match found {
                Value::Redacted(hash) => {
                    self.redacted.contains(value) && *hash == Value::from(value.as_str()).hash()
                }
                found => found.as_str() == Some(value),
            };
            let doc = docs.iter().find(|doc| doc.uid == *uid).unwrap();
            let gone = match place {
                Place::Entry(record, id, _) => doc.entry(record, id).is_none_or(Entry::is_removed),
                _ => false,
            };
            let there = !gone && doc.is_live() && place.get(doc).is_some_and(|r| is_it(&r.value));
            assert!(
                there || self.overwritten.contains(value) || lost.iter().any(is_it),
                "{value} at {place} of {} is lost in silence",
                doc.kind
            );
            if self.redacted.contains(value) && doc.kind != "repository" {
                assert!(
                    !lost.iter().any(|l| l.as_str() == Some(value)),
                    "{value} is back"
                );
            }
        }
        for (element, entry) in &self.added {
            let present = rule_elements::elements(&docs[0], RULE).contains(&element.as_str());
            assert!(
                present || self.removed.contains(entry),
                "{element} is not protected"
            );
        }
    }
}

fn play(repo: &Pending, count: usize, steps: &[Step]) {
    let mut world = World::new(repo, count);
    for (n, (what, who, x, y)) in steps.iter().copied().enumerate() {
        let me = usize::from(who) % count;
        world.clones[me].wall += 1 + u64::from(x) * 7_919;
        match what % 16 {
            0..=3 => world.sync(me),
            4 if x.is_multiple_of(2) => world.cut(n, me, y),
            _ => world.write(n, me, x, y),
        }
    }
    for me in (0..count).chain(0..count) {
        world.sync(me);
    }
    world.check();
}

#[test]
fn nothing_is_overridden_in_silence() {
    let fixture = Fixture::new();
    let many = std::env::var("GIT_PM_TEST_LISTED").ok();
    let many = many.map_or(4_000, |n| n.parse::<u32>().unwrap() * 20);
    runner(many)
        .run(&(2usize..=4, steps(50)), |(count, steps)| {
            play(&fixture.repo.pending(), count, &steps);
            Ok(())
        })
        .unwrap();
}
