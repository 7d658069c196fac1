//! PL-15: what a document asks for in the lines of a finished task that a person wrote is new work, as below a finished
//! box, and PL-29: a plan whose document changed waits for a decision, wherever it is shown.

use serde_json::{Value, json};

use super::{criteria, list, task, text, texts, titles};
use crate::serve::{Server, token};
use crate::support::{Repo, Scene, binary, set_up};

const SHOP: &str = "\
# Shop

## Stock

The cart holds stock for a while.

- Reservations expire after 15 minutes.
- Stock is never negative.

## Count

Stock must be counted daily.
";

const PLAN: &str = "\
### stock. Hold stock
lines: 5-8
validation: none
- L7
- L8
### count. Count stock
lines: 12
validation: none
- L12
";

/// The line that changes in most tests, and what it asks for then.
const MINUTES: &str = "Reservations expire after 15 minutes.";
const MORE: &str = "Reservations expire after 30 minutes.";

/// The approved plan that a person wrote of the shop.
fn written() -> (Scene, Repo) {
    let (scene, repo) = set_up();
    let setting = ["config", "--shared", "pm.planTests", "false"];
    repo.pm(&setting).ok();
    repo.write("d.md", SHOP);
    patch(&repo, &[], PLAN);
    repo.pm(&["plan", "approve"]).ok();
    (scene, repo)
}

/// The same with its first task done.
fn done() -> (Scene, Repo) {
    let (scene, repo) = written();
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    (scene, repo)
}

#[track_caller]
fn patch(repo: &Repo, more: &[&str], plan: &str) -> Value {
    let args = [&["--json", "plan", "write", "d.md", "-"], more].concat();
    repo.feed(binary(), &args, plan).ok().data()
}

/// Stores a new text of the document.
#[track_caller]
fn update(repo: &Repo, from: &str, to: &str) -> Value {
    let document = std::fs::read_to_string(repo.path.join("d.md")).unwrap();
    assert!(document.contains(from), "{document}");
    repo.write("d.md", &document.replace(from, to));
    repo.data(&["plan", "update", "d.md", "--write"])
}

fn new(update: &Value) -> Vec<&str> {
    let all = list(update, "new").iter();
    all.map(|task| text(task, "title")).collect()
}

/// The disposition of a line, and the numbers of its tasks.
#[track_caller]
fn account(repo: &Repo, line: u32) -> (String, Value) {
    let coverage = repo.data(&["plan", "show", "--coverage"]);
    let mut all = list(&coverage, "statements").iter();
    let one = all.find(|one| one["lines"]["start"] == line);
    let one = one.unwrap_or_else(|| panic!("no line {line}: {coverage}"));
    (text(one, "disposition").to_owned(), one["numbers"].clone())
}

/// The number of the new task for the changed line.
#[track_caller]
fn number(repo: &Repo) -> String {
    let plan = repo.data(&["plan", "show"]);
    let title = format!("Hold stock: {MORE}");
    task(&plan, &title)["number"].to_string()
}

#[test]
fn pl_15_a_changed_requirement_of_written_work_that_is_done_is_a_task_that_follows_it() {
    let (_scene, repo) = done();
    let found = update(&repo, MINUTES, MORE);
    let title = format!("Hold stock: {MORE}");
    assert_eq!(new(&found), [title.as_str()], "{found}");
    let line = &list(&found, "lines")[0];
    assert_eq!(texts(line, "new"), [title.as_str()], "{found}");
    assert_eq!(found["refused"], Value::Null, "{found}");
    let next: u32 = number(&repo).parse().unwrap();
    assert_eq!(account(&repo, 7).1, json!([next]));
    // What was not changed is done.
    assert_ne!(account(&repo, 8).1, json!([next]));
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created"), ["T-0003"], "{made}");
    let item = repo.data(&["show", "T-0003"]);
    assert_eq!(criteria(&item), [MORE]);
    assert!(item["depends_on"].to_string().contains("T-0001"), "{item}");
    let first = repo.data(&["show", "T-0001"]);
    assert_eq!(criteria(&first)[0], MINUTES, "{first}");
    // Once, however often it is drafted.
    let again = update(&repo, "## Count", "## Counting");
    assert!(new(&again).is_empty(), "{again}");
    repo.pm(&["plan", "regenerate"]).ok();
    let made = repo.data(&["plan", "approve"]);
    assert!(list(&made, "created").is_empty(), "{made}");
    assert_eq!(account(&repo, 7).1, json!([next]));
}

