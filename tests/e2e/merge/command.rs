//! `git pm merge`: when it moves the target and when it refuses.

use super::{alone, approved, changes_nothing, status, worked};
use crate::support::{Repo, Scene};

// ST-08: squash is the default. TM-02, TM-05.
#[test]
fn merge_moves_the_target() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, place) = worked(&repo, "Fix the login", "src/auth.rs", "one\n");
    place.write("src/auth.rs", "two\n");
    place.commit_all("Another commit");
    let tip = place.tip("HEAD");
    repo.pm(&["finish", &id]).ok();
    assert_eq!(status(&repo, &id), "in_review");
    repo.pm(&["task", "approve", &id]).ok();
    assert_eq!(status(&repo, &id), "ready_for_integration");
    let before = repo.tip("main");
    let merged = repo.data(&["merge", &id]);
    assert_eq!(merged["status"], "done");
    assert_eq!(merged["merged"]["strategy"], "squash");
    assert_eq!(merged["merged"]["old"], before);
    assert_eq!(merged["merged"]["new"], repo.tip("main"));
    assert_eq!(repo.tip("main^"), before, "one commit on top");
    assert_eq!(repo.read("src/auth.rs"), "two\n");
    assert_eq!(repo.git(&["status", "--porcelain"]).ok().out, "");
    assert!(!place.path.exists(), "the clean worktree stays");
    let message = repo.git(&["log", "-1", "--format=%B"]).text();
    assert!(message.starts_with("Fix the login\n"), "{message}");
    assert!(message.contains(&format!("Task: {id}")), "{message}");
    // The branch's own commits are kept.
    let backup = merged["merged"]["backup"].as_str().unwrap();
    assert_eq!(repo.tip(backup), tip);
    let subject = repo.git(&["log", "-1", "--format=%s", "refs/pm/main"]);
    assert_eq!(subject.text(), format!("{id}: mark task done"));
}

// ST-08
#[test]
fn merge_and_rebase_are_chosen_by_flag_or_setting() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (one, _) = approved(&repo, "One", "one.txt", "1\n");
    let (two, place) = worked(&repo, "Two", "two.txt", "2\n");
    place.write("two.txt", "2\n2\n");
    place.commit_all("Two again");
    repo.pm(&["finish", &two]).ok();
    repo.pm(&["task", "approve", &two]).ok();
    let (three, _) = approved(&repo, "Three", "three.txt", "3\n");
    repo.pm(&["merge", &one, "--strategy", "fly"]).exits(2);
    let tip = repo.tip("task/T-0001-one");
    let merged = repo.data(&["merge", &one, "--strategy", "merge"]);
    assert_eq!(merged["merged"]["strategy"], "merge");
    assert_eq!(repo.tip("main^2"), tip, "no merge commit");
    repo.git(&["config", "pm.mergeStrategy", "rebase"]).ok();
    let merged = repo.data(&["merge", &two]);
    assert_eq!(merged["merged"]["strategy"], "rebase");
    let log = repo.git(&["log", "-2", "--format=%s"]).text();
    assert_eq!(log, "Two again\nTwo");
    repo.git(&["config", "pm.mergeStrategy", "fly"]).ok();
    changes_nothing(&repo, &["merge", &three], 2);
    let merged = repo.data(&["merge", &three, "--strategy", "squash"]);
    assert_eq!(merged["merged"]["strategy"], "squash");
    assert_eq!(repo.read("one.txt") + &repo.read("three.txt"), "1\n3\n");
}

#[test]
fn unapproved_work_is_not_merged() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, _) = worked(&repo, "Fix", "a.txt", "a\n");
    let refused = changes_nothing(&repo, &["merge", &id], 1);
    assert!(refused.err.contains("finish"), "{}", refused.err);
    repo.pm(&["finish", &id]).ok();
    let refused = changes_nothing(&repo, &["merge", &id], 1);
    assert!(
        refused.err.contains(&format!("git pm task approve {id}")),
        "{}",
        refused.err
    );
    changes_nothing(&repo, &["merge", "T-0099"], 4);
}

#[test]
fn merge_requires_dependencies_to_be_merged_first() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (first, _) = approved(&repo, "First", "first.txt", "1\n");
    let (second, _) = approved(&repo, "Second", "second.txt", "2\n");
    repo.pm(&["dep", "add", &second, &first]).ok();
    let refused = changes_nothing(&repo, &["merge", &second], 1);
    assert!(
        refused.err.contains(&format!("git pm merge {first}")),
        "{}",
        refused.err
    );
    repo.pm(&["merge", &first]).ok();
    repo.pm(&["merge", &second]).ok();
    assert_eq!(status(&repo, &second), "done");
}

