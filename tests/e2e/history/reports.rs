//! Reports about a period: `standup`, `retro`, `report` and `stats --since`. Their figures are
//! computed a second time by `tests/report/recompute.py`, which uses git alone.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::events::events;
use crate::support::{Dice, Repo, Scene, campaign, without_hooks};

/// A day of November 2026; the second is a Monday.
fn day(day: usize, hour: usize) -> String {
    format!("2026-11-{day:02}T{hour:02}:00:00Z")
}

/// The same figures from `git log refs/pm/main`.
fn recomputed(repo: &Repo, report: &Value) -> Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/report/recompute.py");
    let text = |key: &str| report[key].as_str().unwrap();
    let args = [script, ".", text("since"), text("until"), text("step")];
    let ran = repo.run("python3", &args).ok();
    serde_json::from_str(&ran.out).unwrap()
}

/// The figures of a report that the script computes as well.
fn comparable(report: &Value) -> Value {
    let pick = |value: &Value, keys: &[&str]| -> Value {
        let found = keys
            .iter()
            .map(|key| ((*key).to_string(), value[key].clone()));
        Value::Object(found.collect())
    };
    let series = report["series"].as_array().unwrap().iter();
    let series: Vec<Value> = series
        .map(|point| {
            pick(
                point,
                &["from", "to", "created", "finished", "reopened", "open"],
            )
        })
        .collect();
    let finished = of_kind(report, "finished");
    let finished: Vec<Value> = finished
        .iter()
        .map(|change| json!([change["commit"], change["uid"]]))
        .collect();
    json!({
        "commits": report["commits"],
        "merges": report["merges"],
        "series": series,
        "finished": finished,
        "lead_days": pick(&report["lead_days"], &["samples", "p50", "p85"]),
        "cycle_days": pick(&report["cycle_days"], &["samples", "p50", "p85"]),
    })
}

fn of_kind<'r>(report: &'r Value, kind: &str) -> Vec<&'r Value> {
    let changes = report["changes"].as_array().unwrap().iter();
    changes.filter(|change| change["kind"] == kind).collect()
}

fn ids_of(report: &Value, kind: &str) -> Vec<String> {
    let changes = of_kind(report, kind).into_iter();
    changes
        .map(|change| change["id"].as_str().unwrap().to_string())
        .collect()
}

/// Requires that the script computes the same figures.
#[track_caller]
fn recompute(repo: &Repo, report: &Value) {
    assert_eq!(comparable(report), recomputed(repo, report));
}

/// Two clones that exchange their states only with `git pm sync`.
pub fn two_clones() -> (Scene, Repo, Repo) {
    let scene = Scene::new();
    let hub = scene.bare("hub.git");
    let a = scene.repo("a");
    a.git(&["remote", "add", "origin", "../hub.git"]).ok();
    a.git(&["push", "-q", "-u", "origin", "main"]).ok();
    let a = a.with("GIT_PM_ACTOR", "ana");
    a.when(&day(2, 8)).pm(&["init", "--no-hooks"]).ok();
    a.when(&day(2, 8)).pm(&["sync"]).ok();
    let b = scene.at("b");
    scene
        .at(".")
        .git(&["clone", "-q", hub.path.to_str().unwrap(), "b"])
        .ok();
    let b = b.with("GIT_PM_ACTOR", "ben");
    b.when(&day(2, 9)).pm(&["init", "--no-hooks"]).ok();
    for clone in [&a, &b] {
        clone.git(&["config", "pm.sync", "manual"]).ok();
    }
    (scene, a, b)
}

