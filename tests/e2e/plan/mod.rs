//! From a document to tasks, with the real binary: scope, plan, edits by verb, checks, approval and
//! the first start, as a script with `--json` and as a user at a terminal.

pub mod apart;
pub mod approve;
mod asked_again;
mod boxes;
pub mod changed_document;
mod changed_file;
pub mod changed_tasks;
mod checks;
pub mod clones;
mod corrected;
mod coverage;
mod debate;
mod deepen;
pub mod document_edits;
pub mod document_fixtures;
pub mod document_limits;
pub mod document_oddities;
pub mod document_store;
pub mod documents;
mod dropped_work;
pub mod edit;
pub mod export;
mod finished_lines;
pub mod follow_up;
pub mod history;
mod new_work;
pub mod order;
mod proposed;
mod prose;
mod references;
mod renumbered;
pub mod reports;
mod research;
mod reworded_work;
mod same_tasks;
pub mod scope;
mod taken_back;
pub mod tasks;
pub mod terminal;
pub mod verbs;
mod with_agent;
mod write;

use serde_json::Value;

use crate::support::{Repo, set_up};

/// A document with ids, an explicit dependency, a vague criterion and a section of each kind.
pub const LOGIN: &str = "\
# Log in with a key

## Vision

People log in once, without a password.

## Functional requirements

### FR-1: Store public keys

- A key is stored with its owner in `src/auth.rs`
- A second key of the same owner is accepted
- A malformed key is refused with exit code 2

### FR-2: Log in with a key

Depends on FR-1.

- A signed challenge opens a session
- A wrong signature is refused within 1 second

### FR-3: Revoke a key

- A revoked key opens no session
- The owner is told by mail

### FR-4: Write the guide

- `docs/guide.md` shows how to make a key

### FR-5: Draw the page

- The page is responsive and user-friendly

## Acceptance

- All of it works in a fresh clone

## Non-goals

- Passwords

## Assumptions

- Every user has a mail address

## Decisions

- Keys are Ed25519

## Risks

- Keys get lost (HIGH)

## Open questions

- Who may revoke the keys of others?
";

/// Three phases, one after the other.
const PHASES: &str = "\
# Bus positions

## Phase 1: Collect

**Goal**: every bus has a position.

- [ ] Receive positions in `src/receive.rs`
- [ ] Store positions in `src/store.rs`

### Success criteria

- Ten buses deliver positions for a day

## Phase 2: Show

**Goal**: parents see the bus.

- [ ] Draw the map in `src/map.rs`
- [ ] Send a notice in `src/notice.rs`

### Success criteria

- 60 families look at the map

## Phase 3: Hand over

- [ ] Write the runbook in `docs/runbook.md`
";

/// A list of many small, similar requirements.
fn many() -> String {
    let mut text = String::from("# Shop data\n\n## Tasks\n\n");
    for verb in ["Import", "Export", "Print"] {
        for what in ["members", "orders"] {
            for form in ["CSV", "PDF", "JSON"] {
                text.push_str(&format!("- [ ] {verb} {what} as {form}\n"));
            }
        }
    }
    text
}

/// Writes a document and drafts its plan.
#[track_caller]
pub fn planned(repo: &Repo, name: &str, text: &str) -> Value {
    repo.write(name, text);
    repo.data(&["plan", "new", name])
}

/// A list in a JSON value.
#[track_caller]
pub fn list<'v>(value: &'v Value, name: &str) -> &'v Vec<Value> {
    let list = value[name].as_array();
    list.unwrap_or_else(|| panic!("`{name}` is no list in {value}"))
}

/// A text in a JSON value.
#[track_caller]
pub fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    let text = value[name].as_str();
    text.unwrap_or_else(|| panic!("`{name}` is no text in {value}"))
}

/// The texts of a JSON list.
#[track_caller]
pub fn texts<'v>(value: &'v Value, name: &str) -> Vec<&'v str> {
    list(value, name)
        .iter()
        .map(|v| v.as_str().unwrap())
        .collect()
}

/// The tasks of a plan without those that a validation strategy added.
#[track_caller]
pub fn own(plan: &Value) -> Vec<&Value> {
    let all = list(plan, "tasks").iter();
    all.filter(|task| task["tests"].is_null()).collect()
}

/// The titles of the tasks of a plan, without those that a validation strategy added.
#[track_caller]
pub fn titles(plan: &Value) -> Vec<&str> {
    own(plan)
        .into_iter()
        .map(|task| text(task, "title"))
        .collect()
}

/// The task with this title.
#[track_caller]
pub fn task<'p>(plan: &'p Value, title: &str) -> &'p Value {
    let all = list(plan, "tasks");
    all.iter()
        .find(|task| task["title"] == title)
        .unwrap_or_else(|| panic!("no task \"{title}\" among {:?}", titles(plan)))
}

/// The number of the task with this title, as it is typed.
#[track_caller]
pub fn number(plan: &Value, title: &str) -> String {
    task(plan, title)["number"].to_string()
}

/// The task that tests another.
fn test_of<'p>(plan: &'p Value, task: &Value) -> Option<&'p Value> {
    list(plan, "tasks")
        .iter()
        .find(|test| test["tests"] == task["key"])
}

/// The texts of a task's criteria.
pub fn criteria(task: &Value) -> Vec<&str> {
    list(task, "acceptance")
        .iter()
        .map(|c| text(c, "text"))
        .collect()
}

/// A plan in which FR-1 to FR-5 have their tasks.
pub fn login() -> (crate::support::Scene, Repo, Value) {
    let (scene, repo) = set_up();
    let plan = planned(&repo, "login.md", LOGIN);
    let wanted = [
        "Store public keys",
        "Log in with a key",
        "Revoke a key",
        "Write the guide",
        "Draw the page",
    ];
    assert_eq!(titles(&plan), wanted);
    (scene, repo, plan)
}

/// The tip of the state.
pub fn tip(repo: &Repo) -> String {
    repo.tip("refs/pm/main")
}

/// PL-26: requires that the test tasks and edges of a plan match the strategies.
#[track_caller]
pub fn require_tests_for_strategies(plan: &Value, when: &str) {
    for task in own(plan) {
        let (title, strategy) = (text(task, "title"), text(task, "validation"));
        let test = test_of(plan, task);
        if strategy == "none" {
            assert!(
                test.is_none(),
                "{when}: \"{title}\" needs no test and has one"
            );
            continue;
        }
        let test =
            test.unwrap_or_else(|| panic!("{when}: \"{title}\" ({strategy}) has no test task"));
        assert_eq!(test["type"], "test");
        let waits = |a: &Value, b: &Value| list(a, "depends_on").contains(&b["key"]);
        let edges = (waits(task, test), waits(test, task));
        let wanted = match strategy {
            "test-first" => (true, false),
            "test-after" => (false, true),
            "test-parallel" => (false, false),
            other => panic!("`{other}` is no strategy"),
        };
        assert_eq!(edges, wanted, "{when}: edges of \"{title}\" ({strategy})");
        assert_eq!(
            test["stream"], task["stream"],
            "{when}: the stream of \"{title}\""
        );
    }
}
