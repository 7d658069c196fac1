//! What becomes of each statement of a document, and the approval of a plan that leaves work out.

use serde_json::Value;

use super::{list, login, number, own, planned, text, texts, tip};
use crate::support::{Repo, set_up};

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

/// A list with two tasks, whose words are each in one statement.
const LIST: &str = "- [ ] Eins\n  - anna\n  - berta\n- [ ] Zwei\n  - carla\n";

/// A change of the plan of [`LIST`]: a verb, or a section to write.
#[derive(Clone, Copy, Debug)]
enum Change {
    Verb(&'static [&'static str]),
    Section(&'static str),
}

const CHANGES: [Change; 12] = [
    Change::Verb(&["plan", "rm", "1", "--force"]),
    Change::Verb(&["plan", "rm", "3", "--force"]),
    Change::Verb(&["plan", "merge", "1", "3"]),
    Change::Verb(&["plan", "merge", "3", "1"]),
    Change::Verb(&["plan", "set", "1", "acceptance=anna"]),
    Change::Verb(&["plan", "set", "1", "acceptance=berta\nanother"]),
    Change::Verb(&["plan", "set", "3", "description=Zwei in other words"]),
    Change::Section("### t1. Eins\nlines: 1-3\n- L2: anna\n"),
    Change::Section("### t1. Eins\nlines: 1\n"),
    Change::Section("### t1. Eins\nlines: 1-5\n- a criterion of its own\n"),
    Change::Section("### t3. Zwei\n- a criterion of its own\n"),
    Change::Verb(&["undo"]),
];

impl Change {
    /// Makes it, where it is possible.
    fn make(self, repo: &Repo) {
        match self {
            Change::Verb(words) => repo.pm(words),
            Change::Section(text) => {
                repo.write("section.md", text);
                repo.pm(&["plan", "write", "P-1", "section.md", "--patch"])
            }
        };
    }
}

/// The statements of which the coverage does not say what its tasks hold.
fn untrue_coverage(repo: &Repo, after: &[Change]) -> Vec<String> {
    let mut untrue = Vec::new();
    let plan = repo.data(&["plan", "show"]);
    let coverage = repo.data(&["plan", "show", "--coverage"]);
    let has_word = |said: &str, word: &str| {
        said.split(|c: char| !c.is_alphanumeric())
            .any(|w| w == word)
    };
    for statement in list(&coverage, "statements") {
        let word = text(statement, "text");
        let carriers = |fits: &dyn Fn(&Value) -> bool| -> Vec<Value> {
            let tasks = own(&plan).into_iter();
            // What has no lines is about none of the document.
            let tasks = tasks.filter(|task| task["source"]["lines"]["start"] != 0 && fits(task));
            tasks.map(|task| task["number"].clone()).collect()
        };
        let criteria = carriers(&|task| {
            let mut all = list(task, "acceptance").iter();
            all.any(|one| has_word(text(one, "text"), word))
        });
        let texts = carriers(&|task| {
            let mut all = ["title", "description"].iter();
            all.any(|name| has_word(text(task, name), word))
        });
        let allowed: &[&str] = match (criteria.is_empty(), texts.is_empty()) {
            (false, _) => &["criterion", "restatement"],
            (true, false) => &["task", "text"],
            (true, true) => &["uncovered"],
        };
        let tasks = [criteria, texts].concat();
        let numbers = list(statement, "numbers");
        let is_told = numbers.iter().all(|one| tasks.contains(one));
        let is_told = is_told && numbers.is_empty() == tasks.is_empty();
        if !allowed.contains(&text(statement, "disposition")) || !is_told {
            let message =
                format!("after {after:?}: {statement} instead of {allowed:?} of {tasks:?}");
            untrue.push(message);
        }
    }
    untrue
}

/// PL-11: after any two changes each statement is reported as the tasks hold it.
#[test]
fn after_any_changes_of_a_plan_its_coverage_is_what_its_tasks_hold() {
    let (_scene, repo) = set_up();
    repo.write("list.md", LIST);
    repo.pm(&["plan", "new", "list.md"]).ok();
    let first = tip(&repo);
    let mut untrue = untrue_coverage(&repo, &[]);
    // An undo as the first change would remove the plan itself.
    for one in &CHANGES[..11] {
        for other in CHANGES {
            repo.git(&["update-ref", "refs/pm/main", &first]).ok();
            one.make(&repo);
            other.make(&repo);
            untrue.extend(untrue_coverage(&repo, &[*one, other]));
        }
    }
    assert!(untrue.is_empty(), "{}", untrue.join("\n"));
}

