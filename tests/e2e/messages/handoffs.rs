//! Handoffs: the state of work for the actor who continues it (MS-09).

use super::{inbox, two_clones};
use crate::serve::{Server, token};
use crate::support::{Scene, set_up};

// MS-09
#[test]
fn a_hand_off_tells_the_actor_who_continues_what_is_done_and_next() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    a.pm(&["start", "T-1"]).ok();
    let work = a.worktree("T-1");
    work.write("src/port.rs", "8080");
    work.commit_all("Begin");
    let said = work.data(&[
        "handoff",
        "--done",
        "the parser",
        "--next",
        "tests",
        "--next",
        "docs",
        "--decision",
        "port 8080",
        "--question",
        "keep the old flag?",
        "T-1",
        "More in the issue.",
    ]);
    assert_eq!(said["topic"], "handoff");
    work.pm(&["task", "drop", "T-1", "--force"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["pull"]).ok();
    assert!(
        inbox(&b).is_empty(),
        "a handoff without recipients is in an inbox"
    );
    let shown = b.data(&["show", "T-1"])["handoff"].clone();
    assert_eq!(shown["by"], "Ana");
    assert_eq!(shown["done"], serde_json::json!(["the parser"]));
    assert_eq!(shown["next"], serde_json::json!(["tests", "docs"]));
    assert_eq!(shown["decisions"], serde_json::json!(["port 8080"]));
    assert_eq!(shown["files"], serde_json::json!(["src/port.rs"]));
    assert_eq!(
        shown["questions"],
        serde_json::json!(["keep the old flag?"])
    );
    assert_eq!(shown["text"], "More in the issue.");
    let started = b.pm(&["start", "T-1", "--no-worktree"]).ok().out;
    assert!(started.contains("keep the old flag?"), "{started}");
    let resumed = b.data(&["start", "T-1", "--no-worktree", "--resume"]);
    assert_eq!(resumed["handoff"]["id"], shown["id"]);
    // The newest one counts.
    b.pm(&["handoff", "T-1", "--done", "everything"]).ok();
    let newest = b.data(&["handoff", "T-1"]);
    assert_eq!(newest["handoff"]["done"], serde_json::json!(["everything"]));
    b.pm(&["fsck"]).ok();
}

/// Work begins where the remote's branch is: what others pushed there is not its own, though the branch here
/// lacks it.
#[test]
fn a_hand_off_lists_no_file_that_others_have_pushed() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Fix it", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.write("others.txt", "one\n");
    b.commit_all("Others");
    b.git(&["push", "-q", "origin", "main"]).ok();
    a.git(&["fetch", "-q"]).ok();
    a.pm(&["start", &id]).ok();
    let place = a.worktree(&id);
    place.write("fix.txt", "1\n");
    place.commit_all("Fix");
    let (here, there) = (a.tip("main"), a.tip("origin/main"));
    assert_ne!(here, there, "the branch here is not behind");
    a.pm(&["handoff", &id, "--done", "half of it"]).ok();
    let files = a.data(&["show", &id])["handoff"]["files"].clone();
    assert_eq!(files, serde_json::json!(["fix.txt"]));
    // So for the other comparisons with a target that is not named.
    let work = place.tip("HEAD");
    assert_eq!(a.data(&["review", &work])["base"], there.as_str());
}

#[test]
fn only_the_holder_hands_work_off() {
    let (_scene, a) = set_up();
    a.task("Fix it", &[]);
    a.by("ben").pm(&["start", "T-1", "--no-worktree"]).ok();
    let ran = a.pm(&["--json", "handoff", "T-1", "--done", "it"]);
    assert_eq!(ran.exits(3).error()["reason"], "claim.held");
    let none = a.pm(&["--json", "handoff", "T-1"]);
    assert_eq!(none.exits(4).error()["reason"], "handoff.missing");
    a.by("ben").pm(&["handoff", "T-1", "--done", "it"]).ok();
    a.pm(&["handoff", "T-1"]).ok();
}

#[test]
fn work_is_handed_to_an_actor_who_has_not_written_yet() {
    let (_scene, a) = set_up();
    a.task("One", &[]);
    a.pm(&["start", "T-1"]).ok();
    let handoff = ["handoff", "T-1", "--next", "tests", "--to", "zoe"];
    let said = a.pm(&handoff).exits(4).err;
    assert!(said.contains("`--new` hands it to"), "{said}");
    assert!(!said.contains("msg send"), "{said}");
    a.pm(&[&handoff[..], &["--new"]].concat()).ok();
    assert_eq!(a.data(&["show", "T-1"])["owner"], "zoe");
}

