//! Items deferred until a time become ready without a write, also in the answers of the index.

use serde_json::Value;

use crate::support::{Dice, Repo, Scene, binary, rounds, seed, set_up};

fn ids(data: &Value) -> Vec<String> {
    let items = data["items"].as_array().unwrap();
    let id = |item: &Value| {
        let id = if item["id"].is_null() {
            &item["item"]["id"]
        } else {
            &item["id"]
        };
        id.as_str().unwrap().to_string()
    };
    items.iter().map(id).collect()
}

const MORNING: &str = "2026-11-20T08:00:00Z";

const NOON: &str = "2026-11-20T12:00:00Z";

const EVENING: &str = "2026-11-20T18:00:00Z";

/// An epic deferred until noon with a task below it, a task deferred until the evening, one that
/// depends on it, and a free one.
fn with_deferred_items() -> (Scene, Repo) {
    let (scene, repo) = set_up();
    let at = repo.when(MORNING);
    at.pm(&["epic", "create", "Whole", "--defer", NOON]).ok();
    at.task("Below", &["--epic", "E-1"]);
    at.task("Later", &["--defer", EVENING]);
    at.task("After it", &["--depends-on", "T-2"]);
    at.task("Free", &[]);
    (scene, repo)
}

fn answers(repo: &Repo, now: &str) -> (Vec<String>, Vec<String>, u64) {
    let at = repo.when(now);
    let status = at.data(&["status"]);
    (
        ids(&at.data(&["ready"])),
        ids(&at.data(&["blocked"])),
        status["blocked"].as_u64().unwrap(),
    )
}

// DP-01: a deferral is inherited through every level, and ends without a write.
#[test]
fn deferred_items_and_their_children_become_ready_at_their_time() {
    let (_scene, repo) = with_deferred_items();
    let all = |list: &[&str]| list.iter().map(|s| (*s).to_string()).collect::<Vec<_>>();
    let want = [
        (MORNING, all(&["T-0004"]), all(&["T-0001", "T-0003"])),
        (
            "2026-11-20T11:59:59Z",
            all(&["T-0004"]),
            all(&["T-0001", "T-0003"]),
        ),
        (NOON, all(&["T-0001", "T-0004"]), all(&["T-0003"])),
        (
            EVENING,
            all(&["T-0001", "T-0002", "T-0004"]),
            all(&["T-0003"]),
        ),
    ];
    let tip = repo.tip("refs/pm/main");
    for (now, ready, blocked) in &want {
        let (is_ready, is_blocked, count) = answers(&repo, now);
        assert_eq!(&is_ready, ready, "ready at {now}");
        assert_eq!(&is_blocked, blocked, "blocked at {now}");
        assert_eq!(
            usize::try_from(count).unwrap(),
            blocked.len(),
            "counted at {now}"
        );
    }
    // A clock that is set back gives correct answers, too.
    for (now, ready, _) in want.iter().rev() {
        assert_eq!(
            &answers(&repo, now).0,
            ready,
            "ready at {now}, asked after later times"
        );
    }
    assert_eq!(repo.tip("refs/pm/main"), tip, "a command changed the state");
    let why = repo.when(MORNING).data(&["why", "T-1"]);
    assert!(
        why["reasons"].to_string().contains("deferred until"),
        "{why}"
    );
}

// The answers do not depend on the index, whether present, missing, or built at any time.
#[test]
fn an_index_of_any_age_gives_the_same_answers() {
    let (_scene, repo) = with_deferred_items();
    let index = repo.path.join(".git/pm/index.sqlite");
    for built in [MORNING, NOON, EVENING] {
        for asked in [MORNING, NOON, EVENING] {
            std::fs::remove_file(&index).unwrap();
            answers(&repo, built);
            let with = answers(&repo, asked);
            std::fs::remove_file(&index).unwrap();
            assert_eq!(
                answers(&repo, asked),
                with,
                "built at {built}, asked at {asked}"
            );
            repo.when(asked).pm(&["fsck"]).ok();
        }
    }
    // A write in between keeps the time for which the other items were evaluated.
    answers(&repo, MORNING);
    repo.when(NOON).task("New", &[]);
    assert_eq!(answers(&repo, NOON).0, ["T-0001", "T-0004", "T-0005"]);
    repo.when(EVENING)
        .pm(&["task", "edit", "T-2", "--defer", ""])
        .ok();
    assert!(answers(&repo, MORNING).0.contains(&"T-0002".to_string()));
}

