//! Repeated undo, and undo of imported data.

use crate::support::{Repo, Scene, set_up, wait_all};

#[test]
fn a_create_can_be_undone_after_the_undo_of_the_start_that_followed_it() {
    let (_scene, repo) = set_up();
    let id = repo.task("One", &["--path", "src/**"]);
    repo.pm(&["start", &id]).ok();
    repo.pm(&["undo"]).ok();
    repo.pm(&["undo"]).ok();
    repo.pm(&["show", &id]).exits(4);
    // Later work that was not undone still refuses it.
    let other = repo.task("Two", &[]);
    let made = repo.tip("refs/pm/main");
    repo.pm(&["start", &other]).ok();
    repo.pm(&["undo", &made]).exits(1);
}

#[test]
fn a_refused_undo_names_each_obstacle_once() {
    let (_scene, repo) = set_up();
    let id = repo.task("One", &["--accept", "it holds"]);
    let accept = ["task", "accept", &id, "1", "--evidence", "seen"];
    repo.pm(&accept).ok();
    let accepted = repo.tip("refs/pm/main");
    repo.pm(&["undo"]).ok();
    // All parts of the criterion are written again.
    repo.by("bob").pm(&accept).ok();
    let refused = repo.pm(&["undo", &accepted]).exits(1).err;
    let clause = "criterion `it holds` was changed again by bob";
    assert_eq!(refused.matches(clause).count(), 1, "{refused}");
}

#[test]
fn of_concurrent_undos_of_one_operation_the_later_ones_name_the_first() {
    let (_scene, repo) = set_up();
    let id = repo.task("One", &[]);
    repo.pm(&["start", &id, "--no-worktree"]).ok();
    let start = repo.tip("refs/pm/main");
    let undos = (0..4).map(|_| repo.spawn(&["undo", &start]));
    let undos = wait_all(undos.collect());
    let first = undos.iter().filter(|ran| ran.code == 0);
    assert_eq!(first.count(), 1, "{undos:?}");
    let commit = repo.tip("refs/pm/main");
    for ran in undos.iter().filter(|ran| ran.code != 0) {
        let said = format!("it was already undone by Ana in {}", &commit[..10]);
        assert!(ran.err.contains(&said), "{}", ran.err);
    }
}

#[test]
fn an_undo_of_a_shared_setting_says_how_to_set_it_back() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    for (set, back) in [
        (
            ["pm.protectedPaths", ".github/ infra/ secrets/ db/"],
            "config --shared --unset pm.protectedPaths",
        ),
        (
            ["pm.protectedPaths", "infra/ .github/ secrets/ db/ x/"],
            "config --shared pm.protectedPaths '.github/ infra/ secrets/ db/'",
        ),
        (
            ["pm.issuePrefix", "app"],
            "config --shared --unset pm.issuePrefix",
        ),
        (
            ["pm.issuePrefix", "web"],
            "config --shared pm.issuePrefix app",
        ),
    ] {
        repo.pm(&[&["config", "--shared"], &set[..]].concat()).ok();
        let refused = repo.pm(&["undo"]).exits(1).err;
        assert!(refused.contains(back), "{set:?}: {refused}");
        assert!(refused.contains("git pm undo COMMIT"), "{refused}");
    }
}

fn beads(repo: &Repo, titles: &[(&str, &str)], at: &str) {
    let lines: Vec<String> = titles
        .iter()
        .map(|(id, title)| {
            format!(
                r#"{{"id":"{id}","title":"{title}","status":"open","priority":2,"issue_type":"task","created_at":"2025-01-01T00:00:00Z","updated_at":"{at}","comments":[{{"id":1,"issue_id":"{id}","author":"eve","text":"hm","created_at":"2025-01-01T00:00:00Z"}}]}}"#
            )
        })
        .collect();
    repo.write("issues.jsonl", &format!("{}\n", lines.join("\n")));
}

fn titles(repo: &Repo) -> Vec<String> {
    let items = repo.data(&["list"])["items"].clone();
    let items = items.as_array().unwrap().iter();
    let mut all: Vec<String> = items
        .map(|i| i["title"].as_str().unwrap().to_string())
        .collect();
    all.sort();
    all
}

