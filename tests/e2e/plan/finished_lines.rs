//! PL-15: what a document asks for in the lines of a finished task that a person wrote is new work, as below a finished
//! box, and PL-29: a plan whose document changed waits for a decision, wherever it is shown.

use serde_json::{Value, json};

use super::{criteria, list, task, text, texts, titles};
use crate::serve::{Server, token};
use crate::support::{Repo, Scene, binary, set_up};

pub const SHOP: &str = "\
# Shop

## Stock

The cart holds stock for a while.

- Reservations expire after 15 minutes.
- Stock is never negative.

## Count

Stock must be counted daily.
";

pub const PLAN: &str = "\
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
    store(repo, from, to, &[])
}

/// Stores a text that the document may have had before.
#[track_caller]
fn turn_back(repo: &Repo, from: &str, to: &str) -> Value {
    store(repo, from, to, &["--force"])
}

#[track_caller]
fn store(repo: &Repo, from: &str, to: &str, more: &[&str]) -> Value {
    let document = std::fs::read_to_string(repo.path.join("d.md")).unwrap();
    assert!(document.contains(from), "{document}");
    repo.write("d.md", &document.replace(from, to));
    let args = [&["plan", "update", "d.md", "--write"][..], more].concat();
    repo.data(&args)
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

/// What no draft names does not take its new work with it: nothing changes when it is drafted again.
#[test]
fn pl_15_new_work_after_a_finished_task_stays_in_every_later_draft() {
    let (_scene, repo) = done();
    update(&repo, MINUTES, MORE);
    let next: u32 = number(&repo).parse().unwrap();
    for approves in [false, true, false] {
        if approves {
            let made = repo.data(&["plan", "approve"]);
            assert_eq!(texts(&made, "created"), ["T-0003"], "{made}");
        }
        let diff = repo.data(&["plan", "diff"]);
        assert!(texts(&diff["document"], "gone").is_empty(), "{diff}");
        let again = repo.data(&["plan", "update", "d.md", "--write"]);
        assert!(new(&again).is_empty(), "{again}");
        assert!(texts(&again, "gone").is_empty(), "{again}");
        repo.pm(&["plan", "regenerate"]).ok();
        assert_eq!(account(&repo, 7).1, json!([next]));
    }
    repo.pm(&["task", "done", "T-0003", "--force"]).ok();
    repo.pm(&["plan", "regenerate"]).ok();
    assert_eq!(account(&repo, 7).1, json!([next]));
    assert!(list(&repo.data(&["plan", "approve"]), "created").is_empty());
}

/// Words are compared with what was done last in their line, also where that are the first ones again.
#[test]
fn pl_15_words_of_before_are_new_work_once_others_were_done() {
    const LAST: &str = "Reservations expire after 45 minutes.";
    let (_scene, repo) = done();
    // Before the new work is finished, the last words count.
    update(&repo, MINUTES, MORE);
    let found = update(&repo, MORE, LAST);
    assert_eq!(new(&found), [format!("Hold stock: {LAST}")], "{found}");
    let found = turn_back(&repo, LAST, MINUTES);
    assert!(new(&found).is_empty(), "{found}");
    assert_eq!(account(&repo, 7).1, json!([stock(&repo)]));
    turn_back(&repo, MINUTES, MORE);
    repo.pm(&["plan", "approve"]).ok();
    let words = [MORE, MINUTES, MORE, LAST];
    for (nth, pair) in words.windows(2).enumerate() {
        let id = format!("T-{:04}", nth + 3);
        repo.pm(&["task", "done", &id, "--force"]).ok();
        let found = turn_back(&repo, pair[0], pair[1]);
        let title = format!("Hold stock: {}", pair[1]);
        assert_eq!(new(&found), [title.as_str()], "{found}");
        let again = repo.data(&["plan", "update", "d.md", "--write"]);
        assert!(new(&again).is_empty(), "{again}");
        assert!(texts(&again, "gone").is_empty(), "{again}");
        let made = repo.data(&["plan", "approve"]);
        let next = format!("T-{:04}", nth + 4);
        assert_eq!(texts(&made, "created"), [next.as_str()], "{made}");
        let item = repo.data(&["show", &next]);
        assert!(item["depends_on"].to_string().contains(&id), "{item}");
    }
}

/// The number of the first task.
fn stock(repo: &Repo) -> u64 {
    let plan = repo.data(&["plan", "show"]);
    task(&plan, "Hold stock")["number"].as_u64().unwrap()
}

/// A finished box whose own text changes has new work after it as well.
#[test]
fn pl_15_the_changed_text_of_a_finished_box_follows_it() {
    let (_scene, repo) = set_up();
    let setting = ["config", "--shared", "pm.planTests", "false"];
    repo.pm(&setting).ok();
    let [first, second] = ["Answer within 100 ms", "Answer within 70 ms"];
    let text = format!("# L\n\n## Tasks\n- [ ] {first}\n- [ ] Log it\n");
    repo.write("d.md", &text);
    repo.pm(&["plan", "new", "d.md"]).ok();
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    let found = update(&repo, first, second);
    assert_eq!(new(&found), [second], "{found}");
    repo.pm(&["plan", "regenerate"]).ok();
    let plan = repo.data(&["plan", "show"]);
    let met = task(&plan, second)["number"].to_string();
    let made = repo.data(&["plan", "approve", "--already-met", &met]);
    assert!(list(&made, "created").is_empty(), "{made}");
    assert_eq!(account(&repo, 4), ("done".into(), json!([])));

    let found = update(&repo, second, "Answer within 50 ms");
    assert_eq!(new(&found), ["Answer within 50 ms"], "{found}");
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created"), ["T-0003"], "{made}");
    repo.pm(&["task", "done", "T-0003", "--force"]).ok();
    let found = turn_back(&repo, "Answer within 50 ms", first);
    assert_eq!(list(&found, "lines")[0]["new"], json!([first]), "{found}");
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created"), ["T-0004"], "{made}");
}

/// Of a paragraph that two written tasks share, each has its own lines.
#[test]
fn pl_15_a_changed_line_of_a_shared_paragraph_is_new_work_after_its_own_task() {
    let (_scene, repo) = set_up();
    let setting = ["config", "--shared", "pm.planTests", "false"];
    repo.pm(&setting).ok();
    let text = "# E\n\n## F\n\nAmounts must have two decimal places.\nThe export should write JSON as well.\n";
    repo.write("d.md", text);
    let plan = "### csv. CSV\nlines: 5\n- L5\n### json. JSON\nlines: 6\n- L6\n";
    patch(&repo, &[], plan);
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    let found = update(&repo, "two", "three");
    let title = "CSV: Amounts must have three decimal places.";
    assert_eq!(new(&found), [title], "{found}");
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created"), ["T-0003"], "{made}");
    let item = repo.data(&["show", "T-0003"]);
    assert_eq!(criteria(&item), ["Amounts must have three decimal places."]);
}

/// A line that another write leaves to another task is in no description of the first.
#[test]
fn pl_18_a_task_does_not_keep_the_text_of_a_line_that_it_gave_up() {
    let (_scene, repo) = set_up();
    let text = "# E\n\nThe export must write CSV.\nThe export must write JSON as well.\n";
    repo.write("d.md", text);
    patch(&repo, &[], "### csv. CSV\nlines: 3, 4\n- L3\n- L4\n");
    let printed = repo.pm(&["plan", "edit", "--print"]).ok().out;
    patch(&repo, &[], &printed);
    let shown = repo.pm(&["show", "P-0001/csv"]).ok().out;
    assert_eq!(shown.matches("JSON").count(), 2, "{shown}");
    let both = "### csv. CSV\nlines: 3\n- L3\n### json. JSON\nlines: 4\n- L4\n";
    patch(&repo, &[], both);
    let shown = repo.pm(&["show", "P-0001/csv"]).ok().out;
    assert!(!shown.contains("JSON"), "{shown}");
}

/// A line is one of the file as it is, although that is not stored yet.
#[test]
fn pl_20_a_line_of_a_changed_file_is_traced_in_that_file() {
    let (_scene, repo) = written();
    let text = SHOP.replace("# Shop\n", "# Shop\n\nAn introduction.\n");
    repo.write("d.md", &text);
    let traced = repo.pm(&["trace", "d.md:14"]).ok();
    assert!(traced.out.contains("T-0002"), "{}", traced.out);
    let said = &traced.err;
    assert!(said.contains("d.md has changed since"), "{said}");
    let said = repo.pm(&["trace", "d.md:12"]).err;
    assert!(said.contains("no task was created from line 12"), "{said}");
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
    assert!(
        said.contains("is not new work that follows a closed task"),
        "{said}"
    );
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

/// The lines of a plan that was kept are those of the text that it was read from.
#[test]
fn pl_15_new_work_of_a_kept_plan_can_be_met_already() {
    let (_scene, repo) = done();
    update(&repo, MINUTES, MORE);
    let met = number(&repo);
    let longer = SHOP
        .replace("# Shop\n", "# Shop\n\nAn introduction.\n")
        .replace(MINUTES, MORE);
    repo.pm(&["prd", "edit", "P-0001", "--body", &longer]).ok();
    repo.pm(&["plan", "keep"]).ok();
    let made = repo.data(&["plan", "approve", "--already-met", &met]);
    assert!(list(&made, "created").is_empty(), "{made}");
    assert_eq!(account(&repo, 7), ("done".into(), json!([])));
    assert_eq!(account(&repo, 8), ("criterion".into(), json!([2])));
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
