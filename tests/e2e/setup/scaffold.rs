//! `git pm init --scaffold`: the files of a new project, and the way from them to merged work.

use serde_json::Value;

use crate::support::{Repo, Scene};

const FILES: [&str; 7] = [
    "docs/PRD.md",
    "tasks/_template.md",
    ".pm.toml",
    ".github/workflows/pm.yml",
    ".github/pull_request_template.md",
    ".github/CODEOWNERS",
    "tests/test_smoke.py",
];

/// An empty repository, without a commit.
fn empty() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.at("a");
    std::fs::create_dir_all(&repo.path).unwrap();
    repo.git(&["init", "-q"]).ok();
    (scene, repo)
}

/// IN-21, SE-04: from an empty repository to a merged task, by commands alone; the check of continuous integration passes
/// at each step.
#[test]
fn in_21_se_04_a_new_project_goes_from_its_scaffold_to_merged_work() {
    let (_scene, repo) = empty();
    let told = repo.data(&["init", "--scaffold"]);
    assert_eq!(
        told["scaffold"]["files"].as_array().unwrap().len(),
        FILES.len()
    );
    let new = repo.git(&["status", "--porcelain", "-uall"]).text();
    assert_eq!(new.lines().count(), FILES.len(), "{new}");
    for file in FILES {
        assert!(new.contains(&format!("?? {file}")), "{file}: {new}");
    }
    assert!(
        repo.read(".github/CODEOWNERS")
            .contains("/.github/ ana@example.org\n")
    );
    let fields = repo.read(".github/pull_request_template.md");
    for field in ["Linked Task ID", "What Changed", "Validation", "Risk"] {
        assert!(fields.contains(&format!("## {field}\n")), "{fields}");
    }
    repo.commit_all("Begin the project");
    repo.pm(&["check", "--ci"]).ok();
    let smoke = repo
        .run("python3", &["-m", "unittest", "discover", "-s", "tests"])
        .ok();
    assert!(smoke.err.contains("Ran 1 test"), "{}", smoke.err);

    // The plan: continuous integration first, and a warning that only a human may commit its file.
    repo.pm(&["prd", "add", "docs/PRD.md"]).ok();
    let plan = repo.data(&["plan", "new", "docs/PRD.md"]);
    let tasks = plan["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 2, "{plan}");
    assert_eq!(
        tasks[0]["paths"],
        serde_json::json!([".github/workflows/ci.yml"])
    );
    let found = plan["checks"].as_array().unwrap();
    assert!(
        found.len() == 1 && found[0].to_string().contains("is protected"),
        "{plan}"
    );
    repo.pm(&["plan", "check"]).ok();
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["plan", "seed"]).ok();
    assert_eq!(repo.data(&["ready"])["items"][0]["id"], "T-0001");

    for (id, file, text) in [
        (
            "T-0001",
            ".github/workflows/ci.yml",
            "name: CI\non: pull_request\n",
        ),
        ("T-0002", "README.md", "# Project\n"),
    ] {
        repo.pm(&["start", id]).ok();
        let place = repo.worktree(id);
        place.write(file, text);
        place.commit_all("Do it");
        let guarded = file.starts_with(".github/");
        // A protected path has an owner, who approves it below.
        place.pm(&["check", "--ci"]).exits(i32::from(guarded));
        place
            .pm(&["task", "accept", id, "--all", "--evidence", "seen"])
            .ok();
        place.pm(&["finish", id]).ok();
        repo.pm(&["task", "approve", id]).ok();
        place.pm(&["check", "--ci"]).ok();
        repo.pm(&["merge", id]).ok();
        assert_eq!(repo.data(&["show", id])["status"], "done");
        assert_eq!(repo.read(file), text);
    }
    repo.pm(&["check", "--ci"]).ok();
}

