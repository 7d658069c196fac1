//! A list with boxes: what is open is planned, and what a heading puts aside is named.

use serde_json::Value;

use super::{list, number, own, planned, text, texts, titles};
use crate::support::{Scene, set_up};

const TODO: &str = "\
# TODO

## In progress

- [ ] login page

## Next

- [ ] invoices

## This week

- [ ] shop
    - [x] form
    - [x] style
- [ ] buy domain

## Later

- [ ] ask Tom about the order
- [ ] a map
";

/// The number of statements of each kind, as the plan counts them.
fn counts(plan: &Value) -> Vec<u64> {
    let names = [
        "carried",
        "put_aside",
        "by_heading",
        "open",
        "for_all",
        "no_work",
    ];
    let count = |name: &&str| plan["statements"][*name].as_u64().unwrap();
    names.iter().map(count).collect()
}

/// PL-10, PL-11: every open box is a task, or is named with its line as put aside, and the counts of
/// statements add up to all of them.
#[test]
fn pl_10_an_open_box_is_a_task_or_is_named() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "TODO.md", TODO);
    assert_eq!(
        titles(&plan),
        ["login page", "invoices", "shop", "buy domain"]
    );
    let counted = counts(&plan);
    assert_eq!(counted[..4], [4, 0, 2, 0], "{}", plan["statements"]);
    let coverage = repo.data(&["plan", "show", "--coverage"]);
    let said = |one: &&Value| !text(one, "text").is_empty();
    let all = list(&coverage, "statements").iter().filter(said).count();
    assert_eq!(counted.iter().sum::<u64>(), all as u64, "{coverage}");
    let aside = list(&plan, "put_aside");
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert_eq!(aside[0]["lines"]["start"], 20);
    assert_eq!(aside[0]["count"], 2);
    let named = |said: &str, when: &str| {
        for part in ["20", "ask Tom", "git pm plan edit P-0001"] {
            assert!(said.contains(part), "{when}: {said}");
        }
    };
    named(&repo.pm(&["plan", "TODO.md"]).ok().out, "plan");
    let shown = repo.pm(&["plan", "show"]).ok().out;
    named(&shown, "show");
    assert!(shown.contains("2 put aside by the document"), "{shown}");
    let approved = repo.pm(&["plan", "approve"]).ok().out;
    named(&approved, "approve");
    assert!(approved.contains("Put aside by the document"), "{approved}");
    named(
        &repo.pm(&["plan", "show"]).ok().out,
        "show of an approved plan",
    );
}

/// PL-18: the command that is named for what a heading puts aside makes a task of it.
#[test]
fn pl_18_what_a_heading_puts_aside_becomes_a_task_by_an_edit() {
    let (_scene, repo) = set_up();
    planned(&repo, "TODO.md", TODO);
    let section = "### tom. Ask Tom about the order\nlines: 20\n";
    let args = ["plan", "write", "P-0001", "-", "--patch"];
    repo.feed(crate::support::binary(), &args, section).ok();
    let plan = repo.data(&["plan", "show"]);
    assert!(titles(&plan).contains(&"Ask Tom about the order"), "{plan}");
    assert_eq!(counts(&plan)[2], 1, "{}", plan["statements"]);
}

/// PL-15: ticking the boxes below an open one finishes nothing, and an update names what a heading puts aside.
#[test]
fn pl_15_ticked_parts_do_not_finish_their_task() {
    let (_scene, repo) = set_up();
    let list = "# TODO\n\n## Tasks\n\n- [ ] login page\n  - [ ] form\n  - [ ] style\n- [ ] shop\n";
    planned(&repo, "TODO.md", list);
    repo.pm(&["plan", "approve"]).ok();
    let ticked = list.replace("  - [ ]", "  - [x]") + "\n## Someday\n\n- [ ] a map\n";
    repo.write("TODO.md", &ticked);
    for more in [&[][..], &["--write"]] {
        let said = repo
            .pm(&[&["plan", "update", "TODO.md"], more].concat())
            .ok()
            .out;
        assert!(!said.contains("done in the document"), "{said}");
        assert!(
            said.contains("Put aside by the document") && said.contains("a map"),
            "{said}"
        );
    }
    let said = repo.pm(&["plan", "check"]).out;
    assert!(!said.contains("done in the document"), "{said}");
    // Its own box finishes it. Its test is in no document: nothing says that it is done.
    repo.write("TODO.md", &ticked.replace("[ ] login", "[x] login"));
    let said = repo.pm(&["plan", "update", "TODO.md", "--write"]).ok().out;
    assert!(said.contains("done in the document: T-0001"), "{said}");
    let said = repo.pm(&["plan", "check"]).out;
    assert!(said.contains("git pm task done T-0001"), "{said}");
    assert!(!said.contains("Test: login page"), "{said}");
}

