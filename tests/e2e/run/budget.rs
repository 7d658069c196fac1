//! What agents report about use and cost, and the end of a budget. MR-09, MR-13.

use serde_json::json;

use super::stage::{Running, Stage, WORK, find};
use crate::support::{Repo, script_file};

/// Says what the documented stream of `claude -p --output-format stream-json` says, and works.
pub const CLAUDE: &str = r#"
echo "$@" >> "$OUT/arguments"
cat > "$OUT/$GIT_PM_TASK.prompt"
env > "$OUT/$GIT_PM_TASK.env"
echo '{"type":"system","subtype":"init","session_id":"s-1","model":"m","tools":["Bash"],"mcp_servers":[],"permissionMode":"acceptEdits","apiKeySource":"none"}'
echo 'a line that is no JSON'
echo '{"type":"system","subtype":"something_new","more":{"deep":[1,2,3]}}'
echo '{"type":"assistant","message":{"role":"assistant","content":[{"type":"text","text":"I write the file."}],"usage":{"input_tokens":10,"output_tokens":5}},"session_id":"s-1","parent_tool_use_id":null}'
echo "$GIT_PM_TASK" > "$GIT_PM_TASK.txt"
git add -A && git commit -q -m "Work on $GIT_PM_TASK"
"#;

pub const RESULT: &str = r#"
echo '{"type":"result","subtype":"success","is_error":false,"result":"Done","num_turns":2,"duration_ms":5,"total_cost_usd":0.6,"usage":{"input_tokens":1000,"cache_read_input_tokens":200,"output_tokens":50},"permission_denials":[],"session_id":"s-1"}'
"#;

/// The repository with a stand-in for claude on its path.
pub fn with_claude(stage: &Stage, script: &str) -> Repo {
    claude_in(stage, &stage.repo, script)
}

fn claude_in(stage: &Stage, repo: &Repo, script: &str) -> Repo {
    let bin = stage.dir().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let text = format!("OUT='{}'\n{script}", stage.out.display());
    script_file(&bin.join("claude"), &text);
    let path = repo.run("sh", &["-c", "echo $PATH"]).text();
    repo.with("PATH", &format!("{}:{path}", bin.display()))
}

pub fn start(stage: &Stage, script: &str, more: &[&str]) -> Running {
    start_in(stage, &stage.repo, script, more)
}

/// The same in another clone.
pub fn start_in(stage: &Stage, repo: &Repo, script: &str, more: &[&str]) -> Running {
    let place = claude_in(stage, repo, script);
    let mut args = vec!["run", "--with", "claude", "--merge", "gates"];
    args.extend(more);
    stage.start_command(&place, &args)
}

/// MR-09: when the budget is spent, nothing more is started, and the exit code says so.
#[test]
fn mr_09_a_spent_budget_ends_the_run_with_7() {
    let stage = Stage::with_tasks(&["One", "Two", "Three", "Four"]);
    let script = format!("{CLAUDE}{RESULT}");
    let ran = start(&stage, &script, &["--budget", "1usd"]).end().exits(7);
    assert!(
        ran.err.contains("budget") || ran.out.contains("budget"),
        "{ran:?}"
    );
    for id in ["T-0001", "T-0002"] {
        assert_eq!(stage.item(id), "done", "{}", stage.why());
    }
    for id in ["T-0003", "T-0004"] {
        assert_eq!(stage.told(&format!("{id}.prompt")), "", "{id} was started");
        assert_eq!(stage.item(id), "queued");
    }
    let status = stage.status();
    assert_eq!(status["budget_spent"], true);
    assert_eq!(status["budget_usd"], 1.0);
    let cost = status["used"]["cost_usd"].as_f64().unwrap();
    assert!((cost - 1.2).abs() < 1e-6, "{status}");
    let one = find(&status, "T-0001")["used"].clone();
    assert!((one["cost_usd"].as_f64().unwrap() - 0.6).abs() < 1e-6);
    assert_eq!(one["output_tokens"], 50, "{one}");
    // It stays spent when it is continued as it is.
    let place = with_claude(&stage, &script);
    stage
        .start_command(&place, &["run", "resume"])
        .end()
        .exits(7);
    assert_eq!(stage.item("T-0003"), "queued");
}

