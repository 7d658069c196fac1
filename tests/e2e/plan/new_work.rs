//! PL-15: what a document asks of finished work beyond its criteria is new work, and said so.

use serde_json::{Value, json};

use super::{criteria, list, planned, task, text, texts, titles};
use crate::support::{Repo, Scene, set_up};

pub const SHOP: &str = "\
# Shop

## Requirements
### Guest checkout
- A guest can buy.

### Vouchers
- Enter a code.
";

pub const RECEIPT: &str = "A guest gets a receipt by mail.";

/// The approved plan of a document, without test tasks.
pub fn approved(document: &str) -> (Scene, Repo) {
    let (scene, repo) = set_up();
    let setting = ["config", "--shared", "pm.planTests", "false"];
    repo.pm(&setting).ok();
    planned(&repo, "d.md", document);
    repo.pm(&["plan", "approve"]).ok();
    (scene, repo)
}

/// Stores a new text of the document.
fn update(repo: &Repo, document: &str) -> Value {
    repo.write("d.md", document);
    repo.data(&["plan", "update", "d.md", "--write"])
}

fn with_receipt() -> String {
    let line = "- A guest can buy.\n";
    SHOP.replace(line, &format!("{line}- {RECEIPT}\n"))
}

/// The disposition of a line, and the numbers of its tasks.
fn account(repo: &Repo, line: u32) -> (String, Value) {
    let coverage = repo.data(&["plan", "show", "--coverage"]);
    let mut all = list(&coverage, "statements").iter();
    let one = all.find(|one| one["lines"]["start"] == line);
    let one = one.unwrap_or_else(|| panic!("no line {line}: {coverage}"));
    (text(one, "disposition").to_owned(), one["numbers"].clone())
}

#[test]
fn pl_15_a_new_criterion_of_a_done_task_is_a_task_that_follows_it() {
    let (_scene, repo) = approved(SHOP);
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    let found = update(&repo, &with_receipt());
    let title = format!("Guest checkout: {RECEIPT}");
    let new = list(&found, "new").iter().map(|task| text(task, "title"));
    assert_eq!(new.collect::<Vec<_>>(), [title.as_str()], "{found}");
    assert!(texts(&found, "changed").is_empty(), "{found}");
    // A line is a criterion of what has it, before and after the approval.
    assert_eq!(account(&repo, 6), ("task".into(), json!([3])));
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created"), ["T-0003"], "{made}");
    assert!(list(&made, "kept").is_empty(), "{made}");
    let next = repo.data(&["show", "T-0003"]);
    assert_eq!(next["title"], title.as_str());
    assert_eq!(criteria(&next), [RECEIPT]);
    assert!(next["depends_on"].to_string().contains("T-0001"), "{next}");
    let done = repo.data(&["show", "T-0001"]);
    assert_eq!(criteria(&done), ["A guest can buy."]);
    assert_eq!(account(&repo, 6), ("task".into(), json!([3])));
    let trace = repo.data(&["trace", "d.md:6"]);
    let traced = list(&trace, "tasks").iter().map(|task| text(task, "id"));
    assert_eq!(traced.collect::<Vec<_>>(), ["T-0003"]);
    // Once.
    let again = update(&repo, &format!("{}\n", with_receipt()));
    assert!(list(&again, "new").is_empty(), "{again}");
    assert!(texts(&again, "gone").is_empty(), "{again}");
    assert!(list(&repo.data(&["plan", "approve"]), "created").is_empty());
}

/// Other words, a new box below a finished one, and work that was cancelled.
/// PL-15: what waits for a requirement waits for what was added to it after its task was done.
#[test]
fn pl_15_what_waits_for_a_done_task_waits_for_its_follow_up() {
    let vouchers = "### Vouchers\n- Enter a code.\n";
    let waits = format!("{vouchers}- Depends on Guest checkout.\n");
    let (_scene, repo) = approved(&SHOP.replace(vouchers, &waits));
    let on = |repo: &Repo| repo.data(&["show", "T-0002"])["depends_on"].to_string();
    assert!(on(&repo).contains("T-0001"), "{}", on(&repo));
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    update(&repo, &with_receipt().replace(vouchers, &waits));
    repo.pm(&["plan", "approve"]).ok();
    assert!(on(&repo).contains("T-0003"), "{}", on(&repo));
    let why = repo.data(&["why", "T-0002"]);
    assert_eq!(why["ready"], false, "{why}");
}

