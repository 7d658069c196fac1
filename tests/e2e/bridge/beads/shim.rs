//! A script written for bd, run with the program of `git pm install bd`.

use std::process::Command;

use serde_json::Value;

use crate::support::{Scene, binary, script_file};

#[test]
fn a_script_for_bd_runs_with_the_installed_program() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let bin = scene.dir.path().join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    repo.pm(&["install", "bd", "--dir", bin.to_str().unwrap(), "--yes"])
        .ok();
    script_file(
        &bin.join("git-pm"),
        &format!("#!/bin/sh\nexec '{}' \"$@\"\n", binary()),
    );
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let bd = |args: &[&str]| -> String {
        let mut command: Command = repo.command(bin.join("bd").to_str().unwrap());
        let ran = command.args(args).env("PATH", &path).output().unwrap();
        let err = String::from_utf8_lossy(&ran.stderr);
        assert!(ran.status.success(), "bd {args:?}: {err}");
        String::from_utf8(ran.stdout).unwrap()
    };
    let json = |args: &[&str]| -> Value { serde_json::from_str(&bd(args)).unwrap() };
    let id_of = |made: &Value| made["id"].as_str().unwrap().to_string();

    let bug = id_of(&json(&["create", "T", "-p", "1", "-t", "bug", "--json"]));
    let text = scene.dir.path().join("text.md");
    std::fs::write(&text, "From a file.\n").unwrap();
    let file = text.to_str().unwrap();
    let other = id_of(&json(&[
        "create",
        "--title",
        "U",
        "--body-file",
        file,
        "--json",
    ]));
    bd(&["dep", "add", &other, &bug]);
    let ready = json(&["ready", "--json"]);
    assert_eq!(ready.as_array().unwrap().len(), 1);
    assert_eq!(ready[0]["id"], bug.as_str());
    assert_eq!(ready[0]["issue_type"], "bug");
    bd(&["update", &bug, "--status", "in_progress"]);
    bd(&["comment", &bug, "--file", file]);
    bd(&[
        "--no-daemon",
        "--actor",
        "robot",
        "close",
        &bug,
        "--reason",
        "fixed",
    ]);
    let shown = json(&["show", &other, "--json"]);
    assert_eq!(shown[0]["description"], "From a file.\n");
    assert_eq!(json(&["count", "--json"])["count"], 2);
    let open = json(&["count", "--status", "open", "--json"]);
    assert_eq!(open["count"], 1, "{open}");
    let counts = json(&["count", "--by-status", "--status", "all", "--json"]);
    assert_eq!(counts["total"], 2);
    assert_eq!(counts["groups"].as_array().unwrap().len(), 2);
    bd(&["update", &other, "--set-labels", "x,y"]);
    bd(&["doctor"]);
    let stats = bd(&["stats"]);
    assert_eq!(stats, repo.pm(&["stats"]).ok().out);
    assert_eq!(bd(&["export"]).lines().count(), 2);
    // Flags before and after the verb, and with files.
    let out = scene.dir.path().join("out.jsonl");
    let file = out.to_str().unwrap();
    bd(&["export", "-o", file]);
    assert_eq!(std::fs::read_to_string(&out).unwrap().lines().count(), 2);
    bd(&["import", "-i", file]);
    bd(&["--no-daemon", "--actor", "robot", "status"]);
    let counted = json(&["--no-daemon", "--json", "count"]);
    assert_eq!(counted["count"], 2);
    bd(&["sync", "--status"]);
    assert!(bd(&["version"]).starts_with("git-pm "));
    bd(&["hooks", "status"]);
    bd(&["config", "set", "issue-prefix", "bd"]);
    let made = id_of(&json(&["create", "V", "--json"]));
    assert!(made.starts_with("bd-"), "{made}");
    let log = repo.git(&["log", "-1", "--format=%an", "refs/pm/main"]);
    assert_eq!(log.ok().text(), "Ana");
    let made = id_of(&json(&["--actor", "robot", "create", "W", "--json"]));
    assert_eq!(repo.data(&["show", &made])["created_by"], "robot");
}
