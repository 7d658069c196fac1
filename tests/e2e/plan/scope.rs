//! `git pm scope`, and the fast path for documents that need no plan.

use std::collections::BTreeSet;

use super::{LOGIN, PHASES, list, many, planned, text, texts, tip};
use crate::support::{ids, set_up};

/// One small requirement.
pub const TYPO: &str = "\
# Correct the help text

## Requirements

### FR-1: Correct the spelling of \"recieve\" in `docs/guide.md`

- `grep -c recieve docs/guide.md` prints 0
";

/// A document of 70 requirements.
fn large() -> String {
    let mut text = String::from("# Depot\n\n## Requirements\n\n");
    for place in 1..=70 {
        text.push_str(&format!(
            "### FR-{place}: Handle message type {place}\n\n- message {place} is answered\n\n"
        ));
    }
    text
}

/// PL-05, PL-06, PL-07: one of three recommendations, a confidence and four drivers; nothing is
/// written.
#[test]
fn pl_05_scope_gives_one_of_three_recommendations_with_confidence_and_writes_nothing() {
    let (_scene, repo) = set_up();
    let before = tip(&repo);
    let words = ["single-agent", "multi-agent", "decomposition-required"];
    for (name, document, wanted) in [
        ("typo.md", TYPO.to_string(), words[0]),
        ("login.md", LOGIN.to_string(), words[1]),
        ("phases.md", PHASES.to_string(), words[1]),
        ("many.md", many(), words[1]),
        ("large.md", large(), words[2]),
    ] {
        repo.write(name, &document);
        let scope = repo.data(&["scope", name]);
        assert_eq!(scope["recommendation"], wanted, "{name}: {scope}");
        let confidence = text(&scope, "confidence");
        assert!(
            ["low", "medium", "high"].contains(&confidence),
            "{confidence}"
        );
        for driver in ["components", "integration_points", "risks", "effort_hours"] {
            let value = &scope["drivers"][driver];
            assert!(value.is_u64(), "{name} has no driver `{driver}`: {scope}");
        }
        assert!(!list(&scope, "reasons").is_empty(), "{scope}");
        // Exactly one of the recommendations, in text output too.
        let shown = repo.pm(&["scope", name]).ok().out;
        let said: Vec<&&str> = words.iter().filter(|word| shown.contains(**word)).collect();
        assert_eq!(said, [&wanted], "{shown}");
        assert!(shown.contains(confidence), "{shown}");
        assert!(shown.contains("h, without test tasks"), "{shown}");
        for driver in ["components", "integrations", "risks", "effort"] {
            assert!(shown.contains(driver), "scope hides `{driver}`: {shown}");
        }
    }
    assert_eq!(repo.data(&["scope", "login.md"])["drivers"]["risks"], 2);
    assert_eq!(tip(&repo), before, "scope changed the state");
    // Where nothing is read as a task, the size is unknown and not small.
    let prose = "# The move\n\n## Why\n\nWe think that the new office is pleasant in summer.\n";
    repo.write("prose.md", prose);
    let shown = repo.pm(&["scope", "prose.md"]).ok().out;
    assert!(
        shown.contains("size unknown") && !shown.contains("0h"),
        "{shown}"
    );
    repo.pm(&["scope", "nothing.md"]).exits(4);
    repo.pm(&["scope", "P-7"]).exits(4);
}

/// PL-08, PL-42: an override is recorded with author, reason and the recommendation, and shown with
/// new recommendations.
#[test]
fn pl_08_an_override_of_the_scope_is_recorded_with_author_reason_and_recommendation() {
    let (_scene, repo) = set_up();
    repo.write("login.md", LOGIN);
    let before = tip(&repo);
    repo.pm(&["scope", "login.md", "--override", "single-agent"])
        .exits(2);
    repo.pm(&["scope", "login.md", "--override", "huge", "--reason", "x"])
        .exits(2);
    repo.pm(&[
        "scope",
        "login.md",
        "--override",
        "single-agent",
        "--reason",
        " ",
    ])
    .exits(2);
    assert_eq!(tip(&repo), before, "a refused override changed the state");
    let ben = repo.by("Ben").when("2026-11-20T12:00:00Z");
    let why = "one of us knows the code";
    let args = [
        "scope",
        "login.md",
        "--override",
        "single-agent",
        "--reason",
        why,
    ];
    let said = ben.data(&args);
    let record = &said["overrides"][0];
    assert_eq!(record["by"], "Ben");
    assert_eq!(record["reason"], why);
    assert_eq!(record["decided"], "single-agent");
    assert_eq!(record["recommended"], "multi-agent");
    assert_eq!(record["at"], "2026-11-20T12:00:00Z");
    let shown = repo.pm(&["scope", "login.md"]).ok().out;
    for part in ["single-agent", "Ben", why] {
        assert!(shown.contains(part), "scope hides `{part}`: {shown}");
    }
    // The recommendation itself is not changed, and the history names the author of the override.
    assert_eq!(
        repo.data(&["scope", "login.md"])["recommendation"],
        "multi-agent"
    );
    let log = repo.pm(&["log", "--op", "scope"]).ok().out;
    assert!(
        log.contains("Ben") && log.contains("single-agent instead of multi-agent"),
        "{log}"
    );
    // A second override is kept beside the first.
    let args = [
        "scope",
        "P-1",
        "--override",
        "decomposition-required",
        "--reason",
        "it grew",
    ];
    let all = repo.data(&args);
    assert_eq!(list(&all, "overrides").len(), 2);
}