#[test]
fn issues_are_deferred_until_a_time_or_indefinitely() {
    let (_scene, repo) = set_up();
    let at = repo.when(MORNING);
    let made = |title: &str| at.pm(&["issue", "q", title]).ok().text();
    let (timed, open, parent) = (made("Timed"), made("Open"), made("Parent"));
    let child = at
        .pm(&["issue", "q", "Child", "--parent", &parent])
        .ok()
        .text();
    at.pm(&["issue", "defer", &timed, "--until", "+4h"]).ok();
    at.pm(&["issue", "defer", &open, &parent, "--reason", "not now"])
        .ok();
    let ready = |now: &str| ids(&repo.when(now).data(&["issue", "ready"]));
    assert!(ready(MORNING).is_empty());
    assert_eq!(
        ready(NOON),
        [timed.as_str()],
        "only the one with a time comes back"
    );
    at.pm(&["issue", "undefer", &open, &parent]).ok();
    let mut now = ready(MORNING);
    now.sort();
    let mut want = vec![open, child];
    want.sort();
    assert_eq!(now, want);
    at.pm(&["issue", "undefer", &timed]).ok();
    assert!(ready(MORNING).contains(&timed));
    at.pm(&["issue", "undefer", &timed]).exits(1);
    at.pm(&["issue", "defer", &timed, "--until", "soon"])
        .exits(2);
}

