//! The target of one item: where its work began, for what it was approved, and what moves only elsewhere.

use super::{status, worked};
use crate::support::Scene;

// Each of several people would have to set it otherwise, and the host may not be GitHub.
#[test]
fn nothing_promises_a_merge_into_a_target_that_moves_elsewhere() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["config", "--shared", "pm.pullTargets", "main"]).ok();
    let (id, place) = worked(&a, "Fix", "fix.txt", "fix\n");
    place.pm(&["finish"]).ok();
    let branch = format!("task/{id}-fix");
    let push = format!("git push origin {branch}");
    let said = a.pm(&["task", "approve", &id]).ok().out;
    assert!(said.contains(&push), "{said}");
    assert!(!said.contains("next:"), "{said}");
    let plan = a.pm(&["merge", "--queue", "--plan"]);
    assert!(plan.out.contains(&push), "{plan:?}");
    assert!(!plan.out.contains("conflict risk"), "{plan:?}");
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    let refused = b.pm(&["merge", &id]).exits(1).err;
    assert!(refused.contains("pm.pullTargets"), "{refused}");
    assert!(refused.contains(&push), "{refused}");
    // The host merges it.
    let from = format!("origin/{branch}");
    b.git(&["fetch", "-q"]).ok();
    b.git(&["merge", "-q", "--no-ff", "-m", "Merge", &from])
        .ok();
    b.git(&["push", "-q", "--no-verify", "origin", "main"]).ok();
    a.pm(&["sync"]).ok();
    assert_eq!(status(&a, &id), "done");
}

#[test]
fn status_says_how_a_target_gets_to_a_remote_that_moved_on() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["init"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    for (repo, file) in [(&b, "b.txt"), (&a, "a.txt")] {
        repo.write(file, "x\n");
        repo.commit_all(file);
    }
    b.git(&["push", "-q", "origin", "main"]).ok();
    let said = a.pm(&["status"]).ok().out;
    assert!(
        said.contains("git push origin main; if that is rejected, first")
            && said.contains("git pull --no-rebase origin main"),
        "{said}"
    );
    a.git(&["push", "-q", "origin", "main"]).exits(1);
    a.git(&["pull", "-q", "--no-rebase", "origin", "main"]).ok();
    a.git(&["push", "-q", "origin", "main"]).ok();
}
