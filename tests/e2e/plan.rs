//! From a document to work, with the real binary: scope, plan, edits by verb, checks, approval and
//! the first start, as a script with `--json` and as a person at a terminal.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Ran, Repo, ids, script_file, set_up};

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

/// One small requirement.
const TYPO: &str = "\
# Correct the help text

## Requirements

### FR-1: Correct the spelling of \"recieve\" in `docs/guide.md`

- `grep -c recieve docs/guide.md` prints 0
";

/// A list of many small things, most of them alike.
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

/// Writes a document and draws its plan.
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

/// The task of that title.
#[track_caller]
pub fn task<'p>(plan: &'p Value, title: &str) -> &'p Value {
    let all = list(plan, "tasks");
    all.iter()
        .find(|task| task["title"] == title)
        .unwrap_or_else(|| panic!("no task \"{title}\" among {:?}", titles(plan)))
}

/// The number of the task of that title, as it is typed.
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

/// PL-26: what a strategy means for the edges of each task of a plan.
#[track_caller]
pub fn tests_stand_as_strategies_say(plan: &Value, when: &str) {
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

/// PL-05, PL-06, PL-07: one of three words, a confidence and four drivers; nothing is written.
#[test]
fn pl_05_scope_says_one_of_three_words_with_confidence_and_drivers_and_writes_nothing() {
    let (_scene, repo) = set_up();
    let before = tip(&repo);
    let words = ["single-agent", "multi-agent", "decomposition-required"];
    for (name, document, wanted) in [
        ("typo.md", TYPO.to_string(), words[0]),
        ("login.md", LOGIN.to_string(), words[1]),
        ("phases.md", PHASES.to_string(), words[2]),
        ("many.md", many(), words[2]),
    ] {
        repo.write(name, &document);
        let scope = repo.data(&["scope", name]);
        assert_eq!(scope["recommendation"], wanted, "{name}: {scope}");
        let confidence = text(&scope, "confidence");
        assert!(
            ["low", "medium", "high"].contains(&confidence),
            "{confidence}"
        );
        for driver in ["components", "integration_points", "risks", "effort_hours"] {
            let value = &scope["drivers"][driver];
            assert!(value.is_u64(), "{name} has no driver `{driver}`: {scope}");
        }
        assert!(!list(&scope, "reasons").is_empty(), "{scope}");
        // Exactly one of the words, for a person too.
        let shown = repo.pm(&["scope", name]).ok().out;
        let said: Vec<&&str> = words.iter().filter(|word| shown.contains(**word)).collect();
        assert_eq!(said, [&wanted], "{shown}");
        assert!(shown.contains(confidence), "{shown}");
        for driver in ["components", "integrations", "risks", "effort"] {
            assert!(shown.contains(driver), "scope hides `{driver}`: {shown}");
        }
    }
    assert_eq!(repo.data(&["scope", "login.md"])["drivers"]["risks"], 1);
    assert_eq!(tip(&repo), before, "scope wrote something");
    repo.pm(&["scope", "nothing.md"]).exits(4);
    repo.pm(&["scope", "P-7"]).exits(4);
}

/// PL-08, PL-42: who decided otherwise, why, and instead of what; shown with new recommendations.
#[test]
fn pl_08_an_override_of_the_scope_is_recorded_with_author_reason_and_what_was_recommended() {
    let (_scene, repo) = set_up();
    repo.write("login.md", LOGIN);
    let before = tip(&repo);
    repo.pm(&["scope", "login.md", "--override", "single-agent"])
        .exits(2);
    repo.pm(&["scope", "login.md", "--override", "huge", "--reason", "x"])
        .exits(2);
    repo.pm(&[
        "scope",
        "login.md",
        "--override",
        "single-agent",
        "--reason",
        " ",
    ])
    .exits(2);
    assert_eq!(tip(&repo), before, "a refused override wrote something");
    let ben = repo.by("Ben").when("2026-11-20T12:00:00Z");
    let why = "one of us knows the code";
    let args = [
        "scope",
        "login.md",
        "--override",
        "single-agent",
        "--reason",
        why,
    ];
    let said = ben.data(&args);
    let record = &said["overrides"][0];
    assert_eq!(record["by"], "Ben");
    assert_eq!(record["reason"], why);
    assert_eq!(record["decided"], "single-agent");
    assert_eq!(record["recommended"], "multi-agent");
    assert_eq!(record["at"], "2026-11-20T12:00:00Z");
    let shown = repo.pm(&["scope", "login.md"]).ok().out;
    for part in ["single-agent", "Ben", why] {
        assert!(shown.contains(part), "scope hides `{part}`: {shown}");
    }
    // The recommendation itself stays what it was, and the history says who decided.
    assert_eq!(
        repo.data(&["scope", "login.md"])["recommendation"],
        "multi-agent"
    );
    let log = repo.pm(&["log", "--op", "scope"]).ok().out;
    assert!(
        log.contains("Ben") && log.contains("single-agent instead of multi-agent"),
        "{log}"
    );
    // A second thought is kept beside the first.
    let args = [
        "scope",
        "P-1",
        "--override",
        "decomposition-required",
        "--reason",
        "it grew",
    ];
    let all = repo.data(&args);
    assert_eq!(list(&all, "overrides").len(), 2);
}

/// PL-42, ME-03: once work is over, new recommendations say how good earlier ones were.
#[test]
fn pl_42_the_accuracy_of_recommendations_is_shown_next_to_new_ones() {
    let (_scene, repo) = set_up();
    repo.write("login.md", LOGIN);
    let fresh = repo.data(&["scope", "login.md"]);
    assert_eq!(fresh["accuracy"]["finished"], 0);
    let (start, end) = ("2026-11-20T08:00:00Z", "2026-11-20T10:00:00Z");
    let repo_then = repo.when(start);
    planned(&repo_then, "typo.md", TYPO);
    let made = repo_then.data(&["plan", "approve"]);
    for id in texts(&made, "created") {
        repo_then.pm(&["start", id, "--no-worktree"]).ok();
        repo.when(end).pm(&["task", "done", id, "--force"]).ok();
    }
    repo.when(end)
        .pm(&["epic", "close", text(&made, "epic")])
        .ok();
    let scope = repo.data(&["scope", "login.md"]);
    assert_eq!(scope["accuracy"]["finished"], 1, "{scope}");
    assert_eq!(scope["accuracy"]["right"], 1, "{scope}");
    assert!(scope["accuracy"]["effort_error"].is_number(), "{scope}");
    let before = repo.pm(&["scope", "typo.md"]).ok().out;
    assert!(before.contains('1'), "{before}");
    let words: BTreeSet<&str> = before.split_whitespace().collect();
    assert!(
        ["earlier", "right", "accuracy"]
            .iter()
            .any(|word| words.contains(word)),
        "a person does not see how good earlier recommendations were: {before}"
    );
}

/// PL-09: a sure single-agent document becomes exactly one task; anything else is refused.
#[test]
fn pl_09_the_fast_path_makes_one_task_of_a_document_that_needs_no_plan() {
    let (_scene, repo) = set_up();
    repo.write("typo.md", TYPO);
    let scope = repo.data(&["scope", "typo.md"]);
    assert_eq!(scope["recommendation"], "single-agent");
    assert_eq!(scope["confidence"], "high");
    assert_eq!(scope["fast_path"], true);
    let made = repo.data(&["plan", "new", "typo.md", "--fast"]);
    assert_eq!(made["id"], "T-0001");
    assert_eq!(made["kind"], "task");
    assert_eq!(
        made["acceptance"][0]["text"],
        "`grep -c recieve docs/guide.md` prints 0"
    );
    assert_eq!(texts(&made, "paths"), ["docs/guide.md"]);
    // Again makes nothing, and the task can be started.
    let again = repo.data(&["plan", "new", "typo.md", "--fast"]);
    assert_eq!(again["uid"], made["uid"]);
    let tasks = repo.data(&["task", "list", "--all"]);
    assert_eq!(ids(&tasks["items"]), ["T-0001"]);
    assert!(list(&repo.data(&["epic", "list", "--all"]), "items").is_empty());
    repo.pm(&["start", "T-1", "--no-worktree"]).ok();
    // What needs a plan takes no short cut, and leaves nothing behind.
    for (name, document) in [("login.md", LOGIN), ("phases.md", PHASES)] {
        repo.write(name, document);
        let before = tip(&repo);
        let error = repo
            .pm(&["--json", "plan", "new", name, "--fast"])
            .exits(1)
            .error();
        let hints = error["hints"].to_string();
        assert!(hints.contains("git pm plan new"), "{error}");
        assert_eq!(tip(&repo), before, "a refused short cut wrote something");
    }
}

/// PL-10, PL-11, PL-13: every field of every task, and each criterion traced to file, lines and id.
#[test]
fn pl_10_every_task_has_all_its_fields_and_criteria_with_file_lines_and_requirement() {
    let (_scene, _repo, plan) = login();
    for task in list(&plan, "tasks") {
        let title = text(task, "title");
        assert!(!title.trim().is_empty());
        assert!(!text(task, "description").trim().is_empty(), "{title}");
        assert!(task["depends_on"].is_array(), "{title}");
        assert!(
            !list(task, "acceptance").is_empty(),
            "{title} has no criterion"
        );
        for (field, words) in [
            ("estimate", &["XS", "S", "M", "L", "XL"][..]),
            ("risk", &["low", "medium", "high"]),
            (
                "validation",
                &["test-first", "test-after", "test-parallel", "none"],
            ),
        ] {
            assert!(words.contains(&text(task, field)), "{field} of {title}");
            assert!(
                !text(task, &format!("{field}_reason")).is_empty(),
                "{title}"
            );
        }
        assert!(!text(task, "stream").is_empty(), "{title} is in no stream");
        assert!(
            task["hours"].as_u64().unwrap() <= 8,
            "{title} is over a day"
        );
        let traced = std::iter::once(&task["source"]);
        let traced = traced.chain(list(task, "acceptance").iter().map(|c| &c["source"]));
        for source in traced {
            assert_eq!(source["file"], "login.md", "{title}");
            let line = |name: &str| source["lines"][name].as_u64().unwrap();
            assert!(0 < line("start") && line("start") <= line("end"), "{title}");
            assert!(text(source, "requirement").starts_with("FR-"), "{title}");
        }
    }
    let keys = task(&plan, "Store public keys");
    assert_eq!(keys["source"]["requirement"], "FR-1");
    assert_eq!(texts(keys, "paths"), ["src/auth.rs"]);
    let wanted = [
        "A key is stored with its owner in `src/auth.rs`",
        "A second key of the same owner is accepted",
        "A malformed key is refused with exit code 2",
    ];
    assert_eq!(criteria(keys), wanted);
    // The line that a criterion names is the one it stands on.
    let lines: Vec<&str> = LOGIN.lines().collect();
    for task in own(&plan) {
        for criterion in list(task, "acceptance") {
            let at = criterion["source"]["lines"]["start"].as_u64().unwrap();
            let line = lines[usize::try_from(at).unwrap() - 1];
            assert!(
                line.contains(text(criterion, "text")),
                "line {at}: {criterion}"
            );
        }
    }
}

/// PL-10, PL-13: what is missing, and what is over a day, is found by `plan check`.
#[test]
fn pl_10_plan_check_fails_when_something_is_missing() {
    let (_scene, repo, plan) = login();
    repo.pm(&["plan", "check"]).ok();
    let keys = number(&plan, "Store public keys");
    let fails = |field: &str, rule: &str| {
        let before = text(task(&plan, "Store public keys"), "description").to_string();
        repo.pm(&["plan", "set", &keys, &format!("{field}=")]).ok();
        let ran = repo.pm(&["--json", "plan", "check"]).exits(1);
        let found = ran.json();
        let all = found["data"]["items"]
            .as_array()
            .or(found["data"].as_array());
        let all = all.unwrap_or_else(|| panic!("no list of findings: {found}"));
        let about =
            |check: &&Value| check["rule"] == rule && check["task"].as_u64() == keys.parse().ok();
        assert!(
            all.iter().any(|check| about(&check)),
            "no `{rule}` in {found}"
        );
        repo.pm(&["plan", "approve"]).exits(1);
        before
    };
    fails("acceptance", "missing-acceptance");
    repo.pm(&["plan", "set", &keys, "acceptance=A key is stored"])
        .ok();
    repo.pm(&["plan", "check"]).ok();
    let before = fails("description", "missing-description");
    repo.pm(&["plan", "set", &keys, &format!("description={before}")])
        .ok();
    repo.pm(&["plan", "check"]).ok();
    // More than a day is a warning that says what to do.
    repo.pm(&["plan", "set", &keys, "estimate=XL"]).ok();
    let said = repo.pm(&["plan", "check"]).ok().out;
    assert!(
        said.contains("split") && said.contains(&format!("task {keys}")),
        "{said}"
    );
}

/// PL-25, PL-26: the four strategies, each with the edges that it means; a person may choose.
#[test]
fn pl_26_each_strategy_brings_its_test_task_and_its_edge() {
    let (_scene, repo, plan) = login();
    tests_stand_as_strategies_say(&plan, "as drawn");
    let keys = number(&plan, "Store public keys");
    for strategy in [
        "test-first",
        "test-parallel",
        "test-after",
        "none",
        "test-first",
    ] {
        let plan = repo.data(&["plan", "set", &keys, &format!("validation={strategy}")]);
        let set = task(&plan, "Store public keys");
        assert_eq!(set["validation"], strategy);
        assert!(texts(set, "by_hand").contains(&"validation"), "{set}");
        tests_stand_as_strategies_say(&plan, strategy);
    }
    let plan = repo.data(&["plan", "set", &keys, "strategy=test-after"]);
    assert_eq!(task(&plan, "Store public keys")["validation"], "test-after");
    repo.pm(&["plan", "set", &keys, "validation=sometimes"])
        .exits(2);
    // Test tasks don't count as tasks.
    let list = repo.data(&["plan", "list"]);
    assert_eq!(list["items"][0]["tasks"], 5, "{list}");
    // The tasks that come of it wait for one another the same way.
    repo.pm(&["plan", "set", &keys, "validation=test-first"])
        .ok();
    let plan = repo.data(&["plan", "approve"]);
    let keys = task(&plan, "Store public keys");
    let test = test_of(&plan, keys).unwrap();
    let item = repo.data(&["show", text(keys, "item")]);
    assert_eq!(texts(&item, "depends_on"), [text(test, "item")]);
    assert_eq!(repo.data(&["show", text(test, "item")])["type"], "test");
}

/// PL-26, PL-18: a task that somebody adds, or that comes of a merge or a split, has its tests too.
#[test]
fn pl_26_whatever_made_a_task_its_strategy_brings_its_tests() {
    let (_scene, repo, plan) = login();
    let n = |title: &str| number(&plan, title);
    let plan = repo.data(&["plan", "merge", &n("Revoke a key"), &n("Draw the page")]);
    tests_stand_as_strategies_say(&plan, "after a merge");
    let plan = repo.data(&[
        "plan",
        "split",
        &n("Store public keys"),
        "Read keys",
        "Write keys",
    ]);
    tests_stand_as_strategies_say(&plan, "after a split");
    let plan = repo.data(&[
        "plan",
        "add",
        "Rotate keys",
        "--accept",
        "An old key is refused",
    ]);
    tests_stand_as_strategies_say(&plan, "after an addition");
}

/// PL-27: no tests for texts only; what is dangerous or vague is tested first, and it says why.
#[test]
fn pl_27_vague_or_dangerous_work_is_tested_first_and_texts_are_not_tested() {
    let (_scene, repo, plan) = login();
    let page = task(&plan, "Draw the page");
    assert_eq!(page["validation"], "test-first");
    let why = text(page, "validation_reason");
    assert!(
        why.contains("responsive") && why.contains("user-friendly"),
        "{why}"
    );
    assert_eq!(
        task(&plan, "Write the guide")["validation"],
        "none",
        "a text has tests"
    );
    let risky = LOGIN.replace("Store public keys", "Migrate the stored secrets");
    let plan = planned(&repo, "risky.md", &risky);
    let migrate = task(&plan, "Migrate the stored secrets");
    assert_eq!(migrate["risk"], "high");
    assert_eq!(migrate["validation"], "test-first");
    let why = text(migrate, "validation_reason");
    assert!(why.contains("risk"), "{why}");
    for task in own(&plan)
        .iter()
        .filter(|task| task["validation"] == "none")
    {
        assert!(["docs", "chore"].contains(&text(task, "type")), "{task}");
    }
    let shown = repo.pm(&["plan", "show", "P-1", "-v"]).ok().out;
    assert!(
        shown.contains("a test has to say what is meant by responsive"),
        "{shown}"
    );
}

/// PL-28: words that nobody can check are named, with the line, once.
#[test]
fn pl_28_plan_check_names_vague_words_with_their_line() {
    let (_scene, repo, plan) = login();
    let page = task(&plan, "Draw the page");
    let vague = texts(&page["acceptance"][0], "vague");
    assert_eq!(vague, ["responsive", "user-friendly"]);
    let said = repo.pm(&["plan", "check"]).ok().out;
    let line = 1 + LOGIN
        .lines()
        .position(|l| l.contains("responsive"))
        .unwrap();
    let place = format!("task {} line {line}", page["number"]);
    let about: Vec<&str> = said.lines().filter(|l| l.contains(&place)).collect();
    assert_eq!(about.len(), 1, "said once, where it stands: {said}");
    assert!(about[0].contains("responsive, user-friendly"), "{said}");
}

/// PL-28: what somebody made sharp is not called vague any more, nor is the task that tests it.
#[test]
fn pl_28_a_criterion_that_was_made_sharp_is_vague_no_more() {
    let (_scene, repo, plan) = login();
    let page = number(&plan, "Draw the page");
    let sharp = "The page is drawn within 200 ms on a phone 360 pixels wide";
    repo.pm(&["plan", "set", &page, &format!("acceptance={sharp}")])
        .ok();
    let said = repo.pm(&["plan", "check"]).ok().out;
    assert!(!said.contains("user-friendly"), "{said}");
    let plan = repo.data(&["plan", "show"]);
    let page = task(&plan, "Draw the page");
    let test = test_of(&plan, page).unwrap();
    assert!(
        !test.to_string().contains("user-friendly"),
        "it tests what was: {test}"
    );
}

/// PL-14: the second approval makes nothing, and so does a second drawing of the same document.
#[test]
fn pl_14_approving_twice_creates_nothing() {
    let (_scene, repo, plan) = login();
    let first = repo.data(&["plan", "approve"]);
    let made = texts(&first, "created");
    assert_eq!(made.len(), list(&plan, "tasks").len());
    let before = tip(&repo);
    let second = repo.data(&["plan", "approve"]);
    assert!(texts(&second, "created").is_empty(), "{second}");
    repo.pm(&["plan", "new", "login.md"]).ok();
    repo.pm(&["plan", "regenerate"]).ok();
    repo.pm(&["prd", "add", "login.md"]).ok();
    let third = repo.data(&["plan", "approve"]);
    assert!(texts(&third, "created").is_empty(), "{third}");
    assert_eq!(
        tip(&repo),
        before,
        "something was written where nothing was new"
    );
    let all = repo.data(&["task", "list", "--all"]);
    assert_eq!(list(&all, "items").len(), made.len());
    assert_eq!(
        list(&repo.data(&["epic", "list", "--all"]), "items").len(),
        1
    );
    let shown = repo.pm(&["plan", "approve"]).ok().out;
    assert!(shown.contains("Nothing new"), "{shown}");
}

/// PL-14: also what was done or given up is not made again, nor under another title.
#[test]
fn pl_14_planning_again_does_not_bring_back_what_was_done_or_given_up() {
    let (_scene, repo, _plan) = login();
    let made = repo.data(&["plan", "approve"]);
    let item = |title: &str| text(task(&made, title), "item").to_string();
    repo.pm(&["task", "done", &item("Store public keys"), "--force"])
        .ok();
    repo.pm(&["task", "cancel", &item("Revoke a key")]).ok();
    repo.pm(&["task", "edit", &item("Write the guide"), "--title", "Guide"])
        .ok();
    let before = list(&repo.data(&["task", "list", "--all"]), "items").len();
    repo.pm(&["plan", "regenerate"]).ok();
    let again = repo.data(&["plan", "approve"]);
    assert!(texts(&again, "created").is_empty(), "{again}");
    assert_eq!(
        list(&repo.data(&["task", "list", "--all"]), "items").len(),
        before
    );
}

/// PL-03, PL-10: one epic with everything under it, and tasks that say what the plan said.
#[test]
fn pl_03_an_approval_makes_one_epic_with_all_tasks_under_it_in_one_commit() {
    let (_scene, repo, plan) = login();
    let before = tip(&repo);
    let made = repo.data(&["plan", "approve"]);
    let commits = repo.git(&["rev-list", "--count", &format!("{before}..refs/pm/main")]);
    assert_eq!(commits.text(), "1", "one commit makes all");
    let epic = text(&made, "epic");
    assert_eq!(ids(&repo.data(&["epic", "list", "--all"])["items"]), [epic]);
    let shown = repo.data(&["epic", "show", epic]);
    assert_eq!(shown["title"], "Log in with a key");
    let parent = list(&shown, "edges")
        .iter()
        .find(|e| e["type"] == "parent-child");
    assert_eq!(parent.unwrap()["target"], "P-0001");
    for planned in list(&made, "tasks") {
        let item = repo.data(&["show", text(planned, "item")]);
        assert_eq!(item["epic"], epic, "{item}");
        for field in [
            "title",
            "type",
            "estimate",
            "risk",
            "validation",
            "stream",
            "paths",
        ] {
            assert_eq!(item[field], planned[field], "{field} of {}", item["id"]);
        }
        assert_eq!(criteria(&item), criteria(planned), "{}", item["id"]);
        assert_eq!(item["status"], "queued");
    }
    assert_eq!(list(&plan, "tasks").len(), list(&made, "tasks").len());
    assert_eq!(made["status"], "approved");
    // What must not be done, and what nobody decided, is on the epic for whoever works on it.
    let body = text(&shown, "body");
    for part in ["Passwords", "Who may revoke the keys of others?"] {
        assert!(
            body.contains(part),
            "the epic says nothing of \"{part}\": {body}"
        );
    }
}

/// PL-03: `git pm epic show` lists the tasks.
#[test]
fn pl_03_epic_show_lists_its_tasks() {
    let (_scene, repo, _plan) = login();
    let made = repo.data(&["plan", "approve"]);
    let shown = repo.pm(&["epic", "show", text(&made, "epic")]).ok().out;
    for planned in own(&made) {
        let (id, title) = (text(planned, "item"), text(planned, "title"));
        assert!(
            shown.contains(id),
            "epic show hides {id} ({title}): {shown}"
        );
    }
}

/// PL-38, ST-01: phases are parts of the epic with their outcomes, and gates hold the next one back.
#[test]
fn pl_38_tasks_of_a_phase_are_ready_only_once_the_phase_before_is_done() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "phases.md", PHASES);
    let phases: Vec<&str> = list(&plan, "milestones")
        .iter()
        .map(|m| text(m, "title"))
        .collect();
    assert_eq!(
        phases,
        ["Phase 1: Collect", "Phase 2: Show", "Phase 3: Hand over"]
    );
    let made = repo.data(&["plan", "approve"]);
    let epic = text(&made, "epic");
    let tree = repo.data(&["task", "tree"]);
    let parts: Vec<&Value> = list(&tree, "items")
        .iter()
        .filter(|item| item["type"] == "milestone")
        .collect();
    let names: Vec<&str> = parts.iter().map(|m| text(m, "title")).collect();
    assert_eq!(names, phases);
    let first = repo.data(&["show", text(parts[0], "id")]);
    let parent = list(&first, "edges")
        .iter()
        .find(|e| e["type"] == "parent-child");
    assert_eq!(parent.unwrap()["target"], epic);
    assert_eq!(criteria(&first), ["Ten buses deliver positions for a day"]);
    assert!(
        text(&first, "body").contains("every bus has a position"),
        "{first}"
    );

    let item = |title: &str| text(task(&made, title), "item").to_string();
    let of = |titles: &[&str]| -> BTreeSet<String> { titles.iter().map(|t| item(t)).collect() };
    let ready = || -> BTreeSet<String> {
        let ready = repo.data(&["ready"]);
        ids(&ready["items"]).into_iter().map(String::from).collect()
    };
    let collect = [
        "Receive positions in src/receive.rs",
        "Store positions in src/store.rs",
    ];
    let show = [
        "Draw the map in src/map.rs",
        "Send a notice in src/notice.rs",
    ];
    assert_eq!(ready(), of(&collect), "the first phase, and nothing else");
    repo.pm(&["start", &item(show[0]), "--no-worktree"])
        .exits(1);
    repo.pm(&["task", "done", &item(collect[0]), "--force"])
        .ok();
    assert!(
        ready().is_disjoint(&of(&show)),
        "half a phase opened the gate"
    );
    // All that belongs to the phase, with its tests.
    for planned in list(&made, "tasks") {
        if planned["milestone"] == made["milestones"][0]["key"] {
            let id = text(planned, "item");
            if repo.data(&["show", id])["status"] == "queued" {
                repo.pm(&["task", "done", id, "--force"]).ok();
            }
        }
    }
    assert_eq!(ready(), of(&show), "the second phase, and not the third");
    let fsck = repo.pm(&["fsck"]).ok().out;
    assert!(fsck.contains("0 faults"), "{fsck}");
}

