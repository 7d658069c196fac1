//! Fetched states whose artifacts are not what they claim to be.

use super::{listed, put};
use crate::support::{Scene, forge, set_up};

/// The path of the only artifact document.
fn path_of_artifact(repo: &crate::support::Repo) -> String {
    let files = repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "artifacts/"])
        .ok();
    files.text().lines().next().unwrap().to_string()
}

#[test]
fn content_that_is_missing_or_another_one_is_a_clear_error() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    let view = put(&repo, &id, "api.json", "{}\n");
    let hash = view["sha256"].as_str().unwrap().to_string();
    let path = path_of_artifact(&repo);
    let document = forge::read(&repo, &path);
    // Another file under the name of the content.
    forge::put(
        &repo,
        &format!("blobs/{}/{hash}", &hash[..2]),
        b"rm -rf /\n",
    );
    let error = repo
        .pm(&["--json", "artifact", "get", &id, "api.json"])
        .exits(5)
        .error();
    assert_eq!(error["reason"], "artifact.forged", "{error}");
    let found = repo.pm(&["fsck"]).exits(5).out;
    assert!(found.contains("content-forged"), "{found}");
    // The repair that it advises.
    put(&repo, &id, "api.json", "{}\n");
    let text = repo.pm(&["artifact", "get", &id, "api.json"]).ok().out;
    assert_eq!(text, "{}\n");
    // A document that names content that is not there.
    let absent = document.replace(&hash, &"ab".repeat(32));
    forge::put(&repo, &path, absent.as_bytes());
    let error = repo
        .pm(&["--json", "artifact", "get", &id, "api.json"])
        .exits(5)
        .error();
    assert_eq!(error["reason"], "artifact.missing", "{error}");
    let found = repo.pm(&["fsck"]).exits(5).out;
    assert!(found.contains("content-missing"), "{found}");
    // One whose hash is none.
    let broken = document.replace(&hash, "../../etc/passwd");
    forge::put(&repo, &path, broken.as_bytes());
    let error = repo
        .pm(&["--json", "artifact", "get", &id, "api.json"])
        .exits(5)
        .error();
    assert_eq!(error["reason"], "artifact.unreadable", "{error}");
    repo.pm(&["show", &id]).ok();
}

#[test]
fn a_fetched_name_is_shown_escaped_and_never_becomes_a_path() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    put(&repo, &id, "api.json", "{}\n");
    let path = path_of_artifact(&repo);
    let document = forge::read(&repo, &path);
    for (name, spelled) in [
        ("\\u001b[31mred", "\u{1b}[31mred"),
        ("../../evil", "../../evil"),
    ] {
        let forged = document.replace("name: api.json", &format!("name: \"{name}\""));
        forge::put(&repo, &path, forged.as_bytes());
        for args in [
            vec!["artifact", "list"],
            vec!["show", &id],
            vec!["diff", "refs/pm/main~1.."],
        ] {
            let shown = repo.pm(&args).ok();
            assert!(!shown.out.contains('\u{1b}'), "{}", shown.out);
        }
        assert_eq!(listed(&repo, &[]).len(), 1);
        let error = repo
            .pm(&["--json", "artifact", "get", &id, spelled, "-o"])
            .exits(2)
            .error();
        assert_eq!(error["reason"], "artifact.invalid_name", "{error}");
    }
    assert!(!repo.path.join("../../evil").exists());
}

/// A fetched name of megabytes is cut wherever it is shown.
#[test]
fn a_huge_name_is_cut() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    put(&repo, &id, "api.json", "{}\n");
    let path = path_of_artifact(&repo);
    let document = forge::read(&repo, &path);
    let huge = document.replace("name: api.json", &format!("name: {}", "n".repeat(1 << 20)));
    forge::put(&repo, &path, huge.as_bytes());
    for args in [
        vec!["artifact", "list", "--json"],
        vec!["artifact", "list"],
        vec!["show", &id],
        vec!["events", "--json"],
        vec!["diff", "refs/pm/main~1.."],
    ] {
        let shown = repo.pm(&args).ok();
        assert!(shown.out.len() < 10_000, "{args:?}: {}", shown.out.len());
    }
    let missing = repo.pm(&["artifact", "get", &id, "x.json"]).exits(4);
    assert!(missing.err.len() < 2_000, "{}", missing.err.len());
}

