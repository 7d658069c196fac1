//! Plans of prose: what a written text loses, contradicts or replaces is said, and a changed document
//! is noticed.

use serde_json::Value;

use super::{criteria, list, own, task, text, texts};
use crate::support::{Repo, Scene, set_up};

/// Paragraphs: one on several lines, broken within sentences.
const DESK: &str = "\
# The desk

A volunteer scans the object and the badge, and the loan is stored. A return
is stored with the state of the object. The screen locks after three minutes
without input.

Members get a mail two days before an object is due. They never get more than one mail a day.

We do not sell anything. Who may see the loans of others? Loans must be deleted after a year.
";

const PLAN: &str = "\
# The desk
### loan. Store loans and returns
lines: 3
- L3: the loan is stored with object and badge
- L4: a return has the state of the object
### lock. Lock the screen
lines: 4
- L5
### mail. Remind members by mail
lines: 7
- L7: a mail goes out two days before an object is due
## Not work
- 9: for the board
";

fn desk() -> (Scene, Repo) {
    let (scene, repo) = set_up();
    repo.write("desk.md", DESK);
    (scene, repo)
}

#[track_caller]
fn write(repo: &Repo, plan: &str) -> Value {
    let args = ["--json", "plan", "write", "desk.md", "-"];
    repo.feed("git-pm", &args, plan).ok().data()
}

fn messages(report: &Value, rule: &str) -> Vec<String> {
    let found = list(report, "checks").iter();
    let found = found.filter(|check| check["rule"] == rule);
    found
        .map(|check| text(check, "message").to_owned())
        .collect()
}

/// PL-11: a line within a sentence stands for the whole sentence, and several of a task's lines make its
/// description.
#[test]
fn pl_11_a_line_within_a_sentence_stands_for_the_sentence() {
    let (_scene, repo) = desk();
    write(&repo, PLAN);
    let plan = repo.data(&["plan", "show"]);
    let lock = task(&plan, "Lock the screen");
    let whole = "A volunteer scans the object and the badge, and the loan is stored. A return is stored \
                 with the state of the object. The screen locks after three minutes without input.";
    assert_eq!(criteria(lock), [whole]);
    // Of two ranges, both describe the task.
    let two = PLAN.replace(
        "lines: 7\n",
        "lines: 7, 9\n- L9: loans are deleted after a year\n",
    );
    let two = two.split("## Not work").next().unwrap();
    write(&repo, two);
    let mail = repo.data(&["plan", "show"]);
    let mail = text(task(&mail, "Remind members by mail"), "description").to_owned();
    assert!(
        mail.contains("Members get a mail") && mail.contains("We do not sell"),
        "{mail}"
    );
}

/// PL-11: an author's long sentence is not cut.
#[test]
fn pl_11_a_long_statement_is_a_whole_criterion() {
    let (_scene, repo) = set_up();
    let long = format!(
        "The report has {} and nothing else",
        "a column, ".repeat(60)
    );
    repo.write(
        "desk.md",
        &format!("# Report\n\n{long}\n\nQuestions: {long}?\n"),
    );
    let plan =
        "### report. Write the report\nlines: 3\n- L3\n## Questions\n- 5: the board decides\n";
    write(&repo, plan);
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(criteria(task(&plan, "Write the report")), [long.as_str()]);
    let approved = repo.data(&["plan", "approve"]);
    let epic = repo.data(&["show", text(&approved, "epic")]);
    let body = text(&epic, "body");
    assert!(
        body.contains("and nothing else? (the board decides)"),
        "{body}"
    );
}

/// A sentence of a paragraph that no criterion of its tasks says is a finding; a description settles it.
#[test]
fn a_sentence_that_no_criterion_says_is_a_finding() {
    let (_scene, repo) = desk();
    let report = write(&repo, PLAN);
    assert_eq!(report["open"], 0);
    let found = messages(&report, "unsaid");
    assert_eq!(found.len(), 1, "{report}");
    assert!(
        found[0].contains("never get more than one mail"),
        "{found:?}"
    );
    let said = PLAN.replace(
        "lines: 7\n",
        "lines: 7\n> Never more than one mail a day.\n",
    );
    let version = text(&report, "version");
    let document = &text(&report, "document")[..12];
    let said = format!("<!-- document {document} plan {version} -->\n{said}");
    assert!(messages(&write(&repo, &said), "unsaid").is_empty());
}

