//! The target of one item: where its work began, for what it was approved, and what moves only elsewhere.

use crate::support::Scene;

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
