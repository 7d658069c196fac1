//! `git pm run --with auto`: each task goes to the agent of its role, another one takes over where that
//! fails, and nothing private leaves the machine. Servers of models count what they are asked.

use serde_json::json;

use super::stage::{Stage, WORK};
use crate::support::model_server::{Reply, Request, Server};
use crate::support::{Repo, script_file};

/// Works on the task and says so.
fn works(request: &Request) -> Reply {
    match request.results().len() {
        0 => Reply::run(
            "echo $GIT_PM_TASK > $GIT_PM_TASK.txt && git add -A && git commit -q -m \"Work on $GIT_PM_TASK\"",
        ),
        _ => Reply::say("It is committed."),
    }
}

/// Adds a value of `pm.route`.
fn route(stage: &Stage, value: &str) {
    stage.repo.git(&["config", "--add", "pm.route", value]).ok();
}

/// A script with a name of its own; its value for a route.
fn script(stage: &Stage, name: &str, text: &str) -> String {
    let path = stage.dir().join(format!("{name}.sh"));
    let out = stage.out.display();
    script_file(
        &path,
        &format!("OUT='{out}'\necho {name} $GIT_PM_TASK >> \"$OUT/order\"\n{text}"),
    );
    format!("script:{}", path.display())
}

/// The repository with programs of these names on its path.
fn with_programs(stage: &Stage, programs: &[(&str, &str)]) -> Repo {
    let bin = stage.dir().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    for (name, text) in programs {
        let out = stage.out.display();
        let text = format!("OUT='{out}'\necho {name} $GIT_PM_TASK >> \"$OUT/order\"\n{text}");
        script_file(&bin.join(name), &text);
    }
    let path = stage.repo.run("sh", &["-c", "echo $PATH"]).text();
    stage
        .repo
        .with("PATH", &format!("{}:{path}", bin.display()))
}

fn auto(stage: &Stage, place: &Repo, more: &[&str]) -> crate::support::Ran {
    let mut args = vec!["run", "--with", "auto", "--merge", "gates"];
    args.extend(more);
    stage.start_command(place, &args).end()
}

/// What a documented stream of claude says of a limit of requests, once.
const LIMITED_ONCE: &str = r#"
if [ ! -e "$OUT/limited" ]; then
  touch "$OUT/limited"
  cat > /dev/null
  echo '{"type":"result","subtype":"success","is_error":true,"result":"API Error: 429 rate limit reached, retry after 3","num_turns":1,"duration_ms":5,"session_id":"s-1"}'
  exit 1
fi
"#;

const CLAUDE_DONE: &str = r#"
echo '{"type":"result","subtype":"success","is_error":false,"result":"Done","num_turns":2,"duration_ms":5,"usage":{"input_tokens":1000,"output_tokens":50},"permission_denials":[],"session_id":"s-1"}'
"#;

/// AG-39, AG-35: each task goes to the agent of its role, with what its part of the product needs; the
/// choice is in the state and in the log.
#[test]
fn ag_39_each_task_goes_to_the_agent_of_its_role() {
    let stage = Stage::new();
    stage.repo.task("Guide", &["--type", "docs"]);
    stage.repo.task("Server", &["--label", "api"]);
    let writer = script(&stage, "writer", WORK);
    let coder = script(&stage, "coder", WORK);
    route(&stage, &format!("documentation={writer}"));
    route(&stage, &format!("all={coder}"));
    auto(&stage, &stage.repo, &[]).ok();
    stage.all_merged(&["T-0001", "T-0002"]);
    assert_eq!(stage.told("order"), "writer T-0001\ncoder T-0002\n");
    assert_eq!(stage.task("T-0001")["role"], "documentation");
    assert_eq!(stage.task("T-0002")["role"], "implementation");
    assert_eq!(stage.task("T-0001")["with"], "script");
    let log = stage.repo.pm(&["logs", "T-0001"]).ok().out;
    assert!(
        log.contains("routed to script") && log.contains("the type docs"),
        "{log}"
    );
    let prompt = stage.told("T-0002.prompt");
    assert!(
        prompt.contains("You work as a backend developer"),
        "{prompt}"
    );
    assert!(
        !stage.told("T-0001.prompt").contains("You work as"),
        "no specialty"
    );
}

