//! The script of the demo: which commands are run, in which order.
//!
//! Two people, Ana and Ben, have a clone each; in each clone an agent works in a separate worktree.

use std::path::Path;

use serde_json::Value;

use super::stage::{Seat, Stage};
use crate::failure::Failure;

/// The result of a scene.
pub type Scene = Result<(), Failure>;

pub const ANA: Seat = Seat::human("Ana", "ana");
const BEN: Seat = Seat::human("Ben", "ben");
const CLAUDE: Seat = Seat::agent("claude-1", "ana");
const CODEX: Seat = Seat::agent("codex-2", "ben");

const LOGIN: &str = "src/auth/login.rs";
const TRIES: &str = "task/T-0001-limit-login-attempts";
const EXPLAIN: &str = "task/T-0002-explain-the-login";
const SSO: &str = "task/T-0003-log-in-with-sso";

/// Runs all scenes.
pub fn play(stage: &mut Stage<'_>) -> Scene {
    set_up(stage)?;
    plan(stage)?;
    claim(stage)?;
    reserve(stage)?;
    claim_twice(stage)?;
    settle(stage)?;
    review(stage)?;
    land(stage)?;
    agree(stage)
}

fn set_up(stage: &mut Stage<'_>) -> Scene {
    stage.scene("1. One bare remote, two clones")?;
    stage.run(&ANA.at(""), "git init --quiet --bare hub.git")?;
    stage.run(&ANA.at(""), "git clone --quiet hub.git ana")?;
    stage.ask(&ANA, "git config user.name Ana")?;
    stage.ask(&ANA, "git config user.email ana@example.org")?;
    stage.write(&ANA, "README.md", "# A shop\n")?;
    stage.write(&ANA, LOGIN, "pub fn login() {}\n")?;
    stage.write(&ANA, "docs/login.md", "How to log in\n")?;
    stage.run(&ANA, "git add .")?;
    stage.run(&ANA, "git commit --quiet -m 'Initial commit'")?;
    stage.run(&ANA, "git push --quiet origin main")?;
    let users = |stage: &Stage<'_>| -> Result<[String; 3], Failure> {
        Ok([
            stage.ask(&ANA, "git status --porcelain")?,
            stage.ask(&ANA, "git branch --all")?,
            stage.ask(&ANA, "git rev-parse HEAD")?,
        ])
    };
    let before = users(stage)?;
    stage.run(&ANA, "git pm init")?;
    let after = users(stage)?;
    stage.check_eq("files, branches and HEAD are unchanged", &after, &before)?;
    stage.run(&BEN.at(""), "git clone --quiet hub.git ben")?;
    stage.ask(&BEN, "git config user.name Ben")?;
    stage.ask(&BEN, "git config user.email ben@example.org")?;
    stage.run(&BEN, "git pm init")?;
    Ok(())
}

fn plan(stage: &mut Stage<'_>) -> Scene {
    stage.scene("2. Ana plans three tasks and shares them")?;
    for task in [
        "'Limit login attempts' --path 'src/auth/**' --accept 'six failed attempts lock the \
         account'",
        "'Explain the login' --path 'docs/**'",
        "'Log in with SSO'",
    ] {
        stage.run(&ANA, &format!("git pm task create {task}"))?;
    }
    stage.run(&ANA, "git pm sync")?;
    stage.run(&BEN, "git pm sync")?;
    stage.run(&BEN, "git pm ready")?;
    let ready = stage.data(&BEN, "ready")?;
    let wanted = ["T-0001", "T-0002", "T-0003"];
    stage.check_eq(
        "Ben can start all three",
        &column(&ready, "id")[..],
        &wanted,
    )?;
    same_state(stage)
}

fn claim(stage: &mut Stage<'_>) -> Scene {
    stage.scene("3. An agent starts the first task; Ben is too late")?;
    stage.run(&CLAUDE, "git pm start T-0001")?;
    let task = stage.data(&ANA, "show T-0001")?;
    stage.check_eq("claude-1 holds it", text(&task["owner"]), "claude-1")?;
    let confirmed = task["claim"]["confirmed"] == true;
    stage.check("the remote confirmed the claim", confirmed)?;
    stage.check_eq("it has a branch", text(&task["branch"]), TRIES)?;
    let main = stage.ask(&ANA, "git rev-parse main")?;
    let lost = stage.fails(&BEN, 3, "git pm start T-0001")?;
    stage.check("the error names the holder", lost.err.contains("claude-1"))?;
    let heads = stage.ask(&BEN, "git for-each-ref refs/heads/task")?;
    stage.check_eq("nothing was created in Ben's clone", &heads[..], "")?;
    let now = stage.ask(&ANA, "git rev-parse main")?;
    stage.check_eq("main has not moved", &now, &main)
}