/// PL-18: the text of a plan lists what the document puts aside, so that one can write tasks for it.
#[test]
fn pl_18_what_the_document_puts_aside_is_in_the_text_of_the_plan() {
    let (_scene, repo) = set_up();
    planned(&repo, "TODO.md", TODO);
    let printed = repo.pm(&["plan", "edit", "--print"]).ok().out;
    let aside = "<!-- Put aside by the document:\n20 ask Tom about the order\n21 a map\n-->";
    assert!(printed.contains(aside), "{printed}");
    let more = format!("{printed}\n### ask. Ask Tom\nlines: 20\n");
    let write = ["plan", "write", "P-0001", "-"];
    repo.feed("git-pm", &write, &more).ok();
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(counts(&plan)[..4], [5, 0, 1, 0], "{}", plan["statements"]);
}

/// A list that says how one of its tasks is accepted.
fn detailed() -> String {
    TODO.replace("- [x] form", "- a form")
}

/// PL-26: a bare list of boxes says too little for test tasks, whatever words it has; each line is one task.
#[test]
fn pl_26_a_bare_list_of_boxes_has_one_task_for_each_line() {
    let (_scene, repo) = set_up();
    let list = "# TODO\n\n- [ ] login bauen\n- [ ] Log anzeigen\n";
    assert_eq!(tasks_of(&repo, list), 2);
    repo.pm(&["plan", "approve"]).ok();
    repo.pm(&["start", "1"]).ok();
    let (_scene, repo) = set_up();
    let criterion = list.replace("bauen\n", "bauen\n  - with a key\n");
    assert_eq!(tasks_of(&repo, &criterion), 4);
}

/// The number of tasks of a list's plan, with their tests.
fn tasks_of(repo: &crate::support::Repo, text: &str) -> usize {
    list(&planned(repo, "TODO.md", text), "tasks").len()
}

/// PL-26: whether plans have test tasks is a setting, which the plan names.
#[test]
fn pl_26_test_tasks_can_be_switched_off() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "TODO.md", &detailed());
    assert_eq!(list(&plan, "tasks").len(), 2 * own(&plan).len());
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(
        shown.contains("git pm config --shared pm.planTests false"),
        "{shown}"
    );
    repo.pm(&["config", "pm.planTests", "false"]).exits(2);
    repo.pm(&["config", "--shared", "pm.planTests", "no"]).ok();
    assert_eq!(repo.data(&["config", "pm.planTests"])["value"], "false");
    let plan = repo.data(&["plan", "regenerate", "P-0001"]);
    assert_eq!(list(&plan, "tasks").len(), own(&plan).len());
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(!shown.contains("test task"), "{shown}");
    let plan = repo.data(&["plan", "add", "Call the bank"]);
    assert_eq!(list(&plan, "tasks").len(), own(&plan).len());
    // One task still can have its test.
    let plan = repo.data(&["plan", "set", "1", "validation=test-first"]);
    assert_eq!(list(&plan, "tasks").len(), own(&plan).len() + 1);
}

/// PL-26: a plan that is drafted again leaves the tests of tasks added by hand to these, too; who asked
/// for a test keeps it, and is not told to draft again.
#[test]
fn pl_26_tasks_added_by_hand_leave_their_tests_as_the_others_do() {
    let (_scene, repo) = set_up();
    planned(&repo, "TODO.md", &detailed());
    let written = "\n### del. Delete after 7 days\nlines: 1\nsize: S\n";
    repo.feed(
        "git-pm",
        &["plan", "write", "P-0001", "-", "--patch"],
        written,
    )
    .ok();
    repo.data(&["plan", "add", "Call the bank"]);
    let setting = ["config", "--shared", "pm.planTests", "false"];
    repo.pm(&setting).ok();
    let plan = repo.data(&["plan", "regenerate", "P-0001"]);
    let tasks = own(&plan).len();
    assert_eq!(list(&plan, "tasks").len(), tasks, "{plan}");
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(!shown.contains("pm.planTests"), "{shown}");
    assert_eq!(repo.data(&["plan", "regenerate", "P-0001"]), plan);
    let bank = number(&plan, "Call the bank");
    repo.pm(&["plan", "set", &bank, "validation=test-first"])
        .ok();
    let plan = repo.data(&["plan", "regenerate", "P-0001"]);
    assert_eq!(list(&plan, "tasks").len(), tasks + 1, "{plan}");
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(shown.contains("1 test task"), "{shown}");
    assert!(!shown.contains("pm.planTests"), "{shown}");
    let made = repo.data(&["plan", "approve", "--accept-uncovered"]);
    assert_eq!(texts(&made, "created").len(), tasks + 1, "{made}");
}

