//! Reservations: who may commit to which files, until when, and what the others are told.

use serde_json::Value;

use crate::support::{Ran, Repo, Scene};

/// A time of its own for tests of expiry: state and clock start there.
const NOON: &str = "2026-03-01T12:00:00Z";

/// A repository of Ana's with the hooks, and Bob in the same folder.
fn ana_and_bob(scene: &Scene) -> (Repo, Repo) {
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
    let bob = ana.by("Bob");
    (ana, bob)
}

/// `reserve add` with `--json`.
fn add(who: &Repo, args: &[&str]) -> Ran {
    let mut all = vec!["--json", "reserve", "add"];
    all.extend(args);
    who.pm(&all)
}

/// The live reservations.
fn live(repo: &Repo) -> Vec<Value> {
    let list = repo.data(&["reserve", "list"]);
    list["items"].as_array().expect("a list").clone()
}

/// Their patterns, in order.
fn patterns(repo: &Repo) -> Vec<String> {
    live(repo)
        .iter()
        .map(|r| {
            let texts = r["patterns"].as_array().expect("patterns");
            let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
            texts.join(" ")
        })
        .collect()
}

// RS-01, CM-14: `reserve add GLOB… --task T` keeps the task in the reservation and as its reason.
#[test]
fn a_reservation_for_a_task_names_the_task_as_its_reason() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &[]);
    let made = add(
        &ana,
        &["src/auth.rs", "docs/**", "--task", &id, "--ttl", "4h"],
    )
    .ok();
    let made = made.data();
    assert_eq!(made["holder"], "Ana");
    assert_eq!(made["task"], id.as_str());
    assert_eq!(made["reason"], id.as_str());
    assert_eq!(made["mode"], "commit");
    assert_eq!(made["shared"], false);
    assert_eq!(made["confirmed"], true, "nobody else is to be asked");
    assert_eq!(patterns(&ana), ["docs/** src/auth.rs"]);
    let log = ana
        .git(&["log", "-1", "--format=%B", "refs/pm/main"])
        .text();
    assert!(
        log.contains("PM-Op: reserve add") && log.contains("PM-Actor: Ana"),
        "{log}"
    );
    assert!(log.contains(&format!("PM-Item: {id}")), "{log}");
    // The state is readable without the tool.
    let files = ana
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
        .text();
    let file = files
        .lines()
        .find(|f| f.contains("reservation"))
        .expect("its file");
    let text = ana.git(&["show", &format!("refs/pm/main:{file}")]).text();
    assert!(text.contains("docs/**") && text.contains("Ana"), "{text}");
}

// RS-02: the refusal is machine readable: path, holder, task, mode and expiry of each conflict.
#[test]
fn an_overlapping_request_is_refused_with_all_that_stand_in_the_way() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let (ana, bob) = (ana.when(NOON), bob.when(NOON));
    let id = ana.task("Fix login", &[]);
    add(&ana, &["src/**", "--task", &id, "--ttl", "2h"]).ok();
    add(&ana, &["docs/guide.md", "--mode", "edit"]).ok();
    let before = ana.tip("refs/pm/main");
    let refused = add(&bob, &["src/*.rs", "README.md", "docs"]).exits(1);
    let error = refused.error();
    assert_eq!(error["code"], "refused");
    let mut found: Vec<Value> = error["conflicts"].as_array().expect("conflicts").clone();
    found.sort_by_key(|c| std::cmp::Reverse(c["path"].as_str().map(str::to_string)));
    assert_eq!(found.len(), 2, "{error}");
    assert_eq!(found[0]["path"], "src/*.rs");
    assert_eq!(found[0]["holder"], "Ana");
    assert_eq!(found[0]["task"], id.as_str());
    assert_eq!(found[0]["mode"], "commit");
    assert_eq!(found[0]["expires_at"], "2026-03-01T14:00:00Z");
    assert_eq!(found[1]["path"], "docs");
    assert_eq!(found[1]["task"], Value::Null);
    assert_eq!(found[1]["mode"], "edit");
    assert_eq!(found[1]["expires_at"], "2026-03-01T13:00:00Z");
    let hints = error["hints"].to_string();
    assert!(hints.contains("git pm reserve list"), "{hints}");
    // All or none: README.md was free, and is still.
    assert_eq!(
        ana.tip("refs/pm/main"),
        before,
        "half a lock was left behind"
    );
    assert_eq!(patterns(&ana), ["src/**", "docs/guide.md"]);
    // For people: who, for what, until when.
    let said = bob.pm(&["reserve", "add", "src/main.rs"]).exits(1).err;
    for word in [
        "Ana",
        id.as_str(),
        "2026-03-01T14:00:00Z",
        "git pm reserve list",
    ] {
        assert!(said.contains(word), "{word} is missing: {said}");
    }
}

