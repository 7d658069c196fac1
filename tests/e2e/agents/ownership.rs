//! Agents cannot end work that another actor holds, under any name. Humans can, with a reason, and
//! the holder is notified. The history shows which writes were made by agents.

use crate::support::*;

/// A repository in which the human Boss works on T-0001 in a worktree, and the same clone as an
/// agent.
fn with_held_task() -> (Scene, Repo, Repo) {
    let (scene, repo) = set_up();
    repo.task("The boss's", &["--path", "src/**"]);
    repo.by("Boss").pm(&["start", "T-0001"]).ok();
    let agent = repo.with("CLAUDECODE", "1").with("AGENT_NAME", "claude-2");
    (scene, repo, agent)
}

/// Runs a command that must be refused, and requires that the state did not change.
#[track_caller]
fn refused(place: &Repo, args: &[&str]) -> Ran {
    let before = place.tip("refs/pm/main");
    let ran = place.pm(args);
    assert_ne!(ran.code, 0, "{args:?} was not refused\n{}", ran.out);
    assert_eq!(
        place.tip("refs/pm/main"),
        before,
        "{args:?} changed the state"
    );
    ran
}

fn holder(repo: &Repo, id: &str) -> String {
    let item = repo.data(&["show", id]);
    item["claim"]["actor"].as_str().unwrap_or_default().into()
}

/// All commands that end or stop the work on an item.
const ENDINGS: &[&[&str]] = &[
    &["task", "drop", "T-0001", "--reason", "mine now"],
    &["task", "drop", "T-0001", "--force"],
    &["task", "cancel", "T-0001", "--reason", "no need"],
    &["task", "defer", "T-0001", "--reason", "later"],
    &["task", "block", "T-0001", "waits"],
    &[
        "task",
        "accept",
        "T-0001",
        "--all",
        "--evidence",
        "trust me",
    ],
    &["task", "done", "T-0001", "--evidence", "trust me"],
    &["task", "done", "T-0001", "--force"],
    &["finish", "T-0001"],
    &["finish", "T-0001", "--force"],
    &["task", "reassign", "T-0001", "--to", "claude-2"],
    &["issue", "close", "T-0001", "--reason", "done", "--force"],
    &["issue", "delete", "T-0001", "--force"],
    &["issue", "defer", "T-0001", "--until", "2099-01-01"],
    &["reserve", "release", "src/**"],
    &["reserve", "release", "--task", "T-0001"],
    &["reserve", "renew", "src/**", "--ttl", "9h"],
];

#[test]
fn an_agent_cannot_end_work_of_another_actor_in_the_same_clone() {
    let (_scene, repo, agent) = with_held_task();
    for args in ENDINGS {
        let ran = refused(&agent, args);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(
            !said.contains("--as"),
            "{args:?} suggests a way around: {said}"
        );
    }
    let line = "{\"op\":\"task.cancel\",\"id\":\"T-0001\",\"reason\":\"x\"}\n";
    agent.feed(binary(), &["batch"], line);
    assert_eq!(holder(&repo, "T-0001"), "Boss");
    let live = repo.data(&["reserve", "list"]);
    assert_eq!(live["items"][0]["holder"], "Boss", "{live}");
    agent.pm(&["start", "T-0001"]).exits(3);
    let start = repo.tip("refs/pm/main");
    for by in [&agent, &agent.by("Boss"), &repo.with("CLAUDECODE", "1")] {
        let ran = refused(by, &["undo", &start]);
        assert!(ran.err.contains("requires a human"), "{}", ran.err);
    }
}

