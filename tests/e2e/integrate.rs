//! A target branch moves by compare-and-swap, its checkouts follow or refuse first, and nobody's
//! local changes are lost on the way.

use std::fs;

use crate::checkout::{TestRepo, commit, read, run, status, write};
use git_pm::coordinate::worktree::{self, AddOptions};
use git_pm::error::Kind;
use git_pm::store::git::process::Git;
use git_pm::work::task::integrate::{IntegrateOptions, Integrated, Strategy, prepare};

const README: &str = "one\ntwo\nthree\nfour\nfive\n";

fn options(branch: &str, strategy: Strategy) -> IntegrateOptions {
    IntegrateOptions {
        branch: branch.into(),
        target: "main".into(),
        strategy,
        message: format!("{branch}: done"),
    }
}

fn integrate(git: &Git, options: &IntegrateOptions) -> git_pm::Result<Integrated> {
    prepare(git, options)?.apply()
}

#[track_caller]
fn refused(git: &Git, branch: &str, strategy: Strategy, kind: Kind) -> String {
    let before = run(git, &["for-each-ref"]);
    let error = integrate(git, &options(branch, strategy)).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(!error.hints().is_empty(), "{error}");
    assert_eq!(run(git, &["for-each-ref"]), before, "a refusal moved a ref");
    error.message().to_string()
}

fn log(repo: &TestRepo, format: &str) -> Vec<String> {
    let format = format!("--format={format}");
    let log = repo.run(&["log", &format, "main"]);
    log.lines().map(str::to_string).collect()
}

/// `task/a` with two commits from the first one, and `main` one further.
fn diverged() -> TestRepo {
    let repo = TestRepo::new();
    repo.on_branch("task/a", "main", &[("src/a.rs", "a\n")]);
    repo.on_branch("task/a", "", &[("src/lib.rs", "fn a() { a }\n")]);
    repo.write("docs/b.md", "b\n");
    repo.commit("on main");
    repo
}

#[test]
fn strategies_by_name() {
    assert_eq!(Strategy::default(), Strategy::Squash);
    for s in [Strategy::Squash, Strategy::Merge, Strategy::Rebase] {
        assert_eq!(s.to_string().parse::<Strategy>().unwrap(), s);
        assert_eq!(serde_json::to_string(&s).unwrap(), format!("\"{s}\""));
    }
    assert_eq!(
        "octopus".parse::<Strategy>().unwrap_err().kind(),
        Kind::Usage
    );
}

#[test]
fn a_squash_is_one_commit_by_the_author_and_keeps_the_branch_commits() {
    let repo = diverged();
    let tip = repo.run(&["rev-parse", "task/a"]);
    let git = repo.git.with_env("GIT_AUTHOR_NAME", "Grace");
    let done = integrate(&git, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(done.new, repo.run(&["rev-parse", "main"]));
    assert_eq!(
        log(&repo, "%an %cn %s"),
        ["Grace Ada task/a: done", "Ada Ada on main", "Ada Ada first"]
    );
    assert_eq!(done.touched, ["src/a.rs", "src/lib.rs"]);
    assert_eq!(read(&repo.root, "src/lib.rs"), "fn a() { a }\n");
    assert!(status(&repo.git).is_empty());
    assert_eq!(
        done.backup.as_deref(),
        Some("refs/pm-local/backup/task/a/1700000000")
    );
    assert_eq!(repo.run(&["rev-parse", &done.backup.unwrap()]), tip);
    assert!(
        repo.run(&["reflog", "-1", "main"])
            .contains("git pm: squash task/a into main")
    );
    refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused);
    refused(&repo.git, "task/a", Strategy::Merge, Kind::Refused);
    refused(&repo.git, "task/a", Strategy::Rebase, Kind::Refused);
}

#[test]
fn a_second_squash_in_the_same_second_has_a_backup_of_its_own() {
    let repo = diverged();
    let first = integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    repo.on_branch("task/a", "", &[("more.txt", "x")]);
    let second = integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert_ne!(first.backup, second.backup);
}