/// Two weeks of two clones: five items, of which one is reopened, one deleted after it was finished,
/// one finished in both clones, and one cancelled.
fn two_weeks() -> (Scene, Repo, Repo) {
    let (scene, a, b) = two_clones();
    let first = a.when(&day(2, 10));
    first.task("Parse the header", &["--estimate", "S"]);
    first.task("Draw the plot", &["--type", "chore", "--estimate", "XS"]);
    first.task("Dropped again", &[]);
    first.task("Done twice", &["--label", "refactor"]);
    first.task("Last", &["--depends-on", "T-4", "--assignee", "cleo"]);
    first.pm(&["sync"]).ok();
    let start = ["--no-worktree", "--offline"];
    let begin = |repo: &Repo, id: &str| {
        let mut args = vec!["start", id];
        args.extend(start);
        repo.pm(&args).ok();
    };
    let done = |repo: &Repo, id: &str| drop(repo.pm(&["task", "done", id, "--force"]).ok());
    b.when(&day(2, 11)).pm(&["sync"]).ok();
    begin(&a.when(&day(3, 9)), "T-1");
    done(&a.when(&day(3, 12)), "T-1");
    // An agent works in the other clone meanwhile.
    let agent = b.with("CLAUDECODE", "1").by("claude-2");
    begin(&agent.when(&day(3, 10)), "T-2");
    done(&agent.when(&day(5, 10)), "T-2");
    // Both clones finish the same item.
    done(&b.when(&day(5, 11)), "T-4");
    done(&a.when(&day(6, 9)), "T-4");
    for clone in [&a, &b, &a] {
        clone.when(&day(6, 15)).pm(&["sync"]).ok();
    }
    a.when(&day(9, 9)).pm(&["task", "reopen", "T-1"]).ok();
    begin(&a.when(&day(10, 9)), "T-1");
    let edit = ["task", "edit", "T-1", "--estimate", "L"];
    a.when(&day(10, 10)).pm(&edit).ok();
    done(&a.when(&day(11, 9)), "T-1");
    b.when(&day(10, 9)).pm(&["task", "cancel", "T-3"]).ok();
    a.when(&day(12, 9)).pm(&["task", "delete", "T-2"]).ok();
    for clone in [&a, &b, &a] {
        clone.when(&day(12, 15)).pm(&["sync"]).ok();
    }
    (scene, a, b)
}

#[test]
fn me_11_figures_are_those_that_an_independent_script_computes_from_the_commits() {
    let (_scene, a, b) = two_weeks();
    let now = a.when(&day(13, 12));
    let report = now.data(&["report", "--since", "2026-11-02"]);
    assert_eq!(report["step"], "day");
    assert!(report["merges"].as_u64().unwrap() > 0, "{report}");
    recompute(&now, &report);
    assert_eq!(ids_of(&report, "created").len(), 5);
    assert_eq!(
        ids_of(&report, "finished"),
        ["T-0004", "T-0001"],
        "an item finished in two clones, or again, counts once, a deleted one does not"
    );
    assert_eq!(ids_of(&report, "reopened"), ["T-0001"]);
    assert_eq!(ids_of(&report, "cancelled"), ["T-0003"]);
    let open = report["series"].as_array().unwrap().iter();
    let open: Vec<i64> = open.map(|point| point["open"].as_i64().unwrap()).collect();
    assert_eq!(open, [5, 4, 4, 2, 2, 2, 2, 3, 2, 1, 1, 1]);
    assert_eq!(report["lead_days"]["samples"], 2);
    assert_eq!(report["cycle_days"]["p85"], 1.0);
    // The other clone has the same history, and gives the same report.
    let there = b
        .when(&day(13, 12))
        .data(&["report", "--since", "2026-11-02"]);
    assert_eq!(comparable(&there), comparable(&report));
    let weeks = now.data(&["stats", "--since", "2026-11-02", "--step", "week"]);
    assert_eq!(weeks["series"].as_array().unwrap().len(), 2);
    assert_eq!(weeks["series"][0]["finished"], 1);
    assert_eq!(weeks["series"][1]["finished"], 1);
    recompute(&now, &weeks);
}