#[test]
fn the_shortcut_cases_of_overlap_are_seen_by_the_command() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    for (held, asked, meets) in [
        ("src/**", "**/*.rs", true),
        ("src/a*.rs", "src/*b.rs", true),
        ("src/**", "src/auth.rs", true),
        ("src/auth.rs", "src/**", true),
        ("src", "src/auth.rs", true),
        ("README.md", "docs/README.md", false),
        ("src/*.rs", "src/deep/x.rs", false),
        ("app/[id]/page.tsx", "app/[id]/page.tsx", true),
        ("./src/./auth.rs", "/src/auth.rs", true),
        ("src/{auth,main}.rs", "src/m*.rs", true),
        ("src/{auth,main}.rs", "src/z*.rs", false),
    ] {
        add(&ana, &[held, "--new"]).ok();
        let asked_for = add(&bob, &[asked, "--new"]);
        assert_eq!(
            asked_for.code == 1,
            meets,
            "{held} against {asked}: {asked_for:?}"
        );
        ana.pm(&["reserve", "release"]).ok();
        if !meets {
            bob.pm(&["reserve", "release"]).ok();
        }
    }
}

// A pattern alone cannot tell a file from a folder; the tree can.
#[test]
fn a_file_does_not_meet_patterns_for_what_would_lie_below_it() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["README.md", "docs"]).ok();
    let refused = add(&bob, &["**/*.rs"]).exits(1).error();
    assert_eq!(
        refused["conflicts"][0]["pattern"], "docs",
        "a folder may hold such files: {refused}"
    );
    assert_eq!(refused["conflicts"].as_array().map(Vec::len), Some(1));
    ana.pm(&["reserve", "release", "docs"]).ok();
    add(&ana, &["README.md"]).ok();
    add(&bob, &["**/*.rs"]).ok();
    ana.pm(&["reserve", "check", "README.md"]).ok();
    let id = ana.task("Words", &["--path", "docs/guide.md"]);
    ana.pm(&["start", &id]).ok();
    assert_eq!(patterns(&ana), ["README.md", "**/*.rs", "docs/guide.md"]);
    // Once it is a folder after all, what is in it is still protected.
    ana.git(&["rm", "-q", "README.md"]).ok();
    bob.write("README.md/x.rs", "x\n");
    bob.git(&["add", "-A"]).ok();
    let ran = bob.git(&["commit", "-m", "x"]).exits(1);
    assert!(ran.err.contains("Ana"), "{ran:?}");
}

#[test]
fn a_negated_or_escaping_pattern_is_no_reservation() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    for bad in ["!src/auth.rs", "../outside", "src/../../outside", ""] {
        let refused = add(&ana, &["--new", "--", bad]).exits(2);
        assert_eq!(refused.error()["code"], "usage", "{bad}");
    }
    assert!(live(&ana).is_empty());
}