// After any change and at any time, the index gives the same answers as a new one.
#[test]
fn cached_readiness_equals_that_of_a_new_index() {
    let (_scene, repo) = set_up();
    let mut dice = Dice::new(seed());
    let mut first = String::new();
    for n in 0..10 {
        let kind = if n % 3 == 0 { "bug" } else { "epic" };
        first += &format!(r#"{{"op":"issue.create","title":"{n}","type":"{kind}"}}"#);
        first += "\n";
        first += &format!(r#"{{"op":"task.create","title":"{n}"}}"#);
        first += "\n";
    }
    repo.when(MORNING).feed(binary(), &["batch"], &first).ok();
    let all = repo.data(&["task", "list"]);
    let mut names = ids(&all);
    names.extend(ids(&repo.data(&["issue", "list"])));
    let clock = |n: usize| format!("2026-11-20T{:02}:00:00Z", 6 + n % 15);
    for round in 0..rounds(60) {
        let mut lines = String::new();
        for _ in 0..6 {
            let (a, b) = (
                &names[dice.below(names.len())],
                &names[dice.below(names.len())],
            );
            let issue = a.starts_with("pm-");
            lines += &match dice.below(12) {
                0 | 1 => format!(r#"{{"op":"dep.add","id":"{a}","on":"{b}"}}"#),
                2 | 3 => format!(
                    r#"{{"op":"dep.add","id":"{a}","on":"{b}","type":"waits-for","gate":"{}"}}"#,
                    if dice.below(2) == 0 {
                        "all-children"
                    } else {
                        "any-children"
                    }
                ),
                4 | 5 => {
                    format!(r#"{{"op":"dep.add","id":"{a}","on":"{b}","type":"parent-child"}}"#)
                }
                6 => format!(r#"{{"op":"dep.rm","id":"{a}","on":"{b}"}}"#),
                7 => format!(
                    r#"{{"op":"task.edit","id":"{a}","defer":"{}"}}"#,
                    clock(dice.below(15))
                ),
                8 => format!(r#"{{"op":"task.edit","id":"{a}","defer":""}}"#),
                9 if issue => format!(r#"{{"op":"issue.update","id":"{a}","status":"open"}}"#),
                9 => format!(r#"{{"op":"task.reopen","id":"{a}"}}"#),
                10 if issue => format!(r#"{{"op":"issue.update","id":"{a}","pinned":true}}"#),
                11 if issue => format!(r#"{{"op":"issue.update","id":"{a}","template":true}}"#),
                _ => format!(r#"{{"op":"issue.close","id":"{a}","force":true}}"#),
            };
            lines.push('\n');
        }
        let at = repo.when(&clock(dice.below(15)));
        let ran = at.feed(binary(), &["batch", "--skip-invalid"], &lines);
        assert!(matches!(ran.code, 0 | 8), "{ran:?}");
        let asked = repo.when(&clock(dice.below(15)));
        let with = (asked.data(&["ready"]), asked.data(&["blocked"]));
        let checked = asked.pm(&["fsck", "--json"]);
        assert_eq!(
            checked.code, 0,
            "round {round}, after\n{lines}{}",
            checked.out
        );
        std::fs::remove_file(repo.path.join(".git/pm/index.sqlite")).unwrap();
        let without = (asked.data(&["ready"]), asked.data(&["blocked"]));
        assert_eq!(with, without, "round {round}, after\n{lines}");
    }
}

// What is put off until a time is deferred, in every list and count, as by its status.
#[test]
fn what_is_put_off_is_deferred_everywhere() {
    let (_scene, repo) = set_up();
    let at = repo.when(MORNING);
    at.task("Until the evening", &["--defer", EVENING, "-p", "0"]);
    at.task("For now", &[]);
    at.pm(&["task", "defer", "T-2"]).ok();
    at.task("Free", &[]);
    at.task("After it", &["--depends-on", "T-3"]);
    at.task("Whole", &[]);
    at.pm(&["dep", "add", "T-3", "T-5", "--type", "parent-child"])
        .ok();
    at.pm(&["epic", "create", "Release"]).ok();
    for query in ["status:deferred", "is:deferred"] {
        assert_eq!(ids(&at.data(&["list", query])), ["T-0001", "T-0002"]);
    }
    let queued = ids(&at.data(&["list", "status:queued", "kind:task"]));
    assert_eq!(queued, ["T-0003", "T-0004", "T-0005"]);
    let queued = ids(&at.data(&["list", "--status", "queued", "kind:task"]));
    assert_eq!(queued, ["T-0003", "T-0004", "T-0005"]);
    let board = at.data(&["board"]);
    let columns = board["columns"].as_array().unwrap();
    let column = columns.iter().position(|one| one["value"] == "blocked");
    let cards = &board["lanes"][0]["cells"][column.unwrap()]["cards"];
    assert_eq!(cards[0]["id"], "T-0001");
    assert_eq!(cards[0]["status"], "deferred");
    assert_eq!(cards[0]["defer_until"], EVENING);
    assert_eq!(cards[0]["ready"], false);
    let text = at.pm(&["board"]).ok().out;
    assert!(text.contains("deferred until 2026-11-20"), "{text}");
    for command in [&["order"][..], &["tree"], &["show", "T-1"]] {
        let text = at.pm(command).ok().out;
        let lines = text.lines();
        let line = lines.filter(|line| line.contains("T-0001") || line.contains("status"));
        let line: Vec<&str> = line.collect();
        assert!(line.iter().any(|line| line.contains("deferred")), "{text}");
    }
    // The parts of the open work add up.
    let counts = &at.data(&["stats"])["counts"];
    let n = |key: &str| counts[key].as_u64().unwrap();
    let parts = [
        "actionable",
        "in_progress",
        "blocked",
        "deferred",
        "container",
    ];
    let parts = parts.map(|part| n(&format!("{part}_count")));
    assert_eq!(parts, [1, 0, 1, 2, 1]);
    assert_eq!(n("not_closed_count"), 5);
    let triage = at.pm(&["triage"]).ok().out;
    let said =
        "5 open: 1 ready, 0 in progress, 1 blocked before starting, 2 deferred, 1 not offered";
    assert!(triage.contains(said), "{triage}");
    let standup = at.pm(&["standup"]).ok().out;
    assert!(standup.contains("2 deferred, 1 not offered"), "{standup}");
    // Without epics, and with what waits among the others.
    let status = at.pm(&["status"]).ok().out;
    let said = "3 queued, 2 deferred (of these 1 ready, 1 waiting or blocked, 1 with open parts)";
    assert!(status.contains(said), "{status}");
    let later = repo.when(EVENING);
    assert_eq!(ids(&later.data(&["list", "status:deferred"])), ["T-0002"]);
}

#[test]
fn a_refused_reopen_leads_to_what_works() {
    let (_scene, repo) = set_up();
    for title in ["One", "Two"] {
        repo.task(title, &[]);
    }
    repo.pm(&["defer", "1", "2d"]).ok();
    let said = repo.pm(&["reopen", "1"]).exits(1).err;
    assert!(said.contains("T-0001 is deferred"), "{said}");
    assert!(said.contains("git pm task undefer T-0001"), "{said}");
    let said = repo.pm(&["undefer", "1"]).exits(2).err;
    assert!(said.contains("git pm task undefer ID"), "{said}");
    repo.pm(&["task", "undefer", "1"]).ok();
    assert_eq!(repo.data(&["show", "1"])["status"], "queued");
    repo.pm(&["start", "2"]).ok();
    let place = repo.worktree("2");
    place.write("work.txt", "work\n");
    place.commit_all("Work");
    place.pm(&["finish"]).ok();
    let said = repo.pm(&["reopen", "2"]).exits(1).err;
    assert!(said.contains("git pm task return T-0002"), "{said}");
    assert!(!said.contains("--resume"), "{said}");
}

/// What is done waits for no day.
#[test]
fn a_done_task_is_no_longer_said_to_be_deferred() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    repo.pm(&["defer", "1", "+2d"]).ok();
    let is_deferred = || {
        let shown = repo.pm(&["show", "1"]).ok().out;
        let mut lines = shown.lines().map(str::trim);
        lines.any(|line| line.starts_with("deferred "))
    };
    assert!(is_deferred());
    repo.pm(&["done", "1", "--evidence", "seen"]).ok();
    assert!(!is_deferred());
    repo.pm(&["reopen", "1"]).ok();
    assert!(is_deferred());
}
