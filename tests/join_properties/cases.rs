//! The counterexamples that a simulation found against the first wording of the design, each with
//! the rule that ends it, and those found since. (C1, C2, C3 and C5 need a remote.)

use git_pm::model::codec::{decode, encode};
use git_pm::model::doc::Doc;
use git_pm::model::prose::VersionId;
use git_pm::model::redacted::TextHash;
use git_pm::model::stamp::{Clock, DAY_MS, ReplicaId, Tick};
use git_pm::model::uid::Uid;
use git_pm::model::value::Value;
use git_pm::store::git::repo::{Entry, EntryType, Oid, Pending, Person};
use git_pm::store::join::commit::{join_commits, tick};
use git_pm::store::join::doc::{Redactions, join, redact};
use git_pm::store::join::tree::join_trees;

use crate::repo::{Fixture, files, join_ids, paths, tree_of};
use crate::state::{Extra, State, check_round_trip};
use crate::trees::{laws, same};

const T0: u64 = 1_763_625_600_000;

fn clock(replica: &str, ms: u64) -> Clock {
    Clock::new(ReplicaId::new(replica).unwrap(), T0 + ms, Tick::default())
}

fn task(n: u8) -> Doc {
    let birth = clock("a", 0).stamp(None);
    let mut random = [0; 10];
    random[9] = n;
    Doc::new(Uid::from_parts(T0, random), "task", "T-0001", birth)
}

fn newest(doc: &Doc) -> VersionId {
    doc.body.newest().unwrap().clone()
}

/// Every order and grouping of three documents under redactions that somebody knows.
fn all_ways(three: [&Doc; 3], redactions: &Redactions) -> Doc {
    let join = |a: &Doc, b: &Doc| {
        let mut out = join(a, b);
        redact(&mut out, redactions);
        out
    };
    let [x, y, z] = three;
    let expected = join(&join(x, y), z);
    for (a, b, c) in [(x, z, y), (y, x, z), (y, z, x), (z, x, y), (z, y, x)] {
        assert_eq!(encode(&join(&join(a, b), c)), encode(&expected));
        assert_eq!(encode(&join(a, &join(b, c))), encode(&expected));
    }
    check_round_trip(&expected);
    expected
}

fn values(texts: &[&str]) -> Redactions {
    Redactions {
        texts: [].into(),
        values: texts.iter().map(|t| Value::from(*t).hash()).collect(),
        ..Redactions::default()
    }
}

fn versions(ids: &[&VersionId]) -> Redactions {
    Redactions {
        texts: [].into(),
        versions: ids.iter().map(|id| (*id).clone()).collect(),
        ..Redactions::default()
    }
}

/// C4: A's version lands on the remote, A is killed before its local swap, B edits over it, and A
/// uses the same stamp again for another text.
#[test]
fn c4_a_stamp_used_twice_after_a_crash_loses_no_text() {
    let base = task(1);
    let mut landed = base.clone();
    landed.body.write("before the crash", &clock("a", 10));
    let mut edited = landed.clone();
    edited.body.write("over it", &clock("b", 20));
    let mut again = base.clone();
    again.body.write("after the crash", &clock("a", 10));
    assert_eq!(newest(&landed).stamp, newest(&again).stamp);
    let joined = all_ways([&landed, &edited, &again], &Redactions::default());
    let texts: Vec<_> = joined.body.versions.values().map(|v| &v.text).collect();
    assert_eq!(
        texts,
        [
            &Some("after the crash".to_string()),
            &Some("over it".to_string())
        ]
    );
}

/// C6: A redacts h1, B redacts h2; as a register the greater one would win.
#[test]
fn c6_redactions_are_a_set() {
    let fixture = Fixture::new();
    let repo = fixture.repo.pending();
    let mut old = State::default();
    let mut doc = task(1);
    doc.put("title", "h1");
    doc.put("assignee", "h2");
    doc.put_element("labels", "h1");
    old.docs.insert(doc.uid.clone(), doc.clone());
    let redacted = |text: &str, replica: &str| {
        let mut state = old.clone();
        let hash = Value::from(text).hash();
        state
            .pm
            .set_element("redacted_values", &hash, true, &clock(replica, 5));
        state.apply_redactions();
        state
    };
    let (a, b) = (redacted("h1", "a"), redacted("h2", "b"));
    let trees = [&a, &b, &old].map(|state| tree_of(&fixture, &repo, state));
    laws(&repo, trees[0], trees[1], trees[2]);
    let joined = join_ids(&repo, join_ids(&repo, trees[0], trees[1]), trees[2]);
    let text = text_of(&repo, joined, &doc);
    assert!(!text.contains("h1") && !text.contains("h2"), "{text}");
    // Nor can one be taken back.
    let mut back = a.clone();
    let hash = Value::from("h1").hash();
    back.pm
        .set_element("redacted_values", &hash, false, &clock("c", 99));
    back.docs.insert(doc.uid.clone(), doc.clone());
    let joined = join_ids(&repo, trees[0], tree_of(&fixture, &repo, &back));
    assert!(!text_of(&repo, joined, &doc).contains("h1"));
}

