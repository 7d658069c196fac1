//! Attacks: doors of an agent around what is for humans (a2 to a9), and refusals that were wrong
//! (d1 to d4).

use serde_json::json;

use crate::mcp::Client;
use crate::run::stage::Stage;
use crate::serve::{Server, token};
use crate::support::*;

/// Work of an agent on T-0001 that a human approved.
fn approved() -> (Scene, Repo, Repo) {
    let (scene, repo) = set_up();
    repo.task("First", &["--path", "src/auth.rs"]);
    let bot = agent(&repo).by("bot");
    bot.pm(&["start", "T-1"]).ok();
    let there = bot.worktree("T-1");
    there.write("src/auth.rs", "EVIL\n");
    there.commit_all("e");
    bot.pm(&["finish", "T-1"]).ok();
    repo.pm(&["task", "approve", "T-1"]).ok();
    (scene, repo, bot)
}

/// A copy of an approved task that says that a later stop was lifted.
fn resumed(approved: &str, stopped: &str) -> String {
    let stamps = stopped.split("\nstamps:\n").nth(1).unwrap();
    let status = stamps
        .lines()
        .find_map(|line| line.strip_prefix("  status: \""));
    let ms: u64 = status.unwrap().split('.').next().unwrap().parse().unwrap();
    let (head, rest) = approved.split_once("\nstamps:\n").unwrap();
    let (known, rest) = rest.split_once("---\n").unwrap();
    let names = ["reason", "status", "status_before", "stopped_by"];
    let own = |line: &&str| {
        !names
            .iter()
            .any(|name| line.starts_with(&format!("  {name}:")))
    };
    let mut stamps: Vec<String> = known.lines().filter(own).map(str::to_string).collect();
    for name in names {
        let sign = if name == "status" { "" } else { "-" };
        stamps.push(format!("  {name}: \"{sign}{}.0.m\"", ms + 1));
    }
    stamps.sort();
    format!("{head}\nstamps:\n{}\n---\n{rest}", stamps.join("\n"))
}

#[test]
fn a2_a_repair_lifts_no_stop_of_a_human() {
    let (_scene, repo, bot) = approved();
    let path = forge::path_of(&repo, "T-0001");
    let approved = forge::read(&repo, &path);
    repo.pm(&["task", "block", "T-1", "a hole"]).ok();
    let forged = resumed(&approved, &forge::read(&repo, &path));
    let folder = ["07", "08"]
        .iter()
        .find(|one| !path.contains(&format!("/{one}/")));
    let place = format!("tasks/{}/T-0001-zzzz.md", folder.unwrap());
    forge::put(&repo, &place, forged.as_bytes());
    let repaired = repo.pm(&["fsck", "--repair"]);
    assert!(repaired.out.contains("file-misplaced"), "{repaired:?}");
    assert_eq!(repo.data(&["show", "T-1"])["status"], "blocked");
    bot.pm(&["merge", "T-1"]).exits(1);
    // A status that came by a repair, whichever, resumes nothing.
    forge::put(&repo, &path, forged.as_bytes());
    assert_eq!(
        repo.data(&["show", "T-1"])["status"],
        "ready_for_integration"
    );
    repo.git(&["commit", "--amend"]);
    let tip = repo.tip("refs/pm/main");
    let body = "fsck repaired\n\nPM-Op: fsck\nPM-Actor: Ana\n";
    let tree = repo.state_tree();
    let parent = format!("{tip}^");
    let commit = repo
        .git(&["commit-tree", &tree, "-p", &parent, "-m", body])
        .ok()
        .text();
    repo.git(&["update-ref", "refs/pm/main", &commit]).ok();
    let refused = bot.pm(&["merge", "T-1"]).exits(1);
    assert!(refused.err.contains("resumes work"), "{}", refused.err);
    // A human's command does.
    repo.pm(&["task", "block", "T-1", "again"]).ok();
    repo.pm(&["task", "unblock", "T-1"]).ok();
    bot.pm(&["merge", "T-1"]).ok();
}

