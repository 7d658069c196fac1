//! The graph on the command line: ready and blocked items, dependencies, and cycles.

use serde_json::Value;

use crate::support::{Scene, set_up};

fn ids(data: &Value) -> Vec<String> {
    data["items"]
        .as_array()
        .unwrap_or_else(|| panic!("a list is under data.items: {data}"))
        .iter()
        .map(|i| {
            let id = if i["id"].is_null() {
                &i["item"]["id"]
            } else {
                &i["id"]
            };
            id.as_str().unwrap().to_string()
        })
        .collect()
}

// DP-01: only unblocked items; the order is priority, then number.
#[test]
fn ready_lists_items_that_can_be_started() {
    let (_scene, repo) = set_up();
    repo.task("one", &[]);
    repo.task("two", &["--depends-on", "T-0001", "-p", "0"]);
    repo.task("three", &["-p", "1"]);
    repo.task("four", &["-p", "1"]);
    repo.pm(&["epic", "create", "E"]).ok();
    assert_eq!(ids(&repo.data(&["ready"])), ["T-0003", "T-0004", "T-0001"]);
    assert_eq!(
        ids(&repo.data(&["ready", "--limit", "2"])),
        ["T-0003", "T-0004"]
    );
    // Starting it is not enough; the next one is ready only when it is done.
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    assert_eq!(ids(&repo.data(&["ready"])), ["T-0003", "T-0004"]);
    let error = repo
        .pm(&["--json", "start", "T-2", "--no-worktree"])
        .exits(1)
        .error();
    assert!(error.to_string().contains("T-0001"), "{error}");
    assert!(
        error["hints"].to_string().contains("git pm why T-0002"),
        "{error}"
    );
    repo.pm(&["task", "done", "T-1", "--force"]).ok();
    assert_eq!(ids(&repo.data(&["ready"])), ["T-0002", "T-0003", "T-0004"]);
    // Reopened, it blocks again.
    repo.pm(&["task", "reopen", "T-1"]).ok();
    assert_eq!(ids(&repo.data(&["ready"])), ["T-0003", "T-0004", "T-0001"]);
}

// TM-10: the first queued task, the same for every actor.
#[test]
fn next_claims_the_best_item() {
    let (_scene, repo) = set_up();
    repo.pm(&["next"]).exits(1);
    let error = repo.pm(&["--json", "next", "--claim"]).exits(1).error();
    assert!(error["hints"].to_string().contains("git pm"), "{error}");
    repo.task("late", &["-p", "3"]);
    repo.task("waits", &["-p", "0", "--depends-on", "T-1"]);
    repo.task("somebody's", &["-p", "0", "--assignee", "carl"]);
    repo.task("first", &["-p", "1"]);
    repo.task("second", &["-p", "1"]);
    let next = repo.data(&["next"]);
    assert_eq!(next["id"], "T-0004");
    assert_eq!(next["commands"]["claim"], "git pm start T-0004");
    assert_eq!(
        repo.data(&["next"])["id"],
        "T-0004",
        "showing the next item claimed it"
    );
    let started = repo.data(&["next", "--claim", "--no-worktree"]);
    assert_eq!(started["id"], "T-0004");
    assert_eq!(started["status"], "in_progress");
    assert_eq!(started["claim"]["actor"], "Ana");
    // Of equally urgent ones first what is assigned to the actor.
    repo.task("Dan's", &["-p", "1", "--assignee", "dan"]);
    let dan = repo.by("dan");
    assert_eq!(dan.data(&["next"])["id"], "T-0006");
    let status = dan.pm(&["status"]).ok().out;
    assert!(status.contains("git pm start T-0006"), "{status}");
    let bea = repo.by("bea");
    assert_eq!(
        bea.data(&["next", "--claim", "--no-worktree"])["id"],
        "T-0005"
    );
    assert_eq!(repo.by("carl").data(&["next"])["id"], "T-0003");
    assert_eq!(
        bea.data(&["next", "--claim", "--no-worktree"])["id"],
        "T-0001"
    );
    bea.pm(&["next", "--claim"]).exits(1);
}