#[test]
fn local_changes_in_a_checkout_of_the_target_refuse_a_merge_before_the_swap() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, _) = approved(&repo, "Fix", "src/auth.rs", "theirs\n");
    repo.write("src/auth.rs", "mine\n");
    let refused = changes_nothing(&repo, &["merge", &id], 1);
    assert!(refused.err.contains("src/auth.rs"), "{}", refused.err);
    assert_eq!(repo.read("src/auth.rs"), "mine\n", "work is lost");
    repo.git(&["restore", "src/auth.rs"]).ok();
    // Local changes in other files do not prevent the merge, and stay.
    repo.write("docs/guide.md", "mine\n");
    repo.write("untracked.txt", "mine\n");
    repo.pm(&["merge", &id]).ok();
    assert_eq!(repo.read("src/auth.rs"), "theirs\n");
    assert_eq!(repo.read("docs/guide.md"), "mine\n", "work is lost");
    assert_eq!(repo.read("untracked.txt"), "mine\n", "work is lost");
}

#[test]
fn files_reserved_by_others_refuse_a_merge() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, _) = approved(&repo, "Fix", "src/auth.rs", "new\n");
    repo.by("Ben").pm(&["reserve", "add", "src/**"]).ok();
    let refused = changes_nothing(&repo, &["merge", &id], 1);
    assert!(
        refused.err.contains("Ben") && refused.err.contains("src/auth.rs"),
        "{}",
        refused.err
    );
    let json = repo.pm(&["--json", "merge", &id]).exits(1);
    assert_eq!(json.error()["conflicts"][0]["holder"], "Ben");
    repo.by("Ben").pm(&["reserve", "release"]).ok();
    repo.pm(&["merge", &id]).ok();
}

/// The work is in progress again, and is submitted again with the target merged into it.
#[test]
fn a_conflict_names_the_files_and_moves_no_branch() {
    for how in ["squash", "merge", "rebase"] {
        let scene = Scene::new();
        let repo = alone(&scene);
        let (id, place) = approved(&repo, "Fix", "src/auth.rs", "theirs\n");
        repo.write("src/auth.rs", "ours\n");
        repo.commit_all("Ours");
        let tips = [repo.tip("main"), place.tip("HEAD")];
        let refused = repo.pm(&["merge", &id, "--strategy", how]).exits(3);
        assert!(refused.err.contains("src/auth.rs"), "{}", refused.err);
        assert!(refused.err.contains("git merge main"), "{}", refused.err);
        assert_eq!([repo.tip("main"), place.tip("HEAD")], tips);
        assert_eq!(repo.read("src/auth.rs"), "ours\n");
        assert_eq!(status(&repo, &id), "in_progress");
        // As the hint says.
        place.git(&["merge", "main"]).exits(1);
        place.write("src/auth.rs", "both\n");
        place.commit_all("Bring main");
        place.pm(&["finish"]).ok();
        // The resolution is new work that has not been reviewed.
        repo.pm(&["merge", &id]).exits(1);
        repo.pm(&["task", "approve", &id]).ok();
        repo.pm(&["merge", &id]).ok();
        assert_eq!(repo.read("src/auth.rs"), "both\n");
    }
}

// The process died between the swap of the target and the write of the state.
#[test]
fn merging_again_after_a_crash_only_marks_the_item_as_merged() {
    for how in ["squash", "merge", "rebase"] {
        let scene = Scene::new();
        let repo = alone(&scene);
        let (id, place) = worked(&repo, "Fix", "src/auth.rs", "new\n");
        place.write("src/auth.rs", "new\nand more\n");
        place.commit_all("More");
        repo.pm(&["finish", &id]).ok();
        repo.pm(&["task", "approve", &id]).ok();
        repo.write("other.txt", "other\n");
        repo.commit_all("Others go on");
        let state = repo.tip("refs/pm/main");
        let first = repo.data(&["merge", &id, "--strategy", how]);
        repo.git(&["update-ref", "refs/pm/main", &state]).ok();
        assert_eq!(status(&repo, &id), "ready_for_integration");
        // A part of the merged work is removed before the repeated merge: merging it again would
        // restore that part, or conflict.
        repo.write("src/auth.rs", "newer\n");
        repo.commit_all("Newer");
        let main = repo.tip("main");
        let merged = repo.data(&["merge", &id]);
        assert_eq!(merged["status"], "done", "{how}");
        for field in ["strategy", "old", "new"] {
            assert_eq!(merged["merged"][field], first["merged"][field], "{how}");
        }
        assert_eq!(repo.tip("main"), main, "{how}: merged twice");
        assert_eq!(repo.read("src/auth.rs"), "newer\n", "{how}");
    }
}

