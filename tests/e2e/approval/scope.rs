//! The commit, change and branch that an approval covers.

use super::{KINDS, approved, not_merged, show, worked};
use crate::support::{Dice, Ran, Repo, Scene, agent, at_terminal, seed, set_up, thorough};

/// As [`not_merged`], and the refusal names the command that approves the present commit.
#[track_caller]
fn needs_another_approval(repo: &Repo, id: &str) -> Ran {
    let refused = not_merged(repo, id);
    let hint = format!("git pm task approve {id}");
    assert!(refused.err.contains(&hint), "{}", refused.err);
    // It was not submitted, so its id is named.
    let branch = show(repo, id)["branch"].clone();
    let commit = repo.tip(branch.as_str().unwrap());
    let approve = ["task", "approve", id, "--commit", &commit[..10]];
    assert!(refused.err.contains(&approve.join(" ")), "{}", refused.err);
    repo.pm(&["task", "approve", id]).exits(1);
    repo.pm(&approve).ok();
    repo.pm(&["merge", id]).ok();
    refused
}

#[test]
fn a_commit_made_after_the_approval_needs_another_approval() {
    for kind in KINDS {
        let (_scene, repo) = set_up();
        let (id, place) = approved(&repo, kind, "a.txt");
        place.write("more.txt", "more\n");
        place.commit_all("More");
        let refused = needs_another_approval(&repo, &id);
        assert!(refused.err.contains("1 more commit"), "{}", refused.err);
        assert!(refused.err.contains("git diff"), "{}", refused.err);
        assert_eq!(repo.read("more.txt"), "more\n");
    }
}

#[test]
fn work_that_replaced_the_approved_commits_is_not_merged() {
    for kind in KINDS {
        let (_scene, repo) = set_up();
        let (id, place) = approved(&repo, kind, "a.txt");
        place.git(&["reset", "-q", "--hard", "main"]).ok();
        place.write("evil.txt", "evil\n");
        place.commit_all("Work");
        let refused = needs_another_approval(&repo, &id);
        assert!(refused.err.contains("different changes"), "{}", refused.err);
        assert!(!repo.path.join("a.txt").exists());
    }
}

#[test]
fn a_change_of_mode_white_space_or_position_needs_another_approval() {
    let (_scene, repo) = set_up();
    let lines = "x\n".repeat(40);
    repo.write("same.txt", &lines);
    repo.commit_all("Equal lines");
    let put = |at: usize, text: &str| {
        let mut lines: Vec<&str> = lines.lines().collect();
        lines.insert(at, text);
        lines.join("\n") + "\n"
    };
    let (id, place) = worked(&repo, "task", "a.txt");
    place.write("same.txt", &put(10, "a b"));
    place.commit_all("One");
    place.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    let good = place.tip("HEAD");
    for what in ["space", "place", "mode", "nul"] {
        place.git(&["reset", "-q", "--hard", &good]).ok();
        match what {
            "space" => place.write("same.txt", &put(10, "ab")),
            "place" => place.write("same.txt", &put(30, "a b")),
            "mode" => {
                place.run("chmod", &["+x", "a.txt"]).ok();
            }
            _ => place.write("same.txt", &put(10, "a b\0c")),
        }
        place.git(&["commit", "-qa", "--amend", "--no-edit"]).ok();
        assert_ne!(place.tip("HEAD"), good);
        not_merged(&repo, &id);
    }
    place.git(&["reset", "-q", "--hard", &good]).ok();
    repo.pm(&["merge", &id]).ok();
}

#[test]
fn changed_bytes_of_a_binary_file_need_another_approval() {
    let (_scene, repo) = set_up();
    repo.write(".gitattributes", "*.bin -diff\n");
    repo.commit_all("Attributes");
    let (id, place) = worked(&repo, "task", "a.bin");
    place.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    place.write("a.bin", "other\n");
    place.git(&["commit", "-qa", "--amend", "--no-edit"]).ok();
    not_merged(&repo, &id);
}

