//! PL-15: what an author only reworded, renamed or moved in a document is the same task.

use serde_json::Value;

use super::{list, own, planned, task, text, texts, titles};
use crate::support::{Repo, Scene, set_up};

const LIST: &str = "\
# Release

## Open

- [ ] Schedule exports daily or weekly
- [ ] Write the guide
- [ ] Send the letter

## Done

- [x] Choose a name
";

/// The plan of [`LIST`], approved, and the document with other words.
fn changed(from: &str, to: &str) -> (Scene, Repo) {
    let (scene, repo) = set_up();
    planned(&repo, "list.md", LIST);
    repo.pm(&["plan", "approve"]).ok();
    assert!(LIST.contains(from), "no \"{from}\"");
    repo.write("list.md", &LIST.replace(from, to));
    (scene, repo)
}

/// What an update tells of new and gone tasks.
fn new_and_gone(update: &Value) -> (Vec<&str>, Vec<&str>) {
    let new = list(update, "new").iter();
    let new = new.map(|task| text(task, "title")).collect();
    (new, texts(update, "gone"))
}

/// The lines of a text that have some words.
fn lines_with<'t>(said: &'t str, words: &str) -> Vec<&'t str> {
    said.lines().filter(|line| line.contains(words)).collect()
}

/// A line that was reworded is told once, and its task keeps its number and its item.
#[test]
fn pl_15_a_reworded_line_is_neither_new_nor_gone() {
    let to = "Schedule exports hourly, daily or weekly";
    let (_scene, repo) = changed("Schedule exports daily or weekly", to);
    repo.pm(&["task", "edit", "T-0001", "--priority", "0"]).ok();
    let update = repo.data(&["plan", "update", "list.md"]);
    assert_eq!(new_and_gone(&update), (vec![], vec![]), "{update}");
    assert_eq!(texts(&update, "changed"), [to]);
    let lines = list(&update, "lines");
    assert_eq!(lines.len(), 1, "{update}");
    assert_eq!(lines[0]["tasks"], serde_json::json!([1]));
    let said = repo.pm(&["plan", "update", "list.md", "--write"]).ok().out;
    assert_eq!(lines_with(&said, "- [ ] Schedule").len(), 1, "{said}");
    for word in ["new  ", "gone"] {
        assert!(lines_with(&said, word).is_empty(), "{said}");
    }
    let plan = repo.data(&["plan", "show"]);
    assert_eq!(own(&plan).len(), 3, "{:?}", titles(&plan));
    assert_eq!(task(&plan, to)["item"], "T-0001");
    // Drafting the same text again changes nothing.
    let before = super::tip(&repo);
    repo.pm(&["plan", "regenerate"]).ok();
    assert_eq!(super::tip(&repo), before);
    let made = repo.data(&["plan", "approve"]);
    assert!(list(&made, "created").is_empty(), "{made}");
    let item = repo.data(&["show", "T-0001"]);
    assert_eq!(item["title"], to);
    assert_eq!(item["priority"], 0);
}

/// Another heading, and another place below one, change no task.
#[test]
fn pl_15_a_renamed_heading_and_a_moved_line_keep_their_tasks() {
    let moved = LIST.replace("- [ ] Send the letter\n", "") + "- [ ] Send the letter\n";
    for (after, what) in [
        (LIST.replace("## Open", "## To do"), "a renamed heading"),
        (moved, "an open box below a heading that says done"),
    ] {
        let (_scene, repo) = changed("", "");
        repo.write("list.md", &after);
        let said = repo.pm(&["plan", "update", "list.md", "--write"]).ok().out;
        for word in ["new  ", "gone"] {
            assert!(!said.contains(word), "{what}: {said}");
        }
        let plan = repo.data(&["plan", "show"]);
        assert_eq!(own(&plan).len(), 3, "{what}: {:?}", titles(&plan));
        assert_eq!(task(&plan, "Send the letter")["is_gone"], false, "{what}");
        let made = repo.data(&["plan", "approve"]);
        assert!(list(&made, "created").is_empty(), "{what}: {made}");
    }
}

/// A phase with another name is the same milestone.
#[test]
fn pl_17_a_renamed_phase_is_the_same_milestone() {
    let (_scene, repo) = set_up();
    planned(&repo, "bus.md", super::PHASES);
    repo.pm(&["plan", "approve"]).ok();
    let before = repo.data(&["milestone", "list"]);
    let after = super::PHASES.replace("Phase 1: Collect", "Phase 1: Collect and store");
    repo.write("bus.md", &after);
    repo.pm(&["plan", "update", "bus.md", "--write"]).ok();
    let made = repo.data(&["plan", "approve"]);
    assert!(list(&made, "created").is_empty(), "{made}");
    let now = repo.data(&["milestone", "list"]);
    let ids = |all: &Value| -> Vec<Value> {
        list(all, "items")
            .iter()
            .map(|one| one["id"].clone())
            .collect()
    };
    assert_eq!(ids(&now), ids(&before), "{now}");
    assert!(
        text(&list(&now, "items")[0], "title").contains("and store"),
        "{now}"
    );
}

