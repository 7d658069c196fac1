//! What an agent without a sandbox changes outside of its worktree.

use super::stage::{Stage, WORK};

/// RC-12: an agent that moves the target itself, or removes a gate, has failed.
#[test]
fn an_agent_that_changes_branches_or_settings_fails() {
    for (change, named) in [
        ("git update-ref refs/heads/main HEAD", "changed main"),
        ("git tag mine", "changed tags/mine"),
        ("git config --unset-all pm.gate", "the setting pm.gate"),
        (
            "git config core.hooksPath /tmp",
            "the setting core.hookspath",
        ),
    ] {
        let stage = Stage::with_tasks(&["One"]).without_sandbox();
        stage
            .repo
            .pm(&["config", "pm.gate", "there=test -e T-0001.txt"])
            .ok();
        stage.run(&format!("{WORK}{change}"), &[]).exits(1);
        let task = stage.task("T-0001");
        assert_eq!(task["status"], "failed", "{change}: {task}");
        assert!(
            task["reason"].to_string().contains(named),
            "{change}: {task}"
        );
        assert_ne!(stage.item("T-0001"), "in_review", "{change}");
    }
}

/// RC-12: a person may be working in the main checkout, so its changes only hold the merge.
#[test]
fn changes_of_the_main_checkout_hold_the_merge_by_gates() {
    let stage = Stage::with_tasks(&["One", "Two"]).without_sandbox();
    let main = stage.repo.path.display();
    let script = format!("{WORK}test $GIT_PM_TASK = T-0002 || echo x > '{main}/new file'");
    stage.run(&script, &["--merge", "gates"]).exits(1);
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
    let reason = stage.task("T-0001")["reason"].to_string();
    assert!(reason.contains("new file"), "{reason}");
    // What was there before the attempt is not its own.
    assert_eq!(stage.item("T-0002"), "done", "{}", stage.why());
}
