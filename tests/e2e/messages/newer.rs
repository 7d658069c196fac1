//! Messages of a later version of the format, which another clone wrote (MS-05; FORMAT.md, section
//! 4 and `format` in section 5).

use serde_json::json;

use super::{inbox, list, sent};
use crate::support::{Repo, Scene, forge};

/// The file of the only message.
fn message_path(repo: &Repo) -> String {
    let listed = repo.git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "messages"]);
    let listed = listed.ok().out;
    assert_eq!(listed.lines().count(), 1, "{listed}");
    listed.trim().to_string()
}

fn set_format(repo: &Repo, version: &str) {
    let text = forge::of_format(&forge::read(repo, "pm.yaml"), version);
    forge::put(repo, "pm.yaml", text.as_bytes());
}

#[test]
fn ms_05_a_message_of_a_later_minor_version_is_shown_and_answered_and_loses_nothing() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Fix the port", &[]);
    let send = [
        "msg", "send", "--new", "--to", "Ben", "--item", "T-1", "--ack",
    ];
    let id = sent(&a, &[&send[..], &["Which port?", "80 or 8080?"]].concat());
    set_format(&a, "3.9");
    let path = message_path(&a);
    let later = "reactions:\n  k1:\n    by: Cleo\n    sign: thumbs-up\nurgency: 7\nbirth:";
    let text = forge::read(&a, &path).replace("birth:", later);
    forge::put(&a, &path, text.as_bytes());
    a.pm(&["sync"]).ok();

    let b = scene.clone_of(&hub, "b", "Ben");
    let unread = inbox(&b);
    assert_eq!(unread[0]["id"], id.as_str(), "{unread:?}");
    assert_eq!(unread[0]["subject"], "[T-0001] Which port?");
    assert_eq!(
        list(&b.data(&["msg", "read"])["items"])[0]["body"],
        "80 or 8080?"
    );
    b.pm(&["msg", "ack", &id, "--note", "8080"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    for place in [&a, &b] {
        let text = forge::read(place, &path);
        for line in [
            "    sign: thumbs-up\n",
            "urgency: 7\n",
            "    note: \"8080\"\n",
        ] {
            assert!(text.contains(line), "{line} was lost: {text}");
        }
        let shown = list(&place.data(&["msg", "read", &id])["items"]);
        assert_eq!(shown[0]["acks"][0]["note"], "8080");
        assert_eq!(place.data(&["fsck"])["faults"], 0);
    }
}

#[test]
fn ms_05_messages_of_a_later_major_version_are_refused_and_none_is_lost() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["msg", "send", "--new", "--to", "Ben", "Before"])
        .ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["msg", "send", "--to", "Ana", "Mine", "--offline"])
        .ok();
    // Another program migrates the state and writes a message in its own form.
    set_format(&a, "9.0");
    forge::put(&a, "messages/2099/01/01/new.md", b"another form\n");
    a.git(&["push", "-q", "origin", "refs/pm/main"]).ok();
    let theirs = a.tip("refs/pm/main");
    let published = |repo: &Repo| repo.git(&["for-each-ref"]).ok().out;
    let before = published(&hub);

    let own = b.tip("refs/pm/main");
    let error = b.pm(&["--json", "sync"]).exits(5).error();
    assert!(
        error["message"].as_str().unwrap().contains("9.0"),
        "{error}"
    );
    // What was here still is, readable and in its place; the remote's state is as it was.
    assert_eq!(b.tip("refs/pm/main"), own);
    assert_eq!(published(&hub), before);
    assert!(before.contains(&theirs), "{before}");
    let subjects: Vec<_> = inbox(&b).iter().map(|one| one["subject"].clone()).collect();
    assert_eq!(subjects, [json!("Before")]);
    let thread = b.data(&["msg", "search", "Mine"]);
    assert_eq!(thread["items"].as_array().unwrap().len(), 1);
}
