//! Labels, children, epics, templates, pins, and counts of issues.

use serde_json::Value;

use super::{bd, beads, ids, q};
use crate::support::set_up;

#[test]
fn labels_comments_and_children_are_listed() {
    let (_scene, repo) = set_up();
    let (a, b) = (q(&repo, &["A"]), q(&repo, &["B"]));
    let child = q(&repo, &["Part", "--parent", &a]);
    bd(&repo, &["label", "add", &a, &b, "release"]).ok();
    bd(&repo, &["label", "add", &a, "ci"]).ok();
    bd(&repo, &["label", "remove", &b, "release"]).ok();
    assert_eq!(bd(&repo, &["label", "list", &a]).ok().text(), "ci\nrelease");
    let all = repo.data(&["issue", "label", "list-all"]);
    let all: Vec<(String, u64)> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| {
            (
                l["label"].as_str().unwrap().into(),
                l["count"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(all, [("ci".to_string(), 1), ("release".to_string(), 1)]);
    assert_eq!(
        ids(&beads(&repo, &["list", "--label", "ci,release"])),
        [a.as_str()]
    );
    bd(&repo, &["comment", &a, "First"]).ok();
    repo.by("bea")
        .pm(&["issue", "comment", &a, "-m", "Second"])
        .ok();
    let said = bd(&repo, &["comments", &a]).ok().out;
    assert!(said.find("First") < said.find("Second"), "{said}");
    let shown = beads(&repo, &["show", &a]);
    assert_eq!(shown[0]["comments"][1]["author"], "bea");
    assert_eq!(ids(&beads(&repo, &["children", &a])), [child.as_str()]);
    assert_eq!(ids(&beads(&repo, &["search", "second"])), [a.as_str()]);
    bd(&repo, &["update", &child, "--design", "With a zephyr"]).ok();
    assert_eq!(
        ids(&beads(&repo, &["search", "zephyr"])),
        [child],
        "a design is text too"
    );
}

#[test]
fn epics_with_all_children_closed_are_closed() {
    let (_scene, repo) = set_up();
    let epic = q(&repo, &["Whole", "-t", "epic"]);
    let (one, two) = (
        q(&repo, &["One", "--parent", &epic]),
        q(&repo, &["Two", "--parent", &epic]),
    );
    let empty = q(&repo, &["Empty", "-t", "epic"]);
    bd(&repo, &["close", &one]).ok();
    let status = repo.data(&["issue", "epic", "status"]);
    let of = |id: &str| {
        let all = status["items"].as_array().unwrap();
        all.iter().find(|p| p["epic"]["id"] == id).unwrap().clone()
    };
    assert_eq!(of(&epic)["total_children"], 2);
    assert_eq!(of(&epic)["closed_children"], 1);
    assert_eq!(
        of(&empty)["eligible_for_close"],
        false,
        "nothing is done there"
    );
    assert!(
        !ids(&beads(&repo, &["ready"])).contains(&empty),
        "an epic is offered as work"
    );
    bd(&repo, &["close", &two]).ok();
    bd(&repo, &["epic", "close-eligible", "--dry-run"]).ok();
    assert_eq!(beads(&repo, &["show", &epic])[0]["status"], "open");
    // Criteria of its own keep it open.
    bd(&repo, &["update", &epic, "--acceptance", "- [ ] it works"]).ok();
    let eligible = repo.data(&["issue", "epic", "status", "--eligible-only"]);
    assert_eq!(eligible["items"].as_array().map(Vec::len), Some(0));
    repo.pm(&["task", "accept", &epic, "--all"]).ok();
    assert_eq!(ids(&beads(&repo, &["epic", "close-eligible"])), [epic]);
}

#[test]
fn issues_are_counted_by_a_field() {
    let (_scene, repo) = set_up();
    let now = repo.when("2026-03-01T10:00:00Z");
    q(&now, &["Old one"]);
    q(&now, &["Old two"]);
    let other = q(&now, &["Another"]);
    assert_eq!(bd(&now, &["count"]).ok().text(), "3");
    // A limit has no effect on a number.
    bd(&now, &["count", "--limit", "1"]).exits(2);
    bd(&now, &["close", &other]).ok();
    let by = repo.data(&["issue", "count", "--by", "status", "--status", "all"]);
    let by: Vec<String> = by["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| format!("{} {}", t["group"], t["count"]))
        .collect();
    assert_eq!(by, ["\"closed\" 1", "\"open\" 2"]);
    bd(&now, &["count", "--by", "colour"]).exits(2);
}

#[test]
fn a_template_is_copied_with_its_children_and_never_offered() {
    let (_scene, repo) = set_up();
    let made = bd(
        &repo,
        &["create", "Release", "--template", "-t", "epic", "--silent"],
    );
    let template = made.ok().text();
    let build = q(
        &repo,
        &[
            "Build", "--parent", &template, "-p", "1", "-l", "ci", "-d", "How.",
        ],
    );
    let ship = q(&repo, &["Ship", "--parent", &template]);
    bd(&repo, &["dep", "add", &ship, &build]).ok();
    assert!(
        ids(&beads(&repo, &["ready"])).is_empty(),
        "a child of a template is offered as work"
    );
    let why = repo.data(&["why", &build]);
    assert!(why["reasons"].to_string().contains("template"), "{why}");
    assert!(ids(&beads(&repo, &["list"])).is_empty());
    let mut templates = ids(&beads(&repo, &["list", "--templates"]));
    templates.sort();
    assert_eq!(templates, [template.clone(), build.clone(), ship.clone()]);
    let copy = bd(
        &repo,
        &["create", "Release 2.1", "--from", &template, "--silent"],
    );
    let copy = copy.ok().text();
    let parts = beads(&repo, &["children", &copy]);
    let titles: Vec<&str> = parts
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["title"].as_str().unwrap())
        .collect();
    assert_eq!(titles, ["Build", "Ship"]);
    assert_eq!(parts[0]["labels"], serde_json::json!(["ci"]));
    assert_eq!(parts[0]["description"], "How.");
    assert_eq!(ids(&beads(&repo, &["list", "--templates"])).len(), 3);
    assert_eq!(
        ids(&beads(&repo, &["ready"])),
        [format!("{copy}.1")],
        "shipping waits for the build's copy"
    );
    bd(&repo, &["create", "--from", &copy]).exits(1);
}

#[test]
fn pinned_issues_stay_open_and_block_nothing() {
    let (_scene, repo) = set_up();
    let note = q(&repo, &["How we release"]);
    let work = q(&repo, &["Work", "--parent", &note]);
    bd(&repo, &["dep", "add", &work, &note]).exits(1);
    let other = q(&repo, &["Other"]);
    bd(&repo, &["dep", "add", &other, &note]).ok();
    bd(&repo, &["update", &note, "--pinned"]).ok();
    let mut ready = ids(&beads(&repo, &["ready"]));
    ready.sort();
    let mut want = vec![work, other];
    want.sort();
    assert_eq!(ready, want);
    bd(&repo, &["close", &note]).exits(1);
    assert_eq!(ids(&beads(&repo, &["list", "--pinned"])), [note.as_str()]);
    bd(&repo, &["update", &note, "--pinned", "false"]).ok();
    assert_eq!(beads(&repo, &["show", &note])[0]["pinned"], Value::Null);
}