/// PL-26: a written text leaves its tests to the tasks, too, and tests that exist stay with theirs.
#[test]
fn pl_26_written_and_updated_plans_have_no_test_tasks() {
    let document = "# Doc\n\n## Requirements\n\n### Report\n\nThe report must show credit notes.\n";
    let log = format!("{document}\n### Log\n\nThe log must be kept.\n");
    for is_approved in [false, true] {
        let (_scene, repo) = set_up();
        planned(&repo, "d.md", document);
        if is_approved {
            repo.pm(&["plan", "approve"]).ok();
        }
        let setting = ["config", "--shared", "pm.planTests", "false"];
        repo.pm(&setting).ok();
        let printed = repo.pm(&["plan", "edit", "--print"]).ok().out;
        let write = ["plan", "write", "P-0001", "-"];
        repo.feed("git-pm", &write, &printed).ok();
        repo.write("d.md", &log);
        repo.pm(&["plan", "update", "d.md", "--write"]).ok();
        let plan = repo.data(&["plan", "show"]);
        let tests = list(&plan, "tasks").len() - own(&plan).len();
        assert_eq!(tests, usize::from(is_approved), "{plan}");
        let checks = repo.pm(&["plan", "check"]).out;
        assert!(!checks.contains("Test: Report"), "{checks}");
    }
}

/// PL-26: that plans have no test tasks holds in every clone and for every verb that makes tasks, so one
/// document has one plan.
#[test]
fn pl_26_without_test_tasks_a_document_has_one_plan_in_all_clones() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.pm(&["config", "--shared", "pm.planTests", "false"]).ok();
    planned(&a, "TODO.md", &detailed());
    a.pm(&["plan", "approve"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    let more = detailed().replace("invoices\n", "invoices\n- [ ] mend the door\n");
    b.write("TODO.md", &more);
    b.pm(&["plan", "update", "TODO.md", "--write"]).ok();
    let plan = b.data(&["plan", "approve"]);
    assert_eq!(texts(&plan, "created").len(), 1, "{plan}");
    assert_eq!(list(&plan, "tasks").len(), own(&plan).len());
    // A text that leaves the validation out does not ask for a test.
    b.write("notes.md", "# Notes\n\nSingers say that they are ill.\n");
    let written = "### ill. Say that one is ill\nlines: 3\n- L3\n";
    let write = ["--json", "plan", "write", "notes.md", "-"];
    let report = b.feed("git-pm", &write, written).ok().data();
    assert_eq!(report["test_tasks"], 0, "{report}");
    let plan = b.data(&["plan", "show", "P-0002"]);
    assert_eq!(list(&plan, "tasks").len(), own(&plan).len());
    a.pm(&["config", "--shared", "pm.planTests", "--unset"])
        .ok();
    assert_eq!(a.data(&["config", "pm.planTests"])["value"], "true");
}

/// PL-11: a row that its priority rules out is named as put aside, and its id is not missing.
#[test]
fn pl_11_a_row_that_is_ruled_out_is_named() {
    let (_scene, repo) = set_up();
    let table = "# Garden\n\n## Requirements\n\n| ID | Requirement | Priority |\n|---|---|---|\n\
                 | R1 | Members book a plot | Must |\n| R2 | Members sell plots | Wont |\n\
                 | R3 | Admins see all plots | Must |\n| R4 | Members trade plots | Won't |\n";
    let plan = planned(&repo, "garden.md", table);
    assert_eq!(
        titles(&plan),
        ["Members book a plot", "Admins see all plots"]
    );
    assert_eq!(counts(&plan)[2], 2, "{}", plan["statements"]);
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(!shown.contains("follows a gap"), "{shown}");
    let approved = repo.pm(&["plan", "approve"]).ok().out;
    for said in [&shown, &approved] {
        for name in ["Members sell plots", "Members trade plots"] {
            assert!(said.contains(name), "{name}: {said}");
        }
    }
}