/// IN-21: nothing that is there is overwritten, also under another name, through a link, or when it runs again.
#[test]
fn in_21_what_is_there_stays_as_it_is() {
    let (scene, repo) = empty();
    repo.write("CODEOWNERS", "* @org/team\n");
    repo.write("docs/PRD.md", "own\n");
    repo.write("docs/pull_request_template.md", "own\n");
    let outside = scene.at("outside");
    std::fs::create_dir_all(&outside.path).unwrap();
    std::os::unix::fs::symlink(&outside.path, repo.path.join("tests")).unwrap();
    std::os::unix::fs::symlink("nowhere", repo.path.join(".pm.toml")).unwrap();

    let kept = |told: &Value| -> Vec<(String, String)> {
        let files = told["scaffold"]["files"].as_array().unwrap().iter();
        let text = |one: &Value, key: &str| Some(one[key].as_str()?.to_string());
        files
            .filter_map(|one| Some((text(one, "path")?, text(one, "kept")?)))
            .collect()
    };
    let expected = [
        ("docs/PRD.md", "docs/PRD.md"),
        (".pm.toml", ".pm.toml"),
        (
            ".github/pull_request_template.md",
            "docs/pull_request_template.md",
        ),
        (".github/CODEOWNERS", "CODEOWNERS"),
        ("tests/test_smoke.py", "tests"),
    ];
    let expected = expected.map(|(path, kept)| (path.to_string(), kept.to_string()));
    let before = repo.git(&["status", "--porcelain", "-uall"]).text();
    let dry = repo.data(&["init", "--scaffold", "--dry-run"]);
    assert_eq!(kept(&dry), expected);
    assert_eq!(repo.git(&["status", "--porcelain", "-uall"]).text(), before);
    assert_eq!(repo.tip("refs/pm/main"), "");

    assert_eq!(kept(&repo.data(&["init", "--scaffold"])), expected);
    assert_eq!(repo.read("docs/PRD.md"), "own\n");
    assert!(std::fs::read_dir(&outside.path).unwrap().next().is_none());
    assert!(
        std::fs::symlink_metadata(repo.path.join(".pm.toml"))
            .unwrap()
            .is_symlink()
    );
    assert!(!repo.path.join(".github/CODEOWNERS").exists());
    assert!(repo.path.join(".github/workflows/pm.yml").is_file());
    let again = repo.data(&["init", "--scaffold"]);
    assert_eq!(kept(&again).len(), FILES.len());
}

/// IN-21: `--commit` commits just these files, also from a folder below, and leaves what is staged alone; without an
/// address of git, CODEOWNERS has only examples.
#[test]
fn in_21_the_files_are_committed_if_asked_for() {
    let (_scene, repo) = empty();
    repo.write("src/own.txt", "x\n");
    repo.git(&["add", "-A"]).ok();
    let login = repo.git(&["config", "user.email", "1+ana@users.noreply.github.com"]);
    login.ok();
    let told = repo.other("src").data(&["init", "--scaffold", "--commit"]);
    assert_eq!(told["scaffold"]["commit"], repo.tip("HEAD"));
    let listed = repo.git(&["ls-tree", "-r", "--name-only", "HEAD"]).text();
    assert_eq!(listed.lines().count(), FILES.len(), "{listed}");
    assert_eq!(
        repo.git(&["status", "--porcelain"]).text(),
        "A  src/own.txt"
    );
    assert!(repo.read(".github/CODEOWNERS").contains("/infra/ @ana\n"));

    let (_scene, other) = empty();
    other
        .git(&["config", "user.email", "not an address # x"])
        .ok();
    other.pm(&["init", "--scaffold"]).ok();
    let text = other.read(".github/CODEOWNERS");
    assert!(text.lines().all(|line| line.starts_with('#')), "{text}");
}

/// IN-21: the examples in `.pm.toml` are valid without their `#`, and the template of a task becomes one.
#[test]
fn in_21_the_examples_of_the_scaffold_are_valid() {
    let (_scene, repo) = empty();
    repo.pm(&["init", "--scaffold", "--commit"]).ok();
    assert_eq!(repo.data(&["trust"])["commands"], serde_json::json!([]));
    let is_example = |line: &&str| {
        line.starts_with("# [") || line.starts_with("# \"") || {
            let name = line.trim_start_matches("# ").split(' ').nth(1);
            line.starts_with("# ") && name == Some("=")
        }
    };
    let text = repo.read(".pm.toml");
    let examples: Vec<&str> = text
        .lines()
        .filter(is_example)
        .map(|line| &line[2..])
        .collect();
    assert!(examples.len() >= 10, "{examples:?}");
    repo.write(".pm.toml", &(examples.join("\n") + "\n"));
    let told = repo.data(&["trust", "--yes"]);
    let commands = told["commands"].to_string();
    for one in [
        "setup: npm ci",
        "gate smoke:",
        "gate web:",
        "reviewer semgrep:",
        "checklist ready:",
    ] {
        assert!(commands.contains(one), "{one}: {commands}");
    }

    let task = repo.read("tasks/_template.md");
    let made = repo.feed(
        crate::support::binary(),
        &["--json", "import", "backlog", "-"],
        &task,
    );
    assert_eq!(made.ok().data()["skipped"], serde_json::json!([]));
    let item = repo.data(&["list"])["items"][0].clone();
    let item = repo.data(&["show", item["id"].as_str().unwrap()]);
    assert_eq!(item["acceptance"].as_array().unwrap().len(), 2, "{item}");
    let workflow = repo.read(".github/workflows/pm.yml");
    assert!(workflow.contains("git pm check --ci") && workflow.contains("fetch-depth: 0"));
}
