//! Ways to evade the checks of a merge: preventing the fetch, other content under the ids of
//! approved objects, gates removed by the work itself, and commits of other work carried along.

use std::path::PathBuf;

use super::{finished_with, refused_unmoved, with_agents_approved_work};
use crate::support::{Repo, agent, set_up};

#[test]
fn an_agents_merge_fails_if_a_stop_at_the_remote_cannot_be_fetched() {
    let (_scene, _hub, ana, bot) = with_agents_approved_work();
    ana.pm(&["task", "block", "T-0001", "a hole"]).ok();
    ana.pm(&["sync"]).ok();
    let git = bot.path.join(".git");
    for lock in ["refs/pm-remotes/origin/main.lock", "refs/pm/main.lock"] {
        std::fs::write(git.join(lock), "x").unwrap();
        refused_unmoved(
            &agent(&bot),
            &["merge", "T-0001"],
            "origin responds, but its state cannot be",
        );
        std::fs::remove_file(git.join(lock)).unwrap();
    }
    // A file where git needs a folder.
    let fetched = git.join("refs/pm-local/fetch");
    let _ = std::fs::remove_dir_all(&fetched);
    std::fs::write(&fetched, bot.tip("main")).unwrap();
    refused_unmoved(
        &agent(&bot),
        &["merge", "T-0001"],
        "origin responds, but its state cannot be",
    );
    std::fs::remove_file(&fetched).unwrap();
    refused_unmoved(
        &agent(&bot),
        &["merge", "T-0001"],
        "a human (Ana) stopped T-0001",
    );
}

#[test]
fn a_remote_whose_state_is_missing_refuses_an_agents_merge() {
    let (_scene, hub, _ana, bot) = with_agents_approved_work();
    hub.git(&["config", "transfer.hideRefs", "refs/pm"]).ok();
    let refused = "origin responds, but no longer has the state";
    refused_unmoved(&agent(&bot), &["merge", "T-0001"], refused);
    bot.git(&["update-ref", "-d", "refs/pm-remotes/origin/main"])
        .ok();
    refused_unmoved(&agent(&bot), &["merge", "T-0001"], refused);
    hub.git(&["config", "--unset", "transfer.hideRefs"]).ok();
    hub.git(&["update-ref", "-d", "refs/pm/main"]).ok();
    let refused = refused_unmoved(
        &agent(&bot),
        &["merge", "T-0001"],
        "no longer has the state",
    );
    assert!(refused.err.contains("git pm sync"), "{}", refused.err);
    agent(&bot).pm(&["sync"]).ok();
    agent(&bot).pm(&["merge", "T-0001"]).ok();
}

#[test]
fn a_merge_refuses_before_moving_the_target_if_the_state_cannot_be_written() {
    let (_scene, repo) = set_up();
    repo.git(&["config", "core.filesRefLockTimeout", "50"]).ok();
    let id = repo.task("Work", &[]);
    finished_with(&repo, &id, "b.txt", "good\n");
    repo.pm(&["task", "approve", &id]).ok();
    let git = repo.path.join(".git");
    std::fs::write(git.join("refs/pm/main.lock"), "x").unwrap();
    refused_unmoved(&agent(&repo), &["merge", &id], "refs/pm/main");
    std::fs::remove_file(git.join("refs/pm/main.lock")).unwrap();
    let log = git.join("logs/refs/pm/main");
    std::fs::rename(&log, git.join("log")).unwrap();
    std::fs::create_dir(&log).unwrap();
    refused_unmoved(&agent(&repo), &["merge", &id], "refs/pm/main");
    std::fs::remove_dir(&log).unwrap();
    std::fs::rename(git.join("log"), &log).unwrap();
    repo.git(&["config", "pm.sign", "true"]).ok();
    repo.git(&["config", "gpg.program", "false"]).ok();
    refused_unmoved(&agent(&repo), &["merge", &id], "sign");
    repo.git(&["config", "--unset", "pm.sign"]).ok();
    agent(&repo).pm(&["merge", &id]).ok();
}