#[test]
fn a3_an_agent_writes_no_backup_where_it_runs() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo);
    repo.write("Makefile", "all:\n");
    let hook = repo.read(".git/hooks/pre-push");
    for file in [
        ".git/hooks/pre-push",
        ".git/config",
        "Makefile",
        ".mcp.json",
        "src/auth.rs",
    ] {
        let ran = bot.pm(&["backup", "create", "--force", file]).exits(1);
        assert!(ran.err.contains("requires a human"), "{}", ran.err);
    }
    assert_eq!(repo.read(".git/hooks/pre-push"), hook);
    assert_eq!(repo.read("Makefile"), "all:\n");
    bot.pm(&["backup", "create", "state.bundle"]).ok();
    bot.pm(&["backup", "create", "--force", "state.bundle"])
        .ok();
    repo.pm(&["backup", "create", "--force", "src/auth.rs"])
        .ok();
}

#[test]
fn a4_an_artifact_replaces_nothing_that_runs() {
    let (scene, repo) = set_up();
    scene.bare("hub.git");
    repo.task("First", &[]);
    let bot = agent(&repo);
    repo.write("x", "text");
    bot.pm(&["artifact", "put", "T-1", "x"]).ok();
    repo.write("githooks/post-commit", "#!/bin/sh\n");
    repo.write("tools/own.sh", "#!/bin/sh\n");
    executable(&repo.path.join("tools/own.sh"));
    repo.git(&["config", "core.hooksPath", "githooks"]).ok();
    repo.git(&["config", "pm.gate", "test=sh check.sh"]).ok();
    repo.git(&["config", "pm.setup", "sh setup.sh"]).ok();
    let get = |file: &str| bot.pm(&["artifact", "get", "T-1", "x", "--force", "-o", file]);
    for file in [
        "githooks/post-commit",
        "githooks/pre-push",
        "../hub.git/hooks/post-receive",
        "../hub.git/config",
        "tools/own.sh",
        "src/auth.rs",
        "check.sh",
        "setup.sh",
        "CLAUDE.local.md",
        "src/AGENTS.override.md",
    ] {
        let ran = get(file).exits(1);
        assert!(ran.err.contains("requires a human"), "{file}: {}", ran.err);
    }
    assert_eq!(repo.read("githooks/post-commit"), "#!/bin/sh\n");
    // A hooks folder that ours runs before is still run.
    repo.pm(&["hook", "install"]).ok();
    get("githooks/post-commit").exits(1);
    let mut client = Client::start(&repo, &["--tools", "all"]);
    let got = json!({ "item": "T-1", "name": "x", "output": "src/CLAUDE.local.md" });
    let error = client.error("artifact_get", got);
    assert_eq!(error["reason"], "actor.not_human", "{error}");
    client.end();
    get("docs/new.txt").ok();
    get("docs/new.txt").ok();
    // An export has a form of its own, and may renew a file.
    repo.write("docs/plan.json", "{}");
    repo.write(".beads/issues.jsonl", "");
    repo.git(&["add", "docs/plan.json", ".beads"]).ok();
    bot.pm(&["export", "json", "docs/plan.json"]).ok();
    bot.pm(&["export", "beads", ".beads/issues.jsonl"]).ok();
    get(".beads/issues.jsonl").ok();
}

