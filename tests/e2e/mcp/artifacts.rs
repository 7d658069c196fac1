//! Artifacts and events over MCP.

use serde_json::json;

use super::Client;
use crate::support::set_up;

/// MS-07, MS-12: what one agent publishes another finds by its events.
#[test]
fn an_agent_publishes_a_file_and_another_finds_it_by_the_events() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    let mut one = Client::start(&repo, &["--as", "one", "--tools", "artifacts,history"]);
    let mut two = Client::start(&repo, &["--as", "two", "--tools", "artifacts,history"]);
    let now = two.data("events", json!({}));
    assert_eq!(now["items"], json!([]));
    repo.write("api.json", "{}\n");
    let view = one.data("artifact_put", json!({ "item": id, "file": "api.json" }));
    assert_eq!(
        (&view["name"], &view["author"]),
        (&json!("api.json"), &json!("one"))
    );
    one.data(
        "artifact_put",
        json!({ "item": id, "text": "[]\n", "name": "api.json" }),
    );
    let new = two.data("events", json!({ "since": now["cursor"] }));
    assert_eq!(new["items"][1]["kind"], "artifact.put", "{new}");
    assert_eq!(new["more"], false);
    let none = two.data("events", json!({ "since": new["cursor"] }));
    assert_eq!(none["items"], json!([]));
    let listed = two.data("artifact_list", json!({ "item": id }));
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let all = two.data("artifact_list", json!({ "all": true }));
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
    let got = two.data("artifact_get", json!({ "item": id, "name": "api.json" }));
    assert_eq!(got["text"], "[]\n");
    let got = two.data(
        "artifact_get",
        json!({ "item": id, "name": "api.json", "version": view["id"], "output": "old.json" }),
    );
    assert!(got["text"].is_null(), "{got}");
    assert_eq!(repo.read("old.json"), "{}\n");
    for (arguments, said) in [
        (json!({ "item": id }), "either `file` or `text`"),
        (json!({ "item": id, "text": "x" }), "`text` needs `name`"),
    ] {
        let error = one.error("artifact_put", arguments);
        assert_eq!(error["reason"], "arguments.invalid");
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
    }
}

/// Some clients fill in every argument.
#[test]
fn an_empty_argument_is_named() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    let mut client = Client::start(&repo, &["--tools", "artifacts"]);
    for (tool, arguments, name) in [
        (
            "artifact_put",
            json!({ "item": "", "text": "x", "name": "x" }),
            "item",
        ),
        (
            "artifact_put",
            json!({ "item": id, "text": "x", "name": "" }),
            "name",
        ),
        (
            "artifact_put",
            json!({ "item": id, "file": "", "name": "x" }),
            "file",
        ),
        ("artifact_get", json!({ "item": id, "name": "" }), "name"),
        ("artifact_get", json!({ "item": " ", "name": "x" }), "item"),
        (
            "artifact_get",
            json!({ "item": id, "name": "x", "version": "" }),
            "version",
        ),
        (
            "artifact_get",
            json!({ "item": id, "name": "x", "output": "" }),
            "output",
        ),
    ] {
        let error = client.error(tool, arguments);
        assert_eq!(error["reason"], "arguments.invalid", "{error}");
        let said = error["message"].as_str().unwrap();
        assert!(said.contains(&format!("`{name}` is empty")), "{error}");
    }
    let empty = json!({ "item": id, "text": "", "name": "empty.txt" });
    assert_eq!(client.data("artifact_put", empty)["size"], 0);
}

#[test]
fn long_and_binary_artifacts_are_bounded() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    let mut client = Client::start(&repo, &["--tools", "artifacts"]);
    let long = "long ".repeat(20_000);
    client.data(
        "artifact_put",
        json!({ "item": id, "text": long, "name": "long.txt" }),
    );
    let got = client.data("artifact_get", json!({ "item": id, "name": "long.txt" }));
    let text = got["text"].as_str().unwrap();
    assert!(text.len() < 21_000 && text.contains("more bytes"));
    std::fs::write(repo.path.join("x.bin"), [0xff, 0, 0xfe]).unwrap();
    client.data("artifact_put", json!({ "item": id, "file": "x.bin" }));
    let error = client.error("artifact_get", json!({ "item": id, "name": "x.bin" }));
    assert_eq!(error["reason"], "artifact.not_text");
    let secret = format!("token: ghp_{}", "a1B2c3D4e5".repeat(4).split_at(36).0);
    let error = client.error(
        "artifact_put",
        json!({ "item": id, "text": secret, "name": "env" }),
    );
    assert_eq!(error["reason"], "artifact.secret");
}

