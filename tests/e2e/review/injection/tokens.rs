//! What reviews and agents cost in tokens, at four bytes a token: nothing where they are not asked for.

use serde_json::Value;

use super::{REVIEWERS, Stage, files};
use crate::mcp::Client;
use crate::support::agent;

/// The most tokens of the definition of an agent, and of a prompt: that of a reviewer, the form of its answer,
/// and what all reviewers are told.
const DEFINITION: usize = 210;
const PROMPT: usize = 680;

/// The most tokens of a round of three reviewers, with all files that they are given, beside the difference.
const BESIDE: usize = 2_200;

/// The words of reviews and agents that no text has which every session reads.
const WORDS: [&str; 6] = [
    "finding",
    "reviewer",
    "checklist",
    "F-",
    "panel",
    "agent list",
];

#[test]
fn tokens_a_dispatch_are_stated() {
    let stage = Stage::new();
    let lines = |what: &str| -> String {
        (1..=300)
            .map(|n| format!("let value_{n} = {what}(input[{n}])?;\n"))
            .collect()
    };
    stage.place.write("src/sum.rs", &lines("read"));
    stage.place.commit_all("Read");
    let prime = |stage: &Stage| stage.repo.pm(&["prime"]).ok().out;
    let before = prime(&stage);

    let all = stage.repo.data(&["agent", "list"]);
    let mut table = String::new();
    let (mut sum, mut count) = (0, 0);
    for one in all["items"].as_array().unwrap() {
        let name = one["name"].as_str().unwrap();
        let shown = stage.repo.data(&["agent", "show", name]);
        let text = |key: &str| shown[key].as_str().unwrap_or_default().len();
        let tokens = text("body") / 4;
        assert!(tokens <= DEFINITION, "{name}: {tokens}");
        table += &format!("{name:33}{tokens:6}{:6}\n", text("form") / 4);
        (sum, count) = (sum + tokens, count + 1);
    }
    stage.review(&[]).ok();
    let mut beside = 0;
    for who in REVIEWERS {
        let given = files(&stage.dir("seen").join(format!("{who}-1")));
        let of = |name: &str| given.get(name).map_or(0, |bytes| bytes.len() / 4);
        let (prompt, diff) = (of("PROMPT"), of("DIFF.patch"));
        let rest: usize = ["TASK.md", "LEARNINGS.md"].map(of).iter().sum();
        assert!(prompt > 200 && prompt <= PROMPT, "{who}: {prompt}");
        assert!(diff > 2_000 && diff < 6_000, "{who}: {diff}");
        beside += prompt + rest;
        table += &format!(
            "{who}: prompt {prompt}, difference of 300 lines {diff}, other files {rest}\n"
        );
    }
    assert!(beside <= BESIDE, "{beside}");

    // What each session reads has none of it, also where there are findings.
    let now = prime(&stage);
    let mut client = Client::start(&agent(&stage.repo), &[]);
    let tools = client.tools();
    let list = Value::from(tools).to_string() + client.hello["instructions"].as_str().unwrap();
    for (name, text) in [
        ("prime", &now),
        ("the tools that are always offered", &list),
    ] {
        for word in WORDS {
            assert!(!text.contains(word), "{name} {word}: {text}");
        }
    }
    assert_eq!(before, now);
    println!(
        "{table}{count} definitions {sum}; three reviewers beside the difference {beside}; prime {}, MCP {}",
        now.len() / 4,
        list.len() / 4
    );
}
