//! Sending, reading, replying, acknowledging, waiting (MS-01, MS-03).

use super::{inbox, list, sent, two_clones};
use crate::support::{Repo, Scene, agent, binary, set_up};

// MS-01, MS-03
#[test]
fn a_message_about_an_item_reaches_another_clone_and_its_reply_comes_back() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    let to_ana = ["msg", "send", "--to", "Ana", "--item", "T-0001", "--ack"];
    let id = sent(&b, &[&to_ana[..], &["Which port?", "80 or 8080?"]].concat());
    a.pm(&["pull"]).ok();
    let unread = inbox(&a);
    assert_eq!(unread.len(), 1, "{unread:?}");
    assert_eq!(unread[0]["id"], id.as_str());
    assert_eq!(unread[0]["subject"], "[T-0001] Which port?");
    assert_eq!(unread[0]["thread"], "T-0001");
    assert!(unread[0]["body"].is_null(), "a list has texts");

    let read = a.data(&["msg", "read"]);
    assert_eq!(read["items"][0]["body"], "80 or 8080?");
    assert!(inbox(&a).is_empty(), "a read message is shown as new");
    let reply = a.data(&["msg", "reply", &id, "8080"]);
    assert_eq!(reply["subject"], "[T-0001] Which port?");
    assert_eq!(reply["thread"], "T-0001");
    assert_eq!(reply["to"], serde_json::json!(["Ben"]));
    assert_eq!(reply["reply_to"], id.as_str());
    a.pm(&["msg", "ack", &id, "--note", "fixed today"]).ok();

    b.pm(&["pull"]).ok();
    let answers = list(&b.data(&["msg", "read"])["items"]);
    assert_eq!(answers[0]["body"], "8080");
    let thread = b.data(&["msg", "thread", "T-0001"]);
    let acks = list(&thread["messages"][0]["acks"]);
    assert_eq!(acks[0]["by"], "Ana");
    assert_eq!(acks[0]["note"], "fixed today");
    assert_eq!(list(&thread["messages"]).len(), 2);
    assert_eq!(b.data(&["msg", "thread", &id])["thread"], "T-0001");
    a.pm(&["fsck"]).ok();
}

/// A renumbered item takes the subjects of its messages along: its former id is another item's.
#[test]
fn a_message_names_its_item_by_the_present_id() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    let bens = b.task("Of Ben", &[]);
    b.pm(&["sync"]).ok();
    let mine = a.task("Of Ana", &[]);
    assert_eq!(mine, bens);
    let to_ben = ["--offline", "msg", "send", "--new", "--to", "Ben", "--item"];
    a.pm(&[&to_ben[..], &[&mine, "Please start it"]].concat())
        .ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let unread = inbox(&b);
    let item = unread[0]["item"].as_str().unwrap();
    assert_ne!(item, bens);
    assert_eq!(b.data(&["show", item])["title"], "Of Ana");
    assert_eq!(unread[0]["subject"], format!("[{item}] Please start it"));
    // By its present and by its former id, alone and with another word, and by its uid.
    let uid = b.data(&["show", item])["uid"].as_str().unwrap().to_string();
    let suffixed = format!("{bens}-{}", &uid[uid.len() - 4..]);
    for name in [item, &bens, &suffixed, &uid] {
        for words in [&[name][..], &[name, "please"]] {
            let mut hits = list(&b.data(&[&["msg", "search"], words].concat())["items"]);
            // Not the notice to Ana that her task has another number.
            hits.retain(|hit| hit["topic"] != "renumbered");
            assert_eq!(hits.len(), 1, "{words:?}: {hits:?}");
            assert_eq!(hits[0]["id"], unread[0]["id"], "{words:?}");
        }
        let none = b.data(&["msg", "search", name, "nothing"]);
        assert_eq!(none["items"], serde_json::json!([]), "{name}");
    }
    assert!(
        b.pm(&["prime", item])
            .ok()
            .out
            .contains(&format!("[{item}] Please"))
    );
}

