//! Agents cannot bypass gates that wait for a human, or a human's stop of an item that contains
//! theirs.

use crate::support::*;

fn agent(repo: &Repo) -> Repo {
    repo.with("CODEX_CI", "1").by("bot")
}

/// An issue that waits for a human's gate through the given edges.
fn gated(repo: &Repo, edges: &[&[&str]]) -> (String, String) {
    let id = repo.data(&["issue", "create", "Ship it"])["id"].clone();
    let gate = repo.data(&["issue", "gate", "create", "human"])["id"].clone();
    let (id, gate) = (id.as_str().unwrap(), gate.as_str().unwrap());
    for more in edges {
        repo.pm(&[&["dep", "add", id, gate], *more].concat()).ok();
    }
    (id.to_string(), gate.to_string())
}

fn is_ready(repo: &Repo, id: &str) -> bool {
    ids(&repo.data(&["ready"])["items"]).contains(&id)
}

/// Runs a command that must be refused with this text, and requires that the state did not change.
#[track_caller]
fn refused(place: &Repo, args: &[&str], words: &str) {
    let before = place.tip("refs/pm/main");
    let ran = place.pm(args);
    assert_ne!(ran.code, 0, "{args:?} was not refused\n{}", ran.out);
    assert!(ran.err.contains(words), "{args:?}: {}", ran.err);
    assert_eq!(
        place.tip("refs/pm/main"),
        before,
        "{args:?} changed the state"
    );
}

const FOR_A_HUMAN: &str = "it; bot is treated as an agent";

#[test]
fn an_agent_can_neither_soften_nor_remove_an_edge_to_a_humans_gate() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo);
    let kinds: [&[&str]; 4] = [
        &[],
        &["--type", "waits-for"],
        &["--type", "conditional-blocks"],
        &["--type", "waits-for", "--gate", "all-children"],
    ];
    for kind in kinds {
        let (id, gate) = gated(&repo, &[kind]);
        let kind = &kind[..kind.len().min(2)];
        refused(
            &bot,
            &[&["dep", "rm", &id, &gate], kind].concat(),
            FOR_A_HUMAN,
        );
        assert!(!is_ready(&repo, &id), "{kind:?}");
    }
    let (id, gate) = gated(&repo, &[&[]]);
    refused(&bot, &["dep", "add", &id, &gate, "--soft"], FOR_A_HUMAN);
    refused(
        &bot,
        &["task", "edit", &id, "--depends-on", ""],
        FOR_A_HUMAN,
    );
    refused(
        &bot,
        &["issue", "update", &gate, "--status", "pinned"],
        FOR_A_HUMAN,
    );
    // One of two edges may be removed: the other one still blocks.
    let (id, gate) = gated(&repo, &[&[], &["--type", "waits-for"]]);
    bot.pm(&["dep", "rm", &id, &gate, "--type", "waits-for"])
        .ok();
    refused(&bot, &["dep", "rm", &id, &gate], FOR_A_HUMAN);
    assert!(!is_ready(&repo, &id));
    repo.pm(&["dep", "add", &id, &gate, "--soft"]).ok();
    assert!(is_ready(&repo, &id));
}

#[test]
fn an_agent_cannot_set_a_state_that_bypasses_a_humans_gate_or_stop() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo);
    let (id, gate) = gated(&repo, &[&[]]);
    let update = ["issue", "update", &id, "--status", "in_progress"];
    refused(&bot, &update, FOR_A_HUMAN);
    refused(&bot, &["start", &id], &gate);
    repo.pm(&["epic", "create", "Stopped"]).ok();
    let part = repo.data(&["issue", "create", "Part", "--parent", "E-0001"])["id"].clone();
    let part = part.as_str().unwrap();
    repo.pm(&["task", "block", "E-0001", "no"]).ok();
    let update = ["issue", "update", part, "--status", "in_progress"];
    refused(&bot, &update, "an agent may not start");
    repo.pm(&["task", "unblock", "E-0001"]).ok();
    bot.pm(&update).ok();
}