#[test]
fn a_merge_is_a_merge_commit_even_where_a_fast_forward_would_do() {
    let repo = TestRepo::new();
    let tip = repo.on_branch("task/a", "main", &[("src/a.rs", "a\n")]);
    let done = integrate(&repo.git, &options("task/a", Strategy::Merge)).unwrap();
    assert_eq!(repo.run(&["rev-parse", "main^1"]), done.old);
    assert_eq!(repo.run(&["rev-parse", "main^2"]), tip);
    assert!(done.backup.is_none() && status(&repo.git).is_empty());
}

#[test]
fn a_rebase_keeps_authors_messages_and_drops_what_is_there_already() {
    let repo = TestRepo::new();
    let place = repo.base().join("scratch");
    repo.run(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "task/a",
        place.to_str().unwrap(),
    ]);
    let grace = repo
        .git
        .at(&place)
        .with_env("GIT_AUTHOR_NAME", "Grace")
        .with_env("GIT_AUTHOR_DATE", "1600000000 +0530");
    write(&place, "a", "a\n");
    commit(&grace, "subject\n\nbody\n  indented ü");
    write(&place, "b", "b\n");
    commit(&grace, "already there");
    commit(&grace, "empty on purpose");
    write(&place, "c", "c\n");
    run(&grace, &["add", "-A"]);
    run(
        &grace,
        &[
            "-c",
            "i18n.commitEncoding=ISO-8859-1",
            "commit",
            "-q",
            "-m",
            "latin",
        ],
    );
    repo.write("b", "b\n");
    repo.commit("on main");
    integrate(&repo.git, &options("task/a", Strategy::Rebase)).unwrap();
    assert_eq!(
        log(&repo, "%an %cn %s"),
        [
            "Grace Ada latin",
            "Grace Ada empty on purpose",
            "Grace Ada subject",
            "Ada Ada on main",
            "Ada Ada first"
        ]
    );
    assert_eq!(
        repo.run(&["log", "-1", "--format=%at %ai|%B", "main~2"]),
        "1600000000 2020-09-13 17:56:40 +0530|subject\n\nbody\n  indented ü"
    );
    assert!(
        repo.run(&["cat-file", "commit", "main"])
            .contains("encoding ISO-8859-1")
    );
    assert!(status(&repo.git).is_empty());
    repo.run(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn a_rebase_that_needs_none_moves_to_the_branch_itself() {
    let repo = TestRepo::new();
    let tip = repo.on_branch("task/a", "main", &[("a", "a")]);
    let done = integrate(&repo.git, &options("task/a", Strategy::Rebase)).unwrap();
    assert_eq!(done.new, tip);
}

#[test]
fn a_rebase_refuses_merge_commits() {
    let repo = diverged();
    let place = repo.base().join("scratch");
    repo.run(&["worktree", "add", "-q", place.to_str().unwrap(), "task/a"]);
    run(&repo.git.at(&place), &["merge", "-q", "--no-edit", "main"]);
    let message = refused(&repo.git, "task/a", Strategy::Rebase, Kind::Refused);
    assert!(message.contains("merge commit"), "{message}");
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
}

#[test]
fn conflicts_name_the_files() {
    let repo = TestRepo::new();
    repo.on_branch(
        "task/a",
        "main",
        &[
            ("README.md", "theirs\n"),
            ("docs/a.md", "theirs\n"),
            ("ok", "x"),
        ],
    );
    repo.write("README.md", "ours\n");
    repo.write("docs/a.md", "ours\n");
    repo.commit("ours");
    for strategy in [Strategy::Squash, Strategy::Merge, Strategy::Rebase] {
        let message = refused(&repo.git, "task/a", strategy, Kind::Conflict);
        assert!(
            message.contains("README.md, docs/a.md") && !message.contains("ok"),
            "{message}"
        );
    }
    assert!(status(&repo.git).is_empty());
}

#[test]
fn what_cannot_be_integrated() {
    let repo = diverged();
    refused(&repo.git, "task/none", Strategy::Squash, Kind::NotFound);
    refused(&repo.git, "main", Strategy::Squash, Kind::Usage);
    let silent = IntegrateOptions {
        message: " \n".into(),
        ..options("task/a", Strategy::Squash)
    };
    assert_eq!(
        integrate(&repo.git, &silent).unwrap_err().kind(),
        Kind::Usage
    );
    let nowhere = IntegrateOptions {
        target: "none".into(),
        ..options("task/a", Strategy::Squash)
    };
    assert_eq!(
        integrate(&repo.git, &nowhere).unwrap_err().kind(),
        Kind::NotFound
    );
    repo.run(&["branch", "task/behind", "main~1"]);
    refused(&repo.git, "task/behind", Strategy::Merge, Kind::Refused);
    repo.run(&["checkout", "-q", "--orphan", "other"]);
    repo.commit("root");
    let message = refused(&repo.git, "other", Strategy::Squash, Kind::Refused);
    assert!(message.contains("no history"), "{message}");
}

#[test]
fn unrelated_local_changes_stay_as_they_are() {
    let repo = diverged();
    repo.write("README.md", "edited\n");
    repo.write("docs/a.md", "staged\n");
    repo.run(&["add", "docs/a.md"]);
    repo.write("docs/a.md", "staged, and edited\n");
    repo.write("note.txt", "untracked");
    let before = status(&repo.git);
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(status(&repo.git), before);
    assert_eq!(read(&repo.root, "README.md"), "edited\n");
    assert_eq!(repo.run(&["show", ":docs/a.md"]), "staged");
    assert_eq!(read(&repo.root, "docs/a.md"), "staged, and edited\n");
    assert_eq!(read(&repo.root, "src/a.rs"), "a\n");
}

#[test]
fn local_changes_in_touched_files_refuse_before_the_swap() {
    let repo = diverged();
    let no = |what: &str| {
        let before = status(&repo.git);
        let message = refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused);
        assert!(message.contains(what), "{message}");
        assert_eq!(status(&repo.git), before);
    };
    repo.write("src/lib.rs", "mine\n");
    no("src/lib.rs");
    repo.run(&["add", "src/lib.rs"]);
    no("src/lib.rs");
    repo.run(&["reset", "-q", "--hard"]);
    fs::remove_file(repo.root.join("src/lib.rs")).unwrap();
    no("src/lib.rs");
    repo.run(&["reset", "-q", "--hard"]);
    repo.write("src/a.rs", "mine\n");
    no("src/a.rs");
    assert_eq!(read(&repo.root, "src/a.rs"), "mine\n");
    fs::remove_file(repo.root.join("src/a.rs")).unwrap();
    repo.write("src/a.rs/x", "mine\n");
    no("src/a.rs/x");
    fs::remove_dir_all(repo.root.join("src/a.rs")).unwrap();
    // Only touched, not changed: not in the way.
    repo.write("src/lib.rs", "fn a() {}\n");
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
}

