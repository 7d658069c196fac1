//! Agents that do what they must not: the run survives, says what happened, and loses nothing.

use super::stage::{Stage, WORK, process_state, until};
use crate::support::binary;

/// A daemon in a session of its own does not survive its agent.
#[test]
fn a_daemon_is_ended_with_its_agent() {
    let stage = Stage::with_tasks(&["T-0001"]).without_sandbox();
    let script = format!(
        "setsid sh -c 'echo $$ > \"$0/daemon\"; trap \"\" TERM HUP; while :; do sleep 1; done' \"$OUT\" >/dev/null 2>&1 &\n\
         while ! test -s \"$OUT/daemon\"; do sleep 0.05; done\n{WORK}"
    );
    stage.run(&script, &["--merge", "gates"]).ok();
    let daemon = stage.told("daemon").trim().parse().unwrap();
    until("its end", || process_state(daemon).is_none().then_some(()));
    stage.all_merged(&["T-0001"]);
}

/// A child that holds the output open does not keep the run.
#[test]
fn a_child_that_holds_the_output_open_does_not_keep_the_run() {
    let stage = Stage::with_tasks(&["T-0001"]).without_sandbox();
    let script = format!("sleep 1000 &\nsetsid sleep 1000 &\n{WORK}");
    stage.run(&script, &["--merge", "gates"]).ok();
    stage.all_merged(&["T-0001"]);
}

/// A task with a text that is too long for an argument.
fn with_body(stage: &Stage, body: &str) {
    let args = ["task", "create", "T-0001", "--body", "-"];
    stage.repo.feed(binary(), &args, body).ok();
}

/// A prompt that is never read, larger than a pipe.
#[test]
fn an_agent_that_never_reads_its_prompt_can_work() {
    let stage = Stage::new().without_sandbox();
    let body = "Read all of this. ".repeat(6_000);
    with_body(&stage, &body);
    let script = "exec <&-; echo T-0001 > T-0001.txt; git add -A; git commit -qm Work";
    stage.run(script, &["--merge", "gates"]).ok();
    stage.all_merged(&["T-0001"]);
    let stage = Stage::new().without_sandbox();
    with_body(&stage, &body);
    let script = "sleep 1; echo T-0001 > T-0001.txt; git add -A; git commit -qm Work";
    stage.run(script, &["--merge", "gates"]).ok();
    stage.all_merged(&["T-0001"]);
}

/// An agent that removes its worktree has failed; others go on, and its commits are kept.
#[test]
fn an_agent_that_deletes_its_worktree_is_survived() {
    let stage = Stage::with_tasks(&["One", "Two"]).without_sandbox();
    let script = format!(
        "{WORK}\ntest $GIT_PM_TASK = T-0001 || exit 0\ngit rev-parse HEAD >> \"$OUT/head\"\n\
         here=$PWD; cd /; rm -rf \"$here\""
    );
    let ran = stage.run(&script, &["--merge", "gates"]);
    assert!(ran.code == 0 || ran.code == 1, "{ran:?}");
    assert_eq!(stage.item("T-0002"), "done", "{}", stage.why());
    // Either its commit is merged, or it is kept and the task says what happened.
    if stage.item("T-0001") != "done" {
        let head = stage.told("head");
        let head = head.lines().next().unwrap();
        let kept = stage.repo.git(&["branch", "--contains", head]).ok();
        assert!(kept.out.contains("T-0001"), "the commit is lost");
        let task = stage.task("T-0001");
        assert_eq!(task["status"], "failed", "{task}");
        assert!(task["reason"].is_string(), "{task}");
    }
    stage.repo.git(&["fsck", "--connectivity-only"]).ok();
    stage.left_no_process();
}

/// WT-04: an agent commits to main in the human's checkout instead of its own branch.
#[test]
fn wt_04_a_commit_to_main_is_no_work() {
    let stage = Stage::with_tasks(&["One"]).without_sandbox();
    let script = format!(
        "cd '{}'; echo x > sneaked.txt; git add -A; git commit -qm Sneaked; echo $? >> \"$OUT/commit\"",
        stage.repo.path.display()
    );
    let rule = ["config", "pm.protectedBranches", "main"];
    stage.repo.git(&rule).ok();
    let main = stage.repo.tip("main");
    stage
        .run(&script, &["--merge", "gates", "--returns", "0"])
        .exits(1);
    assert_eq!(stage.told("commit"), "1\n", "the hook let it pass");
    assert_eq!(stage.repo.tip("main"), main);
    assert_ne!(stage.item("T-0001"), "done");
}