#[test]
fn an_agent_with_the_holders_name_cannot_end_the_holders_work() {
    let (_scene, repo, agent) = with_held_task();
    let bare = repo.with("CLAUDECODE", "1");
    let speaking = [
        agent.by("Boss"),
        agent.with("BD_ACTOR", "Boss"),
        bare.by("Boss"),
        bare.with("BD_ACTOR", "Boss"),
        bare.with("AGENT_NAME", "Boss"),
        bare.with("GIT_AUTHOR_NAME", "Boss"),
    ];
    for place in &speaking {
        for args in ENDINGS {
            refused(place, args);
        }
        refused(place, &["start", "T-0001", "--resume"]);
    }
    for place in [&agent, &bare] {
        refused(place, &["--as", "Boss", "start", "T-0001", "--resume"]);
        for args in ENDINGS {
            refused(place, &[&["--as", "Boss"], *args].concat());
        }
    }
    assert_eq!(holder(&repo, "T-0001"), "Boss");
}

#[test]
fn an_unnamed_agent_cannot_end_work_that_a_human_holds_under_the_same_git_user() {
    let (_scene, repo) = set_up();
    repo.task("Ana's", &["--path", "src/**"]);
    repo.pm(&["start", "T-0001"]).ok();
    // The agent has no name of its own and goes by that of its tool.
    let agent = repo.with("CLAUDECODE", "1");
    for args in ENDINGS {
        refused(&agent, args);
    }
    // The agent may drop what it started itself, and so may Ana.
    for id in ["T-0002", "T-0003"] {
        repo.task("The agent's", &[]);
        agent.pm(&["start", id, "--no-worktree"]).ok();
    }
    agent.pm(&["task", "drop", "T-0002"]).ok();
    assert_eq!(holder(&repo, "T-0003"), "claude-code");
    repo.pm(&["task", "drop", "T-0003", "--reason", "mine"])
        .ok();
    assert_eq!(holder(&repo, "T-0001"), "Ana");
}

#[test]
fn an_agent_cannot_end_work_of_another_agent() {
    let (_scene, repo) = set_up();
    repo.task("First's", &["--path", "src/**"]);
    let first = repo.with("AGENT_NAME", "first");
    let second = repo.with("AGENT_NAME", "second");
    first.pm(&["start", "T-0001"]).ok();
    for args in ENDINGS {
        refused(&second, args);
        refused(&second, &[&["--as", "first"], *args].concat());
    }
    first.pm(&["reserve", "renew", "--task", "T-0001"]).ok();
    first.pm(&["task", "drop", "T-0001"]).ok();
}

#[test]
fn an_agent_accepts_no_criteria_of_work_that_another_has_taken_over() {
    let (_scene, repo) = set_up();
    repo.task("Taken", &["--accept", "it works"]);
    let first = repo.with("AGENT_NAME", "first");
    let second = repo.with("AGENT_NAME", "second");
    first.pm(&["start", "T-0001"]).ok();
    repo.pm(&["task", "reassign", "T-0001", "--to", "second"])
        .ok();
    second.pm(&["start", "T-0001"]).ok();
    let accept = ["task", "accept", "T-0001", "1"];
    let refused = refused(&first, &accept).err;
    assert!(refused.contains("held by second"), "{refused}");
    let accepted = |by: &Repo| by.data(&accept)["acceptance"][0]["by"].clone();
    assert_eq!(accepted(&second), "second");
}

#[test]
fn an_agent_in_a_humans_worktree_finishes_the_task_for_that_human() {
    let (_scene, repo, _) = with_held_task();
    let place = repo.worktree("T-0001").with("CLAUDECODE", "1");
    place.write("src/auth.rs", "pub fn login() { todo }\n");
    place.commit_all("Work");
    refused(&place, &["task", "drop"]);
    refused(&repo.with("CLAUDECODE", "1"), &["finish", "T-0001"]);
    place.pm(&["finish"]).ok();
    let log = repo.data(&["log", "--limit", "1"]);
    assert_eq!(log["items"][0]["actor"], "Boss");
    assert_eq!(log["items"][0]["agent"], "claude-code");
}