#[test]
fn ignored_files_are_not_overwritten_either() {
    let repo = TestRepo::new();
    repo.on_branch(
        "task/a",
        "main",
        &[
            (".gitignore", "target/\n"),
            ("x.log", "theirs"),
            ("d.log/y", "y"),
        ],
    );
    repo.write("x.log", "mine");
    assert!(refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused).contains("x.log"));
    assert_eq!(read(&repo.root, "x.log"), "mine");
    fs::remove_file(repo.root.join("x.log")).unwrap();
    repo.write("d.log", "mine");
    assert!(refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused).contains("d.log"));
    fs::remove_file(repo.root.join("d.log")).unwrap();
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
}

#[test]
fn a_checkout_in_the_middle_of_something_refuses() {
    let repo = diverged();
    repo.on_branch("side", "main", &[("README.md", "side\n")]);
    repo.on_branch("side2", "main", &[("README.md", "main\n")]);
    repo.run(&["merge", "-q", "--ff-only", "side2"]);
    assert!(!repo.git.run(&["merge", "side"]).unwrap().ok());
    assert!(refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused).contains("a merge is"));
    repo.run(&["merge", "--abort"]);
    assert!(!repo.git.run(&["rebase", "side"]).unwrap().ok());
    assert!(refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused).contains("a rebase is"));
    repo.run(&["rebase", "--abort"]);
    fs::write(repo.root.join(".git/index.lock"), "").unwrap();
    refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused);
    fs::remove_file(repo.root.join(".git/index.lock")).unwrap();
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
}

