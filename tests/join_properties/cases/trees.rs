//! Trees with forged, clashing, equal, deep and missing entries.

use git_pm::internals::model::codec::{decode, encode};
use git_pm::internals::model::doc::Doc;
use git_pm::internals::model::stamp::DAY_MS;
use git_pm::internals::model::value::Value;
use git_pm::internals::store::git::repo::{Entry, EntryType, Oid, Pending};
use git_pm::internals::store::join::doc::Redactions;
use git_pm::internals::store::join::tree::join_trees;
use git_pm::values::Uid;

use super::{all_ways, clock, task};
use crate::repo::{Fixture, files, join_ids, paths, tree_of};
use crate::state::{Extra, State, check_round_trip};
use crate::trees::{algebra, same};

fn with_file(repo: &Pending, tree: Oid, name: &str, kind: EntryType, oid: Oid) -> Oid {
    let mut entries = repo.tree(tree).unwrap();
    entries.retain(|e| e.name != name.as_bytes());
    let name = name.as_bytes().to_vec();
    entries.push(Entry { name, kind, oid });
    repo.write_tree(entries).unwrap()
}

/// A pm.yaml of another identity, purged, damaged or replaced by a folder removes no redaction.
#[test]
fn a_forged_pm_yaml_does_not_replace_the_real_one() {
    let fixture = Fixture::new();
    let repo = fixture.repo.pending();
    let mut state = State::default();
    let hash = Value::from("secret").hash();
    state
        .pm
        .set_element("redacted_values", &hash, true, &clock("a", 5));
    let good = tree_of(&fixture, &repo, &state);
    let real = encode(&state.pm);
    let blob = |text: &str| (EntryType::Blob, repo.write_blob(text.as_bytes()).unwrap());
    let forged = [
        blob(&real.replace(state.pm.uid.as_str(), "0123456789abcdefghjkmnpqrs")),
        blob(&real.replace("kind: repository", "kind: task")),
        blob(&real.replace("kind: repository", "kind: repository\npurged: true")),
        blob("garbage"),
        (EntryType::Tree, fixture.prepared[0]),
    ];
    for (kind, oid) in forged {
        let bad = with_file(&repo, good, "pm.yaml", kind, oid);
        same(&repo, join_ids(&repo, good, bad), good, "the real one");
        same(&repo, join_ids(&repo, bad, good), good, "the real one");
    }
}

/// A secret that is written again after its redaction is hidden by every merge, also if both sides
/// have the same file.
#[test]
fn equal_subtrees_are_skipped_only_by_sides_that_know_all_redactions() {
    let fixture = Fixture::new();
    let repo = fixture.repo.pending();
    let redacted = |texts: &[&str]| {
        let mut state = State::default();
        for text in texts {
            let hash = Value::from(*text).hash();
            state
                .pm
                .set_element("redacted_values", &hash, true, &clock("a", 5));
        }
        state
    };
    let mut doc = task(1);
    doc.put("title", "s1");
    let with = |mut state: State| {
        state.docs.insert(doc.uid.clone(), doc.clone());
        tree_of(&fixture, &repo, &state)
    };
    let without = |state: State| tree_of(&fixture, &repo, &state);
    let all = [
        with(redacted(&["s1"])),
        without(redacted(&["s1", "s2"])),
        with(redacted(&["s1", "s2"])),
        with(redacted(&[])),
        without(redacted(&["s2"])),
    ];
    for a in all {
        for b in all {
            for c in all {
                algebra(&repo, a, b, c);
            }
        }
    }
}