fn reserve(stage: &mut Stage<'_>) -> Scene {
    stage.scene("4. A reservation blocks a commit")?;
    stage.run(&CODEX, "git pm start T-0002")?;
    let work = worktree(stage, &CODEX, "T-0002")?;
    let explained = "How to log in, and why it may be refused\n";
    stage.write(&work, "docs/login.md", explained)?;
    stage.write(&work, LOGIN, "pub fn login() { /* while I am here */ }\n")?;
    stage.run(&work, "git add .")?;
    let head = stage.ask(&work, "git rev-parse HEAD")?;
    let stopped = stage.fails(&work, 1, "git commit -m 'Explain the login'")?;
    for word in [LOGIN, "claude-1", "T-0001"] {
        let named = stopped.err.contains(word);
        stage.check(&format!("the hook names {word}"), named)?;
    }
    let now = stage.ask(&work, "git rev-parse HEAD")?;
    stage.check_eq("nothing was committed", &now, &head)?;
    stage.run(&work, "git restore --staged --worktree src")?;
    stage.run(&work, "git commit -m 'Explain the login'")?;
    let trailer = stage.ask(&work, "git log -1 --format=%(trailers:key=Task,valueonly)")?;
    let what = "the agent's own files are accepted, and the commit names the task";
    stage.check_eq(what, trailer.trim(), "T-0002")
}

fn claim_twice(stage: &mut Stage<'_>) -> Scene {
    stage.scene("5. Ana and Ben, both offline, start the same task")?;
    stage.run(&ANA, "git pm start T-0003 --offline")?;
    stage.run(&BEN, "git pm start T-0003 --offline --no-worktree")?;
    for seat in [&ANA, &BEN] {
        let task = stage.data(seat, "show T-0003")?;
        let who = text(&task["owner"]);
        let tentative = task["claim"]["confirmed"] == false && task["claim"]["here"] == true;
        stage.check(&format!("{who} holds it tentatively"), tentative)?;
    }
    let mut places = 0;
    for seat in [&ANA, &BEN] {
        let list = column(&stage.data(seat, "worktree list")?, "item");
        places += list.iter().filter(|id| !id.is_empty()).count();
    }
    stage.check_eq("four folders are in use", &places, &4)?;
    stage.write(&BEN, "src/sso.rs", "// Ben's idea\n")?;
    stage.run(&BEN, "git add .")?;
    stage.run(&BEN, "git commit -m 'Sketch SSO'")?;
    stage.run(&BEN, "git switch --quiet main")?;
    Ok(())
}

fn settle(stage: &mut Stage<'_>) -> Scene {
    stage.scene("6. The network is back: sync settles the claim in both clones")?;
    let tip = stage.ask(&BEN, &format!("git rev-parse {SSO}"))?;
    stage.run(&ANA, "git pm sync")?;
    stage.run(&BEN, "git pm sync")?;
    stage.run(&BEN, "git pm status")?;
    let status = stage.data(&BEN, "status")?;
    let mut notices = status["notices"].as_array().into_iter().flatten();
    let notified = notices.any(|n| n["topic"] == "claim-lost" && n["item"] == "T-0003");
    stage.check("a notice tells Ben that he lost the claim", notified)?;
    let now = stage.ask(&BEN, &format!("git rev-parse {SSO}"))?;
    stage.check_eq("his branch and his commit are still there", &now, &tip)?;
    stage.run(&ANA, "git pm sync")?;
    for seat in [&ANA, &BEN] {
        let task = stage.data(seat, "show T-0003")?;
        let holder = (text(&task["owner"]), task["claim"]["confirmed"] == true);
        stage.check_eq("Ana holds T-0003, confirmed", &holder, &("Ana", true))?;
    }
    same_state(stage)
}

fn review(stage: &mut Stage<'_>) -> Scene {
    stage.scene("7. The agent finishes; only a human can approve")?;
    let work = worktree(stage, &CLAUDE, "T-0001")?;
    stage.write(&work, LOGIN, "pub fn login() { /* at most six tries */ }\n")?;
    stage.run(&work, "git commit --all -m 'Lock after six attempts'")?;
    stage.fails(&work, 1, "git pm finish")?;
    stage.run(&work, "git pm task accept --all --evidence login_test.rs")?;
    stage.run(&work, "git pm finish")?;
    status(stage, &ANA, "T-0001", "in_review")?;
    let holders = column(&stage.data(&ANA, "reserve list")?, "holder");
    stage.check_eq("its reservation is released", &holders[..], &["codex-2"])?;
    stage.fails(&work, 1, "git pm task approve T-0001")?;
    status(stage, &ANA, "T-0001", "in_review")?;
    stage.run(&ANA, "git pm task approve T-0001")?;
    stage.run(&ANA, "git pm merge T-0001")?;
    status(stage, &ANA, "T-0001", "done")?;
    let files = stage.ask(&ANA, "git status --porcelain")?;
    stage.check_eq("Ana's checkout followed main", &files[..], "")?;
    let login = stage.ask(&ANA, &format!("git show main:{LOGIN}"))?;
    stage.check("main has the work", login.contains("six tries"))?;
    stage.run(&ANA, "git push --quiet origin main")?;
    Ok(())
}

