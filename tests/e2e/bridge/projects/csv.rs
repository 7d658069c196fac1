//! Files of comma-separated values: as Jira and Linear write them, and of spreadsheets.

use serde_json::{Value, json};

use super::{has, item, messages, with_fixture};
use crate::support::{Ran, Repo, Scene, binary, commits, set_up};

/// Imports a text from standard input.
fn feed(repo: &Repo, text: &str) -> Ran {
    repo.feed(binary(), &["--json", "import", "csv", "-"], text)
}

/// Imports a file twice, first without writing it: the second time nothing changes.
#[track_caller]
fn import(repo: &Repo, file: &str) -> Value {
    let before = commits(repo);
    let dry = repo.data(&["import", "csv", file, "--dry-run"]);
    assert_eq!(commits(repo), before);
    let report = repo.data(&["import", "csv", file]);
    assert_eq!(report["created"], dry["created"]);
    assert_eq!(commits(repo), before + 1, "an import is one commit");
    let again = repo.data(&["import", "csv", file]);
    assert_eq!(again["unchanged"], report["created"], "{again}");
    assert_eq!(commits(repo), before + 1, "a second import writes");
    assert_eq!(repo.data(&["fsck"])["faults"], 0);
    report
}

#[test]
fn an_export_of_jira_is_imported_with_all_its_fields() {
    let (_scene, repo) = with_fixture("csv");
    let report = import(&repo, "jira.csv");
    assert_eq!(report["dialect"], "jira");
    assert_eq!(
        (&report["created"], &report["comments"]),
        (&json!(5), &json!(2))
    );
    let said = messages(&report);
    for part in [
        "no place here: `Assignee Id` (1), `Creator` (1), `Last Viewed` (1), `Project key` (5)",
        "OPS-9, which does not exist",
        "date in an unknown form, `3/4/26`",
        "unknown status `Frozen`",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let epic = item(&repo, "Checkout revamp");
    has(&epic, json!({"kind": "epic", "status": "open"}));
    let card = item(&repo, "Pay with card");
    has(
        &card,
        json!({
            "type": "story", "status": "in_progress", "priority": 0, "assignee": "Doe, John",
            "created_by": "Dana Ortiz", "epic": epic["id"], "due_at": "2026-03-20T23:59:59Z",
            "created_at": "2026-03-01T15:04:00Z", "updated_at": "2026-03-12T15:04:00Z",
            "labels": ["backend", "component:API", "sprint:Sprint 7", "version:2.0", "web"],
            "external_refs": ["jira:PAY-2"],
            "body": "h2. Goal\n*Fast* \"payments\", at last\n\n* one",
        }),
    );
    has(
        &card["comments"][0],
        json!({"body": "First run failed; see log", "created_at": "2026-03-05T11:00:00Z"}),
    );
    assert_eq!(card["comments"][1]["body"], "Two\nlines");
    // A sub-task; its status is known by its category only.
    let tests = item(&repo, "Write tests");
    has(
        &tests,
        json!({"status": "in_progress", "priority": 3, "labels": ["import-status:QA Sign-off"]}),
    );
    has(
        &tests["edges"][0],
        json!({"type": "parent-child", "target": card["id"]}),
    );
    // Resolved, but not done.
    has(
        &item(&repo, "Refund, \"partial\""),
        json!({"status": "cancelled", "reason": "Won't Do", "closed_at": "2026-03-04T09:30:00Z",
               "type": "bug", "depends_on": ["OPS-9", card["id"]]}),
    );
    has(
        &item(&repo, "Old spike"),
        json!({
            "status": "queued", "due_at": null,
            "labels": ["import-due:3/4/26", "import-status:Frozen", "type:Experiment"],
        }),
    );
    // The cells without a field are in the record, and its id names the item.
    let raw = repo
        .git(&["grep", "-h", "Last Viewed", "refs/pm/main"])
        .text();
    assert!(raw.contains("13/Mar/26 3:04 PM"), "{raw}");
    assert_eq!(repo.data(&["show", "PAY-2"])["id"], card["id"]);
    // Changes there come in, changes here stay.
    repo.pm(&["edit", "PAY-2", "-p", "4"]).ok();
    let text = repo
        .read("jira.csv")
        .replace("Pay with card", "Pay by card");
    repo.write(
        "jira.csv",
        &text.replace("12/Mar/26 3:04 PM", "14/Mar/26 3:04 PM"),
    );
    let report = repo.data(&["import", "csv", "jira.csv"]);
    assert_eq!(
        (&report["created"], &report["updated"]),
        (&json!(0), &json!(1))
    );
    has(
        &item(&repo, "Pay by card"),
        json!({"id": card["id"], "priority": 4}),
    );
}

#[test]
fn an_export_of_linear_is_imported_with_all_its_fields() {
    let (_scene, repo) = with_fixture("csv");
    let report = import(&repo, "linear.csv");
    assert_eq!(report["dialect"], "linear");
    assert!(messages(&report).contains("`Team` (4)"), "{report}");
    let (blocker, twin) = (item(&repo, "Blocker"), item(&repo, "Twin"));
    let pages = item(&repo, "Rebuild the pages");
    has(
        &pages,
        json!({
            "status": "in_progress", "priority": 0, "assignee": "dana@acme.test", "created_by": "sam@acme.test",
            "labels": ["agent-ready", "milestone:Launch", "project:Site", "seo", "sprint:Cycle 4"],
            // Midnight in London is of the 26th, which is over at its end in the zone of this clone.
            "due_at": "2026-06-26T23:59:59Z", "created_at": "2026-05-13T11:21:41Z",
            "depends_on": [blocker["id"], twin["id"]], "external_refs": ["linear:ENG-1"],
            "body": "Line one\nline two: “quotes”, and \"these\"",
        }),
    );
    let child = item(&repo, "Child");
    has(
        &child,
        json!({"status": "cancelled", "priority": 2, "closed_at": "2026-05-15T08:00:00Z"}),
    );
    has(
        &child["edges"][0],
        json!({"type": "parent-child", "target": pages["id"]}),
    );
    has(&twin, json!({"status": "cancelled"}));
    has(
        &twin["edges"][0],
        json!({"type": "duplicates", "target": blocker["id"]}),
    );
    has(
        &blocker,
        json!({"status": "done", "closed_at": "2026-05-15T08:00:00Z"}),
    );
}

#[test]
fn spreadsheets_are_read_with_every_separator_and_without_ids() {
    let (_scene, repo) = set_up();
    // Excel in Europe: a mark of the order of bytes, semicolons, line feeds after carriage returns.
    let text = "\u{feff}TITLE;Due-Date;Assigned to;State;Blocks\r\n\
                Cut; 31.12.2026 ;@ana, ben;in progress;\"Sew; on\"\r\n;;;;\r\n\"Sew; on\";;;;\r\n";
    let report = feed(&repo, text).ok().data();
    assert_eq!(report["created"], 2, "{report}");
    assert!(
        messages(&report).contains("also assigned to ben"),
        "{report}"
    );
    let cut = item(&repo, "Cut");
    has(
        &cut,
        json!({"status": "in_progress", "assignee": "ana", "due_at": "2026-12-31T23:59:59Z"}),
    );
    has(
        &item(&repo, "Sew; on"),
        json!({"status": "queued", "depends_on": [cut["id"]]}),
    );
    assert_eq!(feed(&repo, text).ok().data()["unchanged"], 2);
    // A project of GitHub.
    let text = "Title\tURL\tAssignees\tStatus\tLabels\n\
                Crash, at start\thttps://github.com/o/r/issues/7\tocto\tTodo\tbug, p1\n";
    feed(&repo, text).ok();
    let url = "https://github.com/o/r/issues/7";
    has(
        &item(&repo, "Crash, at start"),
        json!({"assignee": "octo", "labels": ["bug", "p1"], "external_refs": [format!("csv:{url}"), url]}),
    );
    // What names the separator, and what follows from a date.
    feed(&repo, "sep=,\nName,Completed\nGone,2026-05-01\n").ok();
    has(
        &item(&repo, "Gone"),
        json!({"status": "done", "closed_at": "2026-05-01T00:00:00Z"}),
    );
}

#[test]
fn malformed_files_are_refused_with_the_line() {
    let (_scene, repo) = set_up();
    let before = commits(&repo);
    for (text, said) in [
        ("", "line 1: no column is the title"),
        (
            "Foo,Bar\n1,2\n",
            "line 1: no column is the title; the headings are Foo, Bar",
        ),
        (
            "Title,Status\nA,todo\nB,\"done\nC,todo\n",
            "line 3: a quotation mark is not closed",
        ),
    ] {
        let ran = feed(&repo, text).exits(2);
        assert!(
            ran.out.contains(said) || ran.err.contains(said),
            "{text}: {ran:?}"
        );
    }
    repo.pm(&["import", "csv", "missing.csv"]).exits(4);
    // A line with a cell too many is left out: which one, only a person can tell.
    let report = feed(&repo, "Title,Status,Labels\nA,todo\nB,todo,x,y\n,done\n")
        .exits(8)
        .data();
    assert_eq!(
        (
            &report["created"],
            &report["skipped"].as_array().unwrap().len()
        ),
        (&json!(1), &2)
    );
    has(
        &report["skipped"][0],
        json!({"line": 3, "reason": "has 4 cells, but 3 have a heading"}),
    );
    has(
        &report["skipped"][1],
        json!({"line": 4, "reason": "has neither a title nor an id"}),
    );
    for typed in ["jira", "tasks.csv"] {
        let hint = repo.pm(&["import", typed]).exits(2).err;
        assert!(hint.contains("`git pm import csv FILE`"), "{hint}");
    }
    for (typed, meant) in [
        ("../gh.json", "`git pm import github ../gh.json`"),
        (
            "old/tasks.json",
            "`git pm import taskmaster old/tasks.json`?",
        ),
        ("other/.claude/", "`git pm import ccpm other/.claude/`?"),
    ] {
        let hint = repo.pm(&["import", typed]).exits(2).err;
        assert!(hint.contains(meant), "{hint}");
    }
    for (file, said) in [
        (
            "[{\"number\":7,\"title\":\"Crash\"}]\n",
            "git pm import github OWNER/NAME",
        ),
        ("# TODO\n- [ ] Buy paint\n", "git pm plan new FILE"),
    ] {
        let hint = feed(&repo, file).exits(2);
        assert!(
            hint.out.contains(said) || hint.err.contains(said),
            "{hint:?}"
        );
    }
    // Our own export has the same items, whose ids another file cannot have.
    repo.pm(&["export", "csv", "out.csv"]).ok();
    let report = repo.data(&["import", "csv", "out.csv"]);
    assert_eq!(report["unchanged"], 1, "{report}");
    for text in [
        "id,title\nT-0001,Other\n",
        "id,title,created_at,updated_at\nT-0001,Other,2020-01-01,2020-01-01\n",
    ] {
        let refused = feed(&repo, text).exits(1);
        let said = "T-0001, an item of this project";
        assert!(
            refused.out.contains(said) || refused.err.contains(said),
            "{refused:?}"
        );
    }
    assert_eq!(commits(&repo), before + 1);
}

#[test]
fn a_due_day_is_the_end_of_that_day_where_it_is_imported() {
    let scene = Scene::new();
    for (name, zone, last) in [
        ("asia", "Asia/Tokyo", "2027-03-12T14:59:59Z"),
        ("america", "America/New_York", "2027-03-13T04:59:59Z"),
    ] {
        let repo = scene.set_up(name).with("TZ", zone);
        for (tool, text) in [
            (
                "csv",
                "Summary,Issue key,Due date,Created\n\
                 Jira at three,X-1,12/Mar/27 3:04 PM,12/Mar/26 3:04 PM\n\
                 Jira at midnight,X-2,12/Mar/27 12:00 AM,\n",
            ),
            (
                "csv",
                "Title,Due\nSheet,2027-03-12 17:00\nOffset,2027-03-12T23:00:00-07:00\n",
            ),
            (
                "csv",
                "ID,Team,Title,Due Date\n\
                 E-1,Eng,London,Thu Mar 11 2027 23:00:00 GMT+0000 (GMT)\n\
                 E-2,Eng,Seattle,Fri Mar 12 2027 08:00:00 GMT+0000 (GMT)\n",
            ),
            (
                "backlog",
                "---\nid: task-1\ntitle: Backlog\nstatus: To Do\ndue_date: 2027-03-12\n---\n",
            ),
        ] {
            repo.feed(binary(), &["import", tool, "-"], text).ok();
        }
        let epic = "---\nname: e\nstatus: backlog\ndue: 2027-03-12\n---\n";
        repo.write(".claude/epics/e/epic.md", epic);
        repo.pm(&["import", "ccpm"]).ok();
        let found = repo.data(&["list", "due:2027-03-12"]);
        let found = found["items"].as_array().unwrap();
        assert_eq!(found.len(), 8, "{found:?}");
        for item in found {
            has(item, json!({"due_at": last}));
        }
        // A time of creation is an instant.
        has(
            &item(&repo, "Jira at three"),
            json!({"created_at": "2026-03-12T15:04:00Z"}),
        );
    }
}

/// Jira names the authors of comments by their ids, which other columns have beside names.
#[test]
fn the_authors_of_jiras_comments_have_their_names() {
    let (_scene, repo) = set_up();
    let text = "Summary,Issue key,Status,Assignee,Assignee Id,Comment\n\
                One,X-1,In Review,Priya,712020:aa1,12/Mar/26 3:04 PM;712020:aa1;Done; see log\n";
    feed(&repo, text).ok();
    let one = item(&repo, "One");
    has(
        &one["comments"][0],
        json!({"author": "Priya", "body": "Done; see log"}),
    );
    // It has no branch, so nobody could approve it.
    let refused = repo.pm(&["approve", "X-1"]).exits(1).err;
    let done = ["done", "T-0001", "--force", "--evidence", "TEXT"];
    assert!(refused.contains(&done.join(" ")), "{refused}");
    let refused = repo.pm(&["done", "X-1", "--evidence", "log"]).exits(1).err;
    assert!(refused.contains(&done.join(" ")), "{refused}");
    repo.pm(&done).ok();
}

#[test]
fn story_points_and_due_days_are_shown_listed_and_exported() {
    let (_scene, repo) = set_up();
    let text = "Summary,Issue key,Story Points,Sprint,Due date\n\
                Large,X-1,13,Sprint 7,12/Mar/27\nSmall,X-2,5,Sprint 8,\n";
    feed(&repo, text).ok();
    assert!(
        repo.pm(&["show", "X-1"])
            .ok()
            .out
            .contains("points       13")
    );
    has(&item(&repo, "Small"), json!({"points": 5}));
    let sorted = repo.pm(&["list", "--columns", "title,points", "--sort", "points"]);
    let sorted = sorted.ok().out;
    assert_eq!(
        sorted.split_whitespace().collect::<Vec<_>>(),
        ["Small", "5", "Large", "13"]
    );
    // As the documentation of a sprint has it.
    for query in ["points:13", "label:\"sprint:Sprint 7\""] {
        let found = repo.data(&["list", query]);
        assert_eq!(
            found["items"].as_array().unwrap().len(),
            1,
            "{query}: {found}"
        );
    }
    // A point counts two hours where nothing else is estimated, as in a plan.
    let order = repo.data(&["order"]);
    let hours = order["items"].as_array().unwrap().iter();
    let hours: Vec<u64> = hours.map(|one| one["hours"].as_u64().unwrap()).collect();
    assert_eq!(hours.iter().sum::<u64>(), 36, "{order}");
    repo.pm(&["edit", "X-2", "--points", "8"]).ok();
    for (query, n) in [("points:>=8", 2), ("points:>8", 1), ("points:5", 0)] {
        let found = repo.data(&["list", query]);
        assert_eq!(found["items"].as_array().unwrap().len(), n, "{query}");
    }
    let csv = repo.pm(&["export", "csv"]).ok().out;
    let lines: Vec<&str> = csv.lines().collect();
    assert!(lines[0].ends_with(",due_at,defer_until,points"), "{csv}");
    assert!(lines[1].ends_with(",2027-03-12,,13"), "{csv}");
}

#[test]
fn imported_work_in_review_without_a_branch_is_not_offered_for_approval() {
    let (_scene, repo) = set_up();
    feed(&repo, "Summary,Issue key,Status\nA,X-1,In Review\n").ok();
    let said = repo.pm(&["status"]).ok().out;
    assert!(
        said.contains("next: git pm show T-0001") && !said.contains("approve"),
        "{said}"
    );
    assert!(!said.contains("To review"), "{said}");
    assert!(said.contains("In review without a branch"), "{said}");
    let triage = repo.data(&["triage"])["recommendations"][0].clone();
    has(
        &triage,
        json!({"action": "continue", "command": "git pm show T-0001"}),
    );
    let shown = repo.pm(&["show", "T-1"]).ok().out;
    assert!(shown.contains("nothing to review"), "{shown}");
    let next = "next: git pm start T-0001 --resume · git pm task done T-0001 --force";
    assert!(shown.contains(next), "{shown}");
    for verb in ["approve", "review"] {
        let refused = repo.pm(&[verb, "T-1"]).exits(1).err;
        assert!(refused.contains(" --resume`"), "{refused}");
    }
    repo.pm(&["start", "T-0001", "--resume", "--no-worktree"])
        .ok();
}

/// What one clone exported, another repository imports with its days and priorities; days are those of
/// the clone's zone, and what has no place is told.
#[test]
fn an_export_of_our_own_keeps_days_and_priorities_and_tells_what_is_not_in_it() {
    let scene = Scene::new();
    let [west, other] = ["west", "other"].map(|name| scene.set_up(name));
    for repo in [&west, &other] {
        repo.pm(&["config", "pm.timezone", "America/Los_Angeles"])
            .ok();
    }
    let id = west.task("Pay", &["-p", "1", "--due", "2027-03-12"]);
    let clean = west.pm(&["export", "csv"]).ok();
    assert!(clean.out.contains(",2027-03-12,"), "{}", clean.out);
    assert!(!clean.err.contains("not in the file"), "{}", clean.err);
    west.pm(&["edit", &id, "--body", "How"]).ok();
    west.pm(&["comment", &id, "Soon"]).ok();
    west.pm(&["defer", &id, "2027-01-02"]).ok();
    let ran = west.pm(&["export", "csv"]).ok();
    assert!(
        ran.err
            .contains("texts (`--columns body`) of 1, comments of 1;"),
        "{}",
        ran.err
    );
    assert!(ran.out.contains(",2027-01-02,"), "{}", ran.out);
    let report = feed(&other, &ran.out).ok().data();
    let said = messages(&report);
    assert!(
        !said.contains("priority") && !said.contains("due_at"),
        "{said}"
    );
    has(
        &item(&other, "Pay"),
        json!({"priority": 1, "due_at": "2027-03-13T07:59:59Z"}),
    );
}

#[test]
fn days_with_the_whole_name_of_their_month_are_read() {
    let (_scene, repo) = set_up();
    let text = "ID,Title,Due\n1,A,24 December 2026\n2,B,\"December 24, 2026\"\n3,C,\"Dec 24, 2026\"\n4,D,3/4/26\n";
    let said = messages(&feed(&repo, text).ok().data());
    for title in ["A", "B", "C"] {
        has(
            &item(&repo, title),
            json!({"due_at": "2026-12-24T23:59:59Z"}),
        );
    }
    assert!(said.contains("date in an unknown form, `3/4/26`"), "{said}");
}

// Jira: a sub-task names its story alone, points have halves, and a story waits for its sub-tasks.
#[test]
fn sub_tasks_are_in_the_epic_of_their_story_and_it_waits_for_them() {
    let (_scene, repo) = set_up();
    repo.write(
        "jira.csv",
        "Issue key,Issue id,Issue Type,Summary,Parent,Story Points\n\
         X-1,10,Epic,Shop,,\n\
         X-2,11,Story,Cart,10,2.5\n\
         X-3,12,Sub-task,Button,11,0.5\n",
    );
    let report = repo.data(&["import", "csv", "jira.csv"]);
    let told = report["warnings"].to_string();
    assert!(told.contains("rounded up to 3"), "{report}");
    let [epic, cart, button] = ["Shop", "Cart", "Button"].map(|title| item(&repo, title));
    for part in [&cart, &button] {
        assert_eq!(part["epic"], epic["id"], "{part}");
    }
    assert_eq!((&cart["points"], &button["points"]), (&3.into(), &1.into()));
    let ids = [&cart, &button].map(|one| one["id"].as_str().unwrap());
    let sprint = repo.data(&["sprint", "plan", ids[0], ids[1]]);
    assert_eq!(sprint["points"], 4, "{sprint}");
    // What only waits for its parts is not blocked, for any view of it: it is queued, and says for which.
    let why = repo.data(&["why", ids[0]]);
    assert_eq!(why["ready"], false, "{why}");
    let board = repo.data(&["board"]);
    let cells = board["lanes"][0]["cells"].as_array().unwrap().iter();
    let cells = board["columns"].as_array().unwrap().iter().zip(cells);
    for (column, cell) in cells {
        for card in cell["cards"].as_array().unwrap() {
            assert_eq!(column["value"], "queued", "{card}");
            assert_eq!(card["ready"], card["id"] != ids[0], "{card}");
            if card["id"] == ids[0] {
                assert_eq!(card["waits_for"], ids[1], "{card}");
            }
        }
    }
    let listed = repo.pm(&["list", "kind:task"]).ok().out;
    assert!(
        listed.contains(&format!("waits for {}", ids[1])),
        "{listed}"
    );
}
