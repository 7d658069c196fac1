//! What programs on top of the core can do, and what it refuses them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::*;
use crate::error::{Kind, Reason};
use crate::model::id::ItemKind;
use crate::model::priority::Priority;
use crate::model::uid::Uid;
use crate::model::vocabulary::{Estimate, Risk};
use crate::pm::Pm;

fn git(folder: &Path, args: &[&str]) -> String {
    let output = Command::new("git")
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn env(folder: &Path, more: &[(&str, &str)]) -> Env {
    let all = [
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_AUTHOR_NAME", "Ana"),
    ];
    let all = all.iter().chain(more);
    let mut vars: BTreeMap<_, _> = all
        .map(|(key, value)| ((*key).into(), (*value).into()))
        .collect();
    vars.extend(std::env::var_os("PATH").map(|path| ("PATH".to_string(), path)));
    Env::new(folder, vars)
}

/// A repository of git pm in a new folder `name` of another one.
fn new(above: &Path, name: &str) -> Repository {
    git(above, &["init", "-q", name]);
    let pm = Pm::open(env(&above.join(name), &[]), crate::pm::Options::default()).unwrap();
    pm.store.initialize().unwrap();
    pm.into()
}

fn create(repository: &Repository, title: &str) -> Uid {
    let made = repository.write("acme/create", |transaction| {
        transaction.create(ItemKind::Issue, title, &Edit::default())
    });
    made.unwrap().value
}

fn refused(
    repository: &Repository,
    stage: impl Fn(&mut Transaction<'_, '_>) -> Result<()>,
) -> Error {
    let before = repository.tip().unwrap();
    let error = repository
        .write("acme/try", |transaction| stage(transaction))
        .unwrap_err();
    assert_eq!(repository.tip().unwrap(), before);
    error
}

#[test]
fn values_can_be_sent_to_other_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Claim<'_>>();
    shared::<CommitId>();
    shared::<Document<'_>>();
    shared::<Edit>();
    shared::<Env>();
    shared::<Error>();
    shared::<Event>();
    shared::<Events>();
    shared::<Graph<'_>>();
    shared::<Learning>();
    shared::<Query>();
    shared::<Reservation>();
    shared::<Timestamp>();
    shared::<Transition>();
    shared::<Uid>();
    shared::<Written<Uid>>();
}

/// Two implementations fit a type that is `Send`, so that naming one would not compile.
trait AmbiguousIfSend<A> {
    fn belongs_to_one_thread() {}
}

impl<T> AmbiguousIfSend<()> for T {}

impl<T: Send> AmbiguousIfSend<u8> for T {}

#[test]
fn what_borrows_a_repository_belongs_to_its_thread() {
    <Reader as AmbiguousIfSend<_>>::belongs_to_one_thread();
    <Repository as AmbiguousIfSend<_>>::belongs_to_one_thread();
    <State<'_> as AmbiguousIfSend<_>>::belongs_to_one_thread();
    <Item<'_> as AmbiguousIfSend<_>>::belongs_to_one_thread();
    <Transaction<'_, '_> as AmbiguousIfSend<_>>::belongs_to_one_thread();
    <Joined<'_> as AmbiguousIfSend<_>>::belongs_to_one_thread();
}

#[test]
fn a_transaction_changes_and_reads_typed_values() {
    let folder = tempfile::tempdir().unwrap();
    let repository = new(folder.path(), "a");
    let due = Timestamp::from_millis(1_893_456_000_000);
    let other = create(&repository, "First");
    let written = repository.write("acme/plan", |transaction| {
        let edit = Edit::default()
            .priority(Priority::try_from(1)?)
            .estimate(Some(Estimate::M))
            .risk(Some(Risk::High))
            .add_label("ui")
            .criteria(["it is round"])
            .due_at(Some(due))
            .depends_on([&other])
            .body("As round as it gets.");
        let item = transaction.create(ItemKind::Issue, "Round the corners", &edit)?;
        transaction.comment(&item, "Soon")?;
        transaction.edit(
            &item,
            &Edit::default().assignee(Some("ben")).add_label("css"),
        )?;
        assert_eq!(
            transaction.state().find(item.as_str())?.labels(),
            ["css", "ui"]
        );
        Ok(item)
    });
    let written = written.unwrap();
    assert!(written.has_changed);
    let state = repository.state().unwrap();
    assert_eq!(state.commit(), Some(written.commit));
    let item = state.item(&written.value).unwrap();
    assert_eq!(state.find(&item.id()).unwrap().uid(), item.uid());
    assert_eq!(item.priority().number(), 1);
    assert_eq!(
        (item.estimate(), item.risk()),
        (Some(Estimate::M), Some(Risk::High))
    );
    assert_eq!((item.owner(), item.due_at()), (Some("ben"), Some(due)));
    assert!(
        item.criteria()
            .all(|one| one.text == "it is round" && !one.is_met)
    );
    assert_eq!(item.document().unwrap().body(), "As round as it gets.");
    assert_eq!(item.created_by(), Some("Ana"));
    let comments = state.comments(item.uid());
    assert_eq!(comments.len(), 1);
    assert_eq!(
        (comments[0].body(), comments[0].author()),
        ("Soon", Some("Ana"))
    );
    assert_eq!(comments[0].item().as_ref(), Some(item.uid()));

    let graph = state.graph(repository.now());
    assert_eq!(graph.ready(), std::slice::from_ref(&other));
    assert_eq!(graph.blocked(), [item.uid().clone()]);
    assert_eq!(graph.blockers(item.uid()), graph.ready());
    assert_eq!(graph.order(), [other.clone(), item.uid().clone()]);
    assert!(graph.would_cycle(&other, item.uid()).is_some());
    let ids = |query: &str| {
        let found = state.select(&query.parse().unwrap()).unwrap();
        found.iter().map(|item| item.title()).collect::<Vec<_>>()
    };
    assert_eq!(ids("label:css is:blocked"), ["Round the corners"]);
    assert_eq!(ids("").len(), 2);
    assert_eq!("label:(".parse::<Query>().unwrap_err().kind(), Kind::Usage);
}