#[test]
fn an_agent_with_the_holders_name_cannot_commit_files_the_holder_reserved() {
    let (_scene, repo) = set_up();
    repo.pm(&["reserve", "add", "src/**"]).ok();
    let bare = repo.with("CLAUDECODE", "1");
    let agent = bare.with("AGENT_NAME", "claude-2");
    repo.write("src/auth.rs", "pub fn login() { todo }\n");
    repo.git(&["add", "-A"]).ok();
    for place in [
        agent.clone(),
        agent.by("Ana"),
        agent.with("BD_ACTOR", "Ana"),
        bare.by("Ana"),
    ] {
        let ran = place.git(&["commit", "-m", "Mine now"]);
        assert!(ran.err.contains("reserved by Ana"), "{ran:?}");
    }
    repo.git(&["commit", "-q", "-m", "Ana's own"]).ok();
}

#[test]
fn a_human_can_end_the_work_of_another_with_a_reason_and_the_holder_is_notified() {
    let (_scene, repo, _) = with_held_task();
    for verb in ["drop", "cancel", "defer"] {
        let ran = refused(&repo, &["task", verb, "T-0001"]);
        assert!(ran.err.contains("--reason"), "{}", ran.err);
    }
    repo.pm(&["task", "drop", "T-0001", "--reason", "Boss is ill"])
        .ok();
    let told = repo.by("Boss").data(&["status"])["notices"].to_string();
    assert!(told.contains("Ana ended your claim"), "{told}");
    assert!(told.contains("Boss is ill"), "{told}");
    let message = repo
        .git(&["log", "-1", "--format=%B", "refs/pm/main"])
        .text();
    assert!(message.contains("Boss is ill"), "{message}");
    assert!(message.contains("PM-Actor: Ana"), "{message}");
}

#[test]
fn an_agent_cannot_resume_work_that_a_human_stopped() {
    let (_scene, repo, agent) = with_held_task();
    repo.pm(&["task", "create", "Another"]).ok();
    repo.pm(&["task", "block", "T-0002", "legal has to look"])
        .ok();
    for args in [
        &["task", "unblock", "T-0002"][..],
        &["task", "cancel", "T-0002", "--reason", "x"],
        &["task", "done", "T-0002", "--force"],
        &["start", "T-0002"],
    ] {
        refused(&agent, args);
        refused(&agent, &[&["--as", "Ana"], args].concat());
    }
    repo.pm(&["task", "unblock", "T-0002"]).ok();
    // It may resume what it stopped itself.
    agent.pm(&["task", "block", "T-0002", "waits"]).ok();
    agent.pm(&["task", "unblock", "T-0002"]).ok();
    // A human's stop of an issue is not ended by giving it another state.
    let bug = repo.data(&["issue", "create", "Bug"])["id"].to_string();
    let bug = bug.trim_matches('"');
    repo.pm(&["issue", "defer", bug]).ok();
    refused(&agent, &["issue", "undefer", bug]);
    refused(&agent, &["issue", "update", bug, "--status", "open"]);
}

#[test]
fn the_history_marks_writes_by_agents_and_names_the_actor() {
    let (_scene, repo, agent) = with_held_task();
    agent.pm(&["task", "create", "By an agent"]).ok();
    agent
        .pm(&["--as", "Ana", "task", "create", "In her name"])
        .ok();
    repo.pm(&["task", "create", "By Ana"]).ok();
    let message = |n: &str| {
        repo.git(&["log", "-1", "--format=%B", &format!("refs/pm/main~{n}")])
            .text()
    };
    assert!(message("2").contains("\nPM-Agent: claude-2\n"));
    assert!(message("1").contains("PM-Actor: Ana\nPM-Agent: claude-2\n"));
    assert!(!message("0").contains("PM-Agent"));
    let log = repo.pm(&["log", "--limit", "3"]).ok().out;
    assert!(log.contains("claude-2 (agent)"), "{log}");
    assert!(log.contains("Ana (agent claude-2)"), "{log}");
    agent.pm(&["start", "T-0002", "--no-worktree"]).ok();
    assert_eq!(repo.data(&["show", "T-0002"])["claim"]["agent"], "claude-2");
    assert!(repo.data(&["show", "T-0001"])["claim"]["agent"].is_null());
}