#[test]
fn pl_15_other_words_and_boxes_below_closed_tasks_are_new_work() {
    let boxes = "# Shop\n\n## Tasks\n- [ ] Reports\n  - [ ] print\n- [ ] Import vouchers\n";
    let invoice = "A guest can buy with a card and an invoice.";
    for (document, close, from, to, new) in [
        (SHOP, "done", "A guest can buy.", invoice, invoice),
        (SHOP, "cancel", "A guest can buy.", invoice, invoice),
        (
            boxes,
            "done",
            "  - [ ] print\n",
            "  - [ ] print\n  - [ ] export as PDF\n",
            "export as PDF",
        ),
    ] {
        let (_scene, repo) = approved(document);
        let force = (close == "done").then_some("--force");
        let close = ["task", close, "T-0001"].into_iter().chain(force);
        repo.pm(&close.collect::<Vec<_>>()).ok();
        let found = update(&repo, &document.replace(from, to));
        let all = list(&found, "new");
        assert_eq!(all.len(), 1, "{found}");
        let title = text(&all[0], "title");
        assert!(title.ends_with(&format!(": {new}")), "{title}");
        let made = repo.data(&["plan", "approve"]);
        assert_eq!(criteria(task(&made, title)), [new], "{made}");
    }
}

/// Work in progress keeps its criteria; once it is finished, what it never had is open.
#[test]
fn pl_15_what_work_in_progress_did_not_take_over_is_open_once_it_is_finished() {
    let (_scene, repo) = approved(SHOP);
    repo.pm(&["start", "T-0001", "--no-worktree"]).ok();
    update(&repo, &with_receipt());
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    assert_eq!(account(&repo, 6), ("uncovered".into(), json!([])));
    let said = repo.pm(&["plan", "check"]).exits(1).out;
    assert!(said.contains("no task covers this"), "{said}");
    let status = repo.pm(&["status"]).ok().out;
    assert!(
        status.contains("P-0001 asks for more than what T-0001 was closed for"),
        "{status}"
    );
    repo.pm(&["plan", "regenerate"]).ok();
    let plan = repo.data(&["plan", "show"]);
    let title = format!("Guest checkout: {RECEIPT}");
    assert!(titles(&plan).contains(&title.as_str()), "{plan}");
}

/// A task whose lines were given by hand keeps the description of these; an update says nothing of it.
#[test]
fn pl_15_a_line_that_nobody_touched_was_not_reworded() {
    let document = "# Shop\n\n## Requirements\n- A voucher code can be entered.\n\n## Tasks\n- [ ] Add voucher field\n";
    let (_scene, repo) = set_up();
    let setting = ["config", "--shared", "pm.planTests", "false"];
    repo.pm(&setting).ok();
    planned(&repo, "d.md", document);
    let printed = repo.pm(&["plan", "edit", "--print"]).ok().out;
    let lines = printed.replace("lines: 7\n", "lines: 7, 4\n");
    assert_ne!(lines, printed);
    let write = ["plan", "write", "P-0001", "-"];
    repo.feed("git-pm", &write, &lines).ok();
    repo.pm(&["plan", "approve"]).ok();
    let before = repo.data(&["plan", "show"]);
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    let found = update(&repo, &format!("{document}- [ ] Import vouchers\n"));
    assert_eq!(list(&found, "new").len(), 1, "{found}");
    assert!(list(&found, "over").is_empty(), "{found}");
    assert!(texts(&found, "changed").is_empty(), "{found}");
    let after = repo.data(&["plan", "show"]);
    let said = |plan: &Value| text(task(plan, "Add voucher field"), "description").to_owned();
    assert_eq!(said(&after), said(&before));
    let checks = repo.pm(&["plan", "check"]).out;
    assert!(!checks.contains("keeps its own"), "{checks}");
}

