//! PL-15: what a document asks for again, after it was dropped and its task was cancelled, is new work.

use serde_json::{Value, json};

use super::new_work::{RECEIPT, SHOP, approved};
use super::{criteria, list, task, text, texts};
use crate::support::Repo;

const DASHBOARD: &str = "Add a dashboard with exports per day";

pub const EXPORT: &str = "\
# Export

## Tasks
- [ ] Add the export endpoint
- [ ] Add a dashboard with exports per day
- [ ] Log each export
";

/// Stores a text of the document, which it may have had before. Returns the titles of the new tasks.
#[track_caller]
fn store(repo: &Repo, document: &str) -> Vec<String> {
    repo.write("d.md", document);
    let found = repo.data(&["plan", "update", "d.md", "--write", "--force"]);
    let new = list(&found, "new").iter();
    new.map(|task| text(task, "title").to_owned()).collect()
}

/// Stores a text without some work, and cancels the task of this as the approval says.
#[track_caller]
fn drop_and_cancel(repo: &Repo, document: &str, id: &str) {
    assert!(store(repo, document).is_empty());
    let made = repo.data(&["plan", "approve"]);
    let command = format!("git pm task cancel {id}");
    let gone = &list(&made, "gone")[0];
    assert_eq!(gone["command"], command, "{made}");
    repo.pm(&["task", "cancel", id]).ok();
}

/// Approves the plan, and requires that this makes one task.
#[track_caller]
fn approve_one(repo: &Repo, id: &str) {
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created"), [id], "{made}");
    assert_eq!(repo.data(&["show", id])["status"], "queued");
}

/// The items of the tasks that a line is in.
#[track_caller]
fn carriers(repo: &Repo, line: u32) -> Vec<Value> {
    let coverage = repo.data(&["plan", "show", "--coverage"]);
    let mut all = list(&coverage, "statements").iter();
    let one = all.find(|one| one["lines"]["start"] == line);
    let one = one.unwrap_or_else(|| panic!("no line {line}: {coverage}"));
    let plan = repo.data(&["plan", "show"]);
    let tasks = list(&plan, "tasks").iter();
    let own = tasks.filter(|task| list(one, "numbers").contains(&task["number"]));
    own.map(|task| task["item"].clone()).collect()
}

#[test]
fn pl_15_what_is_asked_for_again_after_its_task_was_cancelled_is_a_new_task() {
    let (_scene, repo) = approved(EXPORT);
    let without = EXPORT.replace(&format!("- [ ] {DASHBOARD}\n"), "");
    for pair in ["T-0002", "T-0004", "T-0005"].windows(2) {
        drop_and_cancel(&repo, &without, pair[0]);
        assert_eq!(store(&repo, EXPORT), [DASHBOARD]);
        approve_one(&repo, pair[1]);
        assert_eq!(carriers(&repo, 5), [json!(pair[1])]);
        // Once, however often it is drafted.
        repo.pm(&["plan", "regenerate"]).ok();
        assert!(store(&repo, &format!("{EXPORT}\n")).is_empty());
        let made = repo.data(&["plan", "approve"]);
        assert!(list(&made, "created").is_empty(), "{made}");
    }
    repo.pm(&["task", "done", "T-0005", "--force"]).ok();
    assert!(store(&repo, EXPORT).is_empty());
    assert_eq!(carriers(&repo, 5), [json!("T-0005")]);
}

/// A box at another place, and one that has an id, are asked for again as well.
#[test]
fn pl_15_what_comes_back_elsewhere_or_by_its_id_is_a_new_task() {
    let with_ids = EXPORT.replace(DASHBOARD, &format!("R2: {DASHBOARD}"));
    for document in [EXPORT, &with_ids] {
        let (_scene, repo) = approved(document);
        let lines = document.lines().filter(|line| line.contains(DASHBOARD));
        let line: String = lines.map(|line| format!("{line}\n")).collect();
        let without = document.replace(&line, "");
        drop_and_cancel(&repo, &without, "T-0002");
        let again = format!("{without}\n## Operations\n{line}");
        assert_eq!(store(&repo, &again).len(), 1);
        approve_one(&repo, "T-0004");
    }
}

