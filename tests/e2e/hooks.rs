//! The guard in real commits, merges and pushes: what is stopped, what is let through, and what
//! people are told.

use std::path::PathBuf;
use std::process::Stdio;

use crate::support::{Ran, Repo, Scene, binary};

/// A repository of Ana's in which she holds `src/auth.rs`, and Bob in the same folder.
fn ana_holds(scene: &Scene, paths: &[&str]) -> (Repo, Repo) {
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
    reserve(&ana, paths);
    let bob = ana.by("Bob");
    (ana, bob)
}

fn reserve(who: &Repo, paths: &[&str]) {
    let mut args = vec!["reserve", "add", "--new"];
    args.extend(paths);
    who.pm(&args).ok();
}

/// Requires that git was stopped by Ana's reservation of `path`, and that nothing was committed.
#[track_caller]
fn stopped(repo: &Repo, path: &str, act: impl FnOnce() -> Ran) {
    let before = repo.tip("HEAD");
    let ran = act();
    assert_ne!(
        ran.code, 0,
        "`{}` overwrote Ana's {path}: {ran:?}",
        ran.what
    );
    assert_eq!(repo.tip("HEAD"), before, "`{}` left a commit", ran.what);
    for word in ["is stopped", "Ana", path] {
        assert!(ran.err.contains(word), "{word} is not named: {ran:?}");
    }
}

/// Requires that git committed, and that the guard was there and said nothing.
#[track_caller]
fn passes(repo: &Repo, act: impl FnOnce() -> Ran) {
    let before = repo.tip("HEAD");
    let ran = act().ok();
    assert_ne!(repo.tip("HEAD"), before, "`{}` committed nothing", ran.what);
    assert!(!ran.err.contains("git pm:"), "{ran:?}");
}

/// The program git itself, whatever PATH is later.
fn git_program(repo: &Repo) -> PathBuf {
    let found = repo.run("/bin/sh", &["-c", "command -v git"]).ok().text();
    PathBuf::from(found)
}

/// A script of the scene.
fn script(scene: &Scene, name: &str, body: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = scene.dir.path().join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("its folder");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("the script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("its mode");
    path.display().to_string()
}

// ---- What a commit can be ----

// RS-02: holder, task, expiry and the next command, exit code 1.
#[test]
fn a_plain_commit_is_stopped_and_told_whom_to_ask() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
    let id = ana.task("Fix login", &[]);
    ana.when("2099-01-01T10:00:00Z")
        .pm(&[
            "reserve",
            "add",
            "src/auth.rs",
            "--task",
            &id,
            "--ttl",
            "2h",
        ])
        .ok();
    let bob = ana.by("Bob").when("2099-01-01T11:00:00Z");
    bob.write("src/auth.rs", "Bob's\n");
    bob.git(&["add", "-A"]).ok();
    let before = bob.tip("HEAD");
    let ran = bob.git(&["commit", "-m", "x"]).exits(1);
    assert_eq!(bob.tip("HEAD"), before);
    for word in [
        "src/auth.rs",
        "Ana",
        &id,
        "2099-01-01T12:00:00Z",
        "git pm reserve release",
        "git pm reserve list",
        "GIT_PM_BYPASS",
    ] {
        assert!(ran.err.contains(word), "{word} is not named: {}", ran.err);
    }
    // What Bob staged is still there.
    assert_eq!(
        bob.git(&["diff", "--cached", "--name-only"]).text(),
        "src/auth.rs"
    );
}

#[test]
fn commit_a_is_stopped() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.write("src/auth.rs", "Bob's\n");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
}

#[test]
fn commit_of_a_path_is_judged_by_that_path() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.write("src/auth.rs", "Bob's\n");
    bob.write("src/main.rs", "fn main() { bob() }\n");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-m", "x", "--", "src/auth.rs"])
    });
    // What else is staged is not part of this commit.
    bob.git(&["add", "-A"]).ok();
    passes(&bob, || {
        bob.git(&["commit", "-q", "-m", "x", "--", "src/main.rs"])
    });
}

#[test]
fn a_rename_is_stopped_at_both_ends() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.git(&["mv", "src/auth.rs", "src/login.rs"]).ok();
    stopped(&bob, "src/auth.rs", || bob.git(&["commit", "-m", "away"]));
    bob.git(&["reset", "-q", "--hard"]).ok();
    bob.git(&["mv", "-f", "src/main.rs", "src/auth.rs"]).ok();
    stopped(&bob, "src/auth.rs", || bob.git(&["commit", "-m", "onto"]));
}

#[test]
fn a_deletion_is_stopped() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.git(&["rm", "-q", "src/auth.rs"]).ok();
    stopped(&bob, "src/auth.rs", || bob.git(&["commit", "-m", "x"]));
}

#[test]
fn a_mode_change_is_stopped() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.git(&["update-index", "--chmod=+x", "src/auth.rs"]).ok();
    stopped(&bob, "src/auth.rs", || bob.git(&["commit", "-m", "x"]));
}

#[test]
fn a_link_or_a_submodule_in_its_place_is_stopped() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs", "vendor/lib"]);
    std::fs::remove_file(bob.path.join("src/auth.rs")).expect("removed");
    std::os::unix::fs::symlink("main.rs", bob.path.join("src/auth.rs")).expect("a link");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
    bob.git(&["reset", "-q", "--hard"]).ok();
    let module = format!("160000,{},vendor/lib", bob.tip("HEAD"));
    bob.git(&["update-index", "--add", "--cacheinfo", &module])
        .ok();
    stopped(&bob, "vendor/lib", || bob.git(&["commit", "-m", "x"]));
}

#[test]
fn a_new_file_below_a_reserved_folder_is_stopped() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src"]);
    bob.write("src/deep/new.rs", "x\n");
    bob.git(&["add", "-A"]).ok();
    stopped(&bob, "src/deep/new.rs", || bob.git(&["commit", "-m", "x"]));
    bob.git(&["reset", "-q", "--hard"]).ok();
    bob.write("srcs/new.rs", "x\n");
    bob.git(&["add", "-A"]).ok();
    passes(&bob, || bob.git(&["commit", "-q", "-m", "x"]));
}

#[test]
fn an_amended_commit_is_judged_as_a_whole_change() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.write("README.md", "# Bob's\n");
    bob.commit_all("Mine");
    bob.write("src/auth.rs", "Bob's\n");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "--amend", "--no-edit"])
    });
}