#[test]
fn ob_07_a_report_about_the_past_does_not_change_when_its_items_do() {
    let (_scene, a, _b) = two_weeks();
    let period = ["--since", "2026-11-02", "--until", "2026-11-08"];
    let ask = |verb: &str, now: &str| {
        let mut args = vec![verb];
        args.extend(period);
        a.when(now).data(&args)
    };
    let then = ask("report", &day(13, 12));
    a.when(&day(14, 9)).pm(&["task", "reopen", "T-4"]).ok();
    a.when(&day(14, 9)).pm(&["task", "delete", "T-1"]).ok();
    let later = ask("report", &day(20, 12));
    assert_eq!(then["series"], later["series"]);
    assert_eq!(then["velocity"], later["velocity"]);
    assert_eq!(then["standing"], later["standing"]);
    assert_eq!(of_kind(&then, "finished"), of_kind(&later, "finished"));
    assert_eq!(then["velocity"]["finished"], 3);
    recompute(&a.when(&day(20, 12)), &later);
    // Two adjacent periods have, together, the changes of both in one; but a closing that was taken
    // back, or repeated, counts only in the period in which it still held at the end.
    let now = a.when(&day(20, 12));
    let half = |since: &str, until: &str| now.data(&["retro", "--since", since, "--until", until]);
    let halves = [
        half("2026-11-02", "2026-11-09"),
        half("2026-11-10", "2026-11-15"),
    ];
    let mut parts = halves[0]["changes"].as_array().unwrap().clone();
    parts.extend(halves[1]["changes"].as_array().unwrap().clone());
    let whole = half("2026-11-02", "2026-11-15");
    assert_eq!(ids_of(&halves[0], "finished"), ["T-0002", "T-0004"]);
    assert_eq!(ids_of(&halves[1], "finished"), [""; 0]);
    assert_eq!(ids_of(&whole, "finished"), [""; 0]);
    let sorted = |mut all: Vec<Value>| {
        all.retain(|one| one["kind"] != "finished");
        all.sort_by_key(|one| format!("{}{}{}", one["at"], one["commit"], one["kind"]));
        all
    };
    assert_eq!(
        sorted(parts),
        sorted(whole["changes"].as_array().unwrap().clone())
    );
}

#[test]
fn a_report_across_a_cut_of_the_history_says_where_it_begins() {
    let (_scene, a, b) = two_weeks();
    // Work of a clone that has not seen the cut arrives with a merge that has one parent.
    let offline = b.when(&day(14, 9));
    offline.task("Made meanwhile", &[]);
    offline.pm(&["task", "done", "T-5", "--force"]).ok();
    offline.task("And finished", &[]);
    offline.pm(&["task", "done", "T-7", "--force"]).ok();
    a.when(&day(14, 10)).pm(&["gc", "--new-generation"]).ok();
    a.when(&day(14, 11)).task("After the cut", &[]);
    for clone in [&a, &b, &a] {
        clone.when(&day(15, 9)).pm(&["sync"]).ok();
    }
    let now = a.when(&day(16, 12));
    let log = now.git(&["log", "--format=%P|%s", "refs/pm/main"]).out;
    let one_parent = |line: &str| {
        line.split_once('|')
            .is_some_and(|(p, s)| p.len() == 40 && s.starts_with("merge"))
    };
    assert!(log.lines().any(one_parent), "{log}");
    let report = now.data(&["report", "--since", "2026-11-10"]);
    recompute(&now, &report);
    assert_eq!(report["before"], Value::Null);
    assert_eq!(report["history_starts"][0]["at"], day(14, 10));
    assert_eq!(ids_of(&report, "created").len(), 3, "{}", report["changes"]);
    assert_eq!(
        ids_of(&report, "finished").len(),
        2,
        "{}",
        report["changes"]
    );
    let text = now.pm(&["report", "--since", "2026-11-10"]).ok().out;
    assert!(
        text.contains("The history begins at 2026-11-14T10:00:00Z"),
        "{text}"
    );
    let early = now.pm(&["report", "--since", "2026-11-01", "--until", "2026-11-03"]);
    assert!(early.exits(4).err.contains("did not exist yet"));
    recompute(&now, &now.data(&["report", "--since", "2026-11-15"]));
}

