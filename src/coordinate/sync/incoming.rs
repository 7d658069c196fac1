//! The changes that an exchange fetched, one line per item if there are only a few.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::error::Result;
use crate::model::status::status_word;
use crate::model::text::{actor, excerpt};
use crate::pm::changes::document_diff::{Fate, ItemDiff};
use crate::pm::changes::{Texts, meaning};
use crate::store::git::repo::{Oid, Repo};
use crate::store::tree_diff;

/// The changes of an item that were fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Arrival {
    /// Its id.
    pub id: String,
    /// Permanent.
    pub uid: String,
    /// prd, epic, task or issue.
    pub kind: String,
    /// Its title.
    pub title: String,
    /// `done by Lea`, `created by Ben`, `commented by agent-2`.
    pub what: String,
}

/// The maximum number of files that may differ for the changes to be read.
const FILES: usize = 300;

/// The maximum number of bytes in these, since pushed files can be of any size.
const BYTES: u64 = 4 << 20;

/// The longest word from the state that is shown, in characters.
const WORD: usize = 40;

/// The maximum number of changes that are named for one item.
const SAID: usize = 4;

/// The changes between two commits of the state; `None` if there are too many to read.
pub(crate) fn incoming(repo: &Repo, old: Oid, new: Oid) -> Result<Option<Vec<Arrival>>> {
    let (old, new) = (repo.commit(old)?.tree, repo.commit(new)?.tree);
    let Ok(Some(files)) = tree_diff::changes(repo, old, new, FILES) else {
        return Ok(None);
    };
    let blobs = files.iter().flat_map(|file| [file.old, file.new]).flatten();
    if blobs.filter_map(|oid| repo.size_of(oid)).sum::<u64>() > BYTES {
        return Ok(None);
    }
    let found = meaning(repo, Some(old), new, Texts::Named)?;
    let told = found.items.iter().chain(&found.learnings);
    let told = told.filter_map(arrival);
    Ok(Some(told.collect()))
}

fn arrival(item: &ItemDiff) -> Option<Arrival> {
    let mut words = words(item);
    if words.is_empty() {
        return None;
    }
    words.truncate(SAID);
    Some(Arrival {
        id: item.id.clone(),
        uid: item.uid.clone(),
        kind: item.kind.clone(),
        title: item.title.clone(),
        what: words.join(", "),
    })
}

/// The changes of an item, the most important first.
fn words(item: &ItemDiff) -> Vec<String> {
    let mut out = Vec::new();
    match item.change {
        Fate::Created => out.push(format!("created{}", by(field(item, "created_by")))),
        Fate::Deleted => return vec!["deleted".into()],
        Fate::Restored => out.push("restored".into()),
        Fate::Missing => return vec!["missing".into()],
        Fate::Changed => {}
    }
    let moved = field(item, "status").and_then(Value::as_str);
    let is_new = item.change == Fate::Created && matches!(moved, Some("queued" | "open"));
    if let Some(status) = moved.filter(|_| !is_new) {
        out.push(state(item, status));
    } else {
        for claim in &item.claims {
            let name = actor(&claim.actor);
            out.push(match claim.change.as_str() {
                "made" => format!("claimed by {name}"),
                _ => format!("{name}'s claim ended"),
            });
        }
    }
    let added = item.comments.iter().filter(|c| c.change == "added");
    let mut authors: BTreeMap<&str, usize> = BTreeMap::new();
    for comment in added {
        *authors.entry(&comment.author).or_default() += 1;
    }
    for (author, count) in authors {
        let name = actor(author);
        out.push(match count {
            1 => format!("1 comment by {name}"),
            count => format!("{count} comments by {name}"),
        });
    }
    let put = item.artifacts.iter().filter(|one| one.change == "put");
    match put.count() {
        0 => {}
        1 => out.push("1 artifact".into()),
        count => out.push(format!("{count} artifacts")),
    }
    let ticked = item.acceptance.iter().filter(|c| c.change == "ticked");
    match ticked.count() {
        0 => {}
        1 => out.push("1 criterion accepted".into()),
        count => out.push(format!("{count} criteria accepted")),
    }
    if item.change != Fate::Created {
        let changed = changed(item);
        if !changed.is_empty() {
            out.push(format!("{} changed", changed.join(" and ")));
        }
    }
    out
}

/// The status that an item reached, and the actor.
fn state(item: &ItemDiff, status: &str) -> String {
    let made = item.claims.iter().find(|claim| claim.change == "made");
    let made = made.map(|claim| Value::from(claim.actor.as_str()));
    let approved = field(item, "approval").and_then(|one| one.get("by"));
    let returned = field(item, "returned").and_then(|one| one.get("by"));
    match status {
        // Not if it was taken up again since.
        "queued" | "open" | "in_progress" if returned.is_some() && made.is_none() => {
            format!("returned{}", by(returned))
        }
        "in_progress" => format!("started{}", by(made.as_ref())),
        "in_review" => format!("in review{}", by(field(item, "finished_by"))),
        "ready_for_integration" => format!("approved{}", by(approved)),
        "done" | "closed" | "cancelled" => {
            format!("{}{}", status_word(status), by(field(item, "closed_by")))
        }
        other => status_word(&word(other)).into_owned(),
    }
}

/// The other changed fields, by name.
fn changed(item: &ItemDiff) -> Vec<String> {
    // Bookkeeping of changes that are named above. Who held what is closed becomes its assignee.
    let is_close = field(item, "closed_by").is_some();
    let told = |name: &str| {
        name.ends_with("_at")
            || name.ends_with("_by")
            || is_close && name == "assignee"
            || matches!(
                name,
                "id" | "status"
                    | "status_before"
                    | "approval"
                    | "approval_note"
                    | "returned"
                    | "branch"
                    | "base"
                    | "forced"
                    | "forced_past"
                    | "reason"
                    | "finished_commit"
                    | "gates_passed"
                    | "gate_failed"
                    | "merged_commit"
                    | "merged_into"
            )
    };
    let fields = item.fields.iter().map(|f| f.field.as_str());
    let lists = item.lists.iter().map(|list| list.field.as_str());
    let text = item.body.as_ref().map(|_| "text");
    let other = item.acceptance.iter().any(|c| c.change != "ticked");
    let names = fields.filter(|name| !told(name)).chain(lists).chain(text);
    let names = names.chain(other.then_some("acceptance"));
    // Of a record its name; its entries are named by ids.
    let names = names.map(|name| name.split('/').next().unwrap_or(name));
    let mut names: Vec<String> = names.map(|name| word(name).replace('_', " ")).collect();
    names.dedup();
    names.truncate(SAID);
    names
}

fn field<'i>(item: &'i ItemDiff, name: &str) -> Option<&'i Value> {
    let found = item.fields.iter().find(|field| field.field == name)?;
    Some(&found.new).filter(|value| !value.is_null())
}

fn by(who: Option<&Value>) -> String {
    let name = who.and_then(Value::as_str).map(actor);
    name.map_or(String::new(), |name| format!(" by {name}"))
}

fn word(text: &str) -> String {
    excerpt(text, WORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fetched_names_cannot_begin_a_line_of_output() {
        assert_eq!(by(Some(&Value::from("Eve\nnext: x"))), " by Eve next: x");
        assert!(!word("a\u{1b}[2J\nb").contains(['\u{1b}', '\n']));
    }
}