#[test]
fn replies_without_an_item_stay_in_the_thread_of_the_first_message() {
    let (_scene, a) = set_up();
    let (ben, cleo) = (a.by("ben"), a.by("cleo"));
    let to = ["msg", "send", "--new", "--to", "ben", "--to", "cleo"];
    let first = sent(&a, &[&to[..], &["Lunch?"]].concat());
    let second = ben.data(&["msg", "reply", &first, "at one"]);
    assert_eq!(second["to"], serde_json::json!(["Ana", "cleo"]));
    let second = second["id"].as_str().unwrap();
    cleo.pm(&["msg", "reply", second, "fine"]).ok();
    let thread = a.data(&["msg", "thread", second]);
    assert_eq!(thread["thread"], first.as_str());
    assert_eq!(list(&thread["messages"]).len(), 3);
    assert!(
        inbox(&a).is_empty(),
        "messages of a thread shown are unread"
    );
    assert_eq!(inbox(&ben).len(), 1, "the reply to ben");
}

#[test]
fn broadcasts_and_roles_reach_the_actors_they_are_for() {
    let (_scene, a) = set_up();
    let ben = a.by("ben");
    let robot = agent(&a.by("robot"));
    a.pm(&["msg", "send", "--to", "all", "For all"]).ok();
    a.pm(&["msg", "send", "--to", "role:human", "For humans"])
        .ok();
    ben.pm(&["msg", "send", "--to", "role:agent", "For agents"])
        .ok();
    ben.pm(&["msg", "send", "--to", "role:reviewer", "For reviewers"])
        .ok();
    let subjects = |repo| -> Vec<String> {
        let all = inbox(repo);
        let subjects = all
            .iter()
            .map(|m| m["subject"].as_str().unwrap().to_string());
        subjects.collect()
    };
    assert!(subjects(&a).is_empty(), "own broadcasts are unread");
    assert_eq!(subjects(&ben), ["For humans", "For all"]);
    assert_eq!(subjects(&robot), ["For agents", "For all"]);
    let human = a.by("cleo").data(&["msg", "inbox", "--human"]);
    assert_eq!(list(&human["items"]).len(), 1, "{human}");
    a.git(&["config", "pm.role", "reviewer"]).ok();
    assert!(subjects(&a).contains(&"For reviewers".to_string()));
}

#[test]
fn a_message_to_the_owner_of_an_item_reaches_its_holder() {
    let (_scene, a) = set_up();
    a.task("Fix it", &[]);
    a.by("ben").pm(&["start", "T-0001", "--no-worktree"]).ok();
    let message = a.data(&["msg", "send", "--to", "owner:T-1", "--item", "T-1", "Hurry"]);
    assert_eq!(message["to"], serde_json::json!(["ben"]));
    a.task("Free", &[]);
    let ran = a.pm(&["--json", "msg", "send", "--to", "owner:T-2", "Hurry"]);
    assert_eq!(ran.exits(1).error()["reason"], "msg.no_owner");
}

#[test]
fn an_agent_under_a_humans_name_has_read_marks_of_its_own() {
    let (_scene, a) = set_up();
    a.by("ben")
        .pm(&["msg", "send", "--to", "Ana", "Hello"])
        .ok();
    let robot = agent(&a.by("Ana"));
    assert_eq!(list(&robot.data(&["msg", "read"])["items"]).len(), 1);
    assert!(inbox(&robot).is_empty());
    assert_eq!(inbox(&a).len(), 1, "the human has not read it");
}

#[test]
fn status_counts_unread_messages_and_doctor_reports_them() {
    let (_scene, a) = set_up();
    a.by("ben").pm(&["msg", "send", "--to", "Ana", "One"]).ok();
    a.by("ben").pm(&["msg", "send", "--to", "all", "Two"]).ok();
    assert_eq!(a.data(&["status"])["unread_messages"], 2);
    let shown = a.pm(&["status"]).ok().out;
    assert!(shown.contains("2 unread"), "{shown}");
    let doctor = a.pm(&["doctor"]).out;
    assert!(doctor.contains("unread messages: 2"), "{doctor}");
    a.pm(&["msg", "read"]).ok();
    assert_eq!(a.data(&["status"])["unread_messages"], 0);
    let doctor = a.pm(&["doctor"]).out;
    assert!(doctor.contains("none unread"), "{doctor}");
}

