//! Documents and redactions: C4 and C6 to C9.

use git_pm::internals::model::codec::encode;
use git_pm::internals::model::doc::Doc;
use git_pm::internals::model::prose::VersionId;
use git_pm::internals::model::secret_hash::SecretHash;
use git_pm::internals::model::value::Value;
use git_pm::internals::store::git::repo::{Oid, Pending};
use git_pm::internals::store::join::doc::{Redactions, join, redact};
use git_pm::values::Uid;

use super::{T0, all_ways, clock, task};
use crate::repo::{Fixture, files, join_ids, tree_of};
use crate::state::State;
use crate::trees::{algebra, same};

fn newest(doc: &Doc) -> VersionId {
    doc.body.newest().unwrap().clone()
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
    algebra(&repo, trees[0], trees[1], trees[2]);
    let joined = join_ids(&repo, join_ids(&repo, trees[0], trees[1]), trees[2]);
    let text = text_of(&repo, joined, &doc);
    assert!(!text.contains("h1") && !text.contains("h2"), "{text}");
    // Nor can one be removed.
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
    // A write made with knowledge of the redaction is not withheld, now and later.
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
fn only_values_that_contain_a_redacted_text_are_hidden_in_every_order() {
    let redactions = Redactions {
        texts: [SecretHash::of("hunter2")].into(),
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
fn a_text_that_quotes_a_readable_version_stays_suspect() {
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

/// C9: garbage collection drops a tombstone and an old clone restores the item.
#[test]
fn c9_a_purged_item_does_not_return() {
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

/// A purged comment keeps the fields that its path depends on, or it could not be read and would
/// return.
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
