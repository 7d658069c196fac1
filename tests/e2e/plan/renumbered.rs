//! PL-15: a requirement whose id its author gave to another one keeps its task.

use serde_json::Value;

use super::{list, own, planned, task, text, texts, titles};
use crate::support::{Repo, Scene, set_up};

/// A document with requirements that are counted from FR-1.
fn counted(all: &[&str]) -> String {
    let lines = all.iter().enumerate();
    let lines = lines.map(|(nth, said)| format!("- FR-{}: {said}\n", nth + 1));
    let lines: String = lines.collect();
    format!("# Reports\n\n## Requirements\n\n{lines}")
}

const FIRST: [&str; 3] = [
    "Users can export a report",
    "Users can share a report",
    "Admins can lock a report",
];

const PREVIEW: &str = "Users can preview a report";

/// The approved plan of the first three, without test tasks.
fn approved() -> (Scene, Repo) {
    let (scene, repo) = set_up();
    let setting = ["config", "--shared", "pm.planTests", "false"];
    repo.pm(&setting).ok();
    planned(&repo, "d.md", &counted(&FIRST));
    repo.pm(&["plan", "approve"]).ok();
    (scene, repo)
}

#[track_caller]
fn update(repo: &Repo, document: &str) -> Value {
    repo.write("d.md", document);
    repo.data(&["plan", "update", "d.md", "--write"])
}

fn new(update: &Value) -> Vec<&str> {
    let all = list(update, "new").iter();
    all.map(|task| text(task, "title")).collect()
}

/// What is in brackets of its order or priority is no part of what a requirement asks for.
#[test]
fn pl_15_a_tag_of_a_finished_requirement_makes_no_new_work() {
    let (_scene, repo) = approved();
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    let tagged = ["(depends on FR-4)", "(P0)", "[after FR-4]"];
    for tag in tagged {
        let first = format!("{} {tag}", FIRST[0]);
        let found = update(&repo, &counted(&[&first, FIRST[1], FIRST[2], PREVIEW]));
        let new = new(&found);
        assert!(new.is_empty() || new == [PREVIEW], "{tag}: {found}");
        repo.pm(&["plan", "approve"]).ok();
    }
    // Counted again with other references, too.
    let shared = format!("{} (depends on FR-2)", FIRST[1]);
    let first = format!("{} (depends on FR-1)", FIRST[0]);
    let all = ["Users can log in", &first, &shared, FIRST[2], PREVIEW];
    let found = update(&repo, &counted(&all));
    assert_eq!(new(&found), ["Users can log in"], "{found}");
}

#[test]
fn pl_15_a_requirement_that_is_counted_again_keeps_its_task() {
    let (_scene, repo) = approved();
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    repo.pm(&["start", "T-0002", "--no-worktree"]).ok();
    let all = [PREVIEW, FIRST[0], FIRST[1], FIRST[2]];
    let found = update(&repo, &counted(&all));
    assert_eq!(new(&found), [PREVIEW], "{found}");
    for name in ["changed", "gone"] {
        assert!(texts(&found, name).is_empty(), "{name}: {found}");
    }
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created"), ["T-0004"], "{made}");
    assert!(list(&made, "kept").is_empty(), "{made}");
    for (title, id) in FIRST.iter().zip(["T-0001", "T-0002", "T-0003"]) {
        assert_eq!(task(&made, title)["item"], id, "{made}");
        assert_eq!(repo.data(&["show", id])["title"], *title);
    }
    let traced = |id: &str| repo.data(&["trace", id])["tasks"][0]["id"].clone();
    for (id, item) in [("FR-1", "T-0004"), ("FR-2", "T-0001"), ("FR-3", "T-0002")] {
        assert_eq!(traced(id), item, "{id}");
    }
    let shown = repo.pm(&["trace", "P-0001"]).ok().out;
    assert!(shown.contains("from d.md:6 (FR-2)"), "{shown}");
    // The new one is no part of the work that had its id.
    let preview = repo.data(&["show", "T-0004"]);
    assert!(list(&preview, "depends_on").is_empty(), "{preview}");
    // It is the same whenever it is drafted, and from now on these are their ids.
    let again = update(&repo, &format!("{}\n", counted(&all)));
    assert!(new(&again).is_empty(), "{again}");
    let other = "Mail invoices to a group";
    let found = update(&repo, &counted(&[PREVIEW, FIRST[0], other, FIRST[2]]));
    assert!(new(&found).is_empty(), "{found}");
    assert_eq!(texts(&found, "changed"), [other], "{found}");
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(task(&plan, other)["item"], "T-0002", "{plan}");
    assert_eq!(own(&plan).len(), 4, "{:?}", titles(&plan));
}

/// What was reworded at the same time is most like what it was.
#[test]
fn pl_15_a_requirement_that_is_counted_again_and_reworded_keeps_its_task() {
    let (_scene, repo) = approved();
    let pdf = "Users can export a report as PDF";
    let all = [PREVIEW, pdf, FIRST[1], FIRST[2]];
    let found = update(&repo, &counted(&all));
    assert_eq!(new(&found), [PREVIEW], "{found}");
    assert_eq!(texts(&found, "changed"), [pdf], "{found}");
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created"), ["T-0004"], "{made}");
    for (title, id) in all.iter().zip(["T-0004", "T-0001", "T-0002", "T-0003"]) {
        assert_eq!(task(&made, title)["item"], id, "{made}");
    }
}

/// Two requirements that change places, and one that takes the id of a removed one.
#[test]
fn pl_15_ids_that_change_places_move_no_task() {
    let (_scene, repo) = approved();
    let found = update(&repo, &counted(&[FIRST[1], FIRST[0], FIRST[2]]));
    assert!(new(&found).is_empty(), "{found}");
    assert!(texts(&found, "changed").is_empty(), "{found}");
    let found = update(&repo, &counted(&[FIRST[1], FIRST[2]]));
    assert!(new(&found).is_empty(), "{found}");
    assert_eq!(texts(&found, "gone"), [FIRST[0]], "{found}");
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(task(&plan, FIRST[1])["item"], "T-0002", "{plan}");
    assert_eq!(task(&plan, FIRST[2])["item"], "T-0003", "{plan}");
}

/// What was decided about a requirement is decided whatever its id.
#[test]
fn pl_15_a_requirement_that_is_counted_again_keeps_what_was_decided_about_it() {
    let (_scene, repo) = approved();
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    let csv = "Users can export a report as CSV";
    update(&repo, &counted(&[csv, FIRST[1], FIRST[2]]));
    let plan = repo.data(&["plan", "show"]);
    let met = task(&plan, csv)["number"].to_string();
    repo.pm(&["plan", "approve", "--already-met", &met]).ok();
    let found = update(&repo, &counted(&[PREVIEW, csv, FIRST[1], FIRST[2]]));
    assert_eq!(new(&found), [PREVIEW], "{found}");
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created").len(), 1, "{made}");
    let coverage = repo.data(&["plan", "show", "--coverage"]);
    let mut all = list(&coverage, "statements").iter();
    let line = all.find(|one| one["text"] == csv).unwrap();
    assert_eq!(line["disposition"], "done", "{line}");
}
