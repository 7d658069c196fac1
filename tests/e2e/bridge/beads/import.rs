//! `git pm import beads`: nothing is lost, and errors are reported.

use git_pm::trackers::{ImportFrom, Tracker};
use serde_json::{Value, json};

use super::{ONE, export, import, ready};
use crate::bridge::beads::fixture::{Shape, file};
use crate::support::{Repo, binary, commits, rounds, size};

#[test]
fn an_import_is_one_commit_and_one_pack_with_all_issues() {
    let (_scene, repo) = ready();
    let text = file(Shape::Town, 280, 1);
    let before = commits(&repo);
    let report = import(&repo, &text).ok().data();
    assert_eq!(report["created"], text.lines().count());
    assert_eq!(report["skipped"], json!([]), "a record was skipped");
    assert_eq!(report["commit"], repo.tip("refs/pm/main"));
    assert_eq!(commits(&repo), before + 1);
    let packs = repo.git(&["count-objects", "-v"]).ok().out;
    assert!(packs.contains("packs: 1"), "{packs}");
    repo.git(&["fsck", "--strict", "--no-dangling"]).ok();
    let faults = repo.pm(&["fsck", "--json"]).ok().data();
    assert_eq!(faults["faults"], 0, "{faults}");
}

#[test]
fn a_record_is_read_into_the_fields_of_an_item() {
    let (_scene, repo) = ready();
    let gate = r#"{"id":"bd-mol-bzx","title":"Gate","status":"open","priority":0,"issue_type":"gate","created_at":"2026-01-17T04:18:04.793974-08:00","updated_at":"2026-01-17T04:18:04.793974-08:00","external_ref":"gh-9","metadata":{"b": 1},"dependencies":[{"issue_id":"bd-mol-bzx","depends_on_id":"bd-1","type":"blocks","created_at":"2026-01-17T04:18:05.622072-08:00","created_by":"e"},{"issue_id":"bd-mol-bzx","depends_on_id":"bd-9","type":"waits-for","created_at":"2026-01-17T04:18:05Z","metadata":"{\"gate\":\"any-children\"}"}],"pinned":true,"await_type":"gh:run","await_id":"release.yml","timeout":1800000000000,"waiters":["a","b"]}"#;
    let report = import(&repo, &format!("{ONE}\n{gate}\n")).ok().data();
    assert_eq!(
        (&report["created"], &report["comments"]),
        (&json!(2), &json!(1))
    );
    let warnings = report["warnings"].to_string();
    assert!(
        warnings.contains("bd-9, which does not exist"),
        "{warnings}"
    );
    let one = repo.data(&["show", "bd-1"]);
    assert_eq!(one["title"], "One");
    assert_eq!(one["kind"], "issue");
    assert_eq!(one["type"], "bug");
    assert_eq!(one["status"], "open");
    assert_eq!(one["priority"], 1);
    assert_eq!(one["labels"], json!(["b"]));
    assert_eq!(one["body"], "Text");
    assert_eq!(one["updated_at"], "2026-01-02T00:00:00Z");
    assert_eq!(one["comments"][0]["body"], "hi");
    assert_eq!(one["comments"][0]["created_at"], "2026-01-01T09:00:00Z");
    let file = state_file(&repo, "bd-mol-bzx");
    for field in [
        "await_id: release.yml",
        "timeout_ns: 1800000000000",
        "waiters: [a, b]",
        "pinned: true",
        "metadata: \"{\\\"b\\\": 1}\"",
        "external_refs: [gh-9]",
        "metadata: \"{\\\"gate\\\":\\\"any-children\\\"}\"",
        "created_at: \"2026-01-17T12:18:04Z\"",
        "edges: [waits-for bd-9-",
        "depends_on: [bd-1-",
    ] {
        assert!(file.contains(field), "`{field}` was lost:\n{file}");
    }
    let why = repo.data(&["why", "bd-mol-bzx"]);
    assert_eq!(
        why["ready"], false,
        "a blocking dependency was imported: {why}"
    );
}