#[test]
fn agents_are_detected_by_their_environment_variables() {
    let (_scene, repo) = set_up();
    let is_agent = |repo: &Repo| repo.data(&["status"])["agent"] == true;
    for marker in [
        "CLAUDECODE",
        "CODEX_CI",
        "CODEX_THREAD_ID",
        "CODEX_SANDBOX_NETWORK_DISABLED",
        "GEMINI_CLI",
        "OPENCODE",
        "AGENT",
        "CURSOR_AGENT",
        "AGENT_NAME",
    ] {
        assert!(is_agent(&repo.with(marker, "1")), "{marker}");
    }
    assert!(is_agent(&repo.with("AGENT", "goose")));
    for harmless in ["", "0", "false", "no", "/tmp/ssh-x/agent.7"] {
        assert!(!is_agent(&repo.with("AGENT", harmless)), "AGENT={harmless}");
    }
}

#[test]
fn an_agent_cannot_start_work_that_a_human_deferred_until_a_time() {
    let (_scene, repo) = set_up();
    let agent = repo.with("CLAUDECODE", "1").with("AGENT_NAME", "claude-2");
    for (kind, title) in [("task", "T-0001"), ("issue", "An issue")] {
        let id = repo.data(&[kind, "create", title])["id"].clone();
        let id = id.as_str().unwrap();
        repo.pm(&["issue", "defer", id, "--until", "2099-01-01"])
            .ok();
        refused(&agent, &["issue", "undefer", id]);
        refused(&agent, &[kind, "edit", id, "--defer", ""]);
        refused(&agent, &[kind, "edit", id, "--defer", "2026-01-01"]);
        refused(&agent, &["start", id]);
        repo.pm(&["issue", "undefer", id]).ok();
        // It may start what it deferred itself.
        agent
            .pm(&["issue", "defer", id, "--until", "2099-01-01"])
            .ok();
        agent.pm(&["issue", "undefer", id]).ok();
        agent.pm(&["start", id, "--no-worktree"]);
    }
}

#[test]
fn an_agent_in_one_worktree_of_a_human_cannot_resume_their_other_tasks() {
    let (_scene, repo) = set_up();
    for id in ["T-0001", "T-0002"] {
        repo.task(id, &[]);
        repo.pm(&["start", id]).ok();
    }
    let second = repo.worktree("T-0002");
    second.write("a.txt", "x\n");
    second.commit_all("Work");
    repo.pm(&["finish", "T-0002"]).ok();
    repo.pm(&["task", "approve", "T-0002"]).ok();
    let agent = repo.worktree("T-0001").with("CLAUDECODE", "1");
    agent.pm(&["start", "T-0002", "--resume"]).exits(3);
    assert_eq!(
        repo.data(&["show", "T-0002"])["status"],
        "ready_for_integration"
    );
}

#[test]
fn an_agent_can_neither_reopen_cancelled_work_nor_delete_stopped_work_of_a_human() {
    let (_scene, repo) = set_up();
    let agent = repo.with("CLAUDECODE", "1").with("AGENT_NAME", "claude-2");
    for id in ["T-0001", "T-0002", "T-0003"] {
        repo.task(id, &[]);
    }
    repo.pm(&["task", "cancel", "T-0001", "--reason", "not wanted"])
        .ok();
    repo.pm(&["task", "block", "T-0002", "no"]).ok();
    refused(&agent, &["task", "reopen", "T-0001"]);
    refused(&agent, &["task", "delete", "T-0001", "--force"]);
    refused(&agent, &["task", "delete", "T-0002", "--force"]);
    repo.pm(&["task", "reopen", "T-0001"]).ok();
    agent
        .pm(&["task", "cancel", "T-0003", "--reason", "twice"])
        .ok();
    agent.pm(&["task", "reopen", "T-0003"]).ok();
}

