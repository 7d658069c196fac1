//! The worktrees of tasks and epics: `start` creates them, `--resume` finds them again, and `gc`
//! and `drop` remove them, completely or not at all, and never with uncommitted work.

pub mod left_dirty;
pub mod library;
pub mod ready_for_work;
pub mod remove;
pub mod resume;
pub mod sparse_and_bare;
pub mod start;

use crate::support::{Repo, Scene};

/// A repository with `init` and one task about `src/**`.
fn with_task(scene: &Scene) -> Repo {
    let repo = scene.set_up("a");
    repo.task("Fix the login", &["--path", "src/**"]);
    repo
}

/// Commits a file in the worktree of a task, and returns that place.
fn work(repo: &Repo, id: &str, file: &str) -> Repo {
    let place = repo.worktree(id);
    place.write(file, &format!("work on {id}\n"));
    place.commit_all(&format!("Work on {id}"));
    place
}

fn config(repo: &Repo, key: &str, value: &str) {
    repo.git(&["config", "--add", key, value]).ok();
}