#[test]
fn an_import_can_be_undone_and_repeated() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("Ours", &[]);
    beads(
        &a,
        &[("bd-1", "One"), ("bd-2", "Two")],
        "2025-02-01T00:00:00Z",
    );
    a.pm(&["import", "beads", "issues.jsonl"]).ok();
    assert_eq!(titles(&a), ["One", "Ours", "Two"]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Bob");

    a.pm(&["undo"]).ok();
    assert_eq!(titles(&a), ["Ours"]);
    a.pm(&["fsck"]).ok();
    let out = a.pm(&["export", "beads", "-"]).ok().out;
    assert!(!out.contains("bd-1"), "{out}");
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(titles(&b), ["Ours"]);

    a.pm(&["import", "beads", "issues.jsonl"]).ok();
    assert_eq!(titles(&a), ["One", "Ours", "Two"]);
    let comments = a.data(&["show", "bd-1"])["comments"].clone();
    assert_eq!(comments.as_array().map_or(0, Vec::len), 1, "{comments}");
    // Importing the same again changes nothing.
    let before = a.tip("refs/pm/main");
    a.pm(&["import", "beads", "issues.jsonl"]).ok();
    assert_eq!(a.tip("refs/pm/main"), before);
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    assert_eq!(titles(&b), ["One", "Ours", "Two"]);
    assert_eq!(a.state_tree(), b.state_tree());
    // A deleted item is not restored by importing it again.
    a.pm(&["issue", "delete", "bd-1", "--force"]).ok();
    a.pm(&["import", "beads", "issues.jsonl"]).ok();
    assert_eq!(titles(&a), ["Ours", "Two"]);
}

#[test]
fn fields_changed_by_an_import_are_restored_by_undo_and_changed_by_reimport() {
    let (_scene, repo) = set_up();
    beads(&repo, &[("bd-1", "Old")], "2025-02-01T00:00:00Z");
    repo.pm(&["import", "beads", "issues.jsonl"]).ok();
    beads(
        &repo,
        &[("bd-1", "New"), ("bd-2", "More")],
        "2025-03-01T00:00:00Z",
    );
    repo.pm(&["import", "beads", "issues.jsonl"]).ok();
    assert_eq!(titles(&repo), ["More", "New"]);
    repo.pm(&["undo"]).ok();
    assert_eq!(titles(&repo), ["Old"]);
    repo.pm(&["import", "beads", "issues.jsonl"]).ok();
    assert_eq!(titles(&repo), ["More", "New"]);
    // Items with later work are kept; with `--force`, only that work is kept.
    repo.task("Ours", &["--depends-on", "bd-2"]);
    let import = repo.data(&["log", "--op", "import beads"])["items"][0]["commit"].clone();
    repo.pm(&["undo", import.as_str().unwrap()]).exits(1);
    let report = repo.data(&["undo", import.as_str().unwrap(), "--force"]);
    let kept = report["kept"][0].as_str().unwrap();
    assert!(kept.contains("T-0001 was linked to bd-2"), "{report:#}");
    assert_eq!(titles(&repo), ["More", "Old", "Ours"]);
}

#[test]
fn the_first_commit_is_not_as_old_as_the_epoch() {
    let (_scene, repo) = set_up();
    let log = repo.pm(&["log"]).ok().out;
    assert!(log.contains("at the beginning"), "{log}");
    assert!(!log.contains("d ago"), "{log}");
}