/// A merge that equals one of its parents takes the other's change of a protected path back.
#[test]
fn a4_a_merge_changes_no_protected_path() {
    let (scene, repo) = set_up();
    let hub = scene.bare("hub.git");
    repo.write("deploy/run", "old\n");
    repo.commit_all("old");
    repo.write("deploy/run", "new\n");
    repo.commit_all("new");
    repo.git(&["remote", "add", "origin", &hub.path.to_string_lossy()])
        .ok();
    repo.git(&["config", "pm.protectedPaths", "deploy/**"]).ok();
    repo.git(&["push", "-q", "origin", "main"]).ok();
    repo.pm(&["hook", "install"]).ok();
    let bot = agent(&repo).by("bot");
    bot.git(&["checkout", "-qb", "work", "main~1"]).ok();
    bot.write("own", "x\n");
    bot.commit_all("own");
    let ran = bot
        .git(&["merge", "-q", "-s", "ours", "-m", "x", "main"])
        .exits(1);
    assert!(ran.err.contains("protected path"), "{}", ran.err);
    bot.git(&["merge", "--abort"]).ok();
    let tree = bot.git(&["rev-parse", "main~1^{tree}"]).ok();
    let words = ["commit-tree", "-m", "x", "-p", "main", "-p", "main~1"];
    let made = bot.git(&[&words[..], &[tree.out.trim()]].concat()).ok();
    let to = format!("{}:refs/heads/work", made.out.trim());
    let ran = bot.git(&["push", "origin", &to]).exits(1);
    assert!(ran.err.contains("protected path"), "{}", ran.err);
    bot.git(&["merge", "-q", "-m", "x", "main"]).ok();
    bot.git(&["push", "-q", "origin", "work"]).ok();
}

/// No link of a work tree leads what a person writes into git's folder or out of the tree.
#[cfg(unix)]
#[test]
fn a4_no_link_leads_a_person_astray() {
    use std::os::unix::fs::symlink;
    let (scene, repo) = set_up();
    repo.task("First", &[]);
    repo.write("x", "text");
    repo.pm(&["artifact", "put", "T-1", "x"]).ok();
    let outside = scene.dir.path().join("outside");
    std::fs::write(&outside, "kept").unwrap();
    repo.write(".git/hooks/post-commit", "kept");
    repo.write("docs/there", "old");
    for (link, to) in [
        ("hook", ".git/hooks/post-commit"),
        ("hooks", ".git/hooks"),
        ("out", "../outside"),
        ("inside", "docs/there"),
    ] {
        symlink(to, repo.path.join(link)).unwrap();
    }
    let get = |file: &str| repo.pm(&["artifact", "get", "T-1", "x", "--force", "-o", file]);
    for file in ["hook", "hooks/post-commit", "hooks/new", "out"] {
        let ran = get(file).exits(1);
        assert!(
            ran.err.contains("a link in the work tree"),
            "{file}: {}",
            ran.err
        );
    }
    assert_eq!(repo.read(".git/hooks/post-commit"), "kept");
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "kept");
    get("inside").ok();
    assert_eq!(repo.read("docs/there"), "text");
    get("../new").ok();
    // A name that can be foretold is used for no temporary file.
    let names = (1..1000u32).map(|next| std::process::id() + next);
    for name in names {
        symlink(&outside, repo.path.join(format!("AGENTS.md.tmp-{name}"))).unwrap();
    }
    repo.pm(&["install", "agents", "--yes"]).ok();
    assert!(repo.read("AGENTS.md").contains("git pm"));
    // What is installed does not land in git's folder either.
    let config = repo.read(".git/config");
    std::fs::remove_file(repo.path.join("AGENTS.md")).unwrap();
    symlink(".git/config", repo.path.join("AGENTS.md")).unwrap();
    symlink(".git", repo.path.join(".codex")).unwrap();
    for caller in [&repo, &agent(&repo).by("bot")] {
        caller.pm(&["install", "agents", "--yes"]).exits(1);
        let hooks = ["install", "hooks", "--yes", "--for", "codex"];
        caller.pm(&hooks).exits(1);
    }
    assert_eq!(repo.read(".git/config"), config);
    assert!(!repo.path.join(".git/hooks.json").exists());
    assert_eq!(std::fs::read_to_string(&outside).unwrap(), "kept");
}

