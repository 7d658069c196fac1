//! The script of `git pm demo --agents`: agents that replay a transcript work two tasks of one clone.

use super::script::{ANA, Scene, status};
use super::stage::Stage;

/// What the agents do; the second one has nothing committed at first.
const TRANSCRIPT: &str = r#"{"contains": ["Say hello"], "wait_ms": 200, "write": {"hello.txt": "Hello\n"}, "commit": "Say hello", "answer": "Hello is said.", "input_tokens": 1200, "output_tokens": 80, "usd": 0.01}
{"contains": ["Say goodbye"], "round": 1, "answer": "I know what to write.", "input_tokens": 900, "output_tokens": 20, "usd": 0.005}
{"contains": ["Say goodbye"], "round": 2, "write": {"goodbye.txt": "Goodbye\n"}, "commit": "Say goodbye", "answer": "Now it is committed.", "input_tokens": 950, "output_tokens": 60, "usd": 0.006}
"#;

/// Runs all scenes.
pub fn play(stage: &mut Stage<'_>) -> Scene {
    stage.scene("1. A repository with two tasks")?;
    stage.run(&ANA.at(""), "git init --quiet ana")?;
    stage.ask(&ANA, "git config user.name Ana")?;
    stage.ask(&ANA, "git config user.email ana@example.org")?;
    stage.run(&ANA, "git commit --quiet --allow-empty -m 'Initial commit'")?;
    stage.run(&ANA, "git pm init")?;
    stage.run(&ANA, "git pm task create 'Say hello'")?;
    stage.run(&ANA, "git pm task create 'Say goodbye'")?;
    stage.write(&ANA.at(""), "agents.jsonl", TRANSCRIPT)?;

    stage.scene("2. Two agents work them; they replay a transcript, so no model is called")?;
    let line = "git pm run --with replay:../agents.jsonl --agents 2";
    stage.fails(&ANA, 1, line)?;
    let tasks = stage.data(&ANA, "run status")?["tasks"].take();
    for (n, attempts) in [(0, 1), (1, 2)] {
        let id = format!("T-000{}", n + 1);
        let what = format!("{id} took its agent this many attempts: {attempts}");
        stage.check_eq(&what, &tasks[n]["attempt"], &attempts)?;
        status(stage, &ANA, &id, "in_review")?;
    }
    stage.run(&ANA, "git pm logs T-0002")?;
    stage.run(&ANA, "git pm cost")?;

    stage.scene("3. Ana reads the work, approves and merges it")?;
    for (id, file) in [("T-0001", "hello.txt"), ("T-0002", "goodbye.txt")] {
        stage.run(&ANA, &format!("git pm task diff {id}"))?;
        stage.run(&ANA, &format!("git pm task approve {id}"))?;
        stage.run(&ANA, &format!("git pm merge {id}"))?;
        stage.ask(&ANA, &format!("git show main:{file}"))?;
        status(stage, &ANA, id, "done")?;
    }
    Ok(())
}