// TM-10: concurrent claims get different tasks, in the order of the list.
#[test]
fn concurrent_next_claims_get_different_tasks() {
    let (_scene, repo) = set_up();
    // Twice as many as processes: a start that lost the race for git's index leaves its task.
    for n in 0..16 {
        repo.task(&format!("task {n}"), &[]);
    }
    let running: Vec<_> = (0..8)
        .map(|n| {
            repo.by(&format!("agent-{n}"))
                .spawn(&["--json", "next", "--claim", "--no-worktree"])
        })
        .collect();
    let mut got = Vec::new();
    for child in running {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "a process got no task: {text}");
        let json: Value = serde_json::from_str(&text).unwrap();
        got.push(json["data"]["id"].as_str().unwrap().to_string());
    }
    got.sort();
    got.dedup();
    assert_eq!(got.len(), 8, "two processes got one task: {got:?}");
}

// DP-04: the chain from the item to its root blocker.
#[test]
fn why_names_the_root_blocker() {
    let (_scene, repo) = set_up();
    repo.task("root", &[]);
    repo.task("middle", &["--depends-on", "T-1"]);
    repo.task("leaf", &["--depends-on", "T-2"]);
    repo.by("bea").pm(&["start", "T-1", "--no-worktree"]).ok();
    let why = repo.data(&["why", "T-3"]);
    assert_eq!(why["item"]["id"], "T-0003");
    assert_eq!(why["ready"], false);
    let chain: Vec<&str> = why["chain"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["id"].as_str().unwrap())
        .collect();
    assert_eq!(chain, ["T-0003", "T-0002", "T-0001"]);
    assert_eq!(why["chain"][2]["owner"], "bea");
    assert_eq!(why["chain"][2]["relation"], "root blocker");
    let text = repo.pm(&["why", "T-3"]).ok().out;
    for part in ["T-0002", "T-0001", "bea"] {
        assert!(text.contains(part), "{text}");
    }
    let why = repo.data(&["why", "T-1"]);
    assert!(why["reasons"].to_string().contains("bea"), "{why}");
    repo.task("free", &[]);
    assert_eq!(repo.data(&["why", "T-4"])["ready"], true);
    repo.pm(&["why", "T-99"]).exits(4);
}

// DP-04: all blocked items, with the reason.
#[test]
fn blocked_lists_items_with_reasons() {
    let (_scene, repo) = set_up();
    assert_eq!(ids(&repo.data(&["blocked"])), Vec::<String>::new());
    repo.task("root", &[]);
    repo.task("middle", &["--depends-on", "T-1"]);
    repo.task("leaf", &["--depends-on", "T-2"]);
    repo.task("by hand", &[]);
    repo.pm(&["task", "block", "T-4", "waiting for the bank"])
        .ok();
    let blocked = repo.data(&["blocked"]);
    assert_eq!(ids(&blocked), ["T-0002", "T-0003", "T-0004"]);
    let leaf = &blocked["items"][1];
    assert_eq!(leaf["chain"][2]["id"], "T-0001");
    let text = repo.pm(&["blocked"]).ok().out;
    assert!(text.contains("T-0003") && text.contains("T-0001"), "{text}");
    assert!(
        text.contains("waiting for the bank"),
        "the reason is missing:\n{text}"
    );
}

// DP-06: refused when it is written, with the path of the cycle; exit 1 and nothing written.
#[test]
fn dep_add_refuses_a_cycle() {
    let (_scene, repo) = set_up();
    for title in ["a", "b", "c"] {
        repo.task(title, &[]);
    }
    repo.pm(&["dep", "add", "T-2", "T-1"]).ok();
    let item = repo.data(&["dep", "add", "T-3", "T-2"]);
    assert_eq!(item["depends_on"], serde_json::json!(["T-0002"]));
    let before = repo.tip("refs/pm/main");
    for args in [
        &["dep", "add", "T-1", "T-3"][..],
        &["task", "edit", "T-1", "--depends-on", "T-3"],
        &["dep", "add", "T-1", "T-3", "--type", "conditional-blocks"],
    ] {
        let mut all = vec!["--json"];
        all.extend(args);
        let error = repo.pm(&all).exits(1).error();
        let message = error["message"].as_str().unwrap();
        for id in ["T-0001", "T-0002", "T-0003"] {
            assert!(
                message.contains(id),
                "the path does not name {id}: {message}"
            );
        }
        // An edge that exists.
        let hints = error["hints"].to_string();
        assert!(hints.contains("git pm dep rm T-0002 T-0001"), "{error}");
    }
    repo.pm(&["dep", "add", "T-1", "T-1"]).exits(1);
    repo.pm(&["dep", "add", "T-1", "T-9"]).exits(4);
    repo.pm(&["dep", "add", "T-1", "T-3", "--type", "two words"])
        .exits(2);
    assert_eq!(
        repo.tip("refs/pm/main"),
        before,
        "a refused edge was written"
    );
    // Edges that do not block may form cycles.
    repo.pm(&["dep", "add", "T-1", "T-3", "--type", "related"])
        .ok();
    repo.pm(&["dep", "add", "T-1", "T-3", "--soft"]).ok();
    // But a soft edge must not become a hard one unchecked.
    repo.pm(&["dep", "add", "T-1", "T-3"]).exits(1);
}