/// The file of a loose object.
fn loose(repo: &Repo, id: &str) -> PathBuf {
    let objects = repo.path.join(".git/objects");
    objects.join(&id[..2]).join(&id[2..])
}

/// Stores the content of one object under the id of another.
fn forge(repo: &Repo, name: &str, content: &str) {
    let file = loose(repo, name);
    std::fs::remove_file(&file).unwrap();
    std::fs::copy(loose(repo, content), &file).unwrap();
}

/// The tree of `src` at a commit, and one with an additional unapproved file.
fn src_and_worse(repo: &Repo, commit: &str) -> (String, String) {
    let tree = repo.tip(&format!("{commit}:src"));
    let evil = repo.feed("git", &["hash-object", "-w", "--stdin"], "evil\n");
    let listed = repo.git(&["ls-tree", &tree]).ok().out;
    let more = format!("{listed}100644 blob {}\tevil.txt\n", evil.text());
    (tree, repo.feed("git", &["mktree"], &more).ok().text())
}

#[test]
fn other_content_under_the_id_of_a_tree_is_not_merged() {
    for (whose, strategy) in [
        ("work", "squash"),
        ("work", "rebase"),
        ("main", "squash"),
        ("main", "merge"),
        ("main~1", "squash"),
    ] {
        let (_scene, repo) = set_up();
        let id = repo.task("Work", &[]);
        let place = finished_with(&repo, &id, "src/b.txt", "good\n");
        repo.pm(&["task", "approve", &id]).ok();
        repo.write("src/m.txt", "m\n");
        repo.commit_all("main goes on");
        let commit = match whose {
            "work" => place.tip("HEAD"),
            name => repo.tip(name),
        };
        let (tree, worse) = src_and_worse(&repo, &commit);
        let kept = std::fs::read(loose(&repo, &tree)).unwrap();
        forge(&repo, &tree, &worse);
        let main = repo.tip("main");
        let merge = ["merge", &id, "--strategy", strategy];
        let refused = agent(&repo).pm(&merge);
        assert_eq!(
            repo.tip("main"),
            main,
            "{whose} {strategy}: {}",
            refused.err
        );
        assert!(
            refused.err.contains("does not match its name"),
            "{whose} {strategy}: {}",
            refused.err
        );
        std::fs::remove_file(loose(&repo, &tree)).unwrap();
        std::fs::write(loose(&repo, &tree), kept).unwrap();
        agent(&repo).pm(&merge).ok();
        let files = repo.git(&["ls-tree", "--name-only", "main:src"]).ok().out;
        assert!(!files.contains("evil"), "{files}");
    }
}

#[test]
fn other_content_under_the_id_of_a_file_is_not_merged() {
    let (_scene, repo) = set_up();
    let lines: String = (0..20).map(|n| format!("{n}\n")).collect();
    repo.write("a.txt", &lines);
    repo.commit_all("a");
    let id = repo.task("Work", &[]);
    let place = finished_with(&repo, &id, "a.txt", &(lines.clone() + "approved\n"));
    repo.pm(&["task", "approve", &id]).ok();
    repo.write("a.txt", &("top\n".to_string() + &lines));
    repo.commit_all("main goes on in the same file");
    let approved = place.tip("HEAD:a.txt");
    let other = lines + "evil\n";
    let evil = repo.feed("git", &["hash-object", "-w", "--stdin"], &other);
    forge(&repo, &approved, &evil.text());
    refused_unmoved(&agent(&repo), &["merge", &id], "does not match its name");
}

