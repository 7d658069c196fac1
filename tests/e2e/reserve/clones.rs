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
