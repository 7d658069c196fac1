//! A file that git has in several versions, and what an import skips of it.

use serde_json::Value;

use super::ready;
use crate::support::{Repo, Scene};

const FILE: &str = ".beads/issues.jsonl";

fn record(id: &str, status: &str, day: u8, more: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"title\":\"Old\",\"status\":\"{status}\",\"priority\":2,\"issue_type\":\"task\",\"created_at\":\"2026-01-01T00:00:00Z\",\"updated_at\":\"2026-01-0{day}T00:00:00Z\"{more}}}\n"
    )
}

const CLOSED: &str = ",\"closed_at\":\"2026-01-02T00:00:00Z\",\"close_reason\":\"fixed\"";
const LABEL: &str = ",\"labels\":[\"eli\"]";

/// Stores the records as the file, and imports it.
fn import(repo: &Repo, text: &str) -> Value {
    repo.write(FILE, text);
    repo.commit_all("beads");
    let ran = repo.pm(&["--json", "import", "beads", FILE]);
    assert!([0, 8].contains(&ran.code), "{ran:?}");
    ran.data()
}

fn status_and_labels(repo: &Repo) -> (Value, Value) {
    let item = repo.data(&["show", "bd-a"]);
    (item["status"].clone(), item["labels"].clone())
}

/// Two clones of a repository with one record.
fn clones() -> (Scene, [Repo; 2]) {
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    import(&a, &record("bd-a", "open", 1, ""));
    a.git(&["push", "-q", "origin", "main"]).ok();
    a.pm(&["sync"]).ok();
    let b = scene.clone_of(&hub, "b", "Ben");
    b.pm(&["sync"]).ok();
    (scene, [a, b])
}

/// What another branch's file changed is not taken back by the file of a branch that does not have that yet.
#[test]
fn a_branch_whose_file_lacks_what_another_one_changed_takes_nothing_back() {
    let (_scene, repo) = ready();
    import(&repo, &record("bd-a", "open", 1, ""));
    repo.git(&["branch", "feature"]).ok();
    import(&repo, &record("bd-a", "closed", 2, CLOSED));
    repo.git(&["checkout", "-q", "feature"]).ok();
    import(&repo, &record("bd-a", "open", 3, LABEL));
    assert_eq!(
        status_and_labels(&repo),
        ("closed".into(), serde_json::json!(["eli"]))
    );
    // The merged file says both.
    repo.git(&["checkout", "-q", "main"]).ok();
    let both = record("bd-a", "closed", 4, &format!("{CLOSED}{LABEL}"));
    import(&repo, &both);
    assert_eq!(
        status_and_labels(&repo),
        ("closed".into(), serde_json::json!(["eli"]))
    );
    // In the branch that knows of its end, it can be opened again.
    import(&repo, &record("bd-a", "open", 5, LABEL));
    assert_eq!(status_and_labels(&repo).0, "open");
}

/// The same where another clone imported what was changed, which this one has only by a sync.
#[test]
fn a_clone_whose_file_lacks_what_another_clone_imported_takes_nothing_back() {
    let (_scene, [a, b]) = clones();
    b.data(&["import", "beads", FILE]);
    import(&a, &record("bd-a", "closed", 2, CLOSED));
    a.pm(&["sync"]).ok();
    b.pm(&["sync"]).ok();
    import(&b, &record("bd-a", "open", 3, LABEL));
    assert_eq!(
        status_and_labels(&b),
        ("closed".into(), serde_json::json!(["eli"]))
    );
}

/// What another clone exported and bd edited afterwards is as old as that export: a later change of it here stays.
#[test]
fn what_another_clone_exported_is_no_change_of_who_edited_the_file() {
    let (_scene, [a, b]) = clones();
    b.data(&["import", "beads", FILE]);
    a.pm(&["edit", "bd-a", "--title", "Second"]).ok();
    // A task of the first clone in the file is no reason to know less of the others.
    a.task("Fix util", &[]);
    a.pm(&["export", "beads", FILE]).ok();
    a.commit_all("export");
    a.git(&["push", "-q", "origin", "main"]).ok();
    a.when("2026-12-15T00:00:00Z")
        .pm(&["edit", "bd-a", "--title", "Third"])
        .ok();
    b.git(&["pull", "-q"]).ok();
    let edited = b.read(FILE);
    let lines = edited.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if line["id"] == "bd-a" {
            assert_eq!(line["title"], "Second", "{line}");
            line["priority"] = 0.into();
            line["updated_at"] = "2026-12-31T00:00:00Z".into();
        }
        line.to_string() + "\n"
    });
    b.write(FILE, &lines.collect::<String>());
    b.when("2027-01-01T00:00:00Z")
        .data(&["import", "beads", FILE]);
    for clone in [&b, &a, &b] {
        clone.pm(&["sync"]).ok();
    }
    for clone in [&a, &b] {
        let item = clone.data(&["show", "bd-a"]);
        assert_eq!(
            (&item["title"], &item["priority"]),
            (&"Third".into(), &0.into()),
            "{item}"
        );
    }
}