#[test]
fn equal_changes_are_not_merged_if_the_approved_commit_is_missing() {
    let (_scene, repo) = set_up();
    let block = "if check:\n  a\n  b\n  c\n  d\n  e\n  f\nend\n";
    repo.write("r", &block.repeat(4));
    repo.commit_all("r");
    let id = repo.task("Work", &[]);
    let at = |line: usize| {
        let text = block.repeat(4);
        let mut lines: Vec<&str> = text.lines().collect();
        lines.insert(line, "  X");
        lines.join("\n") + "\n"
    };
    let place = finished_with(&repo, &id, "r", &at(4));
    // The finished commit stays here and is approved with another message.
    place
        .git(&["update-ref", "refs/keep/finished", "HEAD"])
        .ok();
    place
        .git(&["commit", "-q", "--amend", "-m", "Better words"])
        .ok();
    let approved = place.tip("HEAD");
    repo.pm(&["task", "approve", &id, "--commit", &approved])
        .ok();
    place.git(&["reset", "-q", "--hard", "HEAD~1"]).ok();
    place.write("r", &at(12));
    place.commit_all("Work");
    place
        .git(&["reflog", "expire", "--expire=now", "--all"])
        .ok();
    place.git(&["gc", "-q", "--prune=now"]).ok();
    place.git(&["cat-file", "-e", &approved]).exits(1);
    let refused = refused_unmoved(&agent(&repo), &["merge", &id], "no longer in this clone");
    assert!(
        refused
            .err
            .contains("the current work has to be approved by a human"),
        "{}",
        refused.err
    );
    assert!(!refused.err.contains("git diff"), "{}", refused.err);
    repo.pm(&["task", "approve", &id, "--commit", &place.tip("HEAD")])
        .ok();
    agent(&repo).pm(&["merge", &id]).ok();
}

#[test]
fn an_agents_branch_cannot_remove_a_gate_of_the_target() {
    let (_scene, repo) = set_up();
    repo.write(".pm.toml", "[gates]\ntests = \"false\"\n");
    repo.commit_all("Gates");
    repo.pm(&["trust", "--yes"]).ok();
    let id = repo.task("Work", &[]);
    agent(&repo).pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    for text in ["[gates]\n", ""] {
        place.write(".pm.toml", text);
        place.commit_all("No gates");
        let refused = agent(&place).pm(&["finish"]).exits(1);
        assert!(
            refused.err.contains("the gate `tests` failed"),
            "{}",
            refused.err
        );
        let said = format!("{id} changes the gates in .pm.toml: it removes tests");
        assert!(refused.err.contains(&said), "{}", refused.err);
    }
    place.git(&["rm", "-q", ".pm.toml"]).ok();
    place.commit_all("No file");
    agent(&place).pm(&["finish"]).exits(1);
    // With the name of the gate that would fail.
    place.write(".pm.toml", "[gates]\ntests = \"true\"\n");
    place.commit_all("Another gate");
    place.pm(&["trust", "--yes"]).ok();
    let refused = agent(&place).pm(&["finish"]).exits(1);
    assert!(
        refused.err.contains("the gate `tests` failed"),
        "{}",
        refused.err
    );
    // A gate from a target's file that is not trusted here is required, too.
    repo.write(".pm.toml", "[gates]\ntests = \"true\" # now\n");
    repo.commit_all("Mend the gate");
    place.git(&["rm", "-q", "-f", ".pm.toml"]).ok();
    place.commit_all("No file");
    let refused = agent(&place).pm(&["finish"]).exits(1);
    assert!(
        refused.err.contains("its content is not trusted here"),
        "{}",
        refused.err
    );
    repo.pm(&["trust", "--yes"]).ok();
    agent(&place).pm(&["finish"]).ok();
    for args in [&["show", &id][..], &["task", "approve", &id]] {
        let told = repo.pm(args).ok();
        assert!(
            told.err.contains("it removes tests"),
            "{args:?}: {}",
            told.err
        );
    }
}