#[test]
fn reverted_work_that_is_approved_again_is_merged_again() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, place) = worked(&repo, "Fix", "a.txt", "a\n");
    place.write("b.txt", "b\n");
    place.commit_all("More");
    // By the clock of the approval, long before the revert.
    let early = repo.when("2020-01-01T00:00:00Z");
    early.pm(&["finish", &id]).ok();
    early.pm(&["task", "approve", &id]).ok();
    repo.pm(&["merge", &id, "--keep-branch"]).ok();
    repo.git(&["revert", "--no-edit", "HEAD"]).ok();
    assert!(!repo.path.join("a.txt").exists());
    repo.pm(&["task", "reopen", &id]).ok();
    repo.pm(&["start", &id]).ok();
    repo.pm(&["finish", &id]).ok();
    let late = repo.when("2099-01-01T00:00:00Z");
    late.pm(&["task", "approve", &id]).ok();
    let merged = repo.data(&["merge", &id]);
    assert_eq!(merged["status"], "done");
    assert_eq!(repo.read("a.txt"), "a\n", "done, but not in main");
}

#[test]
fn a_branch_without_new_commits_is_not_reported_as_merged() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let id = repo.task("Empty", &[]);
    repo.pm(&["start", &id]).ok();
    let refused = changes_nothing(&repo, &["finish", &id], 1);
    assert!(refused.err.contains("commit"), "{}", refused.err);
}

#[test]
fn merge_works_in_a_clone_other_than_the_claimants() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["config", "pm.push", "never"]).ok();
    a.task("Fix the login", &["--path", "src/**"]);
    a.pm(&["sync"]).ok();
    b.pm(&["start", "T-0001"]).ok();
    let place = b.worktree("T-0001");
    place.write("src/auth.rs", "half of Ben's\n");
    place.commit_all("Begin");
    place.write("src/auth.rs", "Ben's\n");
    place.commit_all("Fix");
    b.pm(&["finish", "T-0001"]).ok();
    a.pm(&["sync"]).ok();
    // What is not here is approved by its id only, and no fetch brings it.
    let refused = a.pm(&["task", "approve", "T-0001"]).exits(1).err;
    let pushes = "Ben (its clone) has to push it, or to run `git pm sync`";
    assert!(refused.contains(pushes), "{refused}");
    let commit = place.tip("HEAD");
    a.pm(&["task", "approve", "T-0001", "--commit", &commit])
        .ok();
    let refused = a.pm(&["merge", "T-0001"]).exits(4);
    assert!(refused.err.contains(pushes), "{}", refused.err);
    assert!(!refused.err.contains("git fetch"), "{}", refused.err);
    // Not all of it was pushed.
    place
        .git(&[
            "push",
            "-q",
            "origin",
            "HEAD^:refs/heads/task/T-0001-fix-the-login",
        ])
        .ok();
    a.git(&["fetch", "-q"]).ok();
    let refused = changes_nothing(&a, &["merge", "T-0001"], 1);
    assert!(refused.err.contains("Ben has pushed"), "{}", refused.err);
    place
        .git(&["push", "-q", "origin", "task/T-0001-fix-the-login"])
        .ok();
    a.git(&["fetch", "-q"]).ok();
    let merged = a.data(&["merge", "T-0001"]);
    assert_eq!(merged["status"], "done");
    assert_eq!(a.read("src/auth.rs"), "Ben's\n");
    assert!(merged["claim"].is_null(), "{merged}");
    // Ben is notified, and his worktree stays until he cleans it up.
    let synced = b.data(&["sync"]);
    assert!(synced["notices"].to_string().contains("T-0001"), "{synced}");
    assert_eq!(status(&b, "T-0001"), "done");
    assert_eq!(b.state_tree(), a.state_tree());
    assert!(place.path.exists());
}