/// What takes the place of finished work, or of other words, is a new task.
#[test]
fn pl_15_new_words_in_the_place_of_others_are_a_new_task() {
    let (_scene, repo) = changed("Schedule exports daily or weekly", "Print the poster");
    let update = repo.data(&["plan", "update", "list.md"]);
    let wanted = (
        vec!["Print the poster"],
        vec!["Schedule exports daily or weekly"],
    );
    assert_eq!(new_and_gone(&update), wanted);

    let (_scene, repo) = changed("exports daily", "imports daily");
    repo.pm(&["task", "done", "T-0001", "--force"]).ok();
    let update = repo.data(&["plan", "update", "list.md"]);
    let (new, _) = new_and_gone(&update);
    assert_eq!(new, ["Schedule imports daily or weekly"], "{update}");
}

/// The plan of [`LIST`] as a person wrote it, under names given by hand, approved.
fn written() -> (Scene, Repo) {
    let (scene, repo) = set_up();
    repo.write("list.md", LIST);
    let plan = "\
# Release
## main
### export. Schedule exports
lines: 5
validation: none
### tell. Tell all
lines: 6
validation: none
- L7
";
    repo.feed("git-pm", &["plan", "write", "list.md", "-"], plan)
        .ok();
    repo.pm(&["plan", "approve"]).ok();
    (scene, repo)
}

/// A line that a written task carries is that task's, wherever it stands and however it is worded.
#[test]
fn pl_15_a_line_of_a_written_task_is_never_a_new_task() {
    let moved = LIST.replace("- [ ] Schedule exports daily or weekly\n", "")
        + "\n## Next\n\n- [ ] Schedule exports daily or weekly\n";
    for (after, what) in [
        (moved, "moved"),
        (LIST.replace("## Open", "## To do"), "below another heading"),
        (
            LIST.replace("daily or weekly", "each day or week"),
            "reworded",
        ),
        (
            LIST.replace("Send the letter", "Send a letter"),
            "a criterion",
        ),
    ] {
        let (_scene, repo) = written();
        repo.write("list.md", &after);
        let update = repo.data(&["plan", "update", "list.md", "--write"]);
        assert_eq!(new_and_gone(&update), (vec![], vec![]), "{what}: {update}");
        // Nothing else does it later.
        repo.pm(&["plan", "regenerate"]).ok();
        assert_eq!(own(&repo.data(&["plan", "show"])).len(), 2, "{what}");
        let made = repo.data(&["plan", "approve", "--accept-reworded"]);
        assert!(list(&made, "created").is_empty(), "{what}: {made}");
    }
}

/// Whether lines were changed is judged once: for the differences, the checks and the approval.
#[test]
fn pl_15_all_tell_of_reworded_lines_of_a_written_task() {
    let (_scene, repo) = written();
    repo.write(
        "list.md",
        &LIST.replace("daily or weekly", "each day or week"),
    );
    repo.pm(&["plan", "update", "list.md", "--write"]).ok();
    for args in [["plan", "diff"], ["plan", "check"], ["plan", "approve"]] {
        let ran = repo.pm(&args);
        let said = format!("{}{}", ran.out, ran.err);
        let tells = said.contains("were changed") || said.contains("was changed");
        assert!(tells, "{args:?}: {said}");
        assert!(!said.contains("No changes."), "{args:?}: {said}");
    }
    repo.pm(&["plan", "approve", "--accept-reworded"]).ok();
    let said = repo.pm(&["plan", "diff"]).ok().out;
    let tells = said.contains("were changed") || said.contains("was changed");
    assert!(!tells, "{said}");
}

/// Other work beside the lines of a written task, and the same words once more, are new.
#[test]
fn pl_15_other_lines_beside_those_of_a_written_task_are_new() {
    for line in ["Print the poster", "Schedule exports"] {
        let (_scene, repo) = written();
        let more = format!("- [ ] Send the letter\n- [ ] {line}\n");
        repo.write("list.md", &LIST.replace("- [ ] Send the letter\n", &more));
        let update = repo.data(&["plan", "update", "list.md"]);
        assert_eq!(new_and_gone(&update).0, [line], "{update}");
    }
}