#[test]
fn a_branch_that_is_behind_does_not_count_as_changing_gates() {
    let (_scene, repo) = set_up();
    let id = repo.task("Work", &[]);
    agent(&repo).pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("b.txt", "x\n");
    place.commit_all("Work");
    repo.write(".pm.toml", "[gates]\ntests = \"test -e c.txt\"\n");
    repo.commit_all("Gates");
    repo.pm(&["trust", "--yes"]).ok();
    let refused = agent(&place).pm(&["finish"]).exits(1);
    assert!(
        refused.err.contains("the gate `tests` failed"),
        "{}",
        refused.err
    );
    assert!(
        !refused.err.contains("changes the gates"),
        "{}",
        refused.err
    );
}

/// Two tasks finished by an agent, the second one's branch stacked on the first one's.
fn stacked(repo: &Repo) {
    repo.pm(&["config", "pm.stacked", "true"]).ok();
    repo.task("One", &[]);
    finished_with(repo, "T-0001", "one.txt", "1\n");
    repo.task("Two", &[]);
    repo.pm(&["dep", "add", "T-0002", "T-0001", "--soft"]).ok();
    let place = finished_with(repo, "T-0002", "two.txt", "2\n");
    assert!(place.path.join("one.txt").exists(), "it is not stacked");
}

#[test]
fn approving_stacked_work_lists_commits_of_other_tasks_and_agents_merge_no_stopped_ones() {
    // Without trailers as well: the branch and the finished commit show it.
    for trailers in [true, false] {
        let (_scene, repo) = set_up();
        if !trailers {
            repo.git(&["config", "core.hooksPath", "/nowhere"]).ok();
        }
        stacked(&repo);
        let shown = repo.pm(&["show", "T-0002"]).ok();
        let said = "T-0002 brings commits of T-0001 into main: T-0001 is not approved (in review)";
        assert!(shown.err.contains(said), "{}", shown.err);
        repo.pm(&["task", "block", "T-0001", "bad"]).ok();
        let told = repo.pm(&["task", "approve", "T-0002"]).ok();
        let said = "into main: a human (Ana) stopped T-0001 (blocked)";
        assert!(told.err.contains(said), "{}", told.err);
        let said = "may not merge its commits with T-0002";
        refused_unmoved(&agent(&repo), &["merge", "T-0002"], said);
        let merged = repo.pm(&["merge", "T-0002"]).ok();
        assert!(
            merged.err.contains("brings commits of T-0001"),
            "{}",
            merged.err
        );
    }
}

#[test]
fn work_stacked_on_a_branch_is_not_listed_with_that_branch() {
    let (_scene, repo) = set_up();
    repo.pm(&["config", "pm.stacked", "true"]).ok();
    repo.task("One", &[]);
    finished_with(&repo, "T-0001", "one.txt", "1\n");
    repo.task("Two", &[]);
    repo.pm(&["dep", "add", "T-0002", "T-0001", "--soft"]).ok();
    agent(&repo).pm(&["start", "T-0002"]).ok();
    assert_eq!(
        repo.worktree("T-0002").tip("HEAD"),
        repo.worktree("T-0001").tip("HEAD")
    );
    repo.pm(&["task", "block", "T-0002", "later"]).ok();
    let told = repo.pm(&["task", "approve", "T-0001"]).ok();
    assert!(!told.err.contains("brings commits"), "{}", told.err);
    agent(&repo).pm(&["merge", "T-0001"]).ok();
}

#[test]
fn already_merged_work_is_not_listed_with_other_work() {
    let (_scene, repo) = set_up();
    stacked(&repo);
    repo.pm(&["task", "approve", "T-0001"]).ok();
    repo.pm(&["task", "approve", "T-0002"]).ok();
    for (id, strategy) in [("T-0001", "merge"), ("T-0002", "squash")] {
        let done = agent(&repo).pm(&["merge", id, "--strategy", strategy]).ok();
        assert!(!done.err.contains("brings commits"), "{}", done.err);
    }
}
