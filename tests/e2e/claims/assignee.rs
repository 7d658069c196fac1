//! Whose an item is has one answer: its holder while it is held, who held it once it is done.

use serde_json::{Value, json};

use crate::support::{Repo, agent, binary, set_up};

fn issue(repo: &Repo) -> String {
    repo.pm(&["issue", "q", "Fix price"]).ok().text()
}

/// What each door says of the only item's assignee.
fn assigned(repo: &Repo, id: &str) -> Vec<Value> {
    let exported = repo.pm(&["export", "beads", "-"]).ok().out;
    let exported: Value = serde_json::from_str(exported.lines().next().unwrap()).unwrap();
    vec![
        repo.data(&["show", id])["assignee"].clone(),
        repo.data(&["show", id])["owner"].clone(),
        exported["assignee"].clone(),
    ]
}

fn listed(repo: &Repo, name: &str) -> [usize; 3] {
    let count = |args: &[&str]| repo.data(args)["items"].as_array().unwrap().len();
    let query = format!("assignee:{name}");
    [
        count(&["issue", "list", "--all", "--assignee", name]),
        count(&["list", "--all", "--owner", name]),
        count(&["list", "--all", &query]),
    ]
}

#[test]
fn the_holder_is_the_assignee_and_stays_it_when_the_work_is_done() {
    let (_scene, repo) = set_up();
    let id = issue(&repo);
    repo.pm(&["issue", "update", &id, "--assignee", "mara"])
        .ok();
    assert_eq!(assigned(&repo, &id), vec![json!("mara"); 3]);
    let one = agent(&repo).by("agent-1");
    one.pm(&["issue", "update", &id, "--claim"]).ok();
    assert_eq!(assigned(&repo, &id), vec![json!("agent-1"); 3]);
    assert_eq!(
        (listed(&repo, "agent-1"), listed(&repo, "mara")),
        ([1; 3], [0; 3])
    );
    one.pm(&["task", "drop", &id]).ok();
    assert_eq!(
        assigned(&repo, &id),
        vec![json!("mara"); 3],
        "a claim is no assignment"
    );
    repo.pm(&["task", "reassign", &id, "--to", "agent-1"]).ok();
    repo.pm(&["issue", "update", &id, "--assignee", "mara"])
        .ok();
    agent(&repo).by("mara").pm(&["issue", "claim", &id]).ok();
    agent(&repo).by("mara").pm(&["issue", "close", &id]).ok();
    assert_eq!(assigned(&repo, &id), vec![json!("mara"); 3]);
    let other = issue(&repo);
    repo.pm(&["issue", "update", &other, "--assignee", "mara"])
        .ok();
    one.pm(&["issue", "update", &other, "--claim"]).ok();
    one.pm(&["issue", "close", &other]).ok();
    let shown = repo.data(&["show", &other]);
    assert_eq!(shown["assignee"], "agent-1", "another is credited");
    assert_eq!(listed(&repo, "agent-1"), [1; 3]);
    let standup = repo.pm(&["standup"]).ok().out;
    assert!(standup.contains("agent-1"), "{standup}");
}

#[test]
fn held_work_is_assigned_to_another_by_reassign_alone() {
    let (_scene, repo) = set_up();
    let id = issue(&repo);
    let two = agent(&repo).by("agent-2");
    two.pm(&["issue", "update", &id, "--claim"]).ok();
    let before = repo.tip("refs/pm/main");
    let way = format!("git pm task reassign {id} --to mara");
    let one = agent(&repo).by("agent-1");
    for who in [&repo, &one, &two] {
        for force in [&["--force"][..], &[]] {
            let change = ["issue", "update", &id, "--assignee", "mara"];
            let refused = who.pm(&[&change[..], force].concat());
            assert_ne!(refused.code, 0, "{refused:?}");
        }
        let refused = who.pm(&["edit", &id, "--assignee", "mara"]);
        assert_ne!(refused.code, 0, "{refused:?}");
    }
    let refused = repo.pm(&["edit", &id, "--assignee", "mara"]).exits(1).err;
    assert!(
        refused.contains("agent-2 holds") && refused.contains(&way),
        "{refused}"
    );
    let line = json!({ "op": "task.edit", "id": id, "assignee": "mara" }).to_string();
    let said = repo.feed(binary(), &["batch"], &line);
    assert!(
        format!("{}{}", said.out, said.err).contains("agent-2 holds"),
        "{said:?}"
    );
    assert_eq!(repo.tip("refs/pm/main"), before);
    repo.pm(&["task", "reassign", &id, "--to", "mara"]).ok();
    assert_eq!(assigned(&repo, &id), vec![json!("mara"); 3]);
}

// A name is of one actor in any case, and is written as the actor spells it.
#[test]
fn a_name_that_is_typed_in_another_case_is_the_known_actors() {
    let (_scene, repo) = set_up();
    let milo = repo.by("Milo");
    milo.task("Known", &[]);
    let id = repo.task("Wash", &["--assignee", "milo"]);
    assert_eq!(repo.data(&["show", &id])["assignee"], "Milo");
    let other = repo.task("Dry", &[]);
    let said = repo.pm(&["edit", &other, "--assignee", "MILO"]).ok().err;
    assert!(!said.contains("no item or message named"), "{said}");
    assert_eq!(repo.data(&["show", &other])["assignee"], "Milo");
    // One who is spelled otherwise is the same.
    for name in ["Milo", "milo"] {
        let own = repo.by(name);
        for query in ["assignee:me", "is:mine", "assignee:MILO"] {
            let found = own.data(&["list", query]);
            assert_eq!(
                found["items"].as_array().unwrap().len(),
                2,
                "{name} {query}"
            );
        }
        let status = own.data(&["status"]);
        assert_eq!(status["mine"].as_array().unwrap().len(), 2, "{name}");
        assert!(
            own.pm(&["prime"]).ok().out.contains("## Your items"),
            "{name}"
        );
    }
    repo.by("milo").pm(&["start", &id, "--no-worktree"]).ok();
    let other = repo.by("Ben").pm(&["start", &id, "--no-worktree"]);
    other.exits(3);
}
