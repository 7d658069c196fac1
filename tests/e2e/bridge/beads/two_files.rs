//! Files of two colleagues, which are imported in turn: their records have one time for all values.

use serde_json::{Value, json};

use super::ready;
use crate::support::{Repo, Scene};

/// A record from a day of January.
fn record(title: &str, priority: u8, labels: &[&str], day: u8) -> String {
    let labels = json!(labels);
    let text = if title == "By Ana" {
        "Text of Ana"
    } else {
        "Text"
    };
    format!(
        "{{\"id\":\"bd-a\",\"title\":\"{title}\",\"description\":\"{text}\",\"status\":\"open\",\"priority\":{priority},\"issue_type\":\"task\",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-0{day}T00:00:00Z\",\"labels\":{labels}}}\n"
    )
}

/// Imports a text as a file.
fn import(repo: &Repo, file: &str, text: &str) -> Value {
    repo.write(file, text);
    let later = repo.when("2026-01-20T00:00:00Z");
    later.data(&["import", "beads", file])
}

#[track_caller]
fn says(repo: &Repo, title: &str, body: &str, priority: u8, labels: &[&str]) {
    let item = repo.data(&["show", "bd-a"]);
    let found = ["title", "body", "priority", "labels"].map(|key| item[key].clone());
    let wanted = [json!(title), json!(body), json!(priority), json!(labels)];
    assert_eq!(found, wanted);
}

#[test]
fn the_later_file_takes_back_nothing_that_only_the_other_one_changed() {
    let (ana, ben) = (
        record("By Ana", 2, &["ana"], 3),
        record("Old", 0, &["old"], 4),
    );
    for order in [[("a", &ana), ("b", &ben)], [("b", &ben), ("a", &ana)]] {
        let (_scene, repo) = ready();
        for file in ["a", "b"] {
            import(&repo, file, &record("Old", 2, &["old"], 1));
        }
        for (file, text) in order {
            let report = import(&repo, file, text);
            assert_eq!(report["updated"], 1, "{report}");
            assert_eq!(report["overridden"], json!([]), "{report}");
        }
        // Again, in any order.
        for (file, text) in [("a", &ana), ("b", &ben), ("a", &ana)] {
            says(&repo, "By Ana", "Text of Ana", 0, &["ana"]);
            import(&repo, file, text);
        }
        says(&repo, "By Ana", "Text of Ana", 0, &["ana"]);
        // What a file changes itself counts, also where both did.
        let report = import(&repo, "b", &record("By Ben", 0, &["old"], 5));
        says(&repo, "By Ben", "Text of Ana", 0, &["ana"]);
        let lost = report["overridden"].to_string();
        assert!(lost.contains("By Ana"), "{report}");
        import(&repo, "b", &record("Old", 1, &["old"], 6));
        says(&repo, "Old", "Text of Ana", 1, &["ana"]);
    }
}

#[test]
fn a_file_that_is_imported_for_the_first_time_is_compared_with_the_version_it_was_made_from() {
    let (_scene, repo) = ready();
    import(&repo, "base", &record("Old", 2, &["old"], 1));
    import(&repo, "a", &record("By Ana", 2, &["old"], 3));
    let report = import(&repo, "b", &record("Old", 0, &["old"], 4));
    says(&repo, "By Ana", "Text of Ana", 0, &["old"]);
    // It may have been changed back there, so it is told.
    let kept = report["kept"].to_string();
    assert!(
        kept.contains("By Ana") && kept.contains("\"Old\""),
        "{report}"
    );
}

#[test]
fn a_file_is_imported_again_after_an_undo() {
    let (_scene, repo) = ready();
    import(&repo, "a", &record("Old", 2, &["old"], 1));
    let new = record("New", 1, &["new"], 3);
    import(&repo, "a", &new);
    repo.when("2026-01-20T00:00:00Z").pm(&["undo"]).ok();
    says(&repo, "Old", "Text", 2, &["old"]);
    import(&repo, "a", &new);
    says(&repo, "New", "Text", 1, &["new"]);
}

#[test]
fn a_comment_that_the_file_does_not_have_any_more_is_not_given_back() {
    let (_scene, repo) = ready();
    let comment = |id: u8| {
        format!(
            "{{\"id\":{id},\"issue_id\":\"bd-a\",\"author\":\"emma\",\"text\":\"no {id}\",\"created_at\":\"2026-01-01T0{id}:00:00Z\"}}"
        )
    };
    let with = |ids: &[u8], day: u8| {
        let all: Vec<String> = ids.iter().map(|id| comment(*id)).collect();
        let all = format!(",\"comments\":[{}]}}\n", all.join(","));
        record("Old", 2, &["old"], day).replace("}\n", &all)
    };
    let shown = |repo: &Repo| {
        let text = repo.pm(&["show", "bd-a"]).ok().out;
        [1, 2, 3].map(|id| text.contains(&format!("no {id}")))
    };
    import(&repo, "a", &with(&[1, 2], 1));
    import(&repo, "a", &with(&[2], 3));
    assert_eq!(shown(&repo), [false, true, false]);
    let out = repo.pm(&["export", "beads", "-"]).ok().out;
    assert!(!out.contains("no 1"), "{out}");
    import(&repo, "a", &with(&[1, 2], 4));
    assert_eq!(shown(&repo), [true, true, false]);
    // A file that never had it says nothing about it.
    import(&repo, "b", &with(&[2, 3], 5));
    assert_eq!(shown(&repo), [true, true, true]);
}