#[test]
fn a_commit_in_a_linked_worktree_is_stopped() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["src/auth.rs"]);
    bob.git(&["worktree", "add", "-q", "-b", "bob", "../linked"])
        .ok();
    let linked = bob.other("../linked");
    linked.write("src/auth.rs", "Bob's\n");
    stopped(&linked, "src/auth.rs", || {
        linked.git(&["commit", "-a", "-m", "x"])
    });
    let below = linked.other("src");
    stopped(&linked, "src/auth.rs", || {
        below.git(&["commit", "-a", "-m", "x"])
    });
}

// Three agents, one git identity: the holder is the actor in the reserved worktree.
#[test]
fn the_same_actor_in_another_worktree_is_stopped() {
    let scene = Scene::new();
    let (ana, _) = ana_holds(&scene, &["src/auth.rs"]);
    ana.git(&["worktree", "add", "-q", "-b", "second", "../second"])
        .ok();
    let second = ana.other("../second");
    second.write("src/auth.rs", "from the other window\n");
    stopped(&second, "src/auth.rs", || {
        second.git(&["commit", "-a", "-m", "x"])
    });
    ana.write("src/auth.rs", "from the first\n");
    passes(&ana, || ana.git(&["commit", "-q", "-a", "-m", "x"]));
}

#[test]
fn a_gui_without_path_or_home_is_guarded() {
    let scene = Scene::new();
    let (ana, bob) = ana_holds(&scene, &["src/auth.rs"]);
    let git = git_program(&ana);
    ana.git(&["config", "user.name", "Bob"]).ok();
    ana.git(&["config", "user.email", "bob@example.org"]).ok();
    bob.write("src/auth.rs", "Bob's\n");
    bob.git(&["add", "-A"]).ok();
    for path in [Some(""), Some("/nonexistent"), None] {
        let mut command = std::process::Command::new(&git);
        command
            .env_clear()
            .current_dir(&bob.path)
            .stdin(Stdio::null());
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let output = command
            .args(["commit", "-m", "x"])
            .output()
            .expect("git starts");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "PATH={path:?}: {err}");
        assert!(
            err.contains("Ana") && err.contains("is stopped"),
            "PATH={path:?}: {err}"
        );
    }
}

// ---- Merges ----

/// `main` and `side` differ as told; both before the reservation.
fn diverged(scene: &Scene, ours: &[(&str, &str)], theirs: &[(&str, &str)]) -> Repo {
    let repo = scene.repo("a");
    repo.write("src/auth.rs", "one\n2\n3\n4\n5\n6\n7\n8\nnine\n");
    repo.commit_all("Base");
    repo.git(&["checkout", "-q", "-b", "side"]).ok();
    for (path, text) in theirs {
        repo.write(path, text);
    }
    repo.commit_all("Theirs");
    repo.git(&["checkout", "-q", "main"]).ok();
    for (path, text) in ours {
        repo.write(path, text);
    }
    repo.commit_all("Ours");
    repo.pm(&["init"]).ok();
    reserve(&repo, &["src/auth.rs"]);
    repo
}

const TOP: &str = "ONE\n2\n3\n4\n5\n6\n7\n8\nnine\n";
const END: &str = "one\n2\n3\n4\n5\n6\n7\n8\nNINE\n";

#[test]
fn a_conflicted_merge_is_judged_by_what_the_merger_really_changed() {
    let scene = Scene::new();
    let ana = diverged(
        &scene,
        &[("README.md", "ours\n")],
        &[("README.md", "theirs\n"), ("src/auth.rs", TOP)],
    );
    let bob = ana.by("Bob");
    bob.git(&["merge", "side"]).exits(1);
    bob.write("README.md", "both\n");
    bob.git(&["add", "README.md"]).ok();
    // Bob also puts his hands on the file that came over clean.
    bob.write("src/auth.rs", "Bob's\n");
    bob.git(&["add", "src/auth.rs"]).ok();
    stopped(&bob, "src/auth.rs", || bob.git(&["commit", "-m", "merge"]));
    bob.write("src/auth.rs", TOP);
    bob.git(&["add", "src/auth.rs"]).ok();
    passes(&bob, || bob.git(&["commit", "-q", "-m", "merge"]));
}

#[test]
fn resolving_a_conflict_in_a_reserved_file_is_stopped() {
    let scene = Scene::new();
    let ana = diverged(
        &scene,
        &[("src/auth.rs", "ours\n")],
        &[("src/auth.rs", "theirs\n")],
    );
    let bob = ana.by("Bob");
    bob.git(&["merge", "side"]).exits(1);
    bob.write("src/auth.rs", "both\n");
    bob.git(&["add", "-A"]).ok();
    stopped(&bob, "src/auth.rs", || bob.git(&["commit", "-m", "merge"]));
    let with_merge = bob.git(&["merge", "--continue"]);
    assert_ne!(with_merge.code, 0, "{with_merge:?}");
}

// pre-commit does not run for these.
#[test]
fn a_clean_merge_commit_that_changes_a_reserved_file_is_stopped() {
    let scene = Scene::new();
    let ana = diverged(&scene, &[("src/auth.rs", TOP)], &[("src/auth.rs", END)]);
    let bob = ana.by("Bob");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["merge", "-m", "x", "side"])
    });
    bob.git(&["merge", "--abort"]).ok();
    passes(&ana, || ana.git(&["merge", "-q", "-m", "x", "side"]));
}

#[test]
fn a_clean_merge_that_only_carries_over_is_let_through() {
    let scene = Scene::new();
    let ana = diverged(&scene, &[("README.md", "ours\n")], &[("src/auth.rs", TOP)]);
    let bob = ana.by("Bob");
    passes(&bob, || bob.git(&["merge", "-q", "-m", "x", "side"]));
}

#[test]
fn a_squash_merge_is_a_commit_of_ones_own() {
    let scene = Scene::new();
    let ana = diverged(&scene, &[("README.md", "ours\n")], &[("src/auth.rs", TOP)]);
    let bob = ana.by("Bob");
    bob.git(&["merge", "-q", "--squash", "side"]).ok();
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-m", "squashed"])
    });
}

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

#[test]
fn the_claimant_commits_in_the_tasks_worktree_whatever_its_name() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    let bot = ana.with("AGENT_NAME", "bot-1");
    bot.pm(&["start", &id]).ok();
    let work = bot.worktree(&id);
    work.write("src/auth.rs", "bot\n");
    passes(&work, || work.git(&["commit", "-q", "-a", "-m", "x"]));
    // Without the variable the worktree still says whose it is: a GUI, a later shell.
    let bare = ana.other(&work.path);
    bare.write("src/auth.rs", "bot again\n");
    passes(&bare, || bare.git(&["commit", "-q", "-a", "-m", "x"]));
    // Another agent in there is another one.
    let other = bare.with("AGENT_NAME", "bot-2");
    other.write("src/auth.rs", "bot 2\n");
    let ran = other.git(&["commit", "-a", "-m", "x"]).exits(1);
    assert!(
        ran.err.contains("bot-1") && ran.err.contains(&id),
        "{ran:?}"
    );
}