fn text_of(repo: &Pending, tree: Oid, doc: &Doc) -> String {
    let tail = format!("{}.md", doc.uid.suffix(4));
    let all = files(repo, tree);
    let (_, oid) = all.iter().find(|(path, _)| path.ends_with(&tail)).unwrap();
    String::from_utf8(repo.blob(*oid, 1 << 20).unwrap().unwrap()).unwrap()
}

/// C7: x = (5, secret), y = (3, old), g redacts the secret.
#[test]
fn c7_a_redacted_value_keeps_its_stamp() {
    let with = |text: &str, ms: u64| {
        let mut doc = task(1);
        doc.set("title", text, &clock("a", ms));
        doc.set_element("labels", text, true, &clock("a", ms));
        doc
    };
    let (x, y) = (with("secret", 5), with("old", 3));
    let redactions = values(&["secret"]);
    let mut g = x.clone();
    redact(&mut g, &redactions);
    let joined = all_ways([&x, &y, &g], &redactions);
    assert!(matches!(joined.value("title"), Value::Redacted(_)));
    assert_eq!(joined.regs["title"].stamp, x.regs["title"].stamp);
    // With one stamp the order is by hash, and so the same before and after the redaction.
    let (x, y) = (with("secret", 5), with("other", 5));
    let mut g = x.clone();
    redact(&mut g, &redactions);
    all_ways([&x, &y, &g], &redactions);
}

/// C8: an offline edit that quotes the secret has another hash.
#[test]
fn c8_a_version_that_may_quote_a_redacted_one_is_withheld() {
    let mut base = task(1);
    base.body.write("the secret", &clock("a", 10));
    let secret = newest(&base);
    let redactions = versions(&[&secret]);
    let mut clean = base.clone();
    redact(&mut clean, &redactions);
    let mut offline = base.clone();
    offline.body.write("quotes the secret", &clock("b", 20));
    let mut joined = join(&clean, &offline);
    let withheld = redact(&mut joined, &redactions);
    assert_eq!(
        withheld,
        [(newest(&offline), "quotes the secret".to_string())]
    );
    assert_eq!(joined.body.text(), "");
    all_ways([&base, &clean, &offline], &redactions);
    // Whoever writes knowing of the redaction is not withheld, now and later.
    let mut next = joined.clone();
    next.body.write("harmless", &clock("c", 30));
    next.body.write("harmless too", &clock("c", 40));
    let joined = all_ways([&next, &offline, &base], &redactions);
    assert_eq!(joined.body.text(), "harmless too");
    assert!(!joined.body.is_conflicted());
}

/// A version written over a conflict of a withheld text and a readable one may quote only the
/// readable one, and is withheld with it.
#[test]
fn what_holds_a_redacted_text_is_hidden_in_every_order_and_nothing_else_is() {
    let redactions = Redactions {
        texts: [TextHash::of("hunter2")].into(),
        ..Redactions::default()
    };
    let (mut a, mut b, mut c) = (task(1), task(1), task(1));
    // The newest title quotes it; one that has its stamp does not.
    a.set("title", "about hunter2", &clock("a", 5));
    b.set("title", "harmless", &clock("a", 5));
    c.set("title", "older", &clock("c", 1));
    a.set_element("labels", "x-hunter2-x", true, &clock("a", 2));
    b.set_element("labels", "fine", true, &clock("b", 2));
    a.body.write("it is hunter2!", &clock("a", 3));
    c.body.write("something else", &clock("c", 4));
    let done = all_ways([&a, &b, &c], &redactions);
    let text = encode(&done);
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(done.body.shown(), "something else");
    assert!(done.contains("labels", "fine"));
    assert_eq!(done.body.versions.len(), 2);
    check_hidden_once(&done, &redactions);
}

