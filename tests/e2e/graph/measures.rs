//! Analyses of the whole graph: order, drawings, lanes.

use serde_json::Value;

use crate::support::{Repo, Scene, ids, set_up};

/// A small project: a chain of three, an item beside it, an unconnected one, and one that is done.
fn project(repo: &Repo) {
    repo.pm(&["epic", "create", "Login"]).ok();
    repo.task("Schema", &["--estimate", "L", "--epic", "E-1"]);
    repo.task(
        "Server",
        &["--estimate", "XL", "--depends-on", "T-1", "--epic", "E-1"],
    );
    repo.task(
        "Client",
        &["--estimate", "S", "--depends-on", "T-1", "--epic", "E-1"],
    );
    repo.task(
        "Release",
        &[
            "--estimate",
            "XS",
            "--depends-on",
            "T-2",
            "--depends-on",
            "T-3",
        ],
    );
    repo.task("Typo", &["--estimate", "XS", "-p", "0"]);
    repo.task("Given up", &["--depends-on", "T-5"]);
    repo.pm(&["task", "cancel", "T-6"]).ok();
}

// DP-05: topological, the critical path first, and the same in every run and every clone.
#[test]
fn dp_05_order_puts_the_critical_path_first_and_is_the_same_in_every_clone() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    project(&a);
    a.pm(&["sync"]).ok();
    let order = a.data(&["order"]);
    assert_eq!(
        ids(&order["items"]),
        ["T-0001", "T-0002", "T-0003", "T-0004", "T-0005"],
        "a P0 item without dependents is before the critical path or its end"
    );
    assert_eq!(order["items"][0]["slack"], 0);
    assert_eq!(order["items"][0]["ready"], true);
    let shown = a.pm(&["order"]).ok().out;
    for part in ["critical", "14h slack", "after T-0002, T-0003"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(order["items"][2]["slack"], 14);
    assert_eq!(
        order["items"][3]["waits_for"],
        serde_json::json!(["T-0002", "T-0003"])
    );
    assert_eq!(a.data(&["order"]), order, "the order differs between runs");
    let b = scene.clone_of(&hub, "b", "Ben");
    assert_eq!(
        b.data(&["order"]),
        order,
        "the order differs between clones"
    );
    std::fs::remove_dir_all(b.path.join(".git/pm")).unwrap();
    assert_eq!(
        b.data(&["order"]),
        order,
        "the order differs without an index"
    );
    assert_eq!(
        ids(&a.data(&["order", "E-1"])["items"]),
        ["T-0001", "T-0002", "T-0003"]
    );
    assert_eq!(
        ids(&a.data(&["order", "--limit", "1"])["items"]),
        ["T-0001"]
    );
    let text = a.pm(&["order"]).ok().out;
    assert!(text.contains("after T-0002, T-0003"), "{text}");
    a.pm(&["order", "T-99"]).exits(4);
}

// The same state gives the same answers for every actor and in every clone.
#[test]
fn every_clone_shows_the_same_analyses() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    project(&a);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    for verb in ["triage", "graph", "suggest", "forecast", "stats"] {
        let at = "2026-12-24T12:00:00Z";
        let (a, b) = (
            a.by("ana").when(at).data(&[verb]),
            b.by("ana").when(at).data(&[verb]),
        );
        assert_eq!(a, b, "another clone gives another answer to {verb}");
    }
}