/// Signs, and lines that were added between those of a finished task, ask for more; other marks and articles do not.
#[test]
fn pl_15_what_asks_for_no_more_than_was_done_is_no_new_work() {
    let added = format!("{MINUTES}\n- Reservations can be renewed once.");
    for (to, said) in [
        (
            "Reservations expire after >15 minutes.",
            Some("Reservations expire after >15 minutes."),
        ),
        (added.as_str(), Some("Reservations can be renewed once.")),
        ("The reservations expire after 15 minutes", None),
    ] {
        let (_scene, repo) = done();
        let found = update(&repo, MINUTES, to);
        let title = said.map(|said| format!("Hold stock: {said}"));
        assert_eq!(new(&found), Vec::from_iter(title.as_deref()), "{found}");
        let made = repo.data(&["plan", "approve"]);
        let created = list(&made, "created").len();
        assert_eq!(created, usize::from(said.is_some()), "{to}: {made}");
    }
}

/// Nothing counts as done because a person accepted reworded lines, or removed the new task.
#[test]
fn pl_15_only_a_named_choice_lets_finished_work_meet_new_words() {
    let (_scene, repo) = done();
    update(&repo, MINUTES, MORE);
    let made = repo.data(&["plan", "approve", "--accept-reworded"]);
    assert_eq!(texts(&made, "created"), ["T-0003"], "{made}");

    let (_scene, repo) = done();
    update(&repo, MINUTES, MORE);
    repo.pm(&["plan", "rm", &number(&repo)]).ok();
    assert_eq!(account(&repo, 7), ("uncovered".into(), json!([])));
    for options in [&[][..], &["--accept-reworded"]] {
        let said = repo.pm(&[&["plan", "approve"], options].concat());
        let said = said.exits(1).err;
        assert!(
            said.contains("no task covers these statements: line 7"),
            "{said}"
        );
    }

    let (_scene, repo) = done();
    update(&repo, MINUTES, MORE);
    let met = number(&repo);
    let said = repo
        .pm(&["plan", "approve", "--already-met", "2"])
        .exits(1)
        .err;
    assert!(said.contains("no new work after a closed task"), "{said}");
    let made = repo.data(&["plan", "approve", "--already-met", &met]);
    assert!(list(&made, "created").is_empty(), "{made}");
    assert_eq!(account(&repo, 7), ("done".into(), json!([])));
    let coverage = repo.data(&["plan", "show", "--coverage"]);
    assert!(
        coverage.to_string().contains("T-0001 meets it"),
        "{coverage}"
    );
    repo.pm(&["plan", "regenerate"]).ok();
    assert_eq!(titles(&repo.data(&["plan", "show"])).len(), 2);
    // The next words are another question.
    let found = update(&repo, MORE, "Reservations expire after 45 minutes.");
    let title = "Hold stock: Reservations expire after 45 minutes.";
    assert_eq!(new(&found), [title], "{found}");
}

/// A requirement that was changed while its task was worked on is new work once the task is finished.
#[test]
fn pl_15_lines_that_were_reworded_during_the_work_are_new_work_after_it() {
    let (_scene, repo) = written();
    let found = update(&repo, MINUTES, MORE);
    assert!(new(&found).is_empty(), "{found}");
    let refused = text(&found, "refused");
    assert!(
        refused.contains("were changed after they were written"),
        "{found}"
    );
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    let said = repo
        .pm(&["plan", "approve", "--accept-reworded"])
        .exits(1)
        .err;
    assert!(said.contains("`git pm plan regenerate P-0001`"), "{said}");
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(
        shown.contains("next: git pm plan regenerate P-0001"),
        "{shown}"
    );
    repo.pm(&["plan", "regenerate"]).ok();
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created"), ["T-0003"], "{made}");
}