// A branch that got more commits at origin after it was fetched: only the approved commits are
// merged.
#[test]
fn a_local_branch_that_is_behind_origin_is_moved_to_what_was_submitted() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Fix", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["start", "T-0001"]).ok();
    let place = b.worktree("T-0001");
    place.write("one.txt", "1\n");
    place.commit_all("One");
    place.git(&["push", "-q", "origin", "task/T-0001-fix"]).ok();
    a.git(&["fetch", "-q"]).ok();
    a.git(&["branch", "-q", "task/T-0001-fix", "origin/task/T-0001-fix"])
        .ok();
    place.write("two.txt", "2\n");
    place.commit_all("Two");
    place.git(&["push", "-q", "origin", "task/T-0001-fix"]).ok();
    b.pm(&["finish", "T-0001"]).ok();
    a.pm(&["sync"]).ok();
    a.git(&["fetch", "-q"]).ok();
    a.pm(&["task", "approve", "T-0001"]).ok();
    a.pm(&["merge", "T-0001"]).ok();
    assert_eq!(a.read("two.txt"), "2\n");
}

// WT-04: git pm moves the user's branches only by `merge`, and pushes no target.
#[test]
fn only_merge_moves_the_target_and_no_target_is_pushed() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    // A task's own branch is pushed when it is finished, and an epic's when it is started.
    let heads = |repo: &Repo| {
        let all = repo.git(&["for-each-ref", "refs/heads"]).out;
        let others = all
            .lines()
            .filter(|line| !line.contains("/task/T-0001-fix") && !line.contains("/epic/epic"));
        others.collect::<Vec<_>>().join("\n")
    };
    let (hub_heads, main) = (heads(&hub), a.tip("main"));
    a.task("Fix", &["--accept", "it works", "--path", "src/**"]);
    a.task("Other", &[]);
    a.task("Third", &[]);
    let check = |args: &[&str]| {
        a.pm(args).ok();
        assert_eq!(a.tip("main"), main, "`{}` moved main", args.join(" "));
        assert_eq!(heads(&hub), hub_heads, "`{}` pushed", args.join(" "));
        assert_eq!(a.git(&["status", "--porcelain"]).ok().out, "");
    };
    check(&["epic", "create", "Epic"]);
    check(&["epic", "start", "E-0001"]);
    check(&["start", "T-0001"]);
    check(&["start", "T-0002", "--no-worktree"]);
    check(&["next", "--claim"]);
    let place = a.worktree("T-0001");
    place.write("src/auth.rs", "new\n");
    place.commit_all("Fix");
    let branch = a.tip("task/T-0001-fix");
    for args in [
        &["task", "accept", "T-0001", "--all"][..],
        &["reserve", "add", "docs/**"],
        &["finish", "T-0001"],
        &["start", "T-0001", "--resume"],
        &["finish", "T-0001"],
        &["task", "approve", "T-0001"],
        &["task", "drop", "T-0002"],
        &["task", "reassign", "T-0003", "--to", "Ben"],
        &["worktree", "gc", "--force"],
        &["hook", "install"],
        &["sync"],
        &["push"],
        &["pull"],
        &["doctor"],
    ] {
        check(args);
        assert_eq!(
            a.tip("task/T-0001-fix"),
            branch,
            "`{args:?}` moved a branch"
        );
    }
    a.pm(&["merge", "T-0001"]).ok();
    assert_ne!(a.tip("main"), main);
    assert_eq!(heads(&hub), hub_heads, "merge pushed");
}

#[test]
fn merge_keeps_and_reports_a_worktree_with_uncommitted_work() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, place) = approved(&repo, "Fix", "a.txt", "a\n");
    place.write("draft.txt", "draft\n");
    let merged = repo.data(&["merge", &id]);
    assert_eq!(merged["status"], "done");
    assert_eq!(merged["merged"]["worktree_removed"], false);
    assert!(
        merged["merged"]["worktree_kept"]
            .as_str()
            .unwrap()
            .contains("draft.txt"),
        "{merged}"
    );
    assert_eq!(place.read("draft.txt"), "draft\n", "work is lost");
    // Committed after the approval: not approved, and not lost either.
    let (id, place) = approved(&repo, "Late", "late.txt", "1\n");
    place.write("late.txt", "2\n");
    place.commit_all("After the approval");
    let tip = place.tip("HEAD");
    let merged = repo.pm(&["merge", &id]);
    assert_eq!(repo.tip("task/T-0002-late"), tip, "a commit is lost");
    assert!(
        merged.code != 0 || merged.err.contains("approv"),
        "unapproved work is merged without notice: {}{}",
        merged.out,
        merged.err
    );
}

#[test]
fn a_target_can_be_given_and_must_exist() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, _) = approved(&repo, "Fix", "a.txt", "a\n");
    changes_nothing(&repo, &["merge", &id, "--target", "nowhere"], 4);
    repo.git(&["branch", "release"]).ok();
    let main = repo.tip("main");
    let merged = repo.data(&["merge", &id, "--target", "release"]);
    assert_eq!(merged["merged"]["target"], "release");
    assert_eq!(repo.tip("main"), main);
    assert_eq!(repo.git(&["show", "release:a.txt"]).ok().out, "a\n");
}

