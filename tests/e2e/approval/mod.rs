//! A human approves a commit. Only approved work gets onto the target branch, and an approval ends
//! when the work changes.

pub mod absent_work;
pub mod forged;
pub mod forged_in_bulk;
pub mod newer_submissions;
pub mod owners;
pub mod parentless_commits;
pub mod provenance;
pub mod scope;
pub mod surroundings;
pub mod withdrawn;

use serde_json::Value;

use crate::support::forge::{path_of, read};
use crate::support::{Ran, Repo, Scene, agent};

const KINDS: [&str; 3] = ["task", "issue", "epic"];

/// A started item with a commit, and its worktree.
pub fn worked(repo: &Repo, kind: &str, file: &str) -> (String, Repo) {
    let id = repo.data(&[kind, "create", "Work"])["id"].clone();
    let id = id.as_str().unwrap().to_string();
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write(file, "new\n");
    place.commit_all("Work");
    (id, place)
}

pub fn approved(repo: &Repo, kind: &str, file: &str) -> (String, Repo) {
    let (id, place) = worked(repo, kind, file);
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    (id, place)
}

fn show(repo: &Repo, id: &str) -> Value {
    repo.data(&["show", id])
}

/// Requires that a merge is refused, for every actor, and changes nothing.
#[track_caller]
fn not_merged(repo: &Repo, id: &str) -> Ran {
    let look = || (repo.tip("main"), repo.tip("refs/pm/main"));
    let before = look();
    agent(repo).pm(&["merge", id]).exits(1);
    let refused = repo.pm(&["merge", id]).exits(1);
    assert_eq!(look(), before, "a refused merge of {id} changed something");
    refused
}

#[track_caller]
fn is_not_approved(repo: &Repo, id: &str) {
    let item = show(repo, id);
    for field in ["approval", "approved_at", "approved_by"] {
        assert!(item[field].is_null(), "{field} of {id} stays: {item}");
    }
    let document = document(repo, id);
    assert!(!document.contains("approval: {"), "{document}");
}

/// An item's document as it is stored.
pub fn document(repo: &Repo, id: &str) -> String {
    read(repo, &path_of(repo, id))
}

/// Work that a colleague submitted since the last exchange is asked for before it is refused.
#[test]
fn submitted_work_is_approved_and_returned_without_a_sync_before() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let ids = ["One", "Two"].map(|title| a.task(title, &[]));
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    for (n, id) in ids.iter().enumerate() {
        b.pm(&["start", id]).ok();
        let place = b.worktree(id);
        place.write(&format!("{n}.txt"), "done\n");
        place.commit_all("Work");
        place.pm(&["finish"]).ok();
    }
    let apart = a.pm(&["approve", &ids[0], "--offline"]).exits(1).err;
    assert!(apart.contains("git pm sync"), "{apart}");
    a.pm(&["approve", &ids[0]]).ok();
    a.pm(&["task", "return", &ids[1], "--note", "shorter"]).ok();
}

/// RV-06: what another clone returned has no claim, so the briefing begins with its start; where the author
/// holds it, with the change.
#[test]
fn rv_06_work_that_another_clone_returned_is_started_again_first() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("One", &["--path", "one.txt"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["start", &id]).ok();
    let place = b.worktree(&id);
    place.write("one.txt", "long\n");
    place.commit_all("Work");
    place.pm(&["finish"]).ok();
    a.pm(&["sync"]).ok();
    let said = a.pm(&["task", "return", &id, "--note", "shorter"]).ok().out;
    assert!(
        said.contains("not reserved until it is started again"),
        "{said}"
    );
    b.pm(&["sync"]).ok();
    let told = place.pm(&["prime"]).ok().out;
    let heading = "Returned by Ana: start it again, change this, then finish it";
    assert!(told.contains(heading), "{told}");
    assert!(told.contains(&format!("`git pm start {id}`")), "{told}");
    place.pm(&["start", &id]).ok();
    let told = place.pm(&["prime"]).ok().out;
    let heading = "Returned by Ana: change this, then finish it again";
    assert!(told.contains(heading), "{told}");
    assert!(told.contains(&format!("`git pm finish {id}`")), "{told}");
    place.write("one.txt", "less\n");
    place.commit_all("Less");
    place.pm(&["finish"]).ok();
}