// DP-06 through the hierarchy: a child cannot depend on an item that depends on its parent.
#[test]
fn a_cycle_through_a_parent_is_refused_too() {
    let (_scene, repo) = set_up();
    repo.task("whole", &[]);
    repo.task("waits for the whole", &["--depends-on", "T-1"]);
    repo.task("part", &["--parent", "T-1"]);
    let by_dep = repo.pm(&["dep", "add", "T-3", "T-2"]);
    let by_create = repo.pm(&[
        "task",
        "create",
        "part 2",
        "--parent",
        "T-1",
        "--depends-on",
        "T-2",
    ]);
    assert_eq!(by_dep.code, 1, "{}", by_dep.out);
    assert_eq!(by_create.code, 1, "{}", by_create.out);
    repo.task("other", &["--depends-on", "T-2"]);
    let by_parent = repo.pm(&["dep", "add", "T-4", "T-1", "--type", "parent-child"]);
    assert_eq!(by_parent.code, 1, "{}", by_parent.out);
    // A parent that is its own grandchild.
    repo.pm(&["dep", "add", "T-1", "T-3", "--type", "parent-child"])
        .exits(1);
}

#[test]
fn dep_rm_unblocks_the_item() {
    let (_scene, repo) = set_up();
    repo.task("a", &[]);
    repo.task("b", &["--depends-on", "T-1"]);
    let item = repo.data(&["dep", "rm", "T-2", "T-1"]);
    assert_eq!(item["depends_on"], serde_json::json!([]));
    assert_eq!(ids(&repo.data(&["ready"])), ["T-0001", "T-0002"]);
    let error = repo
        .pm(&["--json", "dep", "rm", "T-2", "T-1"])
        .exits(4)
        .error();
    assert!(
        error["hints"].to_string().contains("git pm dep list"),
        "{error}"
    );
    // The edge can be added again.
    repo.pm(&["dep", "add", "T-2", "T-1"]).ok();
    assert_eq!(ids(&repo.data(&["ready"])), ["T-0001"]);
}

#[test]
fn dep_list_shows_both_directions() {
    let (_scene, repo) = set_up();
    for title in ["a", "b", "c", "d"] {
        repo.task(title, &[]);
    }
    repo.pm(&["dep", "add", "T-2", "T-1"]).ok();
    repo.pm(&["dep", "add", "T-3", "T-2", "--soft"]).ok();
    repo.pm(&["dep", "add", "T-2", "T-4", "--type", "discovered-from"])
        .ok();
    let list = repo.data(&["dep", "list", "T-2"]);
    assert_eq!(list["id"], "T-0002");
    assert_eq!(list["depends_on"][0]["id"], "T-0001");
    assert_eq!(list["depends_on"][0]["type"], "blocks");
    assert_eq!(list["depends_on"][0]["class"], "hard");
    assert_eq!(list["depends_on"][0]["status"], "queued");
    assert_eq!(list["depends_on"][1]["id"], "T-0004");
    assert_eq!(list["depends_on"][1]["type"], "discovered-from");
    assert_eq!(list["dependents"][0]["id"], "T-0003");
    assert_eq!(list["dependents"][0]["class"], "soft");
    let text = repo.pm(&["dep", "list", "T-2"]).ok().out;
    for id in ["T-0001", "T-0003", "T-0004"] {
        assert!(text.contains(id), "{text}");
    }
}

// DP-02: start continues with a warning if a soft dependency is open.
#[test]
fn a_soft_dependency_warns_at_start() {
    let (_scene, repo) = set_up();
    repo.task("a", &[]);
    repo.task("b", &[]);
    repo.pm(&["dep", "add", "T-2", "T-1", "--soft"]).ok();
    assert_eq!(ids(&repo.data(&["ready"])), ["T-0001", "T-0002"]);
    let started = repo.data(&["start", "T-2", "--no-worktree"]);
    let warnings = started["warnings"].to_string();
    assert!(
        warnings.contains("T-0001") && warnings.contains("soft"),
        "{warnings}"
    );
    repo.task("c", &[]);
    repo.pm(&["dep", "add", "T-3", "T-1", "--soft"]).ok();
    let text = repo.pm(&["start", "T-3", "--no-worktree"]).ok();
    assert!(
        text.out.contains("T-0001") || text.err.contains("T-0001"),
        "no warning in text"
    );
}

