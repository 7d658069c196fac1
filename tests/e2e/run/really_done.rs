//! Exit code 0 is not enough: what a check finds goes back to the agent, a bounded number of times,
//! and then the task has failed, with the reason. RC-12.

use serde_json::{Value, json};

use super::stage::{Stage, WORK};
use crate::serve::Server;

/// Counts its attempts and keeps each prompt.
const KEEP: &str = r#"
echo x >> "$OUT/attempts"
n=$(wc -l < "$OUT/attempts" | tr -d ' ')
cat > "$OUT/prompt-$n"
"#;

/// Runs one task whose agent never does it well: it must fail, after three attempts of which the
/// second and third were told why.
#[track_caller]
fn never_enough(stage: &Stage, script: &str, because: &str) {
    let main = stage.repo.tip("main");
    let ran = stage.run(&format!("{KEEP}\n{script}"), &["--merge", "gates"]);
    let ran = ran.exits(1);
    assert_eq!(stage.told("attempts"), "x\nx\nx\n", "{}", stage.why());
    for again in ["prompt-2", "prompt-3"] {
        let prompt = stage.told(again);
        assert!(prompt.contains(because), "{again}: {prompt}");
    }
    let task = stage.task("T-0001");
    assert_eq!(task["status"], "failed");
    assert_eq!(task["attempt"], 3);
    let reason = task["reason"].as_str().unwrap();
    assert!(reason.contains(because), "{reason}");
    assert!(ran.out.contains(because), "{}", ran.out);
    assert_eq!(stage.repo.tip("main"), main, "the target moved");
    assert_ne!(stage.item("T-0001"), "done");
    stage.left_no_process();
}

#[test]
fn no_commit_is_not_enough() {
    let stage = Stage::with_tasks(&["One"]);
    never_enough(&stage, "exit 0", "no commits");
}

/// That there is nothing to submit is for a human to decide.
#[test]
fn no_commit_is_not_enough_by_force() {
    let stage = Stage::with_tasks(&["One"]);
    let script =
        "git pm task finish --force 2> \"$OUT/said\" && echo x > \"$OUT/submitted\"; exit 0";
    never_enough(&stage, script, "no commits");
    assert_eq!(stage.told("submitted"), "");
    let said = stage.told("said");
    assert!(said.contains("only a human passes over it"), "{said}");
}

#[test]
fn uncommitted_files_are_not_enough() {
    let stage = Stage::with_tasks(&["One"]);
    never_enough(
        &stage,
        "date >> done.txt; git add -A; git commit -qm Done; echo x > forgotten-$n.txt",
        "forgotten-",
    );
}

#[test]
fn criteria_without_evidence_are_not_enough() {
    let stage = Stage::new();
    stage.repo.task("One", &["--accept", "the moon is full"]);
    let script = "echo $$ > done.txt; git add -A; git commit -qm Done";
    never_enough(&stage, script, "task accept T-0001");
}

#[test]
fn a_failing_gate_returns_its_output_to_the_agent() {
    let stage = Stage::with_tasks(&["One"]);
    let gate = "test=echo \"line $((3 + 4)): the moon\"; exit 3";
    stage.repo.git(&["config", "--add", "pm.gate", gate]).ok();
    let script = "echo $$ > done.txt; git add -A; git commit -qm Done";
    never_enough(&stage, script, "line 7: the moon");
    assert_eq!(gates(&stage), json!([{}, {"test": 3}]));
}

/// The numbers of submissions that passed each gate, and of attempts that did not.
fn gates(stage: &Stage) -> Value {
    let stats = stage.repo.data(&["stats"]);
    json!([
        stats["agents"]["gates_passed"],
        stats["agents"]["gates_failed"]
    ])
}