/// DP-02, DP-03: every edge has a class, a rule, a line and a reason; soft ones hold nobody up.
#[test]
fn dp_03_every_edge_says_its_class_rule_line_and_reason() {
    let (_scene, repo, plan) = login();
    let key = |plan: &Value, title: &str| task(plan, title)["key"].clone();
    let edge = |plan: &Value, from: &str, on: &str| -> Value {
        let (from, on) = (key(plan, from), key(plan, on));
        let mut all = list(plan, "edges").iter();
        let found = all.find(|edge| edge["task"] == from && edge["on"] == on);
        found
            .cloned()
            .unwrap_or_else(|| panic!("no such edge in {}", plan["edges"]))
    };
    for edge in list(&plan, "edges") {
        assert!(["hard", "soft"].contains(&text(edge, "class")), "{edge}");
        for field in ["rule", "reason"] {
            assert!(!text(edge, field).is_empty(), "{edge} has no {field}");
        }
        assert!(
            edge["line"].as_u64().unwrap() > 0,
            "{edge} rests on no line"
        );
    }
    let said = edge(&plan, "Log in with a key", "Store public keys");
    assert_eq!(said["class"], "hard");
    let line = 1 + LOGIN.lines().position(|l| l == "Depends on FR-1.").unwrap();
    assert_eq!(said["line"], line);
    // A person says so, softly.
    let (n, on) = (
        number(&plan, "Revoke a key"),
        number(&plan, "Draw the page"),
    );
    let plan = repo.data(&["plan", "dep", &n, &on, "--soft"]);
    let soft = edge(&plan, "Revoke a key", "Draw the page");
    assert_eq!(soft["class"], "soft");
    assert!(text(&soft, "reason").contains("Ana"), "{soft}");
    let shown = repo.pm(&["plan", "show", "-v"]).ok().out;
    assert!(shown.contains(&format!("line {line}")), "{shown}");

    let made = repo.data(&["plan", "approve"]);
    let item = |title: &str| text(task(&made, title), "item").to_string();
    let ready = repo.data(&["ready"]);
    let ready = ids(&ready["items"]);
    assert!(
        ready.contains(&item("Revoke a key").as_str()),
        "a soft edge holds it up"
    );
    assert!(
        !ready.contains(&item("Log in with a key").as_str()),
        "a hard edge does not"
    );
    repo.pm(&["start", &item("Log in with a key"), "--no-worktree"])
        .exits(1);
    let ran = repo
        .pm(&["start", &item("Revoke a key"), "--no-worktree"])
        .ok();
    let page = item("Draw the page");
    assert!(
        ran.err.contains(&page) || ran.out.contains(&page),
        "nobody is warned of what should be done first: {ran:?}"
    );
}

