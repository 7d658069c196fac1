//! Commits that are allowed: by the holder, by shared holders, and after expiry.

use super::{ana_holds, passes, reserve, script, stopped};
use crate::support::Scene;

// ---- Who is let through ----

#[test]
fn the_holder_commits_in_its_worktree_and_on_its_branch() {
    let scene = Scene::new();
    let (ana, _) = ana_holds(&scene, &["src/auth.rs"]);
    ana.write("src/auth.rs", "1\n");
    passes(&ana, || ana.git(&["commit", "-q", "-a", "-m", "x"]));
    // In the reserved worktree on another branch, and detached.
    ana.git(&["checkout", "-q", "-b", "topic"]).ok();
    ana.write("src/auth.rs", "2\n");
    passes(&ana, || ana.git(&["commit", "-q", "-a", "-m", "x"]));
    ana.git(&["checkout", "-q", "--detach"]).ok();
    ana.write("src/auth.rs", "3\n");
    passes(&ana, || ana.git(&["commit", "-q", "-a", "-m", "x"]));
    // The reserved branch in another worktree.
    ana.git(&["worktree", "add", "-q", "../linked", "main"])
        .ok();
    let linked = ana.other("../linked");
    linked.write("src/auth.rs", "4\n");
    passes(&linked, || linked.git(&["commit", "-q", "-a", "-m", "x"]));
}

/// Who has reserved the path in another worktree is told where, and not to ask themselves.
#[test]
fn the_holder_is_told_in_which_worktree_to_commit() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let place = ana.pm(&["worktree", "path", &id]).ok().text();
    ana.write("src/auth.rs", "1\n");
    let commit = ["commit", "-q", "-a", "-m", "x"];
    let told = ana.git(&commit).exits(1).err;
    assert!(
        told.contains(&format!("reserved by you, in {place}")) && !told.contains("ask Ana"),
        "{told}"
    );
    let told = ana.by("Bob").git(&commit).exits(1).err;
    assert!(told.contains("ask Ana"), "{told}");
}

#[test]
fn the_claimant_commits_in_the_tasks_worktree_under_any_name() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    let bot = ana.with("AGENT_NAME", "bot-1");
    bot.pm(&["start", &id]).ok();
    let work = bot.worktree(&id);
    work.write("src/auth.rs", "bot\n");
    passes(&work, || work.git(&["commit", "-q", "-a", "-m", "x"]));
    // Without the variable (in a GUI or a later shell) the worktree still identifies the holder.
    let bare = ana.other(&work.path);
    bare.write("src/auth.rs", "bot again\n");
    passes(&bare, || bare.git(&["commit", "-q", "-a", "-m", "x"]));
    // Another agent in that worktree is not the holder.
    let other = bare.with("AGENT_NAME", "bot-2");
    other.write("src/auth.rs", "bot 2\n");
    let ran = other.git(&["commit", "-a", "-m", "x"]).exits(1);
    assert!(
        ran.err.contains("bot-1") && ran.err.contains(&id),
        "{ran:?}"
    );
}

#[test]
fn the_holder_can_commit_during_a_rebase() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    for n in ["1", "2"] {
        work.write("src/auth.rs", &format!("{n}\n"));
        work.commit_all(n);
    }
    let editor = script(&scene, "edit-todo", "sed -i 's/^pick/edit/' \"$1\"");
    let rebasing = work.with("GIT_SEQUENCE_EDITOR", &editor);
    rebasing.git(&["rebase", "-q", "-i", "HEAD~2"]).ok();
    assert_eq!(
        work.git(&["branch", "--show-current"]).text(),
        "",
        "HEAD is detached"
    );
    work.write("src/auth.rs", "1 and more\n");
    passes(&work, || {
        work.git(&["commit", "-q", "-a", "--amend", "--no-edit"])
    });
    // Another actor is stopped there as well.
    let bob = work.by("Bob");
    bob.write("src/auth.rs", "Bob's\n");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "--amend", "--no-edit"])
    });
}

// git passes the author of the amended commit to the hook; the committer is the user.
#[test]
fn amending_a_commit_of_another_author_does_not_change_the_actor() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.write("README.md", "# Bob's\n");
    ana.git(&[
        "commit",
        "-q",
        "-a",
        "-m",
        "x",
        "--author",
        "Bob <bob@example.org>",
    ])
    .ok();
    ana.pm(&["init"]).ok();
    reserve(&ana, &["README.md"]);
    ana.write("README.md", "# Ana's\n");
    passes(&ana, || {
        ana.git(&["commit", "-q", "-a", "--amend", "--no-edit"])
    });
    passes(&ana, || {
        ana.git(&["commit", "-q", "--allow-empty", "-C", "HEAD"])
    });
    // Naming Ana as the author does not make Bob the holder.
    ana.git(&["config", "user.name", "Bob"]).ok();
    ana.write("README.md", "# Bob's again\n");
    stopped(&ana, "README.md", || {
        ana.git(&[
            "commit",
            "-a",
            "-m",
            "x",
            "--author",
            "Ana <ana@example.org>",
        ])
    });
}

#[test]
fn shared_holders_commit_and_others_do_not() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    let bob = ana.by("Bob");
    ana.pm(&["reserve", "add", "src/**", "--shared"]).ok();
    bob.pm(&["reserve", "add", "src/auth.rs", "--shared"]).ok();
    bob.write("src/auth.rs", "Bob's\n");
    passes(&bob, || bob.git(&["commit", "-q", "-a", "-m", "x"]));
    ana.write("src/auth.rs", "Ana's\n");
    passes(&ana, || ana.git(&["commit", "-q", "-a", "-m", "x"]));
    bob.write("src/main.rs", "Bob's\n");
    stopped(&bob, "src/main.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
    let eve = ana.by("Eve");
    stopped(&eve, "src/main.rs", || {
        eve.git(&["commit", "-a", "-m", "x"])
    });
}