/// The document of an item as stored in the state.
fn state_file(repo: &Repo, id: &str) -> String {
    let all = repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
        .ok()
        .out;
    let path = all
        .lines()
        .find(|path| path.contains(&format!("/{id}-")))
        .unwrap();
    repo.git(&["show", &format!("refs/pm/main:{path}")])
        .ok()
        .out
}

#[test]
fn an_import_never_deletes() {
    let (_scene, repo) = ready();
    import(&repo, &format!("{ONE}\n{}\n", ONE.replace("bd-1", "bd-2"))).ok();
    let less = ONE
        .replace("2026-01-02", "2026-02-02")
        .replace(r#","comments":[{"id":1,"issue_id":"bd-1","author":"emma","text":"hi","created_at":"2026-01-01T10:00:00+01:00"}]"#, "");
    import(&repo, &less).ok();
    assert_eq!(repo.data(&["show", "bd-2"])["title"], "One");
    let comments = repo.data(&["show", "bd-1"])["comments"].clone();
    assert_eq!(comments[0]["body"], "hi", "an import deleted a comment");
}

#[test]
fn a_dry_run_reports_the_same_and_writes_nothing() {
    let (_scene, repo) = ready();
    let before = repo.tip("refs/pm/main");
    repo.write("x.jsonl", &format!("{ONE}\nnonsense\n"));
    let run = |more: &[&str]| {
        let mut args = vec!["--json", "import", "beads", "x.jsonl"];
        args.extend(more);
        repo.pm(&args).exits(8).data()
    };
    let dry = run(&["--dry-run"]);
    assert_eq!(repo.tip("refs/pm/main"), before);
    assert_eq!(
        (&dry["dry_run"], &dry["commit"]),
        (&json!(true), &Value::Null)
    );
    let real = run(&[]);
    for key in ["created", "comments", "skipped", "warnings", "dialect"] {
        assert_eq!(dry[key], real[key], "{key}");
    }
}

// IN-24: unknown fields are kept, and the report names the detected version. IN-18: the files of
// beads are not needed afterwards.
#[test]
fn in_24_in_18_the_report_names_dialect_and_version_and_no_bd_is_needed() {
    let words = [
        (Shape::Sqlite, "bd from 2025, no version, Go escaping"),
        (
            Shape::Dolt,
            "wrapped records of `bd export`, beads-jsonl/1, Go escaping",
        ),
        (Shape::Rust, "br, no version, plain escaping"),
        (Shape::Town, "bd, no version, Go escaping"),
    ];
    for (shape, said) in words {
        let (_scene, repo) = ready();
        repo.write(".beads/issues.jsonl", &file(shape, 40, 2));
        let text = repo.pm(&["import", "beads"]).ok().out;
        assert!(text.contains(said), "{shape:?}: {text}");
        std::fs::remove_dir_all(repo.path.join(".beads")).unwrap();
        assert_eq!(export(&repo), file(shape, 40, 2), "{shape:?}");
    }
}

#[test]
fn the_default_paths_of_beads_are_searched_if_no_file_is_given() {
    let (_scene, repo) = ready();
    let refused = repo.pm(&["--json", "import", "beads"]).exits(4).error();
    assert!(
        refused["message"]
            .as_str()
            .unwrap()
            .contains(".beads/beads.jsonl"),
        "{refused}"
    );
    repo.write(".beads/beads.jsonl", ONE);
    repo.other("src").pm(&["import", "beads"]).ok();
    repo.write(".beads/issues.jsonl", &ONE.replace("bd-1", "bd-2"));
    repo.pm(&["import", "beads"]).ok();
    assert_eq!(repo.data(&["show", "bd-1"])["title"], "One");
    assert_eq!(repo.data(&["show", "bd-2"])["title"], "One");
}

#[test]
fn a_database_that_may_be_newer_than_the_file_is_named() {
    let notes = |repo: &Repo| {
        let report = repo.data(&["import", "beads"]);
        report["warnings"].to_string()
    };
    let hint = "bd export | git pm import beads -";
    let (_scene, repo) = ready();
    repo.write(".beads/beads.db", "SQLite");
    repo.write(".beads/issues.jsonl", ONE);
    let aged = |file: &str| {
        let file = std::fs::File::options()
            .write(true)
            .open(repo.path.join(file));
        let hour = std::time::Duration::from_secs(3600);
        let at = std::time::SystemTime::now() - hour;
        file.unwrap().set_modified(at).unwrap();
    };
    aged(".beads/beads.db");
    assert!(!notes(&repo).contains(hint), "the file is newer");
    aged(".beads/issues.jsonl");
    repo.write(".beads/beads.db", "SQLite, changed");
    let told = notes(&repo);
    assert!(told.contains(hint) && told.contains("beads.db"), "{told}");
    std::fs::remove_file(repo.path.join(".beads/beads.db")).unwrap();
    repo.write(".beads/metadata.json", "{\"backend\":\"sqlite\"}");
    repo.write(".beads/dolt/config.yaml", "x");
    assert!(!notes(&repo).contains(hint));
    repo.write(".beads/metadata.json", "{\"backend\":\"dolt\"}");
    let told = notes(&repo);
    assert!(told.contains(hint) && told.contains("dolt"), "{told}");
}

#[test]
fn a_bad_line_is_reported_and_does_not_affect_other_lines() {
    let (_scene, repo) = ready();
    let long = "x".repeat(10 * 1024 * 1024);
    let deep = "[".repeat(5_000) + &"]".repeat(5_000);
    let lines = [
        ONE.to_string(),
        "{\"id\":\"bd-2\",".into(),
        "{\"title\":\"no id\"}".into(),
        "{\"id\":7,\"title\":\"a number\"}".into(),
        format!("{{\"id\":\"bd-3\",\"title\":\"long\",\"description\":\"{long}\"}}"),
        "{\"id\":\"bd-4\",\"title\":\"nul \0\"}".into(),
        "{\"id\":\"bd-5\",\"id\":\"bd-6\",\"title\":\"twice\"}".into(),
        "[1,2]".into(),
        "\u{feff}{}".into(),
        "{\"_type\":\"memory\",\"value\":\"no key\"}".into(),
        "{\"id\":\"../../etc/passwd\",\"title\":\"a path\",\"updated_at\":\"2026-01-01T00:00:00Z\"}".into(),
        "{\"id\":\"bd-7\",\"title\":\"nul \\u0000 within\",\"description\":\"a\\u0000b\",\"updated_at\":\"2026-01-01T00:00:00Z\"}".into(),
        format!("{{\"id\":\"bd-8\",\"title\":\"deep\",\"odd\":{deep},\"updated_at\":\"2026-01-01T00:00:00Z\"}}"),
        "{\"id\":\"bd-9\",\"title\":\"odd values\",\"priority\":\"high\",\"labels\":\"x\",\"dependencies\":[7],\"updated_at\":\"never\"}".into(),
    ];
    let mut bytes = (lines.join("\n") + "\n").into_bytes();
    bytes.extend(b"{\"id\":\"bd-10\",\"title\":\"\xff\"}\n");
    std::fs::write(repo.path.join("bad.jsonl"), bytes).unwrap();
    let report = repo
        .pm(&["--json", "import", "beads", "bad.jsonl"])
        .exits(8)
        .data();
    let told: Vec<(u64, &str)> = report["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["line"].as_u64().unwrap(), s["reason"].as_str().unwrap()))
        .collect();
    let wanted = [
        (2, "not valid JSON: EOF while parsing"),
        (3, "has no id"),
        (4, "has no id"),
        (5, "bytes long; the limit is 524288"),
        (6, "not valid JSON: control character"),
        (7, "the key `id` occurs twice"),
        (8, "expected a JSON object"),
        (9, "not valid JSON: expected value"),
        (10, "is a memory without a key"),
        (15, "not valid UTF-8 at byte 24"),
    ];
    assert_eq!(told.len(), wanted.len(), "{told:#?}");
    for ((line, reason), (wanted_line, said)) in told.iter().zip(wanted) {
        assert_eq!(*line, wanted_line, "{told:#?}");
        assert!(reason.contains(said), "line {line}: {reason}");
    }
    assert_eq!(report["created"], 5);
    for id in ["bd-1", "../../etc/passwd", "bd-7", "bd-8", "bd-9"] {
        assert_eq!(repo.data(&["show", id])["id"], id, "a good record was lost");
    }
    let paths = repo
        .git(&["ls-tree", "-r", "--name-only", "refs/pm/main"])
        .ok()
        .out;
    assert!(!paths.contains(".."), "{paths}");
    repo.git(&["fsck", "--strict", "--no-dangling"]).ok();
    let kept: Vec<&str> = export(&repo)
        .lines()
        .map(|line| lines.iter().position(|l| l == line))
        .map(|at| if at.is_some() { "as it was" } else { "changed" })
        .collect();
    assert_eq!(
        kept, ["as it was"; 5],
        "a good record was exported differently"
    );
    // The text output shows the same, at most one screen of it.
    let text = repo.pm(&["import", "beads", "bad.jsonl"]).exits(8).out;
    assert!(text.contains("skipped  line 3: has no id"), "{text}");
}

#[test]
fn cycles_and_self_edges_are_kept_and_reported() {
    let (_scene, repo) = ready();
    let edge = |a: &str, b: &str| {
        format!(
            "{{\"id\":\"{a}\",\"title\":\"t\",\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\"updated_at\":\"2026-01-01T00:00:00Z\",\"dependencies\":[{{\"issue_id\":\"{a}\",\"depends_on_id\":\"{b}\",\"type\":\"blocks\",\"created_at\":\"2026-01-01T00:00:00Z\"}}]}}\n"
        )
    };
    let text = edge("bd-a", "bd-b")
        + &edge("bd-b", "bd-c")
        + &edge("bd-c", "bd-a")
        + &edge("bd-d", "bd-d");
    let report = import(&repo, &text).ok().data();
    let warnings = report["warnings"].as_array().unwrap();
    let cycle = warnings.iter().find(|w| {
        w["message"]
            .as_str()
            .unwrap()
            .starts_with("creates a cycle")
    });
    let cycle = cycle.unwrap_or_else(|| panic!("the cycle is not reported: {warnings:?}"));
    assert_eq!(cycle["line"], 3);
    assert!(warnings.iter().any(|w| w["line"] == 4 && w["message"].as_str().unwrap().contains("depends on itself")));
    assert_eq!(export(&repo), text);
    repo.pm(&["ready"]).ok();
    repo.pm(&["fsck"]).ok();
}

#[test]
fn dumped_tables_are_read_and_exported_as_records() {
    let (_scene, repo) = ready();
    let row = |id: &str, title: &str| {
        format!(
            "{{\"acceptance_criteria\":\"\",\"actor\":\"\",\"assignee\":null,\"await_id\":\"\",\"closed_at\":null,\"close_reason\":\"\",\"content_hash\":\"ab\",\"created_at\":\"2026-01-17 04:18:04\",\"created_by\":\"emma\",\"description\":\"Text of {id}\",\"ephemeral\":0,\"estimated_minutes\":null,\"id\":\"{id}\",\"issue_type\":\"task\",\"metadata\":\"{{}}\",\"pinned\":0,\"priority\":0,\"status\":\"open\",\"timeout_ns\":0,\"title\":\"{title}\",\"updated_at\":\"2026-01-18 04:18:04\",\"waiters\":\"\"}}\n"
        )
    };
    repo.write(
        ".beads/backup/issues.jsonl",
        &(row("bd-1", "A <b>") + &row("bd-2", "B")),
    );
    repo.write(
        ".beads/backup/labels.jsonl",
        "{\"issue_id\":\"bd-1\",\"label\":\"auth\"}\n",
    );
    repo.write(".beads/backup/dependencies.jsonl", "{\"created_at\":\"2026-01-17 04:18:04\",\"created_by\":\"emma\",\"depends_on_id\":\"bd-1\",\"issue_id\":\"bd-2\",\"metadata\":\"{}\",\"thread_id\":\"\",\"type\":\"blocks\"}\n");
    repo.write(".beads/backup/comments.jsonl", "{\"author\":\"emma\",\"created_at\":\"2026-01-17 04:18:04\",\"id\":\"019b\",\"issue_id\":\"bd-2\",\"text\":\"hi\"}\nbroken\n");
    repo.write(".beads/backup/events.jsonl", "{}\n");
    let report = repo
        .pm(&["--json", "import", "beads", ".beads/backup"])
        .exits(8)
        .data();
    assert!(
        report["dialect"]
            .as_str()
            .unwrap()
            .starts_with("table dump"),
        "{report}"
    );
    assert_eq!(report["skipped"][0]["file"], "comments.jsonl");
    assert_eq!(report["skipped"][0]["line"], 2);
    assert_eq!(report["files"].as_array().unwrap().len(), 4);
    let two = repo.data(&["show", "bd-2"]);
    assert_eq!(two["depends_on"][0], "bd-1");
    assert_eq!(two["comments"][0]["body"], "hi");
    assert_eq!(repo.data(&["show", "bd-1"])["labels"], json!(["auth"]));
    let out = export(&repo);
    let first = "{\"id\":\"bd-1\",\"title\":\"A \\u003cb\\u003e\",\"description\":\"Text of bd-1\",\"status\":\"open\",\"priority\":0,\"issue_type\":\"task\",\"created_at\":\"2026-01-17T04:18:04Z\",\"created_by\":\"emma\",\"updated_at\":\"2026-01-18T04:18:04Z\",\"labels\":[\"auth\"],\"content_hash\":\"ab\"}";
    assert_eq!(out.lines().next().unwrap(), first);
    let again = repo
        .pm(&["--json", "import", "beads", ".beads/backup/issues.jsonl"])
        .exits(8)
        .data();
    assert_eq!(again["unchanged"], 2);
}

#[test]
fn an_idempotency_key_makes_an_import_happen_once() {
    let (_scene, repo) = ready();
    let run = |text: &str| {
        let args = ["--json", "--idempotency-key", "k", "import", "beads", "-"];
        repo.feed(binary(), &args, text)
    };
    assert_eq!(run(ONE).ok().data()["created"], 1);
    assert_eq!(run(ONE).ok().data()["created"], 0);
    // Another content is another request.
    let refused = run(&ONE.replace("bd-1", "bd-2")).exits(2).error();
    assert_eq!(refused["reason"], "key.reused");
    repo.pm(&["show", "bd-2"]).exits(4);
    let refused = repo.pm(&["--json", "--if-version", "1.0.a", "import", "beads", "-"]);
    assert_eq!(refused.exits(2).error()["code"], "usage");
}

#[test]
fn the_library_imports_from_any_reader() {
    let (_scene, repo) = ready();
    let pm = repo.library().unwrap();
    let mut one = ONE.as_bytes();
    let from = ImportFrom::Reader(&mut one);
    let imported = pm
        .trackers()
        .import(Tracker::Beads, from, &Default::default());
    let report = imported.unwrap();
    assert_eq!((report.created, report.comments), (1, 1));
    let mut out = Vec::new();
    let wrote = pm.trackers().export_beads(None, &mut out).unwrap();
    assert_eq!((wrote.records, wrote.untouched), (1, 1));
    assert_eq!(String::from_utf8(out).unwrap(), ONE);
}

// 200,000 with GIT_PM_TEST_HUGE=1.
#[test]
fn many_lines_are_imported_at_once() {
    let n = size(200_000, rounds(4_000));
    let (_scene, repo) = ready();
    let mut text = String::new();
    for i in 0..n {
        text += &format!(
            "{{\"id\":\"bd-{i:06}\",\"title\":\"Number {i}\",\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\"updated_at\":\"2026-01-01T00:00:00Z\"}}\n"
        );
    }
    let report = import(&repo, &text).ok().data();
    assert_eq!(report["created"], n);
    assert_eq!(export(&repo).lines().count(), n);
}

// The vector of docs/FORMAT-imports.md.
#[test]
fn an_imported_record_becomes_the_document_shown_in_the_format() {
    let record = "{\"id\":\"bd-a1b2\",\"title\":\"Log in \\u0026 out\",\"description\":\"It **fails**\\n\",\"status\":\"open\",\"priority\":0,\"issue_type\":\"bug\",\"created_at\":\"2025-11-20T00:00:00.5-08:00\",\"updated_at\":\"2025-11-20T01:00:00.25-08:00\",\"metadata\":{\"b\":1},\"labels\":[\"team:auth\",\"b\"],\"dependencies\":[{\"issue_id\":\"bd-a1b2\",\"depends_on_id\":\"bd-c3d4\",\"type\":\"blocks\",\"created_at\":\"2025-11-20T00:00:00-08:00\"},{\"issue_id\":\"bd-a1b2\",\"depends_on_id\":\"bd-e5f6\",\"type\":\"waits-for\",\"created_at\":\"2025-11-20T00:00:00-08:00\",\"metadata\":\"{\\\"gate\\\":\\\"any-children\\\"}\"}],\"agent_state\":\"idle\"}";
    let (_scene, repo) = ready();
    import(&repo, record).ok();
    let found = state_file(&repo, "bd-a1b2");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/format/imported.md");
    if std::env::var_os("GIT_PM_BLESS").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    assert_eq!(found, std::fs::read_to_string(path).unwrap());
}

#[test]
fn an_imported_change_is_logged_by_field_and_can_be_undone() {
    let (_scene, repo) = ready();
    import(&repo, ONE).ok();
    let newer = ONE
        .replace("\"One\"", "\"Two\"")
        .replace("2026-01-02", "2026-02-02");
    import(&repo, &newer).ok();
    let told = repo.pm(&["diff", "refs/pm/main~1..refs/pm/main"]).ok().out;
    assert!(told.contains("Two") && !told.contains("external"), "{told}");
    let log = repo.pm(&["log", "bd-1"]).ok().out;
    assert!(log.contains("import beads: 1 updated"), "{log}");
    repo.pm(&["undo"]).ok();
    assert_eq!(repo.data(&["show", "bd-1"])["title"], "One");
}

// TM-10: work that was in progress when it was imported is not free for others.
#[test]
fn tm_10_imported_work_in_progress_is_its_assignees() {
    let (_scene, repo) = ready();
    let record = r#"{"id":"bd-7","title":"Hers","status":"in_progress","assignee":"ana","priority":0,"issue_type":"task","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-01T00:00:00Z"}"#;
    import(&repo, record).ok();
    let claude = repo.with("AI_AGENT", "claude");
    let before = repo.tip("refs/pm/main");
    let takes: [&[&str]; 3] = [
        &["issue", "update", "bd-7", "--claim"],
        &["start", "bd-7"],
        &["task", "reassign", "bd-7", "--to", "claude"],
    ];
    for take in takes {
        claude.pm(take).exits(if take[0] == "task" { 1 } else { 3 });
    }
    let ends: [&[&str]; 7] = [
        &["issue", "update", "bd-7", "--status", "open"],
        &["issue", "update", "bd-7", "--status", "open", "--force"],
        &["issue", "close", "bd-7"],
        &["issue", "close", "bd-7", "--force"],
        &["issue", "close", "bd-7", "--reason", "wontfix"],
        &["task", "drop", "bd-7"],
        &["task", "defer", "bd-7"],
    ];
    for end in ends {
        let refused = claude.pm(end).exits(3).err;
        assert!(refused.contains("assigned to ana"), "{end:?}: {refused}");
    }
    claude.pm(&["next", "--claim"]).exits(1);
    claude.pm(&["issue", "ready", "--claim"]).exits(1);
    let refused = repo.by("Ben").pm(&["start", "bd-7"]).exits(3).err;
    assert!(
        refused.contains("in progress, and assigned to ana"),
        "{refused}"
    );
    assert!(
        refused.contains("git pm task reassign bd-7 --to Ben"),
        "{refused}"
    );
    assert_eq!(repo.tip("refs/pm/main"), before, "something was written");
    let ben = repo.by("Ben");
    ben.pm(&["task", "reassign", "bd-7", "--to", "Ben"]).ok();
    ben.pm(&["start", "bd-7", "--no-worktree"]).ok();
    let told = repo.by("ana").pm(&["status"]).ok().out;
    assert!(told.contains("Ben gave bd-7 to Ben"), "{told}");

    import(&repo, &record.replace("bd-7", "bd-8")).ok();
    repo.by("ana").pm(&["start", "bd-8", "--no-worktree"]).ok();
}
