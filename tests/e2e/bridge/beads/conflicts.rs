//! Imports that conflict with local edits, and files that contain conflict markers.

use super::{export, ready};
use crate::support::{Ran, Repo, binary, commits};

/// Imports a text, with the report as text.
fn import(repo: &Repo, text: &str) -> Ran {
    repo.feed(binary(), &["import", "beads", "-"], text)
}

fn record(title: &str, description: &str, priority: u8, day: u8) -> String {
    format!(
        "{{\"id\":\"bd-a\",\"title\":\"{title}\",\"description\":\"{description}\",\"status\":\"open\",\"priority\":{priority},\"issue_type\":\"task\",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-0{day}T00:00:00Z\"}}\n"
    )
}

#[test]
fn an_import_that_overrides_an_edit_names_it() {
    let (_scene, repo) = ready();
    import(&repo, &record("T", "d", 2, 1)).ok();
    let here = repo.when("2026-01-02T00:00:00Z").by("mona");
    here.pm(&["issue", "update", "bd-a", "--title", "mine", "-p", "0"])
        .ok();
    // The source changes the title too, and a field that was not edited here.
    let report = repo
        .feed(
            binary(),
            &["--json", "import", "beads", "-"],
            &record("theirs", "d", 2, 3),
        )
        .ok()
        .data();
    let overridden = report["overridden"].as_array().unwrap();
    assert_eq!(overridden.len(), 1, "{report}");
    assert_eq!(overridden[0]["field"], "title");
    assert_eq!(overridden[0]["lost"], "mine");
    assert_eq!(overridden[0]["kept"], "theirs");
    let log = repo.pm(&["--json", "log", "--conflicts"]).ok().data();
    let all = log["items"].as_array().unwrap();
    assert_eq!(all.len(), 1, "{log}");
    assert_eq!(all[0]["item"], "bd-a");
    assert_eq!(all[0]["lost"], "mine");
    assert_eq!(all[0]["lost_by"], "mona");
    assert_eq!(all[0]["kept_by"], "beads");
    // As text.
    let text = import(&repo, &record("theirs, again", "d", 2, 4)).ok().out;
    assert!(
        !text.contains("override"),
        "nothing was written here since: {text}"
    );
    repo.when("2026-01-05T00:00:00Z")
        .pm(&["issue", "update", "bd-a", "--title", "mine, again"])
        .ok();
    let text = import(&repo, &record("last", "d", 2, 6)).ok().out;
    assert!(text.contains("override bd-a title"), "{text}");
    assert!(text.contains("git pm log --conflicts"), "{text}");
}

#[test]
fn a_change_of_a_value_from_here_at_the_source_is_reported_whatever_the_source_knew() {
    let (_scene, repo) = ready();
    import(&repo, &record("T", "d", 2, 1)).ok();
    repo.when("2026-01-02T00:00:00Z")
        .pm(&["issue", "update", "bd-a", "--title", "mine"])
        .ok();
    // The source imported it, or a file from before comes back; it is changed there afterwards.
    import(&repo, &record("mine", "d", 2, 2)).ok();
    let text = import(&repo, &record("mine, better", "d", 2, 3)).ok().out;
    assert!(text.contains("override bd-a title"), "{text}");
    let log = repo.data(&["log", "--conflicts"])["items"].clone();
    assert_eq!(
        (&log[0]["kept"], &log[0]["lost"]),
        (&"mine, better".into(), &"mine".into())
    );
    // From then on, the value is the source's own.
    let text = import(&repo, &record("mine, best", "d", 2, 4)).ok().out;
    assert!(!text.contains("override"), "{text}");
}

