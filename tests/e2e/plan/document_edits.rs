//! What an edit of the document does not change in the plan.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{LOGIN, criteria, list, own, planned, task, text, titles};
use crate::support::set_up;

/// The tasks of a plan by key, without line numbers.
fn by_key(plan: &Value) -> BTreeMap<String, String> {
    let of = |task: &Value| {
        let mut task = task.clone();
        let fields = task.as_object_mut().unwrap();
        fields.remove("source");
        fields.remove("number");
        for criterion in fields["acceptance"].as_array_mut().unwrap() {
            criterion.as_object_mut().unwrap().remove("source");
        }
        (task["key"].as_str().unwrap().to_string(), task.to_string())
    };
    list(plan, "tasks").iter().map(of).collect()
}

/// Keys are stable: the order of sections, line ends, white space and emoji change no task.
#[test]
fn reordering_sections_and_changing_line_ends_keep_all_keys() {
    let (_scene, repo) = set_up();
    let plan = planned(&repo, "login.md", LOGIN);
    let keys = |plan: &Value| -> BTreeSet<String> {
        list(plan, "tasks")
            .iter()
            .map(|t| text(t, "key").to_string())
            .collect()
    };
    let again = |name: &str, document: &str| -> Value {
        let (_scene, repo) = set_up();
        planned(&repo, name, document)
    };
    let crlf = again("crlf.md", &LOGIN.replace('\n', "\r\n"));
    assert_eq!(by_key(&crlf), by_key(&plan), "CRLF changed something");
    assert_eq!(titles(&crlf), titles(&plan));
    let spaces = LOGIN.replace("\n\n", "\n\n\n").replace("- ", "-   ");
    assert_eq!(
        keys(&again("spaces.md", &spaces)),
        keys(&plan),
        "white space changed a key"
    );
    let emoji = LOGIN
        .replace("## Functional", "## 🎯 Functional")
        .replace("# Log", "# 🔑 Log");
    assert_eq!(
        keys(&again("emoji.md", &emoji)),
        keys(&plan),
        "an emoji changed a key"
    );
    // The requirements in reverse order, with the later sections first.
    let (head, rest) = LOGIN.split_once("### FR-1").unwrap();
    let (body, tail) = rest.split_once("## Acceptance").unwrap();
    let body = format!("### FR-1{body}");
    let mut parts: Vec<String> = Vec::new();
    for line in body.lines() {
        if line.starts_with("### ") {
            parts.push(String::new());
        }
        let last = parts.last_mut().unwrap();
        last.push_str(line);
        last.push('\n');
    }
    parts.reverse();
    let (title, head) = head.split_once("## Vision").unwrap();
    let turned = format!(
        "{title}## Acceptance{tail}\n## Vision{head}{}",
        parts.concat()
    );
    let plan_turned = again("turned.md", &turned);
    assert_eq!(
        keys(&plan_turned),
        keys(&plan),
        "another order changed a key"
    );
    let mut texts: Vec<Vec<&str>> = own(&plan).into_iter().map(criteria).collect();
    let mut turned: Vec<Vec<&str>> = own(&plan_turned).into_iter().map(criteria).collect();
    texts.sort();
    turned.sort();
    assert_eq!(turned, texts);
}

/// Edits are local: one bullet changes one task, and no other task's key.
#[test]
fn editing_one_bullet_changes_one_task() {
    let (_scene, repo) = set_up();
    let before = planned(&repo, "login.md", LOGIN);
    for (from, to, title) in [
        (
            "The owner is told by mail",
            "The owner is told by letter",
            "Revoke a key",
        ),
        (
            "- A second key of the same owner is accepted\n",
            "",
            "Store public keys",
        ),
        (
            "- A signed challenge opens a session\n",
            "- A signed challenge opens a session\n- A session ends after 8 hours\n",
            "Log in with a key",
        ),
    ] {
        let (_scene, repo) = set_up();
        let after = planned(&repo, "login.md", &LOGIN.replace(from, to));
        let (a, b) = (by_key(&before), by_key(&after));
        assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
        let changed: Vec<&String> = a.keys().filter(|key| a[*key] != b[*key]).collect();
        let one = task(&before, title);
        // Its test task may contain the criteria.
        let test = list(&before, "tasks")
            .iter()
            .find(|t| t["tests"] == one["key"])
            .unwrap();
        let may = [text(one, "key"), text(test, "key")];
        assert!(
            changed.iter().all(|key| may.contains(&key.as_str())),
            "{from}: {changed:?}"
        );
        assert!(
            changed.iter().any(|key| *key == may[0]),
            "{from} changed nothing"
        );
    }
}
