//! Budgets of epics and days, which are shared. MR-09, RC-16, OB-09.

use serde_json::Value;

use super::budget::{CLAUDE, RESULT, start, start_in};
use super::stage::{Stage, WORK};
use crate::support::{Repo, Scene, forge};

fn script() -> String {
    format!("{CLAUDE}{RESULT}")
}

/// An epic with so many tasks.
fn epic(repo: &Repo, title: &str, tasks: usize) -> (String, Vec<String>) {
    let epic = repo.data(&["epic", "create", title]);
    let epic = epic["id"].as_str().unwrap().to_string();
    let made = (0..tasks).map(|n| repo.task(&format!("{title} {n}"), &["--epic", &epic]));
    (epic.clone(), made.collect())
}

/// The budget of an epic, or with none that of the day.
#[track_caller]
fn budget(repo: &Repo, epic: Option<&str>) -> Value {
    let all = repo.data(&["budget", "show"])["items"].clone();
    let all = all.as_array().unwrap().clone();
    let found = all.into_iter().find(|one| one["epic"].as_str() == epic);
    found.unwrap_or_else(|| panic!("no budget of {epic:?}"))
}

/// MR-09: budgets that cannot be read are not taken for none.
#[test]
fn a_run_does_not_start_if_budgets_cannot_be_read() {
    let stage = Stage::with_tasks(&["One"]);
    let repo = &stage.repo;
    repo.pm(&["budget", "set", "--day", "1usd"]).ok();
    forge::put(repo, "pm.yaml", b"broken: [\n");
    let ran = start(&stage, &script(), &[]).end().exits(5);
    assert!(
        ran.err.contains("pm.yaml") && ran.err.contains("cannot be read"),
        "{}",
        ran.err
    );
    assert_eq!(stage.told("T-0001.prompt"), "");
    repo.pm(&["budget", "show"]).exits(5);
    assert!(repo.pm(&["status"]).ok().out.contains("damaged: pm.yaml"));
}

/// MR-09: `budget set --epic E 50usd` stops the tasks of that epic and no others; at 80 % a warning,
/// once; exit 7 when nothing else is left.
#[test]
fn mr_09_the_budget_of_an_epic_stops_its_tasks_only() {
    let stage = Stage::new();
    let repo = &stage.repo;
    let (one, of_one) = epic(repo, "One", 3);
    let (_, of_two) = epic(repo, "Two", 3);
    for amount in ["50usd", "$50", "1.25"] {
        repo.pm(&["budget", "set", "--epic", &one, amount]).ok();
    }
    let set = budget(repo, Some(&one));
    assert_eq!(
        (&set["budget_usd"], &set["state"]),
        (&1.25.into(), &"open".into())
    );
    let ran = start(&stage, &script(), &[]).end().ok();
    assert_eq!(ran.err.matches("USD spent").count(), 1, "{}", ran.err);
    let warning = format!("the budget of {one}: 1.20 USD of 1.25 USD spent");
    assert!(ran.err.contains(&warning), "{}", ran.err);
    let done = |ids: &[String]| ids.iter().filter(|id| stage.item(id) == "done").count();
    // What is begun below the limit is finished: two cost 1.2, a third began.
    assert_eq!((done(&of_one), done(&of_two)), (3, 3), "{}", stage.why());
    repo.task("One more", &["--epic", &one]);
    let left = repo.task("Another", &["--epic", &one]);
    let ran = start(&stage, &script(), &[]).end().exits(7);
    assert_eq!(stage.item(&left), "queued");
    let said = format!("the budget of {one} is used up");
    assert!(ran.out.contains(&said), "{}", ran.out);
    assert_eq!(stage.status()["budget_spent"], true);
    let spent = budget(repo, Some(&one));
    assert_eq!(spent["state"], "spent", "{spent}");
    let cost = spent["spent_usd"].as_f64().unwrap();
    assert!((cost - 1.8).abs() < 1e-6, "{spent}");
    // The reason is shown before anything is started, too.
    let plan = repo.data(&["run", "--dry-run"]);
    assert!(plan["left"].to_string().contains(&said), "{plan}");
    // More money, and it goes on.
    repo.pm(&["budget", "set", "--epic", &one, "10"]).ok();
    start(&stage, &script(), &[]).end().ok();
    assert_eq!(stage.item(&left), "done");
    repo.pm(&["budget", "rm", "--epic", &one]).ok();
    assert_eq!(
        repo.data(&["budget", "show"])["items"],
        Value::Array(Vec::new())
    );
    repo.pm(&["budget", "rm", "--epic", &one]).exits(4);
    repo.pm(&["budget", "set", "--epic", "E-0099", "1"])
        .exits(4);
    for wrong in ["0", "-5", "much", "5eur"] {
        repo.pm(&["budget", "set", "--day", "--", wrong]).exits(2);
    }
}