// MS-13
#[test]
fn doctor_reports_unread_messages_that_are_too_old() {
    let (_scene, a) = set_up();
    let then = a.when("2026-01-01T12:00:00Z");
    then.by("ben")
        .pm(&["msg", "send", "--to", "Ana", "Old"])
        .ok();
    let doctor = a.when("2026-01-20T12:00:00Z").pm(&["doctor"]).out;
    assert!(
        doctor.contains("more than a week old and unread: 1"),
        "{doctor}"
    );
}

#[test]
fn doctor_reports_messages_that_were_never_pushed() {
    let scene = Scene::new();
    let (a, _) = two_clones(&scene);
    let then = a.when("2026-01-01T12:00:00Z");
    then.pm(&["--offline", "msg", "send", "--to", "all", "Old"])
        .ok();
    let doctor = a.when("2026-01-20T12:00:00Z").pm(&["doctor"]).out;
    assert!(doctor.contains("not been pushed yet: 1"), "{doctor}");
}

#[test]
fn messages_are_found_by_their_words_and_items_are_not_mixed_with_them() {
    let (_scene, a) = set_up();
    a.task("The zanzibar cache", &[]);
    let found = |words: &[&str]| list(&a.data(&[&["msg", "search"], words].concat())["items"]);
    // The first search makes the index of words, later messages are added to it.
    assert!(found(&["zanzibar"]).is_empty());
    let id = sent(
        &a,
        &[
            "msg",
            "send",
            "--to",
            "all",
            "The port",
            "zanzibar is on 8080",
        ],
    );
    a.pm(&["msg", "send", "--to", "all", "Another port"]).ok();
    let hits = found(&["zanz", "8080"]);
    assert_eq!(hits.len(), 1, "{hits:?}");
    assert_eq!(hits[0]["id"], id.as_str());
    assert_eq!(found(&["port"]).len(), 2);
    assert!(found(&["port\" OR \"x"]).is_empty());
    a.pm(&["msg", "search", "--", "-"]).exits(2);
    let items = list(&a.data(&["search", "zanzibar"])["items"]);
    assert_eq!(items.len(), 1, "{items:?}");
    a.pm(&["handoff", "T-1", "--next", "measure the kettle"])
        .ok();
    assert_eq!(found(&["kettle"]).len(), 1);
    std::fs::remove_file(a.path.join(".git/pm/index.sqlite")).unwrap();
    assert_eq!(found(&["zanzibar"]).len(), 1);
    a.pm(&["fsck"]).ok();
}

#[test]
fn watch_ends_when_a_message_arrives() {
    let (_scene, a) = set_up();
    let none = a.pm(&["--json", "msg", "watch", "--timeout", "1s"]);
    assert_eq!(none.exits(1).error()["reason"], "msg.none");
    let watching = a.spawn(&["--json", "msg", "watch", "--timeout", "60s"]);
    std::thread::sleep(std::time::Duration::from_millis(500));
    a.by("ben")
        .pm(&["msg", "send", "--to", "Ana", "Hello"])
        .ok();
    let ran = crate::support::wait_all(vec![watching]).remove(0).ok();
    assert_eq!(ran.data()["items"][0]["subject"], "Hello");
}

#[test]
fn watch_asks_the_remote_if_told_to() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    b.pm(&["msg", "send", "--to", "Ana", "Hello"]).ok();
    let ran = a.pm(&["--json", "msg", "watch", "--timeout", "30s", "--sync", "1s"]);
    assert_eq!(ran.ok().data()["items"][0]["subject"], "Hello");
}

