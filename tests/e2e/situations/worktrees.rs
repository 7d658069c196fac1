//! The worktrees of tasks among what else is in a repository: hooks in a folder that is not tracked, a
//! HEAD that was moved, repositories inside a worktree, processes in it, and filters of a checkout.

use std::process::{Child, Stdio};

use crate::support::{Ran, Repo, Scene};

/// What makes a repository in a folder, by the name of that folder.
type Making<'a> = (&'a str, &'a dyn Fn(&Repo));

/// A repository with a started task, and the task's worktree.
fn started(scene: &Scene) -> (Repo, Repo) {
    let repo = scene.repo("a");
    repo.write(".gitignore", "vendor/\n");
    repo.commit_all("Ignore");
    repo.pm(&["init"]).ok();
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    place.write("work.txt", "work\n");
    place.commit_all("Work");
    (repo, place)
}

/// What is said on both streams.
fn said(ran: &Ran) -> String {
    format!("{}{}", ran.out, ran.err)
}

// ---- Hooks in a folder that is not tracked: bloknayrb/tandem#2030, discord/access#596 ----

/// The files of husky 9 in the main worktree: `.husky/_` is not tracked, `.husky/pre-commit` is.
fn husky_9(repo: &Repo) {
    let h = "n=$(basename \"$0\")\ns=$(dirname \"$(dirname \"$0\")\")/$n\n[ ! -f \"$s\" ] && exit 0\nsh -e \"$s\" \"$@\"";
    repo.write(".husky/_/.gitignore", "*\n");
    repo.write(".husky/_/h", h);
    repo.write(".husky/pre-commit", "echo \"$PWD\" >>\"$HOME/ran\"\n");
    script(repo, ".husky/_/pre-commit", ". \"$(dirname \"$0\")/h\"");
    repo.git(&["config", "core.hooksPath", ".husky/_"]).ok();
}

fn script(repo: &Repo, name: &str, text: &str) {
    repo.write(name, "");
    crate::support::script_file(&repo.path.join(name), &format!("#!/bin/sh\n{text}\n"));
}

fn ran(scene: &Scene) -> Vec<String> {
    let text = std::fs::read_to_string(scene.at("home/ran").path).unwrap_or_default();
    text.lines().map(str::to_string).collect()
}

#[test]
fn hooks_of_an_untracked_folder_run_in_the_worktree_of_a_task() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    husky_9(&repo);
    repo.pm(&["init"]).ok();
    repo.git(&["add", "-A"]).ok();
    repo.git(&["commit", "-qm", "husky"]).ok();
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    assert!(!place.path.join(".husky/_").exists());
    let before = ran(&scene).len();
    place.write("x.txt", "x\n");
    place.commit_all("x");
    let after = ran(&scene);
    assert_eq!(
        after.len(),
        before + 1,
        "the project's hook did not run: {after:?}"
    );
    let real = place.path.canonicalize().unwrap();
    assert_eq!(
        after.last().unwrap(),
        real.to_str().unwrap(),
        "it ran elsewhere"
    );
    // The worktree's own script is the agent's: that of the main worktree runs.
    place.write(".husky/pre-commit", "touch \"$HOME/owned\"\n");
    place.commit_all("y");
    assert!(!scene.at("home/owned").path.exists(), "an agent's file ran");
    assert_eq!(ran(&scene).len(), before + 2);
    // A hook that fails stops the commit there, as it does in the main worktree.
    repo.write(".husky/pre-commit", "exit 1\n");
    place.write("x.txt", "z\n");
    place.git(&["commit", "-qam", "z"]).exits(1);
}

#[test]
fn a_worktree_with_the_hooks_folder_runs_its_own_hooks() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    husky_9(&repo);
    repo.pm(&["init"]).ok();
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    script(&place, ".husky/_/pre-commit", "echo own >>\"$HOME/ran\"");
    place.write("x.txt", "x\n");
    place.commit_all("x");
    assert_eq!(ran(&scene), ["own"]);
    // A folder without this hook has decided so.
    std::fs::remove_file(place.path.join(".husky/_/pre-commit")).unwrap();
    place.write("x.txt", "y\n");
    place.commit_all("y");
    assert_eq!(ran(&scene), ["own"]);
}

