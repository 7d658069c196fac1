//! `git pm run --with model:…`: the built-in agent, against a server that speaks the real protocols.

use serde_json::json;

use super::stage::{Running, Stage, until};
use crate::support::Repo;
use crate::support::model_server::{Reply, Request, Server};

/// Each protocol with the variables that name its server and its key.
const MODELS: [(&str, &str, &str); 4] = [
    (
        "anthropic/claude-x",
        "ANTHROPIC_BASE_URL",
        "ANTHROPIC_API_KEY",
    ),
    ("openai/gpt-x", "OPENAI_BASE_URL", "OPENAI_API_KEY"),
    (
        "openrouter/some/model",
        "OPENROUTER_BASE_URL",
        "OPENROUTER_API_KEY",
    ),
    ("ollama/qwen3-coder:latest", "OLLAMA_HOST", "OLLAMA_API_KEY"),
];

/// A key that no rule recognises as a secret.
const KEY: &str = "plain-words-are-the-key-of-this-test";

/// Writes what the task has to have, looks at its environment, commits, and says so.
fn works(request: &Request) -> Reply {
    match request.results().len() {
        0 => Reply::Call(
            "I look around first.".into(),
            vec![(
                "run_command".into(),
                json!({ "command": "env" }).to_string(),
            )],
        ),
        1 => Reply::run(
            "echo $GIT_PM_TASK > $GIT_PM_TASK.txt && git add -A && git commit -q -m \"Work on $GIT_PM_TASK\"",
        ),
        _ => Reply::say("It is committed."),
    }
}

/// The repository with a server for a model.
fn place(stage: &Stage, server: &Server, model: usize) -> Repo {
    let (_, url, key) = MODELS[model];
    stage.repo.with(url, &server.url).with(key, KEY)
}

fn start(stage: &Stage, server: &Server, model: usize, more: &[&str]) -> Running {
    let with = format!("model:{}", MODELS[model].0);
    let mut args = vec!["run", "--with", &with, "--merge", "gates"];
    args.extend(more);
    stage.start_command(&place(stage, server, model), &args)
}

/// RC-23, SE-07: a task is worked on and merged by each protocol, and no key is in the logs, in the
/// environment of commands, or in what the repository keeps.
#[test]
fn rc_23_every_protocol_works_a_task_to_its_merge() {
    for (model, (name, _, _)) in MODELS.iter().enumerate() {
        let stage = Stage::with_tasks(&["One"]);
        let server = Server::new(works);
        let ran = start(&stage, &server, model, &[]).end();
        assert_eq!(ran.code, 0, "{name}: {ran:?}\n{}", stage.why());
        stage.all_merged(&["T-0001"]);
        let requests = server.requests();
        let prompt = requests[0].prompt();
        assert!(
            prompt.contains("T-0001") && prompt.contains("What is expected"),
            "{prompt}"
        );
        let env = &requests[1].results()[0];
        assert!(env.contains("GIT_PM_ACTOR=agent-1"), "{name}: {env}");
        assert!(!env.contains(KEY), "{name}: {env}");
        let logs = stage.repo.pm(&["logs", "T-0001"]).ok().out;
        for part in [
            "I look around first.",
            "run_command: env",
            "It is committed.",
            "tokens sent",
        ] {
            assert!(logs.contains(part), "{name}: {part} in {logs}");
        }
        let kept = stage.repo.run("grep", &["-rlF", KEY, ".git"]);
        assert_eq!(kept.out, "", "{name}: the key is kept");
        for text in [&ran.out, &ran.err, &logs, &stage.why()] {
            assert!(!text.contains(KEY), "{name}: {text}");
        }
        let by = stage
            .repo
            .git(&["log", "-1", "--format=%B", "main"])
            .ok()
            .out;
        assert!(by.contains("Task: T-0001"), "{by}");
    }
}

