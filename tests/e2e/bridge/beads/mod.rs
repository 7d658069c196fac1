//! `git pm import beads` and `git pm export beads`.

pub mod back_to_beads;
pub mod branches;
pub mod conflicts;
pub mod criteria;
pub mod deleted;
pub mod export;
pub mod fixture;
pub mod import;
pub mod large;
pub mod own_export;
pub mod prefix;
pub mod redacted;
pub mod reimport;
pub mod same_id;
pub mod shim;
pub mod status;
pub mod two_files;

use crate::support::{Ran, Repo, Scene, binary};

pub fn ready() -> (Scene, Repo) {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    (scene, repo)
}

/// Imports a text from standard input, with `--json`.
pub fn import(repo: &Repo, text: &str) -> Ran {
    repo.feed(binary(), &["--json", "import", "beads", "-"], text)
}

pub fn export(repo: &Repo) -> String {
    repo.pm(&["export", "beads"]).ok().out
}

/// Requires that two files are equal, and reports the first difference.
#[track_caller]
pub fn same(what: &str, found: &str, wanted: &str) {
    if found == wanted {
        return;
    }
    let mut lines = found.split('\n').zip(wanted.split('\n')).enumerate();
    let at = lines.find(|(_, (a, b))| a != b);
    panic!(
        "{what}: {} lines for {}, the first other one: {at:#?}",
        found.lines().count(),
        wanted.lines().count()
    );
}

const ONE: &str = r#"{"id":"bd-1","title":"One","description":"Text","status":"open","priority":1,"issue_type":"bug","created_at":"2026-01-01T00:00:00Z","updated_at":"2026-01-02T00:00:00Z","labels":["b"],"comments":[{"id":1,"issue_id":"bd-1","author":"emma","text":"hi","created_at":"2026-01-01T10:00:00+01:00"}]}"#;