#[test]
fn a5_an_agent_removes_nothing_that_guards_agents() {
    let (scene, repo) = set_up();
    repo.pm(&["install", "hooks", "--yes"]).ok();
    repo.pm(&["install", "agents", "--yes"]).ok();
    let settings = repo.read(".claude/settings.json");
    let bot = agent(&repo);
    for door in ["hooks", "agents"] {
        let ran = bot.pm(&["install", door, "--remove", "--yes"]).exits(1);
        assert!(ran.err.contains("requires a human"), "{}", ran.err);
    }
    assert_eq!(repo.read(".claude/settings.json"), settings);
    let folder = scene.dir.path().join("programs");
    std::fs::create_dir_all(&folder).unwrap();
    script_file(&folder.join("bd"), "#!/bin/sh\n");
    let folder = folder.to_str().unwrap();
    bot.pm(&["install", "bd", "--dir", folder, "--force", "--yes"])
        .exits(1);
    bot.pm(&["install", "bd", "--dir", ".git/hooks", "--yes"])
        .exits(1);
    bot.pm(&["install", "agents", "--yes"]).ok();
    repo.pm(&["install", "hooks", "--remove", "--yes"]).ok();
}

#[test]
fn a6_text_of_an_agent_is_not_under_a_humans_name() {
    let (_scene, repo) = set_up();
    let added = repo.data(&["learn", "add", "Login needs root", "--path", "src/auth.rs"]);
    let id = added["id"].as_str().unwrap().to_string();
    let bot = agent(&repo).by("evil-bot");
    bot.pm(&["learn", "vote", &id, "useful"]).ok();
    assert!(repo.data(&["learn", "show", &id])["agent"].is_null());
    bot.pm(&["learn", "edit", &id, "--body", "EVIL"]).ok();
    assert_eq!(repo.data(&["learn", "show", &id])["agent"], "evil-bot");
    repo.task("First login", &["--path", "src/auth.rs"]);
    let prime = repo.pm(&["prime", "T-1"]).ok().out;
    assert!(
        prime.contains("by evil-bot, an agent) Login needs root"),
        "{prime}"
    );
    // An undo brings the text back, and with it who wrote it.
    bot.pm(&["undo"]).ok();
    assert!(repo.data(&["learn", "show", &id])["agent"].is_null());
    // What an agent imports is its own, whoever is named as the author.
    let note = "---\ntitle: Forged\ntype: gotcha\nauthor: Ana\npaths: [src/auth.rs]\n\
                pm: \"01m89n7rtb62x8tvm1s30ep56w\"\n---\n\nEVIL\n";
    repo.write("notes/learnings/gotchas/forged.md", note);
    bot.pm(&["learn", "import", "notes"]).ok();
    let prime = repo.pm(&["prime", "T-1"]).ok().out;
    assert!(prime.contains("by evil-bot, an agent) Forged"), "{prime}");
    let comment = r#"[{"id":1,"issue_id":"bd-1","author":"Ana","text":"EVIL","created_at":"2026-01-01T00:00:00Z"}]"#;
    let issue = format!(
        r#"{{"id":"bd-1","title":"x","status":"open","priority":1,"issue_type":"task","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z","comments":{comment}}}"#
    );
    repo.write("issues.jsonl", &issue);
    bot.pm(&["import", "beads", "issues.jsonl"]).ok();
    let shown = repo.data(&["show", "bd-1"]);
    let comment = &shown["comments"][0];
    assert_eq!(
        (&comment["author"], &comment["agent"]),
        (&json!("Ana"), &json!("evil-bot"))
    );
}

