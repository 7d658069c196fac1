//! Worktrees through the library: created completely or not at all, listed by opaque keys, removed
//! only if nothing is lost.

pub mod add;
pub mod remove;
pub mod repositories;

use std::path::PathBuf;

use git_pm::internals::coordinate::worktree::AddOptions;

use crate::support::checkout::TestRepo;

fn place(repo: &TestRepo, name: &str) -> PathBuf {
    repo.base().join("my repo.worktrees").join(name)
}

fn options(repo: &TestRepo, name: &str) -> AddOptions {
    AddOptions::new(place(repo, name), format!("task/{name}"), "main")
}

fn exists(repo: &TestRepo, reference: &str) -> bool {
    repo.git
        .run(&["rev-parse", "--verify", "--quiet", reference])
        .unwrap()
        .ok()
}
