//! What counts as finished, when, and as whose work: the same in every command.

use serde_json::{Value, json};

use super::reports::two_clones;
use crate::support::{Repo, binary, ids, set_up};

/// A sheet of six, imported at noon of the 29th: one is finished at a known time.
fn imported(repo: &Repo) -> Repo {
    let repo = repo.when("2026-11-29T12:00:00Z");
    let sheet = "ID,Title,Status,Type,Created,Resolved,Assignee\n\
        1,Epic,open,Epic,,,\n\
        2,Done at some time,done,Task,,,\n\
        3,Done last week,done,Task,2026-11-02,2026-11-25,Ben\n\
        4,Dropped,cancelled,Task,,,\n\
        5,Open,open,Task,,,\n\
        6,Done before,done,Task,2026-10-02,2026-10-12,\n";
    repo.feed(binary(), &["import", "csv", "-"], sheet).ok();
    repo
}

/// The finished items, each with its actor and time.
fn finished(report: &Value) -> Vec<String> {
    let changes = report["changes"].as_array().unwrap().iter();
    let finished = changes.filter(|change| change["kind"] == "finished");
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_string();
    finished
        .map(|one| ["id", "actor", "at"].map(|key| text(one, key)).join(" "))
        .collect()
}

#[test]
fn what_was_imported_closed_is_finished_when_its_source_says_so_in_every_command() {
    let (_scene, repo) = set_up();
    let repo = imported(&repo);
    let stats = repo.data(&["stats"]);
    assert_eq!(stats["velocity"]["closed_last_7_days"], 1);
    assert_eq!(stats["velocity"]["closed_last_30_days"], 1);
    assert_eq!(stats["velocity"]["avg_days_to_close"], 16.5);
    for verb in ["report", "retro", "stats"] {
        let report = repo.data(&[verb, "--since", "7d"]);
        assert_eq!(
            finished(&report),
            ["T-0002 Ben 2026-11-25T00:00:00Z"],
            "{verb}"
        );
        assert_eq!(report["velocity"]["finished"], 1);
        assert_eq!(report["lead_days"]["p50"], 23.0);
        assert_eq!(report["counts"]["created"], 3);
        assert_eq!(report["closed_elsewhere"], 3);
        assert_eq!(report["standing"]["open"], 1);
        let series = report["series"].as_array().unwrap();
        assert_eq!(series[0]["finished"], 1, "{series:?}");
        assert_eq!(series.last().unwrap()["created"], 3, "{series:?}");
    }
    let text = repo.pm(&["report"]).ok().out;
    assert!(
        text.contains("imported     3 as closed, before the period or without a date"),
        "{text}"
    );
    // A longer period has the other one with a date.
    let report = repo.data(&["report", "--since", "8w"]);
    assert_eq!(finished(&report).len(), 2);
    assert_eq!(report["closed_elsewhere"], 2);
    assert_eq!(repo.data(&["forecast"])["samples"], 2);
    for query in ["finished:<7d", "closed:<7d"] {
        assert_eq!(
            ids(&repo.data(&["list", query])["items"]),
            ["T-0002"],
            "{query}"
        );
    }
    // Work that is closed here counts at once, and what a later import closes as it says.
    repo.pm(&["done", "T-4", "--force"]).ok();
    assert_eq!(repo.data(&["stats"])["velocity"]["closed_last_7_days"], 2);
    assert_eq!(finished(&repo.data(&["report"])).len(), 2);
    assert_eq!(
        ids(&repo.data(&["list", "finished:<7d"])["items"]),
        ["T-0002", "T-0004"]
    );
}

