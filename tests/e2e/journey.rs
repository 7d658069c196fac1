//! Complete journeys of a working day.

use crate::support::Scene;

/// The remote's relative URL is resolved from the repository, wherever the worktree is.
#[test]
fn a_worktree_in_another_folder_reaches_a_remote_with_a_relative_url() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.git(&["config", "pm.worktreePath", "../far/{id}"]).ok();
    let id = a.task("One", &[]);
    a.pm(&["start", &id]).ok();
    let work = a.worktree(&id);
    work.write("x", "x");
    work.commit_all("Work");
    work.pm(&["finish"]).ok();
    work.pm(&["sync"]).ok();
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
}

/// As people do it: everything from within the task's worktree, which is removed at the end.
#[test]
fn a_merge_from_within_the_worktree_removes_it() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let id = a.task("One", &[]);
    a.pm(&["start", &id]).ok();
    let work = a.worktree(&id);
    work.write("x", "x");
    work.commit_all("Work");
    let done = work.pm(&["finish", "--merge", "--json"]).ok();
    assert_eq!(done.data()["merged"]["worktree_removed"], true);
    assert_eq!(done.data()["worktree"], serde_json::Value::Null);
    let told = done.json()["notices"].to_string();
    assert!(told.contains("was removed: `cd "), "{told}");
    assert!(!work.path.exists());
    assert_eq!(hub.tip("refs/pm/main"), a.tip("refs/pm/main"));
    assert_eq!(a.read("x"), "x");
}

/// PL-35: from a document to merged work with no model: plan, claim, review, merge.
#[test]
fn pl_35_a_document_becomes_merged_work_without_a_model() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.write(
        "docs/plan.md",
        "# Login\n\n## Tasks\n- Add the login form to `src/form.rs`\n",
    );
    repo.commit_all("Plan");
    repo.pm(&["plan", "new", "docs/plan.md"]).ok();
    let debate = repo.pm(&["--json", "plan", "debate"]).exits(1).data();
    assert_eq!(debate["spend"], serde_json::Value::Null);
    repo.pm(&["plan", "approve", "--yes"]).ok();
    let id = repo.data(&["next", "--claim"])["id"]
        .as_str()
        .unwrap()
        .to_string();
    let work = repo.worktree(&id);
    let form = "pub fn form() -> &'static str {\n    \"name\"\n}\n";
    work.write("src/form.rs", form);
    work.write(
        "tests/form.rs",
        "#[test]\nfn a_form_asks_for_a_name() {\n    assert_eq!(login::form(), \"name\");\n}\n",
    );
    work.commit_all(&format!("feat: add the form\n\nTask: {id}"));
    repo.pm(&["task", "accept", &id, "--all", "--evidence", "seen"])
        .ok();
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["review", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    repo.pm(&["merge", &id]).ok();
    assert_eq!(repo.data(&["show", &id])["status"], "done");
    assert_eq!(repo.read("src/form.rs"), form);
}

/// One user, one minute, no model.
#[test]
fn a_single_user_gets_from_init_to_merge() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    let id = repo.task(
        "Fix flaky login test",
        &["-p", "1", "--accept", "passes 100 times"],
    );
    assert_eq!(id, "T-0001");
    let started = repo.data(&["start", "T-0001"]);
    assert_eq!(started["branch"], "task/T-0001-fix-flaky-login-test");
    assert_eq!(started["claim"]["actor"], "Ana");
    assert_eq!(started["claim"]["confirmed"], true);
    let work = repo.worktree("T-0001");
    work.write("src/auth.rs", "pub fn login() { /* steady */ }\n");
    work.commit_all("Wait for the server");
    repo.pm(&["finish", "T-0001"]).exits(1);
    repo.pm(&["task", "accept", "T-0001", "--all"]).ok();
    let done = repo.data(&["finish", "T-0001", "--merge"]);
    assert_eq!(done["status"], "done");
    assert_eq!(done["merged"]["worktree_removed"], true);
    assert_eq!(
        repo.read("src/auth.rs"),
        "pub fn login() { /* steady */ }\n"
    );
    assert_eq!(
        repo.git(&["log", "--format=%(trailers:key=Task,valueonly)", "-1"])
            .text()
            .trim(),
        "T-0001"
    );
    assert!(!work.path.exists());
    assert_eq!(repo.git(&["status", "--porcelain"]).ok().out, "");
    let subject = repo
        .git(&["log", "-1", "--format=%s", "refs/pm/main"])
        .text();
    assert_eq!(subject, "T-0001: mark task done");
}