#[test]
fn a_text_changed_on_both_sides_is_reported_with_its_source() {
    let (_scene, repo) = ready();
    import(&repo, &record("T", "d", 2, 1)).ok();
    repo.when("2026-01-02T00:00:00Z")
        .pm(&["issue", "update", "bd-a", "--description", "mine"])
        .ok();
    let ran = import(&repo, &record("T", "theirs", 2, 3)).ok();
    assert!(ran.out.contains("conflict bd-a"), "{}", ran.out);
    assert!(ran.out.contains("git pm conflicts"), "{}", ran.out);
    let counted = "1 item with conflicting texts";
    assert!(ran.out.contains(counted), "{}", ran.out);
    let conflicts = repo.pm(&["conflicts"]).ok().out;
    assert!(conflicts.contains("in beads"), "{conflicts}");
    assert!(
        conflicts.contains("mine") && conflicts.contains("theirs"),
        "{conflicts}"
    );
}

#[test]
fn notes_changed_on_both_sides_are_reported_as_both_kept_and_not_as_overridden() {
    let (_scene, repo) = ready();
    let noted = |notes: &str, day: u8| {
        let notes = format!("\"notes\":\"{notes}\",\"status\"");
        record("T", "d", 2, day).replace("\"status\"", &notes)
    };
    import(&repo, &noted("first", 1)).ok();
    repo.when("2026-01-02T00:00:00Z")
        .pm(&["issue", "update", "bd-a", "--notes", "mine"])
        .ok();
    let ran = import(&repo, &noted("theirs", 3)).ok();
    assert!(ran.out.contains("conflict bd-a"), "{}", ran.out);
    assert!(!ran.out.contains("override"), "{}", ran.out);
    let versions = repo.data(&["conflicts"])["items"][0]["versions"].to_string();
    assert!(
        versions.contains("mine") && versions.contains("theirs"),
        "{versions}"
    );
}

#[test]
fn long_texts_changed_on_both_sides_are_kept_whichever_is_newer() {
    const TEXTS: [&str; 4] = ["description", "design", "notes", "acceptance_criteria"];
    let written = |text: &str, day: u8| {
        let more = TEXTS.map(|key| format!("\"{key}\":\"{text}\","));
        record("T", "", 2, day)
            .replace("\"description\":\"\",", "")
            .replace("\"status\"", &(more.concat() + "\"status\""))
    };
    for day in [2, 9] {
        let (_scene, repo) = ready();
        import(&repo, &written("first", 1)).ok();
        let here = repo.when(&format!("2026-01-0{day}T00:00:00Z"));
        let texts = ["-d", "--design", "--notes", "--acceptance"].map(|key| [key, "mine"]);
        let args = [&["issue", "update", "bd-a"][..], texts.as_flattened()].concat();
        here.pm(&args).ok();
        let out = import(&repo, &written("theirs", 5)).ok().out;
        assert!(out.contains("conflict bd-a"), "{day}: {out}");
        assert!(
            !out.contains("kept     ") && !out.contains("override "),
            "{out}"
        );
        let conflicts = repo.data(&["conflicts"])["items"].clone();
        assert_eq!(
            conflicts.as_array().unwrap().len(),
            TEXTS.len(),
            "{conflicts}"
        );
        for one in conflicts.as_array().unwrap() {
            let versions = one["versions"].to_string();
            assert!(
                versions.contains("mine") && versions.contains("theirs"),
                "{one}"
            );
        }
        // What the source writes over its own text replaces that.
        import(&repo, &written("theirs, again", 6)).ok();
        let conflicts = repo.data(&["conflicts"])["items"].clone();
        assert_eq!(conflicts.as_array().unwrap().len(), TEXTS.len());
        for one in conflicts.as_array().unwrap() {
            let versions = one["versions"].as_array().unwrap().iter();
            let mut texts: Vec<&str> = versions.map(|v| v["text"].as_str().unwrap()).collect();
            texts.sort_unstable();
            assert_eq!(texts, ["mine", "theirs, again"], "{one}");
        }
    }
}