#[test]
fn the_holder_goes_on_during_a_rebase() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
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
    // Somebody else is stopped there as well.
    let bob = work.by("Bob");
    bob.write("src/auth.rs", "Bob's\n");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "--amend", "--no-edit"])
    });
}

// git hands the author of the amended commit to the hook; who commits is the user.
#[test]
fn who_amends_somebody_elses_commit_is_still_oneself() {
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
    // And naming Ana as the author does not make Ana of Bob.
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
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
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
fn expired_and_released_ones_let_through() {
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
fn an_advisory_one_only_says_something() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
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
fn one_against_editing_stops_commits_too() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
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
fn a_reservation_that_lost_blocks_nobody() {
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

// ---- Names ----

#[test]
fn odd_names_are_guarded() {
    let scene = Scene::new();
    let odd = [
        "docs/my file.md",
        "docs/\u{e4}\u{5b57}.md",
        "app/[id]/page.tsx",
        "docs/\"q\".md",
    ];
    let ana = scene.repo("a");
    ana.write("app/i/page.tsx", "x\n");
    ana.commit_all("x");
    ana.pm(&["init"]).ok();
    reserve(&ana, &odd);
    reserve(&ana, &["lines/**"]);
    let bob = ana.by("Bob");
    for path in odd {
        bob.write(path, "Bob's\n");
        bob.git(&["add", "-A"]).ok();
        stopped(&bob, path, || bob.git(&["commit", "-m", "x"]));
        bob.git(&["reset", "-q", "--hard"]).ok();
    }
    bob.write("lines/two\nlines", "Bob's\n");
    bob.git(&["add", "-A"]).ok();
    stopped(&bob, "lines/two", || bob.git(&["commit", "-m", "x"]));
    bob.git(&["reset", "-q", "--hard"]).ok();
}

#[test]
fn case_counts_unless_the_file_system_ignores_it() {
    let scene = Scene::new();
    let (ana, bob) = ana_holds(&scene, &["SRC/Auth.rs"]);
    bob.write("src/auth.rs", "Bob's\n");
    passes(&bob, || bob.git(&["commit", "-q", "-a", "-m", "x"]));
    ana.git(&["config", "core.ignorecase", "true"]).ok();
    bob.write("src/auth.rs", "Bob's again\n");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
}

#[test]
fn other_tools_state_is_exempt() {
    let scene = Scene::new();
    let (_, bob) = ana_holds(&scene, &["**"]);
    bob.write(".beads/issues.jsonl", "{}\n");
    bob.git(&["add", "-A"]).ok();
    passes(&bob, || bob.git(&["commit", "-q", "-m", "x"]));
    bob.write(".beadsx", "x\n");
    bob.git(&["add", "-A"]).ok();
    stopped(&bob, ".beadsx", || bob.git(&["commit", "-m", "x"]));
}

#[test]
fn the_first_commit_of_all_is_guarded() {
    let scene = Scene::new();
    let ana = scene.at("a");
    std::fs::create_dir_all(&ana.path).expect("folder");
    ana.git(&["init", "-q"]).ok();
    ana.pm(&["init"]).ok();
    reserve(&ana, &["src/**"]);
    let bob = ana.by("Bob");
    bob.write("src/x.rs", "x\n");
    bob.git(&["add", "-A"]).ok();
    stopped(&bob, "src/x.rs", || bob.git(&["commit", "-m", "x"]));
    passes(&ana, || ana.git(&["commit", "-q", "-m", "x"]));
}

// ---- Pushes ----

/// Ana and Bob with a clone each; Ana holds `src/auth.rs`, Bob knows.
fn with_clones(scene: &Scene) -> (Repo, Repo, Repo) {
    let (hub, ana) = scene.with_hub();
    let bob = scene.clone_of(&hub, "b", "Bob");
    reserve(&ana, &["src/auth.rs"]);
    bob.pm(&["sync"]).ok();
    (hub, ana, bob)
}

/// A commit that no hook saw.
fn commit_unseen(repo: &Repo, path: &str) {
    repo.write(path, &format!("unseen in {path}\n"));
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-q", "--no-verify", "-m", "unseen"])
        .ok();
}

#[test]
fn push_catches_what_no_verify_let_through() {
    let scene = Scene::new();
    let (hub, ana, bob) = with_clones(&scene);
    let before = hub.tip("main");
    commit_unseen(&bob, "src/auth.rs");
    commit_unseen(&bob, "README.md");
    for refspec in ["main", "HEAD:refs/heads/new", "HEAD:refs/heads/task/x"] {
        let ran = bob.git(&["push", "origin", refspec]);
        assert_ne!(
            ran.code, 0,
            "Ana's file was overwritten for everybody: {ran:?}"
        );
        assert!(
            ran.err.contains("src/auth.rs") && ran.err.contains("Ana"),
            "{ran:?}"
        );
    }
    assert_eq!(hub.tip("main"), before);
    assert_eq!(hub.git(&["branch", "--list"]).text().lines().count(), 1);
    // The holder pushes.
    ana.write("src/auth.rs", "Ana's\n");
    ana.commit_all("Mine");
    ana.git(&["push", "-q", "origin", "main"]).ok();
}

#[test]
fn a_push_of_a_tag_or_a_merge_is_looked_into() {
    let scene = Scene::new();
    let (_, _, bob) = with_clones(&scene);
    bob.git(&["checkout", "-q", "-b", "side"]).ok();
    commit_unseen(&bob, "src/auth.rs");
    bob.git(&["tag", "-a", "-m", "x", "v1"]).ok();
    let ran = bob.git(&["push", "origin", "v1"]);
    assert!(ran.code != 0 && ran.err.contains("src/auth.rs"), "{ran:?}");
    bob.git(&["checkout", "-q", "main"]).ok();
    bob.git(&["merge", "-q", "--no-ff", "--no-verify", "-m", "x", "side"])
        .ok();
    let ran = bob.git(&["push", "origin", "main"]);
    assert!(ran.code != 0 && ran.err.contains("src/auth.rs"), "{ran:?}");
}

#[test]
fn the_first_push_of_old_history_is_let_through() {
    let scene = Scene::new();
    let (_, ana, bob) = with_clones(&scene);
    scene.bare("new.git");
    // Even though its clock says that it is younger than the reservation.
    let late = ana.with("GIT_COMMITTER_DATE", "2099-01-01T00:00:00Z");
    ana.pm(&["reserve", "release"]).ok();
    ana.write("src/auth.rs", "old\n");
    late.git(&["commit", "-q", "-a", "-m", "old"]).ok();
    ana.git(&["push", "-q", "origin", "main"]).ok();
    reserve(&ana, &["src/auth.rs"]);
    bob.git(&["pull", "-q", "--ff-only"]).ok();
    bob.pm(&["sync"]).ok();
    bob.git(&["push", "-q", "../new.git", "main"]).ok();
    commit_unseen(&bob, "src/auth.rs");
    let ran = bob.git(&["push", "../new.git", "main"]);
    assert!(ran.code != 0 && ran.err.contains("Ana"), "{ran:?}");
}

#[test]
fn what_the_remote_has_already_is_not_judged_again() {
    let scene = Scene::new();
    let (_, ana, bob) = with_clones(&scene);
    ana.git(&["checkout", "-q", "-b", "anas"]).ok();
    ana.write("src/auth.rs", "Ana's\n");
    ana.commit_all("Mine");
    ana.git(&["push", "-q", "origin", "anas"]).ok();
    bob.git(&["fetch", "-q"]).ok();
    bob.git(&["merge", "-q", "--ff-only", "origin/anas"]).ok();
    bob.write("README.md", "# Bob's\n");
    bob.commit_all("On top");
    let ran = bob.git(&["push", "origin", "main"]);
    assert_eq!(
        ran.code, 0,
        "Bob is stopped for what Ana pushed herself: {ran:?}"
    );
}

#[test]
fn the_state_itself_is_pushed_whatever_is_reserved() {
    let scene = Scene::new();
    let (_, _, bob) = with_clones(&scene);
    bob.task("Another", &[]);
    let ran = bob.git(&["push", "origin", "refs/pm/main"]).ok();
    assert!(!ran.err.contains("git pm:"), "{ran:?}");
}

// ---- A server, CI ----

#[test]
fn check_range_in_a_bare_repositorys_pre_receive_rejects_the_push() {
    let scene = Scene::new();
    let (hub, ana, bob) = with_clones(&scene);
    script(
        &scene,
        "hub.git/hooks/pre-receive",
        &format!(
            "while read old new name; do\n  case $name in\n  refs/heads/*) '{}' reserve check --range \"$old..$new\" || exit 1 ;;\n  esac\ndone",
            binary()
        ),
    );
    let before = hub.tip("main");
    commit_unseen(&bob, "src/auth.rs");
    for refspec in ["main", "main:refs/heads/new"] {
        let ran = bob.git(&["push", "--no-verify", "origin", refspec]);
        assert_ne!(ran.code, 0, "the server took it: {ran:?}");
        assert!(
            ran.err.contains("src/auth.rs") && ran.err.contains("Ana"),
            "the server does not say why: {ran:?}"
        );
    }
    assert_eq!(hub.tip("main"), before);
    bob.git(&["reset", "-q", "--hard", "origin/main"]).ok();
    commit_unseen(&bob, "README.md");
    bob.git(&["push", "-q", "--no-verify", "origin", "main"])
        .ok();
    ana.git(&["pull", "-q", "--ff-only", "origin", "main"]).ok();
    ana.write("src/auth.rs", "Ana's\n");
    ana.commit_all("Mine");
    ana.git(&["push", "-q", "origin", "main"]).ok();
    ana.pm(&["sync"]).ok();
}

#[test]
fn check_range_answers_ci() {
    let scene = Scene::new();
    let (_, ana, bob) = with_clones(&scene);
    commit_unseen(&bob, "README.md");
    bob.pm(&["reserve", "check", "--range", "origin/main..HEAD"])
        .ok();
    commit_unseen(&bob, "src/auth.rs");
    let asked = bob.pm(&["--json", "reserve", "check", "--range", "origin/main..HEAD"]);
    let asked = asked.exits(1).data();
    assert_eq!(asked["conflicts"][0]["path"], "src/auth.rs");
    assert_eq!(asked["conflicts"][0]["holder"], "Ana");
    bob.pm(&["reserve", "check", "--range", "origin/main.."])
        .exits(1);
    bob.pm(&["reserve", "check", "--range", "nowhere..HEAD"])
        .exits(5);
    bob.pm(&["reserve", "check", "--range", "HEAD"]).exits(2);
    ana.pm(&["reserve", "release"]).ok();
    bob.pm(&["sync"]).ok();
    bob.pm(&["reserve", "check", "--range", "origin/main..HEAD"])
        .ok();
}

// ---- Strict mode ----

/// A repository in strict mode; `side` changes Ana's file, without her.
fn strict(scene: &Scene) -> (Repo, Repo) {
    let ana = scene.repo("a");
    ana.git(&["checkout", "-q", "-b", "side"]).ok();
    ana.write("src/auth.rs", "side\n");
    ana.commit_all("Side");
    ana.git(&["format-patch", "-q", "-1", "-o", ".git/patches"])
        .ok();
    ana.git(&["checkout", "-q", "main"]).ok();
    ana.write("src/auth.rs", "main\n");
    ana.commit_all("Main");
    ana.pm(&["init"]).ok();
    ana.pm(&["hook", "install", "--strict"]).ok();
    reserve(&ana, &["src/auth.rs"]);
    let bob = ana.by("Bob");
    (ana, bob)
}

/// Requires that strict mode kept `main` where it was.
#[track_caller]
fn kept(repo: &Repo, act: impl FnOnce() -> Ran) {
    let before = repo.tip("refs/heads/main");
    let ran = act();
    assert_ne!(ran.code, 0, "`{}` went through: {ran:?}", ran.what);
    assert_eq!(
        repo.tip("refs/heads/main"),
        before,
        "`{}` moved main",
        ran.what
    );
    assert!(
        ran.err.contains("Ana") && ran.err.contains("src/auth.rs"),
        "{ran:?}"
    );
}

#[test]
fn strict_mode_stops_no_verify() {
    let scene = Scene::new();
    let (ana, bob) = strict(&scene);
    bob.write("src/auth.rs", "Bob's\n");
    kept(&bob, || {
        bob.git(&["commit", "-a", "--no-verify", "-m", "x"])
    });
    passes(&ana, || {
        ana.git(&["commit", "-q", "-a", "--no-verify", "-m", "x"])
    });
}

#[test]
fn strict_mode_stops_cherry_pick_and_revert() {
    let scene = Scene::new();
    let (_, bob) = strict(&scene);
    kept(&bob, || bob.git(&["cherry-pick", "-Xtheirs", "side"]));
    bob.git(&["cherry-pick", "--abort"]);
    bob.git(&["reset", "-q", "--hard"]).ok();
    kept(&bob, || bob.git(&["revert", "--no-edit", "HEAD"]));
}

#[test]
fn strict_mode_stops_rebase_and_am() {
    let scene = Scene::new();
    let (_, bob) = strict(&scene);
    bob.git(&["checkout", "-q", "-b", "topic", "side"]).ok();
    let before = bob.tip("refs/heads/topic");
    let ran = bob.git(&["rebase", "-Xtheirs", "main"]);
    assert!(ran.code != 0 && ran.err.contains("Ana"), "{ran:?}");
    assert_eq!(bob.tip("refs/heads/topic"), before);
    bob.git(&["rebase", "--abort"]);
    bob.git(&["checkout", "-q", "-f", "main"]).ok();
    let base = bob.tip("main~1");
    bob.git(&["checkout", "-q", "-b", "mailed", &base]).ok();
    let before = bob.tip("refs/heads/mailed");
    // At another time than the side branch was made, or it is the very same commit.
    let later = bob.with("GIT_COMMITTER_DATE", "2037-01-01T00:00:00Z");
    let ran = later.run("/bin/sh", &["-c", "git am .git/patches/*.patch"]);
    assert!(ran.code != 0 && ran.err.contains("Ana"), "{ran:?}");
    assert_eq!(bob.tip("refs/heads/mailed"), before);
}

#[test]
fn strict_mode_stops_plumbing() {
    let scene = Scene::new();
    let (_, bob) = strict(&scene);
    let tree = bob.git(&["rev-parse", "side^{tree}"]).text();
    let commit = bob
        .git(&["commit-tree", &tree, "-p", "main", "-m", "x"])
        .ok()
        .text();
    kept(&bob, || {
        bob.git(&["update-ref", "refs/heads/main", &commit])
    });
    kept(&bob, || bob.git(&["branch", "sneaky", &commit]));
    assert_eq!(bob.tip("refs/heads/sneaky"), "");
}

#[test]
fn strict_mode_is_in_nobodys_way() {
    let scene = Scene::new();
    let (ana, bob) = strict(&scene);
    bob.git(&["branch", "copy", "side"]).ok();
    bob.git(&["checkout", "-q", "copy"]).ok();
    bob.git(&["branch", "-q", "-D", "side"]).ok();
    bob.git(&["checkout", "-q", "main"]).ok();
    bob.write("README.md", "# Bob's\n");
    passes(&bob, || bob.git(&["commit", "-q", "-a", "-m", "x"]));
    bob.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    bob.git(&["tag", "v1"]).ok();
    bob.git(&["stash", "-q"]).ok();
    scene.at(".").git(&["clone", "-q", "a", "b"]).ok();
    let id = ana.task("Elsewhere", &["--path", "docs/**"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("docs/guide.md", "Better\n");
    work.commit_all("Better");
    work.pm(&["finish", "--merge"]).ok();
    assert_eq!(ana.read("docs/guide.md"), "Better\n");
}

#[test]
fn strict_mode_lets_a_pull_of_the_holders_work_through() {
    let scene = Scene::new();
    let (_, ana, bob) = with_clones(&scene);
    bob.pm(&["hook", "install", "--strict"]).ok();
    ana.write("src/auth.rs", "Ana's\n");
    ana.commit_all("Mine");
    ana.git(&["push", "-q", "origin", "main"]).ok();
    bob.git(&["pull", "-q", "--ff-only"]).ok();
    assert_eq!(bob.read("src/auth.rs"), "Ana's\n");
}

// ---- Escape ----

// RS-06: recorded, and told to the holder.
#[test]
fn a_bypass_lets_through_is_recorded_and_told() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
    let id = ana.task("Fix login", &[]);
    ana.pm(&["reserve", "add", "src/auth.rs", "--task", &id])
        .ok();
    let bob = ana.by("Bob");
    bob.write("src/auth.rs", "Bob's\n");
    for empty in ["", " "] {
        let not = bob.with("GIT_PM_BYPASS", empty);
        stopped(&bob, "src/auth.rs", || {
            not.git(&["commit", "-a", "-m", "x"])
        });
    }
    let state = ana.tip("refs/pm/main");
    let bypass = bob.with("GIT_PM_BYPASS", "production is down");
    let before = bob.tip("HEAD");
    let ran = bypass.git(&["commit", "-a", "-m", "x"]).ok();
    assert_ne!(bob.tip("HEAD"), before);
    assert!(ran.err.contains("recorded"), "{ran:?}");
    let range = format!("{state}..refs/pm/main");
    let message = ana.git(&["log", "--format=%B", &range]).text();
    assert!(
        message.contains("PM-Actor: Bob") && message.contains("production is down"),
        "{message}"
    );
    let log = ana.pm(&["log"]).ok().out;
    assert!(
        log.contains("bypass") && log.contains("production is down"),
        "{log}"
    );
    let told = ana.data(&["status"])["notices"].to_string();
    for word in ["Bob", "src/auth.rs", "production is down", &id] {
        assert!(told.contains(word), "Ana is not told {word}: {told}");
    }
    // What nobody holds needs no bypass and leaves no record.
    let state = ana.tip("refs/pm/main");
    bob.write("README.md", "# x\n");
    bypass.git(&["commit", "-q", "-a", "-m", "x"]).ok();
    assert_eq!(ana.tip("refs/pm/main"), state);
}

#[test]
fn no_verify_is_an_escape_and_pushing_it_needs_another() {
    let scene = Scene::new();
    let (_, ana, bob) = with_clones(&scene);
    commit_unseen(&bob, "src/auth.rs");
    let bypass = bob.with("GIT_PM_BYPASS", "agreed by phone");
    bypass.git(&["push", "-q", "origin", "main"]).ok();
    bob.pm(&["sync"]).ok();
    ana.pm(&["sync"]).ok();
    let told = ana.data(&["status"])["notices"].to_string();
    assert!(
        told.contains("agreed by phone") && told.contains("push"),
        "{told}"
    );
}

// ---- The trailer ----

/// A started task and its worktree.
fn task_worktree(scene: &Scene) -> Repo {
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
    let id = ana.task("Fix login", &[]);
    assert_eq!(id, "T-0001");
    ana.pm(&["start", &id]).ok();
    ana.worktree(&id)
}

fn trailers(repo: &Repo) -> String {
    let format = "--format=%(trailers:key=Task,valueonly,separator=%x2C)";
    repo.git(&["log", "-1", format]).ok().text()
}

#[test]
fn a_commit_on_a_tasks_branch_carries_the_tasks_trailer() {
    let scene = Scene::new();
    let work = task_worktree(&scene);
    work.write("README.md", "1\n");
    work.commit_all("One");
    assert_eq!(trailers(&work), "T-0001");
    assert_eq!(
        work.git(&["log", "-1", "--format=%B"]).text(),
        "One\n\nTask: T-0001"
    );
    work.git(&["commit", "-q", "--amend", "--no-edit"]).ok();
    assert_eq!(trailers(&work), "T-0001", "once is enough");
    work.write("README.md", "2\n");
    work.git(&["commit", "-q", "-a", "--no-verify", "-m", "Two"])
        .ok();
    assert_eq!(trailers(&work), "T-0001");
    work.write("README.md", "3\n");
    let said = work.feed(
        "git",
        &["commit", "-q", "-a", "-F", "-"],
        "Three\n\nRefs: 5\n",
    );
    said.ok();
    let message = work.git(&["log", "-1", "--format=%B"]).text();
    assert_eq!(message, "Three\n\nRefs: 5\nTask: T-0001");
}

#[test]
fn a_line_with_a_number_sign_is_text_where_git_keeps_it() {
    let scene = Scene::new();
    let work = task_worktree(&scene);
    work.write("README.md", "1\n");
    work.git(&["commit", "-q", "-a", "-m", "Fix", "-m", "#12 is done"])
        .ok();
    assert_eq!(
        trailers(&work),
        "T-0001",
        "the commit cannot be found from its task"
    );
    let editor = script(&scene, "editor", "printf 'Fix\\n\\n#12 again\\n' >\"$1\"");
    work.git(&["config", "core.commentChar", ";"]).ok();
    work.write("README.md", "2\n");
    work.with("GIT_EDITOR", &editor)
        .git(&["commit", "-q", "-a"])
        .ok();
    assert_eq!(trailers(&work), "T-0001");
    // An amended message with the editor open.
    work.with("GIT_EDITOR", "true")
        .git(&["commit", "-q", "--amend"])
        .ok();
    assert_eq!(trailers(&work), "T-0001", "once is enough");
}

#[test]
fn with_an_editor_the_trailer_comes_after_it() {
    let scene = Scene::new();
    let work = task_worktree(&scene);
    let editor = script(
        &scene,
        "editor",
        "/bin/cp \"$1\" \"$1.seen\"\n{ echo 'From the editor'; echo; echo 'Because.'; /bin/cat \"$1.seen\"; } >\"$1\"",
    );
    work.write("README.md", "1\n");
    work.with("GIT_EDITOR", &editor)
        .git(&["commit", "-q", "-a", "-v"])
        .ok();
    assert_eq!(
        work.git(&["log", "-1", "--format=%B"]).text(),
        "From the editor\n\nBecause.\n\nTask: T-0001"
    );
}

// The usual way to change one's mind: leave the editor without a message.
#[test]
fn an_empty_message_still_aborts() {
    let scene = Scene::new();
    let work = task_worktree(&scene).with("GIT_EDITOR", "true");
    let before = work.tip("HEAD");
    work.write("README.md", "1\n");
    for (key, value) in [
        ("core.commentChar", "#"),
        ("core.commentChar", ";"),
        ("core.commentChar", "auto"),
        ("commit.verbose", "true"),
        ("commit.cleanup", "scissors"),
    ] {
        work.git(&["config", key, value]).ok();
        let ran = work.git(&["commit", "-a"]);
        assert_ne!(
            ran.code, 0,
            "with {key}={value} it committed against the author's will: {ran:?}"
        );
        assert_eq!(work.tip("HEAD"), before, "{key}={value}");
    }
}

#[test]
fn an_untouched_template_still_aborts() {
    let scene = Scene::new();
    let work = task_worktree(&scene);
    work.write("../template", "Subject\n\nWhy:\n");
    work.git(&["config", "commit.template", "../template"]).ok();
    let before = work.tip("HEAD");
    work.write("README.md", "1\n");
    let ran = work.with("GIT_EDITOR", "true").git(&["commit", "-a"]);
    assert_ne!(ran.code, 0, "committed against the author's will: {ran:?}");
    assert_eq!(work.tip("HEAD"), before);
    let editor = script(&scene, "editor", "echo 'Edited' >\"$1\"");
    work.with("GIT_EDITOR", &editor)
        .git(&["commit", "-q", "-a"])
        .ok();
    assert_eq!(trailers(&work), "T-0001");
}

#[test]
fn merges_squashes_and_other_branches_get_no_trailer() {
    let scene = Scene::new();
    let work = task_worktree(&scene);
    let main = scene.at("a");
    main.write("docs/guide.md", "on main\n");
    main.commit_all("Main");
    assert_eq!(trailers(&main), "");
    work.write("README.md", "1\n");
    work.commit_all("One");
    work.git(&["merge", "-q", "--no-edit", "main"]).ok();
    assert_eq!(trailers(&work), "", "a merge is not the task's work");
    // A merge with a conflict goes another way.
    main.write("README.md", "main\n");
    main.commit_all("Conflict");
    work.git(&["merge", "main"]).exits(1);
    work.write("README.md", "both\n");
    work.git(&["commit", "-q", "-a", "--no-edit"]).ok();
    assert_eq!(trailers(&work), "");
}

// ---- Agents ----

// SE-04: protected paths.
#[test]
fn agents_do_not_commit_protected_paths() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
    for marker in [
        ("CLAUDECODE", "1"),
        ("AGENT_NAME", "bot"),
        ("CODEX_SANDBOX", "seatbelt"),
    ] {
        let agent = ana.with(marker.0, marker.1);
        for path in [".github/workflows/ci.yml", "infra/main.tf", "secrets/key"] {
            agent.write(path, "x\n");
            agent.git(&["add", "-A"]).ok();
            let before = agent.tip("HEAD");
            let ran = agent.git(&["commit", "-m", "x"]).exits(1);
            assert!(
                ran.err.contains(path) && ran.err.contains("human"),
                "{ran:?}"
            );
            assert_eq!(agent.tip("HEAD"), before);
            // What is an escape from a reservation is none from this.
            agent
                .with("GIT_PM_BYPASS", "please")
                .git(&["commit", "-m", "x"])
                .exits(1);
            agent.git(&["reset", "-q", "--hard"]).ok();
        }
        agent.write("src/infra/x.rs", marker.0);
        agent.git(&["add", "-A"]).ok();
        passes(&agent, || agent.git(&["commit", "-q", "-m", "x"]));
    }
    ana.write("infra/main.tf", "x\n");
    ana.git(&["add", "-A"]).ok();
    passes(&ana, || ana.git(&["commit", "-q", "-m", "x"]));
}

#[test]
fn protected_paths_are_as_configured() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
    ana.git(&["config", "pm.protectedPaths", "deploy/, *.lock"])
        .ok();
    let agent = ana.with("CLAUDECODE", "1");
    for path in ["deploy/x", "Cargo.lock"] {
        agent.write(path, "x\n");
        agent.git(&["add", "-A"]).ok();
        agent.git(&["commit", "-m", "x"]).exits(1);
        agent.git(&["reset", "-q", "--hard"]).ok();
    }
    agent.write("infra/x", "x\n");
    agent.git(&["add", "-A"]).ok();
    passes(&agent, || agent.git(&["commit", "-q", "-m", "x"]));
}

#[test]
fn agents_do_not_push_protected_paths_that_no_hook_saw() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let agent = ana.with("CLAUDECODE", "1");
    commit_unseen(&agent, "infra/main.tf");
    let ran = agent.git(&["push", "origin", "HEAD:refs/heads/topic"]);
    assert!(
        ran.code != 0 && ran.err.contains("infra/main.tf"),
        "{ran:?}"
    );
    assert_eq!(hub.tip("refs/heads/topic"), "");
    ana.git(&["push", "-q", "origin", "HEAD:refs/heads/topic"])
        .ok();
    // Once a human has pushed it, it is in nobody's way.
    ana.git(&["fetch", "-q"]).ok();
    agent.write("README.md", "x\n");
    agent.commit_all("Fine");
    agent
        .git(&["push", "-q", "origin", "HEAD:refs/heads/topic"])
        .ok();
}

// WT-04: protected branches, in both hooks.
#[test]
fn agents_neither_commit_to_nor_push_protected_branches() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    ana.git(&["config", "pm.protectedBranches", "main release"])
        .ok();
    let agent = ana.with("CLAUDECODE", "1");
    let before = hub.tip("main");
    agent.write("README.md", "x\n");
    let ran = agent.git(&["commit", "-a", "-m", "x"]).exits(1);
    assert!(
        ran.err.contains("main") && ran.err.contains("pm.protectedBranches"),
        "{ran:?}"
    );
    assert!(ran.err.contains("git pm start"), "no next command: {ran:?}");
    agent
        .git(&["commit", "-q", "-a", "--no-verify", "-m", "x"])
        .ok();
    let ran = agent.git(&["push", "origin", "main"]);
    assert!(
        ran.code != 0 && ran.err.contains("protected branch main"),
        "{ran:?}"
    );
    // By another name of the source.
    agent.git(&["checkout", "-q", "-b", "topic"]).ok();
    assert_ne!(agent.git(&["push", "origin", "topic:main"]).code, 0);
    assert_ne!(
        agent
            .git(&["push", "origin", "topic:refs/heads/release"])
            .code,
        0
    );
    let ran = agent.git(&["push", "origin", ":main"]);
    assert!(
        ran.code != 0 && ran.err.contains("protected branch main"),
        "an agent may delete what it may not change: {ran:?}"
    );
    assert_eq!(hub.tip("main"), before);
    agent.git(&["push", "-q", "origin", "topic"]).ok();
    // A human may.
    ana.git(&["checkout", "-q", "main"]).ok();
    ana.write("README.md", "y\n");
    ana.git(&["commit", "-q", "-a", "-m", "y"]).ok();
    ana.git(&["push", "-q", "origin", "main"]).ok();
}