/// A file among the artifacts with the uid of a comment is neither of them.
#[test]
fn a_document_of_another_kind_is_not_an_artifact() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    put(&repo, &id, "api.json", "{}\n");
    repo.pm(&["task", "comment", &id, "mine"]).ok();
    let path = path_of_artifact(&repo);
    let files = repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main", "comments/"])
        .ok();
    let comment = files.text().lines().next().unwrap().to_string();
    let uid = |path: &str| path.rsplit('/').next().unwrap().replace(".md", "");
    let document = forge::read(&repo, &path).replace(&uid(&path), &uid(&comment));
    let forged = path.replace(&uid(&path), &uid(&comment));
    forge::put(&repo, &forged, document.as_bytes());
    repo.pm(&["show", &id]).ok();
    repo.pm(&["artifact", "remove", &id, "api.json"]).ok();
    let comments = repo.data(&["show", &id])["comments"].clone();
    assert_eq!(comments[0]["body"], "mine", "{comments}");
}

/// A content of 4 MB at fifty places takes a few kilobytes on the wire.
#[test]
fn content_at_many_places_is_read_once() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let id = a.task("Publish the interface", &[]);
    put(&a, &id, "api.json", "{}\n");
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    b.pm(&["config", "pm.sync", "manual"]).ok();
    let blob = forge::blob(&b, &vec![b'x'; 4 << 20]);
    let names = (0..50).map(|n| format!("ab{n:062x}"));
    let entries: Vec<forge::Entry> = names
        .map(|name| ("100644".into(), name.into_bytes(), blob.clone()))
        .collect();
    let folder = forge::tree(&b, &entries);
    let root = b.state_tree();
    let tree = forge::with(&b, Some(&root), &[b"blobs", b"ab"], "40000", &folder);
    forge::commit(&b, &tree);
    b.git(&["push", "-q", "origin", "refs/pm/main"]).ok();
    // The contents that are fetched are searched for the redacted text.
    put(&a, &id, "leak.txt", "the word is xyzzy42\n");
    a.pm(&["redact", "xyzzy42"]).ok();
    for args in [vec!["sync"], vec!["fsck"]] {
        let costs = scene.dir.path().join("costs.json");
        let _ = std::fs::remove_file(&costs);
        a.with("GIT_PM_COSTS", costs.to_str().unwrap()).pm(&args);
        let costs = std::fs::read_to_string(&costs).unwrap();
        let read = costs.lines().map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["bytes_read"].as_u64().unwrap()
        });
        let read: u64 = read.sum();
        assert!(read < 100 << 20, "{args:?} read {read} bytes");
        assert!(read > 4 << 20, "{args:?} read {read} bytes");
    }
}

#[test]
fn documents_of_any_shape_are_bounded() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    put(&repo, &id, "api.json", "{}\n");
    let path = path_of_artifact(&repo);
    let document = forge::read(&repo, &path);
    let changes: [(&str, &str); 5] = [
        ("size: 3", "size: -7"),
        ("size: 3", "size: [a, b]"),
        ("name: api.json", "x: y"),
        ("author: Ana", "author: {\"a\": 1}"),
        (
            "size: 3",
            "size: 3\nreplaces: [\"x\", \"01jd4qz0r0000000000000a7a7\"]",
        ),
    ];
    for (from, to) in changes {
        assert!(document.contains(from), "{from}: {document}");
        forge::put(&repo, &path, document.replace(from, to).as_bytes());
        repo.pm(&["show", &id]).ok();
        repo.pm(&["artifact", "list", "--all"]).ok();
        repo.pm(&["events", "--json"]).ok();
    }
}