/// A requirement with an id is found by it, whatever its words ask for now.
#[test]
fn pl_15_other_words_of_a_finished_requirement_are_new_work() {
    for (from, to, is_new) in [
        ("in euro", "in dollars", true),
        ("within 500 ms", "within 100 ms", true),
        ("within 500 ms", "within 500 s", true),
        ("as CSV", "as CSV and PDF", true),
        ("and not by mail", "and by mail", true),
        ("< 5000 rows", "> 5000 rows", true),
        ("< 5000 rows", "< 50000 rows", true),
        ("for guests", "", true),
        ("and an invoice", "or an invoice", true),
        ("Prices are", "The price, are", false),
    ] {
        let said = "Prices are in euro as CSV within 500 ms for guests, < 5000 rows, and an invoice, and not by mail";
        // The long line is cut in its title; the paragraph stands below a heading.
        for document in [
            format!("# Shop\n\n## Requirements\n- R1: {said}.\n- R2: Pay by card. Needs R1.\n"),
            format!("# Shop\n\n## Requirements\n### R1: Prices\n{said}.\n\n### R2: Pay by card\n"),
        ] {
            let (_scene, repo) = approved(&document);
            repo.pm(&["task", "done", "T-0001", "--force"]).ok();
            let after = document.replace(from, to);
            let found = update(&repo, &after);
            assert_eq!(
                list(&found, "new").len(),
                usize::from(is_new),
                "{to}: {found}"
            );
            assert!(texts(&found, "gone").is_empty(), "{to}: {found}");
            let made = repo.data(&["plan", "approve"]);
            let created = texts(&made, "created");
            let last = if is_new { "T-0003" } else { "T-0002" };
            assert_eq!(created.contains(&last), is_new, "{to}: {made}");
            assert_eq!(created.len(), usize::from(is_new), "{to}: {made}");
            if is_new {
                let next = repo.data(&["show", "T-0003"]);
                assert!(next["depends_on"].to_string().contains("T-0001"), "{next}");
                assert!(list(&made, "kept").is_empty(), "{to}: {made}");
            }
            // Once, also when it is finished.
            repo.pm(&["task", "done", last, "--force"]).ok();
            let again = update(&repo, &format!("{after}\n"));
            assert!(list(&again, "new").is_empty(), "{to}: {again}");
            assert!(texts(&again, "gone").is_empty(), "{to}: {again}");
        }
    }
}

/// What finished work met before is new work once other work was done in its place, as the words of that work are.
#[test]
fn pl_15_words_that_were_met_are_new_work_once_others_were_done() {
    let said = |rows: u32| format!("Limit exports to {rows} rows");
    for (line, next) in [
        ("## Tasks\n\n- [ ] ", "- [ ] "),
        ("## Requirements\n\n- R1: ", "- R2: "),
    ] {
        let document =
            |rows: u32| format!("# Exports\n\n{line}{}\n{next}Log each login\n", said(rows));
        let turn_back = |repo: &Repo, text: &str| {
            repo.write("d.md", text);
            repo.data(&["plan", "update", "d.md", "--write", "--force"])
        };
        let (_scene, repo) = approved(&document(100));
        repo.pm(&["task", "done", "T-0001", "--force"]).ok();
        update(&repo, &document(50));
        let plan = repo.data(&["plan", "show"]);
        let met = task(&plan, &said(50))["number"].to_string();
        repo.pm(&["plan", "approve", "--already-met", &met]).ok();
        assert_eq!(account(&repo, 5), ("done".into(), json!([])));
        // Other words that nothing was done for leave it so.
        update(&repo, &document(20));
        let found = turn_back(&repo, &document(50));
        assert!(list(&found, "new").is_empty(), "{found}");
        assert_eq!(account(&repo, 5), ("done".into(), json!([])));

        turn_back(&repo, &document(20));
        let made = repo.data(&["plan", "approve"]);
        assert_eq!(texts(&made, "created"), ["T-0003"], "{made}");
        repo.pm(&["task", "done", "T-0003", "--force"]).ok();
        let found = turn_back(&repo, &document(50));
        let new = list(&found, "new").iter().map(|task| text(task, "title"));
        assert_eq!(new.collect::<Vec<_>>(), [said(50)], "{found}");
        let plan = repo.data(&["plan", "show"]);
        let number = &task(&plan, &said(50))["number"];
        assert_eq!(account(&repo, 5), ("task".into(), json!([number])));
        let made = repo.data(&["plan", "approve"]);
        assert_eq!(texts(&made, "created"), ["T-0004"], "{made}");
        let item = repo.data(&["show", "T-0004"]);
        assert!(item["depends_on"].to_string().contains("T-0003"), "{item}");
        // Once, also when it is finished.
        repo.pm(&["task", "done", "T-0004", "--force"]).ok();
        let again = update(&repo, &format!("{}\n", document(50)));
        assert!(list(&again, "new").is_empty(), "{again}");
        assert!(texts(&again, "gone").is_empty(), "{again}");
    }
}

