//! Artifacts in several clones, online and offline.

use super::{listed, put};
use crate::support::Scene;

/// MS-12: a concurrent put keeps both versions.
#[test]
fn versions_put_in_two_clones_at_once_both_stay_until_a_put_has_seen_them() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let id = a.task("Publish the interface", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    for repo in [&a, &b] {
        repo.pm(&["config", "pm.sync", "manual"]).ok();
    }
    put(&a, &id, "api.json", "from a");
    put(&b, &id, "api.json", "from b");
    put(&b, &id, "notes.txt", "only b");
    for repo in [&a, &b, &a] {
        repo.pm(&["sync"]).ok();
    }
    let expected = [
        format!("{id} api.json Ana concurrent"),
        format!("{id} api.json Ben concurrent"),
        format!("{id} notes.txt Ben"),
    ];
    for repo in [&a, &b] {
        let mut found = listed(repo, &[]);
        found.sort();
        assert_eq!(found, expected);
        let error = repo
            .pm(&["--json", "artifact", "get", &id, "api.json"])
            .exits(4)
            .error();
        assert_eq!(error["reason"], "artifact.concurrent", "{error}");
        assert!(
            error["message"].as_str().unwrap().contains("by Ben"),
            "{error}"
        );
    }
    assert_eq!(a.state_tree(), b.state_tree());
    let shown = a.pm(&["show", &id]).ok().out;
    let versions = a.data(&["artifact", "list", &id]);
    let texts: Vec<String> = versions["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["name"] == "api.json")
        .map(|one| {
            let version = one["id"].as_str().unwrap();
            assert!(shown.contains(version), "{shown}");
            a.pm(&["artifact", "get", &id, "api.json", "--version", version])
                .ok()
                .out
        })
        .collect();
    assert_eq!(
        texts
            .iter()
            .collect::<std::collections::BTreeSet<_>>()
            .len(),
        2,
        "{texts:?}"
    );
    put(&a, &id, "api.json", "from both");
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(
        b.pm(&["artifact", "get", &id, "api.json"]).ok().out,
        "from both"
    );
}

/// ST-11: across clones, as soon as it is put.
#[test]
fn a_put_is_pushed_at_once_so_that_another_clone_sees_it_before_the_task_is_done() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let first = a.task("Publish the interface", &[]);
    let second = a.task("Use the interface", &["--depends-on", &first]);
    a.pm(&["sync"]).ok();
    a.pm(&["start", &first, "--no-worktree"]).ok();
    put(&a, &first, "api.json", "{}\n");
    b.pm(&["pull"]).ok();
    let shown = b.data(&["show", &second]);
    assert_eq!(shown["artifacts"][0]["name"], "api.json", "{shown}");
    assert_eq!(
        b.pm(&["artifact", "get", &first, "api.json"]).ok().out,
        "{}\n"
    );
    // Offline it stays here, and says so.
    let path = super::file(&a, "later.txt", b"later");
    let kept = a.pm(&["artifact", "put", &first, &path, "--offline"]).ok();
    assert!(kept.err.contains("git pm sync"), "{}", kept.err);
    a.pm(&["sync"]).ok();
    b.pm(&["pull"]).ok();
    assert_eq!(
        b.pm(&["artifact", "get", &first, "later.txt"]).ok().out,
        "later"
    );
}

#[test]
fn a_partial_clone_has_the_contents() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    hub.git(&["config", "uploadpack.allowFilter", "true"]).ok();
    let id = a.task("Publish the interface", &[]);
    put(&a, &id, "api.json", "{}\n");
    a.pm(&["sync"]).ok();
    let url = format!("file://{}", hub.path.display());
    let parent = scene.at(".");
    parent
        .git(&["clone", "-q", "--filter=blob:none", &url, "partial"])
        .ok();
    let partial = scene.at("partial").by("Pat");
    partial.pm(&["init"]).ok();
    std::fs::rename(&hub.path, hub.path.with_extension("away")).unwrap();
    let got = partial
        .pm(&["artifact", "get", &id, "api.json", "--offline"])
        .ok();
    assert_eq!(got.out, "{}\n");
}