/// DP-07: how many can be at work at once.
#[test]
fn dp_07_plan_show_says_how_many_tasks_can_go_on_at_once() {
    let (_scene, repo, plan) = login();
    let widest = list(&plan, "levels")
        .iter()
        .map(|l| l.as_array().unwrap().len())
        .max();
    let width = usize::try_from(plan["width"].as_u64().unwrap()).unwrap();
    assert_eq!(Some(width), widest);
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains(&format!("up to {width} at once")), "{shown}");
    // A chain has one after the other.
    let mut chain = repo.data(&["plan", "show"]);
    for task in own(&plan) {
        let args = [
            "plan",
            "set",
            &task["number"].to_string(),
            "validation=none",
        ];
        repo.pm(&args).ok();
    }
    for pair in own(&plan).windows(2) {
        let (on, n) = (pair[0]["number"].to_string(), pair[1]["number"].to_string());
        chain = repo.data(&["plan", "dep", &n, &on]);
    }
    assert_eq!(chain["width"], 1);
    assert_eq!(list(&chain, "levels").len(), 5);
}

/// ST-01, ST-03: streams share no planned file; the pattern of branches is one of three, and kept.
#[test]
fn st_03_streams_share_no_file_and_the_pattern_of_branches_is_chosen_per_plan() {
    let (_scene, repo, plan) = login();
    let mut taken: Vec<(String, String)> = Vec::new();
    let mut members = BTreeSet::new();
    for stream in list(&plan, "streams") {
        assert!(!text(stream, "name").is_empty());
        for key in texts(stream, "tasks") {
            assert!(members.insert(key.to_string()), "{key} is in two streams");
        }
    }
    assert_eq!(
        members.len(),
        list(&plan, "tasks").len(),
        "a task is in no stream"
    );
    for task in own(&plan) {
        for path in texts(task, "paths") {
            let stream = text(task, "stream");
            let other = taken.iter().find(|(p, s)| p == path && s != stream);
            assert!(other.is_none(), "{path} is in {other:?} and {stream}");
            taken.push((path.into(), stream.into()));
        }
    }
    for pattern in ["single-branch", "feature-branches", "stacked-branches"] {
        let plan = repo.data(&["plan", "set", &format!("branches={pattern}")]);
        assert_eq!(plan["branches"], pattern);
    }
    repo.pm(&["plan", "set", "branches=heap"]).exits(2);
    repo.pm(&["plan", "regenerate"]).ok();
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(made["branches"], "stacked-branches");
}

