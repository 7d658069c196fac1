//! The surroundings of an approved commit cannot bring other content onto a target: git's
//! configuration and local files, later merges, branch names, and approvals withdrawn in other
//! clones.

use crate::support::{Repo, Scene, agent, at_terminal, set_up};

/// A task with one approved commit, and its worktree.
fn approved(repo: &Repo, file: &str, text: &str) -> (String, Repo) {
    let id = repo.task("Work", &[]);
    agent(repo).pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write(file, text);
    place.commit_all("Work");
    agent(&place).pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    (id, place)
}

fn history(repo: &Repo) -> String {
    repo.git(&["log", "--format=%s", "main"]).ok().out
}

#[test]
fn a_merge_driver_from_the_environment_does_not_change_a_merge() {
    let (scene, repo) = set_up();
    repo.write("a.txt", "hello\n");
    repo.commit_all("a");
    let (id, _) = approved(&repo, "a.txt", "hello\nagent\n");
    repo.write("a.txt", "top\nhello\n");
    repo.commit_all("main goes on in the same file");
    scene.at(".").write("attributes", "* merge=x\n");
    let attributes = scene.at(".").path.join("attributes");
    let evil = agent(&repo)
        .with("GIT_CONFIG_COUNT", "2")
        .with("GIT_CONFIG_KEY_0", "merge.x.driver")
        .with("GIT_CONFIG_VALUE_0", "echo evil >%A")
        .with("GIT_CONFIG_KEY_1", "core.attributesFile")
        .with("GIT_CONFIG_VALUE_1", attributes.to_str().unwrap());
    evil.pm(&["merge", &id]).ok();
    assert_eq!(repo.git(&["show", "main:a.txt"]).out, "top\nhello\nagent\n");
}

/// A driver set by `merge.default` needs no attribute.
#[test]
fn a_merge_driver_from_the_users_file_does_not_change_a_merge() {
    for way in [
        "GIT_CONFIG_GLOBAL={x}/.gitconfig",
        "HOME={x}",
        "XDG_CONFIG_HOME={x}",
        "GIT_CONFIG_SYSTEM={x}/.gitconfig",
    ] {
        let (scene, repo) = set_up();
        repo.write("a.txt", "hello\n");
        repo.commit_all("a");
        let (id, _) = approved(&repo, "a.txt", "hello\nagent\n");
        repo.write("a.txt", "top\nhello\n");
        repo.commit_all("main goes on in the same file");
        let config = "[user]\n\tname = Ana\n\temail = ana@example.org\n[merge]\n\tdefault = evil\n\
                      [merge \"evil\"]\n\tdriver = echo evil >%A\n";
        scene.at(".").write("x/.gitconfig", config);
        scene.at(".").write("x/git/config", config);
        let place = scene.at("x").path;
        let set = way.replace("{x}", place.to_str().unwrap());
        let without = ["-u", "GIT_CONFIG_GLOBAL", "-u", "GIT_CONFIG_NOSYSTEM"];
        let args = [&without[..], &[&set, "git-pm", "merge", &id]].concat();
        agent(&repo).run("env", &args).ok();
        let merged = repo.git(&["show", "main:a.txt"]).out;
        assert_eq!(merged, "top\nhello\nagent\n", "{way}");
        // The user is the committer all the same.
        let who = repo.git(&["log", "-1", "--format=%cn", "main"]).text();
        assert_eq!(who, "Ana", "{way}");
    }
}

#[test]
fn a_later_merge_commit_with_its_own_content_needs_another_approval() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "b.txt", "good\n");
    repo.write("m.txt", "m\n");
    repo.commit_all("main goes on");
    let work = place.tip("HEAD");
    let main = repo.tip("main");
    place.git(&["merge", "-q", "--no-commit", "main"]).ok();
    place.write("evil.txt", "never approved\n");
    place.git(&["add", "."]).ok();
    let tree = place.git(&["write-tree"]).text();
    let args = ["commit-tree", &tree, "-p", &work, "-p", &main, "-m", "one"];
    let first = place.git(&args).text();
    place.git(&["rm", "-qf", "--cached", "evil.txt"]).ok();
    let tree = place.git(&["write-tree"]).text();
    let args = ["commit-tree", &tree, "-p", &first, "-p", &main, "-m", "two"];
    let second = place.git(&args).text();
    place.git(&["merge", "--abort"]).ok();
    place.git(&["reset", "-q", "--hard", &second]).ok();
    let merge = ["merge", &id, "--strategy", "merge"];
    agent(&repo).pm(&merge).exits(1);
    assert!(!history(&repo).contains("one"));
    // A merge that git would make alike has no unapproved content.
    place.git(&["reset", "-q", "--hard", &work]).ok();
    place.git(&["merge", "-q", "--no-edit", "main"]).ok();
    agent(&repo).pm(&merge).ok();
    assert_eq!(repo.git(&["show", "main:b.txt"]).out, "good\n");
}

