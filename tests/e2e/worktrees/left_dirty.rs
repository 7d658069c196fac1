//! Uncommitted work of items that are not in progress any more: nothing else than `status` shows it.

use crate::support::{Scene, set_up};

#[test]
fn uncommitted_work_of_items_that_are_not_in_progress_is_in_the_status() {
    let (_scene, repo) = set_up();
    let gc = "`git pm worktree gc --force` saves it";
    let ends: [(&[&str], &[&str], &str, &str); 6] = [
        (&["task", "drop"], &[], "queued", "`git pm start "),
        (&["task", "cancel"], &[], "cancelled", gc),
        (&["task", "done"], &["--force"], "done", gc),
        (&["task", "delete"], &["--force"], "deleted", gc),
        (&["task", "defer"], &[], "deferred", "`cd "),
        (&["task", "block"], &["rain"], "blocked", "`cd "),
    ];
    for (verb, more, status, helps) in ends {
        let id = repo.task(&format!("To be {status}"), &[]);
        repo.pm(&["start", &id]).ok();
        let place = repo.worktree(&id);
        let about = format!("{id} is {status}, but its worktree");
        let told = || {
            let said = repo.pm(&["status"]).ok().err;
            let line = said.lines().find(|line| line.contains(&about));
            line.map(str::to_string)
        };
        place.write("new.txt", "x\n");
        repo.pm(&[verb, &[id.as_str()], more].concat()).ok();
        let line = told().unwrap_or_else(|| panic!("{status}: not told"));
        assert!(line.contains("1 untracked (new.txt)"), "{line}");
        assert!(line.contains(helps), "{line}");
        if helps == gc {
            repo.pm(&["worktree", "gc", "--force"]).ok();
            assert!(!place.path.exists(), "{status}");
        } else {
            std::fs::remove_file(place.path.join("new.txt")).unwrap();
        }
        assert_eq!(told(), None, "{status}");
    }
}

/// Work that was merged in another clone is taken up again on a new branch.
#[test]
fn uncommitted_work_on_an_earlier_branch_of_an_item_is_in_the_status() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let id = ana.task("Fix", &[]);
    ana.pm(&["start", &id]).ok();
    let place = ana.worktree(&id);
    place.write("fix.txt", "1\n");
    place.commit_all("Fix");
    place.pm(&["finish"]).ok();
    let lea = scene.clone_of(&hub, "lea", "Lea");
    lea.pm(&["sync"]).ok();
    lea.pm(&["task", "approve", &id]).ok();
    lea.pm(&["merge", &id]).ok();
    lea.git(&["push", "-q", "origin", "main"]).ok();
    lea.pm(&["sync"]).ok();
    ana.git(&["pull", "-q", "--ff-only"]).ok();
    ana.pm(&["sync"]).ok();
    ana.pm(&["task", "reopen", &id]).ok();
    ana.pm(&["start", &id]).ok();
    assert_ne!(ana.worktree(&id).path, place.path);
    place.write("new.txt", "x\n");
    let said = ana.pm(&["status"]).ok().err;
    let told = "is the branch of no item any more, but its worktree";
    assert!(
        said.contains(told) && said.contains("1 untracked (new.txt)"),
        "{said}"
    );
}

/// Work that was left to another clone has its branch in the lists, but not what was not committed here.
#[test]
fn uncommitted_work_of_items_that_another_clone_holds_is_in_the_status() {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let id = ana.task("Fix", &[]);
    ana.pm(&["start", &id]).ok();
    let place = ana.worktree(&id);
    place.write("new.txt", "x\n");
    let about = |status: &str| format!("{id} is {status} in another clone, but its worktree");
    let told = || ana.pm(&["status"]).ok().err;
    assert!(!told().contains("in another clone"));
    ana.pm(&["task", "drop", &id]).ok();
    let lea = scene.clone_of(&hub, "lea", "Lea");
    lea.pm(&["sync"]).ok();
    lea.pm(&["start", &id]).ok();
    ana.pm(&["sync"]).ok();
    assert!(told().contains(&about("in progress")));
    let theirs = lea.worktree(&id);
    theirs.write("fix.txt", "1\n");
    theirs.commit_all("Fix");
    theirs.pm(&["finish"]).ok();
    ana.pm(&["sync"]).ok();
    assert!(told().contains(&about("in review")));
}