/// MR-09, MR-19: with a price of the user, the budget of a run ends it with exit code 7.
#[test]
fn mr_19_a_price_of_the_user_makes_the_budget_work() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    let price = "openrouter/some/model=100,10,1000";
    stage.repo.git(&["config", "--add", "pm.price", price]).ok();
    let server = Server::new(works);
    // Each answer costs 0.132 USD, that with the change plan too.
    let ran = start(&stage, &server, 2, &["--budget", "0.5usd"])
        .end()
        .exits(7);
    assert!(ran.err.contains("budget"), "{ran:?}");
    let status = stage.status();
    assert_eq!(status["budget_spent"], true, "{status}");
    let cost = status["used"]["cost_usd"].as_f64().unwrap();
    assert!((cost - 4.0 * 0.132).abs() < 1e-6, "{status}");
    assert_eq!(status["used"]["output_tokens"], 200, "{status}");
    assert_eq!(stage.item("T-0002"), "queued");
    // Without a price there are counts only.
    let stage = Stage::with_tasks(&["One"]);
    start(&stage, &server, 2, &[]).end().ok();
    let used = stage.status()["used"].clone();
    assert_eq!(used["output_tokens"], 200, "{used}");
}

/// A model that cannot be asked is refused before anything is done for it.
#[test]
fn a_model_that_cannot_be_asked_is_refused_at_once() {
    let stage = Stage::with_tasks(&["One"]);
    for (with, word) in [
        ("model:anthropic/x", "ANTHROPIC_API_KEY"),
        ("model:chat/x", "CHAT_BASE_URL"),
        ("model:nobody/x", "unknown provider"),
        ("model:x", "lacks a provider"),
    ] {
        let ran = stage
            .start_command(&stage.repo, &["run", "--with", with])
            .end()
            .exits(2);
        assert!(ran.err.contains(word), "{with}: {}", ran.err);
    }
    let twice = ["run", "--with", "model:ollama/x", "--model", "y"];
    stage.start_command(&stage.repo, &twice).end().exits(2);
    assert_eq!(stage.item("T-0001"), "queued");
    assert_ne!(
        stage.repo.pm(&["run", "status"]).code,
        0,
        "a run was recorded"
    );
}

/// SE-07: a key can be in a credential helper of git; one from the environment is not sent to a server
/// that only the clone's configuration names.
#[test]
fn se_07_keys_come_from_the_environment_or_a_credential_helper() {
    let stage = Stage::with_tasks(&["One"]);
    let server = Server::new(works);
    let helper = format!("!f() {{ echo username=x; echo password={KEY}; }}; f");
    stage
        .repo
        .git(&["config", "credential.helper", &helper])
        .ok();
    let url = format!("openai={}/v1", server.url);
    stage.repo.git(&["config", "pm.modelUrl", &url]).ok();
    let args = ["run", "--with", "model:openai/x", "--merge", "gates"];
    stage.start_command(&stage.repo, &args).end().ok();
    stage.all_merged(&["T-0001"]);
    let sent = server.requests();
    assert_eq!(sent[0].path, "/v1/responses");
    assert_eq!(
        sent[0].header("authorization"),
        Some(format!("Bearer {KEY}").as_str())
    );
    // Not on this machine, and no helper.
    let stage = Stage::with_tasks(&["One"]);
    let url = "openai=https://gateway.invalid/v1";
    stage.repo.git(&["config", "pm.modelUrl", url]).ok();
    let place = stage.repo.with("OPENAI_API_KEY", KEY);
    let ran = stage.start_command(&place, &args).end().exits(2);
    assert!(ran.err.contains("OPENAI_BASE_URL"), "{}", ran.err);
}

