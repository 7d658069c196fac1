//! The observable state before and after a fault, without what differs between runs.

use std::collections::{BTreeMap, BTreeSet};

use git_pm::items::ListFilter;
use serde_json::{Value, json};

use crate::support::Repo;

/// The item that every run writes to afterwards; its content is not compared.
pub const BYSTANDER: &str = "T-0001";

/// The state of git pm and of the user's repository.
pub struct Seen {
    pub meaning: Value,
    pub users: String,
}

impl Seen {
    /// Without the traces of an undone start: its time, and the branch's name.
    pub fn but_for_the_start(&self) -> Seen {
        let mut meaning = self.meaning.clone();
        for item in meaning["state"]["items"]
            .as_object_mut()
            .into_iter()
            .flatten()
        {
            for field in ["branch", "started_at", "started_by"] {
                item.1.as_object_mut().unwrap().remove(field);
            }
        }
        Seen {
            meaning,
            users: self.users.clone(),
        }
    }

    #[track_caller]
    pub fn require(&self, allowed: &[&Seen], what: &str) {
        let meanings: Vec<&Value> = allowed.iter().map(|seen| &seen.meaning).collect();
        same(&self.meaning, &meanings, what);
        let users: Vec<&String> = allowed.iter().map(|seen| &seen.users).collect();
        assert!(
            users.contains(&&self.users),
            "{what}: branches or files of the user's: {}\nnone of {users:#?}",
            self.users
        );
    }
}

#[track_caller]
pub fn same(found: &Value, allowed: &[&Value], what: &str) {
    if allowed.contains(&found) {
        return;
    }
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap();
    let found = pretty(found);
    let mut text = format!("{what}\n");
    for one in allowed {
        let one = pretty(one);
        text.push_str("--- differs from what is allowed in\n");
        for change in similar_lines(&one, &found) {
            text.push_str(&change);
        }
    }
    panic!("{text}");
}

fn similar_lines(old: &str, new: &str) -> Vec<String> {
    let of = |text: &str| text.lines().map(str::to_string).collect::<BTreeSet<_>>();
    let (old, new) = (of(old), of(new));
    let gone = old.difference(&new).map(|line| format!("- {line}\n"));
    let come = new.difference(&old).map(|line| format!("+ {line}\n"));
    gone.chain(come).collect()
}

/// The content of the state, without what differs between runs.
pub fn state_content(repo: &Repo) -> Value {
    let Ok(pm) = repo.library() else {
        return json!("no repository");
    };
    let all = ListFilter {
        all: true,
        ..ListFilter::default()
    };
    let listed = match pm.items().list(&all) {
        Ok(listed) => listed,
        Err(error) => return json!(error.message()),
    };
    let mut items = BTreeMap::new();
    for item in listed.iter().filter(|item| item.id != BYSTANDER) {
        let mut shown = serde_json::to_value(pm.tasks().show(item.uid.as_str()).unwrap()).unwrap();
        plain(&mut shown);
        items.insert(item.id.clone(), shown);
    }
    let mut reserved = serde_json::to_value(pm.reservations().list(false).unwrap()).unwrap();
    plain(&mut reserved);
    let all = json!({"items": items, "reservations": reserved, "conflicts": pm.state().conflicts().unwrap().len()});
    // The id of an issue differs between runs, its title does not. The id of a child begins with
    // that of its parent.
    let mut text = all.to_string();
    let issues = listed
        .iter()
        .filter(|item| item.kind == git_pm::values::ItemKind::Issue);
    for item in issues.filter(|item| !item.id.contains('.')) {
        text = text.replace(&item.id, &item.title);
    }
    serde_json::from_str(&text).unwrap()
}

fn plain(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let number = fields.contains_key("number") || fields.contains_key("sha256");
            fields.retain(|key, _| {
                !(["uid", "alias", "version"].contains(&key.as_str()) || (number && key == "id"))
            });
            // The commit of a squash differs between runs.
            if let Some(merged) = fields.get_mut("merged_commit").filter(|m| m.is_string()) {
                *merged = json!("a commit");
            }
            fields.values_mut().for_each(plain);
        }
        Value::Array(all) => all.iter_mut().for_each(plain),
        _ => {}
    }
}

/// The user's part of a repository: branches by their content, HEAD, uncommitted changes.
pub fn users(repo: &Repo) -> String {
    let refs = [
        "for-each-ref",
        "--format=%(refname) %(tree)",
        "refs/heads",
        "refs/tags",
    ];
    format!(
        "{}HEAD {}{}",
        repo.git(&refs).ok().out,
        repo.read(".git/HEAD"),
        repo.git(&["status", "--porcelain=v1", "-uall"]).ok().out
    )
}
