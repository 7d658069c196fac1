//! Bad input: texts that are too large, unknown recipients, secrets, damaged marks, documents of
//! other programs.

use std::collections::BTreeSet;

use super::{inbox, list, sent, two_clones};
use crate::support::{Repo, Scene, binary, set_up};

fn reason(repo: &Repo, args: &[&str], code: i32) -> String {
    let ran = repo.pm(&[&["--json"], args].concat()).exits(code);
    ran.error()["reason"].as_str().unwrap().to_string()
}

#[test]
fn a_message_of_five_megabytes_is_refused() {
    let (_scene, a) = set_up();
    let text = "x".repeat(5_000_000);
    let args = ["--json", "msg", "send", "--to", "all", "Big", "-"];
    let ran = a.feed(binary(), &args, &text).exits(2);
    let error = ran.error();
    assert_eq!(error["reason"], "msg.too_large");
    assert!(
        error["message"].as_str().unwrap().contains("5.0 MB"),
        "{error}"
    );
    assert!(inbox(&a.by("ben")).is_empty());
}

#[test]
fn an_unknown_recipient_is_an_error_with_similar_names() {
    let (_scene, a) = set_up();
    a.by("benjamin").task("By Ben", &[]);
    let ran = a
        .pm(&["--json", "msg", "send", "--to", "benjamim", "Hello"])
        .exits(4);
    let error = ran.error();
    assert_eq!(error["reason"], "msg.unknown_recipient");
    assert!(
        error["hints"]
            .to_string()
            .contains("did you mean benjamin?"),
        "{error}"
    );
    a.pm(&["msg", "send", "--to", "benjamin", "Hello"]).ok();
    a.pm(&["msg", "send", "--to", "all", "Hello"]).ok();
    assert_eq!(
        reason(&a, &["msg", "send", "--to", "role:", "Hello"], 2),
        "msg.invalid_recipient"
    );
    assert_eq!(
        reason(&a, &["msg", "send", "--to", "a<b", "Hello"], 2),
        "msg.invalid_recipient"
    );
    a.pm(&["msg", "send", "--to", "all", " "]).exits(2);
    a.pm(&["msg", "send", "--to", "all", "a\nb"]).exits(2);
    a.pm(&[
        "msg",
        "send",
        "--to",
        "all",
        "--importance",
        "asap",
        "Hello",
    ])
    .exits(2);
    a.pm(&["msg", "send", "--to", "all", "--item", "T-99", "Hello"])
        .exits(4);
    for id in ["M-000000", "M-", "../x", "T-1", ""] {
        a.pm(&["msg", "read", id]).exits(4);
    }
}

#[test]
fn a_message_with_a_secret_is_refused() {
    let (_scene, a) = set_up();
    // In parts, so that no scanner takes it for a key.
    let name = "OPENSSH PRIVATE KEY-----";
    let bytes = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW".repeat(4);
    let key = format!("Use this:\n-----BEGIN {name}\n{bytes}\n-----END {name}\n");
    let send = ["msg", "send", "--to", "all", "The key", &key];
    assert_eq!(reason(&a, &send, 1), "msg.secret");
    a.pm(&[&send[..], &["--allow-secret"]].concat()).ok();
}