#[test]
fn an_agent_cannot_remove_a_humans_gate_from_the_children_an_item_waits_for() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo);
    let whole = repo.data(&["issue", "create", "Release"])["id"].clone();
    let whole = whole.as_str().unwrap();
    let gate = ["issue", "gate", "create", "human", "--parent", whole];
    let gate = repo.data(&gate)["id"].clone();
    let gate = gate.as_str().unwrap();
    let id = repo.data(&["issue", "create", "Announce"])["id"].clone();
    let id = id.as_str().unwrap();
    let edge = ["dep", "add", id, whole, "--type", "waits-for"];
    let all = ["--gate", "all-children"];
    repo.pm(&[&edge[..], &all].concat()).ok();
    refused(
        &bot,
        &["dep", "rm", gate, whole, "--type", "parent-child"],
        FOR_A_HUMAN,
    );
    refused(
        &bot,
        &["dep", "rm", id, whole, "--type", "waits-for"],
        FOR_A_HUMAN,
    );
    assert!(!is_ready(&repo, id));
}

#[test]
fn a_humans_gate_among_children_blocks_agents_although_another_child_is_closed() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo);
    let whole = repo.data(&["issue", "create", "Release"])["id"].clone();
    let whole = whole.as_str().unwrap();
    repo.data(&["issue", "gate", "create", "human", "--parent", whole]);
    let id = repo.data(&["issue", "create", "Announce"])["id"].clone();
    let id = id.as_str().unwrap();
    let edge = ["dep", "add", id, whole, "--type", "waits-for"];
    repo.pm(&[&edge[..], &["--gate", "any-children"]].concat())
        .ok();
    // An agent adds a child and closes it.
    let part = bot.data(&["issue", "create", "Aside", "--parent", whole])["id"].clone();
    bot.pm(&["issue", "close", part.as_str().unwrap()]).ok();
    assert!(is_ready(&repo, id));
    refused(&bot, &["start", id, "--no-worktree"], FOR_A_HUMAN);
    refused(
        &bot,
        &["start", id, "--no-worktree"],
        "agents are blocked by an unresolved gate below an item that this one waits for",
    );
    repo.pm(&["start", id, "--no-worktree"]).ok();
}

#[test]
fn an_agent_cannot_move_a_child_out_of_an_epic_that_a_human_stopped() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo);
    repo.pm(&["epic", "create", "Stopped"]).ok();
    repo.pm(&["epic", "create", "Another"]).ok();
    repo.task("A part", &["--epic", "E-0001"]);
    repo.pm(&["task", "create", "Below it", "--parent", "T-0001"])
        .ok();
    let words = "a human (Ana) stopped E-0001 (blocked); an agent may not take T-0001 out";
    // Before the epic is stopped, agents may move tasks.
    bot.pm(&["task", "edit", "T-0001", "--epic", "E-0002"]).ok();
    bot.pm(&["task", "edit", "T-0001", "--epic", "E-0001"]).ok();
    repo.pm(&["task", "block", "E-0001", "legal has to look"])
        .ok();
    for args in [
        &["task", "edit", "T-0001", "--epic", ""][..],
        &["task", "edit", "T-0001", "--epic", "E-0002"],
        &["task", "delete", "T-0001", "--force"],
    ] {
        refused(&bot, args, words);
    }
    let parent = ["dep", "rm", "T-0002", "T-0001", "--type", "parent-child"];
    refused(&bot, &parent, "an agent may not take T-0002 out of it");
    refused(&bot, &["start", "T-0002"], "cannot be started");
    // A human may, and so may an agent for an epic that it stopped itself.
    repo.pm(&["task", "edit", "T-0001", "--epic", "E-0002"])
        .ok();
    bot.pm(&["task", "block", "E-0002", "waits"]).ok();
    bot.pm(&["task", "edit", "T-0001", "--epic", ""]).ok();
    bot.pm(&["start", "T-0002", "--no-worktree"]).ok();
}