/// PL-15: what work was said to meet is no longer done once that is not: reopened it carries these lines and gets
/// their words, and after it was cancelled they are new work.
#[test]
fn pl_15_what_work_met_is_open_again_when_it_is() {
    let document =
        |rows: u32| format!("# Exports\n\n## Tasks\n\n- [ ] Limit exports to {rows} rows\n");
    let met = || {
        let (scene, repo) = approved(&document(100));
        repo.pm(&["task", "done", "T-0001", "--force"]).ok();
        update(&repo, &document(50));
        repo.pm(&["plan", "approve", "--already-met", "2"]).ok();
        assert_eq!(account(&repo, 5), ("done".into(), json!([])));
        repo.pm(&["task", "reopen", "T-0001"]).ok();
        (scene, repo)
    };
    let (_scene, repo) = met();
    assert_eq!(account(&repo, 5), ("task".into(), json!([1])));
    let shown = repo.pm(&["show", "T-0001"]).ok();
    assert!(!shown.err.contains("no longer in"), "{shown:?}");
    // As it was, as long as the plan is not updated.
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    assert_eq!(account(&repo, 5), ("done".into(), json!([])));
    repo.pm(&["task", "reopen", "T-0001"]).ok();
    let found = repo.data(&["plan", "update", "d.md", "--write"]);
    assert_eq!(
        texts(&found, "changed"),
        ["Limit exports to 50 rows"],
        "{found}"
    );
    repo.pm(&["plan", "approve"]).ok();
    let item = repo.data(&["show", "T-0001"]);
    assert_eq!(text(&item, "title"), "Limit exports to 50 rows");
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    let found = repo.data(&["plan", "update", "d.md"]);
    assert!(texts(&found, "gone").is_empty(), "{found}");
    assert!(list(&found, "new").is_empty(), "{found}");

    let (_scene, repo) = met();
    repo.pm(&["task", "cancel", "T-0001"]).ok();
    assert_eq!(account(&repo, 5).0, "uncovered");
    let status = repo.pm(&["status"]).ok();
    assert!(
        status.out.contains("P-0001 asks for more than what T-0001"),
        "{status:?}"
    );
    let found = repo.data(&["plan", "update", "d.md", "--write"]);
    let new = list(&found, "new").iter().map(|task| text(task, "title"));
    assert_eq!(
        new.collect::<Vec<_>>(),
        ["Limit exports to 50 rows"],
        "{found}"
    );
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(texts(&made, "created"), ["T-0002"], "{made}");
}

/// PL-15: the old words of finished work are new work once others were done over them, whatever names the line.
#[test]
fn pl_15_old_words_are_new_work_once_others_were_done_over_them() {
    for line in ["## Tasks\n\n- [ ] ", "## Requirements\n\n- R1: "] {
        let document = |rows: u32| format!("# Exports\n\n{line}Limit exports to {rows} rows\n");
        let (_scene, repo) = approved(&document(100));
        let mut last = "T-0001".to_owned();
        for (rows, id) in [(50, "T-0002"), (100, "T-0003"), (50, "T-0004")] {
            repo.pm(&["task", "done", &last, "--force"]).ok();
            repo.write("d.md", &document(rows));
            repo.data(&["plan", "update", "d.md", "--write", "--force"]);
            let made = repo.data(&["plan", "approve"]);
            assert_eq!(texts(&made, "created"), [id], "{line} {rows}: {made}");
            let item = repo.data(&["show", id]);
            assert!(text(&item, "title").contains(&rows.to_string()), "{item}");
            assert!(item["depends_on"].to_string().contains(&last), "{item}");
            last = id.to_owned();
        }
        // Once, also when it is finished.
        repo.pm(&["task", "done", &last, "--force"]).ok();
        let again = update(&repo, &format!("{}\n", document(50)));
        assert!(list(&again, "new").is_empty(), "{line}: {again}");
    }
}

