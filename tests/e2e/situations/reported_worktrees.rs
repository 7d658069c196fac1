//! Worktrees as reports describe them: two for one branch, one of a deleted task, a folder that is
//! gone, a repository that is named by variables, worktrees inside of the repository, and a set-up that
//! fails.

use std::path::Path;

use crate::support::{Ran, Repo, Scene, binary, set_up};

/// What is said on both streams.
fn said(ran: &Ran) -> String {
    format!("{}{}", ran.out, ran.err)
}

/// A repository with a started task.
fn started() -> (Scene, Repo, Repo) {
    let (scene, repo) = set_up();
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    (scene, repo, place)
}

// ThePrimeagen/git-worktree.nvim#47, hw-native-sys/simpler#1554: the hint made a commit that took the
// work back.
#[test]
fn finish_takes_that_of_two_worktrees_of_a_branch_in_which_it_runs() {
    let (scene, repo, place) = started();
    let second = scene.at("second");
    let to = second.path.to_str().unwrap();
    repo.git(&["worktree", "add", "-q", "-f", to, "task/T-0001-one"])
        .ok();
    second.write("x.txt", "x\n");
    second.commit_all("x");
    // The index of the first one has become that of an older commit.
    assert_ne!(place.git(&["status", "--porcelain"]).ok().out, "");
    let finished = second.pm(&["finish"]).ok();
    assert!(finished.out.contains("Finished T-0001"), "{finished:?}");
    repo.pm(&["task", "approve", "T-0001"]).ok();
    repo.pm(&["merge", "T-0001"]).ok();
    assert_eq!(repo.read("x.txt"), "x\n");
}

// gabrielkoerich/orch#1506: doctor named gc, and gc found nothing to do.
#[test]
fn the_worktree_of_a_deleted_task_has_a_way_out() {
    let (_scene, repo, place) = started();
    place.write("c.txt", "c\n");
    place.commit_all("c");
    let commit = place.tip("HEAD");
    repo.pm(&["task", "delete", "T-0001", "--reason", "duplicate"])
        .ok();
    let told = repo.pm(&["doctor"]).ok().out;
    let place = place.path;
    let named = format!(
        "T-0001 is deleted, but its worktree {} still exists",
        place.display()
    );
    assert!(told.contains(&named), "{told}");
    assert!(told.contains("git pm worktree gc"), "{told}");
    let listed = repo.pm(&["worktree", "gc"]).ok().out;
    assert!(
        !place.exists() || listed.contains(place.file_name().unwrap().to_str().unwrap()),
        "{listed}"
    );
    repo.pm(&["worktree", "gc", "--force"]).ok();
    assert!(!place.exists());
    let on = repo.git(&["for-each-ref", "--contains", &commit]).ok().out;
    assert_ne!(on, "", "the commit is lost");
    let told = repo.pm(&["doctor"]).ok().out;
    assert!(!told.contains("still exists"), "{told}");
}

/// A hint whose command would keep the worktree once more leads nowhere.
#[test]
fn the_worktree_of_a_done_task_with_a_newer_commit_names_what_is_next() {
    let (_scene, repo, place) = started();
    repo.pm(&["task", "done", "T-0001", "--evidence", "by hand"])
        .ok();
    place.write("c.txt", "c\n");
    place.commit_all("c");
    let told = repo.pm(&["doctor"]).ok().out;
    assert!(told.contains("it has a commit that the target"), "{told}");
    assert!(!told.contains("git pm worktree gc"), "{told}");
    assert!(told.contains("git pm task reopen T-0001"), "{told}");
    repo.pm(&["task", "reopen", "T-0001"]).ok();
    let told = repo.pm(&["doctor"]).ok().out;
    assert!(!told.contains("still exists"), "{told}");
}

