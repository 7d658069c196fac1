//! Issues of GitHub in the JSON of `gh`, without the network.

use serde_json::{Value, json};

use super::{has, item, messages};
use crate::support::{Ran, Repo, binary, set_up};

fn feed(repo: &Repo, text: &str) -> Ran {
    repo.feed(binary(), &["--json", "import", "csv", "-"], text)
}

#[test]
fn a_label_takes_back_only_the_type_and_priority_that_it_gave() {
    let (_scene, repo) = set_up();
    let issues = |labels: &[&str], day: u8| {
        let labels: Vec<Value> = labels.iter().map(|name| json!({"name": name})).collect();
        let one = |number: u8, title: &str| {
            json!({
                "number": number, "title": title, "labels": labels, "state": "OPEN",
                "url": format!("https://github.com/acme/widget/issues/{number}"),
                "updatedAt": format!("2026-01-0{day}T00:00:00Z"),
            })
        };
        json!([one(1, "Given"), one(2, "Set")]).to_string()
    };
    let at = |day: u8| repo.when(&format!("2026-01-0{day}T12:00:00Z"));
    feed(&at(1), &issues(&["bug", "P0"], 1)).ok();
    let id = item(&repo, "Set")["id"].as_str().unwrap().to_string();
    at(2)
        .pm(&["edit", &id, "--type", "chore", "--priority", "1"])
        .ok();
    let report = feed(&at(4), &issues(&[], 3)).ok().data();
    let none = json!([]);
    assert_eq!((&report["kept"], &report["overridden"]), (&none, &none));
    has(
        &item(&repo, "Given"),
        json!({"type": "feature", "priority": 2, "labels": []}),
    );
    has(
        &item(&repo, "Set"),
        json!({"type": "chore", "priority": 1, "labels": []}),
    );
}

#[test]
fn issues_of_the_api_are_those_that_gh_lists() {
    let (_scene, repo) = set_up();
    let address = "https://github.com/acme/w";
    let api = json!([
        {
            "url": "https://api.github.com/repos/acme/w/issues/5", "html_url": format!("{address}/issues/5"),
            "labels_url": "https://api.github.com/x", "number": 5, "title": "One", "body": "Text",
            "state": "closed", "state_reason": "not_planned", "closed_at": "2026-01-03T00:00:00Z",
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-04T00:00:00Z",
            "labels": [{"name": "bug"}], "user": {"login": "zoe"}, "assignee": {"login": "ann"},
            "assignees": [{"login": "ann"}], "milestone": {"title": "1.0", "due_on": null}, "comments": 3,
        },
        {
            "html_url": format!("{address}/pull/6"), "number": 6, "title": "A pull", "state": "open",
            "pull_request": {"url": "x"},
        },
    ]);
    let report = feed(&repo, &api.to_string()).ok().data();
    assert_eq!(report["created"], 1, "{report}");
    let said = messages(&report);
    assert!(said.contains("pull requests, left out: 1"), "{said}");
    let expected = json!({
        "status": "cancelled", "type": "bug", "assignee": "ann", "created_by": "zoe",
        "closed_at": "2026-01-03T00:00:00Z", "labels": ["bug", "milestone:1.0"],
    });
    has(&item(&repo, "One"), expected.clone());
    let listed = json!([{
        "number": 5, "title": "One", "body": "Text", "url": format!("{address}/issues/5"), "state": "CLOSED",
        "stateReason": "NOT_PLANNED", "closedAt": "2026-01-03T00:00:00Z", "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-04T00:00:00Z", "labels": [{"name": "bug"}], "author": {"login": "zoe"},
        "assignees": [{"login": "ann"}], "milestone": {"title": "1.0"},
    }]);
    let report = feed(&repo, &listed.to_string()).ok().data();
    assert_eq!(report["created"], 0, "{report}");
    has(&item(&repo, "One"), expected);
}

#[test]
fn pages_of_issues_are_read_one_after_another_or_in_an_array() {
    let one = |number: u8| {
        json!({
            "number": number, "title": format!("Issue {number}"), "state": "open", "labels": [],
            "html_url": format!("https://github.com/acme/w/issues/{number}"),
        })
    };
    let pages = [json!([one(1), one(2)]), json!([one(3)])];
    for text in [
        format!("{}\n{}", pages[0], pages[1]),
        json!(pages).to_string(),
    ] {
        let (_scene, repo) = set_up();
        let report = feed(&repo, &text).ok().data();
        assert_eq!(report["created"], 3, "{report}");
    }
}