#[test]
fn a_comment_from_here_stays_when_it_gets_another_id_at_its_source() {
    let (_scene, repo) = ready();
    import(&repo, "a", &record("Old", 2, &["old"], 1));
    let here = repo.when("2026-01-02T00:00:00Z");
    here.pm(&["issue", "comment", "bd-a", "from here"]).ok();
    here.pm(&["export", "beads", "out"]).ok();
    let out = std::fs::read_to_string(repo.path.join("out")).unwrap();
    let mut back: Value = serde_json::from_str(out.trim_end()).unwrap();
    let comments = |repo: &Repo| {
        let all = repo.data(&["show", "bd-a"])["comments"].clone();
        all.as_array().map_or(0, Vec::len)
    };
    for (id, day) in [(9, 3), (12, 4)] {
        back["comments"][0]["id"] = id.into();
        back["updated_at"] = format!("2026-01-0{day}T00:00:00Z").into();
        import(&repo, "a", &format!("{back}\n"));
        assert_eq!(comments(&repo), 1, "with the id {id}");
    }
    // What the source removes is gone all the same.
    back["comments"] = json!([]);
    back["updated_at"] = "2026-01-05T00:00:00Z".into();
    import(&repo, "a", &format!("{back}\n"));
    assert_eq!(comments(&repo), 0);
}

/// A record that was closed on the third of January and is open else.
fn reopened(day: u8) -> String {
    let open = record("Old", 2, &["old"], day);
    match day {
        3 => open.replace(
            r#""status":"open""#,
            r#""status":"closed","closed_at":"2026-01-03T00:00:00Z""#,
        ),
        _ => open,
    }
}

#[track_caller]
fn is_taken(repo: &Repo, how: &str) {
    let status = |repo: &Repo| repo.data(&["show", "bd-a"])["status"].clone();
    assert_eq!(status(repo), "closed", "{how}");
    let report = import(repo, "i", &reopened(4));
    assert_eq!(report["updated"], 1, "{how}: {report}");
    assert_eq!(status(repo), "open", "{how}: {report}");
    // Where the file said that before, it may as well be older than what another one said, so it is told.
    let lost = report["overridden"].to_string();
    let is_told = lost.contains("closed");
    assert_eq!(is_told, how != "a skipped line", "{how}: {report}");
}

#[test]
fn a_file_that_another_clone_imported_meanwhile_is_compared_with_what_that_imported() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    import(&a, "i", &reopened(1));
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    import(&b, "i", &reopened(3));
    b.pm(&["sync"]).ok();
    a.pm(&["sync"]).ok();
    is_taken(&a, "by another clone");
}

#[test]
fn a_file_that_was_imported_in_another_way_meanwhile_is_compared_with_what_that_imported() {
    for how in ["standard input", "a skipped line"] {
        let (_scene, repo) = ready();
        import(&repo, "i", &reopened(1));
        let later = repo.when("2026-01-20T00:00:00Z");
        match how {
            "standard input" => super::import(&later, &reopened(3)),
            _ => {
                repo.write("i", &format!("{}no record\n", reopened(3)));
                later.pm(&["import", "beads", "i"])
            }
        };
        is_taken(&repo, how);
    }
    // By another path it is the same file, of which this is no older value.
    let (_scene, repo) = ready();
    import(&repo, "i", &reopened(1));
    import(&repo, "./i", &reopened(3));
    let report = import(&repo, "i", &reopened(4));
    assert_eq!(repo.data(&["show", "bd-a"])["status"], "open", "{report}");
    assert_eq!(report["overridden"], json!([]), "{report}");
}

#[test]
fn what_a_file_does_not_change_itself_is_told_where_another_one_said_it_otherwise() {
    let (_scene, repo) = ready();
    for file in ["a", "b"] {
        import(&repo, file, &record("Old", 2, &["old"], 1));
    }
    import(&repo, "a", &record("By Ana", 2, &["ana"], 3));
    let report = import(&repo, "b", &record("Old", 0, &["old"], 4));
    says(&repo, "By Ana", "Text of Ana", 0, &["ana"]);
    let told = report["kept"].to_string();
    for value in ["By Ana", "Text of Ana", "\"ana\""] {
        assert!(told.contains(value), "{value}: {report}");
    }
}
