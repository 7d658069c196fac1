//! `git pm schema`: the JSON Schemas of the output. Every document that any test here reads with
//! `--json` is checked against them (`support::schemas`); this file has the commands that few others
//! call, and the program itself.

use crate::support::{Scene, schemas, set_up};

const PRD: &str = "\
# Log in

## Goals

Users log in with a password.

## Requirements

- FR-1: The system shall store a hash of the password in `src/auth.rs`.
- FR-2: The system shall lock an account after five failures in `src/lock.rs`.

## Acceptance criteria

- A wrong password is refused.
";

#[test]
fn the_schemas_are_valid_and_describe_every_command() {
    let scene = Scene::new();
    let place = scene.repo("a");
    let commands = schemas::ALL["commands"].as_object().unwrap();
    assert!(commands.len() > 140, "{} commands", commands.len());
    for command in commands.keys() {
        let mut args = vec!["schema"];
        args.extend(command.split(' '));
        let printed = place.pm(&args).ok();
        let schema: serde_json::Value = serde_json::from_str(&printed.out).unwrap();
        jsonschema::draft202012::meta::validate(&schema).unwrap();
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
    }
    let unknown = place.pm(&["--json", "schema", "task", "fly"]).exits(4);
    assert_eq!(unknown.error()["reason"], "schema.unknown");
    let group = place.pm(&["schema", "backup"]).exits(4);
    assert!(group.err.contains("backup create"), "{}", group.err);
}

/// A schema that does not fit the output is found.
#[test]
fn output_that_differs_from_its_schema_is_found() {
    let (_scene, repo) = set_up();
    repo.task("one", &[]);
    let printed = repo.pm(&["--json", "show", "T-1"]).ok().out;
    for (from, to) in [
        ("\"status\":\"queued\"", "\"status\":3"),
        ("\"status\":\"queued\"", "\"state\":\"queued\""),
        ("\"title\":\"one\",", ""),
    ] {
        let wrong = printed.replacen(from, to, 1);
        assert_ne!(wrong, printed);
        let found = std::panic::catch_unwind(|| schemas::check(&["--json", "show", "T-1"], &wrong));
        assert!(found.is_err(), "{to} was not found");
    }
}

#[test]
fn the_output_of_commands_is_as_their_schemas_say() {
    let (scene, repo) = set_up();
    repo.write("src/auth.rs", "// code\n");
    repo.write("login.md", PRD);
    repo.write(
        "docs/solutions/linker.md",
        "# The linker fails\n\nAdd memory.\n",
    );
    repo.commit_all("begin");
    let hub = scene.bare("hub.git");
    repo.git(&["remote", "add", "origin", hub.path.to_str().unwrap()])
        .ok();
    let mut failed = Vec::new();
    for line in [
        "status",
        "ready",
        "next",
        "task create Fix --accept green --path src/auth.rs --label a -p 1",
        "task create Test --depends-on T-1 --type test",
        "epic create Group",
        "task edit T-2 --epic E-1",
        "undo --dry-run",
        "ready --explain",
        "ready --dor",
        "next",
        "why T-2",
        "blocked",
        "list",
        "list --tree",
        "list --columns id,title",
        "view save mine owner:me",
        "view list",
        "view show mine",
        "view rm mine",
        "search fix",
        "log",
        "log --conflicts",
        "diff",
        "triage",
        "order",
        "graph",
        "graph --format mermaid",
        "impact src/auth.rs",
        "forecast",
        "suggest",
        "stats",
        "stats plan",
        "stats --since 1d",
        "standup",
        "retro",
        "report --since 1w --step week",
        "prd add login.md",
        "prd show P-1",
        "prd list",
        "scope login.md",
        "plan new P-1",
        "plan show",
        "plan list",
        "plan check",
        "plan add More --accept done",
        "plan deepen",
        "plan diff",
        "plan update login.md",
        "plan keep",
        "plan regenerate",
        "plan approve --yes",
        "milestone list",
        "epic show E-1",
        "sprint plan",
        "trace T-1",
        "dep list T-2",
        "issue q Small",
        "issue count",
        "issue ready",
        "issue blocked",
        "issue label list-all",
        "issue epic status",
        "issue dep cycles",
        "issue gate create human --title Approval",
        "issue gate list",
        "issue gate check",
        "start T-1",
        "show T-1",
        "show T-1 --at today",
        "worktree list --size",
        "worktree path T-1",
        "cd T-1",
        "shell bash",
        "worktree gc --dry-run",
        "task comment T-1 -m hello",
        "predict T-1",
        "route show",
        "route explain T-1",
        "agent list",
        "agent show rex",
        "agent validate",
        "cost --baseline 90/h",
        "budget show",
        "learn draft T-1 --dry-run",
        "task accept T-1 --all",
        "msg send --to all --new Hello --item T-1",
        "msg inbox --all",
        "msg read",
        "msg thread T-1",
        "msg delegate T-2 --to role:agent --new",
        "handoff T-1 --done it --next more",
        "handoff T-1",
        "reserve add docs/** --new",
        "reserve list --all",
        "reserve check docs/a.md",
        "reserve release",
        "task drop T-1 --force",
        "start T-99",
        "start T-1",
        "task done T-1 --evidence ran",
        "conflicts",
        "context set build make",
        "context show",
        "learn add Retry --kind gotcha",
        "learn list",
        "learn search retry",
        "learn stats",
        "msg search hello",
        "prime",
        "install agents --dry-run",
        "install agents --print",
        "install slash --dry-run",
        "context show build",
        "context list",
        "context remove build",
        "config",
        "config pm.sync",
        "trust",
        "hook status",
        "hook uninstall",
        "hook install",
        "doctor",
        "fsck",
        "sync",
        "pull",
        "gc --dry-run",
        "migrate --dry-run",
        "backup create ../state.bundle",
        "backup load ../state.bundle",
        "export md ../md",
        "export json ../all.json",
        "export csv ../all.csv",
        "export beads ../issues.jsonl",
        "import beads ../issues.jsonl --dry-run",
        "import learnings --dry-run",
        "help",
        "help --all",
        "help --verbs",
        "completions bash",
        "man",
        "schema status",
        "no-such-command",
        "uninstall",
    ] {
        let mut args = vec!["--json"];
        args.extend(line.split(' '));
        let ran = repo.pm(&args);
        let document = ran.json();
        assert!(document.get("schema_version").is_some(), "{line}");
        if let Some(error) = document.get("error") {
            failed.push((line, error["reason"].as_str().unwrap().to_string()));
        }
    }
    let failed: Vec<(&str, &str)> = failed.iter().map(|(l, why)| (*l, why.as_str())).collect();
    assert_eq!(
        failed,
        [
            ("next", "next.nothing_ready"),
            ("start T-99", "not_found"),
            ("no-such-command", "arguments.invalid"),
        ],
        "others fail than those that should"
    );
}
