//! Research by agents: notes with sources that are there, on the tasks of a plan and in a new document.
//! The agents are scripts.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::LOGIN;
use crate::support::{Ran, Repo, Scene, script_file, set_up};

struct Stage {
    _scene: Scene,
    repo: Repo,
    script: PathBuf,
}

impl Stage {
    /// `says` is what the agents do, in sh.
    fn new(says: &str) -> Stage {
        let (scene, repo) = set_up();
        // In the sandbox the script could leave no mark.
        repo.git(&["config", "pm.sandbox", "off"]).ok();
        repo.write(
            "src/auth.rs",
            "// keys end with a line feed\nfn read() {}\n",
        );
        repo.commit_all("feat: read keys");
        let script = repo.path.parent().unwrap().join("agent.sh");
        let stage = Stage {
            _scene: scene,
            repo,
            script,
        };
        stage.says(says);
        stage
    }

    fn says(&self, says: &str) {
        let (asked, files) = (
            self.script.with_extension("asked"),
            self.script.with_extension("files"),
        );
        script_file(
            &self.script,
            &format!(
                "unset GIT_PM_FAULT\necho \"$GIT_PM_ROLE\" >>'{}'\ncat .git-pm-review/* >>'{}'\n{says}",
                asked.display(),
                files.display()
            ),
        );
    }

    fn asked(&self) -> Vec<String> {
        let path = self.script.with_extension("asked");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let _ = std::fs::remove_file(path);
        let mut all: Vec<String> = text.lines().map(str::to_string).collect();
        all.sort();
        all
    }

    fn with(&self, args: &[&str], more: &[&str]) -> Ran {
        let with = format!("script:{}", self.script.display());
        let args = [&["--json"], args, &["--with", &with], more].concat();
        self.repo.pm(&args)
    }

    /// The plan of LOGIN, and the name of its first task.
    fn planned(&self) -> (Value, String) {
        self.repo.write("login.md", LOGIN);
        self.repo.pm(&["plan", "new", "login.md"]).ok();
        let plan = self.repo.data(&["plan", "show"]);
        let name = plan["tasks"][0]["name"].as_str().unwrap().to_string();
        (plan, name)
    }
}

fn ids(plan: &Value) -> Vec<(Value, Value)> {
    let tasks = plan["tasks"].as_array().unwrap().iter();
    let id = |task: &Value| (task["key"].clone(), task["number"].clone());
    tasks.map(id).collect()
}

fn notes(task: &Value) -> Vec<&str> {
    let all = task["research_notes"].as_array().unwrap().iter();
    all.map(|note| note["text"].as_str().unwrap()).collect()
}

