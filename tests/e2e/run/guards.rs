//! Work that no gate may merge: it waits for a human.

use super::stage::{Stage, WORK};

/// Runs one task by gates; its work must end in review, with the target unmoved.
#[track_caller]
fn waits_for_a_human(stage: &Stage, script: &str, because: &str) {
    let main = stage.repo.tip("main");
    stage.run(script, &["--merge", "gates"]).exits(1);
    assert_eq!(stage.repo.tip("main"), main, "merged: {}", stage.why());
    assert_eq!(stage.item("T-0001"), "in_review", "{}", stage.why());
    let task = stage.task("T-0001");
    let reason = task["reason"].as_str().unwrap_or_default();
    assert!(reason.contains("human"), "{task}");
    assert!(reason.contains(because), "{task}");
    // A human can approve and merge it, once its findings are dismissed.
    let findings = stage.repo.data(&["finding", "list", "T-0001"]);
    for one in findings["items"].as_array().unwrap() {
        let id = one["id"].as_str().unwrap();
        let dismiss = ["finding", "dismiss", id, "--reason", "seen"];
        stage.repo.pm(&dismiss).ok();
    }
    stage.repo.pm(&["task", "approve", "T-0001"]).ok();
    stage.repo.pm(&["merge", "T-0001"]).ok();
    assert_eq!(stage.item("T-0001"), "done");
}

/// An agent that finishes by force has passed no check.
#[test]
fn work_finished_by_force_is_not_merged_by_gates() {
    let stage = Stage::new();
    stage.repo.task("One", &["--accept", "it works"]);
    let gate = "test=exit 1";
    stage.repo.git(&["config", "--add", "pm.gate", gate]).ok();
    let script = format!("{WORK}\ngit pm task finish --force");
    let main = stage.repo.tip("main");
    stage.run(&script, &["--merge", "gates"]).exits(1);
    assert_eq!(stage.repo.tip("main"), main, "{}", stage.why());
    assert_ne!(stage.item("T-0001"), "done");
}

/// SE-04, RV-08: an agent's commit of a protected path, made around the hooks.
#[test]
fn se_04_work_on_protected_paths_is_not_merged_by_gates() {
    let stage = Stage::with_tasks(&["One"]);
    let script = "mkdir -p .github/workflows; echo 'on: push' > .github/workflows/ci.yml\n\
                  git add -A; git -c core.hooksPath=/dev/null commit -qm Work --no-verify";
    waits_for_a_human(&stage, script, ".github/workflows/ci.yml");
}

/// SE-14, RV-08: migrations and infrastructure are changed only with the approval of a human.
#[test]
fn se_14_migrations_and_infrastructure_wait_for_a_human() {
    for path in [
        "db/migrations/7.sql",
        "db/migrate/7_a.rb",
        "CODEOWNERS",
        "modules/net.tf",
    ] {
        let script =
            format!("mkdir -p $(dirname {path}); echo x > {path}; git add -A; git commit -qm Work");
        let stage = Stage::with_tasks(&["One"]);
        waits_for_a_human(
            &stage,
            &script,
            &match path {
                "CODEOWNERS" => format!("changes {path}, which says whose approval counts"),
                _ => format!("changes {path}, which a human has to approve"),
            },
        );
        let agent = crate::support::agent(&stage.repo);
        assert_ne!(agent.pm(&["config", "pm.approvalPaths", "none"]).code, 0);
    }
    let stage = Stage::with_tasks(&["T-0001"]);
    stage
        .repo
        .pm(&["config", "pm.approvalPaths", "schema/"])
        .ok();
    let script = format!("mkdir migrations; echo x > migrations/1\n{WORK}");
    stage.run(&script, &["--merge", "gates"]).ok();
    stage.all_merged(&["T-0001"]);
}

/// RV-17, RV-18: a large change, files outside of the plan, a TODO and missing tests are reported, and
/// a large change is not merged if so configured.
#[test]
fn rv_17_a_large_change_waits_for_a_human() {
    let script =
        "seq 30 > long.py; echo '# TODO: more' >> long.py; git add -A; git commit -qm Work";
    let stage = Stage::new();
    stage.repo.task("One", &["--path", "src/**"]);
    stage.repo.pm(&["config", "pm.diffLines", "20"]).ok();
    stage.repo.pm(&["config", "pm.diffBlock", "true"]).ok();
    let agent = crate::support::agent(&stage.repo);
    assert_ne!(agent.pm(&["config", "pm.diffBlock", "false"]).code, 0);
    waits_for_a_human(&stage, script, "The change has 31 lines; the limit is 20.");

    let stage = Stage::new();
    stage.repo.task("One", &["--path", "src/**"]);
    stage.repo.pm(&["config", "pm.diffLines", "20"]).ok();
    let ran = stage.run(script, &[]).exits(1);
    let said = ran.out + &ran.err;
    for found in [
        "The task did not declare `long.py`",
        "The change has 31 lines; the limit is 20.",
        "A comment leaves work to do in `long.py`.",
    ] {
        assert!(said.contains(found), "{found}: {said}");
    }
}