// WT-04: the tool itself.
#[test]
fn the_tool_moves_the_target_branch_only_by_merge() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let (here, there) = (ana.tip("main"), hub.tip("main"));
    let id = ana.task("Fix login", &["--path", "src/auth.rs"]);
    ana.pm(&["start", &id]).ok();
    let work = ana.worktree(&id);
    work.write("src/auth.rs", "fixed\n");
    work.commit_all("Fix");
    work.pm(&["finish"]).ok();
    ana.pm(&["task", "approve", &id]).ok();
    ana.pm(&["sync"]).ok();
    assert_eq!(
        (ana.tip("main"), hub.tip("main")),
        (here.clone(), there.clone())
    );
    ana.pm(&["merge", &id]).ok();
    assert_ne!(ana.tip("main"), here);
    ana.pm(&["sync"]).ok();
    assert_eq!(
        hub.tip("main"),
        there,
        "publishing the code is the user's decision"
    );
}

#[test]
fn an_agent_without_a_name_is_asked_for_one_and_a_human_is_not() {
    let scene = Scene::new();
    let (ana, _) = ana_holds(&scene, &["src/auth.rs"]);
    // Commits are possible without a configured identity.
    let nobody = ana
        .with("GIT_CONFIG_GLOBAL", "/dev/null")
        .with("GIT_CONFIG_COUNT", "1")
        .with("GIT_CONFIG_KEY_0", "user.email")
        .with("GIT_CONFIG_VALUE_0", "somebody@example.org");
    nobody.write("README.md", "x\n");
    let agent = nobody.with("CLAUDECODE", "1");
    let guard = |who: &Repo| who.pm(&["hook", "run", "pre-commit"]);
    let ran = guard(&agent).exits(1);
    assert!(ran.err.contains("AGENT_NAME"), "{ran:?}");
    guard(&nobody).ok();
    guard(&agent.with("AGENT_NAME", "bot")).ok();
    // Without a name one is nobody's holder either.
    nobody.write("src/auth.rs", "x\n");
    nobody.git(&["add", "-A"]).ok();
    let ran = guard(&nobody).exits(1);
    assert!(ran.err.contains("Ana"), "{ran:?}");
}

