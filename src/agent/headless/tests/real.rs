//! The real agents against a scripted server. Ignored, because neither is a part of this project:
//!
//! ```text
//! GIT_PM_TEST_AGENTS=/folder/with/the/programs GIT_PM_TEST_SERVER=http://127.0.0.1:8080 \
//!   cargo test --all-features --lib -- --ignored real_agents
//! ```
//!
//! The server lets a model write `hello.txt` and commit it below `/@commit/v1`, and say something
//! below `/@text/v1`; for aider, which has no tools, it answers with the file below `/@aider/v1`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::super::{Ended, Identity, Invocation, Reader, Report, Verdict, With, launch, leftovers};

/// A repository with a linked worktree, and a home directory.
struct Place {
    _temporary: tempfile::TempDir,
    root: PathBuf,
}

impl Place {
    fn new() -> Place {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().canonicalize().unwrap();
        let place = Place {
            _temporary: temporary,
            root,
        };
        fs::create_dir(place.root.join("home")).unwrap();
        fs::create_dir(place.root.join("repo")).unwrap();
        for line in [
            "init -q -b main",
            "-c user.name=A -c user.email=a@b commit -q --allow-empty -m first",
            "worktree add -q ../wt -b task/T-0001",
        ] {
            place.git("repo", line);
        }
        place
    }

    fn git(&self, folder: &str, line: &str) -> String {
        let mut command = Command::new("git");
        command
            .args(line.split(' '))
            .current_dir(self.root.join(folder));
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            command.env_remove(name);
        }
        let output = command
            .env("HOME", self.root.join("home"))
            .output()
            .unwrap();
        assert!(output.status.success(), "git {line}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs an agent to its end.
    fn run(&self, with: &With, to: &Invocation) -> Report {
        let launch = launch(with, to).unwrap();
        let mut child = Command::new(&launch.program)
            .args(&launch.args)
            .current_dir(&launch.dir)
            .env_clear()
            .envs(launch.env)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", launch.program.display()));
        child
            .stdin
            .take()
            .unwrap()
            .write_all(&launch.input)
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let mut reader = Reader::new(with, to);
        let mut lines = Vec::new();
        for line in output.stdout.split(|c| *c == b'\n') {
            lines.extend(reader.stdout(line));
        }
        for line in output.stderr.split(|c| *c == b'\n') {
            reader.stderr(line);
        }
        let report = reader.finish(Ended::Code(output.status.code().unwrap()));
        assert_eq!(
            report.verdict,
            Verdict::Finished,
            "{lines:#?}\n{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        report
    }
}

/// The user's configuration that leads an agent to the scripted server.
fn configure(
    with: &With,
    home: &Path,
    server: &str,
    scenario: &str,
    env: &mut BTreeMap<String, OsString>,
) -> &'static str {
    let url = format!("{server}/@{scenario}");
    match with {
        With::Codex => {
            fs::create_dir_all(home.join(".codex")).unwrap();
            let config = format!(
                "model_provider = \"fake\"\n[model_providers.fake]\nname = \"fake\"\nbase_url = \"{url}/v1\"\n\
                 wire_api = \"responses\"\nenv_key = \"OPENAI_API_KEY\"\nrequest_max_retries = 1\nstream_max_retries = 1\n"
            );
            fs::write(home.join(".codex/config.toml"), config).unwrap();
            env.insert("OPENAI_API_KEY".into(), "secret".into());
            "fake-model"
        }
        With::Gemini => {
            env.insert("GEMINI_API_KEY".into(), "secret".into());
            env.insert("GOOGLE_GEMINI_BASE_URL".into(), url.into());
            "gemini-2.5-flash"
        }
        With::Opencode => {
            let config = format!(
                r#"{{"provider":{{"fake":{{"npm":"@ai-sdk/openai-compatible","options":{{"baseURL":"{url}/v1","apiKey":"{{env:FAKE_API_KEY}}"}},
                "models":{{"fake-model":{{"limit":{{"context":100000,"output":8000}},"cost":{{"input":1,"output":10}}}}}}}}}}}}"#
            );
            fs::create_dir_all(home.join(".config/opencode")).unwrap();
            fs::write(home.join(".config/opencode/opencode.json"), config).unwrap();
            env.insert("FAKE_API_KEY".into(), "secret".into());
            env.insert("OPENCODE_DISABLE_MODELS_FETCH".into(), "1".into());
            "fake/fake-model"
        }
        With::Aider => {
            env.insert("OPENAI_API_KEY".into(), "secret".into());
            env.insert("OPENAI_API_BASE".into(), format!("{url}/v1").into());
            "openai/fake-model"
        }
        other => panic!("{other} needs no server"),
    }
}

/// RC-23: each agent makes and commits a file in a linked worktree, without hooks or configuration of
/// the repository being touched, and goes on where it was.
#[test]
#[ignore = "needs installed agents and a scripted server"]
fn real_agents_commit_and_resume() {
    let server = std::env::var("GIT_PM_TEST_SERVER").expect("GIT_PM_TEST_SERVER");
    let programs = std::env::var("GIT_PM_TEST_AGENTS").expect("GIT_PM_TEST_AGENTS");
    let chosen = std::env::var("GIT_PM_TEST_WITH").unwrap_or("codex gemini opencode aider".into());
    for with in chosen.split_whitespace() {
        let with: With = with.parse().unwrap();
        let place = Place::new();
        let home = place.root.join("home");
        let path = std::env::var("PATH").unwrap();
        let mut env = BTreeMap::from([
            ("HOME".to_string(), home.clone().into_os_string()),
            ("PATH".to_string(), format!("{programs}:{path}").into()),
            ("CLAUDECODE".to_string(), "1".into()),
        ]);
        let scenario = if with == With::Aider {
            "aider"
        } else {
            "commit"
        };
        let model = configure(&with, &home, &server, scenario, &mut env);
        let mut to = Invocation {
            worktree: place.root.join("wt"),
            git_dir: place.root.join("repo/.git/worktrees/wt"),
            common_dir: place.root.join("repo/.git"),
            private: place.root.join("private"),
            prompt: "Write hello.txt and commit it.".into(),
            model: Some(model.into()),
            env,
            vars: vec![("GIT_PM_ACTOR".into(), "agent-1".into())],
            identity: Some(Identity {
                name: "Ada".into(),
                email: "ada@example.com".into(),
            }),
            ..Invocation::default()
        };
        let config = fs::read(place.root.join("repo/.git/config")).unwrap();
        let first = place.run(&with, &to);
        assert_eq!(
            place.git("repo", "log -1 --format=%an task/T-0001"),
            "Ada\n",
            "{with}"
        );
        let status = place.git("wt", "status --porcelain");
        let is_leftover = |line: &str| {
            leftovers(&with)
                .iter()
                .any(|start| line[3..].starts_with(start))
        };
        assert!(status.lines().all(is_leftover), "{with} left {status}");
        assert_eq!(
            fs::read(place.root.join("repo/.git/config")).unwrap(),
            config
        );
        assert!(
            first.usage.input >= 1000 && first.usage.output >= 50,
            "{first:?}"
        );
        if with == With::Aider {
            continue;
        }
        configure(&with, &home, &server, "text", &mut to.env);
        to.prompt = "Go on.".into();
        to.resume = first.session.clone();
        let second = place.run(&with, &to);
        assert_eq!(
            second.session.as_ref().map(|s| &s.id),
            first.session.as_ref().map(|s| &s.id)
        );
        assert_eq!(
            (second.usage.input, second.usage.output),
            (1000, 50),
            "{with}"
        );
    }
}
