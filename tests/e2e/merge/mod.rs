//! From a finished task to the target branch: `finish`, `approve`, `merge`. Nothing that existed
//! before is lost, and the target moves only if all checks pass.

pub mod approve;
pub mod behind_remote;
pub mod branches;
pub mod closed_meanwhile;
pub mod command;
pub mod epics;
pub mod evasion;
pub mod failed_gates;
pub mod fast_forward;
pub mod finish;
pub mod integrate;
pub mod moved_back;
pub mod queue;
pub mod stacked;
pub mod stopped;
pub mod targets;

use crate::support::{Ran, Repo, Scene, agent};

/// A repository with `init`, no remote.
fn alone(scene: &Scene) -> Repo {
    scene.set_up("a")
}

/// Creates and starts a task and commits a file in its worktree.
fn worked(repo: &Repo, title: &str, file: &str, text: &str) -> (String, Repo) {
    let id = repo.task(title, &[]);
    repo.pm(&["start", &id]).ok();
    let place = repo.worktree(&id);
    place.write(file, text);
    place.commit_all(title);
    (id, place)
}

/// As [`worked`], finished and approved.
fn approved(repo: &Repo, title: &str, file: &str, text: &str) -> (String, Repo) {
    let (id, place) = worked(repo, title, file, text);
    repo.pm(&["finish", &id]).ok();
    repo.pm(&["task", "approve", &id]).ok();
    (id, place)
}

fn status(repo: &Repo, id: &str) -> String {
    repo.data(&["show", id])["status"]
        .as_str()
        .unwrap()
        .to_string()
}

/// Requires a refusal that leaves target, state and checkout unchanged.
#[track_caller]
fn changes_nothing(repo: &Repo, args: &[&str], code: i32) -> Ran {
    let look = || {
        (
            repo.git(&["for-each-ref"]).out,
            repo.git(&["status", "--porcelain"]).out,
        )
    };
    let before = look();
    let ran = repo.pm(args).exits(code);
    assert_eq!(look(), before, "`{}` changed something", args.join(" "));
    assert!(ran.err.contains("hint:"), "no next command: {}", ran.err);
    ran
}

/// Finished work of an agent, and its worktree.
pub fn finished_with(repo: &Repo, id: &str, file: &str, text: &str) -> Repo {
    agent(repo).pm(&["start", id]).ok();
    let place = repo.worktree(id);
    place.write(file, text);
    place.commit_all("Work");
    agent(&place).pm(&["finish", id]).ok();
    place
}

/// As [`finished_with`], with `b.txt`.
pub fn finished(repo: &Repo, id: &str) -> Repo {
    finished_with(repo, id, "b.txt", "good\n")
}

/// Runs a merge that must be refused before anything changes.
#[track_caller]
pub fn refused_unmoved(repo: &Repo, args: &[&str], because: &str) -> Ran {
    let main = repo.tip("main");
    let ran = repo.pm(args);
    assert_eq!(repo.tip("main"), main, "{args:?} moved main: {}", ran.err);
    assert_ne!(ran.code, 0, "{args:?}");
    assert!(ran.err.contains(because), "{}", ran.err);
    ran
}

/// A hub, the clone of Ana, a human, and one of Bot with an agent's approved work in it.
pub fn with_agents_approved_work() -> (Scene, Repo, Repo, Repo) {
    let scene = Scene::new();
    let (hub, ana) = scene.with_hub();
    let bot = scene.clone_of(&hub, "b", "Bot");
    // Tests that leave a lock behind do not wait long for it.
    bot.git(&["config", "core.filesRefLockTimeout", "50"]).ok();
    ana.task("Work", &[]);
    ana.pm(&["sync"]).ok();
    bot.pm(&["sync"]).ok();
    finished(&bot, "T-0001");
    ana.pm(&["sync"]).ok();
    ana.pm(&["task", "approve", "T-0001"]).ok();
    ana.pm(&["sync"]).ok();
    bot.pm(&["sync"]).ok();
    (scene, hub, ana, bot)
}