#[test]
fn me_11_random_work_of_two_clones_is_reported_as_the_script_computes_it() {
    let finished = std::cell::Cell::new(0);
    campaign(40, |seed| {
        let mut dice = Dice::new(seed);
        let (_scene, a, b) = two_clones();
        // The clock of one clone may be fast, so that commits are older than those they build on.
        let fast = [0, 0, 5, 40][dice.below(4)];
        let mut made = 0;
        for hour in 0..90 {
            let clone = dice.below(2);
            let ahead = 9 + hour % 8 + fast * clone;
            let now = day(3 + hour / 8 + ahead / 24, ahead % 24);
            let repo = [&a, &b][clone].when(&now);
            let id = format!("T-{}", dice.below(made + 1) + 1);
            // Many of these are refused, as they may be.
            match dice.below(12) {
                0..3 => {
                    repo.task("More work", &[]);
                    made += 1;
                }
                3..5 => drop(repo.pm(&["start", &id, "--no-worktree", "--offline"])),
                5..8 => drop(repo.pm(&["task", "done", &id, "--force"])),
                8 => drop(repo.pm(&["task", "reopen", &id])),
                9 => drop(repo.pm(&["task", "block", &id, "waits"])),
                10 => {
                    let verb = ["cancel", "delete", "unblock", "defer"][dice.below(4)];
                    drop(repo.pm(&["task", verb, &id]));
                }
                _ => drop(repo.pm(&["sync"]).ok()),
            }
            if hour == 60 && dice.below(2) == 0 {
                repo.pm(&["gc", "--new-generation"]);
            }
            // What a report has read of a commit is kept.
            if dice.below(8) == 0 {
                repo.pm(&["report", "--since", "2026-11-01"]).ok();
            }
        }
        let now = day(16, 12);
        for clone in [&a, &b, &a] {
            clone.when(&now).pm(&["sync"]).ok();
        }
        let a = a.when(&now);
        for since in ["2026-11-01", "2026-11-06", "2026-11-12T13:00:00Z"] {
            let report = a.data(&["report", "--since", since]);
            recompute(&a, &report);
            assert_eq!(report, b.when(&now).data(&["report", "--since", since]));
            finished.set(finished.get() + of_kind(&report, "finished").len());
            let open = report["series"].as_array().unwrap().last().unwrap()["open"].as_u64();
            assert_eq!(
                open,
                a.data(&["stats"])["counts"]["not_closed_count"].as_u64()
            );
        }
    });
    assert!(finished.get() > 0, "nothing was finished");
}

#[test]
fn items_that_two_clones_import_are_counted_once_and_not_listed_one_by_one() {
    let (scene, a, b) = two_clones();
    let mut lines = String::new();
    for n in 0..1_200 {
        let status = ["open", "in_progress", "closed", "blocked"][n % 4];
        let kind = ["task", "epic"][usize::from(n % 100 == 0)];
        let line = json!({
            "id": format!("old-{n:04}"), "title": format!("Item {n}"), "status": status,
            "issue_type": kind, "priority": 2,
            "created_at": "2026-11-01T09:00:00Z", "updated_at": "2026-11-01T10:00:00Z",
        });
        writeln!(lines, "{line}").unwrap();
    }
    let file = scene.at(".").path.join("issues.jsonl");
    std::fs::write(&file, lines).unwrap();
    let file = file.to_str().unwrap();
    let (first, second) = (a.when(&day(4, 9)), b.when(&day(4, 10)));
    first.pm(&["import", "beads", file]).ok();
    let report = first.data(&["report", "--since", "2026-11-01"]);
    recompute(&first, &report);
    assert_eq!(report["imports"][0]["created"], 1_188);
    assert_eq!(report["counts"]["created"], 1_188);
    assert_eq!(report["counts"]["started"], report["imports"][0]["started"]);
    assert!(report["changes"].as_array().unwrap().is_empty());
    let standup = first.pm(&["standup"]).ok();
    assert!(standup.out.contains("300 in progress"), "{}", standup.out);
    // Its events come a few at a time, and are the same in pages.
    let all = events(&first, &["--since", "2026-11-01"]);
    let created = all.iter().filter(|event| event["kind"] == "item.created");
    assert_eq!(created.count(), 1_200);
    let (mut pages, mut at) = (Vec::new(), "2026-11-01".to_string());
    while pages.len() < all.len() {
        let page = events(&first, &["--limit", "350", "--since", &at]);
        at = page.last().unwrap()["cursor"].as_str().unwrap().to_string();
        pages.extend(page);
    }
    for (one, other) in pages.iter().zip(&all) {
        assert_eq!((&one["kind"], &one["uid"]), (&other["kind"], &other["uid"]));
    }
    // The other clone imports the same, and works on an item before it hears of the first one.
    second.pm(&["import", "beads", file]).ok();
    b.when(&day(4, 11)).pm(&["issue", "close", "old-0004"]).ok();
    for clone in [&a, &b, &a] {
        clone.when(&day(5, 9)).pm(&["sync"]).ok();
    }
    let now = a.when(&day(5, 10));
    for since in ["2026-11-01", "2026-11-04T09:30:00Z", "2026-11-05"] {
        let report = now.data(&["report", "--since", since]);
        recompute(&now, &report);
        assert_eq!(
            report,
            b.when(&day(5, 10)).data(&["report", "--since", since])
        );
        let index = now.path.join(".git/pm/index.sqlite");
        std::fs::remove_file(index).unwrap();
        assert_eq!(report, now.data(&["report", "--since", since]));
    }
}