#[test]
fn a_file_with_conflict_markers_makes_no_duplicates() {
    let (scene, repo) = ready();
    let (a, b) = (record("one", "d", 2, 1), record("two", "d", 2, 2));
    let before = commits(&repo);
    let marked = format!("<<<<<<< HEAD\n{a}=======\n{b}>>>>>>> other\n");
    let ran = import(&repo, &marked).exits(1);
    assert!(
        ran.err.contains("line 1") && ran.err.contains("hint"),
        "{}",
        ran.err
    );
    assert_eq!(commits(&repo), before, "nothing is written");
    // With the command that the hint names.
    import(&repo, &a).ok();
    import(&repo, &b).ok();
    let list = repo.pm(&["--json", "issue", "list", "--all"]).ok().data();
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
    // All other importers.
    let folder = scene.dir.path().join("project");
    for (tool, path) in [
        ("backlog", "backlog/tasks/task-1 - x.md"),
        ("ccpm", "epics/e/1.md"),
        ("taskmaster", "tasks.json"),
        ("csv", "tasks.csv"),
        ("learnings", "learnings/x.md"),
        ("agents", "agents/x.md"),
    ] {
        let file = folder.join(tool).join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        // Three backticks inside a fence of four neither open nor close one.
        std::fs::write(
            &file,
            "---\nid: task-1\nname: x\ntitle: x\n---\n````\n```\n````\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n",
        )
        .unwrap();
        let place = if tool == "csv" {
            file
        } else {
            folder.join(tool)
        };
        let ran = repo.pm(&["import", tool, place.to_str().unwrap()]).exits(1);
        assert!(ran.err.contains("conflict markers"), "{tool}: {}", ran.err);
        assert!(ran.err.contains("line "), "{tool}: {}", ran.err);
    }
    assert_eq!(commits(&repo), before + 2);
}

#[test]
fn only_a_losing_change_of_the_source_is_reported() {
    let (_scene, repo) = ready();
    import(&repo, &record("T", "d", 2, 1)).ok();
    repo.when("2027-01-02T00:00:00Z")
        .pm(&["issue", "update", "bd-a", "--title", "mine", "-p", "0"])
        .ok();
    let ran = import(&repo, &record("theirs", "d", 2, 3)).ok();
    assert!(
        ran.out
            .contains("kept     bd-a title is \"mine\", newer than \"theirs\""),
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("priority"), "{}", ran.out);
    let log = repo.data(&["log", "--conflicts"])["items"].clone();
    assert_eq!(log.as_array().unwrap().len(), 1, "{log}");
    assert_eq!(log[0]["item"], "bd-a");
    assert_eq!(
        (&log[0]["kept"], &log[0]["lost"]),
        (&"mine".into(), &"theirs".into())
    );
    assert_eq!(
        (&log[0]["kept_by"], &log[0]["lost_by"]),
        (&"Ana".into(), &"beads".into())
    );
    let ran = import(&repo, &record("theirs", "other", 2, 4)).ok();
    assert!(!ran.out.contains("kept"), "{}", ran.out);
    let item = repo.data(&["show", "bd-a"]);
    assert_eq!(
        (&item["title"], &item["body"]),
        (&"mine".into(), &"other".into())
    );
}

#[test]
fn a_reopened_issue_has_neither_time_nor_reason_of_closing() {
    for word in ["in_progress", "open", "blocked", "deferred"] {
        let (_scene, repo) = ready();
        import(&repo, &record("T", "d", 2, 1)).ok();
        repo.when("2026-01-02T00:00:00Z")
            .pm(&["issue", "close", "bd-a", "--reason", "r"])
            .ok();
        let there = record("T2", "d", 2, 3).replace("\"open\"", &format!("\"{word}\""));
        import(&repo, &there).ok();
        let out = export(&repo);
        if word == "open" {
            // Its state was not changed there.
            assert!(
                out.contains("\"status\":\"closed\"") && out.contains("closed_at"),
                "{out}"
            );
            continue;
        }
        assert_eq!(out, there, "{word}");
        let item = repo.data(&["show", "bd-a"]);
        assert_eq!(
            (&item["closed_at"], &item["reason"]),
            (&serde_json::Value::Null, &serde_json::Value::Null)
        );
    }
    // Closed there, and deferred here later.
    let (_scene, repo) = ready();
    import(&repo, &record("T", "d", 2, 1)).ok();
    repo.when("2027-01-01T00:00:00Z")
        .pm(&["issue", "defer", "bd-a"])
        .ok();
    let there = record("T", "d", 2, 3)
        .replace("\"open\"", "\"closed\"")
        .replace(
            "}\n",
            ",\"closed_at\":\"2026-01-03T00:00:00Z\",\"close_reason\":\"r\"}\n",
        );
    import(&repo, &there).ok();
    let out: serde_json::Value = serde_json::from_str(&export(&repo)).unwrap();
    assert_eq!(out["status"], "deferred", "{out}");
    assert_eq!(
        (&out["closed_at"], &out["close_reason"]),
        (&serde_json::Value::Null, &serde_json::Value::Null),
        "{out}"
    );
}