/// MR-08: what cannot be started is left out, and the next agent takes over from one that fails for good
/// in a way that may pass, or whose key is refused; the log has the causes.
#[test]
fn mr_08_fallbacks_take_over_and_the_log_says_why() {
    let stage = Stage::with_tasks(&["One"]);
    let server = Server::in_turn(vec![Reply::status(
        401,
        r#"{"error":{"message":"wrong key"}}"#,
    )]);
    let weak = script(
        &stage,
        "weak",
        "cat > /dev/null\necho overloaded >&2\nexit 75",
    );
    let strong = script(&stage, "strong", WORK);
    route(
        &stage,
        &format!("all=model:anthropic/x,model:openai/y,{weak},{strong}"),
    );
    let place = stage
        .repo
        .with("OPENAI_BASE_URL", &server.url)
        .with("OPENAI_API_KEY", "plain-words-of-this-test");
    let ran = auto(&stage, &place, &["--retries", "0"]).ok();
    stage.all_merged(&["T-0001"]);
    assert_eq!(stage.told("order"), "weak T-0001\nstrong T-0001\n");
    assert_eq!(server.requests().len(), 1);
    assert!(
        ran.err.contains("model:anthropic/x is left out"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("takes over: model:openai/y has failed"),
        "{}",
        ran.err
    );
    let log = stage.repo.pm(&["logs", "T-0001"]).ok().out;
    for part in ["no key was found", "401", "it has failed"] {
        assert!(log.contains(part), "{part}: {log}");
    }
    // The change plan was an attempt of its own.
    assert_eq!(stage.task("T-0001")["attempt"], 4);
}

/// MR-08: after the last fallback the task has failed; work that a check refuses is nobody's fault but
/// the agent's, and stays with it.
#[test]
fn mr_08_a_task_without_a_further_fallback_fails() {
    let stage = Stage::with_tasks(&["One", "Two"]);
    stage
        .repo
        .pm(&["task", "edit", "T-0002", "--type", "docs"])
        .ok();
    let weak = script(&stage, "weak", "cat > /dev/null\nexit 75");
    let lazy = script(&stage, "lazy", "cat > /dev/null");
    let never = script(&stage, "never", WORK);
    route(&stage, &format!("implementation={weak}"));
    route(&stage, &format!("documentation={lazy},{never}"));
    auto(&stage, &stage.repo, &["--retries", "0", "--returns", "1"]).exits(1);
    assert_eq!(stage.task("T-0001")["status"], "failed");
    assert_eq!(stage.task("T-0002")["status"], "failed");
    assert!(
        !stage.told("order").contains("never"),
        "{}",
        stage.told("order")
    );
}

/// MR-14: a provider that limits requests keeps its own tasks waiting, not those of others; a task that
/// has waited often enough goes to its fallback.
#[test]
fn mr_14_a_limit_holds_only_the_tasks_of_its_provider() {
    for retries in ["2", "0"] {
        let stage = Stage::new();
        stage.repo.task("Guide", &["--type", "docs"]);
        stage.repo.task("Code", &[]);
        let coder = script(&stage, "coder", WORK);
        route(&stage, &format!("all={coder}"));
        route(&stage, &format!("documentation=claude,{coder}"));
        let claude = format!("{LIMITED_ONCE}{WORK}{CLAUDE_DONE}");
        let place = with_programs(&stage, &[("claude", &claude)]);
        auto(&stage, &place, &["--retries", retries]).ok();
        stage.all_merged(&["T-0001", "T-0002"]);
        let order = stage.told("order");
        let expected = match retries {
            "2" => "claude T-0001\ncoder T-0002\nclaude T-0001\n",
            _ => "claude T-0001\ncoder T-0001\ncoder T-0002\n",
        };
        assert_eq!(order, expected, "retries {retries}\n{}", stage.why());
    }
}

/// The tasks of a repository of which three are private, in three ways, and one is not.
fn private_tasks() -> Stage {
    let stage = Stage::new();
    stage
        .repo
        .pm(&["epic", "create", "Inside", "--label", "privacy:local"])
        .ok();
    stage.repo.task("By label", &["--label", "privacy=local"]);
    stage.repo.task("By epic", &["--epic", "E-0001"]);
    stage.repo.task("By path", &["--path", "secret/keys.txt"]);
    stage.repo.task("For all", &[]);
    stage
        .repo
        .pm(&["config", "pm.privatePaths", "secret/"])
        .ok();
    stage
}

const PRIVATE: [&str; 3] = ["T-0001", "T-0002", "T-0003"];

/// MR-07: with an agent that is not local, private tasks stay queued, and the others run; the provider
/// hears nothing of them.
#[test]
fn mr_07_a_provider_elsewhere_gets_nothing_private() {
    let stage = private_tasks();
    let server = Server::new(works);
    let place = stage
        .repo
        .with("OPENAI_BASE_URL", &server.url)
        .with("OPENAI_API_KEY", "plain-words-of-this-test");
    let with = ["run", "--with", "model:openai/x", "--merge", "gates"];
    let mut only = with.to_vec();
    only.extend(["--only", "T-0001", "T-0002", "T-0003"]);
    stage.start_command(&place, &only).end().exits(1);
    assert_eq!(server.requests().len(), 0);
    for id in PRIVATE {
        assert_eq!(stage.item(id), "queued");
        let reason = stage.task(id)["reason"].to_string();
        assert!(reason.contains("private"), "{id}: {reason}");
    }
    stage.start_command(&place, &with).end().exits(1);
    assert_eq!(stage.item("T-0004"), "done", "{}", stage.why());
    assert!(
        server
            .requests()
            .iter()
            .all(|one| one.prompt().contains("T-0004"))
    );
    let before = server.requests().len();
    // A server of the user's own, but the model is not on it.
    let cloud = place.with("OLLAMA_BASE_URL", &server.url);
    let args = [
        "run",
        "--with",
        "model:ollama/big:cloud",
        "--only",
        "T-0001",
    ];
    stage.start_command(&cloud, &args).end().exits(1);
    // Programs that speak to a provider.
    let place = with_programs(&stage, &[("claude", WORK), ("gemini", WORK)]);
    for with in ["claude", "gemini", "acp:gemini --acp"] {
        let args = ["run", "--with", with, "--only", "T-0001", "T-0003"];
        stage.start_command(&place, &args).end().exits(1);
    }
    assert_eq!(stage.told("order"), "");
    assert_eq!(server.requests().len(), before);
}

/// MR-07, MR-08: with routes, private tasks go to local agents, or stay queued where there is none.
#[test]
fn mr_07_routes_give_private_tasks_to_local_agents() {
    let stage = private_tasks();
    let (far, near) = (Server::new(works), Server::new(works));
    route(&stage, "all=model:openai/x,claude");
    let place = stage
        .repo
        .with("OPENAI_BASE_URL", &far.url)
        .with("OPENAI_API_KEY", "plain-words-of-this-test");
    // Ollama is on another machine, so it is not local either.
    let away = place.with("OLLAMA_BASE_URL", "http://ollama.invalid:11434");
    auto(&stage, &away, &["--only", "T-0001", "T-0003"]).exits(1);
    assert_eq!(far.requests().len(), 0);
    let status = stage.status();
    assert_eq!(status["status"], "blocked", "{status}");
    let here = place.with("OLLAMA_BASE_URL", &near.url);
    auto(&stage, &here, &[]).ok();
    stage.all_merged(&["T-0001", "T-0002", "T-0003", "T-0004"]);
    assert!(
        far.requests()
            .iter()
            .all(|one| one.prompt().contains("T-0004"))
    );
    assert_eq!(near.requests().len(), 6);
    assert_eq!(
        stage.task("T-0001")["with"],
        "model:ollama/qwen3-coder:latest"
    );
    assert_eq!(stage.task("T-0004")["with"], "model:openai/x");
    // What the user calls local is local.
    stage.repo.task("Once more", &["--label", "privacy:local"]);
    stage.repo.pm(&["config", "pm.localAgent", "claude"]).ok();
    let claude = format!("{WORK}{CLAUDE_DONE}");
    let place = with_programs(&stage, &[("claude", &claude)]);
    let args = [
        "run", "--with", "claude", "--merge", "gates", "--only", "T-0005",
    ];
    stage.start_command(&place, &args).end().ok();
    assert_eq!(stage.told("order"), "claude T-0005\n");
}

/// MR-07: a server that turns out to be elsewhere once the run has begun gets nothing private either, not
/// even if an agent has called it local meanwhile.
#[test]
fn mr_07_what_changes_during_a_run_is_noticed() {
    let stage = Stage::new();
    stage.repo.task("First", &[]);
    let labels = ["--label", "privacy:local", "--label", "role:review"];
    let second = stage.repo.task("Second", &labels);
    stage.repo.pm(&["dep", "add", &second, "T-0001"]).ok();
    let server = Server::new(works);
    let url = format!("ollama={}", server.url);
    stage.repo.git(&["config", "pm.modelUrl", &url]).ok();
    let config = stage.repo.path.join(".git/config");
    let moves = format!(
        "git config -f '{}' pm.modelUrl ollama=http://192.0.2.1:9\ngit config -f '{}' --add pm.localAgent model\n{WORK}",
        config.display(),
        config.display()
    );
    let first = script(&stage, "first", &moves);
    let stage = stage.without_sandbox();
    route(&stage, &format!("all={first}"));
    route(&stage, "review=model:ollama/x");
    auto(&stage, &stage.repo, &[]).exits(1);
    assert_eq!(stage.item("T-0001"), "done", "{}", stage.why());
    let reason = stage.task("T-0002")["reason"].to_string();
    assert!(reason.contains("it is not local"), "{reason}");
    assert_eq!(server.requests().len(), 0);
}

/// MR-02, MR-03, MR-04, MR-17: the profile `local` asks Ollama only, within its caps: the prompt is
/// shortened, and the log says so; if it cannot be, nothing is asked.
#[test]
fn mr_04_the_profile_local_keeps_its_caps() {
    let stage = Stage::new();
    let text = "Some words on a line of the text of this task.\n".repeat(200);
    stage
        .repo
        .task("One", &["--body", &text, "--accept", "It is there"]);
    stage.repo.pm(&["config", "profile", "local"]).ok();
    let server = Server::new(works);
    let place = stage.repo.with("OLLAMA_BASE_URL", &server.url);
    auto(&stage, &place, &["--returns", "0"]);
    let request = &server.requests()[0];
    assert_eq!(request.body["model"], "qwen3-coder:latest");
    assert_eq!(request.body["options"]["temperature"], json!(0.1));
    assert_eq!(request.body["options"]["num_predict"], json!(300));
    let prompt = request.prompt();
    for part in ["T-0001", "It is there", "What is expected", "[...]"] {
        assert!(prompt.contains(part), "{part}: {prompt}");
    }
    // The estimate counts at least a token for each four letters.
    assert!(prompt.len() < 1_600, "{}: {prompt}", prompt.len());
    let log = stage.repo.pm(&["logs"]).ok().out;
    assert!(log.contains("the prompt was shortened from"), "{log}");
    assert!(log.contains("its role allows 400"), "{log}");
    let asked = server.requests().len();
    stage.repo.task("Two", &[]);
    stage
        .repo
        .pm(&["config", "pm.routeTokens", "implementation=50,300"])
        .ok();
    auto(&stage, &place, &["--only", "T-0002"]).exits(1);
    let reason = stage.task("T-0002")["reason"].to_string();
    assert!(reason.contains("its role allows only 50"), "{reason}");
    assert_eq!(server.requests().len(), asked, "nothing was sent");
}

/// SE-02: an agent that is not trusted is told no personal data, one that is trusted no secret either,
/// and neither is any other.
#[test]
fn se_02_untrusted_agents_are_told_less() {
    let stage = Stage::new();
    let key = format!("AKIA{}", "IOSFODNN7QWERTY2");
    let text = format!("Write to jane.doe@corp-mail.com, key {key}.");
    for title in ["One", "Two", "Three"] {
        stage.repo.task(title, &["--body", &text]);
    }
    let keeps = r#"cat > "$OUT/$GIT_PM_TASK.prompt""#;
    let place = with_programs(&stage, &[("gemini", keeps), ("claude", keeps)]);
    let own = script(&stage, "own", keeps);
    for (with, id, is_told) in [
        ("gemini", "T-0001", false),
        ("claude", "T-0002", true),
        (own.as_str(), "T-0003", true),
    ] {
        let args = [
            "run",
            "--with",
            with,
            "--only",
            id,
            "--returns",
            "0",
            "--retries",
            "0",
        ];
        stage.start_command(&place, &args).end().exits(1);
        let prompt = stage.told(&format!("{id}.prompt"));
        assert!(prompt.contains("Write to"), "{with}: {prompt}");
        assert!(!prompt.contains(&key), "{with}: {prompt}");
        assert_eq!(
            prompt.contains("jane.doe@corp-mail.com"),
            is_told,
            "{with}: {prompt}"
        );
    }
}