#[test]
fn hooks_of_husky_8_find_their_untracked_part_in_the_worktree_of_a_task() {
    let scene = Scene::new();
    let repo = scene.repo("a");
    script(
        &repo,
        ".husky/pre-commit",
        ". \"$(dirname -- \"$0\")/_/husky.sh\"\necho ran >>\"$HOME/ran\"",
    );
    repo.commit_all("husky");
    repo.write(".husky/_/.gitignore", "*\n");
    repo.write(".husky/_/husky.sh", "");
    repo.git(&["config", "core.hooksPath", ".husky"]).ok();
    repo.pm(&["init"]).ok();
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let place = repo.worktree("T-0001");
    place.write("x.txt", "x\n");
    place.commit_all("x");
    assert_eq!(ran(&scene), ["ran"]);
}

// ---- HEAD: Emanuele-web04/synara#16, anthropics/claude-code#74719 ----

#[test]
fn work_on_a_detached_head_is_found_and_brought_back() {
    let scene = Scene::new();
    let (repo, place) = started(&scene);
    place.git(&["checkout", "-q", "--detach"]).ok();
    place.write("more.txt", "more\n");
    place.commit_all("More");
    let tip = place.tip("HEAD");
    for command in [&["status"][..], &["worktree", "list"], &["doctor"]] {
        let told = said(&repo.pm(command).ok());
        assert!(told.contains("detached at"), "{command:?}: {told}");
        assert!(
            told.contains("switch task/T-0001-one"),
            "{command:?}: {told}"
        );
    }
    assert_eq!(place.data(&["status"])["here"], "T-0001");
    assert_eq!(
        repo.pm(&["worktree", "path", "T-0001"]).ok().out.trim(),
        place.path.to_str().unwrap()
    );
    let refused = place.pm(&["--json", "finish"]).exits(1);
    assert_eq!(
        refused.error()["reason"],
        "worktree.moved",
        "{}",
        refused.out
    );
    let refused = repo
        .pm(&["task", "drop", "T-0001", "--remove-worktree"])
        .exits(1);
    assert!(refused.err.contains("detached"), "{}", refused.err);
    let dropped = repo.pm(&["task", "drop", "T-0001"]).ok();
    assert!(dropped.err.contains("detached"), "{}", dropped.err);
    // A new worktree would begin without it.
    let refused = repo.pm(&["--json", "start", "T-0001"]).exits(1);
    let error = refused.error();
    assert_eq!(error["reason"], "worktree.moved");
    // The command that is shown brings it back.
    let hints = error["hints"].to_string();
    let command = hints
        .split('`')
        .find(|part| part.contains("switch"))
        .unwrap();
    repo.run("sh", &["-c", &command.replace("\\\"", "\"")]).ok();
    repo.pm(&["start", "T-0001"]).ok();
    assert_eq!(repo.tip("task/T-0001-one"), tip);
    place.pm(&["finish", "--merge"]).ok();
    assert_eq!(repo.read("more.txt"), "more\n");
}

#[test]
fn work_that_moved_to_another_branch_is_found() {
    let scene = Scene::new();
    let (repo, place) = started(&scene);
    place.git(&["switch", "-q", "-c", "elsewhere"]).ok();
    place.write("more.txt", "more\n");
    place.commit_all("More");
    let told = repo.pm(&["status"]).ok().out;
    assert!(told.contains("elsewhere is checked out"), "{told}");
    let refused = place.pm(&["finish"]).exits(1);
    assert!(
        refused
            .err
            .contains(&format!("merge {}", place.tip("HEAD"))),
        "{}",
        refused.err
    );
    // A merge of the branch keeps a worktree with the user's other branch, and so does gc.
    repo.git(&["switch", "-q", "-c", "aside"]).ok();
    repo.git(&["switch", "-q", "main"]).ok();
    place.git(&["switch", "-q", "task/T-0001-one"]).ok();
    place.pm(&["finish"]).ok();
    repo.pm(&["task", "approve", "T-0001"]).ok();
    place.git(&["switch", "-q", "elsewhere"]).ok();
    let merged = said(&repo.pm(&["merge", "T-0001"]).ok());
    assert!(merged.contains("elsewhere is checked out"), "{merged}");
    repo.pm(&["worktree", "gc"]).ok();
    assert_eq!(place.read("more.txt"), "more\n");
}