#[test]
fn a_target_that_is_checked_out_nowhere_or_elsewhere() {
    let repo = diverged();
    repo.run(&["checkout", "-q", "-b", "mine"]);
    repo.write("src/lib.rs", "mine\n");
    let at = repo.base().join("of main");
    repo.run(&["worktree", "add", "-q", at.to_str().unwrap(), "main"]);
    // Run from a task's own worktree, as `finish --merge` does.
    let task = repo.base().join("task");
    let add = AddOptions {
        new_branch: false,
        ..AddOptions::new(&task, "task/a", "")
    };
    worktree::add(&repo.git, &add).unwrap();
    let inside = repo.git.at(task.join("src"));
    integrate(&inside, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(read(&at, "src/lib.rs"), "fn a() { a }\n");
    assert_eq!(read(&repo.root, "src/lib.rs"), "mine\n");

    fs::remove_dir_all(&at).unwrap();
    write(&task, "more", "x");
    commit(&inside, "more");
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert!(!at.exists());
}

#[test]
fn two_checkouts_of_the_target_both_follow_or_both_stay() {
    let repo = diverged();
    let at = repo.base().join("second");
    repo.run(&[
        "worktree",
        "add",
        "-q",
        "--force",
        at.to_str().unwrap(),
        "main",
    ]);
    write(&at, "src/lib.rs", "mine\n");
    refused(&repo.git, "task/a", Strategy::Squash, Kind::Refused);
    assert!(status(&repo.git).is_empty());
    run(&repo.git.at(&at), &["checkout", "-q", "."]);
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(read(&at, "src/lib.rs"), "fn a() { a }\n");
    assert_eq!(read(&repo.root, "src/lib.rs"), "fn a() { a }\n");
    assert!(status(&repo.git).is_empty() && status(&repo.git.at(&at)).is_empty());
}

#[test]
fn of_two_racing_integrations_one_wins_and_the_other_runs_again() {
    let repo = diverged();
    repo.on_branch("task/b", "main", &[("src/b.rs", "b\n")]);
    let a = prepare(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    let b = prepare(&repo.git, &options("task/b", Strategy::Squash)).unwrap();
    let won = a.apply().unwrap();
    let lost = b.apply().unwrap_err();
    assert_eq!(lost.kind(), Kind::Conflict);
    assert!(lost.message().contains("moved meanwhile") && lost.hints()[0].contains("again"));
    assert_eq!(repo.run(&["rev-parse", "main"]), won.new);
    assert!(status(&repo.git).is_empty());
    integrate(&repo.git, &options("task/b", Strategy::Squash)).unwrap();
    assert_eq!(log(&repo, "%s")[..2], ["task/b: done", "task/a: done"]);
}

#[test]
fn a_commit_on_the_branch_meanwhile_is_not_left_out_silently() {
    let repo = diverged();
    let a = prepare(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    repo.on_branch("task/a", "", &[("late", "x")]);
    assert_eq!(a.apply().unwrap_err().kind(), Kind::Conflict);
}

#[test]
fn many_at_once_all_land_and_the_checkout_is_whole() {
    let repo = TestRepo::new();
    let names: Vec<String> = (0..6).map(|n| format!("task/{n}")).collect();
    for name in &names {
        repo.on_branch(name, "main", &[(&format!("{name}.txt"), name)]);
    }
    std::thread::scope(|scope| {
        let run = |name: &String| {
            let (git, options) = (repo.git.clone(), options(name, Strategy::Squash));
            scope.spawn(move || {
                for _ in 0..50 {
                    match integrate(&git, &options) {
                        Ok(Integrated { .. }) => return,
                        Err(e) => assert_eq!(e.kind(), Kind::Conflict, "{e}"),
                    }
                }
                panic!("never landed")
            })
        };
        let threads: Vec<_> = names.iter().map(run).collect();
        threads.into_iter().for_each(|t| t.join().unwrap());
    });
    assert_eq!(log(&repo, "%s").len(), 7);
    assert!(status(&repo.git).is_empty());
    assert!(
        names
            .iter()
            .all(|n| read(&repo.root, &format!("{n}.txt")) == *n)
    );
}

#[cfg(unix)]
#[test]
fn a_checkout_that_fails_after_the_swap_takes_it_back() {
    let repo = TestRepo::new();
    repo.write(".gitattributes", "*.bin filter=odd\n");
    repo.write("gone.txt", "gone");
    repo.commit("filtered");
    let place = repo.base().join("scratch");
    repo.run(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "task/a",
        place.to_str().unwrap(),
    ]);
    write(&place, "a/new.txt", "new");
    write(&place, "README.md", "other\n");
    write(&place, "x.bin", "x");
    fs::remove_file(place.join("gone.txt")).unwrap();
    commit(&repo.git.at(&place), "work");
    // As git-lfs behaves without its server.
    repo.run(&["config", "filter.odd.clean", "cat"]);
    repo.run(&["config", "filter.odd.smudge", "false"]);
    repo.run(&["config", "filter.odd.required", "true"]);
    repo.write("docs/a.md", "local\n");
    let (main, before) = (repo.run(&["rev-parse", "main"]), status(&repo.git));
    let error = integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap_err();
    assert_eq!(error.kind(), Kind::Refused, "{error}");
    assert!(error.message().contains("was not moved"), "{error}");
    assert_eq!(repo.run(&["rev-parse", "main"]), main);
    assert_eq!(status(&repo.git), before);
    assert_eq!(read(&repo.root, "README.md"), README);
    assert!(repo.root.join("gone.txt").exists() && !repo.root.join("a").exists());

    repo.run(&["config", "filter.odd.smudge", "cat"]);
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(status(&repo.git), before);
}

#[cfg(unix)]
#[test]
fn renames_modes_links_and_odd_names_come_over() {
    use std::os::unix::fs::PermissionsExt;
    for format in ["sha1", "sha256"] {
        let repo = TestRepo::with_format(format);
        let place = repo.base().join("scratch");
        repo.run(&[
            "worktree",
            "add",
            "-q",
            "-b",
            "task/a",
            place.to_str().unwrap(),
        ]);
        let git = repo.git.at(&place);
        run(&git, &["mv", "README.md", "READ ME\n2.md"]);
        write(&place, "run.sh", "#!/bin/sh\n");
        fs::set_permissions(place.join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        std::os::unix::fs::symlink("run.sh", place.join("link")).unwrap();
        fs::remove_file(place.join("docs/a.md")).unwrap();
        fs::remove_dir(place.join("docs")).unwrap();
        fs::write(place.join("docs"), "a file now").unwrap();
        commit(&git, "all sorts");
        // The other side edits what was renamed.
        repo.write("README.md", &README.replace("five", "FIVE"));
        repo.commit("edited");
        let done = integrate(&repo.git, &options("task/a", Strategy::Rebase)).unwrap();
        assert!(done.touched.contains(&"READ ME\n2.md".to_string()));
        assert!(status(&repo.git).is_empty());
        assert!(read(&repo.root, "READ ME\n2.md").contains("FIVE"));
        assert_eq!(read(&repo.root, "docs"), "a file now");
        let mode = fs::metadata(repo.root.join("run.sh"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o111, 0o111);
        assert!(repo.root.join("link").is_symlink());
    }
}

#[test]
fn submodule_entries_come_over_and_a_submodule_can_be_integrated_itself() {
    let inner = TestRepo::new();
    inner.on_branch("task/a", "main", &[("in", "x")]);
    let repo = TestRepo::new();
    let place = repo.base().join("scratch");
    repo.run(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "task/sub",
        place.to_str().unwrap(),
    ]);
    let git = repo.git.at(&place);
    run(
        &git,
        &[
            "submodule",
            "add",
            "-q",
            inner.root.to_str().unwrap(),
            "sub",
        ],
    );
    commit(&git, "with a submodule");
    let done = integrate(&repo.git, &options("task/sub", Strategy::Squash)).unwrap();
    assert_eq!(done.touched, [".gitmodules", "sub"]);
    assert!(repo.run(&["ls-tree", "main", "sub"]).starts_with("160000 "));
    assert!(status(&repo.git).is_empty());

    repo.run(&["submodule", "update", "-q", "--init"]);
    let sub = repo.git.at(repo.root.join("sub"));
    run(&sub, &["checkout", "-q", "main"]);
    run(&sub, &["branch", "-q", "task/a", "origin/task/a"]);
    integrate(&sub, &options("task/a", Strategy::Squash)).unwrap();
    assert!(status(&sub).is_empty());
    assert_eq!(read(&repo.root, "sub/in"), "x");
}

#[test]
fn a_bare_repository() {
    let repo = diverged();
    let bare = repo.base().join("app.git");
    repo.run(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let git = repo.git.at(&bare);
    integrate(&git, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(run(&git, &["show", "main:src/a.rs"]), "a");
}

#[test]
fn a_sparse_checkout_of_the_target_stays_sparse() {
    let repo = diverged();
    repo.run(&["sparse-checkout", "set", "--cone", "docs"]);
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert!(!repo.root.join("src").exists() && status(&repo.git).is_empty());
}

#[cfg(unix)]
#[test]
fn no_hook_of_the_user_runs() {
    use std::os::unix::fs::PermissionsExt;
    let repo = diverged();
    let hooks = repo.root.join(".git/hooks");
    let seen = repo.base().join("seen");
    fs::create_dir_all(&hooks).unwrap();
    for name in [
        "reference-transaction",
        "post-index-change",
        "post-checkout",
        "pre-commit",
        "commit-msg",
    ] {
        let file = hooks.join(name);
        fs::write(
            &file,
            format!("#!/bin/sh\necho {name} >> '{}'\n", seen.display()),
        )
        .unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    integrate(&repo.git, &options("task/a", Strategy::Squash)).unwrap();
    assert!(
        !seen.exists(),
        "ran: {}",
        fs::read_to_string(&seen).unwrap()
    );
}

#[test]
fn attributes_come_from_the_target_not_from_where_git_runs() {
    let repo = TestRepo::new();
    repo.write(".gitattributes", "*.md merge=union\n");
    repo.commit("union");
    repo.on_branch("task/a", "main", &[("docs/a.md", "a\ntheirs\n")]);
    repo.write("docs/a.md", "a\nours\n");
    repo.commit("ours");
    let elsewhere = repo.base().join("elsewhere");
    repo.run(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "old",
        elsewhere.to_str().unwrap(),
        "main~2",
    ]);
    let inside = repo.git.at(&elsewhere);
    integrate(&inside, &options("task/a", Strategy::Squash)).unwrap();
    assert_eq!(read(&repo.root, "docs/a.md"), "a\nours\ntheirs\n");
}

#[test]
fn a_symbolic_branch_moves_what_it_names() {
    let repo = diverged();
    repo.run(&["symbolic-ref", "refs/heads/stable", "refs/heads/main"]);
    let onto = IntegrateOptions {
        target: "stable".into(),
        ..options("task/a", Strategy::Squash)
    };
    let done = integrate(&repo.git, &onto).unwrap();
    assert_eq!(repo.run(&["rev-parse", "main"]), done.new);
    assert_eq!(
        repo.run(&["symbolic-ref", "refs/heads/stable"]),
        "refs/heads/main"
    );
    assert_eq!(read(&repo.root, "src/lib.rs"), "fn a() { a }\n");
    assert!(status(&repo.git).is_empty());
}