/// What is called not work although a task carries it is a finding; a question can be both. What a later
/// text does not put aside is open again.
#[test]
fn what_is_put_aside_is_what_the_text_says() {
    let (_scene, repo) = desk();
    let both = PLAN.replace(
        "- 9: for the board\n",
        "- 7: not yet\n## Questions\n- 7: how often?\n",
    );
    let refused = repo
        .feed("git-pm", &["plan", "write", "desk.md", "-"], &both)
        .exits(2);
    assert!(
        refused.err.contains("line 7 is below two headings"),
        "{}",
        refused.err
    );
    let both = PLAN.replace("- 9: for the board\n", "- 7: not yet\n");
    let report = write(&repo, &both);
    assert_eq!(messages(&report, "contradiction").len(), 1, "{report}");
    assert_eq!(report["open"], 1);
    let question = PLAN.replace(
        "## Not work\n- 9: for the board\n",
        "## Questions\n- 7: how often?\n",
    );
    let report = write(&repo, &question);
    assert!(messages(&report, "contradiction").is_empty(), "{report}");
    let plan = repo.data(&["plan", "show"]);
    let aside = &list(&plan, "put_aside")[0];
    assert_eq!(
        (&aside["disposition"], &aside["reason"]),
        (&"question".into(), &"how often?".into())
    );
    assert_eq!(report["put_aside"], 0, "a task carries it");
    let printed = repo.pm(&["plan", "edit", "--print"]).ok().out;
    assert!(
        printed.contains("## Questions\n- 7: how often?"),
        "{printed}"
    );
    assert!(
        printed.contains("<!-- In no task, and not put aside:\n9 We do not sell"),
        "{printed}"
    );
    let none = PLAN.split("## Not work").next().unwrap();
    write(&repo, none);
    assert!(list(&repo.data(&["plan", "show"]), "put_aside").is_empty());
}

/// PL-18: a whole text that does not name the plan's version does not replace the work of others.
#[test]
fn pl_18_a_text_without_a_version_does_not_replace_the_work_of_others() {
    let (_scene, repo) = desk();
    write(&repo, PLAN);
    let other = repo.by("lea");
    let args = ["plan", "write", "desk.md", "-"];
    let said = other.feed("git-pm", &args, PLAN).exits(3).err;
    assert!(said.contains("does not say which version"), "{said}");
    other.pm(&["plan", "set", "mail", "estimate=L"]).ok();
    // With the version that its author saw, the other's value stays.
    let outline = repo.pm(&["plan", "outline", "desk.md"]).ok().out;
    let header = outline.lines().next().unwrap();
    other.pm(&["plan", "set", "mail", "estimate=XL"]).ok();
    let report = write(&repo, &format!("{header}\n{PLAN}"));
    assert_eq!(texts(&report, "meanwhile"), ["mail"]);
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(task(&plan, "Remind members by mail")["estimate"], "XL");
    // A patch replaces nothing of others either, and leaves the other tasks alone.
    let patch = ["plan", "write", "desk.md", "-", "--patch"];
    let said = repo.feed("git-pm", &patch, PLAN).exits(3).err;
    assert!(said.contains("lea worked on `mail`"), "{said}");
    let lock = "### lock. Lock the screen soon\n";
    repo.feed("git-pm", &patch, lock).ok();
}

/// PL-18: of a section that was printed before another actor changed its task, a patch writes only what its
/// author changed.
#[test]
fn pl_18_a_patch_keeps_what_others_changed_in_the_same_task() {
    let (_scene, repo) = desk();
    write(&repo, PLAN);
    let printed = repo.pm(&["plan", "edit", "--print"]).ok().out;
    repo.by("lea")
        .pm(&["plan", "set", "mail", "size=L", "title=Mail members"])
        .ok();
    let riskier = printed.replace("risk: low", "risk: high");
    let args = ["plan", "write", "desk.md", "-", "--patch"];
    repo.feed("git-pm", &args, &riskier).ok();
    let plan = repo.data(&["plan", "show"]);
    let mail = task(&plan, "Mail members");
    assert_eq!(
        (&mail["estimate"], &mail["risk"]),
        (&"L".into(), &"high".into())
    );
}