#[test]
fn a_renamed_branch_of_a_task_is_found() {
    let scene = Scene::new();
    let (repo, place) = started(&scene);
    place.git(&["branch", "-m", "renamed"]).ok();
    let told = repo.pm(&["status"]).ok().out;
    assert!(told.contains("switch -c task/T-0001-one"), "{told}");
}

// ---- Repositories inside: Digital-Process-Tools/claude-supertool#1280,
// anthropics/claude-code#35862 ----

/// A repository with a commit in an ignored folder of a worktree.
fn inner(place: &Repo, name: &str) -> Repo {
    place.git(&["init", "-q", name]).ok();
    let inner = place.other(name);
    inner.write("precious", "precious\n");
    inner.commit_all("Nowhere else");
    inner
}

#[test]
fn a_worktree_with_an_unpushed_repository_in_an_ignored_folder_is_kept() {
    let scene = Scene::new();
    let (repo, place) = started(&scene);
    let inner = inner(&place, "vendor/lib");
    let merged = said(&place.pm(&["finish", "--merge"]).ok());
    assert!(merged.contains("vendor/lib"), "{merged}");
    let row = repo.data(&["worktree", "gc"]);
    assert_eq!(row["items"][0]["removed"], false, "{row}");
    let forced = repo.pm(&["worktree", "gc", "--force"]).ok().out;
    assert!(forced.contains("vendor/lib"), "{forced}");
    assert_eq!(inner.read("precious"), "precious\n");
    // Once it is elsewhere, too, the worktree goes.
    scene.at(".").git(&["init", "-q", "--bare", "lib.git"]).ok();
    let lib = scene.at("lib.git").path;
    inner
        .git(&["remote", "add", "origin", lib.to_str().unwrap()])
        .ok();
    inner.git(&["push", "-q", "origin", "HEAD"]).ok();
    repo.pm(&["worktree", "gc"]).ok();
    assert!(!place.path.exists());
}

#[test]
fn every_kind_of_unsaved_work_in_an_inner_repository_keeps_the_worktree() {
    let scene = Scene::new();
    let (repo, place) = started(&scene);
    scene.at(".").git(&["init", "-q", "--bare", "lib.git"]).ok();
    let lib = scene.at("lib.git").path.display().to_string();
    let make: [Making<'_>; 5] = [
        ("untracked", &|r| r.write("new.txt", "new\n")),
        ("modified", &|r| r.write("precious", "changed\n")),
        ("stash", &|r| {
            r.write("precious", "changed\n");
            r.git(&["stash", "-q"]).ok();
        }),
        ("branch", &|r| {
            r.git(&["switch", "-q", "-c", "topic"]).ok();
            r.git(&["commit", "-q", "--allow-empty", "-m", "x"]).ok();
            r.git(&["switch", "-q", "-"]).ok();
        }),
        ("detached", &|r| {
            r.git(&["checkout", "-q", "--detach"]).ok();
            r.git(&["commit", "-q", "--allow-empty", "-m", "x"]).ok();
        }),
    ];
    for (name, act) in make {
        let inner = inner(&place, &format!("vendor/{name}"));
        inner.git(&["remote", "add", "origin", &lib]).ok();
        inner.git(&["push", "-qf", "origin", "HEAD"]).ok();
        act(&inner);
    }
    // Saved: a clone, also a shallow one of a tag.
    scene
        .at("lib.git")
        .git(&["tag", "v1", "--", "refs/heads/main"])
        .ok();
    let url = format!("file://{lib}");
    for (name, more) in [
        ("clone", &[][..]),
        ("tag", &["--depth", "1", "--branch", "v1"]),
    ] {
        let to = format!("vendor/{name}");
        let args = [&["clone", "-q"], more, &[&url, &to]].concat();
        place.git(&args).ok();
    }
    // A repository that the task's branch has as a link, but not as a submodule.
    inner(&place, "linked");
    place.git(&["add", "linked"]).ok();
    place.git(&["commit", "-qm", "Link"]).ok();
    place.git(&["init", "-q", "--bare", "vendor/bare.git"]).ok();
    place
        .git(&["push", "-q", "vendor/bare.git", "HEAD:main"])
        .ok();
    let refused = repo
        .pm(&["task", "drop", "T-0001", "--remove-worktree", "--force"])
        .exits(1);
    for name in [
        "untracked",
        "modified",
        "stash",
        "branch",
        "detached",
        "bare.git",
    ] {
        assert!(
            refused.err.contains(&format!("vendor/{name}")),
            "{name}: {}",
            refused.err
        );
    }
    assert!(refused.err.contains("linked"), "{}", refused.err);
    assert!(
        !refused.err.contains("vendor/clone") && !refused.err.contains("vendor/tag"),
        "{}",
        refused.err
    );
    let task = repo.data(&["show", "T-0001"]);
    assert_eq!(task["status"], "in_progress", "it was dropped in part");
}

