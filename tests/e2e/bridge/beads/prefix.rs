//! The prefix of new issues after an import: beads accepts no file with two prefixes.

use serde_json::Value;

use super::{import, ready};
use crate::support::Scene;

fn issue(id: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"title\":\"t\",\"status\":\"open\",\"priority\":2,\"issue_type\":\"task\",\"updated_at\":\"2026-01-01T00:00:00Z\"}}\n"
    )
}

fn created(id: &str) -> String {
    let updated = "\"updated_at\"";
    let more = "\"created_at\":\"2026-01-01T00:00:00Z\",";
    issue(id).replace(updated, &format!("{more}{updated}"))
}

fn waiting(id: &str, on: &str) -> String {
    let edge = format!(
        "\"dependencies\":[{{\"issue_id\":\"{id}\",\"depends_on_id\":\"{on}\",\"type\":\"blocks\"}}]"
    );
    issue(id).replace("\"priority\":2", &format!("\"priority\":2,{edge}"))
}

fn two() -> String {
    issue("bd-1") + &issue("bd-2")
}

#[test]
fn new_issues_get_the_prefix_of_the_first_imported_file() {
    let (_scene, repo) = ready();
    let report = import(&repo, &two()).ok().data();
    assert_eq!(report["issue_prefix"], "bd");
    let id = repo.pm(&["issue", "q", "x"]).ok().text();
    assert!(id.starts_with("bd-"), "{id}");
    let tree = repo.state_tree();
    assert_eq!(
        import(&repo, &two()).ok().data()["issue_prefix"],
        Value::Null
    );
    assert_eq!(repo.state_tree(), tree);
    // Children and molecules do not determine the prefix.
    let (_scene, repo) = ready();
    let file = two().replace("bd-", "my-app-") + &issue("my-app-mol-3");
    let text = repo.feed(crate::support::binary(), &["import", "beads", "-"], &file);
    let text = text.ok().out;
    assert!(text.contains("New issues get IDs my-app-"), "{text}");
    let id = repo.pm(&["issue", "q", "x"]).ok().text();
    assert!(id.starts_with("my-app-") && !id.contains("mol"), "{id}");
}

#[test]
fn a_configured_prefix_is_kept_and_existing_issues_are_reported() {
    let (_scene, repo) = ready();
    repo.pm(&["config", "--shared", "pm.issuePrefix", "ours"])
        .ok();
    import(&repo, &two()).ok();
    assert!(
        repo.pm(&["issue", "q", "x"])
            .ok()
            .text()
            .starts_with("ours-")
    );
    let (_scene, repo) = ready();
    repo.pm(&["issue", "q", "x"]).ok();
    let report = import(&repo, &two()).ok().data();
    let said = report["warnings"].to_string();
    assert!(
        said.contains("git pm config --shared pm.issuePrefix bd"),
        "{said}"
    );
    assert!(repo.pm(&["issue", "q", "y"]).ok().text().starts_with("pm-"));
    // Two clones that import the same file have the same state.
    let scene = Scene::new();
    let (hub, a) = scene.with_hub();
    let b = scene.clone_of(&hub, "b", "bert");
    for repo in [&a, &b] {
        import(repo, &two()).ok();
    }
    assert_eq!(a.state_tree(), b.state_tree());
}

