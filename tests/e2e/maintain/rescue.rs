//! Remotes that lost the state, and findings of `doctor` about remotes, machine and content: the
//! ways in which a state is lost or leaked by other means than git pm's commands.

use serde_json::Value;

use super::fsck::{codes, fsck, uid_of};
use crate::support::{Repo, Scene, forge, without_hooks};

/// The findings of one check of `doctor`: level, message and fix of each.
#[track_caller]
fn doctor(repo: &Repo, check: &str) -> Vec<(String, String, String)> {
    let ran = repo.pm(&["--json", "doctor"]);
    assert!(ran.code <= 1, "{ran:?}");
    let text = |f: &Value, key: &str| f[key].as_str().unwrap_or_default().to_string();
    ran.data()["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["check"] == check)
        .map(|f| (text(f, "level"), text(f, "message"), text(f, "fix")))
        .collect()
}

/// A hub with a state of three tasks, its first clone, and a clone without git pm.
fn with_clone_without_git_pm() -> (Scene, Repo, Repo, Repo) {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    for title in ["one", "two", "three"] {
        a.task(title, &[]);
    }
    a.pm(&["sync"]).ok();
    let other = scene.at("other");
    scene
        .at(".")
        .git(&[
            "clone",
            "-q",
            hub.path.to_str().unwrap(),
            other.path.to_str().unwrap(),
        ])
        .ok();
    (scene, hub, a, other)
}

#[test]
fn a_state_deleted_by_a_mirror_push_is_restored() {
    let (scene, hub, a, other) = with_clone_without_git_pm();
    let was = hub.tip("refs/pm/main");
    other.git(&["push", "-q", "--mirror", "origin"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), "", "the mirror push deletes it");
    let told = doctor(&a, "remote");
    assert_eq!(told[0].0, "fault", "{told:?}");
    assert!(told[0].1.contains("deleted"), "{told:?}");
    assert_eq!(told[0].2, "git pm doctor --restore-remote");
    let report = a.data(&["doctor", "--restore-remote"]);
    assert_eq!(report["found"], "deleted");
    assert_eq!(report["items"], 3);
    assert_eq!(hub.tip("refs/pm/main"), was, "the history is not the same");
    let fresh = scene.clone_of(&hub, "fresh", "Cem");
    assert_eq!(
        fresh.data(&["task", "list"])["items"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(doctor(&a, "remote")[0].0, "ok");
    let again = a.data(&["doctor", "--restore-remote"]);
    assert_eq!(
        (&again["found"], &again["pushed"]),
        (&"intact".into(), &false.into())
    );
}

#[test]
fn restoring_a_rewound_remote_adds_missing_commits_and_keeps_new_ones() {
    let (scene, hub, a, _) = with_clone_without_git_pm();
    let old = a.tip("refs/pm/main~1");
    hub.git(&["update-ref", "refs/pm/main", &old]).ok();
    // Another clone continued from the rewound state.
    let b = scene.clone_of(&hub, "b", "Bea");
    b.pm(&["task", "comment", "T-1", "-m", "after the rewind"])
        .ok();
    b.pm(&["sync"]).ok();
    a.git(&["fetch", "-q"]).ok();
    // A plain fetch moved the tracking ref; the published state is known all the same.
    let report = a.data(&["doctor", "--restore-remote"]);
    assert_eq!(report["pushed"], true, "{report}");
    b.pm(&["sync"]).ok();
    for place in [&a, &b] {
        let items = place.data(&["task", "list"]);
        assert_eq!(items["items"].as_array().unwrap().len(), 3);
        let comments = place.data(&["show", "T-1"])["comments"].clone();
        assert_eq!(comments.as_array().unwrap().len(), 1, "newer work was lost");
    }
    assert_eq!(a.tip("refs/pm/main"), b.tip("refs/pm/main"));
}

#[test]
fn doctor_reports_a_rewound_remote() {
    let (_scene, hub, a, _) = with_clone_without_git_pm();
    hub.git(&["update-ref", "refs/pm/main", &a.tip("refs/pm/main~1")])
        .ok();
    let told = doctor(&a, "remote");
    assert!(
        told[0].0 == "fault" && told[0].1.contains("rewound"),
        "{told:?}"
    );
    // Without contacting the remote, it reports that.
    let ran = a.pm(&["--json", "--offline", "doctor"]).ok();
    assert!(ran.out.contains("not contacted"), "{}", ran.out);
    let report = a.data(&["doctor", "--restore-remote"]);
    assert_eq!(report["found"], "rewound");
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
}

#[test]
fn a_clone_without_its_own_ref_restores_the_state_it_last_synced() {
    let (_scene, hub, a, other) = with_clone_without_git_pm();
    a.task("never pushed", &[]);
    other.git(&["push", "-q", "--mirror", "origin"]).ok();
    // A forced mirror fetch into the local refs deletes the local state as well.
    a.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    let report = a.data(&["doctor", "--restore-remote"]);
    let sources = report["sources"].to_string();
    assert!(sources.contains("refs/pm-local/published"), "{report}");
    assert!(report["items"].as_u64().unwrap() >= 3, "{report}");
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
    // A ref that was only rewound has a reflog: then nothing is lost.
    a.task("in the reflog", &[]);
    let last = a.tip("refs/pm/main");
    a.git(&["update-ref", "refs/pm/main", "refs/pm/main~2"])
        .ok();
    a.data(&["doctor", "--restore-remote"]);
    assert_eq!(
        hub.tip("refs/pm/main"),
        last,
        "an item that only the reflog had is lost"
    );
}

#[test]
fn restore_fails_with_the_reason_if_nothing_can_be_restored() {
    let scene = Scene::new();
    let alone = scene.repo("alone");
    alone.pm(&["init", "--no-hooks"]).ok();
    alone.pm(&["doctor", "--restore-remote"]).exits(2);
    let (hub, a) = scene.with_hub();
    a.task("one", &[]);
    a.pm(&["sync"]).ok();
    a.pm(&["--offline", "doctor", "--restore-remote"]).exits(2);
    hub.hook("update", "case $1 in refs/pm/*) echo no; exit 1;; esac");
    hub.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    a.pm(&["doctor", "--restore-remote"]).exits(6);
    std::fs::rename(&hub.path, hub.path.with_extension("away")).unwrap();
    a.pm(&["doctor", "--restore-remote"]).exits(6);
    // Doctor continues, and reports it.
    let told = doctor(&a, "remote");
    assert!(
        told.iter()
            .any(|t| t.0 == "note" && t.1.contains("cannot reach")),
        "{told:?}"
    );
}

#[test]
fn doctor_warns_of_refspecs_that_delete_the_state() {
    let scene = Scene::new();
    let (_hub, a) = scene.with_hub();
    a.task("one", &[]);
    a.pm(&["doctor"]).ok();
    for (key, value) in [
        ("remote.origin.fetch", "+refs/*:refs/*"),
        ("remote.origin.push", "+refs/*:refs/*"),
        ("remote.origin.mirror", "true"),
    ] {
        a.git(&["config", "--add", key, value]).ok();
        let told = doctor(&a, "refspecs");
        let fault = told.iter().find(|t| t.0 == "fault");
        let fault = fault.unwrap_or_else(|| panic!("{key} {value}: {told:?}"));
        a.run("sh", &["-c", &fault.2]).ok();
        a.pm(&["doctor"]).ok();
    }
}

// SE-07: doctor scans the state for secrets and never prints one.
#[test]
fn se_07_doctor_finds_secrets_in_the_state_and_does_not_print_them() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task(
        "Rotate the password of the build machine",
        &[
            "--body",
            "token: ${{ secrets.GITHUB_TOKEN }}, password = os.environ['PW']",
        ],
    );
    assert_eq!(doctor(&repo, "secrets")[0].0, "ok");
    repo.pm(&["doctor"]).ok();
    let body: String = "q7Zk2Vx9Lm4Tn8Rb3Wc6Yd5Hf1Gj0PsAe7Qw".into();
    let token = ["gh", "p_", &body[..36]].concat();
    repo.pm(&[
        "task",
        "comment",
        "T-1",
        "-m",
        &format!("use {token} for now"),
        "--allow-secret",
    ])
    .ok();
    let url = format!("postgres://app:{}@db.internal/x", &body[..14]);
    repo.task("Connect", &["--body", &url, "--label", "db"]);
    let ran = repo.pm(&["doctor"]).exits(1);
    for (rule, whose) in [
        ("github-token", "T-0001, comment"),
        ("connection-string", "T-0002"),
    ] {
        assert!(
            ran.out.contains(rule) && ran.out.contains(whose),
            "{}",
            ran.out
        );
    }
    let json = repo.pm(&["--json", "doctor"]).exits(1);
    for text in [&ran.out, &ran.err, &json.out] {
        assert!(
            !text.contains(&body[..14]),
            "the secret itself was printed: {text}"
        );
    }
}

#[test]
fn doctor_reports_disk_clock_worktrees_and_messages() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("one", &[]);
    a.task("two", &[]);
    assert!(!doctor(&a, "disk").is_empty());
    assert_eq!(doctor(&a, "clock")[0].0, "ok");
    // Another clone's clock is two hours ahead.
    let ahead = std::time::SystemTime::now() + std::time::Duration::from_secs(7_200);
    let ms = ahead
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let when = scene
        .at(".")
        .run("date", &["-u", "-d", &format!("@{ms}"), "+%FT%TZ"])
        .text();
    a.when(&when)
        .pm(&["task", "edit", "T-1", "--title", "later"])
        .ok();
    let told = doctor(&a, "clock");
    assert!(
        told[0].0 == "note" && told[0].1.contains("behind"),
        "{told:?}"
    );
    // A worktree whose task is closed.
    a.pm(&["start", "T-2"]).ok();
    a.pm(&["task", "done", "T-2", "--evidence", "seen", "--force"])
        .ok();
    let told = doctor(&a, "worktrees");
    let stale =
        |t: &&(String, String, String)| t.1.contains("T-0002") && t.2 == "git pm worktree gc";
    assert_eq!(told.iter().filter(stale).count(), 1, "{told:?}");
    // A notice that will not be shown any more.
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    b.task("contested", &[]);
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    a.pm(&["--offline", "start", "T-3"]).ok();
    b.pm(&["start", "T-3"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(doctor(&a, "messages")[0].0, "ok");
    let in_ten_days = ms + 10 * 86_400;
    let when = scene
        .at(".")
        .run("date", &["-u", "-d", &format!("@{in_ten_days}"), "+%FT%TZ"])
        .text();
    let told = doctor(&a.when(&when), "messages");
    assert!(told[0].1.contains("more than a week old"), "{told:?}");
}

// The command that is named has to work.
#[test]
fn a_state_that_something_else_replaced_is_restored_with_replace() {
    let (_scene, hub, a, _other) = with_clone_without_git_pm();
    let was = hub.tip("refs/pm/main");
    a.git(&["push", "-qf", "origin", "main:refs/pm/main"]).ok();
    let told = doctor(&a, "remote");
    let fix = "git pm doctor --restore-remote --replace";
    assert_eq!((told[0].0.as_str(), told[0].2.as_str()), ("fault", fix));
    a.pm(&["doctor", "--restore-remote", "--replace"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), was);
}

// Two clones gave their items one number, and their uids end alike: one name was the other item's before.
#[test]
fn a_restored_item_is_not_mixed_with_one_that_had_its_file_name() {
    let (_scene, repo) = without_hooks();
    repo.task("one", &["--body", "kept"]);
    let (path, uid) = (forge::path_of(&repo, "T-0001"), uid_of(&repo, "T-1"));
    let text = forge::read(&repo, &path);
    let at = (18..22).find(|n| uid.as_bytes()[*n] != b'z').unwrap();
    let other = format!("{}z{}", &uid[..at], &uid[at + 1..]);
    let two = text
        .replace(&uid, &other)
        .replace("\nid: T-0001\n", "\nid: T-0002\n")
        .replace("kind: task\n", "kind: task\nborn: T-0001\n")
        .replace("title: one", "title: two")
        .replace("kept", "of two");
    let (stem, _) = path.rsplit_once('-').unwrap();
    let [longer, left] = [&other, &uid].map(|uid| format!("{stem}-{}.md", &uid[18..]));
    for (path, text) in [(&path, &two), (&longer, &two), (&path, &text)] {
        forge::put(&repo, path, text.as_bytes());
    }
    assert_eq!(codes(&fsck(&repo, &[])), Vec::<String>::new());
    // A name that is nobody's any more goes with its damage.
    forge::put(&repo, &left, text.as_bytes());
    for path in [&path, &left] {
        forge::put(&repo, path, b"no document\n");
    }
    let report = fsck(&repo, &["--repair"]);
    assert_eq!(codes(&report), Vec::<String>::new(), "{report:#}");
    assert_eq!(forge::read(&repo, &path), text);
    assert_eq!(forge::read(&repo, &longer), two);
    assert_eq!(forge::oid(&repo, &left), "");
}