#[test]
fn what_a_later_import_closes_is_finished_when_it_says_so() {
    let (_scene, repo) = set_up();
    let sheet = |repo: &Repo, rows: &str| {
        let text = format!("ID,Title,Status,Resolved\n{rows}");
        repo.feed(binary(), &["import", "csv", "-"], &text).ok();
    };
    sheet(&repo.when("2026-11-02T12:00:00Z"), "1,A,open,\n2,B,open,\n");
    let repo = repo.when("2026-11-29T12:00:00Z");
    sheet(&repo, "1,A,done,2026-11-20\n2,B,done,\n");
    let report = repo.data(&["report", "--since", "2w"]);
    let dated = finished(&report);
    assert_eq!(dated.len(), 1);
    assert!(dated[0].ends_with(" 2026-11-20T00:00:00Z"), "{dated:?}");
    assert_eq!(report["closed_elsewhere"], 1);
    assert_eq!(repo.data(&["stats"])["velocity"]["closed_last_30_days"], 1);
}

/// Nobody is told as the one who finished what came finished, and it counts in each period that its source states.
#[test]
fn what_came_finished_counts_when_its_source_says_so_and_for_nobody() {
    let (_scene, repo) = set_up();
    let repo = repo.when("2026-11-29T12:00:00Z");
    let sheet = "Summary,Issue key,Status,Created,Resolved\n\
        A,AB-1,To Do,2026-01-02,\n\
        C,AB-3,Done,2026-01-02,2026-01-20\n";
    let agent = repo.with("CLAUDECODE", "1");
    agent.feed(binary(), &["import", "csv", "-"], sheet).ok();
    for until in ["2026-02-01", "2026-11-29"] {
        let report = repo.data(&["report", "--since", "2026-01-01", "--until", until]);
        assert_eq!(report["counts"]["created"], 2, "{report}");
        assert_eq!(report["velocity"]["finished"], 1, "{report}");
        assert_eq!(finished(&report), ["T-0002  2026-01-20T00:00:00Z"]);
        let people = &report["completion"];
        assert_eq!(
            (&people["by_agents"], &people["by_people"]),
            (&json!(0), &json!(0))
        );
        let actors = report["actors"].as_array().unwrap().iter();
        let done: usize = actors
            .map(|one| one["done"].as_array().unwrap().len())
            .sum();
        assert_eq!(done, 0, "{report}");
        let series = report["series"].as_array().unwrap();
        let before = |point: &&Value| point["to"].as_str().unwrap() < "2026-01-20";
        let earlier = series.iter().rfind(before).unwrap();
        assert_eq!(earlier["open"], 2, "until {until}: {series:?}");
        assert_eq!(
            series.last().unwrap()["open"],
            1,
            "until {until}: {series:?}"
        );
    }
    let text = repo.pm(&["report", "--since", "2026-01-01"]).ok().out;
    assert!(
        !text.contains(", ,") && !text.contains("of 0 items"),
        "{text}"
    );
}

/// An undone closing leaves nothing behind.
#[test]
fn an_undone_closing_was_not_opened_again() {
    let (_scene, repo) = set_up();
    let id = repo.task("Fix", &[]);
    repo.pm(&["task", "done", &id, "--force"]).ok();
    repo.pm(&["undo"]).ok();
    let report = repo.data(&["report"]);
    assert_eq!(report["rework"]["reopened"], json!([]), "{report}");
    assert_eq!(report["velocity"]["finished"], 0);
}