#[test]
fn a_file_that_is_missing_is_not_taken_for_a_repository() {
    let (_scene, repo) = set_up();
    for path in [
        "../nope.json",
        "nope.json",
        "./nope",
        "some/where/else/nope",
    ] {
        let error = repo.pm(&["import", "github", path]).exits(4).err;
        assert!(error.contains("there is no file"), "{path}: {error}");
    }
}

/// Work that was cancelled here is not done because its issue was closed there.
#[test]
fn a_closed_issue_leaves_cancelled_work_cancelled() {
    let (_scene, repo) = set_up();
    let issue = |state: &str, day: u8| {
        json!([{
            "number": 2, "title": "In work", "state": state, "url": "https://github.com/acme/w/issues/2",
            "updatedAt": format!("{}-01-0{day}T00:00:00Z", if day == 1 { 2026 } else { 2027 }),
        }])
        .to_string()
    };
    feed(&repo, &issue("OPEN", 1)).ok();
    let id = item(&repo, "In work")["id"].as_str().unwrap().to_string();
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("f", "hi\n");
    place.commit_all("Work");
    repo.pm(&["task", "cancel", &id, "--reason", "not this"])
        .ok();
    for day in [2, 3] {
        let report = feed(&repo, &issue("CLOSED", day)).ok().data();
        assert_eq!(report["overridden"], json!([]), "{report}");
        has(&item(&repo, "In work"), json!({"status": "cancelled"}));
    }
    // What the source opens again is open.
    feed(&repo, &issue("OPEN", 4)).ok();
    has(&item(&repo, "In work"), json!({"status": "queued"}));
}

/// What the texts of open issues ask for, and an import leaves in them, is said.
#[test]
fn boxes_and_prerequisites_in_texts_are_said_to_stay_there() {
    let (_scene, repo) = set_up();
    let one = |number: u8, state: &str, body: &str| {
        json!({
            "number": number, "title": format!("N {number}"), "state": state, "body": body,
            "url": format!("https://github.com/acme/w/issues/{number}"),
        })
    };
    let issues = json!([
        one(1, "OPEN", "### Acceptance\n- [ ] a test\n\nDepends on #2"),
        one(2, "OPEN", "- [x] done\nIt depends on the weather, #1"),
        one(3, "CLOSED", "- [ ] left\nBlocked by: #1"),
    ]);
    let report = feed(&repo, &issues.to_string()).ok().data();
    let said = messages(&report);
    assert!(
        said.contains("open boxes in the texts of 1 stay there"),
        "{said}"
    );
    assert!(
        said.contains("the texts of 1 name issues that they wait for"),
        "{said}"
    );
}

/// An import that was undone and is repeated takes back nothing that is newer here than its records.
#[test]
fn a_repeated_import_leaves_what_is_newer_here() {
    let (_scene, repo) = set_up();
    let issues = |titles: [&str; 2], state: &str, day: u8| {
        let one = |number: u8, title: &str, state: &str| {
            json!({
                "number": number, "title": title, "state": state,
                "url": format!("https://github.com/acme/w/issues/{number}"),
                "updatedAt": format!("2026-01-0{day}T00:00:00Z"),
            })
        };
        json!([one(1, titles[0], "OPEN"), one(2, titles[1], state)]).to_string()
    };
    feed(&repo, &issues(["One", "Two"], "OPEN", 1)).ok();
    let id = |title: &str| item(&repo, title)["id"].as_str().unwrap().to_string();
    let (one, two) = (id("One"), id("Two"));
    repo.pm(&["edit", &one, "--title", "One ours"]).ok();
    repo.pm(&["start", &two]).ok();
    let newer = issues(["One theirs", "Two"], "CLOSED", 2);
    for undone in [true, false] {
        let report = feed(&repo, &newer).ok().data();
        assert_eq!(report["overridden"], json!([]), "{report}");
        has(&item(&repo, "One ours"), json!({"id": one}));
        has(&item(&repo, "Two"), json!({"status": "in_progress"}));
        if undone {
            repo.pm(&["undo"]).ok();
        }
    }
    // What is changed there later counts.
    let last = issues(["One theirs now", "Two"], "OPEN", 3).replace("2026-01-03", "2090-01-03");
    feed(&repo, &last).ok();
    has(&item(&repo, "One theirs now"), json!({"id": one}));
}