#[test]
fn a_comment_by_an_agent_is_marked_under_any_actor_name() {
    let (_scene, repo) = set_up();
    repo.task("Work", &[]);
    let agent = repo.with("CLAUDECODE", "1").with("AGENT_NAME", "claude-2");
    agent
        .pm(&["--as", "Mia", "task", "comment", "T-0001", "merge it"])
        .ok();
    repo.by("Mia").pm(&["task", "comment", "T-0001", "no"]).ok();
    let shown = repo.pm(&["show", "T-0001"]).ok().out;
    assert!(shown.contains("Mia (agent), "), "{shown}");
    assert!(shown.contains("Mia, "), "{shown}");
    let comments = repo.data(&["show", "T-0001"])["comments"].clone();
    assert_eq!(comments[0]["agent"], "claude-2");
    assert!(comments[1]["agent"].is_null());
}

#[test]
fn a_stop_survives_a_concurrent_write_by_an_agent() {
    for offline in [
        &[
            &["task", "block", "T-0001", "x"][..],
            &["task", "unblock", "T-0001"],
        ][..],
        &[&["finish", "T-0001", "--force"]],
    ] {
        let scene = Scene::new();
        let (hub, lea) = scene.with_hub();
        lea.task("Work", &[]);
        lea.pm(&["sync"]).ok();
        let other = scene.clone_of(&hub, "b", "Bot");
        other.pm(&["init"]).ok();
        let agent = other.with("CLAUDECODE", "1");
        agent.pm(&["start", "T-0001"]).ok();
        let place = other.worktree("T-0001");
        place.write("a.txt", "x\n");
        place.commit_all("Work");
        lea.pm(&["sync"]).ok();
        lea.pm(&["task", "block", "T-0001", "do not touch"]);
        lea.pm(&["sync"]).ok();
        assert_eq!(lea.data(&["show", "T-0001"])["status"], "blocked");
        for args in offline {
            let args: Vec<&str> = ["--offline"].iter().chain(args.iter()).copied().collect();
            agent.pm(&args).ok();
        }
        agent.pm(&["sync"]).ok();
        lea.pm(&["sync"]).ok();
        assert_eq!(
            lea.data(&["show", "T-0001"])["status"],
            "blocked",
            "{offline:?}"
        );
        assert_eq!(lea.state_tree(), other.state_tree());
        agent.pm(&["task", "unblock", "T-0001"]).exits(1);
        lea.pm(&["task", "unblock", "T-0001"]).ok();
        lea.pm(&["sync"]).ok();
        agent.pm(&["sync"]).ok();
        assert_ne!(other.data(&["show", "T-0001"])["status"], "blocked");
    }
}

/// The store as a beads file in which a field of every record was changed later.
fn edited(repo: &Repo, field: &str, value: &str) -> String {
    let text = repo.pm(&["export", "beads", "-"]).ok().out;
    let records = text.lines().map(|line| {
        let mut record: serde_json::Value = serde_json::from_str(line).expect("a record");
        record[field] = value.into();
        record["updated_at"] = "2199-01-01T00:00:00Z".into();
        format!("{record}\n")
    });
    records.collect()
}

/// The reason why an import by an agent left out its only record; requires that the state did not
/// change.
#[track_caller]
fn left_out(place: &Repo, args: &[&str], text: &str) -> String {
    let before = place.tip("refs/pm/main");
    let report = place.feed(binary(), args, text).data();
    assert_eq!(
        place.tip("refs/pm/main"),
        before,
        "{args:?} changed the state"
    );
    let reason = &report["skipped"][0]["reason"];
    reason.as_str().unwrap_or_default().to_string()
}

