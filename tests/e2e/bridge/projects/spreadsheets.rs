//! Words of other tools in spreadsheets, names of people, and our own export that a spreadsheet saved.

use serde_json::{Value, json};

use super::{has, item, messages};
use crate::support::{Ran, Repo, Scene, binary, commits, set_up};

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
    // Jira exports whole seconds.
    feed(
        &repo,
        "Summary,Original estimate\nMigrate,28800\nMeasure,2h\n",
        &[],
    )
    .ok();
    for (title, minutes) in [("Migrate", 480), ("Measure", 120)] {
        has(&item(&repo, title), json!({"estimated_minutes": minutes}));
    }
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
    // Without the option, another change of a record leaves them alone, and says nothing of them.
    let report = feed(&repo, &text.replace("1,A", "1,A again"), &[])
        .ok()
        .data();
    assert_eq!(report["overridden"], json!([]), "{report}");
    has(
        &item(&repo, "A again"),
        json!({"assignee": "John Doe", "created_by": null}),
    );
    // It is remembered, also for new records.
    feed(&repo, &format!("{text}4,D,JDOE,bot\n"), &[]).ok();
    has(
        &item(&repo, "D"),
        json!({"assignee": "John Doe", "created_by": null}),
    );
    let moved = text.replace("1,A,JDoe", "1,A again,ana");
    let report = feed(&repo, &moved, &[]).ok().data();
    assert_eq!(report["overridden"], json!([]), "{report}");
    has(&item(&repo, "A again"), json!({"assignee": "ana"}));
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

/// An export as Excel saves it in Europe: a mark of the order of bytes, semicolons, days with dots.
fn saved_by_excel(csv: &str) -> String {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv.as_bytes());
    let mut out = csv::WriterBuilder::new()
        .delimiter(b';')
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for record in reader.records() {
        let record = record.unwrap();
        let cells = record.iter().map(|cell| match cell {
            "2027-03-04" => "04.03.2027".to_string(),
            "5" => "5,0".to_string(),
            cell if cell.ends_with('Z') && cell.starts_with("20") => {
                cell.replace('T', " ").trim_end_matches('Z').to_string()
            }
            cell => cell.to_string(),
        });
        out.write_record(cells).unwrap();
    }
    format!(
        "\u{feff}{}",
        String::from_utf8(out.into_inner().unwrap()).unwrap()
    )
}

#[test]
fn one_edited_cell_of_an_own_export_changes_one_field() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.pm(&["epic", "create", "Café"]).ok();
    let other = repo.task("May 2", &[]);
    let id = repo.task(
        "=HYPERLINK(\"x\")",
        &[
            "--epic",
            "E-0001",
            "--label",
            "007",
            "--label",
            "web",
            "--due",
            "2027-03-04",
            "--points",
            "5",
            "--path",
            "src/{a,b}/**",
            "--path",
            "docs/*.md",
            "--accept",
            "one; two",
            "--accept",
            "three",
            "--estimate",
            "M",
            "--body=-1\n=2",
            "--assignee",
            "ben",
            "--depends-on",
            &other,
        ],
    );
    repo.pm(&["start", &other, "--no-worktree"]).ok();
    let columns = "id,kind,type,status,priority,title,owner,estimate,epic,labels,depends_on,acceptance,paths,\
                   external_refs,created_at,updated_at,due_at,points,body";
    let csv = repo.pm(&["export", "csv", "--columns", columns]).ok().out;
    for part in [
        ",\"'=HYPERLINK(",
        ",'May 2,",
        ",\"007; web\",",
        ",\"'-1\n=2\"",
    ] {
        assert!(csv.contains(part), "{part}: {csv}");
    }
    let saved = saved_by_excel(&csv);
    assert!(saved.contains(";04.03.2027;5,0;"), "{saved}");
    let tree = repo.state_tree();
    for file in [csv.as_str(), &saved] {
        let report = feed(&repo, file, &[]).ok().data();
        assert_eq!(report["unchanged"], 3, "{report}");
        assert_eq!(
            repo.state_tree(),
            tree,
            "an export that came back changed something"
        );
    }
    let old = repo.data(&["show", &id]);
    for (from, to, field, value) in [
        (
            "04.03.2027",
            "05.03.2027",
            "due_at",
            json!("2027-03-05T23:59:59Z"),
        ),
        ("007; web", "007; ui", "labels", json!(["007", "ui"])),
        ("5,0", "8", "points", json!(8)),
        (
            "'=HYPERLINK",
            "Not =HYPERLINK",
            "title",
            json!("Not =HYPERLINK(\"x\")"),
        ),
        ("docs/*.md; ", "", "paths", json!(["src/{a,b}/**"])),
    ] {
        let saved = saved_by_excel(&repo.pm(&["export", "csv", "--columns", columns]).ok().out);
        let saved = saved.replace(from, to);
        let before = repo.data(&["show", &id]);
        let report = feed(&repo, &saved, &[]).ok().data();
        assert_eq!(
            (&report["updated"], &report["unchanged"]),
            (&json!(1), &json!(2)),
            "{field}: {report}"
        );
        let after = repo.data(&["show", &id]);
        assert_eq!(after[field], value, "{after}");
        for (key, was) in before.as_object().unwrap() {
            let moves = ["updated_at", "version", field];
            assert!(
                moves.contains(&key.as_str()) || after[key] == *was,
                "{field} changed {key}: {after}"
            );
        }
        // The same file again changes nothing.
        assert_eq!(feed(&repo, &saved, &[]).ok().data()["unchanged"], 3);
    }
    has(
        &repo.data(&["show", &other]),
        json!({"assignee": "Ana", "title": "May 2", "status": "in_progress"}),
    );
    // Who held the other task was not made its assignee.
    repo.pm(&["drop", &other]).ok();
    has(&repo.data(&["show", &other]), json!({"assignee": null}));
    assert_eq!(repo.data(&["show", &id])["acceptance"], old["acceptance"]);
}

