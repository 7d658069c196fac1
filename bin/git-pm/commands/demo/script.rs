//! The script of the demo. Two people, Ana and Ben, have a clone each; in each clone an agent works
//! in a separate worktree.

use serde_json::Value;

use super::stage::{Seat, Stage};
use crate::failure::Failure;

/// The result of a scene.
type Scene = Result<(), Failure>;

const STATE: &str = "refs/pm/main";
const LOGIN: &str = "src/auth/login.rs";
const TRIES: &str = "task/T-0001-limit-the-login-tries";
const EXPLAIN: &str = "task/T-0002-explain-the-login";
const SSO: &str = "task/T-0003-log-in-with-sso";

/// The actors.
struct Cast {
    ana: Seat,
    ben: Seat,
    claude: Seat,
    codex: Seat,
}

/// Runs all scenes.
pub fn play(stage: &mut Stage<'_>) -> Scene {
    let cast = Cast {
        ana: Seat::human("Ana", "ana"),
        ben: Seat::human("Ben", "ben"),
        claude: Seat::agent("claude-1", "ana"),
        codex: Seat::agent("codex-2", "ben"),
    };
    set_up(stage, &cast)?;
    plan(stage, &cast)?;
    claim(stage, &cast)?;
    reserve(stage, &cast)?;
    claim_twice(stage, &cast)?;
    settle(stage, &cast)?;
    review(stage, &cast)?;
    land(stage, &cast)?;
    agree(stage, &cast)
}

fn set_up(stage: &mut Stage<'_>, cast: &Cast) -> Scene {
    stage.scene("1. One bare remote, two clones")?;
    let root = cast.ana.at("");
    stage.git(&root, &["init", "--quiet", "--bare", "hub.git"], 0)?;
    stage.git(&root, &["clone", "--quiet", "hub.git", "ana"], 0)?;
    name(stage, &cast.ana, "Ana", "ana@example.org")?;
    stage.write(&cast.ana, "README.md", "# A shop\n")?;
    stage.write(&cast.ana, LOGIN, "pub fn login() {}\n")?;
    stage.write(&cast.ana, "docs/login.md", "How to log in\n")?;
    stage.git(&cast.ana, &["add", "."], 0)?;
    stage.git(&cast.ana, &["commit", "--quiet", "-m", "Initial commit"], 0)?;
    stage.git(&cast.ana, &["push", "--quiet", "origin", "main"], 0)?;
    let users = |stage: &Stage<'_>| -> Result<[String; 3], Failure> {
        Ok([
            stage.ask_git(&cast.ana, &["status", "--porcelain"])?,
            stage.ask_git(&cast.ana, &["branch", "--all"])?,
            stage.ask_git(&cast.ana, &["rev-parse", "HEAD"])?,
        ])
    };
    let before = users(stage)?;
    stage.pm(&cast.ana, &["init"], 0)?;
    let after = users(stage)?;
    stage.check_eq("files, branches and HEAD are unchanged", &after, &before)?;
    stage.git(&cast.ben.at(""), &["clone", "--quiet", "hub.git", "ben"], 0)?;
    name(stage, &cast.ben, "Ben", "ben@example.org")?;
    stage.pm(&cast.ben, &["init"], 0)?;
    Ok(())
}

fn name(stage: &Stage<'_>, seat: &Seat, who: &str, address: &str) -> Scene {
    stage.ask_git(seat, &["config", "user.name", who])?;
    stage.ask_git(seat, &["config", "user.email", address])?;
    Ok(())
}

fn plan(stage: &mut Stage<'_>, cast: &Cast) -> Scene {
    stage.scene("2. Ana plans three tasks and shares them")?;
    let tries = "six wrong tries lock the account";
    let create = ["task", "create"];
    let tasks: [&[&str]; 3] = [
        &[
            "Limit the login tries",
            "--path",
            "src/auth/**",
            "--accept",
            tries,
        ],
        &["Explain the login", "--path", "docs/**"],
        &["Log in with SSO"],
    ];
    for task in tasks {
        stage.pm(&cast.ana, &[&create, task].concat(), 0)?;
    }
    stage.pm(&cast.ana, &["sync"], 0)?;
    stage.pm(&cast.ben, &["sync"], 0)?;
    stage.pm(&cast.ben, &["ready"], 0)?;
    let ready = stage.ask_pm(&cast.ben, &["ready"])?;
    let wanted = ["T-0001", "T-0002", "T-0003"].map(String::from).to_vec();
    stage.check_eq("Ben can start all three", &column(&ready, "id"), &wanted)?;
    same_state(stage, cast)
}