#[test]
fn expired_and_released_reservations_stop_no_commit() {
    let scene = Scene::new();
    let ana = scene.repo("a").when("2026-03-01T12:00:00Z");
    ana.pm(&["init"]).ok();
    ana.pm(&["reserve", "add", "src/auth.rs", "--ttl", "5m"])
        .ok();
    ana.pm(&["reserve", "add", "src/main.rs"]).ok();
    let bob = ana.by("Bob");
    bob.write("src/auth.rs", "Bob's\n");
    let early = bob.when("2026-03-01T12:04:59Z");
    stopped(&bob, "src/auth.rs", || {
        early.git(&["commit", "-a", "-m", "x"])
    });
    let late = bob.when("2026-03-01T12:05:00Z");
    passes(&bob, || late.git(&["commit", "-q", "-a", "-m", "x"]));
    bob.write("src/main.rs", "Bob's\n");
    stopped(&bob, "src/main.rs", || {
        late.git(&["commit", "-a", "-m", "x"])
    });
    ana.pm(&["reserve", "release", "src/main.rs"]).ok();
    passes(&bob, || late.git(&["commit", "-q", "-a", "-m", "x"]));
}

#[test]
fn an_advisory_reservation_only_warns() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    ana.pm(&["reserve", "add", "src/auth.rs", "--advisory"])
        .ok();
    let bob = ana.by("Bob");
    bob.write("src/auth.rs", "Bob's\n");
    let ran = bob.git(&["commit", "-a", "-m", "x"]).ok();
    assert!(
        ran.err.contains("Ana") && ran.err.contains("advisory"),
        "{ran:?}"
    );
}

#[test]
fn a_reservation_against_editing_stops_commits_too() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    ana.pm(&["reserve", "add", "src/auth.rs", "--mode", "edit"])
        .ok();
    let bob = ana.by("Bob");
    bob.write("src/auth.rs", "Bob's\n");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
    ana.write("src/auth.rs", "Ana's\n");
    passes(&ana, || ana.git(&["commit", "-q", "-a", "-m", "x"]));
}

#[test]
fn a_reservation_that_lost_stops_no_commit() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let bob = scene.clone_of(&hub, "b", "Bob");
    ana.pm(&["--offline", "reserve", "add", "src/**"]).ok();
    bob.pm(&["reserve", "add", "src/auth.rs"]).ok();
    bob.pm(&["pull"]).ok();
    ana.pm(&["push"]);
    bob.pm(&["sync"]).ok();
    bob.write("src/auth.rs", "Bob's\n");
    bob.write("src/main.rs", "Bob's\n");
    passes(&bob, || bob.git(&["commit", "-q", "-a", "-m", "x"]));
}

/// A file that another actor has reserved since can be taken out of the work again; it cannot be changed.
#[test]
fn rs_04_a_reserved_file_is_taken_out_of_the_work_again() {
    let scene = Scene::new();
    let (_, ana) = scene.with_hub();
    ana.write("src/auth.rs", "0\n");
    ana.git(&["add", "-A"]).ok();
    ana.git(&["commit", "-q", "-m", "auth"]).ok();
    ana.git(&["push", "-q", "origin", "main"]).ok();
    let id = ana.task("Docs", &[]);
    let bob = ana.by("Bob");
    bob.pm(&["start", &id]).ok();
    let work = bob.worktree(&id);
    work.write("docs.md", "new\n");
    work.write("src/auth.rs", "1\n");
    work.write("src/new.rs", "1\n");
    work.git(&["add", "-A"]).ok();
    work.git(&["commit", "-q", "-m", "Docs"]).ok();
    let branch = work.git(&["branch", "--show-current"]).ok().text();
    bob.git(&["push", "-q", "origin", &branch]).ok();
    reserve(&ana, &["src/"]);

    work.write("src/auth.rs", "2\n");
    stopped(&work, "src/auth.rs", || {
        work.git(&["commit", "-q", "-a", "-m", "More"])
    });
    work.git(&["checkout", "-q", "main", "--", "src/auth.rs"])
        .ok();
    work.git(&["rm", "-q", "src/new.rs"]).ok();
    passes(&work, || work.git(&["commit", "-q", "-m", "Without auth"]));
    bob.git(&["push", "-q", "origin", &branch]).ok();
    work.pm(&["finish", &id]).ok();
    ana.pm(&["approve", &id]).ok();
    ana.pm(&["merge", &id]).ok();
    assert_eq!(ana.git(&["show", "main:src/auth.rs"]).ok().text(), "0");
}

/// Only a human takes work back, so an agent is told to ask one.
#[test]
fn an_agent_whose_work_was_taken_over_is_told_to_ask_a_human() {
    let scene = Scene::new();
    let ana = scene.set_up("a");
    let id = ana.task("Fix login", &[]);
    let bot = ana.with("AGENT_NAME", "bot-1");
    bot.pm(&["start", &id]).ok();
    let work = bot.worktree(&id);
    ana.pm(&["task", "reassign", &id, "--to", "Ana"]).ok();
    work.write("src/new.rs", "1\n");
    work.git(&["add", "-A"]).ok();
    let told = work.git(&["commit", "-q", "-m", "x"]).ok().err;
    assert!(
        told.contains("ask a human to run `git pm task reassign"),
        "{told}"
    );
}
