//! PL-15: a person who corrects a task whose lines were reworded has answered what an approval asks.

use super::{criteria, list, task, text};
use crate::support::{Repo, Scene, set_up};

const MOVE: &str = "\
# Move

## Migration

The old table must stay for two weeks. Writes must go to both stores.

Nightly backups must go on.
";

const PLAN: &str = "\
### migrate. Write to both stores for two weeks
lines: 5
- L5: the table stays for two weeks
- L5: writes go to both stores
### backup. Go on with backups
lines: 7
validation: none
- L7
";

const ASKED: &str = "lines of these tasks were changed after they were written";

/// The approved plan of the text.
fn approved() -> (Scene, Repo) {
    let (scene, repo) = set_up();
    repo.write("d.md", MOVE);
    repo.feed("git-pm", &["plan", "write", "d.md", "-"], PLAN)
        .ok();
    repo.pm(&["plan", "approve"]).ok();
    (scene, repo)
}

/// Stores a text with another time, about which an approval asks.
#[track_caller]
fn reword(repo: &Repo, time: &str) {
    repo.write("d.md", &MOVE.replace("two weeks", time));
    repo.pm(&["plan", "update", "d.md", "--write"]).ok();
    let said = repo.pm(&["plan", "approve"]).exits(1).err;
    assert!(said.contains(ASKED), "{said}");
}

/// The ids of the migration and of its test.
fn items(repo: &Repo) -> [String; 2] {
    let plan = repo.data(&["plan", "show"]);
    let migrate = list(&plan, "tasks").iter();
    let mut migrate = migrate.filter(|task| text(task, "title").contains("Write to both"));
    [(); 2].map(|()| text(migrate.next().unwrap(), "item").to_owned())
}

#[test]
fn pl_15_a_task_that_a_person_corrected_is_compared_with_its_line() {
    let (_scene, repo) = approved();
    reword(&repo, "four weeks");
    let [migrate, test] = items(&repo);
    let title = "Write to both stores for four weeks";
    let edit = ["task", "edit", &migrate, "--title", title];
    // A half of it is none: a criterion still has the old words.
    repo.pm(&edit).ok();
    let said = repo.pm(&["plan", "approve"]).exits(1).err;
    assert!(said.contains(ASKED), "{said}");
    let now = "the table stays for four weeks";
    let edit = ["task", "edit", &migrate, "--remove-accept", "1"];
    repo.pm(&[&edit[..], &["--accept", now]].concat()).ok();
    let said = repo.pm(&["plan", "check"]).out;
    assert!(!said.contains("was changed"), "{said}");
    assert!(!said.contains(ASKED), "{said}");

    let made = repo.data(&["plan", "approve"]);
    assert!(list(&made, "created").is_empty(), "{made}");
    assert_eq!(task(&made, title)["item"], migrate.as_str(), "{made}");
    let shown = repo.pm(&["show", &migrate]).ok().out;
    assert!(
        shown.contains("The old table must stay for four weeks."),
        "{shown}"
    );
    assert!(!shown.contains("two weeks"), "{shown}");
    let item = repo.data(&["show", &migrate]);
    assert_eq!(criteria(&item).len(), 2, "{item}");
    let tested = repo.data(&["show", &test]);
    assert_eq!(tested["title"], format!("Test: {title}"), "{tested}");
    assert!(!tested.to_string().contains("two weeks"), "{tested}");
    let said = repo.pm(&["plan", "check"]).out;
    assert!(!said.contains("was changed"), "{said}");
    // The next words are another question.
    reword(&repo, "six weeks");
}

/// Other changes of a task answer nothing, and who accepts it as it is still has the present quotation.
#[test]
fn pl_15_only_words_of_the_line_correct_a_task() {
    let (_scene, repo) = approved();
    reword(&repo, "four weeks");
    let [migrate, test] = items(&repo);
    let edit = ["task", "edit", &migrate, "--priority", "0"];
    repo.pm(&[&edit[..], &["--accept", "it is announced"]].concat())
        .ok();
    let said = repo.pm(&["plan", "approve"]).exits(1).err;
    assert!(said.contains(ASKED), "{said}");
    repo.pm(&["plan", "approve", "--accept-reworded"]).ok();
    let shown = repo.pm(&["show", &migrate]).ok().out;
    assert!(shown.contains("must stay for four weeks"), "{shown}");
    let title = "Write to both stores for two weeks";
    assert_eq!(repo.data(&["show", &migrate])["title"], title);
    let tested = repo.data(&["show", &test]);
    assert_eq!(tested["title"], format!("Test: {title}"), "{tested}");
}

/// Work that was begun keeps what it was begun with.
#[test]
fn pl_15_the_quotation_of_begun_work_stays() {
    let (_scene, repo) = approved();
    let [migrate, _] = items(&repo);
    repo.pm(&["start", &migrate, "--no-worktree"]).ok();
    reword(&repo, "four weeks");
    repo.pm(&["plan", "approve", "--accept-reworded"]).ok();
    let shown = repo.pm(&["show", &migrate]).ok().out;
    assert!(shown.contains("must stay for two weeks"), "{shown}");
}

/// What a person wrote before the line was reworded says nothing of its new words.
#[test]
fn pl_15_an_edit_from_before_a_rewording_is_no_correction_of_it() {
    let (_scene, repo) = approved();
    let [migrate, _] = items(&repo);
    let edit = ["task", "edit", &migrate, "--title", "Write twice"];
    let own = ["--remove-accept", "1", "--accept", "the table stays"];
    repo.pm(&[&edit[..], &own].concat()).ok();
    repo.pm(&["start", &migrate, "--no-worktree"]).ok();
    reword(&repo, "four weeks");
}

/// A plan's own name of a task precedes the id of an item that is typed without its dash.
#[test]
fn pl_18_the_name_of_a_planned_task_is_no_id_of_an_item() {
    let (_scene, repo) = set_up();
    for n in 1..4 {
        repo.task(&format!("Other {n}"), &[]);
    }
    repo.write("d.md", MOVE);
    let plan = PLAN.replace("### backup.", "### t3.");
    repo.feed("git-pm", &["plan", "write", "d.md", "-"], &plan)
        .ok();
    repo.pm(&["plan", "set", "t3", "title=Keep the backups"])
        .ok();
    let plan = repo.data(&["plan", "show"]);
    let all = list(&plan, "tasks").iter();
    let titles: Vec<&str> = all.map(|task| text(task, "title")).collect();
    assert!(titles.contains(&"Keep the backups"), "{titles:?}");
}