fn claim(stage: &mut Stage<'_>, cast: &Cast) -> Scene {
    stage.scene("3. An agent starts the first task; Ben is too late")?;
    stage.pm(&cast.claude, &["start", "T-0001"], 0)?;
    let task = stage.ask_pm(&cast.ana, &["show", "T-0001"])?;
    stage.check_eq("claude-1 holds it", &text(&task["owner"]), &"claude-1")?;
    stage.check(
        "the remote confirmed the claim",
        task["claim"]["confirmed"] == true,
    )?;
    stage.check_eq("it has a branch", &text(&task["branch"]), &TRIES)?;
    let main = stage.ask_git(&cast.ana, &["rev-parse", "main"])?;
    let lost = stage.pm(&cast.ben, &["start", "T-0001"], 3)?;
    stage.check("the error names the holder", lost.err.contains("claude-1"))?;
    let heads = stage.ask_git(&cast.ben, &["for-each-ref", "refs/heads/task"])?;
    stage.check_eq("nothing was created in Ben's clone", &heads.as_str(), &"")?;
    let now = stage.ask_git(&cast.ana, &["rev-parse", "main"])?;
    stage.check_eq("main has not moved", &now, &main)
}

fn reserve(stage: &mut Stage<'_>, cast: &Cast) -> Scene {
    stage.scene("4. A commit is stopped by a reservation")?;
    stage.pm(&cast.codex, &["start", "T-0002"], 0)?;
    let work = worktree(stage, &cast.codex, "T-0002")?;
    stage.write(
        &work,
        "docs/login.md",
        "How to log in, and why it may be refused\n",
    )?;
    stage.write(&work, LOGIN, "pub fn login() { /* while I am here */ }\n")?;
    stage.git(&work, &["add", "."], 0)?;
    let head = stage.ask_git(&work, &["rev-parse", "HEAD"])?;
    let stopped = stage.git(&work, &["commit", "-m", "Explain the login"], 1)?;
    for word in [LOGIN, "claude-1", "T-0001"] {
        stage.check(
            &format!("the hook names {word}"),
            stopped.err.contains(word),
        )?;
    }
    let now = stage.ask_git(&work, &["rev-parse", "HEAD"])?;
    stage.check_eq("nothing was committed", &now, &head)?;
    stage.git(&work, &["restore", "--staged", "--worktree", "src"], 0)?;
    stage.git(&work, &["commit", "-m", "Explain the login"], 0)?;
    let trailer = ["log", "-1", "--format=%(trailers:key=Task,valueonly)"];
    let trailer = stage.ask_git(&work, &trailer)?;
    stage.check_eq(
        "the agent's own files pass, marked with the task",
        &trailer.trim(),
        &"T-0002",
    )
}

fn claim_twice(stage: &mut Stage<'_>, cast: &Cast) -> Scene {
    stage.scene("5. Ana and Ben, both without a network, start the same task")?;
    stage.pm(&cast.ana, &["start", "T-0003", "--offline"], 0)?;
    stage.pm(
        &cast.ben,
        &["start", "T-0003", "--offline", "--no-worktree"],
        0,
    )?;
    for seat in [&cast.ana, &cast.ben] {
        let task = stage.ask_pm(seat, &["show", "T-0003"])?;
        let who = text(&task["owner"]).to_string();
        stage.check(
            &format!("{who} holds it tentatively"),
            task["claim"]["confirmed"] == false && task["claim"]["here"] == true,
        )?;
    }
    let mut places = 0;
    for seat in [&cast.ana, &cast.ben] {
        let list = stage.ask_pm(seat, &["worktree", "list"])?;
        places += column(&list, "item")
            .iter()
            .filter(|id| !id.is_empty())
            .count();
    }
    stage.check_eq("three worktrees are in use", &places, &3)?;
    stage.git(&cast.ben, &["switch", "--quiet", SSO], 0)?;
    stage.write(&cast.ben, "src/sso.rs", "// Ben's idea\n")?;
    stage.git(&cast.ben, &["add", "."], 0)?;
    stage.git(&cast.ben, &["commit", "-m", "Sketch SSO"], 0)?;
    stage.git(&cast.ben, &["switch", "--quiet", "main"], 0)?;
    Ok(())
}