#[test]
fn a_large_import_counts_what_was_finished_at_a_known_time() {
    let (_scene, repo) = set_up();
    let mut lines = String::new();
    for n in 0..1_100 {
        let closed = ["", r#","closed_at":"2026-11-03T09:00:00Z""#][usize::from(n % 11 == 0)];
        let status = ["open", "closed"][usize::from(n % 10 == 0 || n % 11 == 0)];
        lines += &format!(
            "{{\"id\":\"old-{n:04}\",\"title\":\"Item {n}\",\"status\":\"{status}\",\"priority\":2,\
             \"issue_type\":\"task\",\"created_at\":\"2026-11-01T09:00:00Z\",\
             \"updated_at\":\"2026-11-03T10:00:00Z\"{closed}}}\n"
        );
    }
    repo.write("issues.jsonl", &lines);
    let repo = repo.when("2026-11-04T12:00:00Z");
    repo.pm(&["import", "beads", "issues.jsonl"]).ok();
    let report = repo.data(&["report", "--since", "7d"]);
    assert_eq!(report["counts"]["created"], 1_100);
    assert_eq!(report["velocity"]["finished"], 100);
    assert_eq!(report["closed_elsewhere"], 100);
    assert_eq!(report["standing"]["open"], 900);
    assert_eq!(repo.data(&["stats"])["velocity"]["closed_last_7_days"], 100);
    // Of a later period it knows the number, also of those that are changed in it, from the index or not.
    let today = |closed: usize, reopened: usize| {
        let asked = || repo.data(&["report", "--since", "2026-11-04"]);
        let report = asked();
        assert_eq!(report["counts"]["created"], 1_000);
        assert_eq!(report["velocity"]["finished"], 0);
        assert_eq!(report["closed_elsewhere"], closed);
        assert_eq!(report["counts"]["reopened"], reopened);
        std::fs::remove_file(repo.path.join(".git/pm/index.sqlite")).expect("an index");
        assert_eq!(asked(), report);
        let all = repo.data(&["report", "--since", "2026-11-04", "type:task"]);
        assert_eq!(
            all["closed_elsewhere"],
            closed - 100,
            "{}",
            all["closed_elsewhere"]
        );
    };
    today(200, 0);
    repo.pm(&["issue", "reopen", "old-0011"]).ok();
    today(199, 1);
    repo.pm(&["issue", "update", "old-0022", "--title", "Renamed"])
        .ok();
    today(199, 1);
}

/// Both close it without the other's knowledge; the later one wins.
#[test]
fn work_that_two_finished_is_that_of_the_one_whom_the_item_names() {
    let (_scene, a, b) = two_clones();
    a.when("2026-11-02T10:00:00Z").task("Both", &[]);
    a.when("2026-11-02T10:00:00Z").pm(&["sync"]).ok();
    b.when("2026-11-02T11:00:00Z").pm(&["sync"]).ok();
    let done = |repo: &Repo, at: &str| drop(repo.when(at).pm(&["done", "T-1", "--force"]).ok());
    done(&b, "2026-11-03T09:00:00Z");
    done(&a, "2026-11-04T09:00:00Z");
    for clone in [&b, &a, &b] {
        clone.when("2026-11-05T09:00:00Z").pm(&["sync"]).ok();
    }
    for clone in [&a, &b] {
        let now = clone.when("2026-11-05T12:00:00Z");
        let report = now.data(&["report"]);
        assert_eq!(finished(&report), ["T-0001 ana 2026-11-04T09:00:00Z"]);
        let standup = now.data(&["standup", "--since", "3d"]);
        assert_eq!(standup["actors"].as_array().unwrap().len(), 1, "{standup}");
        assert_eq!(standup["actors"][0]["actor"], "ana");
    }
    // Before the sync each had its own.
    let then = [
        "report",
        "--since",
        "2026-11-02",
        "--until",
        "2026-11-03T12:00:00Z",
    ];
    let then = b.when("2026-11-05T12:00:00Z").data(&then);
    assert_eq!(then["velocity"]["finished"], 1);
    assert_eq!(then["counts"]["cancelled"], json!(0));
}

#[test]
fn a_report_names_what_was_deleted() {
    let (_scene, repo) = set_up();
    repo.task("Gone", &[]);
    repo.pm(&["task", "delete", "T-1"]).ok();
    let text = repo.pm(&["report"]).ok().out;
    assert!(text.contains("deleted      1\n"), "{text}");
    assert!(text.contains("Deleted\n  T-0001  Gone"), "{text}");
}

/// Hours of the 29th.
fn at(repo: &Repo, hour: u8) -> Repo {
    repo.when(&format!("2026-11-29T{hour:02}:00:00Z"))
}

/// What another import corrects, or brings again after an undo, counts as the item says it now, as in statistics.
#[test]
fn what_a_later_import_corrects_counts_as_the_item_says_it() {
    let (_scene, repo) = set_up();
    let import = |hour, year: u32| {
        let sheet = format!(
            "ID,Title,Status,Created,Resolved\n1,A,done,{year}-11-02,{year}-11-12\n2,B,open,,\n"
        );
        let at = at(&repo, hour);
        at.feed(binary(), &["import", "csv", "-"], &sheet).ok();
        at.data(&["stats"])["velocity"]["closed_last_30_days"].clone()
    };
    let require_reported = || {
        for until in ["2026-11-29", "2026-11-15"] {
            let period = ["report", "--since", "2026-11-01", "--until", until];
            let report = at(&repo, 20).data(&period);
            assert_eq!(report["lead_days"]["p50"], 10.0, "until {until}: {report}");
            assert_eq!(finished(&report), ["T-0001  2026-11-12T00:00:00Z"]);
        }
    };
    assert_eq!(import(9, 2025), 0);
    assert_eq!(import(10, 2026), 1);
    require_reported();
    at(&repo, 11).pm(&["undo"]).ok();
    let report = at(&repo, 20).data(&["report", "--since", "2026-11-01"]);
    assert_eq!(finished(&report), [""; 0]);
    assert_eq!(import(12, 2026), 1);
    require_reported();
}

/// An import that was undone leaves nothing, and the next one counts alone.
#[test]
fn what_is_imported_again_after_an_undo_is_finished_when_it_says_so() {
    let (_scene, repo) = set_up();
    let import = |hour, row: &str| {
        let sheet = format!("ID,Title,Status,Created,Resolved\n1,A,{row}\n");
        let at = at(&repo, hour);
        at.feed(binary(), &["import", "csv", "-"], &sheet).ok();
    };
    let counted = || {
        ["2026-11-29", "2026-11-15"].map(|until| {
            let period = ["report", "--since", "2026-11-01", "--until", until];
            finished(&at(&repo, 20).data(&period)).len()
        })
    };
    import(9, "open,2026-11-02,");
    at(&repo, 10).pm(&["undo"]).ok();
    import(11, "done,2026-11-02,2026-11-12");
    assert_eq!(counted(), [1, 1]);
    at(&repo, 12).pm(&["undo"]).ok();
    assert_eq!(counted(), [0, 0]);
}

/// What an undo took back is no rework, unless that undo was undone.
#[test]
fn an_undone_reopening_is_no_rework() {
    let (_scene, repo) = set_up();
    let id = repo.task("Fix", &[]);
    repo.pm(&["task", "done", &id, "--force"]).ok();
    repo.pm(&["task", "reopen", &id]).ok();
    repo.pm(&["undo"]).ok();
    let undo = repo.tip("refs/pm/main");
    let report = repo.data(&["report"]);
    assert_eq!(report["rework"]["reopened"], json!([]), "{report}");
    assert_eq!(report["rework"]["rework_percent"], 0.0, "{report}");
    assert_eq!(report["velocity"]["finished"], 1);
    repo.pm(&["undo", &undo]).ok();
    let report = repo.data(&["report"]);
    assert_eq!(report["rework"]["reopened"], json!([id]), "{report}");
}

/// An undo by force takes back only a part of an operation.
#[test]
fn a_reopening_that_an_undo_did_not_take_back_is_rework() {
    let (_scene, repo) = set_up();
    let all = [repo.task("Kept", &[]), repo.task("Taken back", &[])];
    for id in &all {
        repo.pm(&["task", "done", id, "--force"]).ok();
    }
    repo.pm(&["issue", "reopen", &all[0], &all[1]]).ok();
    let reopening = repo.tip("refs/pm/main");
    repo.pm(&["issue", "claim", &all[0]]).ok();
    let said = repo.pm(&["undo", &reopening, "--force"]).ok();
    let said = format!("{}{}", said.out, said.err);
    assert!(said.contains("not undone: "), "{said}");
    assert_eq!(repo.data(&["show", &all[1]])["status"], "done");
    let report = repo.data(&["report"]);
    assert_eq!(report["rework"]["reopened"], json!([all[0]]), "{report}");
}