// ---- Malfunction, switching off ----

#[test]
fn a_missing_binary_fails_open_loudly_and_is_noticed() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    let copy = scene.dir.path().join("bin/git-pm");
    std::fs::create_dir_all(copy.parent().expect("a parent")).expect("folder");
    std::fs::copy(binary(), &copy).expect("a copy");
    ana.run(copy.to_str().expect("UTF-8"), &["init"]).ok();
    reserve(&ana, &["src/auth.rs"]);
    std::fs::remove_file(&copy).expect("removed");
    let system = std::env::var("PATH").expect("PATH");
    let without: Vec<&str> = system
        .split(':')
        .filter(|dir| !std::path::Path::new(dir).join("git-pm").exists())
        .collect();
    let bob = ana.by("Bob");
    bob.write("src/auth.rs", "Bob's\n");
    // The one in PATH is the second choice.
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
    let bare = bob.with("PATH", &without.join(":"));
    let ran = bare.git(&["commit", "-a", "-m", "x"]).ok();
    assert!(
        ran.err.contains("warning") && ran.err.contains("git pm doctor"),
        "{ran:?}"
    );
    let doctor = ana.pm(&["doctor"]).exits(1);
    assert!(doctor.out.contains("not guarded"), "{doctor:?}");
}

#[test]
fn a_state_that_cannot_be_read_fails_open_loudly() {
    let scene = Scene::new();
    let (ana, bob) = ana_holds(&scene, &["src/auth.rs"]);
    let file = ana.path.join(".git/refs/pm/main");
    let good = std::fs::read_to_string(&file).expect("the ref");
    bob.write("src/auth.rs", "Bob's\n");
    // The reflog knows an earlier tip: the reservation still holds.
    std::fs::write(&file, format!("{}\n", "1".repeat(40))).expect("written");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
    std::fs::write(&file, good).expect("written");
    // Nothing left to read.
    std::fs::remove_dir_all(ana.path.join(".git/logs/refs/pm")).expect("removed");
    std::fs::write(&file, format!("{}\n", "1".repeat(40))).expect("written");
    let ran = bob.git(&["commit", "-a", "-m", "x"]).ok();
    assert!(
        ran.err.contains("warning") && ran.err.contains("nothing was checked"),
        "the guard was off without a word: {ran:?}"
    );
    assert!(
        ran.err.contains("git pm doctor"),
        "no next command: {ran:?}"
    );
}