#[test]
fn ob_07_what_was_restored_is_not_reported_as_deleted() {
    let (_scene, a, _b) = two_clones();
    let at = a.when(&day(2, 10));
    at.task("Kept", &[]);
    at.task("Gone", &[]);
    at.pm(&["task", "delete", "T-1"]).ok();
    at.pm(&["undo"]).ok();
    at.pm(&["task", "delete", "T-2"]).ok();
    at.pm(&["undo"]).ok();
    let undo = at.tip("refs/pm/main");
    at.pm(&["undo", &undo]).ok();
    let now = a.when(&day(2, 11));
    let report = now.data(&["report", "--since", "2026-11-02"]);
    assert_eq!(ids_of(&report, "deleted"), ["T-0002"]);
    assert_eq!(ids_of(&report, "restored"), [""; 0]);
    // Seen from the next day, one that comes back was restored.
    a.when(&day(3, 9)).pm(&["undo"]).ok();
    let later = a.when(&day(3, 10));
    let report = later.data(&["report", "--since", "2026-11-03"]);
    assert_eq!(ids_of(&report, "deleted"), [""; 0]);
    assert_eq!(ids_of(&report, "restored"), ["T-0002"]);
}

#[test]
fn me_11_what_was_imported_was_created_when_its_source_says_so() {
    let (scene, a, _b) = two_clones();
    let line = |id: &str, created: &str| {
        json!({
            "id": id, "title": id, "status": "open", "issue_type": "task", "priority": 2,
            "created_at": created, "updated_at": "2026-11-04T08:00:00Z",
        })
    };
    let lines = [
        line("old-1", "2025-03-01T09:00:00Z"),
        line("old-2", "2026-11-03T09:00:00Z"),
    ];
    let file = scene.at(".").path.join("issues.jsonl");
    std::fs::write(&file, lines.map(|line| format!("{line}\n")).concat()).unwrap();
    let at = a.when(&day(4, 9));
    at.pm(&["import", "beads", file.to_str().unwrap()]).ok();
    at.task("New", &[]);
    let now = a.when(&day(4, 10));
    let report = now.data(&["report", "--since", "2026-11-02"]);
    assert_eq!(ids_of(&report, "created"), ["old-2", "T-0001"]);
    recompute(&now, &report);
    let all = now.data(&["report", "--since", "2025-01-01"]);
    assert_eq!(ids_of(&all, "created").len(), 3);
    recompute(&now, &all);
}

#[test]
fn ob_12_a_standup_says_who_did_what_does_what_and_waits_for_what() {
    let (_scene, a, _b) = two_weeks();
    let now = a.when(&day(6, 18));
    let report = now.data(&["standup", "--since", "2026-11-03"]);
    let actors = report["actors"].as_array().unwrap();
    let names: Vec<&str> = actors
        .iter()
        .map(|one| one["actor"].as_str().unwrap())
        .collect();
    // Ben finished only what Ana finished later.
    assert_eq!(names, ["ana", "claude-2", "cleo"]);
    let agents: Vec<bool> = actors
        .iter()
        .map(|one| one["is_agent"].as_bool().unwrap())
        .collect();
    assert_eq!(agents, [false, true, false]);
    assert_eq!(actors[1]["done"][0]["id"], "T-0002");
    assert_eq!(actors[2]["next"][0]["id"], "T-0005", "T-0004 is finished");
    let only = now.data(&["standup", "--since", "2026-11-03", "--by", "ana"]);
    assert_eq!(only["actors"].as_array().unwrap().len(), 1);
    // Before it was finished, that item was waited for.
    let monday = now
        .pm(&["standup", "--since", "2026-11-02", "--until", "2026-11-03"])
        .ok()
        .out;
    let blocked = monday.split_once("cleo").unwrap().1;
    assert!(
        blocked.contains("blocked") && blocked.contains("it waits for T-0004"),
        "{monday}"
    );
}