/// MR-09: a budget that cannot be kept is refused, or ends the run; unknown cost is not zero.
#[test]
fn mr_09_a_budget_without_a_price_is_not_kept_in_silence() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let run = [
        "run", "--with", "codex", "--model", "new-1", "--budget", "1usd",
    ];
    let refused = stage.repo.pm(&run).exits(2);
    assert!(
        refused.err.contains("openai/new-1=") || refused.err.contains("new-1="),
        "{refused:?}"
    );
    let used = "echo '{\"type\":\"usage\",\"input_tokens\":1000,\"output_tokens\":50}'";
    let script = format!("{WORK}{used}");
    let ran = stage.run(&script, &["--budget", "1usd", "--merge", "gates"]);
    assert!(ran.exits(7).out.contains("cost unknown"));
    assert_eq!(stage.item("T-0001"), "done", "{}", stage.why());
    assert_eq!(stage.told("T-0002.prompt"), "");
    let status = stage.status();
    assert!(status["used"]["cost_usd"].is_null(), "{status}");
    assert_eq!(status["used"]["unpriced_tokens"], 1050);
    let reason = status["reason"].to_string();
    assert!(reason.contains("1050 tokens is not known"), "{reason}");
    assert_eq!(
        status["next"],
        json!(["git pm run --with script --budget USD"])
    );
}

/// MR-09: a warning when 80 % are spent.
#[test]
fn mr_09_a_budget_warns_at_80_percent() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let script = format!("{CLAUDE}{}", RESULT.replace("0.6,", "0.85,"));
    let ran = start(&stage, &script, &["--budget", "1usd", "--only", "T-0001"]);
    let ran = ran.end().ok();
    assert!(ran.err.contains("budget"), "no warning: {}", ran.err);
    assert!(ran.err.contains("0.85"), "{}", ran.err);
}

/// No agent may spend more than what is left.
#[test]
fn an_agent_gets_what_is_left_of_the_budget() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let script = format!("{CLAUDE}{RESULT}");
    start(&stage, &script, &["--budget", "1usd"]).end();
    let arguments = stage.told("arguments");
    let limits: Vec<f64> = arguments
        .lines()
        .filter_map(|line| line.split("--max-budget-usd ").nth(1))
        .filter_map(|rest| rest.split(' ').next()?.parse().ok())
        .collect();
    assert_eq!(limits.len(), 2, "{arguments}");
    assert!(limits[0] <= 1.0 + 1e-6, "{arguments}");
    assert!(limits[1] <= 0.4 + 1e-6, "{arguments}");
}

/// The prompt is on standard input, never in the arguments; a nested claude does not take itself for
/// one; a line of the log is readable.
#[test]
fn claude_gets_its_prompt_on_standard_input() {
    let stage = Stage::new();
    stage
        .repo
        .task("Refuse wrong passwords", &["--body", "In constant time."]);
    let script = format!("{CLAUDE}{RESULT}");
    start(&stage, &script, &[]).end().ok();
    let arguments = stage.told("arguments");
    assert!(arguments.contains("stream-json"), "{arguments}");
    assert!(!arguments.contains("passwords"), "{arguments}");
    assert!(stage.told("T-0001.prompt").contains("In constant time."));
    let env = stage.told("T-0001.env");
    assert!(!env.contains("CLAUDECODE="), "{env}");
    let logs = stage.repo.pm(&["logs"]).ok().out;
    assert!(logs.contains("I write the file."), "{logs}");
}