const NOTES: &str = "\
# Credit notes

### E-mail

When a credit note is issued, the customer gets an e-mail with the PDF.

### Permissions

Only clerks with the role `credit` may issue credit notes. Everyone may read them.
";

const NEWER: &str = "\
# Credit notes

### Permissions

Only clerks with the role `credit` may issue credit notes. Everyone with access may read them.

### Audit log

Every change of a credit note must be written to an audit log.
";

/// A section that is removed while others are reworded and added loses its task, and no other does.
#[test]
fn pl_15_a_removed_section_gives_its_task_to_no_other() {
    let (_scene, repo) = set_up();
    let plan = "# Credit notes\n\n### mail. Send the e-mail\nlines: 3-5\n- L5: mail is sent\n\n\
                ### perm. Permissions\nlines: 7-9\n- L9: the role is checked\n";
    repo.write("d.md", NOTES);
    repo.feed("git-pm", &["plan", "write", "d.md", "-"], plan)
        .ok();
    repo.pm(&["plan", "approve"]).ok();
    let before = repo.data(&["plan", "show"]);
    let (mail, perm) = (
        task(&before, "Send the e-mail"),
        task(&before, "Permissions"),
    );
    repo.write("d.md", NEWER);
    for write in [&[][..], &["--write"]] {
        let update = repo.data(&[&["plan", "update", "d.md"], write].concat());
        assert_eq!(texts(&update, "gone"), ["Send the e-mail"], "{update}");
        let tasks = list(&update, "lines")
            .iter()
            .map(|one| one["tasks"].clone());
        let wanted = [serde_json::json!([perm["number"]]), serde_json::json!([])];
        assert_eq!(tasks.collect::<Vec<_>>(), wanted, "{update}");
    }
    let traced = repo.data(&["trace", "d.md:5"]);
    assert_eq!(list(&traced, "tasks")[0]["id"], perm["item"], "{traced}");
    let shown = repo.pm(&["trace", text(mail, "item")]).ok().out;
    let planned = "line 3 of the version of d.md that was planned";
    assert!(shown.contains(planned), "{shown}");
    let checks = repo.pm(&["plan", "check"]).exits(1).out;
    let cancel = format!("git pm task cancel {}", text(mail, "item"));
    assert!(checks.contains(&cancel), "{checks}");
    let coverage = repo.data(&["plan", "show", "--coverage"]);
    assert_ne!(coverage["uncovered"], 0, "{coverage}");
}

/// The lines of a drafted plan are said to be of the tasks that the update gives them to.
#[test]
fn pl_15_an_update_names_the_tasks_that_it_writes() {
    let (_scene, repo) = set_up();
    let below = |text: &str| {
        let text = text.replace("may issue", "must be able to issue");
        text.replace("gets", "must get")
            .replacen("\n\n", "\n\n## Requirements\n\n", 1)
    };
    planned(&repo, "d.md", &below(NOTES));
    repo.pm(&["plan", "approve"]).ok();
    repo.write("d.md", &below(NEWER));
    let update = repo.data(&["plan", "update", "d.md", "--write"]);
    assert_eq!(
        new_and_gone(&update),
        (vec!["Audit log"], vec!["E-mail"]),
        "{update}"
    );
    for one in list(&update, "lines") {
        let is_new = text(one, "text").contains("Audit");
        assert_eq!(list(one, "tasks").is_empty(), is_new, "{update}");
    }
}

/// Finished work in other words for the same is that task, and is told as such.
#[test]
fn pl_15_a_reworded_line_of_a_done_task_is_no_new_task() {
    let (_scene, repo) = changed("", "");
    repo.pm(&["task", "done", "T-0002", "--force"]).ok();
    repo.write("list.md", &LIST.replace("Write the guide", "Write a guide"));
    let update = repo.data(&["plan", "update", "list.md"]);
    assert_eq!(new_and_gone(&update), (vec![], vec![]), "{update}");
    assert!(texts(&update, "changed").is_empty(), "{update}");
    let over = list(&update, "over");
    assert_eq!(over.len(), 1, "{update}");
    assert_eq!(text(&over[0], "title"), "Write a guide");
    let said = "T-0002 is done; its line was reworded";
    assert_eq!(text(&over[0], "said"), said);
    let shown = repo.pm(&["plan", "update", "list.md", "--write"]).ok().out;
    assert!(shown.contains(said) && !shown.contains("new  "), "{shown}");
    let made = repo.data(&["plan", "approve"]);
    assert!(list(&made, "created").is_empty(), "{made}");
    assert_eq!(repo.data(&["show", "T-0002"])["title"], "Write the guide");
}