/// PL-18: every change has a verb, each is one commit by its author, and a script sees the plan.
#[test]
fn pl_18_every_change_to_a_plan_has_a_verb() {
    let (_scene, repo, plan) = login();
    let n = |title: &str| number(&plan, title);
    let (keys, log_in, revoke) = (
        n("Store public keys"),
        n("Log in with a key"),
        n("Revoke a key"),
    );
    let change = |args: &[&str]| -> Value {
        let before = tip(&repo);
        let plan = repo.data(args);
        let range = format!("{before}..refs/pm/main");
        let count = repo.git(&["rev-list", "--count", &range]).text();
        assert_eq!(count, "1", "{args:?} is not one commit");
        plan
    };
    // Fields.
    let plan = change(&[
        "plan",
        "set",
        &keys,
        "title=Keep public keys",
        "risk=high",
        "estimate=L",
    ]);
    let set = task(&plan, "Keep public keys");
    assert_eq!(
        (&set["risk"], &set["estimate"]),
        (&"high".into(), &"L".into())
    );
    let plan = change(&[
        "plan",
        "set",
        &keys,
        "description=Beside the owner.\n\nFor ever.",
    ]);
    let set = task(&plan, "Keep public keys");
    assert_eq!(set["description"], "Beside the owner.\n\nFor ever.");
    let plan = change(&["plan", "set", &keys, "acceptance=One key\nTwo keys"]);
    assert_eq!(
        criteria(task(&plan, "Keep public keys")),
        ["One key", "Two keys"]
    );
    let plan = change(&["plan", "set", &keys, "paths=src/auth.rs,src/keys/"]);
    let paths = texts(task(&plan, "Keep public keys"), "paths").join(" ");
    assert!(
        paths.contains("src/auth.rs") && paths.contains("src/keys"),
        "{paths}"
    );
    for (field, value) in [
        ("type", "chore"),
        ("stream", "storage"),
        ("validation", "test-parallel"),
        ("auto_policy", "plan"),
    ] {
        let plan = change(&["plan", "set", &keys, &format!("{field}={value}")]);
        assert_eq!(task(&plan, "Keep public keys")[field], value);
    }
    let plan = change(&["plan", "set", &keys, "points=5"]);
    assert_eq!(task(&plan, "Keep public keys")["points"], 5);
    let plan = change(&["plan", "set", "title=Keys"]);
    assert_eq!(plan["title"], "Keys");
    // Dependencies.
    let plan = change(&["plan", "dep", &revoke, &log_in]);
    let waits = |plan: &Value, a: &str, b: &str| {
        list(task(plan, a), "depends_on").contains(&task(plan, b)["key"])
    };
    assert!(waits(&plan, "Revoke a key", "Log in with a key"));
    let plan = change(&["plan", "dep", &revoke, &log_in, "--rm"]);
    assert!(!waits(&plan, "Revoke a key", "Log in with a key"));
    repo.pm(&["plan", "dep", &revoke, &log_in, "--rm"]).exits(4);
    repo.pm(&["plan", "dep", &revoke, &revoke]).exits(2);
    // Order: the two change places, and all others stay.
    let before = titles(&plan)
        .iter()
        .map(|t| t.to_string())
        .collect::<Vec<_>>();
    let plan = change(&["plan", "order", &revoke, &keys]);
    let mut wanted = before.clone();
    wanted.swap(0, 2);
    assert_eq!(titles(&plan), wanted);
    // New, and where it stands.
    let args = [
        "plan",
        "add",
        "Rotate keys",
        "--accept",
        "An old key is refused",
        "--accept",
        "A new one is taken",
        "--waits-for",
        &keys,
        "--set",
        "type=feature",
        "--set",
        "description=Once a year.",
        "--after",
        &revoke,
    ];
    let plan = change(&args);
    let new = task(&plan, "Rotate keys");
    assert_eq!(
        criteria(new),
        ["An old key is refused", "A new one is taken"]
    );
    assert_eq!(new["added_by"], "Ana");
    assert!(waits(&plan, "Rotate keys", "Keep public keys"));
    let at = |plan: &Value, title: &str| titles(plan).iter().position(|t| *t == title).unwrap();
    assert_eq!(at(&plan, "Rotate keys"), at(&plan, "Revoke a key") + 1);
    // One of two, with what both had.
    let rotate = number(&plan, "Rotate keys");
    let plan = change(&["plan", "merge", &revoke, &rotate]);
    let one = task(&plan, "Revoke a key");
    let all = criteria(one);
    for text in [
        "A revoked key opens no session",
        "The owner is told by mail",
    ] {
        assert!(all.contains(&text), "{all:?}");
    }
    assert!(all.contains(&"An old key is refused"), "{all:?}");
    assert!(waits(&plan, "Revoke a key", "Keep public keys"));
    assert!(!titles(&plan).contains(&"Rotate keys"));
    // Two of one, which wait for what it waited for.
    let plan = change(&["plan", "split", &revoke, "Revoke it", "Tell the owner"]);
    let mut dealt = criteria(task(&plan, "Revoke it"));
    dealt.extend(criteria(task(&plan, "Tell the owner")));
    assert_eq!(dealt.len(), 4, "a criterion was lost or doubled: {dealt:?}");
    for part in ["Revoke it", "Tell the owner"] {
        assert!(waits(&plan, part, "Keep public keys"), "{part}");
    }
    // And out.
    let plan = change(&["plan", "rm", &number(&plan, "Tell the owner"), "--force"]);
    assert!(!titles(&plan).contains(&"Tell the owner"));
    let log = repo.pm(&["log", "--op", "plan"]).ok().out;
    for verb in ["new", "set", "dep", "order", "add", "merge", "split", "rm"] {
        let line = log
            .lines()
            .find(|l| l.contains(&format!("plan {verb} of P-0001")));
        assert!(
            line.is_some_and(|l| l.contains("Ana")),
            "no `plan {verb}` by Ana in {log}"
        );
    }
}

/// PL-18: what a verb cannot do it refuses, with a hint, and nothing is written.
#[test]
fn pl_18_a_change_that_cannot_be_made_changes_nothing() {
    let (_scene, repo, plan) = login();
    let keys = number(&plan, "Store public keys");
    let before = tip(&repo);
    for (args, code) in [
        (vec!["set", &keys, "colour=red"], 2),
        (vec!["set", &keys], 2),
        (vec!["set", &keys, "estimate=HUGE"], 2),
        (vec!["set", &keys, "risk="], 2),
        (vec!["set", &keys, "title="], 2),
        (vec!["set", &keys, "points=many"], 2),
        (vec!["set", &keys, "stream="], 2),
        (vec!["set", &keys, "milestone=M9"], 4),
        (vec!["set", &keys, "paths=../outside.rs"], 2),
        (vec!["set", &keys, "title=Fine", "estimate=HUGE"], 2),
        (vec!["set", "99", "title=x"], 4),
        (vec!["set", "colour=red"], 2),
        (vec!["rm", "99"], 4),
        (vec!["dep", "99", &keys], 4),
        (vec!["dep", &keys, "99"], 4),
        (vec!["order", &keys], 2),
        (vec!["order", &keys, "99"], 4),
        (vec!["merge", &keys, "99"], 4),
        (vec!["merge", &keys], 2),
        (vec!["split", &keys, "One"], 2),
        (vec!["split", "99", "One", "Two"], 4),
        (vec!["add", ""], 2),
        (vec!["add", "x", "--waits-for", "99"], 4),
        (vec!["add", "x", "--after", "99"], 4),
        (vec!["add", "x", "--set", "estimate=HUGE"], 2),
    ] {
        let mut all = vec!["--json", "plan"];
        all.extend(args);
        let error = repo.pm(&all).exits(code).error();
        assert!(
            !error["message"].as_str().unwrap().is_empty(),
            "{all:?}: {error}"
        );
        assert_eq!(tip(&repo), before, "{all:?} wrote something");
    }
    repo.pm(&["plan", "show", "P-9"]).exits(4);
    let (_scene, empty) = set_up();
    let error = empty.pm(&["--json", "plan", "show"]).exits(4).error();
    assert!(
        error["hints"].to_string().contains("git pm plan new"),
        "{error}"
    );
}