const BEADS: &[&str] = &["--json", "import", "beads", "-"];

#[test]
fn an_import_by_an_agent_cannot_resume_work_that_a_human_stopped() {
    let (_scene, repo) = set_up();
    let agent = repo.with("CLAUDECODE", "1").with("AGENT_NAME", "claude-2");
    let bug = repo.data(&["issue", "create", "Bug"])["id"].to_string();
    let bug = bug.trim_matches('"');
    repo.pm(&["issue", "defer", bug]).ok();
    for (field, value) in [
        ("status", "open"),
        ("status", "blocked"),
        ("status", "closed"),
        ("status", "tombstone"),
        ("defer_until", "2098-01-01T00:00:00Z"),
    ] {
        let text = edited(&repo, field, value);
        let reason = left_out(&agent, BEADS, &text);
        assert!(
            reason.contains("a human (Ana) stopped"),
            "{value}: {reason}"
        );
        // Nor under another name, nor after a dry run.
        left_out(&agent.by("Ana"), BEADS, &text);
    }
    refused(&agent, &["start", bug]);
    // Other fields of the record are imported, and a human can import everything.
    let text = edited(&repo, "title", "Renamed");
    agent.feed(binary(), BEADS, &text).ok();
    let item = repo.data(&["show", bug]);
    assert_eq!(item["title"], "Renamed");
    assert_eq!(item["status"], "deferred");
    let text = edited(&repo, "status", "open");
    repo.feed(binary(), BEADS, &text).ok();
    assert_eq!(repo.data(&["show", bug])["status"], "open");
}

#[test]
fn an_agent_cannot_resume_a_stopped_task_by_importing_its_exported_file() {
    let (scene, repo) = set_up();
    let agent = repo.with("CLAUDECODE", "1").with("AGENT_NAME", "claude-2");
    repo.task("Stopped", &[]);
    repo.pm(&["task", "block", "T-0001", "legal has to look"])
        .ok();
    let out = scene.at("out").path.display().to_string();
    repo.pm(&["export", "md", &out]).ok();
    let list = repo.run("grep", &["-rl", "^status: blocked", &out]).ok();
    let file = list.text();
    let text = std::fs::read_to_string(&file).unwrap();
    for word in ["queued", "in-progress", "done"] {
        std::fs::write(&file, text.replace("blocked", word)).unwrap();
        let reason = left_out(&agent, &["--json", "import", "ccpm", &out], "");
        assert!(reason.contains("a human (Ana) stopped"), "{word}: {reason}");
    }
    repo.pm(&["import", "ccpm", &out]).ok();
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "done");
}

#[test]
fn an_undo_by_an_agent_cannot_end_a_later_stop_by_a_human() {
    let (_scene, repo, agent) = with_held_task();
    repo.task("Another", &[]);
    agent.pm(&["task", "block", "T-0002", "waits"]).ok();
    let block = repo.tip("refs/pm/main");
    repo.pm(&["task", "unblock", "T-0002"]).ok();
    repo.pm(&["task", "block", "T-0002", "waits"]).ok();
    refused(&agent, &["undo", &block]);
    refused(&agent, &["undo", &block, "--force"]);
    assert_eq!(repo.data(&["show", "T-0002"])["status"], "blocked");
}