/// Items with one original id and uids with the same ending: names are a function of the set of
/// items.
#[test]
fn clashing_names_are_extended_equally_in_every_order() {
    for format in ["sha1", "sha256"] {
        let fixture = Fixture::of_format(format);
        let repo = fixture.repo.pending();
        let uids = [
            "01jd0000000000000000000001",
            "01jd0000000000000000000002",
            "01jd00000000000000aaaa0001",
            "01jd00000000000000bbbb0001",
            "01jd00000000000099aaaa0001",
        ];
        let trees = uids.map(|uid| {
            let mut doc = task(1);
            doc.uid = Uid::new(uid).unwrap();
            let mut state = State::default();
            state.docs.insert(doc.uid.clone(), doc);
            tree_of(&fixture, &repo, &state)
        });
        for a in trees {
            for b in trees {
                for c in trees {
                    algebra(&repo, a, b, c);
                }
            }
        }
        let join = |a: Oid, b: &Oid| join_ids(&repo, a, *b);
        let all = trees[1..].iter().fold(trees[0], join);
        let names: Vec<String> = files(&repo, all).into_keys().collect();
        assert_eq!(
            names,
            [
                "pm.yaml",
                "tasks/00/T-0001-0001.md",
                "tasks/00/T-0001-0002.md",
                "tasks/00/T-0001-99aaaa0001.md",
                "tasks/00/T-0001-aaaa0001.md",
                "tasks/00/T-0001-bbbb0001.md",
            ]
            .map(|n| n.replace("99aaaa0001", "0099aaaa0001"))
        );
    }
}

/// A file edited by hand keeps its bytes until the document changes.
#[test]
fn a_document_taken_from_one_side_keeps_its_bytes() {
    let fixture = Fixture::new();
    let repo = fixture.repo.pending();
    let with = |change: &dyn Fn(String) -> String| {
        let mut state = State::default();
        state.docs.insert(task(1).uid, task(1));
        let (path, doc) = paths(&state).remove(0);
        let bytes = change(encode(doc)).into_bytes();
        state.extras.insert(path, Extra::Bytes(bytes));
        tree_of(&fixture, &repo, &state)
    };
    let by_hand = with(&|text| text.replacen("---\n", "---\n# by hand\n", 1));
    let damaged = with(&|text| text.replace("birth", "death"));
    let canonical = with(&|text| text);
    algebra(&repo, by_hand, damaged, canonical);
    same(
        &repo,
        join_ids(&repo, by_hand, damaged),
        by_hand,
        "as it was",
    );
    same(
        &repo,
        join_ids(&repo, by_hand, canonical),
        canonical,
        "joined",
    );
}

/// A clone with a correct clock writes and clears fields of an item created days in the future: it
/// does not follow that clock, and its stamps are before the creation.
#[test]
fn an_item_created_in_the_future_can_be_edited_today() {
    let birth = clock("fast", 3 * DAY_MS).stamp(None);
    let mut doc = Doc::new(task(1).uid, "task", "T-0001", birth.clone());
    doc.add_entry("acceptance", "k", birth, &[]);
    let ahead = doc.clone();
    for (ms, value) in [(1, Some("x")), (2, None)] {
        let clock = clock("a", ms);
        doc.set("assignee", value, &clock);
        doc.set_element("labels", "x", value.is_some(), &clock);
        doc.set_entry("acceptance", "k", "evidence", value, &clock);
        check_round_trip(&doc);
    }
    let joined = all_ways([&doc, &ahead, &task(1)], &Redactions::default());
    assert_eq!(joined.value("assignee"), &Value::Null);
}

/// Ten thousand nested folders, on one side or both, with or without redactions to apply.
#[test]
fn reading_deep_trees_is_bounded() {
    let fixture = Fixture::new();
    let repo = fixture.repo.pending();
    let deep = |leaf: &str| {
        let mut oid = repo.write_blob(leaf.as_bytes()).unwrap();
        let mut kind = EntryType::Blob;
        for _ in 0..10_000 {
            let name = b"d".to_vec();
            oid = repo.write_tree(vec![Entry { name, kind, oid }]).unwrap();
            kind = EntryType::Tree;
        }
        oid
    };
    let plain = tree_of(&fixture, &repo, &State::default());
    let mut redacted = State::default();
    redacted.pm.set_element(
        "redacted_values",
        &Value::from("x").hash(),
        true,
        &clock("a", 1),
    );
    let redacted = tree_of(&fixture, &repo, &redacted);
    let a = with_file(&repo, plain, "tasks", EntryType::Tree, deep("a"));
    let b = with_file(&repo, plain, "tasks", EntryType::Tree, deep("b"));
    algebra(&repo, a, b, redacted);
}

