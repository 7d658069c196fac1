//! What `git pm cost` says about runs: usage, cost, phases, models, a baseline; and that it invents
//! nothing. MR-10, MR-11, MR-12, MR-19.

use serde_json::Value;

use super::budget::{CLAUDE, RESULT, start};
use super::stage::{Stage, WORK};
use crate::support::forge;

/// The line of a group with this name.
#[track_caller]
fn line(report: &Value, by: &str, name: &str) -> Value {
    let groups = report["groups"].as_array().expect("groups");
    let group = groups.iter().find(|group| group["by"] == by);
    let lines = group.unwrap_or_else(|| panic!("no group {by}: {report}"))["lines"].clone();
    let lines = lines.as_array().unwrap();
    let found = lines.iter().find(|line| line["name"] == name);
    found
        .unwrap_or_else(|| panic!("no {name} in {by}: {report}"))
        .clone()
}

#[track_caller]
fn close(value: &Value, wanted: f64) {
    let value = value
        .as_f64()
        .unwrap_or_else(|| panic!("{value} is no number"));
    assert!((value - wanted).abs() < 1e-6, "{value} instead of {wanted}");
}

/// The path of the document of the only task of the only run.
fn job_path(stage: &Stage) -> String {
    let all = stage
        .repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "runs/"]);
    let all = all.ok().out;
    let mut paths = all.lines();
    let job = paths.find(|path| forge::read(&stage.repo, path).contains("\nattempts:"));
    job.unwrap_or_else(|| panic!("no attempts in {all}"))
        .to_string()
}

