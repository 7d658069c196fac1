//! The real open-source agents from npm, headless and over the Agent Client Protocol, with a scripted
//! model: each finishes a task from the claim to the merge, and leaves no process when it is ended
//! in the middle of another one. `GIT_PM_AGENTS_DIR` names the folder with their `node_modules`.
//! Otherwise a test reports that it was skipped, or fails if `GIT_PM_REQUIRE_TOOLS=1`.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::stage::{Stage, find};
use crate::support::{Repo, Scene, binary};

/// The longest time until both agents are where they should be; they start slowly on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// The folder with the agents' programs.
pub(super) fn agents(program: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("GIT_PM_AGENTS_DIR").map(PathBuf::from);
    let folder = folder.map(|folder| folder.join("node_modules/.bin"));
    let found = folder.filter(|folder| folder.join(program).exists());
    if found.is_none() {
        let required = std::env::var_os("GIT_PM_REQUIRE_TOOLS").is_some_and(|v| v == "1");
        assert!(
            !required,
            "{program} (GIT_PM_AGENTS_DIR) is not installed, and GIT_PM_REQUIRE_TOOLS=1 asks for it"
        );
        println!("skipped: {program} is not installed");
    }
    found
}

/// The scripted model, ended when it is dropped.
pub(super) struct Model {
    process: Child,
    port: u16,
    /// What its tool sleeps, in seconds; no other process of the machine has this number.
    seconds: u32,
}

impl Model {
    pub(super) fn new() -> Model {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let seconds = 100_000_000 + std::process::id() * 10 + count;
        let mut process = Command::new("python3")
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/models/server.py"
            ))
            .arg(seconds.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = process.stdout.as_mut().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        Model {
            process,
            port: line.trim().parse().expect("a port"),
            seconds,
        }
    }

    /// The processes of its tool, also in sandboxes.
    fn tools(&self) -> Vec<i32> {
        let wanted = format!("sleep\0{}\0", self.seconds);
        let entries = std::fs::read_dir("/proc").unwrap().flatten();
        entries
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|pid: &i32| {
                let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                line.windows(wanted.len())
                    .any(|part| part == wanted.as_bytes())
            })
            .collect()
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The user's configuration that leads an agent to the scripted model, and the name of the model.
fn configure(agent: &str, repo: &Repo, home: &Path, model: &Model) -> (Repo, &'static str) {
    let url = format!("http://127.0.0.1:{}", model.port);
    let write = |name: &str, text: String| {
        let path = home.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    match agent {
        "codex" => {
            write(
                ".codex/config.toml",
                format!(
                    "model = \"fake-model\"\nmodel_provider = \"fake\"\n[model_providers.fake]\n\
                     name = \"fake\"\nbase_url = \"{url}/v1\"\nwire_api = \"responses\"\n\
                     env_key = \"OPENAI_API_KEY\"\n"
                ),
            );
            (repo.with("OPENAI_API_KEY", "secret"), "fake-model")
        }
        "gemini" => {
            let repo = repo.with("GEMINI_API_KEY", "secret");
            let repo = repo.with("GOOGLE_GEMINI_BASE_URL", &url);
            (repo, "gemini-2.5-flash")
        }
        "opencode" => {
            write(
                ".config/opencode/opencode.json",
                format!(
                    r#"{{"provider":{{"fake":{{"npm":"@ai-sdk/openai-compatible","options":{{"baseURL":"{url}/v1","apiKey":"{{env:FAKE_API_KEY}}"}},
                    "models":{{"fake-model":{{"limit":{{"context":100000,"output":8000}},"cost":{{"input":1,"output":10}}}}}}}}}}}}"#
                ),
            );
            let repo = repo.with("FAKE_API_KEY", "secret");
            let repo = repo.with("OPENCODE_DISABLE_MODELS_FETCH", "1");
            (repo, "fake/fake-model")
        }
        other => panic!("no configuration of {other}"),
    }
}

