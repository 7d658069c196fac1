//! Words of other tools in spreadsheets, names of people, and our own export that a spreadsheet saved.

use serde_json::json;

use super::{has, item};
use crate::support::{Ran, Repo, binary, commits, set_up};

fn feed(repo: &Repo, text: &str, more: &[&str]) -> Ran {
    repo.feed(
        binary(),
        &[&["--json", "import", "csv", "-"], more].concat(),
        text,
    )
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