#[test]
fn grafts_add_no_other_commits_to_a_merge() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "b.txt", "good\n");
    let work = place.tip("HEAD");
    place.write("evil.txt", "SECRET\n");
    place.git(&["add", "."]).ok();
    let tree = place.git(&["write-tree"]).text();
    let args = ["commit-tree", &tree, "-p", "HEAD~1", "-m", "never approved"];
    let evil = place.git(&args).text();
    place.git(&["reset", "-q", "--hard"]).ok();
    repo.write("m.txt", "m\n");
    repo.commit_all("main goes on");
    repo.write(".git/info/grafts", &format!("{work} {evil}\n"));
    agent(&repo).pm(&["merge", &id, "--strategy", "rebase"]);
    std::fs::remove_file(repo.path.join(".git/info/grafts")).unwrap();
    assert!(!history(&repo).contains("never approved"));
}

#[test]
fn work_whose_branch_was_moved_back_is_not_reported_as_merged() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "b.txt", "good\n");
    repo.write("m.txt", "m\n");
    repo.commit_all("main goes on");
    place.git(&["reset", "-q", "--hard", "main"]).ok();
    agent(&repo).pm(&["merge", &id]).exits(1);
    assert_eq!(repo.data(&["show", &id])["status"], "ready_for_integration");
    assert!(place.path.exists());
}

#[test]
fn an_agent_can_merge_only_into_the_target_that_was_approved() {
    let (_scene, repo) = set_up();
    repo.git(&["branch", "release"]).ok();
    let (id, _) = approved(&repo, "b.txt", "good\n");
    let release = repo.tip("release");
    let args = ["merge", &id, "--target", "release"];
    let refused = agent(&repo).pm(&args).exits(1);
    assert!(
        refused.err.contains("was approved for main"),
        "{}",
        refused.err
    );
    assert_eq!(repo.tip("release"), release);
    repo.pm(&args).ok();
}

/// Plain git can bring the work into any branch; that makes it not done.
#[test]
fn an_agent_cannot_merge_into_another_branch_that_has_the_work_already() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "b.txt", "good\n");
    repo.git(&["branch", "other", &place.tip("HEAD")]).ok();
    let args = ["merge", &id, "--target", "other"];
    let refused = agent(&repo).pm(&args).exits(1);
    assert!(
        refused.err.contains("was approved for main"),
        "{}",
        refused.err
    );
    repo.git(&["config", "pm.target", "other"]).ok();
    agent(&repo).pm(&["merge", &id]).exits(1);
    assert_eq!(repo.data(&["show", &id])["status"], "ready_for_integration");
}

#[test]
fn a_merge_first_fetches_the_withdrawal_of_an_approval() {
    let scene = Scene::new();
    let (hub, lea) = scene.with_hub();
    let other = scene.clone_of(&hub, "b", "Bot");
    other.pm(&["init"]).ok();
    lea.task("Work", &[]);
    lea.pm(&["sync"]).ok();
    let bot = agent(&other);
    bot.pm(&["sync"]).ok();
    bot.pm(&["start", "T-0001"]).ok();
    let place = other.worktree("T-0001");
    place.write("b.txt", "hole\n");
    place.commit_all("Work");
    agent(&place).pm(&["finish", "T-0001"]).ok();
    lea.pm(&["sync"]).ok();
    lea.pm(&["task", "approve", "T-0001"]).ok();
    lea.pm(&["sync"]).ok();
    bot.pm(&["sync"]).ok();
    lea.pm(&["task", "block", "T-0001", "a hole"]).ok();
    lea.pm(&["sync"]).ok();
    let main = other.tip("main");
    bot.pm(&["merge", "T-0001"]).exits(1);
    assert_eq!(other.tip("main"), main);
    bot.pm(&["sync"]).ok();
    lea.pm(&["sync"]).ok();
    assert_eq!(lea.data(&["show", "T-0001"])["status"], "blocked");
    // Without the remote it reports what it could not ask.
    lea.pm(&["task", "unblock", "T-0001"]).ok();
    lea.pm(&["sync"]).ok();
    bot.pm(&["sync"]).ok();
    std::fs::rename(&hub.path, hub.path.with_extension("away")).unwrap();
    let merged = bot.pm(&["merge", "T-0001"]).ok();
    assert!(
        merged
            .err
            .contains("could not be asked whether the approval is still valid"),
        "{}",
        merged.err
    );
}