fn settle(stage: &mut Stage<'_>, cast: &Cast) -> Scene {
    stage.scene("6. The network is back: sync settles the claim in both clones")?;
    let tip = stage.ask_git(&cast.ben, &["rev-parse", SSO])?;
    stage.pm(&cast.ana, &["sync"], 0)?;
    stage.pm(&cast.ben, &["sync"], 0)?;
    stage.pm(&cast.ben, &["status"], 0)?;
    let status = stage.ask_pm(&cast.ben, &["status"])?;
    let notified = status["notices"].as_array().is_some_and(|notices| {
        notices
            .iter()
            .any(|n| n["topic"] == "claim-lost" && n["item"] == "T-0003")
    });
    stage.check("a message notifies Ben that he lost the claim", notified)?;
    let now = stage.ask_git(&cast.ben, &["rev-parse", SSO])?;
    stage.check_eq("his branch and his commit are still there", &now, &tip)?;
    stage.pm(&cast.ana, &["sync"], 0)?;
    for seat in [&cast.ana, &cast.ben] {
        let task = stage.ask_pm(seat, &["show", "T-0003"])?;
        let holder = (text(&task["owner"]), task["claim"]["confirmed"] == true);
        stage.check_eq("Ana holds T-0003, confirmed", &holder, &("Ana", true))?;
    }
    same_state(stage, cast)
}

fn review(stage: &mut Stage<'_>, cast: &Cast) -> Scene {
    stage.scene("7. The agent finishes; only a human can approve")?;
    let work = worktree(stage, &cast.claude, "T-0001")?;
    stage.write(&work, LOGIN, "pub fn login() { /* at most six tries */ }\n")?;
    stage.git(&work, &["commit", "--all", "-m", "Lock after six tries"], 0)?;
    stage.pm(&work, &["finish"], 1)?;
    let accept = ["task", "accept", "--all", "--evidence", "login_test.rs"];
    stage.pm(&work, &accept, 0)?;
    stage.pm(&work, &["finish"], 0)?;
    status(stage, &cast.ana, "T-0001", "in_review")?;
    let held = stage.ask_pm(&cast.ana, &["reserve", "list"])?;
    let holders = column(&held, "holder");
    stage.check_eq(
        "its reservation is released",
        &holders,
        &vec!["codex-2".into()],
    )?;
    stage.pm(&work, &["task", "approve", "T-0001"], 1)?;
    status(stage, &cast.ana, "T-0001", "in_review")?;
    stage.pm(&cast.ana, &["task", "approve", "T-0001"], 0)?;
    stage.pm(&cast.ana, &["merge", "T-0001"], 0)?;
    status(stage, &cast.ana, "T-0001", "done")?;
    let files = stage.ask_git(&cast.ana, &["status", "--porcelain"])?;
    stage.check_eq("Ana's checkout followed main", &files.as_str(), &"")?;
    let login = stage.ask_git(&cast.ana, &["show", &format!("main:{LOGIN}")])?;
    stage.check("main has the work", login.contains("six tries"))?;
    stage.git(&cast.ana, &["push", "--quiet", "origin", "main"], 0)?;
    Ok(())
}