/// An issue that reaches another clone in the file before the state does is one issue.
#[test]
fn an_exported_issue_is_imported_as_the_one_it_is() {
    let (_scene, [a, b]) = clones();
    a.pm(&["issue", "create", "New here"]).ok();
    a.pm(&["export", "beads", FILE]).ok();
    a.commit_all("export");
    a.git(&["push", "-q", "origin", "main"]).ok();
    b.git(&["pull", "-q"]).ok();
    let report = b.data(&["import", "beads", FILE]);
    assert_eq!(report["created"], 0, "{report}");
    for clone in [&a, &b] {
        clone.pm(&["sync"]).ok();
        let all = clone.pm(&["ls"]).ok().out;
        assert_eq!(all.matches("New here").count(), 1, "{all}");
    }
}

/// What bd wrote and no import has read is not overwritten.
#[test]
fn an_export_does_not_overwrite_what_no_import_has_read() {
    let (_scene, repo) = ready();
    import(&repo, &record("bd-a", "open", 1, ""));
    repo.pm(&["edit", "bd-a", "--title", "Ours"]).ok();
    repo.write(FILE, &record("bd-a", "open", 2, LABEL));
    let refused = repo.pm(&["export", "beads", FILE]);
    assert!(
        refused.code == 1 && refused.err.contains("changes that no import has read"),
        "{refused:?}"
    );
    repo.data(&["import", "beads", FILE]);
    repo.pm(&["export", "beads", FILE]).ok();
    let written = repo.read(FILE);
    assert!(
        written.contains("Ours") && written.contains("eli"),
        "{written}"
    );
    // The own export, and a file of another tool, have nothing to read.
    repo.pm(&["edit", "bd-a", "--title", "Ours again"]).ok();
    repo.pm(&["export", "beads", FILE]).ok();
    repo.write(FILE, &record("bd-b", "open", 2, ""));
    repo.pm(&["export", "beads", FILE, "--force"]).ok();
    assert!(!repo.read(FILE).contains("bd-b"));
}

/// An issue that another actor holds is not closed by an import; what was said of it is taken, and an export does not
/// overwrite the rest.
#[test]
fn what_an_import_skips_is_not_overwritten_by_an_export() {
    let (_scene, repo) = ready();
    let both = |first: &str| format!("{first}{}", record("bd-b", "open", 1, ""));
    import(&repo, &both(&record("bd-a", "open", 1, "")));
    repo.by("bot1").pm(&["start", "bd-a"]).ok();
    let comment = ",\"comments\":[{\"id\":1,\"issue_id\":\"bd-a\",\"author\":\"eli\",\"text\":\"eats data\",\"created_at\":\"2026-01-02T00:00:00Z\"}]";
    // Later than the claim.
    let changed = record("bd-a", "closed", 2, &format!("{CLOSED}{LABEL}{comment}"));
    let changed = changed.replace("\"updated_at\":\"2026", "\"updated_at\":\"2027");
    let report = import(&repo, &both(&changed));
    assert_eq!(report["skipped"][0]["id"], "bd-a", "{report}");
    assert!(repo.pm(&["show", "bd-a"]).ok().out.contains("eats data"));

    let refused = repo.pm(&["export", "beads", FILE]);
    let said = "has records that an import skips (bd-a), which an export would overwrite";
    assert!(
        refused.code == 1 && refused.err.contains(said),
        "{refused:?}"
    );
    assert!(repo.read(FILE).contains("\"eli\""));
    // Once it may be imported, there is nothing to overwrite.
    repo.by("bot1").pm(&["drop", "bd-a"]).ok();
    let report = repo.data(&["import", "beads", FILE]);
    assert_eq!(report["skipped"], serde_json::json!([]), "{report}");
    assert_eq!(
        status_and_labels(&repo),
        ("closed".into(), serde_json::json!(["eli"]))
    );
    repo.pm(&["export", "beads", FILE]).ok();
}

