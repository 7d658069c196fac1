//! What is said to a user of beads: which issue supersedes which, and what works in place of what does not.

use serde_json::{Value, json};

use super::bd::{installed, json, sh};
use crate::support::set_up;

/// beads gives the edge to the issue that is replaced, with a type that reads the other way.
#[test]
fn in_18_what_supersedes_and_what_is_superseded_is_said_as_it_is() {
    let (_scene, repo) = set_up();
    let bd = installed(&repo);
    let new = |title: &str| sh(&bd, &format!("bd create {title} --silent")).ok().text();
    let (old, by) = (new("Old"), new("New"));
    let said = sh(&bd, &format!("bd supersede {old} --with {by}")).ok();
    let superseded = format!("superseded by {by}");
    assert!(
        said.out.contains(&format!("{old} {superseded}")),
        "{said:?}"
    );
    let stored = json(&bd, &format!("bd show {old} --json"));
    let record = sh(&bd, "bd export").ok().out;
    let record = record
        .lines()
        .find(|line| line.contains("\"Old\""))
        .unwrap();
    let record: Value = serde_json::from_str(record).unwrap();
    assert_eq!(record["close_reason"], superseded.as_str(), "{stored}");
    assert_eq!(record["dependencies"][0]["type"], "supersedes");
    assert_eq!(record["dependencies"][0]["issue_id"], old.as_str());
    // An edge that was imported reads in the same way.
    let file = [
        json!({ "id": "bd-new", "title": "Imported", "status": "open", "issue_type": "task", "priority": 2,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z" }),
        json!({ "id": "bd-old", "title": "Replaced", "status": "closed", "issue_type": "task", "priority": 2,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
            "closed_at": "2026-01-01T00:00:00Z", "dependencies": [{ "issue_id": "bd-old",
                "depends_on_id": "bd-new", "type": "supersedes", "created_at": "2026-01-01T00:00:00Z" }] }),
    ];
    repo.write("issues.jsonl", &format!("{}\n{}\n", file[0], file[1]));
    repo.pm(&["import", "beads", "issues.jsonl"]).ok();
    for (old, by) in [(old.as_str(), by.as_str()), ("bd-old", "bd-new")] {
        let line = |id: &str, words: &str| {
            let shown = repo.pm(&["show", id]).ok().out;
            let mut lines = shown.lines().map(str::trim);
            lines.any(|line| line.starts_with(words))
        };
        assert!(line(old, &format!("superseded by {by}")), "{old}");
        assert!(!line(old, "supersedes"), "{old}");
        assert!(line(by, "supersedes"), "{by}");
        assert_eq!(repo.data(&["show", by])["supersedes"][0]["id"], old);
        let deps = |id: &str| repo.pm(&["dep", "list", id]).ok().out;
        assert!(deps(old).contains("superseded by"), "{}", deps(old));
        assert!(!deps(by).contains("superseded by"), "{}", deps(by));
        let page = repo.data(&["show", old]);
        assert_eq!(page["edges"][0]["type"], "supersedes", "the stored type");
    }
}

/// What beads has a verb for and git pm does otherwise is refused with what would work.
#[test]
fn hints_for_a_user_of_beads_can_be_followed() {
    let (_scene, repo) = set_up();
    let bd = installed(&repo);
    let known = bd.with("AGENT_NAME", "agent-1");
    known.pm(&["issue", "q", "Known"]).ok();
    let said = sh(&bd, "bd mail send agent-1 subj text").exits(2).err;
    let hint = "git pm msg send --to agent-1 subj \"text\"";
    assert!(said.contains(hint), "{said}");
    sh(&bd, hint).ok();
    let epic = sh(&bd, "bd create Whole -t epic --silent").ok().text();
    let refused = bd.pm(&["epic", "start", &epic]).exits(1).err;
    let hint = format!("git pm issue children {epic}");
    assert!(refused.contains(&hint), "{refused}");
    sh(&bd, &hint).ok();
    let id = sh(&bd, "bd create Part --silent").ok().text();
    let bot = bd.with("AGENT_NAME", "bot");
    let set = sh(&bot, &format!("bd update {id} --status in_progress --json")).ok();
    assert!(set.err.contains("--claim"), "{set:?}");
}