// RS-04: shared ones go together, an exclusive one does not join them.
#[test]
fn shared_reservations_go_together_and_exclusive_ones_do_not() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let eve = ana.by("Eve");
    add(&ana, &["src/**", "--shared"]).ok();
    add(&bob, &["src/auth.rs", "--shared"]).ok();
    let refused = add(&eve, &["src/auth.rs"]).exits(1).error();
    assert_eq!(refused["conflicts"].as_array().map(Vec::len), Some(2));
    bob.pm(&["reserve", "release"]).ok();
    ana.pm(&["reserve", "release"]).ok();
    add(&eve, &["src/auth.rs"]).ok();
    add(&ana, &["src/**", "--shared"]).exits(1);
}

#[test]
fn an_advisory_reservation_is_granted_with_a_warning_and_refuses_nobody() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["src/auth.rs"]).ok();
    let granted = bob.pm(&["reserve", "add", "src/**", "--advisory"]).ok();
    assert!(granted.err.contains("Ana"), "nobody told Bob: {granted:?}");
    add(&bob, &["docs/**", "--advisory"]).ok();
    let eve = ana.by("Eve");
    add(&eve, &["docs/guide.md"]).ok();
    // Asking shows the advice apart from what stands in the way.
    let asked = ana
        .pm(&["--json", "reserve", "check", "src/main.rs"])
        .ok()
        .data();
    assert_eq!(asked["conflicts"].as_array().map(Vec::len), Some(0));
    assert_eq!(asked["warnings"][0]["holder"], "Bob");
}

#[test]
fn check_only_asks() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["src/auth.rs"]).ok();
    let before = ana.tip("refs/pm/main");
    let asked = bob.pm(&["--json", "reserve", "check", "src/auth.rs", "README.md"]);
    let asked = asked.exits(1).data();
    assert_eq!(asked["conflicts"].as_array().map(Vec::len), Some(1));
    assert_eq!(asked["conflicts"][0]["path"], "src/auth.rs");
    assert_eq!(asked["conflicts"][0]["holder"], "Ana");
    bob.pm(&["reserve", "check", "README.md"]).ok();
    ana.pm(&["reserve", "check", "src/auth.rs"]).ok();
    assert_eq!(ana.tip("refs/pm/main"), before, "asking wrote something");
    let said = bob.pm(&["reserve", "check", "src/auth.rs"]).exits(1);
    assert!(said.out.contains("Ana"), "{said:?}");
}

#[test]
fn check_lets_a_shared_holder_commit_what_the_guard_lets_through() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["src/**", "--shared"]).ok();
    bob.pm(&["reserve", "check", "src/auth.rs"]).exits(1);
    add(&bob, &["src/auth.rs", "--shared"]).ok();
    bob.pm(&["reserve", "check", "src/auth.rs"]).ok();
    bob.pm(&["reserve", "check", "src/main.rs"]).exits(1);
}

#[test]
fn words_that_are_no_paths_are_refused_unless_they_exist_or_are_new() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    for word in ["13714/2m", "planning/execution"] {
        let refused = add(&ana, &["src/auth.rs", word]).exits(2).error();
        assert!(refused["message"].to_string().contains(word), "{refused}");
        assert!(refused["hints"].to_string().contains("--new"), "{refused}");
    }
    assert!(live(&ana).is_empty(), "a part was granted");
    add(&ana, &["13714/2m", "--new"]).ok();
    ana.write("planning/execution/notes", "x");
    add(&ana, &["planning/execution"]).ok();
    assert_eq!(patterns(&ana), ["13714/2m", "planning/execution"]);
}

#[test]
fn a_path_is_taken_from_where_one_stands_when_it_says_so() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let src = ana.other("src");
    add(&src, &["./auth.rs"]).ok();
    add(&src, &["../README.md"]).ok();
    let absolute = ana.path.canonicalize().expect("path").join("docs/guide.md");
    add(&src, &[absolute.to_str().expect("UTF-8")]).ok();
    assert_eq!(
        patterns(&ana),
        ["src/auth.rs", "README.md", "docs/guide.md"]
    );
}

