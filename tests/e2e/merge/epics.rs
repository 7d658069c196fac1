//! Tasks of an epic are merged into its branch.

use super::alone;
use crate::support::Scene;

#[test]
fn the_branch_of_an_epic_is_the_target_of_its_tasks() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.pm(&["epic", "create", "Single sign on"]).ok();
    repo.pm(&["epic", "start", "E-0001"]).ok();
    let id = repo.task("Redirect", &["--epic", "E-0001"]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write("redirect.txt", "redirect\n");
    place.commit_all("Redirect");
    let main = repo.tip("main");
    let done = repo.data(&["finish", &id, "--merge"]);
    assert_eq!(done["merged"]["target"], "epic/single-sign-on");
    assert_eq!(repo.tip("main"), main, "an epic's task moved main");
    let epic = repo.worktree("E-0001");
    assert_eq!(
        epic.read("redirect.txt"),
        "redirect\n",
        "its checkout follows"
    );
    // Then the epic itself is merged into main.
    let done = repo.data(&["finish", "E-0001", "--merge"]);
    assert_eq!(done["merged"]["target"], "main");
    assert_eq!(repo.read("redirect.txt"), "redirect\n");
    assert_eq!(done["status"], "closed");
}

// Work merged into the branch of a closed epic would never reach main.
#[test]
fn tasks_of_a_closed_epic_are_merged_into_the_epics_target() {
    let scene = Scene::new();
    let repo = alone(&scene);
    repo.pm(&["epic", "create", "Epic"]).ok();
    repo.pm(&["epic", "start", "E-0001"]).ok();
    let late = repo.task("Late", &["--epic", "E-0001"]);
    let later = repo.task("Later", &["--epic", "E-0001"]);
    repo.pm(&["start", &late]).ok();
    let epic = repo.worktree("E-0001");
    epic.write("epic.txt", "epic\n");
    epic.commit_all("Epic");
    repo.pm(&["finish", "E-0001", "--merge"]).ok();
    let place = repo.worktree(&late);
    place.write("late.txt", "late\n");
    place.commit_all("Late");
    let done = repo.data(&["finish", &late, "--merge"]);
    assert_eq!(done["merged"]["target"], "main");
    assert_eq!(repo.read("late.txt"), "late\n", "done, but not in main");
    repo.pm(&["start", &later]).ok();
    assert_eq!(repo.worktree(&later).tip("HEAD"), repo.tip("main"));
}