#[test]
fn an_agent_cannot_close_a_parent_that_a_humans_gate_blocks() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo);
    repo.pm(&["epic", "create", "Gated"]).ok();
    repo.task("A part", &["--epic", "E-0001"]);
    // One without parts: what has open ones, an agent does not close anyway.
    repo.pm(&["epic", "create", "Empty"]).ok();
    repo.task("Next", &["--depends-on", "E-0002"]);
    for epic in ["E-0001", "E-0002"] {
        repo.data(&["issue", "gate", "create", "human", "--blocks", epic]);
    }
    for args in [
        &["task", "edit", "T-0001", "--epic", ""][..],
        &["issue", "close", "E-0002", "--force"],
        &["task", "cancel", "E-0002", "--reason", "x", "--force"],
        &["task", "delete", "E-0001", "--force"],
    ] {
        refused(&bot, args, FOR_A_HUMAN);
    }
    // An item on which nothing depends may be ended: that unblocks nothing.
    let (id, _) = gated(&repo, &[&[]]);
    bot.pm(&["issue", "close", &id, "--force"]).ok();
}

/// The store as a beads file in which a field of one record was changed later.
fn edited(repo: &Repo, id: &str, field: &str, value: impl Into<serde_json::Value>) -> String {
    let text = repo.pm(&["export", "beads", "-"]).ok().out;
    let value = value.into();
    let records = text.lines().map(|line| {
        let mut record: serde_json::Value = serde_json::from_str(line).expect("a record");
        if record["id"] == id {
            record[field] = value.clone();
            record["updated_at"] = "2199-01-01T00:00:00Z".into();
        }
        format!("{record}\n")
    });
    records.collect()
}

const BEADS: &[&str] = &["--json", "import", "beads", "-"];

#[test]
fn an_import_by_an_agent_leaves_out_records_that_would_open_a_humans_gate() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo);
    let (id, gate) = gated(&repo, &[&[]]);
    let new = serde_json::json!({
        "id": "xx-1", "title": "New", "status": "open", "priority": 2, "issue_type": "task",
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    });
    let text = format!("{}{new}\n", edited(&repo, &gate, "status", "closed"));
    let report = bot.feed(binary(), BEADS, &text).exits(8).data();
    let reason = report["skipped"][0]["reason"].to_string();
    assert!(reason.contains(FOR_A_HUMAN), "{report}");
    assert_eq!(repo.data(&["show", "xx-1"])["title"], "New");
    assert_eq!(repo.data(&["show", &gate])["status"], "open");
    assert!(!is_ready(&repo, &id));
    // The same file imported by a human opens the gate.
    repo.feed(binary(), BEADS, &text).ok();
    assert!(is_ready(&repo, &id));
}

#[test]
fn an_import_by_an_agent_cannot_move_a_child_out_of_a_stopped_epic() {
    let (_scene, repo) = set_up();
    let record = |id: &str, kind: &str, below: serde_json::Value, day: u8| {
        let record = serde_json::json!({
            "id": id, "title": id, "status": "open", "priority": 2, "issue_type": kind,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": format!("2026-01-0{day}T00:00:00Z"),
            "dependencies": below,
        });
        format!("{record}\n")
    };
    let whole = record("xx-1", "epic", serde_json::json!([]), 1);
    let below = serde_json::json!([{
        "issue_id": "xx-2", "depends_on_id": "xx-1", "type": "parent-child",
        "created_at": "2026-01-01T00:00:00Z",
    }]);
    let text = whole.clone() + &record("xx-2", "task", below, 1);
    repo.feed(binary(), BEADS, &text).ok();
    repo.pm(&["task", "block", "xx-1", "no"]).ok();
    let text = whole + &record("xx-2", "task", serde_json::json!([]), 2);
    let report = agent(&repo).feed(binary(), BEADS, &text).exits(8).data();
    let reason = report["skipped"][0]["reason"].to_string();
    let words = "an agent may not take xx-2 out of it";
    assert!(reason.contains(words), "{report}");
    assert!(!is_ready(&repo, "xx-2"));
    repo.feed(binary(), BEADS, &text).ok();
    assert!(is_ready(&repo, "xx-2"));
}