// RS-04: the time to live.
#[test]
fn it_lasts_an_hour_unless_told_and_at_least_a_minute() {
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

// RS-04: expired ones do not block, to the second, and nothing has to be written for it.
#[test]
fn an_expired_one_is_gone_by_itself() {
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
    // The holder cannot wake it up again: somebody else has the file by now.
    let late = ana.when("2026-03-01T12:10:01Z");
    late.pm(&["reserve", "renew", "src/auth.rs"]).exits(4);
}

// RS-04: renewal.
#[test]
fn renew_makes_it_last_longer_for_its_holder_only() {
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
fn renew_without_a_time_lasts_as_long_as_at_first() {
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
fn release_gives_back_what_is_named_or_all_of_this_worktree() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &[]);
    let by_uid = add(&ana, &["src/auth.rs"]).ok().data();
    add(&ana, &["src/main.rs"]).ok();
    add(&ana, &["README.md", "--task", &id]).ok();
    add(&ana, &["docs/**"]).ok();
    let uid = by_uid["uid"].as_str().expect("uid");
    // Only one's own.
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
        "what ended waits for nothing: {released:?}"
    );
    assert!(live(&ana).is_empty());
    ana.pm(&["reserve", "release"]).exits(4);
}

#[test]
fn an_ended_reservation_says_how_it_ended() {
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
        let found = all.iter().find(|r| r["patterns"][0] == path).expect(path);
        assert_eq!(found["waiting"], false, "{found}");
        found["ended"].as_str().unwrap_or_default().to_string()
    };
    assert!(ended("src/auth.rs").contains("released"));
    assert!(ended("src/main.rs").contains("stolen by Bob"));
}

// On release the commit that holds the change is recorded; who takes the files next and lacks it
// is warned.
#[test]
fn who_takes_released_files_without_the_change_is_warned() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    ana.git(&["branch", "bobs"]).ok();
    add(&ana, &["src/auth.rs"]).ok();
    ana.write("src/auth.rs", "pub fn login() { todo!() }\n");
    ana.commit_all("Change the login");
    let change = ana.tip("HEAD");
    ana.pm(&["reserve", "release"]).ok();
    // Bob has the change: nothing to say.
    let granted = bob.pm(&["reserve", "add", "src/auth.rs"]).ok();
    assert!(!granted.err.contains(&change[..12]), "{granted:?}");
    bob.pm(&["reserve", "release"]).ok();
    ana.git(&["checkout", "-q", "bobs"]).ok();
    let granted = bob.pm(&["reserve", "add", "src/**"]).ok();
    assert!(
        granted.err.contains(&change[..12]) && granted.err.contains("Ana"),
        "Bob would have built on the old file without a word: {granted:?}"
    );
}

#[test]
fn who_released_without_a_change_warns_nobody() {
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
        "nothing was changed there, so the warning is noise: {granted:?}"
    );
}

// RS-06: a human may take over; it is audited, and the holder is told.
#[test]
fn steal_is_recorded_and_told_to_the_holder() {
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
        "the audit shows nothing: {log}"
    );
    let told = ana.data(&["status"]);
    let notice = &told["notices"][0];
    assert!(
        notice["subject"].to_string().contains("Bob"),
        "Ana was not told: {told}"
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
    // And now Bob can have it.
    add(&bob, &["src/auth.rs"]).ok();
    bob.pm(&["reserve", "steal", "nothing.rs", "--reason", "x"])
        .exits(4);
}

// RS-06, actors: naming oneself differently does not make a human of an agent.
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
    assert_eq!(live(&ana).len(), 1, "an agent took a human's files");
}