#[test]
fn a_clean_rebase_a_new_message_and_a_merge_of_the_target_keep_the_approval() {
    let turn = Dice::new(seed()).below(KINDS.len());
    for (k, kind) in KINDS.into_iter().enumerate() {
        for (n, how) in ["rebase", "amend", "merge", "squash"]
            .into_iter()
            .enumerate()
        {
            if !thorough() && (n + turn) % KINDS.len() != k {
                continue;
            }
            let (_scene, repo) = set_up();
            repo.write("long.txt", &"line\n".repeat(30));
            repo.commit_all("Long");
            let (id, place) = worked(&repo, kind, "a.txt");
            place.write("long.txt", &("first\n".to_string() + &"line\n".repeat(30)));
            place.commit_all("More");
            place.pm(&["finish"]).ok();
            repo.pm(&["task", "approve", &id]).ok();
            let was = place.tip("HEAD");
            repo.write("long.txt", &("line\n".repeat(30) + "last\n"));
            repo.commit_all("Others went on, in the same file");
            match how {
                "rebase" => place.git(&["rebase", "-q", "main"]),
                "amend" => place.git(&["commit", "-q", "--amend", "-m", "Said better"]),
                "merge" => place.git(&["merge", "-q", "--no-edit", "main"]),
                _ => {
                    place.git(&["reset", "-q", "--soft", "HEAD~2"]).ok();
                    place.git(&["commit", "-qm", "In one"])
                }
            }
            .ok();
            assert_ne!(place.tip("HEAD"), was);
            agent(&repo).pm(&["merge", &id]).ok();
            let text = repo.read("long.txt");
            assert!(
                text.starts_with("first\n") && text.ends_with("last\n"),
                "{how}"
            );
        }
    }
}

#[test]
fn work_without_changes_and_work_in_a_sha_256_repository_can_be_approved() {
    let scene = Scene::new();
    let repo = scene.at("a");
    std::fs::create_dir_all(&repo.path).unwrap();
    repo.git(&["init", "-q", "--object-format=sha256"]).ok();
    repo.write("f", "f\n");
    repo.commit_all("Begin");
    repo.pm(&["init"]).ok();
    let (id, place) = worked(&repo, "task", "a.txt");
    place.git(&["revert", "--no-edit", "HEAD"]).ok();
    place.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    assert!(show(&repo, &id)["approval"]["patch"].is_string());
    place.write("b.txt", "b\n");
    place.commit_all("Something");
    needs_another_approval(&repo, &id);
    let (id, place) = approved(&repo, "task", "c.txt");
    place
        .git(&["commit", "-q", "--amend", "-m", "Said better"])
        .ok();
    repo.pm(&["merge", &id]).ok();
}