/// What a human cancels while the document asks for it stays cancelled, and is not asked for once more.
#[test]
fn pl_15_work_that_was_cancelled_while_it_was_asked_for_stays_cancelled() {
    let (_scene, repo) = approved(EXPORT);
    repo.pm(&["task", "cancel", "T-0002"]).ok();
    let more = format!("{EXPORT}- [ ] Alert on failures\n");
    assert_eq!(store(&repo, &more), ["Alert on failures"]);
    approve_one(&repo, "T-0004");
    repo.pm(&["plan", "regenerate"]).ok();
    assert!(store(&repo, EXPORT).is_empty());
    let made = repo.data(&["plan", "approve"]);
    assert!(list(&made, "created").is_empty(), "{made}");
    assert_eq!(carriers(&repo, 5), [json!("T-0002")]);
}

/// New work after finished work can be taken back and asked for again, too.
#[test]
fn pl_15_a_cancelled_follow_up_that_is_asked_for_again_is_a_new_task() {
    let (_scene, repo) = approved(SHOP);
    let line = "- A guest can buy.\n";
    let with_receipt = SHOP.replace(line, &format!("{line}- {RECEIPT}\n"));
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    let title = format!("Guest checkout: {RECEIPT}");
    assert_eq!(store(&repo, &with_receipt), [title.as_str()]);
    approve_one(&repo, "T-0003");
    for pair in ["T-0003", "T-0004", "T-0005"].windows(2) {
        drop_and_cancel(&repo, SHOP, pair[0]);
        assert_eq!(store(&repo, &with_receipt), [title.as_str()]);
        approve_one(&repo, pair[1]);
        assert_eq!(carriers(&repo, 6), [json!(pair[1])]);
        let item = repo.data(&["show", pair[1]]);
        assert_eq!(criteria(&item), [RECEIPT]);
        repo.pm(&["plan", "regenerate"]).ok();
        let plan = repo.data(&["plan", "show"]);
        assert_eq!(task(&plan, &title)["title"], title.as_str());
        let made = repo.data(&["plan", "approve"]);
        assert!(list(&made, "created").is_empty(), "{made}");
    }
}