// openclaw/openclaw#73676, anthropics/claude-code#31503, satococoa/wtp#31
#[test]
fn a_folder_that_is_gone_needs_only_dash_c() {
    let (_scene, repo, place) = started();
    repo.task("Two", &[]);
    place.write("x.txt", "x\n");
    place.commit_all("x");
    let script = "\"$1\" finish --merge && ! test -d \"$PWD\" && git -C \"$2\" log -1 --oneline && \
                  \"$1\" -C \"$2\" list --all && \"$1\" -C \"$2\" -C src task create Three && \
                  ! \"$1\" list";
    let to = repo.path.to_str().unwrap();
    let ran = place.run("sh", &["-c", script, "sh", binary(), to]).ok();
    assert!(ran.out.contains("T-0002"), "{ran:?}");
    assert!(ran.out.contains("T-0003"), "{ran:?}");
    assert!(ran.err.contains("current directory"), "{ran:?}");
}

/// A work tree with its repository elsewhere, both named by variables, and a started task's worktree,
/// in which git needs no variables.
fn started_by_variables() -> (Scene, Repo, Repo) {
    let scene = Scene::new();
    let dot = scene.bare("dot.git");
    let home = scene.at("w");
    std::fs::create_dir(&home.path).unwrap();
    let named = home
        .with("GIT_DIR", dot.path.to_str().unwrap())
        .with("GIT_WORK_TREE", home.path.to_str().unwrap());
    named.write("a.txt", "a\n");
    named.commit_all("Begin");
    named.pm(&["init"]).ok();
    named.task("One", &[]);
    named.pm(&["start", "T-0001"]).ok();
    let place = scene.at(named.worktree("T-0001").path.to_str().unwrap());
    (scene, named, place)
}

// fork-dev/Tracker#2662, romkatv/powerlevel10k#2585: dotfiles in a bare repository.
#[test]
fn a_repository_named_by_variables_has_worktrees_of_tasks() {
    let (_scene, named, place) = started_by_variables();
    assert_eq!(place.read("a.txt"), "a\n");
    place.write("x.txt", "x\n");
    place.commit_all("x");
    place.pm(&["finish"]).ok();
    assert_eq!(named.data(&["show", "T-0001"])["status"], "in_review");
    assert_eq!(named.git(&["status", "--porcelain"]).ok().out, "");
}

// Of the same kind: a commit there would have taken the work back.
#[test]
fn a_merge_updates_the_work_tree_that_is_named_by_variables() {
    for is_bare in ["true", "false"] {
        let (_scene, named, place) = started_by_variables();
        named.git(&["config", "core.bare", is_bare]).ok();
        place.write("x.txt", "x\n");
        place.commit_all("x");
        place.pm(&["finish"]).ok();
        named.pm(&["task", "approve", "T-0001"]).ok();
        named.pm(&["merge", "T-0001"]).ok();
        let status = named.git(&["status", "--porcelain"]).ok().out;
        assert_eq!(status, "", "core.bare={is_bare}");
        assert_eq!(named.read("x.txt"), "x\n");
    }
}

// ---- Worktrees inside of the repository, for agents that may write nowhere else ----

const INSIDE: &str = "{repo}/.worktrees/{id}-{slug}";

/// The lines of `.git/info/exclude` that are no comments.
fn excluded(repo: &Repo) -> Vec<String> {
    let text = repo.read(".git/info/exclude");
    let lines = text
        .lines()
        .filter(|l| !l.is_empty() && !l.starts_with('#'));
    lines.map(str::to_string).collect()
}

fn status(repo: &Repo) -> String {
    let args = ["status", "--porcelain", "--untracked-files=all"];
    repo.git(&args).ok().out
}

