//! Reservations across clones and concurrent ones.

use super::{add, ana_and_bob, live, patterns};
use crate::support::Scene;

#[test]
fn a_reservation_offline_is_tentative_and_settled_by_sync() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let bob = scene.clone_of(&hub, "b", "Bob");
    let made = ana.data(&["--offline", "reserve", "add", "src/auth.rs"]);
    assert_eq!(
        made["confirmed"], false,
        "an offline reservation is confirmed"
    );
    let first = bob.data(&["reserve", "add", "src/**"]);
    assert_eq!(first["confirmed"], true);
    let synced = ana.pm(&["sync"]).ok();
    assert!(
        format!("{}{}", synced.out, synced.err).contains("Bob"),
        "Ana is not notified that her reservation is lost: {synced:?}"
    );
    bob.pm(&["sync"]).ok();
    assert_eq!(patterns(&ana), ["src/**"]);
    assert_eq!(patterns(&bob), ["src/**"]);
    assert!(ana.data(&["status"])["notices"].to_string().contains("Bob"));
}

#[test]
fn a_reservation_needs_the_remote_unless_offline() {
    let scene = Scene::new();
    let (_, ana) = scene.with_hub();
    ana.git(&["remote", "set-url", "origin", "../gone.git"])
        .ok();
    let refused = add(&ana, &["src/auth.rs"]).exits(6).error();
    assert!(
        refused["hints"].to_string().contains("--offline"),
        "{refused}"
    );
    assert!(
        live(&ana).is_empty(),
        "a reservation that other clones cannot see was made"
    );
    ana.git(&["config", "pm.offline", "allow"]).ok();
    let made = add(&ana, &["src/auth.rs"]).ok().data();
    assert_eq!(made["confirmed"], false);
}

#[test]
fn one_of_two_clones_that_reserve_the_same_files_online_gets_them() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let bob = scene.clone_of(&hub, "b", "Bob");
    add(&ana, &["src/**"]).ok();
    // Bob has not synced; the command asks the remote first.
    let refused = add(&bob, &["src/auth.rs"]).exits(1).error();
    assert_eq!(refused["conflicts"][0]["holder"], "Ana");
    bob.pm(&["reserve", "steal", "src/**", "--reason", "urgent"])
        .ok();
    add(&bob, &["src/auth.rs"]).ok();
    let synced = ana.pm(&["sync"]).ok();
    assert!(
        synced.err.contains("Bob") || synced.out.contains("Bob"),
        "{synced:?}"
    );
}

// Concurrent requests: exactly one is granted, and it is granted completely.
#[test]
fn one_of_many_concurrent_reservations_is_granted() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let asking: Vec<_> = (0..8)
        .map(|n| {
            let who = ana.by(&format!("agent-{n}"));
            who.spawn(&["reserve", "add", "src/**", "docs/**"])
        })
        .collect();
    let codes: Vec<Option<i32>> = asking
        .into_iter()
        .map(|mut child| child.wait().expect("it ends").code())
        .collect();
    let won = codes.iter().filter(|code| **code == Some(0)).count();
    let refused = codes.iter().filter(|code| **code == Some(1)).count();
    assert_eq!((won, refused), (1, 7), "{codes:?}");
    assert_eq!(live(&ana).len(), 1);
}

// RS-02: what git has fetched counts, without a sync; a push asks the remote itself.
#[test]
fn rs_02_a_fetched_reservation_stops_commits_and_a_push_fetches_it() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.pm(&["sync"]).ok();
    let bob = scene.clone_of(&hub, "b", "Bob");
    let change = |path: &str| {
        bob.write(path, "mine\n");
        bob.git(&["add", "-A"]).ok();
        bob.git(&["commit", "-qm", "Change"])
    };
    bob.pm(&["add", "Bob's, not synced"]).ok();
    add(&ana, &["src/**", "--ttl", "2h"]).ok();
    change("src/auth.rs").ok();
    // Manual: no network unasked.
    bob.git(&["config", "pm.sync", "manual"]).ok();
    bob.git(&["push", "-q", "--dry-run"]).ok();
    bob.git(&["config", "--unset", "pm.sync"]).ok();
    let refused = bob.git(&["push", "-q"]);
    assert_ne!(refused.code, 0, "the reservation was not fetched");
    assert!(
        refused.err.contains("src/auth.rs is reserved by Ana"),
        "{}",
        refused.err
    );
    bob.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();

    ana.pm(&["reserve", "release"]).ok();
    add(&ana, &["docs/**", "--ttl", "2h"]).ok();
    bob.git(&["config", "pm.sync", "manual"]).ok();
    bob.git(&["pull", "-q"]).ok();
    let refused = change("docs/a.md");
    assert_ne!(refused.code, 0, "what git fetched was not merged");
    assert!(
        refused.err.contains("docs/a.md is reserved by Ana"),
        "{}",
        refused.err
    );
    // Nothing is rewound: Bob's own is still there, and unsent.
    let status = bob.data(&["status"]);
    assert_eq!(status["remote"]["unmerged"], 0, "{}", status["remote"]);
    assert!(
        status["remote"]["unpushed"].as_u64() > Some(0),
        "{}",
        status["remote"]
    );
}

// RS-02: commands that read show what git has fetched; without the remote a push goes on.
#[test]
fn rs_02_what_git_fetched_is_shown_and_a_push_goes_on_without_the_remote() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.pm(&["sync"]).ok();
    let bob = scene.clone_of(&hub, "b", "Bob");
    add(&ana, &["src/**"]).ok();
    bob.git(&["fetch", "-q"]).ok();
    let page = bob.pm(&[]).ok().out;
    assert!(page.contains("src/**"), "{page}");
    assert!(!page.contains("to merge;"), "{page}");
    assert_eq!(patterns(&bob), ["src/**"]);
    // A fetched ref that is no state is said once, and changes nothing.
    let tip = bob.tip("refs/pm/main");
    let main = bob.tip("main");
    bob.git(&["update-ref", "refs/pm-remotes/origin/main", &main])
        .ok();
    let said = bob.pm(&["reserve", "list"]).ok();
    assert!(said.err.contains("not a git pm state"), "{}", said.err);
    assert_eq!(bob.pm(&["reserve", "list"]).ok().err, "");
    assert_eq!(bob.tip("refs/pm/main"), tip);
    let fork = scene.bare("fork.git");
    bob.git(&["remote", "add", "fork", fork.path.to_str().unwrap()])
        .ok();
    bob.git(&["remote", "set-url", "origin", "../gone.git"])
        .ok();
    bob.git(&["push", "-q", "fork", "main"]).ok();
}

#[test]
fn repeating_with_an_idempotency_key_reserves_once() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let first = add(&ana, &["src/auth.rs", "--idempotency-key", "k1"])
        .ok()
        .data();
    let again = add(&ana, &["src/auth.rs", "--idempotency-key", "k1"])
        .ok()
        .data();
    assert_eq!(first["uid"], again["uid"]);
    assert_eq!(live(&ana).len(), 1);
}