#[test]
fn a_message_repeated_with_one_key_is_sent_once() {
    let (_scene, a) = set_up();
    let args = [
        "--idempotency-key",
        "k1",
        "msg",
        "send",
        "--to",
        "all",
        "Once",
    ];
    let first = a.data(&args)["uid"].clone();
    assert_eq!(a.data(&args)["uid"], first);
    assert_eq!(inbox(&a.by("ben")).len(), 1);
}

#[test]
fn log_and_diff_know_messages_and_undo_leaves_them() {
    let (_scene, a) = set_up();
    a.task("Fix it", &[]);
    a.pm(&["msg", "send", "--to", "all", "--item", "T-1", "Hello"])
        .ok();
    let log = a.pm(&["log", "T-1", "--limit", "1"]).ok().out;
    assert!(log.contains("msg send to all: [T-0001] Hello"), "{log}");
    a.pm(&["diff", "refs/pm/main~1"]).ok();
    a.pm(&["undo"]).exits(1);
    assert_eq!(inbox(&a.by("ben")).len(), 1);
    a.pm(&["gc"]).ok();
    a.pm(&["fsck"]).ok();
}

#[test]
fn a_redacted_text_is_gone_from_messages() {
    let (_scene, a) = set_up();
    a.by("ben")
        .pm(&[
            "msg",
            "send",
            "--to",
            "Ana",
            "Hello",
            "the word sesame opens it",
        ])
        .ok();
    a.feed(binary(), &["redact", "-"], "sesame").ok();
    let read = a.data(&["msg", "read"]).to_string();
    assert!(!read.contains("sesame"), "{read}");
    assert!(read.contains("Hello"), "{read}");
    a.pm(&["fsck"]).ok();
}

// MS-06
#[test]
fn a_thread_that_agents_do_not_settle_reaches_humans() {
    let (_scene, a) = set_up();
    a.task("Decide", &[]);
    let (one, two) = (agent(&a.by("one")), agent(&a.by("two")));
    let send = ["msg", "send", "--new", "--item", "T-1"];
    let id = sent(
        &one,
        &[&send[..], &["--to", "two", "Tabs or spaces?"]].concat(),
    );
    let escalated = |repo: &crate::support::Repo| {
        let all = repo.data(&["msg", "inbox", "--human"]);
        list(&all["items"])
    };
    for n in 0..4 {
        let by = if n % 2 == 0 { &two } else { &one };
        by.pm(&["msg", "reply", &id, "No!"]).ok();
    }
    assert!(escalated(&a).is_empty());
    two.pm(&["msg", "reply", &id, "No!"]).ok();
    let found = escalated(&a);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["rounds"], 6);
    assert_eq!(found[0]["thread"], "T-0001");
    assert_eq!(a.data(&["status"])["unread_messages"], 1);
    assert!(inbox(&two).iter().all(|m| m["rounds"].is_null()));
    // Read, it does not nag; a human's answer starts the count again.
    let newest = found[0]["id"].as_str().unwrap();
    a.pm(&["msg", "read", newest]).ok();
    assert!(escalated(&a).is_empty());
    assert_eq!(escalated(&a.by("cleo")).len(), 1);
    a.pm(&["msg", "reply", newest, "Spaces."]).ok();
    assert!(escalated(&a.by("cleo")).is_empty());
    a.pm(&["fsck"]).ok();
}

#[test]
fn a_closed_item_or_another_limit_ends_the_escalation() {
    let (_scene, a) = set_up();
    a.task("Decide", &[]);
    a.git(&["config", "pm.escalateAfter", "2"]).ok();
    let (one, two) = (agent(&a.by("one")), agent(&a.by("two")));
    for (by, to) in [(&one, "two"), (&two, "one")] {
        by.pm(&["msg", "send", "--new", "--item", "T-1", "--to", to, "No!"])
            .ok();
    }
    let unread = |repo: &crate::support::Repo| inbox(repo).len();
    assert_eq!(unread(&a), 1);
    a.git(&["config", "pm.escalateAfter", "0"]).ok();
    assert_eq!(unread(&a), 0);
    a.git(&["config", "pm.escalateAfter", "2"]).ok();
    a.pm(&["task", "cancel", "T-1"]).ok();
    assert_eq!(unread(&a), 0);
}