/// The second attempt continues where the first has stopped, and may succeed.
#[test]
fn a_returned_task_is_repaired_in_the_same_worktree() {
    let stage = Stage::with_tasks(&["T-0001"]);
    let gate = "test=test \"$(cat T-0001.txt)\" = T-0001";
    stage.repo.git(&["config", "--add", "pm.gate", gate]).ok();
    let script = format!(
        "{KEEP}\ntest -e T-0001.txt && echo here > \"$OUT/again\"\n\
         if test $n = 1; then echo wrong > T-0001.txt; else echo T-0001 > T-0001.txt; fi\n\
         git add -A; git commit -qm 'Attempt'"
    );
    stage.run(&script, &["--merge", "gates"]).ok();
    assert_eq!(stage.told("again"), "here\n");
    stage.all_merged(&["T-0001"]);
    assert_eq!(stage.task("T-0001")["attempt"], 2);
    assert_eq!(gates(&stage), json!([{"test": 1}, {"test": 1}]));
    let metrics = Server::start(&stage.repo, &[]).get("/metrics").body;
    for result in ["passed", "failed"] {
        let line = format!("gitpm_gate_results{{gate=\"test\",result=\"{result}\"}} 1");
        assert!(metrics.contains(&line), "{metrics}");
    }
}

/// `--returns` limits how often work comes back.
#[test]
fn the_number_of_returns_is_a_choice() {
    for (returns, attempts) in [("0", "x\n"), ("1", "x\nx\n")] {
        let stage = Stage::with_tasks(&["One"]);
        stage
            .run(&format!("{KEEP}\nexit 0"), &["--returns", returns])
            .exits(1);
        assert_eq!(stage.told("attempts"), attempts);
    }
}

/// A gate that passes alone and fails on the merged result: no commit of the target fails it.
#[test]
fn work_that_breaks_the_merged_result_returns_to_its_agent() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    // At most one file may be named part-*, or they must agree with the number in `count`.
    stage.repo.write("count", "1\n");
    stage.repo.commit_all("Count");
    let gate = "count=n=$(ls part-* 2>/dev/null | wc -l); c=$(cat count); \
                test $n -le $c || { echo \"found $n parts and a count of $c\"; exit 1; }";
    stage.repo.git(&["config", "--add", "pm.gate", gate]).ok();
    // Both start from the same commit: each waits until the other has begun.
    let script = r#"
echo x >> "$OUT/$GIT_PM_TASK.attempts"
n=$(wc -l < "$OUT/$GIT_PM_TASK.attempts" | tr -d ' ')
cat > "$OUT/$GIT_PM_TASK.prompt-$n"
i=0
while [ $n = 1 ] && [ $i -lt 200 ] && ! { [ -e "$OUT/T-0001.attempts" ] && [ -e "$OUT/T-0002.attempts" ]; }; do
  sleep 0.05; i=$((i+1))
done
echo "$GIT_PM_TASK" > "$GIT_PM_TASK.txt"
echo x > "part-$GIT_PM_TASK"
if [ $n -gt 1 ]; then git merge -q --no-edit main >> "$OUT/merge" 2>&1; echo 2 > count; fi
git add -A; git commit -qm "Part $GIT_PM_TASK, attempt $n"
"#;
    stage
        .run(script, &["--agents", "2", "--merge", "gates"])
        .ok();
    stage.all_merged(&["T-0001", "T-0002"]);
    let told: Vec<String> = ["T-0001.prompt-2", "T-0002.prompt-2"]
        .iter()
        .map(|name| stage.told(name))
        .filter(|text| !text.is_empty())
        .collect();
    assert_eq!(told.len(), 1, "exactly one came back");
    assert!(told[0].contains("found 2 parts"), "{}", told[0]);
    assert_eq!(gates(&stage), json!([{"count": 2}, {"count": 1}]));
    // Every commit of the target passes.
    for commit in stage.repo.git(&["rev-list", "main"]).ok().out.lines() {
        let files = stage.repo.git(&["ls-tree", "--name-only", commit]).ok().out;
        let parts = files.lines().filter(|f| f.starts_with("part-")).count();
        let count = stage.repo.git(&["show", &format!("{commit}:count")]).text();
        assert!(
            parts <= count.parse().unwrap_or(1),
            "{commit}: {parts} parts, count {count}"
        );
    }
}