/// A change of a title that was undone is no person's title: the document's new one is taken, again and again.
#[test]
fn pl_15_an_undone_title_follows_the_document() {
    let (_scene, repo) = changed("", "");
    repo.pm(&["task", "edit", "T-0001", "--title", "Mine"]).ok();
    repo.pm(&["undo"]).ok();
    for to in ["hourly, daily", "hourly, each day"] {
        repo.write("list.md", &LIST.replace("daily", to));
        repo.pm(&["plan", "update", "list.md", "--write"]).ok();
        let made = repo.data(&["plan", "approve"]);
        assert!(list(&made, "kept").is_empty(), "{made}");
        let title = format!("Schedule exports {to} or weekly");
        assert_eq!(repo.data(&["show", "T-0001"])["title"], title.as_str());
    }
    // One that was not undone stays.
    repo.pm(&["task", "edit", "T-0001", "--title", "Mine"]).ok();
    repo.write("list.md", &LIST.replace("daily", "monthly, daily"));
    repo.pm(&["plan", "update", "list.md", "--write"]).ok();
    let made = repo.data(&["plan", "approve"]);
    assert_eq!(list(&made, "kept").len(), 1, "{made}");
    assert_eq!(repo.data(&["show", "T-0001"])["title"], "Mine");
}

/// A task whose words the document still has, but not as a task, is not told as gone.
#[test]
fn pl_15_what_the_document_says_instead_is_told() {
    let after = "\
# Release

## Open

- [ ] Schedule exports daily or weekly

## Done

- [ ] Write the guide

## Out of scope

- Send the letter
";
    let (_scene, repo) = changed("", "");
    repo.write("list.md", after);
    let update = repo.data(&["plan", "update", "list.md"]);
    assert_eq!(new_and_gone(&update), (vec![], vec![]), "{update}");
    let aside = list(&update, "aside");
    let said = |title: &str| {
        let mut found = aside.iter().filter(|one| one["title"] == title);
        text(found.next().unwrap_or_else(|| panic!("{update}")), "said").to_owned()
    };
    assert_eq!(
        said("Write the guide"),
        "line 9: its section is done, its box is open"
    );
    assert!(said("Send the letter").starts_with("line 13: "), "{update}");
    let shown = repo.pm(&["plan", "update", "list.md", "--write"]).ok().out;
    assert!(
        shown.contains("its box is open") && !shown.contains("gone"),
        "{shown}"
    );
    let checks = repo.pm(&["plan", "check"]).out;
    assert!(
        !lines_with(&checks, "Write the guide").is_empty(),
        "{checks}"
    );
    // It is open in the document: nothing cancels it.
    assert!(!checks.contains("task cancel T-0002"), "{checks}");
    assert!(checks.contains("line 9: its section is done"), "{checks}");
    assert!(checks.contains("git pm task cancel T-0003"), "{checks}");
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(!shown.contains("not in the document"), "{shown}");
}

/// PL-31: the checks and the screen count the same tasks, without those that are left of an earlier
/// document.
#[test]
fn pl_31_checks_and_screen_tell_of_one_graph() {
    let (_scene, repo) = set_up();
    let list = |names: &[&str]| {
        let all = names.iter().map(|name| format!("- REQ-{name}\n"));
        format!("# Shop\n\n## Requirements\n\n{}", all.collect::<String>())
    };
    let first = [
        "1: Search",
        "2: Sort",
        "3: Log",
        "4: Print",
        "5: Share",
        "6: Sell",
        "7: Wrap",
        "8: Buy, after REQ-1",
        "9: Send, after REQ-1",
    ];
    planned(&repo, "shop.md", &list(&first));
    repo.pm(&["plan", "approve"]).ok();
    let second = [&first[..5], &first[7..]].concat();
    repo.write("shop.md", &list(&second));
    repo.pm(&["plan", "update", "shop.md", "--write"]).ok();
    let plan = repo.data(&["plan", "show"]);
    let present = own(&plan)
        .into_iter()
        .filter(|task| task["is_gone"] == false);
    assert_eq!(present.count(), 7, "{:?}", titles(&plan));
    let shown = repo.pm(&["plan", "show"]).ok().out;
    assert!(
        shown.contains("approved, changes wait for a decision, 7 tasks + 7 test tasks"),
        "{shown}"
    );
    // Five of them can begin: with those that are left it would be all.
    let checks = repo.pm(&["plan", "check"]).out;
    assert!(!checks.contains("have no dependencies"), "{checks}");
}