/// Work that was begun and reworded, dropped, and asked for again in its last words is that work.
#[test]
fn pl_15_begun_work_that_comes_back_in_its_last_words_is_taken_up() {
    let (_scene, repo) = approved(EXPORT);
    repo.pm(&["start", "T-0002", "--no-worktree"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    let reworded = EXPORT.replace(DASHBOARD, "Add a dashboard with exports per week");
    let line = "- [ ] Add a dashboard with exports per week\n";
    let without = reworded.replace(line, "");
    for document in [
        &reworded,
        &without,
        &reworded,
        &format!("{without}\n## Next\n{line}"),
    ] {
        store(&repo, document);
        let made = repo.data(&["plan", "approve"]);
        assert!(list(&made, "created").is_empty(), "{document}: {made}");
        let is_gone = !document.contains(line);
        assert_eq!(
            list(&made, "gone").len(),
            usize::from(is_gone),
            "{document}: {made}"
        );
    }
}

/// Finished work that is asked for in the same words below another id is done.
#[test]
fn pl_15_finished_work_that_comes_back_with_another_id_is_done() {
    let with_ids = EXPORT.replace(DASHBOARD, &format!("FR-2: {DASHBOARD}"));
    let line = format!("- [ ] FR-2: {DASHBOARD}\n");
    let without = with_ids.replace(&line, "");
    let (_scene, repo) = approved(&with_ids);
    repo.pm(&["task", "done", "T-0002", "--force"]).ok();
    assert!(store(&repo, &without).is_empty());
    repo.pm(&["plan", "approve"]).ok();
    let again = line.replace("FR-2", "FR-7");
    for back in [with_ids.replace(&line, &again), format!("{without}{again}")] {
        assert!(store(&repo, &back).is_empty(), "{back}");
        let made = repo.data(&["plan", "approve"]);
        assert!(list(&made, "created").is_empty(), "{made}");
        assert!(list(&made, "gone").is_empty(), "{made}");
        assert!(store(&repo, &without).is_empty());
    }
}

/// The words of finished work that stand elsewhere may ask for it again: who says that it meets them is believed.
#[test]
fn pl_15_finished_work_that_is_asked_for_elsewhere_can_meet_it() {
    let line = format!("- [ ] {DASHBOARD}\n");
    let without = EXPORT.replace(&line, "");
    let (_scene, repo) = approved(EXPORT);
    repo.pm(&["task", "done", "T-0002", "--force"]).ok();
    assert!(store(&repo, &without).is_empty());
    repo.pm(&["plan", "approve"]).ok();
    assert_eq!(
        store(&repo, &format!("{without}\n## Next\n{line}")),
        [DASHBOARD]
    );
    let made = repo.data(&["plan", "approve", "--already-met", "4"]);
    assert!(list(&made, "created").is_empty(), "{made}");
    repo.pm(&["plan", "regenerate"]).ok();
    let made = repo.data(&["plan", "approve"]);
    assert!(list(&made, "created").is_empty(), "{made}");
}

/// An id that a dropped task leaves is of whose words have it now.
#[test]
fn pl_15_a_freed_id_does_not_revive_a_dropped_task() {
    let document = "# Shop\n## Tasks\n- [ ] FR-1: Encrypt ledgers by region\n- [ ] FR-2: Archive baskets per \
                    customer\n- [ ] FR-3: Print labels\n";
    let (_scene, repo) = approved(document);
    repo.pm(&["task", "done", "T-0003", "--force"]).ok();
    let without = document.replace("- [ ] FR-2: Archive baskets per customer\n", "");
    assert!(store(&repo, &without).is_empty());
    repo.pm(&["plan", "approve"]).ok();
    // T-0002 stays dropped, and is not cancelled.
    for (next, new) in [
        (without.replace("FR-3", "FR-2"), None),
        (
            format!("{without}- [ ] FR-2: Send a receipt\n"),
            Some("Send a receipt"),
        ),
    ] {
        let found = store(&repo, &next);
        assert_eq!(found.first().map(String::as_str), new, "{next}");
        let made = repo.data(&["plan", "approve"]);
        assert!(list(&made, "updated").is_empty(), "{made}");
        let shown = |id: &str| repo.data(&["show", id]);
        assert_eq!(shown("T-0002")["title"], "Archive baskets per customer");
        let gone = list(&made, "gone").iter();
        let gone: Vec<&str> = gone.map(|one| text(one, "id")).collect();
        assert_eq!(gone, ["T-0002"], "{made}");
    }
}

/// A reopened task keeps its words; what followed it keeps the line.
#[test]
fn pl_15_a_reopened_task_does_not_take_the_line_of_its_follower() {
    for end in ["done", "start"] {
        let (_scene, repo) = approved(EXPORT);
        repo.pm(&["task", "done", "T-0002", "--force"]).ok();
        let reworded = EXPORT.replace(DASHBOARD, "Add a dashboard with imports per week");
        assert_eq!(store(&repo, &reworded).len(), 1);
        approve_one(&repo, "T-0004");
        match end {
            "done" => repo.pm(&["task", "done", "T-0004", "--force"]).ok(),
            _ => repo.pm(&["start", "T-0004", "--no-worktree"]).ok(),
        };
        repo.pm(&["task", "reopen", "T-0002", "--reason", "a bug was found"])
            .ok();
        repo.write("d.md", &reworded);
        for verb in [
            &["plan", "update", "d.md", "--write", "--force"][..],
            &["plan", "regenerate"],
        ] {
            repo.pm(verb).ok();
            let made = repo.data(&["plan", "approve"]);
            assert!(list(&made, "created").is_empty(), "{made}");
            assert!(list(&made, "updated").is_empty(), "{made}");
            assert_eq!(repo.data(&["show", "T-0002"])["title"], DASHBOARD);
            let gone = list(&made, "gone").iter().map(|one| text(one, "id"));
            assert!(gone.clone().all(|id| id != "T-0004"), "{made}");
        }
    }
}