/// One folder at ten paths in each of six levels, and the right one after its copies: reading and
/// joining end, and the copies hide nothing and change nothing.
#[test]
fn a_folder_at_a_million_paths_hides_no_document() {
    let fixture = Fixture::new();
    let repo = fixture.repo.pending();
    let with = |title: &str| {
        let mut state = State::default();
        let mut doc = task(1);
        doc.set("title", title, &clock("a", title.len() as u64));
        state.docs.insert(doc.uid.clone(), doc);
        tree_of(&fixture, &repo, &state)
    };
    let child = |tree: Oid, name: &str| {
        let all = repo.tree(tree).unwrap();
        all.into_iter().find(|e| e.name == name.as_bytes()).unwrap()
    };
    let bomb = |good: Oid| {
        let tasks = child(good, "tasks").oid;
        let folder = child(tasks, "00");
        let mut copies = folder.oid;
        for _ in 0..6 {
            let entry = |n: usize| Entry {
                name: format!("{n}").into_bytes(),
                kind: EntryType::Tree,
                oid: copies,
            };
            copies = repo.write_tree((0..10).map(entry).collect()).unwrap();
        }
        // Before the right path, and after it.
        let tasks = with_file(&repo, tasks, "0", EntryType::Tree, folder.oid);
        let tasks = with_file(&repo, tasks, "-", EntryType::Tree, copies);
        let tasks = with_file(&repo, tasks, "01", EntryType::Tree, copies);
        with_file(&repo, good, "tasks", EntryType::Tree, tasks)
    };
    let (old, new) = (with("old"), with("newer"));
    let (a, b) = (bomb(old), bomb(new));
    algebra(&repo, a, b, new);
    for tree in [b, join_ids(&repo, a, b), join_ids(&repo, a, new)] {
        let read = git_pm::internals::store::state::State::of_tree(&repo, None, tree).unwrap();
        let titles: Vec<_> = read.items().iter().map(|i| i.title.clone()).collect();
        assert_eq!(titles, ["newer"], "the document at its right place counts");
        let damaged = read.damaged().len();
        assert!((2..100).contains(&damaged), "{damaged} copies are reported");
    }
}

/// A missing object must not make the join take the other side.
#[test]
fn a_missing_object_is_an_error() {
    let fixture = Fixture::new();
    let repo = fixture.repo.pending();
    let mut state = State::default();
    state.docs.insert(task(1).uid, task(1));
    let good = tree_of(&fixture, &repo, &state);
    let missing = repo.parse_id(&"1".repeat(40)).unwrap();
    let path = files(&repo, good).into_keys().last().unwrap();
    let name = path.rsplit('/').next().unwrap();
    let folder = with_file(
        &repo,
        repo.write_tree(Vec::new()).unwrap(),
        name,
        EntryType::Blob,
        missing,
    );
    let tasks = with_file(
        &repo,
        repo.write_tree(Vec::new()).unwrap(),
        "00",
        EntryType::Tree,
        folder,
    );
    let bad = with_file(&repo, good, "tasks", EntryType::Tree, tasks);
    assert!(join_trees(&repo, good, bad).is_err());
}

/// Two programs that disagree on the shape of a field, and fields that are empty.
#[test]
fn one_name_has_one_shape() {
    let read = |field: &str| {
        let text = format!(
            "---\nuid: 0123456789abcdefghjkmnpqrs\nkind: task\nid: T-1\n{field}\nbirth: 5.0.a\n---\n"
        );
        decode(text.as_bytes()).unwrap()
    };
    let shapes = [
        "x: 1",
        "x: []",
        "x: {}",
        "x: [a]",
        "x: {a: {}}",
        "x: {a: 1}",
        "x: []\nstamps: {x/a: -7.0.a}",
        "stamps: {x: -7.0.a}",
        "z: 1",
    ];
    for a in shapes {
        for b in shapes {
            for c in shapes {
                all_ways([&read(a), &read(b), &read(c)], &Redactions::default());
            }
        }
    }
}