#[test]
fn the_assignee_hears_of_changes_that_others_make() {
    let (_scene, a) = set_up();
    a.task("Fix it", &[]);
    a.pm(&["task", "reassign", "T-1", "--to", "ben"]).ok();
    let ben = a.by("ben");
    ben.pm(&["msg", "read"]).ok();
    a.pm(&["task", "block", "T-1", "no power"]).ok();
    let told = ben.pm(&["status"]).ok().out;
    assert!(
        told.contains("[T-0001] Ana blocked T-0001: no power"),
        "{told}"
    );
    ben.pm(&["task", "unblock", "T-1"]).ok();
    assert!(inbox(&ben).is_empty(), "ben is told of his own change");
    a.pm(&["task", "cancel", "T-1"]).ok();
    let told = ben.pm(&["status"]).ok().out;
    assert!(told.contains("Ana cancelled T-0001"), "{told}");
}

#[test]
fn each_recipient_is_asked_to_acknowledge_until_they_did() {
    let (_scene, a) = set_up();
    let (ben, cleo) = (a.by("ben"), a.by("cleo"));
    a.task("Fix it", &[]);
    let to = ["--new", "--to", "ben", "--to", "cleo"];
    let id = sent(
        &a,
        &[&["msg", "send", "--ack"], &to[..], &["Hello"]].concat(),
    );
    let next = format!("next: git pm msg ack {id}");
    let wanted = |repo: &Repo| {
        let json = repo.data(&["msg", "inbox", "--all"])["items"][0]["ack_wanted"].clone();
        let table = repo.pm(&["msg", "inbox", "--all"]).ok().out;
        let full = repo.pm(&["msg", "read", &id]).ok().out;
        let wanted = json.as_bool().unwrap();
        assert_eq!(table.contains("ack wanted"), wanted, "{table}");
        assert_eq!(full.contains(&next), wanted, "{full}");
        wanted
    };
    let primed = |repo: &Repo| repo.pm(&["prime"]).ok().out.contains("(acknowledge it)");
    assert!(primed(&cleo));
    assert!(!a.pm(&["msg", "read", &id]).ok().out.contains("next:"));
    ben.pm(&["msg", "ack", &id]).ok();
    assert!(!wanted(&ben), "ben did");
    assert!(primed(&cleo));
    assert!(wanted(&cleo), "cleo did not");
    cleo.pm(&["msg", "ack", &id]).ok();
    assert!(!wanted(&cleo));
    // A request waits for each recipient who has not answered it.
    let id = sent(&a, &[&["msg", "delegate", "T-1"], &to[..]].concat());
    ben.pm(&["msg", "decline", &id]).ok();
    let next = |repo: &Repo| repo.pm(&["msg", "read", &id]).ok().out.contains("next:");
    assert!(!next(&ben) && next(&cleo) && !next(&a));
}

#[test]
fn an_agent_does_not_acknowledge_for_others_but_a_human_may() {
    let (_scene, a) = set_up();
    let id = sent(
        &a,
        &["msg", "send", "--ack", "--new", "--to", "ben", "Hello"],
    );
    let other = agent(&a).by("cleo");
    let ran = other.pm(&["--json", "msg", "ack", &id]).exits(1);
    assert_eq!(ran.error()["reason"], "msg.not_yours");
    let acks = |repo: &Repo| repo.data(&["msg", "read", &id])["items"][0]["acks"].clone();
    assert_eq!(acks(&a), serde_json::json!([]));
    a.by("dora").pm(&["msg", "ack", &id]).ok();
    assert_eq!(acks(&a)[0]["by"], "dora");
}