/// What the stream says about an error counts, whatever the exit code: `success` with `is_error`,
/// a stream that is cut, a limit of turns.
#[test]
fn an_error_in_the_stream_is_no_success() {
    let error = r#"echo '{"type":"result","subtype":"success","is_error":true,"result":"API Error: 400 bad request","num_turns":1,"total_cost_usd":0.1,"usage":{},"session_id":"s-1"}'"#;
    let turns = r#"echo '{"type":"result","subtype":"error_max_turns","is_error":false,"num_turns":9,"total_cost_usd":0.1,"usage":{},"session_id":"s-1"}'; exit 1"#;
    for (name, end) in [("error", error), ("cut", "exit 0"), ("turns", turns)] {
        let stage = Stage::with_tasks(&["One"]);
        let main = stage.repo.tip("main");
        let script = format!("{CLAUDE}{end}");
        let more = ["--retries", "0", "--returns", "0"];
        start(&stage, &script, &more).end().exits(1);
        assert_eq!(stage.repo.tip("main"), main, "{name}: {}", stage.why());
        let task = stage.task("T-0001");
        assert_eq!(task["status"], "failed", "{name}");
        assert!(task["reason"].is_string(), "{name}");
    }
}

/// MR-13: a rate limit may pass, and the status says that it slows the run.
#[test]
fn mr_13_a_rate_limit_is_tried_again() {
    let stage = Stage::with_tasks(&["T-0001"]);
    let limit = r#"echo '{"type":"result","subtype":"success","is_error":true,"result":"API Error: 429 {\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\",\"message\":\"slow down\"}}","num_turns":1,"total_cost_usd":0.0,"usage":{},"session_id":"s-1"}'; exit 1"#;
    let script = format!(
        "echo x >> \"$OUT/attempts\"\nif test $(wc -l < \"$OUT/attempts\") -lt 2; then\ncat >/dev/null\n{limit}\nfi\n{CLAUDE}{RESULT}"
    );
    let ran = start(&stage, &script, &[]).end().ok();
    assert_eq!(stage.told("attempts"), "x\nx\n");
    let said = ran.err + &stage.repo.pm(&["logs"]).ok().out;
    assert!(said.contains("429") || said.contains("rate"), "{said}");
    stage.all_merged(&["T-0001"]);
}

/// A permanent refusal is not tried again.
#[test]
fn a_refused_key_is_not_tried_again() {
    let stage = Stage::with_tasks(&["One"]);
    let refused = r#"cat >/dev/null; echo x >> "$OUT/attempts"; echo '{"type":"result","subtype":"success","is_error":true,"result":"API Error: 401 {\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":\"invalid x-api-key\"}}","num_turns":1,"total_cost_usd":0,"usage":{},"session_id":"s-1"}'; exit 1"#;
    start(&stage, refused, &[]).end().exits(1);
    assert_eq!(stage.told("attempts"), "x\n");
    let reason = stage.task("T-0001")["reason"].to_string();
    assert!(
        reason.contains("401") || reason.contains("x-api-key"),
        "{reason}"
    );
}

/// SE-01: a secret in the text of a task does not leave the machine with the prompt.
#[test]
fn se_01_a_secret_in_a_task_is_redacted_before_the_prompt_leaves() {
    let stage = Stage::new();
    // Put together here, so that this file contains no secret.
    let secret = ["AKIA", "Z7QJ4KXW2N5VRTLM"].concat();
    let body = format!("Upload with the key {secret}, please.");
    let create = ["task", "create", "One", "--body", &body, "--allow-secrets"];
    if stage.repo.pm(&create).code != 0 {
        stage.repo.pm(&create[..5]).ok();
    }
    let script = format!("{CLAUDE}{RESULT}");
    let ran = start(&stage, &script, &[]).end();
    let prompt = stage.told("T-0001.prompt");
    assert!(prompt.contains("Upload with the key"), "{prompt}\n{ran:?}");
    assert!(!prompt.contains(&secret), "{prompt}");
    assert!(!stage.repo.pm(&["logs"]).out.contains(&secret));
}