// A comment goes out at once as well.
#[test]
fn a_comment_with_a_secret_is_refused_like_a_message() {
    let (_scene, a) = set_up();
    let id = a.task("Rotate", &[]);
    let token = ["gh", "p_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].concat();
    let text = format!("it is {token}");
    let comments = |args: &[&str]| {
        assert_eq!(reason(&a, args, 1), "msg.secret", "{args:?}");
        assert!(
            a.data(&["show", &id])["comments"]
                .as_array()
                .unwrap()
                .is_empty()
        );
    };
    comments(&["comment", &id, &text]);
    comments(&["issue", "comments", "add", &id, &text]);
    let line = serde_json::json!({ "op": "task.comment", "id": id, "text": text }).to_string();
    let refused = a.feed(crate::support::binary(), &["--json", "batch"], &line);
    assert_eq!(refused.exits(1).error()["reason"], "msg.secret");
    let allowed = ["comment", &id, &text, "--allow-secret"];
    crate::support::agent(&a).pm(&allowed).exits(1);
    let told = a.pm(&allowed).ok().err;
    assert!(told.contains("looks like it holds"), "{told}");
}

#[test]
fn control_characters_are_escaped() {
    let (_scene, a) = set_up();
    let ben = a.by("ben");
    a.pm(&[
        "msg",
        "send",
        "--to",
        "all",
        "A \u{1b}[31mred",
        "b\u{1b}]0;x\u{7}\u{202e}c",
    ])
    .ok();
    for args in [
        &["msg", "inbox"][..],
        &["msg", "read"],
        &["--json", "msg", "inbox", "--all"],
    ] {
        let out = ben.pm(args).ok().out;
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!out.contains(steers), "{args:?}: {out:?}");
    }
}

#[test]
fn lost_or_damaged_marks_show_messages_again_and_are_no_error() {
    let (_scene, a) = set_up();
    for n in 0..3 {
        a.by("ben")
            .pm(&["msg", "send", "--to", "Ana", &format!("M{n}")])
            .ok();
    }
    let folder = a.path.join(".git/pm/seen");
    let files = || {
        let files = std::fs::read_dir(&folder).unwrap().flatten();
        files.map(|f| f.path()).filter(|f| f.extension().is_none())
    };
    // The sender has marks too.
    let before: Vec<_> = files().collect();
    a.pm(&["msg", "read"]).ok();
    assert!(inbox(&a).is_empty());
    let marks = files().find(|f| !before.contains(f)).unwrap();
    let good = std::fs::read(&marks).unwrap();
    let until = String::from_utf8_lossy(&good)
        .lines()
        .next()
        .unwrap()
        .to_string();
    let bad: [&[u8]; 5] = [
        b"",
        b"\xff\xfe\0\0garbage\n-\n-\n",
        b"until 99999999999999 3 3\n-\n",
        b"until -1 x\n",
        &good[..good.len() / 4],
    ];
    for bytes in bad {
        std::fs::write(&marks, bytes).unwrap();
        assert_eq!(inbox(&a).len(), 3, "{until}: {bytes:?}");
    }
    std::fs::remove_file(&marks).unwrap();
    std::fs::create_dir(&marks).unwrap();
    assert_eq!(inbox(&a).len(), 3);
    std::fs::remove_dir(&marks).unwrap();
    a.pm(&["msg", "read"]).ok();
    assert!(inbox(&a).is_empty());
}

#[test]
fn marks_of_a_lost_history_hide_nothing_new() {
    let scene = Scene::new();
    let (a, b) = two_clones(&scene);
    a.pm(&["--offline", "msg", "send", "--to", "all", "From a"])
        .ok();
    b.pm(&[
        "--offline",
        "msg",
        "send",
        "--to",
        "Ana",
        "Older, arrives later",
    ])
    .ok();
    let before = a.tip("refs/pm/main");
    a.by("cleo")
        .pm(&["--offline", "msg", "send", "--to", "Ana", "Lost"])
        .ok();
    assert_eq!(inbox(&a).len(), 1);
    a.pm(&["msg", "read"]).ok();
    a.git(&["update-ref", "refs/pm/main", &before]).ok();
    assert!(inbox(&a).is_empty());
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    let unread = inbox(&a);
    assert_eq!(unread.len(), 1, "{unread:?}");
    assert_eq!(unread[0]["subject"], "Older, arrives later");
}