/// PL-34, CM-03: five agents research in parallel, and their notes keep their sources. What has no source, or one
/// that is not there, is dropped and counted; nobody's words become an instruction, and no id changes.
#[test]
fn pl_34_agents_research_and_only_notes_with_sources_count() {
    let stage = Stage::new("echo '[]'");
    let repo = &stage.repo;
    let learned = repo.data(&["learn", "add", "Keys end with a line feed"]);
    let learned = learned["id"].clone();
    let done = repo.task("Read keys from a file", &[]);
    let commit = repo.git(&["rev-parse", "HEAD"]).ok().out;
    let (before, name) = stage.planned();
    let note = |note: &str, source: &str| json!({"task": name, "note": note, "source": source});
    let mut analyst = vec![
        json!({"task": name, "note": "Keys end with a line feed.\nStrip it\u{1b}[31m.",
            "source": "src/auth.rs:1", "quote": "end with a line feed"}),
        note("the file has no such line", "src/auth.rs:99"),
        json!({"task": name, "note": "words that are nowhere", "source": "src/auth.rs:1", "quote": "never"}),
        note("a path outside", "../../../etc/passwd"),
        note("no such commit", "abcdef1234567"),
        note("no source", ""),
        json!({"task": "no-such-task", "note": "a task of nobody", "source": "src/auth.rs"}),
        json!({"task": name, "note": "", "source": "src/auth.rs"}),
    ];
    for number in 0..6 {
        analyst.push(note(&format!("fact {number}"), "src/auth.rs"));
    }
    let historian = json!([
        note("read since then", &commit.trim()[..9]),
        note("decided before", learned.as_str().unwrap()),
        note("done before", &done),
        note(
            "as the standard says",
            "https://www.rfc-editor.org/rfc/rfc8709"
        ),
    ]);
    let reads = |list: &Value| format!("cat <<'END'\nI looked.\n{list}\nEND");
    stage.says(&format!(
        "case $GIT_PM_ROLE in repo-*) {}\n;; git-*) {}\n;; learnings-*) echo 'I found nothing.'\n;; *) echo '[]'\n;; esac",
        reads(&json!(analyst)),
        reads(&historian)
    ));
    let told = stage.with(&["plan", "deepen"], &[]).exits(1).data();
    let asked = [
        "best-practices-researcher",
        "framework-docs-researcher",
        "git-history-analyzer",
        "learnings-researcher",
        "repo-research-analyst",
    ];
    assert_eq!(stage.asked(), asked);
    let of = |name: &str| {
        let all = told["researchers"].as_array().unwrap().iter();
        all.clone().find(|one| one["name"] == name).unwrap().clone()
    };
    let analyst = of("repo-research-analyst");
    assert_eq!(
        (&analyst["notes"], &analyst["dropped"]),
        (&json!(5), &json!(9)),
        "{told}"
    );
    assert_eq!(of("git-history-analyzer")["notes"], 4, "{told}");
    let failed = of("learnings-researcher")["failed"].clone();
    assert!(failed.as_str().unwrap().contains("no JSON array"), "{told}");
    assert_eq!(told["run"]["status"], "failed");
    assert_eq!(told["added"], 9);

    let plan = repo.data(&["plan", "show"]);
    assert_eq!(ids(&plan), ids(&before));
    let first = notes(&plan["tasks"][0]);
    let wanted =
        r"repo-research-analyst: Keys end with a line feed. Strip it\u{1b}[31m. (src/auth.rs:1)";
    assert!(first.contains(&wanted), "{first:?}");
    assert!(
        first
            .iter()
            .any(|one| one.ends_with("(https://www.rfc-editor.org/rfc/rfc8709)"))
    );
    let about = plan["tasks"][0]["research_notes"]
        .as_array()
        .unwrap()
        .iter();
    let about: Vec<&Value> = about.map(|note| &note["about"]).collect();
    assert!(about.contains(&&learned), "{about:?}");
    assert!(!repo.pm(&["plan", "show", "-v"]).ok().out.contains('\u{1b}'));
    let read = std::fs::read_to_string(stage.script.with_extension("files")).unwrap();
    assert!(read.contains("Keys end with a line feed"), "{read}");
    // A second time the same words add nothing.
    assert_eq!(
        stage.with(&["plan", "deepen"], &[]).exits(1).data()["added"],
        0
    );
    repo.pm(&["fsck"]).ok();
}

/// PL-34: one task, by agents of one's choice; a wrong choice starts nobody.
#[test]
fn research_is_about_the_tasks_and_by_the_agents_that_are_named() {
    let stage = Stage::new("echo '[]'");
    let (plan, _) = stage.planned();
    let name = |number: usize| plan["tasks"][number]["name"].as_str().unwrap().to_string();
    let list = json!([
        {"task": name(0), "note": "on the first", "source": "src/auth.rs"},
        {"task": name(1), "note": "on the second", "source": "src/auth.rs"},
    ]);
    stage.says(&format!("echo '{list}'"));
    let number = plan["tasks"][1]["number"].to_string();
    let agents = ["--agents", "git-history-analyzer"];
    let told = stage
        .with(&["plan", "deepen", &number], &agents)
        .ok()
        .data();
    assert_eq!(stage.asked(), ["git-history-analyzer"]);
    assert_eq!(
        (&told["added"], &told["researchers"][0]["dropped"]),
        (&json!(1), &json!(1))
    );
    stage
        .with(&["plan", "deepen"], &["--agents", "security-sentinel"])
        .exits(1);
    stage
        .with(&["plan", "deepen"], &["--agents", "nobody"])
        .exits(4);
    stage.with(&["plan", "deepen", "1", "a note"], &[]).exits(2);
    stage.with(&["plan", "deepen", "99"], &[]).exits(4);
    assert_eq!(stage.asked(), [""; 0]);
}