#[test]
fn two_offline_approvals_do_not_join_into_one_for_a_commit_only_one_of_them_saw() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Work", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["start", "T-0001"]).ok();
    let place = b.worktree("T-0001");
    let branch = place.git(&["branch", "--show-current"]).text();
    place.write("a.txt", "one\n");
    place.commit_all("One");
    let one = place.tip("HEAD");
    place.git(&["push", "-q", "origin", "HEAD"]).ok();
    b.pm(&["finish", "T-0001"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    a.git(&["fetch", "-q"]).ok();
    a.git(&["branch", "-q", &branch, &format!("origin/{branch}")])
        .ok();
    // Ana approves the commit she sees; Ben adds a commit and approves that one.
    let offline = |repo: &Repo, commit: &str| {
        let args = ["--offline", "task", "approve", "T-0001", "--commit", commit];
        repo.pm(&args).ok()
    };
    place.write("a.txt", "two\n");
    place.commit_all("Two");
    let two = place.tip("HEAD");
    offline(&b, &two);
    offline(&a, &one);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(a.state_tree(), b.state_tree());
    let approval = show(&a, "T-0001")["approval"].clone();
    let pair = (approval["by"].as_str(), approval["commit"].as_str());
    assert!(
        pair == (Some("Ana"), Some(&one)) || pair == (Some("Ben"), Some(&two)),
        "{approval}"
    );
    // In a clone where the branch is at the other commit, it is not merged.
    let (other, same) = if pair.0 == Some("Ana") {
        (&b, &a)
    } else {
        (&a, &b)
    };
    let main = other.tip("main");
    let refused = other.pm(&["merge", "T-0001"]).exits(1);
    assert!(refused.err.contains("task approve"), "{}", refused.err);
    assert_eq!(other.tip("main"), main);
    same.pm(&["merge", "T-0001"]).ok();
}

#[test]
fn an_approval_for_one_target_does_not_permit_a_merge_into_another() {
    let (_scene, repo) = set_up();
    repo.pm(&["epic", "create", "Big"]).ok();
    repo.pm(&["epic", "start", "E-0001"]).ok();
    let epic = repo.worktree("E-0001");
    epic.write("unreviewed.txt", "x\n");
    epic.commit_all("Not looked at by anybody");
    let id = repo.task("Part", &["--epic", "E-0001"]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("part.txt", "part\n");
    place.commit_all("Part");
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    let (main, agent) = (repo.tip("main"), agent(&repo));
    let refused = agent.pm(&["merge", &id, "--target", "main"]).exits(1);
    assert!(
        refused.err.contains("was approved for epic/"),
        "{}",
        refused.err
    );
    assert_eq!(repo.tip("main"), main, "unreviewed work is in main");
    // Nor if another branch takes the name of that one.
    epic.git(&["checkout", "-q", "--detach"]).ok();
    let tip = repo.tip("epic/big");
    repo.git(&["branch", "-q", "-D", "epic/big"]).ok();
    let alias = ["symbolic-ref", "refs/heads/epic/big", "refs/heads/main"];
    repo.git(&alias).ok();
    agent.pm(&["merge", &id]).exits(1);
    assert_eq!(repo.tip("main"), main, "unreviewed work is in main");
    repo.git(&["symbolic-ref", "-d", "refs/heads/epic/big"])
        .ok();
    repo.git(&["branch", "-q", "epic/big", &tip]).ok();
    epic.git(&["checkout", "-q", "epic/big"]).ok();
    agent.pm(&["merge", &id]).ok();
    assert_eq!(epic.read("part.txt"), "part\n");
}

#[test]
fn a_local_replacement_of_an_object_is_not_merged_in_its_place() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "task", "a.txt");
    let good = place.tip("HEAD");
    place.git(&["checkout", "-q", "--detach", "main"]).ok();
    place.write("evil.txt", "evil\n");
    place.commit_all("Evil");
    let evil = place.tip("HEAD");
    place.git(&["checkout", "-q", "-"]).ok();
    repo.git(&[
        "replace",
        &format!("{good}^{{tree}}"),
        &format!("{evil}^{{tree}}"),
    ])
    .ok();
    repo.pm(&["merge", &id]).ok();
    repo.git(&["replace", "-d", &repo.git(&["replace"]).text()])
        .ok();
    assert!(
        !repo
            .git(&["ls-tree", "--name-only", "main"])
            .out
            .contains("evil")
    );
}

#[test]
fn work_that_is_approved_is_not_approved_again() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "task", "a.txt");
    let before = repo.tip("refs/pm/main");
    let again = repo.pm(&["task", "approve", &id]).ok();
    let at = &place.tip("HEAD")[..10];
    assert!(
        again.err.contains(&format!("approved already, at {at}")),
        "{}",
        again.err
    );
    assert!(!again.err.contains("hint"), "{}", again.err);
    assert_eq!(repo.tip("refs/pm/main"), before);
    // Approving again at a terminal makes the approval strict, and a person who works alone
    // approves with `finish --merge`.
    at_terminal(&repo, &["task", "approve", &id], "").ok();
    assert_eq!(show(&repo, &id)["approval"]["how"], "terminal");
    place.write("b.txt", "b\n");
    place.commit_all("More");
    repo.pm(&["finish", &id, "--merge"]).ok();
    assert_eq!(repo.read("b.txt"), "b\n");
}

