//! Adding, listing, showing, changing and deleting learnings; their uses and votes.

use super::{add, ids};
use crate::support::{agent, commits, set_up};
use serde_json::json;

#[test]
fn ln_01_learnings_are_added_listed_shown_and_edited() {
    let (_scene, repo) = set_up();
    repo.write("build/link.sh", "ld\n");
    repo.commit_all("Build");
    let head = repo.tip("HEAD");
    let task = repo.task("Speed up the build", &[]);
    let id = add(
        &repo,
        "The linker runs out of memory",
        &[
            "--kind",
            "gotcha",
            "--tag",
            "ci",
            "--tag",
            "linker",
            "--path",
            "build/**",
            "--applies-when",
            "two links run at once",
            "--symptom",
            "signal 9",
            "--item",
            &task,
            "--body",
            "Two links run at once.\n\nUse one job.",
        ],
    );
    assert!(id.starts_with("L-") && id.len() == 8, "{id}");
    let shown = repo.data(&["learn", "show", &id]);
    for (key, value) in [
        ("type", json!("gotcha")),
        ("status", json!("accepted")),
        ("tags", json!(["ci", "linker"])),
        ("paths", json!(["build/**"])),
        ("applies_when", json!(["two links run at once"])),
        ("symptoms", json!(["signal 9"])),
        ("item", json!(task)),
        ("commit", json!(head)),
        ("body", json!("Two links run at once.\n\nUse one job.")),
        ("summary", json!("Two links run at once.")),
        ("stale", json!([])),
    ] {
        assert_eq!(shown[key], value, "{key}");
    }
    assert_eq!(repo.data(&["show", &id]), shown);
    // Both say how long ago it was written.
    let later = repo.when("2100-01-01T00:00:00Z");
    let text = later.pm(&["learn", "show", &id]).ok().out;
    assert_eq!(later.pm(&["show", &id]).ok().out, text);
    let events = repo.data_lines(&["events", "--json", "--item", &id]);
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(
        (&events[0]["kind"], &events[0]["id"]),
        (&json!("learning.added"), &json!(id))
    );
    for args in [
        &["task", "start", &id][..],
        &["log", &id],
        &["show", "L-zzzzzz"],
    ] {
        let refused = repo.pm(args).exits(4).err;
        assert!(refused.contains("git pm learn"), "{args:?}: {refused}");
    }
    for part in [
        "The linker runs out of memory",
        "signal 9",
        "Use one job.",
        "build/**",
    ] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    // An id may be given as more of the uid, and without its letter.
    let uid = shown["uid"].as_str().unwrap();
    for name in [uid, &uid[16..], &id[2..]] {
        assert_eq!(repo.data(&["learn", "show", name])["id"], json!(id));
    }
    let version = shown["version"].as_str().unwrap().to_string();
    let edit = [
        "learn",
        "edit",
        &id,
        "--tag",
        "build",
        "--symptom",
        "",
        "--kind",
        "pattern",
    ];
    let changed = repo.data(&edit);
    assert_eq!(changed["tags"], json!(["build"]));
    assert_eq!(changed["symptoms"], json!([]));
    assert_eq!(changed["type"], json!("pattern"));
    let late = [
        "--json",
        "--if-version",
        &version,
        "learn",
        "edit",
        &id,
        "--title",
        "x",
    ];
    let error = repo.pm(&late).exits(3).error();
    assert_eq!(error["reason"], "learning.changed", "{error}");
    let other = add(&repo, "Another one", &["--kind", "decision"]);
    assert_eq!(ids(&repo, &["learn", "list"]).len(), 2);
    assert_eq!(
        ids(&repo, &["learn", "list", "--kind", "pattern"]),
        [id.as_str()]
    );
    assert_eq!(
        ids(&repo, &["learn", "list", "--tag", "build"]),
        [id.as_str()]
    );
    assert_eq!(
        ids(&repo, &["learn", "list", "--item", &task]),
        [id.as_str()]
    );
    assert_eq!(
        ids(&repo, &["learn", "list", "--path", "build/link.sh"]),
        [id.as_str()]
    );
    assert!(ids(&repo, &["learn", "list", "--path", "src"]).is_empty());
    repo.pm(&["learn", "delete", &other, "--reason", "twice"])
        .ok();
    assert_eq!(ids(&repo, &["learn", "list", "--all"]), [id.as_str()]);
    repo.pm(&["learn", "show", &other]).exits(4);
    repo.pm(&["learn", "edit", &id]).exits(2);
    repo.pm(&["fsck"]).ok();
}

#[test]
fn ln_10_a_decision_keeps_context_decision_and_consequences() {
    let (_scene, repo) = set_up();
    let id = add(
        &repo,
        "One queue per tenant",
        &[
            "--context",
            "One tenant blocked all others.",
            "--decision",
            "A queue for each.",
            "--consequences",
            "More queues to watch.",
        ],
    );
    let shown = repo.data(&["learn", "show", &id]);
    assert_eq!(shown["type"], "decision");
    assert_eq!(shown["context"], "One tenant blocked all others.");
    assert_eq!(shown["decision"], "A queue for each.");
    assert_eq!(shown["consequences"], "More queues to watch.");
    assert_eq!(shown["summary"], "A queue for each.");
    let found = ids(&repo, &["learn", "search", "blocked", "tenant"]);
    assert_eq!(found, [id]);
}

