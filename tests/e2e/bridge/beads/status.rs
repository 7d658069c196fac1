//! The statuses of records: a word that came with a record stays as it came until it changes.

use serde_json::{Value, json};

use super::{export, import, ready, same};

fn record(status: &str, day: u8) -> String {
    format!(
        "{{\"id\":\"x-a1\",\"title\":\"One\",\"status\":\"{status}\",\"priority\":1,\"issue_type\":\"task\",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-{day:02}T00:00:00Z\"}}\n"
    )
}

fn exported(repo: &crate::support::Repo) -> Value {
    serde_json::from_str(&export(repo)).unwrap()
}

#[test]
fn a_status_that_came_with_a_record_is_exported_and_shown_as_it_came() {
    for status in [
        "in_review",
        "ready_for_integration",
        "queued",
        "done",
        "cancelled",
        "proposed",
        "waiting_for_qa",
    ] {
        let (_scene, repo) = ready();
        import(&repo, &record(status, 1)).ok();
        repo.pm(&["issue", "comment", "x-a1", "looks good"]).ok();
        let out = exported(&repo);
        assert_eq!(out["status"], status, "{out}");
        assert!(out.get("closed_at").is_none(), "{out}");
        let shown = ["issue", "--format", "beads", "list", "--all"];
        let shown = repo.pm(&shown).ok().json();
        assert_eq!(shown[0]["status"], status, "{shown}");
        assert!(shown[0].get("closed_at").is_none(), "{shown}");
        let shown = ["issue", "--format", "beads", "show", "x-a1"];
        let shown = repo.pm(&shown).ok().json();
        assert_eq!(shown[0]["status"], status, "{shown}");
        // What is exported is the same when it comes back.
        let again = import(&repo, &export(&repo)).ok().data();
        assert_eq!(again["created"], 0, "{status}: {again}");
        assert_eq!(exported(&repo)["status"], status);
    }
}

#[test]
fn a_status_that_the_source_sets_comes_back_and_one_set_here_is_a_word_of_beads() {
    let (_scene, repo) = ready();
    import(&repo, &record("open", 1)).ok();
    import(&repo, &record("in_review", 2)).ok();
    same("set by the source", &export(&repo), &record("in_review", 2));
    let found = [
        "issue",
        "--format",
        "beads",
        "list",
        "--status",
        "in_review",
    ];
    let found = repo.pm(&found).ok().json();
    assert_eq!(found[0]["status"], "in_review", "{found}");
    repo.pm(&["issue", "update", "x-a1", "--title", "Two"]).ok();
    assert_eq!(exported(&repo)["status"], "in_review");
    // Changed here.
    repo.pm(&["issue", "close", "x-a1", "--reason", "ok"]).ok();
    let out = exported(&repo);
    assert_eq!(
        (&out["status"], &out["close_reason"]),
        (&json!("closed"), &json!("ok")),
        "{out}"
    );
    let (_scene, repo) = ready();
    import(&repo, &record("open", 1)).ok();
    repo.pm(&["issue", "update", "x-a1", "--status", "in_review"])
        .ok();
    assert_eq!(exported(&repo)["status"], "in_progress");
}

#[test]
fn claiming_an_imported_issue_in_progress_keeps_the_time_of_its_start() {
    let (_scene, repo) = ready();
    let begun =
        record("in_progress", 2).replace("}\n", ",\"started_at\":\"2026-01-01T08:00:00Z\"}\n");
    for verb in ["claim", "start"] {
        let id = format!("x-{verb}");
        import(&repo, &begun.replace("x-a1", &id)).ok();
        let at = repo.when("2026-02-01T00:00:00Z");
        match verb {
            "claim" => at.pm(&["issue", "claim", &id]).ok(),
            _ => at.pm(&["start", &id, "--no-worktree"]).ok(),
        };
        let first = "2026-01-01T08:00:00Z";
        assert_eq!(repo.data(&["show", &id])["started_at"], first, "{verb}");
        let all = export(&repo);
        let line = all.lines().find(|line| line.contains(&id)).unwrap();
        assert!(line.contains(first), "{line}");
        // What was dropped is started again.
        at.pm(&["drop", &id]).ok();
        let again = "2026-02-02T00:00:00Z";
        repo.when(again).pm(&["issue", "claim", &id]).ok();
        assert_eq!(repo.data(&["show", &id])["started_at"], again, "{verb}");
    }
}
