//! Learnings and definitions of agents.

use serde_json::json;

use super::{copy, import, with_fixture};
use crate::support::{Repo, Scene};

/// The path and text of the document in the state that contains these words.
#[track_caller]
fn document(repo: &Repo, words: &str) -> (String, String) {
    let found = repo.git(&["grep", "-l", words, "refs/pm/main"]).ok().text();
    let path = found.strip_prefix("refs/pm/main:").unwrap_or(&found);
    let text = repo
        .git(&["show", &format!("refs/pm/main:{path}")])
        .ok()
        .out;
    (path.to_string(), text)
}

#[test]
fn learnings_are_imported_and_merge_by_field() {
    let (_scene, repo) = with_fixture("learnings");
    let report = import(&repo, "learnings", 8);
    assert_eq!(report["created"], 2);
    assert_eq!(report["skipped"][0]["file"], "README.md");
    let (path, text) = document(&repo, "two links run at once");
    assert!(path.starts_with("learnings/"), "{path}");
    for line in [
        "kind: learning",
        "title: The linker runs out of memory",
        "type: gotcha",
        "category: build-errors",
        "severity: high",
        "tags: [ci, linker, memory]",
        "applies_when: [two links run at once]",
        "symptoms: [signal 9]",
        "created_at: \"2025-04-02T00:00:00Z\"",
        "reviewed_by: mira",
    ] {
        assert!(text.contains(line), "{line} is missing: {text}");
    }
    let (_, decision) = document(&repo, "Memory is short");
    assert!(decision.contains("type: decision"), "{decision}");
    let file = "docs/solutions/build-errors/linker-runs-out-of-memory.md";
    let text = repo
        .read(file)
        .replace("severity: high", "severity: low")
        .replace("tags: [linker, memory, ci]", "tags: [linker, memory]");
    repo.write(file, &text);
    std::fs::remove_file(
        repo.path
            .join("docs/solutions/decisions/one-job-at-a-time.md"),
    )
    .unwrap();
    let report = repo.pm(&["--json", "import", "learnings"]).exits(8).data();
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(0), &json!(1))
    );
    let (_, text) = document(&repo, "two links run at once");
    assert!(
        text.contains("severity: low") && text.contains("tags: [linker, memory]"),
        "{text}"
    );
    document(&repo, "Memory is short");
    // A text that looks like a secret is not imported.
    let secret = "---\ntitle: Keys\n---\naws_access_key_id = AKIAIOSFODNN7EXAMPLQ\n";
    let ran = repo.feed(
        crate::support::binary(),
        &["--json", "import", "learnings", "-"],
        secret,
    );
    let report = ran.exits(8).data();
    assert!(
        report["skipped"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("seems to contain")
    );
    repo.git(&["grep", "AKIA", "refs/pm/main"]).exits(1);
}

#[test]
fn ag_52_definitions_of_agents_are_imported_and_synced() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/import/agents");
    for clone in [&a, &b] {
        copy(&root, &clone.path);
        let report = import(clone, "agents", 0);
        assert_eq!(report["created"], 2);
        let (path, text) = document(clone, "You run the tests");
        assert!(path.starts_with("agents/"), "{path}");
        for line in [
            "kind: agent",
            "name: test-runner",
            "description: Runs the tests and says what failed",
            "model: sonnet",
            "tools: [Bash, Grep, Read]",
            "color: blue",
        ] {
            assert!(text.contains(line), "{line} is missing: {text}");
        }
        assert!(
            text.ends_with("You run the tests. You change nothing."),
            "{text}"
        );
    }
    for clone in [&a, &b, &a] {
        clone.pm(&["sync"]).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree(), "the clones differ");
    // A secret in one of them can be redacted like any other.
    a.pm(&["redact", "You look for holes."]).ok();
    a.git(&["grep", "look for holes", "refs/pm/main"]).exits(1);
    a.pm(&["fsck"]).ok();
}
