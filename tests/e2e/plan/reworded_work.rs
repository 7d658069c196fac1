//! PL-15: what a document asks of work in other words while this is done is new work once it is finished.

use serde_json::Value;

use super::finished_lines::{PLAN as WRITTEN, SHOP as PROSE};
use super::{list, planned, task, text, texts};
use crate::support::{Repo, Scene, binary, set_up};

const BOXES: &str = "\
# Export

## Tasks
- [ ] Log each export with user
- [ ] Print a list
";

const REQUIREMENTS: &str = "\
# Export

## Requirements
- R1: Log each export with user.
- R2: Print a list.
";

/// A repository whose plans have no test tasks.
fn untested() -> (Scene, Repo) {
    let (scene, repo) = set_up();
    let setting = ["config", "--shared", "pm.planTests", "false"];
    repo.pm(&setting).ok();
    (scene, repo)
}

/// The approved plan of a document whose first task was started before the document changed.
fn begun(document: &str) -> (Scene, Repo) {
    let (scene, repo) = untested();
    planned(&repo, "d.md", document);
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
    let found = update(
        &repo,
        &document.replace("with user", "with user and IP address"),
    );
    assert!(list(&found, "new").is_empty(), "{found}");
    (scene, repo)
}

#[track_caller]
fn update(repo: &Repo, document: &str) -> Value {
    repo.write("d.md", document);
    repo.data(&["plan", "update", "d.md", "--write"])
}

/// Requires that an approval of finished work waits for the new draft.
#[track_caller]
fn require_drafted_again(repo: &Repo, options: &[&str]) {
    let approve = [&["plan", "approve"], options].concat();
    let said = repo.pm(&approve).exits(1).err;
    assert!(said.contains("`git pm plan regenerate P-0001`"), "{said}");
}

#[test]
fn pl_15_a_line_that_was_reworded_during_the_work_is_new_work_after_it() {
    for document in [BOXES, REQUIREMENTS] {
        let (_scene, repo) = begun(document);
        let made = repo.data(&["plan", "approve"]);
        let command = "git pm plan approve P-0001 --overwrite T-0001";
        assert_eq!(list(&made, "kept")[0]["command"], command, "{made}");
        let title = text(&repo.data(&["show", "T-0001"]), "title").to_owned();
        repo.pm(&["task", "done", "T-0001", "--force"]).ok();
        let checks = repo.pm(&["plan", "check"]).out;
        assert!(!checks.contains("--overwrite"), "{checks}");
        require_drafted_again(&repo, &[]);
        // It would say of finished work that it did what it did not.
        require_drafted_again(&repo, &["--overwrite", "T-0001"]);
        assert_eq!(repo.data(&["show", "T-0001"])["title"], title.as_str());

        repo.pm(&["plan", "regenerate"]).ok();
        let made = repo.data(&["plan", "approve"]);
        assert_eq!(texts(&made, "created"), ["T-0003"], "{made}");
        let next = repo.data(&["show", "T-0003"]);
        let said = format!("{} {}", next["title"], next["body"]);
        assert!(said.contains("IP address"), "{next}");
        assert!(next["depends_on"].to_string().contains("T-0001"), "{next}");
        assert_eq!(repo.data(&["show", "T-0001"])["title"], title.as_str());
        // Once, and not again when it is finished.
        for is_done in [false, true] {
            if is_done {
                repo.pm(&["task", "done", "T-0003", "--force"]).ok();
            }
            repo.pm(&["plan", "regenerate"]).ok();
            let made = repo.data(&["plan", "approve"]);
            assert!(list(&made, "created").is_empty(), "{made}");
        }
    }
}

/// Who gives the words to the work before it is finished has them done with it.
#[test]
fn pl_15_work_that_got_the_new_words_before_its_end_has_done_them() {
    let (_scene, repo) = begun(BOXES);
    repo.pm(&["plan", "approve", "--overwrite", "T-0001"]).ok();
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    repo.pm(&["plan", "regenerate"]).ok();
    let plan = repo.data(&["plan", "show"]);
    let first = task(&plan, "Log each export with user and IP address");
    assert_eq!(first["item"], "T-0001");
    let made = repo.data(&["plan", "approve"]);
    assert!(list(&made, "created").is_empty(), "{made}");
}

/// That a person accepts the work as it is says nothing of what it will have done.
#[test]
fn pl_15_reworded_lines_that_were_accepted_during_the_work_are_new_work_after_it() {
    let (_scene, repo) = untested();
    repo.write("d.md", PROSE);
    let write = ["--json", "plan", "write", "d.md", "-"];
    repo.feed(binary(), &write, WRITTEN).ok();
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
    update(&repo, &PROSE.replace("15 minutes", "30 minutes"));
    repo.pm(&["plan", "approve"]).exits(1);
    repo.pm(&["plan", "approve", "--accept-reworded"]).ok();
    // It is asked once.
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    require_drafted_again(&repo, &["--accept-reworded"]);
    repo.pm(&["plan", "regenerate"]).ok();
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created"), ["T-0003"], "{made}");
    let next = repo.data(&["show", "T-0003"]);
    let title = "Hold stock: Reservations expire after 30 minutes.";
    assert_eq!(next["title"], title);
    repo.pm(&["plan", "regenerate"]).ok();
    let made = repo.data(&["plan", "approve"]);
    assert!(list(&made, "created").is_empty(), "{made}");
}
