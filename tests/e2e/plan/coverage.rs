//! What becomes of each statement of a document, and the approval of a plan that leaves work out.

use serde_json::Value;

use super::{list, login, number, text};
use crate::support::set_up;

/// A requirement in a section about decisions, which is in no task.
const SHOP: &str = "\
# Shop

## Requirements

### FR-1: Sell a book

- The price is shown
- A receipt is printed

### FR-2: Return a book

- The money is paid back

## Decisions

- Old tills must be unplugged by the janitor

## Non-goals

- Selling tickets
";

/// PL-11: every line of the document is in exactly one statement, and each statement has a disposition.
#[test]
fn the_coverage_of_a_plan_has_each_line_of_its_document_once() {
    let (_scene, repo) = set_up();
    repo.write("shop.md", SHOP);
    repo.pm(&["plan", "new", "shop.md"]).ok();
    let coverage = repo.data(&["plan", "show", "--coverage"]);
    let statements = list(&coverage, "statements");
    let mut next = 1;
    for statement in statements {
        assert_eq!(statement["lines"]["start"], next, "{statement}");
        next = statement["lines"]["end"].as_u64().unwrap() + 1;
    }
    assert_eq!(coverage["lines"], next - 1);
    assert_eq!(coverage["uncovered"], 1);
    let of = |said: &str| {
        let found = statements
            .iter()
            .find(|one| text(one, "text").contains(said));
        found.map(|one| text(one, "disposition").to_string())
    };
    for (said, disposition) in [
        ("Sell a book", "task"),
        ("The price is shown", "criterion"),
        ("Old tills", "uncovered"),
        ("Selling tickets", "non-goal"),
    ] {
        assert_eq!(of(said).as_deref(), Some(disposition), "{said}");
    }
    let shown = repo.pm(&["plan", "show", "--coverage"]).ok().out;
    insta::assert_snapshot!(shown, @r"
            1  context             Shop
            3  context             Requirements
            5  task        1       Sell a book
            7  criterion   1       The price is shown
            8  criterion   1       A receipt is printed
           10  task        3       Return a book
           12  criterion   3       The money is paid back
           14  context             Decisions
           16  uncovered           Old tills must be unplugged by the janitor
           18  non-goal            Non-goals
           20  non-goal            Selling tickets
    uncovered: 1 statement
    ");
}

/// PL-10: a plan that leaves out what asks for work is approved only by naming that, which is recorded.
#[test]
fn a_plan_that_leaves_work_out_is_approved_only_if_that_is_accepted() {
    let (_scene, repo) = set_up();
    repo.write("shop.md", SHOP);
    repo.pm(&["plan", "new", "shop.md"]).ok();
    for arguments in [&["plan", "approve"][..], &["plan", "approve", "--yes"]] {
        let refused = repo.pm(arguments);
        assert_eq!(refused.code, 1, "{}", refused.err);
        for said in ["line 16", "Old tills", "--accept-uncovered"] {
            assert!(refused.err.contains(said), "{}", refused.err);
        }
    }
    repo.pm(&["plan", "approve", "--accept-uncovered"]).ok();
    let log = repo.git(&["log", "--format=%B", "refs/pm/main"]);
    assert!(
        log.text().contains("1 uncovered statements accepted"),
        "{}",
        log.text()
    );
}

/// PL-10: a statement that a task takes over is no longer uncovered.
#[test]
fn a_plan_without_uncovered_work_needs_no_confirmation() {
    let (_scene, repo) = set_up();
    repo.write(
        "shop.md",
        &SHOP.replace("must be unplugged", "were unplugged"),
    );
    repo.pm(&["plan", "new", "shop.md"]).ok();
    assert_eq!(repo.data(&["plan", "show", "--coverage"])["uncovered"], 0);
    repo.pm(&["plan", "approve"]).ok();
}

#[test]
fn the_statements_of_a_removed_task_are_open_again() {
    let (_scene, repo, plan) = login();
    let revoke = number(&plan, "Revoke a key");
    repo.pm(&["plan", "rm", &revoke, "--force"]).ok();
    let coverage = repo.data(&["plan", "show", "--coverage"]);
    let mut statements = coverage["statements"].as_array().unwrap().iter();
    let of_it = |one: &&Value| {
        let text = one["text"].as_str().unwrap();
        text.contains("A revoked key opens no session")
    };
    assert_eq!(statements.find(of_it).unwrap()["disposition"], "uncovered");
    assert_eq!(coverage["uncovered"], 2);
}
