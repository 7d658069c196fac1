//! `git pm import llm-team`: the settings of another orchestrator.

use crate::support::{Repo, agent, set_up};

const FILE: &str = "\
project:
  name: sample
  protected_paths: [\".github/\", \"infra/\", \"db/**\"]
workflow:
  branch_prefix: \"feature/\"
  merge_strategy: \"rebase\"
  dry_run: true
roles:
  planner: {enabled: true}
tasks:
  dir: \"tasks\"
  states: [\"queued\", \"in_review\", \"done\", \"shipped\"]
checks:
  require_tests: true
  coverage_min: 80
";

/// The settings that have a place here, or have none.
fn names(told: &serde_json::Value, is_set: bool) -> Vec<String> {
    let all = told["settings"].as_array().unwrap().iter();
    all.filter(|one| one["to"].is_string() == is_set)
        .map(|one| one["from"].as_str().unwrap().into())
        .collect()
}

fn value(repo: &Repo, key: &str) -> String {
    repo.data(&["config", key])["value"]
        .as_str()
        .unwrap()
        .into()
}

/// IN-23: what has a place here is set, rules only more strictly; what has none is listed with the reason.
#[test]
fn in_23_settings_of_llm_team_are_taken_over_or_listed() {
    let (_scene, repo) = set_up();
    repo.pm(&[
        "config",
        "--shared",
        "pm.protectedPaths",
        "secrets/ infra/ own/",
    ])
    .ok();
    repo.write(".llm-team.yml", FILE);
    let before = (
        repo.tip("refs/pm/main"),
        repo.git(&["config", "--local", "--list"]).text(),
    );
    let dry = repo.data(&["import", "llm-team", "--dry-run"]);
    assert_eq!(
        before,
        (
            repo.tip("refs/pm/main"),
            repo.git(&["config", "--local", "--list"]).text()
        )
    );
    let moved = [
        "project.protected_paths",
        "workflow.branch_prefix",
        "workflow.merge_strategy",
    ];
    assert_eq!(names(&dry, true), moved);
    let left = [
        "project.name",
        "workflow.dry_run",
        "roles.planner",
        "tasks.dir",
        "tasks.states",
        "checks.require_tests",
        "checks.coverage_min",
    ];
    assert_eq!(names(&dry, false), left);
    assert!(
        dry["settings"].to_string().contains("states are fixed"),
        "{dry}"
    );

    // An agent sees it, and a human does it.
    agent(&repo).data(&["import", "llm-team", "--dry-run"]);
    agent(&repo).pm(&["import", "llm-team"]).exits(1);
    assert_eq!(repo.tip("refs/pm/main"), before.0);
    repo.pm(&["import", "llm-team"]).ok();
    let paths = value(&repo, "pm.protectedPaths");
    for path in [".github/", "infra/", "db/**", "secrets/", "own/"] {
        assert!(paths.split(' ').any(|one| one == path), "{path}: {paths}");
    }
    assert_eq!(value(&repo, "pm.branch"), "feature/{id}-{slug}");
    assert_eq!(value(&repo, "pm.mergeStrategy"), "rebase");
    let id = repo.task("Fix it", &[]);
    repo.pm(&["start", &id]).ok();
    assert_eq!(repo.data(&["show", &id])["branch"], "feature/T-0001-fix-it");
}

/// IN-23: the file is untrusted: wrong values have no place, broken YAML is refused with its line, large files and
/// references that grow are not read.
#[test]
fn in_23_a_file_that_is_broken_or_hostile_sets_nothing() {
    let (_scene, repo) = set_up();
    repo.pm(&["import", "llm-team"]).exits(2);
    let import = |text: &str| {
        repo.write("team.yml", text);
        repo.pm(&["--json", "import", "llm-team", "team.yml"])
    };
    let error = import("project:\n  name: x\n  protected_paths: [a, b\nworkflow: y\n")
        .exits(2)
        .error();
    assert_eq!(error["reason"], "config.invalid_file");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("line 4") && message.contains("column"),
        "{message}"
    );
    let grown: String = (1..30)
        .map(|n| {
            format!(
                "a{n}: &a{n} [{}]\n",
                vec![format!("*a{}", n - 1); 20].join(", ")
            )
        })
        .collect();
    for text in [
        "- a list\n".to_string(),
        String::new(),
        format!("x: {}\n", "y".repeat(70_000)),
        "[".repeat(5_000),
        format!("a0: &a0 [x]\n{grown}"),
    ] {
        assert_eq!(
            import(&text).exits(2).error()["reason"],
            "config.invalid_file"
        );
    }
    let told = import(
        "project: {protected_paths: [\"a b\", \"!c\"]}\n\
         workflow: {branch_prefix: \"-x{id}/../\", merge_strategy: \"octopus\"}\n\
         \"odd\\e[31m\": {\"\\nkey\": 1}\n4: true\n",
    );
    let told = told.ok();
    assert!(!told.out.contains('\u{1b}'));
    assert_eq!(names(&told.data(), true), Vec::<String>::new());
    assert_eq!(
        told.data()["settings"].as_array().unwrap().len(),
        5,
        "{}",
        told.out
    );
    assert_eq!(
        value(&repo, "pm.protectedPaths"),
        ".github/ infra/ secrets/"
    );
}
