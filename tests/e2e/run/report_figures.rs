//! What `git pm report` says about the work of agents in runs: who finished it, where a human had to
//! help, what was re-scoped, tokens and cost. OB-13, ME-12.

use super::budget::{CLAUDE, RESULT, start};
use super::stage::Stage;

/// ME-12: a task that a human had to retry counts as helped, one whose estimate changed while its agent
/// was at work as re-scoped.
#[test]
fn me_12_interventions_and_changes_of_scope_are_counted() {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    let script = "cat > /dev/null\necho x >> \"$OUT/$GIT_PM_TASK.attempts\"\n\
                  n=$(wc -l < \"$OUT/$GIT_PM_TASK.attempts\" | tr -d ' ')\n\
                  test $GIT_PM_TASK$n = T-00011 && exit 1\n\
                  echo 1 > \"$OUT/$GIT_PM_TASK.begun\"\n\
                  if test $GIT_PM_TASK = T-0002; then while ! test -e \"$OUT/on\"; do sleep 0.05; done; fi\n\
                  echo $GIT_PM_TASK > $GIT_PM_TASK.txt; git add -A; git commit -qm Work";
    let run = stage.start(script, &["--agents", "3", "--merge", "gates"]);
    stage.wait_task("T-0001", "failed");
    stage.repo.pm(&["run", "retry", "T-0001"]).ok();
    stage.wait_for("T-0002.begun");
    let edit = ["task", "edit", "T-0002", "--estimate", "L"];
    stage.repo.pm(&edit).ok();
    stage.wait_task("T-0001", "completed");
    stage.tell("on");
    run.end().ok();
    stage.repo.task("By hand", &[]);
    stage.repo.pm(&["task", "done", "T-4", "--force"]).ok();
    let report = stage.repo.data(&["report", "--since", "1d"]);
    let agents = &report["agents"];
    let all = serde_json::json!(["T-0001", "T-0002", "T-0003"]);
    assert_eq!(
        (&agents["items"], &agents["finished"]),
        (&all, &3.into()),
        "{agents}"
    );
    assert_eq!(agents["intervened"], serde_json::json!(["T-0001"]));
    assert_eq!(agents["intervened_percent"], 33.3);
    assert_eq!(agents["rescoped"], serde_json::json!(["T-0002"]));
    assert_eq!(agents["rescoped_percent"], 33.3);
    let completion = &report["completion"];
    assert_eq!(
        (&completion["by_agents"], &completion["by_people"]),
        (&3.into(), &1.into()),
        "{}",
        report["changes"]
    );
    let text = stage.repo.pm(&["retro"]).ok().out;
    assert!(
        text.contains("1 re-scoped (33.3%), 1 with a human's help (33.3%)"),
        "{text}"
    );
    // Work that a human began and a run had no part in says nothing about agents.
    let before = stage
        .repo
        .data(&["report", "--since", "3d", "--until", "2d"]);
    assert!(before["agents"].is_null(), "{before}");
}

/// OB-13: tokens and dollars are those of the attempts in the period, also day by day.
#[test]
fn ob_13_a_report_has_the_tokens_and_the_cost_of_its_period() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    start(&stage, &format!("{CLAUDE}{RESULT}"), &[]).end().ok();
    let report = stage.repo.data(&["report", "--since", "1d"]);
    assert_eq!(report["used"]["attempts"], 2);
    assert_eq!(report["used"]["cost_usd"], 1.2);
    let series = report["series"].as_array().unwrap();
    let tokens: u64 = series
        .iter()
        .map(|point| point["tokens"].as_u64().unwrap())
        .sum();
    assert_eq!(tokens, 2_500);
    let total = stage.repo.data(&["cost"]);
    assert_eq!(report["used"], total["total"], "`cost` says something else");
    let later = ["report", "--since", "1d", "--until", "23h"];
    assert_eq!(stage.repo.data(&later)["used"]["attempts"], 0);
}