#[test]
fn an_import_by_a_human_ends_the_humans_own_stop() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    repo.task("Stopped", &[]);
    repo.pm(&["task", "block", "T-0001", "legal has to look"])
        .ok();
    let out = scene.at("out").path.display().to_string();
    repo.pm(&["export", "md", &out]).ok();
    let file = repo
        .run("grep", &["-rl", "^status: blocked", &out])
        .ok()
        .text();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("status: blocked", "status: open")).unwrap();
    repo.pm(&["import", "ccpm", &out]).ok();
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "queued");
    repo.pm(&["sync"]).ok();
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "queued");
    agent(&repo).pm(&["start", "T-0001", "--no-worktree"]).ok();
    assert_eq!(repo.data(&["show", "T-0001"])["status"], "in_progress");
}

#[test]
fn an_import_does_not_end_work_of_another_actor_and_names_the_command_for_it() {
    let (_scene, repo) = set_up();
    let bug = repo.data(&["issue", "create", "Bug"])["id"].clone();
    let bug = bug.as_str().unwrap();
    let bot = agent(&repo);
    bot.pm(&["start", bug, "--no-worktree"]).ok();
    let text = edited(&repo, bug, "status", "closed");
    let report = repo.feed(binary(), BEADS, &text).exits(8).data();
    let reason = report["skipped"][0]["reason"].as_str().unwrap_or_default();
    let next = format!(
        "bot holds {bug}, and an import does not end another actor's claim; to end it, run `git pm issue close {bug} --force`"
    );
    assert_eq!(reason, next, "{report}");
    assert_eq!(repo.data(&["show", bug])["status"], "in_progress");
    // Other fields of the record are imported.
    let renamed = edited(&repo, bug, "title", "Renamed");
    repo.feed(binary(), BEADS, &renamed).ok();
    assert_eq!(repo.data(&["show", bug])["title"], "Renamed");
    repo.pm(&["issue", "close", bug, "--force"]).ok();
    assert_eq!(repo.data(&["show", bug])["status"], "closed");
}

#[test]
fn a_human_in_the_worktree_of_an_agent_acts_under_their_own_name() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    let bot = agent(&repo);
    repo.task("Work", &[]);
    repo.task("Another", &[]);
    bot.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    let last = |place: &Repo| place.data(&["log", "--limit", "1"])["items"][0].clone();
    let lines = "{\"op\":\"task.block\",\"id\":\"T-0002\",\"reason\":\"no\"}\n";
    place.feed(binary(), &["batch"], lines).ok();
    assert_eq!(last(&place)["actor"], "Ana");
    refused(
        &bot,
        &["task", "unblock", "T-0002"],
        "a human (Ana) stopped T-0002",
    );
    place
        .pm(&["issue", "defer", "T-0001", "--until", "2099-01-01"])
        .ok();
    refused(
        &bot,
        &["issue", "undefer", "T-0001"],
        "a human (Ana) stopped T-0001",
    );
    place.pm(&["issue", "undefer", "T-0001"]).ok();
    place
        .pm(&["task", "defer", "T-0001", "--reason", "later"])
        .ok();
    refused(
        &bot,
        &["task", "undefer", "T-0001"],
        "a human (Ana) stopped T-0001",
    );
    place.pm(&["task", "undefer", "T-0001"]).ok();
    // Resuming and dropping the work is done in the holder's name.
    bot.pm(&["start", "T-0001"]).ok();
    let started = last(&place)["commit"].as_str().unwrap().to_string();
    let undo = ["undo", &started];
    let dry = place.data(&[&undo[..], &["--dry-run"]].concat());
    assert!(dry.to_string().contains("undone by Ana"), "{dry}");
    place.pm(&["task", "drop", "T-0001"]).ok();
    assert_eq!(last(&place)["actor"], "bot");
}

