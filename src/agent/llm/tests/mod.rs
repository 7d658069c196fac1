//! The loop against a server that implements the real protocols, in a repository without git pm.

mod failures;
mod limits;
mod protocols;
#[allow(dead_code)]
#[path = "../../../../tests/e2e/support/model_server.rs"]
mod server;
mod tools;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::*;
use crate::agent::headless::{AgentReport, AgentVerdict, Class, Invocation, Update};
use crate::agent::provider::ModelName;
use crate::model::message::Handoff;
use crate::process::{Control, ExitCause, Limits};
use server::{Reply, Request, Server};

/// Models that cover all protocols.
const MODELS: [&str; 4] = ["anthropic/m", "openai/m", "chat/m", "ollama/m"];

/// A repository, and the inputs of a conversation.
struct Bench {
    dir: tempfile::TempDir,
    name: ModelName,
    endpoint: Endpoint,
    options: ConversationOptions,
    to: Invocation,
    limits: Limits,
    control: Control,
    heard: Heard,
}

/// The notifications that the caller of the loop receives.
#[derive(Default)]
struct Heard {
    updates: Vec<Update>,
    notes: Vec<String>,
    hand_offs: Vec<Handoff>,
}

impl Host for Heard {
    fn tell(&mut self, update: Update) {
        match update {
            Update::Note(text) => self.notes.push(text),
            other => self.updates.push(other),
        }
    }

    fn hand_off(&mut self, lists: &Handoff) {
        self.hand_offs.push(lists.clone());
    }
}

impl Bench {
    fn new(server: &Server, name: &str) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let tree = dir.path().canonicalize().unwrap().join("tree");
        std::fs::create_dir(&tree).unwrap();
        let mut env: BTreeMap<String, OsString> = BTreeMap::from([
            ("PATH".to_string(), std::env::var_os("PATH").unwrap()),
            ("HOME".to_string(), dir.path().into()),
            ("GIT_CONFIG_NOSYSTEM".to_string(), "1".into()),
        ]);
        for role in ["AUTHOR", "COMMITTER"] {
            env.insert(format!("GIT_{role}_NAME"), "Ada".into());
            env.insert(format!("GIT_{role}_EMAIL"), "ada@example.org".into());
        }
        let name: ModelName = name.parse().unwrap();
        let endpoint = Endpoint::for_test(&server.url, true, "key-for-tests-only");
        let mut options = ConversationOptions::new(&name, true);
        options.first_wait = Duration::from_millis(20);
        options.patience = Duration::from_secs(20);
        options.price = Some("10,1,20".parse().unwrap());
        let bench = Bench {
            to: Invocation {
                worktree: tree.clone(),
                git_dir: tree.join(".git"),
                common_dir: tree.join(".git"),
                prompt: "Write hello.txt.".into(),
                env,
                vars: vec![
                    (
                        "GIT_PM_RUN".into(),
                        format!("model-test-{}", dir.path().display()),
                    ),
                    ("GIT_PM_TASK".into(), "T-0001".into()),
                ],
                ..Invocation::default()
            },
            dir,
            name,
            endpoint,
            options,
            limits: Limits {
                deadline: Some(Duration::from_secs(60)),
                grace: Duration::from_millis(500),
                ..Limits::default()
            },
            control: Control::new().unwrap(),
            heard: Heard::default(),
        };
        bench.git(&["init", "-q", "-b", "main"]);
        bench.write("README.md", "# A project\n");
        bench.git(&["add", "-A"]);
        bench.git(&["commit", "-q", "-m", "Begin"]);
        bench
    }

    fn git(&self, args: &[&str]) -> String {
        let done = Command::new("git")
            .args(args)
            .current_dir(&self.to.worktree)
            .env_clear()
            .envs(&self.to.env)
            .output()
            .unwrap();
        assert!(done.status.success(), "git {args:?}: {done:?}");
        String::from_utf8_lossy(&done.stdout).into_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.to.worktree.join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&mut self) -> (AgentReport, ExitCause) {
        let work = Work {
            name: &self.name,
            endpoint: &self.endpoint,
            options: &self.options,
            to: &self.to,
            limits: &self.limits,
            control: &self.control,
            sandbox: None,
            vars: &[],
        };
        run(&work, &mut self.heard).unwrap()
    }

    /// Runs the loop to its end and expects success.
    #[track_caller]
    fn finish(&mut self) -> AgentReport {
        let (report, ended) = self.run();
        assert_eq!(
            report.verdict,
            AgentVerdict::Finished,
            "{:?}",
            self.heard.updates
        );
        assert_eq!(ended, ExitCause::Exited(0));
        report
    }

    /// Runs the loop to its end and expects a failure.
    #[track_caller]
    fn fail(&mut self) -> (Class, String) {
        let (report, _) = self.run();
        match report.verdict {
            AgentVerdict::Failed { class, message } => (class, message),
            AgentVerdict::Finished => panic!("it finished: {:?}", self.heard.updates),
        }
    }
}

const COMMIT: &str = "git add -A && git commit -q -m Work";