#[test]
fn messages_of_other_programs_are_shown_bounded_and_never_crash() {
    let (scene, a) = set_up();
    a.task("Fix it", &[]);
    let id = sent(&a, &["msg", "send", "--to", "all", "--item", "T-1", "Good"]);
    let path = a
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "messages"])
        .ok()
        .text();
    let (_, file) = path.rsplit_once('/').unwrap();
    let good = a.git(&["show", &format!("refs/pm/main:{path}")]).ok().out;
    let uid = file.trim_end_matches(".md").to_string();
    let huge = "y".repeat(3_000_000);
    let bodies = [
        good.replace("to: [\"*\"]", "to: text")
            .replace(&uid, "01m800000000000000000000a1"),
        good.replace(
            "subject: \"[T-0001] Good\"",
            &format!("subject: \"{huge}\""),
        )
        .replace(&uid, "01m800000000000000000000a2"),
        good.replace("item: ", "item: ../../x-")
            .replace(&uid, "01m800000000000000000000a3"),
        format!(
            "---\nuid: \"01m800000000000000000000a4\"\nkind: message\nto: [\"*\"]\nthread: [1, 2]\n\
             acks:\n  ana: {{}}\ntopic: request\nbirth: \"1769947200000.0.eve0\"\n---\n{huge}\n"
        ),
        "---\nuid: \"01m800000000000000000000a5\"\nkind: message\nto: [\"*\"]\ntopic: handoff\n\
         done: {\"a\": 1}\nnext: 7\nfiles: [\"\\u001b\"]\nbirth: \"1769947200000.0.eve0\"\n---\n"
            .to_string(),
    ];
    assert!(bodies.iter().all(|body| *body != good), "{good}");
    let index = scene.dir.path().join("index");
    let git = a.with("GIT_INDEX_FILE", index.to_str().unwrap());
    git.git(&["read-tree", "refs/pm/main"]).ok();
    for (n, body) in bodies.iter().enumerate() {
        let oid = git
            .feed("git", &["hash-object", "-w", "--stdin"], body)
            .ok()
            .text();
        // The folder is the date of the uid.
        let day = "messages/2026/11/21";
        let place = format!("{day}/01m800000000000000000000a{}.md", n + 1);
        git.git(&[
            "update-index",
            "--add",
            "--cacheinfo",
            &format!("100644,{oid},{place}"),
        ])
        .ok();
    }
    let tree = git.git(&["write-tree"]).ok().text();
    let tip = a.tip("refs/pm/main");
    let commit = a
        .git(&["commit-tree", &tree, "-p", &tip, "-m", "other"])
        .ok()
        .text();
    a.git(&["update-ref", "refs/pm/main", &commit]).ok();
    let ben = a.by("ben");
    let all = ben.data(&["msg", "inbox", "--all", "--limit", "0"]);
    let uids: BTreeSet<String> = list(&all["items"])
        .iter()
        .map(|one| one["uid"].as_str().unwrap().to_string())
        .collect();
    // The first one has no recipient.
    for n in 2..=5 {
        let planted = format!("01m800000000000000000000a{n}");
        assert!(uids.contains(&planted), "{planted}: {uids:?}");
    }
    for args in [
        &["msg", "inbox", "--all"][..],
        &["msg", "inbox", "--human"],
        &["status"],
        &["msg", "thread", "T-1"],
        &["show", "T-1"],
        &["msg", "read"],
    ] {
        for json in [&["--json"][..], &[]] {
            let ran = ben.pm(&[json, args].concat()).ok();
            assert!(
                ran.out.len() < 2_000_000,
                "{args:?} printed {}",
                ran.out.len()
            );
            assert!(!ran.out.contains('\u{1b}'), "{args:?}");
        }
    }
    ben.pm(&["msg", "ack", &id]).ok();
    ben.pm(&["doctor"]);
}

/// A name that means others as a recipient, or the tool as a sender, is not one of an actor.
#[test]
fn no_actor_has_the_name_of_an_address() {
    let (_scene, repo) = set_up();
    for name in ["all", "ALL", "*", "role:human", "owner:T-0001", "git pm"] {
        let refused = repo.by(name).pm(&["--json", "task", "create", "x"]);
        assert_eq!(refused.exits(2).error()["reason"], "actor.invalid_name");
    }
    repo.by("allan").pm(&["task", "create", "x"]).ok();
}