/// OB-09, MR-12: the status shows what agents used today, and the budgets.
#[test]
fn ob_09_the_status_shows_use_and_budgets() {
    let stage = Stage::new();
    stage.repo.task("One", &[]);
    let before = stage.repo.data(&["status"]);
    assert!(before["used_today"].is_null(), "{before}");
    stage.repo.pm(&["budget", "set", "--day", "2usd"]).ok();
    start(&stage, &format!("{CLAUDE}{RESULT}"), &[]).end().ok();
    let status = stage.repo.data(&["status"]);
    let used = &status["used_today"];
    close(&used["cost_usd"], 0.6);
    assert_eq!(
        (&used["attempts"], &used["messages"]),
        (&1.into(), &1.into()),
        "{used}"
    );
    close(&status["budgets"][0]["left_usd"], 1.4);
    let shown = stage.repo.pm(&["status"]).ok().out;
    for line in [
        "Agents today: 1 attempt, 1 response, 1250 tokens, cost 0.60 USD",
        "Budget for each day: 0.60 of 2.00 USD (open)",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
}

/// MR-10, MR-11, MR-12: what agents report is summed by phase, model, task, epic, agent, day and run.
#[test]
fn mr_10_cost_is_reported_by_phase_model_and_epic() {
    let stage = Stage::new();
    let epic = stage.repo.data(&["epic", "create", "Log in"]);
    let epic = epic["id"].as_str().unwrap().to_string();
    let work = stage
        .repo
        .task("Write it", &["--epic", &epic, "--estimate", "S"]);
    let test = stage.repo.task("Test it", &["--type", "test"]);
    let research = stage.repo.task("Look around", &["--type", "spike"]);
    // One of them with another model.
    let models = format!("if test $GIT_PM_TASK = {test}; then M=other-model; else M=m; fi\n");
    let script = format!("{models}{CLAUDE}{RESULT}").replace(r#""model":"m""#, r#""model":"'$M'""#);
    start(&stage, &script, &[]).end().ok();
    let report = stage.repo.data(&["cost"]);
    let total = &report["total"];
    close(&total["cost_usd"], 1.8);
    close(&total["computed_usd"], 0.0);
    for (key, wanted) in [
        ("tasks", 3),
        ("attempts", 3),
        ("attempts_without_usage", 0),
        ("input_tokens", 3_000),
        ("cached_tokens", 600),
        ("output_tokens", 150),
        ("messages", 3),
        ("unpriced_tokens", 0),
    ] {
        assert_eq!(total[key], wanted, "{key}: {report}");
    }
    for phase in ["planning", "implementation", "testing"] {
        close(&line(&report, "phase", phase)["cost_usd"], 0.6);
    }
    close(&line(&report, "model", "m")["cost_usd"], 1.2);
    let other = line(&report, "model", "other-model");
    close(&other["cost_percent"], 33.3);
    close(&other["tokens_percent"], 33.3);
    assert_eq!(line(&report, "epic", &epic)["title"], "Log in");
    close(&line(&report, "epic", "none")["cost_usd"], 1.2);

    let by = stage.repo.data(&["cost", "--by", "task,agent,day,run"]);
    assert_eq!(line(&by, "task", &research)["attempts"], 1);
    assert_eq!(line(&by, "agent", "claude")["attempts"], 3);
    let groups = by["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 4);
    let today = groups[2]["lines"][0]["name"].as_str().unwrap();
    assert_eq!(today.len(), 10, "{today}");
    let run = stage.status()["id"].as_str().unwrap().to_string();
    assert_eq!(groups[3]["lines"][0]["name"], *run);

    for (args, tasks) in [
        (vec!["cost", "--epic", &epic], 1),
        (vec!["cost", "--item", &test], 1),
        (vec!["cost", "--run", &run], 3),
        (vec!["cost", "--since", today], 3),
        (vec!["cost", "--since", "yesterday"], 3),
    ] {
        let some = stage.repo.data(&args);
        assert_eq!(some["total"]["tasks"], tasks, "{args:?}: {some}");
    }
    let of_epic = stage.repo.data(&["cost", "--epic", &epic]);
    assert_eq!(line(&of_epic, "task", &work)["title"], "Write it");
    for wrong in [
        vec!["cost", "--epic", "E-0099"],
        vec!["cost", "--run", "R-zzzzzz"],
    ] {
        stage.repo.pm(&wrong).exits(4);
    }
    for wrong in [
        vec!["cost", "--since", "soon"],
        vec!["cost", "--by", "colour"],
        vec!["cost", "--baseline", "much"],
    ] {
        stage.repo.pm(&wrong).exits(2);
    }
    let shown = stage.repo.pm(&["cost"]).ok().out;
    for part in ["1.80 USD", "By phase", "By model", "33.3%"] {
        assert!(shown.contains(part), "no {part}: {shown}");
    }
}

/// MR-10: the savings against a baseline, as a total or for each hour by estimate.
#[test]
fn mr_10_cost_is_compared_with_a_baseline() {
    let stage = Stage::new();
    // Two hours and eight.
    stage.repo.task("One", &["--estimate", "S"]);
    stage.repo.task("Two", &["--estimate", "L"]);
    start(&stage, &format!("{CLAUDE}{RESULT}"), &[]).end().ok();
    assert!(stage.repo.data(&["cost"])["baseline"].is_null());
    let total = stage.repo.data(&["cost", "--baseline", "12usd"])["baseline"].clone();
    close(&total["baseline_usd"], 12.0);
    close(&total["savings_percent"], 90.0);
    assert_eq!(
        (&total["hours"], &total["finished"]),
        (&Value::Null, &2.into())
    );
    stage.repo.git(&["config", "pm.costBaseline", "3/h"]).ok();
    let hourly = stage.repo.data(&["cost"])["baseline"].clone();
    close(&hourly["baseline_usd"], 30.0);
    close(&hourly["hours"], 10.0);
    close(&hourly["savings_percent"], 96.0);
    assert_eq!(hourly["is_partial"], false);
    let shown = stage.repo.pm(&["cost"]).ok().out;
    assert!(shown.contains("96.0%"), "{shown}");
    stage.repo.git(&["config", "pm.costBaseline", "cheap"]).ok();
    stage.repo.pm(&["cost"]).exits(2);
}

/// MR-12: counts work without prices; what is not known is null, and not zero.
#[test]
fn mr_12_counts_work_without_prices() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let unpriced = RESULT.replace(r#""total_cost_usd":0.6,"#, "");
    start(
        &stage,
        &format!("{CLAUDE}{unpriced}"),
        &["--only", "T-0001"],
    )
    .end()
    .ok();
    // A script reports nothing at all.
    stage.run(WORK, &["--merge", "gates"]).ok();
    let report = stage.repo.data(&["cost", "--baseline", "90/h"]);
    let total = &report["total"];
    assert_eq!(total["cost_usd"], Value::Null, "{report}");
    assert_eq!(
        (&total["attempts"], &total["attempts_without_usage"]),
        (&2.into(), &1.into())
    );
    assert_eq!(
        (&total["messages"], &total["output_tokens"]),
        (&1.into(), &50.into())
    );
    assert_eq!(total["unpriced_tokens"], 1_250);
    assert_eq!(
        line(&report, "phase", "implementation")["cost_percent"],
        Value::Null
    );
    assert_eq!(line(&report, "model", "unknown")["attempts"], 1);
    assert_eq!(report["baseline"]["savings_percent"], Value::Null);
    let shown = stage.repo.pm(&["cost", "--baseline", "90/h"]).ok().out;
    assert!(
        shown.contains("unknown") && !shown.contains(" 0.00 USD"),
        "{shown}"
    );
}

/// MR-19: a price that the agent does not report is computed from the table, which the user can
/// override, and marked as computed.
#[test]
fn mr_19_a_missing_price_is_computed_from_the_table() {
    let unpriced = RESULT.replace(r#""total_cost_usd":0.6,"#, "");
    let known = CLAUDE.replace(r#""model":"m""#, r#""model":"claude-sonnet-4-5-20250929""#);
    let script = format!("{known}{unpriced}");
    // 1000 read at 3 USD a million, 200 from the cache at 0.3, 50 written at 15.
    for (price, cost) in [(None, 0.003_81), (Some("claude-sonnet-4-5=1000,0,0"), 1.0)] {
        let stage = Stage::with_tasks(&["One"]);
        if let Some(price) = price {
            stage.repo.git(&["config", "pm.price", price]).ok();
        }
        start(&stage, &script, &["--budget", "20usd"]).end().ok();
        let report = stage.repo.data(&["cost"]);
        close(&report["total"]["cost_usd"], cost);
        close(&report["total"]["computed_usd"], cost);
        let model = line(&report, "model", "claude-sonnet-4-5-20250929");
        close(&model["cost_percent"], 100.0);
        close(&stage.status()["used"]["cost_usd"], cost);
        let shown = stage.repo.pm(&["cost"]).ok().out;
        assert!(shown.contains("computed from tokens"), "{shown}");
    }
}

/// Without a run there is nothing to report, and nothing fails.
#[test]
fn cost_of_nothing_is_nothing() {
    let stage = Stage::with_tasks(&["One"]);
    let report = stage.repo.data(&["cost"]);
    assert_eq!(report["total"]["attempts"], 0);
    assert_eq!(report["total"]["cost_usd"], Value::Null);
    let shown = stage.repo.pm(&["cost"]).ok().out;
    assert!(shown.contains("No agent has worked"), "{shown}");
}

/// Each attempt has its own times and tokens; one that failed counts, too.
#[test]
fn every_attempt_counts() {
    let stage = Stage::with_tasks(&["One"]);
    // The first one commits nothing.
    let lazy = CLAUDE.replace("git add -A", "test -e \"$OUT/again\" || { touch \"$OUT/again\"; echo '{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"Done\",\"total_cost_usd\":0.25,\"usage\":{\"input_tokens\":7,\"output_tokens\":3},\"session_id\":\"s-1\"}'; rm -f \"$GIT_PM_TASK.txt\"; exit 0; }\ngit add -A");
    start(&stage, &format!("{lazy}{RESULT}"), &[]).end().ok();
    let report = stage.repo.data(&["cost"]);
    assert_eq!(report["total"]["attempts"], 2, "{report}");
    close(&report["total"]["cost_usd"], 0.85);
    assert_eq!(report["total"]["output_tokens"], 53);
    let text = forge::read(&stage.repo, &job_path(&stage));
    assert_eq!(text.matches("    began: ").count(), 2, "{text}");
    assert_eq!(text.matches("    ended: ").count(), 2, "{text}");
}

/// Runs are documents that anyone can write who can push: no value of theirs panics, wraps, or
/// reaches the terminal as a control character.
#[test]
fn hostile_runs_are_counted_without_harm() {
    let stage = Stage::with_tasks(&["One"]);
    start(&stage, &format!("{CLAUDE}{RESULT}"), &[]).end().ok();
    stage.repo.pm(&["budget", "set", "--day", "5usd"]).ok();
    let path = job_path(&stage);
    let honest = forge::read(&stage.repo, &path);
    let most = i64::MAX.to_string();
    for (what, with) in [
        ("micro_usd: 600000", "micro_usd: -600000".to_string()),
        ("micro_usd: 600000", format!("micro_usd: {most}")),
        (
            "micro_usd: 600000",
            "micro_usd: 18446744073709551615".into(),
        ),
        ("micro_usd: 600000", "micro_usd: many".into()),
        ("micro_usd: 600000", "micro_usd: 1.5e+300".into()),
        ("output_tokens: 50", format!("output_tokens: {most}")),
        ("output_tokens: 50", "output_tokens: [1, 2]".into()),
        ("attempt: 1", format!("attempt: {most}")),
        ("attempt: 1", "attempt: -1".into()),
        (
            "    model: m\n",
            "    model: \"\\u001b[31mred\\u202e\"\n".into(),
        ),
        ("    ended: \"2", "    ended: \"9".into()),
        ("    began: \"2", "    began: \"9".into()),
    ] {
        let forged = honest.replace(what, &with);
        assert_ne!(forged, honest, "{what} in {honest}");
        forge::put(&stage.repo, &path, forged.as_bytes());
        for args in [
            vec!["cost", "--baseline", "90/h"],
            vec!["cost", "--by", "task,epic,model,phase,agent,day,run"],
            vec!["budget", "show"],
            vec!["run", "status"],
            vec!["status"],
        ] {
            let shown = stage.repo.pm(&args).ok().out;
            let plain = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
            assert!(shown.chars().all(plain), "{with}: {shown:?}");
            let report = stage.repo.data(&args);
            let cost = report["total"]["cost_usd"].as_f64();
            assert!(cost.is_none_or(|usd| usd >= 0.0), "{with}: {report}");
        }
    }
}

/// ME-07, ME-10: `stats` says how much of the agents' work was accepted as submitted, how much failed,
/// and what it cost.
#[test]
fn me_07_stats_show_what_became_of_the_work_of_agents() {
    let stage = Stage::with_tasks(&["Accepted", "Changed", "Failed", "Never started"]);
    stage.repo.pm(&["dep", "add", "T-0004", "T-0003"]).ok();
    assert!(stage.repo.data(&["stats"])["agents"].is_null());
    let script = format!("test $GIT_PM_TASK = T-0003 && exit 1\n{WORK}");
    stage.run(&script, &[]).exits(1);
    let agents = |key: &str| stage.repo.data(&["stats"])["agents"][key].clone();
    assert_eq!((agents("tasks"), agents("done")), (3.into(), 0.into()));
    assert!(agents("accepted_percent").is_null());
    stage.repo.pm(&["task", "approve", "T-0001"]).ok();
    stage.repo.pm(&["merge", "T-0001"]).ok();
    // A human goes on with the second one before it is merged.
    let branch = stage.repo.data(&["show", "T-0002"])["branch"].clone();
    let place = stage.repo.worktree("T-0002");
    place.write("more.txt", "by hand\n");
    place.commit_all("More");
    assert_eq!(
        place.git(&["branch", "--show-current"]).ok().text(),
        branch.as_str().unwrap()
    );
    let commit = place.tip("HEAD");
    let approve = ["task", "approve", "T-0002", "--commit", &commit];
    stage.repo.pm(&approve).ok();
    stage.repo.pm(&["merge", "T-0002"]).ok();
    for (key, wanted) in [("tasks", 3), ("done", 2), ("accepted", 1), ("failed", 1)] {
        assert_eq!(agents(key), wanted, "{key}");
    }
    close(&agents("accepted_percent"), 50.0);
    close(&agents("failed_percent"), 33.3);
    assert_eq!(agents("used")["attempts"], 3);
    let shown = stage.repo.pm(&["stats"]).ok().out;
    let line = "3 tasks: 2 done, 1 of them as submitted (50.0%), 1 failed (33.3%)";
    assert!(shown.contains(line), "{shown}");
}