/// PL-19, DP-06: a cycle is refused where it would be closed, with the way round.
#[test]
fn pl_19_an_edge_that_would_close_a_cycle_is_refused_with_its_path() {
    let (_scene, repo, plan) = login();
    let n = |title: &str| number(&plan, title);
    let (keys, log_in, revoke) = (
        n("Store public keys"),
        n("Log in with a key"),
        n("Revoke a key"),
    );
    repo.pm(&["plan", "dep", &revoke, &log_in]).ok();
    let before = tip(&repo);
    let error = repo
        .pm(&["--json", "plan", "dep", &keys, &revoke])
        .exits(1)
        .error();
    let path = format!("{revoke} → {log_in} → {keys}");
    assert!(text(&error, "message").contains(&path), "{error}");
    // Nor by a merge of the two ends.
    let args = ["--json", "plan", "merge", &keys, &revoke];
    let error = repo.pm(&args).exits(1).error();
    assert!(text(&error, "message").contains("cycle"), "{error}");
    assert_eq!(tip(&repo), before, "a cycle was written");
    // A soft edge holds nobody up, so it closes none.
    repo.pm(&["plan", "dep", &keys, &revoke, "--soft"]).ok();
    repo.pm(&["plan", "check"]).ok();
}

/// PL-20: who waits for a task is named before it goes; by force they wait no more.
#[test]
fn pl_20_a_task_that_others_wait_for_goes_by_force_only_and_they_are_named() {
    let (_scene, repo, plan) = login();
    let n = |title: &str| number(&plan, title);
    let keys = n("Store public keys");
    repo.pm(&["plan", "dep", &n("Revoke a key"), &keys]).ok();
    let before = tip(&repo);
    let error = repo.pm(&["--json", "plan", "rm", &keys]).exits(1).error();
    let message = text(&error, "message");
    for title in ["Log in with a key", "Revoke a key"] {
        assert!(message.contains(title), "{title} is not named: {error}");
        assert!(message.contains(&n(title)), "{error}");
    }
    assert!(error["hints"].to_string().contains("--force"), "{error}");
    assert_eq!(tip(&repo), before);
    let plan = repo.data(&["plan", "rm", &keys, "--force"]);
    assert!(!titles(&plan).contains(&"Store public keys"));
    let gone = "Test: Store public keys";
    assert!(
        list(&plan, "tasks").iter().all(|t| t["title"] != gone),
        "its tests stayed"
    );
    let known: BTreeSet<&str> = list(&plan, "tasks")
        .iter()
        .map(|t| text(t, "key"))
        .collect();
    for edge in list(&plan, "edges") {
        assert!(
            known.contains(text(edge, "task")),
            "{edge} comes from nowhere"
        );
        assert!(known.contains(text(edge, "on")), "{edge} leads nowhere");
    }
    for title in ["Log in with a key", "Revoke a key"] {
        let waits = texts(task(&plan, title), "depends_on");
        assert!(
            waits.iter().all(|key| known.contains(key)),
            "{title} waits for nothing"
        );
    }
    // It stays out, and the requirement that nobody covers now is named.
    let plan = repo.data(&["plan", "regenerate"]);
    assert!(!titles(&plan).contains(&"Store public keys"));
    let said = repo.pm(&["plan", "check"]).ok().out;
    assert!(said.contains("FR-1"), "{said}");
}

/// PL-21: a threshold that looks like a slip asks first; a script has to say that it is meant.
#[test]
fn pl_21_an_absurd_threshold_asks_whether_it_is_meant() {
    let (_scene, repo, _plan) = login();
    repo.pm(&["config", "pm.planMaxTasks", "500"]).ok();
    let before = tip(&repo);
    let error = repo.pm(&["--json", "plan", "approve"]).exits(1).error();
    assert!(text(&error, "message").contains("Are you sure"), "{error}");
    assert!(error["hints"].to_string().contains("--yes"), "{error}");
    // That is another question than whether the plan is large.
    repo.pm(&["plan", "approve", "--confirm-large"]).exits(1);
    assert_eq!(tip(&repo), before);
    repo.pm(&["plan", "approve", "--yes"]).ok();
    assert_eq!(repo.data(&["plan", "show"])["status"], "approved");
}

/// PL-22, PL-24: more tasks than a document is good for are said, and approved on purpose only.
#[test]
fn pl_22_a_plan_over_its_threshold_warns_and_is_approved_on_purpose_only() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "many.md", &many());
    assert_eq!(own(&plan).len(), 18);
    assert_eq!(plan["threshold"], 10);
    let warned = list(&plan, "checks")
        .iter()
        .find(|c| c["rule"] == "too-many-tasks");
    assert!(
        warned.is_some_and(|c| c["severity"] == "warning"),
        "{}",
        plan["checks"]
    );
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains("18 tasks are many"), "{shown}");
    let before = tip(&repo);
    let error = repo.pm(&["--json", "plan", "approve"]).exits(1).error();
    let said = error.to_string();
    assert!(
        said.contains("18") && said.contains("--confirm-large"),
        "{error}"
    );
    assert_eq!(tip(&repo), before);
    // The threshold is a setting.
    repo.pm(&["config", "pm.planMinTasks", "20"]).ok();
    let plan = repo.data(&["plan", "regenerate"]);
    assert_eq!(plan["threshold"], 20);
    repo.pm(&["config", "pm.planMinTasks", "--unset"]).ok();
    repo.pm(&["plan", "regenerate"]).ok();
    let made = repo.data(&["plan", "approve", "--confirm-large"]);
    assert_eq!(texts(&made, "created").len(), list(&made, "tasks").len());
}

/// PL-23: the warning names tasks that may be one, and one verb makes one of them.
#[test]
fn pl_23_a_large_plan_names_tasks_to_merge_and_merging_takes_it_down() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "many.md", &many());
    let suggestion = &list(&plan, "suggestions")[0];
    assert!(!text(suggestion, "reason").is_empty());
    let numbers: Vec<String> = list(suggestion, "tasks")
        .iter()
        .map(Value::to_string)
        .collect();
    assert!(numbers.len() > 1, "{suggestion}");
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains(&numbers.join(" + ")), "{shown}");
    let mut args = vec!["plan", "merge"];
    args.extend(numbers.iter().map(String::as_str));
    let merged = repo.data(&args);
    assert_eq!(own(&merged).len(), 18 - (numbers.len() - 1));
    assert_ne!(
        &merged["suggestions"][0], suggestion,
        "the suggestion stays"
    );
}

/// SE-05, DESIGN 5: planned paths that agents must not commit are named; an agent cannot plan them.
#[test]
fn se_05_protected_paths_in_a_plan_need_a_human() {
    let (_scene, repo) = set_up();
    let text = LOGIN.replace("`docs/guide.md` shows", "`.github/workflows/ci.yml` shows");
    repo.write(".github/workflows/ci.yml", "on: push\n");
    repo.commit_all("Add a workflow");
    let plan = planned(&repo, "login.md", &text);
    let guide = task(&plan, "Write the guide");
    assert_eq!(texts(guide, "paths"), [".github/workflows/ci.yml"]);
    let found = list(&plan, "checks")
        .iter()
        .find(|c| c["rule"] == "protected-path");
    let found = found.unwrap_or_else(|| panic!("nobody is warned: {}", plan["checks"]));
    assert_eq!(found["task"], guide["number"]);
    assert!(
        found.to_string().contains(".github/workflows/ci.yml"),
        "{found}"
    );
    // A human may plan it; an agent is sent to one.
    let keys = number(&plan, "Store public keys");
    repo.pm(&["plan", "set", &keys, "paths=infra/main.tf"]).ok();
    let agent = repo.with("CLAUDECODE", "1").by("robot");
    let before = tip(&repo);
    let args = ["--json", "plan", "set", &keys, "paths=secrets/key.pem"];
    let error = agent.pm(&args).exits(1).error();
    assert!(error.to_string().contains("human"), "{error}");
    let args = [
        "--json",
        "plan",
        "add",
        "Deploy",
        "--set",
        "paths=infra/x.tf",
    ];
    agent.pm(&args).exits(1);
    assert_eq!(tip(&repo), before);
}

/// DESIGN 7: no agent approves a plan, nor decides that one stands, under any name.
#[test]
fn design_7_no_agent_approves_or_keeps_a_plan() {
    let (_scene, repo, _plan) = login();
    repo.git(&["config", "pm.agent", "robot"]).ok();
    let before = tip(&repo);
    let agents = [
        repo.with("CLAUDECODE", "1"),
        repo.with("CODEX_SANDBOX", "seatbelt").by("Ana"),
        repo.with("AGENT_NAME", "x"),
        repo.by("robot"),
    ];
    for agent in &agents {
        for args in [
            &["plan", "approve"][..],
            &["plan", "approve", "P-1", "--yes", "--confirm-large"],
            &["plan", "keep"],
        ] {
            let mut all = vec!["--json"];
            all.extend(args);
            let error = agent.pm(&all).exits(1).error();
            assert!(
                text(&error, "message").contains("human"),
                "{args:?}: {error}"
            );
        }
    }
    agents[0].pm(&["--as", "Ana", "plan", "approve"]).exits(1);
    assert_eq!(tip(&repo), before, "an agent decided");
    // An agent may draw and edit, which a human approves then.
    let agent = &agents[0];
    agent.pm(&["plan", "set", "1", "estimate=L"]).ok();
    repo.pm(&["plan", "approve"]).ok();
}