#[test]
fn a_status_changes_by_the_rules_of_the_verbs() {
    let folder = tempfile::tempdir().unwrap();
    let repository = new(folder.path(), "a");
    let item = create(&repository, "Round the corners");
    let go = |to: Transition| {
        let done = repository.write("acme/go", |transaction| transaction.transition(&item, &to));
        let state = repository.state().unwrap();
        done.map(|_| state.item(&item).unwrap().status().as_str().to_string())
    };
    assert_eq!(go(Transition::Block("rain".into())).unwrap(), "blocked");
    assert_eq!(go(Transition::Unblock).unwrap(), "open");
    assert_eq!(
        go(Transition::Unblock).unwrap_err().reason(),
        Reason::StatusNotAllowed
    );
    let later = repository
        .now()
        .after(std::time::Duration::from_secs(86_400));
    assert_eq!(go(Transition::Defer(Some(later))).unwrap(), "open");
    let is_ready = |now| repository.state().unwrap().graph(now).is_ready(&item);
    assert!(
        !is_ready(repository.now()) && is_ready(later.after(std::time::Duration::from_secs(1)))
    );
    assert_eq!(go(Transition::TakeUp).unwrap(), "open");
    assert!(is_ready(repository.now()));
    assert_eq!(go(Transition::Done("seen".into())).unwrap(), "closed");
    assert_eq!(go(Transition::Reopen("not round".into())).unwrap(), "open");
    assert_eq!(
        go(Transition::Cancel("square".into())).unwrap(),
        "cancelled"
    );
}

#[test]
fn an_outsider_cannot_break_a_rule() {
    let folder = tempfile::tempdir().unwrap();
    let repository = new(folder.path(), "a");
    let item = create(&repository, "Round the corners");
    let other = create(&repository, "Other");
    for name in [
        "status", "claims", "weight", "acme.", ".x", "Acme.x", "acme.a b", "a/b.c",
    ] {
        let error = refused(&repository, |transaction| {
            transaction.set_field(&item, name, json!(1)).map(drop)
        });
        assert_eq!(error.reason(), Reason::ArgumentsInvalid, "{name}");
    }
    for value in [json!([1]), json!({"a": 1}), json!(0.5), json!(["a"])] {
        let error = refused(&repository, |transaction| {
            transaction
                .set_field(&item, "acme.x", value.clone())
                .map(drop)
        });
        assert_eq!(error.reason(), Reason::ArgumentsInvalid, "{value}");
    }
    let error = refused(&repository, |transaction| {
        transaction
            .set_field(&item, "acme.x", json!("a\0b"))
            .map(drop)
    });
    assert_eq!(error.reason(), Reason::TextNul);
    // What was staged before the failed step is not written either.
    let error = refused(&repository, |transaction| {
        transaction.edit(&item, &Edit::default().depends_on([&other]))?;
        transaction.edit(&other, &Edit::default().depends_on([&item]))
    });
    assert_eq!(error.reason(), Reason::DependencyCycle);
    for verb in ["snooze", "plan approve", "acme/", "acme/Snooze", "a/b/c"] {
        let error = repository.write(verb, |_| Ok(())).unwrap_err();
        assert_eq!(error.reason(), Reason::ArgumentsInvalid, "{verb}");
    }
    let nothing = repository.write("acme/nothing", |_| Ok(())).unwrap();
    assert!(!nothing.has_changed);
    assert_eq!(Some(nothing.commit), repository.tip().unwrap());

    let robot = env(&folder.path().join("a"), &[("AGENT_NAME", "robo")]);
    let robot = Repository::open(robot).unwrap();
    let error = refused(&robot, |transaction| transaction.comment(&item, "beep"));
    assert_eq!(error.reason(), Reason::ActorNotHuman);
}