/// PL-25: a task takes nothing from another written one on the same line.
#[test]
fn pl_25_a_written_task_has_its_own_defaults() {
    let (_scene, repo) = desk();
    write(
        &repo,
        &PLAN.replace("lines: 7\n", "lines: 7\nvalidation: none\nrisk: high\n"),
    );
    let more = "### limit. Limit the mails\nlines: 7\n- L7: never more than one mail a day\n";
    repo.feed(
        "git-pm",
        &["plan", "write", "desk.md", "-", "--patch"],
        more,
    )
    .ok();
    let plan = repo.data(&["plan", "show"]);
    let limit = task(&plan, "Limit the mails");
    assert_eq!(
        (&limit["validation"], &limit["risk"]),
        (&"test-after".into(), &"low".into())
    );
    assert_eq!(limit["validation_reason"], "default");
}

/// PL-19: a text with a cycle is told at once what else is open.
#[test]
fn pl_19_a_cycle_hides_no_open_statement() {
    let (_scene, repo) = desk();
    let circle = PLAN
        .replace("lines: 3\n", "lines: 3\nafter: mail\n")
        .replace("lines: 7\n", "lines: 7\nafter: loan\n");
    let circle = circle.split("## Not work").next().unwrap().to_owned();
    let said = repo
        .feed("git-pm", &["plan", "write", "desk.md", "-"], &circle)
        .exits(2)
        .err;
    assert!(
        said.contains("loan → mail → loan") || said.contains("mail → loan → mail"),
        "{said}"
    );
    assert!(said.contains("no task covers line 9"), "{said}");
}

/// PL-15: the lines of a changed document are listed with their tasks, and a task of reworded lines is a
/// finding until its section is written again.
#[test]
fn pl_15_reworded_lines_of_a_document_are_named_with_their_tasks() {
    let (_scene, repo) = desk();
    write(&repo, PLAN);
    let seen = |repo: &Repo| repo.pm(&["status"]).ok().out;
    assert!(!seen(&repo).contains("plan update"));
    repo.write(
        "desk.md",
        &format!(
            "{}\nDogs stay outside.\n",
            DESK.replace("two days", "four days")
        ),
    );
    assert!(
        seen(&repo).contains("git pm plan update desk.md"),
        "{}",
        seen(&repo)
    );
    let shown = repo.data(&["plan", "update", "desk.md"]);
    let lines = list(&shown, "lines");
    assert_eq!(lines.len(), 2, "{shown}");
    assert!(text(&lines[0], "text").contains("four days"));
    let mail = repo.data(&["plan", "show"]);
    let mail = task(&mail, "Remind members by mail")["number"].clone();
    assert_eq!(lines[0]["tasks"], Value::from(vec![mail]));
    let said = repo.pm(&["plan", "update", "desk.md"]).ok().out;
    assert!(
        said.contains("four days") && !said.contains("No changes"),
        "{said}"
    );
    repo.pm(&["plan", "update", "desk.md", "--write"]).ok();
    let plan = repo.data(&["plan", "show"]);
    let found = messages(&plan, "reworded");
    assert_eq!(found, ["line 7 was changed after `mail` was written"]);
    assert_eq!(messages(&plan, "uncovered").len(), 1, "{plan}");
    let section = "### mail. Remind members by mail\n- L7: a mail goes out four days before an object is due\n";
    repo.feed(
        "git-pm",
        &["plan", "write", "desk.md", "-", "--patch"],
        section,
    )
    .ok();
    assert!(messages(&repo.data(&["plan", "show"]), "reworded").is_empty());
}

/// A plan that waits for an approval is named where people look for work.
#[test]
fn a_plan_that_waits_for_an_approval_is_named() {
    let (_scene, repo) = desk();
    write(&repo, PLAN);
    let said = repo.pm(&["next"]).exits(9).err;
    assert!(said.contains("a plan waits for a person"), "{said}");
    assert!(
        said.contains("git pm plan show P-0001") && !said.contains("prd close"),
        "{said}"
    );
    let status = repo.data(&["status"]);
    assert_eq!(list(&status, "plans")[0]["prd"], "P-0001");
    assert!(
        repo.pm(&["status"])
            .ok()
            .out
            .contains("git pm plan show P-0001")
    );
    repo.pm(&["plan", "approve"]).ok();
    assert!(list(&repo.data(&["status"]), "plans").is_empty());
    // A later task waits, too, and its approval is the next step.
    repo.pm(&["plan", "add", "Open the door"]).ok();
    assert!(
        repo.pm(&["plan", "show"])
            .ok()
            .out
            .contains("git pm plan approve P-0001 --expect")
    );
}