/// The same around the hooks: nothing is lost, and the task does not count as done.
#[test]
fn a_commit_to_main_around_the_hooks_is_noticed() {
    let stage = Stage::with_tasks(&["One"]).without_sandbox();
    let script = format!(
        "cd '{}'; echo x > sneaked.txt; git add -A; git -c core.hooksPath=/dev/null commit -qm Sneaked --no-verify",
        stage.repo.path.display()
    );
    stage
        .run(&script, &["--merge", "gates", "--returns", "0"])
        .exits(1);
    assert_ne!(stage.item("T-0001"), "done");
    assert_eq!(stage.task("T-0001")["status"], "failed");
}

/// Hooks that an agent removes do not protect less: what it commits is checked again.
#[test]
fn work_is_checked_again_after_hooks_were_removed() {
    let stage = Stage::with_tasks(&["One"]).without_sandbox();
    let script = "rm -rf \"$(git rev-parse --git-common-dir)/hooks\"\n\
                  mkdir -p infra; echo x > infra/x.tf; git add -A; git commit -qm Work";
    let main = stage.repo.tip("main");
    stage.run(script, &["--merge", "gates"]).exits(1);
    assert_eq!(stage.repo.tip("main"), main, "{}", stage.why());
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
    let reason = stage.task("T-0001")["reason"].to_string();
    assert!(reason.contains("infra/x.tf"), "{reason}");
}

/// What another task has reserved is not changed unnoticed.
#[test]
fn work_on_files_that_another_has_reserved_is_not_merged_by_gates() {
    let stage = Stage::with_tasks(&["One"]).without_sandbox();
    let bea = stage.repo.by("Bea");
    bea.pm(&["reserve", "add", "src/auth.rs"]).ok();
    let script = "cat >/dev/null; echo mine > src/auth.rs; git add -A\n\
                  git -c core.hooksPath=/dev/null commit -qm Work --no-verify";
    let main = stage.repo.tip("main");
    stage
        .run(script, &["--merge", "gates", "--returns", "0"])
        .exits(1);
    assert_eq!(stage.repo.tip("main"), main, "{}", stage.why());
    assert!(
        stage.task("T-0001")["reason"]
            .to_string()
            .contains("src/auth.rs"),
        "{}",
        stage.why()
    );
}

/// A symbolic link out of the repository is not followed, and not merged without a human.
#[test]
fn a_link_out_of_the_repository_is_not_merged_by_gates() {
    let stage = Stage::with_tasks(&["One"]).without_sandbox();
    let script = "ln -sfn /etc etc; ln -sfn ../../../etc/passwd users; git add -A\n\
                  git commit -qm Work || git commit -qm Work --no-verify";
    let main = stage.repo.tip("main");
    stage.run(script, &["--merge", "gates"]).exits(1);
    assert_eq!(stage.repo.tip("main"), main, "{}", stage.why());
    assert_ne!(stage.item("T-0001"), "done");
}

/// A lock of git's index, left behind by an agent, does not stick.
#[test]
fn a_lock_left_behind_does_not_stop_the_run() {
    let stage = Stage::with_tasks(&["T-0001", "T-0002"]).without_sandbox();
    let script = format!("{WORK}\ntouch \"$(git rev-parse --git-dir)/index.lock\"");
    let ran = stage.run(&script, &["--merge", "gates"]);
    assert!(ran.code == 0 || ran.code == 1, "{ran:?}");
    for id in ["T-0001", "T-0002"] {
        let task = stage.task(id);
        let explained = task["status"] == "failed" && task["reason"].to_string().contains("lock");
        assert!(stage.item(id) == "done" || explained, "{task}");
    }
    stage.left_no_process();
}

