//! How long a reservation lasts: renewal, release, steal.

use super::{NOON, add, ana_and_bob, live, patterns};
use crate::support::{Repo, Scene};

// RS-04: the time to live.
#[test]
fn a_reservation_lasts_an_hour_by_default_and_at_least_a_minute() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let ana = ana.when(NOON);
    let made = add(&ana, &["src/auth.rs"]).ok().data();
    assert_eq!(made["expires_at"], "2026-03-01T13:00:00Z");
    let made = add(&ana, &["src/main.rs", "--ttl", "1m"]).ok().data();
    assert_eq!(made["expires_at"], "2026-03-01T12:01:00Z");
    let refused = add(&ana, &["README.md", "--ttl", "59s"]).exits(2).error();
    assert!(
        refused["message"].to_string().contains("minute"),
        "{refused}"
    );
    add(&ana, &["README.md", "--ttl", "soon"]).exits(2);
    assert_eq!(live(&ana).len(), 2);
}

// RS-04: expired reservations do not block, to the second, without a write.
#[test]
fn an_expired_reservation_ends_without_a_write() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana.when(NOON), &["src/auth.rs", "--ttl", "10m"]).ok();
    let before = bob.when("2026-03-01T12:09:59Z");
    let after = bob.when("2026-03-01T12:10:00Z");
    before.pm(&["reserve", "check", "src/auth.rs"]).exits(1);
    assert_eq!(live(&before).len(), 1);
    after.pm(&["reserve", "check", "src/auth.rs"]).ok();
    assert!(live(&after).is_empty());
    let all = after.data(&["reserve", "list", "--all"]);
    assert_eq!(all["items"].as_array().map(Vec::len), Some(1));
    add(&before, &["src/auth.rs"]).exits(1);
    add(&after, &["src/auth.rs"]).ok();
    // The holder cannot renew it any more: another actor has reserved the file.
    let late = ana.when("2026-03-01T12:10:01Z");
    late.pm(&["reserve", "renew", "src/auth.rs"]).exits(4);
}

// RS-04: renewal.
#[test]
fn renew_extends_a_reservation_only_for_its_holder() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana.when(NOON), &["src/auth.rs", "--ttl", "10m"]).ok();
    let (ana, bob) = (
        ana.when("2026-03-01T12:05:00Z"),
        bob.when("2026-03-01T12:05:00Z"),
    );
    bob.pm(&["reserve", "renew", "src/auth.rs"]).exits(4);
    let renewed = ana.data(&["reserve", "renew", "src/auth.rs", "--ttl", "2h"]);
    assert_eq!(renewed["items"][0]["expires_at"], "2026-03-01T14:05:00Z");
    bob.when("2026-03-01T14:04:59Z")
        .pm(&["reserve", "check", "src/auth.rs"])
        .exits(1);
    ana.pm(&["reserve", "renew", "src/auth.rs", "--ttl", "30s"])
        .exits(2);
}

#[test]
fn renew_without_a_time_uses_the_original_duration() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    add(&ana.when(NOON), &["src/auth.rs", "--ttl", "4h"]).ok();
    let later = ana.when("2026-03-01T15:00:00Z");
    let renewed = later.data(&["reserve", "renew"]);
    assert_eq!(
        renewed["items"][0]["expires_at"], "2026-03-01T19:00:00Z",
        "a renewal made the reservation shorter than its holder had asked for"
    );
}

#[test]
fn release_ends_the_named_reservations_or_all_of_this_worktree() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &[]);
    let by_uid = add(&ana, &["src/auth.rs"]).ok().data();
    add(&ana, &["src/main.rs"]).ok();
    add(&ana, &["README.md", "--task", &id]).ok();
    add(&ana, &["docs/**"]).ok();
    let uid = by_uid["uid"].as_str().expect("uid");
    // Only own reservations.
    let refused = bob
        .pm(&["--json", "reserve", "release", "src/auth.rs"])
        .exits(4);
    assert!(
        refused.error()["hints"]
            .to_string()
            .contains("reserve list")
    );
    ana.pm(&["reserve", "release", &uid[uid.len() - 6..]]).ok();
    assert_eq!(patterns(&ana), ["src/main.rs", "README.md", "docs/**"]);
    ana.pm(&["reserve", "release", "docs/**"]).ok();
    ana.pm(&["reserve", "release", "--task", &id]).ok();
    assert_eq!(patterns(&ana), ["src/main.rs"]);
    let released = ana.pm(&["reserve", "release"]).ok();
    assert!(
        !released.out.contains("waiting"),
        "an ended reservation is shown as waiting: {released:?}"
    );
    assert!(live(&ana).is_empty());
    ana.pm(&["reserve", "release"]).exits(4);
}