#[test]
fn two_undos_revert_two_writes_of_the_same_field() {
    let (_scene, repo) = set_up();
    let id = repo.data(&["issue", "create", "zero", "--description", "zero"])["id"].to_string();
    let id = id.trim_matches('"');
    let notes = |repo: &Repo| repo.data(&["show", id])["notes"].clone();
    for option in ["--title", "--description", "--notes", "--priority"] {
        let (name, words): (&str, [serde_json::Value; 3]) = match option {
            "--title" => ("title", ["zero".into(), "one".into(), "two".into()]),
            "--description" => ("body", ["zero".into(), "one".into(), "two".into()]),
            "--notes" => ("notes", [notes(&repo), "one".into(), "two".into()]),
            _ => ("priority", [2.into(), 1.into(), 0.into()]),
        };
        let now = |want: &serde_json::Value| {
            let item = repo.data(&["show", id]);
            assert_eq!(item[name], *want, "{option}: {item}");
            let conflicts = repo.data(&["conflicts"])["items"].clone();
            assert!(conflicts.as_array().unwrap().is_empty(), "{conflicts}");
        };
        for word in &words[1..] {
            let word = word.as_str().map_or(word.to_string(), str::to_string);
            repo.pm(&["issue", "update", id, option, &word]).ok();
        }
        now(&words[2]);
        repo.pm(&["undo"]).ok();
        now(&words[1]);
        repo.pm(&["undo"]).ok();
        now(&words[0]);
        // Both undos are undone.
        let undoings = |n: &str| repo.tip(&format!("refs/pm/main{n}"));
        let (first, second) = (undoings("~1"), undoings(""));
        repo.pm(&["undo", &second]).ok();
        now(&words[1]);
        repo.pm(&["undo", &first]).ok();
        now(&words[2]);
        for _ in 0..2 {
            repo.pm(&["undo"]).ok();
        }
        now(&words[0]);
    }
}

/// Operations of one second have an order, too, after the histories of two clones were merged.
#[test]
fn the_last_operation_is_undone_after_a_merge_of_two_histories() {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    a.task("First", &[]);
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["init"]).ok();
    for round in 0..6 {
        let label = format!("round-{round}");
        a.pm(&["task", "edit", "T-0001", "-l", &label]).ok();
        a.pm(&["sync"]).ok();
        b.pm(&["sync"]).ok();
        b.pm(&["issue", "create", "Of Ben"]).ok();
        a.pm(&["issue", "create", &format!("Of Ana {round}")]).ok();
        b.pm(&["sync"]).ok();
        a.pm(&["sync"]).ok();
        let undone = a.data(&["undo", "--dry-run"])["undone"].clone();
        assert_eq!(undone["op"], "issue create", "{undone}");
        let message = undone["message"].as_str().unwrap();
        assert!(message.contains(&format!("Of Ana {round}")), "{message}");
    }
}

#[test]
fn an_undo_says_what_undoing_it_would_do() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    let says = ["redo it: ", "undo it again: ", "redo it: "];
    for said in says {
        let out = repo.pm(&["undo", &repo.tip("refs/pm/main")]).ok().out;
        assert!(out.contains(said), "{said} is not in {out}");
    }
}

/// The claim of an undone start stays ended, so undoing the undo would not bring it back.
#[test]
fn an_undone_start_says_how_it_is_started_again() {
    let (_scene, repo) = set_up();
    repo.task("One", &[]);
    repo.pm(&["start", "T-0001"]).ok();
    let out = repo.pm(&["undo"]).ok().out;
    assert!(
        out.contains("start it again: git pm start T-0001") && !out.contains("redo it"),
        "{out}"
    );
    repo.pm(&["start", "T-0001"]).ok();
}

#[test]
fn an_import_of_what_was_known_is_passed_over() {
    let (_scene, repo) = set_up();
    let record = |id: &str| {
        format!(
            "{{\"id\":\"{id}\",\"title\":\"{id}\",\"status\":\"open\",\"priority\":1,\"issue_type\":\"task\",\
             \"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-01T00:00:00Z\"}}\n"
        )
    };
    let import = |ids: [&str; 2]| {
        let text = ids.map(record).concat();
        repo.feed(crate::support::binary(), &["import", "beads", "-"], &text)
            .ok();
    };
    import(["bd-1", "bd-2"]);
    repo.pm(&["issue", "close", "bd-1"]).ok();
    // Only the order of the lines is new, which is kept for the export.
    import(["bd-2", "bd-1"]);
    repo.pm(&["undo"]).ok();
    assert_eq!(repo.data(&["show", "bd-1"])["status"], "open");
    repo.pm(&["undo"]).ok();
    repo.pm(&["show", "bd-1"]).exits(4);
}