#[test]
fn a_text_can_come_from_a_file_standard_input_or_the_editor() {
    let (_scene, repo) = set_up();
    repo.write("notes.md", "From a file.\n");
    let body = |id: &str| repo.data(&["learn", "show", id])["body"].clone();
    let id = add(&repo, "One", &["--body-file", "notes.md"]);
    assert_eq!(body(&id), "From a file.\n");
    let args = ["--json", "learn", "add", "Two", "--body", "-"];
    let added = repo
        .feed(crate::support::binary(), &args, "From a pipe.")
        .ok()
        .data();
    assert_eq!(added["body"], "From a pipe.");
    let typed = repo.with("GIT_EDITOR", "echo typed >>");
    typed.pm(&["learn", "edit", &id, "--editor"]).ok();
    assert_eq!(body(&id), "From a file.\ntyped\n");
}

#[test]
fn ln_04_uses_and_votes_are_counted_once_per_act_and_the_last_vote_counts() {
    let (_scene, repo) = set_up();
    let task = repo.task("Fix the build", &[]);
    let id = add(&repo, "Use one job", &[]);
    repo.pm(&["learn", "use", &id, "--item", &task]).ok();
    agent(&repo).pm(&["learn", "use", &id]).ok();
    repo.pm(&["learn", "vote", &id, "not-useful"]).ok();
    let down = repo.data(&["learn", "show", &id]);
    assert_eq!(down["stale"], json!(["voted_down"]));
    assert_eq!(ids(&repo, &["learn", "list", "--stale"]), [id.as_str()]);
    repo.pm(&["learn", "vote", &id, "useful"]).ok();
    repo.by("lea").pm(&["learn", "vote", &id, "useful"]).ok();
    let shown = repo.data(&["learn", "show", &id]);
    assert_eq!(
        (&shown["uses"], &shown["useful"], &shown["not_useful"]),
        (&json!(2), &json!(2), &json!(0))
    );
    assert_eq!(shown["stale"], json!([]));
    let history = shown["history"].as_array().unwrap();
    assert_eq!(history.len(), 5, "{shown}");
    assert_eq!(history[4]["item"], json!(task));
    // Showing and searching write nothing.
    let before = commits(&repo);
    repo.pm(&["learn", "search", "job"]).ok();
    repo.pm(&["learn", "list"]).ok();
    assert_eq!(commits(&repo), before, "reading wrote to the state");
    repo.pm(&["learn", "vote", &id, "perhaps"]).exits(2);
}

#[test]
fn drafts_are_accepted_and_retired_learnings_are_no_longer_listed() {
    let (_scene, repo) = set_up();
    let id = add(&repo, "Perhaps cache it", &["--draft"]);
    assert_eq!(
        ids(&repo, &["learn", "list", "--status", "draft"]),
        [id.as_str()]
    );
    assert!(ids(&repo, &["learn", "search", "cache"]).is_empty());
    assert_eq!(
        ids(&repo, &["learn", "search", "cache", "--all"]),
        [id.as_str()]
    );
    assert_eq!(repo.data(&["learn", "accept", &id])["status"], "accepted");
    assert_eq!(ids(&repo, &["learn", "search", "cache"]), [id.as_str()]);
    repo.pm(&["learn", "edit", &id, "--status", "retired"]).ok();
    assert!(ids(&repo, &["learn", "list"]).is_empty());
    assert_eq!(ids(&repo, &["learn", "list", "--all"]), [id.as_str()]);
    let ran = repo.pm(&["--json", "learn", "accept", &id]).exits(1);
    assert_eq!(ran.error()["reason"], "learning.retired");
    repo.pm(&["learn", "edit", &id, "--status", "accepted"])
        .ok();
    assert_eq!(ids(&repo, &["learn", "list"]), [id]);
}

#[test]
fn only_a_learning_in_force_replaces_another_one() {
    let (_scene, repo) = set_up();
    let path = ["--path", "src/auth/**"];
    let old = add(&repo, "Use HTTP", &path);
    let new = add(&repo, "Use HTTPS", &["--draft", "--supersedes", &old]);
    let listed = || ids(&repo, &["learn", "list"]);
    let task = repo.task("Log in", &path);
    let predicted = || repo.data(&["predict", &task])["learnings"].clone();
    assert!(listed().contains(&old), "a draft replaces nothing");
    assert_eq!(predicted()[0]["id"], json!(old));
    repo.pm(&["learn", "accept", &new]).ok();
    assert_eq!(listed(), [new.as_str()]);
    assert_eq!(predicted(), json!([]), "its successor has no paths");
    repo.pm(&["learn", "edit", &new, "--status", "retired"])
        .ok();
    assert_eq!(listed(), [old.as_str()]);
}

