//! What reviews cost whoever does not use them, and what one dispatch costs. A token is about four bytes.

use serde_json::Value;

use super::Stage;
use crate::mcp::Client;

/// The most that one built-in agent is told beside the files that it reads, in tokens.
const DISPATCH: usize = 1_200;

/// `prime` and the core tools of MCP carry nothing of reviews, agents and debates.
#[test]
fn who_does_not_review_pays_nothing() {
    let stage = Stage::new();
    let prime = stage.repo.pm(&["prime"]).ok().out;
    let tools = Value::from(Client::start(&stage.repo, &[]).tools()).to_string();
    for word in ["finding", "reviewer", "debate", "sentinel", "checklist"] {
        assert!(!prime.contains(word), "{word}: {prime}");
        assert!(!tools.contains(word), "{word}: {tools}");
    }
}

/// Each built-in agent is told at most so much; three reviewers of 300 lines read mostly the lines.
#[test]
fn tokens_a_dispatch_are_stated() {
    let stage = Stage::new();
    let agents = stage.repo.data(&["agent", "list"])["items"].clone();
    let mut most = 0;
    for agent in agents.as_array().unwrap() {
        let name = agent["name"].as_str().unwrap();
        let full = stage.repo.data(&["agent", "show", name]);
        let said = ["body", "form"].map(|part| full[part].as_str().unwrap_or_default().len());
        let tokens = said.iter().sum::<usize>() / 4;
        assert!(tokens > 50 && tokens <= DISPATCH, "{name}: {tokens} tokens");
        most = most.max(tokens);
    }
    let lines = (0..300).map(|n| format!("let total_{n} = price_{n} * count_{n};\n"));
    stage.change(&lines.collect::<String>());
    stage.review(&[]);
    let all = stage.all_seen();
    let bytes = |wanted: &dyn Fn(&str) -> bool| -> usize {
        let its = all.iter().filter(|(name, _)| wanted(name));
        its.map(|(_, text)| text.len()).sum()
    };
    let prompts = bytes(&|name| name.ends_with("PROMPT")) / 4;
    let diffs = bytes(&|name| name.ends_with("DIFF.patch")) / 4;
    let rest = bytes(&|_| true) / 4 - prompts - diffs;
    println!(
        "one dispatch: at most {most}; 300 lines: {prompts} in prompts, {diffs} in diffs, {rest} beside"
    );
    assert!(prompts < 3 * 2 * DISPATCH, "{prompts}");
    assert!(rest < diffs / 10, "{rest} of {diffs}");
}