#[test]
fn importing_a_file_again_after_an_undo_gives_the_first_report() {
    let (_scene, repo) = ready();
    let edge = |id: &str, to: &str| {
        let edge = format!(
            "\"dependencies\":[{{\"issue_id\":\"{id}\",\"depends_on_id\":\"{to}\",\"type\":\"blocks\",\"created_at\":\"2026-01-01T00:00:00Z\"}}]"
        );
        record("T", "d", 2, 2)
            .replace("bd-a", id)
            .replace("}\n", &format!(",{edge}}}\n"))
    };
    let file = edge("bd-a", "bd-b") + &edge("bd-b", "bd-a");
    let first = import(&repo, &file).ok().out;
    assert!(first.contains("creates a cycle"), "{first}");
    repo.pm(&["undo"]).ok();
    let again = import(&repo, &file).ok().out;
    assert!(
        again.contains("creates a cycle") && again.contains("2 created"),
        "{again}"
    );
    assert_eq!(export(&repo), file);
    // An undone import does not prevent importing an older file.
    repo.pm(&["undo"]).ok();
    let older = record("older", "d", 2, 1);
    let ran = import(&repo, &older).ok();
    assert!(ran.out.contains("1 created"), "{}", ran.out);
    assert_eq!(repo.data(&["show", "bd-a"])["title"], "older");
    assert_eq!(export(&repo), older);
}

#[test]
fn undoing_an_import_takes_back_the_text_that_came_beside_one_from_here() {
    let noted = |text: &str, day: u8| {
        let notes = format!("\"notes\":\"{text}\",\"status\"");
        record("T", text, 2, day).replace("\"status\"", &notes)
    };
    // Either one may be the newer one.
    for day in [2, 9] {
        let (_scene, repo) = ready();
        import(&repo, &noted("base", 1)).ok();
        repo.when(&format!("2026-01-0{day}T00:00:00Z"))
            .pm(&["issue", "update", "bd-a", "-d", "mine", "--notes", "mine"])
            .ok();
        let texts = || {
            let item = repo.data(&["show", "bd-a"]);
            (item["body"].clone(), item["notes"].clone())
        };
        let before = texts();
        import(&repo, &noted("theirs", 5)).ok();
        let conflicts = || repo.data(&["conflicts"])["items"].clone();
        let both = conflicts();
        assert_eq!(both.as_array().unwrap().len(), 2, "{both}");
        repo.pm(&["undo"]).ok();
        assert_eq!(texts(), before);
        assert_eq!(texts(), ("mine".into(), "mine".into()));
        assert_eq!(conflicts(), serde_json::json!([]));
        assert!(export(&repo).contains("\"description\":\"mine\""));
        // Undoing that brings back what there was.
        let undo = repo.tip("refs/pm/main");
        repo.pm(&["undo", &undo]).ok();
        let again = conflicts();
        assert_eq!(again[0], both[0]);
        let texts_of = |all: &serde_json::Value, n: usize| all[1]["versions"][n]["text"].clone();
        assert_eq!(
            [0, 1].map(|n| texts_of(&again, n)),
            [0, 1].map(|n| texts_of(&both, n))
        );
        let undo = repo.tip("refs/pm/main");
        repo.pm(&["undo", &undo]).ok();
        assert_eq!(texts(), before);
    }
}