/// PL-11: a line that only the description of a task has is no criterion, and the task has none.
#[test]
fn what_only_the_description_of_a_task_has_is_no_criterion() {
    let (_scene, repo) = set_up();
    repo.write("list.md", "- [ ] Eins\n1. anna\n2. berta\n");
    repo.pm(&["plan", "new", "list.md"]).ok();
    Change::Section("### t1. Eins\nlines: 1-3\n").make(&repo);
    let coverage = repo.data(&["plan", "show", "--coverage"]);
    let said = list(&coverage, "statements").iter();
    let said: Vec<&str> = said.map(|one| text(one, "disposition")).collect();
    assert_eq!(said, ["task", "text", "text"], "{coverage}");
    let shown = repo.data(&["plan", "show"]);
    assert!(list(own(&shown)[0], "acceptance").is_empty(), "{shown}");
    repo.pm(&["plan", "approve"]).ok();
}

/// PL-11: a merged task carries what both did, so nothing of it is left out.
#[test]
fn a_plan_with_merged_tasks_is_approved_without_a_question() {
    let (_scene, repo) = set_up();
    repo.write("list.md", LIST);
    repo.pm(&["plan", "new", "list.md"]).ok();
    repo.pm(&["plan", "merge", "1", "3"]).ok();
    repo.pm(&["plan", "approve"]).ok();
}

/// The commands that a plan names as the next ones.
fn next(shown: &str) -> Vec<Vec<String>> {
    let lines = shown.lines().filter_map(|line| line.strip_prefix("next: "));
    let commands = lines.flat_map(|line| line.split(" · "));
    let words = |command: &str| command.split(' ').skip(2).map(str::to_owned).collect();
    commands.map(words).collect()
}

/// PL-10: what a plan names as the next command works: an approval that would be refused is not named.
#[test]
fn an_approval_is_the_next_command_only_of_a_plan_that_can_be_approved() {
    let (_scene, repo) = set_up();
    repo.write("shop.md", SHOP);
    let shown = repo.pm(&["plan", "new", "shop.md"]).ok().out;
    let commands = next(&shown);
    assert_eq!(
        commands,
        [["plan", "check", "P-0001"], ["plan", "edit", "P-0001"]],
        "{shown}"
    );
    repo.write("section.md", "## Not work\n- 16: not ours\n");
    repo.pm(&["plan", "write", "P-1", "section.md", "--patch"])
        .ok();
    let shown = repo.pm(&["plan", "show"]).ok().out;
    let commands = next(&shown);
    let approve: Vec<&str> = commands
        .last()
        .unwrap()
        .iter()
        .map(String::as_str)
        .collect();
    assert_eq!(&approve[..2], ["plan", "approve"], "{shown}");
    repo.pm(&approve).ok();
}

/// PL-11, PL-18: what applies to all tasks and is in none of them is counted by its own name, and reaches
/// those who work on one of them.
#[test]
fn pl_11_what_applies_to_all_tasks_is_in_their_epic_and_briefings() {
    let (_scene, repo) = set_up();
    let shop = "# Shop\n\n## Tasks\n\n- [ ] Cart page\n  - [ ] shows items\n- [ ] Payment page\n  - [ ] takes cards\n\n\
                ## Non-functional requirements\n\n- All pages must load within 200 ms.\n\
                - The shop must comply with WCAG 2.1 AA.\n\n\
                ## Definition of done\n\n- The manual is up to date\n";
    let plan = planned(&repo, "shop.md", shop);
    let counts = &plan["statements"];
    assert_eq!(counts["for_all"], 3, "{counts}");
    assert_eq!(counts["open"], 0, "{counts}");
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains("apply to all tasks: 3"), "{shown}");
    let made = repo.data(&["plan", "approve"]);
    let epic = text(&made, "epic");
    let said = repo.pm(&["show", epic]).ok().out;
    assert_eq!(
        said.matches("The manual is up to date").count(),
        1,
        "{said}"
    );
    let created = texts(&made, "created");
    for id in [&[epic][..], created.as_slice()].concat() {
        let read = match id == epic {
            true => said.clone(),
            false => repo.pm(&["prime", id]).ok().out,
        };
        for part in ["200 ms", "WCAG 2.1 AA", "The manual is up to date"] {
            assert!(read.contains(part), "{id}: {read}");
        }
    }
    let briefing = repo.pm(&["prime", created[0]]).ok().out;
    assert!(
        briefing.contains(&format!("## Applies to all of {epic}\n- ")),
        "{briefing}"
    );
    // The text of the epic follows the document.
    repo.write("shop.md", &shop.replace("200 ms", "300 ms"));
    repo.pm(&["plan", "update", "shop.md", "--write"]).ok();
    repo.pm(&["plan", "approve"]).ok();
    let briefing = repo.pm(&["prime", created[0]]).ok().out;
    assert!(
        briefing.contains("300 ms") && !briefing.contains("200 ms"),
        "{briefing}"
    );
}