fn land(stage: &mut Stage<'_>) -> Scene {
    stage.scene("8. The other two tasks are merged")?;
    let work = worktree(stage, &CODEX, "T-0002")?;
    stage.run(&work, "git pm finish")?;
    stage.run(&BEN, "git pull --quiet --ff-only")?;
    stage.run(&BEN, "git pm task approve T-0002")?;
    stage.run(&BEN, "git pm merge T-0002")?;
    status(stage, &BEN, "T-0002", "done")?;
    let left = stage.ask(&BEN, &format!("git branch --list {EXPLAIN}"))?;
    stage.check("the task's branch is deleted", left.is_empty())?;
    let kept = format!("git for-each-ref refs/pm-local/backup/{EXPLAIN}");
    let kept = stage.ask(&BEN, &kept)?;
    stage.check("its commits are kept in a backup", !kept.is_empty())?;
    stage.run(&BEN, "git push --quiet origin main")?;

    let work = worktree(stage, &ANA, "T-0003")?;
    stage.write(&work, "src/sso.rs", "pub fn sso() {}\n")?;
    stage.run(&work, "git add .")?;
    stage.run(&work, "git commit -m 'Log in with SSO'")?;
    stage.run(&ANA, "git pull --quiet --ff-only")?;
    stage.run(&ANA, "git pm finish T-0003 --merge")?;
    status(stage, &ANA, "T-0003", "done")?;
    stage.run(&ANA, "git push --quiet origin main")?;
    stage.run(&BEN, "git pull --quiet --ff-only")?;
    Ok(())
}

fn agree(stage: &mut Stage<'_>) -> Scene {
    stage.scene("9. All clones end with the same state")?;
    for seat in [&ANA, &BEN, &ANA] {
        stage.run(seat, "git pm sync")?;
    }
    same_state(stage)?;
    let what = "main is the same in both clones and the remote";
    same_everywhere(stage, "main", what)?;
    stage.run(&BEN, "git log --oneline --stat main")?;
    for seat in [&ANA, &BEN] {
        stage.run(seat, "git pm task list --all")?;
        let states = column(&stage.data(seat, "task list --all")?, "status");
        stage.check_eq("all three tasks are done", &states[..], &["done"; 3])?;
        let places = stage.ask(seat, "git worktree list --porcelain")?;
        let places = places.matches("worktree ").count();
        stage.check_eq("their clean worktrees are gone", &places, &1)?;
        let report = stage.data(seat, "doctor")?;
        let faulty = report["faulty"] == true;
        stage.check("`git pm doctor` finds no fault", !faulty)?;
    }
    let hub = ANA.at("hub.git");
    let left = stage.ask(&hub, &format!("git branch --list {EXPLAIN}"))?;
    stage.check("the remote's branch is deleted as well", left.is_empty())?;
    stage.run(&hub, "git fsck --strict --no-progress")?;
    Ok(())
}

/// Checks that both clones and the remote have the same state.
fn same_state(stage: &mut Stage<'_>) -> Scene {
    let what = "both clones and the remote have the same state";
    same_everywhere(stage, "refs/pm/main^{tree}", what)
}

/// Checks that a revision is the same object in both clones and the remote.
fn same_everywhere(stage: &mut Stage<'_>, revision: &str, what: &str) -> Scene {
    let mut objects = Vec::new();
    for place in ["ana", "ben", "hub.git"] {
        let object = stage.ask(&ANA.at(place), &format!("git rev-parse {revision}"))?;
        objects.push(object);
    }
    objects.dedup();
    stage.check_eq(what, &objects.len(), &1)
}

pub fn status(stage: &mut Stage<'_>, seat: &Seat, id: &str, wanted: &str) -> Scene {
    let task = stage.data(seat, &format!("show {id}"))?;
    let what = format!("{id} is {wanted}");
    stage.check_eq(&what, text(&task["status"]), wanted)
}

/// The actor in the worktree of a task.
fn worktree(stage: &Stage<'_>, seat: &Seat, id: &str) -> Result<Seat, Failure> {
    let answer = stage.data(seat, &format!("worktree path {id}"))?;
    let path = Path::new(text(&answer["path"]));
    let inside = path.strip_prefix(stage.shown("")).unwrap_or(path);
    Ok(seat.at(inside.to_string_lossy()))
}

/// A field of every item of a list.
fn column(list: &Value, field: &str) -> Vec<String> {
    let items = list["items"].as_array().into_iter().flatten();
    items.map(|item| text(&item[field]).to_string()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
