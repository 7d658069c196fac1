//! Own exports that are imported again: they are no versions of the source.

use serde_json::{Value, json};

use super::{export, import, ready};
use crate::support::{Repo, binary, commits};

fn record(title: &str, priority: u8, labels: &[&str], time: &str) -> String {
    let labels = json!(labels);
    format!(
        "{{\"id\":\"bd-a\",\"title\":\"{title}\",\"status\":\"open\",\"priority\":{priority},\"issue_type\":\"task\",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"{time}\",\"labels\":{labels}}}\n"
    )
}

fn day(repo: &Repo, day: u8) -> Repo {
    repo.when(&format!("2026-01-{day:02}T12:00:00Z"))
}

/// What an import of a text would do.
fn dry(repo: &Repo, text: &str) -> Value {
    let args = ["--json", "import", "beads", "-", "--dry-run"];
    repo.feed(binary(), &args, text).ok().data()
}

/// What a report says about values, apart from the commit.
fn told(report: &Value) -> [Value; 5] {
    ["updated", "unchanged", "overridden", "kept", "warnings"].map(|key| report[key].clone())
}

fn update(repo: &Repo) {
    let args = "issue update bd-a --title Ours --add-label hot -d Mine";
    let args: Vec<&str> = args.split(' ').collect();
    repo.pm(&args).ok();
}

#[test]
fn work_done_here_survives_an_own_export_and_a_colleagues_file_after_it() {
    let (_scene, repo) = ready();
    let base = record("Old", 2, &["x"], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    update(&day(&repo, 2));
    let (own, before) = (export(&repo), commits(&repo));
    let would = dry(&day(&repo, 3), &own);
    let report = import(&day(&repo, 3), &own).ok().data();
    assert_eq!(told(&report), told(&would));
    assert_eq!(report["unchanged"], 1, "{report}");
    assert_eq!(commits(&repo), before, "nothing changed: {report}");
    // A colleague, who has not seen the export, changes another field.
    let theirs = record("Old", 1, &["x"], "2026-01-04T00:00:00Z");
    let would = dry(&day(&repo, 5), &theirs);
    let report = import(&day(&repo, 5), &theirs).ok().data();
    assert_eq!(told(&report), told(&would));
    assert_eq!(report["overridden"], json!([]), "{report}");
    let item = repo.data(&["show", "bd-a"]);
    assert_eq!(
        (&item["title"], &item["priority"], &item["labels"]),
        (&json!("Ours"), &json!(1), &json!(["hot", "x"]))
    );
    assert_eq!(item["body"], "Mine");
}

// An item that was created here has a record, too, once one was imported.
#[test]
fn work_on_an_item_made_here_survives_an_own_export_as_well() {
    let (_scene, repo) = ready();
    let id = day(&repo, 1).data(&["issue", "create", "Old"])["id"].clone();
    let id = id.as_str().unwrap();
    let at = |text: &str, time: &str| {
        let mut record: Value = serde_json::from_str(text).unwrap();
        record["updated_at"] = time.into();
        record
    };
    let theirs = at(&export(&repo), "2026-01-02T00:00:00Z");
    let mut first = theirs.clone();
    first["priority"] = 1.into();
    import(&day(&repo, 2), &format!("{first}\n")).ok();
    day(&repo, 3)
        .pm(&["issue", "update", id, "--title", "Ours"])
        .ok();
    let own = export(&repo);
    let report = import(&day(&repo, 4), &own).ok().data();
    assert_eq!(
        (&report["unchanged"], &report["commit"]),
        (&json!(1), &Value::Null)
    );
    let mut second = at(&theirs.to_string(), "2026-01-05T00:00:00Z");
    second["priority"] = 0.into();
    import(&day(&repo, 6), &format!("{second}\n")).ok();
    let item = repo.data(&["show", id]);
    assert_eq!(
        (&item["title"], &item["priority"]),
        (&json!("Ours"), &json!(0))
    );
}

#[test]
fn what_was_written_here_and_a_stale_file_replaces_is_reported() {
    let (_scene, repo) = ready();
    let base = record("Old", 2, &["x"], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    update(&day(&repo, 2));
    // An edited export is a version of the source, which has the values from here.
    let edited = export(&repo).replace("\"priority\":2", "\"priority\":0");
    let report = import(&day(&repo, 3), &edited).ok().data();
    assert_eq!(report["updated"], 1, "{report}");
    assert_eq!(report["overridden"], json!([]), "{report}");
    let stale = record("Old", 1, &["x"], "2026-01-04T00:00:00Z");
    let would = dry(&day(&repo, 5), &stale);
    let report = import(&day(&repo, 5), &stale).ok().data();
    assert_eq!(told(&report), told(&would));
    let lost = |all: &Value| -> Vec<(String, Value)> {
        let all = all.as_array().unwrap().iter();
        let pair = |one: &Value| {
            let field = one["field"].as_str().unwrap().to_string();
            (field, one["lost"].clone())
        };
        let mut all: Vec<(String, Value)> = all.map(pair).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    };
    let wanted = [
        ("body".to_string(), json!("Mine")),
        ("labels/hot".to_string(), json!(true)),
        ("title".to_string(), json!("Ours")),
    ];
    assert_eq!(lost(&report["overridden"]), wanted, "{report}");
    let log = repo.data(&["log", "--conflicts"]);
    assert_eq!(lost(&log["items"]), wanted, "{log}");
}

#[test]
fn of_two_files_from_clocks_that_are_ahead_the_newer_one_stays() {
    let (_scene, repo) = ready();
    let at = |second: &str| format!("2026-01-05T00:0{second}Z");
    let base = record("Old", 2, &[], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    let newer = record("Newer", 2, &[], &at("1:00"));
    let older = record("Older", 2, &[], &at("0:50"));
    for (now, text) in [("0:00", &newer), ("0:10", &older), ("0:20", &newer)] {
        import(&repo.when(&at(now)), text).ok();
        assert_eq!(repo.data(&["show", "bd-a"])["title"], "Newer");
    }
    let report = import(&repo.when(&at("0:30")), &older).ok().data();
    let reason = &report["skipped"][0]["reason"];
    assert_eq!(reason, "is older than the version here");
}

#[test]
fn a_record_in_which_only_unknown_keys_changed_is_kept_and_not_counted_as_an_update() {
    let (_scene, repo) = ready();
    let base = record("Old", 2, &["x"], "2026-01-01T00:00:00Z");
    import(&day(&repo, 1), &base).ok();
    let newer = record("Old", 2, &["x"], "2026-01-02T00:00:00Z")
        .replace("\"labels\"", "\"work_type\":\"w\",\"labels\"");
    let report = import(&day(&repo, 3), &newer).ok().data();
    assert_eq!(
        (&report["updated"], &report["unchanged"]),
        (&json!(0), &json!(1)),
        "{report}"
    );
    assert_eq!(export(&repo), newer);
}