// beads rejects a file with several prefixes: the export says so, and can write one.
#[test]
fn an_export_says_that_its_ids_have_several_prefixes_and_can_give_them_one() {
    let (_scene, repo) = ready();
    import(&repo, &two()).ok();
    let quiet = repo.pm(&["export", "beads"]).ok();
    assert!(!quiet.err.contains("prefix"), "{quiet:?}");
    let epic = repo.data(&["epic", "create", "Whole"])["id"].clone();
    let task = repo.task("Id \"T-0001\"", &["--epic", epic.as_str().unwrap()]);
    repo.pm(&["dep", "add", "bd-1", &task]).ok();
    repo.pm(&["comment", &task, "about \"id\":\"T-0001\""]).ok();
    let said = repo.pm(&["export", "beads"]).ok().err;
    for words in ["E (1), T (1), bd (2)", "export beads --prefix bd"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let report = repo.data(&["export", "beads", "plain.jsonl"]);
    assert_eq!(
        report["prefixes"],
        serde_json::json!({ "E": 1, "T": 1, "bd": 2 })
    );
    let one = repo.pm(&["export", "beads", "--prefix", "bd"]).ok();
    assert!(!one.err.contains("prefix"), "{one:?}");
    let records: Vec<Value> = (one.out.lines())
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let of = |id: &str| {
        let mut found = records.iter().filter(|record| record["id"] == id);
        found
            .next()
            .unwrap_or_else(|| panic!("no {id}: {}", one.out))
    };
    let task = of("bd-t0001");
    assert_eq!(task["title"], "Id \"T-0001\"");
    assert_eq!(task["comments"][0]["issue_id"], "bd-t0001");
    assert_eq!(task["comments"][0]["text"], "about \"id\":\"T-0001\"");
    assert_eq!(task["dependencies"][0]["issue_id"], "bd-t0001");
    assert_eq!(task["dependencies"][0]["depends_on_id"], "bd-e0001");
    assert_eq!(of("bd-1")["dependencies"][0]["depends_on_id"], "bd-t0001");
    // What has the prefix is as it was.
    let last = two().lines().last().map(str::to_string);
    assert!(one.out.contains(&last.unwrap()), "{}", one.out);
    let bad = repo.pm(&["export", "beads", "--prefix", "B D"]).exits(2);
    assert!(bad.err.contains("cannot be the prefix"), "{bad:?}");
}

// What beads got with another prefix comes back to the items it was exported from.
#[test]
fn an_export_with_one_prefix_is_imported_into_the_same_items() {
    let (_scene, repo) = ready();
    import(&repo, &created("old-1")).ok();
    let epic = repo.data(&["epic", "create", "Whole"])["id"].clone();
    let epic = epic.as_str().unwrap();
    let task = repo.task("One", &["--epic", epic, "--accept", "works"]);
    repo.task("Two", &["--depends-on", &task]);
    repo.pm(&["comment", &task, "hi"]).ok();
    let mine = repo.pm(&["issue", "q", "Mine"]).ok().text();
    let file = repo.pm(&["export", "beads", "--prefix", "bd"]).ok().out;
    for id in ["\"bd-t0001\"", "\"bd-old1\""] {
        assert!(file.contains(id), "{file}");
    }
    let report = import(&repo, &file).ok().data();
    let counts = (&report["created"], &report["unchanged"]);
    assert_eq!(counts, (&0.into(), &5.into()), "{report}");
    // Beads changes one, and makes one that waits for a task of ours.
    let new = waiting("bd-new1", "bd-t0001");
    let file = file.replace("\"Mine\"", "\"Yours\"");
    let file = format!("{}\n{new}", file.trim_end());
    let report = import(&repo, &file).ok().data();
    let counts = (&report["created"], &report["updated"]);
    assert_eq!(counts, (&1.into(), &1.into()), "{report}");
    assert_eq!(repo.data(&["show", &mine])["title"], "Yours");
    let waits = repo.data(&["show", "bd-new1"])["depends_on"].clone();
    assert_eq!(waits, serde_json::json!([task]));
    let found = repo.data(&["fsck"])["findings"].to_string();
    assert!(!found.contains("edge-missing"), "{found}");
    // A record with such an id that was created at another time is another issue.
    let report = import(&repo, &created("bd-t0002")).ok().data();
    assert_eq!(report["created"], 1, "{report}");
}

// A new record of beads may wait for an item that was created here and is in the same file.
#[test]
fn a_dependency_on_an_item_of_ours_in_the_same_file_is_kept() {
    let (_scene, repo) = ready();
    let task = repo.task("One", &[]);
    let new = waiting("bd-new1", &task);
    let file = repo.pm(&["export", "beads"]).ok().out;
    let file = format!("{}\n{new}", file.trim_end());
    let report = import(&repo, &file).ok().data();
    let counts = (&report["created"], &report["unchanged"]);
    assert_eq!(counts, (&1.into(), &1.into()), "{report}");
    assert_eq!(
        repo.data(&["show", "bd-new1"])["depends_on"],
        serde_json::json!([task])
    );
}