#[test]
fn ob_11_work_far_over_its_estimate_and_rework_are_named() {
    let (_scene, a, _b) = two_weeks();
    let now = a.when(&day(13, 12));
    // T-0002 was deleted afterwards.
    let report = now.data(&["retro", "--since", "2026-11-02", "--until", "2026-11-11"]);
    let over = report["estimates"]["far_over"].as_array().unwrap();
    assert_eq!(over.len(), 1, "{over:?}");
    assert_eq!(over[0]["id"], "T-0002");
    assert_eq!(
        (&over[0]["estimated_hours"], &over[0]["actual_hours"]),
        (&json!(1.0), &json!(16.0))
    );
    assert_eq!(report["rework"]["reopened"], json!(["T-0001"]));
    assert_eq!(report["rework"]["rescoped"], json!(["T-0001"]));
    assert_eq!(report["rework"]["rescoped_percent"], 33.3);
    // The share says of how many: one of them was reopened.
    let percent = report["rework"]["rework_percent"].as_f64().unwrap();
    let completed = report["rework"]["completed"].as_u64().unwrap();
    assert!((percent * completed as f64 / 100.0 - 1.0).abs() < 0.01);
    let text = now
        .pm(&["retro", "--since", "2026-11-02", "--until", "2026-11-11"])
        .ok()
        .out;
    let share = format!("1 reopened ({percent:.1}% of {completed} items submitted or finished)");
    assert!(text.contains(&share), "{text}");
    // RV-15: the share of refactoring.
    assert_eq!(report["refactoring"]["items"], json!(["T-0004"]));
    assert_eq!(report["refactoring"]["percent"], 33.3);
    assert_eq!(report["completion"]["by_agents"], 1);
    assert_eq!(report["standing"]["epics_percent"], Value::Null);
    // Each change names its commit.
    for change in report["changes"].as_array().unwrap() {
        let commit = change["commit"].as_str().unwrap();
        now.git(&["merge-base", "--is-ancestor", commit, "refs/pm/main"])
            .ok();
    }
    let epics = a.when(&day(14, 9));
    epics.pm(&["epic", "create", "Delivered"]).ok();
    epics.pm(&["epic", "create", "Open"]).ok();
    epics.pm(&["epic", "close", "E-1", "--force"]).ok();
    let retro = epics.data(&["retro"]);
    assert_eq!(retro["standing"]["epics_percent"], 50.0);
    assert_eq!(
        retro["standing"]["open"], report["standing"]["open"],
        "an epic is not work"
    );
    // Work in progress that takes too long is named before it ends.
    let begun = a.when(&day(16, 9));
    begun.task("Takes long", &["--estimate", "XS"]);
    begun
        .pm(&["start", "T-6", "--no-worktree", "--offline"])
        .ok();
    let later = a.when(&day(18, 9)).data(&["report", "--since", "1d"]);
    let over = &later["estimates"]["far_over"];
    assert_eq!(
        (&over[0]["id"], &over[0]["finished"]),
        (&json!("T-0006"), &json!(false))
    );
}

#[test]
fn ob_12_reports_are_printed_as_text_and_markdown() {
    let (_scene, a, _b) = two_weeks();
    let now = a.when(&day(13, 12)).with("COLUMNS", "70");
    let md = now
        .pm(&["report", "--since", "2026-11-02", "--md"])
        .ok()
        .out;
    for part in [
        "## Figures",
        "- finished: 2 (",
        "## Reopened",
        "- **T-0001**",
        "## By day",
        "| 2026-11-03 |",
    ] {
        assert!(md.contains(part), "{part} is not in {md}");
    }
    let range = ["--since", "2026-11-02", "--until", "2026-11-11"];
    let text = now.pm(&[&["retro"], &range[..]].concat()).ok().out;
    assert!(
        text.contains("lead time") && text.contains("Far over the estimate"),
        "{text}"
    );
    // Without a start it is about the last week, as a standup is about the last day.
    now.pm(&["report"]).ok();
    now.pm(&["report", "--since", "2026-11-10", "--until", "2026-11-02"])
        .exits(2);
    now.pm(&["report", "--since", "soon"]).exits(2);
}