#[test]
fn a_rule_tightened_in_another_clone_applies_to_a_merge_here() {
    let scene = Scene::new();
    let (hub, lea) = scene.with_hub();
    let other = scene.clone_of(&hub, "b", "Bot");
    other.pm(&["init"]).ok();
    let (id, _) = approved(&lea, "b.txt", "x\n");
    lea.pm(&["sync"]).ok();
    other.git(&["fetch", "-q"]).ok();
    agent(&other).pm(&["sync"]).ok();
    lea.pm(&["config", "--shared", "pm.approval", "strict"])
        .ok();
    lea.pm(&["sync"]).ok();
    let refused = agent(&other).pm(&["merge", &id]).exits(1);
    assert!(refused.err.contains("strict"), "{}", refused.err);
    at_terminal(&lea, &["task", "approve", &id], "").ok();
}

#[test]
fn a_task_cannot_use_a_target_branch_as_its_own_branch() {
    let scene = Scene::new();
    let (hub, lea) = scene.with_hub();
    lea.git(&["push", "-q", "origin", "main:release"]).ok();
    lea.task("Work", &[]);
    lea.task("More", &[]);
    lea.pm(&["sync"]).ok();
    let other = scene.clone_of(&hub, "b", "Bot");
    other.pm(&["init"]).ok();
    other.git(&["checkout", "-q", "-b", "other"]).ok();
    other.git(&["branch", "-q", "-D", "main"]).ok();
    let bot = agent(&other);
    bot.pm(&["config", "pm.branch", "main"]).exits(1);
    // With plain git, without git pm.
    for (id, pattern) in [("T-0001", "main"), ("T-0002", "release")] {
        other.git(&["config", "pm.branch", pattern]).ok();
        let before = hub.tip(pattern);
        bot.pm(&["start", id, "--base", &format!("origin/{pattern}")])
            .ok();
        let place = other.worktree(id);
        place.write("evil.txt", "evil\n");
        place.commit_all("evil");
        agent(&place).pm(&["finish", id]);
        assert_eq!(hub.tip(pattern), before, "unapproved work is on {pattern}");
        let branch = other.data(&["show", id])["branch"].clone();
        assert_ne!(branch, pattern);
    }
}

#[test]
fn approve_warns_of_protected_paths_in_the_work() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "b.txt", "x\n");
    repo.pm(&["task", "reopen", &id]);
    agent(&repo).pm(&["start", &id, "--resume"]).ok();
    place.write(".github/w.yml", "x\n");
    place.git(&["add", "."]).ok();
    agent(&place)
        .git(&["commit", "-q", "--no-verify", "-m", "x"])
        .ok();
    agent(&place).pm(&["finish", &id]).ok();
    let approval = repo.pm(&["task", "approve", &id]).ok();
    assert!(approval.err.contains(".github/w.yml"), "{}", approval.err);
}

/// An agent that makes git see another history does not make unmerged work count as merged.
#[test]
fn replaced_commits_do_not_make_unmerged_work_count_as_merged() {
    let (_scene, repo) = set_up();
    let (id, place) = approved(&repo, "b.txt", "good\n");
    let (main, work) = (repo.tip("main"), place.tip("HEAD"));
    place.git(&["reset", "-q", "--hard", "main"]).ok();
    repo.git(&["replace", "--graft", &work]).ok();
    repo.git(&["replace", "--graft", &main, &work]).ok();
    // The branch is moved forward to the approved work, which is merged.
    agent(&repo).pm(&["merge", &id]).ok();
    repo.git(&["replace", "-d", &main, &work]).ok();
    assert_eq!(repo.git(&["show", "main:b.txt"]).text(), "good");
}

#[test]
fn approve_warns_of_protected_paths_if_the_target_exists_only_at_the_remote() {
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    repo.git(&["branch", "develop"]).ok();
    repo.git(&["push", "-q", "origin", "develop"]).ok();
    repo.git(&["config", "pm.target", "develop"]).ok();
    let id = repo.task("Work", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write(".github/w.yml", "x\n");
    place.commit_all("Work");
    place.pm(&["finish", &id]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.git(&["config", "pm.target", "develop"]).ok();
    let approval = b.pm(&["task", "approve", &id]).ok();
    assert!(approval.err.contains(".github/w.yml"), "{}", approval.err);
}

#[test]
fn an_approval_in_a_batch_checks_and_warns_like_the_command() {
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let id = repo.task("Work", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write(".github/w.yml", "x\n");
    place.commit_all("Work");
    place.pm(&["finish", &id]).ok();
    b.pm(&["sync"]).ok();
    let line = format!("{{\"op\":\"task.approve\",\"id\":\"{id}\"}}\n");
    let approval = b.feed(crate::support::binary(), &["batch"], &line).ok();
    assert!(approval.err.contains(".github/w.yml"), "{}", approval.err);
    assert!(
        !approval.err.contains("not checked before the approval"),
        "{}",
        approval.err
    );
}