/// PL-42, ME-03: after work is closed, new recommendations show the accuracy of earlier ones.
#[test]
fn pl_42_the_accuracy_of_recommendations_is_shown_next_to_new_ones() {
    let (_scene, repo) = set_up();
    repo.write("login.md", LOGIN);
    let fresh = repo.data(&["scope", "login.md"]);
    assert_eq!(fresh["accuracy"]["finished"], 0);
    let (start, end) = ("2026-11-20T08:00:00Z", "2026-11-20T10:00:00Z");
    let repo_then = repo.when(start);
    planned(&repo_then, "typo.md", TYPO);
    let made = repo_then.data(&["plan", "approve"]);
    for id in texts(&made, "created") {
        repo_then.pm(&["start", id, "--no-worktree"]).ok();
        repo.when(end).pm(&["task", "done", id, "--force"]).ok();
    }
    repo.when(end)
        .pm(&["epic", "close", text(&made, "epic")])
        .ok();
    let scope = repo.data(&["scope", "login.md"]);
    assert_eq!(scope["accuracy"]["finished"], 1, "{scope}");
    assert_eq!(scope["accuracy"]["right"], 1, "{scope}");
    assert!(scope["accuracy"]["effort_error"].is_number(), "{scope}");
    let before = repo.pm(&["scope", "typo.md"]).ok().out;
    assert!(before.contains('1'), "{before}");
    let words: BTreeSet<&str> = before.split_whitespace().collect();
    assert!(
        ["earlier", "right", "accuracy"]
            .iter()
            .any(|word| words.contains(word)),
        "the text output lacks the accuracy of earlier recommendations: {before}"
    );
}

/// PL-09: a document confidently rated as single-agent becomes exactly one task; any other is
/// refused.
#[test]
fn pl_09_the_fast_path_makes_one_task_of_a_document_that_needs_no_plan() {
    let (_scene, repo) = set_up();
    repo.write("typo.md", TYPO);
    let scope = repo.data(&["scope", "typo.md"]);
    assert_eq!(scope["recommendation"], "single-agent");
    assert_eq!(scope["confidence"], "high");
    assert_eq!(scope["fast_path"], true);
    let made = repo.data(&["plan", "new", "typo.md", "--fast"]);
    assert_eq!(made["id"], "T-0001");
    assert_eq!(made["kind"], "task");
    assert_eq!(
        made["acceptance"][0]["text"],
        "`grep -c recieve docs/guide.md` prints 0"
    );
    assert_eq!(texts(&made, "paths"), ["docs/guide.md"]);
    // Repeating it creates nothing, and the task can be started.
    let again = repo.data(&["plan", "new", "typo.md", "--fast"]);
    assert_eq!(again["uid"], made["uid"]);
    let tasks = repo.data(&["task", "list", "--all"]);
    assert_eq!(ids(&tasks["items"]), ["T-0001"]);
    assert!(list(&repo.data(&["epic", "list", "--all"]), "items").is_empty());
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    // The fast path refuses documents that need a plan, and writes nothing.
    for (name, document) in [("login.md", LOGIN), ("phases.md", PHASES)] {
        repo.write(name, document);
        let before = tip(&repo);
        let error = repo
            .pm(&["--json", "plan", "new", name, "--fast"])
            .exits(1)
            .error();
        let hints = error["hints"].to_string();
        assert!(hints.contains("git pm plan new"), "{error}");
        assert_eq!(tip(&repo), before, "a refused fast path changed the state");
    }
}