// After an undo the item has the values with which it was exported: its edits are not lost.
#[test]
fn the_same_sheet_is_taken_again_after_the_import_was_undone() {
    let (_scene, repo) = set_up();
    let id = repo.task("First", &[]);
    let csv = repo.pm(&["export", "csv"]).ok().out;
    let edited = csv.replace("First", "Premier");
    let at = |year: u32| repo.when(&format!("{year}-01-01T00:00:00Z"));
    let report = feed(&at(2031), &edited, &[]).ok().data();
    assert_eq!(report["updated"], 1, "{report}");
    let commit = report["commit"].as_str().unwrap();
    at(2032).pm(&["undo", commit]).ok();
    has(&repo.data(&["show", &id]), json!({"title": "First"}));
    let report = feed(&at(2033), &edited, &[]).ok().data();
    assert_eq!(report["updated"], 1, "{report}");
    has(&repo.data(&["show", &id]), json!({"title": "Premier"}));
    // Values of others are not replaced.
    at(2034).pm(&["edit", &id, "--title", "Primo"]).ok();
    let report = feed(&at(2035), &csv, &[]).exits(8).data();
    assert_eq!(report["updated"], 0, "{report}");
    has(&repo.data(&["show", &id]), json!({"title": "Primo"}));
}

#[test]
fn a_row_that_cannot_be_taken_back_is_told_and_changes_nothing() {
    let (_scene, repo) = set_up();
    let id = repo.task("First", &[]);
    repo.task("Second", &[]);
    let csv = repo.pm(&["export", "csv"]).ok().out;
    let reason = |csv: &str| -> Value {
        let report = feed(&repo, csv, &[]).exits(8).data();
        report["skipped"][0].clone()
    };
    let told = reason(&csv.replace("T-0002,task", "T-0002,issue"));
    has(
        &told,
        json!({"line": 3, "id": "T-0002", "reason": "changes `kind`, which an import leaves as it is"}),
    );
    // A new line is a new item.
    let heads = csv.split("\r\n").next().unwrap();
    let new = format!("{heads}\r\n,,,queued,1,Third,,,high\r\n");
    assert_eq!(feed(&repo, &new, &[]).ok().data()["created"], 1);
    has(
        &item(&repo, "Third"),
        json!({"priority": 1, "risk": "high"}),
    );
    let bom = repo.pm(&["export", "csv", "--bom"]).ok().out;
    assert!(bom.starts_with("\u{feff}id,kind,"), "{bom}");
    // The holder of a claim cannot be replaced in a file.
    repo.pm(&["start", "T-0002", "--no-worktree"]).ok();
    let csv = repo.pm(&["export", "csv"]).ok().out;
    let told = reason(&csv.replace(",Second,Ana,", ",Second,Ben,"));
    assert!(
        told["reason"]
            .as_str()
            .unwrap()
            .contains("git pm assign T-0002"),
        "{told}"
    );
    // What changed here since is not undone, not even where the file has an older value.
    repo.when("2031-01-01T00:00:00Z")
        .pm(&["edit", &id, "-p", "0"])
        .ok();
    let told = reason(&csv.replace("First", "Premier"));
    assert!(
        told["reason"].as_str().unwrap().contains("export it again"),
        "{told}"
    );
    has(
        &repo.data(&["show", &id]),
        json!({"title": "First", "priority": 0}),
    );
    let told = feed(&repo, &csv, &[]).exits(8).data();
    assert_eq!(
        (&told["unchanged"], &told["skipped"][0]["id"]),
        (&json!(2), &json!(id))
    );
}

/// Another repository gets all fields of the default columns, as it has none of the ids.
#[test]
fn an_own_export_is_imported_into_another_project_with_all_its_columns() {
    let scene = Scene::new();
    let [from, to] = ["from", "to"].map(|name| scene.set_up(name));
    from.pm(&["epic", "create", "Large"]).ok();
    from.task(
        "+1 part",
        &[
            "--epic",
            "E-0001",
            "--path",
            "src/{a,b}/**",
            "--accept",
            "one; two",
            "--risk",
            "high",
            "--estimate",
            "M",
            "--points",
            "5",
        ],
    );
    let csv = from.pm(&["export", "csv"]).ok().out;
    let report = feed(&to, &csv, &[]).ok().data();
    assert!(!messages(&report).contains("no place here"), "{report}");
    let part = item(&to, "+1 part");
    has(
        &part,
        json!({"epic": "E-0001", "paths": ["src/{a,b}/**"], "risk": "high", "estimate": "M", "points": 5}),
    );
    assert_eq!(part["acceptance"][0]["text"], "one; two");
    has(
        &item(&to, "Large"),
        json!({"kind": "epic", "status": "open"}),
    );
}

#[test]
fn criteria_in_a_cell_may_be_a_list() {
    let (_scene, repo) = set_up();
    let text = "ID,Title,Acceptance\n1,A,\"- [x] done\n* [ ] open\n- plain\n[X] bare\"\n";
    feed(&repo, text, &[]).ok();
    let found = item(&repo, "A")["acceptance"].clone();
    let line = |one: &Value| format!("{} {}", one["done"], one["text"].as_str().unwrap());
    let found: Vec<String> = found.as_array().unwrap().iter().map(line).collect();
    assert_eq!(
        found,
        ["true done", "false open", "false plain", "true bare"]
    );
}