// RS-03: start reserves the planned paths, all or nothing, with the task's claim.
#[test]
fn start_reserves_the_planned_paths_of_a_task() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs", "--path", "docs/**"]);
    assert!(live(&ana).is_empty(), "planning reserves nothing");
    ana.pm(&["start", &id]).ok();
    let held = live(&ana);
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["task"], id.as_str());
    assert_eq!(held[0]["holder"], "Ana");
    assert_eq!(held[0]["branch"], "task/T-0001-fix-login");
    let refused = add(&bob, &["src/auth.rs"]).exits(1).error();
    assert_eq!(refused["conflicts"][0]["task"], id.as_str());
}

#[test]
fn start_is_refused_whole_when_another_holds_a_planned_path() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    add(&ana, &["src/auth.rs"]).ok();
    let id = bob.task("Fix login", &["--path", "src/**", "--path", "README.md"]);
    let before = (bob.tip("refs/pm/main"), bob.git(&["branch", "-a"]).text());
    let refused = bob.pm(&["--json", "start", &id]).exits(1).error();
    assert_eq!(refused["conflicts"][0]["path"], "src/**");
    assert_eq!(refused["conflicts"][0]["holder"], "Ana");
    let after = (bob.tip("refs/pm/main"), bob.git(&["branch", "-a"]).text());
    assert_eq!(before, after, "half a start was left behind");
    assert_eq!(bob.data(&["show", &id])["status"], "queued");
    assert_eq!(bob.git(&["worktree", "list"]).text().lines().count(), 1);
    ana.pm(&["reserve", "release"]).ok();
    bob.pm(&["start", &id]).ok();
}

#[test]
fn two_tasks_with_the_same_files_are_not_started_together() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let first = ana.task("One", &["--path", "src/**"]);
    let second = ana.task("Two", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &first]).ok();
    // Not by the same actor either: the holder is the actor in that task's worktree.
    let refused = ana.pm(&["--json", "start", &second]).exits(1).error();
    assert_eq!(refused["conflicts"][0]["task"], first.as_str());
}

// RS-01, RS-03: whatever ends the work ends its reservations.
#[test]
fn whatever_ends_the_work_gives_its_files_back() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let verbs: [(&str, &[&str]); 6] = [
        ("drop", &["task", "drop"]),
        ("cancel", &["task", "cancel", "--reason", "not needed"]),
        ("defer", &["task", "defer"]),
        ("done", &["task", "done", "--evidence", "seen"]),
        ("reassign", &["task", "reassign", "--to", "Bob"]),
        ("block", &["task", "block", "waits for a key"]),
    ];
    for (title, verb) in verbs {
        let id = ana.task(title, &["--path", "src/auth.rs"]);
        ana.pm(&["start", &id]).ok();
        bob.pm(&["reserve", "check", "src/auth.rs"]).exits(1);
        let mut args = verb.to_vec();
        args.insert(2, &id);
        let ran = ana.pm(&args);
        match title {
            "block" => {
                ran.ok();
                // Blocked work is not given up: it keeps its claim and with it its files.
                bob.pm(&["reserve", "check", "src/auth.rs"]).exits(1);
                ana.pm(&["task", "unblock", &id]).ok();
                ana.pm(&["task", "cancel", &id]).ok();
            }
            _ => {
                ran.ok();
            }
        }
        assert!(
            live(&ana).is_empty(),
            "{title} left the files locked: {:?}",
            live(&ana)
        );
    }
}

#[test]
fn finish_releases_at_the_branchs_commit_and_the_next_one_is_warned() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "pub fn login() { /* fixed */ }\n");
    work.commit_all("Fix");
    let change = work.tip("HEAD");
    work.pm(&["finish"]).ok();
    assert!(live(&ana).is_empty(), "handed in, and still locked");
    let granted = bob.pm(&["reserve", "add", "src/auth.rs"]).ok();
    assert!(granted.err.contains(&change[..12]), "{granted:?}");
}

// What was released when it was handed in is the claimant's again when it takes the work up again.
#[test]
fn work_that_comes_back_is_reserved_again() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "pub fn login() { /* fixed */ }\n");
    work.commit_all("Fix");
    work.pm(&["finish"]).ok();
    ana.pm(&["start", &id, "--resume"]).ok();
    assert_eq!(ana.data(&["show", &id])["status"], "in_progress");
    add(&bob, &["src/auth.rs"]).exits(1);
    assert_eq!(live(&ana).len(), 1);
    ana.pm(&["start", &id, "--resume"]).ok();
    assert_eq!(live(&ana).len(), 1, "each resume takes one more");
}