/// PL-29: a plan that waits for a decision is called so everywhere, and what is offered next works.
#[test]
fn pl_29_a_plan_that_waits_for_a_decision_says_so_everywhere() {
    const STATE: &str = "approved, changes wait for a decision";
    let (_scene, repo) = written();
    for args in [&["plan", "show"][..], &["plan", "list"]] {
        let shown = repo.pm(args).ok().out;
        assert!(!shown.contains(STATE), "{shown}");
    }
    repo.write("d.md", &SHOP.replace(MINUTES, MORE));
    let said = repo.pm(&["plan", "update", "d.md", "--write"]).ok().out;
    assert!(
        said.contains("An approval asks first: lines of these tasks"),
        "{said}"
    );
    let next = said.lines().find_map(|line| line.strip_prefix("next: "));
    repo.run("sh", &["-c", next.unwrap()]).ok();
    for args in [&["plan", "show"][..], &["plan", "list"]] {
        let shown = repo.pm(args).ok().out;
        assert!(shown.contains(STATE), "{shown}");
    }
    assert_eq!(repo.data(&["plan", "list"])["items"][0]["undecided"], true);
    let status = repo.pm(&["status"]).ok();
    let status = format!("{}{}", status.out, status.err);
    assert!(
        status.contains("changes of the document P-0001 wait for a decision"),
        "{status}"
    );

    let key = token(&repo, "Ana", &["--scope", "approve"]);
    let server = Server::start(&repo, &[]);
    let session = server.sign_in(&format!("key={key}"));
    let headers = [
        ("Host", server.host.as_str()),
        ("Cookie", session.cookie.as_str()),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    let page = |path: &str| server.ask("GET", path, &headers, "").body;
    assert!(page("/plans").contains(STATE));
    let shown = page("/plans/P-0001");
    for wanted in [STATE, "Approve the changes", "Keep the plan as it is"] {
        assert!(shown.contains(wanted), "{wanted}: {shown}");
    }
    let body = format!("csrf={}", session.proof);
    let kept = server.ask("POST", "/plans/P-0001/keep", &headers, &body);
    assert_eq!(kept.status, 303, "{kept:?}");
    assert!(!page("/plans/P-0001").contains(STATE));
    assert_eq!(repo.data(&["plan", "show"])["undecided"], false);
}

/// PL-18: what a finding advises can be written, also where all tasks exist already.
#[test]
fn pl_18_the_advice_for_an_open_statement_can_be_followed() {
    let (_scene, repo) = written();
    let found = update(
        &repo,
        "counted daily.\n",
        "counted daily.\n\nA list must be printed.\n",
    );
    assert!(new(&found).is_empty(), "{found}");
    let plan = repo.data(&["plan", "show"]);
    let open = list(&plan, "checks").iter();
    let open: Vec<&Value> = open.filter(|check| check["rule"] == "uncovered").collect();
    assert_eq!(open.len(), 1, "{plan}");
    let fix = text(open[0], "fix");
    assert!(
        fix.starts_with("write a new task with `lines: 14`"),
        "{fix}"
    );
    let section = "### list. Print a list\nlines: 14\nvalidation: none\n- L14\n";
    let report = patch(&repo, &["--patch"], section);
    assert_eq!(report["open"], 0, "{report}");
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created"), ["T-0003"], "{made}");
}

/// PL-29: a plan of an older text is compared with that text.
#[test]
fn pl_29_an_outdated_plan_is_compared_with_the_text_it_was_read_from() {
    let (_scene, repo) = written();
    let before = repo.data(&["plan", "show", "--coverage"]);
    let body = SHOP.replace("# Shop\n", "# Shop\n\nPeople must pay by card.\n");
    repo.pm(&["prd", "edit", "P-1", "--body", &body]).ok();
    let after = repo.data(&["plan", "show", "--coverage"]);
    assert_eq!(before["outdated"], false);
    assert_eq!(after["outdated"], true);
    assert_eq!(before["statements"], after["statements"]);
    for args in [&["plan", "show", "--coverage"][..], &["plan", "check"]] {
        let ran = repo.pm(args);
        let said = format!("{}{}", ran.out, ran.err);
        let wanted = "has changed since it was planned; `git pm plan diff P-0001`";
        assert!(said.contains(wanted), "{args:?}: {said}");
        assert!(!said.contains("no task covers"), "{args:?}: {said}");
    }
}