#[test]
fn graph_draws_a_neighbourhood_an_epic_or_all_open_items_in_four_formats() {
    let (_scene, repo) = set_up();
    project(&repo);
    repo.pm(&["dep", "add", "T-5", "T-3", "--type", "related"])
        .ok();
    let all = repo.data(&["graph"]);
    assert_eq!(
        ids(&all["nodes"]),
        ["E-0001", "T-0001", "T-0002", "T-0003", "T-0004", "T-0005"],
        "closed items are drawn"
    );
    let hard: Vec<(&str, &str)> = all["edges"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|e| e["class"] == "hard")
        .map(|e| (e["from"].as_str().unwrap(), e["to"].as_str().unwrap()))
        .collect();
    assert_eq!(
        hard,
        [
            ("T-0002", "T-0001"),
            ("T-0003", "T-0001"),
            ("T-0004", "T-0002"),
            ("T-0004", "T-0003")
        ]
    );
    assert_eq!(
        ids(&repo.data(&["graph", "E-1"])["nodes"]),
        ["E-0001", "T-0001", "T-0002", "T-0003"]
    );
    assert_eq!(
        ids(&repo.data(&["graph", "T-4", "--depth", "1"])["nodes"]),
        ["T-0002", "T-0003", "T-0004"]
    );
    assert_eq!(
        ids(&repo.data(&["graph", "T-4", "--depth", "0"])["nodes"]),
        ["T-0004"]
    );
    let text = repo.pm(&["graph"]).ok().out;
    for part in [
        "T-0001  Schema",
        "  T-0002  Server",
        "    T-0004  Release",
        "without dependencies",
    ] {
        assert!(text.contains(part), "`{part}` is missing:\n{text}");
    }
    assert_eq!(
        text.matches("Release").count(),
        2,
        "under both it waits for:\n{text}"
    );
    for part in ["E-0001: T-0001, T-0002, T-0003", "T-0005 related T-0003"] {
        assert!(text.contains(part), "`{part}` is missing:\n{text}");
    }
    let mermaid = repo.pm(&["graph", "--format", "mermaid"]).ok().out;
    assert!(
        mermaid.starts_with("flowchart LR\n") && mermaid.contains("n1 --> n2\n"),
        "{mermaid}"
    );
    let json = repo.pm(&["graph", "--format", "json"]).ok().data();
    assert_eq!(json, all, "--format json differs from --json");
    let wrapped = repo.data(&["graph", "--format", "mermaid"]);
    assert_eq!(wrapped["text"], mermaid.as_str());
    repo.pm(&["graph", "T-99"]).exits(4);
    repo.pm(&["graph", "--format", "png"]).exits(2);
}

#[test]
fn a_hostile_title_cannot_break_out_of_its_node() {
    let (_scene, repo) = set_up();
    repo.task("x\"]; evil [label=\"y\u{1b}[2J\u{202e}", &[]);
    for format in ["mermaid", "text"] {
        let drawn = repo.pm(&["graph", "--format", format]).ok().out;
        assert!(
            !drawn.contains('\u{1b}') && !drawn.contains('\u{202e}'),
            "{format}: {drawn:?}"
        );
    }
    let mermaid = repo.pm(&["graph", "--format", "mermaid"]).ok().out;
    assert_eq!(mermaid.matches('"').count(), 2, "{mermaid}");
}

// DP-06: a cycle made by a merge is reported, and one of its edges is ignored.
#[test]
fn a_cycle_that_a_merge_made_is_reported() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("one", &[]);
    a.task("two", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.pm(&["dep", "add", "T-1", "T-2"]).ok();
    b.pm(&["dep", "add", "T-2", "T-1"]).ok();
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    for clone in [&a, &b] {
        assert_eq!(
            clone.data(&["issue", "dep", "cycles"])["items"],
            serde_json::json!([["T-0001", "T-0002"]])
        );
        let alerts = &clone.data(&["triage"])["alerts"];
        assert_eq!(alerts[0]["kind"], "cycle", "{alerts}");
        assert_eq!(alerts[0]["command"], "git pm issue dep cycles");
        for check in ["doctor", "fsck"] {
            let said = clone.pm(&[check]).out;
            assert!(
                said.contains("block each other in a cycle"),
                "{check}: {said}"
            );
        }
        // Every clone drops the same edge.
        assert_eq!(clone.data(&["order"])["items"][0]["id"], "T-0002");
    }
    let text = a.pm(&["graph"]).ok().out;
    assert!(text.contains("does not block now"), "{text}");
}