#[test]
fn own_fields_are_kept_and_joined() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (new(folder.path(), "a"), new(folder.path(), "b"));
    let item = create(&a, "Round the corners");
    let set = |name: &str, value: serde_json::Value| {
        let set = |transaction: &mut Transaction<'_, '_>| {
            transaction.set_field(&item, name, value.clone())
        };
        a.write("acme/set", set).unwrap().value
    };
    assert!(set("acme.weight", json!(3)) && !set("acme.weight", json!(3)));
    assert!(set("acme.note", json!("yes: [no]")) && set("acme.on", json!(true)));
    let read = |state: &State<'_>| {
        let document = state.item(&item).unwrap().document().unwrap();
        ["acme.weight", "acme.note", "acme.on"].map(|name| document.field(name))
    };
    let all = [Some(json!(3)), Some(json!("yes: [no]")), Some(json!(true))];
    assert_eq!(read(&a.state().unwrap()), all);
    a.verbs()
        .issues()
        .update(&[item.to_string()], &Default::default())
        .unwrap();
    assert_eq!(read(&a.state().unwrap()), all);

    let theirs = create(&b, "Other");
    let path = folder.path().join("a").display().to_string();
    git(
        &folder.path().join("b"),
        &["fetch", "-q", &path, "refs/pm/main"],
    );
    let (ours, other) = (b.tip().unwrap().unwrap(), a.tip().unwrap().unwrap());
    let other = b.commit(&other.to_string()).unwrap();
    let joined = b.join(ours, other).unwrap();
    let state = joined.state().unwrap();
    assert_eq!(read(&state), all);
    assert!(state.item(&theirs).is_some());
    assert_eq!(b.join(other, ours).unwrap().commit(), joined.commit());
    assert_eq!(b.tip().unwrap(), Some(ours));
    assert!(b.state_at(other).unwrap().item(&theirs).is_none());
    let code = folder.path().join("b");
    let tree = git(&code, &["mktree", "--missing"]);
    let author = ["-c", "user.name=Ana", "-c", "user.email=a@b.c"];
    let written = [&author[..], &["commit-tree", "-m", "code", tree.trim()]].concat();
    let head = b.commit(git(&code, &written).trim()).unwrap();
    let refused = b.state_at(head).err().unwrap();
    assert!(refused.message().contains("is not a state"), "{refused}");
    assert!(set("acme.on", json!(null)));
    assert_eq!(read(&a.state().unwrap())[2], None);
}

#[test]
fn a_reader_leaves_a_mirror_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let repository = new(folder.path(), "a");
    let item = create(&repository, "Round the corners");
    git(
        folder.path(),
        &["clone", "-q", "--mirror", "a", "mirror.git"],
    );
    let mirror = folder.path().join("mirror.git");
    let files = || {
        let found = walkdir::WalkDir::new(&mirror)
            .sort_by_file_name()
            .into_iter();
        let found = found.map(|entry| entry.unwrap().into_path());
        found.collect::<Vec<_>>()
    };
    let before = files();
    let mut without_git = env(&mirror, &[]);
    without_git.vars.remove("PATH");
    let reader = Reader::open(without_git).unwrap();
    let state = reader.state().unwrap();
    assert_eq!(state.item(&item).unwrap().title(), "Round the corners");
    assert_eq!(state.graph(reader.now()).ready(), [item]);
    assert!(state.reservations(reader.now()).is_empty() && state.damaged().is_empty());
    let first = reader.events(None, 1).unwrap();
    assert!(first.has_more && !first.was_lost);
    let rest = reader.events(Some(&first.cursor), 100).unwrap();
    assert!(!rest.has_more);
    assert_eq!(rest.list.last().unwrap().cursor(), rest.cursor);
    assert!(
        reader
            .events(Some(&rest.cursor), 100)
            .unwrap()
            .list
            .is_empty()
    );
    assert_eq!(files(), before);

    let outside = Reader::open(env(folder.path(), &[])).err().unwrap();
    assert_eq!(outside.reason(), Reason::RepositoryMissing);
    git(folder.path(), &["init", "-q", "bare"]);
    let bare = Reader::open(env(&folder.path().join("bare"), &[])).unwrap();
    assert_eq!(bare.tip().unwrap(), None);
    assert_eq!(
        bare.state().err().unwrap().reason(),
        Reason::RepositoryNotSetUp
    );
}
