//! What all tests share: scenes of repositories, commands in them, and what they left.

#![allow(dead_code)]

pub mod checkout;
mod dice;
mod files;
pub mod forge;
mod permissions;
mod ran;
mod repo;
mod scene;
mod terminal;

pub use dice::Dice;
pub use files::{copy, executable, script_file};
pub use permissions::{as_nobody, chmod};
pub use ran::{Ran, wait_all};
pub use repo::Repo;
pub use scene::Scene;
pub use terminal::at_terminal;

fn is_set(name: &str) -> bool {
    std::env::var(name).is_ok_and(|v| v == "1")
}

/// How often to repeat what is left to chance: a tenth, a third with `GIT_PM_TEST_FULL=1`, all with
/// `GIT_PM_TEST_HUGE=1`.
pub fn rounds(all: usize) -> usize {
    if is_set("GIT_PM_TEST_HUGE") {
        all
    } else if is_set("GIT_PM_TEST_FULL") {
        all.div_ceil(3)
    } else {
        all.div_ceil(10)
    }
}

/// How much to make of something: all that is promised takes minutes, and is made with
/// `GIT_PM_TEST_HUGE=1` only.
pub fn size(huge: usize, usual: usize) -> usize {
    if is_set("GIT_PM_TEST_HUGE") {
        huge
    } else {
        usual
    }
}

/// The binary under test.
pub fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_git-pm")
}

/// A repository in which git pm is set up.
pub fn set_up() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.repo("a");
    repo.pm(&["init"]).ok();
    (scene, repo)
}

/// The same place, in the hands of an agent.
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