/// A document that has nothing left, as its tasks moved to another one, is no task as a whole.
#[test]
fn pl_15_a_document_whose_tasks_are_gone_is_no_task_of_its_title() {
    let (_scene, repo) =
        approved("# Exports\n\n## Tasks\n\n- [ ] Limit exports\n- [ ] Log each login\n");
    for text in ["# Exports\n", "# Exports\n\nMoved to e.md.\n"] {
        repo.write("d.md", text);
        let found = repo.data(&["plan", "update", "d.md", "--write"]);
        assert!(list(&found, "new").is_empty(), "{found}");
    }
}

/// PL-15: the box of a finished task that is open again is named; a text that was edited back is no older file.
#[test]
fn pl_15_an_unticked_box_of_finished_work_is_named() {
    let open = "# Shop\n\n## Tasks\n\n- [ ] Log in with a password\n- [ ] Print the page\n";
    let ticked = open.replace("[ ] Log", "[x] Log");
    let (_scene, repo) = approved(open);
    update(&repo, &ticked);
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    let found = update(&repo, open);
    assert_eq!(found["written"], true, "{found}");
    let over = list(&found, "over");
    assert_eq!(over.len(), 1, "{found}");
    let said = text(&over[0], "said");
    assert!(said.contains("git pm task reopen T-0001"), "{said}");
    // A box that was never ticked says nothing.
    repo.pm(&["task", "done", "T-0002", "--force"]).ok();
    let found = update(&repo, &format!("{open}\nSee also the manual.\n"));
    assert!(list(&found, "over").is_empty(), "{found}");
}

/// Who closes an epic is told that the file of its document asks for something else by now.
#[test]
fn an_epic_is_closed_with_a_word_about_the_changed_file_of_its_document() {
    let text = "# Exports\n\n## Tasks\n\n- [ ] Limit exports\n- [ ] Log each login\n";
    let (_scene, repo) = approved(text);
    for id in ["T-0001", "T-0002"] {
        repo.pm(&["task", "done", id, "--force"]).ok();
    }
    repo.write("d.md", &format!("{text}- [ ] Mail each export\n"));
    let closed = repo.pm(&["epic", "close", "E-0001"]).ok();
    let said = "d.md has changed since; `git pm plan update d.md` shows the effect";
    assert!(closed.err.contains(said), "{closed:?}");
}

/// PL-20: a trace of a document says of each task only what a trace of its line says: another one can have its place.
#[test]
fn pl_20_a_finished_task_is_not_traced_to_the_words_of_the_next_one() {
    let document = |rows: u32, mark: char| {
        format!(
            "# Exports\n\n## Tasks\n\n- [ ] Limit exports to {rows} rows\n- [{mark}] Log each login\n"
        )
    };
    let (_scene, repo) = approved(&document(100, ' '));
    for id in ["T-0001", "T-0002"] {
        repo.pm(&["task", "done", id, "--force"]).ok();
    }
    update(&repo, &document(20, 'x'));
    repo.pm(&["plan", "approve"]).ok();
    let trace = repo.data(&["trace", "P-0001"]);
    let source = |id: &str| {
        let mut all = list(&trace, "tasks").iter();
        let one = all.find(|one| one["id"] == id);
        one.unwrap_or_else(|| panic!("no {id}: {trace}"))["source"].clone()
    };
    assert_eq!(source("T-0001")["text"], Value::Null, "{trace}");
    assert_eq!(source("T-0001")["lines"]["start"], 5, "{trace}");
    // What is called done there is there.
    for (id, words) in [("T-0002", "Log each login"), ("T-0003", "to 20 rows")] {
        assert!(text(&source(id), "text").contains(words), "{trace}");
    }
    let shown = repo.pm(&["trace", "P-0001"]).ok().out;
    let wanted = "line 5 of the version of d.md that was planned";
    assert_eq!(shown.matches(wanted).count(), 1, "{shown}");
    let traced = repo.data(&["trace", "d.md:5"]);
    let traced = list(&traced, "tasks").iter().map(|task| text(task, "id"));
    assert_eq!(traced.collect::<Vec<_>>(), ["T-0003"]);
}
