//! Helpers of all tests: scenes of repositories, commands in them, and their results.

#![allow(dead_code)]

mod chance;
pub mod checkout;
mod files;
pub mod forge;
pub mod model_server;
mod permissions;
mod ran;
mod repo;
mod scene;
pub mod schemas;
mod template;
mod terminal;

pub use chance::{Dice, campaign, random, rounds, seed, size, thorough};
pub use files::{copy, executable, script_file};
pub use permissions::{as_nobody, chmod};
pub use ran::{Ran, wait_all};
pub use repo::Repo;
pub use scene::Scene;
pub use template::adopt;
pub use terminal::at_terminal;

use std::sync::OnceLock;

/// The binary under test: the one that cargo built for the tests, or `GIT_PM_TEST_BINARY`.
pub fn binary() -> &'static str {
    static BINARY: OnceLock<String> = OnceLock::new();
    BINARY.get_or_init(|| {
        let built = env!("CARGO_BIN_EXE_git-pm").to_string();
        std::env::var("GIT_PM_TEST_BINARY").unwrap_or(built)
    })
}

/// A repository in which git pm is set up.
pub fn set_up() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    (scene, repo)
}

/// As [`set_up`], without the hooks.
pub fn without_hooks() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init", "--no-hooks"]).ok();
    (scene, repo)
}

/// The number of commits of the state.
pub fn commits(repo: &Repo) -> usize {
    let count = repo.git(&["rev-list", "--count", "refs/pm/main"]);
    count.ok().text().parse().unwrap()
}

/// The same clone, used by an agent.
pub fn agent(repo: &Repo) -> Repo {
    repo.with("CLAUDECODE", "1")
}

/// The ids in a JSON list of items.
pub fn ids(items: &serde_json::Value) -> Vec<&str> {
    let items = items
        .as_array()
        .unwrap_or_else(|| panic!("no list: {items}"));
    items.iter().map(|i| i["id"].as_str().unwrap()).collect()
}
