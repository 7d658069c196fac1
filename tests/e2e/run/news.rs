//! What a run has to tell people: its budget, its end, what it cannot continue with. IN-22.

use super::budget::{CLAUDE, RESULT, start};
use super::stage::Stage;
use crate::notify::{Server, lines, rule, send};

#[test]
fn in_22_the_budget_and_the_end_of_a_run_are_told() {
    let stage = Stage::with_tasks(&["One", "Two", "Three"]);
    let server = Server::start();
    rule(
        &stage.repo,
        "team",
        "slack",
        &server,
        &["--on", "budget,run-ended,blocked"],
    );
    let script = format!("{CLAUDE}{RESULT}");
    start(
        &stage,
        &script,
        &["--budget", "0.7usd", "--only", "T-0001", "--agents", "1"],
    )
    .end()
    .ok();
    send(&stage.repo);
    let told = lines(&server);
    let has = |part: &str| told.iter().any(|line| line.contains(part));
    assert!(
        has("run: 80 % of the budget of 0.70 USD are spent"),
        "{told:?}"
    );
    assert!(has("run: ended: completed"), "{told:?}");
    assert_eq!(told.len(), 3, "{told:?}");
    start(&stage, &script, &["--budget", "0.6usd", "--agents", "1"])
        .end()
        .exits(7);
    send(&stage.repo);
    let told = lines(&server);
    let has = |part: &str| told.iter().any(|line| line.contains(part));
    assert!(has("run: the budget of 0.60 USD is spent"), "{told:?}");
    assert!(has("run: ended: stopped"), "{told:?}");
    assert_eq!(told.len(), 3, "{told:?}");
    let fails = "echo '{\"type\":\"result\",\"subtype\":\"error\",\"is_error\":true}'; exit 1\n";
    start(&stage, fails, &["--only", "T-0003"]).end();
    send(&stage.repo);
    let told = lines(&server);
    assert!(
        told.iter()
            .any(|line| line.starts_with("T-0003 Three: a run cannot continue with it")),
        "{told:?}"
    );
}