#[test]
fn stale_and_contradicting_learnings_are_marked() {
    let (_scene, repo) = set_up();
    let old = add(&repo, "Use HTTP", &[]);
    let new = add(&repo, "Use HTTPS", &["--supersedes", &old]);
    let against = add(&repo, "Use neither", &["--contradicts", &new]);
    let stale = |id: &str| repo.data(&["learn", "show", id])["stale"].clone();
    assert_eq!(stale(&old), json!(["superseded"]));
    let shown = repo.data(&["learn", "show", &new]);
    assert_eq!(shown["contradicts"], json!([against]));
    assert_eq!(shown["supersedes"], json!([old]));
    assert_eq!(
        repo.data(&["learn", "show", &against])["contradicts"],
        json!([new])
    );
    let mut listed = ids(&repo, &["learn", "list", "--stale"]);
    listed.sort();
    let mut wanted = vec![old.clone(), new, against];
    wanted.sort();
    assert_eq!(listed, wanted);
    assert!(!ids(&repo, &["learn", "list"]).contains(&old));
    let text = repo.pm(&["learn", "list", "--stale"]).ok().out;
    assert!(text.contains("stale: superseded"), "{text}");
    repo.pm(&["learn", "edit", &old, "--supersedes", &old])
        .exits(2);
}

/// LN-05, LN-13: what was used, and how often it helped.
#[test]
fn ln_13_stats_measure_uses_and_votes() {
    let (_scene, repo) = set_up();
    let task = repo.task("Task", &[]);
    repo.pm(&["task", "done", &task, "--force"]).ok();
    let used = add(&repo, "One", &["--kind", "pattern"]);
    add(&repo, "Two", &["--draft"]);
    repo.pm(&["learn", "none", &task, "--reason", "routine"])
        .ok();
    repo.pm(&["learn", "use", &used]).ok();
    repo.pm(&["learn", "vote", &used, "useful"]).ok();
    let stats = repo.data(&["learn", "stats"]);
    for (key, value) in [
        ("total", json!(2)),
        ("uses", json!(1)),
        ("hit_rate", json!(1.0)),
        ("useful_rate", json!(1.0)),
    ] {
        assert_eq!(stats[key], value, "{key}: {stats}");
    }
    assert_eq!(repo.data(&["show", &task])["nothing_learned"], true);
    let text = repo.pm(&["learn", "stats"]).ok().out;
    assert!(
        text.contains("1 accepted") && text.contains("1 use"),
        "{text}"
    );
}

#[test]
fn learnings_are_in_log_diff_and_undo() {
    let (_scene, repo) = set_up();
    let id = add(&repo, "Use one job", &["--body", "Two run out of memory."]);
    let log = repo.pm(&["log", "--op", "learn"]).ok().out;
    assert!(
        log.contains(&format!("learn add {id}: Use one job")),
        "{log}"
    );
    repo.pm(&["learn", "edit", &id, "--tag", "ci"]).ok();
    repo.pm(&["learn", "use", &id]).ok();
    let diff = repo.data(&["diff", "refs/pm/main~2"]);
    let change = &diff["learnings"][0];
    assert_eq!(change["id"], json!(id));
    assert_eq!(change["kind"], "learning");
    assert_eq!(change["lists"][0]["added"], json!(["ci"]));
    let text = repo.pm(&["diff", "refs/pm/main~3"]).ok().out;
    assert!(text.contains(&id) && text.contains("created"), "{text}");
    let used = repo.data(&["diff", "refs/pm/main~1"]);
    let field = &used["learnings"][0]["fields"][0];
    assert_eq!(
        (&field["field"], &field["new"]),
        (&json!("uses"), &json!(1)),
        "{used}"
    );
    // The last operation first; a creation that was changed since is not undone.
    let add = repo.tip("refs/pm/main~2");
    repo.pm(&["undo", &add]).exits(1);
    repo.pm(&["undo"]).ok();
    assert_eq!(repo.data(&["learn", "show", &id])["uses"], 0);
    repo.pm(&["undo"]).ok();
    assert_eq!(repo.data(&["learn", "show", &id])["tags"], json!([]));
    repo.pm(&["undo"]).ok();
    repo.pm(&["learn", "show", &id]).exits(4);
    repo.pm(&["fsck"]).ok();
}

#[test]
fn a_redaction_reaches_the_texts_of_a_learning() {
    let (_scene, repo) = set_up();
    let id = add(
        &repo,
        "About hush-hush",
        &[
            "--body",
            "The word is hush-hush here.",
            "--tag",
            "hush-hush",
        ],
    );
    assert_eq!(ids(&repo, &["learn", "search", "hush"]).len(), 1);
    repo.pm(&["redact", "hush-hush"]).ok();
    repo.git(&["grep", "hush-hush", "refs/pm/main"]).exits(1);
    let shown = repo.data(&["learn", "show", &id]);
    assert_eq!(shown["title"], "About [redacted]");
    assert!(ids(&repo, &["learn", "search", "hush"]).is_empty());
    repo.pm(&["fsck"]).ok();
    repo.pm(&["gc"]).ok();
    assert_eq!(ids(&repo, &["learn", "list"]), [id]);
}