#[test]
fn a_guard_that_cannot_write_still_guards() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
    let noon = ana.when("2026-03-01T12:00:00Z");
    let id = noon.task("Fix login", &["--path", "src/auth.rs"]);
    noon.pm(&["start", &id]).ok();
    let work = noon.worktree(&id).when("2026-03-02T11:00:00Z");
    // A renewal is due, and the state's ref is locked by somebody who never lets go.
    let lock = ana.path.join(".git/refs/pm/main.lock");
    std::fs::write(&lock, "").expect("locked");
    work.write("src/auth.rs", "mine\n");
    work.git(&["commit", "-q", "-a", "-m", "x"]).ok();
    let bob = work.by("Bob");
    bob.write("src/auth.rs", "Bob's\n");
    stopped(&bob, "src/auth.rs", || {
        bob.git(&["commit", "-a", "-m", "x"])
    });
}

#[test]
fn doctor_status_and_start_notice_that_the_hooks_are_off() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
    ana.pm(&["doctor"]).ok();
    assert_eq!(ana.data(&["status"])["hooks_active"], true);
    ana.git(&["config", "core.hooksPath", "/dev/null"]).ok();
    let doctor = ana.pm(&["doctor"]).exits(1);
    assert!(
        doctor.out.contains("not guarded") && doctor.out.contains("/dev/null"),
        "{doctor:?}"
    );
    assert_eq!(ana.data(&["status"])["hooks_active"], false);
    let id = ana.task("Fix login", &[]);
    let started = ana.pm(&["start", &id]).ok();
    let said = format!("{}{}", started.out, started.err);
    assert!(
        said.contains("not guarded") && said.contains("git pm hook install"),
        "{said}"
    );
    ana.git(&["config", "--unset", "core.hooksPath"]).ok();
    ana.pm(&["doctor"]).ok();
}