/// A repository in which an agent is led to the scripted model, and the arguments that name the model.
pub(super) fn stage_with(
    agent: &str,
    program: &str,
    bin: &Path,
    model: &Model,
) -> (Stage, Vec<&'static str>) {
    // Sandboxes of agents hide some folders for temporary files.
    let scene = Scene::in_folder(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let repo = scene.set_up("a");
    let mut stage = Stage::of(scene, repo);
    let ours = Path::new(binary()).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{}:{path}", bin.display(), ours.display());
    let (repo, name) = configure(agent, &stage.repo, &stage.dir().join("home"), model);
    stage.repo = repo.with("PATH", &path);
    // Codex's adapter offers its own models only; others are configured.
    let named = match program {
        "codex-acp" => Vec::new(),
        _ => vec!["--model", name],
    };
    (stage, named)
}

/// How the second agent is ended in the middle of its work.
#[derive(PartialEq)]
enum End {
    /// By `run stop`.
    Stop,
    /// By `run stop` after the runner was killed.
    Kill,
}

/// Two agents at once: one finishes its task, after it came back once and went on in the same session;
/// the other is ended in the middle of a tool.
#[track_caller]
fn works(agent: &str, program: &str, with: &str, end: End) {
    let Some(bin) = agents(program) else { return };
    let start = Instant::now();
    let model = Model::new();
    let (stage, named) = stage_with(agent, program, &bin, &model);
    // gemini 0.61 keeps the sessions of the protocol, but does not always find them again.
    let is_lost = with.starts_with("acp:gemini");
    let body = if is_lost {
        "scenario-lost-session"
    } else {
        "scenario-work"
    };
    stage.repo.task("Work", &["--body", body]);
    stage.repo.task("Sleep", &["--body", "scenario-sleep"]);
    let mut args = vec!["run", "--with", with, "--agents", "2", "--merge", "gates"];
    args.extend(["--retries", "0", "--returns", "1"]);
    args.extend(named);
    let mut run = stage.start_command(&stage.repo, &args);
    let end_at = Instant::now() + PATIENCE;
    let status = || {
        let ran = stage.repo.pm(&["--json", "run", "status"]);
        let task = (ran.code == 0).then(|| find(&ran.data(), "T-0001"));
        task.map_or(String::new(), |task| task["status"].to_string())
    };
    loop {
        let status = status();
        if status == "\"completed\"" && !model.tools().is_empty() {
            break;
        }
        assert_ne!(status, "\"failed\"", "{}", stage.why());
        let is_late = Instant::now() > end_at || run.is_over();
        assert!(!is_late, "{}\n{}", run.printed(), stage.why());
        std::thread::sleep(Duration::from_millis(200));
    }
    let worked = start.elapsed();
    if end == End::Kill {
        run.kill();
        stage.repo.pm(&["run", "stop"]).ok();
    } else {
        stage.repo.pm(&["run", "stop"]).ok();
        run.end();
    }
    stage.left_no_process();
    assert_eq!(model.tools(), [0; 0], "a tool goes on");
    assert_eq!(stage.status()["status"], "stopped");
    assert_ne!(stage.item("T-0002"), "done");
    // What the first one did.
    let shown = stage.repo.git(&["show", "main:T-0001.txt"]).ok();
    assert_eq!(shown.text(), "T-0001", "{}", stage.why());
    assert_eq!(
        stage.repo.git(&["show", "main:note.txt"]).ok().text(),
        "a note"
    );
    let used = &stage.task("T-0001")["used"];
    let count = |name: &str| used[name].as_u64().unwrap();
    let sent = count("input_tokens") + count("cached_tokens");
    // Four requests, of which opencode tells the last of each attempt over the protocol.
    let told = if with.starts_with("acp:opencode") {
        2
    } else {
        4
    };
    assert_eq!(
        (sent, count("output_tokens")),
        (told * 1000, told * 50),
        "{used}"
    );
    let logs = stage.repo.pm(&["logs"]).ok().out;
    assert!(!logs.contains("secret\""), "{logs}");
    let is_begun_anew = logs.contains("the earlier session cannot be continued");
    assert!(!is_begun_anew || is_lost, "{logs}");
    println!(
        "{with}: merged after {worked:.1?}, all after {:.1?}",
        start.elapsed()
    );
}

/// RC-23: codex.
#[test]
fn codex_finishes_a_task() {
    works("codex", "codex", "codex", End::Kill);
}

/// RC-23: codex over the protocol, by its adapter.
#[test]
fn codex_finishes_a_task_over_the_protocol() {
    works("codex", "codex-acp", "acp:codex-acp", End::Stop);
}

/// RC-23: gemini.
#[test]
fn gemini_finishes_a_task() {
    works("gemini", "gemini", "gemini", End::Kill);
}

/// RC-23: gemini over the protocol, which asks for permission for every step.
#[test]
fn gemini_finishes_a_task_over_the_protocol() {
    let with = "acp:gemini --acp --skip-trust -m {model}";
    works("gemini", "gemini", with, End::Stop);
}

/// RC-23: opencode.
#[test]
fn opencode_finishes_a_task() {
    works("opencode", "opencode", "opencode", End::Kill);
}

/// RC-23: opencode over the protocol, which takes the name of the model there.
#[test]
fn opencode_finishes_a_task_over_the_protocol() {
    works("opencode", "opencode", "acp:opencode acp", End::Stop);
}