/// DESIGN 7: without a terminal an approval is advisory, says so, and a strict clone refuses it.
#[test]
fn design_7_an_approval_without_a_terminal_is_advisory() {
    let (_scene, repo, _plan) = login();
    repo.pm(&["config", "pm.approval", "strict"]).ok();
    let before = tip(&repo);
    let error = repo.pm(&["--json", "plan", "approve"]).exits(1).error();
    assert!(error.to_string().contains("terminal"), "{error}");
    assert_eq!(tip(&repo), before);
    repo.pm(&["config", "pm.approval", "--unset"]).ok();
    let at = repo.when("2026-11-20T12:00:00Z").by("Ben");
    let made = at.data(&["plan", "approve"]);
    assert_eq!(made["approval"], "advisory");
    assert_eq!(made["approved_by"], "Ben");
    assert_eq!(made["approved_at"], "2026-11-20T12:00:00Z");
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains("approved by Ben (advisory)"), "{shown}");
}

/// PL-40, ME-04: what people changed before and after the approval is counted, a verb at a time.
#[test]
fn pl_40_edits_are_counted_by_what_people_did() {
    let (_scene, repo, plan) = login();
    assert_eq!(plan["edits"], 0, "drawing is no edit");
    let keys = number(&plan, "Store public keys");
    let plan = repo.data(&["plan", "set", &keys, "estimate=L"]);
    assert_eq!(plan["edits"], 1, "one field is one edit");
    let plan = repo.data(&["plan", "order", &number(&plan, "Revoke a key"), &keys]);
    assert_eq!(plan["edits"], 2, "a new order is one edit");
    repo.pm(&["plan", "approve"]).ok();
    let stats = repo.data(&["stats", "plan"]);
    assert_eq!(stats["approved"], 1);
    assert_eq!(stats["edits"].as_f64(), Some(2.0), "{stats}");
    assert_eq!(stats["edits_after"], 0);
    assert_eq!(
        stats["accepted"].as_f64(),
        Some(1.0),
        "two edits are few: {stats}"
    );
    // What came of a task is the task's own; the plan goes on with others.
    repo.pm(&["plan", "set", &keys, "risk=high"]).exits(1);
    let before = "before 1 task was added";
    assert!(!repo.pm(&["plan", "show"]).ok().out.contains(before));
    repo.by("Ben").pm(&["plan", "add", "One more"]).ok();
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains(before), "{shown}");
    let stats = repo.data(&["stats", "plan"]);
    assert_eq!(stats["edits_after"], 1, "{stats}");
    assert_eq!(stats["edits"].as_f64(), Some(2.0), "{stats}");
    let log = repo.pm(&["log", "--op", "plan"]).ok().out;
    let last = log.lines().next().unwrap();
    assert!(last.contains("Ben") && last.contains("One more"), "{log}");
}

/// ME-01, ME-06, PL-43: how long planning took, and from the approval to the first start.
#[test]
fn me_01_the_time_from_plan_to_approval_and_first_start_is_measured() {
    let (_scene, repo) = set_up();
    let at = |time: &str| repo.when(&format!("2026-11-20T{time}:00Z"));
    planned(&at("10:00"), "login.md", LOGIN);
    let made = at("10:20").data(&["plan", "approve"]);
    let first = text(task(&made, "Store public keys"), "item");
    at("10:23").pm(&["start", first, "--no-worktree"]).ok();
    let stats = at("10:30").data(&["stats", "plan"]);
    assert_eq!(stats["planning_seconds"].as_f64(), Some(1200.0), "{stats}");
    assert_eq!(
        stats["first_start_seconds"].as_f64(),
        Some(180.0),
        "{stats}"
    );
}

/// PL-39: the plan's epic and tasks are in the export, with their edges.
#[test]
fn pl_39_the_beads_export_has_the_epic_its_tasks_and_their_edges() {
    let (_scene, repo, _plan) = login();
    let made = repo.data(&["plan", "approve"]);
    let epic = text(&made, "epic");
    let out = repo.pm(&["export", "beads"]).ok().out;
    let records: Vec<Value> = out
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let record = |id: &str| {
        let found = records.iter().find(|r| r["id"] == id);
        found.unwrap_or_else(|| panic!("{id} is not exported: {out}"))
    };
    assert_eq!(record(epic)["issue_type"], "epic");
    for planned in list(&made, "tasks") {
        let record = record(text(planned, "item"));
        assert_eq!(record["title"], planned["title"]);
        let deps = list(record, "dependencies");
        let to = |id: &str, kind: &str| {
            deps.iter()
                .any(|d| d["depends_on_id"] == id && d["type"] == kind)
        };
        assert!(to(epic, "parent-child"), "{record} is no part of {epic}");
        for key in texts(planned, "depends_on") {
            let on = list(&made, "tasks")
                .iter()
                .find(|t| t["key"] == key)
                .unwrap();
            assert!(to(text(on, "item"), "blocks"), "{record} lost an edge");
        }
        for criterion in criteria(planned) {
            assert!(
                text(record, "acceptance_criteria").contains(criterion),
                "{record}"
            );
        }
    }
}

/// PL-11, PL-12: from a line of the document to the commit, and back.
#[test]
fn pl_12_trace_walks_from_a_line_of_the_document_to_the_commit_and_back() {
    let (_scene, repo, _plan) = login();
    repo.commit_all("Specify");
    let made = repo.data(&["plan", "approve"]);
    let keys = text(task(&made, "Store public keys"), "item");
    repo.pm(&["start", keys]).ok();
    let tree = repo.worktree(keys);
    tree.write("src/auth.rs", "pub fn store() {}\n");
    tree.commit_all("Store keys");
    let commit = tree.git(&["rev-parse", "HEAD"]).text();
    let line = 1 + LOGIN.lines().position(|l| l.contains("malformed")).unwrap();
    for start in [
        keys,
        "FR-1",
        &format!("login.md:{line}"),
        &commit,
        "P-0001",
        "E-0001",
    ] {
        let chain = repo.data(&["trace", start]);
        assert_eq!(chain["prd"]["id"], "P-0001", "from {start}");
        assert_eq!(chain["epic"]["id"], "E-0001", "from {start}");
        let found = list(&chain, "tasks").iter().find(|t| t["id"] == keys);
        let found = found.unwrap_or_else(|| panic!("{start} leads to no {keys}: {chain}"));
        assert_eq!(found["source"]["requirement"], "FR-1");
        assert!(
            found["commits"].to_string().contains(&commit[..7]),
            "from {start}: {found}"
        );
        for criterion in list(found, "acceptance") {
            let source = &criterion["source"];
            assert_eq!(source["file"], "login.md");
            assert_eq!(source["requirement"], "FR-1");
            let at = usize::try_from(source["lines"]["start"].as_u64().unwrap()).unwrap();
            let line = LOGIN.lines().nth(at - 1).unwrap();
            assert!(line.contains(text(criterion, "text")), "{criterion}");
        }
    }
    // Only what belongs to it.
    let chain = repo.data(&["trace", keys]);
    assert_eq!(ids(&chain["tasks"]), [keys]);
    let line = 1 + LOGIN.lines().position(|l| l.contains("by mail")).unwrap();
    let chain = repo.data(&["trace", &format!("login.md:{line}")]);
    let wanted = text(task(&made, "Revoke a key"), "item");
    assert!(ids(&chain["tasks"]).contains(&wanted) && !ids(&chain["tasks"]).contains(&keys));
    for nothing in ["T-99", "FR-77", "nothing.md:1"] {
        repo.pm(&["trace", nothing]).exits(4);
    }
}

/// PL-17: milestones with their criteria, in their order, with how far they are.
#[test]
fn pl_17_milestone_list_shows_each_milestone_with_its_acceptance() {
    let (_scene, repo) = set_up();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/plan");
    let document = std::fs::read_to_string(folder.join("02-kiln-controller.md")).unwrap();
    planned(&repo, "kiln.md", &document);
    repo.pm(&["plan", "approve"]).ok();
    let all = repo.data(&["milestone", "list"]);
    let all = list(&all, "items");
    assert_eq!(all.len(), 4);
    for (n, milestone) in all.iter().enumerate() {
        assert!(
            text(milestone, "title").starts_with(&format!("M{n}")),
            "{milestone}"
        );
        assert!(!list(milestone, "tasks").is_empty(), "{milestone}");
        let wanted = format!("- (M{n}) ");
        for line in document
            .lines()
            .filter_map(|line| line.strip_prefix(&wanted))
        {
            let said = milestone["acceptance"].to_string();
            assert!(said.contains(line), "M{n} lost \"{line}\": {said}");
        }
    }
    assert_eq!(texts(&all[1], "after"), [text(&all[0], "id")]);
    let shown = repo.pm(&["milestone", "list"]).ok().out;
    assert!(
        shown.contains("The relay never switches more often than once in 10 s"),
        "{shown}"
    );
}