/// Redacting again changes nothing.
fn check_hidden_once(doc: &Doc, redactions: &Redactions) {
    let mut again = doc.clone();
    assert!(redact(&mut again, redactions).is_empty());
    assert_eq!(again, *doc);
}

#[test]
fn what_quotes_a_readable_version_stays_suspect() {
    let mut base = task(1);
    base.body.write("first secret", &clock("a", 10));
    let first = newest(&base);
    let mut second = base.clone();
    second.body.write("second secret", &clock("a", 20));
    let second_id = newest(&second);
    let mut joined = join(&base, &second);
    redact(&mut joined, &versions(&[&first]));
    assert_eq!(joined.body.text(), "", "withheld: it may quote the first");
    let mut third = second.clone();
    third
        .body
        .write("quotes the second secret", &clock("b", 30));
    redact(&mut third, &versions(&[&first, &second_id]));
    assert_eq!(third.body.text(), "");
}

/// C9: garbage collection drops a tombstone and an old clone resurrects the item.
#[test]
fn c9_a_purged_item_does_not_come_back() {
    let mut old = task(1);
    old.put("title", "gone");
    old.body.write("text", &clock("a", 10));
    let mut purged = old.clone();
    purged.set("deleted", true, &clock("a", 20));
    purged.purge();
    let mut edited = old.clone();
    edited.set("title", "edited offline", &clock("b", 90));
    edited.set("id", "T-0009", &clock("b", 90));
    let joined = all_ways([&purged, &old, &edited], &Redactions::default());
    assert!(joined.purged && joined.body.versions.is_empty());
    assert_eq!(
        (joined.text("id"), &*joined.born),
        (Some("T-0009"), "T-0001")
    );
    assert_eq!(joined.text("title"), None);
}

/// A purged comment keeps what its path depends on, or it could not be read and would come back.
#[test]
fn a_purged_comment_stays_readable() {
    let fixture = Fixture::new();
    let repo = fixture.repo.pending();
    let mut comment = Doc::new(
        Uid::from_parts(T0, [5; 10]),
        "comment",
        "",
        clock("a", 0).stamp(None),
    );
    comment.put("item", format!("T-0001-{}", task(1).uid));
    comment.put("author", "ana");
    let mut state = State::default();
    state.docs.insert(comment.uid.clone(), comment.clone());
    let before = tree_of(&fixture, &repo, &state);
    state.docs.get_mut(&comment.uid).unwrap().purge();
    let after = tree_of(&fixture, &repo, &state);
    same(&repo, join_ids(&repo, before, after), after, "purged");
}

/// A history of the state: a commit with the raises and redactions of `state`.
fn commit(fixture: &Fixture, repo: &Pending, state: &State, parents: &[Oid], clock: &str) -> Oid {
    let who = Person {
        name: "ana".into(),
        email: String::new(),
        seconds: 1_763_625_600,
    };
    let tree = tree_of(fixture, repo, state);
    let message = format!("write\n\nPM-Op: write\nPM-Clock: {clock}\n");
    repo.write_commit(tree, parents, &who, &who, &message)
        .unwrap()
}

fn raised(state: &State, id: &str) -> State {
    let mut out = state.clone();
    let at = clock("a", 5).stamp(None);
    out.pm.add_entry("raises", id, at, &[]);
    out
}

/// C10: two concurrent generations as parents would keep the secret in history.
#[test]
fn c10_a_merge_of_generations_has_one_parent_or_none() {
    let fixture = Fixture::new();
    let repo = fixture.repo.pending();
    let base = State::default();
    let commit = |state: &State, clock| commit(&fixture, &repo, state, &[], clock);
    let old = commit(&base, "1.0");
    let (g1, g2) = (
        commit(&raised(&base, "g1"), "2.0"),
        commit(&raised(&base, "g2"), "3.0"),
    );
    let parents = |a, b| {
        let merged = join_commits(&repo, a, b).unwrap().commit;
        assert_eq!(merged, join_commits(&repo, b, a).unwrap().commit);
        repo.commit(merged).unwrap().parents
    };
    assert_eq!(parents(g1, g2), Vec::<Oid>::new());
    // One contains the other and the join adds nothing: the greater side itself.
    assert_eq!(join_commits(&repo, old, g1).unwrap().commit, g1);
    let mut work = base.clone();
    work.docs.insert(task(1).uid, task(1));
    let late = commit(&work, "4.0");
    assert_eq!(parents(late, g1), [g1]);
    let (a, b) = (commit(&work, "5.0"), commit(&work, "6.0"));
    let mut both = [a, b];
    both.sort();
    assert_eq!(parents(a, b), both);
    // A raise cannot be taken back to smuggle the old history in.
    let mut forged = raised(&base, "g1");
    forged
        .pm
        .set_entry("raises", "g1", "removed", true, &clock("z", 99));
    let forged = commit(&forged, "7.0");
    assert_eq!(parents(forged, late), [forged]);
}