#[test]
fn uninstalling_the_hooks_restores_every_file_and_lets_go() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    let earlier = script(&scene, "a/.git/hooks/pre-commit", "echo earlier >&2");
    let hooks = |repo: &Repo| {
        let list =
            "cd .git/hooks && for f in *; do printf '%s ' \"$f\"; git hash-object \"$f\"; done";
        repo.run("/bin/sh", &["-c", list]).ok().text()
    };
    let before = (
        hooks(&ana),
        ana.git(&["config", "--local", "--list"]).text(),
    );
    ana.pm(&["init"]).ok();
    let with_pm = ana.git(&["config", "--local", "--list"]).text();
    assert_ne!(hooks(&ana), before.0);
    reserve(&ana, &["src/auth.rs"]);
    let bob = ana.by("Bob");
    bob.write("src/auth.rs", "Bob's\n");
    let ran = bob.git(&["commit", "-a", "-m", "x"]).exits(1);
    assert!(
        ran.err.starts_with("earlier\n"),
        "earlier hooks run first: {ran:?}"
    );
    ana.pm(&["hook", "install", "--strict"]).ok();
    ana.pm(&["hook", "uninstall"]).ok();
    assert_eq!(hooks(&ana), before.0);
    assert_eq!(ana.git(&["config", "--local", "--list"]).text(), with_pm);
    assert!(std::path::Path::new(&earlier).exists());
    let ran = bob.git(&["commit", "-a", "-m", "x"]).ok();
    assert_eq!(ran.err.trim(), "earlier");
    ana.pm(&["hook", "install"]).ok();
    ana.pm(&["uninstall"]).ok();
    let after = (
        hooks(&ana),
        ana.git(&["config", "--local", "--list"]).text(),
    );
    assert_eq!(after, before);
}