#[test]
fn the_squash_of_a_finished_task_counts_as_its_change() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "pub fn login() { /* fixed */ }\n");
    work.commit_all("Fix");
    work.pm(&["finish", "--merge"]).ok();
    let granted = bob.pm(&["reserve", "add", "src/auth.rs"]).ok();
    assert!(
        !granted.err.contains("does not have"),
        "Bob has the change; the warning is a false alarm: {granted:?}"
    );
}

#[test]
fn a_merge_leaves_no_reservation() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "pub fn login() { /* fixed */ }\n");
    work.commit_all("Fix");
    add(&work, &["docs/guide.md", "--task", &id]).ok();
    work.pm(&["finish", "--merge"]).ok();
    assert!(live(&ana).is_empty(), "{:?}", live(&ana));
}

// A task's own reservation lives as long as its claim: a day, not an hour.
#[test]
fn a_tasks_reservation_lives_as_long_as_its_claim() {
    let scene = Scene::new();
    let (ana, bob) = ana_and_bob(&scene);
    let noon = ana.when(NOON);
    let id = noon.task("Fix login", &["--path", "src/auth.rs"]);
    noon.pm(&["start", &id]).ok();
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-02T12:00:00Z");
    let check = |at: &str| bob.when(at).pm(&["reserve", "check", "src/auth.rs"]).code;
    assert_eq!(check("2026-03-02T11:59:59Z"), 1);
    assert_eq!(check("2026-03-02T12:00:00Z"), 0);
    // Within two hours of the last sign a writing command does not renew, a later one does.
    let work = ana.worktree(&id);
    work.when("2026-03-01T14:00:00Z")
        .pm(&["task", "comment", &id, "on it"])
        .ok();
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-02T12:00:00Z");
    work.when("2026-03-02T01:00:00Z").pm(&["status"]).ok();
    assert_eq!(
        live(&noon)[0]["expires_at"],
        "2026-03-02T12:00:00Z",
        "reading wrote"
    );
    work.when("2026-03-02T01:00:00Z")
        .pm(&["task", "comment", &id, "still"])
        .ok();
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-03T01:00:00Z");
    assert_eq!(check("2026-03-03T00:59:59Z"), 1);
}

// The pre-commit hook renews too, as agents do little else than commit.
#[test]
fn a_commit_in_the_worktree_renews_the_claim() {
    let scene = Scene::new();
    let (ana, _) = ana_and_bob(&scene);
    let noon = ana.when(NOON);
    let id = noon.task("Fix login", &["--path", "src/auth.rs"]);
    noon.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "1\n");
    work.when("2026-03-01T13:00:00Z").commit_all("Early");
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-02T12:00:00Z");
    work.write("src/auth.rs", "2\n");
    work.when("2026-03-02T02:00:00Z").commit_all("Late");
    assert_eq!(live(&noon)[0]["expires_at"], "2026-03-03T02:00:00Z");
}

#[test]
fn a_reservation_offline_is_tentative_and_settled_by_sync() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let bob = scene.clone_of(&hub, "b", "Bob");
    let made = ana.data(&["--offline", "reserve", "add", "src/auth.rs"]);
    assert_eq!(made["confirmed"], false, "nobody else has heard of it");
    let first = bob.data(&["reserve", "add", "src/**"]);
    assert_eq!(first["confirmed"], true);
    let synced = ana.pm(&["sync"]).ok();
    assert!(
        format!("{}{}", synced.out, synced.err).contains("Bob"),
        "Ana is not told that her reservation is lost: {synced:?}"
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
    assert!(live(&ana).is_empty(), "a lock that nobody else can see");
    ana.git(&["config", "pm.offline", "allow"]).ok();
    let made = add(&ana, &["src/auth.rs"]).ok().data();
    assert_eq!(made["confirmed"], false);
}

#[test]
fn two_clones_ask_for_the_same_files_online_and_one_gets_them() {
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

// All of them ask at once; half a lock, or two winners, would be worse than none.
#[test]
fn of_many_who_ask_at_once_one_gets_the_files() {
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