/// RC-10: a key that is refused fails the task at once, with the reason and without the key.
#[test]
fn a_refused_key_fails_the_task() {
    let stage = Stage::with_tasks(&["One"]);
    let body = format!(r#"{{"error":{{"message":"Incorrect API key provided: {KEY}"}}}}"#);
    let server = Server::in_turn(vec![Reply::status(401, &body)]);
    start(&stage, &server, 1, &[]).end().exits(1);
    assert_eq!(server.requests().len(), 1);
    let task = stage.task("T-0001");
    assert_eq!(task["status"], "failed", "{task}");
    let reason = task["reason"].to_string();
    assert!(reason.contains("401") && !reason.contains(KEY), "{reason}");
    assert_eq!(stage.repo.run("grep", &["-rlF", KEY, ".git"]).out, "");
}

/// MR-13: a limit of requests and a stream that is cut are survived, and the log says so.
#[test]
fn mr_13_limits_and_cut_streams_are_survived() {
    let stage = Stage::with_tasks(&["One"]);
    let server = Server::new(|request| match request.number {
        0 => {
            let wait = vec![("retry-after".to_string(), "0".to_string())];
            Reply::Status(
                429,
                wait,
                r#"{"error":{"message":"Rate limit reached"}}"#.into(),
            )
        }
        2 => Reply::Cut,
        _ => works(request),
    });
    start(&stage, &server, 0, &[]).end().ok();
    stage.all_merged(&["T-0001"]);
    let logs = stage.repo.pm(&["logs"]).ok().out;
    assert!(
        logs.contains("the provider is rate-limiting requests"),
        "{logs}"
    );
    assert!(logs.contains("the agent is retrying"), "{logs}");
}

/// RC-08: a run is stopped from another process while a model is silent.
#[test]
fn rc_08_a_run_is_stopped_while_a_model_is_silent() {
    let stage = Stage::with_tasks(&["One"]);
    let server = Server::in_turn(vec![Reply::Silent(std::time::Duration::from_secs(60))]);
    let run = start(&stage, &server, 3, &[]);
    until("a request", || {
        (!server.requests().is_empty()).then_some(())
    });
    stage.repo.pm(&["run", "stop"]).ok();
    let begun = std::time::Instant::now();
    run.end();
    assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    assert_eq!(stage.status()["status"], "stopped");
    until("the connection's end", || {
        (server.closed() == 1).then_some(())
    });
}

/// MR-18: a full context leaves a handoff with the task, in the agent's name; the agent's own `git pm`
/// has this name, too.
#[test]
fn mr_18_a_full_context_leaves_a_hand_off() {
    let stage = Stage::new();
    stage.repo.task("One", &["--accept", "It is there"]);
    let big = "some words on a line of a large file, so that it takes room\n".repeat(3_000);
    stage.repo.write("big.txt", &big);
    stage.repo.commit_all("Large");
    let size = "ollama/qwen3-coder:latest=16384";
    stage.repo.git(&["config", "pm.modelContext", size]).ok();
    stage.repo.git(&["config", "pm.modelOutput", "1000"]).ok();
    let server = Server::new(|request| {
        if request.text().contains("Write the handoff now") {
            return Reply::say("Done:\n- read the large file\nNext:\n- write the small one\n");
        }
        if !request.prompt().contains("The work so far") {
            let from = request.number * 50 + 1;
            let part = json!({ "path": "big.txt", "first_line": from, "lines": 50 });
            return Reply::call("read_file", part);
        }
        let accept =
            json!({ "arguments": ["task", "accept", "T-0001", "1", "--evidence", "seen"] });
        match request.results().len() {
            0 => Reply::call("git_pm", accept),
            1 | 2 => works(request),
            _ => Reply::say("Done."),
        }
    });
    start(&stage, &server, 3, &[]).end().ok();
    assert_eq!(stage.item("T-0001"), "done", "{}", stage.why());
    let handoff = stage.repo.data(&["handoff", "T-0001"]);
    assert!(
        handoff.to_string().contains("write the small one"),
        "{handoff}"
    );
    assert!(handoff.to_string().contains("agent-1"), "{handoff}");
    let sizes = server
        .requests()
        .into_iter()
        .map(|one| one.body["options"]["num_ctx"].clone());
    assert!(sizes.into_iter().all(|size| size == 16384));
}