/// MR-09: the budget of the day stops everything, and an agent gets the smallest rest as its limit.
#[test]
fn mr_09_the_budget_of_the_day_stops_everything() {
    let stage = Stage::new();
    let repo = &stage.repo;
    let (one, tasks) = epic(repo, "One", 3);
    repo.pm(&["budget", "set", "--day", "0.7usd"]).ok();
    repo.pm(&["budget", "set", "--epic", &one, "50usd"]).ok();
    let ran = start(&stage, &script(), &["--budget", "20usd"])
        .end()
        .exits(7);
    assert!(
        ran.out.contains("the daily budget is used up"),
        "{}",
        ran.out
    );
    assert_eq!(stage.item(&tasks[2]), "queued");
    let arguments = stage.told("arguments");
    let limits: Vec<f64> = arguments
        .lines()
        .filter_map(|line| line.split("--max-budget-usd ").nth(1))
        .filter_map(|rest| rest.split(' ').next()?.parse().ok())
        .collect();
    assert_eq!(limits.len(), 2, "{arguments}");
    assert!((limits[0] - 0.7).abs() < 1e-6, "{arguments}");
    assert!((limits[1] - 0.1).abs() < 1e-6, "{arguments}");
    assert_eq!(budget(repo, None)["state"], "spent");
    // A later day begins anew.
    let later = repo.when("2199-01-01T00:00:00Z");
    assert_eq!(budget(&later, None)["spent_usd"], 0.0);
}

/// MR-09: a budget and what was spent of it travel with the state.
#[test]
fn mr_09_a_budget_set_in_one_clone_holds_in_another() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "bob");
    let (one, tasks) = epic(&a, "One", 3);
    a.pm(&["budget", "set", "--epic", &one, "0.5"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    let stage = Stage::of(scene, b);
    // One task begins below the limit, and uses it up.
    start(&stage, &script(), &["--only", &tasks[0]]).end().ok();
    start(&stage, &script(), &["--only", &tasks[1]])
        .end()
        .exits(7);
    stage.repo.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    let seen = budget(&a, Some(&one));
    assert_eq!(seen["state"], "spent", "{seen}");
    start_in(&stage, &a, &script(), &["--only", &tasks[2]])
        .end()
        .exits(7);
}

/// MR-09: only humans change budgets, whatever an agent is called and wherever it is.
#[test]
fn mr_09_an_agent_changes_no_budget() {
    let stage = Stage::with_tasks(&["One"]);
    let repo = &stage.repo;
    repo.pm(&["budget", "set", "--day", "5usd"]).ok();
    let before = repo.tip("refs/pm/main");
    for (key, value) in [("CLAUDECODE", "1"), ("AGENT_NAME", "bot")] {
        let agent = repo.with(key, value);
        for args in [
            vec!["--json", "budget", "set", "--day", "500usd"],
            vec!["--json", "budget", "set", "--day", "1usd"],
            vec!["--json", "budget", "rm", "--day"],
        ] {
            let error = agent.pm(&args).exits(1).error();
            assert!(error.to_string().contains("human"), "{error}");
        }
        assert_eq!(budget(&agent, None)["budget_usd"], 5.0);
    }
    assert_eq!(repo.tip("refs/pm/main"), before);
    let script = format!(
        "git pm budget set --day 900usd > \"$OUT/said\" 2>&1; echo $? > \"$OUT/code\"\n{WORK}"
    );
    stage.run(&script, &["--merge", "gates"]).ok();
    assert_ne!(stage.told("code"), "0\n", "{}", stage.told("said"));
    assert_eq!(budget(repo, None)["budget_usd"], 5.0);
}

/// MR-09: a budget that was raised without `git pm budget` stops what it bounds, until a human sets
/// one.
#[test]
fn mr_09_a_forged_budget_is_not_obeyed() {
    let stage = Stage::with_tasks(&["One"]);
    let repo = &stage.repo;
    repo.pm(&["budget", "set", "--day", "5usd"]).ok();
    let text = forge::read(repo, "pm.yaml");
    let forged = text.replace("micro_usd: 5000000", "micro_usd: 9000000000");
    assert_ne!(text, forged);
    forge::put(repo, "pm.yaml", forged.as_bytes());
    let doubted = budget(repo, None);
    // The stamp is that of the human's write, and the value is another one.
    assert_eq!(doubted["state"], "doubted", "{doubted}");
    let ran = start(&stage, &script(), &[]).end().exits(7);
    assert!(ran.err.contains("cannot be trusted"), "{}", ran.err);
    assert_eq!(stage.item("T-0001"), "queued");
    let shown = repo.pm(&["budget", "show"]).ok();
    assert!((shown.out + &shown.err).contains("in doubt"));
    repo.pm(&["budget", "set", "--day", "6usd"]).ok();
    assert_eq!(budget(repo, None)["state"], "open");
    start(&stage, &script(), &[]).end().ok();
    // Nor is one that cannot be read.
    let text = forge::read(repo, "pm.yaml");
    for bad in ["-1", "lots", "1.5", "[1]"] {
        let forged = text.replace("micro_usd: 6000000", &format!("micro_usd: {bad}"));
        assert_ne!(text, forged);
        forge::put(repo, "pm.yaml", forged.as_bytes());
        assert_eq!(budget(repo, None)["state"], "doubted", "{bad}");
    }
    // A human can remove it, too.
    repo.pm(&["budget", "rm", "--day"]).ok();
    assert_eq!(
        repo.data(&["budget", "show"])["items"],
        serde_json::json!([])
    );
    // An agent does not make models free of charge.
    let agent = crate::support::agent(repo);
    let price = ["config", "pm.price", "openai/gpt-5=0,0,0"];
    assert_ne!(agent.pm(&price).code, 0);
}