#[test]
fn approving_an_item_without_work_is_refused() {
    let (_scene, repo) = set_up();
    let id = repo.pm(&["issue", "q", "Idea"]).ok().text();
    repo.pm(&["issue", "update", &id, "--status", "in_review"])
        .ok();
    let refused = repo.pm(&["task", "approve", &id]).exits(1);
    assert!(refused.err.contains("no branch"), "{}", refused.err);
}

#[test]
fn a_file_added_and_removed_after_the_approval_does_not_get_into_the_history() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "task", "a.txt");
    let good = place.tip("HEAD");
    place.git(&["reset", "-q", "--hard", "main"]).ok();
    place.write("evil.txt", "evil\n");
    place.commit_all("Evil");
    place.git(&["rm", "-q", "evil.txt"]).ok();
    place.write("a.txt", "new\n");
    place.commit_all("Work");
    let main = repo.tip("main");
    for strategy in ["merge", "rebase"] {
        let refused = repo.pm(&["merge", &id, "--strategy", strategy]).exits(1);
        assert!(refused.err.contains(strategy), "{}", refused.err);
        assert!(refused.err.contains("task approve"), "{}", refused.err);
    }
    assert_eq!(repo.tip("main"), main);
    // Commits that were only rebased or given another message count as those approved.
    place.git(&["reset", "-q", "--hard", &good]).ok();
    repo.write("other.txt", "other\n");
    repo.commit_all("Others go on");
    place.git(&["rebase", "-q", "main"]).ok();
    place
        .git(&["commit", "-q", "--amend", "-m", "Said better"])
        .ok();
    repo.pm(&["merge", &id, "--strategy", "rebase"]).ok();
    assert_eq!(
        repo.git(&["log", "-1", "--format=%s", "main"]).text(),
        "Said better"
    );
}

#[test]
fn approving_another_commit_than_the_finished_one_takes_its_id() {
    let (_scene, repo) = set_up();
    let (id, place) = worked(&repo, "task", "a.txt");
    repo.pm(&["finish", &id]).ok();
    let handed_in = place.tip("HEAD");
    place.write("more.txt", "more\n");
    place.commit_all("More");
    let now = place.tip("HEAD");
    let said = repo.pm(&["task", "approve", &id]).exits(1);
    assert!(said.err.contains(&handed_in[..10]), "{}", said.err);
    assert!(said.err.contains(&now[..10]), "{}", said.err);
    repo.pm(&["task", "approve", &id, "--commit", &now]).ok();
    let (id, _) = worked(&repo, "task", "b.txt");
    repo.pm(&["finish", &id]).ok();
    let said = repo.pm(&["task", "approve", &id]).ok();
    assert!(!said.err.contains("submitted"), "{}", said.err);
}

#[test]
fn approving_a_commit_that_is_not_in_the_clone_is_reported() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.task("Work", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["config", "pm.push", "never"]).ok();
    b.pm(&["start", "T-0001"]).ok();
    let place = b.worktree("T-0001");
    place.write("a.txt", "a\n");
    place.commit_all("Work");
    b.pm(&["finish", "T-0001"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    let refused = a.pm(&["task", "approve", "T-0001"]).exits(1).err;
    assert!(refused.contains("nothing was approved"), "{refused}");
    let commit = place.tip("HEAD");
    let said = a.pm(&["task", "approve", "T-0001", "--commit", &commit]);
    let said = said.ok();
    assert!(
        said.err
            .contains("so it was not checked before the approval"),
        "{}{}",
        said.out,
        said.err
    );
    // Only that commit is merged.
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    place.write("a.txt", "b\n");
    place.git(&["commit", "-qa", "--amend", "--no-edit"]).ok();
    let refused = b.pm(&["merge", "T-0001"]).exits(1);
    assert!(refused.err.contains("was approved at"), "{}", refused.err);
}
