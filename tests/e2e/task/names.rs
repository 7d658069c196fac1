//! Ids and branch names.

use crate::support::{binary, forge, set_up};

// TM-05: numbers grow past four digits and are never used twice.
#[test]
fn tm_05_ids_have_four_digits_and_grow_past_them() {
    let (_scene, repo) = set_up();
    let id = repo.task("T", &[]);
    assert_eq!(id, "T-0001");
    let path = forge::path_of(&repo, &id);
    let text = forge::read(&repo, &path);
    let uid = repo.data(&["show", &id])["uid"]
        .as_str()
        .unwrap()
        .to_string();
    let other = format!("{}zzzz", &uid[..uid.len() - 4]);
    let forged = text.replace(&uid, &other).replace("T-0001", "T-9999");
    forge::put(&repo, "tasks/99/T-9999-zzzz.md", forged.as_bytes());
    assert_eq!(repo.data(&["show", "T-9999"])["uid"], other.as_str());
    let next = repo.task("Next", &[]);
    assert_eq!(next, "T-10000");
    assert!(
        forge::path_of(&repo, &next).starts_with("tasks/01/00/"),
        "{next}"
    );
    assert_eq!(repo.data(&["show", "t-10000"])["id"], "T-10000");
    // A closed task's number is not reused.
    repo.pm(&["task", "cancel", "T-10000"]).ok();
    assert_eq!(repo.task("More", &[]), "T-10001");
    let ids: Vec<String> = repo.data(&["task", "list"])["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["id"].as_str().unwrap().into())
        .collect();
    assert_eq!(
        ids,
        ["T-0001", "T-9999", "T-10001"],
        "not in the order of numbers"
    );
}

// WT-02: branch names follow a template, and the name is stored, not computed again.
#[test]
fn wt_02_branch_names_follow_the_template_and_are_stored() {
    let (_scene, repo) = set_up();
    repo.task("Fix the Flaky: Login (test)!", &[]);
    repo.git(&["config", "pm.branch", "feature/{id}-{slug}"])
        .ok();
    let item = repo.data(&["start", "T-1", "--no-worktree"]);
    assert_eq!(item["branch"], "feature/T-0001-fix-the-flaky-login-test");
    repo.git(&["config", "pm.branch", "x/{id}"]).ok();
    repo.pm(&["task", "edit", "T-1", "--title", "Another"]).ok();
    let item = repo.data(&["show", "T-1"]);
    assert_eq!(item["branch"], "feature/T-0001-fix-the-flaky-login-test");
    repo.task("Two", &[]);
    repo.git(&["config", "pm.branch", "bad..name/{id}~"]).ok();
    let ran = repo.pm(&["start", "T-2", "--no-worktree"]);
    if ran.code == 0 {
        let name = repo.data(&["show", "T-2"])["branch"]
            .as_str()
            .unwrap()
            .to_string();
        repo.git(&["check-ref-format", "--branch", &name]).ok();
    } else {
        assert!(ran.err.contains("branch pattern"), "{}", ran.err);
        assert_eq!(repo.data(&["show", "T-2"])["status"], "queued");
    }
}

// The number of a task, or the hash of an issue, alone names it.
#[test]
fn a_number_or_a_hash_alone_names_an_item() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    let id = repo.pm(&["issue", "q", "Bug"]).ok().text();
    let hash = id.rsplit_once('-').unwrap().1;
    repo.pm(&["epic", "create", "Whole"]).ok();
    for (typed, id) in [
        ("1", "T-0001"),
        ("0001", "T-0001"),
        ("#1", "T-0001"),
        ("T1", "T-0001"),
        ("t0001", "T-0001"),
        ("e1", "E-0001"),
        (hash, &id),
    ] {
        assert_eq!(repo.data(&["show", typed])["id"], id, "{typed}");
    }
    for typed in ["#2", "T2", "T", "T1x", "TT1", "é1"] {
        repo.pm(&["show", typed]).exits(4);
    }
    repo.pm(&["done", "1", "--evidence", "seen"]).ok();
    repo.pm(&["show", "2"]).exits(4);
}

// A number that names a task here and a record of another tracker names two things.
#[test]
fn a_number_that_names_a_task_and_an_imported_issue_is_ambiguous() {
    let (_scene, repo) = set_up();
    let address = |number| format!("https://github.com/acme/app/issues/{number}");
    let rows = format!(
        "Title,URL,Status\nOld issue,{},Todo\nOther,{},Todo\n",
        address(3),
        address(9)
    );
    repo.feed(binary(), &["import", "csv", "-"], &rows).ok();
    for title in ["Third", "Fourth"] {
        repo.task(title, &[]);
    }
    let before = repo.state_tree();
    let said = repo.pm(&["cancel", "3"]).exits(4).err;
    let imported = format!("T-0001 ({})", address(3));
    for name in ["T-0003", imported.as_str()] {
        assert!(said.contains(name), "{said}");
    }
    assert_eq!(repo.state_tree(), before);
    let shown = |name: &str| repo.data(&["show", name])["title"].clone();
    // Where only one exists, and by the names in full.
    for (name, title) in [
        ("4", "Fourth"),
        ("9", "Other"),
        ("T-3", "Third"),
        ("T-0001", "Old issue"),
        (&address(3), "Old issue"),
    ] {
        assert_eq!(shown(name), title, "{name}");
    }
}

/// A title in the place of an id is answered with the id.
#[test]
fn a_title_in_the_place_of_an_id_names_the_id() {
    let (_scene, repo) = set_up();
    repo.pm(&["epic", "create", "Checkout epic"]).ok();
    let refused = repo.pm(&["task", "create", "Pay", "--epic", "checkout epic"]);
    assert_ne!(refused.code, 0, "{refused:?}");
    assert!(
        refused.err.contains("`E-0001` is the item with this title"),
        "{refused:?}"
    );
}