#[test]
fn titles_of_the_state_cannot_control_a_terminal_or_become_markup() {
    let (_scene, repo) = without_hooks();
    let repo = repo.when(&day(3, 9));
    repo.task("<b>\u{1b}[31m *x* | y", &["--assignee", "a|b<i>"]);
    repo.pm(&["task", "done", "T-1", "--force"]).ok();
    for verb in ["standup", "retro", "report"] {
        let md = repo.pm(&[verb, "--since", "1d", "--md"]).ok().out;
        assert!(
            !md.contains('\u{1b}') && !md.contains("<b>") && !md.contains(" *x*"),
            "{md}"
        );
        let text = repo.pm(&[verb, "--since", "1d"]).ok().out;
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}

#[test]
fn work_whose_submission_is_undone_was_not_sent_back() {
    let (_scene, repo) = without_hooks();
    let id = repo.task("Fix", &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("a.txt", "1\n");
    place.commit_all("Fix");
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["undo", "--force"]).ok();
    assert_eq!(repo.data(&["show", &id])["status"], "in_progress");
    let report = repo.data(&["report"]);
    assert_eq!(report["rework"]["sent_back"], json!([]), "{report}");
    assert_eq!(of_kind(&report, "submitted").len(), 1);
}

#[test]
fn ob_12_an_agent_and_a_human_of_one_name_have_reports_of_their_own() {
    let (_scene, repo) = crate::support::set_up();
    for title in ["By a human", "By an agent", "Begun"] {
        repo.task(title, &[]);
    }
    let human = repo.with("GIT_PM_ACTOR", "bot");
    human.pm(&["done", "T-1", "--evidence", "x"]).ok();
    let agent = repo.with("CLAUDECODE", "1").by("bot");
    for id in ["T-2", "T-3"] {
        agent.pm(&["start", id, "--no-worktree"]).ok();
        if id == "T-2" {
            agent.pm(&["done", id, "--evidence", "x"]).ok();
        }
    }
    let report = repo.data(&["standup"]);
    let actors = report["actors"].as_array().unwrap();
    let of = |is_agent: bool| {
        let mut found = actors.iter().filter(|one| one["is_agent"] == is_agent);
        let one = found.next().unwrap();
        let ids = |list: &str| crate::support::ids(&one[list]);
        (one["actor"].as_str().unwrap(), ids("done"), ids("doing"))
    };
    assert_eq!(of(false), ("bot", vec!["T-0001"], vec![]));
    assert_eq!(of(true), ("bot", vec!["T-0002"], vec!["T-0003"]));
}

// OB-12: also if the history is shorter, which is told.
#[test]
fn ob_12_a_weekly_figure_is_of_the_period_that_was_asked_for() {
    let (_scene, a, _b) = two_weeks();
    let a = a.when(&day(20, 12));
    let asked = ["stats", "--since", "2026-10-05", "--until", "2026-11-08"];
    let velocity = &a.data(&asked)["velocity"];
    assert_eq!(velocity["weeks"], 5.0, "{velocity}");
    assert_eq!(velocity["per_week"], 0.6, "{velocity}");
    assert!(velocity["known_weeks"].as_f64().unwrap() < 1.0);
    let said = a.pm(&asked).ok().out;
    assert!(
        said.contains("3 (0.6 per week); the history has 0."),
        "{said}"
    );
    let (_scene, new) = crate::support::set_up();
    new.task("One", &[]);
    new.pm(&["done", "T-1", "--force"]).ok();
    let said = new.pm(&["report"]).ok().out;
    let wanted = "1 (1 per week); the history has less than a day of it";
    assert!(said.contains(wanted), "{said}");
    let short = ["stats", "--since", "2026-11-05", "--until", "2026-11-08"];
    let velocity = &a.data(&short)["velocity"];
    assert_eq!(velocity["known_weeks"], velocity["weeks"], "{velocity}");
}

// OB-12: finished is what is still closed at the end, each item once, wherever it is counted.
#[test]
fn ob_12_work_whose_end_was_taken_back_is_not_finished() {
    let (_scene, repo) = crate::support::set_up();
    for title in ["Again", "Undone", "Removed"] {
        repo.task(title, &[]);
    }
    let done = |id: &str| drop(repo.pm(&["done", id, "--force"]).ok());
    done("T-1");
    repo.pm(&["task", "reopen", "T-1"]).ok();
    done("T-1");
    done("T-3");
    repo.pm(&["task", "delete", "T-3"]).ok();
    done("T-2");
    repo.pm(&["undo"]).ok();
    let report = repo.data(&["report"]);
    assert_eq!(ids_of(&report, "finished"), ["T-0001"]);
    assert_eq!(report["velocity"]["finished"], 1);
    let standup = repo.data(&["standup"]);
    let done = standup["actors"][0]["done"].as_array().unwrap();
    assert_eq!(done.len(), 1, "{standup}");
    let stats = repo.data(&["stats"]);
    assert_eq!(stats["velocity"]["closed_last_7_days"], 1);
    assert_eq!(stats["counts"]["closed"], 1);
}
