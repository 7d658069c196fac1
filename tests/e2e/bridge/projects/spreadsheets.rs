//! Words of other tools in spreadsheets, names of people, and our own export that a spreadsheet saved.

use serde_json::json;

use super::{has, item, messages};
use crate::support::{Ran, Repo, binary, commits, set_up};

fn feed(repo: &Repo, text: &str, more: &[&str]) -> Ran {
    repo.feed(
        binary(),
        &[&["--json", "import", "csv", "-"], more].concat(),
        text,
    )
}

#[test]
fn words_dates_and_estimates_of_other_tools_are_read_or_kept_as_labels() {
    let (_scene, repo) = set_up();
    let text = "ID,Title,Priority,Due,Estimate,Status\n\
                1,A,1 - High,24.12.26,2d,WIP\n\
                2,B,P2 (normal),24/12/2026,4h,Shipped\n\
                3,C,Highest,46380,3 pts,On hold\n\
                4,D,Sev 1,\"Dec 24, 2026\",M,Stuck\n\
                5,E,whenever,3/4/2027,large,Frozen\n";
    let report = feed(&repo, text, &[]).ok().data();
    let day = "2026-12-24T23:59:59Z";
    for (title, expected) in [
        (
            "A",
            json!({"priority": 1, "due_at": day, "estimated_minutes": 960, "status": "in_progress"}),
        ),
        (
            "B",
            json!({"priority": 2, "due_at": day, "estimated_minutes": 240, "status": "done"}),
        ),
        (
            "C",
            json!({"priority": 0, "due_at": day, "points": 3, "status": "deferred"}),
        ),
        (
            "D",
            json!({"priority": 1, "due_at": day, "estimate": "M", "status": "blocked"}),
        ),
        (
            "E",
            json!({
                "priority": 2, "due_at": null, "estimate": null, "status": "queued",
                "labels": [
                    "import-due:3/4/2027", "import-estimate:large", "import-priority:whenever",
                    "import-status:Frozen",
                ],
            }),
        ),
    ] {
        has(&item(&repo, title), expected);
    }
    let said = messages(&report);
    for part in [
        "has the number `46380` as a date; as in spreadsheets, it means 2026-12-24",
        "has a date in an unknown form, `3/4/2027`: the day may be 3 and the month 4, or the other way round",
        "has the unknown priority `whenever`; imported with priority 2; kept as the label",
        "has an unknown estimate, `large`; kept as the label",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(feed(&repo, text, &[]).ok().data()["unchanged"], 5);
}

/// Asana has columns of a board, in any of which work is completed, and names what waits in its own way.
#[test]
fn work_that_was_completed_in_a_column_of_a_board_is_done() {
    let (_scene, repo) = set_up();
    let text = "Task ID,Completed At,Name,Section/Column,Blocked By (Dependencies),Estimated time\n\
                11,,Design,Ideas,,3h\n12,2026-02-03,Build,Ideas,Design,\n13,2026-02-03,Test,To do,,\n\
                14,,Ship,To do,\"Build\",\n";
    let said = messages(&feed(&repo, text, &[]).ok().data());
    assert!(
        said.contains("has the status `To do`, but was completed; imported as done"),
        "{said}"
    );
    has(
        &item(&repo, "Design"),
        json!({"status": "queued", "estimated_minutes": 180}),
    );
    for title in ["Build", "Test"] {
        has(
            &item(&repo, title),
            json!({"status": "done", "closed_at": "2026-02-03T00:00:00Z"}),
        );
    }
    has(
        &item(&repo, "Ship"),
        json!({"status": "queued", "depends_on": [item(&repo, "Build")["id"]]}),
    );
    // In a column of statuses the status counts, and a tick is no date.
    let text =
        "Title,Status,Completed\nReopened,In progress,2026-02-03\nTicked,,TRUE\nOpen,,FALSE\n";
    let said = messages(&feed(&repo, text, &[]).ok().data());
    assert!(!said.contains("date"), "{said}");
    for (title, status) in [
        ("Reopened", "in_progress"),
        ("Ticked", "done"),
        ("Open", "queued"),
    ] {
        has(&item(&repo, title), json!({"status": status}));
    }
}

/// One option gives people of any tool the names that they have here, also those imported before it.
#[test]
fn people_are_imported_under_the_names_that_they_have_here() {
    let (_scene, repo) = set_up();
    let map = ["--map-user", "jdoe=John Doe", "--map-user", "bot="];
    let text = "ID,Title,Assignee,Reporter\n1,A,JDoe,bot\n2,B,ana,jdoe\n3,C,jdoe,\n";
    feed(&repo, text, &[]).ok();
    has(
        &item(&repo, "A"),
        json!({"assignee": "JDoe", "created_by": "bot"}),
    );
    repo.pm(&["edit", "T-0003", "--assignee", "Mira"]).ok();
    feed(&repo, text, &map).ok();
    has(
        &item(&repo, "A"),
        json!({"assignee": "John Doe", "created_by": null}),
    );
    has(
        &item(&repo, "B"),
        json!({"assignee": "ana", "created_by": "John Doe"}),
    );
    has(&item(&repo, "C"), json!({"assignee": "Mira"}));
    let before = commits(&repo);
    feed(&repo, text, &map).ok();
    feed(&repo, text, &[]).ok();
    assert_eq!(commits(&repo), before, "the names changed again");
    // Others, and nonsense.
    let task = "---\nid: task-1\ntitle: Of a board\nstatus: To Do\nassignee: ['@jdoe']\n---\n";
    let args = [
        "--json",
        "import",
        "backlog",
        "-",
        "--map-user",
        "@jdoe=John Doe",
    ];
    repo.feed(binary(), &args, task).ok();
    has(&item(&repo, "Of a board"), json!({"assignee": "John Doe"}));
    let refused = repo
        .pm(&["import", "csv", "x.csv", "--map-user", "jdoe"])
        .exits(2);
    assert!(refused.err.contains("THERE=HERE"), "{}", refused.err);
}