// ---- Processes: anthropics/claude-code#94221, anthropics/claude-code#87379 ----

/// A process of another group that works in a folder until it is ended.
struct Sleeper(Child);

impl Sleeper {
    fn at(place: &Repo) -> Sleeper {
        use std::os::unix::process::CommandExt as _;
        let mut sleep = place.command("sleep");
        // As of another job of a shell: the programs of the caller's pipeline do not count.
        sleep.process_group(0);
        Sleeper(
            sleep
                .arg("600")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap(),
        )
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_worktree_in_which_a_process_works_is_kept_and_the_process_named() {
    let scene = Scene::new();
    let (repo, place) = started(&scene);
    let sleeper = Sleeper::at(&place);
    let merged = said(&place.pm(&["finish", "--merge"]).ok());
    let named = format!("sleep ({})", sleeper.0.id());
    assert!(merged.contains(&named), "{merged}");
    assert!(place.path.exists());
    let dry = repo.pm(&["worktree", "gc", "--dry-run"]).ok().out;
    assert!(dry.contains(&named), "{dry}");
    drop(sleeper);
    repo.pm(&["worktree", "gc"]).ok();
    assert!(!place.path.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn force_removes_a_worktree_in_use_and_names_the_process() {
    let scene = Scene::new();
    let (repo, place) = started(&scene);
    let sleeper = Sleeper::at(&place);
    let args = ["task", "drop", "T-0001", "--remove-worktree"];
    let refused = repo.pm(&args).exits(1);
    let named = format!("sleep ({})", sleeper.0.id());
    assert!(refused.err.contains(&named), "{}", refused.err);
    let forced = repo.pm(&[&args[..], &["--force"]].concat()).ok();
    assert!(forced.err.contains(&named), "{}", forced.err);
    assert!(!place.path.exists());
}

// ---- Filters: PostHog/code#1729 ----

#[test]
fn start_names_the_missing_program_of_a_filter() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.write(".gitattributes", "*.bin filter=lfs\n");
    repo.write("big.bin", "data\n");
    repo.commit_all("Big");
    repo.task("One", &[]);
    repo.git(&["config", "filter.lfs.required", "true"]).ok();
    for key in ["filter.lfs.process", "filter.lfs.smudge"] {
        repo.git(&["config", key, "git-lfs-absent smudge %f"]).ok();
        let failed = repo.pm(&["start", "T-0001"]).exits(5);
        assert!(
            failed.err.contains("git-lfs-absent"),
            "{key}: {}",
            failed.err
        );
        assert!(failed.err.contains("not found"), "{key}: {}", failed.err);
        assert!(
            failed.err.contains("--get-regexp '^filter'"),
            "{key}: {}",
            failed.err
        );
        repo.git(&["config", "--unset", key]).ok();
    }
    repo.pm(&["start", "T-0001"]).ok();
}

/// No fetch brings back a branch that was never pushed: its last commit in this clone is named.
#[test]
fn a_branch_that_was_deleted_by_hand_is_told_with_its_last_commit() {
    let scene = Scene::new();
    let repo = scene.set_up("a");
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
    repo.write("one.txt", "1\n");
    repo.commit_all("One");
    let tip = repo.tip("HEAD");
    repo.git(&["switch", "-q", "main"]).ok();
    repo.git(&["branch", "-D", "task/T-0001-one"]).ok();
    let refused = repo.pm(&["finish", "T-0001"]).exits(4).err;
    let back = format!("git branch task/T-0001-one {tip}");
    assert!(refused.contains(&back), "{refused}");
    assert!(!refused.contains("fetch"), "{refused}");
    let told = repo.pm(&["start", "T-0001", "--resume"]).ok().err;
    assert!(
        told.contains("was deleted") && told.contains(&tip),
        "{told}"
    );
}