/// An agent on another branch, with a detached HEAD, or in the middle of a rebase.
#[test]
fn an_agent_that_leaves_its_branch_has_not_done_the_task() {
    for script in [
        "git switch -qc elsewhere-$$; echo x > x.txt; git add -A; git commit -qm Work",
        "git switch -q --detach; echo x > x.txt; git add -A; git commit -qm Work",
    ] {
        let stage = Stage::with_tasks(&["One"]).without_sandbox();
        let main = stage.repo.tip("main");
        let script = format!("cat > \"$OUT/prompt\"\n{script}");
        stage
            .run(&script, &["--merge", "gates", "--returns", "1"])
            .exits(1);
        assert_eq!(stage.repo.tip("main"), main, "{script}: {}", stage.why());
        assert_eq!(stage.task("T-0001")["status"], "failed", "{script}");
        stage.left_no_process();
    }
}

/// An agent that gives its task away, drops it or closes it.
#[test]
fn an_agent_that_gives_its_task_away_is_survived() {
    for command in [
        "git pm drop",
        "git pm task reassign $GIT_PM_TASK --to Bea",
        "git pm task close $GIT_PM_TASK --reason done",
        "git pm delete $GIT_PM_TASK",
    ] {
        let stage = Stage::with_tasks(&["One", "Two"]).without_sandbox();
        let script = format!("if test $GIT_PM_TASK = T-0001; then {command}; exit 0; fi\n{WORK}");
        let main = stage.repo.tip("main");
        let ran = stage.run(&script, &["--merge", "gates"]);
        assert!(ran.code == 0 || ran.code == 1, "{command}: {ran:?}");
        assert_eq!(stage.item("T-0002"), "done", "{command}: {}", stage.why());
        assert_eq!(stage.repo.tip("main^"), main, "{command}");
        stage.left_no_process();
    }
}

/// An agent that ends the run itself from inside: the parent of the process that keeps it.
#[test]
fn an_agent_that_kills_its_runner_is_an_interruption() {
    let stage = Stage::with_tasks(&["T-0001", "T-0002"]).without_sandbox();
    let script = format!(
        "if ! test -e \"$OUT/once\"; then touch \"$OUT/once\"; kill -9 $(ps -o ppid= -p $PPID); sleep 60; fi\n{WORK}"
    );
    let ran = stage.run(&script, &["--merge", "gates"]);
    assert_ne!(ran.code, 101, "{ran:?}");
    stage.resume().ok();
    stage.all_merged(&["T-0001", "T-0002"]);
}

/// Texts of tasks are data: they are never a part of a command.
#[test]
fn the_text_of_a_task_is_never_run() {
    let stage = Stage::new().without_sandbox();
    let bad = format!(
        "$(touch '{0}/owned') `touch '{0}/owned'` ; touch '{0}/owned' #",
        stage.out.display()
    );
    stage.repo.task(&bad, &["--body", &bad, "--accept", &bad]);
    let script = format!("{WORK}\ngit pm task accept T-0001 1 --evidence seen");
    stage.run(&script, &["--merge", "gates"]).ok();
    assert!(!stage.out.join("owned").exists());
    assert!(stage.told("T-0001.prompt").contains("touch"));
}

/// Hooks that an agent has removed or changed protect the human no longer: the run puts them back, or
/// says what happened.
#[test]
fn removed_hooks_are_put_back_or_reported() {
    let stage = Stage::with_tasks(&["T-0001"]).without_sandbox();
    let hooks = stage.repo.path.join(".git/hooks");
    assert!(hooks.join("pre-commit").exists());
    let script = format!("rm -rf \"$(git rev-parse --git-common-dir)/hooks\"\n{WORK}");
    let ran = stage.run(&script, &["--merge", "gates"]);
    let said = ran.out + &ran.err + &stage.why();
    assert!(
        hooks.join("pre-commit").exists() || said.contains("hook"),
        "{said}"
    );
}

/// A lock in the human's repository is named by the task that it stops, and nothing is lost.
#[test]
fn a_lock_in_the_humans_checkout_is_named() {
    let stage = Stage::with_tasks(&["T-0001"]).without_sandbox();
    let script = format!("{WORK}\ntouch \"$(git rev-parse --git-common-dir)/index.lock\"");
    let ran = stage.run(&script, &["--merge", "gates"]);
    if ran.code != 0 {
        let reason = stage.task("T-0001")["reason"].to_string();
        assert!(reason.contains("index.lock"), "{reason}");
        std::fs::remove_file(stage.repo.path.join(".git/index.lock")).unwrap();
        stage.repo.pm(&["run", "retry", "T-0001"]).ok();
        stage.resume().ok();
    }
    stage.all_merged(&["T-0001"]);
}