#[test]
fn without_state_the_hooks_are_silent() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
    ana.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    ana.write("README.md", "x\n");
    passes(&ana, || ana.git(&["commit", "-q", "-a", "-m", "x"]));
}

// Agents work around slow guards.
#[test]
fn two_hundred_files_against_a_hundred_reservations_take_well_under_a_second() {
    let scene = Scene::new();
    let ana = scene.repo("a");
    ana.pm(&["init"]).ok();
    let vars = [
        ("GIT_CONFIG_NOSYSTEM", "1".into()),
        (
            "GIT_CONFIG_GLOBAL",
            scene.dir.path().join("home/gitconfig").into(),
        ),
        ("PATH", std::env::var_os("PATH").unwrap_or_default()),
    ];
    let vars = vars
        .into_iter()
        .map(|(key, value)| (key.to_string(), value))
        .collect();
    let env = git_pm::Env::new(ana.path.clone(), vars);
    let pm = git_pm::Pm::open(env, git_pm::Options::default()).expect("the repository");
    for n in 0..100 {
        let request = git_pm::coordinate::reserve::ops::ReserveRequest {
            patterns: vec![format!("held/{n}/**/*.rs"), format!("docs/{n}-*.md")],
            mode: "commit".into(),
            new: true,
            task: None,
            ttl_ms: None,
            shared: false,
            advisory: false,
            reason: None,
        };
        pm.reserve_add(&request).expect("granted");
    }
    let bob = ana.by("Bob");
    for n in 0..200 {
        bob.write(&format!("free/{}/file-{n}.rs", n % 20), "x\n");
    }
    bob.git(&["add", "-A"]).ok();
    let quickest = (0..3)
        .map(|_| {
            let begin = std::time::Instant::now();
            bob.pm(&["hook", "run", "pre-commit"]).ok();
            begin.elapsed()
        })
        .min()
        .expect("three runs");
    assert!(quickest.as_millis() < 500, "the guard took {quickest:?}");
    bob.write("held/7/x/y.rs", "x\n");
    bob.git(&["add", "-A"]).ok();
    bob.git(&["commit", "-m", "x"]).exits(1);
}