#[test]
fn an_approval_in_the_worktree_of_an_agent_is_recorded_as_the_humans() {
    let (_scene, repo) = set_up();
    let bot = agent(&repo);
    repo.task("Work", &[]);
    bot.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    place.write("a.txt", "x\n");
    place.commit_all("Work");
    place.pm(&["finish"]).ok();
    place
        .feed(
            binary(),
            &["batch"],
            "{\"op\":\"task.approve\",\"id\":\"T-0001\"}\n",
        )
        .ok();
    let item = repo.data(&["show", "T-0001"]);
    assert_eq!(item["approval"]["by"], "Ana", "{item}");
}

#[test]
fn decisions_of_a_human_in_the_worktree_of_an_agent_are_not_recorded_as_the_agents() {
    let scene = Scene::new();
    let (_hub, repo) = scene.with_hub();
    repo.pm(&["hook", "install"]).ok();
    repo.task("Work", &[]);
    let bot = agent(&repo);
    bot.pm(&["start", "T-0001"]).ok();
    bot.with("AGENT_NAME", "bot-2")
        .pm(&["reserve", "add", "docs/**", "src/**"])
        .ok();
    let place = repo.worktree("T-0001");
    let last = |place: &Repo| place.data(&["log", "--limit", "1"])["items"][0].clone();

    place.write("src/auth.rs", "pub fn login() { todo!() }\n");
    let bypass = place.with("GIT_PM_BYPASS", "an emergency");
    bypass.git(&["commit", "-q", "-a", "-m", "Mend"]).ok();
    assert_eq!(last(&place)["actor"], "Ana", "{}", last(&place));

    place
        .pm(&["reserve", "steal", "docs/**", "--reason", "urgent"])
        .ok();
    assert_eq!(last(&place)["actor"], "Ana");
    let ended = place.pm(&["reserve", "list", "--all", "--json"]).ok().out;
    assert!(ended.contains("stolen by Ana"), "{ended}");

    repo.task("Another", &[]);
    bot.pm(&["--offline", "start", "T-0002", "--no-worktree"])
        .ok();
    place.pm(&["sync"]).ok();
    assert_eq!(last(&place)["op"], "sync", "{}", last(&place));
    assert_eq!(last(&place)["actor"], "Ana");
}

#[test]
fn a_human_without_a_name_cannot_write_in_the_worktree_of_an_agent() {
    let (scene, repo) = set_up();
    repo.task("Work", &[]);
    agent(&repo).pm(&["start", "T-0001"]).ok();
    scene
        .at("home")
        .write("nameless", "[init]\n\tdefaultBranch = main\n");
    let file = scene.at("home").path.join("nameless");
    let place = repo.worktree("T-0001");
    let nameless = place.with("GIT_CONFIG_GLOBAL", file.to_str().unwrap());
    let before = repo.tip("refs/pm/main");
    let lines = "{\"op\":\"task.comment\",\"id\":\"T-0001\",\"text\":\"x\"}\n";
    let batch = nameless.feed(binary(), &["batch"], lines);
    let comment = nameless.pm(&["task", "comment", "T-0001", "x"]);
    for ran in [batch, comment] {
        assert!(ran.err.contains("git does not know who you are"), "{ran:?}");
    }
    assert_eq!(repo.tip("refs/pm/main"), before);
    // With a name given, the write has that name, as outside the worktree.
    let named = nameless.with("GIT_AUTHOR_NAME", "Eva");
    named.pm(&["task", "comment", "T-0001", "x"]).ok();
    let known = place.with("GIT_AUTHOR_NAME", "Eva");
    known.pm(&["task", "comment", "T-0001", "y"]).ok();
    let comments = repo.data(&["show", "T-0001"])["comments"].clone();
    for comment in comments.as_array().unwrap() {
        assert_eq!(comment["author"], "Eva", "{comments}");
    }
}