/// C11: a merge's clock depends on who merges.
#[test]
fn c11_a_merge_is_the_same_whoever_makes_it() {
    let fixture = Fixture::new();
    let repo = fixture.repo.pending();
    let base = State::default();
    let mut work = base.clone();
    work.docs.insert(task(1).uid, task(1));
    let root = commit(&fixture, &repo, &base, &[], "0.0");
    let a = commit(&fixture, &repo, &work, &[root], "2000.7");
    // Far in the future: the day rule is for those who read it, not for the merge.
    let b = commit(&fixture, &repo, &base, &[root], "9000000000000.1");
    let merged = join_commits(&repo, a, b).unwrap().commit;
    assert_eq!(merged, join_commits(&repo, b, a).unwrap().commit);
    let made = repo.commit(merged).unwrap();
    assert_eq!(tick(&made).to_string(), "9000000000000.1");
    assert_eq!(
        made.message,
        "merge: join two states\n\nPM-Op: merge\nPM-Clock: 9000000000000.1\nPM-CI: [skip ci]\n"
    );
    assert_eq!(join_commits(&repo, root, a).unwrap().commit, a);
    assert_eq!(join_commits(&repo, merged, b).unwrap().commit, merged);
}

fn with_file(repo: &Pending, tree: Oid, name: &str, kind: EntryType, oid: Oid) -> Oid {
    let mut entries = repo.tree(tree).unwrap();
    entries.retain(|e| e.name != name.as_bytes());
    let name = name.as_bytes().to_vec();
    entries.push(Entry { name, kind, oid });
    repo.write_tree(entries).unwrap()
}

/// A pm.yaml of another identity, purged, damaged or made a folder takes no redaction back.
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

/// A secret that is written again after its redaction is hidden by every merge alike, also where
/// both sides have the same file.
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
                laws(&repo, a, b, c);
            }
        }
    }
}

/// Items with one birth id and uids that end alike: names are a function of the set of items.
#[test]
fn clashing_names_grow_alike_in_every_order() {
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
                    laws(&repo, a, b, c);
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

/// A file that somebody edited by hand keeps its bytes until the document changes.
#[test]
fn what_is_taken_from_one_version_keeps_its_bytes() {
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
    laws(&repo, by_hand, damaged, canonical);
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

/// A clone whose clock is right writes and clears fields of an item that was born days ahead: it
/// does not follow that clock, and its stamps lie before the birth.
#[test]
fn what_was_born_in_the_future_can_be_edited_today() {
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

/// Ten thousand folders in each other, on one side or both, with or without redactions to apply.
#[test]
fn deep_trees_end_at_a_bound() {
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
    laws(&repo, a, b, redacted);
}

/// One folder at ten places in each of six levels, and the right one behind its copies: reading and
/// joining end, and the copies hide nothing and change nothing.
#[test]
fn a_folder_at_a_million_places_hides_no_document() {
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
        // Before the right place, and after it.
        let tasks = with_file(&repo, tasks, "0", EntryType::Tree, folder.oid);
        let tasks = with_file(&repo, tasks, "-", EntryType::Tree, copies);
        let tasks = with_file(&repo, tasks, "01", EntryType::Tree, copies);
        with_file(&repo, good, "tasks", EntryType::Tree, tasks)
    };
    let (old, new) = (with("old"), with("newer"));
    let (a, b) = (bomb(old), bomb(new));
    laws(&repo, a, b, new);
    for tree in [b, join_ids(&repo, a, b), join_ids(&repo, a, new)] {
        let read = git_pm::store::state::State::of_tree(&repo, None, tree).unwrap();
        let titles: Vec<_> = read.items().iter().map(|i| i.title.clone()).collect();
        assert_eq!(titles, ["newer"], "the document at its right place counts");
        let damaged = read.damaged().len();
        assert!((2..100).contains(&damaged), "{damaged} copies are reported");
    }
}

/// An object that is not here is no reason to take the other side.
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
        "y: 1",
    ];
    for a in shapes {
        for b in shapes {
            for c in shapes {
                all_ways([&read(a), &read(b), &read(c)], &Redactions::default());
            }
        }
    }
}
