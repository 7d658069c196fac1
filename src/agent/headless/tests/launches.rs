//! The programs and arguments of the agents.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::super::{Invocation, McpServer, With, launch};
use super::{AGENTS, invocation, session};
use crate::error::Kind;
use crate::process::Launch;

fn args(launch: &Launch) -> Vec<&str> {
    launch
        .args
        .iter()
        .map(|arg| arg.to_str().unwrap())
        .collect()
}

fn start(with: &str, to: &Invocation) -> Launch {
    launch(&with.parse().unwrap(), to).unwrap()
}

fn var<'a>(launch: &'a Launch, name: &str) -> &'a str {
    let found = launch.env.iter().find(|(key, _)| key == name);
    found.map_or("", |(_, value)| value.to_str().unwrap())
}

/// RC-23: no process list shows the prompt, and the agent starts in the worktree.
#[test]
fn the_prompt_is_never_an_argument() {
    let (_temporary, to) = invocation();
    for with in AGENTS {
        let launch = start(with, &to);
        assert_eq!(launch.dir, to.worktree);
        let in_args = args(&launch).iter().any(|arg| arg.contains("hello.txt"));
        let in_env = launch
            .env
            .iter()
            .any(|(_, v)| v.to_string_lossy().contains("hello.txt"));
        assert!(!in_args && !in_env, "{with}");
        match with {
            "aider" => {
                assert!(launch.input.is_empty());
                let file = to.private.join("aider/prompt.md");
                assert!(args(&launch).contains(&file.to_str().unwrap()));
                assert_eq!(fs::read_to_string(file).unwrap(), to.prompt);
            }
            _ => assert_eq!(launch.input, to.prompt.as_bytes(), "{with}"),
        }
    }
    let file = to.private.join("prompt.md");
    assert_eq!(fs::read_to_string(&file).unwrap(), to.prompt);
    let mode = fs::metadata(file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn codex_may_commit_but_not_change_hooks() {
    let (_temporary, mut to) = invocation();
    to.model = Some("gpt-5".into());
    let first = start("codex", &to);
    assert_eq!(first.program, "codex");
    let shown = args(&first).join(" ");
    assert!(
        shown.starts_with("exec --json -m gpt-5 -c log_dir="),
        "{shown}"
    );
    assert!(shown.ends_with(" -"), "{shown}");
    assert!(
        shown.contains(r#"-c sandbox_mode="workspace-write""#),
        "{shown}"
    );
    let roots = r#"writable_roots=["/repo/.git/objects", "/repo/.git/refs", "/repo/.git/logs", "/repo/.git/pm", "/repo/.git/worktrees/T-0001"]"#;
    assert!(shown.contains(roots), "{shown}");
    assert!(shown.contains("network_access=false"), "{shown}");

    to.resume = Some(session("01a2-b"));
    let again = start("codex", &to);
    let resumed = args(&again).join(" ");
    let options = shown
        .strip_prefix("exec ")
        .unwrap()
        .strip_suffix("-")
        .unwrap();
    assert_eq!(resumed, format!("exec resume {options}01a2-b -"));

    to.sandboxed = true;
    to.network = true;
    let shown = start("codex", &to);
    let shown = args(&shown).join(" ");
    assert!(
        shown.contains(r#"sandbox_mode="danger-full-access""#) && !shown.contains("writable_roots")
    );
}

/// SE-07: keys do not reach the shells of an agent that can withhold them.
#[test]
fn codex_keeps_keys_from_its_shells() {
    let (_temporary, mut to) = invocation();
    for name in ["CODEX_API_KEY", "TEST_DB_PASSWORD", "GITHUB_TOKEN"] {
        to.env.insert(name.into(), "x".into());
    }
    to.keys = vec!["TEST_DB_PASSWORD".into()];
    let launch = start("codex", &to);
    assert!(args(&launch).contains(&r#"shell_environment_policy.exclude=["CODEX_API_KEY"]"#));
    assert_eq!(var(&launch, "TEST_DB_PASSWORD"), "x");
}

#[test]
fn claude_asks_nobody_and_bypasses_nothing() {
    let (_temporary, mut to) = invocation();
    to.model = Some("opus".into());
    to.resume = Some(session("5f0c6a0e-8d3b"));
    to.budget = Some(1_250_000);
    assert_eq!(
        args(&start("claude", &to)),
        [
            "-p",
            "--output-format",
            "stream-json",
            "--verbose",
            "--permission-mode",
            "acceptEdits",
            "--allowedTools",
            "Bash,Edit,MultiEdit,Write,NotebookEdit,Read,Glob,Grep,LS",
            "--model",
            "opus",
            "--max-budget-usd",
            "1.250000",
            "--resume",
            "5f0c6a0e-8d3b"
        ]
    );
}

/// WT-07, MR-16: a private home only where no login is needed.
#[test]
fn gemini_gets_a_private_home_for_another_server() {
    let (_temporary, mut to) = invocation();
    to.env.insert("GEMINI_CLI_HOME".into(), "/home/ada".into());
    let launch = start("gemini", &to);
    assert_eq!(var(&launch, "GEMINI_CLI_HOME"), "/home/ada");
    assert_eq!(var(&launch, "GEMINI_CLI_NO_RELAUNCH"), "true");
    let expected = [
        "-o",
        "stream-json",
        "--skip-trust",
        "--approval-mode",
        "yolo",
    ];
    assert_eq!(args(&launch), expected);

    to.env
        .insert("GOOGLE_GEMINI_BASE_URL".into(), "http://127.0.0.1:1".into());
    let launch = start("gemini", &to);
    let home = to.private.join("gemini");
    assert_eq!(var(&launch, "GEMINI_CLI_HOME"), home.to_str().unwrap());
    let settings = fs::read_to_string(home.join(".gemini/settings.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&settings).unwrap();
    assert_eq!(
        settings["security"]["auth"]["selectedType"],
        "gemini-api-key"
    );
}

/// WT-07: concurrent agents share no database.
#[test]
fn databases_are_private() {
    let (_one, a) = invocation();
    let (_other, b) = invocation();
    for (with, name) in [("codex", "CODEX_SQLITE_HOME"), ("opencode", "OPENCODE_DB")] {
        let (first, second) = (start(with, &a), start(with, &b));
        let (first, second) = (var(&first, name), var(&second, name));
        assert!(first.starts_with(a.private.to_str().unwrap()), "{first}");
        assert_ne!(first, second);
    }
}

#[test]
fn opencode_publishes_nothing_and_keeps_the_users_settings() {
    let (_temporary, mut to) = invocation();
    let launch = start("opencode", &to);
    assert_eq!(args(&launch), ["run", "--format", "json", "--auto"]);
    assert_eq!(
        var(&launch, "OPENCODE_CONFIG_CONTENT"),
        r#"{"autoupdate":false,"share":"disabled"}"#
    );
    for (given, expected) in [
        (
            r#"{"share":"auto","model":"x/y"}"#,
            r#"{"autoupdate":false,"model":"x/y","share":"disabled"}"#,
        ),
        ("{/* mine */}", "{/* mine */}"),
    ] {
        to.env
            .insert("OPENCODE_CONFIG_CONTENT".into(), given.into());
        let launch = start("opencode", &to);
        assert_eq!(var(&launch, "OPENCODE_CONFIG_CONTENT"), expected);
    }
}

#[test]
fn aider_runs_the_hooks() {
    let (_temporary, to) = invocation();
    let launch = start("aider", &to);
    assert!(args(&launch).contains(&"--git-commit-verify"));
    assert!(!args(&launch).contains(&"--analytics-disable"));
}

#[test]
fn a_script_gets_model_and_session_as_variables() {
    let (_temporary, mut to) = invocation();
    to.model = Some("m".into());
    to.resume = Some(session("s1"));
    let launch = start("script:/bin/agent", &to);
    assert_eq!(launch.program, "/bin/agent");
    assert!(launch.args.is_empty());
    assert_eq!(
        (var(&launch, "GIT_PM_MODEL"), var(&launch, "GIT_PM_SESSION")),
        ("m", "s1")
    );
    let launch = start("command:agent -m {model} {worktree}", &to);
    assert_eq!(args(&launch), ["-m", "m", "/repo.worktrees/T-0001"]);
}

/// Values from the state cannot become options.
#[test]
fn values_that_look_like_options_are_refused() {
    for with in AGENTS {
        let with: With = with.parse().unwrap();
        for model in ["--dangerously", "a b", "", "a\nb", "$(x)"] {
            let (_temporary, mut to) = invocation();
            to.model = Some(model.into());
            assert_eq!(
                launch(&with, &to).unwrap_err().kind(),
                Kind::Usage,
                "{with} {model}"
            );
        }
        for id in ["-x", "a b", "", "../x"] {
            let (_temporary, mut to) = invocation();
            to.resume = Some(session(id));
            let refused = launch(&with, &to);
            // Without sessions there is nothing to refuse.
            assert!(refused.is_err() || with == With::Aider, "{with} {id}");
        }
    }
}

#[test]
fn relative_paths_are_refused() {
    let (_temporary, mut to) = invocation();
    assert!(launch(&With::Script("agent.sh".into()), &to).is_err());
    to.worktree = "worktree".into();
    assert!(launch(&With::Claude, &to).is_err());
}

/// An agent of an earlier attempt can leave links in its private directory.
#[test]
fn links_in_the_private_directory_are_not_followed() {
    use std::os::unix::fs::symlink;
    let (temporary, to) = invocation();
    let outside = temporary.path().join("outside");
    fs::write(&outside, "mine").unwrap();
    fs::create_dir_all(&to.private).unwrap();
    symlink(&outside, to.private.join("prompt.md")).unwrap();
    start("command:a {prompt_file}", &to);
    assert_eq!(fs::read_to_string(&outside).unwrap(), "mine");
    assert_eq!(
        fs::read_to_string(to.private.join("prompt.md")).unwrap(),
        to.prompt
    );

    fs::create_dir(temporary.path().join("elsewhere")).unwrap();
    symlink(temporary.path().join("elsewhere"), to.private.join("aider")).unwrap();
    let error = launch(&With::Aider, &to).unwrap_err();
    assert!(error.message().contains("is in the way"), "{error}");
}

/// IN-16: each agent takes them in its own form, and a value that names none is refused.
#[test]
fn in_16_agents_get_the_mcp_servers_of_the_user() {
    let (_temporary, mut to) = invocation();
    to.mcp = ["docs=npx -y 'a b' {x}", "web=https://mcp.example.com/mcp"]
        .map(|value| McpServer::parse(value).unwrap())
        .into();
    let file = to.private.join("mcp.json");
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let shared = serde_json::json!({"mcpServers": {
        "docs": {"command": "npx", "args": ["-y", "a b", "{x}"]},
        "web": {"type": "http", "url": "https://mcp.example.com/mcp"},
    }});
    let claude = start("claude", &to);
    assert!(
        args(&claude)
            .windows(2)
            .any(|two| two == ["--mcp-config", file.to_str().unwrap()])
    );
    assert!(
        args(&claude)
            .iter()
            .any(|arg| arg.ends_with(",LS,mcp__docs,mcp__web"))
    );
    assert_eq!(json(&fs::read_to_string(&file).unwrap()), shared);
    let codex = args(&start("codex", &to)).join(" ");
    for one in [
        r#"-c mcp_servers.docs={ command = "npx", args = ["-y", "a b", "{x}"] }"#,
        r#"-c mcp_servers.web={ url = "https://mcp.example.com/mcp" }"#,
    ] {
        assert!(codex.contains(one), "{codex}");
    }
    let gemini = start("gemini", &to);
    let defaults = fs::read_to_string(var(&gemini, "GEMINI_CLI_SYSTEM_DEFAULTS_PATH")).unwrap();
    assert_eq!(
        json(&defaults)["mcpServers"]["web"]["httpUrl"],
        shared["mcpServers"]["web"]["url"]
    );
    to.env.insert(
        "OPENCODE_CONFIG_CONTENT".into(),
        r#"{"mcp": {"own": {"type": "remote", "url": "http://127.0.0.1:1"}}}"#.into(),
    );
    let opencode = json(var(&start("opencode", &to), "OPENCODE_CONFIG_CONTENT"));
    assert_eq!(opencode["mcp"]["own"]["type"], "remote");
    assert_eq!(
        opencode["mcp"]["docs"]["command"],
        serde_json::json!(["npx", "-y", "a b", "{x}"])
    );
    assert_eq!(
        var(&start("command:a", &to), "GIT_PM_MCP_CONFIG"),
        file.to_str().unwrap()
    );
    for value in [
        "",
        "docs",
        "=npx",
        "a.b=npx",
        "docs=",
        "docs='npx",
        "docs=ftp://example.com",
    ] {
        assert!(McpServer::parse(value).is_err(), "{value}");
    }
}