#[test]
fn worktrees_inside_of_the_repository_are_ignored() {
    let (_scene, repo) = set_up();
    let before = excluded(&repo);
    repo.pm(&["config", "pm.worktreePath", INSIDE]).ok();
    for (n, title) in ["One", "Two"].iter().enumerate() {
        let id = repo.task(title, &[]);
        repo.pm(&["start", &id]).ok();
        let place = repo.worktree(&id).path;
        let name = format!("{id}-{}", title.to_lowercase());
        assert_eq!(
            place.canonicalize().unwrap(),
            repo.path
                .canonicalize()
                .unwrap()
                .join(".worktrees")
                .join(name)
        );
        assert_eq!(status(&repo), "", "after start {n}");
        assert_eq!(
            excluded(&repo),
            [&before[..], &["/.worktrees/".into()]].concat()
        );
    }
    // What lies there is no part of the repository for git, and a task of its own for git pm.
    repo.git(&["add", "-A"]).ok();
    assert_eq!(status(&repo), "");
    let place = repo.worktree("T-0001");
    assert_eq!(place.data(&["status"])["here"], "T-0001");
    place.write("x.txt", "x\n");
    place.commit_all("x");
    place.pm(&["finish", "--merge"]).ok();
    assert_eq!(repo.read("x.txt"), "x\n");
    assert!(!place.path.exists());
    assert!(repo.worktree("T-0002").path.exists());
    assert_eq!(status(&repo), "");
}

#[test]
fn a_folder_of_the_project_for_worktrees_is_not_ignored_as_a_whole() {
    let (_scene, repo) = set_up();
    repo.write(".worktrees/README.md", "Here are worktrees\n");
    repo.commit_all("Worktrees");
    let before = excluded(&repo);
    repo.pm(&["config", "pm.worktreePath", INSIDE]).ok();
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    assert!(repo.path.join(".worktrees/T-0001-one/README.md").exists());
    assert_eq!(status(&repo), "");
    let only = ["/.worktrees/T-0001-one/".to_string()];
    assert_eq!(excluded(&repo), [&before[..], &only].concat());
    repo.write(".worktrees/notes.txt", "new\n");
    assert_eq!(status(&repo), "?? .worktrees/notes.txt\n");
}

// What the project ignores already needs no line.
#[test]
fn an_ignored_folder_for_worktrees_is_not_ignored_twice() {
    let (_scene, repo) = set_up();
    repo.write(".gitignore", ".worktrees\n");
    repo.commit_all("Ignore");
    let before = excluded(&repo);
    repo.pm(&["config", "pm.worktreePath", INSIDE]).ok();
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    assert_eq!(status(&repo), "");
    assert_eq!(excluded(&repo), before);
}

// ---- Set-up commands ----

// The folder cannot be removed, as a repository in it has a commit of its own; that would have been
// all that was said.
#[test]
fn a_failed_set_up_command_is_named_first_and_what_it_leaves_is_kept() {
    let (_scene, repo) = set_up();
    let setup = "git init -q inner && cd inner && git commit -q --allow-empty -m Own && \
                 echo the database is down >&2 && exit 7";
    repo.pm(&["config", "pm.setup", setup]).ok();
    repo.task("One", &[]);
    let failed = repo.pm(&["start", "T-0001"]);
    assert_ne!(failed.code, 0, "{failed:?}");
    let told = said(&failed);
    let first = told.find("the database is down");
    let place = repo.path.parent().unwrap().join("a.worktrees/T-0001-one");
    let kept = told.find("are kept");
    assert!(first.is_some() && first < kept, "{told}");
    let line = told.lines().find(|line| line.contains("are kept")).unwrap();
    for name in [place.to_str().unwrap(), "task/T-0001-one", "inner"] {
        assert!(line.contains(name), "{name}: {told}");
    }
    assert_own_commit(&place.join("inner"), &repo);
    assert_ne!(repo.tip("task/T-0001-one"), "");
    let task = repo.data(&["show", "T-0001"]);
    assert!(task["claim"].is_null(), "{task}");
}

fn assert_own_commit(inner: &Path, repo: &Repo) {
    let log = repo.other(inner).git(&["log", "-1", "--format=%s"]).ok();
    assert_eq!(log.text(), "Own");
}