fn land(stage: &mut Stage<'_>, cast: &Cast) -> Scene {
    stage.scene("8. The other two tasks are merged")?;
    let work = worktree(stage, &cast.codex, "T-0002")?;
    stage.pm(&work, &["finish"], 0)?;
    stage.git(&cast.ben, &["pull", "--quiet", "--ff-only"], 0)?;
    stage.pm(&cast.ben, &["task", "approve", "T-0002"], 0)?;
    stage.pm(&cast.ben, &["merge", "T-0002"], 0)?;
    status(stage, &cast.ben, "T-0002", "done")?;
    let kept = stage.ask_git(&cast.ben, &["rev-parse", "--verify", EXPLAIN])?;
    stage.check("the task's branch stays", !kept.is_empty())?;
    stage.git(&cast.ben, &["push", "--quiet", "origin", "main"], 0)?;

    let work = worktree(stage, &cast.ana, "T-0003")?;
    stage.write(&work, "src/sso.rs", "pub fn sso() {}\n")?;
    stage.git(&work, &["add", "."], 0)?;
    stage.git(&work, &["commit", "-m", "Log in with SSO"], 0)?;
    stage.git(&cast.ana, &["pull", "--quiet", "--ff-only"], 0)?;
    stage.pm(&cast.ana, &["finish", "T-0003", "--merge"], 0)?;
    status(stage, &cast.ana, "T-0003", "done")?;
    stage.git(&cast.ana, &["push", "--quiet", "origin", "main"], 0)?;
    stage.git(&cast.ben, &["pull", "--quiet", "--ff-only"], 0)?;
    Ok(())
}

fn agree(stage: &mut Stage<'_>, cast: &Cast) -> Scene {
    stage.scene("9. All clones end with the same state")?;
    for seat in [&cast.ana, &cast.ben, &cast.ana] {
        stage.pm(seat, &["sync"], 0)?;
    }
    same_state(stage, cast)?;
    let mut mains = Vec::new();
    for place in ["ana", "ben", "hub.git"] {
        mains.push(stage.ask_git(&cast.ana.at(place), &["rev-parse", "main"])?);
    }
    mains.dedup();
    stage.check_eq(
        "main is the same in both clones and the remote",
        &mains.len(),
        &1,
    )?;
    stage.git(&cast.ben, &["log", "--oneline", "--stat", "main"], 0)?;
    for seat in [&cast.ana, &cast.ben] {
        stage.pm(seat, &["task", "list", "--all"], 0)?;
        let tasks = stage.ask_pm(seat, &["task", "list", "--all"])?;
        let wanted = vec!["done".to_string(); 3];
        stage.check_eq(
            "all three tasks are done",
            &column(&tasks, "status"),
            &wanted,
        )?;
        let places = stage.ask_git(seat, &["worktree", "list", "--porcelain"])?;
        let places = places.matches("worktree ").count();
        stage.check_eq("their clean worktrees are gone", &places, &1)?;
        let report = stage.ask_pm(seat, &["doctor"])?;
        let faulty = report["faulty"] == true;
        stage.check("`git pm doctor` finds no fault", !faulty)?;
    }
    let hub = cast.ana.at("hub.git");
    stage.git(&hub, &["fsck", "--strict", "--no-progress"], 0)?;
    Ok(())
}

/// Checks that both clones and the remote have the same state.
fn same_state(stage: &mut Stage<'_>, cast: &Cast) -> Scene {
    let tree = format!("{STATE}^{{tree}}");
    let mut trees = Vec::new();
    for place in ["ana", "ben", "hub.git"] {
        trees.push(stage.ask_git(&cast.ana.at(place), &["rev-parse", &tree])?);
    }
    trees.dedup();
    stage.check_eq(
        "both clones and the remote have the same state",
        &trees.len(),
        &1,
    )
}

fn status(stage: &mut Stage<'_>, seat: &Seat, id: &str, wanted: &str) -> Scene {
    let task = stage.ask_pm(seat, &["show", id])?;
    stage.check_eq(
        &format!("{id} is {wanted}"),
        &text(&task["status"]),
        &wanted,
    )
}

/// The actor in the worktree of a task.
fn worktree(stage: &Stage<'_>, seat: &Seat, id: &str) -> Result<Seat, Failure> {
    let answer = stage.ask_pm(seat, &["worktree", "path", id])?;
    let path = std::path::Path::new(text(&answer["path"]));
    let root = stage.shown("");
    Ok(seat.at(path.strip_prefix(&root).unwrap_or(path)))
}

/// A field of every item of a list.
fn column(list: &Value, field: &str) -> Vec<String> {
    let items = list["items"].as_array();
    items
        .into_iter()
        .flatten()
        .map(|item| text(&item[field]).to_string())
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