/// What the gates have seen is what the target gets, tree by tree.
#[test]
fn all_gates_run_on_what_is_merged() {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    let log = stage.out.join("gate.log");
    let gate = format!("test=git rev-parse HEAD^{{tree}} >> '{}'", log.display());
    stage.repo.git(&["config", "--add", "pm.gate", &gate]).ok();
    stage.run(WORK, &["--agents", "3", "--merge", "gates"]).ok();
    stage.all_merged(&["T-0001", "T-0002", "T-0003"]);
    let checked = stage.told("gate.log");
    let merged = stage.repo.git(&["log", "-3", "--format=%T", "main"]).ok();
    for tree in merged.out.lines() {
        assert!(checked.contains(tree), "{tree} was not checked:\n{checked}");
    }
}

/// The agent gets the end of a long output, line by line: that is where programs say what failed.
#[test]
fn the_output_of_a_gate_reaches_the_agent_as_it_was_printed() {
    let stage = Stage::with_tasks(&["One"]);
    let gate = "test=i=0; while [ $i -lt 3000 ]; do echo \"step $i passed\"; i=$((i+1)); done; \
                printf 'expected:\\n  %s\\ngot:\\n  %s\\n' $((40 + 1)) $((40 + 2)); exit 1";
    stage.repo.git(&["config", "--add", "pm.gate", gate]).ok();
    let script = format!("{KEEP}\necho $$ > done.txt; git add -A; git commit -qm Done");
    stage.run(&script, &["--returns", "1"]).exits(1);
    let prompt = stage.told("prompt-2");
    let end = &prompt[prompt.len().saturating_sub(600)..];
    assert!(prompt.contains("expected:\n  41\ngot:\n  42\n"), "{end}");
}

/// What an agent is told to do next is whole: the commands are in it.
#[test]
fn the_hint_of_a_refusal_names_its_command() {
    let stage = Stage::new();
    stage.repo.task("One", &["--accept", "the moon is full"]);
    let script = format!("{KEEP}\necho $$ > done.txt; git add -A; git commit -qm Done");
    stage.run(&script, &["--returns", "1"]).exits(1);
    let prompt = stage.told("prompt-2");
    let (_, told) = prompt
        .split_once("The last attempt")
        .expect("the last attempt");
    assert!(told.contains("git pm task accept T-0001"), "{told}");
}

/// A file in which both sides of a conflict stand.
const BROKEN: &str = "printf '<<<<<<< HEAD\\na\\n=======\\nb\\n>>>>>>> other\\n' > app.py";

#[test]
fn rv_06_findings_of_the_review_return_to_the_agent() {
    let stage = Stage::with_tasks(&["One"]);
    let script = format!("{BROKEN}; git add -A; git commit -qm Done || true");
    never_enough(&stage, &script, "conflict");
}

#[test]
fn rv_06_work_whose_findings_are_fixed_is_merged() {
    let stage = Stage::with_tasks(&["One"]);
    let script = format!(
        "{KEEP}\nif [ $n = 1 ]; then {BROKEN}; else echo 'a = 1' > app.py; fi\ngit add -A; git commit -qm Done"
    );
    stage.run(&script, &["--merge", "gates"]).ok();
    assert_eq!(stage.told("attempts"), "x\nx\n", "{}", stage.why());
    assert_eq!(stage.item("T-0001"), "done");
    let all = stage
        .repo
        .data(&["finding", "list", "T-0001", "--all", "--severity", "P1"]);
    let status: Vec<&Value> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["status"])
        .collect();
    assert_eq!(status, ["fixed"], "{all}");
}