/// PL-37: the points of a sprint are summed, and more than fits is said.
#[test]
fn pl_37_sprint_plan_sums_points_and_warns_over_capacity() {
    let (_scene, repo) = set_up();
    let document = "# Bus\n\n## Sprint 1 (Weeks 1-2): Foundation\n\n**Capacity**: 21 points\n\n\
        | Story | Points |\n|-------|--------|\n\
        | Set up environments for the position service | 5 |\n\
        | Receive tracker positions by push | 8 |\n\
        | Import timetable and stops | 5 |\n\
        | Draw the map of all buses | 3 |\n\n\
        ## Sprint 2 (Weeks 3-4): Trust\n\n\
        - **Match positions to trips** (8 points): which bus drives which trip\n\
        - **Watch for silent trackers** (3 points): silent for 90 seconds is marked\n";
    let plan = planned(&repo, "bus.md", document);
    let points: Vec<Option<u64>> = own(&plan).iter().map(|t| t["points"].as_u64()).collect();
    assert_eq!(
        points,
        [Some(5), Some(8), Some(5), Some(3), Some(8), Some(3)],
        "points of the document: {:?}",
        titles(&plan)
    );
    let made = repo.data(&["plan", "approve"]);
    let all: Vec<&str> = own(&made).iter().map(|t| text(t, "item")).collect();
    let mut args = vec!["sprint", "plan"];
    args.extend(&all[..4]);
    let sprint = repo.data(&args);
    assert_eq!(
        (&sprint["points"], &sprint["capacity"]),
        (&21.into(), &21.into())
    );
    assert_eq!(sprint["over"], false);
    args.push(all[4]);
    let sprint = repo.data(&args);
    assert_eq!(
        (&sprint["points"], &sprint["over"]),
        (&29.into(), &true.into())
    );
    let ran = repo.pm(&args).ok();
    assert!((ran.out + &ran.err).contains("8 more than fits"));
}

/// PL-36: what a task lacks to be ready is named; a planned one lacks nothing.
#[test]
fn pl_36_ready_dor_names_what_tasks_lack() {
    let (_scene, repo, _plan) = login();
    repo.pm(&["plan", "approve"]).ok();
    let lacking = repo.data(&["ready", "--dor"]);
    assert!(
        list(&lacking, "items").is_empty(),
        "a planned task lacks something: {lacking}"
    );
    let bare = repo.task("Something or other", &[]);
    let lacking = repo.data(&["ready", "--dor"]);
    assert_eq!(ids(&lacking["items"]), [bare.as_str()]);
    let missing = texts(&lacking["items"][0], "missing");
    assert!(
        missing.contains(&"acceptance") && missing.contains(&"estimate"),
        "{missing:?}"
    );
    let shown = repo.pm(&["ready", "--dor"]).ok().out;
    assert!(
        shown.contains(&bare) && shown.contains("acceptance"),
        "{shown}"
    );
}

/// PL-33: the PRD, and the epic with its plan, as Markdown with front matter.
#[test]
fn pl_33_export_md_writes_the_prd_and_the_epic() {
    let (_scene, repo, _plan) = login();
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["export", "md", "out"]).ok();
    let mut files = Vec::new();
    let mut folders = vec![repo.path.join("out")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            match entry.path().is_dir() {
                true => folders.push(entry.path()),
                false => files.push(std::fs::read_to_string(entry.path()).unwrap()),
            }
        }
    }
    let with = |parts: &[&str]| {
        let mut all = files.iter().filter(|f| f.starts_with("---\n"));
        all.any(|file| parts.iter().all(|part| file.contains(part)))
    };
    assert!(
        with(&["## Vision", "### FR-1: Store public keys"]),
        "no PRD"
    );
    assert!(
        with(&["Passwords", "Store public keys", "Revoke a key"]),
        "no epic with its tasks"
    );
    assert!(
        with(&["A malformed key is refused with exit code 2"]),
        "no criteria"
    );
}

/// PL-32, CM-01: without a terminal a new PRD is a template with the sections that every one has.
#[test]
fn pl_32_prd_new_without_a_terminal_is_a_template() {
    let (_scene, repo) = set_up();
    for (n, args) in [
        &["prd", "new", "Log in with a key"][..],
        &["prd", "new", "Log in with a key", "--template"],
        &["prd", "new", "Log in with a key", "--no-llm"],
    ]
    .into_iter()
    .enumerate()
    {
        let made = repo.data(args);
        assert_eq!(made["id"], format!("P-000{}", n + 1));
        let body = text(&made, "body").to_lowercase();
        assert!(body.starts_with("---\n"), "no front matter: {body}");
        for section in [
            "vision",
            "user stories",
            "success criteria",
            "constraints",
            "assumptions",
            "risks",
        ] {
            assert!(
                body.contains(&format!("## {section}")),
                "no {section}: {body}"
            );
        }
    }
    repo.pm(&["prd", "new", ""]).exits(2);
}

/// PL-16: a first task where nothing is queued, of a document or for continuous integration.
#[test]
fn pl_16_a_seed_is_made_only_where_nothing_is_queued() {
    let (_scene, repo) = set_up();
    let seeded = repo.data(&["plan", "seed"]);
    assert_eq!(seeded["task"]["id"], "T-0001");
    assert!(
        text(&seeded["task"], "title")
            .to_lowercase()
            .contains("integration")
    );
    assert!(!list(&seeded["task"], "acceptance").is_empty());
    let before = tip(&repo);
    assert!(repo.data(&["plan", "seed"])["task"].is_null());
    assert_eq!(tip(&repo), before);
    let (_scene, repo) = set_up();
    repo.write("login.md", LOGIN);
    let seeded = repo.data(&["plan", "seed", "login.md"]);
    assert_eq!(seeded["task"]["title"], "Store public keys");
    // The whole plan later makes the rest, and not this one again.
    repo.pm(&["plan", "new", "login.md"]).ok();
    repo.pm(&["plan", "approve"]).ok();
    let tasks = repo.data(&["task", "list", "--all"]);
    let same = list(&tasks, "items")
        .iter()
        .filter(|t| t["title"] == "Store public keys");
    assert_eq!(same.count(), 1, "the seed was planned once more: {tasks}");
}

/// CM-02: `git pm plan FILE` draws the plan where FILE is no verb.
#[test]
fn cm_02_plan_with_a_file_is_short_for_plan_new() {
    let (_scene, repo) = set_up();
    repo.write("login.md", LOGIN);
    let short = repo.data(&["plan", "login.md"]);
    let before = tip(&repo);
    assert_eq!(repo.data(&["plan", "new", "login.md"]), short);
    assert_eq!(tip(&repo), before);
    assert_eq!(repo.data(&["plan", "P-0001"]), short);
    // A verb stays a verb, also where a file of that name lies.
    repo.write("show", LOGIN);
    assert_eq!(repo.data(&["plan", "show"])["prd"], "P-0001");
    assert_eq!(
        repo.data(&["plan", "./show"])["prd"],
        "P-0001",
        "the same text is the same PRD"
    );
    let before = tip(&repo);
    let ran = repo.pm(&["plan", "shwo"]);
    assert!([2, 4].contains(&ran.code), "{ran:?}");
    assert_eq!(tip(&repo), before);
}

/// Each verb's help says what that verb does.
#[test]
fn the_help_of_each_plan_verb_is_its_own() {
    let (_scene, repo) = set_up();
    let help = repo.pm(&["plan", "-h"]).ok().out;
    let mut said: Vec<(&str, &str)> = Vec::new();
    for line in help
        .lines()
        .filter(|l| l.starts_with("  ") && !l.starts_with("   "))
    {
        let Some((verb, what)) = line.trim().split_once("  ") else {
            continue;
        };
        let what = what.trim();
        let other = said.iter().find(|(_, known)| *known == what);
        assert!(other.is_none(), "`{verb}` says what `{other:?}` says");
        said.push((verb, what));
    }
    assert!(said.len() > 10, "{help}");
}

/// Must show 4: the whole journey as a script, every step with `--json`.
#[test]
fn a_script_goes_from_a_document_to_the_first_started_task() {
    let (_scene, repo) = set_up();
    repo.write("docs/login.md", LOGIN);
    let prd = repo.data(&["prd", "add", "docs/login.md"]);
    let id = text(&prd, "id");
    let scope = repo.data(&["scope", id]);
    for key in ["recommendation", "confidence", "drivers"] {
        assert!(!scope[key].is_null(), "scope has no `{key}`");
    }
    let plan = repo.data(&["plan", "new", id]);
    for task in list(&plan, "tasks") {
        for key in [
            "title",
            "acceptance",
            "depends_on",
            "estimate",
            "risk",
            "validation",
            "stream",
            "paths",
            "source",
        ] {
            assert!(!task[key].is_null(), "a task has no `{key}`: {task}");
        }
    }
    let page = number(&plan, "Draw the page");
    let sharp = "acceptance=The page is drawn within 200 ms on a phone 360 pixels wide";
    repo.data(&["plan", "set", &page, sharp]);
    repo.data(&[
        "plan",
        "add",
        "Tell the operators",
        "--accept",
        "They got a mail",
        "--set",
        "type=docs",
        "--set",
        "description=A week before.",
        "--set",
        "validation=none",
        "--waits-for",
        &page,
    ]);
    repo.data(&[
        "plan",
        "dep",
        &number(&plan, "Write the guide"),
        &page,
        "--soft",
    ]);
    let checks = repo.pm(&["--json", "plan", "check", id]).ok().data();
    assert!(!checks.to_string().contains("\"error\""), "{checks}");
    let made = repo.data(&["plan", "approve", id]);
    let ready = repo.data(&["ready"]);
    let ready = ids(&ready["items"]);
    let keys = text(task(&made, "Store public keys"), "item");
    assert!(ready.contains(&keys), "{ready:?}");
    let first = repo.data(&["next"]);
    assert!(ready.contains(&text(&first, "id")), "{first}");
    let started = repo.data(&["start", keys]);
    assert_eq!(started["status"], "in_progress");
    assert_eq!(started["owner"], "Ana");
    // Its planned path is reserved by the start.
    let reserved = repo.data(&["reserve", "list"]).to_string();
    assert!(reserved.contains("src/auth.rs"), "{reserved}");
    let tree = repo.worktree(keys);
    assert!(tree.path.join("src/auth.rs").is_file());
    // Nothing of it touched the user's files or branch.
    assert_eq!(repo.git(&["status", "--short"]).text(), "?? docs/login.md");
}