#[test]
fn the_target_is_a_setting() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.git(&["branch", "develop"]).ok();
    repo.git(&["config", "pm.target", "develop"]).ok();
    let (id, _) = approved(&repo, "Fix", "a.txt", "a\n");
    let main = repo.tip("main");
    let merged = repo.data(&["merge", &id]);
    assert_eq!(merged["merged"]["target"], "develop");
    assert_eq!(repo.tip("main"), main);
    assert_eq!(repo.git(&["show", "develop:a.txt"]).ok().out, "a\n");
    // Its worktree is integrated in that target, even if main lacks it.
    let (id, place) = worked(&repo, "Dirty", "b.txt", "b\n");
    place.write("draft.txt", "draft\n");
    place.git(&["stash", "-q", "-u"]).ok();
    repo.pm(&["finish", &id, "--merge"]).ok();
    assert_eq!(
        repo.git(&["show", "stash@{0}^3:draft.txt"]).ok().out,
        "draft\n",
        "a stash was removed with its worktree"
    );
}

#[test]
fn an_item_that_only_the_remote_knows_is_merged_with_or_without_gates() {
    for gates in [&[][..], &["--gates"][..]] {
        let scene = Scene::new();
        let (hub, ana) = scene.with_hub();
        let bot = scene.clone_of(&hub, "b", "Bot");
        bot.git(&["config", "pm.gate", "test -f b.txt"]).ok();
        let (id, _place) = approved(&ana, "Work", "b.txt", "good\n");
        ana.pm(&["sync"]).ok();
        ana.git(&["push", "-q", "origin", "--all"]).ok();
        bot.pm(&[&["merge", &id], gates].concat()).ok();
        assert_eq!(status(&bot, &id), "done");
    }
}

/// The gates of two processes on one item do not share a checkout: the second one ends, and the first
/// is not disturbed.
#[test]
fn a_second_process_leaves_the_checkout_of_running_gates_alone() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task("Work", &[]);
    repo.pm(&["start", &id]).ok();
    let work = repo.worktree(&id);
    work.write("x.txt", "x\n");
    work.commit_all("Work");
    work.pm(&["finish"]).ok();
    let began = scene.dir.path().join("began");
    let gate = format!("slow=touch '{}'; sleep 3; test -e x.txt", began.display());
    repo.git(&["config", "pm.gate", &gate]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    let mut first = repo
        .command(crate::support::binary())
        .args(["merge", &id, "--gates"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    for _ in 0..1_500 {
        if began.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let second = repo.pm(&["merge", &id, "--gates"]).exits(3);
    assert!(
        second.err.contains("another process runs the gates"),
        "{}",
        second.err
    );
    assert!(first.wait().unwrap().success());
    assert_eq!(repo.data(&["show", &id])["status"], "done");
}

/// Approved work that a reservation keeps from its target: who approves is told, and what helps.
#[test]
fn a_reservation_in_the_way_of_a_merge_is_named_with_what_ends_it() {
    let scene = Scene::new();
    let repo = alone(&scene);
    let (id, _) = worked(&repo, "One", "one.txt", "1\n");
    repo.pm(&["finish", &id]).ok();
    let other = repo.task("Two", &["--path", "one.txt"]);
    repo.by("Cleo").pm(&["start", &other]).ok();
    let steal = "git pm reserve steal one.txt --reason TEXT";
    let said = repo.pm(&["approve", &id]).ok().err;
    assert!(
        said.contains("cannot be merged yet: one.txt is reserved by Cleo") && said.contains(steal),
        "{said}"
    );
    let status = repo.pm(&["status"]).ok().out;
    assert!(!status.contains("ready to merge"), "{status}");
    let refused = repo.pm(&["merge", &id]).exits(1).err;
    assert!(refused.contains(steal), "{refused}");
    assert!(!refused.contains("--shared"), "{refused}");
    let agent = crate::support::agent(&repo).by("claude");
    let refused = agent.pm(&["merge", &id]);
    assert_ne!(refused.code, 0, "{}", refused.out);
    let told = format!("hint: `{steal}`");
    assert!(!refused.err.contains(&told), "{}", refused.err);
    repo.pm(&["reserve", "steal", "one.txt", "--reason", "it is approved"])
        .ok();
    repo.pm(&["merge", &id]).ok();
}