/// RV-18: what no gate looks into is left to a human, who may merge it.
#[test]
fn rv_18_links_that_lead_out_and_submodules_wait_for_a_human() {
    for (script, because) in [
        (
            "ln -s ../../notes out; git add -A",
            "The link `out` leads out",
        ),
        (
            "git init -q sub; git -C sub commit -qm Sub --allow-empty; git add -A",
            "The submodule `sub` changes",
        ),
    ] {
        let stage = Stage::with_tasks(&["One"]);
        let script = format!("{WORK}\n{script}\ngit commit -qm More");
        waits_for_a_human(&stage, &script, because);
    }
}

/// SE-15: so is a secret in the diff, also if a later commit removes it again.
#[test]
fn se_15_work_with_a_secret_is_not_merged_by_gates() {
    // Also in a file that is not in UTF-8.
    for start in ["", "caf\\351"] {
        let stage = Stage::with_tasks(&["One"]);
        // Put together here, so that this file contains no secret.
        let script = format!(
            "a=AKIA; printf '{start}\\n' > settings.txt\n\
             echo \"key = ${{a}}Z7QJ4KXW2N5VRTLM\" >> settings.txt\n\
             git add -A; git commit -qm Work || git commit -qm Work --no-verify"
        );
        waits_for_a_human(&stage, &script, "");
    }
}

#[test]
fn se_15_the_secret_itself_is_not_printed() {
    let stage = Stage::with_tasks(&["One"]);
    let script = "a=AKIA; echo \"key = ${a}Z7QJ4KXW2N5VRTLM\" > settings.txt\n\
                  git add -A; git commit -qm Work --no-verify; cat settings.txt";
    let ran = stage.run(script, &["--merge", "gates"]).exits(1);
    let secret = ["AKIA", "Z7QJ4KXW2N5VRTLM"].concat();
    let logs = stage.repo.pm(&["logs"]).ok();
    for text in [&ran.out, &ran.err, &logs.out, &stage.why()] {
        assert!(!text.contains(&secret), "{text}");
    }
}

/// A change of the gates themselves is no decision of gates.
#[test]
fn work_that_changes_the_gates_is_not_merged_by_gates() {
    let stage = Stage::new();
    stage
        .repo
        .write(".pm.toml", "[gates]\ntest = \"test ! -e bad\"\n");
    stage.repo.commit_all("Gates");
    stage.repo.pm(&["trust", "--yes"]).ok();
    stage.repo.task("One", &[]);
    let main = stage.repo.tip("main");
    let script = "printf '[gates]\\ntest = \"true\"\\n' > .pm.toml; touch bad; git add -A\n\
                  git commit -qm Work --no-verify; git pm trust --yes";
    stage.run(script, &["--merge", "gates"]).exits(1);
    assert_eq!(stage.repo.tip("main"), main, "{}", stage.why());
    assert_ne!(stage.item("T-0001"), "done");
}

/// TM-13: the policy of a task limits the run.
#[test]
fn tm_13_the_policy_of_a_task_limits_what_a_run_does() {
    let stage = Stage::new();
    for policy in ["none", "plan", "develop", "review"] {
        stage.repo.task(policy, &["--auto-policy", policy]);
    }
    stage.run(WORK, &["--merge", "gates"]).exits(1);
    for id in ["T-0001", "T-0002"] {
        assert_eq!(stage.told(&format!("{id}.prompt")), "", "{id} was started");
        assert_eq!(stage.item(id), "queued");
    }
    assert_eq!(stage.item("T-0003"), "in_review", "{}", stage.why());
    assert_eq!(stage.item("T-0004"), "done", "{}", stage.why());
    let reason = stage.task("T-0001")["reason"].to_string();
    assert!(
        reason.contains("none") && reason.contains("policy"),
        "{reason}"
    );
}

/// RC-01: what belongs to an unapproved plan is not started. Nor is what a human has stopped.
#[test]
fn rc_01_what_a_human_has_not_released_is_not_started() {
    let stage = Stage::with_tasks(&["One", "Two", "Three", "Four"]);
    let repo = &stage.repo;
    repo.pm(&["task", "block", "T-0001", "legal has to look"])
        .ok();
    repo.pm(&["issue", "defer", "T-0002", "--until", "2099-01-01"])
        .ok();
    repo.pm(&["start", "T-0003"]).ok();
    stage.run(WORK, &["--merge", "gates", "--agents", "2"]);
    for id in ["T-0001", "T-0002", "T-0003"] {
        assert_eq!(stage.told(&format!("{id}.prompt")), "", "{id} was started");
    }
    assert_eq!(stage.item("T-0004"), "done", "{}", stage.why());
    assert_eq!(stage.item("T-0003"), "in_progress");
    assert_eq!(repo.data(&["show", "T-0003"])["claim"]["actor"], "Ana");
}

/// A stop by a human during the work is respected by the merge.
#[test]
fn work_that_is_stopped_meanwhile_is_not_merged() {
    let stage = Stage::with_tasks(&["One"]);
    let script = format!(
        "{WORK}\necho go > \"$OUT/here\"\nwhile ! test -e \"$OUT/on\"; do sleep 0.05; done"
    );
    let main = stage.repo.tip("main");
    let run = stage.start(&script, &["--merge", "gates"]);
    stage.wait_for("here");
    stage.repo.pm(&["task", "block", "T-0001", "a hole"]).ok();
    stage.tell("on");
    run.end().exits(1);
    assert_eq!(stage.repo.tip("main"), main, "{}", stage.why());
    assert_ne!(stage.item("T-0001"), "done");
}