#[test]
fn an_import_does_not_assign_what_another_actor_holds() {
    let (_scene, repo) = ready();
    import(&repo, &record("T", "d", 2, 1)).ok();
    repo.by("blue").pm(&["start", "bd-a", "--no-worktree"]).ok();
    let theirs =
        record("T2", "d", 2, 3).replace("\"open\"", "\"in_progress\",\"assignee\":\"agent-red\"");
    let ran = import(&repo, &theirs).ok();
    assert!(
        ran.out
            .contains("is agent-red's at the source, but blue holds it here"),
        "{}",
        ran.out
    );
    let item = repo.data(&["show", "bd-a"]);
    assert_eq!(item["title"], "T2");
    assert_ne!(item["assignee"], "agent-red", "{item}");
    import(&repo, &theirs).ok();
    assert_ne!(repo.data(&["show", "bd-a"])["assignee"], "agent-red");
}

// A closed item has no claim in force, whoever closed it.
#[test]
fn an_import_that_closes_an_item_ends_its_claim() {
    let (_scene, repo) = ready();
    import(&repo, &record("T", "d", 2, 1)).ok();
    repo.pm(&["issue", "update", "bd-a", "--claim"]).ok();
    repo.pm(&["reserve", "add", "src/auth.rs", "--task", "bd-a"])
        .ok();
    let closed = record("T", "d", 2, 3).replace("\"open\"", "\"closed\"");
    let at = repo.when("2099-01-04T00:00:00Z");
    let closed = closed.replace("2026-01-03", "2099-01-03");
    import(&at, &closed).ok();
    let item = repo.data(&["show", "bd-a"]);
    assert_eq!(item["claim"], serde_json::Value::Null, "{item}");
    let shown = repo.pm(&["show", "bd-a"]).ok().out;
    assert!(!shown.contains("claimed by"), "{shown}");
    at.pm(&["issue", "reopen", "bd-a"]).ok();
    let ready = at.data(&["ready"])["items"].clone();
    assert_eq!(ready[0]["id"], "bd-a", "{ready}");
}

#[test]
fn a_report_shows_where_long_values_differ_and_edges_in_words() {
    let (_scene, repo) = ready();
    let other = record("Other", "d", 2, 1).replace("bd-a", "bd-b");
    let edge = "\"dependencies\":[{\"issue_id\":\"bd-a\",\"depends_on_id\":\"bd-b\",\"type\":\"blocks\",\"created_at\":\"2026-01-01T00:00:00Z\"}]";
    let waits = |title: &str, day: u8| {
        let record = record(title, "d", 2, day);
        record.replace("}\n", &format!(",{edge}}}\n"))
    };
    let long = "A title that is so long that a report cannot show all of it: ";
    import(&repo, &(waits(long, 1) + &other)).ok();
    let here = repo.when("2026-01-02T00:00:00Z");
    here.pm(&["dep", "rm", "bd-a", "bd-b"]).ok();
    here.pm(&["issue", "update", "bd-a", "--title", &format!("{long}ours")])
        .ok();
    import(&repo, &(record(&format!("{long}one"), "d", 2, 3) + &other)).ok();
    let here = repo.when("2026-01-04T00:00:00Z");
    here.pm(&[
        "issue",
        "update",
        "bd-a",
        "--title",
        &format!("{long}ours, too"),
    ])
    .ok();
    let out = import(&repo, &(waits(&format!("{long}theirs"), 5) + &other))
        .ok()
        .out;
    assert!(
        out.contains("override bd-a depends on bd-b, was not"),
        "{out}"
    );
    let title = out.lines().find(|line| line.contains("title is")).unwrap();
    assert!(
        title.contains("theirs\"") && title.contains("ours, too\""),
        "{title}"
    );
}
