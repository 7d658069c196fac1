//! One plan in several clones, which edit, draft and approve it offline and converge.

pub mod approvals;
mod begun;
pub mod edits;
mod seen;

use std::collections::BTreeSet;

use serde_json::Value;

use super::{LOGIN, list, number, planned, text, texts};
use crate::support::{Repo, Scene};

/// Two clones of one hub with the same plan.
pub struct Pair {
    _scene: Scene,
    pub a: Repo,
    pub b: Repo,
    pub plan: Value,
}

impl Pair {
    pub fn new() -> Pair {
        let scene = Scene::new();
        let (hub, a) = scene.with_hub();
        let plan = planned(&a, "login.md", LOGIN);
        a.pm(&["sync"]).ok();
        let b = scene.clone_of(&hub, "b", "Ben");
        b.write("login.md", LOGIN);
        assert_eq!(
            b.data(&["plan", "show"]),
            plan,
            "the clones have different plans"
        );
        Pair {
            _scene: scene,
            a,
            b,
            plan,
        }
    }

    fn n(&self, title: &str) -> String {
        number(&self.plan, title)
    }

    /// Syncs both, requires that they have the same state and plan, and returns the plan.
    #[track_caller]
    pub fn sync_both(&self) -> Value {
        for repo in [&self.a, &self.b, &self.a] {
            repo.pm(&["sync"]).ok();
        }
        assert_eq!(self.a.state_tree(), self.b.state_tree(), "two states");
        let plan = self.a.data(&["plan", "show"]);
        assert_eq!(self.b.data(&["plan", "show"]), plan, "two plans");
        for repo in [&self.a, &self.b] {
            repo.pm(&["fsck"]).ok();
        }
        sound(&plan);
        plan
    }
}

/// The document with more requirements after the existing ones.
pub fn with_more(document: &str, more: &str) -> String {
    let (requirements, rest) = document.split_once("## Acceptance").unwrap();
    format!("{requirements}{more}\n## Acceptance{rest}")
}

/// Requires that a plan is consistent: no key and no number twice, and no edge to a missing task.
#[track_caller]
fn sound(plan: &Value) {
    let tasks = list(plan, "tasks");
    let keys: BTreeSet<&str> = tasks.iter().map(|t| text(t, "key")).collect();
    assert_eq!(keys.len(), tasks.len(), "a task exists twice");
    let numbers: BTreeSet<u64> = tasks
        .iter()
        .map(|t| t["number"].as_u64().unwrap())
        .collect();
    assert_eq!(numbers.len(), tasks.len(), "two tasks have one number");
    for edge in list(plan, "edges") {
        for end in ["task", "on"] {
            assert!(keys.contains(text(edge, end)), "{edge} has no target");
        }
    }
    for task in tasks {
        for on in texts(task, "depends_on") {
            assert!(keys.contains(on), "{task} depends on a missing task");
        }
    }
}