/// A misled model can neither publish nor write files elsewhere.
#[cfg(unix)]
#[test]
fn files_outside_of_the_worktrees_are_neither_read_nor_written() {
    use std::os::unix::fs::symlink;
    let (scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    let outside = scene.dir.path().join("outside");
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::write(outside.join("key"), "private").unwrap();
    symlink(outside.join("key"), repo.path.join("link")).unwrap();
    symlink(outside.join("new"), repo.path.join("dangling")).unwrap();
    symlink(&outside, repo.path.join("folder")).unwrap();
    // A repository of its own inside.
    repo.git(&["init", "-q", "nested"]).ok();
    repo.write("nested/file", "other");
    let mut client = Client::start(&repo, &["--tools", "artifacts"]);
    let absolute = outside.join("key").display().to_string();
    for file in [
        "/etc/hostname",
        "../outside/key",
        &absolute,
        ".git/config",
        ".GIT/config",
        "link",
        "folder/key",
        "nested/file",
        "..",
    ] {
        let error = client.error(
            "artifact_put",
            json!({ "item": id, "file": file, "name": "x" }),
        );
        assert_eq!(error["reason"], "artifact.outside", "{file}: {error}");
    }
    client.data(
        "artifact_put",
        json!({ "item": id, "text": "#!/bin/sh\n", "name": "x" }),
    );
    for file in [
        ".git/hooks/post-checkout",
        "../outside/new",
        "dangling",
        "folder/new",
        "folder/sub/new",
        "dangling/new",
        "nested/sub/new",
        "missing/../../outside/new",
        ".git/sub/new",
        "sub/.git/new",
        "sub/.Git/hooks/new",
        "nested/.git/hooks/x",
    ] {
        let error = client.error(
            "artifact_get",
            json!({ "item": id, "name": "x", "output": file }),
        );
        assert_eq!(error["reason"], "artifact.outside", "{file}: {error}");
    }
    assert!(!outside.join("new").exists() && !outside.join("sub").exists());
    assert!(!repo.path.join("sub").exists() && !repo.path.join("nested/sub").exists());
    repo.write("mine", "mine");
    let error = client.error(
        "artifact_get",
        json!({ "item": id, "name": "x", "output": "mine" }),
    );
    assert_eq!(error["reason"], "artifact.file_exists");
    assert_eq!(error["hints"][0], "use the path of a new file");
    assert_eq!(repo.read("mine"), "mine");
    // Another worktree of the repository is as good.
    let started = repo.data(&["start", &id]);
    let there = format!("{}/got", started["worktree"].as_str().unwrap());
    client.data(
        "artifact_get",
        json!({ "item": id, "name": "x", "output": there }),
    );
    assert_eq!(std::fs::read_to_string(&there).unwrap(), "#!/bin/sh\n");
}

#[test]
fn a_file_is_written_into_a_new_folder() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    let mut client = Client::start(&repo, &["--tools", "artifacts"]);
    client.data(
        "artifact_put",
        json!({ "item": id, "text": "on: push\n", "name": "ci.yml" }),
    );
    for file in ["build/workflows/ci.yml", "a/b/../ci.yml", "sub/ci.yml"] {
        let arguments = json!({ "item": id, "name": "ci.yml", "output": file });
        if file.contains("..") {
            // `..` in a folder that does not exist.
            client.error("artifact_get", arguments);
            continue;
        }
        client.data("artifact_get", arguments);
        assert_eq!(repo.read(file), "on: push\n");
    }
    assert!(!repo.path.join("a").exists());
    for (file, reason) in [
        (".", "artifact.is_folder"),
        ("sub", "artifact.is_folder"),
        ("sub/", "artifact.is_folder"),
        ("new/", "artifact.is_folder"),
    ] {
        let got = json!({ "item": id, "name": "ci.yml", "output": file });
        let error = client.error("artifact_get", got);
        assert_eq!(error["reason"], reason, "{file}: {error}");
    }
    assert!(!repo.path.join("new").exists());
    let error = client.error("artifact_put", json!({ "item": id, "file": "." }));
    assert_eq!(error["reason"], "artifact.is_folder", "{error}");
    let error = client.error(
        "artifact_put",
        json!({ "item": id, "file": "missing/file", "name": "x" }),
    );
    assert_eq!(error["code"], "usage", "{error}");
    // A file in place of a folder.
    let got = json!({ "item": id, "name": "ci.yml", "output": "sub/ci.yml/x" });
    client.error("artifact_get", got);
}

/// A pipe without a writer would never end.
#[cfg(unix)]
#[test]
fn a_pipe_is_refused_at_once() {
    let (_scene, repo) = set_up();
    let id = repo.task("Publish the interface", &[]);
    crate::artifacts::pipe(&repo, "ff");
    let mut client = Client::start(&repo, &["--tools", "artifacts"]);
    let error = client.error("artifact_put", json!({ "item": id, "file": "ff" }));
    assert_eq!(error["reason"], "artifact.not_a_file", "{error}");
    assert!(error["message"].as_str().unwrap().contains("a pipe"));
    assert_eq!(client.end(), 0);
}

/// Page by page every event comes once, and no page is large.
#[test]
fn events_come_in_pages() {
    let (_scene, repo) = set_up();
    let mut client = Client::start(&repo, &["--tools", "history"]);
    let mut cursor = client.data("events", json!({}))["cursor"].clone();
    let labels: Vec<String> = (0..40).map(|n| format!("{n}{}", "l".repeat(90))).collect();
    let mut wanted = Vec::new();
    for n in 0..60 {
        let all: Vec<&str> = labels
            .iter()
            .flat_map(|one| ["--label", one.as_str()])
            .collect();
        let some = if n % 3 == 0 { &all[..] } else { &[] };
        wanted.push(repo.task(&format!("Task {n}"), some));
    }
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let page = client.data("events", json!({ "since": cursor, "kind": ["item"] }));
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 50 && page.to_string().len() < 45_000);
        let ids = items.iter().map(|one| one["item"].as_str().unwrap());
        seen.extend(ids.map(str::to_string));
        cursor = page["cursor"].clone();
        pages += 1;
        if page["more"] == false {
            break;
        }
    }
    assert!(pages > 2, "{pages}");
    assert_eq!(seen, wanted);
    let lost = client.error("events", json!({ "since": "1".repeat(40) }));
    assert_eq!(lost["reason"], "events.cursor_lost");
}