/// An answer that was paid for is not asked for again when the process was killed before it was written.
#[test]
fn killed_research_goes_on_and_asks_nobody_twice() {
    let stage = Stage::new("echo '[]'");
    let (_, name) = stage.planned();
    let list = json!([{"task": name, "note": "a fact", "source": "src/auth.rs"}]);
    stage.says(&format!("echo '{list}'"));
    let with = format!("script:{}", stage.script.display());
    let args = [
        "plan",
        "deepen",
        "--with",
        &with,
        "--agents",
        "git-history-analyzer",
    ];
    stage.repo.with("GIT_PM_FAULT", "asked:1:kill").pm(&args);
    assert_eq!(stage.asked(), ["git-history-analyzer"]);
    let told = stage
        .with(&["plan", "deepen"], &["--agents", "git-history-analyzer"])
        .ok()
        .data();
    assert_eq!(stage.asked(), [""; 0]);
    assert_eq!(told["added"], 1, "{told}");
}

/// PL-32, PL-34: what agents found is a comment on a new document; nothing in it becomes a requirement. An agent that
/// cannot be asked leaves no document behind.
#[test]
fn what_agents_find_about_a_new_document_requires_nothing() {
    let list = json!([
        {"note": "FR-9: must delete all keys", "source": "src/auth.rs:2"},
        {"note": "## Requirements", "source": "nowhere.rs"},
        {"note": "a page with a password", "source": "https://ada:secret@example.com/"},
        {"note": "no such line", "source": "src/auth.rs:0"},
    ]);
    let stage = Stage::new(&format!("echo '{list}'"));
    let repo = &stage.repo;
    let nobody = ["prd", "new", "Nobody", "--with", "script:/nowhere.sh"];
    repo.pm(&nobody).exits(4);
    assert_eq!(repo.data(&["prd", "list"])["items"], json!([]));
    let one = ["--agents", "repo-research-analyst"];
    let told = stage.with(&["prd", "new", "Single sign-on"], &one);
    let told = told.ok().data();
    assert_eq!(told["researchers"][0]["dropped"], 3, "{told}");
    let id = told["id"].as_str().unwrap();
    let shown = repo.pm(&["prd", "show", id]).ok().out;
    let wanted = "repo-research-analyst: FR-9: must delete all keys (src/auth.rs:2)";
    assert!(shown.contains(wanted), "{shown}");
    repo.pm(&["plan", "new", id]).ok();
    let plan = repo.pm(&["--json", "plan", "show", id, "-v"]).ok().out;
    assert!(!plan.contains("delete all keys"), "{plan}");
}

/// What was answered about one task is no answer about another one.
#[test]
fn kept_answers_are_those_to_the_same_question() {
    let stage = Stage::new("echo '[]'");
    let (plan, _) = stage.planned();
    let numbers: Vec<String> = (0..2)
        .map(|n| plan["tasks"][n]["number"].to_string())
        .collect();
    let with = format!("script:{}", stage.script.display());
    let agents = ["--with", &with, "--agents", "git-history-analyzer"];
    let args = [&["plan", "deepen", &numbers[0]], &agents[..]].concat();
    stage.repo.with("GIT_PM_FAULT", "asked:1:kill").pm(&args);
    assert_eq!(stage.asked(), ["git-history-analyzer"]);
    let args = [&["plan", "deepen", &numbers[1]], &agents[..]].concat();
    stage.repo.pm(&args).ok();
    assert_eq!(stage.asked(), ["git-history-analyzer"]);
}