#[test]
fn releasing_some_paths_of_a_reservation_keeps_the_others() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["src/auth.rs", "src/main.rs", "--ttl", "24h"]).ok();
    let ends = live(&ana)[0]["expires_at"].clone();
    let released = ana.pm(&["reserve", "release", "src/auth.rs"]).ok();
    assert!(
        released.out.contains("src/auth.rs") && !released.out.contains("src/main.rs"),
        "{released:?}"
    );
    assert_eq!(patterns(&ana), ["src/main.rs"]);
    assert_eq!(live(&ana)[0]["expires_at"], ends);
    add(&bob, &["src/auth.rs"]).ok();
    add(&bob, &["src/main.rs"]).exits(1);
    // What Ana made before is not stopped by the reservation after hers.
    let all = ana.data(&["reserve", "list", "--all"]);
    let all = all["items"].as_array().expect("items");
    let ended = all.iter().find(|r| !r["ended"].is_null()).expect("ended");
    assert_eq!(ended["patterns"], serde_json::json!(["src/auth.rs"]));
}

#[test]
fn an_ended_reservation_shows_how_it_ended() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["src/auth.rs"]).ok();
    add(&ana, &["src/main.rs"]).ok();
    ana.pm(&["reserve", "release", "src/auth.rs"]).ok();
    bob.pm(&["reserve", "steal", "src/main.rs", "--reason", "she left"])
        .ok();
    let all = ana.data(&["reserve", "list", "--all"]);
    let all = all["items"].as_array().expect("items");
    let ended = |path: &str| {
        let mut ended = all.iter().filter(|r| !r["ended"].is_null());
        let found = ended.find(|r| r["patterns"][0] == path).expect(path);
        assert_eq!(found["waiting"], false, "{found}");
        found["ended"].as_str().unwrap_or_default().to_string()
    };
    assert!(ended("src/auth.rs").contains("released"));
    assert!(ended("src/main.rs").contains("stolen by Bob"));
}

// A release records the commit that has the change; the next holder is warned if they lack it.
#[test]
fn reserving_released_files_without_their_change_warns() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    ana.git(&["branch", "bobs"]).ok();
    add(&ana, &["src/auth.rs"]).ok();
    ana.write("src/auth.rs", "pub fn login() { todo!() }\n");
    ana.commit_all("Change the login");
    let change = ana.tip("HEAD");
    ana.pm(&["reserve", "release"]).ok();
    // Bob has the change: no warning.
    let granted = bob.pm(&["reserve", "add", "src/auth.rs"]).ok();
    assert!(!granted.err.contains(&change[..12]), "{granted:?}");
    bob.pm(&["reserve", "release"]).ok();
    ana.git(&["checkout", "-q", "bobs"]).ok();
    let granted = bob.pm(&["reserve", "add", "src/**"]).ok();
    assert!(
        granted.err.contains(&change[..12]) && granted.err.contains("Ana"),
        "Bob is not warned that he lacks the change: {granted:?}"
    );
}

#[test]
fn a_release_without_a_change_causes_no_warning() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    ana.git(&["branch", "bobs"]).ok();
    ana.write("README.md", "# Another\n");
    ana.commit_all("Elsewhere");
    add(&ana, &["src/auth.rs"]).ok();
    ana.pm(&["reserve", "release"]).ok();
    ana.git(&["checkout", "-q", "bobs"]).ok();
    let granted = bob.pm(&["reserve", "add", "src/auth.rs"]).ok();
    assert!(
        !granted.err.contains("changed these paths"),
        "there is a warning without a change: {granted:?}"
    );
}

