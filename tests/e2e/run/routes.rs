//! `git pm route`: the routes in force, and the way of one item.

use serde_json::Value;

use super::stage::{Stage, WORK};
use crate::support::script_file;

/// The row of a role in `route show --json`.
fn row(stage: &Stage, role: &str) -> Value {
    let shown = stage.repo.data(&["route", "show"]);
    let rows = shown["roles"].as_array().unwrap();
    let found = rows.iter().find(|row| row["role"] == role);
    found.unwrap_or_else(|| panic!("{role} in {shown}")).clone()
}

fn agents(row: &Value) -> Vec<String> {
    let agents = row["agents"].as_array().unwrap().iter();
    agents
        .map(|one| one["agent"].as_str().unwrap().to_string())
        .collect()
}

/// MR-01: the six rows, with their sources and what is missing here.
#[test]
fn mr_01_show_prints_the_rows_in_force() {
    let stage = Stage::new();
    let rows = [
        ("architecture", ["claude", "model:openai/o3-mini"]),
        ("review", ["codex", "claude"]),
        ("implementation", ["model:minimax/MiniMax-M2.5", "claude"]),
        ("complex-logic", ["claude", "codex"]),
        ("documentation", ["model:minimax/MiniMax-M2.5", "claude"]),
        ("testing", ["model:minimax/MiniMax-M2.5", "codex"]),
    ];
    let text = stage.repo.pm(&["route", "show"]).ok().out;
    let mut lines = text
        .lines()
        .skip_while(|line| !line.starts_with("architecture"));
    for (role, expected) in rows {
        let found = row(&stage, role);
        assert_eq!(agents(&found), expected, "{role}");
        assert_eq!(found["agents"][0]["source"], "built-in", "{found}");
        let line = lines.next().unwrap_or_default();
        assert!(
            line.starts_with(role) && line.contains(&expected.join(" -> ")),
            "{text}"
        );
    }
    let planner = row(&stage, "architecture");
    let why = planner["agents"][1]["unusable"]
        .as_str()
        .unwrap_or_default();
    let can_ask = cfg!(feature = "models");
    assert!(!can_ask || why.contains("no key"), "{planner}");
    let with_key = stage.repo.with("OPENAI_API_KEY", "a-key");
    let shown = with_key.data(&["route", "show"]);
    assert!(
        !can_ask || shown["roles"][0]["agents"][1]["unusable"].is_null(),
        "{shown}"
    );
}

/// MR-02, MR-04, MR-17: `git pm config profile local` leaves no paid API in the routes.
#[test]
fn mr_17_the_profile_local_has_no_paid_api() {
    let stage = Stage::new();
    stage.repo.pm(&["config", "profile", "local"]).ok();
    let shown = stage.repo.data(&["route", "show"]);
    assert_eq!(shown["profile"], "local");
    for row in shown["roles"].as_array().unwrap() {
        for agent in agents(row) {
            assert!(agent.starts_with("model:ollama/"), "{row}");
        }
    }
    let developer = row(&stage, "implementation");
    assert_eq!(agents(&developer)[0], "model:ollama/qwen3-coder:latest");
    assert_eq!(developer["prompt_tokens"], 400);
    assert_eq!(developer["answer_tokens"], 300);
    assert_eq!(developer["temperature"], 0.1);
    assert_eq!(
        agents(&row(&stage, "planning"))[0],
        "model:ollama/qwen3:32b"
    );
    assert_eq!(row(&stage, "planning")["temperature"], 0.4);
    assert_eq!(shown["by_hand"][0], "model:ollama/gpt-oss:120b");
    // MR-03: out of range.
    stage
        .repo
        .pm(&["config", "pm.routeTemperature", "planning=1.5"])
        .ok();
    let shown = stage.repo.data(&["route", "show"]);
    assert!(
        shown["warnings"].to_string().contains("planning"),
        "{shown}"
    );
    // A hosted model that is set stays in the row, and is not used.
    stage
        .repo
        .pm(&["config", "route", "review=claude,model:ollama/mine"])
        .ok();
    let review = row(&stage, "review");
    assert!(
        review["agents"][0]["unusable"]
            .to_string()
            .contains("local"),
        "{review}"
    );
    assert!(review["agents"][1]["unusable"].is_null() || !cfg!(feature = "models"));
    stage.repo.pm(&["config", "profile", "elsewhere"]).exits(2);
}