/// git pm at a terminal of its own, with what somebody types.
#[cfg(unix)]
fn at_terminal(repo: &Repo, args: &[&str], typed: &str) -> Ran {
    let quoted: Vec<String> = std::iter::once(crate::support::binary())
        .chain(args.iter().copied())
        .map(|word| format!("'{}'", word.replace('\'', r"'\''")))
        .collect();
    let command = quoted.join(" ");
    // util-linux has `script`; elsewhere Python opens the terminal.
    let probe = repo.command("script").arg("--version").output();
    if probe.is_ok_and(|ran| String::from_utf8_lossy(&ran.stdout).contains("util-linux")) {
        return repo.feed("script", &["-qec", &command, "/dev/null"], typed);
    }
    let python = "import os, pty, sys\n\
                  status = pty.spawn(['/bin/sh', '-c', sys.argv[1]])\n\
                  sys.exit(os.WEXITSTATUS(status))";
    repo.feed("python3", &["-c", python, &command], typed)
}

/// What a person answers to `prd new`, an empty line after each answer.
#[cfg(unix)]
const ANSWERS: &str = "\
People log in once, without a password.

As a user I want to log in with a key so that I need no password

Store public keys
Log in with a key
Revoke a key

9 of 10 people log in at the first try

Keys stay on our own machines

Every user has a mail address

Keys get lost

";

/// PL-32, CM-01: the interview at a terminal asks for each section, and writes what was said.
#[cfg(unix)]
#[test]
fn pl_32_prd_new_at_a_terminal_asks_and_writes_down_what_was_said() {
    let (_scene, repo) = set_up();
    let ran = at_terminal(&repo, &["prd", "new", "Log in with a key"], ANSWERS).ok();
    assert!(ran.out.contains("P-0001"), "{}", ran.out);
    let prd = repo.data(&["prd", "show", "P-1"]);
    let said = |name: &str| -> Vec<String> {
        let of = |v: &Value| {
            v["text"]
                .as_str()
                .or(v["statement"]["text"].as_str())
                .map(String::from)
        };
        list(&prd, name)
            .iter()
            .map(|v| of(v).unwrap_or_else(|| v.to_string()))
            .collect()
    };
    assert_eq!(
        said("requirements").len(),
        3,
        "three lines are three requirements: {:?}",
        said("requirements")
    );
    assert_eq!(said("stories").len(), 1);
    assert_eq!(said("constraints"), ["Keys stay on our own machines"]);
    assert_eq!(said("assumptions"), ["Every user has a mail address"]);
    assert_eq!(said("risks"), ["Keys get lost"]);
    let body = text(&prd, "body");
    assert!(
        body.contains("People log in once, without a password."),
        "{body}"
    );
    assert!(
        body.contains("9 of 10 people log in at the first try"),
        "{body}"
    );
}

/// DESIGN 7, PL-21: at a terminal an approval counts as one, strictly too, and absurd settings ask.
#[cfg(unix)]
#[test]
fn design_7_an_approval_at_a_terminal_counts_and_questions_are_asked_there() {
    let (_scene, repo, _plan) = login();
    repo.pm(&["config", "pm.approval", "strict"]).ok();
    repo.pm(&["config", "pm.planMaxTasks", "500"]).ok();
    let no = at_terminal(&repo, &["plan", "approve"], "n\n").exits(1);
    assert!(no.out.contains("Are you sure?"), "{}", no.out);
    assert_eq!(repo.data(&["plan", "show"])["status"], "draft");
    at_terminal(&repo, &["plan", "approve"], "y\n").ok();
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(plan["status"], "approved");
    assert_eq!(plan["approval"], "terminal");
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(
        shown.contains("approved by Ana") && !shown.contains("advisory"),
        "{shown}"
    );
}

/// PL-22: at a terminal a large plan asks, and anything but yes means no.
#[cfg(unix)]
#[test]
fn pl_22_at_a_terminal_a_large_plan_asks() {
    let (_scene, repo) = set_up();
    planned(&repo, "many.md", &many());
    let no = at_terminal(&repo, &["plan", "approve"], "\n").exits(1);
    assert!(no.out.contains("18 tasks"), "{}", no.out);
    at_terminal(&repo, &["plan", "approve"], "yes\n").ok();
    assert_eq!(repo.data(&["plan", "show"])["approval"], "terminal");
}

/// An editor that changes what it is given.
fn editing(scene: &crate::support::Scene, repo: &Repo, name: &str, script: &str) -> Repo {
    let editor = scene.dir.path().join(name);
    script_file(&editor, script);
    repo.with("GIT_EDITOR", editor.to_str().unwrap())
}

/// PL-18: the whole plan as one text; what is saved is what the plan says. Needs `plan edit`.
#[test]
fn pl_18_plan_edit_changes_the_plan_as_one_text() {
    let (scene, repo, _plan) = login();
    let before = tip(&repo);
    // Whoever changes nothing, or closes the editor with an error, changes nothing.
    editing(&scene, &repo, "looks", "exit 0")
        .pm(&["plan", "edit"])
        .exits(1);
    editing(&scene, &repo, "fails", "exit 1")
        .pm(&["plan", "edit"])
        .exits(1);
    editing(&scene, &repo, "empties", ": >\"$1\"")
        .pm(&["plan", "edit"])
        .exits(1);
    assert_eq!(tip(&repo), before);
    let rewrites = "sed -i 's/Store public keys/Keep public keys/; \
                    s/The owner is told by mail/The owner is told within a minute/' \"$1\"";
    let plan = editing(&scene, &repo, "rewrites", rewrites).data(&["plan", "edit"]);
    assert!(
        titles(&plan).contains(&"Keep public keys"),
        "{:?}",
        titles(&plan)
    );
    let revoke = criteria(task(&plan, "Revoke a key"));
    assert!(
        revoke.contains(&"The owner is told within a minute"),
        "{revoke:?}"
    );
    assert!(!revoke.contains(&"The owner is told by mail"), "{revoke:?}");
    // Only that: the rest of the plan is as it was.
    assert_eq!(titles(&plan).len(), 5);
    let by_hand: Vec<&str> = own(&plan)
        .into_iter()
        .filter(|task| !list(task, "by_hand").is_empty())
        .map(|task| text(task, "title"))
        .collect();
    let written = ["Keep public keys", "Revoke a key"];
    assert!(
        by_hand.iter().all(|title| written.contains(title)),
        "more was touched than somebody wrote: {by_hand:?}"
    );
}

/// PL-18: a mistake in the text is named with its line, and what somebody wrote is kept. Needs
/// `plan edit`.
#[test]
fn pl_18_a_mistake_in_plan_edit_loses_nothing() {
    let (scene, repo, _plan) = login();
    let before = tip(&repo);
    let mistake = "sed -i 's/Store public keys/Keep public keys/; s/test-after/sometimes/' \"$1\"";
    let error = editing(&scene, &repo, "mistakes", mistake)
        .pm(&["--json", "plan", "edit"])
        .exits(2)
        .error();
    let hints = error["hints"].to_string();
    assert!(
        hints.contains("line ") && hints.contains("sometimes"),
        "{error}"
    );
    assert_eq!(tip(&repo), before, "half of it was taken");
    let kept = repo.read(".git/pm/plan-edit.md");
    assert!(kept.contains("Keep public keys"), "{kept}");
    assert!(
        hints.contains("plan-edit.md"),
        "nobody is told where it is: {error}"
    );
}

/// Must show 4: the whole journey of a person at a terminal. Needs `plan edit`.
#[cfg(unix)]
#[test]
fn a_person_goes_from_an_idea_to_the_first_started_task_at_a_terminal() {
    let (scene, repo) = set_up();
    at_terminal(&repo, &["prd", "new", "Log in with a key"], ANSWERS).ok();
    let shown = at_terminal(&repo, &["scope", "P-1"], "").ok().out;
    assert!(shown.contains("-agent"), "{shown}");
    let shown = at_terminal(&repo, &["plan", "new", "P-1"], "").ok().out;
    for title in ["Store public keys", "Log in with a key", "Revoke a key"] {
        assert!(shown.contains(title), "{shown}");
    }
    // The first save has a mistake: the editor opens again, with the reason and all that was
    // written. The second save puts it right.
    let marker = scene.dir.path().join("twice");
    let script = format!(
        "if [ -e '{0}' ]; then grep -q sometimes \"$1\" && cp \"$1\" '{0}' && \
         sed -i 's/sometimes/test-first/' \"$1\"; else : >'{0}'; \
         sed -i 's/Store public keys/Keep public keys/; s/test-after/sometimes/' \"$1\"; fi",
        marker.display()
    );
    let editor = editing(&scene, &repo, "editor", &script);
    let ran = at_terminal(&editor, &["plan", "edit"], "").ok();
    assert!(ran.out.contains("Keep public keys"), "{}", ran.out);
    let again = std::fs::read_to_string(&marker).unwrap();
    assert!(
        again.contains("Keep public keys"),
        "the second time the text was lost: {again}"
    );
    let plan = repo.data(&["plan", "show"]);
    assert!(
        list(&plan, "tasks")
            .iter()
            .any(|t| t["validation"] == "test-first"),
        "{plan}"
    );
    at_terminal(&repo, &["plan", "approve"], "").ok();
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(plan["approval"], "terminal");
    let first = repo.data(&["next"]);
    let id = text(&first, "id");
    let started = at_terminal(&repo, &["start", id], "").ok();
    assert!(started.out.contains(id), "{}", started.out);
    assert_eq!(repo.data(&["show", id])["status"], "in_progress");
}