/// A task that was created here is exported; of its record an import takes comments, and says what it leaves.
#[test]
fn of_a_task_from_here_an_import_takes_the_comments() {
    let (_scene, repo) = ready();
    let id = repo.task("Fix util", &[]);
    repo.write(FILE, "");
    repo.pm(&["export", "beads", FILE]).ok();
    let mut line: Value = serde_json::from_str(&repo.read(FILE)).unwrap();
    line["comments"] = serde_json::json!([{"id": 1, "issue_id": id, "author": "eli", "text": "eats data", "created_at": "2026-01-02T00:00:00Z"}]);
    let report = import(&repo, &format!("{line}\n"));
    assert_eq!(
        (&report["updated"], &report["skipped"]),
        (&1.into(), &serde_json::json!([])),
        "{report}"
    );
    assert!(repo.pm(&["show", &id]).ok().out.contains("eats data"));
    line["status"] = "closed".into();
    let report = import(&repo, &format!("{line}\n"));
    let reason = report["skipped"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("of which an import takes comments only, not"),
        "{report}"
    );
    assert!(reason.contains("status"), "{report}");
    assert_eq!(repo.pm(&["export", "beads", FILE]).code, 1);
    repo.pm(&["export", "beads", "--force", FILE]).ok();
    assert!(repo.read(FILE).contains("eats data"));
}

/// A file with conflict markers has both sides' records, which no import has read.
#[test]
fn an_export_does_not_overwrite_a_conflict() {
    let (_scene, repo) = ready();
    import(&repo, &record("bd-a", "open", 1, ""));
    let [ours, theirs] = [LABEL, CLOSED].map(|more| record("bd-a", "open", 2, more));
    let text = format!("<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> ben\n");
    repo.write(FILE, &text);
    let refused = repo.pm(&["export", "beads", FILE]);
    assert!(
        refused.code == 1 && refused.err.contains("conflict markers"),
        "{refused:?}"
    );
    assert_eq!(repo.read(FILE), text);
    repo.pm(&["export", "beads", "--force", FILE]).ok();
}

/// The own export says nothing new when it is imported again, although another branch's file was imported meanwhile.
#[test]
fn an_own_export_takes_nothing_back_that_another_file_brought() {
    let (_scene, repo) = ready();
    import(&repo, &record("bd-a", "open", 1, ""));
    repo.pm(&["issue", "label", "add", "bd-a", "dana"]).ok();
    repo.pm(&["export", "beads", FILE]).ok();
    repo.commit_all("export");
    repo.data(&["import", "beads", FILE]);
    let theirs = record("bd-a", "closed", 2, &format!("{CLOSED}{LABEL}"));
    let theirs = theirs.replace("\"updated_at\":\"2026", "\"updated_at\":\"2027");
    repo.write("ben.jsonl", &theirs);
    repo.data(&["import", "beads", "ben.jsonl"]);
    let all = serde_json::json!(["dana", "eli"]);
    assert_eq!(status_and_labels(&repo), ("closed".into(), all.clone()));
    let report = repo.data(&["import", "beads", FILE]);
    assert_eq!(
        (&report["updated"], &report["commit"]),
        (&0.into(), &Value::Null),
        "{report}"
    );
    assert_eq!(status_and_labels(&repo), ("closed".into(), all));
}

/// A file that is taken from another branch is compared with the versions of that branch: what was settled stays so.
#[test]
fn a_later_edit_in_a_branch_brings_no_older_value_of_it_back() {
    let (_scene, repo) = ready();
    let theirs = |labels: &str, second: u8| {
        let text = record("bd-a", "open", 2, &format!(",\"labels\":[{labels}]"));
        let text = text.replace("\"title\":\"Old\"", "\"title\":\"Ben\"");
        text.replace(
            "T00:00:00Z\",\"labels",
            &format!("T00:00:0{second}Z\",\"labels"),
        )
    };
    let take = || {
        repo.git(&["checkout", "-q", "ben", "--", FILE]).ok();
        repo.data(&["import", "beads", FILE])
    };
    let edit = |text: &str| {
        repo.git(&["checkout", "-q", "ben"]).ok();
        repo.write(FILE, text);
        repo.commit_all("ben");
        repo.git(&["checkout", "-q", "main"]).ok();
    };
    import(&repo, &record("bd-a", "open", 1, ""));
    repo.git(&["branch", "ben"]).ok();
    edit(&theirs("", 1));
    repo.pm(&["issue", "update", "bd-a", "--title", "Dana"])
        .ok();
    take();
    assert_eq!(repo.data(&["show", "bd-a"])["title"], "Dana");
    repo.pm(&["export", "beads", FILE]).ok();
    repo.commit_all("export");
    edit(&theirs("\"eli\"", 2).replace("\"updated_at\":\"2026", "\"updated_at\":\"2027"));
    let report = take();
    assert_eq!(report["overridden"], serde_json::json!([]), "{report}");
    let item = repo.data(&["show", "bd-a"]);
    assert_eq!(
        (&item["title"], &item["labels"]),
        (&"Dana".into(), &serde_json::json!(["eli"])),
        "{report}"
    );
}

