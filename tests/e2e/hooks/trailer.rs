//! The `Task:` trailer of commits on a task's branch.

use super::script;
use crate::support::{Repo, Scene};

// ---- The trailer ----

/// A started task and its worktree.
fn task_worktree(scene: &Scene) -> Repo {
    let ana = scene.set_up("a");
    let id = ana.task("Fix login", &[]);
    assert_eq!(id, "T-0001");
    ana.pm(&["start", &id]).ok();
    ana.worktree(&id)
}

fn trailers(repo: &Repo) -> String {
    let format = "--format=%(trailers:key=Task,valueonly,separator=%x2C)";
    repo.git(&["log", "-1", format]).ok().text()
}

#[test]
fn a_commit_on_a_tasks_branch_gets_the_trailer_of_the_task() {
    let scene = Scene::new();
    let work = task_worktree(&scene);
    work.write("README.md", "1\n");
    work.commit_all("One");
    assert_eq!(trailers(&work), "T-0001");
    assert_eq!(
        work.git(&["log", "-1", "--format=%B"]).text(),
        "One\n\nTask: T-0001"
    );
    work.git(&["commit", "-q", "--amend", "--no-edit"]).ok();
    assert_eq!(trailers(&work), "T-0001", "the trailer was added twice");
    work.write("README.md", "2\n");
    work.git(&["commit", "-q", "-a", "--no-verify", "-m", "Two"])
        .ok();
    assert_eq!(trailers(&work), "T-0001");
    work.write("README.md", "3\n");
    let said = work.feed(
        "git",
        &["commit", "-q", "-a", "-F", "-"],
        "Three\n\nRefs: 5\n",
    );
    said.ok();
    let message = work.git(&["log", "-1", "--format=%B"]).text();
    assert_eq!(message, "Three\n\nRefs: 5\nTask: T-0001");
}

#[test]
fn lines_with_a_number_sign_are_text_if_git_keeps_them() {
    let scene = Scene::new();
    let work = task_worktree(&scene);
    work.write("README.md", "1\n");
    work.git(&["commit", "-q", "-a", "-m", "Fix", "-m", "#12 is done"])
        .ok();
    assert_eq!(
        trailers(&work),
        "T-0001",
        "the commit cannot be found from its task"
    );
    let editor = script(&scene, "editor", "printf 'Fix\\n\\n#12 again\\n' >\"$1\"");
    work.git(&["config", "core.commentChar", ";"]).ok();
    work.write("README.md", "2\n");
    work.with("GIT_EDITOR", &editor)
        .git(&["commit", "-q", "-a"])
        .ok();
    assert_eq!(trailers(&work), "T-0001");
    // An amended message with the editor open.
    work.with("GIT_EDITOR", "true")
        .git(&["commit", "-q", "--amend"])
        .ok();
    assert_eq!(trailers(&work), "T-0001", "the trailer was added twice");
}

#[test]
fn the_trailer_is_added_after_editing_with_an_editor() {
    let scene = Scene::new();
    let work = task_worktree(&scene);
    let editor = script(
        &scene,
        "editor",
        "/bin/cp \"$1\" \"$1.seen\"\n{ echo 'From the editor'; echo; echo 'Because.'; /bin/cat \"$1.seen\"; } >\"$1\"",
    );
    work.write("README.md", "1\n");
    work.with("GIT_EDITOR", &editor)
        .git(&["commit", "-q", "-a", "-v"])
        .ok();
    assert_eq!(
        work.git(&["log", "-1", "--format=%B"]).text(),
        "From the editor\n\nBecause.\n\nTask: T-0001"
    );
}

// The usual way to abort a commit: leave the editor without a message.
#[test]
fn an_empty_message_still_aborts() {
    let scene = Scene::new();
    let work = task_worktree(&scene).with("GIT_EDITOR", "true");
    let before = work.tip("HEAD");
    work.write("README.md", "1\n");
    for (key, value) in [
        ("core.commentChar", "#"),
        ("core.commentChar", ";"),
        ("core.commentChar", "auto"),
        ("commit.verbose", "true"),
        ("commit.cleanup", "scissors"),
    ] {
        work.git(&["config", key, value]).ok();
        let ran = work.git(&["commit", "-a"]);
        assert_ne!(
            ran.code, 0,
            "with {key}={value} it committed against the author's will: {ran:?}"
        );
        assert_eq!(work.tip("HEAD"), before, "{key}={value}");
    }
}

#[test]
fn an_untouched_template_still_aborts() {
    let scene = Scene::new();
    let work = task_worktree(&scene);
    work.write("../template", "Subject\n\nWhy:\n");
    work.git(&["config", "commit.template", "../template"]).ok();
    let before = work.tip("HEAD");
    work.write("README.md", "1\n");
    let ran = work.with("GIT_EDITOR", "true").git(&["commit", "-a"]);
    assert_ne!(ran.code, 0, "committed against the author's will: {ran:?}");
    assert_eq!(work.tip("HEAD"), before);
    let editor = script(&scene, "editor", "echo 'Edited' >\"$1\"");
    work.with("GIT_EDITOR", &editor)
        .git(&["commit", "-q", "-a"])
        .ok();
    assert_eq!(trailers(&work), "T-0001");
}

#[test]
fn merges_squashes_and_other_branches_get_no_trailer() {
    let scene = Scene::new();
    let work = task_worktree(&scene);
    let main = scene.at("a");
    main.write("docs/guide.md", "on main\n");
    main.commit_all("Main");
    assert_eq!(trailers(&main), "");
    work.write("README.md", "1\n");
    work.commit_all("One");
    work.git(&["merge", "-q", "--no-edit", "main"]).ok();
    assert_eq!(trailers(&work), "", "a merge is not the task's work");
    // A merge with a conflict takes another path through git.
    main.write("README.md", "main\n");
    main.commit_all("Conflict");
    work.git(&["merge", "main"]).exits(1);
    work.write("README.md", "both\n");
    work.git(&["commit", "-q", "-a", "--no-edit"]).ok();
    assert_eq!(trailers(&work), "");
}

/// While the number of a task may still change, its commits name it by what it will always be called.
#[test]
fn commits_before_a_renumbering_still_name_their_task() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "Ben");
    let theirs = b.task("Of Ben", &[]);
    b.pm(&["start", &theirs, "--offline"]).ok();
    let work = b.worktree(&theirs);
    work.write("b.txt", "b\n");
    work.commit_all("Work");
    let named = trailers(&work);
    assert!(named.starts_with("T-0001-"), "{named}");
    a.task("Of Ana", &[]);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(b.data(&["show", &named])["id"], "T-0002");
    work.pm(&["finish"]).ok();
    let said = a.pm(&["approve", "T-0002"]).ok().err;
    assert!(!said.contains("brings commits"), "{said}");
    a.pm(&["merge", "T-0002"]).ok();
    assert_eq!(a.data(&["show", "T-0002"])["status"], "done");
    // Now the number stays.
    work.write("b.txt", "c\n");
    work.commit_all("More");
    assert_eq!(trailers(&work), "T-0002");
}