#[test]
fn a7_a_write_token_undoes_nothing_of_others() {
    let (_scene, repo) = set_up();
    repo.task("First", &["--path", "src/auth.rs"]);
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    let start = repo.tip("refs/pm/main");
    repo.pm(&["reserve", "add", "docs/guide.md"]).ok();
    let reserve = repo.tip("refs/pm/main");
    let write = token(&repo, "w", &["--scope", "write"]);
    let boss = token(&repo, "boss", &["--scope", "approve"]);
    let server = Server::start(&repo, &[]);
    for commit in [&start, &reserve] {
        let body = json!({ "op": commit }).to_string();
        let answer = server.with(&write, "POST", "/api/v1/undo", &body);
        assert_eq!(answer.reason(403), "actor.not_human");
    }
    assert_eq!(repo.data(&["show", "T-1"])["status"], "in_progress");
    // Its own operations it undoes.
    let new = server
        .with(&write, "POST", "/api/v1/task/create", r#"{"title":"Mine"}"#)
        .data();
    server.with(&write, "POST", "/api/v1/undo", "{}").data();
    let id = new["id"].as_str().unwrap();
    repo.pm(&["show", id]).exits(4);
    let body = json!({ "op": reserve }).to_string();
    server.with(&boss, "POST", "/api/v1/undo", &body).data();
}

#[test]
fn a8_an_agent_resumes_no_run_that_a_human_stopped() {
    let stage = Stage::with_tasks(&["One"]).without_sandbox();
    let bot = agent(&stage.repo).by("bot");
    let script = "echo x > \"$OUT/began\"; while ! test -e \"$OUT/on\"; do sleep 0.1; done";
    let run = stage.start_as(&bot, script, &[]);
    stage.wait_for("began");
    stage.repo.pm(&["run", "stop"]).ok();
    run.end().exits(1);
    stage.tell("on");
    let with = stage.agent("true");
    let refused: [&[&str]; 3] = [
        &["run", "resume"],
        &["run", "retry", "T-1"],
        &["run", "--with", &with],
    ];
    for args in refused {
        let ran = stage.start_command(&bot, args).end().exits(1);
        assert!(ran.err.contains("halted in R-"), "{}", ran.err);
    }
    assert_eq!(stage.status()["status"], "stopped");
    stage.resume();
    assert_ne!(stage.status()["status"], "stopped");
    // A human resumed it, so it is the agent's again.
    let ran = stage.start_command(&bot, &["run", "resume"]).end();
    assert!(!ran.err.contains("halted in R-"), "{}", ran.err);
}

#[test]
fn a9_an_agent_publishes_nothing_private() {
    let (_scene, repo) = set_up();
    repo.git(&["config", "pm.privatePaths", "secret/"]).ok();
    repo.task("First", &["--label", "privacy:local"]);
    repo.task("Second", &["--path", "secret/x"]);
    let bot = agent(&repo);
    for args in [
        ["task", "edit", "T-1", "--label", ""],
        ["task", "edit", "T-1", "--remove-label", "privacy:local"],
        ["task", "edit", "T-2", "--remove-path", "secret/x"],
    ] {
        let ran = bot.pm(&args).exits(1);
        assert!(ran.err.contains("requires a human"), "{}", ran.err);
    }
    let mut client = Client::start(&repo, &["--tools", "all"]);
    let edit = json!({ "id": "T-1", "remove_label": ["privacy:local"] });
    let error = client.error("task_edit", edit);
    assert_eq!(error["reason"], "actor.not_human", "{error}");
    client.end();
    bot.pm(&["task", "edit", "T-1", "--add-label", "ui"]).ok();
    bot.pm(&["task", "edit", "T-2", "--path", "secret/y"]).ok();
    repo.pm(&["task", "edit", "T-2", "--path", "", "--path", "src/x"])
        .ok();
}

#[test]
fn a9_a_merge_of_planned_tasks_keeps_the_stricter_policy() {
    let (_scene, repo) = set_up();
    repo.write(
        "prd.md",
        "# L\n\n## Requirements\n\n- R1: log in\n- R2: log out\n- R3: reset\n",
    );
    repo.pm(&["prd", "add", "prd.md"]).ok();
    repo.pm(&["plan", "new", "P-1"]).ok();
    let policies = || {
        let plan = repo.data(&["plan", "show", "P-1"]);
        let tasks = plan["tasks"].as_array().unwrap().clone();
        let policy = |one: &serde_json::Value| one["auto_policy"].as_str().map(str::to_string);
        tasks.iter().filter_map(policy).collect::<Vec<_>>()
    };
    let bot = agent(&repo);
    repo.pm(&["plan", "set", "1", "auto_policy=plan"]).ok();
    bot.pm(&["plan", "add", "Free"]).ok();
    let plan = repo.data(&["plan", "show", "P-1"]);
    let mut tasks = plan["tasks"].as_array().unwrap().iter();
    let free = tasks.find(|one| one["title"] == "Free").unwrap()["number"].to_string();
    bot.pm(&["plan", "merge", &free, "1"]).ok();
    assert!(policies().contains(&"plan".to_string()), "{:?}", policies());
}

#[test]
fn a9_an_agent_changes_no_gate_that_waits_for_a_human() {
    let (_scene, repo) = set_up();
    repo.task("First", &[]);
    let gate = repo.data(&[
        "issue", "gate", "create", "human", "--blocks", "T-1", "--title", "Ask",
    ]);
    let gate = gate["id"].as_str().unwrap();
    let bot = agent(&repo);
    for args in [
        ["issue", "update", gate, "--title", "Not needed"],
        ["issue", "update", gate, "--due", "2020-01-01"],
    ] {
        let ran = bot.pm(&args).exits(1);
        assert!(ran.err.contains("only a human may"), "{}", ran.err);
    }
    bot.pm(&["issue", "defer", gate]).exits(1);
    assert_eq!(repo.data(&["show", gate])["title"], "Ask");
    bot.pm(&["issue", "comment", gate, "why?"]).ok();
    repo.task("Second", &[]);
    bot.pm(&["dep", "add", gate, "T-2"]).ok();
    bot.pm(&["issue", "gate", "check"]).ok();
}

#[test]
fn d1_an_agent_hands_off_and_blocks_for_the_human_of_its_worktree() {
    let (_scene, repo) = set_up();
    repo.task("First", &["--path", "src/auth.rs"]);
    repo.task("Second", &["--path", "docs/guide.md"]);
    repo.pm(&["start", "T-1"]).ok();
    repo.pm(&["start", "T-2"]).ok();
    let there = agent(&repo.worktree("T-1"));
    there
        .pm(&["handoff", "T-1", "--done", "half", "--next", "the rest"])
        .ok();
    there
        .pm(&["handoff", "T-2", "--done", "x", "--next", "y"])
        .exits(3);
    there.pm(&["task", "block", "T-2", "why"]).exits(3);
    there
        .pm(&["task", "block", "T-1", "waiting for a key"])
        .ok();
    there.pm(&["task", "unblock", "T-1"]).ok();
}

#[test]
fn d2_an_agent_that_begins_a_state_chooses_the_prefix() {
    let scene = Scene::new();
    let bot = agent(&scene.repo("n"));
    bot.pm(&["bd", "init", "--prefix", "web"]).ok();
    let made = bot.data(&["issue", "create", "X"]);
    assert!(made["id"].as_str().unwrap().starts_with("web-"), "{made}");
    // Once, and not when there are items.
    bot.pm(&["config", "--shared", "pm.issuePrefix", "own"])
        .exits(1);
    let (_scene, repo) = set_up();
    repo.task("First", &[]);
    let bot = agent(&repo);
    bot.pm(&["config", "--shared", "pm.issuePrefix", "own"])
        .exits(1);
}

#[test]
fn d4_a_refusal_leads_to_nothing_that_does_not_exist() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo);
    let ran = bot
        .pm(&["task", "create", "X", "--auto-policy", "review"])
        .exits(1);
    assert!(ran.err.contains("of a new item"), "{}", ran.err);
    assert!(!ran.err.contains("T-0001"), "{}", ran.err);
    repo.write(
        "prd.md",
        "# L\n\n## Requirements\n\n- R1: log in\n- R2: log out\n",
    );
    repo.pm(&["prd", "add", "prd.md"]).ok();
    repo.pm(&["plan", "new", "P-1"]).ok();
    let ran = bot.pm(&["plan", "set", "1", "auto_policy=review"]).exits(1);
    assert!(ran.err.contains("of a planned task"), "{}", ran.err);
    assert!(!ran.err.contains("task comment"), "{}", ran.err);
}