// None of these commands reads documents: a few objects are read for any number of items.
#[test]
fn analyses_of_the_whole_graph_are_read_from_the_index() {
    let (scene, repo) = set_up();
    let lines: String = (1..=200)
        .map(|n| {
            let line = serde_json::json!({"op": "task.create", "title": format!("task {n}")});
            format!("{line}\n")
        })
        .collect();
    repo.feed(crate::support::binary(), &["batch"], &lines).ok();
    let costs = scene.dir.path().join("costs");
    let counted = repo.with("GIT_PM_COSTS", costs.to_str().unwrap());
    for args in [
        &["triage"][..],
        &["order"],
        &["graph"],
        &["stats"],
        &["forecast"],
    ] {
        std::fs::write(&costs, "").unwrap();
        counted.data(args);
        let said = std::fs::read_to_string(&costs).unwrap();
        let said: Value = serde_json::from_str(said.trim()).unwrap();
        let read = said["objects_read"].as_u64().unwrap();
        assert!(
            read <= 5,
            "{args:?} read {read} objects for 200 items: {said}"
        );
        assert_eq!(said["programs"], 0, "{args:?} started a program");
    }
}

/// The sums of `order`, `forecast`, `report` and `stats` agree, and each says what it counts.
#[test]
fn the_sums_of_the_open_work_say_what_they_count() {
    let (_scene, repo) = set_up();
    repo.task("Parent", &["--minutes", "360"]);
    repo.task("Part", &["--parent", "T-1", "--minutes", "180"]);
    repo.task("Unknown", &[]);
    repo.task("Short", &["--minutes", "90"]);
    repo.task("Later", &["--minutes", "480", "--defer", "2099-01-01"]);
    repo.pm(&["issue", "create", "Gate", "--type", "gate"]).ok();
    let order = repo.data(&["order"]);
    let order = order["items"].as_array().unwrap().iter();
    let hours: u64 = order.map(|one| one["hours"].as_u64().unwrap()).sum();
    let forecast = repo.data(&["forecast"]);
    assert_eq!(forecast["work_hours"], hours, "{forecast}");
    assert_eq!(repo.data(&["report"])["standing"]["estimated"], 4);
    for (view, wanted) in [
        ("order", "4 items without open parts: 17h of work"),
        ("order", "~4h"),
        (
            "forecast",
            "4 items without open parts: 17h of work, at least 8h",
        ),
        ("report", "Open at the end: 5 ("),
        ("report", "18.5 estimated hours of 4 items"),
        (
            "stats",
            "5 tasks and issues, 0 of them closed; 1 more that are no work",
        ),
    ] {
        let said = repo.pm(&[view]).ok().out;
        assert!(said.contains(wanted), "{view} lacks `{wanted}`: {said}");
    }
}

/// What is pinned is no work, in each of the figures.
#[test]
fn the_statuses_of_work_add_up_to_the_work() {
    let (_scene, repo) = set_up();
    repo.task("Task", &[]);
    let create = |args: &[&str]| {
        let made = repo.data(&[&["issue", "create"], args].concat());
        made["id"].as_str().unwrap().to_string()
    };
    create(&["Gate", "--type", "gate"]);
    create(&["Whole", "--type", "epic"]);
    let note = create(&["To know"]);
    repo.pm(&["issue", "update", &note, "--pinned"]).ok();
    let over = create(&["Over"]);
    repo.pm(&["issue", "close", &over]).ok();
    let counts = repo.data(&["stats"])["counts"].clone();
    let statuses = counts["by_status"].as_object().unwrap().values();
    let sum: u64 = statuses.map(|one| one.as_u64().unwrap()).sum();
    let of = |name: &str| counts[name].as_u64().unwrap();
    assert_eq!(sum, of("closed") + of("not_closed_count"), "{counts}");
    let said = repo.pm(&["stats"]).ok().out;
    let wanted = "2 tasks and issues, 1 of them closed; 3 more that are no work (epics, gates, \
                  templates, what is pinned)";
    assert!(said.contains(wanted), "{said}");
}