// RS-06: a human may take a reservation over; it is recorded, and the holder is notified.
#[test]
fn steal_is_recorded_and_notifies_the_holder() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &[]);
    add(&ana, &["src/auth.rs", "--task", &id]).ok();
    bob.pm(&["reserve", "steal", "src/auth.rs"]).exits(2);
    bob.pm(&["reserve", "steal", "src/auth.rs", "--reason", " "])
        .exits(2);
    assert_eq!(live(&ana).len(), 1);
    let before = ana.tip("refs/pm/main");
    bob.pm(&[
        "reserve",
        "steal",
        "src/auth.rs",
        "--reason",
        "Ana is on holiday",
    ])
    .ok();
    let range = format!("{before}..refs/pm/main");
    let log = ana.git(&["log", "--format=%B", &range]).text();
    assert!(
        log.contains("PM-Op: reserve steal") && log.contains("PM-Actor: Bob"),
        "{log}"
    );
    let log = ana.pm(&["log"]).ok().out;
    assert!(
        log.contains("steal") && log.contains("Bob"),
        "the log does not show it: {log}"
    );
    let told = ana.data(&["status"]);
    let notice = &told["notices"][0];
    assert!(
        notice["subject"].to_string().contains("Bob"),
        "Ana was not notified: {told}"
    );
    assert!(
        notice["body"].to_string().contains("Ana is on holiday"),
        "{notice}"
    );
    assert!(
        ana.pm(&["status"])
            .ok()
            .out
            .contains("Bob took your reservation")
    );
    let others = bob.data(&["status"]);
    assert_eq!(others["notices"].as_array().map(Vec::len), Some(0));
    // Now Bob can reserve it.
    add(&bob, &["src/auth.rs"]).ok();
    bob.pm(&["reserve", "steal", "nothing.rs", "--reason", "x"])
        .exits(4);
}

// RS-06: who takes a reservation over has it afterwards, for as long as it was asked for.
#[test]
fn rs_06_who_takes_a_reservation_over_holds_it() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let paths = ["docs/**", "src/auth.rs", "--new", "--ttl", "4h"];
    add(&ana.when(NOON), &paths).ok();
    let later = |who: &Repo| who.when("2026-03-01T13:00:00Z");
    let steal = ["reserve", "steal", "docs/**", "--reason", "urgent"];
    let said = later(&bob).pm(&steal).ok().out;
    assert!(
        said.contains("Took over 1 reservation") && said.contains("Bob"),
        "{said}"
    );
    let held = live(&later(&bob));
    assert_eq!(held.len(), 1, "{held:?}");
    assert_eq!(held[0]["holder"], "Bob");
    assert_eq!(held[0]["expires_at"], "2026-03-01T17:00:00Z");
    assert_eq!(
        held[0]["patterns"],
        serde_json::json!(["docs/**", "src/auth.rs"])
    );
    let refused = add(&later(&ana), &["docs/a.md", "--new"]).exits(1).error();
    assert_eq!(refused["conflicts"][0]["holder"], "Bob");
    later(&bob).pm(&["reserve", "release"]).ok();
    assert!(live(&later(&ana)).is_empty());
}

// RS-06, actors: another name does not make an agent a human.
#[test]
fn an_agent_cannot_steal() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["src/auth.rs"]).ok();
    for agent in [
        bob.with("CLAUDECODE", "1"),
        bob.with("CODEX_SANDBOX", "seatbelt"),
        ana.with("AGENT_NAME", "bot"),
    ] {
        let refused = agent.pm(&[
            "--json",
            "reserve",
            "steal",
            "src/auth.rs",
            "--reason",
            "mine",
        ]);
        assert_eq!(refused.exits(1).error()["code"], "refused");
    }
    assert_eq!(live(&ana).len(), 1, "an agent stole a human's reservation");
}

// RS-04: the same paths twice are one reservation that lasts longer.
#[test]
fn rs_04_reserving_the_same_paths_again_renews_the_reservation() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let at = ana.when(NOON);
    let first = add(&at, &["docs/**", "--ttl", "2h", "--reason", "spelling"])
        .ok()
        .data();
    let later = ana.when("2026-03-01T12:30:00Z");
    let second = add(&later, &["docs/**", "--ttl", "4h"]).ok().data();
    assert_eq!(first["uid"], second["uid"]);
    assert_eq!(second["expires_at"], "2026-03-01T16:30:00Z");
    assert_eq!(second["reason"], "spelling");
    // Never shorter.
    let third = add(&later, &["docs/**", "--ttl", "1h"]).ok().data();
    assert_eq!(third["expires_at"], "2026-03-01T16:30:00Z");
    assert_eq!(live(&later).len(), 1);
    let refused = add(&bob.when("2026-03-01T12:30:00Z"), &["docs/a.md"]).exits(1);
    assert_eq!(refused.error()["conflicts"].as_array().unwrap().len(), 1);
    // Other paths, another mode or another person are another reservation.
    add(&later, &["docs/**", "src/**"]).ok();
    add(&later, &["docs/**", "--shared"]).ok();
    assert_eq!(live(&later).len(), 3);
}