/// MR-06: variables go before the configuration, and the configuration before the table.
#[test]
fn mr_06_variables_go_before_the_configuration() {
    let stage = Stage::new();
    let place = stage.repo.with("LLM_DEVELOPER_MODEL", "qwen3-coder:latest");
    stage
        .repo
        .pm(&["config", "route", "testing=codex@o3-mini"])
        .ok();
    let shown = place.data(&["route", "show"]);
    let find = |role: &str| {
        let rows = shown["roles"].as_array().unwrap();
        rows.iter().find(|row| row["role"] == role).unwrap().clone()
    };
    let testing = find("testing");
    assert_eq!(
        agents(&testing),
        ["model:ollama/qwen3-coder:latest", "codex@o3-mini"]
    );
    assert_eq!(testing["agents"][0]["source"], "environment");
    assert_eq!(testing["agents"][1]["source"], "configuration");
    assert_eq!(find("review")["agents"][0]["source"], "built-in");
}

/// AG-39, MR-07: the role, its reasons, the agent, its fallbacks, and who is left out.
#[test]
fn ag_39_explain_says_why() {
    let stage = Stage::new();
    let script = stage.dir().join("mine.sh");
    script_file(&script, "exit 0");
    let own = format!("documentation=claude,script:{}", script.display());
    stage.repo.pm(&["config", "pm.route", &own]).ok();
    stage.repo.task("Write", &["--path", "docs/guide.md"]);
    stage
        .repo
        .task("Build", &["--estimate", "XL", "--label", "api"]);
    stage
        .repo
        .task("Secret", &["--type", "docs", "--label", "privacy:local"]);
    let explain = |id: &str| stage.repo.data(&["route", "explain", id]);
    let write = explain("T-0001");
    assert_eq!(write["role"], "documentation");
    assert!(
        write["why"].to_string().contains("docs/guide.md"),
        "{write}"
    );
    let build = explain("T-0002");
    assert_eq!(
        (&build["role"], &build["specialty"]),
        (&"complex-logic".into(), &"backend".into())
    );
    assert!(
        build["why"].to_string().contains("the estimate XL"),
        "{build}"
    );
    let secret = explain("T-0003");
    assert_eq!(
        secret["agent"]["agent"],
        format!("script:{}", script.display())
    );
    assert_eq!(secret["agent"]["trust"], "local");
    assert_eq!(secret["excluded"][0]["agent"], "claude");
    assert!(
        secret["private"].to_string().contains("privacy:local"),
        "{secret}"
    );
    let text = stage.repo.pm(&["route", "explain", "T-0003"]).ok().out;
    for part in ["documentation", "privacy:local", "left out", "claude"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    stage.repo.pm(&["route", "explain", "T-0099"]).exits(4);
}

/// Which programs run is decided by a human in this clone: agents cannot change it with our commands,
/// and the state cannot set it.
#[test]
fn agents_and_the_state_set_no_route() {
    let stage = Stage::new();
    let agent = stage
        .repo
        .with("CLAUDECODE", "1")
        .with("AGENT_NAME", "claude-2");
    stage
        .repo
        .pm(&["config", "pm.privatePaths", "secret/"])
        .ok();
    for (key, value) in [
        ("pm.route", "all=script:/tmp/x"),
        ("pm.profile", "script"),
        ("pm.localAgent", "claude"),
        ("pm.routeTokens", "review=9,9"),
        ("pm.privatePaths", "other/"),
    ] {
        let ran = agent.pm(&["config", key, value]).exits(1);
        assert!(ran.err.contains("human"), "{key}: {}", ran.err);
        assert_ne!(
            stage.repo.pm(&["config", "--shared", key, value]).code,
            0,
            "{key}"
        );
    }
    agent
        .pm(&["config", "pm.privatePaths", "secret/ more/"])
        .ok();
}

/// Routes that are not used stop neither a run nor its control.
#[test]
fn routes_that_cannot_be_read_stop_only_runs_that_use_them() {
    let stage = Stage::with_tasks(&["One"]);
    let repo = &stage.repo;
    repo.git(&["config", "pm.route", "nonsense"]).ok();
    stage.run(WORK, &["--merge", "gates"]).ok();
    repo.pm(&["run", "status"]).ok();
    repo.task("Two", &[]);
    repo.pm(&["run", "--with", "auto"]).exits(2);
}