/// Who is handed the work can start it, and nobody else is let in by that; what told them is read then.
#[test]
fn work_that_is_handed_over_to_an_actor_is_theirs_to_start() {
    let (_scene, a) = set_up();
    for title in ["One", "Two"] {
        a.task(title, &[]);
    }
    let (ben, mia) = (a.by("ben"), a.by("mia"));
    for other in [&ben, &mia] {
        other.task("Other", &[]);
    }
    for id in ["T-1", "T-2"] {
        a.pm(&["start", id]).ok();
    }
    let before = a.tip("refs/pm/main");
    a.worktree("T-1").write("draft.txt", "x\n");
    let said = a.pm(&["handoff", "T-1", "--next", "tests", "--to", "mia"]);
    let said = said.ok().err;
    assert!(
        said.contains("not committed: 1 untracked (draft.txt)"),
        "{said}"
    );
    let since = format!("{before}..refs/pm/main");
    let made = a.git(&["rev-list", "--count", &since]).text();
    assert_eq!(made, "1", "the message and the reassignment");
    assert_eq!(a.data(&["show", "T-1"])["owner"], "mia");
    assert!(inbox(&mia).iter().any(|one| one["topic"] == "handoff"));
    let started = mia.pm(&["start", "T-1"]).ok();
    assert!(started.out.contains("tests"), "{started:?}");
    assert!(!started.out.contains("assigned to"), "{started:?}");
    assert!(inbox(&mia).is_empty());
    ben.pm(&["start", "T-1"]).exits(3);
    // To several it is only told.
    a.pm(&["handoff", "T-2", "--next", "x", "--to", "mia,ben"])
        .ok();
    ben.pm(&["start", "T-2"]).exits(3);
    // Only who holds it hands it over.
    ben.pm(&["handoff", "T-2", "--next", "x", "--to", "ben"])
        .exits(3);
    let said = a.pm(&["handoff", "T-2", "mia"]).exits(2).err;
    assert!(said.contains("git pm handoff T-2 --to mia"), "{said}");
}

/// A claim of another clone ends only at the remote: without it nothing is told either.
#[test]
fn a_hand_off_that_does_not_become_the_actors_tells_them_nothing() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("Fix it", &[]);
    a.by("ben").task("Other", &[]);
    a.pm(&["start", &id]).ok();
    let b = scene.clone_of(&hub, "b", "Ana");
    b.pm(&["sync"]).ok();
    let url = b.git(&["remote", "get-url", "origin"]).text();
    b.git(&["remote", "set-url", "origin", "../nowhere.git"])
        .ok();
    let before = b.tip("refs/pm/main");
    let handoff = ["handoff", &id, "--next", "tests", "--to", "ben"];
    b.pm(&handoff).exits(6);
    assert_eq!(b.tip("refs/pm/main"), before);
    b.git(&["remote", "set-url", "origin", &url]).ok();
    b.pm(&handoff).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.data(&["show", &id])["owner"], "ben");
    let told = inbox(&a.by("ben"));
    let told: Vec<_> = told
        .iter()
        .filter(|one| one["topic"] == "handoff")
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    // An idempotency key is of both.
    let again = [&["--idempotency-key", "k"], &handoff[..]].concat();
    a.by("ben").pm(&["start", &id]).ok();
    a.by("ben")
        .pm(&["handoff", &id, "--next", "x", "--to", "Ana"])
        .ok();
    a.pm(&["start", &id]).ok();
    let first = a.data(&again);
    assert_eq!(a.data(&again)["uid"], first["uid"]);
}

#[test]
fn a_text_alone_is_the_hand_off_of_the_task_here() {
    let (_scene, a) = set_up();
    a.task("Fix it", &[]);
    let refused = a.pm(&["handoff", "the parser is done"]).exits(2);
    assert!(!refused.err.contains("no item"), "{}", refused.err);
    let started = a.data(&["start", "T-1"]);
    let there = a.other(started["worktree"].as_str().unwrap());
    there.pm(&["handoff", "the parser is done"]).ok();
    let shown = there.pm(&["handoff"]).ok().out;
    assert!(shown.contains("the parser is done"), "{shown}");
}

#[test]
fn a_hand_off_with_recipients_and_no_content_is_refused() {
    let (_scene, a) = set_up();
    a.task("Fix it", &[]);
    a.by("ben").task("Other", &[]);
    a.pm(&["handoff", "T-1", "--next", "tests"]).ok();
    let tip = a.tip("refs/pm/main");
    for more in [
        &["--to", "ben"][..],
        &["--allow-secret"],
        &["--done", "", "--next", " "],
    ] {
        let ran = a.pm(&[&["handoff", "T-1"], more].concat()).exits(2);
        assert!(ran.err.contains("the handoff is empty"), "{}", ran.err);
    }
    assert_eq!(a.tip("refs/pm/main"), tip);
}

// Work that was returned is told from other work, wherever it is listed; and who looks after the messages is
// told of the notice.
#[test]
fn returned_work_is_told_from_other_work() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Fix", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("fix.txt", "1\n");
    place.commit_all("Fix");
    place.pm(&["finish", &id]).ok();
    let return_it = ["task", "return", &id, "--note", "handle an empty list"];
    repo.by("Ben").pm(&return_it).ok();
    let health = repo.pm(&["doctor"]).out;
    assert!(health.contains("unread notices: 1"), "{health}");
    for args in [
        &["status"][..],
        &["next"],
        &["list"],
        &["show", &id],
        &["board"],
    ] {
        let said = repo.pm(args).ok().out;
        let is_told = said
            .lines()
            .any(|line| line.contains("returned") && !line.contains("Ben"));
        assert!(is_told, "{args:?}: {said}");
    }
    let key = token(&repo, "Ana", &["--scope", "approve"]);
    let page = Server::start(&repo, &[]).with(&key, "GET", &format!("/items/{id}"), "");
    assert!(page.body.contains("returned it to Ana"), "{}", page.body);
    assert!(!page.body.contains("another value"), "{}", page.body);
    place.pm(&["start", &id]).ok();
    place.write("fix.txt", "2\n");
    place.commit_all("Fix again");
    place.pm(&["finish", &id]).ok();
    let listed = repo.pm(&["list"]).ok().out;
    assert!(!listed.contains("returned"), "{listed}");
}
