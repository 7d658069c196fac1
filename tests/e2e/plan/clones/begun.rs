//! PL-15, PL-14: work that one clone begins or closes while another one approves other words for it keeps its own.

use crate::plan::{criteria, list, planned, text, texts};
use crate::support::{Repo, Scene};

const EXPORT: &str = "\
# Export

## Tasks

- [ ] Add the export endpoint
- [ ] Add a dashboard
  - It shows one number a day.
- [ ] Log each export
";

const REWORDED: &str = "Add a dashboard with filters";

/// Ana's clone and Ben's, with the approved plan of a document.
fn pair() -> (Scene, Repo, Repo) {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["config", "--shared", "pm.planTests", "false"]).ok();
    planned(&a, "d.md", EXPORT);
    a.pm(&["plan", "approve"]).ok();
    a.commit_all("Specify");
    a.git(&["push", "-q"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    (scene, a, b)
}

/// Ana gives a task other words and a criterion, offline.
fn reword(a: &Repo) {
    let more = "  - It shows one number a day.\n  - It can be filtered by team.\n";
    let document = EXPORT.replace("Add a dashboard\n", &format!("{REWORDED}\n"));
    a.write(
        "d.md",
        &document.replace("  - It shows one number a day.\n", more),
    );
    a.pm(&["plan", "update", "d.md", "--write"]).ok();
    let made = a.pm(&["--offline", "--json", "plan", "approve"]).data();
    assert_eq!(list(&made, "updated").len(), 1, "{made}");
    assert_eq!(a.data(&["show", "T-0002"])["title"], REWORDED);
}

/// The same words in both clones, and what is said of them.
#[track_caller]
fn both_keep(a: &Repo, b: &Repo) -> String {
    let mut told = String::new();
    for repo in [a, b, a] {
        told += &repo.pm(&["sync"]).ok().err;
    }
    assert_eq!(a.state_tree(), b.state_tree(), "two states");
    for repo in [a, b] {
        let shown = repo.data(&["show", "T-0002"]);
        assert_eq!(shown["title"], "Add a dashboard", "{shown}");
        assert_eq!(criteria(&shown), ["It shows one number a day."], "{shown}");
        repo.pm(&["fsck"]).ok();
    }
    told
}

#[test]
fn pl_15_work_that_was_finished_in_another_clone_keeps_its_words() {
    for first in ["a", "b"] {
        let (_scene, a, b) = pair();
        b.pm(&["--offline", "task", "done", "T-0002", "--force"])
            .ok();
        reword(&a);
        if first == "b" {
            b.pm(&["sync"]).ok();
        }
        let told = both_keep(&a, &b);
        let said = "T-0002: its plan got other words when it was closed; it keeps its own";
        assert_eq!(told.matches(said).count(), 1, "{told}");
        // What it was not done for is new work.
        let status = a.pm(&["status"]).ok().out;
        assert!(
            status.contains("P-0001 asks for more than what T-0002 was closed for"),
            "{status}"
        );
        a.pm(&["plan", "regenerate"]).ok();
        let made = a.data(&["plan", "approve"]);
        assert_eq!(texts(&made, "created"), ["T-0004"], "{made}");
        let new = a.data(&["show", "T-0004"]);
        assert_eq!(new["title"], REWORDED, "{new}");
        let asked = ["It shows one number a day.", "It can be filtered by team."];
        assert_eq!(criteria(&new), asked, "{new}");
        let status = a.pm(&["status"]).ok().out;
        assert!(!status.contains("asks for more"), "{status}");
    }
}

#[test]
fn pl_15_work_that_was_begun_in_another_clone_keeps_its_words() {
    let (_scene, a, b) = pair();
    b.pm(&["--offline", "start", "T-0002"]).ok();
    reword(&a);
    let told = both_keep(&a, &b);
    assert!(
        told.contains("T-0002: its plan got other words when it was begun"),
        "{told}"
    );
    let inbox = b.pm(&["msg", "inbox"]).ok().out;
    assert!(
        inbox.contains("its plan got other words when it was begun"),
        "{inbox}"
    );
    // Who decides that the work is to do it gives it the new words.
    let made = a.data(&["plan", "approve", "--overwrite", "T-0002"]);
    assert_eq!(text(&list(&made, "updated")[0], "id"), "T-0002", "{made}");
    for repo in [&a, &b] {
        repo.pm(&["sync"]).ok();
    }
    assert_eq!(b.data(&["show", "T-0002"])["title"], REWORDED);
}

/// PL-31: nothing recommends to close what is not done, and what is closed is open again once it has new tasks.
#[test]
fn pl_31_a_document_that_asks_for_more_than_its_closed_work_is_not_done() {
    let (_scene, a, _b) = pair();
    a.pm(&["start", "T-0002"]).ok();
    reword_begun(&a);
    for id in ["T-0001", "T-0002", "T-0003"] {
        a.pm(&["task", "done", id, "--force"]).ok();
    }
    let said = "P-0001 asks for more than what T-0002 was closed for";
    for screen in [
        &["status"][..],
        &["ready"],
        &["next"],
        &["plan", "list"],
        &["trace", "P-0001"],
    ] {
        let ran = a.pm(screen);
        let all = format!("{}{}", ran.out, ran.err);
        assert!(all.contains(said), "{screen:?}: {all}");
        assert!(!all.contains(" close "), "{screen:?}: {all}");
    }
    let refused = a.pm(&["epic", "close", "E-0001"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains(said), "{}", refused.err);
    for (kind, id) in [("epic", "E-0001"), ("prd", "P-0001")] {
        a.pm(&[kind, "close", id, "--force"]).ok();
    }
    a.pm(&["plan", "regenerate"]).ok();
    let made = a.pm(&["plan", "approve"]).ok();
    assert!(
        made.err.contains("open again: E-0001, P-0001"),
        "{}",
        made.err
    );
    for id in ["E-0001", "P-0001"] {
        assert_eq!(a.data(&["show", id])["status"], "open");
    }
}

/// Ana gives a task other words that was begun.
fn reword_begun(a: &Repo) {
    a.write(
        "d.md",
        &EXPORT.replace("Add a dashboard\n", &format!("{REWORDED}\n")),
    );
    a.pm(&["plan", "update", "d.md", "--write"]).ok();
    let made = a.data(&["plan", "approve"]);
    assert_eq!(list(&made, "kept").len(), 1, "{made}");
}