#[test]
fn an_import_by_an_agent_cannot_end_work_of_another_actor() {
    let scene = Scene::new();
    let (hub, repo) = scene.with_hub();
    let bug = repo.data(&["issue", "create", "Bug"])["id"].to_string();
    let bug = bug.trim_matches('"');
    repo.by("Boss").pm(&["start", bug]).ok();
    repo.pm(&["sync"]).ok();
    let other = scene.clone_of(&hub, "other", "Bob");
    for place in [&repo, &other] {
        let agent = place.with("CLAUDECODE", "1").with("AGENT_NAME", "claude-2");
        for (field, value) in [
            ("status", "closed"),
            ("status", "open"),
            ("status", "tombstone"),
            ("defer_until", "2098-01-01T00:00:00Z"),
        ] {
            let reason = left_out(&agent, BEADS, &edited(place, field, value));
            assert!(reason.contains("Boss holds"), "{value}: {reason}");
        }
        agent.pm(&["sync"]).ok();
    }
    repo.pm(&["sync"]).ok();
    assert_eq!(holder(&repo, bug), "Boss");
    // It may close its own work by importing a file.
    let agent = repo.with("CLAUDECODE", "1").with("AGENT_NAME", "claude-2");
    repo.by("Boss").pm(&["task", "drop", bug]).ok();
    agent.pm(&["start", bug, "--no-worktree"]).ok();
    agent
        .feed(binary(), BEADS, &edited(&repo, "status", "closed"))
        .ok();
    assert_eq!(repo.data(&["show", bug])["status"], "closed");
}

/// An agent ends nothing that has open parts: what waits for an epic would be ready without its work.
#[test]
fn an_agent_closes_no_epic_with_open_or_only_cancelled_parts_by_force() {
    let (_scene, repo) = set_up();
    let epic = repo.data(&["epic", "create", "Sign-on"])["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let part = repo.task("Callback", &["--epic", &epic]);
    let next = repo.task("Launch", &["--depends-on", &epic]);
    let agent = repo.with("CLAUDECODE", "1").with("AGENT_NAME", "bot1");
    for args in [
        &["epic", "close", &epic, "--force"][..],
        &["epic", "close", &epic],
        &["issue", "close", &epic, "--force"],
        &["epic", "cancel", &epic, "--force"],
    ] {
        let ran = agent.pm(args);
        assert!(ran.code != 0, "{args:?}: {ran:?}");
        assert!(!ran.err.contains("--force` closes"), "{args:?}: {ran:?}");
    }
    agent.pm(&["task", "cancel", &part, "--reason", "no"]).ok();
    let ran = agent.pm(&["epic", "close", &epic]);
    let said = format!("{epic} is not done: none of its 1 parts is");
    assert!(ran.code == 1 && ran.err.contains(&said), "{ran:?}");
    assert!(
        !repo
            .pm(&["why", &next])
            .ok()
            .out
            .contains("can be started now")
    );
    // A human decides.
    repo.pm(&["epic", "close", &epic]).ok();
}

/// A run leaves assigned work to its assignee, as `next` does; what the human who starts it has is for its agents.
#[test]
fn a_run_leaves_assigned_work_to_its_assignee() {
    let (_scene, repo) = set_up();
    let annas = repo.task("Annas", &["--assignee", "Anna", "-p", "1"]);
    let free = repo.task("Free", &[]);
    let plan = repo.pm(&["run", "--dry-run"]).ok();
    let line = |id: &str| {
        let mut lines = plan.out.lines();
        lines
            .find(|line| line.contains(id))
            .unwrap_or_default()
            .to_owned()
    };
    assert!(plan.out.contains("it is assigned to Anna"), "{plan:?}");
    assert!(!line(&free).contains("assigned"), "{plan:?}");
    assert!(!line(&annas).contains("agent-1"), "{plan:?}");
    // Named, it is done.
    let named = repo.pm(&["run", "--dry-run", "--only", &annas]).ok();
    assert!(!named.out.contains("assigned to"), "{named:?}");
}

/// An agent that approves what is over is told so, not that a human has to.
#[test]
fn an_agent_that_approves_closed_work_is_told_that_it_is_closed() {
    let (_scene, repo) = set_up();
    let id = repo.task("Old", &[]);
    repo.pm(&["task", "cancel", &id]).ok();
    let ran = repo.with("CLAUDECODE", "1").pm(&["approve", &id]);
    assert!(
        ran.err
            .contains("is cancelled, so nothing of it is to be approved"),
        "{ran:?}"
    );
}