/// The file that a merge left in conflict is imported with what each side changed, at its own time; the export resolves it.
#[test]
fn both_sides_of_a_conflicted_file_are_merged() {
    let (_scene, [a, b]) = clones();
    // Ben closes it here, without the remote; Ana's export only changes the title.
    b.pm(&["--offline", "issue", "close", "bd-a"]).ok();
    b.pm(&["export", "beads", "--offline", FILE]).ok();
    b.commit_all("export");
    a.pm(&["issue", "update", "bd-a", "--title", "Safari"]).ok();
    a.pm(&["export", "beads", FILE]).ok();
    // A user of bd alone adds a label and an issue.
    let theirs = a.read(FILE).replace("\"priority\":2", "\"priority\":3");
    let new = record("bd-n", "open", 5, "");
    a.write(FILE, &(theirs + &new));
    a.commit_all("export");
    a.git(&["push", "-q", "origin", "main"]).ok();
    assert!(b.git(&["pull", "-q", "--no-rebase", "--no-edit"]).code != 0);
    assert!(b.read(FILE).contains("<<<<<<<"));
    let refused = b.pm(&["export", "beads", FILE]).exits(1);
    assert!(
        refused.err.contains("changes that no import has read"),
        "{refused:?}"
    );
    let report = b.data(&["import", "beads", FILE]);
    assert_eq!(report["created"], 1, "{report}");
    assert!(
        report["warnings"].to_string().contains("`git add "),
        "{report}"
    );
    let item = b.data(&["show", "bd-a"]);
    assert_eq!(
        (&item["status"], &item["title"], &item["priority"]),
        (&"closed".into(), &"Safari".into(), &3.into()),
        "{item}"
    );
    assert_eq!(b.data(&["import", "beads", FILE])["commit"], Value::Null);
    b.pm(&["export", "beads", FILE]).ok();
    let file = b.read(FILE);
    assert_eq!(file.lines().count(), 2, "{file}");
    assert_eq!(b.data(&["import", "beads", FILE])["commit"], Value::Null);
    b.commit_all("merged");
}

/// The first import of a conflicted file has each record once, and what both sides changed.
#[test]
fn the_first_import_can_be_that_of_a_conflicted_file() {
    let (_scene, repo) = ready();
    repo.write(FILE, &record("bd-a", "open", 1, ""));
    repo.commit_all("first");
    repo.git(&["branch", "side"]).ok();
    repo.write(FILE, &record("bd-a", "closed", 2, CLOSED));
    repo.commit_all("close");
    repo.git(&["checkout", "-q", "side"]).ok();
    repo.write(
        FILE,
        &(record("bd-a", "open", 3, LABEL) + &record("bd-b", "open", 3, "")),
    );
    repo.commit_all("label");
    assert!(repo.git(&["merge", "-q", "main"]).code != 0);
    let report = repo.data(&["import", "beads", FILE]);
    assert_eq!(report["created"], 2, "{report}");
    assert_eq!(
        status_and_labels(&repo),
        ("closed".into(), serde_json::json!(["eli"]))
    );
    repo.pm(&["export", "beads", FILE]).ok();
    assert_eq!(repo.read(FILE).lines().count(), 2);
}

/// After the undo of an import, an export does not overwrite what it had read.
#[test]
fn an_export_after_an_undone_import_keeps_the_file() {
    let (_scene, repo) = ready();
    import(&repo, &record("bd-a", "open", 1, ""));
    import(
        &repo,
        &(record("bd-a", "closed", 2, CLOSED) + &record("bd-n", "open", 2, "")),
    );
    repo.pm(&["undo"]).ok();
    let refused = repo.pm(&["export", "beads", FILE]).exits(1);
    assert!(
        refused.err.contains("changes that no import has read"),
        "{refused:?}"
    );
    assert!(repo.read(FILE).contains("bd-n"));
    repo.pm(&["import", "beads", FILE]).ok();
    repo.pm(&["export", "beads", FILE]).ok();
    let file = repo.read(FILE);
    assert!(file.contains("bd-n") && file.contains("fixed"), "{file}");
}
