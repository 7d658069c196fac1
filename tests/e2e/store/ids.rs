//! Hash ids: made in any clone at any time, and unique after all clones have synced.

use std::collections::BTreeSet;

use crate::support::{Repo, Scene, binary, rounds, size};

/// Every issue of a clone by uid: id, title, parent.
fn issues(repo: &Repo) -> Vec<(String, String, String, Vec<String>)> {
    let data = repo.data(&["issue", "list", "--all"]);
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_string();
    let items = data["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let edges = item["edges"].as_array().unwrap().iter();
            let parents = edges.filter(|e| e["type"] == "parent-child");
            (
                text(&item["uid"]),
                text(&item["id"]),
                text(&item["title"]),
                parents.map(|e| text(&e["target"])).collect(),
            )
        })
        .collect()
}

// 100,000 with GIT_PM_TEST_HUGE=1: eight clones that did not sync before.
#[test]
fn no_id_collides_and_nothing_is_lost_when_eight_offline_clones_sync() {
    let scene = Scene::new();
    let (hub, first) = scene.with_hub();
    let shared: Vec<String> = (0..3)
        .map(|n| {
            first
                .pm(&["issue", "q", &format!("Shared {n}")])
                .ok()
                .text()
        })
        .collect();
    first.pm(&["sync"]).ok();
    let mut clones = vec![first];
    for n in 1..8 {
        clones.push(scene.clone_of(&hub, &format!("c{n}"), &format!("Worker {n}")));
    }
    // Some issues of each clone are children of shared ones, so that their numbers collide.
    let each = size(12_500, rounds(160));
    for (n, clone) in clones.iter().enumerate() {
        let mut lines = String::new();
        for k in 0..each {
            let parent = match k % 8 {
                0 if k < 64 => format!(r#","parent":"{}""#, shared[k / 8 % 3]),
                _ => String::new(),
            };
            lines += &format!(r#"{{"op":"issue.create","title":"Made {k} in {n}"{parent}}}"#);
            lines.push('\n');
        }
        clone.feed(binary(), &["--offline", "batch"], &lines).ok();
    }
    for _ in 0..2 {
        for clone in &clones {
            clone.pm(&["sync"]).ok();
        }
    }
    let all = issues(&clones[0]);
    assert_eq!(all.len(), 3 + 8 * each, "an item was lost");
    let ids: BTreeSet<&String> = all.iter().map(|(_, id, _, _)| id).collect();
    assert_eq!(ids.len(), all.len(), "two items have one id");
    let titles: BTreeSet<&String> = all.iter().map(|(_, _, title, _)| title).collect();
    assert_eq!(titles.len(), all.len(), "two items became one");
    for (_, id, title, parents) in &all {
        match id.rsplit_once('.') {
            Some((parent, _)) => assert_eq!(parents, &[parent.to_string()], "{id} {title}"),
            None => assert!(parents.is_empty(), "{id} {title}: {parents:?}"),
        }
    }
    let children = all.iter().filter(|(_, id, _, _)| id.contains('.')).count();
    assert_eq!(children, 8 * each.min(64).div_ceil(8), "a child was lost");
    let tree = clones[0].state_tree();
    for clone in &clones[1..] {
        assert_eq!(clone.state_tree(), tree, "the clones do not agree");
    }
}

// The length follows the number of items, by the birthday bound.
#[test]
fn an_item_with_a_changed_id_is_found_by_its_old_id() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let whole = a.pm(&["issue", "q", "Whole"]).ok().text();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    a.pm(&["--offline", "issue", "create", "From a", "--parent", &whole])
        .ok();
    let made = b.data(&["--offline", "issue", "create", "From b", "--parent", &whole]);
    assert_eq!(made["id"], format!("{whole}.1"));
    let alias = made["alias"].as_str().unwrap();
    a.pm(&["sync"]).ok();
    let told = b.pm(&["sync"]).ok();
    assert!(
        told.err.contains(alias) || told.out.contains(alias),
        "it was not reported: {told:?}"
    );
    assert_eq!(b.data(&["show", alias])["title"], "From b");
    assert_eq!(b.data(&["show", alias])["id"], format!("{whole}.2"));
    assert_eq!(b.data(&["show", &format!("{whole}.1")])["title"], "From a");
}

#[test]
fn the_prefix_of_ids_is_a_shared_setting() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let old = a.pm(&["issue", "q", "Old"]).ok().text();
    assert!(old.starts_with("pm-"), "{old}");
    a.pm(&["config", "--shared", "pm.issuePrefix", "web"]).ok();
    let new = a.pm(&["issue", "q", "New"]).ok().text();
    assert!(new.starts_with("web-"), "{new}");
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    assert!(
        b.pm(&["issue", "q", "There"])
            .ok()
            .text()
            .starts_with("web-")
    );
    assert_eq!(
        b.data(&["show", &new[..new.len() - 1]])["title"],
        "New",
        "a prefix of it will do"
    );
    for bad in ["", "T", "web-", "a b", "../x", "-x"] {
        a.pm(&["config", "--shared", "pm.issuePrefix", bad])
            .exits(2);
    }
}