// TM-09: sub-tasks under their parent, to any depth; a parent with open children is not offered.
#[test]
fn tree_shows_children_under_their_parent() {
    let (_scene, repo) = set_up();
    repo.pm(&["epic", "create", "Big"]).ok();
    repo.task("whole", &["--epic", "E-1"]);
    repo.task("part", &["--parent", "T-1"]);
    repo.task("part of the part", &["--parent", "T-2"]);
    repo.task("alone", &[]);
    let rows = |data: &Value| -> Vec<(u64, String)> {
        data["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| {
                (
                    n["depth"].as_u64().unwrap(),
                    n["id"].as_str().unwrap().to_string(),
                )
            })
            .collect()
    };
    let owned = |list: &[(u64, &str)]| -> Vec<(u64, String)> {
        list.iter().map(|(d, i)| (*d, (*i).to_string())).collect()
    };
    assert_eq!(
        rows(&repo.data(&["task", "tree"])),
        owned(&[
            (0, "E-0001"),
            (1, "T-0001"),
            (2, "T-0002"),
            (3, "T-0003"),
            (0, "T-0004")
        ])
    );
    assert_eq!(
        rows(&repo.data(&["task", "tree", "T-2"])),
        owned(&[(0, "T-0002"), (1, "T-0003")])
    );
    assert_eq!(ids(&repo.data(&["ready"])), ["T-0003", "T-0004"]);
    let text = repo.pm(&["task", "tree"]).ok().out;
    assert!(text.contains("part of the part"), "{text}");
    // The statuses are one column, at whatever depth.
    let columns = text.lines().map(|line| line.find(" queued"));
    let columns: std::collections::BTreeSet<_> = columns.collect();
    assert!(columns.len() == 1 && !columns.contains(&None), "{text}");
    repo.pm(&["task", "done", "T-3", "--force"]).ok();
    assert_eq!(ids(&repo.data(&["ready"])), ["T-0002", "T-0004"]);
    // A blocked parent blocks its children.
    repo.pm(&["dep", "add", "T-1", "T-4"]).ok();
    assert_eq!(ids(&repo.data(&["ready"])), ["T-0004"]);
    repo.pm(&["task", "tree", "T-99"]).exits(4);
}

// DP-06: two clones that each add one edge make a cycle that neither could refuse: it is reported,
// and broken at the same edge in both.
#[test]
fn dp_06_a_cycle_made_by_a_merge_is_reported_and_broken_at_the_same_edge() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    for title in ["one", "two", "three"] {
        a.task(title, &[]);
    }
    a.pm(&["dep", "add", "T-3", "T-2"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bea");
    a.pm(&["dep", "add", "T-1", "T-3"]).ok();
    b.pm(&["dep", "add", "T-2", "T-1"]).ok();
    for place in [&a, &b, &a] {
        place.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
    let (ready_a, ready_b) = (ids(&a.data(&["ready"])), ids(&b.data(&["ready"])));
    assert_eq!(ready_a, ready_b, "the clones break the cycle differently");
    assert_eq!(ready_a.len(), 1, "a cycle blocks all items: {ready_a:?}");
    let listed = a.pm(&["list"]).ok().out;
    assert_eq!(listed.matches("waits for").count(), 2, "{listed}");
    for place in [&a, &b] {
        let report = place.data(&["doctor"]);
        let cycles: Vec<&Value> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|f| f["check"] == "cycles")
            .collect();
        assert_eq!(cycles.len(), 1, "{report}");
        let message = cycles[0]["message"].as_str().unwrap();
        for id in ["T-0001", "T-0002", "T-0003"] {
            assert!(message.contains(id), "{message}");
        }
        assert!(cycles[0]["fix"].as_str().unwrap().contains("git pm dep rm"));
        // `blocked` and `why` report it for the items on it.
        let told =
            place.data(&["blocked"]).to_string() + &place.data(&["why", &ready_a[0]]).to_string();
        assert!(
            told.contains("cycle"),
            "neither blocked nor why reports it: {told}"
        );
    }
    // Removing one edge ends the cycle in both.
    a.pm(&["dep", "rm", "T-1", "T-3"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(ids(&b.data(&["ready"])), ["T-0001"]);
    assert!(!b.data(&["doctor"]).to_string().contains("block each other"));
}