/// PL-12: a line that is in no task says what became of it.
#[test]
fn pl_12_a_trace_of_a_line_that_is_no_work_says_why() {
    let (_scene, repo) = desk();
    write(&repo, PLAN);
    repo.pm(&["plan", "approve"]).ok();
    let said = repo.pm(&["trace", "desk.md:9"]).exits(4).err;
    assert!(
        said.contains("context (for the board, decided by"),
        "{said}"
    );
    assert_eq!(own(&repo.data(&["plan", "show"])).len(), 3);
}

/// PL-18: a description of a section's own is shown to who approves it, and is gone with its lines.
#[test]
fn pl_18_a_description_is_what_the_text_says() {
    let (_scene, repo) = desk();
    let own = PLAN.replace(
        "lines: 7\n",
        "lines: 7\n> Never more than one mail a day.\n",
    );
    let report = write(&repo, &own);
    assert!(messages(&report, "unsaid").is_empty(), "{report}");
    let shown = repo.pm(&["plan", "show", "-v"]).ok().out;
    assert!(
        shown.contains("> Never more than one mail a day."),
        "{shown}"
    );
    let printed = repo.pm(&["plan", "edit", "--print"]).ok().out;
    let without = printed.replace("> Never more than one mail a day.\n", "");
    assert_ne!(without, printed);
    write(&repo, &without);
    let plan = repo.data(&["plan", "show"]);
    let mail = text(task(&plan, "Remind members by mail"), "description");
    assert!(mail.starts_with("Members get a mail"), "{mail}");
    let printed = repo.pm(&["plan", "edit", "--print"]).ok().out;
    assert!(
        !printed.contains("Never more than one mail a day."),
        "{printed}"
    );
}

/// PL-15: a paragraph that takes the place of a removed one is not the same paragraph reworded.
#[test]
fn pl_15_a_new_paragraph_in_the_place_of_another_is_open() {
    let (_scene, repo) = desk();
    write(&repo, PLAN);
    let mail = DESK.lines().nth(6).unwrap();
    let other = DESK.replace(
        mail,
        "Broken objects are repaired on Fridays by volunteers with tools.",
    );
    repo.write("desk.md", &other);
    let shown = repo.data(&["plan", "update", "desk.md"]);
    assert!(
        list(&list(&shown, "lines")[0], "tasks").is_empty(),
        "{shown}"
    );
    assert_eq!(list(&shown, "lost").len(), 1, "{shown}");
    repo.pm(&["plan", "update", "desk.md", "--write"]).ok();
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(messages(&plan, "uncovered").len(), 1, "{plan}");
    assert_eq!(messages(&plan, "gone").len(), 1, "{plan}");
}

/// PL-29: an approval of a changed document accepts what is open in it, and tasks whose lines were reworded,
/// only if it is told to.
#[test]
fn pl_29_a_changed_document_is_not_approved_without_a_look() {
    let (_scene, repo) = desk();
    write(&repo, PLAN);
    repo.pm(&["plan", "approve"]).ok();
    repo.write("desk.md", &DESK.replace("two days", "four days"));
    let shown = repo.pm(&["plan", "show"]).ok();
    let said = format!("{}{}", shown.out, shown.err);
    assert!(said.contains("desk.md has changed since"), "{said}");
    repo.pm(&["plan", "update", "desk.md", "--write"]).ok();
    let said = repo.pm(&["plan", "diff"]).ok().out;
    assert!(said.contains("was approved for another one"), "{said}");
    let said = repo.pm(&["plan", "approve"]).exits(1).err;
    assert!(
        said.contains("were changed after they were written"),
        "{said}"
    );
    // That a statement is in no task is another question.
    repo.pm(&["plan", "approve", "--accept-uncovered"]).exits(1);
    repo.pm(&["plan", "approve", "--accept-reworded"]).ok();
    assert!(messages(&repo.data(&["plan", "show"]), "reworded").is_empty());
    let more = DESK.replace("two days", "four days") + "\nDogs stay outside of the shop.\n";
    repo.write("desk.md", &more);
    repo.pm(&["plan", "update", "desk.md", "--write"]).ok();
    let said = repo.pm(&["plan", "approve"]).exits(1).err;
    assert!(said.contains("no task covers these statements"), "{said}");
    repo.pm(&["plan", "approve", "--accept-uncovered"]).ok();
}
